// Package office is where people of an institution look after the tables of its resources,
// and the coordination after those of resources that are no institution's: they see which
// want to be looked at, say what columns are (names, types, meanings, units) and decide
// whether columns that may hold personal data, or the whole file, are shown.
package office

import (
	"embed"
	"fmt"
	"net/http"
	"slices"
	"strconv"

	"plaza/internal/base/db"
	"plaza/internal/base/tabular"
	"plaza/internal/base/web"
	"plaza/internal/civic/access"
	"plaza/internal/civic/institution"
	"plaza/internal/plaza"
	"plaza/internal/section/explore"
)

// Locale holds the sentences of these pages, in Spanish and English.
//
//go:embed locale/*.json
var Locale embed.FS

//go:embed templates/*.html
var templates embed.FS

// Deps are what the pages need.
type Deps struct {
	DB      *db.DB
	Explore *explore.Section
	// Of are the ids of an institution's resources, "" for those that are nobody's, those
	// that changed last first, and what each is called.
	Of func(tx *db.Tx, institution string, limit int) (ids []string, titles map[string]string, err error)
	// Report is where a private report of personal data is attended to, by its id.
	Report func(tx *db.Tx, id string) (string, error)
}

// Pages are the pages.
type Pages struct {
	Deps
	shell  *web.Shell
	office *institution.Office
}

// New makes the pages.
func New(deps Deps) *Pages { return &Pages{Deps: deps} }

// tab is the part of an office's address.
const tab = "/recursos"

// base is where an institution's list is, "" for the coordination's.
func base(slug string) string {
	if slug == "" {
		return "/admin" + tab
	}
	return institution.OfficePath + slug + tab
}

// ColumnsPath is where people of an institution say what a resource's columns are; slug is
// "" for the coordination.
func ColumnsPath(slug, resource string) string { return base(slug) + "/" + resource + "/columnas" }

// place is what every page has: where it stands, and whose resources it is about.
type place struct {
	web.Page
	owner string // id of the institution, "" for the coordination
	slug  string
}

// path is the page of a resource.
func (a place) path(resource string) string { return base(a.slug) + "/" + resource }

// object is the owner's resources as an object of permissions.
func (a place) object() access.Object {
	return access.Object{Kind: explore.KindResource, Institution: a.owner}
}

// in adds the list to the crumbs of a page below it.
func (a *place) in() {
	a.Crumbs = append(a.Crumbs, web.Crumb{Title: a.L.T("explore.office"), Path: base(a.slug)})
}

// place starts a page of the office in the request's path, or of the coordination; it
// refuses who may not do the action there.
func (p *Pages) place(tx *db.Tx, r *http.Request, action access.Action, title string) (place, error) {
	if r.PathValue("institution") != "" {
		page, err := p.office.Page(tx, r, action, title)
		return place{page.Page, page.Institution.ID, page.Institution.Slug}, err
	}
	a := place{Page: p.shell.Page(r, title)}
	a.NoIndex = true
	a.Crumbs = []web.Crumb{{Title: a.L.T("explore.office.admin"), Path: "/admin"}}
	return a, access.Check(a.Actor, action, a.object())
}

// Mount registers the pages.
func (p *Pages) Mount(shell *web.Shell, office *institution.Office) error {
	p.shell, p.office = shell, office
	if err := shell.Templates("explore-office", templates, web.Pages{"list": listPage{}, "one": onePage{}, "columns": columnsPage{}}); err != nil {
		return fmt.Errorf("the templates of an institution's tables: %w", err)
	}
	route := func(name string, action access.Action) web.Route {
		return web.Route{Name: "explore.office." + name, Action: string(action), Cache: web.Private}
	}
	office.Add(institution.Tab{Key: "explore.office", Path: tab, Action: access.ExploreManage, Rank: 1})
	for prefix, at := range map[string]string{"": base("{institution}"), "central.": base("")} {
		shell.Handle("GET "+at, route(prefix+"list", access.ExploreManage), p.list)
		shell.Handle("GET "+at+"/{resource}", route(prefix+"one", access.ExploreManage), p.one)
		shell.Handle("POST "+at+"/{resource}", route(prefix+"decide", access.ExploreWithhold), p.decide)
		shell.Handle("GET "+at+"/{resource}/columnas", route(prefix+"columns", access.ExploreCorrect), p.columns)
		shell.Handle("POST "+at+"/{resource}/columnas", route(prefix+"correct", access.ExploreCorrect), p.correct)
	}
	return nil
}

