package moderation

import (
	"cmp"
	"fmt"
	"slices"
	"time"
	"unicode/utf8"

	"plaza/internal/base/db"
	"plaza/internal/civic/access"
	"plaza/internal/civic/account"
	"plaza/internal/civic/record"
	"plaza/internal/plaza"
)

// Order is what a moderator wants done.
type Order struct {
	Case   string
	Seen   string // what the page said the case was like; another case by now is a Conflict
	Report string // the newest report that the page showed; later ones stay open
	Act    Act
	Reason string
	Note   string // the author reads it
	Days   int    // of a suspension
	Into   string // id of the thread to merge into, or an address that ends in it
	Among  string // or the id of one that was chosen
}

// maxNote is the length of what moderators write to authors, and of appeals, in runes.
const maxNote = 2000

// suspensions are for how many days somebody may be suspended.
var suspensions = []int{1, 3, 7, 30, 90, 365}

// Decide does what a moderator wants, with all that follows from it, once: of two who
// act at once on what they saw, the second gets a Conflict and nothing is done. It
// appends to the record, so it is the last statement of its transaction.
func (d *Desk) Decide(tx *db.Tx, o Order) (Decision, error) {
	actor := plaza.ActorFrom(tx.Context())
	c, err := caseByID(tx, o.Case)
	if err != nil {
		return Decision{}, err
	}
	doing, known := doings[o.Act]
	if !known {
		return Decision{}, plaza.E(plaza.NotFound, "moderation.error.no_act")
	}
	if err := access.Check(actor, doing.action, c.on()); err != nil {
		return Decision{}, err
	}
	if c.by(actor) {
		return Decision{}, plaza.E(plaza.Forbidden, "moderation.error.own")
	}
	if o.Act == Warn || o.Act == Suspend {
		if err := account.CheckDiscipline(tx, c.Author); err != nil {
			return Decision{}, err
		}
	}
	t, err := d.thing(tx, c.Object)
	if err != nil {
		return Decision{}, err
	}
	if o.Seen != d.token(c, t) || !slices.Contains(d.possible(c, t), o.Act) {
		return Decision{}, overtaken()
	}
	if err := o.check(); err != nil {
		return Decision{}, err
	}
	if err := d.take(tx, c); err != nil {
		return Decision{}, err
	}
	dec := Decision{ID: tx.ID(), Case: c.ID, Object: c.Object, Act: o.Act, Reason: o.Reason, Note: o.Note,
		StateWas: t.State, Author: c.Author, By: actor.PersonID, Month: d.month(tx.Now), At: tx.Now}
	dec.Role, dec.Institution = capacity(actor, doing.action, c.on())
	acts, err := d.apply(tx, t, o, &dec)
	if err != nil {
		return Decision{}, err
	}
	if err := insertDecision(tx, dec); err != nil {
		return Decision{}, err
	}
	if !access.Can(actor, access.ContentHide, c.on()) {
		o.Report = "" // whoever may only let through does not attend to what was reported
	}
	if doing.closes {
		if err := attend(tx, c, o.Report); err != nil {
			return Decision{}, err
		}
	}
	return dec, record.Append(tx, append(acts, dec.record(doing.verb))...)
}

func overtaken() error { return plaza.E(plaza.Conflict, "moderation.error.overtaken") }

// Approve lets a post through that waits for review, as it stands now: for programs,
// which see no page that may be overtaken. The actor has to be allowed to release it.
// NotFound when nothing is held under that name.
func (d *Desk) Approve(tx *db.Tx, post plaza.Ref, note string) (Decision, error) {
	var id string
	if err := tx.Row(`SELECT id FROM moderation_cases WHERE object_kind = $1 AND object_id = $2 AND closed_at IS NULL`,
		post.Kind, post.ID).Scan(&id); err != nil {
		return Decision{}, err
	}
	c, err := caseByID(tx, id)
	if err != nil {
		return Decision{}, err
	}
	t, err := d.thing(tx, c.Object)
	if err != nil {
		return Decision{}, err
	}
	return d.Decide(tx, Order{Case: id, Seen: d.token(c, t), Act: Release, Reason: "in_order", Note: note})
}

