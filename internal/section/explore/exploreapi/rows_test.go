package exploreapi_test

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/PuerkitoBio/goquery"
	"github.com/apache/arrow-go/v18/arrow/ipc"
	"github.com/google/go-cmp/cmp"

	"plaza/internal/base/api"
	"plaza/internal/base/db/dbtest"
	"plaza/internal/section/explore/exploreapi"
)

// hostile are names that would break out of a statement, a page or an address.
var hostile = []string{`"; DROP TABLE t; --`, `<script>alert(1)</script>`, `a.min`, `precio, en pesos`, `-menos`, `100% & más?`, `ñandú.no`}

// most is how many rows the table has.
const most = 300

// every is a table with a column of each type, and of each hostile name.
func every() string {
	var b bytes.Buffer
	w := csv.NewWriter(&b)
	head := append([]string{"entero", "grande", "decimal", "fecha", "instante", "activo", "nombre", "clave", "geometria"}, hostile...)
	_ = w.Write(head)
	for i := range most {
		row := []string{fmt.Sprint(i * 3), fmt.Sprint(int64(9007199254740993) + int64(i)), fmt.Sprintf("%d.25", i), fmt.Sprintf("2024-01-%02d", i%28+1),
			fmt.Sprintf("2024-01-%02dT10:%02d:00", i%28+1, i%60), []string{"sí", "no"}[i%2], []string{"José Ángel", "Peña", "agua; \"limpia\"", "<b>"}[i%4], fmt.Sprintf("%05d", i),
			fmt.Sprintf("POINT (-99.%03d 19.4)", i)}
		for j := range hostile {
			row = append(row, fmt.Sprintf("v%d%d", j, i%5))
		}
		switch i {
		case 4:
			row[0] = "" // no value
		case 7:
			row[0] = "doce" // it does not fit
		}
		_ = w.Write(row)
	}
	w.Flush()
	return b.String()
}

func rowsKeepEveryTypeAndName(t *testing.T, w *world) {
	page := rows(w, url.Values{"limite": {"10"}, "total": {"si"}})
	types := map[string]string{}
	for _, c := range page.Columns {
		types[c.Name] = c.Type
	}
	for name, want := range map[string]string{"entero": "integer", "grande": "integer", "decimal": "decimal", "fecha": "date", "instante": "datetime", "activo": "boolean",
		"nombre": "text", "clave": "code", "geometria": "geometry"} {
		if types[name] != want {
			t.Errorf("the type of %s is %q, want %q", name, types[name], want)
		}
	}
	for _, name := range hostile {
		if types[name] == "" {
			t.Errorf("there is no column %q in %v", name, types)
		}
	}
	if len(page.Rows) != 10 || page.Total == nil || *page.Total != most || page.Next == nil {
		t.Fatalf("%d rows of %v, next %v", len(page.Rows), page.Total, page.Next)
	}
	first := page.Rows[1]
	for name, want := range map[string]any{"_fila": json.Number("2"), "entero": json.Number("3"), "grande": json.Number("9007199254740994"), "decimal": json.Number("1.25"),
		"fecha": "2024-01-02", "instante": "2024-01-02T10:01:00", "activo": false, "nombre": "Peña", "clave": "00001"} {
		if first[name] != want {
			t.Errorf("%s is %#v, want %#v", name, first[name], want)
		}
	}
	if g, ok := first["geometria"].(map[string]any); !ok || g["type"] != "Point" {
		t.Errorf("the geometry is %#v", first["geometria"])
	}
	if v, ok := page.Rows[4]["entero"]; !ok || v != nil {
		t.Errorf("a cell without value is %#v", v)
	}
	odd := page.Rows[7]
	if odd["entero"] != nil || !cmp.Equal(odd["_otros"], any(map[string]any{"entero": "doce"})) {
		t.Errorf("a cell that does not fit: %#v, %#v", odd["entero"], odd["_otros"])
	}
	for j, name := range hostile {
		got := rows(w, url.Values{"f." + name: {fmt.Sprintf("v%d3", j)}, "col": {escaped(name)}, "orden": {escaped(name)}})
		if len(got.Rows) != most/5 || len(got.Columns) != 1 || got.Rows[0][name] != fmt.Sprintf("v%d3", j) {
			t.Errorf("asked by %q: %d rows, %v", name, len(got.Rows), got.Columns)
		}
	}
}

