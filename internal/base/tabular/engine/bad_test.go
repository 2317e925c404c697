package engine_test

import (
	"archive/zip"
	"bytes"
	"compress/gzip"
	"encoding/binary"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"plaza/internal/base/i18n"
	"plaza/internal/base/tabular"
	"plaza/internal/base/tabular/child"
	"plaza/internal/base/tabular/child/childtest"
)

// archive is a zip of files: name, content, name, content.
func archive(t *testing.T, files ...string) string {
	t.Helper()
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	for i := 0; i < len(files); i += 2 {
		w, err := z.Create(files[i])
		if err != nil {
			t.Fatal(err)
		}
		if _, err := w.Write([]byte(files[i+1])); err != nil {
			t.Fatal(err)
		}
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func gzipped(t *testing.T, s string) string {
	t.Helper()
	var b bytes.Buffer
	w := gzip.NewWriter(&b)
	if _, err := w.Write([]byte(s)); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// locked is an archive that says of its members that they are encrypted.
func locked(t *testing.T) string {
	b := []byte(archive(t, "a.csv", "a,b\n1,2\n"))
	for at := 0; at+4 < len(b); at++ {
		switch string(b[at : at+4]) {
		case "PK\x03\x04":
			b[at+6] |= 1
		case "PK\x01\x02":
			b[at+8] |= 1
		}
	}
	return string(b)
}

// lockedBook is a workbook behind a password: an older container with one part.
func lockedBook() string {
	b := make([]byte, 2048)
	copy(b, "\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1")
	b[30] = 9 // sectors of 512 bytes, the first of which is the directory
	for i, c := range "EncryptedPackage" {
		b[512+2*i] = byte(c)
	}
	return string(b)
}

// leaving is a good table as a file of a form.
func leaving(t *testing.T, f child.Form) string {
	t.Helper()
	e := newEngine(t)
	var out bytes.Buffer
	if err := e.Export(t.Context(), converted(t, e, "obras.csv", obras), child.Export{Form: f}, &out); err != nil {
		t.Fatal(err)
	}
	return out.String()
}

// half is what is left of a file that broke off.
func half(s string) string { return s[:len(s)/2] }

// attempt converts a file, and holds that nothing is left but the tables that were made.
func attempt(t *testing.T, e child.Engine, name, content string, step func(child.Step, string)) (tabular.Profile, string, error) {
	t.Helper()
	in, dir := filepath.Join(t.TempDir(), name), t.TempDir()
	if err := os.WriteFile(in, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
	p, err := e.Convert(t.Context(), child.Conversion{Input: in, Name: name, Dir: dir}, func(s child.Step) {
		if step != nil {
			step(s, in)
		}
	})
	whole := map[string]bool{}
	for _, table := range p.Tables {
		whole[table.Parquet.SHA256] = true
	}
	left, errRead := os.ReadDir(dir)
	if errRead != nil {
		t.Fatal(errRead)
	}
	for _, f := range left {
		if !whole[f.Name()] {
			t.Errorf("%s is left in the folder", f.Name())
		}
	}
	if err == nil && len(whole) == 0 {
		t.Error("neither a table nor a fault")
	}
	return p, dir, err
}

// words are the sentences of faults.
func words(t *testing.T) *i18n.Bundle {
	t.Helper()
	b, err := i18n.New(tabular.Locale)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func TestWhatIsNoTableIsSaidToBeNone(t *testing.T) {
	const geojson = `{"type":"FeatureCollection","features":[{"type":"Feature","properties":{"a":1},"geometry":{"type":"Point","coordinates":[-99,19]}}]}`
	xlsx, parquet := leaving(t, child.XLSX), leaving(t, child.Parquet)
	lying := []byte(parquet)
	copy(lying[len(lying)/3:], bytes.Repeat([]byte{0xFF}, 64))
	footer := []byte(parquet)
	binary.LittleEndian.PutUint32(footer[len(footer)-8:], 1<<31-1)
	for _, c := range []struct{ it, name, content, code string }{
		{"an archive that grows", "a.zip", archive(t, "a.csv", strings.Repeat("1,2\n", 20<<20)), "archive_ratio"},
		{"a compressed file that grows", "a.csv.gz", gzipped(t, strings.Repeat("1,2\n", 20<<20)), "archive_ratio"},
		{"archives in archives", "a.zip", archive(t, "b.zip", archive(t, "c.zip", archive(t, "d.csv", "a,b\n1,2\n"))), "no_tables"},
		{"an archive of nothing", "a.zip", archive(t), "no_tables"},
		{"an archive of pictures", "a.zip", archive(t, "a.png", "\x89PNG\r\n\x1a\n0000"), "no_tables"},
		{"an encrypted archive", "a.zip", locked(t), "no_tables"},
		{"half an archive", "a.zip", half(archive(t, "a.csv", obras)), "archive_broken"},
		{"half a compressed file", "a.csv.gz", half(gzipped(t, strings.Repeat(obras, 50))), "archive_broken"},
		{"half a file of bzip2", "a.csv.bz2", "BZh91AY&SY\x00\x01\x02", "archive_broken"},
		{"100,000 columns", "a.csv", strings.Repeat("a,", 100_000) + "a\n" + strings.Repeat("1,", 100_000) + "1\n", "too_many_columns"},
		{"a line of 50 MB", "a.csv", strings.Repeat("a", 50<<20), "cell_too_long"},
		{"a cell of 20 MB", "a.csv", "a,b\n1,2\n3," + strings.Repeat("x", 20<<20) + "\n", "cell_too_long"},
		{"nothing", "a.csv", "", "empty"},
		{"blanks", "a.csv", " \n\n\t\n", "empty"},
		{"a PDF", "a.csv", "%PDF-1.7\n1 0 obj\n", "not_a_table"},
		{"a page", "a.csv", "<!DOCTYPE html><html><body>No existe</body></html>", "html_instead"},
		{"a picture", "a.csv", "\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR", "not_a_table"},
		{"a program", "a.csv", "MZ\x90\x00\x03\x00\x00\x00\x04\x00\x00\x00\xff\xff" + strings.Repeat("\x00", 100), "not_a_table"},
		{"an encrypted book", "a.xlsx", lockedBook(), "encrypted"},
		{"half a book", "a.xlsx", half(xlsx), "archive_broken"},
		{"a book without sheets", "a.xlsx", archive(t, "[Content_Types].xml", "<Types/>", "xl/workbook.xml", "<workbook><sheets/></workbook>"), "no_table"},
		{"half a Parquet", "a.parquet", half(parquet), "parquet_truncated"},
		{"a Parquet whose foot lies", "a.parquet", string(footer), "parquet_footer"},
		{"a Parquet with other bytes", "a.parquet", string(lying), "parquet_corrupt"},
		{"half a JSON", "a.json", half(`[{"a":1,"b":2},{"a":3,"b":4},{"a":5,"b":6}]`), "json_truncated"},
		{"a JSON of no records", "a.json", `{}`, "json_no_records"},
		{"half a GeoJSON", "a.geojson", half(geojson), "geo_broken"},
		{"half a TopoJSON", "a.json", `{"type":"Topology","objects":{"a":{"type":"GeometryCollection","geometries":[{"type":"Point","coor`, "geo_broken"},
		{"half an XML", "a.xml", `<filas><fila><a>1</a></fila><fila><a>2</a></fila><fil`, "xml_truncated"},
		{"half a KML", "a.kml", `<?xml version="1.0"?><kml xmlns="http://www.opengis.net/kml/2.2"><Document><Placemark><name>a</name><Point><coord`, "geo_broken"},
		{"an XML that names files", "a.xml", `<?xml version="1.0"?><!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]><filas><fila><n>&x;</n></fila><fila><n>2</n></fila></filas>`, "xml_dtd"},
		{"shapes without their table", "a.zip", archive(t, "a.shp", "\x00\x00\x27\x0a"+strings.Repeat("\x00", 96)), "shapefile_alone"},
	} {
		t.Run(c.it, func(t *testing.T) {
			_, _, err := attempt(t, newEngine(t), c.name, c.content, nil)
			f, is := errors.AsType[*tabular.Fault](err)
			if !is || f.Code != c.code {
				t.Fatalf("error %v, want %s", err, c.code)
			}
			for _, lang := range []string{i18n.Spanish, i18n.English} {
				p := words(t).Printer(lang)
				if said := p.T("tabular.fault."+f.Code, f.Args...); strings.HasPrefix(said, "tabular.") || strings.Contains(said, "{") {
					t.Errorf("%s says %q", lang, said)
				}
			}
		})
	}
}

func TestWhatIsWrongInATableIsAProblemOfIt(t *testing.T) {
	latin := "clave,nombre\n1,México\n2,M\xe9xico\n3,Jap\xf3n\n4,Perú\n"
	point := func(lon, lat string) string {
		return `{"type":"Feature","properties":{"a":1},"geometry":{"type":"Point","coordinates":[` + lon + `,` + lat + `]}}`
	}
	for _, c := range []struct {
		it, name, content string
		code              string // of a problem, "" for none
		rows              int64
		columns           int
	}{
		{"zero bytes", "a.csv", "clave,nombre\n1,uno\n2,d\x00os\n3,tres\n", "e02", 3, 2},
		{"two encodings", "a.csv", latin, "i12", 4, 2},
		{"names twice and missing", "a.csv", "a,,a,A\n1,2,3,4\n5,6,7,8\n", "c02", 2, 4},
		{"names only", "a.csv", "clave,nombre,monto\n", "", 0, 3},
		{"one cell", "a.csv", "hola", "", 0, 1},
		{"short and long rows", "a.csv", "a,b,c\n1,2,3\n4,5\n6,7,8,9\n1,2,3\n1,2,3\n", "r01", 5, 3},
		{"a broken geometry", "a.geojson", `{"type":"FeatureCollection","features":[` + point("-99.1", "19.4") + `,` + point(`"x"`, "19") + `,` + point("-99.2", "19.4") + `]}`, "g04", 3, 2},
		{"latitude first", "a.csv", "nombre,lat,lon\na,-99.1,19.4\nb,-99.2,19.5\nc,-98.1,20.1\n", "g03", 3, 3},
	} {
		t.Run(c.it, func(t *testing.T) {
			p, _, err := attempt(t, newEngine(t), c.name, c.content, nil)
			if err != nil {
				t.Fatal(err)
			}
			table, codes := p.Tables[0], ""
			for _, problem := range table.Problems {
				codes += problem.Code + " "
			}
			if table.Rows != c.rows || len(table.Columns) != c.columns || c.code == "" && codes != "" || !strings.Contains(codes, c.code) {
				t.Errorf("%d rows, %d columns, problems %s; want %+v", table.Rows, len(table.Columns), codes, c)
			}
		})
	}
}

func TestNamesOfColumnsAndCellsAreNeverRun(t *testing.T) {
	e := newEngine(t)
	names := []string{`"; DROP TABLE t; --`, `<script>alert(1)</script>`, `a' OR '1'='1`, `x"y"`, `SELECT * FROM read_text('/etc/passwd')`}
	var b strings.Builder
	for i, n := range names {
		if i > 0 {
			b.WriteByte(',')
		}
		b.WriteString(`"` + strings.ReplaceAll(n, `"`, `""`) + `"`)
	}
	const formula = `=cmd|' /C calc'!A0`
	b.WriteString("\n" + formula + ",b,c,10,e\n@SUM(1),b,d,20,f\n")
	table := converted(t, e, "a.csv", b.String())
	for i, c := range table.Profile.Columns {
		if c.Name != names[i] {
			t.Fatalf("column %q, want %q", c.Name, names[i])
		}
		q := tabular.Query{Columns: []string{c.Name}, Sort: []tabular.Order{{Column: c.Name, Down: true}}, Where: []tabular.Condition{{Column: c.Name, Op: tabular.NotEmpty}}}
		if page, err := e.Page(t.Context(), table, q); err != nil || len(page.Rows) != 2 {
			t.Errorf("Page of %q: %d rows, %v", c.Name, len(page.Rows), err)
		}
		if groups, err := e.Groups(t.Context(), table, tabular.Query{Group: []tabular.Group{{Column: c.Name}}}); err != nil || len(groups.Rows) == 0 {
			t.Errorf("Groups of %q: %v", c.Name, err)
		}
		for _, f := range []child.Form{child.CSV, child.XLSX, child.Parquet, child.JSON, child.Lines, child.Arrow} {
			var out bytes.Buffer
			if err := e.Export(t.Context(), table, child.Export{Form: f, Query: q, About: map[string]string{names[0]: "';--"}}, &out); err != nil || out.Len() == 0 {
				t.Errorf("Export of %q as %s: %v", c.Name, f, err)
			}
		}
	}
	var out bytes.Buffer
	if err := e.Export(t.Context(), table, child.Export{Form: child.CSV, Query: tabular.Query{Columns: names[:1]}}, &out); err != nil || !strings.Contains(out.String(), formula) {
		t.Errorf("the formula's text became %q, %v", out.String(), err)
	}
	page, err := e.Page(t.Context(), table, tabular.Query{Search: `'; DROP TABLE t; --`})
	if err != nil || len(page.Rows) != 0 {
		t.Errorf("searching for SQL: %d rows, %v", len(page.Rows), err)
	}
}

func TestAFileThatChangesWhileItIsReadIsAFault(t *testing.T) {
	var csv, lines strings.Builder
	csv.WriteString("clave,nombre\n")
	for i := range 60_000 {
		fmt.Fprintf(&csv, "%d,nombre %d\n", i, i)
		fmt.Fprintf(&lines, "{\"clave\":%d,\"nombre\":\"n %d\"}\n", i, i)
	}
	for name, content := range map[string]string{"a.csv": csv.String(), "a.jsonl": lines.String()} {
		for _, at := range []string{"read", "write"} {
			cut := false
			_, _, err := attempt(t, newEngine(t), name, content, func(s child.Step, in string) {
				if s.Name == at && !cut {
					cut = true
					if err := os.Truncate(in, int64(len(content)/2)); err != nil {
						t.Error(err)
					}
				}
			})
			if _, is := errors.AsType[*tabular.Fault](err); !cut || !is {
				t.Errorf("%s cut at %s (%v): error %v", name, at, cut, err)
			}
		}
	}
}

func TestAFullDiskIsAFault(t *testing.T) {
	w := child.New(child.Config{Command: childtest.Command(t), Disk: 1 << 20})
	t.Cleanup(func() { _ = w.Close(t.Context()) })
	in := filepath.Join(t.TempDir(), "a.csv")
	b := []byte("a,b\n")
	for i := range uint64(120_000) { // nothing that packs well
		b = fmt.Appendf(b, "%x,%x\n", i*0x9E3779B97F4A7C15, (i+7)*0xC2B2AE3D27D4EB4F)
	}
	if err := os.WriteFile(in, b, 0o600); err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	_, err := w.Convert(t.Context(), child.Conversion{Input: in, Name: "a.csv", Dir: dir}, nil)
	if !errors.Is(err, &tabular.Fault{Code: "killed_disk"}) {
		t.Errorf("error %v", err)
	}
	for _, f := range must(os.ReadDir(dir)) {
		if len(f.Name()) == 64 {
			t.Errorf("%s seems whole", f.Name())
		}
	}
}

func must[T any](v T, err error) T {
	if err != nil {
		panic(err)
	}
	return v
}
