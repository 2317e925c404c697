package toolapi_test

import (
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"plaza/internal/base/api"
	"plaza/internal/base/api/apitest"
	"plaza/internal/base/db"
	"plaza/internal/base/db/dbtest"
	"plaza/internal/base/tabular/child"
	"plaza/internal/base/tabular/child/childtest"
	"plaza/internal/base/tabular/query"
	"plaza/internal/base/web"
	"plaza/internal/base/web/webtest"
	"plaza/internal/civic/access"
	"plaza/internal/civic/account"
	"plaza/internal/civic/gate"
	"plaza/internal/civic/institution/institutiontest"
	"plaza/internal/civic/moderation"
	"plaza/internal/plaza"
	"plaza/internal/section/tool"
	"plaza/internal/section/tool/reckon"
	"plaza/internal/section/tool/sentence"
	"plaza/internal/section/tool/showing"
	"plaza/internal/section/tool/spec"
	"plaza/internal/section/tool/toolapi"
	"plaza/internal/section/tool/vegalite"
	"plaza/internal/section/tool/wording"
)

const (
	prices  = "01980000-0000-7000-8000-00000000000a" // the resource
	dataset = "01980000-0000-7000-8000-0000000000d1"
)

// file is what the resource holds.
const file = `fecha,producto,precio,cve_ent,longitud,latitud
2026-01-05,regular,23.5,09,-99.13,19.43
2026-01-20,diésel,24.5,15,-99.65,19.29
2026-02-03,regular,24,09,-99.14,19.44
2026-02-10,diésel,25.5,15,-99.66,19.28
2026-03-01,regular,,09,-99.15,19.41
`

// workers and prepared are those of all tests: opening the file takes longest.
var (
	workers  *child.Workers
	prepared child.Table
)

func TestMain(m *testing.M) {
	dir, err := os.MkdirTemp("", "toolapi")
	if err != nil {
		panic(err)
	}
	code := 1
	if err = prepare(dir); err == nil {
		code = m.Run()
	}
	if err = errors.Join(err, os.RemoveAll(dir), workers.Close(context.Background())); err != nil {
		panic(err)
	}
	os.Exit(code)
}

// prepare opens the file with the real worker.
func prepare(dir string) error {
	command, err := childtest.Built()
	if err != nil {
		return err
	}
	workers = child.New(child.Config{Command: command, Log: slog.New(slog.DiscardHandler)})
	in := filepath.Join(dir, "precios.csv")
	if err := os.WriteFile(in, []byte(file), 0o600); err != nil {
		return err
	}
	p, err := workers.Convert(context.Background(), child.Conversion{Input: in, Name: "precios.csv", Dir: dir}, func(child.Step) {})
	if err != nil {
		return err
	}
	prepared = child.Table{Parquet: filepath.Join(dir, p.Tables[0].Parquet.SHA256), Profile: p.Tables[0]}
	return nil
}

// opener implements reckon.Opener and reckon.Opened: its one resource is the file.
type opener struct{}

func (opener) Open(_ context.Context, resource string, _ int) (reckon.Opened, error) {
	if resource != prices {
		return nil, plaza.E(plaza.NotFound, "tool.error.unknown")
	}
	return opener{}, nil
}

func (opener) Stamp() reckon.Stamp {
	return reckon.Stamp{Title: "Precios", Dataset: "Gasolina", Path: "/datos/gasolina/recursos/1", Institution: "CRE", License: "CC BY", Version: 2, Newest: 2,
		Fetched: time.Date(2026, 11, 1, 12, 0, 0, 0, time.UTC)}
}
func (opener) Table(context.Context, int) (child.Table, error) { return prepared, nil }
func (opener) Close()                                          {}

// world is an installation with the interface of tools.
type world struct {
	*institutiontest.World
	db        *db.DB
	tools     *tool.Tools
	shell     *web.Shell
	spec      *apitest.Spec
	ana, beto account.Person
	comms     account.Person // communications of Salud
	hold      string         // a word that makes what it stands in wait
}

