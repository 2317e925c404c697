package plot

// narrow is the width of pictures of phones, in pixels, in which names below columns have
// little room.
const narrow = 480.0

// lay turns columns into bars in narrow pictures where the names of categories would have to
// be turned or cut, so that they are read beside them. A height that is asked for was meant
// for columns.
func (d *drawing) lay() {
	if d.Kind != Columns || d.X.Scaling != Category || d.X.Step != "" || d.Width >= narrow || d.Height > 0 {
		return
	}
	const beside = 40.0 // of the numbers of the standing axis
	x := d.axis(d.X)
	x.grow(false)
	x.from, x.to = beside, PanelWidth(d.Width, len(d.Panels))
	if _, height := x.lying(0, x.to); height > 0 {
		return
	}
	d.Kind = Bars
	d.X, d.Y = d.Y, d.X
	d.Y.Title = "" // names beside bars explain themselves
	for _, p := range d.Panels {
		for i, m := range p.Marks {
			p.Marks[i].X, p.Marks[i].Y = m.Y, m.X
		}
	}
	for i, r := range d.Rules {
		d.Rules[i].Vertical = !r.Vertical
	}
	for i, n := range d.Notes {
		d.Notes[i].X, d.Notes[i].Y = n.Y, n.X
	}
}
