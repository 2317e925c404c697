package reckon_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"plaza/internal/base/tabular"
	"plaza/internal/base/tabular/place"
	"plaza/internal/section/tool/reckon"
	"plaza/internal/section/tool/spec"
)

// ventas has a date before 1900, a month without sales, and no product once.
const ventas = `fecha,producto,monto,piezas
1898-03-01,pan,10.5,1
2021-01-15,pan,20.25,2
2021-01-20,leche,30,3
2021-03-02,leche,ND,4
2021-03-05,café,,5
2021-03-09,,8,6
2021-04-01,queso,-5,7
2021-04-02,té,1.25,8
`

func TestBarsKeepTheGreatestAndPutTheRestTogether(t *testing.T) {
	w := newWorld(t)
	w.file(mainID, "ventas.csv", ventas)
	r := w.view(doc(spec.View{Mark: spec.Bar, Top: 2, Others: true, Encoding: spec.Encoding{X: by("producto"), Y: of(tabular.Sum, "monto")}}), "")
	if diff := cmp.Diff([][]string{{"pan", "30.75"}, {"leche", "30"}, {"otros", "4.25"}}, texts(r)); diff != "" {
		t.Error(diff)
	}
	if r.Rest != 2 || r.Folded != 4 || r.Counted != 8 || r.Missing != 2 || r.Left != 0 {
		t.Errorf("%+v", r)
	}
	r = w.view(doc(spec.View{Mark: spec.Bar, Top: 2, Others: true, Encoding: spec.Encoding{X: of(tabular.Mean, "monto"), Y: by("producto")}}), "f.producto.no=pan")
	if diff := cmp.Diff([][]string{{"leche", "30"}, {"·", "8"}, {"otros", "-1.875"}}, texts(r)); diff != "" {
		t.Error(diff)
	}
	r = w.view(doc(spec.View{Mark: spec.Bar, Top: 2, Others: true, Encoding: spec.Encoding{X: by("producto"), Y: of(tabular.Median, "monto")}}), "")
	if r.Rest != -1 || r.Left != 4 || len(r.Rows) != 2 {
		t.Errorf("a median has no others: %+v", r)
	}
}

func TestCategoriesStandInTheOrderThatIsAsked(t *testing.T) {
	w := newWorld(t)
	w.file(mainID, "ventas.csv", ventas)
	for sort, want := range map[string]string{
		"": "pan leche · té café queso", "-value": "pan leche · té café queso", "value": "café queso té · leche pan",
		"ascending": "café leche pan queso té ·", "descending": "té queso pan leche café ·",
	} {
		r := w.view(doc(spec.View{Mark: spec.Bar, Encoding: spec.Encoding{X: spec.Channel{Field: "producto", Sort: sort}, Y: of(tabular.Sum, "monto")}}), "")
		var got []string
		for _, row := range texts(r) {
			got = append(got, row[0])
		}
		want, got := strings.Fields(want), got
		if sort == "" || sort == "-value" { // none comes after all values
			want = strings.Fields("pan leche · té queso café")
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%q: %s", sort, diff)
		}
	}
}

func TestDaysAndMonthsByNameStandInTheOrderOfTheCalendar(t *testing.T) {
	w := newWorld(t)
	w.file(mainID, "ventas.csv", "dia,monto\ndomingo,9\nMiércoles,5\nlunes,1\nsábado,7\nlunes,2\n")
	for sort, want := range map[string]string{
		"": "lunes Miércoles sábado domingo", "ascending": "lunes Miércoles sábado domingo",
		"descending": "domingo sábado Miércoles lunes", "-value": "domingo sábado Miércoles lunes", "value": "lunes Miércoles sábado domingo",
	} {
		r := w.view(doc(spec.View{Mark: spec.Bar, Encoding: spec.Encoding{X: spec.Channel{Field: "dia", Sort: sort}, Y: of(tabular.Sum, "monto")}}), "")
		var got []string
		for _, row := range texts(r) {
			got = append(got, row[0])
		}
		if diff := cmp.Diff(strings.Fields(want), got); diff != "" {
			t.Errorf("%q: %s", sort, diff)
		}
	}
}

