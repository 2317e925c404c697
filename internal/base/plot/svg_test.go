package plot_test

import (
	"bytes"
	"encoding/xml"
	"fmt"
	"io"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"plaza/internal/base/plot"
)

// sample is a small drawing with one of everything that a Scene may hold.
func sample() plot.Scene {
	mark := func(row int, link string, dim bool, nodes ...plot.Node) plot.Group {
		return plot.Group{Row: row, Link: link, Dim: dim, Title: fmt.Sprintf("Estación %d: 12.5 %%", row+1), Nodes: nodes}
	}
	return plot.Scene{Width: 320, Height: 200, Palette: plot.Jade, Nodes: []plot.Node{
		plot.Group{Class: "Scene-axis", Row: -1, Nodes: []plot.Node{
			plot.Shape{Path: "M40 170H310", Stroke: plot.InkStrong, Width: 1},
			plot.Shape{Path: "M40 90H310", Stroke: plot.InkLine, Width: 1, Dash: []float64{4, 2}},
			plot.Text{X: 36, Y: 94, Size: 12, Anchor: plot.End, Ink: plot.InkMuted, Text: "≥ 50 %"},
			plot.Text{X: 12, Y: 190, Size: 12, Turn: -90, Ink: plot.InkText, Text: "Índice de año"},
		}},
		plot.Group{Class: "Scene-marks", X: 50, Y: 20, Row: -1, Nodes: []plot.Node{
			mark(0, "/datos?f.estacion=1", false, plot.Shape{Path: "M0 50h40v100H0Z", Fill: plot.InkSeries}),
			mark(1, "https://otro.example/", true, plot.Shape{Path: "M50 50h40v100H50Z", Fill: plot.InkSeries + 1, Hatch: 1}),
			mark(2, "javascript:alert(1)", false, plot.Shape{Path: "M100 100a20 20 0 0 1 40 0V150H100Z", Fill: plot.InkScale + 3, Stroke: plot.InkGround, Width: 1.5}),
			mark(3, "", false, plot.Shape{Path: "M160 60C180 0 200 120 220 60L250 10", Stroke: plot.InkSeries + 3, Width: 2.5, Round: true}),
			plot.Text{X: 70, Y: 40, Size: 14, Bold: true, Anchor: plot.Middle, Ink: plot.InkAccent, Halo: true, Text: "62.5 <≠ 70> & más"},
		}},
	}}
}

func TestScenesAreWrittenForPagesAndForFiles(t *testing.T) {
	for name, o := range map[string]plot.SVGOptions{
		"page.svg":    {ID: "v1", Label: "Barras por estación"},
		"pointer.svg": {ID: "v1", LabelledBy: "v1-title", Links: true, Pointer: true},
		"focus.svg":   {ID: "v1", LabelledBy: "v1-title", Links: true},
		"light.svg":   {Theme: &plot.Light, Label: "Barras por estación", Links: true},
		"dark.svg":    {Theme: &plot.Dark, Label: "Barras por estación"},
	} {
		svg := sample().SVG(o)
		wellFormed(t, name, svg)
		golden(t, name, append(svg, '\n'))
	}
}

func TestHostileTextStaysText(t *testing.T) {
	for _, text := range []string{
		`</text><script>alert(1)</script>`, `" onload="alert(1)`, `' & < > "`, "a\x00b\x01\x1f\u007f", "\xff\xfe", "👩🏽‍🚀 😀", "]]>", "<!--", "\u202eabc", "&lt;&#x3c;",
	} {
		s := plot.Scene{Width: 100, Height: 100, Nodes: []plot.Node{
			plot.Group{Class: text, Row: 0, Link: "/" + text, Title: text, Nodes: []plot.Node{
				plot.Text{Size: 12, Ink: plot.InkText, Text: text, Anchor: plot.Anchor(text)},
				plot.Shape{Path: text, Fill: plot.InkText},
			}},
		}}
		for _, o := range []plot.SVGOptions{
			{ID: text, Label: text, LabelledBy: text, Links: true}, {Theme: &plot.Light, Label: text},
		} {
			svg := s.SVG(o)
			wellFormed(t, text, svg)
			if bytes.Contains(svg, []byte("<script")) || bytes.Contains(svg, []byte(`" onload=`)) {
				t.Errorf("%q came through: %s", text, svg)
			}
		}
		if _, err := s.PNG(plot.Light, 1); err == nil {
			t.Errorf("a PNG of the path %q has no error", text)
		}
	}
}

