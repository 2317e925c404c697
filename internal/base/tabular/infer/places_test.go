package infer

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"plaza/internal/base/tabular"
)

// found is what Table says of rows, each a line with cells parted by bars.
func found(t *testing.T, labels, rows string) *Result {
	t.Helper()
	var all [][]string
	for _, line := range strings.Split(rows, "\n") {
		all = append(all, strings.Split(line, "|"))
	}
	r, err := Table(t.Context(), table(strings.Split(labels, "|"), all), tabular.Correction{}, 2)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// problem is one of a result's, nil when there is none.
func problem(r *Result, code, column string) *tabular.Problem {
	for i, p := range r.Problems {
		if p.Code == code && p.Column == column {
			return &r.Problems[i]
		}
	}
	return nil
}

func TestPlacesAreTheMostExactColumnsThereAre(t *testing.T) {
	for _, c := range []struct{ labels, rows, want string }{
		{"latitud|longitud|cve_ent", "19.4|-99.1|09\n20.1|-100.2|11", "point latitud longitud"},
		{"CVE_ENT|CVE_MUN", "09|002\n11|020", "municipality CVE_ENT CVE_MUN"},
		{"ENTIDAD_UM|ENTIDAD_RES|SEXO|MUNICIPIO_RES", "9|15|1|2\n11|12|2|33", "municipality ENTIDAD_RES MUNICIPIO_RES"},
		{"cvegeo|valor", "09002|1\n11020|2", "municipality cvegeo"},
		{"cve_ent|valor", "09|1\n11|2", "state cve_ent"},
		{"entidad|valor", "Jalisco|1\nColima|2", "names entidad"},
		{"entidad|municipio", "Jalisco|Zapopan\nColima|Tecomán", "names entidad municipio"},
		{"cve_ent|municipio", "14|Zapopan\n06|Tecomán", "names cve_ent municipio"},
		{"municipio|valor", "Zapopan|1\nTecomán|2", ""},
		{"geom|lat|lon", "POINT (-99 19)|19.4|-99.1", "geometry geom"},
		{"ubicacion", "19.4326,-99.1332\n20.66,-103.35", "pair ubicacion"},
		{"nombre|valor", "uno|1", ""},
		{"latitud|longitud", "uno|dos", ""},
	} {
		r := found(t, c.labels, c.rows)
		if got := strings.TrimSpace(string(r.Place.Kind) + " " + strings.Join(r.Place.Columns, " ")); got != c.want {
			t.Errorf("%s: place is %q, want %q", c.labels, got, c.want)
		}
	}
}

func TestSwappedCoordinatesAreReadTheOtherWayAndSaid(t *testing.T) {
	r := found(t, "lat|lon", "-99.1|19.4\n-100.2|20.1\n-98.7|18.9")
	if r.Columns[0].Meaning != tabular.Longitude || r.Columns[1].Meaning != tabular.Latitude {
		t.Errorf("meanings %s %s", r.Columns[0].Meaning, r.Columns[1].Meaning)
	}
	if p := problem(r, "g03", "lat"); p == nil || p.Count != 3 {
		t.Errorf("%+v", r.Problems)
	}
	if d := cmp.Diff([]string{"lon", "lat"}, r.Place.Columns); d != "" {
		t.Error(d)
	}
}

func TestPointsOutsideMexicoAreCountedWithTheirRows(t *testing.T) {
	r := found(t, "lat|lon", "19.4|-99.1\n0|0\n20.1|100.2\n18.9|-98.7\n18.9|-98.7")
	if p := problem(r, "g02", "lon"); p == nil || p.Count != 2 || p.Samples[0].Row != 2 || p.Samples[1].Line != 4 {
		t.Errorf("%+v", r.Problems)
	}
	if p := problem(r, "g02", "lat"); p == nil || p.Count != 1 {
		t.Errorf("%+v", r.Problems)
	}
}

func TestZerosThatWereLostAreAProblemAndPutBack(t *testing.T) {
	r := found(t, "cve_ent|x", "1|a\n9|b\n15|c")
	if p := problem(r, "g01", "cve_ent"); p == nil || p.Count != 2 || p.Samples[0].Text != "1" {
		t.Errorf("%+v", r.Problems)
	}
	if v := stored(t, r.Columns[0], "9"); v != "09" {
		t.Error(v)
	}
}

func TestTheFirstColumnThatNamesRowsIsTheKeyAndRepeatedOnesAreSaid(t *testing.T) {
	r := found(t, "orden|folio|nombre", "1|A1|x\n2|A2|y\n3|A3|x")
	if d := cmp.Diff([]string{"folio"}, r.Key); d != "" || r.Columns[1].Meaning != tabular.Key {
		t.Error(d)
	}
	var rows []string
	for i := range 5000 {
		rows = append(rows, fmt.Sprintf("%d|%d", i, i/2))
	}
	rows[4000] = "77|1"
	r = found(t, "id|grupo", strings.Join(rows, "\n"))
	if p := problem(r, "k01", "id"); p == nil || p.Count != 1 || len(p.Samples) != 1 || r.Key != nil {
		t.Errorf("key %v, %+v", r.Key, r.Problems)
	}
	r = found(t, "id|v", "1|a\n1|b\n1|c\n2|d")
	if problem(r, "k01", "id") != nil {
		t.Error("a column that groups rows is no identifier with duplicates")
	}
}

func TestRepeatedAndEmptyNamesAreSaid(t *testing.T) {
	r := found(t, "id|| ID |valor", "1|2|3|4")
	var got []string
	for _, c := range r.Columns {
		got = append(got, c.Name+"="+c.Label)
	}
	if d := cmp.Diff([]string{"id=", "columna_2=", "ID_2= ID ", "valor="}, got); d != "" {
		t.Error(d)
	}
	if a, b := problem(r, "c02", "columna_2"), problem(r, "c02", "ID_2"); a == nil || b == nil || a.Args["why"] != "empty" || b.Args["why"] != "twice" {
		t.Errorf("%+v", r.Problems)
	}
}

// TestTheShapesThatAgenciesPublish judges columns of each file shape that was tried with
// DuckDB's own sniffer; the ones about encodings and lines are for the readers.
func TestTheShapesThatAgenciesPublish(t *testing.T) {
	r := found(t, "clave|fecha|ambigua|gringa|mes|miles|coma|dinero|pct|cve_ent|cve_mun|nota|mezcla",
		strings.Join(many(200,
			"001|25/12/2023|03/04/2023|12/25/2023|05-ene-2023|1,234.56|12,5|$1,234.56|12.5%|01|01001|“uno” €|7",
			"002|01/02/2023|05/06/2023|01/02/2023|31-dic-2022|12.5|3,75|$2.00|7%|09|09002|dos|8"), "\n")+
			"\n003|01/01/2023|01/01/2023|01/01/2023|01-feb-2022|1|1|$1|1%|32|32001|tres|Total general")
	want := []string{"code", "date dd/mm/yyyy", "date dd/mm/yyyy", "date mm/dd/yyyy", "date dd-mmm-yyyy", "decimal 0,000.0", "decimal 0,0", "money 0,000.0", "percent 0.0", "code state", "code town", "text", "integer 0"}
	for i, c := range r.Columns {
		got := strings.TrimSpace(string(c.Type) + " " + c.Format)
		if c.Meaning != "" {
			got = strings.TrimSpace(string(c.Type) + " " + string(c.Meaning))
		}
		if c.Name == "cve_mun" && got == "code municipality" {
			got = "code town"
		}
		if got != want[i] {
			t.Errorf("%s is %q, want %q", c.Name, got, want[i])
		}
	}
	if c := r.Columns[12]; c.Odd != 1 || problem(r, "c41", "mezcla").Samples[0].Row != 201 {
		t.Errorf("late text in a column of numbers: %d odd, %+v", c.Odd, r.Problems)
	}
	if d := r.Columns[2].Doubts; len(d) != 1 || d[0] != "tabular.doubt.day_order" {
		t.Error(d)
	}
}

func TestABrokenFileGivesTheRowsBeforeAndItsFault(t *testing.T) {
	src := table([]string{"a"}, [][]string{{"1"}, {"2"}})
	m := &memory{cols: 1, rows: [][]string{{"1"}, {"2"}}, fault: &tabular.Fault{Code: "cut", Line: 4}}
	src.Open = opens(m)
	r, err := Table(t.Context(), src, tabular.Correction{}, 2)
	if r == nil || r.Rows != 2 || r.Columns[0].Type != tabular.Integer || !errors.Is(err, &tabular.Fault{Code: "cut"}) {
		t.Errorf("%+v, %v", r, err)
	}
	m = &memory{cols: 1, rows: [][]string{{"1"}}, fault: errors.New("disk")}
	src.Open = opens(m)
	if r, err := Table(t.Context(), src, tabular.Correction{}, 2); r != nil || err == nil {
		t.Errorf("%+v, %v", r, err)
	}
}

func TestGeometriesAreThoseThatTheirReaderReads(t *testing.T) {
	j := Judge{Geometry: func(cell, dst []byte) ([]byte, bool) {
		return append(dst, 'W'), !strings.Contains(string(cell), "bad")
	}}
	cells := append(many(200, "POINT (1 2)"), "POINT (bad)", "NA")
	r, err := j.Table(t.Context(), column1("geom", cells...), tabular.Correction{}, 2)
	if err != nil {
		t.Fatal(err)
	}
	c := r.Columns[0]
	if c.Type != tabular.Geometry || c.Odd != 1 || len(c.Nulls) != 1 {
		t.Errorf("%+v", c)
	}
	p := j.ParserOf(c)
	for cell, want := range map[string]Verdict{"POINT (1 2)": Good, "POINT (bad)": Odd, "NA": Nothing, "": Nothing, "x": Odd} {
		if dst, v := p.Text(nil, []byte(cell)); v != want || v == Good && string(dst) != "W" {
			t.Errorf("%q: %v %q", cell, v, dst)
		}
	}
}

func TestAPairIsReadInItsOrder(t *testing.T) {
	for _, c := range []struct {
		m        tabular.Meaning
		cell     string
		lat, lon float64
		ok       bool
	}{
		{tabular.LatLon, "19.43,-99.13", 19.43, -99.13, true},
		{tabular.LatLon, " (-99.13, 19.43)", 19.43, -99.13, true},
		{tabular.LonLat, "-3.70,40.41", 40.41, -3.7, true},
		{tabular.LatLon, "40.41;-3.70", 40.41, -3.7, true},
		{tabular.LatLon, "[19.43 -99.13]", 19.43, -99.13, true},
		{tabular.LatLon, "120.5,91.5", 0, 0, false},
		{tabular.LatLon, "19.43", 0, 0, false},
	} {
		lat, lon, ok := Pair(c.m, []byte(c.cell))
		if lat != c.lat || lon != c.lon || ok != c.ok {
			t.Errorf("%q: %v %v %v", c.cell, lat, lon, ok)
		}
	}
}

func TestWhatTheFormatStatesDecidesBetweenTypesThatFit(t *testing.T) {
	src := column1("valor", "2020", "2021", "2020", "2021", "2020")
	src.Known = []tabular.Type{tabular.Integer}
	r, err := Table(t.Context(), src, tabular.Correction{}, 1)
	if err != nil || r.Columns[0].Type != tabular.Integer || len(r.Columns[0].Doubts) > 0 {
		t.Errorf("%+v %v", r.Columns[0], err)
	}
	src = column1("valor", "1", "2")
	src.Known = []tabular.Type{tabular.Decimal}
	if r, _ = Table(t.Context(), src, tabular.Correction{}, 1); r.Columns[0].Type != tabular.Decimal {
		t.Errorf("%+v", r.Columns[0])
	}
	src = column1("cuando", "2020-01-01", "2020-01-02")
	src.Known = []tabular.Type{tabular.DateTime}
	if r, _ = Table(t.Context(), src, tabular.Correction{}, 1); r.Columns[0].Type != tabular.DateTime {
		t.Errorf("%+v", r.Columns[0])
	}
	src = column1("vacia", "", "")
	src.Known = []tabular.Type{tabular.Date}
	if r, _ = Table(t.Context(), src, tabular.Correction{}, 1); r.Columns[0].Type != tabular.Date {
		t.Errorf("%+v", r.Columns[0])
	}
}

func TestAFewConditionsAreNoStates(t *testing.T) {
	if c := judged(t, "estado", tabular.Correction{}, "1", "2", "3", "1"); c.Meaning != "" || c.Type != tabular.Integer {
		t.Errorf("%+v", c)
	}
}

func TestOddValuesOfPersonsAreCountedButNeverShown(t *testing.T) {
	r, err := Table(t.Context(), column1("correo", append(many(200, "juan@gmail.com"), "juan arroba gmail")...), tabular.Correction{}, 1)
	if err != nil {
		t.Fatal(err)
	}
	if p := problem(r, "c41", "correo"); p == nil || p.Count != 1 || p.Samples != nil || r.Columns[0].Meaning != tabular.PersonEmail {
		t.Errorf("%+v", r.Problems)
	}
}

func TestAmountsInParenthesesAreLessThanNothing(t *testing.T) {
	c := judged(t, "saldo", tabular.Correction{}, "5", "(7)", "12")
	if c.Type != tabular.Integer || stored(t, c, "(7)") != "-7" || stored(t, c, "-5.0") != "-5" {
		t.Errorf("%+v", c)
	}
}
