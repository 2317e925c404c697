package explore

import (
	"fmt"
	"slices"
	"time"

	"plaza/internal/base/db"
	"plaza/internal/plaza"
)

// Deed is what people of an institution did about what a table is or shows.
type Deed string

// The deeds.
const (
	Corrected Deed = "corrected" // said what the columns of a table are
	Hid       Deed = stateHidden // withheld a column or the file
	Showed    Deed = stateShown  // decided that it may be shown
)

// Said is one time that somebody did, for the people of the institution alone.
type Said struct {
	Deed   Deed
	Name   string // of the table or column, "" for the only table or the file
	Reason string
	Role   plaza.Role
	At     time.Time
}

func said(tx *db.Tx, resource string, d Deed, name, reason string, role plaza.Role) error {
	if _, err := tx.Exec(`INSERT INTO explore_said (id, resource_id, kind, name, reason, role, at) VALUES ($1, $2, $3, $4, $5, $6, $7)`,
		tx.ID(), resource, string(d), name, reason, string(role), tx.Now); err != nil {
		return fmt.Errorf("keeping what was said of a resource: %w", err)
	}
	return nil
}

// SaidOf is what was said of a resource, the newest first.
func SaidOf(tx *db.Tx, resource string, limit int) ([]Said, error) {
	return db.All(tx, func(scan func(...any) error) (s Said, err error) {
		err = scan(&s.Deed, &s.Name, &s.Reason, &s.Role, &s.At)
		return s, err
	}, `SELECT kind, name, reason, role, at FROM explore_said WHERE resource_id = $1 ORDER BY at DESC, id DESC LIMIT $2`, resource, limit)
}

// Need is why a resource wants somebody of its institution to look at it.
type Need struct {
	Resource  string
	Suspected int  // columns that may hold personal data and of which nobody decided
	Failed    bool // its file could not be opened the last time
	Doubts    bool // something in it is a guess
	Version   int  // the current one, 0 for none
}

// chunk is of how many resources one statement asks.
const chunk = 500

// Needs are those of some resources that want to be looked at: suspicions first, then
// failures, then doubts, each in the order of the ids. It runs two statements for each 500.
func Needs(tx *db.Tx, ids []string) ([]Need, error) {
	var all []Need
	for part := range slices.Chunk(ids, chunk) {
		found, err := needs(tx, part)
		if err != nil {
			return nil, err
		}
		all = append(all, found...)
	}
	rank := func(n Need) int {
		switch {
		case n.Suspected > 0:
			return 0
		case n.Failed:
			return 1
		}
		return 2
	}
	slices.SortStableFunc(all, func(a, b Need) int { return rank(a) - rank(b) })
	return all, nil
}

func needs(tx *db.Tx, ids []string) ([]Need, error) {
	holders := db.Placeholders(1, len(ids))
	list, err := db.All(tx, func(scan func(...any) error) (n Need, err error) {
		var doubts int
		var outcome Outcome
		err = scan(&n.Resource, &outcome, &n.Version, &doubts)
		n.Failed, n.Doubts = outcome == OutcomeFailed, doubts > 0
		return n, err
	}, `SELECT a.resource_id, a.outcome, COALESCE(v.number, 0), CASE WHEN v.profile LIKE '%"doubts":[%' THEN 1 ELSE 0 END
		FROM explore_attempts a LEFT JOIN explore_versions v ON v.id = a.current_id
		WHERE a.resource_id IN (`+holders+`)`, db.Args(ids)...)
	if err != nil {
		return nil, fmt.Errorf("listing what wants to be looked at: %w", err)
	}
	suspects, err := db.All(tx, func(scan func(...any) error) (n Need, err error) {
		err = scan(&n.Resource, &n.Suspected)
		return n, err
	}, `SELECT s.resource_id, COUNT(DISTINCT s.name) FROM explore_suspects s
		WHERE s.resource_id IN (`+holders+`)
			AND NOT EXISTS (SELECT 1 FROM explore_columns c WHERE c.resource_id = s.resource_id AND c.name = s.name)
		GROUP BY s.resource_id`, db.Args(ids)...)
	if err != nil {
		return nil, fmt.Errorf("listing what is suspected: %w", err)
	}
	for i := range list {
		for _, s := range suspects {
			if s.Resource == list[i].Resource {
				list[i].Suspected = s.Suspected
			}
		}
	}
	list = slices.DeleteFunc(list, func(n Need) bool { return n.Suspected == 0 && !n.Failed && !n.Doubts })
	slices.SortFunc(list, func(a, b Need) int { return slices.Index(ids, a.Resource) - slices.Index(ids, b.Resource) })
	return list, nil
}
