package site

import (
	"context"
	"net/url"
	"regexp"
	"strings"

	"plaza/internal/base/db"
	"plaza/internal/civic/search"
	"plaza/internal/plaza"
	"plaza/internal/section/catalog"
	"plaza/internal/section/tool"
	"plaza/internal/section/tool/workshop"
)

var anID = regexp.MustCompile(`[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}`)

// datasetNamed is the published dataset that somebody names by its address here, its
// identifier, or that of a resource of it.
func (s *Site) datasetNamed(ctx context.Context, words string) (out workshop.Dataset, err error) {
	err = s.DB.Read(ctx, func(tx *db.Tx) error {
		id, err := datasetID(tx, words)
		if err != nil {
			return err
		}
		out, err = toolDataset(tx, id)
		return err
	})
	return out, err
}

// datasetID is the id of a dataset that words name; NotFound for words that name none.
func datasetID(tx *db.Tx, words string) (string, error) {
	id := anID.FindString(strings.ToLower(words))
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

// toolDataset is a dataset that a tool may rest on; NotFound when it may not.
func toolDataset(tx *db.Tx, id string) (workshop.Dataset, error) {
	ref := plaza.Ref{Kind: tool.KindDataset, ID: id}
	known, err := lineage(tx, []plaza.Ref{ref})
	if err != nil {
		return workshop.Dataset{}, err
	}
	if _, ok := known[ref]; !ok {
		return workshop.Dataset{}, plaza.E(plaza.NotFound, "")
	}
	all, err := cards(tx, []plaza.Ref{ref})
	c := all[ref]
	return workshop.Dataset{ID: id, Title: c.Title, Owner: c.Owner, Path: c.Path}, err
}

// datasetsFound are published datasets that words find, the best first.
func (s *Site) datasetsFound(ctx context.Context, words string, limit int) (out []workshop.Dataset, err error) {
	found, err := s.Search.Search(search.Query{Text: words, Filters: map[string][]string{search.KindFacet: {catalog.KindDataset}}, Limit: limit})
	if err != nil {
		return nil, err
	}
	err = s.DB.Read(ctx, func(tx *db.Tx) error {
		for _, hit := range found.Hits {
			d, err := toolDataset(tx, hit.Ref.ID)
			if unlessGone(err) != nil {
				return err
			}
			if err == nil {
				out = append(out, d)
			}
		}
		return nil
	})
	return out, err
}
