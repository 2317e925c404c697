package engine

import (
	"context"
	"database/sql"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"plaza/internal/base/tabular"
	"plaza/internal/base/tabular/child"
)

// Compare counts the rows that two versions of a table do not share; see child.Engine.
// Rows are compared by the columns of the same name in both, hidden ones left out.
func (e *Engine) Compare(ctx context.Context, before, after child.Table) (child.Difference, error) {
	d := child.Difference{Before: before.Profile.Rows, After: after.Profile.Rows}
	a, done, err := e.both(ctx, before, after)
	if err != nil {
		return d, err
	}
	defer done()
	old, release, err := a.from(ctx, before)
	if err != nil {
		return d, err
	}
	defer release()
	now, release, err := a.from(ctx, after)
	if err != nil {
		return d, err
	}
	defer release()
	shared := common(before, after)
	if len(shared) == 0 {
		d.Added, d.Removed = d.After, d.Before
		return d, nil
	}
	if key := after.Profile.Key; len(key) > 0 && slices.Equal(key, before.Profile.Key) && containsAll(shared, key) {
		d.Key = key
		return d, byKey(ctx, a.db, old, now, shared, &d)
	}
	// Equal rows may come several times: what counts is how many more there are.
	rows := func(from string) string {
		return "(SELECT " + digest(shared) + " AS h, count(*) AS n FROM " + from + " GROUP BY h)"
	}
	err = a.db.QueryRowContext(ctx, `SELECT CAST(coalesce(sum(greatest(coalesce(b.n, 0) - coalesce(a.n, 0), 0)), 0) AS BIGINT),
		CAST(coalesce(sum(greatest(coalesce(a.n, 0) - coalesce(b.n, 0), 0)), 0) AS BIGINT)
		FROM `+rows(old)+` a FULL JOIN `+rows(now)+` b ON a.h = b.h`).Scan(&d.Added, &d.Removed)
	if err != nil {
		return d, fmt.Errorf("comparing rows: %w", err)
	}
	return d, nil
}

// both gives what answers about two tables. Those of different folders, as when one was
// just converted, get a DuckDB of their own that reaches both and ends with the question.
func (e *Engine) both(ctx context.Context, before, after child.Table) (a *tables, done func(), err error) {
	folders := []string{filepath.Dir(before.Parquet), filepath.Dir(after.Parquet)}
	if folders[0] == folders[1] {
		a, err = e.of(ctx, after)
		return a, func() {}, err
	}
	spill, tidy := "", func() {}
	if e.opts.Scratch != "" {
		if spill, err = os.MkdirTemp(e.opts.Scratch, "compare-*"); err != nil {
			return nil, nil, err
		}
		folders, tidy = append(folders, spill), func() { _ = os.RemoveAll(spill) } // the worker's scratch goes with it
	}
	db, err := e.open(ctx, spill, folders...)
	if err != nil {
		tidy()
		return nil, nil, err
	}
	return &tables{db: db, attached: map[string]*held{}}, func() { _ = db.Close(); tidy() }, nil // it only read
}

func byKey(ctx context.Context, db *sql.DB, old, now string, shared []string, d *child.Difference) error {
	rows := func(from string) string {
		return "(SELECT " + digest(d.Key) + " AS k, " + digest(shared) + " AS h FROM " + from + ")"
	}
	err := db.QueryRowContext(ctx, `SELECT count(*) FILTER (WHERE a.k IS NULL), count(*) FILTER (WHERE b.k IS NULL), count(*) FILTER (WHERE a.h <> b.h)
		FROM `+rows(old)+` a FULL JOIN `+rows(now)+` b ON a.k = b.k`).Scan(&d.Added, &d.Removed, &d.Changed)
	if err != nil {
		return fmt.Errorf("comparing rows by key: %w", err)
	}
	return nil
}

// digest is a number for the texts of some columns: that two rows' texts differ and
// their digests do not happens once in some 10^19 pairs. Types may differ between
// versions, texts say the same.
func digest(columns []string) string {
	list := make([]string, len(columns))
	for i, c := range columns {
		list[i] = "CAST(" + quoted(c) + " AS VARCHAR)"
	}
	return "hash(" + strings.Join(list, ", ") + ")"
}

func common(before, after child.Table) []string {
	var out []string
	for _, c := range after.Profile.Columns {
		if before.Profile.Column(c.Name) != nil && !slices.Contains(before.Hidden, c.Name) && !slices.Contains(after.Hidden, c.Name) && c.Type != tabular.Geometry {
			out = append(out, c.Name)
		}
	}
	return out
}

func containsAll(list, some []string) bool {
	for _, s := range some {
		if !slices.Contains(list, s) {
			return false
		}
	}
	return true
}
