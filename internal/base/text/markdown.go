package text

import (
	"bytes"
	"html"
	"html/template"
	"regexp"
	"strings"

	"github.com/microcosm-cc/bluemonday"
	"github.com/yuin/goldmark"
	"github.com/yuin/goldmark/ast"
	"github.com/yuin/goldmark/extension"
	east "github.com/yuin/goldmark/extension/ast"
	"github.com/yuin/goldmark/parser"
	"github.com/yuin/goldmark/renderer"
	ghtml "github.com/yuin/goldmark/renderer/html"
	"github.com/yuin/goldmark/text"
	"github.com/yuin/goldmark/util"
)

// MaxMarkdown is how many bytes of a text are read as Markdown; the rest is cut
// at the end of a line and marked with "…".
const MaxMarkdown = 64 << 10

// firstHeading is the level of the highest heading in a text: a page has its own
// h1, and the section that the text stands in an h2.
const firstHeading = 3

// Markdown is src as HTML that may stand in any page: links carry rel="nofollow
// ugc noopener", pictures become links to them, headings begin at h3, tags written
// in the text are dropped and their words kept. A text made to be expensive (deep
// nesting, thousands of open brackets) is shown as it was typed.
func Markdown(src string) template.HTML {
	src = bounded(src)
	if costly(src) {
		return typed(src)
	}
	var b bytes.Buffer
	if err := toHTML.Convert([]byte(src), &b); err != nil {
		return typed(src)
	}
	return template.HTML(policy.SanitizeBytes(b.Bytes()))
}

// PlainText is the text of Markdown without its marks: for search, excerpts and
// machines. Blocks are separated by a line break.
func PlainText(src string) string {
	src = bounded(src)
	if costly(src) {
		return src
	}
	source := []byte(src)
	var b strings.Builder
	_ = ast.Walk(toHTML.Parser().Parse(text.NewReader(source)), func(n ast.Node, entering bool) (ast.WalkStatus, error) {
		if !entering {
			separate(&b, n)
			return ast.WalkContinue, nil
		}
		switch n := n.(type) {
		case *ast.Text:
			b.WriteString(unescape(n.Segment.Value(source)))
			if n.SoftLineBreak() || n.HardLineBreak() {
				b.WriteByte(' ')
			}
		case *ast.String:
			b.Write(n.Value)
		case *ast.AutoLink:
			b.Write(n.Label(source))
		case *ast.CodeBlock, *ast.FencedCodeBlock:
			b.Write(n.Lines().Value(source))
		case *ast.HTMLBlock:
			b.WriteString(html.UnescapeString(tagless.Sanitize(string(n.Lines().Value(source)))))
		}
		return ast.WalkContinue, nil
	}) // the function above returns no error
	return strings.TrimSpace(blankLines.ReplaceAllString(b.String(), "\n"))
}

// separate ends a block with a line break and a cell with a space.
func separate(b *strings.Builder, n ast.Node) {
	switch {
	case n.Kind() == east.KindTableCell:
		b.WriteByte(' ')
	case n.Type() == ast.TypeBlock:
		b.WriteByte('\n')
	}
}

func unescape(b []byte) string {
	return html.UnescapeString(string(util.UnescapePunctuations(b)))
}

var blankLines = regexp.MustCompile(`[ \t]*\n\s*`)

// bounded is src, valid and at most MaxMarkdown bytes.
func bounded(src string) string {
	src = strings.ToValidUTF8(src, "\uFFFD")
	if len(src) <= MaxMarkdown {
		return src
	}
	cut := src[:MaxMarkdown]
	if i := strings.LastIndexByte(cut, '\n'); i > MaxMarkdown/2 {
		cut = cut[:i]
	}
	return strings.ToValidUTF8(cut, "") + "\n\n…"
}

// typed shows a text as it was typed, in paragraphs.
func typed(src string) template.HTML {
	var b strings.Builder
	for p := range strings.SplitSeq(src, "\n\n") {
		if p = strings.TrimSpace(p); p != "" {
			b.WriteString("<p>" + html.EscapeString(p) + "</p>\n")
		}
	}
	return template.HTML(b.String())
}

// Bounds on what one block may hold before the parser's time, which grows with the
// square of some of these, is felt. Measured: at these bounds the worst text of
// MaxMarkdown bytes takes a few tenths of a second, the usual one a millisecond.
const (
	maxMarks   = 2000  // brackets, asterisks and the like between two blank lines
	maxNesting = 20    // quotes and lists within one another
	maxCells   = 20000 // columns times lines of a table
)

// costly reports whether Markdown's parser would take long over src.
func costly(src string) bool {
	marks, lines, columns := 0, 0, 0
	for line := range strings.Lines(src) {
		rest := strings.TrimSpace(line)
		if rest == "" {
			marks, lines, columns = 0, 0, 0
			continue
		}
		lines++
		for _, c := range []byte(rest) {
			switch c {
			case '[', '!', '*', '_', '~', '<', '`':
				marks++
			}
		}
		if strings.Trim(rest, "|-: \t>") == "" {
			columns = max(columns, strings.Count(rest, "|")+1)
		}
		if marks > maxMarks || lines*columns > maxCells || nesting(line) > maxNesting {
			return true
		}
	}
	return false
}

