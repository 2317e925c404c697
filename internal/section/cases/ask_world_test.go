package cases_test

import (
	"archive/zip"
	"bytes"
	"mime/multipart"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/PuerkitoBio/goquery"

	"plaza/internal/base/blob"
	"plaza/internal/base/db"
	"plaza/internal/base/db/dbtest"
	"plaza/internal/base/i18n"
	"plaza/internal/base/image"
	"plaza/internal/base/web"
	"plaza/internal/base/web/webtest"
	"plaza/internal/civic/access"
	"plaza/internal/civic/account"
	"plaza/internal/civic/calendar"
	"plaza/internal/civic/gate"
	"plaza/internal/civic/institution"
	"plaza/internal/civic/membership"
	"plaza/internal/civic/moderation"
	"plaza/internal/civic/outbox"
	"plaza/internal/civic/privacy"
	"plaza/internal/civic/record"
	"plaza/internal/civic/search"
	"plaza/internal/plaza"
	"plaza/internal/section/cases"
)

// asked is a world with the pages of asking.
type asked struct {
	*world
	shell  *web.Shell
	blob   blob.Store
	engine *search.Engine
	hold   string // a word for which moderation holds what it is in
	vacant map[string]membership.Responsible
	cookie string // of who asks for the next page
	held   []plaza.Ref
}

const (
	setID  = "11111111-1111-7111-8111-111111111111"
	fileID = "22222222-2222-7222-8222-222222222222"
	goneID = "33333333-3333-7333-8333-333333333333"
)

func (w *asked) Screen(_ *db.Tx, d moderation.Draft) (moderation.Verdict, error) {
	return moderation.Verdict{Hold: w.hold != "" && strings.Contains(d.Text, w.hold), Why: []string{"word"}}, nil
}

func (w *asked) Hold(_ *db.Tx, post plaza.Ref, _ string, _ moderation.Verdict) error {
	w.held = append(w.held, post)
	return nil
}

// cards know a dataset of salud, its resource, one that is tombstoned, and institutions.
func (w *asked) cards(tx *db.Tx, refs []plaza.Ref) (map[plaza.Ref]plaza.Card, error) {
	out := map[plaza.Ref]plaza.Card{}
	of := []plaza.Ref{w.salud.Ref(), {Kind: "theme", ID: "Salud"}}
	for _, r := range refs {
		switch r {
		case plaza.Ref{Kind: "dataset", ID: setID}:
			out[r] = plaza.Card{Ref: r, Title: "Camas de hospital", Path: "/datos/camas", Institution: w.salud.ID, Visible: true, Language: "es", Within: of}
		case plaza.Ref{Kind: "resource", ID: fileID}:
			out[r] = plaza.Card{Ref: r, Title: "Camas de hospital", Path: "/datos/camas/recursos/1", Institution: w.salud.ID, Visible: true, Language: "es",
				Within: append([]plaza.Ref{{Kind: "dataset", ID: setID}}, of...)}
		case plaza.Ref{Kind: "dataset", ID: goneID}:
			out[r] = plaza.Card{Ref: r, Title: "Lo que ya no está", Path: "/datos/antes", Institution: w.salud.ID, Unavailable: true, Language: "es"}
		case w.salud.Ref():
			out[r] = plaza.Card{Ref: r, Title: w.salud.Name, Path: w.salud.Path(), Institution: w.salud.ID, Visible: true, Language: "es"}
		}
	}
	return out, nil
}

func asking(t *testing.T, f func(w *asked)) {
	t.Helper()
	dbtest.Each(t, func(t *testing.T, d *db.DB) { f(newAsked(t, d)) })
}

