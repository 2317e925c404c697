package leaving

import (
	"bytes"
	"cmp"
	"image"
	"image/color"
	"image/png"
	"slices"
	"strconv"
	"strings"

	"plaza/internal/base/plot"
	"plaza/internal/section/tool/drawing"
	"plaza/internal/section/tool/showing"
	"plaza/internal/section/tool/spec"
)

// The size of thumbnails, in pixels, and the most bytes that one has.
const (
	ThumbnailWidth  = 480
	ThumbnailHeight = 270
	ThumbnailBytes  = 10_000
)

const (
	margin = 16.0
	// wordsFrom is by how much a drawing may be made smaller with its words: its least letters
	// have ten pixels then.
	wordsFrom = 10.0 / 12
	// mostBars of a thumbnail are read.
	mostBars = 7
)

// Thumbnail is a small PNG of the view for lists of tools: its chart without title, a large
// number, or the first rows of its table.
func (v View) Thumbnail() ([]byte, error) {
	s := plot.Scene{Width: ThumbnailWidth, Height: ThumbnailHeight}
	switch {
	case v.View.Mark == spec.Figure:
		s.Nodes = []plot.Node{plot.Group{Row: -1, X: 2 * margin, Y: 30, Nodes: v.number(ThumbnailWidth - 4*margin)}}
	case drawing.Drawn(v.View):
		small := v.small()
		s.Palette, s.Nodes = small.Palette, fitted(small)
	default:
		s.Nodes = v.rows()
	}
	return lean(s, v.theme())
}

// Placeholder is a thumbnail of no tool in particular, by day or by night.
func Placeholder(dark bool) ([]byte, error) {
	s := plot.Scene{Width: ThumbnailWidth, Height: ThumbnailHeight}
	for i, h := range []float64{60, 104, 82, 138, 116} {
		x := 120 + float64(i)*52
		s.Nodes = append(s.Nodes, plot.Shape{Path: "M" + coordinate(x) + " 205v" + coordinate(-h) + "h32v" + coordinate(h) + "z", Fill: plot.InkNoValue})
	}
	s.Nodes = append(s.Nodes, plot.Shape{Path: "M104 205.5h272", Stroke: plot.InkLine, Width: 1})
	return lean(s, theme(dark))
}

// Titled is the thumbnail of a tool that has words only, by day or by night.
func Titled(title string, dark bool) ([]byte, error) {
	s := plot.Scene{Width: ThumbnailWidth, Height: ThumbnailHeight}
	y := 70.0
	for _, line := range wrapped(title, 30, ThumbnailWidth-4*margin, 4) {
		s.Nodes = append(s.Nodes, plot.Text{X: 2 * margin, Y: y, Size: 30, Bold: true, Ink: plot.InkText, Text: line})
		y += 40
	}
	return lean(s, theme(dark))
}

// small is the view's chart for a small place: without what explains it elsewhere.
func (v View) small() plot.Scene {
	c := drawing.Chart(drawing.Asked{L: v.L, View: v.View, Result: v.Result, Width: ThumbnailWidth - 2*margin})
	c.Keyless, c.Notes, c.X.Title, c.Y.Title = true, nil, "", ""
	if c.Kind != plot.Map {
		c.Height = ThumbnailHeight - 2*margin
	}
	if len(c.Panels) > 1 {
		c.Panels = c.Panels[:1]
		c.Panels[0].Title = ""
	}
	if c.Kind == plot.Bars && len(c.Y.Categories) > mostBars {
		first(&c, mostBars)
	}
	return drawing.Scene(v.View, c)
}

// fitted is a drawing in the middle of a thumbnail. One that has to be made much smaller
// leaves its words out, which nobody could read.
func fitted(s plot.Scene) []plot.Node {
	const width, height = ThumbnailWidth - 2*margin, ThumbnailHeight - 2*margin
	k := min(1, width/max(s.Width, 1), height/max(s.Height, 1))
	nodes := s.Nodes
	if k < wordsFrom {
		nodes = wordless(nodes)
	}
	s = plot.Scaled(plot.Scene{Width: s.Width, Height: s.Height, Nodes: nodes}, k)
	return []plot.Node{plot.Group{X: margin + (width-s.Width)/2, Y: margin + (height-s.Height)/2, Row: -1, Nodes: s.Nodes}}
}

func wordless(nodes []plot.Node) (out []plot.Node) {
	for _, n := range nodes {
		switch n := n.(type) {
		case plot.Text:
		case plot.Group:
			n.Nodes = wordless(n.Nodes)
			out = append(out, n)
		default:
			out = append(out, n)
		}
	}
	return out
}

// numberHeight is how high a figure's number is with its words.
const numberHeight = 190.0

// number is a figure, as large as there is room for in a width.
func (v View) number(width float64) []plot.Node {
	f := showing.FigureOf(v.Asked)
	size := 88.0
	if w := plot.TextWidth(f.Value, size, true); w > width {
		size = max(24, size*width/w)
	}
	nodes := []plot.Node{plot.Text{Y: 100, Size: size, Bold: true, Ink: plot.InkText, Text: shortened(f.Value, size, true, width)}}
	for i, line := range wrapped(f.Label, 20, width, 2) {
		nodes = append(nodes, plot.Text{Y: 142 + 28*float64(i), Size: 20, Ink: plot.InkMuted, Text: line})
	}
	return nodes
}

