package membership_test

import (
	"bytes"
	"context"
	"io"
	"log/slog"
	"mime/multipart"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/url"
	"regexp"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/PuerkitoBio/goquery"

	"plaza/internal/base/blob"
	"plaza/internal/base/db"
	"plaza/internal/base/i18n"
	"plaza/internal/base/job"
	"plaza/internal/base/mail"
	"plaza/internal/base/mail/mailtest"
	"plaza/internal/base/web"
	"plaza/internal/civic/access"
	"plaza/internal/civic/account"
	"plaza/internal/civic/gate"
	"plaza/internal/civic/institution"
	"plaza/internal/civic/membership"
	"plaza/internal/civic/outbox"
	"plaza/internal/civic/privacy"
	"plaza/internal/civic/record"
	"plaza/internal/plaza"
)

var (
	key   = []byte("una clave de prueba, de 32 bytes")
	quiet = slog.New(slog.DiscardHandler)
)

// world is an installation with an institution, the head of its sector and an admin,
// and a real server in front.
type world struct {
	*testing.T
	db        *db.DB
	accounts  *account.Accounts
	members   *membership.Members
	runner    *job.Runner
	mail      *mailtest.Server
	server    *httptest.Server
	blobs     blob.Store
	shell     *web.Shell
	suspended map[string]bool // ids
	count     atomic.Pointer[atomic.Int64]

	body, sector institution.Institution
	admin        account.Person
}

func newWorld(t *testing.T, d *db.DB) *world {
	t.Helper()
	w := &world{T: t, db: d, suspended: map[string]bool{}, mail: mailtest.Start(t, mailtest.Options{})}
	bundle, err := i18n.New(web.Locale, account.Locale, access.Locale, gate.Locale, privacy.Locale, outbox.Locale, mail.Locale, institution.Locale,
		membership.Locale, record.Locale)
	w.must(err)
	w.server = httptest.NewUnstartedServer(http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		if n := w.count.Load(); n != nil {
			ctx, counted := db.CountStatements(r.Context())
			defer func() { n.Add(counted.Load()) }()
			r = r.WithContext(ctx)
		}
		w.shell.ServeHTTP(rw, r)
	}))
	base := "http://" + w.server.Listener.Addr().String()
	sender, err := mail.Open(w.mail.URL())
	w.must(err)
	w.blobs, err = blob.Open(t.Context(), "file://"+t.TempDir())
	w.must(err)
	post, brakes := outbox.New(d, sender), gate.New(key)
	w.accounts = account.NewAccounts(account.Config{DB: d, Key: key, BaseURL: base, Mail: post, Gate: brakes, Bundle: bundle, Log: quiet})
	w.members = membership.New(membership.Config{DB: d, Key: key, BaseURL: base, Mail: post, Gate: brakes, Blob: w.blobs, Bundle: bundle, Log: quiet,
		Suspended: func(*db.Tx, []string) (map[string]bool, error) { return w.suspended, nil }})
	w.shell, err = web.New(web.Config{BaseURL: base, Bundle: bundle, Now: d.Now, Log: slog.New(slog.NewTextHandler(t.Output(), &slog.HandlerOptions{Level: slog.LevelError})),
		SessionCookie: w.accounts.SessionCookie(), Authenticate: w.accounts.Authenticate, Authorize: access.Authorize})
	w.must(err)
	w.must(w.accounts.Mount(w.shell))
	w.must(w.members.Mount(w.shell, institution.NewOffice(d, w.shell)))
	w.runner = job.NewRunner(d, job.Config{Log: quiet})
	w.members.Work(w.runner)
	post.Work(w.runner)
	w.server.Start()
	t.Cleanup(w.server.Close)
	w.sector = w.institution("SECTOR", "")
	w.body = w.institution("SALUD", w.sector.ID)
	w.admin = w.person("admin@ejemplo.mx", "Coordinación")
	w.grant(w.admin, plaza.Admin, "")
	return w
}

func (w *world) must(err error) {
	w.Helper()
	if err != nil {
		w.Fatal(err)
	}
}

func as(ctx context.Context, p account.Person) context.Context {
	return plaza.WithActor(ctx, p.Actor())
}

func asSystem(ctx context.Context) context.Context { return plaza.WithActor(ctx, plaza.SystemActor) }

// write runs fn in a transaction in which Plaza itself acts.
func (w *world) write(fn func(tx *db.Tx) error) {
	w.Helper()
	w.must(w.db.Write(asSystem(w.Context()), fn))
}

func (w *world) read(fn func(tx *db.Tx) error) {
	w.Helper()
	w.must(w.db.Read(w.Context(), fn))
}

func (w *world) institution(acronym, parent string) (i institution.Institution) {
	w.Helper()
	w.write(func(tx *db.Tx) (err error) {
		i, err = institution.Put(tx, institution.Institution{Name: "Institución " + acronym, Acronym: acronym, Type: "federal", ParentID: parent})
		return err
	})
	return i
}

func (w *world) person(email, name string) (p account.Person) {
	w.Helper()
	w.write(func(tx *db.Tx) (err error) {
		p, err = account.Create(tx, account.New{Email: email, Name: name})
		return err
	})
	return p
}

// again reads a person with the roles of now.
func (w *world) again(p account.Person) account.Person {
	w.Helper()
	w.read(func(tx *db.Tx) (err error) {
		p, err = account.ByID(tx, p.ID)
		return err
	})
	return p
}

