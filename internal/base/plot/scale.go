package plot

import (
	"math"
	"strconv"
	"time"
)

// scale puts values of an axis between two coordinates.
type scale struct {
	low, high float64 // values
	from, to  float64 // coordinates
}

func (s scale) at(v float64) float64 {
	if s.high == s.low {
		return (s.from + s.to) / 2
	}
	return s.from + (v-s.low)/(s.high-s.low)*(s.to-s.from)
}

// tick is a value of a scale with its words.
type tick struct {
	at    float64
	text  string
	minor bool
}

// span is what values cover.
type span struct {
	low, high float64
	some      bool
}

func (s *span) take(v float64) {
	if !s.some {
		s.low, s.high, s.some = v, v, true
		return
	}
	s.low, s.high = math.Min(s.low, v), math.Max(s.high, v)
}

// nice is 1, 2 or 5 times a power of ten, no less than v.
func nice(v float64) float64 {
	unit := math.Pow(10, math.Floor(math.Log10(v)))
	for _, m := range []float64{1, 2, 5} {
		if m*unit >= v*(1-1e-9) {
			return m * unit
		}
	}
	return 10 * unit
}

// linear are about most ticks of numbers, and the scale grown to its outer ones when whole.
func linear(s span, most int, grow bool, number func(float64, bool) string) (span, []tick) {
	if s.high == s.low {
		room := math.Max(math.Abs(s.high)*0.1, 1)
		s.low, s.high = s.low-room, s.high+room
	}
	step := nice((s.high - s.low) / float64(max(most, 1)))
	first, last := math.Floor(s.low/step+1e-9), math.Ceil(s.high/step-1e-9)
	if !grow {
		first, last = math.Ceil(s.low/step-1e-9), math.Floor(s.high/step+1e-9)
	} else {
		s.low, s.high = first*step, last*step
	}
	var out []tick
	for i := first; i <= last && len(out) < 100; i++ {
		v := i * step
		out = append(out, tick{at: v, text: number(v, true)})
	}
	return s, out
}

// times are ticks of time that are no finer than a step, at most most of them.
func times(s span, step string, most int, month func(time.Month) string) []tick {
	from, to := time.Unix(int64(s.low), 0).UTC(), time.Unix(int64(s.high), 0).UTC()
	if month == nil {
		month = func(m time.Month) string { return strconv.Itoa(int(m)) }
	}
	for _, kind := range units {
		if kind.finer(step) {
			continue
		}
		for _, every := range kind.every {
			if n := kind.count(from, to, every); n <= most {
				return kind.ticks(from, to, every, month)
			}
		}
	}
	years := unit{name: "year"}
	return years.ticks(from, to, int(nice(float64(to.Year()-from.Year()+1)/float64(max(most, 1)))), month)
}

// unit is one of time, and by how many of it ticks may stand apart.
type unit struct {
	name  string
	every []int
	days  float64
}

var units = []unit{
	{"hour", []int{1, 3, 6, 12}, 1.0 / 24}, {"day", []int{1, 2, 7, 14}, 1}, {"month", []int{1, 3, 6}, 30.44}, {"year", []int{1, 2, 5, 10, 20, 25, 50, 100}, 365.25},
}

// finer reports whether a unit is finer than a step.
func (u unit) finer(step string) bool {
	switch step {
	case "year":
		return u.name != "year"
	case "month", "quarter":
		return u.name == "day" || u.name == "hour"
	case "day", "week":
		return u.name == "hour"
	}
	return false
}

func (u unit) count(from, to time.Time, every int) int {
	return int(to.Sub(from).Hours()/24/u.days/float64(every)) + 1
}

// ticks begin at a round instant.
func (u unit) ticks(from, to time.Time, every int, month func(time.Month) string) (out []tick) {
	every = max(every, 1)
	t := u.floor(from, every)
	for n := 0; !t.After(to) && n < 400; n++ {
		if !t.Before(from) {
			out = append(out, tick{at: float64(t.Unix()), text: u.text(t, month, len(out) == 0)})
		}
		t = u.next(t, every)
	}
	if len(out) == 0 {
		out = append(out, tick{at: float64(from.Unix()), text: u.text(from, month, true)})
	}
	return out
}

func (u unit) floor(t time.Time, every int) time.Time {
	switch u.name {
	case "year":
		return time.Date(t.Year()-mod(t.Year(), every), 1, 1, 0, 0, 0, 0, time.UTC)
	case "month":
		return time.Date(t.Year(), t.Month()-time.Month(mod(int(t.Month())-1, every)), 1, 0, 0, 0, 0, time.UTC)
	case "day":
		return time.Date(t.Year(), t.Month(), t.Day(), 0, 0, 0, 0, time.UTC)
	}
	return time.Date(t.Year(), t.Month(), t.Day(), t.Hour()-mod(t.Hour(), every), 0, 0, 0, time.UTC)
}

func mod(a, b int) int { return ((a % b) + b) % b }

func (u unit) next(t time.Time, every int) time.Time {
	switch u.name {
	case "year":
		return t.AddDate(every, 0, 0)
	case "month":
		return t.AddDate(0, every, 0)
	case "day":
		return t.AddDate(0, 0, every)
	}
	return t.Add(time.Duration(every) * time.Hour)
}

// text is a tick's: what changes little is said at the first and where it changes.
func (u unit) text(t time.Time, month func(time.Month) string, first bool) string {
	year := strconv.Itoa(t.Year())
	switch u.name {
	case "year":
		return year
	case "month":
		if first || t.Month() == time.January {
			return month(t.Month()) + " " + year
		}
		return month(t.Month())
	case "day":
		if first || t.YearDay() == 1 {
			return strconv.Itoa(t.Day()) + " " + month(t.Month()) + " " + year
		}
		return strconv.Itoa(t.Day()) + " " + month(t.Month())
	}
	if first || t.Hour() == 0 {
		return strconv.Itoa(t.Day()) + " " + month(t.Month()) + " " + t.Format("15:04")
	}
	return t.Format("15:04")
}

// spaced leaves the ticks whose words do not meet, of words centred at their places.
func spaced(ticks []tick, s scale, low, high float64) (out []tick) {
	end := math.Inf(-1)
	for _, t := range ticks {
		w := TextWidth(t.text, tickSize, false)
		x := math.Max(low+w/2, math.Min(high-w/2, s.at(t.at)))
		if x-w/2 < end+10 {
			continue
		}
		end = x + w/2
		out = append(out, t)
	}
	return out
}
