package plot

import (
	"errors"
	"math"
	"strconv"
)

// Limits of one outline.
const (
	maxSegments   = 200_000
	maxCoordinate = 1e6
)

// segment is a piece of an outline, in absolute places: M, L, C, A or Z.
type segment struct {
	op             byte
	x, y           float64 // where it ends
	x1, y1, x2, y2 float64 // controls of a C; of an A its radii and, in x2, its turn in degrees
	large, sweep   bool    // of an A
}

// path is an outline.
type path []segment

type point struct{ x, y float64 }

// end is where the last segment ends, which may be a Z.
func (p path) end() point {
	if len(p) == 0 {
		return point{}
	}
	return point{p[len(p)-1].x, p[len(p)-1].y}
}

var (
	errPath     = errors.New("plot: the path is not written as in SVG")
	errPathSize = errors.New("plot: the path is too long or reaches too far")
)

// arguments are how many numbers follow each command.
var arguments = map[byte]int{'M': 2, 'L': 2, 'H': 1, 'V': 1, 'C': 6, 'A': 7, 'Z': 0}

// parsePath reads SVG's path data of the commands M L H V C A Z and their relative forms.
func parsePath(d string) (path, error) {
	r := pathReader{rest: d}
	r.space()
	for r.rest != "" {
		c := r.rest[0]
		if arguments[c&^0x20] > 0 || c&^0x20 == 'Z' {
			r.rest = r.rest[1:]
			r.command = c
		} else if r.command&^0x20 == 'Z' || r.command == 0 {
			return nil, errPath
		}
		if len(r.out) == 0 && r.command&^0x20 != 'M' {
			return nil, errPath
		}
		if err := r.segment(); err != nil {
			return nil, err
		}
		if len(r.out) > maxSegments {
			return nil, errPathSize
		}
		r.space()
	}
	return r.out, nil
}

type pathReader struct {
	rest    string
	command byte
	start   point // of the part that is being drawn
	out     path
}

// segment reads the numbers of one command and adds what it draws. After an M, further pairs
// are lines.
func (r *pathReader) segment() error {
	kind := r.command &^ 0x20
	var n [7]float64
	for i := range arguments[kind] {
		var err error
		if kind == 'A' && (i == 3 || i == 4) {
			n[i], err = r.flag()
		} else {
			n[i], err = r.number()
		}
		if err != nil {
			return err
		}
	}
	at := r.out.end()
	var from point // relative places count from here
	if r.command != kind {
		from = at
	}
	s := segment{op: kind}
	switch kind {
	case 'M', 'L':
		s.x, s.y = from.x+n[0], from.y+n[1]
	case 'H':
		s.op, s.x, s.y = 'L', from.x+n[0], at.y
	case 'V':
		s.op, s.x, s.y = 'L', at.x, from.y+n[0]
	case 'C':
		s.x1, s.y1, s.x2, s.y2, s.x, s.y = from.x+n[0], from.y+n[1], from.x+n[2], from.y+n[3], from.x+n[4], from.y+n[5]
	case 'A':
		s.x1, s.y1, s.x2, s.x, s.y = math.Abs(n[0]), math.Abs(n[1]), n[2], from.x+n[5], from.y+n[6]
		s.large, s.sweep = n[3] != 0, n[4] != 0
	case 'Z':
		s.x, s.y = r.start.x, r.start.y
	}
	if kind == 'M' {
		r.start = point{s.x, s.y}
		r.command -= 'M' - 'L' // of the same case
	}
	if max(math.Abs(s.x), math.Abs(s.y), math.Abs(s.x1), math.Abs(s.y1), math.Abs(s.x2), math.Abs(s.y2)) > maxCoordinate {
		return errPathSize
	}
	r.out = append(r.out, s)
	return nil
}

// space leaves out white space and commas.
func (r *pathReader) space() {
	for r.rest != "" {
		switch r.rest[0] {
		case ' ', ',', '\t', '\n', '\r':
			r.rest = r.rest[1:]
		default:
			return
		}
	}
}

func (r *pathReader) flag() (float64, error) {
	r.space()
	if r.rest == "" || r.rest[0] != '0' && r.rest[0] != '1' {
		return 0, errPath
	}
	n := float64(r.rest[0] - '0')
	r.rest = r.rest[1:]
	return n, nil
}

// number reads one number; the next one may follow without a space: "1-2", "0.5.5".
func (r *pathReader) number() (float64, error) {
	r.space()
	i, point := 0, false
	if i < len(r.rest) && (r.rest[i] == '-' || r.rest[i] == '+') {
		i++
	}
	for ; i < len(r.rest); i++ {
		c := r.rest[i]
		switch {
		case c >= '0' && c <= '9':
		case c == '.' && !point:
			point = true
		case c|0x20 == 'e' && i+1 < len(r.rest) && (r.rest[i+1] == '-' || r.rest[i+1] == '+'):
			i++
			point = true
		case c|0x20 == 'e':
			point = true
		default:
			return r.take(i)
		}
	}
	return r.take(i)
}

func (r *pathReader) take(n int) (float64, error) {
	v, err := strconv.ParseFloat(r.rest[:n], 64)
	r.rest = r.rest[n:]
	if err != nil || math.IsNaN(v) || math.Abs(v) > maxCoordinate {
		return 0, errPath
	}
	return v, nil
}
