package desk_test

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
	"plaza/internal/civic/account"
	"plaza/internal/plaza"
	"plaza/internal/section/cases"
)

// last is the newest official answer.
func (w *world) last(c cases.Case) (a cases.Answer) {
	w.Helper()
	w.read(func(tx *db.Tx) (err error) { a, err = cases.LastAnswer(tx, c.ID); return err })
	return a
}

func TestAnAreaDraftsTheLiaisonReturnsAndPublishes(t *testing.T) {
	worlds(t, func(w *world) {
		c := w.ask(w.salud.ID)
		w.visit(w.area, at(c, "/responder")).want(200, "Enviar al Enlace").lacks("Publicar respuesta oficial")
		w.send(w.area, at(c, "/responder"), "resultado", "explained", "texto", "La escribió el área.", "nota", "Va.", "hacer", "enviar").want(303)
		list := w.visit(w.enlace, at(c, "")).want(200, "Aldo Área", "Enviado al Enlace")
		draft := list.doc().Find("a[href*='/borradores/']").First().AttrOr("href", "")
		w.visit(w.enlace, draft).want(200, "La escribió el área.", "Va.")
		w.post(w.enlace, draft, map[string][]string{}, "nota", "").want(422)
		w.post(w.enlace, draft, map[string][]string{}, "nota", "Diga el año.").want(303)
		w.visit(w.area, at(c, "/responder")).want(200, "Diga el año.", "Devuelto")
		w.send(w.area, at(c, "/responder"), "texto", "La escribió el área, de 2025.", "hacer", "enviar").want(303)
		use := w.visit(w.enlace, draft).want(200).doc().Find("a[href*='base=']").AttrOr("href", "")
		form := w.visit(w.enlace, use).want(200, "de 2025.").form()
		w.post(w.enlace, at(c, "/responder"), form, "hacer", "publicar").want(303)
		if a := w.last(c); a.Body != "La escribió el área, de 2025." || a.Voice.Role != plaza.Liaison {
			w.Errorf("published %+v", a)
		}
		w.visit(w.enlace, at(c, "")).want(200, "La escribió el área, de 2025.", "Nadie ha escrito un borrador.")
	})
}

func TestWhatIsTakenAsABaseLosesNothingOfOnesOwn(t *testing.T) {
	worlds(t, func(w *world) {
		c := w.ask(w.salud.ID)
		w.send(w.area, at(c, "/responder"), "texto", "Texto del área.", "hacer", "guardar").want(303)
		w.send(w.enlace, at(c, "/responder"), "texto", "Texto mío.", "hacer", "guardar").want(303)
		others := w.visit(w.enlace, at(c, "/responder")).want(200, "Texto mío.", "Aldo Área", "Otros borradores")
		draft := others.doc().Find("aside a[href*='/borradores/']").AttrOr("href", "")
		use := w.visit(w.enlace, draft).doc().Find("a[href*='base=']").AttrOr("href", "")
		w.visit(w.enlace, use).want(200, "Texto del área.", "Texto mío.")
	})
}

func TestWhoIsSecondToPublishKeepsTheDraftAndIsTold(t *testing.T) {
	worlds(t, func(w *world) {
		c := w.ask(w.salud.ID)
		form := w.visit(w.otra, at(c, "/responder")).form()
		w.send(w.enlace, at(c, "/responder"), "resultado", "explained", "texto", "La primera.", "hacer", "publicar").want(303)
		w.post(w.otra, at(c, "/responder"), form, "resultado", "explained", "texto", "Mi texto largo.", "hacer", "publicar").
			want(409, "Mi texto largo.", "Otra persona ya respondió", c.Path()).lacks("Publicar respuesta oficial")
		w.read(func(tx *db.Tx) error {
			d, err := cases.OwnDraft(tx, c.ID, w.otra.ID)
			if d.Form.Body != "Mi texto largo." {
				w.Errorf("the draft says %q", d.Form.Body)
			}
			return err
		})
		if a := w.last(c); a.Body != "La primera." || a.Version != 1 {
			w.Errorf("published is %+v", a)
		}
	})
}

