package account

import (
	"crypto/rand"
	"encoding/hex"
	"fmt"
	"strings"
	"time"

	"plaza/internal/base/db"
	"plaza/internal/civic/access"
	"plaza/internal/civic/record"
	"plaza/internal/plaza"
)

// Create makes an account. It appends to the record, so it is the last statement of
// its transaction. An address that has an account already is a Conflict.
func Create(tx *db.Tx, n New) (Person, error) {
	if err := access.Check(plaza.ActorFrom(tx.Context()), access.PersonAdd, access.Object{Kind: "person"}); err != nil {
		return Person{}, err
	}
	p, err := insert(tx, n)
	if err != nil {
		return Person{}, err
	}
	return p, record.Append(tx, created(p))
}

// EnsureAdmin makes sure that the address has an account with the role admin for the
// whole platform, and returns it. It appends to the record what it had to change.
func EnsureAdmin(tx *db.Tx, email string) (Person, error) {
	actor := plaza.ActorFrom(tx.Context())
	for _, action := range []access.Action{access.PersonAdd, access.PersonGrant} {
		if err := access.Check(actor, action, access.Object{Kind: "person"}); err != nil {
			return Person{}, err
		}
	}
	var acts []record.Act
	p, err := ByEmail(tx, email)
	if plaza.KindOf(err) == plaza.NotFound && err != nil {
		name, _, _ := strings.Cut(strings.TrimSpace(email), "@")
		if p, err = insert(tx, New{Email: email, Name: name}); err == nil {
			acts = append(acts, created(p))
		}
	}
	if err != nil {
		return Person{}, fmt.Errorf("ensuring an admin: %w", err)
	}
	if !p.full().Has(plaza.Admin) {
		g := Grant{Role: plaza.Admin, From: tx.Now}
		if err := insertGrant(tx, p.ID, g); err != nil {
			return Person{}, err
		}
		p.Grants = append(p.Grants, g)
		acts = append(acts, granted(p, g))
	}
	return p, record.Append(tx, acts...)
}

// CheckDirect says whether the coordination can simply give a role: who is liaison is
// said by a letter, so that is an appointment's to give; a role in an institution needs
// the institution; and nobody is judge of anything yet. What is wrong is Invalid, at the
// field role or institution.
func CheckDirect(role plaza.Role, institution string) error {
	refuse := func(field, key string) error {
		return &plaza.Error{Kind: plaza.Invalid, Key: "account.error.form", Fields: []plaza.FieldError{{Field: field, Key: key}}}
	}
	switch role {
	case plaza.Liaison:
		return refuse("role", "account.error.needs_letter")
	case plaza.DataOwner, plaza.Transparency, plaza.Communications:
		if institution == "" {
			return refuse("institution", "account.error.needs_institution")
		}
	case plaza.Moderator, plaza.Admin:
	default:
		return refuse("role", "account.error.role")
	}
	return nil
}

// GrantRole gives a person a role from now, until an instant or (zero) without end.
// It appends to the record, so it is the last statement of its transaction. A role
// that the person holds already is a Conflict.
func GrantRole(tx *db.Tx, personID string, role plaza.Role, institution string, until time.Time) error {
	if err := mayGrant(tx, personID, role, institution); err != nil {
		return err
	}
	if !until.IsZero() && !until.After(tx.Now) {
		return plaza.E(plaza.Invalid, "account.error.until")
	}
	p, err := ByID(tx, personID)
	if err != nil {
		return fmt.Errorf("granting a role: %w", err)
	}
	for _, g := range p.Grants {
		if g.Role == role && g.Institution == institution {
			return plaza.E(plaza.Conflict, "account.error.has_role")
		}
	}
	g := Grant{Role: role, Institution: institution, From: tx.Now, Until: until}
	if err := insertGrant(tx, p.ID, g); err != nil {
		return err
	}
	if err := changed(tx, p.ID); err != nil {
		return err
	}
	return record.Append(tx, granted(p, g))
}

// RevokeRole ends a role of a person now; its next request is already without it.
// It appends to the record, so it is the last statement of its transaction. A role
// that the person does not hold is NotFound; that of the last admin a Conflict.
func RevokeRole(tx *db.Tx, personID string, role plaza.Role, institution string) error {
	if err := mayGrant(tx, personID, role, institution); err != nil {
		return err
	}
	if role == plaza.Admin && institution == "" {
		if err := notLastAdmin(tx, personID); err != nil {
			return err
		}
	}
	p, err := ByID(tx, personID)
	if err != nil {
		return fmt.Errorf("ending a role: %w", err)
	}
	n, err := tx.Exec(`UPDATE role_grants
		SET until_at = $1
		WHERE person_id = $2 AND role = $3 AND institution = $4 AND (until_at IS NULL OR until_at > $5)`,
		tx.Now, personID, string(role), institution, tx.Now)
	if err != nil {
		return fmt.Errorf("ending a role: %w", err)
	}
	if n == 0 {
		return plaza.E(plaza.NotFound, "account.error.has_no_role")
	}
	if err := changed(tx, personID); err != nil {
		return err
	}
	return record.Append(tx, record.Act{
		Verb: "account.role_ended", Object: ref(p), Institution: institution, Payload: roleFacts{Role: role},
	})
}

func mayGrant(tx *db.Tx, personID string, role plaza.Role, institution string) error {
	on := access.Object{Kind: "person", Institution: institution, Owner: personID}
	if err := access.Check(plaza.ActorFrom(tx.Context()), access.PersonGrant, on); err != nil {
		return err
	}
	if !grantable[role] {
		return plaza.E(plaza.Invalid, "account.error.role")
	}
	return nil
}

