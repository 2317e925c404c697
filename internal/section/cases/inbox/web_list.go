package inbox

import (
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"plaza/internal/base/api"
	"plaza/internal/base/db"
	"plaza/internal/base/web"
	"plaza/internal/civic/access"
	"plaza/internal/civic/institution"
	"plaza/internal/plaza"
	"plaza/internal/section/cases"
)

// shown is how many cases a page shows, and how many one act takes at most.
const shown = 50

// counted is a link with how many are behind it.
type counted struct {
	web.NavLink
	Count string
}

// savedLink is a view that was kept.
type savedLink struct {
	web.NavLink
	ID string
}

// listPage is an inbox.
type listPage struct {
	web.Page
	Lead     string
	Base     string
	Done     *web.Notice
	Left     *web.Notice // what could not be done
	Views    []counted
	Groups   []web.FacetGroup
	Unfolded bool
	Q        string
	Hidden   []web.Option
	Query    string // of the address
	Saved    []savedLink
	SaveName web.Field
	Comments *counted
	Tools    []web.NavLink
	Count    string
	Items    []group
	IDs      []string
	Pager    web.Pager
	Empty    *web.Empty
	Turn     *web.Field // the areas to which the chosen ones can be turned
	MayTell  bool       // an answer may be published
}

// OnPage are the ids of all that the page shows, between spaces.
func (p *listPage) OnPage() string { return strings.Join(p.IDs, " ") }

func (b *Inbox) list(w http.ResponseWriter, r *http.Request) error {
	page := &listPage{}
	if err := b.DB.Read(r.Context(), func(tx *db.Tx) error {
		p, at, err := b.at(tx, r, access.CaseDraft, b.shell.Printer(r).T("inbox.title"))
		if err != nil {
			return err
		}
		page.Page, page.Base = p, at.Base
		page.Lead = p.L.T("inbox.lead", "institution", at.Name)
		if at.ID == "" {
			page.Lead = p.L.T("inbox.lead.central")
		}
		return b.fill(tx, page, at, readQuery(r), r.URL.Query())
	}); err != nil {
		return err
	}
	return b.shell.Render(w, r, http.StatusOK, "case-inbox/list", page)
}

// fill fills a page in with what its address asks for.
func (b *Inbox) fill(tx *db.Tx, page *listPage, at place, q query, said url.Values) error {
	bodies, err := b.bodies(tx, at)
	if err != nil {
		return err
	}
	found, err := b.found(tx, q.Q, bodies)
	if err != nil {
		return err
	}
	week := endOfWeek(tx.Now, at.Zone)
	mine := unitsOf(page.Actor, bodies)
	base := q.filter(bodies, at, page.Actor, mine, found, week)
	list, err := cases.List(tx, q.chosen(base), q.order(), q.After, shown+1)
	if err != nil {
		return err
	}
	if err := page.paged(q, &list); err != nil {
		return err
	}
	t, err := b.teller(tx, page.L, at, list)
	if err != nil {
		return err
	}
	lines := make([]line, len(list))
	for i, c := range list {
		lines[i] = t.line(c)
		lines[i].May = at.may(page.Page, access.CaseHandle) || at.may(page.Page, access.CaseAnswer)
		page.IDs = append(page.IDs, c.ID)
	}
	page.Items = grouped(page.L, lines)
	if err := b.counts(tx, page, at, q, base, mine); err != nil {
		return err
	}
	if err := b.around(tx, page, at, q); err != nil {
		return err
	}
	page.say(said)
	return nil
}

// unitsOf are the areas of some bodies in which somebody holds a role.
func unitsOf(who plaza.Actor, bodies []string) (out []string) {
	for _, g := range who.Grants {
		if g.Unit != "" && slices.Contains(bodies, g.Institution) && !slices.Contains(out, g.Unit) {
			out = append(out, g.Unit)
		}
	}
	return out
}

