package ckanapi

import (
	"regexp"
	"strconv"
	"strings"
	"time"
)

// wall is how CKAN writes an instant: without a zone, which is UTC.
const wall = "2006-01-02T15:04:05.000000"

// stamp is an instant as CKAN writes it.
func stamp(t time.Time) string { return t.UTC().Format(wall) }

// arithmetic is one step of Solr's arithmetic on dates.
var arithmetic = regexp.MustCompile(`^(?:([+-])(\d{1,5})|/)(YEAR|MONTH|DAY|HOUR|MINUTE|SECOND)S?`)

// readInstant reads an instant as Solr does: RFC 3339, with or without its zone, or
// a day, or NOW, each with arithmetic ("NOW/DAY-7DAYS").
func readInstant(s string, now time.Time) (time.Time, bool) {
	base, steps := now, ""
	if rest, ok := strings.CutPrefix(s, "NOW"); ok {
		steps = rest
	} else {
		at := strings.IndexByte(s, 'Z')
		if at < 0 {
			at = len(s) - 1
		}
		var ok bool
		if base, ok = absolute(s[:at+1]); !ok {
			return time.Time{}, false
		}
		steps = s[at+1:]
	}
	for steps != "" {
		m := arithmetic.FindStringSubmatch(steps)
		if m == nil {
			return time.Time{}, false
		}
		steps = steps[len(m[0]):]
		n, _ := strconv.Atoi(m[1] + m[2]) // digits; none when it is to be cut down
		if m[2] == "" {
			base = cutDown(base, m[3])
		} else {
			base = moved(base, n, m[3])
		}
	}
	return base, base.Year() >= 1 && base.Year() <= 9999
}

func absolute(s string) (time.Time, bool) {
	for _, layout := range []string{time.RFC3339, "2006-01-02T15:04:05", "2006-01-02T15:04", "2006-01-02", "2006-01", "2006"} {
		if t, err := time.Parse(layout, s); err == nil {
			return t.UTC(), true
		}
	}
	return time.Time{}, false
}

func moved(t time.Time, n int, unit string) time.Time {
	switch unit {
	case "YEAR":
		return t.AddDate(n, 0, 0)
	case "MONTH":
		return t.AddDate(0, n, 0)
	case "DAY":
		return t.AddDate(0, 0, n)
	}
	return t.Add(time.Duration(n) * map[string]time.Duration{"HOUR": time.Hour, "MINUTE": time.Minute, "SECOND": time.Second}[unit])
}

func cutDown(t time.Time, unit string) time.Time {
	y, m, d := t.Date()
	switch unit {
	case "YEAR":
		return time.Date(y, 1, 1, 0, 0, 0, 0, time.UTC)
	case "MONTH":
		return time.Date(y, m, 1, 0, 0, 0, 0, time.UTC)
	case "DAY":
		return time.Date(y, m, d, 0, 0, 0, 0, time.UTC)
	case "HOUR":
		return t.Truncate(time.Hour)
	case "MINUTE":
		return t.Truncate(time.Minute)
	}
	return t.Truncate(time.Second)
}
