package browser_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"plaza/internal/civic/institution"
	"plaza/internal/plaza"
	"plaza/internal/section/cases"
	"plaza/internal/section/catalog"
	"plaza/internal/site/browser"
)

// What 200 people ask of an institution: five things of each of its datasets, and most of
// them again in other words.
var (
	clearedSets = []string{"Camas de hospital", "Vacunas aplicadas", "Consultas externas", "Urgencias atendidas", "Cirugías mayores", "Personal médico",
		"Farmacias surtidas", "Laboratorios clínicos", "Ambulancias", "Nacimientos", "Defunciones", "Donación de órganos"}
	clearedAsks  = []string{"¿Cada cuándo se actualizan estos datos?", "¿Qué significa la columna CVE_UNI?", "Faltan los registros de mayo de 2026", "¿Hay desglose por municipio?", "El archivo no abre en mi programa"}
	clearedAgain = []string{"%s", "Buenas tardes: %s", "%s Gracias", "Otra vez: %s"}
)

// What the Enlace answers to each of the five, and which of them by a template.
var (
	clearedAnswers  = []string{"", "Es la clave del hospital en el catálogo CLUES, que está en el diccionario.", "Mayo se publica en junio, cuando cierran los hospitales el mes.", "Sí: la columna MUN tiene la clave del municipio del INEGI.", ""}
	clearedTemplate = []string{"Actualización", "", "", "", "No abre"}
)

// asksManyTimes puts the 200 cases there, of 60 questions, and returns which question each folio is.
func (w *small) asksManyTimes(salud institution.Institution) map[string]int {
	w.Helper()
	var people []plaza.Actor
	for i := range 50 {
		people = append(people, w.lives(fmt.Sprintf("p%d@correo.example", i), fmt.Sprint("Persona ", i), plaza.Moderator, ""))
	}
	sets, what := w.holds(salud, clearedSets...), map[string]int{}
	for i := range 200 {
		n := (i * 7) % 60 // each question comes again far from where it was
		on := plaza.Ref{Kind: catalog.KindDataset, ID: sets[n/5]}
		c := w.asked(people[i%50], cases.Form{Kind: cases.Question, Title: fmt.Sprintf(clearedAgain[i/60], clearedAsks[n%5]), Institution: salud.ID,
			Body: "Lo busqué en la página y en el diccionario, y no lo dice.", On: cases.On{Ref: on, Dataset: on.ID}})
		what[c.Folio] = n
		w.Site.DB.Clock().Advance(7 * time.Minute)
	}
	return what
}

// texts are what a selector finds says.
func (v *walker) texts(selector string) []string {
	v.T.Helper()
	return ask[[]string](v.T, v.tab, "[...document.querySelectorAll("+quoted(selector)+")].map(e => e.innerText.trim())")
}

// TestAnEnlaceClearsTwoHundredCasesOfSixtyQuestionsInNinetyMinutes is one afternoon.
func TestAnEnlaceClearsTwoHundredCasesOfSixtyQuestionsInNinetyMinutes(t *testing.T) {
	w := newSmall(t, "")
	salud := w.body(institution.Institution{Name: "Secretaría de Salud", Acronym: "SALUD", Slug: "salud", Type: "federal"})
	what := w.asksManyTimes(salud)
	w.lives("enid@salud.example", "Enid Enlace", plaza.Liaison, salud.ID)
	link, err := w.Site.Accounts.SigninLink(plaza.WithActor(t.Context(), plaza.SystemActor), "enid@salud.example")
	if err != nil {
		t.Fatal(err)
	}
	v := w.walker("Enlace", browser.Look{})
	v.opens(strings.TrimPrefix(link, w.Origin))
	v.presses("Entrar")
	v.presses("Gestión")
	v.presses("Secretaría de Salud")
	v.presses("200 consultas por responder")
	v.template("Actualización", "Se actualizan el primer lunes de cada mes.")
	v.template("No abre", "Está en CSV con UTF-8: en su programa elija «Importar» y esa codificación.")
	for open := 200; open > 0; {
		open -= v.clears(what)
		if v.steps() > 1200 {
			t.Fatalf("%d cases are still open", open)
		}
	}
	v.sums()
	if n := value[int](w, `SELECT COUNT(*) FROM cases WHERE state = 'answered'`); n != 200 {
		t.Errorf("%d of 200 cases were answered", n)
	}
	if n := value[int](w, `SELECT COUNT(DISTINCT case_id) FROM case_answers`); n != 200 {
		t.Errorf("%d cases have an answer of their own", n)
	}
	if n := value[int](w, `SELECT COUNT(DISTINCT case_id) FROM case_clocks WHERE kind = 'answer' AND stopped_at IS NOT NULL`); n != 200 {
		t.Errorf("%d cases have a clock of their own that stands", n)
	}
	if m := v.minutes(); m > 90 || v.steps() > 450 {
		t.Errorf("it takes %.1f minutes and %d steps", m, v.steps())
	}
}

// template makes a template of an answer, from the inbox and back.
func (v *walker) template(name, text string) {
	v.T.Helper()
	v.presses("Herramientas")
	v.presses("Plantillas")
	v.writes("Nombre", name)
	v.writes("Texto", text)
	v.chooses("Resultado", "Explicado")
	v.presses("Guardar la plantilla")
	v.presses("Regresar a las consultas")
}

// clears answers the first case of the inbox, and what asks the same, and returns how many
// those were.
func (v *walker) clears(what map[string]int) int {
	v.T.Helper()
	v.reads(".CaseInbox-item:first-child .CaseLine-title")
	folio := v.texts(".CaseInbox-item:first-child .CaseLine-facts > span:first-child")[0]
	n := what[folio]
	v.ticks("Elegir " + folio)
	v.presses("Responder las elegidas con un solo texto")
	v.costs(10*time.Second, "makes up her mind how to answer")
	if name := clearedTemplate[n%5]; name != "" {
		v.presses(name)
	}
	v.reads("main .CaseInbox-item > p[dir]")
	done := 1
	for _, said := range v.texts(".CaseInbox-list:nth-of-type(2) .Field-hint") {
		other, _, _ := strings.Cut(said, " · ")
		if what[other] != n {
			v.T.Fatalf("%s is offered as like %s, and asks something else", other, folio)
		}
		v.ticks(other)
		done++
	}
	if text := clearedAnswers[n%5]; text != "" {
		v.chooses("Resultado", "Explicado")
		v.writes("Texto", text)
	}
	v.presses("Publicar en todas")
	return done
}
