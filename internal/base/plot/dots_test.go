package plot_test

import (
	"fmt"
	"math"
	"testing"

	"plaza/internal/base/plot"
)

func sprint(v any) string { return fmt.Sprint(v) }

func scatter(marks ...plot.Mark) plot.Chart {
	for i := range marks {
		marks[i].Row = i
	}
	return plot.Chart{Kind: plot.Dots, Width: 720, Panels: []plot.Panel{{Marks: marks}}}
}

func TestDotsStandOnBothScales(t *testing.T) {
	t.Parallel()
	scene := plot.Draw(scatter(plot.Mark{X: 0, Y: 0}, plot.Mark{X: 10, Y: 100}, plot.Mark{X: 2.5, Y: 75}, plot.Mark{X: math.NaN(), Y: 3}, plot.Mark{X: 3, Y: math.Inf(1)}))
	checkSound(t, scene)
	got := look(scene)
	zero, far, one := fill(t, got, 0), fill(t, got, 1), fill(t, got, 2)
	if !alike((one.x()-zero.x())/(far.x()-zero.x()), 0.25) || !alike((one.y()-zero.y())/(far.y()-zero.y()), 0.75) {
		t.Errorf("dots stand at %v, %v and %v", zero.box, far.box, one.box)
	}
	if len(got.rows()) != 3 {
		t.Errorf("%d dots, want 3: what is no number has no place", len(got.rows()))
	}
}

func TestAreasOfDotsAreInProportion(t *testing.T) {
	t.Parallel()
	scene := plot.Draw(scatter(plot.Mark{X: 1, Y: 1, Size: 400}, plot.Mark{X: 5, Y: 5, Size: 100}, plot.Mark{X: 9, Y: 9}))
	checkSound(t, scene)
	got := look(scene)
	if a, b := fill(t, got, 0), fill(t, got, 1); !alike(a.width(), 2*b.width()) {
		t.Errorf("dots of 400 and 100 are %v and %v wide, want twice", a.width(), b.width())
	}
	if c := fill(t, got, 2); c.width() < 2 {
		t.Errorf("a dot without size is %v wide, want to be seen", c.width())
	}
}

func TestDotsAreNoWiderThanTheyLieApart(t *testing.T) {
	t.Parallel()
	c := scatter(plot.Mark{X: 1, Y: 1, Size: 400}, plot.Mark{X: 5, Y: 5, Size: 100})
	free := fill(t, look(plot.Draw(c)), 0).width()
	c.Apart = 12
	got := look(plot.Draw(c))
	if a, b := fill(t, got, 0), fill(t, got, 1); a.width() > 12.01 || free <= 12 || !alike(a.width(), 2*b.width()) {
		t.Errorf("dots are %v and %v wide, %v when free; want 12 and half of it", a.width(), b.width(), free)
	}
}

func TestDotsOfSeriesDifferInTheirForm(t *testing.T) {
	t.Parallel()
	c := scatter()
	forms := map[int]bool{}
	for i := range plot.MaxSeries {
		c.Series = append(c.Series, plot.Series{Name: fmt.Sprint("serie ", i)})
		c.Panels[0].Marks = append(c.Panels[0].Marks, plot.Mark{Row: i, Series: i, X: 5, Y: 5})
	}
	scene := plot.Draw(c)
	checkSound(t, scene)
	got := look(scene)
	paths := map[string]bool{}
	for i := range plot.MaxSeries {
		one := fill(t, got, i)
		paths[one.Path] = true
		forms[int(one.Fill)] = true
	}
	if len(paths) != plot.MaxSeries || len(forms) != plot.MaxSeries {
		t.Errorf("%d forms in %d colours, want %d", len(paths), len(forms), plot.MaxSeries)
	}
}

func TestNamesOfDotsAreLeftOutWhereTheyWouldCollide(t *testing.T) {
	t.Parallel()
	c := scatter()
	for i := range 80 {
		c.Panels[0].Marks = append(c.Panels[0].Marks, plot.Mark{Row: i, X: float64(i % 9), Y: float64(i % 7), Name: fmt.Sprint("Municipio ", i)})
	}
	scene := plot.Draw(c)
	checkSound(t, scene)
	named := 0
	for _, one := range look(scene).texts {
		if one.Halo {
			named++
		}
	}
	if named == 0 || named == 80 {
		t.Errorf("%d of 80 names are written, want some", named)
	}
}

func TestADotAtTheEdgeHasItsNameWhereThereIsRoom(t *testing.T) {
	t.Parallel()
	const name = "Veracruz de Ignacio de la Llave"
	beside := func(x, y float64) plot.Mark { return plot.Mark{X: x, Y: y} }
	for _, test := range []struct {
		name   string
		others []plot.Mark
		where  func(dot box, x, y float64) bool // the middle of the name's lines
	}{
		{"left of it", nil, func(dot box, x, y float64) bool { return x < dot.left && math.Abs(y-dot.y()) < 6 }},
		{"above, where the left is taken", []plot.Mark{beside(9.5, 5), beside(9, 5), beside(8.5, 5), beside(8, 5)}, func(dot box, x, y float64) bool { return y < dot.top && x < dot.right }},
		{"below, where above is taken, too", []plot.Mark{beside(9.5, 5), beside(9, 5), beside(8.5, 5), beside(8, 5), beside(9.8, 5.6), beside(9.2, 5.6), beside(8.6, 5.6)},
			func(dot box, x, y float64) bool { return y > dot.bottom && x < dot.right }},
	} {
		t.Run(test.name, func(t *testing.T) {
			marks := append([]plot.Mark{{X: 10, Y: 5, Name: name}, {X: 0, Y: 0}, {X: 0, Y: 10}}, test.others...)
			c := scatter(marks...)
			c.Width = 360
			scene := plot.Draw(c)
			checkSound(t, scene)
			got := look(scene)
			var x, y, n float64
			for _, one := range got.texts {
				if one.Halo {
					reach := corners(one)
					x, y, n = x+(reach[0][0]+reach[1][0])/2, y+(reach[0][1]+reach[2][1])/2, n+1
				}
			}
			if !got.says(name) || !test.where(fill(t, got, 0).box, x/n, y/n) {
				t.Errorf("the name stands at %.0f %.0f in %v lines, the dot at %v", x/n, y/n, n, fill(t, got, 0).box)
			}
		})
	}
}

