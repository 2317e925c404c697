package toolapi_test

import (
	"encoding/json"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"plaza/internal/base/api"
	"plaza/internal/base/db/dbtest"
	"plaza/internal/base/i18n"
	"plaza/internal/section/tool/spec"
	"plaza/internal/section/tool/toolapi"
)

func TestEveryWordIsInBothLanguages(t *testing.T) {
	for _, p := range i18n.CheckCatalogues(toolapi.Locale) {
		t.Error(p)
	}
}

func TestAProgramMakesAToolAndEverybodyReadsItsNumbers(t *testing.T) {
	worlds(t, func(w *world) {
		draft := writes[toolapi.ToolDraft](w, w.ana, http.MethodPost, toolapi.Path, sent(doc("Gasolina", bars("uno"))), http.StatusCreated)
		at := toolapi.Path + "/" + draft.ID
		if draft.State != "draft" || draft.Revision != 1 || draft.Version != 0 {
			t.Errorf("begun as %+v", draft)
		}
		if res := w.call(visitor, "", http.MethodGet, at, nil); res.Code != http.StatusNotFound {
			t.Errorf("a draft is read: %d", res.Code)
		}
		saved := writes[toolapi.ToolDraft](w, w.ana, http.MethodPut, at+"/draft", sent(doc("Precio de la gasolina", bars("uno")), "revision", 1), http.StatusOK)
		if saved.Revision != 2 || saved.Title != "Precio de la gasolina" {
			t.Errorf("saved as %+v", saved)
		}
		clash := w.call(w.ana, "tools", http.MethodPut, at+"/draft", sent(doc("Otra", bars("uno")), "revision", 1))
		if p := read[api.Problem](w, clash, http.StatusConflict); p.Current == nil || p.Sent == nil {
			t.Errorf("a clash tells %+v", p)
		}
		if got := read[toolapi.ToolDraft](w, w.call(w.ana, "tools", http.MethodGet, at+"/draft", nil), http.StatusOK); got.Revision != 2 {
			t.Errorf("the working copy is %+v", got)
		}
		state := writes[toolapi.ToolState](w, w.ana, http.MethodPost, at+"/publish", map[string]any{"revision": 2, "note": "La primera."}, http.StatusCreated)
		if state.State != "public" || state.Version != 1 || state.Waiting {
			t.Errorf("published as %+v", state)
		}
		w.isRead(state, draft.ID)
	})
}

// isRead holds what everybody reads of a tool that was published.
func (w *world) isRead(state toolapi.ToolState, id string) {
	w.Helper()
	one := reads[toolapi.ToolWhole](w, state.API)
	if one.ID != id || one.URL != state.URL || one.Kind != "bar" || one.Official || one.Note != "La primera." || !one.Alive || one.Version != 1 {
		w.Errorf("it is told as %+v", one)
	}
	if len(one.Views) != 1 || len(one.Sources) != 1 || !one.Sources[0].Follows || len(one.Datasets) != 1 || len(one.Uses) != 3 {
		w.Errorf("it rests on %+v %+v %+v", one.Sources, one.Datasets, one.Uses)
	}
	if by := reads[toolapi.ToolWhole](w, toolapi.Path+"/"+id); by.ID != id {
		w.Errorf("by its id it is %+v", by)
	}
	var parsed spec.Spec
	if raw := reads[json.RawMessage](w, one.Links.Spec); json.Unmarshal(raw, &parsed) != nil || parsed.Title != "Precio de la gasolina" {
		w.Errorf("its document is %s", raw)
	}
	versions := reads[api.List[toolapi.ToolVersion]](w, one.Links.Versions)
	if versions.Total != 1 || len(versions.Items) != 1 || versions.Items[0].Note != "La primera." || !versions.Items[0].Current {
		w.Errorf("its versions are %+v", versions)
	}
	data := reads[toolapi.ToolData](w, one.Views[0].Data)
	want := []api.Row{{"producto": "diésel", "promedio:precio": 25.0}, {"producto": "regular", "promedio:precio": 23.75}}
	if diff := cmp.Diff(want, data.Rows); diff != "" {
		w.Errorf("its numbers (-want +got):\n%s", diff)
	}
	if data.Counts.Counted != 5 || data.Counts.Missing != 1 || data.Sentence == "" || len(data.Stamps) != 1 || data.Stamps[0].Version != 2 || data.Stamps[0].License != "CC BY" {
		w.Errorf("it says %+v", data.ToolDataHead)
	}
}

