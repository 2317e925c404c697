package commitment

import (
	"encoding/csv"
	"errors"
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"plaza/internal/base/db"
	"plaza/internal/base/i18n"
	"plaza/internal/base/web"
	"plaza/internal/civic/access"
	"plaza/internal/civic/institution"
	"plaza/internal/plaza"
)

// listPage is the public list of commitments.
type listPage struct {
	web.Page
	Fields []web.Field
	Hidden []web.Option
	Count  string
	Sorts  []web.NavLink
	Items  []lineView
	Pager  web.Pager
	Empty  *web.Empty
	CSV    string
	Feed   string
	On     *web.NavLink // what the list is narrowed to
}

// bodyOf is the institution that an address names: nil for all, and false when it names
// none that there is.
func bodyOf(tx *db.Tx, slug string) (id *string, known bool, err error) {
	switch slug {
	case "":
		return nil, true, nil
	case Central:
		return new(string), true, nil
	}
	i, err := institution.BySlug(tx, slug)
	if err != nil && plaza.KindOf(err) == plaza.NotFound {
		return nil, false, nil
	}
	return &i.ID, true, err
}

func (cs *Commitments) list(w http.ResponseWriter, r *http.Request) error {
	page := &listPage{Page: cs.shell.Page(r, cs.shell.Printer(r).T("commitment.list"))}
	a := readAsked(r.URL.Query())
	if err := cs.DB.Read(r.Context(), func(tx *db.Tx) error { return cs.fillList(tx, page, a) }); err != nil {
		return err
	}
	return cs.shell.Render(w, r, http.StatusOK, "commitment/list", page)
}

func (cs *Commitments) fillList(tx *db.Tx, page *listPage, a asked) error {
	l := page.L
	body, known, err := bodyOf(tx, a.body)
	if err != nil {
		return err
	}
	total, list := 0, []Commitment(nil)
	if known {
		f := a.filter(body)
		if total, err = Count(tx, f); err != nil {
			return err
		}
		if list, err = List(tx, f, a.order, a.after, shown+1); err != nil {
			return err
		}
	}
	page.Pager.L = l
	if len(list) > shown {
		list = list[:shown]
		page.Pager.Next = a.path(Path, KeyOf(list[shown-1], a.order))
	}
	if page.Items, err = cs.lines(tx, page.Page, list); err != nil {
		return err
	}
	if a.on.ID != "" && cs.Cards != nil {
		cards, err := cs.Cards(tx, []plaza.Ref{a.on})
		if err != nil {
			return err
		}
		if card := cards[a.on]; card.Visible { // an address may name what was hidden
			page.On = linkTo(l, card)
		}
	}
	page.Count = countWords(l, total)
	page.Page.Description = l.T("commitment.list.lead")
	page.Canonical, page.NoIndex = a.path(Path, Key{}), a != asked{order: ByDue}
	page.CSV, page.Feed = a.path(csvPath, Key{}), a.path(feedPath, Key{})
	page.Alternates = []web.Alternate{{Type: atomType, Path: page.Feed, Title: l.T("commitment.list")}}
	if len(list) == 0 {
		page.Empty = &web.Empty{Title: l.T("commitment.list.none")}
	}
	for _, o := range []Order{ByDue, Newest} {
		b := a
		b.order, b.after = o, Key{}
		page.Sorts = append(page.Sorts, web.NavLink{Label: l.T("commitment.sort." + string(o)), Path: b.path(Path, Key{}), Current: o == a.order})
	}
	return page.filters(tx, a)
}

// countWords says how many there are; beyond MaxTotal that there are at least so many.
func countWords(l *i18n.Printer, n int) string {
	if n > MaxTotal {
		return l.T("commitment.list.many", "count", MaxTotal)
	}
	return l.T("commitment.list.count", "count", n)
}

// filters are the choices of the list.
func (p *listPage) filters(tx *db.Tx, a asked) error {
	l := p.L
	ids, err := db.All(tx, db.Column[string], `SELECT DISTINCT institution FROM commitments ORDER BY institution`)
	if err != nil {
		return err
	}
	owners, err := institution.ByIDs(tx, ids)
	if err != nil {
		return err
	}
	bodies := web.Field{L: l, Name: "institucion", Type: "select", Optional: true, Label: l.T("commitment.filter.institution"), Value: a.body,
		Options: []web.Option{{Label: l.T("commitment.filter.all")}}}
	for _, id := range ids {
		if i := owners[id]; i.ID != "" {
			bodies.Options = append(bodies.Options, web.Option{Value: i.Slug, Label: i.Name})
		} else if id == "" {
			bodies.Options = append(bodies.Options, web.Option{Value: Central, Label: l.T("access.role.admin")})
		}
	}
	shows := web.Field{L: l, Name: "estado", Type: "select", Optional: true, Label: l.T("commitment.filter.state"), Value: a.state}
	for _, s := range states {
		shows.Options = append(shows.Options, web.Option{Value: s.param, Label: l.T("commitment.show." + string(s.show))})
	}
	p.Fields = []web.Field{bodies, shows}
	if a.order == Newest {
		p.Hidden = append(p.Hidden, web.Option{Value: "recientes", Label: "orden"})
	}
	if a.on.ID != "" {
		p.Hidden = append(p.Hidden, web.Option{Value: a.on.String(), Label: "objeto"})
	}
	return nil
}

// maxCSV is how many commitments a file has.
const maxCSV = MaxTotal

