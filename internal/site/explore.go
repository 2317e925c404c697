package site

import (
	"context"
	"net/http"
	"net/url"
	"path/filepath"
	"strconv"

	"plaza/internal/base/api"
	"plaza/internal/base/db"
	"plaza/internal/base/fetch"
	"plaza/internal/base/tabular/child"
	"plaza/internal/base/text"
	"plaza/internal/base/web"
	"plaza/internal/plaza"
	"plaza/internal/section/cases"
	"plaza/internal/section/catalog"
	"plaza/internal/section/catalog/dcat"
	"plaza/internal/section/catalog/readapi"
	"plaza/internal/section/explore"
	"plaza/internal/section/explore/answers"
	"plaza/internal/section/explore/cache"
	"plaza/internal/section/explore/exploreapi"
	"plaza/internal/section/explore/screen"
)

// maxTables is how many bytes of tables this machine keeps for the explorer.
const maxTables = 20 << 30

// maxAnswers is how many bytes of answers about tables this process remembers.
const maxAnswers = 64 << 20

// explore makes what opens the files of the catalogue's resources, in worker processes.
func (s *Site) explore(local map[string]http.Handler) {
	dir := filepath.Join(s.Config.Data, "explore")
	s.tables = cache.New(cache.Config{Dir: filepath.Join(dir, "tables"), MaxBytes: maxTables, Store: s.Blob, Log: s.Log})
	if s.Config.Worker != nil {
		s.workers = child.New(child.Config{Command: *s.Config.Worker, Log: s.Log})
		s.Engine = answers.New(s.workers, maxAnswers)
	}
	s.Explore = explore.New(explore.Deps{
		DB: s.DB, Blob: s.Blob, Engine: s.Engine, Client: s.client, Log: s.Log, Cache: s.tables,
		Scratch:   filepath.Join(dir, "scratch"),
		Resources: explored{}, Suspicions: explore.Private(s.Disclosures),
		ClientFor: func(r explore.Resource) *fetch.Client {
			u, err := url.Parse(r.URL)
			if h := local[r.Source]; h != nil && err == nil {
				return s.client.WithHost(u.Host, h)
			}
			return s.client
		},
	})
}

// stopExploring ends the workers and what is built in the background.
func (s *Site) stopExploring() {
	if s.workers == nil {
		return
	}
	ctx, cancel := context.WithTimeout(context.Background(), stopWithin)
	defer cancel()
	if err := s.Explore.StoreVisits(ctx); err != nil {
		s.Log.Warn("counting visits", "err", err)
	}
	if err := s.workers.Close(ctx); err != nil {
		s.Log.Warn("ending workers", "err", err)
	}
	s.tables.Close()
}

// screen draws what the explorer shows; nil where nothing is opened.
func (s *Site) screen() *screen.Pages {
	if s.Engine == nil {
		return nil
	}
	return screen.New(screen.Deps{DB: s.DB, Explore: s.Explore, Engine: s.Engine, Ask: askAbout})
}

// tablesAPI mounts what programs ask about tables, and says where that is; nil where nothing
// is opened.
func (s *Site) tablesAPI(a *api.API, shell *web.Shell) func(resource string) *readapi.Tables {
	if s.Engine == nil {
		return nil
	}
	exploreapi.Mount(a, exploreapi.Deps{DB: s.DB, Explore: s.Explore, Engine: s.Engine, Shell: shell})
	return func(resource string) *readapi.Tables {
		links := readapi.Tables(exploreapi.LinksOf(shell.URL, resource, ""))
		return &links
	}
}

// askAbout is the form of a question or report about a place in a table.
func askAbout(p screen.Pointer) string {
	v := url.Values{"objeto": {catalog.KindResource + ":" + p.Resource}}
	if p.Column != "" {
		v.Set("columna", p.Column)
	}
	if p.Row > 0 {
		v.Set("fila", strconv.FormatInt(p.Row, 10))
	}
	return cases.AskPath + "?" + v.Encode()
}

// opened draws a resource's explorer on its page.
func (s *Site) opened(screens *screen.Pages) func(r *http.Request, page web.Page, resource string) (catalog.Opened, error) {
	if screens == nil {
		return nil
	}
	return func(r *http.Request, page web.Page, resource string) (catalog.Opened, error) {
		drawn, err := screens.Draw(r, page, resource)
		return catalog.Opened(drawn), err
	}
}

// noticed has a file opened again when the link check saw another than the explorer has.
func (s *Site) noticed(tx *db.Tx, l catalog.Link, c catalog.Check) error {
	if s.Engine == nil {
		return nil
	}
	_, err := s.Explore.Noticed(tx, l.ResourceID, explore.Head{ETag: c.ETag, LastModified: c.LastModified, Size: c.Size, URL: l.URL})
	return err
}

// explored tells the explorer of the catalogue's resources.
type explored struct{}

// tableFormats are those that may be tables, as the catalogue calls them.
var tableFormats = []string{"CSV", "TSV", "XLSX", "ODS", "JSON", "JSONL", "GEOJSON", "TOPOJSON", "SHP", "KML", "KMZ", "PARQUET", "XML", "ZIP", "GZIP"}

func (explored) Newest(tx *db.Tx, limit int) ([]string, error) {
	return catalog.NewestOf(tx, tableFormats, limit)
}

func (explored) Resource(tx *db.Tx, id string) (explore.Resource, error) {
	r, err := catalog.ResourceByID(tx, id)
	if err != nil {
		if plaza.KindOf(err) == plaza.NotFound {
			err = plaza.E(plaza.NotFound, "catalog.error.no_resource")
		}
		return explore.Resource{}, err
	}
	d, err := catalog.ByID(tx, r.DatasetID)
	if err != nil {
		return explore.Resource{}, err
	}
	license := r.License
	if license == (dcat.License{}) {
		license = d.License
	}
	out := explore.Resource{ID: r.ID, Dataset: d.ID, Source: d.SourceID, Title: r.Title, Slug: d.Slug, Path: d.ResourcePath(r), URL: r.URL(), Format: r.Format,
		Institution: d.InstitutionID, License: license.Title, Open: license.Open(), Gone: !r.RemovedAt.IsZero() || d.State != catalog.Published,
		Withheld: r.Withheld, Dictionary: map[string]string{}}
	if out.Title == "" {
		out.Title = d.Title
	}
	for _, f := range r.Fields {
		if words := firstOf(f.Description, f.Title); words != "" {
			out.Dictionary[text.Fold(f.Name)] = words
		}
	}
	return out, nil
}

func firstOf(a, b string) string {
	if a != "" {
		return a
	}
	return b
}
