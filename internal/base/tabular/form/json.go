package form

import (
	"bytes"
	"encoding/json"
	"io"
	"strings"
	"unicode/utf8"

	"plaza/internal/base/tabular"
)

// objects writes JSON: an object for each row, whose members are the columns in their
// order. Numbers are numbers, booleans booleans, geometries GeoJSON, all else text; what
// does not fit its column's type is text.
type objects struct {
	whole
	w       io.Writer
	columns []tabular.Column
	names   [][]byte // as members begin: "name":
	buf     []byte
	between string // objects
	end     string
	rows    int64
	broken  error
}

func newJSON(w io.Writer, columns []tabular.Column, begin, between, end string) *objects {
	o := &objects{w: w, columns: columns, between: between, end: end}
	for _, c := range columns {
		o.names = append(o.names, append(quoted(nil, c.Name), ':'))
	}
	if begin != "" {
		o.buf = append(append(o.buf, begin...), '\n')
	}
	return o
}

// Write writes an object on a line of its own.
func (o *objects) Write(row []tabular.Cell) error {
	o.next()
	o.buf = o.object(o.buf, row, nil)
	return o.flush(flushAt)
}

func (o *objects) next() {
	if o.rows++; o.rows > 1 {
		o.buf = append(append(o.buf, o.between...), '\n')
	}
}

// object appends a row as an object, without the columns of skip.
func (o *objects) object(dst []byte, row []tabular.Cell, skip []bool) []byte {
	dst = append(dst, '{')
	first := true
	for i, cell := range row {
		if skip != nil && skip[i] {
			continue
		}
		if !first {
			dst = append(dst, ',')
		}
		first = false
		dst = append(dst, o.names[i]...)
		dst = value(dst, cell, o.columns[i].Type)
	}
	return append(dst, '}')
}

// isNumber reports whether a text is what JSON calls a number.
func isNumber(s string) bool {
	s = strings.TrimPrefix(s, "-")
	whole := digits(s)
	if whole == 0 || whole > 1 && s[0] == '0' {
		return false
	}
	if s = s[whole:]; strings.HasPrefix(s, ".") {
		n := digits(s[1:])
		if n == 0 {
			return false
		}
		s = s[1+n:]
	}
	if s == "" {
		return true
	}
	if s[0] != 'e' && s[0] != 'E' {
		return false
	}
	if s = s[1:]; s != "" && (s[0] == '+' || s[0] == '-') {
		s = s[1:]
	}
	return s != "" && digits(s) == len(s)
}

// digits is how many a text begins with.
func digits(s string) int {
	n := 0
	for n < len(s) && s[n] >= '0' && s[n] <= '9' {
		n++
	}
	return n
}

// AppendValue appends a cell as JSON: a number, a boolean, GeoJSON, text or null, by its
// column's type.
func AppendValue(dst []byte, cell tabular.Cell, t tabular.Type) []byte { return value(dst, cell, t) }

// AppendText appends a text as JSON.
func AppendText(dst []byte, s string) []byte { return quoted(dst, s) }

func value(dst []byte, cell tabular.Cell, t tabular.Type) []byte {
	switch {
	case cell.Null:
		return append(dst, "null"...)
	case cell.Odd:
	case t.Number() && isNumber(cell.Text):
		return append(dst, cell.Text...)
	case t == tabular.Boolean && (cell.Text == "true" || cell.Text == "false"):
		return append(dst, cell.Text...)
	case t == tabular.Geometry:
		if out, ok := compact(dst, cell.Text); ok {
			return out
		}
	}
	return quoted(dst, cell.Text)
}

// compact appends JSON on one line, which JSON Lines asks for.
func compact(dst []byte, s string) ([]byte, bool) {
	b := bytes.NewBuffer(dst)
	if err := json.Compact(b, []byte(s)); err != nil {
		return dst, false
	}
	return b.Bytes(), true
}

// quoted appends a text as JSON has it, without escaping what only HTML minds. Bytes that
// are not UTF-8 become U+FFFD.
func quoted(dst []byte, s string) []byte {
	dst = append(dst, '"')
	done := 0 // bytes of s that are written
	for i := 0; i < len(s); {
		c := s[i]
		if c >= ' ' && c < 0x7F && c != '"' && c != '\\' {
			i++
			continue
		}
		r, n := utf8.DecodeRuneInString(s[i:])
		if c >= utf8.RuneSelf && r != utf8.RuneError && r != '\u2028' && r != '\u2029' {
			i += n
			continue
		}
		dst = escape(append(dst, s[done:i]...), r)
		i += n
		done = i
	}
	return append(append(dst, s[done:]...), '"')
}

// escape appends a character that JSON does not hold as it is.
func escape(dst []byte, r rune) []byte {
	const hex = "0123456789abcdef"
	switch {
	case r == '"' || r == '\\':
		return append(dst, '\\', byte(r))
	case r == '\n':
		return append(dst, `\n`...)
	case r == '\t':
		return append(dst, `\t`...)
	case r == '\r':
		return append(dst, `\r`...)
	case r <= 0x7F:
		return append(dst, '\\', 'u', '0', '0', hex[r>>4], hex[r&15])
	case r == '\u2028' || r == '\u2029': // ends of lines to old readers of JSON Lines
		return append(append(dst, `\u202`...), hex[r&15])
	}
	return utf8.AppendRune(dst, r)
}

func (o *objects) flush(at int) error {
	if o.broken != nil || len(o.buf) < at {
		return o.broken
	}
	_, o.broken = o.w.Write(o.buf)
	o.buf = o.buf[:0]
	return o.broken
}

// Close ends the list.
func (o *objects) Close() error {
	if o.rows > 0 {
		o.buf = append(o.buf, '\n')
	}
	o.buf = append(o.buf, o.end...)
	return o.flush(1)
}
