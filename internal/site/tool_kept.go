package site

import (
	"context"
	"net/url"

	"plaza/internal/base/db"
	"plaza/internal/section/catalog"
	"plaza/internal/section/explore"
	"plaza/internal/section/tool"
	"plaza/internal/section/tool/kept"
	"plaza/internal/section/tool/reckon"
	"plaza/internal/section/tool/spec"
)

// toolsKept keeps what tools show; nil where nothing is opened.
func (s *Site) toolsKept() *kept.Kept {
	if s.Engine == nil {
		return nil
	}
	return kept.New(kept.Deps{DB: s.DB, Blob: s.Blob, Stamp: s.toolStamp, Live: s.reckoner().View, Shape: s.toolShape, Bundle: s.Bundle, Log: s.Log,
		URL: func(path string) string { return s.Config.BaseURL + path }})
}

// toolViewKept is what a view of a tool's current version shows; nil where nothing is opened.
func (s *Site) toolViewKept() func(ctx context.Context, t tool.Tool, doc spec.Spec, view string, reader url.Values) (reckon.Result, error) {
	if s.toolKept == nil {
		return nil
	}
	return func(ctx context.Context, t tool.Tool, doc spec.Spec, view string, reader url.Values) (reckon.Result, error) {
		return s.toolKept.View(ctx, kept.Of{Tool: t, Spec: doc}, view, reader)
	}
}

// toolStamp stands for the data of which a tool would be computed now: the versions of its
// files, what of them is hidden, and what the catalogue tells of them.
func (s *Site) toolStamp(ctx context.Context, doc spec.Spec) (stamp string, err error) {
	var reads []explore.Read
	var ids []string
	for _, src := range doc.Sources {
		reads = append(reads, explore.Read{Resource: src.Resource, Number: src.Version})
		ids = append(ids, src.Resource)
	}
	err = s.DB.Read(ctx, func(tx *db.Tx) error {
		tables, err := explore.StampOf(tx, reads)
		if err != nil {
			return err
		}
		told, err := catalog.StampOf(tx, ids)
		stamp = tables + told
		return err
	})
	return stamp, err
}
