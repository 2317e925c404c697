package catalog_test

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/PuerkitoBio/goquery"

	"plaza/internal/base/db"
	"plaza/internal/base/db/dbtest"
	"plaza/internal/base/fetch"
	"plaza/internal/base/i18n"
	"plaza/internal/base/web"
	"plaza/internal/base/web/webtest"
	"plaza/internal/civic/access"
	"plaza/internal/civic/institution"
	"plaza/internal/civic/record"
	"plaza/internal/civic/search"
	"plaza/internal/plaza"
	"plaza/internal/section/catalog"
	"plaza/internal/section/catalog/dcat"
)

const (
	source = "0190a000-0000-7000-8000-000000000001"
	run    = "0190a000-0000-7000-8000-000000000002"
)

// world is a small catalogue with its pages.
type world struct {
	*testing.T
	db     *db.DB
	engine *search.Engine
	shell  *web.Shell
	salud  institution.Institution

	retired bool // the source
}

// pages runs f on a fresh world on each store.
func pages(t *testing.T, f func(w *world)) {
	t.Helper()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := &world{T: t, db: d, engine: search.New()}
		w.shell = webtest.New(t, func(c *web.Config) { c.Now = d.Now },
			catalog.Locale, institution.Locale, record.Locale, access.Locale, fetch.Locale, dcat.Locale)
		section := catalog.New(catalog.Deps{
			DB: d, Search: w.engine, Cards: catalog.Cards,
			Origin: func(*db.Tx, string) (catalog.Origin, error) {
				return catalog.Origin{ID: source, Title: "Portal de prueba", Path: "/lecturas/" + source, Retired: w.retired,
					SeenAt: d.Now(), RunPath: "/lecturas/" + source + "/" + run}, nil
			},
			OriginsOf: func(*db.Tx, string) ([]catalog.Origin, error) { return nil, nil },
		})
		if err := section.Mount(w.shell); err != nil {
			t.Fatal(err)
		}
		f(w)
	})
}

func (w *world) write(fn func(tx *db.Tx) error) {
	w.Helper()
	ctx := plaza.WithActor(w.Context(), plaza.SystemActor)
	if err := w.db.Write(ctx, fn); err != nil {
		w.Fatal(err)
	}
	if err := w.engine.Sync(w.Context(), w.db); err != nil {
		w.Fatal(err)
	}
}

func (w *world) institution(i institution.Institution) institution.Institution {
	w.Helper()
	w.write(func(tx *db.Tx) (err error) {
		i, err = institution.Put(tx, i)
		return err
	})
	return i
}

func (w *world) apply(body string, records ...dcat.Record) {
	w.Helper()
	batch := make([]catalog.Incoming, len(records))
	for i, r := range records {
		batch[i] = catalog.NewIncoming(r, r.Fingerprint(), body)
	}
	w.write(func(tx *db.Tx) error {
		_, err := catalog.Apply(tx, catalog.Batch{Source: source, Run: run, Names: map[string]string{w.salud.ID: w.salud.Name}}, batch)
		return err
	})
}

// fill is a catalogue with something of everything.
func (w *world) fill() {
	w.salud = w.institution(institution.Institution{Name: "Secretaría de Salud", Acronym: "SALUD", Type: "federal",
		Website: "https://www.salud.example", Contact: institution.Contact{Name: "Dirección de Información", Email: "datos@salud.example"}})
	w.apply(w.salud.ID, camas(), vacunas())
	w.apply("", dcat.Record{SourceKey: "huerfano", Title: "Padrón sin dueño", Publisher: dcat.Publisher{Key: "x", Name: "Oficina Desconocida"}})
}

