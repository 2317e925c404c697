package vegalite

import (
	"encoding/json"
	"maps"
	"strconv"

	"plaza/internal/base/plot"
	"plaza/internal/section/tool/reckon"
	"plaza/internal/section/tool/spec"
)

// The size of a picture whose axes are no categories, in pixels.
const (
	width  = 640
	height = 360
)

func number(v float64) string { return strconv.FormatFloat(v, 'g', -1, 64) }

// framed is a picture with its rules and annotations, repeated where there are small
// multiples. value is the channel of the measure, along that of what it goes along; "" when
// there is no such axis.
func (w *writer) framed(mark, encoding object, value, along string) object {
	picture := object{"mark": mark, "encoding": encoding}
	facet := w.column(reckon.RoleFacet)
	side := float64(width)
	if facet != nil {
		side = 200
	}
	for channel, length := range map[string]float64{"x": side, "y": min(side, height)} {
		if c, ok := encoding[channel].(object); ok && c["type"] != "nominal" && c["type"] != "ordinal" && encoding[channel+"Offset"] == nil {
			picture[map[string]string{"x": "width", "y": "height"}[channel]] = length
		}
	}
	if layers := w.marked(encoding, value, along); len(layers) > 0 {
		inner := object{"mark": mark, "encoding": encoding}
		delete(picture, "mark")
		delete(picture, "encoding")
		picture["layer"] = append([]object{inner}, layers...)
	}
	if facet == nil {
		return picture
	}
	return object{"facet": w.category(*facet), "columns": 4, "spec": picture}
}

// marked are the layers of rules and annotations.
func (w *writer) marked(encoding object, value, along string) []object {
	var out []object
	if value == "" {
		return nil
	}
	for _, r := range w.view.Rules {
		out = append(out, w.rule(r, encoding[value].(object), value)...)
	}
	for _, n := range w.view.Marks {
		out = append(out, w.note(n, encoding[along].(object), along))
	}
	return out
}

// rule is a line across the picture at a value of the measure, with its words.
func (w *writer) rule(r spec.Rule, measure object, channel string) []object {
	accent := plot.Light.Hex(plot.InkAccent, "")
	at := object{"datum": r.At, "type": "quantitative"}
	if r.Of != "" {
		at = object{"aggregate": r.Of, "field": measure["field"], "type": "quantitative"}
	}
	at["title"] = measure["title"]
	layer := func(mark object) object {
		out := object{"mark": mark, "encoding": object{channel: maps.Clone(at)}}
		if r.Of == "" { // drawn once, not for every row
			out["data"] = object{"values": []object{{}}}
		}
		return out
	}
	out := []object{layer(object{"type": "rule", "color": accent, "strokeDash": []int{4, 3}})}
	if r.Label == "" {
		return out
	}
	text := object{"type": "text", "color": accent, "align": "left", "baseline": "bottom", "text": r.Label, "x": 4, "dy": -3}
	if channel == "x" {
		text = object{"type": "text", "color": accent, "align": "left", "baseline": "top", "text": r.Label, "y": 4, "dx": 4}
	}
	return append(out, layer(text))
}

// note is an annotation at a place along the picture.
func (w *writer) note(n spec.Note, along object, channel string) object {
	place := maps.Clone(along)
	place["field"] = "donde"
	for _, key := range []string{"bin", "timeUnit", "stack", "axis", "scale"} {
		delete(place, key)
	}
	var where any = n.X
	if along["type"] == "quantitative" {
		where = json.Number(n.X)
		if !valid(json.Number(n.X)) {
			where = nil
		}
	}
	if along["timeUnit"] != nil {
		place["timeUnit"] = along["timeUnit"]
	}
	mark := object{"type": "text", "align": "left", "baseline": "top", "color": plot.Light.Hex(plot.InkAccent, ""), "y": 4, "dx": 3}
	if channel == "y" {
		mark = object{"type": "text", "align": "right", "baseline": "middle", "color": plot.Light.Hex(plot.InkAccent, ""), "x": "width", "dx": -3}
	}
	return object{
		"data":     object{"values": []object{{"donde": where, "nota": n.Text}}},
		"mark":     mark,
		"encoding": object{channel: place, "text": object{"field": "nota", "type": "nominal"}},
	}
}

// datumOf is what readers see of a column, in an expression.
func datumOf(w *writer, c reckon.Column) string {
	if w.named(c) {
		return datum(w.nameOf(c))
	}
	return datum(w.field(c))
}

// first is the name of the first series as an expression, "" when there is none.
func (w *writer) first(c reckon.Column) string {
	if len(w.Result.Rows) == 0 {
		return ""
	}
	quoted, err := json.Marshal(w.text(c, 0, w.Result.Rows[0][indexOf(w.Result, c)]))
	if err != nil {
		return ""
	}
	return string(quoted)
}