func TestARoleThatEndedWhileAPageWasOpenKeepsItsText(t *testing.T) {
	worlds(t, func(w *world) {
		c := w.ask(w.salud.ID)
		w.send(w.enlace, at(c, "/responder"), "texto", "Empiezo.", "hacer", "guardar").want(303)
		form := w.visit(w.enlace, at(c, "/responder")).form()
		w.as(account.Person{}, func(tx *db.Tx) error { return account.RevokeRole(tx, w.enlace.ID, plaza.Liaison, w.salud.ID) })
		dbtest.Advance(w.db, time.Minute)
		for name, now := range map[string]account.Person{"the session has the old roles": w.enlace, "it has the new ones": {}} {
			if now.ID == "" {
				w.read(func(tx *db.Tx) (err error) { now, err = account.ByID(tx, w.enlace.ID); return err })
			}
			w.post(now, at(c, "/responder"), form, "resultado", "explained", "texto", "Termino: "+name, "hacer", "publicar").want(403, "Termino: "+name, "quedó guardado")
			w.read(func(tx *db.Tx) error {
				d, err := cases.OwnDraft(tx, c.ID, w.enlace.ID)
				if d.Form.Body != "Termino: "+name {
					w.Errorf("%s: the draft says %q", name, d.Form.Body)
				}
				return err
			})
		}
		if got := w.get(c); got.State != cases.Open {
			w.Errorf("it is %s", got.State)
		}
		w.post(w.ana, at(c, "/responder"), form, "texto", "Nada mío.", "hacer", "publicar").want(403).lacks("quedó guardado")
	})
}

func TestARefusalIsSignedOnItsPageAndPublished(t *testing.T) {
	worlds(t, func(w *world) {
		c := w.ask(w.salud.ID)
		refusal := []string{"resultado", "reserved", "texto", "Está reservada.\r\nPor cinco años.", "fundamento", "reserved", "alternativa", "El total.", "recurso", "Ante la autoridad garante."}
		w.send(w.enlace, at(c, "/responder"), "resultado", "reserved", "texto", "No.", "hacer", "firma").want(422, "fundamento legal", "alternativa")
		w.send(w.enlace, at(c, "/responder"), append(refusal, "hacer", "publicar")...).want(409, "Está reservada.", "firma del enlace de transparencia")
		w.send(w.enlace, at(c, "/responder"), append(refusal, "hacer", "firma")...).want(303)
		draft := w.visit(w.transp, at(c, "")).want(200, "Espera firma").doc().Find("a[href*='/borradores/']").AttrOr("href", "")
		sign := strings.Replace(draft, "/borradores/", "/firmar/", 1)
		w.visit(w.enlace, sign).want(403)
		w.visit(w.transp, sign).want(200, "Está reservada.", "Firmar la negativa")
		w.post(w.transp, sign, map[string][]string{}, "hacer", "devolver", "nota", "").want(422)
		form := w.visit(w.transp, sign).form()
		w.send(w.enlace, at(c, "/responder"), "texto", "Está reservada por diez años.", "hacer", "firma").want(303)
		w.post(w.transp, sign, form, "hacer", "firmar").want(409)
		w.send(w.transp, sign, "hacer", "firmar").want(303)
		w.visit(w.enlace, at(c, "")).want(200, "Firmado")
		w.send(w.enlace, at(c, "/responder"), "texto", "Otra cosa.", "hacer", "publicar").want(409)
		w.visit(w.enlace, at(c, "")).want(200).lacks("Badge--good\"><span>Firmado")
		w.send(w.enlace, at(c, "/responder"), "hacer", "firma").want(303)
		w.send(w.transp, sign, "hacer", "firmar").want(303)
		w.send(w.enlace, at(c, "/responder"), "hacer", "publicar").want(303)
		if a := w.last(c); a.Signed.Role != plaza.Transparency || a.Body != "Otra cosa." {
			w.Errorf("published %+v", a)
		}
	})
}

func TestAnAnswerNamesWhatIsPublishedAlready(t *testing.T) {
	worlds(t, func(w *world) {
		for typed, found := range map[string]bool{"/datos/camas": true, webtest.Base + "/datos/camas#x": true, camas.ID: true, "/datos/otra": false, "nada": false, "": false, "//x": false, strings.Repeat("ñ", 4000): false} {
			c := w.ask(w.salud.ID)
			a := w.send(w.enlace, at(c, "/responder"), "resultado", "published", "texto", "Ya está.", "objeto", typed, "hacer", "publicar")
			if !found {
				a.want(422, "campo-objeto-error")
				continue
			}
			a.want(303)
			if got := w.last(c); got.Object != camas {
				w.Errorf("%q names %v", typed, got.Object)
			}
		}
	})
}

func TestAPlannedDateIsPromisedWithItsArea(t *testing.T) {
	worlds(t, func(w *world) {
		c := w.ask(w.salud.ID)
		w.send(w.enlace, at(c, "/responder"), "resultado", "planned", "texto", "En enero.", "fecha", "2020-01-01", "hacer", "publicar").want(422, "campo-fecha-error", "campo-promesa-error")
		w.send(w.enlace, at(c, "/responder"), "resultado", "planned", "texto", "En enero.", "fecha", "2027-01-29", "promesa", "El recurso de 2026.", "area", w.unit.ID, "hacer", "publicar").want(303)
		if a := w.last(c); a.PlannedOn != "2027-01-29" || a.Unit != w.unit.ID {
			w.Errorf("published %+v", a)
		}
	})
}

