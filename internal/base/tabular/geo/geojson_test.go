package geo_test

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/paulmach/orb/encoding/wkb"
	"github.com/paulmach/orb/encoding/wkt"

	"plaza/internal/base/tabular"
	"plaza/internal/base/tabular/geo"
)

// shown are geometry cells as WKT.
func shown(tb testing.TB, cells []string) []string {
	tb.Helper()
	out := make([]string, len(cells))
	for i, c := range cells {
		if c == "" {
			continue
		}
		g, err := wkb.Unmarshal([]byte(c))
		if err != nil {
			tb.Fatalf("row %d: %v", i+1, err)
		}
		out[i] = wkt.MarshalString(g)
	}
	return out
}

func TestPropertiesOfAllFeaturesBecomeColumns(t *testing.T) {
	got := openOne(t, geo.GeoJSON, write(t, "a.geojson", []byte(`{"type":"FeatureCollection","name":"x","features":[
 {"type":"Feature","id":7,"properties":{"nombre":"Zócalo","dir":{"calle":"Madero","no":1},"v":[1, 2]},"geometry":{"type":"Point","coordinates":[-99.1332,19.4326]}},
 {"geometry":null,"properties":{"otro":true,"nombre":null,"dir":{"calle":"\u00e1\"b"}},"type":"Feature"},
 {"type":"Feature","properties":null,"geometry":{"coordinates":[[-99,19,2240],[-99.5,19.5,2241]],"type":"LineString"}}
]}`)))
	want := []string{"id", "nombre", "dir.calle", "dir.no", "v", "otro", "geometria"}
	if diff := cmp.Diff(want, got.src.Labels); diff != "" {
		t.Fatal(diff)
	}
	if n := len(got.src.Known); n != 7 || got.src.Known[6] != tabular.Geometry {
		t.Errorf("known types %q", got.src.Known)
	}
	geometries := shown(t, got.column(t, "geometria"))
	var rows [][]string
	for i, r := range got.rows {
		rows = append(rows, append(r[:6:6], geometries[i]))
	}
	if diff := cmp.Diff([][]string{
		{"7", "Zócalo", "Madero", "1", "[1,2]", "", "POINT(-99.1332 19.4326)"},
		{"", "", `á"b`, "", "", "true", ""},
		{"", "", "", "", "", "", "LINESTRING(-99 19,-99.5 19.5)"},
	}, rows); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff(map[string]int64{"g08": 1}, got.codes()); diff != "" {
		t.Error(diff)
	}
	readAll(t, got.src)
	if diff := cmp.Diff(map[string]int64{"g08": 1}, got.codes()); diff != "" {
		t.Errorf("a second reading counts a problem again: %s", diff)
	}
}

