package screen_test

import (
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/PuerkitoBio/goquery"

	"plaza/internal/base/blob"
	"plaza/internal/base/db"
	"plaza/internal/base/db/dbtest"
	"plaza/internal/base/fetch"
	"plaza/internal/base/job"
	"plaza/internal/base/tabular"
	"plaza/internal/base/tabular/child"
	"plaza/internal/base/tabular/child/childtest"
	"plaza/internal/base/tabular/query"
	"plaza/internal/base/web"
	"plaza/internal/base/web/webtest"
	"plaza/internal/civic/account"
	"plaza/internal/civic/institution/institutiontest"
	"plaza/internal/section/explore"
	"plaza/internal/section/explore/cache"
	"plaza/internal/section/explore/screen"
)

// gallery is an installation whose files are drawn, each a resource by its number.
type gallery struct {
	*institutiontest.World
	shell *web.Shell
	url   string
	files map[string]string // by name
	ids   map[string]string // names by id
}

// Resource implements explore.Resources.
func (g *gallery) Resource(_ *db.Tx, id string) (explore.Resource, error) {
	name := g.ids[id]
	_, ext, _ := strings.Cut(name, ".")
	return explore.Resource{ID: id, Dataset: "d", Title: "Prueba", Slug: "d", Path: "/datos/d/recursos/" + id, URL: g.url + "/" + name,
		Format: strings.ToUpper(ext), License: "CC BY 4.0", Open: true}, nil
}

// Newest implements explore.Resources.
func (g *gallery) Newest(*db.Tx, int) ([]string, error)      { return nil, nil }
func (g *gallery) Siblings(*db.Tx, string) ([]string, error) { return nil, nil }

func id(n int) string { return fmt.Sprintf("22222222-2222-7222-8222-%012d", n) }