func camas() dcat.Record {
	return dcat.Record{
		SourceKey: "camas", Title: "Camas de hospital por entidad",
		Description: "Cuántas **camas** censables tiene cada hospital.",
		Keywords:    []string{"hospitales", "camas"}, Themes: []string{"Salud"},
		Publisher: dcat.Publisher{Key: "ssa", Name: "Secretaría de Salud"},
		License:   dcat.License{ID: "CC-BY-4.0", Title: "Creative Commons Atribución 4.0", URL: "https://creativecommons.org/licenses/by/4.0/"},
		Issued:    "2024-01-15", Modified: "2026-11-10", AccrualPeriodicity: "R/P1M",
		Spatial: dcat.Spatial{Text: "México"}, Temporal: dcat.Temporal{Start: "2020", End: "2026-10"}, Languages: []string{"es"},
		Resources: []dcat.Resource{{
			SourceKey: "r1", Title: "Camas 2026", Format: "CSV", MediaType: "text/csv", DownloadURL: "https://datos.salud.example/camas.csv",
			ByteSize: 120_000, Fields: []dcat.Field{{Name: "clues", Type: "texto", Description: "Clave del hospital"}},
		}, {
			SourceKey: "r2", Title: "Camas por FTP", Format: "XLSX", DownloadURL: "ftp://datos.salud.example/camas.xlsx", ByteSize: -1, Position: 1,
		}},
	}
}

func vacunas() dcat.Record {
	return dcat.Record{
		SourceKey: "vacunas", Title: "Vacunación <b>infantil</b>", Modified: "2023", AccrualPeriodicity: "R/P1Y",
		Publisher: dcat.Publisher{Key: "ssa", Name: "Secretaría de Salud"}, Themes: []string{"Salud", "Niñez & familia"},
		Resources: []dcat.Resource{{SourceKey: "v1", Title: "Vacunas", Format: "JSON", AccessURL: "https://datos.salud.example/v", ByteSize: -1}},
	}
}

// get asks for a page and expects a status.
func (w *world) get(path string, status int) *goquery.Document {
	w.Helper()
	res := webtest.Get(w, w.shell, path)
	if res.Code != status {
		w.Fatalf("GET %s = %d, want %d\n%s", path, res.Code, status, res.Body)
	}
	doc, err := goquery.NewDocumentFromReader(res.Body)
	if err != nil {
		w.Fatal(err)
	}
	return doc
}

// text is what a selection says, on one line.
func text(s *goquery.Selection) string { return strings.Join(strings.Fields(s.Text()), " ") }

// says fails unless a selection of the page holds each text.
func (w *world) says(doc *goquery.Document, selector string, want ...string) {
	w.Helper()
	got := text(doc.Find(selector))
	for _, s := range want {
		if !strings.Contains(got, s) {
			w.Errorf("%s says %q, want %q in it", selector, got, s)
		}
	}
}

func TestEveryTemplateFitsItsPageAndHasItsWords(t *testing.T) {
	pages(t, func(w *world) {
		for _, p := range webtest.CheckTemplates(w.shell) {
			w.Error(p)
		}
	})
	for _, p := range i18n.CheckCatalogues(catalog.Locale) {
		t.Error(p)
	}
}

func TestADatasetSaysWhatItIsAndWhetherItIsAlive(t *testing.T) {
	pages(t, func(w *world) {
		w.fill()
		doc := w.get("/datos/camas-de-hospital-por-entidad", http.StatusOK)
		w.says(doc, "h1", "Camas de hospital por entidad")
		w.says(doc, ".Alive", "Al día", "10 de noviembre de 2026", "hace 13 días", "cada mes")
		w.says(doc, ".PageHead-kicker", "Secretaría de Salud")
		w.says(doc, ".ResourceList", "Camas 2026", "CSV", "120 kB", "Todavía no revisamos si abre", "clues", "Clave del hospital")
		w.says(doc, ".Layout-aside", "Creative Commons Atribución 4.0", "De 2020 a octubre de 2026", "México", "datos@salud.example")
		w.says(doc, "#cita-apa", "Secretaría de Salud. (2026, 10 de noviembre). Camas de hospital por entidad [Conjunto de datos]. Plaza. https://plaza.example/datos/camas-de-hospital-por-entidad")
		w.says(doc, "#cita-bibtex", "@misc{camas2026,", "author = {{Secretaría de Salud}}")
		w.says(doc, `script[type="application/ld+json"]`, `"@type":"Dataset"`, `"contentUrl":"https://datos.salud.example/camas.csv"`, `"temporalCoverage":"2020/2026-10"`)
		if href, _ := doc.Find(`.ResourceList a.Button[href^="ftp"]`).Attr("href"); href != "ftp://datos.salud.example/camas.xlsx" {
			w.Errorf("the FTP resource opens at %q", href)
		}
		late := w.get("/datos/vacunacion-b-infantil-b", http.StatusOK)
		w.says(late, "h1", "Vacunación <b>infantil</b>")
		w.says(late, ".Alive", "Atrasado", "ya se pasó de tiempo")
		w.says(late, ".Notes", "No dice con qué licencia", "No tiene diccionario")
	})
}

