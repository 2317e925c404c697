package readapi_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"plaza/internal/base/api"
	"plaza/internal/base/api/apitest"
	"plaza/internal/base/db"
	"plaza/internal/base/db/dbtest"
	"plaza/internal/base/web/webtest"
	"plaza/internal/civic/institution"
	"plaza/internal/section/catalog"
	"plaza/internal/section/catalog/catalogtest"
	"plaza/internal/section/catalog/harvest"
	"plaza/internal/section/catalog/readapi"
)

// world is a catalogue with its interface for programs.
type world struct {
	*catalogtest.World
	spec   *apitest.Spec
	salud  institution.Institution
	portal *catalogtest.Portal
	source harvest.Source
	run    harvest.Run
}

// worlds runs f on each store, with 45 datasets of one source.
func worlds(t *testing.T, f func(w *world)) {
	t.Helper()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := &world{World: catalogtest.New(t, d, api.Locale, readapi.Locale)}
		a, err := api.New(w.Shell, api.Config{})
		if err != nil {
			t.Fatal(err)
		}
		readapi.Mount(a, readapi.Deps{DB: d, Search: w.Engine, Shell: w.Shell, Cards: catalog.Cards})
		w.salud = w.Institution(institution.Institution{Name: "Secretaría de Salud", Acronym: "SALUD", Type: "federal",
			Contact: institution.Contact{Name: "Enlace", Email: "datos@salud.example"}})
		list := catalogtest.Samples(45)
		list[3]["metadata_created"] = "el martes"
		list[44]["organization"] = nil
		list[44]["title"] = "Árboles de la alameda"
		w.portal = catalogtest.NewPortal(t, list...)
		w.source = w.Source("Portal de prueba", w.portal.URL)
		w.run = w.Harvest(w.source)
		if w.run.Added != 45 {
			t.Fatalf("the harvest: %+v", w.run)
		}
		w.spec = apitest.Load(t, w.Shell)
		f(w)
	})
}

// get asks for a path, expects a status and holds the answer to its description.
func get[T any](w *world, path string, status int) (out T) {
	w.Helper()
	res := w.Get(path)
	if res.Code != status {
		w.Fatalf("GET %s = %d, want %d: %s", path, res.Code, status, res.Body)
	}
	w.spec.Conforms(w, path, status, res.Header().Get("Content-Type"), res.Body.Bytes())
	if err := json.Unmarshal(res.Body.Bytes(), &out); err != nil {
		w.Fatalf("GET %s: %v", path, err)
	}
	return out
}

func titles(list []readapi.Dataset) string {
	var out []string
	for _, d := range list {
		out = append(out, strings.TrimPrefix(d.Title, "Conjunto de prueba "))
	}
	return strings.Join(out, " ")
}

func TestDatasetsAreFoundByTheirFilters(t *testing.T) {
	worlds(t, func(w *world) {
		for _, c := range []struct {
			query string
			total int
		}{
			{"", 45},
			{"?q=conjunto", 44},
			{"?q=ARBOL", 1},
			{"?institution=salud", 44},
			{"?institution=" + w.salud.ID, 44},
			{"?institution=nobody", 0},
			{"?theme=Salud", 15},
			{"?theme=Salud&theme=Educaci%C3%B3n", 30},
			{"?theme=Salud&format=csv", 15},
			{"?theme=Salud&format=xlsx", 0},
			{"?license=CC-BY-4.0", 45},
			{"?frequency=R%2FP1M&freshness=late", 45},
			{"?freshness=late&freshness=fresh", 45},
			{"?modified_from=2026-10", 4},
			{"?modified_from=2026-09-01&modified_to=2026-09", 4},
			{"?modified_to=2026-01-01T10:00:00Z", 5},
			{"?modified_to=2025", 0},
			{"?q=%22prueba%201%22", 1},
			{"?q=" + strings.Repeat("%22", 90), 45},
		} {
			got := get[readapi.DatasetList](w, "/api/v1/datasets"+c.query, http.StatusOK)
			if got.Total != c.total || len(got.Items) != min(c.total, 20) {
				w.Errorf("GET %s: %d of %d, want %d", c.query, len(got.Items), got.Total, c.total)
			}
		}
	})
}

