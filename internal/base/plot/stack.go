package plot

import (
	"math"
	"slices"
)

// piece is a mark and where it begins and ends on the axis of values.
type piece struct {
	Mark
	from, to float64
	written  bool // its value is only written: see dwarfs
}

// value is what a mark measures.
func (d *drawing) value(m Mark) float64 {
	if d.Kind == Bars {
		return m.X
	}
	return m.Y
}

// place is where a mark stands on the other axis.
func (d *drawing) place(m Mark) float64 {
	if d.Kind == Bars {
		return m.Y
	}
	return m.X
}

// stacks is how much lies on both sides of zero at a place.
type stacks struct{ below, above float64 }

// stack puts the marks of a panel where they begin and end. Pieces on one another are in the
// order of their series.
func (d *drawing) stack(marks []Mark) []piece {
	out := make([]piece, len(marks))
	for i, m := range marks {
		out[i] = piece{Mark: m, to: d.value(m)}
	}
	if d.Stacking == Grouped || d.Kind == Line || d.Kind == Dots || d.Kind == Tiles {
		d.dwarfs(out)
		return out
	}
	slices.SortStableFunc(out, func(a, b piece) int { return a.Series - b.Series })
	totals := map[float64]float64{}
	if d.Stacking == Shares {
		for _, p := range out {
			if p.counts() {
				totals[d.place(p.Mark)] += p.to
			}
		}
	}
	at := map[float64]*stacks{}
	for i := range out {
		place := d.place(out[i].Mark)
		if at[place] == nil {
			at[place] = &stacks{}
		}
		d.pile(&out[i], at[place], totals[place])
	}
	return out
}

// dwarfs marks the bars of what is left over that would make all others short: with a value
// beside them they need not be drawn.
func (d *drawing) dwarfs(pieces []piece) {
	if d.Kind != Bars || !d.Labels {
		return
	}
	const tooLong = 1.5
	most := 0.0
	for _, p := range pieces {
		if !p.Rest && !p.Null {
			most = math.Max(most, math.Abs(p.to))
		}
	}
	for i, p := range pieces {
		pieces[i].written = p.Rest && most > 0 && math.Abs(p.to) > tooLong*most
	}
}

// counts reports whether a piece is part of a whole: nothing and less than nothing are not.
func (p piece) counts() bool { return !p.Null && p.to > 0 }

// pile puts a piece on what is already there.
func (d *drawing) pile(p *piece, s *stacks, total float64) {
	v := p.to
	switch {
	case p.Null:
		v = 0
	case d.Stacking == Shares && p.counts():
		v = v / total * 100
	case d.Stacking == Shares:
		v = 0
	case d.Stacking == Diverging && p.Series == 0:
		v = -math.Abs(v)
	case d.Stacking == Diverging:
		v = math.Abs(v)
	}
	side := &s.above
	if v < 0 || d.Stacking == Diverging && p.Series == 0 {
		side = &s.below
	}
	p.from = *side
	*side += v
	p.to = *side
}

// axes are both axes with what they have to show, of all panels together.
func (d *drawing) axes(panels [][]piece) (x, y axis) {
	x, y = d.axis(d.X), d.axis(d.Y)
	measure, along := &y, &x
	if d.Kind == Bars {
		measure, along = &x, &y
	}
	for _, pieces := range panels {
		for _, p := range pieces {
			along.include(d.place(p.Mark))
			if p.To > p.X && d.bins() {
				along.include(p.To)
			}
			if p.Null || p.written {
				continue
			}
			measure.include(p.to)
			if d.Kind != Line && d.Kind != Dots && d.Kind != Tiles {
				measure.include(p.from)
			}
		}
	}
	d.reference(&x, &y)
	measure.grow(d.Kind != Line && d.Kind != Dots || !measure.Cut)
	along.grow(d.Kind == Dots && !along.Cut)
	if d.Stacking == Shares && d.Kind != Line && d.Kind != Dots {
		measure.low, measure.high = 0, 100
		measure.write = percent
	}
	if d.Stacking == Diverging && d.Kind != Line && d.Kind != Dots {
		signed := measure.write
		measure.write = func(v float64, short bool) string { return signed(math.Abs(v), short) }
	}
	d.pad(along)
	return x, y
}

// bins reports whether columns are as wide as the bins that they stand for.
func (d *drawing) bins() bool { return d.Kind == Columns && d.X.Scaling == Linear }

// reference widens the axes of values to the reference lines, which are there to be compared.
func (d *drawing) reference(x, y *axis) {
	for _, r := range d.Rules {
		a := y
		if r.Vertical {
			a = x
		}
		if a.Scaling == Linear && a.low <= a.high && !(d.Stacking == Shares && (r.At < 0 || r.At > 100)) {
			a.include(r.At)
		}
	}
}

// pad gives columns of time or of numbers room for half a column at both ends, and a single
// value a place in the middle.
func (d *drawing) pad(along *axis) {
	if along.Scaling == Category {
		return
	}
	half := 0.0
	if d.Kind == Columns && !d.spans() {
		half = d.between(along) / 2
	}
	along.low, along.high = along.low-half, along.high+half
	if along.Scaling != Time {
		along.open()
	} else if along.low == along.high {
		half = max(day, grains[along.Step].seconds()) / 2
		along.low, along.high = along.low-half, along.high+half
	}
}

// spans reports whether any column says where its bin ends.
func (d *drawing) spans() bool {
	return d.bins() && slices.ContainsFunc(d.pieces, func(of []piece) bool {
		return slices.ContainsFunc(of, func(p piece) bool { return p.To > p.X })
	})
}

// between is the least distance of two columns.
func (d *drawing) between(along *axis) float64 {
	var at []float64
	for _, pieces := range d.pieces {
		for _, p := range pieces {
			at = append(at, d.place(p.Mark))
		}
	}
	slices.Sort(at)
	at = slices.Compact(at)
	out := math.Inf(1)
	for i := 1; i < len(at); i++ {
		out = math.Min(out, at[i]-at[i-1])
	}
	switch {
	case !math.IsInf(out, 1):
		return out
	case along.Scaling == Time:
		return max(day, grains[along.Step].seconds())
	}
	return 1
}
