package explore_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"plaza/internal/base/db"
	"plaza/internal/base/db/dbtest"
	"plaza/internal/base/tabular"
	"plaza/internal/civic/account"
	"plaza/internal/plaza"
	"plaza/internal/section/explore"
)

// lose takes objects out of the file store, and off this machine.
func (w *world) lose(keys ...string) {
	w.Helper()
	for _, key := range keys {
		if err := w.store.Delete(w.Context(), key); err != nil {
			w.Fatal(err)
		}
		w.cache.Drop(key)
	}
}

// opened is what comes of opening the first table of the current version.
func (w *world) opened() error {
	v, err := w.explore.Open(w.Context(), camas, 0)
	if err != nil {
		return err
	}
	defer v.Close()
	_, err = v.Table(w.Context(), 0)
	return err
}

func TestWhatTheFileStoreLostIsMadeAnewWhereItCanBe(t *testing.T) {
	worlds(t, func(w *world) {
		w.serve(small)
		v := w.current()
		table := v.Tables[0].SHA256
		for _, c := range []struct {
			name    string
			lost    []string
			fetched int
		}{
			{"the table", []string{table}, 0},
			{"the kept file too", []string{table, v.SHA256}, 1},
		} {
			w.lose(c.lost...)
			before := w.server.fetched
			if err := w.opened(); plaza.KindOf(err) != plaza.Unavailable {
				t.Errorf("%s: %v", c.name, err)
			}
			w.drain()
			if err := w.opened(); err != nil || w.current().Number != 1 || w.server.fetched-before != c.fetched {
				t.Errorf("%s, made anew: %v, %+v, fetched %d times", c.name, err, w.current(), w.server.fetched-before)
			}
			if _, err := w.store.Stat(t.Context(), v.SHA256); err != nil {
				t.Errorf("%s: the kept file: %v", c.name, err)
			}
		}
		w.lose(table, v.SHA256)
		w.server.status = 404
		_ = w.opened() // has it made anew, in vain
		w.drain()
		if err := w.opened(); plaza.KindOf(err) != plaza.NotFound || w.drain() != 0 {
			t.Errorf("lost for good: %v", err)
		}
	})
}

func TestWhatFailedByChanceIsConvertedAgainForWhoeverAsks(t *testing.T) {
	w := newWorld(t, dbtest.SQLite(t))
	w.engine.fail, w.engine.err = "write", &tabular.Fault{Code: "killed_memory", Byte: -1}
	w.serve(small)
	w.engine.fail = ""
	dbtest.Advance(w.db, 2*time.Hour)
	w.want()
	if w.drain(); w.engine.converts != 1 || w.status().Stage != explore.StageFailed {
		t.Errorf("by itself: %d conversions, %+v", w.engine.converts, w.status())
	}
	if w.serve(small); w.current().State != explore.Good || w.current().Number != 1 || w.status().Stage != explore.StageDone {
		t.Errorf("asked for: %+v", w.status())
	}
}

func TestAMarkIsSentOnlyOfWhatIsCurrent(t *testing.T) {
	w := newWorld(t, dbtest.SQLite(t))
	w.serve(small)
	w.serve(page)
	w.As(w.Enlace, func(tx *db.Tx) error {
		if err := w.explore.Retry(tx, camas); err != nil {
			return err
		}
		return w.explore.Cancel(tx, camas)
	})
	if st := w.serve(page); st.Attempt.Finding != "h01" || st.Attempt.Outcome != explore.OutcomeFailed {
		t.Errorf("a page that stands there still, after a try that was stopped: %+v", st.Attempt)
	}
}

func TestWhoeverMayNotCorrectWaitsBetweenTwoTries(t *testing.T) {
	w := newWorld(t, dbtest.SQLite(t))
	w.serve(small)
	again := func(p account.Person) error {
		return w.Try(p, func(tx *db.Tx) error { return w.explore.Retry(tx, camas) })
	}
	if err := again(w.Ana); plaza.KindOf(err) != plaza.TooMany {
		t.Errorf("a moment later: %v", err)
	}
	if err := again(w.Enlace); err != nil {
		t.Errorf("who may correct it: %v", err)
	}
	w.drain()
	dbtest.Advance(w.db, 2*time.Minute)
	if err := again(w.Ana); err != nil {
		t.Errorf("two minutes later: %v", err)
	}
}

func TestWhatWasWithheldStaysHiddenUnderTheNameThatALaterVersionGivesIt(t *testing.T) {
	worlds(t, func(w *world) {
		w.serve(small)
		w.As(w.Enlace, func(tx *db.Tx) error { return w.explore.Withhold(tx, camas, "precio", "Se revisa.") })
		w.serve("clave,precio_pub\n01,10.5\n02,11\n")
		view, said := w.view()
		if got := view.Hiding.Columns(view.Profile.Tables[0]); !cmp.Equal(got, []string{"precio_pub"}) {
			t.Errorf("hidden: %v; said %s", got, said)
		}
		w.As(w.Enlace, func(tx *db.Tx) error { return w.explore.Release(tx, camas, "precio_pub", "Ya está.") })
		w.serve("clave,precio_pub\n01,10.5\n02,12\n")
		if view, _ := w.view(); len(view.Hiding.Columns(view.Profile.Tables[0])) != 0 {
			t.Errorf("released: %+v", view.Hiding)
		}
	})
}
