package sheet_test

import (
	"archive/zip"
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/xuri/excelize/v2"

	"plaza/internal/base/tabular"
	"plaza/internal/base/tabular/sheet"
)

// smallSheet is a sheet that can be read.
var smallSheet = rowsXML(`<row r="1">`+textCell("A1", "a")+textCell("B1", "b")+`</row>`, `<row r="2"><c r="A2"><v>1</v></c><c r="B2"><v>2</v></c></row>`)

// packed writes a zip of which one part is produced bit by bit. Shared strings are
// stored as they are: packing them would take longer than the test.
func packed(t testing.TB, p parts, name string, write func(w io.Writer)) tabular.File {
	t.Helper()
	path := filepath.Join(t.TempDir(), "trap.xlsx")
	file, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	z := zip.NewWriter(file)
	for _, one := range p {
		method := zip.Deflate
		if one[0] == "xl/sharedStrings.xml" {
			method = zip.Store
		}
		w, _ := z.CreateHeader(&zip.FileHeader{Name: one[0], Method: method})
		if one[0] == name {
			write(w)
		} else {
			_, _ = io.WriteString(w, one[1])
		}
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return tabular.File{Path: path, Scratch: filepath.Dir(path)}
}

const sheetPart = "xl/worksheets/sheet1.xml"

// outcome opens a file and reads all of it: the fault's code, or "" and the tables.
func outcome(opener tabular.Opener, file tabular.File) (string, []table) {
	sources, err := opener(context.Background(), file)
	if err != nil {
		return code(err), nil
	}
	var out []table
	for _, s := range sources {
		got, err := try(s)
		if err != nil {
			return code(err), nil
		}
		out = append(out, got)
	}
	return "", out
}

func TestATrapIsRefusedWithItsReasonOrReadWithinLimits(t *testing.T) {
	encrypted := append([]byte("\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1"), make([]byte, 70_000)...)
	copy(encrypted[65_530:], "E\x00n\x00c\x00r\x00y\x00p\x00t\x00e\x00d\x00P\x00a\x00c\x00k\x00a\x00g\x00e\x00")
	small := book(smallSheet)
	for _, tc := range []struct {
		name string
		file func(t *testing.T) tabular.File
		want string
	}{
		{"200 MB of 200 KB", func(t *testing.T) tabular.File {
			return packed(t, small, sheetPart, func(w io.Writer) {
				_, _ = io.WriteString(w, "<worksheet><sheetData>")
				for range 200 {
					_, _ = w.Write(bytes.Repeat([]byte(" "), 1<<20))
				}
			})
		}, "sheet_bomb"},
		{"13 million shared strings of nothing", func(t *testing.T) tabular.File {
			return packed(t, append(small, [2]string{"xl/sharedStrings.xml", ""}), "xl/sharedStrings.xml", func(w io.Writer) {
				for range 50 {
					_, _ = w.Write(bytes.Repeat([]byte("<si/>"), 1<<18))
				}
			})
		}, "sheet_shared_strings"},
		{"a document type", func(t *testing.T) tabular.File {
			return book(`<!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b SYSTEM "file:///etc/passwd">]>`+smallSheet).write(t, "x.xlsx")
		}, "sheet_dtd"},
		{"a document type in the list of sheets", func(t *testing.T) tabular.File {
			p := book(smallSheet)
			p[1][1] = `<!DOCTYPE x>` + p[1][1]
			return p.write(t, "x.xlsx")
		}, "sheet_dtd"},
		{"behind a password", func(t *testing.T) tabular.File { return save(t, "x.xlsx", encrypted) }, "encrypted"},
		{"an old workbook", func(t *testing.T) tabular.File { return save(t, "x.xlsx", encrypted[:2000]) }, "xls_old"},
		{"20,001 entries", func(t *testing.T) tabular.File {
			p := book(smallSheet)
			for i := range 20_000 {
				p = append(p, [2]string{fmt.Sprint("x/", i), ""})
			}
			return p.write(t, "x.xlsx")
		}, "sheet_entries"},
		{"a column that is none", func(t *testing.T) tabular.File {
			return book(rowsXML(`<row r="1"><c r="BDWGN1"><v>1</v></c></row>`)).write(t, "x.xlsx")
		}, "sheet_columns"},
		{"a million cells in a row", func(t *testing.T) tabular.File {
			return packed(t, small, sheetPart, func(w io.Writer) {
				_, _ = io.WriteString(w, "<worksheet><sheetData><row>")
				for range 1000 {
					_, _ = io.WriteString(w, strings.Repeat("<c><v>1</v></c>", 1000))
				}
				_, _ = io.WriteString(w, "</row></sheetData></worksheet>")
			})
		}, "sheet_columns"},
		{"a million cells in one place", func(t *testing.T) tabular.File {
			return book(rowsXML(`<row>`+strings.Repeat(`<c r="A1"><v>1</v></c>`, 1_000_000)+`</row>`)).write(t, "x.xlsx")
		}, "sheet_cell_size"},
		{"5,000 columns", func(t *testing.T) tabular.File {
			row := `<row>` + strings.Repeat(`<c><v>1</v></c>`, 5000) + `</row>`
			return book(rowsXML(row, row, row)).write(t, "x.xlsx")
		}, "sheet_columns"},
		{"a row that is none", func(t *testing.T) tabular.File {
			return book(rowsXML(`<row r="9000000000000000000"><c><v>1</v></c></row>`)).write(t, "x.xlsx")
		}, "sheet_rows"},
		{"elements in each other", func(t *testing.T) tabular.File {
			return book(rowsXML(`<row><c t="inlineStr"><is>`+strings.Repeat("<r>", 100_000))).write(t, "x.xlsx")
		}, "sheet_broken_xml"},
		{"a sheet that ends", func(t *testing.T) tabular.File {
			return book(strings.TrimSuffix(smallSheet, "</sheetData></worksheet>")).write(t, "x.xlsx")
		}, "sheet_broken_xml"},
		{"an endless tag", func(t *testing.T) tabular.File {
			return book(`<worksheet><sheetData a="`+strings.Repeat(">", 5<<20)).write(t, "x.xlsx")
		}, "sheet_cell_size"},
		{"an endless text", func(t *testing.T) tabular.File {
			return book(rowsXML(`<row><c t="str"><v>`+strings.Repeat("x", 40<<20)+`</v></c></row>`)).write(t, "x.xlsx")
		}, "sheet_cell_size"},
		{"a row of one long text many times", func(t *testing.T) tabular.File {
			return book(rowsXML("<row>"+strings.Repeat(`<c t="s"><v>0</v></c>`, 70)+"</row>"),
				[2]string{"xl/sharedStrings.xml", "<sst><si><t>" + strings.Repeat("x", 1<<20) + "</t></si></sst>"}).write(t, "x.xlsx")
		}, "sheet_cell_size"},
		{"no workbook", func(t *testing.T) tabular.File { return parts{{"a", "b"}}.write(t, "x.xlsx") }, "sheet_no_workbook"},
		{"a binary workbook", func(t *testing.T) tabular.File {
			return parts{{"_rels/.rels", strings.Replace(relsXML, "workbook.xml", "workbook.bin", 1)}}.write(t, "x.xlsx")
		}, "sheet_xlsb"},
		{"a listed sheet that is missing", func(t *testing.T) tabular.File {
			return append(small[:3:3], [2]string{"x", ""}).write(t, "x.xlsx")
		}, "sheet_missing_part"},
		{"nothing", func(t *testing.T) tabular.File { return save(t, "x.xlsx", nil) }, "sheet_broken_zip"},
		{"text", func(t *testing.T) tabular.File { return save(t, "x.xlsx", []byte("<html>not found</html>")) }, "sheet_broken_zip"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			got, tables := outcome(sheet.XLSX, tc.file(t))
			if got != tc.want {
				t.Errorf("got %q, %d tables", got, len(tables))
			}
		})
	}
}

