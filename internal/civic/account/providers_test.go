package account_test

import (
	"net/http"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"plaza/internal/base/db"
	"plaza/internal/base/db/dbtest"
	"plaza/internal/civic/account"
	"plaza/internal/plaza"
)

func TestAdminsConfigureProvidersWhoseSecretsAreNeverShown(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := newWorld(t, d, setting{})
		w.write(func(tx *db.Tx) error { return account.GrantRole(tx, w.ana.ID, plaza.Admin, "", time.Time{}) })
		b := w.browser()
		b.signIn(anaEmail)
		good := map[string]string{"name": "Llave MX", "issuer": "https://llave.ejemplo.mx", "client_id": "plaza", "client_secret": "muy-secreto-1", "scopes": "email", "enabled": "1"}
		send := func(path string, change map[string]string) answer {
			var pairs []string
			for k, v := range good {
				if c, ok := change[k]; ok {
					v = c
				}
				pairs = append(pairs, k, v)
			}
			return b.post(path, pairs...)
		}
		for _, c := range []struct{ name, field, value string }{
			{"no name", "name", ""}, {"a long name", "name", strings.Repeat("a", 61)}, {"an invisible name", "name", "a\u3164b"},
			{"no issuer", "issuer", ""}, {"a plain issuer", "issuer", "http://llave.ejemplo.mx"}, {"an issuer with a query", "issuer", "https://llave.ejemplo.mx?a"},
			{"no client", "client_id", ""}, {"no secret", "client_secret", ""}, {"a long secret", "client_secret", strings.Repeat("a", 501)},
			{"many scopes", "scopes", strings.Repeat("a ", 30)}, {"a quoted scope", "scopes", `"x"`},
		} {
			a := b.want(send("/admin/identidad", map[string]string{c.field: c.value}), http.StatusUnprocessableEntity)
			if !strings.Contains(a.body, `href="#campo-`+c.field+`"`) || strings.Contains(a.body, "muy-secreto") {
				t.Errorf("%s: %s", c.name, a.body)
			}
		}
		b.want(send("/admin/identidad", nil), http.StatusSeeOther)
		a := b.want(send("/admin/identidad", map[string]string{"name": "Otra"}), http.StatusUnprocessableEntity) // the issuer is known
		if !strings.Contains(a.body, `href="#campo-issuer"`) {
			t.Error("the error is not at its field")
		}
		for _, path := range []string{"/admin/identidad", "/admin/identidad/nuevo", "/admin/identidad/llave-mx", "/entrar"} {
			page := b.want(b.get(path), http.StatusOK).body
			if strings.Contains(page, "muy-secreto") || strings.Count(page, "<h1") != 1 || strings.Contains(page, "account.") {
				t.Errorf("%s: %s", path, page)
			}
		}
		if page := b.get("/admin/identidad/llave-mx").body; !strings.Contains(page, w.server.URL+"/entrar/con/llave-mx/regreso") {
			t.Error("the page does not say the return address")
		}
		if n := w.scalar(`SELECT COUNT(*) FROM identity_providers WHERE secret LIKE $1`, "%muy-secreto%"); n != 0 {
			t.Error("the secret lies open in the store")
		}
		before := w.text(`SELECT secret FROM identity_providers`)
		b.want(send("/admin/identidad/llave-mx", map[string]string{"client_secret": "", "enabled": "", "name": "Llave"}), http.StatusSeeOther)
		if w.text(`SELECT secret FROM identity_providers`) != before || w.text(`SELECT scopes FROM identity_providers`) != "openid email" {
			t.Error("saving without a secret changed it, or the scopes")
		}
		visitor := w.browser()
		if strings.Contains(visitor.get("/entrar").body, "Entrar con Llave") {
			t.Error("a provider that is out of use has a button")
		}
		visitor.want(visitor.get("/entrar/con/llave-mx"), http.StatusNotFound)
		if n := w.scalar(`SELECT COUNT(*) FROM record_entries WHERE verb = 'account.provider_saved' AND payload NOT LIKE $1`, "%secret%"); n != 2 {
			t.Errorf("%d entries, want 2", n)
		}
		b.want(b.get("/admin/identidad/nadie"), http.StatusNotFound)
	})
}

