package account_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/PuerkitoBio/goquery"

	"plaza/internal/base/db"
	"plaza/internal/base/db/dbtest"
	"plaza/internal/civic/account"
	"plaza/internal/civic/account/oidctest"
)

const (
	backPath       = "/entrar/con/llave/regreso"
	identitiesPath = "/mi/cuenta/identidades"
)

// provider lets people in through an issuer, as "llave".
func (w *world) provider(issuer string) {
	w.Helper()
	w.write(func(tx *db.Tx) error {
		_, err := w.accounts.SaveProvider(tx, account.Provider{Name: "Llave", Issuer: issuer, ClientID: "plaza", Enabled: true}, "secreto de prueba")
		return err
	})
}

// out goes out to the provider and returns what it is asked.
func (b *browser) out(next string) url.Values {
	b.Helper()
	a := b.want(b.get("/entrar/con/llave?volver="+url.QueryEscape(next)), http.StatusSeeOther)
	u, err := url.Parse(a.header.Get("Location"))
	if err != nil {
		b.Fatal(err)
	}
	return u.Query()
}

// claims are those of a sound token.
func (w *world) claims(f *oidctest.Forge, asked url.Values) map[string]any {
	return map[string]any{"iss": f.URL, "aud": "plaza", "sub": "abc-1", "nonce": asked.Get("nonce"), "exp": w.db.Now().Add(time.Hour).Unix(),
		"iat": w.db.Now().Unix(), "email": "luz@ejemplo.mx", "email_verified": true, "name": "Luz Pérez"}
}

// through goes to the provider and comes back with a token that change has changed.
func (b *browser) through(f *oidctest.Forge, next string, change func(map[string]any)) answer {
	b.Helper()
	asked := b.out(next)
	claims := b.claims(f, asked)
	if change != nil {
		change(claims)
	}
	f.Say(asked.Get("code_challenge"), claims)
	return b.get(backPath + "?" + url.Values{"code": {"c"}, "state": {asked.Get("state")}}.Encode())
}

func TestAProviderLetsNewPeopleIn(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w, f := newWorld(t, d, setting{}), oidctest.NewForge(t)
		w.provider(f.URL)
		b := w.browser()
		if page := b.get("/entrar?volver=/datos").body; !strings.Contains(page, `href="/entrar/con/llave?volver=%2Fdatos"`) {
			t.Errorf("no button in %s", page)
		}
		asked := b.out("/datos")
		for name, want := range map[string]string{"client_id": "plaza", "response_type": "code", "scope": "openid email profile",
			"code_challenge_method": "S256", "redirect_uri": w.server.URL + backPath} {
			if asked.Get(name) != want {
				t.Errorf("%s = %q, want %q", name, asked.Get(name), want)
			}
		}
		a := b.want(b.through(f, "/datos", nil), http.StatusSeeOther)
		if got := a.header.Get("Location"); got != "/cuenta/nueva?volver=%2Fdatos" {
			t.Fatalf("leads to %s", got)
		}
		b.is(account.Person{})
		page := b.get("/cuenta/nueva?volver=/datos").body
		if !strings.Contains(page, `value="Luz Pérez"`) || !strings.Contains(page, "luz@ejemplo.mx") || strings.Contains(page, `name="password"`) {
			t.Errorf("the form says: %s", page)
		}
		a = b.want(b.apply("name", "Luz Pérez", "email", "luz@ejemplo.mx", "volver", "/datos"), http.StatusSeeOther)
		if got := a.header.Get("Location"); got != "/datos" || len(w.consents) != 1 {
			t.Errorf("leads to %s, consents %v", got, w.consents)
		}
		if got := b.get("/quien").body; !strings.HasPrefix(got, "Luz Pérez;") {
			t.Errorf("taken for %q", got)
		}
		again := w.browser()
		if got := again.want(again.through(f, "/datos", nil), http.StatusSeeOther).header.Get("Location"); got != "/datos" {
			t.Errorf("the second time it leads to %s", got)
		}
		if got := again.get("/quien").body; !strings.HasPrefix(got, "Luz Pérez;") {
			t.Errorf("the second time taken for %q", got)
		}
	})
}

