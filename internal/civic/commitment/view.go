package commitment

import (
	"html/template"
	"time"

	"plaza/internal/base/db"
	"plaza/internal/base/i18n"
	"plaza/internal/base/text"
	"plaza/internal/base/web"
	"plaza/internal/civic/institution"
	"plaza/internal/plaza"
)

// lineView is a commitment in a list.
type lineView struct {
	Code, Text, Path string
	Lang             string
	State            web.Badge
	Due, DueISO      string
	Body, BodyPath   string // who keeps it
	Origin, Object   *web.NavLink
	Moved            string // how often its date was moved, "" for never
	Note             string // that it waits for a second person
	Manage, Sign     string // paths, "" for who may not
}

// lines puts commitments into words, with a bounded number of statements.
func (cs *Commitments) lines(tx *db.Tx, page web.Page, list []Commitment) ([]lineView, error) {
	about, owners, err := around(tx, cs.Cards, list)
	if err != nil {
		return nil, err
	}
	out := make([]lineView, len(list))
	for i, c := range list {
		out[i] = lineOf(page, c, about, owners[c.Institution])
	}
	return out, nil
}

func lineOf(page web.Page, c Commitment, about map[plaza.Ref]plaza.Card, owner institution.Institution) lineView {
	l := page.L
	v := lineView{Code: c.Code, Text: c.Text, Path: c.Path(), State: stateBadge(l, c, page.Now), Due: l.PartialDate(c.Due), DueISO: c.Due,
		Body: owner.Name, BodyPath: owner.Path(), Origin: linkTo(l, about[c.Origin]), Object: linkTo(l, about[c.Object])}
	if c.Language != l.Lang() {
		v.Lang = c.Language
	}
	if owner.ID == "" {
		v.Body, v.BodyPath = l.T("access.role.admin"), ""
	}
	if c.Moves > 0 {
		v.Moved = l.T("commitment.moved_times", "count", c.Moves, "date", l.PartialDate(c.OriginalDue))
	}
	if c.Drops() {
		v.Note = l.T("commitment.dropping.short")
	}
	return v
}

// linkTo leads to something that a commitment comes from or concerns; nil for nothing, and
// of what is hidden only its title is told.
func linkTo(l *i18n.Printer, card plaza.Card) *web.NavLink {
	if card.Ref.ID == "" {
		return nil
	}
	n := &web.NavLink{Label: card.Title, Path: card.Path}
	if card.Unavailable {
		n.Label += " " + l.T("commitment.unavailable")
	}
	return n
}

// stateBadge says where a commitment stands, and by how much it is late or how much time
// is left.
func stateBadge(l *i18n.Printer, c Commitment, now time.Time) web.Badge {
	const day = 24 * time.Hour
	switch {
	case c.State == Kept && c.Settled.Before(c.Late):
		return web.Badge{Tone: web.Good, Icon: "circle-check", Text: l.T("commitment.state.kept")}
	case c.State == Kept:
		return web.Badge{Tone: web.Good, Icon: "circle-check", Text: l.T("commitment.state.kept_late")}
	case c.State == Dropped:
		return web.Badge{Icon: "circle-x", Text: l.T("commitment.state.dropped")}
	case c.Overdue(now):
		return web.Badge{Tone: web.Bad, Icon: "triangle-alert", Text: l.T("commitment.state.overdue", "count", 1+int(now.Sub(c.Late)/day))}
	}
	return web.Badge{Tone: web.Info, Icon: "calendar-clock", Text: l.T("commitment.state.open", "count", int(c.Late.Sub(now)/day))}
}

// stepView is a step of the line through time.
type stepView struct {
	When, ISO string
	Words     string
	Who       string
	Body      template.HTML
	Block     string // class of its mark: kept in jade, late in vermilion
}

// stepViews puts the steps of a commitment into words. What is still to be signed is told
// without its reason, which is no decision yet.
func stepViews(l *i18n.Printer, c Commitment, steps []Step) []stepView {
	out := make([]stepView, 0, len(steps))
	for _, s := range steps {
		v := stepView{When: l.Date(s.At), ISO: l.ISO(s.At), Who: voiceWords(l, s.Voice), Body: text.Markdown(s.Body)}
		v.Words = l.T("commitment.step."+string(s.Kind), "date", l.PartialDate(s.Facts.Due), "was", l.PartialDate(s.Facts.Was),
			"percent", s.Facts.Percent, "institution", bodyWords(l, s.Facts.Institution))
		switch s.Kind {
		case WasKept:
			v.Block = "Commitments-kept"
		case WasDropped:
			v.Who = l.T("commitment.signed", "asked", voiceWords(l, s.Voice), "signed", voiceWords(l, s.Facts.Signed))
		case DropAsked, DropReturned:
			v.Body = ""
		}
		out = append(out, v)
	}
	return out
}

// bodyWords is what an institution is called, "" the coordination.
func bodyWords(l *i18n.Printer, name string) string {
	if name == "" {
		return l.T("access.role.admin")
	}
	return name
}

// voiceWords are in which role, for which area and institution, somebody acted.
func voiceWords(l *i18n.Printer, v institution.Voice) string {
	if v.Own() {
		return l.T("commitment.by_plaza")
	}
	words := l.T("access.role." + string(v.Role))
	for _, part := range []string{v.Unit, v.Name} {
		if part != "" {
			words += ", " + part
		}
	}
	return words
}

// linePart is a commitment with what its template needs besides.
type linePart struct {
	L *i18n.Printer
	V lineView
}

// Line draws a commitment in the list.
func (p *listPage) Line(v lineView) linePart { return linePart{p.L, v} }

// Line draws a commitment in the office.
func (p *officePage) Line(v lineView) linePart { return linePart{p.L, v} }

// Line draws a commitment around an object.
func (p aroundView) Line(v lineView) linePart { return linePart{p.L, v} }
