package screen_test

import (
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strings"
	"sync"
	"testing"

	"github.com/PuerkitoBio/goquery"

	"plaza/internal/base/blob"
	"plaza/internal/base/db"
	"plaza/internal/base/db/dbtest"
	"plaza/internal/base/fetch"
	"plaza/internal/base/job"
	"plaza/internal/base/tabular"
	"plaza/internal/base/tabular/child"
	"plaza/internal/base/tabular/child/childtest"
	"plaza/internal/base/tabular/query"
	"plaza/internal/base/web"
	"plaza/internal/base/web/webtest"
	"plaza/internal/civic/institution/institutiontest"
	"plaza/internal/section/explore"
	"plaza/internal/section/explore/cache"
	"plaza/internal/section/explore/screen"
)

// obras is the resource of the tests, and its page.
const (
	obras = "22222222-2222-7222-8222-222222222222"
	page  = "/datos/obras/recursos/" + obras
)

// canary stands in a column that is withheld: no page and no file may hold it.
const canary = "CANARIO"

// content is a table of public works: 120 rows, the version before it has one less.
func content(rows int) string {
	var b strings.Builder
	b.WriteString("clave,municipio,estado,fecha,monto,nota,secreto\n")
	places := []string{"Mérida,Yucatán", "Cuernavaca,Morelos", "Lerma,México", "Tepic,Nayarit"}
	for i := 1; i <= rows; i++ {
		note := "Sin novedad"
		switch i % 10 {
		case 3:
			note = "\"Dos líneas:\nla segunda\""
		case 7:
			note = ""
		}
		amount := fmt.Sprintf("%d.50", i*1000)
		if i == 11 {
			amount = "pendiente"
		}
		fmt.Fprintf(&b, "%03d,%s,2024-%02d-15,%s,%s,%s%03d\n", i, places[i%4], 1+i%12, amount, note, canary, i)
	}
	return b.String()
}

const rows = 120

// world is an installation of the explorer alone, with one table of two versions.
type world struct {
	*institutiontest.World
	db      *db.DB
	explore *explore.Section
	shell   *web.Shell
	runner  *job.Runner
	server  *server
}

// server publishes a file, or when there is none answers that it is not there.
type server struct {
	mu   sync.Mutex
	body string
}

func (s *server) set(body string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.body = body
}

func (s *server) ServeHTTP(w http.ResponseWriter, _ *http.Request) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.body == "" {
		w.WriteHeader(http.StatusNotFound)
		return
	}
	w.Header().Set("Content-Type", "text/csv")
	_, _ = io.WriteString(w, s.body)
}

// catalogue knows one resource.
type catalogue struct{ resource explore.Resource }

func (c catalogue) Resource(_ *db.Tx, id string) (explore.Resource, error) {
	r := c.resource
	r.ID = id
	return r, nil
}

func (catalogue) Newest(*db.Tx, int) ([]string, error) { return nil, nil }

// Siblings are none.
func (catalogue) Siblings(*db.Tx, string) ([]string, error) { return nil, nil }

