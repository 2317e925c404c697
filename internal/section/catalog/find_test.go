package catalog_test

import (
	"net/http"
	"testing"

	"plaza/internal/base/db"
	"plaza/internal/plaza"
	"plaza/internal/section/catalog"
)

func TestThePathOfAPageNamesWhatItShows(t *testing.T) {
	pages(t, func(w *world) {
		w.fill()
		var set catalog.Dataset
		if err := w.db.Read(w.Context(), func(tx *db.Tx) error {
			id, err := db.All(tx, db.Column[string], `SELECT dataset_id FROM resources ORDER BY id LIMIT 1`)
			if err != nil {
				return err
			}
			set, err = catalog.ByID(tx, id[0])
			return err
		}); err != nil {
			w.Fatal(err)
		}
		w.get(set.Path(), http.StatusOK)
		resource := plaza.Ref{Kind: catalog.KindResource, ID: set.Resources[0].ID}
		for path, want := range map[string]plaza.Ref{
			set.Path(): set.Ref(), set.Path() + "/": set.Ref(), set.ResourcePath(set.Resources[0]): resource,
			set.Path() + "/recursos/nada": {}, "/datos/nada": {}, "/datos": {}, "/": {}, "": {}, "/instituciones/" + set.Slug: {},
		} {
			err := w.db.Read(w.Context(), func(tx *db.Tx) error {
				got, err := catalog.Find(tx, path)
				if got != want || (err == nil) != (want != plaza.Ref{}) || err != nil && plaza.KindOf(err) != plaza.NotFound {
					w.Errorf("%q is %v (%v), want %v", path, got, err, want)
				}
				return nil
			})
			if err != nil {
				w.Fatal(err)
			}
		}
	})
}
