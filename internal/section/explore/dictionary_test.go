package explore_test

import (
	"slices"
	"testing"
	"time"

	"plaza/internal/base/db"
	"plaza/internal/base/tabular"
	"plaza/internal/section/explore"
)

// dicts are what a data dictionary says, as its publisher wrote it.
const dicts = "archivo,NOMBRE DE VARIABLE,Descripción de variable\ncamas.csv,Precio,Lo que cuesta\notro.csv,clave,De otro archivo\n,CLAVE,Con qué se pide\n"

func TestADataDictionaryExplainsTheColumnsOfItsDataset(t *testing.T) {
	worlds(t, func(w *world) {
		const dictionary = "33333333-3333-7333-8333-333333333333"
		of := w.resource
		w.siblings = []string{camas, dictionary}
		w.server.set(small)
		w.want()
		w.drain()
		w.resource.URL = of.URL + "/camas.csv"
		notes := func() (out []string) {
			v, err := w.explore.Open(t.Context(), camas, 0)
			if err != nil {
				w.Fatal(err)
			}
			defer v.Close()
			for _, c := range v.Profile.Tables[0].Columns {
				out = append(out, c.Note)
			}
			return out
		}
		if got := notes(); !slices.Equal(got, []string{"", ""}) {
			w.Errorf("without a dictionary: %q", got)
		}
		open := func(body string) {
			w.server.set(body)
			w.resource.Describes = true
			w.As(w.Enlace, func(tx *db.Tx) error { return w.explore.Retry(tx, dictionary) })
			before := len(w.indexed)
			w.drain()
			if n := len(w.indexed) - before; n != 2 { // its own version, and the other file's
				w.Errorf("indexed %d times", n)
			}
		}
		open(dicts)
		if got := notes(); !slices.Equal(got, []string{"Con qué se pide", "Lo que cuesta"}) {
			w.Errorf("with a dictionary: %q", got)
		}
		open("variable,definicion\nprecio,En pesos\n")
		if got := notes(); !slices.Equal(got, []string{"", "En pesos"}) {
			w.Errorf("with another: %q", got)
		}
		for _, decide := range []func(*db.Tx, string, string, string) error{w.explore.Withhold, w.explore.Release} {
			before := len(w.indexed)
			w.As(w.Enlace, func(tx *db.Tx) error { return decide(tx, dictionary, "definicion", "Se revisa.") })
			if w.drain(); len(w.indexed)-before != 2 { // at once, and the other file's by a job
				w.Errorf("a column of the dictionary: indexed %d times", len(w.indexed)-before)
			}
		}
		before := len(w.indexed)
		w.As(w.Enlace, func(tx *db.Tx) error {
			_, err := w.explore.Report(tx, dictionary, tx.Now)
			return err
		})
		if w.drain(); len(w.indexed)-before != 1 {
			w.Errorf("the dictionary is withheld elsewhere: indexed %d times", len(w.indexed)-before)
		}
		w.resource.Withheld = time.Time{}
		w.resource.Gone = true
		if got := notes(); !slices.Equal(got, []string{"", ""}) {
			w.Errorf("of a dictionary that is gone: %q", got)
		}
		w.resource.Gone = false
		n, err := w.explore.Reindex(t.Context())
		if err != nil || n != 2 {
			w.Errorf("indexed %d anew: %v", n, err)
		}
	})
}

func TestOwnWordsOfAColumnStay(t *testing.T) {
	p := tabular.Profile{Tables: []tabular.Table{{Columns: []tabular.Column{{Name: "a", Note: "suyas"}, {Name: "b", Label: "Clave única"}}}}}
	got := explore.Explain(p, map[string]string{"a": "otras", "clave unica": "de la etiqueta"}).Tables[0].Columns
	if got[0].Note != "suyas" || got[1].Note != "de la etiqueta" || p.Tables[0].Columns[1].Note != "" {
		t.Errorf("notes: %q, %q; before: %q", got[0].Note, got[1].Note, p.Tables[0].Columns[1].Note)
	}
}
