package commitment

import (
	"fmt"

	"plaza/internal/base/db"
	"plaza/internal/base/text"
	"plaza/internal/civic/access"
	"plaza/internal/civic/institution"
	"plaza/internal/civic/record"
	"plaza/internal/plaza"
)

// Make makes a commitment. It asks for no permission: whoever calls it has asked whether
// who promises may (an official answer, an agreement). The acts are for the caller to
// append to the record. Invalid at clase, promesa and fecha.
func (cs *Commitments) Make(tx *db.Tx, p Promise) (Commitment, []record.Act, error) {
	body, zone, err := zoneOf(tx, p.Institution)
	if err != nil {
		return Commitment{}, nil, err
	}
	if err := p.check(zone, tx.Now); err != nil {
		return Commitment{}, nil, err
	}
	late, _ := lateAt(p.Due, zone)
	c := Commitment{ID: tx.ID(), Institution: p.Institution, Unit: p.Unit, Origin: p.Origin, Object: p.Object, Kind: p.Kind, Text: p.Text,
		Language: p.Language, Due: p.Due, Late: late, OriginalDue: p.Due, State: Open, Voice: p.Voice, Version: 1, Made: tx.Now}
	if c.Dataset, err = cs.datasetOf(tx, c.Object); err != nil {
		return c, nil, err
	}
	if c.Code, err = nextCode(tx, body, zone); err != nil {
		return c, nil, err
	}
	if err := insert(tx, c); err != nil {
		return c, nil, err
	}
	if err := step(tx, Step{Commitment: c.ID, Kind: WasMade, Voice: c.Voice, Facts: Facts{Due: c.Due}}); err != nil {
		return c, nil, err
	}
	a := act(tx, WasMade, c, facts{})
	a.Role = c.Voice.Role
	return c, []record.Act{a}, nil
}

// The kinds of Refs that the catalogue has.
const (
	kindDataset  = "dataset"
	kindResource = "resource"
)

// datasetOf is the dataset that an object is or lies within, "" for none.
func (cs *Commitments) datasetOf(tx *db.Tx, object plaza.Ref) (string, error) {
	if object.Kind == kindDataset || object.ID == "" || cs.Cards == nil {
		return map[bool]string{true: object.ID}[object.Kind == kindDataset], nil
	}
	cards, err := cs.Cards(tx, []plaza.Ref{object})
	if err != nil {
		return "", err
	}
	for _, in := range cards[object].Within {
		if in.Kind == kindDataset {
			return in.ID, nil
		}
	}
	return "", nil
}

// IsOpen reports whether something that was promised in an origin is still to be kept.
func IsOpen(tx *db.Tx, origin plaza.Ref) (open bool, err error) {
	err = tx.Row(`SELECT EXISTS (SELECT 1 FROM commitments WHERE origin_kind = $1 AND origin_id = $2 AND origin_id <> '' AND state = 'open')`,
		origin.Kind, origin.ID).Scan(&open)
	return open, err
}

// start begins an act on an open commitment: it is held until the transaction ends, and
// whoever acts may do it.
func start(tx *db.Tx, id string, action access.Action) (Commitment, institution.Voice, error) {
	c, err := pin(tx, id)
	if err != nil {
		return c, institution.Voice{}, err
	}
	actor := plaza.ActorFrom(tx.Context())
	if err := access.Check(actor, action, access.Object{Kind: RefKind, Institution: c.Institution}); err != nil {
		return c, institution.Voice{}, err
	}
	if c.State != Open {
		return c, institution.Voice{}, errState
	}
	voice, err := institution.VoiceFor(tx, actor, action, c.Institution)
	return c, voice, err
}

// Progress says how far a commitment is, from 0 to 99 in a hundred: a hundred is
// evidence. Invalid at texto and porcentaje.
func (cs *Commitments) Progress(tx *db.Tx, id, said string, percent int) (Commitment, []record.Act, error) {
	c, voice, err := start(tx, id, access.CommitmentKeep)
	if err != nil {
		return c, nil, err
	}
	said = text.Tidy(said)
	var w wrong
	w.words("texto", said, MaxReason)
	w.hold(percent >= 0 && percent < 100, "porcentaje", "percent", nil)
	if err := w.err(); err != nil {
		return c, nil, err
	}
	c.Percent = percent
	a, err := finish(tx, c, Step{Kind: HasProgressed, Voice: voice, Body: said, Facts: Facts{Percent: percent}}, facts{Percent: percent})
	return c, []record.Act{a}, err
}

// Move puts the date of a commitment off, with a reason that everybody reads: at most
// MaxMoves times, and before the date that it replaces has passed, else it is a Conflict.
// Invalid at fecha and motivo.
func (cs *Commitments) Move(tx *db.Tx, id, due, why string) (Commitment, []record.Act, error) {
	c, voice, err := start(tx, id, access.CommitmentKeep)
	if err != nil {
		return c, nil, err
	}
	switch {
	case c.Moves >= MaxMoves:
		return c, nil, &plaza.Error{Kind: plaza.Conflict, Key: "commitment.error.moves", Args: map[string]any{"max": MaxMoves}}
	case !tx.Now.Before(c.Late):
		return c, nil, plaza.E(plaza.Conflict, "commitment.error.too_late")
	}
	_, zone, err := zoneOf(tx, c.Institution)
	if err != nil {
		return c, nil, err
	}
	why = text.Tidy(why)
	late, ok := lateAt(due, zone)
	var w wrong
	w.hold(ok && due > c.Due, "fecha", "later", nil)
	w.words("motivo", why, MaxReason)
	if err := w.err(); err != nil {
		return c, nil, err
	}
	was := c.Due
	c.Due, c.Late, c.Moves = due, late, c.Moves+1
	a, err := finish(tx, c, Step{Kind: WasRescheduled, Voice: voice, Body: why, Facts: Facts{Was: was, Due: due}}, facts{Was: was})
	return c, []record.Act{a}, err
}

