package desk_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/PuerkitoBio/goquery"

	"plaza/internal/base/db"
	"plaza/internal/base/db/dbtest"
	"plaza/internal/base/web"
	"plaza/internal/base/web/webtest"
	"plaza/internal/civic/access"
	"plaza/internal/civic/account"
	"plaza/internal/civic/gate"
	"plaza/internal/civic/institution"
	"plaza/internal/civic/institution/institutiontest"
	"plaza/internal/civic/record"
	"plaza/internal/plaza"
	"plaza/internal/section/cases"
	"plaza/internal/section/cases/desk"
)

// world is an installation with two institutions, their people, and the desk.
type world struct {
	*institutiontest.World
	db     *db.DB
	shell  *web.Shell
	cases  *cases.Cases
	salud  institution.Institution
	lerma  institution.Institution
	unit   institution.Unit
	ana    account.Person
	enlace account.Person
	otra   account.Person // another liaison of salud
	area   account.Person
	transp account.Person
	ajena  account.Person // liaison of lerma
	admin  account.Person
}

func worlds(t *testing.T, f func(w *world)) {
	t.Helper()
	dbtest.Each(t, func(t *testing.T, d *db.DB) { f(newWorld(t, d)) })
}

// camas is a dataset that everybody sees.
var camas = plaza.Ref{Kind: "dataset", ID: "camas-id"}

func cards(_ *db.Tx, refs []plaza.Ref) (map[plaza.Ref]plaza.Card, error) {
	out := map[plaza.Ref]plaza.Card{}
	for _, r := range refs {
		if r == camas {
			out[r] = plaza.Card{Ref: r, Title: "Camas por hospital", Path: "/datos/camas", Visible: true}
		}
	}
	return out, nil
}

func find(_ *db.Tx, path string) (plaza.Ref, error) {
	if path == "/datos/camas" {
		return camas, nil
	}
	return plaza.Ref{}, plaza.E(plaza.NotFound, "")
}

func newWorld(t *testing.T, d *db.DB) *world {
	t.Helper()
	w := &world{World: institutiontest.New(t, d), db: d}
	w.salud, w.lerma = w.Salud, w.Lerma
	w.unit = w.Unit("Dirección de Información")
	w.Populate()
	w.ana, w.enlace, w.area, w.transp, w.ajena, w.admin = w.Ana, w.Enlace, w.Area, w.Transp, w.Ajena, w.Admin
	w.otra = w.person("otra@ejemplo.mx", "Olga Enlace", plaza.Liaison, w.salud.ID)
	dbtest.Advance(d, 48*time.Hour)
	w.cases = cases.New(cases.Config{DB: d, Gate: gate.New([]byte("una clave de prueba, de 32 bytes")), Cards: cards})
	w.shell = webtest.New(t, func(c *web.Config) { c.Now, c.Authorize = d.Now, access.Authorize },
		desk.Locale, cases.Locale, access.Locale, account.Locale, institution.Locale, gate.Locale, db.Locale, record.Locale)
	if err := desk.New(desk.Deps{DB: d, Cases: w.cases, Cards: cards, Kinds: []string{camas.Kind}, Find: find}).
		Mount(w.shell, institution.NewOffice(d, w.shell)); err != nil {
		t.Fatal(err)
	}
	return w
}

func (w *world) as(p account.Person, fn func(tx *db.Tx) error) { w.Helper(); w.As(p, fn) }

func (w *world) read(fn func(tx *db.Tx) error) { w.Helper(); w.Read(fn) }

func (w *world) person(email, name string, role plaza.Role, body string) account.Person {
	w.Helper()
	return w.Person(email, name, role, body)
}

var nonces int

