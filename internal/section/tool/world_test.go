package tool_test

import (
	"context"
	"encoding/json"
	"slices"
	"strings"
	"testing"
	"time"

	"plaza/internal/base/db"
	"plaza/internal/base/db/dbtest"
	"plaza/internal/civic/account"
	"plaza/internal/civic/gate"
	"plaza/internal/civic/institution/institutiontest"
	"plaza/internal/civic/moderation"
	"plaza/internal/civic/record"
	"plaza/internal/plaza"
	"plaza/internal/section/tool"
	"plaza/internal/section/tool/spec"
)

// Ids of what the catalogue has in these tests.
const (
	gasoline = "01980000-0000-7000-8000-00000000000a" // a resource of prices
	places   = "01980000-0000-7000-8000-00000000000b" // a resource of another dataset
	prices   = "01980000-0000-7000-8000-0000000000d1" // the dataset of gasoline
	census   = "01980000-0000-7000-8000-0000000000d2" // that of places
)

// world is an installation with tools, two institutions and some people.
type world struct {
	*institutiontest.World
	db     *db.DB
	tools  *tool.Tools
	bob    account.Person // a member
	comms  account.Person // communications of Salud
	mod    account.Person // moderator of the platform
	shapes map[string][]tool.Shape
	wrong  error  // what is wrong with documents
	hold   string // a word that makes what it stands in wait
	held   []plaza.Ref
}

// Screen implements moderation.Screener.
func (w *world) Screen(_ *db.Tx, d moderation.Draft) (moderation.Verdict, error) {
	return moderation.Verdict{Hold: w.hold != "" && strings.Contains(d.Text, w.hold)}, nil
}

// Hold implements moderation.Screener.
func (w *world) Hold(_ *db.Tx, ref plaza.Ref, _ string, _ moderation.Verdict) error {
	w.held = append(w.held, ref)
	return nil
}

func worlds(t *testing.T, f func(w *world)) {
	t.Helper()
	dbtest.Each(t, func(t *testing.T, d *db.DB) { f(newWorld(t, d)) })
}

func newWorld(t *testing.T, d *db.DB) *world {
	t.Helper()
	w := &world{World: institutiontest.New(t, d), db: d}
	w.Populate()
	w.bob = w.Person("bob@ejemplo.mx", "Beto Base", "", "")
	w.comms = w.Person("comms@ejemplo.mx", "Carla Comunica", plaza.Communications, w.Salud.ID)
	w.mod = w.Person("mod@ejemplo.mx", "Moi Modera", plaza.Moderator, "")
	dbtest.Advance(d, 48*time.Hour)
	w.shapes = map[string][]tool.Shape{
		gasoline: {table(1, "fecha:date", "producto:text", "precio:decimal", "estado:code")},
		places:   {table(1, "cve_ent:code", "viviendas:integer")},
	}
	w.tools = tool.New(tool.Deps{DB: d, Gate: gate.New([]byte("una clave de prueba, de 32 bytes")), Screen: w,
		Lineage: w.lineage, Shape: w.shape, Check: func(context.Context, spec.Spec) error { return w.wrong }})
	return w
}

// table is a file with one table, its columns written "name:type".
func table(version int, columns ...string) tool.Shape {
	var t tool.Table
	for _, c := range columns {
		name, kind, _ := strings.Cut(c, ":")
		t.Columns = append(t.Columns, tool.Column{Name: name, Type: kind})
	}
	return tool.Shape{Version: version, Tables: []tool.Table{t}}
}

func (w *world) lineage(_ *db.Tx, refs []plaza.Ref) (map[plaza.Ref]tool.Origin, error) {
	all := map[string]tool.Origin{
		gasoline: {Dataset: prices, Title: "Precios de gasolina", Institution: w.Lerma.ID, Themes: []string{"Energía"}, Places: []string{"09"}},
		places:   {Dataset: census, Title: "Censo", Institution: w.Salud.ID, Themes: []string{"Población"}},
		prices:   {Dataset: prices, Title: "Precios de gasolina", Institution: w.Lerma.ID, Themes: []string{"Energía"}},
	}
	out := map[plaza.Ref]tool.Origin{}
	for _, r := range refs {
		if o, ok := all[r.ID]; ok {
			out[r] = o
		}
	}
	return out, nil
}

func (w *world) shape(_ context.Context, resource string, version int) (tool.Shape, error) {
	list := w.shapes[resource]
	if version == 0 {
		version = len(list)
	}
	if version < 1 || version > len(list) {
		return tool.Shape{}, plaza.E(plaza.NotFound, "")
	}
	return list[version-1], nil
}

