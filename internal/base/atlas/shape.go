package atlas

import (
	"encoding/json"
	"math"
)

// Form is what a shape is made of.
type Form string

// The forms.
const (
	Dots  Form = "dots"
	Lines Form = "lines"
	Faces Form = "faces"
)

// Shape is a geometry: the points of its parts in degrees, longitude first.
type Shape struct {
	Form  Form
	Parts [][][2]float64
}

// geometry is a geometry of GeoJSON.
type geometry struct {
	Type        string          `json:"type"`
	Coordinates json.RawMessage `json:"coordinates"`
	Geometries  []geometry      `json:"geometries"`
}

// ShapeOf reads a geometry of GeoJSON; of a collection, those parts that are like its
// first. It is false for what is none, and for an empty one.
func ShapeOf(geojson string) (Shape, bool) {
	var g geometry
	if json.Unmarshal([]byte(geojson), &g) != nil {
		return Shape{}, false
	}
	return g.shape(0)
}

// maxNested is how deep collections may lie in each other.
const maxNested = 8

func (g geometry) shape(depth int) (Shape, bool) {
	s := Shape{}
	switch g.Type {
	case "Point", "MultiPoint":
		s.Form = Dots
	case "LineString", "MultiLineString":
		s.Form = Lines
	case "Polygon", "MultiPolygon":
		s.Form = Faces
	case "GeometryCollection":
		if depth > maxNested {
			return s, false
		}
		for _, one := range g.Geometries {
			part, ok := one.shape(depth + 1)
			if ok && (s.Form == "" || s.Form == part.Form) {
				s.Form, s.Parts = part.Form, append(s.Parts, part.Parts...)
			}
		}
		return s, len(s.Parts) > 0
	}
	var c any
	if json.Unmarshal(g.Coordinates, &c) != nil {
		return s, false
	}
	s.collect(c)
	return s, s.Form != "" && len(s.Parts) > 0
}

// collect takes the points out of lists of lists, whatever their depth, and gives their
// point when it is one.
func (s *Shape) collect(c any) (p [2]float64, is bool) {
	list, ok := c.([]any)
	if !ok || len(list) == 0 {
		return p, false
	}
	if x, ok := list[0].(float64); ok {
		if len(list) < 2 {
			return p, false
		}
		y, ok := list[1].(float64)
		if s.Form == Dots && ok {
			s.Parts = append(s.Parts, [][2]float64{{x, y}})
		}
		return [2]float64{x, y}, ok
	}
	var part [][2]float64
	for _, one := range list {
		if p, is := s.collect(one); is {
			part = append(part, p)
		}
	}
	if len(part) > 1 && s.Form != Dots {
		s.Parts = append(s.Parts, part)
	}
	return p, false
}

// Middle is a point of a shape.
func (s Shape) Middle() (lon, lat float64) {
	low, high := [2]float64{math.Inf(1), math.Inf(1)}, [2]float64{math.Inf(-1), math.Inf(-1)}
	for _, part := range s.Parts {
		for _, v := range part {
			low[0], low[1] = math.Min(low[0], v[0]), math.Min(low[1], v[1])
			high[0], high[1] = math.Max(high[0], v[0]), math.Max(high[1], v[1])
		}
	}
	return (low[0] + high[0]) / 2, (low[1] + high[1]) / 2
}
