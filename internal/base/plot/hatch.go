package plot

import (
	"image"
	"image/color"
	"math"
)

// hatchSize is the side of the square that a pattern repeats, in pixels.
const hatchSize = 8

// hatches are the patterns over fills, from 1: lines in the colour of the ground. Each goes
// on seamlessly beyond its square.
var hatches = []string{
	"M-2 2L2-2M0 8L8 0M6 10L10 6", // rising
	"M-2 6L2 10M0 0L8 8M6-2L10 2", // falling
	"M2 2h.1M6 6h.1",              // dots
	"M0 2h8M0 6h8",                // lying
	"M2 0v8M6 0v8",                // standing
	"M0 0L8 8M0 8L8 0",            // crossed
	"M0 4h8M4 0v8",                // squares
	"M4 4h.1",                     // few dots
}

// hatchWidth is how thick their lines are.
const hatchWidth = 1.6

// hatch is the path of a pattern; further numbers begin anew.
func hatch(n int) string { return hatches[(n-1)%len(hatches)] }

// tile is a fill with a pattern over it, without end.
type tile struct {
	square *image.RGBA
}

// newTile draws the square of a pattern, to whole pixels.
func newTile(n int, ground, lines color.Color, scale float64) tile {
	side := max(2, int(math.Round(hatchSize*scale)))
	c := newCanvas(side, side)
	c.fill([]polyline{rectangle(0, 0, float64(side), float64(side))}, image.NewUniform(ground))
	p, err := parsePath(hatch(n))
	if err != nil {
		panic("plot: a pattern: " + err.Error())
	}
	k := float64(side) / hatchSize
	c.fill(stroked(p.flatten(matrix{a: k, d: k}), hatchWidth*k, true), image.NewUniform(lines))
	return tile{c.img}
}

// ColorModel, Bounds and At make it an image.
func (t tile) ColorModel() color.Model { return color.RGBAModel }

// Bounds are without end, as far as images go.
func (t tile) Bounds() image.Rectangle { return image.Rect(-1e6, -1e6, 1e6, 1e6) }

// At is the colour of the square that repeats.
func (t tile) At(x, y int) color.Color {
	side := t.square.Rect.Dx()
	return t.square.RGBAAt(((x%side)+side)%side, ((y%side)+side)%side)
}

func rectangle(x, y, w, h float64) polyline {
	return polyline{points: []point{{x, y}, {x + w, y}, {x + w, y + h}, {x, y + h}}, closed: true}
}
