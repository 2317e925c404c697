package api_test

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/google/go-cmp/cmp"

	"plaza/internal/base/api"
	"plaza/internal/base/api/apitest"
	"plaza/internal/base/web"
	"plaza/internal/base/web/webtest"
	"plaza/internal/plaza"
)

// square is what the test's operations are about.
type square struct {
	Name string    `json:"name" doc:"api.list.items"`
	At   time.Time `json:"at" doc:"api.list.items"`
}

type listInput struct {
	api.Paging
	Q     string   `query:"q" maxLength:"10" doc:"api.param.lang"`
	Sort  string   `query:"sort" enum:"name,age" default:"name" doc:"api.param.lang"`
	Color []string `query:"color,explode" maxItems:"2" maxLength:"5" doc:"api.param.lang"`
	Deep  bool     `query:"deep" doc:"api.param.lang"`
	From  string   `query:"from" pattern:"^[0-9]{4}$" patternDescription:"api.field.date" doc:"api.param.lang"`
}

type oneInput struct {
	Name string `path:"name" maxLength:"40" doc:"api.param.lang"`
}

// words are the messages of the test's operations.
var words = fstest.MapFS{
	"locale/es.json": {Data: []byte(`{"squares.list.summary": "Plazas", "squares.list.text": "Las plazas.", "squares.list.answer": "Plazas.",
		"squares.one.summary": "Plaza", "squares.one.text": "Una plaza.", "squares.one.answer": "La plaza."}`)},
	"locale/en.json": {Data: []byte(`{"squares.list.summary": "Squares", "squares.list.text": "The squares.", "squares.list.answer": "Squares.",
		"squares.one.summary": "Square", "squares.one.text": "One square.", "squares.one.answer": "The square."}`)},
}

// newShell is a shell with two operations; what /squares/{name} does depends on the name.
func newShell(t *testing.T) (*web.Shell, *[]listInput) {
	t.Helper()
	shell := webtest.New(t, func(c *web.Config) { c.Version = func() string { return "1" } }, api.Locale, words)
	a, err := api.New(shell, api.Config{Contact: "datos@plaza.example"})
	if err != nil {
		t.Fatal(err)
	}
	var asked []listInput
	api.Get(a, api.Op{Name: "squares.list", Path: "/api/v1/squares", Tag: "datasets", Cache: web.Public},
		func(_ context.Context, in *listInput) (api.List[square], error) {
			asked = append(asked, *in)
			list := api.List[square]{Items: []square{{Name: "<Zócalo> & más", At: webtest.Now}}, Total: 2}
			place := struct{ N int }{}
			if in.Cursor != "" {
				if err := api.ReadCursor(in.Cursor, &place); err != nil {
					return list, err
				}
				return list, nil
			}
			cursor, err := api.NewCursor(struct{ N int }{1})
			list.More(cursor)
			return list, err
		})
	api.Get(a, api.Op{Name: "squares.one", Path: "/api/v1/squares/{name}", Tag: "datasets", Cache: web.Public, Missing: true, Moved: true},
		func(ctx context.Context, in *oneInput) (square, error) {
			switch in.Name {
			case "old":
				return square{}, &api.Moved{Path: "/api/v1/squares/new"}
			case "none":
				return square{}, plaza.E(plaza.NotFound, "web.error.404.text")
			case "busy":
				return square{}, &plaza.Error{Kind: plaza.TooMany, RetryAfter: 7 * time.Second}
			case "away":
				return square{}, plaza.E(plaza.Unavailable, "")
			case "broken":
				return square{}, errors.New("password=hunter2 in the log")
			case "panic":
				panic("a fault")
			}
			return square{Name: in.Name + " " + api.Printer(ctx).Lang(), At: webtest.Now}, nil
		})
	return shell, &asked
}

func decode[T any](t *testing.T, w *httptest.ResponseRecorder) T {
	t.Helper()
	var v T
	d := json.NewDecoder(w.Body)
	d.DisallowUnknownFields()
	if err := d.Decode(&v); err != nil {
		t.Fatalf("%v in %s", err, w.Body)
	}
	return v
}

