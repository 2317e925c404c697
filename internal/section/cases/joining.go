package cases

import (
	"context"
	"fmt"
	"slices"

	"plaza/internal/base/db"
	"plaza/internal/civic/record"
	"plaza/internal/plaza"
)

// Joining is the job that begins the clocks of institutions that have joined.
type Joining struct{}

// Kind implements job.Args.
func (Joining) Kind() string { return "cases.joining" }

// joiningAtOnce is how many cases one transaction takes.
const joiningAtOnce = 50

// Join reads the record for institutions that got their first liaison
// (institution.staffed). Their open cases, which ran under the clock of the head of their
// sector or of the coordination, get one of their own, from now on: when they were asked
// stays in sight. It returns how many cases that were.
//
// How far it has read is kept, and a case whose clock is its institution's own already is
// left alone, so that what is read twice does nothing. The other way there is nothing to
// do: when the last liaison leaves (institution.vacant), clocks that run stay as they are.
// They were promised by the institution, and somebody else's term would move a date that
// everybody has seen.
func (cs *Cases) Join(ctx context.Context) (n int, err error) {
	ctx = plaza.WithActor(ctx, plaza.SystemActor)
	for {
		var at, last int64
		var joined []string
		const page = 100
		more := false
		if err := cs.DB.Read(ctx, func(tx *db.Tx) error {
			if err := tx.Row(`SELECT seq FROM case_joining WHERE id = 1`).Scan(&at); err != nil {
				return err
			}
			// The end first: what comes between the two is read again, never left out.
			var err error
			if last, err = record.Position(tx); err != nil {
				return err
			}
			entries, err := record.Since(tx, record.Filter{Verb: "institution.staffed", After: at}, page)
			if err != nil {
				return err
			}
			more = len(entries) == page
			for _, e := range entries {
				if !slices.Contains(joined, e.Institution) {
					joined = append(joined, e.Institution)
				}
				if more {
					last = e.Seq
				}
			}
			return nil
		}); err != nil {
			return n, fmt.Errorf("reading who has joined: %w", err)
		}
		for _, body := range joined {
			begun, err := cs.join(ctx, body)
			n += begun
			if err != nil {
				return n, fmt.Errorf("beginning the clocks of %s: %w", body, err)
			}
		}
		if last > at {
			if err := cs.DB.Write(ctx, func(tx *db.Tx) error {
				_, err := tx.Exec(`UPDATE case_joining SET seq = $1 WHERE id = 1 AND seq < $1`, last)
				return err
			}); err != nil {
				return n, err
			}
		}
		if !more {
			return n, nil
		}
	}
}

// join begins the clocks of one institution, as long as it answers for itself.
func (cs *Cases) join(ctx context.Context, body string) (n int, err error) {
	for {
		begun := 0
		err := cs.DB.Write(ctx, func(tx *db.Tx) error {
			who, err := cs.responsible(tx, body)
			if err != nil || who.Institution != body { // it left again meanwhile
				return err
			}
			ids, err := db.All(tx, db.Column[string], `SELECT DISTINCT c.id
				FROM cases c
				JOIN case_clocks k ON k.case_id = c.id
				WHERE c.institution = $1 AND c.standing = 'public' AND c.state IN ('open', 'assigned', 'needs_info', 'reopened')
					AND k.kind IN ('acknowledge', 'answer') AND k.stopped_at IS NULL AND k.body <> $1
				ORDER BY c.id
				LIMIT $2`, body, joiningAtOnce)
			if err != nil {
				return err
			}
			var acts []record.Act
			for _, id := range ids {
				a, err := cs.begin(tx, id)
				if err != nil {
					return err
				}
				acts = append(acts, a...)
			}
			begun = len(acts)
			if begun == 0 {
				return nil
			}
			return record.Append(tx, acts...)
		})
		n += begun
		if err != nil || begun < joiningAtOnce {
			return n, err
		}
	}
}

// begin gives a case the clocks of its own institution. One that waits for its asker
// stands still as before.
func (cs *Cases) begin(tx *db.Tx, id string) ([]record.Act, error) {
	c, err := pin(tx, id)
	if err != nil || !c.Public() || !c.Owed() {
		return nil, err
	}
	k, ok, err := clockOf(tx, id, ToAnswer)
	if err != nil || !ok || k.Body == c.Institution { // somebody was faster
		return nil, err
	}
	for _, kind := range []ClockKind{ToAcknowledge, ToAnswer} {
		if err := stop(tx, &c, kind, ByMoving, &facts{}); err != nil {
			return nil, err
		}
	}
	n, err := cs.startClocks(tx, &c, tx.Now)
	if err != nil {
		return nil, err
	}
	if c.State == NeedsInfo {
		n.Pause(tx.Now)
		if err := putClock(tx, n); err != nil {
			return nil, err
		}
	}
	f := ofClock(n)
	f.Was = k.Body
	a, err := cs.finish(tx, c, Step{Kind: ClockBegun, Facts: StepFacts{Due: n.Due, Days: n.Days}}, f)
	return []record.Act{a}, err
}
