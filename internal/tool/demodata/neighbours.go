package main

import (
	"bytes"
	"encoding/json"
	"math"
	"os"
	"path/filepath"

	"github.com/paulmach/orb"
	"github.com/paulmach/orb/clip"
	"github.com/paulmach/orb/planar"
)

// around is the part of the world whose countries are drawn around Mexico: a little more
// than a map can be moved to.
var around = orb.Bound{Min: orb.Point{-130, 5}, Max: orb.Point{-72, 42}}

// smallest is the size of islands that are left out, in square degrees: some hundred
// square kilometres.
const smallest = 0.01

// country is one country as package basemap reads it: rings are steps in thousandths of a
// degree.
type country struct {
	Code  string         `json:"code"`
	Faces [][][][2]int64 `json:"faces"`
}

// makeNeighbours writes the countries around Mexico that package basemap embeds, cut to
// what its maps show.
func makeNeighbours(atlas, dir string) error {
	countries, err := readTopo(source(atlas), "countries-10m.json", "countries")
	if err != nil {
		return err
	}
	var out []country
	for _, c := range countries {
		one := country{Code: c.id}
		for _, p := range c.polygons {
			if face := near(p); len(face) > 0 {
				one.Faces = append(one.Faces, face)
			}
		}
		if len(one.Faces) > 0 {
			out = append(out, one)
		}
	}
	var b bytes.Buffer
	if err := json.NewEncoder(&b).Encode(out); err != nil {
		return err
	}
	packed, err := pack(b.Bytes())
	if err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(dir, "vecinos.json.gz"), packed, 0o644) //nolint:gosec // public
}

// near is the part of a polygon that lies around Mexico, in steps.
func near(polygon [][][2]float64) (out [][][2]int64) {
	var p orb.Polygon
	for _, r := range polygon {
		var ring orb.Ring
		for _, v := range r {
			ring = append(ring, orb.Point(v))
		}
		p = append(p, ring)
	}
	if !around.Intersects(p.Bound()) {
		return nil
	}
	cut := clip.Polygon(around, p)
	if planar.Area(cut) < smallest {
		return nil
	}
	for _, ring := range cut {
		if steps := stepsOf(ring); len(steps) >= 4 {
			out = append(out, steps)
		}
	}
	return out
}

// stepsOf writes a ring as its first point and steps from there, without those that go
// nowhere.
func stepsOf(ring orb.Ring) (steps [][2]int64) {
	var at [2]int64
	for i, v := range ring {
		to := [2]int64{int64(math.Round(v[0] * 1000)), int64(math.Round(v[1] * 1000))}
		if i > 0 && to == at {
			continue
		}
		steps = append(steps, [2]int64{to[0] - at[0], to[1] - at[1]})
		at = to
	}
	return steps
}