func TestAListIsPagedByOpaqueCursors(t *testing.T) {
	shell, asked := newShell(t)
	w := webtest.Get(t, shell, "/api/v1/squares?q=plaza&color=red&color=blue&limit=1&deep=true&from=2026")
	if w.Code != http.StatusOK || w.Header().Get("Content-Type") != "application/json" {
		t.Fatalf("%d %s: %s", w.Code, w.Header().Get("Content-Type"), w.Body)
	}
	want := listInput{Paging: api.Paging{Limit: 1}, Q: "plaza", Sort: "name", Color: []string{"red", "blue"}, Deep: true, From: "2026"}
	if diff := cmp.Diff(want, (*asked)[0]); diff != "" {
		t.Errorf("what the handler was asked: %s", diff)
	}
	list := decode[api.List[square]](t, w)
	if list.Total != 2 || len(list.Items) != 1 || list.Next == nil {
		t.Fatalf("first page: %+v", list)
	}
	link := w.Header().Get("Link")
	if !strings.HasPrefix(link, "<https://plaza.example/api/v1/squares?color=red&color=blue&cursor="+*list.Next) || !strings.HasSuffix(link, `>; rel="next"`) {
		t.Errorf("Link: %s", link)
	}
	w = webtest.Get(t, shell, "/api/v1/squares?cursor="+*list.Next)
	if list := decode[api.List[square]](t, w); list.Next != nil || w.Header().Get("Link") != "" {
		t.Errorf("last page: %+v, Link %q", list, w.Header().Get("Link"))
	}
}

func TestAnswersAreOpenAndTagged(t *testing.T) {
	shell, _ := newShell(t)
	w := webtest.Get(t, shell, "/api/v1/squares")
	etag := w.Header().Get("ETag")
	if etag == "" || w.Header().Get("Access-Control-Allow-Origin") != "*" {
		t.Fatalf("headers: %v", w.Header())
	}
	if !strings.Contains(w.Body.String(), `"<Zócalo> & más","at":"2026-11-23T15:00:00Z"`) {
		t.Errorf("body: %s", w.Body)
	}
	r := httptest.NewRequest(http.MethodGet, "/api/v1/squares", nil)
	r.Header.Set("If-None-Match", etag)
	if w := webtest.Do(shell, r); w.Code != http.StatusNotModified {
		t.Errorf("again: %d", w.Code)
	}
	if w := webtest.Do(shell, httptest.NewRequest(http.MethodHead, "/api/v1/squares", nil)); w.Code != http.StatusOK || w.Body.Len() != 0 {
		t.Errorf("HEAD: %d, %d bytes", w.Code, w.Body.Len())
	}
}

func TestAnOldNameRedirects(t *testing.T) {
	shell, _ := newShell(t)
	w := webtest.Get(t, shell, "/api/v1/squares/old")
	if w.Code != http.StatusMovedPermanently || w.Header().Get("Location") != "/api/v1/squares/new" {
		t.Errorf("%d to %q", w.Code, w.Header().Get("Location"))
	}
}

func TestTheLanguageIsTheOneAskedForAndIsNotRemembered(t *testing.T) {
	shell, _ := newShell(t)
	w := webtest.Get(t, shell, "/api/v1/squares/plaza?lang=en")
	if got := decode[square](t, w); got.Name != "plaza en" {
		t.Errorf("in English: %+v", got)
	}
	if w.Header().Get("Set-Cookie") != "" || strings.Contains(w.Header().Get("Cache-Control"), "no-store") {
		t.Errorf("an answer for programs sets a cookie: %v", w.Header())
	}
}

// field is one entry of a problem's errors.
type field = api.ProblemField

