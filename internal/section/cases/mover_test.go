package cases_test

import (
	"fmt"
	"html/template"
	"slices"
	"strings"
	"testing"
	"time"

	"net/http"
	"net/http/httptest"

	"plaza/internal/base/db"
	"plaza/internal/base/db/dbtest"
	"plaza/internal/base/web"
	"plaza/internal/base/web/webtest"
	"plaza/internal/civic/access"
	"plaza/internal/civic/account"
	"plaza/internal/civic/institution"
	"plaza/internal/civic/record"
	"plaza/internal/plaza"
	"plaza/internal/section/cases"
)

// clocks are all clocks of a case.
func (w *world) clocks(c cases.Case) (out []cases.Clock) {
	w.Helper()
	w.read(func(tx *db.Tx) error {
		all, err := cases.Clocks(tx, c.ID)
		out = all[c.ID]
		return err
	})
	return out
}

// now is a case as it stands.
func (w *world) now(c cases.Case) (out cases.Case) {
	w.Helper()
	w.read(func(tx *db.Tx) (err error) { out, err = cases.ByID(tx, c.ID); return err })
	return out
}

// moveAll moves everything of an institution to another one, and returns in how many
// pieces.
func (w *world) moveAll(from, to string) (pieces int) {
	w.Helper()
	m := w.cases.Mover()
	for {
		left := 0
		w.read(func(tx *db.Tx) (err error) { left, err = m.Count(tx, from); return err })
		if left == 0 {
			return pieces
		}
		if pieces++; pieces > 50 {
			w.Fatalf("%d cases do not move", left)
		}
		w.as(account.Person{}, func(tx *db.Tx) error {
			acts, err := m.Move(tx, from, to)
			if err != nil {
				return err
			}
			return record.Append(tx, acts...)
		})
	}
}

func TestASuccessorAnswersWhatWasAskedByTheSameDay(t *testing.T) {
	worlds(t, func(w *world) {
		open, turned, waits, answered := w.ask(w.ana, w.form()), w.ask(w.ana, w.form()), w.ask(w.ana, w.form()), w.ask(w.ana, w.form())
		resolved := w.ask(w.ana, w.form())
		dbtest.Advance(w.db, time.Hour)
		turned = w.must(w.enlace, func(tx *db.Tx) (cases.Case, []record.Act, error) { return w.cases.Turn(tx, turned.ID, w.unit.ID) })
		waits = w.must(w.enlace, func(tx *db.Tx) (cases.Case, []record.Act, error) {
			return w.cases.AskInfo(tx, waits.ID, "¿De qué año?")
		})
		for _, c := range []*cases.Case{&answered, &resolved} {
			*c = w.must(w.enlace, func(tx *db.Tx) (cases.Case, []record.Act, error) {
				return w.cases.Publish(tx, c.ID, explained(), cases.Signature{})
			})
		}
		resolved = w.must(w.ana, func(tx *db.Tx) (cases.Case, []record.Act, error) {
			return w.cases.Accept(tx, resolved.ID, cases.By(w.ana.Actor()))
		})
		dbtest.Advance(w.db, 24*time.Hour)
		if n := w.moveAll(w.salud.ID, w.lerma.ID); n != 1 {
			w.Errorf("it took %d pieces", n)
		}
		for name, c := range map[string]cases.Case{"open": open, "turned": turned, "waits": waits, "answered": answered} {
			got := w.now(c)
			if got.Institution != w.lerma.ID || got.MovedFrom != w.salud.ID || got.State != c.State || !got.Due.Equal(c.Due) || got.Folio != c.Folio || got.Unit != "" {
				w.Errorf("%s: %+v, was %+v", name, got, c)
			}
			if verbs := w.verbs(c); verbs[len(verbs)-1] != "moved" {
				w.Errorf("%s: the record has %v", name, verbs)
			}
		}
		if got := w.now(resolved); got.Institution != w.salud.ID {
			w.Errorf("what was settled went to %s", got.Institution)
		}
		var running []cases.Clock
		for _, k := range w.clocks(open) {
			if k.Kind != cases.ToAnswer {
				continue
			}
			if k.Stopped.IsZero() {
				running = append(running, k)
			} else if k.StoppedBy != cases.ByMoving || k.Body != w.salud.ID {
				w.Errorf("the clock before is %+v", k)
			}
		}
		if len(running) != 1 || running[0].Body != w.lerma.ID || !running[0].Due.Equal(open.Due) || !running[0].Started.Equal(open.Asked) {
			w.Errorf("the clock that runs is %+v", running)
		}
		if k := w.clock(waits); k.At(w.db.Now()) != cases.Paused || k.Body != w.lerma.ID {
			w.Errorf("the clock that stands still is %+v", k)
		}
		due := w.clock(waits).Due
		w.db.Clock().Set(waits.Asked.AddDate(0, 0, 7))
		waits = w.must(w.ana, func(tx *db.Tx) (cases.Case, []record.Act, error) {
			return w.cases.Reply(tx, waits.ID, "Del 2025.", cases.By(w.ana.Actor()), cases.From{})
		})
		if !waits.Due.After(due) {
			w.Errorf("after the pause it is due %s, was %s", waits.Due, due)
		}
		open = w.must(w.ajena, func(tx *db.Tx) (cases.Case, []record.Act, error) {
			return w.cases.Publish(tx, open.ID, explained(), cases.Signature{})
		})
		if k := w.clock(open); open.State != cases.Answered || k.At(w.db.Now()) != cases.InTime {
			w.Errorf("the successor answered: %+v, clock %+v", open, k)
		}
		if _, err := w.do(w.enlace, func(tx *db.Tx) (cases.Case, []record.Act, error) {
			return w.cases.Publish(tx, turned.ID, explained(), cases.Signature{})
		}); plaza.KindOf(err) != plaza.Forbidden {
			w.Errorf("the liaison of before answers: %v", err)
		}
	})
}

