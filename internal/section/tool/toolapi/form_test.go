package toolapi_test

import (
	"encoding/json"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/santhosh-tekuri/jsonschema/v6"

	"plaza/internal/base/db"
	"plaza/internal/base/db/dbtest"
	"plaza/internal/section/tool/spec"
	"plaza/internal/section/tool/toolapi"
	"plaza/internal/section/tool/vegalite"
)

// kinds are a view of each mark.
func kinds() []spec.View {
	month := spec.Channel{Field: "fecha", TimeUnit: "yearmonth"}
	e := func(name string, mark spec.Mark, e spec.Encoding) spec.View {
		return spec.View{Name: name, Mark: mark, Encoding: e}
	}
	choropleth := e("mapa", spec.GeoShape, spec.Encoding{Place: by("cve_ent"), Color: mean("precio")})
	choropleth.Geo = "states"
	return []spec.View{
		e("barras", spec.Bar, spec.Encoding{X: mean("precio"), Y: by("producto")}),
		e("linea", spec.Line, spec.Encoding{X: month, Y: mean("precio"), Color: by("producto")}),
		e("area", spec.Area, spec.Encoding{X: month, Y: spec.Channel{Aggregate: "count"}}),
		e("cifra", spec.Figure, spec.Encoding{Y: mean("precio")}),
		e("puntos", spec.Point, spec.Encoding{X: by("longitud"), Y: by("precio")}),
		e("calor", spec.Rect, spec.Encoding{X: month, Y: by("producto"), Color: mean("precio")}),
		choropleth,
		e("lugares", spec.Circle, spec.Encoding{Longitude: by("longitud"), Latitude: by("latitud")}),
	}
}

func TestAViewOfEachKindIsGivenAsVegaLite(t *testing.T) {
	w := newWorld(t, dbtest.SQLite(t))
	at := w.published(w.ana, doc("Gasolina", kinds()...)).API
	for _, v := range kinds() {
		res := w.call(visitor, "", http.MethodGet, at+"/spec?format=vega-lite&view="+v.Name+"&f.cve_ent.no=99", nil)
		got := read[struct {
			Schema   string `json:"$schema"`
			Usermeta struct{ Plaza struct{ View string } }
		}](w, res, http.StatusOK)
		if got.Schema != vegalite.Schema || got.Usermeta.Plaza.View != v.Name || res.Header().Get("Content-Type") != "application/vnd.vegalite.v6+json" {
			t.Errorf("%s: %+v as %s", v.Name, got, res.Header().Get("Content-Type"))
		}
	}
	if got := w.refused(w.call(visitor, "", http.MethodGet, at+"/spec?format=vega-lite", nil), 422); !slices.Equal(got, []string{"view"}) {
		t.Errorf("without a view: %q", got)
	}
	table := w.published(w.ana, doc("Tabla", spec.View{Name: "uno", Mark: spec.Table})).API
	w.refused(w.call(visitor, "", http.MethodGet, table+"/spec", nil, "Accept", "application/vnd.vegalite.v6+json"), 422)
}

func TestEachVersionHasItsDocumentWhichIsOfTheSchema(t *testing.T) {
	worlds(t, func(w *world) {
		state := w.published(w.ana, doc("Primera", bars("uno")))
		writes[toolapi.ToolDraft](w, w.ana, http.MethodPut, state.API+"/draft", sent(doc("Segunda", bars("uno")), "revision", 1), http.StatusOK)
		writes[toolapi.ToolState](w, w.ana, http.MethodPost, state.API+"/publish", map[string]any{"revision": 2}, http.StatusCreated)
		schema := compiled(t, reads[json.RawMessage](w, toolapi.SchemaPath))
		for query, want := range map[string]string{"": "Segunda", "?version=1": "Primera", "?version=2": "Segunda", "?version=0": "Segunda"} {
			raw := reads[json.RawMessage](w, state.API+"/spec"+query)
			s, err := spec.Parse(raw)
			if err != nil || s.Title != want {
				t.Errorf("%q: %q %v", query, s.Title, err)
			}
			value, err := jsonschema.UnmarshalJSON(strings.NewReader(string(raw)))
			if err == nil {
				err = schema.Validate(value)
			}
			if err != nil {
				t.Errorf("%q: %v", query, err)
			}
		}
		w.refused(w.call(visitor, "", http.MethodGet, state.API+"/spec?version=3", nil), http.StatusNotFound)
		var numbers []int
		for path := state.API + "/versions?limit=1"; ; {
			page := reads[struct {
				Items []toolapi.ToolVersion
				Next  *string
			}](w, path)
			for _, v := range page.Items {
				numbers = append(numbers, v.Number)
			}
			if page.Next == nil {
				break
			}
			path = state.API + "/versions?limit=1&cursor=" + *page.Next
		}
		if diff := cmp.Diff([]int{2, 1}, numbers); diff != "" {
			t.Errorf("versions by pages (-want +got):\n%s", diff)
		}
	})
}

func compiled(t *testing.T, raw json.RawMessage) *jsonschema.Schema {
	t.Helper()
	body, err := jsonschema.UnmarshalJSON(strings.NewReader(string(raw)))
	if err != nil {
		t.Fatal(err)
	}
	c := jsonschema.NewCompiler()
	if err := c.AddResource("schema.json", body); err != nil {
		t.Fatal(err)
	}
	out, err := c.Compile("schema.json")
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func TestTheListCostsTheSameForManyTools(t *testing.T) {
	w := newWorld(t, dbtest.SQLite(t))
	for range 3 {
		w.published(w.ana, doc("Una", bars("uno")))
	}
	ctx, n := db.CountStatements(w.Context())
	w.get(ctx, toolapi.Path)
	if n.Load() > 6 {
		t.Errorf("the list takes %d statements", n.Load())
	}
}
