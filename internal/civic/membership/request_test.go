package membership_test

import (
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"plaza/internal/base/db"
	"plaza/internal/base/db/dbtest"
	"plaza/internal/civic/account"
	"plaza/internal/civic/membership"
	"plaza/internal/civic/record"
	"plaza/internal/plaza"
)

// ask asks as somebody and returns the request.
func (w *world) ask(by account.Person, r membership.Request) (membership.Request, error) {
	r.Institution = w.body.ID
	err := w.db.Write(as(w.Context(), by), func(tx *db.Tx) (err error) {
		r, err = w.members.Ask(tx, r)
		return err
	})
	return r, err
}

// audience is who is told of the last entry with the verb.
func (w *world) audience(verb string) (a record.Audience) {
	w.Helper()
	w.read(func(tx *db.Tx) error {
		list, err := record.Latest(tx, record.Filter{Verb: verb}, 1)
		if err != nil || len(list) == 0 {
			w.Fatalf("no entry %s: %v", verb, err)
		}
		a, err = w.members.Audiences(tx, list[0])
		return err
	})
	return a
}

// told fails the test unless exactly that person is told of the last entry.
func (w *world) told(verb string, p account.Person) {
	w.Helper()
	if a := w.audience(verb); len(a.Direct) != 1 || a.Direct[0].Person != p.ID || a.Direct[0].Why == "" {
		w.Errorf("of %s hear %+v, want %s alone", verb, a.Direct, p.ID)
	}
}

func TestARequestEndsInOneOfFourWays(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := newWorld(t, d)
		liaison := w.as(w.liaison("ana@ejemplo.mx", "Ana", w.body.ID))
		office, join := "/gestion/"+w.body.Slug, "/instituciones/"+w.body.Slug+"/unirse"
		bea := w.person("bea@ejemplo.mx", "Berenice")
		b := w.as(bea)
		path := func() string {
			var id string
			w.read(func(tx *db.Tx) error { return tx.Row(`SELECT id FROM join_requests WHERE state = 'open'`).Scan(&id) })
			return office + "/integrantes/peticiones/" + id
		}

		b.want(b.post(join, "role", "data_owner", "message", "Trabajo en <b>estadística</b>."), http.StatusSeeOther)
		w.work()
		if mails := w.mail.Wait(t, 1); mails[0].To[0] != "ana@ejemplo.mx" || !strings.Contains(mails[0].Text, path()) {
			t.Errorf("the liaison was sent %+v", mails[0])
		}
		liaison.says(liaison.get(office), "1 persona pide unirse")
		liaison.says(liaison.get(path()), "Berenice", "Trabajo en <b>estadística</b>.", "bea@ejemplo.mx")
		liaison.says(liaison.want(liaison.post(path(), "decision", "rechazar"), http.StatusUnprocessableEntity), "Diga por qué se rechaza")
		refused := path()
		liaison.want(liaison.post(refused, "decision", "rechazar", "reason", "No la conocemos."), http.StatusSeeOther)
		b.says(b.get(join), "fue rechazada", "No la conocemos.")
		w.told("request.refused", bea)
		if res := liaison.post(refused, "decision", "aceptar", "role", "data_owner"); !strings.HasSuffix(res.header.Get("Location"), "?no=decided") {
			t.Errorf("deciding twice led to %q", res.header.Get("Location"))
		}

		dbtest.Advance(d, time.Minute)
		b.want(b.post(join), http.StatusSeeOther)
		b.want(b.post(join+"/retirar"), http.StatusSeeOther)
		b.says(b.get(join), "fue retirada")

		dbtest.Advance(d, time.Minute)
		b.want(b.post(join), http.StatusSeeOther)
		dbtest.Advance(d, 30*24*time.Hour)
		w.work()
		b, liaison = w.as(bea), w.as(w.person("eva@ejemplo.mx", "Eva"))
		b.says(b.get(join), "venció sin respuesta")
		w.told("request.expired", bea)

		w.grant(w.person("leo@ejemplo.mx", "Leo"), plaza.Liaison, w.body.ID)
		b.want(b.post(join), http.StatusSeeOther)
		liaison.want(liaison.post(path(), "decision", "aceptar", "role", "transparency"), http.StatusForbidden)
		admin := w.as(w.admin)
		admin.says(admin.want(admin.post(path(), "decision", "aceptar", "role", "liaison"), http.StatusUnprocessableEntity), "Elija un papel")
		admin.want(admin.post(path(), "decision", "aceptar", "role", "transparency", "until", "mañana"), http.StatusUnprocessableEntity)
		admin.want(admin.post(path(), "decision", "aceptar", "role", "transparency"), http.StatusSeeOther)
		w.told("request.accepted", bea)
		b.want(b.get(office), http.StatusOK)
		for _, p := range w.again(bea).Grants {
			if p.Role != plaza.Transparency || p.Institution != w.body.ID {
				t.Errorf("Bea holds %+v", p)
			}
		}
		if n := w.scalar(`SELECT COUNT(*) FROM record_entries WHERE payload LIKE '%Berenice%' OR payload LIKE '%conocemos%' OR payload LIKE '%ejemplo%'`); n != 0 {
			t.Errorf("%d entries hold personal data", n)
		}
	})
}

