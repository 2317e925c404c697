package plot_test

import (
	"fmt"
	"math"
	"strings"
	"testing"

	"plaza/internal/base/plot"
)

// alike reports whether two lengths are the same to a fifth of a pixel.
func alike(a, b float64) bool { return math.Abs(a-b) < 0.2 }

// bars are marks of one series with a category each.
func bars(values ...float64) []plot.Mark {
	var out []plot.Mark
	for i, v := range values {
		out = append(out, plot.Mark{Row: i, X: v, Y: float64(i), Text: fmt.Sprint("fila ", i)})
	}
	return out
}

func barChart(marks []plot.Mark, categories ...string) plot.Chart {
	return plot.Chart{Kind: plot.Bars, Width: 720, Y: plot.Axis{Categories: categories}, Panels: []plot.Panel{{Marks: marks}}}
}

// fill is the one painted shape of a row.
func fill(t *testing.T, s *seen, row int) shown {
	t.Helper()
	of := s.of(row)
	if len(of) != 1 {
		t.Fatalf("row %d has %d shapes, want 1", row, len(of))
	}
	return of[0]
}

func TestBarsAreAsLongAsTheirValues(t *testing.T) {
	t.Parallel()
	scene := plot.Draw(barChart(bars(100, 50, -25, 75), "a", "b", "c", "d"))
	checkSound(t, scene)
	got := look(scene)
	hundred := fill(t, got, 0)
	for row, want := range []float64{1, 0.5, 0.25, 0.75} {
		if b := fill(t, got, row); !alike(b.width(), hundred.width()*want) {
			t.Errorf("bar %d is %v wide, want %v of %v", row, b.width(), want, hundred.width())
		}
	}
	if b := fill(t, got, 2); !alike(b.right, hundred.left) {
		t.Errorf("the negative bar ends at %v, want zero at %v", b.right, hundred.left)
	}
	if a, b := fill(t, got, 0), fill(t, got, 1); a.bottom > b.top {
		t.Errorf("the second bar begins at %v, over the first, which ends at %v", b.top, a.bottom)
	}
}

func TestEveryMarkSaysWhatItIs(t *testing.T) {
	t.Parallel()
	marks := bars(3, 2, 1)
	marks[1].Link, marks[1].Dim, marks[2].Rest = "/datos?estado=14", true, true
	got := look(plot.Draw(barChart(marks, "a", "b", "c")))
	if len(got.marks) != 3 {
		t.Fatalf("%d marks, want 3", len(got.marks))
	}
	if m := got.marks[1]; m.Row != 1 || m.Class != "Scene-mark" || m.Title != "fila 1" || m.Link != "/datos?estado=14" || !m.Dim {
		t.Errorf("the second mark is %+v", m)
	}
	if one := fill(t, got, 0); one.Fill != plot.InkSeries || one.Hatch != 0 {
		t.Errorf("the only series has ink %v and pattern %d, want the first and none", one.Fill, one.Hatch)
	}
	if one := fill(t, got, 2); one.Fill != plot.InkRest {
		t.Errorf("what is left over has ink %v, want InkRest", one.Fill)
	}
}

// parted is a chart of two categories in three series, of which the last is what is left.
func parted(kind plot.Kind, how plot.Stacking, values [6]float64) plot.Chart {
	c := plot.Chart{Kind: kind, Stacking: how, Width: 720, Panels: []plot.Panel{{}},
		Series: []plot.Series{{Name: "Mujeres"}, {Name: "Hombres"}, {Name: "Los demás", Other: true}}}
	for i, v := range values {
		m := plot.Mark{Row: i, Series: i % 3, X: v, Y: float64(i / 3)}
		if kind != plot.Bars {
			m.X, m.Y = m.Y, m.X
		}
		c.Panels[0].Marks = append(c.Panels[0].Marks, m)
	}
	c.X.Categories, c.Y.Categories = []string{"Sonora", "Colima"}, []string{"Sonora", "Colima"}
	if kind == plot.Columns {
		c.X.Scaling = plot.Category
	}
	return c
}

