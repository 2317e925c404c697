package explore

import (
	"context"
	"fmt"
	"path/filepath"

	"plaza/internal/base/tabular"
	"plaza/internal/base/tabular/child"
	"plaza/internal/section/explore/cache"
)

// Change is how a version differs from the one that was current before it.
type Change struct {
	From  int   `json:"from"` // number of that version
	Drift Drift `json:"drift"`
	// Counted says that the rows were compared, in all tables that both have.
	Counted  bool  `json:"counted,omitempty"`
	Added    int64 `json:"added,omitempty"` // rows
	Removed  int64 `json:"removed,omitempty"`
	Modified int64 `json:"modified,omitempty"` // rows with the same key and other values
}

// driftCode is the code of a file whose columns are not those of its version before.
const driftCode = "s01"

// Problems are those that a version has beside those of its profile.
func (v Version) Problems() []tabular.Problem {
	if v.Change == nil || v.Change.Drift.None() {
		return nil
	}
	count := int64(len(v.Change.Drift.Added) + len(v.Change.Drift.Removed))
	for _, t := range v.Change.Drift.Tables {
		count += int64(max(1, len(t.Added)+len(t.Removed)+len(t.Renamed)+len(t.Retyped)))
	}
	return []tabular.Problem{{Code: driftCode, Count: count, Args: map[string]string{"from": fmt.Sprint(v.Change.From)}}}
}

// changeTo compares a version with what is becoming current, whose tables lie in a folder.
// Rows that cannot be compared are not counted: no conversion fails for it. Columns that
// seem to have got another name are told too.
func (s *Section) changeTo(ctx context.Context, before Version, after tabular.Profile, dir string) (c *Change, others [][2]tabular.Column) {
	c = &Change{From: before.Number}
	p, err := s.Profile(ctx, before)
	if err != nil {
		s.Log.WarnContext(ctx, "a version was not compared with the one before", "version", before.ID, "err", err)
		return c, nil
	}
	c.Drift, others = DriftOf(p, after), renamed(p, after)
	diff, err := s.rows(ctx, p, after, func(t *tabular.Table) (child.Table, *cache.Lease, error) {
		return child.Table{Parquet: filepath.Join(dir, t.Parquet.SHA256), Profile: *t}, nil, nil
	})
	if err != nil {
		s.Log.WarnContext(ctx, "the rows of a version were not compared", "version", before.ID, "err", err)
		return c, others
	}
	c.Counted, c.Added, c.Removed, c.Modified = true, diff.Added, diff.Removed, diff.Changed
	return c, others
}

// Compare says how two versions of a resource differ, the shape and the rows. A version
// whose files are gone is NotFound.
func (s *Section) Compare(ctx context.Context, before, after Version) (Change, error) {
	c := Change{From: before.Number}
	a, err := s.Profile(ctx, before)
	if err != nil {
		return c, err
	}
	b, err := s.Profile(ctx, after)
	if err != nil {
		return c, err
	}
	c.Drift = DriftOf(a, b)
	if !before.Expired.IsZero() || !after.Expired.IsZero() {
		return c, nil // the shape is all that is known
	}
	diff, err := s.rows(ctx, a, b, func(t *tabular.Table) (child.Table, *cache.Lease, error) { return s.local(ctx, *t) })
	if err != nil {
		return c, err
	}
	c.Counted, c.Added, c.Removed, c.Modified = true, diff.Added, diff.Removed, diff.Changed
	return c, nil
}

// local has a table on this machine, until the lease is released.
func (s *Section) local(ctx context.Context, t tabular.Table) (child.Table, *cache.Lease, error) {
	l, err := s.Cache.Parquet(ctx, t.Parquet.SHA256)
	if err != nil {
		return child.Table{}, nil, err
	}
	return child.Table{Parquet: l.Path, Profile: t}, l, nil
}

// rows adds up how the rows of all tables differ. Those of tables that came or went count.
func (s *Section) rows(ctx context.Context, before, after tabular.Profile, later func(*tabular.Table) (child.Table, *cache.Lease, error)) (child.Difference, error) {
	var sum child.Difference
	pairs, removed, added := pairTables(before.Tables, after.Tables)
	for _, t := range removed {
		sum.Removed += t.Rows
	}
	for _, t := range added {
		sum.Added += t.Rows
	}
	for _, p := range pairs {
		if p[0].Parquet.SHA256 == p[1].Parquet.SHA256 {
			continue // not a byte differs
		}
		d, err := s.pair(ctx, *p[0], p[1], later)
		if err != nil {
			return sum, err
		}
		sum.Added += d.Added
		sum.Removed += d.Removed
		sum.Changed += d.Changed
	}
	return sum, nil
}

func (s *Section) pair(ctx context.Context, before tabular.Table, after *tabular.Table, later func(*tabular.Table) (child.Table, *cache.Lease, error)) (child.Difference, error) {
	a, lease, err := s.local(ctx, before)
	if err != nil {
		return child.Difference{}, err
	}
	defer lease.Release()
	b, lease, err := later(after)
	if err != nil {
		return child.Difference{}, err
	}
	if lease != nil {
		defer lease.Release()
	}
	return s.Engine.Compare(ctx, a, b)
}