func TestEveryKindOfGeometryKeepsItsShape(t *testing.T) {
	for _, c := range []struct{ json, want string }{
		{`{"type":"Point","coordinates":[1,2]}`, "POINT(1 2)"},
		{`{"type":"MultiPoint","coordinates":[[1,2],[3,4]]}`, "MULTIPOINT((1 2),(3 4))"},
		{`{"type":"LineString","coordinates":[[1,2],[3,4]]}`, "LINESTRING(1 2,3 4)"},
		{`{"type":"MultiLineString","coordinates":[[[1,2],[3,4]],[[5,6],[7,8]]]}`, "MULTILINESTRING((1 2,3 4),(5 6,7 8))"},
		{`{"type":"Polygon","coordinates":[[[0,0],[9,0],[9,9],[0,0]],[[2,1],[3,1],[3,2],[2,1]]]}`, "POLYGON((0 0,9 0,9 9,0 0),(2 1,3 1,3 2,2 1))"},
		{`{"type":"MultiPolygon","coordinates":[[[[0,0],[9,0],[9,9],[0,0]]],[[[10,0],[19,0],[19,9],[10,0]]]]}`, "MULTIPOLYGON(((0 0,9 0,9 9,0 0)),((10 0,19 0,19 9,10 0)))"},
		{`{"type":"GeometryCollection","geometries":[{"type":"Point","coordinates":[1,2]},{"type":"LineString","coordinates":[[1,2],[3,4]]}]}`, "GEOMETRYCOLLECTION(POINT(1 2),LINESTRING(1 2,3 4))"},
	} {
		for shape, text := range map[string]string{
			"bare geometry":   c.json,
			"bare feature":    `{"properties":{},"geometry":` + c.json + `,"type":"Feature"}`,
			"list":            `[` + `{"type":"Feature","geometry":` + c.json + `}]`,
			"lines":           "\uFEFF" + c.json + "\r\n",
			"record separate": "\x1e" + `{"type":"Feature","geometry":` + c.json + "}\n",
		} {
			got := openOne(t, geo.GeoJSON, write(t, "a.json", []byte(text)))
			if diff := cmp.Diff([]string{c.want}, shown(t, got.column(t, "geometria"))); diff != "" || got.err != nil {
				t.Errorf("%s: %v %s", shape, got.err, diff)
			}
			if len(got.codes()) > 0 {
				t.Errorf("%s of %s: %v", shape, c.want, got.codes())
			}
		}
	}
}

func TestTroubleOfAGeometryCostsItsCellAndIsSaid(t *testing.T) {
	deep := strings.Repeat(`{"type":"GeometryCollection","geometries":[`, 50_000) + strings.Repeat(`]}`, 50_000)
	for _, c := range []struct{ name, json, want, code string }{
		{"swapped axes", `{"type":"LineString","coordinates":[[19.4,-99.1],[19.5,-99.2]]}`, "LINESTRING(-99.1 19.4,-99.2 19.5)", "g03"},
		{"near the south pole", `{"type":"Point","coordinates":[40,-80]}`, "POINT(40 -80)", ""},
		{"out of range", `{"type":"Point","coordinates":[486000.5,2149000]}`, "", "g05"},
		{"NaN", `{"type":"Point","coordinates":[NaN,2]}`, "", "g04"},
		{"a number too large", `{"type":"Point","coordinates":[1e999,2]}`, "", "g04"},
		{"text for a number", `{"type":"Point","coordinates":["1","2"]}`, "", "g04"},
		{"null coordinates", `{"type":"Point","coordinates":null}`, "", "g04"},
		{"one number", `{"type":"Point","coordinates":[1]}`, "", "g04"},
		{"no such kind", `{"type":"Circle","coordinates":[1,2]}`, "", "g04"},
		{"levels mixed up", `{"type":"Polygon","coordinates":[[1,2],[3,4]]}`, "", "g04"},
		{"a line of one point", `{"type":"LineString","coordinates":[[1,2]]}`, "", "g04"},
		{"empty", `{"type":"MultiPolygon","coordinates":[]}`, "", ""},
		{"empty collection", `{"type":"GeometryCollection","geometries":[]}`, "", ""},
		{"open ring", `{"type":"Polygon","coordinates":[[[0,0],[1,0],[1,1]]]}`, "POLYGON((0 0,1 0,1 1,0 0))", "g06"},
		{"ring without area", `{"type":"MultiPolygon","coordinates":[[[[0,0],[1,1],[0,0]]],[[[0,0],[1,0],[1,1],[0,0]]]]}`, "MULTIPOLYGON(((0 0,1 0,1 1,0 0)))", "g06"},
		{"hole of no ring", `{"type":"Polygon","coordinates":[[[0,0],[0,0]],[[0,0],[1,0],[1,1],[0,0]]]}`, "", "g04"},
		{"bow tie", `{"type":"Polygon","coordinates":[[[0,0],[2,2],[2,0],[0,2],[0,0]]]}`, "POLYGON((0 0,2 2,2 0,0 2,0 0))", "g07"},
		{"touching itself", `{"type":"Polygon","coordinates":[[[0,0],[2,0],[1,1],[2,2],[0,2],[1,1],[0,0]]]}`, "POLYGON((0 0,2 0,1 1,2 2,0 2,1 1,0 0))", ""},
		{"50,000 nested collections", deep, "", "g09"},
		{"too many vertices", `{"type":"MultiPoint","coordinates":[[1,1]` + strings.Repeat(",[1,1]", tabular.MaxVertices) + `]}`, "", "g09"},
	} {
		got := openOne(t, geo.GeoJSON, write(t, "a.geojson", []byte(`{"type":"FeatureCollection","features":[{"type":"Feature","properties":{"a":1},"geometry":`+c.json+`}]}`)))
		want := map[string]int64{}
		if c.code != "" {
			want[c.code] = 1
		}
		if diff := cmp.Diff(want, got.codes()); diff != "" || got.err != nil {
			t.Errorf("%s: %v %s", c.name, got.err, diff)
		}
		if diff := cmp.Diff([]string{c.want}, shown(t, got.column(t, "geometria"))); diff != "" {
			t.Errorf("%s: %s", c.name, diff)
		}
	}
}