func TestEveryPageOfEveryOrderIsReached(t *testing.T) {
	worlds(t, func(w *world) {
		for _, sort := range []string{"", "relevance", "changed", "title"} {
			seen := map[string]bool{}
			path := "/api/v1/datasets?limit=7&sort=" + sort
			for next, pages := path, 0; next != ""; pages++ {
				if pages > 7 {
					w.Fatalf("%s does not end", path)
				}
				list := get[readapi.DatasetList](w, next, http.StatusOK)
				for _, d := range list.Items {
					if seen[d.ID] {
						w.Errorf("%s: %s came twice", path, d.Title)
					}
					seen[d.ID] = true
				}
				next = ""
				if list.Next != nil {
					next = path + "&cursor=" + *list.Next
				}
			}
			if len(seen) != 45 {
				w.Errorf("%s: %d of 45", path, len(seen))
			}
		}
		first := get[readapi.DatasetList](w, "/api/v1/datasets?sort=title&limit=3", http.StatusOK)
		if got := titles(first.Items); got != "Árboles de la alameda 0 1" {
			w.Errorf("by title: %s", got)
		}
	})
}

func TestFacetsAreCountedWhenAskedFor(t *testing.T) {
	worlds(t, func(w *world) {
		list := get[readapi.DatasetList](w, "/api/v1/datasets?facets=true&theme=Salud&limit=1", http.StatusOK)
		if diff := cmp.Diff([]readapi.FacetValue{{Value: "salud", Label: "Secretaría de Salud", Count: 15}}, list.Facets["institution"]); diff != "" {
			w.Error(diff)
		}
		if got := len(list.Facets["theme"]); got != 3 {
			w.Errorf("a chosen theme leaves %d themes to choose", got)
		}
		if list := get[readapi.DatasetList](w, "/api/v1/datasets?limit=1", http.StatusOK); list.Facets != nil {
			w.Errorf("facets that nobody asked for: %v", list.Facets)
		}
	})
}

func TestADatasetTellsEverything(t *testing.T) {
	worlds(t, func(w *world) {
		d := get[readapi.Dataset](w, "/api/v1/datasets/conjunto-de-prueba-1", http.StatusOK)
		size := int64(1200)
		last := w.run.FinishedAt
		want := readapi.Dataset{
			ID: d.ID, Slug: "conjunto-de-prueba-1", URL: "https://plaza.example/datos/conjunto-de-prueba-1", State: "published",
			Title: "Conjunto de prueba 1", Description: "Descripción con **énfasis**.", Keywords: []string{"prueba", "grupo-1"},
			Themes: []string{"Educación"}, Institution: &readapi.InstitutionRef{ID: w.salud.ID, Slug: "salud", Name: "Secretaría de Salud",
				URL: "https://plaza.example/instituciones/salud"}, Publisher: "Secretaría de Salud",
			License: readapi.License{ID: "CC-BY-4.0", Title: "Creative Commons Atribución 4.0", URL: "https://creativecommons.org/licenses/by/4.0/"},
			Issued:  "2024-01-15T10:00:00Z", Modified: "2026-02-01T10:00:00Z", AccrualPeriodicity: "R/P1M", Freshness: "late",
			Spatial: readapi.Spatial{Text: "México", BBox: []float64{}}, Temporal: readapi.Temporal{Start: "2020", End: "2026-10"},
			Languages: []string{"es"}, ConformsTo: []string{},
			Resources: []readapi.Resource{
				{ID: d.Resources[0].ID, URL: d.URL + "/recursos/" + d.Resources[0].ID, Title: "Tabla 1", Format: "XLSX", MediaType: d.Resources[0].MediaType,
					DownloadURL: "https://ejemplo.gob.mx/1.dat", ByteSize: &size, ConformsTo: []string{}, Fields: []readapi.Field{}},
				{ID: d.Resources[1].ID, URL: d.URL + "/recursos/" + d.Resources[1].ID, Title: "Servicio", Format: "API", MediaType: d.Resources[1].MediaType,
					AccessURL: "https://ejemplo.gob.mx/api/1", ConformsTo: []string{}, Fields: []readapi.Field{}},
			},
			Notes:     []readapi.Note{{Code: "late"}, {Code: "no_dictionary"}},
			Source:    &readapi.SourceRef{ID: w.source.ID, Title: "Portal de prueba", URL: "https://plaza.example/lecturas/" + w.source.ID},
			SourceKey: "00000000-0000-4000-8000-000000000001", FirstSeen: d.FirstSeen, LastSeen: &last, LastChanged: d.FirstSeen,
		}
		if diff := cmp.Diff(want, d); diff != "" {
			w.Error(diff)
		}
		if d.FirstSeen.IsZero() || d.FirstSeen.Location() != time.UTC {
			w.Errorf("first seen: %v", d.FirstSeen)
		}
		if byID := get[readapi.Dataset](w, "/api/v1/datasets/"+d.ID, http.StatusOK); byID.Slug != d.Slug {
			w.Errorf("by id: %+v", byID)
		}
	})
}

