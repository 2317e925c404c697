package plot_test

import (
	"fmt"
	"testing"

	"plaza/internal/base/plot"
)

func multiples(width float64, n int) plot.Chart {
	c := barChart(nil, "Sonora", "Colima")
	c.Width, c.Panels, c.Words.Multiple = width, nil, "Todas con la misma escala"
	for i := range n {
		c.Panels = append(c.Panels, plot.Panel{Title: fmt.Sprint("Año ", i), Marks: []plot.Mark{{Row: 2 * i, X: float64(10 * (i + 1))}, {Row: 2*i + 1, X: 1, Y: 1}}})
	}
	return c
}

func TestSmallMultiplesHaveOneScale(t *testing.T) {
	t.Parallel()
	scene := plot.Draw(multiples(720, 5))
	checkSound(t, scene)
	got := look(scene)
	for i := range 5 {
		if b := fill(t, got, 2*i); !alike(b.width(), float64(i+1)*fill(t, got, 0).width()) {
			t.Errorf("the bar of panel %d is %v wide", i, b.width())
		}
		if _, ok := got.text(fmt.Sprint("Año ", i)); !ok {
			t.Errorf("panel %d has no title", i)
		}
	}
	if _, ok := got.text("Todas con la misma escala"); !ok {
		t.Error("that the scale is the same is not said")
	}
}

func TestPanelsHaveTheirOwnScaleOnlyWhereMostWouldBeFlat(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		most []float64
		own  bool
		rule bool
	}{
		"alike":             {[]float64{10, 20, 30, 25}, false, false},
		"one is flat":       {[]float64{100, 80, 90, 3}, false, false},
		"most are flat":     {[]float64{1000, 8, 9, 30}, true, false},
		"a line is for all": {[]float64{1000, 8, 9, 30}, false, true},
	} {
		for _, kind := range []plot.Kind{plot.Line, plot.Area, plot.Columns} {
			c := plot.Chart{Kind: kind, Width: 720, X: plot.Axis{Scaling: plot.Category, Categories: []string{"a", "b", "c"}}, Words: plot.Words{Multiple: "la misma", Own: "la propia"}}
			if kind != plot.Columns {
				c.X = plot.Axis{Scaling: plot.Linear}
			}
			if test.rule {
				c.Rules = []plot.Rule{{At: 5}}
			}
			for i, most := range test.most {
				var marks []plot.Mark
				for k := range 3 {
					marks = append(marks, plot.Mark{Row: 3*i + k, X: float64(k), Y: most * float64(k+1) / 3})
				}
				c.Panels = append(c.Panels, plot.Panel{Title: fmt.Sprint("Panel ", i), Marks: marks})
			}
			scene := plot.Draw(c)
			checkSound(t, scene)
			got := look(scene)
			_, own := got.text("la propia")
			_, same := got.text("la misma")
			if own != test.own || same == test.own {
				t.Errorf("%s, %s: own scales %v, the same %v", name, kind, own, same)
			}
			if kind != plot.Columns {
				continue
			}
			if high := fill(t, got, 5).height(); test.own != (high > 60) && name != "alike" && name != "one is flat" {
				t.Errorf("%s: the second panel's column is %v high", name, high)
			}
		}
	}
}

func TestPanelsStandInAGridThatFits(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		width            float64
		n, columns, rows int
	}{{340, 1, 1, 1}, {340, 5, 2, 3}, {720, 4, 4, 1}, {720, 5, 3, 2}, {1200, 13, 5, 3}, {150, 3, 1, 3}} {
		scene := plot.Draw(multiples(test.width, test.n))
		checkSound(t, scene)
		xs, ys := map[float64]bool{}, map[float64]bool{}
		for _, n := range scene.Nodes {
			if g, ok := n.(plot.Group); ok && g.Class == "Scene-panel" {
				xs[g.X], ys[g.Y] = true, true
			}
		}
		if len(xs) != test.columns || len(ys) != test.rows {
			t.Errorf("%d panels on %v pixels stand in %d columns and %d rows, want %d and %d", test.n, test.width, len(xs), len(ys), test.columns, test.rows)
		}
		if w := plot.PanelWidth(test.width, test.n); w*float64(test.columns) > test.width || w < 150 && test.columns > 1 {
			t.Errorf("PanelWidth(%v, %d) = %v", test.width, test.n, w)
		}
	}
}