func TestWhatReadersChooseIsHonouredInEveryForm(t *testing.T) {
	w := newWorld(t, dbtest.SQLite(t))
	at := w.published(w.ana, doc("Gasolina", bars("uno"), spec.View{Name: "palabras", Mark: spec.Text, Text: "Hola"})).API
	data := at + "/views/uno/data"
	got := reads[toolapi.ToolData](w, data+"?f.cve_ent=09")
	if len(got.Rows) != 1 || got.Rows[0]["producto"] != "regular" || got.Counts.Counted != 3 {
		t.Errorf("with a filter: %+v", got)
	}
	if got := reads[toolapi.ToolData](w, data+"?f.producto=regular"); len(got.Rows) != 2 || !slices.Equal(got.Chosen["producto"], []string{"regular"}) {
		t.Errorf("what the view groups by is highlighted: %+v", got)
	}
	if got := reads[toolapi.ToolData](w, data+"?f.fecha.min=2026-02-01&lugar=15"); len(got.Rows) != 1 || got.Rows[0]["promedio:precio"] != 25.5 {
		t.Errorf("with a date and a place: %+v", got)
	}
	csv := regexp.MustCompile(`^producto,promedio:precio,fuente\ndiésel,25,.*CC BY.*\nregular,23.75,.*CC BY.*\n$`)
	if res := w.call(visitor, "", http.MethodGet, data+"?format=csv", nil); !csv.MatchString(res.Body.String()) || !strings.HasPrefix(res.Header().Get("Content-Type"), "text/csv") {
		t.Errorf("as CSV: %s %s", res.Header().Get("Content-Type"), res.Body)
	}
	if res := w.call(visitor, "", http.MethodGet, data, nil, "Accept", "text/csv"); !csv.MatchString(res.Body.String()) {
		t.Errorf("accepting CSV: %s", res.Body)
	}
	if res := w.call(visitor, "", http.MethodGet, data+"?format=csv&f.fecha.min=2030-01-01", nil); !strings.Contains(res.Body.String(), "\n,,") || !strings.Contains(res.Body.String(), "CC BY") {
		t.Errorf("no rows as CSV: %s", res.Body)
	}
	for path, want := range map[string]int{"?f.fecha.min=ayer": 422, "?otra=1": 422, "?format=xml": 422, "?f.no_hay=1": 200} {
		if res := w.call(visitor, "", http.MethodGet, data+path, nil); res.Code != want {
			t.Errorf("%s: %d %s", path, res.Code, res.Body)
		}
	}
	for _, view := range []string{"palabras", "nada"} {
		w.refused(w.call(visitor, "", http.MethodGet, at+"/views/"+view+"/data", nil), http.StatusNotFound)
	}
	if res := w.call(visitor, "", http.MethodGet, data, nil, "Accept", "image/png"); res.Code != http.StatusNotAcceptable {
		t.Errorf("accepting a picture: %d", res.Code)
	}
}

