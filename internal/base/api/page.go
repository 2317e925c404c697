package api

import (
	"cmp"
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"

	"plaza/internal/base/i18n"
	"plaza/internal/base/web"
)

// docsPage describes the interface to people. It is drawn from the OpenAPI document,
// so that the two cannot disagree.
type docsPage struct {
	web.Page
	Spec     string // path of the document
	Groups   []docsGroup
	Schemas  []docsSchema
	Problems []docsField
	Others   []docsOther
}

type docsGroup struct {
	Name, Title string
	Operations  []docsOperation
}

// docsOperation is one operation. Example is a path to try, "" when it would need
// something filled in.
type docsOperation struct {
	ID, Method, Path, Summary, Text, Answer string
	Params                                  []docsField
	Schema                                  string // name of what it answers with
	Body                                    string // name of what it takes
	Scope                                   string // that a token needs, "" for none
	Example                                 string
}

// docsField is a parameter, or a member of an answer.
type docsField struct {
	Name, Type, Text string
	Schema           string // name of the schema that it holds
	Required         bool
}

type docsSchema struct {
	Name   string
	Fields []docsField
}

type docsOther struct {
	Title, Text string
	Examples    []string
}

// The parts of an OpenAPI document that the page shows.
type (
	specDocument struct {
		Info       struct{ Title, Description string }
		Tags       []struct{ Name, Description string }
		Paths      map[string]map[string]specOperation
		Components struct{ Schemas map[string]specSchema }
	}
	specOperation struct {
		OperationID, Summary, Description string
		Tags                              []string
		Example                           string `json:"x-example"`
		Security                          []map[string][]string
		RequestBody                       struct {
			Content map[string]struct{ Schema specSchema }
		}
		Parameters []struct {
			Name, In, Description string
			Required              bool
			Schema                specSchema
		}
		Responses map[string]struct {
			Description string
			Content     map[string]struct{ Schema specSchema }
		}
	}
	specSchema struct {
		Ref                  string `json:"$ref"`
		Type                 any
		Format, Description  string
		Enum                 []any
		Default              any
		Minimum, Maximum     *float64
		Items                *specSchema
		Properties           map[string]specSchema
		Required             []string
		AdditionalProperties any
	}
)

func (a *API) page(w http.ResponseWriter, r *http.Request) error {
	page := &docsPage{Page: a.shell.Page(r, ""), Spec: SpecPath}
	l := page.L
	raw, err := a.document(l)
	if err != nil {
		return err
	}
	var doc specDocument
	if err := json.Unmarshal(raw, &doc); err != nil {
		return fmt.Errorf("reading the OpenAPI document: %w", err)
	}
	page.Title, page.Description = doc.Info.Title, doc.Info.Description
	page.Alternates = []web.Alternate{{Type: "application/json", Path: SpecPath, Title: "OpenAPI 3.1"}}
	for _, t := range doc.Tags {
		page.Groups = append(page.Groups, docsGroup{Name: t.Name, Title: t.Description, Operations: operations(l, doc, t.Name)})
	}
	for _, name := range slices.Sorted(maps.Keys(doc.Components.Schemas)) {
		page.Schemas = append(page.Schemas, docsSchema{Name: name, Fields: members(l, doc.Components.Schemas[name])})
	}
	for _, code := range problemCodes() {
		page.Problems = append(page.Problems, docsField{Name: code, Text: l.T("api.problem." + code + ".text")})
	}
	for _, o := range a.others {
		page.Others = append(page.Others, docsOther{Title: l.T(o.Key), Text: l.T(o.Key + ".text"), Examples: o.Examples})
	}
	return a.shell.Render(w, r, http.StatusOK, "api/page", page)
}

func operations(l *i18n.Printer, doc specDocument, tag string) []docsOperation {
	var out []docsOperation
	for _, path := range slices.Sorted(maps.Keys(doc.Paths)) {
		for _, method := range slices.Sorted(maps.Keys(doc.Paths[path])) {
			op := doc.Paths[path][method]
			if !slices.Contains(op.Tags, tag) {
				continue
			}
			o := docsOperation{ID: op.OperationID, Method: strings.ToUpper(method), Path: path, Summary: op.Summary,
				Text: op.Description, Example: op.Example, Body: refName(op.RequestBody.Content["application/json"].Schema.Ref)}
			for _, s := range op.Security {
				o.Scope = strings.Join(s["token"], " ")
			}
			if o.Example == "" && o.Scope == "" && !strings.Contains(path, "{") {
				o.Example = path
			}
			for _, p := range op.Parameters {
				if p.Name != "lang" {
					o.Params = append(o.Params, docsField{Name: p.Name, Type: typeWords(l, p.Schema), Text: p.Description, Required: p.Required})
				}
			}
			for _, good := range []string{"200", "201", "204"} {
				if r, ok := op.Responses[good]; ok {
					o.Answer, o.Schema = r.Description, refName(r.Content["application/json"].Schema.Ref)
				}
			}
			out = append(out, o)
		}
	}
	return out
}

func members(l *i18n.Printer, s specSchema) []docsField {
	var out []docsField
	for name, p := range s.Properties {
		out = append(out, docsField{Name: name, Type: typeWords(l, p), Text: p.Description,
			Schema: held(p), Required: slices.Contains(s.Required, name)})
	}
	slices.SortFunc(out, func(a, b docsField) int { return cmp.Compare(a.Name, b.Name) })
	return out
}

// held is the schema that a member holds, alone or in a list.
func held(s specSchema) string {
	if s.Items != nil {
		return refName(s.Items.Ref)
	}
	return refName(s.Ref)
}

func refName(ref string) string { return ref[strings.LastIndexByte(ref, '/')+1:] }

// typeWords says in a few words what a value is.
func typeWords(l *i18n.Printer, s specSchema) string {
	kind := fmt.Sprint(s.Type)
	if list, ok := s.Type.([]any); ok && len(list) > 0 { // ["string", "null"]
		kind = fmt.Sprint(list[0])
	}
	switch {
	case s.Ref != "":
		return l.T("api.type.object")
	case s.Items != nil:
		return l.T("api.type.array", "of", typeWords(l, *s.Items))
	case len(s.Enum) > 0:
		return l.T("api.type.enum", "values", join(s.Enum))
	case kind == "integer" && s.Minimum != nil && s.Maximum != nil:
		return l.T("api.type.range", "min", int(*s.Minimum), "max", int(*s.Maximum))
	case s.Format == "date-time":
		return l.T("api.type.instant")
	}
	if key := "api.type." + kind; l.Has(key) {
		return l.T(key)
	}
	return l.T("api.type.object")
}

// problemCodes lists the names of refusals.
func problemCodes() []string {
	list := slices.Collect(maps.Values(codes))
	list = append(list, "invalid", "unauthenticated", "forbidden", "conflict", "too-many", "internal")
	slices.Sort(list)
	return slices.Compact(list)
}
