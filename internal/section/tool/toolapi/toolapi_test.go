package toolapi_test

import (
	"context"
	"encoding/json"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"plaza/internal/base/api"
	"plaza/internal/base/api/apitest"
	"plaza/internal/base/db"
	"plaza/internal/base/db/dbtest"
	"plaza/internal/base/i18n"
	"plaza/internal/base/web"
	"plaza/internal/base/web/webtest"
	"plaza/internal/civic/access"
	"plaza/internal/civic/account"
	"plaza/internal/civic/gate"
	"plaza/internal/civic/institution/institutiontest"
	"plaza/internal/civic/moderation"
	"plaza/internal/plaza"
	"plaza/internal/section/tool"
	"plaza/internal/section/tool/spec"
	"plaza/internal/section/tool/toolapi"
)

const (
	tools    = "/api/v1/tools"
	resource = "01980000-0000-7000-8000-00000000000a"
	dataset  = "01980000-0000-7000-8000-0000000000d1"
)

// document is a tool as programs send it.
const document = `{"$schema":"plaza-tool/1","title":"Precio por mes","language":"es","sources":[{"name":"precios","resource":"` + resource + `"}],
	"views":[{"name":"uno","source":"precios","mark":"line","encoding":{"x":{"field":"fecha","timeUnit":"yearmonth"},"y":{"field":"precio","aggregate":"mean"}}}]}`

type world struct {
	*institutiontest.World
	shell *web.Shell
	hold  bool
}

// Screen implements moderation.Screener.
func (w *world) Screen(*db.Tx, moderation.Draft) (moderation.Verdict, error) {
	return moderation.Verdict{Hold: w.hold}, nil
}

// Hold implements moderation.Screener.
func (w *world) Hold(*db.Tx, plaza.Ref, string, moderation.Verdict) error { return nil }

func newWorld(t *testing.T) *world {
	t.Helper()
	d := dbtest.SQLite(t)
	w := &world{World: institutiontest.New(t, d)}
	w.Populate()
	dbtest.Advance(d, 48*time.Hour)
	made := tool.New(tool.Deps{DB: d, Gate: gate.New([]byte("una clave de prueba, de 32 bytes")), Screen: w,
		Lineage: func(_ *db.Tx, refs []plaza.Ref) (map[plaza.Ref]tool.Origin, error) {
			out := map[plaza.Ref]tool.Origin{}
			for _, r := range refs {
				if r.ID == resource || r.ID == dataset {
					out[r] = tool.Origin{Dataset: dataset, Title: "Precios", Themes: []string{"Energía"}}
				}
			}
			return out, nil
		}})
	w.shell = webtest.New(t, func(c *web.Config) {
		c.Now, c.Authorize, c.Version = d.Now, access.Authorize, func() string { return "1" }
	},
		toolapi.Locale, tool.Locale, spec.Locale, api.Locale, access.Locale, db.Locale, gate.Locale)
	a, err := api.New(w.shell, api.Config{Action: string(access.SiteRead)})
	if err != nil {
		t.Fatal(err)
	}
	toolapi.Mount(a, toolapi.Deps{DB: d, Tools: made, Shell: w.shell,
		VegaLite: func(_ context.Context, s spec.Spec, view string) ([]byte, error) {
			return []byte(`{"description":"` + s.Title + " " + view + `"}`), nil
		},
		Data: func(_ context.Context, s spec.Spec, view, form string) (toolapi.Data, error) {
			if _, ok := s.View(view); !ok {
				return toolapi.Data{}, plaza.E(plaza.NotFound, "")
			}
			if form == "csv" {
				return toolapi.Data{Body: []byte("mes,precio\n"), Stamp: "x"}, nil
			}
			return toolapi.Data{Body: []byte(`{"rows":[{"mes":"2026-01","precio":23}]}`), Stamp: "x"}, nil
		}})
	return w
}

