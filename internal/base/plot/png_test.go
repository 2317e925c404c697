package plot_test

import (
	"bytes"
	"image"
	"image/color"
	"image/png"
	"strconv"
	"strings"
	"testing"

	"plaza/internal/base/plot"
)

func TestAPNGHasInkWhereTheDrawingHas(t *testing.T) {
	img := picture(t, sample(), plot.Light, 2)
	if b := img.Bounds(); b.Dx() != 640 || b.Dy() != 400 {
		t.Fatalf("it is %v", b)
	}
	for _, c := range []struct {
		what string
		x, y int
		hex  string
	}{
		{"the paper", 2, 2, "#fbf7f0"},
		{"a bar", 70, 120, "#2c4a9a"},
		{"the body of a bar with a round head", 170, 150, "#267762"},
		{"the head of it", 170, 105, "#267762"},
		{"beside its head", 152, 103, "#fbf7f0"},
	} {
		if got := hex(img.At(2*c.x, 2*c.y)); got != c.hex {
			t.Errorf("%s is %s, want %s", c.what, got, c.hex)
		}
	}
	if n := inked(img, image.Rect(80, 130, 160, 170), "#fbf7f0"); n == 0 {
		t.Error("a text with a rim is not there")
	}
	if n := inked(img, image.Rect(4, 220, 26, 380), "#fbf7f0"); n == 0 {
		t.Error("a turned text is not there")
	}
}

func TestStrokesAreAsWideAndDashedAsTheySay(t *testing.T) {
	s := plot.Scene{Width: 60, Height: 40, Nodes: []plot.Node{
		plot.Shape{Path: "M10 10h40", Stroke: plot.InkText, Width: 4, Dash: []float64{10, 10}},
		plot.Shape{Path: "M10 30l0 0", Stroke: plot.InkText, Width: 6, Round: true},
	}}
	img := picture(t, s, plot.Print, 1)
	for _, c := range []struct {
		x, y int
		dark bool
	}{{15, 9, true}, {15, 11, true}, {15, 13, false}, {25, 10, false}, {35, 10, true}, {45, 10, false}, {8, 10, false}, {10, 30, true}, {20, 30, false}} {
		if got := hex(img.At(c.x, c.y)) == "#000000"; got != c.dark {
			t.Errorf("at %d, %d there is %s", c.x, c.y, hex(img.At(c.x, c.y)))
		}
	}
}

func TestHatchesAreTwoColours(t *testing.T) {
	for n := 1; n <= 8; n++ {
		s := plot.Scene{Width: 40, Height: 40, Nodes: []plot.Node{plot.Shape{Path: "M0 0h40v40H0z", Fill: plot.InkSeries, Hatch: n}}}
		img := picture(t, s, plot.Light, 1)
		all := image.Rect(0, 0, 40, 40)
		if lines, body := inked(img, all, "#2c4a9a"), inked(img, all, "#fbf7f0"); lines < 20 || body < 400 {
			t.Errorf("pattern %d has %d pixels of lines and %d of the rest", n, lines, body)
		}
	}
}

func TestPicturesThatAreTooMuchAreRefused(t *testing.T) {
	long := plot.Shape{Path: "M0 0" + strings.Repeat("L10 10L0 0", 100_001), Fill: plot.InkText}
	tall := plot.Shape{Path: "M0 -999999" + strings.Repeat("L1 999999L0 -999999", 1000), Fill: plot.InkText}
	for name, s := range map[string]plot.Scene{
		"large":         {Width: 5000, Height: 5000},
		"a long strip":  {Width: 100_000, Height: 1},
		"nothing":       {},
		"a long path":   {Width: 10, Height: 10, Nodes: []plot.Node{long}},
		"a far path":    {Width: 10, Height: 10, Nodes: []plot.Node{tall}},
		"many nodes":    {Width: 10, Height: 10, Nodes: make([]plot.Node, 200_001)},
		"unknown words": {Width: 10, Height: 10, Nodes: []plot.Node{plot.Shape{Path: "M0 0Q1 1 2 2"}}},
	} {
		if _, err := s.PNG(plot.Light, 1); err == nil {
			t.Errorf("%s has no error", name)
		}
	}
}

func picture(t *testing.T, s plot.Scene, theme plot.Theme, scale float64) image.Image {
	t.Helper()
	body, err := s.PNG(theme, scale)
	if err != nil {
		t.Fatal(err)
	}
	img, err := png.Decode(bytes.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	return img
}

// inked counts the pixels that are not of a colour.
func inked(img image.Image, in image.Rectangle, ground string) int {
	n := 0
	for y := in.Min.Y; y < in.Max.Y; y++ {
		for x := in.Min.X; x < in.Max.X; x++ {
			if hex(img.At(x, y)) != ground {
				n++
			}
		}
	}
	return n
}

func hex(c color.Color) string {
	r, g, b, _ := c.RGBA()
	return "#" + strconv.FormatUint(uint64(1<<24|r>>8<<16|g>>8<<8|b>>8), 16)[1:]
}
