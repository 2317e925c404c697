package account_test

import (
	"net/http"
	"regexp"
	"strings"
	"testing"
	"time"

	"plaza/internal/base/db"
	"plaza/internal/base/db/dbtest"
	"plaza/internal/civic/account"
	"plaza/internal/plaza"
)

const factorPath = "/mi/cuenta/segundo-factor"

var (
	keyShown   = regexp.MustCompile(`id="clave"[^>]*>([A-Z2-7 ]+)<`)
	codesShown = regexp.MustCompile(`<code>([A-Z2-7]{5}-[A-Z2-7]{5})</code>`)
)

// enrol enrols a second factor and returns its key and the recovery codes.
func (b *browser) enrol() (key string, codes []string) {
	b.Helper()
	b.want(b.post(factorPath), http.StatusSeeOther)
	page := b.want(b.get(factorPath), http.StatusOK).body
	m := keyShown.FindStringSubmatch(page)
	if m == nil || !strings.Contains(page, `<svg class="Factor-picture"`) {
		b.Fatalf("no key in %s", page)
	}
	key = m[1]
	page = b.want(b.post(factorPath+"/confirmar", "code", account.CodeAt(key, b.db.Now())), http.StatusOK).body
	for _, m := range codesShown.FindAllStringSubmatch(page, -1) {
		codes = append(codes, m[1])
	}
	if len(codes) != 10 {
		b.Fatalf("%d recovery codes in %s", len(codes), page)
	}
	return key, codes
}

func TestASecondFactorIsAskedForAtEverySignIn(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := newWorld(t, d, setting{})
		mine := w.setPassword(anaEmail, goodPassword)
		elsewhere := w.browser()
		elsewhere.signIn(anaEmail)
		key, codes := mine.enrol()
		mine.is(w.ana)
		elsewhere.is(account.Person{}) // begun without a code
		dbtest.Advance(d, time.Minute)
		for name, first := range map[string]func(b *browser) answer{
			"a link":     func(b *browser) answer { return b.post(w.link(anaEmail)) },
			"a password": func(b *browser) answer { return b.post("/entrar", "email", anaEmail, "password", goodPassword) },
		} {
			b := w.browser()
			a := b.want(first(b), http.StatusSeeOther)
			if got := a.header.Get("Location"); got != "/entrar/codigo" {
				t.Fatalf("%s leads to %s", name, got)
			}
			b.is(account.Person{})
			b.want(b.get("/entrar/codigo"), http.StatusOK)
			for _, bad := range []string{"000000", "AAAAA-AAAAA", account.CodeAt(key, d.Now().Add(-time.Minute)), account.CodeAt(key, d.Now().Add(time.Minute))} {
				b.want(b.post("/entrar/codigo", "code", bad), http.StatusUnprocessableEntity)
			}
			b.is(account.Person{})
			code := account.CodeAt(key, d.Now())
			b.want(b.post("/entrar/codigo", "code", code[:3]+" "+code[3:]), http.StatusSeeOther)
			b.is(w.ana)
			b.want(b.post("/entrar/codigo", "code", codes[9]), http.StatusGone) // the step is done

			again := w.browser()
			again.want(first(again), http.StatusSeeOther)
			again.want(again.post("/entrar/codigo", "code", code), http.StatusUnprocessableEntity) // used
			dbtest.Advance(d, 20*time.Minute)
		}
		for range 2 {
			b := w.browser()
			b.signIn(anaEmail)
			b.want(b.get("/entrar/codigo"), http.StatusOK)
			if a := b.post("/entrar/codigo", "code", strings.ToLower(codes[0])); a.status == http.StatusSeeOther {
				b.is(w.ana)
			}
		}
		if n := w.scalar(`SELECT COUNT(*) FROM credentials WHERE kind = 'recovery'`); n != 9 {
			t.Errorf("%d recovery codes are left, want 9: each works once", n)
		}
		if n := w.scalar(`SELECT COUNT(*) FROM credentials WHERE secret LIKE $1 OR subject LIKE $2`,
			"%"+strings.ReplaceAll(key, " ", "")+"%", "%"+strings.ReplaceAll(codes[1], "-", "")+"%"); n != 0 {
			t.Error("keys or codes lie open in the store")
		}
	})
}

