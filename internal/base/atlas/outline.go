package atlas

import (
	"encoding/binary"
	"math"
	"sync"

	"plaza/internal/base/tabular/place"
)

// Area is the outline of a state or municipality on a picture.
type Area struct {
	Code string
	Name string
	Path string
}

// Country is the picture of all states. It is made once.
var Country = sync.OnceValues(func() (Canvas, []Area) {
	c := New(Pad(place.Mexico, 0.01))
	return c, c.areas(place.States(), place.State)
})

// States are those states that a picture shows a part of.
func (c Canvas) States() []Area {
	if country, areas := Country(); country == c {
		return areas
	}
	return c.areas(place.States(), place.State)
}

// Towns are those municipalities of a state that a picture shows a part of.
func (c Canvas) Towns(state string) []Area {
	return c.areas(place.Towns(state), place.Municipality)
}

// Holds reports whether a picture shows a part of a state or municipality.
func (c Canvas) Holds(code string) bool {
	west, south, east, north, ok := place.Box(code)
	return ok && west <= c.Box.East && east >= c.Box.West && south <= c.Box.North && north >= c.Box.South
}

func (c Canvas) areas(places []place.Place, name func(string) (string, bool)) []Area {
	var out []Area
	for _, p := range places {
		if !c.Holds(p.Code) {
			continue
		}
		wkb, ok := place.Outline(p.Code)
		if !ok {
			continue
		}
		a := Area{Code: p.Code, Path: c.Path(rings(wkb), true)}
		a.Name, _ = name(p.Code)
		if a.Path != "" { // its box alone was in sight
			out = append(out, a)
		}
	}
	return out
}

// rings reads the polygons of package place: little-endian, without heights.
func rings(b []byte) (out [][][2]float64) {
	word := func() int {
		n := binary.LittleEndian.Uint32(b)
		b = b[4:]
		return int(n)
	}
	polygon := func() {
		b = b[5:] // byte order and kind
		for range word() {
			ring := make([][2]float64, word())
			for i := range ring {
				ring[i] = [2]float64{math.Float64frombits(binary.LittleEndian.Uint64(b)), math.Float64frombits(binary.LittleEndian.Uint64(b[8:]))}
				b = b[16:]
			}
			out = append(out, ring)
		}
	}
	const several = 6
	if binary.LittleEndian.Uint32(b[1:]) == several {
		b = b[5:]
		for range word() {
			polygon()
		}
		return out
	}
	polygon()
	return out
}
