package search

import (
	"strings"

	"plaza/internal/base/text"
)

// Worded holds for documents that have a value of the facet in which every word of a text
// begins a word: "precio" holds for the values "precio_venta" and "Precios". Accents and
// case do not count, and a text without words holds for nothing.
func Worded(facet, words string) Expr { return wordedExpr{facet, folded(words)} }

// folded are the words of a text, folded, each after a space.
func folded(s string) []string {
	var out []string
	for _, t := range text.Tokens(cut(s, maxText)) {
		out = append(out, " "+t.Text)
	}
	return out
}

// InWords reports whether every word of a text begins a word of a value, as Worded asks.
func InWords(value, words string) bool { return begun(value, folded(words)) }

func begun(value string, words []string) bool {
	all := strings.Join(folded(value), "")
	for _, w := range words {
		if !strings.Contains(all, w) {
			return false
		}
	}
	return len(words) > 0
}

type wordedExpr struct {
	facet string
	words []string
}

func (e wordedExpr) on(s *segment) func(uint32) bool {
	c := s.facets[e.facet]
	if c == nil || len(e.words) == 0 {
		return nothing
	}
	chosen := make([]bool, c.values.len())
	for code := range chosen {
		chosen[code] = begun(c.values.at(uint32(code)), e.words)
	}
	return func(doc uint32) bool {
		for _, code := range c.of(doc) {
			if chosen[code] {
				return true
			}
		}
		return false
	}
}