// newGallery opens files in their order.
func newGallery(t *testing.T, files ...[2]string) *gallery {
	t.Helper()
	d := dbtest.SQLite(t)
	g := &gallery{World: institutiontest.New(t, d), files: map[string]string{}, ids: map[string]string{}}
	g.Populate()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { _, _ = io.WriteString(w, g.files[r.URL.Path[1:]]) }))
	t.Cleanup(server.Close)
	g.url = server.URL
	store, err := blob.Open(t.Context(), "file://"+t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	quiet := slog.New(slog.DiscardHandler)
	engine := child.New(child.Config{Command: childtest.Command(t), Log: quiet})
	t.Cleanup(func() { _ = engine.Close(t.Context()) })
	tables := cache.New(cache.Config{Dir: t.TempDir(), MaxBytes: 1 << 26, Store: store})
	t.Cleanup(tables.Close)
	section := explore.New(explore.Deps{DB: d, Blob: store, Engine: engine, Cache: tables, Log: quiet, Scratch: t.TempDir(), Resources: g,
		Client: fetch.New(fetch.Config{Allow: []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")}, Interval: -1, MaxBytes: 1 << 20})})
	runner := job.NewRunner(d, job.Config{Log: quiet})
	section.Work(runner)
	pages := screen.New(screen.Deps{DB: d, Explore: section, Engine: engine, Ask: func(p screen.Pointer) string {
		return "/consultas/nueva?" + url.Values{"problema": {p.Code}, "titulo": {p.Subject}}.Encode()
	}})
	g.shell = webtest.New(t, nil, screen.Locale, explore.Locale, tabular.Locale, query.Locale)
	if err := pages.Mount(g.shell); err != nil {
		t.Fatal(err)
	}
	g.shell.Handle("GET /datos/{dataset}/recursos/{resource}", web.Route{Name: "resource"}, func(out http.ResponseWriter, r *http.Request) error {
		drawn, err := pages.Draw(r, g.shell.Page(r, ""), r.PathValue("resource"))
		if err == nil && drawn.To != "" {
			http.Redirect(out, r, drawn.To, http.StatusSeeOther)
		} else if err == nil {
			_, err = io.WriteString(out, string(drawn.HTML))
		}
		return err
	})
	for i, f := range files {
		g.files[f[0]], g.ids[id(i)] = f[1], f[0]
		g.As(account.Person{}, func(tx *db.Tx) error { return section.Retry(tx, id(i)) })
	}
	if _, err := runner.Drain(t.Context()); err != nil {
		t.Fatal(err)
	}
	return g
}

// see is a view of the n-th file; forms lead on.
func (g *gallery) see(n int, question string) *goquery.Document {
	g.Helper()
	path := "/datos/d/recursos/" + id(n) + "?" + question
	out := webtest.Get(g, g.shell, path)
	if out.Code == http.StatusSeeOther {
		out = webtest.Get(g, g.shell, out.Header().Get("Location"))
	}
	if out.Code != http.StatusOK {
		g.Fatalf("%s answers %d: %s", path, out.Code, out.Body)
	}
	doc, err := goquery.NewDocumentFromReader(out.Body)
	if err != nil {
		g.Fatal(err)
	}
	return doc
}

func text(doc *goquery.Document, selector string) string {
	return strings.Join(strings.Fields(doc.Find(selector).Text()), " ")
}

// says fails unless each of some words stands in what a selector finds.
func (g *gallery) says(doc *goquery.Document, selector string, words ...string) {
	g.Helper()
	for _, w := range words {
		if found := text(doc, selector); !strings.Contains(found, w) {
			g.Errorf("%s says %q, not %q", selector, found, w)
		}
	}
}

// states has a row for each of three states and years, 2012 left out, a state that is
// none, and one without state.
func states() string {
	var b strings.Builder
	b.WriteString("cve_ent,anio,casos\n")
	for _, year := range []int{2008, 2009, 2010, 2011, 2013, 2014, 2015, 2016} {
		for i, code := range []string{"09", "15", "20", "31"} {
			fmt.Fprintf(&b, "%s,%d,%d\n", code, year, (i+1)*100+year-2008)
		}
	}
	b.WriteString("44,2016,5\n,2016,7\n")
	return b.String()
}

// stations are 60 points in two cities, and one at sea.
func stations() string {
	var b strings.Builder
	b.WriteString("permiso,latitud,longitud,tipo\n")
	for i := range 60 {
		lat, lon := 19.40+float64(i)/500, -99.15+float64(i)/700
		if i%2 == 1 {
			lat, lon = 20.96+float64(i)/900, -89.62+float64(i)/900
		}
		fmt.Fprintf(&b, "P%03d,%.4f,%.4f,%s\n", i, lat, lon, []string{"gasolina", "diésel", "gas"}[i%3])
	}
	b.WriteString("P999,24.0000,-95.0000,gas\n")
	return b.String()
}

const lines = `{"type":"FeatureCollection","features":[
{"type":"Feature","properties":{"ruta":"Centro"},"geometry":{"type":"LineString","coordinates":[[-99.2,19.4],[-99.1,19.45]]}},
{"type":"Feature","properties":{"ruta":"Norte"},"geometry":{"type":"LineString","coordinates":[[-99.2,19.5],[-99.1,19.55]]}},
{"type":"Feature","properties":{"ruta":"Sin trazo"},"geometry":null}]}`

// measures has a year without any value, a mean that no decimal ends, one below nothing and
// one that is nearly nothing.
const measures = "anio,medida\n2019,1\n2019,1\n2019,0\n2020,\n2021,-2\n2022,0.00002\n2022,0.00002\n"

func TestATableIsSeenAsAPicture(t *testing.T) {
	g := newGallery(t, [2]string{"estados.csv", states()}, [2]string{"estaciones.csv", stations()}, [2]string{"rutas.geojson", lines}, [2]string{"cosas.csv", "cosa,color\nmesa,rojo\nsilla,azul\n"},
		[2]string{"personas.csv", persons}, [2]string{"pagina.csv", "<!DOCTYPE html><html><body>Entre con su clave</body></html>"}, [2]string{"acta.pdf", "%PDF-1.4\n1 0 obj\n<<>>\nendobj\n"},
		[2]string{"roto.zip", "PK\x03\x04\x14\x00\x00\x00\x08\x00"}, [2]string{"nombres.csv", named}, [2]string{"giros.csv", trades()}, [2]string{"puntos.csv", manyPoints()}, [2]string{"zonas.geojson", zones},
		[2]string{"medidas.csv", measures}, [2]string{"escritos.csv", spelt})
	for name, f := range map[string]func(*gallery){
		"a line in time has gaps and says what it shows":       lineInTime,
		"bars are the table itself":                            barsInTable,
		"groups that were asked for are drawn":                 askedGroups,
		"states are coloured in classes":                       colouredStates,
		"what was not measured is no zero":                     notMeasured,
		"a state that is spelt in two ways is one":             speltTwice,
		"points are drawn, and nearer when they are asked for": pointsOnMap,
		"lines are drawn as far as there are any":              linesOnMap,
		"a table without a place has no map":                   noMap,
		"names of states and towns are places":                 placesByName,
		"what is not drawn is one bar more":                    othersInOneBar,
		"what is negative goes to the left":                    leftOfZero,
		"many points are circles that say how many":            circlesOnMap,
		"zones are faces with their holes":                     zonesOnMap,
		"what may be of persons is said and shown nowhere":     saysWhatIsKept,
		"a file that is no table says why and can be reported": saysWhyNot,
	} {
		t.Run(name, func(t *testing.T) {
			one := *g
			world := *g.World
			world.T, one.World = t, &world
			f(&one)
		})
	}
}

func lineInTime(g *gallery) {
	doc := g.see(0, "ver=grafica&grafica=anio&mide=sum:casos")
	g.says(doc, "figcaption", "Sube de 1,000 (2008) a 1,044 (2016)", "lo más bajo, 1,000")
	g.says(doc, ".Picture-notes", "34 filas", "empieza en cero", "se interrumpe 1 vez", "Fuente: Prueba", "CC BY 4.0")
	if d := doc.Find(".Plot-line").AttrOr("d", ""); strings.Count(d, "M") != 2 {
		g.Errorf("the line is %q, want it broken once", d)
	}
	if rows := doc.Find("figure details tbody tr").Length(); rows != 8 {
		g.Errorf("the table has %d rows, want the 8 years that are drawn", rows)
	}
	if doc.Find("svg[role=img]").AttrOr("aria-labelledby", "") != doc.Find("figcaption").AttrOr("id", "-") {
		g.Error("the picture is not named by its description")
	}
	// As many rows in every year: the line's first word stands where the scale's last would.
	level := g.see(0, "ver=grafica&grafica=anio&f.anio.max=2015")
	if lines, words := level.Find(".Plot-grid").Length(), level.Find(".Plot .Plot-word:not(.Plot-word--mark)").Length(); lines < 2 || words != lines-1 {
		g.Errorf("%d words stand at the %d lines of the scale, one of them under the line's own", words, lines)
	}
}

func barsInTable(g *gallery) {
	doc := g.see(1, "ver=grafica&grafica=tipo&f.tipo.no=diésel")
	g.says(doc, ".Numbers--bars tbody tr:first-child", "gas", "21")
	if w := doc.Find(".Numbers-bar rect").First().AttrOr("width", ""); w != "100" {
		g.Errorf("the longest bar is %q wide", w)
	}
	g.says(doc, ".Picture-notes", "41 filas", "tipo: no es diésel")
	g.file(doc, "tipo,cuenta\ngas,21\ngasolina,20\n")
}

// file fails unless the numbers of a picture are the CSV that it offers.
func (g *gallery) file(doc *goquery.Document, want string) {
	g.Helper()
	out := webtest.Get(g, g.shell, follow(g.T, doc, "[aria-labelledby=bajar-numeros] a", "CSV"))
	if got := out.Body.String(); got != want {
		g.Errorf("the numbers as a file: %d %q, want %q", out.Code, got, want)
	}
}

func askedGroups(g *gallery) {
	doc := g.see(0, "ver=grafica&grupo=cve_ent,anio&medida=promedio:casos")
	g.says(doc, ".Section-note", "que usted eligió")
	g.says(doc, ".Picture-notes", "solo la primera", "1 fila no tiene")
	g.says(doc, ".Numbers tbody tr:first-child", "31", "404")
}

func notMeasured(g *gallery) {
	doc := g.see(12, "ver=grafica&grafica=anio&mide=mean:medida")
	var rows []string
	doc.Find("figure details tbody tr").Each(func(_ int, tr *goquery.Selection) { rows = append(rows, strings.Join(words(tr.Children()), " ")) })
	if want := []string{"2019 0.6667 3", "2021 -2 1", "2022 0.00002 2"}; !slices.Equal(rows, want) {
		g.Errorf("the numbers drawn are %q, want %q", rows, want)
	}
	g.says(doc, "figcaption", "Lo más alto es 0.6667 (2019); lo más bajo, -2 (2021)")
	g.says(doc, ".Picture-notes", "1 grupo no tiene “Promedio de medida” y no está en la gráfica")
	if notes := text(doc, ".Picture-notes"); strings.Contains(notes, "empieza en cero") {
		g.Errorf("a scale that begins below zero says %q", notes)
	}
}

const persons = "obra,correo_de_contacto,monto\nPuente,canario.uno@gmail.com,10\nCalle,canario.dos@hotmail.com,20\nParque,canario.tres@gmail.com,30\n"

func saysWhatIsKept(g *gallery) {
	const person, typed = 4, "canario.uno@gmail.com"
	for _, tab := range []string{"", "ver=grafica", "ver=api", "ver=columnas", "grupo=obra"} {
		g.says(g.see(person, tab), ".Column-kept", "La columna “correo_de_contacto” puede tener datos personales. Mientras se revisa no se muestra ni se busca en ella")
	}
	path := "/datos/d/recursos/" + id(person)
	for _, at := range []string{"", "?ver=columnas", "?ver=calidad", "?ver=grafica&grafica=correo_de_contacto", "?columna=correo_de_contacto", "?buscar=" + typed, "?f.correo_de_contacto=" + typed, "?orden=correo_de_contacto",
		"?grupo=correo_de_contacto", "?grupo=obra&medida=maximo:correo_de_contacto", "/filas/1", "/descargar?forma=csv", "/descargar?forma=json&f.correo_de_contacto=" + typed, "/descargar?forma=csv&grupo=correo_de_contacto", "/original"} {
		body := webtest.Get(g, g.shell, path+at).Body.String()
		if strings.Contains(strings.NewReplacer(typed, "", url.QueryEscape(typed), "").Replace(body), "canario") {
			g.Errorf("%s shows a value", at)
		}
	}
	if got := count(g.see(person, "buscar="+typed)); got != "0 filas de 3" {
		g.Errorf("searching for a value finds %q", got)
	}
	if doc := g.see(person, "f.correo_de_contacto="+typed); count(doc) != "3 filas" || !strings.Contains(mistakes(doc), "correo_de_contacto") {
		g.Errorf("filtering by it leaves %q and says %q", count(doc), mistakes(doc))
	}
	if out := webtest.Get(g, g.shell, path+"/original"); out.Code != http.StatusForbidden {
		g.Errorf("the file as it was published answers %d", out.Code)
	}
	if text(g.see(0, ""), ".Column-kept") != "" {
		g.Error("a table that shows everything says otherwise")
	}
}

func saysWhyNot(g *gallery) {
	for n, want := range map[int][2]string{5: {"h01", "En lugar de datos se recibió una página web."}, 6: {"a02", "El archivo no tiene ninguna tabla que un programa pueda leer."}, 7: {"a01", "El archivo está dañado, incompleto o mal escrito"}} {
		for _, tab := range []string{"", "ver=calidad"} {
			doc := g.see(n, tab)
			g.says(doc, ".Quality-says", want[1])
			g.says(doc, ".Quality-code", want[0])
			report, err := url.Parse(doc.Find(".Quality-one a.Button").AttrOr("href", ""))
			if err != nil || report.Query().Get("problema") != want[0] || report.Query().Get("titulo") == "" {
				g.Errorf("%s is reported at %v", want[0], report)
			}
			if doc.Find(".Explore-tabs a").Length() != 1 || doc.Find(".Explore-downloads a, .Grid, .Explore-about").Length() > 0 {
				g.Errorf("what was not opened shows more: %s", text(doc, ".Explore-tabs"))
			}
		}
	}
}

// trades are 40 kinds of trade, two rows each, whose amounts go from below zero up.
func trades() string {
	var b strings.Builder
	b.WriteString("giro,monto\n")
	for i := range 80 {
		fmt.Fprintf(&b, "giro %02d,%d\n", i/2, i/2*10-50)
	}
	return b.String()
}

func othersInOneBar(g *gallery) {
	for question, want := range map[string]string{"": "Los demás 20", "&mide=sum:monto": "Los demás -100 20"} {
		doc := g.see(9, "ver=grafica&grafica=giro"+question)
		if got := text(doc, ".Numbers tbody .is-rest"); got != want || doc.Find(".Numbers tbody tr").Length() != 31 {
			g.Errorf("%s: %q in %d rows, want %q", question, got, doc.Find(".Numbers tbody tr").Length(), want)
		}
		g.says(doc, ".Picture-notes", "los 30 grupos mayores")
	}
	doc := g.see(9, "ver=grafica&grafica=giro&mide=mean:monto")
	g.says(doc, ".Picture-notes", "los primeros 30 grupos; hay más en la tabla")
	if doc.Find(".is-rest").Length() > 0 {
		g.Error("means are added up")
	}
}

func leftOfZero(g *gallery) {
	for question, bars := range map[string]string{"ver=grafica&grafica=giro&mide=sum:monto&f.monto.max=0": ".Numbers-drawing rect", "grupo=giro&medida=suma:monto&f.monto.max=0": ".Grid-bar .Bar rect"} {
		doc := g.see(9, question)
		if n := doc.Find(bars + ".is-left").Length(); n != 5 || doc.Find(bars).Length() != 6 {
			g.Errorf("%s: %d of %d bars go to the left, want 5 of 6", question, n, doc.Find(bars).Length())
		}
		last := doc.Find(bars).Last()
		if last.AttrOr("x", "") != "0" || last.AttrOr("width", "") != "100" {
			g.Errorf("%s: the least begins at %s and is %s wide", question, last.AttrOr("x", ""), last.AttrOr("width", ""))
		}
	}
}
