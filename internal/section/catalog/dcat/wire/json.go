package wire

import (
	"errors"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
	"unicode/utf16"
	"unicode/utf8"
)

// The kinds of a JSON value. The zero kind is a value that is not there.
const (
	Null   = 'n'
	Bool   = 'b'
	Number = '0'
	String = '"'
	Array  = '['
	Object = '{'
)

// MaxDepth is how deep a document may nest, in JSON or any other syntax.
const MaxDepth = 64

// Value is one JSON value. Numbers and booleans keep their text. The decoder is our
// own because it is three times as fast as the libraries that build a tree, says
// the line of an error, accepts raw line breaks in strings, and makes half a
// surrogate pair visible instead of losing it; a fuzz test holds it to encoding/json.
type Value struct {
	Kind    byte
	Text    string
	Items   []Value
	Members []Member
}

// Member is a name of an object with its value.
type Member struct {
	Name  string
	Value Value
}

// Get returns the member of that name; letters of another case are accepted when
// nothing matches exactly, as real catalogues write describedBY and accessUrl.
func (v Value) Get(name string) Value {
	var loose Value
	for _, m := range v.Members {
		if m.Name == name {
			return m.Value
		}
		if loose.Kind == 0 && len(m.Name) == len(name) && strings.EqualFold(m.Name, name) {
			loose = m.Value
		}
	}
	return loose
}

// Any turns the value into what JSON-LD libraries expect. A number that a float64
// does not hold exactly stays text.
func (v Value) Any() any {
	switch v.Kind {
	case Bool:
		return v.Text == "true"
	case Number:
		f, err := strconv.ParseFloat(v.Text, 64)
		if err != nil || math.Abs(f) > 1<<53 {
			return v.Text
		}
		return f
	case String:
		return v.Text
	case Array:
		list := make([]any, len(v.Items))
		for i, item := range v.Items {
			list[i] = item.Any()
		}
		return list
	case Object:
		object := make(map[string]any, len(v.Members))
		for _, m := range v.Members {
			object[m.Name] = m.Value.Any()
		}
		return object
	}
	return nil
}

var (
	// ErrDeep is a nesting beyond MaxDepth.
	ErrDeep = errors.New("nested too deeply")
	// ErrMany is more values than are held.
	ErrMany = errors.New("too many values")
	// ErrTrailingComma is a mistake that is worth a sentence of its own.
	ErrTrailingComma = errors.New("a comma with nothing after it")

	errEnd    = errors.New("text after the end")
	errSyntax = errors.New("not JSON")
)

// SyntaxError says where JSON is broken; Line counts from 0, from the text's start.
type SyntaxError struct {
	Line int
	Err  error
}

// Error names the line, counted from 1.
func (e *SyntaxError) Error() string { return fmt.Sprintf("line %d: %v", e.Line+1, e.Err) }

// Unwrap returns what is wrong there.
func (e *SyntaxError) Unwrap() error { return e.Err }

// maxValues is how many values one record may hold: far more than any has, and few
// enough that their tree stays within some 40 MB.
const maxValues = 500_000

// Parse decodes one value. Its strings share the memory of text.
func Parse(text string) (Value, error) { return ParseUpTo(text, maxValues) }

// ParseUpTo is Parse with another limit on the number of values.
func ParseUpTo(text string, most int) (Value, error) {
	p := parser{text: text, left: most}
	v, err := p.value(0)
	if err == nil {
		if p.blanks(); p.at < len(text) {
			err = errEnd
		}
	}
	if err != nil {
		return Value{}, &SyntaxError{Line: strings.Count(text[:min(p.at, len(text))], "\n"), Err: err}
	}
	return v, nil
}

type parser struct {
	text    string
	at      int
	left    int      // how many more values are allowed
	items   []Value  // of the arrays that are open, innermost last
	members []Member // of the objects that are open
}

func (p *parser) blanks() {
	for p.at < len(p.text) {
		switch p.text[p.at] {
		case ' ', '\n', '\t', '\r':
			p.at++
		default:
			return
		}
	}
}

// next returns the byte after blanks, 0 at the end.
func (p *parser) next() byte {
	p.blanks()
	if p.at >= len(p.text) {
		return 0
	}
	return p.text[p.at]
}

func (p *parser) value(depth int) (Value, error) {
	if depth > MaxDepth {
		return Value{}, ErrDeep
	}
	if p.left--; p.left < 0 {
		return Value{}, ErrMany
	}
	switch c := p.next(); {
	case c == '{':
		return p.object(depth)
	case c == '[':
		return p.array(depth)
	case c == '"':
		s, err := p.string()
		return Value{Kind: String, Text: s}, err
	case c == '-' || c >= '0' && c <= '9':
		return p.number()
	}
	for _, word := range []string{"null", "true", "false"} {
		if strings.HasPrefix(p.text[p.at:], word) {
			p.at += len(word)
			if word == "null" {
				return Value{Kind: Null}, nil
			}
			return Value{Kind: Bool, Text: word}, nil
		}
	}
	return Value{}, errSyntax
}

