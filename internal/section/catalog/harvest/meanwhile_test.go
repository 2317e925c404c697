package harvest_test

import (
	"net/http"
	"net/url"
	"testing"

	"plaza/internal/base/db"
	"plaza/internal/base/db/dbtest"
	"plaza/internal/civic/institution"
)

// TestWhoComesSecondWithASourceOrARuleIsToldAndChangesNothing sends forms that were drawn
// before somebody else changed what they are about.
func TestWhoComesSecondWithASourceOrARuleIsToldAndChangesNothing(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		p := newPortal(t)
		p.set(pkgs(3))
		s := newSite(t, d, p)
		s.harvest()
		var bodies [2]institution.Institution
		s.write(func(tx *db.Tx) (err error) {
			for i, name := range []string{"Salud Federal", "Salud Estatal"} {
				if bodies[i], err = institution.Put(tx, institution.Institution{Name: name, Type: "federal"}); err != nil {
					return err
				}
			}
			return nil
		})
		seen := func(path, form string) string {
			return s.page("admin", path).Find(form+" input[name=seen]").AttrOr("value", "")
		}

		edit := "/admin/catalogos/" + s.source.ID + "/editar"
		mark := seen(edit, "main")
		s.leads("admin", edit, url.Values{"seen": {mark}, "url": {p.URL}, "title": {"El primero"}, "every": {"6"}})
		late := s.doc(s.as("admin", http.MethodPost, edit, url.Values{"seen": {mark}, "url": {p.URL}, "title": {"El segundo"}, "every": {"12"}}), http.StatusConflict)
		if v := late.Find("#campo-title").AttrOr("value", ""); v != "El segundo" {
			t.Errorf("the form kept %q", v)
		}
		s.says(s.page("admin", edit), "h1", "El primero")

		const rules = "/admin/publicadores"
		value, _ := s.page("admin", rules).Find(`input[name="publicador"]`).Attr("value")
		doc := s.page("admin", s.leads("admin", rules, url.Values{"publicador": {value}, "institution": {bodies[0].ID}}))
		rule, _ := doc.Find(`#reglas ~ * a[href^="/admin/publicadores/"]`).Attr("href")
		mark = seen(rule, "main")
		removal := doc.Find(`form[action$="/quitar"] input[name=seen]`).AttrOr("value", "")
		s.leads("admin", rule, url.Values{"seen": {mark}, "institution": {bodies[1].ID}})
		for path, old := range map[string]string{rule: mark, rule + "/quitar": removal} {
			if old == "" {
				t.Errorf("%s does not say what it was drawn from", path)
			}
			s.doc(s.as("admin", http.MethodPost, path, url.Values{"seen": {old}, "institution": {bodies[0].ID}}), http.StatusConflict)
		}
		if got := s.dataset("camas-de-hospital-0"); got.InstitutionID != bodies[1].ID {
			t.Errorf("the dataset belongs to %q, not to whom the first gave it", got.InstitutionID)
		}
	})
}
