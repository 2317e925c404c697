package plot

import "math"

// entry is a line of a key: a sign, 16 pixels wide, and what it stands for.
type entry struct {
	label string
	sign  func(x, y float64) Node
}

// Sizes of a key, in pixels.
const (
	signWidth = 16.0
	keyLine   = 20.0
	keyGap    = 16.0
)

// Key is the key of a chart alone, an entry below the other, for a place beside the drawing.
func Key(c Chart) Scene {
	d := &drawing{Chart: c.sound(), column: true}
	d.hush()
	d.key(false)
	return Scene{Width: d.Width, Height: d.height, Nodes: d.nodes}
}

// keyOf lays out a key in as many lines as it needs.
func (d *drawing) keyOf(title string, entries []entry) {
	var nodes []Node
	x, y := 0.0, 0.0
	if title != "" && len(entries) > 0 {
		t := between(Text{Y: 13, Size: tickSize, Anchor: Start, Ink: InkMuted, Text: title}, 0, d.Width)
		nodes = append(nodes, t)
		x = TextWidth(t.Text, tickSize, false) + keyGap
	}
	for _, e := range entries {
		const beside, most = signWidth + 6, 2
		said := broken(e.label, labelSize, false, d.Width-beside, most)
		wide := beside + widest(said, labelSize)
		if x > 0 && (d.column || x+wide > d.Width) {
			x, y = 0, y+keyLine
		}
		nodes = append(nodes, e.sign(x, y+8.5))
		for n, text := range said {
			if n > 0 {
				y += lineSize
			}
			nodes = append(nodes, Text{X: x + beside, Y: y + 13, Size: labelSize, Anchor: Start, Ink: InkText, Text: text, Whole: whole(said, e.label)})
		}
		x += wide + keyGap
	}
	if len(nodes) == 0 {
		return
	}
	d.part("Scene-key", d.height, nodes)
	d.height += y + keyLine + 8
}

// key draws the keys that a chart needs: of its series unless they are named where they end,
// of its classes, of the sizes of dots.
func (d *drawing) key(named bool) {
	if len(d.Series) > 1 && !named {
		d.keyOf("", d.seriesEntries())
	}
	if d.Kind == Tiles || d.Kind == Map {
		d.keyOf(d.Words.Key, d.classEntries())
	}
	if d.Kind == Dots || d.Kind == Map {
		d.keyOf("", d.sizeEntries())
	}
}

// seriesEntries name the series that have a name.
func (d *drawing) seriesEntries() (out []entry) {
	for i, s := range d.Series {
		if s.Name != "" && !d.isHushed(i) {
			out = append(out, entry{s.Name, func(x, y float64) Node { return d.sign(i, x, y) }})
		}
	}
	return append(out, d.hushedEntry()...)
}

// sign is how a series looks: a piece of its line, a dot, or a square of its fill.
func (d *drawing) sign(series int, x, y float64) Shape {
	ink := d.ink(series, false)
	switch {
	case d.lined():
		return Shape{Path: line(x, y, x+signWidth, y), Stroke: ink, Width: d.thick(series), Dash: d.dash(series)}
	case d.Kind == Dots, d.Kind == Map:
		return Shape{Path: glyph(series, x+signWidth/2, y, 4.5), Fill: ink}
	}
	return d.fill(Mark{Series: series}, box(x+1, y-6, 13, 13))
}

// classEntries are the classes from the least, and the colour of no value if there is any.
func (d *drawing) classEntries() (out []entry) {
	square := func(class int) func(x, y float64) Node {
		return func(x, y float64) Node {
			s, _ := d.classed(Mark{Class: class}, box(x, y-6, signWidth, 13))
			s.Stroke, s.Width = InkStrong, 0.5
			return s
		}
	}
	for i, c := range d.Classes {
		out = append(out, entry{c.Label, square(i + 1)})
	}
	if d.Words.NoValue == "" || len(d.Classes) == 0 {
		return out
	}
	for _, p := range d.Panels {
		for _, m := range p.Marks {
			if m.Class == 0 || m.Null {
				return append(out, entry{d.Words.NoValue, square(0)})
			}
		}
	}
	return out
}

// sizeEntries show how large a dot of a round size is.
func (d *drawing) sizeEntries() []entry {
	most := d.mostSize()
	if most == 0 {
		return nil
	}
	const fits = 8
	size := most
	if r := d.mostRadius(); r > fits {
		size = niceStep(most*(fits/r)*(fits/r)/2, 1) // at most what fits
	}
	r := d.sizeRadius(size, most)
	return []entry{{d.Number(size, true), func(x, y float64) Node {
		return Shape{Path: circle(x+signWidth/2, y, math.Min(r, fits)), Stroke: InkStrong, Width: 1}
	}}}
}
