package cases_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"plaza/internal/base/db/dbtest"
	"plaza/internal/base/web/webtest"
	"plaza/internal/section/cases"
)

func TestTheButtonsScriptIsForAnySite(t *testing.T) {
	asking(t, func(w *asked) {
		res := w.get(nobody, "/preguntar.js")
		h := res.Header()
		if res.Code != http.StatusOK || !strings.HasPrefix(h.Get("Content-Type"), "text/javascript") || h.Get("Access-Control-Allow-Origin") != "*" ||
			h.Get("Cross-Origin-Resource-Policy") != "cross-origin" || h.Get("Set-Cookie") != "" || !strings.HasPrefix(h.Get("Cache-Control"), "public") {
			t.Errorf("%d %v", res.Code, h)
		}
		js := res.Body.String()
		if !strings.Contains(js, `const base = "`+webtest.Base+`";`) || strings.Count(js, "://") != 1 {
			t.Errorf("the script is %s", js)
		}
	})
}

func TestThePageOfTheButtonGivesCodeThatLeadsToTheForm(t *testing.T) {
	asking(t, func(w *asked) {
		doc := w.doc(w.get(nobody, "/preguntar?institucion=salud"), http.StatusOK)
		code := doc.Find(".Copy-text").First().Text()
		for _, want := range []string{`<script src="` + webtest.Base + `/preguntar.js" async>`, `institucion="salud"`, `canal=boton&amp;institucion=salud`, `idioma="es"`} {
			if !strings.Contains(code, want) {
				t.Errorf("the code lacks %s: %s", want, code)
			}
		}
		w.doc(w.get(nobody, "/preguntar?institucion=nadie"), http.StatusOK)
	})
}

func TestWhatIsAskedByTheButtonSaysSo(t *testing.T) {
	asking(t, func(w *asked) {
		kinds := w.doc(w.get(w.ana, "/consultas/nueva?canal=boton&institucion=salud"), http.StatusOK)
		to := kinds.Find(".Ask-choice").First().AttrOr("href", "")
		form := w.doc(w.get(w.ana, to), http.StatusOK)
		dbtest.Advance(w.db, time.Minute)
		looked := w.doc(w.post(w.ana, "/consultas/nueva/ver", drawn(form, "titulo", "¿Qué es esto?", "texto", "No lo entiendo.")), http.StatusOK)
		w.leads(w.post(w.ana, "/consultas/nueva", drawn(looked)))
		w.byMail(luz, "canal", "boton")
		w.leads(w.post(w.ana, "/consultas/nueva", w.onSet(w.ana, "canal", "telephone")))
		all := w.all()
		if len(all) != 3 || all[0].Channel != cases.Button || all[1].Channel != cases.Button || all[2].Channel != cases.Web {
			t.Errorf("the cases are %+v", all)
		}
	})
}
