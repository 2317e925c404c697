package delimited

import (
	"encoding/binary"
	"io"
	"math/bits"

	"plaza/internal/base/tabular"
)

// How far a quoted cell may run before its quote is taken for a stray one, and the
// most bytes of a row: more is no table.
const (
	runawayBytes = 1 << 20
	runawayLines = 1000
	lenientBytes = 16 << 10 // with stray quotes in it: each such row is searched again
	maxRow       = 64 << 20
	firstWindow  = 256 << 10
)

// dialect is how rows and cells are told apart. A quote or escape of 0 is none.
type dialect struct {
	delim, quote, escape byte
	eol                  byte // '\n' or '\r'
	runs                 bool // several delimiters in a row are one (columns set with spaces)
	single               bool // there is no delimiter: a line is a cell
}

// tokens splits a stream of UTF-8 into rows. Its window holds whole rows: a row that
// does not end in it is read again from its beginning once more bytes are there; the
// window doubles, so that costs at most as much again.
type tokens struct {
	dialect
	src      io.Reader
	buf      []byte
	pos, end int
	eof      bool
	line     int64 // of the row that comes next, from 1
	begun    int64 // line of the row that was given last
	offset   int64 // of buf in the file, in bytes; -1 when that is not known
	cols     int   // that a row should have, 0 while unknown
	quoted   bool  // a quoted cell was seen
	// width is how many bytes of the file a text of the stream takes; nil: as many.
	width func(text []byte) int
	// stray is told of a row with a stray quote, which begins at line and where.
	stray func()
}

// newTokens splits what src gives, from line 1.
func newTokens(src io.Reader, d dialect) *tokens {
	return &tokens{dialect: d, src: src, buf: make([]byte, firstWindow), line: 1}
}

// over splits text that lies in memory.
func over(text []byte, d dialect) *tokens {
	return &tokens{dialect: d, buf: text, end: len(text), eof: true, line: 1}
}

// outcome is how reading a row ended.
type outcome int

const (
	whole   outcome = iota
	partial         // the window ends before it does
	broken          // a quote in it is not closed as quotes are
	wide            // more columns than a table may have
	long            // a cell of more bytes than a cell may have
)

// manner is what becomes of a quote that is not closed as quotes are.
type manner int

const (
	strict  manner = iota // the row is broken
	literal               // the cell is text up to the delimiter, unless a quote closes on its line
	lenient               // quotes within are text until one is closed well
)

// row appends the cells of the next row to b, which has no open row, and says how many
// there are; io.EOF when there is none. The caller ends the row.
func (t *tokens) row(b *tabular.Batch) (int, error) {
	for {
		if t.pos == t.end && t.eof {
			return 0, io.EOF
		}
		n, next, lines, out := t.parse(b, strict)
		if out == broken {
			n, next, lines, out = t.mend(b)
		}
		switch out {
		case whole:
			if next-t.pos > maxRow {
				return 0, t.fault("row_too_long", "max", maxRow>>20)
			}
			t.begun = t.line
			t.line += lines
			t.pos = next
			return n, nil
		case wide:
			return 0, t.fault("too_many_columns", "max", tabular.MaxColumns)
		case long:
			return 0, t.fault("cell_too_long", "max", tabular.MaxCell>>20)
		}
		b.DropRow()
		if t.end-t.pos >= maxRow {
			return 0, t.fault("row_too_long", "max", maxRow>>20)
		}
		if err := t.fill(); err != nil {
			return 0, err
		}
	}
}

// where is the offset of pos in the file, -1 when that is not known.
func (t *tokens) where() int64 {
	switch {
	case t.offset < 0:
		return -1
	case t.width != nil:
		return t.offset + int64(t.width(t.buf[:t.pos]))
	}
	return t.offset + int64(t.pos)
}

func (t *tokens) fault(code string, args ...any) *tabular.Fault {
	return &tabular.Fault{Code: code, Line: t.line, Byte: t.where(), Args: append(args, "line", t.line)}
}

