// Package text is what Plaza knows of written language: folding (lower case, no
// accents), words with their places, Spanish stems, stop words, slugs, excerpts,
// and Markdown turned into HTML that is safe to show.
//
// One rule carries the search: everything is folded first and stemmed after, on
// both sides, so that a reader who types no accents finds what a publisher wrote
// with them. Every function takes any bytes, costs time in proportion to them and
// never fails.
package text

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// letters that Unicode does not take apart into a base letter and a mark.
var undecomposed = strings.NewReplacer(
	"æ", "ae", "œ", "oe", "ß", "ss", "ø", "o", "đ", "d", "ð", "d", "ł", "l", "ı", "i", "þ", "th",
)

// Fold is s in lower case, without accents or other marks, ligatures and
// compatibility forms written out ("Nº" is "no", "ﬁ" is "fi", "CO₂" is "co2"),
// invisible characters removed. It is for comparing, never for showing: "ñ" is
// "n". Bytes that are not UTF-8 become U+FFFD.
func Fold(s string) string {
	if folded(s) {
		return s
	}
	s = norm.NFKD.String(strings.ToLower(strings.ToValidUTF8(s, "\uFFFD")))
	s = strings.Map(func(r rune) rune {
		if r >= utf8.RuneSelf && (unicode.Is(unicode.Mn, r) || unicode.Is(unicode.Cf, r)) {
			return -1
		}
		// a compatibility form may hide a capital: "№" is "No"
		return unicode.ToLower(r)
	}, s)
	return undecomposed.Replace(s)
}

// folded reports whether s is ASCII without capitals, which is most words.
func folded(s string) bool {
	for i := range len(s) {
		if c := s[i]; c >= utf8.RuneSelf || 'A' <= c && c <= 'Z' {
			return false
		}
	}
	return true
}

// maxStacked is how many marks one letter may carry. Written languages need three at
// most.
const maxStacked = 4

// Unstack is s with at most four combining marks on each letter: those who pile up
// hundreds cover the lines above and below with them.
func Unstack(s string) string {
	marks := 0
	return strings.Map(func(r rune) rune {
		if r < utf8.RuneSelf || !unicode.In(r, unicode.Mn, unicode.Me) {
			marks = 0
			return r
		}
		if marks++; marks > maxStacked {
			return -1
		}
		return r
	}, s)
}
