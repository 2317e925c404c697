package central_test

import (
	"bufio"
	"context"
	"encoding/json"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/PuerkitoBio/goquery"

	"plaza/internal/base/db"
	"plaza/internal/base/db/dbtest"
	"plaza/internal/base/i18n"
	"plaza/internal/base/mail"
	"plaza/internal/base/web"
	"plaza/internal/base/web/webtest"
	"plaza/internal/civic/access"
	"plaza/internal/civic/account"
	"plaza/internal/civic/account/central"
	"plaza/internal/civic/gate"
	"plaza/internal/civic/institution"
	"plaza/internal/civic/outbox"
	"plaza/internal/civic/record"
	"plaza/internal/plaza"
)

// office has the pages; everyone with a cookie is who it says.
type office struct {
	*testing.T
	db       *db.DB
	shell    *web.Shell
	accounts *account.Accounts
}

func newOffice(t *testing.T, d *db.DB) *office {
	t.Helper()
	o := &office{T: t, db: d}
	sender, err := mail.Open("")
	if err != nil {
		t.Fatal(err)
	}
	key := []byte("una clave de prueba, de 32 bytes")
	o.accounts = account.NewAccounts(account.Config{DB: d, Key: key, BaseURL: webtest.Base, Mail: outbox.New(d, sender), Gate: gate.New(key),
		Log: slog.New(slog.NewTextHandler(io.Discard, nil))})
	o.shell = webtest.New(t, func(c *web.Config) {
		c.Now, c.SessionCookie, c.Authorize = d.Now, "who", access.Authorize
		c.Authenticate = func(r *http.Request) (context.Context, error) {
			cookie, err := r.Cookie("who")
			if err != nil {
				return r.Context(), nil
			}
			return plaza.WithActor(r.Context(), plaza.Actor{PersonID: "p", Pseudonym: "p", Grants: []plaza.Grant{{Role: plaza.Role(cookie.Value)}}}), nil
		}
	}, central.Locale, account.Locale, access.Locale, institution.Locale, gate.Locale)
	if err := central.New(central.Deps{DB: d, Accounts: o.accounts}).Mount(o.shell); err != nil {
		t.Fatal(err)
	}
	return o
}

func (o *office) write(fn func(tx *db.Tx) error) {
	o.Helper()
	if err := o.db.Write(plaza.WithActor(o.Context(), plaza.SystemActor), fn); err != nil {
		o.Fatal(err)
	}
}

func (o *office) create(email, name string) (p account.Person) {
	o.Helper()
	o.write(func(tx *db.Tx) (err error) {
		p, err = account.Create(tx, account.New{Email: email, Name: name})
		return err
	})
	return p
}

func (o *office) now(id string) (p account.Person) {
	o.Helper()
	o.write(func(tx *db.Tx) (err error) {
		p, err = account.ByID(tx, id)
		return err
	})
	return p
}

func (o *office) ask(who, method, path string, pairs ...string) *httptest.ResponseRecorder {
	o.Helper()
	form := url.Values{}
	for i := 0; i+1 < len(pairs); i += 2 {
		form.Set(pairs[i], pairs[i+1])
	}
	r := httptest.NewRequestWithContext(o.Context(), method, path, strings.NewReader(form.Encode()))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	r.Header.Set("Sec-Fetch-Site", "same-origin")
	r.RemoteAddr = "127.0.0.1:49152"
	if who != "" {
		r.AddCookie(&http.Cookie{Name: "who", Value: who})
	}
	return webtest.Do(o.shell, r)
}

func (o *office) page(res *httptest.ResponseRecorder, status int) *goquery.Document {
	o.Helper()
	doc, err := goquery.NewDocumentFromReader(res.Body)
	if err != nil || res.Code != status {
		o.Fatalf("%d, want %d, %v", res.Code, status, err)
	}
	return doc
}

func (o *office) says(doc *goquery.Document, selector string, want ...string) {
	o.Helper()
	got := strings.Join(strings.Fields(doc.Find(selector).Text()), " ")
	for _, s := range want {
		if !strings.Contains(got, s) {
			o.Errorf("%s says %q, want %q in it", selector, got, s)
		}
	}
}

