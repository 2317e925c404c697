package cases_test

import (
	"encoding/json"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"plaza/internal/base/db"
	"plaza/internal/base/db/dbtest"
	"plaza/internal/base/web/webtest"
	"plaza/internal/civic/account"
	"plaza/internal/civic/moderation"
	"plaza/internal/civic/record"
	"plaza/internal/section/cases"
)

func TestTemplatesSayWhatExists(t *testing.T) {
	w := newPaged(t, dbtest.SQLite(t))
	for _, problem := range webtest.CheckTemplates(w.shell) {
		t.Error(problem)
	}
}

func TestTheClockOfACaseIsToldInWords(t *testing.T) {
	pagedWorlds(t, func(w *paged) {
		c := w.ask(w.ana, w.form()) // Wednesday 25 November 2026: due on 9 December
		say := func(words ...string) {
			w.Helper()
			w.says(squeeze(w.page(visitor, c.Path()).Find(".Clock").Text()), words...)
		}
		say("Respuesta a más tardar el 9 de diciembre de 2026 (quedan 10 días hábiles)")
		w.must(w.enlace, func(tx *db.Tx) (cases.Case, []record.Act, error) {
			return w.cases.Extend(tx, c.ID, 3, "Falta un dato.")
		})
		say("14 de diciembre de 2026 (quedan 13 días hábiles)", "La fecha anterior era el 9 de diciembre de 2026")
		w.must(w.enlace, func(tx *db.Tx) (cases.Case, []record.Act, error) { return w.cases.AskInfo(tx, c.ID, "¿De qué año?") })
		say("El plazo está detenido desde el 25 de noviembre de 2026", "a más tardar el 9 de diciembre")
		w.must(w.ana, func(tx *db.Tx) (cases.Case, []record.Act, error) {
			return w.cases.Reply(tx, c.ID, "Del 2025.", cases.By(w.ana.Actor()), cases.From{})
		})
		w.db.Clock().Set(w.now(c).Due.Add(-time.Millisecond))
		say("Respuesta a más tardar hoy, 14 de diciembre")
		w.db.Clock().Set(w.now(c).Due)
		if w.page(visitor, c.Path()).Find(".Clock--bad").Length() != 1 {
			w.Error("what is overdue is not in vermilion")
		}
		dbtest.Advance(w.db, 48*time.Hour)
		say("Venció el 14 de diciembre de 2026: lleva 3 días hábiles de retraso")
		w.answer(c, explained())
		say("Respondida con 3 días hábiles de retraso")
	})
}

func TestACaseReadsAsALineThroughTime(t *testing.T) {
	pagedWorlds(t, func(w *paged) {
		f := w.form()
		f.On = cases.On{Ref: set, Dataset: set.ID, Column: "cve_ent", Row: "12", Themes: []string{"Salud"}}
		f.Kind, f.Details = cases.Quality, cases.Details{Rows: "De la 3 a la 8", Should: "09"}
		c := w.ask(w.ana, f)
		w.must(w.enlace, func(tx *db.Tx) (cases.Case, []record.Act, error) { return w.cases.Turn(tx, c.ID, w.unit.ID) })
		long := explained()
		long.Summary = "Es la clave de la entidad."
		w.answer(c, long)
		dbtest.Advance(w.db, time.Hour)
		w.must(w.ana, func(tx *db.Tx) (cases.Case, []record.Act, error) {
			return w.cases.Reopen(tx, c.ID, "No dice de **qué** año.", cases.By(w.ana.Actor()), cases.From{})
		})
		doc := w.page(visitor, c.Path())
		w.says(main(doc), c.Folio, "Reporte de calidad", "A Secretaría de Salud", "Reabierta", "Ana López", "Camas por hospital", "cve_ent", "12", "Salud", "De la 3 a la 8", "09")
		w.says(squeeze(doc.Find(".Line").Text()), "Se hizo la consulta", "Ana López", "La turnó a: Dirección de Información en Salud", "Secretaría de Salud",
			"Enlace de Datos Abiertos", "Respondió oficialmente: Explicado", "En pocas palabras", "Es la clave de la entidad.", "Respondida a tiempo",
			"No aceptó la respuesta", "No dice de qué año.", "Respuesta a más tardar el")
		if strings.Contains(main(doc), "Eva Enlace") {
			w.Error("an official is named")
		}
		if got := doc.Find("h1").Length(); got != 1 {
			w.Errorf("%d headings of the page", got)
		}
		about, _ := doc.Find(`meta[property="og:description"]`).Attr("content")
		if about == "" {
			w.Error("a share card says nothing")
		}
		gone = true
		w.says(main(w.page(visitor, c.Path())), "ya no está en el catálogo")
		gone = false
	})
}

