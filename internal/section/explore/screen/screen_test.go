package screen_test

import (
	"context"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/PuerkitoBio/goquery"

	"plaza/internal/base/db"
	"plaza/internal/base/web/webtest"
)

// TestTheExplorer drives the pages as a reader without a script does: every step is a link
// or a form of the page before.
func TestTheExplorer(t *testing.T) {
	w := newWorld(t)
	w.publish(content(rows - 1))
	w.publish(content(rows))
	w.As(w.Transp, func(tx *db.Tx) error { return w.explore.Withhold(tx, obras, "secreto", "Datos de personas.") })
	for name, test := range map[string]func(t *testing.T, w *world){
		"shows rows with what they are":                       showsRows,
		"goes to the last row and back":                       goesThrough,
		"searches whatever the accents":                       searches,
		"filters by what fits a type":                         filters,
		"puts rows together":                                  groups,
		"sorts by several columns":                            sorts,
		"chooses, hides and pins columns":                     chooses,
		"looks at a column":                                   looksAtColumn,
		"has a page for each row":                             hasRows,
		"says what is wrong and shows the rest":               saysWhatIsWrong,
		"keeps what is withheld":                              keepsSecrets,
		"gives the view that is seen":                         gives,
		"gives groups as files":                               givesGroups,
		"tells how far it is":                                 tells,
		"says that a version is old":                          saysOld,
		"asks the store a number of times, whatever it shows": asksLittle,
	} {
		t.Run(name, func(t *testing.T) { test(t, w) })
	}
}

func showsRows(t *testing.T, w *world) {
	doc := w.doc(t, page)
	if got := count(doc); got != "120 filas" {
		t.Errorf("the count is %q", got)
	}
	if got := numbers(doc); len(got) != 50 || got[0] != "1" || got[49] != "50" {
		t.Errorf("the rows are %v", got)
	}
	row := doc.Find("tbody tr").Eq(6)
	if none := row.Find("td.is-none"); strings.Join(words(none), "") != "—sin dato" {
		t.Errorf("a missing value says %q", none.Text())
	}
	odd := doc.Find("tbody tr").Eq(10).Find("td.is-odd")
	if odd.Find("svg").Length() != 1 || !strings.Contains(odd.Text(), "no corresponde al tipo (Número con decimales)") {
		t.Errorf("a value of another type says %q", odd.Text())
	}
	if got := words(doc.Find("tbody tr").Eq(1).Find("td.is-number")); !slices.Equal(got, []string{"2,000.5"}) {
		t.Errorf("a number is shown as %v", got)
	}
	if doc.Find("thead .Spark").Length() == 0 || doc.Find("thead .Grid-type").First().Text() == "" {
		t.Error("the heads say nothing of their columns")
	}
	if doc.Find("[style], script").Length() > 0 {
		t.Error("there is a style or script in the page")
	}
}

func goesThrough(t *testing.T, w *world) {
	var seen []string
	path, pages := page, []string{}
	for range 10 {
		doc := w.doc(t, path)
		seen, pages = append(seen, numbers(doc)...), append(pages, path)
		next := doc.Find(`a[rel~="next"]`)
		if next.Length() == 0 {
			break
		}
		path, _, _ = strings.Cut(next.AttrOr("href", ""), "#")
	}
	if len(seen) != rows || seen[0] != "1" || seen[rows-1] != "120" {
		t.Fatalf("going on shows %d rows: %v", len(seen), seen)
	}
	for i := len(pages) - 1; i > 0; i-- {
		back := numbers(w.doc(t, follow(t, w.doc(t, path), `a[rel~="prev"]`, "")))
		if want := seen[50*(i-1) : 50*i]; !slices.Equal(back, want) {
			t.Errorf("going back from page %d shows %v", i+1, back)
		}
		path = pages[i-1]
	}
}

