package showing

import (
	"encoding/json"
	"fmt"
	"net/url"
	"strconv"

	"plaza/internal/base/atlas"
	"plaza/internal/base/plot"
	"plaza/internal/base/tabular/place"
	"plaza/internal/section/tool/drawing"
	"plaza/internal/section/tool/reckon"
	"plaza/internal/section/tool/spec"
	"plaza/internal/section/tool/wording"
)

// stylePath is the style of interactive maps (package basemap).
const stylePath = "/mapa/estilo.json"

// mapOf is what an interactive map of a view needs; nil where there is none: outside of the
// framework, and where the view has no address yet.
func mapOf(a Asked) *Map {
	if a.Path == "" {
		return nil
	}
	query := ""
	if len(a.Reader) > 0 {
		query = "?" + a.Reader.Encode()
	}
	m := &Map{Style: stylePath + "?lang=" + a.L.Lang()[:2], Values: a.Path + "/mapa.json" + query}
	switch {
	case a.View.Kind() == spec.KindPoints:
		m.Level = "puntos"
		if box, ok := drawing.Around(a.Result); ok {
			m.Box = degrees(box)
		}
	case a.View.Mark == spec.GeoShape && a.View.Geo == "states":
		m.Level = "estados"
	case a.View.Mark == spec.GeoShape && a.View.Geo == "municipalities":
		m.Level = "municipios"
	default:
		return nil
	}
	if _, c, ok := wording.Column(a.Result, reckon.RolePlace); ok {
		m.Column = c.Field
	}
	if w, s, e, n, ok := place.Box(a.View.Within); ok {
		m.Box = degrees(place.Bounds{West: w, South: s, East: e, North: n})
	}
	return m
}

func degrees(b place.Bounds) string {
	b = atlas.Pad(b, 0.03)
	return fmt.Sprintf("%.3f,%.3f,%.3f,%.3f", b.West, b.South, b.East, b.North)
}

// values is what an interactive map paints over its shapes.
type values struct {
	Classes []mapClass        `json:"classes"`
	Values  map[string][2]any `json:"values"`
	Tiles   *string           `json:"tiles"`
}

type mapClass struct {
	Label string `json:"label"`
	Color string `json:"color"`
}

// MapValues are the values of a view for an interactive map, apart from its shapes.
func MapValues(a Asked) ([]byte, error) {
	out := values{Classes: []mapClass{}, Values: map[string][2]any{}}
	if a.View.Kind() == spec.KindPoints {
		out.Tiles = tilesOf(a)
		if a.View.Toned() {
			out.Classes = append(out.Classes, mapClass{Color: token(plot.Class{Tone: 4}, a.View.Palette)})
		}
		return json.Marshal(out)
	}
	c := drawing.Chart(drawing.Asked{L: a.L, View: a.View, Result: a.Result, Width: Wide})
	palette := a.View.Palette
	for _, k := range c.Classes {
		out.Classes = append(out.Classes, mapClass{k.Label, token(k, palette)})
	}
	i, _, ok := wording.Column(a.Result, reckon.RolePlace)
	if !ok || len(c.Panels) == 0 {
		return json.Marshal(out)
	}
	for _, m := range c.Panels[0].Marks {
		if m.Row >= 0 {
			out.Values[a.Result.Rows[m.Row][i].Text] = [2]any{m.Class, m.Text}
		}
	}
	return json.Marshal(out)
}

// token is the name of a class's colour among those of the style sheet.
func token(k plot.Class, palette string) string {
	switch {
	case k.Diverges:
		return "--color-diverge-" + strconv.Itoa(k.Tone+3)
	case palette == "" || palette == plot.Indigo:
		return "--color-scale-" + strconv.Itoa(k.Tone)
	}
	return "--color-" + palette + "-" + strconv.Itoa(k.Tone)
}

// tilesOf is the address of the squares of a view's points, under the same conditions.
func tilesOf(a Asked) *string {
	src, ok := a.Spec.Source(a.View.Source)
	if !ok {
		return nil
	}
	for _, s := range a.Result.Stamps {
		if s.Source != src.Name {
			continue
		}
		q := url.Values{"version": {strconv.Itoa(s.Version)}}
		for k, list := range a.Chosen() {
			q[k] = list
		}
		if src.Table > 1 {
			q.Set("hoja", strconv.Itoa(src.Table))
		}
		address := s.Path + "/mosaicos/{z}/{x}/{y}?" + q.Encode()
		return &address
	}
	return nil
}
