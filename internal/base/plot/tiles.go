package plot

import "math"

// tiles draws a heat map.
func (p *pen) tiles() {
	rows, columns := p.c.Y.Categories, p.c.X.Categories
	top := p.keyed(0, p.c.Words.Key, p.classes())
	left := math.Min(widest(rows, tickSize)+8, p.c.Width*0.34)
	cell := (p.c.Width - left) / float64(max(1, len(columns)))
	high := math.Max(18, math.Min(34, cell*0.8))
	if len(rows) > 40 {
		high = 14
	}
	wide := widest(columns, tickSize)
	turned := wide+4 > cell
	every := 1
	room := leading + 4
	if turned {
		room = math.Min(wide, turnedRoom)*0.68 + 16
		if cell < 13 {
			every = int(math.Ceil(13 / cell))
		}
	}
	y := top + room
	var names, marks []Node
	for i, name := range columns {
		x := left + cell*(float64(i)+0.5)
		switch {
		case i%every != 0:
		case turned:
			space := math.Min(turnedRoom, (p.c.Width-x)/0.77)
			names = append(names, Text{X: x - 3, Y: y - 5, Size: tickSize, Anchor: Start, Ink: InkMuted, Turn: -40, Text: clip(name, tickSize, false, space)})
		default:
			names = append(names, Text{X: x, Y: y - 6, Size: tickSize, Anchor: Middle, Ink: InkMuted, Text: name})
		}
	}
	for i, name := range rows {
		names = append(names, Text{X: left - 8, Y: y + high*(float64(i)+0.5) + 4, Size: tickSize, Anchor: End, Ink: InkText, Text: clip(name, tickSize, false, left-8)})
	}
	for _, m := range p.c.Panels[0].Marks {
		if m.X < 0 || m.Y < 0 || int(m.X) >= len(columns) || int(m.Y) >= len(rows) {
			continue
		}
		ink := p.classed(m)
		x, at := left+cell*m.X, y+high*m.Y
		nodes := []Node{Shape{Path: rect(x+0.5, at+0.5, math.Max(0.5, cell-1), high-1), Fill: ink}}
		if p.c.Labels && m.Name != "" && TextWidth(m.Name, tickSize, false)+6 < cell && high >= 16 {
			nodes = append(nodes, Text{X: x + cell/2, Y: at + high/2 + 4, Size: tickSize, Anchor: Middle, Ink: on(ink), Text: m.Name})
		}
		marks = append(marks, mark(m, nodes...))
	}
	p.add(group("Scene-names", names...), group("Scene-marks", marks...))
	p.height = y + high*float64(len(rows)) + 4
}
