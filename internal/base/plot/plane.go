package plot

import (
	"cmp"
	"math"
	"slices"
)

// box is where a panel is drawn.
type box struct{ x, y, w, h float64 }

// plane draws what lies on two axes.
func (p *pen) plane() {
	f := &frame{pen: p, flat: p.c.Kind == Bars}
	f.value, f.along = &p.c.Y, &p.c.X
	if f.flat {
		f.value, f.along = &p.c.X, &p.c.Y
	}
	f.stack()
	f.measure()
	f.direct = f.labelled()
	top := 0.0
	if !f.direct {
		top = p.key(0)
	}
	f.lay(top)
	for i := range p.c.Panels {
		f.panel(i)
	}
}

// frame is what the panels of a chart on two axes share.
type frame struct {
	*pen
	flat         bool  // values run to the right
	value, along *Axis // of values, and of categories, time or numbers
	bars         [][]bar
	values       span // what marks cover on the axis of values
	alongs       span
	ticks        []tick
	boxes        []box
	left, right  float64 // room beside each panel
	bottom       float64
	head         float64 // above each panel
	band         float64 // of a category of lying bars
	direct       bool    // lines are named at their ends
	turned       bool    // names of upright categories are
	plain        bool    // every bar has its value beside it: no scale is needed
}

// bar is a mark on the axis of values: from where to where, in which lane of its place.
type bar struct {
	mark     int
	from, to float64
	lane     int
}

// solid reports whether marks have bodies that begin at zero.
func (f *frame) solid() bool { return f.c.Kind == Bars || f.c.Kind == Columns || f.c.Kind == Area }

// own is a mark's value, and its place on the other axis.
func (f *frame) own(m Mark) (value, place float64) {
	if f.flat {
		return m.X, m.Y
	}
	return m.Y, m.X
}

// stack puts marks that share a place one on the other.
func (f *frame) stack() {
	type place struct{ at, side float64 }
	for _, panel := range f.c.Panels {
		sums, tops := map[float64]float64{}, map[place]float64{}
		for _, m := range panel.Marks {
			if v, at := f.own(m); !m.Null {
				sums[at] += math.Abs(v)
			}
		}
		order := make([]int, len(panel.Marks))
		for i := range order {
			order[i] = i
		}
		slices.SortStableFunc(order, func(a, b int) int { return cmp.Compare(panel.Marks[a].Series, panel.Marks[b].Series) })
		list := make([]bar, 0, len(order))
		for _, i := range order {
			m := panel.Marks[i]
			v, at := f.own(m)
			b := bar{mark: i, to: v, lane: m.Series}
			if m.Null {
				b.to = 0
			}
			if f.c.Stacking != Grouped && f.solid() {
				if f.c.Stacking == Shares && sums[at] > 0 {
					b.to = b.to / sums[at] * 100
				}
				if f.c.Stacking == Diverging && m.Series == 0 {
					b.to = -math.Abs(b.to)
				}
				side := place{at, math.Copysign(1, b.to)}
				b.from, b.to = tops[side], tops[side]+b.to
				tops[side], b.lane = b.to, 0
			}
			list = append(list, b)
		}
		f.bars = append(f.bars, list)
	}
}

// measure finds what the axes cover.
func (f *frame) measure() {
	for i, panel := range f.c.Panels {
		for _, b := range f.bars[i] {
			m := panel.Marks[b.mark]
			_, at := f.own(m)
			f.alongs.take(at)
			if m.To > m.X && f.along.Step == "bins" {
				f.alongs.take(m.To)
			}
			if m.Null {
				continue
			}
			f.values.take(b.to)
			if f.solid() {
				f.values.take(b.from)
			}
		}
	}
	for _, r := range f.c.Rules {
		if r.Vertical == f.flat {
			f.values.take(r.At)
		}
	}
	if f.solid() || !f.value.Cut {
		f.values.take(0)
	}
	if f.c.Kind == Dots && !f.along.Cut && f.along.Scaling == Linear {
		f.alongs.take(0)
	}
}

// labelled reports whether lines are named at their ends.
func (f *frame) labelled() bool {
	return f.c.Kind == Line && len(f.c.Series) >= 2 && len(f.c.Series) <= 6 && len(f.c.Panels) == 1 && f.c.Width >= phone
}

