package form

import (
	"io"
	"strings"

	"plaza/internal/base/tabular"
)

// flushAt is how many bytes gather before they are written.
const flushAt = 64 << 10

// delimited writes CSV as RFC 4180 has it, but for the ends of lines, which are "\n":
// with "\r\n" some writers change those inside of cells too. A cell without value is
// empty, an empty text is "". encoding/csv cannot tell these two apart and writes a
// lone empty cell as a blank line, which readers pass over.
type delimited struct {
	whole
	w    io.Writer
	buf  []byte
	cols int
}

func newDelimited(w io.Writer, columns []tabular.Column, bom bool) (*delimited, error) {
	d := &delimited{w: w, cols: len(columns)}
	if bom {
		d.buf = append(d.buf, "\uFEFF"...)
	}
	for i, c := range columns {
		if i > 0 {
			d.buf = append(d.buf, ',')
		}
		d.field(c.Name)
	}
	d.buf = append(d.buf, '\n')
	return d, nil
}

// Write writes a line.
func (d *delimited) Write(row []tabular.Cell) error {
	for i, cell := range row {
		if i > 0 {
			d.buf = append(d.buf, ',')
		}
		switch {
		case !cell.Null:
			d.field(cell.Text)
		case len(row) == 1:
			d.buf = append(d.buf, `""`...) // a blank line would be no row
		}
	}
	d.buf = append(d.buf, '\n')
	return d.flush(flushAt)
}

func (d *delimited) field(s string) {
	if s != "" && !strings.ContainsAny(s, ",\"\r\n") && s[0] != ' ' && s[len(s)-1] != ' ' {
		d.buf = append(d.buf, s...)
		return
	}
	d.buf = append(d.buf, '"')
	for {
		i := strings.IndexByte(s, '"')
		if i < 0 {
			break
		}
		d.buf = append(d.buf, s[:i+1]...)
		d.buf = append(d.buf, '"')
		s = s[i+1:]
	}
	d.buf = append(d.buf, s...)
	d.buf = append(d.buf, '"')
}

func (d *delimited) flush(at int) error {
	if len(d.buf) < at {
		return nil
	}
	_, err := d.w.Write(d.buf)
	d.buf = d.buf[:0]
	return err
}

// Close writes what is left.
func (d *delimited) Close() error { return d.flush(1) }
