package inbox_test

import (
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"plaza/internal/base/db"
	"plaza/internal/civic/account"
	"plaza/internal/civic/record"
	"plaza/internal/plaza"
	"plaza/internal/section/cases"
)

// many asks some questions.
func (w *world) many(n int) (out []cases.Case, ids []string) {
	w.Helper()
	for i := range n {
		c := w.ask(w.ana, fmt.Sprint("pregunta ", i), nil)
		out, ids = append(out, c), append(ids, c.ID)
	}
	return out, ids
}

// answerForm is the form for some cases as its page has it, filled in.
func (w *world) answerForm(ids []string) url.Values {
	w.Helper()
	form := url.Values{"resultado": {"explained"}, "texto": {"Es la clave de la entidad."}}
	for _, n := range w.page(w.enlace, base+"/responder?"+url.Values{"caso": ids}.Encode()).Find("input[name=caso]").EachIter() {
		v, _ := n.Attr("value")
		form.Add("caso", v)
	}
	return form
}

func TestSeveralAreTurnedAtOnceAndWhatCannotBeIsSaid(t *testing.T) {
	worlds(t, func(w *world) {
		all, ids := w.many(4)
		w.do(w.enlace, func(tx *db.Tx) (cases.Case, []record.Act, error) {
			return w.cases.Close(tx, all[3].ID, "no es de datos")
		})
		form := url.Values{"hacer": {"turnar"}, "area": {w.unit.ID}, "caso": {ids[0], ids[1], ids[3], "nada"}, "consulta": {"clase=question"}}
		res := w.post(w.enlace, base, form)
		if got, want := res.Header().Get("Location"), base+"?clase=question&no="+all[3].Folio+"&turnadas=2"; got != want {
			t.Errorf("it leads to %s (%d), want %s", got, res.Code, want)
		}
		doc := w.page(w.enlace, res.Header().Get("Location"))
		if said := text(doc.Find(".Notice")); !strings.Contains(said, "Se turnaron 2 consultas.") || !strings.Contains(said, all[3].Folio) {
			t.Errorf("it says %q", said)
		}
		if w.now(all[1]).Unit != w.unit.ID || w.now(all[2]).Unit != "" {
			t.Error("the wrong ones were turned")
		}
		res = w.post(w.enlace, base, url.Values{"hacer": {"turnar"}, "area": {w.other.ID}, "todas": {"1"}, "en": {strings.Join(ids[:3], " ")}})
		if w.now(all[2]).Unit != w.other.ID {
			t.Errorf("all of the page: %d", res.Code)
		}
		for name, form := range map[string]url.Values{
			"nothing chosen": {"hacer": {"turnar"}, "area": {w.unit.ID}},
			"no area":        {"hacer": {"turnar"}, "caso": ids[:1]},
			"too many":       {"hacer": {"turnar"}, "area": {w.unit.ID}, "caso": strings.Split("0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUV", "")},
		} {
			if res := w.post(w.enlace, base, form); res.Code != http.StatusUnprocessableEntity {
				t.Errorf("%s: %d", name, res.Code)
			}
		}
		if res := w.post(w.ajena, base, form); res.Code != http.StatusForbidden {
			t.Errorf("another institution's liaison: %d", res.Code)
		}
		if res := w.post(w.ajena, "/gestion/lerma/consultas", form); w.now(all[0]).Unit != w.other.ID {
			t.Errorf("from another inbox: %d", res.Code)
		}
	})
}

func TestOneAnswerIsPublishedToAllAndEachKeepsItsOwn(t *testing.T) {
	worlds(t, func(w *world) {
		all, ids := w.many(3)
		res := w.post(w.enlace, base, url.Values{"hacer": {"responder"}, "caso": ids})
		if res.Code != http.StatusSeeOther || !strings.HasPrefix(res.Header().Get("Location"), base+"/responder?caso=") {
			t.Fatalf("choosing leads to %s (%d)", res.Header().Get("Location"), res.Code)
		}
		res = w.post(w.enlace, base+"/responder", w.answerForm(ids))
		if got := res.Header().Get("Location"); got != base+"?respondidas=3" {
			t.Fatalf("publishing leads to %s (%d): %s", got, res.Code, res.Body)
		}
		answers := map[string]bool{}
		for _, c := range all {
			c = w.now(c)
			if c.State != cases.Answered || c.WaitsUntil.IsZero() || answers[c.Answer] {
				t.Errorf("%s: %+v", c.Folio, c)
			}
			answers[c.Answer] = true
			w.read(func(tx *db.Tx) error {
				a, err := cases.LastAnswer(tx, c.ID)
				if a.Body != "Es la clave de la entidad." || a.Voice.Institution != w.salud.ID {
					t.Errorf("%s was answered %+v", c.Folio, a)
				}
				return err
			})
		}
		w.do(w.ana, func(tx *db.Tx) (cases.Case, []record.Act, error) {
			return w.cases.Accept(tx, ids[0], cases.By(w.ana.Actor()))
		})
		if w.now(all[0]).State != cases.Resolved || w.now(all[1]).State != cases.Answered {
			t.Error("they are not accepted apart")
		}
	})
}