func TestLinksAreReachedAsTheOptionsSay(t *testing.T) {
	for _, c := range []struct {
		links, pointer bool
		has, lack      []string
	}{
		{false, false, []string{`role="img"`}, []string{"<a ", "aria-hidden"}},
		{true, true, []string{`role="group"`, `<a href="/datos?f.estacion=1" tabindex="-1">`, `<g aria-hidden="true">`}, []string{"javascript", `role="img"`}},
		{true, false, []string{`role="group"`, `<a href="https://otro.example/" aria-label="Estación 2: 12.5 %">`, `class="Scene-axis" aria-hidden="true"`}, []string{"javascript", "tabindex"}},
	} {
		svg := string(sample().SVG(plot.SVGOptions{ID: "v", Label: "x", Links: c.links, Pointer: c.pointer}))
		for _, want := range c.has {
			if !strings.Contains(svg, want) {
				t.Errorf("links %v: %s is missing in %s", c.links, want, svg)
			}
		}
		for _, not := range c.lack {
			if strings.Contains(svg, not) {
				t.Errorf("links %v: %s is in %s", c.links, not, svg)
			}
		}
	}
}

func TestPicturesHoldNoStylesAndNothingFromElsewhere(t *testing.T) {
	bad := regexp.MustCompile(`style|<script|<image|xlink|url\([^#]|@import`)
	for _, o := range []plot.SVGOptions{{ID: "v"}, {Theme: &plot.Print}} {
		if found := bad.Find(sample().SVG(o)); found != nil {
			t.Errorf("%q is in a picture", found)
		}
	}
}

// A reader of a file may lack the letters that it was laid out with.
func TestTextsOfFilesKeepTheirWidthInOtherLetters(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		o    plot.SVGOptions
		want bool
	}{"file": {plot.SVGOptions{Theme: &plot.Light}, true}, "page": {plot.SVGOptions{ID: "v"}, false}} {
		s := plot.Scene{Width: 200, Height: 40, Nodes: []plot.Node{plot.Text{Y: 20, Size: 12, Ink: plot.InkText, Text: "Nayarit"}}}
		wide := strconv.FormatFloat(plot.TextWidth("Nayarit", 12, false), 'f', 0, 64)
		if got := strings.Contains(string(s.SVG(test.o)), ` textLength="`+wide); got != test.want {
			t.Errorf("of a %s the width %s is written: %v in %s", name, wide, got, s.SVG(test.o))
		}
	}
}

func TestTwoPicturesOnAPageHaveDifferentIDs(t *testing.T) {
	ids := regexp.MustCompile(`(?: id="|url\(#)([^")]*)`)
	one := ids.FindAllSubmatch(sample().SVG(plot.SVGOptions{ID: "one"}), -1)
	if len(one) != 2 || !bytes.Equal(one[0][1], one[1][1]) || !bytes.HasPrefix(one[0][1], []byte("one-")) {
		t.Errorf("the ids and their uses are %q", one)
	}
}

func TestNumbersThatAreNoneDoNotBreakAPicture(t *testing.T) {
	nan := 0.0
	nan /= nan
	s := plot.Scene{Width: nan, Height: 1e300, Nodes: []plot.Node{
		plot.Text{X: nan, Y: -1e300, Size: nan, Turn: nan, Ink: plot.InkText, Text: "x"},
		plot.Shape{Path: "M0 0L1e99 NaN", Fill: plot.InkText},
		plot.Shape{Path: "M0 0L1 1", Stroke: plot.Ink(200), Width: nan, Dash: []float64{nan, -1}},
	}}
	svg := s.SVG(plot.SVGOptions{Theme: &plot.Light})
	wellFormed(t, "numbers", svg)
	if bytes.Contains(svg, []byte("NaN")) {
		t.Errorf("NaN is in %s", svg)
	}
	if _, err := s.PNG(plot.Light, 1); err == nil {
		t.Error("a PNG without size has no error")
	}
}

func wellFormed(t *testing.T, name string, svg []byte) {
	t.Helper()
	d := xml.NewDecoder(bytes.NewReader(svg))
	for {
		if _, err := d.Token(); err == io.EOF {
			return
		} else if err != nil {
			t.Fatalf("%s: %v in %s", name, err, svg)
		}
	}
}
