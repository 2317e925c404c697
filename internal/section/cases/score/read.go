package score

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"plaza/internal/base/db"
	"plaza/internal/base/job"
	"plaza/internal/civic/record"
)

// reading is the name of this reader of the record.
const reading = "scores"

// rebuilding is what its place says while everything is made again: nobody else may read
// on until that has ended. One that was broken off is begun again by whoever comes next.
const rebuilding = "rebuilding"

// How the record is read.
const (
	atOnce = 500    // numbers of entries that one turn takes
	far    = 20_000 // entries behind from which on all is made again, which is faster
	rest   = 250 * time.Millisecond
)

// Reading is the job that reads what is new in the record.
type Reading struct{}

// Kind implements job.Args.
func (Reading) Kind() string { return "cases.scores" }

// Work registers the job.
func (s *Scores) Work(r *job.Runner) {
	r.Handle(Reading{}.Kind(), func(ctx context.Context, _ *job.Job) error { return s.Read(ctx) })
	r.Every(Reading{}.Kind(), job.Interval(time.Minute), Reading{}, job.Options{Unique: Reading{}.Kind()})
}

// Run reads what is new whenever something was written to the record, until ctx ends.
// What it misses, the job does within a minute.
func (s *Scores) Run(ctx context.Context) {
	woken, stop := s.DB.Listen(record.Topic)
	defer stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-woken:
		}
		if err := s.Read(ctx); err != nil && ctx.Err() == nil {
			s.Log.WarnContext(ctx, "figures behind", "err", err)
		}
		select { // a burst is read at once
		case <-ctx.Done():
			return
		case <-time.After(rest):
		}
	}
}

// Read reads everything that is new in the record.
func (s *Scores) Read(ctx context.Context) error {
	for {
		more, err := s.turn(ctx)
		if errors.Is(err, record.ErrMoved) {
			return nil // whoever moved it reads on
		}
		if err != nil {
			return fmt.Errorf("reading the record for the figures: %w", err)
		}
		if !more {
			return nil
		}
	}
}

// turn reads the next entries; more is false when there are none.
func (s *Scores) turn(ctx context.Context) (more bool, err error) {
	var from record.Place
	var last int64
	var entries []entry
	if err := s.DB.Read(ctx, func(tx *db.Tx) (err error) {
		if from, _, err = record.Reached(tx, reading); err != nil {
			return err
		}
		if last, err = record.Position(tx); err != nil || last <= from.Seq {
			return err
		}
		if from.Mark == "" && last-from.Seq <= far {
			last = min(last, from.Seq+atOnce)
			entries, err = entriesUpTo(tx, from.Seq, last)
		}
		return err
	}); err != nil {
		return false, err
	}
	switch {
	case from.Mark == rebuilding || last-from.Seq > far:
		_, err := s.Rebuild(ctx)
		return false, err
	case last <= from.Seq:
		return false, nil
	}
	return true, s.DB.Write(ctx, func(tx *db.Tx) error {
		if err := fold(tx, entries); err != nil {
			return err
		}
		return record.Reach(tx, reading, from, record.Place{Seq: last})
	})
}

// fold keeps what entries say.
func fold(tx *db.Tx, entries []entry) error {
	b := newBook()
	var ids, promised []string
	for _, e := range entries {
		if strings.HasPrefix(e.Verb, ofCases) {
			ids = append(ids, e.ID)
		} else {
			promised = append(promised, e.ID)
		}
	}
	var err error
	if b.facts, err = factsOf(tx, distinct(ids)); err != nil {
		return err
	}
	was := map[string]fact{}
	for id, f := range b.facts {
		was[id] = *f
	}
	if b.promises, err = promisesOf(tx, distinct(promised)); err != nil {
		return err
	}
	for _, e := range entries {
		if err := b.apply(e); err != nil {
			return err
		}
	}
	if err := putFacts(tx, slices.Collect(maps.Values(b.facts))); err != nil {
		return err
	}
	changed := change{}
	for id, f := range b.facts {
		if before, ok := was[id]; !ok {
			changed.note(nil, f)
		} else if before != *f {
			changed.note(&before, f)
		}
	}
	if err := changed.keep(tx); err != nil {
		return err
	}
	return putPromises(tx, slices.Collect(maps.Values(b.promises)))
}

func distinct(ids []string) []string {
	slices.Sort(ids)
	return slices.Compact(ids)
}

// book is what is known of cases and commitments, in memory.
type book struct {
	facts    map[string]*fact
	promises map[string]*promise
}

func newBook() *book { return &book{map[string]*fact{}, map[string]*promise{}} }

func (b *book) apply(e entry) error {
	if strings.HasPrefix(e.Verb, ofCommitments) {
		c := b.promises[e.ID]
		if c == nil {
			c = &promise{ID: e.ID}
			b.promises[e.ID] = c
		}
		return c.apply(e)
	}
	f := b.facts[e.ID]
	if f == nil {
		f = newFact(e.ID)
		b.facts[e.ID] = f
	}
	return f.apply(e)
}
