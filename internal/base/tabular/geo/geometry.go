package geo

import (
	"bytes"
	"strconv"
	"strings"

	"plaza/internal/base/tabular"
)

// kinds are GeoJSON's names of geometries.
var kinds = map[string]uint32{
	"Point": point, "LineString": lineString, "Polygon": polygon, "MultiPoint": multiPoint,
	"MultiLineString": multiLineString, "MultiPolygon": multiPolygon, "GeometryCollection": collection,
}

// geometry writes a GeoJSON geometry. It is false, without an error, for null and for
// one without any vertex.
func (w *writer) geometry(raw []byte, depth int) (bool, error) {
	if string(raw) == "null" || len(raw) == 0 {
		return false, nil
	}
	if depth > tabular.MaxDepth {
		return false, errLarge
	}
	var kind string
	var coordinates, geometries []byte
	c := cursor{b: raw}
	err := c.members(func(key, value []byte) error {
		switch string(key) {
		case "type":
			kind = string(cellOf(value))
		case "coordinates":
			coordinates = value
		case "geometries":
			geometries = value
		}
		return nil
	})
	number := kinds[kind]
	switch {
	case err != nil || number == 0:
		return false, errUnreadable
	case number == collection:
		return w.collectionOf(geometries, func(value []byte) (bool, error) { return w.geometry(value, depth+1) })
	case coordinates == nil || string(coordinates) == "null":
		return false, errUnreadable
	}
	if bytes.IndexByte(coordinates, 'n') < 0 && emptyList(coordinates) {
		return false, nil
	}
	c = cursor{b: coordinates}
	if err := w.coordinates(&c, number); err != nil {
		return false, err
	}
	return true, nil
}

// emptyList reports whether nothing but brackets is written.
func emptyList(b []byte) bool { return len(bytes.Trim(b, "[], \t\r\n")) == 0 }

// collectionOf writes a collection of the geometries of a list, each written by one.
func (w *writer) collectionOf(list []byte, one func(raw []byte) (bool, error)) (bool, error) {
	if list == nil {
		return false, errUnreadable
	}
	start, n := len(w.b), 0
	at := w.head(collection)
	c := cursor{b: list}
	err := c.list('[', ']', func() error {
		value, err := c.value()
		if err != nil {
			return errUnreadable
		}
		wrote, err := one(value)
		if wrote {
			n++
		}
		return err
	})
	if err == errJSON {
		err = errUnreadable
	}
	if err != nil || n == 0 {
		w.b = w.b[:start]
		return false, err
	}
	w.set(at, n)
	return true, nil
}

// coordinates writes a geometry of a kind from its lists of numbers.
func (w *writer) coordinates(c *cursor, kind uint32) error {
	var err error
	switch kind {
	case point:
		w.head(point)
		err = w.position(c)
	case lineString:
		at := w.head(lineString)
		var n int
		if n, err = w.run(c); err == nil {
			err = w.line(at, n)
		}
	case polygon:
		var kept bool
		if kept, err = w.rings(c); err == nil && !kept {
			err = errUnreadable
		}
	case multiPoint, multiLineString:
		at, n := w.head(kind), 0
		err = c.list('[', ']', func() error {
			n++
			return w.coordinates(c, kind-3)
		})
		w.set(at, n)
	case multiPolygon:
		at, n := w.head(kind), 0
		err = c.list('[', ']', func() error {
			kept, err := w.rings(c)
			if kept {
				n++
			}
			return err
		})
		if w.set(at, n); n == 0 && err == nil {
			err = errUnreadable
		}
	}
	if err == errJSON {
		return errUnreadable
	}
	return err
}

// rings writes a polygon.
func (w *writer) rings(c *cursor) (bool, error) {
	return w.ringsOf(func(ring func(func() (int, error)) error) error {
		return c.list('[', ']', func() error { return ring(func() (int, error) { return w.run(c) }) })
	})
}

// ringsOf writes a polygon: all calls ring with what writes each ring. It reports
// whether anything stayed; a hole goes with its outer ring.
func (w *writer) ringsOf(all func(ring func(run func() (int, error)) error) error) (bool, error) {
	start, head := len(w.b), w.head(polygon)
	seen, kept := 0, 0
	err := all(func(run func() (int, error)) error {
		at := w.count()
		n, err := run()
		if err != nil {
			return err
		}
		if seen++; seen > 1 && kept == 0 {
			w.b = w.b[:at]
			return nil
		}
		if w.ring(at, n) {
			kept++
		}
		return nil
	})
	if err != nil || kept == 0 {
		w.b = w.b[:start]
		return false, err
	}
	w.set(head, kept)
	return true, nil
}

// run writes the vertices of a line or ring, and gives how many.
func (w *writer) run(c *cursor) (int, error) {
	if w.positions != nil {
		return w.positions(w, c)
	}
	n := 0
	err := c.list('[', ']', func() error {
		n++
		return w.position(c)
	})
	return n, err
}

// position writes the first two numbers of a position and drops the others.
func (w *writer) position(c *cursor) error {
	if !c.eat('[') {
		return errUnreadable
	}
	x, err := c.number()
	if err != nil || !c.eat(',') {
		return errUnreadable
	}
	y, err := c.number()
	if err != nil {
		return errUnreadable
	}
	for c.eat(',') {
		height, err := c.value()
		if err != nil {
			return errUnreadable
		}
		w.heights = w.heights || isHeight(string(height))
	}
	if !c.eat(']') {
		return errUnreadable
	}
	return w.vertex(x, y)
}

// isHeight reports whether the third number of a position says anything: programs that
// have no heights write zeros.
func isHeight(s string) bool { return strings.Trim(s, "0.-") != "" && s != "null" && s != "NaN" }

func numbers(x, y float64) string {
	return strconv.FormatFloat(x, 'g', -1, 64) + ", " + strconv.FormatFloat(y, 'g', -1, 64)
}
