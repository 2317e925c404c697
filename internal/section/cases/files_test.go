package cases_test

import (
	"net/http"
	"strings"
	"testing"

	"plaza/internal/base/api"
	"plaza/internal/base/blob"
	"plaza/internal/base/db"
	"plaza/internal/base/image"
	"plaza/internal/base/web"
	"plaza/internal/base/web/webtest"
	"plaza/internal/civic/access"
	"plaza/internal/civic/account"
	"plaza/internal/civic/calendar"
	"plaza/internal/civic/gate"
	"plaza/internal/civic/institution"
	"plaza/internal/civic/membership"
	"plaza/internal/civic/moderation"
	"plaza/internal/civic/privacy"
	"plaza/internal/civic/record"
	"plaza/internal/plaza"
	"plaza/internal/section/cases"
)

// filed gives a world of pages a file store, and the pages of files.
func (w *paged) filed() {
	w.Helper()
	store, err := blob.Open(w.Context(), "file://"+w.TempDir())
	if err != nil {
		w.Fatal(err)
	}
	w.cases = cases.New(cases.Config{DB: w.db, Gate: gate.New([]byte("una clave de prueba, de 32 bytes")), Screen: w.screen, Cards: catalogue(w.salud.ID, &gone), Blob: store})
	w.shell = webtest.New(w.T, func(c *web.Config) { c.Now, c.Authorize = w.db.Now, access.Authorize },
		cases.Locale, access.Locale, account.Locale, institution.Locale, gate.Locale, privacy.Locale, db.Locale, record.Locale, api.Locale, moderation.Locale,
		calendar.Locale, membership.Locale, image.Locale, blob.Locale)
	if err := w.cases.Mount(w.shell); err != nil {
		w.Fatal(err)
	}
	if err := w.cases.MountAsk(w.shell); err != nil {
		w.Fatal(err)
	}
	w.programs()
}

// attach puts a file of a name to a place of a case, as somebody.
func (w *paged) attach(p account.Person, c cases.Case, place, id, name, body string) {
	w.Helper()
	w.as(p, func(tx *db.Tx) error {
		return w.cases.Attach(tx, c.ID, place, id, []web.File{{Name: name, Body: []byte(body)}})
	})
}

// file is the file of a case with a name.
func (w *paged) file(c cases.Case, name string) (out cases.File) {
	w.Helper()
	w.read(func(tx *db.Tx) error {
		all, err := cases.Files(tx, c.ID)
		for _, f := range all {
			if f.Name == name {
				out = f
			}
		}
		return err
	})
	if out.ID == "" {
		w.Fatalf("no file %s", name)
	}
	return out
}

// shows reports where the names of files are seen by everybody: the page, that of the
// answer, and the interface.
func (w *paged) shows(c cases.Case, name string) (out []string) {
	w.Helper()
	for what, path := range map[string]string{"page": c.Path(), "answer": c.Path() + "/respuesta/1", "api": casesPath + "/" + c.Folio} {
		if strings.Contains(w.get(visitor, path).Body.String(), name) {
			out = append(out, what)
		}
	}
	return out
}

const canary = "canario 7f3a en un archivo"

func TestFilesOfADraftAreItsAnswersOnceItIsPublished(t *testing.T) {
	pagedWorlds(t, func(w *paged) {
		w.filed()
		c := w.ask(w.ana, w.form())
		var mine, base, other cases.AnswerDraft
		draft := func(p account.Person) (d cases.AnswerDraft) {
			w.as(p, func(tx *db.Tx) (err error) {
				d, err = w.cases.SaveDraft(tx, c.ID, cases.AnswerForm{Outcome: cases.Explained, Body: "La clave."}, 0)
				return err
			})
			return d
		}
		mine, base, other = draft(w.enlace), draft(w.area), draft(w.admin)
		w.attach(w.enlace, c, cases.FileOfDraft, mine.ID, "mio.csv", "a,b\n"+canary)
		w.attach(w.area, c, cases.FileOfDraft, base.ID, "area.csv", "a,b\n"+canary)
		w.attach(w.area, c, cases.FileOfDraft, base.ID, "interno.txt", canary)
		w.attach(w.admin, c, cases.FileOfDraft, other.ID, "otro.txt", canary)
		for _, name := range []string{"mio.csv", "area.csv", "interno.txt", "otro.txt"} {
			if seen := w.shows(c, name); seen != nil {
				w.Errorf("%s of a draft is on %v", name, seen)
			}
			path := w.file(c, name).Path(c.Folio)
			for who, p := range map[string]account.Person{"a visitor": visitor, "the asker": w.ana} {
				if res := w.get(p, path); res.Code != http.StatusNotFound || strings.Contains(res.Body.String(), canary) {
					w.Errorf("%s gets %s of a draft: %d", who, name, res.Code)
				}
			}
			if res := w.get(w.enlace, path); res.Code != http.StatusOK {
				w.Errorf("the liaison gets %s: %d", name, res.Code)
			}
		}
		w.must(w.enlace, func(tx *db.Tx) (cases.Case, []record.Act, error) {
			return w.cases.PublishDraft(tx, c.ID, cases.AnswerForm{Outcome: cases.Explained, Body: "La clave."}, base.ID, w.file(c, "interno.txt").ID)
		})
		for name, public := range map[string]bool{"mio.csv": true, "area.csv": true, "interno.txt": false, "otro.txt": false} {
			if seen := w.shows(c, name); public != (len(seen) == 3) || !public && seen != nil {
				w.Errorf("%s is on %v", name, seen)
			}
			if res := w.get(visitor, w.file(c, name).Path(c.Folio)); public != (res.Code == http.StatusOK) || public != strings.Contains(res.Body.String(), canary) {
				w.Errorf("a visitor gets %s: %d", name, res.Code)
			}
		}
		w.says(main(w.page(visitor, c.Path())), "Respuesta oficial", "Archivos", "area.csv", "Tabla CSV, 30 bytes")
		w.must(w.enlace, func(tx *db.Tx) (cases.Case, []record.Act, error) {
			return w.cases.CorrectDraft(tx, c.ID, cases.AnswerForm{Outcome: cases.Explained, Body: "La clave de 2025."}, "Faltaba el año.", "")
		})
		for _, path := range []string{c.Path(), c.Path() + "/respuesta/2", casesPath + "/" + c.Folio} {
			if body := w.get(visitor, path).Body.String(); !strings.Contains(body, "area.csv") || strings.Contains(body, "interno.txt") {
				w.Errorf("%s of the corrected answer has not its files", path)
			}
		}
	})
}

