package catalog_test

import (
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"plaza/internal/base/db"
	"plaza/internal/base/tabular"
	"plaza/internal/base/web/webtest"
	"plaza/internal/civic/search"
	"plaza/internal/plaza"
	"plaza/internal/section/catalog"
)

// precios is what a file says of itself; nobody may see its columns of names and of contracts.
func precios() tabular.Profile {
	top := func(values ...string) (s tabular.Stats) {
		for _, v := range values {
			s.Top = append(s.Top, tabular.ValueCount{Value: v, Count: 3})
		}
		return s
	}
	return tabular.Profile{Tables: []tabular.Table{{Rows: 2, Columns: []tabular.Column{{Name: "nada", Type: tabular.Integer}}}, {
		Name: "Hoja de ventas", Rows: 1200,
		Place: tabular.Place{Kind: tabular.PlaceMunicipality, Columns: []string{"cve_mun"}, States: []string{"17"}, Towns: []string{"17007", "17011"}},
		Columns: []tabular.Column{
			{Name: "cve_mun", Type: tabular.Code, Meaning: tabular.Municipality, Stats: top("17007", "17011")},
			{Name: "precio_venta", Label: "Precio de venta", Type: tabular.Money, Unit: "MXN", Note: "Lo que se paga por litro en el mostrador", Stats: top("99817")},
			{Name: "producto", Type: tabular.Text, Stats: top("Magna", "Diésel automotriz")},
			{Name: "clave_permiso", Type: tabular.Code, Stats: top("PLQ7")},
			{Name: "encargado", Type: tabular.Text, Note: "Quien atiende el mostrador oculto", Stats: top("Filiberto")},
			{Name: "corte", Type: tabular.Year, Stats: tabular.Stats{Min: "2018", Max: "2020"}},
			{Name: "contrato_oculto", Type: tabular.Date, Stats: tabular.Stats{Min: "1995-03-01", Max: "2024-11-30"}},
		}}}}
}

func hides(c tabular.Column) bool { return c.Name == "encargado" || c.Name == "contrato_oculto" }

// resource is the id of a dataset's resource by its place, and its page.
func (w *world) resource(slug string, i int) (id, path string) {
	w.Helper()
	if err := w.db.Read(w.Context(), func(tx *db.Tx) error {
		d, err := catalog.BySlug(tx, slug)
		if err == nil {
			id, path = d.Resources[i].ID, d.ResourcePath(d.Resources[i])
		}
		return err
	}); err != nil {
		w.Fatal(err)
	}
	return id, path
}

// tables are the addresses of the tables that a search's page shows, without anchors.
func (w *world) tables(q string) []string {
	w.Helper()
	var out []string
	for _, a := range w.get("/buscar?tipo=tablas&q="+url.QueryEscape(q), http.StatusOK).Find(".Item-title a").EachIter() {
		href, _ := strings.CutSuffix(a.AttrOr("href", ""), "#columna")
		if strings.Contains(href, "/recursos/") { // and not what has some of the words
			out = append(out, href)
		}
	}
	return out
}