// paged keeps what a page shows of a list, and says where it goes on.
func (p *listPage) paged(q query, list *[]cases.Case) error {
	p.Pager.L, p.Q, p.Query = p.L, q.Q, q.values().Encode()
	if q.After.ID != "" {
		p.Pager.Prev = q.path(p.Base)
	}
	if len(*list) <= shown {
		return nil
	}
	*list = (*list)[:shown]
	cursor, err := api.NewCursor(cases.KeyOf((*list)[shown-1], q.order()))
	v := q.values()
	v.Set("desde", cursor)
	p.Pager.Next = p.Base + "?" + v.Encode()
	return err
}

// counts says how many there are of each.
func (b *Inbox) counts(tx *db.Tx, page *listPage, at place, q query, base cases.Filter, mine []string) error {
	l := page.L
	bodies, err := b.bodies(tx, at)
	if err != nil {
		return err
	}
	week := endOfWeek(tx.Now, at.Zone)
	owing, err := cases.CountOwing(tx, bodies, week)
	if err != nil {
		return err
	}
	for _, v := range views {
		one := query{View: v}
		n, ok := map[view]int{viewOwed: owing.All, viewLate: owing.Late, viewWeek: owing.Soon}[v]
		if !ok {
			if n, err = cases.Count(tx, one.filter(bodies, at, page.Actor, mine, nil, week)); err != nil {
				return err
			}
		}
		if n == 0 && v != q.View && (v == viewDrafts || v == viewSigning || v == viewAsked) {
			continue // what an institution seldom has is shown when it has it
		}
		page.Views = append(page.Views, counted{web.NavLink{Label: l.T("inbox.view." + string(v)), Path: one.path(page.Base), Current: v == q.View}, many(page, n)})
	}
	tallies, err := cases.Tallies(tx, base)
	if err != nil {
		return err
	}
	total := page.facets(q, tallies, at)
	page.Count = l.T("inbox.count", "count", total)
	return b.unitFacet(tx, page, q, tallies)
}

// many is a count as it is shown.
func many(page *listPage, n int) string {
	if n > cases.MaxTotal {
		return page.L.T("inbox.more", "count", page.L.Number(cases.MaxTotal))
	}
	return page.L.Number(n)
}

// fits reports whether a tally is one of those that the query chooses; without leaves one
// question out.
func (q query) fits(t cases.Tally, without string) bool {
	return (without == "clase" || q.Kind == "" || q.Kind == t.Kind) &&
		(without == "estado" || q.State == "" || q.State == t.State) &&
		(without == "area" || q.Unit == "" || q.Unit == t.Unit || q.Unit == noUnit && t.Unit == "")
}

// facets are the kinds and states to choose from, with how many there are of each; it
// returns how many the query chooses.
func (p *listPage) facets(q query, tallies []cases.Tally, at place) (total int) {
	kinds, states := map[cases.Kind]int{}, map[cases.State]int{}
	for _, t := range tallies {
		if q.fits(t, "") {
			total += t.Count
		}
		if q.fits(t, "clase") {
			kinds[t.Kind] += t.Count
		}
		if q.fits(t, "estado") {
			states[t.State] += t.Count
		}
	}
	kind := web.FacetGroup{L: p.L, Name: "clase", Title: p.L.T("inbox.facet.kind"), Open: true}
	for _, k := range cases.Kinds {
		next := q
		if next.Kind = k; q.Kind == k {
			next.Kind = ""
		}
		if kinds[k] > 0 || q.Kind == k {
			kind.Options = append(kind.Options, web.FacetOption{Label: p.L.T("cases.kind." + string(k)), Count: kinds[k], Path: next.path(at.Base), Chosen: q.Kind == k})
		}
	}
	state := web.FacetGroup{L: p.L, Name: "estado", Title: p.L.T("inbox.facet.state"), Open: true}
	for _, s := range cases.States {
		next := q
		if next.State = s; q.State == s {
			next.State = ""
		}
		if states[s] > 0 || q.State == s {
			state.Options = append(state.Options, web.FacetOption{Label: p.L.T("cases.state." + string(s)), Count: states[s], Path: next.path(at.Base), Chosen: q.State == s})
		}
	}
	for _, g := range []web.FacetGroup{kind, state} {
		if len(g.Options) > 0 {
			p.Groups = append(p.Groups, g)
		}
	}
	p.Unfolded = q.Kind != "" || q.State != "" || q.Unit != ""
	return total
}

