package explore_test

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"plaza/internal/base/blob"
	"plaza/internal/base/db"
	"plaza/internal/base/db/dbtest"
	"plaza/internal/base/fetch"
	"plaza/internal/base/job"
	"plaza/internal/civic/disclosure"
	"plaza/internal/civic/gate"
	"plaza/internal/civic/institution/institutiontest"
	"plaza/internal/civic/record"
	"plaza/internal/plaza"
	"plaza/internal/section/explore"
	"plaza/internal/section/explore/cache"
)

// camas is the resource of the tests.
const camas = "22222222-2222-7222-8222-222222222222"

// The contents that the server has.
const (
	small  = "clave,precio\n01,10.5\n02,11\n"
	larger = "clave,precio,unidad\n01,10.5,kg\n03,12,kg\n04,13,kg\n"
	page   = "<html><body>El archivo se movió</body></html>"
	broken = "BROKEN\n"
	people = "nombre,curp\nAna,CANARIO000000000X1\n"
)

// world is an installation with a server that publishes one file.
type world struct {
	*institutiontest.World
	db       *db.DB
	store    *shop
	engine   *engine
	explore  *explore.Section
	reports  *disclosure.Reports
	runner   *job.Runner
	cache    *cache.Cache
	server   *server
	resource explore.Resource
	missing  bool
	newest   []string
	siblings []string
	indexed  []string
	indexErr error
}

// worlds runs a test on both engines.
func worlds(t *testing.T, f func(w *world)) {
	t.Helper()
	dbtest.Each(t, func(t *testing.T, d *db.DB) { f(newWorld(t, d)) })
}

