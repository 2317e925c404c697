package api

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/netip"
	"net/url"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humago"

	"plaza/internal/base/i18n"
	"plaza/internal/base/web"
	"plaza/internal/plaza"
)

// adapter registers huma's operations as routes of the shell.
type adapter struct{ api *API }

// Handle registers an operation.
func (a adapter) Handle(op *huma.Operation, handle func(huma.Context)) {
	route, _ := op.Metadata["route"].(web.Route) // Get puts it there
	a.api.shell.Handle(op.Method+" "+op.Path, route, func(w http.ResponseWriter, r *http.Request) error {
		return a.api.serve(op, handle, w, r)
	})
}

// ServeHTTP serves the shell: huma's interface asks for it.
func (a adapter) ServeHTTP(w http.ResponseWriter, r *http.Request) { a.api.shell.ServeHTTP(w, r) }

// call is one call of an operation.
type call struct {
	printer *i18n.Printer
	url     *url.URL // as asked, cleaned
	client  netip.Addr
	err     error

	status   int    // of the answer, 0 for the operation's own
	location string // of what was made, or ""

	form    Form
	request *http.Request
	tag     string        // of the answer, quoted, or ""
	fresh   bool          // the caller has it
	keep    time.Duration // that caches may keep it
}

type callKey struct{}

func callOf(ctx context.Context) *call {
	c, _ := ctx.Value(callKey{}).(*call)
	if c == nil {
		c = &call{}
	}
	return c
}

// serve runs an operation. What huma would say of an error is dropped for ours.
func (a *API) serve(op *huma.Operation, handle func(huma.Context), w http.ResponseWriter, r *http.Request) error {
	if !utf8.ValidString(r.URL.Path) {
		return &web.StatusError{Status: http.StatusNotFound}
	}
	query, err := readQuery(op, r.URL.RawQuery)
	if err != nil {
		return err
	}
	form, ok := formOf(op, query, r.Header.Values("Accept"))
	if !ok {
		return &web.StatusError{Status: http.StatusNotAcceptable}
	}
	if err := readBody(op, r); err != nil {
		return err
	}
	c := &call{printer: a.shell.Printer(r), client: a.shell.ClientIP(r), form: form, request: r}
	r = r.Clone(context.WithValue(r.Context(), callKey{}, c))
	r.URL.RawQuery = query.Encode() // huma's own reading takes odd forms for others
	c.url = r.URL
	handle(humago.NewContext(op, r, &gate{w, c}))
	if moved, ok := errors.AsType[*Moved](c.err); ok {
		w.Header().Del("Content-Type")
		http.Redirect(w, r, moved.Path, http.StatusMovedPermanently)
		return nil
	}
	return c.err
}

// gate keeps what huma writes of an error from being sent.
type gate struct {
	http.ResponseWriter
	call *call
}

// WriteHeader passes the status of a good answer on.
func (g *gate) WriteHeader(status int) {
	if g.call.err == nil {
		g.call.headers(g.Header())
		g.ResponseWriter.WriteHeader(status)
	}
}

// Write passes a good answer on.
func (g *gate) Write(p []byte) (int, error) {
	if g.call.err != nil {
		return len(p), nil
	}
	return g.ResponseWriter.Write(p)
}

// readQuery reads parameters; each must be known to the operation. Their values come
// out as valid UTF-8 without NUL, which no store takes.
func readQuery(op *huma.Operation, raw string) (url.Values, error) {
	query, err := url.ParseQuery(raw)
	if err != nil {
		return nil, &web.StatusError{Status: http.StatusBadRequest, Cause: err}
	}
	var fields []plaza.FieldError
	free, _ := op.Metadata["free"].(*Free)
	for name, values := range query {
		if param(op, "query", name) == nil && (free == nil || !free.Is(name)) {
			fields = append(fields, plaza.FieldError{Field: shorten(name), Key: "api.field.unknown"})
		}
		for i, v := range values {
			values[i] = strings.ReplaceAll(strings.ToValidUTF8(v, "\uFFFD"), "\x00", "")
		}
	}
	if len(fields) > 0 {
		slices.SortFunc(fields, func(a, b plaza.FieldError) int { return strings.Compare(a.Field, b.Field) })
		return nil, invalid(fields[:min(len(fields), maxFields)])
	}
	return query, nil
}

