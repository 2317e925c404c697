package sheet_test

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"testing"

	"plaza/internal/base/tabular"
	"plaza/internal/base/tabular/sheet"
)

// fuzz reads a file of parts and fails on anything but a Fault.
func fuzz(t *testing.T, opener tabular.Opener, p parts) {
	sources, err := opener(context.Background(), p.write(t, "f"))
	if err != nil {
		known(t, err)
		return
	}
	for _, s := range sources {
		if len(s.Labels) == 0 || len(s.Labels) > tabular.MaxColumns {
			t.Error("a table of", len(s.Labels), "columns")
		}
		if _, err := try(s); err != nil {
			known(t, err)
		}
	}
}

func known(t *testing.T, err error) {
	var fault *tabular.Fault
	if !errors.As(err, &fault) || fault.Code == "" {
		t.Errorf("%T: %v", err, err)
	}
}

func FuzzSheet(f *testing.F) {
	f.Add(smallSheet)
	f.Add(rowsXML(`<row r="3"><c r="B3" t="s"><v>0</v></c><c t="b"><v>1</v></c></row><row><c s="1"><v>4.5E4</v></c></row>`) + `<mergeCells><mergeCell ref="A1:B2"/></mergeCells>`)
	f.Add(`<x:worksheet><x:sheetData><x:row><!-- c --><?p?><x:c t='str'><x:f>1</x:f><x:v><![CDATA[a]]>&#10;</x:v></x:c></x:row></x:sheetData></x:worksheet>`)
	f.Add(`<!DOCTYPE a>`)
	f.Fuzz(func(t *testing.T, x string) {
		fuzz(t, sheet.XLSX, book(x, [2]string{"xl/styles.xml", stylesXML}, [2]string{"xl/sharedStrings.xml", "<sst><si><t>a</t></si></sst>"}))
	})
}

func FuzzWorkbook(f *testing.F) {
	f.Add(bookXML, bookRel, stylesXML, `<sst><si><r><t>a</t></r><rPh><t>b</t></rPh></si></sst>`)
	f.Add(`<workbook><workbookPr date1904="1"/><sheets><sheet name="_x0041_" r:id="rId1" state="hidden"/></sheets></workbook>`, "", `<numFmt numFmtId="1" formatCode="[$-"/>`, "<si>")
	f.Fuzz(func(t *testing.T, workbook, rels, styles, strings string) {
		fuzz(t, sheet.XLSX, parts{{"xl/workbook.xml", workbook}, {"xl/_rels/workbook.xml.rels", rels}, {"xl/styles.xml", styles}, {"xl/sharedStrings.xml", strings}, {"xl/worksheets/sheet1.xml", smallSheet}})
	})
}

func FuzzODS(f *testing.F) {
	f.Add(smallODS)
	f.Add(`<office:spreadsheet><table:table table:name="a"><table:table-row table:number-rows-repeated="3"><table:table-cell table:number-columns-repeated="2" office:value-type="time" office:time-value="PT1H"><text:p>a<text:s text:c="3"/></text:p></table:table-cell></table:table-row></table:table>`)
	f.Fuzz(func(t *testing.T, x string) { fuzz(t, sheet.ODS, parts{{"content.xml", x}}) })
}

func FuzzZip(f *testing.F) {
	f.Add(contents(f, book(smallSheet).write(f, "x.xlsx")))
	f.Fuzz(func(t *testing.T, data []byte) {
		path := filepath.Join(t.TempDir(), "x")
		if err := os.WriteFile(path, data, 0o600); err != nil {
			t.Fatal(err)
		}
		if _, err := sheet.XLSX(context.Background(), tabular.File{Path: path, Scratch: filepath.Dir(path)}); err != nil {
			known(t, err)
		}
	})
}
