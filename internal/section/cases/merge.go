package cases

import (
	"encoding/json"
	"fmt"
	"time"

	"plaza/internal/base/db"
	"plaza/internal/civic/record"
	"plaza/internal/plaza"
)

// maxMerges bounds the way from a case that was merged to where it is now.
const maxMerges = 50

// Merge says that a case is the same as another one of its institution: it is closed, and
// who asked or supported it supports the other. A folio that was merged itself stands for
// the case that it is part of now, so there are no circles. Invalid at folio.
func (cs *Cases) Merge(tx *db.Tx, id, folio string) (Case, []record.Act, error) {
	into, err := ByFolio(tx, folio)
	if err == nil {
		into, err = Head(tx, into)
	}
	var w wrong
	if err != nil {
		if k := plaza.KindOf(err); k != plaza.NotFound && k != plaza.Invalid {
			return Case{}, nil, err
		}
		w.hold(false, "folio", "merge_none", nil)
		return Case{}, nil, w.err()
	}
	c, to, err := pinBoth(tx, id, into.ID)
	if err != nil {
		return c, nil, err
	}
	if to.Into != into.Into || to.State == Closed && to.Reason == Duplicate { // merged this very moment
		if to, err = Head(tx, to); err != nil {
			return c, nil, err
		}
		if to.ID != c.ID {
			return c, nil, errState
		}
	}
	was := c
	all, err := Clocks(tx, c.ID)
	if err != nil {
		return c, nil, err
	}
	c, voice, err := cs.startWith(tx, c, Merge, Asker{})
	if err != nil {
		return c, nil, err
	}
	if why := to.takesNot(c); why != "" {
		w.hold(false, "folio", why, nil)
		return c, nil, w.err()
	}
	c.Into = to.ID
	if err := keepMerge(tx, was, all[c.ID]); err != nil {
		return c, nil, err
	}
	c, acts, err := cs.close(tx, c, Duplicate, Step{Kind: WasMerged, Voice: voice, Facts: StepFacts{Case: to.ID, Folio: to.Folio}})
	if err != nil {
		return c, nil, err
	}
	if to, err = carry(tx, to); err != nil {
		return c, nil, err
	}
	a, err := cs.finish(tx, to, Step{Kind: WasJoined, Voice: voice, Facts: StepFacts{Case: c.ID, Folio: c.Folio}}, facts{Supports: to.Supports})
	return c, append(acts, a), err
}

// takesNot is why no case can be merged into one, "" when another can.
func (c Case) takesNot(other Case) string {
	switch {
	case c.ID == other.ID:
		return "merge_itself"
	case !c.Public():
		return "merge_none" // whether it waits for review is nobody's to know from here
	case c.Institution != other.Institution:
		return "merge_institution"
	case c.State == Closed:
		return "merge_closed"
	}
	return ""
}

// Head is the case of which one is part now: itself, unless it was merged.
func Head(tx *db.Tx, c Case) (Case, error) {
	var err error
	for range maxMerges {
		if c.Reason != Duplicate || c.Into == "" {
			return c, nil
		}
		if c, err = ByID(tx, c.Into); err != nil {
			return c, err
		}
	}
	return c, fmt.Errorf("case %s was merged more than %d times", c.Folio, maxMerges)
}

// Merged are the cases that were merged into one, oldest first.
func Merged(tx *db.Tx, id string, limit int) ([]Case, error) {
	return db.All(tx, scan, `SELECT `+columns+`
		FROM cases
		WHERE into_id = $1 AND into_id <> ''
		ORDER BY id
		LIMIT $2`, id, limit)
}

// pinBoth pins two cases, always in one order, so that nobody waits for who waits for
// them.
func pinBoth(tx *db.Tx, a, b string) (first, second Case, err error) {
	if a > b {
		second, first, err = pinBoth(tx, b, a)
		return first, second, err
	}
	if first, err = pin(tx, a); err != nil || a == b {
		return first, first, err
	}
	second, err = pin(tx, b)
	return first, second, err
}

// merged is how a case stood before it was merged.
type merged struct {
	State   State
	Reason  Reason
	Settled time.Time
	Due     time.Time
	Waits   time.Time
	Clocks  []Clock
}

func keepMerge(tx *db.Tx, c Case, clocks []Clock) error {
	m := merged{State: c.State, Reason: c.Reason, Settled: c.Settled, Due: c.Due, Waits: c.WaitsUntil}
	for _, k := range clocks {
		if k.Stopped.IsZero() {
			m.Clocks = append(m.Clocks, k)
		}
	}
	raw, err := json.Marshal(m)
	if err != nil {
		return fmt.Errorf("encoding how a case stood: %w", err)
	}
	_, err = tx.Exec(`INSERT INTO case_merges (case_id, before, at) VALUES ($1, $2, $3)
		ON CONFLICT (case_id) DO UPDATE SET before = excluded.before, at = excluded.at`, c.ID, string(raw), tx.Now)
	if err != nil {
		return fmt.Errorf("keeping how a case stood: %w", err)
	}
	return nil
}

