// Package api is Plaza's interface for programs: what stands under "/api/v1", how
// it is described and how it refuses.
//
// A section registers an operation with the type of what may be asked and the type
// of what is answered. From the two come the reading of parameters, the OpenAPI 3.1
// document at /api/v1/openapi.json and the page at /api:
//
//	api.Get(a, api.Op{Name: "catalog.datasets", Path: "/api/v1/datasets", Tag: "datasets",
//		Action: string(access.CatalogueRead)}, s.datasets)
//
// Post, Put and Delete register operations that change something (write.go).
//
// Tags of the parameters are those of huma (query, path, doc, minimum, enum …), which
// only this package knows; what "doc", an operation's name and a tag's name stand for
// are message keys, so that the description speaks the reader's language. An operation is a route
// of the shell like any other: its action is asked for, its answers are cached and
// tagged, and its errors are problem documents (RFC 9457).
//
// An operation whose answers have other forms than JSON is registered with GetForms.
//
// Lists are List values, asked for with Paging. Instants are RFC 3339 in UTC; dates
// that are known to the month or year only are given so.
package api

import (
	"cmp"
	"context"
	"embed"
	"fmt"
	"net/http"
	"net/netip"
	"reflect"
	"sync"

	"github.com/danielgtaylor/huma/v2"

	"plaza/internal/base/i18n"
	"plaza/internal/base/web"
)

// Prefix is where operations stand.
const Prefix = "/api/v1"

// Paths of the description.
const (
	SpecPath = Prefix + "/openapi.json"
	PagePath = "/api"
)

// version is that of the interface, not of the program: it changes when something
// that programs rely on does.
const version = "1.0.0"

// Locale holds the sentences of this package, in Spanish and English.
//
//go:embed locale/*.json
var Locale embed.FS

//go:embed templates
var templates embed.FS

// Config is what the description says of the installation.
type Config struct {
	// Action is asked for by the description: reading the site.
	Action string
	// Brake is asked before every operation that writes, for its TooMany; nil asks nobody.
	Brake func(ctx context.Context) error
	// Contact is a mail or web address of who runs the installation, "" for none.
	Contact string
}

// API holds the registered operations.
type API struct {
	shell  *web.Shell
	cfg    Config
	huma   huma.API
	others []Other
	mu     sync.Mutex
	specs  map[string][]byte // the document, by language
}

// Other is an interface of this installation beside the operations, for the page.
type Other struct {
	Key      string   // message key of its name; Key + ".text" says what it is for
	Examples []string // paths to try
}

// New makes an API on a shell and mounts its description, its page and its errors.
func New(shell *web.Shell, cfg Config) (*API, error) {
	a := &API{shell: shell, cfg: cfg, specs: map[string][]byte{}}
	a.huma = huma.NewAPI(huma.Config{
		OpenAPI: &huma.OpenAPI{
			OpenAPI:    "3.1.0",
			Info:       &huma.Info{Title: "api.title", Description: "api.text", Version: version, Contact: contact(cfg.Contact)},
			Servers:    []*huma.Server{{URL: shell.URL("")}},
			Components: &huma.Components{Schemas: huma.NewMapRegistry("#/components/schemas/", huma.DefaultSchemaNamer), SecuritySchemes: schemes()},
		},
		Formats:       map[string]huma.Format{"application/json": huma.DefaultJSONFormat, "json": huma.DefaultJSONFormat},
		DefaultFormat: "application/json",
		Transformers:  []huma.Transformer{a.keepError},
	}, adapter{a})
	if err := shell.Templates("api", templates, web.Pages{"page": docsPage{}}); err != nil {
		return nil, fmt.Errorf("the interface's templates: %w", err)
	}
	shell.Errors(Prefix, a.problem)
	shell.Handle("GET "+SpecPath, web.Route{Name: "api.spec", Action: cfg.Action, Cache: web.Public, Open: true}, a.spec)
	shell.Handle("GET "+PagePath, web.Route{Name: "api.page", Action: cfg.Action, Cache: web.Public}, a.page)
	shell.Footer(web.Item{Key: "api.nav", Path: PagePath})
	return a, nil
}

