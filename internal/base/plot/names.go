package plot

import "math"

// mostOfWidth is the part of a picture's width that names beside bars may take.
const mostOfWidth = 0.4

// Names beside bars have two lines; where they are few, three. Those below columns have four.
const (
	fewNames  = 12
	mostLines = 3
	mostBelow = 4
)

// namesBeside is how wide names beside the bars are, and how many lines the longest needs.
func (d *drawing) namesBeside(names []string, width float64) (room float64, lines int) {
	wide := widest(names, labelSize)
	most := width * mostOfWidth
	if wide+8 <= most {
		return wide + 8, 1
	}
	limit := mostLines
	if len(names) > fewNames {
		limit--
	}
	for _, name := range names {
		lines = max(lines, len(broken(name, labelSize, false, most-8, limit)))
	}
	return most, lines
}

// besideNodes are the names of categories left of a standing axis, in lines where there is
// room, or every second, third, … one where there is not even room for one.
func (a axis) besideNodes(right float64) (nodes []Node) {
	band := a.band()
	every := max(1, int(math.Ceil(15/band)))
	most := max(1, min(mostLines, int(band/lineSize)))
	for i := 0; i < len(a.Categories); i += every {
		rows := broken(a.Categories[i], labelSize, false, right, most)
		y := a.at(float64(i)) + 4.5 - lineSize/2*float64(len(rows)-1)
		for n, text := range rows {
			nodes = append(nodes, between(Text{X: right, Y: y + lineSize*float64(n), Size: labelSize, Anchor: End, Ink: InkText, Text: text, Whole: whole(rows, a.Categories[i])}, 0, right))
		}
	}
	return nodes
}

// turn is the angle of names that have no room to lie.
const turn = -45

// mostTurned is how long they are at most in a picture of a width.
func mostTurned(width float64) float64 { return math.Max(120, math.Min(180, width/5)) }

// namesBelow are the names of categories on a lying axis and how high they are: in lines if
// they fit, thinned out if they are short or follow one another, else turned.
func (a axis) namesBelow(left, right float64) (nodes []Node, height float64) {
	if nodes, height = a.lying(left, right); height > 0 {
		return nodes, height
	}
	nodes, high := a.turned(mostTurned(right))
	return nodes, high + 22
}

// lying are names that need not be turned; their height is 0 when they must.
func (a axis) lying(left, right float64) (nodes []Node, height float64) {
	band := a.band()
	wide := widest(a.Categories, tickSize)
	if wide <= band-6 || wide <= 44 && band > 0 {
		return a.thinned(left, right), lineSize + 6
	}
	if rows, most := a.wrapped(band - 6); wide > 44 && most > 0 {
		for i, row := range rows {
			for n, text := range row {
				nodes = append(nodes, Text{X: a.at(float64(i)), Y: 17 + 14*float64(n), Size: tickSize, Anchor: Middle, Ink: InkText, Text: text})
			}
		}
		return nodes, 14*float64(most) + 8
	}
	if a.Step != "" && wide <= (right-left)/2 {
		return a.thinned(left, right), lineSize + 6
	}
	return nil, 0
}

// turnedRoom is how far left of the plane names reach when they are turned; 0 when they are not.
func (a axis) turnedRoom(left, width float64) (room float64) {
	a.from, a.to = left, width
	if _, height := a.lying(0, width); height > 0 {
		return 0
	}
	for i, name := range a.Categories {
		across := math.Min(mostTurned(width), TextWidth(name, tickSize, false)) / math.Sqrt2
		part := (float64(i) + 0.5) / float64(len(a.Categories)) // of the axis that lies left of it
		room = math.Max(room, (across+9-width*part)/(1-part))
	}
	return math.Min(width/4, room)
}

// turned are names that stand at an angle, as many as do not touch and none longer than most,
// and how high they are.
func (a axis) turned(most float64) (nodes []Node, height float64) {
	const apart = 1.5 * tickSize * math.Sqrt2
	every := max(1, int(math.Ceil(apart/a.band())))
	for i := 0; i < len(a.Categories); i += every {
		x := a.at(float64(i)) + 4
		t := between(Text{X: x, Y: 14, Size: tickSize, Anchor: End, Ink: InkText, Turn: turn, Text: a.Categories[i]},
			x-math.Min(most, (x-12)*math.Sqrt2), x)
		height = math.Max(height, TextWidth(t.Text, tickSize, false)/math.Sqrt2)
		nodes = append(nodes, t)
	}
	return nodes, height
}

// thinned are names in one line, every one or every second, third, …
func (a axis) thinned(left, right float64) (nodes []Node) {
	every := max(1, int(math.Ceil((widest(a.Categories, tickSize)+6)/a.band())))
	end := math.Inf(-1)
	for i := 0; i < len(a.Categories); i += every {
		t := between(Text{X: a.at(float64(i)), Y: 17, Size: tickSize, Anchor: Middle, Ink: InkText, Text: a.Categories[i]}, left, right)
		if t.Text == "" || reach(t).left < end+4 {
			continue
		}
		end = reach(t).right
		nodes = append(nodes, t)
	}
	return nodes
}

// wrapped are names in up to four lines each, and of how many the highest is; none when a
// word would have to be broken.
func (a axis) wrapped(width float64) (rows [][]string, most int) {
	if width < 36 {
		return nil, 0
	}
	rows = make([][]string, len(a.Categories))
	for i, name := range a.Categories {
		rows[i] = broken(name, tickSize, false, width, mostBelow+1)
		most = max(most, len(rows[i]))
		if len(rows[i]) > mostBelow || overlong(name, tickSize, false, width) {
			return nil, 0
		}
	}
	return rows, most
}
