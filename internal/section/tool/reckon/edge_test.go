package reckon_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"plaza/internal/base/tabular"
	"plaza/internal/base/tabular/place"
	"plaza/internal/plaza"
	"plaza/internal/section/tool/reckon"
	"plaza/internal/section/tool/spec"
)

func TestRatesOfTheCountryGoByStatesWhereMunicipalitiesAreTooMany(t *testing.T) {
	w := newWorld(t)
	var b strings.Builder
	b.WriteString("anio,cve_mun,n\n")
	people := int64(0)
	for _, s := range place.States() {
		n, _ := place.Population(s.Code)
		people += n
		for _, m := range place.Towns(s.Code) {
			for year := 2016; year < 2021; year++ {
				fmt.Fprintf(&b, "%d,%s,1\n", year, m.Code)
			}
		}
	}
	w.file(mainID, "anual.csv", b.String())
	r := w.view(doc(spec.View{Mark: spec.Line, Per: reckon.Population, Encoding: spec.Encoding{X: by("anio"), Y: of(tabular.Sum, "n")}}), "")
	if want := fmt.Sprintf("%.12g", 2469/float64(people)*100_000); len(r.Rows) != 5 || rounded(texts(r))[4][1] != want {
		t.Errorf("%v, want %s", texts(r), want)
	}
	if r.Joins[0].Matched != 32 {
		t.Errorf("%+v", r.Joins)
	}
}

func TestPanelsAndSeriesAreBounded(t *testing.T) {
	w := newWorld(t)
	var b strings.Builder
	b.WriteString("panel,serie,dia\n")
	for i := range 3000 {
		fmt.Fprintf(&b, "p%02d,s%02d,2020-01-%02d\n", i%30, i%11, 1+i%28)
	}
	w.file(mainID, "paneles.csv", b.String())
	r := w.view(doc(spec.View{Mark: spec.Line, Encoding: spec.Encoding{Facet: by("panel"), X: by("dia"), Y: count, Color: by("serie")}}), "f.serie=s01")
	panels, series, days := map[string]bool{}, map[string]bool{}, map[string]bool{}
	for _, row := range texts(r) {
		panels[row[0]], days[row[1]], series[row[2]] = true, true, true
	}
	if len(panels) != spec.MaxPanels || len(series) != spec.MaxSeries || r.RestSeries == "" || r.Folded != 4 || r.Left < 6 || len(r.Rows) > spec.MaxMarks || !days["2020-01-28"] {
		t.Errorf("%d panels, %d series, %d rows, %d left", len(panels), len(series), len(r.Rows), r.Left)
	}
	if r.Chosen["serie"][0] != "s01" {
		t.Errorf("%v", r.Chosen)
	}
}

func TestColumnsWithNothingOrOneValue(t *testing.T) {
	w := newWorld(t)
	w.file(mainID, "nada.csv", "a,b,c\nx,7,\ny,7,\nz,7,\n")
	for _, c := range []struct {
		view spec.View
		want [][]string
	}{
		{spec.View{Mark: spec.Bar, Encoding: spec.Encoding{X: by("c"), Y: count}}, [][]string{{"·", "3"}}},
		{spec.View{Mark: spec.Bar, Encoding: spec.Encoding{X: spec.Channel{Field: "b", Bin: 20}, Y: count}}, [][]string{{"7", "3"}}},
		{spec.View{Mark: spec.Figure, Filter: "f.a=nadie", Encoding: spec.Encoding{Y: of(tabular.Sum, "b")}}, [][]string{{"·"}}},
		{spec.View{Mark: spec.Bar, Filter: "f.a=nadie", Encoding: spec.Encoding{X: by("a"), Y: count}}, [][]string{}},
		{spec.View{Mark: spec.Table, Encoding: spec.Encoding{X: by("b"), Y: of(tabular.Distinct, "a"), Size: count}}, [][]string{{"7", "3", "3"}}},
		{spec.View{Mark: spec.Table, Encoding: spec.Encoding{X: by("b")}}, [][]string{{"7", "3"}}},
	} {
		if diff := cmp.Diff(c.want, texts(w.view(doc(c.view), ""))); diff != "" {
			t.Errorf("%s: %s", c.view.Mark, diff)
		}
	}
	text := doc(spec.View{Mark: spec.Text, Text: "Hola"})
	text.Views[0].Source = ""
	if r := w.view(text, ""); len(r.Rows) != 0 {
		t.Errorf("%v", r.Rows)
	}
	if _, err := w.View(t.Context(), text, "otra", nil); plaza.KindOf(err) != plaza.NotFound {
		t.Error(err)
	}
}
