package record

import (
	"context"
	"errors"
	"fmt"

	"plaza/internal/base/db"
	"plaza/internal/plaza"
)

// readAtOnce is how many entries a reader is given at a time.
const readAtOnce = 200

// onceAtOnce is how many one transaction takes.
const onceAtOnce = 100

// Read gives a reader, by its name, what is new for it in the record, some entries at a
// time, oldest first, and notes how far it came after each time. Of two processes that
// read at once both may be given the same entries, and after an error they are given
// again: what a reader does is the same when it is done twice. A reader that never read
// begins at the beginning.
func Read(ctx context.Context, d *db.DB, name string, take func(ctx context.Context, entries []Entry) error) error {
	for {
		var from int64
		var entries []Entry
		if err := d.Read(ctx, func(tx *db.Tx) error {
			at, _, err := Reached(tx, name)
			if err != nil {
				return err
			}
			from = at.Seq
			entries, err = Since(tx, Filter{After: from}, readAtOnce)
			return err
		}); err != nil || len(entries) == 0 {
			return err
		}
		if err := take(ctx, entries); err != nil {
			return fmt.Errorf("reading the record for %s after %d: %w", name, from, err)
		}
		if err := d.Write(ctx, func(tx *db.Tx) error {
			_, err := tx.Exec(`INSERT INTO record_positions (name, seq) VALUES ($1, $2)
				ON CONFLICT (name) DO UPDATE SET seq = excluded.seq WHERE record_positions.seq < excluded.seq`, name, entries[len(entries)-1].Seq)
			return err
		}); err != nil {
			return fmt.Errorf("noting how far %s read the record: %w", name, err)
		}
	}
}

// ReadOnce is Read for what must not be done twice: what take does with some entries and
// the note of how far it came are one transaction. begin is after which entry a reader
// begins that never read. Of two processes one leaves the rest to the other.
func ReadOnce(ctx context.Context, d *db.DB, name string, begin func(tx *db.Tx) (int64, error), take func(tx *db.Tx, entries []Entry) error) error {
	for more := true; more; {
		err := d.Write(ctx, func(tx *db.Tx) error {
			from, begun, err := Reached(tx, name)
			if err == nil && !begun {
				from.Seq, err = begin(tx)
			}
			if err != nil {
				return err
			}
			entries, err := Since(tx, Filter{After: from.Seq}, onceAtOnce)
			more = len(entries) == onceAtOnce
			if err != nil || len(entries) == 0 {
				return err
			}
			if err := take(tx, entries); err != nil {
				return err
			}
			return Reach(tx, name, from, Place{Seq: entries[len(entries)-1].Seq})
		})
		if errors.Is(err, ErrMoved) {
			return nil
		}
		if err != nil {
			return fmt.Errorf("reading the record for %s: %w", name, err)
		}
	}
	return nil
}

// Place is how far a reader came: it is done with all entries up to a number, and within
// the next one as far as its mark says.
type Place struct {
	Seq  int64
	Mark string
}

// Reached is how far a reader came; begun is false when it never read.
func Reached(tx *db.Tx, name string) (at Place, begun bool, err error) {
	err = tx.Row(`SELECT seq, recipient FROM record_positions WHERE name = $1`, name).Scan(&at.Seq, &at.Mark)
	if err != nil && plaza.KindOf(err) == plaza.NotFound {
		return Place{}, false, nil
	}
	return at, err == nil, err
}

// ErrMoved says that another process reads for the same reader, and is further.
var ErrMoved = errors.New("the record was read by another process")

// Reach notes how far a reader came, in the transaction that did what the entries ask.
func Reach(tx *db.Tx, name string, from, to Place) error {
	n, err := tx.Exec(`UPDATE record_positions SET seq = $1, recipient = $2 WHERE name = $3 AND seq = $4 AND recipient = $5`,
		to.Seq, to.Mark, name, from.Seq, from.Mark)
	if err == nil && n == 0 { // the first time, or somebody else was faster
		n, err = tx.Exec(`INSERT INTO record_positions (name, seq, recipient) VALUES ($1, $2, $3) ON CONFLICT (name) DO NOTHING`,
			name, to.Seq, to.Mark)
	}
	if err != nil {
		return fmt.Errorf("noting how far the record was read: %w", err)
	}
	if n == 0 {
		return ErrMoved
	}
	return nil
}
