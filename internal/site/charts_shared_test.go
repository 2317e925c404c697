//go:build shared

package site_test

import (
	"bytes"
	"compress/gzip"
	"context"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"maps"
	"math"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"plaza/internal/base/db"
	"plaza/internal/base/web/webtest"
	"plaza/internal/plaza"
	"plaza/internal/section/catalog/harvest"
	"plaza/internal/section/tool"
	"plaza/internal/section/tool/reckon"
	"plaza/internal/section/tool/spec"
	"plaza/internal/site"
)

// oldChart is a chart file of the old portal, which named no dataset, and the two columns
// and the measure that its composition had.
type oldChart struct {
	name                string
	outer, inner, value string
	from                int // of outer, a year; 0 all

	Title string           `json:"titulo"`
	About string           `json:"descripcion"`
	Rows  []map[string]any `json:"datos"`
}

var oldCharts = []*oldChart{
	{name: "TransferenciasEntidadesFederativas", outer: "CICLO", inner: "SUBTEMA", value: "MONTO"},
	{name: "auditorias", outer: "acto", inner: "entidad", value: "numero_observaciones"},
	{name: "centros-de-trabajo", outer: "nivel", inner: "entidad", value: "conteo"},
	{name: "cultivos2015", outer: "nivel1", inner: "nivel3", value: "valor"},
	{name: "defunciones", outer: "nivel3", inner: "nivel1", value: "valor"},
	{name: "fecundidad", outer: "nivel2", inner: "nivel1", value: "valor", from: 2015},
	{name: "hogares", outer: "nivel3", inner: "nivel1", value: "valor"},
	{name: "hogaresIndigenas", outer: "nivel3", inner: "nivel1", value: "valor"},
	{name: "incidencia_delictiva", outer: "concepto", inner: "tipo", value: "suma"},
	{name: "pef2017-2", outer: "entidad", inner: "ramo", value: "monto"},
}

// read reads the file.
func (c *oldChart) read(t *testing.T) {
	t.Helper()
	packed, err := os.Open(filepath.Join(os.Getenv("PLAZA_SHARED_DATA"), "portal/dgm_viz/composicion_"+c.name+".json.gz"))
	if err != nil {
		t.Fatal(err)
	}
	defer packed.Close()
	z, err := gzip.NewReader(packed)
	if err != nil {
		t.Fatal(err)
	}
	var text bytes.Buffer
	if _, err := text.ReadFrom(z); err != nil {
		t.Fatal(err)
	}
	d := json.NewDecoder(bytes.NewReader(bytes.TrimPrefix(text.Bytes(), []byte("\uFEFF"))))
	d.UseNumber()
	if err := d.Decode(c); err != nil || len(c.Rows) == 0 {
		t.Fatalf("%s: %v", c.name, err)
	}
}

// table is the file's rows as CSV.
func (c *oldChart) table() []byte {
	var out bytes.Buffer
	w := csv.NewWriter(&out)
	names := slices.Sorted(maps.Keys(c.Rows[0]))
	_ = w.Write(names)
	for _, row := range c.Rows {
		line := make([]string, len(names))
		for i, name := range names {
			line[i] = fmt.Sprint(row[name])
		}
		_ = w.Write(line)
	}
	w.Flush()
	return out.Bytes()
}

// sums are the file's own, by outer and inner value, and of all.
func (c *oldChart) sums() (parts map[[2]string]float64, all float64) {
	parts = map[[2]string]float64{}
	for _, row := range c.Rows {
		outer := fmt.Sprint(row[c.outer])
		if year, _ := strconv.Atoi(outer); year < c.from {
			continue
		}
		v, _ := strconv.ParseFloat(fmt.Sprint(row[c.value]), 64)
		parts[[2]string{outer, fmt.Sprint(row[c.inner])}] += v
		all += v
	}
	return parts, all
}

// catalog is a catalogue with a dataset for each file.
func oldCatalog(base string) []byte {
	var list []map[string]any
	for _, c := range oldCharts {
		list = append(list, map[string]any{"identifier": c.name, "title": "Datos de " + c.name, "description": c.About, "modified": "2018-01-01",
			"license": "https://datos.gob.mx/libreusomx/", "distribution": []map[string]any{{"title": "Tabla de " + c.name, "downloadURL": base + "/" + c.name + ".csv", "mediaType": "text/csv", "format": "CSV"}}})
	}
	raw, _ := json.Marshal(map[string]any{"title": "Gráficas del portal anterior", "dataset": list})
	return raw
}

