// Package screen is the public pages of Herramientas: the gallery, the page of a tool with
// its views, its files, its versions, and what other sites embed.
//
// What readers choose is in the address, in the words of the explorer's (package query):
// "f.entidad=09" chooses rows of every view whose table has that column, and is shown, not
// taken away, where a view is drawn by it. A mark of a picture is a link that chooses its
// value, so views filter one another without scripts; a script only fetches the views
// alone, the first first.
package screen

import (
	"context"
	"embed"
	"fmt"
	"net/url"

	"plaza/internal/base/db"
	"plaza/internal/base/web"
	"plaza/internal/civic/access"
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

// EmbedPath is under what other sites find a tool.
const EmbedPath = "/embed/herramientas"

// Deps are what the pages need.
type Deps struct {
	DB    *db.DB
	Tools *tool.Tools
	// View computes anything else, as what controls offer.
	View func(ctx context.Context, s spec.Spec, view string, reader url.Values) (reckon.Result, error)
	// Kept has the numbers and pictures of tools.
	Kept *kept.Kept
	// Names are what people call themselves, by their ids.
	Names func(tx *db.Tx, ids []string) (map[string]string, error)
	// Themes are those that tools may have.
	Themes func(tx *db.Tx) ([]string, error)
	// Datasets are cards of what tools rest on.
	Cards func(tx *db.Tx, refs []plaza.Ref) (map[plaza.Ref]plaza.Card, error)
	// Around is drawn around a tool: where one follows it, what is said of it. nil is nothing.
	Around func(tx *db.Tx, page web.Page, object plaza.Card) (web.Around, error)
	Shower *showing.Shower
}

// Pages draws.
type Pages struct {
	Deps
	shell *web.Shell
}

// New makes the pages.
func New(deps Deps) *Pages { return &Pages{Deps: deps} }

// Mount registers templates and routes, and the place in the navigation.
func (p *Pages) Mount(shell *web.Shell) error {
	p.shell = shell
	if err := shell.Templates("tool", templates, web.Pages{"gallery": galleryPage{}, "tool": toolPage{}, "embed": embedPage{}, "versions": versionsPage{}, "made": made{}, "chosen": choosing{}, "frame": framePage{}}); err != nil {
		return fmt.Errorf("the templates of tools: %w", err)
	}
	public := func(name string) web.Route {
		return web.Route{Name: "tool." + name, Action: string(access.ToolRead), Cache: web.Public}
	}
	open := func(name string) web.Route {
		r := public(name)
		r.Open = true
		return r
	}
	shell.Handle("GET "+tool.Path, public("gallery"), p.gallery)
	shell.Handle("GET "+tool.Path+"/atom.xml", open("feed"), p.feed)
	shell.Handle("GET "+tool.Path+"/{tool}", public("page"), p.tool)
	shell.Handle("GET "+tool.Path+"/{tool}/versiones", public("versions"), p.versions)
	shell.Handle("GET "+tool.Path+"/{tool}/documento.json", open("document"), p.document)
	shell.Handle("GET "+tool.Path+"/{tool}/miniatura.png", public("thumbnail"), p.thumbnail)
	shell.Handle("GET "+tool.Path+"/{tool}/elegido", public("chosen"), p.chosen)
	shell.Handle("GET "+tool.Path+"/{tool}"+ImagePath, public("image"), p.image)
	shell.Handle("GET "+tool.Path+"/{tool}"+smallPath, public("small"), p.small)
	shell.Handle("GET "+tool.Path+"/{tool}"+framePath, public("frame"), p.frame)
	shell.Handle("GET "+tool.Path+"/{tool}/vistas/{view}", public("view"), p.view)
	shell.Handle("GET "+tool.Path+"/{tool}/vistas/{view}/{file}", open("file"), p.file)
	shell.Handle("POST "+tool.Path+"/{tool}/destacar", web.Route{Name: "tool.feature", Action: string(access.ToolFeature), Cache: web.Private}, p.feature)
	embed := public("embed")
	embed.Framed = true
	shell.Handle("GET "+EmbedPath+"/{tool}", embed, p.embed)
	shell.Nav(web.Item{Key: "tool.nav", Path: tool.Path, Icon: "chart-column"})
	return nil
}
