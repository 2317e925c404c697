// Package workshop is where people make Herramientas: from a table to pictures that fit it,
// then the editor, where every choice is a field of a form and the picture stands beside it,
// then the page where a tool is published. Every change is a revision of the working copy,
// so that it can be undone; the document behind it can be read and written as JSON.
//
// All of it works by forms. A script sends the form when a field changes, and puts the
// answer in the place of what it changes.
package workshop

import (
	"context"
	"embed"
	"fmt"
	"net/url"

	"plaza/internal/base/db"
	"plaza/internal/base/tabular"
	"plaza/internal/base/web"
	"plaza/internal/civic/access"
	"plaza/internal/civic/gate"
	"plaza/internal/plaza"
	"plaza/internal/section/tool"
	"plaza/internal/section/tool/kept"
	"plaza/internal/section/tool/reckon"
	"plaza/internal/section/tool/showing"
	"plaza/internal/section/tool/spec"
)

// Locale holds this package's sentences, in Spanish and English.
//
//go:embed locale/*.json
var Locale embed.FS

//go:embed templates/*.html
var templates embed.FS

// Shape is what a resource's file has, as anybody may see it.
type Shape struct {
	ID      string // of the resource
	Title   string
	Dataset string // title
	Path    string
	Version int
	Tables  []tabular.Table
}

// Deps are what the pages need.
type Deps struct {
	DB    *db.DB
	Gate  *gate.Gate
	Tools *tool.Tools
	// View computes what a view shows, under what readers chose.
	View func(ctx context.Context, s spec.Spec, view string, reader url.Values) (reckon.Result, error)
	// Check holds a document to its tables.
	Check func(ctx context.Context, s spec.Spec) error
	// Shape tells of a version of a resource, 0 for the newest; NotFound when it does not open
	// as a table.
	Shape func(ctx context.Context, resource string, version int) (Shape, error)
	// Find are resources that open as tables, by words; "" gives the newest.
	Find func(ctx context.Context, words string, limit int) ([]Shape, error)
	// Offices are the institutions in whose name an actor may publish.
	Offices func(tx *db.Tx, who plaza.Actor) ([]web.Option, error)
	// Dataset is one that words name, by its address in Plaza, its identifier or that of a
	// resource of it; NotFound for any others.
	Dataset func(ctx context.Context, words string) (Dataset, error)
	// Datasets are some that words find.
	Datasets func(ctx context.Context, words string, limit int) ([]Dataset, error)
	// Cards are those of datasets.
	Cards  func(tx *db.Tx, refs []plaza.Ref) (map[plaza.Ref]plaza.Card, error)
	Kept   *kept.Kept // the pictures of tools elsewhere
	Shower *showing.Shower
}

// Pages draws.
type Pages struct {
	Deps
	shell *web.Shell
}

// New makes the pages.
func New(deps Deps) *Pages { return &Pages{Deps: deps} }

// NewPath is where a tool is begun.
const NewPath = tool.MinePath + "/nueva"

// Mount registers templates and routes.
func (p *Pages) Mount(shell *web.Shell) error {
	p.shell = shell
	if err := shell.Templates("workshop", templates, web.Pages{"mine": minePage{}, "start": startPage{}, "edit": editPage{}, "document": documentPage{}, "publish": publishPage{}, "outside": outsidePage{}}); err != nil {
		return fmt.Errorf("the templates of the workshop: %w", err)
	}
	route := func(name string) web.Route {
		return web.Route{Name: "workshop." + name, Action: string(access.ToolWrite), Cache: web.Private}
	}
	form := func(name string) web.Route {
		r := route(name)
		r.MaxBody = 2 * kept.MaxImage // what is somewhat too large is refused by the form, in words
		return r
	}
	shell.Handle("GET "+tool.MinePath, route("mine"), p.mine)
	shell.Handle("GET "+NewPath, route("start"), p.start)
	shell.Handle("POST "+NewPath, form("begin"), p.begin)
	shell.Handle("GET "+tool.MinePath+"/{tool}", route("edit"), p.edit)
	shell.Handle("POST "+tool.MinePath+"/{tool}", form("change"), p.change)
	shell.Handle("GET "+tool.MinePath+"/{tool}/imagen", route("image"), p.image)
	shell.Handle("GET "+tool.MinePath+"/{tool}/documento", route("document"), p.document)
	shell.Handle("POST "+tool.MinePath+"/{tool}/documento", route("write"), p.write)
	shell.Handle("GET "+tool.MinePath+"/{tool}/publicar", route("ready"), p.ready)
	shell.Handle("POST "+tool.MinePath+"/{tool}/publicar", route("publish"), p.publish)
	shell.Handle("POST "+tool.MinePath+"/{tool}/retirar", route("withdraw"), p.withdraw)
	return nil
}
