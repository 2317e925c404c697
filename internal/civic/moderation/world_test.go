package moderation_test

import (
	"context"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"plaza/internal/base/db"
	"plaza/internal/base/db/dbtest"
	"plaza/internal/base/web"
	"plaza/internal/base/web/webtest"
	"plaza/internal/civic/access"
	"plaza/internal/civic/account"
	"plaza/internal/civic/gate"
	"plaza/internal/civic/institution"
	"plaza/internal/civic/moderation"
	"plaza/internal/civic/privacy"
	"plaza/internal/civic/record"
	"plaza/internal/plaza"
)

const (
	health  = "0193a000-0000-7000-8000-000000000001" // an institution
	energy  = "0193a000-0000-7000-8000-000000000002"
	dataset = "0193a000-0000-7000-8000-0000000000d1"
)

// world is a site with a kind of posts, notes, and some people.
type world struct {
	*testing.T
	db    *db.DB
	desk  *moderation.Desk
	shell *web.Shell
	// who is who
	ana, bob, mod, partial, local, admin, admin2 account.Person
	actors                                       map[string]plaza.Actor
	suspended                                    map[string]time.Time
}

func newWorld(t *testing.T, d *db.DB) *world {
	t.Helper()
	w := &world{T: t, db: d, actors: map[string]plaza.Actor{}, suspended: map[string]time.Time{}}
	key := []byte("una clave de prueba, de 32 bytes")
	w.desk = moderation.New(moderation.Config{
		DB: d, Gate: gate.New(key), Key: key, Kinds: []moderation.Kind{notes}, Hosts: []string{"plaza.example"},
		Cards: record.JoinCards(moderation.Cards, func(_ *db.Tx, refs []plaza.Ref) (map[plaza.Ref]plaza.Card, error) {
			out := map[plaza.Ref]plaza.Card{}
			for _, ref := range refs {
				if ref.ID == dataset {
					out[ref] = plaza.Card{Ref: ref, Title: "Calidad del aire", Path: "/datos/aire", Institution: health, Visible: true}
				}
			}
			return out, nil
		}),
		Suspend: func(_ *db.Tx, person string, until time.Time, _ string) ([]record.Act, error) {
			w.suspended[person] = until
			return []record.Act{{Verb: "account.suspended", Object: plaza.Ref{Kind: "person", ID: "x"}}}, nil
		},
		Lift: func(_ *db.Tx, person, _ string) ([]record.Act, error) {
			delete(w.suspended, person)
			return nil, nil
		},
	})
	w.shell = webtest.New(t, func(c *web.Config) {
		c.Now = d.Now
		c.Authorize = access.Authorize
		c.SessionCookie = "quien"
		c.Authenticate = func(r *http.Request) (context.Context, error) {
			return plaza.WithActor(r.Context(), w.actors[r.Header.Get("X-Who")]), nil
		}
	}, access.Locale, account.Locale, gate.Locale, privacy.Locale, institution.Locale, record.Locale, moderation.Locale)
	if err := w.desk.Mount(w.shell); err != nil {
		t.Fatal(err)
	}
	w.write(plaza.SystemActor, func(tx *db.Tx) error {
		_, err := tx.Exec(`CREATE TABLE test_notes (id TEXT PRIMARY KEY, author TEXT NOT NULL, institution TEXT NOT NULL,
			body TEXT NOT NULL, state TEXT NOT NULL, locked INTEGER NOT NULL, effects INTEGER NOT NULL, merged TEXT NOT NULL DEFAULT '')`)
		return err
	})
	w.ana = w.person("ana")
	w.bob = w.person("bob")
	w.mod = w.person("mod", plaza.Grant{Role: plaza.Moderator})
	w.partial = w.person("partial", plaza.Grant{Role: plaza.Moderator}, plaza.Grant{Role: plaza.DataOwner, Institution: health})
	w.local = w.person("local", plaza.Grant{Role: plaza.Moderator, Institution: health})
	w.admin = w.person("admin", plaza.Grant{Role: plaza.Admin})
	return w
}

// person makes somebody with roles, and an actor of that name.
func (w *world) person(name string, grants ...plaza.Grant) (p account.Person) {
	w.Helper()
	w.write(plaza.SystemActor, func(tx *db.Tx) (err error) {
		p, err = account.Create(tx, account.New{Email: name + "@ejemplo.mx", Name: "La persona " + name})
		return err
	})
	for _, g := range grants {
		w.write(plaza.SystemActor, func(tx *db.Tx) error { return account.GrantRole(tx, p.ID, g.Role, g.Institution, time.Time{}) })
	}
	if err := w.db.Read(w.Context(), func(tx *db.Tx) (err error) {
		p, err = account.ByID(tx, p.ID)
		return err
	}); err != nil {
		w.Fatal(err)
	}
	w.actors[name] = p.Actor()
	return p
}

func (w *world) try(who plaza.Actor, fn func(tx *db.Tx) error) error {
	return w.db.Write(plaza.WithActor(w.Context(), who), fn)
}