// number writes a value.
func (f *frame) number(v float64, short bool) string {
	if f.c.Stacking == Shares {
		return f.c.Number(math.Abs(v), true) + " %"
	}
	if f.c.Stacking == Diverging {
		v = math.Abs(v)
	}
	if f.value.Number != nil {
		return f.value.Number(v, short)
	}
	return f.c.Number(v, short)
}

// lay finds the room of each panel.
func (f *frame) lay(top float64) {
	w := f.c.Width
	columns := 1
	if n := len(f.c.Panels); n > 1 {
		columns = max(1, min(n, int(w/190)))
	}
	f.plain = f.flat && f.c.Labels && f.c.Stacking == Grouped
	each := w / float64(columns)
	f.scaleTicks(each)
	f.sides(each)
	if f.value.Title != "" && !f.flat {
		for _, line := range broken(f.value.Title, tickSize, false, w-4, 2) {
			f.add(Text{X: 0, Y: top + 12, Size: tickSize, Ink: InkMuted, Anchor: Start, Text: line})
			top += leading
		}
		top += gap
	}
	if len(f.c.Panels) > 1 {
		f.head = leading + gap
	}
	height := f.panelHeight(each)
	for i := range f.c.Panels {
		x := each * float64(i%columns)
		y := top + float64(i/columns)*(f.head+height+f.bottom+10) + f.head
		f.boxes = append(f.boxes, box{x + f.left, y + gap, each - f.left - f.right, height - gap})
	}
	last := f.boxes[len(f.boxes)-1]
	f.pen.height = last.y + last.h + f.bottom
	f.foot()
}

// foot says under the chart what its axis is, and that a scale is cut.
func (f *frame) foot() {
	title := f.along.Title
	if f.flat {
		title = f.value.Title
	}
	for _, line := range broken(title, tickSize, false, f.c.Width-4, 2) {
		f.add(Text{X: f.c.Width, Y: f.pen.height + 13, Size: tickSize, Anchor: End, Ink: InkMuted, Text: line})
		f.pen.height += leading
	}
	if cut := f.value.Cut && !f.solid() && (f.values.low > 0 || f.values.high < 0); cut && f.c.Words.Cut != "" {
		f.add(Text{X: 0, Y: f.pen.height + 13, Size: tickSize, Anchor: Start, Ink: InkMuted, Text: clip(f.c.Words.Cut, tickSize, false, f.c.Width)})
		f.pen.height += leading
	}
	f.pen.height += 2
}

// scaleTicks chooses the ticks of the values' axis.
func (f *frame) scaleTicks(each float64) {
	most := 5
	if f.flat {
		most = max(2, int(each/110))
	}
	f.values, f.ticks = linear(f.values, most, !f.plain, f.number)
}

// sides is the room beside panels: of the scale or the names to the left, of what stands
// at the ends to the right.
func (f *frame) sides(each float64) {
	var texts []string
	for _, t := range f.ticks {
		texts = append(texts, t.text)
	}
	f.left, f.right, f.bottom = widest(texts, tickSize)+gap, 8, leading+8
	switch {
	case f.flat:
		f.left, f.right = 0, f.valueRoom(each)
		if each >= phone {
			f.left = math.Min(widest(f.along.Categories, labelSize)+10, each*0.38)
		}
		if f.values.low < 0 && f.plain {
			f.left += f.valueRoom(each) * 0.8
		}
		if f.plain {
			f.bottom = 4
		}
	case f.direct:
		var names []string
		for _, s := range f.c.Series {
			names = append(names, s.Name)
		}
		f.right = math.Min(widest(names, labelSize)+14, each*0.3)
	}
	if f.along.Scaling == Category && !f.flat {
		f.turn(each)
	}
}

// valueRoom is the room for values beside bars.
func (f *frame) valueRoom(each float64) float64 {
	if !f.plain {
		return math.Max(12, TextWidth(f.ticks[len(f.ticks)-1].text, tickSize, false)/2)
	}
	var texts []string
	for i, panel := range f.c.Panels {
		for _, b := range f.bars[i] {
			if v, _ := f.own(panel.Marks[b.mark]); !panel.Marks[b.mark].Null {
				texts = append(texts, f.number(v, false))
			}
		}
	}
	return math.Min(widest(texts, tickSize)+12, each*0.4)
}

