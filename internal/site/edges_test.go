package site_test

import (
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/PuerkitoBio/goquery"

	"plaza/internal/base/db"
	"plaza/internal/civic/account"
	"plaza/internal/civic/comment"
	"plaza/internal/civic/follow"
	"plaza/internal/civic/institution"
	"plaza/internal/civic/moderation"
	"plaza/internal/plaza"
	"plaza/internal/section/catalog"
)

func TestTheTabsOfOnesAccountEndWithTheWayOut(t *testing.T) {
	r := serve(t)
	doc := r.of(t, r.person(t, "Ana López")).page("/mi/cuenta")
	var paths []string
	doc.Find(".Tabs a").Each(func(_ int, a *goquery.Selection) { paths = append(paths, a.AttrOr("href", "")) })
	want := "/mi/cuenta /mi/cuenta/contrasena /mi/cuenta/segundo-factor /mi/cuenta/identidades /mi/cuenta/sesiones " +
		"/mi/cuenta/claves /mi/cuenta/datos /mi/cuenta/borrar"
	if got := strings.Join(paths, " "); got != want {
		t.Errorf("the tabs are %s", got)
	}
}

func TestOnesPageLeadsToAllThatIsOnesOwn(t *testing.T) {
	r := serve(t)
	said := r.of(t, r.person(t, "Ana López")).text("/mi")
	for _, part := range []string{"Avisos", "Lo que sigo", "Mis comentarios", "Mis consultas", "Mis herramientas"} {
		if !strings.Contains(said, part) {
			t.Errorf("one's page lacks %q:\n%s", part, said)
		}
	}
}

func TestNobodyFollowsWhatThereIsNot(t *testing.T) {
	r := serve(t)
	th := r.things(t)
	ana, nobody, program := r.of(t, th.ana), r.newcomer(t), r.keyed(t, th, "follow")
	theme := r.theme(t)
	for _, c := range []struct {
		object string
		there  bool
	}{
		{th.public.On.String(), true}, {"institution:" + th.body.ID, true}, {"theme:" + theme, true},
		{"search:q=algo+que+nadie+ha+dicho", true}, {narrowed(catalog.FacetTheme, theme), true},
		{"theme:Un tema que no hay", false}, {"theme:" + strings.Repeat("x", 900), false}, {"theme:\x00", false},
		{"search:", false}, {"search:page=2", false}, {narrowed(catalog.FacetTheme, "Un tema que no hay"), false},
		{narrowed(catalog.FacetInstitution, "nadie"), false},
		{"dataset:nada", false}, {"resource:nada", false}, {"institution:nada", false}, {"comment:nada", false},
		{"case:nada", false}, {"case:" + th.waiting, false}, {"comment:" + th.held.ID, false}, {"comment:" + th.refused.ID, false},
		{"person:" + th.ana.ID, false}, {"nada", false}, {":", false}, {"", false},
	} {
		want := map[bool]int{true: http.StatusOK, false: http.StatusNotFound}[c.there]
		if a := nobody.get(follow.Path + "?objeto=" + url.QueryEscape(c.object)); a.status != want {
			t.Errorf("the form for %.60q: %d, want %d", c.object, a.status, want)
		}
		if c.there {
			continue
		}
		typed := url.Values{"objeto": {c.object}, "email": {"alguien@ejemplo.mx"}, "often": {"daily"}, "app": {"1"}}
		for name, a := range map[string]answer{
			"by mail": nobody.post(follow.Path, typed), "with an account": ana.post(follow.MinePath, typed),
			"by a program": program.send(http.MethodPut, "/api/v1/me/follows", "application/json",
				fmt.Sprintf(`{"object":%q,"often":"daily","in_app":true,"by_mail":false}`, strings.ReplaceAll(c.object, "\x00", "0"))),
		} {
			if a.status != http.StatusNotFound && a.status != http.StatusUnprocessableEntity {
				t.Errorf("%s %.60q: %d", name, c.object, a.status)
			}
		}
	}
	if n := r.value(t, `SELECT COUNT(*) FROM follows`); n != r.value(t, `SELECT COUNT(*) FROM follows WHERE object_id NOT LIKE '%nada%' AND object_id NOT LIKE '%no hay%'`) {
		t.Error("something that is not there is followed")
	}
}

// narrowed is a search that is narrowed to one value of a facet.
func narrowed(facet, value string) string {
	_, query, _ := strings.Cut(catalog.ListPath(facet, value), "?")
	return catalog.KindSearch + ":" + query
}

