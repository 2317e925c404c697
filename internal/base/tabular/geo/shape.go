package geo

import (
	"encoding/binary"
	"math"

	"plaza/internal/base/tabular"
)

// shape writes the geometry of a shapefile's record. It is false for a null shape.
func (w *writer) shape(b []byte) (bool, error) {
	if len(b) < 4 {
		return false, errUnreadable
	}
	kind := binary.LittleEndian.Uint32(b)
	b = b[4:]
	if kind > 10 && kind < 30 {
		kind %= 10
		w.heights = raised(b, kind)
	}
	var err error
	switch kind {
	case 0:
		return false, nil
	case 1:
		if len(b) < 16 {
			return false, errUnreadable
		}
		w.head(point)
		err = w.vertex(coordinate(b, 0))
	case 8:
		err = w.shapePoints(b)
	case 3, 5:
		var parts [][]byte
		if parts, err = shapeParts(b); err != nil || len(parts) == 0 {
			return false, err
		}
		if kind == 3 {
			err = w.shapeLines(parts)
		} else {
			err = w.shapePolygons(parts)
		}
	default:
		return false, errUnreadable
	}
	return err == nil, err
}

// raised reports whether a shape's heights, or its measures when it has no heights, say
// anything: programs that have none write zeros, or less than -1e38. Behind the vertices
// stands the range of them all, or that of the one point.
func raised(b []byte, kind uint32) bool {
	at, n := 16, 1
	count := func(at int) int { return int(binary.LittleEndian.Uint32(b[at:])) }
	switch {
	case kind == 8 && len(b) >= 36:
		at, n = 36+16*count(32), 2
	case (kind == 3 || kind == 5) && len(b) >= 40:
		at, n = 40+4*count(32)+16*count(36), 2
	}
	for i := at; i < at+8*n && i+8 <= len(b); i += 8 {
		if v := math.Float64frombits(binary.LittleEndian.Uint64(b[i:])); v != 0 && v > -1e38 {
			return true
		}
	}
	return false
}

// copied appends a run of coordinates as it lies in the file: both are little endian.
func (w *writer) copied(run []byte) error {
	if w.vertices += len(run) / 16; w.vertices > tabular.MaxVertices {
		return errLarge
	}
	w.b = append(w.b, run...)
	return nil
}

func (w *writer) shapePoints(b []byte) error {
	if len(b) < 36 {
		return errUnreadable
	}
	n := int(binary.LittleEndian.Uint32(b[32:]))
	b = b[36:]
	if n == 0 || n > len(b)/16 {
		return errUnreadable
	}
	w.set(w.head(multiPoint), n)
	for i := range n {
		w.head(point)
		if err := w.vertex(coordinate(b, i)); err != nil {
			return err
		}
	}
	return nil
}

// shapeParts are the runs of coordinates of a line's or polygon's parts.
func shapeParts(b []byte) ([][]byte, error) {
	if len(b) < 40 {
		return nil, errUnreadable
	}
	parts, points := int(binary.LittleEndian.Uint32(b[32:])), int(binary.LittleEndian.Uint32(b[36:]))
	b = b[40:]
	if parts > len(b)/4 || points > (len(b)-parts*4)/16 {
		return nil, errUnreadable
	}
	runs := make([][]byte, 0, parts)
	vertices := b[parts*4:]
	for i := range parts {
		from, to := int(binary.LittleEndian.Uint32(b[i*4:])), points
		if i+1 < parts {
			to = int(binary.LittleEndian.Uint32(b[i*4+4:]))
		}
		if from > to || to > points {
			return nil, errUnreadable
		}
		if from < to {
			runs = append(runs, vertices[from*16:to*16])
		}
	}
	return runs, nil
}

func (w *writer) shapeLines(parts [][]byte) error {
	at, n := 0, 0
	if len(parts) > 1 {
		at = w.head(multiLineString)
	}
	for _, p := range parts {
		if len(p) < 32 {
			if len(parts) > 1 {
				w.mended = true
				continue
			}
			return errUnreadable
		}
		w.set(w.head(lineString), len(p)/16)
		if err := w.copied(p); err != nil {
			return err
		}
		n++
	}
	if n == 0 {
		return errUnreadable
	}
	if len(parts) > 1 {
		w.set(at, n)
	}
	return nil
}

// shapePolygons writes the rings of a record as polygons: those that go as the largest
// does are outer rings (with the clock, if the file keeps the rules), the others holes of
// the smallest outer ring around them.
func (w *writer) shapePolygons(rings [][]byte) error {
	polygons := assembled(rings)
	start := len(w.b)
	at := w.head(multiPolygon)
	n, first := 0, len(w.b)
	for _, p := range polygons {
		kept, err := w.ringsOf(func(ring func(func() (int, error)) error) error {
			for _, run := range p {
				if err := ring(func() (int, error) { return len(run) / 16, w.copied(run) }); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			return err
		}
		if kept {
			n++
		}
	}
	switch n {
	case 0:
		return errUnreadable
	case 1: // one polygon is no collection of them
		w.b = append(w.b[:start], w.b[first:]...)
	default:
		w.set(at, n)
	}
	return nil
}

// maxNested is how many pairs of outer rings and holes are looked at; beyond it a hole
// belongs to the outer ring before it, which is how most files are ordered.
const maxNested = 4_000_000

// assembled groups rings to polygons, outer ring first.
func assembled(rings [][]byte) [][][]byte {
	var out [][][]byte
	var boxes [][4]float64
	var holes []int // numbers of rings
	before := make([]int, len(rings))
	outer := 0.0
	for _, r := range rings {
		if a := area(r); math.Abs(a) > math.Abs(outer) {
			outer = a
		}
	}
	for i, r := range rings {
		if before[i] = len(out) - 1; area(r)*outer < 0 {
			holes = append(holes, i)
			continue
		}
		out = append(out, [][]byte{r})
		boxes = append(boxes, box(r))
	}
	search := len(holes)*len(out) <= maxNested
	for _, i := range holes {
		owner := before[i]
		if search {
			owner = around(rings[i], out, boxes)
		}
		if owner < 0 { // a hole in nothing is a ring that goes the wrong way
			out = append(out, [][]byte{rings[i]})
			boxes = append(boxes, box(rings[i]))
			continue
		}
		out[owner] = append(out[owner], rings[i])
	}
	return out
}

// around is the smallest polygon whose outer ring holds a ring, -1 when none does.
func around(ring []byte, polygons [][][]byte, boxes [][4]float64) int {
	in := box(ring)
	best, size := -1, math.Inf(1)
	for i, p := range polygons {
		b := boxes[i]
		if in[0] < b[0] || in[1] < b[1] || in[2] > b[2] || in[3] > b[3] {
			continue
		}
		if a := math.Abs(area(p[0])); a < size && holds(p[0], ring) {
			best, size = i, a
		}
	}
	return best
}

// holds reports whether most of a few vertices of a ring lie in another: one alone may
// lie on the border.
func holds(outer, ring []byte) bool {
	n := len(ring) / 16
	in := 0
	for k := range 3 {
		x, y := coordinate(ring, k*n/3)
		if within([][]byte{outer}, x, y) {
			in++
		}
	}
	return in >= 2
}

func box(run []byte) [4]float64 {
	b := [4]float64{math.Inf(1), math.Inf(1), math.Inf(-1), math.Inf(-1)}
	for i := range len(run) / 16 {
		x, y := coordinate(run, i)
		b[0], b[1] = min(b[0], x), min(b[1], y)
		b[2], b[3] = max(b[2], x), max(b[3], y)
	}
	return b
}
