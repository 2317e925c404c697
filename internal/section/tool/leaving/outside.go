package leaving

import (
	"bytes"
	"image"
	"image/color"
	"image/draw"
	"image/jpeg"

	scaling "golang.org/x/image/draw"

	"plaza/internal/base/plot"
)

// The qualities of a small JPEG that are tried, the best first: the last may take what it needs.
var qualities = []int{82, 70, 58, 46, 34, 22}

// Photographed is the thumbnail of a tool elsewhere, as JPEG, from the picture that somebody
// sent of it: its upper part, as wide as there is room; one that is smaller stands in the
// middle as it is.
func Photographed(from image.Image) ([]byte, error) {
	b := from.Bounds()
	w, h := float64(b.Dx()), float64(b.Dy())
	across, down := ThumbnailWidth/w, ThumbnailHeight/h
	k, top := max(across, down), 0.0
	if k > 1 {
		k = min(1, across, down)
		top = (ThumbnailHeight - h*k) / 2
	}
	left := (ThumbnailWidth - w*k) / 2
	out := image.NewRGBA(image.Rect(0, 0, ThumbnailWidth, ThumbnailHeight))
	draw.Draw(out, out.Rect, image.NewUniform(color.White), image.Point{}, draw.Src)
	scaling.CatmullRom.Scale(out, image.Rect(int(left), int(top), int(left+w*k+0.5), int(top+h*k+0.5)), from, b, draw.Over, nil)
	var body bytes.Buffer
	for _, q := range qualities {
		body.Reset()
		if err := jpeg.Encode(&body, out, &jpeg.Options{Quality: q}); err != nil {
			return nil, err
		}
		if body.Len() <= ThumbnailBytes {
			break
		}
	}
	return body.Bytes(), nil
}

// Elsewhere is the thumbnail of a tool elsewhere of which there is no picture: what it is
// called, and where it is, by day or by night.
func Elsewhere(title, host string, dark bool) ([]byte, error) {
	const left, globe, size = 2 * margin, 15.0, 18.0
	s := plot.Scene{Width: ThumbnailWidth, Height: ThumbnailHeight}
	y := 66.0
	for _, line := range wrapped(title, 28, ThumbnailWidth-4*margin, 3) {
		s.Nodes = append(s.Nodes, plot.Text{X: left, Y: y, Size: 28, Bold: true, Ink: plot.InkText, Text: line})
		y += 38
	}
	foot := ThumbnailHeight - 2*margin - globe
	at := func(x float64) string { return coordinate(left+globe+x) + " " + coordinate(foot-globe) }
	round := func(x string) string {
		return "M" + at(0) + "a" + x + " 15 0 0 1 0 30a" + x + " 15 0 0 1 0 -30z"
	}
	for _, path := range []string{round("15"), round("6"), "M" + coordinate(left) + " " + coordinate(foot) + "h30"} {
		s.Nodes = append(s.Nodes, plot.Shape{Path: path, Stroke: plot.InkMuted, Width: 1.6})
	}
	const from = left + 2*globe + 10
	s.Nodes = append(s.Nodes, plot.Text{X: from, Y: foot + size/3, Size: size, Ink: plot.InkMuted, Text: shortened(host, size, false, ThumbnailWidth-from-left)})
	return lean(s, theme(dark))
}
