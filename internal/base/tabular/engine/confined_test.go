package engine

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	duckdb "github.com/duckdb/duckdb-go/v2"

	"plaza/internal/base/tabular"
	"plaza/internal/base/tabular/child"
	"plaza/internal/base/tabular/query"
	"plaza/internal/plaza"
)

// numbered is a table of n rows: number, group, text.
func numbered(t *testing.T, e *Engine, n int) child.Table {
	t.Helper()
	var b strings.Builder
	b.WriteString("n,grupo,texto\n")
	for i := range n {
		fmt.Fprintf(&b, "%d,g%d,texto número %d de la tabla\n", i+1, i%7, i*7919%n)
	}
	in, dir := filepath.Join(t.TempDir(), "n.csv"), t.TempDir()
	if err := os.WriteFile(in, []byte(b.String()), 0o600); err != nil {
		t.Fatal(err)
	}
	p, err := e.Convert(t.Context(), child.Conversion{Input: in, Name: "n.csv", Dir: dir}, func(child.Step) {})
	if err != nil || p.Tables[0].Rows != int64(n) {
		t.Fatalf("%d rows, %v", n, err)
	}
	return child.Table{Parquet: filepath.Join(dir, p.Tables[0].Parquet.SHA256), Profile: p.Tables[0]}
}

func made(t *testing.T, o Options) *Engine {
	e := New(o)
	t.Cleanup(func() {
		if err := e.Close(); err != nil {
			t.Error(err)
		}
	})
	return e
}

// handle is the DuckDB that answers about a table.
func handle(t *testing.T, e *Engine, table child.Table) *sql.DB {
	t.Helper()
	a, err := e.of(t.Context(), table)
	if err != nil {
		t.Fatal(err)
	}
	return a.db
}

