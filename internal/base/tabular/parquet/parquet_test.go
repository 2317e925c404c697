package parquet_test

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/arrow/memory"
	pq "github.com/apache/arrow-go/v18/parquet"
	"github.com/apache/arrow-go/v18/parquet/compress"
	"github.com/apache/arrow-go/v18/parquet/pqarrow"
	"github.com/google/go-cmp/cmp"

	"plaza/internal/base/tabular"
	"plaza/internal/base/tabular/parquet"
)

// write makes a Parquet file of records in JSON, in groups of a length.
func write(t testing.TB, schema *arrow.Schema, group int64, json string) []byte {
	t.Helper()
	rec, _, err := array.RecordFromJSON(memory.DefaultAllocator, schema, strings.NewReader(json))
	if err != nil {
		t.Fatal(err)
	}
	return writeRecord(t, rec, group)
}

func writeRecord(t testing.TB, rec arrow.RecordBatch, group int64) []byte {
	t.Helper()
	var out bytes.Buffer
	props := pq.NewWriterProperties(pq.WithMaxRowGroupLength(group), pq.WithCompression(compress.Codecs.Snappy))
	w, err := pqarrow.NewFileWriter(rec.Schema(), &out, props, pqarrow.DefaultWriterProps())
	if err != nil {
		t.Fatal(err)
	}
	if err := w.WriteBuffered(rec); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

func save(t testing.TB, content []byte) tabular.File {
	t.Helper()
	path := filepath.Join(t.TempDir(), "f.parquet")
	if err := os.WriteFile(path, content, 0o600); err != nil {
		t.Fatal(err)
	}
	return tabular.File{Path: path}
}

// readAll gives the rows of a file and the code of the fault that it ended with.
func readAll(t testing.TB, f tabular.File) (rows []string, fault string) {
	t.Helper()
	sources, err := parquet.Open(context.Background(), f)
	if err != nil {
		return nil, code(t, err)
	}
	r, err := sources[0].Open(context.Background(), nil)
	if err != nil {
		return nil, code(t, err)
	}
	defer r.Close()
	var b tabular.Batch
	for {
		err := r.Next(context.Background(), &b)
		if b.First != int64(len(rows))+1 {
			t.Errorf("a batch begins at %d after %d rows", b.First, len(rows))
		}
		for i := range b.Rows() {
			cells := make([]string, b.Cols)
			for c := range cells {
				cells[c] = string(b.Cell(i, c))
			}
			rows = append(rows, strings.Join(cells, "|"))
		}
		if err == io.EOF {
			return rows, ""
		}
		if err != nil {
			return rows, code(t, err)
		}
	}
}

func code(t testing.TB, err error) string {
	t.Helper()
	var f *tabular.Fault
	if !errors.As(err, &f) {
		t.Fatalf("not a fault: %v", err)
	}
	return f.Code
}

func fields(f ...arrow.Field) *arrow.Schema { return arrow.NewSchema(f, nil) }

func TestEveryTypeBecomesItsText(t *testing.T) {
	for _, c := range []struct {
		t     arrow.DataType
		json  string
		known tabular.Type
		want  string
	}{
		{arrow.PrimitiveTypes.Int8, `-5`, tabular.Integer, "-5"},
		{arrow.PrimitiveTypes.Uint64, `18446744073709551615`, tabular.Integer, "18446744073709551615"},
		{arrow.PrimitiveTypes.Int64, `-9223372036854775808`, tabular.Integer, "-9223372036854775808"},
		{arrow.PrimitiveTypes.Float64, `1234567.25`, tabular.Decimal, "1234567.25"},
		{arrow.PrimitiveTypes.Float64, `1e300`, tabular.Decimal, "1e+300"},
		{arrow.PrimitiveTypes.Float32, `0.1`, tabular.Decimal, "0.1"},
		{&arrow.Decimal128Type{Precision: 20, Scale: 4}, `"-12345678901234.5000"`, tabular.Decimal, "-12345678901234.5000"},
		{&arrow.Decimal128Type{Precision: 10, Scale: 0}, `"7"`, tabular.Integer, "7"},
		{arrow.FixedWidthTypes.Boolean, `true`, tabular.Boolean, "true"},
		{arrow.FixedWidthTypes.Date32, `"1969-12-31"`, tabular.Date, "1969-12-31"},
		{arrow.FixedWidthTypes.Timestamp_us, `"2024-02-29T23:59:59.123456Z"`, tabular.DateTime, "2024-02-29T23:59:59.123456"},
		{&arrow.TimestampType{Unit: arrow.Millisecond, TimeZone: "America/Mexico_City"}, `"2024-01-01T00:00:00-06:00"`, tabular.DateTime, "2024-01-01T06:00:00"},
		{arrow.FixedWidthTypes.Time64us, `"07:08:09.5"`, tabular.Time, "07:08:09.5"},
		{arrow.BinaryTypes.String, `"ñandú | \u0000"`, tabular.Text, "ñandú | \x00"},
		{arrow.BinaryTypes.Binary, `"w7FhbmTDug=="`, tabular.Text, "ñandú"},
		{arrow.BinaryTypes.Binary, `"//4B"`, tabular.Text, "fffe01"},
		{arrow.ListOf(arrow.PrimitiveTypes.Int32), `[1,null,3]`, tabular.Text, "1; 3"},
		{arrow.ListOf(arrow.StructOf(arrow.Field{Name: "a", Type: arrow.PrimitiveTypes.Int32, Nullable: true})), `[{"a":1},{"a":null}]`, tabular.Text, `[{"a":1},{"a":null}]`},
		{&arrow.DictionaryType{IndexType: arrow.PrimitiveTypes.Int32, ValueType: arrow.BinaryTypes.String}, `"x"`, tabular.Text, "x"},
	} {
		t.Run(fmt.Sprint(c.t, c.json), func(t *testing.T) {
			schema := fields(arrow.Field{Name: "v", Type: c.t, Nullable: true})
			f := save(t, write(t, schema, 10, `[{"v":`+c.json+`},{"v":null}]`))
			sources, err := parquet.Open(context.Background(), f)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff([]tabular.Type{c.known}, sources[0].Known); diff != "" {
				t.Error(diff)
			}
			rows, fault := readAll(t, f)
			if diff := cmp.Diff([]string{c.want, ""}, rows); diff != "" || fault != "" {
				t.Error(diff, fault)
			}
		})
	}
}

func TestStructuresBecomeColumns(t *testing.T) {
	schema := fields(arrow.Field{Name: "id", Type: arrow.PrimitiveTypes.Int64},
		arrow.Field{Name: "p", Nullable: true, Type: arrow.StructOf(
			arrow.Field{Name: "a", Type: arrow.BinaryTypes.String, Nullable: true},
			arrow.Field{Name: "q", Nullable: true, Type: arrow.StructOf(arrow.Field{Name: "b", Type: arrow.PrimitiveTypes.Int32, Nullable: true})})})
	f := save(t, write(t, schema, 2, `[{"id":1,"p":{"a":"x","q":{"b":5}}},{"id":2,"p":null},{"id":3,"p":{"a":null,"q":null}}]`))
	sources, err := parquet.Open(context.Background(), f)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{"id", "p.a", "p.q.b"}, sources[0].Labels); diff != "" {
		t.Error(diff)
	}
	rows, fault := readAll(t, f)
	if diff := cmp.Diff([]string{"1|x|5", "2||", "3||"}, rows); diff != "" || fault != "" {
		t.Error(diff, fault)
	}
}

