package institution_test

import (
	"context"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"github.com/PuerkitoBio/goquery"

	"plaza/internal/base/db"
	"plaza/internal/base/db/dbtest"
	"plaza/internal/base/i18n"
	"plaza/internal/base/web"
	"plaza/internal/base/web/webtest"
	"plaza/internal/civic/access"
	"plaza/internal/civic/institution"
	"plaza/internal/plaza"
)

// site is a world with its pages.
type site struct {
	*world
	shell *web.Shell
}

// newSite makes one. A cookie says in which role its bearer acts, and for which
// institution: "liaison-" and the institution's id.
func newSite(t *testing.T, d *db.DB) *site {
	t.Helper()
	s := &site{world: newWorld(t, d)}
	s.shell = webtest.New(t, func(c *web.Config) {
		c.Now, c.SessionCookie, c.Authorize = d.Now, "who", access.Authorize
		c.Authenticate = func(r *http.Request) (context.Context, error) {
			cookie, err := r.Cookie("who")
			if err != nil {
				return r.Context(), nil
			}
			role, body, _ := strings.Cut(cookie.Value, "-")
			return plaza.WithActor(r.Context(), plaza.Actor{PersonID: "p1", Pseudonym: "c0ffee",
				Grants: []plaza.Grant{{Role: plaza.Role(role), Institution: body}}}), nil
		}
	}, access.Locale, institution.Locale)
	if err := institution.NewPages(d, institution.NewOffice(d, s.shell), s.s).Mount(s.shell); err != nil {
		t.Fatal(err)
	}
	return s
}

// as asks for a page, or sends a form that is not nil.
func (s *site) as(who, path string, form url.Values) *httptest.ResponseRecorder {
	s.Helper()
	method := http.MethodGet
	if form != nil {
		method = http.MethodPost
	}
	r := httptest.NewRequestWithContext(s.Context(), method, path, strings.NewReader(form.Encode()))
	r.AddCookie(&http.Cookie{Name: "who", Value: who})
	if form != nil {
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		r.Header.Set("Sec-Fetch-Site", "same-origin")
	}
	return webtest.Do(s.shell, r)
}

// page is what is answered, with a status.
func (s *site) page(res *httptest.ResponseRecorder, status int) *goquery.Document {
	s.Helper()
	doc, err := goquery.NewDocumentFromReader(res.Body)
	if err != nil || res.Code != status {
		s.Fatalf("answered %d, want %d (%v): %s", res.Code, status, err, doc.Find("main").Text())
	}
	return doc
}

func (s *site) says(doc *goquery.Document, selector string, want ...string) {
	s.Helper()
	got := strings.Join(strings.Fields(doc.Find(selector).Text()), " ")
	for _, w := range want {
		if !strings.Contains(got, w) {
			s.Errorf("%s says %q, want %q in it", selector, got, w)
		}
	}
}

func (s *site) leads(res *httptest.ResponseRecorder, want string) {
	s.Helper()
	if got := res.Header().Get("Location"); res.Code != http.StatusSeeOther || got != want {
		s.Errorf("answered %d and leads to %q, want %q: %.300s", res.Code, got, want, res.Body)
	}
}

func TestALiaisonLooksAfterTheAreas(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		s := newSite(t, d)
		salud, sep := s.body("Secretaría de Salud", "SALUD", ""), s.body("Secretaría de Educación Pública", "SEP", "")
		who, base := "liaison-"+salud.ID, "/gestion/salud/areas"
		s.says(s.page(s.as(who, base, nil), http.StatusOK), "main", "Todavía no hay ninguna área")
		doc := s.page(s.as(who, base, url.Values{"name": {"  "}, "kind": {"transparency"}}), http.StatusUnprocessableEntity)
		s.says(doc, "#campo-name-error", "Escriba el nombre del área")
		if v, _ := doc.Find(`select[name="kind"] option[selected]`).Attr("value"); v != "transparency" {
			t.Errorf("the form forgot the kind: %q", v)
		}
		s.leads(s.as(who, base, url.Values{"name": {"Unidad de <Transparencia>"}, "kind": {"transparency"}}), base+"?hecho=guardada")
		doc = s.page(s.as(who, base+"?hecho=guardada", nil), http.StatusOK)
		s.says(doc, "table", "Unidad de <Transparencia>", "Unidad de transparencia", "23 de noviembre de 2026")
		s.says(doc, ".Notice", "Se guardó el área")
		edit, _ := doc.Find("table a.Button").Attr("href")
		s.says(s.page(s.as(who, edit, nil), http.StatusOK), "h1", "Unidad de <Transparencia>")
		s.leads(s.as(who, edit, url.Values{"name": {"Transparencia"}, "kind": {"oversight"}}), base+"?hecho=guardada")
		s.leads(s.as(who, edit+"/retirar", url.Values{}), base+"?hecho=retirada")
		s.says(s.page(s.as(who, base, nil), http.StatusOK), "#hubo ~ *", "Transparencia", "Recuperar")
		s.leads(s.as(who, edit+"/recuperar", url.Values{}), base+"?hecho=recuperada")

		for path, want := range map[string]int{"/gestion/sep/areas": http.StatusForbidden, "/gestion/nadie/areas": http.StatusNotFound, base + "/nada": http.StatusNotFound} {
			if got := s.as(who, path, nil).Code; got != want {
				t.Errorf("GET %s = %d, want %d", path, got, want)
			}
		}
		unit := s.unit(sep, "Ajena")
		for path, want := range map[string]int{
			"/gestion/sep/areas":                               http.StatusForbidden,
			"/gestion/sep/areas/" + unit.ID + "/retirar":       http.StatusForbidden,
			base + "/" + unit.ID + "/retirar":                  http.StatusNotFound,
			"/admin/instituciones/salud/sucesion/nombre":       http.StatusForbidden,
			"/admin/instituciones/salud/sucesion/fin":          http.StatusForbidden,
			"/gestion/sep/areas/" + unit.ID + "/recuperar":     http.StatusForbidden,
			"/gestion/nadie/areas/" + unit.ID + "/recuperar":   http.StatusNotFound,
			"/gestion/salud/areas/" + unit.ID + "/recuperar":   http.StatusNotFound,
			"/gestion/salud/areas/" + strings.Repeat("a", 400): http.StatusNotFound,
		} {
			if got := s.as(who, path, url.Values{"name": {"x"}, "kind": {"generating"}}).Code; got != want {
				t.Errorf("POST %s = %d, want %d", path, got, want)
			}
		}
	})
}

