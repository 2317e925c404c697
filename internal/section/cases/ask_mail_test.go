package cases_test

import (
	"bytes"
	stdimage "image"
	"image/jpeg"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"plaza/internal/base/db"
	"plaza/internal/base/db/dbtest"
	"plaza/internal/base/web/webtest"
	"plaza/internal/civic/account"
	"plaza/internal/civic/moderation"
	"plaza/internal/civic/outbox"
	"plaza/internal/civic/record"
	"plaza/internal/plaza"
	"plaza/internal/section/cases"
)

const luz = "luz@ejemplo.mx"

func TestAConfirmedAddressIsEnoughToAskAndItsDayIsDayZero(t *testing.T) {
	asking(t, func(w *asked) {
		form := w.onSet(nobody, "correo", " Luz@Ejemplo.MX ", "nombre", "Luciérnaga")
		page := w.doc(w.post(nobody, "/consultas/nueva/correo", form, sent{"a.csv", []byte("a,b\n")}), http.StatusOK)
		w.says(page, "Revise su correo", "todavía no se ha enviado")
		if len(w.all()) != 0 || w.count(`SELECT COUNT(*) FROM record_entries WHERE verb = 'case.opened'`) != 0 {
			w.Fatal("something was asked before the address was confirmed")
		}
		link := w.link("/consultas/mia/confirmar/")
		dbtest.Advance(w.db, 24*time.Hour) // Thursday 26 November 2026
		for range 2 {                      // scanners of mail open links
			w.says(w.doc(w.get(nobody, link), http.StatusOK), "¿Qué es cve_ent?", "10 de diciembre de 2026")
		}
		if len(w.all()) != 0 {
			w.Fatal("looking at the page confirmed it")
		}
		res := w.post(nobody, link, nil)
		c := w.all()[0]
		if to := w.leads(res); to != c.Path()+"?hecho=enviada" {
			w.Errorf("it leads to %s", to)
		}
		if c.Asker.Person != "" || c.Asker.Contact == "" || c.Asker.Name != "Luciérnaga" || !c.Asked.Equal(w.db.Now()) || c.Institution != w.salud.ID || c.On.Dataset != setID {
			w.Errorf("asked: %+v", c)
		}
		if again := w.leads(w.post(nobody, link, nil)); again != c.Path()+"?hecho=enviada" || len(w.all()) != 1 {
			w.Errorf("confirmed twice there are %d cases; it leads to %s", len(w.all()), again)
		}
		w.read(func(tx *db.Tx) error {
			files, err := cases.Files(tx, c.ID)
			if len(files) != 1 || files[0].Name != "a.csv" {
				w.Errorf("its files: %+v", files)
			}
			return err
		})
	})
}

func TestTheAnswerIsTheSameForKnownAndUnknownAddressesAndForMachines(t *testing.T) {
	asking(t, func(w *asked) {
		w.byMail(luz)
		before := len(w.letters())
		var answers []string
		for _, typed := range [][]string{{"correo", luz}, {"correo", "nadie@ejemplo.mx"}, {"correo", w.ana.Email}, {"correo", "maquina@ejemplo.mx", "sitio_web", "x"}} {
			page := w.doc(w.post(nobody, "/consultas/nueva/correo", w.onSet(nobody, typed...)), http.StatusOK)
			answers = append(answers, squeezed(page.Find("main").Text()))
		}
		if answers[0] != answers[1] || answers[1] != answers[2] || answers[2] != answers[3] {
			w.Errorf("the answers differ: %q", answers)
		}
		if n := len(w.letters()) - before; n != 3 {
			w.Errorf("%d mails, want one for each but the machine", n)
		}
	})
}

func TestAFormByMailThatIsSentTwiceWaitsOnce(t *testing.T) {
	asking(t, func(w *asked) {
		form := w.onSet(nobody, "correo", luz)
		for range 2 {
			w.doc(w.post(nobody, "/consultas/nueva/correo", form, sent{"a.txt", []byte("hola")}), http.StatusOK)
		}
		if len(w.letters()) != 1 || w.stored() != 1 || w.count(`SELECT COUNT(*) FROM case_pending`) != 1 {
			w.Errorf("%d mails, %d files, %d waiting", len(w.letters()), w.stored(), w.count(`SELECT COUNT(*) FROM case_pending`))
		}
	})
}