// line is a tool of prices by date, joined to places.
func line(title string) tool.Document {
	return tool.Document{Spec: &spec.Spec{Schema: spec.Schema, Title: title, Language: "es", Summary: "Cuánto cuesta",
		Sources: []spec.Source{
			{Name: "precios", Resource: gasoline, Filter: "f.producto=regular&f.fecha.min=2022-01-01",
				Lookup: []spec.Lookup{{Key: "estado", From: "censo", Equals: "cve_ent", Fields: []string{"viviendas"}}}},
			{Name: "censo", Resource: places},
		},
		Views: []spec.View{{Name: "uno", Source: "precios", Mark: spec.Line, Per: "censo.viviendas",
			Encoding: spec.Encoding{X: spec.Channel{Field: "fecha", TimeUnit: "yearmonth"}, Y: spec.Channel{Field: "precio", Aggregate: "mean"}}}},
		Controls: []spec.Control{{Kind: "list", Field: "producto"}},
	}}
}

// outside is a tool elsewhere.
func outside() tool.Document {
	return tool.Document{External: &tool.External{Title: "Mapa de precios", Language: "es", URL: "https://mapas.ejemplo.mx/precios", Datasets: []string{prices}}}
}

// begin makes a draft as a person.
func (w *world) begin(p account.Person, d tool.Document) (out tool.Draft) {
	w.Helper()
	w.As(p, func(tx *db.Tx) (err error) {
		out, err = w.tools.Create(tx, tool.Beginning{Document: d})
		return err
	})
	return out
}

// publish publishes a working copy as a person and returns what came of it.
func (w *world) publish(p account.Person, d tool.Draft) (tool.Tool, error) {
	w.Helper()
	dbtest.Advance(w.db, time.Minute)
	return w.tools.Publish(plaza.WithActor(w.Context(), p.Actor()), tool.Publication{Tool: d.Tool.ID, Revision: d.Revision, Note: "Una nota."})
}

// published makes a tool and publishes it.
func (w *world) published(p account.Person, doc tool.Document) tool.Tool {
	w.Helper()
	t, err := w.publish(p, w.begin(p, doc))
	if err != nil {
		w.Fatal(err)
	}
	return t
}

// opened is the working copy of a tool, as its owner sees it.
func (w *world) opened(p account.Person, id string) (d tool.Draft) {
	w.Helper()
	w.As(p, func(tx *db.Tx) (err error) { d, err = w.tools.Open(tx, id); return err })
	return d
}

// save saves a document over a working copy, without failure.
func (w *world) save(p account.Person, d tool.Draft, doc tool.Document) (out tool.Draft) {
	w.Helper()
	w.As(p, func(tx *db.Tx) (err error) { out, err = w.tools.Save(tx, d.Tool.ID, d.Revision, doc); return err })
	return out
}

// get is a tool as it is now.
func (w *world) get(id string) (t tool.Tool) {
	w.Helper()
	w.Read(func(tx *db.Tx) (err error) { t, err = tool.ByID(tx, id); return err })
	return t
}

// verbs are those of the record about tools, in order.
func (w *world) verbs() string {
	w.Helper()
	var out []string
	for _, e := range w.entries() {
		out = append(out, strings.TrimPrefix(e.Verb, "tool."))
	}
	return strings.Join(out, " ")
}

func (w *world) entries() (out []record.Entry) {
	w.Helper()
	w.Read(func(tx *db.Tx) error {
		all, err := record.Since(tx, record.Filter{}, 1000)
		out = slices.DeleteFunc(all, func(e record.Entry) bool { return !strings.HasPrefix(e.Verb, "tool.") })
		return err
	})
	return out
}

// indexed is what the search holds of a tool, "" for nothing.
func (w *world) indexed(id string) (words string) {
	w.Helper()
	w.Read(func(tx *db.Tx) error {
		err := tx.Row(`SELECT title FROM search_docs WHERE kind = 'tool' AND id = $1 AND removed_at IS NULL`, id).Scan(&words)
		if plaza.KindOf(err) == plaza.NotFound {
			return nil
		}
		return err
	})
	return words
}

// kind is the kind of an error, as machines read it; "" for none.
func kind(err error) string {
	if err == nil {
		return ""
	}
	return plaza.KindOf(err).String()
}

func asJSON(t *testing.T, v any) string {
	t.Helper()
	raw, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return string(raw)
}
