package account

import (
	"fmt"
	"strings"
	"time"

	"plaza/internal/base/db"
	"plaza/internal/base/text"
	"plaza/internal/civic/access"
	"plaza/internal/plaza"
)

// nameKey is a name folded: for order, and for finding it by its beginning.
func nameKey(name string) string { return strings.Join(strings.Fields(text.Fold(name)), " ") }

// Query chooses people; empty fields choose all.
type Query struct {
	Text      string // an address, or the beginning of a name or of an address
	Role      plaza.Role
	Suspended *bool
	Lookalike bool   // only those whose names look like somebody else's
	After     string // the Place of the last one of the page before
	Limit     int    // 0 is 50
}

// Found is a page of people, by name, and the Place where the next one begins, ""
// at the end.
type Found struct {
	People []Person // with their current grants
	Next   string
}

// Find returns a page of people.
func Find(tx *db.Tx, q Query) (Found, error) {
	if err := access.Check(plaza.ActorFrom(tx.Context()), access.PersonSee, access.Object{Kind: "person"}); err != nil {
		return Found{}, err
	}
	if q.Limit <= 0 {
		q.Limit = 50
	}
	where, args := q.where(tx.Now)
	args = append(args, q.Limit+1)
	type line struct{ id, key string }
	lines, err := db.All(tx, func(scan func(...any) error) (l line, err error) {
		err = scan(&l.id, &l.key)
		return l, err
	}, `SELECT p.id, p.name_key
		FROM people p
		WHERE `+where+fmt.Sprintf(`
		ORDER BY p.name_key, p.id
		LIMIT $%d`, len(args)), args...)
	if err != nil {
		return Found{}, fmt.Errorf("looking for people: %w", err)
	}
	var out Found
	if len(lines) > q.Limit {
		last := lines[q.Limit-1]
		lines, out.Next = lines[:q.Limit], last.id+" "+last.key
	}
	ids := make([]string, len(lines))
	for i, l := range lines {
		ids[i] = l.id
	}
	out.People, err = byIDs(tx, ids)
	return out, err
}

// where is the condition that a query stands for.
func (q Query) where(now time.Time) (string, []any) {
	conditions, args := []string{"1 = 1"}, []any{}
	arg := func(v any) string {
		args = append(args, v)
		return fmt.Sprintf("$%d", len(args))
	}
	if t := strings.TrimSpace(q.Text); t != "" {
		name, email := nameKey(t), strings.ToLower(t)
		if _, key, ok := foldEmail(t); ok {
			email = key
		}
		conditions = append(conditions, `(p.name_key LIKE `+arg(beginning(name))+` ESCAPE '!' OR p.email_key LIKE `+arg(beginning(email))+` ESCAPE '!')`)
	}
	if q.Role != "" {
		n := arg(now)
		conditions = append(conditions, `p.id IN (SELECT person_id FROM role_grants WHERE role = `+arg(string(q.Role))+
			` AND from_at <= `+n+` AND (until_at IS NULL OR until_at > `+n+`))`)
	}
	if q.Suspended != nil {
		n := arg(now)
		held := `p.suspended_from IS NOT NULL AND p.suspended_from <= ` + n + ` AND (p.suspended_until IS NULL OR p.suspended_until > ` + n + `)`
		if !*q.Suspended {
			held = "NOT (" + held + ")"
		}
		conditions = append(conditions, "("+held+")")
	}
	if q.Lookalike {
		conditions = append(conditions, "p.resembles <> ''")
	}
	if id, key, ok := strings.Cut(q.After, " "); ok {
		k := arg(key)
		conditions = append(conditions, "(p.name_key > "+k+" OR p.name_key = "+k+" AND p.id > "+arg(id)+")")
	}
	return strings.Join(conditions, " AND "), args
}

// beginning is the pattern of the texts that begin with s, whatever order the store's
// language gives them.
func beginning(s string) string {
	return strings.NewReplacer("!", "!!", "%", "!%", "_", "!_").Replace(s) + "%"
}

// byIDs returns people with their current grants, in the order of the ids.
func byIDs(tx *db.Tx, ids []string) ([]Person, error) {
	if len(ids) == 0 {
		return nil, nil
	}
	people, err := many(tx, selectPerson+`p.id IN (`+db.Placeholders(2, len(ids))+`) ORDER BY g.from_at, g.id`, db.Args(ids)...)
	if err != nil {
		return nil, err
	}
	out := make([]Person, 0, len(ids))
	for _, id := range ids {
		if p := people[id]; p != nil {
			out = append(out, *p)
		}
	}
	return out, nil
}

// SetProfile changes what a person is called and in which language mails come.
func (a *Accounts) SetProfile(tx *db.Tx, personID, name, language string) error {
	if err := access.Check(plaza.ActorFrom(tx.Context()), access.AccountEdit, access.Object{Kind: "person", Owner: personID}); err != nil {
		return err
	}
	p, err := ByID(tx, personID)
	if err != nil {
		return err
	}
	n, _, err := New{Email: p.Email, Name: name, Language: language}.clean()
	if err != nil {
		return err
	}
	if n.Name != p.Name {
		if err := a.CheckName(tx, n.Name, personID); err != nil {
			return err
		}
	}
	if _, err := tx.Exec(`UPDATE people SET name = $1, name_key = $2, language = $3,
		resembles = CASE name WHEN $1 THEN resembles ELSE '' END WHERE id = $4`,
		n.Name, nameKey(n.Name), n.Language, personID); err != nil {
		return fmt.Errorf("changing a profile: %w", err)
	}
	return nil
}
