package tool

import (
	"context"
	"fmt"

	"plaza/internal/base/db"
	"plaza/internal/civic/search"
	"plaza/internal/plaza"
)

// reindexAtOnce is how many tools are indexed in one transaction.
const reindexAtOnce = 100

// Reindex brings the search and the gallery's facets to what the catalogue says of the data
// of public tools now, in pieces, and returns how many tools those are.
func (ts *Tools) Reindex(ctx context.Context, d *db.DB) (total int, err error) {
	for after := ""; ; {
		var list []Tool
		if err := d.Write(ctx, func(tx *db.Tx) (err error) {
			if list, err = db.All(tx, scan, `SELECT `+columns+` FROM tools WHERE standing = 'public' AND id > $1 ORDER BY id LIMIT $2`, after, reindexAtOnce); err != nil {
				return err
			}
			for _, t := range list {
				if err := ts.index(tx, t); err != nil {
					return fmt.Errorf("tool %s: %w", t.ID, err)
				}
			}
			return nil
		}); err != nil {
			return total, fmt.Errorf("indexing tools: %w", err)
		}
		total += len(list)
		if len(list) < reindexAtOnce {
			return total, d.Write(ctx, removeAbsent)
		}
		after = list[len(list)-1].ID
	}
}

// removeAbsent takes out of the index what is not public, or no more.
func removeAbsent(tx *db.Tx) error {
	indexed, err := search.IDs(tx, Kind)
	if err != nil {
		return err
	}
	public, err := db.All(tx, db.Column[string], `SELECT id FROM tools WHERE standing = 'public'`)
	if err != nil {
		return err
	}
	is := make(map[string]bool, len(public))
	for _, id := range public {
		is[id] = true
	}
	var gone []plaza.Ref
	for _, id := range indexed {
		if !is[id] {
			gone = append(gone, plaza.Ref{Kind: Kind, ID: id})
		}
	}
	return search.Remove(tx, gone...)
}