func (w *world) write(who plaza.Actor, fn func(tx *db.Tx) error) {
	w.Helper()
	if err := w.try(who, fn); err != nil {
		w.Fatal(err)
	}
}

// scalar reads one value.
func scalar[T any](w *world, query string, args ...any) (v T) {
	w.Helper()
	if err := w.db.Read(w.Context(), func(tx *db.Tx) error { return tx.Row(query, args...).Scan(&v) }); err != nil {
		w.Fatal(err)
	}
	return v
}

// notes are the kind of posts of these tests: their effects are counted.
var notes = moderation.Kind{
	Name: "note",
	Posts: func(tx *db.Tx, ids []string) ([]moderation.Post, error) {
		return db.All(tx, scanNote, `SELECT id, author, institution, body, state, locked, merged FROM test_notes
			WHERE id IN (`+db.Placeholders(1, len(ids))+`)`, db.Args(ids)...)
	},
	By: func(tx *db.Tx, person string, limit int) ([]moderation.Post, error) {
		return db.All(tx, scanNote, `SELECT id, author, institution, body, state, locked, merged FROM test_notes
			WHERE author = $1 ORDER BY id DESC LIMIT $2`, person, limit)
	},
	Set: func(tx *db.Tx, id string, to moderation.State) ([]record.Act, error) {
		var was string
		if err := tx.Row(`SELECT state FROM test_notes WHERE id = $1`, id).Scan(&was); err != nil {
			return nil, err
		}
		if was == string(to) || was == string(moderation.Removed) {
			return nil, plaza.E(plaza.Conflict, "moderation.error.overtaken")
		}
		if _, err := tx.Exec(`UPDATE test_notes SET state = $1, effects = effects + 1 WHERE id = $2`, string(to), id); err != nil {
			return nil, err
		}
		if to != moderation.Public {
			return nil, nil
		}
		return []record.Act{{Verb: "note.published", Object: plaza.Ref{Kind: "note", ID: id}}}, nil
	},
	Lock: func(tx *db.Tx, id string, locked bool) ([]record.Act, error) {
		n := 0
		if locked {
			n = 1
		}
		_, err := tx.Exec(`UPDATE test_notes SET locked = $1 WHERE id = $2`, n, id)
		return nil, err
	},
	Merge: func(tx *db.Tx, from, into string) ([]record.Act, error) {
		if from == into {
			return nil, moderation.NoMerge("itself")
		}
		_, err := tx.Exec(`UPDATE test_notes SET merged = $2 WHERE id = $1`, from, into)
		return nil, err
	},
	Split: func(tx *db.Tx, id string) ([]record.Act, error) {
		_, err := tx.Exec(`UPDATE test_notes SET merged = '' WHERE id = $1`, id)
		return nil, err
	},
	Threads: func(tx *db.Tx, id string, limit int) ([]moderation.Post, error) {
		return db.All(tx, scanNote, `SELECT id, author, institution, body, state, locked, merged FROM test_notes
			WHERE id <> $1 AND institution = (SELECT institution FROM test_notes WHERE id = $1) ORDER BY id LIMIT $2`, id, limit)
	},
}

func scanNote(scan func(...any) error) (p moderation.Post, err error) {
	var id string
	var locked int
	err = scan(&id, &p.Author, &p.Institution, &p.Text, &p.State, &locked, &p.Into)
	p.Ref, p.Title, p.Path, p.Locked = plaza.Ref{Kind: "note", ID: id}, "Nota", "/notas/"+id, locked == 1
	p.Part = p.Into != ""
	return p, err
}

// post stores a note as a section would: judged first, held if need be.
func (w *world) post(author account.Person, about, text string) (id string, v moderation.Verdict) {
	w.Helper()
	w.write(author.Actor(), func(tx *db.Tx) (err error) {
		id = tx.ID()
		if v, err = w.desk.Screen(tx, moderation.Draft{Author: author.ID, Institution: about, Text: text}); err != nil {
			return err
		}
		state := moderation.Public
		if v.Hold {
			state = moderation.Held
		}
		if _, err := tx.Exec(`INSERT INTO test_notes (id, author, institution, body, state, locked, effects) VALUES ($1, $2, $3, $4, $5, 0, 0)`,
			id, author.ID, about, text, string(state)); err != nil || !v.Hold {
			return err
		}
		return w.desk.Hold(tx, plaza.Ref{Kind: "note", ID: id}, about, v)
	})
	return id, v
}

// public stores a note that everybody sees.
func (w *world) public(author account.Person, about, text string) string {
	w.Helper()
	id, _ := w.post(author, about, text)
	w.write(plaza.SystemActor, func(tx *db.Tx) error {
		if _, err := tx.Exec(`DELETE FROM moderation_cases WHERE object_id = $1`, id); err != nil {
			return err
		}
		_, err := tx.Exec(`UPDATE test_notes SET state = 'public' WHERE id = $1`, id)
		return err
	})
	return id
}

func (w *world) state(id string) string {
	w.Helper()
	return scalar[string](w, `SELECT state FROM test_notes WHERE id = $1`, id)
}

