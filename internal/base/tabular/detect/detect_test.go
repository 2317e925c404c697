package detect_test

import (
	"archive/zip"
	"bytes"
	"compress/gzip"
	"context"
	"encoding/base64"
	"encoding/binary"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"plaza/internal/base/i18n"
	"plaza/internal/base/tabular"
	"plaza/internal/base/tabular/delimited"
	"plaza/internal/base/tabular/detect"
)

// openers are those of delimited text, and for other formats one that says what it was
// given.
func openers() detect.Openers {
	all := detect.Openers{"csv": delimited.Open}
	for _, format := range []string{"xlsx", "ods", "json", "jsonl", "xml", "geojson", "topojson", "shp", "kml", "parquet"} {
		all[format] = func(_ context.Context, f tabular.File) ([]*tabular.Source, error) {
			return []*tabular.Source{{Format: format, Labels: beside(f.Path)}}, nil
		}
	}
	return all
}

// beside are the endings of the files that have a path's base name.
func beside(path string) (out []string) {
	found, _ := filepath.Glob(strings.TrimSuffix(path, filepath.Ext(path)) + ".*")
	for _, f := range found {
		out = append(out, filepath.Ext(f))
	}
	return out
}

func file(t testing.TB, name string, content []byte) tabular.File {
	t.Helper()
	path := filepath.Join(t.TempDir(), "x")
	if err := os.WriteFile(path, content, 0o600); err != nil {
		t.Fatal(err)
	}
	return tabular.File{Path: path, Name: name}
}

// entry is a member of an archive.
type entry struct{ name, content string }

