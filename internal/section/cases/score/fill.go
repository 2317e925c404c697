package score

import (
	"plaza/internal/base/db"
	"plaza/internal/base/i18n"
	"plaza/internal/base/web"
)

// body is the part of a page that both have: figures in all, by month, kind and outcome,
// and the ages of what waits.
type body struct {
	total         Figures
	byMonth, kind []Line
	ages          Ages
	passed        int
}

func readBody(tx *db.Tx, f Filter) (b body, err error) {
	if b.total, err = Total(tx, f); err != nil {
		return b, err
	}
	all := f
	all.Month = "" // the months stand beside each other, whichever is chosen
	if b.byMonth, err = Tally(tx, all, ByMonth); err != nil {
		return b, err
	}
	if b.kind, err = Tally(tx, f, ByKind); err != nil {
		return b, err
	}
	if b.ages, err = agesOf(tx, f); err != nil {
		return b, err
	}
	passed, err := passedOn(tx, f)
	for _, n := range passed {
		b.passed += n
	}
	return b, err
}

// parts are the tables of it.
func (b body) parts(l *i18n.Printer, a ask) []part {
	parts := []part{monthTable(l, a, b.byMonth), ageTable(l, a, b.ages), kindTable(l, a, b.kind), fateTable(l, a, b.total, b.passed)}
	if b.total.Answered > 0 {
		parts = append(parts, outcomeTable(l, a, b.total))
	}
	return parts
}

func nothing(l *i18n.Printer, a ask) *web.Empty {
	e := &web.Empty{Title: l.T("score.empty"), Text: l.T("score.empty.text")}
	if a.Month != "" || a.Kind != "" {
		e.Links = []web.NavLink{{Label: l.T("score.clear"), Path: (ask{Slug: a.Slug}).page(), Icon: "list-filter"}}
	}
	return e
}

func (s *Scores) fillAll(tx *db.Tx, page *scorePage, a ask) error {
	l := page.L
	if err := s.frame(tx, page, a); err != nil {
		return err
	}
	f := a.filter(nil)
	b, err := readBody(tx, f)
	if err != nil {
		return err
	}
	sides, err := Tally(tx, f, BySide)
	if err != nil {
		return err
	}
	lines, err := s.bodyLines(tx, l, a)
	if err != nil {
		return err
	}
	kept, err := Commitments(tx, f)
	if err != nil {
		return err
	}
	if b.total.Received == 0 {
		page.Empty = nothing(l, a)
	} else {
		page.Summary, page.Notes = summary(l, a, b.total), notes(l, b.total, b.ages)
		page.Parts = append(page.Parts, sideTable(l, a, sides))
	}
	if len(lines) > 0 {
		page.Parts = append(page.Parts, bodyTable(l, a, lines))
	}
	if b.total.Received > 0 {
		page.Parts = append(page.Parts, b.parts(l, a)...)
	}
	if k := merged(kept); k.Made > 0 {
		page.Parts = append(page.Parts, keptTable(l, a, k))
	}
	return nil
}

func (s *Scores) fillOne(tx *db.Tx, page *scorePage, a ask, who named) error {
	l := page.L
	if err := s.frame(tx, page, a); err != nil {
		return err
	}
	f := a.filter([]string{who.ID})
	b, err := readBody(tx, f)
	if err != nil {
		return err
	}
	sides, err := Tally(tx, f, BySide)
	if err != nil {
		return err
	}
	kept, err := Commitments(tx, f)
	if err != nil {
		return err
	}
	if b.total.Received == 0 {
		page.Empty = nothing(l, a)
	} else {
		page.Summary, page.Notes = summary(l, a, b.total), notes(l, b.total, b.ages)
		if len(sides) > 1 || sides[0].Of == string(Without) {
			page.Parts = append(page.Parts, sideTable(l, a, sides))
		}
		page.Parts = append(page.Parts, b.parts(l, a)...)
	}
	if k := kept[who.ID]; k.Made > 0 {
		page.Parts = append(page.Parts, keptTable(l, a, k))
	}
	said, err := s.silence(tx, l, who.ID)
	if said != "" {
		page.Notes = append(page.Notes, said)
	}
	return err
}

// silence says how many comments nobody official has replied to, and since when the
// oldest waits; "" for none.
func (s *Scores) silence(tx *db.Tx, l *i18n.Printer, id string) (string, error) {
	if s.Unreplied == nil {
		return "", nil
	}
	all, err := s.Unreplied(tx, []string{id})
	if err != nil || all[id].Count == 0 {
		return "", err
	}
	days, err := newCounters(tx, []string{id})
	if err != nil {
		return "", err
	}
	return l.T("score.silence", "count", all[id].Count, "days", days.age(id, all[id].Oldest)), nil
}
