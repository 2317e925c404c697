package plot

import (
	"cmp"
	"maps"
	"math"
	"slices"
	"strings"
)

func sorted(seen map[float64]bool) []float64 { return slices.Sorted(maps.Keys(seen)) }

// dashes tell lines apart besides colour.
var dashes = [MaxSeries][]float64{nil, {7, 3}, {2, 3}, {9, 3, 2, 3}, {12, 4}, {4, 4}, {1, 4}, {9, 3, 2, 3, 2, 3}}

// mostDots is up to how many values a line's are dots, too.
const mostDots = 40

// drawLines draws lines, areas and dots.
func (f *frame) drawLines(i int, b box, v scale) {
	at, _ := f.places(b)
	if f.c.Kind == Dots {
		f.drawDots(i, b, v, at)
		f.under(b)
		f.annotate(b, v)
		return
	}
	bySeries := make([][]bar, max(1, len(f.c.Series)))
	for _, one := range f.bars[i] {
		s := f.c.Panels[i].Marks[one.mark].Series
		bySeries[s] = append(bySeries[s], one)
	}
	var marks, targets []Node
	var ends []end
	for s, list := range bySeries {
		slices.SortStableFunc(list, func(a, b bar) int {
			return cmp.Compare(f.c.Panels[i].Marks[a.mark].X, f.c.Panels[i].Marks[b.mark].X)
		})
		marks = append(marks, f.series(i, s, list, v, at)...)
		for _, one := range list {
			m := f.c.Panels[i].Marks[one.mark]
			if m.Null {
				continue
			}
			g := mark(m, Shape{Path: circle(at(m), v.at(one.to), 9), Hit: true})
				if len(f.bars[i]) <= mostDots {
				g.Nodes = append(g.Nodes, Shape{Path: circle(at(m), v.at(one.to), 3), Fill: f.ink(s), Stroke: InkGround, Width: 1})
			}
			targets = append(targets, g)
			if f.direct {
				ends = slices.DeleteFunc(ends, func(e end) bool { return e.series == s })
				ends = append(ends, end{s, at(m), v.at(one.to)})
			}
		}
	}
	f.add(group("Scene-marks", marks...), group("Scene-marks", targets...))
	f.under(b)
	f.named(b, ends)
	f.annotate(b, v)
}

// series draws one line or area, broken where values are missing.
func (f *frame) series(i, s int, list []bar, v scale, at func(Mark) float64) (out []Node) {
	var line, floor strings.Builder
	var lower []string
	begun := 0
	var areas strings.Builder
	flush := func() {
		if begun > 0 {
			slices.Reverse(lower)
			areas.WriteString(floor.String() + strings.Join(lower, "") + "z")
		}
		floor.Reset()
		lower, begun = nil, 0
	}
	var alone []Node
	for n, one := range list {
		m := f.c.Panels[i].Marks[one.mark]
		if m.Null {
			flush()
			continue
		}
		x, y := num(at(m)), num(v.at(one.to))
		verb := "L"
		if begun == 0 {
			verb = "M"
			next := n + 1
			if next >= len(list) || f.c.Panels[i].Marks[list[next].mark].Null {
				alone = append(alone, Shape{Path: circle(at(m), v.at(one.to), 3), Fill: f.ink(s)})
			}
		}
		line.WriteString(verb + x + " " + y)
		floor.WriteString(verb + x + " " + y)
		lower = append(lower, "L"+x+" "+num(v.at(one.from)))
		begun++
	}
	flush()
	if f.c.Kind == Area {
		hatch := 0
		if len(f.c.Series) > 1 {
			hatch = s % MaxSeries
		}
		out = append(out, Shape{Path: areas.String(), Fill: f.ink(s), Hatch: hatch, Stroke: InkGround, Width: 0.75})
	} else {
		var dash []float64
		if len(f.c.Series) > 1 {
			dash = dashes[s%MaxSeries]
		}
		out = append(out, Shape{Path: line.String(), Stroke: f.ink(s), Width: 2.25, Dash: dash, Round: true})
	}
	return append(out, alone...)
}

// end is where a line ends.
type end struct {
	series int
	x, y   float64
}

