package spec

import (
	"encoding/json"
	"reflect"
	"strings"
)

// choices are the members that hold one of a few words, by the type and name of the member.
var choices = map[string][]string{
	"Spec.$schema": {Schema}, "Spec.language": {"es", "en"}, "View.mark": words(Marks), "View.stack": Stacks, "View.orient": {"horizontal", "vertical"},
	"View.palette": Palettes, "View.format": Formats, "Channel.aggregate": Aggregates, "Channel.timeUnit": TimeUnits,
	"Channel.sort": Sorts, "Rule.of": {"mean", "median"}, "Control.kind": Controls,
}

// most are how many a list may hold, by the type and name of the member.
var most = map[string]int{
	"Spec.sources": MaxSources, "Spec.views": MaxViews, "Spec.controls": MaxControls, "Source.lookup": MaxLookups,
	"Lookup.fields": MaxFields, "View.columns": MaxFields, "View.rules": MaxRules, "View.annotations": MaxNotes,
}

// JSONSchema is the format as a JSON Schema (draft 2020-12), at an address.
func JSONSchema(address string) []byte {
	defs := map[string]any{}
	root := schemaOf(reflect.TypeFor[Spec](), defs)
	root["$schema"], root["$id"], root["title"], root["$defs"] = "https://json-schema.org/draft/2020-12/schema", address, "Plaza tool", defs
	out, err := json.MarshalIndent(root, "", "  ")
	if err != nil {
		panic("spec: the schema does not encode: " + err.Error())
	}
	return append(out, '\n')
}

func schemaOf(t reflect.Type, defs map[string]any) map[string]any {
	switch t.Kind() {
	case reflect.Slice:
		return map[string]any{"type": "array", "items": schemaOf(t.Elem(), defs)}
	case reflect.Struct:
		out := objectOf(t, defs)
		if t == reflect.TypeFor[Spec]() {
			return out
		}
		defs[t.Name()] = out
		return map[string]any{"$ref": "#/$defs/" + t.Name()}
	}
	return map[string]any{"type": kindOf(t)}
}

func objectOf(t reflect.Type, defs map[string]any) map[string]any {
	properties, required := map[string]any{}, []string{}
	for i := range t.NumField() {
		f := t.Field(i)
		name := tagged(f)
		one := schemaOf(f.Type, defs)
		if of := choices[t.Name()+"."+name]; of != nil {
			one["enum"] = of
		}
		if n := most[t.Name()+"."+name]; n > 0 {
			one["maxItems"] = n
		}
		properties[name] = one
		if !strings.Contains(f.Tag.Get("json"), ",") {
			required = append(required, name)
		}
	}
	return map[string]any{"type": "object", "additionalProperties": false, "properties": properties, "required": required}
}
