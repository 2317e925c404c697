package cases

import (
	"fmt"
	"time"

	"plaza/internal/base/db"
	"plaza/internal/base/text"
	"plaza/internal/civic/calendar"
	"plaza/internal/civic/institution"
	"plaza/internal/civic/record"
	"plaza/internal/plaza"
)

// HandoverState is where a hand-over stands.
type HandoverState string

// The states of a hand-over.
const (
	HandoverOpen     HandoverState = "asked"
	HandoverAccepted HandoverState = "accepted"
	HandoverReturned HandoverState = "returned"
	HandoverBack     HandoverState = "taken_back" // or the case was answered or closed meanwhile
)

// Handover is that an institution was asked to take a case over. Until it says whether it
// does, the case and its clock are those of who asked; the question has a clock of its own.
type Handover struct {
	ID      string
	Case    string
	From    string // id of an institution, "" for the coordination
	To      string
	Reason  string
	State   HandoverState
	Answer  string // why it was returned
	At      time.Time
	Decided time.Time
}

const handoverColumns = `id, case_id, from_body, to_body, reason, state, answer, at, decided_at`

func scanHandover(scan func(...any) error) (h Handover, err error) {
	err = scan(&h.ID, &h.Case, &h.From, &h.To, &h.Reason, &h.State, &h.Answer, &h.At, &h.Decided)
	return h, err
}

// Handovers are those of a case, oldest first.
func Handovers(tx *db.Tx, id string) ([]Handover, error) {
	return db.All(tx, scanHandover, `SELECT `+handoverColumns+`
		FROM case_handovers
		WHERE case_id = $1
		ORDER BY at, id
		LIMIT 100`, id)
}

// HandoversTo are what an institution is asked to take over, oldest first.
func HandoversTo(tx *db.Tx, body string, limit int) ([]Handover, error) {
	return db.All(tx, scanHandover, `SELECT `+handoverColumns+`
		FROM case_handovers
		WHERE to_body = $1 AND state = 'asked'
		ORDER BY at, id
		LIMIT $2`, body, limit)
}

// OpenHandover is the one of a case that is not decided; ok is false for none.
func OpenHandover(tx *db.Tx, id string) (h Handover, ok bool, err error) {
	h, err = scanHandover(tx.Row(`SELECT `+handoverColumns+`
		FROM case_handovers
		WHERE case_id = $1 AND state = 'asked'`, id).Scan)
	if plaza.KindOf(err) == plaza.NotFound {
		return h, false, nil
	}
	return h, err == nil, err
}

// For is the case as the acts of an institution that was asked to take it over see it:
// For(body).Can(actor, by, TakeOver).
func (c Case) For(body string) Case {
	c.Institution = body
	return c
}

// HandOver asks another institution to take a case over, for a reason that everybody
// reads. The clock to the answer goes on; that to the decision begins. Invalid at
// institucion and motivo; a Conflict while another is asked.
func (cs *Cases) HandOver(tx *db.Tx, id, to, why string) (Case, []record.Act, error) {
	c, voice, err := cs.start(tx, id, Hand, Asker{})
	if err != nil {
		return c, nil, err
	}
	if _, open, err := OpenHandover(tx, c.ID); err != nil || open {
		if open {
			err = plaza.E(plaza.Conflict, "cases.error.handover_open")
		}
		return c, nil, err
	}
	body, err := institution.ByID(tx, to)
	if err != nil && plaza.KindOf(err) != plaza.NotFound {
		return c, nil, err
	}
	var w wrong
	w.hold(err == nil && to != c.Institution && !body.Extinct(), "institucion", "institution", nil)
	why = text.Tidy(why)
	w.hold(!text.Blank(why), "motivo", "reason", nil)
	w.length("motivo", why, MaxReason)
	if err := w.err(); err != nil {
		return c, nil, err
	}
	k, err := cs.askBody(tx, c, body.ID)
	if err != nil {
		return c, nil, err
	}
	if _, err := tx.Exec(`INSERT INTO case_handovers (id, case_id, from_body, to_body, reason, state, at) VALUES (`+db.Placeholders(1, 7)+`)`,
		tx.ID(), c.ID, c.Institution, body.ID, why, HandoverOpen, tx.Now); err != nil {
		return c, nil, fmt.Errorf("storing a hand-over: %w", err)
	}
	f := ofClock(k)
	f.Now = body.ID
	a, err := cs.finish(tx, c, Step{Kind: HandoverAsked, Voice: voice, Body: why, Facts: StepFacts{Institution: body.Name, Until: k.Due, Days: k.Days}}, f)
	return c, []record.Act{a}, err
}

// askBody starts the clock within which an institution says whether it takes a case over.
func (cs *Cases) askBody(tx *db.Tx, c Case, body string) (Clock, error) {
	terms, err := ReadTerms(tx)
	if err != nil {
		return Clock{}, err
	}
	who, err := cs.responsible(tx, body)
	if err != nil {
		return Clock{}, err
	}
	by, err := calendar.BusinessOf(tx, who.Institution)
	if err != nil {
		return Clock{}, err
	}
	k := Start(ToDecide, ruleName(string(ToDecide), terms.Version), terms.Handover, by, tx.Now)
	k.ID, k.Case, k.Body, k.Responsible = tx.ID(), c.ID, who.Institution, who.Level
	if now, ok, err := clockOf(tx, c.ID, ToAnswer); err != nil {
		return k, err
	} else if ok {
		k.Round = now.Round
	}
	return k, putClock(tx, k)
}

