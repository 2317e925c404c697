package institution

import (
	"fmt"
	"slices"
	"time"

	"plaza/internal/plaza"
)

// FederalCalendar is the id of the calendar of federal non-working days.
const FederalCalendar = "mx-federal"

// Calendars are those by which an institution may count, besides its own days; "" is
// none.
var Calendars = []string{FederalCalendar, ""}

// Span is when an institution attends on one day of the week, by its own clock.
type Span struct {
	Day           time.Weekday
	Opens, Closes int // minutes after midnight
}

// minutesOfDay is where a day ends: an office may close at midnight.
const minutesOfDay = 24 * 60

// Clock writes minutes after midnight as 15:04.
func Clock(minutes int) string { return fmt.Sprintf("%02d:%02d", minutes/60, minutes%60) }

// ReadClock reads 15:04, and 24:00 for the end of a day.
func ReadClock(s string) (minutes int, ok bool) {
	if s == "24:00" {
		return minutesOfDay, true
	}
	t, err := time.Parse("15:04", s)
	return t.Hour()*60 + t.Minute(), err == nil
}

// Hours are when an institution attends and by whose days it counts.
type Hours struct {
	Zone     string // IANA
	Calendar string // one of Calendars
	Spans    []Span // by day of the week, at most one each
}

// check sorts the spans and reports what is wrong, at the fields zone, calendar and
// day-0 (Sunday) to day-6.
func (h *Hours) check() (wrong []plaza.FieldError) {
	hold := func(ok bool, field, key string) {
		if !ok {
			wrong = append(wrong, plaza.FieldError{Field: field, Key: "institution.error." + key})
		}
	}
	_, err := time.LoadLocation(h.Zone)
	hold(err == nil && h.Zone != "Local" && h.Zone != "" && len(h.Zone) <= maxShort, "zone", "zone")
	hold(slices.Contains(Calendars, h.Calendar), "calendar", "calendar")
	slices.SortFunc(h.Spans, func(a, b Span) int { return int(a.Day) - int(b.Day) })
	for n, s := range h.Spans {
		ok := s.Day >= time.Sunday && s.Day <= time.Saturday && s.Opens >= 0 && s.Opens < s.Closes && s.Closes <= minutesOfDay
		hold(ok && (n == 0 || h.Spans[n-1].Day != s.Day), fmt.Sprintf("day-%d", s.Day), "hours")
	}
	return wrong
}

// Stretch is days of the week that follow each other and have the same hours.
type Stretch struct {
	From, To      time.Weekday
	Opens, Closes int
}

// Stretches puts a week into as few lines as it takes, from Monday on.
func Stretches(spans []Span) []Stretch {
	byDay := map[time.Weekday]Span{}
	for _, s := range spans {
		byDay[s.Day] = s
	}
	var out []Stretch
	open := false // the last stretch reaches yesterday
	for n := range 7 {
		day := time.Weekday((n + 1) % 7)
		s, ok := byDay[day]
		if !ok {
			open = false
			continue
		}
		if last := len(out) - 1; open && out[last].Opens == s.Opens && out[last].Closes == s.Closes {
			out[last].To = day
			continue
		}
		out, open = append(out, Stretch{day, day, s.Opens, s.Closes}), true
	}
	return out
}
