package follow_test

import (
	"context"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"plaza/internal/base/api"
	"plaza/internal/base/db"
	"plaza/internal/base/i18n"
	"plaza/internal/base/job"
	"plaza/internal/base/mail"
	"plaza/internal/base/mail/mailtest"
	"plaza/internal/base/web"
	"plaza/internal/base/web/webtest"
	"plaza/internal/civic/access"
	"plaza/internal/civic/account"
	"plaza/internal/civic/follow"
	"plaza/internal/civic/gate"
	"plaza/internal/civic/outbox"
	"plaza/internal/civic/privacy"
	"plaza/internal/civic/record"
	"plaza/internal/civic/search"
	"plaza/internal/plaza"
)

const base = "https://plaza.example"

var (
	air    = plaza.Ref{Kind: "dataset", ID: "aire"}
	health = plaza.Ref{Kind: "institution", ID: "salud"}
	theme  = plaza.Ref{Kind: "theme", ID: "Medio ambiente"}
)

// cards know every dataset, all of one institution and theme, and hide "oculto".
func cards(_ *db.Tx, refs []plaza.Ref) (map[plaza.Ref]plaza.Card, error) {
	out := map[plaza.Ref]plaza.Card{}
	for _, r := range refs {
		c := plaza.Card{Ref: r, Title: "Título de " + r.ID, Path: "/" + r.Kind + "/" + url.PathEscape(r.ID), Visible: r.ID != "oculto"}
		if r.Kind == "dataset" {
			c.Institution, c.Within = health.ID, []plaza.Ref{health, theme}
		}
		if r.Kind != "person" {
			out[r] = c
		}
	}
	return out, nil
}

// world is an installation in which datasets are followed.
type world struct {
	*testing.T
	db       *db.DB
	follow   *follow.Service
	outbox   *outbox.Outbox
	runner   *job.Runner
	shell    *web.Shell
	mails    *mailtest.Server
	accounts map[string]account.Person
}

