// Package toolapi is what programs may do with Herramientas, under /api/v1/tools: find them,
// read what they are made of and what they show, and, with a token that is good for "tools",
// make them, work on the working copy, publish, fork and withdraw.
//
// What is read is what everybody sees; who asks changes nothing of it. A document goes in and
// out as it is (package spec), and what is wrong with one is said at its paths
// ("views[0].encoding.x.field"). A view's numbers are asked for with what readers choose, as
// in the addresses of its page.
package toolapi

import (
	"context"
	"embed"
	"net/url"
	"strings"

	"plaza/internal/base/api"
	"plaza/internal/base/db"
	"plaza/internal/base/tabular/query"
	"plaza/internal/base/web"
	"plaza/internal/civic/access"
	"plaza/internal/plaza"
	"plaza/internal/section/tool"
	"plaza/internal/section/tool/reckon"
	"plaza/internal/section/tool/spec"
)

// Locale holds the words of the description and of refusals, in Spanish and English.
//
//go:embed locale/*.json
var Locale embed.FS

// Path is where the tools are, and SchemaPath where the schema of their documents is.
const (
	Path       = api.Prefix + "/tools"
	SchemaPath = Path + "/schema.json"
)

// scope is what an access token needs to make and change tools.
const scope = "tools"

// Deps are what the operations need.
type Deps struct {
	DB    *db.DB
	Shell *web.Shell
	Tools *tool.Tools
	// View computes what a view shows, under what readers chose; nil where nothing is opened.
	View func(ctx context.Context, s spec.Spec, view string, reader url.Values) (reckon.Result, error)
	// Kept is View of a tool's current version, from what is stored where nobody chooses
	// anything; nil where nothing is opened.
	Kept func(ctx context.Context, t tool.Tool, s spec.Spec, view string, reader url.Values) (reckon.Result, error)
	// Cards are those of the datasets that tools rest on.
	Cards func(tx *db.Tx, refs []plaza.Ref) (map[plaza.Ref]plaza.Card, error)
}

// Section holds the operations.
type Section struct{ Deps }

// InTool names a tool.
type InTool struct {
	Tool string `path:"tool" maxLength:"120" doc:"toolapi.param.tool"`
}

// The forms of numbers and documents.
var (
	dataForms = []api.Form{api.JSON, {Name: "csv", Media: "text/csv", Type: "text/csv; charset=utf-8; header=present"}}
	vegaLite  = api.Form{Name: "vega-lite", Media: "application/vnd.vegalite.v6+json"}
)

// chosen are the parameters with which readers choose rows by their columns.
var chosen = &api.Free{
	Name: query.ParamFilter + ".*", Doc: "toolapi.param.filters",
	Is: func(name string) bool {
		base, nth, more := strings.Cut(name, "~")
		return strings.HasPrefix(name, query.ParamFilter+".") || more && base == query.ParamPlace && nth != ""
	},
	Example: map[string]any{query.ParamFilter + ".fecha.min": "2024-01-01", query.ParamFilter + ".estado": "09"},
}

// Mount registers the operations.
func Mount(a *api.API, deps Deps) {
	s := &Section{deps}
	op := func(name, path string) api.Op {
		return api.Op{Name: "toolapi." + name, Path: Path + path, Tag: "tools", Action: string(access.ToolRead), Cache: web.Public, Missing: true}
	}
	numbers := func(name, path string) api.Op {
		o := op(name, path)
		o.Free, o.Refuses = chosen, map[int]string{503: "toolapi.response.waiting", 403: "toolapi.response.withheld"}
		return o
	}
	api.Get(a, op("list", ""), s.list)
	api.GetForms[schemaInput, api.Object](a, op("schema", strings.TrimPrefix(SchemaPath, Path)), []api.Form{api.JSON}, s.schema)
	api.Get(a, op("one", "/{tool}"), s.one)
	api.Get(a, op("versions", "/{tool}/versions"), s.versions)
	api.GetForms[specInput, api.Object](a, numbers("spec", "/{tool}/spec"), []api.Form{api.JSON, vegaLite}, s.spec)
	api.GetForms[dataInput, ToolData](a, numbers("data", "/{tool}/views/{view}/data"), dataForms, s.data)
	s.writing(a)
}

// address is where an operation on a tool stands.
func (s *Section) address(t tool.Tool, rest string) string {
	name := t.Slug
	if t.Version == 0 {
		name = t.ID // the slug comes with the first version
	}
	return s.Shell.URL(Path + "/" + name + rest)
}

var errNone error = plaza.E(plaza.NotFound, "tool.error.not_found")

// named is a tool by its id or by the end of its address, whatever its standing.
func named(tx *db.Tx, name string) (tool.Tool, error) {
	name = strings.ToLower(name) // as ids may be written (RFC 9562, 4)
	t, err := tool.BySlug(tx, name)
	if err != nil && plaza.KindOf(err) == plaza.NotFound {
		t, err = tool.ByID(tx, name)
	}
	return t, err
}

// public is a tool that everybody sees.
func public(tx *db.Tx, name string) (tool.Tool, error) {
	t, err := named(tx, name)
	if err == nil && (!t.Public() || t.Version == 0) {
		err = errNone
	}
	return t, err
}

// known is a tool that whoever calls may see: of any other they are told that it does not exist.
func known(tx *db.Tx, name string) (tool.Tool, error) {
	t, err := named(tx, name)
	if err == nil && !t.Seen(plaza.ActorFrom(tx.Context())) {
		err = errNone
	}
	return t, err
}