func TestTheFilesOfASignedRefusalAreItsAnswers(t *testing.T) {
	pagedWorlds(t, func(w *paged) {
		w.filed()
		c := w.ask(w.ana, w.form())
		refusal := cases.AnswerForm{Outcome: cases.Reserved, Body: "Está reservada.", Ground: "reserved", Alternative: "El total.", Appeal: "Ante la autoridad garante."}
		var d cases.AnswerDraft
		w.as(w.enlace, func(tx *db.Tx) (err error) {
			if _, err = w.cases.SaveDraft(tx, c.ID, refusal, 0); err != nil {
				return err
			}
			d, err = w.cases.AskSignature(tx, c.ID)
			return err
		})
		w.attach(w.enlace, c, cases.FileOfDraft, d.ID, "acuerdo.txt", canary)
		w.as(w.transp, func(tx *db.Tx) error { _, err := w.cases.SignDraft(tx, c.ID, d.ID, d.Version); return err })
		if seen := w.shows(c, "acuerdo.txt"); seen != nil {
			w.Errorf("it is on %v", seen)
		}
		w.must(w.enlace, func(tx *db.Tx) (cases.Case, []record.Act, error) { return w.cases.PublishDraft(tx, c.ID, refusal, "") })
		if seen := w.shows(c, "acuerdo.txt"); len(seen) != 3 {
			w.Errorf("it is on %v", seen)
		}
	})
}

func TestTheAskersFilesAreOnTheCasesPageUntilItIsHidden(t *testing.T) {
	pagedWorlds(t, func(w *paged) {
		w.filed()
		c := w.ask(w.ana, w.form())
		w.attach(w.ana, c, cases.FileOfCase, c.ID, "captura.txt", canary)
		doc := w.page(visitor, c.Path())
		w.says(squeeze(doc.Find("section[aria-labelledby=pregunta]").Text()), "Archivos", "captura.txt", "Texto, 26 bytes")
		path := doc.Find("section[aria-labelledby=pregunta] a[download]").AttrOr("href", "")
		res := w.get(visitor, path)
		if res.Body.String() != canary || !strings.Contains(res.Header().Get("Content-Security-Policy"), "sandbox") {
			w.Errorf("%s gives %q, %v", path, res.Body, res.Header())
		}
		if seen := w.shows(c, "captura.txt"); len(seen) != 2 {
			w.Errorf("it is on %v", seen)
		}
		if err := w.moderate(w.cases.Kind(), c.ID, moderation.Hidden); err != nil {
			w.Fatal(err)
		}
		if seen := w.shows(c, "captura.txt"); seen != nil {
			w.Errorf("hidden, it is on %v", seen)
		}
		if res := w.get(visitor, path); res.Code != http.StatusNotFound {
			w.Errorf("hidden, it is given: %d", res.Code)
		}
	})
}

func TestWhatAnInstitutionDraftedStaysItsOwnWithItsFiles(t *testing.T) {
	pagedWorlds(t, func(w *paged) {
		w.filed()
		c := w.ask(w.ana, w.form())
		var d cases.AnswerDraft
		w.as(w.enlace, func(tx *db.Tx) (err error) {
			d, err = w.cases.SaveDraft(tx, c.ID, cases.AnswerForm{Body: "De salud."}, 0)
			return err
		})
		w.attach(w.enlace, c, cases.FileOfDraft, d.ID, "salud.txt", canary)
		path := w.file(c, "salud.txt").Path(c.Folio)
		if res := w.get(w.enlace, path); res.Code != http.StatusOK {
			w.Fatalf("its author: %d", res.Code)
		}
		w.as(account.Person{}, func(tx *db.Tx) error {
			if _, err := tx.Exec(`INSERT INTO case_handovers (id, case_id, from_body, to_body, reason, state, at, decided_at)
				VALUES ($1, $2, $3, $4, 'Es suya.', 'accepted', $5, $5)`, tx.ID(), c.ID, w.salud.ID, w.lerma.ID, tx.Now); err != nil {
				return err
			}
			_, err := tx.Exec(`UPDATE cases SET institution = $1 WHERE id = $2`, w.lerma.ID, c.ID)
			return err
		})
		ajena := plaza.Actor{PersonID: w.ana.ID, Grants: []plaza.Grant{{Role: plaza.Liaison, Institution: w.lerma.ID}}}
		if res := w.request(ajena, http.MethodGet, path, nil); res.Code != http.StatusNotFound {
			w.Errorf("who has the case now gets it: %d", res.Code)
		}
	})
}
