package tile_test

import (
	"math"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/paulmach/orb"

	"plaza/internal/base/tile"
	"plaza/internal/base/tile/tiletest"
)

func TestOnlyAddressesOfTilesAreRead(t *testing.T) {
	for _, tt := range []struct {
		z, x, y string
		want    tile.Tile
		ok      bool
	}{
		{"0", "0", "0", tile.Tile{}, true},
		{"4", "3", "6.pbf", tile.Tile{Z: 4, X: 3, Y: 6}, true},
		{"20", "1048575", "1048575", tile.Tile{Z: 20, X: 1<<20 - 1, Y: 1<<20 - 1}, true},
		{"21", "0", "0", tile.Tile{}, false},
		{"4", "16", "0", tile.Tile{}, false},
		{"4", "0", "16", tile.Tile{}, false},
		{"-1", "0", "0", tile.Tile{}, false},
		{"4", "03", "6", tile.Tile{}, false},
		{"4", "+3", "6", tile.Tile{}, false},
		{"4", "3", "6.png", tile.Tile{}, false},
		{"", "", "", tile.Tile{}, false},
		{"4", "99999999999999999999", "6", tile.Tile{}, false},
	} {
		if got, ok := tile.Parse(tt.z, tt.x, tt.y); got != tt.want || ok != tt.ok {
			t.Errorf("Parse(%q, %q, %q) = %v, %v, want %v, %v", tt.z, tt.x, tt.y, got, ok, tt.want, tt.ok)
		}
	}
}

func TestATilesBoxHoldsWhatLiesOnIt(t *testing.T) {
	on := tile.Tile{Z: 7, X: 28, Y: 56} // with Mexico City
	west, south, east, north := on.Box()
	if west > -99.13 || east < -99.13 || south > 19.43 || north < 19.43 {
		t.Errorf("Box() = %v %v %v %v", west, south, east, north)
	}
	for _, corner := range []struct {
		lon, lat float64
		want     orb.Point
	}{{west, north, orb.Point{0, 0}}, {east, south, orb.Point{tile.Extent, tile.Extent}}} {
		got := on.Place(tile.World(corner.lon, corner.lat))
		if math.Abs(got[0]-corner.want[0]) > 1e-6 || math.Abs(got[1]-corner.want[1]) > 1e-6 {
			t.Errorf("a corner lies at %v, want %v", got, corner.want)
		}
	}
	if p := tile.World(0, 90); math.IsInf(p[1], 0) || math.IsNaN(p[1]) {
		t.Errorf("the pole lies at %v", p)
	}
}

func square(x, y, side float64) orb.Ring {
	return orb.Ring{{x, y}, {x + side, y}, {x + side, y + side}, {x, y + side}, {x, y}}
}

func backwards(r orb.Ring) orb.Ring {
	r.Reverse()
	return r
}

func TestWhatIsDrawnIsReadBack(t *testing.T) {
	l := tile.NewLayer("cosas")
	l.Point(orb.Point{10.4, 20.6}, tile.Prop{Name: "n", Value: 3}, tile.Prop{Name: "de", Value: "Mérida"})
	l.Lines(orb.MultiLineString{{{0, 0}, {0.2, 0.2}, {100, 0}}}, tile.Prop{Name: "n", Value: 3}, tile.Prop{Name: "x", Value: 1.5}, tile.Prop{Name: "sí", Value: true})
	got := tiletest.Read(t, tile.Marshal(l, tile.NewLayer("nada")))
	want := tiletest.Tile{"cosas": {
		{Kind: tiletest.Point, Props: map[string]any{"n": int64(3), "de": "Mérida"}, Paths: [][][2]int32{{{10, 21}}}},
		{Kind: tiletest.Line, Props: map[string]any{"n": int64(3), "x": 1.5, "sí": true}, Paths: [][][2]int32{{{0, 0}, {100, 0}}}},
	}}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
}

func TestFacesGoWithTheClockAndTheirHolesAgainstIt(t *testing.T) {
	for _, turned := range []bool{false, true} {
		outer, hole := square(0, 0, 100), square(40, 40, 10)
		if turned {
			outer, hole = backwards(outer), backwards(hole)
		}
		l := tile.NewLayer("caras")
		l.Faces(orb.MultiPolygon{{outer, hole}})
		f := tiletest.Read(t, tile.Marshal(l))["caras"][0]
		if len(f.Paths) != 2 || tiletest.Area(f.Paths[0]) != 2*100*100 || tiletest.Area(f.Paths[1]) != -2*10*10 {
			t.Errorf("turned %v: %v", turned, f.Paths)
		}
	}
}

func TestWhatLeavesTheTileIsCutAndWhatIsNotThereIsLeftOut(t *testing.T) {
	l := tile.NewLayer("caras")
	if !l.Faces(orb.MultiPolygon{{square(-9000, -9000, 20000)}}) {
		t.Error("a face around the tile is not on it")
	}
	for _, ring := range []orb.Ring{square(9000, 0, 100), square(5, 5, 0.1)} {
		if l.Faces(orb.MultiPolygon{{ring}}) {
			t.Errorf("%v is on the tile", ring)
		}
	}
	if l.Lines(orb.MultiLineString{{{5000, 0}, {6000, 10}}}) {
		t.Error("a line beside the tile is on it")
	}
	got := tiletest.Read(t, tile.Marshal(l))["caras"]
	if len(got) != 1 {
		t.Fatalf("%d faces", len(got))
	}
	for _, p := range got[0].Paths[0] {
		if p[0] < -tile.Buffer || p[1] < -tile.Buffer || p[0] > tile.Extent+tile.Buffer || p[1] > tile.Extent+tile.Buffer {
			t.Errorf("%v leaves the tile", p)
		}
	}
}

func TestATileOfNothingIsEmpty(t *testing.T) {
	if b := tile.Marshal(tile.NewLayer("nada")); b != nil {
		t.Errorf("%d bytes of nothing", len(b))
	}
}
