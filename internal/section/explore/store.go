package explore

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"strings"
	"time"

	"plaza/internal/base/db"
	"plaza/internal/base/job"
	"plaza/internal/base/tabular"
	"plaza/internal/plaza"
)

const versionColumns = `id, resource_id, number, sha256, bytes, name, media_type, url, etag, last_modified, fetched_at, seen_at, state, fault,
	revision, fixes, profile, profile_sha256, row_count, column_count, change, expired_at`

func scanVersion(scan func(...any) error) (v Version, err error) {
	var fault, change string
	if err = scan(&v.ID, &v.Resource, &v.Number, &v.SHA256, &v.Bytes, &v.Name, &v.MediaType, &v.URL, &v.ETag, &v.LastModified, &v.Fetched, &v.Seen, &v.State, &fault,
		&v.Revision, &v.fixes, &v.profile, &v.profileObject, &v.Rows, &v.Columns, &change, &v.Expired); err != nil {
		return v, err
	}
	if v.Fault, err = decoded[Fault](fault); err != nil {
		return v, err
	}
	v.Change, err = decoded[Change](change)
	return v, err
}

// withTables adds the tables of versions with one statement.
func withTables(tx *db.Tx, list []Version) ([]Version, error) {
	if len(list) == 0 {
		return list, nil
	}
	at := make(map[string]int, len(list))
	ids := make([]string, len(list))
	for i, v := range list {
		at[v.ID], ids[i] = i, v.ID
	}
	rows, err := tx.Query(`SELECT version_id, name, sha256, bytes, row_count FROM explore_tables
		WHERE version_id IN (`+db.Placeholders(1, len(ids))+`) ORDER BY version_id, position`, db.Args(ids)...)
	if err != nil {
		return nil, fmt.Errorf("reading the tables of versions: %w", err)
	}
	defer rows.Close()
	for rows.Next() {
		var id string
		var t Stored
		if err := rows.Scan(&id, &t.Name, &t.SHA256, &t.Bytes, &t.Rows); err != nil {
			return nil, err
		}
		list[at[id]].Tables = append(list[at[id]].Tables, t)
	}
	return list, rows.Err()
}

// oneVersion reads a version with its tables; NotFound when there is none.
func oneVersion(tx *db.Tx, where string, args ...any) (Version, error) {
	v, err := scanVersion(tx.Row(`SELECT `+versionColumns+` FROM explore_versions WHERE `+where, args...).Scan)
	if err != nil {
		if plaza.KindOf(err) == plaza.NotFound {
			err = errNoVersion
		}
		return v, err
	}
	list, err := withTables(tx, []Version{v})
	if err != nil {
		return v, err
	}
	return list[0], nil
}

// ByID returns a version; NotFound when there is none.
func ByID(tx *db.Tx, id string) (Version, error) { return oneVersion(tx, `id = $1`, id) }

// ByNumber returns a version of a resource; NotFound when there is none.
func ByNumber(tx *db.Tx, resource string, number int) (Version, error) {
	return oneVersion(tx, `resource_id = $1 AND number = $2`, resource, number)
}

// ByContent returns the version of a resource with a content, by its SHA-256; NotFound when
// there is none.
func ByContent(tx *db.Tx, resource, sha256 string) (Version, error) {
	return oneVersion(tx, `resource_id = $1 AND sha256 = $2`, resource, sha256)
}

// Current returns the current version of a resource, which is its last good one; NotFound
// while there is none.
func Current(tx *db.Tx, resource string) (Version, error) {
	return oneVersion(tx, `id = (SELECT current_id FROM explore_attempts WHERE resource_id = $1)`, resource)
}

// Versions are the versions of a resource, the newest first, at most limit of those before
// a number; 0 begins at the newest. What expired is among them, without tables.
func Versions(tx *db.Tx, resource string, before, limit int) ([]Version, error) {
	where, args := ``, []any{resource, limit}
	if before > 0 {
		where, args = ` AND number < $3`, append(args, before)
	}
	list, err := db.All(tx, scanVersion, `SELECT `+versionColumns+` FROM explore_versions
		WHERE resource_id = $1`+where+` ORDER BY number DESC LIMIT $2`, args...)
	if err != nil {
		return nil, fmt.Errorf("listing the versions of a resource: %w", err)
	}
	return withTables(tx, list)
}

// CountVersions is how many versions of a resource there are, expired ones included.
func CountVersions(tx *db.Tx, resource string) (n int, err error) {
	err = tx.Row(`SELECT COUNT(id) FROM explore_versions WHERE resource_id = $1`, resource).Scan(&n)
	return n, err
}

// Profile reads what is known of a version's content; NotFound when it is gone or never
// was. It holds samples of columns that nobody may see: pages take that of a View.
func (s *Section) Profile(ctx context.Context, v Version) (p tabular.Profile, err error) {
	raw := []byte(v.profile)
	if v.profileObject != "" {
		r, _, err := s.Blob.Get(ctx, v.profileObject)
		if err != nil {
			return p, fmt.Errorf("reading the profile of a version: %w", err)
		}
		defer r.Close()
		if raw, err = io.ReadAll(r); err != nil {
			return p, fmt.Errorf("reading the profile of a version: %w", err)
		}
	}
	if len(raw) == 0 {
		return p, errNoVersion
	}
	if err := json.Unmarshal(raw, &p); err != nil {
		return p, fmt.Errorf("reading the profile of a version: %w", err)
	}
	return p, nil
}

const attemptColumns = `resource_id, job_id, outcome, fault, finding, http_status, at, url, etag, last_modified, sha256, current_id, revision, fixes`

