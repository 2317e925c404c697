package rdf

import (
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"plaza/internal/section/catalog/dcat/wire"
	"regexp"
	"strings"
)

const (
	rdfNS = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"
	xmlNS = "http://www.w3.org/XML/1998/namespace"
)

// rdfXML reads RDF/XML: node elements and property elements in turn. Collections
// count as their members; reification is left out.
type rdfXML struct {
	dec    *xml.Decoder
	g      *Graph
	text   string
	blanks int
	depth  int
}

// scope is what elements inherit.
type scope struct{ base, lang string }

func readRDFXML(g *Graph, text string, opt Options) error {
	x := &rdfXML{dec: xml.NewDecoder(strings.NewReader(text)), g: g, text: text}
	x.dec.Entity = make(map[string]string)
	for name, char := range xml.HTMLEntity {
		x.dec.Entity[name] = char
	}
	// The text is UTF-8 already, whatever its declaration says.
	x.dec.CharsetReader = func(_ string, r io.Reader) (io.Reader, error) { return r, nil }
	err := x.document(scope{base: opt.Base})
	if err == nil {
		return nil
	}
	var known *wire.FormatError
	if errors.As(err, &known) {
		return known
	}
	line, _ := x.dec.InputPos()
	failure := &wire.FormatError{Code: wire.FormatSyntax, Offset: x.dec.InputOffset(), Line: line, Detail: wire.Cut(err.Error())}
	if errors.Is(err, io.EOF) || strings.Contains(err.Error(), "unexpected EOF") {
		failure.Code = wire.FormatTruncated
	}
	return failure
}

func (x *rdfXML) document(s scope) error {
	for {
		t, err := x.dec.Token()
		if err != nil {
			return err
		}
		switch t := t.(type) {
		case xml.Directive:
			if err := x.entities(string(t)); err != nil {
				return err
			}
		case xml.StartElement:
			if t.Name.Local == "html" {
				return &wire.FormatError{Code: wire.FormatHTML, Line: 1}
			}
			if t.Name.Space == rdfNS && t.Name.Local == "RDF" {
				return x.children(s.inside(t), func(e xml.StartElement, s scope) error {
					_, err := x.node(e, s)
					return err
				})
			}
			_, err := x.node(t, s)
			return err
		}
	}
}

var entityDeclaration = regexp.MustCompile(`<!ENTITY\s+([A-Za-z][\w.-]{0,50})\s+["']([^"'<&%]{1,200})["']\s*>`)

// entities accepts the short texts that documents declare for their namespaces.
// Entities that refer to other entities or to files are left unknown, which makes
// their use an error; those that would blow the text up are refused.
func (x *rdfXML) entities(directive string) error {
	total := 0
	for _, m := range entityDeclaration.FindAllStringSubmatch(directive, 100) {
		total += strings.Count(x.text, "&"+m[1]+";") * len(m[2])
		x.dec.Entity[m[1]] = m[2]
	}
	if total > MaxBytes {
		return &wire.FormatError{Code: wire.FormatTooLarge, Line: 1}
	}
	return nil
}

// inside returns the scope of an element's content.
func (s scope) inside(e xml.StartElement) scope {
	for _, a := range e.Attr {
		if a.Name.Space != xmlNS && a.Name.Space != "xml" {
			continue
		}
		switch a.Name.Local {
		case "base":
			s.base = resolve(s.base, a.Value)
		case "lang":
			s.lang = strings.ToLower(a.Value)
		}
	}
	return s
}

// children calls fn for each element inside the one that was opened, to its end.
func (x *rdfXML) children(s scope, fn func(xml.StartElement, scope) error) error {
	for {
		t, err := x.dec.Token()
		if err != nil {
			return err
		}
		switch t := t.(type) {
		case xml.StartElement:
			if err := fn(t, s); err != nil {
				return err
			}
		case xml.EndElement:
			return nil
		}
	}
}

func (x *rdfXML) fresh() Term {
	x.blanks++
	return Term{Kind: Blank, Value: fmt.Sprintf("_:.%d", x.blanks)}
}

// rdfAttr returns an attribute of the RDF namespace; some documents leave the
// namespace out.
func rdfAttr(e xml.StartElement, name string) (string, bool) {
	for _, a := range e.Attr {
		if a.Name.Local == name && (a.Name.Space == rdfNS || a.Name.Space == "" || a.Name.Space == "rdf") {
			return a.Value, true
		}
	}
	return "", false
}

