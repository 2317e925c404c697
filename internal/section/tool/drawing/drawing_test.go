package drawing_test

import (
	"fmt"
	"math"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"plaza/internal/base/i18n"
	"plaza/internal/base/plot"
	"plaza/internal/base/tabular"
	"plaza/internal/section/tool/drawing"
	"plaza/internal/section/tool/reckon"
	"plaza/internal/section/tool/spec"
	"plaza/internal/section/tool/wording"
)

func printer(t *testing.T) *i18n.Printer {
	t.Helper()
	b, err := i18n.New(drawing.Locale, wording.Locale)
	if err != nil {
		t.Fatal(err)
	}
	return b.Printer(i18n.Spanish)
}

func group(role reckon.Role, field string, t tabular.Type) reckon.Column {
	return reckon.Column{Name: field, Role: role, Field: field, Type: t, Group: true}
}

func measured(role reckon.Role) reckon.Column {
	return reckon.Column{Name: "sum_monto", Role: role, Field: "monto", Type: tabular.Money, Func: tabular.Sum}
}

// result makes rows of texts; "" is no value.
func result(columns []reckon.Column, rows ...string) reckon.Result {
	r := reckon.Result{Columns: columns, Rest: -1}
	for _, row := range rows {
		var cells []tabular.Cell
		for cell := range strings.SplitSeq(row, ";") {
			cells = append(cells, tabular.Cell{Text: cell, Null: cell == ""})
		}
		r.Rows = append(r.Rows, cells)
	}
	return r
}

// kinds are a view of each kind with its numbers; measure is where these stand in a row.
var kinds = []struct {
	name    string
	view    spec.View
	result  reckon.Result
	measure int
	of      func(m plot.Mark) float64 // what a mark shows
}{
	{"bars", spec.View{Mark: spec.Bar}, result([]reckon.Column{measured(reckon.RoleX), group(reckon.RoleY, "ramo", tabular.Text)}, "300;Salud", "100;Educación", "-50;Deuda"), 0, func(m plot.Mark) float64 { return m.X }},
	{"columns of time", spec.View{Mark: spec.Bar}, result([]reckon.Column{group(reckon.RoleX, "anio", tabular.Year), measured(reckon.RoleY)}, "1899;5", "1900;7", "2101;9"), 1, func(m plot.Mark) float64 { return m.Y }},
	{"histogram", spec.View{Mark: spec.Bar, Encoding: spec.Encoding{X: spec.Channel{Field: "edad", Bin: 3}}}, result([]reckon.Column{{Name: "edad", Role: reckon.RoleX, Field: "edad", Type: tabular.Integer, Group: true, Step: tabular.StepBins, Width: 10}, measured(reckon.RoleY)}, "0;5", "10;7", "30;9"), 1, func(m plot.Mark) float64 { return m.Y }},
	{"lines", spec.View{Mark: spec.Line}, result([]reckon.Column{group(reckon.RoleX, "fecha", tabular.Date), measured(reckon.RoleY), group(reckon.RoleColor, "producto", tabular.Text)}, "2020-01-01;5;a", "2020-02-01;7;a", "2020-01-01;2;b", "2020-02-01;;b"), 1, func(m plot.Mark) float64 { return m.Y }},
	{"area", spec.View{Mark: spec.Area}, result([]reckon.Column{group(reckon.RoleX, "fecha", tabular.Date), measured(reckon.RoleY)}, "2020-01-01;5", "2020-02-01;7"), 1, func(m plot.Mark) float64 { return m.Y }},
	{"dots", spec.View{Mark: spec.Point}, result([]reckon.Column{{Name: "x", Role: reckon.RoleX, Field: "x", Type: tabular.Decimal}, {Name: "y", Role: reckon.RoleY, Field: "y", Type: tabular.Decimal}}, "1.5;2", "3;4.25", ";7"), 1, func(m plot.Mark) float64 { return m.Y }},
	{"treemap", spec.View{Mark: spec.Treemap}, result([]reckon.Column{group(reckon.RoleDetail, "parte", tabular.Text), measured(reckon.RoleSize), group(reckon.RoleFacet, "todo", tabular.Text)}, "a;5;x", "b;7;x", "c;9;y"), 1, func(m plot.Mark) float64 { return m.Size }},
	{"small multiples", spec.View{Mark: spec.Line, Encoding: spec.Encoding{Facet: spec.Channel{Field: "estado"}}}, result([]reckon.Column{group(reckon.RoleX, "anio", tabular.Year), measured(reckon.RoleY), group(reckon.RoleFacet, "estado", tabular.Text)}, "2020;5;A", "2021;6;A", "2020;7;B"), 1, func(m plot.Mark) float64 { return m.Y }},
}

