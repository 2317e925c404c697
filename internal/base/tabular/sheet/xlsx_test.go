package sheet_test

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/xuri/excelize/v2"

	"plaza/internal/base/tabular"
	"plaza/internal/base/tabular/sheet"
)

// rowsXML is a sheet of rows whose cells are written by hand.
func rowsXML(rows ...string) string {
	return `<worksheet><sheetData>` + strings.Join(rows, "") + `</sheetData></worksheet>`
}

func textCell(ref, s string) string {
	return `<c r="` + ref + `" t="inlineStr"><is><t>` + s + `</t></is></c>`
}

const stylesXML = `<styleSheet><numFmts><numFmt numFmtId="164" formatCode="dd/mm/yyyy hh:mm"/><numFmt numFmtId="165" formatCode="&quot;$&quot;#,##0.00"/>` +
	`<numFmt numFmtId="166" formatCode="00000"/><numFmt numFmtId="167" formatCode="[h]:mm:ss"/><numFmt numFmtId="168" formatCode="[$€-2] #,##0"/>` +
	`<numFmt numFmtId="169" formatCode="0.00E+00"/><numFmt numFmtId="170" formatCode="[Red]0 &quot;días&quot;"/><numFmt numFmtId="171" formatCode="[$-80A]d &quot;de&quot; mmmm &quot;de&quot; yyyy;@"/></numFmts>` +
	`<cellStyleXfs><xf numFmtId="9"/></cellStyleXfs><cellXfs><xf numFmtId="0"/><xf numFmtId="14"/><xf numFmtId="164"/><xf numFmtId="10"/><xf numFmtId="165"/><xf numFmtId="166"/><xf numFmtId="20"/><xf numFmtId="167"/><xf numFmtId="168"/><xf numFmtId="169"/><xf numFmtId="170"/><xf numFmtId="171"/></cellXfs></styleSheet>`

