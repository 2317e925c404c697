package score

import (
	"context"
	"fmt"
	"slices"

	"plaza/internal/base/db"
	"plaza/internal/civic/record"
)

// How everything is made again.
const (
	pageOfRecord = 10_000 // numbers of entries that are read at a time
	rowsPerWrite = 4_000  // rows of one transaction: nobody else waits long
)

// Rebuild makes everything again from the record, and returns how many entries of it were
// counted. What readers see meanwhile is what was there, or the same made anew.
func (s *Scores) Rebuild(ctx context.Context) (int, error) {
	var from place
	var last int64
	if err := s.DB.Write(ctx, func(tx *db.Tx) (err error) {
		if from, err = placeNow(tx); err != nil {
			return err
		}
		if last, err = record.Position(tx); err != nil {
			return err
		}
		to := place{seq: from.seq, mark: rebuilding}
		if err := move(tx, from, to); err != nil {
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
	if err := s.keep(ctx, b); err != nil {
		return n, err
	}
	return n, s.DB.Write(ctx, func(tx *db.Tx) error {
		if err := retally(tx, b.facts); err != nil {
			return err
		}
		return move(tx, from, place{seq: last})
	})
}

// readAll folds the record up to a number. What is read from the store is folded while
// the next is read.
func (s *Scores) readAll(ctx context.Context, last int64) (*book, int, error) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	pages := make(chan []entry, 2)
	failed := make(chan error, 1)
	go func() {
		defer close(pages)
		for after := int64(0); after < last; after += pageOfRecord {
			var page []entry
			if err := s.DB.Read(ctx, func(tx *db.Tx) (err error) {
				page, err = entriesUpTo(tx, after, min(last, after+pageOfRecord))
				return err
			}); err != nil {
				failed <- fmt.Errorf("reading the record: %w", err)
				return
			}
			select {
			case pages <- page:
			case <-ctx.Done():
				failed <- ctx.Err()
				return
			}
		}
	}()
	b, n := newBook(), 0
	for page := range pages {
		for _, e := range page {
			if err := b.apply(e); err != nil {
				return nil, n, err
			}
		}
		n += len(page)
	}
	select {
	case err := <-failed:
		return nil, n, err
	default:
		return b, n, nil
	}
}

// keep writes all that is known, and takes away what the record does not know of.
func (s *Scores) keep(ctx context.Context, b *book) error {
	facts := make([]*fact, 0, len(b.facts))
	for _, f := range b.facts {
		facts = append(facts, f)
	}
	slices.SortFunc(facts, func(a, b *fact) int { return compare(a.Case, b.Case) }) // in the order of the key, which is faster
	promises := make([]*promise, 0, len(b.promises))
	for _, c := range b.promises {
		promises = append(promises, c)
	}
	if err := inPieces(ctx, s.DB, facts, putFacts); err != nil {
		return err
	}
	if err := inPieces(ctx, s.DB, promises, putPromises); err != nil {
		return err
	}
	if err := prune(ctx, s.DB, "score_cases", "case_id", func(id string) bool { return b.facts[id] != nil }); err != nil {
		return err
	}
	return prune(ctx, s.DB, "score_commitments", "commitment_id", func(id string) bool { return b.promises[id] != nil })
}

func compare(a, b string) int {
	switch {
	case a < b:
		return -1
	case a > b:
		return 1
	}
	return 0
}

func inPieces[R any](ctx context.Context, d *db.DB, rows []R, put func(*db.Tx, []R) error) error {
	for part := range slices.Chunk(rows, rowsPerWrite) {
		if err := d.Write(ctx, func(tx *db.Tx) error { return put(tx, part) }); err != nil {
			return err
		}
	}
	return nil
}

// prune deletes the rows whose key is not known.
func prune(ctx context.Context, d *db.DB, table, key string, known func(string) bool) error {
	var gone []string
	if err := d.Read(ctx, func(tx *db.Tx) error {
		all, err := db.All(tx, db.Column[string], `SELECT `+key+` FROM `+table)
		gone = slices.DeleteFunc(all, known)
		return err
	}); err != nil {
		return err
	}
	return inPieces(ctx, d, gone, func(tx *db.Tx, ids []string) error {
		_, err := tx.Exec(`DELETE FROM `+table+` WHERE `+key+` IN (`+db.Placeholders(1, len(ids))+`)`, db.Args(ids)...)
		return err
	})
}
