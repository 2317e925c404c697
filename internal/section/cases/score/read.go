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
	"plaza/internal/plaza"
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

// place is how far the record has been read.
type place struct {
	seq  int64
	mark string
}

func placeNow(tx *db.Tx) (p place, err error) {
	err = tx.Row(`SELECT seq, recipient FROM record_positions WHERE name = $1`, reading).Scan(&p.seq, &p.mark)
	if err != nil && plaza.KindOf(err) == plaza.NotFound {
		return place{}, nil
	}
	return p, err
}

// errMoved says that another process reads, and is further.
var errMoved = errors.New("the place was moved by another process")

// move notes how far the record has been read, in the transaction that kept what it says.
func move(tx *db.Tx, from, to place) error {
	n, err := tx.Exec(`UPDATE record_positions SET seq = $1, recipient = $2 WHERE name = $3 AND seq = $4 AND recipient = $5`,
		to.seq, to.mark, reading, from.seq, from.mark)
	if err == nil && n == 0 && from == (place{}) {
		n, err = tx.Exec(`INSERT INTO record_positions (name, seq, recipient) VALUES ($1, $2, $3) ON CONFLICT (name) DO NOTHING`, reading, to.seq, to.mark)
	}
	if err != nil {
		return fmt.Errorf("noting how far the record was read: %w", err)
	}
	if n == 0 {
		return errMoved
	}
	return nil
}

// Read reads everything that is new in the record.
func (s *Scores) Read(ctx context.Context) error {
	for {
		more, err := s.turn(ctx)
		if errors.Is(err, errMoved) {
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
	var from place
	var last int64
	var entries []entry
	if err := s.DB.Read(ctx, func(tx *db.Tx) (err error) {
		if from, err = placeNow(tx); err != nil {
			return err
		}
		if last, err = record.Position(tx); err != nil || last <= from.seq {
			return err
		}
		if from.mark == "" && last-from.seq <= far {
			last = min(last, from.seq+atOnce)
			entries, err = entriesUpTo(tx, from.seq, last)
		}
		return err
	}); err != nil {
		return false, err
	}
	switch {
	case from.mark == rebuilding || last-from.seq > far:
		_, err := s.Rebuild(ctx)
		return false, err
	case last <= from.seq:
		return false, nil
	}
	return true, s.DB.Write(ctx, func(tx *db.Tx) error {
		if err := fold(tx, entries); err != nil {
			return err
		}
		return move(tx, from, place{seq: last})
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
