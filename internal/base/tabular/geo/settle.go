package geo

import (
	"math"
	"slices"

	"plaza/internal/base/tabular"
)

// settler brings geometries of one table to where they belong and counts what is wrong
// with them. Readers of the same table share one: a table is read several times, and a
// problem counts once.
type settler struct {
	system   *system
	problems *tabular.Problems
	noted    int64 // rows up to here were judged by an earlier reading
}

// row says of which row a geometry is.
type row struct{ number, line, at int64 }

func (s *settler) note(r row, code, text string) {
	if r.number > s.noted {
		s.problems.Add(code, Column, tabular.Sample{Row: r.number, Line: r.line, Byte: max(r.at, 0), Text: text})
	}
}

// done says that a row was judged.
func (s *settler) done(r row) { s.noted = max(s.noted, r.number) }

// settle brings a geometry to degrees in its place, and reports false when it cannot be
// kept. err is what its parser said.
func (s *settler) settle(wkb []byte, saw seen, err error, r row) bool {
	if err != nil {
		s.note(r, codeOf(err), "")
		return false
	}
	if saw.heights {
		s.note(r, Flattened, "")
	}
	if saw.mended {
		s.note(r, Mended, "")
	}
	if s.swap(wkb) {
		s.note(r, Swapped, "")
	}
	// In the file's own numbers: a vertex on an edge lies beside it once the edge, brought
	// to degrees, would be bent and is not.
	var cx, cy float64
	crossed := false
	if r.number > s.noted {
		cx, cy, crossed = crossing(wkb)
	}
	if x, y, ok := s.project(wkb); !ok {
		s.note(r, OutOfRange, numbers(x, y))
		return false
	}
	if crossed {
		s.note(r, Crossing, numbers(cx, cy))
	}
	return true
}

// swap exchanges the axes of a geometry all of whose numbers are Mexican latitudes
// followed by Mexican longitudes: read as they stand they are no place in the world, or
// the ice of Antarctica.
func (s *settler) swap(wkb []byte) bool {
	if s.system.degrees == 0 {
		return false
	}
	x0, y0, x1, y1, ok := Bounds(wkb)
	if !ok || x0 < 14 || x1 > 33 || y0 < -118.5 || y1 > -86 {
		return false
	}
	walk(wkb, 0, func(_ uint32, _ bool, run []byte) {
		for i := range len(run) / 16 {
			x, y := coordinate(run, i)
			setCoordinate(run, i, y, x)
		}
	})
	return true
}

// project brings all vertices to degrees. It stops being true at the first that lands
// nowhere, which it gives as it was.
func (s *settler) project(wkb []byte) (x, y float64, ok bool) {
	ok = true
	_, whole := walk(wkb, 0, func(_ uint32, _ bool, run []byte) {
		for i := 0; ok && i < len(run)/16; i++ {
			x, y = coordinate(run, i)
			lon, lat := x, y
			if !s.system.identity() {
				lon, lat = s.system.place(x, y)
			}
			lon, lat = edged(lon, 180), edged(lat, 90)
			if lon != x || lat != y {
				setCoordinate(run, i, lon, lat)
			}
			ok = math.Abs(lon) <= 180 && math.Abs(lat) <= 90 // false for NaN
		}
	})
	return x, y, ok && whole
}

// edged brings a number that lies behind the edge of the world by the noise of a
// conversion back to it.
func edged(degrees, most float64) float64 {
	if beyond := math.Abs(degrees) - most; beyond > 0 && beyond < 1e-6 {
		return math.Copysign(most, degrees)
	}
	return degrees
}

// maxCrossing is the most vertices of a ring that is looked at for crossings.
const maxCrossing = 200_000

// segment is an edge of a ring, from left to right.
type segment struct {
	x0, y0, x1, y1 float64
	n              int
}

// crossing finds a place where a polygon's ring crosses itself.
func crossing(wkb []byte) (x, y float64, found bool) {
	var edges []segment
	walk(wkb, 0, func(kind uint32, _ bool, run []byte) {
		n := len(run)/16 - 1
		if kind != polygon || found || n < 4 || n > maxCrossing {
			return
		}
		edges = edges[:0]
		for i := range n {
			ax, ay := coordinate(run, i)
			bx, by := coordinate(run, i+1)
			if ax == bx && ay == by {
				continue
			}
			if ax > bx {
				ax, ay, bx, by = bx, by, ax, ay
			}
			edges = append(edges, segment{ax, ay, bx, by, i})
		}
		x, y, found = sweep(edges, n)
	})
	return x, y, found
}

// maxCompared bounds the work on a ring whose edges all lie above each other.
const maxCompared = 20_000_000

// sweep compares each edge with those that share some of its longitudes.
func sweep(edges []segment, n int) (x, y float64, found bool) {
	slices.SortFunc(edges, func(a, b segment) int {
		switch {
		case a.x0 < b.x0:
			return -1
		case a.x0 > b.x0:
			return 1
		}
		return 0
	})
	var open []segment
	work := 0
	for _, e := range edges {
		kept := open[:0]
		for _, o := range open {
			if o.x1 < e.x0 {
				continue
			}
			kept = append(kept, o)
			if d := e.n - o.n; d == 1 || d == -1 || d == n-1 || d == 1-n {
				continue
			}
			if cross(e, o) {
				return e.x0, e.y0, true
			}
		}
		if work += len(open); work > maxCompared {
			return 0, 0, false
		}
		open = append(kept, e)
	}
	return 0, 0, false
}

// cross reports whether two edges cross properly: touching is allowed.
func cross(a, b segment) bool {
	if min(a.y0, a.y1) > max(b.y0, b.y1) || min(b.y0, b.y1) > max(a.y0, a.y1) {
		return false
	}
	side := func(s segment, x, y float64) float64 { return (s.x1-s.x0)*(y-s.y0) - (s.y1-s.y0)*(x-s.x0) }
	return side(a, b.x0, b.y0)*side(a, b.x1, b.y1) < 0 && side(b, a.x0, a.y0)*side(b, a.x1, a.y1) < 0
}

// bounded reports whether a box can be one of degrees.
func bounded(west, south, east, north float64) bool {
	return west >= -180.001 && east <= 180.001 && south >= -90.001 && north <= 90.001 && west <= east && south <= north
}
