package record

import (
	"context"
	"fmt"

	"plaza/internal/base/db"
	"plaza/internal/plaza"
)

// readAtOnce is how many entries a reader is given at a time.
const readAtOnce = 200

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
			err := tx.Row(`SELECT seq FROM record_positions WHERE name = $1`, name).Scan(&from)
			if err != nil && plaza.KindOf(err) != plaza.NotFound {
				return err
			}
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
