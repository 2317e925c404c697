package form_test

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/ipc"
	"github.com/google/go-cmp/cmp"
	"github.com/xuri/excelize/v2"

	"plaza/internal/base/i18n"
	"plaza/internal/base/tabular"
	"plaza/internal/base/tabular/child"
	"plaza/internal/base/tabular/form"
	"plaza/internal/plaza"
)

var columns = []tabular.Column{
	{Name: "nombre, \"corto\"", Type: tabular.Text, Note: "Nombre"},
	{Name: "clave", Type: tabular.Code},
	{Name: "camas", Type: tabular.Integer},
	{Name: "costo", Type: tabular.Money, Unit: "MXN"},
	{Name: "fecha", Type: tabular.Date},
	{Name: "visto", Type: tabular.DateTime},
	{Name: "abre", Type: tabular.Time},
	{Name: "público", Type: tabular.Boolean},
	{Name: "lat", Type: tabular.Decimal, Meaning: tabular.Latitude},
	{Name: "lon", Type: tabular.Decimal, Meaning: tabular.Longitude},
}

func cells(texts ...string) []tabular.Cell {
	var out []tabular.Cell
	for _, s := range texts {
		switch {
		case s == "NULL":
			out = append(out, tabular.Cell{Null: true})
		case strings.HasPrefix(s, "odd:"):
			out = append(out, tabular.Cell{Text: s[4:], Odd: true})
		default:
			out = append(out, tabular.Cell{Text: s})
		}
	}
	return out
}

var rows = [][]tabular.Cell{
	cells("=cmd|' /C calc'!A0", "0012", "12", "-1234.5", "2020-05-17", "2020-05-17T10:05:00", "08:30:00", "true", "19.43", "-99.13"),
	cells("dos\r\nlíneas, \"comillas\"", "@x", "9007199254740993", "0.1", "1899-12-31", "2020-05-17T10:05:00.5", "08:30:00.25", "false", "NULL", "-99.13"),
	cells("NULL", "", "odd:s/d", "NULL", "odd:ayer", "NULL", "NULL", "NULL", "odd:19°", "NULL"),
	cells(" espacio ", "\t-1\r", "-3", "1e+21", "NULL", "NULL", "NULL", "odd:quizá", "91", "-99"),
}

var about = map[string]string{form.Institution: "Secretaría de Salud", form.Dataset: "Hospitales", form.Date: "2026-11-27", form.Licence: "CC BY 4.0", "nota": "x"}

