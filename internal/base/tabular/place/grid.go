package place

// cell is the side of a grid's cell, in degrees: most then lie in one to four boxes.
const cell = 0.1

// grid finds the few municipalities whose box a point lies in.
type grid struct {
	cols, rows int
	cells      [][]*area
}

func newGrid(areas []*area) grid {
	g := grid{cols: int((Mexico.East-Mexico.West)/cell) + 1, rows: int((Mexico.North-Mexico.South)/cell) + 1}
	g.cells = make([][]*area, g.cols*g.rows)
	for _, a := range areas {
		a.edges = newSlabs(a)
		west, south := g.clamp(a.box.West, a.box.South)
		east, north := g.clamp(a.box.East, a.box.North)
		for y := south; y <= north; y++ {
			for x := west; x <= east; x++ {
				g.cells[y*g.cols+x] = append(g.cells[y*g.cols+x], a)
			}
		}
	}
	return g
}

func (g grid) clamp(lon, lat float64) (x, y int) {
	x, y = int((lon-Mexico.West)/cell), int((lat-Mexico.South)/cell)
	return min(max(x, 0), g.cols-1), min(max(y, 0), g.rows-1)
}

// at is the municipality of a point, nil for none. The point lies in Mexico's box.
func (g grid) at(lon, lat float64) *area {
	x, y := g.clamp(lon, lat)
	for _, a := range g.cells[y*g.cols+x] {
		if a.box.Holds(lon, lat) && a.edges.hold(lon, lat) {
			return a
		}
	}
	return nil
}

// slabs are the edges of an area by the stretches of latitude that they touch, so that
// a point is compared with those few that it could meet.
type slabs struct {
	south, step float64
	edges       [][]edge
}

type edge struct{ ax, ay, bx, by float64 }

func newSlabs(a *area) slabs {
	n := 0
	for _, p := range a.polygons {
		for _, r := range p {
			n += len(r)
		}
	}
	count := n/6 + 1
	s := slabs{a.box.South, (a.box.North - a.box.South) / float64(count), make([][]edge, count)}
	if s.step <= 0 {
		s.step = 1
	}
	for _, p := range a.polygons {
		for _, r := range p {
			for i := 1; i < len(r); i++ {
				e := edge{r[i-1][0], r[i-1][1], r[i][0], r[i][1]}
				for k := s.slab(min(e.ay, e.by)); k <= s.slab(max(e.ay, e.by)); k++ {
					s.edges[k] = append(s.edges[k], e)
				}
			}
		}
	}
	return s
}

func (s slabs) slab(lat float64) int {
	return min(max(int((lat-s.south)/s.step), 0), len(s.edges)-1)
}

// hold reports whether a point lies inside, by the even-odd rule over all rings.
func (s slabs) hold(lon, lat float64) bool {
	in := false
	for _, e := range s.edges[s.slab(lat)] {
		if (e.ay > lat) != (e.by > lat) && lon < (e.bx-e.ax)*(lat-e.ay)/(e.by-e.ay)+e.ax {
			in = !in
		}
	}
	return in
}
