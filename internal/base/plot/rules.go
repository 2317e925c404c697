package plot

// block are the lines of a label at one place.
type block []Text

// free are the lines of the first of some blocks that stands where nothing else of a kind does;
// nil: there is none.
func (p *plane) free(blocks []block, avoid uint8) (nodes []Node) {
	for _, b := range blocks {
		taken := reach(b[0])
		for _, t := range b[1:] {
			a := reach(t)
			taken = area{min(taken.left, a.left), taken.top, max(taken.right, a.right), a.bottom}
		}
		if !p.room.free(taken, avoid) {
			continue
		}
		p.room.take(taken, byText)
		for _, t := range b {
			nodes = append(nodes, t)
		}
		return nodes
	}
	return nil
}

// rulePen is how a reference line is drawn.
func rulePen(path string) Shape {
	return Shape{Path: path, Stroke: InkAccent, Width: 1.25, Dash: []float64{5, 3}}
}

// rules are the reference lines and their labels. Where nothing is free of marks a short label
// stands on them; a longer one would hide what is compared, and is said below the chart.
func (p *plane) rules() (nodes []Node) {
	const short = 1.0 / 3 // of the plane
	for _, r := range p.Rules {
		a := p.y
		if r.Vertical {
			a = p.x
		}
		if !a.holds(r.At) {
			p.say(r.Label)
			continue
		}
		label := Text{Size: tickSize, Ink: InkAccent, Halo: true, Text: r.Label}
		at := a.at(r.At)
		along, places := area{p.left, at, p.right, at}, p.besideLying(label, at)
		if r.Vertical {
			along, places = area{at, p.top - 4, at, p.bottom}, p.besideUpright(label, at)
		}
		p.room.take(along, byRule)
		p.room.ruled = true
		nodes = append(nodes, rulePen(line(along.left, along.top, along.right, along.bottom)))
		if r.Label == "" {
			continue
		}
		said := p.free(places, byMark|byText)
		if said == nil && TextWidth(r.Label, tickSize, false) <= (p.right-p.left)*short {
			said = p.free(places, byText)
		}
		if said == nil {
			p.sayRule(r.Label)
		}
		nodes = append(nodes, said...)
	}
	return nodes
}

// said are the lines in which a label is set: one, or two where that is not free; none when it
// would have to be cut.
func (p *plane) said(label string, across float64) (out [][]string) {
	if TextWidth(label, tickSize, false) <= across {
		out = append(out, []string{label})
	}
	if two := inTwo(label, across); len(two) == 2 && whole(two, label) == "" {
		out = append(out, two)
	}
	return out
}

// besideLying are the places of a label at a lying line: above or below, from the right.
func (p *plane) besideLying(t Text, y float64) (out []block) {
	across := p.right - p.left
	for _, said := range p.said(t.Text, across) {
		width := widest(said, t.Size)
		for _, top := range []float64{y - 5 - noteLine*float64(len(said)-1), y + 14} {
			for _, part := range []float64{1, 0.75, 0.5, 0.25, 0} {
				t.X, t.Y, t.Anchor = p.left+(across-width)*part, top, Start
				out = append(out, t.set(said))
			}
		}
	}
	return out
}

// besideUpright are the places of a label at an upright line: over it, then beside it.
func (p *plane) besideUpright(t Text, x float64) (out []block) {
	if TextWidth(t.Text, t.Size, t.Bold) <= p.width-p.left {
		over := t
		over.X, over.Y, over.Anchor = x, p.top-8, Middle
		out = append(out, block{between(over, p.left, p.width)})
	}
	for _, said := range p.said(t.Text, p.right-p.left) {
		for row := range 4 {
			for _, side := range []Anchor{Start, End} {
				t.X, t.Y, t.Anchor = x+5, p.top+12+lineSize*float64(row), side
				if side == End {
					t.X = x - 5
				}
				out = append(out, t.set(said))
			}
		}
	}
	return out
}

// set are lines below each other, the first where a text stands.
func (t Text) set(said []string) (out block) {
	for i, line := range said {
		one := t
		one.Text, one.Y = line, t.Y+noteLine*float64(i)
		out = append(out, one)
	}
	return out
}

// unsaid is a text for which the panels have no place: it is said below the chart, that of a
// reference line beside a piece of one.
type unsaid struct {
	text string
	rule bool
}

// say keeps a text to be said below the chart, once for all panels.
func (p *plane) say(text string) {
	if text != "" && p.first {
		p.unsaid = append(p.unsaid, unsaid{text: text})
	}
}

func (p *plane) sayRule(label string) {
	if p.first {
		p.unsaid = append(p.unsaid, unsaid{label, true})
	}
}

// below says what had no place.
func (d *drawing) below(said []unsaid) {
	for _, one := range said {
		if !one.rule {
			d.lineOf("Scene-words", one.text, Start)
			continue
		}
		const beside, most = signWidth + 6, 3
		lines := broken(one.text, tickSize, false, d.Width-beside, most)
		nodes := []Node{rulePen(line(0, 8, signWidth, 8))}
		for i, text := range lines {
			nodes = append(nodes, Text{X: beside, Y: 12 + lineSize*float64(i), Size: tickSize, Anchor: Start, Ink: InkMuted, Text: text, Whole: whole(lines, one.text)})
		}
		d.part("Scene-words", d.height, nodes)
		d.height += lineSize*float64(len(lines)) + 4
	}
}
