package plot

import "math"

// Sizes of letters and the height of a line of them, in pixels. They are the same in every
// width: it is the layout that adapts.
const (
	labelSize = 13.0
	tickSize  = 12.0
	lineSize  = 16.0
)

// Draw lays a chart out. Any chart gives a scene: what cannot be drawn, as values that are no
// numbers and marks of categories that do not exist, is left out, and a chart without
// anything to show says so (Words.Nothing). The picture is as wide as the chart asks, within
// limits, and at least as high as it needs. What is drawn depends on the chart alone.
func Draw(c Chart) Scene {
	d := &drawing{Chart: c.sound()}
	d.hush()
	d.lay()
	switch {
	case d.empty():
		d.drawNothing()
	case d.Kind == Map:
		d.drawMap()
	case d.Kind == Treemap:
		d.drawTreemap()
	case d.Kind == Spark:
		d.drawSpark()
	default:
		d.drawPlanes()
	}
	return Scene{Width: d.Width, Height: math.Ceil(d.height), Nodes: d.nodes}
}

// drawing is a chart while it is laid out, from above.
type drawing struct {
	Chart
	nodes    []Node
	height   float64    // of what is laid out so far
	pieces   [][]piece  // of each panel
	atEnds   [][]string // of each series the lines of its name, where it stands at the series' end
	hushed   int        // how many series, the last ones, have no colour of their own
	numbered []entry    // names of parts that have a number instead
	own      bool       // panels have scales of their own
	column   bool       // the entries of the key stand below each other
}

func (d *drawing) add(nodes ...Node) { d.nodes = append(d.nodes, nodes...) }

// part adds a group that is no mark, unless it is empty.
func (d *drawing) part(class string, y float64, nodes []Node) {
	if len(nodes) > 0 {
		d.add(Group{Class: class, Y: y, Row: -1, Nodes: nodes})
	}
}

// empty reports whether there is nothing to be seen.
func (d *drawing) empty() bool {
	for _, p := range d.Panels {
		if len(p.Ground) > 0 {
			return false
		}
		for _, m := range p.Marks {
			switch {
			case d.Kind == Treemap && m.Size <= 0:
			case !m.Null || d.Kind == Map || d.Kind == Tiles:
				return false
			}
		}
	}
	return true
}

// drawNothing says that there is nothing, in the middle of a quiet place.
func (d *drawing) drawNothing() {
	d.height = 120
	if d.Kind == Spark {
		d.height = 24
	}
	if d.Height > 0 {
		d.height = d.Height
	}
	said := broken(d.Words.Nothing, labelSize, false, d.Width, max(1, int(d.height/lineSize)))
	y := (d.height-lineSize*float64(len(said)))/2 + 12
	for _, text := range said {
		d.add(Text{X: d.Width / 2, Y: y, Size: labelSize, Anchor: Middle, Ink: InkMuted, Text: text})
		y += lineSize
	}
}

// lineOf adds a line of small text over the width of the picture.
func (d *drawing) lineOf(class, text string, anchor Anchor) {
	if text == "" {
		return
	}
	x := 0.0
	if anchor == End {
		x = d.Width
	}
	var nodes []Node
	for i, part := range broken(text, tickSize, false, d.Width, 2) {
		nodes = append(nodes, Text{X: x, Y: 12 + lineSize*float64(i), Size: tickSize, Anchor: anchor, Ink: InkMuted, Text: part})
	}
	d.part(class, d.height, nodes)
	d.height += lineSize*float64(len(nodes)) + 4
}

// mark is the group of a mark.
func mark(m Mark, nodes ...Node) Group {
	return Group{Class: "Scene-mark", Row: m.Row, Link: m.Link, Title: m.Text, Dim: m.Dim, Nodes: nodes}
}

// ink is the colour of a series, or that of what is left over.
func (d *drawing) ink(series int, rest bool) Ink {
	if rest || d.Series[series].Other {
		return InkRest
	}
	if d.Toned {
		return ToneInk(series, len(d.Series))
	}
	return InkSeries + Ink(series%MaxSeries)
}

// ToneInk is the colour of one of so many series that are in tones of a palette: the two that
// stand out from the ground, one after the other. Patterns tell apart what is alike.
func ToneInk(series, of int) Ink {
	if of > 1 && series%2 == 0 {
		return InkScale + 4
	}
	return InkScale + 3
}

// hatch is the pattern of a series; the first has none, nor has what is left over.
func (d *drawing) hatch(m Mark) int {
	if m.Rest || d.Series[m.Series].Other {
		return 0
	}
	return m.Series
}

// fill is how a mark of a kind with filled marks is filled: by its series.
func (d *drawing) fill(m Mark, path string) Shape {
	return Shape{Path: path, Fill: d.ink(m.Series, m.Rest), Hatch: d.hatch(m)}
}

// ClassInk is the colour of a class, for keys that stand beside a drawing.
func ClassInk(c Class) Ink {
	if c.Diverges {
		return InkDiverge + Ink(2+max(-2, min(2, c.Tone)))
	}
	return InkScale + Ink(max(1, min(5, c.Tone))-1)
}

// letters are the colour of letters on a class's.
func (c Class) letters() Ink {
	switch ClassInk(c) {
	case InkScale + 3, InkScale + 4, InkDiverge, InkDiverge + 4:
		return InkOnDark
	}
	return InkText
}

// classed is how a mark is filled by its class, and the colour of letters on it. A mark
// without value has a colour and a pattern of its own.
func (d *drawing) classed(m Mark, path string) (Shape, Ink) {
	if m.Class == 0 || m.Null {
		return Shape{Path: path, Fill: InkNoValue, Hatch: 1}, InkText
	}
	class := d.Classes[m.Class-1]
	shape := Shape{Path: path, Fill: ClassInk(class)}
	if shape.Fill == InkDiverge+2 { // hardly other than paper: among colours it would be a hole
		shape.Stroke, shape.Width = InkStrong, 0.75
	}
	return shape, class.letters()
}

// widest is the width of the widest text.
func widest(texts []string, size float64) float64 {
	out := 0.0
	for _, t := range texts {
		out = math.Max(out, TextWidth(t, size, false))
	}
	return out
}
