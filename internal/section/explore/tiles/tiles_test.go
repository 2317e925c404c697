package tiles_test

import (
	"fmt"
	"math"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"plaza/internal/base/db"
	"plaza/internal/base/i18n"
	"plaza/internal/base/tile"
	"plaza/internal/base/tile/tiletest"
	"plaza/internal/base/web/webtest"
	"plaza/internal/section/explore/tiles"
)

// canary stands in a column that is withheld.
const canary = "CANARIO"

// spots is a table of points around Mexico City and Mérida, in turns.
func spots(rows int) string {
	var b strings.Builder
	b.WriteString("nombre,clase,latitud,longitud,secreto\n")
	for i := range rows {
		lon, lat := -99.13+float64(i%97)/1000, 19.43+float64(i%89)/1000
		if i%2 == 1 {
			lon, lat = -89.62+float64(i%97)/1000, 20.97+float64(i%89)/1000
		}
		fmt.Fprintf(&b, "Lugar %d,%s,%.5f,%.5f,%s%d\n", i+1, []string{"agua", "luz", "gas"}[i%3], lat, lon, canary, i)
	}
	return b.String()
}

func TestFewRowsAreEachAPoint(t *testing.T) {
	w := opened(t, "lugares.csv", spots(60))
	w.As(w.Transp, func(tx *db.Tx) error { return w.explore.Withhold(tx, resource, "secreto", "Datos de personas.") })
	for _, tt := range []struct {
		name     string
		on       tile.Tile
		question url.Values
		want     int
	}{
		{"the whole world", tile.Tile{}, nil, 60},
		{"one city", over(-99.1, 19.45, 7), nil, 30},
		{"what a filter leaves", tile.Tile{}, url.Values{"f.clase": {"agua"}}, 20},
		{"what a search leaves", over(-99.1, 19.45, 7), url.Values{"buscar": {"gas"}}, 10},
		{"what a box leaves", tile.Tile{}, url.Values{"caja": {"-100,19,-99,20"}}, 30},
		{"an empty square", over(-110, 25, 7), nil, 0},
		{"a square beside", over(-95, 19.45, 7), nil, 0},
	} {
		t.Run(tt.name, func(t *testing.T) {
			got := w.see(t, tt.on, tt.question)
			if n := len(got[tiles.LayerPoints]); n != tt.want || len(got[tiles.LayerGroups]) > 0 {
				t.Errorf("%d points and %d groups, want %d points", n, len(got[tiles.LayerGroups]), tt.want)
			}
		})
	}
	t.Run("a point says its row and what it is", func(t *testing.T) {
		on := over(-99.13, 19.43, 18) // of the first row
		got := w.see(t, on, nil)[tiles.LayerPoints]
		want := map[string]any{"_fila": int64(1), "nombre": "Lugar 1", "clase": "agua"}
		if len(got) != 1 || !cmp.Equal(got[0].Props, want) {
			t.Fatalf("%+v, want %v", got, want)
		}
		if got[0].Kind != tiletest.Point {
			t.Errorf("its kind is %d", got[0].Kind)
		}
		named := w.see(t, on, url.Values{"col": {"clase"}})[tiles.LayerPoints]
		if want := map[string]any{"_fila": int64(1), "clase": "agua"}; len(named) != 1 || !cmp.Equal(named[0].Props, want) {
			t.Errorf("%+v, want %v", named, want)
		}
	})
	t.Run("nobody learns what is hidden", func(t *testing.T) {
		res := webtest.Get(t, w.shell, address(tile.Tile{}, nil))
		if strings.Contains(res.Body.String(), canary) {
			t.Error("a square holds what a hidden column holds")
		}
		for _, question := range []url.Values{{"f.secreto": {canary + "1"}}, {"f.secreto.vacio": {"no"}}, {"col": {"secreto"}}} {
			if res := webtest.Get(t, w.shell, address(tile.Tile{}, question)); res.Code != 422 && res.Code != 400 {
				t.Errorf("%v is answered with %d", question, res.Code)
			}
		}
		if got := w.see(t, tile.Tile{}, url.Values{"buscar": {canary}}); got != nil {
			t.Errorf("a search in it finds %v", got)
		}
	})
	t.Run("addresses of no square are not found", func(t *testing.T) {
		for _, end := range []string{"/19/0/0", "/3/8/0", "/3/-1/0", "/a/b/c", "/3/0/0.png"} {
			if res := webtest.Get(t, w.shell, page+"/mosaicos"+end); res.Code != 404 {
				t.Errorf("%s is answered with %d", end, res.Code)
			}
		}
		for _, path := range []string{strings.Replace(page, resource, "nada", 1) + "/mosaicos/0/0/0", page + "/mosaicos/0/0/0?hoja=9", page + "/mosaicos/0/0/0?version=99"} {
			if res := webtest.Get(t, w.shell, path); res.Code != 404 {
				t.Errorf("%s is answered with %d", path, res.Code)
			}
		}
	})
	t.Run("a hidden place has no squares", func(t *testing.T) {
		w.As(w.Transp, func(tx *db.Tx) error { return w.explore.Withhold(tx, resource, "latitud", "Dice dónde vive alguien.") })
		if res := webtest.Get(t, w.shell, address(tile.Tile{}, nil)); res.Code != 404 {
			t.Errorf("it is answered with %d", res.Code)
		}
	})
}

