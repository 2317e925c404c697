package mine_test

import (
	"bytes"
	"context"
	"encoding/json"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/PuerkitoBio/goquery"

	"plaza/internal/base/api"
	"plaza/internal/base/api/apitest"
	"plaza/internal/base/db"
	"plaza/internal/base/db/dbtest"
	"plaza/internal/base/i18n"
	"plaza/internal/base/job"
	"plaza/internal/base/mail"
	"plaza/internal/base/mail/mailtest"
	"plaza/internal/base/web"
	"plaza/internal/base/web/webtest"
	"plaza/internal/civic/access"
	"plaza/internal/civic/account"
	"plaza/internal/civic/account/mine"
	"plaza/internal/civic/gate"
	"plaza/internal/civic/outbox"
	"plaza/internal/civic/privacy"
	"plaza/internal/civic/record"
	"plaza/internal/plaza"
)

const (
	anaEmail = "ana@ejemplo.mx"
	firefox  = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"
	phone    = "Mozilla/5.0 (Linux; Android 15; Pixel) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0 Mobile Safari/537.36"
)

// world is an installation with Ana, the pages of her account and a mail server.
type world struct {
	*testing.T
	db       *db.DB
	accounts *account.Accounts
	shell    *web.Shell
	mail     *mailtest.Server
	outbox   *outbox.Outbox
	ana      account.Person
	log      *safeBuffer
	text     string // what the note that a program sends says
}

// safeBuffer keeps what is logged.
type safeBuffer struct {
	mu  sync.Mutex
	buf bytes.Buffer
}

func (b *safeBuffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.buf.Write(p)
}

func (b *safeBuffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.buf.String()
}

// note is what the test's operation takes.
type note struct{ Body noteText }

type noteText struct {
	Text string `json:"text" minLength:"1" maxLength:"20" doc:"mine.api.name"`
}

func newWorld(t *testing.T, d *db.DB) *world {
	t.Helper()
	w := &world{T: t, db: d, log: &safeBuffer{}, mail: mailtest.Start(t, mailtest.Options{})}
	bundle, err := i18n.New(web.Locale, account.Locale, access.Locale, gate.Locale, outbox.Locale, mail.Locale, privacy.Locale, mine.Locale, api.Locale, words)
	if err != nil {
		t.Fatal(err)
	}
	sender, err := mail.Open(w.mail.URL())
	if err != nil {
		t.Fatal(err)
	}
	log := slog.New(slog.NewTextHandler(w.log, &slog.HandlerOptions{Level: slog.LevelDebug}))
	w.outbox = outbox.New(d, sender)
	key := []byte("una clave de prueba, de 32 bytes")
	w.accounts = account.NewAccounts(account.Config{DB: d, Key: key, BaseURL: webtest.Base, Mail: w.outbox, Gate: gate.New(key), Bundle: bundle, Log: log})
	w.shell, err = web.New(web.Config{BaseURL: webtest.Base, Bundle: bundle, Now: d.Now, Log: log,
		SessionCookie: w.accounts.SessionCookie(), Authenticate: w.accounts.Authenticate, Authorize: access.Authorize})
	if err != nil {
		t.Fatal(err)
	}
	pages := mine.New(mine.Deps{DB: d, Accounts: w.accounts, Holdings: w.holdings()})
	a, err := api.New(w.shell, api.Config{Action: string(access.SiteRead), Brake: w.accounts.BrakeWrites})
	if err != nil {
		t.Fatal(err)
	}
	for _, mount := range []func(*web.Shell) error{w.accounts.Mount, pages.Mount, func(s *web.Shell) error {
		return privacy.Mount(s, privacy.PageConfig{Holdings: w.holdings()})
	}} {
		if err := mount(w.shell); err != nil {
			t.Fatal(err)
		}
	}
	pages.Interface(a)
	api.Post(a, api.Op{Name: "test.note", Path: "/api/v1/notes", Tag: "account", Action: string(access.CommentAdd), Scope: "comment"},
		func(_ context.Context, in *note) (noteText, error) {
			w.text = in.Body.Text
			return in.Body, nil
		})
	w.ana = w.create(anaEmail, "Ana Ñúñez")
	return w
}

func (w *world) holdings() privacy.Registry {
	return privacy.Registry{w.accounts.Holding(), privacy.Consents(), outbox.Holding()}
}

func (w *world) write(fn func(tx *db.Tx) error) {
	w.Helper()
	if err := w.db.Write(plaza.WithActor(w.Context(), plaza.SystemActor), fn); err != nil {
		w.Fatal(err)
	}
}

func (w *world) create(email, name string) (p account.Person) {
	w.Helper()
	w.write(func(tx *db.Tx) (err error) {
		p, err = account.Create(tx, account.New{Email: email, Name: name})
		return err
	})
	return p
}

func (w *world) grant(p account.Person, role plaza.Role) {
	w.Helper()
	w.write(func(tx *db.Tx) error { return account.GrantRole(tx, p.ID, role, "", time.Time{}) })
}

func (w *world) count(query string, args ...any) (n int) {
	w.Helper()
	if err := w.db.Read(w.Context(), func(tx *db.Tx) error { return tx.Row(query, args...).Scan(&n) }); err != nil {
		w.Fatal(err)
	}
	return n
}

