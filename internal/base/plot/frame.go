package plot

import "math"

// Framing is what stands around a drawing that leaves its page: without it nobody could say
// what it shows and where it comes from.
type Framing struct {
	Title    string
	Subtitle string
	// Lines are the sources: institution and dataset, date of the version, licence, what was chosen.
	Lines []string
	Site  string // name of the place where it was made
}

// The size of cards: what is shown of a page where it is linked to.
const (
	CardWidth  = 1200
	CardHeight = 630
)

// setting is how large words are around a drawing, and how many lines of them there may be.
type setting struct {
	margin, gap             float64
	title, subtitle, source float64 // sizes
	titleLines, sourceLines int
}

var (
	frameSetting = setting{margin: 24, gap: 12, title: 20, subtitle: 14, source: 11.5, titleLines: 4, sourceLines: 6}
	cardSetting  = setting{margin: 40, gap: 16, title: 40, subtitle: 24, source: 20, titleLines: 2, sourceLines: CardSources}
)

// lineHeight is the height of a line of text, of its size.
const lineHeight = 1.3

// Frame puts a drawing between its title and its sources, with a margin around.
func Frame(s Scene, f Framing) Scene {
	set := frameSetting
	head, top := set.head(f, s.Width)
	foot, bottom := set.foot(f, s.Width)
	out := Scene{Width: s.Width + 2*set.margin, Height: s.Height + top + bottom + 2*set.margin, Palette: s.Palette}
	out.Nodes = []Node{
		Group{Class: "Scene-head", X: set.margin, Y: set.margin, Row: -1, Nodes: head},
		Group{X: set.margin, Y: set.margin + top, Row: -1, Nodes: s.Nodes},
		Group{Class: "Scene-foot", X: set.margin, Y: set.margin + top + s.Height, Row: -1, Nodes: foot},
	}
	return out
}

// CardSpace is the room that a card leaves for its drawing. One that is drawn for it keeps
// its letters readable; any other is made greater or smaller.
func CardSpace(f Framing) (width, height float64) {
	set := cardSetting
	width = CardWidth - 2*set.margin
	_, top := set.head(f, width)
	_, bottom := set.foot(f, width)
	return width, CardHeight - top - bottom - 2*set.margin
}

// CardLines is how many lines a source takes at the foot of a card, which has CardSources.
func CardLines(source string) int {
	return len(broken(source, cardSetting.source, false, CardWidth-2*cardSetting.margin, longestText))
}

// CardSources is how many lines of sources a card has.
const CardSources = 3

// Card puts a drawing with its title and sources on 1200 by 630 pixels.
func Card(s Scene, f Framing) Scene {
	set := cardSetting
	width, height := CardSpace(f)
	head, top := set.head(f, width)
	foot, _ := set.foot(f, width)
	k := 1.0
	if s.Width > 0 && s.Height > 0 {
		k = min(width/s.Width, height/s.Height)
	}
	left := (width - s.Width*k) / 2
	return Scene{Width: CardWidth, Height: CardHeight, Palette: s.Palette, Nodes: []Node{
		Group{Class: "Scene-head", X: set.margin, Y: set.margin, Row: -1, Nodes: head},
		Group{X: set.margin + left, Y: set.margin + top, Row: -1, Nodes: enlarged(s.Nodes, k)},
		Group{Class: "Scene-foot", X: set.margin, Y: set.margin + top + height, Row: -1, Nodes: foot},
	}}
}

// head is title and subtitle, and their height with the gap below.
func (set setting) head(f Framing, width float64) (nodes []Node, height float64) {
	nodes, height = lines(nil, 0, broken(f.Title, set.title, true, width, set.titleLines), Text{Size: set.title, Bold: true, Ink: InkText})
	if f.Title != "" && f.Subtitle != "" {
		height += set.gap / 3
	}
	nodes, height = lines(nodes, height, broken(f.Subtitle, set.subtitle, false, width, 2), Text{Size: set.subtitle, Ink: InkMuted})
	if len(nodes) > 0 {
		height += set.gap
	}
	return nodes, height
}

// foot is a hairline, the sources, and the name of the site to the right of their last line
// or below it.
func (set setting) foot(f Framing, width float64) (nodes []Node, height float64) {
	var source []string
	for _, line := range f.Lines {
		source = append(source, broken(line, set.source, false, width, 3)...)
	}
	if len(source) > set.sourceLines {
		source = source[:set.sourceLines]
		source[set.sourceLines-1] = shorten(source[set.sourceLines-1]+" …", set.source, false, width)
	}
	if len(source) == 0 && f.Site == "" {
		return nil, 0
	}
	nodes = []Node{Shape{Path: "M0 " + number(set.gap) + "h" + number(width), Stroke: InkLine, Width: 1}}
	nodes, height = lines(nodes, set.gap*1.5, source, Text{Size: set.source, Ink: InkMuted})
	if f.Site == "" {
		return nodes, height
	}
	site := shorten(f.Site, set.source, true, width)
	if n := len(source); n == 0 || TextWidth(source[n-1], set.source, false)+TextWidth(site, set.source, true)+set.margin > width {
		height += set.source * lineHeight
	}
	base := height - set.source*(lineHeight-1)
	return append(nodes, Text{X: width, Y: base, Size: set.source, Bold: true, Anchor: End, Ink: InkText, Text: site}), height
}

// lines adds lines of text below each other, from a height on.
func lines(nodes []Node, from float64, texts []string, like Text) ([]Node, float64) {
	for _, text := range texts {
		from += like.Size * lineHeight
		like.Text, like.Y = text, from-like.Size*(lineHeight-1)
		nodes = append(nodes, like)
	}
	return nodes, from
}

// Scaled is a drawing made greater or smaller, with its letters and lines.
func Scaled(s Scene, k float64) Scene {
	s.Width, s.Height, s.Nodes = s.Width*k, s.Height*k, enlarged(s.Nodes, k)
	return s
}

// enlarged is a drawing made greater or smaller about its corner.
func enlarged(nodes []Node, k float64) []Node {
	if math.Abs(k-1) < 1e-6 {
		return nodes
	}
	out := make([]Node, len(nodes))
	for i, n := range nodes {
		switch n := n.(type) {
		case Group:
			n.X, n.Y, n.Nodes = n.X*k, n.Y*k, enlarged(n.Nodes, k)
			out[i] = n
		case Shape:
			out[i] = n.enlarged(k)
		case Text:
			n.X, n.Y, n.Size = n.X*k, n.Y*k, n.Size*k
			out[i] = n
		}
	}
	return out
}

func (s Shape) enlarged(k float64) Shape {
	if outline, err := parsePath(s.Path); err == nil { // one that is wrong stays so
		s.Path = outline.scaled(k).data()
	}
	s.Width *= k
	dash := make([]float64, len(s.Dash))
	for i, d := range s.Dash {
		dash[i] = d * k
	}
	s.Dash = dash
	return s
}
