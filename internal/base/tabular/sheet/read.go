package sheet

import (
	"context"
	"errors"
	"io"

	"plaza/internal/base/tabular"
)

// maxBatch is how much text a batch of rows holds: wide rows come in smaller batches.
const maxBatch = 8 << 20

// reader reads the rows of a sheet's table.
type reader struct {
	plan  *plan
	rows  *spoolRows
	read  func(int64)
	place []int // of each column of the sheet, its column in the table; -1 when it has none
	slots [][]byte

	next   int64 // number of the next row
	line   int64
	repeat int64 // how often the row in slots is to come again
	done   bool
	err    error
}

func newReader(p *plan, rows *spoolRows, read func(int64)) *reader {
	r := &reader{plan: p, rows: rows, read: read, next: 1, slots: make([][]byte, len(p.columns))}
	for i, col := range p.columns {
		for len(r.place) <= col {
			r.place = append(r.place, -1)
		}
		r.place[col] = i
	}
	return r
}

// Next fills the batch.
func (r *reader) Next(ctx context.Context, b *tabular.Batch) error {
	b.Reset(len(r.plan.columns), r.next)
	for n := 0; !b.Full() && b.Size() < maxBatch; n++ {
		if n%512 == 0 && ctx.Err() != nil {
			return ctx.Err()
		}
		if r.repeat == 0 && !r.advance() {
			break
		}
		if r.line > r.plan.last {
			r.done, r.repeat = true, 0
			break
		}
		for _, text := range r.slots {
			b.Add(text)
		}
		b.EndRow()
		b.Lines = append(b.Lines, r.line)
		r.line++
		r.repeat--
	}
	r.next += int64(b.Rows())
	if r.read != nil {
		r.read(r.rows.read)
	}
	if b.Rows() > 0 {
		return nil
	}
	if r.err != nil {
		return r.err
	}
	return io.EOF
}

// advance goes to the next row of data; false when there is none. An error is kept
// until the rows before it were given.
func (r *reader) advance() bool {
	for !r.done {
		line, repeat, cells, err := r.rows.row()
		if err != nil {
			r.done = true
			if !errors.Is(err, io.EOF) {
				r.err = err
			}
			return false
		}
		if line > r.plan.last {
			r.done = true
			return false
		}
		if skip := r.plan.first - line; skip > 0 {
			line, repeat = line+skip, repeat-skip
		}
		if repeat <= 0 {
			continue
		}
		if r.put(cells) {
			r.line, r.repeat = line, repeat
			return true
		}
	}
	return false
}

// put brings the cells to their columns; false when none has one.
func (r *reader) put(cells []cell) bool {
	clear(r.slots)
	any := false
	for i := range cells {
		c := &cells[i]
		if c.col < len(r.place) && r.place[c.col] >= 0 {
			r.slots[r.place[c.col]] = c.text
			any = true
		}
	}
	return any
}

// Close lets go of the rows.
func (r *reader) Close() error { return r.rows.file.Close() }
