package form

import (
	"encoding/json"
	"io"
	"math"
	"slices"
	"strconv"
	"strings"

	"plaza/internal/base/tabular"
	"plaza/internal/plaza"
)

// features writes a GeoJSON FeatureCollection: the geometry of a row from its column of
// geometries, else from its latitude and longitude; the other columns are properties.
// What is known of the file is its member "about".
type features struct {
	*objects
	shape    int // column of geometries, -1 for none
	lon, lat int // columns of a point, -1
	both     int // column of both, -1
	skip     []bool
}

// Placeable reports whether columns hold what GeoJSON needs.
func Placeable(columns []tabular.Column) bool {
	f := placed(columns)
	return f.shape >= 0 || f.both >= 0 || f.lon >= 0 && f.lat >= 0
}

func placed(columns []tabular.Column) *features {
	find := func(ok func(c tabular.Column) bool) int { return slices.IndexFunc(columns, ok) }
	means := func(m tabular.Meaning, name string) int {
		// the engine's own point is in the one reference system, whatever the file's
		if i := find(func(c tabular.Column) bool { return c.Name == name }); i >= 0 {
			return i
		}
		return find(func(c tabular.Column) bool { return c.Meaning == m && c.Type.Number() })
	}
	return &features{
		shape: find(func(c tabular.Column) bool { return c.Type == tabular.Geometry }),
		lon:   means(tabular.Longitude, tabular.ColumnLon),
		lat:   means(tabular.Latitude, tabular.ColumnLat),
		both:  find(func(c tabular.Column) bool { return c.Meaning == tabular.LatLon || c.Meaning == tabular.LonLat }),
	}
}

func newGeoJSON(w io.Writer, about map[string]string, columns []tabular.Column) (*features, error) {
	if !Placeable(columns) {
		return nil, plaza.E(plaza.Invalid, "form.geojson.place")
	}
	f := placed(columns)
	f.objects = newJSON(w, columns, "", ",", "]}\n")
	f.skip = make([]bool, len(columns))
	for i, c := range columns {
		f.skip[i] = i == f.shape || c.Name == tabular.ColumnLon || c.Name == tabular.ColumnLat
	}
	known, err := json.Marshal(about)
	if err != nil {
		return nil, err
	}
	f.buf = append(f.buf, `{"type":"FeatureCollection",`...)
	if len(about) > 0 {
		f.buf = append(append(append(f.buf, `"about":`...), known...), ',')
	}
	f.buf = append(f.buf, "\"features\":[\n"...)
	return f, nil
}

// Write writes a feature on a line of its own.
func (f *features) Write(row []tabular.Cell) error {
	f.next()
	f.buf = append(f.buf, `{"type":"Feature","geometry":`...)
	f.buf = f.geometry(f.buf, row)
	f.buf = append(f.buf, `,"properties":`...)
	f.buf = append(f.object(f.buf, row, f.skip), '}')
	return f.flush(flushAt)
}

func (f *features) geometry(dst []byte, row []tabular.Cell) []byte {
	if f.shape >= 0 {
		if c := row[f.shape]; !c.Null && !c.Odd {
			if out, ok := compact(dst, c.Text); ok {
				return out
			}
		}
		return append(dst, "null"...)
	}
	var lat, lon tabular.Cell
	if f.lat >= 0 && f.lon >= 0 {
		lat, lon = row[f.lat], row[f.lon]
	} else {
		a, b := pair(row[f.both])
		if lat, lon = a, b; f.columns[f.both].Meaning == tabular.LonLat {
			lat, lon = b, a
		}
	}
	y, okY := degrees(lat, 90)
	x, okX := degrees(lon, 180)
	if !okX || !okY {
		return append(dst, "null"...)
	}
	dst = append(dst, `{"type":"Point","coordinates":[`...)
	dst = append(append(append(dst, x...), ','), y...)
	return append(dst, "]}"...)
}

// pair takes two coordinates in one cell apart.
func pair(c tabular.Cell) (a, b tabular.Cell) {
	parts := strings.FieldsFunc(c.Text, func(r rune) bool { return strings.ContainsRune(" ,;()[]\t", r) })
	if c.Null || len(parts) != 2 {
		return tabular.Cell{Null: true}, tabular.Cell{Null: true}
	}
	return tabular.Cell{Text: parts[0]}, tabular.Cell{Text: parts[1]}
}

func degrees(c tabular.Cell, most float64) (string, bool) {
	if c.Null || c.Odd {
		return "", false
	}
	v, err := strconv.ParseFloat(c.Text, 64)
	if err != nil || math.IsNaN(v) || math.Abs(v) > most {
		return "", false
	}
	return strconv.FormatFloat(v, 'f', -1, 64), true
}
