package plot

import "math"

// drawBars draws lying bars: a category a line, its name before or above it.
func (f *frame) drawBars(i int, b box, v scale) {
	lanes := 1
	if f.c.Stacking == Grouped {
		lanes = max(1, len(f.c.Series))
	}
	above := 0.0
	if f.left == 0 || f.c.Width/float64(max(1, columnsOf(f))) < phone {
		above = leading
	}
	thick := (f.band - above - 8) / float64(lanes)
	var names, marks []Node
	for n, name := range f.along.Categories {
		y := b.y + f.band*float64(n)
		if above > 0 {
			names = append(names, Text{X: b.x - f.left, Y: y + 14, Size: labelSize, Anchor: Start, Ink: InkText, Text: clip(name, labelSize, false, b.w+f.left+f.right)})
			continue
		}
		room := math.Min(widest(f.along.Categories, labelSize)+10, (b.w+f.left+f.right)*0.38) - 10
		names = append(names, Text{X: b.x - f.left + room, Y: y + f.band/2 + 4.5, Size: labelSize, Anchor: End, Ink: InkText, Text: clip(name, labelSize, false, room)})
	}
	for _, one := range f.bars[i] {
		m := f.c.Panels[i].Marks[one.mark]
		at := int(m.Y)
		if at < 0 || at >= len(f.along.Categories) || m.Null {
			continue
		}
		y := b.y + f.band*float64(at) + above + 4 + thick*float64(one.lane%lanes)
		from, to := v.at(one.from), v.at(one.to)
		x, w := math.Min(from, to), math.Abs(to-from)
		ink, hatch := f.fill(m)
		nodes := []Node{Shape{Path: rect(x, y, w, thick-1), Fill: ink, Hatch: hatch}}
		if f.plain {
			text := Text{X: x + w + 5, Y: y + thick/2 + 4, Size: tickSize, Anchor: Start, Ink: InkMuted, Text: f.number(m.X, false)}
			if to < from {
				text.X, text.Anchor = x-5, End
			}
			nodes = append(nodes, text)
		}
		marks = append(marks, mark(m, nodes...))
	}
	f.add(group("Scene-names", names...), group("Scene-marks", marks...))
}

// columnsOf is how many panels stand side by side.
func columnsOf(f *frame) int {
	n := 1
	for n < len(f.boxes) && f.boxes[n].y == f.boxes[0].y {
		n++
	}
	return n
}

// drawColumns draws standing bars, of categories, of time or of ranges.
func (f *frame) drawColumns(i int, b box, v scale) {
	lanes := 1
	if f.c.Stacking == Grouped {
		lanes = max(1, len(f.c.Series))
	}
	at, wide := f.places(b)
	var marks []Node
	for _, one := range f.bars[i] {
		m := f.c.Panels[i].Marks[one.mark]
		if m.Null {
			continue
		}
		x, w := at(m), wide
		if f.along.Step == "bins" && m.To > m.X {
			s := f.alongScale(b)
			x = s.at(m.X) + 0.5
			w = math.Max(1, s.at(m.To)-s.at(m.X)-1)
		} else {
			w = wide / float64(lanes)
			x = at(m) - wide/2 + w*float64(one.lane%lanes)
		}
		from, to := v.at(one.from), v.at(one.to)
		ink, hatch := f.fill(m)
		marks = append(marks, mark(m, Shape{Path: rect(x, math.Min(from, to), math.Max(0.5, w-0.5), math.Abs(to-from)), Fill: ink, Hatch: hatch}))
	}
	f.add(group("Scene-marks", marks...))
	f.under(b)
	f.annotate(b, v)
}

// places is where the middle of a mark stands on the axis along, and how wide its place is.
func (f *frame) places(b box) (at func(Mark) float64, wide float64) {
	if f.along.Scaling == Category {
		band := b.w / float64(max(1, len(f.along.Categories)))
		return func(m Mark) float64 { return b.x + band*(m.X+0.5) }, math.Max(1, band*0.76)
	}
	s := f.alongScale(b)
	return func(m Mark) float64 { return s.at(m.X) }, f.narrowest(b) * 0.8
}