// How much the list looks at, and shows.
const (
	mostResources = 5000
	shownLines    = 200
	shownSaid     = 50
)

// listPage is which resources want to be looked at.
type listPage struct {
	place
	Lines []line
	Empty *web.Empty
}

type line struct {
	Title, Path string
	Badges      []web.Badge
}

func (p *Pages) list(w http.ResponseWriter, r *http.Request) error {
	page := &listPage{}
	if err := p.DB.Read(r.Context(), func(tx *db.Tx) (err error) {
		if page.place, err = p.place(tx, r, access.ExploreManage, p.shell.Printer(r).T("explore.office")); err != nil {
			return err
		}
		ids, titles, err := p.Of(tx, page.owner, mostResources)
		if err != nil {
			return err
		}
		needs, err := explore.Needs(tx, ids)
		for _, n := range needs[:min(len(needs), shownLines)] {
			page.Lines = append(page.Lines, line{Title: titles[n.Resource], Path: page.path(n.Resource), Badges: badges(page.Page, n)})
		}
		return err
	}); err != nil {
		return err
	}
	if len(page.Lines) == 0 {
		page.Empty = &web.Empty{Title: page.L.T("explore.office.none"), Text: page.L.T("explore.office.none.text")}
	}
	return p.shell.Render(w, r, http.StatusOK, "explore-office/list", page)
}

func badges(page web.Page, n explore.Need) (out []web.Badge) {
	if n.Suspected > 0 {
		out = append(out, web.Badge{Tone: web.Bad, Icon: "shield-check", Text: page.L.T("explore.office.suspected", "count", n.Suspected)})
	}
	if n.Failed {
		out = append(out, web.Badge{Tone: web.Warning, Icon: "triangle-alert", Text: page.L.T("explore.office.failed")})
	}
	if n.Doubts {
		out = append(out, web.Badge{Tone: web.Info, Icon: "circle-question-mark", Text: page.L.T("explore.office.doubts")})
	}
	return out
}

// onePage is what of a resource is shown, and who decided it.
type onePage struct {
	place
	Res     explore.Resource
	Public  string
	Columns string // where the columns are corrected, "" for who may not
	Report  string // of suspected personal data, the latest; "" for none
	Done    *web.Notice
	States  []stateLine
	Fields  []web.Field // of the form that decides; nil for who may not
	Action  string
	Said    []saidLine
	Missing bool // there is no version
}

// stateLine is what is decided of a column, or of the file.
type stateLine struct {
	Name   string
	State  web.Badge
	Reason string
}

// saidLine is one time that something was said.
type saidLine struct{ What, Who, Reason, When, ISO string }

// Errors is what is wrong with the form.
func (p onePage) Errors() web.ErrorSummary { return web.ErrorSummary{L: p.L, Fields: p.Fields} }

// typed is what somebody has typed into the form that decides.
type typed struct{ column, act, reason string }

func (p *Pages) one(w http.ResponseWriter, r *http.Request) error {
	return p.draw(w, r, http.StatusOK, typed{column: web.QueryText(r, "columna", tabular.MaxName)}, nil)
}

// resource is the resource of an address; NotFound when it is no resource of the office's.
// The coordination is led on to the office that has it.
func (p *Pages) resource(tx *db.Tx, at place, id string) (explore.Resource, error) {
	res, err := p.Explore.Resources.Resource(tx, id)
	switch {
	case err != nil || res.Institution == at.owner:
		return res, err
	case at.owner != "":
		return res, plaza.E(plaza.NotFound, "")
	}
	owner, err := institution.ByID(tx, res.Institution)
	if err != nil {
		return res, err
	}
	return res, &web.Elsewhere{Path: base(owner.Slug) + "/" + id, Because: plaza.E(plaza.NotFound, "")}
}

