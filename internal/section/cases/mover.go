package cases

import (
	"fmt"
	"time"

	"plaza/internal/base/db"
	"plaza/internal/civic/calendar"
	"plaza/internal/civic/comment"
	"plaza/internal/civic/institution"
	"plaza/internal/civic/membership"
	"plaza/internal/civic/moderation"
	"plaza/internal/civic/record"
	"plaza/internal/plaza"
)

// passable are the cases that go along when their institution is followed by another
// one, or the dataset that they are about changes hands: all in which somebody still
// waits for something. What was settled stays with who settled it.
const passable = `state IN ('open', 'assigned', 'needs_info', 'answered', 'reopened') AND standing <> 'refused' AND standing <> 'removed'`

// Mover gives the cases of an institution that is no more to its successor, with its
// clocks as they stand, and what it was asked to take over.
func (cs *Cases) Mover() institution.Mover {
	return institution.Mover{
		Key: "cases",
		Count: func(tx *db.Tx, from string) (n int, err error) {
			err = tx.Row(`SELECT (SELECT COUNT(*) FROM cases WHERE institution = $1 AND `+passable+`)
				+ (SELECT COUNT(*) FROM case_handovers WHERE to_body = $1 AND state = 'asked')`, from).Scan(&n)
			return n, err
		},
		Move: func(tx *db.Tx, from, to string) ([]record.Act, error) {
			acts, n, err := cs.passAll(tx, from, to, `institution = $1 AND `+passable, from)
			if err != nil || n == institution.MaxPiece {
				return acts, err
			}
			if _, err := tx.Exec(`UPDATE case_notes SET institution = $2 WHERE institution = $1`, from, to); err != nil {
				return nil, fmt.Errorf("removal the notes of %s: %w", from, err)
			}
			return acts, cs.passOffers(tx, from, to, institution.MaxPiece-n)
		},
	}
}

// Rehome gives the cases on a dataset or its resources to the institution that the dataset
// belongs to now: those of the one that had it, at most institution.MaxPiece of them, and
// returns how many they were. Cases that are with somebody else stay there.
func (cs *Cases) Rehome(tx *db.Tx, dataset, from, to string) (int, []record.Act, error) {
	acts, n, err := cs.passAll(tx, from, to, `institution = $1 AND `+passable+` AND dataset_id <> '' AND dataset_id = $2`, from, dataset)
	return n, acts, err
}

// passAll gives some cases of an institution to another one, and returns how many they were.
func (cs *Cases) passAll(tx *db.Tx, from, to, which string, args ...any) ([]record.Act, int, error) {
	args = append(args, institution.MaxPiece)
	ids, err := db.All(tx, db.Column[string], `SELECT id
		FROM cases
		WHERE `+which+fmt.Sprintf(`
		ORDER BY id
		LIMIT $%d`, len(args)), args...)
	if err != nil || len(ids) == 0 {
		return nil, 0, err
	}
	m, err := cs.passing(tx, from, to)
	if err != nil {
		return nil, 0, err
	}
	var acts []record.Act
	var refs []plaza.Ref
	for _, id := range ids {
		c, err := pin(tx, id)
		if err != nil {
			return nil, 0, err
		}
		if c.Institution != from {
			continue // somebody was faster
		}
		a, err := cs.passCase(tx, c, m)
		if err != nil {
			return nil, 0, fmt.Errorf("removal case %s: %w", c.Folio, err)
		}
		refs = append(refs, c.Ref())
		if c.Public() { // of what nobody could see, the record says nothing
			acts = append(acts, a)
		}
	}
	if err := comment.Rehome(tx, refs, to); err != nil {
		return nil, 0, err
	}
	posts, err := passedPosts(tx, ids)
	if err != nil {
		return nil, 0, err
	}
	return acts, len(ids), moderation.Rehome(tx, append(posts, refs...), to)
}

// removal is from whom to whom cases go, and by whose clock they run there.
type removal struct {
	from, to string
	name     string // of from
	body     string // whose calendar counts
	level    membership.Level
	calendar calendar.Business
	along    map[string]bool // areas by whether they belong to to now
}

func (cs *Cases) passing(tx *db.Tx, from, to string) (removal, error) {
	m := removal{from: from, to: to, along: map[string]bool{}}
	if from != "" {
		i, err := institution.ByID(tx, from)
		if err != nil {
			return m, err
		}
		m.name = i.Name
	}
	who, err := cs.responsible(tx, to)
	if err != nil {
		return m, err
	}
	m.body, m.level = who.Institution, who.Level
	m.calendar, err = calendar.BusinessOf(tx, m.body)
	return m, err
}

