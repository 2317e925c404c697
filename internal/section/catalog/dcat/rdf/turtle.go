package rdf

import (
	"errors"
	"fmt"
	"plaza/internal/section/catalog/dcat/wire"
	"strings"
	"unicode"
	"unicode/utf8"
)

// The Turtle reader is our own. The library at hand (knakk/rdf) reads tokens in a
// goroutine that panics on some inputs, which nothing can catch: a remote catalogue
// could end the process. It also refuses a whole document for one address with a
// blank in it. This reader goes on after the statement that is broken.

// maxBroken is how many broken statements a document may have before it is refused.
const maxBroken = 100

var (
	errTurtleEnd  = errors.New("the document ends inside a statement")
	errTurtleDeep = errors.New("nested too deeply")
)

// turtle reads Turtle, of which N-Triples is a part.
type turtle struct {
	text     string
	at       int
	base     string
	prefixes map[string]string
	pending  []triple // of the statement being read
	blanks   int
	depth    int
}

func readTurtle(g *Graph, text string, opt Options) error {
	p := &turtle{text: text, base: opt.Base, prefixes: make(map[string]string)}
	good, broken := 0, 0
	for p.space(); p.at < len(p.text); p.space() {
		start := p.at
		p.pending, p.depth = p.pending[:0], 0
		if err := p.statement(); err != nil {
			broken++
			if failure := p.failure(err, good, broken); failure != nil {
				return failure
			}
			opt.Note(StatementSkipped, "", fmt.Sprintf("line %d: %v: %s", p.line(), err, p.text[start:min(start+80, len(p.text))]), false)
			p.resync(start)
			continue
		}
		for _, t := range p.pending {
			g.add(t)
		}
		if good++; g.full() {
			return tooLarge()
		}
	}
	if good == 0 {
		return &wire.FormatError{Code: wire.FormatNot, Line: 1, Detail: wire.Cut(text)}
	}
	return nil
}

func (p *turtle) line() int { return 1 + strings.Count(p.text[:min(p.at, len(p.text))], "\n") }

// failure returns the error that ends the reading, nil when it may go on after the
// statement. A document of which nothing can be read is no Turtle.
func (p *turtle) failure(err error, good, broken int) error {
	e := &wire.FormatError{Offset: int64(p.at), Line: p.line()}
	switch {
	case errors.Is(err, errTurtleDeep):
		e.Code = wire.FormatTooDeep
	case errors.Is(err, wire.ErrMany):
		return tooLarge()
	case good == 0 && (errors.Is(err, errTurtleEnd) || broken > 5):
		e.Code, e.Detail = wire.FormatNot, wire.Cut(err.Error())
	case errors.Is(err, errTurtleEnd):
		e.Code = wire.FormatTruncated
	case broken > maxBroken:
		e.Code, e.Detail = wire.FormatSyntax, wire.Cut(err.Error())
	default:
		return nil
	}
	return e
}

// resync goes to the next line after one that ends with a full stop, which is where
// statements begin in every catalogue seen.
func (p *turtle) resync(start int) {
	from := max(p.at, start+1)
	for from < len(p.text) {
		i := strings.IndexByte(p.text[from:], '\n')
		if i < 0 {
			break
		}
		line := strings.TrimRight(p.text[start:from+i], " \t\r")
		from += i + 1
		if strings.HasSuffix(line, ".") {
			p.at = from
			return
		}
	}
	p.at = len(p.text)
}

func (p *turtle) peek() byte {
	if p.at >= len(p.text) {
		return 0
	}
	return p.text[p.at]
}

// space skips blanks and comments.
func (p *turtle) space() {
	for p.at < len(p.text) {
		switch p.text[p.at] {
		case ' ', '\t', '\n', '\r':
			p.at++
		case '#':
			i := strings.IndexByte(p.text[p.at:], '\n')
			if i < 0 {
				p.at = len(p.text)
				return
			}
			p.at += i
		default:
			return
		}
	}
}

func (p *turtle) fail(what string) error {
	if p.at >= len(p.text) {
		return errTurtleEnd
	}
	return fmt.Errorf("expected %s", what)
}

func (p *turtle) take(c byte) bool {
	p.space()
	if p.peek() == c && c != 0 {
		p.at++
		return true
	}
	return false
}

// word takes a keyword, whatever its case, when a blank or "<" follows it.
func (p *turtle) word(w string) bool {
	end := p.at + len(w)
	if end < len(p.text) && strings.EqualFold(p.text[p.at:end], w) && strings.IndexByte(" \t\r\n<", p.text[end]) >= 0 {
		p.at = end
		return true
	}
	return false
}

