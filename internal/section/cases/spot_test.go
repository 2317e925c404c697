package cases_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"plaza/internal/base/db"
	"plaza/internal/base/db/dbtest"
	"plaza/internal/plaza"
	"plaza/internal/section/cases"
)

// pointed is the address of the form for a report about a place.
func pointed(change ...string) string {
	v := url.Values{"clase": {"quality"}, "objeto": {"resource:" + fileID}, "titulo": {"Precio imposible"}, "texto": {"Hay un precio de -1."}, "columna": {"precio"}, "fila": {"12"},
		"version": {"3"}, "vista": {"hoja=2&precio.lt=0"}, "problema": {"m33"}}
	for i := 0; i+1 < len(change); i += 2 {
		v.Set(change[i], change[i+1])
	}
	return "/consultas/nueva?" + v.Encode()
}

func TestAReportCarriesTheVeryPlaceInTheFileThatItIsAbout(t *testing.T) {
	asking(t, func(w *asked) {
		w.cases.Spot = func(_ *db.Tx, on cases.On) (cases.Spot, error) {
			return cases.Spot{Path: "/datos/camas/recursos/1/filas/" + on.Row + "?version=3"}, nil
		}
		doc := w.doc(w.get(w.ana, pointed()), http.StatusOK)
		w.says(doc, "Versión 3 del archivo, columna precio, fila 12", "Hay un precio de -1.")
		if to, _ := doc.Find(`main p a[rel=nofollow]`).Attr("href"); to != "/datos/camas/recursos/1/filas/12?version=3" {
			t.Errorf("the place leads to %q", to)
		}
		dbtest.Advance(w.db, time.Minute)
		w.leads(w.post(w.ana, cases.AskPath, drawn(doc)))
		all := w.all()
		want := cases.On{Ref: plaza.Ref{Kind: "resource", ID: fileID}, Dataset: setID, Column: "precio", Row: "12", Version: 3, View: "hoja=2&precio.lt=0", Code: "m33"}
		if len(all) != 1 || all[0].Kind != cases.Quality || all[0].Title != "Precio imposible" {
			t.Fatalf("%+v", all)
		}
		if on := all[0].On; on.Ref != want.Ref || on.Dataset != want.Dataset || on.Column != want.Column || on.Row != want.Row || on.Version != want.Version || on.View != want.View || on.Code != want.Code {
			t.Errorf("%+v, want %+v", on, want)
		}
		w.read(func(tx *db.Tx) error {
			at, err := cases.AtPlaces(tx, want.Ref)
			if len(at) != 1 || at[0].Column != "precio" || at[0].Row != "12" || !at[0].Owed || at[0].Path != all[0].Path() {
				t.Errorf("%+v", at)
			}
			return err
		})
		doc = w.doc(w.get(w.ana, strings.Replace(pointed(), "clase=quality", "clase=question", 1)), http.StatusOK) // a question has no field for it
		dbtest.Advance(w.db, time.Minute)
		w.leads(w.post(w.ana, cases.AskPath, drawn(doc)))
		if all := w.all(); len(all) != 2 || all[1].On.Column != "precio" || all[1].On.Version != 3 {
			t.Errorf("%+v", all)
		}
	})
}

func TestWhatCannotBeAPlaceIsLeftOut(t *testing.T) {
	asking(t, func(w *asked) {
		for name, change := range map[string][]string{
			"personal data is no public case": {"problema", "p01"}, "no code": {"problema", "<b>"}, "no version": {"version", "tres"}, "below": {"version", "-1"}, "beyond": {"version", "99999999"},
			"no query": {"vista", "a=%zz;"}, "too long": {"vista", strings.Repeat("a", 3000)},
		} {
			doc := w.doc(w.get(w.ana, pointed(change...)), http.StatusOK)
			field := change[0]
			if doc.Find("input[type=hidden][name="+field+"]").Length() != 0 {
				t.Errorf("%s: kept", name)
			}
		}
	})
}

func TestTheCaseLeadsBackToThePlaceAndSaysThatALaterVersionMendedIt(t *testing.T) {
	pagedWorlds(t, func(w *paged) {
		w.mount(func(cfg *cases.Config) {
			cfg.Spot = func(_ *db.Tx, on cases.On) (cases.Spot, error) {
				return cases.Spot{Path: "/datos/camas/recursos/1?columna=" + on.Column + "&version=3", Mended: 4}, nil
			}
		})
		f := w.form()
		f.Kind, f.On = cases.Quality, cases.On{Ref: set, Column: "precio", Version: 3, Code: "m33"}
		c := w.ask(w.ana, f)
		doc := w.page(visitor, c.Path())
		said := squeeze(doc.Find("main").Text())
		for _, want := range []string{"Versión 3 del archivo, columna precio", "La versión 4 del archivo ya no muestra este problema."} {
			if !strings.Contains(said, want) {
				t.Errorf("the page does not say %q: %s", want, said)
			}
		}
		if doc.Find(`a[href="/datos/camas/recursos/1?columna=precio&version=3"]`).Length() != 1 {
			t.Error("the page does not lead back")
		}
	})
}
