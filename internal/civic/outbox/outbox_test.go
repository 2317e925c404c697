package outbox_test

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/emersion/go-smtp"

	"plaza/internal/base/db"
	"plaza/internal/base/db/dbtest"
	"plaza/internal/base/i18n"
	"plaza/internal/base/job"
	"plaza/internal/base/mail"
	"plaza/internal/base/mail/mailtest"
	"plaza/internal/base/web"
	"plaza/internal/base/web/webtest"
	"plaza/internal/civic/access"
	"plaza/internal/civic/outbox"
	"plaza/internal/civic/privacy"
	"plaza/internal/civic/record"
	"plaza/internal/plaza"
)

// wire is the way to a mail server, which can be cut.
type wire struct {
	addr  string
	cut   atomic.Bool
	dials atomic.Int64
}

func newWire(t *testing.T, to string) *wire {
	t.Helper()
	u, err := url.Parse(to)
	if err != nil {
		t.Fatal(err)
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	w := &wire{addr: l.Addr().String()}
	var open sync.WaitGroup
	t.Cleanup(func() { _ = l.Close(); open.Wait() })
	go func() {
		for {
			in, err := l.Accept()
			if err != nil {
				return
			}
			w.dials.Add(1)
			out, err := net.Dial("tcp", u.Host)
			if err != nil || w.cut.Load() {
				_ = in.Close()
				continue
			}
			open.Go(func() { _, _ = io.Copy(out, in); _ = out.Close() })
			open.Go(func() { _, _ = io.Copy(in, out); _ = in.Close() })
		}
	}()
	return w
}

// sender sends to a server, over a wire if there is one.
func sender(t *testing.T, server *mailtest.Server, w *wire) *mail.Sender {
	t.Helper()
	address := ""
	if server != nil {
		address = server.URL("tls", "none")
	}
	if w != nil {
		u, err := url.Parse(address)
		if err != nil {
			t.Fatal(err)
		}
		u.Host = w.addr
		address = u.String()
	}
	s, err := mail.Open(address)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func plain(t *testing.T, refuse func(to string) *smtp.SMTPError) *mailtest.Server {
	t.Helper()
	return mailtest.Start(t, mailtest.Options{Plain: true, Refuse: refuse})
}

func post(t *testing.T, d *db.DB, list ...outbox.Message) {
	t.Helper()
	if err := d.Write(t.Context(), func(tx *db.Tx) error {
		for _, m := range list {
			if err := outbox.Post(tx, m); err != nil {
				return err
			}
		}
		return nil
	}); err != nil {
		t.Fatal(err)
	}
}

func letters(n int) (list []outbox.Message) {
	for i := range n {
		list = append(list, outbox.Message{Key: fmt.Sprint("carta/", i), Kind: "test", To: fmt.Sprintf("p%d@ejemplo.mx", i), Subject: fmt.Sprint("Carta ", i), Text: "Hola", HTML: "<p>Hola</p>"})
	}
	return list
}

// runner works the outbox's job.
func runner(d *db.DB, o *outbox.Outbox) *job.Runner {
	r := job.NewRunner(d, job.Config{Log: slog.New(slog.DiscardHandler)})
	o.Work(r)
	return r
}

// work does what is due now.
func work(t *testing.T, d *db.DB, o *outbox.Outbox) {
	t.Helper()
	if _, err := runner(d, o).Drain(t.Context()); err != nil {
		t.Fatal(err)
	}
}

func counts(t *testing.T, d *db.DB) (n map[outbox.State]int) {
	t.Helper()
	if err := d.Read(t.Context(), func(tx *db.Tx) (err error) {
		n, err = outbox.Counts(tx)
		return err
	}); err != nil {
		t.Fatal(err)
	}
	return n
}

func all(t *testing.T, d *db.DB) (list []outbox.Mail) {
	t.Helper()
	if err := d.Read(t.Context(), func(tx *db.Tx) (err error) {
		list, err = outbox.List(tx, "", "", 1000)
		return err
	}); err != nil {
		t.Fatal(err)
	}
	return list
}

// once fails the test unless each address has one mail of one Message-ID.
func once(t *testing.T, server *mailtest.Server, n int) {
	t.Helper()
	seen := map[string]int{}
	for _, m := range server.Messages() {
		seen[m.Header.Get("Message-Id")]++
	}
	if len(seen) != n || len(server.Messages()) != n {
		t.Errorf("%d mails with %d Message-IDs arrived, want %d", len(server.Messages()), len(seen), n)
	}
}

func TestMailsGoOverFewConnectionsAndOnceEach(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		server := plain(t, nil)
		w := newWire(t, server.URL())
		o := outbox.New(d, sender(t, server, w))
		post(t, d, letters(60)...)
		post(t, d, letters(60)...) // the same keys
		work(t, d, o)
		once(t, server, 60)
		if n := w.dials.Load(); n < 1 || n > 4 {
			t.Errorf("%d connections for 60 mails, want at most 4", n)
		}
		for _, m := range all(t, d) {
			if m.State != outbox.Sent || m.Text != "" || m.HTML != "" || m.Sent.IsZero() {
				t.Fatalf("%+v, want it sent and its text forgotten", m)
			}
		}
	})
}