func TestBrokenGeoJSONIsAFaultWithItsPlace(t *testing.T) {
	for _, c := range []struct {
		name, text, code string
		line, at         int64
		rows             int
	}{
		{"empty", "", "geo_broken", 1, 0, 0},
		{"html", "<html>", "geo_broken", 1, 0, 0},
		{"a number", "17", "geo_broken", 1, 0, 0},
		{"NUL", "\x00\x00", "geo_broken", 1, 0, 0},
		{"other JSON", `{"a":[1,2]}`, "geo_none", 1, 0, 0},
		{"cut short", "{\"type\":\"FeatureCollection\",\"features\":[\n{\"type\":\"Feature\",\"properties\":{\"a\":1}},\n{\"type\":\"Fea", "geo_broken", 3, 94, 1},
		{"no comma", "{\"features\":[\n{\"type\":\"Feature\"}\n{\"type\":\"Feature\"}]}", "geo_broken", 3, 33, 1},
		{"brackets mixed up", `{"features":[{"type":"Feature","properties":{"a":1]}]}`, "geo_broken", 1, 13, 0},
		{"unknown system", `{"type":"FeatureCollection","crs":{"type":"name","properties":{"name":"EPSG:2154"}},"features":[]}`, "unknown_projection", 0, -1, 0},
	} {
		f := write(t, "a.geojson", []byte(c.text))
		found, err := geo.GeoJSON(context.Background(), f)
		rows := 0
		if err == nil {
			got := readAll(t, found[0])
			rows, err = len(got.rows), got.err
		}
		var fault *tabular.Fault
		if faultOf(err) != c.code || rows != c.rows {
			t.Errorf("%s: %v after %d rows", c.name, err, rows)
			continue
		}
		fault = err.(*tabular.Fault)
		if fault.Line != c.line || fault.Byte != c.at {
			t.Errorf("%s: at line %d, byte %d instead of %d, %d", c.name, fault.Line, fault.Byte, c.line, c.at)
		}
	}
}

func TestTooManyPropertiesAreRefused(t *testing.T) {
	var b strings.Builder
	b.WriteString(`{"type":"Feature","properties":{"a":0`)
	for i := range tabular.MaxColumns {
		fmt.Fprintf(&b, `,"c%d":0`, i)
	}
	b.WriteString(`}}`)
	if _, err := geo.GeoJSON(context.Background(), write(t, "a.json", []byte(b.String()))); faultOf(err) != "too_many_columns" {
		t.Error(err)
	}
}

