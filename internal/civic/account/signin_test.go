package account_test

import (
	"net/http"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"plaza/internal/base/db"
	"plaza/internal/base/db/dbtest"
	"plaza/internal/base/i18n"
	"plaza/internal/base/web/webtest"
	"plaza/internal/civic/account"
	"plaza/internal/plaza"
)

func TestFromAskingForALinkToSigningOut(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := newWorld(t, d, setting{})
		w.work()
		b := w.browser()
		b.is(account.Person{})
		form := b.want(b.get("/entrar?volver=/quien%3Fa%3D1"), http.StatusOK)
		if !strings.Contains(form.body, `name="volver" value="/quien?a=1"`) {
			t.Errorf("the form forgets where one came from: %s", form.body)
		}
		b.want(b.post("/entrar", "email", " ANA@ejemplo.mx ", "volver", "/quien?a=1"), http.StatusSeeOther)
		letter := w.mail.Wait(t, 1)[0]
		if diff := cmp.Diff([]string{anaEmail}, letter.To); diff != "" {
			t.Error(diff)
		}
		for _, text := range []string{letter.Text, letter.HTML} {
			if !strings.Contains(text, "Ana Ñúñez") || !strings.Contains(text, "30 minutos") {
				t.Errorf("the mail says: %s", text)
			}
		}
		link := linkPattern.FindString(letter.Text)
		if link == "" || link != linkPattern.FindString(letter.HTML) {
			t.Fatalf("no link in %s", letter.Text)
		}
		path := strings.TrimPrefix(link, w.server.URL)

		page := b.want(b.get(path), http.StatusOK)
		if !strings.Contains(page.body, "Ana Ñúñez") || !strings.Contains(page.body, anaEmail) {
			t.Errorf("the page does not say who signs in: %s", page.body)
		}
		if got := page.header.Get("Referrer-Policy"); got != "no-referrer" {
			t.Errorf("Referrer-Policy = %q", got)
		}
		if got := page.header.Get("Cache-Control"); got != "no-store" {
			t.Errorf("Cache-Control = %q", got)
		}
		b.is(account.Person{})

		in := b.want(b.post(path), http.StatusSeeOther)
		if got := in.header.Get("Location"); got != "/quien?a=1" {
			t.Errorf("Location = %q", got)
		}
		b.is(w.ana)
		out := b.want(b.post("/salir"), http.StatusSeeOther)
		if got := out.header.Get("Location"); got != "/" {
			t.Errorf("Location = %q", got)
		}
		b.is(account.Person{})
	})
}

func TestOpeningALinkDoesNotUseItUp(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := newWorld(t, d, setting{})
		path := w.link(anaEmail)
		scanner := w.browser()
		for range 3 {
			scanner.want(scanner.get(path), http.StatusOK)
			scanner.want(scanner.do(scanner.request(http.MethodHead, path, nil)), http.StatusOK)
		}
		if scanner.cookie() != "" {
			t.Error("opening a link set a session's cookie")
		}
		b := w.browser()
		b.want(b.post(path), http.StatusSeeOther)
		b.is(w.ana)
	})
}

