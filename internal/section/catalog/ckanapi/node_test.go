package ckanapi_test

import (
	"bytes"
	"encoding/json"
	"os/exec"
	"testing"

	"plaza/internal/base/db/dbtest"
	"plaza/internal/section/catalog/catalogtest"
)

// TestAClientOfNpmReadsTheCatalogue runs PortalJS's client, which npm ci installs. It
// asks for each thing by POST, then by GET.
func TestAClientOfNpmReadsTheCatalogue(t *testing.T) {
	w := newWorld(t, dbtest.SQLite(t), catalogtest.Samples(21)...)
	cmd := exec.CommandContext(t.Context(), "node", "testdata/client.cjs", w.serve(), "portaljs")
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("running node (npm ci installs what it needs): %v\n%s", err, stderr.Bytes())
	}
	var seen struct{ PortalJS []json.RawMessage }
	if err := json.Unmarshal(out, &seen); err != nil || len(seen.PortalJS) != 20 {
		t.Fatalf("%d answers: %v\n%s", len(seen.PortalJS), err, out)
	}
	at := func(call, way int, v any) {
		t.Helper()
		if err := json.Unmarshal(seen.PortalJS[2*call+way], v); err != nil {
			t.Errorf("answer %d: %v in %.200s", call, err, seen.PortalJS[2*call+way])
		}
	}
	for way := range 2 {
		var search found
		at(0, way, &search)
		if search.Count != 7 || len(search.Results) != 3 || search.Facets["organization"]["salud"] != 7 {
			t.Errorf("package_search: %+v", search)
		}
		var one struct{ Name string }
		at(1, way, &one)
		var packages, groups, tags []string
		at(2, way, &packages)
		at(5, way, &groups)
		at(6, way, &tags)
		var organizations []struct{ Title string }
		at(3, way, &organizations)
		if one.Name != "conjunto-de-prueba-1" || len(packages) != 21 || len(groups) != 3 || len(tags) != 8 || len(organizations) != 2 {
			t.Errorf("%s, %d packages, %d groups, %d tags, %d organizations", one.Name, len(packages), len(groups), len(tags), len(organizations))
		}
		for call, want := range map[int]string{8: "Not Found Error", 9: "Authorization Error"} {
			var refusal struct{ Refused, Message string }
			at(call, way, &refusal)
			if refusal.Refused != want || refusal.Message == "" {
				t.Errorf("a refusal: %+v, want %s", refusal, want)
			}
		}
	}
}
