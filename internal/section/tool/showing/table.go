package showing

import (
	"plaza/internal/base/tabular"
	"plaza/internal/section/tool/reckon"
	"plaza/internal/section/tool/wording"
)

// Table is the numbers of a view, row by row.
type Table struct {
	Caption string
	Heads   []Head
	Rows    []Row
	Left    string // that there are more
}

// Head is a column's.
type Head struct {
	Text   string
	Number bool
}

// Row is one of them. Row is its number in the Result, to which marks point.
type Row struct {
	Row   int
	Rest  bool
	Cells []Cell
}

// Cell is a value in words; Value is as programs write it, when that is another.
type Cell struct {
	Text, Value string
	Number      bool
	Head        bool
	Link        string
}

// TableOf writes the numbers of a view, at most as many rows as a page has.
func TableOf(a Asked) *Table {
	w := wording.Writer{L: a.L, Result: a.Result, Format: a.View.Format}
	t := &Table{Caption: a.View.Title}
	if t.Caption == "" {
		t.Caption = titled(w, a)
	}
	for _, c := range a.Result.Columns {
		t.Heads = append(t.Heads, Head{w.Title(c), number(c)})
	}
	for i, cells := range a.Result.Rows {
		if i == mostRows {
			t.Left = a.L.T("toolview.table.left", "count", len(a.Result.Rows)-mostRows)
			break
		}
		row := Row{Row: i, Rest: i == a.Result.Rest}
		for k, c := range a.Result.Columns {
			one := Cell{Text: w.Cell(c, cells[k]), Number: number(c), Head: k == 0}
			if row.Rest && c.Group && cells[k].Null {
				one.Text = a.L.T("tooldraw.rest", "count", a.Result.Folded)
			}
			if c.Group && !row.Rest {
				one.Link = a.link(c, cells[k])
			}
			if one.Text != cells[k].Text && !cells[k].Null {
				one.Value = cells[k].Text
			}
			row.Cells = append(row.Cells, one)
		}
		t.Rows = append(t.Rows, row)
	}
	return t
}

// number reports whether a column's values stand to the right.
func number(c reckon.Column) bool {
	return c.Func != "" || c.Step == tabular.StepBins || c.Type.Number() && !c.Group
}