func TestTheOldReferenceMemberIsUnderstood(t *testing.T) {
	for _, c := range []struct {
		crs, point, name string
		lon, lat         float64
		unsure           bool
	}{
		{"urn:ogc:def:crs:OGC:1.3:CRS84", "-99.1332,19.4326", "WGS 84", -99.1332, 19.4326, false},
		{"EPSG:4326", "-99.1332,19.4326", "WGS 84", -99.1332, 19.4326, false},
		{"urn:ogc:def:crs:EPSG::4267", "-99.1332,19.4326", "NAD27", -99.1332, 19.4326, true},
		{"urn:ogc:def:crs:EPSG::32614", "486017.3309,2148700.2198", "WGS 84 / UTM zone 14N", -99.1332, 19.4326, false},
		{"http://www.opengis.net/def/crs/EPSG/0/3857", "-11035457.3447,2205934.3610", "WGS 84 / Pseudo-Mercator", -99.1332, 19.4326, false},
	} {
		got := openOne(t, geo.GeoJSON, write(t, "a.geojson", []byte(`{"type":"FeatureCollection","features":[{"type":"Feature","geometry":{"type":"Point","coordinates":[`+c.point+`]}}],"crs":{"type":"name","properties":{"name":"`+c.crs+`"}}}`)))
		west, south, _, _, ok := geo.Bounds([]byte(got.column(t, "geometria")[0]))
		if !ok || abs(west-c.lon) > 1e-6 || abs(south-c.lat) > 1e-6 {
			t.Errorf("%s: %v, %v", c.crs, west, south)
		}
		if got.src.Layout.Projection != c.name || (len(got.src.Layout.Unsure) > 0) != c.unsure {
			t.Errorf("%s: %+v", c.crs, got.src.Layout)
		}
	}
}

func TestPropertiesInWindows1252AreRead(t *testing.T) {
	got := openOne(t, geo.GeoJSON, write(t, "a.json", []byte("{\"type\":\"Feature\",\"properties\":{\"a\xf1o\":\"M\xe9xico\"},\"geometry\":null}")))
	if diff := cmp.Diff([][]string{{"México", ""}}, got.rows); diff != "" || got.src.Labels[0] != "año" {
		t.Error(diff, got.src.Labels)
	}
}

func TestAPropertyCalledAsTheGeometryGivesWay(t *testing.T) {
	got := openOne(t, geo.GeoJSON, write(t, "a.json", []byte(`{"type":"Feature","id":"x","properties":{"geometria":"texto","id":5},"geometry":null}`)))
	if diff := cmp.Diff([]string{"geometria_original", "id", "geometria"}, got.src.Labels); diff != "" {
		t.Error(diff)
	}
}

func abs(x float64) float64 { return max(x, -x) }

func FuzzGeoJSON(f *testing.F) {
	f.Add([]byte(`{"type":"FeatureCollection","features":[{"type":"Feature","properties":{"a":{"b":[1]}},"geometry":{"type":"Point","coordinates":[1,2,3]}}]}`))
	f.Add([]byte(`{"type":"Polygon","coordinates":[[[0,0],[1,0],[1,1]]]}` + "\n" + `{"type":"GeometryCollection","geometries":[]}`))
	f.Fuzz(func(t *testing.T, data []byte) { readHostile(t, geo.GeoJSON, write(t, "a.json", data)) })
}

// readHostile reads whatever is there and requires that all geometries hold.
func readHostile(t *testing.T, open tabular.Opener, file tabular.File) {
	found, err := open(context.Background(), file)
	if err != nil {
		return
	}
	for _, s := range found {
		for _, row := range readAll(t, s).rows {
			cell := []byte(row[len(row)-1])
			if len(cell) == 0 {
				continue
			}
			west, south, east, north, ok := geo.Bounds(cell)
			if !ok || west < -180 || south < -90 || east > 180 || north > 90 {
				t.Fatalf("%x: %v %v %v %v %v", cell, west, south, east, north, ok)
			}
			if _, err := wkb.Unmarshal(cell); err != nil {
				t.Fatalf("%x: %v", cell, err)
			}
		}
	}
}