// maxUnitsShown is how many areas are offered.
const maxUnitsShown = 40

// unitFacet are the areas to choose from.
func (b *Inbox) unitFacet(tx *db.Tx, page *listPage, q query, tallies []cases.Tally) error {
	many := map[string]int{}
	var ids []string
	for _, t := range tallies {
		if !q.fits(t, "area") {
			continue
		}
		if many[t.Unit] == 0 && t.Unit != "" {
			ids = append(ids, t.Unit)
		}
		many[t.Unit] += t.Count
	}
	if q.Unit != "" && q.Unit != noUnit && many[q.Unit] == 0 {
		ids = append(ids, q.Unit)
	}
	names, err := institution.UnitNames(tx, ids)
	if err != nil || len(ids) == 0 && q.Unit == "" {
		return err
	}
	slices.SortFunc(ids, func(x, y string) int { return strings.Compare(names[x], names[y]) })
	g := web.FacetGroup{L: page.L, Name: "area", Title: page.L.T("inbox.facet.unit"), Open: true}
	add := func(value, label string, n int) {
		next := q
		if next.Unit = value; q.Unit == value {
			next.Unit = ""
		}
		if label != "" && (n > 0 || q.Unit == value) && len(g.Options) < maxUnitsShown {
			g.Options = append(g.Options, web.FacetOption{Label: label, Count: n, Path: next.path(page.Base), Chosen: q.Unit == value})
		}
	}
	add(noUnit, page.L.T("inbox.facet.no_unit"), many[""])
	for _, id := range ids {
		add(id, names[id], many[id])
	}
	if len(g.Options) > 0 {
		page.Groups = append(page.Groups, g)
	}
	return nil
}

// around is what stands beside the list: kept views, comments, what can be done.
func (b *Inbox) around(tx *db.Tx, page *listPage, at place, q query) error {
	l := page.L
	saved, err := savedFilters(tx, page.Actor.PersonID, at.ID)
	if err != nil {
		return err
	}
	for _, s := range saved {
		page.Saved = append(page.Saved, savedLink{web.NavLink{Label: s.Name, Path: strings.TrimSuffix(at.Base+"?"+s.Query, "?"), Current: s.Query == page.Query}, s.ID})
	}
	page.SaveName = web.Field{L: l, Name: "nombre", Label: l.T("inbox.saved.name"), MaxLength: maxSavedName}
	for name, values := range q.values() {
		if name != "q" {
			page.Hidden = append(page.Hidden, web.Option{Label: name, Value: values[0]})
		}
	}
	slices.SortFunc(page.Hidden, func(a, b web.Option) int { return strings.Compare(a.Label, b.Label) })
	if b.Unattended != nil {
		n, err := b.Unattended(tx, at.ID)
		if err != nil {
			return err
		}
		page.Comments = &counted{web.NavLink{Label: l.T("inbox.comments"), Path: strings.TrimSuffix(at.Base, "consultas") + "comentarios?ver=sin-atender"}, l.Number(n)}
	}
	if err := page.may(tx, at); err != nil {
		return err
	}
	if len(page.Items) == 0 {
		page.Empty = &web.Empty{Title: l.T("inbox.none." + string(q.View))}
		if page.Unfolded || q.Q != "" {
			page.Empty = &web.Empty{Title: l.T("inbox.none"), Links: []web.NavLink{{Label: l.T("inbox.none.all"), Path: query{View: q.View}.path(at.Base)}}}
		}
	}
	return nil
}

