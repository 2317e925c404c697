package api

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"strings"
	"unicode/utf8"

	"github.com/danielgtaylor/huma/v2"

	"plaza/internal/base/web"
	"plaza/internal/plaza"
)

// A member that is spelt otherwise is another member, in the check as in the answer:
// what one part of a program lets through must not be something else to the next.
func init() { huma.ValidateStrictCasing = true }

// The limits of what is sent to an operation.
const (
	defaultBody = 64 << 10 // bytes
	maxDepth    = 16       // objects and lists within one another
	maxTokens   = 20_000   // of JSON
)

// Post registers an operation that makes something; it is answered with 201. In has a
// field Body with what is sent, a struct of which every member must be known: one that
// is not is refused, never left aside. Whoever asks comes with an access token; a
// browser's cookie opens no operation that writes.
func Post[In, Out any](a *API, op Op, handle func(ctx context.Context, in *In) (Out, error)) {
	register(a, http.MethodPost, http.StatusCreated, op, handle)
}

// Put registers an operation that changes something; see Post. It is answered with 200.
func Put[In, Out any](a *API, op Op, handle func(ctx context.Context, in *In) (Out, error)) {
	register(a, http.MethodPut, http.StatusOK, op, handle)
}

// Delete registers an operation that takes something away; see Post. It takes no body
// and is answered with 204 and nothing.
func Delete[In any](a *API, op Op, handle func(ctx context.Context, in *In) error) {
	huma.Register(a.huma, a.describe(http.MethodDelete, http.StatusNoContent, op, nil), func(ctx context.Context, in *In) (*struct{}, error) {
		call := callOf(ctx)
		if call.err = a.brake(ctx, http.MethodDelete); call.err == nil {
			call.err = handle(ctx, in)
		}
		return nil, nil // the endpoint answers for an error
	})
}

// writes reports whether an operation changes something.
func writes(method string) bool { return method != http.MethodGet }

// readBody reads what is sent to an operation that writes and holds it to the limits,
// so that what is read again afterwards is one JSON object without tricks.
func readBody(op *huma.Operation, r *http.Request) error {
	if !writes(op.Method) {
		return nil
	}
	raw, err := io.ReadAll(r.Body) // bounded by the route
	if _, tooLarge := errors.AsType[*http.MaxBytesError](err); tooLarge {
		return fmt.Errorf("reading what was sent: %w", err)
	}
	if err != nil {
		return &web.StatusError{Status: http.StatusBadRequest, Cause: err}
	}
	if op.RequestBody == nil {
		if len(bytes.TrimSpace(raw)) > 0 {
			return malformed(errors.New("a body where none is taken"))
		}
		return nil
	}
	if kind, _, err := mime.ParseMediaType(r.Header.Get("Content-Type")); err != nil || kind != "application/json" {
		return &web.StatusError{Status: http.StatusUnsupportedMediaType, Cause: err}
	}
	if err := checkJSON(raw); err != nil {
		return malformed(err)
	}
	r.Body, r.ContentLength = io.NopCloser(bytes.NewReader(raw)), int64(len(raw))
	return nil
}

func malformed(cause error) error {
	return &web.StatusError{Status: http.StatusBadRequest, Cause: cause}
}

// checkJSON holds a text to be one JSON object, not too deep, none of whose members is
// named twice, without NUL, which no store takes.
func checkJSON(raw []byte) error {
	if !utf8.Valid(raw) {
		return errors.New("not UTF-8")
	}
	d := json.NewDecoder(bytes.NewReader(raw))
	var open []map[string]bool // members seen; nil for a list
	key, began := false, false
	for range maxTokens {
		token, err := d.Token()
		if err == io.EOF && began && len(open) == 0 {
			return nil
		}
		if err != nil {
			return err
		}
		if began && len(open) == 0 {
			return errors.New("something follows")
		}
		if !began && token != json.Delim('{') {
			return errors.New("not an object")
		}
		began = true
		if text, ok := token.(string); ok && strings.ContainsRune(text, 0) {
			return errors.New("NUL in a text")
		}
		switch token {
		case json.Delim('{'):
			open = append(open, map[string]bool{})
		case json.Delim('['):
			open = append(open, nil)
		case json.Delim('}'), json.Delim(']'):
			open = open[:len(open)-1]
		default:
			if key {
				name, _ := token.(string)
				members := open[len(open)-1]
				if members[name] {
					return fmt.Errorf("a member named twice")
				}
				members[name] = true
				key = false
				continue
			}
		}
		if len(open) > maxDepth {
			return errors.New("too deep")
		}
		key = len(open) > 0 && open[len(open)-1] != nil
	}
	return errors.New("too long")
}

// security describes the token that an operation asks for.
func security(scope string) []map[string][]string {
	if scope == "" {
		return nil
	}
	return []map[string][]string{{"token": {scope}}}
}

// schemes are the ways of saying who asks.
func schemes() map[string]*huma.SecurityScheme {
	return map[string]*huma.SecurityScheme{"token": {Type: "http", Scheme: "bearer", BearerFormat: "plaza_…", Description: "api.security.token"}}
}

// bodyField says what is wrong with a member of what was sent.
func (a *API) bodyField(op *huma.Operation, path, message string) plaza.FieldError {
	name := shorten(path)
	switch {
	case message == "unexpected property":
		return plaza.FieldError{Field: name, Key: "api.field.unknown_member"}
	case strings.HasPrefix(message, "expected required property "):
		member, _, _ := strings.Cut(strings.TrimPrefix(message, "expected required property "), " ")
		if path != "" {
			member = path + "." + member
		}
		return plaza.FieldError{Field: shorten(member), Key: "api.field.required"}
	}
	if s := a.memberSchema(op, path); s != nil {
		return explainSchema(s, name)
	}
	return plaza.FieldError{Field: name, Key: "api.field.invalid"}
}

// memberSchema is the description of a member of what an operation takes, nil when it
// has none.
func (a *API) memberSchema(op *huma.Operation, path string) *huma.Schema {
	if op.RequestBody == nil || op.RequestBody.Content["application/json"] == nil {
		return nil
	}
	s := a.resolve(op.RequestBody.Content["application/json"].Schema)
	for part := range strings.SplitSeq(path, ".") {
		part, index, _ := strings.Cut(part, "[")
		if s == nil || s.Properties == nil {
			return nil
		}
		if s = a.resolve(s.Properties[part]); s != nil && index != "" {
			s = a.resolve(s.Items)
		}
	}
	return s
}

func (a *API) resolve(s *huma.Schema) *huma.Schema {
	for s != nil && s.Ref != "" {
		s = a.huma.OpenAPI().Components.Schemas.SchemaFromRef(s.Ref)
	}
	return s
}
