package tree

import (
	"bytes"
	"context"
	"encoding/xml"
	"errors"
	"io"
	"os"
	"regexp"
	"strings"

	"golang.org/x/text/runes"
	"golang.org/x/text/transform"

	"plaza/internal/base/tabular"
)

// maxToken is the longest tag or text of XML that is read, in bytes.
const maxToken = 8 << 20

// XML reads documents that repeat one element: the one that comes most often beside
// itself is the record, its attributes and what lies below it are columns, prefixes of
// namespaces are dropped. What comes several times in a record is joined with "; " when
// it is plain text and numbered otherwise. Elements around it that come several times
// give their attributes and plain children too. It is a tabular.Opener; definitions of
// entities are refused.
func XML(ctx context.Context, f tabular.File) ([]*tabular.Source, error) {
	t, err := newText(ctx, f.Path)
	if err != nil {
		return nil, err
	}
	if err := t.declared(); err != nil {
		return nil, err
	}
	in, err := openXML(t)
	if err != nil {
		return nil, err
	}
	defer in.Close()
	problems := &tabular.Problems{}
	v := &kinds{in: in, problems: problems}
	broken := v.survey(ctx)
	var wrong *tabular.Fault
	if broken != nil && !errors.As(broken, &wrong) {
		return nil, broken
	}
	record := v.record()
	if record == nil || broken != nil && record.whole == 0 {
		if broken == nil {
			broken = &tabular.Fault{Code: "empty", Byte: -1}
		}
		return nil, broken
	}
	p := newPlan(record, maxNumbered)
	if len(p.labels) > tabular.MaxColumns {
		p = newPlan(record, 1)
	}
	if len(p.labels) > tabular.MaxColumns {
		return nil, &tabular.Fault{Code: "columns", Byte: -1, Args: []any{"most", tabular.MaxColumns}}
	}
	layout := t.layout(record.path())
	return []*tabular.Source{{
		Format: "xml", Labels: p.labels, Layout: layout, Bytes: t.size, Problems: problems,
		Open: func(ctx context.Context, read func(int64)) (tabular.Reader, error) {
			in, err := openXML(t)
			if err != nil {
				return nil, err
			}
			return &xmlReader{in: in, plan: newPlan(record, p.numbered), report: read, bytes: t.size}, nil
		},
	}}, nil
}

var declaration = regexp.MustCompile(`^\s*<\?xml[^>]*?\sencoding\s*=\s*["']([A-Za-z0-9._-]+)["']`)

// declared takes the encoding that the document declares, unless its bytes say that
// it cannot be.
func (t *text) declared() error {
	if t.skip > 0 || t.name == "utf-16le" || t.name == "utf-16be" {
		return nil
	}
	f, err := os.Open(t.path)
	if err != nil {
		return err
	}
	defer f.Close()
	head, err := io.ReadAll(io.LimitReader(f, 1024))
	if err != nil {
		return err
	}
	found := declaration.FindSubmatch(head)
	if found == nil {
		return nil
	}
	name := strings.ToLower(string(found[1]))
	switch name {
	case "latin1", "latin-1", "iso8859-1", "iso_8859-1":
		name = "iso-8859-1"
	case "cp1252", "windows1252":
		name = "windows-1252"
	case "utf8", "us-ascii", "ascii", "utf-16":
		name = "utf-8"
	}
	if name == "utf-8" {
		return nil
	}
	if t.good > 0 && t.bad == 0 {
		t.unsure = true // it says Latin-1 and is UTF-8 throughout
		return nil
	}
	if !t.use(name) {
		return &tabular.Fault{Code: "encoding", Line: 1, Byte: 0, Args: []any{"encoding", string(found[1])}}
	}
	return nil
}

// xmlText is a document of XML that is read token by token.
type xmlText struct {
	text *text
	in   *stream
	d    *xml.Decoder
	read int64 // bytes since the last token
}

func openXML(t *text) (*xmlText, error) {
	in, err := t.open(0)
	if err != nil {
		return nil, err
	}
	x := &xmlText{text: t, in: in}
	var r io.Reader = in
	if t.encoding == nil {
		r = transform.NewReader(r, runes.ReplaceIllFormed())
	}
	x.d = xml.NewDecoder(&bounded{r, &x.read})
	x.d.CharsetReader = func(_ string, r io.Reader) (io.Reader, error) { return r, nil }
	return x, nil
}

// bounded refuses to give more for one token than maxToken.
type bounded struct {
	r    io.Reader
	read *int64
}

func (b *bounded) Read(p []byte) (int, error) {
	if *b.read > maxToken {
		return 0, &tabular.Fault{Code: "cell_too_long", Byte: -1}
	}
	n, err := b.r.Read(p)
	*b.read += int64(n)
	return n, err
}

// Close closes the file.
func (x *xmlText) Close() error { return x.in.Close() }

// token gives the next start, end or text; io.EOF at the document's end.
func (x *xmlText) token() (xml.Token, error) {
	for {
		x.read = 0
		tok, err := x.d.Token()
		if err != nil {
			return nil, x.fault(err)
		}
		switch tok := tok.(type) {
		case xml.StartElement, xml.EndElement, xml.CharData:
			return tok, nil
		case xml.Directive:
			if bytes.ContainsRune(tok, '[') || bytes.HasPrefix(tok, []byte("ENTITY")) {
				return nil, x.at("xml_dtd", nil)
			}
		}
	}
}

// fault is what an error of the decoder is to people.
func (x *xmlText) fault(err error) error {
	if err == io.EOF {
		return err
	}
	var f *tabular.Fault
	if errors.As(err, &f) {
		return x.at(f.Code, nil)
	}
	var s *xml.SyntaxError
	if !errors.As(err, &s) {
		return err
	}
	switch {
	case strings.Contains(s.Msg, "unexpected EOF"):
		return x.at("xml_truncated", err)
	case strings.Contains(s.Msg, "entity"):
		return x.at("xml_entity", err)
	}
	return x.at("xml_syntax", err)
}

// at is a fault where the decoder is. Bytes are known where the file is UTF-8.
func (x *xmlText) at(code string, cause error) *tabular.Fault {
	line, _ := x.d.InputPos()
	f := &tabular.Fault{Code: code, Line: int64(line), Byte: -1, Cause: cause}
	if x.text.encoding == nil && x.text.bad == 0 {
		f.Byte = x.text.skip + x.d.InputOffset()
	}
	return f
}

// attributes are those of an element that are data.
func attributes(el xml.StartElement) []xml.Attr {
	kept := el.Attr[:0]
	for _, a := range el.Attr {
		if a.Name.Space != "xmlns" && a.Name.Local != "xmlns" {
			kept = append(kept, a)
		}
	}
	return kept
}
