package basemap

import (
	"slices"

	"github.com/paulmach/orb"

	"plaza/internal/base/tile"
)

// outline is a thing that has a border: a state, a municipality, a country.
type outline struct {
	code  string
	faces orb.MultiPolygon // in degrees
}

// mesh is the borders of outlines that fill a part of the world, each written once: what
// two neighbours share is one line, so that it stays one when it is thinned out.
type mesh struct {
	borders []border
	spots   map[orb.Point]int // in degrees, by number
	turns   []turn            // by spot
	places  []orb.Point       // by spot, on the square of the world
	known   map[[2]int]int    // borders by their first two spots
}

// border is a line between two places where three things meet, or a ring that meets none.
type border struct {
	line  line
	sides []string // codes of the things on its sides: one at the sea, two between neighbours
}

// turn is what is known of a spot: who stands beside it on rings.
type turn struct {
	seen   bool
	before int
	after  int
	meets  bool // lines part here
}

// loop is a ring as borders; ^n is the border n backwards.
type loop []int

// shape is an outline as loops: those of each face, the outer one first.
type shape struct {
	code  string
	faces [][]loop
	bound orb.Bound // on the square of the world
}

// newMesh makes a mesh of outlines, and the shapes of those.
func newMesh(list []outline) (*mesh, []shape) {
	m := &mesh{spots: map[orb.Point]int{}, known: map[[2]int]int{}}
	for _, o := range list {
		for _, face := range o.faces {
			for _, ring := range face {
				m.walk(m.numbers(ring))
			}
		}
	}
	return m, m.shapes(list, true)
}

// shapes are outlines by the mesh's borders, which are said to have them beside them if
// they own them.
func (m *mesh) shapes(list []outline, own bool) []shape {
	out := make([]shape, 0, len(list))
	for _, o := range list {
		s := shape{code: o.code, bound: orb.Bound{Min: orb.Point{2, 2}, Max: orb.Point{-1, -1}}}
		for _, face := range o.faces {
			var loops []loop
			for _, ring := range face {
				at := m.numbers(ring)
				for _, n := range at {
					s.bound = s.bound.Extend(m.places[n])
				}
				loops = append(loops, m.cut(at, o.code, own))
			}
			s.faces = append(s.faces, loops)
		}
		out = append(out, s)
	}
	return out
}

// numbers are the spots of a ring, the last of which is not its first again.
func (m *mesh) numbers(ring orb.Ring) []int {
	out := make([]int, 0, len(ring))
	for _, p := range ring {
		n, ok := m.spots[p]
		if !ok {
			n = len(m.places)
			m.spots[p] = n
			m.places = append(m.places, tile.World(p[0], p[1]))
			m.turns = append(m.turns, turn{})
		}
		if len(out) == 0 || out[len(out)-1] != n {
			out = append(out, n)
		}
	}
	if len(out) > 1 && out[0] == out[len(out)-1] {
		out = out[:len(out)-1]
	}
	return out
}

// walk notes who stands beside whom. Where two rings go on differently, lines part.
func (m *mesh) walk(ring []int) {
	for i, n := range ring {
		before, after := ring[(i+len(ring)-1)%len(ring)], ring[(i+1)%len(ring)]
		t := &m.turns[n]
		switch {
		case !t.seen:
			*t = turn{true, before, after, false}
		case t.before == before && t.after == after, t.before == after && t.after == before:
		default:
			t.meets = true
		}
	}
}

// cut makes a loop of a ring.
func (m *mesh) cut(ring []int, code string, own bool) loop {
	start := slices.IndexFunc(ring, func(n int) bool { return m.turns[n].meets })
	if start < 0 { // it meets nothing: it begins at its first spot, wherever it was written from
		start = slices.Index(ring, slices.Min(ring))
	}
	var out loop
	part := []int{ring[start]}
	for i := range ring {
		n := ring[(start+i+1)%len(ring)]
		part = append(part, n)
		if m.turns[n].meets || i == len(ring)-1 {
			out = append(out, m.border(part, code, own))
			part = []int{n}
		}
	}
	return out
}

// border is the number of a line's border, the same one whichever way it is walked.
func (m *mesh) border(part []int, code string, own bool) int {
	last := len(part) - 1
	ahead, back := [2]int{part[0], part[1]}, [2]int{part[last], part[last-1]}
	backwards := slices.Compare(back[:], ahead[:]) < 0
	key := ahead
	if backwards {
		key = back
	}
	n, ok := m.known[key]
	if !ok {
		points := make([]orb.Point, len(part))
		for i, s := range part {
			points[i] = m.places[s]
		}
		if backwards {
			slices.Reverse(points)
		}
		n = len(m.borders)
		m.known[key] = n
		m.borders = append(m.borders, border{line: newLine(points)})
	}
	if own && !slices.Contains(m.borders[n].sides, code) {
		m.borders[n].sides = append(m.borders[n].sides, code)
	}
	if backwards {
		return ^n
	}
	return n
}

// done lets go of what only building needs.
func (m *mesh) done() { m.spots, m.turns, m.places, m.known = nil, nil, nil, nil }

// face is one face of a shape on a tile, in its units, with as many points as are seen.
func (m *mesh) face(loops []loop, on tile.Tile) orb.Polygon {
	out := make(orb.Polygon, 0, len(loops))
	for _, l := range loops {
		var ring orb.Ring
		for _, n := range l {
			if len(ring) > 0 {
				ring = ring[:len(ring)-1] // the next line begins there
			}
			if n >= 0 {
				ring = m.borders[n].line.draw(ring, on, false)
			} else {
				ring = m.borders[^n].line.draw(ring, on, true)
			}
		}
		out = append(out, ring)
	}
	return out
}
