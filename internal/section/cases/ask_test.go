package cases_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"plaza/internal/base/db"
	"plaza/internal/base/db/dbtest"
	"plaza/internal/base/i18n"
	"plaza/internal/base/web/webtest"
	"plaza/internal/civic/membership"
	"plaza/internal/plaza"
	"plaza/internal/section/cases"
)

func TestTheTemplatesOfAskingNameWhatTheirPagesHave(t *testing.T) {
	asking(t, func(w *asked) {
		for _, wrong := range append(webtest.CheckTemplates(w.shell), i18n.CheckCatalogues(cases.Locale)...) {
			if !strings.Contains(wrong, `checking "layout"`) { // pieces of others' pages have none
				w.Error(wrong)
			}
		}
	})
}

func TestWithoutAKindTheFormAsksForItAndKeepsWhatIsKnown(t *testing.T) {
	asking(t, func(w *asked) {
		doc := w.doc(w.get(nobody, "/consultas/nueva?titulo=camas&objeto=dataset:"+setID), http.StatusOK)
		links := doc.Find(".Ask-kinds a")
		if links.Length() != 4 {
			w.Fatalf("%d kinds to choose from", links.Length())
		}
		to, _ := links.Eq(1).Attr("href")
		u, err := url.Parse(to)
		if err != nil || u.Query().Get("clase") != "quality" || u.Query().Get("titulo") != "camas" || u.Query().Get("objeto") != "dataset:"+setID {
			w.Errorf("the second kind leads to %s (%v)", to, err)
		}
	})
}

func TestEachKindAsksForItsOwnAndTheDueDateIsToldBeforeSending(t *testing.T) {
	asking(t, func(w *asked) {
		for kind, want := range map[string]struct {
			fields string
			date   string
		}{ // asked on Wednesday 25 November 2026
			"question": {"titulo texto archivos para nombre", "9 de diciembre de 2026"},
			"quality":  {"titulo columna filas texto debe evidencia archivos para nombre", "9 de diciembre de 2026"},
			"request":  {"titulo texto formato frecuencia periodo lugar desglose archivos para nombre", "23 de diciembre de 2026"},
			"reuse":    {"titulo texto enlace archivos para nombre", "9 de diciembre de 2026"},
		} {
			doc := w.doc(w.get(w.ana, "/consultas/nueva?clase="+kind+"&objeto=dataset:"+setID), http.StatusOK)
			var names []string
			doc.Find("form.Ask .Field-control").Each(func(_ int, s *goquerySelection) { name, _ := s.Attr("name"); names = append(names, name) })
			if got := strings.Join(names, " "); got != want.fields {
				w.Errorf("%s asks for %s, want %s", kind, got, want.fields)
			}
			w.says(doc, "Respuesta a más tardar el "+want.date, "Para qué lo necesita (opcional)", "Siempre es opcional", "No es una solicitud de acceso a la información", "Camas de hospital")
			if link, _ := doc.Find(`section a[rel="external"]`).Attr("href"); link != cases.FormalRoute {
				w.Errorf("%s links the formal route as %q", kind, link)
			}
		}
	})
}

func TestWithoutALiaisonNoDateIsPromisedAndTheFormSaysWhoLooks(t *testing.T) {
	asking(t, func(w *asked) {
		for name, one := range map[string]struct {
			who  membership.Responsible
			says string
		}{
			"the head of sector": {membership.Responsible{Level: membership.BySector, Institution: w.lerma.ID, Vacant: true}, "La verá Municipio de Lerma"},
			"the coordination":   {membership.Responsible{Level: membership.ByCoordination, Vacant: true}, "La verá la coordinación de la plataforma"},
		} {
			w.vacant[w.salud.ID] = one.who
			doc := w.doc(w.get(nobody, "/consultas/nueva?clase=question&objeto=dataset:"+setID), http.StatusOK)
			w.says(doc, "Sin fecha comprometida por Secretaría de Salud", one.says)
			if strings.Contains(doc.Find("main").Text(), "Respuesta a más tardar") {
				w.Errorf("%s: a date is promised all the same", name)
			}
		}
	})
}

