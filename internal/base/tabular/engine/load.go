package engine

import (
	"context"
	"encoding/json"
	"fmt"
	"unicode/utf8"
	"unsafe"

	duckdb "github.com/duckdb/duckdb-go/v2"

	"plaza/internal/base/tabular"
	"plaza/internal/base/tabular/infer"
)

// loading hands the rows of a table to DuckDB, which calls it from several threads:
// one goroutine reads batches, each call casts one.
type loading struct {
	table   *tabular.Table
	parsers []infer.Parser
	place   *placing // nil without a place
	infos   []duckdb.ColumnInfo

	batches chan *tabular.Batch
	spare   chan *tabular.Batch
	failed  chan error // one at most
}

// batches that are read ahead: enough that reading and casting do not wait for each
// other, few enough that wide rows do not fill the memory.
const readAhead = 6

// newLoading prepares to load a table. Columns of the function are the row's number,
// one per column, the odd cells, then those of the place.
func newLoading(t *tabular.Table) (*loading, error) {
	l := &loading{table: t, place: newPlacing(t), batches: make(chan *tabular.Batch, readAhead),
		spare: make(chan *tabular.Batch, readAhead+4), failed: make(chan error, 1)}
	types := []duckdb.Type{duckdb.TYPE_BIGINT}
	for _, c := range t.Columns {
		l.parsers = append(l.parsers, judge.ParserOf(c))
		types = append(types, carried[c.Type.Storage()])
	}
	types = append(types, duckdb.TYPE_VARCHAR)
	if l.place != nil {
		types = append(types, l.place.types()...)
	}
	for i, one := range types {
		info, err := duckdb.NewTypeInfo(one)
		if err != nil {
			return nil, fmt.Errorf("loading %s: %w", t.Name, err)
		}
		l.infos = append(l.infos, duckdb.ColumnInfo{Name: fmt.Sprintf("c%d", i), T: info})
	}
	return l, nil
}

// carried is the type as which each storage is handed over; cast says what becomes of it.
var carried = map[tabular.Storage]duckdb.Type{
	tabular.StoredText:      duckdb.TYPE_VARCHAR,
	tabular.StoredInt:       duckdb.TYPE_BIGINT,
	tabular.StoredFloat:     duckdb.TYPE_DOUBLE,
	tabular.StoredBool:      duckdb.TYPE_BOOLEAN,
	tabular.StoredDate:      duckdb.TYPE_INTEGER,
	tabular.StoredTimestamp: duckdb.TYPE_BIGINT,
	tabular.StoredTime:      duckdb.TYPE_BIGINT,
	tabular.StoredBytes:     duckdb.TYPE_BLOB,
}

// cast is the expression that stores what was handed over as column n. Days and
// microseconds travel as numbers: that is several times faster than Go's instants.
func cast(s tabular.Storage, n int) string {
	c := fmt.Sprintf("c%d", n)
	switch s {
	case tabular.StoredDate:
		return "(DATE '1970-01-01' + " + c + ")"
	case tabular.StoredTimestamp:
		return "make_timestamp(" + c + ")"
	case tabular.StoredTime:
		return "CAST(make_timestamp(" + c + ") AS TIME)"
	}
	return c
}

// read reads the table to its end or until ctx is done.
func (l *loading) read(ctx context.Context, r tabular.Reader) {
	defer close(l.batches)
	for {
		var b *tabular.Batch
		select {
		case b = <-l.spare:
		default:
			b = new(tabular.Batch)
		}
		if err := r.Next(ctx, b); err != nil {
			l.failed <- err
			return
		}
		select {
		case l.batches <- b:
		case <-ctx.Done():
			l.failed <- ctx.Err()
			return
		}
	}
}

// ColumnInfos is what DuckDB asks a source for its columns.
func (l *loading) ColumnInfos() []duckdb.ColumnInfo { return l.infos }

// Cardinality is unknown before the table was read.
func (l *loading) Cardinality() *duckdb.CardinalityInfo { return nil }

// Init tells how many threads may cast at once.
func (l *loading) Init() duckdb.ParallelTableSourceInfo {
	return duckdb.ParallelTableSourceInfo{MaxThreads: 8}
}

// casting is what one thread keeps between batches.
type casting struct {
	text []byte // of the cell at hand
}

// NewLocalState is one thread's.
func (l *loading) NewLocalState() any { return new(casting) }

// FillChunk casts the next batch; a chunk of no rows ends the table.
func (l *loading) FillChunk(state any, chunk duckdb.DataChunk) error {
	b, more := <-l.batches
	if !more {
		return chunk.SetSize(0)
	}
	own := state.(*casting)
	rows := b.Rows()
	if err := chunk.SetSize(rows); err != nil {
		return err
	}
	for i := range rows {
		if err := duckdb.SetChunkValue(chunk, 0, i, b.First+int64(i)); err != nil {
			return err
		}
	}
	odd := make([]map[string]string, 0)
	note := func(row, col int) {
		if len(odd) == 0 {
			odd = make([]map[string]string, rows)
		}
		if odd[row] == nil {
			odd[row] = map[string]string{}
		}
		odd[row][l.table.Columns[col].Name] = string(b.Cell(row, col))
	}
	for col := range l.parsers {
		if err := l.fill(chunk, b, col, own, note); err != nil {
			return err
		}
	}
	if err := fillOdd(chunk, len(l.parsers)+1, rows, odd); err != nil {
		return err
	}
	if l.place != nil {
		if err := l.place.fill(chunk, len(l.parsers)+2, b); err != nil {
			return err
		}
	}
	select {
	case l.spare <- b:
	default:
	}
	return nil
}