func contact(address string) *huma.Contact {
	if address == "" {
		return nil
	}
	if u := webAddress(address); u != "" {
		return &huma.Contact{URL: u}
	}
	return &huma.Contact{Email: address}
}

// Describe adds another interface to the page.
func (a *API) Describe(o Other) { a.others = append(a.others, o) }

// Op is one operation.
type Op struct {
	// Name is the route's and the operation's id ("readapi.datasets"). The messages
	// Name + ".summary" and Name + ".text" describe it.
	Name   string
	Path   string // of http.ServeMux: "/api/v1/datasets/{dataset}"
	Tag    string // groups operations; the message "api.tag." + Tag names the group
	Action string // the permission asked for
	// Cache says who may keep the answers; the zero value is nobody.
	Cache web.Cache
	// Missing says that the path may name something that does not exist.
	Missing bool
	// Moved says that the path may name something by an old name.
	Moved bool
	// Scope is the scope that an access token needs for it, "" when it is open to all. It
	// is for the description: what a token opens is decided with Action.
	Scope string
	// MaxBody bounds what is sent to it, in bytes; 0 is 64 KB.
	MaxBody int64
	// Later says that what is sent may be taken and have no effect until somebody lets it
	// through: the answer is then 202 and not the usual one.
	Later bool
	// Free are parameters whose names are not known beforehand, nil for none.
	Free *Free
	// Refuses are statuses with which it may refuse besides the usual ones, and the message
	// keys that say when.
	Refuses map[int]string
	// Example is a path to try, "" when the operation's own has no places to fill.
	Example string
}

// output is what huma writes.
type output[T any] struct {
	Status int
	Link   string `header:"Link"`
	Body   T
}

// Get registers an operation that reads. In is a struct whose fields are parameters;
// the handler's error is answered as a problem, and Moved as a redirect. Register
// everything before serving.
func Get[In, Out any](a *API, op Op, handle func(ctx context.Context, in *In) (Out, error)) {
	register(a, http.MethodGet, http.StatusOK, op, handle)
}

func register[In, Out any](a *API, method string, status int, op Op, handle func(ctx context.Context, in *In) (Out, error)) {
	huma.Register(a.huma, a.describe(method, status, op, reflect.TypeFor[Out]()), func(ctx context.Context, in *In) (*output[Out], error) {
		call := callOf(ctx)
		if call.err = a.brake(ctx, method); call.err != nil {
			return nil, nil
		}
		out, err := handle(ctx, in)
		if err != nil {
			call.err = err
			return nil, nil // the endpoint answers for it
		}
		return &output[Out]{Status: cmp.Or(call.status, status), Link: call.link(a, out), Body: out}, nil
	})
}

// brake asks whether whoever writes may do so again.
func (a *API) brake(ctx context.Context, method string) error {
	if !writes(method) || a.cfg.Brake == nil {
		return nil
	}
	return a.cfg.Brake(ctx)
}

// describe is an operation for huma. answer is the type of what it answers with.
func (a *API) describe(method string, status int, op Op, answer reflect.Type) huma.Operation {
	if op.MaxBody == 0 {
		op.MaxBody = defaultBody
	}
	described := huma.Operation{
		OperationID: op.Name, Method: method, Path: op.Path, Tags: []string{op.Tag}, DefaultStatus: status,
		Summary: op.Name + ".summary", Description: op.Name + ".text",
		Responses: responses(a, method, status, op, answer), Security: security(op.Scope), MaxBodyBytes: op.MaxBody,
		Parameters: []*huma.Param{{Name: "lang", In: "query", Description: "api.param.lang",
			Schema: &huma.Schema{Type: huma.TypeString, Enum: []any{"es", "en"}, Default: "es"}}},
		Metadata: map[string]any{"route": web.Route{Name: op.Name, Action: op.Action, Cache: op.Cache, Open: op.Scope == "", MaxBody: op.MaxBody}},
	}
	if op.Free != nil {
		described.Metadata["free"] = op.Free
		// an object whose members are parameters of their own: OpenAPI has no other way
		whole := true
		described.Parameters = append(described.Parameters, &huma.Param{Name: op.Free.Name, In: "query", Description: op.Free.Doc, Style: "form", Explode: &whole,
			Schema: &huma.Schema{Type: huma.TypeObject, AdditionalProperties: &huma.Schema{Type: huma.TypeString}}, Example: op.Free.Example})
	}
	if op.Example != "" {
		described.Extensions = map[string]any{"x-example": op.Example}
	}
	a.tag(op.Tag)
	return described
}

