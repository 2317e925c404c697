package commitment

import (
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"plaza/internal/base/db"
	"plaza/internal/civic/institution"
	"plaza/internal/plaza"
)

const columns = `id, code, institution, moved_from, unit_id, origin_kind, origin_id, object_kind, object_id, dataset_id,
	kind, promise, language, due_on, late_at, original_due_on, moves, percent, state, voice, evidence, dropping, version, made_at, settled_at`

func scan(scan func(...any) error) (c Commitment, err error) {
	var voice, evidence, dropping string
	if err := scan(&c.ID, &c.Code, &c.Institution, &c.MovedFrom, &c.Unit, &c.Origin.Kind, &c.Origin.ID, &c.Object.Kind, &c.Object.ID, &c.Dataset,
		&c.Kind, &c.Text, &c.Language, &c.Due, &c.Late, &c.OriginalDue, &c.Moves, &c.Percent, &c.State, &voice, &evidence, &dropping,
		&c.Version, &c.Made, &c.Settled); err != nil {
		return c, err
	}
	for raw, into := range map[*string]any{&voice: &c.Voice, &evidence: &c.Evidence, &dropping: &c.Dropping} {
		if err := readJSON(*raw, into); err != nil {
			return c, err
		}
	}
	return c, nil
}

// readJSON reads what a column holds; "" is the zero value.
func readJSON(raw string, into any) error {
	if raw == "" {
		return nil
	}
	if err := json.Unmarshal([]byte(raw), into); err != nil {
		return fmt.Errorf("reading a commitment: %w", err)
	}
	return nil
}

// asJSON is how a value is kept; its zero value is "".
func asJSON[T comparable](v T) (string, error) {
	var zero T
	if v == zero {
		return "", nil
	}
	raw, err := json.Marshal(v)
	return string(raw), err
}

func one(row *db.Row) (Commitment, error) {
	c, err := scan(row.Scan)
	if err != nil && plaza.KindOf(err) == plaza.NotFound {
		return c, errNotFound
	}
	return c, err
}

// ByID returns a commitment; NotFound when there is none.
func ByID(tx *db.Tx, id string) (Commitment, error) {
	return one(tx.Row(`SELECT `+columns+` FROM commitments WHERE id = $1`, id))
}

// maxCode is more than any code has, in bytes.
const maxCode = 60

// ByCode returns a commitment by its code, in any case.
func ByCode(tx *db.Tx, code string) (Commitment, error) {
	if len(code) > maxCode {
		return Commitment{}, errNotFound
	}
	return one(tx.Row(`SELECT `+columns+` FROM commitments WHERE code = $1`, strings.ToUpper(code)))
}

// ByIDs returns commitments in no order; those that do not exist are left out.
func ByIDs(tx *db.Tx, ids ...string) ([]Commitment, error) {
	if len(ids) == 0 {
		return nil, nil
	}
	return db.All(tx, scan, `SELECT `+columns+` FROM commitments WHERE id IN (`+db.Placeholders(1, len(ids))+`)`, db.Args(ids)...)
}

// pin returns a commitment and holds it until the transaction ends, with its version one
// higher: of two who act at once, the second sees what the first did.
func pin(tx *db.Tx, id string) (Commitment, error) {
	return one(tx.Row(`UPDATE commitments SET version = version + 1 WHERE id = $1 RETURNING `+columns, id))
}

// save writes everything of a commitment that acts change.
func save(tx *db.Tx, c Commitment) error {
	evidence, err := asJSON(c.Evidence)
	if err != nil {
		return err
	}
	dropping, err := asJSON(c.Dropping)
	if err != nil {
		return err
	}
	if _, err := tx.Exec(`UPDATE commitments SET institution = $1, moved_from = $2, unit_id = $3, object_kind = $4, object_id = $5, dataset_id = $6,
			due_on = $7, late_at = $8, moves = $9, percent = $10, state = $11, evidence = $12, dropping = $13, settled_at = $14
		WHERE id = $15`,
		c.Institution, c.MovedFrom, c.Unit, c.Object.Kind, c.Object.ID, c.Dataset,
		c.Due, c.Late, c.Moves, c.Percent, c.State, evidence, dropping, c.Settled, c.ID); err != nil {
		return fmt.Errorf("saving commitment %s: %w", c.Code, err)
	}
	return nil
}

func insert(tx *db.Tx, c Commitment) error {
	voice, err := asJSON(c.Voice)
	if err != nil {
		return err
	}
	if _, err := tx.Exec(`INSERT INTO commitments (id, code, institution, unit_id, origin_kind, origin_id, object_kind, object_id, dataset_id,
			kind, promise, language, due_on, late_at, original_due_on, state, voice, made_at)
		VALUES (`+db.Placeholders(1, 18)+`)`,
		c.ID, c.Code, c.Institution, c.Unit, c.Origin.Kind, c.Origin.ID, c.Object.Kind, c.Object.ID, c.Dataset,
		c.Kind, c.Text, c.Language, c.Due, c.Late, c.OriginalDue, c.State, voice, c.Made); err != nil {
		return fmt.Errorf("storing a commitment: %w", err)
	}
	return nil
}

const stepColumns = `id, commitment_id, kind, at, voice, body, facts`

func scanStep(scan func(...any) error) (s Step, err error) {
	var voice, facts string
	if err := scan(&s.ID, &s.Commitment, &s.Kind, &s.At, &voice, &s.Body, &facts); err != nil {
		return s, err
	}
	if err := readJSON(voice, &s.Voice); err != nil {
		return s, err
	}
	return s, readJSON(facts, &s.Facts)
}

// maxSteps bounds what a commitment's page tells; the record has all.
const maxSteps = 200

// Steps are what happened to a commitment, in order, the first maxSteps of them.
func Steps(tx *db.Tx, id string) ([]Step, error) {
	return db.All(tx, scanStep, `SELECT `+stepColumns+`
		FROM commitment_steps
		WHERE commitment_id = $1
		ORDER BY at, id
		LIMIT $2`, id, maxSteps)
}

// step writes one.
func step(tx *db.Tx, s Step) error {
	voice, err := asJSON(s.Voice)
	if err != nil {
		return err
	}
	facts, err := asJSON(s.Facts)
	if err != nil {
		return err
	}
	if _, err := tx.Exec(`INSERT INTO commitment_steps (`+stepColumns+`) VALUES (`+db.Placeholders(1, 7)+`)`,
		tx.ID(), s.Commitment, s.Kind, tx.Now, voice, s.Body, facts); err != nil {
		return fmt.Errorf("writing a step of a commitment: %w", err)
	}
	return nil
}

// nextCode gives out the next code of an institution in the year of an instant, by its own
// clock. It holds the counter until the transaction ends.
func nextCode(tx *db.Tx, i institution.Institution, zone *time.Location) (string, error) {
	prefix, year := i.Code("COM"), tx.Now.In(zone).Year()
	var n int
	if err := tx.Row(`INSERT INTO commitment_codes (prefix, year, last)
		VALUES ($1, $2, 1)
		ON CONFLICT (prefix, year) DO UPDATE SET last = commitment_codes.last + 1
		RETURNING last`, prefix, year).Scan(&n); err != nil {
		return "", fmt.Errorf("giving out a code: %w", err)
	}
	return fmt.Sprintf("%s-C-%04d-%04d", prefix, year, n), nil
}
