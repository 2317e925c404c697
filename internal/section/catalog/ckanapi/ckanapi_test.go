package ckanapi_test

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"plaza/internal/base/api"
	"plaza/internal/base/db"
	"plaza/internal/base/db/dbtest"
	"plaza/internal/base/web/webtest"
	"plaza/internal/civic/institution"
	"plaza/internal/section/catalog/catalogtest"
	"plaza/internal/section/catalog/ckanapi"
	"plaza/internal/section/catalog/harvest"
)

// world is a catalogue that answers like CKAN.
type world struct {
	*catalogtest.World
	salud  institution.Institution
	portal *catalogtest.Portal
	source harvest.Source
}

// worlds runs f on each store, with some datasets of one source.
func worlds(t *testing.T, datasets int, f func(w *world)) {
	t.Helper()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		f(newWorld(t, d, catalogtest.Samples(datasets)...))
	})
}

func newWorld(t testing.TB, d *db.DB, packages ...catalogtest.Package) *world {
	t.Helper()
	w := &world{World: catalogtest.New(t, d, api.Locale, ckanapi.Locale)}
	a, err := api.New(w.Shell, api.Config{})
	if err != nil {
		t.Fatal(err)
	}
	ckanapi.Mount(a, ckanapi.Deps{DB: d, Search: w.Engine, Shell: w.Shell, Title: "Datos de prueba"})
	w.salud = w.Institution(institution.Institution{Name: "Secretaría de Salud", Acronym: "SALUD", Type: "federal"})
	w.Institution(institution.Institution{Name: "Secretaría de Cultura", Acronym: "CULTURA", Type: "federal"})
	w.portal = catalogtest.NewPortal(t, packages...)
	w.source = w.Source("Portal de prueba", w.portal.URL)
	if run := w.Harvest(w.source); run.Added != len(packages) {
		t.Fatalf("the harvest: %+v", run)
	}
	return w
}

// envelope is CKAN's answer.
type envelope struct {
	Help    string          `json:"help"`
	Success bool            `json:"success"`
	Result  json.RawMessage `json:"result"`
	Error   map[string]any  `json:"error"`
}

func read(t testing.TB, res *httptest.ResponseRecorder) (e envelope) {
	t.Helper()
	if ct := res.Header().Get("Content-Type"); ct != "application/json;charset=utf-8" {
		t.Errorf("Content-Type %q", ct)
	}
	if err := json.Unmarshal(res.Body.Bytes(), &e); err != nil {
		t.Fatalf("%v in %.300s", err, res.Body)
	}
	return e
}

// ask calls an action by GET and reads its result.
func ask[T any](w *world, call string) (out T) {
	w.Helper()
	res := w.Get("/api/3/action/" + call)
	e := read(w, res)
	name, _, _ := strings.Cut(call, "?")
	if res.Code != http.StatusOK || !e.Success || e.Help != "https://plaza.example/api/3/action/help_show?name="+name {
		w.Fatalf("GET %s = %d: %.500s", call, res.Code, res.Body)
	}
	if err := json.Unmarshal(e.Result, &out); err != nil {
		w.Fatalf("GET %s: %v in %.500s", call, err, e.Result)
	}
	return out
}

// post calls an action by POST.
func (w *world) post(path, kind, body string) *httptest.ResponseRecorder {
	r := httptest.NewRequestWithContext(w.Context(), http.MethodPost, path, strings.NewReader(body))
	if kind != "" {
		r.Header.Set("Content-Type", kind)
	}
	return webtest.Do(w.Shell, r)
}

// found is the result of package_search.
type found struct {
	Count        int                       `json:"count"`
	Sort         string                    `json:"sort"`
	Facets       map[string]map[string]int `json:"facets"`
	SearchFacets map[string]struct {
		Title string `json:"title"`
		Items []struct {
			Name        string `json:"name"`
			DisplayName string `json:"display_name"`
			Count       int    `json:"count"`
		} `json:"items"`
	} `json:"search_facets"`
	Results []struct {
		ID               string `json:"id"`
		Name             string `json:"name"`
		Title            string `json:"title"`
		MetadataModified string `json:"metadata_modified"`
	} `json:"results"`
}

func (f found) names() string {
	var out []string
	for _, r := range f.Results {
		out = append(out, strings.TrimPrefix(r.Name, "conjunto-de-prueba-"))
	}
	return strings.Join(out, " ")
}

