package turn_test

import (
	"encoding/base64"
	"encoding/json"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"plaza/internal/base/db"
	"plaza/internal/base/db/dbtest"
	"plaza/internal/civic/account"
	"plaza/internal/civic/record"
	"plaza/internal/plaza"
	"plaza/internal/section/cases"
	"plaza/internal/section/cases/turn"
)

// turned is a case that was turned to Rosa by mail, through the form, and its link.
func (w *world) turned(title string, area string) (cases.Case, string) {
	w.Helper()
	c := w.ask(title)
	at := "/gestion/salud" + c.Path() + "/turnar-por-correo"
	w.says(w.get(w.enlace, at, http.StatusOK), c.Folio, "Respuesta a más tardar el 9 de diciembre de 2026 (quedan 10 días hábiles)")
	p := w.post(w.enlace, at, url.Values{"nombre": {"Rosa Área"}, "correo": {"rosa@salud.gob.mx"}, "area": {area}, "nota": {"Creo que es de su tablero."}}, http.StatusSeeOther)
	if want := "/gestion/salud" + c.Path() + "/turnos?hecho=turnado"; p.location != want {
		w.Errorf("leads to %s, want %s", p.location, want)
	}
	return c, w.link(c, 1)
}

func (w *world) drafts(c cases.Case) (out []string) {
	w.Helper()
	w.read(func(tx *db.Tx) (err error) {
		out, err = db.All(tx, func(scan func(...any) error) (string, error) {
			var state, content, voice string
			err := scan(&state, &content, &voice)
			var f cases.AnswerForm
			var v struct{ Role, Unit, Name string }
			if err == nil {
				err = json.Unmarshal([]byte(content), &f)
			}
			if err == nil {
				err = json.Unmarshal([]byte(voice), &v)
			}
			return state + "|" + string(f.Outcome) + "|" + f.Body + "|" + v.Role + "|" + v.Unit + "|" + v.Name, err
		}, `SELECT state, content, voice FROM case_drafts WHERE case_id = $1 ORDER BY created_at, id`, c.ID)
		return err
	})
	return out
}

func TestAnAreaDraftsFromItsMailAndPublishesNothing(t *testing.T) {
	worlds(t, func(w *world) {
		c, link := w.turned("¿Qué es cve_ent?", w.unit.ID)
		if now := w.again(c); now.State != cases.Assigned || now.Unit != w.unit.ID || now.Acknowledged.IsZero() {
			w.Errorf("turned: %+v", now)
		}
		mail := w.letters("turn.link")[0]
		for _, s := range []string{"Rosa Área", "Secretaría de Salud", c.Folio, "Creo que es de su tablero.", "no corresponde a su área", "23 de diciembre de 2026", link} {
			if !strings.Contains(mail.Text, s) {
				w.Errorf("the mail lacks %q:\n%s", s, mail.Text)
			}
		}
		if strings.Contains(mail.Text, "Ana") || strings.Contains(mail.Text, "tesis") {
			w.Errorf("the mail tells of who asked:\n%s", mail.Text)
		}
		before := w.scalar(`SELECT seq FROM record_head WHERE id = 1`)
		p := w.get(account.Person{}, link, http.StatusOK)
		w.says(p, "¿Qué es cve_ent?", c.Folio, "camas", "Para mi tesis.", "Respuesta a más tardar el 9 de diciembre de 2026", "Dirección de Información en Salud",
			"Creo que es de su tablero.", "No nos corresponde", "borrador que solo lee la institución")
		seen := p.Find("input[name=seen]").AttrOr("value", "")
		for range 2 { // the button pressed twice
			w.post(account.Person{}, link, url.Values{"seen": {seen}, "hacer": {"guardar"}, "texto": {"Es la clave de la entidad."}}, http.StatusSeeOther)
		}
		if got := w.drafts(c); len(got) != 1 || got[0] != "open||Es la clave de la entidad.|data_owner|Dirección de Información en Salud|Secretaría de Salud" {
			w.Errorf("saved: %q", got)
		}
		if n := len(w.letters("turn.sent")); n != 0 {
			w.Errorf("%d mails for what was not sent", n)
		}
		p = w.get(account.Person{}, link+"?hecho=guardado", http.StatusOK)
		w.says(p, "Guardado, sin enviar.", "Todavía no lo ve el Enlace")
		if v := p.Find("textarea[name=texto]").Text(); v != "Es la clave de la entidad." {
			w.Errorf("the box has %q", v)
		}
		clash := w.post(account.Person{}, link, url.Values{"seen": {seen}, "hacer": {"enviar"}, "texto": {"Otra cosa."}}, http.StatusConflict)
		w.says(clash, "Es la clave de la entidad.")
		if v := clash.Find("textarea[name=texto]").Text(); v != "Otra cosa." {
			w.Errorf("the box lost what was typed: %q", v)
		}
		seen = p.Find("input[name=seen]").AttrOr("value", "")
		w.post(account.Person{}, link, url.Values{"seen": {seen}, "hacer": {"enviar"}, "resultado": {"explained"}, "texto": {"Es la clave de la entidad, INEGI."}, "nota": {"Ojo con 2019."}}, http.StatusSeeOther)
		if got := w.drafts(c); len(got) != 1 || !strings.HasPrefix(got[0], "sent|explained|Es la clave de la entidad, INEGI.|data_owner") {
			w.Errorf("sent: %q", got)
		}
		if sent := w.letters("turn.sent"); len(sent) != 1 || sent[0].To != w.enlace.Email || !strings.Contains(sent[0].Text, "/gestion/salud"+c.Path()) {
			w.Errorf("the liaison was told %+v", sent)
		}
		if after := w.scalar(`SELECT seq FROM record_head WHERE id = 1`); after != before {
			w.Errorf("a draft made %d entries of the record", after-before)
		}
		if now := w.again(c); now.State != cases.Assigned || now.Answer != "" {
			w.Errorf("something was published: %+v", now)
		}
		w.says(w.get(w.enlace, "/gestion/salud"+c.Path()+"/turnos", http.StatusOK), "Rosa Área", "rosa@salud.gob.mx", "Envió su propuesta", "escribió por última vez")
	})
}

