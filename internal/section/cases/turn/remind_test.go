package turn_test

import (
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"

	"plaza/internal/base/db"
	"plaza/internal/civic/account"
	"plaza/internal/civic/record"
	"plaza/internal/section/cases"
)

// told is how many reminders each address was mailed.
func (w *world) told() map[string]int {
	w.Helper()
	out := map[string]int{}
	for _, l := range w.letters("turn.remind") {
		out[l.To]++
	}
	return out
}

func (w *world) remind(at string) {
	w.Helper()
	w.db.Clock().Set(w.at(at))
	for range 2 { // whoever looks twice mails once
		if _, err := w.turns.Remind(w.Context()); err != nil {
			w.Fatal(err)
		}
	}
}

func TestWhoeverHasACaseIsRemindedOnceForEachStep(t *testing.T) {
	worlds(t, func(w *world) {
		c, _ := w.turned("¿Uno?", w.unit.ID) // Wednesday 25 November: due on Wednesday 9 December
		later := w.ask("¿Dos?")
		w.do(w.enlace, func(tx *db.Tx) (cases.Case, []record.Act, error) { return w.cases.Acknowledge(tx, later.ID) })
		for _, step := range []struct {
			at   string
			want int // mails to each
		}{
			{"2026-12-01 20:00", 0}, // six working days before
			{"2026-12-02 07:59", 0}, // five, but it is no morning yet
			{"2026-12-02 08:00", 1},
			{"2026-12-02 18:00", 1},
			{"2026-12-04 09:00", 1},
			{"2026-12-07 08:30", 2}, // two
			{"2026-12-08 08:30", 2},
			{"2026-12-09 08:30", 3}, // the last day
			{"2026-12-11 08:30", 3}, // it is late: the steps of being late tell of it
		} {
			w.remind(step.at)
			got := w.told()
			for _, to := range []string{"rosa@salud.gob.mx", w.enlace.Email, w.area.Email} {
				if got[to] != step.want {
					w.Errorf("at %s %s has %d reminders, want %d", step.at, to, got[to], step.want)
				}
			}
			if got[w.ajena.Email] != 0 || got[w.ana.Email] != 0 {
				w.Errorf("others were told: %v", got)
			}
		}
		for _, l := range w.letters("turn.remind") {
			both := strings.Contains(l.Text, later.Folio)
			if l.To == w.enlace.Email && !both || l.To != w.enlace.Email && both || !strings.Contains(l.Text, c.Folio) {
				w.Errorf("%s is told of what is not theirs, or not of what is:\n%s", l.To, l.Text)
			}
			if l.To == "rosa@salud.gob.mx" && !strings.Contains(l.Text, w.link(c, 1)) || l.To == w.area.Email && !strings.Contains(l.Text, "/gestion/salud"+c.Path()) {
				w.Errorf("%s gets no link of theirs:\n%s", l.To, l.Text)
			}
		}
	})
}

func TestAnOutageOfThreeDaysGivesOneReminder(t *testing.T) {
	worlds(t, func(w *world) {
		one, _ := w.turned("¿Uno?", "")
		two, _ := w.turned("¿Dos?", "")
		w.remind("2026-12-04 12:00")    // those of five days before came on the 2nd, when nobody looked
		w.remind("2026-12-09 12:00")    // those of two days before on the 7th: now it is the last day
		got := w.letters("turn.remind") // by the time at which they were written
		to := func(email string) (out []letter) {
			for _, l := range got {
				if l.To == email {
					out = append(out, l)
				}
			}
			return out
		}
		for _, email := range []string{"rosa@salud.gob.mx", w.enlace.Email} {
			mails := to(email)
			if len(mails) != 2 {
				w.Fatalf("%s has %d mails, want 2", email, len(mails))
			}
			for _, m := range mails {
				if !strings.Contains(m.Text, one.Folio) || !strings.Contains(m.Text, two.Folio) {
					w.Errorf("a mail does not list all: %s", m.Text)
				}
			}
			if !strings.Contains(mails[1].Text, "hoy, 9 de diciembre de 2026") {
				w.Errorf("the last mail does not say that it is today: %s", mails[1].Text)
			}
		}
	})
}

