package cases

import (
	"fmt"
	"slices"
	"time"

	"plaza/internal/base/db"
	"plaza/internal/base/text"
	"plaza/internal/civic/access"
	"plaza/internal/civic/calendar"
	"plaza/internal/civic/institution"
	"plaza/internal/civic/moderation"
	"plaza/internal/civic/record"
	"plaza/internal/civic/search"
	"plaza/internal/plaza"
)

// start begins an act on a case: the case is held until the transaction ends, whoever
// acts may do it and the case stands where it can be done. The case returned is in the
// state to which the act leads. by is who acts as an asker; the voice is as whom an
// official acts.
func (cs *Cases) start(tx *db.Tx, id string, a Act, by Asker) (Case, institution.Voice, error) {
	c, err := pin(tx, id)
	if err != nil {
		return c, institution.Voice{}, err
	}
	return cs.startWith(tx, c, a, by)
}

// startWith is start for a case that is held already.
func (cs *Cases) startWith(tx *db.Tx, c Case, a Act, by Asker) (Case, institution.Voice, error) {
	to, action, err := c.next(a)
	if err != nil {
		return c, institution.Voice{}, err
	}
	actor := plaza.ActorFrom(tx.Context())
	if action != access.CaseOwn { // a role counts at the moment of the act, however long a page was open
		if actor, err = cs.present(tx, actor); err != nil {
			return c, institution.Voice{}, err
		}
	}
	if err := c.allow(actor, by, action); err != nil {
		return c, institution.Voice{}, err
	}
	voice, err := institution.VoiceFor(tx, actor, action, c.Institution)
	c.State = to
	if settledState(to) && c.Settled.IsZero() {
		c.Settled = tx.Now
	}
	return c, voice, err
}

// finish ends an act: the case is saved as it stands now, with a step on its page. The
// act is for the caller to append to the record.
func (cs *Cases) finish(tx *db.Tx, c Case, s Step, f facts) (record.Act, error) {
	if err := save(tx, c); err != nil {
		return record.Act{}, err
	}
	if !c.Owed() {
		if err := dropHandover(tx, c); err != nil {
			return record.Act{}, err
		}
	}
	s.Case, s.Person = c.ID, plaza.ActorFrom(tx.Context()).PersonID
	if err := step(tx, s); err != nil {
		return record.Act{}, err
	}
	a := act(s.Kind, c, f)
	a.Role = s.Voice.Role
	return a, nil
}

// reason tidies what somebody has to say for an act, at a field of its form.
func reason(field, s string, required bool) (string, error) {
	s = text.Tidy(s)
	var w wrong
	w.hold(!required || !text.Blank(s), field, "reason", nil)
	w.length(field, s, MaxReason)
	return s, w.err()
}

// clockOf is the last clock of a kind that a case has and that was not stopped; ok is
// false when there is none.
func clockOf(tx *db.Tx, id string, kind ClockKind) (Clock, bool, error) {
	all, err := Clocks(tx, id)
	if err != nil {
		return Clock{}, false, err
	}
	for _, k := range slices.Backward(all[id]) {
		if k.Kind == kind && k.Stopped.IsZero() {
			return k, true, nil
		}
	}
	return Clock{}, false, nil
}

// businessOf is by what a clock counts: the calendar that it was started with.
func businessOf(tx *db.Tx, k Clock) (calendar.Business, error) {
	by, err := calendar.Restore(tx, k.Body, k.Calendar)
	if err != nil && plaza.KindOf(err) == plaza.NotFound { // a calendar that is no more
		return calendar.BusinessOf(tx, k.Body)
	}
	return by, err
}

