package plot

import (
	"math"
	"slices"
)

// plane is the part of a panel where marks stand on two axes. Small multiples have the same
// plane: only their marks differ.
type plane struct {
	*drawing
	area          // between the axes, in the panel
	width, height float64
	x, y          axis
	under         []Node  // grid lines and labels of the axes
	over          []Node  // base lines
	end           float64 // from where names at the ends of lines have room; 0 for none
	labelled      bool    // values stand beside bars, or on them
	room          *room
	crowded       bool     // where marks are is asked for
	first         bool     // it is that of the first panel
	unsaid        []unsaid // words that had no place
}

// What a plane has around it.
const (
	above     = targetMost // no target leaves the picture
	endMargin = targetMost
)

// plane lays out axes for panels of a width, whose height is given or 0.
func (d *drawing) plane(x, y axis, width, height, endRoom float64) *plane {
	p := &plane{drawing: d, width: width, x: x, y: y}
	p.top, p.right = above, width-endMargin
	if p.labelOver() {
		p.top += lineSize
	}
	if endRoom > 0 {
		p.right, p.end = width-endRoom, width-endRoom
	}
	if p.headed() {
		p.top += noteRoom
	}
	p.height = height
	if p.height == 0 {
		p.height = p.usualHeight()
	}
	p.besides()
	p.x.from, p.x.to = p.left, p.right
	before, after := p.labelRoom()
	if d.Kind == Bars {
		p.x.from, p.x.to = p.x.from+before, p.x.to-after
	}
	r := p.radius()
	p.x.from, p.x.to = p.x.from+r, p.x.to-r
	labels, below := p.belows()
	if height == 0 {
		p.height += below - lineSize - 6
	}
	p.bottom = math.Max(p.top+40, p.height-below)
	if d.Kind == Bars || d.Kind == Tiles {
		p.bottom = math.Max(p.bottom, p.top+4*(p.y.high-p.y.low))
		p.y.from, p.y.to = p.top, p.bottom
	} else {
		p.y.from, p.y.to = p.bottom-r, p.top+r
	}
	if d.Kind == Columns {
		p.y.from, p.y.to = p.y.from-before, p.y.to+after
	}
	p.height = p.bottom + below
	p.y.ticks = p.y.spaced(lineSize)
	p.grid()
	p.under = append(p.under, Group{Class: "Scene-axis", Y: p.bottom, Row: -1, Nodes: labels})
	return p
}

// labelOver reports whether the label of an upright reference line may stand over the plane.
func (p *plane) labelOver() bool {
	left := 0.0
	if p.y.Scaling == Category {
		left, _ = p.namesBeside(p.Y.Categories, p.width)
	}
	return slices.ContainsFunc(p.Rules, func(r Rule) bool {
		return r.Vertical && r.Label != "" && TextWidth(r.Label, tickSize, false) <= p.width-left
	})
}

// usualHeight is that of panels whose chart leaves it open.
func (p *plane) usualHeight() float64 {
	rows := p.y.high - p.y.low
	switch {
	case p.Kind == Bars:
		band := 26.0
		if p.grouped() {
			band = math.Max(band, 17*float64(len(p.Series))+9)
		}
		if _, lines := p.namesBeside(p.Y.Categories, p.width); lines > 1 {
			band = math.Max(band, lineSize*float64(lines)+6)
		}
		return p.top + band*rows + lineSize + 6
	case p.Kind == Tiles:
		band := 28.0
		if rows > 40 {
			band = 17
		}
		if _, lines := p.namesBeside(p.Y.Categories, p.width); lines > 1 {
			band = math.Max(band, lineSize*float64(lines)+6)
		}
		return p.top + band*rows + lineSize + 6
	case len(p.Panels) > 1:
		return p.top + math.Max(120, math.Min(250, p.width*0.75))
	}
	return p.top + math.Max(210, math.Min(430, p.width*0.56))
}

// besides lays out what stands left of the plane.
func (p *plane) besides() {
	if p.y.Scaling == Category {
		p.left, _ = p.namesBeside(p.Y.Categories, p.width)
		if p.x.Scaling == Category {
			p.left = math.Max(p.left, p.x.turnedRoom(p.left, p.right))
		}
		return
	}
	p.y.fitUpright(p.drawing, math.Max(40, p.height-40))
	wide := 0.0
	for _, t := range p.y.ticks {
		wide = math.Max(wide, TextWidth(t.label, tickSize, false))
	}
	p.left = math.Min(wide+8, p.width*mostOfWidth)
	if p.x.Scaling == Category {
		p.left = math.Max(p.left, p.x.turnedRoom(p.left, p.right))
	}
}