// grantable are the roles that a person can be given; visitor and member come by
// themselves, and system is nobody.
var grantable = map[plaza.Role]bool{
	plaza.Liaison: true, plaza.DataOwner: true, plaza.Transparency: true, plaza.Communications: true,
	plaza.Judge: true, plaza.Moderator: true, plaza.Admin: true,
}

// roleFacts is what the record tells of a grant.
type roleFacts struct {
	Role  plaza.Role `json:"role"`
	Until string     `json:"until,omitempty"` // RFC 3339
}

func ref(p Person) plaza.Ref { return plaza.Ref{Kind: "person", ID: p.Pseudonym} }

func created(p Person) record.Act { return record.Act{Verb: "account.created", Object: ref(p)} }

func granted(p Person, g Grant) record.Act {
	facts := roleFacts{Role: g.Role}
	if !g.Until.IsZero() {
		facts.Until = g.Until.UTC().Format(time.RFC3339)
	}
	return record.Act{Verb: "account.role_granted", Object: ref(p), Institution: g.Institution, Payload: facts}
}

func insert(tx *db.Tx, n New) (Person, error) {
	n, key, err := n.clean()
	if err != nil {
		return Person{}, err
	}
	p := Person{ID: tx.ID(), Email: n.Email, Name: n.Name, Language: n.Language, Created: tx.Now, emailKey: key}
	var b [16]byte
	_, _ = rand.Read(b[:]) // never fails since Go 1.24
	salt := hex.EncodeToString(b[:])
	p.Pseudonym = pseudonym(salt, p.ID)
	if _, err := tx.Exec(`INSERT INTO people (id, email, email_key, name, name_key, language, salt, pseudonym, created_at)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)`,
		p.ID, p.Email, p.emailKey, p.Name, nameKey(p.Name), p.Language, salt, p.Pseudonym, p.Created); err != nil {
		return Person{}, fmt.Errorf("making an account: %w", err)
	}
	return p, nil
}

func insertGrant(tx *db.Tx, personID string, g Grant) error {
	if _, err := tx.Exec(`INSERT INTO role_grants (id, person_id, role, institution, unit_id, from_at, until_at)
		VALUES ($1, $2, $3, $4, $5, $6, $7)`,
		tx.ID(), personID, string(g.Role), g.Institution, g.Unit, g.From, g.Until); err != nil {
		return fmt.Errorf("granting a role: %w", err)
	}
	return nil
}

// selectPerson reads a person, the current grants and whether they hold in one statement, as it runs
// with every request of somebody signed in.
const selectPerson = `SELECT p.id, p.email, p.email_key, p.name, p.language, p.pseudonym, p.created_at,
		p.version, p.suspended_from, p.suspended_until, p.suspended_why, p.resembles,
		(SELECT COUNT(*) FROM credentials c WHERE c.person_id = p.id AND c.kind = 'totp' AND c.confirmed_at IS NOT NULL) > 0,
		(SELECT COUNT(*) FROM settings s WHERE s.name = 'second_factor' AND s.value = 'roles') > 0,
		COALESCE(g.role, ''), COALESCE(g.institution, ''), COALESCE(g.unit_id, ''), g.from_at, g.until_at
	FROM people p
	LEFT JOIN role_grants g ON g.person_id = p.id
		AND g.from_at <= $1 AND (g.until_at IS NULL OR g.until_at > $1)
	WHERE `

// ByID returns a person with the current grants; NotFound when there is none.
func ByID(tx *db.Tx, id string) (Person, error) {
	return one(tx, selectPerson+`p.id = $2 ORDER BY g.from_at, g.id`, id)
}

// ByEmail returns the person with that address in any spelling, with the current
// grants; NotFound when there is none, Invalid when it is no address.
func ByEmail(tx *db.Tx, email string) (Person, error) {
	_, key, ok := foldEmail(email)
	if !ok {
		return Person{}, badEmail()
	}
	return byKey(tx, key)
}

func byKey(tx *db.Tx, key string) (Person, error) {
	return one(tx, selectPerson+`p.email_key = $2 ORDER BY g.from_at, g.id`, key)
}

func badEmail() error {
	return &plaza.Error{Kind: plaza.Invalid, Key: "account.error.form",
		Fields: []plaza.FieldError{{Field: "email", Key: "account.error.email"}}}
}

func one(tx *db.Tx, query, value string) (Person, error) {
	people, err := many(tx, query, value)
	if err != nil {
		return Person{}, err
	}
	for _, p := range people {
		return *p, nil
	}
	return Person{}, plaza.E(plaza.NotFound, "account.error.not_found")
}

// many runs a query that begins with selectPerson; what follows the instant are its
// arguments.
func many(tx *db.Tx, query string, args ...any) (map[string]*Person, error) {
	rows, err := tx.Query(query, append([]any{tx.Now}, args...)...)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	people := map[string]*Person{}
	for rows.Next() {
		var p Person
		var g Grant
		if err := rows.Scan(&p.ID, &p.Email, &p.emailKey, &p.Name, &p.Language, &p.Pseudonym, &p.Created,
			&p.Version, &p.SuspendedBy.From, &p.SuspendedBy.Until, &p.SuspendedBy.Why, &p.Resembles,
			&p.SecondFactor, &p.demanded,
			&g.Role, &g.Institution, &g.Unit, &g.From, &g.Until); err != nil {
			return nil, err
		}
		known := people[p.ID]
		if known == nil {
			p.Suspended = p.SuspendedBy.holds(tx.Now)
			known = &p
			people[p.ID] = known
		}
		if g.Role != "" {
			known.Grants = append(known.Grants, g)
		}
	}
	return people, rows.Err()
}
