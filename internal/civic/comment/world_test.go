package comment_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
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
	"plaza/internal/civic/comment"
	"plaza/internal/civic/gate"
	"plaza/internal/civic/institution"
	"plaza/internal/civic/moderation"
	"plaza/internal/civic/privacy"
	"plaza/internal/civic/record"
	"plaza/internal/civic/search"
	"plaza/internal/plaza"
)

// world is an installation with an institution, a thing without one, some people and
// pages on which their comments stand.
type world struct {
	*testing.T
	db       *db.DB
	shell    *web.Shell
	comments *comment.Comments
	engine   *search.Engine
	salud    institution.Institution
	other    institution.Institution
	ana      account.Person // a member
	beto     account.Person // another
	enlace   account.Person // liaison of salud
	ajena    account.Person // liaison of other
	admin    account.Person
	screen   *screen
	set      plaza.Ref // another thing of salud
}

// screen holds what has the word in it.
type screen struct {
	word string
	held []plaza.Ref
	// drafts are those that were judged.
	drafts []moderation.Draft
}

func (s *screen) Screen(_ *db.Tx, d moderation.Draft) (moderation.Verdict, error) {
	s.drafts = append(s.drafts, d)
	return moderation.Verdict{Hold: s.word != "" && strings.Contains(d.Text, s.word), Why: []string{"word"}}, nil
}

func (s *screen) Hold(_ *db.Tx, post plaza.Ref, _ string, _ moderation.Verdict) error {
	s.held = append(s.held, post)
	return nil
}

// loose is something that no institution answers for.
var loose = plaza.Ref{Kind: "story", ID: "una-historia"}

func worlds(t *testing.T, f func(w *world)) {
	t.Helper()
	dbtest.Each(t, func(t *testing.T, d *db.DB) { f(newWorld(t, d)) })
}

func newWorld(t *testing.T, d *db.DB) *world {
	t.Helper()
	w := &world{T: t, db: d, engine: search.New(), screen: &screen{}, set: plaza.Ref{Kind: "dataset", ID: "un-conjunto"}}
	w.write(func(tx *db.Tx) (err error) {
		if w.salud, err = institution.Put(tx, institution.Institution{Name: "Secretaría de Salud", Slug: "salud", Type: "federal"}); err != nil {
			return err
		}
		w.other, err = institution.Put(tx, institution.Institution{Name: "Municipio de Lerma", Slug: "lerma", Type: "municipal"})
		return err
	})
	w.ana = w.person("ana@ejemplo.mx", "Ana López", "", "")
	w.beto = w.person("beto@ejemplo.mx", "Beto Ruiz", "", "")
	w.enlace = w.person("enlace@ejemplo.mx", "Eva Enlace", plaza.Liaison, w.salud.ID)
	w.ajena = w.person("ajena@ejemplo.mx", "Iris Lejana", plaza.Liaison, w.other.ID)
	w.admin = w.person("admin@ejemplo.mx", "Ada Central", plaza.Admin, "")
	dbtest.Advance(d, 48*time.Hour) // nobody is new
	w.comments = comment.New(comment.Deps{DB: d, Gate: gate.New([]byte("una clave de prueba, de 32 bytes")), Cards: w.cards,
		Kinds: []string{institution.Kind, loose.Kind, w.set.Kind}, Screen: w.screen})
	w.shell = webtest.New(t, func(c *web.Config) {
		c.Now, c.Authorize = d.Now, access.Authorize
	}, comment.Locale, access.Locale, account.Locale, institution.Locale, gate.Locale, privacy.Locale, db.Locale, record.Locale, api.Locale)
	if err := w.comments.Mount(w.shell); err != nil {
		t.Fatal(err)
	}
	w.comments.Inbox(institution.NewOffice(d, w.shell))
	a, err := api.New(w.shell, api.Config{})
	if err != nil {
		t.Fatal(err)
	}
	w.comments.API(a)
	w.shell.Handle("GET /instituciones/{institution}", web.Route{Name: "test.object", Action: string(access.CommentRead)}, w.object)
	return w
}

