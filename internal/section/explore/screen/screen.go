// Package screen draws what the explorer shows of a resource: its rows, its columns
// explained, a first chart, a map, what is wrong with it, its versions, and how programs
// read it. The catalogue's page of the resource holds the drawing.
//
// Everything that one sees is in the address (package query says how): the tab ("ver"),
// the table of the file ("hoja"), the version ("version"), the column that is looked at
// ("columna"). So each view is a link, and all of it works by links and forms alone;
// scripts only spare readers the way.
package screen

import (
	"context"
	"embed"
	"errors"
	"html/template"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"plaza/internal/base/db"
	"plaza/internal/base/tabular"
	"plaza/internal/base/tabular/child"
	"plaza/internal/base/tabular/query"
	"plaza/internal/base/web"
	"plaza/internal/plaza"
	"plaza/internal/section/explore"
)

// Locale holds this package's sentences, in Spanish and English.
//
//go:embed locale/*.json
var Locale embed.FS

//go:embed templates/*.html
var templates embed.FS

// Deps are what the pages need.
type Deps struct {
	DB      *db.DB
	Explore *explore.Section
	Engine  child.Engine // that remembers answers
	// Ask is the path of the form that reports something about a resource, a column and a
	// row of a version, "" for none.
	Ask func(p Pointer) string
	// Make is the path where a tool is made from what is looked at, "" for none; nil is nowhere.
	Make func(p Pointer) string
	// Made are the public tools that show a resource; nil is none.
	Made func(tx *db.Tx, resource, column string) ([]web.NavLink, error)
	// Facts are the problems of a resource that only the catalogue knows of; nil is none.
	Facts func(tx *db.Tx, resource string) ([]tabular.Problem, error)
	// Told are the public cases about columns and rows of a resource; nil is none.
	Told func(tx *db.Tx, resource string) ([]Told, error)
	// Correct is where people of an institution, or with "" of the coordination, say what a
	// resource's columns are.
	Correct func(slug, resource string) string
}

// Pointer is what a report is about.
type Pointer struct {
	Resource string // id
	Version  int
	Table    string
	Column   string
	Row      int64  // 0 for none
	View     string // address of a filtered view, "" for none
	Code     string // of a problem, "" for none
	Title    string
	Subject  string // that is proposed for the report, "" for none
	Text     string
}

// Pages draws.
type Pages struct {
	Deps
	shell *web.Shell
}

// New makes the pages.
func New(deps Deps) *Pages { return &Pages{Deps: deps} }

// Mount registers templates and routes.
func (p *Pages) Mount(shell *web.Shell) error {
	p.shell = shell
	p.routes(shell)
	return shell.Templates("explore", templates, web.Pages{"screen": view{}, "row": rowPage{}, "compare": comparePage{}})
}

// Drawn is what the explorer shows on a resource's page.
type Drawn struct {
	HTML template.HTML
	// Fresh says that it may be another the next moment: nobody may keep the page.
	Fresh bool
	// To is where this view has its address, "" when it is this one.
	To string
	// Plain says that this is the page's first view: others are not for search engines.
	Plain bool
	// Package is the path of the Data Package, "" while there is none.
	Package string
	// Bytes is how large the file of the version in sight is, 0 while there is none.
	Bytes int64
}

// view is what the template is drawn with. One of the tabs' parts is set.
type view struct {
	web.Page
	at address
	// institution is whose resource it is, while its file is being opened
	institution string
	Tabs        []web.NavLink
	Sheets      []web.NavLink
	Status      *statusView
	About       aboutView
	Mistakes    []mistake
	Search      *searchView
	Rows        *rowsView
	Groups      *groupsView
	Panel       *panelView
	Columns     *columnsView
	Chart       *chartView
	Map         *mapView
	Figures     []web.NavLink // the numbers of the chart or the map, as files
	Last        *lastView
	Versions    *versionsView
	Programs    *programsView
	Quality     *qualityView
	Gone        *web.Notice // of a version that is not kept
	Broken      bool        // the question could not be answered
}

// looking is one request for a view.
type looking struct {
	*view
	ctx   context.Context
	open  *explore.View
	table child.Table
	t     *tabular.Table // of table, as anybody may see it
	q     tabular.Query
	sheet int
	told  []Told // once they were asked for
	asked bool
}

// Draw draws a resource's explorer for a request of its page. The visit is counted, and
// the file is opened when it was not yet.
func (p *Pages) Draw(r *http.Request, page web.Page, resource string) (Drawn, error) {
	v := &view{Page: page, at: addressOf(r.URL)}
	status, err := p.Explore.Want(r.Context(), resource)
	if err != nil && plaza.KindOf(err) != plaza.TooMany {
		return Drawn{}, err
	}
	if err := p.Explore.Visit(r.Context(), resource); err != nil {
		return Drawn{}, err
	}
	open, err := p.Explore.Open(r.Context(), resource, v.at.version)
	if plaza.KindOf(err) == plaza.NotFound && err != nil {
		open, err = nil, nil
		if v.at.version > 0 {
			v.Gone = &web.Notice{Tone: web.Warning, Title: v.L.T("explore.version.gone", "number", v.at.version), Link: v.at.path, Action: v.L.T("explore.version.current")}
		}
	}
	if err != nil {
		return Drawn{}, err
	}
	out := Drawn{Fresh: status.Stage == explore.StageRunning || status.Stage == explore.StageWaiting, Plain: r.URL.RawQuery == ""}
	if open != nil {
		defer open.Close()
		out.Bytes = open.Version.Bytes
	}
	if out.Fresh {
		if err := p.DB.Read(r.Context(), func(tx *db.Tx) error {
			res, err := p.Explore.Resources.Resource(tx, resource)
			v.institution = res.Institution
			return err
		}); err != nil {
			return Drawn{}, err
		}
	}
	v.Status = p.status(v, status, open, resource)
	if v.Last, err = p.last(r.Context(), v, status, open, resource); err != nil {
		return Drawn{}, err
	}
	if open != nil && len(open.Profile.Tables) > 0 {
		l := &looking{view: v, ctx: r.Context(), open: open}
		out.Package = v.at.path + "/datapackage.json"
		if out.To, err = p.look(l, r); err != nil || out.To != "" {
			return out, err
		}
	}
	if open == nil && v.Gone == nil && status.Attempt.Outcome == explore.OutcomeFailed {
		if err := p.unopened(r, v, resource); err != nil {
			return out, err
		}
	}
	out.HTML, err = p.shell.Fragment("explore/screen", v)
	return out, err
}

