package spec

import (
	"bytes"
	"cmp"
	"encoding/json"
	"fmt"
	"io"
	"reflect"
	"slices"
	"strings"

	"plaza/internal/plaza"
)

// maxDepth is how deep objects and lists may lie in each other; a document needs seven.
const maxDepth = 12

// Parse reads a document and holds it to the format. What is wrong with it is Invalid, a
// field for each mistake, named by its path.
func Parse(text []byte) (Spec, error) {
	s, wrong := read(text)
	if len(wrong) == 0 {
		wrong = s.Check()
	}
	return s, wrong.Err("toolspec.error")
}

// read decodes a document strictly: no unknown member, none twice, no other type.
func read(text []byte) (s Spec, wrong plaza.Mistakes) {
	if len(text) > MaxBytes {
		wrong.Hold(false, "$", "toolspec.error.bytes", map[string]any{"max": MaxBytes >> 10})
		return s, wrong
	}
	d := json.NewDecoder(bytes.NewReader(text))
	d.UseNumber()
	w := walker{d: d}
	w.value("$", reflect.TypeFor[Spec](), 0)
	if len(w.wrong) == 0 {
		if _, err := d.Token(); err != io.EOF {
			w.say("$", "toolspec.error.json", nil)
		}
	}
	if len(w.wrong) > 0 {
		return s, w.wrong
	}
	if err := json.Unmarshal(text, &s); err != nil {
		w.say("$", "toolspec.error.json", nil) // a number too large for its field
	}
	return s, w.wrong
}

// walker reads a document's tokens beside the types that they are for.
type walker struct {
	d     *json.Decoder
	wrong plaza.Mistakes
}

func (w *walker) say(path, key string, args map[string]any) {
	w.wrong.Hold(false, path, key, args)
}

// value reads one value and reports whether the reading can go on.
func (w *walker) value(path string, t reflect.Type, depth int) bool {
	token, err := w.d.Token()
	if err != nil || depth > maxDepth {
		w.say(path, "toolspec.error.json", nil)
		return false
	}
	switch token := token.(type) {
	case json.Delim:
		switch {
		case token == '{' && t.Kind() == reflect.Struct:
			return w.object(path, t, depth)
		case token == '[' && t.Kind() == reflect.Slice:
			return w.list(path, t.Elem(), depth)
		}
		w.say(path, "toolspec.error.type", map[string]any{"want": kindOf(t)})
		return false
	case string:
		w.is(path, t, reflect.String)
	case bool:
		w.is(path, t, reflect.Bool)
	case json.Number:
		whole := t.Kind() != reflect.Int || !strings.ContainsAny(token.String(), ".eE")
		if t.Kind() != reflect.Int && t.Kind() != reflect.Float64 || !whole {
			w.say(path, "toolspec.error.type", map[string]any{"want": kindOf(t)})
		}
	default:
		w.say(path, "toolspec.error.type", map[string]any{"want": kindOf(t)})
	}
	return len(w.wrong) < maxMistakes
}

// maxMistakes are told at once.
const maxMistakes = 20

func (w *walker) is(path string, t reflect.Type, k reflect.Kind) {
	if t.Kind() != k {
		w.say(path, "toolspec.error.type", map[string]any{"want": kindOf(t)})
	}
}

func (w *walker) object(path string, t reflect.Type, depth int) bool {
	seen := map[string]bool{}
	for w.d.More() {
		token, err := w.d.Token()
		name, ok := token.(string)
		if err != nil || !ok {
			w.say(path, "toolspec.error.json", nil)
			return false
		}
		at := join(path, name)
		field, known := member(t, name)
		if !known || seen[name] {
			key := "toolspec.error.unknown"
			if known {
				key = "toolspec.error.twice"
			}
			w.say(at, key, map[string]any{"known": strings.Join(members(t), ", ")})
			return false
		}
		seen[name] = true
		if !w.value(at, field, depth+1) {
			return false
		}
	}
	_, err := w.d.Token()
	return err == nil
}

func (w *walker) list(path string, t reflect.Type, depth int) bool {
	member := path[strings.LastIndexByte(path, '.')+1:]
	most := maxItems[member]
	for i := 0; w.d.More(); i++ {
		if i == maxList || most > 0 && i == most {
			w.say(path, "toolspec.error.many", map[string]any{"max": cmp.Or(most, maxList)})
			return false
		}
		if !w.value(fmt.Sprintf("%s[%d]", path, i), t, depth+1) {
			return false
		}
	}
	_, err := w.d.Token()
	return err == nil
}

// maxList is longer than any list may be, and maxItems is how long lists may be by their names.
const maxList = 100

var maxItems = map[string]int{"sources": MaxSources, "views": MaxViews, "controls": MaxControls, "lookup": MaxLookups, "fields": MaxFields,
	"columns": MaxFields, "rules": MaxRules, "annotations": MaxNotes}

func join(path, name string) string {
	if len(name) > MaxName {
		name = name[:MaxName] + "…"
	}
	name = strings.ToValidUTF8(name, "")
	if path == "$" {
		return name
	}
	return path + "." + name
}

// member is the type of a member of an object.
func member(t reflect.Type, name string) (reflect.Type, bool) {
	for i := range t.NumField() {
		if tagged(t.Field(i)) == name {
			return t.Field(i).Type, true
		}
	}
	return nil, false
}

func members(t reflect.Type) (out []string) {
	for i := range t.NumField() {
		out = append(out, tagged(t.Field(i)))
	}
	slices.Sort(out)
	return out
}

func tagged(f reflect.StructField) string {
	name, _, _ := strings.Cut(f.Tag.Get("json"), ",")
	return name
}

// kindOf is a type as the schema calls it.
func kindOf(t reflect.Type) string {
	switch t.Kind() {
	case reflect.Struct:
		return "object"
	case reflect.Slice:
		return "array"
	case reflect.String:
		return "string"
	case reflect.Bool:
		return "boolean"
	case reflect.Int:
		return "integer"
	}
	return "number"
}

// JSON is the document in its canonical form, indented. Equal tools have equal documents.
func (s Spec) JSON() []byte {
	if s.Sources == nil {
		s.Sources = []Source{} // lists that must be there are, even when empty
	}
	if s.Views == nil {
		s.Views = []View{}
	}
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	if err := e.Encode(s); err != nil {
		panic("spec: a document does not encode: " + err.Error()) // NaN: Check refuses it
	}
	return b.Bytes()
}
