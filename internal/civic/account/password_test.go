package account_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"plaza/internal/base/db"
	"plaza/internal/base/db/dbtest"
	"plaza/internal/civic/account"
)

const otherPassword = "cuatro panes de muerto"

// setPassword gives Ana a password as she does it: after signing in by link.
func (w *world) setPassword(email, password string) *browser {
	w.Helper()
	b := w.browser()
	b.signIn(email)
	a := b.want(b.post("/mi/cuenta/contrasena", "new", password), http.StatusSeeOther)
	if got := a.header.Get("Location"); got != "/mi/cuenta/contrasena?hecho=puesta" {
		w.Fatalf("leads to %s", got)
	}
	return b
}

func TestAPasswordSignsIn(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := newWorld(t, d, setting{})
		w.setPassword(anaEmail, goodPassword)
		for _, typed := range []string{goodPassword, "tres tazas de te\u0301 verde"} { // composed otherwise
			b := w.browser()
			b.setCookie("conocida-de-antes")
			a := b.want(b.post("/entrar", "email", " Ana@Ejemplo.MX ", "password", typed, "volver", "/datos"), http.StatusSeeOther)
			if got := a.header.Get("Location"); got != "/datos" {
				t.Errorf("leads to %q", got)
			}
			b.is(w.ana)
			if b.cookie() == "conocida-de-antes" {
				t.Error("the session has the id that was known before")
			}
		}
		for _, evil := range []string{"https://otro.mx", "//otro.mx", "/entrar"} {
			b := w.browser()
			a := b.want(b.post("/entrar", "email", anaEmail, "password", goodPassword, "volver", evil), http.StatusSeeOther)
			if got := a.header.Get("Location"); got != "/" {
				t.Errorf("volver=%q leads to %q", evil, got)
			}
		}
	})
}

func TestAWrongPasswordAndAnUnknownAccountAreOne(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := newWorld(t, d, setting{})
		w.setPassword(anaEmail, goodPassword)
		w.create("sin@ejemplo.mx", "Sin Contraseña")
		type seen struct {
			status             int
			header             http.Header
			body               string
			statements, hashes int64
		}
		try := func(email string) seen {
			b := w.browser()
			hashes := w.accounts.Hashes()
			counter := newCounter(w)
			a := b.post("/entrar", "email", email, "password", "mala mala mala")
			statements := counter()
			for _, changing := range []string{"Date", "X-Request-Id", "Etag", "Content-Length"} {
				a.header.Del(changing)
			}
			return seen{a.status, a.header, strings.ReplaceAll(a.body, email, "…"), statements, w.accounts.Hashes() - hashes}
		}
		try("calentar@ejemplo.mx")
		known, without, unknown := try(anaEmail), try("sin@ejemplo.mx"), try("nadie@ejemplo.mx")
		if diff := cmp.Diff(known, unknown, cmp.AllowUnexported(seen{})); diff != "" {
			t.Errorf("with an account (-) and without (+):\n%s", diff)
		}
		if diff := cmp.Diff(known, without, cmp.AllowUnexported(seen{})); diff != "" {
			t.Errorf("with a password (-) and without (+):\n%s", diff)
		}
		if known.status != http.StatusUnprocessableEntity || known.hashes != 1 || known.statements == 0 {
			t.Errorf("status %d, %d hashes, %d statements", known.status, known.hashes, known.statements)
		}
		if !strings.Contains(known.body, "no son correctos") || strings.Contains(known.body, "mala mala") {
			t.Errorf("the page says: %s", known.body)
		}
	})
}

