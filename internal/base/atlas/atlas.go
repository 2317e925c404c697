// Package atlas draws on maps: it puts degrees on a plane, thins outlines out for the
// size at which they are seen, writes them as the paths of a picture, and puts values
// into classes of colour. It knows Mexico's states and municipalities by package place;
// it asks no engine and knows no pages.
package atlas

import (
	"math"
	"strconv"

	"plaza/internal/base/tabular/place"
)

// Width is how many units a picture is wide; its height follows from what it shows.
const Width = 1000

// The proportions of a picture: a strip of road is not drawn as a line.
const (
	leastHeight = 420
	mostHeight  = 1100
)

// Tolerance is by how many units an outline may leave its true line.
const Tolerance = 0.7

// Canvas is a picture of a part of the world. Degrees of longitude are as much shorter
// than those of latitude as they are in its middle.
type Canvas struct {
	Box    place.Bounds
	Height float64
	scale  float64 // units for a degree of latitude
	shrink float64 // of a degree of longitude
}

// New makes the picture that shows a box, grown where its proportions ask for it.
func New(box place.Bounds) Canvas {
	const least = 0.002 // degrees: some two hundred metres
	box = grow(box, max(0, least-(box.East-box.West))/2, max(0, least-(box.North-box.South))/2)
	c := Canvas{shrink: math.Max(0.1, math.Cos((box.South+box.North)/2*math.Pi/180))}
	width, height := (box.East-box.West)*c.shrink, box.North-box.South
	switch ratio := height / width * Width; {
	case ratio < leastHeight:
		box = grow(box, 0, (width*leastHeight/Width-height)/2)
	case ratio > mostHeight:
		box = grow(box, (height*Width/mostHeight-width)/2/c.shrink, 0)
	}
	c.Box = box
	c.scale = Width / ((box.East - box.West) * c.shrink)
	c.Height = math.Round((box.North - box.South) * c.scale)
	return c
}

// Pad is a box with some room around it, as a part of its sides.
func Pad(b place.Bounds, part float64) place.Bounds {
	return grow(b, (b.East-b.West)*part, (b.North-b.South)*part)
}

func grow(b place.Bounds, x, y float64) place.Bounds {
	return place.Bounds{West: b.West - x, South: b.South - y, East: b.East + x, North: b.North + y}
}

// Point is where a place lies on the picture.
func (c Canvas) Point(lon, lat float64) (x, y float64) {
	return (lon - c.Box.West) * c.shrink * c.scale, (c.Box.North - lat) * c.scale
}

// Kilometres is how many units a length on the ground has.
func (c Canvas) Kilometres(km float64) float64 { return km / 111.2 * c.scale }

// Path writes rings, closed or not, as the data of a path; what is smaller than can be
// seen is left out, unless nothing else is there.
func (c Canvas) Path(rings [][][2]float64, closed bool) string {
	var b []byte
	var largest []byte
	size := -1.0
	for _, ring := range rings {
		line, side := c.line(ring, closed)
		if side > size && len(line) > 0 {
			size, largest = side, line
		}
		if side >= 2*Tolerance {
			b = append(b, line...)
		}
	}
	if len(b) == 0 {
		b = largest
	}
	return string(b)
}

// line is one ring on the picture, and its longer side. Of a closed one nothing is beyond it.
func (c Canvas) line(ring [][2]float64, closed bool) ([]byte, float64) {
	flat := make([][2]float64, len(ring))
	low, high := [2]float64{math.Inf(1), math.Inf(1)}, [2]float64{math.Inf(-1), math.Inf(-1)}
	for i, v := range ring {
		x, y := c.Point(v[0], v[1])
		flat[i] = [2]float64{x, y}
		low[0], low[1] = math.Min(low[0], x), math.Min(low[1], y)
		high[0], high[1] = math.Max(high[0], x), math.Max(high[1], y)
	}
	flat = thin(flat, Tolerance)
	if closed && c.beyond(low, high) {
		flat = c.clipped(flat)
	}
	return write(flat, closed), math.Max(high[0]-low[0], high[1]-low[1])
}

// write writes points as a path of steps, in tenths of a unit. Steps are taken between
// rounded points, so that roundings do not add up.
func write(points [][2]float64, closed bool) []byte {
	if len(points) == 0 {
		return nil
	}
	if closed && len(points) > 1 && points[0] == points[len(points)-1] {
		points = points[:len(points)-1]
	}
	var b []byte
	x, y := tenths(points[0][0]), tenths(points[0][1])
	b = append(number(append(number(append(b, 'M'), x), ' '), y), 'l')
	steps := 0
	for _, p := range points[1:] {
		nx, ny := tenths(p[0]), tenths(p[1])
		if nx == x && ny == y {
			continue
		}
		if steps > 0 {
			b = append(b, ' ')
		}
		b = number(append(number(b, nx-x), ' '), ny-y)
		x, y = nx, ny
		steps++
	}
	if steps == 0 {
		b = append(b, "0 0"...)
	}
	if closed {
		b = append(b, 'z')
	}
	return b
}

// far is beyond every picture: what would leave it by more stays there.
const far = 1e7

func tenths(v float64) int64 { return int64(math.Round(math.Max(-far, math.Min(far, v)) * 10)) }

func number(b []byte, tenths int64) []byte {
	return strconv.AppendFloat(b, float64(tenths)/10, 'f', -1, 64)
}

// thin leaves the points without which a line would leave its true one by more than
// tolerance (Douglas and Peucker's way). A ring is cut at its first point and at the one
// farthest from it, so that it keeps a body.
func thin(points [][2]float64, tolerance float64) [][2]float64 {
	if len(points) < 3 {
		return points
	}
	keep := make([]bool, len(points))
	last := len(points) - 1
	keep[0], keep[last] = true, true
	type span struct{ from, to int }
	todo := []span{{0, last}}
	if points[0] == points[last] {
		at, most := 0, -1.0
		for i, p := range points {
			if d := math.Hypot(p[0]-points[0][0], p[1]-points[0][1]); d > most {
				at, most = i, d
			}
		}
		keep[at] = true
		todo = []span{{0, at}, {at, last}}
	}
	for len(todo) > 0 {
		s := todo[len(todo)-1]
		todo = todo[:len(todo)-1]
		at, most := 0, tolerance
		for i := s.from + 1; i < s.to; i++ {
			if d := apart(points[i], points[s.from], points[s.to]); d > most {
				at, most = i, d
			}
		}
		if at > 0 {
			keep[at] = true
			todo = append(todo, span{s.from, at}, span{at, s.to})
		}
	}
	var out [][2]float64
	for i, p := range points {
		if keep[i] {
			out = append(out, p)
		}
	}
	return out
}

// apart is how far a point is from the line between two others.
func apart(p, a, b [2]float64) float64 {
	dx, dy := b[0]-a[0], b[1]-a[1]
	long := dx*dx + dy*dy
	if long == 0 {
		return math.Hypot(p[0]-a[0], p[1]-a[1])
	}
	t := math.Max(0, math.Min(1, ((p[0]-a[0])*dx+(p[1]-a[1])*dy)/long))
	return math.Hypot(p[0]-a[0]-t*dx, p[1]-a[1]-t*dy)
}
