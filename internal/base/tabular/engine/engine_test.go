package engine_test

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"plaza/internal/base/tabular"
	"plaza/internal/base/tabular/child"
	"plaza/internal/base/tabular/engine"
)

// converted converts a text as a file and gives its first table, ready to be asked.
func converted(t *testing.T, e *engine.Engine, name, text string) child.Table {
	t.Helper()
	p, dir := profiled(t, e, name, text)
	if len(p.Tables) == 0 {
		t.Fatalf("%s has no table: %+v", name, p)
	}
	return child.Table{Parquet: filepath.Join(dir, p.Tables[0].Parquet.SHA256), Profile: p.Tables[0]}
}

func profiled(t *testing.T, e *engine.Engine, name, text string) (tabular.Profile, string) {
	t.Helper()
	in := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(in, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	p, err := e.Convert(t.Context(), child.Conversion{Input: in, Name: name, Dir: dir}, func(child.Step) {})
	if err != nil {
		t.Fatalf("Convert(%s): %v", name, err)
	}
	return p, dir
}

func newEngine(t *testing.T) *engine.Engine {
	e := engine.New(engine.Options{Scratch: t.TempDir()})
	t.Cleanup(func() {
		if err := e.Close(); err != nil {
			t.Error(err)
		}
	})
	return e
}

const obras = `clave,fecha,entidad,monto,lat,lon,nota
01,05/03/2021,09,"1,250.50",19.4326,-99.1332,Pavimentación
02,17/04/2021,14,"2,000.00",20.6597,-103.3496,Jardín
03,,09,ND,19.40,-99.17,
04,30/12/2022,31,"10.25",20.9674,-89.5926,"Mérida, centro"
`

func TestATableIsConvertedDescribedAndAsked(t *testing.T) {
	e := newEngine(t)
	table := converted(t, e, "obras.csv", obras)
	p := table.Profile
	if p.Rows != 4 || len(p.Columns) != 7 {
		t.Fatalf("rows %d, columns %d", p.Rows, len(p.Columns))
	}
	var types []string
	for _, c := range p.Columns {
		types = append(types, string(c.Type))
	}
	if got, want := strings.Join(types, " "), "code date code decimal decimal decimal text"; got != want {
		t.Errorf("types %q, want %q", got, want)
	}
	if monto := p.Column("monto"); monto.Stats.Max != "2000.0" && monto.Stats.Max != "2000" || monto.Stats.Count != 3 {
		t.Errorf("monto: %+v", monto)
	}
	if p.Place.Kind != tabular.PlacePoint || strings.Join(p.Place.States, " ") != "09 14 31" {
		t.Errorf("place: %+v", p.Place)
	}
	if years := tabular.Years(p.Columns); years != [2]int{2021, 2022} {
		t.Errorf("years: %v", years)
	}
	page, err := e.Page(t.Context(), table, tabular.Query{Search: "merida"})
	if err != nil || len(page.Rows) != 1 || page.Rows[0][1].Text != "2022-12-30" || page.Numbers[0] != 4 {
		t.Errorf("search: %+v, %v", page, err)
	}
	page, err = e.Page(t.Context(), table, tabular.Query{Where: []tabular.Condition{{Op: tabular.Inside, Values: []string{"09"}}}, Sort: []tabular.Order{{Column: "monto", Down: true}}})
	if err != nil || len(page.Rows) != 2 || page.Numbers[0] != 1 {
		t.Errorf("inside: %+v, %v", page, err)
	}
	groups, err := e.Groups(t.Context(), table, tabular.Query{Group: []tabular.Group{{Column: "fecha", Step: tabular.StepYear}}, Measures: []tabular.Measure{{Func: tabular.Sum, Column: "monto"}}})
	if err != nil || len(groups.Rows) != 3 {
		t.Errorf("groups: %+v, %v", groups, err)
	}
	row, err := e.Row(t.Context(), table, 2)
	if err != nil || row.Rows[0][6].Text != "Jardín" {
		t.Errorf("row: %+v, %v", row, err)
	}
}

func TestANativeTableAnswersAsItsParquet(t *testing.T) {
	e := newEngine(t)
	table := converted(t, e, "obras.csv", obras)
	native := table
	native.Native = filepath.Join(filepath.Dir(table.Parquet), "n.duckdb")
	if err := e.Native(t.Context(), table, native.Native); err != nil {
		t.Fatal(err)
	}
	want, err := e.Page(t.Context(), table, tabular.Query{})
	if err != nil {
		t.Fatal(err)
	}
	got, err := e.Page(t.Context(), native, tabular.Query{})
	if err != nil || len(got.Rows) != len(want.Rows) || got.Rows[3][6] != want.Rows[3][6] {
		t.Errorf("native: %+v, %v; want %+v", got, err, want)
	}
	harmed(t, e, native, want)
}

// harmed shows that a native file which cannot be read costs nothing but time.
func harmed(t *testing.T, e *engine.Engine, native child.Table, want tabular.Page) {
	t.Helper()
	whole, err := os.ReadFile(native.Native)
	if err != nil {
		t.Fatal(err)
	}
	const head, block = 12 << 10, 256 << 10
	begins := []int{0}
	for at := head; at < len(whole); at += block {
		begins = append(begins, at)
	}
	for _, from := range begins {
		name := fmt.Sprint("bytes from ", from)
		raw := bytes.Clone(whole)
		for i := from; i < min(len(raw), from+block); i++ {
			raw[i] ^= 0xff
		}
		native.Native = filepath.Join(filepath.Dir(native.Parquet), fmt.Sprint("harmed-", from))
		if err := os.WriteFile(native.Native, raw, 0o600); err != nil {
			t.Fatal(err)
		}
		for range 2 {
			if got, err := e.Page(t.Context(), native, tabular.Query{}); err != nil || len(got.Rows) != len(want.Rows) {
				t.Errorf("%s: %+v, %v", name, got, err)
			}
		}
		for _, f := range []child.Form{child.CSV, child.Parquet} {
			var out bytes.Buffer
			if err := e.Export(t.Context(), native, child.Export{Form: f}, &out); err != nil || out.Len() == 0 {
				t.Errorf("%s as %s: %d bytes, %v", name, f, out.Len(), err)
			}
		}
	}
}

func TestWhatLeavesIsWhatIsShown(t *testing.T) {
	e := newEngine(t)
	table := converted(t, e, "obras.csv", obras)
	for _, f := range []child.Form{child.CSV, child.JSON, child.Lines, child.GeoJSON, child.XLSX, child.Parquet, child.Arrow} {
		var out bytes.Buffer
		err := e.Export(t.Context(), table, child.Export{Form: f, Query: tabular.Query{Columns: []string{"clave", "nota"}}, About: map[string]string{"source": "obras"}}, &out)
		if err != nil || out.Len() == 0 {
			t.Errorf("Export as %s: %d bytes, %v", f, out.Len(), err)
		}
		if f == child.CSV && out.String() != "clave,nota\n01,Pavimentación\n02,Jardín\n03,\n04,\"Mérida, centro\"\n" {
			t.Errorf("CSV: %q", out.String())
		}
	}
}

func TestTablesOfOneFileAreWrittenEachByItself(t *testing.T) {
	e := newEngine(t)
	p, _ := profiled(t, e, "dos.json", `{"a":[{"x":1,"y":2},{"x":3,"y":4}],"b":[{"p":"u","q":"v","r":"w"},{"p":"k","q":"l","r":"m"}]}`)
	if len(p.Tables) != 2 || len(p.Tables[0].Columns)+len(p.Tables[1].Columns) != 5 {
		t.Errorf("tables: %+v", p.Tables)
	}
}