func searches(t *testing.T, w *world) {
	form := w.doc(t, page).Find("form[role=search]")
	action, _, _ := strings.Cut(form.AttrOr("action", ""), "#")
	for _, typed := range []string{"mérida", "MERIDA", "Merida"} {
		doc := w.doc(t, action+"?"+form.Find("input[type=search]").AttrOr("name", "")+"="+url.QueryEscape(typed))
		if got := count(doc); got != "30 filas de 120" {
			t.Errorf("searching %q finds %q", typed, got)
		}
		if chip := follow(t, doc, ".Chip", "Quitar Contiene"); count(w.doc(t, chip)) != "120 filas" {
			t.Error("taking the search away does not")
		}
	}
	empty := w.doc(t, page+"?buscar=nadie+dijo+esto")
	if empty.Find("tbody tr").Length() > 0 || !strings.Contains(empty.Text(), "Ninguna fila") || follow(t, empty, ".Empty a", "Quitar todos") != page {
		t.Error("nothing found says nothing, or has no way out")
	}
}

func filters(t *testing.T, w *world) {
	for _, c := range []struct{ column, op, value, want string }{
		{"municipio", "eq", "Cuernavaca", "30 filas de 120"},
		{"municipio", "starts", "T", "30 filas de 120"},
		{"nota", "empty", "", "12 filas de 120"},
		{"nota", "not_empty", "", "108 filas de 120"},
		{"monto", "gte", "100000", "21 filas de 120"},
		{"fecha", "lte", "2024-01-15", "10 filas de 120"},
		{"nota", "contains", "segunda", "12 filas de 120"},
		{"clave", "eq", "007", "1 fila de 120"},
	} {
		v := url.Values{"filtro": {c.column}, "op": {c.op}, "valor": {c.value}}
		doc := w.doc(t, page+"?"+v.Encode())
		if got := count(doc); got != c.want || mistakes(doc) != "" {
			t.Errorf("%s %s %q leaves %q, and says %q", c.column, c.op, c.value, got, mistakes(doc))
		}
	}
	v := url.Values{"filtro": {"monto"}, "op": {"contains"}, "valor": {"3"}}
	if doc := w.doc(t, page+"?"+v.Encode()); count(doc) != "120 filas" || !strings.Contains(mistakes(doc), "monto") {
		t.Errorf("a filter that does not fit says %q", mistakes(doc))
	}
	fits := w.doc(t, page).Find(`#filtro-columna option[value=monto]`).AttrOr("data-fits", "")
	if !strings.Contains(fits, "gte") || strings.Contains(fits, "contains") {
		t.Errorf("what fits a number is %q", fits)
	}
}

func groups(t *testing.T, w *world) {
	for measure, want := range map[string]string{
		"count": "30", "sum": "1,770,015", "mean": "59,000.5", "median": "59,000.5", "min": "1,000.5", "max": "117,000.5", "distinct": "30",
	} {
		v := url.Values{"agrupar": {"municipio"}, "agrupar2": {""}, "medir": {measure}, "de": {"monto"}}
		doc := w.doc(t, page+"?"+v.Encode())
		cells := words(doc.Find("tbody tr").FilterFunction(func(_ int, tr *goquery.Selection) bool { return strings.Contains(tr.Text(), "Cuernavaca") }).Find("td.is-number"))
		if !strings.HasSuffix(count(doc), "4 grupos") || !slices.Equal(cells, []string{want}) {
			t.Errorf("%s: %q with %v, want %s; %s", measure, count(doc), cells, want, mistakes(doc))
		}
		if rows := w.doc(t, follow(t, doc, "tbody th a", "Cuernavaca")); count(rows) != "30 filas de 120" {
			t.Errorf("the rows of a group are %q", count(rows))
		}
	}
	year := w.doc(t, page+"?grupo=fecha&paso=anio&medida=suma:monto&ver=grafica")
	if unit, scale := year.Find(".Picture-unit").Text(), words(year.Find(".Plot-scale text")); !strings.HasSuffix(unit, ", en millones") || !slices.Equal(scale, []string{"8", "6", "4", "2", "0"}) {
		t.Errorf("a sum of 7.2 millions is drawn as %s at %v", unit, scale)
	}
	months := w.doc(t, page+"?grupo=fecha&paso=mes&ver=grafica").Find(".Plot-along text")
	if all, always := months.Length(), words(months.Not(".Plot-word--minor")); all != 5 || !slices.Equal(always, []string{"enero de 2024", "diciembre de 2024"}) {
		t.Errorf("below a year are %d months, of which %v stay on a telephone", all, always)
	}
	for asked, open := range map[string]int{"": 0, "?grupo=municipio": 0, "?grupo=municipio&ver=grafica": 0, "?grupo=nada": 1} { // folded above groups
		if got := w.doc(t, page+asked).Find(".Explore-tool[open] #agrupar-1").Length(); got != open {
			t.Errorf("%q has %d open forms of groups, want %d", asked, got, open)
		}
	}
	v := url.Values{"agrupar": {"fecha"}, "agrupar2": {"estado"}, "cada": {"quarter"}, "medir": {"count"}}
	if doc := w.doc(t, page+"?"+v.Encode()); !strings.Contains(doc.Find("tbody").Text(), "1.º trimestre de 2024") {
		t.Errorf("by quarter: %s, %s", count(doc), mistakes(doc))
	}
	if doc := w.doc(t, page+"?agrupar=municipio&medir=sum"); mistakes(doc) == "" || !strings.HasSuffix(count(doc), "4 grupos") {
		t.Errorf("a sum of nothing: %q, %q", mistakes(doc), count(doc))
	}
}

