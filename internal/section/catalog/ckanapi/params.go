package ckanapi

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"mime"
	"net/http"
	"net/url"
	"regexp"
	"strconv"
	"strings"

	"plaza/internal/base/web"
)

// params are what an action is called with: texts and lists of texts from a query or
// form, anything from JSON.
type params map[string]any

// maxDepth is how deep the JSON of a call may nest.
const maxDepth = 64

func urlEscape(s string) string { return url.QueryEscape(s) }

// shorten is what of a caller's text is repeated to the caller.
func shorten(s string) string {
	const most = 60 // bytes
	s = clean(s)
	if len(s) > most {
		s = strings.ToValidUTF8(s[:most], "") + "…"
	}
	return s
}

// clean is text that every store takes.
func clean(s string) string {
	return strings.ReplaceAll(strings.ToValidUTF8(s, "\uFFFD"), "\x00", "")
}

func queryParams(raw string) (params, error) {
	q, err := url.ParseQuery(raw)
	if err != nil {
		return nil, sentence(http.StatusBadRequest, "ckanapi.error.query", nil)
	}
	p := params{}
	for name, values := range q {
		if len(values) == 1 {
			p[name] = clean(values[0])
			continue
		}
		list := make([]any, len(values))
		for i, v := range values {
			list[i] = clean(v)
		}
		p[name] = list
	}
	return p, nil
}

// bodyParams reads the body of a POST: a form, or JSON whatever it says it is, as
// many send it under curl's default of a form.
func bodyParams(r *http.Request) (params, error) {
	kind, _, _ := mime.ParseMediaType(r.Header.Get("Content-Type"))
	if kind == "multipart/form-data" {
		form, err := web.ReadForm(r)
		if err != nil {
			return nil, err
		}
		p := params{}
		for _, name := range form.Names() {
			p[name] = clean(form.Value(name))
		}
		return p, nil
	}
	raw, err := io.ReadAll(r.Body) // bounded by the route
	if err != nil {
		if _, tooLarge := errors.AsType[*http.MaxBytesError](err); tooLarge {
			return nil, err
		}
		return nil, &web.StatusError{Status: http.StatusBadRequest, Cause: err}
	}
	raw = bytes.TrimSpace(raw)
	if kind == "application/x-www-form-urlencoded" && !bytes.HasPrefix(raw, []byte("{")) {
		return queryParams(string(raw))
	}
	if len(raw) == 0 {
		return params{}, nil
	}
	return jsonParams(raw)
}

func jsonParams(raw []byte) (params, error) {
	bad := func() error { return sentence(http.StatusBadRequest, "ckanapi.error.json", nil) }
	if depth(raw) > maxDepth {
		return nil, bad()
	}
	var p params
	d := json.NewDecoder(bytes.NewReader(raw))
	d.UseNumber()
	if err := d.Decode(&p); err != nil || d.More() || p == nil {
		return nil, bad()
	}
	return p, nil
}

// depth is how deep JSON nests.
func depth(raw []byte) int {
	deepest, now, text := 0, 0, false
	for i := 0; i < len(raw); i++ {
		switch c := raw[i]; {
		case text && c == '\\':
			i++
		case c == '"':
			text = !text
		case text:
		case c == '{' || c == '[':
			now++
			deepest = max(deepest, now)
		case c == '}' || c == ']':
			now--
		}
	}
	return deepest
}

// callbackName is what a script may be told to call: a function, by its path.
var callbackName = regexp.MustCompile(`^[A-Za-z_$][A-Za-z0-9_$]*(\.[A-Za-z_$][A-Za-z0-9_$]*)*$`)

// callback takes the function that is to be called with the answer.
func (p params) callback() (string, error) {
	name, ok := p["callback"]
	delete(p, "callback")
	if !ok {
		return "", nil
	}
	s, ok := name.(string)
	if !ok || len(s) > 100 || !callbackName.MatchString(s) {
		return "", wrong("callback", "ckanapi.field.callback")
	}
	return s, nil
}

// text is a parameter as text, "" when it is not given.
func (p params) text(name string) string { return plain(p[name]) }

func plain(v any) string {
	switch v := v.(type) {
	case string:
		return clean(v)
	case json.Number:
		return v.String()
	case bool:
		return strconv.FormatBool(v)
	case []any:
		if len(v) > 0 {
			return plain(v[0])
		}
	}
	return ""
}

// required is a parameter that has to be given.
func (p params) required(name string) (string, error) {
	s := strings.TrimSpace(p.text(name))
	if s == "" {
		return "", wrong(name, "ckanapi.field.missing")
	}
	return s, nil
}

// number is a parameter that is a natural number; what is greater than most is most.
func (p params) number(name string, fallback, most int) (int, error) {
	s := strings.TrimSpace(p.text(name))
	if s == "" {
		return fallback, nil
	}
	n, err := strconv.ParseInt(s, 10, 64)
	switch {
	case errors.Is(err, strconv.ErrRange) && !strings.HasPrefix(s, "-"):
		return most, nil
	case err != nil && !errors.Is(err, strconv.ErrRange):
		return 0, wrong(name, "ckanapi.field.integer")
	case err != nil || n < 0:
		return 0, wrong(name, "ckanapi.field.natural")
	}
	return int(min(n, int64(most))), nil
}

// yes reads a parameter as Python's clients write truth.
func (p params) yes(name string, fallback bool) bool {
	switch strings.ToLower(p.text(name)) {
	case "":
		return fallback
	case "true", "t", "yes", "y", "on", "1":
		return true
	}
	return false
}

// texts is a parameter that is a list: in JSON, as JSON in a text, repeated, or one.
func (p params) texts(name string) []string {
	v := p[name]
	if s, ok := v.(string); ok && strings.HasPrefix(strings.TrimSpace(s), "[") {
		var list []any
		if json.Unmarshal([]byte(s), &list) == nil {
			v = list
		}
	}
	list, ok := v.([]any)
	if !ok {
		list = []any{v}
	}
	var out []string
	for _, v := range list {
		if s := strings.TrimSpace(plain(v)); s != "" {
			out = append(out, s)
		}
	}
	return out
}
