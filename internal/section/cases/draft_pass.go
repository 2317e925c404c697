package cases

import (
	"fmt"
	"slices"

	"plaza/internal/base/db"
	"plaza/internal/base/text"
	"plaza/internal/civic/access"
	"plaza/internal/civic/account"
	"plaza/internal/civic/institution"
	"plaza/internal/civic/record"
	"plaza/internal/plaza"
)

// KeepDraft keeps what somebody typed in the draft that they have for a case, whatever
// they may do by now: a role that ended loses nobody's text. It reports whether there was
// one. It stays a draft of its day: one whose case has passed to another body meanwhile is
// not shown there.
func KeepDraft(tx *db.Tx, id string, form AnswerForm) (bool, error) {
	d, err := OwnDraft(tx, id, plaza.ActorFrom(tx.Context()).PersonID)
	if err != nil {
		if plaza.KindOf(err) == plaza.NotFound {
			err = nil
		}
		return false, err
	}
	c, err := ByID(tx, id)
	if err != nil {
		return false, err
	}
	if form = tidied(form, c.Kind); form == d.Form {
		return true, nil
	}
	if err := checkDraft(form); err != nil {
		return false, err
	}
	d.Form, d.State, d.Signed, d.SignedBy = form, DraftOpen, institution.Voice{}, ""
	_, err = putDraftAt(tx, d, d.Updated)
	return err == nil, err
}

// SendDraft hands the actor's draft to the liaison, with a note. Invalid at texto when
// nothing is written yet, and at nota.
func (cs *Cases) SendDraft(tx *db.Tx, id, note string) (AnswerDraft, error) {
	c, _, err := cs.drafter(tx, id)
	if err != nil {
		return AnswerDraft{}, err
	}
	d, err := OwnDraft(tx, c.ID, plaza.ActorFrom(tx.Context()).PersonID)
	if err != nil {
		return d, err
	}
	var w wrong
	w.hold(!text.Blank(d.Form.Body), "texto", "answer", nil)
	if err := w.err(); err != nil {
		return d, err
	}
	if d.Note, err = reason("nota", note, false); err != nil {
		return d, err
	}
	d.State = DraftSent
	return putDraft(tx, d)
}

// AskSignature asks that the actor's draft of a refusal be signed. It has to be whole:
// Invalid where AnswerForm.Check finds something, and a Conflict when it refuses nothing.
func (cs *Cases) AskSignature(tx *db.Tx, id string) (AnswerDraft, error) {
	c, _, err := cs.drafter(tx, id)
	if err != nil {
		return AnswerDraft{}, err
	}
	d, err := OwnDraft(tx, c.ID, plaza.ActorFrom(tx.Context()).PersonID)
	if err != nil {
		return d, err
	}
	if err := d.Form.Check(c.Kind, ""); err != nil {
		return d, err
	}
	if !d.Form.Outcome.Refuses() || d.State == DraftSigned {
		return d, errDraftState
	}
	d.State, d.Note = DraftSigning, ""
	return putDraft(tx, d)
}

// SignDraft signs a draft as it was seen at a version: what its publisher changes
// afterwards is not signed any more. The coordination signs for an institution that has
// nobody who could.
func (cs *Cases) SignDraft(tx *db.Tx, id, draft string, seen int) (AnswerDraft, error) {
	c, voice, err := cs.signer(tx, id)
	if err != nil {
		return AnswerDraft{}, err
	}
	d, err := DraftByID(tx, c.ID, draft)
	switch {
	case err != nil:
		return d, err
	case d.State != DraftSigning:
		return d, errDraftState
	case d.Version != seen:
		return d, errDraftMoved
	}
	d.State, d.Signed, d.SignedBy = DraftSigned, voice, plaza.ActorFrom(tx.Context()).PersonID
	return putDraft(tx, d)
}

// signer is a case whose refusal the actor may sign, and as whom.
func (cs *Cases) signer(tx *db.Tx, id string) (c Case, voice institution.Voice, err error) {
	if c, err = ByID(tx, id); err != nil {
		return c, voice, err
	}
	_, action, err := c.next(Sign)
	if err != nil {
		return c, voice, err
	}
	actor, err := cs.present(tx, plaza.ActorFrom(tx.Context()))
	if err != nil {
		return c, voice, err
	}
	if err := c.allow(actor, Asker{}, action); err != nil {
		return c, voice, err
	}
	// somebody of the institution's own comes before whatever else they are
	own := actor
	own.Grants = slices.DeleteFunc(slices.Clone(actor.Grants), func(g plaza.Grant) bool { return g.Institution == "" })
	if voice, err = institution.VoiceFor(tx, own, action, c.Institution); err != nil || !voice.Own() {
		return c, voice, err
	}
	if c.Institution != "" {
		seats, err := account.CurrentSeats(tx, plaza.Transparency, c.Institution)
		if err != nil {
			return c, voice, err
		}
		if len(seats) > 0 {
			return c, voice, errSigner
		}
	}
	voice, err = institution.VoiceFor(tx, actor, action, c.Institution)
	return c, voice, err
}