func TestAnAreaThatGoesAlongKeepsItsCases(t *testing.T) {
	worlds(t, func(w *world) {
		c := w.ask(w.ana, w.form())
		c = w.must(w.enlace, func(tx *db.Tx) (cases.Case, []record.Act, error) { return w.cases.Turn(tx, c.ID, w.unit.ID) })
		w.as(account.Person{}, func(tx *db.Tx) error {
			_, err := tx.Exec(`UPDATE units SET institution_id = $1 WHERE id = $2`, w.lerma.ID, w.unit.ID)
			return err
		})
		w.moveAll(w.salud.ID, w.lerma.ID)
		if got := w.now(c); got.Unit != w.unit.ID {
			w.Errorf("its area is %q", got.Unit)
		}
	})
}

func TestWhatASuccessorIsToTakeOverIsItsOwnToDecide(t *testing.T) {
	worlds(t, func(w *world) {
		third := institution.Institution{}
		w.as(account.Person{}, func(tx *db.Tx) (err error) {
			third, err = institution.Put(tx, institution.Institution{Name: "Instituto de Geografía", Slug: "geografia", Type: "federal"})
			return err
		})
		c, own := w.ask(w.ana, w.form()), w.form()
		own.Institution = third.ID
		mine := w.ask(w.ana, own)
		for _, one := range []cases.Case{c, mine} {
			w.as(account.Person{}, func(tx *db.Tx) error {
				if _, err := tx.Exec(`INSERT INTO case_handovers (id, case_id, from_body, to_body, reason, state, at) VALUES ($1, $2, $3, $4, 'Es suya.', 'asked', $5)`,
					tx.ID(), one.ID, one.Institution, w.lerma.ID, tx.Now); err != nil {
					return err
				}
				_, err := tx.Exec(`INSERT INTO case_clocks (id, case_id, kind, round, body, responsible, rule, days, calendar, started_at, promised_at, due_at)
					VALUES ($1, $2, 'handover', 1, $3, 'liaison', 'handover@1', 5, 'mx-federal@1', $4, $5, $5)`, tx.ID(), one.ID, w.lerma.ID, tx.Now, tx.Now.AddDate(0, 0, 7))
				return err
			})
		}
		w.moveAll(w.lerma.ID, third.ID)
		w.read(func(tx *db.Tx) error {
			for id, want := range map[string][2]string{c.ID: {third.ID, "asked"}, mine.ID: {third.ID, "taken_back"}} {
				var to, state string
				if err := tx.Row(`SELECT to_body, state FROM case_handovers WHERE case_id = $1`, id).Scan(&to, &state); err != nil || to != want[0] || state != want[1] {
					w.Errorf("the hand-over is %s to %s, want %v (%v)", state, to, want, err)
				}
			}
			return nil
		})
		running := 0
		for _, k := range w.clocks(c) {
			if k.Kind == cases.ToDecide && k.Stopped.IsZero() {
				if running++; k.Body != third.ID || !k.Due.Equal(k.Started.AddDate(0, 0, 7)) {
					w.Errorf("the clock to decide is %+v", k)
				}
			}
		}
		for _, k := range w.clocks(mine) {
			if k.Kind == cases.ToDecide && k.Stopped.IsZero() {
				w.Errorf("there is still something to decide: %+v", k)
			}
		}
		if running != 1 {
			w.Errorf("%d clocks run to decide", running)
		}
	})
}

