package engine_test

import (
	"bytes"
	"cmp"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"plaza/internal/base/tabular"
	"plaza/internal/base/tabular/child"
)

func TestVersionsAreComparedByKeyAndWithout(t *testing.T) {
	e := newEngine(t)
	for _, c := range []struct {
		it, before, after string
		want              child.Difference
	}{
		{"with a key", "clave,nombre,monto\n01,uno,10\n02,dos,20\n03,tres,30\n", "clave,nombre,monto\n01,uno,10\n02,dos,25\n04,cuatro,\n05,cinco,1\n",
			child.Difference{Key: []string{"clave"}, Before: 3, After: 4, Added: 2, Removed: 1, Changed: 1}},
		{"without one, rows that come twice", "a,b\nx,1\nx,1\ny,2\nz,\n", "a,b\nx,1\ny,2\ny,2\nz,\nz,\n",
			child.Difference{Before: 4, After: 5, Added: 2, Removed: 1}},
		{"the same", "a,b\nx,1\nx,1\n", "a,b\nx,1\nx,1\n", child.Difference{Before: 2, After: 2}},
		{"a column of whole numbers that became decimals", "clave,monto\n01,10\n02,20\n", "clave,monto\n01,10\n02,20.5\n",
			child.Difference{Key: []string{"clave"}, Before: 2, After: 2, Changed: 1}},
		{"the same without a key", "a,n\nx,1\nx,1\n", "a,n\nx,1\nx,1.5\n", child.Difference{Before: 2, After: 2, Added: 1, Removed: 1}},
		{"days that got a time", "clave,fecha\n01,2020-01-31\n02,2020-02-28\n", "clave,fecha\n01,2020-01-31 00:00:00\n02,2020-02-28 10:00:00\n",
			child.Difference{Key: []string{"clave"}, Before: 2, After: 2, Changed: 1}},
		{"no column in common", "a,b\nx,1\nx,1\n", "c,d\nx,1\nx,1\n", child.Difference{Before: 2, After: 2, Added: 2, Removed: 2}},
	} {
		got, err := e.Compare(t.Context(), converted(t, e, "a.csv", c.before), converted(t, e, "a.csv", c.after))
		if err != nil || !slices.Equal(got.Key, c.want.Key) || got.Before != c.want.Before || got.After != c.want.After ||
			got.Added != c.want.Added || got.Removed != c.want.Removed || got.Changed != c.want.Changed {
			t.Errorf("%s: %+v, %v; want %+v", c.it, got, err, c.want)
		}
	}
}

func TestEveryFormKeepsTheOrderOfTheRows(t *testing.T) {
	const rows = 300_000
	e := newEngine(t)
	var b bytes.Buffer
	b.WriteString("n,valor\n")
	for i := range rows {
		fmt.Fprintf(&b, "%d,v%d\n", i+1, i*7919%1000)
	}
	table := converted(t, e, "n.csv", b.String())
	want := b.String()
	for form, name := range map[child.Form]string{child.CSV: "a.csv", child.JSON: "a.json", child.Lines: "a.jsonl", child.XLSX: "a.xlsx", child.Parquet: "a.parquet"} {
		var out bytes.Buffer
		x, want := child.Export{Form: form}, want
		if form == child.XLSX || form == child.JSON { // which take long: one window and some rows
			x.Most = 130_000
			want = want[:strings.Index(want, "\n130001,")+1]
		}
		if err := e.Export(t.Context(), table, x, &out); err != nil {
			t.Fatalf("%s: %v", form, err)
		}
		if form == child.CSV {
			if out.String() != want {
				t.Error("CSV is not as it came")
			}
			continue
		}
		var again bytes.Buffer
		if err := e.Export(t.Context(), converted(t, e, name, out.String()), child.Export{Form: child.CSV}, &again); err != nil {
			t.Fatal(err)
		}
		if again.String() != want {
			t.Errorf("%s does not hold the same rows in the same order", form)
		}
	}
	var arrow bytes.Buffer
	if err := e.Export(t.Context(), table, child.Export{Form: child.Arrow}, &arrow); err != nil || arrow.Len() < rows*10 {
		t.Errorf("Arrow: %d bytes, %v", arrow.Len(), err)
	}
	// sorted, all of them
	header, lines, _ := strings.Cut(strings.TrimSuffix(want, "\n"), "\n")
	list := strings.Split(lines, "\n")
	slices.Reverse(list)
	want = header + "\n" + strings.Join(list, "\n") + "\n"
	down := tabular.Query{Sort: []tabular.Order{{Column: "n", Down: true}}}
	for form, name := range map[child.Form]string{child.CSV: "a.csv", child.Parquet: "a.parquet"} {
		var out, again bytes.Buffer
		if err := e.Export(t.Context(), table, child.Export{Form: form, Query: down}, &out); err != nil {
			t.Fatalf("%s: %v", form, err)
		}
		if form != child.CSV {
			if err := e.Export(t.Context(), converted(t, e, name, out.String()), child.Export{Form: child.CSV}, &again); err != nil {
				t.Fatal(err)
			}
			out = again
		}
		if out.String() != want {
			t.Errorf("%s, sorted downwards, does not hold the same rows from the last to the first", form)
		}
	}
}

