package cases

import (
	"fmt"
	"net/url"
	"strings"
	"time"

	ics "github.com/arran4/golang-ical"

	"plaza/internal/base/db"
	"plaza/internal/base/i18n"
	"plaza/internal/civic/institution"
)

// FeedPath is what the addresses of calendars begin with; the slug of an institution and
// ".ics" follow.
const FeedPath = "/calendario/"

// DatesPattern is where an institution shows until when it has to answer what is open.
const DatesPattern = "/instituciones/{institution}/plazos"

// TermsPattern is where an institution says who is told of what is late, and finds its
// calendar.
const TermsPattern = institution.OfficePath + "{institution}/consultas/plazos"

// DatesPath is the page of due dates of one institution.
func DatesPath(slug string) string { return strings.Replace(DatesPattern, "{institution}", slug, 1) }

// What a calendar shows: due dates from some time ago on, so many of them.
const (
	feedBack = 90 * 24 * time.Hour
	maxFeed  = 1000
)

// DueDate is a clock to an answer that everybody sees, with its case.
type DueDate struct {
	Case     Case
	Clock    Clock
	Revision int
	Changed  time.Time
}

// DueDates are the clocks to answers of an institution's public cases that were due after
// an instant, the soonest first: those that run, and those that were stopped.
func DueDates(tx *db.Tx, body string, after time.Time, limit int) ([]DueDate, error) {
	list, err := db.All(tx, func(scan func(...any) error) (d DueDate, err error) {
		d.Clock, err = scanClock(func(into ...any) error { return scan(append(into, &d.Revision, &d.Changed)...) })
		return d, err
	}, `SELECT k.id, k.case_id, k.kind, k.round, k.body, k.responsible, k.rule, k.days, k.calendar, k.started_at, k.promised_at, k.due_at,
			k.extended, k.paused_at, k.paused_days, k.stopped_at, k.stopped_by, k.escalated, k.revision, k.changed_at
		FROM case_clocks k
		JOIN cases c ON c.id = k.case_id
		WHERE c.institution = $1 AND c.standing = 'public' AND k.kind = 'answer' AND k.due_at > $2
		ORDER BY k.due_at, k.id
		LIMIT $3`, body, after, limit)
	if err != nil {
		return nil, err
	}
	clocks := make([]Clock, len(list))
	for i, d := range list {
		clocks[i] = d.Clock
	}
	all, err := casesOf(tx, clocks)
	for i := range list {
		list[i].Case = all[list[i].Clock.Case]
	}
	return list, err
}

// Feed is an institution's due dates as a calendar (RFC 5545): one all-day event for each
// clock, on the last day that is in time. A clock keeps its UID for ever; when it is
// extended, stands still or is answered, its SEQUENCE grows, so that whoever subscribed
// sees the change.
func (cs *Cases) Feed(tx *db.Tx, l *i18n.Printer, body institution.Institution) (string, error) {
	list, err := DueDates(tx, body.ID, tx.Now.Add(-feedBack), maxFeed)
	if err != nil {
		return "", err
	}
	host := "plaza"
	if u, err := url.Parse(cs.BaseURL); err == nil && u.Hostname() != "" {
		host = u.Hostname()
	}
	cal := ics.NewCalendar()
	cal.SetProductId("-//" + cs.Site() + "//cases//" + l.Lang())
	cal.SetMethod(ics.MethodPublish)
	cal.SetXWRCalName(l.T("cases.feed.title", "institution", body.Name))
	cal.SetRefreshInterval("PT6H")
	counting := Counting{}
	for _, d := range list {
		by, err := counting.By(tx, d.Clock)
		if err != nil {
			return "", err
		}
		cs.event(cal.AddEvent(d.Clock.ID+"@"+host), l, d, by.Zone, tx.Now)
	}
	return cal.Serialize(ics.WithNewLineWindows), nil
}

// event draws one due date.
func (cs *Cases) event(e *ics.VEvent, l *i18n.Printer, d DueDate, zone *time.Location, now time.Time) {
	k, c := d.Clock, d.Case
	day := k.LastDay().In(zone)
	e.SetDtStampTime(d.Changed)
	e.SetModifiedAt(d.Changed)
	e.SetCreatedTime(k.Started)
	e.SetSequence(d.Revision)
	e.SetAllDayStartAt(day)
	e.SetAllDayEndAt(time.Date(day.Year(), day.Month(), day.Day()+1, 0, 0, 0, 0, zone))
	e.SetTimeTransparency(ics.TransparencyTransparent)
	e.SetURL(cs.BaseURL + c.Path())
	state := k.At(now)
	e.SetSummary(l.T("cases.feed.event", "state", l.T("cases.clock."+string(state)), "folio", c.Folio, "title", c.Title))
	e.SetDescription(fmt.Sprintf("%s\n%s", l.T("cases.kind."+string(c.Kind)), cs.BaseURL+c.Path()))
	switch state {
	case ClockStopped:
		e.SetStatus(ics.ObjectStatusCancelled)
	default:
		e.SetStatus(ics.ObjectStatusConfirmed)
	}
}
