// Package home is the first page, which says in one look what this place is and
// what has happened in it, and the page about it. It shows only what exists: the
// catalogue, the institutions and the record.
package home

import (
	"embed"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"plaza/internal/base/db"
	"plaza/internal/base/i18n"
	"plaza/internal/base/web"
	"plaza/internal/civic/access"
	"plaza/internal/civic/institution"
	"plaza/internal/civic/record"
	"plaza/internal/civic/search"
	"plaza/internal/section/catalog"
)

// Locale holds the sentences of this package, in Spanish and English.
//
//go:embed locale/*.json
var Locale embed.FS

//go:embed templates/*.html
var templates embed.FS

// How much of each thing the page shows.
const (
	shownDatasets     = 5
	shownActs         = 7
	shownThemes       = 15
	shownInstitutions = 8
	shownKeywords     = 5
	shortestKeyword   = 5 // bytes: acronyms teach nobody how to search
)

// Deps are what the pages need.
type Deps struct {
	DB     *db.DB
	Search *search.Engine
	Cards  record.Cards
	// About are sections that this installation adds to the page about it; nil is none.
	About func(l *i18n.Printer) ([]Section, error)
	// Answers is one figure of how well institutions answer, with what it counts and where
	// it comes from; a figure without number is none, and so is nil.
	Answers func(tx *db.Tx, l *i18n.Printer) (number, label, path string, err error)
	// Tools are the visualisations that it shows, with their pictures in small; nil is none.
	Tools func(tx *db.Tx, l *i18n.Printer) ([]web.ToolItem, error)
}

// Pages are the home page and the page about this place.
type Pages struct {
	Deps
	shell *web.Shell
}

// New makes the pages.
func New(deps Deps) *Pages { return &Pages{Deps: deps} }

// Mount registers the pages.
func (p *Pages) Mount(shell *web.Shell) error {
	p.shell = shell
	if err := shell.Templates("home", templates, web.Pages{"home": homePage{}, "about": aboutPage{}}); err != nil {
		return fmt.Errorf("the home page's templates: %w", err)
	}
	shell.Handle("GET /{$}", web.Route{Name: "home", Action: string(access.SiteRead), Cache: web.Public}, p.home)
	shell.Handle("GET /acerca", web.Route{Name: "about", Action: string(access.SiteRead), Cache: web.Public}, p.about)
	shell.Footer(web.Item{Key: "home.about", Path: "/acerca"})
	return nil
}

// homePage is the first page.
type homePage struct {
	web.Page
	Lead         string
	Try          []web.NavLink
	Figures      []figure
	Tools        []web.ToolItem
	Datasets     []web.DatasetItem
	Acts         []record.Sentence
	Themes       []web.FacetOption
	Institutions []web.FacetOption
	Empty        *web.Empty
	Central      *web.Notice // for who coordinates this site
}

// figure is one number with what it counts and where it comes from.
type figure struct {
	Number, Label, Path string
}

// loaded is what the store and the index know.
type loaded struct {
	counts       catalog.Counts
	institutions []institution.Institution
	found        search.Result
	answers      figure // without number where there is nothing to say
}

func (p *Pages) home(w http.ResponseWriter, r *http.Request) error {
	page := &homePage{Page: p.shell.Page(r, "")}
	var all loaded
	if err := p.DB.Read(r.Context(), func(tx *db.Tx) (err error) {
		if all, err = p.load(tx); err != nil {
			return err
		}
		datasets, err := catalog.Newest(tx, "", shownDatasets)
		if err != nil {
			return err
		}
		for _, d := range datasets {
			page.Datasets = append(page.Datasets, catalog.Item(page.L, d, nameOf(all.institutions, d.InstitutionID), page.Now))
		}
		acts, err := news(tx)
		if err != nil {
			return err
		}
		if p.Answers != nil {
			a := &all.answers
			if a.Number, a.Label, a.Path, err = p.Answers(tx, page.L); err != nil {
				return err
			}
		}
		if p.Tools != nil {
			if page.Tools, err = p.Tools(tx, page.L); err != nil {
				return err
			}
		}
		page.Acts, err = record.Sentences(tx, page.L, page.Now, p.Cards, acts)
		return err
	}); err != nil {
		return err
	}
	fill(page, all)
	return p.shell.Render(w, r, http.StatusOK, "home/home", page)
}

