package institution

import (
	"net/http"
	"slices"
	"strings"

	"plaza/internal/base/db"
	"plaza/internal/base/web"
	"plaza/internal/civic/access"
	"plaza/internal/plaza"
)

// OfficePath is where an institution is managed: OfficePath and its slug.
const OfficePath = "/gestion/"

// Tab is one page of an institution's management.
type Tab struct {
	Key    string        // message key of its name
	Path   string        // after /gestion/{institution}, e.g. "/integrantes"; "" is the first page
	Action access.Action // who sees it
	Rank   int           // those with a lower one come first: what is looked at every day
}

// Office is the management of institutions, of which several parts of Plaza have
// pages. Each adds its Tab when it is mounted.
type Office struct {
	db    *db.DB
	shell *web.Shell
	tabs  []Tab
}

// NewOffice makes an Office whose pages are drawn in the shell.
func NewOffice(d *db.DB, shell *web.Shell) *Office { return &Office{db: d, shell: shell} }

// Add adds a page to the tabs, after those of its rank.
func (o *Office) Add(t Tab) {
	o.tabs = append(o.tabs, t)
	slices.SortStableFunc(o.tabs, func(a, b Tab) int { return a.Rank - b.Rank })
}

// OfficePage is what every page of an institution's management has; a page's own type
// embeds it.
type OfficePage struct {
	web.Page
	Institution Institution
}

// Page starts a page of the institution in the request's path, with tabs for what the
// actor may see. It is NotFound when there is no such institution, and refuses who may
// not do the action there. An old slug leads to its institution.
func (o *Office) Page(tx *db.Tx, r *http.Request, action access.Action, title string) (OfficePage, error) {
	p := OfficePage{Page: o.shell.Page(r, title)}
	var err error
	if p.Institution, err = BySlug(tx, r.PathValue("institution")); err != nil {
		return p, err
	}
	on := access.Object{Kind: Kind, Institution: p.Institution.ID}
	actor := plaza.ActorFrom(r.Context())
	if err := access.Check(actor, action, on); err != nil {
		return p, err
	}
	base := OfficePath + p.Institution.Slug
	if old := OfficePath + r.PathValue("institution"); old != base && (r.Method == http.MethodGet || r.Method == http.MethodHead) {
		to := *r.URL
		to.Path, to.RawPath = base+strings.TrimPrefix(r.URL.Path, old), ""
		return p, &web.Elsewhere{Path: to.RequestURI(), Because: plaza.E(plaza.NotFound, "")}
	}
	p.NoIndex = true
	p.TabsLabel = p.L.T("institution.office.tabs", "institution", p.Institution.Short())
	p.Crumbs = []web.Crumb{{Title: p.Institution.Short(), Path: p.Institution.Path()}, {Title: p.L.T("institution.office"), Path: base}}
	for _, t := range o.tabs {
		if access.Can(actor, t.Action, on) {
			p.Tabs = append(p.Tabs, web.NavLink{Label: p.L.T(t.Key), Path: base + t.Path, Current: within(r.URL.Path, base+t.Path, t.Path == "")})
		}
	}
	return p, nil
}

// within says whether the page at path is the tab's or lies under it; the office itself is over
// all of them, so that its tab stands for nothing but its own page.
func within(path, tab string, whole bool) bool {
	return path == tab || !whole && strings.HasPrefix(path, tab+"/")
}
