package catalog_test

import (
	"strings"
	"testing"

	"plaza/internal/base/db"
	"plaza/internal/section/catalog"
	"plaza/internal/section/catalog/dcat"
)

func TestWhatTheCatalogueKnowsOfAFileIsToldOfItsResource(t *testing.T) {
	pages(t, func(w *world) {
		w.fill()
		w.apply(w.salud.ID, camas(), vacunas(), dcat.Record{SourceKey: "problemas", Title: "Con problemas", Modified: "2020-01-01", AccrualPeriodicity: "R/P1M",
			Publisher: dcat.Publisher{Key: "ssa", Name: "Secretaría de Salud"}, Resources: []dcat.Resource{
				{SourceKey: "a", Title: "Acentos", Format: "CSV", DownloadURL: "https://datos.salud.example/cami%C3%B3n.csv", ByteSize: -1},
				{SourceKey: "b", Title: "Otra vez", Format: "CSV", DownloadURL: "https://datos.salud.example/camas.csv", Description: "Las camas.", ByteSize: -1, Position: 1},
			}})
		for _, c := range []struct {
			slug string
			at   int
			want string
		}{
			{"con-problemas", 0, "i11 u22 f01"},
			{"con-problemas", 1, "c42 f01"},
			{"camas-de-hospital-por-entidad", 0, "c42 u22"},
			{"camas-de-hospital-por-entidad", 1, "u22"},
		} {
			id, _ := w.resource(c.slug, c.at)
			if got := w.troubles(id); got != c.want {
				t.Errorf("resource %d of %s: %q, want %q", c.at, c.slug, got, c.want)
			}
		}
		if got := w.troubles("none"); got != "" {
			t.Errorf("a resource that there is not: %q", got)
		}
	})
}

// troubles are the codes of what is wrong with a resource.
func (w *world) troubles(id string) string {
	w.Helper()
	var codes []string
	if err := w.db.Read(w.Context(), func(tx *db.Tx) error {
		list, err := catalog.Troubles(tx, id)
		for _, p := range list {
			codes = append(codes, p.Code)
		}
		return err
	}); err != nil {
		w.Fatal(err)
	}
	return strings.Join(codes, " ")
}
