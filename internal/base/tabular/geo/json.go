package geo

import (
	"bytes"
	"encoding/json"
	"errors"
	"strconv"
	"unicode/utf8"

	"golang.org/x/text/encoding/charmap"

	"plaza/internal/base/tabular"
)

var errJSON = errors.New("not JSON")

// cursor goes over JSON that lies in memory. Values are spans of it, not copies: a
// geometry of a million points is found, then read number by number into WKB, which is
// several times faster than through any tree of values.
type cursor struct {
	b []byte
	i int
}

// next skips white space and gives the byte that follows, 0 at the end.
func (c *cursor) next() byte {
	for c.i < len(c.b) {
		if ch := c.b[c.i]; ch != ' ' && ch != '\n' && ch != '\r' && ch != '\t' {
			return ch
		}
		c.i++
	}
	return 0
}

func (c *cursor) eat(ch byte) bool {
	if c.next() != ch {
		return false
	}
	c.i++
	return true
}

// quoted gives a string with its quotes.
func (c *cursor) quoted() ([]byte, error) {
	start := c.i
	for i := c.i + 1; i < len(c.b); i++ {
		switch c.b[i] {
		case '\\':
			i++
		case '"':
			c.i = i + 1
			return c.b[start:c.i], nil
		}
	}
	return nil, errJSON
}

// value gives any value as it is written.
func (c *cursor) value() ([]byte, error) {
	switch c.next() {
	case 0:
		return nil, errJSON
	case '"':
		return c.quoted()
	case '{', '[':
		return c.nested()
	}
	start := c.i
	for c.i < len(c.b) && literal[c.b[c.i]] {
		c.i++
	}
	if c.i == start {
		return nil, errJSON
	}
	return c.b[start:c.i], nil
}

func (c *cursor) nested() ([]byte, error) {
	start, depth := c.i, 0
	for c.i < len(c.b) {
		switch c.b[c.i] {
		case '"':
			if _, err := c.quoted(); err != nil {
				return nil, err
			}
			continue
		case '{', '[':
			depth++
		case '}', ']':
			if depth--; depth == 0 {
				c.i++
				return c.b[start:c.i], nil
			}
		}
		c.i++
	}
	return nil, errJSON
}

// literal are the bytes of numbers and words, NaN and Infinity among them: writers that
// are not quite JSON's are common.
var literal = func() (out [256]bool) {
	for _, ch := range []byte("+-.0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ") {
		out[ch] = true
	}
	return
}()

// members gives the members of an object in turn, keys unquoted.
func (c *cursor) members(give func(key, value []byte) error) error {
	return c.list('{', '}', func() error {
		if c.next() != '"' {
			return errJSON
		}
		key, err := c.quoted()
		if err != nil || !c.eat(':') {
			return errJSON
		}
		value, err := c.value()
		if err != nil {
			return err
		}
		return give(words(key), value)
	})
}

// list calls item for every item between two brackets.
func (c *cursor) list(open, shut byte, item func() error) error {
	if !c.eat(open) {
		return errJSON
	}
	if c.eat(shut) {
		return nil
	}
	for {
		if err := item(); err != nil {
			return err
		}
		if c.eat(shut) {
			return nil
		}
		if !c.eat(',') {
			return errJSON
		}
	}
}

// number reads a number; anything else, NaN among it, is errUnreadable.
func (c *cursor) number() (float64, error) {
	c.next()
	start := c.i
	for c.i < len(c.b) && literal[c.b[c.i]] {
		c.i++
	}
	f, err := strconv.ParseFloat(string(c.b[start:c.i]), 64)
	if err != nil || f-f != 0 {
		return 0, errUnreadable
	}
	return f, nil
}

// words is a string without quotes and escapes. Text that is not UTF-8 is read as
// Windows-1252, which is what writers that do not ask are set to here.
func words(quoted []byte) []byte {
	out := quoted[1 : len(quoted)-1]
	if bytes.IndexByte(out, '\\') >= 0 {
		var s string
		if json.Unmarshal(quoted, &s) == nil {
			out = []byte(s)
		}
	}
	return decoded(out)
}

func decoded(b []byte) []byte {
	if utf8.Valid(b) {
		return b
	}
	if out, err := charmap.Windows1252.NewDecoder().Bytes(b); err == nil {
		return out
	}
	return bytes.ToValidUTF8(b, []byte("\uFFFD"))
}

// cellOf is a value as the text of a cell: lists stay JSON, null and NaN are nothing.
func cellOf(value []byte) []byte {
	switch {
	case len(value) == 0:
		return nil
	case value[0] == '"':
		return words(value)
	case value[0] == '[' || value[0] == '{':
		var b bytes.Buffer
		if json.Compact(&b, value) == nil {
			return decoded(b.Bytes())
		}
		return decoded(value)
	}
	switch string(value) {
	case "null", "NaN", "Infinity", "-Infinity", "undefined":
		return nil
	}
	return value
}

// flatten gives the members of an object and of the objects in it, names joined by
// dots. What lies deeper than tabular.MaxDepth stays JSON.
func flatten(object []byte, path []byte, depth int, give func(path, value []byte) error) error {
	c := cursor{b: object}
	base := len(path)
	return c.members(func(key, value []byte) error {
		path = append(path[:base], key...)
		if value[0] != '{' || depth >= tabular.MaxDepth {
			return give(path, value)
		}
		return flatten(value, append(path, '.'), depth+1, give)
	})
}
