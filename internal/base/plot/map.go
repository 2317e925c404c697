package plot

import "math"

// mapped draws shapes and points on a ground.
func (p *pen) mapped() {
	top := 0.0
	if !p.c.Keyless {
		top = p.key(0)
		if len(p.c.Classes) > 0 {
			top = p.keyed(top, p.c.Words.Key, p.classes())
		}
	}
	h := p.c.Height
	if h == 0 {
		h = p.c.Width * 0.62
	}
	p.height = top + h
	if len(p.c.Panels) == 0 {
		return
	}
	panel := p.c.Panels[0]
	var ground, borders, marks []Node
	for _, g := range panel.Ground {
		switch g.Kind {
		case "water":
			ground = append(ground, Shape{Path: g.Path, Fill: InkWater})
		case "border":
			borders = append(borders, Shape{Path: g.Path, Stroke: InkStrong, Width: 0.7})
		default:
			ground = append(ground, Shape{Path: g.Path, Fill: InkLand, Stroke: InkLine, Width: 0.8})
		}
	}
	most := 0.0
	for _, m := range panel.Marks {
		most = math.Max(most, m.Size)
	}
	for _, m := range panel.Marks {
		if m.Path != "" {
			marks = append(marks, mark(m, Shape{Path: m.Path, Fill: p.classed(m), Stroke: InkGround, Width: 0.5}))
			continue
		}
		if m.Null {
			continue
		}
		r := 3.5
		if most > 0 {
			r = 3 + 15*math.Sqrt(m.Size/most)
		}
		marks = append(marks, mark(m, Shape{Path: glyph(m.Series, m.X, m.Y, r), Fill: p.ink(m.Series), Stroke: InkGround, Width: 0.8}))
	}
	g := group("Scene-map", group("Scene-ground", ground...), group("Scene-marks", marks...), group("Scene-borders", borders...))
	if most > 0 || len(marks) > 0 && panel.Marks[0].Path == "" {
		g.Nodes[1], g.Nodes[2] = g.Nodes[2], g.Nodes[1] // points stand over borders
	}
	g.Y = top
	p.add(g)
	if s := panel.Scale; s.Length > 0 && s.Length < p.c.Width {
		y := top + h - 8
		p.add(group("Scene-scale", Shape{Path: "M8 " + num(y-5) + "v5h" + num(s.Length) + "v-5", Stroke: InkMuted, Width: 1},
			Text{X: 14 + s.Length, Y: y + 1, Size: tickSize, Anchor: Start, Ink: InkMuted, Halo: true, Text: s.Label}))
	}
}
