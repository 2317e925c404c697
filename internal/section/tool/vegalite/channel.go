package vegalite

import (
	"strconv"

	"plaza/internal/base/plot"
	"plaza/internal/base/tabular"
	"plaza/internal/section/tool/reckon"
	"plaza/internal/section/tool/spec"
)

// format is how numbers of a column are written, in the language of d3-format.
func (w *writer) format(c reckon.Column) string {
	format := ""
	if c.Func != "" {
		format = w.view.Format
	}
	counted := c.Func == tabular.Count || c.Func == tabular.Distinct
	switch {
	case format == "integer" || format == "" && counted && c.Per == "":
		return ",.0f"
	case format == "decimal1":
		return ",.1f"
	case format == "decimal2":
		return ",.2f"
	case format == "compact":
		return ".3~s"
	case format == "money" || format == "" && c.Type == tabular.Money && !counted:
		return "$,.2~f"
	}
	return ",.2~f"
}

// percent reports whether numbers of a column are parts of a hundred.
func (w *writer) percent(c reckon.Column) bool {
	return w.view.Format == "percent" && c.Func != "" ||
		w.view.Format == "" && c.Type == tabular.Percent && c.Func != tabular.Count && c.Func != tabular.Distinct
}

// quantity is a channel of numbers on an axis.
func (w *writer) quantity(c reckon.Column, zero bool) object {
	axis := object{"format": w.format(c)}
	if w.percent(c) {
		axis = object{"labelExpr": "format(datum.value, ',.1~f') + ' %'"}
	}
	return object{"field": w.field(c), "type": "quantitative", "title": w.words.Title(c), "axis": axis, "scale": object{"zero": zero}}
}

// units are the steps of time as Vega-Lite has them. Times are in UTC throughout; weeks are
// their first day, because those of Vega-Lite begin on Sundays.
var units = map[tabular.Step]string{
	tabular.StepYear: "utcyear", tabular.StepQuarter: "utcyearquarter", tabular.StepMonth: "utcyearmonth",
	tabular.StepWeek: "utcyearmonthdate", tabular.StepDay: "utcyearmonthdate", tabular.StepHour: "utcyearmonthdatehours",
}

// time makes a channel one of time.
func (w *writer) time(channel object, c reckon.Column) {
	channel["type"] = "temporal"
	switch unit := units[c.Step]; {
	case c.Type == tabular.Year:
		channel["timeUnit"] = "utcyear"
	case unit != "":
		channel["timeUnit"] = unit
	case c.Type == tabular.Date:
		channel["timeUnit"] = "utcyearmonthdate"
	default:
		channel["timeUnit"] = "utcyearmonthdatehoursminutes"
	}
}

// along is a channel of a column on an axis: numbers, times, or categories in the order of
// the rows.
func (w *writer) along(c reckon.Column, zero bool) object {
	switch {
	case temporal(c):
		out := object{"field": w.field(c), "title": w.words.Title(c)}
		w.time(out, c)
		return out
	case numeric(c):
		return w.quantity(c, zero)
	}
	return w.category(c)
}

// category is a channel of names in the order of the rows.
func (w *writer) category(c reckon.Column) object {
	return object{"field": w.shown(c), "type": "nominal", "title": w.words.Title(c), "sort": nil}
}

// series is the channel of colours by which series are told apart, what is left over in grey.
func (w *writer) series(c reckon.Column) object {
	out := w.category(c)
	at := indexOf(w.Result, c)
	names, colours := []any{}, []string{}
	seen := map[any]bool{}
	for i, row := range w.Result.Rows {
		name := w.text(c, i, row[at])
		if name == nil || seen[name] {
			continue
		}
		seen[name] = true
		colour := plot.Light.Hex(plot.InkSeries+plot.Ink((len(names))%plot.MaxSeries), "")
		if w.view.Toned() { // there are no patterns that would tell apart what is alike
			colour = plot.Light.Hex(plot.InkScale+plot.Ink(4-len(names)%5), w.view.Palette)
		}
		if w.view.Mark == spec.Line && len(names) >= plot.MaxSeries { // a colour that stands for two tells nothing
			colour = plot.Light.Hex(plot.InkRest, "")
		}
		if i == w.Result.Rest && row[at].Null || row[at].Text != "" && row[at].Text == w.Result.RestSeries {
			colour = plot.Light.Hex(plot.InkRest, "")
		}
		names, colours = append(names, name), append(colours, colour)
	}
	if len(names) > 0 && !numeric(c) && !temporal(c) {
		out["scale"] = object{"domain": names, "range": colours}
	}
	return out
}

func indexOf(r reckon.Result, c reckon.Column) int {
	for i := range r.Columns {
		if r.Columns[i].Name == c.Name {
			return i
		}
	}
	return 0
}

// classes is the channel of colours by which numbers are told apart.
func (w *writer) classes(c reckon.Column) object {
	scale, first := object{}, plot.InkScale
	if w.view.Palette == "diverging" {
		first = plot.InkDiverge
		if w.straddles(c) {
			scale["domainMid"] = 0
		}
	}
	colours := []string{}
	for i := range 5 {
		colours = append(colours, plot.Light.Hex(first+plot.Ink(i), w.view.Palette))
	}
	scale["range"] = colours
	legend := object{"format": w.format(c)}
	if w.percent(c) {
		legend = object{"labelExpr": "format(datum.value, ',.1~f') + ' %'"}
	}
	return object{"field": w.field(c), "type": "quantitative", "title": w.words.Title(c), "scale": scale, "legend": legend}
}

// size is the channel of areas.
func (w *writer) size(c reckon.Column) object {
	return object{"field": w.field(c), "type": "quantitative", "title": w.words.Title(c), "legend": object{"format": w.format(c)}}
}

// straddles reports whether a column's numbers lie on both sides of zero.
func (w *writer) straddles(c reckon.Column) bool {
	at, below, above := indexOf(w.Result, c), false, false
	for _, row := range w.Result.Rows {
		v, err := strconv.ParseFloat(row[at].Text, 64)
		below, above = below || err == nil && v < 0, above || err == nil && v > 0
	}
	return below && above
}