func search(w *world, pairs ...string) found {
	w.Helper()
	q := url.Values{}
	for i := 0; i < len(pairs); i += 2 {
		q.Add(pairs[i], pairs[i+1])
	}
	return ask[found](w, "package_search?"+q.Encode())
}

func TestAPackageHasWhatClientsRead(t *testing.T) {
	worlds(t, 3, func(w *world) {
		got := ask[map[string]any](w, "package_show?id=conjunto-de-prueba-1")
		id := got["id"].(string)
		resources := got["resources"].([]any)
		first, second := resources[0].(map[string]any), resources[1].(map[string]any)
		const now = "2026-11-23T15:00:00.000000"
		want := map[string]any{
			"id": id, "name": "conjunto-de-prueba-1", "title": "Conjunto de prueba 1", "notes": "Descripción con **énfasis**.",
			"type": "dataset", "state": "active", "private": false, "isopen": true,
			"license_id": "CC-BY-4.0", "license_title": "Creative Commons Atribución 4.0", "license_url": "https://creativecommons.org/licenses/by/4.0/",
			"metadata_created": now, "metadata_modified": now, "owner_org": w.salud.ID,
			"organization": map[string]any{"id": w.salud.ID, "name": "salud", "title": "Secretaría de Salud", "type": "organization", "description": "",
				"image_url": "", "created": now, "is_organization": true, "approval_status": "approved", "state": "active"},
			"groups": []any{map[string]any{"id": "educacion", "name": "educacion", "title": "Educación", "display_name": "Educación", "description": "", "image_display_url": ""}},
			"tags": []any{
				map[string]any{"id": "prueba", "name": "prueba", "display_name": "prueba", "state": "active", "vocabulary_id": nil},
				map[string]any{"id": "grupo-1", "name": "grupo-1", "display_name": "grupo-1", "state": "active", "vocabulary_id": nil},
			},
			"num_tags": 2.0, "num_resources": 2.0, "url": nil, "version": nil, "author": nil, "author_email": nil, "maintainer": nil,
			"maintainer_email": nil, "creator_user_id": nil, "relationships_as_subject": []any{}, "relationships_as_object": []any{},
			"extras": []any{
				map[string]any{"key": "frequency", "value": "R/P1M"},
				map[string]any{"key": "guid", "value": "00000000-0000-4000-8000-000000000001"},
				map[string]any{"key": "harvest_source_id", "value": w.source.ID},
				map[string]any{"key": "harvest_source_title", "value": "Portal de prueba"},
				map[string]any{"key": "issued", "value": "2024-01-15T10:00:00Z"},
				map[string]any{"key": "language", "value": "es"},
				map[string]any{"key": "modified", "value": "2026-02-01T10:00:00Z"},
				map[string]any{"key": "publisher_name", "value": "Secretaría de Salud"},
				map[string]any{"key": "spatial_text", "value": "México"},
				map[string]any{"key": "temporal_end", "value": "2026-10"},
				map[string]any{"key": "temporal_start", "value": "2020"},
				map[string]any{"key": "uri", "value": "https://plaza.example/datos/conjunto-de-prueba-1"},
			},
			"resources": []any{
				map[string]any{"id": first["id"], "package_id": id, "name": "Tabla 1", "description": "", "url": "https://ejemplo.gob.mx/1.dat",
					"download_url": "https://ejemplo.gob.mx/1.dat", "format": "XLSX", "mimetype": first["mimetype"], "mimetype_inner": nil, "size": 1200.0, "hash": "",
					"state": "active", "resource_type": "file", "created": now, "last_modified": nil, "metadata_modified": now,
					"datastore_active": false, "position": 0.0, "cache_url": nil, "cache_last_updated": nil, "url_type": nil},
				map[string]any{"id": second["id"], "package_id": id, "name": "Servicio", "description": "", "url": "https://ejemplo.gob.mx/api/1",
					"access_url": "https://ejemplo.gob.mx/api/1", "format": "API", "mimetype": nil, "mimetype_inner": nil, "size": nil, "hash": "",
					"state": "active", "resource_type": "api", "created": now, "last_modified": nil, "metadata_modified": now,
					"datastore_active": false, "position": 1.0, "cache_url": nil, "cache_last_updated": nil, "url_type": nil},
			},
		}
		if diff := cmp.Diff(want, got); diff != "" {
			w.Error(diff)
		}
		if byID := ask[map[string]any](w, "package_show?id="+id); byID["name"] != "conjunto-de-prueba-1" {
			w.Errorf("by id: %v", byID["name"])
		}
		if r := ask[map[string]any](w, "resource_show?id="+first["id"].(string)); !cmp.Equal(r, resources[0]) {
			w.Error(cmp.Diff(resources[0], r))
		}
	})
}

