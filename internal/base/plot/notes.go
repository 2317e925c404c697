package plot

import "math"

// free adds the first of some texts that stands where no other does. One for which there is
// no place is said below the chart.
func (p *plane) free(texts []Text, avoid uint8) (Text, bool) {
	for _, t := range texts {
		if p.room.free(reach(t), avoid) {
			p.room.take(reach(t), byText)
			return t, true
		}
	}
	return Text{}, false
}

// rules are the reference lines and their labels.
func (p *plane) rules() (nodes []Node) {
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
		path, places := line(p.left, at, p.right, at), p.besideLying(label, at)
		if r.Vertical {
			path, places = line(at, p.top-4, at, p.bottom), p.besideUpright(label, at)
		}
		nodes = append(nodes, Shape{Path: path, Stroke: InkAccent, Width: 1.25, Dash: []float64{5, 3}})
		if r.Label == "" {
			continue
		}
		t, ok := p.free(places, byMark|byText)
		if !ok {
			t, ok = p.free(places, byText)
		}
		if ok {
			nodes = append(nodes, t)
		} else {
			p.say(r.Label)
		}
	}
	return nodes
}

// besideLying are the places of a label at a lying line: above or below, from the right.
func (p *plane) besideLying(t Text, y float64) (out []Text) {
	t.Text = shorten(t.Text, t.Size, t.Bold, p.right-p.left)
	for _, side := range []float64{-5, 14} {
		for _, part := range []float64{1, 0.75, 0.5, 0.25, 0} {
			one := t
			one.Y, one.Anchor = y+side, Start
			one.X = p.left + (p.right-p.left-TextWidth(t.Text, t.Size, t.Bold))*part
			out = append(out, one)
		}
	}
	return out
}

// besideUpright are the places of a label at an upright line: over it, then beside it.
func (p *plane) besideUpright(t Text, x float64) (out []Text) {
	over := t
	over.X, over.Y, over.Anchor = x, p.top-8, Middle
	out = append(out, between(over, p.left, p.width))
	for row := range 4 {
		for _, end := range []bool{false, true} {
			one := t
			one.X, one.Y, one.Anchor = x+5, p.top+12+lineSize*float64(row), Start
			if end {
				one.X, one.Anchor = x-5, End
			}
			out = append(out, one)
		}
	}
	return out
}

// say keeps a text for which the panel has no place, to be said below the chart.
func (p *plane) say(text string) {
	if text != "" && p.first {
		p.unsaid = append(p.unsaid, text)
	}
}

// Where the words of a note stand, seen from its place, and how wide they are at most.
var (
	noteSides = [][2]float64{{1, -1}, {-1, -1}, {1, 1}, {-1, 1}, {0, -1}, {0, 1}, {1, 0}, {-1, 0}}
	noteAways = []float64{18, 34, 54, 80, 110}
)

const (
	noteWidth = 170.0
	noteLine  = 14.0
)

// notes are the annotations, each with a line from its words to its place. They belong to the
// first panel.
func (p *plane) notes(pieces []piece) (nodes []Node) {
	if !p.first {
		return nil
	}
	for _, n := range p.Notes {
		x, y, ok := p.noted(n, pieces)
		if !ok {
			p.say(n.Text)
			continue
		}
		placed, ok := p.note(x, y, n.Text)
		if !ok {
			p.say(n.Text)
		}
		nodes = append(nodes, placed...)
	}
	return nodes
}

// noted is the place of a note; of a bar that stands on others it is its end.
func (p *plane) noted(n Note, pieces []piece) (x, y float64, ok bool) {
	m := Mark{X: n.X, Y: n.Y}
	for _, c := range pieces {
		if !c.Null && c.X == n.X && c.Y == n.Y && p.Kind != Dots && p.Kind != Tiles {
			if p.Kind == Bars {
				return p.x.at(c.to), p.y.at(n.Y), true
			}
			return p.x.at(n.X), p.y.at(c.to), true
		}
	}
	return p.x.at(m.X), p.y.at(m.Y), p.x.holds(m.X) && p.y.holds(m.Y)
}

// noteRoom is the room above marks that take all theirs.
const noteRoom = 2*noteLine + 12

// headed reports whether notes may have to stand above the marks.
func (p *plane) headed() bool {
	return len(p.Notes) > 0 && len(p.Panels) == 1 && (p.Kind == Columns || p.Kind == Area || p.Kind == Line)
}

// note looks for the nearest place where the words of a note hide nothing, then for one above
// the marks, then for one where they hide no other words.
func (p *plane) note(x, y float64, text string) ([]Node, bool) {
	said := broken(text, tickSize, false, math.Min(noteWidth, (p.right-p.left)*0.6), 4)
	width, height := widest(said, tickSize)+4, noteLine*float64(len(said))+4
	around := func(cx, cy float64) area { return area{cx - width/2, cy - height/2, cx + width/2, cy + height/2} }
	var near, above []area
	for _, away := range noteAways {
		for _, side := range noteSides {
			near = append(near, around(x+side[0]*(away*0.7+width/2), y+side[1]*(away*0.7+height/2)))
		}
	}
	for away := 0.0; away < p.width; away += 20 {
		above = append(above, around(x+away, height/2), around(x-away, height/2))
	}
	for _, try := range []struct {
		places []area
		avoid  uint8
	}{{near, byMark | byText}, {above, byMark | byText}, {near, byText}} {
		for _, a := range try.places {
			if a.left >= p.left-2 && a.bottom <= p.bottom && p.room.free(a, try.avoid) {
				p.room.take(a, byText)
				return noteNodes(x, y, a, said), true
			}
		}
	}
	return nil, false
}

// noteNodes are the words of a note and a line to its place.
func noteNodes(x, y float64, a area, said []string) []Node {
	toX, toY := math.Max(a.left, math.Min(a.right, x)), math.Max(a.top, math.Min(a.bottom, y))
	nodes := []Node{
		Shape{Path: line(x, y, toX, toY), Stroke: InkAccent, Width: 1},
		Shape{Path: circle(x, y, 2.5), Fill: InkAccent},
	}
	for i, text := range said {
		nodes = append(nodes, Text{X: a.left + 2, Y: a.top + 12.5 + noteLine*float64(i), Size: tickSize, Anchor: Start, Ink: InkText, Halo: true, Text: text})
	}
	return nodes
}
