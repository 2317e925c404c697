package explore_test

import (
	"fmt"
	"slices"
	"testing"

	"plaza/internal/base/db"
	"plaza/internal/civic/account"
	"plaza/internal/plaza"
	"plaza/internal/section/explore"
)

// comparison is what is known of two versions of the resource.
func (w *world) comparison(before, after int) (c explore.Comparison) {
	w.Helper()
	w.Read(func(tx *db.Tx) (err error) { c, err = explore.ComparisonOf(tx, camas, before, after); return err })
	return c
}

func (w *world) compare(before, after int) (err error) {
	w.Helper()
	w.As(account.Person{}, func(tx *db.Tx) error { err = w.explore.WantComparison(tx, camas, before, after); return nil })
	return err
}

func TestTheRowsOfTwoVersionsAreComparedOnceAndTheResultIsKept(t *testing.T) {
	worlds(t, func(w *world) {
		w.serve("clave,precio\n01,1\n02,1\n")
		w.serve("clave,precio\n02,1\n03,1\n")
		w.serve("clave,precio\n03,1\n04,1\n05,1\n")
		if c := w.comparison(2, 3); c.Stage != explore.StageDone || *c.Rows != (explore.Counted{Added: 2, Removed: 1}) {
			t.Errorf("one after the other is known since it came: %+v", c.Rows)
		}
		if c := w.comparison(1, 3); c.Stage != explore.StageNone || c.Rows != nil || !c.Countable() {
			t.Errorf("nobody asked: %+v", c)
		}
		for range 2 {
			if err := w.compare(1, 3); err != nil {
				t.Fatal(err)
			}
		}
		if c := w.comparison(1, 3); c.Stage != explore.StageWaiting {
			t.Errorf("asked: %+v", c.Stage)
		}
		if n := w.drain(); n != 1 {
			t.Errorf("%d jobs, want one however often it is asked", n)
		}
		c := w.comparison(1, 3)
		if c.Stage != explore.StageDone || c.Rows == nil || *c.Rows != (explore.Counted{Added: 3, Removed: 2}) {
			t.Fatalf("compared: %+v %+v", c.Stage, c.Rows)
		}
		if err := w.compare(1, 3); err != nil || w.drain() != 0 {
			t.Errorf("what is known is not compared again: %v", err)
		}
		w.engine.mu.Lock()
		w.engine.revised = "99,1\n" // a better converter: its tables are others
		w.engine.mu.Unlock()
		w.serve("clave,precio\n01,1\n02,1\n06,1\n")
		if c := w.comparison(1, 3); c.Stage != explore.StageDone {
			t.Errorf("tables that are as they were: %+v", c.Stage)
		}
	})
}

func TestWhatIsNoLongerKeptIsNotCompared(t *testing.T) {
	worlds(t, func(w *world) {
		w.resource.Open = false
		for i := range 5 {
			w.serve(fmt.Sprintf("clave,precio\n%02d,1\n", i))
		}
		if err := w.compare(1, 5); err != nil {
			t.Fatal(err)
		}
		w.drain()
		w.sweep()
		if slices.Contains(w.kept(), 1) {
			t.Fatal("version 1 is still kept")
		}
		if c := w.comparison(1, 5); c.Stage != explore.StageDone || c.Countable() {
			t.Errorf("a result outlives the files: %+v", c.Stage)
		}
		if err := w.compare(1, 4); plaza.KindOf(err) != plaza.Conflict {
			t.Errorf("files that are gone: %v", err)
		}
		if err := w.compare(1, 77); plaza.KindOf(err) != plaza.NotFound {
			t.Errorf("no such version: %v", err)
		}
	})
}

func TestWhatWasWithdrawnIsShownOnlyWhereItsLicenceLetsUs(t *testing.T) {
	worlds(t, func(w *world) {
		w.serve(small)
		w.resource.Gone = true
		v, err := w.explore.Open(t.Context(), camas, 0)
		if err != nil {
			t.Fatal(err)
		}
		v.Close()
		w.resource.Open = false
		if _, err := w.explore.Open(t.Context(), camas, 0); plaza.KindOf(err) != plaza.NotFound {
			t.Errorf("not openly licensed: %v", err)
		}
	})
}