func TestAnAddressThatIsNoneIsSaidAtItsFieldAndTooManyMailsAreRefused(t *testing.T) {
	asking(t, func(w *asked) {
		for _, bad := range []string{"", "luz", "luz@", "luz@ejemplo.mx\nbcc: x@y.mx", strings.Repeat("a", 300) + "@ejemplo.mx"} {
			doc := w.doc(w.post(nobody, "/consultas/nueva/correo", w.onSet(nobody, "correo", bad)), http.StatusUnprocessableEntity)
			if doc.Find("#campo-correo-error").Length() != 1 {
				w.Errorf("%q is not said to be wrong", bad)
			}
		}
		status := 0
		for range 12 {
			status = w.post(nobody, "/consultas/nueva/correo", w.onSet(nobody, "correo", luz)).Code
		}
		if status != http.StatusTooManyRequests {
			w.Errorf("the twelfth mail: %d", status)
		}
	})
}

func TestTheLinkInAMailLetsItsAskerActInThatCaseAloneAndForAWhile(t *testing.T) {
	asking(t, func(w *asked) {
		w.byMail(luz)
		w.cookie = ""
		w.byMail("otra@ejemplo.mx", "titulo", "Otra cosa")
		mine, other := w.all()[0], w.all()[1]
		w.write()
		w.cookie = ""
		var link string
		for _, m := range w.letters() {
			if m.To == luz && m.Kind == "case.letter" {
				link = links.FindStringSubmatch(m.Text)[1]
			}
		}
		res := w.get(nobody, link)
		if to := w.leads(res); to != mine.Path() {
			w.Errorf("it leads to %s", to)
		}
		cookie := res.Result().Cookies()[0]
		if cookie.Path != mine.Path() || !cookie.HttpOnly || cookie.SameSite != http.SameSiteLaxMode {
			w.Errorf("the cookie is %v", cookie)
		}
		w.takes(res)
		asker := func(c cases.Case) cases.Asker {
			r, err := http.NewRequestWithContext(w.Context(), http.MethodGet, webtest.Base, nil)
			if err != nil {
				w.Fatal(err)
			}
			r.Header.Set("Cookie", w.cookie)
			return w.cases.Contact(r, c)
		}
		if by := asker(mine); !mine.Can(plaza.Actor{}, by, cases.Withdraw) || mine.Can(plaza.Actor{}, cases.Asker{}, cases.Withdraw) {
			w.Errorf("by the link one comes as %+v", by)
		}
		if by := asker(other); by != (cases.Asker{}) {
			w.Errorf("in another case one is %+v", by)
		}
		forged := w.cookie
		w.cookie = strings.Replace(forged, mine.Asker.Contact, other.Asker.Contact, 1)
		if by := asker(other); by != (cases.Asker{}) {
			w.Errorf("a forged cookie comes as %+v", by)
		}
		w.cookie = forged
		dbtest.Advance(w.db, 2*time.Hour)
		if by := asker(mine); by != (cases.Asker{}) {
			w.Errorf("two hours later one is %+v", by)
		}
		for _, bad := range []string{link[:len(link)-1], link + "A", strings.Replace(link, "/m", "/c", 1), "/consultas/mia/abrir/x", "/consultas/mia/olvidar/" + strings.TrimPrefix(link, "/consultas/mia/abrir/")} {
			w.doc(w.get(nobody, bad), http.StatusNotFound)
		}
	})
}

