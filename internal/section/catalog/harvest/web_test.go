package harvest_test

import (
	"context"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/PuerkitoBio/goquery"

	"plaza/internal/base/db"
	"plaza/internal/base/db/dbtest"
	"plaza/internal/base/fetch"
	"plaza/internal/base/i18n"
	"plaza/internal/base/job"
	"plaza/internal/base/web"
	"plaza/internal/base/web/webtest"
	"plaza/internal/civic/access"
	"plaza/internal/civic/institution"
	"plaza/internal/plaza"
	"plaza/internal/section/catalog/dcat"
	"plaza/internal/section/catalog/harvest"
)

// site is a world with its pages. Requests with the cookie "who" act as that role.
type site struct {
	*world
	shell *web.Shell
}

func newSite(t *testing.T, d *db.DB, p *portal) *site {
	t.Helper()
	s := &site{world: newWorld(t, d, dcat.CKAN, p.URL)}
	s.shell = s.bare(d)
	if err := harvest.NewPages(d, s.h).Mount(s.shell); err != nil {
		t.Fatal(err)
	}
	return s
}

// bare is a shell without pages. A cookie says in which role its bearer acts, and for
// which institution: "liaison-" and the institution's id.
func (s *site) bare(d *db.DB) *web.Shell {
	return webtest.New(s.t, func(c *web.Config) {
		c.Now, c.SessionCookie, c.Authorize = d.Now, "who", access.Authorize
		c.Authenticate = func(r *http.Request) (context.Context, error) {
			cookie, err := r.Cookie("who")
			if err != nil {
				return r.Context(), nil
			}
			role, body, _ := strings.Cut(cookie.Value, "-")
			return plaza.WithActor(r.Context(), plaza.Actor{PersonID: "p1", Name: "Ana", Pseudonym: "c0ffee",
				Grants: []plaza.Grant{{Role: plaza.Role(role), Institution: body}}}), nil
		}
	}, harvest.Locale, dcat.Locale, fetch.Locale, job.Locale, access.Locale, institution.Locale)
}

func (s *site) as(who, method, path string, form url.Values) *httptest.ResponseRecorder {
	s.t.Helper()
	r := httptest.NewRequestWithContext(s.t.Context(), method, path, strings.NewReader(form.Encode()))
	if method == http.MethodPost {
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		r.Header.Set("Sec-Fetch-Site", "same-origin")
	}
	if who != "" {
		r.AddCookie(&http.Cookie{Name: "who", Value: who})
	}
	return webtest.Do(s.shell, r)
}

func (s *site) page(who, path string) *goquery.Document {
	s.t.Helper()
	return s.doc(s.as(who, http.MethodGet, path, nil), http.StatusOK)
}

func (s *site) doc(res *httptest.ResponseRecorder, status int) *goquery.Document {
	s.t.Helper()
	if res.Code != status {
		s.t.Fatalf("answered %d, want %d: %s", res.Code, status, res.Body)
	}
	doc, err := goquery.NewDocumentFromReader(res.Body)
	if err != nil {
		s.t.Fatal(err)
	}
	return doc
}

func (s *site) says(doc *goquery.Document, selector string, want ...string) {
	s.t.Helper()
	got := strings.Join(strings.Fields(doc.Find(selector).Text()), " ")
	for _, w := range want {
		if !strings.Contains(got, w) {
			s.t.Errorf("%s says %q, want %q in it", selector, got, w)
		}
	}
}

// leads sends a form and returns where its answer leads.
func (s *site) leads(who, path string, form url.Values) string {
	s.t.Helper()
	res := s.as(who, http.MethodPost, path, form)
	if res.Code != http.StatusSeeOther {
		s.t.Fatalf("POST %s = %d, want 303: %s", path, res.Code, res.Body)
	}
	return res.Header().Get("Location")
}

