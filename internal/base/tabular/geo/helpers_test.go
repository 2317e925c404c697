package geo_test

import (
	"context"
	"errors"
	"io"
	"os"
	"path/filepath"
	"testing"

	"plaza/internal/base/tabular"
)

// table is a table that was read whole.
type table struct {
	src  *tabular.Source
	rows [][]string
	err  error // that ended the reading, nil at the end of the file
}

func (t table) column(tb testing.TB, name string) []string {
	tb.Helper()
	for i, label := range t.src.Labels {
		if label == name {
			out := make([]string, len(t.rows))
			for n, r := range t.rows {
				out[n] = r[i]
			}
			return out
		}
	}
	tb.Fatalf("no column %q among %q", name, t.src.Labels)
	return nil
}

// codes are the problems, each with its count.
func (t table) codes() map[string]int64 {
	out := map[string]int64{}
	for _, p := range t.src.Problems.List() {
		out[p.Code] += p.Count
	}
	return out
}

// write puts a file into the test's folder.
func write(tb testing.TB, name string, data []byte) tabular.File {
	tb.Helper()
	path := filepath.Join(tb.TempDir(), name)
	if err := os.WriteFile(path, data, 0o600); err != nil {
		tb.Fatal(err)
	}
	return tabular.File{Path: path, Name: name}
}

func readAll(tb testing.TB, s *tabular.Source) table {
	tb.Helper()
	t := table{src: s}
	r, err := s.Open(context.Background(), nil)
	if err != nil {
		tb.Fatal(err)
	}
	defer r.Close()
	var b tabular.Batch
	next := int64(1)
	for {
		if err := r.Next(context.Background(), &b); err != nil {
			if err != io.EOF {
				t.err = err
			}
			return t
		}
		if b.First != next || b.Rows() == 0 {
			tb.Fatalf("a batch of %d rows that begins at %d instead of %d", b.Rows(), b.First, next)
		}
		next += int64(b.Rows())
		for i := range b.Rows() {
			cells := make([]string, b.Cols)
			for c := range cells {
				cells[c] = string(b.Cell(i, c))
			}
			t.rows = append(t.rows, cells)
		}
	}
}

func openOne(tb testing.TB, open tabular.Opener, f tabular.File) table {
	tb.Helper()
	found, err := open(context.Background(), f)
	if err != nil {
		tb.Fatalf("%v", err)
	}
	if len(found) != 1 {
		tb.Fatalf("%d tables", len(found))
	}
	return readAll(tb, found[0])
}

// faultOf is the code of the fault that err is.
func faultOf(err error) string {
	var f *tabular.Fault
	if errors.As(err, &f) {
		return f.Code
	}
	if err != nil {
		return "error: " + err.Error()
	}
	return ""
}
