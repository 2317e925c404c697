package cases

import (
	"fmt"
	"time"

	"plaza/internal/base/db"
	"plaza/internal/base/text"
	"plaza/internal/civic/access"
	"plaza/internal/civic/gate"
	"plaza/internal/civic/privacy"
	"plaza/internal/civic/record"
	"plaza/internal/plaza"
)

// SupportPoint is where what supporters say is collected.
const SupportPoint = "case_support"

// What readers do to a case. The record tells of it, so that counts are the same
// everywhere, but a case's own line through time does not.
const (
	supported   StepKind = "supported"
	unsupported StepKind = "unsupported"
	foundClear  StepKind = "found_clear"   // a reader understands the answer
	foundDark   StepKind = "found_unclear" // or does not
)

// Supporter is somebody who needs the same as the asker of a case.
type Supporter struct {
	Person string // id, for Plaza alone
	// Account says that they have one: who asked by mail and came along with a case that was
	// merged has none.
	Account bool
	Why     string // what they need it for, for the institution alone
	At      time.Time
	From    string // id of the case that was merged into this one and brought them, or ""
}

// perReader is how often one reader may support cases or mark answers.
var perReader = gate.Limit{Name: "case.reader", Max: 100, Window: time.Hour, Key: "cases.error.often_read"}

// reads begins what a reader does to a public case: who acts may, and the case is held
// until the transaction ends. Its version stays: nobody who acts on it is in the way.
func (cs *Cases) reads(tx *db.Tx, id string) (Case, error) {
	c, err := one(tx.Row(`UPDATE cases SET supports = supports WHERE id = $1 RETURNING `+columns, id))
	if err != nil {
		return c, err
	}
	if !c.Public() {
		return c, errNotFound
	}
	actor := plaza.ActorFrom(tx.Context())
	if err := access.Check(actor, access.CaseSupport, access.Object{Kind: RefKind, Institution: c.Institution}); err != nil {
		return c, err
	}
	return c, cs.Gate.Brake(tx, perReader, actor.PersonID)
}

// Support says that who acts needs the same as the asker, once; saying it again changes
// what they need it for. Asking is supporting already: an asker's own case is a
// Conflict, and so is one that is closed. Invalid at para.
func (cs *Cases) Support(tx *db.Tx, id, why string) (Case, []record.Act, error) {
	c, err := cs.reads(tx, id)
	if err != nil {
		return c, nil, err
	}
	actor := plaza.ActorFrom(tx.Context())
	why = text.Tidy(why)
	var w wrong
	w.length("para", why, MaxNeed)
	switch {
	case c.Asker.Is(By(actor)):
		return c, nil, plaza.E(plaza.Conflict, "cases.error.support_own")
	case c.State == Closed:
		return c, nil, errState
	case w.err() != nil:
		return c, nil, w.err()
	}
	if why != "" {
		if err := privacy.Consent(tx, privacy.Who{Person: actor.PersonID}, SupportPoint); err != nil {
			return c, nil, err
		}
	}
	n, err := tx.Exec(`INSERT INTO case_supports (case_id, who, why, at) VALUES ($1, $2, $3, $4) ON CONFLICT (case_id, who) DO NOTHING`, c.ID, actor.PersonID, why, tx.Now)
	if err != nil {
		return c, nil, fmt.Errorf("supporting case %s: %w", c.Folio, err)
	}
	if n == 0 {
		_, err := tx.Exec(`UPDATE case_supports SET why = $1 WHERE case_id = $2 AND who = $3`, why, c.ID, actor.PersonID)
		return c, nil, err
	}
	return count(tx, c, 1, supported)
}

// Unsupport takes that back; for who did not support the case it does nothing.
func (cs *Cases) Unsupport(tx *db.Tx, id string) (Case, []record.Act, error) {
	c, err := cs.reads(tx, id)
	if err != nil {
		return c, nil, err
	}
	n, err := tx.Exec(`DELETE FROM case_supports WHERE case_id = $1 AND who = $2`, c.ID, plaza.ActorFrom(tx.Context()).PersonID)
	if err != nil || n == 0 {
		return c, nil, err
	}
	return count(tx, c, -1, unsupported)
}

// count changes how many support a case that is held.
func count(tx *db.Tx, c Case, by int, kind StepKind) (Case, []record.Act, error) {
	if err := tx.Row(`UPDATE cases SET supports = supports + $1 WHERE id = $2 RETURNING supports`, by, c.ID).Scan(&c.Supports); err != nil {
		return c, nil, err
	}
	if err := themesFollow(tx, c.ID); err != nil {
		return c, nil, err
	}
	a := act(kind, c, facts{Supports: c.Supports})
	a.Role = plaza.Member
	return c, []record.Act{a}, nil
}

