package cases

import (
	"fmt"
	"time"

	"plaza/internal/civic/calendar"
	"plaza/internal/civic/membership"
)

// Terms are within how many working days what is promised. They are promises of an
// installation, not law; a clock keeps those that it was started with.
type Terms struct {
	Version     int
	Acknowledge int
	Question    int
	Quality     int
	Request     int
	Reuse       int
	Handover    int // until a body says whether it takes a case over
	Info        int // how long a case waits for its asker
	Accept      int // until an answer is taken as accepted
}

// DefaultTerms are those of PLAZA.md section 7.
var DefaultTerms = Terms{Version: 1, Acknowledge: 2, Question: 10, Quality: 10, Request: 20, Reuse: 10, Handover: 5, Info: 10, Accept: 15}

// Answer is within how many working days a kind of case is answered.
func (t Terms) Answer(k Kind) int {
	switch k {
	case Quality:
		return t.Quality
	case Request:
		return t.Request
	case Reuse:
		return t.Reuse
	}
	return t.Question
}

// ClockKind is what a clock counts to.
type ClockKind string

// The kinds of clock.
const (
	ToAcknowledge ClockKind = "acknowledge"
	ToAnswer      ClockKind = "answer"
	ToDecide      ClockKind = "handover" // whether a body takes a case over
)

// Clock is a term that runs, or ran, for a case.
type Clock struct {
	ID          string
	Case        string
	Kind        ClockKind
	Round       int
	Body        string           // id of by whose calendar and zone, "" for the coordination's
	Responsible membership.Level // who answered for the institution when it started
	Rule        string           // "question@1": the kind and the version of the terms
	Days        int              // working days
	Calendar    string           // calendar.Business.Version
	Started     time.Time
	Promised    time.Time // due without extension and pauses
	Due         time.Time // the first moment that is late
	Extended    int       // working days, 0 when it was not extended
	Paused      time.Time // since when it stands still, zero while it runs
	PausedDays  int       // working days that it stood still before
	Stopped     time.Time
	StoppedBy   Stop
	Escalated   int // the last step that was taken of being late; see LateSteps
}

// Stop is what stopped a clock.
type Stop string

// What stops clocks.
const (
	ByAcknowledging Stop = "acknowledged"
	ByAnswering     Stop = "answered"
	ByClosing       Stop = "closed"
	ByMoving        Stop = "moved" // another body's clock runs instead
	ByDeciding      Stop = "decided"
)

// ClockState is where a clock stands at an instant.
type ClockState string

// The states of a clock (PLAZA.md section 7).
const (
	Running      ClockState = "running"
	Paused       ClockState = "paused"
	Extended     ClockState = "extended"
	InTime       ClockState = "answered"
	Late         ClockState = "late" // it was stopped after it was due
	Overdue      ClockState = "overdue"
	Escalated    ClockState = "escalated"
	ClockStopped ClockState = "withdrawn" // nobody is waited for any more
)

// Start starts a clock at an instant: the day of the instant is day zero, and what
// happens before Due is in time.
func Start(kind ClockKind, rule string, days int, by calendar.Business, at time.Time) Clock {
	due := by.AddDays(at, days)
	return Clock{Kind: kind, Round: 1, Rule: rule, Days: days, Calendar: by.Version, Started: at, Promised: due, Due: due}
}

// ruleName is how a rule is written down.
func ruleName(kind string, version int) string { return fmt.Sprintf("%s@%d", kind, version) }

// At is where the clock stands at an instant.
func (c Clock) At(now time.Time) ClockState {
	switch {
	case !c.Stopped.IsZero() && (c.StoppedBy == ByClosing || c.StoppedBy == ByMoving):
		return ClockStopped
	case !c.Stopped.IsZero() && c.InTime(c.Stopped):
		return InTime
	case !c.Stopped.IsZero():
		return Late
	case !c.Paused.IsZero():
		return Paused
	case !c.InTime(now) && c.Escalated > 0:
		return Escalated
	case !c.InTime(now):
		return Overdue
	case c.Extended > 0:
		return Extended
	}
	return Running
}

// InTime reports whether an instant is in time.
func (c Clock) InTime(t time.Time) bool { return t.Before(c.Due) }

// LastDay is an instant of the last day that is in time.
func (c Clock) LastDay() time.Time { return c.Due.Add(-time.Millisecond) }

// Left is how many working days are left after the day of an instant, the last one
// counted too; 0 on the last day itself and when it is late.
func (c Clock) Left(by calendar.Business, now time.Time) int { return by.DaysBetween(now, c.LastDay()) }

// LateBy is by how many working days it is late at an instant: 0 while it is in time.
func (c Clock) LateBy(by calendar.Business, now time.Time) int {
	if c.InTime(now) {
		return 0
	}
	return by.DaysBetween(c.LastDay(), now)
}

// Used is how many working days it has run until an instant, without those that it
// stood still.
func (c Clock) Used(by calendar.Business, at time.Time) int {
	paused := c.PausedDays
	if !c.Paused.IsZero() && at.After(c.Paused) {
		paused += by.DaysBetween(c.Paused, at)
	}
	return max(0, by.DaysBetween(c.Started, at)-paused)
}

// Pause makes it stand still from an instant on.
func (c *Clock) Pause(at time.Time) { c.Paused = at }

// Resume lets it run again: it is due later by as many working days as it stood still.
func (c *Clock) Resume(by calendar.Business, at time.Time) {
	if c.Paused.IsZero() {
		return
	}
	n := by.DaysBetween(c.Paused, at)
	if n > 0 {
		c.Due = by.AddDays(c.LastDay(), n)
	}
	c.PausedDays, c.Paused = c.PausedDays+n, time.Time{}
}

// As is the clock with the term of a kind of case, as old, as far extended and as long at a
// standstill.
func (c Clock) As(to Kind, terms Terms, by calendar.Business) Clock {
	n := Start(ToAnswer, ruleName(string(to), terms.Version), terms.Answer(to), by, c.Started)
	n.Case, n.Round, n.Body, n.Responsible = c.Case, c.Round, c.Body, c.Responsible
	n.Paused, n.PausedDays = c.Paused, c.PausedDays
	if c.Extended > 0 {
		n.Extend(by, min(c.Extended, n.Days))
	}
	if n.PausedDays > 0 {
		n.Due = by.AddDays(n.LastDay(), n.PausedDays)
	}
	return n
}

// Extend lets it run for more working days, once and for at most its own length.
func (c *Clock) Extend(by calendar.Business, days int) {
	c.Extended = days
	c.Due = by.AddDays(c.LastDay(), days)
}
