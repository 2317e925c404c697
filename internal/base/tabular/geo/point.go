package geo

import (
	"encoding/binary"
	"math"
	"slices"
	"strconv"
)

// Point is a point that stands for a geometry: itself, the middle of the longest line,
// or a point inside the largest polygon, which the middle of its box need not be. It is
// false for what is no geometry of ours.
func Point(wkb []byte) (lon, lat float64, ok bool) {
	var best largest
	if _, ok := walk(wkb, 0, best.see); !ok {
		return 0, 0, false
	}
	best.end()
	switch best.kind {
	case 0:
		return 0, 0, false
	case polygon:
		lon, lat = inside(best.rings)
	case lineString:
		lon, lat = middle(best.rings[0])
	default:
		lon, lat = coordinate(best.rings[0], 0)
	}
	return lon, lat, lon-lon == 0 && lat-lat == 0
}

// largest finds the part of a geometry that stands for it: polygons before lines before
// points, and among those the largest.
type largest struct {
	kind  uint32
	size  float64
	rings [][]byte
	now   [][]byte // the polygon that is being seen
}

func (l *largest) see(kind uint32, first bool, run []byte) {
	if first {
		l.end()
	}
	switch {
	case len(run) == 0:
	case kind == polygon:
		l.now = append(l.now, run)
	case kind == lineString && l.kind != polygon:
		if size := length(run); l.kind != lineString || size > l.size {
			l.kind, l.size, l.rings = kind, size, [][]byte{run}
		}
	case kind == point && l.kind == 0:
		l.kind, l.rings = kind, [][]byte{run}
	}
}

// end weighs the polygon that was seen.
func (l *largest) end() {
	if len(l.now) == 0 {
		return
	}
	if size := math.Abs(area(l.now[0])); l.kind != polygon || size > l.size {
		l.kind, l.size, l.rings = polygon, size, slices.Clone(l.now)
	}
	l.now = l.now[:0]
}

func length(run []byte) (sum float64) {
	for i := 1; i < len(run)/16; i++ {
		ax, ay := coordinate(run, i-1)
		bx, by := coordinate(run, i)
		sum += math.Hypot(bx-ax, by-ay)
	}
	return sum
}

// area is positive for a ring against the clock.
func area(run []byte) (sum float64) {
	if len(run) == 0 {
		return 0
	}
	ox, oy := coordinate(run, 0)
	for i := 1; i < len(run)/16; i++ {
		ax, ay := coordinate(run, i-1)
		bx, by := coordinate(run, i)
		sum += (ax-ox)*(by-oy) - (bx-ox)*(ay-oy)
	}
	return sum / 2
}

// middle is the point at half the length of a line.
func middle(run []byte) (x, y float64) {
	half := length(run) / 2
	for i := 1; i < len(run)/16; i++ {
		ax, ay := coordinate(run, i-1)
		bx, by := coordinate(run, i)
		d := math.Hypot(bx-ax, by-ay)
		if half <= d && d > 0 {
			return ax + (bx-ax)*half/d, ay + (by-ay)*half/d
		}
		half -= d
	}
	return coordinate(run, 0)
}

// inside is a point in a polygon: its centroid, or the middle of the widest stretch on
// one of a few lines of latitude when the centroid lies outside or in a hole.
func inside(rings [][]byte) (x, y float64) {
	if x, y, ok := centroid(rings[0]); ok && within(rings, x, y) {
		return x, y
	}
	south, north := math.Inf(1), math.Inf(-1)
	for i := range len(rings[0]) / 16 {
		_, y := coordinate(rings[0], i)
		south, north = min(south, y), max(north, y)
	}
	best := 0.0
	x, y = coordinate(rings[0], 0)
	for _, share := range []float64{0.5, 0.381966, 0.618034, 0.25, 0.75, 0.1, 0.9} {
		at := south + (north-south)*share
		xs := crossings(rings, at)
		for i := 1; i < len(xs); i += 2 {
			if width := xs[i] - xs[i-1]; width > best {
				best, x, y = width, (xs[i]+xs[i-1])/2, at
			}
		}
		if best > 0 && share == 0.5 {
			break
		}
	}
	return x, y
}

