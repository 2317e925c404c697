package site

import (
	"context"
	"net/url"
	"slices"
	"strconv"

	"plaza/internal/base/db"
	"plaza/internal/base/i18n"
	"plaza/internal/base/tabular/query"
	"plaza/internal/base/web"
	"plaza/internal/civic/access"
	"plaza/internal/civic/account"
	"plaza/internal/civic/institution"
	"plaza/internal/civic/search"
	"plaza/internal/plaza"
	"plaza/internal/section/catalog"
	"plaza/internal/section/explore"
	"plaza/internal/section/explore/screen"
	"plaza/internal/section/tool"
	"plaza/internal/section/tool/reckon"
	toolscreen "plaza/internal/section/tool/screen"
	"plaza/internal/section/tool/showing"
	"plaza/internal/section/tool/spec"
	"plaza/internal/section/tool/workshop"
)

// reckoner computes what tools show, from the tables that the explorer opens.
func (s *Site) reckoner() *reckon.Reckoner {
	return &reckon.Reckoner{Opener: toolTables{s.Explore}, Engine: s.Engine}
}

// toolView computes what a view of a tool shows; nil where nothing is opened.
func (s *Site) toolView() func(ctx context.Context, doc spec.Spec, view string, reader url.Values) (reckon.Result, error) {
	if s.Engine == nil {
		return nil
	}
	return s.reckoner().View
}

// checkTool holds a tool to the tables that it names; where nothing is opened, to nothing.
func (s *Site) checkTool(ctx context.Context, doc spec.Spec) error {
	if s.Engine == nil {
		return nil
	}
	return s.reckoner().Check(ctx, doc)
}

// toolPages are the pages of tools: the gallery and the workshop. Nothing where nothing is opened.
func (s *Site) toolPages(shell *web.Shell) error {
	if s.Engine == nil {
		return nil
	}
	shower, err := showing.New(shell)
	if err != nil {
		return err
	}
	k := s.reckoner()
	if err := workshop.New(workshop.Deps{DB: s.DB, Gate: s.Gate, Tools: s.Tools, View: k.View, Check: k.Check, Shape: s.workshopShape, Find: s.tablesFound, Offices: toolOffices,
		Dataset: s.datasetNamed, Datasets: s.datasetsFound, Cards: cards, Kept: s.toolKept, Shower: shower}).Mount(shell); err != nil {
		return err
	}
	s.toolScreens = toolscreen.New(toolscreen.Deps{DB: s.DB, Tools: s.Tools, View: k.View, Kept: s.toolKept, Names: account.Names, Cards: cards, Around: s.aroundObject, Shower: shower})
	return s.toolScreens.Mount(shell)
}

// workshopShape tells what a resource's file has, as anybody may see it.
func (s *Site) workshopShape(ctx context.Context, resource string, version int) (workshop.Shape, error) {
	v, err := s.Explore.Open(ctx, resource, version)
	if err != nil {
		return workshop.Shape{}, err
	}
	defer v.Close()
	out := workshop.Shape{ID: resource, Title: v.Resource.Title, Dataset: v.Resource.Collection, Path: v.Resource.Path, Version: v.Version.Number}
	for _, t := range v.Profile.Tables {
		out.Tables = append(out.Tables, query.Visible(t, v.Hiding.Columns(t)))
	}
	return out, nil
}

// tablesFound are resources that open as tables: those of the datasets that words find.
func (s *Site) tablesFound(ctx context.Context, words string, limit int) (out []workshop.Shape, err error) {
	found, err := s.Search.Search(search.Query{Text: words, Filters: map[string][]string{search.KindFacet: {catalog.KindDataset}}, Limit: limit})
	if err != nil {
		return nil, err
	}
	err = s.DB.Read(ctx, func(tx *db.Tx) error {
		for _, hit := range found.Hits {
			d, err := catalog.ByID(tx, hit.Ref.ID)
			if err != nil {
				return unlessGone(err)
			}
			var ids []string
			for _, r := range d.Current() {
				ids = append(ids, r.ID)
			}
			known, err := explore.ShapesOf(tx, ids)
			if err != nil {
				return err
			}
			for _, r := range d.Current() {
				if known[r.ID].Columns > 0 && !known[r.ID].Closed && r.Withheld.IsZero() && len(out) < limit {
					out = append(out, workshop.Shape{ID: r.ID, Title: r.Title, Dataset: d.Title, Path: d.ResourcePath(r)})
				}
			}
		}
		return nil
	})
	return out, err
}

// toolOffices are the institutions in whose name somebody may publish tools.
func toolOffices(tx *db.Tx, who plaza.Actor) (out []web.Option, err error) {
	var ids []string
	for _, r := range who.Grants {
		if r.Institution != "" && !slices.Contains(ids, r.Institution) && access.Can(who, access.ToolOfficial, access.Object{Institution: r.Institution}) {
			ids = append(ids, r.Institution)
		}
	}
	known, err := institution.ByIDs(tx, ids)
	for _, id := range ids {
		if i := known[id]; i.ID != "" {
			out = append(out, web.Option{Value: id, Label: i.Name})
		}
	}
	return out, err
}

// makeTool is where a tool is begun from a view of a table.
func makeTool(p screen.Pointer) string {
	view, err := url.Parse(p.View)
	if err != nil {
		view = &url.URL{}
	}
	v := query.Choices(view.Query())
	v.Set("recurso", p.Resource)
	if sheet := view.Query().Get("hoja"); sheet != "" {
		v.Set("hoja", sheet)
	}
	if p.Version > 0 {
		v.Set("version", strconv.Itoa(p.Version))
	}
	return workshop.NewPath + "?" + v.Encode()
}

// mostHome tools are on the first page.
const mostHome = 3

// homeTools are the tools of the first page: those that are featured, then the newest, alive.
func (s *Site) homeTools(tx *db.Tx, l *i18n.Printer) ([]web.ToolItem, error) {
	if s.Engine == nil {
		return nil, nil
	}
	list, err := tool.List(tx, tool.Filter{Alive: true}, tool.FeaturedTop, tool.Key{}, mostHome)
	if err != nil || len(list) == 0 {
		return nil, err
	}
	return toolscreen.Items(tx, l, account.Names, list)
}

// mostMade tools are named beside what they show.
const mostMade = 6

// toolsMade are the public tools that show a resource, or a column of it.
func toolsMade(tx *db.Tx, resource, column string) (out []web.NavLink, err error) {
	f := tool.Filter{Resource: resource, Column: column}
	list, err := tool.List(tx, f, tool.FeaturedTop, tool.Key{}, mostMade)
	for _, t := range list {
		out = append(out, web.NavLink{Label: t.Title, Path: t.Path()})
	}
	return out, err
}
