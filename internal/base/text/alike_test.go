package text_test

import (
	"testing"

	"plaza/internal/base/text"
)

func TestTextsAreAsAlikeAsFewLettersMustChange(t *testing.T) {
	for _, c := range []struct {
		a, b string
		want float64
	}{{"", "", 0}, {"folio", "folio", 1}, {"abc", "", 0}, {"casa", "cosa", 0.75}, {"ab", "abcd", 0.5}, {"ñandú", "ñandu", 0.8}} {
		if got := text.Alike([]rune(c.a), []rune(c.b)); got != c.want {
			t.Errorf("Alike(%q, %q) = %v, want %v", c.a, c.b, got, c.want)
		}
	}
}
