package plot

import (
	"math"
	"strings"
)

// drawMap draws maps and, unless it stands elsewhere, their key below them.
func (d *drawing) drawMap() {
	g := gridOf(d.Width, len(d.Panels))
	height := d.Height
	if height == 0 {
		height = math.Round(g.width * 0.7)
	}
	d.inGrid(g, height, func(i int) []Node { return d.mapOf(d.Panels[i], g.width, height) })
	if d.Keyless {
		return
	}
	below := d.height
	d.height += 10
	if d.key(false); d.height == below+10 {
		d.height = below
	}
}

// mapOf draws what lies below, shapes, borders, then points.
func (d *drawing) mapOf(panel Panel, width, height float64) (nodes []Node) {
	var ground, borders, shapes, dots []Node
	for _, g := range panel.Ground {
		switch g.Kind {
		case "land":
			ground = append(ground, Shape{Path: g.Path, Fill: InkLand, Stroke: InkStrong, Width: 0.5})
		case "water":
			ground = append(ground, Shape{Path: g.Path, Fill: InkWater})
		default:
			borders = append(borders, Shape{Path: g.Path, Stroke: InkStrong, Width: 0.5})
		}
	}
	var points []Mark
	for _, m := range panel.Marks {
		if m.Path == "" {
			if m.X >= 0 && m.Y >= 0 && m.X <= width && m.Y <= height {
				points = append(points, m)
			}
			continue
		}
		s, _ := d.classed(m, m.Path)
		if s.Stroke == InkNone {
			s.Stroke, s.Width = InkGround, border(len(panel.Marks))
		}
		shapes = append(shapes, mark(m, s))
	}
	all := d.sized(points, func(m Mark) (x, y float64) { return m.X, m.Y })
	sizes := d.mostSize() > 0
	for _, m := range all {
		dots = append(dots, mark(m.Mark, d.shape(m, sizes)))
	}
	r := newRoom(width, height)
	bar := scaleBar(panel.Scale, d.Words.Kilo, width, height, r)
	takeDots(r, all)
	for _, g := range []Group{
		{Class: "Scene-ground", Nodes: ground},
		{Class: "Scene-marks", Nodes: shapes},
		{Class: "Scene-borders", Nodes: borders},
		{Class: "Scene-marks", Nodes: dots},
		{Class: "Scene-scale", Nodes: bar},
		{Class: "Scene-names", Nodes: namesOf(r, all)},
	} {
		if len(g.Nodes) > 0 {
			g.Row = -1
			nodes = append(nodes, g)
		}
	}
	return nodes
}

// border is how thick the borders of so many shapes are: those of many small ones would be
// all that is seen.
func border(shapes int) float64 {
	const usual, few, least = 0.6, 100.0, 0.12
	return math.Max(least, usual*math.Min(1, few/math.Max(1, float64(shapes))))
}

// scaleBar is the bar of a map's scale, below on the left, and how long it is on the ground.
func scaleBar(s Scale, unit string, width, height float64, r *room) []Node {
	const margin = 10.0
	label := s.Label
	if !strings.HasSuffix(label, unit) {
		label += " " + unit
	}
	if !(s.Length > 0 && s.Length+2*margin <= width && height >= 4*margin) {
		return nil
	}
	x, y := margin, height-margin
	bar := outline(nil).to('M', x, y-5).to('L', x, y).to('L', x+s.Length, y).to('L', x+s.Length, y-5)
	t := Text{X: x + s.Length + 6, Y: y, Size: tickSize, Anchor: Start, Ink: InkText, Halo: true, Text: label}
	if reach(t).right > width {
		t.X, t.Y = x, y-9
		t = between(t, 0, width)
	}
	r.take(reach(t), byText)
	return []Node{Shape{Path: string(bar), Stroke: InkText, Width: 1.25}, t}
}
