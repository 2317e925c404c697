package toolapi

import (
	"context"
	"slices"
	"time"

	"plaza/internal/base/db"
	"plaza/internal/plaza"
	"plaza/internal/section/tool"
	"plaza/internal/section/tool/drawing"
	"plaza/internal/section/tool/screen"
	"plaza/internal/section/tool/spec"
)

// ToolWhole is a tool with what it is made of.
type ToolWhole struct {
	ToolItem
	Note     string        `json:"note,omitempty" doc:"toolapi.note"`
	Subtitle string        `json:"subtitle,omitempty" doc:"toolapi.subtitle"`
	Notes    string        `json:"notes,omitempty" doc:"toolapi.notes"`
	Views    []ToolView    `json:"views" nullable:"false" doc:"toolapi.views"`
	Sources  []ToolSource  `json:"sources" nullable:"false" doc:"toolapi.sources"`
	Datasets []ToolDataset `json:"datasets" nullable:"false" doc:"toolapi.datasets"`
	Uses     []ToolUse     `json:"uses" nullable:"false" doc:"toolapi.uses"`
	Parent   *ToolParent   `json:"parent,omitempty" doc:"toolapi.parent"`
	Outdated *time.Time    `json:"outdated" doc:"toolapi.outdated"`
	Losses   []ToolLoss    `json:"losses" nullable:"false" doc:"toolapi.losses"`
	Outside  *ToolOutside  `json:"external,omitempty" doc:"toolapi.external"`
	Links    ToolLinks     `json:"links" doc:"toolapi.links"`
}

// ToolView is a view of a tool. Texts have no data, and only what is drawn has pictures.
type ToolView struct {
	Name  string `json:"name" doc:"toolapi.view.name"`
	Title string `json:"title" doc:"toolapi.view.title"`
	Kind  string `json:"kind" doc:"toolapi.view.kind"`
	Text  string `json:"text,omitempty" doc:"toolapi.view.text"`
	Data  string `json:"data,omitempty" format:"uri" doc:"toolapi.view.data"`
	SVG   string `json:"svg,omitempty" format:"uri" doc:"toolapi.view.svg"`
	PNG   string `json:"png,omitempty" format:"uri" doc:"toolapi.view.png"`
	Vega  string `json:"vega_lite,omitempty" format:"uri" doc:"toolapi.view.vega"`
}

// ToolSource is a table that a tool is drawn from.
type ToolSource struct {
	Name     string `json:"name" doc:"toolapi.source.name"`
	Resource string `json:"resource" doc:"toolapi.source.resource"`
	Table    int    `json:"table" doc:"toolapi.source.table"`
	Version  int    `json:"version,omitempty" doc:"toolapi.source.version"`
	Follows  bool   `json:"follows" doc:"toolapi.source.follows"`
	Filter   string `json:"filter,omitempty" doc:"toolapi.source.filter"`
}

// ToolDataset is a dataset that a tool rests on.
type ToolDataset struct {
	ID    string `json:"id" doc:"toolapi.dataset.id"`
	Title string `json:"title" doc:"toolapi.dataset.title"`
	URL   string `json:"url" format:"uri" doc:"toolapi.dataset.url"`
	Owner string `json:"institution" doc:"toolapi.dataset.institution"`
}

// ToolUse is a column, or a table whole, that a tool rests on.
type ToolUse struct {
	Dataset  string `json:"dataset" doc:"toolapi.dataset.id"`
	Resource string `json:"resource,omitempty" doc:"toolapi.source.resource"`
	Table    int    `json:"table,omitempty" doc:"toolapi.source.table"`
	Column   string `json:"column,omitempty" doc:"toolapi.use.column"`
	Type     string `json:"type,omitempty" doc:"toolapi.use.type"`
	Pinned   int    `json:"pinned,omitempty" doc:"toolapi.source.version"`
}

// ToolParent is the tool that another was made from.
type ToolParent struct {
	ID      string `json:"id" doc:"toolapi.id"`
	URL     string `json:"url" format:"uri" doc:"toolapi.url"`
	Title   string `json:"title" doc:"toolapi.title"`
	Version int    `json:"version" doc:"toolapi.parent.version"`
}

// ToolLoss is something that a tool rests on and its data have no more.
type ToolLoss struct {
	Resource string `json:"resource" doc:"toolapi.source.resource"`
	Version  int    `json:"version" doc:"toolapi.loss.version"`
	Table    int    `json:"table" doc:"toolapi.source.table"`
	Column   string `json:"column,omitempty" doc:"toolapi.use.column"`
	Was      string `json:"was,omitempty" doc:"toolapi.loss.was"`
	Now      string `json:"now,omitempty" doc:"toolapi.loss.now"`
	Proposed string `json:"proposed,omitempty" doc:"toolapi.loss.proposed"`
}

// ToolOutside is what is said of a tool elsewhere.
type ToolOutside struct {
	URL      string     `json:"url" format:"uri" doc:"toolapi.external.url"`
	Maker    string     `json:"maker,omitempty" doc:"toolapi.external.maker"`
	Software string     `json:"software,omitempty" doc:"toolapi.external.software"`
	Picture  string     `json:"picture,omitempty" format:"uri" doc:"toolapi.external.picture"`
	Alt      string     `json:"alt,omitempty" doc:"toolapi.external.alt"`
	Checked  *time.Time `json:"checked" doc:"toolapi.external.checked"`
	Status   int        `json:"status,omitempty" doc:"toolapi.external.status"`
	Failing  *time.Time `json:"failing" doc:"toolapi.external.failing"`
	Broken   *time.Time `json:"broken" doc:"toolapi.external.broken"`
}