func TestATableIsFoundByWhatIsInsideAndOpensNarrowedToIt(t *testing.T) {
	pages(t, func(w *world) {
		w.fill()
		id, path := w.resource("camas-de-hospital-por-entidad", 0)
		w.write(func(tx *db.Tx) error { return catalog.PutInside(tx, id, catalog.InsideOf(precios(), hides)) })
		for q, want := range map[string]string{
			"columna: precio":           "?columna=precio_venta&hoja=2",
			"COLUMNA:Préció":            "?columna=precio_venta&hoja=2",
			"column: venta":             "?columna=precio_venta&hoja=2",
			`columna: "precio venta"`:   "?columna=precio_venta&hoja=2",
			"magna columna: producto":   "?columna=producto&hoja=2",
			"precio":                    "?columna=precio_venta&hoja=2",
			"clave_permiso":             "?columna=clave_permiso&hoja=2",
			"cuernavaca":                "?hoja=2&lugar=17007",
			"Morelos":                   "?hoja=2&lugar=17",
			"magna en Jiutepec":         "?hoja=2&lugar=17011",
			"diesel":                    "?buscar=diesel&hoja=2",
			"plq7":                      "?f.clave_permiso=PLQ7&hoja=2",
			"se paga por litro":         "",
			"columna: encargado":        "-",
			"filiberto":                 "-",
			"oculto":                    "-",
			"99817":                     "-", // numbers are filtered, not looked for
			"columna: precio acueducto": "-",
			"columna:":                  "-",
		} {
			got := w.tables(q)
			if want == "-" && len(got) > 0 || want != "-" && (len(got) != 1 || got[0] != path+want) {
				w.Errorf("%q opens %q, want %q", q, got, want)
			}
		}
		doc := w.get("/buscar?q=cuernavaca", http.StatusOK)
		w.says(doc, ".Main", "Tablas que lo contienen", "Camas 2026", "Contiene: Cuernavaca", "Camas de hospital por entidad", "1,200 filas × 5 columnas")
		w.says(doc, ".Sort", "Todo (0)", "Tablas (1)")
		w.says(w.get("/buscar?q=columna:+precio", http.StatusOK), ".ItemList", "Columna: precio_venta")
		doc = w.get("/buscar?q=precio", http.StatusOK)
		w.says(doc, ".ItemList", "Conjunto de datos", "Camas de hospital por entidad") // by the names of its columns
		if body := webtest.Get(w, w.shell, "/buscar/sugerencias?q=cuernav").Body.String(); !strings.Contains(body, `"kind":"Tabla"`) {
			w.Errorf("suggestions: %s", body)
		}
	})
}

func TestATableIsFoundOnlyWhileItIsThereForAll(t *testing.T) {
	pages(t, func(w *world) {
		w.fill()
		id, path := w.resource("camas-de-hospital-por-entidad", 0)
		found := func(when string, want int) {
			w.Helper()
			if got := w.tables("diesel"); len(got) != want {
				w.Errorf("%s: %d tables", when, len(got))
			}
			years := w.get("/datos?anios=2019", http.StatusOK).Find(".ItemList > li").Length()
			if years != want {
				w.Errorf("%s: %d datasets of 2019", when, years)
			}
		}
		put := func() {
			w.write(func(tx *db.Tx) error { return catalog.PutInside(tx, id, catalog.InsideOf(precios(), hides)) })
		}
		put()
		found("open", 1)
		if _, err := catalog.Reindex(plaza.WithActor(w.Context(), plaza.SystemActor), w.db); err != nil {
			w.Fatal(err)
		}
		w.write(func(*db.Tx) error { return nil })
		found("indexed anew", 1)
		w.write(func(tx *db.Tx) error { _, err := catalog.Withhold(tx, id, tx.Now); return err })
		found("withheld", 0)
		w.write(func(tx *db.Tx) error { _, err := catalog.Withhold(tx, id, time.Time{}); return err })
		found("given back", 1)
		w.write(func(tx *db.Tx) error { return catalog.RemoveInside(tx, id) })
		found("closed", 0)
		put()
		less := camas()
		less.Resources = less.Resources[1:]
		w.apply(w.salud.ID, less)
		found("not listed any more", 0)
		w.apply(w.salud.ID, camas())
		found("listed again", 1)
		if got := w.tables("columna: producto"); len(got) != 1 || !strings.HasPrefix(got[0], path) {
			w.Errorf("listed again, it opens %q", got)
		}
		w.write(func(tx *db.Tx) error {
			d, err := catalog.BySlug(tx, "camas-de-hospital-por-entidad")
			if err != nil {
				return err
			}
			return catalog.MarkAbsent(tx, run, []string{d.ID})
		})
		found("gone from its source", 0)
	})
}