func (p *Pages) draw(w http.ResponseWriter, r *http.Request, status int, was typed, wrong map[string]string) error {
	page := &onePage{}
	var hiding explore.Hiding
	var version explore.Version
	var said []explore.Said
	if err := p.DB.Read(r.Context(), func(tx *db.Tx) (err error) {
		if page.place, err = p.place(tx, r, access.ExploreManage, ""); err != nil {
			return err
		}
		if page.Res, err = p.resource(tx, page.place, r.PathValue("resource")); err != nil {
			return err
		}
		if hiding, err = explore.HidingOf(tx, page.Res); err != nil {
			return err
		}
		if said, err = explore.SaidOf(tx, page.Res.ID, shownSaid); err != nil {
			return err
		}
		if page.Report, err = p.report(tx, page); err != nil {
			return err
		}
		version, err = explore.Current(tx, page.Res.ID)
		if err != nil && plaza.KindOf(err) == plaza.NotFound {
			page.Missing, err = true, nil
		}
		return err
	}); err != nil {
		return err
	}
	l, on := page.L, page.object()
	page.Title, page.Public, page.Action = page.Res.Title, page.Res.Path, page.path(page.Res.ID)
	page.in()
	if access.Can(page.Actor, access.ExploreCorrect, on) && !page.Missing {
		page.Columns = ColumnsPath(page.slug, page.Res.ID)
	}
	switch r.URL.Query().Get("hecho") {
	case "si":
		page.Done = &web.Notice{Tone: web.Good, Text: l.T("explore.office.done"), Live: true}
	}
	var known tabular.Profile
	if !page.Missing {
		var err error
		if known, err = p.Explore.Profile(r.Context(), version); err != nil {
			return err
		}
	}
	names := page.states(hiding, known)
	if access.Can(page.Actor, access.ExploreWithhold, on) && !page.Missing {
		page.form(names, was, wrong)
	}
	page.Said = lines(page.Page, said)
	return p.shell.Render(w, r, status, "explore-office/one", page)
}

// report is where the latest private report of what the file may hold is attended to, ""
// for none, and for who may not see it.
func (p *Pages) report(tx *db.Tx, page *onePage) (string, error) {
	id, err := explore.ReportOf(tx, page.Res.ID)
	if err != nil || id == "" || p.Report == nil || !access.Can(page.Actor, access.DisclosureSee, page.object()) {
		return "", err
	}
	return p.Report(tx, id)
}

// states fills what is decided, and returns the columns that may be decided of.
func (p *onePage) states(h explore.Hiding, known tabular.Profile) (names []string) {
	badge := map[string]web.Badge{"suspected": {Tone: web.Warning, Icon: "shield-check"}, "hidden": {Tone: web.Bad, Icon: "eye-off"}, "shown": {Tone: web.Good, Icon: "eye"}}
	add := func(name, state, reason string) {
		b := badge[state]
		b.Text = p.L.T("explore.office.state." + state)
		if name == "" {
			name = p.L.T("explore.office.file")
		}
		p.States = append(p.States, stateLine{name, b, reason})
	}
	if h.Reported {
		add("", "hidden", p.L.T("explore.office.reported"))
	}
	for _, d := range h.Decisions {
		if d.Name != "" {
			names = append(names, d.Name)
		}
		state := "shown"
		if d.Hidden {
			state = "hidden"
		}
		add(d.Name, state, d.Reason)
	}
	for _, t := range known.Tables {
		for _, c := range t.Columns {
			if h.Suspected(c) && !slices.Contains(names, c.Name) {
				names = append(names, c.Name)
				add(c.Name, "suspected", "")
			}
		}
	}
	for _, s := range h.Suspects {
		if !slices.Contains(names, s.Name) {
			names = append(names, s.Name)
			add(s.Name, "suspected", "")
		}
	}
	for _, t := range known.Tables {
		for _, c := range t.Columns {
			if !slices.Contains(names, c.Name) {
				names = append(names, c.Name)
			}
		}
	}
	return names
}