// stop stops a case's clock of a kind, and tells the record what it took. Without such a
// clock it does nothing.
func stop(tx *db.Tx, c *Case, kind ClockKind, by Stop, f *facts) error {
	k, ok, err := clockOf(tx, c.ID, kind)
	if err != nil || !ok {
		return err
	}
	days, err := businessOf(tx, k)
	if err != nil {
		return err
	}
	if !k.Paused.IsZero() {
		k.Resume(days, tx.Now)
	}
	k.Stopped, k.StoppedBy = tx.Now, by
	if kind == ToAnswer {
		c.Due = time.Time{}
	}
	used, inTime := k.Used(days, tx.Now), k.InTime(tx.Now)
	*f = with(*f, ofClock(k))
	if by == ByAnswering || by == ByAcknowledging || by == ByDeciding {
		f.Days, f.InTime = &used, &inTime
	}
	return putClock(tx, k)
}

// with adds to facts whose clock they are of.
func with(f, clock facts) facts {
	f.Body, f.Responsible, f.Round, f.Rule, f.Calendar, f.Due = clock.Body, clock.Responsible, clock.Round, clock.Rule, clock.Calendar, clock.Due
	return f
}

// total tells the record how many working days a case took in all.
func total(tx *db.Tx, c Case, f *facts) error {
	all, err := Clocks(tx, c.ID)
	if err != nil {
		return err
	}
	n := 0
	if i := slices.IndexFunc(all[c.ID], func(k Clock) bool { return k.Kind == ToAnswer }); i >= 0 {
		by, err := businessOf(tx, all[c.ID][i])
		if err != nil {
			return err
		}
		n = by.DaysBetween(c.Asked, tx.Now)
	}
	f.Total = &n
	return nil
}

// Acknowledge takes a case up, without turning it to anybody: an acknowledgement, which
// stops no clock but its own.
func (cs *Cases) Acknowledge(tx *db.Tx, id string) (Case, []record.Act, error) {
	c, voice, err := cs.start(tx, id, Acknowledge, Asker{})
	if err != nil {
		return c, nil, err
	}
	return cs.acknowledged(tx, c, Step{Kind: Acknowledged, Voice: voice}, facts{})
}

// acknowledged notes the acknowledgement that an act is.
func (cs *Cases) acknowledged(tx *db.Tx, c Case, s Step, f facts) (Case, []record.Act, error) {
	if c.Acknowledged.IsZero() {
		c.Acknowledged = tx.Now
		if err := stop(tx, &c, ToAcknowledge, ByAcknowledging, &f); err != nil {
			return c, nil, err
		}
	}
	a, err := cs.finish(tx, c, s, f)
	return c, []record.Act{a}, err
}

// Turn turns a case to an area of its institution, which acknowledges it. Invalid at the
// field area when the area is not of the institution.
func (cs *Cases) Turn(tx *db.Tx, id, unit string) (Case, []record.Act, error) {
	c, voice, err := cs.start(tx, id, Turn, Asker{})
	if err != nil {
		return c, nil, err
	}
	u, err := institution.UnitByID(tx, unit)
	if err != nil && plaza.KindOf(err) != plaza.NotFound {
		return c, nil, err
	}
	var w wrong
	w.hold(err == nil && u.InstitutionID == c.Institution && u.RetiredAt.IsZero(), "area", "unit", nil)
	if err := w.err(); err != nil {
		return c, nil, err
	}
	c.Unit = u.ID
	return cs.acknowledged(tx, c, Step{Kind: WasAssigned, Voice: voice, Facts: StepFacts{Unit: u.Name}}, facts{Unit: u.ID})
}

// AskInfo asks the asker something: the clock stands still until they reply, and the case
// is closed when they do not in time. It acknowledges the case. Invalid at texto.
func (cs *Cases) AskInfo(tx *db.Tx, id, question string) (Case, []record.Act, error) {
	c, voice, err := cs.start(tx, id, AskInfo, Asker{})
	if err != nil {
		return c, nil, err
	}
	if question, err = reason("texto", question, true); err != nil {
		return c, nil, err
	}
	terms, err := ReadTerms(tx)
	if err != nil {
		return c, nil, err
	}
	k, ok, err := clockOf(tx, c.ID, ToAnswer)
	if err != nil {
		return c, nil, err
	}
	if !ok {
		return c, nil, errState
	}
	by, err := businessOf(tx, k)
	if err != nil {
		return c, nil, err
	}
	k.Pause(tx.Now)
	if err := putClock(tx, k); err != nil {
		return c, nil, err
	}
	c.WaitsUntil = by.AddDays(tx.Now, terms.Info)
	return cs.acknowledged(tx, c, Step{Kind: InfoRequested, Voice: voice, Body: question, Facts: StepFacts{Until: c.WaitsUntil, Days: terms.Info}}, facts{})
}

