package inbox_test

import (
	"bytes"
	"context"
	"encoding/csv"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/xuri/excelize/v2"

	"plaza/internal/base/db"
	"plaza/internal/base/db/dbtest"
	"plaza/internal/base/job"
	"plaza/internal/civic/account"
	"plaza/internal/civic/record"
	"plaza/internal/plaza"
	"plaza/internal/section/cases"
	"plaza/internal/section/cases/inbox"
)

// backlog is a file of n rows that are well.
func backlog(n int) string {
	var b strings.Builder
	b.WriteString(heads)
	for i := range n {
		fmt.Fprintf(&b, "02/11/2026,correo,pregunta,asunto %d,texto,,,,Unidad de Vigilancia\n", i)
	}
	return b.String()
}

// until works the imports that are due, with something done whenever a case was made, as
// often as it says: what it returns ends the worker's context.
func (w *world) until(during func(made int) bool) {
	w.Helper()
	ctx, cancel := context.WithCancel(w.Context())
	defer cancel()
	r := job.NewRunner(w.db, job.Config{Log: slog.New(slog.DiscardHandler), Queues: map[string]int{inbox.Queue: 1}})
	made, route := 0, w.cases.Route
	w.cases.Route = func(*db.Tx, cases.Case) (string, bool, error) {
		if made++; during(made) {
			cancel()
		}
		return "", false, nil
	}
	w.box.Handle(r)
	if _, err := r.Drain(ctx); err != nil && !errors.Is(err, context.Canceled) {
		w.Fatal(err)
	}
	w.cases.Route = route
}

// once fails when a title was made a case of twice, or not at all.
func (w *world) once(n int) {
	w.Helper()
	seen := map[string]int{}
	for _, c := range w.all(w.salud.ID) {
		seen[c.Title]++
	}
	for i := range n {
		if t := fmt.Sprint("asunto ", i); seen[t] != 1 {
			w.Errorf("%s was imported %d times", t, seen[t])
		}
	}
	if len(seen) != n {
		w.Errorf("%d were imported, want %d", len(seen), n)
	}
}

func (w *world) said(path string) string {
	w.Helper()
	return text(w.page(w.enlace, path).Find("main"))
}

func TestABacklogIsImportedByAJobWithProgressThatNeedsNoScript(t *testing.T) {
	worlds(t, func(w *world) {
		_, path := w.preview("mucho.csv", backlog(130))
		w.post(w.enlace, path, nil)
		w.post(w.enlace, path, nil) // twice at once is once
		if n := len(w.all(w.salud.ID)); n != 0 {
			t.Fatalf("the request made %d cases", n)
		}
		res := w.get(w.enlace, path)
		doc := w.doc(res)
		if doc.Find("progress").Length() != 1 || res.Header().Get("Refresh") == "" || doc.Find(`button[value="detener"]`).Length() != 1 || doc.Find(`button[value="importar"]`).Length() != 0 {
			t.Errorf("while it runs: %s", text(doc.Find("main")))
		}
		if said := w.said(base + "/importar"); !strings.Contains(said, "Se está importando: 0 de 130") {
			t.Errorf("the list of files: %s", said)
		}
		if n := w.work(); n != 1 {
			t.Errorf("%d jobs were there", n)
		}
		w.once(130)
		res = w.get(w.enlace, path)
		if said := text(w.doc(res).Find("main")); res.Header().Get("Refresh") != "" || !strings.Contains(said, "Se importaron 130 consultas") || strings.Contains(said, "Continuar") {
			t.Errorf("at the end: %s", said)
		}
		w.read(func(tx *db.Tx) error {
			var left int
			err := tx.Row(`SELECT COUNT(*) FROM case_import_rows`).Scan(&left)
			if left != 0 {
				t.Errorf("%d rows of the file are kept", left)
			}
			list, err2 := record.Since(tx, record.Filter{Object: w.all(w.salud.ID)[0].Ref()}, 10)
			if len(list) == 0 || list[0].Actor.Role != string(plaza.Liaison) {
				t.Errorf("the record: %+v", list)
			}
			return errors.Join(err, err2)
		})
	})
}

