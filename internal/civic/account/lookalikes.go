package account

import (
	"context"
	"fmt"
	"strconv"

	"plaza/internal/base/db"
	"plaza/internal/civic/record"
	"plaza/internal/plaza"
)

// Lookalikes is the job that finds people whose names look like one that became somebody
// else's after they had it: an official was appointed, an institution was made or
// renamed, the installation got another name. Names are refused when they are typed
// (CheckName); these were there before.
type Lookalikes struct{}

// Kind implements job.Args.
func (Lookalikes) Kind() string { return "account.lookalikes" }

const (
	// lookalikesSeen is the setting with the record's position at the last pass.
	lookalikesSeen = "lookalikes_seen"
	// lookalikesPiece is how many people are looked at in one transaction, which reads only.
	lookalikesPiece = 500
)

// guardedBy are the verbs after which names may look like others, families with a dot.
var guardedBy = []string{"account.role_granted", "account.role_ended", "institution.", "settings.changed"}

// findLookalikes looks at everybody's name, when something has happened since the last
// time that others' names depend on.
func (a *Accounts) findLookalikes(ctx context.Context) error {
	var names guardedNames
	var now int64
	due := false
	if err := a.db.Read(ctx, func(tx *db.Tx) (err error) {
		if now, due, err = lookalikesDue(tx); err != nil || !due {
			return err
		}
		names, err = a.guarded(tx)
		return err
	}); err != nil || !due {
		return err
	}
	for after, more := "", true; more; {
		var found []lookalike
		err := a.db.Read(ctx, func(tx *db.Tx) (err error) {
			found, after, more, err = lookalikesAfter(tx, names, after)
			return err
		})
		if err == nil && len(found) > 0 {
			err = a.db.Write(ctx, func(tx *db.Tx) error { return markLookalikes(tx, found) })
		}
		if err != nil {
			return fmt.Errorf("looking for names that look like others: %w", err)
		}
	}
	return a.db.Write(ctx, func(tx *db.Tx) error {
		_, err := tx.Exec(`INSERT INTO settings (name, value)
			VALUES ($1, $2)
			ON CONFLICT (name) DO UPDATE SET value = excluded.value`, lookalikesSeen, strconv.FormatInt(now, 10))
		return err
	})
}

// lookalikesDue is the record's position, and whether names have to be looked at anew.
func lookalikesDue(tx *db.Tx) (now int64, due bool, err error) {
	if now, err = record.Position(tx); err != nil {
		return now, false, err
	}
	var value string
	err = tx.Row(`SELECT value FROM settings WHERE name = $1`, lookalikesSeen).Scan(&value)
	if err != nil && plaza.KindOf(err) != plaza.NotFound {
		return now, false, err
	}
	seen, err := strconv.ParseInt(value, 10, 64)
	if err != nil { // nobody has looked yet
		return now, true, nil
	}
	for _, verb := range guardedBy {
		found, err := record.Since(tx, record.Filter{Verb: verb, After: seen}, 1)
		if err != nil || len(found) > 0 {
			return now, true, err
		}
	}
	return now, false, nil
}

// lookalike is somebody whose name looks like another's now ("" for nobody's), as it did
// not before.
type lookalike struct{ id, name, was, now string }

// lookalikesAfter looks at the next people by id: nobody who writes waits for that. Who
// holds a role is who they are.
func lookalikesAfter(tx *db.Tx, names guardedNames, after string) (found []lookalike, last string, more bool, err error) {
	people, err := db.All(tx, func(scan func(...any) error) (p lookalike, err error) {
		err = scan(&p.id, &p.name, &p.was)
		return p, err
	}, `SELECT id, name, resembles FROM people WHERE id > $1 ORDER BY id LIMIT $2`, after, lookalikesPiece)
	if err != nil || len(people) == 0 {
		return nil, after, false, err
	}
	appointed := make(map[string]bool, len(names.officials))
	for _, o := range names.officials {
		appointed[o.person] = true
	}
	for _, p := range people {
		if !appointed[p.id] {
			p.now = names.resembled(p.name, p.id)
		}
		if p.now != p.was {
			found = append(found, p)
		}
	}
	return found, people[len(people)-1].id, len(people) == lookalikesPiece, nil
}

// markLookalikes notes them, but for who has another name meanwhile.
func markLookalikes(tx *db.Tx, found []lookalike) error {
	for _, p := range found {
		if _, err := tx.Exec(`UPDATE people SET resembles = $1 WHERE id = $2 AND name = $3`, p.now, p.id, p.name); err != nil {
			return err
		}
	}
	return nil
}

// CountLookalikes is how many people have a name that looks like somebody else's.
func CountLookalikes(tx *db.Tx) (n int, err error) {
	err = tx.Row(`SELECT COUNT(*) FROM people WHERE resembles <> ''`).Scan(&n)
	return n, err
}
