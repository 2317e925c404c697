package ckanapi

import (
	"fmt"
	"strings"
	"testing"
	"time"
)

// show writes a parsed query so that its structure can be read.
func (n node) show() string {
	switch n.kind {
	case matchNode:
		s := n.field + ":"
		if n.field == "" {
			s = ""
		}
		switch t := n.term; {
		case t.span != nil:
			return fmt.Sprintf("%s[%s..%s %v %v]", s, t.span.low, t.span.high, t.span.includesLow, t.span.includesHigh)
		case t.phrase:
			return s + `"` + t.text + `"`
		case t.wildcard:
			return s + "~" + t.text
		default:
			return s + t.text
		}
	case notNode:
		return "not(" + n.kids[0].show() + ")"
	}
	kids := make([]string, len(n.kids))
	for i, k := range n.kids {
		kids[i] = k.show()
	}
	return map[kind]string{andNode: "and", orNode: "or"}[n.kind] + "(" + strings.Join(kids, " ") + ")"
}

func TestQueriesOfSolrAreRead(t *testing.T) {
	for query, want := range map[string]string{
		"":                              "and()",
		"*:*":                           "*:~*",
		"agua":                          "agua",
		"agua suelo":                    "and(agua suelo)",
		"agua AND suelo":                "and(agua suelo)",
		"a OR b c":                      "or(a and(b c))",
		"a || b && c":                   "or(a and(b c))",
		"(a OR b) c":                    "and(or(a b) c)",
		"NOT a":                         "not(a)",
		"-a !b +c":                      "and(not(a) not(b) c)",
		"--a":                           "a",
		"org:x":                         "org:x",
		"-org:(x OR y)":                 "not(or(org:x org:y))",
		`t:"a \"b\" c"`:                 `t:"a "b" c"`,
		`t:"a b"~3^2.5 x^4`:             `and(t:"a b" x)`,
		"m:[2026-01-01T00:00:00Z TO *]": "m:[2026-01-01T00:00:00Z..* true true]",
		"m:{a TO b}":                    "m:[a..b false false]",
		`m:["a" TO b}`:                  "m:[a..b true false]",
		"d:2026-01-01T10:00:00Z":        "d:2026-01-01T10:00:00Z",
		"n:ab*":                         "n:~ab*",
		`n:ab\*`:                        "n:ab*",
		`a\ b`:                          "a b",
		`http\://x`:                     "http://x",
		"covid-19":                      "covid-19",
		"ORDEN ANDES":                   "and(ORDEN ANDES)",
		"a: b":                          "and(a: b)",
		"é:x":                           "é:x",
	} {
		n, err := parseQuery(query)
		if err != nil || n.show() != want {
			t.Errorf("parseQuery(%q) = %s, %v, want %s", query, n.show(), err, want)
		}
	}
	for _, query := range []string{"(", ")", "a OR", "AND a", "-", "a:(b", "a:b:c", "a:(b:c)", `"a`, "[a TO b", "[a b]", "{}", "a:-b", "]", "^",
		strings.Repeat("(", 100) + "a" + strings.Repeat(")", 100), strings.Repeat("a ", 5000), strings.Repeat("a", 50_000)} {
		if n, err := parseQuery(query); err == nil {
			t.Errorf("parseQuery(%.20q) = %.100s, want an error", query, n.show())
		}
	}
}

func TestInstantsOfSolrAreRead(t *testing.T) {
	now := time.Date(2026, 11, 23, 15, 4, 5, 6e6, time.UTC)
	for s, want := range map[string]string{
		"NOW":                         "2026-11-23T15:04:05.006Z",
		"NOW-1DAY":                    "2026-11-22T15:04:05.006Z",
		"NOW/DAY":                     "2026-11-23T00:00:00Z",
		"NOW/DAY-7DAYS":               "2026-11-16T00:00:00Z",
		"NOW-1YEAR/MONTH":             "2025-11-01T00:00:00Z",
		"NOW+2HOURS/HOUR":             "2026-11-23T17:00:00Z",
		"2026-05-30T10:00:00Z":        "2026-05-30T10:00:00Z",
		"2026-05-30T10:00:00.123Z":    "2026-05-30T10:00:00.123Z",
		"2026-05-30T10:00:00.123456":  "2026-05-30T10:00:00.123456Z",
		"2026-05-30T10:00:00Z+1MONTH": "2026-06-30T10:00:00Z",
		"2026-05-30":                  "2026-05-30T00:00:00Z",
		"2026":                        "2026-01-01T00:00:00Z",
	} {
		if got, ok := readInstant(s, now); !ok || got.Format(time.RFC3339Nano) != want {
			t.Errorf("readInstant(%q) = %v %v, want %s", s, got, ok, want)
		}
	}
	for _, s := range []string{"", "Z", "ayer", "NOW-", "NOW-1EON", "NOW-99999YEARS", "2026-13-01", "NOWhere", "2026-05-30T10:00:00Zx"} {
		if got, ok := readInstant(s, now); ok {
			t.Errorf("readInstant(%q) = %v", s, got)
		}
	}
}

func FuzzNoQueryIsAFault(f *testing.F) {
	for _, seed := range []string{"a OR b", `-org:(x "y\" z"~2^3)`, "m:[NOW-1DAY/DAY TO *}", "\\", "a\\", "*:*", "+-!", "\xff:\x00", "((((", "a:[\"]", "~", "é^1.2.3"} {
		f.Add(seed)
	}
	now := time.Date(2026, 11, 23, 0, 0, 0, 0, time.UTC)
	f.Fuzz(func(t *testing.T, query string) {
		n, err := parseQuery(query)
		if err != nil {
			return
		}
		known := &lookup{now: now, organizations: map[string][]string{"salud": {"1"}},
			groups:   func() (map[string][]string, error) { return nil, nil },
			renamed:  func() (map[string]string, error) { return nil, nil },
			tags:     func() ([]string, error) { return []string{"a", "b/c"}, nil },
			ofSource: func(string, string) ([]string, error) { return nil, nil },
		}
		var a asked
		if err := a.add(n, known); err == nil {
			_ = a.text()
		} else if explained(err) == err {
			t.Errorf("%q: %v is not explained", query, err)
		}
		_, _ = readInstant(query, now)
	})
}
