package catalog

import (
	"encoding/json"
	"fmt"
	"strings"

	"plaza/internal/base/db"
)

// Rebase rewrites what a source's datasets say of addresses that begin with from,
// which begin with to from now on, and leaves them with the fingerprints that they
// have there: the next reading finds them unchanged. It takes the datasets after an
// id, at most limit, and returns the last one's id, "" at the end. History and the
// record keep what was so then.
func Rebase(tx *db.Tx, source, from, to, after string, limit int) (last string, err error) {
	ids, err := db.All(tx, db.Column[string], `SELECT id FROM datasets WHERE source_id = $1 AND id > $2 ORDER BY id LIMIT $3`,
		source, after, limit)
	if err != nil || len(ids) == 0 {
		return "", err
	}
	list, err := ByIDs(tx, ids)
	if err != nil {
		return "", err
	}
	for _, d := range list {
		if err := rebase(tx, d, from, to); err != nil {
			return "", fmt.Errorf("moving the addresses of dataset %s: %w", d.ID, err)
		}
	}
	return ids[len(ids)-1], nil
}

func rebase(tx *db.Tx, d Dataset, from, to string) error {
	whole, moved := d.Record, false
	for _, r := range d.Resources {
		now := r
		changed, err := replaceIn(&now.Resource, from, to)
		if err != nil {
			return err
		}
		if r.RemovedAt.IsZero() {
			whole.Resources = append(whole.Resources, now.Resource)
		}
		if !changed {
			continue
		}
		moved = true
		raw, err := json.Marshal(now.Resource)
		if err != nil {
			return fmt.Errorf("encoding a resource: %w", err)
		}
		if _, err := tx.Exec(`UPDATE resources SET url = $1, record = $2 WHERE id = $3`, now.URL(), string(raw), r.ID); err != nil {
			return err
		}
	}
	changed, err := replaceIn(&whole, from, to)
	if err != nil || !changed && !moved {
		return err
	}
	raw, err := recordJSON(whole)
	if err != nil {
		return err
	}
	in := NewIncoming(whole, whole.Fingerprint(), d.InstitutionID)
	// Its text holds the addresses too, so that of the digest is no more.
	_, err = tx.Exec(`UPDATE datasets SET record = $1, fingerprint = $2, digest = '' WHERE id = $3`, raw, in.Fingerprint, d.ID)
	return err
}

// replaceIn replaces text wherever a value has it.
func replaceIn[T any](v *T, from, to string) (changed bool, err error) {
	raw, err := json.Marshal(*v)
	if err != nil {
		return false, fmt.Errorf("encoding what has addresses: %w", err)
	}
	next := strings.ReplaceAll(string(raw), from, to)
	if next == string(raw) {
		return false, nil
	}
	var fresh T
	if err := json.Unmarshal([]byte(next), &fresh); err != nil {
		return false, fmt.Errorf("reading what has addresses: %w", err)
	}
	*v = fresh
	return true, nil
}
