package account

import (
	"fmt"
	"slices"
	"time"

	"plaza/internal/base/db"
	"plaza/internal/civic/access"
	"plaza/internal/civic/record"
	"plaza/internal/plaza"
)

// Suspension is for how long an account takes no part, and why.
type Suspension struct {
	From  time.Time // zero: it was never suspended
	Until time.Time // exclusive; zero: until it is lifted
	Why   string    // a reference of whoever decided it, or the reason in words
}

func (s Suspension) holds(now time.Time) bool {
	return !s.From.IsZero() && !now.Before(s.From) && (s.Until.IsZero() || now.Before(s.Until))
}

// Suspend takes all but what is one's own away from an account, from its next request
// until an instant or, for zero, until it is lifted. Sessions go on, so that the person
// can read why, appeal, export and leave; access tokens do not work meanwhile. why is
// a reference or the reason in words, which the person reads. The caller appends to the
// record, with Suspended or an act of its own.
//
// The coordination (access.PersonHold) suspends anybody; moderators, who do it by a
// decision of theirs (access.PersonSuspend), neither whoever coordinates or moderates the
// platform nor anybody for less than what holds already. It is Invalid when until has
// passed, and a Conflict for the last admin.
func Suspend(tx *db.Tx, personID string, until time.Time, why string) error {
	if err := maySuspend(tx, personID, until); err != nil {
		return err
	}
	if !until.IsZero() && !until.After(tx.Now) {
		return &plaza.Error{Kind: plaza.Invalid, Key: "account.error.form",
			Fields: []plaza.FieldError{{Field: "until", Key: "account.error.suspended_until"}}}
	}
	if err := notLastAdmin(tx, personID); err != nil {
		return err
	}
	return setSuspension(tx, personID, Suspension{From: tx.Now, Until: until, Why: why})
}

// CheckDiscipline is Forbidden when the person moderates or coordinates the platform and
// the actor may not discipline such: moderators do not do away with one another.
func CheckDiscipline(tx *db.Tx, personID string) error {
	p, err := ByID(tx, personID)
	if err != nil {
		return err
	}
	staff := slices.ContainsFunc(p.Grants, func(g Grant) bool {
		return g.Institution == "" && (g.Role == plaza.Moderator || g.Role == plaza.Admin)
	})
	if staff && !access.Can(plaza.ActorFrom(tx.Context()), access.StaffDiscipline, access.Object{Kind: "person", Owner: personID}) {
		return plaza.E(plaza.Forbidden, "account.error.staff")
	}
	return nil
}

// maySuspend is Forbidden for who may not suspend the person, and a Conflict when what
// moderators decided would end earlier what holds already.
func maySuspend(tx *db.Tx, personID string, until time.Time) error {
	actor, on := plaza.ActorFrom(tx.Context()), access.Object{Kind: "person", Owner: personID}
	if access.Can(actor, access.PersonHold, on) {
		return CheckDiscipline(tx, personID)
	}
	if err := access.Check(actor, access.PersonSuspend, on); err != nil {
		return err
	}
	if err := CheckDiscipline(tx, personID); err != nil {
		return err
	}
	p, err := ByID(tx, personID)
	if err != nil {
		return err
	}
	if s := p.SuspendedBy; p.Suspended && (s.Until.IsZero() || !until.IsZero() && until.Before(s.Until)) {
		return plaza.E(plaza.Conflict, "account.error.suspended_longer")
	}
	return nil
}

// Lift ends a suspension now; without one nothing changes. Only the coordination does:
// moderators' decisions are undone by appeals, which it decides. The caller appends to
// the record, with Lifted or an act of its own.
func Lift(tx *db.Tx, personID string) error {
	if err := access.Check(plaza.ActorFrom(tx.Context()), access.PersonHold, access.Object{Kind: "person", Owner: personID}); err != nil {
		return err
	}
	if err := CheckDiscipline(tx, personID); err != nil {
		return err
	}
	return setSuspension(tx, personID, Suspension{})
}

