// Package spec says what a native Herramienta is: a document of JSON that names the
// resources that it rests on and describes its views. Marks and encodings are those of
// Vega-Lite 6, as far as they go (mark, encoding, field, aggregate, timeUnit, bin, sort,
// stack, title, format); what a drawing language cannot say is ours: where rows come from
// and whether they follow new versions, joins by key, rates by population, what is kept of
// many categories, controls.
//
// A document is data: there is no expression, no script, no address of anywhere in it. What
// is not in the schema is refused, with the path of what is wrong ("views[0].encoding.x.field").
package spec

import "embed"

// Locale holds the sentences of refusals, in Spanish and English.
//
//go:embed locale/*.json
var Locale embed.FS

// Schema is the name and version of the format, the value of "$schema".
const Schema = "plaza-tool/1"

// Limits of a document.
const (
	MaxBytes       = 64 << 10
	MaxSources     = 4
	MaxViews       = 8
	MaxControls    = 6
	MaxLookups     = 2
	MaxFields      = 20 // of a lookup, and columns of a table
	MaxRules       = 6
	MaxNotes       = 10
	MaxTitle       = 140 // characters
	MaxText        = 2000
	MaxSentence    = 400
	MaxName        = 40
	MaxTop         = 60 // categories on an axis
	MaxSeries      = 8  // colours
	MaxPanels      = 24
	MaxMarks       = 2500 // of a view
	MaxPoints      = 2000 // dots of a chart
	MaxTableRows   = 500
	DefaultTop     = 20
	DefaultBins    = 20
	DefaultRows    = 50
	MaxGroupsAsked = 10_000 // rows of an answer before what is left over is put together; joined rows
)

// Spec is a tool.
type Spec struct {
	Schema   string `json:"$schema"`
	Title    string `json:"title"`
	Subtitle string `json:"subtitle,omitempty"`
	// Description is the alternative text of the pictures; "": it is made from the numbers.
	Description string `json:"description,omitempty"`
	// Summary is what it shows, in a sentence or two; "": it is made from the numbers.
	Summary  string    `json:"summary,omitempty"`
	Notes    string    `json:"notes,omitempty"` // on method, as Markdown
	Language string    `json:"language"`        // "es" or "en"
	Sources  []Source  `json:"sources"`
	Views    []View    `json:"views"`
	Controls []Control `json:"controls,omitempty"`
}

// Source is a table of a resource, and which of its rows count.
type Source struct {
	Name     string `json:"name"`            // by which views name it: letters, digits and "_"
	Resource string `json:"resource"`        // id
	Table    int    `json:"table,omitempty"` // of the file's tables, from 1; 0 is the first
	// Version pins a version by its number; 0 follows the newest.
	Version int `json:"version,omitempty"`
	// Filter chooses rows, written as in the addresses of the explorer (package query):
	// "f.producto=regular&f.fecha.min=2022-01-01".
	Filter string `json:"filter,omitempty"`
	// Lookup joins columns of other sources. They are then called "source.column".
	Lookup []Lookup `json:"lookup,omitempty"`
}

// Lookup joins columns of another source to each row, by a key that is unique there.
type Lookup struct {
	Key    string   `json:"key"`    // column here
	From   string   `json:"from"`   // name of the other source
	Equals string   `json:"equals"` // its column
	Fields []string `json:"fields"` // its columns that are taken
}

// Mark is how a view shows its numbers.
type Mark string

// The marks. Those of Vega-Lite are called as there: a histogram is a bar with a bin, a heat
// map a rect, a scatter a point, a choropleth a geoshape, a map of points a circle with
// longitude and latitude.
const (
	Table    Mark = "table" // ours
	Figure   Mark = "figure"
	Text     Mark = "text" // words without numbers, between views
	Bar      Mark = "bar"
	Line     Mark = "line"
	Area     Mark = "area"
	Point    Mark = "point"
	Rect     Mark = "rect"
	Treemap  Mark = "treemap"
	GeoShape Mark = "geoshape"
	Circle   Mark = "circle"
)

// Marks are all of them.
var Marks = []Mark{Table, Figure, Text, Bar, Line, Area, Point, Rect, Treemap, GeoShape, Circle}