func TestManyRowsAreGroups(t *testing.T) {
	const rows = 12_000
	w := opened(t, "lugares.csv", spots(rows))
	for _, on := range []tile.Tile{{}, over(-99.1, 19.45, 6)} {
		got := w.see(t, on, nil)
		var sum int64
		for _, f := range got[tiles.LayerGroups] {
			sum += f.Props["n"].(int64)
		}
		want := int64(rows)
		if on.Z > 0 {
			want /= 2
		}
		if sum != want || len(got) != 1 {
			t.Errorf("the groups of %v hold %d rows, want %d; layers %d", on, sum, want, len(got))
		}
	}
	r := httptest.NewRequestWithContext(t.Context(), http.MethodGet, address(over(-99.1, 19.45, 9), nil), nil)
	r.Header.Set("Accept-Encoding", "br")
	if res := webtest.Do(w.shell, r); res.Header().Get("Content-Encoding") != "br" {
		t.Errorf("a square is sent as %q", res.Header().Get("Content-Encoding"))
	}
	near := w.see(t, over(-99.1, 19.45, 9), nil)[tiles.LayerGroups]
	if len(near) < 50 || len(near) > 81*81 {
		t.Errorf("a city is drawn by %d groups", len(near))
	}
	if few := w.see(t, over(-99.1, 19.45, 9), url.Values{"f.clase": {"agua"}})[tiles.LayerPoints]; len(few) != rows/2/3 {
		t.Errorf("few enough rows are drawn by %d points", len(few))
	}
}

const shapes = `{"type":"FeatureCollection","features":[
{"type":"Feature","properties":{"zona":"con hueco"},"geometry":{"type":"Polygon","coordinates":[[[-100,19],[-98,19],[-98,21],[-100,21],[-100,19]],[[-99.2,19.8],[-98.8,19.8],[-98.8,20.2],[-99.2,20.2],[-99.2,19.8]]]}},
{"type":"Feature","properties":{"zona":"dos partes"},"geometry":{"type":"MultiPolygon","coordinates":[[[[-90,20],[-89,20],[-89,21],[-90,21],[-90,20]]],[[[-88,20],[-87.5,20],[-87.5,20.5],[-88,20.5],[-88,20]]]]}},
{"type":"Feature","properties":{"zona":"línea"},"geometry":{"type":"LineString","coordinates":[[-105,25],[-104,25.00001],[-103,25]]}}
]}`

func TestShapesAreCutToTheirSquare(t *testing.T) {
	w := opened(t, "zonas.geojson", shapes)
	t.Run("from afar all are there", func(t *testing.T) {
		got := map[any]tiletest.Feature{}
		for _, f := range w.see(t, over(-99, 20, 3), nil)[tiles.LayerShapes] {
			got[f.Props["zona"]] = f
		}
		if f := got["con hueco"]; f.Kind != tiletest.Face || len(f.Paths) != 2 || tiletest.Area(f.Paths[0]) <= 0 || tiletest.Area(f.Paths[1]) >= 0 || f.Props["_fila"] == nil {
			t.Errorf("a face with a hole is %+v", f)
		}
		if f := got["línea"]; f.Kind != tiletest.Line || len(f.Paths[0]) != 2 {
			t.Errorf("a line whose middle nobody sees is %+v", f)
		}
	})
	t.Run("from near only a part", func(t *testing.T) {
		on := over(-99.5, 19.5, 9)
		got := w.see(t, on, nil)[tiles.LayerShapes]
		if len(got) != 1 || got[0].Props["zona"] != "con hueco" {
			t.Fatalf("%+v", got)
		}
		// the square lies inside the face
		side := float64(tile.Extent + 2*tile.Buffer)
		if area := float64(tiletest.Area(got[0].Paths[0])) / 2; math.Abs(area-side*side) > 1 {
			t.Errorf("it covers %v units, want %v", area, side*side)
		}
	})
	t.Run("a filter leaves some", func(t *testing.T) {
		got := w.see(t, tile.Tile{}, url.Values{"f.zona": {"dos partes"}})[tiles.LayerShapes]
		if len(got) != 1 || len(got[0].Paths) != 2 {
			t.Errorf("%+v", got)
		}
	})
}

func TestShapesThatAreLeftOutAreTold(t *testing.T) {
	var b strings.Builder
	b.WriteString(`{"type":"FeatureCollection","features":[`)
	const rows = 2100
	for i := range rows {
		x, y := -103+float64(i%50)*0.02, 20+float64(i/50)*0.02
		if i > 0 {
			b.WriteByte(',')
		}
		fmt.Fprintf(&b, `{"type":"Feature","properties":{"n":%d},"geometry":{"type":"LineString","coordinates":[[%.3f,%.3f],[%.3f,%.3f]]}}`, i, x, y, x+0.01, y+0.01)
	}
	b.WriteString(`]}`)
	w := opened(t, "lineas.geojson", b.String())
	got := w.see(t, over(-102.5, 20.5, 6), nil)
	if n, missing := len(got[tiles.LayerShapes]), got[tiles.LayerMissing]; n != 2000 || len(missing) != 1 || missing[0].Props["n"] != int64(rows-2000) {
		t.Errorf("%d shapes are drawn, %+v are said to be missing", n, missing)
	}
}

func TestATableWithoutPlaceHasNoSquares(t *testing.T) {
	w := opened(t, "cosas.csv", "clave,valor\na,1\nb,2\n")
	if res := webtest.Get(t, w.shell, address(tile.Tile{}, nil)); res.Code != 404 {
		t.Errorf("it is answered with %d", res.Code)
	}
}

func TestEverySentenceIsInBothLanguages(t *testing.T) {
	for _, p := range i18n.CheckCatalogues(tiles.Locale) {
		t.Error(p)
	}
}
