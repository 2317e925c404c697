package dcat

import (
	"plaza/internal/section/catalog/dcat/wire"
	"regexp"
	"strconv"
	"strings"
	"time"
)

// date repairs a date or an instant to ISO 8601: "2016", "2016-05", "2016-05-30", or
// RFC 3339 in UTC with seconds. An instant without a zone is taken as UTC, which is
// what CKAN means. A frequency in place of a date, as Project Open Data allows in
// modified, is returned apart.
func (r *report) date(field, s string) (date, frequency string) {
	s = strings.TrimSpace(s)
	if s == "" {
		return "", ""
	}
	if len(s) > wire.MaxCut {
		r.add(DateInvalid, field, s, false)
		return "", ""
	}
	if f := isoFrequency(s); f != "" {
		r.add(DateIsFrequency, field, s, true)
		return "", f
	}
	date, code := readDate(s)
	if code == DateInvalid {
		r.add(DateInvalid, field, s, false)
		return "", ""
	}
	if r.future(date) {
		r.add(DateInFuture, field, s, false)
		return "", ""
	}
	if code != "" {
		r.add(code, field, s, true)
	}
	return date, ""
}

// future reports whether a canonical date lies more than a day ahead: servers in
// other zones may rightly be some hours ahead.
func (r *report) future(date string) bool {
	if r.now.IsZero() || date == "" {
		return false
	}
	limit := r.now.UTC().Add(24 * time.Hour).Format(time.RFC3339)
	return date > limit[:len(date)]
}

var (
	isoDate   = regexp.MustCompile(`^(\d{4})(?:-(\d{2})(?:-(\d{2}))?)?$`)
	instant   = regexp.MustCompile(`^(\d{4})([-/]?)(\d{2})([-/]?)(\d{2})[T ]*(\d{1,2}:\d{2}(?::\d{2})?)(?:[.,]\d{1,12})?\s*(Z|z|UTC|GMT|[+-]\d{2}:?(?:\d{2})?)?$`)
	yearFirst = regexp.MustCompile(`^(\d{4})[-/. ](\d{1,2})(?:[-/. ](\d{1,2}))?$`)
	compact   = regexp.MustCompile(`^(\d{4})(\d{2})(\d{2})$`)
	dayFirst  = regexp.MustCompile(`^(\d{1,2})[-/. ](\d{1,2})[-/. ](\d{4})(?:[T ,]+(\d{1,2}:\d{2})(?::\d{2})?.*)?$`)
	monthYear = regexp.MustCompile(`^(\d{1,2})[-/](\d{4})$`)
	dateWords = regexp.MustCompile(`[\pL]+|\d+`)
)

// readDate reads a date in any of the known ways. The code is "" when it was
// written as it should be.
func readDate(s string) (date, code string) {
	if m := isoDate.FindStringSubmatch(s); m != nil {
		return calendar(m[1], m[2], m[3], "")
	}
	if m := instant.FindStringSubmatch(s); m != nil {
		return readInstant(s, m)
	}
	if m := yearFirst.FindStringSubmatch(s); m != nil {
		return calendar(m[1], m[2], m[3], DateFormat)
	}
	if m := compact.FindStringSubmatch(s); m != nil {
		return calendar(m[1], m[2], m[3], DateFormat)
	}
	if m := dayFirst.FindStringSubmatch(s); m != nil {
		return readDayFirst(m[1], m[2], m[3])
	}
	if m := monthYear.FindStringSubmatch(s); m != nil {
		return calendar(m[2], m[1], "", DateFormat)
	}
	for _, layout := range []string{time.RFC1123, time.RFC1123Z, time.UnixDate, time.ANSIC} {
		if t, err := time.Parse(layout, s); err == nil && plausible(t.Year()) {
			return t.UTC().Format(time.RFC3339), DateFormat
		}
	}
	if n, err := strconv.ParseInt(s, 10, 64); err == nil && len(s) == 13 {
		return time.UnixMilli(n).UTC().Format(time.RFC3339), DateFormat
	}
	return readWords(s)
}

func plausible(year int) bool { return year >= 1000 && year <= 2500 }

// calendar puts a date together and refuses days that do not exist.
func calendar(year, month, day, code string) (string, string) {
	y, _ := strconv.Atoi(year) // the patterns let only digits through
	if !plausible(y) {
		return "", DateInvalid
	}
	if month == "" {
		return year, code
	}
	m, _ := strconv.Atoi(month)
	d := 1
	if day != "" {
		d, _ = strconv.Atoi(day)
	}
	t := time.Date(y, time.Month(m), d, 0, 0, 0, 0, time.UTC)
	if t.Month() != time.Month(m) || t.Day() != d {
		return "", DateInvalid
	}
	if day == "" {
		return t.Format("2006-01"), code
	}
	return t.Format("2006-01-02"), code
}

func readInstant(s string, m []string) (string, string) {
	day, code := calendar(m[1], m[3], m[5], "")
	if code == DateInvalid {
		return "", code
	}
	clock, zone := m[6], strings.ToUpper(m[7])
	if len(clock) < 5 || clock[1] == ':' {
		clock = "0" + clock
	}
	if len(clock) == 5 {
		clock += ":00"
	}
	switch {
	case zone == "" || zone == "Z" || zone == "UTC" || zone == "GMT":
		zone = "Z"
	case len(zone) == 3:
		zone += ":00"
	case len(zone) == 5:
		zone = zone[:3] + ":" + zone[3:]
	}
	t, err := time.Parse(time.RFC3339, day+"T"+clock+zone)
	if err != nil {
		return day, DateFormat // the day is good, the hour is not
	}
	if m[2] != "-" || m[4] != "-" || !strings.ContainsAny(s, "T ") {
		code = DateFormat
	}
	return t.UTC().Format(time.RFC3339), code
}

// readDayFirst reads 30/05/2016. The day comes first in Spanish; when only the
// other order gives a date that is taken, and when both do, the report says that
// the day was taken to come first. An hour has no zone here and is left out.
func readDayFirst(day, month, year string) (string, string) {
	date, code := calendar(year, month, day, DateFormat)
	if code == DateInvalid {
		return calendar(year, day, month, DateFormat)
	}
	if n, _ := strconv.Atoi(day); n <= 12 && day != month {
		code = DateDayFirst
	}
	return date, code
}

var months = map[string]int{
	"ene": 1, "jan": 1, "feb": 2, "mar": 3, "abr": 4, "apr": 4, "may": 5, "jun": 6, "jul": 7,
	"ago": 8, "aug": 8, "sep": 9, "set": 9, "oct": 10, "nov": 11, "dic": 12, "dec": 12,
}

// readWords reads "30 de mayo de 2016", "mayo 2016" and "May 30, 2016".
func readWords(s string) (string, string) {
	var year, month, day string
	for _, w := range dateWords.FindAllString(strings.ToLower(s), 8) {
		n, err := strconv.Atoi(w)
		switch {
		case err == nil && len(w) == 4 && year == "":
			year = w
		case err == nil && n >= 1 && n <= 31 && len(w) <= 2 && day == "":
			day = w
		case err == nil:
			return "", DateInvalid
		case w == "de" || w == "del" || w == "a" || w == "of" || w == "th" || w == "st":
		case len(w) >= 3 && months[w[:3]] > 0 && month == "" && len(w) <= len("septiembre"):
			month = strconv.Itoa(months[w[:3]])
		default:
			return "", DateInvalid
		}
	}
	if year == "" || month == "" {
		return "", DateInvalid
	}
	return calendar(year, month, day, DateFormat)
}
