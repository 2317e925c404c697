package engine

import (
	"context"
	"database/sql"
	"fmt"
	"path/filepath"
	"slices"
	"strings"

	"plaza/internal/base/tabular"
	"plaza/internal/base/tabular/child"
)

// Compare counts the rows that two versions of a table do not share; see child.Engine.
// Rows are compared by the columns of the same name in both, hidden ones left out. The
// versions may lie in different folders, so a database of its own reads both.
func (e *Engine) Compare(ctx context.Context, before, after child.Table) (child.Difference, error) {
	d := child.Difference{Before: before.Profile.Rows, After: after.Profile.Rows}
	shared := common(before, after)
	if len(shared) == 0 {
		d.Added, d.Removed = d.After, d.Before
		return d, nil
	}
	db, err := e.open(ctx, e.opts.Scratch, filepath.Dir(before.Parquet), filepath.Dir(after.Parquet))
	if err != nil {
		return d, err
	}
	defer db.Close()
	old, now := "read_parquet("+literal(before.Parquet)+")", "read_parquet("+literal(after.Parquet)+")"
	if key := after.Profile.Key; len(key) > 0 && slices.Equal(key, before.Profile.Key) {
		if by := some(shared, key); len(by) == len(key) {
			d.Key = key
			return d, byKey(ctx, db, old, now, by, shared, &d)
		}
	}
	// Equal rows may come several times: what counts is how many more there are.
	rows := func(from string) string {
		return "(SELECT " + digest(shared) + " AS h, count(*) AS n FROM " + from + " GROUP BY 1)"
	}
	err = db.QueryRowContext(ctx, `SELECT CAST(coalesce(sum(greatest(coalesce(b.n, 0) - coalesce(a.n, 0), 0)), 0) AS BIGINT),
		CAST(coalesce(sum(greatest(coalesce(a.n, 0) - coalesce(b.n, 0), 0)), 0) AS BIGINT)
		FROM `+rows(old)+` a FULL JOIN `+rows(now)+` b ON a.h = b.h`).Scan(&d.Added, &d.Removed)
	if err != nil {
		return d, fmt.Errorf("comparing rows: %w", err)
	}
	return d, nil
}

func byKey(ctx context.Context, db *sql.DB, old, now string, key, shared []both, d *child.Difference) error {
	rows := func(from string) string {
		return "(SELECT " + digest(key) + " AS k, " + digest(shared) + " AS h FROM " + from + ")"
	}
	err := db.QueryRowContext(ctx, `SELECT count(*) FILTER (WHERE a.k IS NULL), count(*) FILTER (WHERE b.k IS NULL), count(*) FILTER (WHERE a.h <> b.h)
		FROM `+rows(old)+` a FULL JOIN `+rows(now)+` b ON a.k = b.k`).Scan(&d.Added, &d.Removed, &d.Changed)
	if err != nil {
		return fmt.Errorf("comparing rows by key: %w", err)
	}
	return nil
}

// both is a column that two versions have.
type both struct {
	name string
	as   string // the type as which the values of both are read, "" for that which they have
}

// digest is a number for the texts of some columns: that two rows' texts differ and
// their digests do not happens once in some 10^19 pairs.
func digest(columns []both) string {
	list := make([]string, len(columns))
	for i, c := range columns {
		value := quoted(c.name)
		if c.as != "" {
			value = "CAST(" + value + " AS " + c.as + ")"
		}
		list[i] = "CAST(" + value + " AS VARCHAR)"
	}
	return "hash(" + strings.Join(list, ", ") + ")"
}

// common are the columns of the same name. Where one version has whole numbers and the
// other fractions, or days and instants, 1 and 1.0 are the same value.
func common(before, after child.Table) []both {
	var out []both
	for _, c := range after.Profile.Columns {
		old := before.Profile.Column(c.Name)
		if old == nil || slices.Contains(before.Hidden, c.Name) || slices.Contains(after.Hidden, c.Name) || c.Type == tabular.Geometry {
			continue
		}
		one := both{name: c.Name}
		if x, y := old.Type.Storage(), c.Type.Storage(); x != y {
			stored := []tabular.Storage{x, y}
			switch {
			case slices.Contains(stored, tabular.StoredInt) && slices.Contains(stored, tabular.StoredFloat):
				one.as = "DOUBLE"
			case slices.Contains(stored, tabular.StoredDate) && slices.Contains(stored, tabular.StoredTimestamp):
				one.as = "TIMESTAMP"
			}
		}
		out = append(out, one)
	}
	return out
}

// some are those of the columns that have one of the names.
func some(columns []both, names []string) []both {
	return slices.DeleteFunc(slices.Clone(columns), func(c both) bool { return !slices.Contains(names, c.name) })
}