// do presses a button of a person's page as it is drawn now.
func (o *office) do(p account.Person, what string, pairs ...string) *httptest.ResponseRecorder {
	o.Helper()
	doc := o.page(o.ask("admin", http.MethodGet, central.Path+"/"+p.ID), http.StatusOK)
	version, _ := doc.Find("input[name=version]").Attr("value")
	return o.ask("admin", http.MethodPost, central.Path+"/"+p.ID+"/"+what, append(pairs, "version", version)...)
}

func TestPeopleAreFoundByNameAddressRoleAndState(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		o := newOffice(t, d)
		ana, _, luz := o.create("ana@ejemplo.mx", "Ána Núñez"), o.create("anabel@otro.mx", "Beatriz"), o.create("luz@ejemplo.mx", "Luz 100%_")
		o.write(func(tx *db.Tx) error { return account.GrantRole(tx, luz.ID, plaza.Moderator, "", time.Time{}) })
		o.write(func(tx *db.Tx) error { return account.Suspend(tx, ana.ID, time.Time{}, "prueba") })
		for query, want := range map[string]string{
			"": "Ána Núñez, Beatriz, Luz 100%_", "?q=ANA+nunez": "Ána Núñez", "?q=ana": "Ána Núñez, Beatriz", "?q=LUZ@ejemplo.mx": "Luz 100%_",
			"?q=%25": "", "?q=_": "", "?q=nu": "", "?papel=moderator": "Luz 100%_", "?estado=suspendida": "Ána Núñez", "?estado=activa": "Beatriz, Luz 100%_",
			"?papel=emperatriz": "", "?q=luz&papel=moderator&estado=activa": "Luz 100%_", "?desde=nada": "Ána Núñez, Beatriz, Luz 100%_",
		} {
			doc := o.page(o.ask("admin", http.MethodGet, central.Path+query), http.StatusOK)
			var got []string
			doc.Find("tbody th a").Each(func(_ int, s *goquery.Selection) { got = append(got, s.Text()) })
			if strings.Join(got, ", ") != want {
				t.Errorf("%q finds %v, want %q", query, got, want)
			}
		}
	})
}

func TestPeopleArePagedByKeyWithinABoundOfStatements(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		o := newOffice(t, d)
		for i := range 120 {
			p := o.create(strconv.Itoa(i)+"@ejemplo.mx", "Persona "+strconv.Itoa(i%60))
			if i%3 == 0 {
				o.write(func(tx *db.Tx) error { return account.GrantRole(tx, p.ID, plaza.Judge, "", time.Time{}) })
			}
		}
		seen, path := map[string]bool{}, central.Path
		for range 3 {
			ctx, n := db.CountStatements(t.Context())
			r := httptest.NewRequestWithContext(ctx, http.MethodGet, path, nil)
			r.AddCookie(&http.Cookie{Name: "who", Value: "admin"})
			doc := o.page(webtest.Do(o.shell, r), http.StatusOK)
			if n.Load() > 3 {
				t.Errorf("a page takes %d statements", n.Load())
			}
			doc.Find("tbody th a").Each(func(_ int, s *goquery.Selection) {
				href, _ := s.Attr("href")
				seen[href] = true
			})
			path, _ = doc.Find(`a[rel="next"]`).Attr("href")
		}
		if len(seen) != 120 || path != "" {
			t.Errorf("three pages list %d people, and then %q", len(seen), path)
		}
	})
}