func newWorld(t *testing.T) *world {
	t.Helper()
	d := dbtest.SQLite(t)
	w := &world{World: institutiontest.New(t, d), db: d, server: &server{}}
	w.Populate()
	files := httptest.NewServer(w.server)
	t.Cleanup(files.Close)
	store, err := blob.Open(t.Context(), "file://"+t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	quiet := slog.New(slog.DiscardHandler)
	engine := child.New(child.Config{Command: childtest.Command(t), Log: quiet})
	t.Cleanup(func() { _ = engine.Close(t.Context()) })
	tables := cache.New(cache.Config{Dir: t.TempDir(), MaxBytes: 1 << 26, Store: store})
	t.Cleanup(tables.Close)
	w.explore = explore.New(explore.Deps{DB: d, Blob: store, Engine: engine, Cache: tables, Log: quiet, Scratch: t.TempDir(),
		Resources: catalogue{explore.Resource{Dataset: "obras", Title: "Obras", Slug: "obras", Path: page, URL: files.URL + "/obras.csv", Format: "CSV", Institution: w.Salud.ID, Open: true}},
		Client:    fetch.New(fetch.Config{Allow: []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")}, Interval: -1, MaxBytes: 1 << 20})})
	w.runner = job.NewRunner(d, job.Config{Log: quiet})
	w.explore.Work(w.runner)
	pages := screen.New(screen.Deps{DB: d, Explore: w.explore, Engine: engine, Ask: func(p screen.Pointer) string {
		return fmt.Sprintf("/consultas/nueva?columna=%s&fila=%d", p.Column, p.Row)
	}})
	w.shell = webtest.New(t, nil, screen.Locale, explore.Locale, tabular.Locale, query.Locale)
	if err := pages.Mount(w.shell); err != nil {
		t.Fatal(err)
	}
	// as the catalogue's page does
	w.shell.Handle("GET /datos/{dataset}/recursos/{resource}", web.Route{Name: "resource", Cache: web.Public}, func(out http.ResponseWriter, r *http.Request) error {
		drawn, err := pages.Draw(r, w.shell.Page(r, ""), r.PathValue("resource"))
		if err != nil {
			return err
		}
		if drawn.To != "" {
			http.Redirect(out, r, drawn.To, http.StatusSeeOther)
			return nil
		}
		_, err = io.WriteString(out, string(drawn.HTML))
		return err
	})
	return w
}

// publish has a content opened as the next version.
func (w *world) publish(body string) {
	w.Helper()
	w.server.set(body)
	w.As(w.Enlace, func(tx *db.Tx) error { return w.explore.Retry(tx, obras) })
	if _, err := w.runner.Drain(w.Context()); err != nil {
		w.Fatal(err)
	}
}

// get asks for a path, and follows where a form is sent on.
func (w *world) get(t *testing.T, path string) *httptest.ResponseRecorder {
	t.Helper()
	out := webtest.Get(t, w.shell, path)
	if out.Code == http.StatusSeeOther {
		out = webtest.Get(t, w.shell, out.Header().Get("Location"))
	}
	return out
}

// doc is a page that must be there.
func (w *world) doc(t *testing.T, path string) *goquery.Document {
	t.Helper()
	out := w.get(t, path)
	if out.Code != http.StatusOK {
		t.Fatalf("%s answers %d: %s", path, out.Code, out.Body)
	}
	doc, err := goquery.NewDocumentFromReader(out.Body)
	if err != nil {
		t.Fatal(err)
	}
	return doc
}

// words are the texts of what a selector finds, each on its own and in one line.
func words(s *goquery.Selection) []string {
	return s.Map(func(_ int, one *goquery.Selection) string { return strings.Join(strings.Fields(one.Text()), " ") })
}

// numbers are the rows that a page shows.
func numbers(doc *goquery.Document) []string { return words(doc.Find("tbody .Grid-number a")) }

func count(doc *goquery.Document) string { return strings.Join(words(doc.Find(".Toolbar-count")), "|") }

func mistakes(doc *goquery.Document) string {
	return strings.Join(words(doc.Find("[role=alert] li")), "|")
}

// follow gives the address of the first link that a selector finds and whose words begin so.
func follow(t *testing.T, doc *goquery.Document, selector, begins string) string {
	t.Helper()
	var to string
	doc.Find(selector).EachWithBreak(func(_ int, a *goquery.Selection) bool {
		if strings.HasPrefix(strings.Join(strings.Fields(a.Text()), " "), begins) {
			to = a.AttrOr("href", "")
		}
		return to == ""
	})
	if to == "" {
		t.Fatalf("no link %s that begins with %q", selector, begins)
	}
	to, _, _ = strings.Cut(to, "#")
	return to
}
