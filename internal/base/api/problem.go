package api

import (
	"encoding/json"
	"errors"
	"net/http"
	"reflect"

	"plaza/internal/base/i18n"
	"plaza/internal/base/web"
	"plaza/internal/plaza"
)

const problemMedia = "application/problem+json"

// Problem says why a request was refused or failed (RFC 9457).
type Problem struct {
	Type     string         `json:"type" format:"uri" doc:"api.problem.field.type"`
	Title    string         `json:"title" doc:"api.problem.field.title"`
	Status   int            `json:"status" doc:"api.problem.field.status"`
	Detail   string         `json:"detail" doc:"api.problem.field.detail"`
	Instance string         `json:"instance" doc:"api.problem.field.instance"`
	Code     string         `json:"code" doc:"api.problem.field.code" example:"invalid"`
	Errors   []ProblemField `json:"errors,omitempty" nullable:"false" doc:"api.problem.field.errors"`
	Current  any            `json:"current,omitempty" doc:"api.problem.field.current"`
	Sent     any            `json:"sent,omitempty" doc:"api.problem.field.sent"`
}

// ProblemField says what is wrong with one parameter.
type ProblemField struct {
	Field  string `json:"field" doc:"api.problem.errors.field" example:"limit"`
	Detail string `json:"detail" doc:"api.problem.errors.detail"`
}

// Members names in a refusal the members that were sent, by the fields of the form that the
// same rules are written for: whoever called has never seen that form. Any other error stays
// as it is.
func Members(err error, of map[string]string) error {
	e, ok := errors.AsType[*plaza.Error](err)
	if !ok || len(e.Fields) == 0 {
		return err
	}
	told := *e
	told.Fields = nil
	for _, f := range e.Fields {
		if name, ok := of[f.Field]; ok {
			f.Field = name
		}
		told.Fields = append(told.Fields, f)
	}
	return &told
}

var problemType = reflect.TypeFor[Problem]()

// codes names refusals that only HTTP knows; the others are named by their Kind.
var codes = map[int]string{
	http.StatusBadRequest:                  "bad-request",
	http.StatusNotFound:                    plaza.NotFound.String(),
	http.StatusMethodNotAllowed:            "method-not-allowed",
	http.StatusNotAcceptable:               "not-acceptable",
	http.StatusRequestEntityTooLarge:       "too-large",
	http.StatusRequestURITooLong:           "address-too-long",
	http.StatusUnsupportedMediaType:        "unsupported-media-type",
	http.StatusRequestHeaderFieldsTooLarge: "headers-too-large",
	http.StatusNotImplemented:              "not-implemented",
	http.StatusServiceUnavailable:          plaza.Unavailable.String(),
}

// codeOf is the stable name of a refusal.
func codeOf(status int, err error) string {
	if e, ok := errors.AsType[*plaza.Error](err); ok {
		return e.Kind.String()
	}
	if code := codes[status]; code != "" {
		return code
	}
	return plaza.Internal.String()
}

// problem answers with a problem document: the shell hands it every error under
// Prefix, those of paths that do not exist included.
func (a *API) problem(w http.ResponseWriter, r *http.Request, status int, err error) {
	doc := a.problemOf(a.shell.Printer(r), web.RequestID(r.Context()), status, err)
	h := w.Header()
	h.Set("Content-Type", problemMedia)
	h.Set("Content-Language", a.shell.Printer(r).Lang())
	h.Set("Access-Control-Allow-Origin", "*")
	h.Set("Cross-Origin-Resource-Policy", "cross-origin")
	w.WriteHeader(status)
	enc := json.NewEncoder(w)
	enc.SetEscapeHTML(false)
	_ = enc.Encode(doc) // into memory
}

func (a *API) problemOf(l *i18n.Printer, instance string, status int, err error) Problem {
	code := codeOf(status, err)
	key := "api.problem." + code
	doc := Problem{Type: a.shell.URL(PagePath) + "#" + code, Title: l.T(key), Status: status,
		Detail: l.T(key + ".text"), Instance: instance, Code: code}
	if clash, ok := errors.AsType[*Clash](err); ok {
		doc.Current, doc.Sent = clash.Current, clash.Sent
	}
	e, ok := errors.AsType[*plaza.Error](err)
	if !ok {
		return doc
	}
	if e.Key != "" && l.Has(e.Key) {
		doc.Detail = l.TMap(e.Key, e.Args)
	}
	for _, f := range e.Fields {
		doc.Errors = append(doc.Errors, ProblemField{Field: f.Field, Detail: l.TMap(f.Key, f.Args)})
	}
	return doc
}
