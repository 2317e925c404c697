package plot

import (
	"bytes"
	"errors"
	"image"
	"image/color"
	"image/png"
	"math"
)

// maxPixels is how large a PNG may be, and maxNodes of how many pieces.
const (
	maxPixels = 16_000_000
	maxNodes  = 200_000
)

var errSize = errors.New("plot: a picture of that size is not drawn")

// haloWidth is the rim of texts that are read on marks, in pixels on both sides together.
const haloWidth = 3

// dimmed is how much is left of what the reader did not choose.
const dimmed = 0.35

// PNG draws the scene in a theme's colours, scale times as large. Errors: a size of nothing
// or of more than 16 million pixels, more than 200,000 nodes, and paths that cannot be read.
func (s Scene) PNG(t Theme, scale float64) ([]byte, error) {
	width, height := math.Ceil(s.Width*scale), math.Ceil(s.Height*scale)
	if !(width >= 1 && height >= 1 && width*height <= maxPixels && width < 1<<15 && height < 1<<15) {
		return nil, errSize
	}
	p := painter{canvas: newCanvas(int(width), int(height)), theme: t, palette: s.Palette, tiles: map[tileKey]tile{}}
	ground, _ := t.colour(InkGround, "")
	p.fill([]polyline{rectangle(0, 0, width, height)}, image.NewUniform(ground))
	p.nodes(s.Nodes, matrix{a: scale, d: scale}, false)
	if p.err != nil {
		return nil, p.err
	}
	var out bytes.Buffer
	// packed a sixth tighter it would take three times as long as all the rest
	if err := png.Encode(&out, paletted(p.img)); err != nil {
		return nil, err
	}
	return out.Bytes(), nil
}

// painter draws nodes on a canvas.
type painter struct {
	*canvas
	theme   Theme
	palette string
	tiles   map[tileKey]tile
	count   int
}

type tileKey struct {
	hatch int
	ink   Ink
	dim   bool
}

func (p *painter) nodes(nodes []Node, m matrix, dim bool) {
	for _, n := range nodes {
		if p.count++; p.count > maxNodes {
			p.err = errWork
		}
		if p.err != nil {
			return
		}
		switch n := n.(type) {
		case Group:
			p.nodes(n.Nodes, m.moved(n.X, n.Y), dim || n.Dim)
		case Shape:
			p.shape(n, m, dim)
		case Text:
			p.text(n, m, dim)
		}
	}
}

func (p *painter) shape(s Shape, m matrix, dim bool) {
	outline, err := parsePath(s.Path)
	if err != nil {
		p.err = err
		return
	}
	lines := outline.flatten(m)
	if fill, ok := p.colour(s.Fill, dim); ok {
		var src image.Image = image.NewUniform(fill)
		if s.Hatch > 0 {
			src = p.tile(s, m.scale(), fill, dim)
		}
		p.fill(lines, src)
	}
	if rim, ok := p.colour(s.Stroke, dim); ok && s.Width > 0 {
		if len(s.Dash) > 0 {
			pattern := make([]float64, len(s.Dash))
			for i, d := range s.Dash {
				pattern[i] = d * m.scale()
			}
			lines = dashed(lines, pattern)
		}
		p.fill(stroked(lines, s.Width*m.scale(), s.Round), image.NewUniform(rim))
	}
}

// colour is an ink's, paler when it is not among what the reader chose.
func (p *painter) colour(ink Ink, dim bool) (color.NRGBA, bool) {
	c, ok := p.theme.colour(ink, p.palette)
	if dim {
		c.A = uint8(math.Round(0xff * dimmed))
	}
	return c, ok
}

func (p *painter) tile(s Shape, scale float64, fill color.NRGBA, dim bool) tile {
	key := tileKey{s.Hatch, s.Fill, dim}
	if t, ok := p.tiles[key]; ok {
		return t
	}
	lines, _ := p.theme.colour(InkGround, p.palette)
	t := newTile(s.Hatch, fill, lines, scale)
	p.tiles[key] = t
	return t
}

func (p *painter) text(t Text, m matrix, dim bool) {
	ink, ok := p.colour(t.Ink, dim)
	if !ok || t.Size <= 0 || t.Text == "" {
		return
	}
	m = m.moved(t.X, t.Y).turned(t.Turn).enlarged(t.Size)
	f := faceOf(t.Bold)
	from := 0.0
	switch t.Anchor {
	case Middle:
		from = -TextWidth(t.Text, 1, t.Bold) / 2
	case End:
		from = -TextWidth(t.Text, 1, t.Bold)
	}
	var lines []polyline
	f.lay(t.Text, func(shape path, x, y float64) {
		lines = append(lines, shape.flatten(m.moved(from+x, y))...)
	})
	if t.Halo {
		rim, _ := p.theme.colour(InkGround, p.palette)
		for i := range lines {
			lines[i].closed = true
		}
		p.fill(stroked(lines, haloWidth*m.scale()/t.Size, true), image.NewUniform(rim))
	}
	p.fill(lines, image.NewUniform(ink))
}
