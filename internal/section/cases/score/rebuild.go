package score

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"sync"

	"golang.org/x/sync/errgroup"

	"plaza/internal/base/db"
	"plaza/internal/civic/record"
)

// How everything is made again.
const (
	pageOfRecord = 10_000 // numbers of entries that are read at a time
	readers      = 2      // of its pages
	rowsPerWrite = 4_000  // rows of one transaction: nobody else waits long
)

// Rebuild makes everything again from the record, and returns how many entries of it were
// counted. What readers see meanwhile is what was there, or the same made anew.
func (s *Scores) Rebuild(ctx context.Context) (int, error) {
	var from record.Place
	var last int64
	if err := s.DB.Write(ctx, func(tx *db.Tx) (err error) {
		if from, _, err = record.Reached(tx, reading); err != nil {
			return err
		}
		if last, err = record.Position(tx); err != nil {
			return err
		}
		to := record.Place{Seq: from.Seq, Mark: rebuilding}
		if err := record.Reach(tx, reading, from, to); err != nil {
			return err
		}
		from = to
		return nil
	}); err != nil {
		return 0, fmt.Errorf("beginning to make the figures again: %w", err)
	}
	b, n, err := s.readAll(ctx, last)
	if err != nil {
		return n, err
	}
	var tallies map[cellKey]*tally
	var counting sync.WaitGroup
	counting.Go(func() { tallies = talliesOf(b.facts) }) // nothing changes what was read any more
	err = s.keep(ctx, b)
	counting.Wait()
	if err != nil {
		return n, err
	}
	return n, s.DB.Write(ctx, func(tx *db.Tx) error {
		if err := keepTallies(tx, tallies); err != nil {
			return err
		}
		return record.Reach(tx, reading, from, record.Place{Seq: last})
	})
}

// readAll folds the record up to a number. Its pages are read by several in turn, which is
// what takes longest, and are folded in their order meanwhile.
func (s *Scores) readAll(ctx context.Context, last int64) (*book, int, error) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	g, ctx := errgroup.WithContext(ctx)
	var pages [readers]chan []entry
	for i := range pages {
		pages[i] = make(chan []entry, 1)
		g.Go(func() error {
			defer close(pages[i])
			for after := int64(i) * pageOfRecord; after < last; after += readers * pageOfRecord {
				var page []entry
				if err := s.DB.Read(ctx, func(tx *db.Tx) (err error) {
					page, err = entriesUpTo(tx, after, min(last, after+pageOfRecord))
					return err
				}); err != nil {
					return fmt.Errorf("reading the record: %w", err)
				}
				select {
				case pages[i] <- page:
				case <-ctx.Done():
					return ctx.Err()
				}
			}
			return nil
		})
	}
	b, n := newBook(), 0
	for i := 0; ; i++ {
		page, more := <-pages[i%readers] // whoever has no page more was the last, or failed
		if !more {
			return b, n, g.Wait()
		}
		for _, e := range page {
			if err := b.apply(e); err != nil {
				return nil, n, err
			}
		}
		n += len(page)
	}
}

// keep writes all that is known and is not stored so, and takes away what the record does
// not know of.
func (s *Scores) keep(ctx context.Context, b *book) error {
	facts, gone, err := s.differing(ctx, b.facts)
	if err != nil {
		return err
	}
	if err := inPieces(ctx, s.DB, facts, putFacts); err != nil {
		return err
	}
	if err := takeAway(ctx, s.DB, "score_cases", "case_id", gone); err != nil {
		return err
	}
	if err := inPieces(ctx, s.DB, slices.Collect(maps.Values(b.promises)), putPromises); err != nil {
		return err
	}
	if err := s.DB.Read(ctx, func(tx *db.Tx) error {
		all, err := db.All(tx, db.Column[string], `SELECT commitment_id FROM score_commitments`)
		gone = slices.DeleteFunc(all, func(id string) bool { return b.promises[id] != nil })
		return err
	}); err != nil {
		return err
	}
	return takeAway(ctx, s.DB, "score_commitments", "commitment_id", gone)
}

// differing are the cases that are not stored as they are known, in the order of their
// ids, and the ids of those that are stored and not known. Most of what is stored is as it
// should be: to compare takes half as long as to write, and nobody waits for it. Each half
// is read by itself.
func (s *Scores) differing(ctx context.Context, known map[string]*fact) (facts []*fact, gone []string, err error) {
	ids := slices.Sorted(maps.Keys(known)) // to write in the order of the key is faster
	if len(ids) == 0 {
		ids = []string{""}
	}
	middle := ids[len(ids)/2]
	var mu sync.Mutex
	same := make(map[string]bool, len(ids))
	g, ctx := errgroup.WithContext(ctx)
	for _, half := range []string{`case_id <= $1`, `case_id > $1`} {
		g.Go(func() error {
			return s.DB.Read(ctx, func(tx *db.Tx) error {
				return db.Each(tx, scanFact, func(stored fact) error {
					is := known[stored.Case]
					mu.Lock()
					defer mu.Unlock()
					switch {
					case is == nil:
						gone = append(gone, stored.Case)
					case *is == stored:
						same[stored.Case] = true
					}
					return nil
				}, `SELECT `+factColumns+` FROM score_cases WHERE `+half, middle)
			})
		})
	}
	if err := g.Wait(); err != nil {
		return nil, nil, fmt.Errorf("reading what is known of cases: %w", err)
	}
	for _, id := range ids {
		if f := known[id]; f != nil && !same[id] {
			facts = append(facts, f)
		}
	}
	return facts, gone, nil
}

func inPieces[R any](ctx context.Context, d *db.DB, rows []R, put func(*db.Tx, []R) error) error {
	for part := range slices.Chunk(rows, rowsPerWrite) {
		if err := d.Write(ctx, func(tx *db.Tx) error { return put(tx, part) }); err != nil {
			return err
		}
	}
	return nil
}

// takeAway deletes rows by their keys.
func takeAway(ctx context.Context, d *db.DB, table, key string, gone []string) error {
	return inPieces(ctx, d, gone, func(tx *db.Tx, ids []string) error {
		_, err := tx.Exec(`DELETE FROM `+table+` WHERE `+key+` IN (`+db.Placeholders(1, len(ids))+`)`, db.Args(ids)...)
		return err
	})
}