func TestARunIsReportedInPublicWithItsProblems(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		p := newPortal(t)
		wrong := pkg(1)
		wrong["metadata_created"] = "el <martes>"
		p.set([]map[string]any{pkg(0), wrong})
		s := newSite(t, d, p)
		s.says(s.page("", s.source.Path()), ".Main", "Todavía no se ha leído")
		run := s.harvest()
		report := s.page("", run.Path())
		s.says(report, ".Alive", "completa, con cambios", "se aplicaron sus cambios")
		s.says(report, ".Figures", "2", "conjuntos leídos", "nuevos")
		s.says(report, "#cambios ~ ul", "Camas de hospital 0", "Camas de hospital 1")
		s.says(report, "table", "Camas de hospital 1", "el <martes>", "Quedó así")
		s.says(report, ".Layout-aside", "CKAN", run.SHA256)
		dbtest.Advance(d, time.Hour)
		p.set([]map[string]any{pkg(0), func() map[string]any { c := pkg(1); c["title"] = "Camas nuevas"; return c }()})
		second := s.harvest()
		s.says(s.page("", second.Path()), "#cambios ~ *", "Cambiaron", "Camas nuevas")
		list := s.page("", s.source.Path())
		s.says(list, "#lecturas", "2 lecturas")
		s.says(s.page("", "/lecturas"), "table", s.source.Title, "Unidad central", "activo", "completa, con cambios", "2")
		for _, path := range []string{"/lecturas/nada", "/lecturas/nada/" + run.ID, s.source.Path() + "/nada"} {
			if res := s.as("", http.MethodGet, path, nil); res.Code != http.StatusNotFound {
				t.Errorf("GET %s = %d, want 404", path, res.Code)
			}
		}
	})
}

func TestAFailedRunSaysWhyInWords(t *testing.T) {
	p := newPortal(t)
	p.say(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusForbidden) })
	s := newSite(t, dbtest.SQLite(t), p)
	s.says(s.page("", s.harvest().Path()), ".Alive", "no respondió bien", "contestó con el código 403")
	p.say(func(w http.ResponseWriter, _ *http.Request) {
		_, _ = w.Write([]byte("<html><body>Mantenimiento</body></html>"))
	})
	dbtest.Advance(s.db, time.Hour)
	run := s.harvest()
	s.says(s.page("", run.Path()), ".Alive", "en cuarentena", "no es de fiar", "devuelve una página web")
	s.says(s.page("", s.source.Path()), ".Notice--warning", "En cuarentena")
}

func TestAWaitingRunHasAPageThatUpdatesItself(t *testing.T) {
	p := newPortal(t)
	p.set(pkgs(1))
	s := newSite(t, dbtest.SQLite(t), p)
	path := s.leads("admin", "/admin/catalogos/"+s.source.ID+"/leer", nil)
	res := s.as("", http.MethodGet, path, nil)
	s.says(s.doc(res, http.StatusOK), ".Main", "Esta lectura espera su turno")
	if res.Header().Get("Refresh") == "" {
		t.Error("the page does not update itself")
	}
	if _, err := s.runner.Drain(t.Context()); err != nil {
		t.Fatal(err)
	}
	res = s.as("", http.MethodGet, path, nil)
	s.says(s.doc(res, http.StatusOK), ".Alive", "completa")
	if res.Header().Get("Refresh") != "" {
		t.Error("the finished report still updates itself")
	}
}

func TestProblemsArePaged(t *testing.T) {
	p := newPortal(t)
	all := pkgs(130)
	for _, c := range all {
		c["metadata_created"] = "el martes"
	}
	p.set(all)
	s := newSite(t, dbtest.SQLite(t), p)
	run := s.harvest()
	first, second := s.page("", run.Path()), s.page("", run.Path()+"?pagina=2")
	if a, b := first.Find("#problemas ~ .TableScroll tbody tr").Length(), second.Find("#problemas ~ .TableScroll tbody tr").Length(); a != 100 || a+b != run.Problems {
		t.Errorf("two pages list %d and %d of %d problems", a, b, run.Problems)
	}
	s.says(first, "#cambios ~ ul", "y 80 más")
	ctx, n := db.CountStatements(context.WithoutCancel(t.Context()))
	for path, most := range map[string]int64{"/lecturas": 4, s.source.Path(): 5, run.Path(): 7} {
		n.Store(0)
		webtest.Do(s.shell, httptest.NewRequestWithContext(ctx, http.MethodGet, path, nil))
		if n.Load() > most {
			t.Errorf("GET %s took %d statements, want at most %d", path, n.Load(), most)
		}
	}
}

