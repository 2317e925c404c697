package plot_test

import (
	"fmt"
	"math"
	"testing"
	"time"

	"plaza/internal/base/plot"
)

var kinds = []plot.Kind{plot.Bars, plot.Columns, plot.Line, plot.Area, plot.Dots, plot.Tiles, plot.Treemap, plot.Map, plot.Spark, "", "torta"}

// of is a chart of a kind with a mark for each value.
func of(kind plot.Kind, values ...float64) plot.Chart {
	c := plot.Chart{Kind: kind, Width: 340, Classes: classes(), Words: plot.Words{Nothing: "No hay nada"}, Panels: []plot.Panel{{}}}
	for i, v := range values {
		m := plot.Mark{Row: i, X: float64(i), Y: v, Size: v, Class: 1, Name: fmt.Sprint("n", i)}
		switch kind {
		case plot.Bars:
			m.X, m.Y = v, float64(i)
		case plot.Tiles:
			m.Y = 0
		}
		c.Panels[0].Marks = append(c.Panels[0].Marks, m)
		c.X.Categories, c.Y.Categories = append(c.X.Categories, fmt.Sprint("x", i)), append(c.Y.Categories, fmt.Sprint("y", i))
	}
	return c
}

func TestOddValuesAreDrawnSoundly(t *testing.T) {
	t.Parallel()
	for name, values := range map[string][]float64{
		"one":                     {7},
		"one zero":                {0},
		"all equal":               {3, 3, 3, 3},
		"all zero":                {0, 0, 0},
		"all negative":            {-3, -2, -9},
		"huge":                    {1e249, -1e249, 5e248},
		"too huge":                {1e300, 1, 2},
		"tiny":                    {1e-200, 2e-200},
		"too tiny":                {5e-324, 1e-300},
		"huge beside tiny":        {1e200, 1e-200},
		"large, hardly differing": {1e16, 1e16 + 2, 1e16 + 4},
		"some are no numbers":     {1, math.NaN(), math.Inf(1), math.Inf(-1), 4},
	} {
		for _, kind := range kinds {
			for _, cut := range []bool{false, true} {
				t.Run(fmt.Sprint(name, "/", kind, cut), func(t *testing.T) {
					c := of(kind, values...)
					c.Labels, c.X.Cut, c.Y.Cut = true, cut, cut
					checkWithin(t, plot.Draw(c), reach(kind))
				})
			}
		}
	}
}

func TestWhatHasNothingToShowSaysSo(t *testing.T) {
	t.Parallel()
	for _, kind := range kinds {
		for name, c := range map[string]plot.Chart{
			"no panels":  {Kind: kind, Width: 340, Words: plot.Words{Nothing: "No hay nada"}},
			"no marks":   of(kind),
			"no numbers": of(kind, math.NaN(), math.Inf(1)),
		} {
			if name == "no numbers" && (kind == plot.Tiles || kind == plot.Map) {
				continue // places without a value are shown as that
			}
			t.Run(fmt.Sprint(name, "/", kind), func(t *testing.T) {
				scene := plot.Draw(c)
				checkSound(t, scene)
				if got := look(scene); !got.says("No hay nada") || len(got.marks) > 0 {
					t.Errorf("it shows %d marks and says %v", len(got.marks), got.texts)
				}
			})
		}
	}
}

func TestMarksWithoutAPlaceAreLeftOut(t *testing.T) {
	t.Parallel()
	c := barChart([]plot.Mark{{Row: 0, X: 5}, {Row: 1, X: 5, Y: 7}, {Row: 2, X: 5, Y: -1}, {Row: 3, X: 5, Null: true}, {Row: 4, X: 5, Series: 99}, {Row: -7, X: 1}}, "a")
	scene := plot.Draw(c)
	checkSound(t, scene)
	if rows := look(scene).rows(); len(rows) != 2 || rows[0] != 1 || rows[4] != 1 {
		t.Errorf("rows %v are drawn, want those of the category that there is", rows)
	}
	c = through(plot.Line, 1, 2)
	c.Panels[0].Marks = append(c.Panels[0].Marks, plot.Mark{Row: 2, X: 1e18, Y: 1}, plot.Mark{Row: 3, X: -1e15, Y: 1})
	if rows := look(plot.Draw(c)).rows(); len(rows) != 2 {
		t.Errorf("rows %v are drawn, want none beyond the calendar", rows)
	}
}

