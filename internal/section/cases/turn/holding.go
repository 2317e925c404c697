package turn

import (
	"fmt"
	"time"

	"plaza/internal/base/db"
	"plaza/internal/civic/account"
	"plaza/internal/civic/privacy"
	"plaza/internal/civic/record"
	"plaza/internal/plaza"
)

// The kinds of data about people that this package keeps: those to whom cases are turned
// by mail, and who is above a liaison.
var (
	turnDatum     = privacy.Datum{Key: "case_turn", Point: Point, Keep: kept}
	superiorDatum = privacy.Datum{Key: "case_superior", Point: Point}
)

// Holding is what this package keeps about people.
func Holding() privacy.Holding {
	return privacy.Holding{Key: "turn", Data: []privacy.Datum{turnDatum, superiorDatum}, Export: export, Erase: erase, Expire: forget}
}

// given is a turn as the file of a person shows it.
type given struct {
	Institution string    `json:"institution"`
	Case        string    `json:"case"`
	Name        string    `json:"name"`
	Email       string    `json:"email"`
	State       State     `json:"state"`
	Note        string    `json:"note"`
	Reason      string    `json:"reason"`
	At          time.Time `json:"at"`
}

func export(tx *db.Tx, person string) (any, error) {
	p, err := account.ByID(tx, person)
	if err != nil {
		return nil, err
	}
	return db.All(tx, func(scanRow func(...any) error) (given, error) {
		t, err := scan(scanRow)
		return given{t.Institution, t.Case, t.Name, t.Email, t.State, t.Note, t.Reason, t.Created}, err
	}, `SELECT `+columns+` FROM case_turns WHERE email_key = $1 AND email_key <> '' ORDER BY id`, account.EmailKey(p.Email))
}

// erase takes a person out: their address everywhere, and that they turned cases. What
// they drafted is the institution's. Nothing of it is public.
func erase(tx *db.Tx, person string) ([]record.Act, error) {
	p, err := account.ByID(tx, person)
	if err != nil && plaza.KindOf(err) != plaza.NotFound {
		return nil, err
	}
	key := account.EmailKey(p.Email)
	for _, d := range []struct {
		query string
		args  []any
	}{
		{`UPDATE case_turns SET name = '', email = '', email_key = '' WHERE email_key = $1 AND email_key <> ''`, []any{key}},
		{`UPDATE case_turns SET turned_by = '' WHERE turned_by = $1`, []any{person}},
		{`DELETE FROM case_superiors WHERE lower(email) = $1`, []any{key}},
		{`UPDATE case_superiors SET set_by = '' WHERE set_by = $1`, []any{person}},
	} {
		if _, err := tx.Exec(d.query, d.args...); err != nil {
			return nil, fmt.Errorf("erasing a person from the turns: %w", err)
		}
	}
	return nil, nil
}

// forgetAtOnce is how many turns one transaction forgets.
const forgetAtOnce = 1000

// forget forgets the addresses of turns that ended, or whose link stopped working, long
// ago. What was drafted stays with the case.
func forget(tx *db.Tx) (int, error) {
	n, err := tx.Exec(`UPDATE case_turns SET name = '', email = '', email_key = ''
		WHERE id IN (SELECT id FROM case_turns WHERE email_key <> '' AND expires_at < $1 ORDER BY expires_at LIMIT $2)`, tx.Now.Add(-kept), forgetAtOnce)
	if err != nil {
		return 0, fmt.Errorf("forgetting turns: %w", err)
	}
	return int(n), nil
}