func TestAPersonHasOneOpenRequestAtAnInstitution(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := newWorld(t, d)
		bea := w.person("bea@ejemplo.mx", "Bea")
		errs := make([]error, 8)
		var wg sync.WaitGroup
		for n := range errs {
			wg.Go(func() { _, errs[n] = w.ask(bea, membership.Request{}) })
		}
		wg.Wait()
		won := 0
		for _, err := range errs {
			if err == nil {
				won++
			} else if plaza.KindOf(err) != plaza.Conflict {
				t.Errorf("Ask = %v", err)
			}
		}
		if n := w.scalar(`SELECT COUNT(*) FROM join_requests`); won != 1 || n != 1 {
			t.Errorf("%d won and %d are stored, want one", won, n)
		}
	})
}

func TestOfTwoWhoDecideAtOnceOneWins(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := newWorld(t, d)
		admin, bea := w.again(w.admin), w.person("bea@ejemplo.mx", "Bea")
		r, err := w.ask(bea, membership.Request{})
		w.must(err)
		errs := make([]error, 8)
		var wg sync.WaitGroup
		for n := range errs {
			wg.Go(func() {
				errs[n] = d.Write(as(t.Context(), admin), func(tx *db.Tx) error {
					return w.members.Decide(tx, w.body.ID, r.ID, membership.Decision{Accept: n%2 == 0, Role: plaza.DataOwner, Reason: "No."})
				})
			})
		}
		wg.Wait()
		won := 0
		for _, err := range errs {
			if err == nil {
				won++
			} else if plaza.KindOf(err) != plaza.Conflict {
				t.Errorf("Decide = %v", err)
			}
		}
		if told := w.entries("request.accepted") + w.entries("request.refused"); won != 1 || told != 1 {
			t.Errorf("%d won, %d entries; want one", won, told)
		}
	})
}

func TestADomainLetsItsPeopleAskWithOneButton(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := newWorld(t, d)
		liaison := w.as(w.liaison("ana@ejemplo.mx", "Ana", w.body.ID))
		admin := w.as(w.admin)
		domains := "/gestion/" + w.body.Slug + "/dominios"
		for _, c := range []struct{ typed, says string }{
			{"", "dominio completo"}, {"salud", "dominio completo"}, {"a b.mx", "dominio completo"}, {"..", "dominio completo"},
			{"gmail.com", "cualquiera obtiene un correo"},
		} {
			liaison.says(liaison.want(liaison.post(domains, "domain", c.typed), http.StatusUnprocessableEntity), c.says)
		}
		liaison.want(liaison.post(domains, "domain", "@Salud.Ejemplo.MX"), http.StatusSeeOther)
		liaison.says(liaison.want(liaison.post(domains, "domain", "salud.ejemplo.mx"), http.StatusUnprocessableEntity), "ya está en la lista")
		bea := w.as(w.person("bea@SALUD.ejemplo.mx", "Bea"))
		join := "/instituciones/" + w.body.Slug + "/unirse"
		if strings.Contains(bea.get(join).body, "salud.ejemplo.mx") {
			t.Error("a domain that is only proposed counts")
		}
		var id string
		w.read(func(tx *db.Tx) error { return tx.Row(`SELECT id FROM email_domains`).Scan(&id) })
		liaison.want(liaison.post(domains+"/"+id+"/verificar"), http.StatusForbidden)
		admin.says(admin.get("/gestion/"+w.body.Slug), "1 dominio de correo por verificar")
		admin.want(admin.post(domains+"/"+id+"/verificar"), http.StatusSeeOther)
		if res := admin.post(domains + "/" + id + "/verificar"); !strings.HasSuffix(res.header.Get("Location"), "?no=domain_taken") {
			t.Errorf("verifying twice led to %q", res.header.Get("Location"))
		}
		bea.says(bea.get(join), "Pedir unirme con mi correo", "salud.ejemplo.mx")
		bea.want(bea.post(join), http.StatusSeeOther)
		liaison.says(liaison.get("/gestion/"+w.body.Slug+"/integrantes"), "salud.ejemplo.mx")
		if n := w.scalar(`SELECT COUNT(*) FROM join_requests WHERE domain = 'salud.ejemplo.mx' AND state = 'open'`); n != 1 {
			t.Error("the request does not say of which domain it is, or was let through")
		}
		// Of two institutions, one has it.
		other := "/gestion/" + w.sector.Slug + "/dominios"
		admin.want(admin.post(other, "domain", "salud.ejemplo.mx"), http.StatusSeeOther)
		w.read(func(tx *db.Tx) error {
			return tx.Row(`SELECT id FROM email_domains WHERE institution_id = $1`, w.sector.ID).Scan(&id)
		})
		if res := admin.post(other + "/" + id + "/verificar"); !strings.HasSuffix(res.header.Get("Location"), "?no=domain_taken") {
			t.Errorf("another's domain led to %q", res.header.Get("Location"))
		}
	})
}