func TestGeometriesStayBytesAndSayTheirReferenceSystem(t *testing.T) {
	const wkb, short = "\x01\x01\x00\x00\x00", "\xff\xff"
	for crs, want := range map[string][2]string{
		"": {"", wkb + short}, `,"crs":null`: {"", wkb + short}, `,"crs":{"id":{"authority":"OGC","code":"CRS84"}}`: {"", wkb + short},
		`,"crs":{"name":"ITRF2008 / LCC","id":{"authority":"EPSG","code":6372}}`: {"EPSG:6372", "\x01\x01\x00\x00\x20\xe4\x18\x00\x00" + short},
		`,"crs":{"id":{"authority":"EPSG","code":"32614"}}`:                      {"EPSG:32614", "\x01\x01\x00\x00\x20\x66\x7f\x00\x00" + short},
		`,"crs":{"name":"otra"}`: {"otra", wkb + short}, `,"crs":{"id":{"authority":"ESRI","code":102008}}`: {"ESRI:102008", wkb + short},
	} {
		meta := arrow.NewMetadata([]string{"geo"}, []string{`{"version":"1.0.0","primary_column":"geom","columns":{"geom":{"encoding":"WKB"` + crs + `}}}`})
		schema := arrow.NewSchema([]arrow.Field{{Name: "geom", Type: arrow.BinaryTypes.Binary}}, &meta)
		f := save(t, write(t, schema, 10, `[{"geom":"AQEAAAD//w=="}]`))
		sources, err := parquet.Open(context.Background(), f)
		if err != nil {
			t.Fatal(err)
		}
		rows, _ := readAll(t, f)
		if sources[0].Known[0] != tabular.Geometry || sources[0].Layout.Projection != want[0] || rows[0] != want[1] {
			t.Errorf("%s: %v %q %q", crs, sources[0].Known, sources[0].Layout.Projection, rows)
		}
	}
}

