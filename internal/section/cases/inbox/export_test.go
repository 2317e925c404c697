package inbox_test

import (
	"encoding/csv"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/xuri/excelize/v2"

	"plaza/internal/base/db"
	"plaza/internal/civic/institution"
	"plaza/internal/civic/record"
	"plaza/internal/section/cases"
)

// whole prepares a case with everything that must, and must not, go out.
func (w *world) whole() cases.Case {
	w.Helper()
	c := w.ask(w.ana, `=HYPERLINK("https://malo.example")`, func(f *cases.Form) {
		f.Name, f.Need, f.On.Ref, f.On.Dataset = "Curiosa", "canario-necesidad", dataset, dataset.ID
	})
	w.as(w.enlace, func(tx *db.Tx) error {
		for _, body := range []string{w.salud.ID, w.lerma.ID} {
			if _, err := tx.Exec(`INSERT INTO case_notes (id, case_id, institution, author_id, body, at) VALUES ($1, $2, $3, $4, $5, $6)`,
				tx.ID(), c.ID, body, w.enlace.ID, "canario-nota-"+body, tx.Now); err != nil {
				return err
			}
		}
		_, err := tx.Exec(`INSERT INTO case_drafts (id, case_id, author_id, state, content, created_at, updated_at) VALUES ($1, $2, $3, 'sent', 'canario-borrador', $4, $4)`,
			tx.ID(), c.ID, w.area.ID, tx.Now)
		return err
	})
	w.do(w.enlace, func(tx *db.Tx) (cases.Case, []record.Act, error) { return w.cases.Turn(tx, c.ID, w.unit.ID) })
	w.do(w.enlace, func(tx *db.Tx) (cases.Case, []record.Act, error) {
		return w.cases.Publish(tx, c.ID, cases.AnswerForm{Outcome: cases.Explained, Body: "+SUMA(A1)"}, cases.Signature{})
	})
	return w.now(c)
}

func TestEverythingOfAnInstitutionGoesOutAsAWorkbook(t *testing.T) {
	worlds(t, func(w *world) {
		c := w.whole()
		w.ask(w.beto, "de otra", func(f *cases.Form) { f.Institution = w.lerma.ID })
		res := w.get(w.enlace, base+".xlsx")
		book, err := excelize.OpenReader(res.Body)
		if err != nil {
			t.Fatal(err)
		}
		defer book.Close()
		if got := book.GetSheetList(); !slices.Equal(got, []string{"Consultas", "Pasos", "Respuestas"}) {
			t.Fatalf("its sheets are %v", got)
		}
		sheet := map[string][][]string{}
		for _, name := range book.GetSheetList() {
			if sheet[name], err = book.GetRows(name); err != nil {
				t.Fatal(err)
			}
		}
		if got := []int{len(sheet["Consultas"]), len(sheet["Pasos"]), len(sheet["Respuestas"])}; !slices.Equal(got, []int{2, 4, 2}) {
			t.Errorf("its rows are %v", got)
		}
		row := sheet["Consultas"][1]
		if row[0] != c.Folio || row[2] != c.Title || row[8] != "Curiosa" || row[4] != "Un conjunto" || row[15] != c.Asked.In(zone(t)).Format("2006-01-02 15:04") {
			t.Errorf("the case is %q", row)
		}
		if kind, err := book.GetCellType("Consultas", "P2"); err != nil || kind != excelize.CellTypeUnset && kind != excelize.CellTypeNumber {
			t.Errorf("the date is of type %v (%v)", kind, err)
		}
		if f, err := book.GetCellFormula("Consultas", "C2"); f != "" || err != nil {
			t.Errorf("the title is the formula %q", f)
		}
		said := ""
		for _, rows := range sheet {
			for _, r := range rows {
				said += strings.Join(r, "|") + "\n"
			}
		}
		for _, want := range []string{"canario-necesidad", "canario-nota-" + w.salud.ID, "+SUMA(A1)", "Dirección de Información"} {
			if !strings.Contains(said, want) {
				t.Errorf("%q is not in it", want)
			}
		}
		for _, never := range []string{"canario-nota-" + w.lerma.ID, "canario-borrador", "ana@ejemplo.mx", "Ana López", "Eva Enlace", w.ana.ID, "de otra"} {
			if strings.Contains(said, never) {
				t.Errorf("%q is in it", never)
			}
		}
	})
}

func TestSeparatedValuesHoldNoFormulas(t *testing.T) {
	worlds(t, func(w *world) {
		c := w.whole()
		res := w.get(w.enlace, base+".csv")
		body := res.Body.String()
		if res.Code != http.StatusOK || !strings.HasPrefix(body, "\ufeff") {
			t.Fatalf("%d, %q", res.Code, body)
		}
		rows, err := csv.NewReader(strings.NewReader(strings.TrimPrefix(body, "\ufeff"))).ReadAll()
		if err != nil || len(rows) != 2 || rows[1][2] != "'"+c.Title || strings.Contains(body, "Ana López") {
			t.Errorf("%v: %q", err, rows)
		}
	})
}

func TestAnExportHasEveryCaseInFewStatements(t *testing.T) {
	worlds(t, func(w *world) {
		w.bulk(1000)
		res := w.get(w.enlace, base+".csv")
		rows, err := csv.NewReader(strings.NewReader(strings.TrimPrefix(res.Body.String(), "\ufeff"))).ReadAll()
		if err != nil || len(rows) != 1001 {
			t.Errorf("%d rows, %v", len(rows), err)
		}
	})
}

// zone is the one of institutions that say none.
func zone(t *testing.T) *time.Location {
	t.Helper()
	loc, err := time.LoadLocation(institution.DefaultZone)
	if err != nil {
		t.Fatal(err)
	}
	return loc
}
