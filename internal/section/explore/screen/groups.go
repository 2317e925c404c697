package screen

import (
	"strings"

	"plaza/internal/base/tabular"
	"plaza/internal/base/tabular/query"
	"plaza/internal/section/explore/chart"
)

// pageGroups is how many groups are shown.
const pageGroups = 200

// groupsView is rows put together, each group with a bar as long as its first number.
type groupsView struct {
	Heads   []groupHead
	Rows    []groupRow
	Caption string
	Count   string // what the groups are and how many
	More    bool   // there are others
	Back    string // address of the rows themselves
	Chart   string // address of the drawing
}

// groupHead is the head of a column of groups.
type groupHead struct {
	Text   string
	Number bool
	Sort   string // "" where groups are not sorted by it
	Sorted string
}

// groupRow is one group.
type groupRow struct {
	Cells []cellView
	Bar   chart.Bar
	Path  string // address of its rows, "" when they cannot be asked for
}

// groups fills the first tab with groups.
func (p *Pages) groups(l *looking) error {
	if l.q.Limit == 0 {
		l.q.Limit = pageGroups
	}
	if len(l.q.Measures) == 0 {
		l.q.Measures = []tabular.Measure{{Func: tabular.Count}}
	}
	found, err := p.Engine.Groups(l.ctx, l.table, l.q)
	if err != nil {
		return err
	}
	plain := l.q
	plain.Group, plain.Measures, plain.Sort, plain.Key, plain.Limit = nil, nil, nil, nil, 0
	v := &groupsView{Caption: l.groupCaption(), More: found.More, Back: l.link(plain), Chart: l.link(l.q, with("ver", "grafica"))}
	for i := range found.Columns {
		v.Heads = append(v.Heads, l.groupHead(i))
	}
	bars := chart.Lengths(chart.Marks(found, len(l.q.Group)))
	for i, row := range found.Rows {
		one := groupRow{Bar: bars[i], Path: l.groupRows(plain, row)}
		for j, cell := range row {
			one.Cells = append(one.Cells, l.groupCell(j, cell))
		}
		v.Rows = append(v.Rows, one)
	}
	v.Count = l.L.T("explore.groups.count", "count", len(v.Rows), "number", l.L.Number(int64(len(v.Rows))), "caption", v.Caption)
	l.Groups = v
	return nil
}

// groupCaption says what the groups are.
func (l *looking) groupCaption() string {
	var names []string
	for _, g := range l.q.Group {
		names = append(names, l.groupName(g))
	}
	return l.L.T("explore.groups.caption", "measure", l.measureName(l.q.Measures[0]), "columns", strings.Join(names, ", "))
}

// groupName is a column by which rows are put together, with its step.
func (l *looking) groupName(g tabular.Group) string {
	name := g.Column
	switch g.Column {
	case tabular.ColumnEnt:
		name = l.L.T("tabular.meaning.state")
	case tabular.ColumnMun:
		name = l.L.T("tabular.meaning.municipality")
	}
	if g.Step == "" {
		return name
	}
	return l.L.T("explore.groups.step", "column", name, "step", l.L.T("explore.step."+string(g.Step)))
}

func (l *looking) measureName(m tabular.Measure) string {
	if m.Column == "" {
		return l.L.T("explore.func.rows")
	}
	return l.L.T("explore.groups.measure", "func", l.L.T("explore.func."+string(m.Func)), "column", m.Column)
}

// groupHead is the head of the i-th column.
func (l *looking) groupHead(i int) groupHead {
	n := len(l.q.Group)
	h := groupHead{Number: i >= n}
	key := ""
	if i < n {
		h.Text, key = l.groupName(l.q.Group[i]), l.q.Group[i].Column
	} else {
		m := l.q.Measures[i-n]
		h.Text, key = l.measureName(m), query.MeasureName(m)
	}
	down := h.Number
	if len(l.q.Sort) > 0 && l.q.Sort[0].Column == key {
		h.Sorted, down = "ascending", !l.q.Sort[0].Down
		if l.q.Sort[0].Down {
			h.Sorted = "descending"
		}
	}
	sorted := l.q
	sorted.Sort = []tabular.Order{{Column: key, Down: down}}
	h.Sort = l.link(sorted)
	return h
}

// groupCell shows a cell of the j-th column of groups.
func (l *looking) groupCell(j int, cell tabular.Cell) cellView {
	if j >= len(l.q.Group) {
		if cell.Null {
			return cellView{Text: "—", Class: "is-number", Title: l.L.T("explore.cell.none")}
		}
		m := l.q.Measures[j-len(l.q.Group)]
		if c := l.t.Column(m.Column); c != nil && !c.Type.Number() && m.Func != tabular.Count && m.Func != tabular.Distinct {
			return cellOf(l.L, *c, cell, false)
		}
		return cellView{Text: grouped(rounded(cell.Text)), Class: "is-number"}
	}
	g := l.q.Group[j]
	if cell.Null {
		return cellView{Text: l.L.T("explore.groups.without"), Class: "is-none"}
	}
	if g.Column == tabular.ColumnEnt || g.Column == tabular.ColumnMun {
		return cellView{Text: l.placeNames([]string{cell.Text})}
	}
	c := l.t.Column(g.Column)
	if c == nil {
		return cellView{Text: cell.Text}
	}
	switch g.Step {
	case tabular.StepYear, tabular.StepMonth, tabular.StepQuarter:
		return cellView{Text: l.stepText(cell.Text, g.Step), Class: "is-nowrap"}
	case tabular.StepBins:
		return cellView{Text: l.L.T("explore.groups.from", "value", grouped(cell.Text)), Class: "is-nowrap"}
	}
	v := cellOf(l.L, *c, cell, false)
	if c.Meaning == tabular.State || c.Meaning == tabular.Municipality {
		if name := l.placeNames([]string{cell.Text}); name != cell.Text {
			v.Text = cell.Text + " · " + name
		}
	}
	return v
}

// stepText is the beginning of a step of time in words.
func (l *looking) stepText(date string, step tabular.Step) string {
	if len(date) < 7 {
		return date
	}
	switch step {
	case tabular.StepYear:
		return date[:4]
	case tabular.StepMonth:
		return l.L.PartialDate(date[:7])
	}
	quarter := map[string]string{"01": "1", "04": "2", "07": "3", "10": "4"}[date[5:7]]
	return l.L.T("explore.groups.quarter", "quarter", quarter, "year", date[:4])
}

// groupRows is the address of a group's rows, "" when it cannot be said.
func (l *looking) groupRows(q tabular.Query, row []tabular.Cell) string {
	for j, g := range l.q.Group {
		value := row[j].Text
		switch {
		case row[j].Null:
			if l.t.Column(g.Column) == nil {
				return ""
			}
			q = and(q, tabular.Condition{Column: g.Column, Op: tabular.Empty})
			continue
		case g.Column == tabular.ColumnEnt || g.Column == tabular.ColumnMun:
			q = and(q, tabular.Condition{Op: tabular.Inside, Values: []string{value}})
			continue
		}
		switch g.Step {
		case "", tabular.StepDay:
		case tabular.StepYear:
			value = value[:min(4, len(value))]
		case tabular.StepMonth:
			value = value[:min(7, len(value))]
		default:
			return ""
		}
		q = and(q, tabular.Condition{Column: g.Column, Op: tabular.Is, Values: []string{value}})
	}
	return l.link(q, without("ver"), without(paramChart), without(paramMeasure))
}
