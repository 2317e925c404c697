package delimited_test

import (
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"
	"unicode/utf16"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/text/encoding/charmap"

	"plaza/internal/base/tabular"
	"plaza/internal/base/tabular/delimited"
)

// places is a small table, of which the shapes below are made.
const places = "clave,municipio,fecha,importe\n" +
	"01001,Jesús María,03/01/2023,120.50\n" +
	"09007,Álvaro Obregón,15/02/2023,98.00\n" +
	"14039,Guadalajara,28/02/2023,7.25\n" +
	"19039,San Nicolás de los Garza,01/03/2023,1500\n" +
	"31050,Mérida,09/03/2023,33.1\n" +
	"16053,Peñamiller,11/03/2023,12\n"

func in(t *testing.T, m *charmap.Charmap, text string) string {
	t.Helper()
	out, err := m.NewEncoder().String(text)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func wide(text string, little bool) string {
	var out []byte
	for _, u := range utf16.Encode([]rune(text)) {
		if little {
			out = append(out, byte(u), byte(u>>8))
		} else {
			out = append(out, byte(u>>8), byte(u))
		}
	}
	return string(out)
}

func with(delimiter string) string { return strings.ReplaceAll(places, ",", delimiter) }

func TestEveryShapeThatAgenciesPublishIsReadAsTheSameTable(t *testing.T) {
	crlf := strings.ReplaceAll(places, "\n", "\r\n")
	cases := []struct {
		name, content, encoding, delim, ending string
		header                                 int
	}{
		{"plain", places, "utf-8", ",", "\n", 1},
		{"UTF-8 with mark", "\uFEFF" + places, "utf-8", ",", "\n", 1},
		{"Latin-1 with semicolons", in(t, charmap.ISO8859_1, strings.ReplaceAll(crlf, ",", ";")), "iso-8859-1", ";", "\r\n", 1},
		{"Windows-1252", in(t, charmap.Windows1252, strings.ReplaceAll(places, "Guadalajara", "“Guadalajara” €")), "windows-1252", ",", "\n", 1},
		{"MacRoman", in(t, charmap.Macintosh, strings.ReplaceAll(places, "\n", "\r")), "macroman", ",", "\r", 1},
		{"code page 850", in(t, charmap.CodePage850, crlf), "cp850", ",", "\r\n", 1},
		{"UTF-16LE with mark", "\xFF\xFE" + wide(crlf, true), "utf-16le", ",", "\r\n", 1},
		{"UTF-16BE with mark", "\xFE\xFF" + wide(places, false), "utf-16be", ",", "\n", 1},
		{"UTF-16LE without mark", wide(places, true), "utf-16le", ",", "\n", 1},
		{"UTF-16BE without mark", wide(places, false), "utf-16be", ",", "\n", 1},
		{"tabs", with("\t"), "utf-8", "\t", "\n", 1},
		{"bars", with("|"), "utf-8", "|", "\n", 1},
		{"colons", with(":"), "utf-8", ":", "\n", 1},
		{"carets", with("^"), "utf-8", "^", "\n", 1},
		{"tildes", with("~"), "utf-8", "~", "\n", 1},
		{"sep line", "sep=;\n" + with(";"), "utf-8", ";", "\n", 2},
		{"no line end at the end", strings.TrimSuffix(places, "\n"), "utf-8", ",", "\n", 1},
		{"titles", "Secretaría de Obras\nInversión por municipio, 2023\n\n" + places, "utf-8", ",", "\n", 4},
		{"titles of a spreadsheet", "Secretaría de Obras,,,\nPeriodo:,2023,,\n" + places, "utf-8", ",", "\n", 3},
	}
	want, err := rows(t, opened(t, written(t, places)))
	if err != nil || len(want) != 6 {
		t.Fatalf("%d rows of the plain table: %v", len(want), err)
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			src := opened(t, written(t, c.content))
			got, err := rows(t, src)
			if err != nil {
				t.Fatal(err)
			}
			for _, row := range got {
				row[1] = strings.NewReplacer("“", "", "” €", "").Replace(row[1])
			}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Error(diff)
			}
			if diff := cmp.Diff([]string{"clave", "municipio", "fecha", "importe"}, src.Labels); diff != "" {
				t.Error(diff)
			}
			l := src.Layout
			if l.Encoding != c.encoding || l.Delimiter != c.delim || l.LineEnd != c.ending || l.HeaderLine != c.header {
				t.Errorf("read as %s, %q, %q, names in line %d", l.Encoding, l.Delimiter, l.LineEnd, l.HeaderLine)
			}
			if told := problem(src, "i12").Count > 0; told == strings.HasPrefix(c.encoding, "utf-8") {
				t.Errorf("%s: that it is not UTF-8 is said: %v", c.encoding, told)
			}
		})
	}
}

