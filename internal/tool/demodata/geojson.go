package main

import (
	"encoding/json"
	"strconv"
	"strings"
)

// featureProperties writes one table row as a JSON object.
func featureProperties(cols, row []string) string {
	var b strings.Builder
	b.WriteByte('{')
	for i, c := range cols {
		if i > 0 {
			b.WriteByte(',')
		}
		k, _ := json.Marshal(c)
		b.Write(k)
		b.WriteByte(':')
		b.Write(jsonCell(row[i]))
	}
	b.WriteByte('}')
	return b.String()
}

func pointFeature(cols, row []string, lon, lat float64) string {
	return `{"type":"Feature","properties":` + featureProperties(cols, row) +
		`,"geometry":{"type":"Point","coordinates":[` + coord(lon) + `,` + coord(lat) + `]}}`
}

// coord keeps six decimals, about a tenth of a metre.
func coord(v float64) string { return strconv.FormatFloat(round(v, 6), 'f', -1, 64) }

// line writes [lon, lat] pairs as the coordinates of a LineString.
func line(points [][]float64) string {
	parts := make([]string, len(points))
	for i, p := range points {
		parts[i] = "[" + coord(p[0]) + "," + coord(p[1]) + "]"
	}
	return "[" + strings.Join(parts, ",") + "]"
}

func (w *writer) geojson(name string, features []string, o origin) error {
	data := `{"type":"FeatureCollection","features":[` + "\n" + strings.Join(features, ",\n") + "\n]}\n"
	return w.put(name, []byte(data), fileInfo{Source: o.source, How: o.how, Encoding: "utf-8", Rows: len(features)})
}