func TestRolesAreGivenAndEndedWithTheirDates(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		o := newOffice(t, d)
		ana := o.create("ana@ejemplo.mx", "Ana")
		var salud institution.Institution
		o.write(func(tx *db.Tx) (err error) {
			salud, err = institution.Put(tx, institution.Institution{Name: "Secretaría de Salud", Type: "federal", Zone: "America/Mexico_City"})
			return err
		})
		res := o.do(ana, "papeles", "role", "data_owner", "institution", salud.ID, "until", "2027-01-31")
		doc := o.page(o.ask("admin", http.MethodGet, res.Header().Get("Location")), http.StatusOK)
		o.says(doc, ".Main", "El papel quedó dado", "Área generadora o administradora, en Secretaría de Salud", "31 de enero de 2027")
		if res := o.do(ana, "papeles", "role", "data_owner", "institution", salud.ID); res.Code != http.StatusConflict {
			t.Errorf("the same role again = %d", res.Code)
		}
		for field, form := range map[string][]string{
			"until": {"role", "moderator", "until", "2020-01-01"}, "until ": {"role", "moderator", "until", "ayer"},
		} {
			doc := o.page(o.do(ana, "papeles", form...), http.StatusUnprocessableEntity)
			if doc.Find("#campo-"+strings.TrimSpace(field)+"-error").Length() != 1 {
				t.Errorf("%v is not refused at its field", form)
			}
		}
		for _, form := range [][]string{{"role", "emperatriz"}, {"role", "system"}, {"role", "judge"}, {"role", "data_owner", "institution", "nada"}} {
			if res := o.do(ana, "papeles", form...); res.Code < 400 || res.Code > 499 {
				t.Errorf("%v = %d", form, res.Code)
			}
		}
		doc = o.page(o.do(ana, "papeles", "role", "data_owner"), http.StatusUnprocessableEntity)
		o.says(doc, "#campo-institution-error", "diga de cuál")
		doc = o.page(o.do(ana, "papeles", "role", "liaison", "institution", salud.ID), http.StatusUnprocessableEntity)
		o.says(doc, "#campo-role-error", "con su oficio")
		if doc.Find(`.Notice a[href="/gestion/`+salud.Slug+`/enlace"]`).Length() != 1 {
			t.Error("nothing leads to where a liaison is appointed")
		}
		if doc.Find(`#campo-role option[value="judge"]`).Length() != 0 {
			t.Error("a judge of nothing can be named")
		}
		o.do(ana, "papeles/terminar", "role", "data_owner", "institution", salud.ID)
		if p := o.now(ana.ID); len(p.Grants) != 0 {
			t.Errorf("she holds %+v", p.Grants)
		}
		if res := o.do(ana, "papeles/terminar", "role", "data_owner", "institution", salud.ID); res.Code != http.StatusNotFound {
			t.Errorf("ending it again = %d", res.Code)
		}
	})
}

func TestOfTwoWhoActAtOnceOneWinsAndTheOtherIsTold(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		o := newOffice(t, d)
		ana := o.create("ana@ejemplo.mx", "Ana")
		version := strconv.Itoa(o.now(ana.ID).Version)
		acts := [][]string{
			{"papeles", "role", "moderator"}, {"suspender", "reason", "una razón"}, {"papeles", "role", "admin"}, {"sesiones"},
		}
		codes := make(chan int, len(acts))
		var wg sync.WaitGroup
		for _, a := range acts {
			wg.Go(func() {
				codes <- o.ask("admin", http.MethodPost, central.Path+"/"+ana.ID+"/"+a[0], append(a[1:], "version", version)...).Code
			})
		}
		wg.Wait()
		close(codes)
		won := 0
		for c := range codes {
			if c == http.StatusSeeOther {
				won++
			} else if c != http.StatusConflict {
				t.Errorf("one got %d", c)
			}
		}
		p := o.now(ana.ID)
		done := len(p.Grants)
		if p.Suspended {
			done++
		}
		if won != 1 || done > 1 {
			t.Errorf("%d won, and she is %+v, suspended %v", won, p.Grants, p.Suspended)
		}
		doc := o.page(o.ask("admin", http.MethodPost, central.Path+"/"+ana.ID+"/papeles", "role", "moderator", "version", version), http.StatusConflict)
		o.says(doc, ".Notice--warning", "Alguien más actuó antes", "No se hizo nada")
		if got, _ := doc.Find("input[name=version]").Attr("value"); got != strconv.Itoa(p.Version) {
			t.Errorf("the page shows version %s, now it is %d", got, p.Version)
		}
		for _, v := range []string{"", "x", "-5"} {
			o.page(o.ask("admin", http.MethodPost, central.Path+"/"+ana.ID+"/papeles", "role", "moderator", "version", v), http.StatusConflict)
		}
	})
}

