package desk_test

import (
	"net/http"
	"net/http/httptest"
	"net/url"
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

func TestEveryPageCanBeDrawn(t *testing.T) {
	worlds(t, func(w *world) {
		for _, problem := range webtest.CheckTemplates(w.shell) {
			w.Error(problem)
		}
	})
}

func TestACaseIsSeenByItsInstitutionAlone(t *testing.T) {
	worlds(t, func(w *world) {
		c := w.ask(w.salud.ID)
		for _, p := range []account.Person{w.enlace, w.area, w.transp, w.admin} {
			w.visit(p, at(c, "")).want(200, c.Title, "Para mi tesis secreta.", "Camas por hospital", "hábiles")
		}
		w.visit(w.ajena, at(c, "")).want(403).lacks("tesis")
		w.visit(w.ana, at(c, "")).want(403).lacks("tesis")
		w.visit(account.Person{}, at(c, "")).lacks("tesis")
		w.visit(w.ajena, "/gestion/lerma/consultas/"+c.Folio).want(303).lacks("tesis")
		if a := w.visit(w.admin, "/admin/consultas/"+c.Folio).want(303); a.location != at(c, "") {
			w.Errorf("the coordination is led to %q", a.location)
		}
		w.visit(w.enlace, "/gestion/salud/consultas/%20x").want(404)
		w.visit(w.enlace, "/gestion/salud/consultas/SALUD-2026-000009-9").want(404)
	})
}

func TestTheCoordinationHandlesWhatIsNobodys(t *testing.T) {
	worlds(t, func(w *world) {
		c := w.ask("")
		base := "/admin/consultas/" + c.Folio
		w.visit(w.admin, base).want(200, c.Title)
		w.visit(w.enlace, base).want(403)
		w.send(w.admin, base+"/acusar").want(303)
		w.send(w.admin, base+"/pasar", "institucion", w.salud.ID, "motivo", "Es de Salud.").want(303)
		w.visit(w.enlace, at(c, "")).want(200, "Coordinación", "Es de Salud.")
		w.send(w.enlace, at(c, "/tomar")).want(303)
		if got := w.get(c); got.Institution != w.salud.ID {
			w.Errorf("it is of %q", got.Institution)
		}
	})
}

func TestEveryActHasItsForm(t *testing.T) {
	worlds(t, func(w *world) {
		for _, test := range []struct {
			path  string
			who   account.Person
			pairs []string
			want  func(c cases.Case) bool
			wrong []string // refused at a field
		}{
			{"acusar", w.enlace, nil, func(c cases.Case) bool { return !c.Acknowledged.IsZero() }, nil},
			{"turnar", w.enlace, []string{"area", w.unit.ID}, func(c cases.Case) bool { return c.Unit == w.unit.ID }, []string{"area", "x"}},
			{"informacion", w.enlace, []string{"texto", "¿De qué año?"}, func(c cases.Case) bool { return c.State == cases.NeedsInfo }, []string{"texto", " "}},
			{"ampliar", w.enlace, []string{"dias", "5", "motivo", "Falta el área."}, func(c cases.Case) bool { return c.Due.After(w.db.Now().AddDate(0, 0, 18)) }, []string{"dias", "x", "motivo", "y"}},
			{"convertir", w.enlace, []string{"clase", "quality"}, func(c cases.Case) bool { return c.Kind == cases.Quality }, []string{"clase", "nada"}},
			{"cerrar", w.enlace, []string{"motivo", "Publicidad."}, func(c cases.Case) bool { return c.State == cases.Closed }, []string{"motivo", ""}},
			{"formal", w.transp, []string{"folio", "330026900", "texto", "Va por ahí."}, func(c cases.Case) bool { return c.Outcome == cases.Transfer }, []string{"folio", "", "texto", ""}},
			{"pasar", w.enlace, []string{"institucion", w.lerma.ID, "motivo", "Es suya."}, func(c cases.Case) bool { return c.Institution == w.salud.ID }, []string{"institucion", "x", "motivo", "y"}},
			{"unir", w.enlace, []string{"folio", w.ask(w.salud.ID).Folio}, func(c cases.Case) bool { return c.Reason == cases.Duplicate }, []string{"folio", "NO-2026-000001-1"}},
		} {
			c := w.ask(w.salud.ID)
			path := at(c, "/"+test.path)
			w.visit(w.ana, path).want(403)
			w.visit(w.ajena, path).want(403)
			if test.wrong != nil {
				w.send(test.who, path, test.wrong...).want(422, "Field-error")
			}
			if a := w.send(test.who, path, test.pairs...); a.status != 303 {
				a.want(303)
			} else {
				w.visit(test.who, a.location).want(200, "Notice--good")
			}
			if got := w.get(c); !test.want(got) {
				w.Errorf("after %s it is %+v", test.path, got)
			}
		}
	})
}

func TestReportsAdvanceAndMergesComeApart(t *testing.T) {
	worlds(t, func(w *world) {
		c, other := w.ask(w.salud.ID), w.ask(w.salud.ID)
		w.send(w.enlace, at(c, "/convertir"), "clase", "quality").want(303)
		w.send(w.enlace, at(c, "/avance"), "avance", "fixed").want(422, "Field-error")
		w.send(w.enlace, at(c, "/avance"), "avance", "fixed", "recurso", "2026-11-25").want(303)
		w.send(w.enlace, at(c, "/unir"), "folio", other.Folio).want(303)
		w.send(w.enlace, at(c, "/separar"), "motivo", "No era.").want(303)
		if got := w.get(c); got.Progress != cases.Fixed || got.State != cases.Open {
			w.Errorf("it is %+v", got)
		}
		w.visit(w.enlace, at(c, "")).want(200, "Separada de otra", "Corregido")
	})
}

func TestAnExtensionSaysTheNewDateBeforeItIsMade(t *testing.T) {
	worlds(t, func(w *world) {
		c := w.ask(w.salud.ID) // Wednesday 25 November 2026: due on 9 December
		w.visit(w.enlace, at(c, "/ampliar")).want(200, "1 día hábil más: hasta el 10 de diciembre de 2026")
		w.visit(w.enlace, at(c, "/convertir")).want(200, "Solicitud de datos: respuesta a más tardar el")
	})
}

func TestOfTwoWhoActAtOnceTheSecondIsToldAndKeepsWhatTheyTyped(t *testing.T) {
	worlds(t, func(w *world) {
		c := w.ask(w.salud.ID)
		form := w.visit(w.otra, at(c, "/cerrar")).form()
		w.send(w.enlace, at(c, "/turnar"), "area", w.unit.ID).want(303)
		again := w.post(w.otra, at(c, "/cerrar"), form, "motivo", "Lo que yo escribí.").want(409, "Lo que yo escribí.")
		w.post(w.otra, at(c, "/cerrar"), again.form()).want(303) // having seen it
	})
}

func TestWhoIsAskedToTakeACaseOverSeesNothingPrivateOfTheOther(t *testing.T) {
	worlds(t, func(w *world) {
		c := w.ask(w.salud.ID)
		w.send(w.enlace, at(c, "/responder"), "texto", "Un borrador muy privado.", "hacer", "guardar").want(303)
		w.post(w.enlace, at(c, "/notas"), url.Values{"texto": {"Una nota muy privada."}}).want(303)
		w.visit(w.enlace, at(c, "")).want(200, "Una nota muy privada.", "Eva Enlace")
		w.send(w.enlace, at(c, "/pasar"), "institucion", w.lerma.ID, "motivo", "Es suya.").want(303)
		there := "/gestion/lerma/consultas/" + c.Folio
		w.visit(w.ajena, there).want(200, "Es suya.", "Para mi tesis secreta.").lacks("muy privada", "muy privado", "Eva Enlace")
		w.visit(w.ajena, there+"/responder").want(404)
		w.visit(w.ajena, there+"/cerrar").want(404)
		w.visit(w.enlace, at(c, "/tomar")).want(404)
		w.post(w.ajena, there+"/notas", url.Values{"texto": {"La nuestra."}}).want(303)
		w.visit(w.enlace, at(c, "")).lacks("La nuestra.")
		w.send(w.ajena, there+"/devolver", "motivo", "").want(422)
		w.send(w.ajena, there+"/devolver", "motivo", "No es nuestra.").want(303)
		w.visit(w.enlace, at(c, "")).want(200, "No es nuestra.", "Una nota muy privada.")
		w.send(w.enlace, at(c, "/pasar"), "institucion", "Municipio de Lerma", "motivo", "Sí es suya.").want(303)
		w.send(w.ajena, there+"/tomar").want(303)
		w.visit(w.ajena, there).want(200, "La nuestra.").lacks("muy privada", "muy privado")
		w.visit(w.enlace, at(c, "")).want(303)
	})
}

func TestNotesThatAreEmptyAreRefusedAtTheirField(t *testing.T) {
	worlds(t, func(w *world) {
		c := w.ask(w.salud.ID)
		w.post(w.enlace, at(c, "/notas"), url.Values{"texto": {" "}}).want(422, "Field-error")
		w.post(w.enlace, at(c, "/notas"), url.Values{"texto": {strings.Repeat("ñ", cases.MaxReason+1)}}).want(422, "Field-error")
		w.post(w.ajena, at(c, "/notas"), url.Values{"texto": {"x"}}).want(403)
	})
}

func TestTheCasePageRunsABoundedNumberOfStatements(t *testing.T) {
	worlds(t, func(w *world) {
		c := w.ask(w.salud.ID)
		count := func() int64 {
			r := httptest.NewRequestWithContext(plaza.WithActor(w.Context(), w.enlace.Actor()), http.MethodGet, at(c, ""), nil)
			ctx, n := db.CountStatements(r.Context())
			if a := webtest.Do(w.shell, r.WithContext(ctx)); a.Code != 200 {
				w.Fatalf("status %d", a.Code)
			}
			return n.Load()
		}
		few := count()
		for range 12 {
			one := w.ask(w.salud.ID)
			w.send(w.enlace, at(one, "/responder"), "resultado", "explained", "texto", "Es la clave.", "hacer", "publicar").want(303)
			w.post(w.area, at(c, "/notas"), url.Values{"texto": {"x"}}).want(303)
			dbtest.Advance(w.db, time.Hour)
		}
		for _, p := range []account.Person{w.enlace, w.otra, w.area} {
			w.send(p, at(c, "/responder"), "texto", "Borrador.", "hacer", "guardar").want(303)
		}
		if many := count(); many > few+4 || many > 24 {
			w.Errorf("%d statements with little on it, %d with much", few, many)
		}
	})
}