func sorts(t *testing.T, w *world) {
	doc := w.doc(t, page)
	doc = w.doc(t, follow(t, doc, ".Grid-sort", "Ordenar por clave"))
	doc = w.doc(t, follow(t, doc, ".Grid-sort", "Ordenar por municipio"))
	doc = w.doc(t, follow(t, doc, ".Grid-sort", "Ordenar por municipio"))
	if got := numbers(doc); got[0] != "3" || got[1] != "7" {
		t.Errorf("the last municipality comes first with rows %v", got[:3])
	}
	if got := strings.Join(words(doc.Find(".Explore-order")), ""); !strings.HasPrefix(got, "Ordenadas por municipio, de mayor a menor; clave, de menor a mayor.") || strings.Contains(got, "después de la z") {
		t.Errorf("the order is said as %q", got)
	}
	if got := doc.Find("th[aria-sort]"); got.Length() != 1 || got.AttrOr("aria-sort", "") != "descending" {
		t.Error("the sorted column is not marked")
	}
	if got := numbers(w.doc(t, follow(t, doc, ".Explore-order a", "Quitar"))); got[0] != "1" {
		t.Error("taking the order away does not")
	}
}

// TestATableTooLongForADictionarySaysHowItsTextsStand has one row more than are sorted so.
func TestATableTooLongForADictionarySaysHowItsTextsStand(t *testing.T) {
	w := newWorld(t)
	w.publish("letra,n\n" + strings.Repeat("a,1\n", 99_999) + "ñ,2\nZ,3\n")
	said := func(asked string) (string, []string) {
		doc := w.doc(t, page+asked)
		return strings.Join(words(doc.Find(".Explore-order")), ""), words(doc.Find("tbody tr").First().Find("td"))
	}
	up, first := said("?orden=letra")
	down, last := said("?orden=n,-letra")
	if !strings.Contains(up, "las letras con acento y la ñ después de la z") || first[0] != "Z" || !strings.Contains(down, "después de la z") || last[0] != "a" {
		t.Errorf("by texts it says %q with %v, then %q with %v", up, first, down, last)
	}
	if got, _ := said("?orden=n"); strings.Contains(got, "después de la z") {
		t.Errorf("by numbers it says %q", got)
	}
}

func heads(doc *goquery.Document) string {
	return strings.Join(words(doc.Find("thead .Grid-name")), " ")
}

func chooses(t *testing.T, w *world) {
	doc := w.doc(t, page+"?mostrar=clave&mostrar=monto&mostrar=nota")
	if heads(doc) != "clave monto nota" {
		t.Fatalf("three chosen columns are %q", heads(doc))
	}
	doc = w.doc(t, follow(t, doc, ".Grid-name", "nota"))
	doc = w.doc(t, follow(t, doc, ".Column-acts a", "Fijar"))
	if heads(doc) != "nota clave monto" || doc.Find("thead .is-pinned").Length() != 1 || doc.Find("tbody td.is-pinned").Length() != 50 {
		t.Errorf("a pinned column: %q with %d cells", heads(doc), doc.Find("td.is-pinned").Length())
	}
	loose := w.doc(t, follow(t, doc, ".Column-acts a", "Dejar de fijar"))
	if loose.Find(".is-pinned").Length() != 0 {
		t.Error("it stays pinned")
	}
	doc = w.doc(t, follow(t, doc, ".Column-acts a", "Ocultar"))
	if heads(doc) != "clave monto" || doc.Find(".is-pinned").Length() != 0 {
		t.Errorf("a hidden column leaves %q", heads(doc))
	}
}

