package engine_test

import (
	"bufio"
	"database/sql"
	"fmt"
	"path/filepath"
	"strings"
	"testing"

	_ "github.com/duckdb/duckdb-go/v2"
	"github.com/google/go-cmp/cmp"

	"plaza/internal/base/tabular"
)

func TestALongTableIsKeptByPlaceTooAndAnswersTheSame(t *testing.T) {
	const rows = 250_000
	var text strings.Builder
	w := bufio.NewWriter(&text)
	fmt.Fprintln(w, "cve_mun,monto")
	for i := range rows {
		fmt.Fprintf(w, "%02d%03d,%d\n", 1+i*7%32, 1+i*11%9, i*7919%1000)
	}
	if err := w.Flush(); err != nil {
		t.Fatal(err)
	}
	e := newEngine(t)
	table := converted(t, e, "obras.csv", text.String())
	if table.Profile.Place.Kind != tabular.PlaceMunicipality {
		t.Fatalf("place: %+v", table.Profile.Place)
	}
	native := table
	native.Native = filepath.Join(filepath.Dir(table.Parquet), "n.duckdb")
	if err := e.Native(t.Context(), table, native.Native); err != nil {
		t.Fatal(err)
	}
	inside := []tabular.Condition{{Op: tabular.Inside, Values: []string{"09", "15003"}}}
	for _, q := range []tabular.Query{
		{Where: inside, Sort: []tabular.Order{{Column: "monto", Down: true}}},
		{Where: []tabular.Condition{{Column: "cve_mun", Op: tabular.Is, Values: []string{"15003"}}}, Sort: []tabular.Order{{Column: "monto"}}},
		{Where: inside},
	} {
		want, err := e.Page(t.Context(), table, q)
		if err != nil {
			t.Fatal(err)
		}
		got, err := e.Page(t.Context(), native, q)
		if diff := cmp.Diff(want, got); err != nil || diff != "" || len(got.Rows) == 0 {
			t.Errorf("rows: %v %s", err, diff)
		}
	}
	by := tabular.Query{Where: inside, Group: []tabular.Group{{Column: tabular.ColumnMun}}, Measures: []tabular.Measure{{Func: tabular.Sum, Column: "monto"}}}
	want, err := e.Groups(t.Context(), table, by)
	if err != nil {
		t.Fatal(err)
	}
	if got, err := e.Groups(t.Context(), native, by); err != nil || !cmp.Equal(want, got) || len(got.Rows) == 0 {
		t.Errorf("groups: %v %s", err, cmp.Diff(want, got))
	}
	told := filepath.Join(filepath.Dir(table.Parquet), "told.duckdb")
	if err := e.Native(t.Context(), table, told); err != nil {
		t.Fatal(err)
	}
	db, err := sql.Open("duckdb", "")
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	// rows that are in one order only tell which of them is read
	for _, s := range []string{"ATTACH '" + told + "' AS told", "DELETE FROM told.main.p WHERE cve_mun = '15003'", "DETACH told"} {
		if _, err := db.ExecContext(t.Context(), s); err != nil {
			t.Fatal(err)
		}
	}
	native.Native = told
	there := []tabular.Condition{{Op: tabular.Inside, Values: []string{"15003"}}}
	if n, err := e.Count(t.Context(), native, tabular.Query{Where: there}); err != nil || n != 0 {
		t.Errorf("a count of a place reads the other order: %d, %v", n, err)
	}
	if page, err := e.Page(t.Context(), native, tabular.Query{Where: there, Sort: []tabular.Order{{Column: "monto"}}}); err != nil || len(page.Rows) != 0 {
		t.Errorf("sorted rows of a place are read in the other order: %d, %v", len(page.Rows), err)
	}
	if page, err := e.Page(t.Context(), native, tabular.Query{Where: there}); err != nil || len(page.Rows) == 0 {
		t.Errorf("the first rows of a place are read by place: %v", err)
	}
	native.Native = filepath.Join(filepath.Dir(table.Parquet), "n.duckdb")
	// how often a row's place differs from that of the row before it
	var changes, numbered int
	if _, err := db.ExecContext(t.Context(), "ATTACH '"+native.Native+"' AS n (READ_ONLY)"); err != nil {
		t.Fatal(err)
	}
	const count = `SELECT count(*) FILTER (cve_mun <> before) FROM (SELECT cve_mun, lag(cve_mun) OVER (ORDER BY rowid) AS before FROM n.main.`
	if err := db.QueryRowContext(t.Context(), count+"p)").Scan(&changes); err != nil {
		t.Fatal(err)
	}
	if err := db.QueryRowContext(t.Context(), count+"t)").Scan(&numbered); err != nil {
		t.Fatal(err)
	}
	if changes != 32*9-1 || numbered < rows/2 {
		t.Errorf("the place changes %d times by place and %d times by number", changes, numbered)
	}
}