func TestGuessingPasswordsIsBraked(t *testing.T) {
	t.Run("for one account", func(t *testing.T) {
		dbtest.Each(t, func(t *testing.T, d *db.DB) {
			w := newWorld(t, d, setting{})
			w.setPassword(anaEmail, goodPassword)
			for _, email := range []string{anaEmail, "nadie@ejemplo.mx"} {
				b := w.browser()
				for i := range 10 {
					b.want(b.post("/entrar", "email", email, "password", fmt.Sprint("mala mala ", i)), http.StatusUnprocessableEntity)
				}
				a := b.want(b.post("/entrar", "email", strings.ToUpper(email), "password", goodPassword), http.StatusTooManyRequests)
				if a.header.Get("Retry-After") != "900" {
					t.Errorf("Retry-After = %q", a.header.Get("Retry-After"))
				}
			}
			b := w.browser()
			b.want(b.post("/entrar", "email", anaEmail), http.StatusSeeOther) // a link is still sent
			dbtest.Advance(d, 15*time.Minute)
			b.want(b.post("/entrar", "email", anaEmail, "password", goodPassword), http.StatusSeeOther)
		})
	})
	t.Run("of one password over accounts", func(t *testing.T) {
		w := newWorld(t, dbtest.SQLite(t), setting{})
		b := w.browser()
		for i := range 20 {
			b.want(b.post("/entrar", "email", fmt.Sprintf("a%d@ejemplo.mx", i), "password", "Verano2026!"), http.StatusUnprocessableEntity)
		}
		b.want(b.post("/entrar", "email", "otra@ejemplo.mx", "password", "Verano2026!"), http.StatusTooManyRequests)
		b.want(b.post("/entrar", "email", "otra@ejemplo.mx", "password", "otra distinta"), http.StatusUnprocessableEntity)
	})
	t.Run("from one network", func(t *testing.T) {
		w := newWorld(t, dbtest.SQLite(t), setting{})
		w.setPassword(anaEmail, goodPassword)
		b := w.browser()
		for i := range 60 {
			b.want(b.post("/entrar", "email", fmt.Sprintf("a%d@ejemplo.mx", i), "password", fmt.Sprint("mala mala ", i)), http.StatusUnprocessableEntity)
		}
		b.want(b.post("/entrar", "email", anaEmail, "password", goodPassword), http.StatusTooManyRequests)
		if n := w.scalar(`SELECT COUNT(*) FROM brakes WHERE bucket LIKE $1`, "%ejemplo%"); n != 0 {
			t.Error("brakes hold addresses")
		}
	})
}

func TestWhatWasNeverLookedAtIsNoAttempt(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := newWorld(t, d, setting{})
		w.setPassword(anaEmail, goodPassword)
		b := w.browser()
		try := func(password string) answer { return b.post("/entrar", "email", anaEmail, "password", password) }
		uses := func() int { return w.scalar(`SELECT COALESCE(SUM(uses), 0) FROM brakes`) }
		before := uses()
		w.accounts.Crowd(true)
		for range 30 { // three times what one account takes
			a := b.want(try(goodPassword), http.StatusServiceUnavailable)
			if a.header.Get("Retry-After") == "" {
				t.Error("no Retry-After")
			}
		}
		w.accounts.Crowd(false)
		if got := uses(); got != before {
			t.Errorf("%d attempts are counted", got-before)
		}
		b.want(try("otra cosa distinta"), http.StatusUnprocessableEntity)
		b.want(try(goodPassword), http.StatusSeeOther)
		b.is(w.ana)
	})
}

func TestChangingThePasswordEndsOtherSessionsAndTells(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := newWorld(t, d, setting{})
		mine := w.setPassword(anaEmail, goodPassword)
		elsewhere := w.browser()
		elsewhere.want(elsewhere.post("/entrar", "email", anaEmail, "password", goodPassword), http.StatusSeeOther)
		before := mine.cookie()

		a := mine.want(mine.post("/mi/cuenta/contrasena", "old", "no es esta", "new", otherPassword), http.StatusUnprocessableEntity)
		if !strings.Contains(a.body, `href="#campo-old"`) {
			t.Errorf("the page says: %s", a.body)
		}
		mine.want(mine.post("/mi/cuenta/contrasena", "new", otherPassword), http.StatusUnprocessableEntity) // no old one
		a = mine.want(mine.post("/mi/cuenta/contrasena", "old", goodPassword, "new", "anaanaana"), http.StatusUnprocessableEntity)
		if !strings.Contains(a.body, `href="#campo-new"`) {
			t.Errorf("the page says: %s", a.body)
		}
		mine.want(mine.post("/mi/cuenta/contrasena", "old", goodPassword, "new", otherPassword), http.StatusSeeOther)
		mine.is(w.ana)
		elsewhere.is(account.Person{})
		if mine.cookie() == before {
			t.Error("the session goes on under its old id")
		}
		if n := w.scalar(`SELECT COUNT(*) FROM outbox WHERE kind = 'account.notice' AND address = $1`, anaEmail); n != 2 {
			t.Errorf("%d notices, want 2", n)
		}
		b := w.browser()
		b.want(b.post("/entrar", "email", anaEmail, "password", goodPassword), http.StatusUnprocessableEntity)
		b.want(b.post("/entrar", "email", anaEmail, "password", otherPassword), http.StatusSeeOther)

		mine.want(mine.post("/mi/cuenta/contrasena", "old", otherPassword, "quitar", "1"), http.StatusSeeOther)
		mine.is(w.ana)
		b.is(account.Person{})
		b.want(b.post("/entrar", "email", anaEmail, "password", otherPassword), http.StatusUnprocessableEntity)
	})
}