func TestTheEngineReachesNothingButItsTables(t *testing.T) {
	e := made(t, Options{Scratch: t.TempDir()})
	table := numbered(t, e, 10)
	outside := filepath.Join(t.TempDir(), "afuera")
	if err := os.WriteFile(outside, []byte("a,b\n1,2\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	db := handle(t, e, table)
	for _, s := range []string{
		"SELECT content FROM read_text('/etc/passwd')",
		"SELECT * FROM read_csv('" + outside + "')",
		"SELECT * FROM '" + outside + "'",
		"SELECT * FROM read_blob('" + filepath.Dir(table.Parquet) + "/../" + filepath.Base(filepath.Dir(outside)) + "/afuera')",
		"SELECT * FROM read_parquet('https://example.org/a.parquet')",
		"SELECT getenv('HOME')",
		"COPY (SELECT 1) TO '" + outside + ".csv'",
		"ATTACH '" + outside + ".duckdb' AS x",
		"EXPORT DATABASE '" + outside + "'",
		"SET memory_limit = '100GB'", "SET threads = 64", "SET enable_external_access = true", "SET lock_configuration = false",
		"SET allowed_directories = ['/']", "RESET memory_limit", "SET temp_directory = '/tmp'", "PRAGMA memory_limit='100GB'",
		"INSTALL httpfs", "LOAD httpfs", "LOAD '" + outside + "'",
	} {
		if rows, err := db.QueryContext(t.Context(), s); err == nil {
			next := rows.Next()
			err = rows.Err()
			_ = rows.Close()
			if err == nil {
				t.Errorf("%s was run (rows: %v)", s, next)
			}
		}
	}
	if left, err := os.ReadDir(filepath.Dir(outside)); err != nil || len(left) != 1 {
		t.Errorf("written outside: %v, %v", left, err)
	}
	if page, err := e.Page(t.Context(), table, tabular.Query{}); err != nil || len(page.Rows) != 10 {
		t.Errorf("afterwards: %d rows, %v", len(page.Rows), err)
	}
}

func TestNothingButASelectIsRun(t *testing.T) {
	e := made(t, Options{})
	table := numbered(t, e, 3)
	conn, err := handle(t, e, table).Conn(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	refused := func(s string) (refused bool) {
		if err := conn.Raw(func(d any) error {
			return answer(t.Context(), d.(*duckdb.Conn), query.SQL{Text: s, Columns: make([]query.Out, 1)}, func(query.SQL, []tabular.Cell) error { return nil })
		}); err != nil {
			return true
		}
		return false
	}
	if _, err := conn.ExecContext(t.Context(), "CREATE TABLE t (a INTEGER)"); err != nil {
		t.Fatal(err)
	}
	for _, s := range []string{
		"INSERT INTO t VALUES (1)", "UPDATE t SET a = 1", "DELETE FROM t", "CREATE TABLE u (a INTEGER)", "CREATE VIEW v AS SELECT 1", "DROP TABLE t",
		"ALTER TABLE t ADD COLUMN b INTEGER", "COPY t TO '/tmp/x'", "COPY t FROM '/tmp/x'", "ATTACH ':memory:' AS m", "DETACH m", "SET threads = 1",
		"CALL pragma_version()", "INSTALL httpfs", "LOAD httpfs", "CHECKPOINT", "BEGIN", "ROLLBACK", "EXPLAIN SELECT 1",
		"PREPARE p AS SELECT 1", "EXECUTE p", "USE memory", "CREATE MACRO f(a) AS a", "", "SELECT 1; DROP TABLE t", "DROP TABLE t; SELECT 1",
	} {
		if !refused(s) {
			t.Errorf("%q is not refused", s)
		}
	}
	for _, s := range []string{"SELECT 1", "WITH a AS (SELECT 1) SELECT * FROM a", "SELECT * FROM t"} {
		if refused(s) {
			t.Errorf("%q is refused", s)
		}
	}
}

// stopper cancels what writes to it.
type stopper struct {
	cancel context.CancelFunc
	wrote  int
}

func (s *stopper) Write(p []byte) (int, error) {
	s.wrote += len(p)
	s.cancel()
	return len(p), nil
}

func TestWhatIsCancelledEndsAndLeavesTheEngineUsable(t *testing.T) {
	e := made(t, Options{Scratch: t.TempDir()})
	table := numbered(t, e, 200_000)
	ctx, cancel := context.WithCancel(t.Context())
	w := &stopper{cancel: cancel}
	if err := e.Export(ctx, table, child.Export{Form: child.CSV}, w); !errors.Is(err, context.Canceled) || w.wrote > 6<<20 {
		t.Errorf("Export: %v after %d bytes", err, w.wrote)
	}
	if _, err := e.Page(ctx, table, tabular.Query{Search: "texto"}); !errors.Is(err, context.Canceled) {
		t.Errorf("Page: %v", err)
	}
	if _, err := e.Compare(ctx, table, table); !errors.Is(err, context.Canceled) {
		t.Errorf("Compare: %v", err)
	}
	var file strings.Builder
	file.WriteString("a,b\n")
	for i := range 200_000 {
		fmt.Fprintf(&file, "%d,b\n", i)
	}
	in := filepath.Join(t.TempDir(), "a.csv")
	if err := os.WriteFile(in, []byte(file.String()), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, at := range []string{"detect", "read", "write", "describe"} {
		ctx, cancel := context.WithCancel(t.Context())
		dir := t.TempDir()
		_, err := e.Convert(ctx, child.Conversion{Input: in, Name: "a.csv", Dir: dir}, func(s child.Step) {
			if s.Name == at {
				cancel()
			}
		})
		cancel()
		if !errors.Is(err, context.Canceled) {
			t.Errorf("Convert cancelled at %s: %v", at, err)
		}
		left, _ := filepath.Glob(filepath.Join(dir, "table-*"))
		if len(left) > 0 {
			t.Errorf("cancelled at %s: %v is left", at, left)
		}
	}
	if n, err := e.Count(t.Context(), table, tabular.Query{Search: "texto"}); err != nil || n != 200_000 {
		t.Errorf("afterwards: %d, %v", n, err)
	}
}

func TestTooLittleMemoryIsToldAndSurvived(t *testing.T) {
	big := made(t, Options{})
	table := numbered(t, big, 300_000)
	e := made(t, Options{Memory: 24 << 20, Threads: 1})
	_, err := e.Groups(t.Context(), table, tabular.Query{Group: []tabular.Group{{Column: "texto"}}, Measures: []tabular.Measure{{Func: tabular.Median, Column: "n"}}})
	if plaza.KindOf(err) != plaza.TooMany {
		t.Errorf("error %v", err)
	}
	if page, err := e.Page(t.Context(), table, tabular.Query{Limit: 5}); err != nil || len(page.Rows) != 5 {
		t.Errorf("afterwards: %v", err)
	}
}

func TestNativeFilesThatNobodyAsksAreLetGo(t *testing.T) {
	e := made(t, Options{})
	table := numbered(t, e, 5)
	first := filepath.Join(filepath.Dir(table.Parquet), "0.duckdb")
	if err := e.Native(t.Context(), table, first); err != nil {
		t.Fatal(err)
	}
	raw, err := os.ReadFile(first)
	if err != nil {
		t.Fatal(err)
	}
	for i := range mostAttached + 4 {
		table.Native = filepath.Join(filepath.Dir(table.Parquet), fmt.Sprintf("%d.duckdb", i))
		if err := os.WriteFile(table.Native, raw, 0o600); err != nil {
			t.Fatal(err)
		}
		if page, err := e.Page(t.Context(), table, tabular.Query{}); err != nil || len(page.Rows) != 5 {
			t.Fatalf("table %d: %v", i, err)
		}
		// the first one is asked again and again, and stays
		table.Native = first
		if _, err := e.Row(t.Context(), table, 1); err != nil {
			t.Fatal(err)
		}
	}
	a, err := e.of(t.Context(), table)
	if err != nil {
		t.Fatal(err)
	}
	if len(a.attached) > mostAttached || a.attached[first] == nil || a.attached[filepath.Join(filepath.Dir(first), "1.duckdb")] != nil {
		t.Errorf("%d files are attached, the first: %v", len(a.attached), a.attached[first] != nil)
	}
	// one that is broken is not the table's end: its Parquet answers
	table.Native = filepath.Join(filepath.Dir(first), "broken.duckdb")
	if err := os.WriteFile(table.Native, []byte("no es una base"), 0o600); err != nil {
		t.Fatal(err)
	}
	if page, err := e.Page(t.Context(), table, tabular.Query{}); err != nil || len(page.Rows) != 5 {
		t.Errorf("with a broken native file: %v", err)
	}
}
