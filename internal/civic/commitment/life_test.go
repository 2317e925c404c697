package commitment_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"plaza/internal/base/db"
	"plaza/internal/base/db/dbtest"
	"plaza/internal/civic/account"
	"plaza/internal/civic/commitment"
	"plaza/internal/civic/institution"
	"plaza/internal/civic/record"
	"plaza/internal/plaza"
)

// fieldError is the key of what is wrong with a field, "" for nothing.
func fieldError(err error, field string) string {
	if e, ok := errors.AsType[*plaza.Error](err); ok {
		for _, f := range e.Fields {
			if f.Field == field {
				return strings.TrimPrefix(f.Key, "commitment.error.")
			}
		}
	}
	return ""
}

// key is what an error says.
func key(err error) string {
	if e, ok := errors.AsType[*plaza.Error](err); ok {
		return strings.TrimPrefix(e.Key, "commitment.error.")
	}
	return ""
}

func TestAPromiseIsPutOffTwiceAndNoMore(t *testing.T) {
	worlds(t, func(w *world) {
		c := w.made(w.promise())
		if c.Code != "SALUD-C-2026-0001" || c.State != commitment.Open || c.Voice.Name != w.salud.Name {
			w.Errorf("made: %+v", c)
		}
		move := func(p account.Person, due, why string) (commitment.Commitment, error) {
			return w.do(p, func(tx *db.Tx) (commitment.Commitment, []record.Act, error) {
				return w.promises.Move(tx, c.ID, due, why)
			})
		}
		for _, bad := range []struct{ due, why, field, want string }{
			{"2026-12-15", "Falta revisar.", "fecha", "later"},
			{"2026-12-01", "Falta revisar.", "fecha", "later"},
			{"el martes", "Falta revisar.", "fecha", "later"},
			{"9999-99-99", "Falta revisar.", "fecha", "later"},
			{"2026-12-20", " ", "motivo", "words"},
			{"2026-12-20", strings.Repeat("a", commitment.MaxReason+1), "motivo", "long"},
		} {
			if _, err := move(w.enlace, bad.due, bad.why); fieldError(err, bad.field) != bad.want {
				w.Errorf("to %q because %.20q: %v, want %s", bad.due, bad.why, err, bad.want)
			}
		}
		for _, other := range []account.Person{w.ana, w.ajena, w.transp} {
			if _, err := move(other, "2027-01-15", "Falta revisar."); plaza.KindOf(err) != plaza.Forbidden {
				w.Errorf("%s moves it: %v", other.Name, err)
			}
		}
		moved, err := move(w.area, "2027-01-15", "Falta revisar.")
		if err != nil || moved.Moves != 1 || moved.OriginalDue != "2026-12-15" || moved.Due != "2027-01-15" {
			w.Fatalf("moved: %+v, %v", moved, err)
		}
		w.db.Clock().Set(moved.Late.Add(-time.Millisecond)) // its last moment
		again, err := move(w.enlace, "2027-02-15", "Falta un dato.")
		if err != nil || again.Moves != 2 {
			w.Fatalf("moved again: %+v, %v", again, err)
		}
		if _, err := move(w.admin, "2027-03-15", "Otra vez."); plaza.KindOf(err) != plaza.Conflict || key(err) != "moves" {
			w.Errorf("a third time: %v", err)
		}
		w.read(func(tx *db.Tx) error {
			steps, err := commitment.Steps(tx, c.ID)
			if len(steps) != 3 || steps[1].Facts.Was != "2026-12-15" || steps[1].Facts.Due != "2027-01-15" || steps[1].Body != "Falta revisar." || steps[1].Voice.Role != plaza.DataOwner {
				w.Errorf("its line is %+v", steps)
			}
			return err
		})
		if got := w.verbs(c); got != "made rescheduled rescheduled" {
			w.Errorf("the record has %s", got)
		}
	})
}