func TestWithoutAnAreaTheCaseIsAcknowledgedAlone(t *testing.T) {
	worlds(t, func(w *world) {
		c, _ := w.turned("¿Por qué?", "")
		if now := w.again(c); now.State != cases.Assigned || now.Unit != "" || now.Acknowledged.IsZero() {
			w.Errorf("turned: %+v", now)
		}
		at := "/gestion/salud" + c.Path() + "/turnar-por-correo"
		w.says(w.post(w.enlace, at, url.Values{"nombre": {"Rosa"}, "correo": {"ROSA@salud.gob.mx"}}, http.StatusUnprocessableEntity), "ya se turnó a ese correo")
		w.post(w.enlace, at, url.Values{"nombre": {"Luis"}, "correo": {"luis@salud.gob.mx"}}, http.StatusSeeOther) // another one too
		p := w.post(w.enlace, at, url.Values{"nombre": {""}, "correo": {"no es"}, "nota": {strings.Repeat("x", 2001)}}, http.StatusUnprocessableEntity)
		w.says(p, "Escriba un nombre.", "Escriba su correo completo", "Escriba a lo más 2,000 letras")
		w.says(w.post(w.enlace, at, url.Values{"nombre": {"Pía"}, "correo": {"pia@salud.gob.mx"}, "area": {"nada"}}, http.StatusUnprocessableEntity), "Elija un área")
		w.get(w.ajena, at, http.StatusForbidden)
		w.post(w.ajena, at, url.Values{"nombre": {"Luis"}, "correo": {"luis@x.mx"}}, http.StatusForbidden)
		w.get(w.area, at, http.StatusForbidden)
		w.get(w.ajena, "/gestion/lerma"+c.Path()+"/turnos", http.StatusNotFound) // it is not theirs
	})
}

func TestOpeningALinkChangesNothing(t *testing.T) {
	worlds(t, func(w *world) {
		_, link := w.turned("¿Qué?", "")
		state := func() string {
			var out []string
			w.read(func(tx *db.Tx) (err error) {
				out, err = db.All(tx, func(scan func(...any) error) (string, error) {
					var s string
					var seen time.Time
					err := scan(&s, &seen)
					return s + seen.String(), err
				}, `SELECT state, last_seen_at FROM case_turns`)
				return err
			})
			return strings.Join(out, ",")
		}
		before := state()
		for range 3 { // a mail server looks where the link leads
			w.get(account.Person{}, link, http.StatusOK)
		}
		if after := state(); after != before || w.scalar(`SELECT COUNT(*) FROM case_drafts`)+w.scalar(`SELECT COUNT(*) FROM consents WHERE point = 'case_turn'`) != 0 {
			w.Errorf("from %s to %s", before, after)
		}
	})
}

