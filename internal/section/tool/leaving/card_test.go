package leaving_test

import (
	"fmt"
	"strings"
	"testing"

	"plaza/internal/base/plot"
	"plaza/internal/base/tabular"
	"plaza/internal/section/tool/leaving"
	"plaza/internal/section/tool/reckon"
	"plaza/internal/section/tool/spec"
)

// words are all texts of a drawing.
func words(nodes []plot.Node) (out []plot.Text) {
	for _, n := range nodes {
		switch n := n.(type) {
		case plot.Group:
			out = append(out, words(n.Nodes)...)
		case plot.Text:
			out = append(out, n)
		}
	}
	return out
}

func said(texts []plot.Text) string {
	var all []string
	for _, t := range texts {
		all = append(all, t.Text)
	}
	return strings.Join(all, " ")
}

// dense are views of which a card cannot hold all.
func dense(t *testing.T) map[string]leaving.View {
	t.Helper()
	group := func(name string, role reckon.Role) reckon.Column {
		return reckon.Column{Name: name, Role: role, Field: name, Type: tabular.Text, Group: true}
	}
	measured := func(role reckon.Role) reckon.Column {
		return reckon.Column{Name: "cuenta", Role: role, Func: tabular.Count, Type: tabular.Integer}
	}
	var bars, crossed, panels, towns []string
	for i := range 32 {
		bars = append(bars, fmt.Sprintf("Entidad número %d;%d", i+1, 900-i))
		towns = append(towns, fmt.Sprintf("%02d;%d", i+1, 7*i))
		for k := range 3 {
			crossed = append(crossed, fmt.Sprintf("Entidad número %d;%d;grupo %d", i+1, 40+i*k, k))
			panels = append(panels, fmt.Sprintf("%d;%d;Entidad número %d", 2019+k, 40+i*k, i+1))
		}
	}
	year := reckon.Column{Name: "anio", Role: reckon.RoleX, Field: "anio", Type: tabular.Year, Group: true}
	return map[string]leaving.View{
		"bars":     view(t, spec.View{Mark: spec.Bar}, []reckon.Column{group("estado", reckon.RoleY), measured(reckon.RoleX)}, bars...),
		"grouped":  view(t, spec.View{Mark: spec.Bar}, []reckon.Column{group("estado", reckon.RoleY), measured(reckon.RoleX), group("grupo", reckon.RoleColor)}, crossed...),
		"panels":   view(t, spec.View{Mark: spec.Line}, []reckon.Column{year, measured(reckon.RoleY), group("estado", reckon.RoleFacet)}, panels...),
		"treemap":  view(t, spec.View{Mark: spec.Rect}, []reckon.Column{group("estado", reckon.RoleDetail), measured(reckon.RoleSize)}, bars...),
		"a map":    view(t, spec.View{Mark: spec.GeoShape, Geo: "states"}, []reckon.Column{group("cve_ent", reckon.RolePlace), measured(reckon.RoleColor)}, towns...),
		"a figure": view(t, spec.View{Mark: spec.Figure}, []reckon.Column{measured(reckon.RoleY)}, "56594"),
	}
}

func TestTheLettersOfACardAreReadAtHalfItsSize(t *testing.T) {
	const least = 20 // ten pixels at half
	for name, v := range dense(t) {
		s, err := v.Card()
		if err != nil {
			t.Fatal(name, err)
		}
		for _, text := range words(s.Nodes) {
			if text.Size < least {
				t.Errorf("%s: %q has letters of %.1f pixels", name, text.Text, text.Size)
			}
		}
	}
}

func TestACardSaysOfHowManyItShowsTheFirst(t *testing.T) {
	for name, v := range dense(t) {
		s, err := v.Card()
		if err != nil {
			t.Fatal(name, err)
		}
		all := said(words(s.Nodes))
		cut := name == "bars" || name == "grouped" || name == "panels"
		if strings.Contains(all, "Se muestran") != cut || strings.Contains(all, "Entidad número 32") && cut {
			t.Errorf("%s: %s", name, all)
		}
		if name == "bars" { // none of their names is left out
			for i := range strings.Count(all, "Entidad número") {
				if !strings.Contains(all, fmt.Sprintf("Entidad número %d ", i+1)) {
					t.Errorf("the name of bar %d is not there: %s", i+1, all)
				}
			}
		}
	}
}

func TestTheSourceOfACardIsWhole(t *testing.T) {
	v := view(t, spec.View{Mark: spec.Bar}, []reckon.Column{{Name: "estado", Role: reckon.RoleY, Field: "estado", Type: tabular.Text, Group: true}, {Name: "cuenta", Role: reckon.RoleX, Func: tabular.Count, Type: tabular.Integer}}, "Jalisco;7")
	of := &v.Result.Stamps[0]
	of.Institution = "Centro de Comando, Control, Cómputo, Comunicaciones y Contacto Ciudadano de la Ciudad de México"
	of.Dataset, of.License = strings.Repeat("Incidentes viales reportados al centro ", 12), "Creative Commons Atribución 4.0"
	v.Result.Stamps = append(v.Result.Stamps, reckon.Stamp{Title: "Censo de Población y Vivienda 2020"})
	s, err := v.Card()
	if err != nil {
		t.Fatal(err)
	}
	all := said(words(s.Nodes))
	for _, want := range []string{of.Institution, "Incidentes…", "20 de mayo de 2026 · Creative Commons Atribución 4.0", "Censo de Población y Vivienda 2020"} {
		if !strings.Contains(all, want) {
			t.Errorf("the card has no %q: %s", want, all)
		}
	}
	for _, text := range words(s.Nodes) {
		if strings.Contains(text.Text, " …") || plot.TextWidth(text.Text, text.Size, text.Bold) > 1120 {
			t.Errorf("%q is cut, or wider than the card", text.Text)
		}
	}
}
