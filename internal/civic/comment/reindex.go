package comment

import (
	"context"
	"fmt"

	"plaza/internal/base/db"
	"plaza/internal/civic/search"
	"plaza/internal/plaza"
)

// reindexAtOnce is how many comments are indexed in one transaction.
const reindexAtOnce = 500

// Reindex brings the search index to the comments that are public, in pieces, and
// returns how many it holds then. Readers find what they found before meanwhile.
func Reindex(ctx context.Context, d *db.DB) (total int, err error) {
	for after := ""; ; {
		var list []Comment
		if err := d.Write(ctx, func(tx *db.Tx) (err error) {
			if list, err = db.All(tx, scan, `SELECT `+columns+`
				FROM comments
				WHERE id > $1 AND state = 'public'
				ORDER BY id
				LIMIT $2`, after, reindexAtOnce); err != nil {
				return err
			}
			docs := make([]search.Doc, len(list))
			for i, c := range list {
				docs[i] = doc(c)
			}
			return search.Put(tx, docs...)
		}); err != nil {
			return total, fmt.Errorf("indexing comments: %w", err)
		}
		total += len(list)
		if len(list) < reindexAtOnce {
			break
		}
		after = list[len(list)-1].ID
	}
	if err := d.Write(ctx, removeAbsent); err != nil {
		return total, fmt.Errorf("indexing comments: %w", err)
	}
	return total, nil
}

// removeAbsent takes out of the index what is not public, or no more.
func removeAbsent(tx *db.Tx) error {
	indexed, err := search.IDs(tx, Kind)
	if err != nil {
		return err
	}
	public, err := db.All(tx, db.Column[string], `SELECT id FROM comments WHERE state = 'public'`)
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
