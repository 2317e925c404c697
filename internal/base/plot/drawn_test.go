package plot_test

import (
	"fmt"
	"testing"

	"plaza/internal/base/plot"
)

// TestDrawnChartsAreWrittenAsBefore shows what changes in the pictures when their layout does.
func TestDrawnChartsAreWrittenAsBefore(t *testing.T) {
	t.Parallel()
	shares := parted(plot.Bars, plot.Shares, [6]float64{10, 20, 30, 40, 50, 60})
	shares.Labels = true
	line := through(plot.Line, 104, 108, 101, 0, 112)
	line.Panels[0].Marks[3].Null, line.Y.Cut, line.Y.Title = true, true, "Índice"
	line.Notes = []plot.Note{{X: at(2024, 3), Y: 101, Text: "Cambió la manera de medir"}}
	line.Rules = []plot.Rule{{At: 105, Label: "Meta"}}
	tree := of(plot.Treemap, 8, 5, 3, 2, 1)
	tree.Classes = nil
	for name, c := range map[string]plot.Chart{"shares": shares, "line": line, "treemap": tree, "map": mapChart()} {
		c.Width = 340
		scene := plot.Draw(c)
		golden(t, fmt.Sprintf("drawn-%s.svg", name), scene.SVG(plot.SVGOptions{Theme: &plot.Light}))
	}
}
