package catalog

import (
	"context"
	"fmt"
	"slices"

	"plaza/internal/base/db"
	"plaza/internal/civic/institution"
	"plaza/internal/civic/search"
	"plaza/internal/plaza"
)

// Reindex brings the index to what is stored, in batches, and returns how many
// datasets it holds then. Readers find what they found before meanwhile.
func Reindex(ctx context.Context, d *db.DB) (total int, err error) {
	for after := ""; ; {
		n := 0
		if err := d.Write(ctx, func(tx *db.Tx) (err error) {
			ids, err := db.All(tx, db.Column[string], `SELECT id FROM datasets
				WHERE id > $1 AND state = $2 ORDER BY id LIMIT $3`, after, Published, MaxBatch)
			if err != nil {
				return err
			}
			n, after, err = reindexBatch(tx, after, ids)
			return err
		}); err != nil {
			return total, fmt.Errorf("indexing datasets: %w", err)
		}
		if n == 0 {
			break
		}
		total += n
	}
	err = d.Write(ctx, removeAbsent)
	return total, err
}

// ReindexOwner brings the index to what the datasets of an institution are stored as,
// for after it is called otherwise, in pieces: one that was stopped is done again whole.
func ReindexOwner(ctx context.Context, d *db.DB, institution string) error {
	for after, n := "", 1; n > 0; {
		if err := d.Write(ctx, func(tx *db.Tx) error {
			ids, err := db.All(tx, db.Column[string], `SELECT id FROM datasets
				WHERE institution_id = $1 AND id > $2 AND state = $3 ORDER BY id LIMIT $4`, institution, after, Published, MaxBatch)
			if err != nil {
				return err
			}
			n, after, err = reindexBatch(tx, after, ids)
			return err
		}); err != nil {
			return fmt.Errorf("indexing the datasets of institution %s: %w", institution, err)
		}
	}
	return nil
}

// reindexBatch indexes some datasets, and returns how many and the last one's id.
func reindexBatch(tx *db.Tx, after string, ids []string) (int, string, error) {
	if len(ids) == 0 {
		return 0, after, nil
	}
	datasets, err := ByIDs(tx, ids)
	if err != nil {
		return 0, after, err
	}
	owners := make([]string, len(datasets))
	for i, d := range datasets {
		owners[i] = d.InstitutionID
	}
	bodies, err := institution.ByIDs(tx, owners)
	if err != nil {
		return 0, after, err
	}
	entries := make([]entry, len(datasets))
	for i, d := range datasets {
		_, late := lateness(d, tx.Now)
		entries[i] = entry{d, bodies[d.InstitutionID].Name, late}
	}
	return len(ids), ids[len(ids)-1], putDocs(tx, entries...)
}

// removeAbsent takes out of the index what is not published.
func removeAbsent(tx *db.Tx) error {
	published, err := db.All(tx, db.Column[string], `SELECT id FROM datasets WHERE state = $1`, Published)
	if err != nil {
		return err
	}
	is := make(map[string]bool, len(published))
	for _, id := range published {
		is[id] = true
	}
	indexed, err := search.IDs(tx, KindDataset)
	if err != nil {
		return err
	}
	var gone []plaza.Ref
	for _, id := range indexed {
		if !is[id] {
			gone = append(gone, plaza.Ref{Kind: KindDataset, ID: id})
		}
	}
	tables, err := search.IDs(tx, KindResource)
	if err != nil {
		return err
	}
	known, err := db.All(tx, db.Column[string], `SELECT i.resource_id FROM resource_insides i JOIN datasets d ON d.id = i.dataset_id WHERE d.state = $1`, Published)
	if err != nil {
		return err
	}
	slices.Sort(known)
	for _, id := range tables {
		if _, ok := slices.BinarySearch(known, id); !ok {
			gone = append(gone, plaza.Ref{Kind: KindResource, ID: id})
		}
	}
	return search.Remove(tx, gone...)
}