// resume lets the clock of a case run again that stood still for its asker, and is what
// the record tells of it: it is due later.
func resume(tx *db.Tx, c *Case) (facts, error) {
	c.WaitsUntil = time.Time{}
	k, ok, err := clockOf(tx, c.ID, ToAnswer)
	if err != nil || !ok {
		return facts{}, err
	}
	by, err := businessOf(tx, k)
	if err != nil {
		return facts{}, err
	}
	k.Resume(by, tx.Now)
	c.Due = k.Due
	return ofClock(k), putClock(tx, k)
}

// Extend lets a case's clock run for more working days, once, for a reason that everybody
// reads. Invalid at dias and motivo; a Conflict when it was extended before.
func (cs *Cases) Extend(tx *db.Tx, id string, days int, why string) (Case, []record.Act, error) {
	c, voice, err := cs.start(tx, id, Extend, Asker{})
	if err != nil {
		return c, nil, err
	}
	k, ok, err := clockOf(tx, c.ID, ToAnswer)
	if err != nil {
		return c, nil, err
	}
	if !ok || k.Extended > 0 {
		return c, nil, plaza.E(plaza.Conflict, "cases.error.extended")
	}
	if !k.InTime(tx.Now) {
		return c, nil, plaza.E(plaza.Conflict, "cases.error.extend_late")
	}
	var w wrong
	w.hold(days >= 1 && days <= k.Days, "dias", "days", map[string]any{"max": k.Days})
	why = text.Tidy(why)
	w.hold(!text.Blank(why), "motivo", "reason", nil)
	w.length("motivo", why, MaxReason)
	if err := w.err(); err != nil {
		return c, nil, err
	}
	by, err := businessOf(tx, k)
	if err != nil {
		return c, nil, err
	}
	before := k.Due
	k.Extend(by, days)
	c.Due = k.Due
	if err := putClock(tx, k); err != nil {
		return c, nil, err
	}
	f := ofClock(k)
	a, err := cs.finish(tx, c, Step{Kind: WasExtended, Voice: voice, Body: why, Facts: StepFacts{Days: days, Due: k.Due, Before: before}}, f)
	return c, []record.Act{a}, err
}

// Close closes a case as off topic, for a reason that everybody reads. Invalid at motivo.
func (cs *Cases) Close(tx *db.Tx, id, why string) (Case, []record.Act, error) {
	c, voice, err := cs.start(tx, id, Close, Asker{})
	if err != nil {
		return c, nil, err
	}
	if why, err = reason("motivo", why, true); err != nil {
		return c, nil, err
	}
	return cs.close(tx, c, OffTopic, Step{Kind: WasClosed, Voice: voice, Body: why})
}

// close closes a case without an answer.
func (cs *Cases) close(tx *db.Tx, c Case, why Reason, s Step) (Case, []record.Act, error) {
	c.Reason, c.WaitsUntil = why, time.Time{}
	f := facts{Reason: why, Into: c.Into}
	for _, kind := range []ClockKind{ToAcknowledge, ToAnswer} {
		if err := stop(tx, &c, kind, ByClosing, &f); err != nil {
			return c, nil, err
		}
	}
	if err := total(tx, c, &f); err != nil {
		return c, nil, err
	}
	a, err := cs.finish(tx, c, s, f)
	return c, []record.Act{a}, err
}

