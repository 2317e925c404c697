package turn_test

import (
	"strings"
	"testing"

	"plaza/internal/base/db"
	"plaza/internal/civic/account"
	"plaza/internal/plaza"
	"plaza/internal/section/cases"
)

func (w *world) waits(at string) {
	w.Helper()
	w.db.Clock().Set(w.at(at))
	for range 2 { // whoever looks twice mails once
		if _, err := w.turns.Waits(w.Context()); err != nil {
			w.Fatal(err)
		}
	}
}

// sends has somebody write a draft and send it on.
func (w *world) sends(p account.Person, c cases.Case, form cases.AnswerForm, next func(tx *db.Tx, id string) error) (d cases.AnswerDraft) {
	w.Helper()
	w.as(p, func(tx *db.Tx) error {
		was, err := cases.OwnDraft(tx, c.ID, p.ID)
		if err != nil && plaza.KindOf(err) != plaza.NotFound {
			return err
		}
		if d, err = w.cases.SaveDraft(tx, c.ID, form, was.Version); err != nil {
			return err
		}
		return next(tx, c.ID)
	})
	return d
}

func TestWhoeverHasToLookAtADraftIsToldOnceADayOfAllThatWait(t *testing.T) {
	worlds(t, func(w *world) {
		transp := w.person("transp@ejemplo.mx", "Tere Transparencia", account.Grant{Role: plaza.Transparency, Institution: w.salud.ID})
		one, two, three := w.ask("¿Uno?"), w.ask("¿Dos?"), w.ask("¿Tres?")
		send := func(tx *db.Tx, id string) error { _, err := w.cases.SendDraft(tx, id, ""); return err }
		sign := func(tx *db.Tx, id string) error { _, err := w.cases.AskSignature(tx, id); return err }
		refusal := cases.AnswerForm{Outcome: cases.Reserved, Body: "Canario reservado.", Ground: "reserved", Alternative: "El total.", Appeal: "Ante la autoridad garante."}
		first := w.sends(w.area, one, cases.AnswerForm{Body: "Canario uno."}, send)
		w.sends(w.enlace, two, refusal, sign)
		told := func(at string, enlace, firma int) {
			t.Helper()
			w.waits(at)
			got := map[string]int{}
			for _, l := range w.letters("turn.waits") {
				got[l.To]++
				if strings.Contains(l.Text, "Canario") {
					t.Errorf("a mail holds a draft:\n%s", l.Text)
				}
			}
			if got[w.enlace.Email] != enlace || got[transp.Email] != firma || len(got) > 2 {
				t.Errorf("at %s: %v, want %d and %d", at, got, enlace, firma)
			}
		}
		told("2026-12-01 07:30", 0, 0)
		told("2026-12-01 09:00", 1, 1)
		w.sends(w.area, three, cases.AnswerForm{Body: "Canario tres."}, send)
		told("2026-12-01 18:00", 1, 1)
		told("2026-12-02 08:30", 2, 1)
		told("2026-12-03 08:30", 2, 1)
		letters := w.letters("turn.waits")
		last := letters[len(letters)-1]
		for _, want := range []string{one.Folio, three.Folio, "/gestion/salud" + one.Path() + "/borradores/" + first.ID, "Espera su aprobación"} {
			if last.To != w.enlace.Email || !strings.Contains(last.Text, want) || strings.Contains(last.Text, two.Folio) {
				t.Errorf("%s is not told of %q alone:\n%s", last.To, want, last.Text)
			}
		}
		w.sends(w.area, one, cases.AnswerForm{Body: "Canario uno, otra vez."}, send) // sent anew
		told("2026-12-04 08:30", 3, 1)
		w.as(w.enlace, func(tx *db.Tx) error {
			for _, c := range []cases.Case{one, three} {
				all, err := cases.Drafts(tx, c.ID)
				if err != nil {
					return err
				}
				if _, err := w.cases.ReturnDraft(tx, c.ID, all[0].ID, "Falta el año."); err != nil {
					return err
				}
			}
			return nil
		})
		told("2026-12-07 08:30", 3, 1)
	})
}