// Deliver says by which dataset or resource a commitment is kept, which the catalogue has
// to show. Invalid at objeto with what lacks.
func (cs *Commitments) Deliver(tx *db.Tx, id string, object plaza.Ref) (Commitment, []record.Act, error) {
	c, voice, err := start(tx, id, access.CommitmentKeep)
	if err != nil {
		return c, nil, err
	}
	e, err := cs.evidence(tx, c, object)
	if err != nil {
		return c, nil, err
	}
	if lack := c.Lacks(e); lack != "" {
		return c, nil, lacking(c, lack)
	}
	return cs.keep(tx, c, voice, e)
}

// lacking is the refusal of evidence that lacks something.
func lacking(c Commitment, lack Lack) error {
	var w wrong
	w.hold(false, "objeto", "evidence."+string(lack), map[string]any{"since": c.Made})
	return w.err()
}

// evidence is what the catalogue shows of an object.
func (cs *Commitments) evidence(tx *db.Tx, c Commitment, object plaza.Ref) (Evidence, error) {
	if object.ID == "" || cs.Evidence == nil {
		return Evidence{}, nil
	}
	e, err := cs.Evidence(tx, object, c.Made)
	if err != nil {
		return e, fmt.Errorf("what the catalogue shows of %s: %w", object, err)
	}
	return e, nil
}

// keep closes a commitment that is held, on evidence.
func (cs *Commitments) keep(tx *db.Tx, c Commitment, voice institution.Voice, e Evidence) (Commitment, []record.Act, error) {
	c.State, c.Settled, c.Evidence, c.Percent, c.Dropping = Kept, tx.Now, e, 100, Dropping{}
	if c.Object.ID == "" {
		c.Object = e.Ref
		var err error
		if c.Dataset, err = cs.datasetOf(tx, c.Object); err != nil {
			return c, nil, err
		}
	}
	a, err := finish(tx, c, Step{Kind: WasKept, Voice: voice}, facts{Percent: 100})
	if err != nil || cs.Kept == nil {
		return c, []record.Act{a}, err
	}
	more, err := cs.Kept(tx, c)
	return c, append([]record.Act{a}, more...), err
}

// AskDrop says that a commitment is to be dropped, for a legal or technical reason that
// everybody will read: a second person signs that (SignDrop). Invalid at motivo.
func (cs *Commitments) AskDrop(tx *db.Tx, id, why string) (Commitment, []record.Act, error) {
	c, voice, err := start(tx, id, access.CommitmentDrop)
	if err != nil {
		return c, nil, err
	}
	if c.Drops() {
		return c, nil, errState
	}
	why = text.Tidy(why)
	var w wrong
	w.words("motivo", why, MaxReason)
	if err := w.err(); err != nil {
		return c, nil, err
	}
	c.Dropping = Dropping{By: plaza.ActorFrom(tx.Context()).Pseudonym, Voice: voice, Reason: why, At: tx.Now}
	a, err := finish(tx, c, Step{Kind: DropAsked, Voice: voice, Body: why}, facts{})
	return c, []record.Act{a}, err
}

// errSecond is that who signs is who asked.
var errSecond error = plaza.E(plaza.Forbidden, "commitment.error.second")

// SignDrop drops a commitment, as a second person agrees that it is to be.
func (cs *Commitments) SignDrop(tx *db.Tx, id string) (Commitment, []record.Act, error) {
	c, voice, err := start(tx, id, access.CaseSign)
	if err != nil {
		return c, nil, err
	}
	switch who := plaza.ActorFrom(tx.Context()); {
	case !c.Drops():
		return c, nil, errState
	case who.PersonID == "" || who.Pseudonym == c.Dropping.By:
		return c, nil, errSecond
	}
	asked := c.Dropping
	c.State, c.Settled, c.Dropping = Dropped, tx.Now, Dropping{}
	a, err := finish(tx, c, Step{Kind: WasDropped, Voice: asked.Voice, Body: asked.Reason, Facts: Facts{Signed: voice}}, facts{})
	return c, []record.Act{a}, err
}

// ReturnDrop goes on with a commitment that somebody wants dropped: whoever would sign
// that does not, with a reason, or who asked takes it back. Invalid at motivo.
func (cs *Commitments) ReturnDrop(tx *db.Tx, id, why string) (Commitment, []record.Act, error) {
	actor, action := plaza.ActorFrom(tx.Context()), access.CaseSign
	found, err := ByID(tx, id)
	if err != nil {
		return found, nil, err
	}
	if found.Drops() && actor.Pseudonym == found.Dropping.By {
		action = access.CommitmentDrop
	}
	c, voice, err := start(tx, id, action)
	if err != nil {
		return c, nil, err
	}
	if !c.Drops() {
		return c, nil, errState
	}
	why = text.Tidy(why)
	var w wrong
	w.words("motivo", why, MaxReason)
	if err := w.err(); err != nil {
		return c, nil, err
	}
	c.Dropping = Dropping{}
	a, err := finish(tx, c, Step{Kind: DropReturned, Voice: voice, Body: why}, facts{})
	return c, []record.Act{a}, err
}
