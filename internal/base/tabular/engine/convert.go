package engine

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	duckdb "github.com/duckdb/duckdb-go/v2"

	"plaza/internal/base/tabular"
	"plaza/internal/base/tabular/child"
	"plaza/internal/base/tabular/detect"
	"plaza/internal/base/tabular/geo"
	"plaza/internal/base/tabular/infer"
	"plaza/internal/base/text"
)

// rowGroup is how many rows lie together in Parquet: DuckDB's own size, at which a page
// by row number, or a filter on a sorted column, reads one group of many.
const rowGroup = 122_880

// judge says what columns are; texts that draw a geometry become one, and what the readers
// of geographic files hand over stays one.
var judge = infer.Judge{Geometry: func(cell, dst []byte) ([]byte, bool) {
	if len(cell) > 0 && cell[0] <= 1 { // WKB begins with its byte order, and no text does
		return geo.FromWKB(cell, dst)
	}
	return geo.FromText(cell, dst)
}}

// conversion is one call of Convert.
type conversion struct {
	child.Conversion
	db    *sql.DB
	step  func(child.Step)
	bytes int64
	fixes map[string]tabular.Correction
	opts  Options
}

// Convert reads a file and writes its tables; see child.Engine. A table that cannot be
// read is left out with its reason while others can; what is wrong with the only one is
// the error.
func (e *Engine) Convert(ctx context.Context, c child.Conversion, step func(child.Step)) (tabular.Profile, error) {
	info, err := os.Stat(c.Input)
	if err != nil {
		return tabular.Profile{}, err
	}
	dir, err := filepath.Abs(c.Dir)
	if err != nil {
		return tabular.Profile{}, err
	}
	c.Dir = dir
	spill := filepath.Join(dir, "spill")
	if err := os.MkdirAll(spill, 0o700); err != nil {
		return tabular.Profile{}, err
	}
	db, err := e.open(ctx, spill, dir)
	if err != nil {
		return tabular.Profile{}, err
	}
	defer db.Close()
	run := &conversion{Conversion: c, db: db, step: step, bytes: info.Size(), fixes: map[string]tabular.Correction{}, opts: e.opts}
	for _, fix := range c.Corrections {
		run.fixes[fix.Table] = fix
	}
	profile, err := run.all(ctx)
	if err == nil {
		err = run.unchanged(info)
	}
	if err != nil {
		for _, t := range profile.Tables { // of a file that is not what it was
			_ = os.Remove(run.path(t.Parquet.SHA256))
		}
		profile = tabular.Profile{}
	}
	if errRemove := os.RemoveAll(spill); err == nil {
		err = errRemove
	}
	return profile, err
}

// unchanged refuses what was read of a file that somebody wrote to meanwhile: it was read
// several times.
func (c *conversion) unchanged(before os.FileInfo) error {
	now, err := os.Stat(c.Input)
	if err != nil || now.Size() != before.Size() || !now.ModTime().Equal(before.ModTime()) {
		return &tabular.Fault{Code: "file_changed", Byte: -1, Cause: err}
	}
	return nil
}

func (c *conversion) all(ctx context.Context) (p tabular.Profile, err error) {
	c.step(child.Step{Name: "detect", Total: c.bytes})
	unpacked := filepath.Join(c.Dir, "unpacked")
	if err := os.MkdirAll(unpacked, 0o700); err != nil {
		return tabular.Profile{}, err
	}
	defer func() {
		if errRemove := os.RemoveAll(unpacked); err == nil {
			err = errRemove
		}
	}()
	found, err := detect.Open(ctx, tabular.File{Path: c.Input, Name: c.Name, MediaType: c.MediaType,
		Fix: func(table string) tabular.Correction { return c.fixes[table] }}, unpacked)
	if err != nil {
		return tabular.Profile{}, err
	}
	defer func() {
		if errClose := found.Close(); err == nil {
			err = errClose
		}
	}()
	p = tabular.Profile{Format: found.Format, Bytes: c.bytes, Tables: []tabular.Table{}, Skipped: found.Skipped,
		Problems: append([]tabular.Problem{}, found.Problems...)}
	if len(found.Tables) == 0 {
		return tabular.Profile{}, &tabular.Fault{Code: "no_table", Byte: -1, Args: []any{"kind", found.Format}}
	}
	var first error
	for i, src := range found.Tables {
		t, err := c.one(ctx, src, i)
		if f, bad := errors.AsType[*tabular.Fault](err); bad {
			if first == nil {
				first = err
			}
			p.Skipped = append(p.Skipped, tabular.Skipped{Name: src.Name, Why: f.Code})
			continue
		}
		if err != nil {
			return tabular.Profile{}, err
		}
		p.Tables = append(p.Tables, t)
	}
	if len(p.Tables) == 0 && first != nil {
		return tabular.Profile{}, first
	}
	return p, nil
}

