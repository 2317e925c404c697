package plot

import (
	"math"
	"strconv"
	"strings"
)

// Sizes of letters and of the room around what is drawn, in pixels.
const (
	labelSize = 13.0
	tickSize  = 12.0
	leading   = 16.0
	gap       = 6.0
	phone     = 480 // below it names stand above their bars, and keys take lines of their own
)

// Draw lays out a chart.
func Draw(c Chart) Scene {
	p := &pen{c: c.sane()}
	switch {
	case p.c.Kind == Map:
		p.mapped()
	case p.empty():
		p.nothing()
	case p.c.Kind == Treemap:
		p.treemap()
	case p.c.Kind == Tiles:
		p.tiles()
	case p.c.Kind == Spark:
		p.spark()
	default:
		p.plane()
	}
	return Scene{Width: p.c.Width, Height: math.Ceil(p.height), Nodes: p.nodes}
}

// pen draws one chart.
type pen struct {
	c      Chart
	height float64
	nodes  []Node
}

// Bounds of what is drawn.
const (
	leastWidth = 160
	mostWidth  = 4000
	farthest   = 1e15 // values beyond it are drawn as none
)

// sane is a chart without what cannot be drawn: values that are no numbers are none, series
// that do not exist are the first.
func (c Chart) sane() Chart {
	c.Width = math.Max(leastWidth, math.Min(mostWidth, finite(c.Width, 720)))
	c.Height = math.Max(0, math.Min(mostWidth, finite(c.Height, 0)))
	if c.Number == nil {
		c.Number = func(v float64, _ bool) string { return strconv.FormatFloat(v, 'g', 6, 64) }
	}
	panels := make([]Panel, len(c.Panels))
	for i, one := range c.Panels {
		panels[i] = one
		panels[i].Marks = make([]Mark, len(one.Marks))
		for k, m := range one.Marks {
			panels[i].Marks[k] = m.sane(len(c.Series))
		}
	}
	c.Panels = panels
	var rules []Rule
	for _, r := range c.Rules {
		if ok(r.At) {
			rules = append(rules, r)
		}
	}
	c.Rules = rules
	var notes []Note
	for _, n := range c.Notes {
		if ok(n.X) && ok(n.Y) {
			notes = append(notes, n)
		}
	}
	c.Notes = notes
	return c
}

func (m Mark) sane(series int) Mark {
	m.Null = m.Null || !ok(m.X) || !ok(m.Y) || !ok(m.To)
	if m.Null {
		m.X, m.Y, m.To = finite(m.X, 0), finite(m.Y, 0), finite(m.To, 0)
	}
	if !ok(m.Size) || m.Size < 0 {
		m.Size = 0
	}
	if m.Series < 0 || m.Series >= max(series, 1) {
		m.Series = 0
	}
	return m
}

func ok(v float64) bool { return !math.IsNaN(v) && math.Abs(v) <= farthest }

func finite(v, otherwise float64) float64 {
	if ok(v) {
		return v
	}
	return otherwise
}

// empty reports whether no mark has a value.
func (p *pen) empty() bool {
	for _, panel := range p.c.Panels {
		for _, m := range panel.Marks {
			if !m.Null && (p.c.Kind != Treemap || m.Size > 0) {
				return false
			}
		}
	}
	return true
}

// nothing says that there is nothing.
func (p *pen) nothing() {
	p.height = 120
	if p.c.Kind == Spark {
		p.height = sparkHeight
		return
	}
	p.add(Text{X: p.c.Width / 2, Y: 64, Size: labelSize, Anchor: Middle, Ink: InkMuted, Text: clip(p.c.Words.Nothing, labelSize, false, p.c.Width-20)})
}

func (p *pen) add(n ...Node) { p.nodes = append(p.nodes, n...) }

// group is a Group that is no mark.
func group(class string, nodes ...Node) Group { return Group{Class: class, Row: -1, Nodes: nodes} }

// mark is the Group of a mark.
func mark(m Mark, nodes ...Node) Group {
	return Group{Class: "Scene-mark", Row: m.Row, Link: m.Link, Title: m.Text, Dim: m.Dim, Nodes: nodes}
}

// num writes a coordinate.
func num(v float64) string {
	return strconv.FormatFloat(math.Round(v*10)/10+0, 'f', -1, 64) // + 0: no "-0"
}

// rect is the path of a rectangle.
func rect(x, y, w, h float64) string {
	return "M" + num(x) + " " + num(y) + "h" + num(w) + "v" + num(h) + "h" + num(-w) + "z"
}

// stroke is the path of a straight line.
func stroke(x1, y1, x2, y2 float64) string {
	return "M" + num(x1) + " " + num(y1) + "L" + num(x2) + " " + num(y2)
}

// circle is the path of a circle.
func circle(x, y, r float64) string {
	return "M" + num(x-r) + " " + num(y) + "a" + num(r) + " " + num(r) + " 0 1 0 " + num(2*r) + " 0a" + num(r) + " " + num(r) + " 0 1 0 " + num(-2*r) + " 0z"
}

// hairline is a line of a scale.
func hairline(x1, y1, x2, y2 float64, ink Ink) Shape {
	return Shape{Path: stroke(x1, y1, x2, y2), Stroke: ink, Width: 1}
}

// clip is a text that takes at most some room, with "…" where it was cut.
func clip(s string, size float64, bold bool, room float64) string {
	if TextWidth(s, size, bold) <= room {
		return s
	}
	runes := []rune(s)
	low, high := 0, len(runes)
	for low < high {
		mid := (low + high + 1) / 2
		if TextWidth(strings.TrimSpace(string(runes[:mid]))+"…", size, bold) <= room {
			low = mid
		} else {
			high = mid - 1
		}
	}
	if low == 0 {
		return ""
	}
	return strings.TrimSpace(string(runes[:low])) + "…"
}

// widest is the room that the widest of some texts takes.
func widest(texts []string, size float64) (w float64) {
	for _, t := range texts {
		w = math.Max(w, TextWidth(t, size, false))
	}
	return w
}

// ink is the colour of a series.
func (p *pen) ink(series int) Ink {
	if series < len(p.c.Series) && p.c.Series[series].Other {
		return InkRest
	}
	return InkSeries + Ink(series%MaxSeries)
}

// fill is how the body of a mark is filled: colour and, of several series, a pattern.
func (p *pen) fill(m Mark) (Ink, int) {
	if m.Rest {
		return InkRest, 0
	}
	if len(p.c.Series) < 2 {
		return p.ink(0), 0
	}
	return p.ink(m.Series), m.Series % MaxSeries
}
