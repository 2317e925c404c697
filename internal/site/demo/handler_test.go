package demo_test

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"io"
	"io/fs"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"testing"
	"time"

	"plaza/internal/site/demo"
)

const base = "http://plaza.test"

// stored reads a catalogue as it is in the repository.
func stored(t *testing.T, file string) string {
	t.Helper()
	b, err := fs.ReadFile(os.DirFS("catalogos"), file)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

func get(t *testing.T, h http.Handler, target string, headers ...string) *httptest.ResponseRecorder {
	t.Helper()
	r := httptest.NewRequest(http.MethodGet, strings.TrimPrefix(target, base), nil)
	for i := 0; i+1 < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
	}
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	return w
}

const bigTable = "cre/precios_diarios_jalisco_2022.csv"

func TestAFileIsServedWithWhatClientsNeed(t *testing.T) {
	h := demo.Handler(base)
	f := sources(t).Files[bigTable]
	w := get(t, h, "/demo/archivos/"+bigTable)
	if w.Code != http.StatusOK || int64(w.Body.Len()) != f.Bytes {
		t.Fatalf("status %d, %d bytes; want 200 and %d", w.Code, w.Body.Len(), f.Bytes)
	}
	for name, want := range map[string]string{
		"Content-Type":                "text/csv; charset=utf-8",
		"Content-Disposition":         `attachment; filename="precios_diarios_jalisco_2022.csv"`,
		"Access-Control-Allow-Origin": "*",
		"X-Content-Type-Options":      "nosniff",
		"Accept-Ranges":               "bytes",
		"Last-Modified":               "Mon, 07 Jul 2025 00:00:00 GMT",
		"Vary":                        "Accept-Encoding",
	} {
		if got := w.Header().Get(name); got != want {
			t.Errorf("%s = %q, want %q", name, got, want)
		}
	}
	if again := get(t, h, "/demo/archivos/"+bigTable, "If-None-Match", w.Header().Get("ETag")); again.Code != http.StatusNotModified {
		t.Errorf("with its ETag the status is %d, want 304", again.Code)
	}
	if again := get(t, h, "/demo/archivos/"+bigTable, "If-Modified-Since", w.Header().Get("Last-Modified")); again.Code != http.StatusNotModified {
		t.Errorf("with its date the status is %d, want 304", again.Code)
	}
	r := httptest.NewRequest(http.MethodHead, "/demo/archivos/"+bigTable, nil)
	head := httptest.NewRecorder()
	h.ServeHTTP(head, r)
	if head.Code != http.StatusOK || head.Body.Len() != 0 {
		t.Errorf("HEAD gives %d and %d bytes, want 200 and none", head.Code, head.Body.Len())
	}
}

func TestACompressedFileCanBeHadInThreeWays(t *testing.T) {
	h := demo.Handler(base)
	whole := get(t, h, "/demo/archivos/"+bigTable).Body.Bytes()
	encoded := get(t, h, "/demo/archivos/"+bigTable, "Accept-Encoding", "br;q=0, gzip")
	if encoded.Header().Get("Content-Encoding") != "gzip" || !bytes.Equal(unzip(t, encoded.Body), whole) {
		t.Errorf("asked for gzip, the table comes as %q and differs", encoded.Header().Get("Content-Encoding"))
	}
	if encoded.Header().Get("ETag") == get(t, h, "/demo/archivos/"+bigTable).Header().Get("ETag") {
		t.Errorf("two representations share an ETag")
	}
	if refused := get(t, h, "/demo/archivos/"+bigTable, "Accept-Encoding", "gzip;q=0"); refused.Header().Get("Content-Encoding") != "" {
		t.Errorf("gzip is sent to a client that refuses it")
	}
	packed := get(t, h, "/demo/archivos/"+bigTable+".gz")
	if packed.Header().Get("Content-Type") != "application/gzip" || !bytes.Equal(unzip(t, packed.Body), whole) {
		t.Errorf("the .gz file is %q and differs", packed.Header().Get("Content-Type"))
	}
	for _, span := range []struct {
		header   string
		from, to int
	}{{"bytes=0-99", 0, 100}, {"bytes=5000000-5000099", 5000000, 5000100}, {"bytes=-10", len(whole) - 10, len(whole)}} {
		part := get(t, h, "/demo/archivos/"+bigTable, "Range", span.header, "Accept-Encoding", "gzip")
		if part.Code != http.StatusPartialContent || !bytes.Equal(part.Body.Bytes(), whole[span.from:span.to]) {
			t.Errorf("Range %s gives %d and %d bytes", span.header, part.Code, part.Body.Len())
		}
	}
	two := get(t, h, "/demo/archivos/"+bigTable, "Range", "bytes=9000-9009,10-19")
	if two.Code != http.StatusPartialContent || !bytes.Contains(two.Body.Bytes(), whole[10:20]) || !bytes.Contains(two.Body.Bytes(), whole[9000:9010]) {
		t.Errorf("two ranges, the second before the first, give %d", two.Code)
	}
}