func TestACellIsWhatTheSheetShowsWithoutNoise(t *testing.T) {
	for _, tc := range []struct{ name, cell, want string }{
		{"whole number", `<v>42</v>`, "42"},
		{"noise of binary fractions", `<v>0.30000000000000004</v>`, "0.3"},
		{"sixteen digits", `<v>12345678901234567</v>`, "12345678901234600"},
		{"exponent", `<v>1.5E-3</v>`, "0.0015"},
		{"large exponent", `<v>1E+30</v>`, "1e30"},
		{"negative", `<v>-0.1</v>`, "-0.1"},
		{"day", `s="1"><v>43831</v>`, "2020-01-01"},
		{"day with a time", `s="1"><v>43831.5</v>`, "2020-01-01T12:00:00"},
		{"first day", `s="1"><v>1</v>`, "1900-01-01"},
		{"day 59", `s="1"><v>59</v>`, "1900-02-28"},
		{"the day that was none", `s="1"><v>60</v>`, "1900-02-29"},
		{"day 61", `s="1"><v>61</v>`, "1900-03-01"},
		{"no day", `s="1"><v>-5</v>`, "-5"},
		{"behind the calendar", `s="1"><v>3000000</v>`, "3000000"},
		{"moment", `s="2"><v>43831.520833333336</v>`, "2020-01-01T12:30:00"},
		{"midnight", `s="2"><v>43831</v>`, "2020-01-01T00:00:00"},
		{"long day", `s="11"><v>43831</v>`, "2020-01-01"},
		{"percent", `s="3"><v>0.125</v>`, "12.5%"},
		{"percent with noise", `s="3"><v>0.28999999999999998</v>`, "29%"},
		{"money", `s="4"><v>1234.5</v>`, "$1,234.50"},
		{"negative money", `s="4"><v>-1234567.891</v>`, "-$1,234,567.891"},
		{"euros", `s="8"><v>1000</v>`, "€1,000"},
		{"code with zeros", `s="5"><v>1001</v>`, "01001"},
		{"time of day", `s="6"><v>0.75</v>`, "18:00:00"},
		{"hours", `s="7"><v>1.5</v>`, "36:00:00"},
		{"scientific", `s="9"><v>1234</v>`, "1234"},
		{"with words", `s="10"><v>3</v>`, "3"},
		{"style that is none", `s="99"><v>3</v>`, "3"},
		{"boolean", `t="b"><v>1</v>`, "true"},
		{"error", `t="e"><v>#REF!</v>`, "#REF!"},
		{"formula with its value", `t="str"><f>A1&amp;"x"</f><v>ax</v>`, "ax"},
		{"formula without value", `t="str"><f>A1</f>`, ""},
		{"shared text", `t="s"><v>1</v>`, "rich text"},
		{"shared text that is none", `t="s"><v>999</v>`, ""},
		{"shared text at a wild place", `t="s"><v>99999999999999999999</v>`, ""},
		{"inline runs", `t="inlineStr"><is><r><t>a</t></r><r><t xml:space="preserve"> b</t></r><rPh><t>no</t></rPh></is>`, "a b"},
		{"entities", `t="str"><v>a &lt;&amp;&#233;&#x1F600;&nbsp; b</v>`, "a <&é😀&nbsp; b"},
		{"character data", `t="str"><v><![CDATA[<b> & ]]>c<!-- no --></v>`, "<b> & c"},
		{"escaped control", `t="str"><v>a_x000D_b_x005F_</v>`, "a\rb_"},
		{"day as ISO", `t="d"><v>2020-01-01T00:00:00</v>`, "2020-01-01T00:00:00"},
		{"formula that would run", `t="str"><v>=cmd|'/c calc'!A0</v>`, "=cmd|'/c calc'!A0"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			cell := tc.cell
			if strings.HasPrefix(cell, "<") {
				cell = ">" + cell
			}
			file := book(rowsXML(`<row r="1">`+textCell("A1", "n")+textCell("B1", "v")+`</row>`,
				`<row r="2"><c r="A2"><v>1</v></c><c r="B2" `+cell+`</c></row>`),
				[2]string{"xl/styles.xml", stylesXML},
				[2]string{"xl/sharedStrings.xml", `<sst><si><t>x</t></si><si><r><rPr><b/></rPr><t>rich</t></r><r><t xml:space="preserve"> text</t></r><rPh sb="0"><t>no</t></rPh></si></sst>`},
			).write(t, "x.xlsx")
			got := read(t, open(t, sheet.XLSX, file)[0])
			if diff := cmp.Diff([][]string{{"1", tc.want}}, got.Rows); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestDaysCountFrom1904WhereTheWorkbookSaysSo(t *testing.T) {
	p := book(rowsXML(`<row>`+textCell("A1", "n")+textCell("B1", "v")+`</row><row><c r="A2"><v>1</v></c><c r="B2" s="1"><v>42369</v></c></row>`), [2]string{"xl/styles.xml", stylesXML})
	p[1][1] = strings.Replace(bookXML, "<workbook>", `<workbook><workbookPr date1904="1"/>`, 1)
	got := read(t, open(t, sheet.XLSX, p.write(t, "x.xlsx"))[0])
	if got.Rows[0][1] != "2020-01-01" {
		t.Error(got.Rows)
	}
}

func TestPlacesOfCellsMayBeMissingOrLieOrBeOutOfOrder(t *testing.T) {
	x := `<x:worksheet xmlns:x="y"><x:dimension ref="A1:B2"/><x:sheetData>` +
		`<x:row><x:c t="inlineStr"><x:is><x:t>a</x:t></x:is></x:c><x:c t="inlineStr"><x:is><x:t>b</x:t></x:is></x:c><x:c t="inlineStr"><x:is><x:t>c</x:t></x:is></x:c></x:row>` +
		`<x:row r="5"><x:c r="C5"><x:v>3</x:v></x:c><x:c r="A9"><x:v>1</x:v></x:c><x:c><x:v>2</x:v></x:c></x:row>` +
		`<x:row r="4"><x:c r="A4"><x:v>4</x:v></x:c><x:c r="A4"><x:v>5</x:v></x:c></x:row>` +
		`<x:row r="7"/><x:row r="8"><x:c r="A8"/><x:c r="B8" s="3"></x:c></x:row><x:row r="9"><x:c r="B9" ><x:v>9</x:v></x:c><x:c r="C9"><x:v>1</x:v></x:c></x:row>` +
		`</x:sheetData></x:worksheet>`
	s := open(t, sheet.XLSX, book(x).write(t, "x.xlsx"))[0]
	want := table{Name: "Hoja1", Labels: []string{"a", "b", "c"}, Rows: [][]string{{"1", "2", "3"}, {"5", "", ""}, {"", "9", "1"}}, Lines: []int64{5, 6, 9}}
	if diff := cmp.Diff(want, read(t, s)); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff([]tabular.Problem{{Code: "m31", Count: 5, Samples: []tabular.Sample{{Line: 2}, {Line: 7}}}}, s.Problems.List()); diff != "" {
		t.Error(diff)
	}
}

// written saves a workbook of excelize, whose sheet "Datos" set fills.
func written(t testing.TB, set func(f *excelize.File)) tabular.File {
	t.Helper()
	f := excelize.NewFile()
	if err := f.SetSheetName("Sheet1", "Datos"); err != nil {
		t.Fatal(err)
	}
	set(f)
	buf, err := f.WriteToBuffer()
	if err != nil {
		t.Fatal(err)
	}
	return save(t, "w.xlsx", buf.Bytes())
}

// rows puts rows into a sheet from a cell on.
func rows(f *excelize.File, name, from string, rows ...[]any) {
	col, line, _ := excelize.CellNameToCoordinates(from)
	for i, row := range rows {
		cell, _ := excelize.CoordinatesToCellName(col, line+i)
		_ = f.SetSheetRow(name, cell, &row)
	}
}

func TestTitlesNamesOfTwoRowsTotalsAndNotesAreToldFromRows(t *testing.T) {
	file := written(t, func(f *excelize.File) {
		rows(f, "Datos", "B2", []any{"Población por entidad, 2020"}, []any{"Cifras preliminares"})
		rows(f, "Datos", "B5", []any{"Entidad", "Población", nil, "Viviendas"}, []any{nil, "Hombres", "Mujeres", nil},
			[]any{"Aguascalientes", 1, 2, 3}, []any{"Baja California", 4, 5, 6}, []any{"Total", 5, 7, 9})
		rows(f, "Datos", "B11", []any{"Fuente: INEGI"})
		rows(f, "Datos", "B13", []any{"Elaborado en junio."})
		for _, m := range [][2]string{{"B2", "E2"}, {"B5", "B6"}, {"C5", "D5"}, {"E5", "E6"}, {"C8", "C9"}} {
			_ = f.MergeCell("Datos", m[0], m[1])
		}
	})
	s := open(t, sheet.XLSX, file)[0]
	want := table{
		Name: "Datos", Labels: []string{"Entidad", "Población · Hombres", "Población · Mujeres", "Viviendas"},
		Rows:  [][]string{{"Aguascalientes", "1", "2", "3"}, {"Baja California", "4", "5", "6"}, {"Total", "", "7", "9"}},
		Lines: []int64{7, 8, 9},
	}
	got := read(t, s)
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	layout := tabular.Layout{HeaderLine: 5, HeaderRows: 2, Preamble: []string{"Población por entidad, 2020", "Cifras preliminares"}, Footer: []string{"Fuente: INEGI", "Elaborado en junio."}}
	if diff := cmp.Diff(layout, s.Layout); diff != "" {
		t.Error(diff)
	}
	problems := []tabular.Problem{
		{Code: "t01", Count: 1, Samples: []tabular.Sample{{Row: 3, Line: 9, Text: "Total"}}},
		{Code: "c03", Count: 1, Samples: []tabular.Sample{{Line: 8, Text: "C8:C9"}}},
	}
	if diff := cmp.Diff(problems, s.Problems.List()); diff != "" {
		t.Error(diff)
	}
}

func TestOfSeveralTablesInASheetTheLargestIsReadAndTheOthersReported(t *testing.T) {
	big := [][]any{{"clave", "nombre", "monto"}}
	for i := range 12 {
		big = append(big, []any{i, fmt.Sprint("n", i), i * 100})
	}
	small := [][]any{{"clave", "sigla"}, {1, "A"}, {2, "B"}, {3, "C"}}
	for name, tc := range map[string]struct{ big, small string }{
		"beside": {"A1", "E1"}, "above": {"A6", "A1"}, "below": {"A1", "A16"},
	} {
		t.Run(name, func(t *testing.T) {
			file := written(t, func(f *excelize.File) {
				rows(f, "Datos", tc.big, big...)
				rows(f, "Datos", tc.small, small...)
			})
			s := open(t, sheet.XLSX, file)[0]
			got := read(t, s)
			if diff := cmp.Diff([]string{"clave", "nombre", "monto"}, got.Labels); diff != "" || len(got.Rows) != 12 {
				t.Error(len(got.Rows), diff)
			}
			if p := s.Problems.List(); len(p) != 1 || p[0].Code != "c04" || p[0].Count != 1 {
				t.Error(p)
			}
		})
	}
}

func TestARowOfWhichOnlyTheNameIsKnownIsNoNote(t *testing.T) {
	file := written(t, func(f *excelize.File) {
		rows(f, "Datos", "A1", []any{"municipio", "casos", "camas"}, []any{"San Nicolás de los Garza", 2, 3}, []any{"Monterrey", 5, 6}, []any{"San Pedro Garza García"}, []any{"Fuente: Secretaría de Salud"})
	})
	if got := read(t, open(t, sheet.XLSX, file)[0]); len(got.Rows) != 3 {
		t.Error(got.Rows)
	}
}

func TestABlankColumnWithinATableIsDropped(t *testing.T) {
	file := written(t, func(f *excelize.File) {
		rows(f, "Datos", "A1", []any{"a", "b", nil, "c"}, []any{1, 2, nil, 3}, []any{4, 5, nil, 6})
	})
	s := open(t, sheet.XLSX, file)[0]
	if got := read(t, s); !cmp.Equal(got.Labels, []string{"a", "b", "c"}) || !cmp.Equal(got.Rows[1], []string{"4", "5", "6"}) || len(s.Problems.List()) > 0 {
		t.Error(got, s.Problems.List())
	}
}

func TestHiddenAndEmptySheetsAreSkippedAndTheOthersKeepTheirOrder(t *testing.T) {
	file := written(t, func(f *excelize.File) {
		for _, name := range []string{"Vacía", "Oculta", "Muy oculta", "Última"} {
			_, _ = f.NewSheet(name)
			if name != "Vacía" {
				rows(f, name, "A1", []any{"x", "y"}, []any{1, 2}, []any{3, 4})
			}
		}
		rows(f, "Datos", "A1", []any{"a", "b"}, []any{1, "=A1"}, []any{2, "z"})
		_ = f.SetSheetVisible("Oculta", false)
		_ = f.SetSheetVisible("Muy oculta", false, true)
	})
	var names []string
	for _, s := range open(t, sheet.XLSX, file) {
		names = append(names, s.Name)
	}
	if diff := cmp.Diff([]string{"Datos", "Última"}, names); diff != "" {
		t.Error(diff)
	}
}

func TestPeopleSayWhereTheNamesLie(t *testing.T) {
	file := written(t, func(f *excelize.File) {
		rows(f, "Datos", "A1", []any{"uno", "dos"}, []any{"a", "b"}, []any{1, 2}, []any{3, 4})
	})
	for _, tc := range []struct {
		fix    tabular.Correction
		labels []string
		rows   int
		line   int
	}{
		{tabular.Correction{}, []string{"uno", "dos"}, 3, 1},
		{tabular.Correction{HeaderLine: 2}, []string{"a", "b"}, 2, 2},
		{tabular.Correction{HeaderLine: 1, HeaderRows: 2}, []string{"uno · a", "dos · b"}, 2, 1},
		{tabular.Correction{HeaderLine: -1}, []string{"", ""}, 4, 0},
		{tabular.Correction{HeaderLine: 99}, []string{"uno", "dos"}, 3, 1},
	} {
		file.Fix = func(string) tabular.Correction { return tc.fix }
		sources, err := sheet.XLSX(context.Background(), file)
		if err != nil {
			t.Fatal(err)
		}
		got := read(t, sources[0])
		if diff := cmp.Diff(tc.labels, got.Labels); diff != "" || len(got.Rows) != tc.rows || sources[0].Layout.HeaderLine != tc.line {
			t.Errorf("%+v: %d rows, line %d\n%s", tc.fix, len(got.Rows), sources[0].Layout.HeaderLine, diff)
		}
	}
}
