package plot

import "math"

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
