package site_test

import (
	"net/http"
	"strings"
	"testing"

	"plaza/internal/base/db"
	"plaza/internal/plaza"
	"plaza/internal/section/tool"
	"plaza/internal/section/tool/spec"
)

// drawsTheColumn publishes a tool of the column with the canary, has it drawn, and gives what
// is to be looked at once the column is hidden, and once its author took the tool back.
func drawsTheColumn(t *testing.T, o *opened) (hidden, withdrawn func()) {
	t.Helper()
	ana := o.person(t, "Ana Retrata", plaza.Grant{Role: plaza.Moderator})
	by := spec.Channel{Field: o.column}
	count := spec.Channel{Aggregate: "count"}
	var d tool.Draft
	o.by(t, ana.Actor(), func(tx *db.Tx) (err error) {
		d, err = o.site.Tools.Create(tx, tool.Beginning{Document: tool.Document{Spec: &spec.Spec{Schema: spec.Schema, Title: "Retrato", Language: "es",
			Sources: []spec.Source{{Name: "datos", Resource: o.res.ID}},
			Views:   []spec.View{{Name: "uno", Source: "datos", Mark: spec.Bar, Encoding: spec.Encoding{Y: by, X: count}}}}}})
		return err
	})
	made, err := o.site.Tools.Publish(plaza.WithActor(t.Context(), ana.Actor()), tool.Publication{Tool: d.Tool.ID, Revision: d.Revision})
	if err != nil {
		t.Fatal(err)
	}
	small := made.Path() + "/miniatura.png"
	if a := o.newcomer(t).get(small); a.status != http.StatusOK || a.header.Get("Cache-Control") != "no-store" {
		t.Errorf("a thumbnail that is not drawn: %d, %q", a.status, a.header.Get("Cache-Control"))
	}
	o.work(t)
	files := []string{made.Path() + "/vistas/uno/grafica.svg", made.Path() + "/vistas/uno/grafica.svg?tema=oscuro", made.Path() + "/vistas/uno/datos.csv", made.Path() + "/vistas/uno/datos.json", made.Path()}
	for _, path := range files {
		if a := o.newcomer(t).get(path); a.status != http.StatusOK || !strings.Contains(a.body, o.canary) {
			t.Errorf("%s before: %d, %.300s", path, a.status, a.body)
		}
	}
	if a := o.newcomer(t).get(small); a.status != http.StatusOK || a.header.Get("Cache-Control") == "no-store" || a.header.Get("Etag") == "" {
		t.Errorf("its thumbnail: %d, %v", a.status, a.header)
	}
	if image, _ := o.page(t, made.Path()).Find(`meta[property="og:image"]`).Attr("content"); !strings.HasPrefix(image, "http") || !strings.HasSuffix(image, made.Path()+"/vistas/uno/grafica.png") {
		t.Errorf("its picture for previews is %q", image)
	}
	ask, _ := o.page(t, made.Path()).Find(`a[href*="clase=reuse"]`).Attr("href")
	if got, _ := o.page(t, ask).Find(`input[name="objeto"]`).Attr("value"); got != made.Ref().String() {
		t.Errorf("a problem is reported at %q, of %q", ask, got)
	}
	hidden = func() {
		t.Helper()
		for range 2 { // before and after it is drawn again
			for _, path := range files {
				if a := o.newcomer(t).get(path); strings.Contains(a.body, o.canary) {
					t.Errorf("%s shows what is hidden", path)
				}
			}
			if a := o.newcomer(t).get(small); a.header.Get("Cache-Control") != "no-store" {
				t.Errorf("the thumbnail is that of hidden data: %v", a.header)
			}
			o.work(t)
		}
	}
	withdrawn = func() {
		t.Helper()
		o.by(t, ana.Actor(), func(tx *db.Tx) error { _, err := o.site.Tools.Withdraw(tx, made.ID, "Ya no."); return err })
		if err := o.watch.Refresh(t.Context()); err != nil {
			t.Fatal(err)
		}
		for _, path := range append(files, small, made.Path()+"/vistas/uno/grafica.png") {
			if a := o.newcomer(t).get(path); a.status != http.StatusNotFound {
				t.Errorf("%s of a tool that was taken back: %d", path, a.status)
			}
		}
	}
	return hidden, withdrawn
}
