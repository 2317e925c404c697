package cases_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"plaza/internal/base/db"
	"plaza/internal/base/db/dbtest"
	"plaza/internal/civic/account"
	"plaza/internal/civic/gate"
	"plaza/internal/civic/institution"
	"plaza/internal/civic/institution/institutiontest"
	"plaza/internal/civic/record"
	"plaza/internal/plaza"
	"plaza/internal/section/cases"
)

// world is an installation with two institutions, their people and some who ask.
type world struct {
	*institutiontest.World
	db     *db.DB
	cases  *cases.Cases
	salud  institution.Institution
	lerma  institution.Institution
	unit   institution.Unit // of salud
	ana    account.Person   // a member
	beto   account.Person   // another
	enlace account.Person   // liaison of salud
	area   account.Person   // data_owner of salud
	transp account.Person   // transparency of salud
	ajena  account.Person   // liaison of lerma
	admin  account.Person
}

// worlds runs a test on both engines.
func worlds(t *testing.T, f func(w *world)) {
	t.Helper()
	dbtest.Each(t, func(t *testing.T, d *db.DB) { f(newWorld(t, d)) })
}

func newWorld(t *testing.T, d *db.DB) *world {
	t.Helper()
	w := &world{World: institutiontest.New(t, d), db: d}
	w.salud, w.lerma = w.Salud, w.Lerma
	w.unit = w.Unit("Dirección de Información en Salud")
	w.Populate()
	w.ana, w.enlace, w.area, w.transp, w.ajena, w.admin = w.Ana, w.Enlace, w.Area, w.Transp, w.Ajena, w.Admin
	w.beto = w.person("beto@ejemplo.mx", "Beto Ruiz", "", "")
	dbtest.Advance(d, 48*time.Hour) // nobody is new
	w.cases = cases.New(cases.Config{DB: d, Gate: gate.New([]byte("una clave de prueba, de 32 bytes"))})
	return w
}

func (w *world) as(p account.Person, fn func(tx *db.Tx) error) { w.Helper(); w.As(p, fn) }

func (w *world) try(p account.Person, fn func(tx *db.Tx) error) error {
	w.Helper()
	return w.Try(p, fn)
}

func (w *world) read(fn func(tx *db.Tx) error) { w.Helper(); w.Read(fn) }

func (w *world) person(email, name string, role plaza.Role, body string) account.Person {
	w.Helper()
	return w.Person(email, name, role, body)
}

var nonces int

// form is a question that can be sent.
func (w *world) form() cases.Form {
	nonces++
	return cases.Form{Kind: cases.Question, Title: "¿Qué significa la columna cve_ent?", Body: "En el recurso de camas por hospital.",
		Institution: w.salud.ID, Language: "es", Nonce: fmt.Sprint("nonce-", nonces)}
}

// ask asks something as a person.
func (w *world) ask(p account.Person, f cases.Form) (c cases.Case) {
	w.Helper()
	w.as(p, func(tx *db.Tx) (err error) {
		c, err = w.cases.Ask(tx, f, cases.By(p.Actor()), cases.From{})
		return err
	})
	return c
}

// do does something to a case as a person, with its entries in the record.
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

// must is do without failure.
func (w *world) must(p account.Person, what func(tx *db.Tx) (cases.Case, []record.Act, error)) cases.Case {
	w.Helper()
	c, err := w.do(p, what)
	if err != nil {
		w.Fatal(err)
	}
	return c
}

// clock is the last clock of a case to its answer.
func (w *world) clock(c cases.Case) (k cases.Clock) {
	w.Helper()
	w.read(func(tx *db.Tx) error {
		all, err := cases.Clocks(tx, c.ID)
		for _, one := range all[c.ID] {
			if one.Kind == cases.ToAnswer {
				k = one
			}
		}
		return err
	})
	return k
}

// verbs are what the record tells of a case, in order, without "case.".
func (w *world) verbs(c cases.Case) (out []string) {
	w.Helper()
	w.read(func(tx *db.Tx) error {
		all, err := record.Since(tx, record.Filter{Object: c.Ref()}, 100)
		for _, e := range all {
			out = append(out, strings.TrimPrefix(e.Verb, "case."))
		}
		return err
	})
	return out
}