// take makes the case this transaction's: whoever saw the same version comes too late.
func (d *Desk) take(tx *db.Tx, c Case) error {
	n, err := tx.Exec(`UPDATE moderation_cases
		SET version = version + 1, claimed_by = '', claimed_at = NULL
		WHERE id = $1 AND version = $2`, c.ID, c.Version)
	if err != nil {
		return fmt.Errorf("deciding a case: %w", err)
	}
	if n == 0 {
		return overtaken()
	}
	return nil
}

// possible are the acts that make sense for a case as it stands, whoever looks at it.
func (d *Desk) possible(c Case, t thing) (acts []Act) {
	post := t.found && !t.card
	set, open := post && t.kind.Set != nil, c.Closed.IsZero()
	waits := c.Held && open && post && (t.State == Held || t.Edit)
	for _, a := range Acts {
		ok := false
		switch a {
		case Release, Refuse:
			ok = set && waits
		case Keep:
			ok = open && !waits
		case Restore:
			ok = set && t.State == Hidden
		case Hide:
			ok = set && t.State == Public
		case Lock:
			ok = post && t.kind.Lock != nil && !t.Locked && t.State == Public
		case Unlock:
			ok = post && t.kind.Lock != nil && t.Locked
		case Merge:
			ok = post && t.kind.Merge != nil && t.State == Public && !t.Part
		case Split:
			ok = post && t.kind.Split != nil && t.Into != ""
		case Warn:
			ok = c.Author != ""
		case Suspend:
			ok = c.Author != "" && d.Config.Suspend != nil
		}
		if ok {
			acts = append(acts, a)
		}
	}
	return acts
}

// check reports what is wrong with an order, field by field.
func (o Order) check() error {
	wrong := &plaza.Error{Kind: plaza.Invalid, Key: "moderation.error.form"}
	refuse := func(field, key string) {
		wrong.Fields = append(wrong.Fields, plaza.FieldError{Field: field, Key: key, Args: map[string]any{"max": maxNote}})
	}
	if !slices.Contains(reasonsFor(o.Act), o.Reason) {
		refuse("reason", "moderation.error.choose")
	}
	switch n := utf8.RuneCountInString(o.Note); {
	case n > maxNote:
		refuse("note", "moderation.error.length")
	case n == 0 && o.Reason == "other":
		refuse("note", "moderation.error.say_why")
	}
	if o.Act == Suspend && !slices.Contains(suspensions, o.Days) {
		refuse("days", "moderation.error.choose")
	}
	if o.Act == Merge {
		switch typed := threadID(o.Into); {
		case o.Into != "" && typed == "" || o.Into == "" && o.Among == "":
			refuse("into", "moderation.error.into")
		case o.Into != "" && o.Among != "" && typed != o.Among:
			refuse("into", "moderation.error.into_two")
		}
	}
	if len(wrong.Fields) > 0 {
		return wrong
	}
	return nil
}

// threadID is the last id in what was typed or pasted, "" for none.
func threadID(s string) string {
	all := plaza.IDs(s)
	if len(all) == 0 {
		return ""
	}
	return all[len(all)-1]
}

// apply does what an act is about.
func (d *Desk) apply(tx *db.Tx, t thing, o Order, dec *Decision) ([]record.Act, error) {
	switch o.Act {
	case Release, Restore:
		return t.kind.Set(tx, t.Ref.ID, Public)
	case Refuse:
		return t.kind.Set(tx, t.Ref.ID, Refused)
	case Hide:
		return t.kind.Set(tx, t.Ref.ID, Hidden)
	case Lock, Unlock:
		return t.kind.Lock(tx, t.Ref.ID, o.Act == Lock)
	case Merge:
		dec.Into = cmp.Or(threadID(o.Into), o.Among)
		return d.merge(tx, t, dec.Into)
	case Split:
		dec.Into = t.Into
		return t.kind.Split(tx, t.Ref.ID)
	case Suspend:
		dec.Until = tx.Now.Add(time.Duration(o.Days) * 24 * time.Hour)
		return d.Config.Suspend(tx, dec.Author, dec.Until, dec.ID)
	}
	return nil, nil
}