// theme is one that the catalogue has.
func (r *routed) theme(t *testing.T) string {
	t.Helper()
	id := r.value(t, `SELECT id FROM datasets WHERE state = 'published' AND record LIKE '%"Themes"%' ORDER BY id LIMIT 1`)
	ref := plaza.Ref{Kind: catalog.KindDataset, ID: id}
	for _, in := range r.card(t, ref).Within {
		if in.Kind == catalog.KindTheme {
			return in.ID
		}
	}
	t.Fatal("no dataset has a theme")
	return ""
}

// keyed is a program with an access token that is good for one thing.
func (r *routed) keyed(t *testing.T, th *things, scope string) *visitor {
	t.Helper()
	for _, k := range r.keys(t, th) {
		if k.name == "una clave para "+scope {
			return k.v
		}
	}
	t.Fatalf("no token for %s", scope)
	return nil
}

// TestATokenIsNoWayRoundASecondFactor has an installation demand a second factor of a
// liaison whose program speaks for the institution: the program does what anybody may,
// and nothing of the role, until the liaison has one.
func TestATokenIsNoWayRoundASecondFactor(t *testing.T) {
	r := serve(t)
	th := r.things(t)
	p := r.person(t, "Luz Enlace", plaza.Grant{Role: plaza.Liaison, Institution: th.body.ID})
	program := r.newcomer(t)
	r.write(t, func(tx *db.Tx) (err error) {
		program.key, err = r.site.Accounts.MakeKey(tx, p.ID, account.NewKey{Name: "tablero", Scopes: []string{"account:read", "comment", "office"}, Expires: tx.Now.Add(time.Hour)})
		return err
	})
	n := 0
	says := func(as string) answer {
		n++
		return program.send(http.MethodPost, "/api/v1/comments", "application/json",
			fmt.Sprintf(`{"object":%q,"text":"Respuesta número %d, que nadie ha dado antes.","as":%q}`, th.public.On, n, as))
	}
	official := "liaison@" + th.body.ID
	for _, c := range []struct {
		name     string
		demanded bool
		speaks   bool
	}{{"before", false, true}, {"while it is demanded", true, false}, {"afterwards", false, true}} {
		r.write(t, func(tx *db.Tx) error { return account.RequireSecondFactor(tx, c.demanded) })
		if a := program.get("/api/v1/me"); a.status != http.StatusOK {
			t.Errorf("%s: reading the account: %d", c.name, a.status)
		}
		if a := says(official); (a.status < 300) != c.speaks || a.status >= 500 {
			t.Errorf("%s: speaking for the institution: %d %s", c.name, a.status, a.body)
		}
		if a := says(""); a.status >= 300 {
			t.Errorf("%s: speaking as oneself: %d %s", c.name, a.status, a.body)
		}
	}
}

func TestARoleThatIsEndedIsOverInOpenSessionsAndForTokens(t *testing.T) {
	r := serve(t)
	th := r.things(t)
	admin := plaza.Grant{Role: plaza.Admin}
	ada := plaza.Actor{PersonID: r.person(t, "Alba Central", admin).ID, Grants: []plaza.Grant{admin}}
	p := r.person(t, "Luz Enlace", plaza.Grant{Role: plaza.Liaison, Institution: th.body.ID})
	one, other, program := r.of(t, p), r.of(t, p), r.newcomer(t)
	r.write(t, func(tx *db.Tx) (err error) {
		program.key, err = r.site.Accounts.MakeKey(tx, p.ID, account.NewKey{Name: "tablero", Scopes: []string{"account:read", "comment", "office"}, Expires: tx.Now.Add(time.Hour)})
		return err
	})
	seat := r.value(t, `SELECT id FROM role_grants WHERE person_id = $1`, p.ID)
	for i, allowed := range []bool{true, false} {
		for name, v := range map[string]*visitor{"one session": one, "another session": other} {
			if a := v.get("/gestion/" + th.body.Slug); (a.status == http.StatusOK) != allowed {
				t.Errorf("%s, allowed %v: %d", name, allowed, a.status)
			}
		}
		a := program.send(http.MethodPost, "/api/v1/comments", "application/json",
			fmt.Sprintf(`{"object":%q,"text":"Respuesta número %d, que nadie ha dado antes.","as":%q}`, th.public.On, i, "liaison@"+th.body.ID))
		if (a.status < 300) != allowed || a.status >= 500 {
			t.Errorf("a token, allowed %v: %d %s", allowed, a.status, a.body)
		}
		if allowed {
			r.by(t, ada, func(tx *db.Tx) error { return r.site.Members.EndRole(tx, th.body.ID, seat) })
		}
	}
	if a := program.get("/api/v1/me"); a.status != http.StatusOK {
		t.Errorf("the person's own account by the token: %d", a.status)
	}
}

