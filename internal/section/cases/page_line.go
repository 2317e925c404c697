package cases

import (
	"cmp"
	"html/template"
	"time"

	"plaza/internal/base/db"
	"plaza/internal/base/i18n"
	"plaza/internal/base/text"
	"plaza/internal/base/web"
	"plaza/internal/civic/moderation"
)

// entry is one thing that happened, on the line through time.
type entry struct {
	L         *i18n.Printer
	ID        string // of the step
	Kind      StepKind
	What      string
	Who, Role string // institution, role and area of an official; Role is "" for anybody else
	When, ISO string
	Text      template.HTML
	Gone      string // said in place of Text when it is not public
	Tone      web.Tone
	Clock     string // what it did to the clock, in words
	Old       string // the date that was before
	Notes     []string
	Link      *web.NavLink
	Answer    *answerView
}

// teller draws the line through time of one case for one reader.
type teller struct {
	cs     *Cases
	l      *i18n.Printer
	page   web.Page
	all    *loaded
	clocks clockWriter
	views  []*answerView // all versions, oldest first
}

// draw fills in the clock, the answers and the steps of a page.
func (t *teller) draw(tx *db.Tx, page *casePage) (err error) {
	t.answers()
	if k, ok := t.last(); ok {
		who := ownerWords(t.l, t.all.bodies[k.Body])
		v, err := t.clocks.view(tx, t.all.c, k, who)
		if err != nil {
			return err
		}
		page.Clock = &v
	}
	if len(t.views) > 0 && t.all.c.Answer != "" {
		page.Summary = t.views[len(t.views)-1]
	}
	steps := t.all.steps
	if len(steps) > shownSteps {
		steps = steps[:shownSteps]
		page.Next = t.all.c.Path() + "?desde=" + steps[shownSteps-1].ID + "#linea"
	}
	if page.from != "" {
		page.First = t.all.c.Path() + "#linea"
	}
	for _, s := range steps {
		e, err := t.entry(tx, s)
		if err != nil {
			return err
		}
		page.Steps = append(page.Steps, e)
	}
	return nil
}

// last is the clock that the page speaks of: the one that was started last.
func (t *teller) last() (k Clock, ok bool) {
	for _, one := range t.all.clocks {
		if one.Kind == ToAnswer && (!ok || one.Round > k.Round || one.Round == k.Round && one.StoppedBy != ByMoving) {
			k, ok = one, true
		}
	}
	return k, ok
}

// entry draws a step.
func (t *teller) entry(tx *db.Tx, s Step) (entry, error) {
	l, f := t.l, s.Facts
	e := entry{L: l, ID: s.ID, Kind: s.Kind, When: l.DateTime(s.At), ISO: l.ISO(s.At), Tone: tones[s.Kind]}
	switch {
	case !s.Voice.Own():
		e.Who, e.Role = bodyWords(l, s.Voice), roleWords(l, s.Voice)
	case byAsker[s.Kind]:
		e.Who = askerWords(l, t.all.c.Asker, t.all.names)
	}
	e.What = l.T("cases.step."+string(s.Kind), "unit", f.Unit, "count", f.Days, "institution", cmp.Or(f.Institution, l.T("cases.central")), "folio", f.Folio,
		"was", t.word(f.Was), "now", t.word(f.Now), "outcome", t.outcome(f.Outcome))
	if s.Kind == Opened && t.all.c.Brought() {
		e.Who, e.What = "", l.T("cases.step.brought", "channel", l.T("cases.channel."+string(t.all.c.Channel)))
	}
	switch {
	case s.Body == "":
	case s.Standing == moderation.Public, s.Standing == moderation.Held && s.Person != "" && s.Person == t.page.Actor.PersonID:
		e.Text = text.Markdown(s.Body)
		if s.Standing == moderation.Held {
			e.Notes = append(e.Notes, l.T("cases.step.waits"))
		}
	default:
		e.Gone = l.T("cases.step.gone." + string(s.Standing))
	}
	t.dates(&e, s)
	return e, t.more(tx, &e, s)
}

// byAsker are the steps of whoever asked; tones, how much the others matter.
var (
	byAsker = map[StepKind]bool{Opened: true, InfoGiven: true, WasAccepted: true, WasReopened: true, WasWithdrawn: true}
	tones   = map[StepKind]web.Tone{WasAnswered: web.Good, WasAccepted: web.Good, WasResolved: web.Good, WasReopened: web.Warning,
		WasExtended: web.Warning, InfoRequested: web.Warning, WasCorrected: web.Info}
)

// word is a kind of case or a progress in words.
func (t *teller) word(s string) string {
	for _, family := range []string{"cases.kind.", "cases.progress."} {
		if s != "" && t.l.Has(family+s) {
			return t.l.T(family + s)
		}
	}
	return s
}

func (t *teller) outcome(o Outcome) string {
	if o == "" {
		return ""
	}
	return t.l.T("cases.outcome." + string(o))
}

// dates says what a step did to the clock.
func (t *teller) dates(e *entry, s Step) {
	l, f := t.l, s.Facts
	day := func(at time.Time) string { return l.Date(at.Add(-time.Millisecond)) } // the last day that is in time
	switch {
	case s.Kind == InfoRequested:
		e.Clock = l.T("cases.step.clock.paused", "until", day(f.Until))
	case s.Kind == WasAnswered && !f.Until.IsZero() && t.all.c.State == Answered:
		e.Clock = l.T("cases.step.clock.accept", "until", day(f.Until))
	case !f.Due.IsZero():
		e.Clock = l.T("cases.step.clock.due", "date", day(f.Due))
		if !f.Before.IsZero() && !f.Before.Equal(f.Due) {
			e.Old = l.T("cases.step.clock.before", "date", day(f.Before))
		}
	}
}

// more adds what a step is about: the answer that it published, another case.
func (t *teller) more(tx *db.Tx, e *entry, s Step) error {
	l, f := t.l, s.Facts
	switch s.Kind {
	case WasAnswered:
		v := t.version(f.Answer, 0)
		if v == nil {
			return nil
		}
		e.Answer = v
		for _, k := range t.all.clocks {
			if k.Kind != ToAnswer || !k.Stopped.Equal(s.At) || k.StoppedBy != ByAnswering {
				continue
			}
			by, err := t.clocks.business(tx, k)
			if err != nil {
				return err
			}
			tone, said := t.clocks.say(l.In(by.Zone), t.all.c, k, by)
			e.Tone, e.Notes = tone, append(e.Notes, said)
		}
	case WasCorrected:
		if v := t.version(f.Answer, f.Version); v != nil {
			e.Link = &web.NavLink{Label: l.T("cases.step.corrected.see", "version", f.Version), Path: v.Path}
		}
	case WasMerged, WasJoined:
		if c := t.other(f.Case); c != nil {
			e.Link = &web.NavLink{Label: c.Title, Path: c.Path()}
		}
	}
	return nil
}

// other is a public case near this one, nil for none.
func (t *teller) other(id string) *Case {
	n := t.all.near
	if n.into != nil && n.into.ID == id {
		return n.into
	}
	for i := range n.joined {
		if n.joined[i].ID == id {
			return &n.joined[i]
		}
	}
	return nil
}
