package search

import (
	"fmt"
	"strings"
	"time"

	"plaza/internal/base/db"
	"plaza/internal/plaza"
)

// Topic is what db.Listen hears when the index has changed in this process.
const Topic = "search"

// keepRemoved is how long a removed thing's row stays for others to hear of it. A
// process that was away for longer loads everything again.
const keepRemoved = 7 * 24 * time.Hour

// chunk is how many documents one statement writes.
const chunk = 20

// Put adds documents to the index, or brings them up to date, within tx; a document
// that did not change costs no version. It takes the index's lock until the
// transaction ends, so call it after every other write except record.Append.
func Put(tx *db.Tx, docs ...Doc) error {
	latest := make(map[plaza.Ref]int, len(docs))
	for i, d := range docs {
		latest[d.Ref] = i
	}
	unique := docs[:0:0]
	for i, d := range docs {
		if latest[d.Ref] == i {
			unique = append(unique, d)
		}
	}
	version, err := take(tx, len(unique))
	if err != nil || len(unique) == 0 {
		return err
	}
	for len(unique) > 0 {
		n := 1
		if len(unique) >= chunk {
			n = chunk
		}
		args := make([]any, 0, n*9)
		for _, d := range unique[:n] {
			version++
			args = append(args, d.Ref.Kind, d.Ref.ID, version, cut(oneLine(d.Title), maxTitle),
				d.words(), d.facets(), d.Created, d.Modified, d.Changed)
		}
		if _, err := tx.Exec(upserts[n], args...); err != nil {
			return fmt.Errorf("indexing %s: %w", unique[0].Ref, err)
		}
		unique = unique[n:]
	}
	return nil
}

// upserts writes one row or a chunk of them.
var upserts = map[int]string{1: upsert(1), chunk: upsert(chunk)}

func upsert(n int) string {
	var b strings.Builder
	b.WriteString(`INSERT INTO search_docs
		(kind, id, version, title, words, facets, created_at, modified_at, changed_at)
		VALUES `)
	for i := range n {
		if i > 0 {
			b.WriteString(", ")
		}
		b.WriteString("(" + db.Placeholders(i*9+1, 9) + ")")
	}
	b.WriteString(`
		ON CONFLICT (kind, id) DO UPDATE SET
			version = excluded.version, removed_at = NULL, title = excluded.title,
			words = excluded.words, facets = excluded.facets,
			created_at = excluded.created_at, modified_at = excluded.modified_at,
			changed_at = excluded.changed_at
		WHERE search_docs.removed_at IS NOT NULL
			OR search_docs.words <> excluded.words OR search_docs.title <> excluded.title
			OR search_docs.facets <> excluded.facets
			OR search_docs.modified_at IS DISTINCT FROM excluded.modified_at
			OR search_docs.created_at IS DISTINCT FROM excluded.created_at
			OR search_docs.changed_at IS DISTINCT FROM excluded.changed_at`)
	return b.String()
}

// Remove takes things out of the index within tx; unknown ones are no error. The
// same lock as Put's is held.
func Remove(tx *db.Tx, refs ...plaza.Ref) error {
	version, err := take(tx, len(refs))
	if err != nil || len(refs) == 0 {
		return err
	}
	for _, r := range refs {
		version++
		_, err := tx.Exec(`
			UPDATE search_docs
			SET version = $1, removed_at = $2, title = '', words = '', facets = '',
				created_at = NULL, modified_at = NULL, changed_at = NULL
			WHERE kind = $3 AND id = $4 AND removed_at IS NULL`,
			version, tx.Now, r.Kind, r.ID)
		if err != nil {
			return fmt.Errorf("taking %s out of the index: %w", r, err)
		}
	}
	return purge(tx)
}

// purge forgets what was removed long ago.
func purge(tx *db.Tx) error {
	before := tx.Now.Add(-keepRemoved)
	var floor int64
	err := tx.Row(`SELECT COALESCE(MAX(version), 0) FROM search_docs WHERE removed_at < $1`, before).Scan(&floor)
	if err != nil || floor == 0 {
		return err
	}
	if _, err := tx.Exec(`DELETE FROM search_docs WHERE removed_at < $1`, before); err != nil {
		return fmt.Errorf("forgetting removed documents: %w", err)
	}
	_, err = tx.Exec(`UPDATE search_head SET floor = $1 WHERE id = 1 AND floor < $2`, floor, floor)
	return err
}

// take locks the index and reserves n versions; it returns the one before them.
func take(tx *db.Tx, n int) (int64, error) {
	if n == 0 {
		return 0, nil
	}
	var version int64
	err := tx.Row(`UPDATE search_head SET version = version + $1 WHERE id = 1 RETURNING version`, n).Scan(&version)
	if err != nil {
		return 0, fmt.Errorf("locking the search index: %w", err)
	}
	tx.Wake(Topic)
	return version - int64(n), nil
}

// IDs are the ids of all documents of a kind in the index, in order: a reindex
// removes those that are no more.
func IDs(tx *db.Tx, kind string) ([]string, error) {
	return db.All(tx, db.Column[string],
		`SELECT id FROM search_docs WHERE kind = $1 AND removed_at IS NULL ORDER BY id`, kind)
}

// when are a document's dates in Unix milliseconds, never for none.
type when struct{ created, modified, changed int64 }

// row is a document as it is stored.
type row struct {
	kind, id, title, words, facets string
	version                        int64
	when
	removed bool
}

// never stands for an instant that is not known; it sorts before all others.
const never int64 = -1 << 62

func millis(t time.Time) int64 {
	if t.IsZero() {
		return never
	}
	return t.UnixMilli()
}

// asRow is the document as it would be read back.
func (d Doc) asRow(version int64) row {
	return row{
		kind: d.Ref.Kind, id: d.Ref.ID, version: version, title: cut(oneLine(d.Title), maxTitle),
		words: d.words(), facets: d.facets(), when: when{millis(d.Created), millis(d.Modified), millis(d.Changed)},
	}
}

// pageRows is how many rows one transaction of a Sync reads: enough to be fast, few
// enough to be over well within any time limit.
const pageRows = 5000

// head reads where the index stands.
func head(tx *db.Tx) (version, floor int64, err error) {
	err = tx.Row(`SELECT version, floor FROM search_head WHERE id = 1`).Scan(&version, &floor)
	return version, floor, err
}

// changes reads up to so many rows changed after a version, in order.
func changes(tx *db.Tx, after int64, limit int) ([]row, error) {
	out := make([]row, 0, 64)
	rows, err := tx.Query(`
		SELECT kind, id, version, removed_at, title, words, facets, created_at, modified_at, changed_at
		FROM search_docs
		WHERE version > $1
		ORDER BY version
		LIMIT $2`, after, limit)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	for rows.Next() {
		var r row
		var removed, created, modified, changed time.Time
		if err := rows.Scan(&r.kind, &r.id, &r.version, &removed, &r.title, &r.words, &r.facets, &created, &modified, &changed); err != nil {
			return nil, err
		}
		r.removed, r.when = !removed.IsZero(), when{millis(created), millis(modified), millis(changed)}
		out = append(out, r)
	}
	return out, rows.Err()
}
