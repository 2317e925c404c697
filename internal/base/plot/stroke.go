package plot

import "math"

// maxDashes is how many pieces a dashed line is cut into at most; then it goes on whole.
const maxDashes = 20_000

// stroked is the outline of lines of a width: pieces that all turn the same way, so that where
// they overlap they are one. Corners are round; ends are too when round is asked for.
func stroked(lines []polyline, width float64, round bool) []polyline {
	var out []polyline
	half := width / 2
	for _, l := range lines {
		points := distinct(l)
		if len(points) == 1 && round {
			out = append(out, disk(points[0], half))
		}
		for i := 1; i < len(points); i++ {
			out = append(out, straight(points[i-1], points[i], half))
			if i+1 < len(points) && bends(points[i-1], points[i], points[i+1]) {
				out = append(out, disk(points[i], half))
			}
		}
		if n := len(points); n > 1 && (round || l.closed) {
			out = append(out, disk(points[0], half), disk(points[n-1], half))
		}
	}
	return out
}

// distinct leaves out points that repeat the one before, and closes what is closed.
func distinct(l polyline) []point {
	var out []point
	for _, p := range l.points {
		if len(out) == 0 || distance(out[len(out)-1], p) > 0.01 {
			out = append(out, p)
		}
	}
	if l.closed && len(out) > 1 {
		out = append(out, out[0])
	}
	return out
}

// bends reports whether a corner leaves a gap that is seen.
func bends(a, b, c point) bool {
	ux, uy, vx, vy := b.x-a.x, b.y-a.y, c.x-b.x, c.y-b.y
	return math.Abs(math.Atan2(ux*vy-uy*vx, ux*vx+uy*vy)) > 0.05
}

// straight is one straight piece.
func straight(a, b point, half float64) polyline {
	d := distance(a, b)
	if d == 0 {
		return polyline{}
	}
	nx, ny := (b.y-a.y)/d*half, (a.x-b.x)/d*half
	return polyline{points: []point{{a.x + nx, a.y + ny}, {b.x + nx, b.y + ny}, {b.x - nx, b.y - ny}, {a.x - nx, a.y - ny}}, closed: true}
}

// disk turns as bars do.
func disk(at point, r float64) polyline {
	n := int(min(max(8, 4*r), 32))
	out := polyline{closed: true}
	for i := range n {
		sin, cos := math.Sincos(2 * math.Pi * float64(i) / float64(n))
		out.points = append(out.points, point{at.x + r*cos, at.y + r*sin})
	}
	return out
}

// dashed cuts lines into dashes; lengths are in pixels, on and off in turn.
func dashed(lines []polyline, pattern []float64) []polyline {
	total := 0.0
	for _, d := range pattern {
		if d < 0 || math.IsNaN(d) {
			return lines
		}
		total += d
	}
	if total < 0.1 {
		return lines
	}
	if len(pattern)%2 == 1 {
		pattern = append(pattern, pattern...)
	}
	var out []polyline
	for _, l := range lines {
		out = dash(out, distinct(l), pattern)
		if len(out) > maxDashes {
			return lines
		}
	}
	return out
}

// dash adds the dashes of one line to out.
func dash(out []polyline, points []point, pattern []float64) []polyline {
	turn, left, on := 0, pattern[0], true
	for i := 1; i < len(points); i++ {
		a, b := points[i-1], points[i]
		length, done := distance(a, b), 0.0
		if on {
			out = extend(out, a, i == 1)
		}
		for length-done > left && len(out) <= maxDashes {
			done += left
			p := point{a.x + (b.x-a.x)*done/length, a.y + (b.y-a.y)*done/length}
			out = extend(out, p, !on)
			turn, on = (turn+1)%len(pattern), !on
			left = pattern[turn]
		}
		left -= length - done
		if on {
			out = extend(out, b, false)
		}
	}
	return out
}

// extend goes on with the last line, or begins another.
func extend(out []polyline, p point, anew bool) []polyline {
	if anew || len(out) == 0 {
		return append(out, polyline{points: []point{p}})
	}
	last := &out[len(out)-1]
	last.points = append(last.points, p)
	return out
}