func TestALineGoesByItsStep(t *testing.T) {
	w := newWorld(t)
	w.file(mainID, "ventas.csv", ventas)
	line := spec.View{Mark: spec.Line, Encoding: spec.Encoding{X: spec.Channel{Field: "fecha", TimeUnit: "yearmonth"}, Y: count}}
	r := w.view(doc(line), "f.fecha.min=2021-02-01")
	if diff := cmp.Diff([][]string{{"1898-03-01", "1"}, {"2021-01-01", "2"}, {"2021-03-01", "3"}, {"2021-04-01", "2"}}, texts(r)); diff != "" {
		t.Error(diff)
	}
	if r.ChosenRange["fecha"] != [2]string{"2021-02-01", ""} || r.Columns[0].Step != tabular.StepMonth || r.Columns[0].Type != tabular.Date {
		t.Errorf("%+v", r)
	}
	line.Mark = spec.Figure
	r = w.view(doc(line), "f.fecha.min=2021-02-01")
	if diff := cmp.Diff([][]string{{"2021-03-01", "3"}, {"2021-04-01", "2"}}, texts(r)); diff != "" || r.Total == nil || *r.Total != 3 {
		t.Errorf("a figure is of the rows that are chosen: %s %v", diff, r.Total)
	}
	line.Encoding.X = spec.Channel{}
	r = w.view(doc(line), "f.producto=pan&buscar=pan")
	if diff := cmp.Diff([][]string{{"2"}}, texts(r)); diff != "" {
		t.Error(diff)
	}
}

func TestAHistogramHasItsWidthAndATreemapNothingBelowZero(t *testing.T) {
	w := newWorld(t)
	w.file(mainID, "ventas.csv", ventas)
	r := w.view(doc(spec.View{Mark: spec.Bar, Encoding: spec.Encoding{X: spec.Channel{Field: "piezas", Bin: 4}, Y: count}}), "")
	if diff := cmp.Diff([][]string{{"0", "1"}, {"2", "2"}, {"4", "2"}, {"6", "3"}}, texts(r)); diff != "" || r.Columns[0].Width != 2 {
		t.Errorf("%s %+v", diff, r.Columns)
	}
	r = w.view(doc(spec.View{Mark: spec.Treemap, Encoding: spec.Encoding{Detail: by("producto"), Size: of(tabular.Sum, "monto")}}), "")
	if r.Negative != 1 || r.Total == nil || *r.Total != 70 || len(r.Rows) != 5 {
		t.Errorf("%+v", r)
	}
}

func TestManyCategoriesAreCountedToTheLast(t *testing.T) {
	w := newWorld(t)
	var b strings.Builder
	b.WriteString("clave,n\n")
	for i := range 12_000 {
		fmt.Fprintf(&b, "k%05d,%d\n", i, 1+i%7)
	}
	w.file(mainID, "muchas.csv", b.String())
	v := spec.View{Mark: spec.Bar, Top: 3, Others: true, Encoding: spec.Encoding{X: by("clave"), Y: of(tabular.Sum, "n")}}
	r := w.view(doc(v), "")
	if diff := cmp.Diff([][]string{{"k00006", "7"}, {"k00013", "7"}, {"k00020", "7"}, {"otros", "47974"}}, texts(r)); diff != "" {
		t.Error(diff)
	}
	if r.Folded != 11_997 || r.Counted != 12_000 || r.LeftRows != 0 {
		t.Errorf("%d are folded of %d, %d rows left", r.Folded, r.Counted, r.LeftRows)
	}
	v.Encoding.Y = of(tabular.Median, "n")
	if r = w.view(doc(v), ""); len(r.Rows) != 3 || r.Left != 11_997 || r.Counted != 12_000 {
		t.Errorf("%d rows, %d left", len(r.Rows), r.Left)
	}
	v = spec.View{Mark: spec.Point, Encoding: spec.Encoding{X: by("n"), Y: by("n2")}}
	if field, key := w.refused(doc(v)); field != "views[0].encoding.y.field" || key != "toolreckon.column" {
		t.Errorf("%s %s", field, key)
	}
}

