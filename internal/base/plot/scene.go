package plot

// Scene is a drawing: what stands where, and of which colour by its use.
type Scene struct {
	Width, Height float64
	Palette       string // of classes, one of Palettes; "" is the first
	Nodes         []Node
}

// Node is a Group, a Shape or a Text.
type Node interface{ node() }

// Group puts nodes together. Of a mark it says of which row it is.
type Group struct {
	Class string // in the style sheet: "Scene-marks", "Scene-axis", …
	X, Y  float64
	Row   int    // of a mark, from 0; -1: it is no mark
	Link  string // where a click goes; "" is nowhere
	Title string // in words, what the mark shows
	Dim   bool
	Nodes []Node
}

// Shape is an outline or a line. Path is SVG's path data, of the commands M L H V C A Z and
// their relative forms.
type Shape struct {
	Path   string
	Fill   Ink
	Stroke Ink
	Width  float64 // of the stroke
	Dash   []float64
	Hatch  int // pattern over the fill, 0 for none
	Round  bool
	// Hit says that it is not drawn: it is where a pointer meets a mark that is smaller.
	Hit bool
}

// Anchor is which part of a text stands at its place.
type Anchor string

// The anchors.
const (
	Start  Anchor = "start"
	Middle Anchor = "middle"
	End    Anchor = "end"
)

// Text is one line.
type Text struct {
	X, Y   float64 // of its base line
	Size   float64
	Bold   bool
	Anchor Anchor
	Ink    Ink
	Halo   bool    // with a rim in the colour of the ground, so that it is read on marks
	Turn   float64 // degrees, about its place
	Text   string
	Whole  string // what Text is cut from; "" when it says everything
}

func (Group) node() {}
func (Shape) node() {}
func (Text) node()  {}

// Ink is a colour by its use. The zero Ink is none.
type Ink uint8

// The inks. Series are InkSeries up to InkSeries+MaxSeries-1; classes InkScale to InkScale+4;
// diverging ones InkDiverge to InkDiverge+4, the middle one in the middle.
const (
	InkNone Ink = iota
	InkText
	InkMuted
	InkLine    // hairlines
	InkStrong  // borders of marks and axes
	InkGround  // the paper
	InkNoValue // a shape without value
	InkRest    // what is left over
	InkLand
	InkWater
	InkAccent // reference lines and annotations
	InkOnDark // letters on dark marks
	InkSeries
	InkScale   = InkSeries + MaxSeries
	InkDiverge = InkScale + 5
)

// MaxSeries is how many series are told apart by colour and pattern.
const MaxSeries = 8
