package plot

import (
	"cmp"
	"math"
	"slices"
)

// part is a part of a treemap, or one that holds others.
type part struct {
	name   string
	size   float64
	mark   Mark
	parts  []part
	series int
}

// treemap draws parts of a whole as rectangles whose areas are in proportion, as near to
// squares as they can be (Bruls, Huizing and van Wijk, Squarified Treemaps, 2000).
func (p *pen) treemap() {
	h := p.c.Height
	if h == 0 {
		h = math.Max(300, math.Min(460, p.c.Width*0.62))
	}
	if p.c.Width < phone {
		h = math.Max(h, p.c.Width*1.25)
	}
	p.height = h
	parts := p.parts()
	var marks []Node
	squarify(parts, box{0, 0, p.c.Width, h}, func(one part, b box) {
		if one.parts == nil {
			marks = append(marks, p.leaf(one, b))
			return
		}
		head := 0.0
		if b.h > 44 && b.w > 40 {
			head = leading + 4
			marks = append(marks, Text{X: b.x + 4, Y: b.y + 14, Size: labelSize, Bold: true, Anchor: Start, Ink: InkText, Text: clip(one.name, labelSize, true, b.w-8)})
		}
		squarify(one.parts, box{b.x + 1, b.y + head, math.Max(0, b.w-2), math.Max(0, b.h-head-1)}, func(leaf part, b box) { marks = append(marks, p.leaf(leaf, b)) })
	})
	p.add(group("Scene-marks", marks...))
}

// parts are the marks that have a size, in those that hold them, the greatest first.
func (p *pen) parts() (out []part) {
	at := map[string]int{}
	for _, m := range p.c.Panels[0].Marks {
		if m.Null || m.Size <= 0 {
			continue
		}
		one := part{name: m.Name, size: m.Size, mark: m, series: m.Series}
		if m.Parent == "" {
			out = append(out, one)
			continue
		}
		i, ok := at[m.Parent]
		if !ok {
			i = len(out)
			at[m.Parent] = i
			out = append(out, part{name: m.Parent, series: m.Series, parts: []part{}})
		}
		out[i].parts = append(out[i].parts, one)
		out[i].size += m.Size
	}
	bySize := func(a, b part) int { return cmp.Compare(b.size, a.size) }
	slices.SortStableFunc(out, bySize)
	for i := range out {
		slices.SortStableFunc(out[i].parts, bySize)
	}
	return out
}

// leaf draws a part with its name and value where there is room.
func (p *pen) leaf(one part, b box) Node {
	ink := InkSeries + Ink(one.series%MaxSeries)
	if one.mark.Rest {
		ink = InkRest
	}
	letters := InkOnDark
	if one.mark.Rest {
		letters = InkText
	}
	nodes := []Node{Shape{Path: rect(b.x+0.5, b.y+0.5, math.Max(0.2, b.w-1), math.Max(0.2, b.h-1)), Fill: ink, Stroke: InkGround, Width: 1}}
	y := b.y + 16
	if b.w > 36 && b.h > 20 {
		lines := max(1, min(3, int((b.h-20)/leading)))
		for _, line := range broken(one.name, labelSize, false, b.w-10, lines) {
			if line != "" {
				nodes = append(nodes, Text{X: b.x + 5, Y: y, Size: labelSize, Anchor: Start, Ink: letters, Text: line})
				y += leading
			}
		}
		if number := p.c.Y.Number; number != nil && y < b.y+b.h-3 {
			if text := clip(number(one.size, true), tickSize, true, b.w-10); text != "" {
				nodes = append(nodes, Text{X: b.x + 5, Y: y, Size: tickSize, Bold: true, Anchor: Start, Ink: letters, Text: text})
			}
		}
	}
	return mark(one.mark, nodes...)
}

// squarify gives each part its rectangle of a box.
func squarify(parts []part, b box, put func(part, box)) {
	total := 0.0
	for _, one := range parts {
		total += one.size
	}
	if total <= 0 || b.w <= 0 || b.h <= 0 {
		return
	}
	per := b.w * b.h / total
	for len(parts) > 0 {
		short := math.Min(b.w, b.h)
		n, sum := 0, 0.0
		best := math.Inf(1)
		for n < len(parts) {
			next := sum + parts[n].size*per
			worst := ratio(parts[0].size*per, parts[n].size*per, next, short)
			if worst > best {
				break
			}
			best, sum = worst, next
			n++
		}
		thick := sum / short
		at := 0.0
		for _, one := range parts[:n] {
			long := one.size * per / thick
			if b.w >= b.h {
				put(one, box{b.x, b.y + at, thick, long})
			} else {
				put(one, box{b.x + at, b.y, long, thick})
			}
			at += long
		}
		if b.w >= b.h {
			b.x, b.w = b.x+thick, b.w-thick
		} else {
			b.y, b.h = b.y+thick, b.h-thick
		}
		parts = parts[n:]
		if b.w <= 1e-6 || b.h <= 1e-6 {
			return // what is left is thinner than anybody sees
		}
	}
}

// ratio is the worst of the sides of a row of rectangles from the greatest to the least.
func ratio(greatest, least, sum, short float64) float64 {
	s := short * short / (sum * sum)
	return math.Max(greatest*s, 1/(least*s))
}
