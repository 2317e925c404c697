package geo

import (
	"bytes"
	"encoding/binary"
	"encoding/hex"
	"math"
	"strconv"
	"strings"

	"plaza/internal/base/tabular"
)

// FromText turns what a cell holds, a geometry as WKT, EWKT, hexadecimal WKB or EWKB, or
// GeoJSON, into WKB in degrees, which it appends to dst. Heights and measures are
// dropped. It is false, and dst as it was, for anything else: also for a geometry that
// lies outside the world, and for one without vertices. It is safe for concurrent use.
func FromText(cell, dst []byte) (wkb []byte, ok bool) {
	cell = bytes.TrimSpace(cell)
	if len(cell) == 0 || len(cell) > tabular.MaxCell {
		return dst, false
	}
	w := writer{b: dst}
	from := assumed
	wrote, err := false, errUnreadable
	switch {
	case cell[0] == '{':
		wrote, err = w.geometry(cell, 0)
	case cell[0] == '0' && len(cell) >= 10 && len(cell)%2 == 0:
		binary := make([]byte, hex.DecodedLen(len(cell)))
		if _, err := hex.Decode(binary, cell); err != nil {
			return dst, false
		}
		return FromWKB(binary, dst)
	case isLetter(cell[0]):
		from, wrote, err = w.text(cell)
	}
	return w.finish(dst, from, wrote && err == nil)
}

// FromWKB turns WKB or EWKB of either byte order, with or without heights, into WKB as
// it is kept here, which it appends to dst. It is false as FromText is.
func FromWKB(raw, dst []byte) (wkb []byte, ok bool) {
	w := writer{b: dst}
	from := assumed
	rest, wrote, err := w.binary(raw, 0, &from)
	return w.finish(dst, from, wrote && err == nil && len(rest) == 0)
}

// finish brings what was written after dst to degrees.
func (w *writer) finish(dst []byte, from *system, ok bool) ([]byte, bool) {
	if !ok || from == nil {
		return dst, false
	}
	if _, _, ok := (&settler{system: from}).project(w.b[len(dst):]); !ok {
		return dst, false
	}
	return w.b, true
}

func isLetter(ch byte) bool { return ch|0x20 >= 'a' && ch|0x20 <= 'z' }

// spatial is the system of a spatial reference number; 0 stands for none.
func spatial(id int) *system {
	if id == 0 {
		return assumed
	}
	return epsg(id)
}

// text writes a geometry from WKT, with "SRID=n;" before it or not.
func (w *writer) text(cell []byte) (*system, bool, error) {
	from := assumed
	if len(cell) > 5 && strings.EqualFold(string(cell[:5]), "SRID=") {
		end := bytes.IndexByte(cell, ';')
		if end < 0 {
			return nil, false, errUnreadable
		}
		id, err := strconv.Atoi(string(cell[5:end]))
		if err != nil {
			return nil, false, errUnreadable
		}
		from, cell = spatial(id), cell[end+1:]
	}
	t := wkt{cursor{b: cell}, w}
	wrote, err := t.geometry(0)
	if err == nil && t.next() != 0 {
		err = errUnreadable
	}
	return from, wrote, err
}

// wkt reads well-known text.
type wkt struct {
	cursor
	w *writer
}

// word takes a run of letters, in upper case.
func (t *wkt) word() string {
	t.next()
	start := t.i
	for t.i < len(t.b) && isLetter(t.b[t.i]) && t.i-start < 30 {
		t.i++
	}
	return strings.ToUpper(string(t.b[start:t.i]))
}

var textKinds = map[string]uint32{
	"POINT": point, "LINESTRING": lineString, "POLYGON": polygon, "MULTIPOINT": multiPoint,
	"MULTILINESTRING": multiLineString, "MULTIPOLYGON": multiPolygon, "GEOMETRYCOLLECTION": collection,
}

// tag takes the kind of a geometry, and whether it is empty.
func (t *wkt) tag() (uint32, bool, error) {
	name := t.word()
	kind := textKinds[name]
	for _, mark := range []string{"ZM", "Z", "M"} { // POINTZ as well as POINT Z
		if kind == 0 {
			kind = textKinds[strings.TrimSuffix(name, mark)]
		}
	}
	if kind == 0 {
		return 0, false, errUnreadable
	}
	mark := t.word()
	if mark == "Z" || mark == "M" || mark == "ZM" {
		mark = t.word()
	}
	if mark != "" && mark != "EMPTY" {
		return 0, false, errUnreadable
	}
	return kind, mark == "EMPTY", nil
}

func (t *wkt) geometry(depth int) (bool, error) {
	if depth > tabular.MaxDepth {
		return false, errLarge
	}
	kind, empty, err := t.tag()
	if err != nil || empty {
		return false, err
	}
	if kind == collection {
		start, at, n := len(t.w.b), t.w.head(collection), 0
		err := t.list('(', ')', func() error {
			wrote, err := t.geometry(depth + 1)
			if wrote {
				n++
			}
			return err
		})
		if n == 0 {
			t.w.b = t.w.b[:start]
		}
		if n > 0 {
			t.w.set(at, n)
		}
		return n > 0, err
	}
	err = t.body(kind)
	return err == nil, err
}