// belows lays out the axis that lies.
func (p *plane) belows() (labels []Node, height float64) {
	right := p.width
	if p.end > 0 {
		right = p.end + signWidth + 4
	}
	if p.x.Scaling == Category {
		return p.x.namesBelow(0, right)
	}
	p.x.fitLying(p.drawing, p.Kind == Bars || p.Kind == Dots)
	return p.x.below(0, right)
}

// grid draws the hairlines across the axes of values, their labels and the base line.
func (p *plane) grid() {
	if p.Kind == Tiles {
		p.under = append(p.under, Group{Class: "Scene-axis", Row: -1, Nodes: p.y.besideNodes(p.left - 8)})
		return
	}
	var hairs, labels []Node
	if p.Kind == Bars {
		labels = p.y.besideNodes(p.left - 8)
	}
	for _, t := range p.y.ticks {
		y := p.y.at(t.at)
		hairs = append(hairs, hairline(p.left, y, p.right, y))
		labels = append(labels, between(Text{X: p.left - 8, Y: y + 4, Size: tickSize, Anchor: End, Ink: InkMuted, Text: t.label}, 0, p.left-8))
	}
	if p.Kind == Bars || p.Kind == Dots {
		for _, t := range p.x.ticks {
			x := p.x.at(t.at)
			hairs = append(hairs, hairline(x, p.top, x, p.bottom))
		}
	}
	p.under = append(p.under,
		Group{Class: "Scene-grid", Row: -1, Nodes: hairs},
		Group{Class: "Scene-axis", Row: -1, Nodes: labels})
	p.baselines()
}

func hairline(x0, y0, x1, y1 float64) Shape {
	return Shape{Path: line(x0, y0, x1, y1), Stroke: InkLine, Width: 1}
}

// baselines are the lines from which marks are measured: at zero, over the marks; an axis
// that is cut has a broken line instead.
func (p *plane) baselines() {
	strong := func(path string) { p.over = append(p.over, Shape{Path: path, Stroke: InkStrong, Width: 1}) }
	if p.Kind == Bars || p.Kind == Dots && p.x.holds(0) {
		x := p.x.at(0)
		strong(line(x, p.top, x, p.bottom))
	}
	if p.Kind == Dots && p.x.cut() {
		strong(zigzag(p.left, p.bottom, false))
	}
	switch {
	case p.Kind == Bars:
	case p.y.cut():
		strong(zigzag(p.left, p.bottom, true))
	case p.y.Scaling == Linear:
		y := p.y.at(0)
		strong(line(p.left, y, p.right, y))
	}
}

// zigzag is the mark of an axis that does not begin at zero.
func zigzag(x, y float64, upright bool) string {
	if upright {
		return string(outline(nil).to('M', x, y).to('L', x, y-3).to('L', x-4, y-5).to('L', x+4, y-9).to('L', x, y-11).to('L', x, y-14))
	}
	return string(outline(nil).to('M', x, y).to('L', x+3, y).to('L', x+5, y-4).to('L', x+9, y+4).to('L', x+11, y).to('L', x+14, y))
}

// isCut reports whether an axis whose length is compared does not begin at zero.
func (p *plane) isCut() bool { return p.y.cut() || p.Kind == Dots && p.x.cut() }

// draw draws a panel.
func (p *plane) draw(i int) []Node {
	pieces := p.pieces[i]
	p.room, p.first = newRoom(p.width, p.height), i == 0
	p.room.take(area{0, 0, p.left - 5, p.height}, byText) // where axes and series have their names
	p.room.take(area{0, p.bottom + 5, p.width, p.height}, byText)
	if p.end > 0 {
		p.room.take(area{p.end + 5, 0, p.width, p.height}, byText)
	}
	p.crowded = len(p.Notes)+len(p.Rules) > 0 || slices.ContainsFunc(pieces, func(c piece) bool { return p.Kind == Dots && c.Name != "" })
	var marks, ends []Node
	var all []dot
	switch {
	case p.lined():
		marks = p.lines(pieces)
	case p.Kind == Area:
		marks = p.areas(pieces)
	case p.Kind == Dots:
		marks, all = p.dots(pieces)
	case p.Kind == Tiles:
		marks = p.tiles(p.Panels[i].Marks)
	default:
		marks = p.bars(pieces)
	}
	if p.end > 0 {
		ends = p.ends(pieces)
	}
	nodes := slices.Clone(p.under)
	for _, g := range []Group{
		{Class: "Scene-marks", Nodes: marks},
		{Class: "Scene-base", Nodes: p.over},
		{Class: "Scene-ends", Nodes: ends},
		{Class: "Scene-rules", Nodes: p.rules()},
		{Class: "Scene-notes", Nodes: p.notes(pieces)},
		{Class: "Scene-names", Nodes: namesOf(p.room, all)},
	} {
		if len(g.Nodes) > 0 {
			g.Row = -1
			nodes = append(nodes, g)
		}
	}
	return nodes
}