func unzip(t *testing.T, r io.Reader) []byte {
	t.Helper()
	z, err := gzip.NewReader(r)
	if err != nil {
		t.Fatal(err)
	}
	b, err := io.ReadAll(z)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func TestEveryFileIsServedWithItsMediaType(t *testing.T) {
	h := demo.Handler(base)
	for name, f := range sources(t).Files {
		f = f.Contents()[len(f.Later)]
		w := get(t, h, "/demo/archivos/"+name)
		if w.Code != http.StatusOK || w.Header().Get("Content-Type") != f.MediaType || w.Header().Get("ETag") == "" {
			t.Errorf("%s: %d %q %q", name, w.Code, w.Header().Get("Content-Type"), w.Header().Get("ETag"))
		}
		if !strings.Contains(w.Header().Get("Content-Security-Policy"), "sandbox") {
			t.Errorf("%s could run scripts as ours", name)
		}
	}
	page := get(t, h, "/demo/archivos/semovi/ecobici_estaciones_2021.csv")
	if page.Header().Get("Content-Type") != "text/html; charset=utf-8" || page.Header().Get("Content-Disposition") != "" {
		t.Errorf("the page that stands for a table is %v", page.Header())
	}
	if c := get(t, h, "/demo/archivos/cre/estaciones_de_servicio_latin1.csv").Header().Get("Content-Type"); c != "text/csv; charset=iso-8859-1" {
		t.Errorf("the Latin-1 table says %q", c)
	}
}

func TestWhatIsNotThereIsNotFound(t *testing.T) {
	h := demo.Handler(base)
	for _, p := range []string{
		"/demo/archivos/", "/demo/archivos/c5/tiempo_de_cierre_alcaldia_2020_02.csv", "/demo/archivos/fuentes.json", "/demo/archivos/salud/covid_sectores_2020-05-20.csv.gz",
		"/demo/archivos/%2e%2e/fuentes.json", "/demo/catalogos/cdmx.json", "/demo/catalogos/cdmx", "/demo/catalogos/indice.json", "/demo/catalogos/conapo.jsonld?page=0",
		"/demo/catalogos/conapo.jsonld?page=99", "/demo/catalogos/conapo.jsonld?page=x", "/demo/catalogos/salud.json/api/3/action/package_search",
	} {
		if w := get(t, h, p); w.Code != http.StatusNotFound {
			t.Errorf("GET %s = %d, want 404", p, w.Code)
		}
	}
	r := httptest.NewRequest(http.MethodPost, "/demo/archivos/"+bigTable, nil)
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	if w.Code != http.StatusMethodNotAllowed {
		t.Errorf("POST = %d, want 405", w.Code)
	}
}

func TestACatalogIsTheOneOfItsDay(t *testing.T) {
	h := demo.HandlerAt(base, func() (now, end time.Time) {
		now = time.Date(2025, 12, 31, 0, 0, 0, 0, time.UTC)
		return now, now
	})
	old, now := get(t, h, "/demo/catalogos/salud.json"), get(t, demo.Handler(base), "/demo/catalogos/salud.json")
	if bytes.Equal(old.Body.Bytes(), now.Body.Bytes()) || old.Header().Get("ETag") == now.Header().Get("ETag") {
		t.Errorf("the catalogue of 2025 is that of today")
	}
	if strings.Contains(now.Body.String(), "{{base}}") || !strings.Contains(now.Body.String(), base+"/demo/archivos/") {
		t.Errorf("links are not filled in")
	}
	if again := get(t, demo.Handler(base), "/demo/catalogos/salud.json", "If-None-Match", now.Header().Get("ETag")); again.Code != http.StatusNotModified {
		t.Errorf("with its ETag the status is %d, want 304", again.Code)
	}
	if list := get(t, h, "/demo/catalogos/"); list.Code != http.StatusOK || !strings.Contains(list.Body.String(), base+"/demo/catalogos/inegi.ttl") {
		t.Errorf("the list of catalogues is %d %s", list.Code, list.Body)
	}
}

func TestAFileIsTheOneOfItsDay(t *testing.T) {
	end := time.Date(2026, 11, 23, 3, 0, 0, 0, time.UTC)
	for file, days := range map[string][]int{"salud/covid_corte_vigente.csv": {76, 75, 30}, "semovi/ecobici_estaciones_2021.csv": {37, 36}} {
		f := sources(t).Files[file]
		for i, d := range days {
			at := time.Date(2026, 11, 23-d, 0, 0, 0, 0, time.UTC)
			w := get(t, demo.HandlerAt(base, func() (now, until time.Time) { return at, end }), "/demo/archivos/"+file)
			want := f.Contents()[i]
			if w.Code != http.StatusOK || int64(w.Body.Len()) != want.Bytes || w.Header().Get("Content-Type") != want.MediaType {
				t.Errorf("%s, %d days before the end: %d, %d bytes of %s; want %d of %s", file, d, w.Code, w.Body.Len(), w.Header().Get("Content-Type"), want.Bytes, want.MediaType)
			}
			if modified := w.Header().Get("Last-Modified"); i > 0 && modified != at.Format(http.TimeFormat) {
				t.Errorf("%s, %d days before the end, is of %s", file, d, modified)
			}
		}
	}
}

func TestCKANPagesAndShows(t *testing.T) {
	h := demo.Handler(base)
	const api = "/demo/catalogos/cdmx/api/3/action/"
	type answer struct {
		Success bool
		Result  struct {
			Count   int
			Results []struct{ ID, Name string }
		}
		Error struct {
			Type string `json:"__type"`
		}
	}
	ask := func(query string) (int, answer) {
		w := get(t, h, api+query)
		var a answer
		if err := json.Unmarshal(w.Body.Bytes(), &a); err != nil {
			t.Fatalf("%s: %v", query, err)
		}
		return w.Code, a
	}
	seen := map[string]bool{}
	total := 0
	for start := 0; ; start += 5 {
		code, a := ask("package_search?rows=5&start=" + itoa(start))
		if code != http.StatusOK || !a.Success {
			t.Fatalf("start=%d gives %d", start, code)
		}
		total = a.Result.Count
		if len(a.Result.Results) == 0 {
			break
		}
		for _, p := range a.Result.Results {
			if seen[p.ID] {
				t.Errorf("%s is on two pages", p.Name)
			}
			seen[p.ID] = true
		}
	}
	if len(seen) != total || total != 18 {
		t.Errorf("%d packages on the pages, %d counted; want 18", len(seen), total)
	}
	if _, a := ask("package_search"); len(a.Result.Results) != 10 {
		t.Errorf("without rows there are %d results, want 10", len(a.Result.Results))
	}
	if code, a := ask("package_search?rows=-1"); code != http.StatusBadRequest || a.Error.Type != "Search Query Error" {
		t.Errorf("rows=-1 gives %d %q", code, a.Error.Type)
	}
	if code, a := ask("package_show?id=nada"); code != http.StatusNotFound || a.Success || a.Error.Type != "Not Found Error" {
		t.Errorf("an unknown package gives %d %q", code, a.Error.Type)
	}
	for _, q := range []string{"package_list", "package_show?id=ciclovias-de-la-ciudad-de-mexico", "organization_list", "organization_show?id=semovi", "status_show", "site_read"} {
		w := get(t, h, api+q)
		if w.Code != http.StatusOK || !strings.Contains(w.Body.String(), `"success":true`) {
			t.Errorf("%s gives %d", q, w.Code)
		}
	}
	if w := get(t, h, api+"package_delete"); w.Code != http.StatusBadRequest {
		t.Errorf("an unknown action gives %d, want 400", w.Code)
	}
}

func itoa(n int) string {
	b, _ := json.Marshal(n)
	return string(b)
}