func TestTwoNodesDeliverEachMailOnce(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		server := plain(t, nil)
		post(t, d, letters(80)...)
		var nodes sync.WaitGroup
		for range 2 {
			o := outbox.New(d, sender(t, server, nil))
			nodes.Go(func() {
				if err := outbox.DeliverNow(t.Context(), o); err != nil {
					t.Error(err)
				}
			})
		}
		nodes.Wait()
		once(t, server, 80)
	})
}

func TestWhatADeadNodeHadInHandIsTakenUpAgain(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		server := plain(t, nil)
		o := outbox.New(d, sender(t, server, nil))
		post(t, d, letters(3)...)
		if n := outbox.ClaimAndDie(t, d); n != 3 {
			t.Fatalf("claimed %d, want 3", n)
		}
		work(t, d, o)
		once(t, server, 0)
		dbtest.Advance(d, 5*time.Minute)
		work(t, d, o)
		once(t, server, 3)
	})
}

func TestAServerThatIsAwayCostsNoMailAnAttempt(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		server := plain(t, nil)
		w := newWire(t, server.URL())
		o := outbox.New(d, sender(t, server, w))
		w.cut.Store(true)
		post(t, d, letters(20)...)
		r := runner(d, o)
		for range 30 { // half an hour
			if _, err := r.Drain(t.Context()); err != nil {
				t.Fatal(err)
			}
			dbtest.Advance(d, time.Minute)
		}
		for _, m := range all(t, d) {
			if m.State != outbox.Waiting || m.Attempts != 0 {
				t.Fatalf("while the server is away: %+v, want it waiting untried", m)
			}
		}
		w.cut.Store(false)
		dbtest.Advance(d, time.Minute)
		if _, err := r.Drain(t.Context()); err != nil {
			t.Fatal(err)
		}
		once(t, server, 20)
	})
}

func TestAnAddressThatIsRefusedForGoodGetsNothingUntilItIsRevived(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		var refusal atomic.Pointer[smtp.SMTPError]
		server := plain(t, func(string) *smtp.SMTPError { return refusal.Load() })
		o := outbox.New(d, sender(t, server, nil))
		to := outbox.Message{Kind: "test", To: "Nadie@ejemplo.mx", Subject: "Carta", Text: "Hola"}
		refusal.Store(&smtp.SMTPError{Code: 550, EnhancedCode: smtp.EnhancedCode{5, 1, 1}, Message: "no such user"})
		post(t, d, to)
		work(t, d, o)
		refusal.Store(nil)
		post(t, d, to)
		work(t, d, o)
		if n := counts(t, d); n[outbox.Refused] != 1 || n[outbox.Stopped] != 1 || len(server.Messages()) != 0 {
			t.Fatalf("%v, %d arrived; want one refused, one stopped", n, len(server.Messages()))
		}
		if err := d.Write(t.Context(), func(tx *db.Tx) error {
			a, ok, err := outbox.AddressOf(tx, "nadie@ejemplo.mx")
			if err != nil || !ok || a.State != outbox.Bounced || a.Reason != "5.1.1" {
				t.Errorf("AddressOf = %+v, %v, %v", a, ok, err)
			}
			return outbox.Revive(tx, "NADIE@ejemplo.mx")
		}); err != nil {
			t.Fatal(err)
		}
		post(t, d, to)
		work(t, d, o)
		once(t, server, 1)
	})
}

