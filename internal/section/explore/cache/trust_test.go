package cache_test

import (
	"context"
	"errors"
	"io"
	"os"
	"testing"

	"plaza/internal/base/tabular"
	"plaza/internal/base/tabular/child"
)

// reader is an engine whose answers are the table's file, when it begins as it should.
type reader struct{ child.Engine }

func (reader) Count(_ context.Context, t child.Table, _ tabular.Query) (int64, error) {
	raw, err := os.ReadFile(t.Parquet)
	if err == nil && raw[0] != 'a' {
		err = errors.New("no magic bytes")
	}
	return int64(len(raw)), err
}

func (reader) Export(_ context.Context, t child.Table, x child.Export, w io.Writer) error {
	if x.BOM {
		_, _ = io.WriteString(w, "\uFEFF")
	}
	raw, err := os.ReadFile(t.Parquet)
	if err == nil && raw[0] != 'a' {
		return errors.New("no magic bytes")
	}
	_, errWrite := w.Write(raw)
	return errors.Join(err, errWrite)
}

func TestATableThatWasDamagedHereIsFetchedAnewAndAskedAgain(t *testing.T) {
	w := newWorld(t, 1000)
	key := w.put("a")
	e := w.Checked(reader{})
	l := w.get(key)
	defer l.Release()
	table := child.Table{Parquet: l.Path}
	harm := map[string]func() error{
		"other bytes": func() error { return os.WriteFile(l.Path, []byte("x123456789"), 0o600) },
		"gone":        func() error { return os.Remove(l.Path) },
	}
	for name, do := range harm {
		if err := do(); err != nil {
			t.Fatal(err)
		}
		if n, err := e.Count(t.Context(), table, tabular.Query{}); n != 10 || err != nil {
			t.Errorf("%s: %d, %v", name, n, err)
		}
	}
	if err := harm["other bytes"](); err != nil {
		t.Fatal(err)
	}
	var out writes
	if err := e.Export(t.Context(), table, child.Export{BOM: true}, &out); err == nil || out != 1 {
		t.Errorf("an export that had begun: %v after %d pieces", err, out)
	}
	if err := e.Export(t.Context(), table, child.Export{}, &out); err != nil || out != 2 || w.shop.gets.Load() != 4 {
		t.Errorf("the next one: %v after %d pieces, fetched %d times", err, out, w.shop.gets.Load())
	}
	if w.Bytes() != 10 {
		t.Errorf("it counts %d bytes", w.Bytes())
	}
}

// writes counts what is written.
type writes int

func (w *writes) Write(p []byte) (int, error) { *w++; return len(p), nil }