// ask asks something of an institution.
func (w *world) ask(body string) (c cases.Case) {
	w.Helper()
	nonces++
	w.as(w.ana, func(tx *db.Tx) (err error) {
		c, err = w.cases.Ask(tx, cases.Form{Kind: cases.Question, Title: "¿Qué significa la columna cve_ent?", Body: "En el recurso de camas.", Need: "Para mi tesis secreta.",
			On: cases.On{Ref: camas, Dataset: camas.ID, Column: "cve_ent"}, Institution: body, Language: "es", Nonce: fmt.Sprint("nonce-", nonces)}, cases.By(w.ana.Actor()), cases.From{})
		return err
	})
	return c
}

func (w *world) get(c cases.Case) (out cases.Case) {
	w.Helper()
	w.read(func(tx *db.Tx) (err error) { out, err = cases.ByID(tx, c.ID); return err })
	return out
}

// at is the path of a case at the desk of salud.
func at(c cases.Case, more string) string { return "/gestion/salud/consultas/" + c.Folio + more }

// page is an answer to a request.
type page struct {
	*testing.T
	status   int
	location string
	body     string
}

func (w *world) request(p account.Person, r *http.Request) page {
	w.Helper()
	actor := plaza.Actor{}
	if p.ID != "" {
		actor = p.Actor()
	}
	r = r.WithContext(plaza.WithActor(r.Context(), actor))
	r.RemoteAddr = "127.0.0.1:49152"
	a := webtest.Do(w.shell, r)
	return page{w.T, a.Code, a.Header().Get("Location"), a.Body.String()}
}

func (w *world) visit(p account.Person, path string) page {
	w.Helper()
	return w.request(p, httptest.NewRequestWithContext(w.Context(), http.MethodGet, path, nil))
}

// send fills in the form of a page and sends it: pairs of names and values.
func (w *world) send(p account.Person, path string, pairs ...string) page {
	w.Helper()
	form := w.visit(p, path).form()
	return w.post(p, path, form, pairs...)
}

func (w *world) post(p account.Person, path string, form url.Values, pairs ...string) page {
	w.Helper()
	for i := 0; i < len(pairs); i += 2 {
		form.Set(pairs[i], pairs[i+1])
	}
	r := httptest.NewRequestWithContext(w.Context(), http.MethodPost, path, strings.NewReader(form.Encode()))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	r.Header.Set("Sec-Fetch-Site", "same-origin")
	return w.request(p, r)
}

func (p page) doc() *goquery.Document {
	p.Helper()
	d, err := goquery.NewDocumentFromReader(strings.NewReader(p.body))
	if err != nil {
		p.Fatal(err)
	}
	return d
}

// form is what the first form of the page would send.
func (p page) form() url.Values {
	out := url.Values{}
	p.doc().Find("main form").First().Find("input, textarea, select").Each(func(_ int, s *goquery.Selection) {
		name := s.AttrOr("name", "")
		switch {
		case name == "":
		case goquery.NodeName(s) == "textarea":
			out.Set(name, s.Text())
		case goquery.NodeName(s) == "select":
			out.Set(name, s.Find("option[selected]").AttrOr("value", ""))
		case s.AttrOr("type", "") == "radio":
			if _, ok := s.Attr("checked"); ok {
				out.Set(name, s.AttrOr("value", ""))
			}
		default:
			out.Set(name, s.AttrOr("value", ""))
		}
	})
	return out
}

// want holds an answer to a status and to words.
func (p page) want(status int, words ...string) page {
	p.Helper()
	if p.status != status {
		p.Errorf("status %d, want %d: %s", p.status, status, strings.Join(strings.Fields(p.doc().Find("main").Text()), " "))
	}
	for _, s := range words {
		if !strings.Contains(p.body, s) {
			p.Errorf("the page does not say %q: %s", s, strings.Join(strings.Fields(p.doc().Find("main").Text()), " "))
		}
	}
	return p
}

// lacks holds an answer to what it does not say.
func (p page) lacks(words ...string) page {
	p.Helper()
	for _, s := range words {
		if strings.Contains(p.body, s) {
			p.Errorf("the page says %q", s)
		}
	}
	return p
}
