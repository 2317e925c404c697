package reckon

import (
	"cmp"
	"context"
	"slices"

	"plaza/internal/base/tabular"
	"plaza/internal/section/tool/spec"
)

// table computes a table of rows as they are.
func (p *plan) table(ctx context.Context) error {
	rows, left, err := p.read(ctx, p.base, cmp.Or(p.view.Rows, spec.DefaultRows))
	if err != nil {
		return err
	}
	p.out.Rows = rows
	p.out.Left = left
	p.out.Counted = left + int64(len(rows))
	return nil
}

// read reads rows of the table with the columns of lookups, in the order of the parts.
func (p *plan) read(ctx context.Context, q tabular.Query, most int) (rows [][]tabular.Cell, left int64, err error) {
	q.Columns = nil
	need := func(name string) {
		if !slices.Contains(q.Columns, name) {
			q.Columns = append(q.Columns, name)
		}
	}
	for _, t := range p.groups {
		if t.lookup != nil {
			need(t.lookup.key.Name)
		} else {
			need(t.col.Name)
		}
		c := p.columnOf(t)
		p.out.Columns = append(p.out.Columns, c)
	}
	found, left, err := p.d.rows(ctx, p.src, q, most)
	if err != nil {
		return nil, 0, err
	}
	at := func(name string) int { return slices.Index(found.Columns, name) }
	rows = make([][]tabular.Cell, 0, len(found.Rows))
	for _, row := range found.Rows {
		var out []tabular.Cell
		for _, t := range p.groups {
			if t.lookup != nil {
				out = append(out, t.lookup.field(row[at(t.lookup.key.Name)], t.col.Name))
			} else {
				out = append(out, row[at(t.col.Name)])
			}
		}
		p.meet(func(l *lookup) tabular.Cell { return row[at(l.key.Name)] }, 1)
		rows = append(rows, out)
	}
	return rows, left, nil
}

// rows reads one page of rows after another, most at the most; left is how many more there
// are.
func (d *desk) rows(ctx context.Context, src *source, q tabular.Query, most int) (all tabular.Page, left int64, err error) {
	q.Limit, q.Counted = min(most, pageRows), true
	for {
		page, err := d.k.Engine.Page(ctx, src.table, q)
		if err != nil {
			return all, 0, err
		}
		if page.Count != nil {
			left = *page.Count
		}
		all.Columns = page.Columns
		all.Rows = append(all.Rows, page.Rows...)
		rest := most - len(all.Rows)
		if page.Next == nil || rest <= 0 {
			return all, max(0, left-int64(len(all.Rows))), nil
		}
		q.Key, q.Counted, q.Limit = page.Next, false, min(rest, pageRows)
	}
}
