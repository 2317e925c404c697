package turn

import (
	"time"

	"plaza/internal/base/db"
	"plaza/internal/base/text"
	"plaza/internal/base/web"
	"plaza/internal/civic/access"
	"plaza/internal/civic/account"
	"plaza/internal/civic/calendar"
	"plaza/internal/civic/gate"
	"plaza/internal/civic/institution"
	"plaza/internal/civic/privacy"
	"plaza/internal/civic/record"
	"plaza/internal/plaza"
	"plaza/internal/section/cases"
)

// Point is where personal data is collected: the notice of the page behind a link.
const Point = "case_turn"

// Turns is everything of this package: what other parts of Plaza call, and its pages.
type Turns struct {
	*cases.Cases
	shell  *web.Shell
	office *institution.Office
}

// New makes Turns of cases.
func New(cs *cases.Cases) *Turns { return &Turns{Cases: cs} }

// How often: mails to people who did not ask for them, and writes from one link.
var (
	perInstitution = gate.Limit{Name: "turn.institution", Max: 120, Window: time.Hour, Key: "turn.error.often"}
	perLink        = gate.Limit{Name: "turn.link", Max: 120, Window: time.Hour, Key: "turn.error.often"}
)

// ByMail turns a case to a person by mail alone, which acknowledges it: the link is
// mailed within the transaction. The acts are for the caller to append to the record.
// Invalid at nombre, correo, area and nota.
func (s *Turns) ByMail(tx *db.Tx, id string, f Form) (Turn, []record.Act, error) {
	if err := f.check(); err != nil {
		return Turn{}, nil, err
	}
	c, acts, err := s.acknowledge(tx, id, f.Unit)
	if err != nil {
		return Turn{}, nil, err
	}
	if err := s.Gate.Brake(tx, perInstitution, c.Institution); err != nil {
		return Turn{}, nil, err
	}
	known, err := Of(tx, c.ID, c.Institution)
	if err != nil {
		return Turn{}, nil, err
	}
	for _, t := range known {
		if t.State == Open && account.EmailKey(t.Email) == account.EmailKey(f.Email) && tx.Now.Before(t.Expires) {
			return t, nil, also(nil, plaza.FieldError{Field: "correo", Key: "turn.error.twice"})
		}
	}
	if len(known) == maxTurns {
		return Turn{}, nil, plaza.E(plaza.Conflict, "turn.error.many")
	}
	t := Turn{ID: tx.ID(), Case: c.ID, Institution: c.Institution, Unit: f.Unit, Name: f.Name, Email: f.Email, Note: f.Note, Version: 1, State: Open,
		By: plaza.ActorFrom(tx.Context()).PersonID, Created: tx.Now}
	if t.Expires, err = expiry(tx, c.Institution); err != nil {
		return t, nil, err
	}
	if err := insert(tx, t); err != nil {
		return t, nil, err
	}
	return t, acts, s.mailLink(tx, t, c)
}

// acknowledge does to the case what turning it does: to an area, it is turned to that;
// else it is acknowledged where nobody has yet.
func (s *Turns) acknowledge(tx *db.Tx, id, unit string) (cases.Case, []record.Act, error) {
	if unit != "" {
		return s.Turn(tx, id, unit)
	}
	c, err := cases.ByID(tx, id)
	if err != nil {
		return c, nil, err
	}
	if err := access.Check(plaza.ActorFrom(tx.Context()), access.CaseHandle, access.Object{Kind: cases.RefKind, Institution: c.Institution}); err != nil {
		return c, nil, err
	}
	switch {
	case !c.Public() || !c.Owed():
		return c, nil, plaza.E(plaza.Conflict, "cases.error.state")
	case c.State == cases.Open:
		return s.Acknowledge(tx, id)
	}
	return c, nil, nil
}

// expiry is when a link that is mailed now stops working.
func expiry(tx *db.Tx, body string) (time.Time, error) {
	by, err := calendar.BusinessOf(tx, body)
	if err != nil {
		return time.Time{}, err
	}
	return by.AddDays(tx.Now, life), nil
}

// handled is a turn of a case of an institution that the actor works for, held.
func handled(tx *db.Tx, caseID, id string) (Turn, error) {
	t, err := byID(tx, id, true)
	if err != nil {
		return t, err
	}
	if t.Case != caseID {
		return t, errUnknown
	}
	return t, access.Check(plaza.ActorFrom(tx.Context()), access.CaseHandle, access.Object{Kind: cases.RefKind, Institution: t.Institution})
}

// Resend mails the link of a turn anew, with a new end: the one before it is worth
// nothing then. A Conflict when the turn or its case is over.
func (s *Turns) Resend(tx *db.Tx, caseID, id string) (Turn, error) {
	t, err := handled(tx, caseID, id)
	if err != nil {
		return t, err
	}
	c, err := cases.ByID(tx, t.Case)
	if err != nil {
		return t, err
	}
	if stop := t.Stop(c, tx.Now); stop != "" && stop != "expired" || t.Email == "" {
		return t, plaza.E(plaza.Conflict, "turn.error.over")
	}
	if err := s.Gate.Brake(tx, perInstitution, t.Institution); err != nil {
		return t, err
	}
	t.Version++
	if t.Expires, err = expiry(tx, t.Institution); err != nil {
		return t, err
	}
	if err := save(tx, t); err != nil {
		return t, err
	}
	return t, s.mailLink(tx, t, c)
}

