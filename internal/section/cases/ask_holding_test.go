package cases_test

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"plaza/internal/base/db"
	"plaza/internal/base/db/dbtest"
	"plaza/internal/base/web/webtest"
	"plaza/internal/civic/privacy"
	"plaza/internal/civic/record"
	"plaza/internal/plaza"
	"plaza/internal/section/cases"
)

func TestOnesOwnPageShowsWhatOneAskedAndWhatOneSupports(t *testing.T) {
	asking(t, func(w *asked) {
		w.says(w.doc(w.get(w.ana, "/mi/consultas"), http.StatusOK), "Todavía no hace ninguna consulta")
		mine, other := w.ask(w.ana, w.form()), w.ask(w.beto, w.form())
		w.hold = "oculto"
		f := w.form()
		f.Title = "Algo oculto"
		held := w.ask(w.ana, f)
		w.as(w.ana, func(tx *db.Tx) error {
			_, err := tx.Exec(`INSERT INTO case_supports (case_id, who, at) VALUES ($1, $2, $3)`, other.ID, w.ana.ID, tx.Now)
			return err
		})
		doc := w.doc(w.get(w.ana, "/mi/consultas"), http.StatusOK)
		w.says(doc, mine.Folio, held.Folio, "Espera revisión", "respuesta a más tardar el 9 de diciembre de 2026")
		if strings.Contains(doc.Text(), other.Folio) {
			w.Error("another's case is among them")
		}
		if to, _ := doc.Find(`.Item-title a[href$="/acuse"]`).Attr("href"); to != held.Path()+"/acuse" {
			w.Errorf("a held one leads to %q", to)
		}
		w.says(w.doc(w.get(w.ana, "/mi/consultas?ver=apoyo"), http.StatusOK), other.Folio)
		for range 26 {
			f := w.form()
			w.as(w.ana, func(tx *db.Tx) error { _, err := w.cases.Ask(tx, f, cases.By(w.ana.Actor()), cases.From{}); return err })
			dbtest.Advance(w.db, time.Hour)
		}
		next, _ := w.doc(w.get(w.ana, "/mi/consultas"), http.StatusOK).Find(".Pager-step--next").Attr("href")
		w.says(w.doc(w.get(w.ana, next), http.StatusOK), mine.Folio)
	})
}

func TestThePagesOfAskingTakeFewStatements(t *testing.T) {
	asking(t, func(w *asked) {
		c := w.ask(w.ana, w.form())
		for range 19 {
			w.ask(w.ana, w.form())
		}
		for _, path := range []string{"/consultas/nueva?clase=question&objeto=dataset:" + setID, "/consultas/nueva?clase=request", c.Path() + "/acuse", "/mi/consultas", "/consultas/parecidas?titulo=columna"} {
			ctx, n := db.CountStatements(plaza.WithActor(w.Context(), w.ana.Actor()))
			r := httptest.NewRequestWithContext(ctx, http.MethodGet, path, nil)
			r.RemoteAddr = "127.0.0.1:49152"
			w.doc(webtest.Do(w.shell, r), http.StatusOK)
			if n.Load() > 15 {
				w.Errorf("%s takes %d statements", path, n.Load())
			}
		}
	})
}

// erase takes a person out of what is kept of them.
func (w *asked) erase(person string) {
	w.Helper()
	w.as(nobody, func(tx *db.Tx) error {
		acts, err := cases.Holding().Erase(tx, person)
		if err != nil {
			return err
		}
		return record.Append(tx, acts...)
	})
}

func TestWhoGoesLeavesWhatWasPublicWithoutNameAndNeed(t *testing.T) {
	asking(t, func(w *asked) {
		form := w.onSet(w.ana, "para", "Mi tesis", "nombre", "Curiosa")
		w.leads(w.post(w.ana, "/consultas/nueva", form, sent{"a.txt", []byte("hola")}))
		w.hold = "oculto"
		w.leads(w.post(w.ana, "/consultas/nueva", w.onSet(w.ana, "texto", "oculto"), sent{"b.txt", []byte("nadie lo vio")}))
		other := w.ask(w.beto, w.form())
		var given any
		w.read(func(tx *db.Tx) (err error) { given, err = cases.Holding().Export(tx, w.ana.ID); return err })
		raw, err := json.Marshal(given)
		if err != nil || !strings.Contains(string(raw), "Mi tesis") || !strings.Contains(string(raw), "oculto") || !strings.Contains(string(raw), "b.txt") || strings.Contains(string(raw), other.Folio) {
			w.Errorf("what Ana gave: %s (%v)", raw, err)
		}
		w.erase(w.ana.ID)
		all := w.all()
		if len(all) != 2 || all[0].Asker != (cases.Asker{}) || all[0].Need != "" || all[0].Title == "" || all[1].Asker.Person != w.beto.ID {
			w.Errorf("what is left: %+v", all)
		}
		if n := w.count(`SELECT COUNT(*) FROM case_files`); n != 1 || w.count(`SELECT COUNT(*) FROM jobs WHERE kind = 'cases.forget_file'`) != 1 {
			w.Errorf("%d files are left, and those that nobody saw stay in the store", n)
		}
		var nothing any
		w.read(func(tx *db.Tx) (err error) { nothing, err = cases.Holding().Export(tx, w.ana.ID); return err })
		if nothing != nil {
			w.Errorf("of Ana there is %v", nothing)
		}
	})
}