// node reads a node element and returns what it is about.
func (x *rdfXML) node(e xml.StartElement, s scope) (Term, error) {
	if x.depth++; x.depth > wire.MaxDepth {
		line, _ := x.dec.InputPos()
		return Term{}, &wire.FormatError{Code: wire.FormatTooDeep, Offset: x.dec.InputOffset(), Line: line}
	}
	if x.g.full() {
		return Term{}, tooLarge()
	}
	s = s.inside(e)
	subject := x.subject(e, s)
	if e.Name.Space != rdfNS || e.Name.Local != "Description" {
		x.g.add(triple{subject, rdfType, Term{Kind: IRI, Value: e.Name.Space + e.Name.Local}})
	}
	x.attributes(subject, e, s)
	err := x.children(s, func(e xml.StartElement, s scope) error { return x.property(subject, e, s) })
	x.depth--
	return subject, err
}

func (x *rdfXML) subject(e xml.StartElement, s scope) Term {
	if about, ok := rdfAttr(e, "about"); ok {
		return Term{Kind: IRI, Value: resolve(s.base, about)}
	}
	if id, ok := rdfAttr(e, "ID"); ok {
		return Term{Kind: IRI, Value: resolve(s.base, "#"+id)}
	}
	if id, ok := rdfAttr(e, "nodeID"); ok {
		return Term{Kind: Blank, Value: "_:" + id}
	}
	return x.fresh()
}

// attributes adds the properties that are written as attributes.
func (x *rdfXML) attributes(subject Term, e xml.StartElement, s scope) {
	for _, a := range e.Attr {
		switch {
		case a.Name.Space == "" || a.Name.Space == "xmlns" || a.Name.Space == xmlNS || a.Name.Space == "xml":
		case a.Name.Space == rdfNS && a.Name.Local == "type":
			x.g.add(triple{subject, rdfType, Term{Kind: IRI, Value: resolve(s.base, a.Value)}})
		case a.Name.Space == rdfNS:
		default:
			x.g.add(triple{subject, a.Name.Space + a.Name.Local, Term{Kind: Literal, Value: a.Value, lang: s.lang}})
		}
	}
}

// property reads a property element.
func (x *rdfXML) property(subject Term, e xml.StartElement, s scope) error {
	if x.g.full() {
		return tooLarge()
	}
	s = s.inside(e)
	predicate := e.Name.Space + e.Name.Local
	add := func(o Term) { x.g.add(triple{subject, predicate, o}) }
	if iri, ok := rdfAttr(e, "resource"); ok {
		o := Term{Kind: IRI, Value: resolve(s.base, iri)}
		add(o)
		x.attributes(o, e, s)
		return x.dec.Skip()
	}
	if id, ok := rdfAttr(e, "nodeID"); ok {
		add(Term{Kind: Blank, Value: "_:" + id})
		return x.dec.Skip()
	}
	switch kind, _ := rdfAttr(e, "parseType"); kind {
	case "Resource":
		if x.depth++; x.depth > wire.MaxDepth {
			return &wire.FormatError{Code: wire.FormatTooDeep, Offset: x.dec.InputOffset()}
		}
		o := x.fresh()
		add(o)
		err := x.children(s, func(e xml.StartElement, s scope) error { return x.property(o, e, s) })
		x.depth--
		return err
	case "Literal":
		text, err := x.innerText()
		if err == nil {
			add(Term{Kind: Literal, Value: text, lang: s.lang})
		}
		return err
	}
	return x.content(e, s, add)
}

// content reads what stands inside a property element: nodes, or text.
func (x *rdfXML) content(e xml.StartElement, s scope, add func(Term)) error {
	var text strings.Builder
	nodes := 0
	for {
		t, err := x.dec.Token()
		if err != nil {
			return err
		}
		switch t := t.(type) {
		case xml.CharData:
			text.Write(t)
		case xml.StartElement:
			o, err := x.node(t, s)
			if err != nil {
				return err
			}
			add(o)
			nodes++
		case xml.EndElement:
			switch {
			case nodes > 0:
			case hasProperties(e):
				o := x.fresh()
				add(o)
				x.attributes(o, e, s)
			default:
				add(Term{Kind: Literal, Value: text.String(), lang: s.lang})
			}
			return nil
		}
	}
}

// hasProperties reports whether a property element carries properties of a blank node
// as attributes.
func hasProperties(e xml.StartElement) bool {
	for _, a := range e.Attr {
		if a.Name.Space != "" && a.Name.Space != "xmlns" && a.Name.Space != xmlNS && a.Name.Space != "xml" && a.Name.Space != rdfNS {
			return true
		}
	}
	return false
}

// innerText returns the text inside an XML literal, tags left out.
func (x *rdfXML) innerText() (string, error) {
	var text strings.Builder
	for depth := 1; ; {
		t, err := x.dec.Token()
		if err != nil {
			return "", err
		}
		switch t := t.(type) {
		case xml.CharData:
			text.Write(t)
		case xml.StartElement:
			depth++
		case xml.EndElement:
			if depth--; depth == 0 {
				return text.String(), nil
			}
		}
	}
}