func TestEveryErrorIsAProblemDocument(t *testing.T) {
	shell, _ := newShell(t)
	for _, c := range []struct {
		name   string
		method string
		path   string
		header [2]string
		status int
		code   string
		fields []field
	}{
		{"a path that does not exist", "GET", "/api/v1/nothing", [2]string{}, 404, "not-found", nil},
		{"a path below an operation", "GET", "/api/v1/squares/a/b", [2]string{}, 404, "not-found", nil},
		{"a thing that does not exist", "GET", "/api/v1/squares/none", [2]string{}, 404, "not-found", nil},
		{"a path that is no text", "GET", "/api/v1/squares/%ff", [2]string{}, 404, "not-found", nil},
		{"another method", "POST", "/api/v1/squares", [2]string{}, 405, "method-not-allowed", nil},
		{"an unknown method", "BREW", "/api/v1/squares", [2]string{}, 501, "not-implemented", nil},
		{"another format", "GET", "/api/v1/squares", [2]string{"Accept", "text/csv, application/json;q=0"}, 406, "not-acceptable", nil},
		{"a compressed body", "GET", "/api/v1/squares", [2]string{"Content-Encoding", "gzip"}, 415, "unsupported-media-type", nil},
		{"a bad escape", "GET", "/api/v1/squares?q=%zz", [2]string{}, 400, "bad-request", nil},
		{"an endless address", "GET", "/api/v1/squares?q=" + strings.Repeat("a", 9<<10), [2]string{}, 414, "address-too-long", nil},
		{"unknown parameters", "GET", "/api/v1/squares?colour=red&zz", [2]string{}, 422, "invalid",
			[]field{{"colour", "Esta operación no tiene ese parámetro."}, {"zz", "Esta operación no tiene ese parámetro."}}},
		{"a limit beyond the range", "GET", "/api/v1/squares?limit=101", [2]string{}, 422, "invalid",
			[]field{{"limit", "Debe ser un número entero de 1 a 100."}}},
		{"a limit that is no number, in English", "GET", "/api/v1/squares?limit=ten&lang=en", [2]string{}, 422, "invalid",
			[]field{{"limit", "It must be a whole number from 1 to 100."}}},
		{"a limit of forty digits", "GET", "/api/v1/squares?limit=" + strings.Repeat("9", 40), [2]string{}, 422, "invalid",
			[]field{{"limit", "Debe ser un número entero de 1 a 100."}}},
		{"an unknown order", "GET", "/api/v1/squares?sort=size", [2]string{}, 422, "invalid",
			[]field{{"sort", "Debe ser uno de: name, age."}}},
		{"too many values", "GET", "/api/v1/squares?color=a&color=b&color=c", [2]string{}, 422, "invalid",
			[]field{{"color", "Puede repetirse 2 veces como máximo, con 5 letras cada vez."}}},
		{"a value too long", "GET", "/api/v1/squares?color=purple", [2]string{}, 422, "invalid",
			[]field{{"color", "Puede repetirse 2 veces como máximo, con 5 letras cada vez."}}},
		{"several at once", "GET", "/api/v1/squares?deep=maybe&from=later&q=abcdefghijk", [2]string{}, 422, "invalid",
			[]field{
				{"q", "Debe tener como máximo 10 letras."}, {"deep", "Debe ser true o false."},
				{"from", "Debe ser una fecha: 2026, 2026-05, 2026-05-30 o con hora, como 2026-05-30T12:00:00Z."},
			}},
		{"a cursor that nobody wrote", "GET", "/api/v1/squares?cursor=AAAA", [2]string{}, 422, "invalid",
			[]field{{"cursor", "No es un cursor de esta lista. Use el valor de next tal como llegó, con el mismo filtro."}}},
		{"too many requests", "GET", "/api/v1/squares/busy", [2]string{}, 429, "too-many", nil},
		{"a store that is away", "GET", "/api/v1/squares/away", [2]string{}, 503, "unavailable", nil},
		{"a fault", "GET", "/api/v1/squares/broken", [2]string{}, 500, "internal", nil},
		{"a panic", "GET", "/api/v1/squares/panic", [2]string{}, 500, "internal", nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			r := httptest.NewRequest(c.method, c.path, nil)
			if c.header[0] != "" {
				r.Header.Set(c.header[0], c.header[1])
			}
			w := webtest.Do(shell, r)
			if ct := w.Header().Get("Content-Type"); w.Code != c.status || ct != "application/problem+json" {
				t.Fatalf("%d %s: %s", w.Code, ct, w.Body)
			}
			if w.Header().Get("Access-Control-Allow-Origin") != "*" || w.Header().Get("Cache-Control") != "no-store" {
				t.Errorf("headers: %v", w.Header())
			}
			if strings.Contains(w.Body.String(), "hunter2") {
				t.Errorf("the cause is shown: %s", w.Body)
			}
			p := decode[api.Problem](t, w)
			if p.Code != c.code || p.Status != c.status || p.Type != "https://plaza.example/api#"+c.code ||
				p.Title == "" || p.Detail == "" || p.Instance == "" || p.Instance != w.Header().Get("X-Request-Id") {
				t.Errorf("problem: %+v", p)
			}
			if diff := cmp.Diff(c.fields, p.Errors); diff != "" {
				t.Errorf("errors: %s", diff)
			}
		})
	}
}

