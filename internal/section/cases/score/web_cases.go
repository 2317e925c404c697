package score

import (
	"net/http"

	"plaza/internal/base/db"
	"plaza/internal/base/i18n"
	"plaza/internal/base/web"
	"plaza/internal/civic/institution"
	"plaza/internal/plaza"
	"plaza/internal/section/cases"
)

// listPage is how many cases a page lists.
const listPage = 50

// casesPage is the cases behind a figure.
type casesPage struct {
	web.Page
	Lead    string
	Count   string
	Back    web.NavLink
	Figures []web.NavLink
	Table   part
	Empty   *web.Empty
	Pager   web.Pager
}

func (s *Scores) cases(w http.ResponseWriter, r *http.Request) error {
	a := readAsk(r)
	page := &casesPage{Page: s.shell.Page(r, "")}
	moved := ""
	if err := s.DB.Read(r.Context(), func(tx *db.Tx) error {
		who := named{Slug: slugAll, Name: page.L.T("score.everybody")}
		var bodies []string
		if a.Slug != slugAll {
			var err error
			if who, _, err = bodyOf(tx, page.L, a.Slug); err != nil {
				return err
			}
			bodies = []string{who.ID}
		}
		if who.Slug != a.Slug {
			a.Slug = who.Slug
			moved = a.list(a.Figure)
			return nil
		}
		return s.fillCases(tx, page, a, who, bodies)
	}); err != nil {
		return err
	}
	if moved != "" {
		http.Redirect(w, r, moved, http.StatusMovedPermanently)
		return nil
	}
	return s.shell.Render(w, r, http.StatusOK, "score/cases", page)
}

func (s *Scores) fillCases(tx *db.Tx, page *casesPage, a ask, who named, bodies []string) error {
	l, f := page.L, a.filter(bodies)
	list, n, err := behind(tx, f, a)
	if err != nil {
		return err
	}
	page.Title = l.T("score.listed.title", "figure", l.T("score.listed."+string(a.Figure)), "institution", who.Name)
	page.Lead = said(l, a)
	page.Count = l.T("score.listed.count", "count", n)
	back := ask{Slug: a.Slug, Month: a.Month, Kind: a.Kind}
	page.Canonical, page.NoIndex = a.list(a.Figure), true
	page.Crumbs = []web.Crumb{{Title: l.T("score.title"), Path: Path}}
	if a.Slug != slugAll {
		page.Crumbs = append(page.Crumbs, web.Crumb{Title: who.Name, Path: back.page()})
	}
	page.Back = web.NavLink{Label: l.T("score.back"), Path: back.page(), Icon: "arrow-left"}
	first := a
	first.After = ""
	for _, fig := range FiguresListed {
		page.Figures = append(page.Figures, web.NavLink{Label: l.T("score.listed." + string(fig)), Path: first.list(fig), Current: fig == a.Figure})
	}
	page.Pager = web.Pager{L: l}
	if a.After != "" {
		page.Pager.Prev = first.list(a.Figure)
	}
	if len(list) > listPage {
		list = list[:listPage]
		next := a
		next.After = list[listPage-1].Case
		page.Pager.Next = next.list(a.Figure)
	}
	if len(list) == 0 {
		page.Empty = &web.Empty{Title: l.T("score.listed.none"), Text: l.T("score.listed.none.text"), Links: []web.NavLink{page.Back}}
		return nil
	}
	page.Table, err = s.caseTable(tx, l, list, a.Slug == slugAll || a.Figure == PassedOn)
	page.Table.Title = page.Count
	return err
}

// behind are the cases behind a figure, one more than a page of them, and how many there
// are.
func behind(tx *db.Tx, f Filter, a ask) (list []Listed, n int, err error) {
	if a.Band > 0 {
		return aged(tx, f, a.Band-1, a.After, listPage+1)
	}
	if n, err = countListed(tx, f, a.Figure, a.Outcome); err != nil {
		return nil, 0, err
	}
	list, err = listed(tx, f, a.Figure, a.Outcome, a.After, listPage+1)
	return list, n, err
}

// said is what a list is narrowed to, in words.
func said(l *i18n.Printer, a ask) string {
	out := l.T("score.listed.lead")
	add := func(s string) { out += " " + s + "." }
	if a.Month != "" {
		add(l.T("score.listed.month", "month", l.PartialDate(a.Month)))
	}
	if a.Kind != "" {
		add(l.T("cases.kind." + a.Kind))
	}
	if a.Side != "" {
		add(l.T("score.side." + string(a.Side)))
	}
	if a.Outcome != "" {
		add(l.T("cases.outcome." + string(a.Outcome)))
	}
	if a.Band > 0 {
		add(band(l, a.Band-1))
	}
	return out
}

// caseTable lists cases with their days.
func (s *Scores) caseTable(tx *db.Tx, l *i18n.Printer, list []Listed, owners bool) (part, error) {
	p := part{L: l, ID: "casos", Head: []head{{Text: l.T("score.column.folio")}, {Text: l.T("score.column.asked_title")}}}
	if owners {
		p.Head = append(p.Head, head{Text: l.T("score.column.institution")})
	}
	p.Head = append(p.Head, head{Text: l.T("score.kind")}, head{Text: l.T("score.column.asked")}, head{Text: l.T("score.column.state")}, head{Text: l.T("score.column.days"), Number: true})
	refs := make([]plaza.Ref, len(list))
	var bodies, owner []string
	for i, c := range list {
		refs[i] = plaza.Ref{Kind: cases.RefKind, ID: c.Case}
		bodies, owner = append(bodies, c.Body), append(owner, c.Institution)
	}
	cards := map[plaza.Ref]plaza.Card{}
	if s.Cards != nil {
		var err error
		if cards, err = s.Cards(tx, refs); err != nil {
			return p, err
		}
	}
	names, err := institution.ByIDs(tx, distinct(owner))
	if err != nil {
		return p, err
	}
	days, err := newCounters(tx, distinct(bodies))
	if err != nil {
		return p, err
	}
	for i, c := range list {
		title := "—"
		if card := cards[refs[i]]; card.Visible {
			title = card.Title
		}
		row := []cell{{Text: c.Folio, Path: cases.CasePath + c.Folio}, {Text: title}}
		if owners {
			name := central(l).Name
			if c.Institution != "" {
				name = names[c.Institution].Name
			}
			row = append(row, cell{Text: name})
		}
		row = append(row, cell{Text: l.T("cases.kind." + string(c.Kind))}, cell{Text: l.Date(c.Asked)}, cell{Text: l.T("cases.state." + string(c.State))},
			cell{Text: lasted(l, c, days), Number: true})
		for n := range row {
			row[n].Label = p.Head[n].Text
		}
		p.Rows = append(p.Rows, row)
	}
	return p, nil
}

// lasted says how long a case took, or has waited.
func lasted(l *i18n.Printer, c Listed, days *counters) string {
	switch {
	case c.Reason == cases.Duplicate:
		return l.T("cases.reason.duplicate")
	case c.AnswerDays != none && c.InTime:
		return l.T("score.took", "count", c.AnswerDays)
	case c.AnswerDays != none:
		return l.T("score.took.late", "count", c.AnswerDays)
	case c.State == cases.Closed:
		return l.T("cases.reason." + string(c.Reason))
	}
	return l.T("score.waits", "count", days.age(c.Body, c.Asked))
}
