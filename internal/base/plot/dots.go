package plot

import (
	"cmp"
	"math"
	"slices"
)

// Radii of dots without a size, and how much further than a circle's the corners of other
// glyphs reach.
const (
	dotRadius  = 4.25
	denseDots  = 400 // from so many on they are smaller
	denseDot   = 2.75
	glyphReach = 1.5
	// leastRadius is that of the least of dots with a size.
	leastRadius = 2.0
)

// mostSize is the greatest size of any dot.
func (d *drawing) mostSize() (most float64) {
	for _, p := range d.Panels {
		for _, m := range p.Marks {
			if m.Path == "" && !m.Null {
				most = math.Max(most, m.Size)
			}
		}
	}
	return most
}

// mostRadius is that of the dot of the greatest size.
func (d *drawing) mostRadius() float64 {
	most := math.Max(8, math.Min(24, gridOf(d.Width, len(d.Panels)).width/28))
	if d.Apart > 0 {
		most = math.Min(most, math.Max(leastRadius, d.Apart/2))
	}
	return most
}

// sizeRadius makes the area of a dot its size's part of the greatest; the least are still
// seen.
func (d *drawing) sizeRadius(size, most float64) float64 {
	return math.Max(leastRadius, d.mostRadius()*math.Sqrt(size/most))
}

// dotsRadius is that of dots without size, of so many.
func dotsRadius(n int) float64 {
	if n > denseDots {
		return denseDot
	}
	return dotRadius
}

// radius is how far dots reach beyond their place; 0 of other marks.
func (p *plane) radius() float64 {
	switch {
	case p.Kind != Dots:
		return 0
	case p.mostSize() > 0:
		return p.mostRadius() + 1
	}
	return dotRadius * glyphReach
}

// dot is a mark and where it is drawn.
type dot struct {
	Mark
	x, y, r float64
}

// sized puts marks where at says, the greatest below the others.
func (d *drawing) sized(marks []Mark, at func(m Mark) (x, y float64)) []dot {
	most := d.mostSize()
	out := make([]dot, 0, len(marks))
	for _, m := range marks {
		x, y := at(m)
		one := dot{m, x, y, dotsRadius(len(marks))}
		if most > 0 {
			one.r = d.sizeRadius(m.Size, most)
		}
		out = append(out, one)
	}
	slices.SortStableFunc(out, func(a, b dot) int { return cmp.Compare(b.r, a.r) })
	return out
}

// shape is how a dot looks. With a size it is a circle, whose area can be compared.
func (d *drawing) shape(m dot, sizes bool) Shape {
	path := glyph(m.Series, m.x, m.y, m.r)
	if sizes {
		path = circle(m.x, m.y, m.r)
	}
	s := Shape{Path: path, Fill: d.ink(m.Series, m.Rest)}
	if len(d.Classes) > 0 {
		s, _ = d.classed(m.Mark, path)
	}
	if s.Stroke == InkNone {
		s.Stroke, s.Width = InkGround, 0.75
	}
	return s
}

// dots are the dots of a panel, and where they are.
func (p *plane) dots(pieces []piece) (nodes []Node, all []dot) {
	marks := make([]Mark, len(pieces))
	for i, c := range pieces {
		marks[i] = c.Mark
	}
	all = p.sized(marks, func(m Mark) (x, y float64) { return p.x.at(m.X), p.y.at(m.Y) })
	sizes := p.mostSize() > 0
	for _, m := range all {
		nodes = append(nodes, mark(m.Mark, p.shape(m, sizes)))
	}
	if p.crowded {
		takeDots(p.room, all)
	}
	return nodes, all
}

func takeDots(r *room, dots []dot) {
	for _, m := range dots {
		r.take(area{m.x - m.r, m.y - m.r, m.x + m.r, m.y + m.r}, byMark)
	}
}
