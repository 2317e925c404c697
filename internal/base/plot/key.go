package plot

// key writes what the colours of series stand for, from a height on, and gives the height
// below it. One series needs none.
func (p *pen) key(y float64) float64 {
	if len(p.c.Series) < 2 {
		return y
	}
	items := make([]keyItem, len(p.c.Series))
	for i, s := range p.c.Series {
		hatch := i % MaxSeries
		items[i] = keyItem{s.Name, p.ink(i), hatch, p.c.Kind == Line, p.c.Kind == Dots, i}
	}
	return p.keyed(y, "", items)
}

// keyItem is one colour of a key.
type keyItem struct {
	name   string
	ink    Ink
	hatch  int
	line   bool
	glyph  bool
	series int
}

// keyed writes a key in as many lines as it takes.
func (p *pen) keyed(y float64, title string, items []keyItem) float64 {
	x, line := 0.0, y+12
	var nodes []Node
	for _, t := range broken(title, tickSize, false, p.c.Width, 2) {
		nodes = append(nodes, Text{X: 0, Y: line, Size: tickSize, Anchor: Start, Ink: InkMuted, Text: t})
		line += leading + 2
	}
	for _, one := range items {
		name := clip(one.name, tickSize, false, p.c.Width-24)
		w := TextWidth(name, tickSize, false) + 34
		if x > 0 && x+w-14 > p.c.Width {
			x, line = 0, line+leading+2
		}
		sample := Shape{Path: rect(x, line-10, 14, 11), Fill: one.ink, Hatch: one.hatch}
		switch {
		case one.line:
			sample = Shape{Path: stroke(x, line-4, x+16, line-4), Stroke: one.ink, Width: 2.25, Dash: dashes[one.series%MaxSeries]}
		case one.glyph:
			sample = Shape{Path: glyph(one.series, x+7, line-4, 5), Fill: one.ink}
		}
		nodes = append(nodes, sample, Text{X: x + 20, Y: line, Size: tickSize, Anchor: Start, Ink: InkText, Text: name})
		x += w
	}
	p.add(group("Scene-key", nodes...))
	return line + 10
}

// classes are the items of a key of classes.
func (p *pen) classes() (out []keyItem) {
	none := false
	for _, panel := range p.c.Panels {
		for _, m := range panel.Marks {
			none = none || m.Class == 0 && m.Path != ""
		}
	}
	for _, c := range p.c.Classes {
		out = append(out, keyItem{name: c.Label, ink: ClassInk(c)})
	}
	if none && p.c.Words.NoValue != "" {
		out = append(out, keyItem{name: p.c.Words.NoValue, ink: InkNoValue})
	}
	return out
}

// ClassInk is the colour of a class.
func ClassInk(c Class) Ink {
	if c.Diverges {
		return InkDiverge + Ink(max(-2, min(2, c.Tone))+2)
	}
	return InkScale + Ink(max(1, min(5, c.Tone))-1)
}

// classed is the colour of a mark by its class.
func (p *pen) classed(m Mark) Ink {
	if m.Class < 1 || m.Class > len(p.c.Classes) {
		return InkNoValue
	}
	return ClassInk(p.c.Classes[m.Class-1])
}

// dark reports whether letters on an ink are light.
func dark(i Ink) bool {
	return i == InkScale+3 || i == InkScale+4 || i == InkDiverge || i == InkDiverge+4 || i >= InkSeries && i < InkSeries+MaxSeries
}

// on is the ink of letters on a colour.
func on(i Ink) Ink {
	if dark(i) {
		return InkOnDark
	}
	return InkText
}
