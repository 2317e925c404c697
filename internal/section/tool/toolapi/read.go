package toolapi

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"plaza/internal/base/api"
	"plaza/internal/base/db"
	"plaza/internal/civic/institution"
	"plaza/internal/plaza"
	"plaza/internal/section/tool"
	"plaza/internal/section/tool/spec"
)

type listInput struct {
	api.Paging
	Kind        string `query:"kind" enum:"table,figure,text,line,area,bar,histogram,scatter,heatmap,treemap,choropleth,points,multiples,linked,external" doc:"toolapi.kind"`
	Theme       string `query:"theme" maxLength:"200" doc:"toolapi.param.theme"`
	Place       string `query:"place" maxLength:"5" doc:"toolapi.param.place"`
	Institution string `query:"institution" maxLength:"200" doc:"toolapi.param.institution"`
	Dataset     string `query:"dataset" maxLength:"80" doc:"toolapi.param.dataset"`
	Resource    string `query:"resource" maxLength:"80" doc:"toolapi.param.resource"`
	Column      string `query:"column" maxLength:"300" doc:"toolapi.param.column"`
	Parent      string `query:"parent" maxLength:"80" doc:"toolapi.param.parent"`
	Official    bool   `query:"official" doc:"toolapi.param.official"`
	Alive       bool   `query:"alive" doc:"toolapi.param.alive"`
	Featured    bool   `query:"featured" doc:"toolapi.param.featured"`
	Sort        string `query:"sort" enum:"newest,viewed,featured" default:"newest" doc:"toolapi.param.sort"`
}

// InTool is which tool an operation is about.
type InTool struct {
	Tool string `path:"tool" maxLength:"120" doc:"toolapi.param.tool"`
}

type specInput struct {
	InTool
	Form    string `query:"formato" enum:"json" doc:"toolapi.param.form"`
	Format  string `query:"format" enum:"plaza,vega-lite" default:"plaza" doc:"toolapi.param.format"`
	View    string `query:"view" maxLength:"40" doc:"toolapi.param.view"`
	Version int    `query:"version" minimum:"0" maximum:"1000000" doc:"toolapi.param.version"`
}

type dataInput struct {
	InTool
	View string `path:"view" maxLength:"40" doc:"toolapi.param.view"`
	Form string `query:"formato" enum:"json,csv" doc:"toolapi.param.form"`
}

// ToolItem is a published tool. People are not named.
type ToolItem struct {
	ID          string     `json:"id" doc:"toolapi.id"`
	Slug        string     `json:"slug" doc:"toolapi.slug"`
	URL         string     `json:"url" format:"uri" doc:"toolapi.url"`
	Kind        string     `json:"kind" doc:"toolapi.kind"`
	Title       string     `json:"title" doc:"toolapi.title"`
	Summary     string     `json:"summary" doc:"toolapi.summary"`
	Language    string     `json:"language" doc:"toolapi.language"`
	Institution *ToolBody  `json:"institution,omitempty" doc:"toolapi.institution"`
	Official    bool       `json:"official" doc:"toolapi.official"`
	Version     int        `json:"version" doc:"toolapi.version"`
	Parent      *string    `json:"parent" doc:"toolapi.parent"`
	Address     string     `json:"address,omitempty" format:"uri" doc:"toolapi.address"`
	Alive       bool       `json:"alive" doc:"toolapi.alive"`
	Featured    bool       `json:"featured" doc:"toolapi.featured"`
	Views       int64      `json:"views" doc:"toolapi.views"`
	Published   time.Time  `json:"published" doc:"toolapi.published"`
	Modified    time.Time  `json:"modified" doc:"toolapi.modified"`
	Outdated    *time.Time `json:"outdated" doc:"toolapi.outdated"`
}

// ToolBody is an institution as tools name it.
type ToolBody struct {
	ID   string `json:"id" doc:"toolapi.body.id"`
	Slug string `json:"slug" doc:"toolapi.body.slug"`
	Name string `json:"name" doc:"toolapi.body.name"`
}

