package explore

import (
	"context"
	"fmt"
	"io"
	"os"
	"time"

	"plaza/internal/base/db"
	"plaza/internal/plaza"
)

const (
	// claimed is how long an object may wait for the row that names it: longer than any
	// conversion takes.
	claimed = 48 * time.Hour
	// soonAgain is when what is just being removed may be put again.
	soonAgain = time.Minute
	// sweepAtOnce bounds one transaction of the sweep.
	sweepAtOnce = 100
)

// claim says that objects are about to be put into the file store and named by rows, so
// that the sweep leaves them alone. One that is just being removed is Unavailable for a
// moment.
func claim(tx *db.Tx, objects map[string]int64) error {
	for key, size := range objects {
		n, err := tx.Exec(`INSERT INTO explore_objects (sha256, bytes, claimed_at) VALUES ($1, $2, $3)
			ON CONFLICT (sha256) DO UPDATE SET claimed_at = EXCLUDED.claimed_at WHERE explore_objects.doomed_at IS NULL`, key, size, tx.Now)
		if err != nil {
			return fmt.Errorf("claiming an object: %w", err)
		}
		if n == 0 {
			return &plaza.Error{Kind: plaza.Unavailable, Key: "explore.error.object", RetryAfter: soonAgain}
		}
	}
	return nil
}

// put stores a file under the SHA-256 that it must have.
func (s *Section) put(ctx context.Context, path, key string) error {
	f, err := os.Open(path)
	if err != nil {
		return fmt.Errorf("storing a table: %w", err)
	}
	defer f.Close()
	return s.putAs(ctx, f, key)
}

func (s *Section) putAs(ctx context.Context, r io.Reader, key string) error {
	info, err := s.Blob.Put(ctx, r)
	if err != nil {
		return fmt.Errorf("storing a table: %w", err)
	}
	if info.Key != key {
		// what was written is nobody's; the store may hold it for another, so it stays
		return ours(faultChanged, nil)
	}
	return nil
}

// named is the condition under which an object is still needed.
const named = `EXISTS (SELECT 1 FROM explore_versions v WHERE v.sha256 = explore_objects.sha256 AND v.expired_at IS NULL)
	OR EXISTS (SELECT 1 FROM explore_versions v WHERE v.profile_sha256 = explore_objects.sha256 AND v.profile_sha256 <> '')
	OR EXISTS (SELECT 1 FROM explore_tables t WHERE t.sha256 = explore_objects.sha256)`

// sweepObjects removes objects that nothing names. Each is doomed first: nobody claims it
// from then on until it is gone, so that none is removed which was put a moment ago.
func (s *Section) sweepObjects(ctx context.Context) error {
	for after := ""; ; {
		var keys []string
		seen := 0
		err := s.DB.Write(ctx, func(tx *db.Tx) (err error) {
			old := tx.Now.Add(-claimed) // looked at twice: it may be claimed meanwhile
			all, err := db.All(tx, db.Column[string], `SELECT sha256 FROM explore_objects
				WHERE sha256 > $1 AND claimed_at < $2 ORDER BY sha256 LIMIT $3`, after, old, sweepAtOnce)
			if err != nil || len(all) == 0 {
				seen = 0
				return err
			}
			seen, after = len(all), all[len(all)-1]
			keys, err = db.All(tx, db.Column[string], `UPDATE explore_objects SET doomed_at = $1
				WHERE claimed_at < $2 AND sha256 IN (`+db.Placeholders(3, len(all))+`) AND NOT (`+named+`) RETURNING sha256`, append([]any{tx.Now, old}, db.Args(all)...)...)
			return err
		})
		if err != nil {
			return fmt.Errorf("looking for objects that nothing names: %w", err)
		}
		for _, key := range keys {
			if err := s.removeObject(ctx, key); err != nil {
				return err
			}
		}
		if seen < sweepAtOnce {
			return nil
		}
	}
}

func (s *Section) removeObject(ctx context.Context, key string) error {
	if err := s.Blob.Delete(ctx, key); err != nil {
		return fmt.Errorf("removing an object: %w", err)
	}
	if s.Cache != nil {
		s.Cache.Drop(key)
	}
	return s.DB.Write(ctx, func(tx *db.Tx) error {
		_, err := tx.Exec(`DELETE FROM explore_objects WHERE sha256 = $1 AND doomed_at IS NOT NULL`, key)
		return err
	})
}