func TestAnAddressIsForgottenWhenItsHolderSaysSo(t *testing.T) {
	asking(t, func(w *asked) {
		w.byMail(luz, "nombre", "Luciérnaga", "para", "Mi tesis")
		w.write()
		link := w.link("/consultas/mia/olvidar/")
		w.doc(w.get(nobody, link), http.StatusOK)
		if w.count(`SELECT COUNT(*) FROM case_contacts`) != 1 {
			w.Fatal("looking at the page forgot the address")
		}
		own := w.link("/consultas/mia/abrir/")
		for range 2 {
			w.says(w.doc(w.post(nobody, link, nil), http.StatusOK), "Ya no guardamos su correo")
		}
		c := w.all()[0]
		if c.Asker != (cases.Asker{}) || c.Need != "" || !c.Public() || w.count(`SELECT COUNT(*) FROM case_contacts`) != 0 {
			w.Errorf("what is left: %+v", c)
		}
		res := w.get(nobody, own)
		if to := w.leads(res); to != c.Path() || len(res.Result().Cookies()) != 0 {
			w.Errorf("the old link leads to %s with %v", to, res.Result().Cookies())
		}
		before := len(w.letters())
		w.must(w.enlace, func(tx *db.Tx) (cases.Case, []recordAct, error) {
			return w.cases.Publish(tx, c.ID, explained(), cases.Signature{})
		})
		w.write()
		if len(w.letters()) != before {
			w.Error("who was forgotten is written to")
		}
	})
}

func TestWhatWaitsForNobodyAndOldAddressesExpire(t *testing.T) {
	asking(t, func(w *asked) {
		expire := func() {
			all := privacy.Registry{cases.Holding()}
			if _, err := all.Expire(plaza.WithActor(w.Context(), plaza.SystemActor), w.db); err != nil {
				w.Fatal(err)
			}
		}
		w.leads(w.post(nobody, "/consultas/nueva/entrar", w.onSet(nobody), sent{"a.txt", []byte("hola")}))
		w.doc(w.post(nobody, "/consultas/nueva/correo", w.onSet(nobody, "correo", "nunca@ejemplo.mx")), http.StatusOK)
		late := w.link("/consultas/mia/confirmar/")
		w.byMail(luz)
		c := w.all()[0]
		expire()
		if n := w.count(`SELECT COUNT(*) FROM case_pending`); n != 3 {
			w.Errorf("%d wait, want the draft and two forms", n)
		}
		dbtest.Advance(w.db, 25*time.Hour)
		expire()
		if n := w.count(`SELECT COUNT(*) FROM case_pending`); n != 2 || w.count(`SELECT COUNT(*) FROM case_pending_files`) != 0 || w.count(`SELECT COUNT(*) FROM jobs WHERE kind = 'cases.forget_file'`) != 1 {
			w.Errorf("a day later %d wait", n)
		}
		dbtest.Advance(w.db, 48*time.Hour)
		w.doc(w.post(nobody, late, nil), http.StatusNotFound)
		expire()
		if n := w.count(`SELECT COUNT(*) FROM case_contacts`); n != 1 || w.count(`SELECT COUNT(*) FROM case_pending`) != 0 {
			w.Errorf("three days later %d addresses are known, want that of who confirmed", n)
		}
		w.must(nobody, func(tx *db.Tx) (cases.Case, []recordAct, error) {
			return w.cases.Withdraw(tx, c.ID, "", cases.Asker{Contact: c.Asker.Contact}, cases.From{})
		})
		dbtest.Advance(w.db, 364*24*time.Hour)
		expire()
		if w.count(`SELECT COUNT(*) FROM case_contacts`) != 1 {
			w.Error("the address is gone too soon")
		}
		dbtest.Advance(w.db, 48*time.Hour)
		expire()
		if w.count(`SELECT COUNT(*) FROM case_contacts`) != 0 || w.all()[0].Asker != (cases.Asker{}) {
			w.Error("a year after its last case was settled the address is still known")
		}
	})
}
