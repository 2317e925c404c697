package plot_test

import (
	"math"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"plaza/internal/base/plot"
)

// seen is what a scene shows, at its places in the picture.
type seen struct {
	marks  []plot.Group
	shapes []shown
	texts  []plot.Text
}

// shown is a shape, the box around it, and the row and the class of the group in which it is.
type shown struct {
	plot.Shape
	box
	row   int
	class string
	dim   bool
}

type box struct{ left, top, right, bottom float64 }

func (b box) width() float64  { return b.right - b.left }
func (b box) height() float64 { return b.bottom - b.top }
func (b box) x() float64      { return (b.left + b.right) / 2 }
func (b box) y() float64      { return (b.top + b.bottom) / 2 }

func look(s plot.Scene) *seen {
	out := &seen{}
	out.walk(s.Nodes, 0, 0, shown{row: -1})
	return out
}

func (s *seen) walk(nodes []plot.Node, x, y float64, in shown) {
	for _, n := range nodes {
		switch n := n.(type) {
		case plot.Group:
			within := in
			within.class, within.dim = n.Class, in.dim || n.Dim
			if n.Row >= 0 {
				within.row = n.Row
				s.marks = append(s.marks, n)
			}
			s.walk(n.Nodes, x+n.X, y+n.Y, within)
		case plot.Shape:
			one := in
			one.Shape = n
			one.box = around(n.Path, x, y)
			s.shapes = append(s.shapes, one)
		case plot.Text:
			n.X, n.Y = n.X+x, n.Y+y
			s.texts = append(s.texts, n)
		}
	}
}

// of are the painted shapes of marks by their rows.
func (s *seen) of(row int) (out []shown) {
	for _, one := range s.shapes {
		if one.row == row && one.Fill != plot.InkNone {
			out = append(out, one)
		}
	}
	return out
}

func (s *seen) rows() map[int]int {
	out := map[int]int{}
	for _, m := range s.marks {
		out[m.Row]++
	}
	return out
}

func (s *seen) text(want string) (plot.Text, bool) {
	for _, t := range s.texts {
		if t.Text == want {
			return t, true
		}
	}
	return plot.Text{}, false
}

// begins is the first text that begins with some letters.
func (s *seen) begins(with string) plot.Text {
	for _, t := range s.texts {
		if strings.HasPrefix(t.Text, with) {
			return t
		}
	}
	return plot.Text{}
}

// says reports whether a text stands in the picture, be it in several lines.
func (s *seen) says(want string) bool {
	var all []string
	for _, t := range s.texts {
		all = append(all, t.Text)
	}
	return strings.Contains(strings.Join(all, " "), want)
}

var steps = regexp.MustCompile(`[MLHVAZ]|-?[0-9.]+(?:e[-+]?[0-9]+)?|NaN|[-+]?Inf`)

// around is the box of an absolute path; an arc is taken for the circle of which it is half.
func around(path string, x, y float64) box {
	b := box{math.Inf(1), math.Inf(1), math.Inf(-1), math.Inf(-1)}
	var command string
	var numbers []float64
	var atX, atY float64
	put := func(px, py, r float64) {
		atX, atY = px, py
		b.left, b.right = min(b.left, px-r+x), max(b.right, px+r+x)
		b.top, b.bottom = min(b.top, py-r+y), max(b.bottom, py+r+y)
	}
	for _, token := range steps.FindAllString(path, -1) {
		if strings.Contains("MLHVAZ", token) {
			command, numbers = token, nil
			continue
		}
		v, err := strconv.ParseFloat(token, 64)
		if err != nil {
			v = math.NaN()
		}
		numbers = append(numbers, v)
		switch {
		case (command == "M" || command == "L") && len(numbers) == 2:
			put(numbers[0], numbers[1], 0)
		case command == "H":
			put(numbers[0], atY, 0)
		case command == "V":
			put(atX, numbers[0], 0)
		case command == "A" && len(numbers) == 7:
			middle, r := (atX+numbers[5])/2, numbers[0]
			b.top, b.bottom = min(b.top, numbers[6]-r+y), max(b.bottom, numbers[6]+r+y)
			put(middle, numbers[6], r)
			atX, atY = numbers[5], numbers[6]
		}
	}
	return b
}

// corners are those of a text, turned as it is.
func corners(t plot.Text) [4][2]float64 {
	w := plot.TextWidth(t.Text, t.Size, t.Bold)
	left := 0.0
	switch t.Anchor {
	case plot.Middle:
		left = -w / 2
	case plot.End:
		left = -w
	}
	up, down := -0.72*t.Size, 0.2*t.Size
	sin, cos := math.Sincos(t.Turn * math.Pi / 180)
	var out [4][2]float64
	for i, c := range [4][2]float64{{left, up}, {left + w, up}, {left + w, down}, {left, down}} {
		out[i] = [2]float64{t.X + c[0]*cos - c[1]*sin, t.Y + c[0]*sin + c[1]*cos}
	}
	return out
}

// overlap reports whether two texts do by more than a little: no line parts them.
func overlap(a, b plot.Text, little float64) bool {
	p, q := corners(a), corners(b)
	for _, angle := range []float64{a.Turn, a.Turn + 90, b.Turn, b.Turn + 90} {
		sin, cos := math.Sincos(angle * math.Pi / 180)
		reach := func(of [4][2]float64) (low, high float64) {
			low, high = math.Inf(1), math.Inf(-1)
			for _, c := range of {
				v := c[0]*cos + c[1]*sin
				low, high = min(low, v), max(high, v)
			}
			return low, high
		}
		lowP, highP := reach(p)
		lowQ, highQ := reach(q)
		if highP-little <= lowQ || highQ-little <= lowP {
			return false
		}
	}
	return true
}

// checkSound fails if anything is no number, leaves the picture, or if texts overlap. Only
// points of maps may reach over an edge.
func checkSound(t *testing.T, s plot.Scene) {
	t.Helper()
	checkWithin(t, s, 2)
}

func checkWithin(t *testing.T, s plot.Scene, beyond float64) {
	t.Helper()
	inside := func(x, y float64) bool {
		return x >= -beyond && y >= -beyond && x <= s.Width+beyond && y <= s.Height+beyond
	}
	if !(s.Width > 0 && s.Height > 0 && s.Width < 1e6 && s.Height < 1e9) {
		t.Fatalf("the picture is %v by %v", s.Width, s.Height)
	}
	got := look(s)
	for _, one := range got.shapes {
		if strings.Contains(one.Path, "NaN") || strings.Contains(one.Path, "Inf") || !inside(one.left, one.top) || !inside(one.right, one.bottom) {
			t.Fatalf("a shape of row %d leaves the picture of %v by %v: %v %s", one.row, s.Width, s.Height, one.box, one.Path)
		}
	}
	texts := got.texts[:0:0]
	for _, one := range got.texts {
		if one.Text == "" {
			continue
		}
		texts = append(texts, one)
		for _, c := range corners(one) {
			if !inside(c[0], c[1]) {
				t.Fatalf("%q leaves the picture of %v by %v: %v", one.Text, s.Width, s.Height, corners(one))
			}
		}
	}
	for i, a := range texts[:min(len(texts), 400)] {
		for _, b := range texts[:i] {
			if overlap(a, b, 4) {
				t.Fatalf("%q at %.0f %.0f overlaps %q at %.0f %.0f", a.Text, a.X, a.Y, b.Text, b.X, b.Y)
			}
		}
	}
}