// passCase moves a case that is held.
func (cs *Cases) passCase(tx *db.Tx, c Case, m removal) (record.Act, error) {
	if c.Unit != "" {
		if _, known := m.along[c.Unit]; !known {
			u, err := institution.UnitByID(tx, c.Unit)
			if err != nil && plaza.KindOf(err) != plaza.NotFound {
				return record.Act{}, err
			}
			m.along[c.Unit] = err == nil && u.InstitutionID == m.to
		}
		if !m.along[c.Unit] {
			c.Unit = ""
		}
	}
	c.Institution, c.MovedFrom = m.to, m.from
	f := facts{Was: m.from}
	all, err := Clocks(tx, c.ID)
	if err != nil {
		return record.Act{}, err
	}
	for _, k := range all[c.ID] {
		switch {
		case !k.Stopped.IsZero():
			continue
		case k.Kind == ToDecide:
			if err := passOffering(tx, c, k, m); err != nil {
				return record.Act{}, err
			}
			continue
		}
		if k, err = passClock(tx, k, m); err != nil {
			return record.Act{}, err
		}
		if k.Kind == ToAnswer {
			f = with(f, ofClock(k))
		}
	}
	answer, err := passedAnswer(tx, c)
	if err != nil {
		return record.Act{}, err
	}
	if err := reindex(tx, c, answer); err != nil {
		return record.Act{}, err
	}
	return cs.finish(tx, c, Step{Kind: WasMoved, Facts: StepFacts{Institution: m.name, Was: m.from, Due: c.Due}}, f)
}

// passOffering goes on with a case being offered to another body: in the name of the successor,
// unless that is who was asked.
func passOffering(tx *db.Tx, c Case, k Clock, m removal) error {
	n, err := tx.Exec(`UPDATE case_handovers SET state = 'taken_back', decided_at = $1 WHERE case_id = $2 AND state = 'asked' AND to_body = $3`,
		tx.Now, c.ID, m.to)
	if err != nil {
		return err
	}
	if n > 0 {
		k.Stopped, k.StoppedBy = tx.Now, ByMoving
		return putClock(tx, k)
	}
	_, err = tx.Exec(`UPDATE case_handovers SET from_body = $1 WHERE case_id = $2 AND state = 'asked'`, m.to, c.ID)
	return err
}

// passClock stops a clock, as another body's runs instead: as old, as long and due when the
// one before it was.
func passClock(tx *db.Tx, k Clock, m removal) (Clock, error) {
	old := k
	old.Stopped, old.StoppedBy = tx.Now, ByMoving
	if err := putClock(tx, old); err != nil {
		return k, err
	}
	k.ID, k.Body, k.Calendar = tx.ID(), m.body, m.calendar.Version
	k.Responsible = m.level
	return k, putClock(tx, k)
}

// passedAnswer is what the index knows of a case's official answer.
func passedAnswer(tx *db.Tx, c Case) (string, error) {
	if c.Answer == "" {
		return "", nil
	}
	a, err := LastAnswer(tx, c.ID)
	if err != nil && plaza.KindOf(err) == plaza.NotFound {
		return "", nil
	}
	return a.Summary + "\n" + a.Body, err
}

// passedPosts are what moderators may have of cases besides the cases themselves.
func passedPosts(tx *db.Tx, ids []string) ([]plaza.Ref, error) {
	steps, err := db.All(tx, db.Column[string], `SELECT id
		FROM case_steps
		WHERE body <> '' AND case_id IN (`+db.Placeholders(1, len(ids))+`)`, db.Args(ids)...)
	refs := make([]plaza.Ref, len(steps))
	for i, id := range steps {
		refs[i] = plaza.Ref{Kind: StepRefKind, ID: id}
	}
	return refs, err
}

// passOffers has the successor decide on what an institution was asked to take over. A
// case that is the successor's own by now needs no deciding.
func (cs *Cases) passOffers(tx *db.Tx, from, to string, limit int) error {
	list, err := db.All(tx, func(scan func(...any) error) (h [2]string, err error) {
		err = scan(&h[0], &h[1])
		return h, err
	}, `SELECT id, case_id
		FROM case_handovers
		WHERE to_body = $1 AND state = 'asked'
		ORDER BY at, id
		LIMIT $2`, from, limit)
	if err != nil || len(list) == 0 {
		return err
	}
	m, err := cs.passing(tx, from, to)
	if err != nil {
		return err
	}
	for _, h := range list {
		if err := passOffer(tx, h[0], h[1], m); err != nil {
			return fmt.Errorf("removal a hand-over: %w", err)
		}
	}
	return nil
}

func passOffer(tx *db.Tx, id, caseID string, m removal) error {
	c, err := pin(tx, caseID)
	if err != nil {
		return err
	}
	own := c.Institution == m.to
	state, decided := "asked", time.Time{}
	if own {
		state, decided = "taken_back", tx.Now
	}
	if _, err := tx.Exec(`UPDATE case_handovers SET to_body = $1, state = $2, decided_at = $3 WHERE id = $4`, m.to, state, decided, id); err != nil {
		return err
	}
	k, ok, err := clockOf(tx, caseID, ToDecide)
	if err != nil || !ok {
		return err
	}
	if own {
		k.Stopped, k.StoppedBy = tx.Now, ByMoving
		return putClock(tx, k)
	}
	_, err = passClock(tx, k, m)
	return err
}
