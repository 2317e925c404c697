package dcat

import (
	"io"
	"plaza/internal/section/catalog/dcat/wire"
	"regexp"
	"strings"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"
)

func looksLikeHTML(s string) bool {
	return strings.IndexByte(s, '<') >= 0 && wire.HTMLTag.MatchString(s)
}

// silent elements have no text to read.
var silent = map[atom.Atom]bool{
	atom.Script: true, atom.Style: true, atom.Iframe: true, atom.Object: true, atom.Svg: true,
	atom.Head: true, atom.Noscript: true, atom.Video: true, atom.Form: true, atom.Button: true,
}

// breaks says what an element puts before and after its text.
var breaks = map[atom.Atom]string{
	atom.P: "\n\n", atom.Div: "\n\n", atom.Section: "\n\n", atom.Main: "\n\n", atom.Header: "\n\n",
	atom.Blockquote: "\n\n", atom.Ul: "\n\n", atom.Ol: "\n\n", atom.Dl: "\n\n", atom.Table: "\n\n",
	atom.H1: "\n\n", atom.H2: "\n\n", atom.H3: "\n\n", atom.H4: "\n\n", atom.H5: "\n\n", atom.H6: "\n\n",
	atom.Pre: "\n\n", atom.Hr: "\n\n", atom.Br: "\n", atom.Tr: "\n", atom.Dt: "\n", atom.Dd: "\n",
	atom.Td: " ", atom.Th: " ",
}

// htmlToText turns pasted HTML into Markdown: paragraphs, line breaks, lists and
// links stay, looks do not.
func htmlToText(s string) string {
	var w htmlWriter
	z := html.NewTokenizer(strings.NewReader(s))
	for {
		kind := z.Next()
		if kind == html.ErrorToken {
			if z.Err() != io.EOF {
				w.text(string(z.Raw()))
			}
			return w.done()
		}
		w.token(kind, z.Token())
	}
}

type htmlWriter struct {
	b      strings.Builder
	hidden int    // how many silent elements are open
	link   string // address of the open link
	from   int    // where its text begins
}

func (w *htmlWriter) token(kind html.TokenType, t html.Token) {
	if silent[t.DataAtom] {
		switch {
		case kind == html.StartTagToken:
			w.hidden++
		case kind == html.EndTagToken && w.hidden > 0:
			w.hidden--
		}
		return
	}
	switch {
	case w.hidden > 0:
	case kind == html.TextToken:
		w.text(t.Data)
	case kind == html.StartTagToken || kind == html.SelfClosingTagToken || kind == html.EndTagToken:
		w.element(kind, t)
	}
}

func (w *htmlWriter) element(kind html.TokenType, t html.Token) {
	switch {
	case t.DataAtom == atom.Li && kind == html.StartTagToken:
		w.b.WriteString("\n- ")
	case t.DataAtom == atom.A && kind == html.StartTagToken:
		w.closeLink()
		for _, a := range t.Attr {
			if a.Key == "href" {
				w.link, w.from = webAddress(a.Val), w.b.Len()
			}
		}
	case t.DataAtom == atom.A && kind == html.EndTagToken:
		w.closeLink()
	default:
		w.b.WriteString(breaks[t.DataAtom])
	}
}

// closeLink writes what the open link leads to after its text.
func (w *htmlWriter) closeLink() {
	if w.link == "" {
		return
	}
	text := strings.TrimSpace(w.b.String()[w.from:])
	switch {
	case text == w.link || strings.ContainsAny(w.link, " ()<>"):
	case text == "":
		w.b.WriteString(w.link)
	default:
		w.b.WriteString(" (" + w.link + ")")
	}
	w.link = ""
}

// webAddress returns the address of a link when it leads to the web.
func webAddress(s string) string {
	s = strings.TrimSpace(s)
	if strings.HasPrefix(s, "https://") || strings.HasPrefix(s, "http://") {
		return s
	}
	return ""
}

func (w *htmlWriter) text(s string) {
	before := w.b.String()
	s = strings.NewReplacer("\n", " ", "\t", " ", "\u00a0", " ").Replace(s)
	if strings.HasSuffix(before, "\n") || before == "" {
		s = strings.TrimLeft(s, " ")
	}
	w.b.WriteString(s)
}

var (
	manyBlanks = regexp.MustCompile(` {2,}`)
	endBlanks  = regexp.MustCompile(` +\n`)
	manyLines  = regexp.MustCompile(`\n{3,}`)
)

func (w *htmlWriter) done() string {
	w.closeLink()
	s := manyBlanks.ReplaceAllString(w.b.String(), " ")
	s = endBlanks.ReplaceAllString(s, "\n")
	return strings.TrimSpace(manyLines.ReplaceAllString(s, "\n\n"))
}