func TestALinkThatIsNotGoodIsAPlainPage(t *testing.T) {
	worlds(t, func(w *world) {
		c, link := w.turned("¿Uno?", "")
		other, _ := w.turned("¿Dos?", "")
		token := strings.TrimPrefix(link, "/turno/")
		raw, err := base64.RawURLEncoding.DecodeString(token)
		if err != nil {
			w.Fatal(err)
		}
		altered := func(at int) string {
			b := append([]byte{}, raw...)
			b[at] ^= 1
			return base64.RawURLEncoding.EncodeToString(b)
		}
		var two string // the turn of the other case, with the seal of this one
		w.read(func(tx *db.Tx) error {
			list, err := turn.Of(tx, other.ID, w.salud.ID)
			two = list[0].ID
			return err
		})
		swapped := append([]byte{}, raw...)
		copy(swapped, unhex(two))
		for _, bad := range []string{"x", "%00", "..", strings.Repeat("A", 5000), token + "A", token[:len(token)-1], altered(0), altered(18), altered(25), altered(40),
			base64.RawURLEncoding.EncodeToString(swapped)} {
			p := w.get(account.Person{}, "/turno/"+url.PathEscape(bad), http.StatusNotFound)
			if strings.Contains(p.text(), "¿Uno?") || strings.Contains(p.text(), "¿Dos?") {
				w.Errorf("a bad link shows a case: %s", p.text())
			}
			for _, what := range []string{"", "/no-corresponde"} {
				w.post(account.Person{}, "/turno/"+url.PathEscape(bad)+what, url.Values{"texto": {"x"}, "motivo": {"x"}}, http.StatusNotFound)
			}
		}
		var id string
		w.read(func(tx *db.Tx) error {
			list, err := turn.Of(tx, c.ID, w.salud.ID)
			id = list[0].ID
			return err
		})
		// Of another case's page nothing can be done to it.
		w.post(w.enlace, "/gestion/salud"+other.Path()+"/turnos/"+id+"/revocar", nil, http.StatusNotFound)
		w.post(w.ajena, "/gestion/salud"+c.Path()+"/turnos/"+id+"/revocar", nil, http.StatusForbidden)
		w.post(account.Person{}, link, url.Values{"hacer": {"guardar"}, "texto": {"Lo que escribí."}}, http.StatusSeeOther)
		w.post(w.enlace, "/gestion/salud"+c.Path()+"/turnos/"+id+"/reenviar", nil, http.StatusSeeOther)
		w.says(w.get(account.Person{}, link, http.StatusGone), "Hay una liga más nueva")
		w.says(w.post(account.Person{}, link, url.Values{"hacer": {"enviar"}, "texto": {"Lo que escribía."}, "nota": {"Para usted."}}, http.StatusGone), "No se guardó", "Lo que escribía.", "Para usted.")
		w.says(w.post(account.Person{}, link+"/no-corresponde", url.Values{"motivo": {"Es de otra."}}, http.StatusGone), "Es de otra.")
		w.says(w.get(account.Person{}, w.link(c, 2), http.StatusOK), "¿Uno?")
		w.post(w.enlace, "/gestion/salud"+c.Path()+"/turnos/"+id+"/revocar", nil, http.StatusSeeOther)
		w.get(account.Person{}, w.link(c, 2), http.StatusGone)
		w.post(w.enlace, "/gestion/salud"+c.Path()+"/turnos/"+id+"/reenviar", nil, http.StatusConflict) // what was revoked stays so
	})
}

func unhex(id string) []byte {
	h := strings.ReplaceAll(id, "-", "")
	out := make([]byte, len(h)/2)
	for i := range out {
		const digits = "0123456789abcdef"
		out[i] = byte(strings.IndexByte(digits, h[2*i])<<4 | strings.IndexByte(digits, h[2*i+1]))
	}
	return out
}