// refusals are the statuses with which an operation may refuse.
func refusals(method string, op Op) []int {
	codes := []int{http.StatusNotAcceptable, http.StatusUnprocessableEntity, http.StatusTooManyRequests,
		http.StatusInternalServerError, http.StatusServiceUnavailable}
	if op.Missing {
		codes = append(codes, http.StatusNotFound)
	}
	if op.Scope != "" {
		codes = append(codes, http.StatusUnauthorized, http.StatusForbidden)
	}
	if writes(method) {
		codes = append(codes, http.StatusBadRequest, http.StatusConflict, http.StatusRequestEntityTooLarge, http.StatusUnsupportedMediaType)
	}
	return codes
}

// responses describes how an operation refuses, its redirect, and what it answers with
// where its own status is not all that it has.
func responses(a *API, method string, status int, op Op, answer reflect.Type) map[string]*huma.Response {
	schema := huma.SchemaFromType(a.huma.OpenAPI().Components.Schemas, problemType)
	out := map[string]*huma.Response{}
	for _, code := range refusals(method, op) {
		out[fmt.Sprint(code)] = &huma.Response{Description: "api.response." + fmt.Sprint(code),
			Content: map[string]*huma.MediaType{problemMedia: {Schema: schema}}}
	}
	for code, key := range op.Refuses {
		out[fmt.Sprint(code)] = &huma.Response{Description: key, Content: map[string]*huma.MediaType{problemMedia: {Schema: schema}}}
	}
	out[fmt.Sprint(status)] = &huma.Response{Description: op.Name + ".answer"}
	if op.Later {
		out["202"] = &huma.Response{Description: "api.response.202", Content: map[string]*huma.MediaType{
			"application/json": {Schema: a.huma.OpenAPI().Components.Schemas.Schema(answer, true, op.Name)}}}
	}
	if op.Moved {
		out["301"] = &huma.Response{Description: "api.response.301"}
	}
	return out
}

// tag lists a group of operations the first time that it is used.
func (a *API) tag(name string) {
	doc := a.huma.OpenAPI()
	for _, t := range doc.Tags {
		if t.Name == name {
			return
		}
	}
	doc.Tags = append(doc.Tags, &huma.Tag{Name: name, Description: "api.tag." + name})
}

// Printer is the printer in the language that a call asks for.
func Printer(ctx context.Context) *i18n.Printer { return callOf(ctx).printer }

// Client is the address that a call comes from, the zero Addr when it is not known.
func Client(ctx context.Context) netip.Addr { return callOf(ctx).client }

// Made says where what an operation made can be read: an absolute address, which the
// answer carries in its header Location.
func Made(ctx context.Context, address string) { callOf(ctx).location = address }

// Later says that what was sent is taken, and has no effect until somebody lets it
// through; see Op.Later.
func Later(ctx context.Context) { callOf(ctx).status = http.StatusAccepted }

// Clash is the error of a handler that is asked to change what was changed meanwhile:
// Err, a Conflict, and both versions, so that nothing that was written is lost.
type Clash struct {
	Err           error
	Current, Sent any // as the operation answers with them
}

// Error describes the clash for logs.
func (c *Clash) Error() string { return c.Err.Error() }

// Unwrap returns the refusal.
func (c *Clash) Unwrap() error { return c.Err }

// Moved is the error of a handler that knows what was asked for by another name.
type Moved struct {
	Path string // with the query
}

// Error describes the redirect for logs.
func (m *Moved) Error() string { return "moved to " + m.Path }
