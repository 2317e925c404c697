package geo_test

import (
	"encoding/binary"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/paulmach/orb"
	"github.com/paulmach/orb/encoding/ewkb"
	"github.com/paulmach/orb/encoding/wkb"
	"github.com/paulmach/orb/encoding/wkt"
	"github.com/paulmach/orb/planar"

	"plaza/internal/base/tabular"
	"plaza/internal/base/tabular/geo"
)

// some are geometries of every kind.
func some(r *rand.Rand) []orb.Geometry {
	p := func() orb.Point { return orb.Point{r.Float64()*360 - 180, r.Float64()*180 - 90} }
	line := func() orb.LineString { return orb.LineString{p(), p(), p()} }
	ring := func() orb.Ring {
		a := p()
		return orb.Ring{a, p(), p(), a}
	}
	holed := func() orb.Polygon { // the hole is half the ring
		out := ring()
		hole := orb.Ring{out[0]}
		for _, v := range out[1:] {
			hole = append(hole, orb.Point{(v[0] + out[0][0]) / 2, (v[1] + out[0][1]) / 2})
		}
		return orb.Polygon{out, hole}
	}
	return []orb.Geometry{
		p(), line(), holed(), orb.MultiPoint{p(), p()}, orb.MultiLineString{line(), line()},
		orb.MultiPolygon{{ring()}, holed()}, orb.Collection{p(), orb.Collection{line(), orb.Polygon{ring()}}},
	}
}

func TestAGeometryIsTheSameHoweverItIsWritten(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	for range 50 {
		for _, g := range some(r) {
			want := wkb.MustMarshal(g)
			e, err := ewkb.MarshalToHex(g, 4326)
			if err != nil {
				t.Fatal(err)
			}
			for _, cell := range []string{
				wkt.MarshalString(g), "SRID=4326; " + strings.ToLower(wkt.MarshalString(g)) + " ",
				wkb.MustMarshalToHex(g), wkb.MustMarshalToHex(g, binary.BigEndian), strings.ToUpper(e), string(geo.JSON(want)),
			} {
				got, ok := geo.FromText([]byte(cell), []byte("before"))
				if diff := cmp.Diff("before"+string(want), string(got)); !ok || diff != "" {
					t.Fatalf("%.300s: %v %s", cell, ok, diff)
				}
			}
			west, south, east, north, ok := geo.Bounds(want)
			if b := g.Bound(); !ok || b.Min != (orb.Point{west, south}) || b.Max != (orb.Point{east, north}) {
				t.Errorf("%v is not the box %v", []float64{west, south, east, north}, b)
			}
		}
	}
}

func TestHeightsAndMeasuresAreDropped(t *testing.T) {
	for _, c := range []struct{ cell, want string }{
		{"LINESTRING Z (1 2 3, 4 5 6)", "LINESTRING(1 2,4 5)"},
		{"LINESTRINGZM(1 2 3 4, 4 5 6 7)", "LINESTRING(1 2,4 5)"},
		{"POINT M(1 2 9)", "POINT(1 2)"},
		{"MULTIPOINT(1 2,3 4)", "MULTIPOINT((1 2),(3 4))"},
		{"POLYGON((0 0 1,1 0 1,1 1 1))", "POLYGON((0 0,1 0,1 1,0 0))"},
		{`{"type": "LineString", "coordinates": [[-99.19248580029004, 19.420981699728983, 0.0], [-99.19237380033015, 19.421006999735265, 0.0]]}`, "LINESTRING(-99.19248580029004 19.420981699728983,-99.19237380033015 19.421006999735265)"},
		{"01010000A0E610000000000000000000400000000000000840000000000000F03F", "POINT(2 3)"},
		{"01E9030000000000000000004000000000000008400000000000001040", "POINT(2 3)"},
		{"SRID=32614;POINT(486017.3309197883 2148700.2198403277)", "POINT(-99.1332 19.4326)"},
	} {
		got, ok := geo.FromText([]byte(c.cell), nil)
		if !ok {
			t.Errorf("%s is refused", c.cell)
			continue
		}
		g, err := wkb.Unmarshal(got)
		if err != nil {
			t.Fatal(err)
		}
		if p, ok := g.(orb.Point); ok {
			g = orb.Point{float64(int64(p[0]*1e7+copysign(0.5, p[0]))) / 1e7, float64(int64(p[1]*1e7+0.5)) / 1e7}
		}
		if wkt.MarshalString(g) != c.want {
			t.Errorf("%s: %s", c.cell, wkt.MarshalString(g))
		}
	}
}

func copysign(x, of float64) float64 {
	if of < 0 {
		return -x
	}
	return x
}

func TestOtherCellsAreNoGeometries(t *testing.T) {
	for _, cell := range []string{
		"", " ", "Calle 5", "POINT", "POINT EMPTY", "POINT()", "POINT(1)", "POINT(1 2", "POINT(1 2) x", "POINT(1 2 3 4 5)", "POINT(a b)", "POINT(NaN 1)",
		"POINT(200 1)", "LINESTRING(1 2)", "POLYGON((0 0,1 1))", "POLYGON(0 0,1 1)", "CURVE(1 2)", "SRID=x;POINT(1 2)", "SRID=2154;POINT(1 2)", "SRID=4326",
		"0101", "010100000000", "0101000000000000000000F03F00000000000000", "0109000000FFFFFFFF", "0103000000FFFFFFFFFFFFFFFF", "0103000000FFFFFFFF", "0106000000FFFFFFFF0103000000FFFFFFFF00000000", "00000000000000000000", "12345678901234567890",
		`{"type":"Feature"}`, `{"a":1}`, `{`, `{"type":"Point","coordinates":[]}`,
		strings.Repeat("GEOMETRYCOLLECTION(", 50_000), strings.Repeat("0107000000"+"01000000", 50_000),
		"MULTIPOINT(" + strings.Repeat("0 0,", tabular.MaxCell/4) + "0 0)",
	} {
		if got, ok := geo.FromText([]byte(cell), []byte("x")); ok || string(got) != "x" {
			t.Errorf("%.60q becomes %x", cell, got)
		}
	}
}

