package spec_test

import (
	"encoding/json"
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"plaza/internal/plaza"
	"plaza/internal/section/tool/spec"
)

// petrol is a document with most of what there is.
const petrol = `{
  "$schema": "plaza-tool/1",
  "title": "Precio de la gasolina",
  "language": "es",
  "sources": [
    {"name": "precios", "resource": "01980000-0000-7000-8000-000000000001", "filter": "f.producto=regular", "lookup": [{"key": "cve_mun", "from": "censo", "equals": "cvegeo", "fields": ["pobtot"]}]},
    {"name": "censo", "resource": "01980000-0000-7000-8000-000000000002", "version": 3}
  ],
  "views": [
    {"name": "serie", "source": "precios", "mark": "line", "encoding": {"x": {"field": "fecha", "timeUnit": "yearmonth"}, "y": {"field": "precio", "aggregate": "mean"}, "color": {"field": "producto"}}},
    {"name": "mapa", "source": "precios", "mark": "geoshape", "geo": "states", "per": "population", "encoding": {"place": {"field": "cve_ent"}, "color": {"aggregate": "count"}}}
  ],
  "controls": [{"kind": "list", "field": "producto"}]
}`

// fields are where an error says that something is wrong, with why.
func fields(err error) (out []string) {
	e, _ := errors.AsType[*plaza.Error](err)
	if e == nil {
		return nil
	}
	for _, f := range e.Fields {
		out = append(out, f.Field+" "+strings.TrimPrefix(f.Key, "toolspec.error."))
	}
	return out
}

func TestADocumentIsReadAndWrittenAgain(t *testing.T) {
	s, err := spec.Parse([]byte(petrol))
	if err != nil {
		t.Fatalf("Parse: %v %v", err, fields(err))
	}
	again, err := spec.Parse(s.JSON())
	if err != nil {
		t.Fatalf("Parse of what JSON gave: %v", err)
	}
	if diff := cmp.Diff(s, again); diff != "" {
		t.Errorf("what was written is another (-first +again):\n%s", diff)
	}
	if got := s.Kind(); got != spec.KindLinked {
		t.Errorf("Kind = %q, want linked", got)
	}
}

