package score_test

import (
	"testing"
	"time"

	"plaza/internal/base/db"
	"plaza/internal/base/db/dbtest"
	"plaza/internal/civic/account"
	"plaza/internal/civic/membership"
	"plaza/internal/civic/record"
	"plaza/internal/plaza"
	"plaza/internal/section/cases"
	"plaza/internal/section/cases/score"
)

// closed closes a case as off topic.
func (w *world) closed(c cases.Case) cases.Case {
	w.Helper()
	c, err := w.do(w.liaison[c.Institution], func(tx *db.Tx) (cases.Case, []record.Act, error) {
		return w.cases.Close(tx, c.ID, "No es de datos abiertos.")
	})
	if err != nil {
		w.Fatal(err)
	}
	return c
}

func TestClosedIsNotAnswered(t *testing.T) {
	worlds(t, func(w *world) {
		body := w.bodies[0].ID
		w.closed(w.ask(nonce(), body, cases.Question))
		late := w.ask(nonce(), body, cases.Question)
		taken := w.ask(nonce(), body, cases.Question)
		if _, err := w.do(w.liaison[body], func(tx *db.Tx) (cases.Case, []record.Act, error) { return w.cases.Acknowledge(tx, taken.ID) }); err != nil {
			w.Fatal(err)
		}
		dbtest.Advance(w.db, 30*24*time.Hour)
		w.closed(late) // closing what is overdue does not hide that it was
		f := w.total(score.Filter{})
		if f.Received != 3 || f.Answered != 0 || f.Closed != 2 || f.ClosedLate != 1 || f.Unanswered != 1 || f.Overdue != 1 || f.Judged() != 2 || f.InTime != 0 {
			w.Errorf("the figures are %+v", f)
		}
	})
}

func TestADuplicateIsNoAnswerWhateverWasSaidInIt(t *testing.T) {
	worlds(t, func(w *world) {
		a, b := w.answer(w.ask(nonce(), w.bodies[0].ID, cases.Question)), w.ask(nonce(), w.bodies[0].ID, cases.Question)
		for _, c := range []cases.Case{a, b} {
			w.says(c, "case.merged", c.Institution, map[string]any{"folio": c.Folio, "kind": c.Kind, "state": "closed", "reason": "duplicate", "into": "x", "total": 1})
		}
		if f := w.total(score.Filter{}); f.Received != 2 || f.Duplicates != 2 || f.Answered != 0 || f.Closed != 0 || f.AnswerDays.Count() != 0 {
			w.Errorf("the figures are %+v", f)
		}
	})
}

func TestWhatIsHiddenLeavesTheFiguresAndComesBack(t *testing.T) {
	worlds(t, func(w *world) {
		c := w.ask(nonce(), w.bodies[0].ID, cases.Question)
		for _, step := range []struct {
			verb string
			want int
		}{{"case.hidden", 0}, {"case.restored", 1}, {"case.removed", 0}} {
			w.says(c, step.verb, c.Institution, nil)
			if f := w.total(score.Filter{}); f.Received != step.want {
				w.Errorf("%s: %d counted, want %d", step.verb, f.Received, step.want)
			}
		}
	})
}

func TestWhoAnsweredIsWhoTheEntrySaysWhateverCameLater(t *testing.T) {
	worlds(t, func(w *world) {
		salud, lerma := w.bodies[0].ID, w.bodies[1].ID
		answered, owed := w.answer(w.ask(nonce(), salud, cases.Question)), w.ask(nonce(), salud, cases.Question)
		w.caughtUp()
		// the institution ends and its cases go to another; its Enlace has no role any more
		for _, c := range []cases.Case{answered, owed} {
			w.says(c, "case.moved", lerma, map[string]any{"folio": c.Folio, "kind": c.Kind, "state": c.State, "was": salud})
		}
		w.as(account.Person{}, func(tx *db.Tx) error { return account.RevokeRole(tx, w.liaison[salud].ID, plaza.Liaison, salud) })
		w.levels[salud] = membership.ByCoordination
		before, after := w.total(score.Filter{Bodies: []string{salud}}), w.total(score.Filter{Bodies: []string{lerma}})
		if before.Received != 1 || before.Answered != 1 || after.Received != 1 || after.Unanswered != 1 {
			w.Errorf("who answered: %+v; who owes: %+v", before, after)
		}
		if f := w.total(score.Filter{Side: score.Without}); f.Received != 0 {
			w.Errorf("history was worked out again from today's roles: %+v", f)
		}
	})
}