func TestDatasetsAreCountedByThePlacesAndYearsInTheirTables(t *testing.T) {
	pages(t, func(w *world) {
		w.fill()
		first, _ := w.resource("camas-de-hospital-por-entidad", 0)
		second, _ := w.resource("vacunacion-b-infantil-b", 0)
		wide := precios()
		wide.Tables[1].Place.States, wide.Tables[1].Place.Towns = []string{"09", "17"}, nil
		wide.Tables[1].Column("corte").Stats = tabular.Stats{Min: "1995", Max: "2019"}
		w.write(func(tx *db.Tx) error { return catalog.PutInside(tx, first, catalog.InsideOf(precios(), hides)) })
		w.says(w.get("/datos", http.StatusOK), ".Main", "Lugar", "Morelos 1", "Años", "2020 1", "2018 1")
		w.write(func(tx *db.Tx) error { return catalog.PutInside(tx, second, catalog.InsideOf(wide, hides)) })
		w.says(w.get("/datos", http.StatusOK), ".Main", "Morelos 2", "Ciudad de México 1", "2010–2019 2", "2020–2029 1", "1990–1999 1")
		doc := w.get("/datos?lugar=09&anios=2010-2019", http.StatusOK)
		w.says(doc, ".Chips", "Ciudad de México", "2010–2019")
		if n := doc.Find(".ItemList > li").Length(); n != 1 {
			w.Errorf("%d datasets of the capital", n)
		}
		w.write(func(tx *db.Tx) error { // by a hidden column no place is told
			return catalog.PutInside(tx, second, catalog.InsideOf(wide, func(c tabular.Column) bool { return c.Name == "cve_mun" }))
		})
		if n := w.get("/datos?lugar=09", http.StatusOK).Find(".ItemList > li").Length(); n != 0 {
			w.Errorf("%d datasets of the capital by a hidden column", n)
		}
	})
}

func TestAFileOfAWholeCountryIsFoundByEachTownAndStaysSmall(t *testing.T) {
	pages(t, func(w *world) {
		w.fill()
		id, path := w.resource("camas-de-hospital-por-entidad", 0)
		p := precios()
		at := &p.Tables[1]
		at.Place.Towns = nil
		for state := 1; state <= 32; state++ {
			for town := 1; town <= 77; town++ {
				at.Place.Towns = append(at.Place.Towns, fmt.Sprintf("%02d%03d", state, town))
			}
		}
		for i := range 3000 {
			at.Columns = append(at.Columns, tabular.Column{Name: fmt.Sprintf("indicador_%d_de_algo", i), Type: tabular.Text, Note: strings.Repeat("palabra ", 50),
				Stats: tabular.Stats{Top: []tabular.ValueCount{{Value: fmt.Sprintf("valor %d", i), Count: 9}}}})
		}
		w.write(func(tx *db.Tx) error { return catalog.PutInside(tx, id, catalog.InsideOf(p, hides)) })
		if got := w.tables("Zapopan"); len(got) != 0 { // 14120
			w.Errorf("Zapopan is found: %q", got)
		}
		for _, town := range []string{"Cuernavaca", "Tijuana"} {
			if got := w.tables(town); len(got) != 1 || !strings.HasPrefix(got[0], path+"?hoja=2&lugar=") {
				w.Errorf("%s opens %q", town, got)
			}
		}
		var n int
		if err := w.db.Read(w.Context(), func(tx *db.Tx) error {
			var words string
			err := tx.Row(`SELECT words FROM search_docs WHERE kind = $1 AND id = $2`, catalog.KindResource, id).Scan(&words)
			n = len(strings.Fields(words))
			return err
		}); err != nil {
			w.Fatal(err)
		}
		if n > 620 {
			w.Errorf("it puts %d words into the index", n)
		}
		if r, err := w.engine.Search(search.Query{Filters: map[string][]string{search.KindFacet: {catalog.KindResource}, catalog.FacetTown: {"02004"}}}); err != nil || r.Total != 1 {
			w.Errorf("%d tables of Tijuana: %v", r.Total, err)
		}
	})
}