func (w *world) Screen(_ *db.Tx, d moderation.Draft) (moderation.Verdict, error) {
	return moderation.Verdict{Hold: w.hold != "" && strings.Contains(d.Text, w.hold)}, nil
}
func (w *world) Hold(*db.Tx, plaza.Ref, string, moderation.Verdict) error { return nil }

func worlds(t *testing.T, f func(w *world)) {
	t.Helper()
	dbtest.Each(t, func(t *testing.T, d *db.DB) { f(newWorld(t, d)) })
}

func newWorld(t *testing.T, d *db.DB) *world {
	t.Helper()
	w := &world{World: institutiontest.New(t, d), db: d}
	w.Populate()
	w.ana, w.beto = w.Person("ana.h@ejemplo.mx", "Ana Hace", "", ""), w.Person("beto.h@ejemplo.mx", "Beto Hace", "", "")
	w.comms = w.Person("comms@ejemplo.mx", "Carla Comunica", plaza.Communications, w.Salud.ID)
	dbtest.Advance(d, 48*time.Hour)
	k := &reckon.Reckoner{Opener: opener{}, Engine: workers}
	w.tools = tool.New(tool.Deps{DB: d, Gate: gate.New([]byte("una clave de prueba, de 32 bytes")), Screen: w, Check: k.Check, Lineage: w.lineage})
	w.shell = webtest.New(t, func(c *web.Config) { c.Now, c.Authorize = d.Now, access.Authorize },
		api.Locale, access.Locale, account.Locale, gate.Locale, db.Locale, query.Locale, tool.Locale, spec.Locale, reckon.Locale, wording.Locale, showing.Locale, sentence.Locale, vegalite.Locale, toolapi.Locale)
	a, err := api.New(w.shell, api.Config{Action: string(access.SiteRead)})
	if err != nil {
		t.Fatal(err)
	}
	toolapi.Mount(a, toolapi.Deps{DB: d, Shell: w.shell, Tools: w.tools, View: k.View, Cards: cards,
		Kept: func(ctx context.Context, _ tool.Tool, doc spec.Spec, view string, reader url.Values) (reckon.Result, error) {
			return k.View(ctx, doc, view, reader)
		}})
	w.spec = apitest.Load(t, w.shell)
	return w
}

func (w *world) lineage(_ *db.Tx, refs []plaza.Ref) (map[plaza.Ref]tool.Origin, error) {
	out := map[plaza.Ref]tool.Origin{}
	for _, r := range refs {
		if r.ID == prices || r.ID == dataset {
			out[r] = tool.Origin{Dataset: dataset, Title: "Gasolina", Institution: w.Lerma.ID, Themes: []string{"Energía"}, Places: []string{"09"}}
		}
	}
	return out, nil
}

func cards(_ *db.Tx, refs []plaza.Ref) (map[plaza.Ref]plaza.Card, error) {
	out := map[plaza.Ref]plaza.Card{}
	for _, r := range refs {
		out[r] = plaza.Card{Ref: r, Title: "Gasolina", Path: "/datos/gasolina", Owner: "Lerma", Visible: true}
	}
	return out, nil
}

// visitor has no token.
var visitor account.Person

// call calls the interface with a token of a person that is good for some scopes.
func (w *world) call(p account.Person, scopes, method, path string, body any, headers ...string) *httptest.ResponseRecorder {
	w.Helper()
	ctx := w.Context()
	if p.ID != "" {
		actor := p.Actor()
		actor.Limited, actor.Scopes = true, strings.Fields(scopes)
		ctx = plaza.WithActor(ctx, actor)
	}
	text, raw := body.(string)
	if !raw && body != nil {
		text = asJSON(w.T, body)
	}
	r := httptest.NewRequestWithContext(ctx, method, strings.TrimPrefix(path, webtest.Base), strings.NewReader(text))
	if text != "" {
		r.Header.Set("Content-Type", "application/json")
	}
	for i := 0; i+1 < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
	}
	r.RemoteAddr = "127.0.0.1:49152"
	return webtest.Do(w.shell, r)
}

