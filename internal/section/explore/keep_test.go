package explore_test

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"plaza/internal/base/db"
	"plaza/internal/base/db/dbtest"
	"plaza/internal/civic/account"
	"plaza/internal/plaza"
	"plaza/internal/section/explore"
)

// kept are the numbers of the versions whose files are there, the newest first.
func (w *world) kept() (numbers []int) {
	w.Helper()
	for _, v := range w.versions() {
		if v.Expired.IsZero() {
			numbers = append(numbers, v.Number)
		}
	}
	return numbers
}

func (w *world) sweep() {
	w.Helper()
	if err := w.explore.Sweep(w.Context()); err != nil {
		w.Fatal(err)
	}
}

func TestVersionsAreKeptAsConfiguredAndTheFirstAndLastGoodOfWhatIsOpen(t *testing.T) {
	worlds(t, func(w *world) {
		for i := range 6 {
			w.serve(fmt.Sprintf("clave,precio\n%02d,1\n", i))
		}
		w.server.set("clave,precio\n05,1\n") // as it is
		w.sweep()
		if diff := cmp.Diff([]int{6, 5, 4, 1}, w.kept()); diff != "" {
			t.Error(diff)
		}
		if n := len(w.objects()); n != 12 {
			t.Errorf("%d objects, want 12: nothing goes before its time", n)
		}
		dbtest.Advance(w.db, 49*time.Hour)
		w.sweep()
		if n := len(w.objects()); n != 8 {
			t.Errorf("%d objects, want 8", n)
		}
		for _, v := range w.versions() {
			_, err := w.explore.Open(t.Context(), camas, v.Number)
			if gone := plaza.KindOf(err) == plaza.NotFound; gone != slices.Contains([]int{2, 3}, v.Number) || gone && v.SHA256 == "" {
				t.Errorf("version %d: %v", v.Number, err)
			}
		}
		w.resource.Open = false
		w.sweep()
		if diff := cmp.Diff([]int{6, 5, 4}, w.kept()); diff != "" {
			t.Error(diff)
		}
		w.serve("clave,precio\n02,1\n") // what expired comes back
		if v := w.current(); v.Number != 3 || !v.Expired.IsZero() || len(w.versions()) != 6 {
			t.Errorf("back again: %+v", v)
		}
		if _, err := w.explore.Open(t.Context(), camas, 0); err != nil {
			t.Error(err)
		}
	})
}

func TestTheLastGoodCopyIsOfferedOfWhatIsOpen(t *testing.T) {
	worlds(t, func(w *world) {
		w.serve(small)
		w.server.status = 404
		w.serve("")
		w.resource.Gone = true
		for _, open := range []bool{true, false} {
			w.resource.Open = open
			w.Read(func(tx *db.Tx) error {
				v, err := w.explore.LastGood(tx, camas)
				if open && (err != nil || v.Number != 1) || !open && plaza.KindOf(err) != plaza.NotFound {
					t.Errorf("open %v: %+v, %v", open, v, err)
				}
				return nil
			})
		}
	})
}

func TestAnObjectOfTwoResourcesStaysWhileOneNamesIt(t *testing.T) {
	worlds(t, func(w *world) {
		const other = "33333333-3333-7333-8333-333333333333"
		for i := range 5 {
			w.serve(fmt.Sprintf("clave,precio\n%02d,1\n", i))
		}
		w.server.set("clave,precio\n01,1\n")
		if _, err := w.explore.Want(t.Context(), other); err != nil {
			t.Fatal(err)
		}
		w.drain()
		dbtest.Advance(w.db, 49*time.Hour)
		w.sweep()
		dbtest.Advance(w.db, 49*time.Hour)
		w.sweep()
		v, err := w.explore.Open(t.Context(), other, 0)
		if err != nil {
			t.Fatal(err)
		}
		defer v.Close()
		if _, err := v.Table(t.Context(), 0); err != nil || slices.Contains(w.kept(), 2) {
			t.Errorf("%v; kept %v", err, w.kept())
		}
		if _, err := w.store.Stat(t.Context(), v.Version.SHA256); err != nil {
			t.Error(err)
		}
	})
}

func TestAnObjectThatIsBeingRemovedIsNotClaimed(t *testing.T) {
	worlds(t, func(w *world) {
		w.serve(small)
		sum := w.current().SHA256
		w.As(account.Person{}, func(tx *db.Tx) error {
			for _, statement := range []string{`UPDATE explore_objects SET doomed_at = claimed_at`, `DELETE FROM explore_tables`,
				`DELETE FROM explore_versions`, `DELETE FROM explore_attempts`} {
				if _, err := tx.Exec(statement); err != nil {
					return err
				}
			}
			return nil
		})
		if st := w.serve(small); st.Stage != explore.StageWaiting || fault(st) != "explore.error.object" {
			t.Errorf("while it goes: %+v, %s", st, fault(st))
		}
		dbtest.Advance(w.db, 49*time.Hour)
		w.sweep()
		if _, err := w.store.Stat(t.Context(), sum); plaza.KindOf(err) != plaza.NotFound {
			t.Errorf("the sweep left it: %v", err)
		}
		if w.drain(); w.current().Number != 1 {
			t.Errorf("afterwards: %+v", w.status())
		}
	})
}

