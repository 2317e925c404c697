package reckon

import (
	"context"
	"slices"

	"plaza/internal/base/tabular"
	"plaza/internal/base/tabular/query"
	"plaza/internal/section/tool/spec"
)

// run computes the result.
func (p *plan) run(ctx context.Context) error {
	p.within()
	if err := p.joined(ctx); err != nil {
		return err
	}
	switch {
	case p.raw && p.view.Mark == spec.Table:
		return p.table(ctx)
	case p.raw || p.view.Mark == spec.Circle:
		return p.points(ctx)
	}
	return p.grouped(ctx)
}

// allRows counts rows; every question of groups has it.
var allRows = tabular.Measure{Func: tabular.Count}

// grouped computes a view of groups.
func (p *plan) grouped(ctx context.Context) error {
	q := p.base
	q.Sort = p.foremost()
	q.Group, q.Measures, q.Limit = p.asked, p.counts, spec.MaxGroupsAsked
	plan, err := query.Groups(p.src.table.Profile, p.src.table.Hidden, q, "t")
	if err != nil {
		return err
	}
	found, err := p.d.k.Engine.Groups(ctx, p.src.table, q)
	if err != nil {
		return err
	}
	if found.More && p.coarser() {
		return p.grouped(ctx)
	}
	p.head(plan.Columns)
	buckets, err := p.buckets(found)
	if err != nil {
		return err
	}
	g := &grouping{p: p, buckets: buckets, more: found.More}
	if err := g.over(ctx, q); err != nil {
		return err
	}
	g.sift()
	p.odd()
	g.fold()
	g.write()
	return p.outlined(ctx)
}

// foremost is which groups come first, where there may be more than are asked for: the
// latest of an axis in order, else those with most of the first measure.
func (p *plan) foremost() []tabular.Order {
	for _, t := range p.groups {
		if t.lookup == nil && (t.role == RoleX || t.role == RoleY) && p.ordered(t) {
			return []tabular.Order{{Column: p.asked[t.at].Column, Down: true}}
		}
	}
	return []tabular.Order{{Column: query.MeasureName(p.counts[0]), Down: true}}
}

// head writes the columns of a result of groups.
func (p *plan) head(made []query.Out) {
	for _, t := range p.groups {
		c := p.columnOf(t)
		c.Group, c.Step = true, t.step()
		if t.lookup == nil {
			t.width = made[t.at].Width
			c.Width = t.width
			if c.Step != "" {
				c.Type = made[t.at].Type
			}
		}
		if t.level == states {
			c.Meaning, c.Type = tabular.State, tabular.Code
		} else if t.level == towns {
			c.Meaning, c.Type = tabular.Municipality, tabular.Code
		}
		p.out.Columns = append(p.out.Columns, c)
	}
	for _, t := range p.measures {
		c := p.columnOf(t)
		c.Name, c.Func, c.Meaning = query.Word(tabular.Measure{Func: t.fn, Column: t.ch.Field}), t.fn, ""
		switch {
		case t.lookup == nil:
			c.Type = made[len(p.asked)+t.at].Type
		case t.fn == tabular.Count || t.fn == tabular.Distinct:
			c.Type = tabular.Integer
		case t.fn == tabular.Mean || t.fn == tabular.Median:
			c.Type = tabular.Decimal
		}
		if p.per != nil {
			c.Per, c.Times, c.Type = p.view.Per, p.per.times, tabular.Decimal
			c.Name += p.per.word()
		}
		p.out.Columns = append(p.out.Columns, c)
	}
}

// columnOf is a part as a column of the result, called unlike those before it in the end.
func (p *plan) columnOf(t *part) Column {
	c := Column{Name: t.ch.Field, Role: t.role, Title: t.ch.Title, Field: t.ch.Field, Unit: t.col.Unit, Type: t.col.Type, Meaning: t.col.Meaning}
	if p.view.Mark == spec.Table {
		c.Role = RoleColumn
	}
	return c
}