func TestAskersWithoutAnAccountHearByMailAndNobodySeesTheirAddress(t *testing.T) {
	asking(t, func(w *asked) {
		w.byMail(luz, "nombre", "Luciérnaga")
		c := w.all()[0]
		w.must(w.enlace, func(tx *db.Tx) (cases.Case, []recordAct, error) { return w.cases.AskInfo(tx, c.ID, "¿De qué año?") })
		dbtest.Advance(w.db, time.Hour)
		w.must(nobody, func(tx *db.Tx) (cases.Case, []recordAct, error) {
			return w.cases.Reply(tx, c.ID, "Del 2025.", cases.Asker{Contact: c.Asker.Contact}, cases.From{})
		})
		w.must(w.enlace, func(tx *db.Tx) (cases.Case, []recordAct, error) {
			return w.cases.Publish(tx, c.ID, explained(), cases.Signature{})
		})
		ofAna := w.ask(w.ana, w.form()) // who has an account hears of the rest by following
		w.must(w.enlace, func(tx *db.Tx) (cases.Case, []recordAct, error) {
			return w.cases.Publish(tx, ofAna.ID, explained(), cases.Signature{})
		})
		for range 2 { // a second run tells nothing twice
			w.write()
		}
		var got []string
		for _, m := range w.letters()[1:] { // after that to confirm
			got = append(got, m.To+" "+strings.SplitN(m.Subject, ": ", 2)[1])
			if !strings.Contains(m.Text, "Plaza") || m.HTML == "" {
				w.Errorf("%s does not say who writes", m.Subject)
			}
		}
		want := []string{luz + " Se recibió su consulta", luz + " Le piden información; el plazo está detenido", luz + " Hay respuesta oficial a su consulta", w.ana.Email + " Se recibió su consulta"}
		slices.Sort(got)
		slices.Sort(want)
		if !slices.Equal(got, want) {
			w.Errorf("the mails are %q, want %q", got, want)
		}
		for _, m := range w.letters() {
			switch {
			case strings.Contains(m.Subject, "información") && !strings.Contains(m.Text, "¿De qué año?"),
				strings.Contains(m.Subject, "respuesta") && !strings.Contains(m.Text, "Es la clave de la entidad"),
				strings.Contains(m.Subject, "Se recibió") && (!strings.Contains(m.Text, "9 de diciembre de 2026") || !strings.Contains(m.Text, "No es una solicitud de acceso a la información")):
				w.Errorf("%q says %s", m.Subject, m.Text)
			}
		}
		for _, p := range []account.Person{nobody, w.enlace, w.admin} {
			if body := w.get(p, c.Path()+"/acuse").Body.String(); strings.Contains(body, "luz@") {
				w.Errorf("%s sees the address", p.Name)
			}
		}
		if n := w.count(`SELECT COUNT(*) FROM record_entries WHERE payload LIKE '%luz@%'`); n != 0 {
			w.Error("the record knows the address")
		}
	})
}

func TestWhatModerationHoldsIsAcknowledgedToItsAskerAlone(t *testing.T) {
	asking(t, func(w *asked) {
		w.hold = "oculto"
		to := w.leads(w.post(w.ana, "/consultas/nueva", w.onSet(w.ana, "texto", "Algo oculto"), sent{"a.txt", []byte("hola")}))
		if to != "/mi/consultas?hecho=espera" {
			w.Errorf("it leads to %s", to)
		}
		w.says(w.doc(w.get(w.ana, to), http.StatusOK), "espera revisión", "¿Qué es cve_ent?")
		acuse := w.byMail(luz, "texto", "Otro oculto")
		mine, theirs := w.all()[0], w.all()[1]
		if acuse != theirs.Path()+"/acuse?hecho=enviada" {
			w.Errorf("by mail it leads to %s", acuse)
		}
		w.says(w.doc(w.get(nobody, acuse), http.StatusOK), theirs.Folio, "Su plazo empieza cuando se publique")
		w.cookie = ""
		w.doc(w.get(nobody, acuse), http.StatusNotFound)
		w.doc(w.get(w.beto, acuse), http.StatusNotFound)
		var file cases.File
		w.read(func(tx *db.Tx) error {
			files, err := cases.Files(tx, mine.ID)
			file = files[0]
			return err
		})
		for _, one := range []struct {
			who  account.Person
			want int
		}{{nobody, 404}, {w.beto, 404}, {w.ajena, 404}, {w.ana, 200}, {w.enlace, 404}, {w.area, 404}, {w.admin, 200}} {
			if res := w.get(one.who, file.Path(mine.Folio)); res.Code != one.want {
				w.Errorf("%q gets the file of a held case: %d, want %d", one.who.Name, res.Code, one.want)
			}
			if res := w.get(one.who, mine.Path()+"/acuse"); res.Code != one.want {
				w.Errorf("%q gets the acknowledgement of a held case: %d, want %d", one.who.Name, res.Code, one.want)
			}
		}
	})
}

