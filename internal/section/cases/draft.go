package cases

import (
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"plaza/internal/base/db"
	"plaza/internal/base/text"
	"plaza/internal/civic/access"
	"plaza/internal/civic/account"
	"plaza/internal/civic/institution"
	"plaza/internal/civic/membership"
	"plaza/internal/plaza"
)

// DraftState is where a draft stands.
type DraftState string

// The states of a draft.
const (
	DraftOpen     DraftState = "open"     // its author writes it
	DraftSent     DraftState = "sent"     // it waits for the liaison
	DraftSigning  DraftState = "signing"  // it waits for a signature
	DraftSigned   DraftState = "signed"   // exactly this text is signed
	DraftReturned DraftState = "returned" // to its author, with a note
	DraftUsed     DraftState = "used"     // it was published
)

// AnswerDraft is what somebody of an institution, or an area asked by mail, would answer.
// Each author has one for a case, and nobody writes in another's: two who answer at once
// lose nothing.
type AnswerDraft struct {
	ID       string
	Case     string
	Author   string // person id, or
	Turn     string // id of a turn by mail
	Voice    institution.Voice
	State    DraftState
	Signed   institution.Voice // who signed exactly this; a change drops it
	SignedBy string            // person id
	Form     AnswerForm
	Note     string // to or from the liaison
	Version  int    // grows with each change
	Created  time.Time
	Updated  time.Time
}

// Refusals of what is done to drafts.
var (
	errNoDraft    error = plaza.E(plaza.NotFound, "cases.error.no_draft")
	errDraftMoved error = plaza.E(plaza.Conflict, "cases.error.draft_moved")
	errDraftState error = plaza.E(plaza.Conflict, "cases.error.draft_state")
	errSigner     error = plaza.E(plaza.Forbidden, "cases.error.signer")
	errOtherUnit  error = plaza.E(plaza.Forbidden, "cases.error.other_unit")
)

const draftColumns = `id, case_id, author_id, turn_id, voice, state, signed, signed_by, content, note, version, created_at, updated_at`

func scanDraft(scan func(...any) error) (d AnswerDraft, err error) {
	var voice, signed, content string
	if err := scan(&d.ID, &d.Case, &d.Author, &d.Turn, &voice, &d.State, &signed, &d.SignedBy, &content, &d.Note, &d.Version, &d.Created, &d.Updated); err != nil {
		return d, err
	}
	if err := readJSON("a draft's voice", voice, &d.Voice); err != nil {
		return d, err
	}
	if err := readJSON("a draft's signature", signed, &d.Signed); err != nil {
		return d, err
	}
	return d, readJSON("a draft", content, &d.Form)
}

// currentDrafts leaves out drafts that were published, and those that were written before the
// case passed to another body: what an institution drafted stays its own.
const currentDrafts = `state <> 'used' AND NOT EXISTS (
			SELECT 1 FROM case_handovers h WHERE h.case_id = case_drafts.case_id AND h.state = 'accepted' AND h.decided_at >= case_drafts.updated_at)`

// Drafts are the drafts of a case, the newest change first. They are the institution's
// own: who may see them is for the caller to ask.
func Drafts(tx *db.Tx, id string) ([]AnswerDraft, error) {
	return db.All(tx, scanDraft, `SELECT `+draftColumns+`
		FROM case_drafts
		WHERE case_id = $1 AND `+currentDrafts+`
		ORDER BY updated_at DESC, id
		LIMIT 100`, id)
}

// DraftByID is one of the drafts of a case; NotFound when it has none such.
func DraftByID(tx *db.Tx, id, draft string) (AnswerDraft, error) {
	return oneDraft(tx.Row(`SELECT `+draftColumns+`
		FROM case_drafts
		WHERE case_id = $1 AND id = $2 AND `+currentDrafts, id, draft))
}

// OwnDraft is the draft of a person for a case; NotFound when there is none.
func OwnDraft(tx *db.Tx, id, person string) (AnswerDraft, error) {
	return oneDraft(tx.Row(`SELECT `+draftColumns+`
		FROM case_drafts
		WHERE case_id = $1 AND author_id = $2 AND author_id <> '' AND state <> 'used'`, id, person))
}

