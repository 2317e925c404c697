package dcat

import (
	"fmt"
	"strings"
)

// This file turns JSON values of any type into the text that the repairs work on,
// and reports when the type was not the one the format asks for.

// one returns a value as text. Numbers and booleans are written out; of a list the
// first member counts; of an object, what it names itself with.
func (r *report) one(field string, v value) string {
	switch v.kind {
	case jsonString:
		return v.text
	case jsonNumber, jsonBool:
		r.add(WrongType, field, v.text, true)
		return v.text
	case jsonArray:
		return r.first(field, v)
	case jsonObject:
		return r.named(field, v)
	}
	return ""
}

func (r *report) first(field string, v value) string {
	for _, item := range v.items {
		if item.kind == jsonArray || item.kind == jsonNull {
			continue
		}
		r.add(SingleExpected, field, item.text, true)
		return r.one(field, item)
	}
	if len(v.items) > 0 {
		r.add(WrongType, field, "[…]", false)
	}
	return ""
}

// nameKeys are the members that an object in place of a text is named by: languages
// first, as multilingual catalogues write, then what people improvise.
var nameKeys = []string{"es", "es-MX", "es_MX", "@value", "#text", "en", "name", "title", "display_name", "label", "prefLabel", "fn", "value", "@id", "id"}

func (r *report) named(field string, v value) string {
	for _, key := range nameKeys {
		if m := v.get(key); m.kind == jsonString && m.text != "" {
			r.add(WrongType, field, "{"+key+": "+m.text+"}", true)
			return m.text
		}
	}
	if len(v.members) > 0 {
		r.add(WrongType, field, "{…}", false)
	}
	return ""
}

// number returns a value that should be a number, or its text, as text.
func (r *report) number(field string, v value) string {
	if v.kind == jsonNumber {
		return v.text
	}
	return r.one(field, v)
}

// list returns the members of a list; a single value in place of a list is one.
func (r *report) list(field string, v value) []value {
	switch v.kind {
	case 0:
		return nil
	case jsonNull:
		r.add(NullValue, field, "null", true)
		return nil
	case jsonArray:
		return v.items
	}
	r.add(ListExpected, field, v.text, true)
	return []value{v}
}

// texts returns a list of texts. Text that holds a list as JSON, as CKAN's extras
// have it, is that list; other text is its only member.
func (r *report) texts(field string, v value) []string {
	if v.kind == jsonString {
		if inner, ok := listInText(v.text); ok {
			v = inner
		} else if strings.TrimSpace(v.text) == "" {
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

func listInText(s string) (value, bool) {
	if s = strings.TrimSpace(s); !strings.HasPrefix(s, "[") {
		return value{}, false
	}
	v, err := parseJSON(s)
	return v, err == nil
}

// keywords returns a list of words. One text that holds several, "a, b; c", is split.
func (r *report) keywords(field string, v value) []string {
	text := v
	if v.kind == jsonArray && len(v.items) == 1 {
		text = v.items[0]
	}
	if _, isList := listInText(text.text); text.kind != jsonString || isList || v.kind == jsonArray && !strings.ContainsAny(text.text, ",;") {
		return r.texts(field, v)
	}
	s := strings.TrimSpace(text.text)
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
func (r *report) themes(field string, v value) []string {
	var list []string
	for _, s := range r.texts(field, v) {
		list = append(list, r.theme(field, s))
	}
	return distinct(list)
}

// languages returns BCP 47 tags; what is no language is left out.
func (r *report) languages(field string, v value) []string {
	var names, list []string
	if _, isList := listInText(v.text); v.kind == jsonString && !isList {
		names = strings.FieldsFunc(v.text, func(c rune) bool { return c == ',' || c == ';' })
	} else if v.kind != jsonNull {
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
func (r *report) urls(field string, v value) []string {
	if v.kind == jsonNull {
		return nil
	}
	items := []value{v}
	if v.kind == jsonArray {
		items = v.items
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
func (r *report) standards(field string, v value) []string {
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
func (r *report) plainTexts(field string, v value) []string {
	if _, isList := listInText(v.text); v.kind == jsonString && !isList {
		return []string{v.text}
	}
	if v.kind == jsonNull || v.kind == 0 {
		return nil
	}
	return r.texts(field, v)
}

// spatialValue reads coverage that may be text, a geometry, or a list of names.
func (r *report) spatialValue(field string, v value) Spatial {
	switch v.kind {
	case jsonObject:
		if b, ok := jsonBox(v); ok {
			return Spatial{Box: b, Text: r.title(field, v.get("label").text)}
		}
	case jsonArray:
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

func (e extras) put(r *report, name, field string, v value) {
	if len(e) >= maxExtras || len(name) > maxProblemText {
		return
	}
	var s string
	switch v.kind {
	case jsonString, jsonNumber, jsonBool:
		s = v.text
	case jsonArray:
		var parts []string
		for _, item := range v.items {
			if item.kind == jsonString || item.kind == jsonNumber {
				parts = append(parts, item.text)
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
