package form

import (
	"io"
	"strconv"
	"time"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/arrow/ipc"
	"github.com/apache/arrow-go/v18/arrow/memory"

	"plaza/internal/base/tabular"
)

// A batch ends at so many rows, or bytes of text: columns of text count theirs in 32 bits.
const (
	arrowRows  = 8192
	arrowBytes = 16 << 20
)

// batches writes an Arrow IPC stream. What is known of the file is the schema's metadata;
// meaning, unit and note of a column are its field's. Geometries are GeoJSON, as text.
type batches struct {
	whole
	w       *ipc.Writer
	b       *array.RecordBuilder
	appends []func(s string) bool // false: the text is no value of the type
	rows    int
	bytes   int
}

func newArrow(w io.Writer, about map[string]string, columns []tabular.Column) (*batches, error) {
	var fields []arrow.Field
	for _, c := range columns {
		fields = append(fields, arrow.Field{Name: c.Name, Type: arrowType(c.Type), Nullable: true, Metadata: fieldNotes(c)})
	}
	var names, texts []string
	for _, k := range keys(about) {
		names, texts = append(names, k), append(texts, about[k])
	}
	notes := arrow.NewMetadata(names, texts)
	schema := arrow.NewSchema(fields, &notes)
	b := array.NewRecordBuilder(memory.DefaultAllocator, schema)
	a := &batches{w: ipc.NewWriter(w, ipc.WithSchema(schema)), b: b}
	for i, c := range columns {
		a.appends = append(a.appends, appender(b.Field(i), c.Type))
	}
	return a, nil
}

func arrowType(t tabular.Type) arrow.DataType {
	switch t.Storage() {
	case tabular.StoredInt:
		return arrow.PrimitiveTypes.Int64
	case tabular.StoredFloat:
		return arrow.PrimitiveTypes.Float64
	case tabular.StoredBool:
		return arrow.FixedWidthTypes.Boolean
	case tabular.StoredDate:
		return arrow.FixedWidthTypes.Date32
	case tabular.StoredTimestamp:
		return &arrow.TimestampType{Unit: arrow.Microsecond}
	case tabular.StoredTime:
		return arrow.FixedWidthTypes.Time64us
	}
	return arrow.BinaryTypes.String
}

func fieldNotes(c tabular.Column) arrow.Metadata {
	notes := map[string]string{"type": string(c.Type)}
	for k, v := range map[string]string{"label": c.Label, "meaning": string(c.Meaning), "unit": c.Unit, "note": c.Note} {
		if v != "" {
			notes[k] = v
		}
	}
	if c.Type == tabular.Geometry {
		notes["encoding"] = "geojson"
	}
	return arrow.MetadataFrom(notes)
}

// appender puts a cell's text into a column.
func appender(b array.Builder, t tabular.Type) func(s string) bool {
	switch b := b.(type) {
	case *array.Int64Builder:
		return put(b.Append, func(s string) (int64, error) { return strconv.ParseInt(s, 10, 64) })
	case *array.Float64Builder:
		return put(b.Append, func(s string) (float64, error) { return strconv.ParseFloat(s, 64) })
	case *array.BooleanBuilder:
		return put(b.Append, strconv.ParseBool)
	case *array.Date32Builder:
		return put(b.Append, func(s string) (arrow.Date32, error) {
			at, err := time.Parse(time.DateOnly, s)
			return arrow.Date32(at.Unix() / 86400), err
		})
	case *array.TimestampBuilder:
		return put(b.Append, func(s string) (arrow.Timestamp, error) {
			at, err := time.Parse("2006-01-02T15:04:05.999999", s)
			return arrow.Timestamp(at.UnixMicro()), err
		})
	case *array.Time64Builder:
		return put(b.Append, func(s string) (arrow.Time64, error) {
			at, err := time.Parse("15:04:05.999999", s)
			return arrow.Time64(at.Sub(at.Truncate(24*time.Hour)) / time.Microsecond), err
		})
	case *array.StringBuilder:
		return put(b.Append, func(s string) (string, error) { return s, nil })
	}
	return func(string) bool { return false }
}

func put[T any](add func(T), read func(string) (T, error)) func(string) bool {
	return func(s string) bool {
		v, err := read(s)
		if err == nil {
			add(v)
		}
		return err == nil
	}
}

// Write adds a row to the batch.
func (a *batches) Write(row []tabular.Cell) error {
	for i, c := range row {
		if c.Null || c.Odd || !a.appends[i](c.Text) {
			a.b.Field(i).AppendNull()
			continue
		}
		a.bytes += len(c.Text)
	}
	if a.rows++; a.rows < arrowRows && a.bytes < arrowBytes {
		return nil
	}
	return a.flush()
}

func (a *batches) flush() error {
	if a.rows == 0 {
		return nil
	}
	batch := a.b.NewRecordBatch()
	defer batch.Release()
	a.rows, a.bytes = 0, 0
	return a.w.Write(batch)
}

// Close writes the last batch and the end of the stream.
func (a *batches) Close() error {
	defer a.b.Release()
	if err := a.flush(); err != nil {
		return err
	}
	return a.w.Close()
}
