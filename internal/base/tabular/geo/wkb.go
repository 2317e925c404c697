package geo

import (
	"encoding/binary"
	"math"

	"plaza/internal/base/tabular"
)

// Kinds of geometries as WKB numbers them.
const (
	point uint32 = 1 + iota
	lineString
	polygon
	multiPoint
	multiLineString
	multiPolygon
	collection
)

// seen is what a parser noticed while it wrote a geometry.
type seen struct {
	heights bool // dropped
	mended  bool // rings were closed or left out
}

// writer writes WKB. Counts are not known before the parts are written: they are
// reserved and set afterwards, so that a geometry is parsed in one go.
type writer struct {
	b        []byte
	vertices int
	seen
	// positions writes a line or ring where it is not a list of positions; nil mostly.
	positions func(*writer, *cursor) (int, error)
}

func (w *writer) reset(b []byte) { w.b, w.vertices, w.seen, w.positions = b, 0, seen{}, nil }

// head begins a geometry of a kind and reserves its count; it gives where that lies.
func (w *writer) head(kind uint32) int {
	w.b = binary.LittleEndian.AppendUint32(append(w.b, 1), kind)
	if kind == point {
		return 0
	}
	return w.count()
}

func (w *writer) count() int {
	at := len(w.b)
	w.b = append(w.b, 0, 0, 0, 0)
	return at
}

func (w *writer) set(at, n int) { binary.LittleEndian.PutUint32(w.b[at:], uint32(n)) }

func (w *writer) vertex(x, y float64) error {
	if w.vertices++; w.vertices > tabular.MaxVertices {
		return errLarge
	}
	w.b = binary.LittleEndian.AppendUint64(w.b, math.Float64bits(x))
	w.b = binary.LittleEndian.AppendUint64(w.b, math.Float64bits(y))
	return nil
}

// line ends a line whose n vertices follow its count at: one has two at least.
func (w *writer) line(at, n int) error {
	if n < 2 {
		return errUnreadable
	}
	w.set(at, n)
	return nil
}

// ring ends a ring whose n vertices follow its count at: it is closed if it was not,
// and taken back if it has no area. It reports whether it stayed.
func (w *writer) ring(at, n int) bool {
	start := at + 4
	if n > 0 && string(w.b[start:start+16]) != string(w.b[len(w.b)-16:]) {
		w.b = append(w.b, w.b[start:start+16]...)
		n++
		w.mended = true
	}
	if n < 4 {
		w.b = w.b[:at]
		w.mended = true
		return false
	}
	w.set(at, n)
	return true
}

func coordinate(b []byte, i int) (x, y float64) {
	return math.Float64frombits(binary.LittleEndian.Uint64(b[i*16:])), math.Float64frombits(binary.LittleEndian.Uint64(b[i*16+8:]))
}

func setCoordinate(b []byte, i int, x, y float64) {
	binary.LittleEndian.PutUint64(b[i*16:], math.Float64bits(x))
	binary.LittleEndian.PutUint64(b[i*16+8:], math.Float64bits(y))
}

// walk shows each run of coordinates of a geometry as we write it, with the kind it is
// a part of and whether it begins a new part of that kind, and gives what follows the
// geometry. A run is a view: writing to it changes the geometry.
func walk(b []byte, depth int, see func(kind uint32, first bool, run []byte)) ([]byte, bool) {
	if depth > tabular.MaxDepth || len(b) < 5 || b[0] != 1 {
		return nil, false
	}
	kind := binary.LittleEndian.Uint32(b[1:])
	b = b[5:]
	if kind == point {
		return run(b, 1, func(c []byte) { see(kind, true, c) })
	}
	if kind < point || kind > collection || len(b) < 4 {
		return nil, false
	}
	n := int(binary.LittleEndian.Uint32(b))
	b = b[4:]
	if kind == lineString {
		return run(b, n, func(c []byte) { see(kind, true, c) })
	}
	for i := 0; i < n; i++ {
		ok := true
		if kind != polygon {
			b, ok = walk(b, depth+1, see)
		} else if ok = len(b) >= 4; ok {
			b, ok = run(b[4:], int(binary.LittleEndian.Uint32(b)), func(c []byte) { see(kind, i == 0, c) })
		}
		if !ok {
			return nil, false
		}
	}
	return b, true
}

func run(b []byte, n int, see func([]byte)) ([]byte, bool) {
	if n > len(b)/16 {
		return nil, false
	}
	see(b[: n*16 : n*16])
	return b[n*16:], true
}

// Bounds is the box around a geometry, in degrees. It is false for what is no geometry
// of ours or has no vertices.
func Bounds(wkb []byte) (west, south, east, north float64, ok bool) {
	west, south, east, north = math.Inf(1), math.Inf(1), math.Inf(-1), math.Inf(-1)
	_, ok = walk(wkb, 0, func(_ uint32, _ bool, run []byte) {
		for i := range len(run) / 16 {
			x, y := coordinate(run, i)
			west, east = min(west, x), max(east, x)
			south, north = min(south, y), max(north, y)
		}
	})
	if !ok || !(west <= east && south <= north) {
		return 0, 0, 0, 0, false
	}
	return west, south, east, north, true
}
