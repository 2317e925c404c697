package site_test

import (
	"strings"
	"testing"
	"time"

	"plaza/internal/base/db"
	"plaza/internal/base/db/dbtest"
	"plaza/internal/civic/follow"
	"plaza/internal/plaza"
	"plaza/internal/section/cases"
	"plaza/internal/section/catalog"
)

// hearsOfChanges has a file become another, and then go.
func hearsOfChanges(t *testing.T, r *opened) {
	const of = ` FROM resources WHERE url LIKE '%/covid_defunciones_entidad_2020-05-20.csv' AND removed_at IS NULL`
	id, dataset := r.value(t, `SELECT id`+of), r.value(t, `SELECT dataset_id`+of)
	page := "/datos/" + r.value(t, `SELECT slug FROM datasets WHERE id = $1`, dataset) + "/recursos/" + id
	open := func() {
		t.Helper()
		dbtest.Advance(r.site.DB, time.Minute)
		r.write(t, func(tx *db.Tx) error { return r.site.Explore.Retry(tx, id) })
		r.work(t)
	}
	open()
	loses := madeWith(t, r, id)
	madeByForms(t, r, id)
	fe := r.person(t, "Fe Lectora")
	r.by(t, fe.Actor(), func(tx *db.Tx) error {
		_, err := follow.Put(tx, plaza.Ref{Kind: catalog.KindDataset, ID: dataset}, follow.Choice{Often: follow.Now, InApp: true, ByMail: true})
		return err
	})
	olga := r.person(t, "Olga Avisa", plaza.Grant{Role: plaza.Moderator})
	c := r.report(t, olga, cases.Form{Kind: cases.Quality, Title: "Hay totales entre las filas", Body: "La última es una suma.", Language: "es", Nonce: "dos",
		On: cases.On{Ref: plaza.Ref{Kind: catalog.KindResource, ID: id}, Version: 1, Code: "t01"}})
	const mended = "La versión 2 del archivo ya no muestra este problema."
	if said := r.of(t, fe).text(c.Path()); strings.Contains(said, mended) || !strings.Contains(said, "Versión 1 del archivo") {
		t.Errorf("the case, while its version stands: %.1500s", said)
	}
	becomes := func(file string) {
		t.Helper()
		r.write(t, func(tx *db.Tx) error {
			_, err := tx.Exec(`UPDATE resources SET url = REPLACE(url, 'covid_defunciones_entidad_2020-05-20.csv', $1),
				record = REPLACE(record, 'covid_defunciones_entidad_2020-05-20.csv', $1) WHERE id = $2`, file, id)
			return err
		})
		open()
	}
	becomes("covid_claves.csv")
	loses()
	if said := r.of(t, fe).text(c.Path()); !strings.Contains(said, mended) {
		t.Errorf("the case, once a later version is mended: %.1500s", said)
	}
	head := r.page(t, page)
	size, about := head.Find(".PageHead-facts li").Eq(1).Text(), head.Find(".Explore-about p").First().Text()
	if size == "" || !strings.Contains(about, "Versión 2") || !strings.Contains(about, size) {
		t.Errorf("the head of the page says %q, and the version in sight %q", size, about)
	}
	if m := r.mailTo(t, fe); lacks(m, "cambió: +", " filas", page) != nil {
		t.Errorf("the mail: %.1500s", m)
	}
	if said := r.of(t, fe).text(follow.NoticesPath); !strings.Contains(said, "cambió: +") {
		t.Errorf("the notices: %s", said)
	}
	if said := r.of(t, fe).text(page + "?ver=versiones"); lacks(said, "Versión 2", "Vigente", "Versión 1", "Columnas") != nil {
		t.Errorf("the versions: %.1500s", said)
	}
	r.write(t, func(tx *db.Tx) error {
		_, err := tx.Exec(`UPDATE resources SET removed_at = $1 WHERE id = $2`, tx.Now, id)
		return err
	})
	if said := r.of(t, fe).text(page); lacks(said, "Última copia válida", "retiró este recurso", "Descargar la última copia válida") != nil {
		t.Errorf("what was withdrawn: %.1500s", said)
	}
}