func TestFilesAreTakenByWhatTheyAreAndServedToBeKept(t *testing.T) {
	asking(t, func(w *asked) {
		var photo bytes.Buffer
		if err := jpeg.Encode(&photo, stdimage.NewRGBA(stdimage.Rect(0, 0, 40, 30)), nil); err != nil {
			w.Fatal(err)
		}
		hidden := append(photo.Bytes(), []byte("<script>alert(1)</script>")...)
		form := w.onSet(w.ana)
		w.leads(w.post(w.ana, "/consultas/nueva", form, sent{"../../foto\u202egpj.exe", hidden}, sent{"pagina.html", []byte("<script>alert(1)</script>")},
			sent{"tabla.CSV", []byte("clave,año\n09,2026\n")}, sent{"oficio.png", []byte("%PDF-1.7\n%%EOF\n")}, sent{"libro.zip", workbook(t, "xl/workbook.xml")}))
		c := w.all()[0]
		var got []string
		w.read(func(tx *db.Tx) error {
			files, err := cases.Files(tx, c.ID)
			for _, f := range files {
				got = append(got, f.Name+" "+f.Media)
				res := w.get(nobody, f.Path(c.Folio))
				h := res.Header()
				if res.Code != 200 || !strings.HasPrefix(h.Get("Content-Disposition"), "attachment;") || h.Get("Content-Security-Policy") != "default-src 'none'; sandbox" ||
					h.Get("X-Content-Type-Options") != "nosniff" || h.Get("Content-Type") != f.Media || int64(res.Body.Len()) != f.Size {
					w.Errorf("%s: %d %v, %d bytes", f.Name, res.Code, h, res.Body.Len())
				}
				if f.Media == "image/png" || f.Media == "image/jpeg" {
					if bytes.Contains(res.Body.Bytes(), []byte("script")) {
						w.Error("the picture is as it was sent")
					}
				}
			}
			return err
		})
		want := []string{"fotogpj.jpg image/jpeg", "libro.xlsx application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
			"oficio.pdf application/pdf", "pagina.txt text/plain", "tabla.csv text/csv"}
		if !slices.Equal(got, want) {
			w.Errorf("kept as %q, want %q", got, want)
		}
		w.doc(w.get(nobody, c.Path()+"/archivos/nada"), http.StatusNotFound)
		other := w.ask(w.beto, w.form())
		w.read(func(tx *db.Tx) error {
			files, err := cases.Files(tx, c.ID)
			w.doc(w.get(nobody, files[0].Path(other.Folio)), http.StatusNotFound)
			return err
		})
	})
}

func TestFilesThatLieOrAreTooManyAreRefusedAndLeaveNothing(t *testing.T) {
	asking(t, func(w *asked) {
		small := sent{"a.txt", []byte("a")}
		for name, files := range map[string][]sent{
			"a program":              {{"foto.jpg", []byte("MZ\x90\x00\x03\x00\x00\x00")}},
			"half a picture":         {{"foto.png", []byte("\x89PNG\r\n\x1a\nnada")}},
			"a broken archive":       {{"a.zip", []byte("PK\x03\x04nada")}},
			"a workbook with macros": {{"a.xlsx", workbook(t, "xl/workbook.xml", "xl/vbaProject.bin")}},
			"nothing":                {small, {"b.txt", nil}},
			"too large":              {{"a.txt", bytes.Repeat([]byte("a"), 10<<20+1)}},
			"six":                    {small, small, small, small, small, small},
		} {
			doc := w.doc(w.post(w.ana, "/consultas/nueva", w.onSet(w.ana), files...), http.StatusUnprocessableEntity)
			if doc.Find("#campo-archivos-error").Length() != 1 {
				w.Errorf("%s is not said to be wrong", name)
			}
		}
		if len(w.all()) != 0 || w.stored() != 0 {
			w.Errorf("%d cases, %d files in the store", len(w.all()), w.stored())
		}
		if res := w.post(nobody, "/consultas/nueva/correo", w.onSet(nobody, "correo", luz), sent{"a.txt", bytes.Repeat([]byte("a"), 12<<20)}); res.Code != http.StatusRequestEntityTooLarge {
			w.Errorf("twelve megabytes without an account: %d", res.Code)
		}
	})
}

