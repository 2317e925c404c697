package plot

import (
	"cmp"
	"math"
	"slices"
	"strconv"
)

// hushedWidth is how thick lines are that have no colour of their own, in pixels.
const hushedWidth = 1.25

// hush leaves lines and areas, where they are more than there are colours, the colours for the
// series that end highest. All others are grey and come last: a colour that stands for two
// series tells nothing.
func (d *drawing) hush() {
	if d.Kind != Line && d.Kind != Area || len(d.Series) <= MaxSeries {
		return
	}
	ends := d.lastValues()
	order := make([]int, len(d.Series))
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(a, b int) int { return cmp.Compare(ends[b], ends[a]) })
	slices.Sort(order[:MaxSeries]) // both are in their order
	slices.Sort(order[MaxSeries:])
	d.hushed = len(order) - MaxSeries
	series, place := make([]Series, len(order)), make([]int, len(order))
	for i, from := range order {
		series[i], place[from] = d.Series[from], i
		series[i].Other = series[i].Other || i >= MaxSeries
	}
	d.Series = series
	for _, p := range d.Panels {
		for i := range p.Marks {
			p.Marks[i].Series = place[p.Marks[i].Series]
		}
	}
}

// lastValues are where series end, of all panels together; what is left over is no match for
// any of them.
func (d *drawing) lastValues() []float64 {
	out := make([]float64, len(d.Series))
	for _, p := range d.Panels {
		last := make([]*Mark, len(d.Series))
		for i := range p.Marks {
			m := &p.Marks[i]
			if at := last[m.Series]; !m.Null && (at == nil || m.X >= at.X) {
				last[m.Series] = m
			}
		}
		for i, m := range last {
			if m != nil {
				out[i] += m.Y
			}
		}
	}
	for i, s := range d.Series {
		if s.Other {
			out[i] = math.Inf(-1)
		}
	}
	return out
}

// isHushed reports whether a series has no colour of its own.
func (d *drawing) isHushed(series int) bool { return series >= len(d.Series)-d.hushed }

// hushedEntry is what stands in the key for all of them.
func (d *drawing) hushedEntry() []entry {
	if d.hushed == 0 {
		return nil
	}
	label := "+" + strconv.Itoa(d.hushed)
	if d.Words.Others != nil {
		label = d.Words.Others(d.hushed)
	}
	return []entry{{label, func(x, y float64) Node { return d.sign(len(d.Series)-1, x, y) }}}
}