func escaped(name string) string {
	name = strings.NewReplacer(`\`, `\\`, `,`, `\,`).Replace(name)
	if strings.HasPrefix(name, "-") {
		name = `\` + name
	}
	return name
}

func theFormsOfRowsHoldTheSame(t *testing.T, w *world) {
	want := rows(w, url.Values{})
	for _, headers := range [][]string{{"Accept", "text/csv"}, {"Accept", "application/json;q=0.1, text/*"}, nil} {
		path := at + "rows"
		if headers == nil {
			path += "?formato=csv"
		}
		res := w.ask(path, headers...)
		if kind := res.Header().Get("Content-Type"); res.Code != http.StatusOK || !strings.HasPrefix(kind, "text/csv") {
			t.Fatalf("%v: %d %s %s", headers, res.Code, kind, res.Body)
		}
		lines, err := csv.NewReader(res.Body).ReadAll()
		if err != nil || len(lines) != 101 || lines[0][0] != "_fila" || lines[8][1] != "doce" || lines[3][2] != fmt.Sprint(want.Rows[2]["grande"]) {
			t.Errorf("the CSV: %v, %d lines", err, len(lines))
		}
	}
	res := w.ask(at+"rows", "Accept", "application/vnd.apache.arrow.stream")
	reader, err := ipc.NewReader(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	defer reader.Release()
	n := 0
	for reader.Next() {
		batch := reader.RecordBatch()
		for i := range int(batch.NumRows()) {
			for j, f := range batch.Schema().Fields() {
				arrowCell(t, batch.Column(j), i, want.Rows[n], f.Name)
			}
			n++
		}
	}
	if n != 100 || reader.Err() != nil {
		t.Errorf("%d rows in Arrow, %v", n, reader.Err())
	}
	if res := w.ask(at+"rows?formato=arrow", "Accept", "application/json"); !strings.HasPrefix(res.Header().Get("Content-Type"), "application/vnd.apache.arrow") {
		t.Errorf("the parameter does not come first: %s", res.Header().Get("Content-Type"))
	}
	if res := w.ask(at+"rows", "Accept", "application/xml"); res.Code != http.StatusNotAcceptable {
		t.Errorf("a form that there is not = %d", res.Code)
	}
}

// arrowCell compares a value of Arrow with JSON's.
func arrowCell(t *testing.T, column interface {
	IsNull(int) bool
	ValueStr(int) string
}, i int, row api.Row, name string) {
	t.Helper()
	got, want := column.ValueStr(i), fmt.Sprint(row[name])
	switch {
	case column.IsNull(i):
		if row[name] != nil {
			t.Errorf("row %s, %s is null in Arrow and %v in JSON", number(row), name, row[name])
		}
		return
	case name == "instante":
		got = strings.TrimSuffix(strings.Replace(got, " ", "T", 1), "Z")
	case name == "geometria" || name == "_otros":
		raw, _ := json.Marshal(row[name])
		var a, b any
		_ = json.Unmarshal([]byte(got), &a)
		_ = json.Unmarshal(raw, &b)
		if !cmp.Equal(a, b) {
			t.Errorf("row %s, %s is %s in Arrow and %s in JSON", number(row), name, got, raw)
		}
		return
	}
	if got != want {
		t.Errorf("row %s, %s is %q in Arrow and %q in JSON", number(row), name, got, want)
	}
}

func pagingByCursorGivesEveryRowOnceThoughTheFileChanges(t *testing.T, w *world) {
	for _, sort := range []string{"", "-nombre,decimal", "entero"} {
		var seen []string
		path := at + "rows?" + url.Values{"limite": {"70"}, "orden": {sort}, "col": {"nombre"}}.Encode()
		for path != "" {
			page := get[exploreapi.Rows](w, path, http.StatusOK)
			for _, row := range page.Rows {
				seen = append(seen, number(row))
			}
			if path = ""; page.Next != nil {
				path = *page.Next
			}
			if len(seen) == 140 && sort == "-nombre,decimal" {
				w.opened(every() + "1,1,1,2024-01-01,2024-01-01T00:00:00,no,x" + sort + ",1,\n") // meanwhile
			}
		}
		slices.Sort(seen)
		if unique := slices.Compact(slices.Clone(seen)); len(seen) != len(unique) || len(seen) < most {
			t.Errorf("sorted by %q: %d rows, %d of them different", sort, len(seen), len(unique))
		}
	}
}

func anAnswerIsTaggedByWhatItDependsOn(t *testing.T, w *world) {
	tag := func(path string, headers ...string) string {
		t.Helper()
		res := w.ask(path, headers...)
		e := res.Header().Get("ETag")
		if res.Code != http.StatusOK || !strings.HasPrefix(e, `"`) {
			t.Fatalf("%s: %d, tag %q", path, res.Code, e)
		}
		if res.Header().Get("Access-Control-Allow-Origin") != "*" || !strings.Contains(res.Header().Get("Vary"), "Accept") {
			t.Errorf("%s: %v", path, res.Header())
		}
		if again := w.ask(path, append(headers, "If-None-Match", `"x", W/`+e)...); again.Code != http.StatusNotModified || again.Body.Len() > 0 || again.Header().Get("ETag") != e {
			t.Errorf("%s asked again: %d %q %d bytes", path, again.Code, again.Header().Get("ETag"), again.Body.Len())
		}
		return e
	}
	one := tag(at + "rows?orden=nombre&f.activo=true&limite=50")
	if same := tag(at + "rows?limite=50&f.activo=true&orden=nombre&f.clave="); same != one {
		t.Errorf("equal questions have different tags")
	}
	tags := []string{one}
	for _, other := range []string{"rows?orden=-nombre&f.activo=true", "rows?orden=nombre&f.activo=true&limite=99", "rows?orden=nombre&f.activo=true&formato=csv", "rows?orden=nombre&f.activo=true&total=si",
		"aggregate?grupo=nombre", "aggregate?grupo=nombre&formato=arrow", "profile", "profile?lang=en"} {
		tags = append(tags, tag(at+other))
	}
	tags = append(tags, tag(at+"rows?orden=nombre&f.activo=true", "Accept", "application/vnd.apache.arrow.stream"))
	w.opened(every() + "1,1,1,2024-01-01,2024-01-01T00:00:00,no,x,1,\n")
	tags = append(tags, tag(at+"rows?orden=nombre&f.activo=true"))
	slices.Sort(tags)
	if n := len(slices.Compact(slices.Clone(tags))); n != len(tags) {
		t.Errorf("%d answers have %d tags", len(tags), n)
	}
	if cc := w.ask(at + "rows").Header().Get("Cache-Control"); cc != "public, max-age=0, must-revalidate" {
		t.Errorf("the current version: %s", cc)
	}
	if cc := w.ask(at + "rows?version=1").Header().Get("Cache-Control"); cc != "public, max-age=60, must-revalidate" {
		t.Errorf("a version by its number: %s", cc)
	}
	res := w.ask(at+"rows", "Accept-Encoding", "gzip")
	if res.Header().Get("Content-Encoding") != "gzip" || !strings.HasPrefix(res.Header().Get("ETag"), `W/"`) {
		t.Errorf("compressed: %s %s", res.Header().Get("Content-Encoding"), res.Header().Get("ETag"))
	}
}