func TestWhatIsAskedOnAResourceBelongsToItsDatasetInstitutionAndThemes(t *testing.T) {
	asking(t, func(w *asked) {
		doc := w.doc(w.get(w.ana, "/consultas/nueva?clase=quality&columna=cve_ent&fila=12&objeto=resource:"+fileID), http.StatusOK)
		dbtest.Advance(w.db, time.Minute)
		form := drawn(doc, "titulo", "Sobra un cero", "texto", "Dice 090.", "debe", "09", "evidencia", "https://ejemplo.mx/x", "para", "Una tesis", "nombre", "Curiosa")
		to := w.leads(w.post(w.ana, "/consultas/nueva", form))
		c := w.all()[0]
		if to != c.Path()+"?hecho=enviada" {
			w.Errorf("it leads to %s", to)
		}
		if c.On.Ref != (plaza.Ref{Kind: "resource", ID: fileID}) || c.On.Dataset != setID || c.On.Column != "cve_ent" || c.On.Row != "12" || c.Institution != w.salud.ID ||
			c.Details != (cases.Details{Rows: "12", Should: "09", Evidence: "https://ejemplo.mx/x"}) || c.Need != "Una tesis" || c.Asker.Name != "Curiosa" || c.Asker.Person != w.ana.ID {
			w.Errorf("asked: %+v", c)
		}
		if n := w.count(`SELECT COUNT(*) FROM case_themes WHERE case_id = $1 AND theme = 'Salud'`, c.ID); n != 1 {
			w.Errorf("%d themes", n)
		}
	})
}

func TestWhatIsTombstonedCanBeAskedAboutAndWhatThereIsNotCannot(t *testing.T) {
	asking(t, func(w *asked) {
		w.says(w.doc(w.get(w.ana, "/consultas/nueva?clase=question&objeto=dataset:"+goneID), http.StatusOK), "ya no está publicado")
		for _, bad := range []string{"dataset:nada", "person:" + w.ana.ID, "?:x", "dataset:", "solo", "source:x", strings.Repeat("a", 5000) + ":x"} {
			w.doc(w.get(w.ana, "/consultas/nueva?clase=question&objeto="+url.QueryEscape(bad)), http.StatusNotFound)
			form := w.onSet(w.ana, "objeto", bad)
			w.doc(w.post(w.ana, "/consultas/nueva", form), http.StatusNotFound)
		}
	})
}

func TestAnInstitutionThatIsChosenInTheFormHasItsDateToldFirst(t *testing.T) {
	asking(t, func(w *asked) {
		doc := w.doc(w.get(w.ana, "/consultas/nueva?clase=request"), http.StatusOK)
		w.says(doc, "La coordinación de la plataforma la atiende", "No lo sé")
		dbtest.Advance(w.db, time.Minute)
		doc = w.doc(w.post(w.ana, "/consultas/nueva", drawn(doc, "titulo", "Camas por turno", "texto", "De 2020 en adelante", "institucion", "lerma")), http.StatusOK)
		w.says(doc, "Vea la fecha de respuesta", "Municipio de Lerma tiene 20 días hábiles")
		if len(w.all()) != 0 {
			w.Fatal("it was sent before the date was told")
		}
		dbtest.Advance(w.db, time.Minute)
		w.leads(w.post(w.ana, "/consultas/nueva", drawn(doc)))
		if c := w.all()[0]; c.Institution != w.lerma.ID || c.Kind != cases.Request {
			w.Errorf("asked: %+v", c)
		}
		doc = w.doc(w.get(w.ana, "/consultas/nueva?clase=request"), http.StatusOK)
		dbtest.Advance(w.db, time.Minute)
		w.leads(w.post(w.ana, "/consultas/nueva", drawn(doc, "titulo", "No sé de quién", "texto", "Algo")))
		if c := w.all()[1]; c.Institution != "" {
			w.Errorf("nobody was chosen, and it asks %s", c.Institution)
		}
	})
}

