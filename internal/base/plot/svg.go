package plot

import (
	"bytes"
	"encoding/xml"
	"fmt"
	"strings"
)

// SVGOptions say what the SVG is for.
type SVGOptions struct {
	// ID begins the ids within, so that several pictures share a page; "" of a file.
	ID string
	// Theme makes it a file that stands alone, with colours and titles and without links.
	// nil: it is a part of a page, whose style sheet (ui/css/plot.css) has the colours.
	Theme *Theme
	// Label is what the picture shows, in words; or LabelledBy is the id of what says so.
	Label, LabelledBy string
	// Links makes marks lead where they say. A picture with links is no image to assistive
	// technology but a group with a name, whose links are reached with the keyboard and are
	// called by the title of their mark; all else within is hidden.
	Links bool
	// Pointer keeps links to pointers alone, because a table beside the picture has the same
	// ones: all within is hidden, and left out when tabbing.
	Pointer bool
}

// fontSize is what most texts have; those say nothing about it.
const fontSize = 12

// fontFamily is of files: letters of pages, and what readers have who lack them.
const fontFamily = "Atkinson Hyperlegible Next, Atkinson Hyperlegible, Segoe UI, Roboto, Noto Sans, sans-serif"

// SVG writes the scene. There are no styles, no scripts and no addresses of anywhere else in
// it; what cannot be drawn, as a path that is not one, is left out.
func (s Scene) SVG(o SVGOptions) []byte {
	if o.Theme != nil {
		o.Links = false
	}
	w := &svgWriter{o: o, palette: s.Palette, hatched: map[tileKey]bool{}}
	w.nodes(s.Nodes, o.Links && !o.Pointer)
	body := w.out
	w.out = bytes.Buffer{}
	w.open(s)
	w.defs()
	if o.Links && o.Pointer {
		w.out.WriteString(`<g aria-hidden="true">`)
	}
	w.out.Write(body.Bytes())
	if o.Links && o.Pointer {
		w.out.WriteString("</g>")
	}
	w.out.WriteString("</svg>")
	return w.out.Bytes()
}

type svgWriter struct {
	o       SVGOptions
	palette string
	out     bytes.Buffer
	hatched map[tileKey]bool // what needs a pattern
	hatches []tileKey        // the same, in the order of their first use
}

func (w *svgWriter) attr(name, value string) {
	fmt.Fprintf(&w.out, ` %s="`, name)
	w.escape(value)
	w.out.WriteByte('"')
}

// escape writes text; what XML cannot hold becomes U+FFFD.
func (w *svgWriter) escape(text string) {
	_ = xml.EscapeText(&w.out, []byte(text)) // a bytes.Buffer takes everything
}

// open writes the root. Lines join roundly, and nothing is filled that does not say so.
func (w *svgWriter) open(s Scene) {
	width, height := number(s.Width), number(s.Height)
	w.out.WriteString("<svg")
	if w.o.Theme != nil {
		w.attr("xmlns", "http://www.w3.org/2000/svg")
		w.attr("font-family", fontFamily)
	} else {
		class := "Scene"
		if w.palette != "" && w.palette != Indigo {
			class += " Scene--" + w.palette
		}
		w.attr("class", class)
	}
	w.attr("width", width)
	w.attr("height", height)
	w.attr("viewBox", "0 0 "+width+" "+height)
	w.attr("font-size", number(fontSize))
	w.attr("fill", "none")
	w.attr("stroke-linejoin", "round")
	w.role()
	w.out.WriteByte('>')
	if w.o.Theme != nil {
		if w.o.Label != "" {
			w.title(w.o.Label)
		}
		w.out.WriteString("<rect")
		w.attr("width", width)
		w.attr("height", height)
		w.ink("fill", InkGround)
		w.out.WriteString("/>")
	}
}

func (w *svgWriter) role() {
	role := "img"
	if w.o.Links {
		role = "group"
	}
	switch {
	case w.o.LabelledBy != "":
		w.attr("role", role)
		w.attr("aria-labelledby", w.o.LabelledBy)
	case w.o.Label != "":
		w.attr("role", role)
		w.attr("aria-label", w.o.Label)
	case !w.o.Links || w.o.Pointer:
		w.attr("aria-hidden", "true") // what surrounds it says everything
	}
}

func (w *svgWriter) title(text string) {
	w.out.WriteString("<title>")
	w.escape(text)
	w.out.WriteString("</title>")
}

// classOf are the beginnings of the style sheet's classes, by what they colour.
var classOf = map[string]string{"fill": "Ink-", "stroke": "Line-"}

// ink writes one colour as an attribute.
func (w *svgWriter) ink(what string, ink Ink) {
	if w.o.Theme == nil {
		w.attr("class", classOf[what]+ink.Name())
	} else if hex := w.o.Theme.Hex(ink, w.palette); hex != "" {
		w.attr(what, hex)
	}
}

// inks writes both colours of something; none is written where there is none.
func (w *svgWriter) inks(fill, rim Ink) {
	switch {
	case fill != InkNone && rim != InkNone && w.o.Theme == nil:
		w.attr("class", classOf["fill"]+fill.Name()+" "+classOf["stroke"]+rim.Name())
		return
	case rim != InkNone:
		w.ink("stroke", rim)
	}
	if fill != InkNone {
		w.ink("fill", fill)
	}
}

// defs writes the patterns that were used.
func (w *svgWriter) defs() {
	if len(w.hatches) == 0 {
		return
	}
	w.out.WriteString("<defs>")
	for _, key := range w.hatches {
		size := number(hatchSize)
		w.out.WriteString("<pattern")
		w.attr("id", w.patternID(key))
		w.attr("width", size)
		w.attr("height", size)
		w.attr("patternUnits", "userSpaceOnUse")
		w.out.WriteString("><rect")
		w.attr("width", size)
		w.attr("height", size)
		w.ink("fill", key.ink)
		w.out.WriteString("/><path")
		w.attr("d", hatch(key.hatch))
		w.ink("stroke", InkGround)
		w.attr("stroke-width", number(hatchWidth))
		w.attr("stroke-linecap", "round")
		w.out.WriteString("/></pattern>")
	}
	w.out.WriteString("</defs>")
}

func (w *svgWriter) patternID(key tileKey) string {
	id := fmt.Sprintf("hatch-%d-%s", (key.hatch-1)%len(hatches)+1, key.ink.Name())
	if w.o.ID != "" {
		id = w.o.ID + "-" + id
	}
	return id
}

// linkable reports whether an address may stand in a picture: a path of this site, or one of
// the web.
func linkable(address string) bool {
	for _, begin := range []string{"/", "?", "#", "https://", "http://"} {
		if strings.HasPrefix(address, begin) {
			return true
		}
	}
	return false
}