func oneDraft(row *db.Row) (AnswerDraft, error) {
	d, err := scanDraft(row.Scan)
	if err != nil && plaza.KindOf(err) == plaza.NotFound {
		return d, errNoDraft
	}
	return d, err
}

// Empty reports whether nothing is written in it.
func (d AnswerDraft) Empty() bool { return text.Blank(d.Form.Body) && text.Blank(d.Form.Summary) }

// tidied is a form as it is kept and compared: without what its outcome does not use.
func tidied(f AnswerForm, k Kind) AnswerForm {
	_ = f.Check(k, "") // what is missing from a draft is no mistake yet
	return f
}

// checkDraft holds a draft to the lengths of an answer.
func checkDraft(f AnswerForm) error {
	var w wrong
	w.length("texto", f.Body, MaxAnswer)
	w.length("resumen", f.Summary, MaxSummary)
	w.length("alternativa", f.Alternative, MaxReason)
	w.length("recurso", f.Appeal, MaxReason)
	w.length("promesa", f.Promise, MaxDetail)
	for field, s := range map[string]string{"fundamento": f.Ground, "objeto": f.Object.ID, "version": f.FixedWith, "fecha": f.PlannedOn, "area": f.Unit} {
		w.length(field, s, MaxDetail)
	}
	return w.err()
}

// SaveDraft keeps what the actor would answer to a case. seen is the version of their
// draft that they were looking at, 0 for none: when another tab has changed it meanwhile
// it is a Conflict, and nothing is lost. A change drops what was signed, and what was
// sent is the author's again.
func (cs *Cases) SaveDraft(tx *db.Tx, id string, form AnswerForm, seen int) (AnswerDraft, error) {
	c, voice, err := cs.drafter(tx, id)
	if err != nil {
		return AnswerDraft{}, err
	}
	form = tidied(form, c.Kind)
	if err := checkDraft(form); err != nil {
		return AnswerDraft{}, err
	}
	actor := plaza.ActorFrom(tx.Context())
	d, err := OwnDraft(tx, c.ID, actor.PersonID)
	switch {
	case plaza.KindOf(err) == plaza.NotFound:
		return newDraft(tx, AnswerDraft{ID: tx.ID(), Case: c.ID, Author: actor.PersonID, Voice: voice, State: DraftOpen, Form: form, Version: 1, Created: tx.Now, Updated: tx.Now})
	case err != nil:
		return d, err
	case d.Form == form:
		return d, nil
	case d.Version != seen:
		return d, errDraftMoved
	}
	d.Form, d.Voice, d.State, d.Signed, d.SignedBy = form, voice, DraftOpen, institution.Voice{}, ""
	return putDraft(tx, d)
}

// drafter is a case of which the actor may write a draft, and as whom.
func (cs *Cases) drafter(tx *db.Tx, id string) (c Case, voice institution.Voice, err error) {
	if c, err = ByID(tx, id); err != nil {
		return c, voice, err
	}
	_, action, err := c.next(Draft)
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
	if c.elsewhere(actor) {
		return c, voice, errOtherUnit
	}
	voice, err = institution.VoiceFor(tx, actor, action, c.Institution)
	return c, voice, err
}

// elsewhere reports whether all that an actor is at the institution is an official of an
// area other than the one to which the case was turned.
func (c Case) elsewhere(actor plaza.Actor) bool {
	if c.Unit == "" {
		return false
	}
	other := false
	for _, g := range actor.Grants {
		as := actor
		as.Grants = []plaza.Grant{g}
		switch {
		case !access.Can(as, access.CaseDraft, access.Object{Kind: RefKind, Institution: c.Institution}):
		case g.Role != plaza.DataOwner || g.Unit == "" || g.Unit == c.Unit:
			return false
		default:
			other = true
		}
	}
	return other
}