func eachRefusalNamesItsParameter(t *testing.T, w *world) {
	for _, c := range []struct {
		path, field string
		status      int
	}{
		{"rows?f.nada=1", "f.nada", 422},
		{"rows?f.nada.min=1", "f.nada.min", 422},
		{"rows?f.entero.min=x", "f.entero.min", 422},
		{"rows?f.fecha=ayer", "f.fecha", 422},
		{"rows?orden=nada", "orden", 422},
		{"rows?col=nada", "col", 422},
		{"rows?limite=1001", "limite", 422},
		{"rows?limite=0", "limite", 422},
		{"rows?despues=x", "despues", 422},
		{"rows?pagina=2&orden=nombre", "pagina", 422},
		{"rows?formato=xml", "formato", 422},
		{"rows?sql=SELECT", "sql", 422},
		{"rows?grupo=nombre", "grupo", 422},
		{"rows?hoja=x", "hoja", 422},
		{"rows?cerca=1", "cerca", 422},
		{"rows?total=1", "total", 422},
		{"aggregate?grupo=nada", "grupo", 422},
		{"aggregate?grupo=nombre&medida=suma:nombre", "medida", 422},
		{"aggregate?medida=explota:entero", "medida", 422},
		{"aggregate?grupo=nombre&paso=mes", "paso", 422},
		{"aggregate?grupo=nombre,clave,activo,entero", "grupo", 422},
		{"aggregate?grupo=nombre&orden=nada", "orden", 422},
		{"aggregate?limite=10001", "limite", 422},
		{"versions?cursor=x", "cursor", 422},
		{"rows?hoja=2", "", 404},
		{"rows?version=9", "", 404},
		{"profile?version=9", "", 404},
		{"../nada/rows", "", 404},
		{"../nada/versions", "", 404},
		{"nada", "", 404},
	} {
		path := at + c.path
		if rest, other := strings.CutPrefix(c.path, "../"); other {
			path = "/api/v1/resources/" + rest
		}
		res := w.ask(path)
		var p api.Problem
		if err := json.Unmarshal(res.Body.Bytes(), &p); err != nil || res.Code != c.status || res.Header().Get("Content-Type") != "application/problem+json" {
			t.Errorf("%s = %d %s %v", c.path, res.Code, res.Body, err)
			continue
		}
		if c.field != "" && (len(p.Errors) == 0 || p.Errors[0].Field != c.field || p.Errors[0].Detail == "" || strings.Contains(p.Errors[0].Detail, "query.")) {
			t.Errorf("%s: %+v", c.path, p.Errors)
		}
		if res.Header().Get("ETag") != "" || strings.Contains(res.Header().Get("Cache-Control"), "public") {
			t.Errorf("%s: a refusal may be kept: %v", c.path, res.Header())
		}
	}
}