func TestTokensThatAreNotInOrderLetNobodyIn(t *testing.T) {
	w, f := newWorld(t, dbtest.SQLite(t), setting{}), oidctest.NewForge(t)
	w.provider(f.URL)
	refused := func(t *testing.T, b *browser, a answer) {
		t.Helper()
		b.want(a, http.StatusBadRequest)
		if !strings.Contains(a.body, "No pudo entrar con Llave") {
			t.Errorf("the page says: %s", a.body)
		}
		if n := len(b.get(identitiesPath).header["Set-Cookie"]); n != 0 {
			t.Error("cookies are set")
		}
		b.is(account.Person{})
	}
	for name, change := range map[string]func(map[string]any){
		"another nonce":      func(c map[string]any) { c["nonce"] = "otro" },
		"no nonce":           func(c map[string]any) { delete(c, "nonce") },
		"another audience":   func(c map[string]any) { c["aud"] = "otra" },
		"no audience":        func(c map[string]any) { delete(c, "aud") },
		"meant for another":  func(c map[string]any) { c["aud"] = []string{"plaza", "otra"}; c["azp"] = "otra" },
		"another issuer":     func(c map[string]any) { c["iss"] = "https://otro.mx" },
		"expired":            func(c map[string]any) { c["exp"] = w.db.Now().Add(-time.Minute).Unix() },
		"no subject":         func(c map[string]any) { delete(c, "sub") },
		"a subject too long": func(c map[string]any) { c["sub"] = strings.Repeat("a", 300) },
		"claims of no form":  func(c map[string]any) { c["email"] = []int{1} },
	} {
		t.Run(name, func(t *testing.T) {
			b := w.browser()
			refused(t, b, b.through(f, "/", change))
		})
	}
	t.Run("another signature", func(t *testing.T) {
		f.Evil(true)
		defer f.Evil(false)
		b := w.browser()
		refused(t, b, b.through(f, "/", nil))
	})
	t.Run("another state", func(t *testing.T) {
		b := w.browser()
		b.out("/")
		refused(t, b, b.get(backPath+"?code=c&state=otro"))
	})
	t.Run("another browser", func(t *testing.T) {
		b, thief := w.browser(), w.browser()
		asked := b.out("/")
		f.Say(asked.Get("code_challenge"), w.claims(f, asked))
		refused(t, thief, thief.get(backPath+"?code=c&state="+url.QueryEscape(asked.Get("state"))))
	})
	t.Run("another journey's proof", func(t *testing.T) {
		b := w.browser()
		asked := b.out("/")
		f.Say("otra", w.claims(f, asked))
		refused(t, b, b.get(backPath+"?code=c&state="+url.QueryEscape(asked.Get("state"))))
	})
	t.Run("a second time", func(t *testing.T) {
		b := w.browser()
		asked := b.out("/")
		f.Say("otra", w.claims(f, asked))
		path := backPath + "?code=c&state=" + url.QueryEscape(asked.Get("state"))
		refused(t, b, b.get(path))
		f.Say(asked.Get("code_challenge"), w.claims(f, asked))
		refused(t, b, b.get(path))
	})
	t.Run("too late", func(t *testing.T) {
		b := w.browser()
		asked := b.out("/")
		f.Say(asked.Get("code_challenge"), w.claims(f, asked))
		dbtest.Advance(w.db, 15*time.Minute)
		refused(t, b, b.get(backPath+"?code=c&state="+url.QueryEscape(asked.Get("state"))))
	})
	t.Run("declined", func(t *testing.T) {
		b := w.browser()
		asked := b.out("/")
		refused(t, b, b.get(backPath+"?error=access_denied&state="+url.QueryEscape(asked.Get("state"))))
	})
	if n := w.scalar(`SELECT COUNT(*) FROM credentials`) + w.scalar(`SELECT COUNT(*) FROM sessions`); n != 0 {
		t.Errorf("%d rows came of it", n)
	}
}

