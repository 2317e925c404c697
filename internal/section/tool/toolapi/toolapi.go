// Package toolapi is the tools' part of the interface for programs: the gallery, what a tool
// is made of and what its views show and, with an access token, the making of tools from
// documents.
//
//	GET    /api/v1/tools                           the gallery
//	GET    /api/v1/tools/{tool}                    one, by its id or the end of its address
//	GET    /api/v1/tools/{tool}/spec               its document, or a view in Vega-Lite
//	GET    /api/v1/tools/{tool}/views/{view}/data  what a view shows
//	POST   /api/v1/tools                           begin one: a draft
//	GET    /api/v1/tools/{tool}/draft              the working copy, of one's own
//	PUT    /api/v1/tools/{tool}/draft
//	POST   /api/v1/tools/{tool}/publish
//	DELETE /api/v1/tools/{tool}/draft
package toolapi

import (
	"context"
	"embed"

	"plaza/internal/base/api"
	"plaza/internal/base/db"
	"plaza/internal/base/web"
	"plaza/internal/civic/access"
	"plaza/internal/section/tool"
	"plaza/internal/section/tool/spec"
)

// Locale holds the sentences of this package, in Spanish and English.
//
//go:embed locale/*.json
var Locale embed.FS

// Data is what a view shows, written in the form that was asked for.
type Data struct {
	Body []byte
	// Stamp stands for the data that it was made of: another one is another answer.
	Stamp string
}

// Deps are what the operations need.
type Deps struct {
	DB    *db.DB
	Tools *tool.Tools
	Shell *web.Shell
	// VegaLite is a view as a specification of Vega-Lite, with its rows; NotFound when there
	// is no such view. nil: none is offered.
	VegaLite func(ctx context.Context, s spec.Spec, view string) ([]byte, error)
	// Data is what a view shows in a form, "json" or "csv"; NotFound when there is no such
	// view. nil: the operation is not there.
	Data func(ctx context.Context, s spec.Spec, view, form string) (Data, error)
}

// Section holds the operations.
type Section struct{ Deps }

// prefix is where the operations stand.
const prefix = api.Prefix + "/tools"

// scope is what an access token needs to make tools.
const scope = "tools"

// forms are those of a view's data; documents are JSON.
var forms = []api.Form{api.JSON, {Name: "csv", Media: "text/csv", Type: "text/csv; charset=utf-8"}}

// maxBody is more than a document in its longest writing.
const maxBody = 4 * spec.MaxBytes

// Mount registers the operations.
func Mount(a *api.API, deps Deps) {
	s := &Section{deps}
	read := func(name, path string) api.Op {
		return api.Op{Name: "toolapi." + name, Path: prefix + path, Tag: "tools", Action: string(access.ToolRead), Cache: web.Public, Missing: true}
	}
	api.Get(a, read("list", ""), s.list)
	api.Get(a, read("one", "/{tool}"), s.one)
	api.GetForms[specInput, Document](a, read("spec", "/{tool}/spec"), forms[:1], s.spec)
	if s.Data != nil {
		api.GetForms[dataInput, ViewData](a, read("data", "/{tool}/views/{view}/data"), forms, s.data)
	}
	write := func(name, path string, action access.Action) api.Op {
		return api.Op{Name: "toolapi." + name, Path: prefix + path, Tag: "tools", Action: string(action), Missing: true, Scope: scope, MaxBody: maxBody,
			Later: name == "publish"}
	}
	api.Post(a, write("begin", "", access.ToolWrite), s.begin)
	api.Get(a, write("draft", "/{tool}/draft", access.ToolWrite), s.draft)
	api.Put(a, write("save", "/{tool}/draft", access.ToolWrite), s.save)
	api.Post(a, write("publish", "/{tool}/publish", access.ToolPublish), s.publish)
	api.Delete(a, write("discard", "/{tool}/draft", access.ToolWrite), s.discard)
}
