package plot

import "math"

// mostOfWidth is the part of a picture's width that names beside bars may take.
const mostOfWidth = 0.4

// Names beside bars have two lines; where they are few, three.
const (
	fewNames  = 12
	mostLines = 3
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

// The angle of names that have no room to lie, and how long they are at most.
const (
	turn       = -45
	mostTurned = 120.0
)

// namesBelow are the names of categories on a lying axis and how high they are: in lines if
// they fit, thinned out if they are short, else turned.
func (a axis) namesBelow(left, right float64) (nodes []Node, height float64) {
	band := a.band()
	wide := widest(a.Categories, tickSize)
	if wide <= band-6 || wide <= 44 && band > 0 {
		return a.thinned(left, right), lineSize + 6
	}
	if wide > 44 {
		if rows, most := a.wrapped(band - 6); most > 0 {
			for i, row := range rows {
				for n, text := range row {
					nodes = append(nodes, Text{X: a.at(float64(i)), Y: 17 + 14*float64(n), Size: tickSize, Anchor: Middle, Ink: InkText, Text: text})
				}
			}
			return nodes, 14*float64(most) + 8
		}
	}
	nodes, high := a.turned()
	return nodes, high + 22
}

// turnedRoom is how far left of the plane the first name reaches when names are turned; 0 when
// they are not, or not much.
func (a axis) turnedRoom(left, width float64) float64 {
	a.from, a.to = left, width
	if len(a.Categories) == 0 {
		return 0
	}
	if _, height := a.namesBelow(0, width); height < 50 {
		return 0
	}
	first := math.Min(mostTurned, TextWidth(a.Categories[0], tickSize, false)) / math.Sqrt2
	return math.Min(width/4, first+8-a.band()/2)
}

// turned are names that stand at an angle, as many as do not touch, and how high they are.
func (a axis) turned() (nodes []Node, height float64) {
	const apart = 1.5 * tickSize * math.Sqrt2
	every := max(1, int(math.Ceil(apart/a.band())))
	for i := 0; i < len(a.Categories); i += every {
		x := a.at(float64(i)) + 4
		t := between(Text{X: x, Y: 14, Size: tickSize, Anchor: End, Ink: InkText, Turn: turn, Text: a.Categories[i]},
			x-math.Min(mostTurned, (x-12)*math.Sqrt2), x)
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

// wrapped are names in up to three lines each, and of how many the highest is; none when a
// word would have to be broken.
func (a axis) wrapped(width float64) (rows [][]string, most int) {
	if width < 36 {
		return nil, 0
	}
	rows = make([][]string, len(a.Categories))
	for i, name := range a.Categories {
		rows[i] = broken(name, tickSize, false, width, 4)
		most = max(most, len(rows[i]))
		if len(rows[i]) > 3 || overlong(name, tickSize, false, width) {
			return nil, 0
		}
	}
	return rows, most
}
