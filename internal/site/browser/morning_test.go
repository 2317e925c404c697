package browser_test

import (
	"testing"
	"time"

	"plaza/internal/base/db"
	"plaza/internal/civic/institution"
	"plaza/internal/civic/membership"
	"plaza/internal/plaza"
	"plaza/internal/section/cases"
	"plaza/internal/section/catalog"
	"plaza/internal/site/browser"
)

// asked asks things by code, as somebody whom moderation knows.
func (w *small) asked(who plaza.Actor, f cases.Form) (c cases.Case) {
	w.Helper()
	f.Language, f.Nonce = "es", plaza.NewID(time.Now())
	w.write(who, func(tx *db.Tx) (err error) {
		c, err = w.Site.Cases.Ask(tx, f, cases.By(who), cases.From{})
		return err
	})
	return c
}

// TestAnEnlaceNamedThisMorningPublishesAnAnswerInAQuarterOfAnHour begins at the mail that
// invites her.
func TestAnEnlaceNamedThisMorningPublishesAnAnswerInAQuarterOfAnHour(t *testing.T) {
	eachStore(t, func(w *small) {
		const mail = "nora@salud.example"
		salud := w.body(institution.Institution{Name: "Secretaría de Salud", Acronym: "SALUD", Slug: "salud", Type: "federal"})
		admin := w.lives("alma@coordinacion.example", "Alma Central", plaza.Admin, "")
		ana := w.lives("ana@correo.example", "Ana López", plaza.Moderator, "")
		sets := w.holds(salud, "Camas de hospital", "Vacunas aplicadas")
		for i, title := range []string{"¿Cuándo se publican las camas de 2026?", "¿Qué significa CVE_UNI?", "Faltan vacunas de mayo"} {
			on := plaza.Ref{Kind: catalog.KindDataset, ID: sets[i%2]}
			w.asked(ana, cases.Form{Kind: cases.Question, Title: title, Body: "Lo necesito para comparar los hospitales de mi estado.", Institution: salud.ID, On: cases.On{Ref: on, Dataset: on.ID}})
		}
		w.Site.DB.Clock().Advance(5 * 24 * time.Hour)
		if _, err := w.Site.Members.Appoint(plaza.WithActor(t.Context(), admin), membership.Appointment{Institution: salud.ID, Email: mail, Number: "SS/1/2026", Dated: "2026-11-27",
			FileName: "oficio.pdf", File: []byte("%PDF-1.7\n1 0 obj\n<<>>\nendobj\ntrailer\n<<>>\n%%EOF\n")}); err != nil {
			t.Fatal(err)
		}

		v := w.walker("Enlace", browser.Look{})
		v.gets(mail, "/invitaciones/")
		v.presses("Abrir una cuenta")
		v.writes("Nombre", "Nora Enlace")
		v.writes("Correo", mail)
		v.presses("Crear la cuenta")
		v.gets(mail, "/cuenta/nueva/")
		v.presses("Crear la cuenta")
		v.presses("Aceptar la invitación")
		v.presses("3 consultas por responder")
		v.sees("¿Cuándo se publican las camas de 2026?")
		v.presses("¿Cuándo se publican las camas de 2026?")
		v.reads("main .Prose")
		v.presses("Turnar por correo, a quien no tiene cuenta")
		v.writes("Nombre de la persona", "Rosa Área")
		v.writes("Correo", "rosa@salud.example")
		v.writes("Nota para la persona", "¿Cuándo estarán?")
		v.presses("Enviar la liga")

		area := w.walker("área", browser.Look{Width: 360})
		area.gets("rosa@salud.example", "/turno/")
		area.reads("main .Prose")
		area.writes("Propuesta de respuesta", "Se publicaron ayer: son el segundo archivo del conjunto de datos. Se actualizan el primer lunes de cada mes.")
		area.presses("Enviar al Enlace")

		v.gets(mail, "/gestion/")
		v.presses("Área, por correo")
		v.reads("main .Prose")
		v.presses("Usar como base")
		v.ticks("Explicado")
		v.presses("Publicar respuesta oficial")
		v.sees("La respuesta oficial se publicó.")
		v.sums()
		area.sums()
		if m := v.minutes() + area.minutes(); m > 15 || v.steps() > 25 || area.steps() > 4 {
			t.Errorf("it takes %.1f minutes, %d and %d steps", m, v.steps(), area.steps())
		}
	})
}