func TestALinkLetsOneSetAPasswordForTenMinutes(t *testing.T) {
	w := newWorld(t, dbtest.SQLite(t), setting{})
	b := w.browser()
	b.signIn(anaEmail)
	if page := b.get("/mi/cuenta/contrasena").body; !strings.Contains(page, `name="new"`) || strings.Contains(page, `name="old"`) {
		t.Errorf("the page says: %s", page)
	}
	dbtest.Advance(w.db, 10*time.Minute)
	if page := b.get("/mi/cuenta/contrasena").body; strings.Contains(page, `name="new"`) || !strings.Contains(page, "/entrar/olvide") {
		t.Errorf("after ten minutes the page says: %s", page)
	}
	b.want(b.post("/mi/cuenta/contrasena", "new", goodPassword), http.StatusUnprocessableEntity)
	if n := w.scalar(`SELECT COUNT(*) FROM credentials`); n != 0 {
		t.Error("a password was set")
	}
	visitor := w.browser()
	visitor.want(visitor.post("/mi/cuenta/contrasena", "new", goodPassword), http.StatusUnauthorized)
}

func TestWhoHasForgottenThePasswordSetsAnother(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := newWorld(t, d, setting{})
		w.setPassword(anaEmail, goodPassword)
		type seen struct {
			status     int
			location   string
			statements int64
			jobs       int
		}
		ask := func(email string) seen {
			b := w.browser()
			jobs := w.scalar(`SELECT COUNT(*) FROM jobs`)
			counter := newCounter(w)
			a := b.post("/entrar/olvide", "email", email)
			return seen{a.status, a.header.Get("Location"), counter(), w.scalar(`SELECT COUNT(*) FROM jobs`) - jobs}
		}
		ask("calentar@ejemplo.mx")
		if diff := cmp.Diff(ask(anaEmail), ask("nadie@ejemplo.mx"), cmp.AllowUnexported(seen{})); diff != "" {
			t.Errorf("with an account (-) and without (+):\n%s", diff)
		}
		w.work()
		b := w.browser()
		a := b.want(b.post(w.mailed(1)), http.StatusSeeOther)
		if got := a.header.Get("Location"); got != "/mi/cuenta/contrasena" {
			t.Fatalf("leads to %s", got)
		}
		b.want(b.post("/mi/cuenta/contrasena", "new", otherPassword), http.StatusSeeOther)
		other := w.browser()
		other.want(other.post("/entrar", "email", anaEmail, "password", otherPassword), http.StatusSeeOther)
		b.want(b.post("/entrar/olvide", "email", "nada"), http.StatusUnprocessableEntity)
	})
}

func TestAPasswordSignsInWhereThereIsNoMail(t *testing.T) {
	w := newWorld(t, dbtest.SQLite(t), setting{noMail: true, plain: true})
	w.setPassword(anaEmail, goodPassword)
	b := w.browser()
	b.want(b.post("/entrar", "email", anaEmail, "password", goodPassword), http.StatusSeeOther)
	b.is(w.ana)
}

func TestOddPasswordsAreWrongAndNothingElse(t *testing.T) {
	w := newWorld(t, dbtest.SQLite(t), setting{})
	b := w.browser()
	for _, odd := range []string{strings.Repeat("a", 5000), "\u202e", "\x01\x02", "   ", strings.Repeat("ñ", 129)} {
		if a := b.post("/entrar", "email", anaEmail, "password", odd); a.status != http.StatusUnprocessableEntity {
			t.Errorf("%.10q: %d", odd, a.status)
		}
	}
}

func TestANewPasswordEndsWhatWaitsToSignInAndTokensByChoice(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := newWorld(t, d, setting{})
		for _, choice := range []string{"", "1"} {
			w.write(func(tx *db.Tx) error {
				_, err := w.accounts.MakeKey(tx, w.ana.ID, account.NewKey{Name: "tablero", Scopes: []string{"comment"}, Expires: tx.Now.Add(time.Hour)})
				return err
			})
			b := w.browser()
			b.signIn(anaEmail)
			open := w.link(anaEmail)
			if page := b.want(b.get("/mi/cuenta/contrasena"), http.StatusOK).body; !strings.Contains(page, `name="claves"`) || !strings.Contains(page, " checked") {
				t.Error("the box is not ticked")
			}
			b.want(b.post("/mi/cuenta/contrasena", "new", goodPassword, "claves", choice), http.StatusSeeOther)
			b.want(w.browser().post(open), http.StatusGone)
			left := w.scalar(`SELECT COUNT(*) FROM access_tokens WHERE revoked_at IS NULL`)
			if (left == 0) != (choice != "") {
				t.Errorf("chosen %q: %d tokens are left", choice, left)
			}
		}
	})
}