// work works every job that is due.
func (w *world) work() {
	w.Helper()
	r := job.NewRunner(w.db, job.Config{Log: slog.New(slog.NewTextHandler(w.log, nil))})
	w.accounts.Work(r)
	w.outbox.Work(r)
	if _, err := r.Drain(w.Context()); err != nil {
		w.Fatal(err)
	}
}

// browser keeps the session's cookie.
type browser struct {
	*world
	agent, cookie string
}

func (w *world) signIn(email, agent string) *browser {
	w.Helper()
	b := &browser{world: w, agent: agent}
	link, err := w.accounts.SigninLink(plaza.WithActor(w.Context(), plaza.SystemActor), email)
	if err != nil {
		w.Fatal(err)
	}
	b.post(strings.TrimPrefix(link, webtest.Base), http.StatusSeeOther)
	return b
}

func (b *browser) do(method, path string, form url.Values, status int) *httptest.ResponseRecorder {
	b.Helper()
	r := httptest.NewRequestWithContext(b.Context(), method, path, strings.NewReader(form.Encode()))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	r.Header.Set("Sec-Fetch-Site", "same-origin")
	r.Header.Set("User-Agent", b.agent)
	r.RemoteAddr = "127.0.0.1:49152"
	if b.cookie != "" {
		r.AddCookie(&http.Cookie{Name: b.accounts.SessionCookie(), Value: b.cookie})
	}
	res := webtest.Do(b.shell, r)
	for _, c := range res.Result().Cookies() {
		if c.Name == b.accounts.SessionCookie() {
			b.cookie = c.Value
		}
	}
	if res.Code != status {
		b.Fatalf("%s %s = %d, want %d: %s", method, path, res.Code, status, res.Body)
	}
	return res
}

func (b *browser) get(path string, status int) *goquery.Document {
	b.Helper()
	return read(b.T, b.do(http.MethodGet, path, nil, status))
}

func (b *browser) post(path string, status int, pairs ...string) *httptest.ResponseRecorder {
	b.Helper()
	form := url.Values{}
	for i := 0; i+1 < len(pairs); i += 2 {
		form.Add(pairs[i], pairs[i+1])
	}
	return b.do(http.MethodPost, path, form, status)
}

func read(t *testing.T, res *httptest.ResponseRecorder) *goquery.Document {
	t.Helper()
	doc, err := goquery.NewDocumentFromReader(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	return doc
}

func (w *world) says(doc *goquery.Document, selector string, want ...string) {
	w.Helper()
	got := strings.Join(strings.Fields(doc.Find(selector).Text()), " ")
	for _, s := range want {
		if !strings.Contains(got, s) {
			w.Errorf("%s says %q, want %q in it", selector, got, s)
		}
	}
}

// ask asks the interface with a token, "" for none.
func (w *world) ask(method, path, token, body string) *httptest.ResponseRecorder {
	w.Helper()
	r := httptest.NewRequestWithContext(w.Context(), method, path, strings.NewReader(body))
	r.RemoteAddr = "127.0.0.1:49152"
	if body != "" {
		r.Header.Set("Content-Type", "application/json")
	}
	if token != "" {
		r.Header.Set("Authorization", "Bearer "+token)
	}
	return webtest.Do(w.shell, r)
}

var (
	tokenPattern = regexp.MustCompile(`plaza_[A-Za-z0-9_-]{43}`)
	linkPattern  = regexp.MustCompile(`/mi/cuenta/correo/[A-Za-z0-9_-]{43}`)
)

// token makes an access token by the form.
func (b *browser) token(scopes ...string) string {
	b.Helper()
	pairs := []string{"name", "tablero", "until", "2027-01-31"}
	for _, s := range scopes {
		pairs = append(pairs, "scopes", s)
	}
	found := tokenPattern.FindString(b.post("/mi/cuenta/claves", http.StatusOK, pairs...).Body.String())
	if found == "" {
		b.Fatal("no token was shown")
	}
	return found
}

func TestNameAndLanguageAreChangedAndNothingElse(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := newWorld(t, d)
		b := w.signIn(anaEmail, firefox)
		b.post("/mi/cuenta", http.StatusSeeOther, "name", "Ana  María", "language", "en",
			"role", "admin", "owner_id", "otra", "email", "otra@ejemplo.mx", "suspended", "", "id", "x")
		doc := b.get("/mi/cuenta?hecho=guardada", http.StatusOK)
		w.says(doc, ".Notice--good", "quedaron guardados")
		if got, _ := doc.Find("#campo-name").Attr("value"); got != "Ana María" {
			t.Errorf("the name is %q", got)
		}
		w.says(doc, ".Main", anaEmail)
		if n := w.count(`SELECT COUNT(*) FROM role_grants`); n != 0 {
			t.Errorf("%d roles came with a form", n)
		}
		refused := read(t, b.post("/mi/cuenta", http.StatusUnprocessableEntity, "name", "Ana\u202eMaría"))
		w.says(refused, "#campo-name-error", "sin caracteres invisibles")
		if n := w.count(`SELECT COUNT(*) FROM consents WHERE person_id = $1 AND point = 'profile' AND version = 1`, w.ana.ID); n != 1 {
			t.Errorf("%d consents are noted, want 1", n)
		}
	})
}

