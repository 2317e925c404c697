package score

import (
	"slices"
	"time"

	"plaza/internal/base/db"
	"plaza/internal/civic/calendar"
)

// bands are up to which age, in working days, the unanswered are counted together; what is
// older stands in the last one, however old.
var bands = []int{5, 10, 20, 40, 60}

// Ages are how old what is unanswered is, in working days.
type Ages struct {
	Bands  []int // how many in each of the bands, and how many older
	Oldest int   // the age of the oldest; none when there is nothing
}

// counter counts working days up to now by one calendar: each day once, however many
// cases were asked on it.
type counter struct {
	by     calendar.Business
	last   time.Time // noon of the day up to which is known, going back
	n      int       // working days after that day up to today
	known  map[string]int
	oldest string
}

func newCounter(by calendar.Business, now time.Time) *counter {
	y, m, d := now.In(by.Zone).Date()
	noon := time.Date(y, m, d, 12, 0, 0, 0, by.Zone)
	day := noon.Format(time.DateOnly)
	return &counter{by: by, last: noon, known: map[string]int{day: 0}, oldest: day}
}

// age is by.DaysBetween(t, now).
func (c *counter) age(t time.Time) int {
	day := t.In(c.by.Zone).Format(time.DateOnly)
	for day < c.oldest {
		if c.by.IsWorking(c.last) {
			c.n++
		}
		y, m, d := c.last.Date()
		c.last = time.Date(y, m, d-1, 12, 0, 0, 0, c.by.Zone)
		c.oldest = c.last.Format(time.DateOnly)
		c.known[c.oldest] = c.n
	}
	return c.known[day] // a day to come has none
}

// counters count by the calendars of institutions; those that count alike share one.
type counters struct {
	by     map[string]calendar.Business
	shared map[string]*counter
	now    time.Time
}

func newCounters(tx *db.Tx, bodies []string) (*counters, error) {
	by, err := calendar.Businesses(tx, append([]string{""}, bodies...))
	return &counters{by, map[string]*counter{}, tx.Now}, err
}

// age is how many working days have passed since an instant, by the calendar of an
// institution; one that is no more counts as the coordination does.
func (c *counters) age(body string, t time.Time) int {
	by, ok := c.by[body]
	if !ok {
		body, by = "", c.by[""]
	}
	key := by.Zone.String() + " " + by.Version
	if ownDays(by.Version) {
		key += " " + body
	}
	k := c.shared[key]
	if k == nil {
		k = newCounter(by, c.now)
		c.shared[key] = k
	}
	return k.age(t)
}

// ownDays reports whether a calendar has days of one institution alone.
func ownDays(version string) bool {
	for _, r := range version {
		if r == '+' {
			return true
		}
	}
	return false
}

// agesOf are the ages of what is unanswered.
func agesOf(tx *db.Tx, f Filter) (Ages, error) {
	out := Ages{Bands: make([]int, len(bands)+1), Oldest: none}
	all, err := unanswered(tx, f)
	if err != nil || len(all) == 0 {
		return out, err
	}
	var bodies []string
	for _, a := range all {
		bodies = append(bodies, a.Body)
	}
	count, err := newCounters(tx, distinct(bodies))
	if err != nil {
		return out, err
	}
	for _, a := range all {
		age := count.age(a.Body, a.On)
		out.Oldest = max(out.Oldest, age)
		out.Bands[bandOf(age)] += a.N
	}
	return out, nil
}

// bandOf is in which of the bands an age lies; len(bands) is older than all.
func bandOf(age int) int {
	i, _ := slices.BinarySearch(bands, age)
	return i
}