// ToolLinks are where more of a tool is.
type ToolLinks struct {
	Page     string `json:"page" format:"uri" doc:"toolapi.url"`
	Spec     string `json:"spec,omitempty" format:"uri" doc:"toolapi.link.spec"`
	Schema   string `json:"schema,omitempty" format:"uri" doc:"toolapi.link.schema"`
	Versions string `json:"versions" format:"uri" doc:"toolapi.link.versions"`
	Embed    string `json:"embed,omitempty" format:"uri" doc:"toolapi.link.embed"`
}

func (s *Section) one(ctx context.Context, in *InTool) (out ToolWhole, err error) {
	err = s.DB.Read(ctx, func(tx *db.Tx) error {
		t, err := public(tx, in.Tool)
		if err != nil {
			return err
		}
		v, err := tool.Current(tx, t)
		if err != nil {
			return err
		}
		items, err := s.items(tx, []tool.Tool{t})
		if err != nil {
			return err
		}
		out = s.whole(items[0], t, v.Document)
		out.Note = v.Note
		if out.Parent, err = s.parent(tx, t); err != nil {
			return err
		}
		return s.rests(tx, &out)
	})
	return out, err
}

// whole is a tool as far as it and its document tell.
func (s *Section) whole(item ToolItem, t tool.Tool, d tool.Document) ToolWhole {
	out := ToolWhole{ToolItem: item, Views: []ToolView{}, Sources: []ToolSource{}, Datasets: []ToolDataset{}, Uses: []ToolUse{}, Losses: []ToolLoss{},
		Outdated: moment(t.Outdated), Links: ToolLinks{Page: item.URL, Versions: s.address(t, "/versions")}}
	for _, l := range t.Losses {
		out.Losses = append(out.Losses, ToolLoss(l))
	}
	if x := d.External; x != nil {
		out.Outside = &ToolOutside{URL: x.URL, Maker: x.Maker, Software: x.Software, Checked: moment(t.Address.Checked), Status: t.Address.Status,
			Failing: moment(t.Address.Failing), Broken: moment(t.Address.Since)}
		if x.Picture != nil {
			out.Outside.Picture, out.Outside.Alt = s.Shell.URL(t.Path()+screen.ImagePath), x.Alt
		}
		return out
	}
	out.Subtitle, out.Notes = d.Spec.Subtitle, d.Spec.Notes
	out.Links.Spec, out.Links.Schema, out.Links.Embed = s.address(t, "/spec"), s.Shell.URL(SchemaPath), s.Shell.URL(screen.EmbedPath+"/"+t.Slug)
	for _, v := range d.Spec.Views {
		out.Views = append(out.Views, s.view(t, v))
	}
	for _, src := range d.Spec.Sources {
		out.Sources = append(out.Sources, ToolSource{src.Name, src.Resource, max(src.Table, 1), src.Version, src.Version == 0, src.Filter})
	}
	return out
}

// view is a view, with where its numbers and pictures are.
func (s *Section) view(t tool.Tool, v spec.View) ToolView {
	out := ToolView{Name: v.Name, Title: v.Title, Kind: string(v.Kind()), Text: v.Text}
	if v.Mark != spec.Text {
		out.Data = s.address(t, "/views/"+v.Name+"/data")
	}
	if drawing.Drawn(v) {
		files := s.Shell.URL(t.Path() + "/vistas/" + v.Name)
		out.SVG, out.PNG = files+"/grafica.svg", files+"/grafica.png"
	}
	if drawing.Drawn(v) && v.Mark != spec.Treemap {
		out.Vega = s.address(t, "/spec?format="+vegaLite.Name+"&view="+v.Name)
	}
	return out
}

// parent is the tool that one was made from, nil when there is none to be seen.
func (s *Section) parent(tx *db.Tx, t tool.Tool) (*ToolParent, error) {
	if t.Parent == "" {
		return nil, nil
	}
	up, err := tool.ByID(tx, t.Parent)
	if err != nil && plaza.KindOf(err) != plaza.NotFound {
		return nil, err
	}
	if err != nil || !up.Public() {
		return nil, nil
	}
	return &ToolParent{up.ID, s.Shell.URL(up.Path()), up.Title, t.ParentVersion}, nil
}

// rests adds what a tool rests on.
func (s *Section) rests(tx *db.Tx, out *ToolWhole) error {
	uses, err := tool.Uses(tx, out.ID)
	if err != nil {
		return err
	}
	var refs []plaza.Ref
	for _, u := range uses {
		out.Uses = append(out.Uses, ToolUse{u.Dataset, u.Resource, u.Table, u.Column, u.Type, u.Pinned})
		if ref := (plaza.Ref{Kind: tool.KindDataset, ID: u.Dataset}); !slices.Contains(refs, ref) {
			refs = append(refs, ref)
		}
	}
	cards, err := s.Cards(tx, refs)
	for _, ref := range refs {
		if c := cards[ref]; c.Visible {
			out.Datasets = append(out.Datasets, ToolDataset{ref.ID, c.Title, s.Shell.URL(c.Path), c.Owner})
		}
	}
	return err
}

// moment is a time in UTC, nil for none.
func moment(t time.Time) *time.Time {
	if t.IsZero() {
		return nil
	}
	t = t.UTC()
	return &t
}
