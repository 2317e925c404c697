package reckon

import (
	"cmp"
	"slices"

	"plaza/internal/base/tabular"
	"plaza/internal/base/tabular/query"
	"plaza/internal/section/tool/spec"
)

// write writes the rows of the result.
func (g *grouping) write() {
	p := g.p
	most := spec.MaxMarks
	switch p.view.Mark {
	case spec.Table:
		most = cmp.Or(p.view.Rows, spec.DefaultRows)
	case spec.Point, spec.Circle:
		most = spec.MaxPoints
	}
	if n := len(g.buckets) - most; n > 0 {
		g.buckets = g.buckets[:most]
		p.out.Left += int64(n)
	}
	for _, b := range g.buckets {
		row := slices.Clone(b.keys)
		for i, t := range p.groups {
			switch {
			case b.keys[i] != Other:
			case t.role == RoleColor:
				p.out.RestSeries = Other.Text
			case p.out.Rest < 0:
				p.out.Rest = len(p.out.Rows)
			}
		}
		for i := range b.amounts {
			row = append(row, p.value(b, i))
		}
		p.out.Rows = append(p.out.Rows, row)
	}
	g.sum()
	p.shared()
}

// value is a measure of a bucket as the result has it.
func (p *plan) value(b *bucket, i int) tabular.Cell {
	if p.per == nil {
		return b.amounts[i].shown()
	}
	if v, ok := p.figure(b, i); ok {
		return tabular.Cell{Text: query.Float(v)}
	}
	return tabular.Cell{Null: true}
}

// sum is the whole of a treemap, or the value of a figure before its last one.
func (g *grouping) sum() {
	n := len(g.buckets)
	switch {
	case g.p.view.Mark == spec.Figure && n > 1:
		if v, ok := g.figure(g.buckets[n-2]); ok {
			g.p.out.Total = &v
		}
	case g.p.view.Mark == spec.Treemap:
		total := 0.0
		for _, b := range g.buckets {
			if v, ok := g.figure(b); ok {
				total += v
			}
		}
		g.p.out.Total = &total
	}
}

// finish names columns and places, and says where the numbers are from.
func (p *plan) finish() {
	seen := map[string]bool{}
	for i := range p.out.Columns {
		c := &p.out.Columns[i]
		for seen[c.Name] {
			c.Name += "_"
		}
		seen[c.Name] = true
	}
	p.named()
	p.out.Stamps = []Stamp{}
	p.stamped()
}
