package geo_test

import (
	"context"
	"testing"

	"github.com/google/go-cmp/cmp"

	"plaza/internal/base/tabular/geo"
)

const twoSquares = `{"type":"Topology","transform":{"scale":[0.5,0.25],"translate":[-100,19]},
"objects":{"cuadros":{"type":"GeometryCollection","geometries":[
 {"type":"Polygon","id":"01","properties":{"nombre":"A","datos":{"pob":3}},"arcs":[[0,1]]},
 {"type":"MultiPolygon","id":"02","properties":{"nombre":"B"},"arcs":[[[-1,2]]]},
 {"type":null,"id":"03"},
 {"type":"Point","coordinates":[2,4]},
 {"type":"Polygon","arcs":[[7]]},
 {"type":"GeometryCollection","geometries":[{"type":"LineString","arcs":[0]},{"type":"MultiPoint","coordinates":[[0,0],[2,4]]}]}]},
 "linea":{"type":"LineString","arcs":[0,2]}},
"arcs":[[[2,0],[0,4]],[[2,4],[-2,0],[0,-4],[2,0]],[[2,4],[2,0],[0,-4],[-2,0]]]}`

func TestATopologyIsATablePerObject(t *testing.T) {
	found, err := geo.TopoJSON(context.Background(), write(t, "a.topojson", []byte(twoSquares)))
	if err != nil || len(found) != 2 {
		t.Fatal(len(found), err)
	}
	got := readAll(t, found[0])
	if diff := cmp.Diff([]string{"id", "nombre", "datos.pob", "geometria"}, got.src.Labels); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff([]string{"01", "02", "03", "", "", ""}, got.column(t, "id")); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff([]string{
		"POLYGON((-99 19,-99 20,-100 20,-100 19,-99 19))",
		"MULTIPOLYGON(((-99 20,-99 19,-98 20,-98 19,-99 19,-99 20)))",
		"", "POINT(-99 20)", "",
		"GEOMETRYCOLLECTION(LINESTRING(-99 19,-99 20),MULTIPOINT((-100 19),(-99 20)))",
	}, shown(t, got.column(t, "geometria"))); diff != "" {
		t.Error(diff)
	}
	if got.src.Name != "cuadros" || found[1].Name != "linea" {
		t.Errorf("names %q, %q", got.src.Name, found[1].Name)
	}
	line := readAll(t, found[1])
	if diff := cmp.Diff([]string{"LINESTRING(-99 19,-99 20,-98 20,-98 19,-99 19)"}, shown(t, line.column(t, "geometria"))); diff != "" {
		t.Error(diff)
	}
}

func TestBrokenTopologiesAreFaults(t *testing.T) {
	for _, c := range []struct{ name, text, code string }{
		{"empty", "", "geo_broken"},
		{"other JSON", `{"a":1}`, "geo_none"},
		{"no objects", `{"type":"Topology","objects":{},"arcs":[]}`, "geo_none"},
		{"cut short", twoSquares[:len(twoSquares)-20], "geo_broken"},
		{"arcs of text", `{"type":"Topology","objects":{"a":{"type":"Point","coordinates":[1,2]}},"arcs":[["x"]]}`, "geo_broken"},
		{"unknown system", `{"type":"Topology","crs":{"properties":{"name":"EPSG:2154"}},"objects":{"a":{"type":"Point","coordinates":[1,2]}},"arcs":[]}`, "unknown_projection"},
	} {
		if _, err := geo.TopoJSON(context.Background(), write(t, "a.json", []byte(c.text))); faultOf(err) != c.code {
			t.Errorf("%s: %v", c.name, err)
		}
	}
}

func FuzzTopoJSON(f *testing.F) {
	f.Add([]byte(twoSquares))
	f.Add([]byte(`{"objects":{"a":{"type":"MultiLineString","arcs":[[0],[-1]]}},"arcs":[[[1,2],[3,4,5]]]}`))
	f.Fuzz(func(t *testing.T, data []byte) { readHostile(t, geo.TopoJSON, write(t, "a.json", data)) })
}
