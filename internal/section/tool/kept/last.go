package kept

import (
	"context"
	"encoding/json"
	"time"

	"plaza/internal/base/db"
	"plaza/internal/plaza"
	"plaza/internal/section/tool"
	"plaza/internal/section/tool/reckon"
	"plaza/internal/section/tool/spec"
)

// Last is what a view showed when it was drawn for the last time, of an earlier version of
// its files, and when that was. ok is false when nothing is kept of it, and when any of its
// columns may not be seen any more.
func (k *Kept) Last(ctx context.Context, of Of, view string) (r reckon.Result, made time.Time, ok bool, err error) {
	var row tool.Kept
	err = k.DB.Read(ctx, func(tx *db.Tx) (err error) {
		row, err = tool.PictureOf(tx, of.drawn(view, "", JSON))
		return err
	})
	if err != nil {
		if plaza.KindOf(err) == plaza.NotFound {
			err = nil
		}
		return r, made, false, err
	}
	body, ok, err := k.object(ctx, row)
	if !ok || err != nil {
		return r, made, false, err
	}
	if err := json.Unmarshal(body, &r); err != nil {
		return reckon.Result{}, made, false, nil // of another revision
	}
	ok, err = k.open(ctx, of.Spec, r)
	return r, row.Made, ok, err
}

// open reports whether all that a tool uses of the files of a result may be seen now, in the
// versions of then.
func (k *Kept) open(ctx context.Context, s spec.Spec, r reckon.Result) (bool, error) {
	if k.Shape == nil {
		return false, nil
	}
	for _, stamp := range r.Stamps {
		src, is := s.Source(stamp.Source)
		if stamp.Resource == "" {
			continue // of the installation itself
		}
		if !is || src.Resource != stamp.Resource {
			return false, nil
		}
		shape, err := k.Shape(ctx, stamp.Resource, stamp.Version)
		if kind := plaza.KindOf(err); err != nil && (kind == plaza.NotFound || kind == plaza.Forbidden || kind == plaza.Invalid) {
			return false, nil
		}
		if err != nil {
			return false, err
		}
		if !shape.Has(s, src) {
			return false, nil
		}
	}
	return len(r.Stamps) > 0, nil
}
