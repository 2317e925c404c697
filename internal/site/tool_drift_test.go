package site_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"net/url"
	"os"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"plaza/internal/base/db"
	"plaza/internal/base/db/dbtest"
	"plaza/internal/civic/follow"
	"plaza/internal/civic/institution"
	"plaza/internal/plaza"
	"plaza/internal/section/catalog/harvest"
	"plaza/internal/section/tool"
	"plaza/internal/section/tool/spec"
	"plaza/internal/site"
)

// The columns of the cuts of April 2020: the second has an id more, two other names, and quotes.
var (
	firstCut  = strings.Fields("FECHA_ACTUALIZACION SEXO ENTIDAD_RES FECHA_SINTOMAS FECHA_DEF EDAD HABLA_LENGUA_INDI DIABETES OTRA_CON OBESIDAD RESULTADO UCI")
	secondCut = strings.Fields("FECHA_ACTUALIZACION ID_REGISTRO SEXO ENTIDAD_RES FECHA_SINTOMAS FECHA_DEF EDAD HABLA_LENGUA_INDIG DIABETES OTRA_COM OBESIDAD RESULTADO UCI")
)

// cut is a file of rows that follow one another, as the ministry writes them.
func cut(columns []string, day string, rows int, quote string) string {
	var b strings.Builder
	line := func(cells []string) {
		b.WriteString(quote + strings.Join(cells, quote+","+quote) + quote + "\r\n")
	}
	line(columns)
	for n := range rows {
		cells := make([]string, len(columns))
		for i, c := range columns {
			switch {
			case c == "FECHA_ACTUALIZACION":
				cells[i] = day
			case c == "ID_REGISTRO":
				cells[i] = fmt.Sprintf("%06x", 0xabc000+n*7)
			case c == "FECHA_SINTOMAS":
				cells[i] = fmt.Sprintf("2020-04-%02d", 1+n%12)
			case c == "FECHA_DEF":
				cells[i] = "9999-99-99"
			case c == "ENTIDAD_RES":
				cells[i] = fmt.Sprintf("%02d", 1+n%32)
			case c == "EDAD":
				cells[i] = fmt.Sprint(20 + n%60)
			case n%40 == 0:
				cells[i] = "99"
			default:
				cells[i] = fmt.Sprint(1 + (n+i)%2)
			}
		}
		line(cells)
	}
	return b.String()
}

// TestAToolFollowsCutsWhoseColumnsAreRenamed is the way of a tool whose ministry publishes
// another file every week under the same address: it shows the new rows; where a column has
// another name it says so, its author hears of it and takes the repair that is proposed. One
// that is fixed to the first cut stays as it was.
func TestAToolFollowsCutsWhoseColumnsAreRenamed(t *testing.T) {
	for _, engine := range []string{"sqlite", "postgresql"} {
		if engine == "postgresql" && os.Getenv(dbtest.Server) == "" || os.Getenv(dbtest.Engines) == "postgresql" && engine == "sqlite" {
			continue
		}
		cfg := opening(t.TempDir())
		cfg.Allow = []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")}
		if engine == "postgresql" {
			cfg.DSN, cfg.Secret = dbtest.PostgreSQLDSN(t), strings.Repeat("5ec4e7", 11)
		}
		t.Run(engine, func(t *testing.T) {
			s, err := site.Open(t.Context(), cfg)
			if err != nil {
				t.Fatal(err)
			}
			t.Cleanup(func() { _ = s.Close() })
			c := &cuts{routed: behind(t, s)}
			c.harvested(t)
			c.drifts(t)
		})
	}
}

// cuts is a site with one resource, whose file is what is put into now.
type cuts struct {
	*routed
	now      atomic.Value // string
	resource string
}

