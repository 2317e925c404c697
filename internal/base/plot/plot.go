// Package plot draws charts: bars, columns, lines, areas, dots, tiles, treemaps and maps,
// one or as small multiples, from numbers that it is given. It asks nothing and knows no
// pages: what comes out is a Scene, which is written as SVG for pages, for files in light or
// dark, or as PNG.
//
//	Chart ─▶ Draw ─▶ Scene ─▶ SVG (classes of the style sheet, or colours of a Theme)
//	                   │
//	                   └────▶ PNG
//
// The same scene is what everybody sees: there is one drawing of a chart, made here, with or
// without scripts, on the page, in print, in a preview. Every mark says of which row of the
// table of values it is (Mark.Row), so that a chart and its table cannot disagree, and
// scripts can tell what a mark shows by reading that row.
//
// Bars and areas begin at zero. Colours never stand alone: series have a pattern or a label
// beside, classes of maps and tiles are told apart in grey.
package plot

import "time"

// Kind is how marks are drawn.
type Kind string

// The kinds.
const (
	Bars    Kind = "bars"    // from the left, a category a line: Y is the category, X the value
	Columns Kind = "columns" // from below: X is the category, the time or the bin, Y the value
	Line    Kind = "line"    // along X, which is time or a number
	Area    Kind = "area"
	Dots    Kind = "dots"    // two numbers
	Tiles   Kind = "tiles"   // a heat map: two categories and a class of colour
	Treemap Kind = "treemap" // parts of a whole, by size
	Map     Kind = "map"     // shapes with a class of colour, and points
	Spark   Kind = "spark"   // a line without scales, beside a figure
)

// Stacking is how several series of bars, columns or areas share a place.
type Stacking string

// The ways.
const (
	Grouped   Stacking = ""          // side by side
	Stacked   Stacking = "stacked"   // one on the other; negative ones to the other side of zero
	Shares    Stacking = "shares"    // as parts of 100 %; what is not above zero is no part
	Diverging Stacking = "diverging" // the first series to the left of zero, the others to the right
)

// Chart is what is drawn.
type Chart struct {
	Kind     Kind
	Stacking Stacking
	Width    float64 // of the picture, in pixels; its height follows from what it shows
	Height   float64 // 0: as it fits
	X, Y     Axis
	Series   []Series // in the order of their colours; none: there is one without a name
	Panels   []Panel  // one, or small multiples: on one scale unless most would be flat
	Classes  []Class  // of tiles and maps, from the least to the greatest
	Rules    []Rule   // reference lines
	Notes    []Note   // annotations
	// Keyless leaves the key of a map to whoever shows it.
	Keyless bool
	// Apart is how far dots with sizes lie from one another, in pixels: none is drawn wider, so
	// that they do not become one mass. 0: as it comes.
	Apart float64
	// Toned takes series in tones of the scene's palette instead of their own colours.
	Toned  bool
	Labels bool // values stand beside bars and on tiles where there is room
	// Number writes a value of the Value axis, short for scales and whole otherwise; nil:
	// as Go does. Words come from whoever asks for the chart.
	Number func(v float64, short bool) string
	// Month names months for scales of time, "ene"; nil: by number.
	Month func(m time.Month) string
	Words Words
}

// Words are the few that a drawing holds by itself, in the reader's language.
type Words struct {
	Cut      string // that an axis does not begin at zero
	NoValue  string // in the key of a map: no value
	Key      string // what the key's colours stand for
	Nothing  string // there is nothing to be drawn
	Kilo     string // "km"
	Multiple string // all panels have the same scale
	Own      string // each panel has its own, where most would be flat on one for all
	// Others is what stands in the key for lines that have no colour of their own, n of them.
	Others func(n int) string
}

// Scaling is how an axis puts its values in place.
type Scaling string

// The scalings.
const (
	Category Scaling = "category"
	Linear   Scaling = "linear"
	Time     Scaling = "time" // seconds since 1970, UTC
)

// Axis is one of the two.
type Axis struct {
	Scaling Scaling
	Title   string // with its unit; "" for none
	// Categories are the names on an axis of categories, in their order.
	Categories []string
	// Cut lets an axis of lines and dots begin at its least value; bars and areas never do.
	Cut bool
	// Step is what lies between two values of time: "year", "quarter", "month", "week",
	// "day", "hour"; scales write no finer than it. Of bins it is "bins". Names of categories
	// that have a step follow one another: some may be left out.
	Step string
	// Number writes this axis's values where they are not those of Chart.Number.
	Number func(v float64, short bool) string
}

// Series are marks of one colour and pattern.
type Series struct {
	Name  string
	Other bool // it holds what is left: drawn in grey
}

// Panel is one of small multiples. The places of a map are those of a picture that is
// PanelWidth wide and Chart.Height high.
type Panel struct {
	Title string
	Marks []Mark
	// Of a map: what lies below the marks, and what is in sight.
	Ground []Ground
	// Scale is how long a bar of a map's scale is and what it stands for; zero draws none.
	Scale Scale
}

// Mark is one value.
type Mark struct {
	Row    int     // of the table of values, from 0; -1 for none
	Series int     // its place in Chart.Series
	X, Y   float64 // of axes of categories: the place of the category
	To     float64 // of a bin: where it ends on the axis of X
	Null   bool    // there is no value: a gap in a line, nothing on other charts
	Size   float64 // of a part of a treemap, and of a dot: area in proportion; 0 is the least
	Class  int     // of tiles and maps, from 1; 0: no value
	Name   string  // of a part of a treemap, of a dot that has a label; the value on a tile
	Parent string  // of a part of a treemap: the part in which it lies; "" for none
	Path   string  // of a map: outline of the shape, in the picture's units; "" is a point at X, Y
	Link   string  // where a click goes without scripts; "" is nowhere
	Dim    bool    // it is not among what the reader chose
	Rest   bool    // it holds what is left over: "los demás"
	Text   string  // in words, what it shows: the title of the mark
}

// Class is a class of values, both ends included.
type Class struct {
	Label string
	// Tone is its place on the scale of colours: from 1 to 5, or from -2 to 2 (diverging)
	// when Diverges.
	Tone     int
	Diverges bool
}

// Rule is a reference line across the chart at a value of an axis.
type Rule struct {
	Vertical bool // it stands at a value of X
	At       float64
	Label    string
}

// Note is an annotation at a place of the chart.
type Note struct {
	X, Y float64
	Text string
}

// Ground is something below the marks of a map.
type Ground struct {
	Path string
	Kind string // "land", "water", "border"
}

// Scale is a map's.
type Scale struct {
	Length float64
	Label  string
}