// ended are the fields of a good end.
func ended(kind string, to ...string) url.Values {
	v := url.Values{"f-kind": {kind}, "f-date": {"2026-11-20"}, "f-legal": {"Decreto en el DOF"}, "f-note": {""}}
	for n, id := range to {
		v.Set([]string{"f-to", "f-to2", "f-to3"}[n], id)
	}
	return v
}

func TestTheCoordinationSeesWhatWillMoveBeforeItEndsAnInstitution(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		s := newSite(t, d)
		old, a, b := s.body("Secretaría Vieja", "SV", ""), s.body("Secretaría A", "SA", ""), s.body("Secretaría B", "SB", "")
		u, base := s.unit(old, "Archivo"), "/admin/instituciones/sv/sucesion"
		s.says(s.page(s.as("admin", base, nil), http.StatusOK), "main", "Cambiar de nombre", "Fusión, división o extinción")
		doc := s.page(s.as("admin", base+"/fin", url.Values{"f-kind": {"split"}, "f-to": {a.ID}, "f-note": {"Quedó <escrito>"}}), http.StatusUnprocessableEntity)
		s.says(doc, ".Notice--bad", "de dos a cinco", "Escriba una fecha", "Escriba el decreto")
		s.says(doc, "textarea[name=f-note]", "Quedó <escrito>")
		doc = s.page(s.as("admin", base+"/fin", ended("split", a.ID, b.ID)), http.StatusOK)
		s.says(doc, "main", "1 área", "Secretaría A", "Secretaría B", "Archivo", "No se puede deshacer")
		if s.byID(old.ID).Extinct() {
			t.Fatal("it ended without being confirmed")
		}
		form := url.Values{}
		doc.Find("main form input[type=hidden]").Each(func(_ int, in *goquery.Selection) {
			form.Set(in.AttrOr("name", ""), in.AttrOr("value", ""))
		})
		form.Set("parte:units/"+u.ID, b.ID)
		form.Set("confirmar", "1")
		s.leads(s.as("admin", base+"/fin", form), base+"?hecho=sucedida")
		s.work()
		if got := s.units(b); len(got) != 1 {
			t.Errorf("the areas of the second are %v", got)
		}
		doc = s.page(s.as("admin", base+"?hecho=sucedida", nil), http.StatusOK)
		s.says(doc, "main", "Le sigue", "Secretaría A", "Ya pasó todo")
		if got := s.as("admin", base+"/fin", form).Code; got != http.StatusConflict {
			t.Errorf("ending it again = %d", got)
		}
		s.says(s.page(s.as("admin", "/admin/instituciones/sb/sucesion", nil), http.StatusOK), ".Facts", "Antes", "Secretaría Vieja", "se dividió el 20 de noviembre de 2026")
	})
}

func TestTheCoordinationRenamesAnInstitution(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		s := newSite(t, d)
		s.body("Secretaría de Comunicaciones", "SCT", "")
		s.body("Secretaría de Salud", "SALUD", "")
		base := "/admin/instituciones/sct/sucesion"
		form := url.Values{"n-was": {"Secretaría de Comunicaciones"}, "n-name": {"Secretaría de Salud"}, "n-acronym": {"SICT"}, "n-slug": {"sict"}, "n-date": {"2026-02-31"}, "n-legal": {"Decreto"}}
		doc := s.page(s.as("admin", base+"/nombre", form), http.StatusUnprocessableEntity)
		s.says(doc, "#campo-n-name-error", "Ya se conoce con ese nombre")
		s.says(doc, "#campo-n-date-error", "Escriba una fecha que exista")
		form.Set("n-name", "Secretaría de Infraestructura")
		form.Set("n-date", "2026-11-01")
		s.leads(s.as("admin", base+"/nombre", form), "/admin/instituciones/sict/sucesion?hecho=renombrada")
		doc = s.page(s.as("admin", base, nil), http.StatusOK) // its old address
		s.says(doc, ".Facts", "Antes se llamaba", "Secretaría de Comunicaciones", "hasta el 1 de noviembre de 2026")
		if got := s.as("admin", base+"/nombre", form).Code; got != http.StatusConflict {
			t.Errorf("the same form again = %d", got)
		}
	})
}

func TestPagesFitTheirTypesAndWords(t *testing.T) {
	s := newSite(t, dbtest.SQLite(t))
	for _, p := range append(webtest.CheckTemplates(s.shell), i18n.CheckCatalogues(institution.Locale)...) {
		t.Error(p)
	}
}