// harvested has a catalogue read that has the resource.
func (c *cuts) harvested(t *testing.T) {
	t.Helper()
	mux := http.NewServeMux()
	server := httptest.NewServer(mux)
	t.Cleanup(server.Close)
	mux.HandleFunc("/casos.csv", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/csv; charset=utf-8")
		_, _ = w.Write([]byte(c.now.Load().(string)))
	})
	mux.HandleFunc("/data.json", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		_ = json.NewEncoder(w).Encode(map[string]any{"title": "Salud", "dataset": []map[string]any{{"identifier": "casos", "title": "Casos de COVID-19", "description": "Personas estudiadas.",
			"modified": "2020-04-13", "license": "https://datos.gob.mx/libreusomx/", "distribution": []map[string]any{{"title": "Corte vigente", "downloadURL": server.URL + "/casos.csv", "mediaType": "text/csv", "format": "CSV"}}}}})
	})
	c.now.Store(cut(firstCut, "2020-04-13", 120, ""))
	c.write(t, func(tx *db.Tx) error {
		body, err := institution.Put(tx, institution.Institution{Name: "Secretaría de Salud", Acronym: "SALUD", Slug: "salud", Type: "federal"})
		if err != nil {
			return err
		}
		source, err := c.site.Harvester.Add(tx, harvest.Source{Kind: "data.json", URL: server.URL + "/data.json", Title: "Salud", InstitutionID: body.ID})
		if err != nil {
			return err
		}
		_, err = harvest.Enqueue(tx, source.ID)
		return err
	})
	c.work(t)
	c.resource = c.value(t, `SELECT id FROM resources WHERE url LIKE '%/casos.csv'`)
	c.opens(t)
	c.by(t, c.person(t, "Beto Lee").Actor(), func(tx *db.Tx) error { // before anybody follows anything, nothing is told
		_, err := follow.Put(tx, plaza.Ref{Kind: tool.KindResource, ID: c.resource}, follow.Choice{Often: follow.Now, InApp: true})
		return err
	})
}

// opens has the file fetched and opened again, and its tools looked at.
func (c *cuts) opens(t *testing.T) {
	t.Helper()
	dbtest.Advance(c.site.DB, time.Hour)
	c.write(t, func(tx *db.Tx) error { return c.site.Explore.Retry(tx, c.resource) })
	c.work(t)
	if err := c.site.Tools.Watch(plaza.WithActor(t.Context(), plaza.SystemActor)); err != nil {
		t.Fatal(err)
	}
	if err := c.watch.Refresh(t.Context()); err != nil {
		t.Fatal(err)
	}
}

// publishes has somebody make a tool of a document, by forms alone.
func (c *cuts) publishes(v *visitor, title string, version int) (edit, public string) {
	v.Helper()
	begun := v.fill("/mi/herramientas/nueva?recurso="+c.resource, "/mi/herramientas/nueva", url.Values{"propuesta": {"0"}})
	edit = begun.location
	if begun.status != http.StatusSeeOther {
		v.Fatalf("beginning: %d", begun.status)
	}
	doc := spec.Spec{Schema: spec.Schema, Title: title, Language: "es", Sources: []spec.Source{{Name: "corte", Resource: c.resource, Version: version, Filter: "f.OTRA_CON.max=2"}},
		Views: []spec.View{{Name: "barras", Source: "corte", Mark: spec.Bar, Encoding: spec.Encoding{X: spec.Channel{Aggregate: "count"}, Y: spec.Channel{Field: "HABLA_LENGUA_INDI"}}}}}
	revision := v.page(edit+"/documento").Find("input[name=revision]").AttrOr("value", "")
	if a := v.post(edit+"/documento", url.Values{"revision": {revision}, "documento": {string(doc.JSON())}}); a.status != http.StatusSeeOther {
		v.Fatalf("the document: %d %.800s", a.status, a.doc(v.T).Find("main").Text())
	}
	return edit, c.sends(v, edit)
}

// sends publishes what stands in the editor.
func (c *cuts) sends(v *visitor, edit string) (public string) {
	v.Helper()
	a := v.fill(edit+"/publicar", edit+"/publicar", url.Values{"nota": {"Ahora con el nombre nuevo."}})
	if a.status != http.StatusSeeOther || !strings.HasPrefix(a.location, tool.Path+"/") {
		v.Fatalf("publishing: %d to %q: %.800s", a.status, a.location, a.doc(v.T).Find("main").Text())
	}
	if err := c.watch.Refresh(v.Context()); err != nil {
		v.Fatal(err)
	}
	return a.location
}

// counted are how many rows a tool's page counts together.
func (c *cuts) counted(t *testing.T, public string) (n int) {
	t.Helper()
	var data struct{ Rows []map[string]any }
	a := c.newcomer(t).get("/api/v1" + strings.Replace(public, tool.Path, "/tools", 1) + "/views/barras/data")
	if err := json.Unmarshal([]byte(a.body), &data); err != nil || a.status != http.StatusOK {
		t.Fatalf("the numbers of %s: %d, %v, %.300s", public, a.status, err, a.body)
	}
	for _, row := range data.Rows {
		for _, v := range row {
			if k, ok := v.(float64); ok && k > 2 && k != 99 {
				n += int(k)
			}
		}
	}
	return n
}

