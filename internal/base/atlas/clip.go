package atlas

import "math"

// rim is how many units of an outline stay beyond the edges of a picture: the line along an
// edge, which is none of the outline, is not seen then.
const rim = 2

// clipped is the part of a closed outline that lies in the picture (Sutherland and Hodgman's
// way: an edge after the other). A picture that stands beside words hides none of them.
func (c Canvas) clipped(points [][2]float64) [][2]float64 {
	width := (c.Box.East - c.Box.West) * c.shrink * c.scale
	for _, edge := range []struct {
		axis int
		at   float64
		sign float64
	}{{0, -rim, 1}, {0, width + rim, -1}, {1, -rim, 1}, {1, c.Height + rim, -1}} {
		within := func(p [2]float64) float64 { return edge.sign * (p[edge.axis] - edge.at) }
		var out [][2]float64
		for i, p := range points {
			before := points[(i+len(points)-1)%len(points)]
			a, b := within(before), within(p)
			if a < 0 != (b < 0) {
				t := a / (a - b)
				cut := [2]float64{before[0] + (p[0]-before[0])*t, before[1] + (p[1]-before[1])*t}
				cut[edge.axis] = edge.at
				out = append(out, cut)
			}
			if b >= 0 {
				out = append(out, p)
			}
		}
		points = out
	}
	return points
}

// beyond reports whether a box leaves the picture.
func (c Canvas) beyond(low, high [2]float64) bool {
	width := (c.Box.East - c.Box.West) * c.shrink * c.scale
	return math.Min(low[0], low[1]) < -rim || high[0] > width+rim || high[1] > c.Height+rim
}