func TestADatasetNamesWhereItsDataComeFrom(t *testing.T) {
	pages(t, func(w *world) {
		for i, c := range []struct {
			extras map[string]string
			want   []string
			links  []string
		}{
			{map[string]string{"dct:source": "https://a.example/x/, https://b.example/y", "dct:provenance": "Censo de 2020, con atribución"},
				[]string{"a.example/x", "b.example/y", "Censo de 2020, con atribución"}, []string{"https://a.example/x/", "https://b.example/y"}},
			{map[string]string{"source": `["https://a.example/x","Registro civil"]`}, []string{"a.example/x", "Registro civil"}, []string{"https://a.example/x"}},
			{map[string]string{"source": "Oficina de Contrataciones, planta baja"}, []string{"Oficina de Contrataciones, planta baja"}, nil},
			{map[string]string{"source": "javascript:alert(1)"}, []string{"javascript:alert(1)"}, nil},
			{map[string]string{"dct:provenance": "https://a.example/historia"}, []string{"a.example/historia"}, []string{"https://a.example/historia"}},
		} {
			r := vacunas()
			r.SourceKey, r.Title, r.Extras = fmt.Sprint(i), fmt.Sprintf("Vacunas %d", i), c.extras
			w.apply("", r)
			doc := w.get(fmt.Sprintf("/datos/vacunas-%d", i), http.StatusOK)
			w.says(doc, ".Layout-aside", append(c.want, "Fuente original")...)
			for _, link := range c.links {
				if doc.Find(`.Layout-aside a[href="`+link+`"]`).Length() != 1 {
					w.Errorf("%v: nothing leads to %s", c.extras, link)
				}
			}
			if len(c.links) == 0 && doc.Find(`.Layout-aside a[href^="javascript"]`).Length() > 0 {
				w.Errorf("%v: text became a link", c.extras)
			}
		}
	})
}

func TestWhatHasMovedIsNotWhatHasChanged(t *testing.T) {
	pages(t, func(w *world) {
		at := func(base string) dcat.Record {
			r := camas()
			r.LandingPage, r.Resources[0].DownloadURL = base+"diccionario.csv", base+"camas.csv"
			return r
		}
		const old, now = "http://localhost:8080/demo/", "https://datos.example/demo/"
		w.apply("", at(old), vacunas())
		w.write(func(tx *db.Tx) error {
			for after, n := "", 0; ; n++ {
				var err error
				if after, err = catalog.Rebase(tx, source, old, now, after, 1); err != nil || after == "" {
					if n != 2 {
						w.Errorf("it took %d steps, want 2", n)
					}
					return err
				}
			}
		})
		w.write(func(tx *db.Tx) error {
			var batch []catalog.Incoming
			for _, r := range []dcat.Record{at(now), vacunas()} {
				batch = append(batch, catalog.NewIncoming(r, r.Fingerprint(), ""))
			}
			changed, err := catalog.Changed(tx, source, batch, false)
			if len(changed) > 0 {
				w.Errorf("%d datasets count as changed", len(changed))
			}
			return err
		})
		doc := w.get("/datos/camas-de-hospital-por-entidad", http.StatusOK)
		if doc.Find(`a[href="`+now+`camas.csv"]`).Length() == 0 || doc.Find(`a[href^="`+old+`"]`).Length() > 0 {
			w.Error("the page leads to the old address")
		}
		var url string
		w.write(func(tx *db.Tx) error {
			return tx.Row(`SELECT url FROM resources WHERE source_key = 'r1'`).Scan(&url)
		})
		if url != now+"camas.csv" {
			w.Errorf("links are looked at under %s", url)
		}
	})
}

func TestADatasetWithoutInstitutionBelongsToTheCentralUnitAndSaysSo(t *testing.T) {
	pages(t, func(w *world) {
		w.fill()
		doc := w.get("/datos/padron-sin-dueno", http.StatusOK)
		w.says(doc, ".PageHead-kicker", "Unidad central de datos abiertos")
		list := w.get("/datos?institucion=central", http.StatusOK)
		w.says(list, ".Chip", "Unidad central de datos abiertos")
		w.says(list, ".ItemList", doc.Find("h1").Text())
		w.says(doc, ".Layout-main", "«Oficina Desconocida»", "No tiene recursos")
	})
}