func TestTheStandingPointLiesOnTheGeometry(t *testing.T) {
	for _, c := range []struct {
		cell     string
		lon, lat float64
	}{
		{"POINT(1 2)", 1, 2},
		{"MULTIPOINT(3 4,1 2)", 3, 4},
		{"LINESTRING(0 0,2 0,2 2)", 2, 0},
		{"LINESTRING(1 1,1 1)", 1, 1},
		{"MULTILINESTRING((0 0,1 0),(0 5,9 5))", 4.5, 5},
		{"POLYGON((0 0,4 0,4 4,0 4,0 0))", 2, 2},
		{"POLYGON((0 0,9 0,9 1,1 1,1 8,9 8,9 9,0 9,0 0))", 0.5, 4.5},       // a C
		{"POLYGON((0 0,9 0,9 9,0 9,0 0),(1 1,8 1,8 8,1 8,1 1))", 0.5, 4.5}, // a frame
		{"MULTIPOLYGON(((0 0,1 0,1 1,0 1,0 0)),((10 10,14 10,14 14,10 14,10 10)))", 12, 12},
		{"GEOMETRYCOLLECTION(POINT(50 50),LINESTRING(0 0,90 0),POLYGON((0 0,2 0,2 2,0 2,0 0)))", 1, 1},
		{"POLYGON((0 0,1 0,2 0,0 0))", 0, 0}, // no area
	} {
		b, ok := geo.FromText([]byte(c.cell), nil)
		if !ok {
			t.Fatal(c.cell)
		}
		if lon, lat, ok := geo.Point(b); !ok || lon != c.lon || lat != c.lat {
			t.Errorf("%s: %v %v %v", c.cell, lon, lat, ok)
		}
	}
	r := rand.New(rand.NewPCG(3, 4))
	for range 300 {
		var ring orb.Ring
		for range 12 {
			ring = append(ring, orb.Point{r.Float64(), r.Float64()})
		}
		p := orb.Polygon{append(ring, ring[0])}
		lon, lat, ok := geo.Point(wkb.MustMarshal(p))
		if !ok || !planar.PolygonContains(p, orb.Point{lon, lat}) {
			t.Errorf("%v %v is outside of %v", lon, lat, p)
		}
	}
}

func TestForeignBytesHaveNoPointBoxOrText(t *testing.T) {
	for _, b := range []string{"", "x", "\x01\x07\x00\x00\x00\xff\xff\xff\xff", "\x01\x02\x00\x00\x00\xff\xff\xff\xff", "\x00\x00\x00\x00\x01"} {
		_, _, pointed := geo.Point([]byte(b))
		_, _, _, _, bounded := geo.Bounds([]byte(b))
		if pointed || bounded || geo.JSON([]byte(b)) != nil {
			t.Errorf("%x", b)
		}
	}
}

func FuzzFromText(f *testing.F) {
	for _, s := range []string{"SRID=4326;POINT Z (1 2 3)", "POLYGON((0 0,1 0,1 1))", `{"type":"Point","coordinates":[1,2]}`, "0101000020E610000000000000000000400000000000000840", "GEOMETRYCOLLECTION(POINT(1 2),MULTIPOINT(1 2,(3 4)))"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, cell string) {
		got, ok := geo.FromText([]byte(cell), nil)
		if !ok {
			return
		}
		if _, err := wkb.Unmarshal(got); err != nil {
			t.Fatalf("%q: %x: %v", cell, got, err)
		}
		if _, _, ok := geo.Point(got); !ok {
			t.Fatalf("%q: %x has no point", cell, got)
		}
		again, ok := geo.FromText(geo.JSON(got), nil)
		if !ok || string(again) != string(got) {
			t.Fatalf("%q: %x is %x after %s", cell, got, again, geo.JSON(got))
		}
	})
}

func FuzzWKB(f *testing.F) {
	for _, g := range some(rand.New(rand.NewPCG(5, 6))) {
		f.Add(wkb.MustMarshal(g))
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		geo.Point(b)
		geo.Bounds(b)
		geo.JSON(b)
		if got, ok := geo.FromWKB(b, nil); ok {
			if _, err := wkb.Unmarshal(got); err != nil {
				t.Fatalf("%x: %x: %v", b, got, err)
			}
		}
	})
}

func BenchmarkGeoJSON(b *testing.B) {
	r := rand.New(rand.NewPCG(7, 8))
	var s strings.Builder
	s.WriteString(`{"type":"FeatureCollection","features":[`)
	for i := range 2000 {
		if i > 0 {
			s.WriteByte(',')
		}
		fmt.Fprintf(&s, `{"type":"Feature","properties":{"cve":"%05d","nombre":"Municipio %d","pob":%d},"geometry":{"type":"Polygon","coordinates":[[`, i, i, r.IntN(1e6))
		for k := range 200 {
			fmt.Fprintf(&s, "[%.14f,%.14f],", -100+r.Float64()/100+float64(k)/1000, 20+r.Float64()/100)
		}
		s.WriteString("[-100,20]]]}}")
	}
	s.WriteString("]}")
	f := write(b, "a.geojson", []byte(s.String()))
	b.SetBytes(int64(s.Len()))
	for b.Loop() {
		openOne(b, geo.GeoJSON, f)
	}
}