func TestAnAccentAfterManyMegabytesDecidesTheEncodingOfAll(t *testing.T) {
	content := "id,nombre\n" + strings.Repeat("1,Puebla\n", 300_000) + "2,Le\xF3n\n3,M\xE9rida\n4,Canc\xFAn\n"
	src := opened(t, written(t, content))
	got, err := rows(t, src)
	if err != nil || src.Layout.Encoding != "iso-8859-1" || got[len(got)-1][1] != "Cancún" || len(got) != 300_003 {
		t.Errorf("%s, %d rows, last %q, %v", src.Layout.Encoding, len(got), got[len(got)-1], err)
	}
}

func TestLinesOfTwoEncodingsAreDecodedEachAndReportedWithTheirLines(t *testing.T) {
	src := opened(t, written(t, "id,nombre\n1,Mérida\n2,Le\xF3n\n3,Cancún\n4,Quer\xE9taro\n5,Colima\n"))
	got, _ := rows(t, src)
	var names []string
	for _, r := range got {
		names = append(names, r[1])
	}
	if diff := cmp.Diff([]string{"Mérida", "León", "Cancún", "Querétaro", "Colima"}, names); diff != "" {
		t.Error(diff)
	}
	p := problem(src, "i12")
	if p.Count != 2 || len(p.Samples) != 2 || p.Samples[0].Line != 3 || p.Samples[1].Line != 5 || p.Args["kind"] != "mixed" {
		t.Errorf("reported as %+v", p)
	}
}

func TestLettersThatWereLostBeforeAreReportedOnceWithTheirRows(t *testing.T) {
	src := opened(t, written(t, "id,nombre,liga\n1,MÃ©rida,http://a.mx/x?id=1\n2,Le\uFFFDn,b\n3,M?xico,c\n4,¿Qué?,d\n5,Ángel Ñandú,e\n6,SÃO,f\n"))
	for range 2 {
		if _, err := rows(t, src); err != nil {
			t.Fatal(err)
		}
		p := problem(src, "e01")
		if p.Count != 3 || p.Samples[0].Line != 2 || p.Samples[2].Row != 3 {
			t.Errorf("reported as %+v", p)
		}
	}
}

func TestNULsAreDroppedAndReported(t *testing.T) {
	src := opened(t, written(t, "id,nombre\n1,Pue\x00bla\n2,Colima\x00\n"))
	got, _ := rows(t, src)
	if diff := cmp.Diff([][]string{{"1", "Puebla"}, {"2", "Colima"}}, got); diff != "" {
		t.Error(diff)
	}
	if p := problem(src, "e02"); p.Count != 2 || p.Samples[1].Line != 3 {
		t.Errorf("reported as %+v", p)
	}
	if p := problem(src, "e01"); p.Count != 0 {
		t.Errorf("no letter was lost: %+v", p)
	}
}