func (p *Pages) load(tx *db.Tx) (all loaded, err error) {
	if all.counts, err = catalog.Count(tx); err != nil {
		return all, err
	}
	if all.institutions, err = institution.Going(tx); err != nil {
		return all, err
	}
	all.found, err = p.Search.Search(search.Query{
		Filters: map[string][]string{search.KindFacet: {catalog.KindDataset}}, MaxValues: shownThemes,
		Facets: []string{catalog.FacetTheme, catalog.FacetInstitution, catalog.FacetKeyword, catalog.FacetFreshness},
	})
	if err != nil {
		return all, fmt.Errorf("counting what there is: %w", err)
	}
	return all, nil
}

// news are the newest entries of the record that say something to everybody. How people,
// institutions and moderators manage what is theirs stands in the record alone.
func news(tx *db.Tx) ([]record.Entry, error) {
	acts, err := record.Latest(tx, record.Filter{}, seenActs)
	acts = slices.DeleteFunc(acts, func(e record.Entry) bool { return !isNews(e.Verb) })
	return acts[:min(len(acts), shownActs)], err
}

// seenActs is among how many entries news are looked for: a busy day of moderation must
// not hide them.
const seenActs = 100

// housekeeping are verbs, whole families with a dot, that are no news.
var housekeeping = []string{"account.", "moderation.", "disclosure.", "hook.", "invitation.", "request.", "absence.", "domain.", "roles.", "unit.",
	"calendar.", "settings.", "terms.", "case.escalated", "publisher_rule.", "institution.hours", "institution.changed",
	"mail.", "job.", "source.asked", "source.stopped",
	"resource.opened", "resource.corrected", "resource.column_withheld", "resource.column_released",
	"comment.edited", "comment.removed", "comment.hidden", "comment.restored", "comment.locked", "comment.unlocked",
	"comment.attended", "comment.reopened", "comment.merged", "comment.split",
	"commitment.progressed", "commitment.drop_asked", "commitment.drop_returned", "commitment.moved",
	"case.supported", "case.unsupported", "case.found_clear", "case.found_unclear", "case.hidden", "case.removed", "case.restored",
	"case.joined", "case.clock_begun", "case.handover_asked", "case.handover_taken_back"}

func isNews(verb string) bool {
	return !slices.ContainsFunc(housekeeping, func(h string) bool {
		return verb == h || strings.HasSuffix(h, ".") && strings.HasPrefix(verb, h)
	})
}

func nameOf(all []institution.Institution, id string) string {
	i := slices.IndexFunc(all, func(i institution.Institution) bool { return i.ID == id })
	if i < 0 {
		return ""
	}
	return all[i].Name
}

