package site_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"plaza/internal/base/db"
	"plaza/internal/plaza"
	"plaza/internal/section/tool"
)

// editing is somebody at the editor of a tool of theirs, without scripts.
type editing struct {
	*visitor
	path string
}

// sends sends the editor's form as it is drawn now, with some fields filled in.
func (e *editing) sends(act string, typed url.Values) answer {
	e.Helper()
	values := fieldsOf(e.page(e.path).Find("form.js-workshop"))
	for name, list := range typed {
		values[name] = list
	}
	values.Set("hacer", act)
	return e.post(e.path, values)
}

// refused holds a refusal to its field, which keeps what was typed.
func (e *editing) refused(act string, typed url.Values, field, says string) {
	e.Helper()
	a := e.sends(act, typed)
	doc := a.doc(e.T)
	if said := doc.Find("#campo-" + field + "-error").Text(); a.status != http.StatusUnprocessableEntity || !strings.Contains(said, says) {
		e.Errorf("%s with %v is answered %d: %q at %s", act, typed, a.status, said, field)
	}
	if doc.Find("details:has(#campo-"+field+")").Length() > 0 && doc.Find("details[open]:has(#campo-"+field+")").Length() == 0 {
		e.Errorf("%s is folded away", field)
	}
	for name, list := range typed {
		at := doc.Find("[name=" + name + "]")
		if kept := at.AttrOr("value", at.Find("option[selected]").AttrOr("value", "")); kept != list[0] {
			e.Errorf("of %q in %s stays %q", list[0], name, kept)
		}
	}
}

// joinsTables joins two tables in the editor, with all that goes wrong on the way.
func joinsTables(t *testing.T, o *opened) {
	ids := map[string]string{}
	for _, file := range []string{"carpetas_alcaldia_delito_2020-02_03.csv", "censo2020_municipios.csv"} {
		o.read(t, func(tx *db.Tx) error {
			var id string
			err := tx.Row(`SELECT id FROM resources WHERE url LIKE '%/' || $1 AND removed_at IS NULL`, file).Scan(&id)
			ids[file[:5]] = id
			return err
		})
		if _, err := o.site.Explore.Want(t.Context(), ids[file[:5]]); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := o.site.Runner.Drain(t.Context()); err != nil {
		t.Fatal(err)
	}
	v := o.of(t, o.person(t, "Irma Une", plaza.Grant{Role: plaza.Moderator}))
	begun := v.post(tool.MinePath+"/nueva", url.Values{"recurso": {ids["carpe"]}, "hoja": {"1"}, "propuesta": {"0"}})
	if begun.status != http.StatusSeeOther {
		t.Fatalf("beginning is answered %d", begun.status)
	}
	e := &editing{v, begun.location}
	other := o.URL + "/recursos/" + ids["censo"]
	e.refused("unir", url.Values{"union_recurso": {"en ningún lado"}, "union_columnas": {"cvegeo"}}, "union_recurso", "dirección")
	e.refused("unir", url.Values{"union_recurso": {"0196fd2a-0000-7000-8000-000000000000"}}, "union_recurso", "no se puede abrir")
	e.refused("unir", url.Values{"union_recurso": {other}, "union_clave": {"alcaldia"}}, "union_columnas", "qué columnas")
	e.refused("unir", url.Values{"union_recurso": {other}, "union_columnas": {"cvegeo"}}, "union_clave", "Elija")
	e.refused("unir", url.Values{"union_recurso": {other}, "union_clave": {"alcaldia"}, "union_columnas": {"cvegeo"}}, "union_igual", "“alcaldia” no está")
	e.refused("unir", url.Values{"union_recurso": {other}, "union_clave": {"alcaldia"}, "union_igual": {"municipio"}, "union_columnas": {"cvegeo, nada"}}, "union_columnas", "nada")
	e.refused("unir", url.Values{"union_recurso": {other}, "union_clave": {"alcaldia"}, "union_igual": {"entidad"}, "union_columnas": {"poblacion"}}, "union_igual", "única")
	e.refused("control", url.Values{"control_tipo": {"dates"}, "control_columna": {"alcaldia"}}, "control_columna", "fechas")
	e.refused("ver", url.Values{"filtro_columna1": {"carpetas"}, "filtro_op1": {"min"}, "filtro_valor1": {"abc"}}, "filtro_valor1", "no es un número")
	if page := e.page(e.path); page.Find(".Workshop-source").Length() != 1 || page.Find("[name=filtro_valor1]").AttrOr("value", "") != "" {
		t.Error("what was refused is in the tool")
	}
	if a := e.sends("unir", url.Values{"union_recurso": {other}}); a.status != http.StatusSeeOther || e.page(e.path).Find(".Workshop-source").Length() != 2 {
		t.Errorf("another table by itself is answered %d", a.status)
	}
	// municipalities of one name are in several states, so that nothing can be joined by it
	e.refused("unir", url.Values{"union_recurso": {other}, "union_clave": {"alcaldia"}, "union_igual": {"municipio"}, "union_columnas": {"cvegeo"}}, "union_igual", "única")
	if a := e.sends("unir", url.Values{"union_recurso": {other}, "union_clave": {"carpetas"}, "union_igual": {"cvegeo"}, "union_columnas": {"poblacion"}}); a.status != http.StatusSeeOther {
		t.Errorf("a table joined by a key that is unique is answered %d", a.status)
	}
	if said := e.page(e.path).Find(".Workshop-source").Text(); !strings.Contains(said, "poblacion") {
		t.Errorf("of the join is said %q", said)
	}
}
