package score

import (
	"sync"
	"time"

	"plaza/internal/base/db"
	"plaza/internal/base/i18n"
	"plaza/internal/base/web"
	"plaza/internal/civic/institution"
	"plaza/internal/plaza"
)

// Around is what the page of an institution says of how it answers.
func (s *Scores) Around(tx *db.Tx, page web.Page, object plaza.Card) (web.Around, error) {
	if object.Ref.Kind != institution.Kind {
		return web.Around{}, nil
	}
	i, err := institution.ByID(tx, object.Ref.ID)
	if err != nil {
		return web.Around{}, err
	}
	f, err := Total(tx, Filter{Bodies: []string{i.ID}})
	if err != nil {
		return web.Around{}, err
	}
	l, a := page.L, ask{Slug: i.Slug}
	p := part{L: l, ID: "respuestas", Title: l.T("score.around"), More: &web.NavLink{Label: l.T("score.around.more"), Path: a.page()},
		Head: []head{{Text: l.T("score.figure")}, {Text: l.T("score.cases"), Number: true}}}
	if f.Received == 0 {
		p.Note = l.T("score.around.none")
	} else {
		p.Note = l.T("score.around.share", "share", share(l, f))
		if days, ok := f.AnswerDays.Within(90); ok {
			p.Note += " " + l.T("score.p90.answer", "days", days, "count", f.AnswerDays.Count())
		}
		for _, row := range []struct {
			f Figure
			n int
		}{{Received, f.Received}, {Answered, f.Answered}, {Unanswered, f.Unanswered}, {Overdue, f.Overdue}} {
			c := count(l, a, row.f, row.n)
			c.Label = p.Head[1].Text
			p.Rows = append(p.Rows, []cell{{Text: l.T("score.listed." + string(row.f))}, c})
		}
	}
	html, err := s.shell.Fragment("score/part", fragment{page, p})
	if err != nil {
		return web.Around{}, err
	}
	var around web.Around
	around.Foot = append(around.Foot, html)
	return around, nil
}

// lasting is how long the figures of the first page are taken as they were.
const lasting = time.Minute

// recent are figures of a moment ago: the first page is made anew with each entry of the
// record, and these are counted over all cases.
type recent struct {
	mu sync.Mutex
	at time.Time
	Figures
}

// latest are the counts of all cases, at most a minute old.
func (s *Scores) latest(tx *db.Tx) (Figures, error) {
	s.recent.mu.Lock()
	defer s.recent.mu.Unlock()
	if age := tx.Now.Sub(s.recent.at); age >= 0 && age < lasting {
		return s.recent.Figures, nil
	}
	lines, err := Tally(tx, Filter{}, InAll)
	if err != nil || len(lines) == 0 {
		return Figures{}, err
	}
	s.recent.at, s.recent.Figures = tx.Now, lines[0].Figures
	return lines[0].Figures, nil
}

// fragment is a part on another page.
type fragment struct {
	web.Page
	Part part
}

// Headline is one honest figure with where it comes from.
type Headline struct {
	Number, Label, Path string
}

// Headline is how well institutions answer, for the first page: how many of those that had
// to be answered by now were answered in time. Of too few cases it is the zero Headline.
func (s *Scores) Headline(tx *db.Tx, l *i18n.Printer) (Headline, error) {
	f, err := s.latest(tx)
	if err != nil {
		return Headline{}, err
	}
	percent, ok := f.Share()
	if !ok {
		return Headline{}, nil
	}
	return Headline{l.T("score.percent", "percent", percent), l.T("score.headline", "count", f.Judged()), Path}, nil
}
