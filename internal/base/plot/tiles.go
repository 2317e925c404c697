package plot

// tiles are those of a panel, and their values where these have room.
func (p *plane) tiles(marks []Mark) (nodes []Node) {
	wide, high := p.x.band(), p.y.band()
	for _, m := range marks {
		x, y := p.x.at(m.X), p.y.at(m.Y)
		gap := 1.0
		if wide < 4 || high < 4 {
			gap = 0
		}
		shape, letters := p.classed(m, box(x-wide/2+gap/2, y-high/2+gap/2, wide-gap, high-gap))
		parts := []Node{shape}
		value := Text{X: x, Y: y + 4, Size: tickSize, Anchor: Middle, Ink: letters, Halo: shape.Hatch > 0, Text: m.Name}
		fits := TextWidth(value.Text, tickSize, false)+4 <= wide && tickSize+4 <= high
		if p.Labels && value.Text != "" && fits && p.room.free(core(value), byText) {
			p.room.take(core(value), byText)
			parts = append(parts, value)
		}
		nodes = append(nodes, mark(m, parts...))
	}
	return nodes
}
