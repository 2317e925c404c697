package score

import (
	"fmt"
	"slices"
	"time"

	"plaza/internal/base/db"
	"plaza/internal/section/cases"
)

// Figure names a count, whose cases can be listed.
type Figure string

// The figures whose cases can be listed.
const (
	Received        Figure = "received"
	BroughtHere     Figure = "brought"
	Answered        Figure = "answered"
	AnsweredInTime  Figure = "answered_in_time"
	AnsweredLate    Figure = "answered_late"
	NotInTime       Figure = "not_in_time"
	Unanswered      Figure = "unanswered"
	Waiting         Figure = "waiting"
	Overdue         Figure = "overdue"
	ClosedWithout   Figure = "closed"
	ClosedLate      Figure = "closed_late"
	Duplicates      Figure = "duplicates"
	Reopened        Figure = "reopened"
	ReopenedOverdue Figure = "reopened_overdue"
	Resolved        Figure = "resolved"
	PassedOn        Figure = "passed_on"
)

// FiguresListed are all of them, in order.
var FiguresListed = []Figure{Received, BroughtHere, Answered, AnsweredInTime, AnsweredLate, NotInTime, Unanswered, Waiting, Overdue,
	ClosedWithout, ClosedLate, Duplicates, Reopened, ReopenedOverdue, Resolved, PassedOn}

// dated reports whether what a figure counts depends on the instant.
func (f Figure) dated() bool { return f == NotInTime || f == Overdue || f == ReopenedOverdue }

// oldestFirst reports whether the cases behind a figure wait, so that the oldest matters
// most.
func (f Figure) oldestFirst() bool {
	return f == Unanswered || f == Waiting || f == Overdue || f == Reopened || f == ReopenedOverdue
}

// condition is which cases a figure counts; now is the place of the instant among the
// arguments, of one that is dated.
func (f Figure) condition(now int) string {
	switch f {
	case BroughtHere:
		return isBrought
	case Answered:
		return isAnswered
	case AnsweredInTime:
		return isAnswered + ` AND answer_in_time = 1`
	case AnsweredLate:
		return isAnswered + ` AND answer_in_time <> 1`
	case NotInTime:
		return `(` + isAnswered + ` AND answer_in_time <> 1 OR ` + isUnanswered + ` AND ` + past(now) + ` OR ` + isClosedLate + `)`
	case Unanswered:
		return isUnanswered
	case Waiting:
		return isWaiting
	case Overdue:
		return isUnanswered + ` AND ` + past(now)
	case ClosedWithout:
		return isClosed
	case ClosedLate:
		return isClosedLate
	case Duplicates:
		return isDuplicate
	case Reopened:
		return isReopened
	case ReopenedOverdue:
		return isReopened + ` AND ` + past(now)
	case Resolved:
		return isResolved
	case PassedOn:
		return `opened_with <> institution`
	}
	return `1 = 1`
}

// Listed is a case behind a figure.
type Listed struct {
	Case        string // id
	Folio       string
	Institution string
	Body        string
	Kind        cases.Kind
	State       cases.State
	Reason      cases.Reason
	Outcome     cases.Outcome
	Asked       time.Time
	AnswerDays  int // none when there is no official answer
	InTime      bool
	TotalDays   int // none when it is not settled
}

// chosen is the filter with a figure and an outcome as conditions.
func (f Filter) chosen(tx *db.Tx, fig Figure, outcome cases.Outcome) (string, []any) {
	held := f
	if fig == PassedOn {
		held.Bodies = nil
	}
	where, args := held.where(0)
	if fig == PassedOn && f.Bodies != nil {
		where += ` AND opened_with IN (` + db.Placeholders(len(args)+1, len(f.Bodies)) + `)`
		args = append(args, db.Args(f.Bodies)...)
	}
	if outcome != "" {
		args = append(args, outcome)
		where += fmt.Sprintf(` AND outcome = $%d`, len(args))
	}
	if fig.dated() {
		args = append(args, tx.Now)
	}
	return where + ` AND ` + fig.condition(len(args)), args
}

// listed are the cases behind a figure, newest first (what waits, oldest first), at most limit after one of them.
func listed(tx *db.Tx, f Filter, fig Figure, outcome cases.Outcome, after string, limit int) ([]Listed, error) {
	where, args := f.chosen(tx, fig, outcome)
	args = append(args, after, limit)
	beyond, order := `<`, `DESC`
	if fig.oldestFirst() {
		beyond, order = `>`, `ASC`
	}
	return db.All(tx, scanListed, listedColumns+`
		FROM score_cases
		WHERE `+where+fmt.Sprintf(` AND ($%[1]d = '' OR (month, asked_at, case_id) %[3]s (SELECT month, asked_at, case_id FROM score_cases WHERE case_id = $%[1]d))
		ORDER BY month %[4]s, asked_at %[4]s, case_id %[4]s
		LIMIT $%[2]d`, len(args)-1, len(args), beyond, order), args...)
}

const listedColumns = `SELECT case_id, folio, institution, body, kind, state, reason, outcome, asked_at, answer_days, answer_in_time, total_days`

func scanListed(scan func(...any) error) (c Listed, err error) {
	var inTime int
	err = scan(&c.Case, &c.Folio, &c.Institution, &c.Body, &c.Kind, &c.State, &c.Reason, &c.Outcome, &c.Asked, &c.AnswerDays, &inTime, &c.TotalDays)
	c.InTime = inTime == 1
	return c, err
}

// aged are the unanswered cases whose age lies in a band, oldest first: at most limit after
// one of them, and how many there are in all. Each is as old as the calendar of its body
// says.
func aged(tx *db.Tx, f Filter, band int, after string, limit int) (list []Listed, n int, err error) {
	type one struct {
		id, body string
		asked    time.Time
	}
	where, args := f.where(0)
	all, err := db.All(tx, func(scan func(...any) error) (o one, err error) { err = scan(&o.id, &o.body, &o.asked); return o, err },
		`SELECT case_id, body, asked_at FROM score_cases WHERE `+where+` AND `+isUnanswered+` ORDER BY month, asked_at, case_id`, args...)
	if err != nil || len(all) == 0 {
		return nil, 0, err
	}
	var bodies []string
	for _, o := range all {
		bodies = append(bodies, o.body)
	}
	days, err := newCounters(tx, distinct(bodies))
	if err != nil {
		return nil, 0, err
	}
	all = slices.DeleteFunc(all, func(o one) bool { return bandOf(days.age(o.body, o.asked)) != band })
	from := 1 + slices.IndexFunc(all, func(o one) bool { return o.id == after })
	var ids []string
	for _, o := range all[from:min(from+limit, len(all))] {
		ids = append(ids, o.id)
	}
	if len(ids) == 0 {
		return nil, len(all), nil
	}
	list, err = db.All(tx, scanListed, listedColumns+`
		FROM score_cases
		WHERE case_id IN (`+db.Placeholders(1, len(ids))+`)
		ORDER BY month, asked_at, case_id`, db.Args(ids)...)
	return list, len(all), err
}

// countListed is how many cases are behind a figure.
func countListed(tx *db.Tx, f Filter, fig Figure, outcome cases.Outcome) (n int, err error) {
	where, args := f.chosen(tx, fig, outcome)
	err = tx.Row(`SELECT COUNT(*) FROM score_cases WHERE `+where, args...).Scan(&n)
	return n, err
}
