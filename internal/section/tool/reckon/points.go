package reckon

import (
	"cmp"
	"context"
	"slices"
	"strconv"

	"plaza/internal/base/tabular"
	"plaza/internal/base/tabular/query"
	"plaza/internal/section/tool/spec"
)

const (
	pageRows = query.MaxRows
	// cells divide each side of a map or of a plane of points that are too many.
	cells = 40
	// panelCells do where there are panels.
	panelCells = 15
)

// points computes dots of rows, on a map or between two axes; what they are in a grid where
// they are too many.
func (p *plan) points(ctx context.Context) error {
	counted, err := p.d.k.Engine.Count(ctx, p.src.table, p.base)
	if err != nil {
		return err
	}
	looked := false // an axis is of a lookup: rows cannot be divided by it
	for _, t := range p.groups {
		switch {
		case t.lookup == nil && t.axis():
			p.base.Where = append(slices.Clone(p.base.Where), tabular.Condition{Column: t.col.Name, Op: tabular.NotEmpty})
		case t.axis():
			looked = true
		}
	}
	n, err := p.d.k.Engine.Count(ctx, p.src.table, p.base)
	if err != nil {
		return err
	}
	many := n > spec.MaxPoints
	if !p.raw && many {
		if many, err = p.spots(ctx); err != nil {
			return err
		}
	}
	switch {
	case many && p.view.Mark == spec.Circle:
		err = p.clusters(ctx)
	case !p.raw:
		err = p.grouped(ctx)
	case many && !looked:
		err = p.binned(ctx)
	default:
		err = p.dots(ctx)
	}
	p.out.Counted = counted
	p.out.Missing += counted - n
	return err
}

// spots reports whether the places where points lie are too many, each counted once.
func (p *plan) spots(ctx context.Context) (bool, error) {
	q := p.base
	q.Sort, q.Group, q.Measures, q.Limit = nil, p.asked, []tabular.Measure{allRows}, spec.MaxPoints
	found, err := p.d.k.Engine.Groups(ctx, p.src.table, q)
	return found.More, err
}

// axis reports whether a dot lies where it does by the column.
func (t *part) axis() bool {
	return t.role == RoleX || t.role == RoleY || t.role == RoleLongitude || t.role == RoleLatitude
}

// dots reads the rows themselves.
func (p *plan) dots(ctx context.Context) error {
	rows, left, err := p.read(ctx, p.base, spec.MaxPoints)
	if err != nil {
		return err
	}
	p.out.Left = left
	p.out.Rows = slices.DeleteFunc(rows, func(row []tabular.Cell) bool {
		lost := slices.ContainsFunc(p.groups, func(t *part) bool { return t.axis() && row[slices.Index(p.groups, t)].Null })
		if lost {
			p.out.Missing++
		}
		return lost
	})
	for i, t := range p.groups {
		switch t.role {
		case RoleColor:
			p.coloured(i)
		case RoleFacet:
			p.panelled(i)
		}
	}
	return nil
}

// frequent are the values of a column of the result, those of most rows first.
func (p *plan) frequent(i int) []tabular.Cell {
	counts := map[tabular.Cell]int{}
	var out []tabular.Cell
	for _, row := range p.out.Rows {
		if counts[row[i]]++; counts[row[i]] == 1 {
			out = append(out, row[i])
		}
	}
	slices.SortStableFunc(out, func(a, b tabular.Cell) int {
		return cmp.Or(cmp.Compare(counts[b], counts[a]), p.groups[i].order(a, b))
	})
	return out
}

// coloured puts the rarest values of a colour together, where they are more than there are
// colours.
func (p *plan) coloured(i int) {
	values := p.frequent(i)
	if len(values) <= spec.MaxSeries {
		return
	}
	others := values[spec.MaxSeries-1:]
	p.out.Folded = len(others)
	p.out.RestSeries = Other.Text
	for _, row := range p.out.Rows {
		if slices.Contains(others, row[i]) {
			row[i] = Other
		}
	}
}

// panelled leaves out the rows of the rarest panels, where they are too many.
func (p *plan) panelled(i int) {
	values := p.frequent(i)
	if len(values) <= spec.MaxPanels {
		return
	}
	n := len(p.out.Rows)
	p.out.Rows = slices.DeleteFunc(p.out.Rows, func(row []tabular.Cell) bool { return slices.Contains(values[spec.MaxPanels:], row[i]) })
	p.out.Left += int64(n - len(p.out.Rows))
}