// muertes tells municipalities with codes that lost their zero, and one that is not there.
const muertes = `cve_mun,causa,n
1001,a,10
01001,b,2
9015,a,5
9999,a,7
,a,1
`

func TestRatesAreByThePeopleOfThePlace(t *testing.T) {
	w := newWorld(t)
	w.file(mainID, "muertes.csv", muertes)
	v := spec.View{Mark: spec.GeoShape, Geo: "municipalities", Per: reckon.Population, Encoding: spec.Encoding{Place: by("cve_mun"), Color: of(tabular.Sum, "n")}}
	r := w.view(doc(v), "")
	rate := func(n float64, code string) string {
		people, _ := place.Population(code)
		return fmt.Sprint(n / float64(people) * 100_000)
	}
	if diff := cmp.Diff([][]string{{"01001", rate(12, "01001")}, {"09015", rate(5, "09015")}}, texts(r)); diff != "" {
		t.Error(diff)
	}
	if r.UnknownCount != 1 || r.Unknown[0] != "09999" || r.Nowhere != 1 || r.Names["09015"] != "Cuauhtémoc" {
		t.Errorf("%+v", r)
	}
	j := r.Joins[0]
	if j.From != reckon.Population || j.MatchedRows != 3 || j.UnmatchedRows != 2 || j.Unmatched != 1 || r.Stamps[1].Institution != "INEGI" {
		t.Errorf("%+v, %+v", j, r.Stamps)
	}
	v.Geo, v.Within = "states", "01"
	r = w.view(doc(v), "")
	if diff := cmp.Diff([][]string{{"01", rate(12, "01")}}, texts(r)); diff != "" {
		t.Error(diff)
	}
	v = spec.View{Mark: spec.Bar, Per: reckon.Population, Encoding: spec.Encoding{X: by("cve_mun"), Y: of(tabular.Mean, "n")}}
	if field, key := w.refused(doc(v)); field != "views[0].encoding.y.aggregate" || key != "toolreckon.per_func" {
		t.Errorf("%s %s", field, key)
	}
}

func TestPlacesThatAreCalledAlikeAreToldApartByTheirStates(t *testing.T) {
	w := newWorld(t)
	w.file(mainID, "municipios.csv", "cvegeo,casos\n09014,3\n23005,2\n08037,9\n")
	r := w.view(doc(spec.View{Mark: spec.Bar, Encoding: spec.Encoding{X: of(tabular.Sum, "casos"), Y: by("cvegeo")}}), "")
	want := map[string]string{"09014": "Benito Juárez, Ciudad de México", "23005": "Benito Juárez, Quintana Roo", "08037": "Juárez"}
	if diff := cmp.Diff(want, r.Names); diff != "" {
		t.Error(diff)
	}
}

func TestMissingValuesAreCountedAlikeForLinesAndAreas(t *testing.T) {
	w := newWorld(t)
	w.file(mainID, "ventas.csv", ventas)
	got := map[spec.Mark]reckon.Result{}
	for _, mark := range []spec.Mark{spec.Line, spec.Area} {
		got[mark] = w.view(doc(spec.View{Mark: mark, Encoding: spec.Encoding{X: spec.Channel{Field: "fecha", TimeUnit: "yearmonth"}, Y: of(tabular.Mean, "monto"), Color: by("producto")}}), "")
	}
	if diff := cmp.Diff(got[spec.Line], got[spec.Area]); diff != "" {
		t.Errorf("(-line +area):\n%s", diff)
	}
	if r := got[spec.Area]; r.Missing != 2 || r.Counted != 8 {
		t.Errorf("%d of %d are missing, want 2 of 8", r.Missing, r.Counted)
	}
}

