package sheet_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"plaza/internal/base/tabular"
	"plaza/internal/base/tabular/sheet"
)

// odsXML is the content of a spreadsheet of one sheet.
func odsXML(rows ...string) string {
	return `<office:document-content><office:automatic-styles><style:style style:name="ta2" style:family="table"><style:table-properties table:display="false"/></style:style></office:automatic-styles>` +
		`<office:body><office:spreadsheet><table:table table:name="Hoja1"><table:table-column table:number-columns-repeated="1024"/>` + strings.Join(rows, "") + `</table:table></office:spreadsheet></office:body></office:document-content>`
}

// odsRow is a row of texts.
func odsRow(cells ...string) string {
	var b strings.Builder
	b.WriteString("<table:table-row>")
	for _, c := range cells {
		fmt.Fprintf(&b, `<table:table-cell office:value-type="string"><text:p>%s</text:p></table:table-cell>`, c)
	}
	return b.String() + `<table:table-cell table:number-columns-repeated="1020"/></table:table-row>`
}

var smallODS = odsXML(odsRow("a", "b"), odsRow("1", "x"), odsRow("2", "y"))

func ods(t testing.TB, content string) tabular.File {
	return parts{{"mimetype", "application/vnd.oasis.opendocument.spreadsheet"}, {"content.xml", content}, {"META-INF/manifest.xml", "<manifest:manifest/>"}}.write(t, "x.ods")
}