func TestSeriesHaveColoursPatternsAndAKey(t *testing.T) {
	t.Parallel()
	scene := plot.Draw(parted(plot.Bars, plot.Grouped, [6]float64{1, 2, 3, 4, 5, 6}))
	checkSound(t, scene)
	got := look(scene)
	for i, want := range []plot.Shape{{Fill: plot.InkSeries}, {Fill: plot.InkSeries + 1, Hatch: 1}, {Fill: plot.InkRest}} {
		if one := fill(t, got, i); one.Fill != want.Fill || one.Hatch != want.Hatch {
			t.Errorf("series %d has ink %v and pattern %d, want %v and %d", i, one.Fill, one.Hatch, want.Fill, want.Hatch)
		}
		name := []string{"Mujeres", "Hombres", "Los demás"}[i]
		if _, ok := got.text(name); !ok {
			t.Errorf("the key does not say %q", name)
		}
	}
	if a, b := fill(t, got, 0), fill(t, got, 1); a.bottom > b.top || !alike(a.left, b.left) {
		t.Errorf("grouped bars %v and %v do not stand side by side", a.box, b.box)
	}
}

func TestStackedPiecesStandOnOneAnother(t *testing.T) {
	t.Parallel()
	got := look(plot.Draw(parted(plot.Columns, plot.Stacked, [6]float64{10, 20, 30, 5, -15, 10})))
	a, b, c := fill(t, got, 0), fill(t, got, 1), fill(t, got, 2)
	if !alike(a.top, b.bottom) || !alike(b.top, c.bottom) || !alike(b.height(), 2*a.height()) {
		t.Errorf("pieces %v, %v and %v do not stand on one another", a.box, b.box, c.box)
	}
	if below := fill(t, got, 4); !alike(below.top, a.bottom) || !alike(below.height(), 1.5*a.height()) {
		t.Errorf("the negative piece %v does not hang from zero at %v", below.box, a.bottom)
	}
	if d, e := fill(t, got, 3), fill(t, got, 5); !alike(d.top, e.bottom) {
		t.Errorf("the positive piece %v does not stand on %v", e.box, d.box)
	}
}

func TestSharesFillTheWholeScale(t *testing.T) {
	t.Parallel()
	c := parted(plot.Bars, plot.Shares, [6]float64{1, 1, 2, 300, 100, 0})
	c.Labels = true
	scene := plot.Draw(c)
	checkSound(t, scene)
	got := look(scene)
	whole := fill(t, got, 2).right - fill(t, got, 0).left
	for row, want := range []float64{0.25, 0.25, 0.5, 0.75, 0.25} {
		if one := fill(t, got, row); !alike(one.width(), whole*want) {
			t.Errorf("share %d is %v wide, want %v of %v", row, one.width(), want, whole)
		}
	}
	if _, ok := got.text("75\u00a0%"); !ok {
		t.Error("the share is not written on its bar")
	}
	if _, ok := got.text("100\u00a0%"); !ok {
		t.Error("the scale does not end at 100 %")
	}
}

func TestDivergingBarsHaveTheFirstSeriesOnTheLeft(t *testing.T) {
	t.Parallel()
	scene := plot.Draw(parted(plot.Bars, plot.Diverging, [6]float64{100, 50, 10, 80, 100, 0}))
	checkSound(t, scene)
	got := look(scene)
	left, right, outer := fill(t, got, 0), fill(t, got, 1), fill(t, got, 2)
	if !alike(left.right, right.left) || !alike(left.width(), 2*right.width()) || !alike(right.right, outer.left) {
		t.Errorf("bars are at %v, %v and %v", left.box, right.box, outer.box)
	}
	if _, ok := got.text("-100"); ok {
		t.Error("the scale shows a negative number")
	}
	hundreds := 0
	for _, one := range got.texts {
		if one.Text == "100" {
			hundreds++
		}
	}
	if hundreds != 2 {
		t.Errorf("the scale shows 100 %d times, want on both sides", hundreds)
	}
}