func TestWhatIsWrongWithADocumentIsSaidAtItsPath(t *testing.T) {
	w := newWorld(t, dbtest.SQLite(t))
	bad := bars("uno")
	bad.Encoding.X.Aggregate, bad.Palette = "sumar", "arcoíris"
	for name, one := range map[string]struct {
		body   any
		status int
		fields []string
	}{
		"mistakes":           {sent(doc("", bad)), 422, []string{"title", "views[0].encoding.x.aggregate", "views[0].palette"}},
		"an unknown member":  {`{"document": {"$schema": "plaza-tool/1", "title": "T", "language": "es", "sources": [], "views": [{"name": "a", "mark": "text", "script": "x"}]}}`, 422, []string{"views[0].script"}},
		"another type":       {`{"document": {"title": 5}}`, 422, []string{"title"}},
		"an unknown sibling": {sent(doc("T", bars("uno")), "otro", 1), 422, []string{"otro"}},
		"nothing":            {map[string]any{}, 422, []string{"document"}},
		"both":               {sent(doc("T", bars("uno")), "external", outside("https://x.mx")), 422, []string{"document"}},
		"no object":          {`{"document": "hola"}`, 422, []string{"document"}},
		"no JSON":            {`{"document": {`, 400, nil},
		"too much":           {sent(doc(strings.Repeat("a", 70_000), bars("uno"))), 413, nil},
	} {
		if got := w.refused(w.call(w.ana, "tools", http.MethodPost, toolapi.Path, one.body), one.status); !slices.Equal(got, one.fields) {
			t.Errorf("%s: at %q, want %q", name, got, one.fields)
		}
	}
	many := outside("https://x.mx")
	many["datasets"] = slices.Repeat([]string{dataset}, 25)
	answer := w.call(w.ana, "tools", http.MethodPost, toolapi.Path, map[string]any{"external": many})
	if body := answer.Body.String(); answer.Code != 422 || !strings.Contains(body, "Debe ser una lista de 20 como máximo.") {
		t.Errorf("of too many datasets is said %d %s", answer.Code, body)
	}
	odd := bars("uno")
	odd.Encoding.X.Field = "costo"
	draft := writes[toolapi.ToolDraft](w, w.ana, http.MethodPost, toolapi.Path, sent(doc("T", odd)), http.StatusCreated)
	at := toolapi.Path + "/" + draft.ID
	if got := w.refused(w.call(w.ana, "tools", http.MethodPost, at+"/publish", map[string]any{"revision": 1}), 422); !slices.Equal(got, []string{"views[0].encoding.x.field"}) {
		t.Errorf("a column that is not there: %q", got)
	}
	if got := w.refused(w.call(w.ana, "tools", http.MethodPut, at+"/draft", sent(doc("T", bad), "revision", 1)), 422); len(got) != 2 {
		t.Errorf("saved with mistakes: %q", got)
	}
	w.refused(w.call(w.ana, "tools", http.MethodPost, at+"/publish", map[string]any{"revision": 7}), http.StatusConflict)
}

// outside is what is said of a tool elsewhere.
func outside(url string) map[string]any {
	return map[string]any{"title": "Mapa", "language": "es", "url": url, "datasets": []string{dataset}}
}

func TestNobodyWritesWithoutATokenForToolsNorToWhatIsNotTheirs(t *testing.T) {
	w := newWorld(t, dbtest.SQLite(t))
	draft := writes[toolapi.ToolDraft](w, w.ana, http.MethodPost, toolapi.Path, sent(doc("Mía", bars("uno"))), http.StatusCreated)
	public := w.published(w.ana, doc("Pública", bars("uno")))
	acts := func(id string) map[string]any {
		at := toolapi.Path + "/" + id
		return map[string]any{"PUT " + at + "/draft": sent(doc("T", bars("uno")), "revision", 1), "DELETE " + at + "/draft": nil, "GET " + at + "/draft": nil,
			"POST " + at + "/publish": map[string]any{"revision": 1}, "POST " + at + "/withdraw": map[string]any{"reason": "Porque sí."}, "POST " + at + "/fork": map[string]any{}}
	}
	for act, body := range acts(draft.ID) {
		method, path, _ := strings.Cut(act, " ")
		w.refused(w.call(visitor, "", method, path, body), http.StatusUnauthorized)
		w.refused(w.call(w.ana, "comment follow", method, path, body), http.StatusForbidden)
		w.refused(w.call(w.beto, "tools", method, path, body), http.StatusNotFound)
	}
	for act, body := range acts(public.ID) {
		method, path, _ := strings.Cut(act, " ")
		if !strings.HasSuffix(path, "/fork") {
			w.refused(w.call(w.beto, "tools", method, path, body), http.StatusForbidden)
		}
	}
	w.refused(w.call(visitor, "", http.MethodPost, toolapi.Path, sent(doc("T", bars("uno")))), http.StatusUnauthorized)
	if got := read[toolapi.ToolDraft](w, w.call(w.ana, "tools", http.MethodGet, toolapi.Path+"/"+draft.ID+"/draft", nil), http.StatusOK); got.Title != "Mía" || got.Revision != 1 {
		t.Errorf("what others tried changed it: %+v", got)
	}
}

