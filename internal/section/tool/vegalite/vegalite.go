// Package vegalite writes a view of a Herramienta as a document of Vega-Lite 6, so that
// whoever wants another picture of the same numbers begins with one that runs: in an editor,
// a notebook, a page of their own.
//
// A view's numbers are already put together (a Result): the document shows them and computes
// nothing anew. What Vega-Lite has no place for, as where the numbers come from and the
// document of the tool itself, is in usermeta.plaza, which Vega-Lite leaves alone.
package vegalite

import (
	"bytes"
	"embed"
	"encoding/json"
	"fmt"

	"plaza/internal/base/i18n"
	"plaza/internal/base/plot"
	"plaza/internal/plaza"
	"plaza/internal/section/tool/reckon"
	"plaza/internal/section/tool/spec"
	"plaza/internal/section/tool/wording"
)

// Locale holds the few words of documents and refusals, in Spanish and English.
//
//go:embed locale/*.json
var Locale embed.FS

// Schema is the schema that documents name.
const Schema = "https://vega.github.io/schema/vega-lite/v6.json"

// object is one of JSON.
type object = map[string]any

// Asked is a document that is wanted.
type Asked struct {
	L      *i18n.Printer
	Spec   spec.Spec
	View   string // name
	Result reckon.Result
	// DataURL is where the numbers are as CSV, whose head are the names of the Result's
	// columns; "": they are in the document.
	DataURL string
}

// Export is a view as a document. Errors: Invalid for views that Vega-Lite has no form for
// (tables, texts, treemaps), NotFound for a view that the tool has not.
func Export(a Asked) ([]byte, error) {
	view, ok := a.Spec.View(a.View)
	if !ok {
		return nil, plaza.E(plaza.NotFound, "toolvega.error.view")
	}
	w := &writer{Asked: a, view: view, words: wording.Writer{L: a.L, Result: a.Result, Format: view.Format}}
	forms := map[spec.Mark]func() object{
		spec.Figure: w.figure, spec.Bar: w.bars, spec.Line: w.lines, spec.Area: w.lines, spec.Point: w.points,
		spec.Rect: w.tiles, spec.GeoShape: w.shapes, spec.Circle: w.circles,
	}
	form, ok := forms[view.Mark]
	if !ok {
		return nil, &plaza.Error{Kind: plaza.Invalid, Key: "toolvega.error.form", Args: map[string]any{"mark": string(view.Mark)}}
	}
	if len(a.Result.Rows) == 0 && view.Mark != spec.GeoShape {
		form = w.empty
	}
	doc := form()
	w.head(doc)
	var out bytes.Buffer
	encoder := json.NewEncoder(&out)
	encoder.SetIndent("", "  ")
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(doc); err != nil {
		return nil, fmt.Errorf("view %s as Vega-Lite: %w", a.View, err)
	}
	return out.Bytes(), nil
}

// writer writes one document.
type writer struct {
	Asked
	view      spec.View
	words     wording.Writer
	transform []object
}

// head adds what every document has. Forms that bring data of their own keep them.
func (w *writer) head(doc object) {
	doc["$schema"] = Schema
	title, subtitle := w.view.Title, w.Spec.Title
	if title == "" {
		title, subtitle = w.Spec.Title, w.Spec.Subtitle
	}
	doc["title"] = object{"text": title, "anchor": "start"}
	if subtitle != "" {
		doc["title"] = object{"text": title, "subtitle": subtitle, "anchor": "start"}
	}
	doc["description"] = title
	if w.Spec.Description != "" {
		doc["description"] = w.Spec.Description
	}
	if doc["data"] == nil {
		doc["data"] = w.data()
	}
	if len(w.transform) > 0 {
		doc["transform"] = w.transform
	}
	config, ok := doc["config"].(object)
	if !ok {
		config = object{}
		doc["config"] = config
	}
	config["mark"] = object{"color": plot.Light.Hex(plot.InkSeries, "")}
	doc["usermeta"] = object{"plaza": object{"tool": w.Spec, "view": w.view.Name, "sources": w.Result.Stamps}}
}

// column is the Result's column of a role, nil when there is none.
func (w *writer) column(role reckon.Role) *reckon.Column {
	if _, c, ok := wording.Column(w.Result, role); ok {
		return &c
	}
	return nil
}

// tooltips are all columns.
func (w *writer) tooltips() []object {
	out := []object{}
	for _, c := range w.Result.Columns {
		out = append(out, w.tooltip(c))
	}
	return out
}

func (w *writer) tooltip(c reckon.Column) object {
	out := object{"field": w.shown(c), "title": w.words.Title(c), "type": "nominal"}
	switch {
	case numeric(c):
		out["type"], out["format"] = "quantitative", w.format(c)
	case temporal(c):
		w.time(out, c)
	}
	return out
}