func TestAnOverdueCommitmentIsNotPutOff(t *testing.T) {
	worlds(t, func(w *world) {
		c := w.made(w.promise())
		// the day ends at midnight in the centre of Mexico
		if want := time.Date(2026, 12, 16, 6, 0, 0, 0, time.UTC); !c.Late.Equal(want) || c.Overdue(want.Add(-time.Millisecond)) || !c.Overdue(want) {
			w.Errorf("it is late from %s on, want %s", c.Late, want)
		}
		w.db.Clock().Set(c.Late)
		if _, err := w.do(w.enlace, func(tx *db.Tx) (commitment.Commitment, []record.Act, error) {
			return w.promises.Move(tx, c.ID, "2027-01-15", "Falta revisar.")
		}); plaza.KindOf(err) != plaza.Conflict || key(err) != "too_late" {
			w.Errorf("put off at %s: %v", c.Late, err)
		}
		w.read(func(tx *db.Tx) error {
			n, err := commitment.Count(tx, commitment.Filter{Show: commitment.ShowOverdue})
			if n != 1 {
				w.Errorf("%d are overdue, want 1", n)
			}
			return err
		})
	})
}

func TestACommitmentClosesOnEvidenceAlone(t *testing.T) {
	worlds(t, func(w *world) {
		after := func(e commitment.Evidence, change func(*commitment.Evidence)) commitment.Evidence {
			change(&e)
			return e
		}
		for _, c := range []struct {
			name string
			kind commitment.Kind
			e    commitment.Evidence
			want string // what lacks
		}{
			{"nothing is named", commitment.Publish, commitment.Evidence{}, "evidence.none"},
			{"its source dropped it", commitment.Publish, after(good(w.db.Now()), func(e *commitment.Evidence) { e.Absent = true }), "evidence.absent"},
			{"there is nothing to get", commitment.Publish, after(good(w.db.Now()), func(e *commitment.Evidence) { e.Resources, e.Answering = 0, 0 }), "evidence.no_resources"},
			{"nobody looked yet", commitment.Publish, after(good(w.db.Now()), func(e *commitment.Evidence) { e.Answering, e.Unchecked = 0, 1 }), "evidence.unchecked"},
			{"no link answers", commitment.Publish, after(good(w.db.Now()), func(e *commitment.Evidence) { e.Answering = 0 }), "evidence.not_answering"},
			{"nothing changed", commitment.Improve, good(w.db.Now().AddDate(0, -1, 0)), "evidence.unchanged"},
			{"nothing was updated", commitment.Update, good(w.db.Now().AddDate(0, -1, 0)), "evidence.unchanged"},
			{"nothing is explained", commitment.Document, after(good(w.db.Now().AddDate(0, 1, 0)), func(e *commitment.Evidence) { e.Documented = false }), "evidence.undocumented"},
			{"there is no API", commitment.API, after(good(w.db.Now().AddDate(0, 1, 0)), func(e *commitment.Evidence) { e.Service = false }), "evidence.no_service"},
			{"it was there before", commitment.Publish, good(w.db.Now().AddDate(0, -1, 0)), ""},
			{"it changed", commitment.Improve, good(w.db.Now().AddDate(0, 1, 0)), ""},
		} {
			p := w.promise()
			p.Kind = c.kind
			made := w.made(p)
			w.shows[camas] = c.e
			done, err := w.do(w.area, func(tx *db.Tx) (commitment.Commitment, []record.Act, error) {
				return w.promises.Deliver(tx, made.ID, camas)
			})
			if got := fieldError(err, "objeto"); got != c.want {
				w.Errorf("%s: %q (%v), want %q", c.name, got, err, c.want)
			}
			if c.want != "" {
				if now := w.now(made); now.State != commitment.Open || now.Version != made.Version {
					w.Errorf("%s: it is %+v", c.name, now)
				}
				continue
			}
			if done.State != commitment.Kept || done.Settled.IsZero() || done.Evidence.Title != "Camas de hospital" || done.Object != camas || done.Dataset != camas.ID || w.kept[len(w.kept)-1] != done.Code {
				w.Errorf("%s: kept: %+v, told %v", c.name, done, w.kept)
			}
			if _, err := w.do(w.area, func(tx *db.Tx) (commitment.Commitment, []record.Act, error) {
				return w.promises.Deliver(tx, made.ID, camas)
			}); plaza.KindOf(err) != plaza.Conflict {
				w.Errorf("%s: a second time: %v", c.name, err)
			}
		}
	})
}

