package turn_test

import (
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"plaza/internal/base/db"
	"plaza/internal/base/web/webtest"
	"plaza/internal/civic/account"
	"plaza/internal/civic/record"
	"plaza/internal/section/cases"
)

func TestEverybodySeesDueDatesAndMaySubscribeToThem(t *testing.T) {
	worlds(t, func(w *world) {
		const at = "/instituciones/salud/plazos"
		w.says(w.get(account.Person{}, at, http.StatusOK), "No debe ninguna respuesta")
		c := w.ask("¿Cuándo?")
		p := w.get(account.Person{}, at, http.StatusOK)
		w.says(p, c.Folio, "¿Cuándo?", "Respuesta a más tardar el 9 de diciembre de 2026 (quedan 10 días hábiles)")
		if iso := p.Find("time").AttrOr("datetime", ""); iso != "2026-12-09" {
			w.Errorf("the machine's date is %q", iso)
		}
		r := httptest.NewRequestWithContext(w.Context(), http.MethodGet, "/calendario/salud.ics", nil)
		res := webtest.Do(w.shell, r)
		if kind := res.Header().Get("Content-Type"); res.Code != http.StatusOK || !strings.HasPrefix(kind, "text/calendar") || !strings.Contains(res.Body.String(), "DTSTART;VALUE=DATE:20261209") {
			w.Errorf("the calendar is %d, %s: %s", res.Code, kind, res.Body)
		}
		for _, none := range []string{"/calendario/salud", "/calendario/nada.ics", "/calendario/.ics", "/instituciones/nada/plazos"} {
			w.get(account.Person{}, none, http.StatusNotFound)
		}
		w.db.Clock().Set(w.at("2026-12-14 09:00"))
		w.says(w.get(account.Person{}, at, http.StatusOK), "Respuesta vencida: era a más tardar el 9 de diciembre de 2026 (hace 3 días hábiles)")
	})
}

func TestAPageOfManyDueDatesTakesNoMoreStatementsThanOneOfOne(t *testing.T) {
	worlds(t, func(w *world) {
		count := func() int64 {
			ctx, n := db.CountStatements(w.Context())
			r := httptest.NewRequestWithContext(ctx, http.MethodGet, "/instituciones/salud/plazos", nil)
			if res := webtest.Do(w.shell, r); res.Code != http.StatusOK {
				w.Fatalf("it is %d", res.Code)
			}
			return n.Load()
		}
		w.ask("¿Uno?")
		few := count()
		for range 8 {
			w.ask("¿Otro?")
		}
		if many := count(); many != few {
			w.Errorf("%d statements for many, %d for one", many, few)
		}
	})
}

func TestTheCoordinationChangesTheTerms(t *testing.T) {
	worlds(t, func(w *world) {
		const at = "/admin/plazos"
		w.get(w.enlace, at, http.StatusForbidden)
		p := w.get(w.admin, at, http.StatusOK)
		w.says(p, "los plazos que ya corren no se mueven", "el principio")
		form := url.Values{"version": {"1"}}
		for name, days := range map[string]string{"acuse": "2", "pregunta": "121", "calidad": "0", "solicitud": "veinte", "reuso": "-1", "pase": "5", "informacion": "10", "aceptacion": "99999999999999999999"} {
			form.Set(name, days)
		}
		p = w.post(w.admin, at, form, http.StatusUnprocessableEntity)
		w.says(p, "Escriba de 1 a 120 días hábiles.")
		if v := p.Find("input[name=solicitud]").AttrOr("value", ""); v != "veinte" || p.Find(".Field-error").Length() != 5 {
			w.Errorf("the form has %q and %d errors", v, p.Find(".Field-error").Length())
		}
		for name, days := range map[string]string{"pregunta": "7", "calidad": "10", "solicitud": "20", "reuso": "10", "aceptacion": "15"} {
			form.Set(name, days)
		}
		w.post(w.admin, at, form, http.StatusSeeOther)
		w.says(w.post(w.admin, at, form, http.StatusConflict), "Alguien más cambió los plazos")
		w.says(w.get(w.admin, at+"?hecho=plazos", http.StatusOK), "Los plazos nuevos valen para las consultas que lleguen desde ahora.")
		if p := w.get(w.admin, at, http.StatusOK); p.Find("tbody tr").Length() != 2 {
			w.Errorf("the history has %d lines", p.Find("tbody tr").Length())
		}
	})
}

func TestTheLiaisonRegistersTheirSuperior(t *testing.T) {
	worlds(t, func(w *world) {
		const at = "/gestion/salud/consultas/plazos"
		w.get(w.ajena, at, http.StatusForbidden)
		p := w.get(w.enlace, at, http.StatusOK)
		w.says(p, "Recibe una lista los lunes", "/calendario/salud.ics")
		seen := p.Find("input[name=seen]").AttrOr("value", "")
		w.says(w.post(w.enlace, at, url.Values{"seen": {seen}, "nombre": {"Rita"}, "correo": {"rita"}}, http.StatusUnprocessableEntity), "Escriba su correo completo")
		w.post(w.enlace, at, url.Values{"seen": {seen}, "nombre": {"Rita"}, "correo": {"rita@salud.gob.mx"}}, http.StatusSeeOther)
		p = w.post(w.enlace, at, url.Values{"seen": {seen}, "nombre": {"Otra"}, "correo": {"otra@salud.gob.mx"}}, http.StatusConflict)
		if v := p.Find("input[name=correo]").AttrOr("value", ""); v != "otra@salud.gob.mx" {
			w.Errorf("the form lost what was typed: %q", v)
		}
		p = w.get(w.enlace, at, http.StatusOK)
		w.post(w.enlace, at, url.Values{"seen": {p.Find("input[name=seen]").AttrOr("value", "")}}, http.StatusSeeOther)
		if n := w.scalar(`SELECT COUNT(*) FROM case_superiors`); n != 0 {
			w.Errorf("%d superiors stayed", n)
		}
	})
}

func TestEveryPageIsInBothLanguages(t *testing.T) {
	worlds(t, func(w *world) {
		c, link := w.turned("¿Dos idiomas?", "")
		w.do(w.enlace, func(tx *db.Tx) (cases.Case, []record.Act, error) { return w.cases.Extend(tx, c.ID, 3, "Son muchos.") })
		for path, want := range map[string]string{
			link: "Your proposal", "/instituciones/salud/plazos": "Answer by", "/gestion/salud/consultas/plazos": "Superior of the liaison",
			"/gestion/salud" + c.Path() + "/turnos": "Waits for an answer", "/gestion/salud" + c.Path() + "/turnar-por-correo": "Mail the link",
		} {
			w.says(w.get(w.enlace, path+"?lang=en", http.StatusOK), want)
		}
	})
}