func TestARefusalThatIsNotOfTheAddressLeavesItAlone(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		server := plain(t, func(string) *smtp.SMTPError {
			return &smtp.SMTPError{Code: 550, EnhancedCode: smtp.EnhancedCode{5, 7, 1}, Message: "not from you"}
		})
		post(t, d, letters(1)...)
		work(t, d, outbox.New(d, sender(t, server, nil)))
		if err := d.Read(t.Context(), func(tx *db.Tx) error {
			if list, err := outbox.Addresses(tx, outbox.Address{}, 10); err != nil || len(list) != 0 {
				t.Errorf("Addresses = %v, %v; want none", list, err)
			}
			return nil
		}); err != nil {
			t.Fatal(err)
		}
		if n := counts(t, d); n[outbox.Refused] != 1 {
			t.Errorf("%v, want one refused", n)
		}
	})
}

func TestAMailThatIsPutOffIsTriedLaterAndLaterAndOthersAreNot(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		server := plain(t, func(to string) *smtp.SMTPError {
			if to == "p0@ejemplo.mx" {
				return &smtp.SMTPError{Code: 451, EnhancedCode: smtp.EnhancedCode{4, 7, 1}, Message: "later"}
			}
			return nil
		})
		o := outbox.New(d, sender(t, server, nil))
		post(t, d, letters(10)...)
		work(t, d, o)
		once(t, server, 9)
		r := runner(d, o)
		for range 5 {
			dbtest.Advance(d, time.Minute)
			if _, err := r.Drain(t.Context()); err != nil {
				t.Fatal(err)
			}
		}
		for _, m := range all(t, d) {
			if m.State == outbox.Waiting && m.Attempts != 3 { // after 1, then 2, then 4 minutes
				t.Errorf("after five minutes %d attempts, want 3", m.Attempts)
			}
		}
		dbtest.Advance(d, 6*24*time.Hour)
		if _, err := r.Drain(t.Context()); err != nil {
			t.Fatal(err)
		}
		if n := counts(t, d); n[outbox.Refused] != 1 {
			t.Errorf("after six days: %v, want it given up", n)
		}
	})
}

// desk are the pages about mails as the coordination sees them.
func desk(t *testing.T, o *outbox.Outbox) http.Handler {
	t.Helper()
	shell := webtest.New(t, func(c *web.Config) { c.Authorize = access.Authorize }, outbox.Locale, access.Locale)
	if err := outbox.NewPages(o, "secreto").Mount(shell); err != nil {
		t.Fatal(err)
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		shell.ServeHTTP(w, r.WithContext(plaza.WithActor(r.Context(), coordinator)))
	})
}

var coordinator = plaza.Actor{PersonID: "p1", Pseudonym: "p1", Grants: []plaza.Grant{{Role: plaza.Admin}}}

// recorded are the verbs of the record's entries about mails, and all that they say.
func recorded(t *testing.T, d *db.DB) (verbs, said string) {
	t.Helper()
	if err := d.Read(t.Context(), func(tx *db.Tx) error {
		entries, err := record.Since(tx, record.Filter{Verb: "mail."}, 100)
		for _, e := range entries {
			verbs += strings.TrimPrefix(e.Verb, "mail.") + " "
			said += e.Object.Kind + " " + e.Object.ID + " " + string(e.Payload)
		}
		return err
	}); err != nil {
		t.Fatal(err)
	}
	return strings.TrimSpace(verbs), said
}

