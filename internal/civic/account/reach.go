package account

import (
	"plaza/internal/base/db"
)

// Reach is how somebody is told something by mail.
type Reach struct {
	ID, Email, Name string
	Language        string // of mails: i18n.Spanish or i18n.English
}

// Reachable tells how people are reached, by id. Whoever is no more here is left out.
func Reachable(tx *db.Tx, ids []string) (map[string]Reach, error) {
	out := make(map[string]Reach, len(ids))
	if len(ids) == 0 {
		return out, nil
	}
	_, err := db.All(tx, func(scan func(...any) error) (struct{}, error) {
		var r Reach
		err := scan(&r.ID, &r.Email, &r.Name, &r.Language)
		out[r.ID] = r
		return struct{}{}, err
	}, `SELECT id, email, name, language FROM people WHERE id IN (`+db.Placeholders(1, len(ids))+`)`, db.Args(ids)...)
	return out, err
}

// FoldEmail returns an address trimmed, and the key under which all its spellings are
// one; ok is false for what is no address.
func FoldEmail(s string) (email, key string, ok bool) { return foldEmail(s) }
