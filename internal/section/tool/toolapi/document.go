package toolapi

import (
	"cmp"
	"context"
	"strconv"
	"strings"
	"time"

	"plaza/internal/base/api"
	"plaza/internal/base/db"
	"plaza/internal/plaza"
	"plaza/internal/section/tool"
	"plaza/internal/section/tool/spec"
	"plaza/internal/section/tool/vegalite"
)

type schemaInput struct {
	Form string `query:"format" enum:"json" doc:"toolapi.param.form_json"`
}

// schema answers with the JSON Schema of documents.
func (s *Section) schema(context.Context, *schemaInput) (api.Reply, error) {
	return api.Reply{Body: spec.JSONSchema(s.Shell.URL(SchemaPath))}, nil
}

// InChoices are what readers choose besides values of columns.
type InChoices struct {
	Search string   `query:"buscar" maxLength:"2000" doc:"toolapi.param.search"`
	Place  []string `query:"lugar,explode" maxItems:"200" maxLength:"20" doc:"toolapi.param.rows_place"`
	Near   []string `query:"cerca,explode" maxItems:"5" maxLength:"100" doc:"toolapi.param.near"`
	Box    []string `query:"caja,explode" maxItems:"5" maxLength:"200" doc:"toolapi.param.box"`
}

type specInput struct {
	InTool
	InChoices
	Version int    `query:"version" minimum:"0" maximum:"1000000" doc:"toolapi.param.version"`
	Form    string `query:"format" enum:"json,vega-lite" doc:"toolapi.param.form_spec"`
	View    string `query:"view" maxLength:"40" doc:"toolapi.param.view"`
}

// spec answers with the document of a tool, or with one of Vega-Lite for a view of it.
func (s *Section) spec(ctx context.Context, in *specInput) (reply api.Reply, err error) {
	t, doc, err := s.native(ctx, in.Tool, in.Version)
	if err != nil {
		return reply, err
	}
	if api.Asked(ctx).Name != vegaLite.Name {
		reply.Body = doc.JSON()
		return reply, nil
	}
	view, err := viewOf(doc, in.View)
	if err != nil {
		return reply, err
	}
	result, err := s.result(ctx, t, doc, view, cmp.Or(in.Version, t.Version) == t.Version)
	if err != nil {
		return reply, err
	}
	reply.Body, err = vegalite.Export(vegalite.Asked{L: api.Printer(ctx), Spec: doc, View: view, Result: result})
	return reply, err
}

// viewOf is the name of the view that is asked for: the only one needs not to be named.
func viewOf(doc spec.Spec, name string) (string, error) {
	if name == "" && len(doc.Views) == 1 {
		return doc.Views[0].Name, nil
	}
	if _, ok := doc.View(name); ok {
		return name, nil
	}
	names := make([]string, len(doc.Views))
	for i, v := range doc.Views {
		names[i] = v.Name
	}
	return "", api.Invalid([]plaza.FieldError{{Field: "view", Key: "toolapi.error.view", Args: map[string]any{"views": strings.Join(names, ", ")}}})
}

// native is the document of a public tool of ours: of a version of it, 0 for the current one.
func (s *Section) native(ctx context.Context, name string, version int) (t tool.Tool, doc spec.Spec, err error) {
	err = s.DB.Read(ctx, func(tx *db.Tx) error {
		if t, err = public(tx, name); err != nil {
			return err
		}
		v, err := tool.VersionOf(tx, t.ID, cmp.Or(version, t.Version))
		if err != nil {
			return err
		}
		if v.Document.Spec == nil {
			return plaza.E(plaza.NotFound, "toolapi.error.elsewhere")
		}
		doc = *v.Document.Spec
		return nil
	})
	return t, doc, err
}

type versionsInput struct {
	api.Paging
	InTool
}

// ToolVersion is what was published of a tool.
type ToolVersion struct {
	Number  int       `json:"number" doc:"toolapi.version.number"`
	Current bool      `json:"current" doc:"toolapi.version.current"`
	Title   string    `json:"title" doc:"toolapi.title"`
	Summary string    `json:"summary" doc:"toolapi.summary"`
	Note    string    `json:"note,omitempty" doc:"toolapi.note"`
	At      time.Time `json:"published" doc:"toolapi.version.at"`
	Spec    string    `json:"spec,omitempty" format:"uri" doc:"toolapi.link.spec"`
}

// versions answers with the versions of a tool, the newest first.
func (s *Section) versions(ctx context.Context, in *versionsInput) (out api.List[ToolVersion], err error) {
	out.Items = []ToolVersion{}
	before := struct{ Before int }{}
	if in.Cursor != "" {
		if err := api.ReadCursor(in.Cursor, &before); err != nil {
			return out, err
		}
	}
	err = s.DB.Read(ctx, func(tx *db.Tx) error {
		t, err := public(tx, in.Tool)
		if err != nil {
			return err
		}
		out.Total = t.Version // they are numbered from 1, and none is ever taken away
		list, err := tool.Versions(tx, t.ID, before.Before, in.Limit+1)
		if err != nil {
			return err
		}
		if len(list) > in.Limit {
			list = list[:in.Limit]
			cursor, err := api.NewCursor(struct{ Before int }{list[in.Limit-1].Number})
			if err != nil {
				return err
			}
			out.More(cursor)
		}
		for _, v := range list {
			out.Items = append(out.Items, s.version(t, v))
		}
		return nil
	})
	return out, err
}

func (s *Section) version(t tool.Tool, v tool.Version) ToolVersion {
	out := ToolVersion{Number: v.Number, Current: v.Number == t.Version, Title: v.Title, Summary: v.Summary, Note: v.Note, At: v.At.UTC()}
	if v.Document.Spec != nil {
		out.Spec = s.address(t, "/spec?version="+strconv.Itoa(v.Number))
	}
	return out
}
