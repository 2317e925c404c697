package site_test

import (
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/PuerkitoBio/goquery"

	"plaza/internal/base/db"
	"plaza/internal/civic/account"
	"plaza/internal/plaza"
	"plaza/internal/section/tool"
	"plaza/internal/section/tool/spec"
)

// tooled makes a tool that everybody sees, and a working copy that is Ana's alone.
func (r *routed) tooled(t *testing.T, th *things) {
	t.Helper()
	mara := r.person(t, "Mara Dibuja", plaza.Grant{Role: plaza.Moderator}) // what she publishes does not wait
	d := r.begun(t, mara, th.known["resource"])
	made, err := r.site.Tools.Publish(plaza.WithActor(t.Context(), mara.Actor()), tool.Publication{Tool: d.Tool.ID, Revision: d.Revision})
	if err != nil {
		t.Fatal(err)
	}
	th.known["tool"], th.known["view"] = made.Slug, "uno"
	th.known[tool.Path+"/{tool}/vistas/{view}/{file} file"] = "grafica.svg"
	th.works(r.begun(t, th.ana, th.known["resource"]))
}

// works has the pages of the workshop show a working copy.
func (th *things) works(d tool.Draft) {
	for _, page := range []string{"", "/documento", "/publicar", "/retirar"} {
		th.known[tool.MinePath+"/{tool}"+page+" tool"] = d.Tool.ID
	}
}

// begun is a working copy of somebody's that counts the rows of a resource, and shows them.
func (r *routed) begun(t *testing.T, who account.Person, resource string) (d tool.Draft) {
	t.Helper()
	shape, err := r.site.Explore.Open(t.Context(), resource, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer shape.Close()
	column := shape.Profile.Tables[0].Columns[0].Name
	r.by(t, who.Actor(), func(tx *db.Tx) (err error) {
		d, err = r.site.Tools.Create(tx, tool.Beginning{Document: tool.Document{Spec: &spec.Spec{Schema: spec.Schema, Title: "Cuántas filas", Language: "es",
			Sources: []spec.Source{{Name: "datos", Resource: resource}},
			Views: []spec.View{
				{Name: "uno", Source: "datos", Mark: spec.Bar, Encoding: spec.Encoding{X: spec.Channel{Aggregate: "count"}, Y: spec.Channel{Field: column}}},
				{Name: "dos", Source: "datos", Mark: spec.Table}},
			Controls: []spec.Control{{Kind: "search"}}}}})
		return err
	})
	return d
}

// TestNoInputBreaksTheWorkshop presses every button of the editor, of each kind of view, with
// what no field is made for in all of its fields and in one after another.
func TestNoInputBreaksTheWorkshop(t *testing.T) {
	r := serve(t)
	th := r.things(t)
	alba := r.person(t, "Alba Dibuja", plaza.Grant{Role: plaza.Admin}, plaza.Grant{Role: plaza.Liaison, Institution: th.body.ID})
	v := r.of(t, alba)
	edit := r.begun(t, alba, th.known["resource"]).Tool.EditPath()
	kinds := v.page(edit).Find("button.Kind").Map(func(_ int, b *goquery.Selection) string { return b.AttrOr("value", "") })
	if len(kinds) < 10 {
		t.Fatalf("the kinds are %q", kinds)
	}
	sent := 0
	for n, kind := range kinds {
		page := v.page(edit)
		if a := v.post(edit, url.Values{"revision": {page.Find("input[name=revision]").AttrOr("value", "")}, "hacer": {kind}}); a.status != http.StatusSeeOther && a.status != http.StatusUnprocessableEntity {
			t.Errorf("%s: %d", kind, a.status)
		}
		page = v.page(edit)
		drawn := fieldsOf(page.Find("form.js-workshop"))
		acts := page.Find("form.js-workshop button[name=hacer]").Map(func(_ int, b *goquery.Selection) string { return b.AttrOr("value", "") })
		try := func(act string, bad url.Values) {
			sent++
			values := url.Values{}
			for name, list := range drawn {
				values[name] = list
			}
			for name, list := range bad {
				values[name] = list
			}
			values["hacer"], values["revision"], values["vista"] = []string{act}, []string{v.page(edit).Find("input[name=revision]").AttrOr("value", "")}, drawn["vista"]
			survives(t, fmt.Sprintf("%s, then %s with %.300q", kind, act, bad), v.post(edit, values))
		}
		at := 0
		for name := range drawn {
			try("ver", url.Values{name: {bad[(at+n)%len(bad)].value}})
			at++
		}
		for i, act := range append(acts, "tipo:"+bad[n%len(bad)].value, "sin_control:-1", "sin_control:"+strings.Repeat("9", 40), "sin_fuente:nada", "nada") {
			if act == "borrar" || strings.HasPrefix(act, "tipo:") && i != n {
				continue
			}
			all := url.Values{}
			for name := range drawn {
				all[name] = []string{bad[(len(name)+i+n)%len(bad)].value}
			}
			try(act, all)
		}
		survives(t, "the editor of "+kind, v.get(edit))
		survives(t, "publishing "+kind, v.get(edit+"/publicar"))
	}
	if sent < 300 {
		t.Errorf("only %d requests", sent)
	}
	for _, query := range []string{"?recurso=" + th.known["resource"] + "&hoja=-1&version=99999", "?recurso=%00", "?base=%00&recurso=x", "?q=%ff%00", "?recurso=" + th.known["resource"] + "&filtro=%ff&f.no%00hay=1"} {
		survives(t, "beginning with "+query, v.get("/mi/herramientas/nueva"+query))
	}
	for _, query := range []string{"?f.no_hay=1", "?f.%00=%00", "?lugar=zz", "?buscar=%ff%00", "?tipo=%00&tema=%ff&lugar=99&orden=x&desde=zz", "?vista=nada&tema=%00&lang=xx", "?f.x.min=" + strings.Repeat("9", 400), "?" + strings.Repeat("f.a=1&", 2000)} {
		for _, path := range []string{tool.Path, tool.Path + "/" + th.known["tool"], tool.Path + "/" + th.known["tool"] + "/vistas/uno", tool.Path + "/" + th.known["tool"] + "/vistas/uno/datos.csv", "/embed" + tool.Path + "/" + th.known["tool"]} {
			survives(t, fmt.Sprintf("%s%.40s", path, query), v.get(path+query))
		}
	}
}