// nesting is how many quotes and lists a line may open: its markers, and one for
// each two columns of indentation before a list's marker.
func nesting(line string) int {
	depth, indent := 0, 0
	for i := 0; i < len(line); i++ {
		switch c := line[i]; {
		case c == ' ':
			indent++
		case c == '\t':
			indent += 4
		case c == '>', c == '-', c == '+', c == '*':
			depth += 1 + indent/2
			indent = 0
		case '0' <= c && c <= '9', c == '.', c == ')':
			if c == '.' || c == ')' {
				depth += 1 + indent/2
				indent = 0
			}
		default:
			return depth
		}
	}
	return depth
}

// toHTML is CommonMark with tables, strikethrough and bare links.
var toHTML = goldmark.New(
	goldmark.WithExtensions(extension.Table, extension.Strikethrough, extension.Linkify),
	goldmark.WithParserOptions(parser.WithASTTransformers(util.Prioritized(adapt{}, 100))),
	goldmark.WithRendererOptions(renderer.WithNodeRenderers(util.Prioritized(plainHTML{}, 100))),
)

// adapt fits a document into a page: see Markdown.
type adapt struct{}

// Transform implements parser.ASTTransformer.
func (adapt) Transform(doc *ast.Document, _ text.Reader, _ parser.Context) {
	var headings []*ast.Heading
	top := 6
	_ = ast.Walk(doc, func(n ast.Node, entering bool) (ast.WalkStatus, error) {
		if !entering {
			return ast.WalkContinue, nil
		}
		switch n := n.(type) {
		case *ast.Heading:
			headings = append(headings, n)
			top = min(top, n.Level)
		case *ast.Link:
			// the policy drops a link that has neither this nor an address it allows
			if !ghtml.IsDangerousURL(n.Destination) {
				n.SetAttributeString("rel", []byte("nofollow ugc noopener"))
			}
		case *ast.AutoLink:
			n.SetAttributeString("rel", []byte("nofollow ugc noopener"))
		}
		return ast.WalkContinue, nil
	}) // the function above returns no error
	for _, h := range headings {
		h.Level = min(6, h.Level-top+firstHeading)
	}
}

// plainHTML renders what a reader's own text may not bring: pictures from
// elsewhere become links, tags fall away.
type plainHTML struct{}

// RegisterFuncs implements renderer.NodeRenderer.
func (plainHTML) RegisterFuncs(reg renderer.NodeRendererFuncRegisterer) {
	reg.Register(ast.KindImage, imageLink)
	reg.Register(ast.KindRawHTML, func(w util.BufWriter, src []byte, n ast.Node, entering bool) (ast.WalkStatus, error) {
		raw := n.(*ast.RawHTML).Segments.Value(src)
		if entering && bytes.HasPrefix(bytes.ToLower(raw), []byte("<br")) {
			_, _ = w.WriteString("<br>") // the writer keeps its error for the end
		}
		return ast.WalkSkipChildren, nil
	})
	reg.Register(ast.KindHTMLBlock, func(w util.BufWriter, src []byte, n ast.Node, entering bool) (ast.WalkStatus, error) {
		if entering {
			_, _ = w.WriteString("<p>" + tagless.Sanitize(string(n.Lines().Value(src))) + "</p>\n")
		}
		return ast.WalkSkipChildren, nil
	})
}

// imageLink renders a picture as a link with its alternative text, or as that text
// alone where it stands in a link already.
func imageLink(w util.BufWriter, _ []byte, n ast.Node, entering bool) (ast.WalkStatus, error) {
	for p := n.Parent(); p != nil; p = p.Parent() {
		if k := p.Kind(); k == ast.KindLink || k == ast.KindImage {
			return ast.WalkContinue, nil
		}
	}
	dest := n.(*ast.Image).Destination
	switch {
	case ghtml.IsDangerousURL(dest):
	case !entering:
		_, _ = w.WriteString("</a>")
	default:
		_, _ = w.WriteString(`<a rel="nofollow ugc noopener" href="`)
		_, _ = w.Write(util.EscapeHTML(util.URLEscape(dest, true)))
		_, _ = w.WriteString(`">`)
		if n.FirstChild() == nil { // a link needs words
			_, _ = w.Write(util.EscapeHTML(dest))
		}
	}
	return ast.WalkContinue, nil
}

// tagless drops every tag, and what scripts and styles hold.
var tagless = bluemonday.StrictPolicy()

// policy is the last word on what leaves this package, whatever rendered it.
var policy = func() *bluemonday.Policy {
	p := bluemonday.NewPolicy()
	p.AllowElements("p", "br", "hr", "blockquote", "ul", "ol", "li", "pre", "code", "em", "strong", "del",
		"h3", "h4", "h5", "h6", "table", "thead", "tbody", "tr", "th", "td")
	p.AllowAttrs("href").OnElements("a")
	p.AllowAttrs("title").Matching(bluemonday.Paragraph).OnElements("a")
	p.AllowAttrs("rel").Matching(regexp.MustCompile(`^nofollow ugc noopener$`)).OnElements("a")
	p.AllowAttrs("start").Matching(bluemonday.Integer).OnElements("ol")
	p.AllowURLSchemes("http", "https", "mailto")
	p.AllowRelativeURLs(true)
	p.RequireParseableURLs(true)
	return p
}()