func TestFiltersOfSolrFindWhatTheySay(t *testing.T) {
	worlds(t, 21, func(w *world) {
		id := search(w, "q", `"prueba 4"`).Results[0].ID
		for _, c := range []struct {
			name  string
			pairs []string
			count int
		}{
			{"everything", nil, 21},
			{"everything, said", []string{"q", "*:*"}, 21},
			{"a star", []string{"q", "*"}, 21},
			{"words", []string{"q", "conjunto 4"}, 3},
			{"words that none has", []string{"q", "ornitorrinco"}, 0},
			{"a word in the title", []string{"q", "title:tabla"}, 21},
			{"one word or another", []string{"q", "(\"prueba 4\" OR \"prueba 5\")"}, 2},
			{"words or a field", []string{"q", `"prueba 4" OR groups:salud`}, 8},
			{"words in a filter", []string{"fq", `+groups:salud +("prueba 4" OR "prueba 3")`}, 1},
			{"words that a filter keeps out", []string{"fq", `-(title:"prueba 4" OR "prueba 3")`}, 19},
			{"a word but not another", []string{"q", `prueba NOT "prueba 4"`}, 20},
			{"a word and a field", []string{"q", `prueba +groups:salud`}, 7},
			{"the beginning of a word", []string{"q", "prue*"}, 21},
			{"what no field is", []string{"q", "covid:19"}, 0},
			{"broken text", []string{"q", `prueba AND conjunto (`}, 21},
			{"what somebody types", []string{"q", `¿conjunto: "prueba 4"?!`}, 1},
			{"an organization", []string{"fq", "organization:salud"}, 21},
			{"an organization's id", []string{"fq", "owner_org:" + w.salud.ID}, 21},
			{"another organization", []string{"fq", "organization:cultura"}, 0},
			{"one of two", []string{"fq", "organization:(salud OR cultura)"}, 21},
			{"not one", []string{"fq", "-organization:salud"}, 0},
			{"not another", []string{"fq", "-organization:cultura"}, 21},
			{"any", []string{"fq", "organization:*"}, 21},
			{"any, as a range", []string{"fq", "organization:[* TO *]"}, 21},
			{"the beginning of one", []string{"fq", "organization:sal*"}, 21},
			{"a group", []string{"fq", `groups:"medio-ambiente"`}, 7},
			{"two groups", []string{"fq", "groups:salud OR groups:educacion"}, 14},
			{"both of two", []string{"fq", "groups:salud AND groups:educacion"}, 0},
			{"side by side", []string{"fq", "groups:salud res_format:CSV"}, 7},
			{"with plus and minus", []string{"fq", "+groups:salud -tags:grupo-0"}, 6},
			{"excluding two", []string{"fq", "-groups:(salud OR educacion)"}, 7},
			{"not, in words", []string{"fq", "NOT (groups:salud || groups:educacion)"}, 7},
			{"a format in small letters", []string{"fq", "res_format:csv"}, 7},
			{"a tag", []string{"fq", "tags:grupo-0"}, 3},
			{"tags by a pattern", []string{"fq", "tags:grupo-*"}, 21},
			{"tags by another", []string{"fq", "tags:?rupo-0"}, 3},
			{"a licence", []string{"fq", "license_id:CC-BY-4.0"}, 21},
			{"an id", []string{"fq", "id:" + id}, 1},
			{"ids", []string{"fq", "id:(" + id + " OR nothing)"}, 1},
			{"a name", []string{"fq", "name:conjunto-de-prueba-4"}, 1},
			{"names", []string{"fq", "name:(conjunto-de-prueba-4 OR conjunto-de-prueba-5 OR nothing)"}, 2},
			{"a source", []string{"fq", "harvest_source_id:" + w.source.ID}, 21},
			{"a source's title", []string{"fq", `harvest_source_title:"Portal de prueba"`}, 21},
			{"another source", []string{"fq", "harvest_source_id:nothing"}, 0},
			{"datasets", []string{"fq", "dataset_type:dataset"}, 21},
			{"showcases", []string{"fq", "dataset_type:showcase"}, 0},
			{"active ones", []string{"fq", "state:active AND capacity:public"}, 21},
			{"changed since", []string{"fq", "metadata_modified:[2026-11-23T15:00:00Z TO *]"}, 21},
			{"changed after", []string{"fq", "metadata_modified:{2026-11-23T15:00:00Z TO *]"}, 0},
			{"changed since yesterday", []string{"fq", "metadata_modified:[NOW-1DAY TO NOW]"}, 21},
			{"changed until midnight", []string{"fq", "metadata_modified:[* TO NOW/DAY]"}, 0},
			{"made this year", []string{"fq", "metadata_created:[2026-01-01T00:00:00Z TO 2026-12-31T23:59:59.999Z]"}, 21},
			{"several filters", []string{"fq", "groups:salud", "fq_list", `["tags:grupo-0", "res_format:CSV"]`}, 1},
			{"several filters, repeated", []string{"fq_list", "groups:salud", "fq_list", "tags:grupo-0"}, 1},
			{"deeply nested", []string{"fq", strings.Repeat("(", 40) + "groups:salud" + strings.Repeat(")", 40)}, 7},
			{"what changes nothing", []string{"include_private", "true", "use_default_schema", "true", "ext_x", "y"}, 21},
		} {
			if got := search(w, c.pairs...); got.Count != c.count {
				w.Errorf("%s (%v): %d, want %d", c.name, c.pairs, got.Count, c.count)
			}
		}
	})
}