func TestCasesFollowTheirDatasetAndNobodyElses(t *testing.T) {
	worlds(t, func(w *world) {
		on := func(body, dataset string) cases.Case {
			f := w.form()
			f.Institution, f.On = body, cases.On{Ref: plaza.Ref{Kind: "dataset", ID: dataset}, Dataset: dataset}
			return w.ask(w.ana, f)
		}
		mine, elsewhere, another := on(w.salud.ID, "camas"), on(w.lerma.ID, "camas"), on(w.salud.ID, "otro")
		moved := 0
		w.as(account.Person{}, func(tx *db.Tx) error {
			n, acts, err := w.cases.Rehome(tx, "camas", w.salud.ID, "")
			if err != nil {
				return err
			}
			moved = n
			return record.Append(tx, acts...)
		})
		if got := w.now(mine); moved != 1 || got.Institution != "" || got.MovedFrom != w.salud.ID || !got.Due.Equal(mine.Due) {
			w.Errorf("%d moved: %+v", moved, got)
		}
		if a, b := w.now(elsewhere), w.now(another); a.Institution != w.lerma.ID || b.Institution != w.salud.ID {
			w.Errorf("others moved: %+v, %+v", a, b)
		}
	})
}

func TestAKeptPromisePublishesWhatWasAsked(t *testing.T) {
	worlds(t, func(w *world) {
		w.cases.Promise = func(*db.Tx, cases.Case, cases.Answer) (string, []record.Act, error) { return "el-compromiso", nil, nil }
		w.cases.Promised = func(*db.Tx, string) (bool, error) { return true, nil }
		f := w.form()
		f.Kind = cases.Request
		c := w.ask(w.ana, f)
		c = w.must(w.enlace, func(tx *db.Tx) (cases.Case, []record.Act, error) {
			return w.cases.Publish(tx, c.ID, cases.AnswerForm{Outcome: cases.Planned, Body: "Será en marzo.", PlannedOn: "2027-03-15", Promise: "Publicar las camas"}, cases.Signature{})
		})
		if c.Progress != cases.Agreed {
			w.Fatalf("answered: %+v", c)
		}
		if _, err := w.do(w.enlace, func(tx *db.Tx) (cases.Case, []record.Act, error) {
			return w.cases.Correct(tx, c.ID, cases.AnswerForm{Outcome: cases.Planned, Body: "Será en abril.", PlannedOn: "2027-04-15", Promise: "Publicar las camas"}, "No da tiempo.", cases.Signature{})
		}); plaza.KindOf(err) != plaza.Invalid {
			w.Errorf("a correction puts off what was promised: %v", err)
		}
		w.db.Clock().Set(c.WaitsUntil.AddDate(0, 1, 0))
		if _, err := w.cases.Pass(plaza.WithActor(w.Context(), plaza.SystemActor)); err != nil || w.now(c).State != cases.Answered {
			w.Errorf("silence settles what is promised: %s, %v", w.now(c).State, err)
		}
		w.as(account.Person{}, func(tx *db.Tx) error {
			acts, err := w.cases.Kept(tx, c.ID, "el-compromiso")
			if err != nil {
				return err
			}
			return record.Append(tx, acts...)
		})
		got := w.now(c)
		if got.Progress != cases.Published || got.State != cases.Answered || !got.WaitsUntil.After(w.db.Now()) {
			w.Errorf("kept: %+v", got)
		}
		if verbs := w.verbs(c); !slices.Equal(verbs, []string{"opened", "answered", "advanced"}) {
			w.Errorf("the record has %v", verbs)
		}
		w.read(func(tx *db.Tx) error {
			who, err := cases.Concerned(tx, c.ID)
			if len(who) != 1 || who[0].Person != w.ana.ID || who[0].Why != "notify.why.commitment_asker" {
				w.Errorf("it concerns %+v", who)
			}
			return err
		})
	})
}

