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

const delitos = `anio,cve_ent,delitos
2020,01,10
2021,01,20
2020,02,5
2021,02,5
2021,03,1
2021,07,100
`

const regiones = `entidad,region,viviendas,indice
01,Centro,100,1.5
02,Norte,50,2.5
03,Norte,30,3.5
19,Norte,1000,9
`

// joined is a document whose source looks up the regions.
func joined(v spec.View) spec.Spec {
	s := doc(v)
	s.Sources[0].Lookup = []spec.Lookup{{Key: "cve_ent", From: "reg", Equals: "entidad", Fields: []string{"region", "viviendas", "indice"}}}
	s.Sources = append(s.Sources, spec.Source{Name: "reg", Resource: otherID})
	return s
}

func TestAColumnOfAnotherSourceGroups(t *testing.T) {
	w := newWorld(t)
	w.file(mainID, "delitos.csv", delitos)
	w.file(otherID, "regiones.csv", regiones)
	v := spec.View{Mark: spec.Bar, Encoding: spec.Encoding{X: by("reg.region"), Y: of(tabular.Sum, "delitos"), Color: by("anio")}}
	r := w.view(joined(v), "")
	want := [][]string{{"Centro", "2020", "10"}, {"Centro", "2021", "20"}, {"Norte", "2020", "5"}, {"Norte", "2021", "6"}, {"·", "2021", "100"}}
	if diff := cmp.Diff(want, sorted(texts(r))); diff != "" {
		t.Error(diff)
	}
	j := r.Joins[0]
	if diff := cmp.Diff(reckon.Join{From: "reg", Key: "cve_ent", Matched: 3, Unmatched: 1, UnmatchedIs: []string{"07"}, MatchedRows: 5, UnmatchedRows: 1}, j); diff != "" {
		t.Error(diff)
	}
	if len(r.Stamps) != 2 || r.Stamps[1].Source != "reg" || r.Stamps[0].Newest != 3 {
		t.Errorf("%+v", r.Stamps)
	}
	v.Encoding.Color = spec.Channel{}
	if r = w.view(joined(v), "f.reg.region=Norte"); len(r.Rows) != 3 || r.Chosen["reg.region"][0] != "Norte" {
		t.Errorf("%v %v", texts(r), r.Chosen)
	}
	v.Encoding.X = by("anio")
	if diff := cmp.Diff([][]string{{"2020", "5"}, {"2021", "6"}}, texts(w.view(joined(v), "f.reg.region=Norte"))); diff != "" {
		t.Error(diff)
	}
}

func TestRatesByAColumnOfAnotherSourceCountWhereNothingHappened(t *testing.T) {
	w := newWorld(t)
	w.file(mainID, "delitos.csv", delitos)
	w.file(otherID, "regiones.csv", regiones)
	v := spec.View{Mark: spec.Bar, Per: "reg.viviendas", Times: 1000, Encoding: spec.Encoding{X: by("cve_ent"), Y: of(tabular.Sum, "delitos")}}
	want := [][]string{{"01", "300"}, {"02", "200"}, {"03", fmt.Sprint(1.0 / 30 * 1000)}, {"07", "·"}}
	if diff := cmp.Diff(want, sorted(texts(w.view(joined(v), "")))); diff != "" {
		t.Error(diff)
	}
	v.Encoding.X = by("reg.region")
	want = [][]string{{"Centro", "300"}, {"Norte", "137.5"}} // the table tells nothing of 19
	if diff := cmp.Diff(want, rounded(sorted(texts(w.view(joined(v), ""))))[:2]); diff != "" {
		t.Error(diff)
	}
	v.Filter = "f.anio=2020" // when there was nothing in 03
	want = [][]string{{"Centro", "100"}, {"Norte", "62.5"}}
	if diff := cmp.Diff(want, rounded(sorted(texts(w.view(joined(v), "")))[:2])); diff != "" {
		t.Error(diff)
	}
	v.Filter = "f.cve_ent=01&f.cve_ent=02"
	want = [][]string{{"Centro", "300"}, {"Norte", "200"}}
	if diff := cmp.Diff(want, rounded(sorted(texts(w.view(joined(v), "")))[:2])); diff != "" {
		t.Error(diff)
	}
	v.Per, v.Times, v.Encoding.X, v.Filter = reckon.Population, 1, by("anio"), ""
	people := int64(0)
	for _, code := range []string{"01", "02", "03", "07"} {
		n, _ := place.Population(code)
		people += n
	}
	want = [][]string{{"2020", fmt.Sprintf("%.12g", 15/float64(people))}, {"2021", fmt.Sprintf("%.12g", 126/float64(people))}}
	if diff := cmp.Diff(want, rounded(texts(w.view(joined(v), "")))); diff != "" {
		t.Error(diff)
	}
}