func TestInstitutionsWithoutAnEnlaceAreCountedApartUntilTheirOwnClockBegins(t *testing.T) {
	worlds(t, func(w *world) {
		lerma := w.bodies[1].ID
		w.levels[lerma] = membership.ByCoordination
		c := w.ask(nonce(), lerma, cases.Question)
		w.ask(nonce(), "", cases.Question)
		for side, want := range map[score.Side]int{score.With: 0, score.Without: 1, score.Central: 1} {
			if f := w.total(score.Filter{Side: side}); f.Received != want {
				w.Errorf("%s: %d, want %d", side, f.Received, want)
			}
		}
		w.says(c, "case.clock_begun", lerma, map[string]any{"folio": c.Folio, "kind": c.Kind, "state": c.State, "body": lerma, "responsible": "liaison",
			"round": 2, "rule": "question@1", "due": w.db.Now().AddDate(0, 0, 20)})
		if f := w.total(score.Filter{Side: score.With}); f.Received != 1 || !f.Oldest.Equal(c.Asked) {
			w.Errorf("after its clock began: %+v", f)
		}
	})
}

func TestAPromiseThatIsMovedWasNotKeptOnItsDay(t *testing.T) {
	worlds(t, func(w *world) {
		body := w.bodies[0].ID
		today := w.db.Now().Format(time.DateOnly)
		act := func(id, verb, due string) {
			w.as(account.Person{}, func(tx *db.Tx) error {
				return record.Append(tx, record.Act{Verb: "commitment." + verb, Object: plaza.Ref{Kind: "commitment", ID: id}, Institution: body, Payload: map[string]any{"due": due}})
			})
		}
		for _, id := range []string{"a", "b", "c", "d"} {
			act(id, "made", w.db.Now().AddDate(0, 0, 3).Format(time.DateOnly))
		}
		act("a", "kept", today)
		act("b", "rescheduled", w.db.Now().AddDate(0, 0, 9).Format(time.DateOnly))
		dbtest.Advance(w.db, 5*24*time.Hour)
		act("b", "kept", "")
		act("c", "kept", "")
		w.caughtUp()
		w.read(func(tx *db.Tx) error {
			all, err := score.Commitments(tx, score.Filter{})
			if want := (score.Kept{Made: 4, OnTime: 1, Moved: 1, Late: 1, Overdue: 1}); all[body] != want {
				w.Errorf("got %+v, want %+v", all[body], want)
			}
			return err
		})
	})
}

func TestTheNearestRankIsTheLeastNumberOfDaysThatSuffices(t *testing.T) {
	for _, c := range []struct {
		days        []int
		median, p90 int
		ok          bool
	}{
		{[]int{1, 2, 3, 4}, 0, 0, false},
		{[]int{5, 1, 2, 4, 3}, 3, 5, true},
		{[]int{1, 1, 1, 1, 1, 1, 1, 1, 1, 90}, 1, 1, true},
		{[]int{1, 1, 1, 1, 1, 1, 1, 1, 90, 90}, 1, 90, true},
		{[]int{0, 0, 2, 2, 2, 2}, 2, 2, true},
	} {
		var d score.Days
		for _, n := range c.days {
			d = counted(d, n)
		}
		median, ok := d.Within(50)
		p90, _ := d.Within(90)
		if median != c.median || p90 != c.p90 || ok != c.ok {
			t.Errorf("%v: %d and %d (%v), want %d and %d (%v)", c.days, median, p90, ok, c.median, c.p90, c.ok)
		}
	}
}

func TestAnEntryThatIsReadTwiceCountsOnce(t *testing.T) {
	worlds(t, func(w *world) {
		w.many(w.bodies[0].ID, 3, 2)
		w.caughtUp()
		before := w.dump()
		w.as(account.Person{}, func(tx *db.Tx) error {
			_, err := tx.Exec(`UPDATE record_positions SET seq = 0 WHERE name = 'scores'`)
			return err
		})
		w.caughtUp()
		if after := w.dump(); len(after) != len(before) || after[0] != before[0] {
			w.Errorf("read twice: %v, once: %v", after, before)
		}
	})
}

func TestARebuildThatWasBrokenOffIsBegunAgain(t *testing.T) {
	worlds(t, func(w *world) {
		w.many(w.bodies[0].ID, 3, 2)
		w.caughtUp()
		want := w.dump()
		w.as(account.Person{}, func(tx *db.Tx) error {
			if _, err := tx.Exec(`DELETE FROM score_cases`); err != nil {
				return err
			}
			_, err := tx.Exec(`UPDATE record_positions SET seq = 0, recipient = 'rebuilding' WHERE name = 'scores'`)
			return err
		})
		w.caughtUp()
		if got := w.dump(); len(got) != len(want) || got[0] != want[0] {
			w.Errorf("after it was begun again: %v, want %v", got, want)
		}
	})
}