func TestAnImportThatIsKilledGoesOnWithEachRowOnce(t *testing.T) {
	worlds(t, func(w *world) {
		_, path := w.preview("mucho.csv", backlog(130))
		w.post(w.enlace, path, nil)
		// the process ends in the middle of the third piece, of which nothing is kept
		w.until(func(made int) bool { return made == 95 })
		if n := len(w.all(w.salud.ID)); n != 80 {
			t.Errorf("%d were imported when it ended, want two pieces", n)
		}
		dbtest.Advance(w.db, 2*time.Minute) // its lease ends
		w.work()
		w.once(130)
		if said := w.said(path); !strings.Contains(said, "Se importaron 130 consultas") {
			t.Errorf("at the end: %s", said)
		}
	})
}

func TestAnImportIsStoppedAndGoesOn(t *testing.T) {
	worlds(t, func(w *world) {
		_, path := w.preview("mucho.csv", backlog(130))
		w.post(w.enlace, path, nil)
		if res := w.post(w.enlace, path, url.Values{"hacer": {"quitar"}}); res.Code != http.StatusConflict {
			t.Errorf("a file is removed while it is imported: %d", res.Code)
		}
		w.post(w.enlace, path, url.Values{"hacer": {"detener"}})
		w.work()
		if n := len(w.all(w.salud.ID)); n != 0 {
			t.Errorf("%d were imported after it was stopped", n)
		}
		if said := w.said(path); !strings.Contains(said, "La importación está detenida") || !strings.Contains(said, "Continuar: quedan 130 filas") {
			t.Errorf("stopped: %s", said)
		}
		// begun again, with the first job still there, and stopped by the admin's page
		w.post(w.enlace, path, nil)
		w.until(func(made int) bool { return made == 45 })
		w.as(account.Person{}, func(tx *db.Tx) error {
			_, err := tx.Exec(`UPDATE jobs SET state = 'cancelled' WHERE state IN ('available', 'running')`)
			return err
		})
		if said := w.said(path); !strings.Contains(said, "se interrumpió") || !strings.Contains(said, "Continuar: quedan 90 filas") || !strings.Contains(said, "Se importaron 40 consultas") {
			t.Errorf("interrupted: %s", said)
		}
		w.imports(path)
		w.once(130)
		// what is done is neither begun nor stopped again
		w.post(w.enlace, path, url.Values{"hacer": {"detener"}})
		w.imports(path)
		w.once(130)
		w.post(w.enlace, path, url.Values{"hacer": {"quitar"}})
		if res := w.get(w.enlace, path); res.Code != http.StatusNotFound {
			t.Errorf("what was removed is there: %d", res.Code)
		}
		w.once(130)
	})
}

func TestAnImportRunsWithTheRightsOfWhoBeganIt(t *testing.T) {
	worlds(t, func(w *world) {
		_, path := w.preview("mucho.csv", backlog(3))
		w.post(w.enlace, path, nil)
		w.as(account.Person{}, func(tx *db.Tx) error {
			_, err := tx.Exec(`DELETE FROM role_grants WHERE person_id = $1`, w.enlace.ID)
			return err
		})
		w.work()
		if n := len(w.all(w.salud.ID)); n != 0 {
			t.Errorf("%d were imported without the right", n)
		}
		doc := w.page(w.admin, path)
		if said := text(doc.Find("main")); !strings.Contains(said, "quien la empezó ya no puede") {
			t.Errorf("it says %s", said)
		}
	})
}

