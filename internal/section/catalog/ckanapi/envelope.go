package ckanapi

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"maps"
	"net/http"
	"slices"
	"strings"

	"plaza/internal/base/web"
	"plaza/internal/plaza"
)

// CKAN's types of errors.
const (
	typeValidation    = "Validation Error"
	typeNotFound      = "Not Found Error"
	typeAuthorization = "Authorization Error"
	typeQuery         = "Search Query Error"
	typeInternal      = "Internal Server Error"
)

// failure is a refusal as CKAN words it.
type failure struct {
	kind   string // __type; "" answers with the sentence alone, as one JSON string
	key    string // message key
	args   map[string]any
	fields []plaza.FieldError
}

// Error describes the refusal for logs.
func (f *failure) Error() string {
	s := f.kind + ": " + f.key
	for _, field := range f.fields {
		s += " " + field.Field
	}
	return s
}

// sentence is a refusal that is one JSON string.
func sentence(status int, key string, args map[string]any) error {
	return &web.StatusError{Status: status, Cause: &failure{key: key, args: args}}
}

// refusal is a refusal with a type.
func refusal(status int, kind, key string, args map[string]any) error {
	return &web.StatusError{Status: status, Cause: &failure{kind: kind, key: key, args: args}}
}

func notFound(key string) error { return refusal(http.StatusNotFound, typeNotFound, key, nil) }

// badQuery is a search that cannot be understood.
func badQuery(key string, args map[string]any) error {
	return refusal(http.StatusBadRequest, typeQuery, key, args)
}

// wrong is a parameter that is not valid.
func wrong(field, key string) error {
	return &web.StatusError{Status: http.StatusConflict, Cause: &failure{kind: typeValidation,
		fields: []plaza.FieldError{{Field: field, Key: key}}}}
}

// missing makes CKAN's refusal of a reading that found nothing.
func missing(err error, key string) error {
	if err != nil && plaza.KindOf(err) == plaza.NotFound {
		return notFound(key)
	}
	return err
}

// fail answers for every error under the Action API: the shell hands it over.
func (s *Section) fail(w http.ResponseWriter, r *http.Request, status int, err error) {
	l := s.Shell.Printer(r)
	h := w.Header()
	h.Set("Access-Control-Allow-Origin", "*")
	h.Set("Cross-Origin-Resource-Policy", "cross-origin")
	f, ok := errors.AsType[*failure](err)
	if !ok {
		f = unforeseen(status)
	}
	if f.kind == "" {
		_ = writeJSON(w, status, l.TMap(f.key, f.args)) // into memory
		return
	}
	body := map[string]any{"__type": f.kind}
	if f.key != "" {
		body["message"] = l.TMap(f.key, f.args)
	}
	for _, field := range f.fields {
		body[field.Field] = []string{l.TMap(field.Key, field.Args)}
	}
	_, name, _ := strings.Cut(r.URL.Path, "/action/")
	_ = writeJSON(w, status, struct { // into memory
		Help    string         `json:"help"`
		Success bool           `json:"success"`
		Error   map[string]any `json:"error"`
	}{s.help(strings.TrimSuffix(name, "/")), false, body})
}

// unforeseen words what the shell, the store or a fault refused.
func unforeseen(status int) *failure {
	switch status {
	case http.StatusNotFound:
		return &failure{kind: typeNotFound, key: "ckanapi.error.not_found"}
	case http.StatusUnauthorized, http.StatusForbidden:
		return &failure{kind: typeAuthorization, key: "ckanapi.error.forbidden"}
	case http.StatusServiceUnavailable:
		return &failure{kind: typeInternal, key: "ckanapi.error.unavailable"}
	}
	if status < http.StatusInternalServerError {
		return &failure{kind: typeValidation, key: "ckanapi.error.request"}
	}
	return &failure{kind: typeInternal, key: "ckanapi.error.internal"}
}

// help is the address that explains an action.
func (s *Section) help(name string) string {
	return s.Shell.URL(Base + "/action/help_show?name=" + urlEscape(shorten(name)))
}

// sequence is a list that is read as it is written, so that a thousand packages do
// not lie in memory at once.
type sequence func(yield func(any) error) error

// object is a result whose member name is a sequence.
type object struct {
	members map[string]any
	name    string
	list    sequence
}

// answer writes a result in CKAN's envelope, or calls the callback with it.
func (s *Section) answer(w http.ResponseWriter, name, callback string, result any) error {
	media := "application/json;charset=utf-8"
	if callback != "" {
		media = "application/javascript;charset=utf-8"
	}
	w.Header().Set("Content-Type", media)
	out := bufio.NewWriterSize(w, 64<<10)
	e := &encoder{w: out}
	if callback != "" {
		e.raw("/**/" + callback + "(") // what begins with a comment is nothing but a script
	}
	e.raw(`{"help": `)
	e.value(s.help(name))
	e.raw(`, "success": true, "result": `)
	e.result(result)
	e.raw("}")
	if callback != "" {
		e.raw(");")
	}
	if e.err != nil {
		return e.err
	}
	return out.Flush()
}

// encoder writes JSON and keeps the first error.
type encoder struct {
	w   io.Writer
	buf bytes.Buffer
	err error
}

func (e *encoder) raw(s string) {
	if e.err == nil {
		_, e.err = io.WriteString(e.w, s)
	}
}

func (e *encoder) value(v any) {
	if e.err != nil {
		return
	}
	e.buf.Reset()
	enc := json.NewEncoder(&e.buf)
	enc.SetEscapeHTML(false)
	if e.err = enc.Encode(v); e.err == nil {
		_, e.err = e.w.Write(bytes.TrimRight(e.buf.Bytes(), "\n"))
	}
}

func (e *encoder) result(v any) {
	switch v := v.(type) {
	case sequence:
		e.list(v)
	case object:
		e.raw("{")
		for _, name := range slices.Sorted(maps.Keys(v.members)) {
			e.value(name)
			e.raw(": ")
			e.value(v.members[name])
			e.raw(", ")
		}
		e.value(v.name)
		e.raw(": ")
		e.list(v.list)
		e.raw("}")
	default:
		e.value(v)
	}
}

func (e *encoder) list(each sequence) {
	e.raw("[")
	first := true
	err := each(func(v any) error {
		if !first {
			e.raw(", ")
		}
		first = false
		e.value(v)
		return e.err
	})
	if e.err == nil {
		e.err = err
	}
	e.raw("]")
}

func writeJSON(w http.ResponseWriter, status int, v any) error {
	w.Header().Set("Content-Type", "application/json;charset=utf-8")
	w.WriteHeader(status)
	e := &encoder{w: w}
	e.value(v)
	return e.err
}