// call calls the interface as a person, with a token for tools.
func (w *world) call(p account.Person, method, path, body string) *httptest.ResponseRecorder {
	w.Helper()
	actor := p.Actor()
	actor.Limited, actor.Scopes = p.ID != "", []string{"tools"}
	r := httptest.NewRequestWithContext(plaza.WithActor(w.Context(), actor), method, path, strings.NewReader(body))
	if body != "" {
		r.Header.Set("Content-Type", "application/json")
	}
	r.RemoteAddr = "127.0.0.1:49152"
	return webtest.Do(w.shell, r)
}

// want calls and reads the answer, which must have a status.
func (w *world) want(p account.Person, method, path, body string, status int) (out map[string]any) {
	w.Helper()
	res := w.call(p, method, path, body)
	if res.Code != status {
		w.Fatalf("%s %s: status %d, want %d: %s", method, path, res.Code, status, res.Body)
	}
	if res.Body.Len() > 0 {
		if err := json.Unmarshal(res.Body.Bytes(), &out); err != nil {
			w.Fatalf("%s %s: %v in %s", method, path, err, res.Body)
		}
	}
	return out
}

func TestTheInterfaceIsWhatItsDescriptionSays(t *testing.T) {
	w := newWorld(t)
	apitest.Load(t, w.shell)
	for _, p := range i18n.CheckCatalogues(toolapi.Locale) {
		t.Error(p)
	}
}

func TestAToolIsMadeChangedAndPublishedByAProgram(t *testing.T) {
	w := newWorld(t)
	made := w.want(w.Ana, "POST", tools, `{"document":`+document+`}`, 201)
	id := made["id"].(string)
	if made["revision"] != 1.0 {
		t.Errorf("made: %v", made)
	}
	changed := strings.Replace(document, "Precio por mes", "Precio mensual", 1)
	w.want(w.Ana, "PUT", tools+"/"+id+"/draft", `{"revision":1,"document":`+changed+`}`, 200)
	clash := w.want(w.Ana, "PUT", tools+"/"+id+"/draft", `{"revision":1,"document":`+document+`}`, 409)
	if now, _ := clash["current"].(map[string]any); now == nil || now["revision"] != 2.0 {
		t.Errorf("a conflict tells what is there now: %v", clash)
	}
	if seen := w.want(w.Ana, "GET", tools+"/"+id+"/draft", "", 200); seen["document"].(map[string]any)["title"] != "Precio mensual" {
		t.Errorf("the working copy: %v", seen)
	}
	w.want(account.Person{}, "GET", tools+"/"+id, "", 404)
	sent := w.want(w.Ana, "POST", tools+"/"+id+"/publish", `{"revision":2,"note":"Primera"}`, 201)
	if sent["state"] != "public" || sent["version"] != 1.0 {
		t.Errorf("published: %v", sent)
	}
	one := w.want(account.Person{}, "GET", tools+"/"+id, "", 200)
	if one["title"] != "Precio mensual" || one["note"] != "Primera" || len(one["uses"].([]any)) != 3 {
		t.Errorf("one: %v", one)
	}
	if by := w.want(account.Person{}, "GET", tools+"/"+one["slug"].(string), "", 200); by["id"] != id {
		t.Errorf("by its address: %v", by)
	}
	w.want(w.Ana, "DELETE", tools+"/"+id+"/draft", "", 204)
}

func TestWhatAToolShowsIsReadInItsForms(t *testing.T) {
	w := newWorld(t)
	id := w.want(w.Ana, "POST", tools, `{"document":`+document+`}`, 201)["id"].(string)
	w.want(w.Ana, "POST", tools+"/"+id+"/publish", `{"revision":1}`, 201)
	res := w.call(account.Person{}, "GET", tools+"/"+id+"/spec", "")
	s, err := spec.Parse(res.Body.Bytes())
	if err != nil || s.Title != "Precio por mes" {
		t.Errorf("its document: %v, %s", err, res.Body)
	}
	for path, want := range map[string]string{
		"/spec?format=vega-lite":           `{"description":"Precio por mes uno"}`,
		"/views/uno/data":                  `{"rows":[{"mes":"2026-01","precio":23}]}`,
		"/views/uno/data?formato=csv":      "mes,precio\n",
		"/spec?format=vega-lite&view=otra": `{"description":"Precio por mes otra"}`,
	} {
		if res := w.call(account.Person{}, "GET", tools+"/"+id+path, ""); res.Code != 200 || res.Body.String() != want {
			t.Errorf("%s: %d, %s", path, res.Code, res.Body)
		}
	}
	for _, path := range []string{"/views/otra/data", "/spec?version=7"} {
		w.want(account.Person{}, "GET", tools+"/"+id+path, "", 404)
	}
}

