package outbox_test

import (
	"fmt"
	"html"
	"strings"
	"testing"

	"plaza/internal/base/i18n"
	"plaza/internal/civic/outbox"
)

func TestALetterSaysTheSameInTextAndHTML(t *testing.T) {
	bundle, err := i18n.New(outbox.Locale)
	if err != nil {
		t.Fatal(err)
	}
	x := outbox.Letter{L: bundle.Printer(i18n.Spanish), Subject: "Camas\r\nBcc: otra@ejemplo.mx", Greeting: "Hola, Ana:", Lead: "Pasó <esto>.", Quote: "Lo dicho & hecho",
		List: []string{"Folio: SALUD-1"}, Button: "Ver", Link: "https://plaza.example/x?a=1&b=2", After: []string{"Sirve una vez."}, Why: "Le escribe Plaza.",
		Links: []outbox.Link{{Words: "Para no recibir más:", Name: "dejar de recibir", To: "https://plaza.example/dejar"}}}
	for i := range outbox.MaxItems + 3 {
		x.Items = append(x.Items, outbox.Item{Before: "Cambió ", Title: fmt.Sprint("«Camas» ", i), After: ".", Link: fmt.Sprint("https://plaza.example/datos/", i), When: "hoy", Note: "Porque lo sigue.",
			Said: &outbox.Said{By: "Eva", Badge: "Voz oficial: Enlace", Before: "Eva escribió:", Text: "Se corrigió."}})
	}
	m, err := x.Message()
	if err != nil {
		t.Fatal(err)
	}
	if m.Subject != "Camas Bcc: otra@ejemplo.mx" {
		t.Errorf("the subject is %q", m.Subject)
	}
	shown := html.UnescapeString(m.HTML)
	last := fmt.Sprint("https://plaza.example/datos/", outbox.MaxItems-1)
	for _, want := range []string{"Hola, Ana:", "Pasó <esto>.", "Lo dicho & hecho", "Folio: SALUD-1", x.Link, "Sirve una vez.", "Le escribe Plaza.",
		"https://plaza.example/dejar", "«Camas» 0", last, "hoy", "Porque lo sigue.", "Se corrigió.", "Y 3 más"} {
		if !strings.Contains(m.Text, want) || !strings.Contains(shown, want) {
			t.Errorf("%q is not in both:\n%s", want, m.Text)
		}
	}
	if strings.Contains(m.HTML, "<esto>") || strings.Contains(m.Text, fmt.Sprint("«Camas» ", outbox.MaxItems)) {
		t.Error("what is written is taken for marks, or more is told than fits")
	}
}
