package score

import (
	"errors"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"plaza/internal/section/cases"
)

// everybody is the institution of a tally that adds up all of them.
const everybody = "*"

// cellKey is of which cases a tally is: of an institution in all months (Month is ""), or
// of everybody in a month.
type cellKey struct {
	Institution, Month string
	Kind               cases.Kind
	Side               Side
}

// cells are the tallies in which a case counts.
func (f *fact) cells() [2]cellKey {
	return [2]cellKey{{f.Institution, "", f.Kind, f.Side}, {everybody, f.Month, f.Kind, f.Side}}
}

// The counts of a tally, which stay as they are while time passes.
const (
	nReceived = iota
	nBrought
	nAnswered
	nInTime
	nLate
	nClosed
	nOffTopic
	nWithdrawn
	nLapsed
	nClosedLate
	nDuplicates
	nReopened
	nAcknowledged
	nAckInTime
	nResolved
	nCounts
)

// owing is something unanswered, or answered and reopened. An instant is in milliseconds.
type owing struct {
	Asked, Due int64 // Due is 0 while nothing is due
	Waits      bool  // for who asked
}

// tally is the figures of some cases. Due dates and ages are kept one by one, as what is
// overdue depends on the moment.
type tally struct {
	counts      [nCounts]int
	answer      map[int]int // by days
	total       map[int]int
	outcomes    map[cases.Outcome]int
	unanswered  map[string]map[owing]int // by whose calendar
	reopenedDue map[int64]int
}

func newTally() *tally {
	return &tally{answer: map[int]int{}, total: map[int]int{}, outcomes: map[cases.Outcome]int{},
		unanswered: map[string]map[owing]int{}, reopenedDue: map[int64]int{}}
}

// bump counts n more of a key; what comes to nothing is forgotten.
func bump[K comparable](m map[K]int, k K, n int) {
	if m[k] += n; m[k] == 0 {
		delete(m, k)
	}
}

func millis(t time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	return t.UnixMilli()
}

// count counts a case n times: 1 adds it, -1 takes it away. What it counts as is what the
// conditions of figures.go say.
func (t *tally) count(f *fact, n int) {
	add := func(which int, yes bool) {
		if yes {
			t.counts[which] += n
		}
	}
	closed := f.State == cases.Closed
	duplicate := closed && f.Reason == cases.Duplicate
	answered := !f.Answered.IsZero() && !duplicate
	without := f.Answered.IsZero() && closed && !duplicate
	add(nReceived, true)
	add(nBrought, f.Channel != cases.Web && f.Channel != cases.API && f.Channel != cases.Button)
	add(nAnswered, answered)
	add(nInTime, answered && f.InTime == 1)
	add(nLate, answered && f.InTime != 1)
	add(nClosed, without)
	add(nOffTopic, without && f.Reason == cases.OffTopic)
	add(nWithdrawn, without && f.Reason == cases.Withdrawn)
	add(nLapsed, without && f.Reason == cases.Unanswered)
	add(nClosedLate, without && f.ClosedLate == 1)
	add(nDuplicates, duplicate)
	add(nReopened, answered && owed(f.State))
	add(nAcknowledged, f.AckDays >= 0)
	add(nAckInTime, f.AckInTime == 1)
	add(nResolved, answered && f.State == cases.Resolved)
	due := millis(f.Due)
	if f.State == cases.NeedsInfo {
		due = 0
	}
	if answered {
		bump(t.outcomes, f.Outcome, n)
		if f.AnswerDays >= 0 {
			bump(t.answer, f.AnswerDays, n)
		}
		if f.State == cases.Resolved && f.TotalDays >= 0 {
			bump(t.total, f.TotalDays, n)
		}
		if owed(f.State) && due != 0 {
			bump(t.reopenedDue, due, n)
		}
	}
	if f.Answered.IsZero() && !closed {
		t.owes(f.Body, owing{millis(f.Asked), due, f.State == cases.NeedsInfo}, n)
	}
}

// The content of a tally is text: its parts end with ';', the numbers of one with a space.
// It is always the same for the same figures.

func (t *tally) String() string {
	var b []byte
	num := func(n int64) { b = append(strconv.AppendInt(b, n, 10), ' ') }
	end := func() { b = append(b, ';') }
	for _, n := range t.counts {
		num(int64(n))
	}
	end()
	for _, days := range []map[int]int{t.answer, t.total} {
		for _, d := range slices.Sorted(maps.Keys(days)) {
			num(int64(d))
			num(int64(days[d]))
		}
		end()
	}
	for _, o := range slices.Sorted(maps.Keys(t.outcomes)) {
		b = append(append(b, o...), ' ')
		num(int64(t.outcomes[o]))
	}
	end()
	for _, due := range slices.Sorted(maps.Keys(t.reopenedDue)) {
		num(due)
		num(int64(t.reopenedDue[due]))
	}
	end()
	for _, body := range slices.Sorted(maps.Keys(t.unanswered)) {
		b = append(append(b, body...), ' ')
		of := t.unanswered[body]
		for _, o := range slices.SortedFunc(maps.Keys(of), compareOwing) {
			num(o.Asked)
			num(o.Due)
			waits := int64(0)
			if o.Waits {
				waits = 1
			}
			num(waits)
			num(int64(of[o]))
		}
		end()
	}
	return string(b)
}

