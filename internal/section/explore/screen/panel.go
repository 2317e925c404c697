package screen

import (
	"slices"
	"strings"

	"plaza/internal/base/tabular"
	"plaza/internal/base/tabular/query"
)

// panelView is one column looked at closely: what it is, how its values are spread, and
// what one can do with it.
type panelView struct {
	Column    columnView
	Close     string
	Up, Down  string // addresses that sort
	Group     string // address that puts rows together by it
	Hide, Pin string // "" where it makes no sense
	Loose     string // address in which it is pinned no more
	Empty     string // address of the rows without value
	Values    []valueView
	More      bool // there are other values
	Range     *rangeForm
	Contains  *textForm
	Ask       string
}

// valueView is a value with how many rows have it, and the address of these.
type valueView struct {
	Text, Count, Path string
	Share             float64 // in percent of the most frequent
	Chosen            bool
}

// rangeForm asks for the ends of a range.
type rangeForm struct {
	MinName, MaxName string
	Min, Max         string
	Least, Most      string // what the column holds
	Kind             string // of the inputs: number, date or text
	Hidden           []field
}

// textForm asks for a part of a text.
type textForm struct {
	Name, Value string
	Hidden      []field
}

// panelValues is how many values a panel lists.
const panelValues = 12

// panel fills the panel of the column that the address names, if it is there. Counts are
// of the rows that the other conditions leave.
func (l *looking) panel(p *Pages) {
	c := l.t.Column(l.at.column)
	if c == nil {
		return
	}
	base := l.q
	base.Key = nil
	v := &panelView{Column: l.column(*c), Close: l.link(base, without("columna")) + "#tabla",
		Up: l.link(sortedBy(base, c.Name, false)), Down: l.link(sortedBy(base, c.Name, true)), Ask: l.ask(p, c.Name, 0, "")}
	_ = l.tellColumn(p, &v.Column) // a panel without them is a panel
	if c.Type != tabular.Geometry {
		group := base
		g := tabular.Group{Column: c.Name}
		if steps := stepsOf(c); len(steps) > 0 {
			g = stepped(c, string(steps[min(len(steps)-1, 2)]))
		}
		group.Group, group.Sort, group.Columns = []tabular.Group{g}, nil, nil
		v.Group = l.link(group, without("columna"), without("ver"))
	}
	if names := l.shownNames(); len(names) > 1 {
		hide := base
		hide.Columns = slices.DeleteFunc(slices.Clone(names), func(n string) bool { return n == c.Name })
		v.Hide = l.link(hide, without("columna"))
		switch {
		case names[0] != c.Name:
			pin := base
			pin.Columns = append([]string{c.Name}, hide.Columns...)
			v.Pin = l.link(pin, with("fija", "1"))
		case l.at.pinned:
			v.Loose, v.Hide = l.link(base, without("fija")), l.link(hide, without("columna"), without("fija"))
		default:
			v.Pin = l.link(base, with("fija", "1"))
		}
	}
	if c.Stats.Nulls > 0 {
		v.Empty = l.link(and(base, tabular.Condition{Column: c.Name, Op: tabular.Empty}), without("columna"))
	}
	l.values(p, v, c, base)
	l.forms(v, c, base)
	l.Panel = v
}

// shownNames are the columns that are shown, in their order.
func (l *looking) shownNames() []string {
	if len(l.q.Columns) > 0 {
		return l.q.Columns
	}
	var out []string
	for _, c := range l.t.Columns {
		out = append(out, c.Name)
	}
	return out
}

// and adds a condition.
func and(q tabular.Query, c tabular.Condition) tabular.Query {
	q.Where = append(slices.Clone(q.Where), c)
	q.Key = nil
	return q
}

// withoutOn takes out the conditions on a column by an operator.
func withoutOn(q tabular.Query, column string, ops ...tabular.Operator) tabular.Query {
	q.Where = slices.DeleteFunc(slices.Clone(q.Where), func(c tabular.Condition) bool { return c.Column == column && slices.Contains(ops, c.Op) })
	q.Key = nil
	return q
}

// values lists the most frequent values that the other conditions leave.
func (l *looking) values(p *Pages, v *panelView, c *tabular.Column, base tabular.Query) {
	const few = 2000 // more different values are no list to choose from
	if c.Type == tabular.Geometry || c.Stats.Distinct > few || c.Stats.Distinct == 0 {
		return
	}
	others := withoutOn(base, c.Name, tabular.Is)
	ask := tabular.Query{Search: others.Search, Where: others.Where, Group: []tabular.Group{{Column: c.Name}}, Limit: panelValues}
	groups, err := p.Engine.Groups(l.ctx, l.table, ask)
	if err != nil {
		return // the rows say what is wrong
	}
	var chosen []string
	for _, one := range base.Where {
		if one.Column == c.Name && one.Op == tabular.Is {
			chosen = one.Values
		}
	}
	for _, row := range groups.Rows {
		if row[0].Null {
			continue
		}
		one := valueView{Text: cellOf(l.L, *c, row[0], false).Text, Count: grouped(row[1].Text), Chosen: slices.Contains(chosen, row[0].Text)}
		values := append(slices.Clone(chosen), row[0].Text)
		if one.Chosen {
			values = slices.DeleteFunc(slices.Clone(chosen), func(s string) bool { return s == row[0].Text })
		}
		next := others
		if len(values) > 0 {
			next = and(others, tabular.Condition{Column: c.Name, Op: tabular.Is, Values: values})
		}
		one.Path = l.link(next) + "#columna"
		v.Values = append(v.Values, one)
	}
	v.More = groups.More
}

// forms are those that fit the column's type, with what is asked for already.
func (l *looking) forms(v *panelView, c *tabular.Column, base tabular.Query) {
	ops := query.OperatorsOf(*c)
	switch {
	case slices.Contains(ops, tabular.Between) && c.Type != tabular.Code:
		r := &rangeForm{MinName: query.Param(tabular.Condition{Column: c.Name, Op: tabular.AtLeast}), MaxName: query.Param(tabular.Condition{Column: c.Name, Op: tabular.AtMost}),
			Least: cellOf(l.L, *c, tabular.Cell{Text: c.Stats.Min}, false).Text, Most: cellOf(l.L, *c, tabular.Cell{Text: c.Stats.Max}, false).Text, Kind: "text"}
		if c.Type == tabular.Date {
			r.Kind = "date"
		}
		for _, one := range base.Where {
			switch {
			case one.Column == c.Name && one.Op == tabular.Between:
				r.Min, r.Max = part(one.Values, 0), part(one.Values, 1)
			case one.Column == c.Name && one.Op == tabular.AtLeast:
				r.Min = part(one.Values, 0)
			case one.Column == c.Name && one.Op == tabular.AtMost:
				r.Max = part(one.Values, 0)
			}
		}
		r.Hidden = l.hidden(withoutOn(base, c.Name, tabular.Between, tabular.AtLeast, tabular.AtMost))
		v.Range = r
	case slices.Contains(ops, tabular.Contains):
		t := &textForm{Name: query.Param(tabular.Condition{Column: c.Name, Op: tabular.Contains})}
		for _, one := range base.Where {
			if one.Column == c.Name && one.Op == tabular.Contains {
				t.Value = strings.Join(one.Values, " ")
			}
		}
		t.Hidden = l.hidden(withoutOn(base, c.Name, tabular.Contains))
		v.Contains = t
	}
}
