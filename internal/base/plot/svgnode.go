package plot

import (
	"strconv"
	"unicode/utf8"
)

// nodes writes nodes one after another. hide says that what has no link within is to be
// hidden from assistive technology, because some of its neighbours are not.
func (w *svgWriter) nodes(nodes []Node, hide bool) {
	for _, n := range nodes {
		switch n := n.(type) {
		case Group:
			w.group(n, hide)
		case Shape:
			w.shape(n) // a path has nothing to say
		case Text:
			w.text(n, hide)
		}
	}
}

func (w *svgWriter) group(g Group, hide bool) {
	link := w.o.Links && linkable(g.Link)
	hidden := hide && !link && !holdsLinks(g.Nodes)
	w.out.WriteString("<g")
	if class := groupClass(g); class != "" {
		w.attr("class", class)
	}
	if g.Row >= 0 {
		w.attr("data-row", strconv.Itoa(g.Row))
	}
	if g.X != 0 || g.Y != 0 {
		w.attr("transform", "translate("+number(g.X)+" "+number(g.Y)+")")
	}
	if g.Dim && w.o.Theme != nil {
		w.attr("opacity", strconv.FormatFloat(dimmed, 'g', -1, 64))
	}
	if hidden {
		w.attr("aria-hidden", "true")
	}
	w.out.WriteByte('>')
	if g.Title != "" && w.o.Theme != nil {
		w.title(g.Title)
	}
	if link {
		w.out.WriteString("<a")
		w.attr("href", g.Link)
		if w.o.Pointer {
			w.attr("tabindex", "-1")
		} else {
			w.attr("aria-label", g.Title)
		}
		w.out.WriteByte('>')
	}
	w.nodes(g.Nodes, hide && !hidden && !link)
	if link {
		w.out.WriteString("</a>")
	}
	w.out.WriteString("</g>")
}

// groupClass is the class of a group, of marks beside their own.
func groupClass(g Group) string {
	class := g.Class
	if g.Row >= 0 && class != "Scene-mark" {
		class = joined(class, "Scene-mark")
	}
	if g.Dim {
		class = joined(class, "is-dim")
	}
	return class
}

func joined(a, b string) string {
	if a == "" {
		return b
	}
	return a + " " + b
}

func holdsLinks(nodes []Node) bool {
	for _, n := range nodes {
		if g, ok := n.(Group); ok && (linkable(g.Link) || holdsLinks(g.Nodes)) {
			return true
		}
	}
	return false
}

func (w *svgWriter) shape(s Shape) {
	outline, err := parsePath(s.Path)
	if s.Hit && err == nil && w.o.Theme == nil {
		w.out.WriteString("<path")
		w.attr("d", outline.data())
		w.out.WriteString(` fill="#000" fill-opacity="0"/>`)
		return
	}
	if err != nil || len(outline) == 0 || s.Fill.Name() == "" && s.Stroke.Name() == "" {
		return
	}
	w.out.WriteString("<path")
	w.attr("d", outline.data())
	fill := s.Fill
	if s.Hatch > 0 && fill != InkNone {
		key := tileKey{hatch: (s.Hatch-1)%len(hatches) + 1, ink: fill}
		if !w.hatched[key] {
			w.hatched[key] = true
			w.hatches = append(w.hatches, key)
		}
		w.attr("fill", "url(#"+w.patternID(key)+")")
		fill = InkNone
	}
	w.inks(fill, s.Stroke)
	if s.Stroke != InkNone {
		w.pen(s)
	}
	w.out.WriteString("/>")
}

// pen writes how a stroke is drawn, where it is unlike what is usual.
func (w *svgWriter) pen(s Shape) {
	if s.Width != 1 {
		w.attr("stroke-width", number(s.Width))
	}
	if len(s.Dash) > 0 {
		dash := ""
		for _, d := range s.Dash {
			dash = joined(dash, number(d))
		}
		w.attr("stroke-dasharray", dash)
	}
	if s.Round {
		w.attr("stroke-linecap", "round")
	}
}

func (w *svgWriter) text(t Text, hide bool) {
	if t.Text == "" || t.Ink.Name() == "" {
		return
	}
	w.out.WriteString("<text")
	if t.X != 0 {
		w.attr("x", number(t.X))
	}
	if t.Y != 0 {
		w.attr("y", number(t.Y))
	}
	if t.Size != fontSize {
		w.attr("font-size", number(t.Size))
	}
	if t.Bold {
		w.attr("font-weight", "700")
	}
	if t.Anchor == Middle || t.Anchor == End {
		w.attr("text-anchor", string(t.Anchor))
	}
	if t.Turn != 0 {
		w.attr("transform", "rotate("+number(t.Turn)+" "+number(t.X)+" "+number(t.Y)+")")
	}
	rim := InkNone
	if t.Halo {
		rim = InkGround
		w.attr("stroke-width", number(haloWidth))
		w.attr("paint-order", "stroke")
	}
	w.inks(t.Ink, rim)
	w.held(t)
	if hide {
		w.attr("aria-hidden", "true")
	}
	w.out.WriteByte('>')
	if t.Whole != "" {
		w.title(t.Whole)
	}
	w.escape(t.Text)
	w.out.WriteString("</text>")
}

// held keeps a text of a file as wide as it was laid out. Pages bring their letters along; who
// opens a file may have wider ones, and names would be cut by its edge.
func (w *svgWriter) held(t Text) {
	if width := number(TextWidth(t.Text, t.Size, t.Bold)); w.o.Theme != nil && utf8.RuneCountInString(t.Text) > 1 && width != "0" {
		w.attr("textLength", width)
		w.attr("lengthAdjust", "spacingAndGlyphs")
	}
}
