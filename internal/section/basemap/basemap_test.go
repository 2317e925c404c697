package basemap_test

import (
	"encoding/json"
	"fmt"
	"math"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"plaza/internal/base/i18n"
	"plaza/internal/base/tile"
	"plaza/internal/base/tile/tiletest"
	"plaza/internal/base/web"
	"plaza/internal/base/web/webtest"
	"plaza/internal/section/basemap"
)

func mounted(t *testing.T) *web.Shell {
	t.Helper()
	shell := webtest.New(t, nil, basemap.Locale)
	if err := basemap.New().Mount(shell); err != nil {
		t.Fatal(err)
	}
	return shell
}

// at is the address of a tile.
func at(layer string, on tile.Tile) string {
	return strings.NewReplacer("{z}", fmt.Sprint(on.Z), "{x}", fmt.Sprint(on.X), "{y}", fmt.Sprint(on.Y)).Replace(basemap.TilePath(layer))
}

// over is the tile of a zoom that a place lies on.
func over(lon, lat float64, z uint32) tile.Tile {
	p := tile.World(lon, lat)
	side := float64(uint64(1) << z)
	return tile.Tile{Z: z, X: uint32(p[0] * side), Y: uint32(p[1] * side)}
}

func get(t *testing.T, shell http.Handler, path string) tiletest.Tile {
	t.Helper()
	res := webtest.Get(t, shell, path)
	if res.Code != http.StatusOK || res.Header().Get("Content-Type") != tile.MediaType {
		t.Fatalf("GET %s = %d %s", path, res.Code, res.Header().Get("Content-Type"))
	}
	return tiletest.Read(t, res.Body.Bytes())
}

func TestTheWholeCountryIsOnOneTile(t *testing.T) {
	shell := mounted(t)
	world := tile.Tile{}
	ground := get(t, shell, at(basemap.LayerGround, world))
	if n := len(ground[basemap.LayerStates]); n != 32 {
		t.Errorf("%d states", n)
	}
	if len(ground[basemap.LayerLand]) == 0 || len(ground[basemap.LayerLimits]) == 0 {
		t.Error("no land around, or no borders")
	}
	// a few hundred are smaller than what is seen
	if n := len(get(t, shell, at(basemap.LayerTowns, world))[basemap.LayerTowns]); n < 1500 {
		t.Errorf("%d municipalities", n)
	}
}

func TestAStateIsAsLargeAsItIs(t *testing.T) {
	shell := mounted(t)
	sizes := map[string]float64{}
	var land float64
	for _, f := range get(t, shell, at(basemap.LayerStates, tile.Tile{}))[basemap.LayerStates] {
		for _, ring := range f.Paths {
			a := float64(tiletest.Area(ring))
			sizes[f.Props["c"].(string)] += a
			land += a
		}
	}
	// Chihuahua is 12.6 % of the country, a little more where the north is drawn larger
	if part := sizes["08"] / land; part < 0.12 || part > 0.16 {
		t.Errorf("Chihuahua is %.3f of the land", part)
	}
}

// TestNeighboursStayNeighbours adds up the areas of a state's municipalities and that of
// the state: where a border were thinned out differently on its two sides, they would part.
func TestNeighboursStayNeighbours(t *testing.T) {
	shell := mounted(t)
	for _, z := range []uint32{4, 5, 6} {
		on := over(-102.3, 21.9, z) // Aguascalientes, which is small
		tt := get(t, shell, at(basemap.LayerTowns, on))
		var towns, state int64
		for _, f := range tt[basemap.LayerTowns] {
			if f.Props["c"].(string)[:2] == "01" {
				for _, ring := range f.Paths {
					towns += tiletest.Area(ring)
				}
			}
		}
		for _, f := range get(t, shell, at(basemap.LayerStates, on))[basemap.LayerStates] {
			if f.Props["c"] == "01" {
				for _, ring := range f.Paths {
					state += tiletest.Area(ring)
				}
			}
		}
		if state == 0 || towns != state {
			t.Errorf("at zoom %d the municipalities are %d and their state %d", z, towns, state)
		}
	}
}