func setSuspension(tx *db.Tx, personID string, s Suspension) error {
	n, err := tx.Exec(`UPDATE people
		SET suspended_from = $1, suspended_until = $2, suspended_why = $3, version = version + 1
		WHERE id = $4`, s.From, s.Until, s.Why, personID)
	if err != nil {
		return fmt.Errorf("suspending an account: %w", err)
	}
	if n == 0 {
		return plaza.E(plaza.NotFound, "account.error.not_found")
	}
	return nil
}

// suspensionFacts is what the record tells of a suspension; the reason is between the
// person and whoever decided.
type suspensionFacts struct {
	Until string `json:"until,omitempty"` // RFC 3339
}

// Suspended is the act of suspending an account.
func Suspended(p Person, until time.Time) record.Act {
	facts := suspensionFacts{}
	if !until.IsZero() {
		facts.Until = until.UTC().Format(time.RFC3339)
	}
	return record.Act{Verb: "account.suspended", Object: ref(p), Payload: facts}
}

// Lifted is the act of ending a suspension.
func Lifted(p Person) record.Act {
	return record.Act{Verb: "account.suspension_lifted", Object: ref(p)}
}

// changed counts a change that the coordination made, so that whoever acts on what was
// there before is told.
func changed(tx *db.Tx, personID string) error {
	_, err := tx.Exec(`UPDATE people SET version = version + 1 WHERE id = $1`, personID)
	return err
}

// Claim makes the caller the one who changes a person as they saw it: of all who saw
// the same version, one goes on and the others get a Conflict.
func Claim(tx *db.Tx, personID string, version int) error {
	n, err := tx.Exec(`UPDATE people SET version = version + 1 WHERE id = $1 AND version = $2`, personID, version)
	if err != nil {
		return fmt.Errorf("claiming a person: %w", err)
	}
	if n == 0 {
		return plaza.E(plaza.Conflict, "account.error.changed_meanwhile")
	}
	return nil
}

// notLastAdmin is a Conflict when nobody would look after the platform without the
// person.
func notLastAdmin(tx *db.Tx, personID string) error {
	// Whoever else is about to go waits here, and then counts what is left.
	if _, err := tx.Exec(`UPDATE role_grants
		SET unit_id = unit_id
		WHERE role = $1 AND institution = ''`, string(plaza.Admin)); err != nil {
		return fmt.Errorf("counting the admins: %w", err)
	}
	ids, err := db.All(tx, db.Column[string], `SELECT p.id
		FROM role_grants g
		JOIN people p ON p.id = g.person_id
		WHERE g.role = $1 AND g.institution = '' AND g.from_at <= $2 AND (g.until_at IS NULL OR g.until_at > $2)
			AND (p.suspended_from IS NULL OR p.suspended_from > $2 OR p.suspended_until <= $2)
		LIMIT 2`, string(plaza.Admin), tx.Now)
	if err != nil {
		return fmt.Errorf("counting the admins: %w", err)
	}
	if len(ids) == 1 && ids[0] == personID {
		return plaza.E(plaza.Conflict, "account.error.last_admin")
	}
	return nil
}

// SuspendedNow are those of the people who are suspended now.
func SuspendedNow(tx *db.Tx, people []string) (map[string]bool, error) {
	out := map[string]bool{}
	if len(people) == 0 {
		return out, nil
	}
	n := len(people)
	ids, err := db.All(tx, db.Column[string], `SELECT id
		FROM people
		WHERE id IN (`+db.Placeholders(1, n)+`) AND suspended_from <= `+db.Placeholders(n+1, 1)+`
			AND (suspended_until IS NULL OR suspended_until > `+db.Placeholders(n+1, 1)+`)`, append(db.Args(people), tx.Now)...)
	for _, id := range ids {
		out[id] = true
	}
	return out, err
}
