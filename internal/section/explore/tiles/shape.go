package tiles

import (
	"encoding/json"

	"github.com/paulmach/orb"
	"github.com/paulmach/orb/simplify"

	"plaza/internal/base/tile"
)

// tolerance is by how many units a shape may leave its true line: half a pixel.
const tolerance = 4

// maxNested is how deep collections of shapes may lie in each other.
const maxNested = 8

// geometry is a geometry of GeoJSON.
type geometry struct {
	Type        string          `json:"type"`
	Coordinates json.RawMessage `json:"coordinates"`
	Geometries  []geometry      `json:"geometries"`
}

// parts are what a geometry is made of, in degrees.
type parts struct {
	dots  orb.MultiPoint
	lines orb.MultiLineString
	faces orb.MultiPolygon
}

// collect takes a geometry apart; what is none is left out.
func (p *parts) collect(g geometry, depth int) {
	read := func(v any) bool { return json.Unmarshal(g.Coordinates, v) == nil }
	var (
		dot  orb.Point
		line orb.LineString
		face orb.Polygon
		many parts
	)
	switch {
	case g.Type == "Point" && read(&dot):
		p.dots = append(p.dots, dot)
	case g.Type == "MultiPoint" && read(&many.dots):
		p.dots = append(p.dots, many.dots...)
	case g.Type == "LineString" && read(&line):
		p.lines = append(p.lines, line)
	case g.Type == "MultiLineString" && read(&many.lines):
		p.lines = append(p.lines, many.lines...)
	case g.Type == "Polygon" && read(&face):
		p.faces = append(p.faces, face)
	case g.Type == "MultiPolygon" && read(&many.faces):
		p.faces = append(p.faces, many.faces...)
	case g.Type == "GeometryCollection" && depth < maxNested:
		for _, one := range g.Geometries {
			p.collect(one, depth+1)
		}
	}
}

// shape draws the geometry of one row, from its GeoJSON.
func (d *square) shape(text string, shapes, dots *tile.Layer, said []tile.Prop) {
	var g geometry
	if json.Unmarshal([]byte(text), &g) != nil {
		return
	}
	var p parts
	p.collect(g, 0)
	thin := simplify.DouglasPeucker(tolerance)
	var lines orb.MultiLineString
	for _, l := range p.lines {
		if len(l) > 1 {
			lines = append(lines, thin.LineString(d.placed(l)))
		}
	}
	var faces orb.MultiPolygon
	for _, f := range p.faces {
		var face orb.Polygon
		for _, ring := range f {
			if len(ring) > 3 {
				face = append(face, orb.Ring(thin.LineString(d.placed(orb.LineString(ring)))))
			}
		}
		if len(face) > 0 {
			faces = append(faces, face)
		}
	}
	if drawn := shapes.Faces(faces, said...); !drawn && len(faces) > 0 {
		d.speck(faces[0][0], dots, said)
	}
	shapes.Lines(lines, said...)
	for _, dot := range d.placed(orb.LineString(p.dots)) {
		if tile.Inside(dot) {
			dots.Point(dot, said...)
		}
	}
}

// speck draws a face that is smaller than can be seen as a point.
func (d *square) speck(ring orb.Ring, dots *tile.Layer, said []tile.Prop) {
	if len(ring) > 0 && tile.Inside(ring[0]) {
		dots.Point(ring[0], said...)
	}
}

// placed are points on the square, in its units.
func (d *square) placed(points []orb.Point) orb.LineString {
	out := make(orb.LineString, len(points))
	for i, p := range points {
		out[i] = d.on.Place(tile.World(p[0], p[1]))
	}
	return out
}
