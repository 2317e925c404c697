package cases

import (
	"time"

	"plaza/internal/base/db"
)

// Desk chooses cases as those look for them who answer; the zero Desk chooses all.
type Desk struct {
	IDs      []string  // among these; nil is all, and an empty list none
	DueUntil time.Time // due after now, and before or at this instant
	// Mine are those turned to one of these areas, or for which Author wrote a draft.
	Units  []string
	Author string // person id
	// Drafts are those that have a draft in this state: sent by an area, or signing.
	Drafts DraftState
	// Asked are those which a body is asked to take over, of whatever institution.
	Asked *string // id, "" the coordination
	// Unassigned are those that were turned to no area.
	Unassigned bool
}

func (d Desk) add(q *conditions, now time.Time) {
	if d.IDs != nil {
		if len(d.IDs) == 0 {
			q.add(`1 = 0`)
		}
		in(q, `id`, d.IDs)
	}
	if !d.DueUntil.IsZero() {
		q.add(`due_at > ? AND due_at <= ? AND state <> 'needs_info'`, now, d.DueUntil)
	}
	if d.Author != "" {
		own := &conditions{}
		in(own, `unit_id`, d.Units)
		mine := `id IN (SELECT case_id FROM case_drafts WHERE author_id = ? AND author_id <> '')`
		if len(d.Units) > 0 {
			q.add(`(`+mine+` OR `+own.parts[0]+`)`, append([]any{d.Author}, own.args...)...)
		} else {
			q.add(mine, d.Author)
		}
	}
	if d.Drafts != "" {
		q.add(`id IN (SELECT case_id FROM case_drafts WHERE state = ?)`, d.Drafts)
	}
	if d.Asked != nil {
		q.add(`id IN (SELECT case_id FROM case_handovers WHERE to_body = ? AND state = 'asked')`, *d.Asked)
	}
	if d.Unassigned {
		q.add(`unit_id = ''`)
	}
}

// Tally is how many cases of a filter have a kind, state and area.
type Tally struct {
	Kind  Kind
	State State
	Unit  string
	Count int
}

// Tallies counts the public cases that a filter chooses, by kind, state and area.
func Tallies(tx *db.Tx, f Filter) ([]Tally, error) {
	where, args := f.query(tx.Now, before{}).where()
	return db.All(tx, func(scan func(...any) error) (t Tally, err error) {
		err = scan(&t.Kind, &t.State, &t.Unit, &t.Count)
		return t, err
	}, `SELECT kind, state, unit_id, COUNT(id)
		FROM cases
		WHERE `+where+`
		GROUP BY kind, state, unit_id`, args...)
}

// Owing is how many answers some bodies owe, how many of those are late, and how many are
// due after now and until an instant.
type Owing struct{ All, Late, Soon int }

// CountOwing counts what bodies owe; it reads an index alone.
func CountOwing(tx *db.Tx, bodies []string, until time.Time) (o Owing, err error) {
	q := &conditions{}
	q.add(`standing = 'public'`)
	in(q, `institution`, bodies)
	in(q, `state`, Owed)
	where, args := q.where()
	n := len(args)
	late, soon := db.Placeholders(n+1, 1), db.Placeholders(n+2, 1)
	err = tx.Row(`SELECT COUNT(id),
			COUNT(CASE WHEN due_at <= `+late+` AND state <> 'needs_info' THEN 1 END),
			COUNT(CASE WHEN due_at > `+late+` AND due_at <= `+soon+` AND state <> 'needs_info' THEN 1 END)
		FROM cases
		WHERE `+where, append(args, tx.Now, until)...).Scan(&o.All, &o.Late, &o.Soon)
	return o, err
}

// ThemesOf are the themes of what cases are about, as they were when they were asked, by
// the cases' ids.
func ThemesOf(tx *db.Tx, ids ...string) (map[string][]string, error) {
	out := map[string][]string{}
	if len(ids) == 0 {
		return out, nil
	}
	_, err := db.All(tx, func(scan func(...any) error) (struct{}, error) {
		var id, theme string
		err := scan(&id, &theme)
		out[id] = append(out[id], theme)
		return struct{}{}, err
	}, `SELECT case_id, theme
		FROM case_themes
		WHERE case_id IN (`+db.Placeholders(1, len(ids))+`)
		ORDER BY case_id, theme`, db.Args(ids)...)
	return out, err
}