func TestDotsOfTwoSources(t *testing.T) {
	w := newWorld(t)
	w.file(mainID, "delitos.csv", delitos)
	w.file(otherID, "regiones.csv", regiones)
	v := spec.View{Mark: spec.Point, Encoding: spec.Encoding{X: of(tabular.Sum, "delitos"), Y: of(tabular.Mean, "reg.indice"), Detail: by("cve_ent")}}
	want := [][]string{{"01", "30", "1.5"}, {"02", "10", "2.5"}, {"03", "1", "3.5"}, {"07", "100", "·"}}
	if diff := cmp.Diff(want, sorted(texts(w.view(joined(v), "")))); diff != "" {
		t.Error(diff)
	}
	v = spec.View{Mark: spec.Point, Encoding: spec.Encoding{X: by("delitos"), Y: by("reg.indice"), Color: by("reg.region")}}
	r := w.view(joined(v), "")
	if len(r.Rows) != 5 || r.Missing != 1 || r.Counted != 6 || texts(r)[0][0] != "10" {
		t.Errorf("%+v", r)
	}
	v = spec.View{Mark: spec.Table, Columns: []string{"anio", "reg.region", "delitos"}, Rows: 2, Filter: "orden=-delitos"}
	r = w.view(joined(v), "")
	if diff := cmp.Diff([][]string{{"2021", "·", "100"}, {"2021", "Centro", "20"}}, texts(r)); diff != "" || r.Left != 4 {
		t.Errorf("%s %d", diff, r.Left)
	}
}

func TestAKeyThatComesTwiceIsRefused(t *testing.T) {
	w := newWorld(t)
	w.file(mainID, "delitos.csv", delitos)
	w.file(otherID, "regiones.csv", regiones+"02,Sur,1,1\n")
	s := joined(spec.View{Mark: spec.Bar, Encoding: spec.Encoding{X: by("reg.region"), Y: count}})
	if field, key := w.refused(s); field != "sources[0].lookup[0].equals" || key != "toolreckon.duplicate" {
		t.Errorf("%s %s", field, key)
	}
}

func TestAMapOfAStateMayTakeItsCodesFromAnotherTable(t *testing.T) {
	w := newWorld(t)
	w.file(mainID, "carpetas.csv", "alcaldia,n\nCuauhtémoc,5\nTlalpan,2\nToluca,9\nNinguna,1\n")
	w.file(otherID, "municipios.csv", "municipio,cvegeo\nCuauhtémoc,09015\nTlalpan,09012\nToluca,15106\n")
	s := doc(spec.View{Mark: spec.GeoShape, Geo: "municipalities", Within: "09", Encoding: spec.Encoding{Place: by("reg.cvegeo"), Color: of(tabular.Sum, "n")}})
	s.Sources[0].Lookup = []spec.Lookup{{Key: "alcaldia", From: "reg", Equals: "municipio", Fields: []string{"cvegeo"}}}
	s.Sources = append(s.Sources, spec.Source{Name: "reg", Resource: otherID})
	if diff := cmp.Diff([][]string{{"09012", "2"}, {"09015", "5"}}, sorted(texts(w.view(s, "")))); diff != "" {
		t.Error(diff)
	}
}

func TestReadersChooseInAllSources(t *testing.T) {
	w := newWorld(t)
	w.file(mainID, "muertes.csv", "cve_mun,n\n01001,1\n01002,2\n09015,4\n")
	w.file(otherID, "regiones.csv", regiones)
	s := doc(spec.View{Mark: spec.Figure, Encoding: spec.Encoding{Y: of(tabular.Sum, "n")}})
	s.Sources = append(s.Sources, spec.Source{Name: "reg", Resource: otherID})
	for reader, want := range map[string]string{"": "7", "f.entidad=01": "3", "f.entidad=01&f.entidad=09": "7", "lugar=09": "4", "f.n.min=2": "6", "f.n.min=dos": "7", "f.nada=1": "7", "grupo=n": "7"} {
		r := w.view(s, reader)
		if got := texts(r)[0][0]; got != want {
			t.Errorf("%s: %s, want %s", reader, got, want)
		}
		if (len(r.Wrong) > 0) != strings.Contains(reader, "dos") {
			t.Errorf("%s: %v", reader, r.Wrong)
		}
	}
	s.Views[0] = spec.View{Name: "vista", Source: "datos", Mark: spec.GeoShape, Geo: "municipalities", Encoding: spec.Encoding{Place: by("cve_mun"), Color: of(tabular.Sum, "n")}}
	if r := w.view(s, "f.cve_mun=09015"); len(r.Rows) != 3 || r.Chosen["cve_mun"][0] != "09015" {
		t.Errorf("%v %v", texts(r), r.Chosen)
	}
	if r := w.view(s, "lugar=01"); len(r.Rows) != 3 || len(r.Chosen["cve_mun"]) != 11 {
		t.Errorf("%v %v", texts(r), r.Chosen)
	}
}