// Bounds on how much of a request a problem repeats.
const (
	maxFields    = 20
	maxFieldName = 60 // bytes
)

func shorten(name string) string {
	name = strings.ToValidUTF8(strings.ReplaceAll(name, "\x00", ""), "\uFFFD")
	if len(name) > maxFieldName {
		name = strings.ToValidUTF8(name[:maxFieldName], "") + "…"
	}
	return name
}

func param(op *huma.Operation, in, name string) *huma.Param {
	for _, p := range op.Parameters {
		if p.In == in && p.Name == name {
			return p
		}
	}
	return nil
}

// keepError notes an error that huma found by itself: it is always about parameters,
// or about what was sent.
func (a *API) keepError(ctx huma.Context, _ string, v any) (any, error) {
	found, ok := v.(*huma.ErrorModel)
	c := callOf(ctx.Context())
	if !ok || c.err != nil {
		return v, nil
	}
	if found.Status >= http.StatusInternalServerError {
		c.err = found
		return v, nil
	}
	var fields []plaza.FieldError
	for _, e := range found.Errors {
		in, rest, _ := strings.Cut(e.Location, ".")
		if in == "body" {
			fields = append(fields, a.bodyField(ctx.Operation(), rest, e.Message))
			continue
		}
		name, _, _ := strings.Cut(rest, "[")
		if at := slices.IndexFunc(fields, func(f plaza.FieldError) bool { return f.Field == name }); at < 0 {
			fields = append(fields, explain(param(ctx.Operation(), in, name), name))
		}
	}
	c.err = invalid(fields[:min(len(fields), maxFields)])
	return v, nil
}

// invalid is a refusal of parameters.
func invalid(fields []plaza.FieldError) error {
	return &discreet{&plaza.Error{Kind: plaza.Invalid, Key: "api.error.invalid", Fields: fields}}
}

// discreet is a refusal that tells a log how many fields were wrong and not which: the
// name of one that is unknown is whatever the caller sent.
type discreet struct{ refusal *plaza.Error }

// Error describes the refusal for logs.
func (d *discreet) Error() string {
	return fmt.Sprintf("%s: %s (%d)", d.refusal.Kind, d.refusal.Key, len(d.refusal.Fields))
}

// Unwrap returns the refusal, which is for the caller.
func (d *discreet) Unwrap() error { return d.refusal }

// explain says what a parameter may be, from its description: huma's own words are
// English only.
func explain(p *huma.Param, name string) plaza.FieldError {
	wrong := func(key string, args map[string]any) plaza.FieldError {
		return plaza.FieldError{Field: name, Key: "api.field." + key, Args: args}
	}
	if p == nil {
		return wrong("unknown", nil)
	}
	return explainSchema(p.Schema, name)
}

// explainSchema says what a value may be.
func explainSchema(s *huma.Schema, name string) plaza.FieldError {
	wrong := func(key string, args map[string]any) plaza.FieldError {
		return plaza.FieldError{Field: name, Key: "api.field." + key, Args: args}
	}
	if s.Type == huma.TypeArray {
		if s.MaxItems != nil && s.Items.Enum == nil {
			if length := lengthOf(s.Items); length > 0 {
				return wrong("list", map[string]any{"max": *s.MaxItems, "length": length})
			}
			return wrong("items", map[string]any{"max": *s.MaxItems})
		}
		s = s.Items
	}
	switch {
	case len(s.Enum) > 0:
		return wrong("enum", map[string]any{"values": join(s.Enum)})
	case s.Type == huma.TypeInteger && s.Minimum != nil && s.Maximum != nil:
		return wrong("range", map[string]any{"min": int(*s.Minimum), "max": int(*s.Maximum)})
	case s.Type == huma.TypeInteger:
		return wrong("integer", nil)
	case s.Type == huma.TypeBoolean:
		return wrong("boolean", nil)
	case s.Type == huma.TypeString && s.MinLength != nil && *s.MinLength > 0 && s.MaxLength != nil:
		return wrong("between", map[string]any{"min": *s.MinLength, "max": *s.MaxLength})
	case s.PatternDescription != "":
		return plaza.FieldError{Field: name, Key: s.PatternDescription}
	case s.MaxLength != nil:
		return wrong("length", map[string]any{"max": *s.MaxLength})
	}
	return wrong("invalid", nil)
}