func TestTheSecondStepWaitsTenMinutesAndIsThisBrowsers(t *testing.T) {
	w := newWorld(t, dbtest.SQLite(t), setting{})
	mine := w.browser()
	mine.signIn(anaEmail)
	key, _ := mine.enrol()
	dbtest.Advance(w.db, time.Minute)
	b := w.browser()
	b.signIn(anaEmail)
	stranger := w.browser()
	stranger.want(stranger.get("/entrar/codigo"), http.StatusSeeOther)
	stranger.want(stranger.post("/entrar/codigo", "code", account.CodeAt(key, w.db.Now())), http.StatusGone)
	dbtest.Advance(w.db, 10*time.Minute)
	b.want(b.post("/entrar/codigo", "code", account.CodeAt(key, w.db.Now())), http.StatusGone)
	b.is(account.Person{})
}

func TestGuessingCodesIsBraked(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := newWorld(t, d, setting{})
		mine := w.browser()
		mine.signIn(anaEmail)
		key, _ := mine.enrol()
		dbtest.Advance(d, 15*time.Minute)
		for range 8 {
			b := w.browser() // a new sign-in gives no new tries
			b.signIn(anaEmail)
			b.want(b.post("/entrar/codigo", "code", "000000"), http.StatusUnprocessableEntity)
		}
		b := w.browser()
		b.signIn(anaEmail)
		a := b.want(b.post("/entrar/codigo", "code", account.CodeAt(key, d.Now())), http.StatusTooManyRequests)
		if a.header.Get("Retry-After") == "" {
			t.Error("no Retry-After")
		}
	})
}

func TestRolesWaitForASecondFactorWhereItIsRequired(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := newWorld(t, d, setting{})
		w.write(func(tx *db.Tx) error { return account.GrantRole(tx, w.ana.ID, plaza.Admin, "", time.Time{}) })
		b := w.browser()
		b.signIn(anaEmail)
		b.want(b.get("/central"), http.StatusOK)
		b.want(b.post("/admin/identidad/segundo-factor", "required", "1"), http.StatusSeeOther)

		a := b.want(b.get("/central"), http.StatusSeeOther)
		if got := a.header.Get("Location"); got != factorPath+"?exigido=1" {
			t.Errorf("leads to %s", got)
		}
		b.want(b.post("/admin/identidad/segundo-factor"), http.StatusForbidden)
		if got := b.get("/quien").body; strings.Contains(got, "admin") {
			t.Errorf("the session carries %q", got)
		}
		if page := b.get(factorPath).body; !strings.Contains(page, "pide la verificación en dos pasos a quien tiene un cargo") {
			t.Errorf("the page says: %s", page)
		}
		luz := w.create("luz@ejemplo.mx", "Luz Pérez")
		plain := w.browser()
		plain.signIn(luz.Email)
		plain.want(plain.get("/central"), http.StatusForbidden) // has no role that waits
		w.write(func(tx *db.Tx) error { _, err := account.EnsureAdmin(tx, anaEmail); return err })

		b.enrol()
		b.want(b.get("/central"), http.StatusOK)
		if got := b.get("/quien").body; !strings.Contains(got, "admin@") {
			t.Errorf("the session carries %q", got)
		}
		w.write(func(tx *db.Tx) error { return account.DropSecondFactor(tx, w.ana.ID) })
		b.want(b.get("/central"), http.StatusSeeOther)
		if n := w.scalar(`SELECT COUNT(*) FROM record_entries WHERE verb = 'account.factor_required'`); n != 1 {
			t.Errorf("%d entries", n)
		}
	})
}

