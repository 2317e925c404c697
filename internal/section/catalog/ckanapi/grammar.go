package ckanapi

import (
	"errors"
	"strings"
	"unicode"
	"unicode/utf8"
)

// The part of Solr's query language that CKAN's clients write:
//
//	expr  = and { ("OR" | "||") and }
//	and   = unary { [ "AND" | "&&" ] unary }
//	unary = { "NOT" | "!" | "-" | "+" } atom
//	atom  = "(" expr ")" | field ":" ( "(" expr ")" | term ) | term
//	term  = word | "\"" phrase "\"" | ("["|"{") low "TO" high ("]"|"}")
//
// A backslash takes the next character as it is. Boosts (^2) and slop (~3) are read
// and ignored: they do not change what is found, or are not known here.

// Bounds on a query; what is beyond is refused.
const (
	maxQuery   = 40_000 // bytes: a thousand ids
	maxTokens  = 4000
	maxNesting = 50
)

// kind is what a node of a query is.
type kind uint8

const (
	matchNode kind = iota // field and term
	andNode
	orNode
	notNode
)

// node is a part of a query.
type node struct {
	kind  kind
	kids  []node // of and, or; the one of not
	field string // "" for the text itself
	term  term
}

// term is what a field is to have.
type term struct {
	text     string
	phrase   bool
	span     *span
	wildcard bool // an unescaped * or ? is in the text
}

// span is a range; "*" is open.
type span struct {
	low, high                 string
	includesLow, includesHigh bool
}

// all reports whether the node is "*:*" or "*".
func (n node) all() bool {
	return n.kind == matchNode && n.term.wildcard && n.term.text == "*" && (n.field == "" || n.field == "*")
}

var errGrammar = errors.New("the query cannot be read")

// parseQuery reads a query; an empty one is everything.
func parseQuery(s string) (node, error) {
	if len(s) > maxQuery {
		return node{}, errGrammar
	}
	tokens, err := tokenize(s)
	if err != nil {
		return node{}, err
	}
	if len(tokens) == 0 {
		return node{kind: andNode}, nil
	}
	p := &parser{tokens: tokens}
	n, err := p.expr("", 0)
	if err == nil && p.at < len(tokens) {
		err = errGrammar
	}
	return n, err
}

// sign is what a token is, besides a term.
type sign uint8

const (
	termSign sign = iota
	openSign
	closeSign
	andSign
	orSign
	notSign
	plusSign
	fieldSign // the name of a field, with its colon
)

type token struct {
	sign sign
	term term // text is the field's name in a fieldSign
}

type parser struct {
	tokens []token
	at     int
}

func (p *parser) next() (token, bool) {
	if p.at >= len(p.tokens) {
		return token{}, false
	}
	return p.tokens[p.at], true
}

func (p *parser) take(s sign) bool {
	if t, ok := p.next(); ok && t.sign == s {
		p.at++
		return true
	}
	return false
}

func (p *parser) expr(field string, depth int) (node, error) {
	if depth > maxNesting {
		return node{}, errGrammar
	}
	first, err := p.and(field, depth)
	if err != nil {
		return node{}, err
	}
	any := []node{first}
	for p.take(orSign) {
		n, err := p.and(field, depth)
		if err != nil {
			return node{}, err
		}
		any = append(any, n)
	}
	return joined(orNode, any), nil
}

func (p *parser) and(field string, depth int) (node, error) {
	var all []node
	for {
		if len(all) > 0 {
			if p.take(andSign) { // and something has to follow
			} else if t, ok := p.next(); !ok || t.sign == orSign || t.sign == closeSign {
				return joined(andNode, all), nil
			}
		}
		n, err := p.unary(field, depth)
		if err != nil {
			return node{}, err
		}
		all = append(all, n)
	}
}

func joined(k kind, list []node) node {
	if len(list) == 1 {
		return list[0]
	}
	return node{kind: k, kids: list}
}

func (p *parser) unary(field string, depth int) (node, error) {
	not := false
	for {
		switch {
		case p.take(notSign):
			not = !not
			continue
		case p.take(plusSign):
			continue
		}
		n, err := p.atom(field, depth)
		if err == nil && not {
			n = node{kind: notNode, kids: []node{n}}
		}
		return n, err
	}
}

func (p *parser) atom(field string, depth int) (node, error) {
	t, ok := p.next()
	if !ok {
		return node{}, errGrammar
	}
	p.at++
	switch t.sign {
	case openSign:
		n, err := p.expr(field, depth+1)
		if err == nil && !p.take(closeSign) {
			err = errGrammar
		}
		return n, err
	case fieldSign:
		if field != "" {
			return node{}, errGrammar // a field within a field
		}
		follows, ok := p.next()
		if !ok || follows.sign != openSign && follows.sign != termSign {
			return node{}, errGrammar
		}
		return p.atom(t.term.text, depth)
	case termSign:
		return node{kind: matchNode, field: field, term: t.term}, nil
	}
	return node{}, errGrammar
}