// Convert makes a case one of another kind. Its clock goes on with the term of that kind,
// counted from the day on which it was asked; what that does to its due date is said. An
// extension stays. Invalid at clase.
func (cs *Cases) Convert(tx *db.Tx, id string, to Kind) (Case, []record.Act, error) {
	c, voice, err := cs.start(tx, id, Convert, Asker{})
	if err != nil {
		return c, nil, err
	}
	var w wrong
	w.hold(slices.Contains(Kinds, to) && to != c.Kind, "clase", "kind", nil)
	if err := w.err(); err != nil {
		return c, nil, err
	}
	was, before := c.Kind, c.Due
	c.Kind, c.Progress = to, ""
	f := facts{Was: string(was), Now: string(to)}
	k, ok, err := clockOf(tx, c.ID, ToAnswer)
	if err != nil {
		return c, nil, err
	}
	if ok {
		if k, err = converted(tx, k, to); err != nil {
			return c, nil, err
		}
		c.Due = k.Due
		f = with(f, ofClock(k))
	}
	a, err := cs.finish(tx, c, Step{Kind: WasConverted, Voice: voice, Facts: StepFacts{Was: string(was), Now: string(to), Due: c.Due, Before: before}}, f)
	return c, []record.Act{a}, err
}

// converted is a clock with the term of another kind of case, written: the one before it
// stays as it was, stopped, and this one is as old.
func converted(tx *db.Tx, k Clock, to Kind) (Clock, error) {
	terms, err := ReadTerms(tx)
	if err != nil {
		return k, err
	}
	by, err := businessOf(tx, k)
	if err != nil {
		return k, err
	}
	old := k
	old.Stopped, old.StoppedBy = tx.Now, ByMoving
	if err := putClock(tx, old); err != nil {
		return k, err
	}
	n := k.As(to, terms, by)
	n.ID = tx.ID()
	return n, putClock(tx, n)
}

// Advance says what came of the thing itself: of a request or a quality report, one of
// ProgressOf. A report is fixed with a resource as it is at a version. Invalid at avance.
func (cs *Cases) Advance(tx *db.Tx, id string, to Progress, resource, version string) (Case, []record.Act, error) {
	c, voice, err := cs.start(tx, id, Advance, Asker{})
	if err != nil {
		return c, nil, err
	}
	var w wrong
	w.hold(slices.Contains(ProgressOf(c.Kind), to) && to != c.Progress && to != Agreed, "avance", "progress", nil)
	w.hold(to != Fixed || version != "", "recurso", "fixed", nil)
	if err := w.err(); err != nil {
		return c, nil, err
	}
	return cs.advance(tx, c, to, Step{Kind: HasAdvanced, Voice: voice, Facts: StepFacts{Resource: resource, Fixed: version}})
}

func (cs *Cases) advance(tx *db.Tx, c Case, to Progress, s Step) (Case, []record.Act, error) {
	was := c.Progress
	c.Progress = to
	s.Facts.Was, s.Facts.Now = string(was), string(to)
	a, err := cs.finish(tx, c, s, facts{Was: string(was), Now: string(to), Commitment: s.Facts.Commitment})
	return c, []record.Act{a}, err
}

// reindex makes a case found by its words and those of its answer.
func reindex(tx *db.Tx, c Case, answer string) error {
	if !c.Public() {
		return search.Remove(tx, c.Ref())
	}
	return search.Put(tx, doc(c, answer))
}

// screenText is where a text of somebody about a case stands: public, or held.
func (cs *Cases) screenText(tx *db.Tx, c Case, by Asker, written string, from From) (moderation.Verdict, error) {
	if cs.Screen == nil || written == "" {
		return moderation.Verdict{}, nil
	}
	v, err := cs.Screen.Screen(tx, moderation.Draft{Author: by.Person, Institution: c.Institution, Text: written, Signals: from.Signals, Of: c.Ref()})
	if err != nil {
		return v, fmt.Errorf("judging what was said of case %s: %w", c.Folio, err)
	}
	return v, nil
}

// excerpt is the beginning of a Markdown text, plain and on one line.
func excerpt(s string, n int) string { return text.Excerpt(text.PlainText(s), n) }
