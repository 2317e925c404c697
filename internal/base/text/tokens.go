package text

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// MaxToken is the most letters that a token keeps; the rest of a longer run (a
// key, a file in base 64) is passed over.
const MaxToken = 64

// Token is one word of a text.
type Token struct {
	Text       string // folded
	Start, End int    // bytes in the original, End exclusive
}

// Tokens are the words of s: runs of letters and digits. A word that goes over
// into a number is two ("covid19", "covid-19" and "COVID 19" are all "covid",
// "19"), other mixtures stay whole ("h1n1", a CURP), and an abbreviation by
// points is one ("U.S." is "us", "I.N.E.G.I." is "inegi").
func Tokens(s string) []Token {
	var out []Token
	for t := range tokens(s) {
		if f := Fold(visible(s[t.Start:t.End])); f != "" {
			t.Text = clip(f)
			out = append(out, t)
		}
	}
	return out
}

// Words are the words of s as Tokens finds them, in lower case with their accents:
// what is kept of a text that will be searched and whose words may be shown.
func Words(s string) []string {
	var out []string
	for t := range tokens(s) {
		w := strings.ToLower(visible(s[t.Start:t.End]))
		if w != "" {
			out = append(out, clip(w))
		}
	}
	return out
}

func clip(s string) string {
	if len(s) <= MaxToken {
		return s
	}
	n := 0
	for i := range s {
		if n++; n > MaxToken {
			return s[:i]
		}
	}
	return s
}

// visible drops what shows nothing and so breaks no word (soft hyphens, joiners),
// and the points of an abbreviation.
func visible(s string) string {
	if plain(s) {
		return s
	}
	return strings.Map(func(r rune) rune {
		if r == '.' || unicode.Is(unicode.Cf, r) {
			return -1
		}
		return r
	}, s)
}

// plain reports whether s is ASCII without points, which is most words.
func plain(s string) bool {
	for i := range len(s) {
		if c := s[i]; c >= utf8.RuneSelf || c == '.' {
			return false
		}
	}
	return true
}

// tokens yields the places of the words of s, without their text.
func tokens(s string) func(yield func(Token) bool) {
	return func(yield func(Token) bool) {
		for i := 0; i < len(s); {
			if kindAt(s, i) == other {
				i += width(s, i)
				continue
			}
			end := abbreviation(s, i)
			if end == 0 {
				end = wordEnd(s, i)
			}
			if !yield(Token{Start: i, End: end}) {
				return
			}
			i = end
		}
	}
}

type runeKind uint8

const (
	other runeKind = iota
	letter
	digit
	joining // marks and invisible characters: they continue a word and start none
)

func kindOf(r rune) runeKind {
	switch {
	case r < utf8.RuneSelf:
		switch {
		case 'a' <= r && r <= 'z', 'A' <= r && r <= 'Z':
			return letter
		case '0' <= r && r <= '9':
			return digit
		}
		return other
	case unicode.IsLetter(r):
		return letter
	case unicode.IsNumber(r):
		return digit
	case unicode.IsMark(r), unicode.Is(unicode.Cf, r):
		return joining
	}
	return other
}

// kindAt is the kind of the character that begins at byte i; a word cannot begin
// with a joining one.
func kindAt(s string, i int) runeKind {
	r, _ := utf8.DecodeRuneInString(s[i:])
	if k := kindOf(r); k != joining {
		return k
	}
	return other
}

func width(s string, i int) int {
	_, n := utf8.DecodeRuneInString(s[i:])
	return n
}

// wordEnd is where the word that begins at byte i ends.
func wordEnd(s string, i int) int {
	letters, digits, mixed := 0, 0, false
	boundary := 0
	for j := i; ; {
		k := other
		n := 1
		if j < len(s) {
			var r rune
			r, n = utf8.DecodeRuneInString(s[j:])
			k = kindOf(r)
		}
		switch k {
		case other:
			if boundary > 0 && !mixed && letters >= 2 {
				return boundary
			}
			return j
		case letter:
			mixed = mixed || digits > 0
			letters++
		case digit:
			if digits == 0 {
				boundary = j
			}
			digits++
		}
		j += n
	}
}

// abbreviation is where single letters with a point after each end ("U.S."), 0
// when there are fewer than two at byte i.
func abbreviation(s string, i int) int {
	end, n := 0, 0
	for i < len(s) && kindAt(s, i) == letter {
		next := i + width(s, i)
		for next < len(s) && kindOf(runeAt(s, next)) == joining {
			next += width(s, next)
		}
		if next < len(s) && (kindAt(s, next) == letter || kindAt(s, next) == digit) {
			break // a word begins here
		}
		pointed := next < len(s) && s[next] == '.'
		if !pointed && n == 0 {
			return 0
		}
		end = next
		if n++; !pointed {
			break
		}
		i = next + 1
	}
	if n < 2 {
		return 0
	}
	return end
}

func runeAt(s string, i int) rune {
	r, _ := utf8.DecodeRuneInString(s[i:])
	return r
}
