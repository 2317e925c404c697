package form

import (
	"bytes"
	"encoding/json"
	"io"
	"regexp"

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

// jsonNumber is what JSON calls a number.
var jsonNumber = regexp.MustCompile(`^-?(0|[1-9]\d*)(\.\d+)?([eE][+-]?\d+)?$`)

func value(dst []byte, cell tabular.Cell, t tabular.Type) []byte {
	switch {
	case cell.Null:
		return append(dst, "null"...)
	case cell.Odd:
	case t.Number() && jsonNumber.MatchString(cell.Text):
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
	for i := 0; i < len(s); i++ {
		if c := s[i]; c < 0x20 || c == '"' || c == '\\' || c >= 0x7F {
			return slowlyQuoted(dst, s)
		}
	}
	dst = append(dst, '"')
	dst = append(dst, s...)
	return append(dst, '"')
}

func slowlyQuoted(dst []byte, s string) []byte {
	const hex = "0123456789abcdef"
	dst = append(dst, '"')
	for _, r := range s { // a byte that is not UTF-8 is U+FFFD here
		switch {
		case r == '"' || r == '\\':
			dst = append(dst, '\\', byte(r))
		case r == '\n':
			dst = append(dst, `\n`...)
		case r == '\t':
			dst = append(dst, `\t`...)
		case r == '\r':
			dst = append(dst, `\r`...)
		case r < 0x20 || r == 0x7F:
			dst = append(dst, '\\', 'u', '0', '0', hex[r>>4], hex[r&15])
		case r == '\u2028' || r == '\u2029': // ends of lines to old readers of JSON Lines
			dst = append(append(dst, `\u202`...), hex[r&15])
		default:
			dst = append(dst, string(r)...)
		}
	}
	return append(dst, '"')
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
