package account

import (
	"fmt"
	"time"

	"plaza/internal/base/db"
	"plaza/internal/civic/record"
	"plaza/internal/plaza"
)

// Seat is a role at an institution, with who holds it, held it or will hold it.
type Seat struct {
	ID       string // of the grant
	Person   string
	Name     string
	Email    string
	Language string
	Grant
}

const selectSeat = `SELECT g.id, p.id, p.name, p.email, p.language, g.role, g.institution, g.unit_id, g.from_at, g.until_at
	FROM role_grants g
	JOIN people p ON p.id = g.person_id
	WHERE `

func scanSeat(scan func(...any) error) (s Seat, err error) {
	err = scan(&s.ID, &s.Person, &s.Name, &s.Email, &s.Language, &s.Role, &s.Institution, &s.Unit, &s.From, &s.Until)
	return s, err
}

// maxSeats bounds a list of seats: an institution has dozens.
const maxSeats = 1000

// SeatsAt are the roles that are held at an institution, now or from a later day on,
// in the order of people's names.
func SeatsAt(tx *db.Tx, institution string) ([]Seat, error) {
	return db.All(tx, scanSeat, selectSeat+`g.institution = $1 AND (g.until_at IS NULL OR (g.until_at > $2 AND g.until_at > g.from_at))
		ORDER BY p.name, p.id, g.from_at, g.id
		LIMIT $3`, institution, tx.Now, maxSeats)
}

// EndedSeats are the roles that were held at an institution, the last ended first.
func EndedSeats(tx *db.Tx, institution string, limit int) ([]Seat, error) {
	return db.All(tx, scanSeat, selectSeat+`g.institution = $1 AND g.until_at <= $2
		ORDER BY g.until_at DESC, g.id DESC
		LIMIT $3`, institution, tx.Now, limit)
}

// CurrentSeats are the roles that are held now at the institutions, or with none named
// at all of them, the longest first. With a role only those.
func CurrentSeats(tx *db.Tx, role plaza.Role, institutions ...string) ([]Seat, error) {
	query := selectSeat + `g.from_at <= $1 AND (g.until_at IS NULL OR g.until_at > $1)`
	args := []any{tx.Now}
	if role != "" {
		args = append(args, string(role))
		query += ` AND g.role = $2`
	}
	if len(institutions) > 0 {
		query += ` AND g.institution IN (` + db.Placeholders(len(args)+1, len(institutions)) + `)`
		args = append(args, db.Args(institutions)...)
	}
	return db.All(tx, scanSeat, query+` ORDER BY g.from_at, g.id`, args...)
}

// SeatByID returns a role that somebody holds or held; NotFound when there is none.
func SeatByID(tx *db.Tx, id string) (Seat, error) {
	return scanSeat(tx.Row(selectSeat+`g.id = $1`, id).Scan)
}

// GrantRoleIn gives a person a role, perhaps for an area and from a later day on, and
// returns the act for the caller to append to the record. Whether the actor may is for
// the caller to ask. A role that the person holds at that time already is a Conflict.
func GrantRoleIn(tx *db.Tx, person string, g Grant) (record.Act, error) {
	if !grantable[g.Role] {
		return record.Act{}, plaza.E(plaza.Invalid, "account.error.role")
	}
	if g.From.Before(tx.Now) {
		g.From = tx.Now
	}
	if !g.Until.IsZero() && !g.Until.After(g.From) {
		return record.Act{}, plaza.E(plaza.Invalid, "account.error.until")
	}
	// Nobody else gives the person a role meanwhile: the index holds back only a second
	// role without an end.
	if _, err := tx.Exec(`UPDATE people SET name = name WHERE id = $1`, person); err != nil {
		return record.Act{}, fmt.Errorf("granting a role: %w", err)
	}
	p, err := ByID(tx, person)
	if err != nil {
		return record.Act{}, fmt.Errorf("granting a role: %w", err)
	}
	until := g.Until
	if until.IsZero() {
		until = forever
	}
	var same int
	if err := tx.Row(`SELECT COUNT(*)
		FROM role_grants
		WHERE person_id = $1 AND role = $2 AND institution = $3 AND from_at < $4
			AND (until_at IS NULL OR (until_at > $5 AND until_at > from_at))`,
		p.ID, string(g.Role), g.Institution, until, g.From).Scan(&same); err != nil {
		return record.Act{}, fmt.Errorf("granting a role: %w", err)
	}
	if same > 0 {
		return record.Act{}, plaza.E(plaza.Conflict, "account.error.has_role")
	}
	if err := insertGrant(tx, p.ID, g); err != nil {
		return record.Act{}, err
	}
	return granted(p, g), nil
}

// forever is later than any end of a role.
var forever = time.Date(9999, 1, 1, 0, 0, 0, 0, time.UTC)

// EndSeat ends a role now and returns the act for the caller to append to the record;
// the holder's next request is already without it. Whether the actor may is for the
// caller to ask. A role that has ended meanwhile is a Conflict.
func EndSeat(tx *db.Tx, s Seat) (record.Act, error) {
	n, err := tx.Exec(`UPDATE role_grants
		SET until_at = $1
		WHERE id = $2 AND (until_at IS NULL OR (until_at > $1 AND until_at > from_at))`, tx.Now, s.ID)
	if err != nil {
		return record.Act{}, fmt.Errorf("ending a role: %w", err)
	}
	if n == 0 {
		return record.Act{}, plaza.E(plaza.Conflict, "account.error.has_no_role")
	}
	p, err := ByID(tx, s.Person)
	if err != nil {
		return record.Act{}, fmt.Errorf("ending a role: %w", err)
	}
	return record.Act{Verb: "account.role_ended", Object: ref(p), Institution: s.Institution, Payload: roleFacts{Role: s.Role}}, nil
}

// EmailKey is the key under which all spellings of an address are one, "" for what is
// no address.
func EmailKey(email string) string {
	_, key, _ := foldEmail(email)
	return key
}