// carry makes the supporters of a case what its own and those of all that were merged into
// it come to, each once and without its asker; the same of the cases that it was merged
// into itself, which are written. It returns the case with its number of supporters, for
// the caller to save.
func carry(tx *db.Tx, c Case) (Case, error) {
	if err := carryInto(tx, c); err != nil {
		return c, err
	}
	if err := tx.Row(`SELECT COUNT(who) FROM case_supports WHERE case_id = $1`, c.ID).Scan(&c.Supports); err != nil {
		return c, err
	}
	if c.Reason != Duplicate || c.Into == "" {
		return c, nil
	}
	up, err := pin(tx, c.Into)
	if err != nil {
		return c, err
	}
	if up, err = carry(tx, up); err != nil {
		return c, err
	}
	return c, save(tx, up)
}

// carryInto rewrites what merged cases brought to one: the first of them, by age, for
// each person.
func carryInto(tx *db.Tx, c Case) error {
	if _, err := tx.Exec(`DELETE FROM case_supports WHERE case_id = $1 AND from_id <> ''`, c.ID); err != nil {
		return fmt.Errorf("carrying supporters: %w", err)
	}
	for _, sql := range []string{
		`SELECT d.into_id, d.asker_id, d.need, d.asked_at, d.id FROM cases d
			WHERE d.into_id = $1 AND d.asker_id <> '' AND d.asker_id <> $2 AND d.asker_id <> $3`,
		`SELECT d.into_id, d.contact_id, d.need, d.asked_at, d.id FROM cases d
			WHERE d.into_id = $1 AND d.contact_id <> '' AND d.contact_id <> $2 AND d.contact_id <> $3`,
		`SELECT d.into_id, s.who, s.why, s.at, d.id FROM case_supports s JOIN cases d ON d.id = s.case_id
			WHERE d.into_id = $1 AND s.who <> $2 AND s.who <> $3`,
	} {
		if _, err := tx.Exec(`INSERT INTO case_supports (case_id, who, why, at, from_id)
			`+sql+`
			ORDER BY 5, 2
			ON CONFLICT (case_id, who) DO NOTHING`, c.ID, c.Asker.Person, c.Asker.Contact); err != nil {
			return fmt.Errorf("carrying supporters: %w", err)
		}
	}
	return nil
}

// Split parts a case from the one into which it was merged: it stands exactly as it stood,
// with its clocks and their due dates, and takes along who came with it. Invalid at motivo.
func (cs *Cases) Split(tx *db.Tx, id, why string) (Case, []record.Act, error) {
	c, err := ByID(tx, id)
	if err != nil {
		return c, nil, err
	}
	c, to, err := pinBoth(tx, id, c.Into)
	if err != nil {
		return c, nil, err
	}
	c, voice, err := cs.startWith(tx, c, Split, Asker{})
	if err != nil {
		return c, nil, err
	}
	if c.Into != to.ID {
		return c, nil, errState
	}
	if why, err = reason("motivo", why, false); err != nil {
		return c, nil, err
	}
	if err := unmerge(tx, &c); err != nil {
		return c, nil, err
	}
	f := facts{Was: to.ID}
	if k, ok, err := clockOf(tx, c.ID, ToAnswer); err != nil {
		return c, nil, err
	} else if ok {
		f = with(f, ofClock(k))
	}
	a, err := cs.finish(tx, c, Step{Kind: WasSplit, Voice: voice, Body: why, Facts: StepFacts{Case: to.ID, Folio: to.Folio, Due: c.Due}}, f)
	if err != nil {
		return c, nil, err
	}
	if to, err = carry(tx, to); err != nil {
		return c, nil, err
	}
	b, err := cs.finish(tx, to, Step{Kind: WasParted, Voice: voice, Facts: StepFacts{Case: c.ID, Folio: c.Folio}}, facts{Supports: to.Supports})
	return c, []record.Act{a, b}, err
}

// unmerge makes a case stand as it did before it was merged.
func unmerge(tx *db.Tx, c *Case) error {
	var raw string
	if err := tx.Row(`DELETE FROM case_merges WHERE case_id = $1 RETURNING before`, c.ID).Scan(&raw); err != nil {
		if plaza.KindOf(err) == plaza.NotFound {
			return errState
		}
		return err
	}
	var m merged
	if err := readJSON("how a case stood", raw, &m); err != nil {
		return err
	}
	c.State, c.Reason, c.Into = m.State, m.Reason, ""
	c.Settled, c.Due, c.WaitsUntil = m.Settled, m.Due, m.Waits
	for _, k := range m.Clocks {
		if k.Kind == ToDecide {
			continue // whom one asked to take it over is not asked any more
		}
		if err := putClock(tx, k); err != nil {
			return err
		}
	}
	return nil
}