func TestNamesThatLeadOutMacrosAndFetchedPartsDoNothing(t *testing.T) {
	p := book(smallSheet, [2]string{"../../../../tmp/evil", "x"}, [2]string{"xl/vbaProject.bin", "Sub Auto_Open()"},
		[2]string{"xl/externalLinks/externalLink1.xml", `<!DOCTYPE x>`})
	p[2][1] = strings.Replace(bookRel, "</Relationships>", `<Relationship Id="rId9" Type="http://x/styles" TargetMode="External" Target="http://localhost/x"/></Relationships>`, 1)
	got, tables := outcome(sheet.XLSX, p.write(t, "x.xlsm"))
	if diff := cmp.Diff([]table{{Name: "Hoja1", Labels: []string{"a", "b"}, Rows: [][]string{{"1", "2"}}, Lines: []int64{2}}}, tables); got != "" || diff != "" {
		t.Error(got, diff)
	}
}

func TestADirectoryThatLiesAboutSizesChangesNothingOrIsRefused(t *testing.T) {
	whole := read(t, open(t, sheet.XLSX, book(smallSheet).write(t, "x.xlsx"))[0])
	for _, size := range []uint32{0, 1, 1 << 31} {
		file := book(smallSheet).write(t, "x.xlsx")
		data := contents(t, file)
		for at := 0; ; {
			i := bytes.Index(data[at:], []byte("PK\x01\x02"))
			if i < 0 {
				break
			}
			binary.LittleEndian.PutUint32(data[at+i+24:], size)
			at += i + 4
		}
		got, tables := outcome(sheet.XLSX, save(t, "x.xlsx", data))
		if diff := cmp.Diff([]table{whole}, tables); got != "" || diff != "" {
			t.Error(size, got, diff)
		}
	}
}

