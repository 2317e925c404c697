package plot_test

import (
	"strings"
	"testing"

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
