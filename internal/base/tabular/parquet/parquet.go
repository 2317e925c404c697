// Package parquet reads Parquet files as tables of text, row group by row group. The
// types that a file's schema states go into Source.Known, so that nothing is guessed.
//
// A file is believed in nothing: its footer, counts and sizes are compared with what is
// there, memory is counted, and a panic of the library, which damaged files can bring
// about, ends here as a fault.
package parquet

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"os"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/parquet"
	"github.com/apache/arrow-go/v18/parquet/file"
	"github.com/apache/arrow-go/v18/parquet/pqarrow"

	"plaza/internal/base/tabular"
)

// Limits of what is believed.
const (
	maxFooter = 32 << 20  // bytes
	maxPage   = 128 << 20 // bytes of one page, unpacked
	maxMemory = 512 << 20 // bytes of all buffers
	window    = 64 << 10  // bytes of a column that are read at a time
)

// Open reads the table of a Parquet file. It is a tabular.Opener. Structures become
// columns whose labels join the names with a point, lists of plain values one cell
// joined by "; ", other lists JSON text. Values of a column that GeoParquet's metadata
// calls a geometry stay WKB, with the number of its reference system where that is not WGS 84.
func Open(ctx context.Context, f tabular.File) (_ []*tabular.Source, err error) {
	defer rescue(&err, 0)
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	t := &table{path: f.Path}
	in, err := t.open()
	if err != nil {
		return nil, err
	}
	defer in.Close()
	if err := t.understand(in); err != nil {
		return nil, err
	}
	s := &tabular.Source{
		Format: "parquet", Bytes: t.size, Layout: tabular.Layout{Projection: t.projection}, Problems: &tabular.Problems{},
		Open: func(ctx context.Context, read func(int64)) (tabular.Reader, error) {
			in, err := t.open()
			if err != nil {
				return nil, err
			}
			return &reader{table: t, in: in, report: read}, nil
		},
	}
	for _, c := range t.columns {
		s.Labels = append(s.Labels, c.label)
		s.Known = append(s.Known, c.known)
	}
	return []*tabular.Source{s}, nil
}

// table is what a file says of itself.
type table struct {
	path       string
	size       int64
	rows       int64
	columns    []column
	projection string
}

// input is a file that is open.
type input struct {
	*os.File
	memory *budget
	file   *file.Reader
	arrow  *pqarrow.FileReader
}

// open opens the file and reads its footer.
func (t *table) open() (in *input, err error) {
	defer rescue(&err, 0)
	f, err := os.Open(t.path)
	if err != nil {
		return nil, err
	}
	defer func() {
		if err != nil || in == nil {
			f.Close()
		}
	}()
	about, err := f.Stat()
	if err != nil {
		return nil, err
	}
	t.size = about.Size()
	if err := checkEnds(f, t.size); err != nil {
		return nil, err
	}
	in = &input{File: f, memory: &budget{}}
	props := parquet.NewReaderProperties(in.memory)
	props.BufferedStreamEnabled = true
	props.BufferSize = window
	props.MaxCompressedPageSize, props.MaxUncompressedPageSize = maxPage, maxPage
	if in.file, err = file.NewParquetReader(f, file.WithReadProps(props)); err != nil {
		return nil, broken("parquet_footer", t.size-8, err)
	}
	in.arrow, err = pqarrow.NewFileReader(in.file, pqarrow.ArrowReadProperties{BatchSize: tabular.BatchRows}, in.memory)
	if err != nil {
		return nil, broken("parquet_footer", t.size-8, err)
	}
	return in, nil
}

