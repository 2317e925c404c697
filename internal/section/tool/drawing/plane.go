package drawing

import (
	"cmp"
	"slices"
	"strconv"

	"plaza/internal/base/plot"
	"plaza/internal/base/tabular"
	"plaza/internal/section/tool/reckon"
	"plaza/internal/section/tool/spec"
	"plaza/internal/section/tool/wording"
)

// plane draws what lies on two axes: bars, lines, areas and dots.
func (d *drawer) plane() {
	xi, x := d.at(reckon.RoleX)
	yi, y := d.at(reckon.RoleY)
	if xi < 0 || yi < 0 {
		d.chart.Kind = plot.Columns
		return
	}
	flat := d.View.Mark == spec.Bar && lying(d.View, x, y)
	switch d.View.Mark {
	case spec.Line:
		d.chart.Kind = plot.Line
	case spec.Area:
		d.chart.Kind = plot.Area
	case spec.Point:
		d.chart.Kind = plot.Dots
	default:
		d.chart.Kind = plot.Columns
	}
	if flat {
		d.chart.Kind = plot.Bars
	}
	if d.View.Mark == spec.Bar && (x.Func != "") != flat { // lying bars have their measure on x, upright ones on y
		xi, yi, x, y = yi, xi, y, x
	}
	d.chart.X, d.chart.Y = d.axis(x), d.axis(y)
	d.chart.Y.Cut = d.View.Cut
	d.chart.X.Cut = d.View.Cut && d.View.Mark == spec.Point
	d.chart.Stacking = map[string]plot.Stacking{"zero": plot.Stacked, "normalize": plot.Shares, "diverging": plot.Diverging}[d.View.Stack]
	d.chart.Toned = d.View.Toned()
	if d.View.Mark == spec.Area && d.View.Stack == "" {
		d.chart.Stacking = plot.Stacked
	}
	d.chart.Labels = d.chart.Stacking == plot.Grouped // on stacked parts they would be read as the whole
	d.marks(xi, yi, x, y)
	d.rules(flat)
	d.notes(flat)
}

// lying reports whether bars lie: those of categories do, so that their names can be read;
// those of time and ranges stand.
func lying(v spec.View, x, y reckon.Column) bool {
	group := x
	if x.Func != "" {
		group = y
	}
	switch v.Orient {
	case "horizontal":
		return true
	case "vertical":
		return false
	}
	return group.Step != tabular.StepBins && !group.Type.Temporal()
}

// marks puts every row in its place.
func (d *drawer) marks(xi, yi int, x, y reckon.Column) {
	var categories, series, panels list
	ci, color := d.at(reckon.RoleColor)
	fi, facet := d.at(reckon.RoleFacet)
	si, _ := d.at(reckon.RoleSize)
	li, label := d.at(reckon.RoleLabel)
	role, category := d.role(x, y)
	discrete := d.chart.Kind == plot.Bars || d.chart.Kind == plot.Columns && category.Step != tabular.StepBins && !category.Type.Temporal()
	for row, cells := range d.Result.Rows {
		m := plot.Mark{Row: row, Text: d.said(row), Link: d.link(role, row), Dim: d.dim(role, row) || d.dim(reckon.RoleColor, row), Rest: row == d.Result.Rest}
		if ci >= 0 {
			m.Series = series.put(cells[ci], d.name(color, row, ci))
		}
		panel := 0
		if fi >= 0 {
			panel = panels.put(cells[fi], d.name(facet, row, fi))
		}
		var okX, okY bool
		m.X, okX = along(x, cells[xi])
		m.Y, okY = along(y, cells[yi])
		if discrete {
			at := &m.X
			ok, i, c := &okX, xi, x
			if category.Role == y.Role {
				at, ok, i, c = &m.Y, &okY, yi, y
			}
			*at, *ok = float64(categories.put(cells[i], d.name(c, row, i))), true
		}
		if x.Step == tabular.StepBins {
			m.To = m.X + x.Width
		}
		m.Null = !okX || !okY
		if m.Null && (!okX && !discrete || d.chart.Kind == plot.Dots) {
			continue // it has no place
		}
		if si >= 0 {
			m.Size, _ = value(cells[si]) // without one it is the least
		}
		if li >= 0 {
			m.Name = d.w.Cell(label, cells[li])
		}
		for len(d.chart.Panels) <= panel {
			d.chart.Panels = append(d.chart.Panels, plot.Panel{})
		}
		d.chart.Panels[panel].Marks = append(d.chart.Panels[panel].Marks, m)
	}
	d.inOrder(&categories)
	for len(d.chart.Panels) < len(panels.names) {
		d.chart.Panels = append(d.chart.Panels, plot.Panel{}) // none of its rows has a place
	}
	for i, name := range panels.names {
		d.chart.Panels[i].Title = name
	}
	for _, name := range series.names {
		d.chart.Series = append(d.chart.Series, plot.Series{Name: name})
	}
	if len(d.chart.Panels) == 0 {
		d.chart.Panels = []plot.Panel{{}}
	}
	d.otherSeries(ci, series)
	if d.chart.Kind != plot.Bars && d.chart.Kind != plot.Columns {
		for i := range d.chart.Panels {
			slices.SortStableFunc(d.chart.Panels[i].Marks, func(a, b plot.Mark) int { return cmp.Compare(a.X, b.X) })
		}
	}
}