func TestALinkThatCannotBeUsedSaysSo(t *testing.T) {
	for _, c := range []struct {
		name  string
		spoil func(w *world, path string) string
	}{
		{"used already", func(w *world, path string) string {
			b := w.browser()
			b.want(b.post(path), http.StatusSeeOther)
			return path
		}},
		{"half an hour old", func(w *world, path string) string {
			dbtest.Advance(w.db, 30*time.Minute)
			return path
		}},
		{"cut short", func(_ *world, path string) string { return path[:len(path)-1] }},
		{"made up", func(*world, string) string { return "/entrar/" + strings.Repeat("A", 43) }},
		{"not even text", func(*world, string) string { return "/entrar/%ff%00x" }},
		{"very long", func(*world, string) string { return "/entrar/" + strings.Repeat("A", 4000) }},
		{"to an address that is no longer the person's", func(w *world, path string) string {
			w.write(func(tx *db.Tx) error {
				_, err := tx.Exec(`UPDATE people SET email_key = $1 WHERE id = $2`, "otra@ejemplo.mx", w.ana.ID)
				return err
			})
			return path
		}},
	} {
		t.Run(c.name, func(t *testing.T) {
			dbtest.Each(t, func(t *testing.T, d *db.DB) {
				w := newWorld(t, d, setting{})
				path := c.spoil(w, w.link(anaEmail))
				b := w.browser()
				for _, a := range []answer{b.get(path), b.post(path)} {
					if a.status != http.StatusGone && a.status != http.StatusBadRequest {
						t.Errorf("status %d, want 410: %s", a.status, a.body)
					}
				}
				if b.cookie() != "" {
					t.Error("a session began")
				}
			})
		})
	}
	t.Run("a minute before its end it still works", func(t *testing.T) {
		dbtest.Each(t, func(t *testing.T, d *db.DB) {
			w := newWorld(t, d, setting{})
			path := w.link(anaEmail)
			dbtest.Advance(d, 29*time.Minute)
			b := w.browser()
			b.want(b.post(path), http.StatusSeeOther)
		})
	})
}

func TestOfFiftyWhoUseOneLinkAtOnceOneGetsIn(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := newWorld(t, d, setting{})
		path := w.link(anaEmail)
		const crowd = 50
		browsers := make([]*browser, crowd)
		for i := range browsers {
			browsers[i] = w.browser()
		}
		statuses := make(chan int, crowd)
		var wg sync.WaitGroup
		for _, b := range browsers {
			wg.Go(func() {
				r := b.request(http.MethodPost, path, nil)
				r.Header.Set("Sec-Fetch-Site", "same-origin")
				res, err := b.client.Do(r)
				if err != nil {
					t.Error(err)
					return
				}
				_ = res.Body.Close()
				statuses <- res.StatusCode
			})
		}
		wg.Wait()
		close(statuses)
		got := map[int]int{}
		for s := range statuses {
			got[s]++
		}
		if diff := cmp.Diff(map[int]int{http.StatusSeeOther: 1, http.StatusGone: crowd - 1}, got); diff != "" {
			t.Errorf("statuses (-want +got):\n%s", diff)
		}
		if n := w.scalar(`SELECT COUNT(*) FROM sessions`); n != 1 {
			t.Errorf("%d sessions, want 1", n)
		}
	})
}

func TestNobodyLearnsWhetherAnAddressHasAnAccount(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := newWorld(t, d, setting{})
		type seen struct {
			status     int
			header     http.Header
			body       string
			next       string
			statements int64
			jobs       int
		}
		ask := func(email string) seen {
			b := w.browser()
			b.want(b.post("/entrar", "email", "calentar@ejemplo.mx"), http.StatusSeeOther) // connections, statements
			jobs := w.scalar(`SELECT COUNT(*) FROM jobs`)
			counter := newCounter(w)
			a := b.post("/entrar", "email", email, "volver", "/datos")
			statements := counter()
			for _, changing := range []string{"Date", "X-Request-Id"} {
				a.header.Del(changing)
			}
			next := b.get(a.header.Get("Location")).body
			return seen{a.status, a.header, a.body, next, statements, w.scalar(`SELECT COUNT(*) FROM jobs`) - jobs}
		}
		known, unknown := ask(anaEmail), ask("nadie@ejemplo.mx")
		if diff := cmp.Diff(known, unknown, cmp.AllowUnexported(seen{})); diff != "" {
			t.Errorf("with an account (-) and without (+):\n%s", diff)
		}
		again, unknownAgain := ask(anaEmail), ask("nadie@ejemplo.mx")
		if diff := cmp.Diff(again, unknownAgain, cmp.AllowUnexported(seen{})); diff != "" {
			t.Errorf("asking again, with an account (-) and without (+):\n%s", diff)
		}
		if known.statements == 0 || known.jobs != 1 {
			t.Errorf("%d statements, %d jobs: the test looks at nothing", known.statements, known.jobs)
		}
		w.work()
		w.mail.Wait(t, 1)
		if n := w.scalar(`SELECT COUNT(*) FROM jobs WHERE args LIKE $1`, "%ejemplo.mx%"); n != 0 {
			t.Errorf("%d jobs hold an address", n)
		}
	})
}