func TestTheCoordinationManagesSources(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		p := newPortal(t)
		p.set(pkgs(30))
		s := newSite(t, d, p)
		s.harvest()
		act := func(what string) string { return "/admin/catalogos/" + s.source.ID + "/" + what }
		s.says(s.page("admin", s.leads("admin", act("pausar"), nil)), ".Notice--good", "quedó en pausa")
		if res := s.as("admin", http.MethodPost, act("leer"), nil); res.Code != http.StatusConflict {
			t.Errorf("reading a paused source = %d, want 409", res.Code)
		}
		s.says(s.page("admin", s.leads("admin", act("reanudar"), nil)), ".Notice--good", "se vuelve a leer")
		if res := s.as("admin", http.MethodPost, act("aceptar"), nil); res.Code != http.StatusConflict {
			t.Errorf("accepting what nobody doubts = %d, want 409", res.Code)
		}
		p.set(pkgs(10))
		dbtest.Advance(d, time.Hour)
		s.harvest()
		s.says(s.page("admin", "/admin/catalogos"), "table", "en cuarentena", "Aceptar lo que publica")
		path := s.leads("admin", act("aceptar"), nil)
		if _, err := s.runner.Drain(t.Context()); err != nil {
			t.Fatal(err)
		}
		s.says(s.page("", path), ".Alive", "completa, con cambios")
		next := s.leads("admin", act("leer"), nil)
		s.leads("admin", act("cancelar"), url.Values{"run": {next[strings.LastIndex(next, "/")+1:]}})
		if res := s.as("admin", http.MethodPost, act("cancelar"), url.Values{"run": {"nada"}}); res.Code != http.StatusNotFound {
			t.Errorf("cancelling nothing = %d, want 404", res.Code)
		}
	})
}

func TestAddingASourceKeepsWhatWasTypedWhenSomethingIsWrong(t *testing.T) {
	p := newPortal(t)
	p.set(pkgs(1))
	s := newSite(t, dbtest.SQLite(t), p)
	res := s.as("admin", http.MethodPost, "/admin/catalogos", url.Values{"kind": {"ckan"}, "url": {"no es nada"}, "title": {"Mi <portal>"}, "every": {"0"}})
	doc := s.doc(res, http.StatusUnprocessableEntity)
	s.says(doc, ".Notice--bad", "Hay 2 datos por corregir", "Escriba la dirección completa", "El ritmo debe estar")
	if v, _ := doc.Find("#campo-title").Attr("value"); v != "Mi <portal>" {
		t.Errorf("the form kept %q", v)
	}
	path := s.leads("admin", "/admin/catalogos", url.Values{"kind": {"data.json"}, "url": {p.URL + "/data.json"}, "every": {"6"}})
	s.says(s.page("", path), ".Main", "espera su turno")
	known := s.as("admin", http.MethodPost, "/admin/catalogos", url.Values{"kind": {"data.json"}, "url": {p.URL + "/data.json"}, "every": {"6"}})
	s.says(s.doc(known, http.StatusUnprocessableEntity), ".Notice--bad", "Ya hay un catálogo con ese tipo y esa dirección: «"+strings.TrimPrefix(p.URL, "http://")+"»")
}