func looksAtColumn(t *testing.T, w *world) {
	doc := w.doc(t, follow(t, w.doc(t, page), ".Grid-name", "municipio"))
	if got := words(doc.Find(".Column-values li")); len(got) != 4 || got[0] != "Cuernavaca 30" {
		t.Errorf("the values are %v", got)
	}
	one := w.doc(t, follow(t, doc, ".Column-values a", "Lerma"))
	two := w.doc(t, follow(t, one, ".Column-values a", "Tepic"))
	if count(one) != "30 filas de 120" || count(two) != "60 filas de 120" {
		t.Errorf("one value leaves %q, two %q", count(one), count(two))
	}
	number := w.doc(t, follow(t, w.doc(t, page), ".Grid-name", "monto"))
	form := number.Find("aside form")
	v := url.Values{form.Find("#columna-min").AttrOr("name", ""): {"10000"}, form.Find("#columna-max").AttrOr("name", ""): {"20000"}}
	if got := count(w.doc(t, page+"?"+v.Encode())); got != "9 filas de 120" {
		t.Errorf("a range leaves %q", got)
	}
	if list := w.doc(t, page+"?ver=columnas"); list.Find(".Columns-list > li").Length() != 7 {
		t.Error("the list of columns lacks some")
	} else if amount := strings.Join(words(list.Find(".Columns-list > li").Eq(4).Find("dt, dd")), " "); !strings.Contains(amount, "Con dato 119 No corresponden al tipo 1") || !strings.Contains(amount, "Mediana aproximada") {
		t.Errorf("of the amounts, one of which is a word, the list says %q", amount)
	}
}

func hasRows(t *testing.T, w *world) {
	table := w.doc(t, page+"?f.municipio=Tepic")
	doc := w.doc(t, follow(t, table, "tbody .Grid-number a", "3"))
	if got := doc.Find("h1").Text(); got != "Fila 3" {
		t.Fatalf("the row is %q", got)
	}
	if said := doc.Find("meta[name=description]").AttrOr("content", ""); !strings.HasPrefix(said, "Fila 3") {
		t.Errorf("search engines are told %q", said)
	}
	if !strings.Contains(doc.Find("#celda-6").Text(), "Dos líneas:\nla segunda") {
		t.Errorf("the row lacks a line: %q", doc.Find("#celda-6").Text())
	}
	if got := follow(t, doc, "#celda-6 a", "Reportar"); got != "/consultas/nueva?columna=nota&fila=3" {
		t.Errorf("a cell is reported at %s", got)
	}
	if same := w.doc(t, follow(t, doc, "#celda-2 a", "Filas con")); count(same) != "30 filas de 120" {
		t.Errorf("the rows with its value are %q", count(same))
	}
	if next := w.doc(t, follow(t, doc, `a[rel=next]`, "")); next.Find("h1").Text() != "Fila 4" {
		t.Error("the next row is another")
	}
	if back := w.doc(t, follow(t, doc, ".Pager a", "Volver")); numbers(back)[0] != "3" {
		t.Errorf("the way back leads to row %s", numbers(back)[0])
	}
	if doc := w.doc(t, page+"?ir=77"); doc.Find("h1").Text() != "Fila 77" {
		t.Error("the form that goes to a row does not")
	}
	for _, n := range []string{"121", "0", "x", "99999999999999999999"} {
		if out := webtest.Get(t, w.shell, page+"/filas/"+n); out.Code != http.StatusNotFound {
			t.Errorf("row %s answers %d", n, out.Code)
		}
	}
}

