package cases_test

import (
	"slices"
	"testing"
	"time"

	"plaza/internal/base/db"
	"plaza/internal/base/db/dbtest"
	"plaza/internal/civic/record"
	"plaza/internal/plaza"
	"plaza/internal/section/cases"
)

// explained is an answer that can be published.
func explained() cases.AnswerForm {
	return cases.AnswerForm{Outcome: cases.Explained, Body: "Es la clave de la entidad según el INEGI."}
}

func TestACaseIsAskedTurnedAnsweredAndAccepted(t *testing.T) {
	worlds(t, func(w *world) {
		c := w.ask(w.ana, w.form())
		if c.Folio != "SALUD-2026-000001-"+c.Folio[len(c.Folio)-1:] || c.State != cases.Open || c.Due.IsZero() {
			w.Fatalf("asked: %+v", c)
		}
		dbtest.Advance(w.db, time.Hour)
		c = w.must(w.enlace, func(tx *db.Tx) (cases.Case, []record.Act, error) { return w.cases.Turn(tx, c.ID, w.unit.ID) })
		if c.State != cases.Assigned || c.Acknowledged.IsZero() {
			w.Errorf("turned: %+v", c)
		}
		dbtest.Advance(w.db, 48*time.Hour)
		c = w.must(w.enlace, func(tx *db.Tx) (cases.Case, []record.Act, error) {
			return w.cases.Publish(tx, c.ID, explained(), cases.Signature{})
		})
		if k := w.clock(c); c.State != cases.Answered || !c.Due.IsZero() || k.At(w.db.Now()) != cases.InTime {
			w.Errorf("answered: %+v, clock %+v", c, k)
		}
		if _, err := w.do(w.beto, func(tx *db.Tx) (cases.Case, []record.Act, error) {
			return w.cases.Accept(tx, c.ID, cases.By(w.beto.Actor()))
		}); plaza.KindOf(err) != plaza.Forbidden {
			w.Errorf("another one accepts: %v", err)
		}
		c = w.must(w.ana, func(tx *db.Tx) (cases.Case, []record.Act, error) {
			return w.cases.Accept(tx, c.ID, cases.By(w.ana.Actor()))
		})
		if c.State != cases.Resolved || c.Settled.IsZero() {
			w.Errorf("accepted: %+v", c)
		}
		if got, want := w.verbs(c), []string{"opened", "assigned", "answered", "accepted"}; !slices.Equal(got, want) {
			w.Errorf("the record says %v, want %v", got, want)
		}
	})
}

func TestTheClockStandsStillWhileTheAskerIsAsked(t *testing.T) {
	worlds(t, func(w *world) {
		c := w.ask(w.ana, w.form()) // Wednesday 25 November 2026: due on 9 December
		due := c.Due
		c = w.must(w.enlace, func(tx *db.Tx) (cases.Case, []record.Act, error) { return w.cases.AskInfo(tx, c.ID, "¿De qué año?") })
		if c.State != cases.NeedsInfo || w.clock(c).At(w.db.Now().AddDate(0, 1, 0)) != cases.Paused {
			w.Errorf("asked back: %+v", c)
		}
		dbtest.Advance(w.db, 7*24*time.Hour)
		c = w.must(w.ana, func(tx *db.Tx) (cases.Case, []record.Act, error) {
			return w.cases.Reply(tx, c.ID, "Del 2025.", cases.By(w.ana.Actor()), cases.From{})
		})
		if want := due.Add(7 * 24 * time.Hour); c.State != cases.Assigned || !c.Due.Equal(want) {
			w.Errorf("replied: due %s, want %s", c.Due, want)
		}
		if k := w.clock(c); k.PausedDays != 5 || !k.Paused.IsZero() {
			w.Errorf("the clock is %+v", k)
		}
	})
}

func TestSilenceEndsWhatWaitsForTheAsker(t *testing.T) {
	worlds(t, func(w *world) {
		waits, answered := w.ask(w.ana, w.form()), w.ask(w.ana, w.form())
		waits = w.must(w.enlace, func(tx *db.Tx) (cases.Case, []record.Act, error) {
			return w.cases.AskInfo(tx, waits.ID, "¿De qué año?")
		})
		answered = w.must(w.enlace, func(tx *db.Tx) (cases.Case, []record.Act, error) {
			return w.cases.Publish(tx, answered.ID, explained(), cases.Signature{})
		})
		for _, step := range []struct {
			at   time.Time
			want []cases.State
		}{
			{waits.WaitsUntil.Add(-time.Millisecond), []cases.State{cases.NeedsInfo, cases.Answered}},
			{waits.WaitsUntil, []cases.State{cases.Closed, cases.Answered}},
			{answered.WaitsUntil.AddDate(0, 0, 3), []cases.State{cases.Closed, cases.Resolved}}, // after an outage
		} {
			w.db.Clock().Set(step.at)
			if _, err := w.cases.Pass(plaza.WithActor(w.Context(), plaza.SystemActor)); err != nil {
				w.Fatal(err)
			}
			w.read(func(tx *db.Tx) error {
				for i, id := range []string{waits.ID, answered.ID} {
					c, err := cases.ByID(tx, id)
					if err != nil || c.State != step.want[i] {
						w.Errorf("at %s case %d is %s (%v), want %s", step.at, i, c.State, err, step.want[i])
					}
				}
				return nil
			})
		}
		again := w.must(w.ana, func(tx *db.Tx) (cases.Case, []record.Act, error) {
			return w.cases.Reply(tx, waits.ID, "Del 2025.", cases.By(w.ana.Actor()), cases.From{})
		})
		if again.State != cases.Assigned || again.Due.IsZero() || again.Reason != "" {
			w.Errorf("after the reply: %+v", again)
		}
	})
}