func scanAttempt(scan func(...any) error) (a Attempt, err error) {
	var fault string
	if err = scan(&a.Resource, &a.job, &a.Outcome, &fault, &a.Finding, &a.Status, &a.At, &a.url, &a.etag, &a.lastModified, &a.sha256, &a.Current, &a.revision, &a.fixes); err != nil {
		return a, err
	}
	a.Fault, err = decoded[Fault](fault)
	return a, err
}

// attemptOf is the last try to open a resource, the zero one when there was none.
func attemptOf(tx *db.Tx, resource string) (Attempt, error) {
	a, err := scanAttempt(tx.Row(`SELECT `+attemptColumns+` FROM explore_attempts WHERE resource_id = $1`, resource).Scan)
	if err != nil && plaza.KindOf(err) == plaza.NotFound {
		return Attempt{Resource: resource}, nil
	}
	return a, err
}

// pin holds what is known of a resource until the transaction ends, so that its versions
// are written by one at a time.
func pin(tx *db.Tx, resource string) (Attempt, error) {
	if _, err := tx.Exec(`INSERT INTO explore_attempts (resource_id) VALUES ($1) ON CONFLICT (resource_id) DO UPDATE SET resource_id = EXCLUDED.resource_id`, resource); err != nil {
		return Attempt{}, fmt.Errorf("holding a resource's versions: %w", err)
	}
	return attemptOf(tx, resource)
}

// keep writes an attempt that ended now.
func (a Attempt) keep(tx *db.Tx) error {
	fault, err := encoded(a.Fault)
	if err != nil {
		return err
	}
	_, err = tx.Exec(`INSERT INTO explore_attempts (`+attemptColumns+`) VALUES (`+db.Placeholders(1, 14)+`)
		ON CONFLICT (resource_id) DO UPDATE SET outcome = EXCLUDED.outcome, fault = EXCLUDED.fault, finding = EXCLUDED.finding,
			http_status = EXCLUDED.http_status, at = EXCLUDED.at, url = EXCLUDED.url, etag = EXCLUDED.etag, last_modified = EXCLUDED.last_modified,
			sha256 = EXCLUDED.sha256, current_id = EXCLUDED.current_id, revision = EXCLUDED.revision, fixes = EXCLUDED.fixes`,
		a.Resource, a.job, a.Outcome, fault, a.Finding, a.Status, tx.Now, a.url, a.etag, a.lastModified, a.sha256, a.Current, a.revision, a.fixes)
	if err != nil {
		return fmt.Errorf("noting a try to open a resource: %w", err)
	}
	return nil
}

// StatusOf says where a resource stands. It runs two statements at most.
func StatusOf(tx *db.Tx, resource string) (Status, error) {
	a, err := attemptOf(tx, resource)
	if err != nil {
		return Status{}, err
	}
	st := Status{Stage: StageNone, Attempt: a}
	switch {
	case a.Outcome == OutcomeFailed || a.Outcome == OutcomeCancelled:
		st.Stage = StageFailed
	case a.Outcome != "":
		st.Stage = StageDone
	}
	if a.job == "" {
		return st, nil
	}
	info, err := job.Get(tx, a.job)
	if err != nil {
		if plaza.KindOf(err) == plaza.NotFound {
			err = nil // it ended long ago
		}
		return st, err
	}
	switch info.State {
	case job.Available:
		st.Stage = StageWaiting
	case job.Running:
		st.Stage = StageRunning
		if strings.HasPrefix(info.Note, "{") {
			// what is not progress is an older release's
			_ = json.Unmarshal([]byte(info.Note), &st.Progress)
		}
	}
	return st, nil
}

// putVersion writes a version and its tables: a new one, or one whose derived data is made
// anew, which keeps its number and what its content is.
func putVersion(tx *db.Tx, v Version, fresh bool) error {
	fault, err := encoded(v.Fault)
	if err != nil {
		return err
	}
	change, err := encoded(v.Change)
	if err != nil {
		return err
	}
	if fresh {
		_, err = tx.Exec(`INSERT INTO explore_versions (`+versionColumns+`) VALUES (`+db.Placeholders(1, 22)+`)`,
			v.ID, v.Resource, v.Number, v.SHA256, v.Bytes, v.Name, v.MediaType, v.URL, v.ETag, v.LastModified, v.Fetched, v.Seen, v.State, fault,
			v.Revision, v.fixes, v.profile, v.profileObject, v.Rows, v.Columns, change, time.Time{})
	} else {
		_, err = tx.Exec(`UPDATE explore_versions SET seen_at = $1, state = $2, fault = $3, revision = $4, fixes = $5, profile = $6, profile_sha256 = $7,
			row_count = $8, column_count = $9, change = $10, expired_at = NULL WHERE id = $11`,
			v.Seen, v.State, fault, v.Revision, v.fixes, v.profile, v.profileObject, v.Rows, v.Columns, change, v.ID)
	}
	if err != nil {
		return fmt.Errorf("storing a version: %w", err)
	}
	if !fresh {
		if _, err := tx.Exec(`DELETE FROM explore_tables WHERE version_id = $1`, v.ID); err != nil {
			return fmt.Errorf("storing a version: %w", err)
		}
	}
	for i, t := range v.Tables {
		if _, err := tx.Exec(`INSERT INTO explore_tables (version_id, position, name, sha256, bytes, row_count) VALUES ($1, $2, $3, $4, $5, $6)`,
			v.ID, i, t.Name, t.SHA256, t.Bytes, t.Rows); err != nil {
			return fmt.Errorf("storing the tables of a version: %w", err)
		}
	}
	return nil
}

// nextNumber is that of a resource's next version.
func nextNumber(tx *db.Tx, resource string) (n int, err error) {
	err = tx.Row(`SELECT COALESCE(MAX(number), 0) + 1 FROM explore_versions WHERE resource_id = $1`, resource).Scan(&n)
	return n, err
}
