package inbox_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"mime/multipart"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/PuerkitoBio/goquery"

	"plaza/internal/base/api"
	"plaza/internal/base/db"
	"plaza/internal/base/db/dbtest"
	"plaza/internal/base/job"
	"plaza/internal/base/web"
	"plaza/internal/base/web/webtest"
	"plaza/internal/civic/access"
	"plaza/internal/civic/account"
	"plaza/internal/civic/gate"
	"plaza/internal/civic/institution"
	"plaza/internal/civic/institution/institutiontest"
	"plaza/internal/civic/privacy"
	"plaza/internal/civic/record"
	"plaza/internal/civic/search"
	"plaza/internal/plaza"
	"plaza/internal/section/cases"
	"plaza/internal/section/cases/inbox"
)

// world is an installation with two institutions, their people and some who ask.
type world struct {
	*institutiontest.World
	db     *db.DB
	shell  *web.Shell
	engine *search.Engine
	cases  *cases.Cases
	stands map[string][]string
	box    *inbox.Inbox
	salud  institution.Institution
	lerma  institution.Institution
	unit   institution.Unit // of salud
	other  institution.Unit // of salud
	ana    account.Person   // a member
	beto   account.Person   // another
	enlace account.Person   // liaison of salud
	area   account.Person   // data_owner of unit
	ajena  account.Person   // liaison of lerma
	admin  account.Person
}

// dataset is the one that the catalogue has, of source "fuente".
var dataset = plaza.Ref{Kind: "dataset", ID: "un-conjunto"}

func worlds(t *testing.T, f func(w *world)) {
	t.Helper()
	dbtest.Each(t, func(t *testing.T, d *db.DB) { f(newWorld(t, d)) })
}

func newWorld(t *testing.T, d *db.DB) *world {
	t.Helper()
	w := &world{World: institutiontest.New(t, d), db: d, engine: search.New(), stands: map[string][]string{}}
	w.salud, w.lerma = w.Salud, w.Lerma
	w.unit, w.other = w.newUnit("Dirección de Información"), w.newUnit("Unidad de Vigilancia")
	w.Populate()
	w.ana, w.enlace, w.area, w.ajena, w.admin = w.Ana, w.Enlace, w.Area, w.Ajena, w.Admin
	w.beto = w.person("beto@ejemplo.mx", "Beto Ruiz", plaza.Grant{})
	dbtest.Advance(d, 48*time.Hour) // nobody is new
	source := func(_ *db.Tx, id string) (string, error) {
		if id == dataset.ID {
			return "fuente", nil
		}
		return "", plaza.E(plaza.NotFound, "")
	}
	w.cases = cases.New(cases.Config{DB: d, Gate: gate.New([]byte("una clave de prueba, de 32 bytes")), Cards: cards, Search: w.engine,
		StandsFor: func(_ *db.Tx, id string) ([]string, error) { return w.stands[id], nil }, Route: inbox.Route(source)})
	w.shell = webtest.New(t, func(c *web.Config) { c.Now, c.Authorize = d.Now, access.Authorize },
		inbox.Locale, cases.Locale, access.Locale, account.Locale, institution.Locale, gate.Locale, privacy.Locale, db.Locale, record.Locale, api.Locale)
	box := inbox.New(inbox.Deps{DB: d, Cases: w.cases, Search: w.engine, SourceOf: source,
		Object: func(_ *db.Tx, written string) (plaza.Card, error) {
			if strings.TrimPrefix(written, webtest.Base) != "/datos/un-conjunto" {
				return plaza.Card{}, plaza.E(plaza.NotFound, "")
			}
			return plaza.Card{Ref: dataset, Title: "Un conjunto", Path: "/datos/un-conjunto", Visible: true}, nil
		},
		Sources: func(*db.Tx, string) ([]inbox.Choice, error) {
			return []inbox.Choice{{ID: "fuente", Title: "El catálogo"}}, nil
		},
		Unattended: func(*db.Tx, string) (int, error) { return 7, nil },
	})
	w.box = box
	if err := box.Mount(w.shell, institution.NewOffice(d, w.shell)); err != nil {
		t.Fatal(err)
	}
	return w
}

// cards knows one dataset.
func cards(_ *db.Tx, refs []plaza.Ref) (map[plaza.Ref]plaza.Card, error) {
	out := map[plaza.Ref]plaza.Card{}
	for _, r := range refs {
		if r == dataset {
			out[r] = plaza.Card{Ref: r, Title: "Un conjunto", Path: "/datos/un-conjunto", Visible: true}
		}
	}
	return out, nil
}

func (w *world) as(p account.Person, fn func(tx *db.Tx) error) { w.Helper(); w.As(p, fn) }

func (w *world) read(fn func(tx *db.Tx) error) { w.Helper(); w.Read(fn) }

func (w *world) newUnit(name string) institution.Unit { w.Helper(); return w.Unit(name) }

