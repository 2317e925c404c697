package dcat

import (
	"fmt"
	"plaza/internal/section/catalog/dcat/wire"
	"strings"
)

// This file turns JSON values of any type into the text that the repairs work on,
// and reports when the type was not the one the format asks for.

// one returns a value as text. Numbers and booleans are written out; of a list the
// first member counts; of an object, what it names itself with.
func (r *report) one(field string, v wire.Value) string {
	switch v.Kind {
	case wire.String:
		return v.Text
	case wire.Number, wire.Bool:
		r.add(WrongType, field, v.Text, true)
		return v.Text
	case wire.Array:
		return r.first(field, v)
	case wire.Object:
		return r.named(field, v)
	}
	return ""
}

func (r *report) first(field string, v wire.Value) string {
	for _, item := range v.Items {
		if item.Kind == wire.Array || item.Kind == wire.Null {
			continue
		}
		r.add(SingleExpected, field, item.Text, true)
		return r.one(field, item)
	}
	if len(v.Items) > 0 {
		r.add(WrongType, field, "[…]", false)
	}
	return ""
}

// nameKeys are the members that an object in place of a text is named by: languages
// first, as multilingual catalogues write, then what people improvise.
var nameKeys = []string{"es", "es-MX", "es_MX", "@value", "#text", "en", "name", "title", "display_name", "label", "prefLabel", "fn", "value", "@id", "id"}

func (r *report) named(field string, v wire.Value) string {
	for _, key := range nameKeys {
		if m := v.Get(key); m.Kind == wire.String && m.Text != "" {
			r.add(WrongType, field, "{"+key+": "+m.Text+"}", true)
			return m.Text
		}
	}
	if len(v.Members) > 0 {
		r.add(WrongType, field, "{…}", false)
	}
	return ""
}

// number returns a value that should be a number, or its text, as text.
func (r *report) number(field string, v wire.Value) string {
	if v.Kind == wire.Number {
		return v.Text
	}
	return r.one(field, v)
}

// list returns the members of a list; a single value in place of a list is one.
func (r *report) list(field string, v wire.Value) []wire.Value {
	switch v.Kind {
	case 0:
		return nil
	case wire.Null:
		r.add(NullValue, field, "null", true)
		return nil
	case wire.Array:
		return v.Items
	}
	r.add(ListExpected, field, v.Text, true)
	return []wire.Value{v}
}

// texts returns a list of texts. Text that holds a list as JSON, as CKAN's extras
// have it, is that list; other text is its only member.
func (r *report) texts(field string, v wire.Value) []string {
	if v.Kind == wire.String {
		if inner, ok := listInText(v.Text); ok {
			v = inner
		} else if strings.TrimSpace(v.Text) == "" {
			return nil
		}
	}
	var list []string
	for i, item := range r.list(field, v) {
		if i == 2*maxList {
			break
		}
		at := fmt.Sprintf("%s[%d]", field, i)
		if s := r.title(at, r.one(at, item)); s != "" {
			list = append(list, s)
		}
	}
	return r.atMost(field, distinct(list))
}

func listInText(s string) (wire.Value, bool) {
	if s = strings.TrimSpace(s); !strings.HasPrefix(s, "[") {
		return wire.Value{}, false
	}
	v, err := wire.Parse(s)
	return v, err == nil
}

// keywords returns a list of words. One text that holds several, "a, b; c", is split.
func (r *report) keywords(field string, v wire.Value) []string {
	text := v
	if v.Kind == wire.Array && len(v.Items) == 1 {
		text = v.Items[0]
	}
	if _, isList := listInText(text.Text); text.Kind != wire.String || isList || v.Kind == wire.Array && !strings.ContainsAny(text.Text, ",;") {
		return r.texts(field, v)
	}
	s := strings.TrimSpace(text.Text)
	if s == "" {
		return nil
	}
	r.add(TextForList, field, s, true)
	if strings.HasPrefix(s, "{") && strings.HasSuffix(s, "}") { // PostgreSQL's way
		s = s[1 : len(s)-1]
	}
	var list []string
	for _, part := range strings.FieldsFunc(s, func(c rune) bool { return c == ',' || c == ';' || c == '|' || c == '\n' }) {
		if len(list) == 2*maxList {
			break
		}
		if part = r.title(field, strings.Trim(part, ` "`)); part != "" {
			list = append(list, part)
		}
	}
	return r.atMost(field, distinct(list))
}

