package header_test

import (
	"strconv"
	"testing"

	"github.com/google/go-cmp/cmp"

	"plaza/internal/base/tabular/header"
)

type rows = [][]string

func TestNamesAreFoundWhereTheyLie(t *testing.T) {
	unsure := []string{"header_line"}
	for _, tc := range []struct {
		name  string
		rows  rows
		spans []header.Span
		want  header.Found
	}{
		{"first row over numbers", rows{{"clave", "valor"}, {"1", "2.5"}, {"2", "3"}}, nil,
			header.Found{Rows: 1, Data: 1, Labels: []string{"clave", "valor"}}},
		{"behind titles and a blank row", rows{{"Población por entidad"}, {"Cifras", "2020"}, {}, {"entidad", "clave", "h", "m"}, {"A", "01", "1", "2"}, {"B", "02", "3", "4"}}, nil,
			header.Found{Start: 3, Rows: 1, Data: 4, Labels: []string{"entidad", "clave", "h", "m"}}},
		{"text over text", rows{{"theme_id", "theme_label"}, {"salud", "Salud"}, {"agua", "Agua"}}, nil,
			header.Found{Rows: 1, Data: 1, Labels: []string{"theme_id", "theme_label"}, Unsure: unsure}},
		{"no names over numbers", rows{{"1", "2020-01-01", "x"}, {"2", "2020-01-02", "y"}}, nil,
			header.Found{Start: -1, Labels: make([]string, 3)}},
		{"no names, texts that come again", rows{{"Jalisco", "Hombre"}, {"Sonora", "Mujer"}, {"Sonora", "Hombre"}}, nil,
			header.Found{Start: -1, Labels: make([]string, 2), Unsure: unsure}},
		{"names only", rows{{"a", "b", "c"}}, nil,
			header.Found{Rows: 1, Data: 1, Labels: []string{"a", "b", "c"}, Unsure: unsure}},
		{"years as names", rows{{"entidad", "2019", "2020"}, {"A", "10", "20"}, {"B", "30", "40"}}, nil,
			header.Found{Rows: 1, Data: 1, Labels: []string{"entidad", "2019", "2020"}}},
		{"days as names", rows{{"cve_ent", "poblacion", "nombre", "26-02-2020", "27-02-2020"}, {"01", "143", "A", "0", "1"}, {"02", "363", "B", "0", "2"}}, nil,
			header.Found{Rows: 1, Data: 1, Labels: []string{"cve_ent", "poblacion", "nombre", "26-02-2020", "27-02-2020"}}},
		{"groups that are merged", rows{{"Entidad", "Población", "", "Año"}, {"", "Hombres", "Mujeres", ""}, {"A", "1", "2", "2020"}, {"B", "3", "4", "2020"}},
			[]header.Span{{0, 0, 2, 1}, {0, 1, 1, 2}, {0, 3, 2, 1}},
			header.Found{Rows: 2, Data: 2, Labels: []string{"Entidad", "Población · Hombres", "Población · Mujeres", "Año"}}},
		{"groups that are not", rows{{"Entidad", "Población", "", "Viviendas", ""}, {"", "Hombres", "Mujeres", "Casas", "Otras"}, {"A", "1", "2", "3", "4"}, {"B", "3", "4", "5", "6"}}, nil,
			header.Found{Rows: 2, Data: 2, Labels: []string{"Entidad", "Población · Hombres", "Población · Mujeres", "Viviendas · Casas", "Viviendas · Otras"}, Unsure: []string{"header_rows"}}},
		{"one group over some", rows{{"", "Población"}, {"Entidad", "Hombres", "Mujeres"}, {"A", "1", "2"}},
			[]header.Span{{0, 1, 1, 2}},
			header.Found{Rows: 2, Data: 2, Labels: []string{"Entidad", "Población · Hombres", "Población · Mujeres"}}},
		{"a merged title", rows{{"Reporte anual"}, {"a", "b", "c"}, {"1", "2", "3"}}, []header.Span{{0, 0, 1, 3}},
			header.Found{Start: 1, Rows: 1, Data: 2, Labels: []string{"a", "b", "c"}}},
		{"a first row with gaps is data", rows{{"x", "", "", "y", ""}, {"1", "a", "b", "c", "3"}, {"2", "a", "b", "c", "3"}}, nil,
			header.Found{Start: -1, Labels: make([]string, 5)}},
		{"one column", rows{{"CURP"}, {"1"}, {"2"}}, nil, header.Found{Rows: 1, Data: 1, Labels: []string{"CURP"}}},
		{"nothing", rows{{}, {" "}}, nil, header.Found{Start: -1, Data: 2, Labels: []string{}}},
		{"spellings of nothing below", rows{{"a", "b"}, {"NA", "1"}, {"NA", "-"}, {"5", "2"}}, nil,
			header.Found{Rows: 1, Data: 1, Labels: []string{"a", "b"}}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			if diff := cmp.Diff(tc.want, header.Find(tc.rows, tc.spans)); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestNamesAreTakenWherePeopleSay(t *testing.T) {
	r := rows{{"título"}, {"a", "b"}, {"x", "y"}, {"1", "2"}}
	for _, tc := range []struct {
		start, count int
		want         header.Found
	}{
		{1, 0, header.Found{Start: 1, Rows: 1, Data: 2, Labels: []string{"a", "b"}}},
		{1, 2, header.Found{Start: 1, Rows: 2, Data: 3, Labels: []string{"a · x", "b · y"}}},
		{-1, 0, header.Found{Start: -1, Data: 1, Labels: []string{"", ""}}},
		{9, 9, header.Found{Start: 4, Data: 4, Labels: []string{"", ""}}},
	} {
		if diff := cmp.Diff(tc.want, header.At(r, nil, tc.start, tc.count)); diff != "" {
			t.Error(tc, diff)
		}
	}
}

func TestNotesUnderATableAreToldFromItsRows(t *testing.T) {
	data := []string{"A", "1", "2"}
	for _, tc := range []struct {
		name string
		tail rows
		want int
	}{
		{"none", rows{data, data}, 0},
		{"source behind a blank row", rows{data, {}, {"Fuente: INEGI"}}, 1},
		{"several", rows{data, {"Nota:", "cifras preliminares"}, {"* Sin dato"}, {"Elaborado en junio"}}, 3},
		{"a total is a row", rows{data, {"Total", "1", "2"}}, 0},
		{"one cell alone", rows{data, {"Última hoja."}}, 1},
		{"rows of one cell are usual", rows{{"B"}, data, {"C"}}, 0},
		{"a source although rows of one cell are usual", rows{{"B"}, data, {"Fuente: INEGI"}}, 1},
		{"a number alone is a value", rows{data, {"5"}}, 0},
		{"a source of water is a row", rows{data, {"Fuente de agua", "2", "3"}}, 0},
		{"a name without values", rows{{"San Nicolás de los Garza", "1", "2"}, {"San Pedro Garza García"}}, 0},
		{"a source that is shorter than names", rows{{"San Nicolás de los Garza", "1", "2"}, {"Nota: a"}}, 1},
	} {
		t.Run(tc.name, func(t *testing.T) {
			tail := make([]header.Row, len(tc.tail))
			for i, cells := range tc.tail {
				tail[i] = header.RowOf(cells)
			}
			if got := header.Footer(tail, 3, len(tc.tail[0][0])); got != tc.want {
				t.Errorf("got %d", got)
			}
		})
	}
}

func TestTotalsAreKnownByTheirFirstText(t *testing.T) {
	for first, want := range map[string]bool{
		"Total": true, " TOTAL GENERAL": true, "Subtotal 2020": true, "Sub-total": true, "Gran total": true, "Suma": true, "Total:": true, "Totales": true,
		"Totalmente nuevo": false, "Sumario": false, "Jalisco": false, "": false, "total_a": false,
	} {
		if got := header.Total(first); got != want {
			t.Errorf("%q: %v", first, got)
		}
	}
}

func TestKindsOfCells(t *testing.T) {
	for cell, want := range map[string]header.Kind{
		"": header.Empty, "ND": header.Empty, " - ": header.Empty, "Total": header.Text, "A1": header.Text,
		"-1,234.50": header.Number, "$ 5": header.Number, "12.5 %": header.Number, "1e5": header.Number, "(5)": header.Number, "0012": header.Number,
		"2020-01-31": header.Moment, "31/01/2020 12:30": header.Moment, "12:30": header.Moment, "31 de enero de 2020": header.Moment, "2020-01-31T12:00:00Z": header.Moment,
	} {
		if got := header.KindOf(cell); got != want {
			t.Errorf("%q: %v", cell, got)
		}
	}
}

func FuzzFind(f *testing.F) {
	f.Add("a\x00b\x01\x001\x002", 0, 1, 1, 2)
	f.Add("t\x01a\x00b\x01x", 1, 0, 3, 1)
	f.Fuzz(func(t *testing.T, text string, row, col, high, wide int) {
		var in rows
		line := []string{""}
		for _, r := range text {
			switch r {
			case 0:
				line = append(line, "")
			case 1:
				in, line = append(in, line), []string{""}
			default:
				line[len(line)-1] += string(r)
			}
		}
		var spans []header.Span
		if row >= 0 && col >= 0 && high > 0 && wide > 0 && row < 1000 && col < 1000 && high < 1000 && wide < 1000 {
			spans = []header.Span{{row, col, high, wide}}
		}
		got := header.Find(in, spans)
		if got.Data < 0 || got.Data > len(in) || got.Start >= 0 && got.Start+got.Rows != got.Data {
			t.Errorf("%+v of %d rows", got, len(in))
		}
	})
}

func BenchmarkFindInTheWidestTable(b *testing.B) {
	in := rows{make([]string, 4096)}
	for col := range in[0] {
		in[0][col] = "columna " + strconv.Itoa(col)
	}
	for line := range header.Enough - 1 {
		row := make([]string, 4096)
		for col := range row {
			row[col] = strconv.Itoa(line*col) + ".5"
		}
		in = append(in, row)
	}
	for b.Loop() {
		if header.Find(in, nil).Start != 0 {
			b.Fatal("names are not found")
		}
	}
}