func TestAChangeOfTheDatasetKeepsWhatWasPromisedOfIt(t *testing.T) {
	worlds(t, func(w *world) {
		ctx := plaza.WithActor(w.Context(), plaza.SystemActor)
		of := func(kind commitment.Kind, object plaza.Ref) commitment.Commitment {
			p := w.promise()
			p.Kind, p.Object = kind, object
			return w.made(p)
		}
		improve, publish, other, unknown := of(commitment.Improve, camas), of(commitment.Publish, camas), of(commitment.Other, camas), of(commitment.Publish, plaza.Ref{})
		states := func(want ...commitment.State) {
			w.Helper()
			for i, c := range []commitment.Commitment{improve, publish, other, unknown} {
				if got := w.now(c); got.State != want[i] {
					w.Errorf("commitment %d is %s, want %s", i, got.State, want[i])
				}
			}
		}
		changes := func(verb string, object plaza.Ref, payload any) {
			w.Helper()
			w.as(account.Person{}, func(tx *db.Tx) error {
				return record.Append(tx, record.Act{Verb: verb, Object: object, Institution: w.salud.ID, Payload: payload})
			})
			if err := w.promises.Watch(ctx); err != nil {
				w.Fatal(err)
			}
		}
		open := commitment.Open
		w.shows[camas] = good(improve.Made.Add(-time.Hour)) // it was like that before
		changes("dataset.late", camas, nil)
		states(open, open, open, open)
		w.shows[camas] = good(w.db.Now())
		if err := w.promises.Watch(ctx); err != nil { // nothing is new in the record
			w.Fatal(err)
		}
		states(open, open, open, open)
		changes("resource.recovered", plaza.Ref{Kind: "resource", ID: "uno"}, map[string]any{"dataset": "otro"})
		states(open, open, open, open)
		changes("resource.recovered", plaza.Ref{Kind: "resource", ID: "uno"}, map[string]any{"dataset": camas.ID})
		states(commitment.Kept, commitment.Kept, open, open)
		if got := w.now(improve); !got.Evidence.Modified.Equal(w.shows[camas].Modified) || w.verbs(improve) != "made kept" || len(w.kept) != 2 {
			w.Errorf("kept on %+v, the record says %s, told %v", got.Evidence, w.verbs(improve), w.kept)
		}
		// what is seen without a word in the record, as a link that answers the first time
		late := of(commitment.Format, camas)
		w.shows[camas] = good(w.db.Now())
		if err := w.promises.Sweep(ctx); err != nil {
			w.Fatal(err)
		}
		if got := w.now(late); got.State != commitment.Kept {
			w.Errorf("after the sweep it is %s", got.State)
		}
	})
}

