package harvest

import (
	"context"
	"encoding/base64"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"strings"

	"plaza/internal/base/db"
	"plaza/internal/section/catalog/dcat"
)

// close writes the run's last state and its problems, and moves the source in or
// out of quarantine.
func (r *reading) close(ctx context.Context) error {
	return r.h.db.Write(ctx, func(tx *db.Tx) error {
		r.run.FinishedAt = tx.Now
		r.run.cursor = ""
		if r.cursor.resumed {
			r.run.digest = "" // of a part only
		} else {
			r.run.digest = hex.EncodeToString(r.digest.Sum(nil))
		}
		switch {
		case r.same:
			r.run.problemsOf, r.run.Problems, r.run.digest = r.prev.ProblemRun(), r.prev.Problems, r.prev.digest
		case r.kept == 0 && r.run.digest != "" && r.run.digest == r.prev.digest:
			r.run.problemsOf = r.prev.ProblemRun()
		default:
			if err := r.keepProblems(tx); err != nil {
				return err
			}
		}
		if err := r.update(tx); err != nil {
			return err
		}
		if r.run.State.Whole() && r.source.acceptedSeen > 0 {
			if _, err := tx.Exec(`UPDATE sources SET accepted_seen = 0 WHERE id = $1`, r.source.ID); err != nil {
				return err
			}
		}
		switch {
		case r.run.State == RunQuarantined && r.source.State == Active:
			return turn(tx, r.source.ID, Active, Quarantined)
		case r.run.State.Whole() && r.source.State == Quarantined:
			return turn(tx, r.source.ID, Quarantined, Active)
		}
		return nil
	})
}

func (r *reading) update(tx *db.Tx) error {
	if r.run.ErrorArgs == nil {
		r.run.ErrorArgs = map[string]any{}
	}
	args, err := json.Marshal(r.run.ErrorArgs)
	if err != nil {
		return fmt.Errorf("encoding why a run ended: %w", err)
	}
	_, err = tx.Exec(`UPDATE runs SET state = $1, finished_at = $2, seen = $3, added = $4, changed = $5, missing = $6,
		absent = $7, returned = $8, requests = $9, bytes = $10, sha256 = $11, etag = $12, modified = $13, error = $14,
		error_args = $15, problems = $16, digest = $17, problems_of = $18, reader = $19, cursor = $20 WHERE id = $21`,
		r.run.State, r.run.FinishedAt, r.run.Seen, r.run.Added, r.run.Changed, r.run.Missing, r.run.Absent,
		r.run.Returned, r.run.Requests, r.run.Bytes, r.run.SHA256, r.run.ETag, r.run.Modified, r.run.Error,
		string(args), r.run.Problems, r.run.digest, r.run.problemsOf, dcat.Version, r.run.cursor, r.run.ID)
	return err
}

// keepProblems writes the problems found since the last time.
func (r *reading) keepProblems(tx *db.Tx) error {
	const columns, rows = 7, 50
	for len(r.problems) > 0 {
		part := r.problems[:min(rows, len(r.problems))]
		var b strings.Builder
		b.WriteString(`INSERT INTO run_problems (run_id, n, code, record, field, value, repaired) VALUES `)
		args := make([]any, 0, len(part)*columns)
		for i, p := range part {
			if i > 0 {
				b.WriteString(", ")
			}
			b.WriteString("(" + db.Placeholders(i*columns+1, columns) + ")")
			args = append(args, r.run.ID, r.kept+i, p.Code, p.Record, p.Field, p.Value, p.Repaired)
		}
		if _, err := tx.Exec(b.String(), args...); err != nil {
			return err
		}
		r.kept += len(part)
		r.problems = r.problems[len(part):]
	}
	return nil
}

// cursor is where a paged run goes on after its process has ended.
type cursor struct {
	Start int    `json:"start,omitempty"` // CKAN: records read
	Next  string `json:"next,omitempty"`  // DCAT: address of the next page
	Seen  string `json:"seen"`            // hashes of the keys listed, base64 of big-endian words
	Kept  int    `json:"kept"`            // problems written
	Found int    `json:"found"`

	resumed bool
}

// rewind forgets a page that was read in part: it is read again from its beginning.
func (r *reading) rewind() {
	for _, h := range r.page.keys {
		delete(r.seen, h)
	}
	r.run.Seen, r.run.Problems, r.problems = r.page.seen, r.page.problems, r.problems[:r.page.listed]
}

// save notes where the run is. Nothing is on its way to the store meanwhile.
func (r *reading) save(ctx context.Context) error {
	return r.h.db.Write(ctx, func(tx *db.Tx) error {
		if err := r.keepProblems(tx); err != nil {
			return err
		}
		r.page.listed = 0
		words := make([]byte, 0, 8*len(r.seen))
		for h := range r.seen {
			words = binary.BigEndian.AppendUint64(words, h)
		}
		r.cursor.Seen, r.cursor.Kept, r.cursor.Found = base64.StdEncoding.EncodeToString(words), r.kept, r.found
		raw, err := json.Marshal(r.cursor)
		if err != nil {
			return fmt.Errorf("encoding a cursor: %w", err)
		}
		r.saved = tx.Now
		if r.cursor.Start == 0 && r.cursor.Next == "" {
			return nil // nothing to go on from
		}
		r.run.cursor = string(raw)
		return r.update(tx)
	})
}

// pageDone hands on what is left of a page, and now and then waits until all is
// written and notes where the run is.
func (r *reading) pageDone(ctx context.Context) error {
	if err := r.flush(ctx); err != nil {
		return err
	}
	r.page = page{keys: r.page.keys[:0], seen: r.run.Seen, problems: r.run.Problems, listed: len(r.problems)}
	if r.h.db.Now().Sub(r.saved) < saveEvery {
		return nil
	}
	if err := r.writer.settle(ctx); err != nil {
		return err
	}
	return r.save(ctx)
}

// resume goes on where an earlier attempt saved its place, or from the beginning,
// when what it wrote already is recognised as unchanged.
func (r *reading) resume(tx *db.Tx) error {
	if r.run.State != Running {
		return nil
	}
	if r.run.cursor == "" {
		if _, err := tx.Exec(`DELETE FROM run_problems WHERE run_id = $1`, r.run.ID); err != nil {
			return err
		}
		// What was written stays written, and counted; it is not written again.
		was := r.run
		r.run = Run{ID: was.ID, SourceID: was.SourceID, State: Running, StartedAt: was.StartedAt, written: was.written}
		return nil
	}
	if err := json.Unmarshal([]byte(r.run.cursor), &r.cursor); err != nil {
		return fmt.Errorf("reading a run's cursor: %w", err)
	}
	words, err := base64.StdEncoding.DecodeString(r.cursor.Seen)
	if err != nil {
		return fmt.Errorf("reading a run's cursor: %w", err)
	}
	for ; len(words) >= 8; words = words[8:] {
		r.seen[binary.BigEndian.Uint64(words)] = struct{}{}
	}
	r.page.seen, r.page.problems = r.run.Seen, r.run.Problems
	r.kept, r.found, r.cursor.resumed = r.cursor.Kept, r.cursor.Found, true
	return nil
}