func TestNamesOfColumnsAreFoundOrNot(t *testing.T) {
	cases := []struct {
		name, content string
		line, rows    int
		labels        []string
		data          int
	}{
		{"no header", "2018,Enero,2018-01-30 10:00:00,ROBO,19.4\n2018,Enero,2018-01-31 11:00:00,FRAUDE,19.5\n2019,Mayo,2019-05-01 09:30:00,ROBO,19.2\n2019,Mayo,2019-05-02 09:30:00,ROBO,19.2\n",
			0, 0, []string{"", "", "", "", ""}, 4},
		{"two lines with groups", "Entidad,Hombres,,Mujeres,\n,Total,Menores,Total,Menores\nColima,10,2,11,3\nPuebla,20,3,22,4\nJalisco,7,1,9,2\n",
			1, 2, []string{"Entidad", "Hombres · Total", "Hombres · Menores", "Mujeres · Total", "Mujeres · Menores"}, 3},
		{"groups that look like a title", "Cuadro 1\n,Hombres,,,Mujeres,,\nEntidad,Total,Menores,Mayores,Total,Menores,Mayores\nColima,10,2,8,11,3,8\nPuebla,20,3,17,22,4,18\nJalisco,7,1,6,9,2,7\n",
			2, 2, []string{"Entidad", "Hombres · Total", "Hombres · Menores", "Hombres · Mayores", "Mujeres · Total", "Mujeres · Menores", "Mujeres · Mayores"}, 3},
		{"units below", "Entidad,Superficie,Inversión\n,(km2),(pesos)\nColima,10,2\nPuebla,20,3\nJalisco,7,1\n", 1, 2,
			[]string{"Entidad", "Superficie · (km2)", "Inversión · (pesos)"}, 3},
		{"years as names", "Entidad,1990,1991,1992,1993\nColima,\"14,520\",15,16,17\nPuebla,20,3,22,4\n", 1, 1, []string{"Entidad", "1990", "1991", "1992", "1993"}, 2},
		{"days as names", "Estado,23-01-2020,24-01-2020,25-01-2020\nColima,10,2,11\nPuebla,20,3,22\n", 1, 1, []string{"Estado", "23-01-2020", "24-01-2020", "25-01-2020"}, 2},
		{"only text", "clave,nombre,abreviatura\nUNO,AGUASCALIENTES,AS\nDOS,BAJA CALIFORNIA,BC\n", 1, 1, []string{"clave", "nombre", "abreviatura"}, 2},
		{"header only", "clave,nombre,fecha\n", 1, 1, []string{"clave", "nombre", "fecha"}, 0},
		{"one column", "municipio\nPuebla\nColima\nJalisco\n", 1, 1, []string{"municipio"}, 3},
		{"an index without name", ",valor\n0,5\n1,7\n2,9\n", 1, 1, []string{"", "valor"}, 3},
		{"doubled and empty names", "id,,id,valor\n1,a,2,3\n2,b,3,4\n", 1, 1, []string{"id", "", "id", "valor"}, 2},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			src := opened(t, written(t, c.content))
			if diff := cmp.Diff(c.labels, src.Labels); diff != "" {
				t.Error(diff)
			}
			if src.Layout.HeaderLine != c.line || src.Layout.HeaderRows != c.rows {
				t.Errorf("names in line %d, %d of them", src.Layout.HeaderLine, src.Layout.HeaderRows)
			}
			if n := count(t, src); n != c.data {
				t.Errorf("%d rows, want %d", n, c.data)
			}
		})
	}
}

func TestWhatPeopleSayOfTheNamesPrevails(t *testing.T) {
	f := written(t, "Título\nid,nombre\n1,a\n2,b\n3,c\n")
	for _, c := range []struct {
		fix    tabular.Correction
		labels []string
		rows   int
	}{
		{tabular.Correction{HeaderLine: -1}, []string{"", ""}, 4},
		{tabular.Correction{HeaderLine: 3}, []string{"1", "a"}, 2},
		{tabular.Correction{HeaderLine: 2, HeaderRows: 2}, []string{"id · 1", "nombre · a"}, 2},
		{tabular.Correction{HeaderRows: 2}, []string{"id · 1", "nombre · a"}, 2},
	} {
		f.Fix = func(string) tabular.Correction { return c.fix }
		src := opened(t, f)
		if n := count(t, src); n != c.rows || !slices.Equal(src.Labels, c.labels) {
			t.Errorf("%+v gives %q and %d rows", c.fix, src.Labels, n)
		}
	}
}

func TestNotesBelowTheRowsAreNoRows(t *testing.T) {
	src := opened(t, written(t, places+"\n\"Total\",,,1771\n\nFuente: INEGI, 2023.\nNota: cifras preliminares\n"))
	got, err := rows(t, src)
	if err != nil || len(got) != 7 || got[6][0] != "Total" {
		t.Errorf("%d rows, last %q: %v", len(got), got[len(got)-1], err)
	}
	if diff := cmp.Diff([]string{"Fuente: INEGI, 2023.", "Nota: cifras preliminares"}, src.Layout.Footer); diff != "" {
		t.Error(diff)
	}
	if p := problem(src, "t01"); p.Count != 1 || p.Samples[0].Row != 7 {
		t.Errorf("the total is reported as %+v", p)
	}
	if p := problem(src, "m31"); p.Count != 1 || p.Samples[0].Line != 8 {
		t.Errorf("the empty row is reported as %+v", p)
	}
}

