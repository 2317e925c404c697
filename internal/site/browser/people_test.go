package browser_test

import (
	"bytes"
	"fmt"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/PuerkitoBio/goquery"

	"plaza/internal/base/db"
	"plaza/internal/base/job"
	"plaza/internal/base/web"
	"plaza/internal/civic/account"
	following "plaza/internal/civic/follow"
	"plaza/internal/civic/outbox"
	"plaza/internal/civic/record"
	"plaza/internal/plaza"
	"plaza/internal/site/browser"
	stage "plaza/internal/site/demo"
)

// crowd is a Plaza of its own with people in it who have done something, so that every
// page has something to show. What they did, they did through the pages' forms, as a
// browser without scripts sends them.
type crowd struct {
	*testing.T
	demo   *browser.Demo
	chrome *browser.Browser
	routes []web.Route
	people map[plaza.Role]*person
	known  map[string]string // what stands in place of each wildcard
	shapes []string          // pages of moderators that look different from others of their route
}

// person is somebody who is signed in: the zero actor is a visitor.
type person struct {
	id     string
	actor  plaza.Actor
	client *http.Client
}

// health is the institution that has a liaison.
const health = "SALUD"

func newCrowd(t *testing.T) *crowd {
	t.Helper()
	c := &crowd{T: t, people: map[plaza.Role]*person{}, known: map[string]string{}}
	var err error
	if c.demo, err = browser.StartDemo(t.Context(), t.TempDir()); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = c.demo.Close() })
	c.chrome = chrome.At(c.demo.Origin)
	watcher, err := record.Watch(t.Context(), c.demo.Site.DB)
	if err != nil {
		t.Fatal(err)
	}
	pages, err := c.demo.Site.Pages(watcher)
	if err != nil {
		t.Fatal(err)
	}
	c.routes = pages.Shell.Routes()
	for _, role := range []plaza.Role{plaza.Visitor, plaza.Member, plaza.Liaison, plaza.Moderator, plaza.Admin} {
		c.people[role] = c.person(role)
	}
	c.things()
	return c
}

// person makes somebody with a role and signs them in.
func (c *crowd) person(role plaza.Role) *person {
	c.Helper()
	jar, err := cookiejar.New(nil)
	if err != nil {
		c.Fatal(err)
	}
	p := &person{client: &http.Client{Jar: jar}}
	if role == plaza.Visitor {
		return p
	}
	names := map[plaza.Role]string{plaza.Member: "María del Refugio Hernández-Villaseñor", plaza.Liaison: "Enlace de Datos", plaza.Moderator: "Moderación", plaza.Admin: "Coordinación"}
	if err := c.demo.Site.DB.Write(plaza.WithActor(c.Context(), plaza.SystemActor), func(tx *db.Tx) error {
		made, err := account.Create(tx, account.New{Email: string(role) + "@ejemplo.mx", Name: names[role]})
		p.id = made.ID
		if err != nil || role == plaza.Member {
			return err
		}
		where := ""
		if role == plaza.Liaison {
			where = stage.InstitutionID(health)
		}
		return account.GrantRole(tx, made.ID, role, where, time.Time{})
	}); err != nil {
		c.Fatal(err)
	}
	c.read(func(tx *db.Tx) error {
		made, err := account.ByID(tx, p.id)
		p.actor = made.Actor()
		return err
	})
	c.press(p, c.link(role), "main form", nil)
	return p
}

// link is where whoever has a role signs in.
func (c *crowd) link(role plaza.Role) string {
	c.Helper()
	link, err := c.demo.Site.Accounts.SigninLink(plaza.WithActor(c.Context(), plaza.SystemActor), string(role)+"@ejemplo.mx")
	if err != nil {
		c.Fatal(err)
	}
	return strings.TrimPrefix(link, c.demo.Origin)
}

func (c *crowd) read(f func(tx *db.Tx) error) {
	c.Helper()
	if err := c.demo.Site.DB.Read(c.Context(), f); err != nil {
		c.Fatal(err)
	}
}

