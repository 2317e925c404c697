package account_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"plaza/internal/base/db"
	"plaza/internal/base/db/dbtest"
	"plaza/internal/civic/account"
	"plaza/internal/plaza"
)

func TestTheCookieIsAsNarrowAsTheAddressAllows(t *testing.T) {
	for _, c := range []struct {
		name   string
		plain  bool
		cookie string
		secure bool
	}{
		{"under TLS", false, "__Host-plaza", true},
		{"on a laptop", true, "plaza", false},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := newWorld(t, dbtest.SQLite(t), setting{plain: c.plain})
			b := w.browser()
			a := b.want(b.post(w.link(anaEmail)), http.StatusSeeOther)
			set := a.header.Values("Set-Cookie")
			if len(set) != 1 {
				t.Fatalf("Set-Cookie: %q", set)
			}
			got, err := http.ParseSetCookie(set[0])
			if err != nil {
				t.Fatal(err)
			}
			if got.Name != c.cookie || got.Secure != c.secure || !got.HttpOnly || got.Path != "/" ||
				got.Domain != "" || got.SameSite != http.SameSiteLaxMode || len(got.Value) < 43 {
				t.Errorf("Set-Cookie: %s", set[0])
			}
			if days := float64(got.MaxAge) / 86400; days < 13.9 || days > 14.1 {
				t.Errorf("the cookie lasts %.1f days, want 14", days)
			}
			if got := a.header.Get("Cache-Control"); got != "no-store" {
				t.Errorf("Cache-Control = %q", got)
			}
		})
	}
}

func TestSigningInNeverKeepsAnIdThatWasThereBefore(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := newWorld(t, d, setting{})
		luz := w.create("luz@ejemplo.mx", "Luz")
		attacker := w.browser()
		attacker.signIn("luz@ejemplo.mx")
		planted := attacker.cookie()
		for name, id := range map[string]string{"another's session": planted, "an invented id": strings.Repeat("A", 43)} {
			victim := w.browser()
			victim.setCookie(id)
			victim.signIn(anaEmail)
			if victim.cookie() == id || victim.cookie() == "" {
				t.Errorf("%s: the id stayed", name)
			}
			victim.is(w.ana)
			other := w.browser()
			other.setCookie(id)
			other.is(account.Person{})
		}
		attacker.is(account.Person{}) // the planted session was ended, not handed over
		attacker.signIn("luz@ejemplo.mx")
		attacker.is(luz)
	})
}

func TestSigningOutEndsTheSessionNotOnlyTheCookie(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := newWorld(t, d, setting{})
		b, phone := w.browser(), w.browser()
		b.signIn(anaEmail)
		phone.signIn(anaEmail)
		old := b.cookie()
		b.want(b.post("/salir"), http.StatusSeeOther)
		if b.cookie() != "" {
			t.Error("the cookie stayed")
		}
		b.setCookie(old)
		b.is(account.Person{})
		phone.is(w.ana)
		b.want(b.post("/salir"), http.StatusSeeOther) // once more does no harm
		stranger := w.browser()
		stranger.want(stranger.post("/salir"), http.StatusSeeOther)
	})
}

func TestASessionEnds(t *testing.T) {
	const day = 24 * time.Hour
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := newWorld(t, d, setting{})
		t.Run("when it is unused for three days", func(t *testing.T) {
			b := w.browser()
			b.signIn(anaEmail)
			dbtest.Advance(d, 3*day-time.Millisecond)
			b.is(w.ana)
			dbtest.Advance(d, 3*day)
			b.is(account.Person{})
		})
		t.Run("two weeks after it began, however much it is used", func(t *testing.T) {
			b := w.browser()
			b.signIn(anaEmail)
			for range 13 {
				dbtest.Advance(d, day)
				b.is(w.ana)
			}
			dbtest.Advance(d, day-time.Millisecond)
			b.is(w.ana)
			dbtest.Advance(d, time.Millisecond)
			b.is(account.Person{})
		})
		t.Run("when the person goes", func(t *testing.T) {
			luz := w.create("luz@ejemplo.mx", "Luz")
			b := w.browser()
			b.signIn("luz@ejemplo.mx")
			b.is(luz)
			w.write(func(tx *db.Tx) error {
				_, err := tx.Exec(`DELETE FROM people WHERE id = $1`, luz.ID)
				return err
			})
			b.is(account.Person{})
		})
	})
}

func TestRolesCountFromTheNextRequest(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := newWorld(t, d, setting{})
		luz := w.create("luz@ejemplo.mx", "Luz") // the last of the coordination cannot go
		w.write(func(tx *db.Tx) error { return account.GrantRole(tx, luz.ID, plaza.Admin, "", time.Time{}) })
		b := w.browser()
		if a := b.want(b.get("/central"), http.StatusSeeOther); a.header.Get("Location") != "/entrar?volver=%2Fcentral" {
			t.Errorf("a visitor is sent to %q", a.header.Get("Location"))
		}
		b.signIn(anaEmail)
		b.want(b.get("/central"), http.StatusForbidden)
		w.write(func(tx *db.Tx) error { return account.GrantRole(tx, w.ana.ID, plaza.Admin, "", time.Time{}) })
		b.want(b.get("/central"), http.StatusOK)
		w.write(func(tx *db.Tx) error { return account.RevokeRole(tx, w.ana.ID, plaza.Admin, "") })
		b.want(b.get("/central"), http.StatusForbidden)
		w.write(func(tx *db.Tx) error {
			return account.GrantRole(tx, w.ana.ID, plaza.Admin, "", tx.Now.Add(time.Hour))
		})
		b.want(b.get("/central"), http.StatusOK)
		dbtest.Advance(d, time.Hour)
		b.want(b.get("/central"), http.StatusForbidden)
	})
}

func TestWhatARequestCosts(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := newWorld(t, d, setting{})
		visitor, ana := w.browser(), w.browser()
		ana.signIn(anaEmail)
		for _, c := range []struct {
			name string
			b    *browser
			most int64
		}{
			{"without a cookie, nothing", visitor, 0},
			{"signed in, the session and the person", ana, 2},
		} {
			count := newCounter(w)
			c.b.want(c.b.get("/quien"), http.StatusOK)
			if n := count(); n > c.most {
				t.Errorf("%s: %d statements, at most %d", c.name, n, c.most)
			}
		}
	})
}

func TestAnotherSiteCannotPress(t *testing.T) {
	w := newWorld(t, dbtest.SQLite(t), setting{})
	b := w.browser()
	b.signIn(anaEmail)
	path := w.link(anaEmail)
	for _, target := range []string{"/salir", "/entrar", path} {
		r := b.request(http.MethodPost, target, strings.NewReader("email="+anaEmail))
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		r.Header.Set("Sec-Fetch-Site", "cross-site")
		r.Header.Set("Origin", "https://otro.mx")
		b.want(b.do(r), http.StatusForbidden)
	}
	b.is(w.ana)
	other := w.browser()
	other.want(other.post(path), http.StatusSeeOther) // the link is still good
}

func TestHostileCookiesAreVisitors(t *testing.T) {
	w := newWorld(t, dbtest.SQLite(t), setting{})
	for _, value := range []string{"x", strings.Repeat("A", 8000), "' OR 1=1 --", "%00", "\u00e1"} {
		b := w.browser()
		r := b.request(http.MethodGet, "/quien", nil)
		r.Header.Set("Cookie", w.accounts.SessionCookie()+"="+value)
		if a := b.want(b.do(r), http.StatusOK); a.body != ";;" {
			t.Errorf("the cookie %.20q is %q", value, a.body)
		}
	}
}
