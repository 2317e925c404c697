package institution_test

import (
	"context"
	"slices"
	"testing"

	"plaza/internal/base/db"
	"plaza/internal/base/job"
	"plaza/internal/civic/institution"
	"plaza/internal/civic/record"
	"plaza/internal/plaza"
)

// world is a store with institutions.
type world struct {
	*testing.T
	db *db.DB
	s  *institution.Successions
}

func newWorld(t *testing.T, d *db.DB, movers ...institution.Mover) *world {
	t.Helper()
	return &world{t, d, institution.NewSuccessions(d, nil, movers...)}
}

func (w *world) context() context.Context {
	return plaza.WithActor(w.Context(), plaza.SystemActor)
}

// try runs fn in a transaction as Plaza itself.
func (w *world) try(fn func(tx *db.Tx) error) error { return w.db.Write(w.context(), fn) }

func (w *world) write(fn func(tx *db.Tx) error) {
	w.Helper()
	if err := w.try(fn); err != nil {
		w.Fatal(err)
	}
}

func (w *world) read(fn func(tx *db.Tx) error) {
	w.Helper()
	if err := w.db.Read(w.Context(), fn); err != nil {
		w.Fatal(err)
	}
}

// body adds an institution.
func (w *world) body(name, acronym, parent string) (i institution.Institution) {
	w.Helper()
	w.write(func(tx *db.Tx) (err error) {
		i, err = institution.Put(tx, institution.Institution{Name: name, Acronym: acronym, Type: "federal", ParentID: parent})
		return err
	})
	return i
}

// unit adds an area.
func (w *world) unit(body institution.Institution, name string) (u institution.Unit) {
	w.Helper()
	w.write(func(tx *db.Tx) error {
		added, acts, err := institution.PutUnit(tx, institution.Unit{InstitutionID: body.ID, Name: name, Kind: "generating"})
		if err != nil {
			return err
		}
		u = added
		return record.Append(tx, acts...)
	})
	return u
}

// units are the names of an institution's areas.
func (w *world) units(body institution.Institution) (names []string) {
	w.Helper()
	w.read(func(tx *db.Tx) error {
		list, err := institution.Units(tx, body.ID)
		for _, u := range list {
			names = append(names, u.Name)
		}
		return err
	})
	return names
}

func (w *world) byID(id string) (i institution.Institution) {
	w.Helper()
	w.read(func(tx *db.Tx) (err error) {
		i, err = institution.ByID(tx, id)
		return err
	})
	return i
}

// work runs the jobs that are due.
func (w *world) work() {
	w.Helper()
	r := job.NewRunner(w.db, job.Config{})
	w.s.Handle(r)
	r.Handle(institution.NamedArgs{}.Kind(), func(context.Context, *job.Job) error { return nil })
	if _, err := r.Drain(w.Context()); err != nil {
		w.Fatal(err)
	}
}

// verbs are what the record has of an institution, oldest first.
func (w *world) verbs(body string) (out []string) {
	w.Helper()
	w.read(func(tx *db.Tx) error {
		entries, err := record.Latest(tx, record.Filter{Institution: body}, 100)
		for _, e := range entries {
			out = append(out, e.Verb)
		}
		slices.Reverse(out)
		return err
	})
	return out
}

// basis is a good one.
var basis = institution.Basis{Date: "2026-11-20", LegalRef: "Decreto publicado en el DOF el 20 de noviembre de 2026"}

func merge(from, to institution.Institution) institution.Ending {
	return institution.Ending{Kind: institution.Merged, From: from.ID, To: []string{to.ID}, Basis: basis}
}

// end ends an institution and moves what it had.
func (w *world) end(e institution.Ending) {
	w.Helper()
	w.write(func(tx *db.Tx) error { return w.s.End(tx, e) })
	w.work()
}

// wrong lists the fields that an error is about.
func wrong(err error) (fields []string) {
	e, ok := err.(*plaza.Error) //nolint:errorlint // returned as it is
	for n := 0; ok && n < len(e.Fields); n++ {
		fields = append(fields, e.Fields[n].Field)
	}
	return fields
}
