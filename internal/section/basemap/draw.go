package basemap

import (
	"github.com/paulmach/orb"

	"plaza/internal/base/tile"
)

// The layers. LayerGround is all that any map shows, in one tile: the others but the
// municipalities, which only some maps do.
const (
	LayerGround = "fondo"
	LayerStates = "estados"
	LayerTowns  = "municipios"
	LayerLimits = "limites"
	LayerNames  = "nombres"
	LayerLand   = "base"
)

// The zooms from which on names and borders are shown.
const (
	zoomStateNames = 3
	zoomTownNames  = 7
	zoomTownLimits = 5
)

// drawn makes each layer of a tile.
var drawn = map[string]func(w *world, on tile.Tile) []*tile.Layer{
	LayerGround: func(w *world, on tile.Tile) []*tile.Layer {
		return []*tile.Layer{w.land(on), areas(w.mexico, w.states, LayerStates, on), w.limits(on), w.names(on)}
	},
	LayerStates: func(w *world, on tile.Tile) []*tile.Layer {
		return []*tile.Layer{areas(w.mexico, w.states, LayerStates, on)}
	},
	LayerTowns: func(w *world, on tile.Tile) []*tile.Layer {
		return []*tile.Layer{areas(w.mexico, w.towns, LayerTowns, on)}
	},
	LayerLimits: func(w *world, on tile.Tile) []*tile.Layer { return []*tile.Layer{w.limits(on)} },
	LayerNames:  func(w *world, on tile.Tile) []*tile.Layer { return []*tile.Layer{w.names(on)} },
	LayerLand:   func(w *world, on tile.Tile) []*tile.Layer { return []*tile.Layer{w.land(on)} },
}

// draw makes a tile of a layer that is one of drawn; nil when nothing is there.
func draw(layer string, on tile.Tile) []byte { return tile.Marshal(drawn[layer](load(), on)...) }

// areas draws shapes, each with its code.
func areas(m *mesh, shapes []shape, name string, on tile.Tile) *tile.Layer {
	l := tile.NewLayer(name)
	here := on.Bound()
	for _, s := range shapes {
		if !s.bound.Intersects(here) {
			continue
		}
		var faces orb.MultiPolygon
		for _, loops := range s.faces {
			faces = append(faces, m.face(loops, on))
		}
		l.Faces(faces, tile.Prop{Name: "c", Value: s.code})
	}
	return l
}

// limits draws the borders, each once: of the country and its coast (n is 1), between
// states (2) and, from nearer, between municipalities (3).
func (w *world) limits(on tile.Tile) *tile.Layer {
	l := tile.NewLayer(LayerLimits)
	here := on.Bound()
	var lines [4]orb.MultiLineString
	for _, b := range w.mexico.borders {
		n := rankOf(b)
		if n == 3 && on.Z < zoomTownLimits || !b.line.bound.Intersects(here) {
			continue
		}
		lines[n] = append(lines[n], b.line.draw(nil, on, false))
	}
	for n := 3; n > 0; n-- { // what matters most is drawn last
		l.Lines(lines[n], tile.Prop{Name: "n", Value: n})
	}
	return l
}

// rankOf says what a border parts.
func rankOf(b border) int {
	switch {
	case len(b.sides) < 2:
		return 1
	case b.sides[0][:2] != b.sides[len(b.sides)-1][:2]: // of a gap that was closed, there may be several
		return 2
	}
	return 3
}

// land draws the land of the countries around and Mexico's by their coarse outlines, and
// two kinds of lines: borders between them, and those with Mexico, which styles paint wide
// in the colour of land, for there the coarse outlines and those of the states part.
func (w *world) land(on tile.Tile) *tile.Layer {
	l := tile.NewLayer(LayerLand)
	here := on.Bound()
	for _, s := range w.countries {
		if s.code == mexico || !s.bound.Intersects(here) {
			continue
		}
		var faces orb.MultiPolygon
		for _, loops := range s.faces {
			faces = append(faces, w.around.face(loops, on))
		}
		l.Faces(faces, tile.Prop{Name: "k", Value: "tierra"})
	}
	var between, seam orb.MultiLineString
	for _, b := range w.around.borders {
		switch {
		case len(b.sides) < 2 || !b.line.bound.Intersects(here):
		case b.sides[0] == mexico || b.sides[1] == mexico:
			seam = append(seam, b.line.draw(nil, on, false))
		default:
			between = append(between, b.line.draw(nil, on, false))
		}
	}
	l.Lines(between, tile.Prop{Name: "k", Value: "frontera"})
	l.Lines(seam, tile.Prop{Name: "k", Value: "costura"})
	return l
}

// names writes names where they belong, with their rank by size: the styles of maps leave
// out those for which there is no room.
func (w *world) names(on tile.Tile) *tile.Layer {
	l := tile.NewLayer(LayerNames)
	for _, one := range w.labels {
		kind := "estado"
		least := uint32(zoomStateNames)
		if len(one.code) == 5 {
			kind, least = "municipio", zoomTownNames
		}
		if at := on.Place(one.at); on.Z >= least && tile.Inside(at) {
			l.Point(at, tile.Prop{Name: "name", Value: one.name}, tile.Prop{Name: "rank", Value: one.rank}, tile.Prop{Name: "k", Value: kind}, tile.Prop{Name: "c", Value: one.code})
		}
	}
	return l
}
