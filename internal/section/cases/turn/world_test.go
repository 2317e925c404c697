package turn_test

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/PuerkitoBio/goquery"

	"plaza/internal/base/db"
	"plaza/internal/base/db/dbtest"
	"plaza/internal/base/i18n"
	"plaza/internal/base/web"
	"plaza/internal/base/web/webtest"
	"plaza/internal/civic/access"
	"plaza/internal/civic/account"
	"plaza/internal/civic/calendar"
	"plaza/internal/civic/gate"
	"plaza/internal/civic/institution"
	"plaza/internal/civic/institution/institutiontest"
	"plaza/internal/civic/membership"
	"plaza/internal/civic/outbox"
	"plaza/internal/civic/privacy"
	"plaza/internal/civic/record"
	"plaza/internal/plaza"
	"plaza/internal/section/cases"
	"plaza/internal/section/cases/turn"
)

// world is an installation with an institution whose liaison turns cases to people, and
// its pages. A cookie names whose they are asked as.
type world struct {
	*institutiontest.World
	db     *db.DB
	cases  *cases.Cases
	turns  *turn.Turns
	shell  *web.Shell
	salud  institution.Institution
	lerma  institution.Institution
	unit   institution.Unit
	ana    account.Person // a member
	enlace account.Person // liaison of salud
	area   account.Person // data_owner of salud, of the unit
	ajena  account.Person // liaison of lerma
	admin  account.Person
	people map[string]account.Person
	nonces int
}

func worlds(t *testing.T, f func(w *world)) {
	t.Helper()
	dbtest.Each(t, func(t *testing.T, d *db.DB) { f(newWorld(t, d)) })
}

func newWorld(t *testing.T, d *db.DB) *world {
	t.Helper()
	w := &world{World: institutiontest.New(t, d), db: d, people: map[string]account.Person{}}
	key := []byte("una clave de prueba, de 32 bytes")
	bundle, err := i18n.New(web.Locale, cases.Locale, turn.Locale, institution.Locale, calendar.Locale, access.Locale, privacy.Locale, gate.Locale, membership.Locale, outbox.Locale, record.Locale)
	if err != nil {
		t.Fatal(err)
	}
	brakes := gate.New(key)
	members := membership.New(membership.Config{DB: d, Key: key, Gate: brakes, Bundle: bundle})
	w.cases = cases.New(cases.Config{DB: d, Key: key, BaseURL: webtest.Base, Bundle: bundle, Gate: brakes, Responsible: members.Responsible, StandsFor: members.StandsFor})
	w.turns = turn.New(w.cases)
	w.shell = webtest.New(t, func(c *web.Config) {
		c.Now, c.SessionCookie, c.Authorize, c.Bundle = d.Now, "who", access.Authorize, bundle
		c.Authenticate = func(r *http.Request) (context.Context, error) {
			cookie, err := r.Cookie("who")
			if err != nil {
				return r.Context(), nil
			}
			return plaza.WithActor(r.Context(), w.people[cookie.Value].Actor()), nil
		}
	})
	if err := w.turns.Mount(w.shell, institution.NewOffice(d, w.shell)); err != nil {
		t.Fatal(err)
	}
	w.salud, w.lerma, w.unit = w.Salud, w.Lerma, w.Unit("Dirección de Información en Salud")
	w.ana = w.person("ana@ejemplo.mx", "Ana López", account.Grant{})
	w.enlace = w.person("enlace@ejemplo.mx", "Eva Enlace", account.Grant{Role: plaza.Liaison, Institution: w.salud.ID})
	w.area = w.person("area@ejemplo.mx", "Aldo Área", account.Grant{Role: plaza.DataOwner, Institution: w.salud.ID, Unit: w.unit.ID})
	w.ajena = w.person("ajena@ejemplo.mx", "Iris Lejana", account.Grant{Role: plaza.Liaison, Institution: w.lerma.ID})
	w.admin = w.person("admin@ejemplo.mx", "Ada Central", account.Grant{Role: plaza.Admin})
	dbtest.Advance(d, 48*time.Hour)
	return w
}

func (w *world) person(email, name string, g account.Grant) (p account.Person) {
	w.Helper()
	w.as(p, func(tx *db.Tx) (err error) {
		if p, err = account.Create(tx, account.New{Email: email, Name: name}); err != nil || g.Role == "" {
			return err
		}
		return nil
	})
	if g.Role != "" {
		w.as(account.Person{}, func(tx *db.Tx) (err error) {
			if g.Institution == "" {
				return account.GrantRole(tx, p.ID, g.Role, "", time.Time{})
			}
			a, err := account.GrantRoleIn(tx, p.ID, g)
			if err != nil {
				return err
			}
			return record.Append(tx, a)
		})
		w.read(func(tx *db.Tx) (err error) { p, err = account.ByID(tx, p.ID); return err })
	}
	w.people[p.ID] = p
	return p
}