func TestFilesOfAFormThatIsDrawnAgainAreNotSentTwice(t *testing.T) {
	asking(t, func(w *asked) {
		doc := w.doc(w.post(w.ana, "/consultas/nueva", w.onSet(w.ana, "titulo", ""), sent{"a.txt", []byte("hola")}), http.StatusUnprocessableEntity)
		w.says(doc, "Archivos que ya se recibieron", "a.txt")
		dbtest.Advance(w.db, time.Minute)
		w.leads(w.post(w.ana, "/consultas/nueva", drawn(doc, "titulo", "Ahora sí"), sent{"b.txt", []byte("otra")}))
		if n := w.count(`SELECT COUNT(*) FROM case_files WHERE case_id = $1`, w.all()[0].ID); n != 2 || w.count(`SELECT COUNT(*) FROM case_pending_files`) != 0 {
			w.Errorf("the case has %d files", n)
		}
	})
}

func TestAStrangerIsToldWhyTheirCaseWasHiddenAndSeesTheirOwnText(t *testing.T) {
	asking(t, func(w *asked) {
		w.byMail(luz, "texto", "Canario de texto propio.")
		w.write()
		c, link := w.all()[0], w.link("/consultas/mia/abrir/m")
		w.as(w.admin, func(tx *db.Tx) error {
			acts, err := w.cases.Kind().Set(tx, c.ID, moderation.Hidden)
			if err != nil {
				return err
			}
			if _, err := tx.Exec(`INSERT INTO moderation_cases (id, object_kind, object_id, author_id, institution, opened_at, held)
				VALUES ('caso-1', 'case', $1, '', '', $2, $3)`, c.ID, tx.Now, false); err != nil {
				return err
			}
			if _, err := tx.Exec(`INSERT INTO moderation_decisions (id, case_id, act, reason, note, state_was, into_ref, until_at, author_id, decided_by, role, institution, month, created_at)
				VALUES ('decision-1', 'caso-1', 'hide', 'personal_data', '', 'public', '', NULL, '', $1, 'moderator', '', '2026-11', $2)`, w.admin.ID, tx.Now); err != nil {
				return err
			}
			return record.Append(tx, acts...)
		})
		before := len(w.letters())
		w.write()
		w.write()
		letters := w.letters()
		if len(letters) != before+1 {
			w.Fatalf("%d letters tell of it", len(letters)-before)
		}
		last := letters[slices.IndexFunc(letters, func(m outbox.Mail) bool { return strings.Contains(m.Subject, "Moderación ocultó") })]
		for _, want := range []string{webtest.Base + "/acerca/privacidad", "Moderación ocultó su consulta", "Motivo: ", "pida que se revise la decisión", c.Folio, link} {
			if last.To != luz || !strings.Contains(last.Text, want) {
				w.Errorf("the letter to %s does not say %q:\n%s", last.To, want, last.Text)
			}
		}
		w.cookie = ""
		if body := w.get(nobody, c.Path()+"/acuse").Body.String(); strings.Contains(body, "Canario") {
			w.Error("everybody reads what is hidden")
		}
		res := w.get(nobody, link)
		w.takes(res)
		w.says(w.doc(w.get(nobody, w.leads(res)), http.StatusOK), "Esta consulta no es pública", "Motivo:", "Lo que usted escribió", "Canario de texto propio.")
	})
}

