package score_test

import (
	"context"
	"fmt"
	"testing"
	"time"

	"plaza/internal/base/db"
	"plaza/internal/base/db/dbtest"
	"plaza/internal/civic/account"
	"plaza/internal/civic/gate"
	"plaza/internal/civic/institution"
	"plaza/internal/civic/membership"
	"plaza/internal/civic/record"
	"plaza/internal/plaza"
	"plaza/internal/section/cases"
	"plaza/internal/section/cases/score"
)

// world is an installation with three institutions, an Enlace of each and people who ask.
type world struct {
	*testing.T
	db      *db.DB
	cases   *cases.Cases
	scores  *score.Scores
	bodies  []institution.Institution // salud, lerma, toluca
	liaison map[string]account.Person // by institution
	people  []account.Person
	admin   account.Person
	levels  map[string]membership.Level // who answers for an institution now
}

// worlds runs a test on both engines.
func worlds(t *testing.T, f func(w *world)) {
	t.Helper()
	dbtest.Each(t, func(t *testing.T, d *db.DB) { f(newWorld(t, d)) })
}

func newWorld(t *testing.T, d *db.DB) *world {
	t.Helper()
	w := &world{T: t, db: d, liaison: map[string]account.Person{}, levels: map[string]membership.Level{}}
	for _, i := range []institution.Institution{
		{Name: "Secretaría de Salud", Acronym: "SALUD", Slug: "salud", Type: "federal"},
		{Name: "Municipio de Lerma", Slug: "lerma", Type: "municipal"},
		{Name: "Municipio de Toluca", Slug: "toluca", Type: "municipal"},
	} {
		w.as(account.Person{}, func(tx *db.Tx) error {
			put, err := institution.Put(tx, i)
			w.bodies = append(w.bodies, put)
			return err
		})
	}
	for n, i := range w.bodies {
		w.liaison[i.ID] = w.person(fmt.Sprintf("enlace-%d@ejemplo.mx", n), "Enlace", plaza.Liaison, i.ID)
		w.levels[i.ID] = membership.ByLiaison
	}
	w.admin = w.person("admin@ejemplo.mx", "Ada Central", plaza.Admin, "")
	w.liaison[""] = w.admin
	for n := range 4 {
		w.people = append(w.people, w.person(fmt.Sprintf("persona-%d@ejemplo.mx", n), "Ana López", "", ""))
	}
	dbtest.Advance(d, 48*time.Hour) // nobody is new
	w.cases = cases.New(cases.Config{DB: d, Gate: gate.New([]byte("una clave de prueba, de 32 bytes")),
		Responsible: func(_ *db.Tx, body string) (membership.Responsible, error) {
			r := membership.Responsible{Level: w.levels[body], Institution: body}
			if r.Level == membership.ByCoordination {
				r.Institution = ""
			}
			return r, nil
		}})
	w.scores = score.New(score.Config{DB: d})
	return w
}

// as runs fn as a person, the system for none, and fails with it.
func (w *world) as(p account.Person, fn func(tx *db.Tx) error) {
	w.Helper()
	if err := w.try(p, fn); err != nil {
		w.Fatal(err)
	}
}

func (w *world) try(p account.Person, fn func(tx *db.Tx) error) error {
	w.Helper()
	actor := plaza.SystemActor
	if p.ID != "" {
		actor = p.Actor()
	}
	return w.db.Write(plaza.WithActor(context.Background(), actor), fn)
}

func (w *world) read(fn func(tx *db.Tx) error) {
	w.Helper()
	if err := w.db.Read(w.Context(), fn); err != nil {
		w.Fatal(err)
	}
}

func (w *world) person(email, name string, role plaza.Role, body string) (p account.Person) {
	w.Helper()
	w.as(p, func(tx *db.Tx) (err error) {
		p, err = account.Create(tx, account.New{Email: email, Name: name})
		return err
	})
	if role != "" {
		w.as(account.Person{}, func(tx *db.Tx) error { return account.GrantRole(tx, p.ID, role, body, time.Time{}) })
		w.read(func(tx *db.Tx) (err error) { p, err = account.ByID(tx, p.ID); return err })
	}
	return p
}

// ask asks an institution something.
func (w *world) ask(n int, body string, kind cases.Kind) (c cases.Case) {
	w.Helper()
	p := w.people[n%len(w.people)]
	w.as(p, func(tx *db.Tx) (err error) {
		c, err = w.cases.Ask(tx, cases.Form{Kind: kind, Title: fmt.Sprintf("¿Qué significa la columna %d?", n), Body: "En el recurso de camas.",
			Institution: body, Language: "es", Nonce: fmt.Sprint("nonce-", n)}, cases.By(p.Actor()), cases.From{})
		return err
	})
	return c
}

// do does something to a case, with its entries in the record.
func (w *world) do(p account.Person, what func(tx *db.Tx) (cases.Case, []record.Act, error)) (c cases.Case, err error) {
	w.Helper()
	err = w.try(p, func(tx *db.Tx) error {
		var acts []record.Act
		var err error
		if c, acts, err = what(tx); err != nil {
			return err
		}
		return record.Append(tx, acts...)
	})
	return c, err
}

// answer answers a case as its institution's Enlace.
func (w *world) answer(c cases.Case) cases.Case {
	w.Helper()
	c, err := w.do(w.liaison[c.Institution], func(tx *db.Tx) (cases.Case, []record.Act, error) {
		return w.cases.Publish(tx, c.ID, cases.AnswerForm{Outcome: cases.Explained, Body: "Es la clave de la entidad."}, cases.Signature{})
	})
	if err != nil {
		w.Fatal(err)
	}
	return c
}

// says appends an entry of another part of Plaza to the record.
func (w *world) says(c cases.Case, verb, body string, payload map[string]any) {
	w.Helper()
	w.as(account.Person{}, func(tx *db.Tx) error {
		return record.Append(tx, record.Act{Verb: verb, Object: c.Ref(), Institution: body, Payload: payload})
	})
}

// caughtUp reads what is new in the record.
func (w *world) caughtUp() {
	w.Helper()
	if err := w.scores.Read(w.Context()); err != nil {
		w.Fatal(err)
	}
}

// total are the figures of all that a filter chooses, read to the end.
func (w *world) total(f score.Filter) (out score.Figures) {
	w.Helper()
	w.caughtUp()
	w.read(func(tx *db.Tx) (err error) { out, err = score.Total(tx, f); return err })
	return out
}

// dump is everything that is kept.
func (w *world) dump() (out []string) {
	w.Helper()
	w.read(func(tx *db.Tx) (err error) { out, err = score.Dump(tx); return err })
	return out
}