// newCounter counts the statements of the requests until the returned function is
// called.
func newCounter(w *world) func() int64 {
	w.count.Store(new(counter))
	return func() int64 {
		n := w.count.Swap(nil)
		return n.Load()
	}
}

func TestAskingIsBraked(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := newWorld(t, d, setting{})
		for _, email := range []string{anaEmail, "nadie@ejemplo.mx"} {
			b := w.browser()
			for range 5 {
				b.want(b.post("/entrar", "email", email), http.StatusSeeOther)
			}
			a := b.want(b.post("/entrar", "email", strings.ToUpper(email)), http.StatusTooManyRequests)
			if got := a.header.Get("Retry-After"); got != "3600" {
				t.Errorf("Retry-After = %q, want 3600", got)
			}
			b.want(b.post("/entrar", "email", "otra-"+email), http.StatusSeeOther)
		}
		dbtest.Advance(d, time.Hour)
		b := w.browser()
		b.want(b.post("/entrar", "email", anaEmail), http.StatusSeeOther)
		for i := range 99 {
			b.want(b.post("/entrar", "email", string(rune('a'+i%26))+string(rune('a'+i/26))+"@ejemplo.mx"), http.StatusSeeOther)
		}
		b.want(b.post("/entrar", "email", "uno-mas@ejemplo.mx"), http.StatusTooManyRequests)
		if n := w.scalar(`SELECT COUNT(*) FROM brakes WHERE bucket LIKE $1 OR bucket LIKE $2`, "%ejemplo%", "%127.0.0.1%"); n != 0 {
			t.Errorf("%d brakes hold an address", n)
		}
	})
}

func TestAnAddressThatIsNoneIsToldAtTheField(t *testing.T) {
	w := newWorld(t, dbtest.SQLite(t), setting{})
	b := w.browser()
	for _, email := range []string{"", "ana", "ana@ejemplo.mx\r\nBcc: luz@ejemplo.mx", `"><script>alert(1)</script>`, strings.Repeat("a", 5000)} {
		a := b.want(b.post("/entrar", "email", email, "volver", "/datos"), http.StatusUnprocessableEntity)
		if !strings.Contains(a.body, "Escriba una dirección de correo completa") || !strings.Contains(a.body, `aria-invalid="true"`) {
			t.Errorf("%.20q: %s", email, a.body)
		}
		if strings.Contains(a.body, "<script>alert") {
			t.Error("what was typed runs")
		}
	}
	if n := w.scalar(`SELECT COUNT(*) FROM jobs`); n != 0 {
		t.Errorf("%d jobs", n)
	}
}

func TestSigningInStaysOnThisSite(t *testing.T) {
	w := newWorld(t, dbtest.SQLite(t), setting{})
	w.work()
	for i, evil := range []string{"https://otro.mx/", "//otro.mx", "/\\otro.mx", "/entrar/x"} {
		email := strings.Repeat("z", i+1) + "@ejemplo.mx" // a mail that is still being sent is not sent twice
		w.create(email, "Zoe")
		b := w.browser()
		b.want(b.post("/entrar", "email", email, "volver", evil), http.StatusSeeOther)
		link := linkPattern.FindString(w.mail.Wait(t, i+1)[i].Text)
		a := b.want(b.post(strings.TrimPrefix(link, w.server.URL)), http.StatusSeeOther)
		if got := a.header.Get("Location"); got != "/" {
			t.Errorf("volver=%q leads to %q", evil, got)
		}
		if page := w.browser().get("/entrar?volver=" + url.QueryEscape(evil)); strings.Contains(page.body, `name="volver"`) {
			t.Errorf("the form keeps %q", evil)
		}
	}
}

