package plot_test

import (
	"image"
	"slices"
	"strings"
	"testing"

	"plaza/internal/base/plot"
)

func framing() plot.Framing {
	return plot.Framing{
		Title:    "Las estaciones del poniente venden la gasolina más cara del país, y la diferencia crece",
		Subtitle: "Precio medio de la gasolina regular, pesos por litro, enero a noviembre de 2026",
		Lines:    []string{"Comisión Reguladora de Energía, «Precios de gasolinas»", "Versión del 23 de noviembre de 2026 · CC BY 4.0 · solo Ciudad de México"},
		Site:     "plaza.example",
	}
}

func TestAFrameHoldsTheDrawingItsTitleAndItsSources(t *testing.T) {
	s := plot.Frame(sample(), framing())
	if s.Width != 320+48 || s.Height <= 200+48 || s.Palette != plot.Jade {
		t.Errorf("it is %g by %g in %s", s.Width, s.Height, s.Palette)
	}
	svg := s.SVG(plot.SVGOptions{Theme: &plot.Light, Label: "Marco"})
	golden(t, "frame.svg", append(svg, '\n'))
	for _, word := range []string{"estaciones", "Precio", "Comisión", "CC BY 4.0", "plaza.example"} {
		if !strings.Contains(string(svg), word) {
			t.Errorf("%q is not there", word)
		}
	}
	for _, text := range texts(s.Nodes, 0) {
		if text.right > s.Width-23 {
			t.Errorf("%q ends at %.0f of %.0f", text.Text.Text, text.right, s.Width)
		}
	}
}

func TestWordsOfAFrameFitWhateverTheyAre(t *testing.T) {
	for _, width := range []float64{-50, 0, 1, 200} {
		f := plot.Framing{Title: strings.Repeat("ñ", 5000), Subtitle: strings.Repeat("W \xff", 3000), Lines: slices.Repeat([]string{strings.Repeat("largo ", 50)}, 100), Site: strings.Repeat("m", 400)}
		s := plot.Frame(plot.Scene{Width: width, Height: 10}, f)
		if n := len(texts(s.Nodes, 0)); n == 0 || n > 20 || s.Height > 1000 {
			t.Errorf("on %g pixels there are %d lines on %.0f pixels", width, n, s.Height)
		}
	}
}

func TestACardIsSmallAndHoldsTheDrawing(t *testing.T) {
	width, height := plot.CardSpace(framing())
	if width < 1000 || height < 250 || height > plot.CardHeight {
		t.Errorf("there is room of %.0f by %.0f", width, height)
	}
	card := plot.Card(sample(), framing())
	if card.Width != 1200 || card.Height != 630 {
		t.Fatalf("it is %g by %g", card.Width, card.Height)
	}
	body, err := card.PNG(plot.Light, 1)
	if err != nil {
		t.Fatal(err)
	}
	if len(body) > 60_000 {
		t.Errorf("it has %d bytes", len(body))
	}
	img := picture(t, card, plot.Light, 1)
	for what, part := range map[string]image.Rectangle{
		"title": image.Rect(48, 48, 1152, 150), "drawing": image.Rect(400, 230, 800, 500), "sources": image.Rect(48, 530, 700, 600), "site": image.Rect(1000, 530, 1152, 600),
	} {
		if inked(img, part, "#fbf7f0") < 200 {
			t.Errorf("there is no %s at %v", what, part)
		}
	}
	if n := inked(img, image.Rect(0, 0, 1200, 40), "#fbf7f0") + inked(img, image.Rect(0, 590, 1200, 630), "#fbf7f0"); n > 0 {
		t.Errorf("%d pixels of the margin are not empty", n)
	}
}

type placed struct {
	plot.Text
	right float64
}

// texts are all texts of a drawing that are not turned, and where they end.
func texts(nodes []plot.Node, x float64) []placed {
	var out []placed
	for _, n := range nodes {
		switch n := n.(type) {
		case plot.Group:
			out = append(out, texts(n.Nodes, x+n.X)...)
		case plot.Text:
			right := x + n.X
			if n.Anchor == "" || n.Anchor == plot.Start {
				right += plot.TextWidth(n.Text, n.Size, n.Bold)
			}
			out = append(out, placed{n, right})
		}
	}
	return out
}