// NoMerge is why no thread can be merged into the one that a moderator named, told at its
// field: its words are "moderation.error.into_" and why.
func NoMerge(why string) error {
	return &plaza.Error{Kind: plaza.Invalid, Key: "moderation.error.form",
		Fields: []plaza.FieldError{{Field: "into", Key: "moderation.error.into_" + why}}}
}

// merge puts a thread into another, about which the actor has to be impartial too.
func (d *Desk) merge(tx *db.Tx, t thing, id string) ([]record.Act, error) {
	into, err := d.thing(tx, plaza.Ref{Kind: t.Ref.Kind, ID: id})
	if err != nil {
		return nil, err
	}
	if !into.found {
		return nil, NoMerge("gone")
	}
	actor := plaza.ActorFrom(tx.Context())
	if into.Author == actor.PersonID && id != t.Ref.ID {
		return nil, NoMerge("own")
	}
	if err := access.Check(actor, access.ContentMerge, access.Object{Kind: into.Ref.Kind, Institution: into.Institution}); err != nil {
		return nil, err
	}
	return t.kind.Merge(tx, t.Ref.ID, id)
}

// attend closes the reports that were seen, and the case when no others have come.
func attend(tx *db.Tx, c Case, seen string) error {
	if _, err := tx.Exec(`UPDATE moderation_reports SET closed_at = $1
		WHERE case_id = $2 AND closed_at IS NULL AND id <= $3`, tx.Now, c.ID, seen); err != nil {
		return fmt.Errorf("closing reports: %w", err)
	}
	if _, err := tx.Exec(`UPDATE moderation_cases SET held = $1 WHERE id = $2`, false, c.ID); err != nil {
		return fmt.Errorf("closing a case: %w", err)
	}
	if _, err := tx.Exec(`UPDATE moderation_cases SET closed_at = $1
		WHERE id = $2 AND NOT EXISTS (SELECT 1 FROM moderation_reports WHERE case_id = $2 AND closed_at IS NULL)`, tx.Now, c.ID); err != nil {
		return fmt.Errorf("closing a case: %w", err)
	}
	return nil
}

// capacity is in which role the actor may do it, and for which institution.
func capacity(actor plaza.Actor, action access.Action, on access.Object) (plaza.Role, string) {
	for _, g := range actor.Grants {
		as := actor
		as.Grants = []plaza.Grant{g}
		if access.Can(as, action, on) {
			return g.Role, g.Institution
		}
	}
	return plaza.Moderator, ""
}

// record is the decision's entry. It bears no institution: who follows one is not told
// of every post that was refused there.
func (dec Decision) record(verb string) record.Act {
	return record.Act{Verb: verb, Object: dec.Ref(), Role: dec.Role, Payload: facts{Act: string(dec.Act), Reason: dec.Reason}}
}

func insertDecision(tx *db.Tx, dec Decision) error {
	if _, err := tx.Exec(`INSERT INTO moderation_decisions
		(id, case_id, act, reason, note, state_was, into_ref, until_at, author_id, decided_by, role, institution, month, created_at)
		VALUES (`+db.Placeholders(1, 14)+`)`,
		dec.ID, dec.Case, string(dec.Act), dec.Reason, dec.Note, string(dec.StateWas), dec.Into, dec.Until, dec.Author,
		dec.By, string(dec.Role), dec.Institution, dec.Month, dec.At); err != nil {
		return fmt.Errorf("noting a decision: %w", err)
	}
	return nil
}
