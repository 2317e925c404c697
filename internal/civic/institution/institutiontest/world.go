// Package institutiontest makes what most tests begin with: two institutions and the
// people who work there, ask and look on.
package institutiontest

import (
	"context"
	"testing"
	"time"

	"plaza/internal/base/db"
	"plaza/internal/civic/account"
	"plaza/internal/civic/institution"
	"plaza/internal/civic/record"
	"plaza/internal/plaza"
)

// World is an installation with two institutions.
type World struct {
	*testing.T
	DB           *db.DB
	Salud, Lerma institution.Institution
	People
}

// People are those of a World, once Populate has made them.
type People struct {
	Ana    account.Person // a member
	Enlace account.Person // liaison of Salud
	Area   account.Person // data_owner of Salud
	Transp account.Person // transparency of Salud
	Ajena  account.Person // liaison of Lerma
	Admin  account.Person
}

// New makes the institutions.
func New(t *testing.T, d *db.DB) *World {
	t.Helper()
	w := &World{T: t, DB: d}
	w.As(account.Person{}, func(tx *db.Tx) (err error) {
		if w.Salud, err = institution.Put(tx, institution.Institution{Name: "Secretaría de Salud", Acronym: "SALUD", Slug: "salud", Type: "federal"}); err != nil {
			return err
		}
		w.Lerma, err = institution.Put(tx, institution.Institution{Name: "Municipio de Lerma", Slug: "lerma", Type: "municipal"})
		return err
	})
	return w
}

// Populate makes the people.
func (w *World) Populate() {
	w.Helper()
	w.Ana = w.Person("ana@ejemplo.mx", "Ana López", "", "")
	w.Enlace = w.Person("enlace@ejemplo.mx", "Eva Enlace", plaza.Liaison, w.Salud.ID)
	w.Area = w.Person("area@ejemplo.mx", "Aldo Área", plaza.DataOwner, w.Salud.ID)
	w.Transp = w.Person("transp@ejemplo.mx", "Tere Transparencia", plaza.Transparency, w.Salud.ID)
	w.Ajena = w.Person("ajena@ejemplo.mx", "Iris Lejana", plaza.Liaison, w.Lerma.ID)
	w.Admin = w.Person("admin@ejemplo.mx", "Ada Central", plaza.Admin, "")
}

// Person makes a person, with a role unless it is "".
func (w *World) Person(email, name string, role plaza.Role, body string) (p account.Person) {
	w.Helper()
	w.As(p, func(tx *db.Tx) (err error) {
		p, err = account.Create(tx, account.New{Email: email, Name: name})
		return err
	})
	if role != "" {
		w.As(account.Person{}, func(tx *db.Tx) error { return account.GrantRole(tx, p.ID, role, body, time.Time{}) })
		w.Read(func(tx *db.Tx) (err error) { p, err = account.ByID(tx, p.ID); return err })
	}
	return p
}

// Unit makes a unit of Salud.
func (w *World) Unit(name string) (u institution.Unit) {
	w.Helper()
	w.As(account.Person{}, func(tx *db.Tx) (err error) {
		var acts []record.Act
		if u, acts, err = institution.PutUnit(tx, institution.Unit{InstitutionID: w.Salud.ID, Name: name, Kind: institution.UnitKinds[0]}); err != nil {
			return err
		}
		return record.Append(tx, acts...)
	})
	return u
}

// Try runs fn as a person, the system for none, and returns its error.
func (w *World) Try(p account.Person, fn func(tx *db.Tx) error) error {
	w.Helper()
	actor := plaza.SystemActor
	if p.ID != "" {
		actor = p.Actor()
	}
	return w.DB.Write(plaza.WithActor(context.Background(), actor), fn)
}

// As is Try without failure.
func (w *World) As(p account.Person, fn func(tx *db.Tx) error) {
	w.Helper()
	if err := w.Try(p, fn); err != nil {
		w.Fatal(err)
	}
}

// Read reads without failure.
func (w *World) Read(fn func(tx *db.Tx) error) {
	w.Helper()
	if err := w.DB.Read(w.Context(), fn); err != nil {
		w.Fatal(err)
	}
}