func TestSearchesThatCannotBeAnsweredAreRefused(t *testing.T) {
	worlds(t, 3, func(w *world) {
		for _, c := range []struct {
			name  string
			query string
			code  int
			kind  string
			field string // with an array of messages, for validation
		}{
			{"an unknown parameter", "foo=1", 400, "Search Query Error", ""},
			{"a broken filter", "fq=groups:(salud", 400, "Search Query Error", ""},
			{"an open quote", "fq=%22x", 400, "Search Query Error", ""},
			{"an unknown field", "fq=author:x", 400, "Search Query Error", ""},
			{"a range of words", "fq=tags:[a TO b]", 400, "Search Query Error", ""},
			{"a date that is none", "fq=metadata_modified:[ayer TO *]", 400, "Search Query Error", ""},
			{"too many conditions", "fq=" + strings.Repeat("(tags:a groups:b) OR ", 30) + "tags:c", 400, "Search Query Error", ""},
			{"an unknown order", "sort=popularity desc", 400, "Search Query Error", ""},
			{"too deep", "fq=" + strings.Repeat("(", 60) + "tags:a" + strings.Repeat(")", 60), 400, "Search Query Error", ""},
			{"rows that are no number", "rows=ten", 409, "Validation Error", "rows"},
			{"negative rows", "rows=-1", 409, "Validation Error", "rows"},
			{"a negative start", "start=-99999999999999999999", 409, "Validation Error", "start"},
		} {
			t.Run(c.name, func(t *testing.T) {
				res := w.Get("/api/3/action/package_search?" + strings.ReplaceAll(c.query, " ", "%20"))
				e := read(t, res)
				if res.Code != c.code || e.Success || e.Error["__type"] != c.kind || e.Help == "" {
					t.Errorf("%d %s", res.Code, res.Body)
				}
				if list, ok := e.Error[c.field].([]any); c.field != "" && (!ok || len(list) != 1) {
					t.Errorf("error: %v", e.Error)
				}
				if c.field == "" && e.Error["message"] == "" {
					t.Errorf("error: %v", e.Error)
				}
			})
		}
	})
}

