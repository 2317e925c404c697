package admin_test

import (
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"github.com/PuerkitoBio/goquery"

	"plaza/internal/base/db"
	"plaza/internal/base/db/dbtest"
	"plaza/internal/base/web"
	"plaza/internal/base/web/webtest"
	"plaza/internal/civic/institution"
	"plaza/internal/civic/record"
	"plaza/internal/civic/search"
)

// write sends an institution's form as the coordination.
func write(t *testing.T, s *web.Shell, who, path string, fields ...string) (*httptest.ResponseRecorder, *goquery.Document) {
	t.Helper()
	form := url.Values{"type": {"federal"}}
	for i := 0; i < len(fields); i += 2 {
		form.Set(fields[i], fields[i+1])
	}
	r := httptest.NewRequestWithContext(t.Context(), http.MethodPost, path, strings.NewReader(form.Encode()))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	r.Header.Set("Sec-Fetch-Site", "same-origin")
	r.AddCookie(&http.Cookie{Name: "who", Value: who})
	w := webtest.Do(s, r)
	doc, err := goquery.NewDocumentFromReader(w.Result().Body)
	if err != nil {
		t.Fatal(err)
	}
	return w, doc
}

// bySlug is the institution that a slug leads to.
func bySlug(t *testing.T, d *db.DB, slug string) (i institution.Institution) {
	t.Helper()
	if err := d.Read(t.Context(), func(tx *db.Tx) (err error) {
		i, err = institution.BySlug(tx, slug)
		return err
	}); err != nil {
		t.Fatal(err)
	}
	return i
}

func TestTheCoordinationKeepsInstitutions(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		s := shell(t, d)
		w, _ := write(t, s, "admin", "/admin/instituciones/nueva", "name", "Secretaría de Salud", "acronym", "SALUD",
			"contact", "Dirección de Datos", "email", "datos@salud.example", "names", "SSA\nSecretaria de Salud y Asistencia\n", "zone", "America/Tijuana")
		if w.Code != http.StatusSeeOther {
			t.Fatalf("adding = %d", w.Code)
		}
		says(t, page(t, s, w.Header().Get("Location")), ".Main", "quedaron guardados", "Secretaría de Salud", "Dirección de Datos")
		salud := bySlug(t, d, "salud")
		if salud.Zone != "America/Tijuana" || len(salud.Names) != 2 {
			t.Errorf("kept %+v", salud)
		}
		edit := "/admin/instituciones/" + salud.ID
		says(t, page(t, s, edit), "h1", "Cambiar los datos de Secretaría de Salud")
		if w, _ := write(t, s, "admin", edit, "name", "Secretaría de Salud", "acronym", "SALUD", "slug", "Salud Federal"); w.Code != http.StatusSeeOther {
			t.Fatalf("changing = %d", w.Code)
		}
		if now := bySlug(t, d, "salud"); now.ID != salud.ID || now.Slug != "salud-federal" {
			t.Errorf("the old address leads to %+v", now)
		}
		var acts []record.Entry
		if err := d.Read(t.Context(), func(tx *db.Tx) (err error) {
			acts, err = record.Latest(tx, record.Filter{}, 10)
			return err
		}); err != nil {
			t.Fatal(err)
		}
		if len(acts) != 2 {
			t.Errorf("%d acts in the record, want one of adding and one of changing", len(acts))
		}
	})
}

func TestWhatIsWrongWithAnInstitutionIsSaidAtItsField(t *testing.T) {
	d := dbtest.SQLite(t)
	s := shell(t, d)
	write(t, s, "admin", "/admin/instituciones/nueva", "name", "Secretaría de Salud", "acronym", "SALUD", "names", "SSA")
	salud := bySlug(t, d, "salud")
	write(t, s, "admin", "/admin/instituciones/nueva", "name", "Instituto Nacional de Cancerología", "acronym", "INCan", "parent", salud.ID)
	for _, c := range []struct {
		name, path, field string
		fields            []string
	}{
		{"no name", "/nueva", "name", []string{"name", "  "}},
		{"a name that another has", "/nueva", "name", []string{"name", "secretaria de salud."}},
		{"another's other name", "/nueva", "names", []string{"name", "Otra", "names", "Una\nssa"}},
		{"another's address", "/nueva", "slug", []string{"name", "Otra", "slug", "salud"}},
		{"no such type", "/nueva", "type", []string{"name", "Otra", "type", "galáctico"}},
		{"no such zone", "/nueva", "zone", []string{"name", "Otra", "zone", "America/Nada"}},
		{"a circle", "/" + salud.ID, "parent", []string{"name", "Secretaría de Salud", "acronym", "SALUD", "parent", bySlug(t, d, "incan").ID}},
		{"a website that is none", "/nueva", "website", []string{"name", "Otra", "website", "javascript:alert(1)"}},
	} {
		w, doc := write(t, s, "admin", "/admin/instituciones"+c.path, c.fields...)
		at := doc.Find("#campo-" + c.field)
		if w.Code != http.StatusUnprocessableEntity || at.AttrOr("aria-invalid", "") != "true" {
			t.Errorf("%s: status %d, the field %s says aria-invalid=%q", c.name, w.Code, c.field, at.AttrOr("aria-invalid", ""))
		}
		if name := doc.Find("#campo-name").AttrOr("value", ""); strings.TrimSpace(c.fields[1]) != strings.TrimSpace(name) {
			t.Errorf("%s: the name that was typed is now %q", c.name, name)
		}
	}
	if w, _ := write(t, s, "member", "/admin/instituciones/nueva", "name", "Otra"); w.Code != http.StatusForbidden {
		t.Errorf("a member adding an institution: %d, want 403", w.Code)
	}
	if w := ask(t, s, "admin", http.MethodGet, "/admin/instituciones/nada"); w.Code != http.StatusNotFound {
		t.Errorf("an institution that is not there: %d, want 404", w.Code)
	}
}

func TestWhatWasLookedForInVainIsListed(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		s := shell(t, d)
		says(t, page(t, s, "/admin/busquedas"), ".Empty", "Nada se ha buscado tres veces")
		for range 3 {
			if err := d.Write(t.Context(), func(tx *db.Tx) error { return search.Miss(tx, "Presas de Sonora") }); err != nil {
				t.Fatal(err)
			}
		}
		if err := d.Write(t.Context(), func(tx *db.Tx) error { return search.Miss(tx, "una sola vez") }); err != nil {
			t.Fatal(err)
		}
		doc := page(t, s, "/admin/busquedas")
		says(t, doc, "tbody", "presas de sonora", "3")
		if n := doc.Find("tbody tr").Length(); n != 1 {
			t.Errorf("%d searches are listed, want 1", n)
		}
	})
}
