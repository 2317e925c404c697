package plot

import (
	"fmt"
	"strconv"
	"time"
)

// Seconds of what a scale of time is parted into; months and years are as long as they are
// at most.
const (
	hour  = 3600.0
	day   = 24 * hour
	month = 31 * day
	year  = 366 * day
)

// The first and the last second that a scale of time holds: the years 1 to 9999.
const (
	earliest = -62135596800
	latest   = 253402300799
)

// interval is what may lie between two ticks of time: so many hours, days, months or years.
type interval struct {
	unit float64
	n    int
}

// intervals are all of them, from the least.
var intervals = []interval{
	{hour, 1}, {hour, 3}, {hour, 6}, {hour, 12}, {day, 1}, {day, 7}, {day, 14},
	{month, 1}, {month, 3}, {month, 6},
	{year, 1}, {year, 2}, {year, 5}, {year, 10}, {year, 20}, {year, 50}, {year, 100}, {year, 200}, {year, 500}, {year, 1000}, {year, 2000}, {year, 5000},
}

// grains are the least intervals of values a step apart.
var grains = map[string]interval{
	"hour": {hour, 1}, "day": {day, 1}, "week": {day, 7}, "month": {month, 1}, "quarter": {month, 3}, "year": {year, 1},
}

func (i interval) seconds() float64 { return i.unit * float64(i.n) }

// ticks are the beginnings of an interval on the scale.
func (i interval) ticks(s scale) (out []time.Time) {
	t := time.Unix(int64(s.low), 0).UTC()
	switch i.unit {
	case hour:
		t = time.Date(t.Year(), t.Month(), t.Day(), t.Hour()-t.Hour()%i.n, 0, 0, 0, time.UTC)
	case day:
		days := 0
		if i.n > 1 { // weeks begin on Mondays
			days = (int(t.Weekday()) + 6) % 7
		}
		t = time.Date(t.Year(), t.Month(), t.Day()-days, 0, 0, 0, 0, time.UTC)
	case month:
		t = time.Date(t.Year(), t.Month()-(t.Month()-1)%time.Month(i.n), 1, 0, 0, 0, 0, time.UTC)
	default:
		t = time.Date(t.Year()-t.Year()%i.n, time.January, 1, 0, 0, 0, 0, time.UTC)
	}
	for ; float64(t.Unix()) <= s.high && len(out) < mostTicks; t = i.after(t) {
		if float64(t.Unix()) >= s.low {
			out = append(out, t)
		}
	}
	return out
}

func (i interval) after(t time.Time) time.Time {
	switch i.unit {
	case hour:
		return t.Add(time.Duration(i.n) * time.Hour)
	case day:
		return t.AddDate(0, 0, i.n)
	case month:
		return t.AddDate(0, i.n, 0)
	}
	return t.AddDate(i.n, 0, 0)
}

// timeTicks are the finest ticks no finer than the axis's step whose labels have room: much of
// it, unless hardly any tick would be left.
func (a axis) timeTicks(name func(time.Month) string) []tick {
	const much, little, few = 22, 8, 3
	if ticks := a.ticksApart(name, much); len(ticks) >= few {
		return ticks
	}
	return a.ticksApart(name, little)
}

// ticksApart are the finest ticks whose labels are some pixels from each other.
func (a axis) ticksApart(name func(time.Month) string, room float64) []tick {
	var coarsest []tick
	for _, i := range intervals {
		if i.seconds() < grains[a.Step].seconds() || (a.high-a.low)/i.seconds() > a.length()/12 {
			continue
		}
		ticks := i.labels(i.ticks(a.scale), name)
		if len(ticks) == 0 {
			break // a coarser one has none, too
		}
		if a.apart(ticks, room) {
			return ticks
		}
		coarsest = ticks
	}
	if len(coarsest) > 0 {
		return coarsest[:1]
	}
	at := time.Unix(int64((a.low+a.high)/2), 0).UTC() // between two ticks of the finest kind
	i := grains[a.Step]
	if i.n == 0 {
		i = interval{day, 1}
	}
	return i.labels([]time.Time{at}, name)
}

// labels names ticks. Months say their year below when it is another than that of the tick
// before, days their month, hours their day.
func (i interval) labels(times []time.Time, name func(time.Month) string) []tick {
	out := make([]tick, len(times))
	before := ""
	for n, t := range times {
		one := tick{at: float64(t.Unix())}
		switch i.unit {
		case hour:
			one.label, one.under = t.Format("15:04"), fmt.Sprintf("%d %s", t.Day(), name(t.Month()))
		case day:
			one.label, one.under = strconv.Itoa(t.Day()), fmt.Sprintf("%s %d", name(t.Month()), t.Year())
		case month:
			one.label, one.under = name(t.Month()), strconv.Itoa(t.Year())
		default:
			one.label = strconv.Itoa(t.Year())
		}
		if one.under == before {
			one.under = ""
		} else {
			before = one.under
		}
		out[n] = one
	}
	return out
}