// get asks for a path as a visitor.
func (w *world) get(ctx context.Context, path string) *httptest.ResponseRecorder {
	r := httptest.NewRequestWithContext(ctx, http.MethodGet, path, nil)
	r.RemoteAddr = "127.0.0.1:49152"
	return webtest.Do(w.shell, r)
}

// writes calls with a token of a person that is good for tools, and reads the answer.
func writes[T any](w *world, p account.Person, method, path string, body any, status int) T {
	w.Helper()
	dbtest.Advance(w.db, time.Minute)
	return read[T](w, w.call(p, "tools", method, path, body), status)
}

// reads reads what everybody may, and holds it to its description.
func reads[T any](w *world, path string) T {
	w.Helper()
	path = strings.TrimPrefix(path, webtest.Base)
	res := w.call(visitor, "", http.MethodGet, path, nil)
	w.spec.Conforms(w.T, path, res.Code, res.Header().Get("Content-Type"), res.Body.Bytes())
	return read[T](w, res, http.StatusOK)
}

func read[T any](w *world, res *httptest.ResponseRecorder, status int) (out T) {
	w.Helper()
	if res.Code != status {
		w.Fatalf("status %d, want %d: %s", res.Code, status, res.Body)
	}
	if err := json.Unmarshal(res.Body.Bytes(), &out); err != nil {
		w.Fatal(err)
	}
	return out
}

// refused are the fields of a problem that must have a status.
func (w *world) refused(res *httptest.ResponseRecorder, status int) (fields []string) {
	w.Helper()
	p := read[api.Problem](w, res, status)
	if kind := res.Header().Get("Content-Type"); kind != "application/problem+json" {
		w.Errorf("a refusal of type %q", kind)
	}
	for _, f := range p.Errors {
		fields = append(fields, f.Field)
		if f.Detail == "" || strings.Contains(f.Detail, "error.") {
			w.Errorf("%s is said as %q", f.Field, f.Detail)
		}
	}
	slices.Sort(fields)
	return fields
}

// doc is a document with some views, of prices.
func doc(title string, views ...spec.View) spec.Spec {
	for i := range views {
		if views[i].Mark != spec.Text {
			views[i].Source = "precios"
		}
	}
	return spec.Spec{Schema: spec.Schema, Title: title, Language: "es", Sources: []spec.Source{{Name: "precios", Resource: prices}}, Views: views}
}

// bars are the mean price by product.
func bars(name string) spec.View {
	return spec.View{Name: name, Mark: spec.Bar, Encoding: spec.Encoding{X: mean("precio"), Y: by("producto")}}
}

func by(field string) spec.Channel   { return spec.Channel{Field: field} }
func mean(field string) spec.Channel { return spec.Channel{Field: field, Aggregate: "mean"} }

// sent is what is sent to make or change a tool.
func sent(d spec.Spec, more ...any) map[string]any {
	out := map[string]any{"document": d}
	for i := 0; i+1 < len(more); i += 2 {
		out[more[i].(string)] = more[i+1]
	}
	return out
}

// published makes a tool and publishes it.
func (w *world) published(p account.Person, d spec.Spec) toolapi.ToolState {
	w.Helper()
	draft := writes[toolapi.ToolDraft](w, p, http.MethodPost, toolapi.Path, sent(d), http.StatusCreated)
	return writes[toolapi.ToolState](w, p, http.MethodPost, toolapi.Path+"/"+draft.ID+"/publish", map[string]any{"revision": draft.Revision}, http.StatusCreated)
}

func asJSON(t *testing.T, v any) string {
	t.Helper()
	raw, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return string(raw)
}
