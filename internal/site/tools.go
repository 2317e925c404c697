package site

import (
	"context"
	"slices"

	"plaza/internal/base/db"
	"plaza/internal/plaza"
	"plaza/internal/section/catalog"
	"plaza/internal/section/explore"
	"plaza/internal/section/tool"
	"plaza/internal/section/tool/kept"
)

// tools are the visualisations that people save.
func (s *Site) tools() *tool.Tools {
	deps := tool.Deps{DB: s.DB, Gate: s.Gate, Screen: s.Moderation, Lineage: lineage, Check: s.checkTool, Shape: s.toolShape, Client: s.client, Log: s.Log}
	if s.Config.Worker != nil { // else nobody here draws
		deps.Published, deps.Renewed = kept.Published, kept.Enqueue
	}
	return tool.New(deps)
}

// lineage is what the catalogue tells of the datasets and resources that tools rest on:
// those of published datasets that are listed and not withheld.
func lineage(tx *db.Tx, refs []plaza.Ref) (map[plaza.Ref]tool.Origin, error) {
	out := map[plaza.Ref]tool.Origin{}
	for _, ref := range refs {
		id, only := ref.ID, ""
		if ref.Kind == tool.KindResource {
			r, err := catalog.ResourceByID(tx, ref.ID)
			if unlessGone(err) != nil {
				return nil, err
			}
			if err != nil || !r.RemovedAt.IsZero() || !r.Withheld.IsZero() {
				continue
			}
			id, only = r.DatasetID, r.ID
		}
		d, err := catalog.ByID(tx, id)
		if unlessGone(err) != nil {
			return nil, err
		}
		if err != nil || d.State != catalog.Published {
			continue
		}
		o := tool.Origin{Dataset: d.ID, Title: d.Title, Institution: d.InstitutionID, Themes: d.Themes}
		if o.Places, err = statesIn(tx, d, only); err != nil {
			return nil, err
		}
		out[ref] = o
	}
	return out, nil
}

// statesIn are the codes of the states in a dataset's files, or in one of them.
func statesIn(tx *db.Tx, d catalog.Dataset, only string) (out []string, err error) {
	var ids []string
	for _, r := range d.Current() {
		if only == "" || r.ID == only {
			ids = append(ids, r.ID)
		}
	}
	known, err := catalog.StatesOf(tx, ids)
	for _, codes := range known {
		out = append(out, codes...)
	}
	slices.Sort(out)
	return slices.Compact(out), err
}

// toolShape tells tools which columns a version of a file has, as far as anybody may see
// them. A file that is withheld says nothing meanwhile.
func (s *Site) toolShape(ctx context.Context, resource string, version int) (tool.Shape, error) {
	var v explore.Version
	var hidden explore.Hiding
	if err := s.DB.Read(ctx, func(tx *db.Tx) error {
		r, err := explored{}.Resource(tx, resource)
		if err != nil {
			return err
		}
		if hidden, err = explore.HidingOf(tx, r); err != nil {
			return err
		}
		if version > 0 {
			v, err = explore.ByNumber(tx, resource, version)
		} else {
			v, err = explore.Current(tx, resource)
		}
		if err == nil && (hidden.File || v.State != explore.Good) {
			err = plaza.E(plaza.NotFound, "")
		}
		return err
	}); err != nil {
		return tool.Shape{}, err
	}
	p, err := s.Explore.Profile(ctx, v)
	if err != nil {
		return tool.Shape{}, err
	}
	out := tool.Shape{Version: v.Number, Tables: make([]tool.Table, len(p.Tables))}
	for i, t := range p.Tables {
		for _, c := range t.Columns {
			if !hidden.Withheld(c) && !hidden.Suspected(c) {
				out.Tables[i].Columns = append(out.Tables[i].Columns, tool.Column{Name: c.Name, Type: string(c.Type)})
			}
		}
	}
	return out, nil
}