func TestAnAccountIsSuspendedWithAReasonAndLifted(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		o := newOffice(t, d)
		ana := o.create("ana@ejemplo.mx", "Ana")
		doc := o.page(o.do(ana, "suspender", "hold_until", "2026-12-31"), http.StatusUnprocessableEntity)
		o.says(doc, "#campo-reason-error", "Escriba la razón")
		if got, _ := doc.Find("#campo-hold_until").Attr("value"); got != "2026-12-31" {
			t.Errorf("the form kept %q", got)
		}
		o.says(o.page(o.do(ana, "suspender", "reason", "x", "hold_until", "2026-01-01"), http.StatusUnprocessableEntity), "#campo-hold_until-error", "futuro")
		o.do(ana, "suspender", "reason", "Publicó datos de otra persona", "hold_until", "2026-12-31")
		o.says(o.page(o.ask("admin", http.MethodGet, central.Path+"/"+ana.ID), http.StatusOK), ".Main", "Suspendida", "Publicó datos de otra persona", "Levantar la suspensión")
		o.do(ana, "levantar")
		if o.now(ana.ID).Suspended {
			t.Error("it is suspended still")
		}
		o.write(func(tx *db.Tx) error { return account.GrantRole(tx, ana.ID, plaza.Admin, "", time.Time{}) })
		if res := o.do(ana, "suspender", "reason", "x"); res.Code != http.StatusConflict || o.now(ana.ID).Suspended {
			t.Errorf("suspending the last admin = %d", res.Code)
		}
		var entries []record.Entry
		o.write(func(tx *db.Tx) (err error) {
			entries, err = record.Since(tx, record.Filter{Verb: "account."}, 100)
			return err
		})
		said := ""
		for _, e := range entries {
			said += e.Verb + " "
			if strings.Contains(string(e.Payload), "Publicó") {
				t.Error("the reason stands in the public record")
			}
		}
		if !strings.Contains(said, "account.suspended account.suspension_lifted") {
			t.Errorf("the record says %s", said)
		}
	})
}

func TestTheAuditHoldsWhatWasDoneWithPower(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		o := newOffice(t, d)
		ana := o.create("ana@ejemplo.mx", "Ana")
		member := plaza.WithActor(t.Context(), plaza.Actor{PersonID: ana.ID, Pseudonym: ana.Pseudonym})
		for _, verb := range []string{"comment.published", "account.erased"} {
			if err := d.Write(member, func(tx *db.Tx) error { return record.Append(tx, record.Act{Verb: verb}) }); err != nil {
				t.Fatal(err)
			}
		}
		dbtest.Advance(d, 48*time.Hour)
		o.do(ana, "papeles", "role", "moderator")
		verbs := func(query string) string {
			res := o.ask("admin", http.MethodGet, central.AuditPath+query)
			if res.Code != http.StatusOK {
				return strconv.Itoa(res.Code)
			}
			var out []string
			for lines := bufio.NewScanner(res.Body); lines.Scan(); {
				var e record.Entry
				if err := json.Unmarshal(lines.Bytes(), &e); err != nil {
					t.Fatal(err)
				}
				out = append(out, e.Verb)
			}
			return strings.Join(out, " ")
		}
		for query, want := range map[string]string{
			"": "account.created account.erased account.role_granted", "?desde=2026-11-24": "account.role_granted",
			"?hasta=2026-11-23": "account.created account.erased", "?desde=2030-01-01": "", "?desde=ayer": "422", "?hasta=0000-00-00": "422",
		} {
			if got := verbs(query); got != want {
				t.Errorf("%q: %q, want %q", query, got, want)
			}
		}
	})
}

func TestOnlyTheCoordinationSees(t *testing.T) {
	o := newOffice(t, dbtest.SQLite(t))
	ana := o.create("ana@ejemplo.mx", "Ana")
	version := strconv.Itoa(ana.Version)
	for _, route := range o.shell.Routes() {
		method, path, _ := strings.Cut(route.Pattern, " ")
		if !strings.HasPrefix(path, "/admin") {
			continue
		}
		path = strings.NewReplacer("{person}", ana.ID).Replace(path)
		for who, want := range map[string]int{"": http.StatusUnauthorized, "member": http.StatusForbidden, "liaison": http.StatusForbidden, "moderator": http.StatusForbidden} {
			if res := o.ask(who, method, path, "version", version, "role", "admin", "reason", "x"); res.Code != want {
				t.Errorf("%q %s %s = %d, want %d", who, method, path, res.Code, want)
			}
		}
	}
	if p := o.now(ana.ID); p.Version != ana.Version {
		t.Error("somebody who may not changed her")
	}
	if res := o.ask("admin", http.MethodGet, central.Path+"/nadie"); res.Code != http.StatusNotFound {
		t.Errorf("nobody = %d", res.Code)
	}
}

func TestPagesFitTheirTypesAndWords(t *testing.T) {
	for _, p := range append(webtest.CheckTemplates(newOffice(t, dbtest.SQLite(t)).shell), i18n.CheckCatalogues(central.Locale)...) {
		t.Error(p)
	}
}