func TestAnAnswerIsCorrectedWithItsReason(t *testing.T) {
	worlds(t, func(w *world) {
		c := w.ask(w.salud.ID)
		w.send(w.enlace, at(c, "/responder"), "resultado", "explained", "texto", "Es la clave.", "hacer", "publicar").want(303)
		w.visit(w.enlace, at(c, "/corregir")).want(200, "Es la clave.")
		w.send(w.enlace, at(c, "/corregir"), "texto", "Es la clave del INEGI.", "motivo", "", "hacer", "publicar").want(422)
		w.send(w.enlace, at(c, "/corregir"), "texto", "Es la clave del INEGI.", "motivo", "Faltaba decir de quién.", "hacer", "publicar").want(303)
		if a := w.last(c); a.Version != 2 || a.Why != "Faltaba decir de quién." {
			w.Errorf("corrected: %+v", a)
		}
	})
}

func TestEarlierAnswersOnTheSameDataAreOffered(t *testing.T) {
	worlds(t, func(w *world) {
		before, c := w.ask(w.salud.ID), w.ask(w.salud.ID)
		w.send(w.enlace, at(before, "/responder"), "resultado", "explained", "texto", "Es la clave de la entidad.", "hacer", "publicar").want(303)
		use := w.visit(w.enlace, at(c, "")).want(200, "Respuestas anteriores", "Es la clave de la entidad.").doc().Find("a[href*='respuesta=']").AttrOr("href", "")
		form := w.visit(w.enlace, use).want(200).form()
		if form.Get("texto") != "Es la clave de la entidad." || form.Get("resultado") != "explained" {
			w.Errorf("the form begins with %v", form)
		}
		w.visit(w.enlace, at(c, "/responder?respuesta=X")).want(404)
		w.visit(w.enlace, at(c, "/responder?base=X")).want(404)
	})
}

func TestADraftIsSavedWhileItIsWritten(t *testing.T) {
	worlds(t, func(w *world) {
		c := w.ask(w.salud.ID)
		form := w.visit(w.enlace, at(c, "/responder")).form()
		save := func(text string) (status, version int) {
			form.Set("texto", text)
			r := httptest.NewRequestWithContext(plaza.WithActor(w.Context(), w.enlace.Actor()), http.MethodPost, at(c, "/borrador"), strings.NewReader(form.Encode()))
			r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
			r.Header.Set("Sec-Fetch-Site", "same-origin")
			r.Header.Set("Accept", "application/json")
			a := webtest.Do(w.shell, r)
			var got struct {
				Version int    `json:"version"`
				Said    string `json:"said"`
			}
			if err := json.Unmarshal(a.Body.Bytes(), &got); err != nil || got.Said == "" {
				w.Fatalf("%d: %s (%v)", a.Code, a.Body, err)
			}
			return a.Code, got.Version
		}
		if status, version := save("Uno."); status != 200 || version != 1 {
			w.Errorf("first: %d, version %d", status, version)
		}
		if status, _ := save("Dos, de otra pestaña."); status != 409 {
			w.Errorf("of another tab: %d", status)
		}
		form.Set("version", "1")
		if status, version := save("Dos."); status != 200 || version != 2 {
			w.Errorf("second: %d, version %d", status, version)
		}
		form.Set("version", "2")
		if status, _ := save(strings.Repeat("x", cases.MaxAnswer+1)); status != 422 {
			w.Errorf("too long: %d", status)
		}
		w.visit(w.enlace, at(c, "/responder")).want(200, "Dos.")
	})
}

func TestThePreviewShowsMarkdownAndSavesNothing(t *testing.T) {
	worlds(t, func(w *world) {
		c := w.ask(w.salud.ID)
		w.send(w.enlace, at(c, "/responder"), "texto", "**Fuerte** <script>x</script>", "hacer", "vista").want(200, "<strong>Fuerte</strong>").lacks("<script>x")
		w.read(func(tx *db.Tx) error {
			if _, err := cases.OwnDraft(tx, c.ID, w.enlace.ID); plaza.KindOf(err) != plaza.NotFound {
				w.Errorf("saved: %v", err)
			}
			return nil
		})
		w.visit(w.enlace, at(c, "/responder")).want(200, "no es una respuesta", at(c, "/acusar"))
	})
}
