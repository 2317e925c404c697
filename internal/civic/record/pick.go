package record

import "plaza/internal/base/db"

// Pick returns the entries of these numbers, in the order of the record; numbers that
// there are not are left out.
func Pick(tx *db.Tx, seqs []int64) ([]Entry, error) {
	if len(seqs) == 0 {
		return nil, nil
	}
	return db.All(tx, scanEntry, `SELECT seq, at, verb, actor_role, actor_ref, object_kind, object_id, institution, payload, prev, hash
		FROM record_entries
		WHERE seq IN (`+db.Placeholders(1, len(seqs))+`)
		ORDER BY seq`, db.Args(seqs)...)
}