func TestWithoutAServerMailsAreKeptToBeReadAndTheirLinksOpen(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		o := outbox.New(d, sender(t, nil, nil))
		post(t, d, outbox.Message{Kind: "account.link_mail", To: "ana@ejemplo.mx", Subject: "Siga <b>", Text: "Abra\nhttps://plaza.example/x?a=1&b=2\n<script>alert(1)</script> javascript:alert(1)"})
		work(t, d, o)
		shell, id := desk(t, o), all(t, d)[0].ID
		list := webtest.Get(t, shell, outbox.Path+"?estado=kept").Body.String()
		for _, want := range []string{"Siga &lt;b&gt;", "Liga para entrar", "a•••@ejemplo.mx", `action="` + outbox.Path + "/" + id + `"`} {
			if !strings.Contains(list, want) {
				t.Errorf("the list does not say %q:\n%s", want, list)
			}
		}
		page := webtest.Get(t, shell, outbox.Path+"/"+id).Body.String()
		if strings.Contains(list+page, "plaza.example/x") || strings.Contains(list+page, "ana@ejemplo.mx") {
			t.Error("the mail is shown to who did not ask to read it")
		}
		if verbs, _ := recorded(t, d); verbs != "" {
			t.Errorf("looking at the list leaves %q in the record", verbs)
		}
		body := webtest.Post(t, shell, outbox.Path+"/"+id, url.Values{}).Body.String()
		if !strings.Contains(body, `<a href="https://plaza.example/x?a=1&amp;b=2" rel="nofollow noreferrer">`) || !strings.Contains(body, "ana@ejemplo.mx") ||
			strings.Contains(body, "<script>alert") || strings.Contains(body, `href="javascript`) {
			t.Errorf("the mail is not shown as safe text with its links:\n%s", body)
		}
		if res := webtest.Post(t, shell, outbox.Path+"/"+id+"/detener", url.Values{}); res.Code != http.StatusConflict {
			t.Errorf("stopping a mail that is kept: %d, want 409", res.Code)
		}
		server := plain(t, nil)
		if res := webtest.Post(t, shell, outbox.Path+"/"+id+"/reintentar", url.Values{}); res.Code != http.StatusSeeOther {
			t.Fatalf("sending it now: %d", res.Code)
		}
		work(t, d, outbox.New(d, sender(t, server, nil)))
		once(t, server, 1)
		if res := webtest.Post(t, shell, outbox.Path+"/"+id, url.Values{}); res.Code != http.StatusConflict || strings.Contains(res.Body.String(), "Abra") {
			t.Errorf("reading a mail that was sent: %d, want 409", res.Code)
		}
		for _, method := range []func() *httptest.ResponseRecorder{
			func() *httptest.ResponseRecorder { return webtest.Get(t, shell, outbox.Path+"/nada") },
			func() *httptest.ResponseRecorder { return webtest.Post(t, shell, outbox.Path+"/nada", url.Values{}) },
		} {
			if res := method(); res.Code != http.StatusNotFound {
				t.Errorf("a mail that there is not: %d", res.Code)
			}
		}
		verbs, said := recorded(t, d)
		if verbs != "read retried" {
			t.Errorf("the record has %q, want read and retried", verbs)
		}
		if strings.Contains(said, "ana") || strings.Contains(said, "Siga") || strings.Contains(said, "plaza.example") {
			t.Errorf("the record says whose mail it was: %s", said)
		}
	})
}

func TestNobodyReadsAMailWithoutLeavingATrace(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		o := outbox.New(d, sender(t, nil, nil))
		post(t, d, letters(1)...)
		work(t, d, o)
		id := all(t, d)[0].ID
		for name, actor := range map[string]plaza.Actor{"a visitor": {}, "a moderator": {PersonID: "m", Grants: []plaza.Grant{{Role: plaza.Moderator}}}} {
			err := d.Write(plaza.WithActor(t.Context(), actor), func(tx *db.Tx) error {
				m, err := outbox.Read(tx, id)
				if m.Text != "" {
					t.Errorf("%s got the text", name)
				}
				return err
			})
			if err == nil {
				t.Errorf("%s read a mail", name)
			}
		}
		if err := d.Read(plaza.WithActor(t.Context(), coordinator), func(tx *db.Tx) error { _, err := outbox.Read(tx, id); return err }); err == nil {
			t.Error("a mail was read where nothing can be written down")
		}
	})
}

