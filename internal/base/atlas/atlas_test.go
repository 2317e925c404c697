package atlas_test

import (
	"math"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"plaza/internal/base/atlas"
	"plaza/internal/base/tabular/place"
)

var steps = regexp.MustCompile(`[Mlz]|-?[0-9.]+`)

// rings reads a path as the points of its rings.
func rings(t *testing.T, path string) (out [][][2]float64) {
	t.Helper()
	words := steps.FindAllString(path, -1)
	var x, y float64
	for i := 0; i < len(words); {
		switch words[i] {
		case "M":
			x, y = parse(t, words[i+1]), parse(t, words[i+2])
			out = append(out, [][2]float64{{x, y}})
			i += 3
		case "l", "z":
			i++
		default:
			x, y = x+parse(t, words[i]), y+parse(t, words[i+1])
			out[len(out)-1] = append(out[len(out)-1], [2]float64{x, y})
			i += 2
		}
	}
	return out
}

func parse(t *testing.T, s string) float64 {
	t.Helper()
	v, err := strconv.ParseFloat(s, 64)
	if err != nil {
		t.Fatalf("%q in a path: %v", s, err)
	}
	return v
}

func area(ring [][2]float64) (sum float64) {
	for i := range ring {
		a, b := ring[i], ring[(i+1)%len(ring)]
		sum += a[0]*b[1] - b[0]*a[1]
	}
	return math.Abs(sum / 2)
}

func TestTheCountryFitsItsPictureAndAPage(t *testing.T) {
	c, areas := atlas.Country()
	if len(areas) != 32 {
		t.Fatalf("%d states are drawn", len(areas))
	}
	size := 0
	land := 0.0
	sizes := map[string]float64{}
	for _, a := range areas {
		size += len(a.Path)
		for _, ring := range rings(t, a.Path) {
			for _, p := range ring {
				if p[0] < -1 || p[1] < -1 || p[0] > atlas.Width+1 || p[1] > c.Height+1 {
					t.Fatalf("%s leaves the picture at %v", a.Name, p)
				}
			}
			sizes[a.Code] += area(ring)
			land += area(ring)
		}
	}
	if size > 60<<10 {
		t.Errorf("the country takes %d bytes", size)
	}
	// Chihuahua is 12.6 % of the country, Tlaxcala 0.2 %.
	if part := sizes["08"] / land; part < 0.115 || part > 0.14 {
		t.Errorf("Chihuahua is %.3f of the land", part)
	}
	if part := sizes["29"] / land; part < 0.0015 || part > 0.003 {
		t.Errorf("Tlaxcala is %.4f of the land", part)
	}
}

func TestTheTownsOfAStateFitAPage(t *testing.T) {
	west, south, east, north, _ := place.Box("20")
	c := atlas.New(atlas.Pad(place.Bounds{West: west, South: south, East: east, North: north}, 0.05))
	towns := c.Towns("20")
	size := 0
	for _, a := range towns {
		size += len(a.Path)
		if a.Name == "" || a.Path == "" {
			t.Errorf("%+v has no name or no outline", a)
		}
	}
	if len(towns) != 570 || size > 200<<10 {
		t.Errorf("Oaxaca has %d municipalities in %d bytes, want 570 in less than 200 kB", len(towns), size)
	}
}

func TestAPlaceLiesWhereItShould(t *testing.T) {
	c := atlas.New(place.Bounds{West: -100, South: 19, East: -98, North: 21})
	for _, tt := range []struct{ lon, lat, x, y float64 }{
		{-99, 20, 500, c.Height / 2},
		{-100, c.Box.North, 0, 0},
		{-98, c.Box.South, 1000, c.Height},
	} {
		if x, y := c.Point(tt.lon, tt.lat); math.Abs(x-tt.x) > 0.5 || math.Abs(y-tt.y) > 0.5 {
			t.Errorf("Point(%v, %v) = %v, %v, want %v, %v", tt.lon, tt.lat, x, y, tt.x, tt.y)
		}
	}
}

func TestAPictureOfAnythingHasProportions(t *testing.T) {
	for _, b := range []place.Bounds{{}, {West: -99, South: 19, East: -99, North: 25}, {West: -110, South: 20, East: -90, North: 20.1}, {West: -180, South: -90, East: 180, North: 90}} {
		if c := atlas.New(b); !(c.Height >= 400 && c.Height <= 1150) {
			t.Errorf("New(%+v).Height = %v", b, c.Height)
		}
	}
}

func TestALineIsThinnedWithinTheTolerance(t *testing.T) {
	c := atlas.New(place.Bounds{West: -100, South: 19, East: -98, North: 21})
	var wave [][2]float64
	for i := range 2001 {
		wave = append(wave, [2]float64{-100 + float64(i)/1000, 20 + 0.3*math.Sin(float64(i)/200)})
	}
	path := c.Path([][][2]float64{wave}, false)
	points := rings(t, path)[0]
	if len(points) > 200 || strings.Contains(path, "z") {
		t.Errorf("%d points are left in %q", len(points), path[:80])
	}
	for i, v := range wave {
		x, y := c.Point(v[0], v[1])
		near := math.Inf(1)
		for k := 1; k < len(points); k++ {
			near = math.Min(near, distance([2]float64{x, y}, points[k-1], points[k]))
		}
		if near > atlas.Tolerance+0.2 {
			t.Fatalf("point %d of the line is %.2f away from what is drawn", i, near)
		}
	}
}