func TestOfTwoAdminsAtOnceTheSecondIsTold(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := newWorld(t, d, setting{})
		w.write(func(tx *db.Tx) error { return account.GrantRole(tx, w.ana.ID, plaza.Admin, "", time.Time{}) })
		b := w.browser()
		b.signIn(anaEmail)
		provider := func(name, seen string) []string {
			return []string{"seen", seen, "name", name, "issuer", "https://llave.ejemplo.mx", "client_id", "plaza", "client_secret", "muy-secreto-1", "scopes", "email", "enabled", "1"}
		}
		b.want(b.post("/admin/identidad", provider("Llave", "")...), http.StatusSeeOther)
		for _, c := range []struct {
			page, path    string
			first, second func(seen string) []string
			kept          string
		}{
			{"/admin/identidad/llave", "/admin/identidad/llave", func(seen string) []string { return provider("Llave Uno", seen) },
				func(seen string) []string { return provider("Llave Dos", seen) }, `value="Llave Dos"`},
			{"/admin/identidad", "/admin/identidad/segundo-factor", nil,
				func(seen string) []string { return []string{"seen", seen} }, "segundo-factor"},
		} {
			_, rest, _ := strings.Cut(b.get(c.page).body, `name="seen" value="`)
			seen, _, _ := strings.Cut(rest, `"`)
			if seen == "" {
				t.Fatalf("%s does not say what it shows", c.page)
			}
			if c.path != c.page { // once it is asked for, who has no second factor is led to one first
				seen = "of another state"
			} else {
				b.want(b.post(c.path, c.first(seen)...), http.StatusSeeOther)
			}
			a := b.want(b.post(c.path, c.second(seen)...), http.StatusConflict)
			if !strings.Contains(a.body, "Alguien más guardó antes") || !strings.Contains(a.body, c.kept) || strings.Contains(a.body, "muy-secreto") {
				t.Errorf("%s: %s", c.path, a.body)
			}
		}
	})
}

func TestOfManyWhoSaveAProviderInTheSameInstantOneWins(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := newWorld(t, d, setting{})
		w.write(func(tx *db.Tx) error { return account.GrantRole(tx, w.ana.ID, plaza.Admin, "", time.Time{}) })
		b := w.browser()
		b.signIn(anaEmail)
		save := func(path, name, seen string) int {
			return b.post(path, "seen", seen, "name", name, "issuer", "https://llave.ejemplo.mx", "client_id", "plaza",
				"client_secret", "muy-secreto-1", "scopes", "email", "enabled", "1").status
		}
		if code := save("/admin/identidad", "Llave", ""); code != http.StatusSeeOther {
			t.Fatalf("adding it: %d", code)
		}
		_, rest, _ := strings.Cut(b.get("/admin/identidad/llave").body, `name="seen" value="`)
		seen, _, _ := strings.Cut(rest, `"`)
		codes := make(chan int, 6)
		var all sync.WaitGroup
		for n := range cap(codes) {
			all.Go(func() { codes <- save("/admin/identidad/llave", "Llave "+strconv.Itoa(n), seen) })
		}
		all.Wait()
		close(codes)
		won := 0
		for code := range codes {
			if code == http.StatusSeeOther {
				won++
			} else if code != http.StatusConflict {
				t.Errorf("one got %d", code)
			}
		}
		if won != 1 {
			t.Errorf("%d won, want 1", won)
		}
	})
}

func TestOnlyAdminsConfigureProviders(t *testing.T) {
	w := newWorld(t, dbtest.SQLite(t), setting{})
	b := w.browser()
	b.signIn(anaEmail)
	b.want(b.get("/admin/identidad"), http.StatusForbidden)
	b.want(b.post("/admin/identidad", "name", "x"), http.StatusForbidden)
	b.want(b.post("/admin/identidad/segundo-factor", "required", "1"), http.StatusForbidden)
	err := w.db.Write(plaza.WithActor(t.Context(), w.ana.Actor()), func(tx *db.Tx) error {
		_, err := w.accounts.SaveProvider(tx, account.Provider{Name: "x"}, "x")
		return err
	})
	if plaza.KindOf(err) != plaza.Forbidden {
		t.Errorf("%v, want Forbidden", err)
	}
}

// text reads one text.
func (w *world) text(query string) (s string) {
	w.Helper()
	if err := w.db.Read(w.Context(), func(tx *db.Tx) error { return tx.Row(query).Scan(&s) }); err != nil {
		w.Fatal(err)
	}
	return s
}