// mend reads a row with a stray quote: as literal text if that gives as many cells as
// the table has, else leniently if that does, else as literal text.
func (t *tokens) mend(b *tabular.Batch) (n, next int, lines int64, out outcome) {
	b.DropRow()
	n, next, lines, out = t.parse(b, literal)
	if out == whole && t.cols > 0 && n != t.cols {
		b.DropRow()
		if m, stop, many, end := t.parse(b, lenient); end == whole && m == t.cols {
			n, next, lines, out = m, stop, many, end
		} else {
			b.DropRow()
			n, next, lines, out = t.parse(b, literal)
		}
	}
	if out == whole && t.stray != nil {
		t.stray()
	}
	return n, next, lines, out
}

// parse reads the row at pos. It returns how many cells it has, where the next row
// begins, and how many line ends it took.
func (t *tokens) parse(b *tabular.Batch, how manner) (n, next int, lines int64, out outcome) {
	window := t.buf[t.pos:t.end]
	delim, eol, at := t.delim, t.eol, 0
	quote, runs, eof := t.quote, t.runs, t.eof
	if t.single {
		delim = eol
	}
	for {
		if lines > 0 && (n > tabular.MaxColumns || t.cols > 0 && n > 4*t.cols+100) && how == strict {
			return n, 0, 0, broken // quotes out of step take each line end into a cell
		}
		if n > tabular.MaxColumns {
			return n, 0, 0, wide
		}
		if runs {
			for at < len(window) && window[at] == delim {
				at++
			}
		}
		rest := window[at:]
		if len(rest) > 0 && (rest[0] == quote || rest[0] == ' ') && quote != 0 {
			used, many, done := t.quotedCell(b, rest, how)
			switch done {
			case whole:
				n, lines, at = n+1, lines+many, at+used
				if at == len(window) {
					return n, t.pos + at, lines, whole
				}
				if end := window[at]; end == eol || end != delim {
					return n, t.pos + at + t.ending(window[at:]), lines + 1, whole
				}
				at++
				continue
			case partial, broken, long:
				return n, 0, 0, done
			}
		}
		i := find(rest, delim, eol)
		if i > tabular.MaxCell {
			return n, 0, 0, long
		}
		if i == len(rest) {
			if !eof {
				return n, 0, 0, partial
			}
			b.Add(rest)
			return n + 1, t.pos + at + i, lines, whole
		}
		if rest[i] == eol {
			cell := rest[:i]
			if eol == '\n' && i > 0 && cell[i-1] == '\r' {
				cell = cell[:i-1]
			}
			if !runs || len(cell) > 0 || n == 0 {
				b.Add(cell)
				n++
			}
			return n, t.pos + at + i + 1, lines + 1, whole
		}
		b.Add(rest[:i])
		n++
		at += i + 1
	}
}

// find is where the first a or b is in s, its length when there is neither. It looks at
// eight bytes at a time: a byte of x that is 0 was a, and only the first such byte is
// looked for, so that what a borrow does to those behind it does not matter.
func find(s []byte, a, b byte) int {
	const ones, tops = 0x0101010101010101, 0x8080808080808080
	as, bs := ones*uint64(a), ones*uint64(b)
	i := 0
	for ; i+8 <= len(s); i += 8 {
		w := binary.LittleEndian.Uint64(s[i:])
		x, y := w^as, w^bs
		if m := ((x-ones)&^x | (y-ones)&^y) & tops; m != 0 {
			return i + bits.TrailingZeros64(m)>>3
		}
	}
	for i < len(s) && s[i] != a && s[i] != b {
		i++
	}
	return i
}

// ending is how many bytes the line end at the beginning of s takes.
func (t *tokens) ending(s []byte) int {
	if t.eol == '\n' && s[0] == '\r' && len(s) > 1 {
		return 2
	}
	return 1
}

// fill reads more behind what the window still holds of a row.
func (t *tokens) fill() error {
	if t.pos > 0 {
		t.offset = t.where()
		copy(t.buf, t.buf[t.pos:t.end])
		t.end -= t.pos
		t.pos = 0
	}
	if t.end > len(t.buf)/2 {
		grown := make([]byte, 2*len(t.buf))
		copy(grown, t.buf[:t.end])
		t.buf = grown
	}
	// A decoder gives a few kilobytes at a time: the row would be read again for each.
	room := t.buf[t.end:]
	n, err := io.ReadAtLeast(t.src, room, len(room)/2)
	t.end += n
	if err == io.EOF || err == io.ErrUnexpectedEOF {
		t.eof, err = true, nil
	}
	return err
}
