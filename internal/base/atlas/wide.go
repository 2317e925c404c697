package atlas

import (
	"math"
	"sync"

	"plaza/internal/base/tabular/place"
)

// Wide is the same picture made a number of units wide.
func (c Canvas) Wide(width float64) Canvas {
	part := width / Width
	c.scale *= part
	c.Height = math.Round(c.Height * part)
	return c
}

// drawn are the areas of a picture.
type drawn struct {
	canvas Canvas
	level  place.Level
	within string
}

// made keeps the outlines of the pictures that are drawn most: they are the same for all
// tables.
var made = struct {
	sync.Mutex
	areas map[drawn][]Area
}{areas: map[drawn][]Area{}}

// mostMade is how many pictures' outlines are kept; one of all municipalities has some 300 KB.
const mostMade = 24

// Areas are the states, or the municipalities of a state or, without one, of the country,
// of which a picture shows a part.
func (c Canvas) Areas(level place.Level, within string) []Area {
	key := drawn{c, level, within}
	made.Lock()
	defer made.Unlock()
	if areas, ok := made.areas[key]; ok {
		return areas
	}
	var list []place.Place
	switch {
	case level == place.StateLevel:
		list = place.States()
	case within != "":
		list = place.Towns(within)
	default:
		for _, s := range place.States() {
			list = append(list, place.Towns(s.Code)...)
		}
	}
	areas := c.areas(list, place.Name)
	if len(made.areas) >= mostMade {
		clear(made.areas)
	}
	made.areas[key] = areas
	return areas
}