func TestOrders(t *testing.T) {
	worlds(t, 12, func(w *world) {
		dbtest.Advance(w.DB, time.Hour)
		list := catalogtest.Samples(12)
		list[7]["notes"] = "Otra descripción."
		w.portal.Set(list...)
		w.Harvest(w.source)
		if got := search(w, "rows", "1"); got.names() != "7" || got.Sort != "score desc, metadata_modified desc" {
			w.Errorf("usual order: %s, %q", got.names(), got.Sort)
		}
		if got := search(w, "rows", "1", "sort", "metadata_modified asc"); got.names() == "7" {
			w.Errorf("oldest change first: %s", got.names())
		}
		if got := search(w, "rows", "4", "sort", "title_string asc").names(); got != "0 1 2 3" {
			w.Errorf("by title: %s", got)
		}
		if got := search(w, "rows", "2", "sort", "name desc").names(); got != "11 10" {
			w.Errorf("by name, backwards: %s", got)
		}
		if got := search(w, "fq", "metadata_modified:[2026-11-23T15:30:00Z TO *]"); got.Count != 1 || got.names() != "7" {
			w.Errorf("what changed since the first harvest: %d %s", got.Count, got.names())
		}
		all := search(w, "rows", "1000", "sort", "id asc")
		if !slices.IsSortedFunc(all.Results, func(a, b struct {
			ID               string `json:"id"`
			Name             string `json:"name"`
			Title            string `json:"title"`
			MetadataModified string `json:"metadata_modified"`
		}) int {
			return strings.Compare(a.ID, b.ID)
		}) || len(all.Results) != 12 {
			w.Errorf("by id: %v", all.Results)
		}
		if got := search(w, "rows", "5", "start", "10", "sort", "id asc"); len(got.Results) != 2 || got.Results[0].ID != all.Results[10].ID {
			w.Errorf("the last page: %v", got.Results)
		}
		if got := search(w, "start", "500"); got.Count != 12 || len(got.Results) != 0 {
			w.Errorf("beyond the end: %+v", got)
		}
		if got := search(w, "rows", "0"); got.Count != 12 || len(got.Results) != 0 {
			w.Errorf("no rows: %+v", got)
		}
	})
}

func TestFacetsHaveCKANsTwoShapes(t *testing.T) {
	worlds(t, 21, func(w *world) {
		got := search(w, "rows", "0", "facet.field", `["organization", "groups", "tags", "res_format", "license_id", "author"]`, "facet.limit", "3")
		want := map[string]map[string]int{"organization": {"salud": 21}, "groups": {"salud": 7, "educacion": 7, "medio-ambiente": 7},
			"tags": {"prueba": 21, "grupo-0": 3, "grupo-1": 3}, "res_format": {"API": 21, "CSV": 7, "GEOJSON": 7}, "license_id": {"CC-BY-4.0": 21}, "author": {}}
		if diff := cmp.Diff(want, got.Facets); diff != "" {
			w.Error(diff)
		}
		items := got.SearchFacets["organization"].Items
		if got.SearchFacets["organization"].Title != "organization" || len(items) != 1 || items[0].DisplayName != "Secretaría de Salud" || items[0].Count != 21 {
			w.Errorf("search_facets: %+v", got.SearchFacets["organization"])
		}
		if n := len(search(w, "rows", "0", "facet.field", "tags", "facet.limit", "-1").Facets["tags"]); n != 8 {
			w.Errorf("all tags: %d", n)
		}
		if n := len(search(w, "rows", "0", "facet.field", "tags", "facet.mincount", "4").Facets["tags"]); n != 1 {
			w.Errorf("frequent tags: %d", n)
		}
		if got := search(w, "rows", "0", "facet", "false", "facet.field", "tags"); len(got.Facets) != 0 || got.Facets == nil {
			w.Errorf("facets that are switched off: %v", got.Facets)
		}
	})
}

func TestPackagesMayBeCutToSomeFields(t *testing.T) {
	worlds(t, 2, func(w *world) {
		got := ask[struct{ Results []map[string]any }](w, "package_search?fl=id,name&sort=title_string%20asc")
		if len(got.Results) != 2 || len(got.Results[0]) != 2 || got.Results[0]["name"] != "conjunto-de-prueba-0" {
			w.Errorf("results: %v", got.Results)
		}
	})
}

func TestListsOfNames(t *testing.T) {
	worlds(t, 21, func(w *world) {
		if got := ask[[]string](w, "package_list"); len(got) != 21 || !slices.IsSorted(got) {
			w.Errorf("package_list: %v", got)
		}
		if got := ask[[]string](w, "package_list?limit=2&offset=1"); !slices.Equal(got, []string{"conjunto-de-prueba-1", "conjunto-de-prueba-10"}) {
			w.Errorf("a part of package_list: %v", got)
		}
		if got := ask[[]string](w, "package_list?offset=99"); len(got) != 0 {
			w.Errorf("package_list beyond the end: %v", got)
		}
		for call, want := range map[string][]string{
			"organization_list":                                 {"cultura", "salud"},
			"organization_list?sort=package_count%20desc":       {"salud", "cultura"},
			"organization_list?limit=1&offset=1":                {"salud"},
			"organization_list?organizations=%5B%22salud%22%5D": {"salud"},
			"group_list":                  {"educacion", "medio-ambiente", "salud"},
			"group_list?sort=name%20desc": {"salud", "medio-ambiente", "educacion"},
			"tag_list?query=GRUPO-1":      {"grupo-1"},
			"vocabulary_list":             {},
			"resource_view_list?id=" + ask[struct{ Resources []struct{ ID string } }](w, "package_show?id=conjunto-de-prueba-1").Resources[0].ID: {},
		} {
			if got := ask[[]string](w, call); !slices.Equal(got, want) || got == nil {
				w.Errorf("%s: %v, want %v", call, got, want)
			}
		}
		if got := ask[[]map[string]any](w, "current_package_list_with_resources?limit=5"); len(got) != 5 || got[0]["resources"] == nil {
			w.Errorf("current packages: %d", len(got))
		}
	})
}