// written is what a writer of a form makes of some rows.
func written(t testing.TB, f child.Form, columns []tabular.Column, rows [][]tabular.Cell, bom bool) []byte {
	t.Helper()
	var b bytes.Buffer
	w, err := form.New(f, &b, about, columns, bom)
	if err != nil {
		t.Fatal(err)
	}
	for _, row := range rows {
		if err := w.Write(row); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func TestCSVKeepsPublishedValuesByteForByte(t *testing.T) {
	for _, bom := range []bool{false, true} {
		raw := written(t, child.CSV, columns, rows, bom)
		if bytes.HasPrefix(raw, []byte("\uFEFF")) != bom {
			t.Errorf("byte order mark %v: %q", bom, raw[:10])
		}
		text := strings.TrimPrefix(string(raw), "\uFEFF")
		if !strings.Contains(text, "\"dos\r\nlíneas, \"\"comillas\"\"\"") {
			t.Errorf("a line end in a cell is not as it was: %q", text)
		}
		got, err := csv.NewReader(strings.NewReader(text)).ReadAll()
		if err != nil {
			t.Fatal(err)
		}
		if len(got) != len(rows)+1 || got[0][0] != columns[0].Name {
			t.Fatalf("%q", got)
		}
		for i, row := range rows {
			for j, c := range row {
				if want := strings.ReplaceAll(c.Text, "\r\n", "\n"); got[i+1][j] != want {
					t.Errorf("row %d: %q, want %q", i, got[i+1][j], want)
				}
			}
		}
	}
	if raw := written(t, child.CSV, columns[:2], [][]tabular.Cell{cells("NULL", "")}, false); !strings.HasSuffix(string(raw), "\n,\"\"\n") {
		t.Errorf("no value and an empty text are alike: %q", raw)
	}
	if raw := written(t, child.CSV, columns[1:2], [][]tabular.Cell{cells("NULL")}, false); string(raw) != "clave\n\"\"\n" {
		t.Errorf("a lone cell without value is a blank line: %q", raw)
	}
}

func TestJSONHasNumbersAsNumbersAndOddTextsAsTexts(t *testing.T) {
	raw := written(t, child.JSON, columns, rows, false)
	var all []map[string]any
	d := json.NewDecoder(bytes.NewReader(raw))
	d.UseNumber()
	if err := d.Decode(&all); err != nil {
		t.Fatal(err)
	}
	want := map[string]any{"nombre, \"corto\"": "dos\r\nlíneas, \"comillas\"", "clave": "@x", "camas": json.Number("9007199254740993"), "costo": json.Number("0.1"),
		"fecha": "1899-12-31", "visto": "2020-05-17T10:05:00.5", "abre": "08:30:00.25", "público": false, "lat": nil, "lon": json.Number("-99.13")}
	if diff := cmp.Diff(want, all[1]); diff != "" {
		t.Error(diff)
	}
	if all[2]["camas"] != "s/d" || all[2]["lat"] != "19°" || all[3]["costo"] != json.Number("1e+21") {
		t.Errorf("%v %v", all[2], all[3])
	}
	if raw := written(t, child.JSON, columns, nil, false); string(raw) != "[\n]\n" {
		t.Errorf("no rows: %q", raw)
	}
}

func TestJSONLinesHasAnObjectOnEachLine(t *testing.T) {
	shape := []tabular.Column{{Name: "g", Type: tabular.Geometry}, {Name: "s", Type: tabular.Text}}
	raw := written(t, child.Lines, shape, [][]tabular.Cell{
		cells("{\"type\":\"Point\",\n\"coordinates\":[1,2]}", "a\u2028b\x01\xff"), cells("{roto", "<&>"),
	}, false)
	lines := strings.Split(strings.TrimSuffix(string(raw), "\n"), "\n")
	if len(lines) != 2 || !json.Valid([]byte(lines[0])) || !json.Valid([]byte(lines[1])) || !utf8.Valid(raw) {
		t.Fatalf("%q", lines)
	}
	if want := `{"g":{"type":"Point","coordinates":[1,2]},"s":"a\u2028b\u0001` + "\uFFFD" + `"}`; lines[0] != want {
		t.Errorf("%s", lines[0])
	}
	if lines[1] != `{"g":"{roto","s":"<&>"}` {
		t.Errorf("%s", lines[1])
	}
	if raw := written(t, child.Lines, shape, nil, false); len(raw) != 0 {
		t.Errorf("no rows: %q", raw)
	}
}

type collection struct {
	Type     string
	About    map[string]string
	Features []struct {
		Geometry   *struct{ Coordinates []float64 }
		Properties map[string]any
	}
}

func TestGeoJSONTakesItsGeometryFromWhatTheRowHas(t *testing.T) {
	read := func(columns []tabular.Column, rows ...[]tabular.Cell) collection {
		t.Helper()
		var c collection
		if err := json.Unmarshal(written(t, child.GeoJSON, columns, rows, false), &c); err != nil {
			t.Fatal(err)
		}
		return c
	}
	point := func(c collection, i int) string {
		if c.Features[i].Geometry == nil {
			return "none"
		}
		return fmt.Sprint(c.Features[i].Geometry.Coordinates)
	}
	c := read(columns, rows...)
	if c.Type != "FeatureCollection" || c.About[form.Dataset] != "Hospitales" || len(c.Features) != 4 {
		t.Fatalf("%+v", c)
	}
	if a, b, d := point(c, 0), point(c, 1), point(c, 3); a != "[-99.13 19.43]" || b != "none" || d != "none" {
		t.Errorf("two columns: %s %s %s", a, b, d)
	}
	text := tabular.Column{Name: "p", Type: tabular.Text, Meaning: tabular.LatLon}
	if c := read([]tabular.Column{text}, cells("19.4, -99.1"), cells("x")); point(c, 0) != "[-99.1 19.4]" || point(c, 1) != "none" {
		t.Errorf("both in one column: %+v", c)
	}
	text.Meaning = tabular.LonLat
	if c := read([]tabular.Column{text}, cells("(-99.1 19.4)")); point(c, 0) != "[-99.1 19.4]" {
		t.Errorf("longitude first: %+v", c)
	}
	shape := []tabular.Column{{Name: "g", Type: tabular.Geometry}, {Name: "s", Type: tabular.Text}}
	c = read(shape, cells(`{"type":"Point","coordinates":[1,2]}`, "a"), cells("NULL", "b"))
	if point(c, 0) != "[1 2]" || point(c, 1) != "none" || len(c.Features[0].Properties) != 1 {
		t.Errorf("a column of geometries: %+v", c)
	}
	if len(read(columns).Features) != 0 {
		t.Error("no rows are not an empty collection")
	}
	if _, err := form.New(child.GeoJSON, io.Discard, nil, columns[:9], false); plaza.KindOf(err) != plaza.Invalid {
		t.Errorf("without a place: %v", err)
	}
}

func TestXLSXHasTypedCellsAndNoFormulas(t *testing.T) {
	book, err := excelize.OpenReader(bytes.NewReader(written(t, child.XLSX, columns, rows, false)))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = book.Close() }()
	if diff := cmp.Diff([]string{"Datos", "Fuente"}, book.GetSheetList()); diff != "" {
		t.Fatal(diff)
	}
	want := map[string]string{
		"A1": "nombre, \"corto\"", "A2": "=cmd|' /C calc'!A0", "B2": "0012", "C2": "12", "D2": "-1234.5", "E2": "2020-05-17", "F2": "2020-05-17 10:05:00", "G2": "08:30:00",
		"H2": "TRUE", "C3": "9007199254740993", "E3": "1899-12-31", "F3": "2020-05-17T10:05:00.5", "A4": "", "C4": "s/d", "E4": "ayer", "H5": "quizá",
	}
	for at, text := range want {
		if got, err := book.GetCellValue("Datos", at); err != nil || got != text {
			t.Errorf("%s is %q, want %q %v", at, got, text, err)
		}
		if f, _ := book.GetCellFormula("Datos", at); f != "" {
			t.Errorf("%s is the formula %q", at, f)
		}
	}
	for at, kind := range map[string]excelize.CellType{"A2": excelize.CellTypeInlineString, "B2": excelize.CellTypeInlineString, "C2": excelize.CellTypeUnset, "C3": excelize.CellTypeInlineString, "H2": excelize.CellTypeBool} {
		if got, _ := book.GetCellType("Datos", at); got != kind {
			t.Errorf("%s is of type %v, want %v", at, got, kind)
		}
	}
	source, err := book.GetRows("Fuente")
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([][]string{{"Institución", "Secretaría de Salud"}, {"Conjunto de datos", "Hospitales"}, {"Fecha", "2026-11-27"}, {"Licencia", "CC BY 4.0"}, {"nota", "x"}}, source); diff != "" {
		t.Error(diff)
	}
}

func TestXLSXSaysWhichTextsItCut(t *testing.T) {
	var b bytes.Buffer
	w, err := form.New(child.XLSX, &b, map[string]string{form.Language: "en"}, columns[:1], false)
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range []string{strings.Repeat("ñ", 32767), strings.Repeat("😀", 20000)} {
		if err := w.Write(cells(s)); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil || !w.Truncated() {
		t.Fatal(err, w.Truncated())
	}
	book, err := excelize.OpenReader(bytes.NewReader(b.Bytes()))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = book.Close() }()
	whole, _ := book.GetCellValue("Data", "A2")
	cut, _ := book.GetCellValue("Data", "A3")
	note, _ := book.GetCellValue("Source", "B1")
	if len([]rune(whole)) != 32767 || len([]rune(cut)) != 16383 || !strings.HasPrefix(note, "1 texts were cut") {
		t.Errorf("%d %d %q", len([]rune(whole)), len([]rune(cut)), note)
	}
}

func TestXLSXRefusesMoreColumnsThanItHolds(t *testing.T) {
	_, err := form.New(child.XLSX, io.Discard, nil, make([]tabular.Column, 16385), false)
	if plaza.KindOf(err) != plaza.Invalid {
		t.Error(err)
	}
}

func TestArrowHasTypedColumnsAndSaysWhereItComesFrom(t *testing.T) {
	many := make([][]tabular.Cell, 0, 9000)
	for len(many) < 9000 {
		many = append(many, rows...)
	}
	r, err := ipc.NewReader(bytes.NewReader(written(t, child.Arrow, columns, many, false)))
	if err != nil {
		t.Fatal(err)
	}
	defer r.Release()
	if i := r.Schema().Metadata().FindKey(form.Dataset); i < 0 || r.Schema().Metadata().Values()[i] != "Hospitales" {
		t.Errorf("%v", r.Schema().Metadata())
	}
	if f := r.Schema().Field(3); f.Type.Name() != "float64" || f.Metadata.ToMap()["unit"] != "MXN" {
		t.Errorf("%v", f)
	}
	var total int64
	for r.Next() {
		b := r.RecordBatch()
		if total == 0 {
			first(t, b)
		}
		total += b.NumRows()
	}
	if r.Err() != nil || total != int64(len(many)) {
		t.Errorf("%d rows, %v", total, r.Err())
	}
}

// first holds the first rows of a batch to what was written.
func first(t *testing.T, b arrow.RecordBatch) {
	t.Helper()
	var got []string
	for row := range 4 {
		var line []string
		for i := range columns {
			line = append(line, b.Column(i).ValueStr(row))
		}
		got = append(got, strings.Join(line, "|"))
	}
	want := []string{
		"=cmd|' /C calc'!A0|0012|12|-1234.5|2020-05-17|2020-05-17T10:05:00|08:30:00.000000|true|19.43|-99.13",
		"dos\r\nlíneas, \"comillas\"|@x|9007199254740993|0.1|1899-12-31|2020-05-17T10:05:00.5|08:30:00.250000|false|(null)|-99.13",
		"(null)||(null)|(null)|(null)|(null)|(null)|(null)|(null)|(null)",
		" espacio |\t-1\r|-3|1e+21|(null)|(null)|(null)|(null)|91|-99",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

func TestNamesCarryTheSourceAndTheFilter(t *testing.T) {
	some := map[string]string{form.Institution: "Secretaría de Salud", form.Dataset: "Casos ../../COVID\r\n", form.Table: "Hoja 1", form.Date: "2026-11-27", form.Licence: "CC BY 4.0"}
	if got := form.Name(some, child.CSV); got != "secretaria-de-salud_casos-covid_hoja-1_2026-11-27_cc-by-4-0.csv" {
		t.Error(got)
	}
	some[form.Filter] = "f.estado=09"
	one := form.Name(some, child.Arrow)
	some[form.Filter] = "f.estado=15"
	if other := form.Name(some, child.Arrow); one == other || !strings.HasSuffix(one, ".arrows") {
		t.Error(one, other)
	}
	if got := form.Name(nil, child.XLSX); got != "tabla.xlsx" {
		t.Error(got)
	}
	if got := form.Name(map[string]string{form.Dataset: strings.Repeat("ñ😀 ", 5000)}, child.JSON); len(got) > 200 {
		t.Error(got)
	}
}

func TestADataPackageDescribesEachColumn(t *testing.T) {
	table := tabular.Table{Name: "Hospitales 2020", Rows: 10, Key: []string{"clave"}, Columns: []tabular.Column{
		{Name: "clave", Type: tabular.Code, Meaning: tabular.Key, Label: "Clave ", Stats: tabular.Stats{Count: 10}},
		{Name: "camas", Type: tabular.Integer, Stats: tabular.Stats{Count: 9, Nulls: 1, Min: "0", Max: "950"}},
		{Name: "costo", Type: tabular.Money, Unit: "MXN", Odd: 2, Stats: tabular.Stats{Count: 8, Min: "1", Max: "2"}},
		{Name: "curp", Type: tabular.Code, Meaning: tabular.CURP, Stats: tabular.Stats{Min: "AAAA", Max: "ZZZZ"}},
		{Name: "forma", Type: tabular.Geometry},
	}}
	raw, err := form.DataPackage(about, []form.Resource{{Path: "a.csv", Form: child.CSV, Bytes: 7, SHA256: "ab", Table: table}})
	if err != nil {
		t.Fatal(err)
	}
	var got struct {
		Name      string
		Licenses  []map[string]string
		Resources []struct {
			Name, Hash string
			Schema     struct {
				PrimaryKey []string
				Fields     []map[string]any
			}
		}
	}
	if err := json.Unmarshal(raw, &got); err != nil {
		t.Fatal(err)
	}
	if got.Name != "hospitales" || got.Licenses[0]["title"] != "CC BY 4.0" || got.Resources[0].Hash != "sha256:ab" || got.Resources[0].Name != "hospitales-2020" {
		t.Errorf("%s", raw)
	}
	want := []map[string]any{
		{"name": "clave", "type": "string", "title": "Clave ", "meaning": "key", "constraints": map[string]any{"required": true, "unique": true}},
		{"name": "camas", "type": "integer", "constraints": map[string]any{"minimum": 0.0, "maximum": 950.0}},
		{"name": "costo", "type": "any", "unit": "MXN"},
		{"name": "curp", "type": "string", "meaning": "curp"},
		{"name": "forma", "type": "geojson"},
	}
	if diff := cmp.Diff(want, got.Resources[0].Schema.Fields); diff != "" {
		t.Error(diff)
	}
}

func TestTheTablesOfADataPackageHaveNamesOfTheirOwn(t *testing.T) {
	var tables []form.Resource
	for i, name := range []string{"Hoja 1", "hoja-1", "", "HOJA 1"} {
		tables = append(tables, form.Resource{Path: strconv.Itoa(i) + ".csv", Form: child.CSV, Table: tabular.Table{Name: name}})
	}
	raw, err := form.DataPackage(about, tables)
	if err != nil {
		t.Fatal(err)
	}
	var got struct {
		Resources []struct{ Name, Title, Path string }
	}
	if err := json.Unmarshal(raw, &got); err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, r := range got.Resources {
		names = append(names, r.Name+" "+r.Title+" "+r.Path)
	}
	if want := []string{"hoja-1 Hoja 1 0.csv", "hoja-1-2 hoja-1 1.csv", "tabla-3  2.csv", "hoja-1-3 HOJA 1 3.csv"}; !cmp.Equal(want, names) {
		t.Errorf("%q, want %q", names, want)
	}
}

// full is a disk without room.
type full struct{ left int }

var errNoRoom = errors.New("no room")

func (f *full) Write(p []byte) (int, error) {
	if f.left -= len(p); f.left < 0 {
		return 0, errNoRoom
	}
	return len(p), nil
}

func TestAFullDiskIsSaidByEveryForm(t *testing.T) {
	for _, f := range []child.Form{child.CSV, child.JSON, child.Lines, child.GeoJSON, child.XLSX, child.Arrow} {
		w, err := form.New(f, &full{left: 100}, about, columns, false)
		if err != nil {
			t.Fatal(err)
		}
		for range 20_000 {
			if err = w.Write(rows[0]); err != nil {
				break
			}
		}
		if err := errors.Join(err, w.Close()); !errors.Is(err, errNoRoom) {
			t.Errorf("%s: %v", f, err)
		}
	}
}

func TestEverySentenceIsInBothLanguages(t *testing.T) {
	for _, p := range i18n.CheckCatalogues(form.Locale) {
		t.Error(p)
	}
}

func BenchmarkForms(b *testing.B) {
	for _, f := range []child.Form{child.CSV, child.JSON, child.Lines, child.GeoJSON, child.XLSX, child.Arrow} {
		b.Run(string(f), func(b *testing.B) {
			w, err := form.New(f, io.Discard, about, columns, false)
			if err != nil {
				b.Fatal(err)
			}
			for b.Loop() {
				if err := w.Write(rows[0]); err != nil {
					b.Fatal(err)
				}
			}
			b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "rows/s")
			_ = w.Close()
		})
	}
}