func TestASourceIsEditedRetiredAndBroughtBack(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		p := newPortal(t)
		p.set(pkgs(3))
		s := newSite(t, d, p)
		s.harvest()
		var body institution.Institution
		s.write(func(tx *db.Tx) (err error) {
			body, err = institution.Put(tx, institution.Institution{Name: "Hospitales", Type: "federal"})
			return err
		})
		act := func(what string) string { return "/admin/catalogos/" + s.source.ID + "/" + what }
		doc := s.page("admin", act("editar"))
		if v, _ := doc.Find("#campo-url").Attr("value"); v != p.URL || doc.Find("#campo-kind").Length() != 0 {
			t.Errorf("the form has the address %q and %d kinds", v, doc.Find("#campo-kind").Length())
		}
		other := s.leads("admin", "/admin/catalogos", url.Values{"kind": {"ckan"}, "url": {p.URL + "/otro"}, "title": {"El otro"}, "every": {"24"}})
		wrong := s.doc(s.as("admin", http.MethodPost, act("editar"), url.Values{"url": {p.URL + "/otro/#x"}, "title": {"Mi <portal>"}, "every": {"24"}}), http.StatusUnprocessableEntity)
		s.says(wrong, ".Notice--bad", "Ya hay un catálogo con ese tipo y esa dirección: «El otro»")
		if v, _ := wrong.Find("#campo-title").Attr("value"); v != "Mi <portal>" {
			t.Errorf("the form kept %q", v)
		}
		saved := s.leads("admin", act("editar"), url.Values{"url": {p.URL + "/"}, "title": {"Portal nuevo"}, "institution": {body.ID}, "every": {"6"}})
		s.says(s.page("admin", saved), ".Main", "Se guardaron los cambios, y 3 conjuntos de datos pasaron", "Portal nuevo", "Cada 6 horas", "Hospitales")
		if got := s.dataset("camas-de-hospital-0"); got.InstitutionID != body.ID {
			t.Errorf("the dataset belongs to %q", got.InstitutionID)
		}
		waiting := s.leads("admin", act("leer"), nil)
		s.says(s.page("admin", s.leads("admin", act("retirar"), nil)), ".Main", "quedó retirado", "Recuperar")
		s.says(s.page("", s.source.Path()), ".Main", "Retirado", "ya no se lee")
		s.says(s.page("", "/lecturas"), "table", "retirado", "Ya no se lee")
		if res := s.as("", http.MethodGet, waiting, nil); res.Code != http.StatusNotFound {
			t.Errorf("the run that waited = %d, want 404", res.Code)
		}
		for _, what := range []string{"leer", "pausar", "reanudar"} {
			if res := s.as("admin", http.MethodPost, act(what), nil); res.Code != http.StatusConflict {
				t.Errorf("%s of a retired source = %d, want 409", what, res.Code)
			}
		}
		s.says(s.page("admin", s.leads("admin", act("recuperar"), nil)), ".Notice--good", "se vuelve a leer")
		if res := s.as("admin", http.MethodPost, act("recuperar"), nil); res.Code != http.StatusConflict {
			t.Errorf("bringing it back twice = %d, want 409", res.Code)
		}
		if res := s.as("liaison-"+body.ID, http.MethodPost, act("editar"), url.Values{"url": {p.URL}, "institution": {""}, "every": {"6"}}); res.Code != http.StatusForbidden {
			t.Errorf("a liaison gives the source away = %d, want 403", res.Code)
		}
		s.page("", other[:strings.LastIndex(other, "/")])
		s.verifyRecord()
	})
}

func TestAnImportedFileIsShownAsOne(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		s := newSite(t, d, newPortal(t))
		var file harvest.Source
		s.write(func(tx *db.Tx) (err error) {
			file, err = s.h.Add(tx, harvest.Source{Kind: dcat.DataJSON, URL: "http://00ff.invalid/datos.json", Title: "Datos", File: "datos.json", State: harvest.Paused})
			return err
		})
		for _, path := range []string{"/lecturas", file.Path(), "/admin/catalogos"} {
			doc := s.page("admin", path)
			s.says(doc, ".Main", "Importado de un archivo: datos.json", "importado")
			if html, _ := doc.Html(); strings.Contains(html, ".invalid") {
				t.Errorf("%s shows an address that leads nowhere", path)
			}
		}
		act := "/admin/catalogos/" + file.ID + "/"
		for _, what := range []string{"leer", "reanudar"} {
			if s.page("admin", "/admin/catalogos").Find(`form[action="`+act+what+`"]`).Length() != 0 {
				t.Errorf("there is a button for %s", what)
			}
			if res := s.as("admin", http.MethodPost, act+what, nil); res.Code != http.StatusConflict {
				t.Errorf("%s = %d, want 409", what, res.Code)
			}
		}
		if n := s.page("admin", act+"editar").Find("#campo-url, #campo-every").Length(); n != 0 {
			t.Errorf("%d fields that a file does not have", n)
		}
		s.says(s.page("admin", s.leads("admin", act+"editar", url.Values{"title": {"Datos de antes"}})), ".Main", "Se guardaron los cambios", "Datos de antes")
	})
}

