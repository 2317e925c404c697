package basemap

import (
	"math"
	"slices"

	"github.com/paulmach/orb"

	"plaza/internal/base/tile"
)

// tolerance is by how many units of a tile a line may leave its true way: half a pixel of
// a tile that is drawn 512 wide.
const tolerance = 4

// line is points on the square of the world, each with by how much the line would leave
// its way without it. So one line is good for every zoom: each draws the points that it
// would miss.
type line struct {
	points []orb.Point
	misses []float32 // sides of the world; never more than that of the points it depends on
	bound  orb.Bound
}

// newLine weighs the points of a line: in Douglas and Peucker's way, where the point
// farthest from the straight way between two is what is missed first.
func newLine(points []orb.Point) line {
	l := line{points: points, misses: make([]float32, len(points)), bound: orb.MultiPoint(points).Bound()}
	last := len(points) - 1
	l.misses[0], l.misses[last] = math.MaxFloat32, math.MaxFloat32
	type span struct {
		from, to int
		most     float32
	}
	todo := []span{{0, last, math.MaxFloat32}}
	for len(todo) > 0 {
		s := todo[len(todo)-1]
		todo = todo[:len(todo)-1]
		if s.to-s.from < 2 {
			continue
		}
		at, far := s.from+1, -1.0
		for i := s.from + 1; i < s.to; i++ {
			if d := apart(points[i], points[s.from], points[s.to]); d > far {
				at, far = i, d
			}
		}
		l.misses[at] = min(float32(far), s.most)
		todo = append(todo, span{s.from, at, l.misses[at]}, span{at, s.to, l.misses[at]})
	}
	return l
}

// apart is how far a point is from the way between two others.
func apart(p, a, b orb.Point) float64 {
	dx, dy := b[0]-a[0], b[1]-a[1]
	long := dx*dx + dy*dy
	if long == 0 {
		return math.Hypot(p[0]-a[0], p[1]-a[1])
	}
	t := max(0, min(1, ((p[0]-a[0])*dx+(p[1]-a[1])*dy)/long))
	return math.Hypot(p[0]-a[0]-t*dx, p[1]-a[1]-t*dy)
}

// draw appends the line's points on a tile, in its units.
func (l line) draw(to []orb.Point, on tile.Tile, backwards bool) []orb.Point {
	least := float32(tolerance / on.Units())
	from := len(to)
	to = slices.Grow(to, 8)
	for i, p := range l.points {
		if l.misses[i] >= least {
			to = append(to, on.Place(p))
		}
	}
	if backwards {
		slices.Reverse(to[from:])
	}
	return to
}