func TestAFolioIsTakenAsPeopleWriteIt(t *testing.T) {
	pagedWorlds(t, func(w *paged) {
		c := w.ask(w.ana, w.form())
		part := strings.Split(c.Folio, "-")
		for _, written := range []string{strings.ToLower(c.Folio), "salud-2026-1-" + part[3], "SALUD%202026%20000001%20" + part[3]} {
			res := w.get(visitor, "/consultas/"+written)
			if res.Code != http.StatusMovedPermanently || res.Header().Get("Location") != c.Path() {
				w.Errorf("%s: %d to %q", written, res.Code, res.Header().Get("Location"))
			}
		}
		for _, wrong := range []string{"SALUD-2026-000002-" + part[3], "nada", strings.Repeat("9", 500), "%00", "SALUD-2026-000001-x"} {
			if res := w.get(visitor, "/consultas/"+wrong); res.Code != http.StatusNotFound && res.Code != http.StatusBadRequest {
				w.Errorf("%q: %d", wrong, res.Code)
			}
		}
		w.read(func(tx *db.Tx) error {
			for _, written := range []string{c.Folio, strings.ToLower(c.Folio), "salud 2026 1 " + part[3], " SALUD–2026–000001–" + part[3] + " "} {
				if to, err := cases.Named(tx, written); err != nil || to != c.Path() {
					w.Errorf("%q leads to %q (%v)", written, to, err)
				}
			}
			if to, err := cases.Named(tx, "agua 2026"); to != "" || err != nil {
				w.Errorf("some words lead to %q, %v", to, err)
			}
			return nil
		})
	})
}

func TestTheAskerActsWithTheFormsOfThePage(t *testing.T) {
	pagedWorlds(t, func(w *paged) {
		c := w.ask(w.ana, w.form())
		w.must(w.enlace, func(tx *db.Tx) (cases.Case, []record.Act, error) { return w.cases.AskInfo(tx, c.ID, "¿De qué año?") })
		if w.page(w.beto, c.Path()).Find(".Case-act[open], form[action$='/responder-info']").Length() != 0 {
			w.Error("another one has the asker's forms")
		}
		form := w.seen(w.ana, c, "responder-info")
		form.Set("texto-responder-info", "Del 2025.")
		for range 2 { // a double click
			if res := w.post(w.ana, c.Path()+"/responder-info", form); res.Code != http.StatusSeeOther || res.Header().Get("Location") != c.Path()+"?hecho=responder-info" {
				w.Fatalf("replying: %d %s", res.Code, squeeze(res.Body.String()))
			}
		}
		if got := w.verbs(c); len(got) != 3 {
			w.Errorf("the record says %v", got)
		}
		w.answer(c, explained())
		reopen := w.seen(w.ana, c, "reabrir")
		bad := w.document(w.post(w.ana, c.Path()+"/reabrir", reopen), http.StatusUnprocessableEntity)
		if bad.Find(`textarea[aria-invalid="true"]`).Length() != 1 {
			w.Error("nothing says that a reason is missing")
		}
		long := strings.Repeat("á", cases.MaxReason+1)
		reopen.Set("texto", long)
		if got := w.document(w.post(w.ana, c.Path()+"/reabrir", reopen), http.StatusUnprocessableEntity).Find("textarea").Text(); got != long {
			w.Error("what was typed is lost")
		}
		reopen.Set("texto", "No dice de qué año.")
		w.must(w.enlace, func(tx *db.Tx) (cases.Case, []record.Act, error) {
			return w.cases.Correct(tx, c.ID, explained(), "Una errata.", cases.Signature{})
		})
		clash := w.document(w.post(w.ana, c.Path()+"/reabrir", reopen), http.StatusConflict)
		if clash.Find("textarea").Text() != "No dice de qué año." || clash.Find(".Notice").Length() == 0 {
			w.Error("of two at once the second is not told, or loses the text")
		}
		again, _ := clash.Find(`input[name="seen"]`).Attr("value")
		reopen.Set("seen", again)
		if res := w.post(w.ana, c.Path()+"/reabrir", reopen); res.Code != http.StatusSeeOther || w.now(c).State != cases.Reopened {
			w.Fatalf("reopening: %d, %s", res.Code, w.now(c).State)
		}
		for _, act := range []string{"responder-info", "aceptar", "reabrir", "retirar"} {
			if res := w.post(w.beto, c.Path()+"/"+act, url.Values{"texto": {"x"}}); res.Code != http.StatusForbidden {
				w.Errorf("another one to %s: %d", act, res.Code)
			}
			if res := w.post(visitor, c.Path()+"/"+act, url.Values{"texto": {"x"}}); res.Code != http.StatusUnauthorized {
				w.Errorf("a visitor to %s: %d", act, res.Code)
			}
		}
		w.answer(c, explained())
		doc := w.page(w.ana, c.Path())
		if doc.Find(`form[action$="/reabrir"]`).Length() != 0 {
			w.Error("it can be reopened twice")
		}
		if to, _ := doc.Find(`a[href^="/consultas/nueva?despues="]`).Attr("href"); !strings.HasSuffix(to, c.Folio) {
			w.Errorf("asking anew leads to %q", to)
		}
		if res := w.post(w.ana, c.Path()+"/aceptar", w.seen(w.ana, c, "aceptar")); res.Code != http.StatusSeeOther || w.now(c).State != cases.Resolved {
			w.Errorf("accepting: %d", res.Code)
		}
		other := w.ask(w.ana, w.form())
		if res := w.post(w.ana, other.Path()+"/retirar", w.seen(w.ana, other, "retirar")); res.Code != http.StatusSeeOther || w.now(other).Reason != cases.Withdrawn {
			w.Errorf("withdrawing: %d", res.Code)
		}
	})
}

