package plot_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"plaza/internal/base/plot"
)

func TestAreasBreakWhereATimeIsMissing(t *testing.T) {
	mark := func(series int, x, y float64) plot.Mark { return plot.Mark{Row: -1, Series: series, X: x, Y: y} }
	chart := plot.Chart{Kind: plot.Area, Stacking: plot.Stacked, Width: 600, X: plot.Axis{Scaling: plot.Linear}, Y: plot.Axis{Scaling: plot.Linear},
		Series: []plot.Series{{Name: "a"}, {Name: "b"}}, Panels: []plot.Panel{{}}}
	for x := range 5 {
		chart.Panels[0].Marks = append(chart.Panels[0].Marks, mark(0, float64(x), 4))
		if x != 2 {
			chart.Panels[0].Marks = append(chart.Panels[0].Marks, mark(1, float64(x), 3))
		}
	}
	var parts []int
	var visit func(nodes []plot.Node)
	visit = func(nodes []plot.Node) {
		for _, n := range nodes {
			switch n := n.(type) {
			case plot.Group:
				visit(n.Nodes)
			case plot.Shape:
				if n.Fill >= plot.InkSeries && n.Fill < plot.InkScale && n.Stroke == plot.InkGround && n.Width == 0.75 {
					parts = append(parts, strings.Count(n.Path, "M"))
				}
			}
		}
	}
	visit(plot.Draw(chart).Nodes)
	if len(parts) != 2 || parts[0] != 1 || parts[1] != 2 {
		t.Errorf("areas of %v pieces, want 1 and 2", parts)
	}
}

func TestTonedAreasHaveTheColoursOfThePalette(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		series int
		want   []plot.Ink
	}{{1, []plot.Ink{plot.InkScale + 3}}, {3, []plot.Ink{plot.InkScale + 4, plot.InkScale + 3, plot.InkScale + 4}}} {
		c := through(plot.Area)
		c.Toned, c.Stacking = true, plot.Stacked
		for i := range test.series {
			c.Series = append(c.Series, plot.Series{Name: string(rune('a' + i))})
			c.Panels[0].Marks = append(c.Panels[0].Marks, plot.Mark{Row: 2 * i, Series: i, X: at(2020, 1), Y: 5}, plot.Mark{Row: 2*i + 1, Series: i, X: at(2021, 1), Y: 7})
		}
		var got []plot.Ink
		hatches := map[int]bool{}
		for _, one := range look(plot.Draw(c)).shapes {
			if one.class == "Scene-marks" && one.Fill != plot.InkNone {
				got, hatches[one.Hatch] = append(got, one.Fill), true
			}
		}
		if diff := cmp.Diff(test.want, got); diff != "" || len(hatches) != test.series {
			t.Errorf("%d areas have %d patterns and the inks %s", test.series, len(hatches), diff)
		}
	}
}