func TestWhatIsWrongIsSaidAtItsPath(t *testing.T) {
	for _, c := range []struct {
		name, old, new string
		want           []string
	}{
		{"no JSON", `"views"`, `views`, []string{"$ json"}},
		{"unknown member", `"mark": "line"`, `"mark": "line", "signal": "alert(1)"`, []string{"views[0].signal unknown"}},
		{"address of data", `"language"`, `"data": {"url": "https://example.org"}, "language"`, []string{"data unknown"}},
		{"twice", `"language": "es"`, `"language": "es", "language": "en"`, []string{"language twice"}},
		{"number for a text", `"Precio de la gasolina"`, `7`, []string{"title type"}},
		{"text for a number", `"version": 3`, `"version": "3"`, []string{"sources[1].version type"}},
		{"fraction", `"version": 3`, `"version": 3.5`, []string{"sources[1].version type"}},
		{"number beyond all", `"version": 3`, `"version": 999999999999999999999999`, []string{"$ json"}},
		{"a long sentence", `"mark": "line"`, `"mark": "line", "sentence": "` + strings.Repeat("a", 401) + `"`, []string{"views[0].sentence long"}},
		{"mark", `"mark": "line"`, `"mark": "image"`, []string{"views[0].mark choice"}},
		{"another's source", `"source": "precios", "mark": "line"`, `"source": "otra", "mark": "line"`, []string{"views[0].source source"}},
		{"no measure", `"aggregate": "mean"`, `"aggregate": ""`, []string{"views[0].encoding.y.aggregate measure"}},
		{"channel of another mark", `"place": {"field": "cve_ent"}`, `"x": {"field": "cve_ent"}`, []string{"views[1].encoding.place channel", "views[1].encoding.x no_channel"}},
		{"resource", `01980000-0000-7000-8000-000000000002`, `../../etc`, []string{"sources[1].resource resource"}},
		{"lookup of itself", `"from": "censo"`, `"from": "precios"`, []string{"sources[0].lookup[0].from source"}},
		{"schema", `plaza-tool/1`, `plaza-tool/2`, []string{"$schema schema"}},
		{"no title", `Precio de la gasolina`, ` `, []string{"title title"}},
		{"control characters", `Precio de la gasolina`, `Precio\u0007`, []string{"title letters"}},
		{"control characters in a filter", `"mark": "line"`, `"mark": "line", "filter": "f.producto=%01"`, []string{"views[0].filter letters"}},
		{"no text in a filter", `"mark": "line"`, `"mark": "line", "filter": "f.producto=%FF"`, []string{"views[0].filter letters"}},
		{"more views than there may be", `"views": [`, `"views": [` + strings.Repeat(`{}, `, 8), []string{"views many"}},
		{"a title that nobody sees", `Precio de la gasolina`, `\u200b\u202e`, []string{"title title"}},
		{"a title of two lines", `Precio de la gasolina`, `Precio\nde la gasolina`, []string{"title letters"}},
		{"a text that nobody sees", `{"name": "serie", "source": "precios", "mark": "line",`, `{"name": "dice", "mark": "text", "text": "\u200b"}, {"name": "serie", "source": "precios", "mark": "line",`, []string{"views[0].text text"}},
		{"shares of means", `"mark": "line"`, `"mark": "area", "stack": "normalize"`, []string{"views[0].stack share"}},
		{"a control twice", `[{"kind": "list", "field": "producto"}]`, `[{"kind": "list", "field": "producto"}, {"kind": "search"}, {"kind": "list", "field": "producto"}, {"kind": "search"}]`, []string{"controls[2] twice", "controls[3] twice"}},
		{"a column looked up twice", `"fields": ["`, `"fields": ["x", "x", "`, []string{"sources[0].lookup[0].fields[1] column_twice"}},
		{"a line at two places", `"mark": "line"`, `"mark": "line", "rules": [{"at": 5, "of": "mean"}]`, []string{"views[0].rules[0].at rule"}},
		{"two documents", petrol, petrol + "{}", []string{"$ json"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			text := strings.Replace(petrol, c.old, c.new, 1)
			if text == petrol {
				t.Fatalf("%q is not in the document", c.old)
			}
			_, err := spec.Parse([]byte(text))
			if diff := cmp.Diff(c.want, fields(err)); diff != "" {
				t.Errorf("Parse (-want +got):\n%s", diff)
			}
		})
	}
}

func TestTheSchemaKnowsEachMember(t *testing.T) {
	var schema map[string]any
	if err := json.Unmarshal(spec.JSONSchema("/api/v1/tools/schema.json"), &schema); err != nil {
		t.Fatal(err)
	}
	defs := schema["$defs"].(map[string]any)
	mark := defs["View"].(map[string]any)["properties"].(map[string]any)["mark"].(map[string]any)
	if len(mark["enum"].([]any)) != len(spec.Marks) || defs["Channel"] == nil || defs["Lookup"] == nil {
		t.Errorf("the schema lacks something: %v", schema)
	}
}

func FuzzParse(f *testing.F) {
	f.Add([]byte(petrol))
	f.Add([]byte(strings.Repeat("[", 1000)))
	f.Add([]byte(`{"views":[{"encoding":{"x":null}}]}`))
	f.Fuzz(func(t *testing.T, text []byte) {
		s, err := spec.Parse(text)
		if err != nil {
			if plaza.KindOf(err) != plaza.Invalid || len(fields(err)) == 0 {
				t.Fatalf("Parse(%q) = %v, want a refusal that says where", text, err)
			}
			return
		}
		if again, err := spec.Parse(s.JSON()); err != nil || string(s.JSON()) != string(again.JSON()) {
			t.Fatalf("what was written of %q is another: %v", text, err)
		}
	})
}
