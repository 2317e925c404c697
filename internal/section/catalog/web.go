package catalog

import (
	"context"
	"embed"
	"fmt"
	"html/template"
	"net/http"
	"net/url"
	"strings"
	"time"

	"plaza/internal/base/db"
	"plaza/internal/base/i18n"
	"plaza/internal/base/web"
	"plaza/internal/civic/access"
	"plaza/internal/civic/institution"
	"plaza/internal/civic/record"
	"plaza/internal/civic/search"
	"plaza/internal/plaza"
)

// Locale holds the sentences of this package, in Spanish and English.
//
//go:embed locale/*.json
var Locale embed.FS

//go:embed templates/*.html
var templates embed.FS

// Origin is what the catalogue's pages say of the source that a dataset was read
// from. Package harvest knows; site hands the function in.
type Origin struct {
	ID, Title, URL string
	Path           string    // the list of its runs
	State          string    // message key of what it is: active, in quarantine …
	SeenAt         time.Time // end of the last run that read the whole source, zero for never
	RunPath        string    // that run's report
	Retired        bool      // it is no longer read
}

// Deps are what the catalogue's pages need.
type Deps struct {
	DB     *db.DB
	Search *search.Engine
	// Origin tells of a source; NotFound when there is none.
	Origin func(tx *db.Tx, source string) (Origin, error)
	// OriginsOf lists an institution's sources.
	OriginsOf func(tx *db.Tx, institution string) ([]Origin, error)
	// Cards resolves what the record's entries are about.
	Cards record.Cards
	// Named is the page of what a text names exactly, as a folio names a case; "" is none.
	Named func(tx *db.Tx, s string) (string, error)
	// Around is what other parts of Plaza draw around an object on its page; nil is nothing.
	Around func(tx *db.Tx, page web.Page, object plaza.Card) (web.Around, error)
	// Said is what institutions answered about the columns of a resource, by column, for its
	// dictionary; nil is nothing.
	Said func(tx *db.Tx, resource string) (map[string][]ColumnNote, error)
	// Opened draws a resource's data on its page; nil: nothing does.
	Opened func(r *http.Request, page web.Page, resource string) (Opened, error)
	// Tables tells which resources open as tables, by their ids; nil: none does.
	Tables func(tx *db.Tx, resources []Resource) (map[string]Shape, error)
}

// Shape is how large the table is that a resource opens as; no rows and no columns when
// it was not opened yet.
type Shape struct {
	Rows    int64
	Columns int
}

// Opened is a resource's data as they are drawn on its page.
type Opened struct {
	HTML template.HTML
	// Fresh says that it may be another the next moment: nobody may keep the page.
	Fresh bool
	// To is where the view that was asked for has its address, "" when it is this one.
	To string
	// Plain says that this is the first view: others are not for search engines.
	Plain bool
	// Package is the path of a description for programs, "" for none.
	Package string
	// Bytes is how large the file is that is drawn, 0 while none is.
	Bytes int64
}

// ColumnNote is what an institution answered about a column.
type ColumnNote struct {
	Text, Path string // plain; the page of the whole answer
	Language   string // BCP 47, of Text
	By         string // name of the institution, "" for the coordination
	At         time.Time
}

// Section is the catalogue's pages: datasets, institutions and search.
type Section struct {
	Deps
	shell  *web.Shell
	misses missBrake
}

// around asks the other parts of Plaza what they draw around an object.
func (s *Section) around(tx *db.Tx, page web.Page, ref plaza.Ref) (web.Around, error) {
	if s.Around == nil {
		return web.Around{}, nil
	}
	cards, err := Cards(tx, []plaza.Ref{ref})
	if err != nil {
		return web.Around{}, err
	}
	return s.Around(tx, page, cards[ref])
}

// New makes the section.
func New(deps Deps) *Section { return &Section{Deps: deps} }

// Mount registers the pages.
func (s *Section) Mount(shell *web.Shell) error {
	s.shell = shell
	if err := shell.Templates("catalog", templates, web.Pages{
		"list": listPage{}, "dataset": datasetPage{}, "resource": resourcePage{},
		"institutions": institutionsPage{}, "institution": institutionPage{}, "search": searchPage{},
	}); err != nil {
		return fmt.Errorf("the catalogue's templates: %w", err)
	}
	data := func(name string) web.Route {
		return web.Route{Name: "catalog." + name, Action: string(access.CatalogueRead), Cache: web.Public}
	}
	bodies := func(name string) web.Route {
		return web.Route{Name: "catalog." + name, Action: string(access.InstitutionRead), Cache: web.Public}
	}
	shell.Handle("GET /datos", data("list"), s.list)
	shell.Handle("GET /datos/{dataset}", data("dataset"), s.dataset)
	shell.Handle("GET /datos/{dataset}/recursos/{resource}", data("resource"), s.resource)
	shell.Handle("GET /instituciones", bodies("institutions"), s.institutions)
	shell.Handle("GET /instituciones/{institution}", bodies("institution"), s.institution)
	find := web.Route{Name: "catalog.search", Action: string(access.SiteRead), Cache: web.Public}
	shell.Handle("GET /buscar", find, s.search)
	find.Name = "catalog.suggest"
	shell.Handle("GET /buscar/sugerencias", find, s.suggest)
	shell.Nav(web.Item{Key: "catalog.nav.datasets", Path: "/datos", Icon: "database"})
	shell.Nav(web.Item{Key: "catalog.nav.institutions", Path: "/instituciones", Icon: "landmark"})
	return nil
}

// read runs fn on one snapshot of the store.
func (s *Section) read(ctx context.Context, fn func(tx *db.Tx) error) error {
	return s.DB.Read(ctx, fn)
}

// moved leads a reader from an old slug to the page, the query kept.
func moved(w http.ResponseWriter, r *http.Request, path string) error {
	if r.URL.RawQuery != "" {
		path += "?" + r.URL.RawQuery
	}
	http.Redirect(w, r, path, http.StatusMovedPermanently)
	return nil
}

// missing is the answer for a slug that leads nowhere, in the words of what was sought.
func missing(err error, key string) error {
	if err != nil && plaza.KindOf(err) == plaza.NotFound {
		return &plaza.Error{Kind: plaza.NotFound, Key: key, Cause: err}
	}
	return err
}

// inZone gives a page the zone of an institution; an unknown one changes nothing.
func inZone(p *web.Page, i institution.Institution) {
	if i.Zone == "" {
		return
	}
	if zone, err := time.LoadLocation(i.Zone); err == nil {
		p.L = p.L.In(zone)
	}
}

// foreign is the tag of a text's language where it is not the page's, else "".
func foreign(l *i18n.Printer, languages []string) string {
	tag := "es"
	if len(languages) > 0 {
		tag = languages[0]
	}
	if short, _, _ := strings.Cut(l.Lang(), "-"); tag == short || strings.HasPrefix(tag, short+"-") {
		return ""
	}
	return tag
}

// webLink is an address where it leads to a page that browsers open, else "".
func webLink(address string) string {
	if u, err := url.Parse(address); err == nil && (u.Scheme == "http" || u.Scheme == "https") && u.Host != "" {
		return address
	}
	return ""
}

// hostOf is the server that an address names.
func hostOf(address string) string {
	u, err := url.Parse(address)
	if err != nil {
		return ""
	}
	return u.Hostname()
}