func TestSimilarCasesAreOfferedWithAndWithoutAScript(t *testing.T) {
	asking(t, func(w *asked) {
		open, answered := w.ask(w.ana, w.form()), w.ask(w.beto, w.form())
		w.must(w.enlace, func(tx *db.Tx) (cases.Case, []recordAct, error) {
			return w.cases.Publish(tx, answered.ID, explained(), cases.Signature{})
		})
		w.hold = "cve_oculta"
		hidden := w.form()
		hidden.Title = "¿Qué significa la columna cve_oculta?"
		w.ask(w.ana, hidden)
		w.hold = ""
		if err := w.engine.Sync(w.Context(), w.db); err != nil {
			w.Fatal(err)
		}
		res := w.get(nobody, "/consultas/parecidas?objeto=:&titulo="+url.QueryEscape("columna cve_ent"))
		piece := res.Body.String()
		if res.Code != http.StatusOK || strings.Contains(piece, "<html") || !strings.Contains(piece, open.Path()) || !strings.Contains(piece, "Ya tiene respuesta") || strings.Contains(piece, "cve_oculta") {
			w.Errorf("%d: %s", res.Code, piece)
		}
		gone := w.ask(w.beto, w.form())
		if err := w.engine.Sync(w.Context(), w.db); err != nil {
			w.Fatal(err)
		}
		w.as(nobody, func(tx *db.Tx) error { // the index does not know it yet
			_, err := tx.Exec(`UPDATE cases SET standing = 'hidden' WHERE id = $1`, gone.ID)
			return err
		})
		if piece := w.get(nobody, "/consultas/parecidas?titulo=columna").Body.String(); strings.Contains(piece, gone.Folio) {
			w.Errorf("one that was hidden is offered: %s", piece)
		}
		form := w.onSet(nobody, "titulo", "columna cve_ent", "texto", "Lo que ya escribí")
		doc := w.doc(w.post(nobody, "/consultas/nueva/ver", form), http.StatusOK)
		w.says(doc, "Consultas parecidas", open.Folio, "Ya tiene respuesta")
		if got := drawn(doc); got.Get("texto") != "Lo que ya escribí" || got.Get("unico") != form.Get("unico") {
			w.Errorf("what was typed is %v", got)
		}
		if live, _ := doc.Find(".js-similar-out").Attr("aria-live"); live != "polite" {
			w.Error("what an island offers is not said aloud")
		}
	})
}

func TestADraftSurvivesSigningInForADay(t *testing.T) {
	asking(t, func(w *asked) {
		form := w.onSet(nobody, "para", "Una tesis", "nombre", "Curiosa")
		to := w.leads(w.post(nobody, "/consultas/nueva/entrar", form, sent{"notas.csv", []byte("a,b\n1,2\n")}))
		back := strings.TrimPrefix(to, "/entrar?volver=")
		back, err := url.QueryUnescape(back)
		if err != nil || !strings.HasPrefix(back, "/consultas/nueva?borrador=") {
			w.Fatalf("it leads to %s", to)
		}
		doc := w.doc(w.get(w.ana, back), http.StatusOK)
		w.says(doc, "notas.csv", "Camas de hospital")
		dbtest.Advance(w.db, time.Minute)
		again := drawn(doc)
		for _, name := range []string{"titulo", "texto", "para", "nombre", "objeto"} {
			if again.Get(name) != form.Get(name) {
				w.Errorf("%s is %q, want %q", name, again.Get(name), form.Get(name))
			}
		}
		w.leads(w.post(w.ana, "/consultas/nueva", again))
		c := w.all()[0]
		w.read(func(tx *db.Tx) error {
			files, err := cases.Files(tx, c.ID)
			if len(files) != 1 || files[0].Name != "notas.csv" || files[0].Place != cases.FileOfCase || files[0].By != w.ana.ID {
				w.Errorf("its files are %+v", files)
			}
			return err
		})
		w.says(w.doc(w.get(w.ana, back), http.StatusOK), "ya no se guarda aquí") // it became a case
		other, err := url.QueryUnescape(strings.TrimPrefix(w.leads(w.post(nobody, "/consultas/nueva/entrar", w.onSet(nobody))), "/entrar?volver="))
		if err != nil {
			w.Fatal(err)
		}
		dbtest.Advance(w.db, 24*time.Hour)
		w.says(w.doc(w.get(w.ana, other), http.StatusOK), "ya no se guarda aquí")
	})
}

