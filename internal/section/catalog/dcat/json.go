package dcat

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
	jsonNull   = 'n'
	jsonBool   = 'b'
	jsonNumber = '0'
	jsonString = '"'
	jsonArray  = '['
	jsonObject = '{'
)

// value is one JSON value. Numbers and booleans keep their text. The decoder is our
// own because it is three times as fast as the libraries that build a tree, says
// the line of an error, accepts raw line breaks in strings, and makes half a
// surrogate pair visible instead of losing it; a fuzz test holds it to encoding/json.
type value struct {
	kind    byte
	text    string
	items   []value
	members []member
}

type member struct {
	name  string
	value value
}

// get returns the member of that name; letters of another case are accepted when
// nothing matches exactly, as real catalogues write describedBY and accessUrl.
func (v value) get(name string) value {
	var loose value
	for _, m := range v.members {
		if m.name == name {
			return m.value
		}
		if loose.kind == 0 && len(m.name) == len(name) && strings.EqualFold(m.name, name) {
			loose = m.value
		}
	}
	return loose
}

// any turns the value into what JSON-LD libraries expect. A number that a float64
// does not hold exactly stays text.
func (v value) any() any {
	switch v.kind {
	case jsonBool:
		return v.text == "true"
	case jsonNumber:
		f, err := strconv.ParseFloat(v.text, 64)
		if err != nil || math.Abs(f) > 1<<53 {
			return v.text
		}
		return f
	case jsonString:
		return v.text
	case jsonArray:
		list := make([]any, len(v.items))
		for i, item := range v.items {
			list[i] = item.any()
		}
		return list
	case jsonObject:
		object := make(map[string]any, len(v.members))
		for _, m := range v.members {
			object[m.name] = m.value.any()
		}
		return object
	}
	return nil
}

var (
	errDeep          = errors.New("nested too deeply")
	errMany          = errors.New("too many values")
	errTrailingComma = errors.New("a comma with nothing after it")
	errEnd           = errors.New("text after the end")
	errSyntax        = errors.New("not JSON")
)

// jsonError says where JSON is broken; line counts from 0, from the text's start.
type jsonError struct {
	line int
	err  error
}

func (e *jsonError) Error() string { return fmt.Sprintf("line %d: %v", e.line+1, e.err) }
func (e *jsonError) Unwrap() error { return e.err }

// maxValues is how many values one record may hold: far more than any has, and few
// enough that their tree stays within some 40 MB.
const maxValues = 500_000

// parseJSON decodes one value. Its strings share the memory of text.
func parseJSON(text string) (value, error) { return parseJSONUpTo(text, maxValues) }

// parseJSONUpTo is parseJSON with another limit on the number of values.
func parseJSONUpTo(text string, most int) (value, error) {
	p := jsonParser{text: text, left: most}
	v, err := p.value(0)
	if err == nil {
		if p.blanks(); p.at < len(text) {
			err = errEnd
		}
	}
	if err != nil {
		return value{}, &jsonError{line: strings.Count(text[:min(p.at, len(text))], "\n"), err: err}
	}
	return v, nil
}

type jsonParser struct {
	text    string
	at      int
	left    int      // how many more values are allowed
	items   []value  // of the arrays that are open, innermost last
	members []member // of the objects that are open
}

func (p *jsonParser) blanks() {
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
func (p *jsonParser) next() byte {
	p.blanks()
	if p.at >= len(p.text) {
		return 0
	}
	return p.text[p.at]
}

func (p *jsonParser) value(depth int) (value, error) {
	if depth > MaxDepth {
		return value{}, errDeep
	}
	if p.left--; p.left < 0 {
		return value{}, errMany
	}
	switch c := p.next(); {
	case c == '{':
		return p.object(depth)
	case c == '[':
		return p.array(depth)
	case c == '"':
		s, err := p.string()
		return value{kind: jsonString, text: s}, err
	case c == '-' || c >= '0' && c <= '9':
		return p.number()
	}
	for _, word := range []string{"null", "true", "false"} {
		if strings.HasPrefix(p.text[p.at:], word) {
			p.at += len(word)
			if word == "null" {
				return value{kind: jsonNull}, nil
			}
			return value{kind: jsonBool, text: word}, nil
		}
	}
	return value{}, errSyntax
}

func (p *jsonParser) object(depth int) (value, error) {
	base := len(p.members)
	p.at++
	for p.next() != '}' {
		if p.next() != '"' {
			return value{}, errSyntax
		}
		name, err := p.string()
		if err != nil {
			return value{}, err
		}
		if p.next() != ':' {
			return value{}, errSyntax
		}
		p.at++
		content, err := p.value(depth + 1)
		if err != nil {
			return value{}, err
		}
		p.set(base, name, content)
		more, err := p.comma('}')
		if err != nil {
			return value{}, err
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
func (p *jsonParser) objectFrom(base int) value {
	v := value{kind: jsonObject, members: slices.Clone(p.members[base:])}
	p.members = p.members[:base]
	return v
}

// set adds a member; of a name that is repeated the last counts, as everywhere.
func (p *jsonParser) set(base int, name string, content value) {
	const few = 64 // looking back further would be quadratic in a hostile object
	for i := max(base, len(p.members)-few); i < len(p.members); i++ {
		if p.members[i].name == name {
			p.members[i].value = content
			return
		}
	}
	p.members = append(p.members, member{name, content})
}

func (p *jsonParser) array(depth int) (value, error) {
	base := len(p.items)
	p.at++
	for p.next() != ']' {
		item, err := p.value(depth + 1)
		if err != nil {
			return value{}, err
		}
		p.items = append(p.items, item)
		more, err := p.comma(']')
		if err != nil {
			return value{}, err
		}
		if !more {
			return p.arrayFrom(base), nil
		}
	}
	p.at++
	return p.arrayFrom(base), nil
}

func (p *jsonParser) arrayFrom(base int) value {
	v := value{kind: jsonArray, items: slices.Clone(p.items[base:])}
	p.items = p.items[:base]
	return v
}

// comma takes what follows an element and reports whether another one comes.
func (p *jsonParser) comma(closing byte) (bool, error) {
	switch p.next() {
	case closing:
		p.at++
		return false, nil
	case ',':
		p.at++
		if p.next() == closing {
			return false, errTrailingComma
		}
		return true, nil
	}
	return false, errSyntax
}

func (p *jsonParser) number() (value, error) {
	start := p.at
	p.skipByte("-")
	if !p.skipByte("0") && p.digits() == 0 {
		return value{}, errSyntax
	}
	if p.skipByte(".") && p.digits() == 0 {
		return value{}, errSyntax
	}
	if p.skipByte("eE") {
		p.skipByte("+-")
		if p.digits() == 0 {
			return value{}, errSyntax
		}
	}
	return value{kind: jsonNumber, text: p.text[start:p.at]}, nil
}

func (p *jsonParser) skipByte(set string) bool {
	if p.at < len(p.text) && strings.IndexByte(set, p.text[p.at]) >= 0 {
		p.at++
		return true
	}
	return false
}

func (p *jsonParser) digits() int {
	start := p.at
	for p.at < len(p.text) && p.text[p.at] >= '0' && p.text[p.at] <= '9' {
		p.at++
	}
	return p.at - start
}

func (p *jsonParser) string() (string, error) {
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

func (p *jsonParser) escape(b *strings.Builder) error {
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
func (p *jsonParser) unicode() (rune, bool) {
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
