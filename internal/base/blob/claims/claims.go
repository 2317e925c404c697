// Package claims removes from the file store what a part of Plaza put there and nothing names
// any more, without ever removing what is just being put. Whoever puts an object claims it
// first, puts it, and then names it by a row of its own, in one transaction; the sweep leaves
// alone what was claimed a short while ago, and dooms what it removes, so that nobody claims
// it from then on until it is gone.
//
// A part has a table of its own objects, with the columns sha256 (key), bytes, claimed_at and
// doomed_at.
package claims

import (
	"context"
	"fmt"
	"time"

	"plaza/internal/base/blob"
	"plaza/internal/base/db"
	"plaza/internal/plaza"
)

const (
	// held is how long an object may wait for the row that names it: longer than anything
	// that is made takes.
	held = 48 * time.Hour
	// soonAgain is when what is just being removed may be put again.
	soonAgain = time.Minute
	// atOnce bounds one transaction of the sweep.
	atOnce = 100
)

// Claims are the objects of one part.
type Claims struct {
	DB    *db.DB
	Store blob.Store
	Table string // of the objects
	Named string // SQL: whether a row of Table is named by others
	Busy  string // key of the sentence that an object is just being removed
	// Gone is told of each object that was removed; nil: nobody is.
	Gone func(key string)
}

// Claim says that objects, by their keys and sizes in bytes, are about to be put and named.
// One that is just being removed is Unavailable for a moment.
func (c Claims) Claim(tx *db.Tx, objects map[string]int64) error {
	for key, size := range objects {
		n, err := tx.Exec(`INSERT INTO `+c.Table+` (sha256, bytes, claimed_at) VALUES ($1, $2, $3)
			ON CONFLICT (sha256) DO UPDATE SET claimed_at = EXCLUDED.claimed_at WHERE `+c.Table+`.doomed_at IS NULL`, key, size, tx.Now)
		if err != nil {
			return fmt.Errorf("claiming an object: %w", err)
		}
		if n == 0 {
			return &plaza.Error{Kind: plaza.Unavailable, Key: c.Busy, RetryAfter: soonAgain}
		}
	}
	return nil
}

// Sweep removes what nothing names.
func (c Claims) Sweep(ctx context.Context) error {
	for after := ""; ; {
		var keys []string
		seen := 0
		err := c.DB.Write(ctx, func(tx *db.Tx) (err error) {
			old := tx.Now.Add(-held) // looked at twice: it may be claimed meanwhile
			all, err := db.All(tx, db.Column[string], `SELECT sha256 FROM `+c.Table+`
				WHERE sha256 > $1 AND claimed_at < $2 ORDER BY sha256 LIMIT $3`, after, old, atOnce)
			if err != nil || len(all) == 0 {
				seen = 0
				return err
			}
			seen, after = len(all), all[len(all)-1]
			keys, err = db.All(tx, db.Column[string], `UPDATE `+c.Table+` SET doomed_at = $1
				WHERE claimed_at < $2 AND sha256 IN (`+db.Placeholders(3, len(all))+`) AND NOT (`+c.Named+`) RETURNING sha256`, append([]any{tx.Now, old}, db.Args(all)...)...)
			return err
		})
		if err != nil {
			return fmt.Errorf("looking for objects that nothing names: %w", err)
		}
		for _, key := range keys {
			if err := c.remove(ctx, key); err != nil {
				return err
			}
		}
		if seen < atOnce {
			return nil
		}
	}
}

func (c Claims) remove(ctx context.Context, key string) error {
	if err := c.Store.Delete(ctx, key); err != nil {
		return fmt.Errorf("removing an object: %w", err)
	}
	if c.Gone != nil {
		c.Gone(key)
	}
	return c.DB.Write(ctx, func(tx *db.Tx) error {
		_, err := tx.Exec(`DELETE FROM `+c.Table+` WHERE sha256 = $1 AND doomed_at IS NOT NULL`, key)
		return err
	})
}