// csv is the list as a file: what the filter chooses, from its beginning.
func (cs *Commitments) csv(w http.ResponseWriter, r *http.Request) error {
	page := cs.shell.Page(r, "")
	a := readAsked(r.URL.Query())
	var list []Commitment
	var views []lineView
	if err := cs.DB.Read(r.Context(), func(tx *db.Tx) error {
		body, known, err := bodyOf(tx, a.body)
		if err != nil || !known {
			return err
		}
		if list, err = List(tx, a.filter(body), a.order, Key{}, maxCSV); err != nil {
			return err
		}
		for from := 0; from < len(list); from += atOnce {
			some, err := cs.lines(tx, page, list[from:min(len(list), from+atOnce)])
			if err != nil {
				return err
			}
			views = append(views, some...)
		}
		return nil
	}); err != nil {
		return err
	}
	w.Header().Set("Content-Type", "text/csv; charset=utf-8; header=present")
	w.Header().Set("Content-Disposition", `attachment; filename="compromisos.csv"`)
	out := csv.NewWriter(w)
	rows := [][]string{{"codigo", "institucion", "clase", "compromiso", "hecho", "fecha", "fecha_original", "reprogramaciones", "avance",
		"estado", "vencido", "cerrado", "evidencia", "origen", "pagina"}}
	for i, c := range list {
		rows = append(rows, cs.row(page, c, views[i]))
	}
	return errors.Join(out.WriteAll(rows), out.Error())
}

func (cs *Commitments) row(page web.Page, c Commitment, v lineView) []string {
	l, evidence, origin, settled := page.L, "", "", ""
	if c.Evidence.Path != "" {
		evidence = page.URL(c.Evidence.Path)
	}
	if v.Origin != nil {
		origin = page.URL(v.Origin.Path)
	}
	if !c.Settled.IsZero() {
		settled = l.ISO(c.Settled)
	}
	row := []string{c.Code, v.Body, string(c.Kind), c.Text, l.ISO(c.Made), c.Due, c.OriginalDue, strconv.Itoa(c.Moves), strconv.Itoa(c.Percent),
		string(c.State), strconv.FormatBool(c.Overdue(page.Now)), settled, evidence, origin, page.URL(c.Path())}
	for i, s := range row {
		row[i] = harmless(s)
	}
	return row
}

// harmless is a cell that no spreadsheet takes for a formula.
func harmless(s string) string {
	if s != "" && strings.ContainsRune("=+-@\t\r", rune(s[0])) {
		return "'" + s
	}
	return s
}

// officePage is an institution's commitments, for its people.
type officePage struct {
	institution.OfficePage
	Filters []web.NavLink
	Items   []lineView
	Pager   web.Pager
	Empty   *web.Empty
}

// inboxes are what the institution's people choose from, as addresses name it.
var inboxes = []struct {
	param string
	show  Show
}{{"", ShowOpen}, {"vencidos", ShowOverdue}, {"por-firmar", ShowDropping}, {"cumplidos", ShowKept}, {"no-procede", ShowDropped}}

func (cs *Commitments) inOffice(w http.ResponseWriter, r *http.Request) error {
	page := &officePage{}
	if err := cs.DB.Read(r.Context(), func(tx *db.Tx) (err error) {
		if page.OfficePage, err = cs.office.Page(tx, r, access.OfficeSee, cs.shell.Printer(r).T("commitment.tab")); err != nil {
			return err
		}
		return cs.fillOffice(tx, page, r.URL.Query())
	}); err != nil {
		return err
	}
	return cs.shell.Render(w, r, http.StatusOK, "commitment/office", page)
}

func (cs *Commitments) fillOffice(tx *db.Tx, page *officePage, q url.Values) error {
	l, base := page.L, institution.OfficePath+page.Institution.Slug+Path
	f := Filter{Bodies: []string{page.Institution.ID}, Show: ShowOpen}
	at := base
	for _, s := range inboxes {
		if s.param == q.Get("ver") {
			f.Show = s.show
		}
	}
	for _, s := range inboxes {
		one := Filter{Bodies: f.Bodies, Show: s.show}
		n, err := Count(tx, one)
		if err != nil {
			return err
		}
		link := base
		if s.param != "" {
			link += "?ver=" + s.param
		}
		if s.show == f.Show {
			at = link
		}
		page.Filters = append(page.Filters, web.NavLink{Label: l.T("commitment.show."+string(s.show)) + " (" + l.Number(n) + ")", Path: link, Current: s.show == f.Show})
	}
	list, err := List(tx, f, ByDue, readAsked(q).after, shown+1)
	if err != nil {
		return err
	}
	page.Pager.L = l
	if len(list) > shown {
		list = list[:shown]
		next := asked{order: ByDue}.path("", KeyOf(list[shown-1], ByDue))
		if strings.Contains(at, "?") {
			next = "&" + strings.TrimPrefix(next, "?")
		}
		page.Pager.Next = at + next
	}
	if len(list) == 0 {
		page.Empty = &web.Empty{Title: l.T("commitment.list.none")}
	}
	if page.Items, err = cs.lines(tx, page.Page, list); err != nil {
		return err
	}
	on := access.Object{Kind: RefKind, Institution: page.Institution.ID}
	for i, c := range list {
		if c.State == Open && access.Can(page.Actor, access.CommitmentKeep, on) {
			page.Items[i].Manage = c.Path() + managePath
		}
		if c.Drops() && access.Can(page.Actor, access.CaseSign, on) {
			page.Items[i].Sign = c.Path() + signPath
		}
	}
	return nil
}
