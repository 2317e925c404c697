package header

import (
	"slices"
	"strings"
)

// column is what lies under the names of one column.
type column struct {
	mostly Kind // Empty when nothing does
	values []string
}

// below is what lies in a column from a row on.
func (g grid) below(row, col int) column {
	var counts [Moment + 1]int
	var out column
	for ; row < len(g.rows); row++ {
		cell := g.cell(row, col)
		kind := KindOf(cell)
		counts[kind]++
		if kind != Empty {
			out.values = append(out.values, cell)
		}
	}
	for kind := Text; kind <= Moment; kind++ {
		if counts[kind] > counts[out.mostly] || out.mostly == Empty && counts[kind] > 0 {
			out.mostly = kind
		}
	}
	return out
}

// judge says whether n rows from start on are names.
func (g grid) judge(start, n int) verdict {
	labels := g.labels(start, n)
	var named, values, over, same, again int
	distinct := map[string]bool{}
	data := false
	for col, label := range labels {
		under := g.below(start+n, col)
		data = data || under.mostly != Empty
		if label == "" {
			continue
		}
		named++
		distinct[strings.ToLower(label)] = true
		kind := KindOf(g.cell(start+n-1, col))
		switch {
		case kind > Text && under.mostly == kind && !wide(label, under):
			same++
			values++
		case kind > Text && !wide(label, under):
			values++
		case under.mostly > Text:
			over++
		case slices.Contains(under.values, label):
			again++
		}
	}
	cols := g.width(start + n)
	switch {
	case named == 0 || 5*named < 4*cols && named < cols-1:
		return no
	case 5*len(distinct) < 4*named:
		return no
	case 5*values > named || same > 0 && over == 0:
		return no
	case over > 0 && same == 0 && again == 0:
		return sure
	case over > 0 && over >= again:
		return likely
	case again > 0:
		return no
	case !data:
		return likely
	case g.names(labels):
		return likely
	}
	return no
}

// width is how many columns have anything from a row on; all when there is no row.
func (g grid) width(row int) int {
	if row >= len(g.rows) {
		return g.cols
	}
	n := 0
	for col := range g.cols {
		if g.below(row, col).mostly != Empty {
			n++
		}
	}
	return n
}

// names reports whether texts over texts could be names: short, and not sentences.
func (g grid) names(labels []string) bool {
	long := 0
	for _, label := range labels {
		if len([]rune(label)) > 120 {
			long++
		}
	}
	return 4*long <= len(labels)
}

// wide reports whether a year or date may be the name of a column all the same: one
// for each year or day, over values that are neither.
func wide(label string, under column) bool {
	switch KindOf(label) {
	case Moment:
		return under.mostly != Moment
	case Number:
		if !year(label) || under.mostly == Empty {
			return false
		}
		for _, value := range under.values {
			if year(value) {
				return false
			}
		}
		return true
	}
	return false
}

func year(s string) bool {
	return len(s) == 4 && (s[:2] == "19" || s[:2] == "20") && KindOf(s) == Number
}

// labels joins the names that n rows from start on give each column.
func (g grid) labels(start, n int) []string {
	spread := make([][]string, n)
	for i := range spread {
		spread[i] = make([]string, g.cols)
		for col := range spread[i] {
			spread[i][col] = g.cell(start+i, col)
		}
	}
	g.spread(spread, start)
	if len(g.spans) == 0 {
		fill(spread)
	}
	out := make([]string, g.cols)
	var parts []string
	for col := range out {
		parts = parts[:0]
		for i := range spread {
			part := spread[i][col]
			if part != "" && (len(parts) == 0 || parts[len(parts)-1] != part) {
				parts = append(parts, part)
			}
		}
		out[col] = strings.Join(parts, Joint)
	}
	return out
}

// spread gives every cell under a merged one its text.
func (g grid) spread(into [][]string, start int) {
	for _, s := range g.spans {
		if s.Row+s.Rows <= start || s.Row >= start+len(into) {
			continue
		}
		text := g.cell(s.Row, s.Col)
		for row := max(s.Row, start); row < min(s.Row+s.Rows, start+len(into)); row++ {
			for col := s.Col; col < min(s.Col+s.Cols, g.cols); col++ {
				into[row-start][col] = text
			}
		}
	}
}

// fill carries titles of groups to the right where nothing says how far they reach:
// over columns without title that have a name of their own below.
func fill(rows [][]string) {
	for i := 0; i+1 < len(rows); i++ {
		title := ""
		for col, cell := range rows[i] {
			switch {
			case cell != "":
				title = cell
			case rows[i+1][col] != "" && (col > 0 && rows[i+1][col-1] != ""):
				rows[i][col] = title
			default:
				title = ""
			}
		}
	}
}
