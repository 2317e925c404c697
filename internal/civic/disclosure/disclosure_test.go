package disclosure_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"plaza/internal/base/db"
	"plaza/internal/base/db/dbtest"
	"plaza/internal/base/web"
	"plaza/internal/base/web/webtest"
	"plaza/internal/civic/access"
	"plaza/internal/civic/account"
	"plaza/internal/civic/disclosure"
	"plaza/internal/civic/gate"
	"plaza/internal/civic/institution"
	"plaza/internal/civic/privacy"
	"plaza/internal/civic/record"
	"plaza/internal/plaza"
)

// canary is what is to be read by nobody but whom a report concerns.
const canary = "columna CURP de la hoja secreta"

// file is a resource of the institution.
var file = plaza.Ref{Kind: "resource", ID: "un-recurso"}

// world is an installation with an institution, its people and a resource.
type world struct {
	*testing.T
	db       *db.DB
	shell    *web.Shell
	reports  *disclosure.Reports
	salud    institution.Institution
	people   map[string]account.Person
	withheld time.Time
}

func worlds(t *testing.T, f func(w *world)) {
	t.Helper()
	dbtest.Each(t, func(t *testing.T, d *db.DB) { f(newWorld(t, d)) })
}

func newWorld(t *testing.T, d *db.DB) *world {
	t.Helper()
	w := &world{T: t, db: d, people: map[string]account.Person{}}
	var other institution.Institution
	w.as("", func(tx *db.Tx) (err error) {
		if w.salud, err = institution.Put(tx, institution.Institution{Name: "Secretaría de Salud", Slug: "salud", Type: "federal"}); err != nil {
			return err
		}
		other, err = institution.Put(tx, institution.Institution{Name: "Municipio de Lerma", Slug: "lerma", Type: "municipal"})
		return err
	})
	for name, role := range map[string]plaza.Grant{
		"ana": {}, "enlace": {Role: plaza.Liaison, Institution: w.salud.ID}, "transparencia": {Role: plaza.Transparency, Institution: w.salud.ID},
		"area": {Role: plaza.DataOwner, Institution: w.salud.ID}, "ajena": {Role: plaza.Liaison, Institution: other.ID}, "admin": {Role: plaza.Admin},
	} {
		w.as("", func(tx *db.Tx) (err error) {
			w.people[name], err = account.Create(tx, account.New{Email: name + "@ejemplo.mx", Name: name})
			return err
		})
		if role.Role != "" {
			w.as("", func(tx *db.Tx) error {
				return account.GrantRole(tx, w.people[name].ID, role.Role, role.Institution, time.Time{})
			})
			w.read(func(tx *db.Tx) (err error) { w.people[name], err = account.ByID(tx, w.people[name].ID); return err })
		}
	}
	w.reports = disclosure.New(disclosure.Deps{DB: d, Gate: gate.New([]byte("una clave de prueba, de 32 bytes")), Kinds: []string{file.Kind},
		Cards: func(_ *db.Tx, refs []plaza.Ref) (map[plaza.Ref]plaza.Card, error) {
			return map[plaza.Ref]plaza.Card{file: {Ref: file, Title: "Camas", Path: "/datos/camas", Institution: w.salud.ID, Visible: true}}, nil
		},
		Targets: func(*db.Tx, plaza.Ref) ([]disclosure.Target, error) {
			return []disclosure.Target{{ID: file.ID, Title: "Camas", Withheld: w.withheld}}, nil
		},
		Withhold:    func(_ *db.Tx, _ string, at time.Time) (bool, error) { w.withheld = at; return true, nil },
		Responsible: func(*db.Tx, string) ([]string, error) { return []string{w.people["enlace"].ID}, nil },
	})
	w.shell = webtest.New(t, func(c *web.Config) { c.Now, c.Authorize = d.Now, access.Authorize },
		disclosure.Locale, access.Locale, account.Locale, institution.Locale, gate.Locale, privacy.Locale, db.Locale, record.Locale)
	if err := w.reports.Mount(w.shell, institution.NewOffice(d, w.shell)); err != nil {
		t.Fatal(err)
	}
	return w
}

