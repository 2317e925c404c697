package vegalite

import (
	"plaza/internal/base/plot"
	"plaza/internal/base/tabular"
	"plaza/internal/section/tool/reckon"
	"plaza/internal/section/tool/spec"
)

// figure is a number in large letters, or the line of its course.
func (w *writer) figure() object {
	y := w.column(reckon.RoleY)
	if y == nil {
		return w.empty()
	}
	if x := w.column(reckon.RoleX); x != nil && len(w.Result.Rows) > 1 {
		return w.lines()
	}
	return object{
		"mark":     object{"type": "text", "fontSize": 48},
		"encoding": object{"text": object{"field": w.field(*y), "type": "quantitative", "format": w.format(*y)}},
	}
}

// empty is a picture of nothing: there are no rows, or the column that the mark needs is not
// among theirs.
func (w *writer) empty() object { return object{"mark": "point", "encoding": object{}} }

// bars lie when their categories are names, so that they can be read, and stand for times and
// ranges.
func (w *writer) bars() object {
	group, measure := w.column(reckon.RoleX), w.column(reckon.RoleY)
	if group == nil || measure == nil {
		return w.empty()
	}
	if group.Func != "" {
		group, measure = measure, group
	}
	lying := group.Step != tabular.StepBins && !temporal(*group)
	if w.view.Orient != "" {
		lying = w.view.Orient == "horizontal"
	}
	w.names()
	along, value := "x", "y"
	if lying {
		along, value = "y", "x"
	}
	encoding := object{along: w.group(*group), value: w.quantity(*measure, true), "tooltip": w.tooltips()}
	if group.Step == tabular.StepBins {
		end := w.field(*group) + "_hasta"
		w.transform = append(w.transform, object{"calculate": datum(w.field(*group)) + " + " + number(group.Width), "as": end})
		encoding[along+"2"] = object{"field": end}
	}
	if color := w.column(reckon.RoleColor); color != nil {
		encoding["color"] = w.series(*color)
		w.stack(encoding, along, value, *measure, *color)
	}
	return w.framed(object{"type": "bar"}, encoding, value, along)
}

// group is the channel of what bars stand for.
func (w *writer) group(c reckon.Column) object {
	switch {
	case c.Step == tabular.StepBins:
		out := w.quantity(c, false)
		out["bin"] = "binned"
		delete(out, "scale")
		return out
	case temporal(c):
		return w.along(c, false)
	}
	return w.category(c)
}

// stack says how series share a place.
func (w *writer) stack(encoding object, along, value string, measure, color reckon.Column) {
	channel := encoding[value].(object)
	switch w.view.Stack {
	case "zero", "normalize":
		channel["stack"] = w.view.Stack
		if w.view.Stack == "normalize" {
			channel["axis"] = object{"format": ".0%"}
		}
	case "diverging":
		signed := w.field(measure) + "_con_signo"
		if first := w.first(color); first != "" {
			w.transform = append(w.transform, object{"calculate": datumOf(w, color) + " === " + first + " ? -" + datum(w.field(measure)) + " : " + datum(w.field(measure)), "as": signed})
			channel["field"] = signed
		}
		channel["stack"] = "zero"
		channel["axis"] = object{"labelExpr": "format(abs(datum.value), '" + w.format(measure) + "')"}
	default:
		channel["stack"] = nil
		encoding[along+"Offset"] = object{"field": w.shown(color), "type": "nominal", "sort": nil}
		if encoding[along].(object)["bin"] != nil { // ranges have no room for offsets: they are seen through
			delete(encoding, along+"Offset")
		}
	}
}

// lines are lines and areas along x.
func (w *writer) lines() object {
	x, y := w.column(reckon.RoleX), w.column(reckon.RoleY)
	if x == nil || y == nil {
		return w.empty()
	}
	w.names()
	area := w.view.Mark == spec.Area
	encoding := object{"x": w.along(*x, false), "y": w.quantity(*y, area || !w.view.Cut), "tooltip": w.tooltips()}
	if color := w.column(reckon.RoleColor); color != nil {
		encoding["color"] = w.series(*color)
	}
	mark := object{"type": "line", "point": len(w.Result.Rows) <= 60}
	if area {
		mark = object{"type": "area"}
		if w.view.Toned() {
			mark["color"] = plot.Light.Hex(plot.ToneInk(0, 1), w.view.Palette)
		}
		channel := encoding["y"].(object)
		channel["stack"] = "zero"
		if w.view.Stack == "normalize" {
			channel["stack"], channel["axis"] = "normalize", object{"format": ".0%"}
		}
	}
	return w.framed(mark, encoding, "y", "x")
}

// points are two numbers each.
func (w *writer) points() object {
	x, y := w.column(reckon.RoleX), w.column(reckon.RoleY)
	if x == nil || y == nil {
		return w.empty()
	}
	w.names()
	encoding := object{"x": w.along(*x, !w.view.Cut), "y": w.along(*y, !w.view.Cut), "tooltip": w.tooltips()}
	if size := w.column(reckon.RoleSize); size != nil {
		encoding["size"] = w.size(*size)
	}
	if color := w.column(reckon.RoleColor); color != nil {
		encoding["color"] = w.series(*color)
	}
	if detail := w.column(reckon.RoleDetail); detail != nil {
		encoding["detail"] = object{"field": w.shown(*detail), "type": "nominal"}
	}
	return w.framed(object{"type": "point", "filled": true, "opacity": 0.7}, encoding, "y", "x")
}

// tiles are a heat map.
func (w *writer) tiles() object {
	x, y, color := w.column(reckon.RoleX), w.column(reckon.RoleY), w.column(reckon.RoleColor)
	if x == nil || y == nil || color == nil {
		return w.empty()
	}
	w.names()
	return w.framed(object{"type": "rect"}, object{"x": w.step(*x), "y": w.step(*y), "color": w.classes(*color), "tooltip": w.tooltips()}, "", "")
}

// step is a channel of which each value has a place of its own, times and numbers too.
func (w *writer) step(c reckon.Column) object {
	out := w.category(c)
	if temporal(c) {
		w.time(out, c)
		out["type"] = "ordinal"
		delete(out, "sort")
	}
	return out
}
