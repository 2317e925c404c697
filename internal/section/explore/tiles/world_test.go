package tiles_test

import (
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"net/url"
	"testing"

	"plaza/internal/base/blob"
	"plaza/internal/base/db"
	"plaza/internal/base/db/dbtest"
	"plaza/internal/base/fetch"
	"plaza/internal/base/job"
	"plaza/internal/base/tabular"
	"plaza/internal/base/tabular/child"
	"plaza/internal/base/tabular/child/childtest"
	"plaza/internal/base/tabular/query"
	"plaza/internal/base/tile"
	"plaza/internal/base/tile/tiletest"
	"plaza/internal/base/web"
	"plaza/internal/base/web/webtest"
	"plaza/internal/civic/institution/institutiontest"
	"plaza/internal/plaza"
	"plaza/internal/section/explore"
	"plaza/internal/section/explore/answers"
	"plaza/internal/section/explore/cache"
	"plaza/internal/section/explore/tiles"
)

const (
	resource = "22222222-2222-7222-8222-222222222222"
	page     = "/datos/cosas/recursos/" + resource
)

// world is an explorer with one resource, opened by the real worker.
type world struct {
	*institutiontest.World
	db      *db.DB
	explore *explore.Section
	shell   *web.Shell
	name    string
	body    string
	address string
}

// opened has a file opened.
func opened(t *testing.T, name, body string) *world {
	t.Helper()
	d := dbtest.SQLite(t)
	w := &world{World: institutiontest.New(t, d), db: d, name: name, body: body}
	w.Populate()
	publisher := httptest.NewServer(w)
	t.Cleanup(publisher.Close)
	w.address = publisher.URL + "/" + name
	store, err := blob.Open(t.Context(), "file://"+t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	quiet := slog.New(slog.DiscardHandler)
	tables := cache.New(cache.Config{Dir: t.TempDir(), MaxBytes: 64 << 20, Store: store, Log: quiet})
	t.Cleanup(tables.Close)
	workers := child.New(child.Config{Command: childtest.Command(t), Log: quiet})
	t.Cleanup(func() { _ = workers.Close(t.Context()) })
	engine := answers.New(workers, 8<<20)
	w.explore = explore.New(explore.Deps{DB: d, Blob: store, Engine: engine, Cache: tables, Resources: w, Log: quiet, Scratch: t.TempDir(),
		Client: fetch.New(fetch.Config{Allow: []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")}, Interval: -1})})
	w.shell = webtest.New(t, nil, tabular.Locale, query.Locale, explore.Locale, tiles.Locale)
	if err := tiles.Mount(w.shell, tiles.Deps{Explore: w.explore, Engine: engine}); err != nil {
		t.Fatal(err)
	}
	runner := job.NewRunner(d, job.Config{Log: quiet})
	w.explore.Work(runner)
	w.As(w.Enlace, func(tx *db.Tx) error { return w.explore.Retry(tx, resource) })
	if _, err := runner.Drain(t.Context()); err != nil {
		t.Fatal(err)
	}
	return w
}

// ServeHTTP publishes the file.
func (w *world) ServeHTTP(out http.ResponseWriter, _ *http.Request) {
	_, _ = io.WriteString(out, w.body)
}

// Resource implements explore.Resources.
func (w *world) Resource(_ *db.Tx, id string) (explore.Resource, error) {
	if id != resource {
		return explore.Resource{}, plaza.E(plaza.NotFound, "web.error.404.text")
	}
	return explore.Resource{ID: id, Dataset: "cosas", Title: "Cosas", Slug: "cosas", Path: page, URL: w.address, Institution: w.Salud.ID, Open: true}, nil
}

// Newest implements explore.Resources.
func (*world) Newest(*db.Tx, int) ([]string, error) { return nil, nil }

// Siblings are none.
func (*world) Siblings(*db.Tx, string) ([]string, error) { return nil, nil }

// over is the tile of a zoom that a place lies on.
func over(lon, lat float64, z uint32) tile.Tile {
	p := tile.World(lon, lat)
	side := float64(uint64(1) << z)
	return tile.Tile{Z: z, X: uint32(p[0] * side), Y: uint32(p[1] * side)}
}

func address(on tile.Tile, question url.Values) string {
	return fmt.Sprintf("%s/mosaicos/%d/%d/%d?%s", page, on.Z, on.X, on.Y, question.Encode())
}

// see reads a square, which may be empty.
func (w *world) see(t *testing.T, on tile.Tile, question url.Values) tiletest.Tile {
	t.Helper()
	path := address(on, question)
	res := webtest.Get(t, w.shell, path)
	switch {
	case res.Code == http.StatusNoContent && res.Body.Len() == 0:
		return nil
	case res.Code != http.StatusOK || res.Header().Get("Content-Type") != tile.MediaType:
		t.Fatalf("GET %s = %d %s", path, res.Code, res.Body)
	}
	return tiletest.Read(t, res.Body.Bytes())
}