// role is by which column marks are chosen.
func (d *drawer) role(x, y reckon.Column) (reckon.Role, reckon.Column) {
	if x.Func != "" {
		return y.Role, y
	}
	return x.Role, x
}

// inOrder gives the categories their axis.
func (d *drawer) inOrder(l *list) {
	if len(l.names) == 0 {
		return
	}
	axis := &d.chart.X
	if d.chart.Kind == plot.Bars {
		axis = &d.chart.Y
	}
	axis.Scaling, axis.Categories, axis.Step = plot.Category, l.names, ""
	if d.chart.Kind == plot.Bars {
		axis.Title = "" // the names beside the bars explain themselves
	}
}

// otherSeries greys the series that holds what is left over.
func (d *drawer) otherSeries(ci int, series list) {
	if ci < 0 || d.Result.RestSeries == "" {
		return
	}
	for cell, i := range series.of {
		if cell.Text == d.Result.RestSeries {
			d.chart.Series[i].Other = true
			d.chart.Series[i].Name = d.L.T("tooldraw.others")
			if d.Result.Rest < 0 && d.Result.Folded > 0 { // else they are not of the series alone
				d.chart.Series[i].Name = d.L.T("tooldraw.rest", "count", d.Result.Folded)
			}
		}
	}
}

// rules are the reference lines, across the measure.
func (d *drawer) rules(flat bool) {
	var values []float64
	for _, p := range d.chart.Panels {
		for _, m := range p.Marks {
			if v := m.Y; !m.Null && !m.Rest {
				if flat {
					v = m.X
				}
				values = append(values, v)
			}
		}
	}
	slices.Sort(values)
	measure := d.measure()
	for _, r := range d.View.Rules {
		one := plot.Rule{At: r.At, Label: r.Label, Vertical: flat}
		switch {
		case r.Of != "" && len(values) == 0:
			continue
		case r.Of == "mean":
			sum := 0.0
			for _, v := range values {
				sum += v
			}
			one.At = sum / float64(len(values))
		case r.Of == "median":
			one.At = (values[len(values)/2] + values[(len(values)-1)/2]) / 2
		}
		if one.Label == "" {
			key := "tooldraw.rule.at"
			if r.Of != "" {
				key = "tooldraw.rule." + r.Of
			}
			one.Label = d.L.T(key, "value", d.w.Number(measure, one.At, false))
		}
		d.chart.Rules = append(d.chart.Rules, one)
	}
}

// measure is the column that is measured.
func (d *drawer) measure() reckon.Column {
	for _, c := range d.Result.Columns {
		if c.Func != "" {
			return c
		}
	}
	_, y := d.at(reckon.RoleY)
	return y
}

// notes stand at the mark whose place they name.
func (d *drawer) notes(flat bool) {
	for _, n := range d.View.Marks {
		at, ok := 0.0, false
		if t, is := wording.Instant(n.X); is && d.chart.X.Scaling == plot.Time {
			at, ok = float64(t.Unix()), true
		} else if v, err := strconv.ParseFloat(n.X, 64); err == nil && d.chart.X.Scaling == plot.Linear && !flat {
			at, ok = v, true
		}
		axis := d.chart.X
		if flat {
			axis = d.chart.Y
		}
		if i := slices.Index(axis.Categories, n.X); i >= 0 {
			at, ok = float64(i), true
		}
		if !ok {
			continue
		}
		note := plot.Note{X: at, Text: n.Text}
		if m := d.nearest(at, flat); m != nil {
			note.X, note.Y = m.X, m.Y
			d.chart.Notes = append(d.chart.Notes, note)
		}
	}
}

// nearest is the mark next to a place on the axis of categories or time.
func (d *drawer) nearest(at float64, flat bool) *plot.Mark {
	var best *plot.Mark
	distance := func(m *plot.Mark) float64 {
		v := m.X
		if flat {
			v = m.Y
		}
		return max(v-at, at-v)
	}
	for p := range d.chart.Panels {
		for i := range d.chart.Panels[p].Marks {
			if m := &d.chart.Panels[p].Marks[i]; !m.Null && (best == nil || distance(m) < distance(best)) {
				best = m
			}
		}
	}
	return best
}

// spark is the line beside a figure.
func (d *drawer) spark() {
	d.chart.Kind = plot.Spark
	xi, x := d.at(reckon.RoleX)
	yi, y := d.at(reckon.RoleY)
	d.chart.Panels = []plot.Panel{{}}
	if xi < 0 || yi < 0 {
		return
	}
	d.chart.X, d.chart.Y = d.axis(x), d.axis(y)
	for row, cells := range d.Result.Rows {
		at, okX := along(x, cells[xi])
		v, okY := value(cells[yi])
		if okX {
			d.chart.Panels[0].Marks = append(d.chart.Panels[0].Marks, plot.Mark{Row: row, X: at, Y: v, Null: !okY, Text: d.said(row)})
		}
	}
	slices.SortStableFunc(d.chart.Panels[0].Marks, func(a, b plot.Mark) int { return cmp.Compare(a.X, b.X) })
}