func TestHistoryTellsEachFieldBeforeAndAfter(t *testing.T) {
	pages(t, func(w *world) {
		w.fill()
		dbtest.Advance(w.db, 48*time.Hour)
		next := camas()
		next.Title, next.AccrualPeriodicity = "Camas de hospital", "R/P3M"
		next.Resources[0].ByteSize = 240_000
		w.apply(w.salud.ID, next)
		doc := w.get("/datos/camas-de-hospital-por-entidad", http.StatusOK)
		w.says(doc, "h1", "Camas de hospital")
		w.says(doc, ".History", "25 de noviembre de 2026", "título", "frecuencia", "cada mes", "cada 3 meses", "Camas 2026: 120 kB", "Camas 2026: 240 kB", "Se leyó por primera vez")
		if href, _ := doc.Find(".History a").First().Attr("href"); href != "/lecturas/"+source+"/"+run {
			w.Errorf("the change leads to %q", href)
		}
	})
}

func TestAMoveIsToldByBothInstitutionsAndInTheHistory(t *testing.T) {
	pages(t, func(w *world) {
		w.fill()
		bienestar := w.institution(institution.Institution{Name: "Secretaría de Bienestar", Acronym: "BIENESTAR", Type: "federal"})
		moveTo := func(to string) {
			dbtest.Advance(w.db, 48*time.Hour)
			w.write(func(tx *db.Tx) error {
				n, err := catalog.Remap(tx, "", func(_ string, p dcat.Publisher) string {
					if p.Key == "ssa" {
						return to
					}
					return ""
				})
				if n != 2 {
					t.Errorf("%d datasets moved, want 2", n)
				}
				return err
			})
		}
		moveTo(bienestar.ID)
		const path, moved = "/datos/camas-de-hospital-por-entidad", ".History li:first-child"
		w.says(w.get(path, http.StatusOK), moved, "institución", "Secretaría de SaludSecretaría de Bienestar")
		w.says(w.get("/instituciones/bienestar", http.StatusOK), "main", "Pasó de Secretaría de Salud a Secretaría de Bienestar el conjunto de datos Camas de hospital por entidad.")
		w.says(w.get("/instituciones/salud", http.StatusOK), "main", "Dejó de ser de Secretaría de Salud y pasó a Secretaría de Bienestar el conjunto de datos Camas de hospital por entidad.")
		moveTo("")
		w.says(w.get(path, http.StatusOK), moved, "institución", "Secretaría de BienestarUnidad central de datos abiertos")
		w.says(w.get("/instituciones/bienestar", http.StatusOK), "main", "Dejó de ser de Secretaría de Bienestar y pasó a la unidad central el conjunto de datos Camas de hospital por entidad.")
	})
}

func TestWhatIsGoneKeepsItsPageWithANotice(t *testing.T) {
	pages(t, func(w *world) {
		w.fill()
		id := plaza.DerivedID(source, "camas")
		w.retired = true
		w.says(w.get("/datos/camas-de-hospital-por-entidad", http.StatusOK), ".Notice--info", "Su catálogo de origen está retirado", "Portal de prueba")
		w.retired = false
		w.write(func(tx *db.Tx) error { return catalog.MarkMissing(tx, run, []string{id}) })
		w.says(w.get("/datos/camas-de-hospital-por-entidad", http.StatusOK), ".Notice--info", "Su catálogo dejó de listarlo", "23 de noviembre de 2026")
		w.write(func(tx *db.Tx) error { return catalog.MarkAbsent(tx, run, []string{id}) })
		w.says(w.get("/datos/camas-de-hospital-por-entidad", http.StatusOK), ".Notice--warning", "Ya no está en su catálogo de origen")
		if n := w.get("/datos", http.StatusOK).Find(".ItemList > li").Length(); n != 2 {
			w.Errorf("the listing has %d datasets, want 2", n)
		}
	})
}

