package explore

import (
	"context"
	"fmt"

	"plaza/internal/base/db"
	"plaza/internal/plaza"
)

// Sweep removes the files of versions beyond those that are kept, and then the objects of
// the file store that nothing names any more.
func (s *Section) Sweep(ctx context.Context) error {
	for after := ""; ; {
		var crowded []string
		if err := s.DB.Read(ctx, func(tx *db.Tx) (err error) {
			crowded, err = db.All(tx, db.Column[string], `SELECT resource_id FROM explore_versions
				WHERE expired_at IS NULL AND resource_id > $1 GROUP BY resource_id HAVING COUNT(id) > $2 ORDER BY resource_id LIMIT $3`,
				after, s.Keep, sweepAtOnce)
			return err
		}); err != nil {
			return fmt.Errorf("looking for versions that are not kept: %w", err)
		}
		for _, id := range crowded {
			if err := s.DB.Write(ctx, func(tx *db.Tx) error { return s.thin(tx, id) }); err != nil {
				return err
			}
			after = id
		}
		if len(crowded) < sweepAtOnce {
			return s.claims().Sweep(ctx)
		}
	}
}

// thin lets a resource's oldest versions expire until it has as many as are kept. The
// current one stays, and of an openly licensed resource the first good one too: they do
// not count against the others' place.
func (s *Section) thin(tx *db.Tx, resource string) error {
	r, err := s.Resources.Resource(tx, resource)
	if unlessMissing(err) != nil {
		return err
	}
	a, err := pin(tx, resource)
	if err != nil {
		return err
	}
	list, err := db.All(tx, scanVersion, `SELECT `+versionColumns+` FROM explore_versions
		WHERE resource_id = $1 AND expired_at IS NULL ORDER BY number DESC`, resource)
	if err != nil {
		return err
	}
	first := ""
	if r.Open {
		if first, err = firstGood(tx, resource); err != nil {
			return err
		}
	}
	kept := 0
	for _, v := range list {
		if v.ID == a.Current || v.ID == first || kept < s.Keep-1 {
			if v.ID != a.Current && v.ID != first {
				kept++
			}
			continue
		}
		if err := expire(tx, v); err != nil {
			return err
		}
	}
	return nil
}

// firstGood is the id of a resource's first good version, "" when there is none.
func firstGood(tx *db.Tx, resource string) (id string, err error) {
	err = tx.Row(`SELECT id FROM explore_versions WHERE resource_id = $1 AND state = $2 ORDER BY number LIMIT 1`, resource, Good).Scan(&id)
	return id, unlessMissing(err)
}

// expire forgets the files of a version. What is small and tells of it stays: its number,
// checksum, dates and, where it is a text, its profile.
func expire(tx *db.Tx, v Version) error {
	if _, err := tx.Exec(`UPDATE explore_versions SET expired_at = $1, profile = CASE WHEN profile_sha256 <> '' THEN '' ELSE profile END, profile_sha256 = '' WHERE id = $2`, tx.Now, v.ID); err != nil {
		return fmt.Errorf("letting a version expire: %w", err)
	}
	if _, err := tx.Exec(`DELETE FROM explore_tables WHERE version_id = $1`, v.ID); err != nil {
		return fmt.Errorf("letting a version expire: %w", err)
	}
	return nil
}

// LastGood is the last good version of an openly licensed resource, which is offered when
// its source died, serves something else or withdrew it. NotFound for any other, and while
// the file is withheld.
func (s *Section) LastGood(tx *db.Tx, resource string) (Version, error) {
	r, err := s.Resources.Resource(tx, resource)
	if err != nil {
		return Version{}, err
	}
	h, err := HidingOf(tx, r)
	if err != nil {
		return Version{}, err
	}
	if !r.Open || h.File {
		return Version{}, errNoCopy
	}
	return Current(tx, resource)
}

var errNoCopy error = plaza.E(plaza.NotFound, "explore.error.no_copy")