// form is that which decides.
func (p *onePage) form(names []string, was typed, wrong map[string]string) {
	l := p.L
	columns := []web.Option{{Value: "", Label: l.T("explore.office.file")}}
	for _, n := range names {
		columns = append(columns, web.Option{Value: n, Label: n})
	}
	if was.column == "" && was.act == "" && len(names) > 0 {
		was.column = names[0]
	}
	p.Fields = []web.Field{
		{L: l, Name: "columna", Label: l.T("explore.office.column"), Type: "select", Options: columns, Value: was.column, Error: wrong["columna"]},
		{L: l, Name: "hacer", Label: l.T("explore.office.what"), Type: "select", Value: was.act, Error: wrong["hacer"],
			Options: []web.Option{{Value: "retener", Label: l.T("explore.office.withhold")}, {Value: "mostrar", Label: l.T("explore.office.release")}}},
		{L: l, Name: "motivo", Label: l.T("explore.office.reason"), Hint: l.T("explore.office.reason.hint"), Type: "textarea", Rows: 3, Value: was.reason, MaxLength: 1000, Error: wrong["motivo"]},
	}
}

// lines are what was said before, in words.
func lines(page web.Page, all []explore.Said) (out []saidLine) {
	for _, s := range all {
		name := "«" + s.Name + "»"
		switch {
		case s.Name == "" && s.Deed == explore.Corrected:
			name = page.L.T("explore.office.only")
		case s.Name == "":
			name = page.L.T("explore.office.whole")
		}
		out = append(out, saidLine{What: page.L.T("explore.office.said."+string(s.Deed), "name", name), Who: page.L.T("access.role." + string(s.Role)), Reason: s.Reason,
			When: page.L.DateTime(s.At), ISO: page.L.ISO(s.At)})
	}
	return out
}

// decide withholds or shows a column or the file.
func (p *Pages) decide(w http.ResponseWriter, r *http.Request) error {
	form, err := web.ReadForm(r)
	if err != nil {
		return err
	}
	was := typed{form.Value("columna"), form.Value("hacer"), form.Value("motivo")}
	do := map[string]func(*db.Tx, string, string, string) error{"retener": p.Explore.Withhold, "mostrar": p.Explore.Release}[was.act]
	var to string
	err = p.DB.Write(r.Context(), func(tx *db.Tx) error {
		page, err := p.place(tx, r, access.ExploreWithhold, "")
		if err != nil {
			return err
		}
		if _, err := p.resource(tx, page, r.PathValue("resource")); err != nil {
			return err
		}
		to = page.path(r.PathValue("resource")) + "?hecho=si"
		var wrong plaza.Mistakes
		wrong.Hold(do != nil, "hacer", "web.error.invalid", nil)
		wrong.Hold(len(was.column) <= 4*tabular.MaxName, "columna", "explore.error.no_column", nil)
		if err := wrong.Err("web.error.invalid"); err != nil {
			return err
		}
		return columnError(do(tx, r.PathValue("resource"), was.column, was.reason))
	})
	if wrong := web.FieldErrors(p.shell.Printer(r), err); wrong != nil {
		return p.draw(w, r, http.StatusUnprocessableEntity, was, wrong)
	}
	if err != nil {
		return err
	}
	http.Redirect(w, r, to, http.StatusSeeOther)
	return nil
}

// columnError has a column that there is not stand at its field.
func columnError(err error) error {
	if err != nil && plaza.KindOf(err) == plaza.NotFound {
		return &plaza.Error{Kind: plaza.Invalid, Key: "web.error.invalid", Cause: err, Fields: []plaza.FieldError{{Field: "columna", Key: "explore.error.no_column"}}}
	}
	return err
}

// number reads a number, 0 for nothing; ok is false for what is none.
func number(s string) (n int, ok bool) {
	if s == "" {
		return 0, true
	}
	n, err := strconv.Atoi(s)
	return n, err == nil && n >= -1 && n <= 1_000_000
}
