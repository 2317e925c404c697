package infer

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"plaza/internal/base/tabular"
)

// pieces of cells, of every kind and of none.
var pieces = []string{
	"1", "0", "32", "007", "01", "1001", "01001", "2020", "20230131", "10010001", "5512345678", "-99", "-5", "1.0", "1001.0", "2020.0", "12.5", ".5", "1,234", "1,234,567", "1,234.56",
	"12,5", "1.234", "1.234,56", "1.234.567", "1 234", "1.5E+10", "1e5", "99999999999999999999", "9,999,999,999,999,999,999,999", "(5.00)", "(7)", "(99999999999999999999)", "$5", "$ 1,234.56", "12 USD", "USD 7", "12.5%", "5 %",
	"31/01/2023", "01/31/2023", "03/04/2023", "03/03/2023", "2023-01-31", "2023-02-30", "1/2/98", "05-ene-2023", "12 de enero de 2023", "Aug 2013", "2013-08", "08/2013", "2020-03-16 10:00:00", "2020-03-16T00:00:00", "2020-03-16T10:00:00Z", "10:05", "01:00 p. m.", "25:00",
	"sí", "No", "TRUE", "falso", "S", "n", "x", "X", "", " ", "NA", "n/a", "ND", "NULL", "-", "--", ".", "sin dato", "9999-99-99", "s/n", "19.43,-99.13", "-99.13,19.43", "40.1,-3.5", "http://a.mx", "www.b.mx/x", "a@b.mx", "juan@gmail.com", "POINT (1 2)", "POINT(", `{"type":"Point","coordinates":[1,2]}`, "{x}",
	"HEGG560427MVZRRL04", "VECJ880326A12", "ABC880326XX1", "55 1234 5678", "PL/12", "Jalisco", "texto libre", "ñandú", "\xff\xfe", "1\x00", "$", "%", "(", ")", "+", "1-", "1/", "1:", "2023-", "ene", "12 de", "\u00a05\u00a0", "5\u00a0000",
}

// randomColumn is a column of mostly one or two kinds.
func randomColumn(r *rand.Rand) []string {
	n := 1 + r.IntN(400)
	kinds := make([]string, 1+r.IntN(5))
	for i := range kinds {
		kinds[i] = pieces[r.IntN(len(pieces))]
	}
	cells := make([]string, n)
	for i := range cells {
		cells[i] = kinds[r.IntN(len(kinds))]
		switch r.IntN(150) {
		case 0:
			cells[i] = pieces[r.IntN(len(pieces))]
		case 1:
			cells[i] = " " + cells[i] + " "
		case 2:
			cells[i] += string(rune(r.IntN(300)))
		}
	}
	return cells
}

// count runs the parser over all cells.
func count(c tabular.Column, cells []string) (odd, nothing int64) {
	p := ParserOf(c)
	for _, cell := range cells {
		var v Verdict
		b := []byte(cell)
		switch {
		case p.Int != nil:
			_, v = p.Int(b)
		case p.Day != nil:
			_, v = p.Day(b)
		case p.Float != nil:
			_, v = p.Float(b)
		case p.Bool != nil:
			_, v = p.Bool(b)
		default:
			_, v = p.Text(nil, b)
		}
		switch v {
		case Odd:
			odd++
		case Nothing:
			nothing++
		}
	}
	return odd, nothing
}

func nullsOf(c tabular.Column) (n int64) {
	for _, v := range c.Nulls {
		n += v.Count
	}
	return n
}

func TestParserAndTableAgreeOverRandomColumns(t *testing.T) {
	r := rand.New(rand.NewPCG(7, 7))
	labels := []string{"dato", "clave", "cve_ent", "municipio", "fecha", "año", "lat", "monto_mxn", "telefono", "cp", "activo"}
	types := map[tabular.Type]int{}
	for i := range 2500 {
		cells := randomColumn(r)
		label := labels[r.IntN(len(labels))]
		var fix tabular.Correction
		if i%3 == 0 {
			fix.Columns = map[string]tabular.ColumnCorrection{label: {Type: tabular.Types[r.IntN(len(tabular.Types))]}}
		}
		if i%6 == 0 {
			fix.Columns[label] = tabular.ColumnCorrection{Type: fix.Columns[label].Type, Format: []string{"0,0", "mm/dd/yyyy", "month", "yyyymmdd", "x", "1/2"}[r.IntN(6)]}
		}
		c := judged(t, label, fix, cells...)
		types[c.Type]++
		odd, nothing := count(c, cells)
		if odd != c.Odd || nothing != nullsOf(c) {
			t.Fatalf("column %d %s of %q: parser says %d odd and %d nothing, table %d and %d (%+v)", i, label, cells[:min(len(cells), 12)], odd, nothing, c.Odd, nullsOf(c), c)
		}
	}
	for _, k := range tabular.Types {
		if types[k] < 20 {
			t.Errorf("%s came %d times only", k, types[k])
		}
	}
}

func TestWorkersAndOrderChangeNothing(t *testing.T) {
	r := rand.New(rand.NewPCG(8, 8))
	labels := []string{"a", "cve_ent", "municipio", "lat", "lon", "nota", "id"}
	rows := make([][]string, 9000)
	for i := range rows {
		row := []string{fmt.Sprint(i % 40), "09", fmt.Sprint(1 + i%17), "19.4", "-99.1", pieces[r.IntN(len(pieces))], fmt.Sprint(i)}
		if r.IntN(500) == 0 {
			row[r.IntN(len(row))] = pieces[r.IntN(len(pieces))]
		}
		rows[i] = row
	}
	var want string
	for workers := 1; workers < 6; workers++ {
		res, err := Table(t.Context(), table(labels, rows), tabular.Correction{}, workers)
		if err != nil {
			t.Fatal(err)
		}
		for i := range res.Problems {
			if res.Problems[i].Code == "k01" {
				res.Problems[i].Samples = nil // which of two comes first is chance
			}
		}
		got := fmt.Sprintf("%+v", *res)
		if want == "" {
			want = got
		}
		if got != want {
			t.Fatalf("with %d workers:\n%s\nwith one:\n%s", workers, got, want)
		}
	}
	if !strings.Contains(want, "Kind:point Columns:[lat lon]") {
		t.Error(want)
	}
}

func FuzzCell(f *testing.F) {
	for _, p := range pieces {
		f.Add(p, p)
	}
	f.Fuzz(func(t *testing.T, a, b string) {
		cells := []string{a, b, a}
		c := judged(t, "dato", tabular.Correction{}, cells...)
		if odd, nothing := count(c, cells); odd != c.Odd || nothing != nullsOf(c) {
			t.Fatalf("%q: parser %d odd and %d nothing, table %d and %d (%+v)", cells, odd, nothing, c.Odd, nullsOf(c), c)
		}
		for _, kind := range tabular.Types {
			for _, format := range []string{"", "0,0", "month", "mm/dd/yyyy", "yyyymmdd"} {
				count(tabular.Column{Type: kind, Format: format, Meaning: tabular.Municipality}, cells)
			}
		}
	})
}

func FuzzLabel(f *testing.F) {
	f.Add("Superficie (km2)")
	f.Add("cveEnt_Res %")
	f.Fuzz(func(t *testing.T, label string) {
		hintsOf(label)
		unitOf(label)
		if _, err := Table(t.Context(), column1(label, "1", "2"), tabular.Correction{}, 1); err != nil {
			t.Fatal(err)
		}
	})
}