// cards knows institutions and one thing without any.
func (w *world) cards(tx *db.Tx, refs []plaza.Ref) (map[plaza.Ref]plaza.Card, error) {
	out := map[plaza.Ref]plaza.Card{}
	var ids []string
	for _, r := range refs {
		switch {
		case r.Kind == "dataset":
			out[r] = plaza.Card{Ref: r, Title: "Un conjunto", Path: "/instituciones/conjunto", Institution: w.salud.ID, Visible: true, Language: "es"}
		case r == loose:
			out[r] = plaza.Card{Ref: r, Title: "Una historia", Path: "/instituciones/historia", Visible: true, Language: "es"}
		case r.Kind == institution.Kind:
			ids = append(ids, r.ID)
		}
	}
	found, err := institution.ByIDs(tx, ids)
	for _, i := range found {
		out[i.Ref()] = plaza.Card{Ref: i.Ref(), Title: i.Name, Path: i.Path(), Institution: i.ID, Visible: true, Language: "es"}
	}
	return out, err
}

// object answers with what is said under an institution.
func (w *world) object(rw http.ResponseWriter, r *http.Request) error {
	return w.db.Read(r.Context(), func(tx *db.Tx) error {
		i, err := institution.BySlug(tx, r.PathValue("institution"))
		if err != nil {
			return err
		}
		html, err := w.comments.Around(tx, w.shell.Page(r, i.Name), w.card(i.Ref()))
		if err != nil {
			return err
		}
		_, err = rw.Write([]byte("<!doctype html><title>x</title><h1>x</h1>" + html))
		return err
	})
}

func (w *world) card(ref plaza.Ref) (c plaza.Card) {
	w.Helper()
	w.read(func(tx *db.Tx) error {
		cards, err := w.cards(tx, []plaza.Ref{ref})
		c = cards[ref]
		return err
	})
	return c
}

func (w *world) write(fn func(tx *db.Tx) error) {
	w.Helper()
	if err := w.db.Write(plaza.WithActor(w.Context(), plaza.SystemActor), fn); err != nil {
		w.Fatal(err)
	}
}

func (w *world) read(fn func(tx *db.Tx) error) {
	w.Helper()
	if err := w.db.Read(w.Context(), fn); err != nil {
		w.Fatal(err)
	}
}

func (w *world) person(email, name string, role plaza.Role, body string) (p account.Person) {
	w.Helper()
	w.write(func(tx *db.Tx) (err error) {
		p, err = account.Create(tx, account.New{Email: email, Name: name})
		return err
	})
	if role != "" {
		w.write(func(tx *db.Tx) error { return account.GrantRole(tx, p.ID, role, body, time.Time{}) })
		w.read(func(tx *db.Tx) (err error) { p, err = account.ByID(tx, p.ID); return err })
	}
	return p
}

// doing runs fn as a person, and returns its error.
func (w *world) doing(p account.Person, fn func(tx *db.Tx) error) error {
	w.Helper()
	return w.db.Write(plaza.WithActor(w.Context(), p.Actor()), fn)
}

var nonces int

// try says something as a person.
func (w *world) try(p account.Person, d comment.Draft) (c comment.Comment, err error) {
	w.Helper()
	if d.Nonce == "" {
		nonces++
		d.Nonce = fmt.Sprint("nonce-", nonces)
	}
	if d.On.Ref.ID == "" {
		d.On = w.card(w.salud.Ref())
	}
	err = w.doing(p, func(tx *db.Tx) (err error) {
		c, err = w.comments.Post(tx, d, comment.From{})
		return err
	})
	dbtest.Advance(w.db, time.Minute)
	return c, err
}

// say is try without failure.
func (w *world) say(p account.Person, text string) comment.Comment {
	w.Helper()
	c, err := w.try(p, comment.Draft{Text: text})
	if err != nil {
		w.Fatalf("saying %q: %v", text, err)
	}
	return c
}

