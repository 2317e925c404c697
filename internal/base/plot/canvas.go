package plot

import (
	"errors"
	"image"
	"image/draw"
	"math"

	"golang.org/x/image/vector"
)

// maxWork is how many pixels and lines of pixels a picture may touch in all.
const maxWork = 1_000_000_000

var errWork = errors.New("plot: the picture is too much work")

// canvas is a raster that outlines are filled on.
type canvas struct {
	img  *image.RGBA
	pen  vector.Rasterizer
	work float64
	err  error
}

func newCanvas(width, height int) *canvas {
	return &canvas{img: image.NewRGBA(image.Rect(0, 0, width, height))}
}

// fill fills outlines together. Only the box that they take is worked on.
func (c *canvas) fill(lines []polyline, src image.Image) {
	box, rows := extent(lines)
	box = box.Intersect(c.img.Rect)
	if box.Empty() {
		return
	}
	if c.work += rows + float64(box.Dx()*box.Dy()); c.work > maxWork {
		c.err = errWork
		return
	}
	c.pen.Reset(box.Dx(), box.Dy())
	c.pen.DrawOp = draw.Over
	at := func(p point) (x, y float32) {
		return float32(p.x - float64(box.Min.X)), float32(p.y - float64(box.Min.Y))
	}
	for _, l := range lines {
		if len(l.points) < 3 {
			continue
		}
		c.pen.MoveTo(at(l.points[0]))
		for _, p := range l.points[1:] {
			c.pen.LineTo(at(p))
		}
		c.pen.ClosePath()
	}
	c.pen.Draw(c.img, box, src, box.Min)
}

// extent is the box of outlines, and through how many lines of pixels they go.
func extent(lines []polyline) (box image.Rectangle, rows float64) {
	low, high := point{math.Inf(1), math.Inf(1)}, point{math.Inf(-1), math.Inf(-1)}
	for _, l := range lines {
		for i, p := range l.points {
			low = point{min(low.x, p.x), min(low.y, p.y)}
			high = point{max(high.x, p.x), max(high.y, p.y)}
			if i > 0 {
				rows += math.Abs(p.y - l.points[i-1].y)
			}
		}
	}
	const far = 1 << 24
	if !(low.x > -far && low.y > -far && high.x < far && high.y < far) {
		return image.Rectangle{}, rows
	}
	return image.Rect(int(math.Floor(low.x)), int(math.Floor(low.y)), int(math.Ceil(high.x)), int(math.Ceil(high.y))), rows
}