func TestAnAnswerKeepsItsVersionsAndCanBeCited(t *testing.T) {
	pagedWorlds(t, func(w *paged) {
		c := w.ask(w.ana, w.form())
		refusal := cases.AnswerForm{Outcome: cases.Reserved, Body: "Uno dos tres.\n\nCuatro cinco.", Ground: "reserved", Alternative: "Hay un resumen.", Appeal: "Ante el órgano garante."}
		w.answer(c, refusal)
		doc := w.page(visitor, c.Path())
		w.says(squeeze(doc.Find(".Answer").Text()), "No se publica: es información reservada", "Uno dos tres.", "Fundamento legal", "Hay un resumen.", "Ante el órgano garante.",
			"También firma", "Enlace de transparencia")
		refusal.Body = "Uno dos seis.\n\nCuatro cinco."
		refusal.Alternative = "Hay una tabla."
		w.must(w.enlace, func(tx *db.Tx) (cases.Case, []record.Act, error) {
			return w.cases.Correct(tx, c.ID, refusal, "Una errata.", cases.Signature{Person: w.transp.ID, Voice: w.voice()})
		})
		first, second := w.page(visitor, c.Path()+"/respuesta/1"), w.page(visitor, c.Path()+"/respuesta/2")
		w.says(main(first), "Esta versión ya no es la vigente", "Uno dos tres.")
		w.says(main(second), "Por qué se corrigió: Una errata.", "Uno dos seis.", "Qué cambió", "Hay un resumen.", "Hay una tabla.")
		if del, ins := second.Find(".Diff del").Text(), second.Find(".Diff ins").Text(); !strings.Contains(del, "tres.") || !strings.Contains(ins, "seis.") || strings.Contains(del, "Uno") {
			w.Errorf("what changed: -%q +%q", del, ins)
		}
		w.says(squeeze(second.Find(".Copy-text").Text()), "Secretaría de Salud", c.Title, c.Folio, "versión 2", webtest.Base+c.Path()+"/respuesta/2")
		var ld struct {
			Type string `json:"@type"`
			Main struct {
				Accepted struct {
					Text, URL string
				} `json:"acceptedAnswer"`
			} `json:"mainEntity"`
		}
		if err := json.Unmarshal([]byte(w.page(visitor, c.Path()).Find(`script[type="application/ld+json"]`).Text()), &ld); err != nil || ld.Type != "QAPage" ||
			ld.Main.Accepted.URL != webtest.Base+c.Path()+"/respuesta/2" || !strings.Contains(ld.Main.Accepted.Text, "seis") {
			w.Errorf("for machines: %+v, %v", ld, err)
		}
		about, _ := w.page(visitor, c.Path()).Find(`meta[property="og:description"]`).Attr("content")
		w.says(about, "Respuesta oficial de Secretaría de Salud", "reservada", "Uno dos seis.")
		for _, bad := range []string{"0", "3", "-1", "x", "99999999999999999999"} {
			if res := w.get(visitor, c.Path()+"/respuesta/"+bad); res.Code != http.StatusNotFound {
				w.Errorf("version %s: %d", bad, res.Code)
			}
		}
	})
}