func TestPlotsShowTheNumbersOfTheirTables(t *testing.T) {
	for _, k := range kinds {
		t.Run(k.name, func(t *testing.T) {
			c := drawing.Chart(drawing.Asked{L: printer(t), View: k.view, Result: k.result, Width: 720})
			seen := map[int]bool{}
			for _, p := range c.Panels {
				for _, m := range p.Marks {
					cell := k.result.Rows[m.Row][k.measure]
					want, err := strconv.ParseFloat(cell.Text, 64)
					if m.Null != cell.Null || !cell.Null && (err != nil || math.Abs(k.of(m)-want) > 1e-9) {
						t.Errorf("the mark of row %d shows %v, and the table says %q", m.Row, k.of(m), cell.Text)
					}
					if seen[m.Row] {
						t.Errorf("row %d is drawn twice", m.Row)
					}
					seen[m.Row] = true
				}
			}
			for row, cells := range k.result.Rows {
				placed := true
				for i, c := range k.result.Columns {
					placed = placed && (c.Role != reckon.RoleX || !cells[i].Null)
				}
				if placed && !seen[row] {
					t.Errorf("row %d is not drawn", row)
				}
			}
			scene := drawing.Draw(drawing.Asked{L: printer(t), View: k.view, Result: k.result, Width: 340})
			svg := string(scene.SVG(plot.SVGOptions{ID: "v", Label: "x"}))
			for row := range seen {
				if !strings.Contains(svg, fmt.Sprintf(`data-row="%d"`, row)) && !k.result.Rows[row][k.measure].Null {
					t.Errorf("no mark of the picture is of row %d", row)
				}
			}
		})
	}
}

func TestPlacesAreColouredByTheirClass(t *testing.T) {
	r := result([]reckon.Column{group(reckon.RolePlace, "cve_ent", tabular.Code), measured(reckon.RoleColor)}, "01;10", "09;20", "32;", "99;5")
	c := drawing.Chart(drawing.Asked{L: printer(t), View: spec.View{Mark: spec.GeoShape, Geo: "states"}, Result: r, Width: 720})
	class := map[int]int{}
	none := 0
	for _, m := range c.Panels[0].Marks {
		if m.Row < 0 {
			none++
			continue
		}
		class[m.Row] = m.Class
	}
	if len(class) != 3 || class[2] != 0 || !(class[0] > 0 && class[1] > class[0]) || none != 29 {
		t.Errorf("classes by row = %v, without value %d, want 29", class, none)
	}
}

func TestWhatDivergesPartsAtZero(t *testing.T) {
	for _, c := range []struct {
		name     string
		values   []string
		diverges bool
		tones    []int
	}{
		{"on both sides", []string{"-9", "-2", "0", "3", "8", "20", "40", "-1"}, true, []int{-2, -1, 0, 1, 2}},
		{"one of each", []string{"-9", "4"}, true, []int{-1, 1}},
		{"mostly above", []string{"-1", "1", "2", "3", "4", "5"}, true, []int{-1, 1, 2}},
		{"above alone", []string{"1", "2", "3", "4", "5"}, false, []int{1, 2, 3, 4, 5}},
	} {
		var rows []string
		for i, v := range c.values {
			rows = append(rows, fmt.Sprintf("%02d;%s", i+1, v))
		}
		r := result([]reckon.Column{group(reckon.RolePlace, "cve_ent", tabular.Code), measured(reckon.RoleColor)}, rows...)
		chart := drawing.Chart(drawing.Asked{L: printer(t), View: spec.View{Mark: spec.GeoShape, Geo: "states", Palette: "diverging"}, Result: r, Width: 720})
		var tones []int
		for _, k := range chart.Classes {
			if k.Diverges != c.diverges {
				t.Errorf("%s: class %q diverges: %v", c.name, k.Label, k.Diverges)
			}
			tones = append(tones, k.Tone)
		}
		if diff := cmp.Diff(c.tones, tones); diff != "" {
			t.Errorf("%s (-want +got):\n%s", c.name, diff)
		}
	}
}

func TestWhatIsChosenStandsOut(t *testing.T) {
	k := kinds[0]
	r := k.result
	r.Chosen = map[string][]string{"ramo": {"Salud"}}
	c := drawing.Chart(drawing.Asked{L: printer(t), View: k.view, Result: r, Width: 720, Link: func(c reckon.Column, cell tabular.Cell) string { return "?" + c.Field + "=" + cell.Text }})
	for _, m := range c.Panels[0].Marks {
		if m.Dim == (m.Row == 0) || m.Link != "?ramo="+r.Rows[m.Row][1].Text {
			t.Errorf("row %d: dim %v, link %q", m.Row, m.Dim, m.Link)
		}
	}
}

