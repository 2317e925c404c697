package webhook_test

import (
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"plaza/internal/base/db"
	"plaza/internal/base/db/dbtest"
	"plaza/internal/base/fetch"
	"plaza/internal/base/secret"
	"plaza/internal/base/web"
	"plaza/internal/base/web/webtest"
	"plaza/internal/civic/access"
	"plaza/internal/civic/account"
	"plaza/internal/civic/institution"
	"plaza/internal/civic/institution/institutiontest"
	"plaza/internal/civic/record"
	"plaza/internal/civic/webhook"
	"plaza/internal/plaza"
)

// The signature is what openssl makes of the same bytes:
//
//	printf 'ID.1614265330.BODY' | openssl dgst -sha256 -mac HMAC -macopt hexkey:KEY -binary | base64
func TestASignatureIsThatOfStandardWebhooks(t *testing.T) {
	got := webhook.Sign("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", "msg_p5jXN8AQM9LWM0D4loKWxJek", time.Unix(1614265330, 0), `{"test": 2432232314}`)
	if got != signed {
		t.Errorf("it is %s, want %s", got, signed)
	}
}

const signed = "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="

// got is what a receiver got.
type got struct {
	ID, Body string
	Genuine  bool
}

// receiver is an institution's system.
type receiver struct {
	*httptest.Server
	mu     sync.Mutex
	secret string
	status int
	all    []got
}

func (r *receiver) ServeHTTP(w http.ResponseWriter, req *http.Request) {
	r.mu.Lock()
	defer r.mu.Unlock()
	raw, _ := io.ReadAll(req.Body)
	h := req.Header
	at := h.Get("webhook-timestamp")
	var sec int64
	_ = json.Unmarshal([]byte(at), &sec)
	r.all = append(r.all, got{h.Get("webhook-id"), string(raw),
		h.Get("webhook-signature") == webhook.Sign(r.secret, h.Get("webhook-id"), time.Unix(sec, 0), string(raw))})
	w.WriteHeader(r.status)
}

// world is an institution with a system of its own, and another one.
type world struct {
	*institutiontest.World
	db     *db.DB
	hooks  *webhook.Hooks
	shell  *web.Shell
	salud  institution.Institution
	other  institution.Institution
	enlace account.Person
	ajena  account.Person
	there  *receiver
	hidden bool
}

func worlds(t *testing.T, f func(w *world)) {
	t.Helper()
	dbtest.Each(t, func(t *testing.T, d *db.DB) { f(newWorld(t, d)) })
}

