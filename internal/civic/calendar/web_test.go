package calendar_test

import (
	"context"
	"fmt"
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
	"plaza/internal/civic/access"
	"plaza/internal/civic/calendar"
	"plaza/internal/civic/institution"
	"plaza/internal/plaza"
)

// site is the calendar's pages. A cookie says in which role its bearer acts, and for
// which institution: "liaison-" and the institution's id.
type site struct {
	*testing.T
	db    *db.DB
	shell *web.Shell
}

func newSite(t *testing.T, d *db.DB) *site {
	t.Helper()
	s := &site{T: t, db: d}
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
	}, access.Locale, institution.Locale, calendar.Locale)
	if err := calendar.NewPages(d, institution.NewOffice(d, s.shell)).Mount(s.shell); err != nil {
		t.Fatal(err)
	}
	return s
}

func (s *site) body(name string) (i institution.Institution) {
	s.Helper()
	if err := s.db.Write(system(s.T), func(tx *db.Tx) (err error) {
		i, err = institution.Put(tx, institution.Institution{Name: name, Type: "federal"})
		return err
	}); err != nil {
		s.Fatal(err)
	}
	return i
}

// as asks for a page, or sends a form that is not nil, and wants a status.
func (s *site) as(who, path string, form url.Values, status int) (*goquery.Document, string) {
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
	res := webtest.Do(s.shell, r)
	doc, err := goquery.NewDocumentFromReader(res.Body)
	if err != nil || res.Code != status {
		s.Errorf("%s %s = %d, want %d (%v): %s", method, path, res.Code, status, err, doc.Find("main").Text())
	}
	return doc, res.Header().Get("Location")
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

func TestTheCoordinationMaintainsTheFederalCalendar(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		s := newSite(t, d)
		const at = "/admin/calendarios"
		doc, _ := s.as("admin", at, nil, http.StatusOK)
		s.says(doc, "main", "Versión 1, con 36 días", "lunes 2 de febrero de 2026", "Agregar los días de ley de 2029")
		day := url.Values{"version": {"1"}, "date": {"2026-13-01"}, "reason": {"Suspensión de <labores>"}, "legal": {"Acuerdo en el DOF"}}
		doc, _ = s.as("admin", at, day, http.StatusUnprocessableEntity)
		s.says(doc, "#campo-date-error", "Escriba una fecha que exista")
		if v := doc.Find("input[name=reason]").AttrOr("value", ""); v != "Suspensión de <labores>" {
			t.Errorf("the form forgot the reason: %q", v)
		}
		day.Set("date", "2026-12-11")
		s.as("admin", at, day, http.StatusSeeOther)
		doc, _ = s.as("admin", at, day, http.StatusConflict) // of the version that somebody changed
		s.says(doc, ".Notice", "Alguien más cambió el calendario")
		if v := doc.Find("input[name=reason]").AttrOr("value", ""); v != "Suspensión de <labores>" {
			t.Errorf("the form forgot the reason: %q", v)
		}
		doc, _ = s.as("admin", at, nil, http.StatusOK)
		s.says(doc, "main", "Versión 2, con 37 días", "Suspensión de <labores>", "Acuerdo en el DOF")
		s.as("admin", at, url.Values{"version": {"2"}, "year": {"2030"}}, http.StatusSeeOther)
		s.as("admin", at, url.Values{"version": {"3"}, "remove": {"2026-12-11"}}, http.StatusSeeOther)
		doc, _ = s.as("admin", at+"?hecho=quitado", nil, http.StatusOK)
		s.says(doc, "main", "Versión 4, con 44 días", "Transmisión del Poder Ejecutivo Federal", "Se quitó el día inhábil")
		for _, wrong := range []url.Values{{}, {"version": {"x"}, "date": {"2026-01-02"}, "reason": {"y"}}, {"version": {"4"}, "remove": {"nada"}}} {
			if res, _ := s.status("admin", at, wrong); res >= 500 || res < 400 {
				t.Errorf("%v = %d", wrong, res)
			}
		}
		s.as("liaison-x", at, nil, http.StatusForbidden)
		s.as("liaison-x", at, day, http.StatusForbidden)
	})
}

func (s *site) status(who, path string, form url.Values) (int, string) {
	r := httptest.NewRequestWithContext(s.Context(), http.MethodPost, path, strings.NewReader(form.Encode()))
	r.AddCookie(&http.Cookie{Name: "who", Value: who})
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	r.Header.Set("Sec-Fetch-Site", "same-origin")
	res := webtest.Do(s.shell, r)
	return res.Code, res.Body.String()
}

