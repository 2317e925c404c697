package plot

import (
	"math"
	"slices"
	"strconv"
)

// lettering is how large a name is set on a part, and in how many lines at most.
type lettering struct {
	size, line float64
	most       int
}

// letterings are tried in their order.
var letterings = []lettering{{tickSize, lineSize, 4}, {11, 13, 5}}

// Names on parts.
const (
	partInset = 6.0
	// mostNumbered of them have a number instead, and stand below.
	mostNumbered = 12
)

// leafNode is a part with its name and value, where they have room.
func (d *drawing) leafNode(l leaf) Node {
	width, height := l.right-l.left, l.bottom-l.top
	gap := math.Min(partGap, math.Min(width, height)/4)
	path := box(l.left+gap/2, l.top+gap/2, width-gap, height-gap)
	shape, letters, halo := Shape{Path: path, Fill: InkScale + 1}, InkText, false
	switch {
	case l.Rest: // it is no match for the others
		shape.Fill = InkNoValue
	case len(d.Classes) > 0:
		shape, letters = d.classed(l.Mark, path)
	case d.named():
		shape, halo = d.fill(l.Mark, path), true
	}
	parts := []Node{shape}
	for _, t := range d.onPart(l.Mark, width, height) {
		t.X, t.Y, t.Anchor, t.Ink, t.Halo = l.left+t.X, l.top+t.Y, Start, letters, halo
		parts = append(parts, t)
	}
	return mark(l.Mark, parts...)
}

// named reports whether series tell parts apart.
func (d *drawing) named() bool {
	return len(d.Series) > 1 && slices.ContainsFunc(d.Series, func(s Series) bool { return s.Name != "" })
}

// onPart are a part's name and its value, as far as they have room, as seen from its corner.
// No name is cut: many begin alike. One without room has a number, which the key explains.
func (d *drawing) onPart(m Mark, width, height float64) []Text {
	room := width - 2*partInset
	for _, as := range letterings {
		rows := int((height - 4) / as.line)
		said := broken(m.Name, as.size, true, room, longestText)
		if len(said) == 0 || len(said) > min(as.most, rows) || overlong(m.Name, as.size, true, room) {
			continue
		}
		var out []Text
		for i, text := range said {
			out = append(out, Text{X: partInset, Y: as.size + 4 + as.line*float64(i), Size: as.size, Bold: true, Text: text})
		}
		if value := d.sizeText(m); len(said) < rows && TextWidth(value, as.size, false) <= room {
			out = append(out, Text{X: partInset, Y: as.size + 4 + as.line*float64(len(said)), Size: as.size, Text: value})
		}
		return out
	}
	return d.number(m, width, height)
}

// number gives a part the next number of the key. A picture of a given height has none.
func (d *drawing) number(m Mark, width, height float64) []Text {
	n := strconv.Itoa(len(d.numbered) + 1)
	across := TextWidth(n, tickSize, true)
	if d.Height > 0 || len(d.numbered) == mostNumbered || m.Name == "" || across+4 > width || height < lineSize {
		return nil
	}
	t := Text{Size: tickSize, Bold: true, Text: n}
	d.numbered = append(d.numbered, entry{m.Name, func(x, y float64) Node {
		sign := t
		sign.X, sign.Y, sign.Anchor, sign.Ink = x+signWidth, y+4.5, End, InkText
		return sign
	}})
	t.X, t.Y = math.Min(partInset, (width-across)/2), math.Min(lineSize+1, height/2+4.5)
	return []Text{t}
}

// sizeText writes the size of a part.
func (d *drawing) sizeText(m Mark) string {
	if d.Y.Number != nil {
		return d.Y.Number(m.Size, false)
	}
	return d.Number(m.Size, false)
}
