package moderation

import (
	"fmt"
	"slices"
	"time"
	"unicode/utf8"

	"plaza/internal/base/db"
	"plaza/internal/civic/access"
	"plaza/internal/civic/account"
	"plaza/internal/civic/privacy"
	"plaza/internal/civic/record"
	"plaza/internal/plaza"
)

// Appeal takes what an author says against a decision, once. It appends to the record,
// so it is the last statement of its transaction.
func (d *Desk) Appeal(tx *db.Tx, id, said string) error {
	dec, err := decisionByID(tx, id)
	if err != nil {
		return err
	}
	if err := access.Check(plaza.ActorFrom(tx.Context()), access.Appeal, access.Object{Kind: DecisionKind, Owner: dec.Author}); err != nil {
		return err
	}
	if !dec.Act.Appealable() {
		return plaza.E(plaza.Conflict, "moderation.error.no_appeal")
	}
	if err := checkText("text", said); err != nil {
		return err
	}
	n, err := tx.Exec(`INSERT INTO moderation_appeals (decision_id, body, created_at)
		VALUES ($1, $2, $3)
		ON CONFLICT (decision_id) DO NOTHING`, dec.ID, said, tx.Now)
	if err != nil {
		return fmt.Errorf("taking an appeal: %w", err)
	}
	if n == 0 {
		return plaza.E(plaza.Conflict, "moderation.error.appealed")
	}
	if err := privacy.Consent(tx, privacy.Who{Person: dec.Author}, pointAppeal); err != nil {
		return err
	}
	return record.Append(tx, record.Act{Verb: "moderation.appealed", Object: dec.Ref(),
		Payload: facts{Act: string(dec.Act), Reason: dec.Reason}})
}

func checkText(field, said string) error {
	n := utf8.RuneCountInString(said)
	if n > 0 && n <= maxNote {
		return nil
	}
	key := "moderation.error.say_why"
	if n > 0 {
		key = "moderation.error.length"
	}
	return &plaza.Error{Kind: plaza.Invalid, Key: "moderation.error.form",
		Fields: []plaza.FieldError{{Field: field, Key: key, Args: map[string]any{"max": maxNote}}}}
}

// Judge says what becomes of an appeal: Upheld, or Overturned with what the decision did
// undone. Whoever decided does not judge, unless there is nobody else. It appends to the
// record, so it is the last statement of its transaction.
func (d *Desk) Judge(tx *db.Tx, id, outcome, note string) error {
	actor := plaza.ActorFrom(tx.Context())
	dec, err := decisionByID(tx, id)
	if err != nil {
		return err
	}
	if err := access.Check(actor, access.AppealDecide, access.Object{Kind: DecisionKind}); err != nil {
		return err
	}
	if dec.Appeal == nil {
		return plaza.E(plaza.NotFound, "moderation.error.no_decision")
	}
	same, err := mayJudge(tx, actor, dec)
	if err != nil {
		return err
	}
	if outcome != Upheld && outcome != Overturned {
		return &plaza.Error{Kind: plaza.Invalid, Key: "moderation.error.form",
			Fields: []plaza.FieldError{{Field: "outcome", Key: "moderation.error.choose"}}}
	}
	if err := checkText("note", note); err != nil {
		return err
	}
	n, err := tx.Exec(`UPDATE moderation_appeals
		SET outcome = $1, note = $2, decided_by = $3, same_person = $4, decided_at = $5
		WHERE decision_id = $6 AND outcome = ''`, outcome, note, actor.PersonID, same, tx.Now, dec.ID)
	if err != nil {
		return fmt.Errorf("judging an appeal: %w", err)
	}
	if n == 0 {
		return overtaken()
	}
	var acts []record.Act
	if outcome == Overturned {
		if acts, err = d.undo(tx, dec); err != nil {
			return err
		}
	}
	role, _ := capacity(actor, access.AppealDecide, access.Object{Kind: DecisionKind})
	return record.Append(tx, append(acts, record.Act{Verb: "moderation." + outcome, Object: dec.Ref(), Role: role,
		Payload: facts{Act: string(dec.Act), Reason: dec.Reason}})...)
}

// mayJudge reports whether the actor judges what they decided themselves because there
// is nobody else; when there is, or it is about themselves, they may not.
func mayJudge(tx *db.Tx, actor plaza.Actor, dec Decision) (same bool, err error) {
	if actor.PersonID == dec.Author {
		return false, plaza.E(plaza.Forbidden, "moderation.error.own")
	}
	if actor.PersonID != dec.By {
		return false, nil
	}
	admins, err := account.Holders(tx, plaza.Admin, "")
	if err != nil {
		return false, err
	}
	others := slices.ContainsFunc(admins, func(id string) bool { return id != actor.PersonID && id != dec.Author })
	if others {
		return false, plaza.E(plaza.Forbidden, "moderation.error.other_person")
	}
	return true, nil
}

// undo takes back what a decision did, as far as it still stands.
func (d *Desk) undo(tx *db.Tx, dec Decision) ([]record.Act, error) {
	if _, err := tx.Exec(`UPDATE moderation_decisions SET undone_at = $1 WHERE id = $2`, tx.Now, dec.ID); err != nil {
		return nil, err
	}
	if _, err := tx.Exec(`UPDATE moderation_cases SET version = version + 1 WHERE id = $1`, dec.Case); err != nil {
		return nil, err
	}
	if dec.Act == Suspend {
		if d.Lift == nil || dec.Author == "" {
			return nil, nil
		}
		return d.Lift(tx, dec.Author, dec.ID)
	}
	t, err := d.thing(tx, dec.Object)
	if err != nil {
		return nil, err
	}
	switch {
	case !t.found || t.card:
	case dec.Act == Hide && t.State == Hidden, dec.Act == Refuse && t.State == Refused:
		return t.kind.Set(tx, t.Ref.ID, Public)
	case dec.Act == Lock && t.Locked:
		return t.kind.Lock(tx, t.Ref.ID, false)
	case dec.Act == Merge && t.Into == dec.Into:
		return t.kind.Split(tx, t.Ref.ID)
	}
	return nil, nil // a warning is only words
}

// waitingAppeals are the decisions whose appeals wait, the oldest first, after a place.
func waitingAppeals(tx *db.Tx, after place, limit int) ([]Decision, error) {
	if after.id == "" {
		after.at = time.Unix(0, 0) // before all of them; no instant would be NULL
	}
	return db.All(tx, scanDecision, selectDecision+`a.outcome = '' AND (a.created_at > $1 OR a.created_at = $1 AND a.decision_id > $2)
		ORDER BY a.created_at, a.decision_id
		LIMIT $3`, after.at, after.id, limit)
}