func TestSessionsAreListedAndEnded(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := newWorld(t, d)
		other := w.create("luz@ejemplo.mx", "Luz")
		foreign := w.signIn(other.Email, firefox)
		first, second, third := w.signIn(anaEmail, firefox), w.signIn(anaEmail, phone), w.signIn(anaEmail, "raro/1.0")
		doc := first.get("/mi/cuenta/sesiones", http.StatusOK)
		w.says(doc, "tbody", "Firefox, computadora", "Esta sesión", "Chrome, teléfono", "otro equipo")
		if n := doc.Find("tbody tr").Length(); n != 3 {
			t.Fatalf("%d sessions are listed, want 3", n)
		}
		id, _ := doc.Find(`tbody tr:contains("teléfono") input[name=sesion]`).Attr("value")
		foreign.post("/mi/cuenta/sesiones/cerrar", http.StatusNotFound, "sesion", id)
		second.get("/mi/cuenta", http.StatusOK)
		first.post("/mi/cuenta/sesiones/cerrar", http.StatusSeeOther, "sesion", id)
		second.do(http.MethodGet, "/mi/cuenta", nil, http.StatusSeeOther)
		first.post("/mi/cuenta/sesiones/cerrar", http.StatusSeeOther, "sesion", "otras")
		third.do(http.MethodGet, "/mi/cuenta", nil, http.StatusSeeOther)
		first.get("/mi/cuenta", http.StatusOK)
		foreign.get("/mi/cuenta", http.StatusOK)
		if n := w.count(`SELECT COUNT(*) FROM sessions WHERE agent LIKE '%Mozilla%' OR agent LIKE '%127%'`); n != 0 {
			t.Errorf("%d sessions keep more of the browser than its family", n)
		}
	})
}

func TestAnAddressIsChangedByItsLinkAndUndoneByTheOldOne(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := newWorld(t, d)
		b := w.signIn(anaEmail, firefox)
		token := b.token("account:read")
		b.post("/mi/cuenta/correo", http.StatusSeeOther, "email", "nueva@ejemplo.mx")
		w.work()
		letters := to(w.mail.Wait(t, 2))
		link := linkPattern.FindString(letters["nueva@ejemplo.mx"])
		if link == "" || !strings.Contains(letters[anaEmail], "nueva@ejemplo.mx") || linkPattern.FindString(letters[anaEmail]) == link {
			t.Fatalf("what was mailed: %v", letters)
		}
		stranger := &browser{world: w, agent: phone}
		stranger.get(link, http.StatusOK)
		w.says(b.get("/mi/cuenta", http.StatusOK), ".Main", anaEmail) // looking changed nothing
		w.says(read(t, stranger.post(link, http.StatusOK)), ".Main", "nueva@ejemplo.mx")
		stranger.post(link, http.StatusGone)
		w.says(b.get("/mi/cuenta", http.StatusOK), ".Main", "Su correo es nueva@ejemplo.mx")
		w.work()
		undo := ""
		for _, l := range w.mail.Wait(t, 4)[2:] {
			if l.To[0] == anaEmail {
				undo = linkPattern.FindString(l.Text)
			}
		}
		if undo == "" {
			t.Fatal("the old address got no link to undo the change")
		}
		dbtest.Advance(d, 6*24*time.Hour)
		stranger.get(undo, http.StatusOK)
		w.says(read(t, stranger.post(undo, http.StatusOK)), ".Main", "es otra vez "+anaEmail)
		stranger.post(undo, http.StatusGone)
		b.do(http.MethodGet, "/mi/cuenta", nil, http.StatusSeeOther) // every session has ended
		if res := w.ask(http.MethodGet, "/api/v1/me", token, ""); res.Code != http.StatusUnauthorized {
			t.Errorf("a token outlived the undoing: %d", res.Code)
		}
		w.signIn(anaEmail, firefox)
	})
}

// to are the texts of mails by address.
func to(letters []mailtest.Message) map[string]string {
	out := map[string]string{}
	for _, l := range letters {
		out[l.To[0]] += l.Text
	}
	return out
}

func TestAskingForAnAddressTellsNobodyWhetherItHasAnAccount(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := newWorld(t, d)
		w.create("luz@ejemplo.mx", "Luz")
		b := w.signIn(anaEmail, firefox)
		shape := func(email string) (location, page string, statements int64) {
			ctx, n := db.CountStatements(t.Context())
			r := httptest.NewRequestWithContext(ctx, http.MethodPost, "/mi/cuenta/correo", strings.NewReader("email="+url.QueryEscape(email)))
			r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
			r.Header.Set("Sec-Fetch-Site", "same-origin")
			r.AddCookie(&http.Cookie{Name: w.accounts.SessionCookie(), Value: b.cookie})
			res := webtest.Do(w.shell, r)
			location = res.Header().Get("Location")
			return location, b.get(location, http.StatusOK).Find(".Main").Text(), n.Load()
		}
		shape("primera@ejemplo.mx") // the mails wake a job, which is there for those that follow
		l1, p1, n1 := shape("libre@ejemplo.mx")
		l2, p2, n2 := shape("luz@ejemplo.mx")
		if l1 != l2 || p1 != p2 || n1 != n2 {
			t.Errorf("free: %s, %d statements; taken: %s, %d statements", l1, n1, l2, n2)
		}
		w.work()
		letters := to(w.mail.Wait(t, 6))
		if linkPattern.MatchString(letters["luz@ejemplo.mx"]) || !strings.Contains(letters["luz@ejemplo.mx"], "No cambió nada") {
			t.Errorf("whoever has the address was told: %s", letters["luz@ejemplo.mx"])
		}
		export := b.do(http.MethodGet, "/mi/cuenta/datos.json", nil, http.StatusOK).Body.String()
		if strings.Contains(export, "quiso usar") {
			t.Errorf("the export tells that the address has an account: %s", export)
		}
		w.says(read(t, b.post("/mi/cuenta/correo", http.StatusUnprocessableEntity, "email", "no es")), "#campo-email-error", "completa")
		w.says(read(t, b.post("/mi/cuenta/correo", http.StatusUnprocessableEntity, "email", "ANA@ejemplo.mx")), "#campo-email-error", "ya es su correo")
	})
}