// one converts one table.
func (c *conversion) one(ctx context.Context, src *tabular.Source, n int) (tabular.Table, error) {
	judged, err := judge.Table(ctx, c.watched(src, "read"), c.fixes[src.Name], c.opts.Threads)
	if err != nil {
		return tabular.Table{}, err
	}
	t := tabular.Table{Name: src.Name, Format: src.Format, Rows: judged.Rows, Layout: src.Layout, Columns: judged.Columns,
		Place: judged.Place, Key: judged.Key}
	for i, column := range t.Columns {
		t.Columns[i].Note = c.Dictionary[text.Fold(column.Name)]
	}
	if t.Parquet, err = c.write(ctx, c.watched(src, "write"), &t, n); err != nil {
		return tabular.Table{}, err
	}
	c.step(child.Step{Name: "describe", Table: src.Name, Total: -1, Rows: t.Rows})
	if err := describe(ctx, c.db, &t, "read_parquet("+literal(c.path(t.Parquet.SHA256))+")"); err != nil {
		_ = os.Remove(c.path(t.Parquet.SHA256)) // nobody will hear of it
		return tabular.Table{}, fmt.Errorf("describing table %q: %w", t.Name, err)
	}
	t.Problems = append(append([]tabular.Problem{}, src.Problems.List()...), judged.Problems...) // never nil: it is [] in JSON
	return t, nil
}

// watched is a source whose reading is told as a step.
func (c *conversion) watched(src *tabular.Source, name string) *tabular.Source {
	s := *src
	s.Open = func(ctx context.Context, read func(int64)) (tabular.Reader, error) {
		return src.Open(ctx, func(n int64) {
			c.step(child.Step{Name: name, Table: src.Name, Done: n, Total: src.Bytes})
			if read != nil {
				read(n)
			}
		})
	}
	return &s
}

func (c *conversion) path(sum string) string { return filepath.Join(c.Dir, sum) }

// write casts a table to Parquet.
func (c *conversion) write(ctx context.Context, src *tabular.Source, t *tabular.Table, n int) (tabular.Stored, error) {
	l, err := newLoading(t)
	if err != nil {
		return tabular.Stored{}, err
	}
	reading, stop := context.WithCancel(ctx)
	defer stop()
	r, err := src.Open(reading, nil)
	if err != nil {
		return tabular.Stored{}, err
	}
	go l.read(reading, r)
	out := filepath.Join(c.Dir, fmt.Sprintf("table-%d.parquet", n))
	err = c.copy(ctx, l, fmt.Sprintf("plaza_rows_%d", n), out)
	stop()
	for range l.batches { // the reader ends before it is closed
	}
	errRead := <-l.failed
	if errors.Is(errRead, io.EOF) || err != nil && errors.Is(errRead, context.Canceled) {
		errRead = nil
	}
	// What is wrong with the file explains more than what the engine makes of it.
	if err := errors.Join(errRead, err, r.Close()); err != nil {
		_ = os.Remove(out) // nothing half-written; the folder is thrown away as well
		if errRead != nil {
			return tabular.Stored{}, errRead
		}
		return tabular.Stored{}, err
	}
	return c.keep(out)
}

// copy lets DuckDB pull the rows by a function of that name and write them. Each table
// has a function of its own: DuckDB keeps the first one of a name.
func (c *conversion) copy(ctx context.Context, l *loading, name, out string) error {
	conn, err := c.db.Conn(ctx)
	if err != nil {
		return err
	}
	defer conn.Close()
	if err := duckdb.RegisterTableUDF(conn, name, duckdb.ParallelChunkTableFunction{
		BindArguments: func(map[string]any, ...any) (duckdb.ParallelChunkTableSource, error) { return l, nil },
	}); err != nil {
		return fmt.Errorf("handing over rows: %w", err)
	}
	_, err = conn.ExecContext(ctx, "COPY (SELECT "+strings.Join(selected(l), ", ")+" FROM "+name+"()) TO "+literal(out)+
		fmt.Sprintf(" (FORMAT parquet, COMPRESSION zstd, ROW_GROUP_SIZE %d)", rowGroup))
	if err != nil {
		return fmt.Errorf("writing Parquet: %w", err)
	}
	return nil
}

// selected are the expressions of a table's Parquet columns.
func selected(l *loading) []string {
	list := []string{"c0 AS " + quoted(tabular.ColumnRow)}
	for i, column := range l.table.Columns {
		list = append(list, cast(column.Type.Storage(), i+1)+" AS "+quoted(column.Name))
	}
	at := len(l.table.Columns) + 1
	list = append(list, fmt.Sprintf("c%d AS %s", at, quoted(tabular.ColumnOdd)))
	if l.place != nil {
		for i, name := range l.place.adds() {
			list = append(list, fmt.Sprintf("c%d AS %s", at+1+i, quoted(name)))
		}
	}
	return list
}

// keep names a file by its content.
func (c *conversion) keep(path string) (tabular.Stored, error) {
	f, err := os.Open(path)
	if err != nil {
		return tabular.Stored{}, err
	}
	h := sha256.New()
	size, err := io.Copy(h, f)
	if err := errors.Join(err, f.Close()); err != nil {
		return tabular.Stored{}, err
	}
	s := tabular.Stored{SHA256: hex.EncodeToString(h.Sum(nil)), Bytes: size}
	return s, os.Rename(path, c.path(s.SHA256))
}