// ReturnDraft gives a draft back to its author with a note: the liaison one that was sent,
// who signs one that waits for a signature. Invalid at nota.
func (cs *Cases) ReturnDraft(tx *db.Tx, id, draft, note string) (AnswerDraft, error) {
	c, err := ByID(tx, id)
	if err != nil {
		return AnswerDraft{}, err
	}
	d, err := DraftByID(tx, id, draft)
	if err != nil {
		return d, err
	}
	switch d.State {
	case DraftSigning, DraftSigned:
		_, _, err = cs.signer(tx, id)
	case DraftSent:
		var actor plaza.Actor
		if actor, err = cs.present(tx, plaza.ActorFrom(tx.Context())); err == nil {
			err = c.allow(actor, Asker{}, access.CaseAnswer)
		}
	default:
		err = errDraftState
	}
	if err != nil {
		return d, err
	}
	if d.Note, err = reason("nota", note, true); err != nil {
		return d, err
	}
	d.State, d.Signed, d.SignedBy = DraftReturned, institution.Voice{}, ""
	return putDraft(tx, d)
}

// PublishDraft publishes an official answer with the signature that a draft with exactly
// that text has. The actor's own draft is used up with it, and so is base, the draft from
// which it was made, "" for none; those of others stay. The files of what is used up become
// the answer's; those that are named in without stay where they are.
func (cs *Cases) PublishDraft(tx *db.Tx, id string, form AnswerForm, base string, without ...string) (Case, []record.Act, error) {
	signed, err := signature(tx, id, form)
	if err != nil {
		return Case{}, nil, err
	}
	c, acts, err := cs.Publish(tx, id, form, signed)
	if err != nil {
		return c, nil, err
	}
	return c, acts, useDrafts(tx, c, base, without)
}

// CorrectDraft is PublishDraft for a new version of the official answer; why is said. The
// files that the answer has stay.
func (cs *Cases) CorrectDraft(tx *db.Tx, id string, form AnswerForm, why, base string, without ...string) (Case, []record.Act, error) {
	signed, err := signature(tx, id, form)
	if err != nil {
		return Case{}, nil, err
	}
	c, acts, err := cs.Correct(tx, id, form, why, signed)
	if err != nil {
		return c, nil, err
	}
	return c, acts, useDrafts(tx, c, base, without)
}

// signature is who signed exactly this answer to a case, the zero Signature for nobody.
func signature(tx *db.Tx, id string, form AnswerForm) (Signature, error) {
	if !form.Outcome.Refuses() {
		return Signature{}, nil
	}
	c, err := ByID(tx, id)
	if err != nil {
		return Signature{}, err
	}
	all, err := Drafts(tx, id)
	form = tidied(form, c.Kind)
	for _, d := range all {
		if d.State == DraftSigned && d.Form == form {
			return Signature{Person: d.SignedBy, Voice: d.Signed}, err
		}
	}
	return Signature{}, err
}

// useDrafts notes that the actor's draft, and the one from which the answer to a case was
// made, are published, and so are their files: without are the ids of those that are not,
// which stay with the draft.
func useDrafts(tx *db.Tx, c Case, base string, without []string) error {
	used, err := db.All(tx, db.Column[string], `SELECT id
		FROM case_drafts
		WHERE case_id = $1 AND `+currentDrafts+` AND (author_id = $2 AND author_id <> '' OR id = $3)`,
		c.ID, plaza.ActorFrom(tx.Context()).PersonID, base)
	if err != nil {
		return fmt.Errorf("looking for drafts: %w", err)
	}
	for _, id := range used {
		if _, err := tx.Exec(`UPDATE case_drafts SET state = 'used', version = version + 1, updated_at = $1 WHERE id = $2`, tx.Now, id); err != nil {
			return fmt.Errorf("using drafts: %w", err)
		}
		if err := MoveFiles(tx, c.ID, FileOfDraft, id, FileOfAnswer, c.Answer, without...); err != nil {
			return err
		}
	}
	return nil
}