func TestTheLinkForANewAddressDiesWithItsDayAndWithTheNextOne(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := newWorld(t, d)
		b := w.signIn(anaEmail, firefox)
		link := func(email string, mails int) string {
			b.post("/mi/cuenta/correo", http.StatusSeeOther, "email", email)
			w.work()
			return linkPattern.FindString(to(w.mail.Wait(t, mails))[email])
		}
		first, second := link("uno@ejemplo.mx", 2), link("dos@ejemplo.mx", 4)
		b.get(first, http.StatusGone)
		b.get(second, http.StatusOK)
		w.create("dos@ejemplo.mx", "Quien llegó antes")
		b.post(second, http.StatusGone)
		third := link("tres@ejemplo.mx", 6)
		dbtest.Advance(d, 24*time.Hour)
		b.post(third, http.StatusGone)
		w.says(b.get("/mi/cuenta", http.StatusOK), ".Main", "Su correo es "+anaEmail)
	})
}

func TestATokenOpensWhatItsScopesSayUntilItEnds(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := newWorld(t, d)
		w.grant(w.ana, plaza.Moderator)
		b := w.signIn(anaEmail, firefox)
		token := b.token("account:read")
		res := w.ask(http.MethodGet, "/api/v1/me", token, "")
		var me mine.Me
		if err := json.Unmarshal(res.Body.Bytes(), &me); err != nil || res.Code != http.StatusOK {
			t.Fatalf("%d, %v: %s", res.Code, err, res.Body)
		}
		if me.Name != "Ana Ñúñez" || me.Pseudonym != w.ana.Pseudonym || len(me.Roles) != 1 || me.Roles[0].Role != "moderator" || len(me.Scopes) != 1 {
			t.Errorf("who it is: %+v", me)
		}
		if strings.Contains(res.Body.String(), anaEmail) {
			t.Error("the address is told")
		}
		listed := b.get("/mi/cuenta/claves", http.StatusOK)
		w.says(listed, "tbody", "tablero", "account:read", "Sirve")
		if strings.Contains(listed.Text(), token) {
			t.Error("the token is shown again")
		}
		if n := w.count(`SELECT COUNT(*) FROM access_tokens WHERE used_on IS NOT NULL`); n != 1 {
			t.Error("the day of its use is not noted")
		}
		if res := w.ask(http.MethodPost, "/api/v1/notes", token, `{"text":"hola"}`); res.Code != http.StatusForbidden {
			t.Errorf("beyond its scope: %d, want 403", res.Code)
		}
		// on pages it is nothing
		r := httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/mi/cuenta", nil)
		r.Header.Set("Authorization", "Bearer "+token)
		if res := webtest.Do(w.shell, r); res.Code != http.StatusSeeOther {
			t.Errorf("a page took a token: %d", res.Code)
		}
		refused := func(why, token string) {
			t.Helper()
			res := w.ask(http.MethodGet, "/api/v1/me", token, "")
			if h := res.Header(); res.Code != http.StatusUnauthorized || !strings.HasPrefix(h.Get("Content-Type"), "application/problem+json") ||
				h.Get("WWW-Authenticate") != `Bearer realm="Plaza", error="invalid_token"` {
				t.Errorf("%s: %d, %v", why, res.Code, h)
			}
		}
		refused("a token that nobody made", account.KeyPrefix+strings.Repeat("x", 43))
		refused("another's token", "ghp_"+strings.Repeat("x", 36))
		refused("a token in part", token[:len(token)-1])
		w.write(func(tx *db.Tx) error { return account.Suspend(tx, w.ana.ID, time.Time{}, "prueba") })
		refused("a suspended account's", token)
		w.write(func(tx *db.Tx) error { return account.Lift(tx, w.ana.ID) })
		id, _ := listed.Find(`form[action$="/revocar"]`).Attr("action")
		luz := w.create("luz@ejemplo.mx", "Luz")
		w.signIn(luz.Email, firefox).post(id, http.StatusNotFound)
		b.post(id, http.StatusSeeOther)
		refused("a revoked token", token)
		other := b.token("account:read")
		dbtest.Advance(d, 100*24*time.Hour)
		refused("an expired token", other)
		if got := w.ask(http.MethodGet, "/api/v1/me", "", "").Header().Get("WWW-Authenticate"); got != `Bearer realm="Plaza"` {
			t.Errorf("without a token: %q", got)
		}
	})
}

