package screen

import (
	"slices"
	"strconv"
	"strings"

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
	Order      string // by what they are sorted, "" for the file's own order
	Unsort     string // address without that
	Bytes      bool   // texts stand otherwise than in a dictionary: there are too many rows
	Prev, Next string
	Choose     []chooseView // columns to show
	Jump       []field      // of the form that goes to a row
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
	Rank             int    // among the columns that rows are sorted by, from 1
	Sort             string // address that sorts by it, or turns the order round
	Class            string
	Place            int // in the table, from 1
	Spark            *spark
	Guess            bool // something about it is not sure
}

// rowView is one row.
type rowView struct {
	Number string
	Path   string
	Cells  []cellView
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
	asked := l.q
	asked.Counted = true
	page, err := p.Engine.Page(l.ctx, l.table, asked)
	if err != nil {
		return err
	}
	if page.Count == nil { // of a later page
		left, err := p.Engine.Count(l.ctx, l.table, l.q)
		if err != nil {
			return err
		}
		page.Count = &left
	}
	v := &rowsView{Count: l.left(*page.Count), Jump: l.hidden(tabular.Query{}, "columna", "fija", "ver")}
	v.Order, v.Unsort = l.order()
	v.Bytes = slices.ContainsFunc(l.q.Sort, l.byBytes)
	for _, name := range page.Columns {
		v.Heads = append(v.Heads, l.head(name))
	}
	if l.at.pinned && len(v.Heads) > 0 {
		v.Heads[0].Class += pinnedClass
	}
	for _, c := range l.t.Columns {
		v.Choose = append(v.Choose, chooseView{c.Name, len(l.q.Columns) == 0 || slices.Contains(l.q.Columns, c.Name)})
	}
	for i, row := range page.Rows {
		n := strconv.FormatInt(page.Numbers[i], 10)
		one := rowView{Number: l.L.Number(page.Numbers[i]), Path: l.at.rowPath(n)}
		for j, cell := range row {
			one.Cells = append(one.Cells, cellOf(l.L, *l.t.Column(page.Columns[j]), cell, false))
		}
		if l.at.pinned && len(one.Cells) > 0 {
			one.Cells[0].Class += pinnedClass
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

// pinnedClass is of cells that stay in sight.
const pinnedClass = " is-pinned"

// order says by what rows are sorted, with the address without that.
func (l *looking) order() (words, without string) {
	if len(l.q.Sort) == 0 {
		return "", ""
	}
	var names []string
	for _, o := range l.q.Sort {
		key := "explore.sorted.up"
		if o.Down {
			key = "explore.sorted.down"
		}
		names = append(names, l.L.T(key, "column", o.Column))
	}
	q := l.q
	q.Sort, q.Key = nil, nil
	return l.L.T("explore.sorted", "columns", strings.Join(names, "; ")), l.link(q)
}

// byBytes reports whether rows are sorted by texts in another order than a dictionary's.
func (l *looking) byBytes(o tabular.Order) bool {
	c := l.t.Column(o.Column)
	return c != nil && c.Type == tabular.Text && !query.Spelled(*l.t, *c)
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
	h.Place = 1 + slices.IndexFunc(l.t.Columns, func(one tabular.Column) bool { return one.Name == c.Name })
	if c.Meaning != "" {
		h.Meaning = l.L.T("tabular.meaning." + string(c.Meaning))
	}
	open := l.q
	open.Key = nil
	h.Panel = l.link(open, with("columna", c.Name)) + "#columna"
	down := false
	if i := slices.IndexFunc(l.q.Sort, func(o tabular.Order) bool { return o.Column == c.Name }); i >= 0 {
		h.Rank, h.Sorted, down = i+1, "ascending", !l.q.Sort[i].Down
		if l.q.Sort[i].Down {
			h.Sorted = "descending"
		}
	}
	if h.Number {
		h.Class += " is-number"
	}
	if h.Current {
		h.Class += " is-current"
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
		name, ok := place.Name(code)
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
