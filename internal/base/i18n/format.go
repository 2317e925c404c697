package i18n

import (
	"fmt"
	"math"
	"reflect"
	"strconv"
	"strings"
	"time"

	"golang.org/x/text/number"
)

// Number writes n, any whole or decimal number, as 1,234,567.5: grouped, with at
// most three decimals.
func (p *Printer) Number(n any) string {
	if whole, ok := wholeNumber(n); ok && whole >= 0 && whole < 1000 {
		return strconv.FormatInt(whole, 10) // most numbers on a page; no grouping to do
	}
	return p.numbers.Sprint(number.Decimal(n))
}

// Decimal writes v grouped, with at least and at most so many decimals.
func (p *Printer) Decimal(v float64, least, most int) string {
	return p.numbers.Sprint(number.Decimal(v, number.MinFractionDigits(least), number.MaxFractionDigits(most)))
}

// Bytes writes a size in decimal units: 850 bytes, 1.2 MB. Negative is unknown: "".
func (p *Printer) Bytes(n int64) string {
	if n < 0 {
		return ""
	}
	if n < 1000 {
		return p.T("i18n.bytes", "count", n)
	}
	size, unit := float64(n), 0
	for size >= 999.5 && unit < len(byteUnits)-1 {
		size /= 1000
		unit++
	}
	decimals := 1
	if size >= 99.95 {
		decimals = 0
	}
	return p.numbers.Sprint(number.Decimal(size, number.MaxFractionDigits(decimals))) + "\u00a0" + byteUnits[unit]
}

var byteUnits = []string{"bytes", "kB", "MB", "GB", "TB", "PB"}

// Date writes the day of an instant in the printer's zone: 23 de noviembre de 2026,
// or 23 November 2026. The zero time is "".
func (p *Printer) Date(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return p.day(t.In(p.zone))
}

// DateTime writes an instant to the minute in the printer's zone, and names the
// zone: 23 de noviembre de 2026, 14:05 (GMT-6). The zero time is "".
func (p *Printer) DateTime(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	t = t.In(p.zone)
	return p.T("i18n.datetime", "date", p.day(t), "time", t.Format("15:04"), "zone", offset(t))
}

// PartialDate writes a date known to the year, the month or the day, given in ISO
// form: 2016, mayo de 2016, 30 de mayo de 2016. Anything else is returned as it is.
func (p *Printer) PartialDate(iso string) string {
	if t, err := time.Parse("2006-01-02", iso); err == nil {
		return p.day(t)
	}
	if t, err := time.Parse("2006-01", iso); err == nil {
		return p.T("i18n.month", "month", p.month(t), "year", strconv.Itoa(t.Year()))
	}
	return iso
}

func (p *Printer) day(t time.Time) string {
	return p.T("i18n.date", "day", strconv.Itoa(t.Day()), "month", p.month(t), "year", strconv.Itoa(t.Year()))
}

func (p *Printer) month(t time.Time) string {
	return p.T("i18n.month." + strconv.Itoa(int(t.Month())))
}

// Ago writes how long before now t was, in whole units and by calendar days of the
// printer's zone: hoy, ayer, hace 3 días, hace 2 meses. What lies ahead reads en 3 días.
func (p *Printer) Ago(t, now time.Time) string {
	days := p.calendarDays(t, now)
	direction := "ago"
	if days < 0 {
		direction, days = "ahead", -days
	}
	switch {
	case days == 0:
		return p.T("i18n.today")
	case days == 1:
		return p.T("i18n." + direction + ".yesterday")
	case days < 60:
		return p.T("i18n."+direction+".days", "count", days)
	case days < 730:
		return p.T("i18n."+direction+".months", "count", days*12/365)
	}
	return p.T("i18n."+direction+".years", "count", days/365)
}

// Duration writes a length of time in its largest sensible unit: 45 segundos,
// 3 minutos, 2 horas.
func (p *Printer) Duration(d time.Duration) string {
	switch {
	case d < time.Second:
		return p.T("i18n.duration.instant")
	case d < 2*time.Minute:
		return p.T("i18n.duration.seconds", "count", int(d.Seconds()))
	case d < 2*time.Hour:
		return p.T("i18n.duration.minutes", "count", int(d.Minutes()))
	case d < 48*time.Hour:
		return p.T("i18n.duration.hours", "count", int(d.Hours()))
	}
	return p.T("i18n.duration.days", "count", int(d.Hours()/24))
}

// calendarDays counts midnights between t and now in the printer's zone.
func (p *Printer) calendarDays(t, now time.Time) int {
	midnight := func(t time.Time) time.Time {
		y, m, d := t.In(p.zone).Date()
		return time.Date(y, m, d, 0, 0, 0, 0, time.UTC)
	}
	return int(midnight(now).Sub(midnight(t)).Hours() / 24)
}

// offset names a zone as readers of any country know it. Mexico's zones have no
// abbreviations in the zone database.
func offset(t time.Time) string {
	_, seconds := t.Zone()
	if seconds == 0 {
		return "UTC"
	}
	sign := "+"
	if seconds < 0 {
		sign, seconds = "-", -seconds
	}
	s := "GMT" + sign + strconv.Itoa(seconds/3600)
	if minutes := seconds % 3600 / 60; minutes != 0 {
		s += fmt.Sprintf(":%02d", minutes)
	}
	return s
}

// wholeNumber returns n as an int64 when it is of a whole-number type.
func wholeNumber(n any) (int64, bool) {
	switch n := n.(type) {
	case int:
		return int64(n), true
	case int64:
		return n, true
	}
	switch v := reflect.ValueOf(n); {
	case v.CanInt():
		return v.Int(), true
	case v.CanUint() && v.Uint() <= math.MaxInt64:
		return int64(v.Uint()), true
	}
	return 0, false
}

// ISO writes an instant as machines read it in a time element: RFC 3339, UTC.
func (p *Printer) ISO(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return strings.Replace(t.UTC().Format(time.RFC3339), "+00:00", "Z", 1)
}
