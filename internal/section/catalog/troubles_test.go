package catalog_test

import (
	"slices"
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

func TestResourcesOfAnInstitutionAreListedWithWhatTheyAreCalled(t *testing.T) {
	pages(t, func(w *world) {
		w.fill()
		w.apply(w.salud.ID, camas(), vacunas(), dcat.Record{SourceKey: "nuevo", Title: "Lo nuevo", Publisher: dcat.Publisher{Key: "ssa", Name: "Secretaría de Salud"},
			Resources: []dcat.Resource{
				{SourceKey: "a", Title: "Con título", Format: "CSV", DownloadURL: "https://datos.salud.example/a.csv", ByteSize: -1},
				{SourceKey: "b", Format: "CSV", DownloadURL: "https://datos.salud.example/b.csv", ByteSize: -1, Position: 1},
			}})
		first, _ := w.resource("lo-nuevo", 0)
		second, _ := w.resource("lo-nuevo", 1)
		if err := w.db.Read(t.Context(), func(tx *db.Tx) error {
			d, err := catalog.BySlug(tx, "lo-nuevo")
			if err != nil {
				return err
			}
			ids, titles, err := catalog.ResourcesOf(tx, d.InstitutionID, 50)
			at := slices.Index(ids, first)
			if at < 0 || slices.Index(ids, second) != at+1 || titles[first] != "Con título" || titles[second] != "Lo nuevo" {
				t.Errorf("listed: %v %v", ids, titles)
			}
			return err
		}); err != nil {
			t.Fatal(err)
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