func TestMailsAreForgottenAfterThirtyDays(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		o := outbox.New(d, sender(t, nil, nil))
		post(t, d, letters(3)...)
		work(t, d, o)
		h := outbox.Holding()
		expire := func() (n int) {
			t.Helper()
			if err := d.Write(t.Context(), func(tx *db.Tx) (err error) {
				n, err = h.Expire(tx)
				return err
			}); err != nil {
				t.Fatal(err)
			}
			return n
		}
		if n := expire(); n != 0 {
			t.Errorf("%d forgotten at once", n)
		}
		dbtest.Advance(d, 31*24*time.Hour)
		if n := expire(); n != 3 {
			t.Errorf("%d forgotten after 31 days, want 3", n)
		}
	})
}

func TestTheTextOfAMailIsKeptUntilItLeavesAndNothingOfItAfterThirtyDays(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		post(t, d, letters(len(outbox.States))...)
		if err := d.Write(t.Context(), func(tx *db.Tx) error {
			for i, m := range all(t, d) {
				if _, err := tx.Exec(`UPDATE outbox SET state = $1 WHERE id = $2`, string(outbox.States[i]), m.ID); err != nil {
					return err
				}
			}
			return nil
		}); err != nil {
			t.Fatal(err)
		}
		dbtest.Advance(d, 29*24*time.Hour)
		forget := func() (n int) {
			t.Helper()
			if err := d.Write(t.Context(), func(tx *db.Tx) (err error) {
				n, err = outbox.Holding().Expire(tx)
				return err
			}); err != nil {
				t.Fatal(err)
			}
			return n
		}
		if n := forget(); n != 0 {
			t.Errorf("%d forgotten after 29 days", n)
		}
		dbtest.Advance(d, 2*24*time.Hour)
		if n := forget(); n != len(outbox.States) || len(all(t, d)) != 0 {
			t.Errorf("%d of %d forgotten after 31 days", n, len(outbox.States))
		}
	})
}

func TestTheNoticeOfPrivacySaysHowLongAMailIsKeptAndWhoReadsIt(t *testing.T) {
	bundle, err := i18n.New(web.Locale, access.Locale, privacy.Locale, outbox.Locale)
	if err != nil {
		t.Fatal(err)
	}
	for lang, words := range map[string][]string{i18n.Spanish: {"30 días", "hasta que el servidor de correo lo recibe", "coordinación de la plataforma"},
		i18n.English: {"30 days", "until the mail server has it", "coordination of the platform"}} {
		row := privacy.Registry{outbox.Holding()}.Tables(bundle.Printer(lang))[0].Rows[0]
		for _, w := range words {
			if !strings.Contains(row.Keep, w) {
				t.Errorf("%s: %q does not say %q", lang, row.Keep, w)
			}
		}
	}
	if days := outbox.Holding().Data[0].Keep; days != 30*24*time.Hour {
		t.Errorf("mails are kept for %v: the words say 30 days", days)
	}
	admin := plaza.Actor{PersonID: "a", Grants: []plaza.Grant{{Role: plaza.Admin}}}
	moderator := plaza.Actor{PersonID: "m", Grants: []plaza.Grant{{Role: plaza.Moderator}}}
	if !access.Can(admin, access.MailSee, access.Object{}) || access.Can(moderator, access.MailSee, access.Object{}) {
		t.Error("who reads mails is not whom the words name")
	}
}

// report posts a report with a token.
func report(t *testing.T, h http.Handler, token, body string) int {
	t.Helper()
	r := httptest.NewRequestWithContext(context.Background(), http.MethodPost, outbox.BouncePath, strings.NewReader(body))
	r.Header.Set("Content-Type", "message/rfc822")
	r.RemoteAddr = "127.0.0.1:49152"
	if token != "" {
		r.Header.Set("Authorization", "Bearer "+token)
	}
	return webtest.Do(h, r).Code
}