// answer says something under a comment.
func (w *world) answer(p account.Person, to comment.Comment, voice, text string) comment.Comment {
	w.Helper()
	c, err := w.try(p, comment.Draft{Text: text, Root: to.ID, Voice: voice, On: w.card(to.On)})
	if err != nil {
		w.Fatalf("answering %q: %v", text, err)
	}
	return c
}

// official is the liaison's voice.
func (w *world) official() string { return "liaison@" + w.salud.ID }

// now is a comment as it is now.
func (w *world) now(c comment.Comment) (out comment.Comment) {
	w.Helper()
	w.read(func(tx *db.Tx) (err error) { out, err = comment.ByID(tx, c.ID); return err })
	return out
}

// moderate moves a comment as moderation does.
func (w *world) moderate(c comment.Comment, to moderation.State) error {
	w.Helper()
	return w.doing(w.admin, func(tx *db.Tx) error {
		acts, err := w.comments.Kind().Set(tx, c.ID, to)
		if err != nil {
			return err
		}
		return record.Append(tx, acts...)
	})
}

// verbs are the record's entries about comments, in order.
func (w *world) verbs() (out []string) {
	w.Helper()
	for _, e := range w.entries() {
		out = append(out, strings.TrimPrefix(e.Verb, "comment."))
	}
	return out
}

func (w *world) entries() (list []record.Entry) {
	w.Helper()
	w.read(func(tx *db.Tx) (err error) {
		list, err = record.Since(tx, record.Filter{Verb: "comment."}, 1000)
		return err
	})
	return list
}

// finds reports how many comments a search finds.
func (w *world) finds(q string) int {
	w.Helper()
	if err := w.engine.Sync(w.Context(), w.db); err != nil {
		w.Fatal(err)
	}
	found, err := w.engine.Search(search.Query{Text: q, Filters: map[string][]string{search.KindFacet: {comment.Kind}}})
	if err != nil {
		w.Fatal(err)
	}
	return found.Total
}

// get asks for a page as a person; the zero Person is a visitor.
func (w *world) get(p account.Person, path string) *httptest.ResponseRecorder {
	w.Helper()
	return w.request(p.Actor(), http.MethodGet, path, nil)
}

// post sends a form as a person.
func (w *world) post(p account.Person, path string, form url.Values) *httptest.ResponseRecorder {
	w.Helper()
	return w.request(p.Actor(), http.MethodPost, path, form)
}

// request sends a request as somebody.
func (w *world) request(who plaza.Actor, method, path string, form url.Values) *httptest.ResponseRecorder {
	w.Helper()
	r := httptest.NewRequestWithContext(plaza.WithActor(w.Context(), who), method, path, strings.NewReader(form.Encode()))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	r.Header.Set("Sec-Fetch-Site", "same-origin")
	r.RemoteAddr = "127.0.0.1:49152"
	return webtest.Do(w.shell, r)
}

// page is a page that must be there.
func (w *world) page(p account.Person, path string) *goquery.Document {
	w.Helper()
	return w.document(w.get(p, path), http.StatusOK)
}

// document reads an answer that must have a status.
func (w *world) document(res *httptest.ResponseRecorder, status int) *goquery.Document {
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

var blanks = regexp.MustCompile(`\s+`)

func squeeze(s string) string { return blanks.ReplaceAllString(strings.TrimSpace(s), " ") }

// text is the text of a page's main part.
func text(doc *goquery.Document) string { return squeeze(doc.Find("main").Text()) }

var visitor account.Person

// revoke ends the liaison's role.
func revoke(tx *db.Tx, w *world) error {
	return account.RevokeRole(tx, w.enlace.ID, plaza.Liaison, w.salud.ID)
}

func (w *world) rename(i institution.Institution) {
	w.Helper()
	w.write(func(tx *db.Tx) error { _, err := institution.Put(tx, i); return err })
}

func personNow(tx *db.Tx, p account.Person) (account.Person, error) { return account.ByID(tx, p.ID) }