func (t *wkt) body(kind uint32) error {
	w := t.w
	switch kind {
	case point:
		w.head(point)
		if !t.eat('(') {
			return errUnreadable
		}
		if err := t.position(); err != nil || !t.eat(')') {
			return errUnreadable
		}
		return nil
	case lineString:
		at := w.head(lineString)
		n, err := t.run()
		if err != nil {
			return err
		}
		return w.line(at, n)
	case polygon:
		kept, err := t.rings()
		if err == nil && !kept {
			err = errUnreadable
		}
		return err
	}
	at, n := w.head(kind), 0
	err := t.list('(', ')', func() error {
		n++
		switch {
		case kind == multiPoint && t.next() != '(': // MULTIPOINT(1 2,3 4)
			w.head(point)
			return t.position()
		case kind != multiPolygon:
			return t.body(kind - 3)
		}
		kept, err := t.rings()
		if !kept {
			n--
		}
		return err
	})
	if w.set(at, n); n == 0 && err == nil {
		err = errUnreadable
	}
	return err
}

func (t *wkt) rings() (bool, error) {
	return t.w.ringsOf(func(ring func(func() (int, error)) error) error {
		return t.list('(', ')', func() error { return ring(t.run) })
	})
}

func (t *wkt) run() (int, error) {
	n := 0
	err := t.list('(', ')', func() error {
		n++
		return t.position()
	})
	return n, err
}

// position reads two to four numbers.
func (t *wkt) position() error {
	x, err := t.number()
	if err != nil {
		return err
	}
	y, err := t.number()
	if err != nil {
		return err
	}
	for n := 2; ; n++ {
		if ch := t.next(); ch == ',' || ch == ')' || ch == 0 {
			return t.w.vertex(x, y)
		}
		height, err := t.number()
		if err != nil || n > 3 {
			return errUnreadable
		}
		t.w.heights = t.w.heights || height != 0
	}
}

// binary writes a geometry from WKB, and gives what follows it.
func (w *writer) binary(b []byte, depth int, from **system) (rest []byte, wrote bool, err error) {
	if depth > tabular.MaxDepth {
		return nil, false, errLarge
	}
	if len(b) < 5 || b[0] > 1 {
		return nil, false, errUnreadable
	}
	r := raw{b: b[1:], order: binary.BigEndian}
	if b[0] == 1 {
		r.order = binary.LittleEndian
	}
	kind := uint32(r.number())
	r.size = 2
	for _, flag := range []uint32{0x80000000, 0x40000000} { // EWKB: Z, M
		if kind&flag != 0 {
			r.size++
		}
	}
	if kind&0x20000000 != 0 {
		if id := r.number(); depth == 0 {
			*from = spatial(id)
		}
	}
	kind &= 0x1fffffff
	if kind > 1000 && kind < 4000 { // ISO: thousands are Z, M, ZM
		r.size = 3 + int(kind/3000)
		kind %= 1000
	}
	wrote, err = w.part(&r, kind, depth, from)
	if r.short {
		err = errUnreadable
	}
	return r.b, wrote, err
}

// raw takes numbers of one byte order from WKB.
type raw struct {
	b     []byte
	order binary.ByteOrder
	size  int // numbers of a position
	short bool
}

func (r *raw) number() int {
	if len(r.b) < 4 {
		r.short = true
		return 0
	}
	n := r.order.Uint32(r.b)
	r.b = r.b[4:]
	return int(n)
}

func (w *writer) positionOf(r *raw) error {
	if len(r.b) < r.size*8 {
		r.short = true
		return errUnreadable
	}
	x, y := math.Float64frombits(r.order.Uint64(r.b)), math.Float64frombits(r.order.Uint64(r.b[8:]))
	for i := 2; i < r.size; i++ {
		w.heights = w.heights || math.Float64frombits(r.order.Uint64(r.b[8*i:])) != 0
	}
	r.b = r.b[r.size*8:]
	return w.vertex(x, y)
}

func (w *writer) runOf(r *raw) (int, error) {
	n := r.number()
	if r.short { // a count of rings may be anything: none is read from nothing
		return 0, errUnreadable
	}
	for range n {
		if err := w.positionOf(r); err != nil {
			return 0, err
		}
	}
	return n, nil
}

func (w *writer) part(r *raw, kind uint32, depth int, from **system) (bool, error) {
	switch kind {
	case point:
		w.head(point)
		err := w.positionOf(r)
		return err == nil, err
	case lineString:
		at := w.head(lineString)
		n, err := w.runOf(r)
		if err == nil && n > 0 {
			err = w.line(at, n)
		}
		return n > 0 && err == nil, err
	case polygon:
		return w.ringsOf(func(ring func(func() (int, error)) error) error {
			for range r.number() {
				if err := ring(func() (int, error) { return w.runOf(r) }); err != nil {
					return err
				}
			}
			return nil
		})
	case multiPoint, multiLineString, multiPolygon, collection:
		start, at, n := len(w.b), w.head(kind), 0
		for range r.number() {
			if kind != collection && !r.begins(kind-3) {
				return false, errUnreadable
			}
			rest, wrote, err := w.binary(r.b, depth+1, from)
			if err != nil {
				return false, err
			}
			if r.b = rest; wrote {
				n++
			}
		}
		if n == 0 {
			w.b = w.b[:start]
			return false, nil
		}
		w.set(at, n)
		return true, nil
	}
	return false, errUnreadable
}

// begins reports whether a geometry of a kind follows.
func (r *raw) begins(kind uint32) bool {
	if len(r.b) < 5 || r.b[0] > 1 {
		return false
	}
	order := binary.ByteOrder(binary.BigEndian)
	if r.b[0] == 1 {
		order = binary.LittleEndian
	}
	return order.Uint32(r.b[1:])&0x1fffffff%1000 == kind
}