func TestDroppingACommitmentTakesTwoPersons(t *testing.T) {
	worlds(t, func(w *world) {
		c := w.made(w.promise())
		ask := func(p account.Person, why string) error {
			_, err := w.do(p, func(tx *db.Tx) (commitment.Commitment, []record.Act, error) { return w.promises.AskDrop(tx, c.ID, why) })
			return err
		}
		sign := func(p account.Person) (commitment.Commitment, error) {
			return w.do(p, func(tx *db.Tx) (commitment.Commitment, []record.Act, error) { return w.promises.SignDrop(tx, c.ID) })
		}
		back := func(p account.Person) error {
			_, err := w.do(p, func(tx *db.Tx) (commitment.Commitment, []record.Act, error) {
				return w.promises.ReturnDrop(tx, c.ID, "Sí se puede.")
			})
			return err
		}
		if _, err := sign(w.transp); plaza.KindOf(err) != plaza.Conflict {
			w.Errorf("signed before anybody asked: %v", err)
		}
		if err := ask(w.enlace, ""); fieldError(err, "motivo") != "words" {
			w.Errorf("without a reason: %v", err)
		}
		for _, p := range []account.Person{w.area, w.transp, w.ajena, w.ana} {
			if err := ask(p, "La ley lo impide."); plaza.KindOf(err) != plaza.Forbidden {
				w.Errorf("%s asks: %v", p.Name, err)
			}
		}
		if err := ask(w.admin, "La ley lo impide."); err != nil {
			w.Fatal(err)
		}
		if _, err := sign(w.admin); plaza.KindOf(err) != plaza.Forbidden { // who may do both may not do both
			w.Errorf("signed by who asked: %v", err)
		}
		if err := back(w.enlace); plaza.KindOf(err) != plaza.Forbidden { // neither signs nor asked
			w.Errorf("taken back by another: %v", err)
		}
		if err := back(w.admin); err != nil {
			w.Errorf("taken back: %v", err)
		}
		if err := ask(w.enlace, "La ley lo impide."); err != nil {
			w.Fatal(err)
		}
		if err := back(w.transp); err != nil {
			w.Errorf("returned: %v", err)
		}
		if err := ask(w.enlace, "La ley lo impide."); err != nil {
			w.Fatal(err)
		}
		for _, p := range []account.Person{w.enlace, w.area, w.ajena, w.ana} {
			if _, err := sign(p); plaza.KindOf(err) != plaza.Forbidden {
				w.Errorf("%s signs: %v", p.Name, err)
			}
		}
		dropped, err := sign(w.transp)
		if err != nil || dropped.State != commitment.Dropped || dropped.Drops() {
			w.Fatalf("signed: %+v, %v", dropped, err)
		}
		w.read(func(tx *db.Tx) error {
			steps, err := commitment.Steps(tx, c.ID)
			last := steps[len(steps)-1]
			if last.Body != "La ley lo impide." || last.Voice.Role != plaza.Liaison || last.Facts.Signed.Role != plaza.Transparency {
				w.Errorf("the last step is %+v", last)
			}
			return err
		})
		if _, err := sign(w.transp); plaza.KindOf(err) != plaza.Conflict {
			w.Errorf("signed twice: %v", err)
		}
	})
}

func TestProgressIsToldAndIsNoEvidence(t *testing.T) {
	worlds(t, func(w *world) {
		c := w.made(w.promise())
		tell := func(said string, percent int) error {
			_, err := w.do(w.area, func(tx *db.Tx) (commitment.Commitment, []record.Act, error) {
				return w.promises.Progress(tx, c.ID, said, percent)
			})
			return err
		}
		for _, n := range []int{-1, 100, 1 << 30} {
			if err := tell("Casi.", n); fieldError(err, "porcentaje") != "percent" {
				w.Errorf("%d: %v", n, err)
			}
		}
		if err := tell("Casi.", 99); err != nil || w.now(c).Percent != 99 || w.now(c).State != commitment.Open {
			w.Errorf("told: %+v, %v", w.now(c), err)
		}
	})
}

func TestAPromiseSaysWhatByWhen(t *testing.T) {
	worlds(t, func(w *world) {
		for field, change := range map[string]func(*commitment.Promise){
			"clase":   func(p *commitment.Promise) { p.Kind = "?" },
			"promesa": func(p *commitment.Promise) { p.Text = "\u200b" },
			"fecha":   func(p *commitment.Promise) { p.Due = "2026-11-01" },
		} {
			p := w.promise()
			change(&p)
			if _, err := w.do(w.enlace, func(tx *db.Tx) (commitment.Commitment, []record.Act, error) { return w.promises.Make(tx, p) }); fieldError(err, field) == "" {
				w.Errorf("%s: %v", field, err)
			}
		}
		p := w.promise()
		p.Institution, p.Unit = "", ""
		if c := w.made(p); c.Code != "PLAZA-C-2026-0001" {
			w.Errorf("the coordination's is %s", c.Code)
		}
		if a, b := w.made(w.promise()), w.made(w.promise()); a.Code == b.Code {
			w.Errorf("two have the code %s", a.Code)
		}
	})
}

