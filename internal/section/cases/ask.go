package cases

import (
	"slices"
	"time"

	"plaza/internal/base/db"
	"plaza/internal/base/i18n"
	"plaza/internal/base/text"
	"plaza/internal/civic/calendar"
	"plaza/internal/civic/institution"
	"plaza/internal/civic/membership"
	"plaza/internal/plaza"
)

// AskPath is the form for a new case.
const AskPath = "/consultas/nueva"

// FormalRoute is where one makes a formal request for access to information: the
// Plataforma Nacional de Transparencia.
const FormalRoute = "https://www.plataformadetransparencia.org.mx/"

// aboutKinds are the kinds of what a case can be about.
var aboutKinds = []string{"dataset", "resource", institution.Kind, aboutTool, "story", "app", "comment", "forum"}

// aboutTool is the kind of tools, about which problems of reuse are told.
const aboutTool = "tool"

var errNoObject error = plaza.E(plaza.NotFound, "cases.error.no_object")

// About fills in what follows from what a form is about: its dataset, its themes and who
// answers for it. The zero Ref is about nothing in particular. What is tombstoned can
// still be asked about; NotFound is for what there is not, or is hidden.
func (cs *Cases) About(tx *db.Tx, f *Form) (plaza.Card, error) {
	ref := f.On.Ref
	if ref == (plaza.Ref{}) {
		return plaza.Card{}, nil
	}
	if !slices.Contains(aboutKinds, ref.Kind) || cs.Cards == nil {
		return plaza.Card{}, errNoObject
	}
	cards, err := cs.Cards(tx, []plaza.Ref{ref})
	if err != nil {
		return plaza.Card{}, err
	}
	card, ok := cards[ref]
	if !ok || !card.Visible && !card.Unavailable {
		return plaza.Card{}, errNoObject
	}
	f.Institution, f.On.Dataset, f.On.Themes = card.Institution, "", nil
	for _, r := range append([]plaza.Ref{ref}, card.Within...) {
		switch r.Kind {
		case "dataset":
			if f.On.Dataset == "" {
				f.On.Dataset = r.ID
			}
		case "theme":
			f.On.Themes = append(f.On.Themes, r.ID)
		}
	}
	return card, nil
}

// Promise is by when who is to answer something that is asked now.
type Promise struct {
	Body   institution.Institution // who is asked, the zero one for the coordination
	By     institution.Institution // whose clock it is, the zero one for the coordination's
	Vacant bool                    // who is asked has no liaison: no date of theirs is promised
	Level  membership.Level
	Days   int       // working days
	Due    time.Time // the first moment that is late
	Zone   *time.Location
}

// promised is what is promised to who asks something of a kind of an institution now, ""
// the coordination.
func (cs *Cases) promised(tx *db.Tx, k Kind, body string) (p Promise, err error) {
	terms, err := ReadTerms(tx)
	if err != nil {
		return p, err
	}
	who, err := cs.responsible(tx, body)
	if err != nil {
		return p, err
	}
	by, err := calendar.BusinessOf(tx, who.Institution)
	if err != nil {
		return p, err
	}
	p = Promise{Level: who.Level, Days: terms.Answer(k), Zone: by.Zone}
	p.Due = by.AddDays(tx.Now, p.Days)
	p.Vacant = body != "" && (who.Vacant || who.Level == membership.BySector || who.Level == membership.ByCoordination)
	names, err := institution.ByIDs(tx, slices.DeleteFunc([]string{body, who.Institution}, func(id string) bool { return id == "" }))
	p.Body, p.By = names[body], names[who.Institution]
	return p, err
}

// words say it.
func (p Promise) words(l *i18n.Printer) (said, note string) {
	date := l.In(p.Zone).Date(p.Due.Add(-time.Millisecond))
	by := p.By.Name
	if p.By.ID == "" {
		by = l.T("cases.ask.coordination")
	}
	switch {
	case p.Vacant:
		return l.T("cases.ask.promise.none", "institution", p.Body.Name), l.T("cases.ask.promise.stands_in", "by", by, "date", date, "count", p.Days)
	case p.Body.ID == "":
		return l.T("cases.ask.promise.date", "date", date), l.T("cases.ask.promise.central", "count", p.Days)
	}
	return l.T("cases.ask.promise.date", "date", date), l.T("cases.ask.promise.days", "institution", p.Body.Name, "count", p.Days)
}

// formalText is what somebody wrote, as the text of a formal request.
func formalText(l *i18n.Printer, f Form, body string) string {
	if body == "" {
		body = l.T("cases.ask.formal.some")
	}
	what := f.Body
	if text.Blank(what) {
		what = l.T("cases.ask.formal.blank")
	}
	out := l.T("cases.ask.formal.text", "institution", body)
	if !text.Blank(f.Title) {
		out += "\n\n" + f.Title
	}
	out += "\n\n" + what
	d := f.Details
	for _, part := range []struct{ key, value string }{{"formato", d.Format}, {"frecuencia", d.Frequency}, {"periodo", d.Period}, {"lugar", d.Geography}, {"desglose", d.Disaggregation}} {
		if part.value != "" {
			out += "\n" + l.T("cases.ask.field."+part.key) + ": " + part.value
		}
	}
	return out
}
