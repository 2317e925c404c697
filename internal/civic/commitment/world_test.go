package commitment_test

import (
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"plaza/internal/base/db"
	"plaza/internal/base/db/dbtest"
	"plaza/internal/base/web"
	"plaza/internal/base/web/webtest"
	"plaza/internal/civic/access"
	"plaza/internal/civic/account"
	"plaza/internal/civic/commitment"
	"plaza/internal/civic/institution"
	"plaza/internal/civic/institution/institutiontest"
	"plaza/internal/civic/record"
	"plaza/internal/plaza"
)

// world is an installation with two institutions, their people, and a catalogue that the
// test sets.
type world struct {
	*institutiontest.World
	db       *db.DB
	shell    *web.Shell
	office   *institution.Office
	promises *commitment.Commitments
	salud    institution.Institution
	lerma    institution.Institution
	unit     institution.Unit
	ana      account.Person // a member
	enlace   account.Person // liaison of salud
	area     account.Person // data_owner of salud
	transp   account.Person // transparency of salud
	ajena    account.Person // liaison of lerma
	admin    account.Person
	shows    map[plaza.Ref]commitment.Evidence // what the catalogue shows
	kept     []string                          // codes of which Deps.Kept was told
}

// camas is a dataset, and asked what promises come from.
var (
	camas = plaza.Ref{Kind: "dataset", ID: "camas"}
	asked = plaza.Ref{Kind: "case", ID: "una-consulta"}
)

// worlds runs a test on both engines.
func worlds(t *testing.T, f func(w *world)) {
	t.Helper()
	dbtest.Each(t, func(t *testing.T, d *db.DB) { f(newWorld(t, d)) })
}

func newWorld(t *testing.T, d *db.DB) *world {
	t.Helper()
	w := &world{World: institutiontest.New(t, d), db: d, shows: map[plaza.Ref]commitment.Evidence{}}
	w.salud, w.lerma = w.Salud, w.Lerma
	w.unit = w.Unit("Dirección de Información")
	w.Populate()
	w.ana, w.enlace, w.area, w.transp, w.ajena, w.admin = w.Ana, w.Enlace, w.Area, w.Transp, w.Ajena, w.Admin
	w.promises = commitment.New(commitment.Deps{DB: d, Cards: w.cards,
		Evidence: func(_ *db.Tx, ref plaza.Ref, since time.Time) (commitment.Evidence, error) {
			e := w.shows[ref]
			e.Changed = e.Modified.After(since)
			return e, nil
		},
		Find: func(_ *db.Tx, address string) (plaza.Ref, error) {
			return map[string]plaza.Ref{"/datos/camas": camas}[address], nil
		},
		Added: func(*db.Tx, string, string, time.Time) ([]plaza.Card, error) {
			return []plaza.Card{{Ref: camas, Title: "Camas de hospital", Path: "/datos/camas", Visible: true}}, nil
		},
		Kept: func(_ *db.Tx, c commitment.Commitment) ([]record.Act, error) {
			w.kept = append(w.kept, c.Code)
			return nil, nil
		},
		Concerned: func(*db.Tx, plaza.Ref) ([]record.Concerned, error) {
			return []record.Concerned{{Person: w.ana.ID, Why: "notify.why.commitment_asker"}}, nil
		}})
	w.shell = webtest.New(t, func(c *web.Config) { c.Now, c.Authorize = d.Now, access.Authorize },
		commitment.Locale, access.Locale, account.Locale, institution.Locale, db.Locale, record.Locale)
	w.office = institution.NewOffice(d, w.shell)
	if err := w.promises.Mount(w.shell, w.office); err != nil {
		t.Fatal(err)
	}
	return w
}

// cards knows the dataset and the case.
func (w *world) cards(_ *db.Tx, refs []plaza.Ref) (map[plaza.Ref]plaza.Card, error) {
	out := map[plaza.Ref]plaza.Card{}
	for _, r := range refs {
		switch r {
		case camas:
			out[r] = plaza.Card{Ref: r, Title: "Camas de hospital", Path: "/datos/camas", Visible: true, Institution: w.salud.ID}
		case asked:
			out[r] = plaza.Card{Ref: r, Title: "¿Cuándo se publican las camas?", Path: "/consultas/SALUD-2026-000001-1", Visible: true, Within: []plaza.Ref{camas}}
		}
	}
	return out, nil
}

