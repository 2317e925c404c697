package cases_test

import (
	"html/template"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"plaza/internal/base/db"
	"plaza/internal/base/db/dbtest"
	"plaza/internal/base/web"
	"plaza/internal/civic/account"
	"plaza/internal/civic/membership"
	"plaza/internal/civic/moderation"
	"plaza/internal/civic/record"
	"plaza/internal/plaza"
	"plaza/internal/section/cases"
)

func TestAnInstitutionWithoutALiaisonPromisesNothing(t *testing.T) {
	pagedWorlds(t, func(w *paged) {
		w.mount(func(c *cases.Config) {
			c.Responsible = func(_ *db.Tx, body string) (membership.Responsible, error) {
				if body != w.salud.ID {
					return membership.Responsible{Level: membership.ByLiaison, Institution: body}, nil
				}
				return membership.Responsible{Level: membership.BySector, Institution: w.lerma.ID, Vacant: true, People: []membership.Official{{Person: w.ajena.ID}}}, nil
			}
		})
		c := w.ask(w.ana, w.form())
		w.says(squeeze(w.page(visitor, c.Path()).Find(".Clock").Text()), "Respuesta a más tardar el", "sin enlace designado", "No hay plazo de la institución", "Municipio de Lerma")
		a := w.audience(c, "case.opened")
		if !slices.Contains(a.Direct, record.Concerned{Person: w.ajena.ID, Why: "notify.why.case_institution"}) {
			w.Errorf("who looks after it does not hear: %+v", a)
		}
		own := w.ask(w.ana, w.titled("A Lerma", func(f *cases.Form) { f.Institution = w.lerma.ID }))
		if strings.Contains(main(w.page(visitor, own.Path())), "sin enlace designado") {
			w.Error("one that has a liaison is said to have none")
		}
	})
}

func TestAPlannedDateLeadsToItsCommitment(t *testing.T) {
	pagedWorlds(t, func(w *paged) {
		w.mount(func(c *cases.Config) {
			c.Promise = func(*db.Tx, cases.Case, cases.Answer) (string, []record.Act, error) { return "un-compromiso", nil, nil }
			c.Around = func(_ *db.Tx, _ web.Page, object plaza.Card) (web.Around, error) {
				return web.Around{Head: []template.HTML{"<p>cabeza de " + template.HTML(object.Ref.Kind) + "</p>"}, Foot: []template.HTML{"<p>pie</p>"}}, nil
			}
		})
		c := w.ask(w.ana, w.titled("Camas por mes", func(f *cases.Form) {
			f.Kind, f.Details = cases.Request, cases.Details{Format: "CSV", Frequency: "Mensual", Geography: "Por municipio"}
		}))
		w.answer(c, cases.AnswerForm{Outcome: cases.Planned, Body: "Se publicará.", PlannedOn: "2027-03-15", Promise: "Camas por mes en CSV"})
		doc := w.page(visitor, c.Path())
		w.says(main(doc), "Acordada", "cabeza de case", "CSV", "Mensual", "Por municipio", "Tiene fecha", "15 de marzo de 2027", "Camas por mes en CSV", "pie")
		if doc.Find(`a[href="/compromisos/un-compromiso"]`).Length() == 0 {
			w.Error("nothing leads to the commitment")
		}
	})
}

func TestWhatIsTheSameOrWasAskedAnewPointsBothWays(t *testing.T) {
	pagedWorlds(t, func(w *paged) {
		a, b := w.ask(w.ana, w.titled("La primera", nil)), w.ask(w.beto, w.titled("La misma", nil))
		again := w.ask(w.ana, w.titled("La siguiente", func(f *cases.Form) { f.After = a.ID }))
		w.as(account.Person{}, func(tx *db.Tx) error {
			_, err := tx.Exec(`UPDATE cases SET into_id = $1, state = 'closed', reason = 'duplicate' WHERE id = $2`, a.ID, b.ID)
			return err
		})
		w.says(main(w.page(visitor, a.Path())), "Se volvió a preguntar en", "La siguiente", "Se le unieron", "La misma")
		w.says(main(w.page(visitor, b.Path())), "Cerrada: Es la misma que otra", "La primera")
		w.says(main(w.page(visitor, again.Path())), "Se preguntó después de", "La primera")
		if err := w.moderate(w.cases.Kind(), b.ID, moderation.Hidden); err != nil {
			w.Fatal(err)
		}
		if strings.Contains(main(w.page(visitor, a.Path())), "La misma") {
			w.Error("what is hidden is named on the other's page")
		}
	})
}

func TestWhatAnInstitutionBringsSaysHowItCame(t *testing.T) {
	pagedWorlds(t, func(w *paged) {
		f := w.titled("Por teléfono", func(f *cases.Form) {
			f.Name, f.Channel, f.Received = "Quien llamó", cases.Telephone, w.db.Now().Add(-72*time.Hour)
		})
		var c cases.Case
		w.as(w.enlace, func(tx *db.Tx) (err error) {
			c, err = w.cases.Ask(tx, f, cases.Asker{}, cases.From{})
			return err
		})
		doc := w.page(visitor, c.Path())
		w.says(main(doc), "Quien llamó", "22 de noviembre de 2026", "Por teléfono: la institución la trajo")
		w.must(w.enlace, func(tx *db.Tx) (cases.Case, []record.Act, error) { return w.cases.Convert(tx, c.ID, cases.Request) })
		w.says(main(w.page(visitor, c.Path())), "Cambió la clase: era Pregunta, ahora es Solicitud de datos", "Antes, el")
	})
}

func TestTheFolioIsFoundInTheSearch(t *testing.T) {
	pagedWorlds(t, func(w *paged) {
		c := w.ask(w.ana, w.form())
		for _, q := range []string{c.Folio, strings.ToLower(c.Folio), strings.ReplaceAll(c.Folio, "-", " ")} {
			if w.finds(q) != 1 {
				w.Errorf("%q finds %d", q, w.finds(q))
			}
		}
	})
}

// What is no address of a list is a list all the same, or refused.
func TestNoAddressOfAListFails(t *testing.T) {
	w := newPaged(t, dbtest.SQLite(t))
	c := w.ask(w.ana, w.form())
	for _, query := range []string{"?desde=%00", "?desde=" + strings.Repeat("A", 5000), "?institucion=%ff&tema=%00x", "?" + strings.Repeat("estado=recibida&", 300), "?mes=9999-99",
		"?mes=0000-01", "?orden=vencen&desde=eyJhdCI6IngifQ", "?conjunto=" + strings.Repeat("x", 300), "?tema=' OR 1=1 --"} {
		query = strings.ReplaceAll(query, " ", "+")
		for _, path := range []string{"/consultas", "/consultas.atom", "/consultas.csv", "/solicitudes", c.Path()} {
			if res := w.get(visitor, path+query); res.Code >= http.StatusInternalServerError {
				t.Errorf("%s%s: %d", path, query, res.Code)
			}
		}
	}
}