func (w *world) person(email, name string, g plaza.Grant) account.Person {
	w.Helper()
	return w.Person(email, name, g.Role, g.Institution)
}

var nonces int

// ask asks a question of salud, changed by change.
func (w *world) ask(p account.Person, title string, change func(*cases.Form)) (c cases.Case) {
	w.Helper()
	nonces++
	f := cases.Form{Kind: cases.Question, Title: title, Body: "En el recurso de camas.", Institution: w.salud.ID, Language: "es", Nonce: fmt.Sprint("nonce-", nonces)}
	if change != nil {
		change(&f)
	}
	w.as(p, func(tx *db.Tx) (err error) {
		c, err = w.cases.Ask(tx, f, cases.By(p.Actor()), cases.From{})
		return err
	})
	return c
}

// do does something to a case as a person.
func (w *world) do(p account.Person, what func(tx *db.Tx) (cases.Case, []record.Act, error)) {
	w.Helper()
	w.as(p, func(tx *db.Tx) error {
		_, acts, err := what(tx)
		return errors.Join(err, record.Append(tx, acts...))
	})
}

// now is a case as it is now.
func (w *world) now(c cases.Case) (out cases.Case) {
	w.Helper()
	w.read(func(tx *db.Tx) (err error) { out, err = cases.ByID(tx, c.ID); return err })
	return out
}

// all are an institution's cases, newest first.
func (w *world) all(body string) (list []cases.Case) {
	w.Helper()
	w.read(func(tx *db.Tx) (err error) {
		list, err = cases.List(tx, cases.Filter{Bodies: []string{body}}, cases.Newest, cases.Key{}, 10_000)
		return err
	})
	return list
}

// request sends a request as somebody.
func (w *world) request(ctx context.Context, who plaza.Actor, r *http.Request) *httptest.ResponseRecorder {
	w.Helper()
	r = r.WithContext(plaza.WithActor(ctx, who))
	r.Header.Set("Sec-Fetch-Site", "same-origin")
	r.RemoteAddr = "127.0.0.1:49152"
	return webtest.Do(w.shell, r)
}

func (w *world) get(p account.Person, path string) *httptest.ResponseRecorder {
	w.Helper()
	return w.request(w.Context(), p.Actor(), httptest.NewRequest(http.MethodGet, path, nil))
}

func (w *world) post(p account.Person, path string, form url.Values) *httptest.ResponseRecorder {
	w.Helper()
	r := httptest.NewRequest(http.MethodPost, path, strings.NewReader(form.Encode()))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	return w.request(w.Context(), p.Actor(), r)
}

// upload sends a file.
func (w *world) upload(p account.Person, path, name string, body []byte) *httptest.ResponseRecorder {
	w.Helper()
	var b bytes.Buffer
	m := multipart.NewWriter(&b)
	part, err := m.CreateFormFile("archivo", name)
	if err != nil {
		w.Fatal(err)
	}
	_, _ = part.Write(body)
	_ = m.Close()
	r := httptest.NewRequest(http.MethodPost, path, &b)
	r.Header.Set("Content-Type", m.FormDataContentType())
	return w.request(w.Context(), p.Actor(), r)
}

// page is a page as a person sees it.
func (w *world) page(p account.Person, path string) *goquery.Document {
	w.Helper()
	res := w.get(p, path)
	if res.Code != http.StatusOK {
		w.Fatalf("%s: %d: %s", path, res.Code, res.Body)
	}
	return w.doc(res)
}

func (w *world) doc(res *httptest.ResponseRecorder) *goquery.Document {
	w.Helper()
	doc, err := goquery.NewDocumentFromReader(res.Body)
	if err != nil {
		w.Fatal(err)
	}
	return doc
}

// work does what is due by itself, and returns how many jobs that were.
func (w *world) work() int {
	w.Helper()
	r := job.NewRunner(w.db, job.Config{Log: slog.New(slog.DiscardHandler), Queues: map[string]int{inbox.Queue: 1}})
	w.box.Handle(r)
	n, err := r.Drain(w.Context())
	if err != nil {
		w.Fatal(err)
	}
	return n
}

// imports begins the import of a file that was read, and works until it is done.
func (w *world) imports(path string) {
	w.Helper()
	if res := w.post(w.enlace, path, nil); res.Code != http.StatusSeeOther {
		w.Fatalf("importing: %d: %s", res.Code, res.Body)
	}
	w.work()
}

// text is what a page says, without superfluous space.
func text(s *goquery.Selection) string { return strings.Join(strings.Fields(s.Text()), " ") }

// titles are the cases that a page lists, in order.
func titles(doc *goquery.Document) (out []string) {
	for _, n := range doc.Find(".js-inbox-open").EachIter() {
		out = append(out, text(n))
	}
	return out
}

const base = "/gestion/salud/consultas"