func (w *world) try(p account.Person, fn func(tx *db.Tx) error) error {
	w.Helper()
	return w.Try(p, fn)
}

func (w *world) as(p account.Person, fn func(tx *db.Tx) error) { w.Helper(); w.As(p, fn) }

func (w *world) read(fn func(tx *db.Tx) error) { w.Helper(); w.Read(fn) }

// ask asks something of the institution as Ana.
func (w *world) ask(title string) (c cases.Case) {
	w.Helper()
	w.nonces++
	w.as(w.ana, func(tx *db.Tx) (err error) {
		c, err = w.cases.Ask(tx, cases.Form{Kind: cases.Question, Title: title, Body: "En el recurso de *camas*.", Need: "Para mi tesis.", Institution: w.salud.ID,
			Language: "es", Nonce: fmt.Sprint("nonce-", w.nonces)}, cases.By(w.ana.Actor()), cases.From{})
		return err
	})
	return c
}

// again is a case as it stands now.
func (w *world) again(c cases.Case) (now cases.Case) {
	w.Helper()
	w.read(func(tx *db.Tx) (err error) { now, err = cases.ByID(tx, c.ID); return err })
	return now
}

// do does something to a case as a person, with its entries in the record.
func (w *world) do(p account.Person, what func(tx *db.Tx) (cases.Case, []record.Act, error)) {
	w.Helper()
	w.as(p, func(tx *db.Tx) error {
		_, acts, err := what(tx)
		if err != nil {
			return err
		}
		return record.Append(tx, acts...)
	})
}

// page is what a request got.
type page struct {
	*goquery.Document
	status   int
	location string
}

func (p page) text() string { return strings.Join(strings.Fields(p.Find("main").Text()), " ") }

// get asks for a page as somebody, nobody for the zero Person, and wants a status.
func (w *world) get(p account.Person, path string, status int) page {
	w.Helper()
	return w.request(p, http.MethodGet, path, nil, status)
}

// post sends a form.
func (w *world) post(p account.Person, path string, form url.Values, status int) page {
	w.Helper()
	return w.request(p, http.MethodPost, path, form, status)
}

func (w *world) request(p account.Person, method, path string, form url.Values, status int) page {
	w.Helper()
	r := httptest.NewRequestWithContext(w.Context(), method, path, strings.NewReader(form.Encode()))
	r.RemoteAddr = "127.0.0.1:49152"
	if p.ID != "" {
		r.AddCookie(&http.Cookie{Name: "who", Value: p.ID})
	}
	if method == http.MethodPost {
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		r.Header.Set("Sec-Fetch-Site", "same-origin")
	}
	res := webtest.Do(w.shell, r)
	doc, err := goquery.NewDocumentFromReader(res.Body)
	if err != nil {
		w.Fatal(err)
	}
	got := page{doc, res.Code, res.Header().Get("Location")}
	if got.status != status {
		w.Fatalf("%s %s = %d, want %d: %s", method, path, got.status, status, got.text())
	}
	return got
}

// letter is a mail as it lies in the store.
type letter struct{ Key, To, Subject, Text string }

func (w *world) letters(kind string) (out []letter) {
	w.Helper()
	w.read(func(tx *db.Tx) (err error) {
		out, err = db.All(tx, func(scan func(...any) error) (l letter, err error) {
			err = scan(&l.Key, &l.To, &l.Subject, &l.Text)
			return l, err
		}, `SELECT unique_key, address, subject, body_text FROM outbox WHERE kind = $1 ORDER BY created_at, id`, kind)
		return err
	})
	return out
}

var linkIn = regexp.MustCompile(`/turno/[A-Za-z0-9_-]+`)

// link is the path of the link in the mail about a case that was sent for the n-th time.
func (w *world) link(c cases.Case, n int) string {
	w.Helper()
	path := ""
	for _, l := range w.letters("turn.link") {
		if strings.Contains(l.Text, c.Folio) && strings.HasSuffix(l.Key, fmt.Sprint("/", n)) {
			path = linkIn.FindString(l.Text)
		}
	}
	if path == "" {
		w.Fatalf("no link to %s was mailed %d times", c.Folio, n)
	}
	return path
}

func (w *world) scalar(query string, args ...any) (n int) {
	w.Helper()
	w.read(func(tx *db.Tx) error { return tx.Row(query, args...).Scan(&n) })
	return n
}

func (w *world) at(s string) time.Time {
	w.Helper()
	zone, err := time.LoadLocation("America/Mexico_City")
	if err != nil {
		w.Fatal(err)
	}
	t, err := time.ParseInLocation("2006-01-02 15:04", s, zone)
	if err != nil {
		w.Fatal(err)
	}
	return t.UTC()
}

// says wants texts on a page.
func (w *world) says(p page, want ...string) {
	w.Helper()
	for _, s := range want {
		if !strings.Contains(p.text(), s) {
			w.Errorf("the page lacks %q: %s", s, p.text())
		}
	}
}
