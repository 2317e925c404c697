package forum_test

import (
	"fmt"
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
	"plaza/internal/civic/comment"
	"plaza/internal/civic/gate"
	"plaza/internal/civic/institution"
	"plaza/internal/civic/institution/institutiontest"
	"plaza/internal/civic/moderation"
	"plaza/internal/civic/privacy"
	"plaza/internal/civic/record"
	"plaza/internal/civic/search"
	"plaza/internal/plaza"
	"plaza/internal/section/forum"
)

// world is an installation with a forum, an institution and some people.
type world struct {
	*institutiontest.World
	db       *db.DB
	shell    *web.Shell
	forum    *forum.Forum
	comments *comment.Comments
	salud    institution.Institution
	lerma    institution.Institution
	ana      account.Person
	enlace   account.Person // liaison of salud
	hold     string         // a word that makes what it stands in wait
}

// Screen implements moderation.Screener.
func (w *world) Screen(_ *db.Tx, d moderation.Draft) (moderation.Verdict, error) {
	return moderation.Verdict{Hold: w.hold != "" && strings.Contains(d.Text, w.hold)}, nil
}

// Hold implements moderation.Screener.
func (w *world) Hold(*db.Tx, plaza.Ref, string, moderation.Verdict) error { return nil }

func worlds(t *testing.T, f func(w *world)) {
	t.Helper()
	dbtest.Each(t, func(t *testing.T, d *db.DB) { f(newWorld(t, d)) })
}

func newWorld(t *testing.T, d *db.DB) *world {
	t.Helper()
	w := &world{World: institutiontest.New(t, d), db: d}
	w.salud, w.lerma = w.Salud, w.Lerma
	w.Populate()
	w.ana, w.enlace = w.Ana, w.Enlace
	dbtest.Advance(d, 48*time.Hour)
	g := gate.New([]byte("una clave de prueba, de 32 bytes"))
	w.comments = comment.New(comment.Deps{DB: d, Gate: g, Cards: forum.Cards, Kinds: []string{forum.Kind}, Screen: w, Moved: forum.Moved})
	w.forum = forum.New(forum.Deps{DB: d, Gate: g, Comments: w.comments, Themes: func(*db.Tx) ([]string, error) { return []string{"Agua", "Salud"}, nil }})
	w.shell = webtest.New(t, func(c *web.Config) { c.Now, c.Authorize = d.Now, access.Authorize },
		forum.Locale, comment.Locale, access.Locale, account.Locale, institution.Locale, gate.Locale, privacy.Locale, db.Locale, record.Locale, api.Locale)
	for _, mount := range []func(*web.Shell) error{w.comments.Mount, w.forum.Mount} {
		if err := mount(w.shell); err != nil {
			t.Fatal(err)
		}
	}
	w.comments.Inbox(institution.NewOffice(d, w.shell))
	return w
}

func (w *world) as(p account.Person, fn func(tx *db.Tx) error) { w.Helper(); w.As(p, fn) }

// open begins a thread as Ana.
func (w *world) open(d forum.Draft) (t forum.Thread) {
	w.Helper()
	if d.Nonce == "" {
		d.Nonce = d.Title
	}
	w.as(w.ana, func(tx *db.Tx) (err error) { t, err = w.forum.Open(tx, d, comment.From{}); return err })
	dbtest.Advance(w.db, time.Minute)
	return t
}