// drifts follows the cuts.
func (c *cuts) drifts(t *testing.T) {
	ana := c.person(t, "Ana Sigue", plaza.Grant{Role: plaza.Moderator})
	v := c.of(t, ana)
	edit, follows := c.publishes(v, "Quienes hablan una lengua indígena", 0)
	_, fixed := c.publishes(v, "El primer corte", 1)
	before := c.counted(t, follows)
	if before < 100 || c.counted(t, fixed) != before {
		t.Fatalf("of the first cut %d rows count, and %d", before, c.counted(t, fixed))
	}

	c.now.Store(cut(firstCut, "2020-04-14", 200, "")) // more rows, the same columns
	c.opens(t)
	after := c.counted(t, follows)
	if after <= before || c.counted(t, fixed) != before {
		t.Errorf("of a cut with more rows %d count, %d where it is fixed", after, c.counted(t, fixed))
	}
	if said := c.newcomer(t).text(follows); strings.Contains(said, "Desactualizada") || !strings.Contains(said, "versión 2") {
		t.Errorf("of a cut with more rows it says %.800s", said)
	}

	c.now.Store(cut(secondCut, "2020-04-20", 300, `"`)) // the columns of the second
	c.opens(t)
	if said := c.newcomer(t).text(follows); lacks(said, "Desactualizada", "“HABLA LENGUA INDI”; parece que ahora es “HABLA LENGUA INDIG”", "Así estaba el") != nil {
		t.Errorf("without its columns it says %.1500s", said)
	}
	if said := c.newcomer(t).text(fixed); strings.Contains(said, "Desactualizada") || c.counted(t, fixed) != before {
		t.Errorf("what is fixed says %.800s", said)
	}
	told := []string{"Quienes hablan una lengua indígena", "«HABLA_LENGUA_INDI»", "«HABLA_LENGUA_INDIG»", "«OTRA_CON»", "«OTRA_COM»"}
	if m := c.mailTo(t, ana); lacks(m, append(told, edit)...) != nil {
		t.Errorf("her mail lacks %q: %.2000s", lacks(m, append(told, edit)...), m)
	}
	if said := v.text(follow.NoticesPath); lacks(said, told...) != nil {
		t.Errorf("her notices say %.1500s", said)
	}

	page := v.page(edit)
	if page.Find("button[value=reparar]").Length() != 1 {
		t.Fatalf("no repair is proposed: %.1500s", page.Find("main").Text())
	}
	if a := v.post(edit, url.Values{"revision": {page.Find("input[name=revision]").AttrOr("value", "")}, "hacer": {"reparar"}}); a.status != http.StatusSeeOther {
		t.Fatalf("taking the repair: %d", a.status)
	}
	if doc := v.page(edit + "/documento").Find("textarea").Text(); lacks(doc, `"HABLA_LENGUA_INDIG"`, "f.OTRA_COM.max=2") != nil {
		t.Errorf("the document is %s", doc)
	}
	if public := c.sends(v, edit); public != follows {
		t.Errorf("it moved from %s to %s", follows, public)
	}
	if said := c.newcomer(t).text(follows); strings.Contains(said, "Desactualizada") || c.counted(t, follows) <= after {
		t.Errorf("repaired it counts %d rows and says %.800s", c.counted(t, follows), said)
	}
	if said := v.text(edit); strings.Contains(said, "Desactualizada") {
		t.Errorf("the editor says still what was lost: %.500s", said)
	}
	if said := c.newcomer(t).text(follows + "/versiones"); lacks(said, "Versión 2", "Versión 1", "Ahora con el nombre nuevo.") != nil {
		t.Errorf("its versions are %.800s", said)
	}
	if r := c.exported(t); lacks(r, `"tool.published"`, `"tool.outdated"`, `"tool.repaired"`) != nil {
		t.Errorf("the record lacks %q", lacks(r, `"tool.published"`, `"tool.outdated"`, `"tool.repaired"`))
	}
	if said := c.newcomer(t).text("/bitacora"); lacks(said, "perdió columnas", "vuelve a mostrar sus datos") != nil {
		t.Errorf("the public record says %.1500s", said)
	}
	if said := c.newcomer(t).text(fixed); strings.Contains(said, "Desactualizada") || c.counted(t, fixed) != before {
		t.Errorf("at last what is fixed says %.800s", said)
	}
}