// named writes the names of lines at their ends, moved apart where they would meet.
func (f *frame) named(b box, ends []end) {
	if len(ends) == 0 {
		return
	}
	slices.SortFunc(ends, func(a, b end) int { return cmp.Compare(a.y, b.y) })
	for pass := 0; pass < 20; pass++ {
		for i := 1; i < len(ends); i++ {
			if over := leading - (ends[i].y - ends[i-1].y); over > 0 {
				ends[i-1].y -= over / 2
				ends[i].y += over / 2
			}
		}
		for i := range ends {
			ends[i].y = math.Max(b.y+leading*float64(i), math.Min(b.y+b.h-leading*float64(len(ends)-1-i), ends[i].y))
		}
	}
	var nodes []Node
	for _, e := range ends {
		name := clip(f.c.Series[e.series].Name, labelSize, true, f.right-10)
		nodes = append(nodes, Text{X: b.x + b.w + 8, Y: e.y + 4, Size: labelSize, Bold: true, Anchor: Start, Ink: f.ink(e.series), Text: name})
	}
	f.add(group("Scene-names", nodes...))
}

// mostNames of dots are written.
const mostNames = 24

// drawDots draws a dot for each mark, with names where there is room.
func (f *frame) drawDots(i int, b box, v scale, at func(Mark) float64) {
	most := 0.0
	for _, panel := range f.c.Panels {
		for _, m := range panel.Marks {
			most = math.Max(most, m.Size)
		}
	}
	var marks, names []Node
	var taken []box
	for _, one := range f.bars[i] {
		m := f.c.Panels[i].Marks[one.mark]
		if m.Null {
			continue
		}
		x, y, r := at(m), v.at(one.to), 4.0
		if most > 0 {
			r = 3 + 13*math.Sqrt(m.Size/most)
		}
		marks = append(marks, mark(m, Shape{Path: glyph(m.Series, x, y, r), Fill: f.ink(m.Series), Stroke: InkGround, Width: 1}))
		if m.Name != "" && len(names) < mostNames {
			text := clip(m.Name, tickSize, false, 120)
			place := box{x + r + 3, y - 7, TextWidth(text, tickSize, false), 14}
			if place.x+place.w > b.x+b.w {
				place.x = x - r - 3 - place.w
			}
			if place.x >= b.x && !meets(taken, place) {
				taken = append(taken, place)
				names = append(names, Text{X: place.x, Y: y + 4, Size: tickSize, Anchor: Start, Ink: InkText, Halo: true, Text: text})
			}
		}
		taken = append(taken, box{x - r, y - r, 2 * r, 2 * r})
	}
	f.add(group("Scene-marks", marks...), group("Scene-names", names...))
}

// mostCompared of the latest boxes are looked at, so that many dots take no long time.
const mostCompared = 400

func meets(taken []box, b box) bool {
	for _, t := range taken[max(0, len(taken)-mostCompared):] {
		if b.x < t.x+t.w && t.x < b.x+b.w && b.y < t.y+t.h && t.y < b.y+b.h {
			return true
		}
	}
	return false
}

// glyph is the form of a series' dots.
func glyph(series int, x, y, r float64) string {
	switch series % 4 {
	case 1:
		return rect(x-r*0.9, y-r*0.9, r*1.8, r*1.8)
	case 2:
		return "M" + num(x) + " " + num(y-r*1.2) + "L" + num(x+r*1.2) + " " + num(y) + "L" + num(x) + " " + num(y+r*1.2) + "L" + num(x-r*1.2) + " " + num(y) + "z"
	case 3:
		return "M" + num(x) + " " + num(y-r*1.15) + "L" + num(x+r*1.1) + " " + num(y+r*0.85) + "L" + num(x-r*1.1) + " " + num(y+r*0.85) + "z"
	}
	return circle(x, y, r)
}

// sparkHeight is that of a line beside a figure.
const sparkHeight = 64.0

// spark draws a line without scales.
func (p *pen) spark() {
	p.height = sparkHeight
	var xs, ys span
	for _, m := range p.c.Panels[0].Marks {
		if !m.Null {
			xs.take(m.X)
			ys.take(m.Y)
		}
	}
	x, y := scale{xs.low, xs.high, 5, p.c.Width - 6}, scale{ys.low, ys.high, sparkHeight - 6, 6}
	var line strings.Builder
	var targets []Node
	begun := false
	var last Mark
	for _, m := range p.c.Panels[0].Marks {
		if m.Null {
			begun = false
			continue
		}
		verb := "L"
		if !begun {
			verb = "M"
		}
		begun, last = true, m
		line.WriteString(verb + num(x.at(m.X)) + " " + num(y.at(m.Y)))
		g := mark(m, Shape{Path: circle(x.at(m.X), y.at(m.Y), 7), Hit: true})
		targets = append(targets, g)
	}
	p.add(group("Scene-marks", Shape{Path: line.String(), Stroke: InkSeries, Width: 2, Round: true}, Shape{Path: circle(x.at(last.X), y.at(last.Y), 4), Fill: InkSeries}), group("Scene-marks", targets...))
}