func TestWhatIsWrongWithATokenIsSaidAtItsField(t *testing.T) {
	w := newWorld(t, dbtest.SQLite(t))
	b := w.signIn(anaEmail, firefox)
	doc := read(t, b.post("/mi/cuenta/claves", http.StatusUnprocessableEntity, "name", " ", "scopes", "todo", "until", "2028-01-01"))
	w.says(doc, "#campo-name-error", "hasta 60 letras")
	w.says(doc, "#campo-scopes-error", "al menos un alcance")
	w.says(doc, "#campo-until-error", "dentro de un año")
	for _, until := range []string{"", "mañana", "2026-11-22", "9999-12-31", "0000-00-00"} {
		w.says(read(t, b.post("/mi/cuenta/claves", http.StatusUnprocessableEntity, "name", "x", "scopes", "comment", "until", until)), "#campo-until-error", "un año")
	}
	for range 20 {
		b.token("comment")
	}
	w.says(read(t, b.post("/mi/cuenta/claves", http.StatusUnprocessableEntity, "name", "uno más", "scopes", "comment", "until", "2027-01-01")),
		"#campo-name-error", "Ya tiene 20 tokens")
}

func TestProgramsWriteWithATokenAndGainNothingByWhatTheySend(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := newWorld(t, d)
		b := w.signIn(anaEmail, firefox)
		token := b.token("comment", "account:read")
		if res := w.ask(http.MethodPost, "/api/v1/notes", token, `{"text":"hola"}`); res.Code != http.StatusCreated || w.text != "hola" {
			t.Fatalf("writing: %d %s", res.Code, res.Body)
		}
		w.text = ""
		for body, want := range map[string]int{
			`{"text":"hola","role":"admin"}`: 422, `{"text":"hola","owner_id":"otra"}`: 422, `{"text":"hola","person_id":"x","scopes":["admin:read"]}`: 422,
			`{"text":"hola","TEXT":"otra"}`: 422, `{"Text":"hola"}`: 422, `{"text":""}`: 422, `{}`: 422, `{"text":1}`: 422, `{"text":null}`: 422,
			`{"text":"hola","text":"otra"}`: 400, `["text"]`: 400, `{"text":"hola"} {}`: 400, `{"text":`: 400, `{"text":"\u0000"}`: 400,
			`{"text":` + strings.Repeat("[", 40) + strings.Repeat("]", 40) + `}`: 400,
			`{"text":"` + strings.Repeat("x", 70<<10) + `"}`:                     413,
		} {
			if res := w.ask(http.MethodPost, "/api/v1/notes", token, body); res.Code != want || w.text != "" ||
				!strings.HasPrefix(res.Header().Get("Content-Type"), "application/problem+json") {
				t.Errorf("%.60s = %d, want %d: %s (%q)", body, res.Code, want, res.Body, w.text)
			}
		}
		problem := w.ask(http.MethodPost, "/api/v1/notes", token, `{"text":"hola","role":"admin"}`).Body.String()
		if !strings.Contains(problem, `"field":"role"`) || !strings.Contains(problem, "no toma ese miembro") {
			t.Errorf("the refusal says %s", problem)
		}
		for path, want := range map[string]int{"/api/v1/me?role=admin": 422, "/api/v1/notes?role=admin": 422} {
			method := http.MethodGet
			if strings.Contains(path, "notes") {
				method = http.MethodPost
			}
			if res := w.ask(method, path, token, ""); res.Code != want && res.Code != http.StatusUnsupportedMediaType {
				t.Errorf("%s = %d", path, res.Code)
			}
		}
		for _, method := range []string{http.MethodPost, http.MethodPut, http.MethodPatch, http.MethodDelete} {
			if res := w.ask(method, "/api/v1/me", token, `{"roles":[{"role":"admin"}]}`); res.Code != http.StatusMethodNotAllowed {
				t.Errorf("%s /api/v1/me = %d", method, res.Code)
			}
		}
		if n := w.count(`SELECT COUNT(*) FROM role_grants`); n != 0 {
			t.Errorf("%d roles came by the interface", n)
		}
		// a cookie is no token
		r := httptest.NewRequestWithContext(t.Context(), http.MethodPost, "/api/v1/notes", strings.NewReader(`{"text":"hola"}`))
		r.Header.Set("Content-Type", "application/json")
		r.AddCookie(&http.Cookie{Name: w.accounts.SessionCookie(), Value: b.cookie})
		if res := webtest.Do(w.shell, r); res.Code != http.StatusUnauthorized || w.text != "" {
			t.Errorf("a cookie wrote: %d", res.Code)
		}
		r = httptest.NewRequestWithContext(t.Context(), http.MethodPost, "/api/v1/notes", strings.NewReader("text=hola"))
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		r.Header.Set("Authorization", "Bearer "+token)
		if res := webtest.Do(w.shell, r); res.Code != http.StatusUnsupportedMediaType {
			t.Errorf("a form = %d, want 415", res.Code)
		}
		for range 600 {
			w.ask(http.MethodPost, "/api/v1/notes", token, `{"text":"hola"}`)
		}
		if res := w.ask(http.MethodPost, "/api/v1/notes", token, `{"text":"hola"}`); res.Code != http.StatusTooManyRequests || res.Header().Get("Retry-After") == "" {
			t.Errorf("the 602nd write in an hour = %d, want 429", res.Code)
		}
	})
}