// as runs fn as somebody, the system for "", and fails with it.
func (w *world) as(name string, fn func(tx *db.Tx) error) {
	w.Helper()
	if err := w.try(name, fn); err != nil {
		w.Fatal(err)
	}
}

func (w *world) try(name string, fn func(tx *db.Tx) error) error {
	actor := plaza.SystemActor
	if name != "" {
		actor = w.people[name].Actor()
	}
	return w.db.Write(plaza.WithActor(w.Context(), actor), fn)
}

func (w *world) read(fn func(tx *db.Tx) error) {
	w.Helper()
	if err := w.db.Read(w.Context(), fn); err != nil {
		w.Fatal(err)
	}
}

// tell reports something as somebody.
func (w *world) tell(name string) (r disclosure.Report) {
	w.Helper()
	w.as(name, func(tx *db.Tx) (err error) {
		r, err = w.reports.Tell(tx, disclosure.Form{Object: file, Category: "identity", Place: canary, Note: "desde ayer"})
		return err
	})
	return r
}

// get asks for a page as somebody, a visitor for "".
func (w *world) get(name, path string) *httptest.ResponseRecorder {
	w.Helper()
	return w.request(name, http.MethodGet, path, nil)
}

func (w *world) request(name, method, path string, form url.Values) *httptest.ResponseRecorder {
	w.Helper()
	r := httptest.NewRequest(method, "https://plaza.test"+path, strings.NewReader(form.Encode()))
	if form != nil {
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	r = r.WithContext(plaza.WithActor(r.Context(), w.people[name].Actor()))
	rec := httptest.NewRecorder()
	w.shell.ServeHTTP(rec, r)
	return rec
}

func TestAReportIsSeenByThoseWhoAttendToItAndNobodyElse(t *testing.T) {
	worlds(t, func(w *world) {
		r := w.tell("ana")
		for name, want := range map[string]int{"enlace": 200, "transparencia": 200, "admin": 200, "area": 403, "ajena": 403, "ana": 403} {
			for _, path := range []string{"/gestion/salud/datos-personales", "/gestion/salud/datos-personales/" + r.ID} {
				rec := w.get(name, path)
				if rec.Code != want {
					t.Errorf("%s at %s: %d, want %d", name, path, rec.Code, want)
				}
				if want != 200 && strings.Contains(rec.Body.String(), canary) {
					t.Errorf("%s reads what was reported at %s", name, path)
				}
			}
		}
		if rec := w.get("enlace", "/gestion/salud/datos-personales/"+r.ID); !strings.Contains(rec.Body.String(), canary) {
			t.Error("the liaison does not read where the data are")
		}
		for name, want := range map[string]int{"enlace": 403, "transparencia": 403, "admin": 200} {
			if rec := w.get(name, "/admin/datos-personales/"+r.ID); rec.Code != want {
				t.Errorf("%s at the coordination's page: %d, want %d", name, rec.Code, want)
			}
		}
		w.read(func(tx *db.Tx) error {
			all, err := record.Latest(tx, record.Filter{Verb: "disclosure."}, 10)
			if len(all) != 1 || strings.Contains(fmt.Sprint(all), canary) || all[0].Institution != "" || strings.Contains(string(all[0].Payload), file.ID) || all[0].Actor.Ref != "" {
				t.Errorf("the record says %+v", all)
			}
			return err
		})
	})
}

func TestItIsToldToThoseWhoAttendToItAndItsEndToWhoReported(t *testing.T) {
	worlds(t, func(w *world) {
		r := w.tell("ana")
		w.as("enlace", func(tx *db.Tx) error { return w.reports.Conclude(tx, r.ID, "removed", "Se retiró la hoja.") })
		w.read(func(tx *db.Tx) error {
			all, err := record.Since(tx, record.Filter{Verb: "disclosure."}, 10)
			if err != nil {
				return err
			}
			for i, want := range [][]string{{"enlace", "transparencia", "admin"}, {"ana"}} {
				a, err := w.reports.Audiences(tx, all[i])
				if err != nil {
					return err
				}
				got := map[string]bool{}
				for _, c := range a.Direct {
					got[c.Person] = true
				}
				for _, name := range want {
					if !got[w.people[name].ID] {
						t.Errorf("%s does not hear of %s", name, all[i].Verb)
					}
				}
				if len(got) != len(want) || len(a.Roles) > 0 || len(a.About) > 0 {
					t.Errorf("of %s hear %+v", all[i].Verb, a)
				}
			}
			l := w.shell.Printer(httptest.NewRequest(http.MethodGet, "/", nil))
			details, err := w.reports.Details(tx, l, all)
			if d := details[all[0].Seq]; d.Path != "/gestion/salud/datos-personales/"+r.ID || d.Title != "Camas" {
				t.Errorf("whom it concerns is led to %+v", d)
			}
			return err
		})
	})
}

func TestTheTermIsOneWorkingDay(t *testing.T) {
	worlds(t, func(w *world) {
		zone, _ := time.LoadLocation(institution.DefaultZone)
		for sent, last := range map[string]string{ // 2026-11-27 is a Friday
			"2026-11-26T00:00:00": "2026-11-27", "2026-11-26T23:59:59": "2026-11-27",
			"2026-11-27T10:00:00": "2026-11-30", "2026-11-28T10:00:00": "2026-11-30",
		} {
			at, err := time.ParseInLocation("2006-01-02T15:04:05", sent, zone)
			if err != nil {
				t.Fatal(err)
			}
			w.db.Clock().Set(at.UTC())
			r := w.tell("ana")
			due, _ := time.ParseInLocation(time.DateOnly, last, zone)
			if due = due.AddDate(0, 0, 1); !r.Due.Equal(due) {
				t.Errorf("sent %s: due %s, want %s", sent, r.Due.In(zone), due)
			}
			if r.Overdue(due.Add(-time.Millisecond)) || !r.Overdue(due) {
				t.Errorf("sent %s: it is not overdue from the first moment of the next day on", sent)
			}
		}
	})
}

func TestAResourceIsWithheldAndGivenBack(t *testing.T) {
	worlds(t, func(w *world) {
		r := w.tell("ana")
		path := "/gestion/salud/datos-personales/" + r.ID
		if rec := w.request("ajena", http.MethodPost, path, url.Values{"hacer": {"retener"}, "recurso": {file.ID}}); rec.Code != http.StatusForbidden || !w.withheld.IsZero() {
			t.Errorf("a stranger withholds: %d", rec.Code)
		}
		if rec := w.request("transparencia", http.MethodPost, path, url.Values{"hacer": {"retener"}, "recurso": {"otro"}}); rec.Code != http.StatusUnprocessableEntity {
			t.Errorf("another resource: %d", rec.Code)
		}
		for _, step := range []struct {
			name string
			form url.Values
			want bool
			verb string
		}{
			{"transparencia", url.Values{"hacer": {"retener"}, "recurso": {file.ID}}, true, "resource.withheld"},
			{"enlace", url.Values{"hacer": {"retener"}}, false, "resource.released"},
		} {
			if rec := w.request(step.name, http.MethodPost, path, step.form); rec.Code != http.StatusSeeOther {
				t.Fatalf("%s: %d %s", step.verb, rec.Code, rec.Body)
			}
			if w.withheld.IsZero() == step.want {
				t.Errorf("after %s it is withheld since %v", step.verb, w.withheld)
			}
			w.read(func(tx *db.Tx) error {
				all, err := record.Latest(tx, record.Filter{Object: file}, 1)
				if len(all) != 1 || all[0].Verb != step.verb || all[0].Institution != w.salud.ID {
					t.Errorf("the record says %+v", all)
				}
				return err
			})
		}
	})
}

var mark = regexp.MustCompile(`name="seen" value="([^"]+)"`)

func TestOfTwoWhoAttendAtOnceTheSecondIsTold(t *testing.T) {
	worlds(t, func(w *world) {
		r := w.tell("ana")
		path := "/gestion/salud/datos-personales/" + r.ID
		seen := mark.FindStringSubmatch(w.get("enlace", path).Body.String())[1]
		form := func(answer string) url.Values {
			return url.Values{"hacer": {"atender"}, "conclusion": {"none"}, "respuesta": {answer}, "seen": {seen}}
		}
		if rec := w.request("enlace", http.MethodPost, path, form("Son ficticios.")); rec.Code != http.StatusSeeOther {
			t.Fatalf("the first: %d", rec.Code)
		}
		if rec := w.request("transparencia", http.MethodPost, path, form("Se retiraron.")); rec.Code != http.StatusConflict {
			t.Errorf("the second: %d", rec.Code)
		}
		w.read(func(tx *db.Tx) error {
			now, err := disclosure.ByID(tx, r.ID)
			if now.Answer != "Son ficticios." {
				t.Errorf("it says %q", now.Answer)
			}
			return err
		})
	})
}

func TestWhatIsWrongIsSaidAtItsFieldAndWhatWasTypedIsKept(t *testing.T) {
	worlds(t, func(w *world) {
		for field, form := range map[string]url.Values{
			"clase": {"objeto": {file.String()}, "lugar": {"aquí"}},
			"lugar": {"objeto": {file.String()}, "clase": {"health"}, "nota": {"algo"}},
			"nota":  {"objeto": {file.String()}, "clase": {"health"}, "lugar": {"aquí"}, "nota": {strings.Repeat("x", 4001)}},
		} {
			rec := w.request("ana", http.MethodPost, "/datos-personales", form)
			body := rec.Body.String()
			if rec.Code != http.StatusUnprocessableEntity || !strings.Contains(body, `id="campo-`+field+`-error"`) {
				t.Errorf("%s: %d", field, rec.Code)
			}
			for _, typed := range []string{"aquí", "algo"} {
				if form.Get("lugar") == typed && !strings.Contains(body, typed) {
					t.Errorf("%s: what was typed is lost", field)
				}
			}
		}
		for _, object := range []string{"", "resource:", "dataset:x", "person:" + w.people["ana"].ID, "resource:otro"} {
			if rec := w.get("ana", "/datos-personales?objeto="+url.QueryEscape(object)); rec.Code != http.StatusNotFound {
				t.Errorf("%q: %d", object, rec.Code)
			}
		}
	})
}

func TestWhoReportsTooOftenKeepsWhatTheyWrote(t *testing.T) {
	worlds(t, func(w *world) {
		form := url.Values{"objeto": {file.String()}, "clase": {"health"}, "lugar": {"En la columna tal."}, "nota": {"Se leen nombres."}}
		for range 20 {
			w.request("ana", http.MethodPost, "/datos-personales", form)
		}
		rec := w.request("ana", http.MethodPost, "/datos-personales", form)
		if body := rec.Body.String(); rec.Code != http.StatusTooManyRequests || !strings.Contains(body, "En la columna tal.") || !strings.Contains(body, "Se leen nombres.") {
			t.Errorf("%d: %s", rec.Code, body)
		}
	})
}

func TestWhoReportedIsForgottenAndGetsWhatTheyGave(t *testing.T) {
	worlds(t, func(w *world) {
		r, h := w.tell("ana"), disclosure.Holding()
		w.as("", func(tx *db.Tx) error {
			given, err := h.Export(tx, w.people["ana"].ID)
			if err != nil || !strings.Contains(fmt.Sprint(given), canary) {
				t.Errorf("the export is %v (%v)", given, err)
			}
			_, err = h.Erase(tx, w.people["ana"].ID)
			return err
		})
		w.read(func(tx *db.Tx) error {
			now, err := disclosure.ByID(tx, r.ID)
			if now.Reporter != "" || now.Place != canary {
				t.Errorf("after erasing: %+v", now)
			}
			return err
		})
		w.as("enlace", func(tx *db.Tx) error { return w.reports.Conclude(tx, r.ID, "removed", "Hecho.") })
		dbtest.Advance(w.db, 3*365*24*time.Hour)
		w.as("", func(tx *db.Tx) error {
			n, err := h.Expire(tx)
			if n != 1 {
				t.Errorf("%d are forgotten", n)
			}
			return err
		})
	})
}