// request sends something as a person, a visitor for none.
func (w *world) request(p account.Person, method, path string, form url.Values) *httptest.ResponseRecorder {
	w.Helper()
	r := httptest.NewRequest(method, "https://plaza.test"+path, strings.NewReader(form.Encode()))
	if form != nil {
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	r = r.WithContext(plaza.WithActor(r.Context(), p.Actor()))
	rec := httptest.NewRecorder()
	w.shell.ServeHTTP(rec, r)
	return rec
}

// text is what a page's main part says, after its status was checked.
func (w *world) text(p account.Person, path string, status int) string {
	w.Helper()
	rec := w.request(p, http.MethodGet, path, nil)
	if rec.Code != status {
		w.Fatalf("%s = %d, want %d", path, rec.Code, status)
	}
	doc, err := goquery.NewDocumentFromReader(rec.Body)
	if err != nil {
		w.Fatal(err)
	}
	return strings.Join(strings.Fields(doc.Find("main").Text()), " ")
}

// moderate moves the beginning of a thread as moderation does.
func (w *world) moderate(t forum.Thread, to moderation.State) {
	w.Helper()
	w.as(account.Person{}, func(tx *db.Tx) error {
		acts, err := w.comments.Kind().Set(tx, t.Comment, to)
		if err != nil {
			return err
		}
		return record.Append(tx, acts...)
	})
}

// found is how many documents of a kind the search has.
func (w *world) found(kind, words string) int {
	w.Helper()
	engine := search.New()
	if err := engine.Sync(w.Context(), w.db); err != nil {
		w.Fatal(err)
	}
	r, err := engine.Search(search.Query{Text: words, Filters: map[string][]string{search.KindFacet: {kind}}, Limit: 10})
	if err != nil {
		w.Fatal(err)
	}
	return r.Total
}

var nobody account.Person

func TestAThreadIsBegunReadAnsweredAndInTheInboxOfItsInstitution(t *testing.T) {
	worlds(t, func(w *world) {
		form := url.Values{"titulo": {"¿Publicar el padrón de pozos?"}, "institucion": {"salud"}, "tema": {"Agua"}, "texto": {"Ayudaría a los municipios."}, "unico": {"uno"}}
		rec := w.request(w.ana, http.MethodPost, "/foro/nuevo", form)
		if rec.Code != http.StatusSeeOther || !strings.HasPrefix(rec.Header().Get("Location"), "/foro/publicar-el-padron-de-pozos-") {
			t.Fatalf("begun: %d %s", rec.Code, rec.Header().Get("Location"))
		}
		path := rec.Header().Get("Location")
		if again := w.request(w.ana, http.MethodPost, "/foro/nuevo", form); again.Header().Get("Location") != path {
			t.Errorf("pressed twice, it is another thread: %s", again.Header().Get("Location"))
		}
		for _, want := range []string{"¿Publicar el padrón de pozos?", "Ayudaría a los municipios.", "Secretaría de Salud", "Agua", "Ana López"} {
			if said := w.text(nobody, path, http.StatusOK); !strings.Contains(said, want) {
				t.Errorf("its page does not say %q: %s", want, said)
			}
		}
		if said := w.text(nobody, "/foro", http.StatusOK); !strings.Contains(said, "1 tema ") || !strings.Contains(said, "0 respuestas") {
			t.Errorf("the forum says %s", said)
		}
		if said := w.text(w.enlace, "/gestion/salud/comentarios", http.StatusOK); !strings.Contains(said, "Ayudaría a los municipios.") {
			t.Errorf("the inbox says %s", said)
		}
		if n := w.found(forum.Kind, "pozos"); n != 1 {
			t.Errorf("%d threads are found by its title", n)
		}
		feed := w.request(nobody, http.MethodGet, "/foro/atom.xml", nil).Body.String()
		if !strings.Contains(feed, "¿Publicar el padrón de pozos?") || strings.Contains(feed, "Ana López") {
			t.Errorf("the feed is %s", feed)
		}
	})
}

func TestAThreadThatReadsLikeAQuestionIsOfferedADateForItsAnswerFirst(t *testing.T) {
	worlds(t, func(w *world) {
		w.forum.Question = func(slug, title, text string) (string, []web.Option) {
			return "/consultas/nueva/ver", []web.Option{{Label: "institucion", Value: slug}, {Label: "titulo", Value: title}, {Label: "texto", Value: text}}
		}
		form := url.Values{"titulo": {"¿Cada cuándo se publica?"}, "institucion": {"salud"}, "tema": {"Agua"}, "texto": {"Lo necesito <b>ya</b>."}, "unico": {"uno"}}
		rec := w.request(w.ana, http.MethodPost, "/foro/nuevo", form)
		doc, err := goquery.NewDocumentFromReader(rec.Body)
		if err != nil || rec.Code != http.StatusOK {
			t.Fatalf("offered: %d %v", rec.Code, err)
		}
		sent := func(action string) url.Values {
			out := url.Values{}
			for _, in := range doc.Find(`form[action="` + action + `"] input`).EachIter() {
				out.Set(in.AttrOr("name", ""), in.AttrOr("value", ""))
			}
			return out
		}
		if ask := sent("/consultas/nueva/ver"); ask.Get("institucion") != "salud" || ask.Get("titulo") != "¿Cada cuándo se publica?" || ask.Get("texto") != "Lo necesito <b>ya</b>." {
			t.Errorf("the question takes along %v", ask)
		}
		if said := w.text(nobody, "/foro", http.StatusOK); strings.Contains(said, "Cada cuándo") {
			t.Error("the offer published it")
		}
		if rec := w.request(w.ana, http.MethodPost, "/foro/nuevo", sent("/foro/nuevo")); rec.Code != http.StatusSeeOther || !strings.HasPrefix(rec.Header().Get("Location"), "/foro/cada-cuando") {
			t.Errorf("published all the same: %d %s", rec.Code, rec.Header().Get("Location"))
		}
		form.Set("titulo", "Los pozos del norte")
		form.Set("unico", "dos")
		if rec := w.request(w.ana, http.MethodPost, "/foro/nuevo", form); rec.Code != http.StatusSeeOther {
			t.Errorf("what is no question: %d", rec.Code)
		}
		form.Set("titulo", "")
		form.Set("texto", "¿Por qué?")
		if rec := w.request(w.ana, http.MethodPost, "/foro/nuevo", form); rec.Code != http.StatusUnprocessableEntity {
			t.Errorf("with something wrong: %d", rec.Code)
		}
	})
}

func TestTheForumNarrowsByInstitutionAndTheme(t *testing.T) {
	worlds(t, func(w *world) {
		w.open(forum.Draft{Title: "Uno", Text: "a", Institution: w.salud.ID, Theme: "Agua"})
		w.open(forum.Draft{Title: "Dos", Text: "b", Institution: w.lerma.ID, Theme: "Agua"})
		w.open(forum.Draft{Title: "Tres", Text: "c"})
		for query, want := range map[string]string{
			"": "Tres Dos Uno", "?tema=Agua": "Dos Uno", "?institucion=salud": "Uno", "?institucion=lerma&tema=Salud": "", "?desde=nada": "Tres Dos Uno",
		} {
			rec := w.request(nobody, http.MethodGet, "/foro"+query, nil)
			doc, err := goquery.NewDocumentFromReader(rec.Body)
			if err != nil || rec.Code != http.StatusOK {
				t.Fatalf("%q: %d %v", query, rec.Code, err)
			}
			var titles []string
			doc.Find(".ItemList > li h2, .ItemList > li h3").Each(func(_ int, s *goquery.Selection) { titles = append(titles, strings.TrimSpace(s.Text())) })
			if got := strings.Join(titles, " "); got != want {
				t.Errorf("%q lists %q, want %q", query, got, want)
			}
		}
		if rec := w.request(nobody, http.MethodGet, "/foro?institucion=nadie", nil); rec.Code != http.StatusNotFound {
			t.Errorf("an institution that is not: %d", rec.Code)
		}
	})
}

func TestAThreadStandsWhereItsBeginningDoes(t *testing.T) {
	worlds(t, func(w *world) {
		w.hold = "dudoso"
		th := w.open(forum.Draft{Title: "Un título dudoso", Text: "Y un texto cualquiera."})
		if th.Standing != moderation.Held {
			t.Fatalf("a doubtful title is %s", th.Standing)
		}
		w.text(nobody, th.Path(), http.StatusNotFound)
		w.text(w.ana, th.Path(), http.StatusNotFound)
		for _, step := range []struct {
			to     moderation.State
			status int
			found  int
			listed bool
		}{
			{moderation.Public, http.StatusOK, 1, true},
			{moderation.Hidden, http.StatusOK, 0, false},
			{moderation.Public, http.StatusOK, 1, true},
		} {
			w.moderate(th, step.to)
			said := w.text(nobody, th.Path(), step.status)
			if strings.Contains(said, "dudoso") != step.listed {
				t.Errorf("%s: its page says %s", step.to, said)
			}
			w.as(w.ana, func(tx *db.Tx) error { // what answers stand under
				found, err := forum.Cards(tx, []plaza.Ref{th.Ref()})
				if strings.Contains(found[th.Ref()].Title, "dudoso") != step.listed {
					t.Errorf("%s: its card says %q", step.to, found[th.Ref()].Title)
				}
				return err
			})
			if listed := strings.Contains(w.text(nobody, "/foro", http.StatusOK), "dudoso"); listed != step.listed {
				t.Errorf("%s: it is listed: %v", step.to, listed)
			}
			if n := w.found(forum.Kind, "dudoso"); n != step.found {
				t.Errorf("%s: %d are found", step.to, n)
			}
		}
		w.as(w.ana, func(tx *db.Tx) error { _, err := w.comments.Remove(tx, th.Comment); return err })
		if said := w.text(nobody, th.Path(), http.StatusOK); !strings.Contains(said, "Este tema se retiró") || strings.Contains(said, "dudoso") {
			t.Errorf("taken back, its page says %s", said)
		}
	})
}

func TestWhatIsWrongWithAThreadIsSaidAtItsField(t *testing.T) {
	worlds(t, func(w *world) {
		good := url.Values{"titulo": {"Un tema"}, "texto": {"Algo."}, "unico": {"x"}}
		for _, c := range []struct {
			field, value, at string
		}{
			{"titulo", "", "titulo"}, {"titulo", "\u200b\u200b", "titulo"}, {"titulo", strings.Repeat("x", 201), "titulo"}, {"tema", "Otra cosa", "tema"},
			{"texto", "", "texto"}, {"texto", strings.Repeat("x", comment.MaxLength+1), "texto"}, {"unico", "", "texto"},
		} {
			form := url.Values{}
			for k, v := range good {
				form[k] = v
			}
			form.Set(c.field, c.value)
			rec := w.request(w.ana, http.MethodPost, "/foro/nuevo", form)
			if body := rec.Body.String(); rec.Code != http.StatusUnprocessableEntity || !strings.Contains(body, `id="campo-`+c.at+`-error"`) {
				t.Errorf("%s = %.20q: %d", c.field, c.value, rec.Code)
			} else if c.at != "titulo" && !strings.Contains(body, "Un tema") {
				t.Errorf("%s: what was typed is lost", c.field)
			}
		}
		for p, want := range map[string]int{"": http.StatusUnauthorized, w.ana.ID: http.StatusOK} {
			who := nobody
			if p != "" {
				who = w.ana
			}
			if rec := w.request(who, http.MethodGet, "/foro/nuevo", nil); rec.Code != want && !(want == 401 && rec.Code == http.StatusSeeOther) {
				t.Errorf("the form for %q: %d", p, rec.Code)
			}
		}
	})
}

func TestThreadsMoveToTheSuccessor(t *testing.T) {
	worlds(t, func(w *world) {
		for i := range 3 {
			w.open(forum.Draft{Title: fmt.Sprint("Tema ", i), Text: "a", Institution: w.salud.ID})
		}
		m := forum.Mover()
		w.as(nobody, func(tx *db.Tx) error {
			if n, err := m.Count(tx, w.salud.ID); n != 3 || err != nil {
				t.Errorf("there are %d (%v)", n, err)
			}
			_, err := m.Move(tx, w.salud.ID, w.lerma.ID)
			return err
		})
		if said := w.text(nobody, "/foro?institucion=lerma", http.StatusOK); !strings.Contains(said, "3 temas") {
			t.Errorf("after it, the successor's are %s", said)
		}
	})
}