func TestTheInterfaceIsDescribedWithItsTokens(t *testing.T) {
	w := newWorld(t, dbtest.SQLite(t))
	spec := apitest.Load(t, w.shell)
	res := w.ask(http.MethodGet, "/api/v1/me", w.signIn(anaEmail, firefox).token("account:read"), "")
	spec.Conforms(t, "/api/v1/me", res.Code, res.Header().Get("Content-Type"), res.Body.Bytes())
	doc := webtest.Get(t, w.shell, api.SpecPath).Body.String()
	for _, want := range []string{`"securitySchemes"`, `"scheme": "bearer"`, `"account:read"`} {
		if !strings.Contains(doc, want) {
			t.Errorf("the description lacks %s", want)
		}
	}
	page := read(t, webtest.Get(t, w.shell, "/api"))
	w.says(page, ".Main", "Pide un token de acceso con el alcance: account:read", "Se envía, en JSON", "Crear un token")
}

func TestAllThatAPersonGaveIsExported(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := newWorld(t, d)
		w.grant(w.ana, plaza.Judge)
		b := w.signIn(anaEmail, firefox)
		b.token("comment")
		b.post("/mi/cuenta/correo", http.StatusSeeOther, "email", "nueva@ejemplo.mx")
		w.says(b.get("/mi/cuenta/datos", http.StatusOK), ".Main", "Correo electrónico", "Tokens de acceso", "Mientras exista la cuenta")
		res := b.do(http.MethodGet, "/mi/cuenta/datos.json", nil, http.StatusOK)
		var file struct {
			Data map[string]any `json:"data"`
		}
		if err := json.Unmarshal(res.Body.Bytes(), &file); err != nil || !strings.Contains(res.Header().Get("Content-Disposition"), "attachment") {
			t.Fatalf("%v, %v", err, res.Header())
		}
		raw, err := json.Marshal(file.Data)
		if err != nil {
			t.Fatal(err)
		}
		for _, want := range []string{"Ana Ñúñez", anaEmail, "nueva@ejemplo.mx", "tablero", "judge", "Firefox", w.ana.Pseudonym, `"point":"token"`} {
			if !strings.Contains(string(raw), want) {
				t.Errorf("the export lacks %s", want)
			}
		}
		if strings.Contains(string(raw), account.KeyPrefix) {
			t.Error("the export holds a token")
		}
	})
}

func TestWhoGoesLeavesOnlyWhatIsPublic(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := newWorld(t, d)
		w.grant(w.ana, plaza.Judge)
		b := w.signIn(anaEmail, firefox)
		token := b.token("account:read")
		b.post("/mi/cuenta/correo", http.StatusSeeOther, "email", "nueva@ejemplo.mx")
		doc := read(t, b.post("/mi/cuenta/borrar", http.StatusUnprocessableEntity, "word", "sí"))
		w.says(doc, "#campo-word-error", "BORRAR")
		dbtest.Advance(d, 11*time.Minute)
		w.says(read(t, b.post("/mi/cuenta/borrar", http.StatusForbidden, "word", "BORRAR")), ".Main", "Entre otra vez")
		if w.count(`SELECT COUNT(*) FROM people`) != 1 {
			t.Fatal("an old session was enough")
		}
		b = w.signIn(anaEmail, firefox)
		b.post("/mi/cuenta/borrar", http.StatusSeeOther, "word", "borrar")
		if b.cookie != "" {
			t.Error("the cookie stays")
		}
		for _, table := range []string{"people", "role_grants", "sessions", "tokens", "access_tokens", "email_changes", "consents"} {
			if n := w.count(`SELECT COUNT(*) FROM ` + table); n != 0 {
				t.Errorf("%s keeps %d rows", table, n)
			}
		}
		if n := w.count(`SELECT COUNT(*) FROM outbox WHERE person_id <> ''`); n != 0 {
			t.Errorf("%d mails of hers stay", n)
		}
		if res := w.ask(http.MethodGet, "/api/v1/me", token, ""); res.Code != http.StatusUnauthorized {
			t.Errorf("her token = %d", res.Code)
		}
		var verbs []string
		if err := d.Read(t.Context(), func(tx *db.Tx) (err error) {
			verbs, err = db.All(tx, db.Column[string], `SELECT verb FROM record_entries ORDER BY seq`)
			if err == nil {
				var id string
				if id, err = account.ByPseudonym(tx, w.ana.Pseudonym); id != "" {
					t.Error("the pseudonym points to somebody")
				}
			}
			return err
		}); err != nil {
			t.Fatal(err)
		}
		if got := strings.Join(verbs, " "); got != "account.created account.role_granted account.role_ended account.erased" {
			t.Errorf("the record says %s", got)
		}
		var out bytes.Buffer
		if err := record.Export(t.Context(), d, record.Filter{}, &out); err != nil {
			t.Fatal(err)
		}
		if _, err := record.Verify(&out); err != nil {
			t.Errorf("the record is not whole: %v", err)
		}
		w.create(anaEmail, "Otra Ana") // the address is free again
		(&browser{world: w, agent: firefox}).get("/cuenta/borrada", http.StatusOK)
	})
}

