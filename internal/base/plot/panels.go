package plot

import "math"

// The least width of small multiples, and what lies between them.
const (
	leastPanel  = 150.0
	panelGap    = 20.0
	panelTitle  = 22.0
	mostColumns = 6
)

// grid is how panels stand in rows and columns.
type grid struct {
	columns, rows int
	width         float64 // of a panel
}

// gridOf puts panels in as few rows as the width allows, about equally many in each.
func gridOf(width float64, panels int) grid {
	columns := max(1, min(panels, mostColumns, int((width+panelGap)/(leastPanel+panelGap))))
	rows := (panels + columns - 1) / columns
	columns = (panels + rows - 1) / rows
	return grid{columns, rows, (width - panelGap*float64(columns-1)) / float64(columns)}
}

// PanelWidth is how wide each of a chart's panels is, in pixels. The coordinates of maps are
// those of a picture of this width.
func PanelWidth(width float64, panels int) float64 { return gridOf(width, max(1, panels)).width }

// inGrid draws every panel, all of one height, in its place.
func (d *drawing) inGrid(g grid, height float64, draw func(i int) []Node) {
	above := d.titleRoom()
	for i, panel := range d.Panels {
		x := float64(i%g.columns) * (g.width + panelGap)
		y := d.height + float64(i/g.columns)*(above+height+panelGap)
		var nodes []Node
		if panel.Title != "" {
			title := Text{Y: 13, Size: labelSize, Bold: true, Ink: InkText, Anchor: Start, Text: panel.Title}
			nodes = append(nodes, between(title, 0, g.width))
		}
		nodes = append(nodes, Group{Y: above, Row: -1, Nodes: draw(i)})
		d.add(Group{Class: "Scene-panel", X: x, Y: y, Row: -1, Nodes: nodes})
	}
	d.height += float64(g.rows)*(above+height+panelGap) - panelGap
}

// titleRoom is what titles take above panels.
func (d *drawing) titleRoom() float64 {
	for _, p := range d.Panels {
		if p.Title != "" {
			return panelTitle
		}
	}
	return 0
}

// drawPlanes draws what stands on two axes.
func (d *drawing) drawPlanes() {
	d.pieces = make([][]piece, len(d.Panels))
	for i, p := range d.Panels {
		d.pieces[i] = d.stack(p.Marks)
	}
	x, y := d.axes(d.pieces)
	d.own = d.flattened(x, y)
	g := gridOf(d.Width, len(d.Panels))
	names, ends := d.endNames()
	d.atEnds = names
	d.key(ends > 0)
	d.lineOf("Scene-title", d.Y.Title, Start)
	height := d.panelHeight(g)
	p := d.plane(x, y, g.width, height, ends)
	d.inGrid(g, p.height, func(i int) []Node {
		if d.own {
			ownX, ownY := d.ownAxes(x, y, i)
			return d.plane(ownX, ownY, g.width, height, ends).draw(i)
		}
		return p.draw(i)
	})
	d.foot(p)
}

// flat is which part of the scale that all panels share shows nothing of a panel.
const flat = 0.2

// flattened reports whether most panels would be flat on the scale that all share: each has
// its own then. Dots and shares are compared on one scale alone.
func (d *drawing) flattened(x, y axis) bool {
	if len(d.Panels) < 2 || len(d.Rules) > 0 || d.Stacking == Shares || d.Kind == Dots || d.Kind == Tiles {
		return false
	}
	n := 0
	for i := range d.Panels {
		ownX, ownY := d.ownAxes(x, y, i)
		own, all := ownY, y
		if d.Kind == Bars {
			own, all = ownX, x
		}
		if own.high-own.low < flat*(all.high-all.low) {
			n++
		}
	}
	return 2*n > len(d.Panels)
}

// ownAxes are those of a panel whose values have a scale of their own.
func (d *drawing) ownAxes(x, y axis, panel int) (ownX, ownY axis) {
	ownX, ownY = d.axes(d.pieces[panel : panel+1])
	if d.Kind == Bars {
		return ownX, y
	}
	return x, ownY
}

// panelHeight is what is left for each panel of the height that a chart asks for; 0 when it
// does not.
func (d *drawing) panelHeight(g grid) float64 {
	if d.Height == 0 {
		return 0
	}
	foot := 0.0
	for _, text := range d.footLines(d.X.Cut || d.Y.Cut) {
		if text != "" {
			foot += lineSize + 4
		}
	}
	rows := float64(g.rows)
	return math.Max(70, (d.Height-d.height-foot-panelGap*(rows-1))/rows-d.titleRoom())
}

// footLines are what is said below the panels: what lies along the axis, whether an axis is
// cut, whether panels have the same scale.
func (d *drawing) footLines(cut bool) [3]string {
	said := [3]string{d.X.Title}
	if cut {
		said[1] = d.Words.Cut
	}
	switch {
	case d.own:
		said[2] = d.Words.Own
	case len(d.Panels) > 1:
		said[2] = d.Words.Multiple
	}
	return said
}

// foot says below the panels what stands nowhere else.
func (d *drawing) foot(p *plane) {
	d.height += 3
	said := d.footLines(p.isCut())
	d.lineOf("Scene-title", said[0], End)
	d.lineOf("Scene-words", said[1], Start)
	d.lineOf("Scene-words", said[2], Start)
	d.below(p.unsaid)
}
