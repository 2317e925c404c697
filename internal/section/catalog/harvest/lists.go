package harvest

import (
	"time"

	"plaza/internal/base/db"
)

// SourcesAfter returns sources in the order of their ids, from the one after an id
// ("" for the first), and how many there are.
func SourcesAfter(tx *db.Tx, after string, limit int) (list []Source, total int, err error) {
	if err := tx.Row(`SELECT COUNT(*) FROM sources`).Scan(&total); err != nil {
		return nil, 0, err
	}
	list, err = db.All(tx, scanSource, `SELECT `+sourceColumns+` FROM sources
		WHERE id > $1 ORDER BY id LIMIT $2`, after, limit)
	return list, total, err
}

// CountProblems counts the problems of a run that are listed: of very many, only the
// first are.
func CountProblems(tx *db.Tx, r Run) (n int, err error) {
	err = tx.Row(`SELECT COUNT(*) FROM run_problems WHERE run_id = $1`, r.ProblemRun()).Scan(&n)
	return n, err
}

// LastSeen tells when each of some datasets was last seen in its source: at the end
// of the last run that knew everything the source lists, before it went missing if
// it did. It leaves out what no such run has seen.
func LastSeen(tx *db.Tx, datasets []string) (map[string]time.Time, error) {
	out := make(map[string]time.Time, len(datasets))
	if len(datasets) == 0 {
		return out, nil
	}
	args := append([]any{Complete, Unchanged}, db.Args(datasets)...)
	rows, err := tx.Query(`SELECT d.id, (SELECT r.finished_at FROM runs r
			WHERE r.source_id = d.source_id AND r.state IN ($1, $2)
				AND (d.missing_since IS NULL OR r.finished_at < d.missing_since)
			ORDER BY r.started_at DESC LIMIT 1)
		FROM datasets d WHERE d.id IN (`+db.Placeholders(3, len(datasets))+`)`, args...)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	for rows.Next() {
		var id string
		var at time.Time
		if err := rows.Scan(&id, &at); err != nil {
			return nil, err
		}
		if !at.IsZero() {
			out[id] = at
		}
	}
	return out, rows.Err()
}