// ToolWhole is a published tool with what it rests on.
type ToolWhole struct {
	ToolItem
	Spec  *string    `json:"spec" format:"uri" doc:"toolapi.spec_url"`
	Note  string     `json:"note" doc:"toolapi.note"`
	Uses  []ToolUse  `json:"uses" nullable:"false" doc:"toolapi.uses"`
	Lacks []ToolLack `json:"lacks" nullable:"false" doc:"toolapi.lacks"`
}

// ToolUse is that a tool rests on a column, table or dataset.
type ToolUse struct {
	Dataset  string `json:"dataset" doc:"toolapi.use.dataset"`
	Resource string `json:"resource,omitempty" doc:"toolapi.use.resource"`
	Table    int    `json:"table,omitempty" doc:"toolapi.use.table"`
	Column   string `json:"column,omitempty" doc:"toolapi.use.column"`
	Version  int    `json:"version,omitempty" doc:"toolapi.use.version"`
}

// ToolLack is a column that a tool needs and its data have no more.
type ToolLack struct {
	Resource string `json:"resource" doc:"toolapi.use.resource"`
	Table    int    `json:"table" doc:"toolapi.use.table"`
	Column   string `json:"column,omitempty" doc:"toolapi.use.column"`
	Proposed string `json:"proposed,omitempty" doc:"toolapi.lack.proposed"`
}

// Document is a tool's document.
type Document = api.Row

// ViewData is what a view shows.
type ViewData struct {
	Sources []api.Row `json:"sources" nullable:"false" doc:"toolapi.data.sources"`
	Rows    []api.Row `json:"rows" nullable:"false" doc:"toolapi.data.rows"`
}

func (s *Section) list(ctx context.Context, in *listInput) (out api.List[ToolItem], err error) {
	out.Items = []ToolItem{}
	var after tool.Key
	if in.Cursor != "" {
		if err := api.ReadCursor(in.Cursor, &after); err != nil {
			return out, err
		}
	}
	f := tool.Filter{Kind: spec.Kind(in.Kind), Theme: in.Theme, Place: in.Place, Dataset: in.Dataset, Resource: in.Resource, Column: in.Column,
		Parent: in.Parent, Official: in.Official, Alive: in.Alive, Featured: in.Featured}
	err = s.DB.Read(ctx, func(tx *db.Tx) error {
		if in.Institution != "" {
			i, err := bodyNamed(tx, in.Institution)
			if err != nil {
				return err
			}
			f.Institution = i.ID
		}
		if out.Total, err = tool.Count(tx, f); err != nil {
			return err
		}
		found, err := tool.List(tx, f, tool.Sort(in.Sort), after, in.Limit+1)
		if err != nil {
			return err
		}
		if len(found) > in.Limit {
			found = found[:in.Limit]
			cursor, err := api.NewCursor(tool.KeyOf(found[in.Limit-1], tool.Sort(in.Sort)))
			if err != nil {
				return err
			}
			out.More(cursor)
		}
		out.Items, err = s.items(tx, found)
		return err
	})
	return out, err
}

// bodyNamed is the institution that a program names by its slug or its id.
func bodyNamed(tx *db.Tx, name string) (institution.Institution, error) {
	i, err := institution.BySlug(tx, name)
	if err != nil && plaza.KindOf(err) == plaza.NotFound {
		i, err = institution.ByID(tx, name)
	}
	return i, err
}

// items are tools as programs read them, with one statement.
func (s *Section) items(tx *db.Tx, list []tool.Tool) ([]ToolItem, error) {
	var bodies []string
	for _, t := range list {
		if t.Official() {
			bodies = append(bodies, t.Institution)
		}
	}
	owners, err := institution.ByIDs(tx, bodies)
	out := make([]ToolItem, len(list))
	for i, t := range list {
		out[i] = s.item(t, owners[t.Institution])
	}
	return out, err
}

func (s *Section) item(t tool.Tool, owner institution.Institution) ToolItem {
	out := ToolItem{ID: t.ID, Slug: t.Slug, URL: s.Shell.URL(t.Path()), Kind: string(t.Kind), Title: t.Title, Summary: t.Summary, Language: t.Language,
		Official: t.Official(), Version: t.Version, Address: t.URL, Alive: t.Alive(), Featured: !t.Featured.IsZero(), Views: t.Views,
		Published: t.Published.UTC(), Modified: t.Modified.UTC()}
	if owner.ID != "" {
		out.Institution = &ToolBody{owner.ID, owner.Slug, owner.Name}
	}
	if t.Parent != "" {
		out.Parent = &t.Parent
	}
	if !t.Outdated.IsZero() {
		at := t.Outdated.UTC()
		out.Outdated = &at
	}
	return out
}

