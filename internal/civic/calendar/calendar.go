// Package calendar keeps the non-working days (días inhábiles) by which Plaza counts:
// those that the federation publishes, which the coordination maintains, and each
// institution's own. Every change of a calendar makes a version of it, and what an
// earlier version said stays readable: a due date is stored with the version that it
// was computed with.
package calendar

import (
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"plaza/internal/civic/institution"
	"plaza/internal/plaza"
)

// Federal is the id of the federal calendar.
const Federal = institution.FederalCalendar

// Kind is the kind of a calendar's Ref.
const Kind = "calendar"

// Day is a non-working day.
type Day struct {
	Date   string // 2006-01-02
	Reason string
	Legal  string // where it says so, "" for none
	// Provisional says that it was computed from the law for a year that nobody has
	// decreed yet. Clocks count by it all the same.
	Provisional bool
}

// Calendar is the days of one calendar at one version.
type Calendar struct {
	ID      string // Federal, or an institution's id
	Version int    // from 1; 0 for one in which nothing was ever written
	Days    []Day  // by date
}

const (
	maxReason = 200
	maxLegal  = 500
	maxDays   = 2000 // in one calendar at a time
)

// check tidies a day and reports what is wrong with it, at the fields date, reason and
// legal.
func (d *Day) check() (wrong []plaza.FieldError) {
	hold := func(ok bool, field, key string) {
		if !ok {
			wrong = append(wrong, plaza.FieldError{Field: field, Key: "calendar.error." + key})
		}
	}
	d.Reason, d.Legal = strings.Join(strings.Fields(d.Reason), " "), strings.Join(strings.Fields(d.Legal), " ")
	hold(institution.IsDate(d.Date), "date", "date")
	hold(d.Reason != "" && utf8.RuneCountInString(d.Reason) <= maxReason, "reason", "reason")
	hold(utf8.RuneCountInString(d.Legal) <= maxLegal, "legal", "legal")
	return wrong
}

// Business is by what the clocks of one institution count: its zone, and which days are
// no working days there.
type Business struct {
	Zone *time.Location
	// Version names what it was made from, e.g. "mx-federal@3+2": the federal calendar's
	// third version and the second of the institution's own. Restore reads it.
	Version string
	off     map[int]Day // by dayNumber
	lost    []int       // those that would be working days, in order
}

// NewBusiness makes one from days; weekends are never working days. A day whose date is
// none is left out.
func NewBusiness(zone *time.Location, version string, days ...Day) Business {
	b := Business{Zone: zone, Version: version, off: make(map[int]Day, len(days))}
	for _, d := range days {
		t, err := time.Parse(time.DateOnly, d.Date)
		if err != nil {
			continue
		}
		n := dayNumber(t)
		if _, twice := b.off[n]; !twice && !weekend(n) {
			b.lost = append(b.lost, n)
		}
		b.off[n] = d
	}
	slices.Sort(b.lost)
	return b
}

// dayNumber counts the day of an instant, where it is, from the first of January 1970.
func dayNumber(t time.Time) int {
	y, m, d := t.Date()
	return int(time.Date(y, m, d, 0, 0, 0, 0, time.UTC).Unix() / (24 * 60 * 60))
}

// sinceMonday counts a day from a Monday before the year 1: the first of January 1970 was a
// Thursday.
func sinceMonday(day int) int { return day + 3 + 7*200_000 }

func weekend(day int) bool { return sinceMonday(day)%7 > 4 }

// weekdays counts the days from Monday to Friday up to a day, that one too.
func weekdays(day int) int { return sinceMonday(day)/7*5 + min(sinceMonday(day)%7+1, 5) }

// working reports whether a day is a working day.
func (b Business) working(day int) bool {
	_, off := b.off[day]
	return !off && !weekend(day)
}

// IsWorking reports whether the day of an instant, by the institution's clock, is a
// working day.
func (b Business) IsWorking(t time.Time) bool { return b.working(dayNumber(t.In(b.Zone))) }

// Why is why the day of an instant is no working day; the zero Day for a weekend and
// for a working day.
func (b Business) Why(t time.Time) Day { return b.off[dayNumber(t.In(b.Zone))] }

// AddDays is when a term of n working days from an instant ends: the day of the instant
// is day zero, whatever day it is, and the term ends with the last moment of its n-th
// working day. The returned instant, UTC, is the first of the next day: what happens
// before it is in time. n below 1 is 0: the end of the day itself.
func (b Business) AddDays(from time.Time, n int) time.Time {
	y, m, d := from.In(b.Zone).Date()
	for day := dayNumber(from.In(b.Zone)); n > 0; {
		d, day = d+1, day+1
		if b.working(day) {
			n--
		}
	}
	return time.Date(y, m, d+1, 0, 0, 0, 0, b.Zone).UTC()
}

// DaysBetween counts the working days after the day of one instant up to the day of
// another, which counts too: what was sent on a Monday and answered on the Tuesday took
// one. It is 0 when the second is not after the first.
func (b Business) DaysBetween(from, to time.Time) int {
	first, last := dayNumber(from.In(b.Zone)), dayNumber(to.In(b.Zone))
	if last <= first {
		return 0
	}
	lost, _ := slices.BinarySearch(b.lost, first+1)
	end, _ := slices.BinarySearch(b.lost, last+1)
	return weekdays(last) - weekdays(first) - (end - lost)
}

// ByLaw are the days that the federal law of labour (article 74) names for a year,
// computed and so provisional; the days of elections are not among them, as they follow
// from other laws.
func ByLaw(year int) []Day {
	const law = "Ley Federal del Trabajo, artículo 74, fracción "
	day := func(m time.Month, d int, reason, part string) Day {
		return Day{Date: time.Date(year, m, d, 0, 0, 0, 0, time.UTC).Format(time.DateOnly), Reason: reason, Legal: law + part, Provisional: true}
	}
	monday := func(m time.Month, nth int, reason, part string) Day {
		first := time.Date(year, m, 1, 0, 0, 0, 0, time.UTC)
		toMonday := (int(time.Monday) - int(first.Weekday()) + 7) % 7
		return day(m, 1+toMonday+7*(nth-1), reason, part)
	}
	days := []Day{
		day(time.January, 1, "Año Nuevo", "I"),
		monday(time.February, 1, "Aniversario de la Constitución", "II"),
		monday(time.March, 3, "Natalicio de Benito Juárez", "III"),
		day(time.May, 1, "Día del Trabajo", "IV"),
		day(time.September, 16, "Día de la Independencia", "V"),
	}
	if year >= 2024 && (year-2024)%6 == 0 {
		days = append(days, day(time.October, 1, "Transmisión del Poder Ejecutivo Federal", "VII"))
	}
	return append(days,
		monday(time.November, 3, "Aniversario de la Revolución", "VI"),
		day(time.December, 25, "Navidad", "VIII"))
}

// Decreed are the days of a year that were provisional, as the coordination has seen them
// decreed.
func (c Calendar) Decreed(year int) (days []Day) {
	for _, d := range c.Days {
		if d.Provisional && strings.HasPrefix(d.Date, fmt.Sprintf("%04d-", year)) {
			d.Provisional = false
			days = append(days, d)
		}
	}
	return days
}

// versionName is what Business.Version says.
func versionName(general, own Calendar) string {
	name := fmt.Sprintf("%s@%d", general.ID, general.Version)
	if general.ID == "" {
		name = "own"
	}
	if own.Version > 0 {
		name += fmt.Sprintf("+%d", own.Version)
	}
	return name
}