// Revoke makes the link of a turn worth nothing. What was written stays. Once revoked, it
// is so: again changes nothing.
func (s *Turns) Revoke(tx *db.Tx, caseID, id string) (Turn, error) {
	t, err := handled(tx, caseID, id)
	if err != nil || t.State == Revoked {
		return t, err
	}
	t.State, t.Revoked, t.Ended = Revoked, tx.Now, tx.Now
	return t, save(tx, t)
}

// Look returns the turn of a link, with its case and its draft. NotFound when the link is
// none of ours, a Conflict when a newer one was mailed. Whether something may still be
// written is for Turn.Stop to say. It changes nothing.
func (s *Turns) Look(tx *db.Tx, token string) (Turn, cases.Case, Draft, error) {
	return s.open(tx, token, false)
}

func (s *Turns) open(tx *db.Tx, token string, hold bool) (t Turn, c cases.Case, d Draft, err error) {
	said, raw, err := readToken(token)
	if err != nil {
		return t, c, d, err
	}
	if t, err = byID(tx, said.id, hold); err != nil {
		return t, c, d, err
	}
	if err := s.believe(said, raw, t); err != nil {
		return Turn{}, c, d, err
	}
	if c, err = cases.ByID(tx, t.Case); err != nil {
		return t, c, d, err
	}
	d, err = draftOf(tx, t.ID)
	return t, c, d, err
}

// errOver is that nothing may be written from a link any more.
var errOver = plaza.E(plaza.Conflict, "turn.error.over")

// Written is what somebody wrote into the page behind their link.
type Written struct {
	Outcome cases.Outcome
	Body    string
	Note    string // to the liaison
	Send    bool
	// Still reports whether a draft is as it was when they began to write; nil is yes.
	Still func(Draft) bool
}

// Write keeps what somebody would answer; with Send the liaison gets it. When the draft
// has changed since they looked at it, it is web.ErrMeanwhile; the same again changes
// nothing. Invalid at resultado, texto and nota. It publishes nothing.
func (s *Turns) Write(tx *db.Tx, token string, in Written) (Draft, error) {
	t, c, d, err := s.open(tx, token, true)
	if err != nil {
		return d, err
	}
	if err := in.check(c.Kind); err != nil {
		return d, err
	}
	if !t.Going(c, tx.Now) || !d.editable() {
		return d, errOver
	}
	if d.ID != "" && d.says(in) { // the button was pressed twice
		return d, nil
	}
	if err := s.Gate.Brake(tx, perLink, t.ID); err != nil {
		return d, err
	}
	if in.Still != nil && !in.Still(d) {
		return d, web.ErrMeanwhile
	}
	if d.ID == "" {
		d = Draft{ID: tx.ID(), Case: c.ID, Turn: t.ID, State: draftOpen}
		if err := privacy.Consent(tx, privacy.Who{Address: t.ID}, Point); err != nil {
			return d, err
		}
	}
	// what the page does not ask for stays as the liaison may have left it
	d.Form.Outcome, d.Form.Body, d.Note = in.Outcome, in.Body, in.Note
	d.Version++
	t.LastSeen = tx.Now
	if in.Send {
		d.State, t.State = draftSent, Sent
	}
	voice, err := s.voice(tx, t)
	if err != nil {
		return d, err
	}
	if err := putDraft(tx, d, voice); err != nil {
		return d, err
	}
	if err := save(tx, t); err != nil || !in.Send {
		return d, err
	}
	return d, s.mailSent(tx, t, c, d)
}

// voice is as whom a person without an account drafts: their area, of the institution
// that turned the case to them.
func (s *Turns) voice(tx *db.Tx, t Turn) (institution.Voice, error) {
	return institution.VoiceOf(tx, plaza.Grant{Role: plaza.DataOwner, Institution: t.Institution, Unit: t.Unit})
}

// Decline says that a case is not of the area, for a reason that the liaison reads: it is
// theirs again. Invalid at motivo.
func (s *Turns) Decline(tx *db.Tx, token, why string) error {
	t, c, _, err := s.open(tx, token, true)
	if err != nil {
		return err
	}
	why = text.Tidy(why)
	if n := len([]rune(why)); n > cases.MaxReason {
		return also(nil, plaza.FieldError{Field: "motivo", Key: "cases.error.long", Args: map[string]any{"max": cases.MaxReason, "length": n}})
	}
	if text.Blank(why) {
		return also(nil, plaza.FieldError{Field: "motivo", Key: "cases.error.reason"})
	}
	if !t.Going(c, tx.Now) {
		return errOver
	}
	if err := s.Gate.Brake(tx, perLink, t.ID); err != nil {
		return err
	}
	t.State, t.Reason, t.LastSeen, t.Ended = NotOurs, why, tx.Now, tx.Now
	if err := save(tx, t); err != nil {
		return err
	}
	return s.mailDeclined(tx, t, c)
}
