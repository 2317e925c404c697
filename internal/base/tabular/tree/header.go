package tree

import (
	"unicode"
	"unicode/utf8"

	"plaza/internal/base/tabular"
)

// firstRow is the first record's cells, nil unless all of them are text.
func firstRow(m *schema, r *row) []string {
	var out []string
	for _, n := range m.root.kids {
		if len(n.kids) > 0 || !n.leaf || n.loose {
			return nil
		}
		out = append(out, string(r.cell(n.col)))
	}
	return out
}

// isHeader reports whether the first of the lists is names rather than values, and
// whether that is a guess.
func isHeader(m *schema, names []string, total int64, fix tabular.Correction) (header, unsure bool) {
	if fix.HeaderLine != 0 {
		return fix.HeaderLine > 0 && len(names) > 0, false
	}
	if len(names) == 0 || total < 2 {
		return false, false
	}
	seen := map[string]bool{}
	for _, name := range names {
		first, _ := utf8.DecodeRuneInString(name)
		if seen[name] || !unicode.IsLetter(first) && first != '_' {
			return false, false
		}
		seen[name] = true
	}
	for _, n := range m.root.kids {
		if n.loose {
			return true, false // what is a number below is a word above
		}
	}
	return true, true
}

// nameBy names positions: by the header when there is one, else not at all.
func (m *schema) nameBy(names []string) {
	for i, n := range m.root.kids {
		n.label = ""
		if m.header && i < len(names) {
			n.label = names[i]
		}
	}
}