func newWorld(t *testing.T, d *db.DB) *world {
	t.Helper()
	w := &world{World: institutiontest.New(t, d), db: d, there: &receiver{status: http.StatusOK}}
	w.there.Server = httptest.NewServer(w.there)
	t.Cleanup(w.there.Close)
	w.Populate()
	w.salud, w.other, w.enlace, w.ajena = w.Salud, w.Lerma, w.Enlace, w.Ajena
	w.hooks = webhook.New(webhook.Config{DB: d, Seal: secret.NewSealer(make([]byte, 32)),
		Client: fetch.New(fetch.Config{Allow: []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")}, Interval: -1}),
		Describe: func(_ *db.Tx, e record.Entry) (map[string]any, bool, error) {
			return map[string]any{"folio": e.Object.ID}, !w.hidden, nil
		}})
	w.shell = webtest.New(t, func(c *web.Config) { c.Now, c.Authorize = d.Now, access.Authorize },
		webhook.Locale, access.Locale, account.Locale, institution.Locale, db.Locale, record.Locale, fetch.Locale)
	if err := w.hooks.Mount(w.shell, institution.NewOffice(d, w.shell)); err != nil {
		t.Fatal(err)
	}
	return w
}

func (w *world) as(p account.Person, fn func(tx *db.Tx) error) { w.Helper(); w.As(p, fn) }

func (w *world) read(fn func(tx *db.Tx) error) { w.Helper(); w.Read(fn) }

// connect makes a hook to the receiver.
func (w *world) connect() (h webhook.Hook) {
	w.Helper()
	w.as(w.enlace, func(tx *db.Tx) (err error) {
		h, w.there.secret, err = w.hooks.Add(tx, w.salud.ID, webhook.Form{URL: w.there.URL, Events: []string{"case"}})
		return err
	})
	return h
}

// happens writes an entry of the record.
func (w *world) happens(verb, folio, body string) {
	w.Helper()
	w.as(account.Person{}, func(tx *db.Tx) error {
		return record.Append(tx, record.Act{Verb: verb, Object: plaza.Ref{Kind: "case", ID: folio}, Institution: body})
	})
}

// work reads the record and sends what is due, and returns how much arrived since.
func (w *world) work() []got {
	w.Helper()
	ctx := plaza.WithActor(w.Context(), plaza.SystemActor)
	if err := w.hooks.Read(ctx); err != nil {
		w.Fatal(err)
	}
	if err := w.hooks.Send(ctx); err != nil {
		w.Fatal(err)
	}
	all := w.there.all
	w.there.all = nil
	return all
}

// request sends something as a person.
func (w *world) request(p account.Person, method, path string, form url.Values) *httptest.ResponseRecorder {
	w.Helper()
	r := httptest.NewRequest(method, "https://plaza.test"+path, strings.NewReader(form.Encode()))
	if form != nil {
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	r = r.WithContext(plaza.WithActor(r.Context(), p.Actor()))
	rec := httptest.NewRecorder()
	w.shell.ServeHTTP(rec, r)
	return rec
}

func TestAnInstitutionsSystemIsToldOfItsOwnOnceAndSigned(t *testing.T) {
	worlds(t, func(w *world) {
		w.happens("case.opened", "antes", w.salud.ID)
		dbtest.Advance(w.db, time.Minute)
		w.connect()
		w.happens("case.opened", "F-1", w.salud.ID)
		w.happens("case.opened", "ajeno", w.other.ID)
		w.happens("comment.published", "otra clase", w.salud.ID)
		all := w.work()
		if len(all) != 1 || !all[0].Genuine || !strings.Contains(all[0].Body, `"folio":"F-1"`) || !strings.Contains(all[0].Body, `"type":"case.opened"`) {
			t.Fatalf("it got %+v", all)
		}
		if again := w.work(); len(again) != 0 {
			t.Errorf("it got it again: %+v", again)
		}
		w.hidden = true
		w.happens("case.answered", "F-1", w.salud.ID)
		if all := w.work(); len(all) != 0 {
			t.Errorf("of what is hidden it got %+v", all)
		}
	})
}

func TestWhatDoesNotArriveIsSentAgainWithTheSameIDAndBody(t *testing.T) {
	worlds(t, func(w *world) {
		h := w.connect()
		w.there.status = http.StatusInternalServerError
		w.happens("case.opened", "F-1", w.salud.ID)
		first := w.work()
		if len(first) != 1 {
			t.Fatalf("it got %+v", first)
		}
		for _, wait := range []time.Duration{5 * time.Second, 5 * time.Minute, 30 * time.Minute} {
			dbtest.Advance(w.db, wait-time.Millisecond)
			if early := w.work(); len(early) != 0 {
				t.Errorf("%s are not over, and it got %+v", wait, early)
			}
			dbtest.Advance(w.db, time.Millisecond)
			if again := w.work(); len(again) != 1 || again[0] != first[0] {
				t.Errorf("after %s it got %+v, want %+v", wait, again, first)
			}
		}
		w.there.status = http.StatusNoContent
		dbtest.Advance(w.db, 2*time.Hour)
		if last := w.work(); len(last) != 1 || !last[0].Genuine {
			t.Errorf("it got %+v", last)
		}
		w.read(func(tx *db.Tx) error {
			all, err := webhook.Deliveries(tx, h.ID, 10)
			if len(all) != 1 || all[0].State != webhook.Arrived || all[0].Attempts != 5 {
				t.Errorf("the message is %+v", all)
			}
			return err
		})
		w.as(w.enlace, func(tx *db.Tx) error {
			all, err := webhook.Deliveries(tx, h.ID, 1)
			if err != nil {
				return err
			}
			return w.hooks.Replay(tx, w.salud.ID, h.ID, all[0].ID)
		})
		if again := w.work(); len(again) != 1 || again[0].ID != first[0].ID || again[0].Body != first[0].Body {
			t.Errorf("replayed, it got %+v", again)
		}
	})
}

func TestAHookAtWhichNothingArrivesStops(t *testing.T) {
	for status, days := range map[int]int{http.StatusGone: 0, http.StatusBadGateway: 5} {
		worlds(t, func(w *world) {
			h := w.connect()
			w.there.status = status
			for day := range days + 1 {
				w.read(func(tx *db.Tx) error {
					all, err := webhook.Of(tx, w.salud.ID)
					if all[0].State != webhook.Active {
						t.Errorf("%d: on day %d it is %s", status, day, all[0].State)
					}
					return err
				})
				w.happens("case.opened", string(rune('a'+day)), w.salud.ID)
				w.work()
				dbtest.Advance(w.db, 24*time.Hour)
			}
			w.read(func(tx *db.Tx) error {
				all, err := webhook.Of(tx, w.salud.ID)
				if all[0].State != webhook.Failing {
					t.Errorf("%d: in the end it is %s", status, all[0].State)
				}
				last, err2 := record.Latest(tx, record.Filter{Object: plaza.Ref{Kind: webhook.Kind, ID: h.ID}}, 1)
				if err2 != nil || last[0].Verb != "hook.failing" {
					t.Errorf("%d: the record says %+v (%v)", status, last, err2)
				}
				return err
			})
			w.there.status = http.StatusOK
			w.as(w.enlace, func(tx *db.Tx) error { return w.hooks.Set(tx, w.salud.ID, h.ID, webhook.Active) })
			if all := w.work(); len(all) == 0 {
				t.Errorf("%d: resumed, nothing that waits is sent", status)
			}
		})
	}
}

var shown = regexp.MustCompile(`whsec_[A-Za-z0-9+/=]+`)

func TestItsPagesAreForTheInstitutionsLiaisonAndShowTheSecretOnce(t *testing.T) {
	worlds(t, func(w *world) {
		base := "/gestion/salud/conexiones"
		if rec := w.request(w.ajena, http.MethodGet, base, nil); rec.Code != http.StatusForbidden {
			t.Errorf("another's liaison sees them: %d", rec.Code)
		}
		rec := w.request(w.enlace, http.MethodPost, base, url.Values{"url": {w.there.URL}, "eventos": {"case", "comment"}})
		w.there.secret = strings.ReplaceAll(shown.FindString(rec.Body.String()), "&#43;", "+")
		if rec.Code != http.StatusOK || w.there.secret == "" {
			t.Fatalf("adding: %d", rec.Code)
		}
		var id string
		w.read(func(tx *db.Tx) error {
			all, err := webhook.Of(tx, w.salud.ID)
			id = all[0].ID
			return err
		})
		one := base + "/" + id
		if body := w.request(w.enlace, http.MethodGet, one, nil).Body.String(); shown.MatchString(body) {
			t.Error("the secret is shown again")
		}
		for _, do := range []string{"probar", "pausar", "reanudar", "renovar"} {
			if rec := w.request(w.ajena, http.MethodPost, "/gestion/lerma/conexiones/"+id, url.Values{"hacer": {do}}); rec.Code != http.StatusNotFound {
				t.Errorf("another's liaison does %s to it: %d", do, rec.Code)
			}
			rec := w.request(w.enlace, http.MethodPost, one, url.Values{"hacer": {do}})
			if do == "renovar" {
				w.there.secret = shown.FindString(rec.Body.String())
			} else if rec.Code != http.StatusSeeOther {
				t.Errorf("%s: %d", do, rec.Code)
			}
		}
		if all := w.work(); len(all) != 1 || !strings.Contains(all[0].Body, "hook.tested") {
			t.Errorf("the test that arrived is %+v", all)
		}
		for _, c := range []struct {
			form url.Values
			at   string
		}{
			{url.Values{"url": {"ftp://x.mx"}, "eventos": {"case"}}, "url"}, {url.Values{"url": {"https://169.254.169.254/x"}, "eventos": {"case"}}, "url"},
			{url.Values{"url": {""}, "eventos": {"case"}}, "url"}, {url.Values{"url": {w.there.URL}, "eventos": {"person"}}, "eventos"},
		} {
			rec := w.request(w.enlace, http.MethodPost, base, c.form)
			if rec.Code != http.StatusUnprocessableEntity || !strings.Contains(rec.Body.String(), `campo-`+c.at+`-error`) {
				t.Errorf("%v: %d", c.form, rec.Code)
			}
		}
		if rec := w.request(w.enlace, http.MethodPost, one, url.Values{"hacer": {"quitar"}}); rec.Code != http.StatusSeeOther {
			t.Errorf("dropping: %d", rec.Code)
		}
		w.read(func(tx *db.Tx) error {
			all, err := record.Since(tx, record.Filter{Verb: "hook."}, 20)
			var verbs []string
			for _, e := range all {
				verbs = append(verbs, e.Verb)
				if strings.Contains(string(e.Payload), "127.0.0.1") {
					t.Errorf("the record says where it leads: %s", e.Payload)
				}
			}
			if want := []string{"hook.added", "hook.tested", "hook.paused", "hook.resumed", "hook.renewed", "hook.dropped"}; !slices.Equal(verbs, want) {
				t.Errorf("the record says %v, want %v", verbs, want)
			}
			return err
		})
	})
}
