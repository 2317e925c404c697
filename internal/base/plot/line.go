package plot

import (
	"cmp"
	"math"
	"slices"
)

// Widths of lines, and sizes of what marks their points, in pixels.
const (
	lineWidth   = 2.25
	pointRadius = 2.75
	targetMost  = 12.0 // a target that is easily hit
	targetLeast = 2.0
	fewPoints   = 40 // below it every point has a dot
)

// lined reports whether series are drawn as lines. Areas of several series that do not stand
// on one another are, since they would hide each other.
func (d *drawing) lined() bool {
	return d.Kind == Line || d.Kind == Spark || d.Kind == Area && d.grouped()
}

func (d *drawing) dash(series int) []float64 {
	if d.isHushed(series) {
		return nil
	}
	return dashes[series%MaxSeries]
}

// thick is how thick the line of a series is.
func (d *drawing) thick(series int) float64 {
	if d.isHushed(series) {
		return hushedWidth
	}
	return lineWidth
}

// bySeries are the pieces of every series along the axis.
func (d *drawing) bySeries(pieces []piece) [][]piece {
	out := make([][]piece, len(d.Series))
	for _, c := range pieces {
		out[c.Series] = append(out[c.Series], c)
	}
	for _, of := range out {
		slices.SortStableFunc(of, func(a, b piece) int { return cmp.Compare(a.X, b.X) })
	}
	return out
}

// lines are the lines of a panel, those in grey below the others, and a target at every point.
func (p *plane) lines(pieces []piece) (nodes []Node) {
	series := p.bySeries(pieces)
	var above []Node
	for i, of := range series {
		path := p.linePath(of)
		if path == "" {
			continue
		}
		line := Shape{Path: path, Stroke: p.ink(i, false), Width: p.thick(i), Dash: p.dash(i), Round: true}
		if p.Series[i].Other {
			nodes = append(nodes, line)
		} else {
			above = append(above, line)
		}
	}
	nodes = append(nodes, above...)
	for _, of := range series {
		nodes = append(nodes, p.targets(of, len(pieces))...)
	}
	return nodes
}

// linePath breaks where there is no value.
func (p *plane) linePath(of []piece) string {
	var path outline
	command := byte('M')
	var x0, y0 float64
	for _, c := range of {
		if c.Null {
			command = 'M'
			continue
		}
		x, y := p.x.at(c.X), p.y.at(c.to)
		path = path.to(command, x, y)
		if command == 'L' && p.crowded {
			p.room.takeLine(x0, y0, x, y)
		}
		x0, y0, command = x, y, 'L'
	}
	return string(path)
}

// targets are the points of a series: a dot where there are few, or where a point has no
// neighbours to be joined with, and around it a place to be pointed at.
func (p *plane) targets(of []piece, all int) (nodes []Node) {
	for i, c := range of {
		if c.Null {
			continue
		}
		x, y := p.x.at(c.X), p.y.at(c.to)
		alone := (i == 0 || of[i-1].Null) && (i == len(of)-1 || of[i+1].Null)
		r := min(targetMost, x, y, p.width-x, p.height-y)
		if i > 0 {
			r = math.Min(r, (x-p.x.at(of[i-1].X))/2)
		}
		if i < len(of)-1 {
			r = math.Min(r, (p.x.at(of[i+1].X)-x)/2)
		}
		var parts []Node
		if all < fewPoints && p.lined() || alone {
			parts = append(parts, Shape{Path: circle(x, y, pointRadius), Fill: p.ink(c.Series, c.Rest)})
		}
		parts = append(parts, Shape{Path: circle(x, y, math.Max(targetLeast, r)), Hit: true})
		nodes = append(nodes, mark(c.Mark, parts...))
	}
	return nodes
}

// mostNamed is how many series are named where they end; more have a key.
const mostNamed = 5

