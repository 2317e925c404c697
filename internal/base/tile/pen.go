package tile

import (
	"math"
	"slices"

	"github.com/paulmach/orb"
)

// spot is a place on a tile, in whole units.
type spot struct{ x, y int32 }

func rounded(p orb.Point) spot {
	return spot{int32(math.Round(p[0])), int32(math.Round(p[1]))}
}

// pen draws a geometry: commands with steps from where it stands.
type pen struct {
	commands []uint32
	at       spot
}

func (d *pen) command(name, count int) {
	d.commands = append(d.commands, uint32(count)<<3|uint32(name))
}

func (d *pen) step(to spot) {
	x, y := to.x-d.at.x, to.y-d.at.y
	d.commands = append(d.commands, uint32(x<<1^x>>31), uint32(y<<1^y>>31))
	d.at = to
}

func (d *pen) move(to spot) {
	d.command(moveTo, 1)
	d.step(to)
}

func (d *pen) path(spots []spot) {
	d.move(spots[0])
	d.command(lineTo, len(spots)-1)
	for _, s := range spots[1:] {
		d.step(s)
	}
}

// line draws a line, unless it is shorter than can be seen.
func (d *pen) line(points orb.LineString) {
	if spots := whole(points); len(spots) > 1 {
		d.path(spots)
	}
}

// ring draws a ring, an outer one with the clock and a hole against it, and reports
// whether it has a body.
func (d *pen) ring(points orb.Ring, outer bool) bool {
	spots := whole(orb.LineString(points))
	if n := len(spots); n > 1 && spots[0] == spots[n-1] {
		spots = spots[:n-1]
	}
	if len(spots) < 3 {
		return false
	}
	size := area(spots)
	if size == 0 {
		return false
	}
	if size > 0 != outer {
		slices.Reverse(spots)
	}
	d.path(spots)
	d.command(closePath, 1)
	return true
}

// whole are the spots of points, none of them twice in a row.
func whole(points orb.LineString) []spot {
	out := make([]spot, 0, len(points))
	for _, p := range points {
		if s := rounded(p); len(out) == 0 || out[len(out)-1] != s {
			out = append(out, s)
		}
	}
	return out
}

// area is twice the area of a ring, positive with the clock, for y grows to the south.
func area(ring []spot) (sum int64) {
	for i, a := range ring {
		b := ring[(i+1)%len(ring)]
		sum += int64(a.x)*int64(b.y) - int64(b.x)*int64(a.y)
	}
	return sum
}