func TestAResourceHasAPageOfFacts(t *testing.T) {
	pages(t, func(w *world) {
		w.fill()
		id := plaza.NestedID(plaza.DerivedID(source, "camas"), "r1")
		w.write(func(tx *db.Tx) error {
			return catalog.Looked(tx, catalog.Link{ResourceID: id}, catalog.Check{State: "status", Status: 404, Size: -1})
		})
		path := "/datos/camas-de-hospital-por-entidad/recursos/" + id
		doc := w.get(path, http.StatusOK)
		w.says(doc, "h1", "Camas 2026")
		w.says(doc, ".Looked--bad", "Liga rota", "datos.salud.example contestó con el código 404")
		w.says(doc, ".Layout-aside", "text/csv", "120 kB", "datos.salud.example")
		w.says(doc, "#otros ~ .ResourceList", "Camas por FTP")
		w.get("/datos/vacunacion-b-infantil-b/recursos/"+id, http.StatusNotFound)
		w.get("/datos/camas-de-hospital-por-entidad/recursos/nada", http.StatusNotFound)
		w.apply(w.salud.ID, func() dcat.Record { r := camas(); r.Resources = r.Resources[1:]; return r }())
		w.says(w.get(path, http.StatusOK), ".Notice--warning", "Este recurso ya no está en el catálogo")
	})
}

func TestOldSlugsRedirect(t *testing.T) {
	pages(t, func(w *world) {
		w.fill()
		salud := w.salud
		salud.Slug = "secretaria-de-salud"
		w.institution(salud)
		w.write(func(tx *db.Tx) error {
			_, err := tx.Exec(`INSERT INTO old_slugs (kind, slug, object_id) VALUES ($1, $2, $3)`, "dataset", "camas", plaza.DerivedID(source, "camas"))
			return err
		})
		for path, want := range map[string]string{
			"/datos/camas?lang=en": "/datos/camas-de-hospital-por-entidad?lang=en",
			"/instituciones/salud": "/instituciones/secretaria-de-salud",
			"/datos/camas/recursos/" + plaza.NestedID(plaza.DerivedID(source, "camas"), "r1"): "/datos/camas-de-hospital-por-entidad/recursos/" + plaza.NestedID(plaza.DerivedID(source, "camas"), "r1"),
		} {
			res := webtest.Get(w, w.shell, path)
			if got := res.Header().Get("Location"); res.Code != http.StatusMovedPermanently || got != want {
				w.Errorf("GET %s = %d %s, want 301 %s", path, res.Code, got, want)
			}
		}
		w.get("/datos/nada", http.StatusNotFound)
		w.get("/instituciones/nada", http.StatusNotFound)
	})
}

func TestListingNarrowsByFacetsThatShareOneAddress(t *testing.T) {
	pages(t, func(w *world) {
		w.fill()
		doc := w.get("/datos", http.StatusOK)
		w.says(doc, ".Toolbar-count", "3 conjuntos de datos")
		w.says(doc, ".Layout-aside", "Institución", "Secretaría de Salud 2", "Niñez & familia 1", "CSV 1", "Cada mes 1", "Atrasado 1", "Sin ritmo fijo 1")
		href, _ := doc.Find(`.Facet-option:contains("Atrasado")`).Attr("href")
		if href != "/datos?vigencia=atrasado" {
			w.Fatalf("the facet leads to %q", href)
		}
		doc = w.get("/datos?vigencia=atrasado&institucion=salud&formato=JSON", http.StatusOK)
		w.says(doc, ".Toolbar-count", "1 conjunto de datos")
		w.says(doc, ".Chips", "Institución: Secretaría de Salud", "Formato: JSON", "Vigencia: Atrasado")
		if href, _ := doc.Find(`.Chip:contains("JSON")`).Attr("href"); href != "/datos?institucion=salud&vigencia=atrasado" {
			w.Errorf("the chip leads to %q", href)
		}
		w.says(w.get("/datos?tema=Salud&tema=Ni%C3%B1ez+%26+familia", http.StatusOK), ".Toolbar-count", "2 conjuntos")
		w.says(w.get("/datos?q=camás", http.StatusOK), ".ItemList mark", "Camas")
		w.says(w.get("/datos?q=kamas", http.StatusOK), ".DidYouMean", "camas")
		w.says(w.get("/datos?q=acueducto&formato=CSV", http.StatusOK), ".Empty", "Ningún conjunto de datos cumple", "Buscar «acueducto» sin filtros")
	})
}