func TestTheOldAddressOfAnOfficeLeadsToTheNewOne(t *testing.T) {
	r := serve(t)
	th := r.things(t)
	ada := r.of(t, r.person(t, "Alba Central", plaza.Grant{Role: plaza.Admin}))
	at := institution.SuccessionPath(th.body)
	if a := ada.fill(at, at+"/nombre", url.Values{"n-name": {"Secretaría de Prueba"}, "n-slug": {"secretaria-de-prueba"},
		"n-date": {"2026-11-20"}, "n-legal": {"DOF 20/11/2026"}}); a.status != http.StatusSeeOther {
		t.Fatalf("renaming: %d", a.status)
	}
	old, now := "/gestion/"+th.body.Slug, "/gestion/secretaria-de-prueba"
	liaison := r.of(t, r.person(t, "Luz Enlace", plaza.Grant{Role: plaza.Liaison, Institution: th.body.ID}))
	member, nobody, asked := r.of(t, th.ana), r.newcomer(t), 0
	for _, route := range r.shell.Routes() {
		method, path, _ := strings.Cut(route.Pattern, " ")
		rest, ok := strings.CutPrefix(path, "/gestion/{institution}")
		if !ok || method != http.MethodGet {
			continue
		}
		rest = th.fill(rest)
		direct, a := liaison.get(now+rest+"?ver=todos"), liaison.get(old+rest+"?ver=todos")
		switch {
		case direct.status == http.StatusOK && rest != "" && strings.Contains(rest, "/oficios/"): // a file, from wherever
		case direct.status == http.StatusOK:
			asked++
			if a.status != http.StatusSeeOther || a.location != now+rest+"?ver=todos" {
				t.Errorf("%s: %d to %s", rest, a.status, a.location)
			}
		case a.status != direct.status && a.location != now+rest+"?ver=todos":
			t.Errorf("%s: %d, and %d at the new address", rest, a.status, direct.status)
		}
		for name, v := range map[string]*visitor{"a member": member, "a visitor": nobody} {
			if a := v.get(old + rest); !kept(a) {
				t.Errorf("%s as %s: %d to %s", rest, name, a.status, a.location)
			}
		}
	}
	if asked < 5 {
		t.Errorf("only %d pages", asked)
	}
	// a form that was open meanwhile is taken
	a := liaison.post(old+"/horario", url.Values{"usual": {"1"}, "opens-usual": {"09:00"}, "closes-usual": {"15:00"}})
	if a.status != http.StatusSeeOther || !strings.HasPrefix(a.location, now+"/horario") {
		t.Errorf("a form at the old address: %d to %s", a.status, a.location)
	}
}

// TestAnEditThatWaitsIsDecidedAlsoInAThreadThatWasClosed closes the thread of a comment
// whose edit waits for review, and lets the edit through, or not.
func TestAnEditThatWaitsIsDecidedAlsoInAThreadThatWasClosed(t *testing.T) {
	r := serve(t)
	th := r.things(t)
	ana, ada := r.of(t, th.ana), r.of(t, r.person(t, "Alba Central", plaza.Grant{Role: plaza.Admin}))
	now := func() (c comment.Comment) {
		r.read(t, func(tx *db.Tx) (err error) { c, err = comment.ByID(tx, th.public.ID); return err })
		return c
	}
	edit := func(text string) {
		t.Helper()
		if a := ana.fill(th.public.Path()+"/editar", th.public.Path()+"/editar", url.Values{"texto": {text}}); a.status != http.StatusSeeOther {
			t.Fatalf("editing: %d", a.status)
		}
		if c := now(); c.Pending != text {
			t.Fatalf("the edit does not wait: %+v", c)
		}
	}
	before := now()
	edit("Lo mismo con una liga: https://ejemplo.mx/uno")
	r.decides(ada, th.public, "cerrar", "heated", "Se cierra.")
	if c := now(); c.Locked.IsZero() || c.Pending == "" || c.Body != before.Body || c.Version != before.Version {
		t.Errorf("closing the thread: %+v", c)
	}
	r.decides(ada, th.public, "dejar-pasar", "other", "Está bien.")
	c := now()
	if c.Locked.IsZero() || c.Pending != "" || !strings.Contains(c.Body, "/uno") || c.Version != before.Version+1 {
		t.Errorf("letting the edit through: %+v", c)
	}
	edit("Lo mismo con otra liga: https://ejemplo.mx/dos")
	r.decides(ada, th.public, "rechazar", "other", "No hace falta.")
	if again := now(); again.State != moderation.Public || again.Pending != "" || again.Body != c.Body || again.Version != c.Version {
		t.Errorf("refusing the edit: %+v", again)
	}
	r.exported(t)
}