// thousand is a file with several row groups.
func thousand(t testing.TB) []byte {
	var b strings.Builder
	b.WriteByte('[')
	for i := range 5000 {
		if i > 0 {
			b.WriteByte(',')
		}
		fmt.Fprintf(&b, `{"n":%d,"t":"texto %d","p":{"x":%d}}`, i, i%7, i)
	}
	b.WriteByte(']')
	return write(t, fields(arrow.Field{Name: "n", Type: arrow.PrimitiveTypes.Int64, Nullable: true}, arrow.Field{Name: "t", Type: arrow.BinaryTypes.String},
		arrow.Field{Name: "p", Type: arrow.StructOf(arrow.Field{Name: "x", Type: arrow.PrimitiveTypes.Int32})}), 1000, b.String())
}

func TestRowGroupsAreReadInTheirOrder(t *testing.T) {
	rows, fault := readAll(t, save(t, thousand(t)))
	if len(rows) != 5000 || fault != "" || rows[0] != "0|texto 0|0" || rows[4999] != "4999|texto 1|4999" {
		t.Errorf("%d rows, %q", len(rows), fault)
	}
	none := write(t, fields(arrow.Field{Name: "n", Type: arrow.PrimitiveTypes.Int64}), 10, `[]`)
	if rows, fault := readAll(t, save(t, none)); len(rows) != 0 || fault != "" {
		t.Errorf("%d rows, %q", len(rows), fault)
	}
}

func TestAFileThatLiesIsRefusedWithItsPlace(t *testing.T) {
	good := thousand(t)
	footer := func(n uint32) []byte {
		out := bytes.Clone(good)
		binary.LittleEndian.PutUint32(out[len(out)-8:], n)
		return out
	}
	for name, c := range map[string]struct {
		content []byte
		want    string
	}{
		"empty":              {nil, "parquet_truncated"},
		"cut":                {good[:len(good)/2], "parquet_truncated"},
		"no mark":            {append([]byte("PAR2"), good[4:]...), "parquet_magic"},
		"encrypted":          {append(bytes.Clone(good[:len(good)-4]), "PARE"...), "parquet_encrypted"},
		"a footer too long":  {footer(uint32(len(good))), "parquet_footer"},
		"a footer of nobody": {footer(math.MaxUint32), "parquet_footer"},
		"a footer too short": {footer(10), "parquet_footer"},
	} {
		t.Run(name, func(t *testing.T) {
			if _, got := readAll(t, save(t, c.content)); got != c.want {
				t.Errorf("fault %q, want %q", got, c.want)
			}
		})
	}
}

func TestASchemaOfEndlessDepthIsRefused(t *testing.T) {
	for _, levels := range []int{200, 100_000, 5_000_000} {
		footer := []byte{0x15, 0x02, 0x19, 0xfc}
		footer = binary.AppendUvarint(footer, uint64(levels+1))
		footer = append(footer, bytes.Repeat([]byte{0x48, 1, 'a', 0x15, 2, 0}, levels)...)
		footer = append(footer, 0x15, 2, 0x38, 1, 'a', 0, 0x16, 0, 0x19, 0x0c, 0)
		content := append([]byte("PAR1"), footer...)
		content = binary.LittleEndian.AppendUint32(content, uint32(len(footer)))
		rows, fault := readAll(t, save(t, append(content, "PAR1"...)))
		if len(rows) > 0 || fault == "" {
			t.Errorf("%d levels: %q", levels, fault)
		}
	}
}