func TestAnODSCellIsItsValue(t *testing.T) {
	for _, tc := range []struct{ name, cell, want string }{
		{"number", `<table:table-cell office:value-type="float" office:value="0.30000000000000004"><text:p>0.3</text:p></table:table-cell>`, "0.3"},
		{"number shown short", `<table:table-cell office:value-type="float" office:value="1234567.25"><text:p>1.2 M</text:p></table:table-cell>`, "1234567.25"},
		{"code with zeros", `<table:table-cell office:value-type="float" office:value="1001"><text:p>01001</text:p></table:table-cell>`, "01001"},
		{"percent", `<table:table-cell office:value-type="percentage" office:value="0.125"><text:p>13%</text:p></table:table-cell>`, "12.5%"},
		{"money", `<table:table-cell office:value-type="currency" office:currency="MXN" office:value="1234.5"><text:p>$1,235</text:p></table:table-cell>`, "$1,234.50"},
		{"dollars", `<table:table-cell office:value-type="currency" office:currency="USD" office:value="5"/>`, "USD 5.00"},
		{"day", `<table:table-cell office:value-type="date" office:date-value="2020-01-31"><text:p>31/01/20</text:p></table:table-cell>`, "2020-01-31"},
		{"moment", `<table:table-cell office:value-type="date" office:date-value="2020-01-31T12:00:00"/>`, "2020-01-31T12:00:00"},
		{"time", `<table:table-cell office:value-type="time" office:time-value="PT13H05M30S"/>`, "13:05:30"},
		{"boolean", `<table:table-cell office:value-type="boolean" office:boolean-value="true"><text:p>VERDADERO</text:p></table:table-cell>`, "true"},
		{"error", `<table:table-cell office:value-type="string" office:string-value="" calcext:value-type="error"><text:p>#N/A</text:p></table:table-cell>`, "#N/A"},
		{"text", `<table:table-cell office:value-type="string"><text:p>a<text:s text:c="2"/>b <text:span>c<text:line-break/></text:span>d</text:p><text:p>e &amp; f</text:p></table:table-cell>`, "a  b c\nd\ne & f"},
		{"with a comment", `<table:table-cell office:value-type="string"><office:annotation><dc:creator>x</dc:creator><text:p>no</text:p></office:annotation><text:p>yes</text:p></table:table-cell>`, "yes"},
		{"text as attribute", `<table:table-cell office:value-type="string" office:string-value="s"/>`, "s"},
		{"covered", `<table:covered-table-cell office:value-type="string"><text:p>no</text:p></table:covered-table-cell>`, ""},
	} {
		t.Run(tc.name, func(t *testing.T) {
			got := read(t, open(t, sheet.ODS, ods(t, odsXML(odsRow("n", "v"), `<table:table-row><table:table-cell office:value-type="float" office:value="1"/>`+tc.cell+`</table:table-row>`)))[0])
			if diff := cmp.Diff([][]string{{"1", tc.want}}, got.Rows); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestRepeatedRowsAndCellsAreReadAndBlankOnesPassedOver(t *testing.T) {
	content := odsXML(
		`<table:table-row table:number-rows-repeated="3"/>`, odsRow("a", "b", "c"),
		`<table:table-row table:number-rows-repeated="2"><table:table-cell office:value-type="float" office:value="1" table:number-columns-repeated="2"/><table:table-cell/><table:table-cell/></table:table-row>`,
		`<table:table-row><table:table-cell table:number-columns-repeated="2"/><table:table-cell office:value-type="float" office:value="5"/></table:table-row>`,
		`<table:table-row table:number-rows-repeated="1048560"><table:table-cell table:number-columns-repeated="1024"/></table:table-row>`)
	content = strings.Replace(content, "</office:spreadsheet>", `<table:table table:name="Oculta" table:style-name="ta2">`+odsRow("x", "y")+odsRow("1", "2")+`</table:table>`+
		`<table:table table:name="Vacía"/><table:table table:name="Última">`+odsRow("x", "y")+odsRow("1", "2")+odsRow("3", "4")+`</table:table></office:spreadsheet>`, 1)
	var got []table
	for _, s := range open(t, sheet.ODS, ods(t, content)) {
		got = append(got, read(t, s))
	}
	want := []table{
		{Name: "Hoja1", Labels: []string{"a", "b", "c"}, Rows: [][]string{{"1", "1", ""}, {"1", "1", ""}, {"", "", "5"}}, Lines: []int64{5, 6, 7}},
		{Name: "Última", Labels: []string{"x", "y"}, Rows: [][]string{{"1", "2"}, {"3", "4"}}, Lines: []int64{2, 3}},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

func TestAnODSWithMergedNamesJoinsThem(t *testing.T) {
	s := open(t, sheet.ODS, ods(t, odsXML(
		`<table:table-row><table:table-cell table:number-rows-spanned="2" office:value-type="string"><text:p>Entidad</text:p></table:table-cell><table:table-cell table:number-columns-spanned="2" office:value-type="string"><text:p>Población</text:p></table:table-cell><table:covered-table-cell/></table:table-row>`,
		`<table:table-row><table:covered-table-cell/><table:table-cell office:value-type="string"><text:p>Hombres</text:p></table:table-cell><table:table-cell office:value-type="string"><text:p>Mujeres</text:p></table:table-cell></table:table-row>`,
		`<table:table-row><table:table-cell office:value-type="string"><text:p>Jalisco</text:p></table:table-cell><table:table-cell office:value-type="float" office:value="1"/><table:table-cell office:value-type="float" office:value="2"/></table:table-row>`)))[0]
	if diff := cmp.Diff([]string{"Entidad", "Población · Hombres", "Población · Mujeres"}, s.Labels); diff != "" {
		t.Error(diff)
	}
}

func TestTrapsOfODSAreRefused(t *testing.T) {
	cell := `<table:table-cell office:value-type="float" office:value="1" table:number-columns-repeated="%d"/>`
	for _, tc := range []struct{ name, content, manifest, want string }{
		{"encrypted", smallODS, `<manifest:file-entry><manifest:encryption-data/></manifest:file-entry>`, "encrypted"},
		{"a document type", `<!DOCTYPE a [<!ENTITY x "y">]>` + smallODS, "", "sheet_dtd"},
		{"sixteen thousand million cells", odsXML(`<table:table-row table:number-rows-repeated="1000000">` + fmt.Sprintf(cell, 16000) + `</table:table-row>`), "", "sheet_bomb"},
		{"columns that are none", odsXML(`<table:table-row>` + fmt.Sprintf(cell, 1<<40) + `</table:table-row>`), "", "sheet_columns"},
		{"5,000 columns", odsXML(`<table:table-row>`+fmt.Sprintf(cell, 5000)+`</table:table-row>`, odsRow("a")), "", "sheet_columns"},
		{"a sheet that ends", strings.TrimSuffix(smallODS, `</table:table></office:spreadsheet></office:body></office:document-content>`), "", "sheet_broken_xml"},
		{"no spreadsheet", `<office:document-content/>`, "", ""},
	} {
		t.Run(tc.name, func(t *testing.T) {
			got, _ := outcome(sheet.ODS, parts{{"content.xml", tc.content}, {"META-INF/manifest.xml", tc.manifest}}.write(t, "x.ods"))
			if got != tc.want {
				t.Errorf("got %q", got)
			}
		})
	}
	if got, _ := outcome(sheet.ODS, parts{{"a", "b"}}.write(t, "x.ods")); got != "sheet_no_workbook" {
		t.Error(got)
	}
}
