package job

import (
	"fmt"

	"plaza/internal/base/db"
	"plaza/internal/plaza"
)

// maxList bounds a List.
const maxList = 200

// Filter chooses jobs for List; zero fields choose all.
type Filter struct {
	State State
	Kind  string
	// Before lists only jobs made before the one with this id: the last of the
	// previous page.
	Before string
	Limit  int // at most and by default 200
}

// List returns jobs, the newest first.
func List(tx *db.Tx, f Filter) ([]Info, error) {
	if f.Limit <= 0 || f.Limit > maxList {
		f.Limit = maxList
	}
	// one text per combination, so that each uses its index
	where, args := "id > ''", []any{}
	for _, c := range []struct{ column, value string }{
		{"state = ", string(f.State)}, {"kind = ", f.Kind}, {"id < ", f.Before},
	} {
		if c.value != "" {
			args = append(args, c.value)
			where += " AND " + c.column + db.Placeholders(len(args), 1)
		}
	}
	jobs, err := db.All(tx, scan, `SELECT `+columns+`
		FROM jobs
		WHERE `+where+`
		ORDER BY id DESC
		LIMIT `+db.Placeholders(len(args)+1, 1), append(args, f.Limit)...)
	if err != nil {
		return nil, fmt.Errorf("listing jobs: %w", err)
	}
	return jobs, nil
}

// Get returns a job; NotFound when there is none, or it was removed long after its end.
func Get(tx *db.Tx, id string) (Info, error) {
	info, err := scan(tx.Row(`SELECT `+columns+` FROM jobs WHERE id = $1`, id).Scan)
	if plaza.KindOf(err) == plaza.NotFound {
		return info, errNotFound
	}
	return info, err
}

// Counts are the numbers of jobs by state.
func Counts(tx *db.Tx) (map[State]int, error) {
	rows, err := tx.Query(`SELECT state, COUNT(*) FROM jobs GROUP BY state`)
	if err != nil {
		return nil, fmt.Errorf("counting jobs: %w", err)
	}
	defer rows.Close()
	counts := map[State]int{}
	for rows.Next() {
		var s State
		var n int
		if err := rows.Scan(&s, &n); err != nil {
			return nil, fmt.Errorf("counting jobs: %w", err)
		}
		counts[s] = n
	}
	return counts, rows.Err()
}

// Cancel stops a job: at once when no worker has it, else its context ends soon and
// the handler winds down. A job that has ended is a Conflict.
func Cancel(tx *db.Tx, id string) error {
	n, err := tx.Exec(`UPDATE jobs
		SET cancel = TRUE,
			state = CASE state WHEN 'available' THEN 'cancelled' ELSE state END,
			finished_at = CASE state WHEN 'available' THEN $1 ELSE finished_at END
		WHERE id = $2 AND state IN ('available', 'running')`, tx.Now, id)
	if err != nil {
		return fmt.Errorf("cancelling job %s: %w", id, err)
	}
	if n == 0 {
		return missing(tx, id, "job.error.ended")
	}
	tx.Wake(topicCancel)
	return nil
}

// CancelUnique cancels the live job that has a Unique key, if there is one.
func CancelUnique(tx *db.Tx, key string) error {
	ids, err := db.All(tx, db.Column[string], `SELECT id FROM jobs WHERE unique_key = $1 AND state IN ('available', 'running')`, key)
	for _, id := range ids {
		if err := Cancel(tx, id); err != nil {
			return err
		}
	}
	return err
}

// Retry makes a job due now with all its attempts before it: one that ended, or one
// that waits. A running job is a Conflict, and so is one whose Unique key another
// live job has.
func Retry(tx *db.Tx, id string) error {
	n, err := tx.Exec(`UPDATE jobs
		SET state = 'available', attempt = 0, run_at = $1, finished_at = NULL, cancel = FALSE
		WHERE id = $2 AND state <> 'running'`, tx.Now, id)
	if plaza.KindOf(err) == plaza.Conflict {
		return &plaza.Error{Kind: plaza.Conflict, Key: "job.error.unique", Cause: err}
	}
	if err != nil {
		return fmt.Errorf("retrying job %s: %w", id, err)
	}
	if n == 0 {
		return missing(tx, id, "job.error.running")
	}
	tx.Wake(topicDue)
	return nil
}

// missing is why an update touched no job: there is none, or it is in another state.
func missing(tx *db.Tx, id, key string) error {
	if _, err := Get(tx, id); err != nil {
		return err
	}
	return plaza.E(plaza.Conflict, key)
}
