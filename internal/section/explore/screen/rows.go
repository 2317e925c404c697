package screen

import (
	"slices"
	"strconv"

	"plaza/internal/base/tabular"
	"plaza/internal/base/tabular/place"
	"plaza/internal/base/tabular/query"
	"plaza/internal/base/web"
)

// pageRows is how many rows a page of the table shows.
const pageRows = 50

// rowsView is a page of rows.
type rowsView struct {
	Heads      []headView
	Rows       []rowView
	Count      string // how many rows there are, or are left
	Prev, Next string
	Choose     []chooseView // columns to show
	Keep       []field      // of the form that chooses
	Jump       []field      // of the form that goes to a row
	Wide       bool         // there are more columns than a screen shows
	Shown      int          // columns
	Empty      *web.Empty
}

// headView is the head of a column.
type headView struct {
	Name, Type, Icon string
	Meaning          string
	Number           bool
	Panel            string // address of the column's panel
	Current          bool   // its panel is open
	Sorted           string // "", "ascending", "descending"
	Sort             string // address that sorts by it, or turns the order round
	Spark            *spark
	Guess            bool // something about it is not sure
	Withheld         bool
}

// rowView is one row.
type rowView struct {
	Number string
	Path   string
	Cells  []cellView
	Heads  []headView // to tell what each cell is, on a phone
}

// chooseView is one column that may be shown.
type chooseView struct {
	Name  string
	Shown bool
}

// rows fills the first tab: rows, or the groups that are asked for.
func (p *Pages) rows(l *looking) error {
	if query.Grouped(l.q) {
		return p.groups(l)
	}
	l.panel(p)
	if l.q.Limit == 0 {
		l.q.Limit = pageRows
	}
	page, err := p.Engine.Page(l.ctx, l.table, l.q)
	if err != nil {
		return err
	}
	left, err := p.Engine.Count(l.ctx, l.table, l.q)
	if err != nil {
		return err
	}
	v := &rowsView{Count: l.left(left), Keep: l.hidden(l.q, query.ParamColumns), Jump: l.hidden(tabular.Query{}), Shown: len(page.Columns),
		Wide: len(page.Columns) > 6}
	for _, name := range page.Columns {
		v.Heads = append(v.Heads, l.head(name))
	}
	for _, c := range l.t.Columns {
		v.Choose = append(v.Choose, chooseView{c.Name, len(l.q.Columns) == 0 || slices.Contains(l.q.Columns, c.Name)})
	}
	for i, row := range page.Rows {
		n := strconv.FormatInt(page.Numbers[i], 10)
		one := rowView{Number: l.L.Number(page.Numbers[i]), Path: l.at.rowPath(n), Heads: v.Heads}
		for j, cell := range row {
			one.Cells = append(one.Cells, cellOf(l.L, *l.t.Column(page.Columns[j]), cell, false))
		}
		v.Rows = append(v.Rows, one)
	}
	v.Prev, v.Next = l.turn(page.Before), l.turn(page.Next)
	if len(page.Rows) == 0 {
		v.Empty = l.nothing()
	}
	l.Rows = v
	return nil
}

// turn is the address of the page at a position, "" for none.
func (l *looking) turn(pos *tabular.Position) string {
	if pos == nil {
		return ""
	}
	q := l.q
	q.Key = pos
	return l.link(q, without("columna"))
}

// left says how many rows there are, and how many are left of them.
func (l *looking) left(n int64) string {
	if n == l.t.Rows {
		return l.L.T("explore.rows", "count", int(n), "number", l.L.Number(n))
	}
	return l.L.T("explore.rows.left", "count", int(n), "number", l.L.Number(n), "all", l.L.Number(l.t.Rows))
}

// nothing says what one can do when no row is left.
func (l *looking) nothing() *web.Empty {
	e := &web.Empty{Title: l.L.T("explore.rows.none")}
	if l.Search != nil && len(l.Search.Chips) > 0 {
		e.Text = l.L.T("explore.rows.none.text")
		e.Links = []web.NavLink{{Label: l.L.T("explore.filters.clear"), Path: l.at.clean(with("hoja", number(l.sheet+1)))}}
	}
	return e
}

// head is the head of a column of the table.
func (l *looking) head(name string) headView {
	c := l.t.Column(name)
	h := headView{Name: c.Name, Type: l.L.T("tabular.type." + string(c.Type)), Icon: typeIcon(*c), Spark: sparkOf(c.Stats),
		Number: c.Type.Number() && c.Type != tabular.Year, Current: l.at.column == c.Name, Guess: len(c.Doubts) > 0 && !c.Corrected}
	if c.Meaning != "" {
		h.Meaning = l.L.T("tabular.meaning." + string(c.Meaning))
	}
	open := l.q
	open.Key = nil
	h.Panel = l.link(open, with("columna", c.Name)) + "#columna"
	down := false
	if len(l.q.Sort) > 0 && l.q.Sort[0].Column == c.Name {
		h.Sorted, down = "ascending", !l.q.Sort[0].Down
		if l.q.Sort[0].Down {
			h.Sorted = "descending"
		}
	}
	h.Sort = l.link(sortedBy(l.q, c.Name, down))
	return h
}

// mostSorted is by how many columns a table is sorted: the last ones that were chosen.
const mostSorted = 3

// sortedBy puts a column first among those by which rows are sorted.
func sortedBy(q tabular.Query, column string, down bool) tabular.Query {
	sort := []tabular.Order{{Column: column, Down: down}}
	for _, o := range q.Sort {
		if o.Column != column && len(sort) < mostSorted {
			sort = append(sort, o)
		}
	}
	q.Sort, q.Key = sort, nil
	return q
}

// placeNames are the names of places by their codes.
func (l *looking) placeNames(codes []string) string {
	var names string
	for i, code := range codes {
		name, ok := place.State(code)
		if !ok {
			name, ok = place.Municipality(code)
		}
		if !ok {
			name = code
		}
		if i > 0 {
			names += " " + l.L.T("explore.condition.or") + " "
		}
		names += name
	}
	return names
}
