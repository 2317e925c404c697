package record

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"strings"
	"sync/atomic"
	"time"

	"plaza/internal/base/db"
	"plaza/internal/plaza"
)

// Filter chooses entries; empty fields choose all.
type Filter struct {
	Verb        string // exact, or a prefix when it ends in a dot: "dataset."
	Object      plaza.Ref
	Institution string
	From, To    time.Time // half-open: From <= at < To
	After       int64     // only entries with a greater number; oldest first
	Before      int64     // only entries with a smaller number
}

// Position is the number of the last entry, 0 when there is none.
func Position(tx *db.Tx) (int64, error) {
	var seq int64
	err := tx.Row(`SELECT seq FROM record_head WHERE id = 1`).Scan(&seq)
	return seq, err
}

// Latest returns at most limit entries, newest first.
func Latest(tx *db.Tx, f Filter, limit int) ([]Entry, error) {
	return list(tx, f, limit, "DESC")
}

// Since returns at most limit entries after f.After, oldest first.
func Since(tx *db.Tx, f Filter, limit int) ([]Entry, error) {
	return list(tx, f, limit, "ASC")
}

func list(tx *db.Tx, f Filter, limit int, order string) ([]Entry, error) {
	if err := f.narrow(tx); err != nil {
		return nil, err
	}
	var where []string
	var args []any
	and := func(condition string, v any) {
		args = append(args, v)
		where = append(where, fmt.Sprintf(condition, len(args)))
	}
	if strings.HasSuffix(f.Verb, ".") {
		and("verb >= $%d", f.Verb)
		and("verb < $%d", strings.TrimSuffix(f.Verb, ".")+"/") // '/' follows '.' in ASCII
	} else if f.Verb != "" {
		and("verb = $%d", f.Verb)
	}
	if f.Object.Kind != "" {
		and("object_kind = $%d", f.Object.Kind)
	}
	if f.Object.ID != "" {
		and("object_id = $%d", f.Object.ID)
	}
	if f.Institution != "" {
		and("institution = $%d", f.Institution)
	}
	if !f.From.IsZero() {
		and("at >= $%d", f.From)
	}
	if !f.To.IsZero() {
		and("at < $%d", f.To)
	}
	if f.After > 0 {
		and("seq > $%d", f.After)
	}
	if f.Before > 0 {
		and("seq < $%d", f.Before)
	}
	query := `SELECT seq, at, verb, actor_role, actor_ref, object_kind, object_id, institution, payload, prev, hash
		FROM record_entries`
	if len(where) > 0 {
		query += ` WHERE ` + strings.Join(where, ` AND `)
	}
	args = append(args, limit)
	query += fmt.Sprintf(` ORDER BY seq %s LIMIT $%d`, order, len(args))
	return db.All(tx, scanEntry, query, args...)
}

// slack is how much earlier than the entry before an entry may be dated: an act bears
// the instant at which its transaction began, and no transaction lasts an hour.
const slack = time.Hour

// narrow bounds the numbers of the entries that a stretch of time can hold, so that
// finding a week of years ago costs some look-ups and not the whole record.
func (f *Filter) narrow(tx *db.Tx) error {
	if f.From.IsZero() && f.To.IsZero() {
		return nil
	}
	last, err := Position(tx)
	if err != nil {
		return err
	}
	if !f.From.IsZero() {
		first, err := firstSince(tx, f.From.Add(-slack), last)
		if err != nil {
			return err
		}
		f.After = max(f.After, first-1)
	}
	if !f.To.IsZero() {
		beyond, err := firstSince(tx, f.To.Add(slack), last)
		if err != nil {
			return err
		}
		if f.Before == 0 || beyond < f.Before {
			f.Before = beyond
		}
	}
	return nil
}

// firstSince is the number of the first entry dated at an instant or later, one more
// than last when there is none. Entries are taken to be in order of their dates.
func firstSince(tx *db.Tx, at time.Time, last int64) (int64, error) {
	low, high := int64(1), last+1
	for low < high {
		middle := (low + high) / 2
		var dated time.Time
		if err := tx.Row(`SELECT at FROM record_entries WHERE seq = $1`, middle).Scan(&dated); err != nil {
			return 0, fmt.Errorf("looking for entries since %s: %w", at.Format(time.DateOnly), err)
		}
		if dated.Before(at) {
			low = middle + 1
		} else {
			high = middle
		}
	}
	return low, nil
}

func scanEntry(scan func(...any) error) (Entry, error) {
	var e Entry
	var payload string
	err := scan(&e.Seq, &e.At, &e.Verb, &e.Actor.Role, &e.Actor.Ref, &e.Object.Kind, &e.Object.ID,
		&e.Institution, &payload, &e.Prev, &e.Hash)
	e.Payload = json.RawMessage(payload)
	return e, err
}

// exportPage is how many entries one read of an export holds in memory.
const exportPage = 1000

// Export writes the entries that f chooses as JSON Lines, oldest first. It reads in
// pages, each its own snapshot; entries never change, so the whole is consistent.
func Export(ctx context.Context, d *db.DB, f Filter, w io.Writer) error {
	out := json.NewEncoder(w)
	out.SetEscapeHTML(false)
	for {
		var page []Entry
		if err := d.Read(ctx, func(tx *db.Tx) (err error) {
			page, err = Since(tx, f, exportPage)
			return err
		}); err != nil {
			return err
		}
		for _, e := range page {
			if err := out.Encode(e); err != nil {
				return fmt.Errorf("writing the export: %w", err)
			}
		}
		if len(page) < exportPage {
			return nil
		}
		f.After = page[len(page)-1].Seq
	}
}

// Watcher keeps the record's position at hand, for caches that ask on each request.
type Watcher struct {
	db  *db.DB
	seq atomic.Int64
	own *atomic.Int64 // by what this process committed
}

// pollEvery bounds how late another process's commit is noticed.
const pollEvery = 300 * time.Millisecond

// Watch reads the position; Run keeps it current.
func Watch(ctx context.Context, d *db.DB) (*Watcher, error) {
	w := &Watcher{db: d, own: d.Reached(Topic)}
	return w, w.Refresh(ctx)
}

// Position is the last position seen: that of a commit of this process before its Write
// returns, and that of another's within a third of a second.
func (w *Watcher) Position() int64 { return max(w.seq.Load(), w.own.Load()) }

// Refresh reads the position now.
func (w *Watcher) Refresh(ctx context.Context) error {
	return w.db.Read(ctx, func(tx *db.Tx) error {
		seq, err := Position(tx)
		if err == nil {
			w.seq.Store(seq)
		}
		return err
	})
}

// Run follows the record until ctx ends. A store that is away is asked again.
func (w *Watcher) Run(ctx context.Context) {
	woken, stop := w.db.Listen(Topic)
	defer stop()
	tick := time.NewTicker(pollEvery)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-woken:
		case <-tick.C:
		}
		_ = w.Refresh(ctx) // the next tick tries again
	}
}
