package delimited_test

import (
	"errors"
	"io"
	"os"
	"path/filepath"
	"testing"

	"plaza/internal/base/tabular"
	"plaza/internal/base/tabular/delimited"
)

// written is a file with the content.
func written(t testing.TB, content string) tabular.File {
	t.Helper()
	path := filepath.Join(t.TempDir(), "datos.csv")
	if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
	return tabular.File{Path: path, Name: "datos.csv"}
}

func opened(t testing.TB, f tabular.File) *tabular.Source {
	t.Helper()
	tables, err := delimited.Open(t.Context(), f)
	if err != nil {
		t.Fatalf("the file does not open: %v", err)
	}
	if len(tables) != 1 {
		t.Fatalf("%d tables, want 1", len(tables))
	}
	return tables[0]
}

// rows are all rows of a table, and the error that ends them.
func rows(t testing.TB, src *tabular.Source) ([][]string, error) {
	t.Helper()
	r, err := src.Open(t.Context(), nil)
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	var out [][]string
	var b tabular.Batch
	for {
		err := r.Next(t.Context(), &b)
		for i := range b.Rows() {
			row := make([]string, b.Cols)
			for j := range row {
				row[j] = string(b.Cell(i, j))
			}
			out = append(out, row)
		}
		if errors.Is(err, io.EOF) {
			return out, nil
		}
		if err != nil {
			return out, err
		}
	}
}

// count is how many rows a table has.
func count(t testing.TB, src *tabular.Source) int {
	t.Helper()
	r, err := src.Open(t.Context(), nil)
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	n := 0
	var b tabular.Batch
	for {
		err := r.Next(t.Context(), &b)
		n += b.Rows()
		if errors.Is(err, io.EOF) {
			return n
		}
		if err != nil {
			t.Fatal(err)
		}
	}
}

// problem is a table's problem of a code, with a Count of 0 when it has none.
func problem(src *tabular.Source, code string) (sum tabular.Problem) {
	for _, p := range src.Problems.List() {
		if p.Code == code {
			sum.Count += p.Count
			sum.Samples = append(sum.Samples, p.Samples...)
			sum.Args = p.Args
		}
	}
	return sum
}
