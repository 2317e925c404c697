package site

import (
	"context"
	"net/url"

	"plaza/internal/base/db"
	"plaza/internal/civic/search"
	"plaza/internal/plaza"
	"plaza/internal/section/catalog"
	"plaza/internal/section/tool"
	"plaza/internal/section/tool/workshop"
)

// datasetNamed is the published dataset that somebody names by its address here, its
// identifier, or that of a resource of it.
func (s *Site) datasetNamed(ctx context.Context, words string) (out workshop.Dataset, err error) {
	err = s.DB.Read(ctx, func(tx *db.Tx) error {
		id, err := datasetID(tx, words)
		if err != nil {
			return err
		}
		all, err := toolDatasets(tx, []string{id})
		if err == nil && len(all) == 0 {
			return plaza.E(plaza.NotFound, "")
		}
		if err == nil {
			out = all[0]
		}
		return err
	})
	return out, err
}

// datasetID is the id of a dataset that words name; NotFound for words that name none.
func datasetID(tx *db.Tx, words string) (string, error) {
	id := ""
	if ids := plaza.IDs(words); len(ids) > 0 {
		id = ids[0]
	}
	if u, err := url.Parse(words); err == nil && u.Path != "" {
		ref, err := catalog.Find(tx, u.Path)
		if unlessGone(err) != nil {
			return "", err
		}
		if err == nil {
			id = ref.ID
		}
	}
	if id == "" {
		return "", plaza.E(plaza.NotFound, "")
	}
	r, err := catalog.ResourceByID(tx, id)
	switch {
	case err == nil:
		return r.DatasetID, nil
	case unlessGone(err) != nil:
		return "", err
	}
	return id, nil
}

// toolDatasets are those of some datasets that a tool may rest on, in their order.
func toolDatasets(tx *db.Tx, ids []string) (out []workshop.Dataset, err error) {
	refs := make([]plaza.Ref, len(ids))
	for i, id := range ids {
		refs[i] = plaza.Ref{Kind: tool.KindDataset, ID: id}
	}
	known, err := lineage(tx, refs)
	if err != nil {
		return nil, err
	}
	all, err := cards(tx, refs)
	for _, ref := range refs {
		if _, ok := known[ref]; ok {
			c := all[ref]
			out = append(out, workshop.Dataset{ID: ref.ID, Title: c.Title, Owner: c.Owner, Path: c.Path})
		}
	}
	return out, err
}

// datasetsFound are published datasets that words find, the best first.
func (s *Site) datasetsFound(ctx context.Context, words string, limit int) (out []workshop.Dataset, err error) {
	found, err := s.Search.Search(search.Query{Text: words, Filters: map[string][]string{search.KindFacet: {catalog.KindDataset}}, Limit: limit})
	if err != nil {
		return nil, err
	}
	ids := make([]string, len(found.Hits))
	for i, hit := range found.Hits {
		ids[i] = hit.Ref.ID
	}
	err = s.DB.Read(ctx, func(tx *db.Tx) error { out, err = toolDatasets(tx, ids); return err })
	return out, err
}