func TestNotesBelowManyRowsAreFoundToo(t *testing.T) {
	src := opened(t, written(t, "id,nombre,valor\n"+strings.Repeat("1,Puebla,2\n", 100_000)+"\nFuente: INEGI\n"))
	if n := count(t, src); n != 100_000 || len(src.Layout.Footer) != 1 {
		t.Errorf("%d rows, footer %q", n, src.Layout.Footer)
	}
}

func TestATableWithMoreTextAroundThanRowsIsStillATable(t *testing.T) {
	titles := "Gobierno del Estado\nSecretaría de Salud\nDirección de Estadística\nCuadro 12\nHospitales por municipio\n\n"
	notes := "\nNota: incluye unidades móviles\nSe excluyen las privadas\nCifras preliminares\nElaboró: Dirección de Estadística\nFuente: registros de la Secretaría\n"
	src := opened(t, written(t, titles+"municipio,hospitales,camas\nColima,3,120\nTecomán,1,40\nManzanillo,2,95\n"+notes))
	got, err := rows(t, src)
	if err != nil || len(got) != 3 || src.Layout.HeaderLine != 7 || len(src.Layout.Preamble) != 5 || len(src.Layout.Footer) != 5 {
		t.Errorf("%q with %+v: %v", got, src.Layout, err)
	}
}

func TestRowsOfOtherLengthsAreReportedWithTheirLines(t *testing.T) {
	src := opened(t, written(t, "id,nombre,valor\n1,a,2\n2,b\n3,c,4,5\n4,d,6\n5,e,7,\n6,f,8\n"))
	got, _ := rows(t, src)
	if diff := cmp.Diff([][]string{{"1", "a", "2"}, {"2", "b", ""}, {"3", "c", "4"}, {"4", "d", "6"}, {"5", "e", "7"}, {"6", "f", "8"}}, got); diff != "" {
		t.Error(diff)
	}
	if p := problem(src, "r01"); p.Count != 2 || p.Samples[0].Line != 3 || p.Samples[1].Line != 4 {
		t.Errorf("reported as %+v", p)
	}
}

func TestRaggedRowsAreNeverOneColumn(t *testing.T) {
	var b strings.Builder
	b.WriteString("id,nombre,valor,nota\n")
	for i := range 100 {
		fmt.Fprintf(&b, "%d,a%s\n", i, strings.Repeat(",7", i%4))
	}
	if src := opened(t, written(t, b.String())); len(src.Labels) < 4 {
		t.Errorf("%d columns", len(src.Labels))
	}
}

func TestTextWithMoreSemicolonsThanCommasIsStillSplitByCommas(t *testing.T) {
	row := "Licencia,\"Requisitos; copia; original; pago;\nComprobante; identificación; croquis;\",$ 414.72,3 días\n"
	src := opened(t, written(t, "nombre,requisitos,costo,plazo\n"+strings.Repeat(row, 5)))
	if n := count(t, src); src.Layout.Delimiter != "," || n != 5 || len(src.Labels) != 4 {
		t.Errorf("split by %q into %d rows of %d", src.Layout.Delimiter, n, len(src.Labels))
	}
}

func TestDecimalCommasAreNoDelimiters(t *testing.T) {
	src := opened(t, written(t, "id;precio;iva\n1;2,50;0,40\n2;3,75;0,60\n3;1,10;0,18\n"))
	if src.Layout.Delimiter != ";" || len(src.Labels) != 3 {
		t.Errorf("split by %q", src.Layout.Delimiter)
	}
}

func TestAFileWithoutTextIsRefused(t *testing.T) {
	for _, content := range []string{"", "\uFEFF", "\n\n", "   \r\n"} {
		if _, err := delimited.Open(t.Context(), written(t, content)); !errors.Is(err, &tabular.Fault{Code: "empty"}) {
			t.Errorf("%q: %v", content, err)
		}
	}
}

