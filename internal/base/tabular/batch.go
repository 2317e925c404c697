package tabular

import (
	"context"
	"errors"
	"fmt"

	"plaza/internal/base/i18n"
)

// BatchRows is the most rows of a Batch: as many as the engine takes at a time.
const BatchRows = 2048

// Batch is some consecutive rows of a table, as text. All rows have as many cells as
// the table has columns. It is made for reuse: Reset keeps its memory.
type Batch struct {
	Cols  int
	First int64   // number of its first row in the table, from 1
	Lines []int64 // line of the file (row of the sheet) of each row; nil where there are none

	rows int
	data []byte
	ends []int
}

// Reset empties the batch for rows of cols cells that begin at number first.
func (b *Batch) Reset(cols int, first int64) {
	b.Cols, b.First, b.rows = cols, first, 0
	b.Lines, b.data, b.ends = b.Lines[:0], b.data[:0], b.ends[:0]
}

// Rows is how many rows are whole.
func (b *Batch) Rows() int { return b.rows }

// Full reports whether no row fits any more.
func (b *Batch) Full() bool { return b.rows >= BatchRows }

// Size is how many bytes of text it holds.
func (b *Batch) Size() int { return len(b.data) }

// Cell is the text at (row, col), valid until Reset; empty for a missing one.
func (b *Batch) Cell(row, col int) []byte {
	i := row*b.Cols + col
	start := 0
	if i > 0 {
		start = b.ends[i-1]
	}
	return b.data[start:b.ends[i]:b.ends[i]]
}

// Add appends a cell to the row that is being written.
func (b *Batch) Add(cell []byte) {
	b.data = append(b.data, cell...)
	b.ends = append(b.ends, len(b.data))
}

// AddString is Add for a string.
func (b *Batch) AddString(cell string) {
	b.data = append(b.data, cell...)
	b.ends = append(b.ends, len(b.data))
}

// Buffer gives the bytes of the batch, to which a reader may append a cell's text in
// pieces; Commit(buffer) ends the cell.
func (b *Batch) Buffer() []byte { return b.data }

// Commit ends a cell whose text was appended to Buffer.
func (b *Batch) Commit(buffer []byte) {
	b.data = buffer
	b.ends = append(b.ends, len(b.data))
}

// EndRow ends the row, filling up cells that are missing and dropping those that are
// too many. It returns how many cells the row had.
func (b *Batch) EndRow() int {
	want := (b.rows + 1) * b.Cols
	had := len(b.ends) - b.rows*b.Cols
	for len(b.ends) < want {
		b.ends = append(b.ends, len(b.data))
	}
	if len(b.ends) > want {
		b.ends = b.ends[:want]
		b.data = b.data[:b.lastEnd()]
	}
	b.rows++
	return had
}

// DropRow forgets the cells of the row that is being written.
func (b *Batch) DropRow() {
	b.ends = b.ends[:b.rows*b.Cols]
	b.data = b.data[:b.lastEnd()]
}

func (b *Batch) lastEnd() int {
	if len(b.ends) == 0 {
		return 0
	}
	return b.ends[len(b.ends)-1]
}

// Reader gives the rows of one table, in their order. It is used by one goroutine.
type Reader interface {
	// Next resets the batch and fills it with the rows that follow; io.EOF, with an empty
	// batch, when there are none. A *Fault says that the file is broken from here on;
	// rows read before it stay good. It may be slow: it looks at ctx at least once a batch.
	Next(ctx context.Context, b *Batch) error
	Close() error
}

// Fault is what is wrong with a file, said so that its publisher finds the place.
type Fault struct {
	Code   string // "tabular.fault." + Code is its sentence
	Table  string // "" for the file
	Line   int64  // from 1; 0 when unknown
	Column string // "" when it is not about one
	Byte   int64  // offset in the file as it was fetched, -1 when unknown
	Args   []any  // of the sentence, in pairs
	Cause  error  // for the log
}

// Error is for logs; people read the sentence of Code.
func (f *Fault) Error() string {
	if f.Cause != nil {
		return "tabular: " + f.Code + ": " + f.Cause.Error()
	}
	return "tabular: " + f.Code
}

// Unwrap gives the cause.
func (f *Fault) Unwrap() error { return f.Cause }

// Is lets errors.Is find a Fault by its code alone.
func (f *Fault) Is(target error) bool {
	var other *Fault
	return errors.As(target, &other) && other.Code == f.Code
}

// Sentence is what people read of a fault: the sentence of a key, in which the kind of a file
// is named in words.
func Sentence(l *i18n.Printer, key string, pairs ...any) string {
	for i := 1; i < len(pairs); i += 2 {
		if kind := fmt.Sprint("tabular.kind.", pairs[i]); pairs[i-1] == "kind" && l.Has(kind) {
			pairs[i] = l.T(kind)
		}
	}
	return l.T(key, pairs...)
}
