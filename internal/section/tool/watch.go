package tool

import (
	"context"
	"fmt"
	"slices"

	"plaza/internal/base/db"
	"plaza/internal/civic/record"
	"plaza/internal/plaza"
)

// Watch is the job that reads in the record which files changed, and looks whether the
// tools that follow them still find their columns.
type Watch struct{}

// Kind implements job.Args.
func (Watch) Kind() string { return "tools.watch" }

// reading is the name of this reader of the record.
const reading = "tools"

// driftAtOnce is how many tools, and acts in the record, one transaction takes.
const driftAtOnce = 50

// reshaping are the acts after which a file may have other columns, or show others.
var reshaping = []string{"resource.changed", "resource.opened", "resource.corrected", "resource.column_withheld", "resource.column_released"}

// Watch goes through what is new in the record.
func (ts *Tools) Watch(ctx context.Context) error {
	return record.Read(ctx, ts.DB, reading, func(ctx context.Context, entries []record.Entry) error {
		var reshaped []string
		for _, e := range entries {
			if slices.Contains(reshaping, e.Verb) && !slices.Contains(reshaped, e.Object.ID) {
				reshaped = append(reshaped, e.Object.ID)
			}
		}
		for _, id := range reshaped {
			if err := ts.Reshaped(ctx, id); err != nil {
				return fmt.Errorf("looking at the tools of resource %s: %w", id, err)
			}
		}
		return nil
	})
}

// follower is a tool that follows a resource, and the version of the file that it was
// published with.
type follower struct {
	id   string
	seen int
}

// Reshaped compares all tools that follow a resource with the columns that its file has
// now. A file that cannot be read now changes nothing.
func (ts *Tools) Reshaped(ctx context.Context, resource string) error {
	if ts.Shape == nil {
		return nil
	}
	now, known := Shape{}, false
	before := map[int]Shape{}
	for after := ""; ; {
		var list []follower
		if err := ts.DB.Read(ctx, func(tx *db.Tx) (err error) {
			list, err = followers(tx, resource, after)
			return err
		}); err != nil || len(list) == 0 {
			return err
		}
		if !known {
			var err error
			if now, known, err = ts.shapeOf(ctx, resource, 0); err != nil || !known {
				return err
			}
		}
		for _, f := range list {
			if _, asked := before[f.seen]; asked || f.seen == 0 {
				continue
			}
			was, _, err := ts.shapeOf(ctx, resource, f.seen)
			if err != nil {
				return err
			}
			before[f.seen] = was
		}
		if err := ts.drift(ctx, resource, list, now, before); err != nil {
			return err
		}
		after = list[len(list)-1].id
	}
}

// shapeOf is Shape for what may be there or not.
func (ts *Tools) shapeOf(ctx context.Context, resource string, version int) (Shape, bool, error) {
	s, err := ts.Shape(ctx, resource, version)
	if err != nil && plaza.KindOf(err) == plaza.NotFound {
		return Shape{}, false, nil
	}
	return s, err == nil, err
}

// followers are some tools that follow a resource, after an id.
func followers(tx *db.Tx, resource, after string) ([]follower, error) {
	return db.All(tx, func(scan func(...any) error) (f follower, err error) {
		err = scan(&f.id, &f.seen)
		return f, err
	}, `SELECT tool_id, MAX(seen)
		FROM tool_uses
		WHERE resource_id = $1 AND resource_id <> '' AND pinned = 0 AND tool_id > $2
		GROUP BY tool_id
		ORDER BY tool_id
		LIMIT $3`, resource, after, driftAtOnce)
}

// drift compares some tools, in one transaction.
func (ts *Tools) drift(ctx context.Context, resource string, list []follower, now Shape, before map[int]Shape) error {
	return ts.DB.Write(plaza.WithActor(ctx, plaza.SystemActor), func(tx *db.Tx) error {
		var acts []record.Act
		for _, f := range list {
			more, err := ts.Drifted(tx, f.id, resource, now, before[f.seen])
			if err != nil && plaza.KindOf(err) != plaza.NotFound { // one that is gone by now
				return fmt.Errorf("tool %s: %w", f.id, err)
			}
			acts = append(acts, more...)
			if ts.Renewed != nil && err == nil {
				if err := ts.Renewed(tx, f.id); err != nil {
					return err
				}
			}
		}
		return record.Append(tx, acts...)
	})
}