func TestHostileAddressesAreIgnoredOrShownLiterally(t *testing.T) {
	pages(t, func(w *world) {
		w.fill()
		for _, query := range []string{
			"q=%00", "q=%ff%fe", "pagina=-1", "pagina=999999", "pagina=abc", "orden=DROP", "formato=%27%3B--", "tema=" + strings.Repeat("a", 3000),
			"q=" + strings.Repeat("%22", 100), "q=-", "q=*", "institucion=nadie", "vigencia=x", "todas=nada", "tipo=otra", "q=%F0%9F%A6%84", "lang=zz", "q=a&q=b", "%zz=1",
			"q=%3Cscript%3Ealert(1)%3C/script%3E", strings.Repeat("formato=a&", 100),
		} {
			for _, path := range []string{"/datos", "/buscar", "/buscar/sugerencias", "/instituciones"} {
				res := webtest.Get(w, w.shell, path+"?"+query)
				if res.Code != http.StatusOK {
					w.Errorf("GET %s?%.60s = %d", path, query, res.Code)
				}
				if strings.Contains(res.Body.String(), "<script>alert") {
					w.Errorf("GET %s?%s echoes a script", path, query)
				}
			}
		}
	})
}

func TestInstitutionsAreGroupedCountedAndFiltered(t *testing.T) {
	pages(t, func(w *world) {
		w.fill()
		w.institution(institution.Institution{Name: "Instituto de Salud Pública", Acronym: "INSP", Type: "autonomous", ParentID: w.salud.ID, Zone: "America/Tijuana"})
		doc := w.get("/instituciones", http.StatusOK)
		w.says(doc, ".Main", "Gobierno federal", "Secretaría de Salud (SALUD) 2 conjuntos de datos", "Organismos autónomos", "INSP")
		w.says(w.get("/instituciones?q=publica", http.StatusOK), ".Toolbar-count", "1 institución")
		w.says(w.get("/instituciones?q=marina", http.StatusOK), ".Empty", "No hay instituciones así")
		doc = w.get("/instituciones/salud", http.StatusOK)
		w.says(doc, ".Layout-main", "2 conjuntos de datos", "Camas de hospital", "Se publicó el conjunto de datos Camas de hospital por entidad", "Se registró la institución Secretaría de Salud")
		w.says(doc, ".Layout-aside", "Dirección de Información", "datos@salud.example", "www.salud.example", "Instituto de Salud Pública")
		doc = w.get("/instituciones/insp", http.StatusOK)
		w.says(doc, ".PageHead-kicker", "Secretaría de Salud")
		w.says(doc, ".Layout-aside", "America/Tijuana")
	})
}

func TestPagesCostABoundedNumberOfStatements(t *testing.T) {
	pages(t, func(w *world) {
		w.fill()
		var more []dcat.Record
		for i := range 60 {
			r := camas()
			r.SourceKey, r.Title = fmt.Sprintf("k%d", i), fmt.Sprintf("Camas de la jurisdicción %d", i)
			more = append(more, r)
		}
		w.apply(w.salud.ID, more...)
		for path, most := range map[string]int64{
			"/datos": 3, "/datos?q=camas&formato=CSV": 3, "/datos/camas-de-hospital-por-entidad": 5,
			"/datos/camas-de-hospital-por-entidad/recursos/" + plaza.NestedID(plaza.DerivedID(source, "camas"), "r1"): 3,
			"/instituciones": 2, "/instituciones/salud": 14, "/buscar?q=camas": 3, "/buscar/sugerencias?q=camas": 1, "/buscar?q=acueducto+cama": 4,
		} {
			ctx, n := db.CountStatements(context.WithoutCancel(w.Context()))
			res := webtest.Do(w.shell, httptest.NewRequestWithContext(ctx, http.MethodGet, path, nil))
			if res.Code != http.StatusOK || n.Load() > most {
				w.Errorf("GET %s = %d with %d statements, want at most %d", path, res.Code, n.Load(), most)
			}
		}
	})
}

func TestPagesSpeakEnglishAndMarkWhatIsSpanish(t *testing.T) {
	pages(t, func(w *world) {
		w.fill()
		doc := w.get("/datos/camas-de-hospital-por-entidad?lang=en", http.StatusOK)
		w.says(doc, ".Alive", "Up to date", "10 November 2026", "every month")
		if lang, _ := doc.Find("h1").Attr("lang"); lang != "es" {
			w.Errorf("the title's language is %q, want es", lang)
		}
	})
}