func TestACountThatDiffersIsFound(t *testing.T) {
	good := thousand(t)
	// The footer's count of rows, 5000, is the zigzag varint 0x90 0x4e.
	at := bytes.LastIndex(good, []byte{0x90, 0x4e})
	for bytes.LastIndex(good[:at], []byte{0x16, 0x90, 0x4e}) > 0 && good[at-1] != 0x16 {
		at = bytes.LastIndex(good[:at], []byte{0x90, 0x4e})
	}
	lying := bytes.Clone(good)
	lying[at+1] = 0x4f
	if _, got := readAll(t, save(t, lying)); got != "parquet_rows" {
		t.Errorf("fault %q", got)
	}
}

func TestDamageAnywhereEndsAsAFaultOrAsRows(t *testing.T) {
	good := thousand(t)
	whole, _ := readAll(t, save(t, good))
	faults := 0
	for at := 4; at < len(good)-8; at += 1 + len(good)/150 {
		for _, mask := range []byte{0xff, 0x80} {
			bad := bytes.Clone(good)
			bad[at] ^= mask
			rows, fault := readAll(t, save(t, bad))
			if fault != "" {
				faults++
			}
			if len(rows) > len(whole) {
				t.Fatalf("byte %d: %d rows", at, len(rows))
			}
		}
	}
	if faults == 0 {
		t.Error("no damage was found")
	}
}

func FuzzOpen(f *testing.F) {
	f.Add(thousand(f)[:2000])
	f.Add(write(f, fields(arrow.Field{Name: "n", Type: arrow.PrimitiveTypes.Int64, Nullable: true}, arrow.Field{Name: "l", Type: arrow.ListOf(arrow.BinaryTypes.String)}), 2,
		`[{"n":1,"l":["a"]},{"n":null,"l":[]},{"n":3,"l":["b","c"]}]`))
	path := filepath.Join(f.TempDir(), "f")
	f.Fuzz(func(t *testing.T, in []byte) {
		if err := os.WriteFile(path, in, 0o600); err != nil {
			t.Fatal(err)
		}
		readAll(t, tabular.File{Path: path})
	})
}

// BenchmarkRead reads a million rows of six columns.
func BenchmarkRead(b *testing.B) {
	const rows = 1_000_000
	mem := memory.DefaultAllocator
	schema := fields(arrow.Field{Name: "id", Type: arrow.PrimitiveTypes.Int64}, arrow.Field{Name: "ent", Type: arrow.BinaryTypes.String},
		arrow.Field{Name: "mun", Type: arrow.BinaryTypes.String, Nullable: true}, arrow.Field{Name: "monto", Type: arrow.PrimitiveTypes.Float64, Nullable: true},
		arrow.Field{Name: "fecha", Type: arrow.FixedWidthTypes.Date32}, arrow.Field{Name: "activo", Type: arrow.FixedWidthTypes.Boolean})
	build := array.NewRecordBuilder(mem, schema)
	for i := range rows {
		build.Field(0).(*array.Int64Builder).Append(int64(i))
		build.Field(1).(*array.StringBuilder).Append(fmt.Sprintf("%02d", i%32+1))
		build.Field(2).(*array.StringBuilder).Append(fmt.Sprintf("Municipio %d", i%2469))
		build.Field(3).(*array.Float64Builder).Append(float64(i%100_000) / 100)
		build.Field(4).(*array.Date32Builder).Append(arrow.Date32(19000 + i%1000))
		build.Field(5).(*array.BooleanBuilder).Append(i%2 == 0)
	}
	f := save(b, writeRecord(b, build.NewRecordBatch(), 100_000))
	b.ReportAllocs()
	for b.Loop() {
		sources, err := parquet.Open(context.Background(), f)
		if err != nil {
			b.Fatal(err)
		}
		r, err := sources[0].Open(context.Background(), nil)
		if err != nil {
			b.Fatal(err)
		}
		var batch tabular.Batch
		n := 0
		for err == nil {
			err = r.Next(context.Background(), &batch)
			n += batch.Rows()
		}
		if err != io.EOF || n != rows {
			b.Fatal(n, err)
		}
		r.Close()
	}
	b.ReportMetric(float64(rows)*float64(b.N)/b.Elapsed().Seconds(), "rows/s")
}