// look fills the view from the table that the address names.
func (p *Pages) look(l *looking, r *http.Request) (to string, err error) {
	if l.sheet = max(l.at.sheet, 1) - 1; l.sheet >= len(l.open.Profile.Tables) {
		l.sheet = 0
	}
	if l.table, err = l.open.Table(l.ctx, l.sheet); err != nil {
		return "", l.refused(err)
	}
	shown := query.Visible(l.table.Profile, l.table.Hidden)
	l.t = &shown
	values := r.URL.Query()
	if to := l.fromForm(values); to != "" {
		return to, nil
	}
	q, wrong := query.Parse(values, *l.t)
	l.q = q
	l.mistakes(wrong)
	l.lost()
	l.about()
	l.sheets()
	l.About.Ask = l.ask(p, "", 0, "")
	if err := l.make(p); err != nil {
		return "", err
	}
	tab := l.tab()
	l.search()
	if err := tab.fill(p, l); err != nil {
		return "", l.refused(err)
	}
	return "", nil
}

// lost says which parts of the address name nothing that is there.
func (l *looking) lost() {
	say := func(param string, gone bool) {
		if typed := l.at.values.Get(param); typed != "" && gone {
			l.Mistakes = append(l.Mistakes, mistake{Text: l.L.T("explore.mistake."+param, "typed", tabular.Clip(typed, query.MaxValue)), At: param})
			l.at.values.Del(param)
		}
	}
	say("hoja", l.at.sheet < 1 || l.at.sheet > len(l.open.Profile.Tables))
	say("columna", l.t.Column(l.at.column) == nil)
	say("ver", !slices.ContainsFunc(tabs, func(t tab) bool { return t.name == l.at.tab && (t.on == nil || t.on(l)) }))
}

// refused keeps the page when a question could not be answered: what was asked is in
// sight, with why it was not.
func (l *looking) refused(err error) error {
	e, is := errors.AsType[*plaza.Error](err)
	if !is || e.Kind == plaza.Internal || e.Kind == plaza.Unavailable {
		return err
	}
	l.Broken = l.Rows == nil && l.Groups == nil && l.at.tab == ""
	for _, f := range e.Fields {
		l.Mistakes = append(l.Mistakes, mistake{Text: l.L.TMap(f.Key, f.Args), At: f.Field})
	}
	if len(e.Fields) == 0 {
		l.Mistakes = append(l.Mistakes, mistake{Text: l.L.TMap(e.Key, e.Args)})
	}
	return nil
}

// tab is one way of looking at a table.
type tab struct {
	name string // in the address; "" for the first
	key  string // of its label
	icon string
	on   func(l *looking) bool // nil: always
	fill func(p *Pages, l *looking) error
}

// tabs are all of them, in their order.
var tabs = []tab{
	{"", "explore.tab.table", "table", nil, (*Pages).rows},
	{"columnas", "explore.tab.columns", "list", nil, (*Pages).columns},
	{"calidad", "explore.tab.quality", "badge-check", nil, (*Pages).quality},
	{"grafica", "explore.tab.chart", "chart-column", nil, (*Pages).chart},
	{"mapa", "explore.tab.map", "map", mapped, (*Pages).maps},
	{"versiones", "explore.tab.versions", "history", nil, (*Pages).versions},
	{"api", "explore.tab.api", "terminal", nil, (*Pages).programs},
}

// tab finds the tab that the address names, and fills the links to all.
func (l *looking) tab() tab {
	chosen := tabs[0]
	for _, t := range tabs {
		if t.on != nil && !t.on(l) {
			continue
		}
		if t.name == l.at.tab {
			chosen = t
		}
		l.Tabs = append(l.Tabs, web.NavLink{Label: l.L.T(t.key), Icon: t.icon, Path: l.link(l.q, with("ver", t.name), without("columna"))})
	}
	for i := range l.Tabs {
		l.Tabs[i].Current = l.Tabs[i].Label == l.L.T(chosen.key)
	}
	return chosen
}

// sheets fills the links to the tables of the file, when there are several.
func (l *looking) sheets() {
	if len(l.open.Profile.Tables) < 2 {
		return
	}
	for i, t := range l.open.Profile.Tables {
		name := t.Name
		if name == "" {
			name = l.L.T("explore.sheet", "number", i+1)
		}
		l.Sheets = append(l.Sheets, web.NavLink{Label: name, Current: i == l.sheet,
			Path: l.at.clean(with("hoja", number(i+1)), with("ver", l.at.tab))})
	}
}

func number(n int) string {
	if n <= 1 {
		return ""
	}
	return strconv.Itoa(n)
}

// mistake is something wrong with an address, and the parameter that it is about.
type mistake struct{ Text, At string }

func (l *looking) mistakes(wrong plaza.Mistakes) {
	for _, f := range wrong {
		l.Mistakes = append(l.Mistakes, mistake{Text: l.L.TMap(f.Key, f.Args), At: strings.TrimPrefix(f.Field, "f.")})
	}
}
