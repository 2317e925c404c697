package explore_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"plaza/internal/base/db"
	"plaza/internal/base/db/dbtest"
	"plaza/internal/base/tabular"
	"plaza/internal/civic/account"
	"plaza/internal/civic/disclosure"
	"plaza/internal/civic/record"
	"plaza/internal/plaza"
	"plaza/internal/section/explore"
)

// canary is a value that nobody may read.
const canary = "CANARIO000000000X1"

// reported are the private notices.
func (w *world) reported() (list []disclosure.Report) {
	w.Helper()
	w.Read(func(tx *db.Tx) error {
		entries, err := record.Since(tx, record.Filter{Verb: "disclosure.received"}, 100)
		for _, e := range entries {
			r, err := disclosure.ByID(tx, e.Object.ID)
			if err != nil {
				return err
			}
			list = append(list, r)
		}
		return err
	})
	return list
}

// view opens the current version; what it says as JSON is told too.
func (w *world) view() (*explore.View, string) {
	w.Helper()
	v, err := w.explore.Open(w.Context(), camas, 0)
	if err != nil {
		w.Fatal(err)
	}
	w.Cleanup(v.Close)
	raw, err := json.Marshal(v.Profile)
	if err != nil {
		w.Fatal(err)
	}
	return v, string(raw)
}

func TestSuspectedPersonalDataIsToldInPrivateOnceAndShownWithoutSamples(t *testing.T) {
	worlds(t, func(w *world) {
		w.serve(people)
		list := w.reported()
		if len(list) != 1 {
			t.Fatalf("%d notices, want 1", len(list))
		}
		r := list[0]
		if r.Institution != w.Salud.ID || r.Object.ID != camas || r.Category != "identity" || r.Place != "v1: «curp» (CURP)" || r.Due.Before(w.db.Now()) || r.Reporter != "" {
			t.Errorf("%+v", r)
		}
		view, said := w.view()
		if strings.Contains(said, canary) || strings.Contains(said, "no debe verse") || !strings.Contains(said, "Ana") {
			t.Errorf("the profile says %s", said)
		}
		table, err := view.Table(t.Context(), 0)
		if err != nil || !cmp.Equal(table.Hidden, []string{"curp"}) {
			t.Errorf("hidden: %v, %v", table.Hidden, err)
		}
		w.serve(people + "Beto,OTRO\n") // while the notice waits, no second
		if n := len(w.reported()); n != 1 {
			t.Errorf("%d notices, want 1", n)
		}
		w.As(w.Transp, func(tx *db.Tx) error { return w.reports.Conclude(tx, r.ID, "removed", "Ya se quitó.") })
		w.serve(people + "Carla,OTRO\n") // it was not, and is told again
		if n := len(w.reported()); n != 2 {
			t.Errorf("%d notices, want 2", n)
		}
		second := w.reported()[1].ID
		w.As(w.Transp, func(tx *db.Tx) error { return w.reports.Conclude(tx, second, "none", "No son de nadie.") })
		w.As(w.Transp, func(tx *db.Tx) error { return w.explore.Release(tx, camas, "curp", "Es una clave de muestra.") })
		w.serve(people + "Diana,OTRO\n")
		if _, said := w.view(); len(w.reported()) != 2 || !strings.Contains(said, canary) {
			t.Errorf("%d notices, and it says %s", len(w.reported()), said)
		}
		w.Read(func(tx *db.Tx) error { // none of it is in the record
			entries, err := record.Since(tx, record.Filter{}, 100)
			for _, e := range entries {
				if s := string(e.Payload); strings.Contains(s, "curp") || strings.Contains(s, canary) || strings.Contains(s, "muestra") {
					t.Errorf("%s says %s", e.Verb, s)
				}
			}
			return err
		})
	})
}

