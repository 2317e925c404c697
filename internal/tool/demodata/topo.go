package main

import (
	"fmt"
	"math"
)

// topology is the part of a TopoJSON file that is needed to rebuild polygons.
type topology struct {
	Transform struct {
		Scale     [2]float64 `json:"scale"`
		Translate [2]float64 `json:"translate"`
	} `json:"transform"`
	Objects map[string]struct {
		Geometries []struct {
			ID         string         `json:"id"`
			Type       string         `json:"type"`
			Arcs       any            `json:"arcs"`
			Properties map[string]any `json:"properties"`
		} `json:"geometries"`
	} `json:"objects"`
	Arcs [][][2]float64 `json:"arcs"`
}

// shape is one area: polygons, each an outer ring and its holes.
type shape struct {
	id                     string
	props                  map[string]any
	polygons               [][][][2]float64
	minX, minY, maxX, maxY float64
}

func (s *shape) text(key string) string { return fmt.Sprint(s.props[key]) }

func readTopo(s source, name, object string) ([]*shape, error) {
	var t topology
	if err := s.json(name, &t); err != nil {
		return nil, err
	}
	arcs := make([][][2]float64, len(t.Arcs))
	for i, a := range t.Arcs {
		var x, y float64
		for _, d := range a {
			x, y = x+d[0], y+d[1]
			arcs[i] = append(arcs[i], [2]float64{x*t.Transform.Scale[0] + t.Transform.Translate[0], y*t.Transform.Scale[1] + t.Transform.Translate[1]})
		}
	}
	var out []*shape
	for _, g := range t.Objects[object].Geometries {
		sh := &shape{id: g.ID, props: g.Properties, minX: 999, minY: 999, maxX: -999, maxY: -999}
		polygons := []any{g.Arcs}
		if g.Type == "MultiPolygon" {
			polygons = g.Arcs.([]any)
		}
		for _, p := range polygons {
			var poly [][][2]float64
			for _, ring := range p.([]any) {
				poly = append(poly, sh.ring(arcs, ring.([]any)))
			}
			sh.polygons = append(sh.polygons, poly)
		}
		out = append(out, sh)
	}
	return out, nil
}

// ring joins the arcs of one ring; a negative number means backwards.
func (s *shape) ring(arcs [][][2]float64, ids []any) [][2]float64 {
	var ring [][2]float64
	for _, id := range ids {
		n := int(id.(float64))
		var part [][2]float64
		if n >= 0 {
			part = arcs[n]
		} else {
			a := arcs[^n]
			for i := len(a) - 1; i >= 0; i-- {
				part = append(part, a[i])
			}
		}
		if len(ring) > 0 {
			part = part[1:]
		}
		ring = append(ring, part...)
	}
	for _, p := range ring {
		s.minX, s.maxX = math.Min(s.minX, p[0]), math.Max(s.maxX, p[0])
		s.minY, s.maxY = math.Min(s.minY, p[1]), math.Max(s.maxY, p[1])
	}
	return ring
}

// contains reports whether a point lies inside, by the even-odd rule over all
// rings, so that holes count as outside.
func (s *shape) contains(x, y float64) bool {
	if x < s.minX || x > s.maxX || y < s.minY || y > s.maxY {
		return false
	}
	in := false
	for _, poly := range s.polygons {
		for _, r := range poly {
			for i, j := 0, len(r)-1; i < len(r); j, i = i, i+1 {
				if (r[i][1] > y) != (r[j][1] > y) && x < (r[j][0]-r[i][0])*(y-r[i][1])/(r[j][1]-r[i][1])+r[i][0] {
					in = !in
				}
			}
		}
	}
	return in
}

// feature writes the shape as a GeoJSON feature.
func (s *shape) feature(cols, row []string) string {
	out := `{"type":"Feature","properties":` + featureProperties(cols, row) + `,"geometry":{"type":"MultiPolygon","coordinates":[`
	for i, poly := range s.polygons {
		if i > 0 {
			out += ","
		}
		out += "["
		for j, r := range poly {
			if j > 0 {
				out += ","
			}
			points := make([][]float64, len(r))
			for k, p := range r {
				points[k] = []float64{round(p[0], 4), round(p[1], 4)}
			}
			out += line(points)
		}
		out += "]"
	}
	return out + "]}}"
}
