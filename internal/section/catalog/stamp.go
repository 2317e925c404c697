package catalog

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"slices"
	"strings"
	"time"

	"plaza/internal/base/db"
)

// StampOf stands for what is told of some resources now: what they and their datasets are
// called, whether they are listed, and withheld. It runs one statement.
func StampOf(tx *db.Tx, resources []string) (string, error) {
	if len(resources) == 0 {
		return "", nil
	}
	rows, err := db.All(tx, func(scan func(...any) error) (string, error) {
		var text [6]string
		var removed, withheld, changed time.Time
		err := scan(&text[0], &text[1], &text[2], &text[3], &text[4], &text[5], &removed, &withheld, &changed)
		return fmt.Sprintf("%q %d %d %d", text, removed.UnixMicro(), withheld.UnixMicro(), changed.UnixMicro()), err
	}, `SELECT r.id, r.title, d.slug, d.title, d.state, d.institution_id, r.removed_at, r.withheld_at, d.changed_at
		FROM resources r
		JOIN datasets d ON d.id = r.dataset_id
		WHERE r.id IN (`+db.Placeholders(1, len(resources))+`)`, db.Args(resources)...)
	if err != nil {
		return "", fmt.Errorf("looking what is told of resources now: %w", err)
	}
	slices.SortFunc(rows, cmp.Compare[string])
	sum := sha256.Sum256([]byte(strings.Join(rows, "\n")))
	return hex.EncodeToString(sum[:]), nil
}