func TestWhatIsHeldIsAcknowledgedByMailAtOnce(t *testing.T) {
	asking(t, func(w *asked) {
		w.hold = "oculto"
		w.byMail(luz, "texto", "Algo oculto.")
		w.post(w.ana, "/consultas/nueva", w.onSet(w.ana, "texto", "Otro oculto."))
		held := w.all()
		if len(held) != 2 {
			w.Fatalf("%d cases", len(held))
		}
		for _, c := range held {
			to, link := luz, "/consultas/mia/abrir/"
			if c.Asker.Person != "" {
				to, link = w.ana.Email, c.Path()
			}
			var told []string
			for _, m := range w.letters() {
				if m.To == to && strings.Contains(m.Subject, c.Folio+": Se recibió su consulta; se publica cuando la revise moderación") {
					told = append(told, m.Text)
				}
			}
			if c.Standing != moderation.Held || len(told) != 1 || !strings.Contains(told[0], link) || !strings.Contains(told[0], "si se publica hoy") {
				w.Errorf("%s (%s): %d letters: %s", c.Folio, c.Standing, len(told), told)
			}
		}
	})
}

func TestAStrangerIsToldThatTheirCaseWasRefusedAndWhy(t *testing.T) {
	asking(t, func(w *asked) {
		w.hold = "oculto"
		w.post(w.ana, "/consultas/nueva", w.onSet(w.ana, "texto", "Algo visible"))
		w.write() // from the first case on everything is told of
		w.byMail(luz, "texto", "Algo oculto con canario.")
		all, before := w.all(), len(w.letters())
		c := all[slices.IndexFunc(all, func(c cases.Case) bool { return c.Standing == moderation.Held })]
		w.as(w.admin, func(tx *db.Tx) error {
			acts, err := w.cases.Kind().Set(tx, c.ID, moderation.Refused)
			if err != nil {
				return err
			}
			if _, err := tx.Exec(`INSERT INTO moderation_cases (id, object_kind, object_id, author_id, institution, opened_at, held)
				VALUES ('caso-1', 'case', $1, '', '', $2, $3)`, c.ID, tx.Now, true); err != nil {
				return err
			}
			if _, err := tx.Exec(`INSERT INTO moderation_decisions (id, case_id, act, reason, note, state_was, into_ref, until_at, author_id, decided_by, role, institution, month, created_at)
				VALUES ('decision-1', 'caso-1', 'refuse', 'off_topic', '', 'held', '', NULL, '', $1, 'moderator', '', '2026-11', $2)`, w.admin.ID, tx.Now); err != nil {
				return err
			}
			return record.Append(tx, append(acts, record.Act{Verb: "moderation.refused", Object: plaza.Ref{Kind: moderation.DecisionKind, ID: "decision-1"}, Role: plaza.Moderator})...)
		})
		w.write()
		w.write()
		letters := w.letters()
		if len(letters) != before+1 {
			w.Fatalf("%d letters tell of it", len(letters)-before)
		}
		at := slices.IndexFunc(letters, func(m outbox.Mail) bool { return strings.Contains(m.Subject, "Moderación no publicó su consulta") })
		if at < 0 {
			w.Fatal("no letter says so in its subject")
		}
		for _, want := range []string{"Motivo: ", "su plazo no empieza", "pida que se revise la decisión", c.Folio, "/consultas/mia/abrir/"} {
			if letters[at].To != luz || !strings.Contains(letters[at].Text, want) {
				w.Errorf("the letter to %s does not say %q:\n%s", letters[at].To, want, letters[at].Text)
			}
		}
		if strings.Contains(letters[at].Text, "canario") {
			w.Error("the letter repeats what was refused")
		}
		w.cookie = ""
		res := w.get(nobody, w.link("/consultas/mia/abrir/m"))
		w.takes(res)
		w.says(w.doc(w.get(nobody, w.leads(res)), http.StatusOK), "Motivo:", "Algo oculto con canario.")
	})
}