func TestALongCaseComesInPages(t *testing.T) {
	pagedWorlds(t, func(w *paged) {
		c := w.ask(w.ana, w.form())
		for range 250 {
			dbtest.Advance(w.db, time.Minute)
			w.must(w.ana, func(tx *db.Tx) (cases.Case, []record.Act, error) {
				return w.cases.Reply(tx, c.ID, "Algo más.", cases.By(w.ana.Actor()), cases.From{})
			})
		}
		seen := map[string]bool{}
		for path, pages := c.Path(), 0; path != ""; pages++ {
			if pages > 3 {
				w.Fatal("it does not end")
			}
			doc := w.page(visitor, path)
			for _, li := range doc.Find(".Line-step").EachIter() {
				id, _ := li.Attr("id")
				if seen[id] {
					w.Errorf("%s is there twice", id)
				}
				seen[id] = true
			}
			path, _ = doc.Find(`a[rel="next"]`).Attr("href")
			path, _, _ = strings.Cut(path, "#")
		}
		if len(seen) != 251 {
			w.Errorf("%d steps in all, want 251", len(seen))
		}
		if res := w.get(visitor, c.Path()+"?desde=nada%00"); res.Code >= 500 {
			w.Errorf("a place that is none: %d", res.Code)
		}
	})
}

func TestAPageOfACaseTakesABoundedNumberOfStatements(t *testing.T) {
	pagedWorlds(t, func(w *paged) {
		count := func(path string) int {
			w.Helper()
			ctx, n := db.CountStatements(w.Context())
			r := newRequest(ctx, path)
			if res := webtest.Do(w.shell, r); res.Code != http.StatusOK {
				w.Fatalf("%s: %d", path, res.Code)
			}
			return int(n.Load())
		}
		c := w.ask(w.ana, w.form())
		short, list := count(c.Path()), count("/consultas")
		for range 30 {
			w.must(w.ana, func(tx *db.Tx) (cases.Case, []record.Act, error) {
				return w.cases.Reply(tx, c.ID, "Algo más.", cases.By(w.ana.Actor()), cases.From{})
			})
			dbtest.Advance(w.db, 4*time.Minute)
		}
		for range 10 {
			w.ask(w.beto, w.form())
		}
		if long := count(c.Path()); long != short || short > 30 {
			w.Errorf("%d statements, and %d with 30 steps more", short, long)
		}
		if long := count("/consultas"); long > list || list > 20 {
			w.Errorf("%d statements for a list, and %d for a longer one", list, long)
		}
	})
}

func TestAHeldCaseIsForItsAskerAndModeratorsAlone(t *testing.T) {
	pagedWorlds(t, func(w *paged) {
		w.screen.word = "retenida"
		f := w.form()
		f.Title = "Una consulta retenida"
		c := w.ask(w.ana, f)
		for name, want := range map[string]int{"visitor": 404, "beto": 404, "enlace": 404, "ana": 200, "admin": 200} {
			who := map[string]account.Person{"visitor": visitor, "beto": w.beto, "enlace": w.enlace, "ana": w.ana, "admin": w.admin}[name]
			if res := w.get(who, c.Path()); res.Code != want {
				w.Errorf("%s: %d, want %d", name, res.Code, want)
			}
		}
		w.says(main(w.page(w.ana, c.Path())), "Espera revisión")
		if !w.now(c).Due.IsZero() {
			w.Error("its clock runs already")
		}
		dbtest.Advance(w.db, 24*time.Hour)
		if err := w.moderate(w.cases.Kind(), c.ID, moderation.Public); err != nil {
			w.Fatal(err)
		}
		if got := w.now(c); got.Due.IsZero() || !got.Asked.Equal(w.db.Now()) {
			w.Errorf("let through: %+v", got)
		}
		w.page(visitor, c.Path())
	})
}
