package rdf

import (
	"errors"
	"plaza/internal/section/catalog/dcat/wire"
	"strconv"
	"strings"
	"unicode/utf8"
)

// This file goes on with the Turtle reader: predicates and objects.

const rdfType = "http://www.w3.org/1999/02/22-rdf-syntax-ns#type"

// predicates reads "predicate object, object; predicate object …".
func (p *turtle) predicates(subject Term) error {
	for {
		p.space()
		predicate, err := p.predicate()
		if err != nil {
			return err
		}
		if err := p.objects(subject, predicate); err != nil {
			return err
		}
		semicolon := false
		for p.take(';') {
			semicolon = true
		}
		p.space()
		if c := p.peek(); !semicolon || c == '.' || c == ']' {
			return nil
		}
	}
}

func (p *turtle) predicate() (string, error) {
	if p.peek() == 'a' && p.at+1 < len(p.text) && strings.IndexByte(" \t\r\n<[", p.text[p.at+1]) >= 0 {
		p.at++
		return rdfType, nil
	}
	t, err := p.resource()
	if err == nil && t.Kind != IRI {
		err = errors.New("a blank node for a predicate")
	}
	return t.Value, err
}

func (p *turtle) objects(subject Term, predicate string) error {
	for {
		p.space()
		list, err := p.object()
		if err != nil {
			return err
		}
		for _, o := range list {
			p.pending = append(p.pending, triple{subject, predicate, o})
		}
		if len(p.pending) > maxGraphSize {
			return wire.ErrMany
		}
		if !p.take(',') {
			return nil
		}
	}
}

// object reads one object; a collection in brackets counts as its members, since
// their order means nothing in a catalogue.
func (p *turtle) object() ([]Term, error) {
	switch c := p.peek(); {
	case c == '[':
		t, err := p.blankList()
		return []Term{t}, err
	case c == '(':
		return p.collection()
	case c == '"' || c == '\'':
		t, err := p.literal()
		return []Term{t}, err
	case c == '+' || c == '-' || c >= '0' && c <= '9':
		return []Term{{Kind: Literal, Value: p.number()}}, nil
	}
	for _, word := range []string{"true", "false"} {
		if rest, ok := strings.CutPrefix(p.text[p.at:], word); ok && (rest == "" || strings.IndexByte(" \t\r\n.,;])", rest[0]) >= 0) {
			p.at += len(word)
			return []Term{{Kind: Literal, Value: word}}, nil
		}
	}
	t, err := p.resource()
	return []Term{t}, err
}

func (p *turtle) number() string {
	start := p.at
	for p.at++; p.at < len(p.text) && strings.IndexByte("+-0123456789.eE", p.text[p.at]) >= 0; p.at++ {
	}
	if p.text[p.at-1] == '.' { // the statement's own stop
		p.at--
	}
	return p.text[start:p.at]
}

func (p *turtle) deeper() error {
	if p.depth++; p.depth > wire.MaxDepth {
		return errTurtleDeep
	}
	return nil
}

// blankList reads "[ predicate object … ]".
func (p *turtle) blankList() (Term, error) {
	if err := p.deeper(); err != nil {
		return Term{}, err
	}
	p.at++
	t := p.fresh()
	p.space()
	if p.peek() != ']' {
		if err := p.predicates(t); err != nil {
			return t, err
		}
	}
	if !p.take(']') {
		return t, p.fail("a closing bracket")
	}
	p.depth--
	return t, nil
}

func (p *turtle) collection() ([]Term, error) {
	if err := p.deeper(); err != nil {
		return nil, err
	}
	p.at++
	var all []Term
	for !p.take(')') {
		if p.at >= len(p.text) {
			return nil, errTurtleEnd
		}
		list, err := p.object()
		if err != nil {
			return nil, err
		}
		if all = append(all, list...); len(all) > maxGraphSize {
			return nil, wire.ErrMany
		}
	}
	p.depth--
	return all, nil
}

// literal reads a quoted text with its language; its datatype is read and left,
// because every value is read by what it looks like.
func (p *turtle) literal() (Term, error) {
	text, err := p.quoted()
	if err != nil {
		return Term{}, err
	}
	t := Term{Kind: Literal, Value: text}
	switch {
	case p.peek() == '@':
		start := p.at + 1
		for p.at++; p.at < len(p.text) && (isAlnum(p.text[p.at]) || p.text[p.at] == '-'); p.at++ {
		}
		t.lang = strings.ToLower(p.text[start:p.at])
	case strings.HasPrefix(p.text[p.at:], "^^"):
		p.at += 2
		if _, err := p.resource(); err != nil {
			return Term{}, err
		}
	}
	return t, nil
}

func isAlnum(c byte) bool {
	return c >= '0' && c <= '9' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z'
}

// quoted reads a text in one or three quotation marks of either kind.
func (p *turtle) quoted() (string, error) {
	quote := p.text[p.at : p.at+1]
	long := strings.HasPrefix(p.text[p.at:], strings.Repeat(quote, 3))
	if long {
		quote = strings.Repeat(quote, 3)
	}
	start := p.at + len(quote)
	escaped := false
	for i := start; i < len(p.text); i++ {
		switch c := p.text[i]; {
		case c == '\\':
			escaped = true
			i++
		case c == '\n' && !long:
			p.at = i
			return "", errors.New("a text without end")
		case c == quote[0] && strings.HasPrefix(p.text[i:], quote):
			for long && i+3 < len(p.text) && p.text[i+3] == quote[0] { // """a"""" ends with a quotation mark of its own
				i++
			}
			p.at = i + len(quote)
			if escaped {
				return unescapeTurtle(p.text[start:i]), nil
			}
			return p.text[start:i], nil
		}
	}
	p.at = len(p.text)
	return "", errTurtleEnd
}

// unescapeTurtle undoes escapes; those that mean nothing stay as they are.
func unescapeTurtle(s string) string {
	var b strings.Builder
	for i := 0; i < len(s); i++ {
		if s[i] != '\\' || i+1 == len(s) {
			b.WriteByte(s[i])
			continue
		}
		i++
		if k := strings.IndexByte(`tbnrf"'\`, s[i]); k >= 0 {
			b.WriteByte("\t\b\n\r\f\"'\\"[k])
			continue
		}
		digits := map[byte]int{'u': 4, 'U': 8}[s[i]]
		if digits > 0 && i+digits < len(s) {
			if n, err := strconv.ParseUint(s[i+1:i+1+digits], 16, 32); err == nil {
				r := rune(utf8.RuneError)
				if n <= utf8.MaxRune {
					r = rune(n)
				}
				b.WriteRune(r)
				i += digits
				continue
			}
		}
		b.WriteByte('\\')
		b.WriteByte(s[i])
	}
	return b.String()
}
