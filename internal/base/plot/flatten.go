package plot

import "math"

// polyline is one part of an outline as straight lines, in pixels.
type polyline struct {
	points []point
	closed bool
}

// matrix puts a scene's places into pixels: scaled by k, turned by an angle, moved.
type matrix struct{ a, b, c, d, e, f float64 }

func (m matrix) apply(x, y float64) point {
	return point{m.a*x + m.c*y + m.e, m.b*x + m.d*y + m.f}
}

// scale is how much longer lines become.
func (m matrix) scale() float64 { return math.Hypot(m.a, m.b) }

// moved is m after a move of what it is applied to.
func (m matrix) moved(x, y float64) matrix {
	p := m.apply(x, y)
	m.e, m.f = p.x, p.y
	return m
}

// turned is m after a turn by degrees of what it is applied to.
func (m matrix) turned(degrees float64) matrix {
	sin, cos := math.Sincos(degrees * math.Pi / 180)
	return matrix{m.a*cos + m.c*sin, m.b*cos + m.d*sin, m.c*cos - m.a*sin, m.d*cos - m.b*sin, m.e, m.f}
}

// enlarged is m after what it is applied to has been made greater.
func (m matrix) enlarged(k float64) matrix {
	return matrix{m.a * k, m.b * k, m.c * k, m.d * k, m.e, m.f}
}

// flatten cuts curves into lines.
func (p path) flatten(m matrix) []polyline {
	var out []polyline
	var at point
	for _, s := range p {
		if s.op == 'M' || len(out) == 0 {
			out = append(out, polyline{})
		} else if out[len(out)-1].closed { // what follows a Z begins where that part began
			out = append(out, polyline{points: []point{m.apply(at.x, at.y)}})
		}
		line := &out[len(out)-1]
		switch s.op {
		case 'C':
			line.curve(m, at, s)
		case 'A':
			for _, c := range arc(at, s) {
				line.curve(m, at, c)
				at = point{c.x, c.y}
			}
		case 'Z':
			line.closed = true
		default:
			line.points = append(line.points, m.apply(s.x, s.y))
		}
		at = point{s.x, s.y}
	}
	return out
}

// curve adds a cubic curve, with as many lines as its length in pixels asks for.
func (l *polyline) curve(m matrix, from point, s segment) {
	p0, p1, p2, p3 := m.apply(from.x, from.y), m.apply(s.x1, s.y1), m.apply(s.x2, s.y2), m.apply(s.x, s.y)
	length := distance(p0, p1) + distance(p1, p2) + distance(p2, p3)
	n := int(min(max(2, math.Sqrt(length)*1.5), 64))
	for i := 1; i <= n; i++ {
		t := float64(i) / float64(n)
		u := 1 - t
		a, b, c, d := u*u*u, 3*u*u*t, 3*u*t*t, t*t*t
		l.points = append(l.points, point{a*p0.x + b*p1.x + c*p2.x + d*p3.x, a*p0.y + b*p1.y + c*p2.y + d*p3.y})
	}
}

func distance(a, b point) float64 { return math.Hypot(a.x-b.x, a.y-b.y) }

// arc is an elliptical arc as curves, one for each quarter at most; the way from its two ends
// to its centre is that of the SVG standard (appendix "Elliptical arc implementation notes").
func arc(from point, s segment) []segment {
	rx, ry := s.x1, s.y1
	if rx == 0 || ry == 0 || from == (point{s.x, s.y}) {
		return []segment{{op: 'C', x1: from.x, y1: from.y, x2: s.x, y2: s.y, x: s.x, y: s.y}}
	}
	sin, cos := math.Sincos(s.x2 * math.Pi / 180)
	dx, dy := (from.x-s.x)/2, (from.y-s.y)/2
	x, y := cos*dx+sin*dy, cos*dy-sin*dx
	if grow := x*x/(rx*rx) + y*y/(ry*ry); grow > 1 { // too small to reach: it grows
		rx, ry = rx*math.Sqrt(grow), ry*math.Sqrt(grow)
	}
	k := math.Sqrt(max(0, (rx*rx*ry*ry-rx*rx*y*y-ry*ry*x*x)/(rx*rx*y*y+ry*ry*x*x)))
	if s.large == s.sweep {
		k = -k
	}
	cx, cy := k*rx*y/ry, -k*ry*x/rx
	begin := math.Atan2((y-cy)/ry, (x-cx)/rx)
	turn := math.Atan2((-y-cy)/ry, (-x-cx)/rx) - begin
	if s.sweep && turn < 0 {
		turn += 2 * math.Pi
	} else if !s.sweep && turn > 0 {
		turn -= 2 * math.Pi
	}
	centre := point{cos*cx - sin*cy + (from.x+s.x)/2, sin*cx + cos*cy + (from.y+s.y)/2}
	at := func(u, v float64) (x, y float64) { // from the unit circle
		return centre.x + cos*rx*u - sin*ry*v, centre.y + sin*rx*u + cos*ry*v
	}
	n := int(math.Ceil(math.Abs(turn)/(math.Pi/2) - 1e-9))
	var out []segment
	for i := range n {
		out = append(out, quarter(begin+turn*float64(i)/float64(n), turn/float64(n), at))
	}
	if n > 0 { // exactly where it has to end
		out[n-1].x, out[n-1].y = s.x, s.y
	}
	return out
}

// quarter is a piece of the unit circle as a curve, put in place by at.
func quarter(begin, turn float64, at func(u, v float64) (x, y float64)) segment {
	k := 4.0 / 3 * math.Tan(turn/4)
	s0, c0 := math.Sincos(begin)
	s1, c1 := math.Sincos(begin + turn)
	out := segment{op: 'C'}
	out.x1, out.y1 = at(c0-k*s0, s0+k*c0)
	out.x2, out.y2 = at(c1+k*s1, s1-k*c1)
	out.x, out.y = at(c1, s1)
	return out
}