func TestOrganizationsAndGroups(t *testing.T) {
	worlds(t, 21, func(w *world) {
		list := ask[[]map[string]any](w, "organization_list?all_fields=true")
		if len(list) != 2 || list[1]["title"] != "Secretaría de Salud" || list[1]["package_count"] != 21.0 || list[1]["id"] != w.salud.ID {
			w.Errorf("organizations: %v", list)
		}
		org := ask[map[string]any](w, "organization_show?id=salud&include_datasets=true")
		if packages, _ := org["packages"].([]any); org["id"] != w.salud.ID || org["is_organization"] != true || len(packages) != 10 {
			w.Errorf("organization: %v", org)
		}
		if org := ask[map[string]any](w, "organization_show?id="+w.salud.ID); org["name"] != "salud" || org["packages"] != nil {
			w.Errorf("organization by id: %v", org)
		}
		group := ask[map[string]any](w, "group_show?id=medio-ambiente")
		if group["title"] != "Medio ambiente" || group["package_count"] != 7.0 || group["type"] != "group" {
			w.Errorf("group: %v", group)
		}
		if tag := ask[map[string]any](w, "tag_show?id=prueba"); tag["display_name"] != "prueba" {
			w.Errorf("tag: %v", tag)
		}
	})
}

func TestTheSiteTellsWhatItIs(t *testing.T) {
	worlds(t, 1, func(w *world) {
		got := ask[map[string]any](w, "status_show")
		want := map[string]any{"ckan_version": got["ckan_version"], "site_title": "Datos de prueba", "site_url": "https://plaza.example", "error_emails_to": nil,
			"site_description": "Catálogo de datos abiertos.", "locale_default": "es", "extensions": []any{}}
		if diff := cmp.Diff(want, got); diff != "" || !regexp.MustCompile(`^2\.10\.\d+$`).MatchString(got["ckan_version"].(string)) {
			w.Errorf("%s %v", diff, got["ckan_version"])
		}
		if !ask[bool](w, "site_read") {
			w.Error("site_read is not true")
		}
		if help := ask[string](w, "help_show?name=package_search"); !strings.Contains(help, "fq") {
			w.Errorf("help: %q", help)
		}
		if licenses := ask[[]map[string]any](w, "license_list"); len(licenses) != 1 || licenses[0]["is_okd_compliant"] != true || licenses[0]["url"] == "" {
			w.Errorf("licences: %v", licenses)
		}
		for path, want := range map[string]string{"/api/3": `{"version":3}`, "/api/3/": `{"version":3}`, "/api/1": `{"version":1}`} {
			if res := w.Get(path); res.Code != 200 || strings.TrimSpace(res.Body.String()) != want {
				w.Errorf("GET %s = %d %s", path, res.Code, res.Body)
			}
		}
	})
}

func TestResourcesAreFoundByNameAndFormat(t *testing.T) {
	worlds(t, 21, func(w *world) {
		type result struct {
			Count   int
			Results []struct{ Name, Format string }
		}
		for query, want := range map[string]int{"name:tabla%204": 1, "name:tabla": 21, "name:TABLA&query=format:csv": 7, "format:api": 21, "name:nada": 0} {
			if got := ask[result](w, "resource_search?query="+query); got.Count != want || len(got.Results) != want {
				w.Errorf("%s: %+v, want %d", query, got, want)
			}
		}
		if got := ask[result](w, "resource_search?query=name:tabla&limit=2&offset=20"); got.Count != 21 || len(got.Results) != 1 {
			w.Errorf("a page: %+v", got)
		}
	})
}