func TestNearerTilesShowMore(t *testing.T) {
	shell := mounted(t)
	points := func(z uint32) (n int) {
		for _, f := range get(t, shell, at(basemap.LayerTowns, over(-96.7, 17, z)))[basemap.LayerTowns] {
			if f.Props["c"] == "20067" {
				for _, ring := range f.Paths {
					n += len(ring)
				}
			}
		}
		return n
	}
	far, near := points(6), points(10)
	if far < 3 || near < 2*far {
		t.Errorf("Oaxaca de Juárez has %d points from afar and %d from near", far, near)
	}
	if n := len(get(t, shell, at(basemap.LayerTowns, over(-96.7, 17, 14)))[basemap.LayerTowns]); n == 0 {
		t.Error("nothing is there at the nearest zoom")
	}
}

func TestNamesComeWithNearness(t *testing.T) {
	shell := mounted(t)
	kinds := func(z uint32) (out []string) {
		res := webtest.Get(t, shell, at(basemap.LayerNames, over(-99.13, 19.43, z)))
		if res.Code == http.StatusNoContent {
			return nil
		}
		for _, f := range tiletest.Read(t, res.Body.Bytes())[basemap.LayerNames] {
			out = append(out, f.Props["k"].(string))
		}
		slices.Sort(out)
		return slices.Compact(out)
	}
	for z, want := range map[uint32][]string{2: nil, 3: {"estado"}, 7: {"estado", "municipio"}} {
		if diff := cmp.Diff(want, kinds(z)); diff != "" {
			t.Errorf("at zoom %d (-want +got)\n%s", z, diff)
		}
	}
}

func TestANameLiesInItsPlace(t *testing.T) {
	shell := mounted(t)
	on := over(-99.13, 19.43, 7)
	got := get(t, shell, at(basemap.LayerGround, on))
	towns := get(t, shell, at(basemap.LayerTowns, on))[basemap.LayerTowns]
	checked := 0
	for _, name := range got[basemap.LayerNames] {
		i := slices.IndexFunc(towns, func(f tiletest.Feature) bool { return f.Props["c"] == name.Props["c"] })
		if name.Props["k"] != "municipio" || i < 0 {
			continue
		}
		checked++
		if p := name.Paths[0][0]; !inside(towns[i].Paths, p) {
			t.Errorf("%v is written outside", name.Props["name"])
		}
	}
	if checked < 100 {
		t.Errorf("only %d names were looked at", checked)
	}
}

// inside reports whether a point lies in rings or a unit from them.
func inside(rings [][][2]int32, p [2]int32) bool {
	in := false
	for _, r := range rings {
		for i, a := range r {
			b := r[(i+1)%len(r)]
			if math.Abs(float64(a[0]-p[0])) < 3 && math.Abs(float64(a[1]-p[1])) < 3 {
				return true
			}
			if (a[1] > p[1]) != (b[1] > p[1]) && float64(p[0]) < float64(b[0]-a[0])*float64(p[1]-a[1])/float64(b[1]-a[1])+float64(a[0]) {
				in = !in
			}
		}
	}
	return in
}

func TestBadAddressesAreNotFound(t *testing.T) {
	shell := mounted(t)
	good := at(basemap.LayerStates, tile.Tile{Z: 4, X: 3, Y: 6})
	if res := webtest.Get(t, shell, good); res.Code != http.StatusOK {
		t.Fatalf("GET %s = %d", good, res.Code)
	}
	for _, path := range []string{
		strings.Replace(good, "/4/3/6", "/15/3/6", 1), strings.Replace(good, "/4/3/6", "/4/16/6", 1), strings.Replace(good, "/4/3/6", "/-1/3/6", 1),
		strings.Replace(good, "/4/3/6", "/a/b/c", 1), strings.TrimSuffix(good, ".pbf"),
		strings.Replace(good, "estados", "nada", 1), strings.Replace(good, "/mapa/", "/mapa/0", 1),
	} {
		if res := webtest.Get(t, shell, path); res.Code != http.StatusNotFound {
			t.Errorf("GET %s = %d", path, res.Code)
		}
	}
}

func TestATileOfTheSeaIsEmpty(t *testing.T) {
	shell := mounted(t)
	for range 2 { // the second time from memory
		res := webtest.Get(t, shell, at(basemap.LayerGround, over(-124, 12, 8)))
		if res.Code != http.StatusNoContent || res.Body.Len() > 0 {
			t.Errorf("%d with %d bytes", res.Code, res.Body.Len())
		}
	}
}

