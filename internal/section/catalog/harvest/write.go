package harvest

import (
	"context"
	"encoding/hex"
	"encoding/json"
	"fmt"

	"plaza/internal/base/db"
	"plaza/internal/section/catalog"
	"plaza/internal/section/catalog/dcat"
)

// writer compares batches with the store and writes what differs, beside the
// reading that makes them. Its counts are the run's; the reading looks at them only
// after settle or stop.
type writer struct {
	r       *reading
	batches chan []catalog.Incoming
	settled chan chan struct{}
	done    chan struct{}
	stopped bool
	err     error // set before done is closed
}

// ahead is how many batches may wait to be written: enough that neither side waits
// long for the other, and little memory.
const ahead = 2

func (r *reading) startWriter(ctx context.Context) *writer {
	w := &writer{r: r, batches: make(chan []catalog.Incoming, ahead), settled: make(chan chan struct{}), done: make(chan struct{})}
	go w.run(ctx)
	return w
}

func (w *writer) run(ctx context.Context) {
	defer close(w.done)
	for {
		var batch []catalog.Incoming
		var ok bool
		select {
		case batch, ok = <-w.batches:
		default:
			select {
			case batch, ok = <-w.batches:
			case c := <-w.settled: // nothing waits
				close(c)
				continue
			}
		}
		if !ok {
			return
		}
		if w.err = w.write(ctx, w.joined(batch)); w.err != nil {
			return
		}
	}
}

// joined is a batch with what waits behind it, as far as one transaction takes it: the
// pages of an index that two batches touch are then written once.
func (w *writer) joined(batch []catalog.Incoming) []catalog.Incoming {
	for len(batch)+batchSize <= catalog.MaxBatch {
		select {
		case more, ok := <-w.batches:
			if !ok {
				return batch
			}
			batch = append(batch, more...)
		default:
			return batch
		}
	}
	return batch
}

func (w *writer) write(ctx context.Context, batch []catalog.Incoming) error {
	r := w.r
	var changed []catalog.Incoming
	if err := r.h.db.Read(ctx, func(tx *db.Tx) (err error) {
		changed, err = catalog.Changed(tx, r.source.ID, batch, r.prev.reader != dcat.Version)
		return err
	}); err != nil || len(changed) == 0 {
		return err
	}
	done := r.run.written
	var n catalog.Applied
	if err := r.h.db.Write(ctx, func(tx *db.Tx) (err error) {
		n, err = catalog.Apply(tx, catalog.Batch{
			Source: r.source.ID, Run: r.run.ID, Names: r.mapper.title, Bare: r.h.bare,
			Counted: func(n catalog.Applied) error {
				done.Added += n.Added
				done.Changed += n.Changed
				done.Returned += n.Returned
				return done.keep(tx, r.run.ID)
			},
		}, changed)
		return err
	}); err != nil {
		return err
	}
	r.run.written = done
	r.found += n.Found
	return nil
}

// keep notes what a run has written so far in the transaction that writes more: a
// process that is killed leaves it in the report.
func (w written) keep(tx *db.Tx, run string) error {
	_, err := tx.Exec(`UPDATE runs SET added = $1, changed = $2, returned = $3, missing = $4, absent = $5 WHERE id = $6`,
		w.Added, w.Changed, w.Returned, w.Missing, w.Absent, run)
	return err
}

// put hands a batch on; the error is that of an earlier one.
func (w *writer) put(ctx context.Context, batch []catalog.Incoming) error {
	select {
	case w.batches <- batch:
		return nil
	case <-w.done:
		return w.err
	case <-ctx.Done():
		return ctx.Err()
	}
}

// settle waits until everything handed on is written.
func (w *writer) settle(ctx context.Context) error {
	c := make(chan struct{})
	select {
	case w.settled <- c:
		return nil
	case <-w.done:
		return w.err
	case <-ctx.Done():
		return ctx.Err()
	}
}

// stop waits for the last batch and returns what went wrong, if anything.
func (w *writer) stop() error {
	if !w.stopped {
		w.stopped = true
		close(w.batches)
	}
	<-w.done
	return w.err
}

// known is a record that was read before from the very same text.
type known struct {
	key      uint64
	sighting dcat.Sighting
	problems string
}

// knownPage is how many texts are loaded at once.
const knownPage = 5000

// loadKnown loads by which texts the source's records are known, some hundred bytes
// each, so that an unchanged catalogue is neither decoded nor looked up. It loads
// nothing when they were read by another version of package dcat.
func (r *reading) loadKnown(ctx context.Context) error {
	r.known = map[dcat.Digest]known{}
	if r.prev.reader != dcat.Version {
		return nil
	}
	after := ""
	for {
		var page []catalog.Text
		if err := r.h.db.Read(ctx, func(tx *db.Tx) (err error) {
			page, err = catalog.Texts(tx, r.source.ID, after, knownPage)
			return err
		}); err != nil {
			return err
		}
		for _, t := range page {
			var d dcat.Digest
			if n, err := hex.Decode(d[:], []byte(t.Digest)); err == nil && n == len(d) {
				r.known[d] = known{keyHash(t.SourceKey), dcat.Sight(t.SourceKey, t.Title, t.Fingerprint), t.Problems}
			}
		}
		if len(page) < knownPage {
			return nil
		}
		after = page[len(page)-1].SourceKey
	}
}

// takeKnown takes a record whose text has not changed, with the problems it had.
func (r *reading) takeKnown(ctx context.Context, k known) error {
	r.run.Seen++
	r.list(k.key)
	if k.problems != "" {
		var problems []dcat.Problem
		if err := json.Unmarshal([]byte(k.problems), &problems); err != nil {
			return fmt.Errorf("reading a record's problems: %w", err)
		}
		for _, p := range problems {
			r.problem(p)
		}
	}
	if r.run.Seen%batchSize == 0 {
		r.job.Progress(ctx, r.run.Seen, max(r.total, 0), "")
	}
	return nil
}

// remap gives the source's datasets the institution that the rules and names say by
// now; a record whose text is known is not mapped again otherwise.
func (r *reading) remap(ctx context.Context) error {
	for {
		var moved int
		if err := r.h.db.Read(ctx, func(tx *db.Tx) (err error) {
			moved, err = catalog.Unmoved(tx, r.source.ID, r.find)
			return err
		}); err != nil || moved == 0 {
			return err
		}
		if err := r.h.db.Write(ctx, func(tx *db.Tx) (err error) {
			moved, err = catalog.Remap(tx, r.source.ID, r.find)
			return err
		}); err != nil {
			return err
		}
		r.found += moved
	}
}

func (r *reading) find(_ string, p dcat.Publisher) string { return r.mapper.institution(r.source, p) }

// isKnown reports whether a record need not be decoded: its text has not changed, and
// no other page has listed its key, which would have to be told.
func (r *reading) isKnown(d dcat.Digest) (dcat.Sighting, bool) {
	k, ok := r.known[d]
	if ok {
		_, again := r.seen[k.key]
		ok = !again
	}
	return k.sighting, ok
}