// tokenize cuts a query into its tokens.
func tokenize(s string) ([]token, error) {
	var out []token
	for i := 0; i < len(s); {
		if len(out) > maxTokens {
			return nil, errGrammar
		}
		c, n := utf8.DecodeRuneInString(s[i:])
		if unicode.IsSpace(c) {
			i += n
			continue
		}
		if sign, width := operator(s[i:]); width > 0 {
			out = append(out, token{sign: sign})
			i += width
			continue
		}
		t, width, err := operand(s[i:])
		if err != nil {
			return nil, err
		}
		out = append(out, t)
		i += width
	}
	return out, nil
}

// operator is the operator at the beginning of s, width 0 for none.
func operator(s string) (sign, int) {
	for _, o := range []struct {
		text string
		sign sign
		word bool // stands alone
	}{
		{"&&", andSign, false}, {"||", orSign, false}, {"(", openSign, false}, {")", closeSign, false},
		{"!", notSign, false}, {"-", notSign, false}, {"+", plusSign, false},
		{"AND", andSign, true}, {"OR", orSign, true}, {"NOT", notSign, true},
	} {
		if !strings.HasPrefix(s, o.text) {
			continue
		}
		rest := s[len(o.text):]
		if o.word && rest != "" && !strings.ContainsRune(" \t\r\n()", rune(rest[0])) {
			continue
		}
		return o.sign, len(o.text)
	}
	return 0, 0
}

// operand is the phrase, range, field or word at the beginning of s.
func operand(s string) (token, int, error) {
	switch s[0] {
	case '"':
		text, n, ok := quoted(s)
		if !ok {
			return token{}, 0, errGrammar
		}
		return token{term: term{text: text, phrase: true}}, n + suffix(s[n:]), nil
	case '[', '{':
		end := strings.IndexAny(s, "]}")
		if end < 0 {
			return token{}, 0, errGrammar
		}
		low, high, ok := strings.Cut(s[1:end], " TO ")
		low, high = strings.Trim(low, " \""), strings.Trim(high, " \"")
		if !ok || low == "" || high == "" {
			return token{}, 0, errGrammar
		}
		span := &span{low: low, high: high, includesLow: s[0] == '[', includesHigh: s[end] == ']'}
		return token{term: term{span: span}}, end + 1, nil
	case ']', '}', ':', '^':
		return token{}, 0, errGrammar
	}
	return word(s)
}

// quoted is the phrase at the beginning of s and how long it is with its quotes.
func quoted(s string) (string, int, bool) {
	var b strings.Builder
	for i := 1; i < len(s); i++ {
		switch s[i] {
		case '\\':
			i++
			if i < len(s) {
				b.WriteByte(s[i])
			}
		case '"':
			return b.String(), i + 1, true
		default:
			b.WriteByte(s[i])
		}
	}
	return "", 0, false
}

// suffix is the length of the boosts and slops that follow a term.
func suffix(s string) int {
	n := 0
	for n < len(s) && (s[n] == '^' || s[n] == '~') {
		n++
		for n < len(s) && (s[n] >= '0' && s[n] <= '9' || s[n] == '.') {
			n++
		}
	}
	return n
}

// word is the field name or bare word at the beginning of s.
func word(s string) (token, int, error) {
	var t term
	var b strings.Builder
	escaped := false
	i := 0
	for i < len(s) {
		c := s[i]
		if c == '\\' && i+1 < len(s) {
			_, n := utf8.DecodeRuneInString(s[i+1:])
			b.WriteString(s[i+1 : i+1+n])
			i += 1 + n
			escaped = true
			continue
		}
		if c == ':' && !escaped && isField(b.String()) && i+1 < len(s) && !strings.ContainsRune(" \t\r\n)", rune(s[i+1])) {
			return token{sign: fieldSign, term: term{text: b.String()}}, i + 1, nil
		}
		r, n := utf8.DecodeRuneInString(s[i:])
		if unicode.IsSpace(r) || strings.ContainsRune(`()"[]{}^~`, r) {
			break
		}
		t.wildcard = t.wildcard || r == '*' || r == '?'
		b.WriteString(s[i : i+n])
		i += n
	}
	t.text = b.String()
	if t.text == "" {
		return token{}, 0, errGrammar
	}
	return token{term: t}, i + suffix(s[i:]), nil
}

// isField reports whether a word may be a field's name: of an identifier, or "*".
func isField(s string) bool {
	if s == "*" {
		return true
	}
	for i, c := range s {
		letter := c == '_' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z'
		if !letter && (i == 0 || c != '-' && c != '.' && (c < '0' || c > '9')) {
			return false
		}
	}
	return s != ""
}