func TestATruncatedOrDamagedFileIsAFaultAndNeverAPanic(t *testing.T) {
	file := written(t, func(f *excelize.File) {
		for i := range 300 {
			rows(f, "Datos", fmt.Sprint("A", i+1), []any{i, fmt.Sprint("texto ", i*i), i % 7})
		}
	})
	data := contents(t, file)
	for cut := 0; cut < len(data); cut += len(data)/50 + 1 {
		if got, _ := outcome(sheet.XLSX, save(t, "x.xlsx", data[:cut])); got != "sheet_broken_zip" {
			t.Errorf("cut at %d: %q", cut, got)
		}
		damaged := bytes.Clone(data)
		damaged[cut] ^= 0x55
		_, err := sheet.XLSX(context.Background(), save(t, "x.xlsx", damaged))
		var known *tabular.Fault
		if err != nil && !errors.As(err, &known) {
			t.Errorf("damaged at %d: %v", cut, err)
		}
	}
}

func TestEverythingMergedIsReadAndReportedOnce(t *testing.T) {
	var merges strings.Builder
	for i := range 50_000 {
		fmt.Fprintf(&merges, `<mergeCell ref="A%d:B%d"/>`, i+1, i+1)
	}
	x := strings.Replace(smallSheet, "</worksheet>", `<mergeCells><mergeCell ref="A1:XFD1048576"/><mergeCell ref="?:"/>`+merges.String()+`</mergeCells></worksheet>`, 1)
	s := open(t, sheet.XLSX, book(x).write(t, "x.xlsx"))[0]
	if got := read(t, s); len(got.Rows) < 1 || len(s.Problems.List()) > 1 {
		t.Error(got, s.Problems.List())
	}
}

func TestFiveMillionSharedTextsStayWithinMemoryOrAreRefused(t *testing.T) {
	const name = "xl/sharedStrings.xml"
	p := book(smallSheet, [2]string{name, ""})
	chunk := []byte(strings.Repeat("<si><t>un texto de 20 letras</t></si>", 5000))
	before := heap()
	sources := open(t, sheet.XLSX, packed(t, p, name, func(w io.Writer) {
		for range 1000 {
			_, _ = w.Write(chunk)
		}
	}))
	if used := int64(heap()) - int64(before); used > 300<<20 || used < 100<<20 {
		t.Errorf("%d MB", used>>20)
	}
	if len(read(t, sources[0]).Rows) != 1 {
		t.Error("the sheet is not read")
	}
	chunk = []byte(strings.Repeat("<si><t>"+strings.Repeat("x", 10_000)+"</t></si>", 100))
	got, _ := outcome(sheet.XLSX, packed(t, p, name, func(w io.Writer) {
		for range 220 {
			_, _ = w.Write(chunk)
		}
	}))
	if got != "sheet_shared_strings" {
		t.Error(got)
	}
}

// heap is what lives after a collection.
func heap() uint64 {
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return m.HeapAlloc
}

func TestReadingEndsWhenItsContextDoes(t *testing.T) {
	file := book(smallSheet).write(t, "x.xlsx")
	s := open(t, sheet.XLSX, file)[0]
	ctx, cancel := context.WithCancel(context.Background())
	r, err := s.Open(ctx, nil)
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	cancel()
	var b tabular.Batch
	if err := r.Next(ctx, &b); !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
	if _, err := sheet.XLSX(ctx, file); !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
}

func TestAFaultSaysItsSheetAndRow(t *testing.T) {
	file := book(rowsXML(`<row r="7"><c r="A7"><v>1</v></c></row><row r="9"><c r="ZZZZ9"><v>1</v></c></row>`)).write(t, "x.xlsx")
	_, err := sheet.XLSX(context.Background(), file)
	var fault *tabular.Fault
	if !errors.As(err, &fault) || fault.Table != "Hoja1" || fault.Line != 9 || fault.Byte != -1 {
		t.Errorf("%+v", fault)
	}
}