// TestOneTable asks in all ways about one table with columns of all types: each part leaves
// it as the next one finds it, or newer.
func TestOneTable(t *testing.T) {
	w := newWorld(t, dbtest.SQLite(t), "", nil).opened(every())
	for name, part := range map[string]func(t *testing.T, w *world){
		"rows keep every type and name":     rowsKeepEveryTypeAndName,
		"the forms of rows hold the same":   theFormsOfRowsHoldTheSame,
		"a page and its link give the same": aPageAndItsLinkGiveTheSame,
		"each refusal names its parameter":  eachRefusalNamesItsParameter,
	} {
		w.part(t, name, part)
	}
	w.part(t, "an answer is tagged by what it depends on", anAnswerIsTaggedByWhatItDependsOn)
	w.opened(every())
	w.part(t, "paging gives every row once though the file changes", pagingByCursorGivesEveryRowOnceThoughTheFileChanges)
}

// aPageAndItsLinkGiveTheSame follows links of the page of a resource, and asks the interface
// by the same query.
func aPageAndItsLinkGiveTheSame(t *testing.T, w *world) {
	for _, q := range []string{"limite=5", "f.activo=true&orden=-decimal&limite=5", "buscar=pena&limite=5&col=nombre,fecha"} {
		for range 3 {
			shown, next := w.page(t, q)
			values, err := url.ParseQuery(q)
			if err != nil {
				t.Fatal(err)
			}
			var got []string
			for _, row := range rows(w, values).Rows {
				got = append(got, number(row))
			}
			if len(got) == 0 || !cmp.Equal(got, shown) {
				t.Errorf("%s: the page shows %v, the interface gives %v", q, shown, got)
			}
			if q = next; next == "" {
				break
			}
		}
	}
}

// page is the numbers of the rows that the page of the resource shows, and the query of its
// link to the next ones.
func (w *world) page(t *testing.T, q string) (numbers []string, next string) {
	t.Helper()
	r := httptest.NewRequestWithContext(t.Context(), http.MethodGet, w.resource.Path+"?"+q, nil)
	drawn, err := w.pages.Draw(r, w.shell.Page(r, ""), camas)
	if err != nil {
		t.Fatal(err)
	}
	doc, err := goquery.NewDocumentFromReader(strings.NewReader(string(drawn.HTML)))
	if err != nil {
		t.Fatal(err)
	}
	doc.Find("a[href]").Each(func(_ int, a *goquery.Selection) {
		at, err := url.Parse(a.AttrOr("href", ""))
		if err != nil {
			t.Fatal(err)
		}
		if n, ok := strings.CutPrefix(at.Path, w.resource.Path+"/filas/"); ok && !slices.Contains(numbers, n) {
			numbers = append(numbers, n)
		}
		if at.Query().Has("despues") && !at.Query().Has("ver") {
			next = at.RawQuery
		}
	})
	return numbers, next
}
