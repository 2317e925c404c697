package harvest_test

import (
	"testing"

	"plaza/internal/base/db"
	"plaza/internal/base/db/dbtest"
	"plaza/internal/civic/institution"
	"plaza/internal/plaza"
	"plaza/internal/section/catalog"
	"plaza/internal/section/catalog/dcat"
	"plaza/internal/section/catalog/harvest"
)

func TestWhatIsSaidOfADatasetGoesWhereTheDatasetGoes(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		p := newPortal(t)
		p.set(pkgs(2))
		w := newWorld(t, d, dcat.CKAN, p.URL)
		w.harvest()
		set := w.dataset("camas-de-hospital-0")
		if len(set.Resources) == 0 {
			t.Fatal("the dataset has no resources")
		}
		said := map[string]plaza.Ref{"a": set.Ref(), "b": {Kind: catalog.KindResource, ID: set.Resources[0].ID}, "c": w.dataset("camas-de-hospital-1").Ref()}
		var first, second institution.Institution
		w.write(func(tx *db.Tx) (err error) {
			for id, on := range said {
				if _, err := tx.Exec(`INSERT INTO comments (id, nonce, on_kind, on_id, institution, body, version, state, attention, said_at, published_at)
					VALUES ($1, $1, $2, $3, '', 'algo', 1, 'public', 'open', $4, $4)`, id, on.Kind, on.ID, tx.Now); err != nil {
					return err
				}
			}
			if first, err = institution.Put(tx, institution.Institution{Name: "Salubridad", Type: "federal"}); err != nil {
				return err
			}
			second, err = institution.Put(tx, institution.Institution{Name: "Hospitales de Todos", Type: "federal"})
			return err
		})
		at := func(id string) (body, from string) {
			w.read(func(tx *db.Tx) error {
				return tx.Row(`SELECT institution, moved_from FROM comments WHERE id = $1`, id).Scan(&body, &from)
			})
			return body, from
		}
		w.write(func(tx *db.Tx) error {
			_, err := harvest.PutRule(tx, harvest.Rule{Match: "Secretaría de Salud", InstitutionID: first.ID})
			return err
		})
		for id := range said {
			if body, from := at(id); body != first.ID || from != "" {
				t.Errorf("by a rule %s went to %q from %q", id, body, from)
			}
		}
		all := pkgs(2) // the portal itself says that another publishes the first
		all[0]["organization"] = map[string]any{"name": "hospitales", "title": "Hospitales de Todos"}
		p.set(all)
		w.harvest()
		if got := w.dataset("camas-de-hospital-0"); got.InstitutionID != second.ID {
			t.Fatalf("the dataset is at %q", got.InstitutionID)
		}
		for id, want := range map[string]string{"a": second.ID, "b": second.ID, "c": first.ID} {
			if body, _ := at(id); body != want {
				t.Errorf("by a reading %s went to %q, want %q", id, body, want)
			}
		}
		w.verifyRecord()
	})
}