// checkEnds looks at the marks at both ends and at the footer's length.
func checkEnds(f io.ReaderAt, size int64) error {
	head, tail := make([]byte, 4), make([]byte, 8)
	if size < 12 {
		return broken("parquet_truncated", size, nil)
	}
	if _, err := f.ReadAt(head, 0); err != nil {
		return err
	}
	if _, err := f.ReadAt(tail, size-8); err != nil {
		return err
	}
	mark := []byte("PAR1")
	switch {
	case bytes.Equal(head, []byte("PARE")) || bytes.Equal(tail[4:], []byte("PARE")):
		return broken("parquet_encrypted", 0, nil)
	case !bytes.Equal(head, mark):
		return broken("parquet_magic", 0, nil)
	case !bytes.Equal(tail[4:], mark):
		return broken("parquet_truncated", size, nil)
	}
	n := int64(binary.LittleEndian.Uint32(tail))
	if n > size-12 || n > maxFooter {
		return broken("parquet_footer", size-8, fmt.Errorf("a footer of %d bytes", n))
	}
	footer := make([]byte, n)
	if _, err := f.ReadAt(footer, size-8-n); err != nil {
		return err
	}
	if err := checkSchema(footer); errors.Is(err, errDepth) {
		return broken("depth", size-8-n, err)
	} else if err != nil {
		return broken("parquet_footer", size-8-n, err)
	}
	return nil
}

// understand takes columns and counts from the footer.
func (t *table) understand(in *input) error {
	meta := in.file.MetaData()
	t.rows = 0
	for i := range meta.NumRowGroups() {
		group := meta.RowGroup(i)
		if group.NumRows() < 0 {
			return wrongRows(i, group.NumRows(), 0)
		}
		t.rows += group.NumRows()
	}
	if t.rows != meta.NumRows {
		return wrongRows(-1, meta.NumRows, t.rows)
	}
	schema, err := in.arrow.Schema()
	if err != nil {
		return broken("parquet_footer", t.size-8, err)
	}
	geo := geometries(meta.KeyValueMetadata())
	for i, field := range schema.Fields() {
		if err := t.add(field, []int{i}, field.Name, geo); err != nil {
			return err
		}
	}
	if len(t.columns) == 0 {
		return broken("empty", -1, nil)
	}
	return nil
}

// add adds the columns of a field.
func (t *table) add(field arrow.Field, path []int, label string, geo geoColumns) error {
	if len(path) > tabular.MaxDepth {
		return broken("depth", -1, nil)
	}
	if s, ok := field.Type.(*arrow.StructType); ok && s.NumFields() > 0 {
		for i, sub := range s.Fields() {
			deeper := append(append([]int(nil), path...), i)
			if err := t.add(sub, deeper, label+"."+sub.Name, geo); err != nil {
				return err
			}
		}
		return nil
	}
	if len(t.columns) >= tabular.MaxColumns {
		f := broken("columns", -1, nil)
		f.Args = []any{"most", tabular.MaxColumns}
		return f
	}
	c := column{path: path, label: label, known: known(field.Type)}
	if system, ok := geo[field.Name]; ok && len(path) == 1 && binaryType(field.Type) {
		c.known, c.raw, c.srid = tabular.Geometry, true, system.epsg
		if t.projection == "" {
			t.projection = system.name
		}
	}
	t.columns = append(t.columns, c)
	return nil
}

// broken is a fault of the file.
func broken(code string, at int64, cause error) *tabular.Fault {
	var short *exhausted
	if errors.As(cause, &short) {
		code, at = "parquet_memory", -1
	}
	return &tabular.Fault{Code: code, Byte: at, Cause: cause}
}

// wrongRows is the fault of counts that differ, of a row group from 0 or of the file.
func wrongRows(group int, said, found int64) *tabular.Fault {
	return &tabular.Fault{Code: "parquet_rows", Byte: -1, Args: []any{"group", group + 1, "said", said, "found", found}}
}

// rescue turns a panic of the library into a fault of a row group, from 1, 0 for the
// footer.
func rescue(err *error, group int) {
	p := recover()
	if p == nil {
		return
	}
	cause, ok := p.(error)
	if !ok {
		cause = fmt.Errorf("%v", p)
	}
	*err = corrupt(group, cause)
}

// corrupt is the fault of a row group that cannot be read.
func corrupt(group int, cause error) error {
	if errors.Is(cause, context.Canceled) || errors.Is(cause, context.DeadlineExceeded) {
		return cause
	}
	if group == 0 {
		return broken("parquet_footer", -1, cause)
	}
	f := broken("parquet_corrupt", -1, cause)
	f.Args = []any{"group", group}
	return f
}