func newWorld(t *testing.T, d *db.DB, smtp string, audiences ...record.Audiences) *world {
	t.Helper()
	w := &world{T: t, db: d, accounts: map[string]account.Person{}}
	if smtp == "" {
		w.mails = mailtest.Start(t, mailtest.Options{Plain: true})
		smtp = w.mails.URL("tls", "none")
	}
	sender, err := mail.Open(smtp)
	if err != nil {
		t.Fatal(err)
	}
	w.outbox = outbox.New(d, sender)
	key := []byte("una clave de prueba, de 32 bytes")
	bundle, err := i18n.New(web.Locale, access.Locale, account.Locale, api.Locale, follow.Locale, gate.Locale, privacy.Locale, record.Locale, outbox.Locale)
	if err != nil {
		t.Fatal(err)
	}
	w.follow = follow.New(follow.Config{
		DB: d, Key: key, BaseURL: base, Bundle: bundle, Gate: gate.New(key), Search: search.New(), Cards: cards,
		SavedID: func(q string) string { return strings.TrimSpace(q) },
		Saved: func(*db.Tx) (func(string) search.Query, error) {
			return func(id string) search.Query { return search.Query{Text: id} }, nil
		},
		Audiences: audiences, Log: slog.New(slog.DiscardHandler),
	})
	w.runner = job.NewRunner(d, job.Config{Log: slog.New(slog.DiscardHandler)})
	w.follow.Work(w.runner)
	w.outbox.Work(w.runner)
	w.shell, err = web.New(web.Config{
		BaseURL: base, Bundle: bundle, Now: d.Now, Log: slog.New(slog.DiscardHandler),
		SessionCookie: "quien", Authorize: access.Authorize,
		Authenticate: func(r *http.Request) (context.Context, error) {
			c, err := r.Cookie("quien")
			if err != nil {
				return r.Context(), nil //nolint:nilerr // a visitor
			}
			return plaza.WithActor(r.Context(), w.accounts[c.Value].Actor()), nil
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	if err := w.follow.Mount(w.shell); err != nil {
		t.Fatal(err)
	}
	return w
}

func (w *world) write(actor plaza.Actor, f func(tx *db.Tx) error) {
	w.Helper()
	if err := w.db.Write(plaza.WithActor(w.Context(), actor), f); err != nil {
		w.Fatal(err)
	}
}

// person makes an account, ana@ejemplo.mx for "ana".
func (w *world) person(name string) account.Person {
	w.Helper()
	w.write(plaza.SystemActor, func(tx *db.Tx) (err error) {
		w.accounts[name], err = account.Create(tx, account.New{Email: name + "@ejemplo.mx", Name: name})
		return err
	})
	return w.accounts[name]
}

// follows makes a person follow something.
func (w *world) follows(name string, object plaza.Ref, c follow.Choice) {
	w.Helper()
	if _, ok := w.accounts[name]; !ok {
		w.person(name)
	}
	w.write(w.accounts[name].Actor(), func(tx *db.Tx) error {
		_, err := follow.Put(tx, object, c)
		return err
	})
}

// happens writes to the record that something happened to a dataset.
func (w *world) happens(verb string, object plaza.Ref) {
	w.Helper()
	w.happensBy(plaza.SystemActor, verb, object)
}

func (w *world) happensBy(actor plaza.Actor, verb string, object plaza.Ref) {
	w.Helper()
	w.write(actor, func(tx *db.Tx) error {
		return record.Append(tx, record.Act{Verb: verb, Object: object, Institution: health.ID})
	})
}

// work does all that is due: telling, and bringing mails to the server.
func (w *world) work() {
	w.Helper()
	w.write(plaza.SystemActor, func(tx *db.Tx) error {
		_, _, err := job.Enqueue(tx, follow.Tell{}, job.Options{Unique: follow.Tell{}.Kind()})
		return err
	})
	if _, err := w.runner.Drain(w.Context()); err != nil {
		w.Fatal(err)
	}
}

// arrived are the mails that have come since they were last looked at.
func (w *world) arrived(seen *int) []mailtest.Message {
	list := w.mails.Messages()
	fresh := list[*seen:]
	*seen = len(list)
	return fresh
}

// told lists who has notices, as "name: verb", in order.
func (w *world) told() (out []string) {
	w.Helper()
	names := map[string]string{}
	for n, p := range w.accounts {
		names[p.ID] = n
	}
	if err := w.db.Read(w.Context(), func(tx *db.Tx) (err error) {
		out, err = db.All(tx, func(scan func(...any) error) (string, error) {
			var id, verb string
			err := scan(&id, &verb)
			return names[id] + ": " + verb, err
		}, `SELECT n.recipient, e.verb FROM notices n JOIN record_entries e ON e.seq = n.seq`)
		return err
	}); err != nil {
		w.Fatal(err)
	}
	slices.Sort(out)
	return out
}

// as asks the shell for a page as somebody, "" for a visitor.
func (w *world) as(name, method, path string, form url.Values) *httptest.ResponseRecorder {
	w.Helper()
	var body io.Reader
	if form != nil {
		body = strings.NewReader(form.Encode())
	}
	r := httptest.NewRequestWithContext(w.Context(), method, strings.TrimPrefix(path, base), body)
	r.RemoteAddr = "127.0.0.1:49152"
	if form != nil {
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	if name != "" {
		r.AddCookie(&http.Cookie{Name: "quien", Value: name})
	}
	return webtest.Do(w.shell, r)
}

// linkIn is the first address of a mail that a pattern finds.
func (w *world) linkIn(m mailtest.Message, pattern string) string {
	w.Helper()
	found := regexp.MustCompile(regexp.QuoteMeta(base) + pattern).FindString(m.Text)
	if found == "" {
		w.Fatalf("no %s in the mail:\n%s", pattern, m.Text)
	}
	return found
}

// next moves the clock to eight o'clock of the next day (Mexico City, UTC-6).
func (w *world) nextMorning() {
	w.Helper()
	now := w.db.Now()
	next := time.Date(now.Year(), now.Month(), now.Day(), 14, 0, 1, 0, time.UTC)
	if !next.After(now) {
		next = next.Add(24 * time.Hour)
	}
	w.db.Clock().Set(next)
	w.work()
}