// buckets makes a bucket of each group; those that are the same here are put together.
func (p *plan) buckets(found tabular.Groups) ([]*bucket, error) {
	var list []*bucket
	at := map[string]*bucket{}
	hidden := p.hidden()
	for _, row := range found.Rows {
		b := p.bucket(row)
		if same := at[b.id()]; same != nil {
			if !same.add(b) {
				p.hold(false, p.path+".encoding", "merge")
				return nil, p.wrong.Err("toolreckon.error")
			}
			continue
		}
		at[b.id()] = b
		list = append(list, b)
	}
	if found.More && hidden {
		p.hold(false, p.path, "joined_many", "max", spec.MaxGroupsAsked)
		return nil, p.wrong.Err("toolreckon.error")
	}
	p.spread(list)
	return list, nil
}

// hidden reports whether groups are asked by a key that the result does not have.
func (p *plan) hidden() bool {
	for i := range p.asked {
		if !slices.ContainsFunc(p.groups, func(t *part) bool { return t.lookup == nil && t.at == i }) {
			return true
		}
	}
	return false
}

// bucket makes one of the engine's groups.
func (p *plan) bucket(row []tabular.Cell) *bucket {
	measured := row[len(p.asked):]
	b := &bucket{rows: whole(measured[p.count(allRows)])}
	b.valued = b.rows
	if p.valued >= 0 {
		b.valued = whole(measured[p.valued])
	}
	for _, t := range p.groups {
		b.keys = append(b.keys, p.key(t, row[t.at]))
	}
	for _, t := range p.measures {
		if t.lookup == nil {
			b.amounts = append(b.amounts, newAmount(t, measured))
			continue
		}
		a := amount{fn: t.fn, number: true, keyed: map[string]float64{}}
		key := row[t.lookup.at]
		if v, ok := t.lookup.number(key, t.col.Name); ok {
			a.keyed[t.lookup.text(key.Text)] = v
		}
		b.amounts = append(b.amounts, a)
	}
	p.meet(func(l *lookup) tabular.Cell { return row[l.at] }, b.rows)
	if p.per != nil {
		key, v, ok := p.per.of(row[p.per.at])
		b.lost = !ok
		if ok {
			b.by = map[string]float64{key: v}
		}
		if p.per.lookup == nil {
			p.per.met.note(row[p.per.at], ok, b.rows)
		}
	}
	return b
}

// key is a group's value as the result has it.
func (p *plan) key(t *part, cell tabular.Cell) tabular.Cell {
	if t.lookup != nil {
		return t.lookup.field(cell, t.col.Name)
	}
	if t.level != noPlace && !cell.Null {
		code, _ := codeOf(cell.Text, t.level)
		return tabular.Cell{Text: code}
	}
	return cell
}

// over counts what lies beyond the groups that were asked for: how many there are where it is
// one column, else how many rows.
func (g *grouping) over(ctx context.Context, q tabular.Query) error {
	p := g.p
	for _, b := range g.buckets {
		p.out.Counted += b.rows
	}
	if !g.more {
		return nil
	}
	all := tabular.Query{Search: q.Search, Where: q.Where, Measures: slices.Clone(p.counts)}
	single := len(p.asked) == 1 && p.asked[0].Step == ""
	if single {
		all.Measures = append(all.Measures, tabular.Measure{Func: tabular.Distinct, Column: p.asked[0].Column}, tabular.Measure{Func: tabular.Count, Column: p.asked[0].Column})
	}
	found, err := p.d.k.Engine.Groups(ctx, p.src.table, all)
	if err != nil || len(found.Rows) == 0 {
		return err
	}
	row := found.Rows[0]
	g.total = &bucket{rows: whole(row[p.count(allRows)])}
	p.out.LeftRows = g.total.rows - p.out.Counted
	p.out.Counted = g.total.rows
	if single {
		n := len(p.counts)
		g.beyond = whole(row[n]) - int64(len(g.buckets))
		if whole(row[n+1]) < g.total.rows {
			g.beyond++ // rows without value are a group too
		}
		for _, t := range p.measures { // those of lookups are not put together: see foldable
			g.total.amounts = append(g.total.amounts, newAmount(t, row))
		}
		if p.valued >= 0 {
			g.total.valued = whole(row[p.valued])
		}
	}
	return nil
}

// whole reports whether no row of the table is left out.
func (p *plan) whole() bool { return len(p.base.Where) == 0 && p.base.Search == "" }

// odd counts, of a whole table, the values that do not fit their column.
func (p *plan) odd() {
	if t := p.measures[0]; t.lookup == nil && p.whole() {
		p.out.Odd = t.col.Odd
	}
}
