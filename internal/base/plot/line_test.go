package plot_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"plaza/internal/base/plot"
)

func at(year int, month time.Month) float64 {
	return float64(time.Date(year, month, 1, 0, 0, 0, 0, time.UTC).Unix())
}

// through is a line through values, a month apart.
func through(kind plot.Kind, values ...float64) plot.Chart {
	c := plot.Chart{Kind: kind, Width: 720, X: plot.Axis{Scaling: plot.Time, Step: "month"}, Panels: []plot.Panel{{}},
		Words: plot.Words{Cut: "El eje no empieza en cero"}}
	for i, v := range values {
		c.Panels[0].Marks = append(c.Panels[0].Marks, plot.Mark{Row: i, X: at(2024, time.January+time.Month(i)), Y: v})
	}
	return c
}

// paths are the lines of a series.
func paths(s *seen, ink plot.Ink) (out []shown) {
	for _, one := range s.shapes {
		if one.Stroke == ink && one.class == "Scene-marks" {
			out = append(out, one)
		}
	}
	return out
}

func TestLinesBreakWhereThereIsNoValue(t *testing.T) {
	t.Parallel()
	c := through(plot.Line, 1, 2, 0, 4, 0, 6, 7)
	c.Panels[0].Marks[2].Null, c.Panels[0].Marks[4].Null = true, true
	got := look(plot.Draw(c))
	line := paths(got, plot.InkSeries)
	if len(line) != 1 || strings.Count(line[0].Path, "M") != 3 {
		t.Fatalf("lines are %+v, want one in three parts", line)
	}
	if rows := got.rows(); len(rows) != 5 || rows[2] != 0 || rows[4] != 0 {
		t.Errorf("targets are of rows %v, want one for each value", rows)
	}
}

func TestPointsOfALineStandOnItsScale(t *testing.T) {
	t.Parallel()
	c := through(plot.Line, 0, 10, 5)
	got := look(plot.Draw(c))
	a, b, m := fill(t, got, 0), fill(t, got, 1), fill(t, got, 2)
	if !alike((a.y()+b.y())/2, m.y()) || b.y() >= a.y() {
		t.Errorf("0, 10 and 5 stand at %v, %v and %v", a.y(), b.y(), m.y())
	}
	// January has 31 days, February 29.
	if whole := m.x() - a.x(); !alike((b.x()-a.x())/whole, 31.0/60) {
		t.Errorf("February stands at %v of %v", b.x()-a.x(), whole)
	}
	zero, ok := got.text("0")
	if !ok || zero.Y-4-a.y() > 1 {
		t.Errorf("zero is written at %v, its point is at %v", zero.Y, a.y())
	}
}

func TestLongLinesHaveTargetsButNoDots(t *testing.T) {
	t.Parallel()
	values := make([]float64, 60)
	for i := range values {
		values[i] = float64(i % 7)
	}
	got := look(plot.Draw(through(plot.Line, values...)))
	if rows := got.rows(); len(rows) != 60 {
		t.Errorf("%d targets, want 60", len(rows))
	}
	if dots := got.of(30); len(dots) != 0 {
		t.Errorf("a point among many has %d dots", len(dots))
	}
	if dots := look(plot.Draw(through(plot.Line, 1, 2, 3))).of(1); len(dots) != 1 {
		t.Errorf("a point among few has %d dots, want 1", len(dots))
	}
}

func TestOnlyLinesAndDotsMayBeginBeyondZeroAndSaySo(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name  string
		chart plot.Chart
		cut   bool
		want  bool
	}{
		{"a line that is cut", through(plot.Line, 100, 104, 102), true, true},
		{"a line that is not", through(plot.Line, 100, 104, 102), false, false},
		{"a line near zero", through(plot.Line, 1, 104, 102), true, false},
		{"a line through zero", through(plot.Line, -100, 104, 102), true, false},
		{"columns never", through(plot.Columns, 100, 104, 102), true, false},
		{"areas never", through(plot.Area, 100, 104, 102), true, false},
		{"dots that are cut", through(plot.Dots, 100, 104, 102), true, true},
	} {
		t.Run(test.name, func(t *testing.T) {
			test.chart.Y.Cut = test.cut
			scene := plot.Draw(test.chart)
			checkSound(t, scene)
			got := look(scene)
			_, said := got.text("El eje no empieza en cero")
			_, zero := got.text("0")
			if said != test.want || zero == test.want {
				t.Errorf("said %v, zero on the scale %v", said, zero)
			}
		})
	}
}