// binned counts the rows of each cell of a plane.
func (p *plan) binned(ctx context.Context) error {
	n := cells
	var kept []*part
	for _, t := range p.groups {
		if t.role == RoleFacet && t.lookup == nil {
			n = panelCells
			kept = append(kept, t)
		}
	}
	for _, t := range p.groups {
		if t.role == RoleX || t.role == RoleY {
			kept = append(kept, t.divided(n))
		}
	}
	p.raw, p.out.Binned = false, true
	p.groups, p.measures, p.asked, p.counts = nil, nil, nil, nil
	p.measures = []*part{{role: RoleColor, path: p.path, ch: spec.Channel{Aggregate: string(tabular.Count)}, fn: tabular.Count, col: tabular.Column{Type: tabular.Integer}}}
	p.count(allRows)
	for _, t := range kept {
		t.at = p.ask(t.path, tabular.Group{Column: t.col.Name, Step: t.step(), Bins: t.ch.Bin})
		p.groups = append(p.groups, t)
	}
	if err := p.wrong.Err("toolreckon.error"); err != nil { // both axes are one column
		return err
	}
	return p.grouped(ctx)
}

// divided is an axis in parts.
func (t *part) divided(n int) *part {
	out := *t
	switch years := yearsOf(t.col); {
	case t.col.Type.Number():
		out.ch.Bin = n
	case years > 8:
		out.ch.TimeUnit = "year"
	case years > 0:
		out.ch.TimeUnit = "yearmonth"
	default:
		out.ch.TimeUnit = "yearmonthdate"
	}
	return &out
}

// yearsOf is how many years lie between the first and the last value of a column.
func yearsOf(c tabular.Column) int {
	if len(c.Stats.Min) < 4 || len(c.Stats.Max) < 4 {
		return 0
	}
	from, _ := strconv.Atoi(c.Stats.Min[:4])
	to, _ := strconv.Atoi(c.Stats.Max[:4])
	return to - from
}

// clusters computes what there is in each cell of a map, at the middle of its points.
func (p *plan) clusters(ctx context.Context) error {
	var lon, lat *part
	size := &part{role: RoleSize, fn: tabular.Count, ch: spec.Channel{Aggregate: string(tabular.Count)}, col: tabular.Column{Type: tabular.Integer}}
	for _, t := range p.groups {
		switch t.role {
		case RoleLongitude:
			lon = t
		case RoleLatitude:
			lat = t
		}
	}
	if len(p.measures) > 0 && p.measures[0].lookup == nil {
		size = p.measures[0]
	}
	q := p.base
	q.Sort, q.Limit = nil, spec.MaxGroupsAsked
	sized := tabular.Measure{Func: size.fn, Column: size.ch.Field}
	q.Measures = []tabular.Measure{sized}
	for _, t := range []*part{lon, lat} {
		q.Group = append(q.Group, tabular.Group{Column: t.col.Name, Step: tabular.StepBins, Bins: cells})
		q.Measures = append(q.Measures, tabular.Measure{Func: tabular.Mean, Column: t.col.Name})
	}
	made, err := query.Groups(p.src.table.Profile, p.src.table.Hidden, q, "t")
	if err != nil {
		return err
	}
	found, err := p.d.k.Engine.Groups(ctx, p.src.table, q)
	if err != nil {
		return err
	}
	p.out.Columns, p.out.Rows, p.out.Clustered = nil, [][]tabular.Cell{}, true
	for i, t := range []*part{lon, lat, size} {
		c := p.columnOf(t)
		c.Width = made.Columns[min(i, 1)].Width
		if t == size {
			c.Name, c.Func, c.Type, c.Width = query.Word(sized), size.fn, made.Columns[2].Type, 0
		}
		p.out.Columns = append(p.out.Columns, c)
	}
	for _, row := range found.Rows[:min(len(found.Rows), spec.MaxMarks)] {
		p.out.Rows = append(p.out.Rows, []tabular.Cell{row[3], row[4], row[2]})
	}
	p.out.Left = int64(len(found.Rows) - len(p.out.Rows))
	return nil
}