func TestTakingTheSecondFactorAwayTakesACode(t *testing.T) {
	w := newWorld(t, dbtest.SQLite(t), setting{})
	b := w.browser()
	b.signIn(anaEmail)
	b.want(b.post(factorPath+"/confirmar", "code", "123456"), http.StatusConflict)
	key, codes := b.enrol()
	b.want(b.post(factorPath), http.StatusConflict) // it counts already
	b.want(b.post(factorPath+"/quitar", "code", "000000"), http.StatusUnprocessableEntity)
	dbtest.Advance(w.db, time.Minute)
	page := b.want(b.post(factorPath+"/codigos", "code", account.CodeAt(key, w.db.Now())), http.StatusOK).body
	fresh := codesShown.FindStringSubmatch(page)
	if fresh == nil {
		t.Fatalf("no codes in %s", page)
	}
	b.want(b.post(factorPath+"/quitar", "code", codes[0]), http.StatusUnprocessableEntity) // replaced
	b.want(b.post(factorPath+"/quitar", "code", fresh[1]), http.StatusSeeOther)
	other := w.browser()
	other.signIn(anaEmail)
	other.is(w.ana)
	if n := w.scalar(`SELECT COUNT(*) FROM credentials`); n != 0 {
		t.Errorf("%d credentials are left", n)
	}
}

func TestGuessingCodesByOneWayLeavesTheOthersOpenAndIsTold(t *testing.T) {
	w := newWorld(t, dbtest.SQLite(t), setting{})
	key, codes := w.setPassword(anaEmail, goodPassword).enrol()
	w.write(func(tx *db.Tx) error { _, err := tx.Exec(`DELETE FROM outbox`); return err })
	thief := w.browser()
	thief.want(thief.post("/entrar", "email", anaEmail, "password", goodPassword), http.StatusSeeOther)
	for range 8 {
		thief.want(thief.post("/entrar/codigo", "code", "000000"), http.StatusUnprocessableEntity)
	}
	for range 2 {
		thief.want(thief.post("/entrar/codigo", "code", "000000"), http.StatusTooManyRequests)
	}
	if n := w.scalar(`SELECT COUNT(*) FROM outbox WHERE kind = 'account.notice'`); n != 1 {
		t.Errorf("%d mails warn of it, want 1", n)
	}
	dbtest.Advance(w.db, time.Minute)
	for _, code := range []string{account.CodeAt(key, w.db.Now()), codes[0]} {
		b := w.browser()
		b.want(b.post(w.link(anaEmail)), http.StatusSeeOther)
		b.want(b.post("/entrar/codigo", "code", code), http.StatusSeeOther)
		b.is(w.ana)
	}
}

func TestTheCoordinationTakesALostSecondFactorAway(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := newWorld(t, d, setting{})
		w.setPassword(anaEmail, goodPassword).enrol()
		take := func(a plaza.Actor) error {
			return d.Write(plaza.WithActor(t.Context(), a), func(tx *db.Tx) error { return w.accounts.TakeSecondFactor(tx, w.ana.ID) })
		}
		if err := take(plaza.Actor{PersonID: "m", Grants: []plaza.Grant{{Role: plaza.Moderator}}}); plaza.KindOf(err) != plaza.Forbidden {
			t.Errorf("a moderator: %v", err)
		}
		admin := plaza.Actor{PersonID: "a", Pseudonym: "a", Grants: []plaza.Grant{{Role: plaza.Admin}}}
		if err := take(admin); err != nil {
			t.Fatal(err)
		}
		if n := w.scalar(`SELECT COUNT(*) FROM credentials WHERE kind IN ('totp', 'recovery')`); n != 0 {
			t.Errorf("%d are left", n)
		}
		if n := w.scalar(`SELECT COUNT(*) FROM record_entries WHERE verb = 'account.factor_dropped'`); n != 1 {
			t.Errorf("%d entries in the record", n)
		}
		if err := take(admin); plaza.KindOf(err) != plaza.NotFound {
			t.Errorf("twice: %v", err)
		}
	})
}