func TestTheRowsThatAreRefusedAreAFileToCorrectAndSendAgain(t *testing.T) {
	worlds(t, func(w *world) {
		file := "Asunto;Texto;Fecha;Área;Nota\n" +
			"bien;texto;02/11/2026;;x\n" +
			"=cmd;texto;ayer;;y\n" +
			"\"con; punto\";;02/11/2026;Unidad de Vigilancia;z\n" +
			"sin área;texto;02/11/2026;Unidad de Vigilancia;\n"
		_, path := w.preview("a.csv", file)
		// the area ends between the look and the import
		w.as(account.Person{}, func(tx *db.Tx) error {
			_, err := tx.Exec(`DELETE FROM units WHERE id = $1`, w.other.ID)
			return err
		})
		w.imports(path)
		if said := w.said(path); !strings.Contains(said, "Se importó 1 consulta") || !strings.Contains(said, "3 filas tienen errores") {
			t.Errorf("the report: %s", said)
		}
		res := w.get(w.enlace, path+"/rechazadas.csv")
		rows, err := csv.NewReader(bytes.NewReader(bytes.TrimPrefix(res.Body.Bytes(), []byte("\xef\xbb\xbf")))).ReadAll()
		if err != nil || len(rows) != 4 {
			t.Fatalf("%v: %q", err, rows)
		}
		for i, want := range [][]string{{"Asunto", "Texto", "Fecha", "Área", "Nota", "Fila", "Qué corregir"},
			{"'=cmd", "texto", "ayer", "", "y", "3", "Fecha de recepción: no es una fecha"},
			{"con; punto", "", "02/11/2026", "Unidad de Vigilancia", "z", "4", "Texto: "},
			{"sin área", "texto", "02/11/2026", "Unidad de Vigilancia", "", "5", "Área: no es un área"}} {
			for c := range want {
				if !strings.HasPrefix(rows[i][c], want[c]) {
					t.Errorf("row %d: %q, want %q", i, rows[i], want)
				}
			}
		}
		if res := w.get(w.ajena, path+"/rechazadas.csv"); res.Code != http.StatusForbidden {
			t.Errorf("another institution reads it: %d", res.Code)
		}
		if res := w.get(w.enlace, strings.Replace(path, "hoja/", "hoja/x", 1)+"/rechazadas.csv"); res.Code != http.StatusNotFound {
			t.Errorf("a file that is not there: %d", res.Code)
		}
	})
}

func TestAFormulaIsNoTextAndSaysNothing(t *testing.T) {
	worlds(t, func(w *world) {
		book := excelize.NewFile()
		defer book.Close()
		for i, row := range [][]any{{"Fecha", "Asunto", "Texto"}, {46328, "con serie", "texto"}, {46328.75, "con hora", "texto"}, {46328, nil, "texto"}} {
			if err := book.SetSheetRow("Sheet1", fmt.Sprint("A", i+1), &row); err != nil {
				t.Fatal(err)
			}
		}
		if err := book.SetCellFormula("Sheet1", "B4", `HYPERLINK("https://malo.example","x")`); err != nil {
			t.Fatal(err)
		}
		raw, err := book.WriteToBuffer()
		if err != nil {
			t.Fatal(err)
		}
		doc, path := w.preview("libro.xlsx", raw.String())
		if n := doc.Find(`section[aria-labelledby="mal"] tbody tr`).Length(); n != 1 {
			t.Errorf("%d rows are wrong: %s", n, text(doc.Find("main")))
		}
		w.imports(path)
		for _, c := range w.all(w.salud.ID) {
			if got := c.Asked.Format("2006-01-02"); got != "2026-11-02" {
				t.Errorf("%s was received on %s", c.Title, got)
			}
		}
		if n := len(w.all(w.salud.ID)); n != 2 {
			t.Errorf("%d were imported", n)
		}
	})
}

func TestSoManyFilesWaitAndNoMore(t *testing.T) {
	worlds(t, func(w *world) {
		for i := range 10 {
			w.preview(fmt.Sprint(i, ".csv"), backlog(1))
		}
		res := w.upload(w.enlace, base+"/importar", "otro.csv", []byte(backlog(1)))
		if said := text(w.doc(res).Find("#campo-archivo-error")); res.Code != http.StatusUnprocessableEntity || !strings.Contains(said, "10 archivos") {
			t.Errorf("the eleventh: %d: %s", res.Code, said)
		}
	})
}

func TestTwentyThousandRowsAreReadAndShownInFewStatements(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := newWorld(t, d)
		doc, path := w.preview("enorme.csv", backlog(20_000))
		if said := text(doc.Find("main")); !strings.Contains(said, "20,000 filas") || !strings.Contains(said, "Importar las 20,000 filas") || !strings.Contains(said, "Y 19,980 más") {
			t.Errorf("the preview: %s", said)
		}
		ctx, count := db.CountStatements(w.Context())
		w.request(ctx, w.enlace.Actor(), httptest.NewRequest(http.MethodGet, path, nil))
		if n := count.Load(); n > 12 {
			t.Errorf("the preview takes %d statements", n)
		}
	})
}
