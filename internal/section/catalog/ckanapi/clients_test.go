package ckanapi_test

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"plaza/internal/base/db"
	"plaza/internal/base/db/dbtest"
	"plaza/internal/section/catalog"
	"plaza/internal/section/catalog/catalogtest"
	"plaza/internal/section/catalog/dcat"
	"plaza/internal/section/catalog/harvest"
)

// serve puts the world on a real port.
func (w *world) serve() string {
	server := httptest.NewServer(w.Shell)
	w.Cleanup(server.Close)
	return server.URL
}

// TestOnePlazaHarvestsAnother reads a whole catalogue over HTTP into another store.
func TestOnePlazaHarvestsAnother(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		list := catalogtest.Samples(250)
		list[7]["extras"] = append(list[7]["extras"].([]catalogtest.Package),
			catalogtest.Package{"key": "spatial", "value": `{"type":"Polygon","coordinates":[[[-99.5,19],[-98.5,19],[-98.5,20],[-99.5,20],[-99.5,19]]]}`},
			catalogtest.Package{"key": "conforms_to", "value": `["https://norma.example/1","https://norma.example/2"]`},
			catalogtest.Package{"key": "contact_name", "value": "Enlace"}, catalogtest.Package{"key": "contact_email", "value": "datos@salud.example"},
			catalogtest.Package{"key": "propio", "value": "dato"})
		list[7]["url"] = "https://salud.example/conjunto"
		list[8]["organization"] = nil
		first := newWorld(t, d, list...)
		second := catalogtest.New(t, dbtest.SQLite(t))
		second.Institution(first.salud)
		source := second.Source("La otra Plaza", first.serve())
		run := second.Harvest(source)
		if run.State != harvest.Complete || run.Added != 250 || run.Seen != 250 {
			t.Fatalf("first run: %+v", run)
		}
		dbtest.Advance(second.DB, time.Hour)
		if again := second.Harvest(source); again.State != harvest.Unchanged {
			t.Errorf("second run: %+v", again)
		}
		compare(t, first, second, source)
	})
}

// compare holds what arrived to what was there.
func compare(t *testing.T, first *world, second *catalogtest.World, source harvest.Source) {
	t.Helper()
	there, here := datasets(first.World, first.source.ID), datasets(second, source.ID)
	if len(there) != len(here) {
		t.Fatalf("%d datasets there, %d here", len(there), len(here))
	}
	for slug, a := range there {
		b, ok := here[slug]
		if !ok {
			t.Errorf("%s did not arrive", slug)
			continue
		}
		if b.SourceKey != a.ID || !slices.Contains(b.Aliases, slug) {
			t.Errorf("%s is known as %s, %v", slug, b.SourceKey, b.Aliases)
		}
		if diff := cmp.Diff(plain(a), plain(b)); diff != "" {
			t.Errorf("%s changed on its way: %s", slug, diff)
			return
		}
	}
}

// plain is what of a dataset has to survive the way: all but who calls it what.
func plain(d catalog.Dataset) dcat.Record {
	r := d.Record
	r.SourceKey, r.Aliases, r.Identifier, r.Publisher.Key = "", nil, "", ""
	r.AccessLevel = "" // CKAN's isopen says it of every dataset with an open licence
	delete(r.Extras, "harvest_source_id")
	delete(r.Extras, "harvest_source_title")
	if len(r.Extras) == 0 {
		r.Extras = nil
	}
	for _, res := range d.Current() {
		x := res.Resource
		x.SourceKey = ""
		if x.Issued == "" || strings.HasPrefix(x.Issued, "2026-11-23T15") { // the day of the harvest, which CKAN cannot leave out
			x.Issued = ""
		}
		r.Resources = append(r.Resources, x)
	}
	return r
}

func datasets(w *catalogtest.World, source string) map[string]catalog.Dataset {
	w.Helper()
	out := map[string]catalog.Dataset{}
	w.Read(func(tx *db.Tx) error {
		ids, err := catalog.IDsOfSource(tx, source)
		if err != nil {
			return err
		}
		list, err := catalog.ByIDs(tx, ids)
		for _, d := range list {
			out[d.Slug] = d
		}
		return err
	})
	return out
}

// client is another program: it follows no redirect of a POST.
type client struct {
	t    *testing.T
	base string
	http http.Client
}

func newClient(t *testing.T, base string) *client {
	return &client{t: t, base: base, http: http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}}
}

func (c *client) do(ctx context.Context, method, path, body string, out any) {
	c.t.Helper()
	r, err := http.NewRequestWithContext(ctx, method, c.base+path, strings.NewReader(body))
	if err != nil {
		c.t.Fatal(err)
	}
	r.Header.Set("Content-Type", "application/json")
	r.Header.Set("X-CKAN-API-Key", "not-a-key")
	res, err := c.http.Do(r)
	if err != nil {
		c.t.Fatal(err)
	}
	defer res.Body.Close()
	raw, err := io.ReadAll(res.Body)
	if err != nil {
		c.t.Fatal(err)
	}
	var e envelope
	if err := json.Unmarshal(raw, &e); err != nil || res.StatusCode != http.StatusOK || !e.Success {
		c.t.Fatalf("%s %s = %d: %v %.300s", method, path, res.StatusCode, err, raw)
	}
	if err := json.Unmarshal(e.Result, out); err != nil {
		c.t.Fatal(err)
	}
}

