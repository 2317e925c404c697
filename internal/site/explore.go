package site

import (
	"net/http"
	"net/url"
	"path/filepath"

	"plaza/internal/base/db"
	"plaza/internal/base/fetch"
	"plaza/internal/base/text"
	"plaza/internal/plaza"
	"plaza/internal/section/catalog"
	"plaza/internal/section/catalog/dcat"
	"plaza/internal/section/explore"
	"plaza/internal/section/explore/cache"
)

// maxTables is how many bytes of tables this machine keeps for the explorer.
const maxTables = 20 << 30

// explorer opens the files of the catalogue's resources, by what was given as Engine.
func (s *Site) explorer(local map[string]http.Handler) *explore.Section {
	dir := filepath.Join(s.Config.Data, "explore")
	return explore.New(explore.Deps{
		DB: s.DB, Blob: s.Blob, Engine: s.Engine, Client: s.client, Log: s.Log,
		Cache:     cache.New(cache.Config{Dir: filepath.Join(dir, "tables"), MaxBytes: maxTables, Store: s.Blob, Log: s.Log}),
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