// decide ends a hand-over that is open, and its clock.
func decide(tx *db.Tx, c *Case, h Handover, to HandoverState, said string, f *facts) error {
	n, err := tx.Exec(`UPDATE case_handovers SET state = $1, answer = $2, decided_at = $3 WHERE id = $4 AND state = 'asked'`, to, said, tx.Now, h.ID)
	if err != nil {
		return fmt.Errorf("deciding a hand-over: %w", err)
	}
	if n == 0 {
		return errState
	}
	by := ByDeciding
	if to == HandoverBack {
		by = ByClosing // nobody waits for a decision any more
	}
	return stop(tx, c, ToDecide, by, f)
}

// dropHandover ends what another institution was asked of a case that nobody owes an
// answer to any more.
func dropHandover(tx *db.Tx, c Case) error {
	h, open, err := OpenHandover(tx, c.ID)
	if err != nil || !open {
		return err
	}
	return decide(tx, &c, h, HandoverBack, "", &facts{})
}

// TakeBack takes back what another institution was asked, as long as it has not decided.
// Invalid at motivo.
func (cs *Cases) TakeBack(tx *db.Tx, id, why string) (Case, []record.Act, error) {
	c, voice, err := cs.start(tx, id, TakeBack, Asker{})
	if err != nil {
		return c, nil, err
	}
	h, name, err := handoverNamed(tx, c)
	if err != nil {
		return c, nil, err
	}
	if why, err = reason("motivo", why, false); err != nil {
		return c, nil, err
	}
	f := facts{Now: h.To}
	if err := decide(tx, &c, h, HandoverBack, "", &f); err != nil {
		return c, nil, err
	}
	a, err := cs.finish(tx, c, Step{Kind: HandoverUndone, Voice: voice, Body: why, Facts: StepFacts{Institution: name}}, f)
	return c, []record.Act{a}, err
}

// handoverNamed is the open hand-over of a case, with the name of who was asked; a
// Conflict when there is none.
func handoverNamed(tx *db.Tx, c Case) (Handover, string, error) {
	h, open, err := OpenHandover(tx, c.ID)
	if err == nil && !open {
		err = errState
	}
	if err != nil {
		return h, "", err
	}
	body, err := institution.ByID(tx, h.To)
	return h, body.Name, err
}

// Return says that the institution that was asked does not take a case over, and why.
// Invalid at motivo.
func (cs *Cases) Return(tx *db.Tx, id, why string) (Case, []record.Act, error) {
	c, err := pin(tx, id)
	if err != nil {
		return c, nil, err
	}
	h, name, err := handoverNamed(tx, c)
	if err != nil {
		return c, nil, err
	}
	c, voice, err := cs.startWith(tx, c.For(h.To), Return, Asker{})
	if err != nil {
		return c, nil, err
	}
	c = c.For(h.From)
	if why, err = reason("motivo", why, true); err != nil {
		return c, nil, err
	}
	f := facts{Was: h.To}
	if err := decide(tx, &c, h, HandoverReturned, why, &f); err != nil {
		return c, nil, err
	}
	a, err := cs.finish(tx, c, Step{Kind: HandoverRefused, Voice: voice, Body: why, Facts: StepFacts{Institution: name}}, f)
	return c, []record.Act{a}, err
}

// TakeOver takes a case over for the institution that was asked: it is that institution's
// from now on, under the same folio. What is promised to the asker does not move: the
// clock to the answer was begun when it was asked, and its due date stands; only who owes
// it changes, so the old clock is stopped as moved and one of the new body is as old, as
// long and as far extended. A case that waited for its asker waits no more.
func (cs *Cases) TakeOver(tx *db.Tx, id string) (Case, []record.Act, error) {
	c, err := pin(tx, id)
	if err != nil {
		return c, nil, err
	}
	h, name, err := handoverNamed(tx, c)
	if err != nil {
		return c, nil, err
	}
	waited := c.State == NeedsInfo
	c, voice, err := cs.startWith(tx, c.For(h.To), TakeOver, Asker{})
	if err != nil {
		return c, nil, err
	}
	if waited {
		if _, err := resume(tx, &c); err != nil {
			return c, nil, err
		}
	}
	f := facts{}
	if err := decide(tx, &c, h, HandoverAccepted, "", &f); err != nil {
		return c, nil, err
	}
	c.MovedFrom, c.Unit = h.From, ""
	if c.Acknowledged.IsZero() { // taken up, by another than who should have
		c.Acknowledged = tx.Now
		if err := stop(tx, &c, ToAcknowledge, ByMoving, &facts{}); err != nil {
			return c, nil, err
		}
	}
	k, ok, err := cs.passClock(tx, c)
	if err != nil {
		return c, nil, err
	}
	if ok {
		f = with(f, ofClock(k))
	}
	f.Was, f.Now = h.From, h.To
	if err := reindex(tx, c, ""); err != nil {
		return c, nil, err
	}
	a, err := cs.finish(tx, c, Step{Kind: HandoverTaken, Voice: voice, Facts: StepFacts{Institution: name, Was: h.From, Due: c.Due}}, f)
	if err != nil {
		return c, nil, err
	}
	return cs.routed(tx, c, a)
}

// passClock passes a case's clock to its answer on to its institution.
func (cs *Cases) passClock(tx *db.Tx, c Case) (Clock, bool, error) {
	k, ok, err := clockOf(tx, c.ID, ToAnswer)
	if err != nil || !ok {
		return k, false, err
	}
	who, err := cs.responsible(tx, c.Institution)
	if err != nil {
		return k, false, err
	}
	by, err := calendar.BusinessOf(tx, who.Institution)
	if err != nil {
		return k, false, err
	}
	old := k
	old.Stopped, old.StoppedBy = tx.Now, ByMoving
	if err := putClock(tx, old); err != nil {
		return k, false, err
	}
	k.ID, k.Body, k.Responsible, k.Calendar, k.Escalated = tx.ID(), who.Institution, who.Level, by.Version, 0
	return k, true, putClock(tx, k)
}