func TestFewSeriesAreNamedWhereTheyEnd(t *testing.T) {
	t.Parallel()
	chart := func(width float64, names ...string) plot.Chart {
		c := through(plot.Line)
		c.Width = width
		for i, name := range names {
			c.Series = append(c.Series, plot.Series{Name: name})
			for n := range 6 {
				c.Panels[0].Marks = append(c.Panels[0].Marks, plot.Mark{Row: i*6 + n, Series: i, X: at(2020+n, 1), Y: 10 + float64(i)/10})
			}
		}
		return c
	}
	for _, test := range []struct {
		name  string
		chart plot.Chart
		want  bool
	}{
		{"two, close to each other", chart(720, "Jalisco", "Colima"), true},
		{"six have a key", chart(720, "a", "b", "c", "d", "e", "f"), false},
		{"long names on a phone have a key", chart(340, "Veracruz de Ignacio de la Llave", "Colima"), false},
	} {
		t.Run(test.name, func(t *testing.T) {
			scene := plot.Draw(test.chart)
			checkSound(t, scene)
			got := look(scene)
			name, ok := got.text(test.chart.Series[0].Name)
			last := fill(t, got, 5)
			if len(test.chart.Series) < 2 || !ok || (name.X > last.x()) != test.want {
				t.Errorf("the name stands at %v, the line ends at %v", name.X, last.x())
			}
		})
	}
	long := chart(720, "Secretaría de Infraestructura, Comunicaciones y Transportes", "Colima")
	scene := plot.Draw(long)
	checkSound(t, scene)
	got := look(scene)
	first, whole := got.begins("Secretaría"), got.says(long.Series[0].Name)
	if last := fill(t, got, 5); first.X <= last.x() || !whole || first.Text == long.Series[0].Name || scene.Width-last.x() > 720.0/3+5 {
		t.Errorf("a long name begins with %q at %v, whole: %v; the line ends at %v", first.Text, first.X, whole, last.x())
	}
	if _, ok := look(plot.Draw(chart(720, "Solo"))).text("Solo"); ok {
		t.Error("a series alone is named")
	}
}

func TestLongNamesInAKeyAreSetInLines(t *testing.T) {
	t.Parallel()
	c := through(plot.Line, 1, 2, 3)
	long := "Subsecretaría de Prevención y Promoción de la Salud del Gobierno Federal"
	c.Width, c.Series = 340, []plot.Series{{Name: long}, {Name: "Colima"}}
	scene := plot.Draw(c)
	checkSound(t, scene)
	if got := look(scene); !got.says(long) || !got.says("Colima") {
		t.Errorf("the key says %v", got.texts)
	}
}

func TestLinesOfSeriesDifferInTheirDashes(t *testing.T) {
	t.Parallel()
	c := through(plot.Line)
	for i := range plot.MaxSeries {
		c.Series = append(c.Series, plot.Series{Name: string(rune('a' + i))})
		c.Panels[0].Marks = append(c.Panels[0].Marks, plot.Mark{Row: i, Series: i, X: at(2020, 1), Y: 1}, plot.Mark{Row: -1, Series: i, X: at(2021, 1), Y: 2})
	}
	got, dashes := look(plot.Draw(c)), map[string]bool{}
	for i := range plot.MaxSeries {
		of := paths(got, plot.InkSeries+plot.Ink(i))
		if len(of) == 0 {
			t.Fatalf("series %d has no line", i)
		}
		dashes[sprint(of[0].Dash)] = true
	}
	if len(dashes) != plot.MaxSeries {
		t.Errorf("%d different dashes, want %d", len(dashes), plot.MaxSeries)
	}
}

