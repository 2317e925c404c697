package plot

import (
	"cmp"
	"math"
	"slices"
)

// leaf is a part of a treemap that is drawn as one, or a group of such parts.
type leaf struct {
	Mark
	size  float64
	parts []leaf
	area
}

// drawTreemap draws parts of a whole as rectangles whose areas are their sizes, and below
// them the names that have no room there.
func (d *drawing) drawTreemap() {
	d.key(false)
	g := gridOf(d.Width, len(d.Panels))
	height := d.panelHeight(g)
	if height == 0 {
		height = math.Max(300, math.Min(520, g.width*0.6))
	}
	d.inGrid(g, height, func(i int) []Node {
		var nodes []Node
		d.parts(leaves(d.Panels[i].Marks), area{0, 0, g.width, height}, &nodes)
		return []Node{Group{Class: "Scene-marks", Row: -1, Nodes: nodes}}
	})
	if len(d.numbered) > 0 {
		d.height += 10
		d.keyOf("", d.numbered)
	}
	if len(d.Panels) > 1 {
		d.lineOf("Scene-words", d.Words.Multiple, Start)
	}
}

// leaves are the parts of the first level. A mark that is named as the parent of others is
// their group, and has no size of its own.
func leaves(marks []Mark) (out []leaf) {
	groups := map[string]int{}
	for _, m := range marks {
		if m.Parent == "" || m.Size <= 0 {
			continue
		}
		i, ok := groups[m.Parent]
		if !ok {
			i = len(out)
			groups[m.Parent] = i
			out = append(out, leaf{Mark: Mark{Row: -1, Name: m.Parent, Text: m.Parent}})
		}
		out[i].parts = append(out[i].parts, leaf{Mark: m, size: m.Size})
		out[i].size += m.Size
	}
	for _, m := range marks {
		i, ok := groups[m.Name]
		switch {
		case m.Parent != "" || m.Size <= 0 && !ok:
		case ok:
			out[i].Mark = m
		default:
			out = append(out, leaf{Mark: m, size: m.Size})
		}
	}
	return out
}

// The room between parts, and that of the name of a group above its own.
const (
	partGap   = 1.5
	groupName = 19.0
)

// parts lays out leaves in a rectangle and draws them.
func (d *drawing) parts(all []leaf, in area, nodes *[]Node) {
	squarify(all, in)
	for _, l := range all {
		if len(l.parts) == 0 {
			*nodes = append(*nodes, d.leafNode(l))
			continue
		}
		rim := math.Max(0, math.Min(1, math.Min(l.right-l.left, l.bottom-l.top)/4))
		inside := area{l.left + rim, l.top + rim, l.right - rim, l.bottom - rim}
		if inside.right-inside.left > 40 && inside.bottom-inside.top > 2*groupName {
			name := between(Text{X: inside.left + 2, Y: inside.top + 13, Size: tickSize, Bold: true, Anchor: Start, Ink: InkText, Text: l.Name}, inside.left, inside.right)
			*nodes = append(*nodes, Group{Class: "Scene-group", Row: l.Row, Link: l.Link, Title: l.Text, Dim: l.Dim, Nodes: []Node{name}})
			inside.top += groupName
		}
		d.parts(l.parts, inside, nodes)
	}
}

// squarify gives leaves rectangles in proportion to their sizes, as near to squares as rows of
// them can be (Bruls, Huizing and van Wijk: Squarified Treemaps, 2000).
func squarify(all []leaf, in area) {
	slices.SortStableFunc(all, func(a, b leaf) int { return cmp.Compare(b.size, a.size) })
	remain := make([]float64, len(all)) // the sizes from each leaf on together, added up from the least
	total := 0.0
	for i, l := range slices.Backward(all) {
		total += l.size
		remain[i] = total
	}
	for len(all) > 0 {
		width, height := in.right-in.left, in.bottom-in.top
		n, sum := row(all, math.Min(width, height), width*height/remain[0])
		part := math.Min(1, sum/remain[0])
		if n == len(all) {
			part = 1
		}
		place(all[:n], sum, part, &in)
		all, remain = all[n:], remain[n:]
	}
}

// row is how many leaves stand beside each other along a side before their forms get worse,
// and their size together.
func row(all []leaf, side, scale float64) (n int, sum float64) {
	worst := math.Inf(1)
	for n < len(all) {
		next := sum + all[n].size
		long := next * scale / side // of the row's other side
		first, last := all[0].size*scale/long, all[n].size*scale/long
		form := math.Max(math.Max(first/long, long/first), math.Max(last/long, long/last))
		if n > 0 && !(form <= worst) {
			break
		}
		worst, sum, n = form, next, n+1
	}
	return n, sum
}

// place lays a row along the shorter side of a rectangle, and leaves what remains of it.
func place(leaves []leaf, sum, part float64, in *area) {
	width, height := in.right-in.left, in.bottom-in.top
	at := 0.0
	for i := range leaves {
		from := at / sum
		at += leaves[i].size
		to := math.Min(1, at/sum)
		if width >= height {
			leaves[i].area = area{in.left, in.top + height*from, in.left + width*part, in.top + height*to}
		} else {
			leaves[i].area = area{in.left + width*from, in.top, in.left + width*to, in.top + height*part}
		}
	}
	if width >= height {
		in.left += width * part
	} else {
		in.top += height * part
	}
}
