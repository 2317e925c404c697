package cases_test

import (
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

// refusal is an answer that needs a signature.
func refusal() cases.AnswerForm {
	return cases.AnswerForm{Outcome: cases.Reserved, Body: "Está reservada por cinco años.", Ground: "reserved", Alternative: "El total por entidad.", Appeal: "Ante la autoridad garante."}
}

// draft saves what a person would answer.
func (w *world) draft(p account.Person, c cases.Case, form cases.AnswerForm, seen int) (d cases.AnswerDraft, err error) {
	w.Helper()
	err = w.try(p, func(tx *db.Tx) (err error) {
		d, err = w.cases.SaveDraft(tx, c.ID, form, seen)
		return err
	})
	return d, err
}

// drafts does something to drafts without failure.
func (w *world) drafting(p account.Person, what func(tx *db.Tx) (cases.AnswerDraft, error)) (d cases.AnswerDraft) {
	w.Helper()
	w.as(p, func(tx *db.Tx) (err error) { d, err = what(tx); return err })
	return d
}

func (w *world) get(c cases.Case) (out cases.Case) {
	w.Helper()
	w.read(func(tx *db.Tx) (err error) { out, err = cases.ByID(tx, c.ID); return err })
	return out
}

// publish publishes what somebody drafted.
func (w *world) publish(p account.Person, c cases.Case, form cases.AnswerForm) (cases.Case, error) {
	w.Helper()
	return w.do(p, func(tx *db.Tx) (cases.Case, []record.Act, error) { return w.cases.PublishDraft(tx, c.ID, form, "") })
}

func TestTwoWhoDraftAtOnceLoseNothing(t *testing.T) {
	worlds(t, func(w *world) {
		c := w.ask(w.ana, w.form())
		mine, err := w.draft(w.enlace, c, explained(), 0)
		if err != nil || mine.Version != 1 {
			w.Fatalf("%+v, %v", mine, err)
		}
		other := explained()
		other.Body = "La del área."
		if _, err := w.draft(w.area, c, other, 0); err != nil {
			w.Fatal(err)
		}
		changed := explained()
		changed.Body = "En otra pestaña."
		if _, err := w.draft(w.enlace, c, changed, 0); plaza.KindOf(err) != plaza.Conflict {
			w.Errorf("a tab that saw no draft overwrites: %v", err)
		}
		if d, err := w.draft(w.enlace, c, changed, mine.Version); err != nil || d.Version != 2 {
			w.Errorf("%+v, %v", d, err)
		}
		if _, err := w.draft(w.ana, c, changed, 0); plaza.KindOf(err) != plaza.Forbidden {
			w.Errorf("who asked drafts: %v", err)
		}
		if _, err := w.publish(w.enlace, c, changed); err != nil {
			w.Fatal(err)
		}
		if _, err := w.publish(w.enlace, c, other); plaza.KindOf(err) != plaza.Conflict {
			w.Errorf("published twice: %v", err)
		}
		w.read(func(tx *db.Tx) error {
			left, err := cases.Drafts(tx, c.ID)
			if len(left) != 1 || left[0].Form.Body != "La del área." {
				w.Errorf("left are %+v", left)
			}
			return err
		})
	})
}

func TestOfTwoWhoPublishAtOnceOneDoes(t *testing.T) {
	worlds(t, func(w *world) {
		second := w.person("otra@ejemplo.mx", "Otra Enlace", plaza.Liaison, w.salud.ID)
		c := w.ask(w.ana, w.form())
		errs := make([]error, 2)
		var wait sync.WaitGroup
		for i, p := range []account.Person{w.enlace, second} {
			wait.Go(func() { _, errs[i] = w.publish(p, c, explained()) })
		}
		wait.Wait()
		if n := len(slices.DeleteFunc(errs, func(err error) bool { return err == nil })); n != 1 {
			w.Errorf("%d of two failed: %v", n, errs)
		}
		w.read(func(tx *db.Tx) error {
			all, err := cases.Answers(tx, c.ID)
			if len(all) != 1 {
				w.Errorf("%d answers", len(all))
			}
			return err
		})
	})
}

func TestARoleThatEndedAMinuteAgoPublishesNothingAndItsDraftStays(t *testing.T) {
	worlds(t, func(w *world) {
		c := w.ask(w.ana, w.form())
		if _, err := w.draft(w.enlace, c, explained(), 0); err != nil {
			w.Fatal(err)
		}
		w.as(account.Person{}, func(tx *db.Tx) error { return account.RevokeRole(tx, w.enlace.ID, plaza.Liaison, w.salud.ID) })
		dbtest.Advance(w.db, time.Minute)
		late := explained()
		late.Body = "Lo último que escribí."
		if _, err := w.publish(w.enlace, c, late); plaza.KindOf(err) != plaza.Forbidden { // the page was open
			w.Fatalf("published: %v", err)
		}
		w.as(w.enlace, func(tx *db.Tx) error {
			if kept, err := cases.KeepDraft(tx, c.ID, late); err != nil || !kept {
				w.Errorf("kept: %v, %v", kept, err)
			}
			d, err := cases.OwnDraft(tx, c.ID, w.enlace.ID)
			if d.Form.Body != late.Body {
				w.Errorf("the draft says %q", d.Form.Body)
			}
			return err
		})
		if got := w.get(c); got.State != cases.Open {
			w.Errorf("it is %s", got.State)
		}
	})
}

func TestWhatIsKeptOfADraftIsNotShownToTheBodyThatTookTheCaseOver(t *testing.T) {
	worlds(t, func(w *world) {
		c := w.ask(w.ana, w.form())
		mine, err := w.draft(w.enlace, c, explained(), 0)
		if err != nil {
			w.Fatal(err)
		}
		dbtest.Advance(w.db, time.Minute)
		w.must(w.enlace, func(tx *db.Tx) (cases.Case, []record.Act, error) {
			return w.cases.HandOver(tx, c.ID, w.lerma.ID, "Es de ustedes.")
		})
		w.must(w.ajena, func(tx *db.Tx) (cases.Case, []record.Act, error) { return w.cases.TakeOver(tx, c.ID) })
		dbtest.Advance(w.db, time.Minute)
		late := explained()
		late.Body = "Lo que escribía cuando pasó."
		w.as(w.enlace, func(tx *db.Tx) error { // the page was open, and is sent now
			if kept, err := cases.KeepDraft(tx, c.ID, late); err != nil || !kept {
				w.Errorf("kept: %v, %v", kept, err)
			}
			if d, err := cases.OwnDraft(tx, c.ID, w.enlace.ID); err != nil || d.Form.Body != late.Body {
				w.Errorf("their own draft says %q: %v", d.Form.Body, err)
			}
			if seen, err := cases.Drafts(tx, c.ID); err != nil || len(seen) != 0 {
				w.Errorf("the other institution sees %d drafts: %v", len(seen), err)
			}
			if _, err := cases.DraftByID(tx, c.ID, mine.ID); plaza.KindOf(err) != plaza.NotFound {
				w.Errorf("it is read by its id: %v", err)
			}
			return nil
		})
	})
}

func TestARefusalIsSignedExactlyAsItIsPublished(t *testing.T) {
	worlds(t, func(w *world) {
		c := w.ask(w.ana, w.form())
		d, err := w.draft(w.enlace, c, refusal(), 0)
		if err != nil {
			w.Fatal(err)
		}
		if _, err := w.publish(w.enlace, c, refusal()); plaza.KindOf(err) != plaza.Conflict {
			w.Errorf("published unsigned: %v", err)
		}
		d = w.drafting(w.enlace, func(tx *db.Tx) (cases.AnswerDraft, error) { return w.cases.AskSignature(tx, c.ID) })
		sign := func(p account.Person, seen int) error {
			return w.try(p, func(tx *db.Tx) error { _, err := w.cases.SignDraft(tx, c.ID, d.ID, seen); return err })
		}
		if err := sign(w.enlace, d.Version); plaza.KindOf(err) != plaza.Forbidden {
			w.Errorf("the liaison signs: %v", err)
		}
		if err := sign(w.admin, d.Version); plaza.KindOf(err) != plaza.Forbidden {
			w.Errorf("the coordination signs where somebody else has to: %v", err)
		}
		if err := sign(w.transp, d.Version-1); plaza.KindOf(err) != plaza.Conflict {
			w.Errorf("signed what was seen before: %v", err)
		}
		if err := sign(w.transp, d.Version); err != nil {
			w.Fatal(err)
		}
		other := refusal()
		other.Body = "Está reservada por diez años."
		if _, err := w.publish(w.enlace, c, other); plaza.KindOf(err) != plaza.Conflict {
			w.Errorf("published another text than was signed: %v", err)
		}
		if d, err = w.draft(w.enlace, c, other, d.Version+1); err != nil || d.State != cases.DraftOpen || d.SignedBy != "" {
			w.Fatalf("after a change: %+v, %v", d, err)
		}
		if _, err := w.publish(w.enlace, c, refusal()); plaza.KindOf(err) != plaza.Conflict {
			w.Errorf("published what was signed once: %v", err)
		}
		d = w.drafting(w.enlace, func(tx *db.Tx) (cases.AnswerDraft, error) { return w.cases.AskSignature(tx, c.ID) })
		if err := sign(w.transp, d.Version); err != nil {
			w.Fatal(err)
		}
		if c, err = w.publish(w.enlace, c, other); err != nil || c.Outcome != cases.Reserved {
			w.Errorf("signed and not published: %+v, %v", c, err)
		}
		w.read(func(tx *db.Tx) error {
			a, err := cases.LastAnswer(tx, c.ID)
			if a.Signed.Role != plaza.Transparency {
				w.Errorf("signed by %+v", a.Signed)
			}
			return err
		})
	})
}

func TestTheCoordinationSignsWhereNobodyElseCan(t *testing.T) {
	worlds(t, func(w *world) {
		f := w.form()
		f.Institution = w.lerma.ID
		c := w.ask(w.ana, f)
		if _, err := w.draft(w.ajena, c, refusal(), 0); err != nil {
			w.Fatal(err)
		}
		d := w.drafting(w.ajena, func(tx *db.Tx) (cases.AnswerDraft, error) { return w.cases.AskSignature(tx, c.ID) })
		w.drafting(w.admin, func(tx *db.Tx) (cases.AnswerDraft, error) { return w.cases.SignDraft(tx, c.ID, d.ID, d.Version) })
		if _, err := w.publish(w.ajena, c, refusal()); err != nil {
			w.Error(err)
		}
	})
}

func TestADraftIsSentReturnedAndSentAgain(t *testing.T) {
	worlds(t, func(w *world) {
		c := w.ask(w.ana, w.form())
		if _, err := w.draft(w.area, c, explained(), 0); err != nil {
			w.Fatal(err)
		}
		d := w.drafting(w.area, func(tx *db.Tx) (cases.AnswerDraft, error) { return w.cases.SendDraft(tx, c.ID, "Falta el anexo.") })
		if err := w.try(w.area, func(tx *db.Tx) error { _, err := w.cases.ReturnDraft(tx, c.ID, d.ID, "no"); return err }); plaza.KindOf(err) != plaza.Forbidden {
			w.Errorf("an area returns: %v", err)
		}
		if err := w.try(w.enlace, func(tx *db.Tx) error { _, err := w.cases.ReturnDraft(tx, c.ID, d.ID, " "); return err }); plaza.KindOf(err) != plaza.Invalid {
			w.Errorf("returned without saying why: %v", err)
		}
		d = w.drafting(w.enlace, func(tx *db.Tx) (cases.AnswerDraft, error) {
			return w.cases.ReturnDraft(tx, c.ID, d.ID, "Diga el año.")
		})
		if d.State != cases.DraftReturned || d.Note != "Diga el año." {
			w.Errorf("returned: %+v", d)
		}
		d = w.drafting(w.area, func(tx *db.Tx) (cases.AnswerDraft, error) { return w.cases.SendDraft(tx, c.ID, "") })
		if _, err := w.do(w.enlace, func(tx *db.Tx) (cases.Case, []record.Act, error) { return w.cases.PublishDraft(tx, c.ID, d.Form, d.ID) }); err != nil {
			w.Fatal(err)
		}
		w.read(func(tx *db.Tx) error {
			if left, err := cases.Drafts(tx, c.ID); len(left) != 0 {
				w.Errorf("%d drafts are left (%v)", len(left), err)
			}
			return nil
		})
	})
}

func TestAnAnswerIsInTimeUntilTheLastMillisecond(t *testing.T) {
	for _, test := range []struct {
		name string
		late time.Duration
		want cases.ClockState
	}{{"the last millisecond", -time.Millisecond, cases.InTime}, {"the first after it", 0, cases.Late}} {
		t.Run(test.name, func(t *testing.T) {
			worlds(t, func(w *world) {
				c := w.ask(w.ana, w.form())
				w.db.Clock().Set(c.Due.Add(test.late))
				if _, err := w.publish(w.enlace, c, explained()); err != nil {
					w.Fatal(err)
				}
				if k := w.clock(c); k.At(w.db.Now()) != test.want {
					w.Errorf("it is %s, want %s", k.At(w.db.Now()), test.want)
				}
			})
		})
	}
}

func TestAnInstitutionTakesACaseOverUnderTheSameDate(t *testing.T) {
	worlds(t, func(w *world) {
		c := w.ask(w.ana, w.form())
		due := c.Due
		c = w.must(w.enlace, func(tx *db.Tx) (cases.Case, []record.Act, error) { return w.cases.Turn(tx, c.ID, w.unit.ID) })
		w.as(w.enlace, func(tx *db.Tx) error { _, err := w.cases.AddNote(tx, c.ID, w.salud.ID, "solo nuestra"); return err })
		if _, err := w.draft(w.enlace, c, explained(), 0); err != nil {
			w.Fatal(err)
		}
		hand := func(tx *db.Tx) (cases.Case, []record.Act, error) {
			return w.cases.HandOver(tx, c.ID, w.lerma.ID, "Es del municipio.")
		}
		w.must(w.enlace, hand)
		if _, err := w.do(w.enlace, hand); plaza.KindOf(err) != plaza.Conflict {
			w.Errorf("asked twice: %v", err)
		}
		w.must(w.ajena, func(tx *db.Tx) (cases.Case, []record.Act, error) { return w.cases.Return(tx, c.ID, "No es nuestra.") })
		if got := w.get(c); got.Institution != w.salud.ID || !got.Due.Equal(due) {
			w.Errorf("returned: %+v", got)
		}
		w.must(w.enlace, hand)
		w.must(w.enlace, func(tx *db.Tx) (cases.Case, []record.Act, error) { return w.cases.TakeBack(tx, c.ID, "") })
		if _, err := w.do(w.ajena, func(tx *db.Tx) (cases.Case, []record.Act, error) { return w.cases.TakeOver(tx, c.ID) }); plaza.KindOf(err) != plaza.Conflict {
			w.Errorf("taken over after it was taken back: %v", err)
		}
		w.must(w.enlace, hand)
		dbtest.Advance(w.db, 24*time.Hour)
		if _, err := w.do(w.enlace, func(tx *db.Tx) (cases.Case, []record.Act, error) { return w.cases.TakeOver(tx, c.ID) }); plaza.KindOf(err) != plaza.Forbidden {
			w.Errorf("who asked takes it over: %v", err)
		}
		before := w.clock(c)
		c = w.must(w.ajena, func(tx *db.Tx) (cases.Case, []record.Act, error) { return w.cases.TakeOver(tx, c.ID) })
		if c.Institution != w.lerma.ID || c.MovedFrom != w.salud.ID || c.Unit != "" || c.State != cases.Assigned {
			w.Errorf("taken over: %+v", c)
		}
		if k := w.clock(c); k.Body != w.lerma.ID || !k.Due.Equal(due) || !k.Started.Equal(before.Started) || !c.Due.Equal(due) {
			w.Errorf("its clock is %+v, want as old and due as %+v", k, before)
		}
		w.read(func(tx *db.Tx) error {
			notes, err := cases.Notes(tx, c.ID, w.lerma.ID)
			drafts, derr := cases.Drafts(tx, c.ID)
			if err != nil || derr != nil || len(notes)+len(drafts) != 0 {
				w.Errorf("along came %v and %v (%v, %v)", notes, drafts, err, derr)
			}
			return nil
		})
		if _, err := w.publish(w.ajena, c, explained()); err != nil {
			w.Error(err)
		}
		want := []string{"opened", "assigned", "handover_asked", "handover_returned", "handover_asked", "handover_taken_back", "handover_asked", "handed_over", "answered"}
		if got := w.verbs(c); !slices.Equal(got, want) {
			w.Errorf("the record says %v, want %v", got, want)
		}
	})
}

func TestAnAnswerEndsWhatAnotherWasAsked(t *testing.T) {
	worlds(t, func(w *world) {
		c := w.ask(w.ana, w.form())
		w.must(w.enlace, func(tx *db.Tx) (cases.Case, []record.Act, error) {
			return w.cases.HandOver(tx, c.ID, w.lerma.ID, "Es del municipio.")
		})
		if _, err := w.publish(w.enlace, c, explained()); err != nil {
			w.Fatal(err)
		}
		w.read(func(tx *db.Tx) error {
			if _, open, err := cases.OpenHandover(tx, c.ID); open || err != nil {
				w.Errorf("open: %v, %v", open, err)
			}
			return nil
		})
	})
}

func TestACaseBecomesAFormalRequestWithItsOutcome(t *testing.T) {
	worlds(t, func(w *world) {
		c := w.ask(w.ana, w.form())
		formal := func(p account.Person, folio string) error {
			_, err := w.do(p, func(tx *db.Tx) (cases.Case, []record.Act, error) {
				return w.cases.Formal(tx, c.ID, folio, "Se atiende por esa vía.")
			})
			return err
		}
		if err := formal(w.enlace, "330000"); plaza.KindOf(err) != plaza.Forbidden {
			w.Errorf("the liaison does: %v", err)
		}
		if err := formal(w.transp, " "); plaza.KindOf(err) != plaza.Invalid {
			w.Errorf("without a folio: %v", err)
		}
		if err := formal(w.transp, "330026926000123"); err != nil {
			w.Fatal(err)
		}
		if got := w.get(c); got.State != cases.Answered || got.Outcome != cases.Transfer {
			w.Errorf("it is %+v", got)
		}
		end := func(tx *db.Tx) (cases.Case, []record.Act, error) { return w.cases.FormalEnd(tx, c.ID, "Se entregó.") }
		w.must(w.transp, end)
		if _, err := w.do(w.transp, end); plaza.KindOf(err) != plaza.Conflict {
			w.Errorf("ended twice: %v", err)
		}
		w.read(func(tx *db.Tx) error {
			f, ok, err := cases.FormalOf(tx, c.ID)
			if !ok || f.Folio != "330026926000123" || f.Outcome != "Se entregó." || f.Ended.IsZero() {
				w.Errorf("%+v, %v", f, err)
			}
			return nil
		})
		if got, want := w.verbs(c), []string{"opened", "answered", "transferred", "transfer_ended"}; !slices.Equal(got, want) {
			w.Errorf("the record says %v, want %v", got, want)
		}
	})
}

func TestNotesAreTheInstitutionsOwn(t *testing.T) {
	worlds(t, func(w *world) {
		c := w.ask(w.ana, w.form())
		note := func(p account.Person, body, text string) error {
			return w.try(p, func(tx *db.Tx) error { _, err := w.cases.AddNote(tx, c.ID, body, text); return err })
		}
		for _, test := range []struct {
			who        account.Person
			body, text string
			want       plaza.Kind
		}{
			{w.ana, w.salud.ID, "x", plaza.Forbidden}, {w.ajena, w.salud.ID, "x", plaza.Forbidden},
			{w.ajena, w.lerma.ID, "x", plaza.NotFound}, {w.enlace, w.salud.ID, " ", plaza.Invalid},
		} {
			if err := note(test.who, test.body, test.text); plaza.KindOf(err) != test.want {
				w.Errorf("%s at %s: %v, want %v", test.who.Name, test.body, err, test.want)
			}
		}
		if err := note(w.area, w.salud.ID, "La tiene archivo."); err != nil {
			w.Fatal(err)
		}
		w.must(w.enlace, func(tx *db.Tx) (cases.Case, []record.Act, error) {
			return w.cases.HandOver(tx, c.ID, w.lerma.ID, "Es suya.")
		})
		if err := note(w.ajena, w.lerma.ID, "A ver."); err != nil {
			w.Errorf("who was asked notes: %v", err)
		}
	})
}
