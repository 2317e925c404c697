// Package header finds where the names of a sheet's columns lie in its first rows, where
// cells may be merged, and where its last rows stop being data. Package delimited has its
// own way to the names, for lines of text also differ in how many cells they have; what
// notes and totals look like is one rule for both.
//
// A row of names has texts in nearly all columns, unlike each other, mostly neither
// numbers nor dates, over rows that are made otherwise. Before it lie titles, of one or
// two cells. Names may take several rows: titles of groups over the names proper.
package header

import (
	"math"
	"strings"
)

// Names and rows that are looked at.
const (
	Enough  = 40 // rows that a caller should give; more do not help
	maxRows = 4  // of names
)

// Joint stands between the title of a group and a name under it.
const Joint = " · "

// Span is a merged cell, whose text is in its first one: indexes into the rows that
// are given, and how many rows and columns it takes.
type Span struct{ Row, Col, Rows, Cols int }

// Found is how the first rows of a table are to be read.
type Found struct {
	Start  int      // index of the first row of names; -1 when there are none
	Rows   int      // how many rows the names take; 0 when there are none
	Data   int      // index of the first row of data; rows before the names are preamble
	Labels []string // one for each column, "" where it has no name
	Unsure []string // of Layout's fields: "header_line", "header_rows"
}

// Find looks for the names in the first rows of a table (Enough of them, trailing
// empty cells may be missing). Rows without any text are no names and no data.
func Find(rows [][]string, spans []Span) Found {
	g := newGrid(rows, spans)
	start := g.first()
	if start >= len(rows) {
		return Found{Start: -1, Data: len(rows), Labels: make([]string, g.cols)}
	}
	count, verdict := 0, no
	for n := 1; n <= maxRows && start+n <= len(rows); n++ {
		got := g.judge(start, n)
		if got > verdict || count == 0 && got > no {
			count, verdict = n, got
		}
		if !g.goesOn(start, n) {
			break
		}
	}
	if verdict == no {
		found := Found{Start: -1, Data: g.unnamed(), Labels: make([]string, g.cols)}
		if g.text(start) {
			found.Unsure = []string{"header_line"}
		}
		return found
	}
	found := At(rows, spans, start, count)
	if verdict == likely {
		found.Unsure = append(found.Unsure, "header_line")
	}
	if count > 1 && len(spans) == 0 {
		found.Unsure = append(found.Unsure, "header_rows")
	}
	return found
}

// At reads names from count rows that begin at index start, as people said. A start
// below 0 says that there are none: data begin after the titles.
func At(rows [][]string, spans []Span, start, count int) Found {
	g := newGrid(rows, spans)
	if start < 0 {
		return Found{Start: -1, Data: g.unnamed(), Labels: make([]string, g.cols)}
	}
	start = min(start, len(rows))
	count = min(max(count, 1), len(rows)-start)
	return Found{Start: start, Rows: count, Data: start + count, Labels: g.labels(start, count)}
}

// verdict says whether rows are names.
type verdict int

const (
	no verdict = iota
	likely
	sure
)

// grid is the rows as they are judged.
type grid struct {
	rows  [][]string
	spans []Span
	cols  int
	left  int // first column with a text
	usual int // cells that a row usually has
}

func newGrid(rows [][]string, spans []Span) grid {
	g := grid{rows: rows, spans: spans, left: math.MaxInt}
	counts := map[int]int{}
	for _, row := range rows {
		for i, cell := range row {
			if strings.TrimSpace(cell) != "" {
				g.left, g.cols = min(g.left, i), max(g.cols, i+1)
			}
		}
		if n := filled(row); n > 0 {
			counts[n]++
		}
	}
	best := 0
	for n, times := range counts {
		if weight := times * n; weight > best || weight == best && n > g.usual {
			best, g.usual = weight, n
		}
	}
	return g
}

// filled is how many cells of a row have text.
func filled(row []string) int {
	n := 0
	for _, cell := range row {
		if strings.TrimSpace(cell) != "" {
			n++
		}
	}
	return n
}

// first is the index of the first row that is neither empty nor a title.
func (g grid) first() int {
	for i, row := range g.rows {
		n := filled(row)
		if n == 0 || n < g.usual && n <= titleCells(g.usual) && !g.groups(i) {
			continue
		}
		return i
	}
	return len(g.rows)
}

// unnamed is the index of the first row of data where there are no names: nothing but
// texts that stand alone are titles then, so that no row with gaps is lost.
func (g grid) unnamed() int {
	for i, row := range g.rows[:g.first()] {
		if r := RowOf(row); r.Cells > 1 || r.Cells == 1 && KindOf(r.First) != Text {
			return i
		}
	}
	return g.first()
}

// titleCells is how many cells a title may have over rows of so many.
func titleCells(usual int) int {
	if usual > 3 {
		return 2
	}
	return 1
}

// groups reports whether a row of few cells titles groups of the names under it: one
// of its cells at least is merged over several columns, but not over all, and it is
// not alone in the first column, as a title is.
func (g grid) groups(row int) bool {
	alone := filled(g.rows[row]) < 2
	for _, s := range g.spans {
		if s.Row == row && s.Cols > 1 && s.Cols < g.cols && (!alone || s.Col > g.left) {
			return true
		}
	}
	return false
}

func (g grid) cell(row, col int) string {
	if row >= len(g.rows) || col >= len(g.rows[row]) {
		return ""
	}
	text := g.rows[row][col]
	for i := range len(text) {
		if text[i] <= ' ' || text[i] >= 0x80 {
			return strings.Join(strings.Fields(text), " ")
		}
	}
	return text
}

// text reports whether a row has nothing but texts.
func (g grid) text(row int) bool {
	for col := range g.cols {
		if k := KindOf(g.cell(row, col)); k != Text && k != Empty {
			return false
		}
	}
	return true
}

// goesOn reports whether names that take n rows from start on may take one more: the
// last one leaves columns to others, and what follows is text over something else.
func (g grid) goesOn(start, n int) bool {
	next := start + n
	if next+1 >= len(g.rows) || !g.text(next) {
		return false
	}
	last := start + n - 1
	for _, s := range g.spans {
		if s.Row+s.Rows > next && s.Row <= last && s.Rows > 1 {
			return true
		}
		if s.Row == last && s.Cols > 1 {
			return true
		}
	}
	gap := false
	for col := range g.cols {
		gap = gap || g.cell(last, col) == "" && g.cell(next, col) != ""
	}
	return gap && g.unlike(next) > 0
}

// unlike is in how many columns the text of a row lies over numbers or dates.
func (g grid) unlike(row int) int {
	n := 0
	for col := range g.cols {
		if KindOf(g.cell(row, col)) == Text && g.below(row+1, col).mostly > Text {
			n++
		}
	}
	return n
}
