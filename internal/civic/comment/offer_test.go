package comment_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"plaza/internal/base/web"
	"plaza/internal/civic/comment"
	"plaza/internal/plaza"
)

func TestWhatReadsLikeAQuestionIsOfferedADateForItsAnswer(t *testing.T) {
	worlds(t, func(w *world) {
		w.comments.Question = func(on plaza.Ref, text string) (string, []web.Option) {
			if on == loose {
				return "", nil
			}
			return "/consultas/nueva/ver", []web.Option{{Label: "texto", Value: text}}
		}
		sent := func(text, nonce string, more ...string) url.Values {
			form := url.Values{"texto": {text}, "unico": {nonce}}
			for i := 0; i+1 < len(more); i += 2 {
				form.Set(more[i], more[i+1])
			}
			return form
		}
		to := comment.ThreadPath(w.salud.Ref())
		for text, offered := range map[string]bool{"¿Qué es esto": true, "Y esto, ¿qué?": true, "Cuándo se publica el resto": true, "por   QUÉ faltan camas": true,
			"Quién los cuenta": true, "Que": true, "Gracias.": false, "Quesos de Oaxaca": false, "Creo que está bien": false, "**Dónde** están": true} {
			res := w.post(w.ana, to, sent(text, text))
			if got := res.Code == http.StatusOK; got != offered {
				t.Errorf("%q is answered with %d", text, res.Code)
			}
			if offered {
				if n := strings.Count(res.Body.String(), `value="`+text+`"`); n < 2 {
					t.Errorf("%q is kept %d times", text, n)
				}
				if res := w.post(w.ana, to, sent(text, text, "ofrecido", "si")); res.Code != http.StatusSeeOther {
					t.Errorf("%q all the same: %d", text, res.Code)
				}
			}
		}
		if res := w.post(w.enlace, to, sent("¿Así?", "a")); res.Code != http.StatusSeeOther {
			t.Errorf("an official is offered it: %d", res.Code)
		}
		if res := w.post(w.beto, comment.ThreadPath(loose), sent("¿Así?", "b")); res.Code != http.StatusSeeOther {
			t.Errorf("it is offered where one does not ask: %d", res.Code)
		}
	})
}