func TestAnIdentityIsNeverConnectedSilently(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w, f := newWorld(t, d, setting{}), oidctest.NewForge(t)
		w.provider(f.URL)
		anas := func(c map[string]any) { c["email"], c["sub"] = anaEmail, "de-ana" }
		b := w.browser()
		a := b.want(b.through(f, "/datos", anas), http.StatusSeeOther)
		if got := a.header.Get("Location"); got != "/entrar?volver=%2Fmi%2Fcuenta%2Fidentidades" {
			t.Fatalf("leads to %s", got)
		}
		b.is(account.Person{})
		if page := b.get("/entrar?volver=" + identitiesPath).body; !strings.Contains(page, "Ya hay una cuenta aquí con la dirección "+anaEmail) {
			t.Errorf("the page says: %s", page)
		}
		b.signIn(anaEmail)
		if n := w.scalar(`SELECT COUNT(*) FROM credentials`); n != 0 {
			t.Fatal("signing in connected it")
		}
		if page := b.get(identitiesPath).body; !strings.Contains(page, "¿Unir su cuenta de Llave?") {
			t.Errorf("the page says: %s", page)
		}
		b.want(b.post(identitiesPath), http.StatusSeeOther)
		b.want(b.post(identitiesPath), http.StatusConflict)
		other := w.browser()
		other.want(other.through(f, "/", anas), http.StatusSeeOther)
		other.is(w.ana)

		luz := w.create("luz@ejemplo.mx", "Luz Pérez") // who has Ana's identity in her browser
		c := w.browser()
		c.signIn(luz.Email)
		c.want(c.through(f, "/", anas), http.StatusBadRequest)
		c.is(luz)

		page, err := goquery.NewDocumentFromReader(strings.NewReader(b.get(identitiesPath).body))
		if err != nil {
			t.Fatal(err)
		}
		drop, _ := page.Find(".Identities-item form").Attr("action")
		c.want(c.post(drop), http.StatusNotFound) // another's
		b.want(b.post(drop), http.StatusSeeOther)
		b.want(b.post(drop), http.StatusNotFound)
		if n := w.scalar(`SELECT COUNT(*) FROM credentials`); n != 0 {
			t.Errorf("%d credentials are left", n)
		}
		if n := w.scalar(`SELECT COUNT(*) FROM outbox WHERE kind = 'account.notice'`); n != 2 {
			t.Errorf("%d notices, want 2", n)
		}
	})
}

func TestAnIdentityIsConnectedOnlyRightAfterSigningIn(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w, f := newWorld(t, d, setting{}), oidctest.NewForge(t)
		w.provider(f.URL)
		b := w.browser()
		b.signIn(anaEmail)
		dbtest.Advance(d, 11*time.Minute) // somebody else may sit there by now
		b.want(b.through(f, identitiesPath, func(c map[string]any) { c["email"], c["sub"] = anaEmail, "de-ana" }), http.StatusSeeOther)
		connected := func() int { return w.scalar(`SELECT COUNT(*) FROM credentials WHERE kind = 'oidc'`) }
		a := b.want(b.post(identitiesPath), http.StatusSeeOther)
		if got := a.header.Get("Location"); got != account.AgainFor(identitiesPath) || connected() != 0 {
			t.Fatalf("leads to %s with %d connected", got, connected())
		}
		b.want(b.get(account.AgainFor(identitiesPath)), http.StatusOK)
		b.signIn(anaEmail) // again; the browser still knows what it came back with
		a = b.want(b.post(identitiesPath), http.StatusSeeOther)
		if got := a.header.Get("Location"); got != identitiesPath+"?hecho=unida" || connected() != 1 {
			t.Errorf("leads to %s with %d connected", got, connected())
		}
	})
}

func TestAnAddressThatTheProviderDoesNotVouchForIsConfirmedByMail(t *testing.T) {
	w, f := newWorld(t, dbtest.SQLite(t), setting{}), oidctest.NewForge(t)
	w.provider(f.URL)
	w.work()
	for i, unverified := range []any{false, nil, "no"} {
		b := w.browser()
		sub := "abc-" + string(rune('a'+i))
		a := b.want(b.through(f, "", func(c map[string]any) { c["email_verified"], c["email"], c["sub"] = unverified, anaEmail, sub }), http.StatusSeeOther)
		if got := a.header.Get("Location"); got != "/cuenta/nueva" {
			t.Fatalf("leads to %s: it tells that the address has an account", got)
		}
		b.want(b.apply("name", "Otra Ana", "email", anaEmail), http.StatusSeeOther)
		b.is(account.Person{})
	}
	b := w.browser()
	b.want(b.through(f, "", func(c map[string]any) { c["email_verified"] = false }), http.StatusSeeOther)
	a := b.want(b.apply("name", "Luz Pérez", "email", "luz@ejemplo.mx"), http.StatusSeeOther)
	if got := a.header.Get("Location"); got != "/cuenta/nueva?enviada=1" {
		t.Fatalf("leads to %s", got)
	}
	b.want(b.post(w.mailed(4)), http.StatusSeeOther)
	again := w.browser()
	again.want(again.through(f, "", nil), http.StatusSeeOther)
	if got := again.get("/quien").body; !strings.HasPrefix(got, "Luz Pérez;") {
		t.Errorf("taken for %q: the identity was not connected", got)
	}
}

