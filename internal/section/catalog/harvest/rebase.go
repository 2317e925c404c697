package harvest

import (
	"context"
	"fmt"
	"strings"

	"plaza/internal/base/db"
	"plaza/internal/section/catalog"
)

// Rebase says that a source and what it lists have moved: addresses that began with
// from begin with to. It goes in batches and the source's own address goes last, so
// that one that is interrupted is done again whole.
func (h *Harvester) Rebase(ctx context.Context, s Source, from, to string) error {
	after := ""
	for {
		if err := h.db.Write(ctx, func(tx *db.Tx) (err error) {
			after, err = catalog.Rebase(tx, s.ID, from, to, after, batchSize)
			return err
		}); err != nil {
			return fmt.Errorf("moving source %s: %w", s.ID, err)
		}
		if after == "" {
			break
		}
	}
	return h.db.Write(ctx, func(tx *db.Tx) error {
		_, err := tx.Exec(`UPDATE sources SET url = $1 WHERE id = $2`, strings.Replace(s.URL, from, to, 1), s.ID)
		return err
	})
}
