package cases

import (
	"plaza/internal/base/db"
	"plaza/internal/civic/moderation"
	"plaza/internal/civic/record"
	"plaza/internal/plaza"
)

// What the asker of a case does. by is who they are: a person, or somebody without an
// account who came by a link that was mailed to them.

// Reply says what was asked of the asker, or something more: a clock that stood still
// runs again, and a case that lapsed is open again. Invalid at texto. A text held by
// moderation is not shown meanwhile; the clock runs all the same.
func (cs *Cases) Reply(tx *db.Tx, id, body string, by Asker, from From) (Case, []record.Act, error) {
	c, err := pin(tx, id)
	if err != nil {
		return c, nil, err
	}
	was := c.State
	if c, _, err = cs.startWith(tx, c, Reply, by); err != nil {
		return c, nil, err
	}
	s, err := cs.said(tx, c, Step{Kind: InfoGiven}, body, by, from)
	if err != nil {
		return c, nil, err
	}
	f := facts{}
	switch was {
	case NeedsInfo:
		if f, err = resume(tx, &c); err != nil {
			return c, nil, err
		}
		s.Facts.Due = c.Due
	case Closed:
		c.Reason, c.Settled = "", zero
		k, err := cs.startClocks(tx, &c, tx.Now)
		if err != nil {
			return c, nil, err
		}
		f, s.Facts.Due = ofClock(k), k.Due
	}
	a, err := cs.finish(tx, c, s, f)
	a.Role = plaza.Member
	return c, []record.Act{a}, err
}

// said is a step with what the asker says, judged by moderation.
func (cs *Cases) said(tx *db.Tx, c Case, s Step, body string, by Asker, from From) (Step, error) {
	var err error
	if s.Body, err = reason("texto", body, s.Kind != WasWithdrawn && s.Kind != WasAccepted); err != nil {
		return s, err
	}
	s.ID = tx.ID()
	verdict, err := cs.screenText(tx, c, by, s.Body, from)
	if err != nil || !verdict.Hold {
		return s, err
	}
	s.Standing = moderation.Held
	return s, cs.Screen.Hold(tx, plaza.Ref{Kind: StepRefKind, ID: s.ID}, c.Institution, verdict)
}

// Accept accepts the official answer.
func (cs *Cases) Accept(tx *db.Tx, id string, by Asker) (Case, []record.Act, error) {
	c, _, err := cs.start(tx, id, Accept, by)
	if err != nil {
		return c, nil, err
	}
	return cs.settle(tx, c, Step{Kind: WasAccepted})
}

// settle ends a case that was answered.
func (cs *Cases) settle(tx *db.Tx, c Case, s Step) (Case, []record.Act, error) {
	c.WaitsUntil = zero
	f := facts{Outcome: c.Outcome, Answer: c.Answer}
	if err := total(tx, c, &f); err != nil {
		return c, nil, err
	}
	a, err := cs.finish(tx, c, s, f)
	if s.Kind == WasAccepted {
		a.Role = plaza.Member
	}
	return c, []record.Act{a}, err
}

// Reopen does not accept the official answer, once and for a reason that everybody reads:
// a new clock of the same length begins. Invalid at texto.
func (cs *Cases) Reopen(tx *db.Tx, id, why string, by Asker, from From) (Case, []record.Act, error) {
	c, _, err := cs.start(tx, id, Reopen, by)
	if err != nil {
		return c, nil, err
	}
	s, err := cs.said(tx, c, Step{Kind: WasReopened}, why, by, from)
	if err != nil {
		return c, nil, err
	}
	c.Reopenings, c.WaitsUntil = c.Reopenings+1, zero
	k, err := cs.startClocks(tx, &c, tx.Now)
	if err != nil {
		return c, nil, err
	}
	s.Facts.Due = k.Due
	a, err := cs.finish(tx, c, s, ofClock(k))
	a.Role = plaza.Member
	return c, []record.Act{a}, err
}

// Withdraw takes a case back. Its page stays, as what was said in public does. Invalid at
// texto.
func (cs *Cases) Withdraw(tx *db.Tx, id, why string, by Asker, from From) (Case, []record.Act, error) {
	c, _, err := cs.start(tx, id, Withdraw, by)
	if err != nil {
		return c, nil, err
	}
	s, err := cs.said(tx, c, Step{Kind: WasWithdrawn}, why, by, from)
	if err != nil {
		return c, nil, err
	}
	c, acts, err := cs.close(tx, c, Withdrawn, s)
	for i := range acts {
		acts[i].Role = plaza.Member
	}
	return c, acts, err
}