func TestWhatWasWrittenStaysAndIsShownWhateverBecomesOfTheLink(t *testing.T) {
	for _, c := range []struct {
		name   string
		then   func(w *world, c cases.Case, id string)
		status int
		says   string
	}{
		{"revoked", func(w *world, c cases.Case, id string) {
			for range 2 {
				w.post(w.enlace, "/gestion/salud"+c.Path()+"/turnos/"+id+"/revocar", nil, http.StatusSeeOther)
			}
		}, http.StatusGone, "Esta liga se retiró"},
		{"expired", func(w *world, _ cases.Case, _ string) { w.db.Clock().Set(w.at("2026-12-24 00:00")) }, http.StatusGone, "Esta liga ya venció"},
		{"answered", func(w *world, c cases.Case, _ string) {
			w.do(w.enlace, func(tx *db.Tx) (cases.Case, []record.Act, error) {
				return w.cases.Publish(tx, c.ID, cases.AnswerForm{Outcome: cases.Explained, Body: "La respuesta."}, cases.Signature{})
			})
		}, http.StatusOK, "ya no espera respuesta"},
		{"moved", func(w *world, c cases.Case, _ string) {
			w.as(account.Person{}, func(tx *db.Tx) error {
				_, err := tx.Exec(`UPDATE cases SET institution = $1 WHERE id = $2`, w.lerma.ID, c.ID)
				return err
			})
		}, http.StatusOK, "pasó a otra institución"},
		{"hidden", func(w *world, c cases.Case, _ string) {
			w.as(account.Person{}, func(tx *db.Tx) error {
				_, err := tx.Exec(`UPDATE cases SET standing = 'hidden' WHERE id = $1`, c.ID)
				return err
			})
		}, http.StatusGone, "ya no se muestra"},
	} {
		t.Run(c.name, func(t *testing.T) {
			worlds(t, func(w *world) {
				one, link := w.turned("¿Se ve la pregunta?", "")
				w.post(account.Person{}, link, url.Values{"hacer": {"guardar"}, "texto": {"Lo que ya escribí."}}, http.StatusSeeOther)
				var id string
				w.read(func(tx *db.Tx) error {
					list, err := turn.Of(tx, one.ID, w.salud.ID)
					id = list[0].ID
					return err
				})
				c.then(w, one, id)
				p := w.get(account.Person{}, link, c.status)
				w.says(p, c.says, "Lo que ya escribí.")
				if p.Find("main textarea").Length() != 0 {
					w.Error("there is still a box")
				}
				if shown := strings.Contains(p.text(), "¿Se ve la pregunta?"); shown != (c.status == http.StatusOK) {
					w.Errorf("the question is shown: %v", shown)
				}
				for _, what := range []string{"", "/no-corresponde"} {
					after := w.post(account.Person{}, link+what, url.Values{"hacer": {"enviar"}, "texto": {"Lo de ahora."}, "motivo": {"Lo de ahora."}}, http.StatusConflict)
					w.says(after, c.says, "No se guardó", "Lo de ahora.")
				}
				if got := w.drafts(one); len(got) != 1 || !strings.Contains(got[0], "|Lo que ya escribí.|") {
					w.Errorf("the draft is %q", got)
				}
			})
		})
	}
}

func TestALinkWorksToTheLastMillisecondOfItsLastDay(t *testing.T) {
	worlds(t, func(w *world) {
		_, link := w.turned("¿Hasta cuándo?", "")
		// 20 working days after Wednesday 25 November 2026: Wednesday 23 December
		end := w.at("2026-12-24 00:00")
		w.db.Clock().Set(end.Add(-time.Millisecond))
		w.post(account.Person{}, link, url.Values{"hacer": {"guardar"}, "texto": {"A tiempo."}}, http.StatusSeeOther)
		w.db.Clock().Set(end)
		w.post(account.Person{}, link, url.Values{"hacer": {"guardar"}, "texto": {"Tarde."}}, http.StatusConflict)
	})
}