func TestRefusalsSayWhenToComeBackAndWhatIsAllowed(t *testing.T) {
	shell, _ := newShell(t)
	if got := webtest.Get(t, shell, "/api/v1/squares/busy").Header().Get("Retry-After"); got != "7" {
		t.Errorf("Retry-After: %q", got)
	}
	w := webtest.Do(shell, httptest.NewRequest(http.MethodPost, "/api/v1/squares", nil))
	if got := w.Header().Get("Allow"); got != "GET, HEAD" {
		t.Errorf("Allow: %q", got)
	}
}

func TestTheDescriptionIsValidAndSpeaksBothLanguages(t *testing.T) {
	shell, _ := newShell(t)
	spec := apitest.Load(t, shell)
	for _, path := range []string{"/api/v1/squares?limit=1", "/api/v1/squares/plaza", "/api/v1/squares/none", "/api/v1/squares/busy",
		"/api/v1/squares/broken", "/api/v1/squares/away", "/api/v1/squares?limit=0"} {
		w := webtest.Get(t, shell, path)
		spec.Conforms(t, path, w.Code, w.Header().Get("Content-Type"), w.Body.Bytes())
	}
	es := webtest.Get(t, shell, "/api/v1/openapi.json").Body.String()
	en := webtest.Get(t, shell, "/api/v1/openapi.json?lang=en").Body.String()
	if !strings.Contains(es, "Cuántos elementos trae la página.") || !strings.Contains(en, "How many items the page holds.") {
		t.Error("a sentence is missing")
	}
}

func TestThePageShowsEveryOperation(t *testing.T) {
	shell, _ := newShell(t)
	for _, problem := range webtest.CheckTemplates(shell) {
		t.Error(problem)
	}
	for lang, words := range map[string]string{"es": "Interfaz para programas", "en": "Interface for programs"} {
		body := webtest.Get(t, shell, "/api?lang="+lang).Body.String()
		for _, want := range []string{words, "GET /api/v1/squares</pre>", "GET /api/v1/squares/{name}</pre>", `<code>limit</code>`,
			`href="/api/v1/openapi.json"`, `id="not-found"`, `<h3 id="ListSquare">`} {
			if !strings.Contains(body, want) {
				t.Errorf("%s: the page lacks %q", lang, want)
			}
		}
	}
}

func FuzzNoCursorIsAFault(f *testing.F) {
	good, err := api.NewCursor(map[string]int{"N": 3})
	if err != nil {
		f.Fatal(err)
	}
	for _, seed := range []string{good, good + "=", "", "AAAA", "!!", strings.Repeat("e", 600), "eyJOIjoxfXt9", "bnVsbA"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, cursor string) {
		var place struct{ N int }
		if err := api.ReadCursor(cursor, &place); err != nil && plaza.KindOf(err) != plaza.Invalid {
			t.Errorf("ReadCursor(%q) = %v", cursor, err)
		}
	})
}
