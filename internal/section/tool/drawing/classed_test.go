package drawing_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"plaza/internal/base/tabular"
	"plaza/internal/section/tool/drawing"
	"plaza/internal/section/tool/reckon"
	"plaza/internal/section/tool/spec"
)

func TestPartsOfOneLevelAreToldApart(t *testing.T) {
	r := result([]reckon.Column{group(reckon.RoleDetail, "parte", tabular.Text), measured(reckon.RoleSize)}, "a;5", "b;7", "c;9")
	c := drawing.Chart(drawing.Asked{L: printer(t), View: spec.View{Mark: spec.Treemap}, Result: r, Width: 720})
	tones := map[int]bool{}
	for _, m := range c.Panels[0].Marks {
		tones[c.Classes[m.Class-1].Tone] = true
	}
	if len(tones) != 3 {
		t.Errorf("three parts have the tones %v", tones)
	}
}

func TestDaysOfAHeatMapStandInTheirOrder(t *testing.T) {
	r := result([]reckon.Column{group(reckon.RoleX, "mes", tabular.Text), group(reckon.RoleY, "dia", tabular.Text), measured(reckon.RoleColor)},
		"abril;viernes;1", "enero;lunes;2", "enero;;3", "enero;domingo;4")
	c := drawing.Chart(drawing.Asked{L: printer(t), View: spec.View{Mark: spec.Rect}, Result: r, Width: 720})
	if diff := cmp.Diff([]string{"enero", "abril"}, c.X.Categories); diff != "" {
		t.Error(diff)
	}
	if got := c.Y.Categories; len(got) != 4 || got[0] != "lunes" || got[1] != "viernes" || got[2] != "domingo" {
		t.Errorf("days: %q", got)
	}
}