func TestWhatMovedMeanwhileIsLeftOutAndNothingTypedIsLost(t *testing.T) {
	worlds(t, func(w *world) {
		all, ids := w.many(3)
		form := w.answerForm(ids)
		w.do(w.enlace, func(tx *db.Tx) (cases.Case, []record.Act, error) { return w.cases.Turn(tx, ids[1], w.unit.ID) })
		res := w.post(w.enlace, base+"/responder", form)
		doc := w.doc(res)
		if said := text(doc.Find(".Notice")); res.Code != http.StatusConflict || !strings.Contains(said, "Se respondieron 2") || !strings.Contains(said, all[1].Folio) {
			t.Errorf("%d: %q", res.Code, said)
		}
		if doc.Find("input[name=caso]").Length() != 1 || text(doc.Find("textarea")) != "Es la clave de la entidad." {
			t.Error("what was left out, or typed, is lost")
		}
		if w.now(all[1]).State != cases.Assigned || w.now(all[0]).State != cases.Answered {
			t.Error("the wrong ones were answered")
		}
		if res := w.post(w.enlace, base+"/responder", form); res.Code != http.StatusConflict { // sent again by a reload
			t.Errorf("the same form again: %d", res.Code)
		}
		if n := len(w.verbs(all[0])); n != 2 {
			t.Errorf("it was answered twice: %v", w.verbs(all[0]))
		}
		v, _ := doc.Find("input[name=caso]").Attr("value")
		form["caso"] = []string{v}
		if res := w.post(w.enlace, base+"/responder", form); res.Code != http.StatusSeeOther || w.now(all[1]).State != cases.Answered {
			t.Errorf("after a look: %d", res.Code)
		}
	})
}

func TestARoleThatEndedWhileSeveralWereAnsweredGivesTheTextBack(t *testing.T) {
	worlds(t, func(w *world) {
		all, ids := w.many(2)
		form := w.answerForm(ids)
		w.as(account.Person{}, func(tx *db.Tx) error { return account.RevokeRole(tx, w.enlace.ID, plaza.Liaison, w.salud.ID) })
		var now account.Person
		w.read(func(tx *db.Tx) (err error) { now, err = account.ByID(tx, w.enlace.ID); return err })
		res := w.post(now, base+"/responder", form)
		if res.Code != http.StatusForbidden || text(w.doc(res).Find(".CaseInbox-typed")) != "Es la clave de la entidad." {
			t.Errorf("%d: %s", res.Code, res.Body)
		}
		if got := w.now(all[0]); got.State != cases.Open {
			t.Errorf("it is %s", got.State)
		}
	})
}

// verbs are what the record tells of a case.
func (w *world) verbs(c cases.Case) (out []string) {
	w.Helper()
	w.read(func(tx *db.Tx) error {
		list, err := record.Since(tx, record.Filter{Object: c.Ref()}, 100)
		for _, e := range list {
			out = append(out, e.Verb)
		}
		return err
	})
	return out
}

func TestAnAnswerToSeveralHasAnOutcomeThatSuitsAllAndIsNoRefusal(t *testing.T) {
	worlds(t, func(w *world) {
		q := w.ask(w.ana, "pregunta", nil)
		s := w.ask(w.ana, "solicitud", func(f *cases.Form) { f.Kind = cases.Request })
		ids := []string{q.ID, s.ID}
		doc := w.page(w.enlace, base+"/responder?"+url.Values{"caso": ids}.Encode())
		for value, want := range map[string]int{"explained": 1, "published": 1, "planned": 1, "corrected": 0, "possible": 0, "reserved": 0, "impossible": 0} {
			if got := doc.Find("#campo-resultado option[value=" + value + "]").Length(); got != want {
				t.Errorf("%s is offered %d times, want %d", value, got, want)
			}
		}
		form := w.answerForm(ids)
		for _, k := range []struct{ outcome, field string }{{"reserved", "resultado"}, {"corrected", "resultado"}, {"", "resultado"}, {"published", "objeto"}, {"planned", "fecha"}} {
			form.Set("resultado", k.outcome)
			res := w.post(w.enlace, base+"/responder", form)
			doc := w.doc(res)
			if res.Code != http.StatusUnprocessableEntity || doc.Find("#campo-"+k.field+"-error").Length() != 1 || text(doc.Find("textarea")) == "" {
				t.Errorf("%q: %d, nothing at %s", k.outcome, res.Code, k.field)
			}
		}
		form.Set("resultado", "published")
		form.Set("objeto", "/datos/un-conjunto")
		if res := w.post(w.enlace, base+"/responder", form); res.Code != http.StatusSeeOther {
			t.Errorf("with the dataset: %d", res.Code)
		}
		if got := w.now(s).Progress; got != cases.Published {
			t.Errorf("the request is %s", got)
		}
	})
}

