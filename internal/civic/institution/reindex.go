package institution

import (
	"context"
	"fmt"

	"plaza/internal/base/db"
	"plaza/internal/civic/search"
	"plaza/internal/plaza"
)

// NamedArgs are those of the job for when an institution is called otherwise: what is
// found by the name of its owner is indexed again. Save queues it; the part that owns
// what institutions have handles it.
type NamedArgs struct {
	Institution string `json:"institution"`
}

// Kind names the job.
func (NamedArgs) Kind() string { return "institution.named" }

// Reindex brings the index to what is stored, for after a change of how words are
// analysed, and returns how many institutions it holds then.
func Reindex(ctx context.Context, d *db.DB) (n int, err error) {
	err = d.Write(ctx, func(tx *db.Tx) error {
		all, err := All(tx)
		if err != nil {
			return err
		}
		n = len(all)
		docs, is := make([]search.Doc, n), make(map[string]bool, n)
		for i, body := range all {
			if body.Names, err = names(tx, body); err != nil {
				return err
			}
			docs[i], is[body.ID] = doc(body), true
		}
		if err := search.Put(tx, docs...); err != nil {
			return err
		}
		indexed, err := search.IDs(tx, Kind)
		if err != nil {
			return err
		}
		var gone []plaza.Ref
		for _, id := range indexed {
			if !is[id] {
				gone = append(gone, plaza.Ref{Kind: Kind, ID: id})
			}
		}
		return search.Remove(tx, gone...)
	})
	if err != nil {
		return 0, fmt.Errorf("indexing institutions: %w", err)
	}
	return n, nil
}
