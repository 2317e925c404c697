package site_test

import (
	"net/http"
	"strings"
	"testing"

	"plaza/internal/base/db"
	"plaza/internal/plaza"
	"plaza/internal/section/catalog"
)

// TestTheAddressOfAWithheldResourceIsGivenNowhere asks every public form of a dataset for
// the address of its resource, before, while it is withheld and after.
func TestTheAddressOfAWithheldResourceIsGivenNowhere(t *testing.T) {
	r := serve(t)
	th := r.things(t)
	var d catalog.Dataset
	var file catalog.Resource
	r.read(t, func(tx *db.Tx) (err error) {
		d, err = catalog.ByID(tx, r.datasetAt(t, th.body.ID).Ref.ID)
		file = d.Current()[0]
		return err
	})
	address := strings.ReplaceAll(file.URL(), "&", "&amp;")
	name := address[strings.LastIndexByte(address, '/')+1:]
	nobody := r.newcomer(t)
	forms := []string{d.Path(), d.ResourcePath(file), "/api/v1/datasets/" + d.ID,
		"/api/3/action/package_show?id=" + d.ID, "/api/3/action/resource_show?id=" + file.ID}
	shown := func(want bool, when string) {
		t.Helper()
		if err := r.watch.Refresh(t.Context()); err != nil {
			t.Fatal(err)
		}
		for _, path := range forms {
			a := nobody.ask(http.MethodGet, path, nil)
			if a.status != http.StatusOK || strings.Contains(string(a.body), name) != want {
				t.Errorf("%s: %s is %d, and shows the address: %v", when, path, a.status, !want)
			}
		}
	}
	shown(true, "before")
	office := r.of(t, r.person(t, "Tere Transparente", plaza.Grant{Role: plaza.Transparency, Institution: th.body.ID}))
	page := "/gestion/" + th.body.Slug + "/datos-personales/" + th.known["report"]
	if a := office.fill(page, page, map[string][]string{"hacer": {"retener"}, "recurso": {file.ID}}); a.status != http.StatusSeeOther {
		t.Fatalf("withholding: %d", a.status)
	}
	shown(false, "while it is withheld")
	if text := nobody.ask(http.MethodGet, d.ResourcePath(file), nil).doc(t).Find("main").Text(); !strings.Contains(text, "retiene este recurso desde el") || strings.Contains(text, "hoja 2") {
		t.Errorf("its page says %q", strings.Join(strings.Fields(text), " "))
	}
	if a := office.fill(page, page, map[string][]string{"hacer": {"retener"}, "recurso": nil}); a.status != http.StatusSeeOther {
		t.Fatalf("giving it back: %d", a.status)
	}
	shown(true, "after")
}