func TestASuccessorKeepsThePromisesByTheirDates(t *testing.T) {
	worlds(t, func(w *world) {
		var all []commitment.Commitment
		for range institution.MaxPiece + 3 {
			all = append(all, w.made(w.promise()))
		}
		dropped := all[0]
		w.as(account.Person{}, func(tx *db.Tx) error {
			_, err := tx.Exec(`UPDATE commitments SET state = 'dropped' WHERE id = $1`, dropped.ID)
			return err
		})
		m, pieces := w.promises.Mover(), 0
		for {
			left := 0
			w.read(func(tx *db.Tx) (err error) { left, err = m.Count(tx, w.salud.ID); return err })
			if left == 0 {
				break
			}
			pieces++
			w.as(account.Person{}, func(tx *db.Tx) error {
				acts, err := m.Move(tx, w.salud.ID, w.lerma.ID)
				if err != nil {
					return err
				}
				return record.Append(tx, acts...)
			})
		}
		c := w.now(all[1])
		if pieces != 2 || c.Institution != w.lerma.ID || c.MovedFrom != w.salud.ID || c.Unit != "" || !c.Late.Equal(all[1].Late) || c.Due != all[1].Due || c.Code != all[1].Code {
			w.Errorf("after %d pieces: %+v", pieces, c)
		}
		if got := w.now(dropped); got.Institution != w.salud.ID {
			w.Errorf("what was settled went to %s", got.Institution)
		}
		if got := w.verbs(c); got != "made moved" {
			w.Errorf("the record has %s", got)
		}
		dbtest.Advance(w.db, time.Hour)
		if _, err := w.do(w.ajena, func(tx *db.Tx) (commitment.Commitment, []record.Act, error) {
			return w.promises.Progress(tx, c.ID, "Seguimos.", 10)
		}); err != nil {
			w.Errorf("the successor's liaison: %v", err)
		}
	})
}

func TestWhoAskedHearsWhatBecameOfIt(t *testing.T) {
	worlds(t, func(w *world) {
		c := w.made(w.promise())
		w.must(w.enlace, func(tx *db.Tx) (commitment.Commitment, []record.Act, error) {
			return w.promises.Move(tx, c.ID, "2027-01-15", "Falta revisar.")
		})
		w.must(w.enlace, func(tx *db.Tx) (commitment.Commitment, []record.Act, error) {
			return w.promises.AskDrop(tx, c.ID, "La ley lo impide.")
		})
		w.read(func(tx *db.Tx) error {
			entries, err := record.Since(tx, record.Filter{Object: c.Ref()}, 10)
			if err != nil {
				return err
			}
			for i, want := range []struct{ nobody, asker, signs bool }{{nobody: true}, {asker: true}, {signs: true}} {
				a, err := w.promises.Audiences(tx, entries[i])
				if err != nil || a.Nobody != want.nobody || (len(a.Direct) == 1) != want.asker || (len(a.Roles) == 1) != want.signs {
					w.Errorf("%s: %+v, %v", entries[i].Verb, a, err)
				}
			}
			cards, err := commitment.Cards(w.cards)(tx, []plaza.Ref{c.Ref()})
			if k := cards[c.Ref()]; k.Title != c.Text || len(k.Within) != 3 || k.Within[0] != asked || k.Within[1] != camas {
				w.Errorf("its card is %+v", k)
			}
			return err
		})
	})
}
