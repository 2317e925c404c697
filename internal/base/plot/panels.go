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
	x, y := d.axes()
	g := gridOf(d.Width, len(d.Panels))
	names, ends := d.endNames()
	d.atEnds = names
	d.key(ends > 0)
	d.lineOf("Scene-title", d.Y.Title, Start)
	p := d.plane(x, y, g.width, d.panelHeight(g), ends)
	d.inGrid(g, p.height, func(i int) []Node { return p.draw(i) })
	d.foot(p)
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
// cut, that scales are the same.
func (d *drawing) footLines(cut bool) [3]string {
	said := [3]string{d.X.Title}
	if cut {
		said[1] = d.Words.Cut
	}
	if len(d.Panels) > 1 {
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