func newAsked(t *testing.T, d *db.DB) *asked {
	t.Helper()
	w := &asked{world: newWorld(t, d), engine: search.New(), vacant: map[string]membership.Responsible{}}
	var err error
	if w.blob, err = blob.Open(t.Context(), "file://"+t.TempDir()); err != nil {
		t.Fatal(err)
	}
	bundle, err := i18n.New(web.Locale, cases.Locale, access.Locale, account.Locale, institution.Locale, gate.Locale, privacy.Locale, db.Locale,
		record.Locale, calendar.Locale, membership.Locale, image.Locale, blob.Locale, moderation.Locale, search.Locale, outbox.Locale)
	if err != nil {
		t.Fatal(err)
	}
	w.cases = cases.New(cases.Config{DB: d, Key: []byte("otra clave de prueba, de 32 bytes"), BaseURL: webtest.Base, Bundle: bundle,
		Gate: gate.New([]byte("una clave de prueba, de 32 bytes")), Blob: w.blob, Search: w.engine, Cards: w.cards, Screen: w,
		Responsible: func(_ *db.Tx, body string) (membership.Responsible, error) {
			if r, ok := w.vacant[body]; ok {
				return r, nil
			}
			if body == "" {
				return membership.Responsible{Level: membership.ByCoordination}, nil
			}
			return membership.Responsible{Level: membership.ByLiaison, Institution: body}, nil
		}})
	w.shell = webtest.New(t, func(c *web.Config) { c.Now, c.Authorize, c.Bundle = d.Now, access.Authorize, bundle })
	if err := w.cases.MountAsk(w.shell); err != nil {
		t.Fatal(err)
	}
	return w
}

var nobody account.Person

// ask asks for a page as a person; nobody is a visitor.
func (w *asked) get(p account.Person, path string) *httptest.ResponseRecorder {
	w.Helper()
	return w.request(p, http.MethodGet, path, "", nil)
}

func (w *asked) request(p account.Person, method, path, kind string, body []byte) *httptest.ResponseRecorder {
	w.Helper()
	ctx := w.Context()
	if p.ID != "" {
		ctx = plaza.WithActor(ctx, p.Actor())
	}
	r := httptest.NewRequestWithContext(ctx, method, path, bytes.NewReader(body))
	if kind != "" {
		r.Header.Set("Content-Type", kind)
	}
	r.Header.Set("Sec-Fetch-Site", "same-origin")
	r.RemoteAddr = "127.0.0.1:49152"
	if w.cookie != "" {
		r.Header.Set("Cookie", w.cookie)
	}
	return webtest.Do(w.shell, r)
}

// sent is a file to be sent.
type sent struct {
	name string
	body []byte
}

// post sends a form with files, as browsers do.
func (w *asked) post(p account.Person, path string, form url.Values, files ...sent) *httptest.ResponseRecorder {
	w.Helper()
	var b bytes.Buffer
	m := multipart.NewWriter(&b)
	for name, all := range form {
		for _, v := range all {
			if err := m.WriteField(name, v); err != nil {
				w.Fatal(err)
			}
		}
	}
	for _, f := range files {
		part, err := m.CreateFormFile("archivos", f.name)
		if err == nil {
			_, err = part.Write(f.body)
		}
		if err != nil {
			w.Fatal(err)
		}
	}
	if err := m.Close(); err != nil {
		w.Fatal(err)
	}
	return w.request(p, http.MethodPost, path, m.FormDataContentType(), b.Bytes())
}

// doc is an answer that has a status.
func (w *asked) doc(res *httptest.ResponseRecorder, status int) *goquery.Document {
	w.Helper()
	doc, err := goquery.NewDocumentFromReader(res.Body)
	if err != nil {
		w.Fatal(err)
	}
	if res.Code != status {
		w.Fatalf("status %d, want %d (to %s): %s", res.Code, status, res.Header().Get("Location"), squeezed(doc.Find("main").Text()))
	}
	return doc
}

// leads is where an answer leads.
func (w *asked) leads(res *httptest.ResponseRecorder) string {
	w.Helper()
	w.doc(res, http.StatusSeeOther)
	return res.Header().Get("Location")
}

var blanks = regexp.MustCompile(`\s+`)

func squeezed(s string) string { return blanks.ReplaceAllString(strings.TrimSpace(s), " ") }

// says holds that a page's main part says things.
func (w *asked) says(doc *goquery.Document, want ...string) {
	w.Helper()
	said := squeezed(doc.Find("main").Text())
	for _, one := range want {
		if !strings.Contains(said, one) {
			w.Errorf("the page does not say %q: %s", one, said)
		}
	}
}

