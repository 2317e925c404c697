package drawing

import (
	"slices"

	"plaza/internal/base/atlas"
	"plaza/internal/base/plot"
	"plaza/internal/base/tabular"
	"plaza/internal/section/tool/reckon"
	"plaza/internal/section/tool/wording"
)

// classes puts the values of a column into classes of colour, and gives the class of each
// row, 0 for a row without value. A palette that diverges parts them at zero, where there are
// values on both sides of it.
func (d *drawer) classes(i int, c reckon.Column) []int {
	var values []float64
	for row, cells := range d.Result.Rows {
		if v, ok := value(cells[i]); ok && row != d.Result.Rest {
			values = append(values, v)
		}
	}
	sides := d.View.Palette == "diverging" && slices.ContainsFunc(values, func(v float64) bool { return v < 0 }) && slices.ContainsFunc(values, func(v float64) bool { return v > 0 })
	classes := atlas.Classes(values)
	if sides {
		classes = atlas.Parted(values)
	}
	classes, labels := d.called(c, classes)
	for n, k := range classes {
		one := plot.Class{Label: labels[n], Tone: tone(n, len(classes))}
		if sides {
			one.Diverges, one.Tone = true, side(k, classes)
		}
		d.chart.Classes = append(d.chart.Classes, one)
	}
	d.chart.Words.Key = d.w.Title(c)
	out := make([]int, len(d.Result.Rows))
	for row, cells := range d.Result.Rows {
		if v, ok := value(cells[i]); ok {
			out[row] = atlas.ClassOf(classes, v)
		}
	}
	return out
}

// called gives classes their names, with as many digits as tell their ends and one another
// apart. Classes that no digits tell apart are one.
func (d *drawer) called(c reckon.Column, classes []atlas.Class) (told []atlas.Class, labels []string) {
	w := d.w
	for ; ; w.Digits++ {
		told, labels = nil, nil
		apart := true
		for _, k := range classes {
			from, to := w.Number(c, k.From, false), w.Number(c, k.To, false)
			label := from
			if from != to {
				label = d.L.T("tooldraw.span", "from", from, "to", to)
			}
			apart = apart && (from != to || k.From == k.To)
			if n := len(labels); n > 0 && labels[n-1] == label {
				apart = false
				told[n-1].To = k.To
				continue
			}
			told, labels = append(told, k), append(labels, label)
		}
		if apart || w.Digits == wording.MostDigits {
			return told, labels
		}
	}
}

// tone spreads classes over the five tones of a scale.
func tone(n, of int) int {
	if of == 1 {
		return 3
	}
	return 1 + (n*4+(of-1)/2)/(of-1)
}

// side is the tone of a class of values that are parted at zero: -2 and -1 below, 1 and 2
// above, the faint one alone when there is one.
func side(k atlas.Class, all []atlas.Class) int {
	at := slices.Index(all, k)
	switch {
	case k.To < 0 && at+1 < len(all) && all[at+1].To < 0:
		return -2
	case k.To < 0:
		return -1
	case k.From > 0 && at > 0 && all[at-1].From > 0:
		return 2
	case k.From > 0:
		return 1
	}
	return 0
}

// heat draws two columns crossed.
func (d *drawer) heat() {
	d.chart.Kind = plot.Tiles
	xi, x := d.at(reckon.RoleX)
	yi, y := d.at(reckon.RoleY)
	ci, color := d.at(reckon.RoleColor)
	d.chart.Panels = []plot.Panel{{}}
	if xi < 0 || yi < 0 || ci < 0 {
		return
	}
	classes := d.classes(ci, color)
	columns, rows := d.ordered(xi, x), d.ordered(yi, y)
	d.chart.X = plot.Axis{Scaling: plot.Category, Title: d.w.Title(x), Categories: columns.names, Step: d.axis(x).Step}
	d.chart.Y = plot.Axis{Scaling: plot.Category, Title: d.w.Title(y), Categories: rows.names}
	for row, cells := range d.Result.Rows {
		_, ok := value(cells[ci])
		d.chart.Panels[0].Marks = append(d.chart.Panels[0].Marks, plot.Mark{Row: row, X: float64(columns.of[cells[xi]]), Y: float64(rows.of[cells[yi]]),
			Class: classes[row], Null: !ok, Name: d.w.Cell(color, cells[ci]), Text: d.said(row), Link: d.link(reckon.RoleX, row), Dim: d.dim(reckon.RoleX, row) || d.dim(reckon.RoleY, row)})
	}
}

// ordered are the values of a column, those of time, numbers and the calendar in their order.
func (d *drawer) ordered(i int, c reckon.Column) list {
	order := make([]int, len(d.Result.Rows))
	for row := range order {
		order[row] = row
	}
	if c.Type.Temporal() || c.Type.Number() {
		slices.SortStableFunc(order, func(a, b int) int {
			x, okX := along(c, d.Result.Rows[a][i])
			y, okY := along(c, d.Result.Rows[b][i])
			switch {
			case okX != okY && okX, okX && x < y:
				return -1
			case okX != okY || x > y:
				return 1
			}
			return 0
		})
	}
	if days := d.calendar(i); days != nil && c.Group {
		slices.SortStableFunc(order, func(a, b int) int {
			return days[d.Result.Rows[a][i].Text] - days[d.Result.Rows[b][i].Text]
		})
	}
	var out list
	for _, row := range order {
		out.put(d.Result.Rows[row][i], d.name(c, row, i))
	}
	return out
}

// calendar gives the places of a column of days of the week or months, by name; what is no
// value comes after them. It is nil of other columns.
func (d *drawer) calendar(i int) map[string]int {
	var names, others []string
	for _, cells := range d.Result.Rows {
		if cells[i].Null || cells[i] == reckon.Other {
			others = append(others, cells[i].Text)
		} else {
			names = append(names, cells[i].Text)
		}
	}
	places := tabular.Calendar(names)
	for _, name := range others {
		if places != nil {
			places[name] = len(places) + 12
		}
	}
	return places
}

// parts draws a treemap: a part lies in that of the column of panels, when there is one.
func (d *drawer) parts() {
	d.chart.Kind = plot.Treemap
	di, detail := d.at(reckon.RoleDetail)
	si, size := d.at(reckon.RoleSize)
	fi, facet := d.at(reckon.RoleFacet)
	d.chart.Panels = []plot.Panel{{}}
	if di < 0 || si < 0 {
		return
	}
	d.chart.Y.Number = func(v float64, short bool) string { return d.w.Number(size, v, short) }
	var series list
	classes := make([]int, len(d.Result.Rows))
	if fi < 0 { // neighbours of one level are told apart by how large they are
		classes = d.classes(si, size)
	}
	for row, cells := range d.Result.Rows {
		v, ok := value(cells[si])
		m := plot.Mark{Row: row, Size: v, Class: classes[row], Null: !ok, Name: d.name(detail, row, di), Text: d.said(row), Link: d.link(reckon.RoleDetail, row), Dim: d.dim(reckon.RoleDetail, row) || d.dim(reckon.RoleFacet, row), Rest: row == d.Result.Rest}
		if fi >= 0 {
			m.Parent = d.name(facet, row, fi)
			m.Series = series.put(cells[fi], m.Parent) % plot.MaxSeries
		}
		d.chart.Panels[0].Marks = append(d.chart.Panels[0].Marks, m)
	}
}