func TestFilesAreOpenedAheadWithinABudget(t *testing.T) {
	worlds(t, func(w *world) {
		w.server.set(small)
		w.newest = []string{"nuevo-1", "nuevo-2", "nuevo-3"}
		for _, id := range []string{"visto", "visto", "nuevo-2", "poco"} {
			if err := w.explore.Visit(t.Context(), id); err != nil {
				t.Fatal(err)
			}
		}
		if err := w.explore.StoreVisits(t.Context()); err != nil {
			t.Fatal(err)
		}
		w.Read(func(tx *db.Tx) error {
			list, err := explore.MostVisited(tx, 10)
			if diff := cmp.Diff([]string{"visto", "nuevo-2", "poco"}, list); diff != "" {
				t.Error(diff)
			}
			return err
		})
		var opened []int
		for range 4 {
			n, err := w.explore.OpenAhead(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			opened = append(opened, n)
			if again, _ := w.explore.OpenAhead(t.Context()); again != 0 && n == 2 {
				t.Errorf("%d more while two wait", again)
			}
			w.drain()
		}
		if diff := cmp.Diff([]int{2, 2, 1, 0}, opened); diff != "" {
			t.Error(diff)
		}
		dbtest.Advance(w.db, 8*24*time.Hour)
		if n, err := w.explore.OpenAhead(t.Context()); n != 2 || err != nil {
			t.Errorf("a week later: %d, %v", n, err)
		}
	})
}

func TestWhenAVisitOpensAFileAgain(t *testing.T) {
	worlds(t, func(w *world) {
		w.serve(small)
		for _, c := range []struct {
			name string
			wait time.Duration
			want explore.Stage
		}{{"at once", 0, explore.StageDone}, {"a day later", 24 * time.Hour, explore.StageDone}, {"a week later", 6 * 24 * time.Hour, explore.StageWaiting}} {
			dbtest.Advance(w.db, c.wait)
			if st := w.want(); st.Stage != c.want {
				t.Errorf("%s: %s, want %s", c.name, st.Stage, c.want)
			}
		}
		w.drain()
		w.server.status = 404
		w.serve("")
		if st := w.want(); st.Stage != explore.StageFailed {
			t.Errorf("a visit tries at once what has just failed: %s", st.Stage)
		}
		dbtest.Advance(w.db, 2*time.Hour)
		if st := w.want(); st.Stage != explore.StageWaiting {
			t.Errorf("a visit does not try again what failed: %s", st.Stage)
		}
	})
}

func TestWhoComesWhenManyWaitIsAskedForPatience(t *testing.T) {
	worlds(t, func(w *world) {
		for i := range 3 {
			if _, err := w.explore.Want(t.Context(), fmt.Sprint("r", i)); err != nil {
				t.Fatal(err)
			}
		}
		if _, err := w.explore.Want(t.Context(), camas); plaza.KindOf(err) != plaza.TooMany {
			t.Errorf("Want = %v", err)
		}
	})
}

func TestWhatOthersNoticeOfAFileHasItOpenedAgain(t *testing.T) {
	worlds(t, func(w *world) {
		w.serve(small)
		etag := w.server.etag
		for name, c := range map[string]struct {
			head explore.Head
			want bool
		}{
			"nothing":        {explore.Head{Size: -1}, false},
			"the same mark":  {explore.Head{ETag: etag, Size: 1}, false},
			"another mark":   {explore.Head{ETag: `"otra"`}, true},
			"the same size":  {explore.Head{Size: int64(len(small))}, false},
			"another size":   {explore.Head{Size: 5}, true},
			"the address":    {explore.Head{URL: w.resource.URL}, false},
			"a new address":  {explore.Head{URL: w.resource.URL + "?v=2", ETag: etag}, true},
			"a lonely date":  {explore.Head{LastModified: "ayer"}, false},
			"date, and size": {explore.Head{LastModified: "ayer", Size: 5}, true},
		} {
			w.As(account.Person{}, func(tx *db.Tx) error {
				got, err := w.explore.Noticed(tx, camas, c.head)
				if got != c.want {
					t.Errorf("%s: %v, want %v", name, got, c.want)
				}
				if none, err := w.explore.Noticed(tx, "nunca-abierto", c.head); none || err != nil {
					t.Errorf("%s of what was never opened: %v, %v", name, none, err)
				}
				return err
			})
			w.drain()
		}
	})
}

func TestTwoVersionsAreCompared(t *testing.T) {
	worlds(t, func(w *world) {
		w.serve(small)
		w.serve(larger)
		list := w.versions()
		got, err := w.explore.Compare(t.Context(), list[1], list[0])
		if err != nil || got.From != 1 || !got.Counted || got.Added != 2 || got.Removed != 1 || len(got.Drift.Tables) != 1 {
			t.Errorf("%+v, %v", got, err)
		}
		back, err := w.explore.Compare(t.Context(), list[0], list[1])
		if err != nil || back.Added != 1 || back.Removed != 2 {
			t.Errorf("%+v, %v", back, err)
		}
	})
}

func TestALargeTableGetsTheEnginesOwnFormInTheBackground(t *testing.T) {
	worlds(t, func(w *world) {
		w.serve(larger)
		view, _ := w.view()
		first, err := view.Table(t.Context(), 0)
		if err != nil || first.Native != "" {
			t.Fatalf("%+v, %v", first, err)
		}
		w.cache.Settle()
		again, err := view.Table(t.Context(), 0)
		if err != nil || again.Native == "" || again.Parquet != first.Parquet || w.engine.natives != 1 {
			t.Errorf("%+v, %v", again, err)
		}
		if _, err := view.Table(t.Context(), 1); plaza.KindOf(err) != plaza.NotFound {
			t.Errorf("a table that is not there: %v", err)
		}
	})
}