// alongScale is that of time and numbers. Standing bars of time have room at both ends.
func (f *frame) alongScale(b box) scale {
	room := 0.0
	if f.c.Kind == Columns && f.along.Step != "bins" {
		room = f.narrowest(b) / 2
	}
	if f.c.Kind == Dots {
		room = 8
	}
	return scale{f.alongs.low, f.alongs.high, b.x + room, b.x + b.w - room}
}

// narrowest is the least room between two places.
func (f *frame) narrowest(b box) float64 {
	seen := map[float64]bool{}
	for _, panel := range f.c.Panels {
		for _, m := range panel.Marks {
			_, at := f.own(m)
			seen[at] = true
		}
	}
	if len(seen) < 2 || f.alongs.high == f.alongs.low {
		return math.Min(b.w, 80)
	}
	least := math.Inf(1)
	last := math.NaN()
	for _, at := range sorted(seen) {
		if !math.IsNaN(last) {
			least = math.Min(least, at-last)
		}
		last = at
	}
	parts := (f.alongs.high-f.alongs.low)/least + 1
	return math.Max(1, b.w/parts)
}

// under writes what stands below a panel: names, days or numbers.
func (f *frame) under(b box) {
	var nodes []Node
	y := b.y + b.h + 16
	if f.along.Scaling == Category {
		band := b.w / float64(max(1, len(f.along.Categories)))
		every := 1
		if !f.turned {
			w := widest(f.along.Categories, tickSize) + 8
			every = max(1, int(math.Ceil(w/band)))
		}
		for n, name := range f.along.Categories {
			x := b.x + band*(float64(n)+0.5)
			switch {
			case f.turned:
				nodes = append(nodes, Text{X: x + 4, Y: y - 4, Size: tickSize, Anchor: End, Ink: InkMuted, Turn: -40, Text: clip(name, tickSize, false, math.Min(turnedRoom, (x-2)/0.77))})
			case n%every == 0:
				nodes = append(nodes, Text{X: x, Y: y, Size: tickSize, Anchor: Middle, Ink: InkMuted, Text: clip(name, tickSize, false, math.Max(band*float64(every)-4, 8))})
			}
		}
		f.add(group("Scene-axis", nodes...))
		return
	}
	s := f.alongScale(b)
	most := max(2, int(b.w/72))
	var ticks []tick
	if f.along.Scaling == Time {
		ticks = times(f.alongs, f.along.Step, most, f.c.Month)
	} else {
		number := f.along.Number
		if number == nil {
			number = f.c.Number
		}
		_, ticks = linear(f.alongs, most, false, number)
	}
	low, high := b.x-f.left, math.Min(f.c.Width, b.x+b.w+f.right)
	for _, t := range spaced(ticks, s, low, high) {
		w := TextWidth(t.text, tickSize, false)
		x := s.at(t.at)
		nodes = append(nodes, hairline(x, b.y+b.h, x, b.y+b.h+4, InkStrong),
			Text{X: math.Max(low+w/2, math.Min(high-w/2, x)), Y: y, Size: tickSize, Anchor: Middle, Ink: InkMuted, Text: t.text})
	}
	f.add(group("Scene-axis", nodes...))
}

// annotate writes notes at their places, each over a short line that leads to it.
func (f *frame) annotate(b box, v scale) {
	if len(f.c.Notes) == 0 || f.flat {
		return
	}
	at, _ := f.places(b)
	var nodes []Node
	end := math.Inf(-1)
	line := 0
	for _, n := range f.c.Notes {
		x, y := at(Mark{X: n.X}), v.at(n.Y)
		text := clip(n.Text, tickSize, false, b.w*0.6)
		w := TextWidth(text, tickSize, false)
		left := math.Max(b.x, math.Min(b.x+b.w-w, x-w/2))
		if line = 0; left < end+8 {
			line = 1
		}
		end = left + w
		top := b.y + 10 + leading*float64(line)
		nodes = append(nodes, Shape{Path: stroke(x, top+4, x, math.Max(top+4, y-4)), Stroke: InkAccent, Width: 1}, Shape{Path: circle(x, y, 3), Fill: InkAccent},
			Text{X: left, Y: top, Size: tickSize, Anchor: Start, Ink: InkAccent, Halo: true, Text: text})
	}
	f.add(group("Scene-notes", nodes...))
}
