package toolapi

import (
	"context"
	"slices"
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
	Place       string `query:"place" maxLength:"2" doc:"toolapi.param.place"`
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

// ToolItem is a public tool. People are not named.
type ToolItem struct {
	ID          string           `json:"id" doc:"toolapi.id"`
	Slug        string           `json:"slug" doc:"toolapi.slug"`
	URL         string           `json:"url" format:"uri" doc:"toolapi.url"`
	API         string           `json:"api" format:"uri" doc:"toolapi.api"`
	Kind        string           `json:"kind" doc:"toolapi.kind"`
	Title       string           `json:"title" doc:"toolapi.title"`
	Summary     string           `json:"summary" doc:"toolapi.summary"`
	Language    string           `json:"language" doc:"toolapi.language"`
	Institution *ToolInstitution `json:"institution,omitempty" doc:"toolapi.institution"`
	Official    bool             `json:"official" doc:"toolapi.official"`
	Alive       bool             `json:"alive" doc:"toolapi.alive"`
	Featured    bool             `json:"featured" doc:"toolapi.featured"`
	Version     int              `json:"version" doc:"toolapi.version"`
	Visits      int64            `json:"visits" doc:"toolapi.visits"`
	Published   time.Time        `json:"published" doc:"toolapi.published"`
	Modified    time.Time        `json:"modified" doc:"toolapi.modified"`
}

// ToolInstitution is an institution whose tool it is.
type ToolInstitution struct {
	ID   string `json:"id" doc:"toolapi.institution.id"`
	Slug string `json:"slug" doc:"toolapi.institution.slug"`
	Name string `json:"name" doc:"toolapi.institution.name"`
}

func (s *Section) list(ctx context.Context, in *listInput) (out api.List[ToolItem], err error) {
	out.Items = []ToolItem{}
	var after tool.Key
	if in.Cursor != "" {
		if err := api.ReadCursor(in.Cursor, &after); err != nil {
			return out, err
		}
	}
	if in.Column != "" && in.Resource == "" {
		return out, api.Invalid([]plaza.FieldError{{Field: "column", Key: "toolapi.error.column"}})
	}
	order := tool.Sort(in.Sort)
	err = s.DB.Read(ctx, func(tx *db.Tx) error {
		f, err := in.filter(tx)
		if err != nil {
			return err
		}
		if out.Total, err = tool.Count(tx, f); err != nil {
			return err
		}
		found, err := tool.List(tx, f, order, after, in.Limit+1)
		if err != nil {
			return err
		}
		if len(found) > in.Limit {
			found = found[:in.Limit]
			cursor, err := api.NewCursor(tool.KeyOf(found[in.Limit-1], order))
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

// filter is what is asked for; an institution that there is not is NotFound.
func (in *listInput) filter(tx *db.Tx) (tool.Filter, error) {
	f := tool.Filter{Kind: spec.Kind(in.Kind), Theme: in.Theme, Place: in.Place, Dataset: in.Dataset, Resource: in.Resource, Column: in.Column,
		Parent: in.Parent, Official: in.Official, Alive: in.Alive, Featured: in.Featured}
	if in.Institution == "" {
		return f, nil
	}
	body, err := institution.BySlug(tx, in.Institution)
	if err != nil && plaza.KindOf(err) == plaza.NotFound {
		body, err = institution.ByID(tx, in.Institution)
	}
	f.Institution = body.ID
	return f, err
}

// items are tools as programs read them, with one statement for their institutions.
func (s *Section) items(tx *db.Tx, list []tool.Tool) ([]ToolItem, error) {
	var bodies []string
	for _, t := range list {
		if t.Official() && !slices.Contains(bodies, t.Institution) {
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
	out := ToolItem{ID: t.ID, Slug: t.Slug, URL: s.Shell.URL(t.Path()), API: s.address(t, ""), Kind: string(t.Kind), Title: t.Title, Summary: t.Summary,
		Language: t.Language, Official: t.Official(), Alive: t.Alive(), Featured: !t.Featured.IsZero(), Version: t.Version, Visits: t.Views,
		Published: t.Published.UTC(), Modified: t.Modified.UTC()}
	if t.Official() {
		out.Institution = &ToolInstitution{owner.ID, owner.Slug, owner.Name}
	}
	return out
}