func TestADatasetThatIsGoneSaysSo(t *testing.T) {
	worlds(t, func(w *world) {
		seen := w.run.FinishedAt
		w.portal.Set(catalogtest.Samples(44)...)
		for range 4 {
			dbtest.Advance(w.DB, 3*24*time.Hour)
			w.Harvest(w.source)
		}
		d := get[readapi.Dataset](w, "/api/v1/datasets/arboles-de-la-alameda", http.StatusOK)
		if d.State != "absent" || d.AbsentSince == nil || d.MissingSince == nil || d.LastSeen == nil || !d.LastSeen.Equal(seen) {
			w.Errorf("state %s, missing since %v, absent since %v, last seen %v (want %v)", d.State, d.MissingSince, d.AbsentSince, d.LastSeen, seen)
		}
		if list := get[readapi.DatasetList](w, "/api/v1/datasets", http.StatusOK); list.Total != 44 {
			w.Errorf("listed: %d", list.Total)
		}
	})
}

func TestOldNamesRedirect(t *testing.T) {
	worlds(t, func(w *world) {
		d := get[readapi.Dataset](w, "/api/v1/datasets/conjunto-de-prueba-1", http.StatusOK)
		w.Write(func(tx *db.Tx) error {
			_, err := tx.Exec(`INSERT INTO old_slugs (kind, slug, object_id) VALUES ($1, $2, $3)`, catalog.KindDataset, "antes", d.ID)
			return err
		})
		w.salud.Slug = "secretaria-de-salud"
		w.Institution(w.salud)
		for from, to := range map[string]string{
			"/api/v1/datasets/antes":     "/api/v1/datasets/conjunto-de-prueba-1",
			"/api/v1/institutions/salud": "/api/v1/institutions/secretaria-de-salud",
		} {
			res := w.Get(from)
			if res.Code != http.StatusMovedPermanently || res.Header().Get("Location") != to {
				w.Errorf("GET %s = %d to %q", from, res.Code, res.Header().Get("Location"))
			}
		}
	})
}

func TestInstitutionsArePagedByName(t *testing.T) {
	worlds(t, func(w *world) {
		for i := range 4 {
			w.Institution(institution.Institution{Name: fmt.Sprintf("Órgano %d", i), Type: "state", ParentID: w.salud.ID})
		}
		var names []string
		path := "/api/v1/institutions?limit=2"
		for next := path; next != ""; {
			list := get[api.List[readapi.Institution]](w, next, http.StatusOK)
			for _, i := range list.Items {
				names = append(names, i.Name)
			}
			next = ""
			if list.Next != nil {
				next = path + "&cursor=" + *list.Next
			}
			if list.Total != 5 {
				w.Errorf("total %d", list.Total)
			}
		}
		if diff := cmp.Diff([]string{"Órgano 0", "Órgano 1", "Órgano 2", "Órgano 3", "Secretaría de Salud"}, names); diff != "" {
			w.Error(diff)
		}
		one := get[readapi.Institution](w, "/api/v1/institutions/organo-1", http.StatusOK)
		if one.Parent == nil || one.Parent.Slug != "salud" || one.Type != "state" {
			w.Errorf("an institution: %+v", one)
		}
		if got := get[readapi.Institution](w, "/api/v1/institutions/salud", http.StatusOK).Datasets; got != 44 {
			w.Errorf("datasets: %d", got)
		}
	})
}

