package vegalite

import (
	"encoding/json"
	"maps"
	"math"
	"slices"

	"github.com/paulmach/orb"
	"github.com/paulmach/orb/encoding/wkb"

	"plaza/internal/base/plot"
	"plaza/internal/base/tabular/place"
	"plaza/internal/section/tool/reckon"
)

// mapHeight is how tall maps are, in pixels.
const mapHeight = 480

// shapes are areas in the colour of their class. The shapes are the document's data; the
// Result's rows are joined by their codes.
func (w *writer) shapes() object {
	code, color := w.column(reckon.RolePlace), w.column(reckon.RoleColor)
	if code == nil || color == nil {
		return w.empty()
	}
	features := []object{}
	for _, f := range w.features() {
		features = append(features, object{"type": "Feature", "properties": object{"clave": f.code, "nombre": f.name}, "geometry": object{"type": f.shape.GeoJSONType(), "coordinates": f.shape}})
	}
	fields := []string{}
	for _, c := range w.Result.Columns {
		if c.Name != code.Name {
			fields = append(fields, w.field(c))
		}
	}
	w.transform = append(w.transform, object{"lookup": "properties.clave", "from": object{"data": w.data(), "key": w.field(*code), "fields": fields}})
	return object{
		"data": object{"values": object{"type": "FeatureCollection", "features": features}, "format": object{"property": "features"}},
		"mark": object{"type": "geoshape", "stroke": plot.Light.Hex(plot.InkGround, ""), "strokeWidth": 0.5, "invalid": "show"},
		"encoding": object{
			"color":   w.classes(*color),
			"tooltip": []object{{"field": "properties.nombre", "type": "nominal", "title": w.words.Title(*code)}, w.tooltip(*color)},
		},
		"projection": object{"type": "mercator"}, "width": width, "height": mapHeight,
		"config": object{"scale": object{"invalid": object{"color": object{"value": plot.Light.Hex(plot.InkNoValue, "")}}}},
	}
}

type feature struct {
	code, name string
	shape      orb.Geometry
}

// features are the shapes of a map: those of a resource, or states or municipalities. A shape
// that cannot be read is left out.
func (w *writer) features() []feature {
	var out []feature
	add := func(code string, shape orb.Geometry, err error) {
		if err != nil || shape == nil {
			return
		}
		name := w.Result.Names[code]
		if name == "" {
			if name, _ = place.Name(code); name == "" {
				name = code
			}
		}
		out = append(out, feature{code, name, turned(shape)})
	}
	if len(w.Result.Shapes) > 0 {
		for _, code := range slices.Sorted(maps.Keys(w.Result.Shapes)) {
			shape, err := readShape(w.Result.Shapes[code])
			add(code, shape, err)
		}
		return out
	}
	for _, code := range w.places() {
		body, ok := place.Outline(code)
		if !ok {
			continue
		}
		shape, err := wkb.Unmarshal(body)
		add(code, shape, err)
	}
	return out
}

// readShape reads a polygon or several of GeoJSON; nil is any other shape.
func readShape(text string) (orb.Geometry, error) {
	var g struct {
		Type        string          `json:"type"`
		Coordinates json.RawMessage `json:"coordinates"`
	}
	if err := json.Unmarshal([]byte(text), &g); err != nil {
		return nil, err
	}
	switch g.Type {
	case "Polygon":
		var p orb.Polygon
		err := json.Unmarshal(g.Coordinates, &p)
		return p, err
	case "MultiPolygon":
		var m orb.MultiPolygon
		err := json.Unmarshal(g.Coordinates, &m)
		return m, err
	}
	return nil, nil
}

// places are the codes of a map of states or municipalities.
func (w *writer) places() []string {
	var out []string
	for _, state := range place.States() {
		if w.view.Within != "" && w.view.Within != state.Code {
			continue
		}
		if w.view.Geo == "states" {
			out = append(out, state.Code)
			continue
		}
		for _, town := range place.Towns(state.Code) {
			out = append(out, town.Code)
		}
	}
	return out
}

// turned gives the rings of polygons the direction that Vega wants, clockwise without and
// against it within, which is not that of GeoJSON: else an area is all the world around it.
// Places are written to about ten metres.
func turned(g orb.Geometry) orb.Geometry {
	switch g := g.(type) {
	case orb.Polygon:
		return turnedPolygon(g)
	case orb.MultiPolygon:
		out := make(orb.MultiPolygon, len(g))
		for i, one := range g {
			out[i] = turnedPolygon(one)
		}
		return out
	}
	return g
}

func turnedPolygon(p orb.Polygon) orb.Polygon {
	out := make(orb.Polygon, len(p))
	for i, ring := range p {
		want := orb.CW
		if i > 0 {
			want = orb.CCW
		}
		out[i] = rounded(ring)
		if out[i].Orientation() != want {
			out[i].Reverse()
		}
	}
	return out
}

func rounded(ring orb.Ring) orb.Ring {
	out := make(orb.Ring, len(ring))
	for i, p := range ring {
		out[i] = orb.Point{math.Round(p[0]*1e4) / 1e4, math.Round(p[1]*1e4) / 1e4}
	}
	return out
}

// circles are places by their degrees.
func (w *writer) circles() object {
	lon, lat := w.column(reckon.RoleLongitude), w.column(reckon.RoleLatitude)
	if lon == nil || lat == nil {
		return w.empty()
	}
	w.names()
	encoding := object{
		"longitude": object{"field": w.field(*lon), "type": "quantitative"},
		"latitude":  object{"field": w.field(*lat), "type": "quantitative"},
		"tooltip":   w.tooltips(),
	}
	if size := w.column(reckon.RoleSize); size != nil {
		encoding["size"] = w.size(*size)
	}
	if color := w.column(reckon.RoleColor); color != nil {
		encoding["color"] = w.series(*color)
	}
	mark := object{"type": "circle", "opacity": 0.7}
	if w.view.Toned() {
		mark["color"] = plot.Light.Hex(plot.ToneInk(0, 1), w.view.Palette)
	}
	return object{
		"mark": mark, "encoding": encoding,
		"projection": object{"type": "mercator"}, "width": width, "height": mapHeight,
	}
}
