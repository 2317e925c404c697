package api

import (
	"cmp"
	"context"
	"encoding/json"
	"net/http"
	"net/url"
	"reflect"
	"strconv"
	"strings"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"plaza/internal/base/web"
	"plaza/internal/plaza"
)

// Form is a form in which an operation answers. The first one of an operation is JSON.
type Form struct {
	Name  string // as ParamForm has it
	Media string // without parameters
	Type  string // the whole Content-Type; "" is Media
}

// JSON is the form that every operation has.
var JSON = Form{Name: "json", Media: "application/json"}

// ParamForm is the parameter that chooses a form, before what the header Accept says;
// ParamFormat is the same where an operation's parameters are in English.
const (
	ParamForm   = "formato"
	ParamFormat = "format"
)

// Row is an object whose members are data: their names are not known beforehand, and a
// value may be anything.
type Row map[string]any

// Schema implements huma.SchemaProvider.
func (Row) Schema(huma.Registry) *huma.Schema {
	return &huma.Schema{Type: huma.TypeObject, AdditionalProperties: true}
}

// Object is an object of JSON as it is written: its members are another format's to
// describe and to check.
type Object struct{ json.RawMessage }

// Schema implements huma.SchemaProvider.
func (Object) Schema(huma.Registry) *huma.Schema {
	return &huma.Schema{Type: huma.TypeObject, AdditionalProperties: true}
}

// Free are parameters whose names are not known beforehand: they are the operation's to
// read, with Query.
type Free struct {
	Name    string                 // of all of them in the description, "f.*"
	Doc     string                 // message key
	Is      func(name string) bool // reports whether a name is one of them
	Example map[string]any
}

// Reply is an answer in the form that was asked for.
type Reply struct {
	Body []byte
	Next string // absolute address of what follows, "" at the end
}

// GetForms registers an operation that reads, as Get, and answers in several forms: the
// handler asks Asked for the one to write. Answer is the type of the JSON.
func GetForms[In, Answer any](a *API, op Op, forms []Form, handle func(ctx context.Context, in *In) (Reply, error)) {
	described := a.describe(http.MethodGet, http.StatusOK, op, reflect.TypeFor[Answer]())
	described.Metadata["forms"] = forms
	content := map[string]*huma.MediaType{}
	for i, f := range forms {
		schema := &huma.Schema{Type: huma.TypeString}
		if i == 0 {
			schema = a.huma.OpenAPI().Components.Schemas.Schema(reflect.TypeFor[Answer](), true, op.Name)
		}
		content[f.Media] = &huma.MediaType{Schema: schema}
	}
	described.Responses["200"].Content = content
	huma.Register(a.huma, described, func(ctx context.Context, in *In) (*shaped, error) {
		call := callOf(ctx)
		reply, err := handle(ctx, in)
		if err != nil {
			call.err = err
			return nil, nil // the endpoint answers for it
		}
		return &shaped{Body: func(ctx huma.Context) { call.shape(ctx, reply) }}, nil
	})
}

// shaped is what huma writes of a Reply.
type shaped struct{ Body func(huma.Context) }

// shape writes an answer, or that the caller has it.
func (c *call) shape(ctx huma.Context, reply Reply) {
	ctx.SetHeader("Vary", "Accept, Accept-Encoding, Cookie")
	if c.fresh {
		ctx.SetStatus(http.StatusNotModified)
		return
	}
	kind := c.form.Type
	if kind == "" {
		kind = c.form.Media
	}
	ctx.SetHeader("Content-Type", kind)
	if reply.Next != "" {
		ctx.SetHeader("Link", "<"+reply.Next+`>; rel="next"`)
	}
	ctx.SetStatus(http.StatusOK)
	_, _ = ctx.BodyWriter().Write(reply.Body) // into memory
}

// Asked is the form in which a call wants its answer.
func Asked(ctx context.Context) Form { return callOf(ctx).form }

// Query are the parameters of a call.
func Query(ctx context.Context) url.Values {
	c := callOf(ctx)
	if c.url == nil {
		return url.Values{}
	}
	return c.url.Query()
}

// Tag gives an answer its entity tag, a text that stands for all that it depends on. It
// reports whether the caller has the answer already: what the handler returns then is
// not sent. It is for operations of GetForms.
func Tag(ctx context.Context, tag string) bool {
	c := callOf(ctx)
	c.tag = `"` + tag + `"`
	c.fresh = c.request != nil && web.Has(c.request, c.tag)
	return c.fresh
}

// Keep lets caches keep an answer for a while before they ask again, where they may keep
// it at all.
func Keep(ctx context.Context, d time.Duration) { callOf(ctx).keep = d }

// headers sets those that the handler asked for.
func (c *call) headers(h http.Header) {
	if c.location != "" {
		h.Set("Location", c.location)
	}
	if c.tag != "" {
		h.Set("ETag", c.tag)
	}
	if c.keep > 0 && strings.HasPrefix(h.Get("Cache-Control"), "public") {
		h.Set("Cache-Control", "public, max-age="+strconv.Itoa(int(c.keep.Seconds()))+", must-revalidate")
	}
}

// Invalid is the refusal of parameters, each with what it must be.
func Invalid(fields []plaza.FieldError) error { return invalid(fields[:min(len(fields), maxFields)]) }

// formOf chooses the form of an answer: the one that the parameter names, else the one
// that the caller likes best, the first of those alike.
func formOf(op *huma.Operation, query url.Values, accept []string) (Form, bool) {
	forms, _ := op.Metadata["forms"].([]Form)
	if forms == nil {
		forms = []Form{JSON}
	} else if named := cmp.Or(query.Get(ParamForm), query.Get(ParamFormat)); named != "" {
		for _, f := range forms {
			if f.Name == named {
				return f, true
			}
		}
		return forms[0], true // the check of the parameter refuses it
	}
	line := strings.ToLower(strings.Join(accept, ","))
	if strings.TrimSpace(line) == "" {
		return forms[0], true
	}
	var best Form
	most := 0.0
	for _, f := range forms {
		if q := liking(line, f.Media); q > most {
			best, most = f, q
		}
	}
	return best, most > 0
}

// liking is how much the ranges of an Accept header like a type: what the narrowest of
// those that hold it says.
func liking(accept, media string) float64 {
	kind, _, _ := strings.Cut(media, "/")
	narrow, liked := 0, 0.0
	for part := range strings.SplitSeq(accept, ",") {
		name, parameters, _ := strings.Cut(part, ";")
		n := 0
		switch strings.TrimSpace(name) {
		case media:
			n = 3
		case kind + "/*":
			n = 2
		case "*/*":
			n = 1
		case problemMedia: // errors are, and answers are no less
			if media == JSON.Media {
				n = 3
			}
		}
		switch {
		case n > narrow:
			narrow, liked = n, quality(parameters)
		case n == narrow && n > 0:
			liked = max(liked, quality(parameters))
		}
	}
	return liked
}

// quality is the weight of a range.
func quality(parameters string) float64 {
	for p := range strings.SplitSeq(parameters, ";") {
		if value, ok := strings.CutPrefix(strings.ReplaceAll(p, " ", ""), "q="); ok {
			q, err := strconv.ParseFloat(value, 64)
			if err != nil || q < 0 || q > 1 {
				return 1
			}
			return q
		}
	}
	return 1
}