func TestTilesAreKeptForEverAndCompressed(t *testing.T) {
	shell := mounted(t)
	r := httptest.NewRequestWithContext(t.Context(), http.MethodGet, at(basemap.LayerTowns, tile.Tile{Z: 4, X: 3, Y: 6}), nil)
	plain := webtest.Do(shell, r)
	r.Header.Set("Accept-Encoding", "gzip, br")
	small := webtest.Do(shell, r)
	h := small.Header()
	if h.Get("Content-Encoding") != "gzip" || h.Get("Vary") != "Accept-Encoding" || !strings.Contains(h.Get("Cache-Control"), "immutable") || h.Get("Access-Control-Allow-Origin") != "*" {
		t.Errorf("%v", h)
	}
	if plain.Header().Get("Content-Encoding") != "" || small.Body.Len() >= plain.Body.Len() || small.Body.Len() > 80<<10 {
		t.Errorf("%d bytes compressed, %d not", small.Body.Len(), plain.Body.Len())
	}
}

func TestTheStyleNamesOnlyThisServer(t *testing.T) {
	shell := mounted(t)
	seen := map[string]bool{}
	for _, query := range []string{"", "?tema=claro&lang=es", "?tema=oscuro&lang=es", "?tema=oscuro&lang=en"} {
		res := webtest.Get(t, shell, basemap.StylePath+query)
		var style struct {
			Version int
			Glyphs  *string
			Sources map[string]struct {
				Tiles       []string
				Attribution string
			}
			Layers []map[string]any
		}
		if err := json.Unmarshal(res.Body.Bytes(), &style); err != nil || style.Version != 8 || style.Glyphs != nil || len(style.Layers) < 8 {
			t.Fatalf("%s: %v %+v", query, err, style)
		}
		seen[res.Body.String()] = true
		for name, s := range style.Sources {
			if len(s.Tiles) != 1 || !strings.HasPrefix(s.Tiles[0], webtest.Base+"/mapa/") || !strings.Contains(s.Attribution, "INEGI") || !strings.Contains(s.Attribution, "Natural Earth") {
				t.Errorf("source %s is %+v", name, s)
			}
		}
	}
	if len(seen) != 3 { // the first two are one
		t.Errorf("%d styles", len(seen))
	}
	if res := webtest.Get(t, shell, basemap.StylePath+"?tema=rosa"); res.Code != http.StatusUnprocessableEntity && res.Code != http.StatusBadRequest {
		t.Errorf("an unknown theme is answered with %d", res.Code)
	}
}

func TestPlacesAreFoundAsPeopleWriteThem(t *testing.T) {
	for _, tt := range []struct{ q, first string }{
		{"oaxaca", "20"},
		{"OAXACA de juarez", "20067"},
		{"cdmx", "09"},
		{"merida", "31050"},
		{"mérida, yucatán", "31050"},
		{"juarez chih", "08037"},
		{"edomex", "15"},
		{"tlaquepa", "14098"},
	} {
		got := basemap.Find(tt.q)
		if len(got) == 0 || len(got) > 8 || !slices.ContainsFunc(got[:min(2, len(got))], func(f basemap.Found) bool { return f.Code == tt.first }) {
			t.Errorf("Find(%q) = %v, want %s among the first", tt.q, got, tt.first)
		}
	}
	for _, q := range []string{"", "  ", "zzqqxx", "%00", "(.*"} {
		if got := basemap.Find(q); got == nil || len(got) > 0 {
			t.Errorf("Find(%q) = %v", q, got)
		}
	}
}

func TestAPlaceSaysItsBox(t *testing.T) {
	shell := mounted(t)
	res := webtest.Get(t, shell, basemap.PlacesPath+"?q=m%C3%A9rida")
	var got []basemap.Found
	if err := json.Unmarshal(res.Body.Bytes(), &got); err != nil || len(got) == 0 {
		t.Fatalf("%v %s", err, res.Body)
	}
	if b := got[0].Box; got[0].Name != "Mérida, Yucatán" || b[0] > -89.6 || b[2] < -89.6 || b[1] > 20.97 || b[3] < 20.97 {
		t.Errorf("%+v", got[0])
	}
	if res := webtest.Get(t, shell, basemap.PlacesPath+"?q="+strings.Repeat("a", 201)); res.Code/100 != 4 {
		t.Errorf("a long question is answered with %d", res.Code)
	}
}

func TestEverySentenceIsInBothLanguages(t *testing.T) {
	for _, p := range i18n.CheckCatalogues(basemap.Locale) {
		t.Error(p)
	}
}
