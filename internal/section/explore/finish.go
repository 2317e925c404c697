package explore

import (
	"context"
	"errors"

	"plaza/internal/base/db"
	"plaza/internal/base/tabular"
	"plaza/internal/civic/record"
	"plaza/internal/plaza"
)

// finish makes the version current: its rows, what is searched and the record, in one
// transaction.
func (r *run) finish(ctx context.Context, v Version, p tabular.Profile) error {
	return r.s.DB.Write(ctx, func(tx *db.Tx) error {
		a, err := pin(tx, r.resource.ID)
		if err != nil {
			return err
		}
		fresh, err := r.settle(tx, &v)
		if err != nil {
			return err
		}
		if err := putVersion(tx, v, fresh); err != nil {
			return err
		}
		moved := a.Current != v.ID
		first := a.Current == ""
		a.Current, a.Outcome, a.Fault, a.Finding = v.ID, OutcomeGood, nil, ""
		if err := r.marked(a).keep(tx); err != nil {
			return err
		}
		var acts []record.Act
		if moved {
			acts = append(acts, r.act(v, first))
		}
		if err := r.putEntries(tx, r.meanings); err != nil {
			return err
		}
		if err := r.carry(tx); err != nil {
			return err
		}
		told, err := r.s.suspect(tx, r.resource, v, p)
		if err != nil {
			return err
		}
		if r.s.Index != nil {
			hidden, err := HidingOf(tx, r.resource)
			if err != nil {
				return err
			}
			if err := r.s.Index(tx, r.resource, v, hidden); err != nil {
				return err
			}
		}
		return record.Append(tx, append(acts, told...)...)
	})
}

// settle gives a version its id and number, or those of the same content; fresh reports
// that there was none.
func (r *run) settle(tx *db.Tx, v *Version) (fresh bool, err error) {
	old, err := oneVersion(tx, `resource_id = $1 AND sha256 = $2`, v.Resource, v.SHA256)
	switch {
	case err == nil:
		v.ID, v.Number, v.Fetched, v.Seen = old.ID, old.Number, old.Fetched, old.Seen
		if r.file.status != 0 {
			v.Seen = tx.Now
		}
		if v.Change == nil {
			v.Change = old.Change
		}
		return false, nil
	case plaza.KindOf(err) != plaza.NotFound:
		return false, err
	}
	v.ID, v.Fetched, v.Seen = tx.ID(), tx.Now, tx.Now
	v.Number, err = nextNumber(tx, v.Resource)
	return true, err
}

// act is what the record tells of a version that became current.
func (r *run) act(v Version, first bool) record.Act {
	facts := map[string]any{"title": r.resource.Title, "dataset": r.resource.Dataset, "slug": r.resource.Slug, "version": v.Number, "sha256": v.SHA256,
		"rows": v.Rows, "columns": v.Columns}
	verb := "resource.opened"
	if !first {
		verb = "resource.changed"
		if c := v.Change; c != nil && c.Counted {
			facts["added"], facts["removed"] = c.Added, c.Removed
		}
	}
	return record.Act{Verb: verb, Object: plaza.Ref{Kind: KindResource, ID: v.Resource}, Institution: r.resource.Institution, Payload: facts}
}

// failed notes why a try failed. The error it returns is nil when another try would go no
// better; a job that was stopped or handed back notes nothing.
func (r *run) failed(ctx context.Context, err error) error {
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	fault, finding, kept, again := judge(err)
	if again {
		r.s.Log.WarnContext(ctx, "a resource was not opened", "resource", r.last.Resource, "err", err)
	}
	if errWrite := r.note(ctx, fault, finding, kept && r.file.path != ""); errWrite != nil {
		return errors.Join(err, errWrite)
	}
	if again {
		return err
	}
	return nil
}

// note writes a failed try, and the failed version of a broken file, whose bytes are kept.
func (r *run) note(ctx context.Context, fault Fault, finding string, kept bool) error {
	if kept {
		if err := r.s.DB.Write(ctx, func(tx *db.Tx) error { return r.s.claims().Claim(tx, map[string]int64{r.file.sha256: r.file.bytes}) }); err != nil {
			return err
		}
		if err := r.s.put(ctx, r.file.path, r.file.sha256); err != nil {
			return err
		}
	}
	return r.s.DB.Write(ctx, func(tx *db.Tx) error {
		a, err := pin(tx, r.last.Resource)
		if err != nil {
			return err
		}
		a.Outcome, a.Fault, a.Finding = OutcomeFailed, &fault, finding
		if err := r.marked(a).keep(tx); err != nil || !kept {
			return err
		}
		v := Version{Resource: a.Resource, SHA256: r.file.sha256, Bytes: r.file.bytes, Name: r.file.name, MediaType: r.file.mediaType, URL: r.file.url,
			ETag: r.file.etag, LastModified: r.file.lastModified, State: Failed, Fault: &fault, Revision: r.s.revision, fixes: r.marks}
		fresh, err := r.settle(tx, &v)
		if err != nil {
			return err
		}
		if !fresh && (r.known == nil || r.known.State == Good) {
			return nil // what was good stays so
		}
		return putVersion(tx, v, fresh)
	})
}