func TestAProviderThatIsAwayIsSaidSo(t *testing.T) {
	w, f := newWorld(t, dbtest.SQLite(t), setting{}), oidctest.NewForge(t)
	w.provider(f.URL)
	b := w.browser()
	f.Down(true)
	a := b.want(b.get("/entrar/con/llave"), http.StatusServiceUnavailable)
	if !strings.Contains(a.body, "Llave no responde") || a.header.Get("Retry-After") == "" {
		t.Errorf("the page says: %s", a.body)
	}
	f.Down(false)
	asked := b.out("/")
	f.Down(true)
	b.want(b.get(backPath+"?code=c&state="+url.QueryEscape(asked.Get("state"))), http.StatusServiceUnavailable)
	f.Close()
	b.want(b.get("/entrar/con/nadie"), http.StatusNotFound)
}

func TestProvidersInThePrivateNetworkAreNotAsked(t *testing.T) {
	w := newWorld(t, dbtest.SQLite(t), setting{})
	w.provider("https://10.1.2.3")
	b := w.browser()
	b.want(b.get("/entrar/con/llave"), http.StatusServiceUnavailable)
}

func TestASecondFactorIsAskedForAfterAProviderToo(t *testing.T) {
	w, f := newWorld(t, dbtest.SQLite(t), setting{}), oidctest.NewForge(t)
	w.provider(f.URL)
	b := w.browser()
	b.want(b.through(f, "", nil), http.StatusSeeOther)
	b.want(b.apply("name", "Luz Pérez", "email", "luz@ejemplo.mx"), http.StatusSeeOther)
	b.enrol()
	c := w.browser()
	if got := c.want(c.through(f, "/datos", nil), http.StatusSeeOther).header.Get("Location"); got != "/entrar/codigo" {
		t.Errorf("leads to %s", got)
	}
	c.is(account.Person{})
}

// TestARealProviderLetsPeopleIn goes through oidc-provider as a browser does.
func TestARealProviderLetsPeopleIn(t *testing.T) {
	d := dbtest.SQLite(t)
	w := newWorld(t, d, setting{})
	d.Clock().Set(time.Now()) // the provider's own clock is the machine's
	issuer := oidctest.Start(t, oidctest.Client{ID: "plaza", Secret: "secreto de prueba", Redirects: []string{w.server.URL + backPath}})
	w.provider(issuer)
	b := w.browser()
	at := b.want(b.get("/entrar/con/llave?volver=/datos"), http.StatusSeeOther).header.Get("Location")
	for step := 0; ; step++ {
		if step > 20 {
			t.Fatalf("the journey does not end: %s", at)
		}
		if path, ok := strings.CutPrefix(at, w.server.URL); ok {
			at = path
			break
		}
		at = b.step(at)
	}
	a := b.want(b.get(at), http.StatusSeeOther)
	if got := a.header.Get("Location"); got != "/cuenta/nueva?volver=%2Fdatos" {
		t.Fatalf("leads to %s", got)
	}
	b.want(b.apply("name", "Persona luz", "email", "luz@ejemplo.mx"), http.StatusSeeOther)
	if got := b.get("/quien").body; !strings.HasPrefix(got, "Persona luz;") {
		t.Errorf("taken for %q", got)
	}
}

// step follows a redirect of the provider, or fills in the form that it shows, and
// returns where that leads.
func (b *browser) step(at string) string {
	b.Helper()
	r, err := http.NewRequestWithContext(b.Context(), http.MethodGet, at, nil)
	if err != nil {
		b.Fatal(err)
	}
	a := b.do(r)
	if a.status != http.StatusOK {
		return absolute(b, at, a.header.Get("Location"))
	}
	page, err := goquery.NewDocumentFromReader(strings.NewReader(a.body))
	if err != nil {
		b.Fatal(err)
	}
	form := page.Find("form").First()
	action, _ := form.Attr("action")
	prompt, _ := form.Find(`[name="prompt"]`).Attr("value")
	fields := url.Values{"prompt": {prompt}, "login": {"luz"}, "password": {"x"}}
	r, err = http.NewRequestWithContext(b.Context(), http.MethodPost, absolute(b, at, action), strings.NewReader(fields.Encode()))
	if err != nil {
		b.Fatal(err)
	}
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	a = b.do(r)
	if a.header.Get("Location") == "" {
		b.Fatalf("the provider says %d: %s", a.status, a.body)
	}
	return absolute(b, at, a.header.Get("Location"))
}

func absolute(b *browser, base, to string) string {
	b.Helper()
	u, err := url.Parse(base)
	if err == nil {
		u, err = u.Parse(to)
	}
	if err != nil {
		b.Fatal(err)
	}
	return u.String()
}
