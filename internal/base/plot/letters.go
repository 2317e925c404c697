package plot

import (
	_ "embed"
	"sync"
	"unicode"

	"golang.org/x/image/font"
	"golang.org/x/image/font/sfnt"
	"golang.org/x/image/math/fixed"
	"golang.org/x/text/unicode/norm"
)

// The letters of pages, so that what is measured here fits there; see letters/FUENTE.md.
var (
	//go:embed letters/regular.ttf
	regularTTF []byte
	//go:embed letters/bold.ttf
	boldTTF []byte

	regular = sync.OnceValue(func() *face { return readFace(regularTTF) })
	bold    = sync.OnceValue(func() *face { return readFace(boldTTF) })
)

// face is a font in memory. One em is 1.
type face struct {
	letters map[rune]letter
	box     letter // stands for what the font has not, as emoji
}

type letter struct {
	advance float64
	shape   path // with y downwards, from the base line
}

// replaced are letters that the font has not and what is written for them; overlaid are
// those made of two, one on the other.
var (
	replaced = map[rune]string{
		'→': "->", '←': "<-", '≈': "~", '\u202f': "\u2009", '\u2011': "-", '\t': " ", '\n': " ", '\r': " ",
		'▲': "^", '●': "•", '■': "•", 'Đ': "D", 'đ': "d", 'Ł': "L", 'ł': "l",
	}
	overlaid = map[rune]overlay{'≥': {'>', '_', 0.07}, '≤': {'<', '_', 0.07}, '≠': {'=', '/', 0}}
)

// overlay is a letter, what lies over its middle, and how far both are raised.
type overlay struct {
	letter, over rune
	raise        float64
}

// TextWidth is how wide a line of text is at a size, in the letters of pages. What the font
// has not is measured as it is drawn: composed, without its accent, or as a box.
func TextWidth(s string, size float64, bold bool) float64 {
	return size * faceOf(bold).lay(s, func(path, float64, float64) {})
}

func faceOf(heavy bool) *face {
	if heavy {
		return bold()
	}
	return regular()
}

// lay calls put with the outline of each letter of a line and its place, and returns how wide
// the line is.
func (f *face) lay(s string, put func(shape path, x, y float64)) float64 {
	x := 0.0
	for _, r := range s {
		if l, ok := f.letters[r]; ok {
			put(l.shape, x, 0)
			x += l.advance
			continue
		}
		if o, ok := overlaid[r]; ok {
			below, above := f.letters[o.letter], f.letters[o.over]
			put(below.shape, x, -o.raise)
			put(above.shape, x+(below.advance-above.advance)/2, -o.raise)
			x += below.advance
			continue
		}
		for _, l := range f.instead(r) {
			put(l.shape, x, 0)
			x += l.advance
		}
	}
	return x
}

// instead are the letters that are drawn for one that the font has not.
func (f *face) instead(r rune) []letter {
	text, ok := replaced[r]
	switch {
	case ok:
	case unicode.In(r, unicode.Mn, unicode.Me, unicode.Cc, unicode.Cf):
		return nil // signs without a place of their own
	default:
		text = norm.NFKD.String(string(r))
	}
	var out []letter
	for _, part := range text {
		if l, ok := f.letters[part]; ok && !unicode.Is(unicode.Mn, part) {
			out = append(out, l)
		}
	}
	if out == nil {
		return []letter{f.box}
	}
	return out
}

// lastLetter is the highest code of the fonts that are embedded.
const lastLetter = 0x2215

// readFace reads every letter of a font. The fonts are part of the program: one that cannot
// be read is a mistake of ours.
func readFace(ttf []byte) *face {
	parsed, err := sfnt.Parse(ttf)
	if err != nil {
		panic("plot: the embedded font: " + err.Error())
	}
	f := &face{letters: map[rune]letter{}}
	var buf sfnt.Buffer
	for r := rune(' '); r <= lastLetter; r++ {
		if glyph, err := parsed.GlyphIndex(&buf, r); err == nil && glyph != 0 {
			f.letters[r] = readLetter(parsed, &buf, glyph)
		}
	}
	f.box = readLetter(parsed, &buf, 0)
	return f
}

func readLetter(f *sfnt.Font, buf *sfnt.Buffer, glyph sfnt.GlyphIndex) letter {
	const em = 1024
	size := fixed.I(em)
	at := func(p fixed.Point26_6) (x, y float64) { return float64(p.X) / 64 / em, float64(p.Y) / 64 / em }
	advance, err := f.GlyphAdvance(buf, glyph, size, font.HintingNone)
	if err != nil {
		panic("plot: the embedded font: " + err.Error())
	}
	segments, err := f.LoadGlyph(buf, glyph, size, nil)
	if err != nil {
		panic("plot: the embedded font: " + err.Error())
	}
	l := letter{advance: float64(advance) / 64 / em}
	for _, s := range segments {
		x, y := at(s.Args[0])
		switch s.Op {
		case sfnt.SegmentOpMoveTo:
			l.shape = append(l.shape, segment{op: 'M', x: x, y: y})
		case sfnt.SegmentOpLineTo:
			l.shape = append(l.shape, segment{op: 'L', x: x, y: y})
		case sfnt.SegmentOpQuadTo:
			l.shape = append(l.shape, quadratic(l.shape.end(), x, y, s.Args[1], at))
		case sfnt.SegmentOpCubeTo:
			x2, y2 := at(s.Args[1])
			x3, y3 := at(s.Args[2])
			l.shape = append(l.shape, segment{op: 'C', x1: x, y1: y, x2: x2, y2: y2, x: x3, y: y3})
		}
	}
	return l
}

// quadratic is a curve of one control as one of two.
func quadratic(from point, x, y float64, end fixed.Point26_6, at func(fixed.Point26_6) (x, y float64)) segment {
	ex, ey := at(end)
	return segment{
		op: 'C',
		x1: from.x + (x-from.x)*2/3, y1: from.y + (y-from.y)*2/3,
		x2: ex + (x-ex)*2/3, y2: ey + (y-ey)*2/3,
		x: ex, y: ey,
	}
}