func saysWhatIsWrong(t *testing.T, w *world) {
	for asked, names := range map[string]string{
		"f.nada=1": "nada", "f.monto~min=muchos": "monto", "f.fecha~min=2024-99-99": "fecha", "orden=nada": "nada", "col=nada": "nada",
		"grupo=nada": "nada", "despues=viejo": "enlace", "antes=viejo": "enlace", "limite=0": "limite", "columna=nada": "nada",
		"hoja=7": "«7»", "hoja=x": "«x»", "ver=nada": "nada", "ir=900": "120", "ir=x": "120", "f.secreto=1": "secreto", "columna=secreto": "secreto",
	} {
		doc := w.doc(t, page+"?"+asked)
		if !strings.Contains(mistakes(doc), names) {
			t.Errorf("%s says %q", asked, mistakes(doc))
		}
		if count(doc) != "120 filas" || len(numbers(doc)) != 50 {
			t.Errorf("%s shows %q", asked, count(doc))
		}
	}
	gone := w.doc(t, page+"?version=9")
	if count(gone) != "" || follow(t, gone, ".Notice a", "Ver la más reciente") != page {
		t.Error("a version that is not there is not said")
	}
}

func keepsSecrets(t *testing.T, w *world) {
	for _, path := range []string{"", "?columna=secreto", "?ver=columnas", "?buscar=" + canary + "001", "?orden=secreto", "?f.secreto=" + canary + "001", "?grupo=secreto",
		"/filas/1", "/descargar?forma=csv", "/descargar?forma=json", "/descargar?forma=jsonl", "/original"} {
		out := w.get(t, page+path)
		body := strings.ReplaceAll(out.Body.String(), url.QueryEscape(canary)+"001", "") // what was typed
		if strings.Contains(body, canary) {
			t.Errorf("%s holds a value that is withheld", path)
		}
	}
}

func gives(t *testing.T, w *world) {
	view := "?f.municipio=Tepic&orden=-clave&col=clave,municipio"
	doc := w.doc(t, page+view)
	out := w.get(t, follow(t, doc, ".Explore-downloads a", "CSV"))
	lines := strings.Split(strings.TrimSpace(out.Body.String()), "\n")
	if len(lines) != 31 || strings.TrimSpace(lines[0]) != "clave,municipio" || strings.TrimSpace(lines[1]) != "119,Tepic" {
		t.Errorf("the file has %d lines: %q", len(lines), lines[:2])
	}
	shown := words(doc.Find("tbody tr td"))
	for i, line := range lines[1:] {
		if strings.TrimSpace(line) != shown[2*i]+","+shown[2*i+1] {
			t.Errorf("line %d of the file is %q, the page shows %v", i+1, line, shown[2*i:2*i+2])
		}
	}
	for _, form := range []string{"xlsx", "json", "jsonl", "parquet"} {
		if out := w.get(t, page+"/descargar"+view+"&forma="+form); out.Code != http.StatusOK || out.Body.Len() == 0 || out.Header().Get("Content-Disposition") == "" {
			t.Errorf("%s answers %d with %d bytes", form, out.Code, out.Body.Len())
		}
	}
	for _, wrong := range []string{"?forma=exe", "?forma=csv&f.nada=1"} {
		if out := w.get(t, page+"/descargar"+wrong); out.Code != http.StatusUnprocessableEntity && out.Code != http.StatusBadRequest {
			t.Errorf("%s answers %d", wrong, out.Code)
		}
	}
}

func givesGroups(t *testing.T, w *world) {
	view := "?grupo=municipio&medida=suma:monto,cuenta&f.municipio.no=Tepic&orden=municipio"
	doc := w.doc(t, page+view)
	if doc.Find(".Explore-downloads a").Length() < 5 {
		t.Fatalf("groups are offered as %v", words(doc.Find(".Explore-downloads a")))
	}
	want := "municipio,suma:monto,cuenta\nCuernavaca,1770015,30\nLerma,1800015,30\nMérida,1860015,30\n"
	for _, one := range []struct{ link, want string }{{"CSV", want}, {"CSV para Excel", "\uFEFF" + want},
		{"JSON Lines", `{"municipio":"Cuernavaca","suma:monto":1770015,"cuenta":30}` + "\n"}, {"Excel", "PK"}, {"Parquet", "PAR1"}} {
		out := w.get(t, follow(t, doc, ".Explore-downloads a", one.link))
		if got := out.Body.String(); out.Code != http.StatusOK || !strings.HasPrefix(got, one.want) {
			t.Errorf("%s is %d %.200q", one.link, out.Code, got)
		}
		if name := out.Header().Get("Content-Disposition"); !strings.Contains(name, "obras_20") || !strings.Contains(name, "filtro-") {
			t.Errorf("%s is called %q: where it comes from, its date or its filter is missing", one.link, name)
		}
	}
	// the sum has an odd cell less, as on the page
	shown := words(doc.Find("tbody tr").Eq(0).Find("th, td:not(.Grid-bar)"))
	if !slices.Equal(shown, []string{"Cuernavaca", "1,770,015", "30"}) {
		t.Errorf("the page shows %v", shown)
	}
	for _, wrong := range []string{"&forma=geojson", "&forma=arrow", "&forma=csv&grupo=secreto", "&forma=csv&medida=maximo:secreto"} {
		if out := w.get(t, page+"/descargar?f.municipio=Tepic&grupo=municipio"+wrong); out.Code != http.StatusUnprocessableEntity && out.Code != http.StatusBadRequest || strings.Contains(out.Body.String(), canary) {
			t.Errorf("%s answers %d", wrong, out.Code)
		}
	}
}

