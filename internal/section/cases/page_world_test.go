package cases_test

import (
	"context"
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
	"plaza/internal/base/web"
	"plaza/internal/base/web/webtest"
	"plaza/internal/civic/access"
	"plaza/internal/civic/account"
	"plaza/internal/civic/gate"
	"plaza/internal/civic/institution"
	"plaza/internal/civic/moderation"
	"plaza/internal/civic/privacy"
	"plaza/internal/civic/record"
	"plaza/internal/civic/search"
	"plaza/internal/plaza"
	"plaza/internal/section/cases"
)

// paged is a world with pages.
type paged struct {
	*world
	shell  *web.Shell
	screen *screen
	engine *search.Engine
}

// screen holds what has the word in it.
type screen struct {
	word string
	held []plaza.Ref
}

func (s *screen) Screen(_ *db.Tx, d moderation.Draft) (moderation.Verdict, error) {
	return moderation.Verdict{Hold: s.word != "" && strings.Contains(d.Text, s.word), Why: []string{"word"}}, nil
}

func (s *screen) Hold(_ *db.Tx, post plaza.Ref, _ string, _ moderation.Verdict) error {
	s.held = append(s.held, post)
	return nil
}

// set is a dataset of salud.
var set = plaza.Ref{Kind: "dataset", ID: "un-conjunto"}

// catalogue knows one dataset, which is gone when it is called so.
func catalogue(body string, gone *bool) record.Cards {
	return func(_ *db.Tx, refs []plaza.Ref) (map[plaza.Ref]plaza.Card, error) {
		out := map[plaza.Ref]plaza.Card{}
		for _, r := range refs {
			if r == set {
				out[r] = plaza.Card{Ref: r, Title: "Camas por hospital", Path: "/datos/camas", Institution: body, Language: "es", Visible: true, Unavailable: *gone}
			}
		}
		return out, nil
	}
}

// pagedWorlds runs a test on both engines.
func pagedWorlds(t *testing.T, f func(w *paged)) {
	t.Helper()
	dbtest.Each(t, func(t *testing.T, d *db.DB) { f(newPaged(t, d)) })
}

var gone bool // whether the dataset is

func newPaged(t *testing.T, d *db.DB) *paged {
	t.Helper()
	w := &paged{world: newWorld(t, d), screen: &screen{}, engine: search.New()}
	gone = false
	w.mount(func(*cases.Config) {})
	return w
}

// mount makes the pages of cases that other parts give something to.
func (w *paged) mount(change func(*cases.Config)) {
	w.Helper()
	cfg := cases.Config{DB: w.db, Gate: gate.New([]byte("una clave de prueba, de 32 bytes")), Screen: w.screen, Cards: catalogue(w.salud.ID, &gone),
		Report: func(r plaza.Ref) string { return "/avisar/" + r.String() }}
	change(&cfg)
	w.cases = cases.New(cfg)
	w.shell = webtest.New(w.T, func(c *web.Config) {
		c.Now, c.Authorize = w.db.Now, access.Authorize
	}, cases.Locale, access.Locale, account.Locale, institution.Locale, gate.Locale, privacy.Locale, db.Locale, record.Locale, api.Locale, moderation.Locale)
	if err := w.cases.Mount(w.shell); err != nil {
		w.Fatal(err)
	}
}

var visitor account.Person

// request sends a request as somebody.
func (w *paged) request(who plaza.Actor, method, path string, form url.Values) *httptest.ResponseRecorder {
	w.Helper()
	r := httptest.NewRequestWithContext(plaza.WithActor(w.Context(), who), method, path, strings.NewReader(form.Encode()))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	r.Header.Set("Sec-Fetch-Site", "same-origin")
	r.RemoteAddr = "127.0.0.1:49152"
	return webtest.Do(w.shell, r)
}

func (w *paged) get(p account.Person, path string) *httptest.ResponseRecorder {
	w.Helper()
	return w.request(p.Actor(), http.MethodGet, path, nil)
}

func (w *paged) post(p account.Person, path string, form url.Values) *httptest.ResponseRecorder {
	w.Helper()
	return w.request(p.Actor(), http.MethodPost, path, form)
}

// page is a page that must be there.
func (w *paged) page(p account.Person, path string) *goquery.Document {
	w.Helper()
	return w.document(w.get(p, path), http.StatusOK)
}

func (w *paged) document(res *httptest.ResponseRecorder, status int) *goquery.Document {
	w.Helper()
	if res.Code != status {
		w.Fatalf("status %d, want %d: %s", res.Code, status, squeeze(res.Body.String()))
	}
	doc, err := goquery.NewDocumentFromReader(res.Body)
	if err != nil {
		w.Fatal(err)
	}
	return doc
}

// seen is the mark of a form on a page.
func (w *paged) seen(p account.Person, c cases.Case, act string) url.Values {
	w.Helper()
	mark, ok := w.page(p, c.Path()).Find(`form[action="` + c.Path() + "/" + act + `"] input[name="seen"]`).Attr("value")
	if !ok {
		w.Fatalf("%s has no form to %s", p.Name, act)
	}
	return url.Values{"seen": {mark}}
}

func squeeze(s string) string { return blanks.ReplaceAllString(strings.TrimSpace(s), " ") }

// main is the text of a page's main part.
func main(doc *goquery.Document) string { return squeeze(doc.Find("main").Text()) }

// says checks that a text has some words, in order.
func (w *paged) says(text string, words ...string) {
	w.Helper()
	rest := text
	for _, word := range words {
		_, after, ok := strings.Cut(rest, word)
		if !ok {
			w.Errorf("it does not say %q (in order) in: %s", word, text)
			return
		}
		rest = after
	}
}

// answer publishes an answer as the liaison.
func (w *paged) answer(c cases.Case, form cases.AnswerForm) cases.Case {
	w.Helper()
	dbtest.Advance(w.db, time.Hour)
	signed := cases.Signature{Person: w.transp.ID, Voice: institution.Voice{Role: plaza.Transparency, Institution: w.salud.ID, Name: w.salud.Name}}
	return w.must(w.enlace, func(tx *db.Tx) (cases.Case, []record.Act, error) { return w.cases.Publish(tx, c.ID, form, signed) })
}

// now is a case as it is now.
func (w *paged) now(c cases.Case) (out cases.Case) {
	w.Helper()
	w.read(func(tx *db.Tx) (err error) { out, err = cases.ByID(tx, c.ID); return err })
	return out
}

// moderate moves a post as moderation does.
func (w *paged) moderate(kind moderation.Kind, id string, to moderation.State) error {
	w.Helper()
	return w.try(w.admin, func(tx *db.Tx) error {
		acts, err := kind.Set(tx, id, to)
		if err != nil {
			return err
		}
		return record.Append(tx, acts...)
	})
}

// voice is that of who signs refusals at salud.
func (w *paged) voice() institution.Voice {
	return institution.Voice{Role: plaza.Transparency, Institution: w.salud.ID, Name: w.salud.Name}
}

// newRequest asks for a page as a visitor.
func newRequest(ctx context.Context, path string) *http.Request {
	r := httptest.NewRequestWithContext(ctx, http.MethodGet, path, nil)
	r.RemoteAddr = "127.0.0.1:49152"
	return r
}

// finds is how many cases a search finds.
func (w *paged) finds(q string) int {
	w.Helper()
	if err := w.engine.Sync(w.Context(), w.db); err != nil {
		w.Fatal(err)
	}
	found, err := w.engine.Search(search.Query{Text: q, Filters: map[string][]string{search.KindFacet: {cases.RefKind}}})
	if err != nil {
		w.Fatal(err)
	}
	return found.Total
}
