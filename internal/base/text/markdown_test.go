package text_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"golang.org/x/net/html"

	"plaza/internal/base/text"
)

func TestMarkdownBecomesSafeHTML(t *testing.T) {
	const link = `rel="nofollow ugc noopener"`
	tests := []struct{ name, in, want string }{
		{"paragraphs and emphasis", "Uno *dos* **tres**\n\ncuatro", "<p>Uno <em>dos</em> <strong>tres</strong></p>\n<p>cuatro</p>\n"},
		{"headings begin at h3", "# A\n## B\n### C", "<h3>A</h3>\n<h4>B</h4>\n<h5>C</h5>\n"},
		{"whatever their first level", "#### A\n###### B", "<h3>A</h3>\n<h5>B</h5>\n"},
		{"links", "[sitio](https://example.org/a?b=1&c)", `<p><a href="https://example.org/a?b=1&amp;c" ` + link + `>sitio</a></p>` + "\n"},
		{"bare links", "https://example.org", `<p><a href="https://example.org" ` + link + `>https://example.org</a></p>` + "\n"},
		{"script links", "[x](javascript:alert(1))", "<p>x</p>\n"},
		{"script links in capitals", "[x](JaVaScRiPt:alert(1)) [y](data:text/html,z)", "<p>x y</p>\n"},
		{"pictures become links", "![mapa](https://example.org/m.png)", `<p><a ` + link + ` href="https://example.org/m.png">mapa</a></p>` + "\n"},
		{"pictures without words", "![](https://example.org/m.png)", `<p><a ` + link + ` href="https://example.org/m.png">https://example.org/m.png</a></p>` + "\n"},
		{"pictures in links", "[![mapa](m.png)](https://example.org)", `<p><a href="https://example.org" ` + link + `>mapa</a></p>` + "\n"},
		{"dangerous pictures", "![x](javascript:alert(1))", "<p>x</p>\n"},
		{"tags fall away", "Uno <b onclick=x>dos</b><br>tres", "<p>Uno dos<br>tres</p>\n"},
		{"blocks of tags keep their words", "<div class=a><p>Uno <b>dos</b></p></div>", "<p>Uno dos</p>\n"},
		{"scripts go whole", "<script>alert(1)</script>", "<p></p>\n"},
		{"tables", "|a|b|\n|-|-|\n|1|2|", "<table>\n<thead>\n<tr>\n<th>a</th>\n<th>b</th>\n</tr>\n</thead>\n<tbody>\n<tr>\n<td>1</td>\n<td>2</td>\n</tr>\n</tbody>\n</table>\n"},
		{"nothing", "", ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got := string(text.Markdown(tt.in)); got != tt.want {
				t.Errorf("Markdown(%q)\n got %q\nwant %q", tt.in, got, tt.want)
			}
		})
	}
}

func TestPlainTextIsTheWordsAlone(t *testing.T) {
	tests := []struct{ in, want string }{
		{"# Título\n\nUno *dos* [tres](http://x.mx) `cuatro`\nlínea", "Título\nUno dos tres cuatro línea"},
		{"- a\n- b\n\n> c", "a\nb\nc"},
		{"|a|b|\n|-|-|\n|1|2|", "a b\n1 2"},
		{"<div><p>Uno &amp; <b>dos</b></p></div>", "Uno & dos"},
		{"uno <b>dos</b> &amp; tres \\* ![mapa](x.png)", "uno dos & tres * mapa"},
		{"    código\n", "código"},
		{"https://example.org", "https://example.org"},
		{"", ""},
	}
	for _, tt := range tests {
		if got := text.PlainText(tt.in); got != tt.want {
			t.Errorf("PlainText(%q) = %q, want %q", tt.in, got, tt.want)
		}
	}
}

