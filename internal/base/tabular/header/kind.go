package header

import (
	"regexp"
	"strings"
)

// Kind is what a cell looks like, as far as finding names needs it.
type Kind int

// The kinds. Spellings of nothing (NA, ND, "-") are Empty.
const (
	Empty Kind = iota
	Text
	Number // with signs, thousands, currency or percent
	Moment // a date, a time, or both
)

var (
	numberLike = regexp.MustCompile(`^[-+(]?\s*(?:[$€£¥]|MXN|USD)?\s*[-+]?(?:\d+(?:[.,' ]\d+)*|[.,]\d+)(?:[eE][-+]?\d+)?\s*(?:%|€|MXN|USD)?\)?$`)
	momentLike = regexp.MustCompile(`^(?:\d{1,4}[-/.]\d{1,2}[-/.]\d{1,4}(?:[T ]+\d{1,2}:\d{2}(?::\d{2}(?:[.,]\d+)?)?(?:\s?[ap]\.?\s?m\.?|Z|[-+]\d{2}:?\d{2})?)?|\d{1,2}:\d{2}(?::\d{2}(?:[.,]\d+)?)?|\d{1,2}[- /](?:de )?\pL{3,10}\.?[- /](?:de )?\d{2,4})$`)
)

// nothing are the spellings of no value that count as empty here.
var nothing = map[string]bool{"na": true, "nd": true, "n/a": true, "n/d": true, "s/d": true, "n.d.": true, "-": true, "--": true, "null": true, "nan": true, "none": true}

// KindOf looks at one cell.
func KindOf(cell string) Kind {
	cell = strings.TrimSpace(cell)
	switch {
	case cell == "":
		return Empty
	case len(cell) > 40:
		return Text
	case simple(cell):
		return Number
	case nothing[strings.ToLower(cell)]:
		return Empty
	case momentLike.MatchString(cell):
		return Moment
	case numberLike.MatchString(cell):
		return Number
	}
	return Text
}

// simple is a quick look whether a cell is digits with at most one point, as most are.
func simple(cell string) bool {
	point := false
	for i := range len(cell) {
		switch c := cell[i]; {
		case c >= '0' && c <= '9':
		case c == '-' && i == 0 && len(cell) > 1:
		case c == '.' && !point && i > 0 && i+1 < len(cell) && cell[i-1] != '-':
			point = true
		default:
			return false
		}
	}
	return true
}

var (
	note  = regexp.MustCompile(`(?i)^\s*(?:\*|(?:fuentes?|notas?|elaborad[oa]|elaboraci[oó]n|source|notes?|cifras|informaci[oó]n\s+(?:al|preliminar)|[úu]ltima\s+actualizaci[oó]n|fecha\s+de\s+(?:corte|actualizaci[oó]n))(?:\s*$|\s*:|\s+\pL)|[1-9]/\s)`)
	total = regexp.MustCompile(`(?i)^\s*(?:(?:gran|sub|grand)[\s-]*)?(?:total(?:es)?|suma(?:s|toria)?)(?:$|[^\pL\pN_])`)
)

// Note reports whether a row is a note under a table of cols columns: first is its
// first text and n how many cells have one.
func Note(first string, n, cols int) bool {
	if n == 0 || KindOf(first) != Text {
		return n == 1 && strings.HasPrefix(strings.TrimSpace(first), "*")
	}
	if n <= 2 && n < cols && note.MatchString(first) {
		return true
	}
	return n == 1 && cols > 2
}

// Explicit reports whether a text says itself that it is a note: "Fuente: …".
func Explicit(first string) bool { return note.MatchString(first) }

// Total reports whether the first text of a row says that the row sums up others.
func Total(first string) bool { return len(first) < 200 && total.MatchString(first) }

// Row is what Footer needs of a row: its first text, and how many cells have one.
type Row struct {
	First string
	Cells int
}

// RowOf is the Row of some cells.
func RowOf(cells []string) Row {
	for _, cell := range cells {
		if strings.TrimSpace(cell) != "" {
			return Row{First: cell, Cells: filled(cells)}
		}
	}
	return Row{}
}

// Footer is how many of the last rows of a table of cols columns are no data but notes,
// empty rows between them included. Where one cell alone is usual among the rows, only
// those that say so themselves are. So is a text no longer than longest, the bytes of the
// longest name that rows begin with: it may be a row of which only the name is known.
func Footer(tail []Row, cols, longest int) int {
	count, data, sparse := 0, 0, false
	for i := len(tail) - 1; i >= 0; i-- {
		switch row := tail[i]; {
		case row.Cells == 0:
		case data == 0 && Note(row.First, row.Cells, cols) && (len(row.First) > longest || Explicit(row.First)):
			count = len(tail) - i
		default:
			data++
			sparse = sparse || row.Cells == 1 && cols > 2
		}
	}
	if data == 0 || sparse {
		return explicit(tail)
	}
	return count
}

// explicit is how many of the last rows say that they are notes.
func explicit(tail []Row) int {
	count := 0
	for i := len(tail) - 1; i >= 0; i-- {
		if tail[i].Cells == 0 {
			continue
		}
		if tail[i].Cells > 2 || !Explicit(tail[i].First) {
			break
		}
		count = len(tail) - i
	}
	return count
}