// caseOf is the case of a note.
func (w *world) caseOf(id string) string {
	w.Helper()
	return scalar[string](w, `SELECT id FROM moderation_cases WHERE object_id = $1`, id)
}

// get asks for a page as somebody; "" is a visitor.
func (w *world) get(who, path string) *httptest.ResponseRecorder {
	w.Helper()
	return w.ask(who, httptest.NewRequestWithContext(w.Context(), http.MethodGet, path, nil))
}

func (w *world) ask(who string, r *http.Request) *httptest.ResponseRecorder {
	r.RemoteAddr = "127.0.0.1:49152"
	if who != "" {
		r.Header.Set("X-Who", who)
		r.AddCookie(&http.Cookie{Name: "quien", Value: who})
	}
	return webtest.Do(w.shell, r)
}

// send sends a form as somebody: pairs of names and values.
func (w *world) send(who, path string, pairs ...string) *httptest.ResponseRecorder {
	w.Helper()
	form := url.Values{}
	for i := 0; i+1 < len(pairs); i += 2 {
		form.Set(pairs[i], pairs[i+1])
	}
	r := httptest.NewRequestWithContext(w.Context(), http.MethodPost, path, strings.NewReader(form.Encode()))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	r.Header.Set("Sec-Fetch-Site", "same-origin")
	return w.ask(who, r)
}

func (w *world) want(a *httptest.ResponseRecorder, status int, texts ...string) *httptest.ResponseRecorder {
	w.Helper()
	if a.Code != status {
		w.Fatalf("status %d, want %d: %s", a.Code, status, a.Body)
	}
	for _, text := range texts {
		if !strings.Contains(a.Body.String(), text) {
			w.Errorf("the page lacks %q: %s", text, a.Body)
		}
	}
	return a
}

func (w *world) lacks(a *httptest.ResponseRecorder, texts ...string) {
	w.Helper()
	for _, text := range texts {
		if strings.Contains(a.Body.String(), text) {
			w.Errorf("the page shows %q", text)
		}
	}
}

var hidden = regexp.MustCompile(`<input type="hidden" name="(seen|report)" value="([^"]*)"`)

// looked is what the page of a case sends along.
func (w *world) looked(who, caseID string) (seen, report string) {
	w.Helper()
	for _, m := range hidden.FindAllStringSubmatch(w.want(w.get(who, "/moderacion/caso/"+caseID), 200).Body.String(), -1) {
		if m[1] == "seen" {
			seen = m[2]
		} else {
			report = m[2]
		}
	}
	return seen, report
}

// act does something to a case as its page would, in Go; it returns the decision.
func (w *world) act(who string, caseID string, o moderation.Order) (dec moderation.Decision, err error) {
	w.Helper()
	o.Case = caseID
	o.Seen, o.Report = w.looked(who, caseID)
	err = w.try(w.actors[who], func(tx *db.Tx) (err error) {
		dec, err = w.desk.Decide(tx, o)
		return err
	})
	return dec, err
}

func (w *world) must(who string, caseID string, a moderation.Act, reason string) moderation.Decision {
	w.Helper()
	dec, err := w.act(who, caseID, moderation.Order{Act: a, Reason: reason, Note: "Se explica.", Days: 3})
	if err != nil {
		w.Fatalf("%s: %v", a, err)
	}
	return dec
}

// report tells moderators of a thing, as somebody, from the form's page.
func (w *world) report(who string, ref plaza.Ref, reason, text string) {
	w.Helper()
	pairs := []string{"objeto", ref.String(), "reason", reason, "text", text}
	if who == "" { // as a browser does
		m := sealed.FindStringSubmatch(w.want(w.get(who, moderation.ReportPath(ref)), http.StatusOK).Body.String())
		pairs = append(pairs, "sello", m[1], "prueba", gate.Prove(m[1]))
		dbtest.Advance(w.db, 5*time.Second)
	}
	w.want(w.send(who, "/moderacion/avisar", pairs...), http.StatusSeeOther)
}

var sealed = regexp.MustCompile(`name="sello" value="([^"]+)"`)

func note(id string) plaza.Ref { return plaza.Ref{Kind: "note", ID: id} }

// grown makes a person known: days old, with posts that were let through.
func (w *world) grown(p account.Person, days int) {
	w.Helper()
	for _, text := range []string{"hola", "otra vez"} {
		id, _ := w.post(p, "", text)
		w.must("mod", w.caseOf(id), moderation.Release, "in_order")
	}
	w.older(days)
}

func (w *world) older(days int) { dbtest.Advance(w.db, time.Duration(days)*24*time.Hour) }

func (w *world) verbs() string {
	w.Helper()
	var list []string
	if err := w.db.Read(w.Context(), func(tx *db.Tx) error {
		all, err := record.Since(tx, record.Filter{}, 500)
		for _, e := range all {
			list = append(list, e.Verb)
		}
		return err
	}); err != nil {
		w.Fatal(err)
	}
	return strings.Join(list, " ")
}

type webRoute = web.Route

func webtestRequest(t *testing.T, path string) *http.Request {
	t.Helper()
	return httptest.NewRequestWithContext(t.Context(), http.MethodGet, path, nil)
}