// Supporters are who supports a case, the newest first. What they need it for is for
// its institution alone.
func Supporters(tx *db.Tx, id string, limit int) ([]Supporter, error) {
	return db.All(tx, func(scan func(...any) error) (s Supporter, err error) {
		var accounts int
		err = scan(&s.Person, &s.Why, &s.At, &s.From, &accounts)
		s.Account = accounts > 0
		return s, err
	}, `SELECT who, why, at, from_id, (SELECT COUNT(p.id) FROM people p WHERE p.id = case_supports.who)
		FROM case_supports
		WHERE case_id = $1
		ORDER BY at DESC, who
		LIMIT $2`, id, limit)
}

// Reading is what readers make of a case, and what the one who looks does.
type Reading struct {
	Supports bool   // the one who looks does
	Why      string // what they said that they need it for
	Clear    int    // how many understand its answer
	Unclear  int    // and how many do not
	Marked   bool   // the one who looks said so
	AsClear  bool   // that they do
	Note     string // and what they wrote
}

// readingOf is it for a person, "" for a visitor, and the current answer to a case.
func readingOf(tx *db.Tx, c Case, person string) (r Reading, err error) {
	if c.Answer != "" {
		if err := tx.Row(`SELECT COALESCE(SUM(clear), 0), COALESCE(SUM(1 - clear), 0) FROM case_answer_marks WHERE answer_id = $1`, c.Answer).Scan(&r.Clear, &r.Unclear); err != nil {
			return r, err
		}
	}
	if person == "" {
		return r, nil
	}
	err = tx.Row(`SELECT why FROM case_supports WHERE case_id = $1 AND who = $2`, c.ID, person).Scan(&r.Why)
	if r.Supports = err == nil; err != nil && plaza.KindOf(err) != plaza.NotFound {
		return r, err
	}
	var yes int
	err = tx.Row(`SELECT clear, note FROM case_answer_marks WHERE answer_id = $1 AND who = $2`, c.Answer, person).Scan(&yes, &r.Note)
	if r.Marked = err == nil; err != nil && plaza.KindOf(err) != plaza.NotFound {
		return r, err
	}
	r.AsClear = yes == 1
	return r, nil
}

// Mark says whether who acts understands the current answer to a case, with a note that
// its institution alone reads; one who said it before says something else. Who answers
// for the institution is a Conflict, and so is a case without an answer. Invalid at nota.
func (cs *Cases) Mark(tx *db.Tx, id string, clear bool, note string) (Case, []record.Act, error) {
	c, err := cs.reads(tx, id)
	if err != nil {
		return c, nil, err
	}
	actor := plaza.ActorFrom(tx.Context())
	note = text.Tidy(note)
	var w wrong
	w.length("nota", note, MaxReason)
	switch {
	case c.Answer == "":
		return c, nil, errState
	case access.Can(actor, access.CaseAnswer, access.Object{Kind: RefKind, Institution: c.Institution}):
		return c, nil, plaza.E(plaza.Conflict, "cases.error.mark_own")
	case w.err() != nil:
		return c, nil, w.err()
	}
	was, err := readingOf(tx, c, actor.PersonID)
	if err != nil {
		return c, nil, err
	}
	kind, as := foundDark, 0
	if clear {
		kind, as, note = foundClear, 1, ""
	}
	if _, err := tx.Exec(`INSERT INTO case_answer_marks (answer_id, who, clear, note, at)
		VALUES ($1, $2, $3, $4, $5)
		ON CONFLICT (answer_id, who) DO UPDATE SET clear = excluded.clear, note = excluded.note, at = excluded.at`,
		c.Answer, actor.PersonID, as, note, tx.Now); err != nil {
		return c, nil, fmt.Errorf("marking the answer to case %s: %w", c.Folio, err)
	}
	if was.Marked && was.AsClear == clear {
		return c, nil, nil
	}
	a := act(kind, c, facts{Answer: c.Answer})
	a.Role = plaza.Member
	return c, []record.Act{a}, nil
}

// Unclear are what readers wrote who do not understand an answer, the newest first: for
// its institution alone.
func Unclear(tx *db.Tx, answer string, limit int) ([]string, error) {
	return db.All(tx, db.Column[string], `SELECT note
		FROM case_answer_marks
		WHERE answer_id = $1 AND clear = 0 AND note <> ''
		ORDER BY at DESC, who
		LIMIT $2`, answer, limit)
}
