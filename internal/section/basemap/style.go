package basemap

import (
	"net/http"

	"plaza/internal/plaza"
)

// colours are those of a map, by what they are for. They are the palette of the pages
// (ui/css/tokens.css), told apart in grey too.
type colours struct {
	sea, abroad, land, state, town, coast, name, halo string
}

// themes are the colours by day and by night.
var themes = map[string]colours{
	"claro":  {sea: "#e7ecf8", abroad: "#efe6d8", land: "#fbf7f0", state: "#8c7b68", town: "#cdbfac", coast: "#5f554b", name: "#211a14", halo: "#fbf7f0"},
	"oscuro": {sea: "#100c09", abroad: "#241d17", land: "#2d251e", state: "#8f7f6f", town: "#54473b", coast: "#bcae9f", name: "#f4ebdf", halo: "#17120e"},
}

// object is a part of a style, which is JSON by nature.
type object map[string]any

// style answers with a style for MapLibre. It names no glyphs: text is drawn with the
// letters of the reader's own machine then, and no server of letters is needed.
func (s *Section) style(w http.ResponseWriter, r *http.Request) error {
	theme := r.URL.Query().Get("tema")
	if theme == "" {
		theme = "claro"
	}
	c, ok := themes[theme]
	if !ok {
		return plaza.E(plaza.Invalid, "basemap.error.theme")
	}
	l := s.shell.Printer(r)
	source := func(layer string) object {
		return object{"type": "vector", "tiles": []string{s.shell.URL(TilePath(layer))}, "minzoom": 0, "maxzoom": nearest, "bounds": []float64{-130, 5, -72, 42},
			"promoteId": object{LayerStates: "c", LayerTowns: "c"}, "attribution": l.T("basemap.attribution")}
	}
	return answer(w, object{
		"version": 8,
		"name":    l.T("basemap.name"),
		"center":  []float64{-102.4, 23.8},
		"zoom":    4,
		// what the script says of the map, in the reader's language
		"metadata": object{"plaza": words(l)},
		"sources":  object{LayerGround: source(LayerGround), LayerTowns: source(LayerTowns)},
		"layers":   layers(c),
	})
}

// nearest is the last zoom whose tiles are asked for: those of nearer ones show no more
// of outlines that are some hundred metres true.
const nearest = 10

// layers is what is drawn, from below. What is counted by place goes under "limites".
func layers(c colours) []object {
	faces := func(id, layer, colour string, filter any) object {
		o := object{"id": id, "type": "fill", "source": LayerGround, "source-layer": layer, "paint": object{"fill-color": colour, "fill-antialias": layer != LayerLand}}
		return with(o, filter)
	}
	lines := func(id, layer, colour string, width any, filter any) object {
		o := object{"id": id, "type": "line", "source": LayerGround, "source-layer": layer, "layout": object{"line-cap": "round", "line-join": "round"},
			"paint": object{"line-color": colour, "line-width": width}}
		return with(o, filter)
	}
	is := func(name string, value any) []any { return []any{"==", []any{"get", name}, value} }
	return []object{
		{"id": "mar", "type": "background", "paint": object{"background-color": c.sea}},
		faces("vecinos", LayerLand, c.abroad, is("k", "tierra")),
		// as wide on the ground at each zoom: some kilometres, by which the outlines part
		lines("costura", LayerLand, c.abroad, []any{"interpolate", []any{"exponential", 2}, []any{"zoom"}, 4, 1, 14, 1024}, is("k", "costura")),
		lines("fronteras", LayerLand, c.state, 0.7, is("k", "frontera")),
		faces("estados", LayerStates, c.land, nil),
		lines("limites-municipios", LayerLimits, c.town, byZoom(5, 0.3, 10, 1), is("n", 3)),
		lines("limites-estados", LayerLimits, c.state, byZoom(3, 0.5, 10, 1.8), is("n", 2)),
		lines("limites-pais", LayerLimits, c.coast, byZoom(3, 0.5, 10, 1.4), is("n", 1)),
		names("nombres-municipios", "municipio", c, byZoom(7, 11, 12, 15), 400),
		names("nombres-estados", "estado", c, byZoom(3, 10, 8, 17), 600),
	}
}

func with(o object, filter any) object {
	if filter != nil {
		o["filter"] = filter
	}
	return o
}

// byZoom grows from one size to another between two zooms.
func byZoom(from, small, to, large float64) []any {
	return []any{"interpolate", []any{"linear"}, []any{"zoom"}, from, small, to, large}
}

// names writes the names of a kind of place, the largest places first.
func names(id, kind string, c colours, size any, weight int) object {
	o := object{"id": id, "type": "symbol", "source": LayerGround, "source-layer": LayerNames,
		"filter": []any{"==", []any{"get", "k"}, kind},
		"layout": object{"text-field": []any{"get", "name"}, "text-size": size, "text-max-width": 7, "symbol-sort-key": []any{"get", "rank"}, "text-padding": 4,
			"text-font": []string{"Atkinson Hyperlegible Next, sans-serif"}},
		"paint": object{"text-color": c.name, "text-halo-color": c.halo, "text-halo-width": 1.5}}
	if weight >= 600 {
		o["layout"].(object)["text-letter-spacing"] = 0.04
	}
	return o
}
