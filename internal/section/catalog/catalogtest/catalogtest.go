// Package catalogtest makes catalogues for tests of what reads them: a store with an
// index and a shell, filled by real harvests of a portal that the test sets.
package catalogtest

import (
	"context"
	"encoding/json"
	"fmt"
	"io/fs"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strconv"
	"sync"
	"testing"
	"time"

	"plaza/internal/base/db"
	"plaza/internal/base/fetch"
	"plaza/internal/base/job"
	"plaza/internal/base/web"
	"plaza/internal/base/web/webtest"
	"plaza/internal/civic/access"
	"plaza/internal/civic/institution"
	"plaza/internal/civic/search"
	"plaza/internal/plaza"
	"plaza/internal/section/catalog"
	"plaza/internal/section/catalog/dcat"
	"plaza/internal/section/catalog/harvest"
)

// World is a store with everything that reads and fills it.
type World struct {
	testing.TB
	DB        *db.DB
	Engine    *search.Engine
	Shell     *web.Shell
	Harvester *harvest.Harvester
	runner    *job.Runner
}

// New makes a world on a store. Its shell has the catalogue's sentences and those
// given, and caches nothing.
func New(t testing.TB, d *db.DB, catalogues ...fs.FS) *World {
	t.Helper()
	w := &World{TB: t, DB: d, Engine: search.New()}
	w.Shell = webtest.New(t, func(c *web.Config) { c.Now, c.Authorize = d.Now, access.Authorize },
		append([]fs.FS{catalog.Locale, institution.Locale, access.Locale, fetch.Locale, dcat.Locale, harvest.Locale}, catalogues...)...)
	client := fetch.New(fetch.Config{Allow: []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")}, Interval: -1})
	w.Harvester = harvest.New(harvest.Config{DB: d, Client: client,
		Pause: func(ctx context.Context, _ time.Duration) error { return ctx.Err() }})
	w.runner = job.NewRunner(d, job.Config{})
	w.Harvester.Handle(w.runner)
	return w
}

// Write runs fn in a transaction as Plaza itself, and brings the index up to date.
func (w *World) Write(fn func(tx *db.Tx) error) {
	w.Helper()
	if err := w.DB.Write(plaza.WithActor(w.Context(), plaza.SystemActor), fn); err != nil {
		w.Fatal(err)
	}
	if err := w.Engine.Sync(w.Context(), w.DB); err != nil {
		w.Fatal(err)
	}
}

// Read runs fn on a snapshot.
func (w *World) Read(fn func(tx *db.Tx) error) {
	w.Helper()
	if err := w.DB.Read(w.Context(), fn); err != nil {
		w.Fatal(err)
	}
}

// Institution adds an institution, or changes one that has an id.
func (w *World) Institution(i institution.Institution) institution.Institution {
	w.Helper()
	w.Write(func(tx *db.Tx) (err error) {
		i, err = institution.Put(tx, i)
		return err
	})
	return i
}

// Source adds a CKAN catalogue as a source.
func (w *World) Source(title, address string) harvest.Source {
	w.Helper()
	s := harvest.Source{Kind: dcat.CKAN, URL: address, Title: title}
	w.Write(func(tx *db.Tx) (err error) {
		s, err = w.Harvester.Add(tx, s)
		return err
	})
	return s
}

// Harvest reads a source once and brings the index up to date.
func (w *World) Harvest(s harvest.Source) (run harvest.Run) {
	w.Helper()
	var id string
	w.Write(func(tx *db.Tx) (err error) {
		id, err = harvest.Enqueue(tx, s.ID)
		return err
	})
	if _, err := w.runner.Drain(w.Context()); err != nil {
		w.Fatal(err)
	}
	w.Write(func(tx *db.Tx) (err error) {
		run, err = harvest.RunByID(tx, id)
		return err
	})
	return run
}

// Get asks the shell for a path.
func (w *World) Get(path string) *httptest.ResponseRecorder {
	w.Helper()
	return webtest.Get(w, w.Shell, path)
}

// Portal is a remote CKAN catalogue.
type Portal struct {
	*httptest.Server
	mu       sync.Mutex
	packages []Package
}

// Package is a dataset as CKAN writes it.
type Package map[string]any

// NewPortal serves packages until the test ends.
func NewPortal(t testing.TB, packages ...Package) *Portal {
	p := &Portal{packages: packages}
	p.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		p.mu.Lock()
		list := p.packages
		p.mu.Unlock()
		start, _ := strconv.Atoi(r.FormValue("start"))
		rows, _ := strconv.Atoi(r.FormValue("rows"))
		start = min(start, len(list))
		w.Header().Set("Content-Type", "application/json")
		_ = json.NewEncoder(w).Encode(map[string]any{"success": true, "result": map[string]any{ // the client may have gone
			"count": len(list), "results": list[start:min(start+rows, len(list))]}})
	}))
	t.Cleanup(p.Close)
	return p
}

// Set changes what the portal has.
func (p *Portal) Set(packages ...Package) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.packages = packages
}

// Sample is the nth of many packages, each with something of everything.
func Sample(n int) Package {
	themes := []string{"Salud", "Educación", "Medio ambiente"}
	formats := []string{"CSV", "XLSX", "GeoJSON"}
	return Package{
		"id": fmt.Sprintf("00000000-0000-4000-8000-%012d", n), "name": fmt.Sprintf("conjunto-%d", n),
		"title": fmt.Sprintf("Conjunto de prueba %d", n), "notes": "Descripción con **énfasis**.", "type": "dataset", "state": "active",
		"license_title": "CC BY 4.0", "license_id": "CC-BY-4.0", "license_url": "https://creativecommons.org/licenses/by/4.0/",
		"metadata_created": "2024-01-15T10:00:00.000000", "metadata_modified": fmt.Sprintf("2026-%02d-01T10:00:00.000000", 1+n%10),
		"organization": Package{"id": "org-salud", "name": "salud", "title": "Secretaría de Salud"},
		"tags":         []Package{{"name": "prueba"}, {"name": fmt.Sprintf("grupo-%d", n%7)}},
		"groups":       []Package{{"name": "tema", "title": themes[n%3]}},
		"extras": []Package{{"key": "frequency", "value": "R/P1M"}, {"key": "spatial_text", "value": "México"},
			{"key": "temporal_start", "value": "2020"}, {"key": "temporal_end", "value": "2026-10"}, {"key": "language", "value": "es"}},
		"resources": []Package{
			{"id": fmt.Sprintf("r-%d-0", n), "name": fmt.Sprintf("Tabla %d", n), "format": formats[n%3], "size": 1200,
				"url": fmt.Sprintf("https://ejemplo.gob.mx/%d.dat", n)},
			{"id": fmt.Sprintf("r-%d-1", n), "name": "Servicio", "format": "API", "resource_type": "api",
				"url": fmt.Sprintf("https://ejemplo.gob.mx/api/%d", n)},
		},
	}
}

// Samples are the first n of them.
func Samples(n int) []Package {
	out := make([]Package, n)
	for i := range out {
		out[i] = Sample(i)
	}
	return out
}