func (p *parser) object(depth int) (Value, error) {
	base := len(p.members)
	p.at++
	for p.next() != '}' {
		if p.next() != '"' {
			return Value{}, errSyntax
		}
		name, err := p.string()
		if err != nil {
			return Value{}, err
		}
		if p.next() != ':' {
			return Value{}, errSyntax
		}
		p.at++
		content, err := p.value(depth + 1)
		if err != nil {
			return Value{}, err
		}
		p.set(base, name, content)
		more, err := p.comma('}')
		if err != nil {
			return Value{}, err
		}
		if !more {
			return p.objectFrom(base), nil
		}
	}
	p.at++
	return p.objectFrom(base), nil
}

// objectFrom moves the members from base on out of the stack. Children are gathered
// on stacks so that each list is allocated once, at its length.
func (p *parser) objectFrom(base int) Value {
	v := Value{Kind: Object, Members: slices.Clone(p.members[base:])}
	p.members = p.members[:base]
	return v
}

// set adds a member; of a name that is repeated the last counts, as everywhere.
func (p *parser) set(base int, name string, content Value) {
	const few = 64 // looking back further would be quadratic in a hostile object
	for i := max(base, len(p.members)-few); i < len(p.members); i++ {
		if p.members[i].Name == name {
			p.members[i].Value = content
			return
		}
	}
	p.members = append(p.members, Member{name, content})
}

func (p *parser) array(depth int) (Value, error) {
	base := len(p.items)
	p.at++
	for p.next() != ']' {
		item, err := p.value(depth + 1)
		if err != nil {
			return Value{}, err
		}
		p.items = append(p.items, item)
		more, err := p.comma(']')
		if err != nil {
			return Value{}, err
		}
		if !more {
			return p.arrayFrom(base), nil
		}
	}
	p.at++
	return p.arrayFrom(base), nil
}

func (p *parser) arrayFrom(base int) Value {
	v := Value{Kind: Array, Items: slices.Clone(p.items[base:])}
	p.items = p.items[:base]
	return v
}

// comma takes what follows an element and reports whether another one comes.
func (p *parser) comma(closing byte) (bool, error) {
	switch p.next() {
	case closing:
		p.at++
		return false, nil
	case ',':
		p.at++
		if p.next() == closing {
			return false, ErrTrailingComma
		}
		return true, nil
	}
	return false, errSyntax
}

func (p *parser) number() (Value, error) {
	start := p.at
	p.skipByte("-")
	if !p.skipByte("0") && p.digits() == 0 {
		return Value{}, errSyntax
	}
	if p.skipByte(".") && p.digits() == 0 {
		return Value{}, errSyntax
	}
	if p.skipByte("eE") {
		p.skipByte("+-")
		if p.digits() == 0 {
			return Value{}, errSyntax
		}
	}
	return Value{Kind: Number, Text: p.text[start:p.at]}, nil
}

func (p *parser) skipByte(set string) bool {
	if p.at < len(p.text) && strings.IndexByte(set, p.text[p.at]) >= 0 {
		p.at++
		return true
	}
	return false
}

func (p *parser) digits() int {
	start := p.at
	for p.at < len(p.text) && p.text[p.at] >= '0' && p.text[p.at] <= '9' {
		p.at++
	}
	return p.at - start
}

func (p *parser) string() (string, error) {
	p.at++
	start := p.at
	end := strings.IndexByte(p.text[start:], '"')
	if end < 0 {
		return "", errSyntax
	}
	if strings.IndexByte(p.text[start:start+end], '\\') < 0 {
		p.at = start + end + 1
		return p.text[start : start+end], nil
	}
	var b strings.Builder
	b.Grow(end + 16)
	for p.at < len(p.text) {
		c := p.text[p.at]
		switch c {
		case '"':
			p.at++
			return b.String(), nil
		case '\\':
			if err := p.escape(&b); err != nil {
				return "", err
			}
		default:
			b.WriteByte(c)
			p.at++
		}
	}
	return "", errSyntax
}

func (p *parser) escape(b *strings.Builder) error {
	if p.at+1 >= len(p.text) {
		return errSyntax
	}
	c := p.text[p.at+1]
	if i := strings.IndexByte(`"\/bfnrt`, c); i >= 0 {
		b.WriteByte("\"\\/\b\f\n\r\t"[i])
		p.at += 2
		return nil
	}
	r, ok := p.unicode()
	if !ok {
		return errSyntax
	}
	if utf16.IsSurrogate(r) {
		first := p.at
		low, ok := p.unicode()
		if pair := utf16.DecodeRune(r, low); ok && pair != utf8.RuneError {
			r = pair
		} else {
			p.at = first // half a pair: the replacement character stands for it
			r = utf8.RuneError
		}
	}
	b.WriteRune(r)
	return nil
}

// unicode takes one \uXXXX.
func (p *parser) unicode() (rune, bool) {
	if p.at+6 > len(p.text) || p.text[p.at] != '\\' || p.text[p.at+1] != 'u' {
		return 0, false
	}
	var r rune
	for _, c := range []byte(p.text[p.at+2 : p.at+6]) {
		switch {
		case c >= '0' && c <= '9':
			c -= '0'
		case c >= 'a' && c <= 'f':
			c -= 'a' - 10
		case c >= 'A' && c <= 'F':
			c -= 'A' - 10
		default:
			return 0, false
		}
		r = r<<4 | rune(c)
	}
	p.at += 6
	return r, true
}