// drawn is the form of a page as a browser would send it, with what is typed into it.
func drawn(doc *goquery.Document, typed ...string) url.Values {
	form := url.Values{}
	doc.Find("form.Ask input, form.Ask textarea, form.Ask select").Each(func(_ int, s *goquery.Selection) {
		name, _ := s.Attr("name")
		value, _ := s.Attr("value")
		switch goquery.NodeName(s) {
		case "textarea":
			value = s.Text()
		case "select":
			value, _ = s.Find("option[selected]").Attr("value")
		}
		if kind, _ := s.Attr("type"); name != "" && kind != "file" {
			form.Set(name, value)
		}
	})
	for i := 0; i+1 < len(typed); i += 2 {
		form.Set(typed[i], typed[i+1])
	}
	return form
}

// onSet is the form for a question on the dataset, as a person has it, filled in.
func (w *asked) onSet(p account.Person, typed ...string) url.Values {
	w.Helper()
	doc := w.doc(w.get(p, "/consultas/nueva?clase=question&objeto=dataset:"+setID), http.StatusOK)
	dbtest.Advance(w.db, time.Minute) // nobody writes in no time
	return drawn(doc, append([]string{"titulo", "¿Qué es cve_ent?", "texto", "No lo entiendo."}, typed...)...)
}

// all are all cases there are, the oldest first.
func (w *asked) all() (out []cases.Case) {
	w.Helper()
	w.read(func(tx *db.Tx) error {
		ids, err := db.All(tx, db.Column[string], `SELECT id FROM cases ORDER BY id`)
		if err != nil {
			return err
		}
		for _, id := range ids {
			c, err := cases.ByID(tx, id)
			if err != nil {
				return err
			}
			out = append(out, c)
		}
		return nil
	})
	return out
}

// count is the one number that a question to the store gives.
func (w *asked) count(query string, args ...any) (n int) {
	w.Helper()
	w.read(func(tx *db.Tx) error { return tx.Row(query, args...).Scan(&n) })
	return n
}

// letters are the mails that were written, the oldest first.
func (w *asked) letters() (out []outbox.Mail) {
	w.Helper()
	w.read(func(tx *db.Tx) error {
		list, err := outbox.List(tx, "", "", 200)
		for i := len(list) - 1; err == nil && i >= 0; i-- {
			var m outbox.Mail
			if m, err = outbox.Get(tx, list[i].ID); err == nil {
				out = append(out, m)
			}
		}
		return err
	})
	return out
}

// write has the letters written that are due.
func (w *asked) write() {
	w.Helper()
	if err := w.cases.WriteLetters(plaza.WithActor(w.Context(), plaza.SystemActor)); err != nil {
		w.Fatal(err)
	}
}

var links = regexp.MustCompile(regexp.QuoteMeta(webtest.Base) + `(/[^\s"<>]+)`)

// link is the path of the last mail's link that leads under one.
func (w *asked) link(under string) (path string) {
	w.Helper()
	for _, m := range w.letters() {
		for _, found := range links.FindAllStringSubmatch(m.Text, -1) {
			if strings.HasPrefix(found[1], under) {
				path = found[1]
			}
		}
	}
	if path == "" {
		w.Fatalf("no mail leads under %s", under)
	}
	return path
}

// byMail asks with an address, and confirms it; it returns where that led.
func (w *asked) byMail(email string, typed ...string) string {
	w.Helper()
	w.doc(w.post(nobody, "/consultas/nueva/correo", w.onSet(nobody, append([]string{"correo", email}, typed...)...)), http.StatusOK)
	res := w.post(nobody, w.link("/consultas/mia/confirmar/"), nil)
	w.takes(res)
	return w.leads(res)
}

// takes keeps the cookie of an answer for the next request.
func (w *asked) takes(res *httptest.ResponseRecorder) {
	w.cookie = ""
	if set := res.Result().Cookies(); len(set) > 0 {
		w.cookie = set[0].Name + "=" + set[0].Value
	}
}

// stored is how many files are in the store.
func (w *asked) stored() (n int) {
	w.Helper()
	if err := w.blob.List(w.Context(), func(blob.Info) error { n++; return nil }); err != nil {
		w.Fatal(err)
	}
	return n
}

type (
	goquerySelection = goquery.Selection
	recordAct        = record.Act
)

// workbook is an archive with entries of some names.
func workbook(t *testing.T, names ...string) []byte {
	t.Helper()
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	for _, n := range names {
		if _, err := z.Create(n); err != nil {
			t.Fatal(err)
		}
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}
