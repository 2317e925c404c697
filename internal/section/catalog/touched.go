package catalog

import (
	"slices"
	"time"

	"plaza/internal/base/db"
	"plaza/internal/plaza"
)

// Window is one run of a source, for Touched.
type Window struct {
	Source, Run string
	From, To    time.Time
	Added       bool // whether it added any: looking for them reads the source's datasets
}

// Touch is a dataset that a run added or changed. Kind is that of its Change, or
// "added".
type Touch struct {
	Kind, Title, Path string
}

// Touched lists what a run did, at most limit of each of what it added and what else
// it did.
func Touched(tx *db.Tx, w Window, limit int) ([]Touch, error) {
	var added []Touch
	var err error
	if w.Added {
		if added, err = db.All(tx, touch, `SELECT 'added', title, slug FROM datasets
			WHERE source_id = $1 AND first_seen_at >= $2 AND first_seen_at <= $3 ORDER BY title_key, id LIMIT $4`,
			w.Source, w.From, w.To, limit); err != nil {
			return nil, err
		}
	}
	changed, err := db.All(tx, touch, `SELECT c.kind, d.title, d.slug FROM dataset_changes c JOIN datasets d ON d.id = c.dataset_id
		WHERE c.run_id = $1 AND c.run_id <> '' ORDER BY c.id LIMIT $2`, w.Run, limit)
	return append(added, changed...), err
}

func touch(scan func(...any) error) (Touch, error) {
	var t Touch
	var d Dataset
	err := scan(&t.Kind, &t.Title, &d.Slug)
	t.Path = d.Path()
	return t, err
}

// BySourceKeys are cards of a source's datasets by the source's keys, with their
// titles and paths alone; unknown keys are left out.
func BySourceKeys(tx *db.Tx, source string, keys []string) (map[string]plaza.Card, error) {
	keys = slices.DeleteFunc(slices.Compact(slices.Sorted(slices.Values(keys))), func(k string) bool { return k == "" })
	out := make(map[string]plaza.Card, len(keys))
	if len(keys) == 0 {
		return out, nil
	}
	_, err := db.All(tx, func(scan func(...any) error) (struct{}, error) {
		var key string
		var d Dataset
		err := scan(&key, &d.ID, &d.Slug, &d.Title)
		out[key] = plaza.Card{Ref: d.Ref(), Title: d.Title, Path: d.Path(), Visible: true}
		return struct{}{}, err
	}, `SELECT source_key, id, slug, title FROM datasets
		WHERE source_id = $1 AND source_key IN (`+db.Placeholders(2, len(keys))+`)`, append([]any{source}, db.Args(keys)...)...)
	return out, err
}

// CountBySource counts datasets per source, tombstones left out: of the sources
// named, or of all.
func CountBySource(tx *db.Tx, sources ...string) (map[string]int, error) {
	query, args := `SELECT source_id, COUNT(*) FROM datasets WHERE state <> $1`, []any{Absent}
	if len(sources) > 0 {
		query += ` AND source_id IN (` + db.Placeholders(2, len(sources)) + `)`
		args = append(args, db.Args(sources)...)
	}
	out := map[string]int{}
	_, err := db.All(tx, func(scan func(...any) error) (struct{}, error) {
		var id string
		var n int
		err := scan(&id, &n)
		out[id] = n
		return struct{}{}, err
	}, query+` GROUP BY source_id`, args...)
	return out, err
}
