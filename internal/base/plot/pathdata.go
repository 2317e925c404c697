package plot

import (
	"math"
	"strconv"
)

// data writes the outline as path data with places to a tenth of a pixel. It is relative,
// which is short; what rounding leaves over is carried, so that no error adds up.
func (p path) data() string {
	w := pathWriter{out: make([]byte, 0, 8*len(p))}
	for _, s := range p {
		w.add(s)
	}
	return string(w.out)
}

// pathWriter counts in tenths of a pixel.
type pathWriter struct {
	out            []byte
	last           byte
	x, y           int
	startX, startY int
}

func (w *pathWriter) add(s segment) {
	x, y := tenths(s.x), tenths(s.y)
	switch s.op {
	case 'M':
		w.command('M', x, y)
		w.last = 'M' // a line that follows is relative: it needs its letter
		w.startX, w.startY = x, y
	case 'L':
		switch {
		case x == w.x && y == w.y && w.last != 'M':
			return
		case y == w.y:
			w.command('h', x-w.x)
		case x == w.x:
			w.command('v', y-w.y)
		default:
			w.command('l', x-w.x, y-w.y)
		}
	case 'C':
		w.command('c', tenths(s.x1)-w.x, tenths(s.y1)-w.y, tenths(s.x2)-w.x, tenths(s.y2)-w.y, x-w.x, y-w.y)
	case 'A':
		w.command('a', tenths(s.x1), tenths(s.y1), tenths(s.x2), flag(s.large), flag(s.sweep), x-w.x, y-w.y)
	case 'Z':
		w.out, w.last = append(w.out, 'z'), 'z'
		x, y = w.startX, w.startY
	}
	w.x, w.y = x, y
}

// command writes a letter unless it is the one before, and numbers in tenths.
func (w *pathWriter) command(letter byte, numbers ...int) {
	if letter != w.last {
		w.out = append(w.out, letter)
	}
	for i, n := range numbers {
		if n >= 0 && (i > 0 || letter == w.last) {
			w.out = append(w.out, ' ')
		}
		w.out = appendTenths(w.out, n)
	}
	w.last = letter
}

func flag(set bool) int {
	if set {
		return 10
	}
	return 0
}

func tenths(v float64) int { return int(math.Round(v * 10)) }

func appendTenths(out []byte, n int) []byte {
	if n < 0 {
		out, n = append(out, '-'), -n
	}
	if n >= 10 || n == 0 {
		out = strconv.AppendInt(out, int64(n/10), 10)
	}
	if n%10 != 0 {
		out = append(out, '.', byte('0'+n%10))
	}
	return out
}

// number writes a length or a place with at most one decimal; what is no number is 0.
func number(v float64) string {
	if math.IsNaN(v) || math.Abs(v) > maxCoordinate {
		v = 0
	}
	return string(appendTenths(nil, tenths(v)))
}

// scaled is the outline made greater or smaller about the origin.
func (p path) scaled(k float64) path {
	out := make(path, len(p))
	for i, s := range p {
		s.x, s.y, s.x1, s.y1 = s.x*k, s.y*k, s.x1*k, s.y1*k
		if s.op != 'A' { // whose x2 is an angle
			s.x2, s.y2 = s.x2*k, s.y2*k
		}
		out[i] = s
	}
	return out
}