func TestColumnsOfBinsAreAsWideAsTheirBins(t *testing.T) {
	t.Parallel()
	got := look(plot.Draw(plot.Chart{Kind: plot.Columns, Width: 340, X: plot.Axis{Scaling: plot.Linear, Step: "bins"}, Panels: []plot.Panel{{Marks: []plot.Mark{
		{Row: 0, X: 10, To: 20, Y: 4}, {Row: 1, X: 20, To: 40, Y: 8},
	}}}}))
	a, b := fill(t, got, 0), fill(t, got, 1)
	if math.Abs(b.width()-2*a.width()) > 1.5 || !alike(b.height(), 2*a.height()) {
		t.Errorf("columns are %v by %v and %v by %v, want twice", a.width(), a.height(), b.width(), b.height())
	}
	if gap := b.left - a.right; gap < 0 || gap > 2 {
		t.Errorf("bins are %v apart, want side by side", gap)
	}
}

func TestValuesStandBesideBarsWhereThereIsRoom(t *testing.T) {
	t.Parallel()
	c := barChart(bars(1234.5, -8, 0), "a", "b", "c")
	c.Labels = true
	c.X.Number = func(v float64, short bool) string { return fmt.Sprintf("$%g", v) }
	scene := plot.Draw(c)
	checkSound(t, scene)
	got := look(scene)
	for row, want := range []string{"$1234.5", "$-8"} {
		text, ok := got.text(want)
		if !ok {
			t.Fatalf("%s is not written", want)
		}
		bar := fill(t, got, row)
		if row == 0 && (text.X < bar.right || text.Anchor != plot.Start) || row == 1 && (text.X > bar.left || text.Anchor != plot.End) {
			t.Errorf("%s stands at %v, not beside its bar %v", want, text.X, bar.box)
		}
	}
	c.Height = 60
	if _, ok := look(plot.Draw(c)).text("$-8"); ok {
		t.Error("values are written beside bars too thin for them")
	}
}

func TestWhatIsLeftOverDoesNotMakeOthersShort(t *testing.T) {
	t.Parallel()
	c := barChart(bars(10, 8, 5000), "a", "b", "Los demás (120)")
	c.Panels[0].Marks[2].Rest, c.Labels = true, true
	scene := plot.Draw(c)
	checkSound(t, scene)
	got := look(scene)
	if bar := fill(t, got, 0); bar.width() < 300 {
		t.Errorf("the longest bar is %v wide beside one of 5000", bar.width())
	}
	if _, ok := got.text("5000"); !ok || len(got.of(2)) != 0 || got.rows()[2] != 1 {
		t.Errorf("what is left over has %d bars and its value is written: %v", len(got.of(2)), ok)
	}
	c.Panels[0].Marks[2].X = 12
	if bar := fill(t, look(plot.Draw(c)), 2); bar.Fill != plot.InkRest {
		t.Errorf("one hardly longer has ink %v", bar.Fill)
	}
}

func TestLongNamesTakeAtMostTwoFifthsOfTheWidth(t *testing.T) {
	t.Parallel()
	long := "Secretaría de Infraestructura, Comunicaciones y Transportes del Estado Libre y Soberano"
	for _, width := range []float64{340, 720, 1200} {
		c := barChart(bars(5, 3), long, "Corto")
		c.Width = width
		scene := plot.Draw(c)
		checkSound(t, scene)
		if bar := fill(t, look(scene), 0); bar.left > 0.4*width+1 {
			t.Errorf("at %v pixels bars begin at %v, beyond two fifths", width, bar.left)
		}
	}
}

