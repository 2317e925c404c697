package site_test

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"

	"plaza/internal/base/db"
	"plaza/internal/plaza"
	"plaza/internal/section/tool"
	"plaza/internal/section/tool/spec"
)

// madeWith publishes a tool that follows a resource with the columns fecha_defuncion and
// mujeres, and looks at what programs read of it. What it returns holds the tool to a file
// that has neither any more.
func madeWith(t *testing.T, r *opened, resource string) (loses func()) {
	t.Helper()
	ana := r.person(t, "Ana Dibuja", plaza.Grant{Role: plaza.Moderator}) // what she publishes does not wait
	var d tool.Draft
	r.by(t, ana.Actor(), func(tx *db.Tx) (err error) {
		d, err = r.site.Tools.Create(tx, tool.Beginning{Document: tool.Document{Spec: &spec.Spec{Schema: spec.Schema, Title: "Defunciones por mes", Language: "es",
			Sources: []spec.Source{{Name: "datos", Resource: resource}},
			Views: []spec.View{{Name: "uno", Source: "datos", Mark: spec.Line, Encoding: spec.Encoding{
				X: spec.Channel{Field: "fecha_defuncion", TimeUnit: "yearmonth"}, Y: spec.Channel{Field: "mujeres", Aggregate: "sum"}}}}}}})
		return err
	})
	ctx := plaza.WithActor(t.Context(), ana.Actor())
	wrong := *d.Document.Spec
	wrong.Views = []spec.View{wrong.Views[0]}
	wrong.Views[0].Encoding.Y.Field = "no_hay"
	r.by(t, ana.Actor(), func(tx *db.Tx) (err error) {
		d, err = r.site.Tools.Save(tx, d.Tool.ID, d.Revision, tool.Document{Spec: &wrong})
		return err
	})
	if _, err := r.site.Tools.Publish(ctx, tool.Publication{Tool: d.Tool.ID, Revision: d.Revision}); plaza.KindOf(err) != plaza.Invalid {
		t.Errorf("a column that there is not was published: %v", err)
	}
	r.by(t, ana.Actor(), func(tx *db.Tx) (err error) { d, err = r.site.Tools.Undo(tx, d.Tool.ID, d.Revision); return err })
	made, err := r.site.Tools.Publish(ctx, tool.Publication{Tool: d.Tool.ID, Revision: d.Revision})
	if err != nil {
		t.Fatal(err)
	}
	r.work(t) // it is drawn
	address := "/api/v1/tools/" + made.ID + "/views/uno/data"
	var data struct {
		Rows   []map[string]any `json:"rows"`
		Stamps []struct {
			Resource string `json:"resource"`
			Version  int    `json:"version"`
		} `json:"stamps"`
	}
	a := r.newcomer(t).get(address)
	if err := json.Unmarshal([]byte(a.body), &data); err != nil || a.status != http.StatusOK || len(data.Rows) == 0 || len(data.Stamps) != 1 || data.Stamps[0].Resource != resource {
		t.Errorf("what it shows: %d, %v, %.500s", a.status, err, a.body)
	}
	if csv := r.newcomer(t).get(address + "?format=csv"); len(strings.Split(strings.TrimSpace(csv.body), "\n")) != len(data.Rows)+1 {
		t.Errorf("as CSV, of %d rows: %.500s", len(data.Rows), csv.body)
	}
	return func() {
		t.Helper()
		r.work(t)
		if err := r.site.Tools.Watch(t.Context()); err != nil {
			t.Fatal(err)
		}
		var now tool.Tool
		r.by(t, ana.Actor(), func(tx *db.Tx) (err error) { now, err = tool.ByID(tx, made.ID); return err })
		if now.Alive() || len(now.Losses) != 2 {
			t.Errorf("without its columns: %+v", now.Losses)
		}
		r.work(t) // it is drawn again, as far as that goes
		page := r.newcomer(t).page(made.Path())
		if n := page.Find(".Notice--warning, .View-fault").Length(); n != 1 || page.Find(".View .Scene").Length() == 0 || page.Find(".View-past").Length() != 1 || page.Find(".View tbody tr").Length() != len(data.Rows) {
			t.Errorf("it warns %d times, and shows %.1500s", n, page.Find(".Tool").Text())
		}
		if page.Find(".View-files a, .Notice a").Length() > 0 {
			t.Error("what was is offered as what is, or its repair to anybody")
		}
		owners := r.of(t, ana).page(made.Path())
		if href := owners.Find(".Notice--warning a").AttrOr("href", ""); href != made.EditPath() {
			t.Errorf("its owner is led to %q to repair it", href)
		}
	}
}