func TestLinesOfMeansAreAllThere(t *testing.T) {
	w := newWorld(t)
	body := "anio,estado,precio\n"
	for i := range 20 {
		body += fmt.Sprintf("2020,e%02d,%d\n2021,e%02d,%d\n", i, i, i, i+1)
	}
	w.file(mainID, "precios.csv", body)
	for _, one := range []struct {
		mark         spec.Mark
		f            tabular.Func
		rows, folded int
	}{{spec.Line, tabular.Mean, 40, 0}, {spec.Line, tabular.Median, 40, 0}, {spec.Line, tabular.Sum, 16, 13}, {spec.Area, tabular.Mean, 16, 13}} {
		r := w.view(doc(spec.View{Mark: one.mark, Encoding: spec.Encoding{X: by("anio"), Y: of(one.f, "precio"), Color: by("estado")}}), "")
		if len(r.Rows) != one.rows || r.Folded != one.folded || r.Left != 0 {
			t.Errorf("%s of %s: %d rows, %d put together, %d left out", one.mark, one.f, len(r.Rows), r.Folded, r.Left)
		}
	}
}

func TestSharesAreTold(t *testing.T) {
	w := newWorld(t)
	w.file(mainID, "votos.csv", "estado,partido,votos\nColima,A,30\nColima,B,10\nColima,C,-5\nDurango,A,7\nDurango,B,\n")
	v := spec.View{Mark: spec.Bar, Stack: "normalize", Encoding: spec.Encoding{X: of(tabular.Sum, "votos"), Y: spec.Channel{Field: "estado", Sort: "ascending"}, Color: by("partido")}}
	r := w.view(doc(v), "")
	if diff := cmp.Diff([][]string{{"Colima", "A", "30", "75"}, {"Colima", "B", "10", "25"}, {"Colima", "C", "-5", "0"}, {"Durango", "A", "7", "100"}, {"Durango", "B", "·", "·"}}, texts(r)); diff != "" {
		t.Error(diff)
	}
	if c := r.Columns[3]; c.Role != reckon.RoleShare || c.Name != "porcentaje:suma:votos" {
		t.Errorf("%+v", c)
	}
	v.Stack = "zero"
	if r = w.view(doc(v), ""); len(r.Columns) != 3 {
		t.Errorf("amounts have the columns %+v", r.Columns)
	}
}

func TestARateIsCalledOne(t *testing.T) {
	w := newWorld(t)
	w.file(mainID, "casos.csv", "cve_ent,casos\n09,30\n15,10\n")
	w.file(otherID, "censo.csv", "clave,viviendas.todas\n09,30\n15,10\n")
	for _, one := range []struct {
		per   string
		times float64
		y     spec.Channel
		want  string
	}{
		{reckon.Population, 0, of(tabular.Sum, "casos"), "suma:casos:por_100000_habitantes"},
		{reckon.Population, 1000, count, "cuenta:por_1000_habitantes"},
		{"censo.viviendas.todas", 0, of(tabular.Sum, "casos"), "suma:casos:por_viviendas.todas"},
		{"", 0, of(tabular.Sum, "casos"), "suma:casos"},
	} {
		s := doc(spec.View{Mark: spec.Bar, Per: one.per, Times: one.times, Encoding: spec.Encoding{X: by("cve_ent"), Y: one.y}})
		s.Sources[0].Lookup = []spec.Lookup{{Key: "cve_ent", From: "censo", Equals: "clave", Fields: []string{"viviendas.todas"}}}
		s.Sources = append(s.Sources, spec.Source{Name: "censo", Resource: otherID})
		if got := w.view(s, "").Columns[1].Name; got != one.want {
			t.Errorf("%s is called %q", one.want, got)
		}
	}
}