func centroid(run []byte) (x, y float64, ok bool) {
	ox, oy := coordinate(run, 0)
	var sum float64
	for i := 1; i < len(run)/16; i++ {
		ax, ay := coordinate(run, i-1)
		bx, by := coordinate(run, i)
		ax, ay, bx, by = ax-ox, ay-oy, bx-ox, by-oy
		c := ax*by - bx*ay
		sum += c
		x += (ax + bx) * c
		y += (ay + by) * c
	}
	if sum == 0 {
		return 0, 0, false
	}
	return ox + x/(3*sum), oy + y/(3*sum), true
}

// within reports whether a point lies in a polygon, by the even-odd rule over its rings.
func within(rings [][]byte, x, y float64) bool {
	in := false
	for _, run := range rings {
		for i := 1; i < len(run)/16; i++ {
			ax, ay := coordinate(run, i-1)
			bx, by := coordinate(run, i)
			if (ay > y) != (by > y) && x < (bx-ax)*(y-ay)/(by-ay)+ax {
				in = !in
			}
		}
	}
	return in
}

// crossings are the longitudes at which a line of latitude meets the rings, sorted.
func crossings(rings [][]byte, y float64) (xs []float64) {
	for _, run := range rings {
		for i := 1; i < len(run)/16; i++ {
			ax, ay := coordinate(run, i-1)
			bx, by := coordinate(run, i)
			if (ay > y) != (by > y) {
				xs = append(xs, (bx-ax)*(y-ay)/(by-ay)+ax)
			}
		}
	}
	slices.Sort(xs)
	return xs
}

// JSON is a geometry as GeoJSON, nil for what is no geometry of ours. Numbers are as
// exact as they lie in it.
func JSON(wkb []byte) []byte {
	if _, ok := walk(wkb, 0, func(uint32, bool, []byte) {}); !ok {
		return nil
	}
	out, _ := appendJSON(make([]byte, 0, len(wkb)*5/4+64), wkb)
	return out
}

var jsonKinds = [...]string{"", "Point", "LineString", "Polygon", "MultiPoint", "MultiLineString", "MultiPolygon"}

// appendJSON appends a geometry that walk has gone over.
func appendJSON(out, b []byte) (_, rest []byte) {
	kind := binary.LittleEndian.Uint32(b[1:])
	if kind != collection {
		out = append(append(append(out, `{"type":"`...), jsonKinds[kind]...), `","coordinates":`...)
		out, b = appendCoordinates(out, b)
		return append(out, '}'), b
	}
	out = append(out, `{"type":"GeometryCollection","geometries":[`...)
	n := binary.LittleEndian.Uint32(b[5:])
	b = b[9:]
	for i := range n {
		if i > 0 {
			out = append(out, ',')
		}
		out, b = appendJSON(out, b)
	}
	return append(out, "]}"...), b
}

func appendCoordinates(out, b []byte) (_, rest []byte) {
	kind := binary.LittleEndian.Uint32(b[1:])
	b = b[5:]
	if kind == point {
		return appendRun(out, b, 0), b[16:]
	}
	n := int(binary.LittleEndian.Uint32(b))
	b = b[4:]
	out = append(out, '[')
	for i := range n {
		if i > 0 {
			out = append(out, ',')
		}
		switch {
		case kind == lineString:
			out = appendRun(out, b, i)
		case kind == polygon:
			size := int(binary.LittleEndian.Uint32(b))
			out = append(out, '[')
			for k := range size {
				if k > 0 {
					out = append(out, ',')
				}
				out = appendRun(out, b[4:], k)
			}
			out, b = append(out, ']'), b[4+size*16:]
		default:
			out, b = appendCoordinates(out, b)
		}
	}
	if kind == lineString {
		b = b[n*16:]
	}
	return append(out, ']'), b
}

func appendRun(out, b []byte, i int) []byte {
	x, y := coordinate(b, i)
	out = strconv.AppendFloat(append(out, '['), x, 'f', -1, 64)
	return append(strconv.AppendFloat(append(out, ','), y, 'f', -1, 64), ']')
}
