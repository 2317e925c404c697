package catalog

import (
	"plaza/internal/base/db"
)

// IDsOfSlugs returns the ids of the published datasets with these slugs, by slug.
// Old slugs are not followed.
func IDsOfSlugs(tx *db.Tx, slugs []string) (map[string]string, error) {
	out := make(map[string]string, len(slugs))
	const most = 500 // in one statement
	for len(slugs) > 0 {
		part := slugs[:min(most, len(slugs))]
		slugs = slugs[len(part):]
		rows, err := tx.Query(`SELECT slug, id FROM datasets WHERE slug IN (`+db.Placeholders(1, len(part))+`)`, db.Args(part)...)
		if err != nil {
			return nil, err
		}
		for rows.Next() {
			var slug, id string
			if err := rows.Scan(&slug, &id); err != nil {
				rows.Close()
				return nil, err
			}
			out[slug] = id
		}
		rows.Close()
		if err := rows.Err(); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// IDsOfSource returns the ids of a source's published datasets.
func IDsOfSource(tx *db.Tx, source string) ([]string, error) {
	return db.All(tx, db.Column[string], `SELECT id FROM datasets WHERE source_id = $1 AND state = $2`, source, Published)
}

// Slugs returns slugs of published datasets in order, from the one after a slug (""
// for the first) and some more skipped.
func Slugs(tx *db.Tx, after string, skip, limit int) ([]string, error) {
	return db.All(tx, db.Column[string], `SELECT slug FROM datasets
		WHERE slug > $1 AND state = $2 ORDER BY slug LIMIT $3 OFFSET $4`, after, Published, limit, skip)
}
