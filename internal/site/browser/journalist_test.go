package browser_test

import (
	"testing"

	"plaza/internal/civic/institution"
	"plaza/internal/plaza"
	"plaza/internal/site/browser"
)

// TestAJournalistOnATelephoneHasAFolioWithADateInFiveMinutes begins at the home page with
// nothing but the name of a municipality.
func TestAJournalistOnATelephoneHasAFolioWithADateInFiveMinutes(t *testing.T) {
	eachStore(t, func(w *small) {
		lerma := w.body(institution.Institution{Name: "Municipio de Lerma", Slug: "lerma", Type: "municipal"})
		w.lives("eva@lerma.example", "Eva Enlace", plaza.Liaison, lerma.ID)
		w.holds(lerma, "Licencias de construcción", "Alumbrado público")
		v := w.walker("journalist", browser.Look{Width: 360})
		v.opens("/")
		v.writes("Buscar", "lerma")
		v.enters()
		v.presses("Municipio de Lerma")
		v.sees("Licencias de construcción")
		v.presses("Licencias de construcción")
		v.presses("Preguntar sobre este conjunto")
		v.presses("Pregunta")
		v.sees("Respuesta a más tardar el")
		v.writes("Su consulta en una línea", "¿Qué licencias faltan en 2025?")
		v.writes("Explique su consulta", "En marzo de 2025 no hay ninguna. ¿No se dieron, o faltan en el archivo?")
		v.writes("Su correo, si no entra con una cuenta", "jimena@diario.example")
		v.presses("Enviar con mi correo")
		v.gets("jimena@diario.example", "/consultas/mia/confirmar/")
		v.presses("Confirmar y enviar")
		v.sees("LERMA-2026-000001-", "Respuesta a más tardar 8 de diciembre de 2026, si se publica hoy")
		v.sums()
		if m := v.minutes(); m > 5 || v.steps() > 12 || v.pages > 10 {
			t.Errorf("it takes %.1f minutes, %d steps and %d pages", m, v.steps(), v.pages)
		}
	})
}