// The worst inputs known to CommonMark's own tests, each of a megabyte or more. The
// bound is generous because the machine may be busy; without the limits most of
// them take minutes.
func TestMarkdownTakesBoundedTime(t *testing.T) {
	hostile := map[string]string{
		"quotes":   strings.Repeat("> ", 10_000) + "a",
		"brackets": strings.Repeat("[", 100_000),
		"links":    strings.Repeat("[a](", 100_000),
		"pairs":    strings.Repeat("[", 50_000) + "a" + strings.Repeat("]", 50_000),
		"stars":    strings.Repeat("*a_ ", 250_000),
		"spread":   strings.Repeat(strings.Repeat("*a_ ", 490)+"\n\n", 600),
		"opened":   strings.Repeat(strings.Repeat("[a](", 490)+"\n\n", 600),
		"ticks":    strings.Repeat("e`", 500_000),
		"lists":    strings.Repeat("- ", 10_000),
		"numbers":  strings.Repeat("1. ", 10_000),
		"table":    "|" + strings.Repeat("a|", 1000) + "\n|" + strings.Repeat("-|", 1000) + "\n" + strings.Repeat("|a\n", 20_000),
		"rows":     "|a|b|c|d|\n|-|-|-|-|\n" + strings.Repeat("|a\n", 300_000),
		"tags":     strings.Repeat("<a ", 300_000),
		"comments": strings.Repeat("<!--", 300_000),
		"refs":     strings.Repeat("[a]: b\n", 150_000),
		"parens":   "[a](" + strings.Repeat("(", 1_000_000),
		"long":     strings.Repeat("Una línea de texto normal.\n", 40_000),
		"entities": strings.Repeat("&", 1_000_000),
	}
	for name, src := range hostile {
		t.Run(name, func(t *testing.T) {
			ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
			defer cancel()
			done := make(chan int, 1)
			go func() { done <- len(text.Markdown(src)) + len(text.PlainText(src)) }()
			select {
			case n := <-done:
				if n > 8<<20 {
					t.Errorf("%d bytes came out", n)
				}
			case <-ctx.Done():
				t.Error("took more than 10 s")
			}
		})
	}
}

func TestALongTextIsCutAtALine(t *testing.T) {
	got := string(text.Markdown(strings.Repeat("Una línea más.\n", 10_000)))
	if !strings.HasSuffix(got, "línea más.</p>\n<p>…</p>\n") || len(got) > text.MaxMarkdown+100 {
		t.Errorf("got %d bytes ending in %q", len(got), got[max(0, len(got)-60):])
	}
}

func FuzzMarkdown(f *testing.F) {
	for _, s := range []string{
		"# a\n[b](c) ![d](e)", "<script>x</script>", "[x](javascript:y)", "|a|\n|-|\n|b|", "> - 1. a", "<http://a.b>",
		"[a]: javascript:x\n\n[a]", "a@b.c", "<a href=\"x\" onclick=y>z", "![a](x \"t\"onerror=y)", "\x00<img src=x>", "&lt;img&gt;",
	} {
		f.Add(s)
	}
	allowed := map[string]bool{}
	for e := range strings.FieldsSeq("p br hr blockquote ul ol li pre code em strong del h3 h4 h5 h6 table thead tbody tr th td a") {
		allowed[e] = true
	}
	f.Fuzz(func(t *testing.T, s string) {
		text.PlainText(s)
		z := html.NewTokenizer(strings.NewReader(string(text.Markdown(s))))
		for z.Next() != html.ErrorToken {
			tok := z.Token()
			switch tok.Type {
			case html.StartTagToken, html.SelfClosingTagToken, html.EndTagToken:
				if !allowed[tok.Data] {
					t.Errorf("Markdown(%q) holds <%s>", s, tok.Data)
				}
			case html.CommentToken, html.DoctypeToken:
				t.Errorf("Markdown(%q) holds %q", s, tok.String())
			}
			for _, a := range tok.Attr {
				href := strings.ToLower(strings.TrimSpace(a.Val))
				if a.Key == "href" && (strings.HasPrefix(href, "javascript:") || strings.HasPrefix(href, "data:")) {
					t.Errorf("Markdown(%q) links to %q", s, a.Val)
				}
				if !strings.Contains(" href title rel start ", " "+a.Key+" ") {
					t.Errorf("Markdown(%q) holds the attribute %s", s, a.Key)
				}
			}
		}
	})
}
