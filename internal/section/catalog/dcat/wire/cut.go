// Package wire reads the text that catalogues send, before anything is known of DCAT:
// what encoding it is in, where the values of JSON begin and end in a stream of any
// length and on which line they are broken, and whether it is a catalogue at all (a web
// page, a cut download and an endless nesting are a FormatError). What is repaired on
// the way is told to a Note.
package wire

import (
	"regexp"
	"strings"
	"unicode/utf8"
)

// MaxCut is how many runes of a value a report shows.
const MaxCut = 200

// Cut shortens a value to what a report shows, on one line and with
// nothing in it that could upset a reader's terminal or page.
func Cut(s string) string {
	const most = 4 * MaxCut // bytes that the kept runes can need
	cut := false
	if len(s) > most {
		s, cut = s[:most], true
	}
	s = strings.ToValidUTF8(s, "�")
	s = strings.Map(func(c rune) rune {
		if IsControl(c) || c == '\n' || c == '\t' {
			return ' '
		}
		return c
	}, s)
	if n := utf8.RuneCountInString(s); n > MaxCut || cut {
		runes := []rune(s)
		return string(runes[:min(n, MaxCut-1)]) + "…"
	}
	return s
}

// IsControl reports whether a character has no business in text: controls other
// than tab and line feed, byte order marks, and the marks that turn the direction of
// what follows, with which text can be made to read as something else. Joiners stay:
// emoji and Persian need them.
func IsControl(c rune) bool {
	switch {
	case c == '\n' || c == '\t':
		return false
	case c < ' ', c >= 0x7F && c <= 0x9F:
		return true
	case c >= 0x202A && c <= 0x202E, c >= 0x2066 && c <= 0x2069:
		return true
	case c == 0xFEFF, c >= 0xFFF9 && c <= 0xFFFB, c >= 0xE0000 && c <= 0xE007F:
		return true
	}
	return c&0xFFFE == 0xFFFE || c >= 0xFDD0 && c <= 0xFDEF // noncharacters
}

// HTMLTag matches the elements that people paste into descriptions. Any other "<" is
// taken for what it says, as in "menores a <5 años".
var HTMLTag = regexp.MustCompile(`(?i)<!--|</?(a|abbr|b|big|blockquote|body|br|button|center|cite|code|dd|del|div|dl|dt|em|embed|` +
	`font|form|h[1-6]|head|header|hr|html|i|iframe|img|input|ins|label|li|link|main|meta|nav|object|ol|p|pre|q|s|script|section|` +
	`small|span|strike|strong|style|sub|sup|svg|table|tbody|td|tfoot|th|thead|title|tr|tt|u|ul|video)(\s[^<>]*)?/?>`)
