package explore

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"slices"
	"strings"

	"plaza/internal/base/db"
)

// Read is what somebody reads of a resource: a version by its number, 0 follows the current
// one.
type Read struct {
	Resource string
	Number   int
}

// StampOf stands for what would be read of some resources now: which versions, and what of
// them nobody may see. As long as it is the same, so are their tables. It runs one statement.
func StampOf(tx *db.Tx, reads []Read) (string, error) {
	if len(reads) == 0 {
		return "", nil
	}
	var ids []string
	for _, r := range reads {
		if !slices.Contains(ids, r.Resource) {
			ids = append(ids, r.Resource)
		}
	}
	args, in := db.Args(ids), db.Placeholders(1, len(ids))
	pinned := ""
	for _, r := range reads {
		if r.Number > 0 {
			pinned += fmt.Sprintf(" OR (v.resource_id = $%d AND v.number = $%d)", len(args)+1, len(args)+2)
			args = append(args, r.Resource, r.Number)
		}
	}
	// of a version that is not current, whether it is kept still
	rows, err := db.All(tx, func(scan func(...any) error) (line [5]string, err error) {
		err = scan(&line[0], &line[1], &line[2], &line[3], &line[4])
		return line, err
	}, `SELECT 'version', v.resource_id, CAST(v.number AS TEXT), v.sha256 || ' ' || v.fixes,
			CAST(v.revision AS TEXT) || ' ' || v.state || CASE WHEN a.resource_id IS NULL THEN '' ELSE ' current' END || CASE WHEN v.expired_at IS NULL THEN '' ELSE ' expired' END
		FROM explore_versions v
		LEFT JOIN explore_attempts a ON a.resource_id = v.resource_id AND a.current_id = v.id
		WHERE v.resource_id IN (`+in+`) AND (a.resource_id IS NOT NULL`+pinned+`)
		UNION ALL SELECT 'column', resource_id, name, label, state FROM explore_columns WHERE resource_id IN (`+in+`)
		UNION ALL SELECT DISTINCT 'suspect', resource_id, name, label, '' FROM explore_suspects WHERE resource_id IN (`+in+`)`, args...)
	if err != nil {
		return "", fmt.Errorf("looking what is read of resources now: %w", err)
	}
	slices.SortFunc(rows, func(a, b [5]string) int { return cmp.Compare(strings.Join(a[:], "\x00"), strings.Join(b[:], "\x00")) })
	h := sha256.New()
	for _, line := range rows {
		fmt.Fprintf(h, "%q\n", line)
	}
	return hex.EncodeToString(h.Sum(nil)), nil
}