func TestAListIsByDate(t *testing.T) {
	worlds(t, func(w *world) {
		var folios []string
		for i, at := range []string{"2026-11-25 10:00", "2026-11-26 10:00", "2026-11-27 10:00"} {
			w.db.Clock().Set(w.at(at))
			c := w.ask([]string{"¿A?", "¿B?", "¿C?"}[i])
			w.do(w.enlace, func(tx *db.Tx) (cases.Case, []record.Act, error) { return w.cases.Acknowledge(tx, c.ID) })
			folios = append(folios, c.Folio)
		}
		w.do(w.enlace, func(tx *db.Tx) (cases.Case, []record.Act, error) { // the first is due last
			c, err := cases.ByFolio(tx, folios[0])
			if err != nil {
				return c, nil, err
			}
			return w.cases.Extend(tx, c.ID, 8, "Son muchos.")
		})
		w.remind("2026-12-03 09:00")
		mails := w.letters("turn.remind")
		if len(mails) != 1 {
			w.Fatalf("%d mails, want 1", len(mails))
		}
		var order []int
		for _, f := range []string{folios[1], folios[2], folios[0]} {
			order = append(order, strings.Index(mails[0].Text, f))
		}
		if !slices.IsSorted(order) || order[0] < 0 {
			w.Errorf("the order is %v in\n%s", order, mails[0].Text)
		}
	})
}

func TestAnExtensionBeginsRemindersAnew(t *testing.T) {
	worlds(t, func(w *world) {
		c, _ := w.turned("¿Se amplía?", "")
		w.remind("2026-12-08 09:00") // one day before
		w.do(w.enlace, func(tx *db.Tx) (cases.Case, []record.Act, error) { return w.cases.Extend(tx, c.ID, 10, "Son muchos.") })
		w.remind("2026-12-09 09:00") // due on 23 December now
		if n := w.told()["rosa@salud.gob.mx"]; n != 1 {
			w.Errorf("%d reminders, want 1", n)
		}
		w.remind("2026-12-16 09:00") // five days before
		if n := w.told()["rosa@salud.gob.mx"]; n != 2 {
			w.Errorf("%d reminders, want 2", n)
		}
	})
}

func TestWhatWasSentOrAnsweredIsNotRemindedOf(t *testing.T) {
	worlds(t, func(w *world) {
		c, link := w.turned("¿Ya?", "")
		w.post(account.Person{}, link, url.Values{"hacer": {"enviar"}, "texto": {"Listo."}}, http.StatusSeeOther)
		w.remind("2026-12-02 09:00")
		if got := w.told(); got["rosa@salud.gob.mx"] != 0 || got[w.enlace.Email] != 1 {
			w.Errorf("told: %v", got)
		}
		w.as(account.Person{}, func(tx *db.Tx) error { // the desk returns it
			_, err := tx.Exec(`UPDATE case_drafts SET state = 'returned', note = 'Falta el año.' WHERE case_id = $1`, c.ID)
			return err
		})
		w.says(w.get(account.Person{}, link, http.StatusOK), "Por qué volvió su propuesta", "Falta el año.")
		w.remind("2026-12-07 09:00")
		if n := w.told()["rosa@salud.gob.mx"]; n != 1 {
			w.Errorf("whose draft came back has %d reminders, want 1", n)
		}
		w.do(w.enlace, func(tx *db.Tx) (cases.Case, []record.Act, error) {
			return w.cases.Publish(tx, c.ID, cases.AnswerForm{Outcome: cases.Explained, Body: "Es la clave."}, cases.Signature{})
		})
		before := len(w.letters("turn.remind"))
		w.remind("2026-12-09 09:00")
		if after := len(w.letters("turn.remind")); after != before {
			w.Errorf("%d reminders of what was answered", after-before)
		}
	})
}

func TestACaseThatWaitsForSeveralThingsIsListedOnceWithAllItsDates(t *testing.T) {
	worlds(t, func(w *world) {
		c := w.ask("¿Uno?") // nobody has acknowledged it
		w.remind("2026-12-09 09:00")
		mails := w.letters("turn.remind")
		if len(mails) != 1 {
			w.Fatalf("%d mails, want 1", len(mails))
		}
		m := mails[0]
		if !strings.Contains(m.Subject, "una consulta") && !strings.Contains(m.Subject, "1 consulta") || strings.Count(m.Text, c.Folio+" · ") != 1 {
			w.Errorf("%q lists it more than once:\n%s", m.Subject, m.Text)
		}
		for _, want := range []string{"Acuse vencido", "hoy, 9 de diciembre de 2026"} {
			if !strings.Contains(m.Text, want) {
				w.Errorf("the mail does not say %q:\n%s", want, m.Text)
			}
		}
	})
}
