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
