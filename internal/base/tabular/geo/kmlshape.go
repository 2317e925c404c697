package geo

import (
	"encoding/xml"
	"strconv"
	"strings"

	"plaza/internal/base/tabular"
)

// drawing is a geometry of KML: of a kind, its coordinates as text for points and
// lines, its rings for polygons, its members for collections.
type drawing struct {
	kind    uint32
	runs    []string
	members []*drawing
}

// geometry reads the geometry that was begun. It is nil for one that we do not draw.
func (k *kml) geometry(name string, depth int) (*drawing, error) {
	g := &drawing{kind: map[string]uint32{"Point": point, "LineString": lineString, "LinearRing": lineString, "Polygon": polygon, "MultiGeometry": collection}[name]}
	inner := false
	for until := k.depth - 1; k.depth > until; {
		t, err := k.token()
		if err != nil {
			return nil, err
		}
		e, ok := t.(xml.StartElement)
		if !ok {
			continue
		}
		switch e.Name.Local {
		case "outerBoundaryIs":
			inner = false
		case "innerBoundaryIs":
			inner = true
		case "coordinates":
			text, err := k.text()
			if err != nil {
				return nil, err
			}
			if g.kind == polygon && !inner { // the outer ring comes first, wherever it stands
				g.runs = append([]string{text}, g.runs...)
			} else {
				g.runs = append(g.runs, text)
			}
		case "Point", "LineString", "Polygon", "MultiGeometry", "LinearRing":
			if g.kind != collection {
				continue // a polygon's own rings
			}
			if depth >= tabular.MaxDepth {
				g.kind = 0
				continue
			}
			member, err := k.geometry(e.Name.Local, depth+1)
			if err != nil {
				return nil, err
			}
			g.members = append(g.members, member)
		}
	}
	return g, nil
}

// write writes the geometry of a placemark.
func (p *placemark) write(g *drawing) (bool, error) {
	p.w.reset(p.w.b[:0])
	return p.w.drawing(g)
}

func (w *writer) drawing(g *drawing) (bool, error) {
	switch {
	case g.kind == 0:
		return false, errUnreadable
	case g.kind == collection:
		return w.drawings(g)
	case len(g.runs) == 0 || strings.TrimSpace(g.runs[0]) == "":
		return false, nil
	case g.kind == point:
		w.head(point)
		n, err := w.tuples(g.runs[0])
		if err == nil && n != 1 {
			err = errUnreadable
		}
		return err == nil, err
	case g.kind == lineString:
		at := w.head(lineString)
		n, err := w.tuples(g.runs[0])
		if err == nil {
			err = w.line(at, n)
		}
		return err == nil, err
	}
	kept, err := w.ringsOf(func(ring func(func() (int, error)) error) error {
		for _, r := range g.runs {
			if err := ring(func() (int, error) { return w.tuples(r) }); err != nil {
				return err
			}
		}
		return nil
	})
	if err == nil && !kept {
		err = errUnreadable
	}
	return kept && err == nil, err
}

// drawings writes the members of a collection, as the kind of several of one when all
// are of the same kind.
func (w *writer) drawings(g *drawing) (bool, error) {
	kind := collection
	for i, m := range g.members {
		if several := m.kind + 3; i == 0 && several <= multiPolygon && m.kind != 0 {
			kind = several
		} else if several != kind {
			kind = collection
			break
		}
	}
	start, n := len(w.b), 0
	at := w.head(kind)
	for _, m := range g.members {
		wrote, err := w.drawing(m)
		if err != nil {
			return false, err
		}
		if wrote {
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

// tuples writes "longitude,latitude,height" separated by space, and gives how many.
func (w *writer) tuples(s string) (int, error) {
	n := 0
	for tuple := range strings.FieldsSeq(s) {
		first, rest, ok := strings.Cut(tuple, ",")
		if !ok {
			return n, errUnreadable
		}
		second, height, _ := strings.Cut(rest, ",")
		x, err1 := strconv.ParseFloat(first, 64)
		y, err2 := strconv.ParseFloat(second, 64)
		if err1 != nil || err2 != nil || x-x != 0 || y-y != 0 {
			return n, errUnreadable
		}
		w.heights = w.heights || isHeight(height)
		if err := w.vertex(x, y); err != nil {
			return n, err
		}
		n++
	}
	return n, nil
}