func TestReferenceLinesAndNotesStandAtTheirPlaces(t *testing.T) {
	t.Parallel()
	c := scatter(plot.Mark{X: 0, Y: 0}, plot.Mark{X: 10, Y: 10})
	c.Rules = []plot.Rule{{At: 10, Label: "Meta"}, {Vertical: true, At: 10, Label: "Ley nueva"}, {At: math.NaN(), Label: "ninguna"}}
	c.Notes = []plot.Note{{X: 10, Y: 10, Text: "El mayor de todos"}, {X: 900, Y: 1, Text: "Fuera de la vista"}}
	scene := plot.Draw(c)
	checkSound(t, scene)
	got := look(scene)
	far := fill(t, got, 1)
	lying, upright, noted := false, false, false
	for _, one := range got.shapes {
		if one.class == "Scene-rules" {
			lying = lying || alike(one.y(), far.y()) && one.width() > 100
			upright = upright || alike(one.x(), far.x()) && one.height() > 100
		}
		noted = noted || one.class == "Scene-notes" && one.Fill == plot.InkAccent && alike(one.x(), far.x()) && alike(one.y(), far.y())
	}
	if !lying || !upright || !noted {
		t.Errorf("rules at 10: lying %v, upright %v; note %v", lying, upright, noted)
	}
	for _, want := range []string{"Meta", "Ley nueva", "El mayor de todos", "Fuera de la vista"} {
		if !got.says(want) {
			t.Errorf("%q is not said", want)
		}
	}
	if got.says("ninguna") {
		t.Error("a rule at no number is drawn")
	}
}

func TestNamesOfDotsKeepOffReferenceLines(t *testing.T) {
	t.Parallel()
	c := scatter(plot.Mark{X: 5, Y: 5, Name: "Jalisco"}, plot.Mark{X: 0, Y: 0}, plot.Mark{X: 10, Y: 10})
	c.Rules = []plot.Rule{{At: 5}}
	got := look(plot.Draw(c))
	dot := fill(t, got, 0)
	if name, ok := got.text("Jalisco"); !ok || math.Abs(name.Y-4-dot.y()) < 8 {
		t.Errorf("the name stands at %v, there: %v, on the line at %v", name.Y, ok, dot.y())
	}
}

func TestALongLabelOfAReferenceLineLiesOverNoMark(t *testing.T) {
	t.Parallel()
	const label = "Promedio de denuncias por estado en los últimos quince años: 1,500"
	crowd := scatter()
	for i := range 300 {
		crowd.Panels[0].Marks = append(crowd.Panels[0].Marks, plot.Mark{Row: i, X: float64(i % 30), Y: float64(i * 7 % 29)})
	}
	zigzag := make([]float64, 30)
	for i := range zigzag {
		zigzag[i] = float64(i % 2 * 20)
	}
	for name, c := range map[string]plot.Chart{"dots": crowd, "a line": through(plot.Line, zigzag...), "bars": barChart(bars(20, 18, 16), "a", "b", "c")} {
		for _, width := range []float64{340, 800} {
			t.Run(fmt.Sprint(name, width), func(t *testing.T) {
				c := c
				c.Width, c.Rules = width, []plot.Rule{{At: 11, Label: label, Vertical: c.Kind == plot.Bars}}
				scene := plot.Draw(c)
				checkSound(t, scene)
				got := look(scene)
				if !got.says(label) {
					t.Fatalf("the label is not said whole: %v", got.texts)
				}
				for _, one := range got.texts {
					if one.Ink != plot.InkAccent {
						continue
					}
					at := corners(one)
					for _, m := range got.shapes {
						if m.row >= 0 && !m.Hit && m.left < at[1][0] && m.right > at[0][0] && m.top < at[2][1] && m.bottom > at[0][1] {
							t.Fatalf("%q lies over a mark at %v", one.Text, m.box)
						}
					}
				}
			})
		}
	}
}

func TestAScaleReachesToItsReferenceLine(t *testing.T) {
	t.Parallel()
	c := barChart(bars(10, 20), "a", "b")
	c.Rules = []plot.Rule{{Vertical: true, At: 40, Label: "Meta"}}
	got := look(plot.Draw(c))
	bar := fill(t, got, 1)
	for _, one := range got.shapes {
		if one.class == "Scene-rules" && alike(one.x()-bar.left, 2*bar.width()) {
			return
		}
	}
	t.Error("no line stands at twice the longest bar")
}
