package membership

import (
	"fmt"
	"slices"
	"time"

	"plaza/internal/base/db"
	"plaza/internal/civic/access"
	"plaza/internal/civic/account"
	"plaza/internal/civic/institution"
	"plaza/internal/civic/record"
	"plaza/internal/plaza"
)

const absenceColumns = `id, institution_id, person_id, substitute_id, from_at, until_at`

func scanAbsence(scan func(...any) error) (a Absence, err error) {
	err = scan(&a.ID, &a.Institution, &a.Person, &a.Substitute, &a.From, &a.Until)
	return a, err
}

// absencesInForce are those at the institutions, all of them when none is named.
func absencesInForce(tx *db.Tx, bodies []string) ([]Absence, error) {
	query, args := `SELECT `+absenceColumns+` FROM absences WHERE from_at <= $1 AND until_at > $1`, []any{tx.Now}
	if len(bodies) > 0 {
		query += ` AND institution_id IN (` + db.Placeholders(2, len(bodies)) + `)`
		args = append(args, db.Args(bodies)...)
	}
	return db.All(tx, scanAbsence, query+` ORDER BY from_at, id`, args...)
}

// absences are those of an institution that have not ended, the next first.
func absences(tx *db.Tx, body string) ([]Absence, error) {
	return db.All(tx, scanAbsence, `SELECT `+absenceColumns+`
		FROM absences
		WHERE institution_id = $1 AND until_at > $2
		ORDER BY from_at, id
		LIMIT 200`, body, tx.Now)
}

// absenceFacts is what the record tells of an absence: who it is it does not.
type absenceFacts struct {
	From  string `json:"from_at"`  // RFC 3339
	Until string `json:"until_at"` // exclusive
	ID    string `json:"absence"`
}

func factsOf(a Absence) absenceFacts {
	return absenceFacts{a.From.UTC().Format(time.RFC3339), a.Until.UTC().Format(time.RFC3339), a.ID}
}

// SetAbsence records that a liaison is away from one instant until another and who
// stands in, and appends to the record, so it is the last statement of its transaction.
// What is wrong is Invalid, at its field.
func (m *Members) SetAbsence(tx *db.Tx, a Absence) (Absence, error) {
	if err := may(tx, access.AbsenceSet, "absence", a.Institution, ""); err != nil {
		return a, err
	}
	// One after the other, so that two do not send the same person away twice.
	if _, err := tx.Exec(`UPDATE people SET name = name WHERE id = $1`, a.Person); err != nil {
		return a, fmt.Errorf("recording an absence: %w", err)
	}
	seats, err := account.SeatsAt(tx, a.Institution)
	if err != nil {
		return a, err
	}
	var wrong plaza.Mistakes
	wrong.Hold(slices.ContainsFunc(seats, func(s account.Seat) bool {
		return s.Person == a.Person && s.Role == plaza.Liaison
	}), "person", "membership.error.not_liaison", nil)
	wrong.Hold(a.Substitute != a.Person && slices.ContainsFunc(seats, func(s account.Seat) bool {
		return s.Person == a.Substitute && !s.From.After(tx.Now) && answers(s.Role, a.Institution)
	}), "substitute", "membership.error.substitute", nil)
	wrong.Hold(!a.From.IsZero() && a.From.Before(tx.Now.Add(maxAhead)), "from", "membership.error.from", nil)
	wrong.Hold(a.Until.After(a.From) && a.Until.After(tx.Now) && a.Until.Before(tx.Now.Add(maxAhead)), "until", "membership.error.until", nil)
	if err := wrong.Err("web.error.invalid"); err != nil {
		return a, err
	}
	var same int
	if err := tx.Row(`SELECT COUNT(*) FROM absences
		WHERE institution_id = $1 AND person_id = $2 AND from_at < $3 AND until_at > $4`,
		a.Institution, a.Person, a.Until, a.From).Scan(&same); err != nil {
		return a, err
	}
	if same > 0 {
		return a, at(plaza.Conflict, "from", "membership.error.absent_already")
	}
	a.ID = tx.ID()
	if _, err := tx.Exec(`INSERT INTO absences (`+absenceColumns+`, created_at) VALUES (`+db.Placeholders(1, 7)+`)`,
		a.ID, a.Institution, a.Person, a.Substitute, a.From, a.Until, tx.Now); err != nil {
		return a, fmt.Errorf("recording an absence: %w", err)
	}
	if err := consent(tx, absenceDatum); err != nil {
		return a, err
	}
	return a, record.Append(tx, record.Act{Verb: "absence.recorded", Object: bodyRef(a.Institution), Institution: a.Institution, Payload: factsOf(a)})
}

// EndAbsence ends an absence now, or before it began, and appends to the record. One
// that has ended already is a Conflict.
func (m *Members) EndAbsence(tx *db.Tx, body, id string) error {
	if err := may(tx, access.AbsenceSet, "absence", body, ""); err != nil {
		return err
	}
	a, err := scanAbsence(tx.Row(`SELECT `+absenceColumns+` FROM absences WHERE id = $1 AND institution_id = $2`, id, body).Scan)
	if err != nil {
		return err
	}
	n, err := tx.Exec(`UPDATE absences SET until_at = $1 WHERE id = $2 AND until_at > $1`, tx.Now, id)
	if err != nil {
		return err
	}
	if n == 0 {
		return plaza.E(plaza.Conflict, "membership.error.absence_over")
	}
	a.Until = tx.Now
	return record.Append(tx, record.Act{Verb: "absence.ended", Object: bodyRef(body), Institution: body, Payload: factsOf(a)})
}

func bodyRef(id string) plaza.Ref { return plaza.Ref{Kind: institution.Kind, ID: id} }
