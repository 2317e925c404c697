// Package drawing turns what a view shows (a Result) into a chart that is drawn: which
// column stands on which axis, in which order, in which class of colour. Every mark is a row
// of the Result, and says so.
package drawing

import (
	"embed"
	"math"
	"slices"
	"strconv"
	"strings"

	"plaza/internal/base/i18n"
	"plaza/internal/base/plot"
	"plaza/internal/base/tabular"
	"plaza/internal/section/tool/reckon"
	"plaza/internal/section/tool/spec"
	"plaza/internal/section/tool/wording"
)

// Locale holds the few words that a drawing has, in Spanish and English.
//
//go:embed locale/*.json
var Locale embed.FS

// Asked is a drawing that is wanted.
type Asked struct {
	L      *i18n.Printer
	View   spec.View
	Result reckon.Result
	Width  float64 // pixels
	// Link is where a click on a mark goes that stands for a value of a column: where
	// readers choose it, or stop choosing it; nil: nowhere.
	Link func(c reckon.Column, cell tabular.Cell) string
}

// Drawn reports whether a view is drawn at all: tables and texts are not.
func Drawn(v spec.View) bool { return v.Mark != spec.Table && v.Mark != spec.Text }

// Draw draws a view.
func Draw(a Asked) plot.Scene { return Scene(a.View, Chart(a)) }

// Scene draws a view's chart in the view's palette.
func Scene(v spec.View, c plot.Chart) plot.Scene {
	s := plot.Draw(c)
	if v.Palette != "diverging" {
		s.Palette = v.Palette
	}
	return s
}

// Chart lays a view out as a chart.
func Chart(a Asked) plot.Chart {
	d := drawer{Asked: a, w: wording.Writer{L: a.L, Result: a.Result, Format: a.View.Format}, chart: plot.Chart{Width: a.Width, Labels: true}}
	d.chart.Words = plot.Words{Cut: a.L.T("tooldraw.cut"), NoValue: a.L.T("tooldraw.no_value"), Nothing: a.L.T("tooldraw.nothing"), Kilo: "km", Multiple: a.L.T("tooldraw.same_scale"), Own: a.L.T("tooldraw.own_scale"),
		Others: func(n int) string { return a.L.T("tooldraw.more", "count", n) }}
	d.chart.Month = d.w.Month
	switch a.View.Kind() {
	case spec.KindChoropleth:
		d.shapes()
	case spec.KindPoints:
		d.points()
	case spec.KindTreemap:
		d.parts()
	case spec.KindHeatMap:
		d.heat()
	case spec.KindFigure:
		d.spark()
	default:
		d.plane()
	}
	return d.chart
}

// drawer fills a chart.
type drawer struct {
	Asked
	w     wording.Writer
	chart plot.Chart
}

// at is the column of a role; -1 when there is none.
func (d *drawer) at(role reckon.Role) (int, reckon.Column) {
	i, c, _ := wording.Column(d.Result, role)
	return i, c
}

// value is a cell as a number.
func value(cell tabular.Cell) (v float64, ok bool) {
	if cell.Null || cell.Odd {
		return 0, false
	}
	v, err := strconv.ParseFloat(cell.Text, 64)
	return v, err == nil && !math.IsInf(v, 0) && !math.IsNaN(v)
}

// along is where a cell lies on an axis of a column that is no category.
func along(c reckon.Column, cell tabular.Cell) (float64, bool) {
	if c.Type.Temporal() && c.Func == "" {
		t, ok := wording.Instant(cell.Text)
		return float64(t.Unix()), ok && !cell.Null && !cell.Odd
	}
	return value(cell)
}

// said is what a mark shows, in words: its row.
func (d *drawer) said(row int) string {
	out := ""
	for i, c := range d.Result.Columns {
		if i >= len(d.Result.Rows[row]) {
			break
		}
		text := d.w.Cell(c, d.Result.Rows[row][i])
		if row == d.Result.Rest && c.Group && d.Result.Rows[row][i].Null {
			text = d.L.T("tooldraw.rest", "count", d.Result.Folded)
		}
		if c.Func != "" {
			text = d.w.Title(c) + ": " + text
		}
		if out != "" {
			out += " · "
		}
		out += text
	}
	return out
}

// link is where a click on a row's mark goes.
func (d *drawer) link(role reckon.Role, row int) string {
	i, c := d.at(role)
	if d.Link == nil || i < 0 || row == d.Result.Rest || c.Func != "" {
		return ""
	}
	return d.Link(c, d.Result.Rows[row][i])
}

// dim reports whether readers chose other values of a column than a row's.
func (d *drawer) dim(role reckon.Role, row int) bool {
	i, c := d.at(role)
	if i < 0 {
		return false
	}
	cell := d.Result.Rows[row][i]
	if ends, ok := d.Result.ChosenRange[c.Field]; ok {
		return !within(c, cell, ends)
	}
	chosen := d.Result.Chosen[c.Field]
	return len(chosen) > 0 && !slices.ContainsFunc(chosen, func(v string) bool {
		return v == cell.Text || c.Step != "" && c.Type.Temporal() && strings.HasPrefix(cell.Text, v) // a year, a month
	})
}

// within reports whether a group begins in a range that readers chose.
func within(c reckon.Column, cell tabular.Cell, ends [2]string) bool {
	at, ok := along(c, cell)
	for i, end := range ends {
		if end == "" {
			continue
		}
		v, known := along(c, tabular.Cell{Text: end})
		if !ok || known && (i == 0 && at < v || i == 1 && at > v) {
			return false
		}
	}
	return ok
}

// list gives the different values of a column their places, in the order of the rows.
type list struct {
	names []string
	of    map[tabular.Cell]int
}

func (l *list) put(cell tabular.Cell, name string) int {
	if l.of == nil {
		l.of = map[tabular.Cell]int{}
	}
	i, ok := l.of[cell]
	if !ok {
		i = len(l.names)
		l.of[cell], l.names = i, append(l.names, name)
	}
	return i
}

// name is what a group's value is called on an axis.
func (d *drawer) name(c reckon.Column, row, i int) string {
	cell := d.Result.Rows[row][i]
	if row == d.Result.Rest && cell.Null {
		return d.L.T("tooldraw.rest", "count", d.Result.Folded)
	}
	return d.w.Cell(c, cell)
}

// axis is what an axis says of a column.
func (d *drawer) axis(c reckon.Column) plot.Axis {
	a := plot.Axis{Scaling: plot.Linear, Title: d.w.Title(c), Number: func(v float64, short bool) string { return d.w.Number(c, v, short) }}
	if c.Type.Temporal() && c.Func == "" {
		a.Scaling, a.Step = plot.Time, string(c.Step)
		if c.Type == tabular.Year {
			a.Step = string(tabular.StepYear)
		}
		a.Title = "" // days explain themselves
	}
	if c.Step == tabular.StepBins {
		a.Step = "bins"
	}
	return a
}
