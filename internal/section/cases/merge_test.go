package cases_test

import (
	"reflect"
	"slices"
	"sync"
	"testing"
	"time"

	"plaza/internal/base/db"
	"plaza/internal/base/db/dbtest"
	"plaza/internal/civic/account"
	"plaza/internal/civic/record"
	"plaza/internal/plaza"
	"plaza/internal/section/cases"
)

// merge merges a case into a folio as the liaison.
func (w *world) merge(c cases.Case, folio string) error {
	w.Helper()
	_, err := w.do(w.enlace, func(tx *db.Tx) (cases.Case, []record.Act, error) { return w.cases.Merge(tx, c.ID, folio) })
	return err
}

func (w *world) split(c cases.Case) {
	w.Helper()
	w.must(w.enlace, func(tx *db.Tx) (cases.Case, []record.Act, error) { return w.cases.Split(tx, c.ID, "No son iguales.") })
}

// support says that somebody needs the same.
func (w *world) support(p account.Person, c cases.Case) {
	w.Helper()
	w.as(p, func(tx *db.Tx) error {
		if _, err := tx.Exec(`INSERT INTO case_supports (case_id, who, why, at) VALUES ($1, $2, '', $3)`, c.ID, p.ID, tx.Now); err != nil {
			return err
		}
		_, err := tx.Exec(`UPDATE cases SET supports = supports + 1 WHERE id = $1`, c.ID)
		return err
	})
}

// supporters are who supports a case, in order, and its own figure.
func (w *world) supporters(c cases.Case) (out []string) {
	w.Helper()
	w.read(func(tx *db.Tx) (err error) {
		out, err = db.All(tx, db.Column[string], `SELECT p.name FROM case_supports s JOIN people p ON p.id = s.who WHERE s.case_id = $1 ORDER BY p.name`, c.ID)
		return err
	})
	if n := w.get(c).Supports; n != len(out) {
		w.Errorf("%s counts %d supporters and has %v", c.Folio, n, out)
	}
	return out
}

func TestDuplicatesAreMergedAndPartedExactly(t *testing.T) {
	worlds(t, func(w *world) {
		carla := w.person("carla@ejemplo.mx", "Carla", "", "")
		dora := w.person("dora@ejemplo.mx", "Dora", "", "")
		first := w.ask(w.ana, w.form())
		again, third := w.ask(w.beto, w.form()), w.ask(carla, w.form())
		own := w.ask(w.ana, w.form())
		w.support(dora, first)
		w.support(dora, again)
		w.support(w.ana, again) // who asked the other
		again = w.must(w.enlace, func(tx *db.Tx) (cases.Case, []record.Act, error) {
			return w.cases.AskInfo(tx, again.ID, "¿De qué año?")
		})
		dbtest.Advance(w.db, 24*time.Hour)
		before, clock := w.get(again), w.clock(again)
		for _, c := range []cases.Case{again, own} {
			if err := w.merge(c, first.Folio); err != nil {
				w.Fatal(err)
			}
		}
		if got := w.get(again); got.State != cases.Closed || got.Reason != cases.Duplicate || got.Into != first.ID || !got.Due.IsZero() {
			w.Errorf("merged: %+v", got)
		}
		if got, want := w.supporters(first), []string{"Beto Ruiz", "Dora"}; !slices.Equal(got, want) {
			w.Errorf("it is supported by %v, want %v", got, want)
		}
		if err := w.merge(third, again.Folio); err != nil { // of one that is merged itself
			w.Fatal(err)
		}
		if got := w.get(third); got.Into != first.ID {
			w.Errorf("the third is merged into %s", got.Into)
		}
		if got, want := w.supporters(first), []string{"Beto Ruiz", "Carla", "Dora"}; !slices.Equal(got, want) {
			w.Errorf("it is supported by %v, want %v", got, want)
		}
		dbtest.Advance(w.db, 24*time.Hour)
		w.split(again)
		after := w.get(again)
		after.Version = before.Version
		if !reflect.DeepEqual(after, before) || w.clock(again) != clock {
			w.Errorf("parted it is\n%+v, %+v\nwant\n%+v, %+v", after, w.clock(again), before, clock)
		}
		if got, want := w.supporters(first), []string{"Carla", "Dora"}; !slices.Equal(got, want) {
			w.Errorf("it is supported by %v, want %v", got, want)
		}
		if got, want := w.verbs(first), []string{"opened", "joined", "joined", "joined", "parted"}; !slices.Equal(got, want) {
			w.Errorf("the record says %v, want %v", got, want)
		}
		if got, want := w.verbs(again), []string{"opened", "info_requested", "merged", "split"}; !slices.Equal(got, want) {
			w.Errorf("the record says %v, want %v", got, want)
		}
	})
}