func TestNamesBelowColumnsAreTurnedOrThinnedOut(t *testing.T) {
	t.Parallel()
	chart := func(n int, name string) plot.Chart {
		c := plot.Chart{Kind: plot.Columns, Width: 500, X: plot.Axis{Scaling: plot.Category}, Panels: []plot.Panel{{}}}
		for i := range n {
			c.X.Categories = append(c.X.Categories, fmt.Sprint(name, i))
			c.Panels[0].Marks = append(c.Panels[0].Marks, plot.Mark{Row: i, X: float64(i), Y: float64(i)})
		}
		return c
	}
	for _, test := range []struct {
		name          string
		chart         plot.Chart
		turned, every bool
	}{
		{"few lie", chart(4, "Mes "), false, true},
		{"long ones are turned", chart(12, "Coahuila de Zaragoza "), true, true},
		{"many short ones are thinned out", chart(60, "a"), false, false},
		{"many long ones are both", chart(60, "Coahuila de Zaragoza "), true, false},
	} {
		t.Run(test.name, func(t *testing.T) {
			scene := plot.Draw(test.chart)
			checkSound(t, scene)
			turned, named := false, 0
			for _, one := range look(scene).texts {
				if one.Ink == plot.InkText {
					named++
					turned = turned || one.Turn != 0
				}
			}
			if turned != test.turned || (named == len(test.chart.X.Categories)) != test.every {
				t.Errorf("%d of %d names, turned %v", named, len(test.chart.X.Categories), turned)
			}
		})
	}
}

func TestColumnsLieOnPhonesWhereTheirNamesHaveNoRoom(t *testing.T) {
	t.Parallel()
	c := plot.Chart{Kind: plot.Columns, Width: 340, X: plot.Axis{Scaling: plot.Category, Title: "Grupo"}, Y: plot.Axis{Title: "Personas"}, Panels: []plot.Panel{{}},
		Rules: []plot.Rule{{At: 4, Label: "Meta"}}, Notes: []plot.Note{{X: 2, Y: 3, Text: "Aquí"}}}
	for i := range 8 {
		c.X.Categories = append(c.X.Categories, fmt.Sprint("Coahuila de Zaragoza ", i))
		c.Panels[0].Marks = append(c.Panels[0].Marks, plot.Mark{Row: i, X: float64(i), Y: float64(i + 1)})
	}
	for _, width := range []float64{340, 720} {
		c.Width = width
		scene := plot.Draw(c)
		checkSound(t, scene)
		got := look(scene)
		lies := alike(fill(t, got, 0).height(), fill(t, got, 7).height()) && fill(t, got, 7).width() > 4*fill(t, got, 0).width()
		if lies != (width == 340) {
			t.Errorf("at %v pixels the bars lie: %v", width, lies)
		}
		for _, said := range []string{"Personas", "Meta", "Aquí"} {
			if _, ok := got.text(said); !ok {
				t.Errorf("at %v pixels there is no %q", width, said)
			}
		}
		for _, one := range got.texts {
			if one.Turn != 0 && lies {
				t.Errorf("%q is turned", one.Text)
			}
		}
	}
	if c.Panels[0].Marks[7].X != 7 {
		t.Error("the chart itself was changed")
	}
}

func TestNamesTooLongForTheirPlaceAreCutAtAWordAndKeptWhole(t *testing.T) {
	t.Parallel()
	long := "Comisión Nacional para el Conocimiento y Uso de la Biodiversidad y de los Recursos Genéticos de las Costas"
	c := barChart(bars(5, 9), long, "Salud")
	c.Width = 340
	scene := plot.Draw(c)
	checkSound(t, scene)
	var said []plot.Text
	for _, one := range look(scene).texts {
		if one.Whole != "" {
			said = append(said, one)
		}
	}
	if len(said) == 0 || said[0].Whole != long {
		t.Fatalf("cut names are %+v", said)
	}
	last, ok := strings.CutSuffix(said[len(said)-1].Text, "…")
	if !ok || !strings.Contains(long, last+" ") {
		t.Errorf("the name ends in %q", said[len(said)-1].Text)
	}
	if svg := string(scene.SVG(plot.SVGOptions{ID: "v"})); !strings.Contains(svg, "<title>"+long+"</title>") {
		t.Error("nobody can read the whole name")
	}
}