func TestRunsTellWhatWentWrong(t *testing.T) {
	worlds(t, func(w *world) {
		dbtest.Advance(w.DB, time.Hour)
		w.Harvest(w.source)
		sources := get[api.List[readapi.Source]](w, "/api/v1/sources", http.StatusOK)
		if sources.Total != 1 || sources.Items[0].LastRun == nil || sources.Items[0].LastRun.State != "unchanged" || sources.Items[0].Kind != "ckan" {
			w.Errorf("sources: %+v", sources)
		}
		base := "/api/v1/sources/" + w.source.ID
		if one := get[readapi.Source](w, base, http.StatusOK); one.LastRun == nil || one.LastRun.ID != sources.Items[0].LastRun.ID {
			w.Errorf("a source: %+v", one)
		}
		first := get[api.List[readapi.Run]](w, base+"/runs?limit=1", http.StatusOK)
		if first.Total != 2 || first.Next == nil || first.Items[0].State != "unchanged" {
			w.Fatalf("runs: %+v", first)
		}
		second := get[api.List[readapi.Run]](w, base+"/runs?limit=1&cursor="+*first.Next, http.StatusOK)
		if second.Next != nil || second.Items[0].ID != w.run.ID || second.Items[0].Added != 45 {
			w.Errorf("runs: %+v", second)
		}
		report := get[readapi.RunReport](w, base+"/runs/"+w.run.ID+"?limit=1", http.StatusOK)
		if report.Run.ID != w.run.ID || report.Total != w.run.Problems || len(report.Items) != 1 {
			w.Fatalf("report: %+v", report)
		}
		var problems []readapi.RunProblem
		path := base + "/runs/" + w.run.ID + "?lang=en&limit=1"
		for next := path; next != ""; {
			page := get[readapi.RunReport](w, next, http.StatusOK)
			problems = append(problems, page.Items...)
			next = ""
			if page.Next != nil {
				next = path + "&cursor=" + *page.Next
			}
		}
		if len(problems) != report.Total || problems[0].Value != "el martes" || problems[0].Detail == "" || strings.ContainsAny(problems[0].Detail, "{}") || !strings.Contains(problems[0].Detail, "el martes") {
			w.Errorf("problems: %+v", problems)
		}
	})
}

func TestSearchFindsEveryKind(t *testing.T) {
	worlds(t, func(w *world) {
		list := get[readapi.FoundList](w, "/api/v1/search?q=salud&limit=100", http.StatusOK)
		kinds := map[string]int{}
		for _, f := range list.Items {
			kinds[f.Kind]++
		}
		if diff := cmp.Diff(map[string]int{"dataset": 44, "institution": 1}, kinds); diff != "" || list.Total != 45 {
			w.Errorf("total %d: %s", list.Total, diff)
		}
		one := get[readapi.FoundList](w, "/api/v1/search?q=alameda&kind=dataset&lang=en", http.StatusOK)
		if one.Total != 1 || one.Items[0].Excerpt != "Descripción con énfasis." || one.Items[0].URL != "https://plaza.example/datos/arboles-de-la-alameda" ||
			one.Kinds[0].Label != "Datasets" {
			w.Errorf("found: %+v", one)
		}
		if wrong := get[readapi.FoundList](w, "/api/v1/search?q=alamdea", http.StatusOK); wrong.DidYouMean == nil || wrong.DidYouMean.Q != "alameda" {
			w.Errorf("a slip: %+v", wrong)
		}
	})
}