// get is a page as somebody gets it who reads a language.
func (c *crowd) get(p *person, path, lang string) (browser.Page, error) {
	r, err := http.NewRequestWithContext(c.Context(), http.MethodGet, c.demo.Origin+path, nil)
	if err != nil {
		return browser.Page{}, err
	}
	r.AddCookie(&http.Cookie{Name: "lang", Value: lang})
	resp, err := p.client.Do(r)
	if err != nil {
		return browser.Page{}, err
	}
	defer resp.Body.Close()
	page := browser.Page{Path: path, Status: resp.StatusCode, Final: resp.Request.URL.RequestURI()}
	page.Type, _, _ = strings.Cut(resp.Header.Get("Content-Type"), ";")
	if page.Body, err = io.ReadAll(resp.Body); err == nil && page.Type == "text/html" {
		page.Doc, err = goquery.NewDocumentFromReader(bytes.NewReader(page.Body))
	}
	return page, err
}

// press fills the form that a selector finds on a page, as a browser would without
// scripts, sends it with its first button and returns the page that it leads to.
func (c *crowd) press(p *person, path, selector string, typed url.Values) browser.Page {
	c.Helper()
	page, err := c.get(p, path, "es-MX")
	if err != nil {
		c.Fatal(err)
	}
	if page.Doc == nil {
		c.Fatalf("%s (%d) is no page", path, page.Status)
	}
	form := page.Doc.Find(selector).First()
	if form.Length() == 0 {
		c.Fatalf("%s (%d) has no %s:\n%s", path, page.Status, selector, page.Doc.Find("main").Text())
	}
	values := url.Values{}
	form.Find("input[name], textarea[name]").Each(func(_ int, in *goquery.Selection) {
		kind := in.AttrOr("type", "text")
		_, checked := in.Attr("checked")
		if kind != "submit" && (checked || kind != "radio" && kind != "checkbox") {
			values.Add(in.AttrOr("name", ""), in.AttrOr("value", in.Text()))
		}
	})
	form.Find("select[name]").Each(func(_ int, in *goquery.Selection) {
		chosen := in.Find("option[selected]")
		if chosen.Length() == 0 {
			chosen = in.Find("option").First()
		}
		values.Set(in.AttrOr("name", ""), chosen.AttrOr("value", chosen.Text()))
	})
	button := form.Find("button").First()
	if name, ok := button.Attr("name"); ok {
		values.Set(name, button.AttrOr("value", ""))
	}
	for name, v := range typed {
		if form.Find("[name='"+name+"']").Length() == 0 {
			c.Fatalf("the form of %s has no field %q: %v", path, name, values)
		}
		values[name] = v
	}
	target, err := url.Parse(c.demo.Origin + page.Final)
	if err == nil {
		target, err = target.Parse(button.AttrOr("formaction", form.AttrOr("action", "")))
	}
	if err != nil {
		c.Fatal(err)
	}
	resp, err := p.client.PostForm(target.String(), values)
	if err != nil {
		c.Fatal(err)
	}
	defer resp.Body.Close()
	answer := browser.Page{Path: path, Status: resp.StatusCode, Final: resp.Request.URL.RequestURI()}
	if answer.Doc, err = goquery.NewDocumentFromReader(resp.Body); err != nil {
		c.Fatal(err)
	}
	if resp.StatusCode != http.StatusOK {
		c.Fatalf("the form of %s answered %d:\n%s", path, resp.StatusCode, answer.Doc.Find("main").Text())
	}
	return answer
}

// settle works until no job is left that is to be done now.
func (c *crowd) settle() {
	c.Helper()
	for {
		var open []job.Info
		c.read(func(tx *db.Tx) error {
			for _, state := range []job.State{job.Available, job.Running} {
				jobs, err := job.List(tx, job.Filter{State: state})
				if err != nil {
					return err
				}
				for _, j := range jobs {
					if strings.Contains(j.Kind, "mail") || strings.HasPrefix(j.Kind, "outbox.") {
						open = append(open, j)
					}
				}
			}
			return nil
		})
		if len(open) == 0 {
			return
		}
		for _, j := range open {
			if _, err := c.demo.Site.Runner.WaitOrWork(c.Context(), j.ID); err != nil {
				c.Fatal(err)
			}
		}
	}
}