func TestNothingAndNullsAreDrawn(t *testing.T) {
	for _, k := range kinds {
		for name, rows := range map[string][][]tabular.Cell{"nothing": nil, "nulls": {make([]tabular.Cell, len(k.result.Columns))}} {
			r := k.result
			r.Rows = rows
			for i := range r.Rows {
				for n := range r.Rows[i] {
					r.Rows[i][n].Null = true
				}
			}
			if s := drawing.Draw(drawing.Asked{L: printer(t), View: k.view, Result: r, Width: 340}); s.Height <= 0 {
				t.Errorf("%s of %s has no height", k.name, name)
			}
		}
	}
}

func TestBarsAreTheSameWhicheverChannelHasTheMeasure(t *testing.T) {
	for _, orient := range []string{"", "horizontal", "vertical"} {
		var got []plot.Chart
		for _, on := range []struct{ group, measure reckon.Role }{{reckon.RoleX, reckon.RoleY}, {reckon.RoleY, reckon.RoleX}} {
			r := result([]reckon.Column{group(on.group, "fuerza", tabular.Text), measured(on.measure)}, "A;5", "B;3")
			got = append(got, drawing.Chart(drawing.Asked{L: printer(t), View: spec.View{Mark: spec.Bar, Orient: orient}, Result: r, Width: 720}))
		}
		if diff := cmp.Diff(got[0].Panels, got[1].Panels); diff != "" || len(got[0].Panels[0].Marks) != 2 {
			t.Errorf("%s: %s", orient, diff)
		}
		one := got[0].Panels[0].Marks[0]
		if at, of := one.X, one.Y; orient == "vertical" && (at != 0 || of != 5) || orient != "vertical" && (at != 5 || of != 0) {
			t.Errorf("%s: a bar of 5 stands at %v, %v", orient, at, of)
		}
	}
}

func TestTheSeriesThatIsLeftOverIsGreyAndSaysHowManyItHolds(t *testing.T) {
	columns := []reckon.Column{group(reckon.RoleX, "año", tabular.Year), group(reckon.RoleColor, "estado", tabular.Text), measured(reckon.RoleY)}
	r := result(columns, "2020;Jalisco;5", "2021;Jalisco;6", "2020;…;50", "2021;…;60")
	for i := range r.Rows[2:] {
		r.Rows[2+i][1] = reckon.Other
	}
	r.RestSeries, r.Folded = reckon.Other.Text, 12
	c := drawing.Chart(drawing.Asked{L: printer(t), View: spec.View{Mark: spec.Line}, Result: r, Width: 720})
	if want := []plot.Series{{Name: "Jalisco"}, {Name: "Los demás (12)", Other: true}}; !cmp.Equal(want, c.Series) {
		t.Error(cmp.Diff(want, c.Series))
	}
	r.Rest = 2 // some on the axis are left over, too: how many of each is not known
	if c = drawing.Chart(drawing.Asked{L: printer(t), View: spec.View{Mark: spec.Line}, Result: r, Width: 720}); c.Series[1].Name != "Los demás" {
		t.Errorf("it is called %q", c.Series[1].Name)
	}
	if got := c.Words.Others(12); got != "Otras 12" {
		t.Errorf("lines without a colour are called %q", got)
	}
}

func TestLinesBeyondTheColoursAreCounted(t *testing.T) {
	columns := []reckon.Column{group(reckon.RoleX, "año", tabular.Year), group(reckon.RoleColor, "estado", tabular.Text), measured(reckon.RoleY)}
	var rows []string
	for i := range 11 {
		rows = append(rows, fmt.Sprintf("2020;e%d;%d", i, i), fmt.Sprintf("2021;e%d;%d", i, i+1))
	}
	svg := string(drawing.Draw(drawing.Asked{L: printer(t), View: spec.View{Mark: spec.Line}, Result: result(columns, rows...), Width: 720}).SVG(plot.SVGOptions{ID: "v", Label: "x"}))
	if !strings.Contains(svg, "Otras 3") || strings.Count(svg, "data-row") < 22 {
		t.Errorf("eleven lines are drawn as %s", svg)
	}
}

func TestAreasAreInTheChosenPalette(t *testing.T) {
	columns := []reckon.Column{group(reckon.RoleX, "año", tabular.Year), measured(reckon.RoleY)}
	r := result(columns, "2020;5", "2021;6")
	for _, test := range []struct {
		view spec.View
		want bool
	}{
		{spec.View{Mark: spec.Area, Palette: plot.Jade}, true},
		{spec.View{Mark: spec.Area}, false},
		{spec.View{Mark: spec.Area, Palette: "diverging"}, false}, // it says what lies on two sides
		{spec.View{Mark: spec.Line, Palette: plot.Jade}, false},
	} {
		c := drawing.Chart(drawing.Asked{L: printer(t), View: test.view, Result: r, Width: 720})
		if s := drawing.Scene(test.view, c); c.Toned != test.want || test.want && s.Palette != plot.Jade {
			t.Errorf("%s in %q is toned: %v, palette %q", test.view.Mark, test.view.Palette, c.Toned, s.Palette)
		}
	}
}
