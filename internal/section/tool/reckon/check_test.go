package reckon_test

import (
	"errors"
	"testing"

	"github.com/google/go-cmp/cmp"

	"plaza/internal/base/tabular"
	"plaza/internal/plaza"
	"plaza/internal/section/tool/spec"
)

const visitas = `dia,cve_ent,comentario,visitas
2024-01-01,01,Bien,10
2024-01-02,01,Mal,20
2024-01-03,02,Bien,5
`

// TestWhatCouldNeverBeDrawnIsRefused holds documents whose views compute by themselves, as far
// as their columns go, to what their joins and controls need.
func TestWhatCouldNeverBeDrawnIsRefused(t *testing.T) {
	w := newWorld(t)
	w.file(mainID, "visitas.csv", visitas)
	w.file(otherID, "regiones.csv", regiones)
	bars := spec.View{Mark: spec.Bar, Encoding: spec.Encoding{X: by("cve_ent"), Y: of(tabular.Sum, "visitas")}}
	sound := func() spec.Spec { return joined(bars) }
	for _, c := range []struct {
		name   string
		change func(s *spec.Spec)
		want   []string
	}{
		{"as it is", func(*spec.Spec) {}, nil},
		{"controls that fit", func(s *spec.Spec) {
			s.Controls = []spec.Control{{Kind: "list", Field: "comentario"}, {Kind: "dates", Field: "dia"}, {Kind: "range", Field: "indice"},
				{Kind: "list", Field: "reg.region"}, {Kind: "search"}, {Kind: "place"}}
		}, nil},
		{"a join by what is there twice", func(s *spec.Spec) {
			s.Sources[1].Lookup = []spec.Lookup{{Key: "entidad", From: "datos", Equals: "cve_ent", Fields: []string{"visitas"}}}
			s.Views = append(s.Views, spec.View{Name: "otra", Source: "reg", Mark: spec.Bar, Encoding: spec.Encoding{X: by("region"), Y: of(tabular.Sum, "datos.visitas")}})
		}, []string{"sources[1].lookup[0].equals toolreckon.duplicate"}},
		{"such a join that no view uses", func(s *spec.Spec) {
			s.Sources[1].Lookup = []spec.Lookup{{Key: "entidad", From: "datos", Equals: "cve_ent", Fields: []string{"visitas"}}}
			s.Views = append(s.Views, spec.View{Name: "otra", Source: "reg", Mark: spec.Bar, Encoding: spec.Encoding{X: by("region"), Y: count}})
		}, []string{"sources[1].lookup[0].equals toolreckon.duplicate"}},
		{"a join of a source that no view shows", func(s *spec.Spec) {
			s.Sources[1].Lookup = []spec.Lookup{{Key: "nada", From: "datos", Equals: "cve_ent", Fields: []string{"visitas"}}}
		}, []string{"sources[1].lookup[0].key toolreckon.column"}},
		{"a filter of a source that no view shows", func(s *spec.Spec) { s.Sources[1].Filter = "f.viviendas.min=pocas" }, []string{"sources[1].filter query.number"}},
		{"a table that is not there", func(s *spec.Spec) { s.Sources[1].Table = 7 }, []string{"sources[1].table toolreckon.table"}},
		{"a list of what is not there", func(s *spec.Spec) { s.Controls = []spec.Control{{Kind: "list", Field: "nada"}} }, []string{"controls[0].field toolreckon.column"}},
		{"dates of words", func(s *spec.Spec) {
			s.Controls = []spec.Control{{Kind: "search"}, {Kind: "dates", Field: "comentario"}}
		}, []string{"controls[1].field toolreckon.date"}},
		{"a range of words", func(s *spec.Spec) { s.Controls = []spec.Control{{Kind: "range", Field: "region"}} }, []string{"controls[0].field toolreckon.number"}},
		{"a range of what only a join has", func(s *spec.Spec) { s.Controls = []spec.Control{{Kind: "range", Field: "reg.indice"}} }, []string{"controls[0].field toolreckon.list_only"}},
		{"a column of a table twice", func(s *spec.Spec) {
			s.Views[0] = spec.View{Name: "vista", Source: "datos", Mark: spec.Table, Columns: []string{"dia", "visitas", "dia"}}
		}, []string{"views[0].columns[2] toolspec.error.column_twice"}},
	} {
		s := sound()
		c.change(&s)
		var got []string
		err := w.Check(t.Context(), s)
		if e, ok := errors.AsType[*plaza.Error](err); ok && e.Kind == plaza.Invalid {
			for _, f := range e.Fields {
				got = append(got, f.Field+" "+f.Key)
			}
		} else if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(c.want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", c.name, diff)
		}
	}
}

func TestControlsOfPlacesAndWordsNeedTablesThatHaveSome(t *testing.T) {
	w := newWorld(t)
	w.file(mainID, "numeros.csv", "anio,n\n2020,1\n2021,2\n")
	s := doc(spec.View{Mark: spec.Line, Encoding: spec.Encoding{X: by("anio"), Y: of(tabular.Sum, "n")}})
	s.Controls = []spec.Control{{Kind: "place"}, {Kind: "search"}, {Kind: "range", Field: "anio"}}
	e, ok := errors.AsType[*plaza.Error](w.Check(t.Context(), s))
	if !ok || len(e.Fields) != 2 || e.Fields[0].Field != "controls[0].kind" || e.Fields[0].Key != "toolreckon.no_place" ||
		e.Fields[1].Field != "controls[1].kind" || e.Fields[1].Key != "toolreckon.no_words" {
		t.Errorf("%+v", e)
	}
}