func fill(page *homePage, all loaded) {
	l := page.L
	page.Page.Description = l.T("home.description")
	page.Canonical = "/"
	page.Lead = l.T("home.lead", "count", all.counts.Institutions)
	page.JSONLD = map[string]any{"@context": "https://schema.org/", "@type": "WebSite", "name": page.Site(), "url": page.URL("/"),
		"potentialAction": map[string]any{"@type": "SearchAction", "target": page.URL("/buscar?q={q}"), "query-input": "required name=q"}}
	for _, c := range all.found.Facets[catalog.FacetKeyword] {
		if len(page.Try) < shownKeywords && len(c.Value) >= shortestKeyword {
			page.Try = append(page.Try, web.NavLink{Label: c.Value, Path: "/buscar?q=" + url.QueryEscape(c.Value)})
		}
	}
	page.Figures = figures(l, all)
	for _, c := range all.found.Facets[catalog.FacetTheme] {
		page.Themes = append(page.Themes, web.FacetOption{Label: c.Value, Count: c.Docs, Path: catalog.ListPath(catalog.FacetTheme, c.Value)})
	}
	for _, c := range all.found.Facets[catalog.FacetInstitution] {
		i := slices.IndexFunc(all.institutions, func(i institution.Institution) bool { return i.ID == c.Value })
		if i >= 0 && len(page.Institutions) < shownInstitutions {
			page.Institutions = append(page.Institutions, web.FacetOption{Label: all.institutions[i].Name, Count: c.Docs, Path: all.institutions[i].Path()})
		}
	}
	if all.counts.Datasets == 0 {
		page.Empty = &web.Empty{Title: l.T("home.empty"), Text: l.T("home.empty.text"),
			Links: []web.NavLink{{Label: l.T("home.empty.sources"), Path: "/lecturas", Icon: "refresh-cw"}, {Label: l.T("home.about"), Path: "/acerca", Icon: "info"}}}
	}
	if access.Could(page.Actor, access.AdminSee) {
		page.Central = &web.Notice{Tone: web.Info, Text: l.T("home.central"), Link: "/admin", Action: l.T("home.central.go")}
	}
}

// figures are what there is, and how much of it keeps the rhythm that it promises:
// of the datasets that promise none, nothing is said.
func figures(l *i18n.Printer, all loaded) []figure {
	c := all.counts
	out := []figure{
		{l.Number(c.Datasets), l.T("home.figure.datasets", "count", c.Datasets), "/datos"},
		{l.Number(c.Resources), l.T("home.figure.resources", "count", c.Resources), "/datos"},
		{l.Number(c.Institutions), l.T("home.figure.institutions", "count", c.Institutions), "/instituciones"},
	}
	fresh, late := 0, 0
	for _, f := range all.found.Facets[catalog.FacetFreshness] {
		switch catalog.Freshness(f.Value) {
		case catalog.Fresh:
			fresh = f.Docs
		case catalog.Late:
			late = f.Docs
		}
	}
	if promised := fresh + late; promised > 0 {
		out = append(out, figure{l.T("home.figure.of", "some", fresh, "all", promised), l.T("home.figure.rhythm"), "/datos?vigencia=al-dia"})
	}
	if all.answers.Number != "" {
		out = append(out, all.answers)
	}
	return out
}

// aboutPage says what this place is, and what it does with what it knows.
type aboutPage struct {
	web.Page
	Sections []Section
}

// Section is one part of the page about this site. ID is its anchor.
type Section struct {
	ID, Title string
	Text      []string
	Links     []web.NavLink
}

func (p *Pages) about(w http.ResponseWriter, r *http.Request) error {
	page := &aboutPage{Page: p.shell.Page(r, p.shell.Printer(r).T("home.about"))}
	l := page.L
	page.Page.Description = l.T("home.about.lead")
	for _, s := range []struct {
		id         string
		paragraphs int
		links      []web.NavLink
	}{
		{"que-es", 2, nil},
		{"lecturas", 3, []web.NavLink{{Path: "/lecturas", Label: l.T("home.about.lecturas.link")}}},
		{"historia", 2, []web.NavLink{{Path: "/bitacora", Label: l.T("home.about.historia.link")}, {Path: "/bitacora/comprobaciones", Label: l.T("home.about.historia.verify")}}},
		{"privacidad", 3, nil},
		{"licencia", 2, nil},
		{"permisos", 1, []web.NavLink{{Path: access.Path, Label: l.T("home.about.permisos.link")}}},
	} {
		section := Section{ID: s.id, Title: l.T("home.about." + s.id), Links: s.links}
		for i := range s.paragraphs {
			section.Text = append(section.Text, l.T(fmt.Sprintf("home.about.%s.%d", s.id, i+1)))
		}
		page.Sections = append(page.Sections, section)
	}
	if p.About != nil {
		more, err := p.About(l)
		if err != nil {
			return err
		}
		page.Sections = append(more, page.Sections...)
	}
	return p.shell.Render(w, r, http.StatusOK, "home/about", page)
}