// named is a tool by its id or the end of its address.
func named(tx *db.Tx, name string) (tool.Tool, error) {
	t, err := tool.ByID(tx, name)
	if err != nil && plaza.KindOf(err) == plaza.NotFound {
		t, err = tool.BySlug(tx, name)
	}
	return t, err
}

// public is a tool that everybody may see, by its name.
func public(tx *db.Tx, name string) (tool.Tool, error) {
	t, err := named(tx, name)
	if err == nil && !t.Public() {
		err = plaza.E(plaza.NotFound, "tool.error.not_found")
	}
	return t, err
}

func (s *Section) one(ctx context.Context, in *InTool) (out ToolWhole, err error) {
	err = s.DB.Read(ctx, func(tx *db.Tx) error {
		t, err := public(tx, in.Tool)
		if err != nil {
			return err
		}
		items, err := s.items(tx, []tool.Tool{t})
		if err != nil {
			return err
		}
		v, err := tool.Current(tx, t)
		if err != nil {
			return err
		}
		out = ToolWhole{ToolItem: items[0], Note: v.Note, Uses: []ToolUse{}, Lacks: []ToolLack{}}
		if v.Document.Spec != nil {
			address := s.Shell.URL(prefix + "/" + t.ID + "/spec")
			out.Spec = &address
		}
		for _, l := range t.Losses {
			out.Lacks = append(out.Lacks, ToolLack{l.Resource, l.Table, l.Column, l.Proposed})
		}
		uses, err := tool.Uses(tx, t.ID)
		for _, u := range uses {
			out.Uses = append(out.Uses, ToolUse{u.Dataset, u.Resource, u.Table, u.Column, u.Pinned})
		}
		return err
	})
	return out, err
}

// version is a version of a public native tool, 0 the current one.
func (s *Section) version(ctx context.Context, name string, number int) (v tool.Version, err error) {
	err = s.DB.Read(ctx, func(tx *db.Tx) error {
		t, err := public(tx, name)
		if err != nil {
			return err
		}
		if number == 0 {
			number = t.Version
		}
		if v, err = tool.VersionOf(tx, t.ID, number); err == nil && v.Document.Spec == nil {
			err = plaza.E(plaza.NotFound, "toolapi.error.elsewhere")
		}
		return err
	})
	return v, err
}

func (s *Section) spec(ctx context.Context, in *specInput) (reply api.Reply, err error) {
	v, err := s.version(ctx, in.Tool, in.Version)
	if err != nil {
		return reply, err
	}
	if in.Format != "vega-lite" {
		if api.Tag(ctx, fmt.Sprintf("%s-%d", v.Tool, v.Number)) {
			return reply, nil
		}
		return api.Reply{Body: v.Document.Spec.JSON()}, nil
	}
	if s.VegaLite == nil {
		return reply, plaza.E(plaza.NotFound, "toolapi.error.no_vega")
	}
	if in.View == "" && len(v.Document.Spec.Views) > 0 {
		in.View = v.Document.Spec.Views[0].Name
	}
	reply.Body, err = s.VegaLite(ctx, *v.Document.Spec, in.View)
	return reply, err
}

func (s *Section) data(ctx context.Context, in *dataInput) (reply api.Reply, err error) {
	v, err := s.version(ctx, in.Tool, 0)
	if err != nil {
		return reply, err
	}
	d, err := s.Data(ctx, *v.Document.Spec, in.View, api.Asked(ctx).Name)
	if err != nil {
		return reply, err
	}
	api.Tag(ctx, fmt.Sprintf("%s-%d-%s-%s-%s", v.Tool, v.Number, in.View, d.Stamp, api.Asked(ctx).Name))
	return api.Reply{Body: d.Body}, nil
}

// row is a value as an object of the interface.
func row(raw []byte) (out Document, err error) {
	if err := json.Unmarshal(raw, &out); err != nil {
		return nil, fmt.Errorf("writing a document: %w", err)
	}
	return out, nil
}
