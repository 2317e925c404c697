// Package readapi is the catalogue's part of the interface for programs: datasets,
// institutions, source catalogues with their runs, and search over everything, under
// /api/v1. Whatever it answers is public and can be seen on a page as well; each
// thing says at which address.
//
// Names of members are those of DCAT where it has one, in English and with
// underscores. A value that is not known is null, "" or an empty list; another thing
// that is referred to is left out where there is none.
package readapi

import (
	"context"
	"embed"
	"time"

	"plaza/internal/base/api"
	"plaza/internal/base/db"
	"plaza/internal/base/web"
	"plaza/internal/civic/access"
	"plaza/internal/civic/record"
	"plaza/internal/civic/search"
)

// Locale holds the sentences of this package, in Spanish and English.
//
//go:embed locale/*.json
var Locale embed.FS

// Deps are what the operations need.
type Deps struct {
	DB     *db.DB
	Search *search.Engine
	Shell  *web.Shell
	// Cards tells of anything that search finds.
	Cards record.Cards
	// Tables says where the tables of a resource are read; nil where they are not opened.
	Tables func(resource string) *Tables
}

// Section holds the operations.
type Section struct{ Deps }

// Mount registers the operations.
func Mount(a *api.API, deps Deps) {
	s := &Section{deps}
	op := func(name, path, tag string, action access.Action) api.Op {
		return api.Op{Name: "readapi." + name, Path: api.Prefix + path, Tag: tag, Action: string(action), Cache: web.Public}
	}
	one := func(o api.Op) api.Op {
		o.Missing = true
		return o
	}
	named := func(o api.Op) api.Op {
		o.Missing, o.Moved = true, true
		return o
	}
	list := op("datasets", "/datasets", "datasets", access.CatalogueRead)
	list.Example = api.Prefix + "/datasets?q=agua&facets=true&limit=5"
	api.Get(a, list, s.datasets)
	api.Get(a, named(op("dataset", "/datasets/{dataset}", "datasets", access.CatalogueRead)), s.dataset)
	api.Get(a, op("institutions", "/institutions", "institutions", access.InstitutionRead), s.institutions)
	api.Get(a, named(op("institution", "/institutions/{institution}", "institutions", access.InstitutionRead)), s.institution)
	api.Get(a, op("sources", "/sources", "sources", access.RunRead), s.sources)
	api.Get(a, one(op("source", "/sources/{source}", "sources", access.RunRead)), s.source)
	api.Get(a, one(op("runs", "/sources/{source}/runs", "sources", access.RunRead)), s.runs)
	api.Get(a, one(op("run", "/sources/{source}/runs/{run}", "sources", access.RunRead)), s.run)
	find := op("search", "/search", "search", access.CatalogueRead)
	find.Example = api.Prefix + "/search?q=salud"
	api.Get(a, find, s.search)
}

func (s *Section) read(ctx context.Context, fn func(tx *db.Tx) error) error {
	return s.DB.Read(ctx, fn)
}

// url is the address of a page.
func (s *Section) url(path string) string { return s.Shell.URL(path) }

// instant is nil for an instant that is not known.
func instant(t time.Time) *time.Time {
	if t.IsZero() {
		return nil
	}
	t = t.UTC()
	return &t
}

// list is never nil: programs expect [].
func list[T any](values []T) []T {
	if values == nil {
		return []T{}
	}
	return values
}