func TestOfManyLinesOnlyTheGreatestHaveColours(t *testing.T) {
	t.Parallel()
	const n = 20
	c := through(plot.Line)
	c.Words.Others = func(n int) string { return fmt.Sprint("Otras ", n) }
	for i := range n {
		c.Series = append(c.Series, plot.Series{Name: fmt.Sprint("serie ", i)})
		for year := range 3 {
			c.Panels[0].Marks = append(c.Panels[0].Marks, plot.Mark{Row: 3*i + year, Series: i, X: at(2020+year, 1), Y: float64(100 - 10*year + i*(2*year-1))})
		}
	}
	scene := plot.Draw(c)
	checkSound(t, scene)
	got := look(scene)
	inks := map[plot.Ink]int{}
	below := true
	for _, one := range got.shapes {
		if one.class == "Scene-marks" && one.Stroke != plot.InkNone {
			inks[one.Stroke]++
			below = below && (one.Stroke == plot.InkRest || len(inks) > 1 && inks[plot.InkRest] == n-plot.MaxSeries)
		}
	}
	if inks[plot.InkRest] != n-plot.MaxSeries || len(inks) != plot.MaxSeries+1 || !below {
		t.Errorf("lines have the inks %v, those in grey below: %v", inks, below)
	}
	for i := range n { // the last ones end highest
		if _, ok := got.text(fmt.Sprint("serie ", i)); ok != (i >= n-plot.MaxSeries) {
			t.Errorf("series %d is in the key: %v", i, ok)
		}
	}
	if !got.says("Otras 12") {
		t.Errorf("the key does not say how many are grey: %v", got.texts)
	}
	if rows := got.rows(); len(rows) != 3*n {
		t.Errorf("%d rows can be pointed at, want %d", len(rows), 3*n)
	}
	if c.Series[0].Other || c.Panels[0].Marks[0].Series != 0 {
		t.Error("the chart that was given has changed")
	}
}

func TestStackedAreasMeet(t *testing.T) {
	t.Parallel()
	c := through(plot.Area)
	c.Stacking, c.Series = plot.Stacked, []plot.Series{{Name: "a"}, {Name: "b"}}
	for i := range 4 {
		c.Panels[0].Marks = append(c.Panels[0].Marks, plot.Mark{Row: 2 * i, X: at(2020+i, 1), Y: 10}, plot.Mark{Row: 2*i + 1, Series: 1, X: at(2020+i, 1), Y: 20})
	}
	scene := plot.Draw(c)
	checkSound(t, scene)
	var areas []shown
	for _, one := range look(scene).shapes {
		if one.class == "Scene-marks" && one.Fill != plot.InkNone {
			areas = append(areas, one)
		}
	}
	if len(areas) != 2 || !alike(areas[0].top, areas[1].bottom) || !alike(areas[1].height(), 2*areas[0].height()) {
		t.Errorf("areas are %+v", areas)
	}
	if areas[1].Hatch != 1 {
		t.Error("the second area has no pattern")
	}
	c.Panels[0].Marks[3].Y = -20 // areas on one another cannot show less than nothing
	for _, one := range look(plot.Draw(c)).shapes {
		if one.class == "Scene-marks" && one.Fill != plot.InkNone {
			t.Errorf("with values below zero there is an area %+v, want lines", one)
		}
	}
}

func TestASparkIsALineAlone(t *testing.T) {
	t.Parallel()
	c := through(plot.Spark, 3, 1, 2)
	c.Width = 96
	scene := plot.Draw(c)
	checkSound(t, scene)
	got := look(scene)
	if len(got.texts) != 0 || len(got.rows()) != 3 || scene.Width != 96 {
		t.Errorf("a spark of %v pixels has %d texts and %d targets", scene.Width, len(got.texts), len(got.rows()))
	}
}