func TestAFormThatIsSentTwiceIsOneCaseWithItsFilesOnce(t *testing.T) {
	asking(t, func(w *asked) {
		form, file := w.onSet(w.ana), sent{"a.txt", []byte("hola")}
		first := w.leads(w.post(w.ana, "/consultas/nueva", form, file))
		if second := w.leads(w.post(w.ana, "/consultas/nueva", form, file)); second != first || len(w.all()) != 1 {
			w.Errorf("%d cases; the second leads to %s, the first to %s", len(w.all()), second, first)
		}
		if n := w.count(`SELECT COUNT(*) FROM case_files`); n != 1 || w.stored() != 1 {
			w.Errorf("%d files, %d in the store", n, w.stored())
		}
	})
}

func TestWhatIsWrongIsSaidAtItsFieldAndNothingTypedIsLost(t *testing.T) {
	asking(t, func(w *asked) {
		for name, typed := range map[string][]string{
			"titulo": {"titulo", " \u200b ", "texto", "Lo que escribí"},
			"texto":  {"texto", strings.Repeat("a", 60_000)},
			"nombre": {"nombre", "\u200b\u200b", "texto", "Lo que escribí"},
			"para":   {"para", strings.Repeat("é", 3000)},
		} {
			form := w.onSet(w.ana, typed...)
			res := w.post(w.ana, "/consultas/nueva", form)
			if res.Code != http.StatusUnprocessableEntity {
				w.Errorf("%s: %d", name, res.Code)
				continue
			}
			doc := w.doc(res, res.Code)
			if doc.Find("#campo-"+name+"-error").Length() != 1 || doc.Find(".js-focus a[href='#campo-"+name+"']").Length() != 1 {
				w.Errorf("%s is not said to be wrong", name)
			}
			if got := drawn(doc); got.Get("texto") != form.Get("texto") || got.Get("para") != form.Get("para") {
				w.Errorf("%s: what was typed is lost", name)
			}
		}
		w.doc(w.post(w.ana, "/consultas/nueva", w.onSet(w.ana, "texto", strings.Repeat("a", 100<<10))), http.StatusRequestEntityTooLarge)
		if len(w.all()) != 0 {
			w.Error("something was asked")
		}
	})
}

func TestHostileTextIsTextAndNothingElse(t *testing.T) {
	asking(t, func(w *asked) {
		bomb := strings.Repeat("[![](", 1500) + strings.Repeat("> ", 500) + "<script>alert(1)</script><img src=x onerror=alert(1)>"
		form := w.onSet(w.ana, "titulo", "<b>\u202eodatlov</b> {{.}}", "texto", bomb, "nombre", "<i>Ana</i>")
		doc := w.doc(w.post(w.ana, "/consultas/nueva/ver", form), http.StatusOK)
		if n := doc.Find("main script, main b, main i, main img").Length(); n != 0 {
			w.Errorf("%d elements of what was typed are on the page", n)
		}
		w.leads(w.post(w.ana, "/consultas/nueva", form))
		c := w.all()[0]
		if strings.ContainsRune(c.Title, '\u202e') || c.Title != "<b>odatlov</b> {{.}}" {
			w.Errorf("its title is %q", c.Title)
		}
		acuse := w.doc(w.get(nobody, c.Path()+"/acuse"), http.StatusOK)
		if n := acuse.Find("main b, main script").Length(); n != 0 {
			w.Errorf("%d elements of what was typed are on the acknowledgement", n)
		}
		w.write()
		if m := w.letters()[0]; strings.Contains(m.HTML, "<b>") {
			w.Errorf("the mail has what was typed as HTML: %s", m.HTML)
		}
	})
}

func TestWhoMayNotAskIsToldSo(t *testing.T) {
	asking(t, func(w *asked) {
		doc := w.doc(w.get(nobody, "/consultas/nueva?clase=question"), http.StatusOK)
		if res := w.post(nobody, "/consultas/nueva", drawn(doc, "titulo", "x", "texto", "x")); res.Code < 300 {
			w.Errorf("a visitor asked: %d", res.Code)
		}
		for _, kind := range []string{"", "application/json"} {
			if res := w.request(w.ana, http.MethodPost, "/consultas/nueva", kind, []byte(`{}`)); res.Code != http.StatusUnsupportedMediaType {
				w.Errorf("a body of type %q: %d", kind, res.Code)
			}
		}
		w.doc(w.post(w.ana, "/consultas/nueva", url.Values{"clase": {"otra"}}), http.StatusUnprocessableEntity)
	})
}