func zipped(t testing.TB, entries ...entry) []byte {
	t.Helper()
	var out bytes.Buffer
	w := zip.NewWriter(&out)
	for _, e := range entries {
		method := zip.Deflate
		if e.content == "" { // 20,001 of them are packed faster so
			method = zip.Store
		}
		m, err := w.CreateHeader(&zip.FileHeader{Name: e.name, Method: method})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := m.Write([]byte(e.content)); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

func gzipped(t testing.TB, content string) []byte {
	t.Helper()
	var out bytes.Buffer
	w := gzip.NewWriter(&out)
	if _, err := w.Write([]byte(content)); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

func open(t testing.TB, f tabular.File) (*detect.Found, error) {
	t.Helper()
	scratch := t.TempDir()
	found, err := openers().Open(t.Context(), f, scratch)
	t.Cleanup(func() {
		if err := found.Close(); err != nil {
			t.Error(err)
		}
		if left, _ := os.ReadDir(scratch); len(left) > 0 {
			t.Errorf("%d files are left behind", len(left))
		}
	})
	return found, err
}

const table = "id,nombre\n1,Puebla\n2,Colima\n"

func TestAFileIsWhatItsContentSaysWhateverItsName(t *testing.T) {
	wide := "\xFF\xFE" + strings.Join(strings.Split(table, ""), "\x00") + "\x00"
	for _, c := range []struct{ name, content, want string }{
		{"a table", table, "csv"},
		{"a table in 16 bits", wide, "csv"},
		{"a table whose column is called PAR1", "PAR1,ID3\n1,2\n", "csv"},
		{"a table whose column is called MZ", "MZ,PK\n1,2\n", "csv"},
		{"a table with brackets", "[id],[nombre]\n1,a\n", "csv"},
		{"a table with a brace", "{id},{nombre}\n1,a\n", "csv"},
		{"a table with <", "<5,>5\n1,2\n", "csv"},
		{"parquet", "PAR1\x15\x00\x15\x00 PAR1", "parquet"},
		{"an array", " [ {\"a\":1} ]", "json"},
		{"an object", "{\"help\":\"x\",\"result\":[{\"type\":\"Feature\"}]}", "json"},
		{"an object that is cut", "{\"rows\":[" + strings.Repeat("{\"a\":1},", 20_000) + "{}]}", "json"},
		{"lines", "{\"a\":1}\n{\"a\":2}\n", "jsonl"},
		{"lines of features", "{\"type\":\"Feature\"}\n{\"type\":\"Feature\"}\n", "jsonl"},
		{"geojson", "{\"type\": \"FeatureCollection\", \"features\": []}", "geojson"},
		{"geojson, type after others", "{\"crs\":{\"type\":\"name\",\"properties\":{}},\"features\":[" + strings.Repeat("{\"type\":\"Feature\"},", 9000), "geojson"},
		{"topojson", "{\"type\":\"Topology\",\"arcs\":[]}", "topojson"},
		{"topojson, type at the end", "{\"arcs\":[[1,2]],\"transform\":{\"scale\":[1,1]},\"objects\":{},\"type\":\"Topology\"}", "topojson"},
		{"xml", "<?xml version=\"1.0\"?><!-- x --><places><place/></places>", "xml"},
		{"kml", "<?xml version=\"1.0\"?>\n<kml xmlns=\"x\"></kml>", "kml"},
		{"workbook", string(zipped(t, entry{"[Content_Types].xml", "x"}, entry{"xl/workbook.xml", "x"})), "xlsx"},
		{"open workbook", string(zipped(t, entry{"mimetype", "application/vnd.oasis.opendocument.spreadsheet"}, entry{"content.xml", "x"})), "ods"},
	} {
		t.Run(c.name, func(t *testing.T) {
			found, err := open(t, file(t, "datos.pdf", []byte(c.content)))
			if err != nil || found.Format != c.want || len(found.Tables) != 1 || found.Tables[0].Format != c.want {
				t.Errorf("is %+v: %v", found, err)
			}
		})
	}
}

func TestWhatIsNoTableIsSaidToBeWhatItIs(t *testing.T) {
	ole := func(name string) string {
		head := make([]byte, 2048)
		copy(head, "\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1")
		binary.LittleEndian.PutUint16(head[30:], 9)
		binary.LittleEndian.PutUint32(head[48:], 1)
		for i, c := range name {
			head[1024+128+2*i] = byte(c)
		}
		return string(head)
	}
	exe := make([]byte, 300)
	copy(exe, "MZ\x90\x00")
	exe[60] = 0x80
	copy(exe[0x80:], "PE\x00\x00")
	random, _ := base64.StdEncoding.DecodeString(strings.Repeat("kDx7AQIDBAUGBwj/7vCq", 50))
	words, err := i18n.New(tabular.Locale)
	if err != nil {
		t.Fatal(err)
	}
	eicar := `X5O!P%@AP[4\PZX54(P^)7CC)7}$` + "EICAR"
	for _, c := range []struct{ name, content, code, kind string }{
		{"page", "<!DOCTYPE html>\n<html><body>404</body></html>", "html_instead", ""},
		{"page with comments", "\n<!--[if IE 9]> x <![endif]-->\n<HTML lang=es>", "html_instead", ""},
		{"page in XML", "<?xml version=\"1.0\"?><!DOCTYPE html PUBLIC \"x\"><html>", "html_instead", ""},
		{"warning of a server", "<br />\n<b>Warning</b>: mysql_connect()\nid,nombre\n", "html_instead", ""},
		{"old workbook", ole("Workbook"), "xls_old", ""},
		{"old document", ole("WordDocument"), "not_a_table", "document"},
		{"document", string(zipped(t, entry{"[Content_Types].xml", "x"}, entry{"word/document.xml", "x"})), "not_a_table", "document"},
		{"binary workbook", string(zipped(t, entry{"[Content_Types].xml", "x"}, entry{"xl/workbook.bin", "x"})), "not_a_table", "xlsb"},
		{"pdf", "%PDF-1.7\n%\xE2\xE3\n1 0 obj", "not_a_table", "pdf"},
		{"png", "\x89PNG\r\n\x1a\n", "not_a_table", "image"},
		{"jpeg", "\xFF\xD8\xFF\xE0\x00\x10JFIF", "not_a_table", "image"},
		{"webp", "RIFF\x00\x00\x00\x00WEBPVP8", "not_a_table", "image"},
		{"svg", "<svg xmlns=\"x\"><script>1</script></svg>", "not_a_table", "image"},
		{"tiff", "II*\x00\x08", "not_a_table", "image"},
		{"program", string(exe), "not_a_table", "program"},
		{"other program", "\x7FELF\x02\x01", "not_a_table", "program"},
		{"test of a scanner", eicar, "not_a_table", "program"},
		{"rar", "Rar!\x1A\x07\x01\x00", "not_a_table", "rar"},
		{"7z", "7z\xBC\xAF\x27\x1C\x00", "not_a_table", "7z"},
		{"attributes alone", "\x03\x74\x0b\x1b\x99\x09\x00\x00\x41\x00\x51" + strings.Repeat("\x00", 21) + "id" + strings.Repeat("\x00", 9) + "C\x00\x00\x00\x00P" + strings.Repeat("\x00", 15) + "\r " + strings.Repeat("31048 ", 100), "not_a_table", "database"},
		{"anything", string(random), "not_a_table", "binary"},
		{"shapes alone", "\x00\x00\x27\x0A\x00\x00", "shapefile_alone", ""},
		{"nothing", "", "empty", ""},
		{"spaces", " \n\n", "empty", ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, err := open(t, file(t, "datos.csv", []byte(c.content)))
			var f *tabular.Fault
			if !errors.As(err, &f) || f.Code != c.code || c.kind != "" && (len(f.Args) != 2 || f.Args[1] != c.kind) {
				t.Errorf("ends with %+v (%v)", f, err)
			}
			if c.kind != "" && !words.Has("tabular.kind."+c.kind) {
				t.Errorf("there is no word for %q", c.kind)
			}
		})
	}
}

// found says what was found in a few words.
func found(f *detect.Found) (out []string) {
	for _, src := range f.Tables {
		out = append(out, src.Format+" "+src.Name)
	}
	for _, s := range f.Skipped {
		out = append(out, s.Why+" "+s.Name)
	}
	return out
}

func TestTablesOfArchivesAreFoundAndTheRestIsSkippedWithItsReason(t *testing.T) {
	page := "<html></html>"
	for _, c := range []struct {
		name    string
		content []byte
		want    []string
	}{
		{"one table has no name", zipped(t, entry{"raw/datos_2020.csv", table}, entry{"leeme.txt", "Hola"}), []string{"csv ", "member_not_a_table leeme.txt"}},
		{"several have their member's", zipped(t, entry{"a/uno.csv", table}, entry{"b/uno.csv", table}, entry{"dos.json", "[1]"}),
			[]string{"csv uno.csv", "csv uno (2).csv", "json dos.json"}},
		{"what is none", zipped(t, entry{"uno.csv", table}, entry{"dos.csv", page}, entry{"tres.pdf", "%PDF-1"}, entry{"cuatro.csv", ""}, entry{"__MACOSX/._uno.csv", "\x00\x05"}),
			[]string{"csv ", "member_not_a_table tres.pdf", "html_instead dos.csv", "empty cuatro.csv"}},
		{"names that lead elsewhere", zipped(t, entry{"../../../../uno.csv", table}, entry{"/etc/dos.csv", table}, entry{`c:\x\tres.csv`, table}),
			[]string{"csv uno.csv", "csv dos.csv", "csv tres.csv"}},
		{"a Shapefile", zipped(t, entry{"m/Mun.SHP", "\x00\x00\x27\x0A"}, entry{"m/mun.dbf", "\x03"}, entry{"m/mun.prj", "GEOGCS"}, entry{"m/mun.cpg", "UTF-8"}, entry{"m/mun.shp.xml", "<x/>"}),
			[]string{"shp ", "member_not_a_table mun.shp.xml"}},
		{"an archive within", zipped(t, entry{"x.zip", string(zipped(t, entry{"uno.csv", table}, entry{"y.zip", string(zipped(t, entry{"dos.csv", table}))}))}),
			[]string{"csv ", "archive_nested y.zip"}},
		{"a packed table within", zipped(t, entry{"uno.csv.gz", string(gzipped(t, table))}), []string{"csv "}},
		{"a workbook within", zipped(t, entry{"l.xlsx", string(zipped(t, entry{"[Content_Types].xml", "x"}, entry{"xl/workbook.xml", "x"}))}), []string{"xlsx "}},
		{"a packed table", gzipped(t, table), []string{"csv "}},
		{"a table packed in pieces", append(gzipped(t, table), gzipped(t, "3,Jalisco\n")...), []string{"csv "}},
		{"a packed archive", gzipped(t, string(zipped(t, entry{"uno.csv", table}))), []string{"csv "}},
		{"data called almost as texts about them are", zipped(t, entry{"notarias.txt", table}, entry{"licencias.txt", table}, entry{"notas.txt", "x"}, entry{"LICENCIA", "x"}, entry{"Diccionario de datos.txt", "x"}),
			[]string{"csv notarias.txt", "csv licencias.txt", "member_not_a_table notas.txt", "member_not_a_table LICENCIA", "member_not_a_table Diccionario de datos.txt"}},
		{"a map of a globe", zipped(t, entry{"doc.kml", "<kml></kml>"}, entry{"files/icon.png", "\x89PNG\r\n"}), []string{"kml ", "member_not_a_table icon.png"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			got, err := open(t, file(t, "datos", c.content))
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(c.want, found(got)); diff != "" {
				t.Error(diff)
			}
			if strings.HasPrefix(c.want[0], "shp") {
				if diff := cmp.Diff([]string{".cpg", ".dbf", ".prj", ".shp"}, got.Tables[0].Labels); diff != "" {
					t.Error(diff)
				}
			}
		})
	}
}

func TestATableOfAnArchiveIsReadAndCorrectedByItsName(t *testing.T) {
	f := file(t, "datos.zip", zipped(t, entry{"uno.csv", table}, entry{"dos.csv", table}))
	f.Fix = func(name string) tabular.Correction {
		if name == "dos.csv" {
			return tabular.Correction{HeaderLine: -1}
		}
		return tabular.Correction{}
	}
	got, err := open(t, f)
	if err != nil {
		t.Fatal(err)
	}
	for i, want := range []int{2, 3} {
		r, err := got.Tables[i].Open(t.Context(), nil)
		if err != nil {
			t.Fatal(err)
		}
		var b tabular.Batch
		if err := r.Next(t.Context(), &b); err != nil || b.Rows() != want {
			t.Errorf("%s has %d rows: %v", got.Tables[i].Name, b.Rows(), err)
		}
		r.Close()
	}
}

func TestArchivesThatAreTrapsAreRefused(t *testing.T) {
	zeros := strings.Repeat("0,0\n", 17<<20) // 68 MB
	many := make([]entry, tabular.MaxEntries+1)
	for i := range many {
		many[i] = entry{fmt.Sprint(i), ""}
	}
	locked := zipped(t, entry{"uno.csv", table})
	for at := 0; at < len(locked)-10; at++ {
		switch string(locked[at : at+4]) {
		case "PK\x03\x04":
			locked[at+6] |= 1
		case "PK\x01\x02":
			locked[at+8] |= 1
		}
	}
	huge := zipped(t, entry{"uno.csv", table})
	binary.LittleEndian.PutUint32(huge[len(huge)-10:], 1<<30)
	torn := zipped(t, entry{"uno.csv", strings.Repeat(table, 100)})
	torn[45] ^= 0xFF
	packed := gzipped(t, strings.Repeat(table, 10_000))
	for _, c := range []struct {
		name    string
		content []byte
		code    string
	}{
		{"a gzip bomb", gzipped(t, zeros), "archive_ratio"},
		{"a zip bomb", zipped(t, entry{"a.csv", zeros[:34<<20]}, entry{"b.csv", zeros[:34<<20]}), "archive_ratio"},
		{"a bomb in an archive in an archive", zipped(t, entry{"x.zip", string(zipped(t, entry{"a.csv", zeros}))}), "archive_ratio"},
		{"too many members", zipped(t, many...), "archive_entries"},
		{"a directory that lies", huge, "archive_entries"},
		{"only a locked member", locked, "no_tables"},
		{"only a broken member", torn, "no_tables"},
		{"a gzip that ends early", packed[:len(packed)/2], "archive_broken"},
		{"a zip that ends early", zipped(t, entry{"uno.csv", table})[:60], "archive_broken"},
		{"only a page", zipped(t, entry{"uno.csv", "<html></html>"}), "html_instead"},
		{"nothing", zipped(t), "no_tables"},
	} {
		t.Run(c.name, func(t *testing.T) {
			if _, err := open(t, file(t, "datos.zip", c.content)); !errors.Is(err, &tabular.Fault{Code: c.code}) {
				t.Errorf("ends with %v", err)
			}
		})
	}
}

// FuzzAnyFileIsKnownOrRefused opens anything, as it is and as a member.
func FuzzAnyFileIsKnownOrRefused(f *testing.F) {
	f.Add([]byte(table))
	f.Add([]byte("{\"type\":{\"a\":[1]},\"b\":2}"))
	f.Add([]byte("<?xml ?><!doctype x><a:b/>"))
	f.Add(zipped(f, entry{"a.csv", table}, entry{"b.zip", "PK\x05\x06"}))
	f.Add(gzipped(f, table))
	f.Fuzz(func(t *testing.T, data []byte) {
		for _, content := range [][]byte{data, zipped(t, entry{"x", string(data)})} {
			var fault *tabular.Fault
			if _, err := open(t, file(t, "x", content)); err != nil && !errors.As(err, &fault) {
				t.Fatal(err)
			}
		}
	})
}