func distance(p, a, b [2]float64) float64 {
	dx, dy := b[0]-a[0], b[1]-a[1]
	t := math.Max(0, math.Min(1, ((p[0]-a[0])*dx+(p[1]-a[1])*dy)/(dx*dx+dy*dy)))
	return math.Hypot(p[0]-a[0]-t*dx, p[1]-a[1]-t*dy)
}

func TestWhatIsSmallerThanAPointIsStillDrawn(t *testing.T) {
	c, _ := atlas.Country()
	if path := c.Path([][][2]float64{{{-99, 19}, {-99, 19.0001}, {-98.9999, 19}, {-99, 19}}}, true); !strings.HasPrefix(path, "M") {
		t.Errorf("Path of a house = %q", path)
	}
}

func TestClassesHoldAsManyValues(t *testing.T) {
	for _, tt := range []struct {
		values []float64
		want   []atlas.Class
	}{
		{nil, nil},
		{[]float64{7, 7, 7}, []atlas.Class{{From: 7, To: 7, Count: 3}}},
		{[]float64{3, 1, 2}, []atlas.Class{{From: 1, To: 1, Count: 1}, {From: 2, To: 2, Count: 1}, {From: 3, To: 3, Count: 1}}},
		{[]float64{1, 2, 3, 4, 5, 6, 7, 8, 9, 100}, []atlas.Class{{1, 2, 2}, {3, 4, 2}, {5, 6, 2}, {7, 8, 2}, {9, 100, 2}}},
		{[]float64{0, 0, 0, 0, 0, 0, 1, 2, 3, 4, 5, 6}, []atlas.Class{{0, 0, 6}, {1, 1, 1}, {2, 2, 1}, {3, 4, 2}, {5, 6, 2}}},
	} {
		got := atlas.Classes(tt.values)
		if diff := cmp.Diff(tt.want, got); diff != "" {
			t.Errorf("Classes(%v) (-want +got):\n%s", tt.values, diff)
		}
		for _, v := range tt.values {
			if atlas.ClassOf(got, v) == 0 {
				t.Errorf("%v of %v has no class", v, tt.values)
			}
		}
	}
}

func TestClassesPartAtZero(t *testing.T) {
	for _, tt := range []struct {
		values []float64
		want   []atlas.Class
	}{
		{nil, nil},
		{[]float64{0, 0}, []atlas.Class{{0, 0, 2}}},
		{[]float64{-3, 4}, []atlas.Class{{-3, -3, 1}, {4, 4, 1}}},
		{[]float64{9, -1, 1, 2, 0, 3, 4, 5, 6, 7, 8}, []atlas.Class{{-1, -1, 1}, {0, 0, 1}, {1, 4, 4}, {5, 9, 5}}},
		{[]float64{-9, -8, -7, -6, -5, 0.5}, []atlas.Class{{-9, -8, 2}, {-7, -5, 3}, {0.5, 0.5, 1}}},
	} {
		got := atlas.Parted(tt.values)
		if diff := cmp.Diff(tt.want, got); diff != "" {
			t.Errorf("Parted(%v) (-want +got):\n%s", tt.values, diff)
		}
		for _, v := range tt.values {
			if atlas.ClassOf(got, v) == 0 {
				t.Errorf("%v of %v has no class", v, tt.values)
			}
		}
	}
}

func TestGeometriesAreRead(t *testing.T) {
	for _, tt := range []struct {
		geojson string
		form    atlas.Form
		parts   int
	}{
		{`{"type":"Point","coordinates":[-99,19]}`, atlas.Dots, 1},
		{`{"type":"MultiPoint","coordinates":[[-99,19],[-98,19]]}`, atlas.Dots, 2},
		{`{"type":"LineString","coordinates":[[-99,19],[-98,19,2240]]}`, atlas.Lines, 1},
		{`{"type":"MultiLineString","coordinates":[[[-99,19],[-98,19]],[[-97,19],[-96,19]]]}`, atlas.Lines, 2},
		{`{"type":"Polygon","coordinates":[[[0,0],[1,0],[1,1],[0,0]],[[0.1,0.1],[0.2,0.1],[0.2,0.2],[0.1,0.1]]]}`, atlas.Faces, 2},
		{`{"type":"GeometryCollection","geometries":[{"type":"LineString","coordinates":[[0,0],[1,1]]},{"type":"Point","coordinates":[0,0]}]}`, atlas.Lines, 1},
		{`{"type":"Polygon","coordinates":[]}`, atlas.Faces, 0},
		{`{"type":"LineString","coordinates":"x"}`, atlas.Lines, 0},
		{`[1,2]`, "", 0},
	} {
		s, ok := atlas.ShapeOf(tt.geojson)
		if ok != (tt.parts > 0) || ok && (s.Form != tt.form || len(s.Parts) != tt.parts) {
			t.Errorf("ShapeOf(%s) = %+v, %v, want %d parts of %s", tt.geojson, s, ok, tt.parts, tt.form)
		}
	}
}

func TestNoOutlineLeavesItsPicture(t *testing.T) {
	c := atlas.New(place.Bounds{West: -99.25, South: 19.3, East: -99.05, North: 19.5}).Wide(700)
	for _, level := range []place.Level{place.StateLevel, place.TownLevel} {
		areas := c.Areas(level, "")
		if len(areas) < 2 {
			t.Fatalf("%d areas are in sight", len(areas))
		}
		for _, a := range areas {
			for _, ring := range rings(t, a.Path) {
				for _, p := range ring {
					if p[0] < -2.1 || p[1] < -2.1 || p[0] > 702.1 || p[1] > c.Height+2.1 {
						t.Fatalf("%s reaches %v of 700 by %g", a.Name, p, c.Height)
					}
				}
			}
		}
	}
}
