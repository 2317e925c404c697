package plot

import "math"

// mostThick is how thick a bar or column is at most, in pixels.
const mostThick = 64.0

// grouped reports whether bars of several series stand side by side.
func (d *drawing) grouped() bool { return d.Stacking == Grouped && len(d.Series) > 1 }

// slot is where a bar or column stands on the axis of categories, time or bins, and how thick
// it is.
func (p *plane) slot(c piece, along axis, band float64) (from, thick float64) {
	at := p.place(c.Mark)
	if p.bins() && c.To > c.X {
		from, to := along.at(c.X), along.at(c.To)
		thick = to - from
		if !p.grouped() {
			return from + math.Min(0.5, thick/4), thick - math.Min(1, thick/2)
		}
		band, at = thick, c.X+(c.To-c.X)/2
	}
	n := 1.0
	if p.grouped() {
		n = float64(len(p.Series))
	}
	inner := math.Min(band*0.72, mostThick*n)
	if p.grouped() {
		inner = math.Min(band*0.84, mostThick*n)
	}
	from = along.at(at) - inner/2
	if n == 1 {
		return from, inner
	}
	each := inner / n
	return from + each*float64(c.Series), math.Max(each*0.5, each-1)
}

// thickness is how many pixels a category, or the least distance of two columns, has.
func (p *plane) thickness(along axis) float64 {
	if along.Scaling == Category {
		return along.band()
	}
	return math.Max(1, along.length()*p.between(&along)/(along.high-along.low))
}

// bars are the bars or columns of a panel.
func (p *plane) bars(pieces []piece) (nodes []Node) {
	along, measure := p.x, p.y
	if p.Kind == Bars {
		along, measure = p.y, p.x
	}
	band := p.thickness(along)
	for _, c := range pieces {
		if c.Null {
			continue
		}
		at := p.barArea(c, along, measure, band)
		var parts []Node
		if c.written {
			at.left, at.right = measure.at(0), measure.at(0)
		} else {
			parts = append(parts, p.barShape(c, at))
		}
		if t, ok := p.valueLabel(c, at); ok && p.room.free(core(t), byText) {
			parts = append(parts, t)
			p.room.take(core(t), byText)
		}
		nodes = append(nodes, mark(c.Mark, parts...))
	}
	return nodes
}

// barShape is how a bar or column looks.
func (p *plane) barShape(c piece, at area) Shape {
	if p.crowded {
		p.room.take(at, byMark)
	}
	shape := p.fill(c.Mark, box(at.left, at.top, at.right-at.left, at.bottom-at.top))
	if p.Stacking != Grouped {
		shape.Stroke, shape.Width = InkGround, 0.75
	}
	return shape
}

// barArea is where a bar or column stands. None leaves the plane, none is too short to be seen.
func (p *plane) barArea(c piece, along, measure axis, band float64) area {
	begin, thick := p.slot(c, along, band)
	end := math.Min(begin+thick, math.Max(along.from, along.to))
	begin = math.Max(begin, math.Min(along.from, along.to))
	end = math.Max(begin, end) // one of a series beside others may stand wholly before the axis
	from, to := measure.at(c.from), measure.at(c.to)
	low := math.Min(from, to)
	high := low + math.Max(0.75, math.Abs(to-from))
	if p.Kind == Bars {
		return area{low, begin, high, end}
	}
	return area{begin, low, end, high}
}

// valueText writes the value of a bar, of shares the part of the whole.
func (p *plane) valueText(c piece) string {
	measure := p.y
	if p.Kind == Bars {
		measure = p.x
	}
	if p.Stacking == Shares {
		return percent(c.to-c.from, true)
	}
	return measure.write(p.value(c.Mark), false)
}

// labelRoom is what values take before and after bars; it decides whether they are written.
func (p *plane) labelRoom() (before, after float64) {
	if !p.Labels || p.Kind != Bars && p.Kind != Columns {
		return 0, 0
	}
	p.labelled = true
	if p.Stacking != Grouped {
		return 0, 0 // they stand on the bars, where there is room
	}
	along := p.x
	if p.Kind == Bars {
		along = p.y
		along.from, along.to = 0, math.Max(p.height-p.top-lineSize-6, 0)
	}
	band := p.thickness(along)
	for _, pieces := range p.pieces {
		for _, c := range pieces {
			if c.Null {
				continue
			}
			_, thick := p.slot(c, along, band)
			across := TextWidth(p.valueText(c), tickSize, false)
			need, has := across+3, thick
			extent := lineSize
			if p.Kind == Bars {
				need, has, extent = tickSize, thick+1, across+8
			}
			if need > has {
				p.labelled = false
				return 0, 0
			}
			if p.value(c.Mark) < 0 {
				before = math.Max(before, extent)
			} else {
				after = math.Max(after, extent)
			}
		}
	}
	if p.Kind == Bars && before+after > (p.right-p.left)*0.6 {
		p.labelled = false
		return 0, 0
	}
	return before, after
}

// valueLabel is the value of a bar beside its end, or on it when bars are stacked and it has
// room.
func (p *plane) valueLabel(c piece, at area) (Text, bool) {
	if !p.labelled && !c.written {
		return Text{}, false
	}
	t := Text{Size: tickSize, Ink: InkText, Halo: true, Text: p.valueText(c)}
	x, y := (at.left+at.right)/2, (at.top+at.bottom)/2+4
	if p.Stacking != Grouped {
		t.X, t.Y, t.Anchor = x, y, Middle
		w := TextWidth(t.Text, t.Size, false)
		return t, w+6 <= at.right-at.left && t.Size+2 <= at.bottom-at.top
	}
	negative := p.value(c.Mark) < 0 && !c.written
	switch {
	case p.Kind == Bars && negative:
		t.X, t.Y, t.Anchor = at.left-5, y, End
	case p.Kind == Bars:
		t.X, t.Y, t.Anchor = at.right+5, y, Start
		t.X = p.beyondRules(t)
		t = between(t, p.left, p.width)
	case negative:
		t.X, t.Y, t.Anchor = x, at.bottom+13, Middle
	default:
		t.X, t.Y, t.Anchor = x, at.top-4, Middle
	}
	return t, true
}

// core is the middle of where a text stands: values of neighbours, which stand close, do not
// keep each other away, those of bars in the same place do.
func core(t Text) area {
	a := reach(t)
	return area{a.left + 2, a.top + 3, a.right - 2, a.bottom - 3}
}

// beyondRules is where a value right of its bar begins, so that no reference line crosses it.
func (p *plane) beyondRules(t Text) float64 {
	width := TextWidth(t.Text, t.Size, t.Bold)
	for _, r := range p.Rules {
		at := p.x.at(r.At)
		if r.Vertical && p.x.holds(r.At) && at > t.X-4 && at < t.X+width+3 && at+5+width <= p.width {
			t.X = at + 5
		}
	}
	return t.X
}
