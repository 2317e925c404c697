package cases

import (
	"context"
	"fmt"
	"time"

	"plaza/internal/base/db"
	"plaza/internal/base/job"
	"plaza/internal/civic/record"
	"plaza/internal/plaza"
)

// zero is no instant.
var zero time.Time

// Passing is the job that does what happens to cases by themselves: an answer that was
// not objected to in time settles its case, and one whose asker does not say what was
// asked lapses. It takes all whose time has passed, so that an outage is caught up with.
type Passing struct{}

// Kind implements job.Args.
func (Passing) Kind() string { return "cases.passing" }

// passed is how many cases one transaction takes.
const passed = 50

// Pass does what is due and returns how many cases that were; what fails keeps none of
// the others.
func (cs *Cases) Pass(ctx context.Context) (int, error) {
	done, last := 0, ""
	for {
		var ids []string
		if err := cs.DB.Read(ctx, func(tx *db.Tx) (err error) {
			ids, err = db.All(tx, db.Column[string], `SELECT id
				FROM cases
				WHERE waits_until <= $1 AND id > $2
				ORDER BY id
				LIMIT $3`, tx.Now, last, passed)
			return err
		}); err != nil || len(ids) == 0 {
			return done, err
		}
		for _, id := range ids {
			last = id
			n, err := cs.pass(ctx, id)
			if err != nil {
				return done, fmt.Errorf("case %s: %w", id, err)
			}
			done += n
		}
	}
}

// pass does what is due to one case. What an open commitment promises is not settled by
// silence.
func (cs *Cases) pass(ctx context.Context, id string) (n int, err error) {
	err = cs.DB.Write(ctx, func(tx *db.Tx) error {
		c, err := pin(tx, id)
		if err != nil || c.WaitsUntil.IsZero() || c.WaitsUntil.After(tx.Now) {
			return err // somebody was faster
		}
		a := Settle
		if c.State == NeedsInfo {
			a = Lapse
		}
		if c, _, err = cs.startWith(tx, c, a, Asker{}); err != nil {
			if plaza.KindOf(err) == plaza.Conflict { // hidden meanwhile, or elsewhere by now
				return nil
			}
			return err
		}
		open := false
		if a == Settle && c.Outcome == Planned && cs.Promised != nil {
			if open, err = cs.Promised(tx, c.ID); err != nil {
				return err
			}
		}
		if open {
			return nil
		}
		var acts []record.Act
		if a == Settle {
			_, acts, err = cs.settle(tx, c, Step{Kind: WasResolved})
		} else {
			_, acts, err = cs.close(tx, c, Unanswered, Step{Kind: HasLapsed})
		}
		if err != nil {
			return err
		}
		n = 1
		return record.Append(tx, acts...)
	})
	return n, err
}

// Work registers what happens by itself.
func (cs *Cases) Work(r *job.Runner) {
	r.Handle(Passing{}.Kind(), func(ctx context.Context, _ *job.Job) error {
		_, err := cs.Pass(ctx)
		return err
	})
	r.Every("cases.passing", job.Interval(15*time.Minute), Passing{}, job.Options{})
	r.Handle(Escalating{}.Kind(), func(ctx context.Context, _ *job.Job) error {
		_, err := cs.Escalate(ctx)
		return err
	})
	r.Every(Escalating{}.Kind(), job.Interval(15*time.Minute), Escalating{}, job.Options{})
	r.Handle(Superiors{}.Kind(), func(ctx context.Context, _ *job.Job) error { return cs.TellSuperiors(ctx) })
	r.Every(Superiors{}.Kind(), job.Interval(30*time.Minute), Superiors{}, job.Options{})
	r.Handle(Joining{}.Kind(), func(ctx context.Context, _ *job.Job) error {
		_, err := cs.Join(ctx)
		return err
	})
	r.Every(Joining{}.Kind(), job.Interval(time.Minute), Joining{}, job.Options{})
	cs.workAsk(r)
}