// random is a table of random columns, with what a naive reader finds in it.
type random struct {
	text   string
	rows   int
	ints   []int64
	years  [2]int
	states map[string]bool
	words  map[string]int64
	nulls  int64
}

func randomTable(r *rand.Rand, rows int) *random {
	out := &random{rows: rows, years: [2]int{9999, 0}, states: map[string]bool{}, words: map[string]int64{}}
	var b strings.Builder
	b.WriteString("numero,fecha,cve_ent,palabra\n")
	from, spread := 1950+r.IntN(60), 1+r.IntN(30)
	for range out.rows {
		n := ""
		if r.IntN(10) == 0 {
			out.nulls++
		} else {
			v := r.Int64N(1_000_000) - 500_000
			out.ints = append(out.ints, v)
			n = strconv.FormatInt(v, 10)
		}
		year := from + r.IntN(spread)
		out.years = [2]int{min(out.years[0], year), max(out.years[1], year)}
		state := fmt.Sprintf("%02d", 1+r.IntN(32))
		out.states[state] = true
		word := fmt.Sprintf("palabra %c%c", 'a'+rune(r.IntN(6)), 'a'+rune(r.IntN(6)))
		out.words[word]++
		fmt.Fprintf(&b, "%s,%04d-%02d-%02d,%s,%s\n", n, year, 1+r.IntN(12), 1+r.IntN(28), state, word)
	}
	out.text = b.String()
	return out
}

func TestWhatIsSaidOfColumnsIsWhatANaiveReaderFinds(t *testing.T) {
	e := newEngine(t)
	// The last one is long enough to be described by its rows where values do not repeat.
	for i, rows := range []int{200, 3000, 1700, 70_000} {
		seed := uint64(i)
		want := randomTable(rand.New(rand.NewPCG(seed, 5)), rows)
		got := converted(t, e, "azar.csv", want.text).Profile
		if years := tabular.Years(got.Columns); years != want.years {
			t.Errorf("seed %d: years %v, want %v", seed, years, want.years)
		}
		var states []string
		for s := range want.states {
			states = append(states, s)
		}
		slices.Sort(states)
		if !slices.Equal(got.Place.States, states) {
			t.Errorf("seed %d: states %v, want %v", seed, got.Place.States, states)
		}
		want.numbers(t, seed, got.Column("numero"))
		want.frequent(t, seed, got.Column("palabra"))
	}
}

