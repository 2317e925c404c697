// Package turn is how cases keep their time among people: it turns a case to somebody by
// mail alone, reminds whoever has a case of its date, and has the pages of terms and due
// dates.
//
//	turned ─▶ open ──▶ sent ──▶ (the liaison publishes, or returns it)
//	           │ └───▶ not_ours
//	           └─────▶ revoked
//
// Whoever a case is turned to by mail needs no account. The link is sealed and bound to
// that case, that address, a version and an end; it opens one page on which they can
// draft an answer, send it to the liaison, or say that it is not theirs. They publish
// nothing. What they wrote stays, and is shown to them, whatever becomes of the link or
// the case. Opening the link changes nothing: mail servers do that too.
//
// The address is seen by the institution that wrote it down and by nobody else, and is
// forgotten some time after the turn has ended.
package turn

import (
	"errors"
	"slices"
	"time"

	"plaza/internal/base/text"
	"plaza/internal/plaza"
	"plaza/internal/section/cases"
)

// State is where a turn stands.
type State string

// The states of a turn. That its case was answered, or went elsewhere, is read off the
// case: see Stop.
const (
	Open    State = "open"     // waits for an answer
	Sent    State = "sent"     // the liaison has a draft
	NotOurs State = "not_ours" // it is not theirs, with a reason
	Revoked State = "revoked"  // by the liaison
)

// Turn is a case that was turned to a person by mail.
type Turn struct {
	ID          string
	Case        string
	Institution string // whose area it is
	Unit        string // id of the area, "" for none
	Name        string
	Email       string // both "" once they are forgotten
	Note        string // of the liaison
	Version     int    // of the link
	State       State
	Reason      string // why it is not theirs
	By          string // person who turned it, for Plaza alone
	Created     time.Time
	Expires     time.Time
	Revoked     time.Time
	LastSeen    time.Time // when something was last written from the link
	Ended       time.Time
}

// Going reports whether something may be written from its link, at an instant and for the
// case as it stands.
func (t Turn) Going(c cases.Case, now time.Time) bool { return t.Stop(c, now) == "" }

// Stop is why nothing may be written from a turn's link any more: "revoked", "expired",
// "not_ours", "moved", "answered" or "hidden"; "" while it may.
func (t Turn) Stop(c cases.Case, now time.Time) string {
	switch {
	case t.State == Revoked:
		return "revoked"
	case t.State == NotOurs:
		return "not_ours"
	case !c.Public():
		return "hidden"
	case c.Institution != t.Institution:
		return "moved"
	case !c.Owed():
		return "answered"
	case !now.Before(t.Expires):
		return "expired"
	}
	return ""
}

// life is for how many working days a link works, and kept for how long the address is
// kept after that.
const (
	life = 20
	kept = 180 * 24 * time.Hour
)

// Form is what a case is turned by mail with.
type Form struct {
	Name, Email string
	Unit        string // id of an area, "" for none
	Note        string
}

// check tidies the form: Invalid at nombre, correo and nota.
func (f *Form) check() error {
	f.Note = text.Tidy(f.Note)
	name, email, err := cases.CheckAddress(f.Name, f.Email)
	f.Name, f.Email = name, email
	if n := len([]rune(f.Note)); n > cases.MaxReason {
		return also(err, plaza.FieldError{Field: "nota", Key: "cases.error.long", Args: map[string]any{"max": cases.MaxReason, "length": n}})
	}
	return err
}

// also adds what is wrong with a field to what is wrong with others.
func also(err error, wrong ...plaza.FieldError) error {
	e, ok := errors.AsType[*plaza.Error](err)
	if err != nil && (!ok || len(e.Fields) == 0) {
		return err
	}
	if ok {
		wrong = append(append([]plaza.FieldError{}, e.Fields...), wrong...)
	}
	if len(wrong) == 0 {
		return nil
	}
	return &plaza.Error{Kind: plaza.Invalid, Key: "cases.error.form", Fields: wrong}
}

// Draft is what somebody would answer, as it lies with the case.
type Draft struct {
	ID      string
	Case    string
	Turn    string
	State   string // open, sent, signing, returned, used
	Form    cases.AnswerForm
	Note    string
	Version int
	Updated time.Time
}

// The states of a draft that matter here; the others are the liaison's.
const (
	draftOpen     = "open"
	draftSent     = "sent"
	draftReturned = "returned"
)

// editable reports whether the person may still change it: not once the liaison has
// begun to sign or publish it.
func (d Draft) editable() bool {
	return d.ID == "" || d.State == draftOpen || d.State == draftSent || d.State == draftReturned
}

// says reports whether the draft is what somebody has just written, again.
func (d Draft) says(in Written) bool {
	return d.Form.Outcome == in.Outcome && d.Form.Body == in.Body && d.Note == in.Note && in.Send == (d.State == draftSent)
}

// check tidies what was written for a kind of case, which may be of any shape: what an
// official answer needs is asked for when it is published. Invalid at resultado, texto and
// nota; what is sent has a text.
func (in *Written) check(k cases.Kind) error {
	in.Body, in.Note = text.Tidy(in.Body), text.Tidy(in.Note)
	var wrong plaza.Mistakes
	wrong.Hold(in.Outcome == "" || slices.Contains(cases.OutcomesFor(k), in.Outcome), "resultado", "cases.error.outcome", nil)
	wrong.Hold(!in.Send || !text.Blank(in.Body), "texto", "cases.error.answer", nil)
	wrong.Length("texto", in.Body, cases.MaxAnswer, "cases.error.long")
	wrong.Length("nota", in.Note, cases.MaxReason, "cases.error.long")
	return also(nil, wrong...)
}
