package parquet

import (
	"context"
	"errors"
	"io"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/parquet/pqarrow"

	"plaza/internal/base/tabular"
)

// fullBatch is how many bytes of text end a batch.
const fullBatch = 8 << 20

// reader gives the rows of a file.
type reader struct {
	table  *table
	in     *input
	group  int // row groups that were begun
	inside int64
	rows   int64
	stream pqarrow.RecordReader // of the row group; nil between two
	batch  arrow.RecordBatch
	cells  []cells
	at     int64 // row of batch that follows
	fault  error
	report func(int64)
}

// Next implements tabular.Reader.
func (r *reader) Next(ctx context.Context, b *tabular.Batch) error {
	b.Reset(len(r.table.columns), r.rows+1)
	if err := ctx.Err(); err != nil {
		return err
	}
	for r.fault == nil && !b.Full() && b.Size() < fullBatch {
		if r.batch == nil || r.at == r.batch.NumRows() {
			if err := r.advance(ctx); err != nil {
				if ctx.Err() != nil {
					return ctx.Err()
				}
				r.fault = err
			}
			continue
		}
		if err := r.row(b); err != nil {
			b.DropRow()
			r.fault = err
		}
	}
	if r.report != nil && r.table.rows > 0 {
		r.report(int64(float64(r.table.size) * (float64(r.rows) / float64(r.table.rows))))
	}
	if b.Rows() > 0 {
		return nil
	}
	return r.fault
}

// row writes the next row.
func (r *reader) row(b *tabular.Batch) (err error) {
	defer rescue(&err, r.group)
	for c := range r.cells {
		buffer := b.Buffer()
		from := len(buffer)
		buffer = r.cells[c].append(buffer, int(r.at))
		if len(buffer)-from > tabular.MaxCell {
			return &tabular.Fault{Code: "cell_too_long", Column: r.table.columns[c].label, Byte: -1}
		}
		b.Commit(buffer)
	}
	b.EndRow()
	r.at++
	r.rows++
	return nil
}

// advance goes to the next records, or to the next row group.
func (r *reader) advance(ctx context.Context) (err error) {
	defer rescue(&err, r.group)
	r.release()
	if r.stream == nil {
		return r.begin(ctx)
	}
	if r.stream.Next() {
		r.batch, r.at = r.stream.RecordBatch(), 0
		r.batch.Retain()
		r.inside += r.batch.NumRows()
		r.cells = r.cells[:0]
		for _, c := range r.table.columns {
			r.cells = append(r.cells, c.in(r.batch))
		}
		return nil
	}
	if err := r.stream.Err(); err != nil && !errors.Is(err, io.EOF) {
		return corrupt(r.group, err)
	}
	r.stream.Release()
	r.stream = nil
	if said := r.in.file.MetaData().RowGroup(r.group - 1).NumRows(); said != r.inside {
		return wrongRows(r.group-1, said, r.inside)
	}
	return nil
}

// begin opens the next row group.
func (r *reader) begin(ctx context.Context) (err error) {
	if r.group == r.in.file.NumRowGroups() {
		return io.EOF
	}
	r.group++
	r.inside = 0
	defer rescue(&err, r.group)
	meta := r.in.file.MetaData()
	group := r.in.file.RowGroup(r.group - 1)
	if group.NumRows() == 0 {
		return nil
	}
	// The library opens the columns of structures in goroutines of its own, where no
	// panic could be caught: each is opened here first.
	for i := range meta.Schema.NumColumns() {
		pages, err := group.GetColumnPageReader(i)
		if err != nil {
			return corrupt(r.group, err)
		}
		if err := pages.Close(); err != nil {
			return corrupt(r.group, err)
		}
	}
	stream, err := r.in.arrow.GetRecordReader(ctx, nil, []int{r.group - 1})
	if err != nil {
		return corrupt(r.group, err)
	}
	r.stream = stream
	return nil
}

// release gives back the records at hand.
func (r *reader) release() {
	if r.batch != nil {
		r.batch.Release()
		r.batch = nil
	}
}

// Close implements tabular.Reader.
func (r *reader) Close() (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = r.in.Close()
		}
	}()
	r.release()
	if r.stream != nil {
		r.stream.Release()
		r.stream = nil
	}
	return r.in.Close()
}
