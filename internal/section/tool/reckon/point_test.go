package reckon_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"plaza/internal/base/tabular"
	"plaza/internal/section/tool/spec"
)

// sorted are rows in the order of their texts.
func sorted(rows [][]string) [][]string {
	slices.SortFunc(rows, func(a, b []string) int { return slices.Compare(a, b) })
	return rows
}

// rounded are rows with numbers of twelve digits.
func rounded(rows [][]string) [][]string {
	for _, row := range rows {
		for i, s := range row {
			if v, err := strconv.ParseFloat(s, 64); err == nil {
				row[i] = fmt.Sprintf("%.12g", v)
			}
		}
	}
	return rows
}

func escuelas(n int) string {
	r := rand.New(rand.NewPCG(1, 2))
	var b strings.Builder
	b.WriteString("nombre,lat,lon,alumnos,tipo\n")
	for i := range n {
		lat := fmt.Sprintf("%.5f", 19+r.Float64())
		if i%10 == 9 {
			lat = ""
		}
		fmt.Fprintf(&b, "Escuela %d,%s,%.5f,%d,t%d\n", i, lat, -99-r.Float64(), r.IntN(500), i%12)
	}
	return b.String()
}

func TestFewPointsAreRowsAndManyAreClusters(t *testing.T) {
	w := newWorld(t)
	w.file(mainID, "escuelas.csv", escuelas(100))
	v := spec.View{Mark: spec.Circle, Encoding: spec.Encoding{Label: by("nombre"), Color: by("tipo")}}
	r := w.view(doc(v), "")
	if len(r.Rows) != 90 || r.Missing != 10 || r.Clustered || r.RestSeries == "" || r.Folded != 5 {
		t.Errorf("%d rows, %+v", len(r.Rows), r)
	}
	w.file(mainID, "escuelas.csv", escuelas(4000))
	r = w.view(doc(v), "")
	sum := 0
	for _, row := range r.Rows {
		n, _ := strconv.Atoi(row[2].Text)
		sum += n
	}
	if !r.Clustered || sum != 3600 || r.Missing != 400 || r.Counted != 4000 || r.Columns[0].Width == 0 {
		t.Errorf("%d in %d clusters, %+v", sum, len(r.Rows), r.Columns)
	}
	r = w.view(doc(spec.View{Mark: spec.Point, Encoding: spec.Encoding{X: by("lat"), Y: by("alumnos")}}), "")
	sum = 0
	for _, row := range r.Rows {
		n, _ := strconv.Atoi(row[2].Text)
		sum += n
	}
	if !r.Binned || sum != 3600 || r.Missing != 400 || r.Columns[1].Width == 0 {
		t.Errorf("%d in %d cells, %+v", sum, len(r.Rows), r.Columns)
	}
	v.Encoding = spec.Encoding{Size: of(tabular.Sum, "alumnos")}
	if r = w.view(doc(v), ""); !r.Clustered || r.Columns[2].Func != tabular.Sum {
		t.Errorf("%+v", r.Columns)
	}
	if r = w.view(doc(v), "f.tipo=t3"); r.Clustered || len(r.Rows) != 267 || r.Missing != 67 || r.Counted != 334 {
		t.Errorf("%d rows, %+v", len(r.Rows), r.Columns)
	}
	r = w.view(doc(spec.View{Mark: spec.Point, Encoding: spec.Encoding{X: by("lat"), Y: by("alumnos")}}), "f.tipo=t3")
	if r.Binned || len(r.Rows) != 267 {
		t.Errorf("%d dots", len(r.Rows))
	}
}

func TestShapesAreThoseOfAnotherSource(t *testing.T) {
	w := newWorld(t)
	w.file(mainID, "casos.csv", "zona,n\nA,1\nA,2\nB,5\nX,9\n")
	square := func(id string, x int) string {
		return fmt.Sprintf(`{"type":"Feature","properties":{"clave":%q},"geometry":{"type":"Polygon","coordinates":[[[%d,19],[%d,20],[%d,20],[%d,19]]]}}`, id, x, x, x+1, x)
	}
	w.file(shapeID, "zonas.geojson", `{"type":"FeatureCollection","features":[`+square("A", -99)+","+square("B", -98)+","+square("C", -97)+`]}`)
	s := doc(spec.View{Mark: spec.GeoShape, Geo: "zonas", GeoKey: "clave", Encoding: spec.Encoding{Place: by("zona"), Color: of(tabular.Sum, "n")}})
	s.Sources = append(s.Sources, spec.Source{Name: "zonas", Resource: shapeID})
	r := w.view(s, "")
	if diff := cmp.Diff([][]string{{"A", "3"}, {"B", "5"}}, sorted(texts(r))); diff != "" {
		t.Error(diff)
	}
	if len(r.Shapes) != 3 || r.UnknownCount != 1 || r.Unknown[0] != "X" || !strings.Contains(r.Shapes["A"], "Polygon") || len(r.Stamps) != 2 {
		t.Errorf("%+v", r)
	}
}
