package plot

import (
	"math"
	"strconv"
)

// outline is the data of a path while it is written.
type outline []byte

// to adds a command and its numbers, to hundredths of a pixel.
func (o outline) to(command byte, numbers ...float64) outline {
	o = append(o, command)
	for i, n := range numbers {
		if i > 0 {
			o = append(o, ' ')
		}
		o = strconv.AppendFloat(o, math.Round(n*100)/100+0, 'f', -1, 64)
	}
	return o
}

// line is one from a place to another.
func line(x0, y0, x1, y1 float64) string {
	return string(outline(nil).to('M', x0, y0).to('L', x1, y1))
}

// box is an upright rectangle.
func box(x, y, width, height float64) string {
	return string(outline(nil).to('M', x, y).to('H', x+width).to('V', y+height).to('H', x).to('Z'))
}

// circle is one about a place.
func circle(x, y, r float64) string {
	return string(outline(nil).to('M', x-r, y).to('A', r, r, 0, 1, 1, x+r, y).to('A', r, r, 0, 1, 1, x-r, y).to('Z'))
}

// glyphs are the forms of dots by series, as corners about their middle; the first is a
// circle and has none. All have about the area of a circle of radius 1.
var glyphs = [MaxSeries][]float64{
	nil,
	{-0.89, -0.89, 0.89, -0.89, 0.89, 0.89, -0.89, 0.89}, // square
	{0, -1.25, 1.25, 0, 0, 1.25, -1.25, 0},               // diamond
	{0, -1.5, 1.3, 0.8, -1.3, 0.8},                       // triangle
	{0, 1.5, 1.3, -0.8, -1.3, -0.8},                      // triangle on its point
	{-0.4, -1.15, 0.4, -1.15, 0.4, -0.4, 1.15, -0.4, 1.15, 0.4, 0.4, 0.4, 0.4, 1.15, -0.4, 1.15, -0.4, 0.4, -1.15, 0.4, -1.15, -0.4, -0.4, -0.4}, // cross
	{-1.3, -0.8, -0.4, -0.8, 0, -1.4, 0.4, -0.8, 1.3, -0.8, 0.7, 0.1, 0.9, 1.2, 0, 0.6, -0.9, 1.2, -0.7, 0.1},                                    // star
	{-1.25, -0.62, 1.25, -0.62, 1.25, 0.62, -1.25, 0.62},                                                                                         // lying rectangle
}

// glyph is the form of a series' dots about a place.
func glyph(series int, x, y, r float64) string {
	corners := glyphs[series%MaxSeries]
	if corners == nil {
		return circle(x, y, r)
	}
	o := outline(nil).to('M', x+corners[0]*r, y+corners[1]*r)
	for i := 2; i < len(corners); i += 2 {
		o = o.to('L', x+corners[i]*r, y+corners[i+1]*r)
	}
	return string(o.to('Z'))
}

// dashes tell lines of series apart beside their colours.
var dashes = [MaxSeries][]float64{nil, {7, 3}, {2, 3}, {9, 3, 2, 3}, {12, 4}, {4, 2}, {9, 3, 2, 3, 2, 3}, {1, 4}}