func tells(t *testing.T, w *world) {
	out := webtest.Get(t, w.shell, page+"/avance")
	if got := out.Body.String(); out.Header().Get("Content-Type") != "text/event-stream" || !strings.Contains(got, `"end":true`) {
		t.Errorf("the progress of what is done: %q", got)
	}
}

func saysOld(t *testing.T, w *world) {
	doc := w.doc(t, page+"?version=1")
	if count(doc) != "119 filas" || follow(t, doc, ".Notice a", "Ver la más reciente") != page {
		t.Errorf("the first version has %q", count(doc))
	}
	row := w.doc(t, follow(t, doc, "tbody .Grid-number a", "5"))
	if row.Find(".Notice").Length() != 1 || !strings.Contains(row.Find(".Notice").Text(), "versión 1") {
		t.Error("the row of an old version does not say so")
	}
	if w.doc(t, page).Find(".Notice").Length() != 0 {
		t.Error("the current version has a notice")
	}
}

// asksLittle: the tables are asked in files; the store knows versions and what is withheld.
func asksLittle(t *testing.T, w *world) {
	const most = 16
	for _, path := range []string{"", "?columna=municipio", "?grupo=municipio", "?ver=columnas", "/filas/7"} {
		ctx, n := db.CountStatements(t.Context())
		if code := getIn(ctx, w, page+path); code != http.StatusOK || n.Load() > most {
			t.Errorf("%s answers %d after %d statements, at most %d", path, code, n.Load(), most)
		}
	}
}

func getIn(ctx context.Context, w *world, path string) int {
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, path, nil)
	if err != nil {
		return 0
	}
	r.RemoteAddr = "127.0.0.1:49152"
	return webtest.Do(w.shell, r).Code
}

func TestEveryTemplateFitsItsPage(t *testing.T) {
	w := newWorld(t)
	for _, problem := range webtest.CheckTemplates(w.shell) {
		t.Error(problem)
	}
}

func TestAFileThatIsBeingOpenedSaysSo(t *testing.T) {
	w := newWorld(t)
	w.server.set(content(3))
	doc := w.doc(t, page)
	if got := doc.Find(".js-progress").AttrOr("data-live", ""); got != page+"/avance" {
		t.Errorf("progress is told at %q", got)
	}
	if doc.Find("form[method=post] button").Length() > 0 {
		t.Error("anybody may stop it")
	}
	if _, err := w.runner.Drain(t.Context()); err != nil {
		t.Fatal(err)
	}
	if got := count(w.doc(t, page)); got != "3 filas" {
		t.Errorf("once open it has %q", got)
	}
	w.As(w.Enlace, func(tx *db.Tx) error { return w.explore.Retry(tx, obras) })
	w.As(w.Enlace, func(tx *db.Tx) error { return w.explore.Cancel(tx, obras) })
	if doc := w.doc(t, page); count(doc) != "3 filas" || strings.Join(words(doc.Find(".Notice-title")), "|") != "Alguien detuvo la lectura de este archivo" {
		t.Errorf("what somebody stopped: %q, %q", count(doc), words(doc.Find(".Notice")))
	}
	w.publish("")
	if doc := w.doc(t, page); !strings.Contains(doc.Find(".Notice").Text(), "Última copia válida") || count(doc) != "3 filas" {
		t.Errorf("the last good copy is not shown: %q, %s", count(doc), words(doc.Find(".Notice, .Progress")))
	}
}