func TestWhatDoesNotFitIsSaidAtItsPlace(t *testing.T) {
	w := newWorld(t)
	w.file(mainID, "delitos.csv", delitos)
	w.file(otherID, "regiones.csv", regiones)
	for want, v := range map[string]spec.View{
		"views[0].encoding.x.field toolreckon.column":      {Mark: spec.Bar, Encoding: spec.Encoding{X: by("nada"), Y: count}},
		"views[0].encoding.x.timeUnit toolreckon.date":     {Mark: spec.Bar, Encoding: spec.Encoding{X: spec.Channel{Field: "cve_ent", TimeUnit: "year"}, Y: count}},
		"views[0].encoding.x.bin toolreckon.number":        {Mark: spec.Bar, Encoding: spec.Encoding{X: spec.Channel{Field: "cve_ent", Bin: 5}, Y: count}},
		"views[0].encoding.y.aggregate toolreckon.measure": {Mark: spec.Bar, Encoding: spec.Encoding{X: by("anio"), Y: of(tabular.Sum, "cve_ent")}},
		"views[0].encoding.x.field toolreckon.axis":        {Mark: spec.Line, Encoding: spec.Encoding{X: by("cve_ent"), Y: count}},
		"views[0].filter toolreckon.column":                {Mark: spec.Bar, Filter: "f.nada=1", Encoding: spec.Encoding{X: by("anio"), Y: count}},
		"views[0].filter query.number":                     {Mark: spec.Bar, Filter: "f.delitos.min=x", Encoding: spec.Encoding{X: by("anio"), Y: count}},
		"views[0].per toolreckon.per_lookup":               {Mark: spec.Bar, Per: "anio", Encoding: spec.Encoding{X: by("anio"), Y: count}},
		"views[0].columns[0] toolreckon.column":            {Mark: spec.Table, Columns: []string{"nada"}},
		"views[0].encoding.x toolreckon.lookup_step":       {Mark: spec.Bar, Encoding: spec.Encoding{X: spec.Channel{Field: "reg.viviendas", Bin: 5}, Y: count}},
		"views[0].geoKey toolreckon.column":                {Mark: spec.GeoShape, Geo: "reg", GeoKey: "nada", Encoding: spec.Encoding{Place: by("cve_ent"), Color: count}},
		"views[0].encoding.detail toolspec.error.channel":  {Mark: spec.Treemap, Encoding: spec.Encoding{Size: count}},
		"views[0].encoding.place.field toolreckon.place":   {Mark: spec.GeoShape, Geo: "municipalities", Encoding: spec.Encoding{Place: by("cve_ent"), Color: count}},
		"views[0].mark toolreckon.no_points":               {Mark: spec.Circle},
	} {
		field, key, _ := strings.Cut(want, " ")
		s := joined(v)
		if f, k := w.refused(s); f != field || k != key {
			t.Errorf("%s: %s %s", want, f, k)
		}
		if err := w.Check(t.Context(), s); plaza.KindOf(err) != plaza.Invalid {
			t.Errorf("%s: Check says %v", want, err)
		}
	}
	good := joined(spec.View{Mark: spec.Bar, Encoding: spec.Encoding{X: by("reg.region"), Y: count}})
	if err := w.Check(t.Context(), good); err != nil {
		t.Error(err)
	}
	good.Sources[1].Resource = shapeID
	if err := w.Check(t.Context(), good); err == nil || !strings.Contains(err.Error(), "sources[1].resource: toolreckon.resource") {
		t.Error(err)
	}
}

func TestHiddenColumnsAreNotThere(t *testing.T) {
	w := newWorld(t)
	w.file(mainID, "delitos.csv", delitos)
	s := doc(spec.View{Mark: spec.Bar, Encoding: spec.Encoding{X: by("cve_ent"), Y: count}})
	open := w.view(s, "")
	table := w.tables[mainID]
	table.Hidden = []string{"cve_ent"}
	w.tables[mainID] = table
	if field, key := w.refused(s); field != "views[0].encoding.x.field" || key != "toolreckon.column" {
		t.Errorf("%s %s", field, key)
	}
	r := w.view(doc(spec.View{Mark: spec.Table}), "f.cve_ent=01")
	if len(r.Columns) != 2 || len(r.Rows) != 6 || r.Stamps[0].SHA256 == open.Stamps[0].SHA256 {
		t.Errorf("%+v", r)
	}
}
