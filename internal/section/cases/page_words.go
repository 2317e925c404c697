package cases

import (
	"time"

	"plaza/internal/base/db"
	"plaza/internal/base/i18n"
	"plaza/internal/base/web"
	"plaza/internal/civic/account"
	"plaza/internal/civic/calendar"
	"plaza/internal/civic/institution"
	"plaza/internal/civic/membership"
)

// bodyWords is the institution in whose name something was said.
func bodyWords(l *i18n.Printer, v institution.Voice) string {
	if v.Institution == "" {
		return l.T("cases.central")
	}
	return v.Name
}

// roleWords are the role and area in which something was said.
func roleWords(l *i18n.Printer, v institution.Voice) string {
	words := l.T("cases.role." + string(v.Role))
	if v.Unit != "" {
		words += " · " + v.Unit
	}
	return words
}

// ownerWords is who has to answer a case.
func ownerWords(l *i18n.Printer, body institution.Institution) string {
	if body.ID == "" {
		return l.T("cases.central")
	}
	return body.Name
}

// askerWords is what an asker is called: the name that they chose, else their account's.
func askerWords(l *i18n.Printer, a Asker, names map[string]string) string {
	switch {
	case a.Name != "":
		return a.Name
	case a.Person == "":
		return l.T("cases.asker.somebody")
	case names[a.Person] != "":
		return names[a.Person]
	}
	return l.T(account.Nobody)
}

// inZone is a printer of dates as an institution has them.
func inZone(l *i18n.Printer, body institution.Institution) *i18n.Printer {
	if zone, err := time.LoadLocation(body.Zone); body.Zone != "" && err == nil {
		return l.In(zone)
	}
	return l
}

// clockView is a clock in words.
type clockView struct {
	Tone    web.Tone
	Text    string
	Old     string // the date before it was put off
	Note    string // who answers where the institution has nobody
	ISO     string // the last day that is in time
	Details []web.Fact
	By      string // the sentence that says by what it is counted
}

// clockWriter puts clocks into words; it reads each calendar once.
type clockWriter struct {
	l    *i18n.Printer
	now  time.Time
	body string // what the case's institution is called
	by   map[string]calendar.Business
}

// business is by what a clock counts.
func (w *clockWriter) business(tx *db.Tx, k Clock) (calendar.Business, error) {
	key := k.Body + "\x00" + k.Calendar
	if by, ok := w.by[key]; ok {
		return by, nil
	}
	by, err := businessOf(tx, k)
	if w.by == nil {
		w.by = map[string]calendar.Business{}
	}
	w.by[key] = by
	return by, err
}

// view is a clock as it stands now. who is what the body is called that answers by it.
func (w *clockWriter) view(tx *db.Tx, c Case, k Clock, who string) (clockView, error) {
	by, err := w.business(tx, k)
	if err != nil {
		return clockView{}, err
	}
	l := w.l.In(by.Zone)
	v := clockView{ISO: k.LastDay().In(by.Zone).Format(time.DateOnly)}
	v.Tone, v.Text = w.say(l, c, k, by)
	if k.Extended > 0 {
		v.Old = l.T("cases.clock.was", "date", l.Date(k.Promised.Add(-time.Millisecond)), "count", k.Extended)
	}
	if k.Responsible == membership.BySector || k.Responsible == membership.ByCoordination && c.Institution != "" {
		v.Note = l.T("cases.clock.vacant", "institution", w.body, "who", who)
	}
	v.Details = clockFacts(l, k)
	v.By = l.T("cases.clock.rule")
	return v, nil
}

// say is what a clock says, and how much that matters.
func (w *clockWriter) say(l *i18n.Printer, c Case, k Clock, by calendar.Business) (web.Tone, string) {
	last := l.Date(k.LastDay())
	switch k.At(w.now) {
	case Paused:
		if c.State == NeedsInfo {
			return web.Info, l.T("cases.clock.say.paused", "since", l.Date(k.Paused), "until", l.Date(c.WaitsUntil.Add(-time.Millisecond)))
		}
		return "", l.T("cases.clock.say.still", "since", l.Date(k.Paused))
	case Overdue, Escalated:
		if n := k.LateBy(by, w.now); n > 0 {
			return web.Bad, l.T("cases.clock.say.overdue", "date", last, "count", n)
		}
		return web.Bad, l.T("cases.clock.say.overdue_now", "date", last)
	case InTime:
		if k.Used(by, k.Stopped) == 0 {
			return web.Good, l.T("cases.clock.say.same_day", "date", last)
		}
		return web.Good, l.T("cases.clock.say.in_time", "count", k.Used(by, k.Stopped), "date", last)
	case Late:
		if n := k.LateBy(by, k.Stopped); n > 0 {
			return web.Warning, l.T("cases.clock.say.late", "count", n, "date", last)
		}
		return web.Warning, l.T("cases.clock.say.late_now", "date", last)
	case ClockStopped:
		return "", l.T("cases.clock.say.stopped")
	}
	n := k.Left(by, w.now)
	if n == 0 {
		return web.Warning, l.T("cases.clock.say.today", "date", last)
	}
	tone := web.Info
	if n <= soon {
		tone = web.Warning
	}
	return tone, l.T("cases.clock.say.running", "date", last, "count", n)
}

// soon is from how many working days left on a clock warns.
const soon = 2

// clockFacts are by what a clock is counted: dates, rule and calendar.
func clockFacts(l *i18n.Printer, k Clock) []web.Fact {
	fact := func(key, text string) web.Fact { return web.Fact{Label: l.T("cases.clock.fact." + key), Text: text} }
	out := []web.Fact{
		fact("started", l.DateTime(k.Started)),
		fact("promised", l.Date(k.Promised.Add(-time.Millisecond))),
		fact("days", l.T("cases.clock.days", "count", k.Days)),
	}
	if k.Extended > 0 {
		out = append(out, fact("extended", l.T("cases.clock.days", "count", k.Extended)))
	}
	if k.PausedDays > 0 {
		out = append(out, fact("paused", l.T("cases.clock.days", "count", k.PausedDays)))
	}
	if !k.Stopped.IsZero() {
		out = append(out, fact("stopped", l.DateTime(k.Stopped)))
	}
	return append(out, fact("rule", k.Rule), fact("calendar", k.Calendar), fact("zone", l.Zone().String()))
}
