package account

import (
	"plaza/internal/base/db"
	"plaza/internal/plaza"
)

// Nobody is the message key of how somebody is called who is no more here.
const Nobody = "account.nobody"

// Names are what people are called in public, by id. Whoever is no more here is left
// out; say Nobody of them.
func Names(tx *db.Tx, ids []string) (map[string]string, error) {
	out := make(map[string]string, len(ids))
	if len(ids) == 0 {
		return out, nil
	}
	_, err := db.All(tx, func(scan func(...any) error) (struct{}, error) {
		var id, name string
		err := scan(&id, &name)
		out[id] = name
		return struct{}{}, err
	}, `SELECT id, name FROM people WHERE id IN (`+db.Placeholders(1, len(ids))+`)`, db.Args(ids)...)
	return out, err
}

// Holders are the ids of who holds the role now at the institution, or for the whole
// platform for "", the longest first.
func Holders(tx *db.Tx, role plaza.Role, institution string) ([]string, error) {
	return db.All(tx, db.Column[string], `SELECT person_id
		FROM role_grants
		WHERE institution = $1 AND role = $2 AND from_at <= $3 AND (until_at IS NULL OR until_at > $3)
		ORDER BY from_at, id`, institution, string(role), tx.Now)
}

// ByPseudonym is the id of whom the record names so, "" when they are no more here.
func ByPseudonym(tx *db.Tx, pseudonym string) (id string, err error) {
	err = tx.Row(`SELECT id FROM people WHERE pseudonym = $1`, pseudonym).Scan(&id)
	if err != nil && plaza.KindOf(err) == plaza.NotFound {
		return "", nil
	}
	return id, err
}