func newWorld(t *testing.T, d *db.DB) *world {
	t.Helper()
	w := &world{World: institutiontest.New(t, d), db: d, engine: &engine{}, server: &server{}}
	w.Populate()
	web := httptest.NewServer(w.server)
	t.Cleanup(web.Close)
	inner, err := blob.Open(t.Context(), "file://"+t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	w.store = &shop{Store: inner}
	w.cache = cache.New(cache.Config{Dir: t.TempDir(), MaxBytes: 1 << 20, Store: w.store})
	t.Cleanup(w.cache.Close)
	w.resource = explore.Resource{ID: camas, Dataset: "un-conjunto", Title: "Camas", Slug: "camas", Path: "/datos/camas/recursos/1", URL: web.URL + "/camas.csv", Format: "CSV", Institution: w.Salud.ID, Open: true}
	w.reports = disclosure.New(disclosure.Deps{DB: d, Gate: gate.New([]byte("una clave de prueba, de 32 bytes")), Kinds: []string{"resource"},
		Cards: func(_ *db.Tx, refs []plaza.Ref) (map[plaza.Ref]plaza.Card, error) {
			return map[plaza.Ref]plaza.Card{refs[0]: {Ref: refs[0], Title: "Camas", Path: w.resource.Path, Institution: w.Salud.ID, Visible: true}}, nil
		}})
	w.explore = explore.New(explore.Deps{DB: d, Blob: w.store, Engine: w.engine, Cache: w.cache, Resources: w, Suspicions: explore.Private(w.reports),
		Client: fetch.New(fetch.Config{Allow: []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")}, Interval: -1, MaxBytes: 10}),
		Hold: func(_ *db.Tx, _ string, at time.Time) (bool, error) { // as the catalogue does
			if w.resource.Withheld.IsZero() == at.IsZero() {
				return false, nil
			}
			w.resource.Withheld = at
			return true, nil
		},
		Index: func(_ *db.Tx, r explore.Resource, v explore.Version, h explore.Hiding) error {
			w.indexed = append(w.indexed, fmt.Sprint(v.Number, " ", h.File))
			return w.indexErr
		},
		Log: quiet, Scratch: t.TempDir(), MaxBytes: 1 << 20, Keep: 3, Budget: 2, MostWaiting: 3, NativeRows: 3})
	w.runner = job.NewRunner(d, job.Config{Log: quiet})
	w.explore.Work(w.runner)
	return w
}

var quiet = slog.New(slog.DiscardHandler)

// Resource implements explore.Resources.
func (w *world) Resource(_ *db.Tx, id string) (explore.Resource, error) {
	if w.missing {
		return explore.Resource{}, plaza.E(plaza.NotFound, "")
	}
	r := w.resource
	r.ID = id
	return r, nil
}

// Newest implements explore.Resources.
func (w *world) Newest(*db.Tx, int) ([]string, error) { return w.newest, nil }

// Siblings implements explore.Resources.
func (w *world) Siblings(*db.Tx, string) ([]string, error) { return w.siblings, nil }

// want opens the resource as a visitor does.
func (w *world) want() explore.Status {
	w.Helper()
	st, err := w.explore.Want(w.Context(), camas)
	if err != nil {
		w.Fatal(err)
	}
	return st
}

// drain works what is due.
func (w *world) drain() int {
	w.Helper()
	n, err := w.runner.Drain(w.Context())
	if err != nil {
		w.Fatal(err)
	}
	return n
}

// serve has the server publish something, and the resource opened anew.
func (w *world) serve(body string) explore.Status {
	w.Helper()
	w.server.set(body)
	w.As(w.Enlace, func(tx *db.Tx) error { return w.explore.Retry(tx, camas) })
	w.drain()
	return w.status()
}

func (w *world) status() (st explore.Status) {
	w.Helper()
	w.Read(func(tx *db.Tx) (err error) { st, err = explore.StatusOf(tx, camas); return err })
	return st
}

// current is the current version, the zero one while there is none.
func (w *world) current() (v explore.Version) {
	w.Helper()
	w.Read(func(tx *db.Tx) (err error) {
		if v, err = explore.Current(tx, camas); plaza.KindOf(err) == plaza.NotFound {
			err = nil
		}
		return err
	})
	return v
}

func (w *world) versions() (list []explore.Version) {
	w.Helper()
	w.Read(func(tx *db.Tx) (err error) { list, err = explore.Versions(tx, camas, 0, 100); return err })
	return list
}

// acts are the record's entries about the resource, oldest first.
func (w *world) acts() (out []string) {
	w.Helper()
	w.Read(func(tx *db.Tx) error {
		list, err := record.Since(tx, record.Filter{Verb: "resource."}, 100)
		for _, e := range list {
			out = append(out, e.Verb)
		}
		return err
	})
	return out
}

// objects are the keys in the file store.
func (w *world) objects() (keys []string) {
	w.Helper()
	if err := w.store.List(w.Context(), func(i blob.Info) error { keys = append(keys, i.Key); return nil }); err != nil {
		w.Fatal(err)
	}
	return keys
}

// shop is a file store that fails when it is told to.
type shop struct {
	blob.Store
	mu     sync.Mutex
	fail   error
	spared int // puts that go well before it fails
}

func (s *shop) Put(ctx context.Context, r io.Reader) (blob.Info, error) {
	s.mu.Lock()
	fail := s.fail
	if s.spared > 0 {
		s.spared--
		fail = nil
	}
	s.mu.Unlock()
	if fail != nil {
		return blob.Info{}, fail
	}
	return s.Store.Put(ctx, r)
}

func (s *shop) failing(err error, after int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.fail, s.spared = err, after
}

// server publishes a file.
type server struct {
	mu      sync.Mutex
	body    string
	status  int
	half    bool   // it stops half-way
	etag    string // "" for none
	media   string
	fetched int // bodies sent
}

func (s *server) set(body string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.body, s.etag = body, fmt.Sprintf(`"%x"`, sha256.Sum256([]byte(body)))
}

func (s *server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.status != 0 {
		w.WriteHeader(s.status)
		return
	}
	if s.etag != "" {
		w.Header().Set("ETag", s.etag)
		if r.Header.Get("If-None-Match") == s.etag {
			w.WriteHeader(http.StatusNotModified)
			return
		}
	}
	media := "text/csv"
	if s.media != "" {
		media = s.media
	}
	w.Header().Set("Content-Type", media)
	w.Header().Set("Content-Disposition", `attachment; filename="../../camas 2026.csv"`)
	s.fetched++
	if s.half {
		w.Header().Set("Content-Length", fmt.Sprint(2*len(s.body)))
	}
	_, _ = io.WriteString(w, s.body)
}

func fault(st explore.Status) string {
	if st.Attempt.Fault == nil {
		return ""
	}
	return st.Attempt.Fault.Key
}

// later moves the clock until a job that failed is due again.
func (w *world) later() { dbtest.Advance(w.db, 20*time.Minute) }

// left are folders of conversions that are left on the disk.
func (w *world) left() (n int) {
	list, err := os.ReadDir(w.explore.Scratch)
	if err != nil {
		w.Fatal(err)
	}
	for _, e := range list {
		if strings.HasPrefix(filepath.Base(e.Name()), "plaza-explore-") {
			n++
		}
	}
	return n
}

var errKilled = errors.New("signal: killed")