// endNames are the names of series in lines, which stand where lines and areas end, and the room
// right of these that they take; none when the series have a key instead, or no name.
func (d *drawing) endNames() (names [][]string, room float64) {
	if d.Kind != Line && d.Kind != Area || len(d.Panels) > 1 || len(d.Series) < 2 || len(d.Series) > mostNamed {
		return nil, 0
	}
	if d.Height > 0 && d.Height < 200 {
		return nil, 0
	}
	const beside, most = signWidth + 14, 2
	across, wide := d.Width/3-beside, 0.0
	for _, s := range d.Series {
		said := broken(s.Name, labelSize, false, across, most+1)
		if len(said) > most || overlong(s.Name, labelSize, false, across) || len(said) > 1 && d.Height > 0 && d.Height < 300 {
			return nil, 0
		}
		names = append(names, said)
		wide = math.Max(wide, widest(said, labelSize))
	}
	if wide == 0 {
		return nil, 0
	}
	return names, wide + beside
}

// ending is where a series ends, and where its name stands.
type ending struct {
	series int
	y      float64
	half   float64 // of its name's height
}

// ends are the names of series at their ends, moved apart where they would touch.
func (p *plane) ends(pieces []piece) (nodes []Node) {
	var all []ending
	for i, of := range p.bySeries(pieces) {
		of = slices.DeleteFunc(of, func(c piece) bool { return c.Null })
		if len(of) == 0 || p.Series[i].Name == "" {
			continue
		}
		last := of[len(of)-1]
		y := p.y.at(last.to)
		if !p.lined() {
			y = (y + p.y.at(last.from)) / 2
		}
		all = append(all, ending{i, y, lineSize / 2 * float64(len(p.atEnds[i]))})
	}
	slices.SortStableFunc(all, func(a, b ending) int { return cmp.Compare(a.y, b.y) })
	for i := range all {
		if i > 0 {
			all[i].y = math.Max(all[i].y, all[i-1].y+all[i-1].half+all[i].half)
		}
	}
	for i := len(all) - 1; i >= 0; i-- {
		floor := p.bottom + lineSize/2
		if i < len(all)-1 {
			floor = all[i+1].y - all[i+1].half
		}
		all[i].y = math.Min(all[i].y, floor-all[i].half)
	}
	for _, e := range all {
		x, said := p.end+8, p.atEnds[e.series]
		nodes = append(nodes, p.sign(e.series, x, e.y))
		for n, text := range said {
			y := e.y - e.half + lineSize*(float64(n)+0.5) + 4.5
			nodes = append(nodes, between(Text{X: x + signWidth + 4, Y: y, Size: labelSize, Anchor: Start, Ink: InkText, Text: text}, 0, p.width))
		}
	}
	return nodes
}

// drawSpark draws a line without anything around, with a dot at its end.
func (d *drawing) drawSpark() {
	d.height = d.Height
	if d.height == 0 {
		d.height = math.Max(24, math.Min(48, d.Width/4))
	}
	d.height = math.Max(12, d.height)
	d.pieces = [][]piece{d.stack(d.Panels[0].Marks)}
	const margin = 4.0
	p := &plane{drawing: d, width: d.Width, height: d.height}
	p.x, p.y = d.axes(d.pieces)
	p.x.from, p.x.to, p.y.from, p.y.to = margin, d.Width-margin, d.height-margin, margin
	for i, of := range d.bySeries(d.pieces[0]) {
		path := p.linePath(of)
		if path == "" {
			continue
		}
		d.add(Shape{Path: path, Stroke: d.ink(i, false), Width: 1.75, Dash: d.dash(i), Round: true})
		d.part("Scene-marks", 0, p.targets(of, len(of)+fewPoints))
		of = slices.DeleteFunc(of, func(c piece) bool { return c.Null })
		last := of[len(of)-1]
		d.add(Shape{Path: circle(p.x.at(last.X), p.y.at(last.to), pointRadius), Fill: d.ink(i, false)})
	}
}
