// Package score is how institutions answer, measured in public: how many cases they
// received, how many have an official answer and in how many working days, and how many
// wait and for how long.
//
// Everything is read from the record (fold.go, read.go): a table holds what the record
// tells of each case, and can be made from it again at any time with the same result.
// What a case says is what its entries say: who answered is who the entry names, however
// roles and institutions changed since. What depends on today, ages and what is overdue,
// is never kept; it is worked out when somebody asks.
//
// The rules, which the page prints too:
//
//   - A case counts in the month in which it was asked, and for whoever gave its first
//     official answer; until then for whoever owes it.
//   - Closed is not answered. A duplicate counts as a duplicate, whatever was said in it.
//     What moderation hid does not count at all.
//   - Of what had to be answered by now, a case without an answer counts as not in time
//     from the moment in which it is due, and still does once it was closed.
//   - Days are working days by the calendar that the case was promised by, without those
//     on which it waited for its asker.
//   - The 90th percentile, and the median, are by nearest rank: the least number of days
//     within which nine of ten (one of two) were answered. Of fewer than Least cases only
//     counts are given.
package score

import (
	"embed"
	"log/slog"
	"slices"
	"time"

	"plaza/internal/base/db"
	"plaza/internal/base/web"
	"plaza/internal/civic/membership"
	"plaza/internal/civic/record"
	"plaza/internal/section/cases"
)

// Locale holds the sentences of this package, in Spanish and English.
//
//go:embed locale/*.json
var Locale embed.FS

//go:embed templates/*.html
var templates embed.FS

// Least is of how many cases on shares and percentiles are given: of fewer they would say
// more of chance than of an institution.
const Least = 5

// Config is what a Scores is made with.
type Config struct {
	DB    *db.DB
	Log   *slog.Logger
	Cards record.Cards // of cases, for their titles
	// Unreplied are the comments without an official reply in the inboxes of some
	// institutions, "" the coordination; nil is of all. A nil function is none.
	Unreplied func(tx *db.Tx, bodies []string) (map[string]Unreplied, error)
}

// Unreplied are comments to which nobody official has replied.
type Unreplied struct {
	Count  int
	Oldest time.Time // when the oldest was said
}

// Scores are the figures of how institutions answer.
type Scores struct {
	Config
	shell  *web.Shell
	recent recent
}

// New makes Scores.
func New(cfg Config) *Scores {
	if cfg.Log == nil {
		cfg.Log = slog.Default()
	}
	return &Scores{Config: cfg}
}

// Side is which of those that are counted apart a case belongs to.
type Side string

// The sides: institutions with an Enlace, those without one, for which the head of the
// sector or the coordination stands in, and the coordination's own cases.
const (
	With    Side = "with"
	Without Side = "without"
	Central Side = "central"
)

// Sides are all of them, in order.
var Sides = []Side{With, Without, Central}

// sideOf is on which side a case counts: who answered for its institution by its clock.
func sideOf(body string, level membership.Level) Side {
	switch {
	case body == "":
		return Central
	case level == membership.BySector || level == membership.ByCoordination:
		return Without
	}
	return With
}

// Filter chooses cases; zero fields choose all.
type Filter struct {
	// Bodies are ids of institutions, "" the coordination; nil is all.
	Bodies []string
	Month  string // 2006-01
	Kind   cases.Kind
	Side   Side
}

// By is what figures are given apart for.
type By string

// What figures are given apart for.
const (
	InAll         By = "all"
	ByInstitution By = "institution"
	ByMonth       By = "month"
	ByKind        By = "kind"
	BySide        By = "side"
	byCell        By = "cell" // institution, month and kind at once
)

// Line is the figures of one institution, month, kind or side; Of is "" for all.
type Line struct {
	Of string
	Figures
}

// Figures are how some cases were answered.
type Figures struct {
	Received  int // in all: answered, unanswered, closed and duplicates
	Brought   int // of these, received by other ways and brought here
	Answered  int // with an official answer
	InTime    int
	Late      int
	Closed    int // without an answer, for a reason that is no duplicate
	OffTopic  int // of these
	Withdrawn int // of these, by who asked
	Lapsed    int // of these, since who asked said no more
	// ClosedLate were closed without an answer once it was due.
	ClosedLate int
	Duplicates int
	Unanswered int
	Waiting    int // of these, for who asked: the clock stands still
	Overdue    int // of these
	Reopened   int // answered, not accepted, and without a new answer
	// ReopenedOverdue are those of Reopened whose new clock has run out.
	ReopenedOverdue int
	Acknowledged    int
	AckInTime       int
	Resolved        int       // accepted, or not objected to
	Oldest          time.Time // when the oldest unanswered was asked; zero for none
	AnswerDays      Days      // to the first official answer
	TotalDays       Days      // until resolved
	Outcomes        map[cases.Outcome]int
}

// Judged is how many had to be answered by now: answered, or due without an answer.
func (f Figures) Judged() int { return f.Answered + f.Overdue + f.ClosedLate }

// Share is which percentage of what had to be answered by now was answered in time; ok
// is false when that is of too few cases to say.
func (f Figures) Share() (percent int, ok bool) {
	n := f.Judged()
	if n < Least {
		return 0, false
	}
	return f.InTime * 100 / n, true // rounded down: 99.6 of 100 are not all
}

// Days are how many took how many working days, in order of the days.
type Days []DayCount

// DayCount is how many took a number of working days.
type DayCount struct{ Days, Count int }

// Count is how many there are.
func (d Days) Count() (n int) {
	for _, c := range d {
		n += c.Count
	}
	return n
}

// Within is the least number of days within which a percentage of them lies, by nearest
// rank; ok is false when they are too few to say.
func (d Days) Within(percent int) (days int, ok bool) {
	n := d.Count()
	if n < Least {
		return 0, false
	}
	rank := (n*percent + 99) / 100
	for _, c := range d {
		if rank -= c.Count; rank <= 0 {
			return c.Days, true
		}
	}
	return d[len(d)-1].Days, true
}

// add counts some more.
func (d Days) add(days, n int) Days {
	i, found := slices.BinarySearchFunc(d, days, func(c DayCount, days int) int { return c.Days - days })
	if found {
		d[i].Count += n
		return d
	}
	return slices.Insert(d, i, DayCount{days, n})
}

// Kept is what became of commitments.
type Kept struct {
	Made    int
	OnTime  int // kept by the day that was promised first
	Moved   int // kept later, by a day that was promised instead
	Late    int // kept after the day that was promised last
	Overdue int // not kept, and the day promised last has passed
	Open    int // not kept yet, in time
	Dropped int // ended without being kept
}

// Judged is how many had to be kept by now.
func (k Kept) Judged() int { return k.OnTime + k.Moved + k.Late + k.Overdue + k.Dropped }

// Share is which percentage of what had to be kept by now was kept by the day that was
// promised first.
func (k Kept) Share() (percent int, ok bool) {
	if k.Judged() < Least {
		return 0, false
	}
	return k.OnTime * 100 / k.Judged(), true
}
