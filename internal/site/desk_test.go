package site_test

import (
	"net/url"
	"testing"

	"plaza/internal/base/db"
	"plaza/internal/civic/account"
	"plaza/internal/plaza"
	"plaza/internal/section/cases"
)

// asks has somebody whom nobody holds back ask something of an institution, "" for the coordination.
func (r *routed) asks(t *testing.T, p account.Person, body, title string) (c cases.Case) {
	t.Helper()
	r.by(t, p.Actor(), func(tx *db.Tx) (err error) {
		c, err = r.site.Cases.Ask(tx, cases.Form{Kind: cases.Quality, Title: title, Body: "En el recurso de camas.", Institution: body, Language: "es", Nonce: title},
			cases.By(p.Actor()), cases.From{})
		return err
	})
	return c
}

// asked has the coordination asked something, and makes it the one that addresses name.
func (c *central) asked(title string) cases.Case {
	c.t.Helper()
	one := c.asks(c.t, c.person(c.t, "Olga Pregunta "+title, plaza.Grant{Role: plaza.Moderator}), "", title)
	c.th.known["folio"] = one.Folio
	return one
}

// desk does what the coordination does with its own cases.
func (c *central) desk() {
	one := "/admin/consultas/{folio}"
	does := func(act, verb string, form url.Values) {
		c.t.Helper()
		c.does(deed{pattern: "POST " + one + "/" + act, verb: "case." + verb, page: one + "/" + act, form: form})
	}
	c.asked("Una para acusar")
	does("acusar", "acknowledged", nil)
	does("ampliar", "extended", url.Values{"dias": {"2"}, "motivo": {"Falta."}})
	does("avance", "advanced", url.Values{"avance": {"confirmed"}})
	does("convertir", "converted", url.Values{"clase": {"question"}})
	does("responder", "answered", url.Values{"resultado": {"explained"}, "texto": {"Es la clave."}, "hacer": {"publicar"}})
	does("corregir", "corrected", url.Values{"motivo": {"Faltaba."}, "hacer": {"publicar"}})
	into := c.asked("Otra")
	c.asked("La misma")
	does("unir", "merged", url.Values{"folio": {into.Folio}})
	does("separar", "split", nil)
	does("informacion", "info_requested", url.Values{"texto": {"¿De qué año?"}})
	c.asked("Una para turnar")
	does("turnar-por-correo", "acknowledged", url.Values{"nombre": {"Tere Área"}, "correo": {"tere@ejemplo.mx"}})
	c.asked("Una formal")
	does("formal", "transferred", url.Values{"folio": {"330026900"}, "texto": {"Va por ahí."}})
	does("desenlace", "transfer_ended", url.Values{"texto": {"Se entregó."}})
	c.asked("De otra institución")
	does("pasar", "handover_asked", url.Values{"institucion": {c.th.body.ID}, "motivo": {"Es suya."}})
	does("retirar-pase", "handover_taken_back", nil)
	does("cerrar", "closed", url.Values{"motivo": {"No es consulta."}})
}

// cased makes a case of the institution, with a draft.
func (r *routed) cased(t *testing.T, th *things) {
	t.Helper()
	eva := r.person(t, "Eva Redacta", plaza.Grant{Role: plaza.Liaison, Institution: th.body.ID})
	c := r.asks(t, r.person(t, "Olga Pregunta", plaza.Grant{Role: plaza.Moderator}), th.body.ID, "¿Qué significa cve_ent?")
	th.known["folio"] = c.Folio
	r.by(t, eva.Actor(), func(tx *db.Tx) error {
		d, err := r.site.Cases.SaveDraft(tx, c.ID, cases.AnswerForm{Outcome: cases.Explained, Body: "Es la clave."}, 0)
		th.known["draft"] = d.ID
		return err
	})
}