func compareOwing(a, b owing) int {
	switch {
	case a.Asked != b.Asked:
		return int(min(1, max(-1, a.Asked-b.Asked)))
	case a.Due != b.Due:
		return int(min(1, max(-1, a.Due-b.Due)))
	case a.Waits == b.Waits:
		return 0
	case b.Waits:
		return -1
	}
	return 1
}

// content reads the text of a tally from its beginning.
type content struct {
	s  string
	ok bool
}

func (c *content) part() content {
	head, rest, ok := strings.Cut(c.s, ";")
	c.s, c.ok = rest, c.ok && ok
	return content{head, ok}
}

func (c *content) word() string {
	w, rest, ok := strings.Cut(c.s, " ")
	c.s, c.ok = rest, c.ok && ok
	return w
}

func (c *content) number() int64 {
	n, err := strconv.ParseInt(c.word(), 10, 64)
	c.ok = c.ok && err == nil
	return n
}

// reader is told what a tally holds.
type reader interface {
	counted(which, n int)
	answered(days, n int)
	settled(days, n int)
	came(to cases.Outcome, n int)
	reopened(due int64, n int)
	owes(body string, o owing, n int)
}

// tell tells a reader everything.
func (c content) tell(to reader) error {
	good := true
	each := func(part content, f func(*content)) {
		for part.s != "" && part.ok {
			f(&part)
		}
		good = good && part.ok
	}
	i := 0
	each(c.part(), func(p *content) { to.counted(i, int(p.number())); i++ })
	each(c.part(), func(p *content) { to.answered(int(p.number()), int(p.number())) })
	each(c.part(), func(p *content) { to.settled(int(p.number()), int(p.number())) })
	each(c.part(), func(p *content) { to.came(cases.Outcome(p.word()), int(p.number())) })
	each(c.part(), func(p *content) { to.reopened(p.number(), int(p.number())) })
	for c.s != "" && c.ok {
		part := c.part()
		body := part.word()
		each(part, func(p *content) {
			to.owes(body, owing{p.number(), p.number(), p.number() == 1}, int(p.number()))
		})
	}
	if !good || !c.ok || i != nCounts {
		return errors.New("a tally of the figures cannot be read")
	}
	return nil
}

func (t *tally) counted(which, n int)         { t.counts[which%nCounts] += n }
func (t *tally) answered(days, n int)         { bump(t.answer, days, n) }
func (t *tally) settled(days, n int)          { bump(t.total, days, n) }
func (t *tally) came(to cases.Outcome, n int) { bump(t.outcomes, to, n) }
func (t *tally) reopened(due int64, n int)    { bump(t.reopenedDue, due, n) }

func (t *tally) owes(body string, o owing, n int) {
	of := t.unanswered[body]
	if of == nil {
		of = map[owing]int{}
		t.unanswered[body] = of
	}
	if bump(of, o, n); len(of) == 0 {
		delete(t.unanswered, body)
	}
}

// adding adds what tallies hold to figures, as they are at an instant.
type adding struct {
	*Figures
	now  int64
	ages func(body string, asked int64, n int) // of each unanswered; nil where nobody asks
}

func (a adding) counted(which, n int) {
	f := a.Figures
	*[nCounts]*int{&f.Received, &f.Brought, &f.Answered, &f.InTime, &f.Late, &f.Closed, &f.OffTopic, &f.Withdrawn, &f.Lapsed,
		&f.ClosedLate, &f.Duplicates, &f.Reopened, &f.Acknowledged, &f.AckInTime, &f.Resolved}[which%nCounts] += n
}

func (a adding) answered(days, n int) { a.AnswerDays = a.AnswerDays.add(days, n) }
func (a adding) settled(days, n int)  { a.TotalDays = a.TotalDays.add(days, n) }

func (a adding) came(to cases.Outcome, n int) {
	if a.Outcomes == nil {
		a.Outcomes = map[cases.Outcome]int{}
	}
	a.Outcomes[to] += n
}

func (a adding) reopened(due int64, n int) {
	if due <= a.now {
		a.ReopenedOverdue += n
	}
}

func (a adding) owes(body string, o owing, n int) {
	a.Unanswered += n
	if o.Waits {
		a.Waiting += n
	}
	if o.Due != 0 && o.Due <= a.now {
		a.Overdue += n
	}
	if a.Oldest.IsZero() || o.Asked < a.Oldest.UnixMilli() {
		a.Oldest = time.UnixMilli(o.Asked).UTC()
	}
	if a.ages != nil {
		a.ages(body, o.Asked, n)
	}
}
