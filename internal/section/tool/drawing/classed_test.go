package drawing_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"plaza/internal/base/plot"
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

func TestNoTwoClassesAreCalledTheSame(t *testing.T) {
	for _, test := range []struct {
		format, values string
		want           []string
	}{
		{"decimal1", "0.11 0.12 0.13 0.14 0.15 0.16 0.17 0.18 0.19 0.2", []string{"0.11 a 0.12", "0.13 a 0.14", "0.15 a 0.16", "0.17 a 0.18", "0.19 a 0.2"}},
		{"decimal1", "1 2 3 4 5 6 7 8 9 10", []string{"1.0 a 2.0", "3.0 a 4.0", "5.0 a 6.0", "7.0 a 8.0", "9.0 a 10.0"}},
		{"integer", "1.2 1.4", []string{"1.2", "1.4"}},
		{"percent", "0.01 0.02 90", []string{"0.01 %", "0.02 %", "90 %"}},
		{"compact", "1200000 1200001 1300000", []string{"1.2 M", "1.200001 M", "1.3 M"}},
		{"money", "1000.2 1000.4", []string{"$1,000.2", "$1,000.4"}},
		{"", "0.00000011 0.00000012", []string{"0.00000011", "0.00000012"}},
		{"", "0.1 0.1000000000001 7", []string{"0.1", "7"}}, // as sums of the same come out
	} {
		var rows []string
		for i, v := range strings.Fields(test.values) {
			rows = append(rows, fmt.Sprintf("%02d;%s", i+1, v))
		}
		measure := reckon.Column{Name: "m", Role: reckon.RoleColor, Field: "m", Type: tabular.Decimal, Func: tabular.Mean}
		r := result([]reckon.Column{group(reckon.RolePlace, "cve_ent", tabular.Code), measure}, rows...)
		c := drawing.Chart(drawing.Asked{L: printer(t), View: spec.View{Mark: spec.GeoShape, Geo: "states", Format: test.format}, Result: r, Width: 720})
		var got []string
		for _, k := range c.Classes {
			got = append(got, strings.ReplaceAll(k.Label, "\u00a0", " "))
		}
		if diff := cmp.Diff(test.want, got); diff != "" {
			t.Errorf("%s of %s (-want +got):\n%s", test.format, test.values, diff)
		}
		for _, m := range c.Panels[0].Marks {
			if m.Row >= 0 && (m.Class < 1 || m.Class > len(c.Classes)) {
				t.Errorf("%s of %s: row %d is of class %d", test.format, test.values, m.Row, m.Class)
			}
		}
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

func TestDaysBelowAHeatMapMayBeThinnedOutAndNamesMayNot(t *testing.T) {
	for _, test := range []struct {
		of   tabular.Type
		want string
	}{{tabular.Date, "day"}, {tabular.Text, ""}} {
		x := group(reckon.RoleX, "fecha", test.of)
		if test.of == tabular.Date {
			x.Step = tabular.StepDay
		}
		r := result([]reckon.Column{x, group(reckon.RoleY, "tipo", tabular.Text), measured(reckon.RoleColor)}, "2024-01-01;a;1", "2024-01-02;a;2")
		if c := drawing.Chart(drawing.Asked{L: printer(t), View: spec.View{Mark: spec.Rect}, Result: r, Width: 720}); c.X.Step != test.want {
			t.Errorf("categories of %s have the step %q, want %q", test.of, c.X.Step, test.want)
		}
	}
}

func TestPointsAreInTheChosenPalette(t *testing.T) {
	lon, lat := group(reckon.RoleLongitude, "lon", tabular.Decimal), group(reckon.RoleLatitude, "lat", tabular.Decimal)
	r := result([]reckon.Column{lon, lat, group(reckon.RoleColor, "tipo", tabular.Text)}, "-99;19;a", "-98;19;b")
	for _, test := range []struct {
		view spec.View
		want bool
	}{
		{spec.View{Mark: spec.Circle, Palette: plot.Jade}, true},
		{spec.View{Mark: spec.Circle}, false},
		{spec.View{Mark: spec.Circle, Palette: plot.Jade, Encoding: spec.Encoding{Color: spec.Channel{Field: "tipo"}}}, false}, // tones do not tell kinds apart
	} {
		of := r
		if test.view.Encoding.Color.Field == "" {
			of.Columns = r.Columns[:2]
		}
		svg := string(drawing.Draw(drawing.Asked{L: printer(t), View: test.view, Result: of, Width: 720}).SVG(plot.SVGOptions{ID: "v", Label: "x", Theme: &plot.Light}))
		if got := strings.Contains(svg, plot.Light.Hex(plot.InkScale+3, plot.Jade)); got != test.want {
			t.Errorf("%+v is in its palette: %v", test.view, got)
		}
	}
}

func TestGroupsOfPointsDoNotRunIntoOneAnother(t *testing.T) {
	lon, lat := group(reckon.RoleLongitude, "lon", tabular.Decimal), group(reckon.RoleLatitude, "lat", tabular.Decimal)
	lon.Width, lat.Width = 0.5, 0.4
	size := measured(reckon.RoleSize)
	r := result([]reckon.Column{lon, lat, size}, "-99;19;900", "-98.5;19;800", "-98;19.4;7", "-90;21;3")
	r.Clustered = true
	c := drawing.Chart(drawing.Asked{L: printer(t), View: spec.View{Mark: spec.Circle}, Result: r, Width: 720})
	marks := c.Panels[0].Marks
	if wide := marks[1].X - marks[0].X; c.Apart <= 0 || c.Apart > wide+0.01 {
		t.Errorf("they are %v apart, and may be %v wide", wide, c.Apart)
	}
	r.Clustered = false
	if c := drawing.Chart(drawing.Asked{L: printer(t), View: spec.View{Mark: spec.Circle}, Result: r, Width: 720}); c.Apart != 0 {
		t.Errorf("points that are no groups are bound to %v", c.Apart)
	}
}
