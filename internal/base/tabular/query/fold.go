package query

import (
	"regexp"
	"strings"

	"plaza/internal/base/tabular"
	"plaza/internal/base/text"
)

// classes are the letters that a reader who types the plain one means as well. Capitals
// follow from the statement's case flag.
var classes = map[rune]string{
	'a': "[aáàâäãå]", 'e': "[eéèêë]", 'i': "[iíìîï]", 'o': "[oóòôöõ]", 'u': "[uúùûü]",
	'n': "[nñ]", 'c': "[cç]", 'y': "[yýÿ]",
}

// folding is a regular expression that finds a text whatever its accents; marks that
// stand on their own after a letter (decomposed text) are passed over.
func folding(s string) string {
	var b strings.Builder
	for _, r := range text.Fold(s) {
		if class, ok := classes[r]; ok {
			b.WriteString(class)
			b.WriteString(`[\x{300}-\x{308}]?`)
			continue
		}
		b.WriteString(regexp.QuoteMeta(string(r)))
	}
	return b.String()
}

// searched are the words of a search; what folds away entirely is none.
func searched(s string) []string {
	var out []string
	for _, w := range strings.Fields(s) {
		if text.Fold(w) != "" {
			out = append(out, w)
		}
	}
	return out
}

// search is the condition that every word is in some column.
func (b *builder) search(s string) string {
	words := searched(s)
	if len(words) == 0 {
		return ""
	}
	if !plain(s) {
		b.wrong(ParamSearch, "query.text", nil)
		return ""
	}
	if len(words) > MaxWords {
		b.wrong(ParamSearch, "query.words", map[string]any{"max": MaxWords})
		return ""
	}
	var all []string
	for _, w := range words {
		if len([]rune(w)) > MaxWord {
			b.wrong(ParamSearch, "query.word", map[string]any{"max": MaxWord})
			return ""
		}
		all = append(all, b.word(w))
	}
	return strings.Join(all, " AND ")
}

// word is the condition that one word is in some column of text, or is a whole number
// of one of integers.
func (b *builder) word(w string) string {
	var some []string
	var pattern, number string
	n, digits := wholeNumber(w)
	for _, c := range b.view.table.Columns {
		switch {
		case c.Type.Words():
			if pattern == "" {
				pattern = b.bind(folding(w), "VARCHAR")
			}
			some = append(some, "regexp_matches("+quote(c.Name)+", "+pattern+", 'i')")
		case digits && c.Type.Storage() == tabular.StoredInt:
			if number == "" {
				number = b.bind(n, "BIGINT")
			}
			some = append(some, quote(c.Name)+" = "+number)
		}
	}
	return either(some)
}