// present is an actor with those of their roles that they hold at this instant: a page
// may have been open for long.
func (cs *Cases) present(tx *db.Tx, actor plaza.Actor) (plaza.Actor, error) {
	if actor.PersonID == "" {
		return actor, nil // Plaza itself, or a visitor
	}
	p, err := account.ByID(tx, actor.PersonID)
	if err != nil && plaza.KindOf(err) != plaza.NotFound {
		return actor, err
	}
	held := p.Actor()
	actor.Suspended = actor.Suspended || held.Suspended
	grants := actor.Grants
	actor.Grants = nil
	for _, g := range grants {
		ok := slices.Contains(held.Grants, g)
		if g.Role == plaza.StandIn {
			if ok, err = cs.standsIn(tx, actor.PersonID, g.Institution); err != nil {
				return actor, err
			}
		}
		if ok {
			actor.Grants = append(actor.Grants, g)
		}
	}
	return actor, nil
}

// standsIn reports whether a person answers now in the place of an institution's liaison.
func (cs *Cases) standsIn(tx *db.Tx, person, body string) (bool, error) {
	if cs.Responsible == nil {
		return true, nil
	}
	who, err := cs.Responsible(tx, body)
	return slices.ContainsFunc(who.People, func(o membership.Official) bool { return o.Person == person }), err
}

// newDraft stores a draft; a Conflict when its author's other tab was faster.
func newDraft(tx *db.Tx, d AnswerDraft) (AnswerDraft, error) {
	voice, err := voiceText(d.Voice)
	if err != nil {
		return d, err
	}
	content, err := json.Marshal(d.Form)
	if err != nil {
		return d, fmt.Errorf("encoding a draft: %w", err)
	}
	n, err := tx.Exec(`INSERT INTO case_drafts (`+draftColumns+`)
		VALUES (`+db.Placeholders(1, 13)+`)
		ON CONFLICT DO NOTHING`,
		d.ID, d.Case, d.Author, d.Turn, voice, d.State, "", "", string(content), d.Note, d.Version, d.Created, d.Updated)
	if err != nil {
		return d, fmt.Errorf("storing a draft: %w", err)
	}
	if n == 0 {
		return d, errDraftMoved
	}
	return d, nil
}

// putDraft writes a draft as it stands now, unless it was changed meanwhile.
func putDraft(tx *db.Tx, d AnswerDraft) (AnswerDraft, error) { return putDraftAt(tx, d, tx.Now) }

// putDraftAt is putDraft with when it was last worked on for the case's institution.
func putDraftAt(tx *db.Tx, d AnswerDraft, at time.Time) (AnswerDraft, error) {
	voice, err := voiceText(d.Voice)
	if err != nil {
		return d, err
	}
	signed, err := voiceText(d.Signed)
	if err != nil {
		return d, err
	}
	content, err := json.Marshal(d.Form)
	if err != nil {
		return d, fmt.Errorf("encoding a draft: %w", err)
	}
	n, err := tx.Exec(`UPDATE case_drafts
		SET voice = $1, state = $2, signed = $3, signed_by = $4, content = $5, note = $6, version = version + 1, updated_at = $7
		WHERE id = $8 AND version = $9`,
		voice, d.State, signed, d.SignedBy, string(content), d.Note, at, d.ID, d.Version)
	if err != nil {
		return d, fmt.Errorf("writing a draft: %w", err)
	}
	if n == 0 {
		return d, errDraftMoved
	}
	d.Version, d.Updated = d.Version+1, at
	return d, nil
}

// mostWaiting bounds how many drafts of one institution wait for somebody.
const mostWaiting = 1000

// Awaited are the institutions that have drafts which wait for a liaison or a signature.
func Awaited(tx *db.Tx) ([]string, error) {
	return db.All(tx, db.Column[string], `SELECT DISTINCT c.institution
		FROM case_drafts d
		JOIN cases c ON c.id = d.case_id
		WHERE d.state IN ('sent', 'signing') AND c.standing = 'public'`)
}

// Awaiting are the drafts of people of an institution that wait for its liaison or for a
// signature, the oldest first. Of those by mail the liaison is told at once.
func Awaiting(tx *db.Tx, body string) ([]AnswerDraft, error) {
	return db.All(tx, scanDraft, `SELECT `+draftColumns+`
		FROM case_drafts
		WHERE state IN ('sent', 'signing') AND author_id <> '' AND `+currentDrafts+`
			AND case_id IN (SELECT id FROM cases WHERE institution = $1 AND standing = 'public')
		ORDER BY updated_at, id
		LIMIT $2`, body, mostWaiting)
}
