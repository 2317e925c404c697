package exploreapi_test

import (
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"net/url"
	"strings"
	"sync"
	"testing"

	"plaza/internal/base/api"
	"plaza/internal/base/api/apitest"
	"plaza/internal/base/blob"
	"plaza/internal/base/db"
	"plaza/internal/base/fetch"
	"plaza/internal/base/job"
	"plaza/internal/base/tabular"
	"plaza/internal/base/tabular/child"
	"plaza/internal/base/tabular/child/childtest"
	"plaza/internal/base/tabular/form"
	"plaza/internal/base/tabular/query"
	"plaza/internal/base/web"
	"plaza/internal/base/web/webtest"
	"plaza/internal/civic/institution/institutiontest"
	"plaza/internal/plaza"
	"plaza/internal/section/explore"
	"plaza/internal/section/explore/answers"
	"plaza/internal/section/explore/cache"
	"plaza/internal/section/explore/exploreapi"
	"plaza/internal/section/explore/screen"
)

// camas is the resource of the tests.
const camas = "22222222-2222-7222-8222-222222222222"

const at = "/api/v1/resources/" + camas + "/"

// world is an installation whose one resource is opened by the real worker.
type world struct {
	testing.TB
	db       *db.DB
	people   *institutiontest.World // nil in a benchmark
	explore  *explore.Section
	engine   *answers.Engine
	shell    *web.Shell
	pages    *screen.Pages
	spec     *apitest.Spec
	runner   *job.Runner
	resource explore.Resource

	mu   sync.Mutex
	body string
}

var quiet = slog.New(slog.DiscardHandler)

// newWorld serves body as the resource's file. inner is asked in place of the worker where
// it is not nil.
func newWorld(t testing.TB, d *db.DB, body string, inner func(child.Engine) child.Engine) *world {
	t.Helper()
	w := &world{TB: t, db: d, body: body}
	institution := ""
	if test, ok := t.(*testing.T); ok {
		w.people = institutiontest.New(test, d)
		w.people.Populate()
		institution = w.people.Salud.ID
	}
	publisher := httptest.NewServer(w)
	t.Cleanup(publisher.Close)
	store, err := blob.Open(t.Context(), "file://"+t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	tables := cache.New(cache.Config{Dir: t.TempDir(), MaxBytes: 64 << 20, Store: store, Log: quiet})
	t.Cleanup(tables.Close)
	workers := child.New(child.Config{Command: childtest.Command(t), Log: quiet})
	t.Cleanup(func() {
		if err := workers.Close(t.Context()); err != nil && t.Context().Err() == nil {
			t.Error(err)
		}
	})
	var engine child.Engine = workers
	if inner != nil {
		engine = inner(workers)
	}
	w.engine = answers.New(engine, 8<<20)
	w.resource = explore.Resource{ID: camas, Dataset: "un-conjunto", Title: "Camas", Slug: "camas", Path: "/datos/camas/recursos/1", URL: publisher.URL + "/camas.csv",
		Format: "CSV", Institution: institution, Open: true, License: "CC BY"}
	w.explore = explore.New(explore.Deps{DB: d, Blob: store, Engine: w.engine, Cache: tables, Resources: w, Log: quiet, Scratch: t.TempDir(),
		Client: fetch.New(fetch.Config{Allow: []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")}, Interval: -1})})
	w.runner = job.NewRunner(d, job.Config{Log: quiet})
	w.explore.Work(w.runner)
	w.shell = webtest.New(t, func(c *web.Config) { c.Now = d.Now },
		api.Locale, tabular.Locale, query.Locale, form.Locale, explore.Locale, screen.Locale, exploreapi.Locale)
	a, err := api.New(w.shell, api.Config{})
	if err != nil {
		t.Fatal(err)
	}
	exploreapi.Mount(a, exploreapi.Deps{DB: d, Explore: w.explore, Engine: w.engine, Shell: w.shell})
	w.pages = screen.New(screen.Deps{DB: d, Explore: w.explore, Engine: w.engine})
	if err := w.pages.Mount(w.shell); err != nil {
		t.Fatal(err)
	}
	w.spec = apitest.Load(t, w.shell)
	return w
}

// ServeHTTP publishes the file.
func (w *world) ServeHTTP(out http.ResponseWriter, _ *http.Request) {
	w.mu.Lock()
	defer w.mu.Unlock()
	out.Header().Set("Content-Type", "text/csv")
	_, _ = io.WriteString(out, w.body)
}

// Resource implements explore.Resources.
func (w *world) Resource(_ *db.Tx, id string) (explore.Resource, error) {
	if id != camas {
		return explore.Resource{}, plaza.E(plaza.NotFound, "web.error.404.text")
	}
	return w.resource, nil
}

// Newest implements explore.Resources.
func (w *world) Newest(*db.Tx, int) ([]string, error) { return nil, nil }

// Siblings are none: no dictionary stands beside the file.
func (w *world) Siblings(*db.Tx, string) ([]string, error) { return nil, nil }

// opened has what the publisher serves now opened.
func (w *world) opened(body string) *world {
	w.Helper()
	w.mu.Lock()
	w.body = body
	w.mu.Unlock()
	w.by(plaza.SystemActor, func(tx *db.Tx) error { return w.explore.Retry(tx, camas) })
	w.drain()
	return w
}

// by changes the store as somebody.
func (w *world) by(who plaza.Actor, fn func(tx *db.Tx) error) {
	w.Helper()
	if err := w.db.Write(plaza.WithActor(w.Context(), who), fn); err != nil {
		w.Fatal(err)
	}
}

func (w *world) drain() {
	w.Helper()
	if _, err := w.runner.Drain(w.Context()); err != nil {
		w.Fatal(err)
	}
}

// ask asks for a path with headers in pairs.
func (w *world) ask(path string, headers ...string) *httptest.ResponseRecorder {
	w.Helper()
	r := httptest.NewRequestWithContext(w.Context(), http.MethodGet, path, nil)
	r.RemoteAddr = "127.0.0.1:49152"
	for i := 0; i < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
	}
	return webtest.Do(w.shell, r)
}

// get reads an answer of JSON and holds it to its description.
func get[T any](w *world, path string, status int) (out T) {
	w.Helper()
	path = strings.TrimPrefix(path, webtest.Base)
	res := w.ask(path)
	if res.Code != status {
		w.Fatalf("GET %s = %d, want %d: %s", path, res.Code, status, res.Body)
	}
	w.spec.Conforms(w, path, status, res.Header().Get("Content-Type"), res.Body.Bytes())
	d := json.NewDecoder(res.Body)
	d.UseNumber()
	if err := d.Decode(&out); err != nil {
		w.Fatalf("GET %s: %v", path, err)
	}
	return out
}

// part runs a part of a test over a world that the others use too.
func (w *world) part(t *testing.T, name string, f func(t *testing.T, w *world)) {
	t.Run(name, func(t *testing.T) {
		whole := w.TB
		w.TB = t
		defer func() { w.TB = whole }()
		f(t, w)
	})
}

func rows(w *world, values url.Values) exploreapi.Rows {
	w.Helper()
	return get[exploreapi.Rows](w, at+"rows?"+values.Encode(), http.StatusOK)
}

// number is the number of a row.
func number(row api.Row) string { return fmt.Sprint(row["_fila"]) }