func (w *world) grant(p account.Person, role plaza.Role, body string) {
	w.Helper()
	w.write(func(tx *db.Tx) error { return account.GrantRole(tx, p.ID, role, body, time.Time{}) })
}

// liaison makes a new person the institution's liaison.
func (w *world) liaison(email, name, body string) account.Person {
	w.Helper()
	p := w.person(email, name)
	w.grant(p, plaza.Liaison, body)
	return w.again(p)
}

// work runs every job that is due.
func (w *world) work() {
	w.Helper()
	_, err := w.runner.Drain(w.Context())
	w.must(err)
}

func (w *world) scalar(query string, args ...any) (n int) {
	w.Helper()
	w.read(func(tx *db.Tx) error { return tx.Row(query, args...).Scan(&n) })
	return n
}

func (w *world) entries(verb string) int {
	w.Helper()
	return w.scalar(`SELECT COUNT(*) FROM record_entries WHERE verb = $1`, verb)
}

// browser keeps cookies and follows nothing.
type browser struct {
	*world
	client *http.Client
}

func (w *world) browser() *browser {
	w.Helper()
	jar, err := cookiejar.New(nil)
	w.must(err)
	client := *w.server.Client()
	client.Jar = jar
	client.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	return &browser{w, &client}
}

// as is a browser in which somebody has signed in.
func (w *world) as(p account.Person) *browser {
	w.Helper()
	b := w.browser()
	link, err := w.accounts.SigninLink(asSystem(w.Context()), p.Email)
	w.must(err)
	b.want(b.post(strings.TrimPrefix(link, w.server.URL)), http.StatusSeeOther)
	return b
}

type answer struct {
	status int
	header http.Header
	body   string
}

// doc is the page.
func (a answer) text() string {
	doc, err := goquery.NewDocumentFromReader(strings.NewReader(a.body))
	if err != nil {
		return a.body
	}
	return strings.Join(strings.Fields(doc.Find("main").Text()), " ")
}

func (b *browser) do(method, path, kind string, body io.Reader) answer {
	b.Helper()
	r, err := http.NewRequestWithContext(b.Context(), method, b.server.URL+path, body)
	b.must(err)
	if kind != "" {
		r.Header.Set("Content-Type", kind)
		r.Header.Set("Sec-Fetch-Site", "same-origin")
	}
	res, err := b.client.Do(r)
	b.must(err)
	defer res.Body.Close()
	raw, err := io.ReadAll(res.Body)
	b.must(err)
	return answer{res.StatusCode, res.Header, string(raw)}
}

func (b *browser) get(path string) answer {
	b.Helper()
	return b.do(http.MethodGet, path, "", nil)
}

func (b *browser) post(path string, pairs ...string) answer {
	b.Helper()
	form := url.Values{}
	for i := 0; i+1 < len(pairs); i += 2 {
		form.Set(pairs[i], pairs[i+1])
	}
	return b.do(http.MethodPost, path, "application/x-www-form-urlencoded", strings.NewReader(form.Encode()))
}

// upload posts a form with a file.
func (b *browser) upload(path, name string, file []byte, pairs ...string) answer {
	b.Helper()
	var body bytes.Buffer
	form := multipart.NewWriter(&body)
	for i := 0; i+1 < len(pairs); i += 2 {
		b.must(form.WriteField(pairs[i], pairs[i+1]))
	}
	if name != "" {
		part, err := form.CreateFormFile("file", name)
		b.must(err)
		_, err = part.Write(file)
		b.must(err)
	}
	b.must(form.Close())
	return b.do(http.MethodPost, path, form.FormDataContentType(), &body)
}

func (b *browser) want(a answer, status int) answer {
	b.Helper()
	if a.status != status {
		b.Fatalf("status %d, want %d: %s", a.status, status, a.text())
	}
	return a
}

// says fails the test when a page does not say something.
func (b *browser) says(a answer, want ...string) {
	b.Helper()
	for _, s := range want {
		if !strings.Contains(a.text(), s) {
			b.Errorf("the page says %q, want %q in it", a.text(), s)
		}
	}
}

var linkPattern = regexp.MustCompile(`http://[^\s"<]+(/invitaciones/[A-Z2-7]+)`)

// letterTo is the path of the last invitation that was mailed to an address.
func (w *world) letterTo(email string) string {
	w.Helper()
	w.work()
	all := w.mail.Messages()
	for n := len(all) - 1; n >= 0; n-- {
		if found := linkPattern.FindStringSubmatch(all[n].Text); found != nil && all[n].To[0] == email {
			if !strings.Contains(all[n].HTML, found[1]) {
				w.Errorf("the mail's HTML does not hold %s", found[1])
			}
			return found[1]
		}
	}
	w.Fatalf("no invitation was mailed to %s", email)
	return ""
}

// invite invites as somebody and returns the mailed path.
func (w *world) invite(by account.Person, email string, roles ...plaza.Role) (membership.Invitation, string) {
	w.Helper()
	var i membership.Invitation
	w.must(w.db.Write(as(w.Context(), by), func(tx *db.Tx) (err error) {
		i, err = w.members.Invite(tx, membership.Invitation{Institution: w.body.ID, Email: email, Roles: roles})
		return err
	}))
	return i, w.letterTo(email)
}

func (w *world) responsible(body string) (r membership.Responsible) {
	w.Helper()
	w.read(func(tx *db.Tx) (err error) {
		r, err = w.members.Responsible(tx, body)
		return err
	})
	return r
}

const pdf = "%PDF-1.7\n1 0 obj\n<<>>\nendobj\ntrailer\n<<>>\n%%EOF\n"
