package geo

import (
	"bytes"
	"context"
	"encoding/xml"
	"errors"
	"io"
	"os"
	"strings"

	"golang.org/x/net/html"
	"golang.org/x/net/html/charset"

	"plaza/internal/base/tabular"
)

// KML opens the placemarks of all folders of a .kml as one table: their name,
// description and folder, and what their extended data holds.
func KML(ctx context.Context, f tabular.File) ([]*tabular.Source, error) {
	file, size, err := openSized(f.Path)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	k := newKML(ctx, file, nil)
	names := []string{"name", "description", "carpeta"}
	columns := map[string]int{"name": 0, "description": 1, "carpeta": 2}
	rows := 0
	for {
		p, err := k.next()
		var broken *tabular.Fault
		if err == io.EOF || errors.As(err, &broken) && broken.Code == faultBroken && rows > 0 {
			break
		}
		if err != nil {
			return nil, err
		}
		rows++
		for _, d := range p.data {
			if _, ok := columns[d.name]; ok {
				continue
			}
			if len(names) >= tabular.MaxColumns-1 {
				return nil, fault(faultColumns, p.at, p.line, nil, "limit", tabular.MaxColumns)
			}
			columns[d.name] = len(names)
			names = append(names, d.name)
		}
	}
	if !k.root {
		return nil, fault(faultNone, 0, 1, nil)
	}
	s := &tabular.Source{Format: "kml", Bytes: size, Problems: &tabular.Problems{}}
	s.Labels, s.Known = labels(names)
	s.Layout = tabular.Layout{Encoding: "utf-8", Projection: assumed.name}
	set := &settler{system: assumed, problems: s.Problems}
	s.Open = func(ctx context.Context, read func(int64)) (tabular.Reader, error) {
		file, err := os.Open(f.Path)
		if err != nil {
			return nil, err
		}
		r := &placemarks{file: file, kml: newKML(ctx, file, read), columns: columns, cells: make([]string, len(names)), set: set}
		return newReader(r, len(s.Labels)), nil
	}
	return []*tabular.Source{s}, nil
}

// placemarks reads the rows of a KML file.
type placemarks struct {
	file    *os.File
	kml     *kml
	columns map[string]int
	cells   []string
	set     *settler
	count   int64
}

// row implements rower.
func (p *placemarks) row(b *tabular.Batch) error {
	one, err := p.kml.next()
	if err != nil {
		return err
	}
	clear(p.cells)
	for _, d := range one.data {
		if i, ok := p.columns[d.name]; ok {
			p.cells[i] = d.text
		}
	}
	for _, cell := range p.cells {
		b.AddString(cell)
	}
	p.count++
	r := row{p.count, one.line, one.at}
	buffer := b.Buffer()
	if (one.shaped || one.bad != nil) && p.set.settle(one.w.b, one.w.seen, one.bad, r) {
		buffer = append(buffer, one.w.b...)
	}
	p.set.done(r)
	b.Commit(buffer)
	b.EndRow()
	return nil
}

// Close implements tabular.Reader.
func (p *placemarks) Close() error { return p.file.Close() }

// maxText is the most bytes of markup or text between two tags that are held.
const maxText = maxItem

// kml reads placemarks one after another.
type kml struct {
	ctx     context.Context
	dec     *xml.Decoder
	in      *meter
	folders []string
	depth   int
	root    bool // a <kml> was seen, or a Document or Placemark without one
	mark    placemark
}

// placemark is a row.
type placemark struct {
	data     []datum
	w        writer
	shaped   bool
	bad      error
	at, line int64
}

type datum struct{ name, text string }

// meter refuses one token that is larger than can be held, and tells how far it is.
type meter struct {
	r     io.Reader
	read  func(int64)
	total int64
	since int64
}

var errToken = errors.New("a token too large")

func (m *meter) Read(b []byte) (int, error) {
	if m.since > maxText {
		return 0, errToken
	}
	n, err := m.r.Read(b)
	m.total += int64(n)
	if m.since += int64(n); m.read != nil {
		m.read(m.total)
	}
	return n, err
}

func newKML(ctx context.Context, r io.Reader, read func(int64)) *kml {
	k := &kml{ctx: ctx, in: &meter{r: r, read: read}}
	k.dec = xml.NewDecoder(k.in)
	k.dec.Strict = false // entities of HTML and prefixes without a declaration are common
	k.dec.Entity = xml.HTMLEntity
	k.dec.CharsetReader = charset.NewReaderLabel
	return k
}

// maxLevels is how deep tags may lie in each other.
const maxLevels = 1000

// token gives the next token and keeps count of the depth.
func (k *kml) token() (xml.Token, error) {
	k.in.since = 0
	t, err := k.dec.RawToken()
	if err == nil {
		switch t.(type) {
		case xml.StartElement:
			k.depth++
		case xml.EndElement:
			k.depth--
		}
		if k.depth <= maxLevels && k.depth >= 0 {
			return t, nil
		}
		err = errUnreadable
	}
	if err == io.EOF && k.depth == 0 {
		return nil, io.EOF
	}
	var syntax *xml.SyntaxError
	switch {
	case errors.Is(err, errToken):
		return nil, k.fault(faultLarge, nil, "limit", maxText>>20)
	case err == io.EOF, errors.Is(err, io.ErrUnexpectedEOF), errors.As(err, &syntax), errors.Is(err, errUnreadable):
		return nil, k.fault(faultBroken, err)
	case strings.HasPrefix(err.Error(), "xml:"): // an encoding that is not known
		return nil, k.fault(faultBroken, err)
	}
	return nil, err
}