func TestEveryWayOfCallingIsUnderstood(t *testing.T) {
	worlds(t, 12, func(w *world) {
		const form, jsonType = "application/x-www-form-urlencoded", "application/json"
		for _, c := range []struct{ path, kind, body string }{
			{"/api/3/action/package_search", jsonType, `{"rows": 3, "fq": "groups:salud"}`},
			{"/api/action/package_search", jsonType + "; charset=utf-8", `{"rows": "3", "fq_list": ["groups:salud"], "facet": false}`},
			{"/api/3/action/package_search/", jsonType, `{"rows": 3, "fq": "groups:salud", "facet.field": ["tags"]}`},
			{"/api/2/action/package_search", form, `{"rows": 3, "fq": "groups:salud"}`},
			{"/api/1/action/package_search", form, `rows=3&fq=groups%3Asalud`},
			{"/api/3/action/package_search", "", `{"rows": 3, "fq": "groups:salud"}`},
			{"/api/3/action/package_search?rows=3&fq=groups:salud", "", ``},
			{"/api/3/action/package_search", "multipart/form-data; boundary=x",
				"--x\r\nContent-Disposition: form-data; name=\"rows\"\r\n\r\n3\r\n--x\r\nContent-Disposition: form-data; name=\"fq\"\r\n\r\ngroups:salud\r\n--x--\r\n"},
		} {
			res := w.post(c.path, c.kind, c.body)
			var got struct{ Result found }
			if err := json.Unmarshal(res.Body.Bytes(), &got); err != nil || res.Code != 200 || got.Result.Count != 4 || len(got.Result.Results) != 3 {
				w.Errorf("POST %s %s %s = %d: %v %.200s", c.path, c.kind, c.body, res.Code, err, res.Body)
			}
		}
		for _, path := range []string{"/api/3/action/package_show/?id=conjunto-de-prueba-1", "/api/action/package_show?id=conjunto-de-prueba-1",
			"/api/1/action/package_show?id=conjunto-de-prueba-1", "/api/3/action/package_show?id=conjunto-de-prueba-1&_=1700000000"} {
			if res := w.Get(path); res.Code != 200 {
				w.Errorf("GET %s = %d", path, res.Code)
			}
		}
	})
}

func TestErrorsHaveCKANsTypesAndStatuses(t *testing.T) {
	worlds(t, 1, func(w *world) {
		for _, c := range []struct {
			name, method, path, body string
			code                     int
			kind                     string // "": the body is one JSON string
		}{
			{"an unknown package", "GET", "package_show?id=nothing", "", 404, "Not Found Error"},
			{"an id that is missing", "GET", "package_show", "", 409, "Validation Error"},
			{"an unknown organization", "GET", "organization_show?id=x", "", 404, "Not Found Error"},
			{"an unknown group", "GET", "group_show?id=x", "", 404, "Not Found Error"},
			{"an unknown tag", "GET", "tag_show?id=x", "", 404, "Not Found Error"},
			{"an unknown resource", "GET", "resource_show?id=x", "", 404, "Not Found Error"},
			{"an unknown order of groups", "GET", "group_list?sort=colour", "", 409, "Validation Error"},
			{"resources by what is no field", "GET", "resource_search?query=colour:red", "", 409, "Validation Error"},
			{"help for nothing", "GET", "help_show?name=x", "", 404, "Not Found Error"},
			{"SQL", "GET", "datastore_search_sql?sql=SELECT%201", "", 403, "Authorization Error"},
			{"a table", "GET", "datastore_search?resource_id=x", "", 404, "Not Found Error"},
			{"a callback that is no name", "GET", "site_read?callback=alert(1)", "", 409, "Validation Error"},
			{"an unknown action", "GET", "package_frobnicate", "", 400, ""},
			{"an action that writes", "POST", "package_create", `{"name": "x"}`, 400, ""},
			{"broken JSON", "POST", "package_show", `{"id": `, 400, ""},
			{"JSON that is no object", "POST", "package_show", `["id"]`, 400, ""},
			{"JSON that is null", "POST", "package_show", `null`, 400, ""},
			{"deep JSON", "POST", "package_show", `{"id": ` + strings.Repeat("[", 100_000) + strings.Repeat("]", 100_000) + `}`, 400, ""},
			{"two values", "POST", "package_show", `{"id": "a"} {"id": "b"}`, 400, ""},
			{"a bad escape", "GET", "package_show?id=%zz", "", 400, ""},
			{"a body that is too large", "POST", "package_show", strings.Repeat(" ", 300_000), 413, "Validation Error"},
			{"another method", "PUT", "package_show", "{}", 405, "Validation Error"},
			{"a path below", "GET", "package_show/x/y", "", 404, "Not Found Error"},
		} {
			t.Run(c.name, func(t *testing.T) {
				r := httptest.NewRequestWithContext(t.Context(), c.method, "/api/3/action/"+c.path, strings.NewReader(c.body))
				if c.body != "" {
					r.Header.Set("Content-Type", "application/json")
				}
				res := webtest.Do(w.Shell, r)
				if res.Code != c.code {
					t.Fatalf("%d, want %d: %s", res.Code, c.code, res.Body)
				}
				if c.kind == "" {
					var s string
					if err := json.Unmarshal(res.Body.Bytes(), &s); err != nil || s == "" || strings.HasPrefix(s, "ckanapi.") {
						t.Errorf("not one JSON string: %s", res.Body)
					}
					return
				}
				if e := read(t, res); e.Success || e.Error["__type"] != c.kind || !strings.HasPrefix(e.Help, "https://plaza.example/api/3/action/help_show?name=") {
					t.Errorf("%s", res.Body)
				}
			})
		}
	})
}