func TestALiaisonSaysWhenTheInstitutionAttends(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		s := newSite(t, d)
		salud := s.body("Salud")
		s.body("Educación")
		who, at := "liaison-"+salud.ID, "/gestion/salud/horario"
		first, _ := s.as(who, at, nil, http.StatusOK)
		s.says(first, "#campo-zone", "Ciudad de México", "Mérida", "Bahía de Banderas")
		form := url.Values{"zone": {"America/Tijuana"}, "calendar": {"own"}, "opens-1": {"09:00"}, "closes-1": {"8"}}
		doc, _ := s.as(who, at, form, http.StatusUnprocessableEntity)
		s.says(doc, "#campo-opens-1-error", "Escriba dos horas")
		if v := doc.Find("input[name=closes-1]").AttrOr("value", ""); v != "8" {
			t.Errorf("the form forgot what was typed: %q", v)
		}
		form.Set("closes-1", "24:00")
		_, to := s.as(who, at, form, http.StatusSeeOther)
		doc, _ = s.as(who, to, nil, http.StatusOK)
		s.says(doc, "main", "Se guardó el horario")
		if v := doc.Find("input[name=closes-1]").AttrOr("value", ""); v != "24:00" {
			t.Errorf("it closes at %q", v)
		}
		s.as(who, at+"/dias", url.Values{"version": {"0"}, "date": {"2026-12-24"}, "reason": {"Aniversario"}}, http.StatusSeeOther)
		doc, _ = s.as(who, at, nil, http.StatusOK)
		s.says(doc, "main", "jueves 24 de diciembre de 2026", "Aniversario")
		s.as(who, at+"/dias", url.Values{"version": {"1"}, "date": {""}}, http.StatusUnprocessableEntity)
		doc, _ = s.as(who, at+"/dias", url.Values{"version": {"0"}, "date": {"2026-12-28"}, "reason": {"Inventario"}}, http.StatusConflict)
		s.says(doc, "main", "Alguien más cambió el calendario")
		if v := doc.Find("input[name=reason]").AttrOr("value", ""); v != "Inventario" || doc.Find(".Notice").Length() != 1 {
			t.Errorf("the form forgot the reason (%q), or said it more than once", v)
		}
		s.as(who, "/gestion/educacion/horario", nil, http.StatusForbidden)
		s.as(who, "/gestion/educacion/horario", form, http.StatusForbidden)
		s.as(who, "/gestion/educacion/horario/dias", url.Values{"date": {"2026-12-24"}}, http.StatusForbidden)
		s.as(who, "/gestion/nadie/horario", nil, http.StatusNotFound)
	})
}

func TestMondayToFridayIsSaidInOneStep(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		s := newSite(t, d)
		who, at := "liaison-"+s.body("Salud").ID, "/gestion/salud/horario"
		value := func(doc *goquery.Document, name string) string {
			return doc.Find("input[name="+name+"]").AttrOr("value", "")
		}
		doc, _ := s.as(who, at, nil, http.StatusOK)
		if value(doc, "opens-usual") != "09:00" || value(doc, "closes-usual") != "18:00" {
			t.Error("the form proposes no hours")
		}
		s.as(who, at, url.Values{"zone": {"America/Tijuana"}, "calendar": {"own"}, "opens-6": {"10:00"}, "closes-6": {"12:00"}, "opens-2": {"07:00"}, "closes-2": {"08:00"}}, http.StatusSeeOther)
		doc, _ = s.as(who, at, url.Values{"usual": {"1"}, "opens-usual": {"9"}, "closes-usual": {"17:00"}}, http.StatusUnprocessableEntity)
		s.says(doc, "#campo-opens-usual-error", "Escriba dos horas")
		if value(doc, "opens-usual") != "9" || value(doc, "opens-2") != "07:00" || doc.Find("#campo-opens-1-error").Length() > 0 {
			t.Error("the form forgot what was typed, or the other one what is")
		}
		_, to := s.as(who, at, url.Values{"usual": {"1"}, "opens-usual": {"09:30"}, "closes-usual": {"17:00"}}, http.StatusSeeOther)
		doc, _ = s.as(who, to, nil, http.StatusOK)
		for day, want := range []string{"", "09:30", "09:30", "09:30", "09:30", "09:30", "10:00"} {
			if got := value(doc, fmt.Sprintf("opens-%d", day)); got != want {
				t.Errorf("day %d opens at %q, want %q", day, got, want)
			}
		}
		s.says(doc, "#campo-zone option[selected]", "Tijuana")
		if value(doc, "opens-usual") != "09:30" {
			t.Error("the form does not begin with Monday's")
		}
	})
}

func TestOfTwoWhoSayTheHoursAtOnceTheSecondIsToldAndKeepsWhatTheyTyped(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		s := newSite(t, d)
		who, at := "liaison-"+s.body("Salud").ID, "/gestion/salud/horario"
		doc, _ := s.as(who, at, nil, http.StatusOK)
		form := func(opens string) url.Values {
			return url.Values{"seen": {doc.Find("form input[name=seen]").AttrOr("value", "")}, "zone": {"America/Mexico_City"},
				"calendar": {"own"}, "opens-1": {opens}, "closes-1": {"17:00"}}
		}
		s.as(who, at, form("09:00"), http.StatusSeeOther)
		doc, _ = s.as(who, at, form("10:00"), http.StatusConflict)
		s.says(doc, ".Notice--warning", "Alguien más guardó antes")
		if v := doc.Find("input[name=opens-1]").AttrOr("value", ""); v != "10:00" {
			t.Errorf("the form forgot what was typed: %q", v)
		}
		s.as(who, at, form("10:00"), http.StatusSeeOther) // having seen it
	})
}

func TestPagesFitTheirTypesAndWords(t *testing.T) {
	s := newSite(t, dbtest.SQLite(t))
	for _, p := range webtest.CheckTemplates(s.shell) {
		t.Error(p)
	}
}