// rows are the first ones of a table, of its first columns.
func (v View) rows() []plot.Node {
	const size, line, mostRows, mostColumns = 15.0, 34.0, 6, 3
	t := showing.TableOf(v.Asked)
	if t == nil || len(t.Heads) == 0 {
		return nil
	}
	columns := min(len(t.Heads), mostColumns)
	wide := (ThumbnailWidth - 2*margin) / float64(columns)
	y := margin + 20
	var nodes []plot.Node
	put := func(k int, text string, number, bold bool, ink plot.Ink) {
		one := plot.Text{X: margin + wide*float64(k), Y: y, Size: size, Bold: bold, Ink: ink, Text: shortened(text, size, bold, wide-margin)}
		if number {
			one.X, one.Anchor = margin+wide*float64(k+1)-margin/2, plot.End
		}
		nodes = append(nodes, one)
	}
	for k, h := range t.Heads[:columns] {
		put(k, h.Text, h.Number, true, plot.InkText)
	}
	for _, row := range t.Rows[:min(len(t.Rows), mostRows)] {
		nodes = append(nodes, plot.Shape{Path: "M" + coordinate(margin) + " " + coordinate(y+11.5) + "h" + coordinate(ThumbnailWidth-2*margin), Stroke: plot.InkLine, Width: 1})
		y += line
		for k, c := range row.Cells[:columns] {
			put(k, c.Text, c.Number, false, plot.InkText)
		}
	}
	return nodes
}

// wrapped are the lines of a text that has some room.
func wrapped(s string, size, room float64, most int) (out []string) {
	line := ""
	for word := range strings.FieldsSeq(s) {
		longer := strings.TrimSpace(line + " " + word)
		if line != "" && plot.TextWidth(longer, size, true) > room {
			out, line = append(out, line), word
			continue
		}
		line = longer
	}
	if line != "" {
		out = append(out, line)
	}
	if len(out) > most {
		out = out[:most]
		out[most-1] += "…"
	}
	for i := range out {
		out[i] = shortened(out[i], size, true, room)
	}
	return out
}

// coordinate writes a number of a path.
func coordinate(v float64) string { return strconv.FormatFloat(v, 'f', -1, 64) }

// shortened is a text that takes at most some room.
func shortened(s string, size float64, bold bool, room float64) string {
	runes := []rune(s)
	if len(runes) > 200 {
		runes = runes[:200]
	}
	if len(runes) == len([]rune(s)) && plot.TextWidth(s, size, bold) <= room {
		return s
	}
	for n := len(runes); n > 0; n-- {
		if short := strings.TrimSpace(string(runes[:n])) + "…"; plot.TextWidth(short, size, bold) <= room {
			return short
		}
	}
	return ""
}

// lean draws a scene in as many colours as its bytes allow.
func lean(s plot.Scene, theme plot.Theme) ([]byte, error) {
	body, err := s.PNG(theme, 1)
	for _, most := range []int{256, 64, 32, 16, 8, 4, 2} { // with all of them it is packed tighter
		if err != nil || len(body) <= ThumbnailBytes {
			break
		}
		body, err = inColours(body, most)
	}
	return body, err
}

// inColours is a PNG with its most frequent colours only.
func inColours(body []byte, most int) ([]byte, error) {
	from, err := png.Decode(bytes.NewReader(body))
	if err != nil {
		return nil, err
	}
	count := map[color.RGBA]int{}
	b := from.Bounds()
	at := func(x, y int) color.RGBA { return color.RGBAModel.Convert(from.At(x, y)).(color.RGBA) }
	for y := b.Min.Y; y < b.Max.Y; y++ {
		for x := b.Min.X; x < b.Max.X; x++ {
			count[at(x, y)]++
		}
	}
	all := make([]color.RGBA, 0, len(count))
	for c := range count {
		all = append(all, c)
	}
	order := func(c color.RGBA) int { return int(c.R)<<16 | int(c.G)<<8 | int(c.B) }
	slices.SortFunc(all, func(a, b color.RGBA) int {
		return cmp.Or(cmp.Compare(count[b], count[a]), cmp.Compare(order(a), order(b)))
	})
	var palette color.Palette
	for _, c := range all[:min(most, len(all))] {
		palette = append(palette, c)
	}
	nearest := make(map[color.RGBA]uint8, len(all))
	for _, c := range all {
		nearest[c] = uint8(palette.Index(c)) //nolint:gosec // there are at most 256
	}
	out := image.NewPaletted(b, palette)
	for y := b.Min.Y; y < b.Max.Y; y++ {
		for x := b.Min.X; x < b.Max.X; x++ {
			out.SetColorIndex(x, y, nearest[at(x, y)])
		}
	}
	var w bytes.Buffer
	encoder := png.Encoder{CompressionLevel: png.BestCompression}
	err = encoder.Encode(&w, out)
	return w.Bytes(), err
}
