package site

import (
	"net/url"
	"strings"

	"plaza/internal/base/db"
	"plaza/internal/plaza"
	"plaza/internal/section/cases/inbox"
	"plaza/internal/section/catalog"
	"plaza/internal/section/catalog/harvest"
)

// inbox are the pages on which institutions see what they have to answer.
func (s *Site) inbox() *inbox.Inbox {
	return inbox.New(inbox.Deps{
		DB: s.DB, Cases: s.Cases, Search: s.Search, Object: written, SourceOf: sourceOf, Sources: sourcesOf,
		Unattended: s.Comments.Unattended,
	})
}

// written is the dataset or resource that somebody names by its address or slug.
func written(tx *db.Tx, name string) (plaza.Card, error) {
	u, err := url.Parse(strings.TrimSpace(name))
	if err != nil {
		return plaza.Card{}, plaza.E(plaza.NotFound, "")
	}
	slug, rest, _ := strings.Cut(strings.TrimPrefix(strings.Trim(u.Path, "/"), "datos/"), "/")
	d, err := catalog.BySlug(tx, slug)
	if err != nil {
		return plaza.Card{}, err
	}
	ref := d.Ref()
	if id, ok := strings.CutPrefix(rest, "recursos/"); ok {
		ref = plaza.Ref{Kind: catalog.KindResource, ID: id}
	}
	found, err := things(tx, []plaza.Ref{ref})
	if card, ok := found[ref]; ok && card.Visible {
		return card, err
	}
	if err == nil {
		err = plaza.E(plaza.NotFound, "")
	}
	return plaza.Card{}, err
}

// sourceOf is the id of the source of a dataset.
func sourceOf(tx *db.Tx, dataset string) (string, error) {
	d, err := catalog.ByID(tx, dataset)
	return d.SourceID, err
}

// sourcesOf are the sources that an institution has.
func sourcesOf(tx *db.Tx, institution string) (out []inbox.Choice, err error) {
	all, err := harvest.Sources(tx)
	for _, s := range all {
		if s.InstitutionID == institution && s.State != harvest.Retired {
			out = append(out, inbox.Choice{ID: s.ID, Title: s.Title})
		}
	}
	return out, err
}