func TestWhoCameAlongTwiceLeavesWithTheLast(t *testing.T) {
	worlds(t, func(w *world) {
		dora := w.person("dora@ejemplo.mx", "Dora", "", "")
		into, a, b := w.ask(w.ana, w.form()), w.ask(w.ana, w.form()), w.ask(w.ana, w.form())
		w.support(dora, a)
		w.support(dora, b)
		for _, c := range []cases.Case{a, b} {
			if err := w.merge(c, into.Folio); err != nil {
				w.Fatal(err)
			}
		}
		top := w.ask(w.beto, w.form())
		if err := w.merge(into, top.Folio); err != nil {
			w.Fatal(err)
		}
		w.split(a)
		if got, want := w.supporters(top), []string{"Ana López", "Dora"}; !slices.Equal(got, want) {
			w.Errorf("after the first left: %v, want %v", got, want)
		}
		w.split(b)
		if got, want := w.supporters(top), []string{"Ana López"}; !slices.Equal(got, want) {
			w.Errorf("after both left: %v, want %v", got, want)
		}
	})
}

func TestMergesMakeNoCircles(t *testing.T) {
	worlds(t, func(w *world) {
		a, b, c := w.ask(w.ana, w.form()), w.ask(w.beto, w.form()), w.ask(w.beto, w.form())
		f := w.form()
		f.Institution = w.lerma.ID
		far := w.ask(w.ana, f)
		closed := w.ask(w.ana, w.form())
		w.must(w.enlace, func(tx *db.Tx) (cases.Case, []record.Act, error) {
			return w.cases.Close(tx, closed.ID, "Es publicidad.")
		})
		for _, folio := range []string{a.Folio, far.Folio, closed.Folio, "SALUD-2026-999999-9", "", "\x00"} {
			if err := w.merge(a, folio); plaza.KindOf(err) != plaza.Invalid {
				w.Errorf("into %q: %v", folio, err)
			}
		}
		if err := w.merge(a, b.Folio); err != nil {
			w.Fatal(err)
		}
		if err := w.merge(b, c.Folio); err != nil {
			w.Fatal(err)
		}
		for _, folio := range []string{a.Folio, b.Folio} { // both are part of it by now
			if err := w.merge(c, folio); plaza.KindOf(err) != plaza.Invalid {
				w.Errorf("in a circle by %s: %v", folio, err)
			}
		}
		if err := w.merge(a, c.Folio); plaza.KindOf(err) != plaza.Conflict {
			w.Errorf("merged twice: %v", err)
		}
	})
}

func TestOfOppositeMergesOneIsDone(t *testing.T) {
	worlds(t, func(w *world) {
		a, b := w.ask(w.ana, w.form()), w.ask(w.beto, w.form())
		errs := make([]error, 2)
		var wait sync.WaitGroup
		for i, pair := range [][2]cases.Case{{a, b}, {b, a}} {
			wait.Go(func() {
				_, errs[i] = w.do(w.enlace, func(tx *db.Tx) (cases.Case, []record.Act, error) { return w.cases.Merge(tx, pair[0].ID, pair[1].Folio) })
			})
		}
		wait.Wait()
		if (errs[0] == nil) == (errs[1] == nil) {
			w.Errorf("the merges give %v", errs)
		}
		if x, y := w.get(a), w.get(b); (x.State == cases.Closed) == (y.State == cases.Closed) {
			w.Errorf("they are %s and %s", x.State, y.State)
		}
	})
}
