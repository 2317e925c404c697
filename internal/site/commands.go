package site

import (
	"context"

	"plaza/internal/base/db"
	"plaza/internal/civic/comment"
	"plaza/internal/civic/institution"
	"plaza/internal/section/catalog"
)

// Recount makes the figures of how institutions answer again from the record, and returns
// how many entries of it were counted.
func (s *Site) Recount(ctx context.Context) (int, error) { return s.Scores.Rebuild(ctx) }

// Reindex brings the search index to what it is made of, and returns how many things
// it holds then.
func (s *Site) Reindex(ctx context.Context) (n int, err error) {
	if _, err := s.Explore.Reindex(ctx); err != nil {
		return n, err
	}
	for _, part := range []func(context.Context, *db.DB) (int, error){institution.Reindex, catalog.Reindex, comment.Reindex, s.Tools.Reindex} {
		m, err := part(ctx, s.DB)
		if err != nil {
			return n, err
		}
		n += m
	}
	return n, nil
}
