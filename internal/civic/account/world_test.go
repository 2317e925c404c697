package account_test

import (
	"context"
	"io"
	"log/slog"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/netip"
	"net/url"
	"regexp"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"plaza/internal/base/db"
	"plaza/internal/base/fetch"
	"plaza/internal/base/i18n"
	"plaza/internal/base/job"
	"plaza/internal/base/mail"
	"plaza/internal/base/mail/mailtest"
	"plaza/internal/base/web"
	"plaza/internal/civic/access"
	"plaza/internal/civic/account"
	"plaza/internal/civic/gate"
	"plaza/internal/civic/outbox"
	"plaza/internal/civic/privacy"
	"plaza/internal/plaza"
)

const anaEmail = "ana@ejemplo.mx"

// world is an installation with one person, Ana, and a real server in front.
type world struct {
	*testing.T
	db       *db.DB
	accounts *account.Accounts
	shell    *web.Shell
	mail     *mailtest.Server
	server   *httptest.Server
	ana      account.Person
	count    *atomic.Pointer[counter] // statements of the requests that follow
	consents []string
}

type setting struct {
	noMail bool
	plain  bool // http, as on a laptop
	// reserved are the installation's names
	reserved []string
}

func newWorld(t *testing.T, d *db.DB, s setting) *world {
	t.Helper()
	w := &world{T: t, db: d, count: &atomic.Pointer[counter]{}}
	bundle, err := i18n.New(web.Locale, account.Locale, access.Locale, gate.Locale, privacy.Locale, outbox.Locale, mail.Locale)
	if err != nil {
		t.Fatal(err)
	}
	w.server = httptest.NewUnstartedServer(http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		if w.count.Load() != nil {
			ctx, n := db.CountStatements(r.Context())
			r = r.WithContext(ctx)
			defer func() { w.count.Load().Add(n.Load()) }()
		}
		w.shell.ServeHTTP(rw, r)
	}))
	base := "https://" + w.server.Listener.Addr().String()
	if s.plain {
		base = "http://" + w.server.Listener.Addr().String()
	}
	smtp := ""
	if !s.noMail {
		w.mail = mailtest.Start(t, mailtest.Options{})
		smtp = w.mail.URL()
	}
	sender, err := mail.Open(smtp)
	if err != nil {
		t.Fatal(err)
	}
	quiet := slog.New(slog.NewTextHandler(io.Discard, nil))
	w.accounts = account.NewAccounts(account.Config{
		DB: d, Key: []byte("una clave de prueba, de 32 bytes"), BaseURL: base, Mail: outbox.New(d, sender), Gate: gate.New([]byte("una clave de prueba, de 32 bytes")), Bundle: bundle, Log: quiet,
		Client:   fetch.New(fetch.Config{Allow: []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")}, Interval: -1}),
		Reserved: func(*db.Tx) ([]string, error) { return s.reserved, nil },
		Consent: func(_ *db.Tx, person, point string) error {
			w.consents = append(w.consents, person+"@"+point)
			return nil
		},
	})
	w.shell, err = web.New(web.Config{
		BaseURL: base, Bundle: bundle, Now: d.Now, Log: quiet,
		SessionCookie: w.accounts.SessionCookie(), Authenticate: w.accounts.Authenticate, Authorize: account.Authorize,
	})
	if err != nil {
		t.Fatal(err)
	}
	if err := w.accounts.Mount(w.shell); err != nil {
		t.Fatal(err)
	}
	w.shell.Handle("GET /quien", web.Route{Name: "test.who"}, who)
	w.shell.Handle("GET /central", web.Route{Name: "test.central", Action: string(access.AdminSee)}, who)
	if s.plain {
		w.server.Start()
	} else {
		w.server.StartTLS()
	}
	t.Cleanup(w.server.Close)
	w.ana = w.create(anaEmail, "Ana Ñúñez")
	return w
}

// who answers with the actor's name and roles.
func who(rw http.ResponseWriter, r *http.Request) error {
	a := plaza.ActorFrom(r.Context())
	text := a.Name + ";" + a.PersonID + ";" + a.Pseudonym
	for _, g := range a.Grants {
		text += ";" + string(g.Role) + "@" + g.Institution
	}
	_, err := io.WriteString(rw, text)
	return err
}

// asSystem is a context in which Plaza itself acts.
func asSystem(ctx context.Context) context.Context { return plaza.WithActor(ctx, plaza.SystemActor) }

// write runs fn in a transaction in which Plaza itself acts.
func (w *world) write(fn func(tx *db.Tx) error) {
	w.Helper()
	if err := w.db.Write(asSystem(w.Context()), fn); err != nil {
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

// scalar reads one number.
func (w *world) scalar(query string, args ...any) (n int) {
	w.Helper()
	if err := w.db.Read(w.Context(), func(tx *db.Tx) error { return tx.Row(query, args...).Scan(&n) }); err != nil {
		w.Fatal(err)
	}
	return n
}

// link makes a sign-in link as an operator does, and returns its path.
func (w *world) link(email string) string {
	w.Helper()
	link, err := w.accounts.SigninLink(asSystem(w.Context()), email)
	if err != nil {
		w.Fatal(err)
	}
	path, ok := strings.CutPrefix(link, w.server.URL)
	if !ok {
		w.Fatalf("the link %q does not begin with %q", link, w.server.URL)
	}
	return path
}

// work runs the jobs until the test ends.
func (w *world) work() {
	ctx, cancel := context.WithCancel(context.Background())
	r := job.NewRunner(w.db, job.Config{Log: slog.New(slog.NewTextHandler(io.Discard, nil))})
	w.accounts.Work(r)
	done := make(chan struct{})
	go func() { defer close(done); r.Run(ctx) }()
	w.Cleanup(func() { cancel(); <-done })
}

// runOne works the jobs until one of the kind has been tried, and returns it.
func (w *world) runOne(kind string) job.Info {
	w.Helper()
	tried := make(chan job.Info, 100)
	r := job.NewRunner(w.db, job.Config{
		Log:     slog.New(slog.NewTextHandler(io.Discard, nil)),
		Observe: func(info job.Info, _ time.Duration) { tried <- info },
	})
	w.accounts.Work(r)
	ctx, cancel := context.WithTimeout(w.Context(), 20*time.Second)
	done := make(chan struct{})
	go func() { defer close(done); r.Run(ctx) }()
	defer func() { cancel(); <-done }()
	for {
		select {
		case info := <-tried:
			if info.Kind == kind {
				return info
			}
		case <-ctx.Done():
			w.Fatalf("no job %s was tried", kind)
		}
	}
}

// sweep enqueues the job that clears away and works it.
func (w *world) sweep() {
	w.Helper()
	w.write(func(tx *db.Tx) error {
		_, _, err := job.Enqueue(tx, account.Sweep{}, job.Options{})
		return err
	})
	if info := w.runOne(account.Sweep{}.Kind()); info.State != job.Completed {
		w.Fatalf("sweeping: %s %s", info.State, info.Error)
	}
}

// browser keeps cookies and follows nothing.
type browser struct {
	*world
	client *http.Client
}

func (w *world) browser() *browser {
	w.Helper()
	jar, err := cookiejar.New(nil)
	if err != nil {
		w.Fatal(err)
	}
	client := *w.server.Client()
	client.Jar = jar
	client.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	return &browser{w, &client}
}

// answer is what came back.
type answer struct {
	status int
	header http.Header
	body   string
}

func (b *browser) do(r *http.Request) answer {
	b.Helper()
	res, err := b.client.Do(r)
	if err != nil {
		b.Fatal(err)
	}
	defer res.Body.Close()
	body, err := io.ReadAll(res.Body)
	if err != nil {
		b.Fatal(err)
	}
	return answer{res.StatusCode, res.Header, string(body)}
}

func (b *browser) request(method, path string, body io.Reader) *http.Request {
	b.Helper()
	r, err := http.NewRequestWithContext(b.Context(), method, b.server.URL+path, body)
	if err != nil {
		b.Fatal(err)
	}
	return r
}

func (b *browser) get(path string) answer {
	b.Helper()
	return b.do(b.request(http.MethodGet, path, nil))
}

func (b *browser) post(path string, pairs ...string) answer {
	b.Helper()
	form := url.Values{}
	for i := 0; i+1 < len(pairs); i += 2 {
		form.Set(pairs[i], pairs[i+1])
	}
	r := b.request(http.MethodPost, path, strings.NewReader(form.Encode()))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	r.Header.Set("Sec-Fetch-Site", "same-origin")
	return b.do(r)
}

// cookie is the session's cookie as the browser has it, "" for none.
func (b *browser) cookie() string {
	b.Helper()
	u, err := url.Parse(b.server.URL)
	if err != nil {
		b.Fatal(err)
	}
	for _, c := range b.client.Jar.Cookies(u) {
		if c.Name == b.accounts.SessionCookie() {
			return c.Value
		}
	}
	return ""
}

// setCookie puts a session's id into the browser.
func (b *browser) setCookie(value string) {
	b.Helper()
	u, err := url.Parse(b.server.URL)
	if err != nil {
		b.Fatal(err)
	}
	b.client.Jar.SetCookies(u, []*http.Cookie{{
		Name: b.accounts.SessionCookie(), Value: value, Path: "/", Secure: u.Scheme == "https"}})
}

// signIn signs somebody in through a link.
func (b *browser) signIn(email string) {
	b.Helper()
	b.want(b.post(b.link(email)), http.StatusSeeOther)
}

// want fails the test when the status is another.
func (b *browser) want(a answer, status int) answer {
	b.Helper()
	if a.status != status {
		b.Fatalf("status %d, want %d: %s", a.status, status, a.body)
	}
	return a
}

// is fails the test when the browser is taken for somebody else; "" is a visitor.
func (b *browser) is(person account.Person) {
	b.Helper()
	got := b.want(b.get("/quien"), http.StatusOK).body
	want := person.Name + ";" + person.ID + ";" + person.Pseudonym
	if got != want && !strings.HasPrefix(got, want+";") {
		b.Fatalf("taken for %q, want %q", got, want)
	}
}

// counter counts statements.
type counter = atomic.Int64

// mailed waits for the n-th mail and returns the path of its link.
func (w *world) mailed(n int) string {
	w.Helper()
	text := w.mail.Wait(w.T, n)[n-1].Text
	m := pathPattern.FindStringSubmatch(text)
	if m == nil {
		w.Fatalf("no link in %q", text)
	}
	return m[1]
}

var pathPattern = regexp.MustCompile(`https?://[^/\s]+(/\S+)`)

var linkPattern = regexp.MustCompile(`https?://[^\s"<]+/entrar/([A-Za-z0-9_-]+)`)