func TestWithoutMailThePageTellsWhatAnOperatorDoes(t *testing.T) {
	w := newWorld(t, dbtest.SQLite(t), setting{noMail: true, plain: true})
	b := w.browser()
	a := b.want(b.get("/entrar"), http.StatusOK)
	if !strings.Contains(a.body, "plaza user signin-link") || strings.Contains(a.body, "enviaremos una liga") {
		t.Errorf("the page says: %s", a.body)
	}
	b.want(b.post("/entrar", "email", anaEmail), http.StatusSeeOther)
	if n := w.scalar(`SELECT COUNT(*) FROM jobs`); n != 0 {
		t.Errorf("%d jobs", n)
	}
	b.signIn(anaEmail)
	b.is(w.ana)
}

func TestOnlyOperatorsMakeLinksForOthers(t *testing.T) {
	w := newWorld(t, dbtest.SQLite(t), setting{})
	for name, actor := range map[string]plaza.Actor{
		"a visitor": {}, "Ana": w.ana.Actor(), "an admin": {PersonID: "x", Grants: []plaza.Grant{{Role: plaza.Admin}}},
	} {
		if _, err := w.accounts.SigninLink(plaza.WithActor(t.Context(), actor), anaEmail); plaza.KindOf(err) != plaza.Forbidden || err == nil {
			t.Errorf("%s: %v, want Forbidden", name, err)
		}
	}
	if _, err := w.accounts.SigninLink(asSystem(t.Context()), "nadie@ejemplo.mx"); plaza.KindOf(err) != plaza.NotFound || err == nil {
		t.Errorf("nobody: %v, want NotFound", err)
	}
}

func TestTheStoreHoldsNoTokenThatOpensAnything(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := newWorld(t, d, setting{})
		path := w.link(anaEmail)
		token := strings.TrimPrefix(path, "/entrar/")
		if n := w.scalar(`SELECT COUNT(*) FROM tokens WHERE hash = $1`, token); n != 0 {
			t.Error("the token is in the store")
		}
		b := w.browser()
		b.want(b.post(path), http.StatusSeeOther)
		if n := w.scalar(`SELECT COUNT(*) FROM sessions WHERE hash = $1 OR data LIKE $2`, b.cookie(), "%"+b.cookie()+"%"); n != 0 {
			t.Error("the session's id is in the store")
		}
		var hash string
		if err := d.Read(t.Context(), func(tx *db.Tx) error { return tx.Row(`SELECT hash FROM sessions`).Scan(&hash) }); err != nil {
			t.Fatal(err)
		}
		thief := w.browser()
		thief.setCookie(hash)
		thief.is(account.Person{})
	})
}

func TestAMailThatIsRefusedForGoodIsNotRepeated(t *testing.T) {
	w := newWorld(t, dbtest.SQLite(t), setting{})
	w.write(func(tx *db.Tx) error {
		_, err := tx.Exec(`UPDATE people SET email = $1 WHERE id = $2`, "no es una dirección", w.ana.ID)
		return err
	})
	b := w.browser()
	b.want(b.post("/entrar", "email", anaEmail), http.StatusSeeOther)
	if info := w.runOne(account.LinkMail{}.Kind()); info.State != "discarded" || strings.Contains(info.Error, "dirección") {
		t.Errorf("the job is %s: %s", info.State, info.Error)
	}
}

func TestPagesAndWordsAreSound(t *testing.T) {
	w := newWorld(t, dbtest.SQLite(t), setting{})
	for _, problem := range webtest.CheckTemplates(w.shell) {
		t.Error(problem)
	}
	for _, problem := range i18n.CheckCatalogues(account.Locale) {
		t.Error(problem)
	}
	b := w.browser()
	b.signIn(anaEmail)
	for _, path := range []string{"/entrar", "/entrar?enviada=1", "/entrar/x", "/salir", "/entrar?lang=en", w.link(anaEmail)} {
		a := b.get(path)
		if strings.Count(a.body, "<h1") != 1 || strings.Contains(a.body, "account.") {
			t.Errorf("%s: %s", path, a.body)
		}
	}
}