// posted is the last part of the path of the newest link that was mailed to an address
// and starts with prefix.
func (c *crowd) posted(to, prefix string) string {
	c.Helper()
	c.settle()
	found := ""
	link := regexp.MustCompile(regexp.QuoteMeta(c.demo.Origin+prefix) + `([^\s?#)>"]+)`)
	c.read(func(tx *db.Tx) error {
		mails, err := outbox.List(tx, "", "", 50)
		for _, m := range mails {
			full, err := outbox.Get(tx, m.ID)
			if err != nil {
				return err
			}
			if hit := link.FindStringSubmatch(full.Text); found == "" && full.To == to && hit != nil {
				found = hit[1]
			}
		}
		return err
	})
	if found == "" {
		c.Fatalf("no mail to %s has a link to %s", to, prefix)
	}
	return found
}

// last is the id, the last part of the path, of the first link on a page of somebody's
// that a selector finds.
func (c *crowd) last(p *person, path, selector string) string {
	c.Helper()
	page, err := c.get(p, path, "es-MX")
	if err != nil {
		c.Fatal(err)
	}
	href, ok := page.Doc.Find(selector).First().Attr("href")
	if !ok {
		c.Fatalf("%s (%d) has no %s:\n%s", path, page.Status, selector, page.Doc.Find("main").Text())
	}
	return lastPart(href)
}

func lastPart(path string) string {
	path, _, _ = strings.Cut(path, "#")
	path, _, _ = strings.Cut(path, "?")
	return path[strings.LastIndex(path, "/")+1:]
}

// things does what makes every page show something.
func (c *crowd) things() {
	c.Helper()
	var dataset, institution, resource, source, run, slug string
	c.read(func(tx *db.Tx) error {
		if err := tx.Row(`SELECT d.id, d.slug, i.slug, r.id, d.source_id FROM datasets d
			JOIN institutions i ON i.id = d.institution_id JOIN resources r ON r.dataset_id = d.id
			WHERE d.institution_id = $1 ORDER BY d.slug, r.id LIMIT 1`, stage.InstitutionID(health)).
			Scan(&dataset, &slug, &institution, &resource, &source); err != nil {
			return err
		}
		return tx.Row(`SELECT id FROM runs WHERE source_id = $1 ORDER BY id LIMIT 1`, source).Scan(&run)
	})
	c.known = map[string]string{"$": "", "dataset": slug, "resource": resource, "row": "1", "institution": institution,
		"source": source, "run": run, "action": "status_show", "kind": "dataset", "id": dataset, "person": c.people[plaza.Member].id}
	c.talk(dataset)
	c.work(institution)
	c.follow(dataset)
	c.letters()
	c.cases()
	c.tools()
}

// tools makes a tool from one of the demonstration's, and publishes it.
func (c *crowd) tools() {
	c.Helper()
	var base, view, resource string
	c.read(func(tx *db.Tx) error {
		return tx.Row(`SELECT t.id, p.view, u.resource_id FROM tools t JOIN tool_pictures p ON p.tool_id = t.id JOIN tool_uses u ON u.tool_id = t.id
			WHERE t.standing = 'public' AND t.kind = 'bar' AND p.form = 'svg' AND u.resource_id <> '' ORDER BY t.id LIMIT 1`).Scan(&base, &view, &resource)
	})
	k, mine := c.known, "/mi/herramientas/"
	maker := c.people[plaza.Moderator]
	k["? /mi/herramientas/nueva"] = "?recurso=" + resource
	id := lastPart(c.press(maker, mine+"nueva?base="+base, "main form", nil).Final)
	k["tool"], k["view"] = lastPart(c.press(maker, mine+id+"/publicar", "main form.Form", nil).Final), view
	for _, page := range []string{"", "/documento", "/publicar"} {
		k[mine+"{tool}"+page+" tool"] = id
	}
}