func TestWhatIsTooLongOrTooWideEndsWithAFaultThatSaysWhere(t *testing.T) {
	for name, c := range map[string]struct {
		content, code string
		line          int64
	}{
		"columns":       {strings.Repeat("c,", 100_000) + "c\n" + strings.Repeat("1,", 100_000) + "1\n", "too_many_columns", 1},
		"a line":        {strings.Repeat("x", 50<<20), "cell_too_long", 1},
		"a later line":  {"id,nombre\n1,a\n2," + strings.Repeat("x", 17<<20) + "\n3,b\n", "cell_too_long", 3},
		"a quoted cell": {"id,nombre\n1,a\n2,\"" + strings.Repeat("x", 17<<20) + "\"\n3,b\n", "cell_too_long", 3},
		"a row":         {"id,nombre\n1,a\n" + strings.Repeat(strings.Repeat("x", 10<<20)+",", 7) + "\n", "row_too_long", 3},
	} {
		t.Run(name, func(t *testing.T) {
			tables, err := delimited.Open(t.Context(), written(t, c.content))
			if err == nil {
				_, err = rows(t, tables[0])
			}
			var f *tabular.Fault
			if !errors.As(err, &f) || f.Code != c.code || f.Line != c.line || f.Byte < 0 {
				t.Errorf("ends with %+v", f)
			}
		})
	}
}

func TestAFileThatChangedIsNotReadAsIfItHadNot(t *testing.T) {
	f := written(t, places)
	src := opened(t, f)
	if err := os.Rename(written(t, places+places).Path, f.Path); err != nil {
		t.Fatal(err)
	}
	if _, err := src.Open(t.Context(), nil); !errors.Is(err, &tabular.Fault{Code: "file_changed"}) {
		t.Errorf("opens: %v", err)
	}
}

func TestReadingSaysHowFarItIs(t *testing.T) {
	src := opened(t, written(t, places))
	var last int64
	r, err := src.Open(t.Context(), func(n int64) { last = n })
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	var b tabular.Batch
	if err := r.Next(t.Context(), &b); err != nil || last != src.Bytes || b.First != 1 || !slices.Equal(b.Lines, []int64{2, 3, 4, 5, 6, 7}) {
		t.Errorf("%d of %d bytes, lines %v: %v", last, src.Bytes, b.Lines, err)
	}
}

func TestRowsOfWhichOnlyTheNameIsKnownAreNoNotes(t *testing.T) {
	for name, c := range map[string]struct {
		content string
		rows    int
	}{
		"municipalities without figures": {"municipio,casos,defunciones\nMonterrey,5,1\nSan Nicolás de los Garza,7,2\nSan Pedro Garza García,,\nSanta Catarina Norte,,\n", 4},
		"a service without figure":       {"servicio,casos\nUrgencias generales,5\nConsulta externa,\n", 2},
		"a column of addresses":          {"liga\n" + strings.Repeat("https://datos.gob.mx/archivo.csv\n", 70), 70},
		"a few addresses":                {"liga\nhttps://datos.gob.mx/uno.csv\nhttps://datos.gob.mx/dos.csv\n", 2},
		"a note as wide as the rows":     {"municipio,casos,defunciones\nMonterrey,5,1\nSan Nicolás,7,2\nSe excluyen los casos importados,,\nFuente: Salud,,\n", 2},
		"a note under one column":        {"municipio\nMonterrey\nApodaca\nFuente: INEGI, 2020\n", 2},
	} {
		t.Run(name, func(t *testing.T) {
			src := opened(t, written(t, c.content))
			if n := count(t, src); n != c.rows {
				t.Errorf("%d rows, want %d; footer %q", n, c.rows, src.Layout.Footer)
			}
		})
	}
}

func TestARowOfTheWholeCountryIsATotalOverItsStatesOnly(t *testing.T) {
	states := strings.Repeat("Colima,3,4\nPuebla,5,6\nJalisco,1,2\nOaxaca,7,8\n", 8)
	for name, c := range map[string]struct {
		content string
		totals  int64
	}{
		"over its states":     {"entidad,casos,camas\nNacional,128,160\n" + states, 1},
		"one of two values":   {"origen,casos,camas\n" + strings.Repeat("Nacional,3,4\nExtranjero,5,6\n", 40), 0},
		"totals in words":     {"entidad,casos,camas\n" + states + "Total de hospitales,128,160\nSubtotal:,1,2\n TOTAL ,3,4\n", 3},
		"names that begin so": {"empresa,casos,camas\nTotalgas,3,4\nSumatra,5,6\nGrande,7,8\n", 0},
	} {
		t.Run(name, func(t *testing.T) {
			src := opened(t, written(t, c.content))
			count(t, src)
			if p := problem(src, "t01"); p.Count != c.totals {
				t.Errorf("%+v", p)
			}
		})
	}
}