func (r *random) numbers(t *testing.T, seed uint64, c *tabular.Column) {
	t.Helper()
	s := c.Stats
	if s.Count != int64(len(r.ints)) || s.Nulls != r.nulls || s.Min != strconv.FormatInt(slices.Min(r.ints), 10) || s.Max != strconv.FormatInt(slices.Max(r.ints), 10) {
		t.Errorf("seed %d: %d values from %s to %s, %d empty; want %d, %d", seed, s.Count, s.Min, s.Max, s.Nulls, len(r.ints), r.nulls)
	}
	sum := int64(0)
	for _, v := range r.ints {
		sum += v
	}
	if s.Sum == nil || int64(*s.Sum) != sum {
		t.Errorf("seed %d: sum %v, want %d", seed, s.Sum, sum)
	}
	counted := int64(0)
	for i, bar := range s.Histogram {
		from, errFrom := strconv.ParseFloat(bar.From, 64)
		to, errTo := strconv.ParseFloat(bar.To, 64)
		if errFrom != nil || errTo != nil {
			t.Fatalf("bar %+v", bar)
		}
		n := int64(0)
		for _, v := range r.ints {
			if f := float64(v); f >= from && (f < to || i == len(s.Histogram)-1 && f <= to) {
				n++
			}
		}
		counted += bar.Count
		if n != bar.Count {
			t.Errorf("seed %d: bar %+v, want %d", seed, bar, n)
		}
	}
	if counted != s.Count {
		t.Errorf("seed %d: %d values in bars, of %d", seed, counted, s.Count)
	}
}

func (r *random) frequent(t *testing.T, seed uint64, c *tabular.Column) {
	t.Helper()
	var want []tabular.ValueCount
	for w, n := range r.words {
		want = append(want, tabular.ValueCount{Value: w, Count: n})
	}
	slices.SortFunc(want, func(a, b tabular.ValueCount) int {
		return cmp.Or(cmp.Compare(b.Count, a.Count), cmp.Compare(a.Value, b.Value))
	})
	want = want[:min(20, len(want))]
	if !slices.Equal(c.Stats.Top, want) || c.Stats.Distinct != int64(len(r.words)) {
		t.Errorf("seed %d: %d distinct, most frequent %v; want %d, %v", seed, c.Stats.Distinct, c.Stats.Top, len(r.words), want)
	}
}

func TestGeometriesOfGeographicFilesStayGeometries(t *testing.T) {
	e := newEngine(t)
	table := converted(t, e, "a.geojson", `{"type":"FeatureCollection","features":[
		{"type":"Feature","properties":{"nombre":"plaza"},"geometry":{"type":"Point","coordinates":[-99.1332,19.4326]}},
		{"type":"Feature","properties":{"nombre":"sin lugar"},"geometry":null},
		{"type":"Feature","properties":{"nombre":"parque"},"geometry":{"type":"Polygon","coordinates":[[[-103.4,20.6],[-103.3,20.6],[-103.3,20.7],[-103.4,20.6]]]}}]}`)
	c := table.Profile.Column("geometria")
	if c == nil || c.Type != tabular.Geometry || c.Stats.Nulls != 1 || table.Profile.Place.Kind != tabular.PlaceGeometry {
		t.Fatalf("column %+v, place %+v", c, table.Profile.Place)
	}
	page, err := e.Page(t.Context(), table, tabular.Query{Where: []tabular.Condition{{Op: tabular.Inside, Values: []string{"09"}}}})
	if err != nil || len(page.Rows) != 1 || !strings.Contains(page.Rows[0][1].Text, `"Point"`) {
		t.Errorf("inside: %+v, %v", page.Rows, err)
	}
}

func TestWhatIsAlwaysSaidOfATable(t *testing.T) {
	e := newEngine(t)
	p, dir := profiled(t, e, "a.csv", "a,b\n1,2\n3,4\n")
	if p.Problems == nil || p.Tables[0].Problems == nil {
		t.Error("problems are null")
	}
	if left := must(os.ReadDir(dir)); len(left) != 1 || left[0].Name() != p.Tables[0].Parquet.SHA256 {
		t.Errorf("left in %s: %v", filepath.Base(dir), left)
	}
}