type page struct {
	Count   int
	Results []struct {
		ID, Name, Title string
		Resources       []struct {
			ResourceType string `json:"resource_type"`
		}
		Organization *struct{ ID, Name string }
	}
}

// TestCkanextHarvestReadsEverything sends what its CKAN harvester sends.
func TestCkanextHarvestReadsEverything(t *testing.T) {
	worlds(t, 230, func(w *world) {
		c := newClient(t, w.serve())
		harvested := func(fq string) int {
			seen := map[string]bool{}
			last := ""
			for start := 0; ; start += 100 {
				q := url.Values{"rows": {"100"}, "start": {fmt.Sprint(start)}, "sort": {"id asc"}}
				if fq != "" {
					q.Set("fq", fq)
				}
				var p page
				c.do(t.Context(), http.MethodGet, "/api/3/action/package_search?"+q.Encode(), "", &p)
				if len(p.Results) == 0 {
					return len(seen)
				}
				ids := fmt.Sprint(p.Results)
				if ids == last {
					t.Fatal("two identical pages: the harvester gives up")
				}
				last = ids
				for _, r := range p.Results {
					if seen[r.ID] {
						t.Errorf("%s came twice", r.ID)
					}
					seen[r.ID] = true
				}
			}
		}
		for fq, want := range map[string]int{
			"":                   230,
			"organization:salud": 230,
			"(organization:cultura OR organization:salud)":                                   230,
			"-organization:salud":                                                            0,
			"metadata_modified:[2026-11-23T14:00:00.000000Z TO *]":                           230,
			"metadata_modified:[2026-11-23T16:00:00.000000Z TO *]":                           0,
			"organization:salud metadata_modified:[2026-11-23T14:00:00Z TO *] -groups:salud": 153,
			"(groups:salud OR groups:educacion) -organization:(cultura)":                     154,
		} {
			if got := harvested(fq); got != want {
				t.Errorf("fq=%s: %d, want %d", fq, got, want)
			}
		}
		var org, group map[string]any
		c.do(t.Context(), http.MethodGet, "/api/3/action/organization_show?id=salud", "", &org)
		c.do(t.Context(), http.MethodGet, "/api/3/action/group_show?id=salud", "", &group)
		for _, name := range []string{"id", "name", "title", "description", "image_url", "extras"} {
			if _, ok := org[name]; !ok {
				t.Errorf("the organization lacks %s", name)
			}
		}
	})
}

// TestCkanapiSearchesAndDumps sends what ckanapi and udata send.
func TestCkanapiSearchesAndDumps(t *testing.T) {
	worlds(t, 60, func(w *world) {
		c := newClient(t, w.serve())
		seen := 0
		for { // "ckanapi search datasets"
			var p page
			c.do(t.Context(), http.MethodPost, "/api/action/package_search", fmt.Sprintf(`{"q": "", "rows": 1000, "start": %d, "include_private": false}`, seen), &p)
			seen += len(p.Results)
			if len(p.Results) == 0 {
				break
			}
		}
		if seen != 60 {
			t.Errorf("searched: %d", seen)
		}
		var names []string
		c.do(t.Context(), http.MethodPost, "/api/action/package_list", `{}`, &names) // "ckanapi dump datasets --all"
		for _, name := range names[:10] {
			var one struct{ ID, Name string }
			c.do(t.Context(), http.MethodPost, "/api/action/package_show", fmt.Sprintf(`{"id": %q, "include_tracking": false}`, name), &one)
			if one.Name != name {
				t.Errorf("package_show %s: %+v", name, one)
			}
		}
		var udata page
		c.do(t.Context(), http.MethodGet, "/api/3/action/package_search?q=*:*&rows=1000", "", &udata)
		for _, r := range udata.Results {
			for _, res := range r.Resources {
				if res.ResourceType != "file" && res.ResourceType != "api" {
					t.Errorf("udata knows no resources of type %q", res.ResourceType)
				}
			}
		}
		if len(udata.Results) != 60 {
			t.Errorf("udata: %d", len(udata.Results))
		}
	})
}

// TestManyRowsAreReadInPages reads a catalogue that is larger than one page may be.
func TestManyRowsAreReadInPages(t *testing.T) {
	const total = 2100
	w := newWorld(t, dbtest.SQLite(t), catalogtest.Samples(total)...)
	seen := map[string]bool{}
	for start, want := range map[int]int{0: 1000, 1000: 1000, 2000: 100, 3000: 0} {
		p := ask[found](w, fmt.Sprintf("package_search?rows=5000&sort=id%%20asc&start=%d", start))
		for _, r := range p.Results {
			seen[r.ID] = true
		}
		if len(p.Results) != want || p.Count != total {
			t.Fatalf("from %d: %d of %d", start, len(p.Results), p.Count)
		}
	}
	if len(seen) != total {
		t.Errorf("%d different ones of %d", len(seen), total)
	}
	if names := ask[[]string](w, "package_list"); len(names) != total {
		t.Errorf("package_list: %d", len(names))
	}
}
