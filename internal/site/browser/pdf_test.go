package browser_test

import (
	"bytes"
	"compress/zlib"
	"encoding/hex"
	"io"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"unicode/utf16"

	"plaza/internal/site/browser"
)

// The parts of a file of Chromium's that hold text: objects, what is written with which font,
// and which letters the glyphs of a font are.
var (
	pdfObject  = regexp.MustCompile(`(?s)(\d+) 0 obj\s(.*?)endobj`)
	pdfStream  = regexp.MustCompile(`(?s)^(.*?)stream\r?\n(.*)\r?\nendstream`)
	pdfFont    = regexp.MustCompile(`/(F\d+) (\d+) 0 R`)
	pdfLetters = regexp.MustCompile(`/ToUnicode (\d+) 0 R`)
	pdfShown   = regexp.MustCompile(`/(F\d+) [\d.]+ Tf|<([0-9A-Fa-f]+)>`)
	pdfBlock   = regexp.MustCompile(`(?s)begin(bfchar|bfrange)(.*?)end(?:bfchar|bfrange)`)
	pdfCode    = regexp.MustCompile(`<([0-9A-Fa-f]+)>`)
)

// pdfText is the text of a file that Chromium printed, without spaces.
func pdfText(t *testing.T, file []byte) string {
	t.Helper()
	bodies, streams := map[string]string{}, map[string]string{}
	for _, o := range pdfObject.FindAllSubmatch(file, -1) {
		id := string(o[1])
		bodies[id] = string(o[2])
		s := pdfStream.FindSubmatch(o[2])
		if s == nil {
			continue
		}
		data := s[2]
		if bytes.Contains(s[1], []byte("FlateDecode")) {
			r, err := zlib.NewReader(bytes.NewReader(data))
			if err != nil {
				continue // a picture
			}
			data, _ = io.ReadAll(r)
		}
		bodies[id], streams[id] = string(s[1]), string(data)
	}
	fonts := map[string]map[string]string{}
	for _, body := range bodies {
		for _, f := range pdfFont.FindAllStringSubmatch(body, -1) {
			if m := pdfLetters.FindStringSubmatch(bodies[f[2]]); m != nil {
				fonts[f[1]] = glyphs(streams[m[1]])
			}
		}
	}
	var out strings.Builder
	for _, content := range streams {
		var font map[string]string
		width := 4
		for _, m := range pdfShown.FindAllStringSubmatch(content, -1) {
			if m[1] != "" {
				font = fonts[m[1]]
				for code := range font {
					width = len(code)
				}
				continue
			}
			for i := 0; i+width <= len(m[2]); i += width {
				out.WriteString(font[strings.ToUpper(m[2][i:i+width])])
			}
		}
	}
	return strings.Join(strings.Fields(out.String()), "")
}

// glyphs are the letters of a font by the codes of its glyphs.
func glyphs(table string) map[string]string {
	out := map[string]string{}
	for _, block := range pdfBlock.FindAllStringSubmatch(table, -1) {
		codes := pdfCode.FindAllStringSubmatch(block[2], -1)
		if block[1] == "bfchar" {
			for i := 0; i+1 < len(codes); i += 2 {
				out[strings.ToUpper(codes[i][1])] = letters(codes[i+1][1], 0)
			}
			continue
		}
		for i := 0; i+2 < len(codes); i += 3 {
			first, _ := strconv.ParseUint(codes[i][1], 16, 32)
			last, _ := strconv.ParseUint(codes[i+1][1], 16, 32)
			for code := first; code <= last; code++ {
				name := strconv.FormatUint(code, 16)
				name = strings.ToUpper(strings.Repeat("0", len(codes[i][1])-len(name)) + name)
				out[name] = letters(codes[i+2][1], uint16(code-first))
			}
		}
	}
	return out
}

// letters are those of UTF-16 in hexadecimal, the last one moved by so many.
func letters(utf string, by uint16) string {
	raw, err := hex.DecodeString(utf)
	if err != nil || len(raw) < 2 {
		return ""
	}
	units := make([]uint16, len(raw)/2)
	for i := range units {
		units[i] = uint16(raw[2*i])<<8 | uint16(raw[2*i+1])
	}
	units[len(units)-1] += by
	return string(utf16.Decode(units))
}

// TestAToolThatIsPrintedIntoAFileHoldsItsTextAndNumbers reads them in the file.
func TestAToolThatIsPrintedIntoAFileHoldsItsTextAndNumbers(t *testing.T) {
	v := tab(t, browser.Look{Width: 800, Paper: true})
	visit(t, v, toolTitled(t, wave), 200)
	file, err := v.PDF()
	if err != nil {
		t.Fatal(err)
	}
	text := pdfText(t, file)
	cells := ask[[]string](t, v, "[...document.querySelectorAll('[data-view=hospital] tbody td')].map(td => td.textContent.trim())")
	if len(cells) < 5 {
		t.Fatalf("the table has %q", cells)
	}
	for _, want := range append(cells, wave, confirmed(t, "", ""), "Fuente") {
		if !strings.Contains(text, strings.Join(strings.Fields(want), "")) {
			t.Errorf("%q is not in the file: %.2000s", want, text)
		}
	}
}