func TestReportsOfMailServersStopAddresses(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		server := plain(t, nil)
		o := outbox.New(d, sender(t, server, nil))
		post(t, d, letters(6)...)
		work(t, d, o)
		ids := map[string]string{}
		for _, m := range server.Messages() {
			ids[m.To[0]] = m.Header.Get("Message-Id")
		}
		shell := webtest.New(t, nil, outbox.Locale)
		if err := outbox.NewPages(o, "secreto").Mount(shell); err != nil {
			t.Fatal(err)
		}
		for _, c := range []struct {
			name, token, body string
			status            int
			stopped           string
		}{
			{"without the token", "", dsn(ids["p0@ejemplo.mx"], "otra@ejemplo.mx", "failed", "5.1.1"), 404, ""},
			{"with another token", "no", dsn(ids["p0@ejemplo.mx"], "otra@ejemplo.mx", "failed", "5.1.1"), 404, ""},
			{"no report", "secreto", "Subject: hola\r\n\r\nhola", 422, ""},
			{"nothing", "secreto", "", 422, ""},
			{"a delay", "secreto", dsn(ids["p0@ejemplo.mx"], "p0@ejemplo.mx", "delayed", "4.4.1"), 204, ""},
			{"a full mailbox", "secreto", dsn(ids["p0@ejemplo.mx"], "p0@ejemplo.mx", "failed", "5.2.2"), 204, ""},
			{"a mail that is not ours", "secreto", dsn("<x@otro.mx>", "ajena@otro.mx", "failed", "5.1.1"), 204, ""},
			{"by Message-ID, after forwarding", "secreto", dsn(ids["p1@ejemplo.mx"], "reenvio@otro.mx", "failed", "5.1.1"), 204, "p1@ejemplo.mx"},
			{"by recipient", "secreto", dsn("", "p2@ejemplo.mx", "failed", "5.1.10"), 204, "p2@ejemplo.mx"},
			{"a complaint", "secreto", complaint(ids["p3@ejemplo.mx"]), 204, "p3@ejemplo.mx"},
		} {
			before := marked(t, d)
			if got := report(t, shell, c.token, c.body); got != c.status {
				t.Errorf("%s: %d, want %d", c.name, got, c.status)
			}
			got := ""
			for a := range marked(t, d) {
				if !before[a] {
					got = a
				}
			}
			if got != c.stopped {
				t.Errorf("%s: stopped %q, want %q", c.name, got, c.stopped)
			}
		}
	})
}

func marked(t *testing.T, d *db.DB) map[string]bool {
	t.Helper()
	out := map[string]bool{}
	if err := d.Read(t.Context(), func(tx *db.Tx) error {
		list, err := outbox.Addresses(tx, outbox.Address{}, 100)
		for _, a := range list {
			out[a.Address] = true
		}
		return err
	}); err != nil {
		t.Fatal(err)
	}
	return out
}

// dsn is a report as RFC 3464 has it.
func dsn(messageID, recipient, action, status string) string {
	return strings.ReplaceAll(`From: MAILER-DAEMON@correo.mx
To: plaza@ejemplo.mx
Subject: Undelivered
MIME-Version: 1.0
Content-Type: multipart/report; report-type=delivery-status; boundary="x"

--x
Content-Type: text/plain

It did not arrive.

--x
Content-Type: message/delivery-status

Reporting-MTA: dns; correo.mx
Arrival-Date: Mon, 23 Nov 2026 09:00:00 -0600

Original-Recipient: rfc822;`+recipient+`
Final-Recipient: rfc822; `+recipient+`
Action: `+action+`
Status: `+status+`

--x
Content-Type: text/rfc822-headers

Message-ID: `+messageID+`
Subject: Carta

--x--
`, "\n", "\r\n")
}

// complaint is a report as RFC 5965 has it.
func complaint(messageID string) string {
	return strings.ReplaceAll(`From: abuse@correo.mx
Content-Type: multipart/report; report-type=feedback-report; boundary="x"

--x
Content-Type: message/feedback-report

Feedback-Type: abuse
User-Agent: correo/1
Version: 1

--x
Content-Type: message/rfc822

Message-ID: `+messageID+`
Subject: Carta

Hola
--x--
`, "\n", "\r\n")
}

func FuzzParseReport(f *testing.F) {
	f.Add(dsn("<a@b>", "a@b.mx", "failed", "5.1.1"))
	f.Add(complaint("<a@b>"))
	f.Fuzz(func(t *testing.T, text string) {
		_, err := outbox.ParseReport(strings.NewReader(text))
		if err != nil && plaza.KindOf(err) != plaza.Invalid {
			t.Errorf("%v, want Invalid", err)
		}
	})
}
