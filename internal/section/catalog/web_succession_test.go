package catalog_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"plaza/internal/base/db"
	"plaza/internal/civic/institution"
	"plaza/internal/civic/record"
)

func TestThePageOfAnInstitutionThatEndedLeadsToWhatFollowsItAndBack(t *testing.T) {
	pages(t, func(w *world) {
		w.fill()
		cultura := w.institution(institution.Institution{Name: "Secretaría de Cultura", Acronym: "CULTURA", Type: "federal"})
		museo := w.institution(institution.Institution{Name: "Museo del Libro", Acronym: "ML", Type: "federal", ParentID: cultura.ID})
		danza := w.institution(institution.Institution{Name: "Instituto de Danza", Acronym: "IDA", Type: "federal"})
		s := institution.NewSuccessions(w.db, nil)
		basis := institution.Basis{Date: "2026-11-20", LegalRef: "Decreto en el DOF"}
		w.write(func(tx *db.Tx) error {
			return s.End(tx, institution.Ending{Kind: institution.Merged, From: museo.ID, To: []string{cultura.ID}, Basis: basis})
		})
		w.write(func(tx *db.Tx) error {
			return s.End(tx, institution.Ending{Kind: institution.Abolished, From: danza.ID, Basis: basis})
		})
		doc := w.get("/instituciones/ml", http.StatusOK)
		w.says(doc, "h1", "Museo del Libro")
		w.says(doc, ".Notice", "Desde el 20 de noviembre de 2026 es parte de Secretaría de Cultura", "Decreto en el DOF")
		if href := doc.Find(".Notice a").AttrOr("href", ""); href != "/instituciones/cultura" {
			w.Errorf("the notice leads to %q", href)
		}
		doc = w.get("/instituciones/cultura", http.StatusOK)
		w.says(doc, ".Layout-aside", "Antes", "Museo del Libro", "se fusionó el 20 de noviembre de 2026")
		if doc.Find(`.Layout-aside a[href="/instituciones/ml"]`).Length() != 1 || doc.Find("#parte").Length() != 0 {
			w.Error("it does not lead back once, or has it as a part still")
		}
		w.says(w.get("/instituciones/ida", http.StatusOK), ".Notice", "se extinguió el 20 de noviembre de 2026", "lo atiende la coordinación")
		if list := text(w.get("/instituciones", http.StatusOK).Find("main")); strings.Contains(list, "Museo") || !strings.Contains(list, "Cultura") {
			w.Errorf("the list has %s", list)
		}
		for _, path := range []string{"/instituciones/ml", "/instituciones/ida", "/instituciones/cultura"} {
			w.get(path+"?lang=en", http.StatusOK)
		}
	})
}

func TestARenamedInstitutionsOldAddressLeadsToThePageThatSaysItsFormerName(t *testing.T) {
	pages(t, func(w *world) {
		w.fill()
		s := institution.NewSuccessions(w.db, nil)
		w.write(func(tx *db.Tx) error {
			_, err := s.Rename(tx, institution.Renaming{ID: w.salud.ID, Was: w.salud.Name, Name: "Secretaría de Salud y Bienestar", Acronym: "SSB", Slug: "ssb",
				Basis: institution.Basis{Date: "2026-11-20", LegalRef: "Decreto en el DOF"}})
			return err
		})
		w.get("/instituciones/salud", http.StatusMovedPermanently)
		w.says(w.get("/instituciones/ssb", http.StatusOK), ".Layout-aside", "Antes se llamaba", "Secretaría de Salud", "hasta el 20 de noviembre de 2026")
		w.says(w.get("/instituciones/ssb", http.StatusOK), ".Layout-main", "Cambió de nombre Secretaría de Salud: ahora es", "Secretaría de Salud y Bienestar")
	})
}

func TestOfficeHoursAreFactsOfAnInstitution(t *testing.T) {
	pages(t, func(w *world) {
		w.fill()
		w.write(func(tx *db.Tx) error {
			var spans []institution.Span
			for day := time.Monday; day <= time.Friday; day++ {
				spans = append(spans, institution.Span{Day: day, Opens: 9 * 60, Closes: 17*60 + 30})
			}
			acts, err := institution.SetHours(tx, w.salud.ID, institution.Hours{Zone: "America/Mexico_City", Calendar: institution.FederalCalendar, Spans: spans})
			if err != nil {
				return err
			}
			return record.Append(tx, acts...)
		})
		w.says(w.get("/instituciones/salud", http.StatusOK), ".Layout-aside", "Horario de atención", "lunes a viernes, de 09:00 a 17:30")
	})
}