func (k *kml) fault(code string, cause error, args ...any) error {
	line, _ := k.dec.InputPos()
	return fault(code, k.dec.InputOffset(), int64(line), cause, args...)
}

// next reads up to the end of the next placemark.
func (k *kml) next() (*placemark, error) {
	if err := k.ctx.Err(); err != nil {
		return nil, err
	}
	for {
		t, err := k.token()
		if err != nil {
			return nil, err
		}
		switch t := t.(type) {
		case xml.StartElement:
			switch t.Name.Local {
			case "kml", "Document":
				k.root = true
			case "Folder":
				k.folders = append(k.folders, "")
			case "name":
				if err := k.folderName(); err != nil {
					return nil, err
				}
			case "Placemark":
				k.root = true
				return k.placemark(t)
			}
		case xml.EndElement:
			if t.Name.Local == "Folder" && len(k.folders) > 0 {
				k.folders = k.folders[:len(k.folders)-1]
			}
		}
	}
}

// folderName takes the name of the folder that was begun; a document's is nobody's.
func (k *kml) folderName() error {
	name, err := k.text()
	if n := len(k.folders); n > 0 && k.folders[n-1] == "" {
		k.folders[n-1] = tabular.Clip(strings.TrimSpace(name), tabular.MaxName)
	}
	return err
}

// text is what stands up to the end of the element that was begun, without its tags.
func (k *kml) text() (string, error) {
	var out strings.Builder
	for until := k.depth - 1; k.depth > until; {
		t, err := k.token()
		if err != nil {
			return "", err
		}
		if c, ok := t.(xml.CharData); ok {
			if out.Len()+len(c) > maxText {
				return "", k.fault(faultLarge, nil, "limit", maxText>>20)
			}
			out.Write(c)
		}
	}
	return out.String(), nil
}

// placemark reads what a placemark holds.
func (k *kml) placemark(start xml.StartElement) (*placemark, error) {
	p := &k.mark
	line, _ := k.dec.InputPos()
	clear(p.data)
	*p = placemark{data: p.data[:0], w: p.w, at: k.dec.InputOffset(), line: int64(line)}
	p.w.reset(p.w.b[:0])
	var path []string
	for _, f := range k.folders {
		if f != "" {
			path = append(path, f)
		}
	}
	p.add("carpeta", strings.Join(path, " / "))
	for until := k.depth - 1; k.depth > until; {
		t, err := k.token()
		if err != nil {
			return nil, err
		}
		if e, ok := t.(xml.StartElement); ok {
			if err := k.part(p, e); err != nil {
				return nil, err
			}
		}
	}
	return p, nil
}

func (p *placemark) add(name, text string) {
	if text = strings.ToValidUTF8(text, "\uFFFD"); name != "" && len(p.data) < 2*tabular.MaxColumns {
		p.data = append(p.data, datum{name, tabular.Clip(text, tabular.MaxCell/4)})
	}
}

// part reads an element of a placemark, or leaves those within it to the caller.
func (k *kml) part(p *placemark, e xml.StartElement) error {
	switch e.Name.Local {
	case "name", "description":
		text, err := k.text()
		if text = strings.TrimSpace(text); strings.ContainsAny(text, "<&") {
			text = plainText(text)
		}
		p.add(e.Name.Local, text)
		return err
	case "SimpleData", "Data":
		text, err := k.dataOf(e)
		p.add(strings.TrimSpace(attribute(e, "name")), text)
		return err
	case "Point", "LineString", "LinearRing", "Polygon", "MultiGeometry", "Track", "MultiTrack", "Model":
		g, err := k.geometry(e.Name.Local, 0)
		if err == nil && g != nil {
			p.shaped, p.bad = p.write(g)
		}
		return err
	case "Style", "LookAt", "Camera", "Region":
		_, err := k.text()
		return err
	}
	return nil
}

func attribute(e xml.StartElement, name string) string {
	for _, a := range e.Attr {
		if a.Name.Local == name {
			return a.Value
		}
	}
	return ""
}

// dataOf is the value of a datum: its text, or that of the <value> in it.
func (k *kml) dataOf(e xml.StartElement) (string, error) {
	if e.Name.Local == "SimpleData" {
		text, err := k.text()
		return strings.TrimSpace(text), err
	}
	value := ""
	for until := k.depth - 1; k.depth > until; {
		t, err := k.token()
		if err != nil {
			return "", err
		}
		if in, ok := t.(xml.StartElement); ok && in.Name.Local == "value" {
			if value, err = k.text(); err != nil {
				return "", err
			}
		}
	}
	return strings.TrimSpace(value), nil
}

// plainText is what a description in HTML says.
func plainText(s string) string {
	var out bytes.Buffer
	z := html.NewTokenizer(strings.NewReader(s))
	for {
		switch z.Next() {
		case html.ErrorToken:
			return strings.Join(strings.Fields(out.String()), " ")
		case html.TextToken:
			out.Write(z.Text())
		default:
			out.WriteByte(' ')
		}
	}
}