func (p *turtle) statement() error {
	switch {
	case p.word("@prefix"):
		return p.prefix(true)
	case p.word("@base"):
		return p.baseDirective(true)
	case p.word("prefix"):
		return p.prefix(false)
	case p.word("base"):
		return p.baseDirective(false)
	}
	subject, list, err := p.subject()
	if err != nil {
		return err
	}
	p.space()
	if !(list && p.peek() == '.') {
		if err := p.predicates(subject); err != nil {
			return err
		}
	}
	if !p.take('.') {
		return p.fail("a full stop")
	}
	return nil
}

func (p *turtle) prefix(stop bool) error {
	p.space()
	i := strings.IndexByte(p.text[p.at:], ':')
	if i < 0 || i > 100 || strings.ContainsAny(p.text[p.at:p.at+i], "<>\n ") {
		return p.fail("a prefix")
	}
	name := p.text[p.at : p.at+i]
	p.at += i + 1
	p.space()
	iri, err := p.iri()
	if err != nil {
		return err
	}
	p.prefixes[name] = iri
	if stop && !p.take('.') {
		return p.fail("a full stop")
	}
	return nil
}

func (p *turtle) baseDirective(stop bool) error {
	p.space()
	iri, err := p.iri()
	if err != nil {
		return err
	}
	p.base = iri
	if stop && !p.take('.') {
		return p.fail("a full stop")
	}
	return nil
}

// subject reads a subject; list says that it was a list of properties in brackets,
// which may stand alone.
func (p *turtle) subject() (t Term, list bool, err error) {
	switch c := p.peek(); {
	case c == '[':
		t, err = p.blankList()
		return t, true, err
	case c == '(':
		items, err := p.collection()
		if err == nil && len(items) == 0 {
			return p.fresh(), false, nil
		}
		if err != nil {
			return Term{}, false, err
		}
		return items[0], false, nil
	}
	t, err = p.resource()
	return t, false, err
}

func (p *turtle) fresh() Term {
	p.blanks++
	return Term{Kind: Blank, Value: fmt.Sprintf("_:.%d", p.blanks)} // no label begins with a stop
}

// resource reads an IRI, a prefixed name or a blank node.
func (p *turtle) resource() (Term, error) {
	if p.peek() == '<' {
		iri, err := p.iri()
		return Term{Kind: IRI, Value: iri}, err
	}
	name, err := p.name()
	if err != nil {
		return Term{}, err
	}
	if strings.HasPrefix(name, "_:") {
		return Term{Kind: Blank, Value: name}, nil
	}
	prefix, local, ok := strings.Cut(name, ":")
	if !ok {
		return Term{}, p.fail("a name")
	}
	iri, known := p.prefixes[prefix]
	if !known {
		iri, known = usualPrefix(prefix)
	}
	if !known {
		return Term{}, fmt.Errorf("unknown prefix %q", wire.Cut(prefix))
	}
	return Term{Kind: IRI, Value: iri + local}, nil
}

// usualPrefix is lenient with documents that forgot to declare dct or dcat.
func usualPrefix(prefix string) (string, bool) {
	for _, ns := range namespaces {
		if ns.prefix == prefix+":" {
			return ns.iri, true
		}
	}
	return "", false
}

// iri reads an address in angle brackets. Blanks and quotes in it are the publisher's
// mistake and left to the repairs.
func (p *turtle) iri() (string, error) {
	if p.peek() != '<' {
		return "", p.fail("an address")
	}
	rest := p.text[p.at+1:]
	end := strings.IndexAny(rest[:min(len(rest), 4*maxIRI)], ">\n")
	switch {
	case end < 0 && len(rest) <= 4*maxIRI:
		p.at = len(p.text)
		return "", errTurtleEnd
	case end < 0 || rest[end] == '\n':
		return "", errors.New("an address without end")
	}
	raw := rest[:end]
	p.at += end + 2
	if strings.IndexByte(raw, '\\') >= 0 {
		raw = unescapeTurtle(raw)
	}
	return resolve(p.base, raw), nil
}

// name reads a prefixed name or a blank node label, with escapes undone.
func (p *turtle) name() (string, error) {
	var b strings.Builder
	start := p.at
	for p.at < len(p.text) {
		c, n := utf8.DecodeRuneInString(p.text[p.at:])
		switch {
		case c == '\\' && p.at+1 < len(p.text):
			b.WriteByte(p.text[p.at+1])
			p.at += 2
			continue
		case unicode.IsLetter(c) || unicode.IsDigit(c) || strings.ContainsRune("_-:%.·/", c) || unicode.Is(unicode.M, c):
			b.WriteRune(c)
			p.at += n
			continue
		}
		break
	}
	name := b.String()
	for strings.HasSuffix(name, ".") && p.at > start && p.text[p.at-1] == '.' { // the statement's own stop
		name = name[:len(name)-1]
		p.at--
	}
	if name == "" {
		return "", p.fail("a name")
	}
	return name, nil
}