func TestRefusalsAreProblems(t *testing.T) {
	worlds(t, func(w *world) {
		for path, want := range map[string]int{
			"/api/v1/datasets/nothing":                             404,
			"/api/v1/datasets/%F0%9F%8C%B3":                        404,
			"/api/v1/institutions/nothing":                         404,
			"/api/v1/sources/nothing":                              404,
			"/api/v1/sources/nothing/runs":                         404,
			"/api/v1/sources/" + w.source.ID + "/runs/none":        404,
			"/api/v1/sources/none/runs/" + w.run.ID:                404,
			"/api/v1/datasets?freshness=stale":                     422,
			"/api/v1/datasets?modified_from=yesterday":             422,
			"/api/v1/datasets?modified_from=2026-13":               422,
			"/api/v1/datasets?modified_to=2026-02-30":              422,
			"/api/v1/datasets?facets=maybe":                        422,
			"/api/v1/datasets?cursor=zzz":                          422,
			"/api/v1/datasets?limit=0":                             422,
			"/api/v1/datasets?page=2":                              422,
			"/api/v1/institutions?cursor=zzz":                      422,
			"/api/v1/sources?cursor=zzz":                           422,
			"/api/v1/sources/" + w.source.ID + "/runs?cursor=e30x": 422,
			"/api/v1/search?kind=person":                           422,
			"/api/v1/search?cursor=%21":                            422,
		} {
			p := get[api.Problem](w, path, want)
			if p.Code == "" || p.Detail == "" || want == 422 && len(p.Errors) == 0 {
				w.Errorf("GET %s: %+v", path, p)
			}
		}
	})
}

// TestTextOfAnyKindIsNoFault sends what breaks parsers to every parameter.
func TestTextOfAnyKindIsNoFault(t *testing.T) {
	worlds(t, func(w *world) {
		for _, text := range []string{"%00", "%ff%fe", "%ED%A0%80", "NEAR(", "%22", "-%22", "*", "a%27;DROP", "%F0%9F%91%A9%E2%80%8D%F0%9F%91%A7",
			strings.Repeat("a", 8000), strings.Repeat("%22%20-", 700), "%2e%2e%2f", "null", "NaN", "1e400"} {
			for _, param := range []string{"q", "institution", "theme", "format", "license", "frequency", "freshness", "modified_from", "modified_to", "sort", "facets", "limit", "cursor"} {
				path := "/api/v1/datasets?" + param + "=" + text
				if res := w.Get(path); res.Code >= 500 {
					w.Errorf("GET %s = %d: %s", path, res.Code, res.Body)
				}
			}
			for _, path := range []string{"/api/v1/datasets/" + text, "/api/v1/search?q=" + text, "/api/v1/sources/" + text + "/runs"} {
				r, err := http.NewRequest(http.MethodGet, path, nil)
				if err != nil {
					continue // not even an address
				}
				r.RequestURI = path
				if res := webtest.Do(w.Shell, r); res.Code >= 500 {
					w.Errorf("GET %s = %d: %s", path, res.Code, res.Body)
				}
			}
		}
	})
}

// TestStatementsDoNotGrowWithTheAnswer holds each list to a number of statements.
func TestStatementsDoNotGrowWithTheAnswer(t *testing.T) {
	worlds(t, func(w *world) {
		for path, most := range map[string]int64{
			"/api/v1/datasets?limit=40&facets=true":                5,
			"/api/v1/datasets/conjunto-de-prueba-1":                6,
			"/api/v1/institutions?limit=40":                        5,
			"/api/v1/sources?limit=40":                             5,
			"/api/v1/sources/" + w.source.ID + "/runs?limit=40":    3,
			"/api/v1/sources/" + w.source.ID + "/runs/" + w.run.ID: 3,
			"/api/v1/search?q=salud&limit=40":                      6,
		} {
			ctx, n := db.CountStatements(t.Context())
			r := httptest.NewRequestWithContext(ctx, http.MethodGet, path, nil)
			if res := webtest.Do(w.Shell, r); res.Code != http.StatusOK {
				w.Errorf("GET %s = %d: %s", path, res.Code, res.Body)
			}
			if n.Load() == 0 || n.Load() > most {
				w.Errorf("GET %s ran %d statements, at most %d", path, n.Load(), most)
			}
		}
	})
}

func TestEveryOperationAsksForAPermission(t *testing.T) {
	worlds(t, func(w *world) {
		for _, route := range w.Shell.Routes() {
			if strings.HasPrefix(route.Name, "readapi.") && (route.Action == "" || !route.Open) {
				w.Errorf("%s asks for %q, open %v", route.Pattern, route.Action, route.Open)
			}
		}
	})
}