// may is what whoever looks may do here.
func (p *listPage) may(tx *db.Tx, at place) error {
	l := p.L
	add := func(action access.Action, key, path string) {
		if at.may(p.Page, action) {
			p.Tools = append(p.Tools, web.NavLink{Label: l.T(key), Path: path})
		}
	}
	if at.ID != "" {
		add(access.CaseRules, "inbox.rules", at.Base+"/reglas")
	}
	add(access.CaseRules, "inbox.templates", at.Base+"/plantillas")
	add(access.CaseHandle, "inbox.import", at.Base+"/importar")
	if at.ID != "" && p.Has(cases.TermsPattern) {
		add(access.CaseHandle, "inbox.dates", at.Base+"/plazos")
	}
	if at.ID != "" && p.Has(cases.ButtonPath) {
		add(access.CaseHandle, "inbox.button", cases.ButtonPath+"?institucion="+at.Slug)
	}
	add(access.CaseDraft, "inbox.export.xlsx", at.Base+".xlsx")
	add(access.CaseDraft, "inbox.export.csv", at.Base+".csv")
	p.MayTell = at.may(p.Page, access.CaseAnswer)
	if at.ID == "" || !at.may(p.Page, access.CaseHandle) {
		return nil
	}
	units, err := institution.Units(tx, at.ID)
	if err != nil || len(units) == 0 {
		return err
	}
	f := unitField(l, "area", l.T("inbox.turn.area"), units)
	f.Optional = true
	p.Turn = &f
	return nil
}

// say tells what an act did, which came back to this page.
func (p *listPage) say(said url.Values) {
	for _, done := range []string{"turnadas", "respondidas", "guardado"} {
		if n, err := strconv.Atoi(said.Get(done)); err == nil && n >= 0 && n <= shown {
			p.Done = &web.Notice{Tone: web.Good, Text: p.L.T("inbox.done."+done, "count", n), Live: true}
		}
	}
	var left []string
	for s := range strings.SplitSeq(said.Get("no"), ",") {
		if f, err := cases.ParseFolio(s); err == nil && len(left) < shown {
			left = append(left, f)
		}
	}
	if len(left) > 0 {
		p.Left = &web.Notice{Tone: web.Warning, Text: p.L.T("inbox.left", "count", len(left), "folios", strings.Join(left, ", ")), Live: true}
	}
}

// keepFilter keeps the view that one looks at, or forgets one.
func (b *Inbox) keepFilter(w http.ResponseWriter, r *http.Request) error {
	form, err := web.ReadForm(r)
	if err != nil {
		return err
	}
	back := ""
	if err := b.DB.Write(r.Context(), func(tx *db.Tx) error {
		p, at, err := b.at(tx, r, access.CaseDraft, "")
		if err != nil {
			return err
		}
		asked, err := url.ParseQuery(form.Value("consulta"))
		if err != nil {
			asked = url.Values{}
		}
		q := readQuery(&http.Request{URL: &url.URL{RawQuery: asked.Encode()}})
		v := q.values()
		back = q.path(at.Base)
		if id := form.Value("quitar"); id != "" {
			return dropFilter(tx, p.Actor.PersonID, at.ID, id)
		}
		if err := saveFilter(tx, p.Actor.PersonID, at.ID, form.Value("nombre"), v.Encode()); err != nil {
			return err
		}
		v.Set("guardado", "1")
		back = at.Base + "?" + v.Encode()
		return nil
	}); err != nil {
		if plaza.KindOf(err) == plaza.Invalid {
			return b.nameless(w, r, form, err)
		}
		return err
	}
	http.Redirect(w, r, back, http.StatusSeeOther)
	return nil
}

// nameless draws the inbox again when a view cannot be kept under a name.
func (b *Inbox) nameless(w http.ResponseWriter, r *http.Request, form *web.Form, wrong error) error {
	page := &listPage{}
	if err := b.DB.Read(r.Context(), func(tx *db.Tx) error {
		p, at, err := b.at(tx, r, access.CaseDraft, b.shell.Printer(r).T("inbox.title"))
		if err != nil {
			return err
		}
		page.Page, page.Base, page.Lead = p, at.Base, p.L.T("inbox.lead", "institution", at.Name)
		q := readQuery(&http.Request{URL: &url.URL{RawQuery: form.Value("consulta")}})
		return b.fill(tx, page, at, q, nil)
	}); err != nil {
		return err
	}
	page.SaveName.Value, page.SaveName.Error = form.Value("nombre"), web.FieldErrors(page.L, wrong)["nombre"]
	return b.shell.Render(w, r, http.StatusUnprocessableEntity, "case-inbox/list", page)
}

// Errors is what is wrong with what was sent.
func (p *listPage) Errors() web.ErrorSummary {
	return web.ErrorSummary{L: p.L, Fields: []web.Field{p.SaveName}}
}
