// Package apitest holds an interface to its own description: that the OpenAPI
// document is valid and complete, and that answers are what it says.
package apitest

import (
	"encoding/json"
	"net/http"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"

	"plaza/internal/base/api"
	"plaza/internal/base/web/webtest"
)

// Spec is the document of a handler's interface.
type Spec struct{ doc *openapi3.T }

// key is what a message key looks like that no catalogue has.
var key = regexp.MustCompile(`^[a-z_]+(\.[a-z0-9_]+)+$`)

// Load reads the document and fails the test where it is not valid OpenAPI 3.1, or
// leaves something without words in either language.
func Load(t testing.TB, h http.Handler) *Spec {
	t.Helper()
	var s *Spec
	for _, lang := range []string{"en", "es"} {
		w := webtest.Get(t, h, api.SpecPath+"?lang="+lang)
		doc, err := openapi3.NewLoader().LoadFromData(w.Body.Bytes())
		if err != nil {
			t.Fatalf("reading the OpenAPI document: %v", err)
		}
		if err := doc.Validate(t.Context(), openapi3.IsOpenAPI31OrLater()); err != nil {
			t.Errorf("the OpenAPI document is not valid: %v", err)
		}
		s = &Spec{doc}
		s.checkWords(t, lang)
	}
	return s
}

func (s *Spec) checkWords(t testing.TB, lang string) {
	t.Helper()
	words := func(where, text string) {
		if text == "" || key.MatchString(text) {
			t.Errorf("%s: %s has no words (%q)", lang, where, text)
		}
	}
	for _, tag := range s.doc.Tags {
		words("tag "+tag.Name, tag.Description)
	}
	for path, item := range s.doc.Paths.Map() {
		for method, op := range item.Operations() {
			at := method + " " + path
			words(at+" summary", op.Summary)
			words(at+" description", op.Description)
			for _, p := range op.Parameters {
				words(at+" "+p.Value.Name, p.Value.Description)
			}
			for code, r := range op.Responses.Map() {
				words(at+" "+code, *r.Value.Description)
			}
		}
	}
	for name, schema := range s.doc.Components.Schemas {
		for field, p := range schema.Value.Properties {
			words(name+"."+field, p.Value.Description)
		}
	}
}

// Conforms fails the test where an answer to a request for a path is not what the
// document says of that path and status.
func (s *Spec) Conforms(t testing.TB, path string, status int, media string, body []byte) {
	t.Helper()
	media, _, _ = strings.Cut(media, ";")
	route, _, _ := strings.Cut(path, "?")
	op := s.operation(route)
	if op == nil {
		t.Errorf("no operation describes %s", path)
		return
	}
	response := op.Responses.Value(strconv.Itoa(status))
	if response == nil || response.Value.Content.Get(media) == nil {
		t.Errorf("%s: an answer %d of type %s is not described", path, status, media)
		return
	}
	var v any
	if err := json.Unmarshal(body, &v); err != nil {
		t.Errorf("%s: %v", path, err)
		return
	}
	schema := response.Value.Content.Get(media).Schema.Value
	if err := schema.VisitJSON(v, openapi3.EnableJSONSchema2020(), openapi3.MultiErrors()); err != nil {
		t.Errorf("%s answers what is not described: %v", path, err)
	}
}

// operation finds what describes a path: the one with fewest places to fill.
func (s *Spec) operation(path string) *openapi3.Operation {
	var best *openapi3.Operation
	places := len(path)
	for pattern, item := range s.doc.Paths.Map() {
		if n, ok := match(pattern, path); ok && n < places {
			best, places = item.Get, n
		}
	}
	return best
}

// match reports whether a path has a pattern's form, and how many places it fills.
func match(pattern, path string) (places int, ok bool) {
	a, b := strings.Split(pattern, "/"), strings.Split(path, "/")
	if len(a) != len(b) {
		return 0, false
	}
	for i := range a {
		if strings.HasPrefix(a[i], "{") {
			places++
		} else if a[i] != b[i] {
			return 0, false
		}
	}
	return places, true
}
