package plot

// What a place of a picture is taken by.
const (
	byMark uint8 = 1 << iota
	byText
	byRule // reference lines, which names may cross where there is no other place
)

// room knows which places of a panel are taken, in a grid of small squares, so that finding
// a free one costs the same however many marks there are.
type room struct {
	width, height, side float64
	columns, rows       int
	cells               []uint8
	ruled               bool // there are reference lines
}

// mostCells bounds how much memory a panel's room takes.
const mostCells = 1 << 19

func newRoom(width, height float64) *room {
	r := &room{width: width, height: height, side: 4}
	for width*height/(r.side*r.side) > mostCells {
		r.side *= 2
	}
	r.columns, r.rows = int(width/r.side)+1, int(height/r.side)+1
	r.cells = make([]uint8, r.columns*r.rows)
	return r
}

// area is an upright rectangle of a picture.
type area struct{ left, top, right, bottom float64 }

// cellsOf are the first and the last column and row that an area touches.
func (r *room) cellsOf(a area) (x0, y0, x1, y1 int) {
	x0, x1 = max(0, int(a.left/r.side)), min(r.columns-1, int(a.right/r.side))
	y0, y1 = max(0, int(a.top/r.side)), min(r.rows-1, int(a.bottom/r.side))
	return x0, y0, x1, y1
}

// take marks an area as taken.
func (r *room) take(a area, by uint8) {
	x0, y0, x1, y1 := r.cellsOf(a)
	for y := y0; y <= y1; y++ {
		for x := x0; x <= x1; x++ {
			r.cells[y*r.columns+x] |= by
		}
	}
}

// takeLine marks the squares along a straight line.
func (r *room) takeLine(x0, y0, x1, y1 float64) {
	n := int(max(x1-x0, x0-x1, y1-y0, y0-y1)/r.side) + 1
	for i := 0; i <= n; i++ {
		t := float64(i) / float64(n)
		x, y := x0+(x1-x0)*t, y0+(y1-y0)*t
		r.take(area{x, y, x, y}, byMark)
	}
}

// free reports whether an area lies in the panel and nothing of a kind is there.
func (r *room) free(a area, of uint8) bool {
	if a.left < 0 || a.top < 0 || a.right > r.width || a.bottom > r.height {
		return false
	}
	x0, y0, x1, y1 := r.cellsOf(a)
	for y := y0; y <= y1; y++ {
		for x := x0; x <= x1; x++ {
			if r.cells[y*r.columns+x]&of != 0 {
				return false
			}
		}
	}
	return true
}

// reach is where a text that is not turned stands.
func reach(t Text) area { return t.over(TextWidth(t.Text, t.Size, t.Bold)) }

// over is where a text that is not turned and so wide stands.
func (t Text) over(w float64) area {
	left := t.X
	switch t.Anchor {
	case Middle:
		left -= w / 2
	case End:
		left -= w
	}
	return area{left, t.Y - 0.8*t.Size, left + w, t.Y + 0.25*t.Size}
}

// between moves a text, and shortens it, so that it stands between two sides. Where there is
// no room for a letter nothing stands.
func between(t Text, left, right float64) Text {
	said := shorten(t.Text, t.Size, t.Bold, right-left)
	if t.Whole == "" && said != t.Text {
		t.Whole = t.Text
	}
	t.Text = said
	a := reach(t)
	if a.right-a.left > right-left+0.01 {
		t.Text = ""
		return t
	}
	t.X += max(0, left-a.left) - max(0, a.right-right)
	return t
}
