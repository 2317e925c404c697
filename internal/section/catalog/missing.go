package catalog

import (
	"time"

	"plaza/internal/base/db"
	"plaza/internal/civic/record"
	"plaza/internal/civic/search"
	"plaza/internal/plaza"
)

// A dataset is absent after this many consecutive complete runs without it and
// this long since the first of them: real sources flap within a day.
const (
	AbsentAfterRuns = 3
	AbsentAfter     = 7 * 24 * time.Hour
)

// Listed is a dataset of a source that has not been declared absent.
type Listed struct {
	ID, SourceKey string
	MissingSince  time.Time
}

// ListedAfter pages through a source's datasets that are not absent, by their key.
func ListedAfter(tx *db.Tx, source, after string, limit int) ([]Listed, error) {
	return db.All(tx, func(scan func(...any) error) (Listed, error) {
		var l Listed
		err := scan(&l.ID, &l.SourceKey, &l.MissingSince)
		return l, err
	}, `SELECT id, source_key, missing_since FROM datasets
		WHERE source_id = $1 AND state = $2 AND source_key > $3 ORDER BY source_key LIMIT $4`, source, Published, after, limit)
}

// MarkMissing notes that a complete run did not see these datasets for the first
// time. At most MaxBatch of them; it appends to the record.
func MarkMissing(tx *db.Tx, run string, ids []string) error {
	return mark(tx, run, ids, "missing", `UPDATE datasets SET missing_since = $1 WHERE id = $2`)
}

// MarkAbsent makes tombstones: the pages stay, the listings leave them out. At most
// MaxBatch of them; it appends to the record.
func MarkAbsent(tx *db.Tx, run string, ids []string) error {
	refs := make([]plaza.Ref, len(ids))
	for i, id := range ids {
		refs[i] = plaza.Ref{Kind: KindDataset, ID: id}
	}
	tables, err := insideRefs(tx, ids)
	if err != nil {
		return err
	}
	if err := search.Remove(tx, append(refs, tables...)...); err != nil {
		return err
	}
	return mark(tx, run, ids, "absent", `UPDATE datasets SET state = 'absent', absent_at = $1 WHERE id = $2`)
}

func mark(tx *db.Tx, run string, ids []string, kind, update string) error {
	datasets, err := ByIDs(tx, ids)
	if err != nil {
		return err
	}
	acts := make([]record.Act, 0, len(datasets))
	for _, d := range datasets {
		if _, err := tx.Exec(update, tx.Now, d.ID); err != nil {
			return err
		}
		if err := remember(tx, d.ID, run, kind, nil); err != nil {
			return err
		}
		acts = append(acts, act("dataset."+kind, d, map[string]any{"title": d.Title, "slug": d.Slug}))
	}
	return record.Append(tx, acts...)
}

// MarkLate tells the index of datasets that have fallen behind their own rhythm
// since it was last told, at most limit of them, and returns how many. It is run
// every day, since nobody writes anything when a date passes.
func MarkLate(tx *db.Tx, limit int, names map[string]string) (int, error) {
	ids, err := db.All(tx, db.Column[string], `SELECT id FROM datasets
		WHERE late_at IS NOT NULL AND NOT late AND late_at < $1 AND state = $2 ORDER BY late_at, id LIMIT $3`, tx.Now, Published, limit)
	if err != nil || len(ids) == 0 {
		return 0, err
	}
	datasets, err := ByIDs(tx, ids)
	if err != nil {
		return 0, err
	}
	docs := make([]entry, len(datasets))
	acts := make([]record.Act, len(datasets))
	for i, d := range datasets {
		if _, err := tx.Exec(`UPDATE datasets SET late = $1 WHERE id = $2`, true, d.ID); err != nil {
			return 0, err
		}
		docs[i] = entry{d, names[d.InstitutionID], true}
		acts[i] = act("dataset.late", d, map[string]any{"title": d.Title, "slug": d.Slug})
	}
	if err := putDocs(tx, docs...); err != nil {
		return 0, err
	}
	return len(ids), record.Append(tx, acts...)
}