func TestACaseThatIsNotTheirsGoesBackToTheLiaison(t *testing.T) {
	worlds(t, func(w *world) {
		c, link := w.turned("¿De quién es?", "")
		w.says(w.post(account.Person{}, link+"/no-corresponde", url.Values{"motivo": {" \u200b "}}, http.StatusUnprocessableEntity), "Escriba el motivo.")
		w.post(account.Person{}, link+"/no-corresponde", url.Values{"motivo": {"Es de la Dirección de Calidad."}}, http.StatusSeeOther)
		if told := w.letters("turn.declined"); len(told) != 1 || told[0].To != w.enlace.Email || !strings.Contains(told[0].Text, "Es de la Dirección de Calidad.") {
			w.Errorf("the liaison was told %+v", told)
		}
		w.says(w.get(account.Person{}, link, http.StatusOK), "no corresponde a su área")
		w.says(w.get(w.enlace, "/gestion/salud"+c.Path()+"/turnos", http.StatusOK), "Se dijo que no corresponde", "Es de la Dirección de Calidad.")
		w.post(account.Person{}, link+"/no-corresponde", url.Values{"motivo": {"Otra vez."}}, http.StatusConflict)
		w.as(account.Person{}, func(tx *db.Tx) error {
			_, err := tx.Exec(`UPDATE cases SET standing = 'hidden' WHERE id = $1`, c.ID)
			return err
		})
		if p := w.get(account.Person{}, link, http.StatusGone); strings.Contains(p.text(), "¿De quién es?") || strings.Contains(p.text(), "Para mi tesis.") {
			w.Errorf("what was hidden is read by a link that was declined: %s", p.text())
		}
	})
}

func TestHostileDraftsAreHeldToTheirLimits(t *testing.T) {
	worlds(t, func(w *world) {
		c, link := w.turned("¿Qué cabe?", "")
		for _, bad := range []url.Values{
			{"hacer": {"enviar"}, "texto": {""}},
			{"hacer": {"enviar"}, "texto": {"\u200b\u202e"}},
			{"hacer": {"guardar"}, "texto": {strings.Repeat("ñ", cases.MaxAnswer+1)}},
			{"hacer": {"guardar"}, "texto": {"x"}, "resultado": {"nada"}},
			{"hacer": {"guardar"}, "texto": {"x"}, "nota": {strings.Repeat("ñ", cases.MaxReason+1)}},
		} {
			w.post(account.Person{}, link, bad, http.StatusUnprocessableEntity)
		}
		if got := w.drafts(c); len(got) != 0 {
			w.Errorf("kept: %q", got)
		}
		w.post(account.Person{}, link, url.Values{"hacer": {"guardar"}, "texto": {"<script>alert(1)</script>\u202e **fin**"}}, http.StatusSeeOther)
		w.db.Clock().Set(w.at("2027-01-24 00:00"))
		if p := w.get(account.Person{}, link, http.StatusGone); p.Find("main script").Length() != 0 {
			w.Error("a draft runs scripts")
		}
	})
}

func TestAddressesAreSeenByTheInstitutionAndForgotten(t *testing.T) {
	worlds(t, func(w *world) {
		c, link := w.turned("¿Quién ve el correo?", "")
		w.post(account.Person{}, link, url.Values{"hacer": {"enviar"}, "texto": {"Mi propuesta."}}, http.StatusSeeOther)
		w.read(func(tx *db.Tx) error { // nothing of it is in the record
			all, err := record.Latest(tx, record.Filter{}, 200)
			for _, e := range all {
				if strings.Contains(string(e.Payload), "rosa") || strings.Contains(string(e.Payload), "Rosa") {
					w.Errorf("the record tells of her: %s", e.Payload)
				}
			}
			return err
		})
		holding := turn.Holding()
		forget := func() (n int) {
			w.as(account.Person{}, func(tx *db.Tx) (err error) { n, err = holding.Expire(tx); return err })
			return n
		}
		if n := forget(); n != 0 {
			w.Errorf("%d were forgotten at once", n)
		}
		dbtest.Advance(w.db, 250*24*time.Hour)
		if n := forget(); n != 1 {
			w.Errorf("%d were forgotten, want 1", n)
		}
		if n := w.scalar(`SELECT COUNT(*) FROM case_turns WHERE email <> '' OR email_key <> '' OR name <> ''`); n != 0 {
			w.Errorf("%d addresses stayed", n)
		}
		w.says(w.get(w.enlace, "/gestion/salud"+c.Path()+"/turnos", http.StatusOK), "Persona cuyos datos ya se borraron")
		w.get(account.Person{}, link, http.StatusNotFound)
		if got := w.drafts(c); len(got) != 1 {
			w.Errorf("the draft went too: %q", got)
		}
	})
}