func TestThePageOfTheInterfaceMentionsCKAN(t *testing.T) {
	w := newWorld(t, dbtest.SQLite(t))
	body := w.Get("/api").Body.String()
	for _, want := range []string{"Interfaz de CKAN", `href="/api/3/action/package_search?q=agua&amp;rows=5"`} {
		if !strings.Contains(body, want) {
			t.Errorf("the page lacks %q", want)
		}
	}
}

func TestOnlyGoodCallbacksAreCalled(t *testing.T) {
	worlds(t, 1, func(w *world) {
		res := w.Get("/api/3/action/site_read?callback=jQuery.cb_1")
		if got := res.Body.String(); got != `/**/jQuery.cb_1({"help": "https://plaza.example/api/3/action/help_show?name=site_read", "success": true, "result": true});` {
			w.Error(got)
		}
		if ct := res.Header().Get("Content-Type"); ct != "application/javascript;charset=utf-8" {
			w.Errorf("Content-Type %q", ct)
		}
		if got := w.post("/api/3/action/site_read?callback=x", "application/json", `{"callback": "x"}`).Body.String(); strings.Contains(got, "x(") {
			w.Errorf("POST: %s", got)
		}
	})
}

func TestATombstoneIsNotFound(t *testing.T) {
	worlds(t, 12, func(w *world) {
		resource := ask[struct{ Resources []struct{ ID string } }](w, "package_show?id=conjunto-de-prueba-11").Resources[0].ID
		w.portal.Set(catalogtest.Samples(11)...)
		for range 4 {
			dbtest.Advance(w.DB, 3*24*time.Hour)
			w.Harvest(w.source)
		}
		for _, call := range []string{"package_show?id=conjunto-de-prueba-11", "resource_show?id=" + resource} {
			res := w.Get("/api/3/action/" + call)
			if e := read(w, res); res.Code != 404 || e.Error["__type"] != "Not Found Error" {
				w.Errorf("GET %s = %d %s", call, res.Code, res.Body)
			}
		}
		if got := search(w).Count; got != 11 {
			w.Errorf("searched: %d", got)
		}
		if got := ask[[]string](w, "package_list"); len(got) != 11 {
			w.Errorf("listed: %v", got)
		}
	})
}

func TestStatementsDoNotGrowWithTheRows(t *testing.T) {
	worlds(t, 101, func(w *world) {
		for call, most := range map[string]int64{
			"package_search?rows=100&facet.field=tags": 6, "package_search?rows=1": 6, "package_search?rows=1000": 8,
			"package_show?id=conjunto-de-prueba-1": 5, "organization_list?all_fields=true": 2, "organization_show?id=salud": 6,
			"package_list": 1, "group_list": 0, "status_show": 0,
		} {
			ctx, n := db.CountStatements(t.Context())
			res := webtest.Do(w.Shell, httptest.NewRequestWithContext(ctx, http.MethodGet, "/api/3/action/"+call, nil))
			if res.Code != 200 || n.Load() > most {
				w.Errorf("%s = %d ran %d statements, at most %d", call, res.Code, n.Load(), most)
			}
		}
	})
}
