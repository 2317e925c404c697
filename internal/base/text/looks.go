package text

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// LatinOnly reports whether a text is written in the Latin alphabet only, with nothing
// in it that is not seen or turns the direction of writing: what may name an
// institution, as a letter of another alphabet looks like one of this.
func LatinOnly(s string) bool {
	if !utf8.ValidString(s) || Unseen(s) {
		return false
	}
	return !strings.ContainsFunc(s, func(r rune) bool {
		return unicode.In(r, unicode.Cc, unicode.Cf, unicode.Co, unicode.Cs) ||
			unicode.IsLetter(r) && !unicode.In(r, unicode.Latin, unicode.Common, unicode.Inherited)
	})
}

// Unseen reports whether a name holds what takes no room, or marks heaped on a letter.
func Unseen(name string) bool {
	marks := 0
	for _, r := range name {
		if unicode.In(r, unicode.Other_Default_Ignorable_Code_Point, unicode.Variation_Selector, unicode.Zl, unicode.Zp, unicode.Noncharacter_Code_Point) || r == '\u2800' {
			return true
		}
		if marks++; !unicode.Is(unicode.M, r) {
			marks = 0
		}
		if marks > 2 {
			return true
		}
	}
	return false
}

// together are scripts that one language writes with.
var together = map[string]string{"Hiragana": "Han", "Katakana": "Han", "Hangul": "Han", "Bopomofo": "Han"}

// Scripts counts the alphabets of a name.
func Scripts(name string) int {
	seen := map[string]bool{}
	for _, r := range name {
		if !unicode.IsLetter(r) || unicode.In(r, unicode.Common, unicode.Inherited) {
			continue
		}
		if unicode.Is(unicode.Latin, r) {
			seen["Latin"] = true
			continue
		}
		for script, table := range unicode.Scripts {
			if unicode.Is(table, r) {
				if other, ok := together[script]; ok {
					script = other
				}
				seen[script] = true
				break
			}
		}
	}
	return len(seen)
}