func TestAToolIsForkedDiscardedAndWithdrawn(t *testing.T) {
	worlds(t, func(w *world) {
		base := w.published(w.ana, doc("Base", bars("uno")))
		fork := writes[toolapi.ToolDraft](w, w.beto, http.MethodPost, base.API+"/fork", map[string]any{"title": "Otra"}, http.StatusCreated)
		state := writes[toolapi.ToolState](w, w.beto, http.MethodPost, toolapi.Path+"/"+fork.ID+"/publish", map[string]any{"revision": 1}, http.StatusCreated)
		if one := reads[toolapi.ToolWhole](w, state.API); one.Parent == nil || one.Parent.ID != base.ID || one.Parent.Version != 1 || one.Title != "Otra" {
			t.Errorf("a fork credits %+v", one.Parent)
		}
		second := writes[toolapi.ToolDraft](w, w.beto, http.MethodPost, base.API+"/fork", map[string]any{}, http.StatusCreated)
		if res := w.call(w.beto, "tools", http.MethodDelete, toolapi.Path+"/"+second.ID+"/draft", nil); res.Code != http.StatusNoContent {
			t.Errorf("discarding: %d %s", res.Code, res.Body)
		}
		w.refused(w.call(w.beto, "tools", http.MethodGet, toolapi.Path+"/"+second.ID+"/draft", nil), http.StatusNotFound)
		if got := w.refused(w.call(w.ana, "tools", http.MethodPost, base.API+"/withdraw", map[string]any{"reason": " "}), 422); !slices.Equal(got, []string{"reason"}) {
			t.Errorf("without a reason: %q", got)
		}
		if gone := writes[toolapi.ToolState](w, w.ana, http.MethodPost, base.API+"/withdraw", map[string]any{"reason": "Tenía un error."}, http.StatusCreated); gone.State != "removed" {
			t.Errorf("withdrawn as %+v", gone)
		}
		for _, rest := range []string{"", "/spec", "/versions", "/views/uno/data"} {
			w.refused(w.call(visitor, "", http.MethodGet, base.API+rest, nil), http.StatusNotFound)
		}
		if one := reads[toolapi.ToolWhole](w, state.API); one.Parent != nil {
			t.Errorf("a base that is gone is told of: %+v", one.Parent)
		}
	})
}

func TestWhatWaitsForReviewIsTakenAndNotShown(t *testing.T) {
	w := newWorld(t, dbtest.SQLite(t))
	w.hold = "oferta"
	draft := writes[toolapi.ToolDraft](w, w.ana, http.MethodPost, toolapi.Path, sent(doc("Una oferta", bars("uno"))), http.StatusCreated)
	res := w.call(w.ana, "tools", http.MethodPost, toolapi.Path+"/"+draft.ID+"/publish", map[string]any{"revision": 1})
	if state := read[toolapi.ToolState](w, res, http.StatusAccepted); state.State != "held" || !state.Waiting || res.Header().Get("Location") != "" {
		t.Errorf("it waits as %+v at %q", state, res.Header().Get("Location"))
	}
	w.refused(w.call(visitor, "", http.MethodGet, toolapi.Path+"/"+draft.ID, nil), http.StatusNotFound)
}