func TestADatasetTellsWhatIsKnownOfItByColumn(t *testing.T) {
	worlds(t, func(w *world) {
		const canary = "canario-oculto"
		dataset, resource := plaza.Ref{Kind: "dataset", ID: "camas"}, plaza.Ref{Kind: "resource", ID: "camas-csv"}
		w.cases.Cards = func(_ *db.Tx, refs []plaza.Ref) (map[plaza.Ref]plaza.Card, error) {
			return map[plaza.Ref]plaza.Card{resource: {Ref: resource, Title: "Camas en CSV", Visible: true}}, nil
		}
		on := func(column, title string) cases.Case {
			f := w.form()
			f.Title, f.On = title, cases.On{Ref: resource, Dataset: dataset.ID, Column: column}
			return w.ask(w.ana, f)
		}
		answer := func(c cases.Case, form cases.AnswerForm) {
			w.must(w.enlace, func(tx *db.Tx) (cases.Case, []record.Act, error) {
				return w.cases.Publish(tx, c.ID, form, cases.Signature{})
			})
		}
		explainedCase, whole, waiting, hidden := on("cve_ent", "¿Qué es cve_ent?"), on("", "¿Qué es una cama?"), on("total", "¿Cuántas hay?"), on("clues", canary)
		answer(explainedCase, cases.AnswerForm{Outcome: cases.Explained, Body: "Es la clave.", Summary: "La clave de la entidad."})
		answer(whole, cases.AnswerForm{Outcome: cases.Explained, Body: "Una cama censable."})
		answer(hidden, cases.AnswerForm{Outcome: cases.Explained, Body: canary})
		w.as(account.Person{}, func(tx *db.Tx) error {
			_, err := tx.Exec(`UPDATE cases SET standing = 'hidden' WHERE id = $1`, hidden.ID)
			return err
		})
		shell := webtest.New(t, func(c *web.Config) { c.Now, c.Authorize = w.db.Now, access.Authorize }, cases.Locale, access.Locale, db.Locale)
		if err := w.cases.MountKnown(shell); err != nil {
			t.Fatal(err)
		}
		for _, problem := range webtest.CheckTemplates(shell) {
			w.Error(problem)
		}
		draw := func(ref plaza.Ref) (string, int64) {
			r := httptest.NewRequestWithContext(w.Context(), http.MethodGet, "/", nil)
			ctx, n := db.CountStatements(w.Context())
			var html template.HTML
			if err := w.db.Read(ctx, func(tx *db.Tx) (err error) {
				html, err = w.cases.Known(tx, shell.Page(r, "x"), plaza.Card{Ref: ref})
				return err
			}); err != nil {
				w.Fatal(err)
			}
			return string(html), n.Load()
		}
		html, few := draw(dataset)
		for _, want := range []string{"<code>cve_ent</code>", "Camas en CSV", "La clave de la entidad.", "Una cama censable.", "Enlace de Datos Abiertos, Secretaría de Salud",
			explainedCase.Path(), waiting.Path(), "Respuesta a más tardar el", "Una consulta pendiente", "2 consultas respondidas", "/consultas?conjunto=camas&amp;pendientes=1", "/consultas?conjunto=camas&amp;estado=respondida&amp;estado=resuelta"} {
			if !strings.Contains(html, want) {
				w.Errorf("the page does not say %q: %s", want, html)
			}
		}
		if strings.Contains(html, canary) {
			w.Error("the page tells what is hidden")
		}
		if html, _ := draw(resource); strings.Contains(html, "Camas en CSV") || !strings.Contains(html, "cve_ent") {
			w.Errorf("the resource's page says %s", html)
		}
		w.read(func(tx *db.Tx) error {
			notes, err := cases.Meanings(tx, resource.ID)
			if len(notes) != 1 || len(notes["cve_ent"]) != 1 || notes["cve_ent"][0].Says != "La clave de la entidad." {
				w.Errorf("the notes are %+v", notes)
			}
			return err
		})
		for i := range 40 {
			dbtest.Advance(w.db, 2*time.Hour)
			c := on(fmt.Sprint("columna_", i), fmt.Sprint("Pregunta ", i))
			if i%2 == 0 {
				answer(c, explained())
			}
		}
		if _, many := draw(dataset); many > few || many > 6 {
			w.Errorf("it costs %d statements with many cases, %d with few", many, few)
		}
	})
}