// cases takes what the demonstration has of each thing that pages of cases are about.
func (c *crowd) cases() {
	c.Helper()
	one := func(query string) (id, of string) {
		c.read(func(tx *db.Tx) error {
			err := tx.Row(query, stage.InstitutionID(health)).Scan(&id, &of)
			if err != nil {
				return fmt.Errorf("%s: %w", query, err)
			}
			return nil
		})
		return id, of
	}
	k := c.known
	k["folio"], _ = one(`SELECT folio, id FROM cases WHERE institution = $1 AND standing = 'public' AND state IN ('open', 'assigned') ORDER BY asked_at DESC LIMIT 1`)
	k["/consultas/{folio}/respuesta/{version} folio"], _ = one(`SELECT folio, id FROM cases WHERE institution = $1 AND standing = 'public' AND answer_id <> '' ORDER BY asked_at DESC LIMIT 1`)
	k["version"] = "1"
	k["commitment"], _ = one(`SELECT code, id FROM commitments WHERE institution = $1 ORDER BY code LIMIT 1`)
	k["thread"], _ = one(`SELECT slug, id FROM forum_threads WHERE standing = 'public' AND id <> $1 ORDER BY id LIMIT 1`)
	liaison := c.people[plaza.Liaison]
	draft := "/gestion/" + k["institution"] + "/consultas/" + k["folio"] + "/responder"
	c.press(liaison, draft, "main form.js-draft", url.Values{"hacer": {"guardar"}, "texto": {"Lo que se va a responder."}})
	k["draft"], _ = one(`SELECT d.id, d.case_id FROM case_drafts d JOIN cases c ON c.id = d.case_id WHERE c.institution = $1 ORDER BY d.updated_at DESC LIMIT 1`)
}

// talk comments, is held, reported and judged.
func (c *crowd) talk(dataset string) {
	c.Helper()
	write := "/comentarios/dataset/" + dataset + "/escribir"
	say := func(who plaza.Role, text string) string {
		c.press(c.people[who], write, ".Comment-form", url.Values{"texto": {text}})
		return c.last(c.people[who], "/mi/comentarios", "main a[href^='/comentarios/']")
	}
	released := say(plaza.Member, "El archivo de **enero** no abre: dice que no existe.\n\nConviene volver a publicarlo.")
	c.press(c.people[plaza.Moderator], "/moderacion/caso/"+c.last(c.people[plaza.Moderator], "/moderacion", "main a[href^='/moderacion/caso/']"), ".Decide", nil)
	voice, err := c.get(c.people[plaza.Liaison], write, "es-MX")
	if err != nil {
		c.Fatal(err)
	}
	official := voice.Doc.Find("select[name=voz] option").Last().AttrOr("value", "")
	c.press(c.people[plaza.Liaison], write+"?a="+released, ".Comment-form", url.Values{"voz": {official}, "texto": {"Ya está corregido; gracias por avisar."}})
	say(plaza.Member, "Otro comentario, que todavía espera, con "+strings.Repeat("unapalabralarguísima", 8))
	answer := c.last(c.people[plaza.Liaison], "/mi/comentarios", "main a[href^='/comentarios/']")
	c.known["comment"] = answer
	c.press(c.people[plaza.Liaison], "/comentarios/"+answer+"/editar", ".Comment-form", url.Values{"texto": {"Ya está corregido: es el archivo de *febrero*."}})
	c.press(c.people[plaza.Visitor], "/moderacion/avisar?objeto=comment:"+answer, "main form", url.Values{"reason": {"spam"}, "text": {"Se repite en todas partes."}})
	c.known["case"] = c.last(c.people[plaza.Moderator], "/moderacion", "main a[href^='/moderacion/caso/']")
	c.known["decision"] = c.last(c.people[plaza.Moderator], "/moderacion/bitacora", "main a[href^='/moderacion/decisiones/']")
	c.merge(write, official, released)
	c.press(c.people[plaza.Admin], "/moderacion/reglas", "main form", url.Values{"pattern": {"gana dinero"}, "reason": {"Anuncios"}})
}

// merge puts a conversation into another, and begins to put that into a third.
func (c *crowd) merge(write, official, into string) {
	c.Helper()
	reported := func(comment, reason string) string { // graver each time: it is the first of the queue
		c.press(c.people[plaza.Visitor], "/moderacion/avisar?objeto=comment:"+comment, "main form", url.Values{"reason": {reason}})
		return "/moderacion/caso/" + c.last(c.people[plaza.Moderator], "/moderacion", "main a[href^='/moderacion/caso/']")
	}
	c.press(c.people[plaza.Liaison], write, ".Comment-form", url.Values{"voz": {official}, "texto": {"También volvimos a publicar el de marzo."}})
	twin := reported(c.last(c.people[plaza.Liaison], "/mi/comentarios", "main a[href^='/comentarios/']"), "insult")
	c.press(c.people[plaza.Moderator], twin, "form[action$='/unir']", url.Values{"reason_merge": {"duplicate"}, "among_merge": {into}})
	c.press(c.people[plaza.Liaison], write, ".Comment-form", url.Values{"voz": {official}, "texto": {"Un aviso aparte."}})
	on := strings.TrimSuffix(write, "/escribir")
	c.shapes = append(c.shapes, twin, reported(into, "illegal"), "/comentarios/"+into, on)
}

