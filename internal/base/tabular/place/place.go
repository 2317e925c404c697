// Package place knows Mexico's states and municipalities: which one a point lies in,
// what they are called and how people write that, their boxes and outlines. What it
// knows is one file, embedded (see FUENTE.md): the framework of the 2020 census,
// simplified for maps of the country, so that a point within some hundred metres of a
// border may fall on its other side, and one on the shore into the sea.
//
// Codes are INEGI's: two digits for a state, five for a municipality.
package place

import (
	"bytes"
	"compress/gzip"
	_ "embed"
	"encoding/json"
	"fmt"
	"math"
	"sort"
	"sync"
)

// Vintage is which list of municipalities this is.
const Vintage = "Marco Geoestadístico, Censo 2020"

//go:embed municipios_2020.topo.json.gz
var packed []byte

// Bounds is a part of the world, in degrees.
type Bounds struct{ West, South, East, North float64 }

// Mexico is the box around the country, islands of the Pacific included.
var Mexico = Bounds{-118.6, 14.4, -86.6, 32.8}

// Holds reports whether a point lies in the box.
func (b Bounds) Holds(lon, lat float64) bool {
	return lon >= b.West && lon <= b.East && lat >= b.South && lat <= b.North
}

// area is a state or municipality.
type area struct {
	code, name string
	polygons   [][][][2]float64 // outer ring first, all closed
	box        Bounds
	edges      slabs
}

// framework is all that is known, made once when it is first asked for.
type framework struct {
	towns, states []*area // by code
	byCode        map[string]*area
	grid          grid
	names         names
}

var load = sync.OnceValue(func() *framework {
	f, err := unpack(packed)
	if err != nil {
		panic("place: the embedded framework does not open: " + err.Error())
	}
	return f
})

func unpack(packed []byte) (*framework, error) {
	r, err := gzip.NewReader(bytes.NewReader(packed))
	if err != nil {
		return nil, err
	}
	var t topology
	if err := json.NewDecoder(r).Decode(&t); err != nil {
		return nil, err
	}
	t.place()
	f := &framework{byCode: map[string]*area{}}
	parts := map[string][][]int{} // rings as arcs, by state
	official := map[string]string{}
	for _, g := range t.Objects.Towns.Geometries {
		a := &area{code: g.Properties.Code, name: g.Properties.Town}
		list, err := g.rings()
		if err != nil {
			return nil, err
		}
		if len(a.code) != 5 || len(list) == 0 {
			return nil, fmt.Errorf("municipality %q has no code or no outline", a.code)
		}
		for _, p := range list {
			var polygon [][][2]float64
			for _, ring := range p {
				polygon = append(polygon, t.join(ring))
				parts[a.code[:2]] = append(parts[a.code[:2]], ring)
			}
			a.polygons = append(a.polygons, polygon)
		}
		official[a.code[:2]] = g.Properties.State
		f.towns = append(f.towns, a)
	}
	for code, rings := range parts {
		f.states = append(f.states, &area{code: code, name: official[code], polygons: t.dissolve(rings)})
	}
	f.finish()
	return f, nil
}

// finish sorts what was read and makes what answers quickly.
func (f *framework) finish() {
	for _, list := range [][]*area{f.states, f.towns} {
		sort.Slice(list, func(i, k int) bool { return list[i].code < list[k].code })
		for _, a := range list {
			a.measure()
			f.byCode[a.code] = a
		}
	}
	f.grid = newGrid(f.towns)
	f.names = newNames(f.states, f.towns)
}

// measure finds the box of an area.
func (a *area) measure() {
	a.box = Bounds{math.Inf(1), math.Inf(1), math.Inf(-1), math.Inf(-1)}
	for _, p := range a.polygons {
		for _, v := range p[0] {
			a.box.West, a.box.East = min(a.box.West, v[0]), max(a.box.East, v[0])
			a.box.South, a.box.North = min(a.box.South, v[1]), max(a.box.North, v[1])
		}
	}
}

// At is the code of the municipality that a point lies in; its first two digits are the
// state's. It is false at sea and abroad.
func At(lon, lat float64) (mun string, ok bool) {
	if !Mexico.Holds(lon, lat) {
		return "", false
	}
	a := load().grid.at(lon, lat)
	if a == nil {
		return "", false
	}
	return a.code, true
}

// State is the common name of a state.
func State(code string) (name string, ok bool) { return named(code, 2) }

// Municipality is the name of a municipality.
func Municipality(code string) (name string, ok bool) { return named(code, 5) }

// Name is that of a state or a municipality.
func Name(code string) (name string, ok bool) { return named(code, len(code)) }

func named(code string, digits int) (string, bool) {
	a := load().byCode[code]
	if len(code) != digits || a == nil {
		return "", false
	}
	return a.name, true
}

// Place is a state or municipality in a list.
type Place struct{ Code, Name string }

// States are the 32 states, by code.
func States() []Place { return listed(load().states) }

// Towns are the municipalities of a state, by code; none for an unknown one.
func Towns(state string) []Place {
	all := load().towns
	from := sort.Search(len(all), func(i int) bool { return all[i].code[:2] >= state })
	to := sort.Search(len(all), func(i int) bool { return all[i].code[:2] > state })
	return listed(all[from:to])
}

func listed(areas []*area) []Place {
	out := make([]Place, len(areas))
	for i, a := range areas {
		out[i] = Place{a.code, a.name}
	}
	return out
}

// Box is the box around a state or municipality, in degrees.
func Box(code string) (west, south, east, north float64, ok bool) {
	a := load().byCode[code]
	if a == nil {
		return 0, 0, 0, 0, false
	}
	return a.box.West, a.box.South, a.box.East, a.box.North, true
}
