package query

import (
	"regexp"
	"slices"
	"strings"
	"unicode"

	"plaza/internal/base/tabular"
	"plaza/internal/base/text"
)

// classes are the letters that a reader who types the plain one means as well. Capitals
// follow from the expression's case flag.
var classes = map[rune]string{
	'a': "áàâäãå", 'e': "éèêë", 'i': "íìîï", 'o': "óòôöõ", 'u': "úùûü", 'n': "ñ", 'c': "ç", 'y': "ýÿ",
}

// marks are the accents that stand on their own after a letter, in decomposed text.
const marks = `[\x{300}-\x{308}]?`

// folding is a regular expression that finds a text, folded already, whatever its case and
// accents. Of one without letters the engine makes a plain search.
func folding(folded string) string {
	if !lettered(folded) {
		return regexp.QuoteMeta(folded)
	}
	var b strings.Builder
	b.WriteString("(?i)")
	for _, r := range folded {
		if class, ok := classes[r]; ok {
			b.WriteString("[" + string(r) + class + "]" + marks)
			continue
		}
		b.WriteString(regexp.QuoteMeta(string(r)))
	}
	return b.String()
}

// lettered reports whether a text has letters, which may be written large and small.
func lettered(s string) bool {
	return strings.ContainsFunc(s, func(r rune) bool { return unicode.SimpleFold(r) != r })
}

// rare are the letters that few texts have, the rarest first (below one and a half in a
// hundred letters of Spanish). None has accents or another sign for the same letter.
const rare = "wxzjfhqvgb"

// rarest is the rarest letter of a folded text, small and large; two empty texts, which all
// texts hold, where it has none that is rare.
func rarest(folded string) (small, large string) {
	for _, r := range rare {
		if strings.ContainsRune(folded, r) {
			return string(r), string(unicode.ToUpper(r))
		}
	}
	return "", ""
}

// fewValues is up to how many different values a column is held as its values and a number
// for each row by the engine's own file. What is asked of the values is then asked of each
// once.
const fewValues = 5000

// FewValues reports whether a column of text has so few different values that it is best
// held as these.
func FewValues(c tabular.Column) bool { return c.Stats.Distinct > 0 && c.Stats.Distinct <= fewValues }

// holds is the condition that a column has a text in it, or begins with it, whatever case
// and accents. Of few values each meets a regular expression; else each row that has the
// text's rarest letter does, at an eighth of what folding it would take.
func (b *builder) holds(col column, s string, begins bool) string {
	s = text.Fold(s)
	pattern := folding(s)
	if begins {
		pattern = "^" + pattern
	}
	meets := "regexp_matches(" + col.expr + ", " + b.bindText("pattern", pattern) + ")"
	if FewValues(col.Column) {
		return meets
	}
	small, large := rarest(s)
	return "CASE WHEN contains(" + col.expr + ", " + b.bindText("small of "+s, small) + ") OR contains(" + col.expr + ", " + b.bindText("large of "+s, large) +
		") THEN " + meets + " ELSE false END"
}

// searched are the words of a search, those first that are found fastest and leave
// least: without letters, then long ones. What folds away entirely is none.
func searched(s string) []string {
	var out []string
	for _, w := range strings.Fields(s) {
		if text.Fold(w) != "" {
			out = append(out, w)
		}
	}
	slices.SortStableFunc(out, func(a, b string) int {
		if lettered(a) != lettered(b) {
			return map[bool]int{false: -1, true: 1}[lettered(a)]
		}
		return len(b) - len(a)
	})
	return out
}

// search is the condition that every word is in some column. Each is looked for where
// those before it are: the engine by itself would begin with regular expressions.
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
	var all string
	for i, w := range words {
		if len([]rune(w)) > MaxWord {
			b.wrong(ParamSearch, "query.word", map[string]any{"max": MaxWord})
			return ""
		}
		if i == 0 {
			all = b.word(w)
		} else {
			all = "CASE WHEN " + all + " THEN " + b.word(w) + " ELSE false END"
		}
	}
	return all
}

// word is the condition that one word is in some column of text, or is a whole number
// of one of integers.
func (b *builder) word(w string) string {
	var some []string
	var number string
	n, digits := wholeNumber(w)
	for _, c := range b.view.table.Columns {
		switch {
		case c.Type.Words():
			some = append(some, b.holds(b.view.columns[c.Name], w, false))
		case digits && c.Type.Storage() == tabular.StoredInt:
			if number == "" {
				number = b.bind(n, "BIGINT")
			}
			some = append(some, quote(c.Name)+" = "+number)
		}
	}
	return either(some)
}
