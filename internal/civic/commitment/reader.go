package commitment

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"

	"plaza/internal/base/db"
	"plaza/internal/base/job"
	"plaza/internal/civic/institution"
	"plaza/internal/civic/record"
	"plaza/internal/plaza"
)

// Watch is the job that reads in the record which datasets changed, and keeps the
// commitments that this is the evidence of.
type Watch struct{}

// Kind implements job.Args.
func (Watch) Kind() string { return "commitments.watch" }

// Sweep is the job that looks at all commitments on datasets that are known: a link that
// is looked at for the first time and answers leaves nothing in the record.
type Sweep struct{}

// Kind implements job.Args.
func (Sweep) Kind() string { return "commitments.sweep" }

// reading is the name of this reader of the record.
const reading = "commitments"

// atOnce is how many commitments, and acts in the record, one read takes.
const atOnce = 100

// Work registers the jobs.
func (cs *Commitments) Work(r *job.Runner) {
	r.Handle(Watch{}.Kind(), func(ctx context.Context, _ *job.Job) error { return cs.Watch(ctx) })
	r.Handle(Sweep{}.Kind(), func(ctx context.Context, _ *job.Job) error { return cs.Sweep(ctx) })
	r.Every(Watch{}.Kind(), job.Interval(time.Minute), Watch{}, job.Options{Unique: Watch{}.Kind()})
	r.Every(Sweep{}.Kind(), job.Interval(time.Hour), Sweep{}, job.Options{Unique: Sweep{}.Kind()})
}

// Watch goes through what is new in the record.
func (cs *Commitments) Watch(ctx context.Context) error {
	return record.Read(ctx, cs.DB, reading, func(ctx context.Context, entries []record.Entry) error {
		var changed []string
		for _, e := range entries {
			if id := datasetIn(e); id != "" && !slices.Contains(changed, id) {
				changed = append(changed, id)
			}
		}
		if len(changed) == 0 {
			return nil
		}
		return cs.keepAll(ctx, `dataset_id IN (`+db.Placeholders(3, len(changed))+`)`, db.Args(changed)...)
	})
}

// datasetIn is the dataset that an entry tells something of, "" for none.
func datasetIn(e record.Entry) string {
	switch {
	case strings.HasPrefix(e.Verb, "dataset."):
		return e.Object.ID
	case strings.HasPrefix(e.Verb, "resource."):
		var in struct{ Dataset string }
		if json.Unmarshal(e.Payload, &in) == nil {
			return in.Dataset
		}
	}
	return ""
}

// Sweep looks at all open commitments on datasets that are known.
func (cs *Commitments) Sweep(ctx context.Context) error { return cs.keepAll(ctx, `dataset_id <> ''`) }

// keepAll keeps what evidence passes for, of the open commitments that a condition
// chooses, whose parameters begin at $3.
func (cs *Commitments) keepAll(ctx context.Context, which string, args ...any) error {
	after := ""
	for {
		var list, ready []Commitment
		if err := cs.DB.Read(ctx, func(tx *db.Tx) (err error) {
			if list, err = db.All(tx, scan, `SELECT `+columns+`
				FROM commitments
				WHERE state = 'open' AND id > $1 AND `+which+`
				ORDER BY id
				LIMIT $2`, append([]any{after, atOnce}, args...)...); err != nil {
				return err
			}
			for _, c := range list {
				e, err := cs.evidence(tx, c, c.Object)
				if err != nil {
					return err
				}
				if c.keepsItself(e) {
					ready = append(ready, c)
				}
			}
			return nil
		}); err != nil || len(list) == 0 {
			return err
		}
		for _, c := range ready {
			if err := cs.keepNow(ctx, c.ID); err != nil {
				return fmt.Errorf("commitment %s: %w", c.Code, err)
			}
		}
		after = list[len(list)-1].ID
	}
}

// keepNow keeps a commitment when its evidence still passes. One that something is in the
// way of stops none of the others.
func (cs *Commitments) keepNow(ctx context.Context, id string) error {
	err := cs.DB.Write(plaza.WithActor(ctx, plaza.SystemActor), func(tx *db.Tx) error {
		c, err := pin(tx, id)
		if err != nil || c.State != Open {
			return err
		}
		e, err := cs.evidence(tx, c, c.Object)
		if err != nil || !c.keepsItself(e) {
			return err
		}
		_, acts, err := cs.keep(tx, c, institution.Voice{}, e)
		if err != nil {
			return err
		}
		return record.Append(tx, acts...)
	})
	switch plaza.KindOf(err) {
	case plaza.Conflict, plaza.NotFound:
		if err != nil {
			cs.Log.WarnContext(ctx, "a commitment cannot be kept", "commitment", id, "err", err)
		}
		return nil
	}
	return err
}