func TestTheFormBeginsWithATemplate(t *testing.T) {
	worlds(t, func(w *world) {
		_, ids := w.many(2)
		w.post(w.enlace, base+"/plantillas", url.Values{"titulo": {"Diccionario"}, "texto": {"Está en el diccionario."}, "resultado": {"explained"}})
		doc := w.page(w.enlace, base+"/responder?"+url.Values{"caso": ids}.Encode())
		href, _ := doc.Find(`a:contains("Diccionario")`).Attr("href")
		doc = w.page(w.enlace, href)
		if text(doc.Find("textarea")) != "Está en el diccionario." || doc.Find(`option[value=explained][selected]`).Length() != 1 || doc.Find("input[name=caso]").Length() != 2 {
			t.Errorf("the form begins with %q", text(doc.Find("textarea")))
		}
	})
}

func TestTheFilesOfOnesOwnDraftsArePublishedWithOneAnswerToAll(t *testing.T) {
	worlds(t, func(w *world) {
		all, ids := w.many(2)
		attach := func(p account.Person, name string) {
			w.as(p, func(tx *db.Tx) error {
				d, err := w.cases.SaveDraft(tx, ids[0], cases.AnswerForm{Body: "La clave."}, 0)
				if err != nil {
					return err
				}
				return cases.AttachKept(tx, ids[0], cases.FileOfDraft, d.ID, []cases.File{{Name: name, Media: "text/plain", Size: 1, Key: name}})
			})
		}
		attach(w.enlace, "mio.txt")
		attach(w.area, "ajeno.txt")
		page := text(w.page(w.enlace, base+"/responder?"+url.Values{"caso": ids}.Encode()).Find("main"))
		if strings.Count(page, "Con los archivos de su borrador: mio.txt") != 1 || strings.Contains(page, "ajeno.txt") {
			t.Errorf("the form says %s", page)
		}
		w.post(w.enlace, base+"/responder", w.answerForm(ids))
		w.read(func(tx *db.Tx) error {
			files, err := cases.Files(tx, ids[0])
			for _, f := range files {
				if mine := f.Name == "mio.txt"; mine != (f.Place == cases.FileOfAnswer && f.PlaceID == w.now(all[0]).Answer) {
					t.Errorf("%s is at %s", f.Name, f.Place)
				}
			}
			return err
		})
	})
}

func TestWhatIsAlikeAndWaitsTooIsOfferedButNotChosen(t *testing.T) {
	worlds(t, func(w *world) {
		one := w.ask(w.ana, "¿Cada cuándo se actualizan las camas?", nil)
		twin := w.ask(w.ana, "¿Cuándo actualizan camas del hospital?", nil)
		other := w.ask(w.ana, "¿Qué es CVE_ENT?", nil)
		request := w.ask(w.ana, "¿Cada cuándo se actualizan las camas?", func(f *cases.Form) { f.Kind = cases.Request })
		elsewhere := w.ask(w.ana, "¿Cada cuándo se actualizan las camas?", func(f *cases.Form) { f.On = cases.On{Ref: dataset, Dataset: dataset.ID} })
		answered := w.ask(w.ana, "¿Cada cuándo se actualizan las camas?", nil)
		w.do(w.enlace, func(tx *db.Tx) (cases.Case, []record.Act, error) {
			return w.cases.Close(tx, answered.ID, "no es de datos")
		})
		doc := w.page(w.enlace, base+"/responder?caso="+one.ID)
		for _, c := range []struct {
			cases.Case
			there, ticked int
		}{{one, 1, 1}, {twin, 1, 0}, {other, 0, 0}, {request, 0, 0}, {elsewhere, 0, 0}, {answered, 0, 0}} {
			box := doc.Find("#caso-" + c.ID)
			if got, ticked := box.Length(), box.Filter("[checked]").Length(); got != c.there || ticked != c.ticked {
				t.Errorf("%s (%s): offered %d, ticked %d; want %d, %d", c.Title, c.Kind, got, ticked, c.there, c.ticked)
			}
		}
		form := w.answerForm([]string{one.ID}) // everything that the page offers, ticked
		if res := w.post(w.enlace, base+"/responder", form); res.Header().Get("Location") != base+"?respondidas=2" {
			t.Errorf("%d %s", res.Code, res.Header().Get("Location"))
		}
		if w.now(twin).State != cases.Answered || w.now(other).State != cases.Open {
			t.Error("the wrong ones were answered")
		}
	})
}