func TestToolsElsewhereAreMadeAndReadWithoutDocument(t *testing.T) {
	w := newWorld(t, dbtest.SQLite(t))
	make := func(url string) toolapi.ToolDraft {
		return writes[toolapi.ToolDraft](w, w.ana, http.MethodPost, toolapi.Path, map[string]any{"external": outside(url)}, http.StatusCreated)
	}
	bad := make("ftp://mapas.ejemplo.mx")
	if got := w.refused(w.call(w.ana, "tools", http.MethodPost, toolapi.Path+"/"+bad.ID+"/publish", map[string]any{"revision": 1}), 422); !slices.Equal(got, []string{"url"}) {
		t.Errorf("a bad address: %q", got)
	}
	good := make("https://mapas.ejemplo.mx")
	at := toolapi.Path + "/" + good.ID
	saved := writes[toolapi.ToolDraft](w, w.ana, http.MethodPut, at+"/draft", map[string]any{"external": outside("https://mapas.ejemplo.mx/2"), "revision": 1}, http.StatusOK)
	if saved.Document != nil || saved.External == nil || saved.External.URL != "https://mapas.ejemplo.mx/2" {
		t.Errorf("saved as %+v", saved)
	}
	state := writes[toolapi.ToolState](w, w.ana, http.MethodPost, at+"/publish", map[string]any{"revision": 2}, http.StatusCreated)
	one := reads[toolapi.ToolWhole](w, state.API)
	if one.Kind != "external" || one.Outside == nil || one.Outside.URL != "https://mapas.ejemplo.mx/2" || one.Links.Spec != "" || len(one.Datasets) != 1 {
		t.Errorf("it is told as %+v", one)
	}
	w.refused(w.call(visitor, "", http.MethodGet, state.API+"/spec", nil), http.StatusNotFound)
	if upper := reads[toolapi.ToolWhole](w, toolapi.Path+"/"+strings.ToUpper(one.ID)); upper.ID != one.ID {
		t.Errorf("by its id in capitals it is %q", upper.ID)
	}
}

func TestProgramsListToolsByFilterAndByPages(t *testing.T) {
	worlds(t, func(w *world) {
		w.published(w.ana, doc("Una", bars("uno")))
		w.published(w.ana, doc("Dos", spec.View{Name: "uno", Mark: spec.Figure, Encoding: spec.Encoding{Y: mean("precio")}}))
		w.published(w.beto, doc("Tres", bars("uno")))
		for query, want := range map[string]int{"": 3, "kind=bar": 2, "kind=figure": 1, "kind=external": 0, "theme=Energ%C3%ADa": 3, "theme=nada": 0, "place=09": 3, "place=15": 0,
			"institution=" + w.Lerma.Slug: 3, "institution=" + w.Lerma.ID: 3, "institution=" + w.Salud.ID: 0, "dataset=" + dataset: 3, "resource=" + prices: 3,
			"resource=" + prices + "&column=producto": 2, "official=true": 0, "alive=true": 3, "featured=true": 0, "sort=newest": 3, "sort=viewed": 3, "parent=x": 0} {
			if got := reads[api.List[toolapi.ToolItem]](w, toolapi.Path+"?"+query); got.Total != want || len(got.Items) != want {
				t.Errorf("%q: %d of %d, want %d", query, len(got.Items), got.Total, want)
			}
		}
		for _, kind := range spec.Kinds {
			reads[api.List[toolapi.ToolItem]](w, toolapi.Path+"?kind="+string(kind))
		}
		for _, order := range []string{"featured", "newest", "viewed"} {
			seen, path := map[string]bool{}, toolapi.Path+"?limit=1&sort="+order
			for range 5 {
				page := reads[api.List[toolapi.ToolItem]](w, path)
				for _, one := range page.Items {
					seen[one.ID] = true
				}
				if page.Next == nil {
					break
				}
				path = toolapi.Path + "?limit=1&sort=" + order + "&cursor=" + *page.Next
			}
			if len(seen) != 3 {
				t.Errorf("%s: its pages have %d tools", order, len(seen))
			}
		}
		for query, want := range map[string]int{"institution=nadie": 404, "cursor=x": 422, "kind=x": 422, "column=producto": 422, "limit=1000": 422} {
			if res := w.call(visitor, "", http.MethodGet, toolapi.Path+"?"+query, nil); res.Code != want {
				t.Errorf("%s: %d, want %d", query, res.Code, want)
			}
		}
	})
}