// turn has names under columns turned when they do not fit.
func (f *frame) turn(each float64) {
	band := (each - f.left - f.right) / float64(max(1, len(f.along.Categories)))
	w := widest(f.along.Categories, tickSize)
	if w+6 <= band || band < 14 {
		return
	}
	f.turned = true
	f.bottom = math.Min(w, turnedRoom)*0.68 + 22
}

// turnedRoom is how long a turned name may be.
const turnedRoom = 120.0

// panelHeight is how high a panel is.
func (f *frame) panelHeight(each float64) float64 {
	if !f.flat {
		if f.c.Height > 0 {
			return math.Max(80, f.c.Height-60)
		}
		h := math.Max(220, math.Min(380, each*0.5))
		if len(f.c.Panels) > 1 {
			h = 130
		}
		return h
	}
	lanes := 1
	if f.c.Stacking == Grouped {
		lanes = max(1, len(f.c.Series))
	}
	f.band = 12 + 14*float64(lanes)
	if lanes == 1 {
		f.band = 28
	}
	if each < phone {
		f.band += leading
	}
	return f.band*float64(max(1, len(f.along.Categories))) + gap
}

// panel draws one of the panels.
func (f *frame) panel(i int) {
	b := f.boxes[i]
	if title := f.c.Panels[i].Title; title != "" {
		f.add(Text{X: b.x - f.left, Y: b.y - gap - 6, Size: labelSize, Bold: true, Anchor: Start, Ink: InkText, Text: clip(title, labelSize, true, b.w+f.left+f.right-8)})
	}
	v := scale{f.values.low, f.values.high, b.y + b.h, b.y}
	if f.flat {
		v.from, v.to = b.x, b.x+b.w
	}
	f.grid(b, v)
	switch f.c.Kind {
	case Bars:
		f.drawBars(i, b, v)
	case Columns:
		f.drawColumns(i, b, v)
	default:
		f.drawLines(i, b, v)
	}
	f.lines(b, v)
}

// grid draws the scale of values.
func (f *frame) grid(b box, v scale) {
	var nodes []Node
	for _, t := range f.ticks {
		at := v.at(t.at)
		zero := math.Abs(t.at) < 1e-12
		ink := InkLine
		if zero {
			ink = InkStrong
		}
		switch {
		case f.flat && f.plain && !zero:
		case f.flat:
			nodes = append(nodes, hairline(at, b.y, at, b.y+b.h, ink))
			if !f.plain {
				nodes = append(nodes, Text{X: at, Y: b.y + b.h + 15, Size: tickSize, Anchor: Middle, Ink: InkMuted, Text: t.text})
			}
		default:
			nodes = append(nodes, hairline(b.x, at, b.x+b.w, at, ink),
				Text{X: b.x - gap, Y: at + 4, Size: tickSize, Anchor: End, Ink: InkMuted, Text: t.text})
		}
	}
	f.add(group("Scene-axis", nodes...))
}

// lines draws reference lines and annotations over a panel.
func (f *frame) lines(b box, v scale) {
	var nodes []Node
	for _, r := range f.c.Rules {
		if r.Vertical != f.flat {
			continue
		}
		at := v.at(r.At)
		label := Text{Size: tickSize, Ink: InkAccent, Halo: true, Text: clip(r.Label, tickSize, false, b.w-8)}
		if f.flat {
			nodes = append(nodes, Shape{Path: stroke(at, b.y, at, b.y+b.h), Stroke: InkAccent, Width: 1.5, Dash: []float64{5, 3}})
			label.X, label.Y, label.Anchor = at+4, b.y+b.h-4, Start
			if at > b.x+b.w/2 {
				label.X, label.Anchor = at-4, End
			}
		} else {
			nodes = append(nodes, Shape{Path: stroke(b.x, at, b.x+b.w, at), Stroke: InkAccent, Width: 1.5, Dash: []float64{5, 3}})
			label.X, label.Y, label.Anchor = b.x+b.w-4, at-5, End
			if at < b.y+14 {
				label.Y = at + 14
			}
		}
		nodes = append(nodes, label)
	}
	if len(nodes) > 0 {
		f.add(group("Scene-rules", nodes...))
	}
}
