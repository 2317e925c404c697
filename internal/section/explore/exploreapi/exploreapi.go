// Package exploreapi is the explorer's part of the interface for programs: the rows of a
// resource's tables, groups of them, what is known of their columns, and the versions of the
// file, under /api/v1/resources/{resource}.
//
// A question is asked in the parameters of the page's own addresses (package query says
// which): what a person sees, a program gets by the same query. There is no other language,
// and no SQL.
//
//	/rows       a page of rows: JSON objects, CSV or Arrow
//	/aggregate  groups of rows and what is computed of them, the same forms
//	/profile    the tables, their columns and what is wrong with the file
//	/versions   the contents that the file had
//
// What nobody may see does not exist here: a hidden column is refused in the same words as
// a misspelt one. The address of the next page names the version, so that whoever pages
// through a table gets every row of one content once, whatever is published meanwhile.
package exploreapi

import (
	"embed"
	"strings"

	"plaza/internal/base/api"
	"plaza/internal/base/db"
	"plaza/internal/base/tabular/child"
	"plaza/internal/base/tabular/form"
	"plaza/internal/base/tabular/query"
	"plaza/internal/base/web"
	"plaza/internal/civic/access"
	"plaza/internal/section/explore"
)

// Locale holds the sentences of this package, in Spanish and English.
//
//go:embed locale/*.json
var Locale embed.FS

// Deps are what the operations need.
type Deps struct {
	DB      *db.DB
	Explore *explore.Section
	Engine  child.Engine // that remembers answers
	Shell   *web.Shell
}

// Section holds the operations.
type Section struct{ Deps }

// prefix is where a resource's operations stand.
const prefix = api.Prefix + "/resources/"

// The operations, as their paths end.
const (
	opRows      = "rows"
	opAggregate = "aggregate"
	opProfile   = "profile"
	opVersions  = "versions"
)

// forms are those in which rows and groups are answered.
var forms = []api.Form{
	api.JSON,
	{Name: string(child.CSV), Media: "text/csv", Type: form.MediaType(child.CSV)},
	{Name: string(child.Arrow), Media: form.MediaType(child.Arrow)},
}

// filters are the parameters of conditions on columns: their names hold the column's.
var filters = &api.Free{
	Name: query.ParamFilter + ".*", Doc: "exploreapi.param.filters",
	Is: func(name string) bool {
		base, nth, more := strings.Cut(name, "~")
		return strings.HasPrefix(name, query.ParamFilter+".") || more && base == query.ParamPlace && nth != ""
	},
	Example: map[string]any{query.ParamFilter + ".precio.min": "10", query.ParamFilter + ".estado": "09"},
}

// Mount registers the operations.
func Mount(a *api.API, deps Deps) {
	s := &Section{deps}
	op := func(name string) api.Op {
		return api.Op{Name: "exploreapi." + name, Path: prefix + "{resource}/" + name, Tag: "tables", Action: string(access.ExploreSee), Cache: web.Public, Missing: true,
			Refuses: map[int]string{403: "exploreapi.response.withheld", 503: "exploreapi.response.opening"}}
	}
	asked := func(name string) api.Op {
		o := op(name)
		o.Free = filters
		return o
	}
	api.GetForms[rowsInput, Rows](a, asked(opRows), forms, s.rows)
	api.GetForms[aggregateInput, Aggregate](a, asked(opAggregate), forms, s.aggregate)
	api.GetForms[profileInput, FileProfile](a, op(opProfile), forms[:1], s.profile)
	api.Get(a, op(opVersions), s.versions)
}

// Path is where an operation about a resource stands, as "rows".
func Path(resource, operation string) string { return prefix + resource + "/" + operation }

// DataLinks are the addresses of a resource's operations.
type DataLinks struct {
	Rows      string `json:"rows" format:"uri" doc:"exploreapi.link.rows"`
	Aggregate string `json:"aggregate" format:"uri" doc:"exploreapi.link.aggregate"`
	Profile   string `json:"profile" format:"uri" doc:"exploreapi.link.profile"`
	Versions  string `json:"versions" format:"uri" doc:"exploreapi.link.versions"`
}
