package moderation

import (
	"time"

	"plaza/internal/base/db"
	"plaza/internal/civic/privacy"
	"plaza/internal/civic/record"
)

// textLife is how long the text of a report is kept.
const textLife = 365 * 24 * time.Hour

// expiring is how many rows are forgotten at once.
const expiring = 1000

// Holding is what moderation keeps about people: what they reported, what was decided
// about them, and for some days that a text was theirs.
func Holding() privacy.Holding {
	return privacy.Holding{
		Key: "moderation",
		Data: []privacy.Datum{
			{Key: "moderation_reports", Point: "report", Keep: textLife},
			{Key: "moderation_decisions", Point: "moderation"},
			{Key: "moderation_texts", Point: "comment", Keep: remembered},
		},
		Export: export, Erase: erase, Expire: expire,
	}
}

// exported is what a person gets of it.
type exported struct {
	Reports   []exportedReport   `json:"reports"`
	Decisions []exportedDecision `json:"decisions"`
}

type exportedReport struct {
	Object string    `json:"object"`
	Reason string    `json:"reason"`
	Text   string    `json:"text"`
	At     time.Time `json:"at"`
}

type exportedDecision struct {
	Number  string    `json:"number"`
	Act     Act       `json:"act"`
	Reason  string    `json:"reason"`
	Note    string    `json:"note"`
	At      time.Time `json:"at"`
	Appeal  string    `json:"appeal,omitempty"`
	Outcome string    `json:"outcome,omitempty"`
	Answer  string    `json:"answer,omitempty"`
}

func export(tx *db.Tx, person string) (any, error) {
	var out exported
	var err error
	if out.Reports, err = db.All(tx, func(scan func(...any) error) (r exportedReport, err error) {
		var kind, id string
		err = scan(&kind, &id, &r.Reason, &r.Text, &r.At)
		r.Object = kind + ":" + id
		return r, err
	}, `SELECT c.object_kind, c.object_id, r.reason, r.body, r.created_at
		FROM moderation_reports r
		JOIN moderation_cases c ON c.id = r.case_id
		WHERE r.reporter_id = $1
		ORDER BY r.id`, person); err != nil {
		return nil, err
	}
	all, err := db.All(tx, scanDecision, selectDecision+`d.author_id = $1 AND d.act <> $2 ORDER BY d.id`, person, string(Keep))
	if err != nil {
		return nil, err
	}
	for _, d := range all {
		e := exportedDecision{Number: d.Number(), Act: d.Act, Reason: d.Reason, Note: d.Note, At: d.At}
		if d.Appeal != nil {
			e.Appeal, e.Outcome, e.Answer = d.Appeal.Text, d.Appeal.Outcome, d.Appeal.Note
		}
		out.Decisions = append(out.Decisions, e)
	}
	return out, nil
}

// erase takes a person out of what they reported, of what was decided about them and by
// them. That it was decided stays.
func erase(tx *db.Tx, person string) ([]record.Act, error) {
	if person == "" {
		return nil, nil
	}
	for _, query := range []string{
		`UPDATE moderation_reports SET reporter_id = '', reporter = id WHERE reporter_id = $1`,
		`UPDATE moderation_appeals SET body = '', note = ''
			WHERE decision_id IN (SELECT id FROM moderation_decisions WHERE author_id = $1)`,
		`UPDATE moderation_appeals SET decided_by = '' WHERE decided_by = $1`,
		`UPDATE moderation_decisions SET author_id = '', note = '' WHERE author_id = $1`,
		`UPDATE moderation_decisions SET decided_by = '' WHERE decided_by = $1`,
		`UPDATE moderation_cases SET author_id = '' WHERE author_id = $1`,
		`UPDATE moderation_cases SET claimed_by = '', claimed_at = NULL WHERE claimed_by = $1`,
		`DELETE FROM moderation_texts WHERE author_id = $1`,
	} {
		if _, err := tx.Exec(query, person); err != nil {
			return nil, err
		}
	}
	return nil, nil
}

// expire forgets texts of reports whose year is over, and what was posted long ago.
func expire(tx *db.Tx) (int, error) {
	texts, err := tx.Exec(`UPDATE moderation_reports SET body = ''
		WHERE id IN (SELECT id FROM moderation_reports WHERE body <> '' AND created_at < $1 LIMIT $2)`,
		tx.Now.Add(-textLife), expiring)
	if err != nil {
		return 0, err
	}
	hashes, err := tx.Exec(`DELETE FROM moderation_texts
		WHERE (text_hash, author_id) IN (SELECT text_hash, author_id FROM moderation_texts WHERE last_at < $1 LIMIT $2)`,
		tx.Now.Add(-remembered), expiring)
	return int(texts + hashes), err
}