// atMost cuts a list at maxList.
func (r *report) atMost(field string, list []string) []string {
	if len(list) <= maxList {
		return list
	}
	r.add(TooMany, field, fmt.Sprint(len(list)), true)
	return list[:maxList]
}

// themes returns a list of themes by their labels.
func (r *report) themes(field string, v wire.Value) []string {
	var list []string
	for _, s := range r.texts(field, v) {
		list = append(list, r.theme(field, s))
	}
	return distinct(list)
}

// languages returns BCP 47 tags; what is no language is left out.
func (r *report) languages(field string, v wire.Value) []string {
	var names, list []string
	if _, isList := listInText(v.Text); v.Kind == wire.String && !isList {
		names = strings.FieldsFunc(v.Text, func(c rune) bool { return c == ',' || c == ';' })
	} else if v.Kind != wire.Null {
		names = r.texts(field, v)
	}
	for i, name := range names {
		if i == maxList {
			break
		}
		list = append(list, languageCode(name))
	}
	return distinct(list)
}

// urls returns a list of addresses.
func (r *report) urls(field string, v wire.Value) []string {
	if v.Kind == wire.Null {
		return nil
	}
	items := []wire.Value{v}
	if v.Kind == wire.Array {
		items = v.Items
	}
	var list []string
	for i, item := range items {
		if i == maxList {
			r.add(TooMany, field, fmt.Sprint(len(items)), true)
			break
		}
		list = append(list, r.url(field, r.one(field, item)))
	}
	return distinct(list)
}

// standards returns what data conform to: addresses, or the names of norms.
func (r *report) standards(field string, v wire.Value) []string {
	var list []string
	for _, s := range r.plainTexts(field, v) {
		if isWebAddress(s) {
			s = r.url(field, s)
		} else {
			s = r.title(field, s)
		}
		list = append(list, s)
	}
	return distinct(list)
}

// plainTexts returns a text or a list of texts where the format leaves both open.
func (r *report) plainTexts(field string, v wire.Value) []string {
	if _, isList := listInText(v.Text); v.Kind == wire.String && !isList {
		return []string{v.Text}
	}
	if v.Kind == wire.Null || v.Kind == 0 {
		return nil
	}
	return r.texts(field, v)
}

// spatialValue reads coverage that may be text, a geometry, or a list of names.
func (r *report) spatialValue(field string, v wire.Value) Spatial {
	switch v.Kind {
	case wire.Object:
		if b, ok := jsonBox(v); ok {
			return Spatial{Box: b, Text: r.title(field, v.Get("label").Text)}
		}
	case wire.Array:
		if len(plainNumbers(v)) == 4 {
			if b, ok := jsonBox(v); ok {
				return Spatial{Box: b}
			}
		}
		names := r.texts(field, v)
		return Spatial{Text: r.cut(field, strings.Join(names, ", "), maxTitle)}
	}
	return r.spatial(field, r.one(field, v))
}

// extras collects other statements: texts, numbers, booleans and lists of them.
type extras map[string]string

func (e extras) put(r *report, name, field string, v wire.Value) {
	if len(e) >= maxExtras || len(name) > wire.MaxCut {
		return
	}
	var s string
	switch v.Kind {
	case wire.String, wire.Number, wire.Bool:
		s = v.Text
	case wire.Array:
		var parts []string
		for _, item := range v.Items {
			if item.Kind == wire.String || item.Kind == wire.Number {
				parts = append(parts, item.Text)
			}
			if len(parts) == maxList {
				break
			}
		}
		s = strings.Join(parts, ", ")
	}
	if s = r.cut(field, r.prose(field, s), maxExtra); s != "" {
		e[name] = s
	}
}
