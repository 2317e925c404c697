package explore

import (
	"context"
	"fmt"
	"io"
	"os"

	"plaza/internal/base/blob/claims"
)

// sweepAtOnce bounds one transaction of what is tidied.
const sweepAtOnce = 100

// claims are the explorer's objects in the file store: files as they were published, tables,
// and profiles that are long.
func (s *Section) claims() claims.Claims {
	c := claims.Claims{DB: s.DB, Store: s.Blob, Table: "explore_objects", Named: named, Busy: "explore.error.object"}
	if s.Cache != nil {
		c.Gone = s.Cache.Drop
	}
	return c
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