// fill casts one column of a batch.
func (l *loading) fill(chunk duckdb.DataChunk, b *tabular.Batch, col int, own *casting, note func(row, col int)) error {
	p, at := &l.parsers[col], col+1
	switch p.Storage {
	case tabular.StoredText:
		return fillText(chunk, b, col, p, own, note)
	case tabular.StoredBytes:
		return each(b, col, note, func(row int, cell []byte) (infer.Verdict, error) {
			var v infer.Verdict
			if own.text, v = p.Text(own.text[:0], cell); v != infer.Good {
				return v, chunk.SetValue(at, row, nil)
			}
			return v, duckdb.SetChunkValue(chunk, at, row, own.text)
		})
	case tabular.StoredFloat:
		return each(b, col, note, store(chunk, at, p.Float))
	case tabular.StoredBool:
		return each(b, col, note, store(chunk, at, p.Bool))
	case tabular.StoredDate:
		return each(b, col, note, store(chunk, at, p.Day))
	}
	return each(b, col, note, store(chunk, at, p.Int))
}

// store puts what parse makes of a cell into the chunk.
func store[T any](chunk duckdb.DataChunk, at int, parse func([]byte) (T, infer.Verdict)) func(int, []byte) (infer.Verdict, error) {
	return func(row int, cell []byte) (infer.Verdict, error) {
		value, v := parse(cell)
		if v != infer.Good {
			return v, chunk.SetValue(at, row, nil)
		}
		return v, duckdb.SetChunkValue(chunk, at, row, value)
	}
}

// each calls f for every cell of a column and notes the odd ones.
func each(b *tabular.Batch, col int, note func(row, col int), f func(row int, cell []byte) (infer.Verdict, error)) error {
	for row := range b.Rows() {
		v, err := f(row, b.Cell(row, col))
		if err != nil {
			return err
		}
		if v == infer.Odd {
			note(row, col)
		}
	}
	return nil
}

// fillText stores a column of text. Most cells are short, and a call into the engine for
// each costs more than all else that is done with it: they are written where they lie.
func fillText(chunk duckdb.DataChunk, b *tabular.Batch, col int, p *infer.Parser, own *casting, note func(row, col int)) error {
	w, err := wordsOf(chunk, col+1)
	if err != nil {
		return err
	}
	return each(b, col, note, func(row int, cell []byte) (infer.Verdict, error) {
		var v infer.Verdict
		if own.text, v = p.Text(own.text[:0], cell); v != infer.Good {
			return v, w.SetNull(row)
		}
		if len(own.text) <= shortWord && utf8.Valid(own.text) {
			w.short(row, own.text)
			return v, nil
		}
		return v, duckdb.SetChunkValue(chunk, col+1, row, unsafe.String(unsafe.SliceData(own.text), len(own.text)))
	})
}

// shortWord is how many bytes of a text lie in its place of a vector (duckdb_string_t);
// those of longer ones lie elsewhere, and that is for the engine to do.
const (
	shortWord = 12
	wordSize  = 16
)

// words writes a vector of texts that are all valid as yet.
type words struct {
	duckdb.VectorWriter[string]
	base unsafe.Pointer // of the vector's places, a length of four bytes and the text each
}

// wordsOf finds the places by what a first, short text is borrowed from.
func wordsOf(chunk duckdb.DataChunk, at int) (words, error) {
	vector, err := chunk.GetVector(at)
	if err != nil {
		return words{}, err
	}
	w, err := duckdb.GetVectorWriter[string](vector)
	if err != nil || w.Len() == 0 {
		return words{VectorWriter: w}, err
	}
	if err := w.Set(0, "-"); err != nil {
		return words{}, err
	}
	view, err := duckdb.GetVectorView[string](vector)
	if err != nil {
		return words{}, err
	}
	first, _, err := view.GetValueBorrowed(0)
	return words{w, unsafe.Add(unsafe.Pointer(unsafe.StringData(first)), -4)}, err
}

// short writes a text of at most shortWord bytes. What is behind it must be zero: texts
// are compared by their whole places.
func (w words) short(row int, text []byte) {
	place := (*[wordSize]byte)(unsafe.Add(w.base, row*wordSize))
	*place = [wordSize]byte{byte(len(text))}
	copy(place[4:], text)
}

// fillOdd stores the cells that did not fit their columns.
func fillOdd(chunk duckdb.DataChunk, at, rows int, odd []map[string]string) error {
	for row := range rows {
		if len(odd) == 0 || odd[row] == nil {
			if err := chunk.SetValue(at, row, nil); err != nil {
				return err
			}
			continue
		}
		text, err := json.Marshal(odd[row])
		if err != nil {
			return err
		}
		if err := duckdb.SetChunkValue(chunk, at, row, string(text)); err != nil {
			return err
		}
	}
	return nil
}