func TestTheLastAdminDoesNotGo(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := newWorld(t, d)
		w.grant(w.ana, plaza.Admin)
		b := w.signIn(anaEmail, firefox)
		w.says(read(t, b.post("/mi/cuenta/borrar", http.StatusConflict, "word", "BORRAR")), ".Notice--bad", "única persona que coordina")
		luz := w.create("luz@ejemplo.mx", "Luz")
		w.grant(luz, plaza.Admin)
		// both at once: one goes, one stays
		codes := make(chan int, 2)
		var wg sync.WaitGroup
		for _, c := range []*browser{w.signIn(anaEmail, firefox), w.signIn(luz.Email, firefox)} {
			wg.Go(func() {
				r := httptest.NewRequestWithContext(t.Context(), http.MethodPost, "/mi/cuenta/borrar", strings.NewReader("word=BORRAR"))
				r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
				r.Header.Set("Sec-Fetch-Site", "same-origin")
				r.AddCookie(&http.Cookie{Name: w.accounts.SessionCookie(), Value: c.cookie})
				codes <- webtest.Do(w.shell, r).Code
			})
		}
		wg.Wait()
		if a, b := <-codes, <-codes; a+b != http.StatusSeeOther+http.StatusConflict {
			t.Errorf("two admins going at once: %d and %d", a, b)
		}
		if n := w.count(`SELECT COUNT(*) FROM role_grants WHERE role = 'admin'`); n != 1 {
			t.Errorf("%d admins are left, want 1", n)
		}
	})
}

func TestASuspendedAccountReadsExportsAndGoesAndTakesNoPart(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := newWorld(t, d)
		b := w.signIn(anaEmail, firefox)
		w.write(func(tx *db.Tx) error {
			return account.Suspend(tx, w.ana.ID, tx.Now.Add(48*time.Hour), "Insultó a una persona")
		})
		w.says(b.get("/mi/cuenta", http.StatusOK), ".Main", "Su cuenta está suspendida", "Insultó a una persona", "termina el 25")
		for _, path := range []string{"/mi/cuenta/sesiones", "/mi/cuenta/datos", "/mi/cuenta/claves", "/mi/cuenta/borrar"} {
			w.says(b.get(path, http.StatusOK), ".Main > .Notice", "Su cuenta está suspendida")
		}
		b.do(http.MethodGet, "/mi/cuenta/datos.json", nil, http.StatusOK)
		actor := func() plaza.Actor {
			r := httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/", nil)
			r.AddCookie(&http.Cookie{Name: w.accounts.SessionCookie(), Value: b.cookie})
			ctx, err := w.accounts.Authenticate(r)
			if err != nil || ctx == nil {
				t.Fatal("the session has ended", err)
			}
			return plaza.ActorFrom(ctx)
		}
		if access.Can(actor(), access.CommentAdd, access.Object{}) || !access.Can(actor(), access.Appeal, access.Object{Owner: w.ana.ID}) {
			t.Error("a suspended account may comment, or may not appeal")
		}
		dbtest.Advance(d, 48*time.Hour)
		if !access.Can(actor(), access.CommentAdd, access.Object{}) {
			t.Error("the suspension does not end")
		}
		if b.get("/mi/cuenta", http.StatusOK).Find(".Main > .Notice").Length() != 0 {
			t.Error("the page says still that it is suspended")
		}
		w.write(func(tx *db.Tx) error { return account.Suspend(tx, w.ana.ID, time.Time{}, "otra vez") })
		w.signIn(anaEmail, firefox).post("/mi/cuenta/borrar", http.StatusSeeOther, "word", "BORRAR")
	})
}

func TestNoPersonalDataIsLogged(t *testing.T) {
	w := newWorld(t, dbtest.SQLite(t))
	const mark = "zxqmarca"
	p := w.create(mark+"@ejemplo.mx", "Persona "+mark)
	w.grant(p, plaza.Judge)
	b := w.signIn(p.Email, firefox+" "+mark)
	b.post("/mi/cuenta", http.StatusSeeOther, "name", mark+" "+mark)
	b.post("/mi/cuenta", http.StatusUnprocessableEntity, "name", mark+"\u202e")
	b.post("/mi/cuenta/correo", http.StatusSeeOther, "email", mark+"2@ejemplo.mx")
	b.post("/mi/cuenta/correo", http.StatusUnprocessableEntity, "email", mark+" <"+mark+">")
	b.get("/mi/cuenta/sesiones?"+mark+"="+mark, http.StatusOK)
	token := b.token("account:read", "comment")
	b.post("/mi/cuenta/claves", http.StatusUnprocessableEntity, "name", mark, "until", mark, "scopes", mark)
	w.ask(http.MethodGet, "/api/v1/me?"+mark+"=1", token, "")
	w.ask(http.MethodPost, "/api/v1/notes", token, `{"`+mark+`":"`+mark+`"}`)
	w.ask(http.MethodPost, "/api/v1/notes", token, `{"text":"`+mark)
	w.ask(http.MethodPost, "/api/v1/notes", token+mark, `{"text":"`+mark+`"}`)
	b.do(http.MethodGet, "/mi/cuenta/datos.json", nil, http.StatusOK)
	b.get("/mi/cuenta/"+mark, http.StatusNotFound)
	b.post("/entrar", http.StatusSeeOther, "email", mark+"3@ejemplo.mx")
	w.work()
	link := ""
	for _, l := range w.mail.Wait(t, 2) {
		if l.To[0] != p.Email {
			link = linkPattern.FindString(l.Text)
		}
	}
	b.post(link, http.StatusOK)
	w.work()
	b.post("/mi/cuenta/borrar", http.StatusUnprocessableEntity, "word", mark)
	b.post("/mi/cuenta/borrar", http.StatusSeeOther, "word", "BORRAR")
	said := w.log.String()
	if !strings.Contains(said, "POST /mi/cuenta/claves") {
		t.Fatalf("the log is empty: %s", said)
	}
	for _, secret := range []string{mark, strings.ToUpper(mark), token, strings.TrimPrefix(link, account.EmailPath), "127.0.0.1"} {
		for line := range strings.Lines(said) {
			if strings.Contains(line, secret) {
				t.Errorf("the log says %q: %s", secret, line)
			}
		}
	}
}