func TestWhoGoesTakesTheirAddressAlong(t *testing.T) {
	worlds(t, func(w *world) {
		w.turned("¿Me borran?", "")
		rosa := w.person("Rosa@salud.gob.mx", "Rosa", account.Grant{})
		w.as(w.enlace, func(tx *db.Tx) error {
			return w.cases.PutSuperior(tx, cases.Superior{Institution: w.salud.ID, Name: "Rosa", Email: "rosa@salud.gob.mx"})
		})
		holding := turn.Holding()
		w.read(func(tx *db.Tx) error {
			file, err := holding.Export(tx, rosa.ID)
			raw, _ := json.Marshal(file)
			if !strings.Contains(string(raw), "Creo que es de su tablero.") {
				w.Errorf("the file has %s", raw)
			}
			return err
		})
		w.as(account.Person{}, func(tx *db.Tx) error { _, err := holding.Erase(tx, rosa.ID); return err })
		if n := w.scalar(`SELECT COUNT(*) FROM case_turns WHERE email_key <> ''`) + w.scalar(`SELECT COUNT(*) FROM case_superiors`); n != 0 {
			w.Errorf("%d addresses stayed", n)
		}
		w.as(account.Person{}, func(tx *db.Tx) error { _, err := holding.Erase(tx, w.enlace.ID); return err })
		if n := w.scalar(`SELECT COUNT(*) FROM case_turns WHERE turned_by <> ''`); n != 0 {
			w.Errorf("%d turns still name the liaison who went", n)
		}
	})
}

func TestOnlyWhoHandlesCasesMayTurnThem(t *testing.T) {
	worlds(t, func(w *world) {
		c := w.ask("¿Quién puede?")
		for name, p := range map[string]account.Person{"a member": w.ana, "another liaison": w.ajena, "an area": w.area} {
			err := w.try(p, func(tx *db.Tx) error {
				_, _, err := w.turns.ByMail(tx, c.ID, turn.Form{Name: "Rosa", Email: "rosa@x.mx"})
				return err
			})
			if plaza.KindOf(err) != plaza.Forbidden {
				w.Errorf("%s: %v", name, err)
			}
		}
	})
}

func TestTheCoordinationTurnsItsCasesToAPersonByMailToo(t *testing.T) {
	worlds(t, func(w *world) {
		var c cases.Case
		w.as(w.ana, func(tx *db.Tx) (err error) {
			c, err = w.cases.Ask(tx, cases.Form{Kind: cases.Question, Title: "¿De quién es?", Body: "No dice.", Language: "es", Nonce: "una"}, cases.By(w.ana.Actor()), cases.From{})
			return err
		})
		at := "/admin" + c.Path()
		w.get(w.enlace, at+"/turnar-por-correo", http.StatusForbidden)
		if p := w.get(w.admin, at+"/turnar-por-correo", http.StatusOK); p.Find("[name=area]").Length() != 0 {
			w.Errorf("areas are offered where there are none")
		}
		w.post(w.admin, at+"/turnar-por-correo", url.Values{"nombre": {"Tere"}, "correo": {"tere@ejemplo.mx"}}, http.StatusSeeOther)
		if now := w.again(c); now.Acknowledged.IsZero() || now.Unit != "" {
			w.Errorf("turned: %+v", now)
		}
		if mail := w.letters("turn.link")[0]; !strings.Contains(mail.Text, "La coordinación de la plataforma") || mail.To != "tere@ejemplo.mx" {
			w.Errorf("the mail: %+v", mail)
		}
		link := w.link(c, 1)
		p := w.get(account.Person{}, link, http.StatusOK)
		w.says(p, "¿De quién es?", "La coordinación de la plataforma")
		w.post(account.Person{}, link, url.Values{"seen": {p.Find("input[name=seen]").AttrOr("value", "")}, "hacer": {"enviar"}, "resultado": {"explained"}, "texto": {"Es del INEGI."}}, http.StatusSeeOther)
		if got := w.drafts(c); len(got) != 1 || !strings.HasPrefix(got[0], "sent|explained|Es del INEGI.") {
			w.Errorf("sent: %q", got)
		}
		w.says(w.get(w.admin, at+"/turnos", http.StatusOK), "Tere", "Envió su propuesta")
	})
}