// work gives an institution an area, a domain, an invitation and a request.
func (c *crowd) work(institution string) {
	c.Helper()
	office, admin, liaison := "/gestion/"+institution, c.people[plaza.Admin], c.people[plaza.Liaison]
	c.press(liaison, office+"/areas", "main form.Form", url.Values{"name": {"Dirección General de Información en Salud y Coordinación Interinstitucional"}})
	c.known["unit"] = c.last(liaison, office+"/areas", "main a[href*='/areas/']")
	c.press(liaison, office+"/dominios", "main form", url.Values{"domain": {"salud.ejemplo.mx"}})
	c.press(liaison, office+"/integrantes/invitar", "main form", url.Values{"email": {"invitada@ejemplo.mx"}, "role_data_owner": {"1"}})
	c.press(c.people[plaza.Member], "/instituciones/"+institution+"/unirse", "main form", url.Values{"message": {"Trabajo en la Dirección General de Información en Salud."}})
	c.known["request"] = c.last(liaison, office+"/integrantes", "main a[href*='/peticiones/']")
	c.known["seat"] = c.last(admin, office+"/integrantes", "main a[href*='/papeles/']")
	c.press(admin, "/admin/identidad/nuevo", "main form", url.Values{"name": {"Llave"}, "issuer": {"http://localhost:9"}, "client_id": {"plaza"}, "client_secret": {"muy secreta"}})
	c.known["provider"] = c.last(admin, "/admin/identidad", "main a[href^='/admin/identidad/']:not([href$=nuevo])")
	c.known["rule"] = "nada"
}

// follow follows with and without an account.
func (c *crowd) follow(dataset string) {
	c.Helper()
	form := following.FollowPath(plaza.Ref{Kind: "dataset", ID: dataset})
	for _, role := range []plaza.Role{plaza.Member, plaza.Liaison, plaza.Admin} {
		c.press(c.people[role], form, "main form", nil)
	}
	c.press(c.people[plaza.Visitor], form, "main form", url.Values{"email": {"lectora@ejemplo.mx"}})
	c.known["/seguir/confirmar/{token}"] = c.posted("lectora@ejemplo.mx", "/seguir/confirmar/")
	c.press(c.people[plaza.Visitor], form, "main form", url.Values{"email": {"lector@ejemplo.mx"}})
	list := c.press(c.people[plaza.Visitor], "/seguir/confirmar/"+c.posted("lector@ejemplo.mx", "/seguir/confirmar/"), "main form", nil)
	c.known["? /seguir"] = "?objeto=dataset:" + dataset
	c.known["? /moderacion/avisar"], c.known["? /datos-personales"] = c.known["? /seguir"], c.known["? /seguir"]
	c.known["/seguir/{token}"] = lastPart(list.Final)
}

// letters makes what is written to people, and a token.
func (c *crowd) letters() {
	c.Helper()
	c.press(c.people[plaza.Visitor], "/cuenta/nueva", "main form", url.Values{"name": {"Rosa Elena Ventura"}, "email": {"rosa@ejemplo.mx"}})
	c.press(c.people[plaza.Member], "/mi/cuenta/claves", "main form[action$=claves]", url.Values{"name": {"Mi tablero"}, "scopes": {"follow"}})
	c.press(c.people[plaza.Member], "/mi/cuenta", "main form[action$=correo]", url.Values{"email": {"otra@ejemplo.mx"}})
	k := c.known
	k["/cuenta/nueva/{token}"] = c.posted("rosa@ejemplo.mx", "/cuenta/nueva/")
	k["/invitaciones/{token}"] = c.posted("invitada@ejemplo.mx", "/invitaciones/")
	k["/mi/cuenta/correo/{token}"] = c.posted("otra@ejemplo.mx", "/mi/cuenta/correo/")
	k["/entrar/{token}"] = lastPart(c.link(plaza.Member))
	c.known["mail"] = c.last(c.people[plaza.Admin], "/admin/correos", "main a[href^='/admin/correos/']:not([href$=direcciones])")
}