func TestPagesFitTheirTypesAndWords(t *testing.T) {
	w := newWorld(t, dbtest.SQLite(t))
	for _, p := range append(webtest.CheckTemplates(w.shell), i18n.CheckCatalogues(mine.Locale, privacy.Locale, api.Locale)...) {
		t.Error(p)
	}
}

func TestWhoTakesAChangeBackHasTheAccountToThemselves(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		for _, confirmed := range []bool{true, false} {
			w := newWorld(t, d)
			thief := w.signIn(anaEmail, phone)
			thief.post("/mi/cuenta/contrasena", http.StatusSeeOther, "new", "una frase que nadie adivina")
			thief.post("/mi/cuenta/correo", http.StatusSeeOther, "email", "ladron@ejemplo.mx")
			w.work()
			before := to(w.mail.Wait(t, 3))
			undo := linkPattern.FindString(before[anaEmail])
			w.write(func(tx *db.Tx) error {
				for _, kind := range []string{"totp", "recovery", "oidc"} {
					if _, err := tx.Exec(`INSERT INTO credentials (id, person_id, kind, subject, created_at, confirmed_at)
						VALUES ($1, $2, $3, $4, $5, $6)`, tx.ID(), w.ana.ID, kind, kind, tx.Now, tx.Now); err != nil {
						return err
					}
				}
				return nil
			})
			if confirmed {
				thief.post(linkPattern.FindString(before["ladron@ejemplo.mx"]), http.StatusOK)
			}
			if _, err := w.accounts.SigninLink(plaza.WithActor(w.Context(), plaza.SystemActor), map[bool]string{true: "ladron@ejemplo.mx", false: anaEmail}[confirmed]); err != nil {
				t.Fatal(err)
			}
			ana := &browser{world: w, agent: firefox}
			ana.post(undo, http.StatusOK)
			for what, query := range map[string]string{
				"what one signs in with": `SELECT COUNT(*) FROM credentials WHERE person_id = $1`,
				"sessions":               `SELECT COUNT(*) FROM sessions WHERE person_id = $1`,
				"open links":             `SELECT COUNT(*) FROM tokens WHERE person_id = $1 AND used_at IS NULL`,
			} {
				if n := w.count(query, w.ana.ID); n != 0 {
					t.Errorf("confirmed %v: %d %s are left", confirmed, n, what)
				}
			}
			if n := w.count(`SELECT COUNT(*) FROM people WHERE email = $1`, anaEmail); n != 1 {
				t.Errorf("confirmed %v: the address is another still", confirmed)
			}
			w.write(func(tx *db.Tx) error { _, err := tx.Exec(`DELETE FROM people`); return err })
		}
	})
}

func TestWhoSignedInAWhileAgoSignsInAgainBeforeTheyHandTheAccountOn(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := newWorld(t, d)
		b := w.signIn(anaEmail, firefox)
		b.post("/mi/cuenta/contrasena", http.StatusSeeOther, "new", "una frase que nadie adivina")
		dbtest.Advance(d, 11*time.Minute)
		for path, back := range map[string]string{
			"/mi/cuenta/correo": "/mi/cuenta", "/mi/cuenta/claves": "/mi/cuenta/claves", "/mi/cuenta/segundo-factor": "/mi/cuenta/segundo-factor",
		} {
			res := b.post(path, http.StatusSeeOther, "email", "otra@ejemplo.mx", "name", "x", "scopes", "comment", "until", "2027-01-31")
			if got, want := res.Header().Get("Location"), "/mi/cuenta/entrar?volver="+url.QueryEscape(back); got != want {
				t.Errorf("%s leads to %q, want %q", path, got, want)
			}
		}
		if n := w.count(`SELECT COUNT(*) FROM email_changes`) + w.count(`SELECT COUNT(*) FROM access_tokens`) + w.count(`SELECT COUNT(*) FROM credentials WHERE kind = 'totp'`); n != 0 {
			t.Errorf("%d things were made all the same", n)
		}
		w.says(b.get("/mi/cuenta", http.StatusOK), "#correo ~ p", "Entre otra vez")
		w.says(read(t, b.post("/mi/cuenta/entrar", http.StatusUnprocessableEntity, "password", "otra frase", "volver", "/mi/cuenta")), "#campo-password-error", "No es")
		b.post("/mi/cuenta/entrar", http.StatusSeeOther, "password", "una frase que nadie adivina", "volver", "/mi/cuenta")
		b.post("/mi/cuenta/correo", http.StatusSeeOther, "email", "otra@ejemplo.mx")
		if n := w.count(`SELECT COUNT(*) FROM email_changes`); n != 1 {
			t.Errorf("%d changes were asked for, want 1", n)
		}
	})
}