func TestAColumnOrAFileIsWithheldAndShownAgain(t *testing.T) {
	worlds(t, func(w *world) {
		w.serve(small)
		decide := func(p account.Person, f func(*db.Tx, string, string, string) error, column, reason string) error {
			return w.Try(p, func(tx *db.Tx) error { return f(tx, camas, column, reason) })
		}
		for name, c := range map[string]struct {
			who    account.Person
			column string
			reason string
			want   plaza.Kind
		}{
			"a member": {w.Ana, "precio", "x", plaza.Forbidden}, "another liaison": {w.Ajena, "precio", "x", plaza.Forbidden}, "an area": {w.Area, "precio", "x", plaza.Forbidden},
			"no reason": {w.Enlace, "precio", " ", plaza.Invalid}, "no column": {w.Enlace, "otra", "x", plaza.NotFound},
		} {
			if err := decide(c.who, w.explore.Withhold, c.column, c.reason); plaza.KindOf(err) != c.want || err == nil {
				t.Errorf("%s: %v, want %v", name, err, c.want)
			}
		}
		if err := decide(w.Enlace, w.explore.Withhold, "precio", "Se revisa."); err != nil {
			t.Fatal(err)
		}
		w.Read(func(tx *db.Tx) error {
			columns, file, err := w.explore.Hidden(tx, camas)
			if !cmp.Equal(columns, []string{"precio"}) || file {
				t.Errorf("hidden: %v, %v", columns, file)
			}
			return err
		})
		// whatever a correction calls it, it stays hidden
		w.As(w.Enlace, func(tx *db.Tx) error {
			return w.explore.Correct(tx, camas, tabular.Correction{Columns: map[string]tabular.ColumnCorrection{"precio": {Name: "Precio al público"}}}, "Así se llama.", 0)
		})
		w.drain()
		view, said := w.view()
		table, err := view.Table(t.Context(), 0)
		if err != nil || !cmp.Equal(table.Hidden, []string{"Precio al público"}) || strings.Contains(said, "10.5") || !strings.Contains(said, `"01"`) {
			t.Errorf("hidden: %v, %v; said %s", table.Hidden, err, said)
		}
		if err := decide(w.Admin, w.explore.Withhold, "", "Todo."); err != nil {
			t.Fatal(err)
		}
		view, said = w.view()
		if _, err := view.Table(t.Context(), 0); plaza.KindOf(err) != plaza.Forbidden || strings.Contains(said, "clave") {
			t.Errorf("the whole file: %v; said %s", err, said)
		}
		w.Read(func(tx *db.Tx) error {
			if _, err := w.explore.LastGood(tx, camas); plaza.KindOf(err) != plaza.NotFound {
				t.Errorf("a copy of what is withheld: %v", err)
			}
			return nil
		})
		for _, column := range []string{"", "precio"} {
			for range 2 { // twice is once
				if err := decide(w.Transp, w.explore.Release, column, "Ya está."); err != nil {
					t.Fatal(err)
				}
			}
		}
		if _, said := w.view(); !strings.Contains(said, "10.5") {
			t.Errorf("shown again: %s", said)
		}
		want := []string{"resource.opened", "resource.column_withheld", "resource.corrected", "resource.withheld", "resource.released", "resource.column_released"}
		if diff := cmp.Diff(want, w.acts()); diff != "" {
			t.Error(diff)
		}
		if !strings.Contains(strings.Join(w.indexed, ";"), "1 true") {
			t.Errorf("the search was told: %v", w.indexed)
		}
	})
}

// TestAHoldEndsOnlyByWhoeverDecidesAboutIt has a file withheld by a private report, by its
// office and by both, in either order, and one of them ended.
func TestAHoldEndsOnlyByWhoeverDecidesAboutIt(t *testing.T) {
	worlds(t, func(w *world) {
		w.serve(people)
		office := func(f func(*db.Tx, string, string, string) error) error {
			dbtest.Advance(w.db, time.Minute)
			return w.Try(w.Enlace, func(tx *db.Tx) error { return f(tx, camas, "", "Se revisa.") })
		}
		report := func(holds bool) (seen bool) {
			dbtest.Advance(w.db, time.Minute)
			w.As(w.Transp, func(tx *db.Tx) (err error) {
				at := time.Time{}
				if holds {
					at = tx.Now
				}
				seen, err = w.explore.Report(tx, camas, at)
				return err
			})
			return seen
		}
		held := func(step string, want explore.Hiding) {
			t.Helper()
			w.Read(func(tx *db.Tx) error {
				h, err := explore.HidingOf(tx, w.resource)
				if h.File != want.File || h.Reported != want.Reported || h.File == w.resource.Withheld.IsZero() {
					t.Errorf("%s: withheld %v, by a report %v, in the catalogue since %v", step, h.File, h.Reported, w.resource.Withheld)
				}
				return err
			})
		}
		both, mine, none := explore.Hiding{File: true, Reported: true}, explore.Hiding{File: true}, explore.Hiding{}
		refused := func(step string) {
			t.Helper()
			if err := office(w.explore.Release); plaza.KindOf(err) != plaza.Invalid || !strings.Contains(fmt.Sprintf("%+v", err.(*plaza.Error).Fields), "explore.error.reported") {
				t.Errorf("%s the office shows it: %v", step, err)
			}
			held(step, both)
		}
		if !report(true) {
			t.Error("nobody sees what a report withholds")
		}
		refused("withheld by a report")
		if err := office(w.explore.Withhold); err != nil {
			t.Fatal(err)
		}
		refused("withheld by a report, then by the office")
		if report(false) {
			t.Error("the end of a report shows what the office withholds")
		}
		held("the report ended", mine)
		if report(true) {
			t.Error("it was withheld before")
		}
		refused("withheld by the office, then by a report")
		report(false)
		if err := office(w.explore.Release); err != nil {
			t.Fatal(err)
		}
		held("both ended", none)
		// nor does it touch a column that waits for a decision
		view, _ := w.view()
		if table, err := view.Table(t.Context(), 0); err != nil || !cmp.Equal(table.Hidden, []string{"curp"}) {
			t.Errorf("of the columns, %v are hidden: %v", table.Hidden, err)
		}
	})
}

func TestGuessesAreOnTheListWhereverTheProfileIsKept(t *testing.T) {
	large := strings.Repeat("x", 300<<10)
	worlds(t, func(w *world) {
		for _, c := range []struct {
			body string
			want bool
		}{{"dudosa\n1\n", true}, {"segura\n1\n", false}, {"dudosa\n" + large + "\n", true}, {"segura\n" + large + "\n", false}} {
			w.serve(c.body)
			w.Read(func(tx *db.Tx) error {
				list, err := explore.Needs(tx, []string{camas})
				if got := len(list) == 1 && list[0].Doubts; got != c.want {
					t.Errorf("%.9q of %d bytes: %+v", c.body, len(c.body), list)
				}
				return err
			})
			if v, _ := w.view(); len(v.Profile.Tables) != 1 || len(v.Profile.Tables[0].Columns) != 1 {
				t.Errorf("%.9q: the profile is %+v", c.body, v.Profile)
			}
		}
	})
}