func TestTheGalleryIsPagedAndFiltered(t *testing.T) {
	w := newWorld(t)
	for _, title := range []string{"Uno", "Dos", "Tres"} {
		id := w.want(w.Ana, "POST", tools, `{"document":`+strings.Replace(document, "Precio por mes", title, 1)+`}`, 201)["id"].(string)
		w.want(w.Ana, "POST", tools+"/"+id+"/publish", `{"revision":1}`, 201)
		dbtest.Advance(w.DB, time.Minute)
	}
	away := w.want(w.Ana, "POST", tools, `{"elsewhere":{"title":"Fuera","language":"es","address":"https://mapas.ejemplo.mx","datasets":["`+dataset+`"]}}`, 201)["id"].(string)
	w.want(w.Ana, "POST", tools+"/"+away+"/publish", `{"revision":1}`, 201)
	var got []string
	for path := tools + "?limit=3&dataset=" + dataset; path != ""; {
		list := w.want(account.Person{}, "GET", path, "", 200)
		for _, one := range list["items"].([]any) {
			got = append(got, one.(map[string]any)["title"].(string))
		}
		path = ""
		if next, ok := list["next"].(string); ok {
			path = tools + "?limit=3&dataset=" + dataset + "&cursor=" + next
		}
	}
	if diff := cmp.Diff([]string{"Fuera", "Tres", "Dos", "Uno"}, got); diff != "" {
		t.Error(diff)
	}
	if list := w.want(account.Person{}, "GET", tools+"?kind=external", "", 200); list["total"] != 1.0 {
		t.Errorf("those elsewhere: %v", list)
	}
	w.want(account.Person{}, "GET", tools+"/"+away+"/spec", "", 404)
}

func TestWhatIsRefusedSaysWhere(t *testing.T) {
	w := newWorld(t)
	id := w.want(w.Ana, "POST", tools, `{"document":`+document+`}`, 201)["id"].(string)
	for _, c := range []struct {
		name, method, path, body string
		status                   int
		at                       string
	}{
		{"a mark that there is not", "POST", tools, `{"document":` + strings.Replace(document, `"line"`, `"pie"`, 1) + `}`, 422, "document.views[0].mark"},
		{"nothing", "POST", tools, `{}`, 422, ""},
		{"both", "POST", tools, `{"document":` + document + `,"base":"` + id + `"}`, 422, ""},
		{"a base that is no tool", "POST", tools, `{"base":"nada"}`, 404, ""},
		{"an institution of others", "POST", tools, `{"document":` + document + `,"institution":"salud"}`, 403, ""},
		{"a revision that there is not", "POST", tools + "/" + id + "/publish", `{"revision":9}`, 409, ""},
		{"no tool", "PUT", tools + "/nada/draft", `{"revision":1,"document":` + document + `}`, 404, ""},
	} {
		res := w.call(w.Ana, c.method, c.path, c.body)
		if res.Code != c.status || !strings.Contains(res.Body.String(), c.at) {
			t.Errorf("%s: %d, want %d at %q: %s", c.name, res.Code, c.status, c.at, res.Body)
		}
	}
	w.want(w.Enlace, "GET", tools+"/"+id+"/draft", "", 404)
	w.want(account.Person{}, "POST", tools, `{"document":`+document+`}`, 401)
	w.hold = true
	if sent := w.want(w.Ana, "POST", tools+"/"+id+"/publish", `{"revision":1}`, 202); sent["state"] != "held" {
		t.Errorf("what waits: %v", sent)
	}
}