func TestPublishersAreMappedAndRulesRemoved(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		p := newPortal(t)
		p.set(pkgs(3))
		s := newSite(t, d, p)
		s.harvest()
		var body institution.Institution
		s.write(func(tx *db.Tx) (err error) {
			body, err = institution.Put(tx, institution.Institution{Name: "Salud Federal", Type: "federal"})
			return err
		})
		const path = "/admin/publicadores"
		doc := s.page("admin", path)
		s.says(doc, "fieldset", "Secretaría de Salud", "3 conjuntos de datos")
		value, _ := doc.Find(`input[name="publicador"]`).Attr("value")
		wrong := s.doc(s.as("admin", http.MethodPost, path, url.Values{"publicador": {value}}), http.StatusUnprocessableEntity)
		s.says(wrong, ".Notice--bad", "Esa institución no existe")
		if wrong.Find(`input[name="publicador"][checked]`).Length() != 1 {
			t.Error("the form forgot the publisher")
		}
		s.says(s.doc(s.as("admin", http.MethodPost, path, url.Values{"institution": {body.ID}}), http.StatusUnprocessableEntity), ".Notice--bad", "Elija al menos un publicador")
		doc = s.page("admin", s.leads("admin", path, url.Values{"publicador": {value}, "institution": {body.ID}}))
		s.says(doc, ".Main", "3 conjuntos de datos pasaron a la institución", "Todos los conjuntos de datos tienen institución", "Salud Federal")
		s.says(doc, "#reglas ~ * tbody th", "Secretaría de Salud")
		s.write(func(tx *db.Tx) (err error) {
			body, err = institution.Put(tx, institution.Institution{Name: "Salud Estatal", Type: "state"})
			return err
		})
		change, _ := doc.Find(`#reglas ~ * a[href^="/admin/publicadores/"]`).Attr("href")
		s.says(s.page("admin", change), ".Main", "Regla de Secretaría de Salud", "Salud Federal", s.source.Title)
		s.says(s.doc(s.as("admin", http.MethodPost, change, url.Values{"institution": {"nada"}}), http.StatusUnprocessableEntity), ".Notice--bad", "Esa institución no existe")
		doc = s.page("admin", s.leads("admin", change, url.Values{"institution": {body.ID}}))
		s.says(doc, ".Main", "Se cambió la regla, y 3 conjuntos de datos pasaron", "Salud Estatal")
		if got := s.dataset("camas-de-hospital-0"); got.InstitutionID != body.ID {
			t.Errorf("after the change the dataset belongs to %q", got.InstitutionID)
		}
		remove, _ := doc.Find(`form[action$="/quitar"]`).Attr("action")
		s.says(s.page("admin", s.leads("admin", remove, nil)), ".Main", "Se quitó la regla, y 3 conjuntos de datos pasaron", "No hay reglas")
		if got := s.dataset("camas-de-hospital-0"); got.InstitutionID != "" {
			t.Errorf("without the rule the dataset belongs to %q", got.InstitutionID)
		}
		if res := s.as("admin", http.MethodPost, remove, nil); res.Code != http.StatusNotFound {
			t.Errorf("removing the rule again = %d, want 404", res.Code)
		}
	})
}

func TestARuleMovesEvenWhatOneTransactionDoesNotTake(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		p := newPortal(t)
		p.set(pkgs(450))
		s := newSite(t, d, p)
		s.harvest()
		var body institution.Institution
		s.write(func(tx *db.Tx) (err error) {
			body, err = institution.Put(tx, institution.Institution{Name: "Salud Federal", Type: "federal"})
			return err
		})
		const path = "/admin/publicadores"
		to := s.leads("admin", path, url.Values{"publicador": {s.source.ID + " Secretaría de Salud"}, "institution": {body.ID}})
		s.says(s.page("admin", to), ".Notice--good", "199 conjuntos de datos pasaron", "Los demás pasan enseguida")
		if _, err := s.runner.Drain(t.Context()); err != nil {
			t.Fatal(err)
		}
		s.says(s.page("admin", path), ".Main", "Todos los conjuntos de datos tienen institución")
	})
}

func TestOnlyTheCoordinationMayManage(t *testing.T) {
	p := newPortal(t)
	s := newSite(t, dbtest.SQLite(t), p)
	for who, want := range map[string]int{"": http.StatusUnauthorized, "member": http.StatusForbidden, "liaison-otra": http.StatusForbidden} {
		for _, route := range s.shell.Routes() {
			method, path, _ := strings.Cut(route.Pattern, " ")
			if !strings.HasPrefix(path, "/admin") {
				continue
			}
			path = strings.NewReplacer("{source}", s.source.ID, "{rule}", "r").Replace(path)
			if res := s.as(who, method, path, url.Values{"institution": {""}, "run": {"x"}}); res.Code != want {
				t.Errorf("%q %s %s = %d, want %d", who, method, path, res.Code, want)
			}
		}
	}
}

func TestPagesFitTheirTypesAndWords(t *testing.T) {
	s := newSite(t, dbtest.SQLite(t), newPortal(t))
	for _, p := range append(webtest.CheckTemplates(s.shell), i18n.CheckCatalogues(harvest.Locale)...) {
		t.Error(p)
	}
}