// View is one picture or table.
type View struct {
	Name   string `json:"name"`             // within the tool: letters, digits and "_"
	Source string `json:"source,omitempty"` // name; "" for text
	Mark   Mark   `json:"mark"`
	Title  string `json:"title,omitempty"`
	Text   string `json:"text,omitempty"`   // Markdown: of a text, or below the picture
	Filter string `json:"filter,omitempty"` // of this view's rows besides the source's
	// Sentence says what the picture shows in the author's words; "": it is made from the
	// numbers, as it is for whoever chooses other rows.
	Sentence string   `json:"sentence,omitempty"`
	Encoding Encoding `json:"encoding"`
	// Columns of a table, in their order; none: all.
	Columns []string `json:"columns,omitempty"`
	Rows    int      `json:"rows,omitempty"` // of a table; 0 is DefaultRows
	// Stack is how series share a place: "" side by side (bars) or one on the other (areas),
	// "zero" one on the other, "normalize" as shares, "diverging" the first to the left.
	Stack string `json:"stack,omitempty"`
	// Horizontal and vertical bars: "" as it fits.
	Orient string `json:"orient,omitempty"`
	// Top keeps as many categories, the greatest; 0 is DefaultTop. Others puts the rest
	// together where that can be done.
	Top    int  `json:"top,omitempty"`
	Others bool `json:"others,omitempty"`
	// Per divides the measure: by the population of the place ("population"), or by the sum
	// of a column of a lookup ("censo.viviendas"), times Times (0: 100,000 of population, 1
	// otherwise).
	Per   string  `json:"per,omitempty"`
	Times float64 `json:"times,omitempty"`
	// Geo is what a geoshape draws: "states", "municipalities", or the name of a source whose
	// polygons are drawn, joined by its column GeoKey.
	Geo    string `json:"geo,omitempty"`
	GeoKey string `json:"geoKey,omitempty"`
	// Within is the code of the state that a map shows; "" the whole country.
	Within string `json:"within,omitempty"`
	// Palette is one of Palettes; "" as it fits.
	Palette string `json:"palette,omitempty"`
	// Cut lets a scale of lines and dots begin at its least value.
	Cut   bool   `json:"cut,omitempty"`
	Rules []Rule `json:"rules,omitempty"`
	Marks []Note `json:"annotations,omitempty"`
	// Format of numbers: "" as the column's, "integer", "decimal1", "decimal2", "percent",
	// "money", "compact".
	Format string `json:"format,omitempty"`
}

// Palettes are the colours of classes: three of one hue and one that diverges. Series have
// one order of colours, safe for colour blindness, but for those that are toned.
var Palettes = []string{"indigo", "jade", "guinda", "diverging"}

// Toned reports whether series are in tones of the view's palette: areas are, where it is of
// one hue, and so are the points of a map that are of one kind.
func (v View) Toned() bool {
	one := v.Mark == Circle && v.Encoding.Color == Channel{}
	return (v.Mark == Area || one) && v.Palette != "" && v.Palette != "diverging"
}

// Formats are those of numbers.
var Formats = []string{"integer", "decimal1", "decimal2", "percent", "money", "compact"}

// Encoding is which column stands for what. Zero channels are not there.
type Encoding struct {
	X         Channel `json:"x,omitzero"`
	Y         Channel `json:"y,omitzero"`
	Color     Channel `json:"color,omitzero"` // series; of rect, treemap and geoshape the value
	Size      Channel `json:"size,omitzero"`  // of points, circles and parts of a treemap
	Facet     Channel `json:"facet,omitzero"` // small multiples
	Detail    Channel `json:"detail,omitzero"`
	Place     Channel `json:"place,omitzero"` // of a geoshape: its code
	Longitude Channel `json:"longitude,omitzero"`
	Latitude  Channel `json:"latitude,omitzero"`
	Label     Channel `json:"label,omitzero"` // name of a point or of a shape
}

// Channel is one column, or what is computed of rows.
type Channel struct {
	Field string `json:"field,omitempty"`
	// Aggregate is count, sum, mean, median, min, max or distinct; "" is the value itself,
	// by which rows are put together.
	Aggregate string `json:"aggregate,omitempty"`
	// TimeUnit is year, yearquarter, yearmonth, yearweek, yearmonthdate or
	// yearmonthdatehours.
	TimeUnit string `json:"timeUnit,omitempty"`
	Bin      int    `json:"bin,omitempty"` // how many; 0: none
	// Sort of categories: "ascending", "descending" (by the category), "value" and "-value"
	// (by the measure, "-" the greatest first); "" as it fits.
	Sort  string `json:"sort,omitempty"`
	Title string `json:"title,omitempty"`
}

// Rule is a reference line at a value of the measure, or "mean" and "median" of what is shown.
type Rule struct {
	At    float64 `json:"at,omitempty"`
	Of    string  `json:"of,omitempty"` // "mean", "median"; "": At
	Label string  `json:"label,omitempty"`
}

// Note is an annotation at a category, a day or a number of x.
type Note struct {
	X    string `json:"x"`
	Text string `json:"text"`
}

// Control lets readers choose rows of all views whose source has the column.
type Control struct {
	Kind  string `json:"kind"` // "list", "dates", "range", "search", "place"
	Field string `json:"field,omitempty"`
	Title string `json:"title,omitempty"`
}

// Controls are the kinds of control.
var Controls = []string{"list", "dates", "range", "search", "place"}
