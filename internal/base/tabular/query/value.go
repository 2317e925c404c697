package query

import (
	"math"
	"regexp"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"plaza/internal/base/tabular"
)

// plain reports whether a text can be bound at all.
func plain(s string) bool { return utf8.ValidString(s) && !strings.ContainsRune(s, 0) }

var (
	// grouped is a number with commas between thousands, all of them or none.
	grouped = regexp.MustCompile(`^[+-]?\d{1,3}(,\d{3})+(\.\d*)?$`)
	plainly = regexp.MustCompile(`^[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d{1,3})?$`)
)

// number reads a number as people write it: 1234.5, 1,234.5, $1,234.50, 12.5 %.
func number(s string, t tabular.Type) (float64, string, bool) {
	s = strings.TrimSpace(s)
	switch t {
	case tabular.Money:
		s = strings.TrimSpace(strings.TrimPrefix(s, "$"))
	case tabular.Percent:
		s = strings.TrimSpace(strings.TrimSuffix(s, "%"))
	}
	if grouped.MatchString(s) {
		s = strings.ReplaceAll(s, ",", "")
	}
	if !plainly.MatchString(s) {
		return 0, "", false
	}
	f, err := strconv.ParseFloat(s, 64)
	if err != nil || math.IsInf(f, 0) || math.IsNaN(f) {
		return 0, "", false
	}
	if f == 0 {
		f = 0 // no negative zero: it has the same rows
	}
	return f, s, true
}

// Number reads a number as people write it in conditions: 1234.5 or 1,234.5. ok is false for
// anything else, as for 1,5.
func Number(s string) (n float64, ok bool) {
	n, _, ok = number(s, tabular.Decimal)
	return n, ok
}

// wholeNumber reads a word of digits.
func wholeNumber(s string) (int64, bool) {
	for _, r := range s {
		if r < '0' || r > '9' {
			return 0, false
		}
	}
	n, err := strconv.ParseInt(s, 10, 64)
	return n, err == nil
}

// span is the part of the time line that a date means: from lo on, before hi.
type span struct{ lo, hi time.Time }

// times are the ways of writing a date or instant, with how much of the time line each means.
var times = []struct {
	layout string
	until  func(time.Time) time.Time
	clock  bool
}{
	{"2006-01-02", nextDay, false},
	{"2/1/2006", nextDay, false},
	{"2006-01", nextMonth, false},
	{"1/2006", nextMonth, false},
	{"2006", func(t time.Time) time.Time { return t.AddDate(1, 0, 0) }, false},
	{"2006-01-02T15:04", nextMinute, true},
	{"2006-01-02 15:04", nextMinute, true},
	{"2/1/2006 15:04", nextMinute, true},
	{"2006-01-02T15:04:05.999999", exact, true},
	{"2006-01-02 15:04:05.999999", exact, true},
	{"2/1/2006 15:04:05.999999", exact, true},
}

func nextDay(t time.Time) time.Time    { return t.AddDate(0, 0, 1) }
func nextMonth(t time.Time) time.Time  { return t.AddDate(0, 1, 0) }
func nextMinute(t time.Time) time.Time { return t.Add(time.Minute) }
func exact(t time.Time) time.Time      { return t.Add(time.Microsecond) }

// moment reads a date, or with clock also an instant.
func moment(s string, clock bool) (span, bool) {
	s = strings.TrimSpace(s)
	for _, way := range times {
		if way.clock && !clock {
			continue
		}
		t, err := time.Parse(way.layout, s)
		// Go reads "05" for a year's first digits nowhere, but any fraction of a second
		if err != nil || t.Nanosecond()%1000 != 0 || t.Year() < 1 {
			continue
		}
		return span{lo: t, hi: way.until(t)}, true
	}
	return span{}, false
}

// yes and no are how people write booleans, folded.
var truth = map[string]string{
	"true": "true", "si": "true", "sí": "true", "verdadero": "true", "1": "true", "yes": "true",
	"false": "false", "no": "false", "falso": "false", "0": "false",
}

// parsed is a value of a condition, read by its column's type: either one value of the
// engine, or a span of the time line.
type parsed struct {
	arg  any
	as   string // the engine's type
	span *span
}

// parse reads a value by a column's type; key says what is wrong with it, "" for nothing.
func parse(s string, t tabular.Type) (parsed, string) {
	if !plain(s) {
		return parsed{}, "query.text"
	}
	if len([]rune(s)) > MaxValue {
		return parsed{}, "query.long"
	}
	switch t.Storage() {
	case tabular.StoredInt, tabular.StoredFloat:
		f, text, ok := number(s, t)
		if !ok {
			return parsed{}, "query.number"
		}
		if n, err := strconv.ParseInt(text, 10, 64); err == nil && t.Storage() == tabular.StoredInt {
			return parsed{arg: n, as: "BIGINT"}, ""
		}
		return parsed{arg: f, as: "DOUBLE"}, ""
	case tabular.StoredBool:
		v, ok := truth[strings.ToLower(strings.TrimSpace(s))]
		if !ok {
			return parsed{}, "query.boolean"
		}
		return parsed{arg: v, as: "BOOLEAN"}, ""
	case tabular.StoredDate, tabular.StoredTimestamp:
		at, ok := moment(s, t == tabular.DateTime)
		if !ok {
			return parsed{}, "query.date"
		}
		return parsed{span: &at}, ""
	case tabular.StoredTime:
		for _, layout := range []string{"15:04", "15:04:05.999999"} {
			if at, err := time.Parse(layout, strings.TrimSpace(s)); err == nil && at.Nanosecond()%1000 == 0 {
				return parsed{arg: at.Format("15:04:05.000000"), as: "TIME"}, ""
			}
		}
		return parsed{}, "query.time"
	}
	if s == "" {
		return parsed{}, "query.empty"
	}
	return parsed{arg: s, as: "VARCHAR"}, ""
}

// end binds an end of a span as the column's type has it.
func (b *builder) end(at time.Time, t tabular.Type) string {
	if t == tabular.DateTime {
		return b.bind(at.Format("2006-01-02 15:04:05.000000"), "TIMESTAMP")
	}
	return b.bind(at.Format("2006-01-02"), "DATE")
}