func (w *world) as(p account.Person, fn func(tx *db.Tx) error) { w.Helper(); w.As(p, fn) }

func (w *world) try(p account.Person, fn func(tx *db.Tx) error) error {
	w.Helper()
	return w.Try(p, fn)
}

func (w *world) read(fn func(tx *db.Tx) error) { w.Helper(); w.Read(fn) }

// promise is one that can be made.
func (w *world) promise() commitment.Promise {
	return commitment.Promise{Institution: w.salud.ID, Unit: w.unit.ID, Origin: asked, Kind: commitment.Publish, Language: "es",
		Text: "Publicar las camas por hospital", Due: "2026-12-15", Voice: institution.Voice{Role: plaza.Liaison, Institution: w.salud.ID, Name: w.salud.Name}}
}

// made makes a commitment.
func (w *world) made(p commitment.Promise) commitment.Commitment {
	w.Helper()
	c, err := w.do(w.enlace, func(tx *db.Tx) (commitment.Commitment, []record.Act, error) { return w.promises.Make(tx, p) })
	if err != nil {
		w.Fatal(err)
	}
	dbtest.Advance(w.db, time.Minute)
	return c
}

// do does something to a commitment as a person, with its entries in the record.
func (w *world) do(p account.Person, what func(tx *db.Tx) (commitment.Commitment, []record.Act, error)) (c commitment.Commitment, err error) {
	w.Helper()
	err = w.try(p, func(tx *db.Tx) error {
		var acts []record.Act
		var err error
		if c, acts, err = what(tx); err != nil {
			return err
		}
		return record.Append(tx, acts...)
	})
	if err == nil {
		dbtest.Advance(w.db, time.Millisecond) // what follows comes after
	}
	return c, err
}

func (w *world) must(p account.Person, what func(tx *db.Tx) (commitment.Commitment, []record.Act, error)) commitment.Commitment {
	w.Helper()
	c, err := w.do(p, what)
	if err != nil {
		w.Fatal(err)
	}
	return c
}

// now is a commitment as it stands.
func (w *world) now(c commitment.Commitment) (out commitment.Commitment) {
	w.Helper()
	w.read(func(tx *db.Tx) (err error) { out, err = commitment.ByID(tx, c.ID); return err })
	return out
}

// verbs are what the record tells of a commitment, in order, without "commitment.".
func (w *world) verbs(c commitment.Commitment) string {
	w.Helper()
	var out []string
	w.read(func(tx *db.Tx) error {
		all, err := record.Since(tx, record.Filter{Object: c.Ref()}, 100)
		for _, e := range all {
			out = append(out, strings.TrimPrefix(e.Verb, "commitment."))
		}
		return err
	})
	return strings.Join(out, " ")
}

// good is evidence that nothing lacks, changed at an instant.
func good(at time.Time) commitment.Evidence {
	return commitment.Evidence{Ref: camas, Title: "Camas de hospital", Path: "/datos/camas", Modified: at, Resources: 2, Answering: 1, Checked: at, Documented: true, Service: true}
}

// get asks for a page as somebody, nobody for the zero Person.
func (w *world) get(p account.Person, path string) *httptest.ResponseRecorder {
	w.Helper()
	return webtest.Do(w.shell, w.request(p, http.MethodGet, path, nil))
}

// post sends a form as somebody.
func (w *world) post(p account.Person, path string, form url.Values) *httptest.ResponseRecorder {
	w.Helper()
	return webtest.Do(w.shell, w.request(p, http.MethodPost, path, form))
}

func (w *world) request(p account.Person, method, path string, form url.Values) *http.Request {
	ctx := w.Context()
	if p.ID != "" {
		ctx = plaza.WithActor(ctx, p.Actor())
	}
	r := httptest.NewRequestWithContext(ctx, method, path, strings.NewReader(form.Encode()))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	r.Header.Set("Sec-Fetch-Site", "same-origin")
	r.RemoteAddr = "127.0.0.1:49152"
	return r
}
