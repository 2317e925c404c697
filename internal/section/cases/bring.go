package cases

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"slices"
	"strings"
	"time"

	"plaza/internal/base/db"
	"plaza/internal/base/text"
	"plaza/internal/civic/access"
	"plaza/internal/civic/institution"
	"plaza/internal/civic/moderation"
	"plaza/internal/civic/record"
	"plaza/internal/civic/search"
	"plaza/internal/plaza"
)

// routed turns a case that became public, or that an institution took over, to the area
// that a rule gives it, by itself: that is its acknowledgement. opened is the act that made
// it so.
func (cs *Cases) routed(tx *db.Tx, c Case, opened record.Act) (Case, []record.Act, error) {
	acts := []record.Act{opened}
	if cs.Route == nil || c.Unit != "" || !slices.Contains(working, c.State) {
		return c, acts, nil
	}
	unit, ok, err := cs.Route(tx, c)
	if err != nil || !ok {
		return c, acts, err
	}
	u, err := institution.UnitByID(tx, unit)
	if err != nil && plaza.KindOf(err) != plaza.NotFound {
		return c, acts, err
	}
	if err != nil || u.InstitutionID != c.Institution || !u.RetiredAt.IsZero() {
		return c, acts, nil // a rule that no longer holds keeps nothing from being asked
	}
	c.Unit, c.State = u.ID, Assigned
	if c.Acknowledged.IsZero() {
		c.Acknowledged = tx.Now
	}
	f := facts{Unit: u.ID}
	if err := stop(tx, &c, ToAcknowledge, ByAcknowledging, &f); err != nil {
		return c, acts, err
	}
	if err := save(tx, c); err != nil {
		return c, acts, err
	}
	if err := step(tx, Step{Case: c.ID, Kind: WasAssigned, Facts: StepFacts{Unit: u.Name}}); err != nil {
		return c, acts, err
	}
	a := act(WasAssigned, c, f)
	a.By = &record.Actor{Role: string(plaza.System)}
	return c, append(acts, a), nil
}

// Past is what an institution brings that it has answered by another channel already.
type Past struct {
	On   string // 2006-01-02
	Body string // Markdown: what it answered
}

// earliest is before which nothing is brought.
var earliest = time.Date(2000, 1, 1, 0, 0, 0, 0, time.UTC)

// Bring stores what came to an institution by another channel, as a case without an asker:
// its clocks count from when it was received. done, when it is not nil, is the answer that
// the institution gave there; then there is nothing left to owe, and no instant of that
// answer is made up: the case is closed as answered by another channel, with the day and
// the words, no clock runs, and no figure counts an official answer. key is the same for
// the same thing brought again, which gives the case that it made first, and made false.
// What is wrong is Invalid, with the fields of Form.Check, canal, recibida, respuesta and
// respondida. It is for the caller to append the acts.
func (cs *Cases) Bring(tx *db.Tx, f Form, key string, done *Past) (c Case, acts []record.Act, made bool, err error) {
	actor := plaza.ActorFrom(tx.Context())
	if err := access.Check(actor, access.CaseHandle, access.Object{Kind: RefKind, Institution: f.Institution}); err != nil {
		return c, nil, false, err
	}
	today, err := todayAt(tx, f.Institution)
	if err != nil {
		return c, nil, false, err
	}
	if err := f.CheckBrought(tx.Now, today, done); err != nil {
		return c, nil, false, err
	}
	sum := sha256.Sum256([]byte(strings.Join([]string{"brought", f.Institution, key}, "\x00")))
	nonce := hex.EncodeToString(sum[:])
	if c, ok, err := sentBefore(tx, nonce); ok || err != nil {
		return c, nil, false, err
	}
	if c, err = cs.make(tx, f, Asker{}); err != nil {
		return c, nil, false, err
	}
	if made, err = insert(tx, c, nonce); err != nil || !made {
		return c, nil, false, err
	}
	if err := keepThemes(tx, c); err != nil {
		return c, nil, true, err
	}
	if done == nil {
		c, acts, err = cs.publish(tx, c)
	} else {
		c, acts, err = cs.closeElsewhere(tx, c, *done)
	}
	return c, acts, true, err
}

// CheckBrought is Check for what was brought; see Bring. today is the day in the
// institution's zone.
func (f *Form) CheckBrought(now time.Time, today string, done *Past) error {
	var w wrong
	if err := f.Check(); err != nil {
		e, ok := errors.AsType[*plaza.Error](err)
		if !ok {
			return err
		}
		w.Mistakes = append(w.Mistakes, e.Fields...)
	}
	w.hold(slices.Contains(Brought, f.Channel), "canal", "channel", nil)
	w.hold(!f.Received.After(now) && f.Received.After(earliest), "recibida", "received", nil)
	if done != nil {
		done.Body = text.Tidy(done.Body)
		w.hold(!text.Blank(done.Body), "respuesta", "answer", nil)
		w.length("respuesta", done.Body, MaxAnswer)
		w.hold(institution.IsDate(done.On) && done.On <= today, "respondida", "received", nil)
		w.hold(!institution.IsDate(done.On) || done.On >= f.Received.Format(time.DateOnly), "respondida", "answered_before", nil)
	}
	return w.err()
}

// closeElsewhere makes a case public that was answered by another channel.
func (cs *Cases) closeElsewhere(tx *db.Tx, c Case, done Past) (Case, []record.Act, error) {
	c.Standing, c.Published, c.State, c.Reason, c.Settled = moderation.Public, tx.Now, Closed, AnsweredElsewhere, tx.Now
	voice, err := institution.VoiceFor(tx, plaza.ActorFrom(tx.Context()), access.CaseHandle, c.Institution)
	if err != nil {
		return c, nil, err
	}
	if err := step(tx, Step{Case: c.ID, Kind: Opened, At: c.Asked}); err != nil {
		return c, nil, err
	}
	opened := act(Opened, c, facts{Asked: c.Asked, Channel: c.Channel, Reason: c.Reason})
	if err := search.Put(tx, doc(c, done.Body)); err != nil {
		return c, nil, err
	}
	a, err := cs.finish(tx, c, Step{Kind: WasClosed, Voice: voice, Body: done.Body, Facts: StepFacts{Elsewhere: done.On}}, facts{Reason: c.Reason})
	opened.Role = voice.Role
	return c, []record.Act{opened, a}, err
}