func TestAPictureHasTheSizeThatIsAskedFor(t *testing.T) {
	t.Parallel()
	for _, kind := range []plot.Kind{plot.Bars, plot.Columns, plot.Line, plot.Area, plot.Dots, plot.Tiles, plot.Treemap} {
		c := of(kind, 3, 1, 2)
		c.X.Title, c.Y.Title = "Eje de abajo", "Eje de al lado"
		c.Width, c.Height = 1104, 400
		scene := plot.Draw(c)
		checkSound(t, scene)
		if scene.Width != 1104 || math.Abs(scene.Height-400) > 24 {
			t.Errorf("%s is %v by %v, want about 1104 by 400", kind, scene.Width, scene.Height)
		}
	}
	for width, want := range map[float64]float64{math.NaN(): 720, 0: 720, -5: 120, 1e9: 4000, math.Inf(1): 4000} {
		if s := plot.Draw(barChart(bars(1), "a")); s.Width != 720 {
			t.Fatal(s.Width)
		}
		c := barChart(bars(1), "a")
		c.Width = width
		if s := plot.Draw(c); s.Width != want {
			t.Errorf("asked for %v the picture is %v wide, want %v", width, s.Width, want)
		}
	}
}

func TestDrawingLeavesItsChartAsItWas(t *testing.T) {
	t.Parallel()
	c := of(plot.Bars, 3, math.NaN(), 1)
	c.Panels[0].Marks[0].Series = 12
	c.Rules = []plot.Rule{{At: math.NaN()}, {At: 1}}
	plot.Draw(c)
	if m := c.Panels[0].Marks; len(m) != 3 || m[0].Series != 12 || !math.IsNaN(m[1].X) || !math.IsNaN(c.Rules[0].At) {
		t.Errorf("afterwards the marks are %+v", m)
	}
}

func TestManyMarksAreDrawn(t *testing.T) {
	t.Parallel()
	const n = 4000
	for _, kind := range []plot.Kind{plot.Bars, plot.Columns, plot.Line, plot.Area, plot.Dots, plot.Treemap, plot.Map, plot.Spark} {
		values := make([]float64, n)
		for i := range values {
			values[i] = float64(i%97 + 1)
		}
		c := of(kind, values...)
		if kind == plot.Map {
			for i := range c.Panels[0].Marks {
				c.Panels[0].Marks[i].X = float64(i % 340)
			}
		}
		c.Notes = []plot.Note{{X: 5, Y: 5, Text: "Aquí"}}
		if rows := look(plot.Draw(c)).rows(); len(rows) != n {
			t.Errorf("%s shows %d rows of %d", kind, len(rows), n)
		}
	}
}

// BenchmarkDraw draws the charts of a usual page.
func BenchmarkDraw(b *testing.B) {
	months := through(plot.Line, make([]float64, 120)...)
	months.Series = []plot.Series{{Name: "Jalisco"}, {Name: "Colima"}}
	for i := range months.Panels[0].Marks {
		m := &months.Panels[0].Marks[i]
		m.Series, m.X, m.Y = i%2, at(2020, time.Month(1+i/2)), float64(i*i%89)
	}
	dots := of(plot.Dots, make([]float64, 400)...)
	for i := range dots.Panels[0].Marks {
		dots.Panels[0].Marks[i].Y = float64(i * i % 97)
	}
	for name, c := range map[string]plot.Chart{"bars": of(plot.Bars, 9, 8, 7, 6, 5, 4, 3, 2, 1), "line": months, "dots": dots, "panels": multiples(720, 12)} {
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				plot.Draw(c)
			}
		})
	}
}