func TestSharedChartsOfTheOldPortalAreToolsThatKnowTheirData(t *testing.T) {
	mux := http.NewServeMux()
	server := httptest.NewServer(mux)
	t.Cleanup(server.Close)
	for _, c := range oldCharts {
		c.read(t)
		table := c.table()
		mux.HandleFunc("/"+c.name+".csv", func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", "text/csv; charset=utf-8")
			_, _ = w.Write(table)
		})
	}
	mux.HandleFunc("/data.json", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		_, _ = w.Write(oldCatalog(server.URL))
	})
	r := behind(t, copied(t, func(c *site.Config) { c.Allow = []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")} }))
	body := r.value(t, `SELECT id FROM institutions WHERE acronym = 'INEGI'`)
	r.write(t, func(tx *db.Tx) error {
		source, err := r.site.Harvester.Add(tx, harvest.Source{Kind: "data.json", URL: server.URL + "/data.json", Title: "Gráficas", InstitutionID: body})
		if err != nil {
			return err
		}
		_, err = harvest.Enqueue(tx, source.ID)
		return err
	})
	r.work(t)
	liaison := r.person(t, "Rita Rehace", plaza.Grant{Role: plaza.Liaison, Institution: body})
	for _, c := range oldCharts {
		t.Run(c.name, func(t *testing.T) {
			id := r.value(t, `SELECT id FROM resources WHERE url LIKE '%/' || $1`, c.name+".csv")
			if _, err := r.site.Explore.Want(t.Context(), id); err != nil {
				t.Fatal(err)
			}
			r.work(t)
			c.rebuilt(t, r, plaza.WithActor(t.Context(), liaison.Actor()), body, id)
		})
	}
}

// rebuilt has the chart made and published as a native tool, and compares what its page and
// its numbers say with the file.
func (c *oldChart) rebuilt(t *testing.T, r *routed, ctx context.Context, body, resource string) {
	t.Helper()
	src := spec.Source{Name: "datos", Resource: resource}
	if c.from > 0 {
		src.Filter = url.Values{"f." + c.outer + ".min": {strconv.Itoa(c.from)}}.Encode()
	}
	document := spec.Spec{Schema: spec.Schema, Title: strings.TrimSpace(c.Title) + " (" + c.name + ")", Language: "es", Sources: []spec.Source{src},
		Views: []spec.View{{Name: "mosaico", Source: "datos", Mark: spec.Treemap, Top: spec.MaxTop, Encoding: spec.Encoding{
			Facet: spec.Channel{Field: c.outer}, Detail: spec.Channel{Field: c.inner}, Size: spec.Channel{Field: c.value, Aggregate: "sum"}}}}}
	var d tool.Draft
	if err := r.site.DB.Write(ctx, func(tx *db.Tx) (err error) {
		d, err = r.site.Tools.Create(tx, tool.Beginning{Document: tool.Document{Spec: &document}, Institution: body})
		return err
	}); err != nil {
		t.Fatal(err)
	}
	made, err := r.site.Tools.Publish(ctx, tool.Publication{Tool: d.Tool.ID, Revision: d.Revision})
	if err != nil || !made.Public() {
		t.Fatalf("it is %q: %v", made.Standing, err)
	}
	page := strings.Join(strings.Fields(r.page(t, made.Path()).Find("main").Text()), " ")
	if without := lacks(page, "Instituto Nacional de Estadística y Geografía, Datos de "+c.name+" · Tabla de "+c.name+", versión 1"); without != nil {
		t.Errorf("its page does not say %q: %.1500s", without, page)
	}
	var said struct {
		Sources []string      `json:"sources"`
		Result  reckon.Result `json:"result"`
	}
	res := webtest.Get(t, r.shell, made.Path()+"/vistas/mosaico/datos.json")
	if err := json.Unmarshal(res.Body.Bytes(), &said); err != nil {
		t.Fatalf("%d: %v", res.Code, err)
	}
	if len(said.Sources) == 0 || !strings.Contains(said.Sources[0], "Tabla de "+c.name+", versión 1") {
		t.Errorf("its numbers are from %q", said.Sources)
	}
	c.adds(t, said.Result)
}

// adds compares the parts of a mosaic, and what they are together, with the file's sums.
func (c *oldChart) adds(t *testing.T, r reckon.Result) {
	t.Helper()
	parts, all := c.sums()
	close := func(a, b float64) bool { return math.Abs(a-b) <= 1e-6*max(1, math.Abs(b)) }
	shown := 0.0
	for _, row := range r.Rows {
		v, err := strconv.ParseFloat(row[2].Text, 64)
		if err != nil {
			t.Fatal(err)
		}
		shown += v
		if want, known := parts[[2]string{row[0].Text, row[1].Text}]; !known || !close(v, want) {
			t.Errorf("%s, %s: %v, and %v in the file", row[0].Text, row[1].Text, v, want)
		}
	}
	t.Logf("%d parts of %d, %v of %v; %d left out, %d below zero", len(r.Rows), len(parts), shown, all, r.Left, r.Negative)
	if len(r.Rows) < 2 || r.Left == 0 && r.Negative == 0 && !close(shown, all) {
		t.Errorf("together %v, and %v in the file", shown, all)
	}
}
