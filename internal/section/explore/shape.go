package explore

import (
	"fmt"

	"plaza/internal/base/db"
)

// Shape is how large a resource's current version is.
type Shape struct {
	Rows    int64
	Columns int
	// Closed says that there is nothing to see: its file was tried and is no table, or it
	// is withheld.
	Closed bool
}

// ShapesOf tells of those of the resources that were tried, with one statement.
func ShapesOf(tx *db.Tx, resources []string) (map[string]Shape, error) {
	out := map[string]Shape{}
	if len(resources) == 0 {
		return out, nil
	}
	rows, err := tx.Query(`SELECT a.resource_id, a.outcome, a.current_id, COALESCE(v.row_count, 0), COALESCE(v.column_count, 0), COALESCE(c.state, '')
		FROM explore_attempts a LEFT JOIN explore_versions v ON v.id = a.current_id
		LEFT JOIN explore_columns c ON c.resource_id = a.resource_id AND c.name = '' AND c.label = ''
		WHERE a.resource_id IN (`+db.Placeholders(1, len(resources))+`)`, db.Args(resources)...)
	if err != nil {
		return nil, fmt.Errorf("reading how large tables are: %w", err)
	}
	defer rows.Close()
	for rows.Next() {
		var id, outcome, current, state string
		var s Shape
		if err := rows.Scan(&id, &outcome, &current, &s.Rows, &s.Columns, &state); err != nil {
			return nil, err
		}
		s.Closed = state == stateHidden || current == "" && Outcome(outcome) == OutcomeFailed
		if s.Closed {
			s.Rows, s.Columns = 0, 0
		}
		out[id] = s
	}
	return out, rows.Err()
}
