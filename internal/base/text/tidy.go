package text

import "strings"

// Tidy is a text of several lines as it is kept when somebody has written it: valid, lines
// end in a line feed, marks are heaped on no letter, and what nobody sees and turns the
// direction of what follows is gone.
func Tidy(s string) string {
	s = strings.ReplaceAll(strings.ReplaceAll(s, "\r\n", "\n"), "\r", "\n")
	s = strings.Map(func(r rune) rune {
		switch {
		case r >= 0x202a && r <= 0x202e, r >= 0x2066 && r <= 0x2069, r < ' ' && r != '\n' && r != '\t', r == 0x7f:
			return -1
		}
		return r
	}, strings.ToValidUTF8(s, "\uFFFD"))
	return strings.TrimSpace(Unstack(s))
}

// Line is Tidy for a text of one line: words with one space between them.
func Line(s string) string { return strings.Join(strings.Fields(Tidy(s)), " ") }

// Blank reports whether there is nothing to read in a text.
func Blank(s string) bool { return strings.TrimSpace(Fold(s)) == "" }
