package harvest

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"hash"
	"hash/fnv"
	"slices"
	"time"

	"plaza/internal/base/db"
	"plaza/internal/base/fetch"
	"plaza/internal/base/job"
	"plaza/internal/plaza"
	"plaza/internal/section/catalog"
	"plaza/internal/section/catalog/dcat"
	"plaza/internal/section/catalog/dcat/wire"
)

const (
	// batchSize is how many records are compared and written at once.
	batchSize = 100
	// listedPage is how many of a source's datasets are compared with what was seen at
	// a time.
	listedPage = 5000
	// maxKept is how many problems of a run are listed; all are counted.
	maxKept = 5000
	// saveEvery is how often a long run notes where it is, for the next process.
	saveEvery = 30 * time.Second
)

// reading is a run under way.
type reading struct {
	h      *Harvester
	job    *job.Job
	source Source
	run    Run
	prev   Run // the last whole run; its ID is "" when there is none
	mapper *mapper
	client *fetch.Client

	cursor   cursor
	seen     map[uint64]struct{} // hashes of the keys listed
	total    int                 // -1 unknown
	batch    []catalog.Incoming
	writer   *writer
	known    map[dcat.Digest]known
	same     bool // the source said, or its bytes, that nothing has changed
	found    int  // missing ones that are back: writes that no other count shows
	problems []dcat.Problem
	kept     int // problems written to the store already
	digest   hash.Hash
	content  hash.Hash // of all bytes read
	defaults dcat.Summary
	saved    time.Time
	page     page
}

// page is what the reading was before the page that it is at, to go back to.
type page struct {
	keys           []uint64 // listed since
	seen, problems int
	listed         int // problems in memory
}

// run is the job's handler.
func (h *Harvester) run(ctx context.Context, j *job.Job) error {
	var args RunArgs
	if err := j.Decode(&args); err != nil {
		return err
	}
	r := &reading{h: h, job: j, total: -1,
		seen: map[uint64]struct{}{}, digest: sha256.New(), content: sha256.New()}
	if err := h.db.Write(ctx, func(tx *db.Tx) error { return r.begin(tx, args.Source) }); err != nil {
		return fmt.Errorf("beginning a run of source %s: %w", args.Source, err)
	}
	if r.run.State != Running {
		return nil // an earlier attempt of this job ended it
	}
	return r.end(ctx, r.read(ctx))
}

// begin loads what the run needs and makes its row, or finds the one that an
// earlier attempt at the same job left.
func (r *reading) begin(tx *db.Tx, source string) (err error) {
	if r.source, err = SourceByID(tx, source); err != nil {
		return err
	}
	r.client = r.h.clientFor(r.source.ID, r.source.URL)
	if r.mapper, err = newMapper(tx); err != nil {
		return err
	}
	r.prev, err = LastWhole(tx, source)
	if err != nil && plaza.KindOf(err) != plaza.NotFound {
		return err
	}
	r.saved = tx.Now
	r.run, err = RunByID(tx, r.job.ID)
	if err == nil {
		return r.resume(tx)
	}
	if plaza.KindOf(err) != plaza.NotFound {
		return err
	}
	r.run = Run{ID: r.job.ID, SourceID: source, State: Running, StartedAt: tx.Now}
	_, err = tx.Exec(`INSERT INTO runs (id, source_id, state, started_at) VALUES ($1, $2, $3, $4)`,
		r.run.ID, source, Running, tx.Now)
	return err
}

// read reads the source while what it reads is written beside it.
func (r *reading) read(ctx context.Context) error {
	if err := r.remap(ctx); err != nil {
		return err
	}
	r.writer = r.startWriter(context.WithoutCancel(ctx)) // what was handed on is written even at a shutdown
	var err error
	if r.source.Kind == dcat.CKAN {
		if err = r.loadKnown(ctx); err == nil {
			err = r.readCKAN(ctx)
		}
	} else {
		err = r.readDocuments(ctx)
	}
	if err == nil {
		err = r.flush(ctx)
	}
	if err := errors.Join(r.writer.stop(), err); err != nil {
		return err
	}
	if r.run.SHA256 == "" { // else it was kept from the last whole run
		r.run.SHA256 = r.sum()
	}
	return r.guard(r.run.Seen)
}

// guard refuses an answer with a third fewer datasets than the last whole run had.
func (r *reading) guard(count int) error {
	base := r.prev.Seen
	if a := r.source.acceptedSeen; a > 0 {
		base = min(base, a)
	}
	if count*3 > base*2 || base == 0 {
		return nil
	}
	return &doubt{"harvest.doubt.shrunk", map[string]any{"now": count, "before": base}}
}

// doubt is why an answer is not believed.
type doubt struct {
	key  string
	args map[string]any
}

func (d *doubt) Error() string { return d.key }

// unanswered is a source that does not behave, beyond one answer's format.
type unanswered struct{ key string }

func (u *unanswered) Error() string { return u.key }

// take receives one record from package dcat.
func (r *reading) take(ctx context.Context, item dcat.Item) error {
	if item.Known {
		return r.takeKnown(ctx, r.known[item.Digest])
	}
	for _, p := range item.Problems {
		r.problem(p)
	}
	if item.Withdrawn { // the source itself took it back: it is not there any more
		return nil
	}
	if item.Key == "" {
		return nil // no dataset: nothing tells it from another
	}
	if r.again(item.Key) {
		if item.Record != nil { // on another page; what one page repeats, its reader has told
			r.problem(dcat.Problem{Code: dcat.DuplicateIdentifier, Record: item.Key, Field: "identifier", Value: item.Key})
		}
		return nil
	}
	r.run.Seen++
	if item.Record == nil {
		return nil
	}
	rec := *item.Record
	if rec.License == (dcat.License{}) {
		rec.License = r.defaults.License
	}
	for i, t := range rec.Themes {
		if label := r.defaults.ThemeLabels[t]; label != "" {
			rec.Themes[i] = label
		}
	}
	fingerprint := item.Fingerprint
	if rec.License != item.Record.License || len(r.defaults.ThemeLabels) > 0 {
		fingerprint = rec.Fingerprint()
	}
	in := catalog.NewIncoming(rec, fingerprint, r.mapper.institution(r.source, rec.Publisher))
	if r.source.Kind == dcat.CKAN { // elsewhere a record's text does not say all of it
		in.Digest = hex.EncodeToString(item.Digest[:])
		if len(item.Problems) > 0 {
			raw, err := json.Marshal(item.Problems)
			if err != nil {
				return fmt.Errorf("encoding a record's problems: %w", err)
			}
			in.Problems = string(raw)
		}
	}
	r.batch = append(r.batch, in)
	if len(r.batch) < batchSize {
		return nil
	}
	return r.flush(ctx)
}

// again notes a key as listed and reports whether it was before.
func (r *reading) again(key string) bool {
	h := keyHash(key)
	_, ok := r.seen[h]
	if !ok {
		r.list(h)
	}
	return ok
}

// list notes a key of the page that is being read.
func (r *reading) list(h uint64) {
	r.seen[h] = struct{}{}
	r.page.keys = append(r.page.keys, h)
}

// keyHash stands for a key in memory; among a million keys two share one with a
// chance of one in forty million, and would only look like a repetition.
func keyHash(key string) uint64 {
	h := fnv.New64a()
	_, _ = h.Write([]byte(key)) // never fails
	return h.Sum64()
}

func (r *reading) problem(p dcat.Problem) {
	r.run.Problems++
	fmt.Fprintf(r.digest, "%s\x00%s\x00%s\x00%s\x00%t\n", p.Code, p.Record, p.Field, p.Value, p.Repaired)
	if r.run.Problems <= maxKept {
		r.problems = append(r.problems, p)
	}
}

// flush hands the batch on to be written.
func (r *reading) flush(ctx context.Context) error {
	if len(r.batch) == 0 {
		return ctx.Err()
	}
	batch := r.batch
	r.batch = make([]catalog.Incoming, 0, batchSize)
	r.job.Progress(ctx, r.run.Seen, max(r.total, 0), "")
	return r.writer.put(ctx, batch)
}

// end closes the run's row according to how reading ended.
func (r *reading) end(ctx context.Context, err error) error {
	var format *wire.FormatError
	var net *fetch.Error
	var d *doubt
	var u *unanswered
	switch {
	case err == nil:
		return r.complete(ctx)
	case ctx.Err() != nil && errors.Is(context.Cause(ctx), job.ErrCancelled):
		r.run.State, r.run.Error = Cancelled, "harvest.error.cancelled"
	case ctx.Err() != nil: // the process is to end, or has lost the job
		if r.writer == nil || r.writer.err != nil {
			return errors.Join(ctx.Err(), err) // the place is not known: the next attempt reads all again
		}
		r.rewind()
		return errors.Join(ctx.Err(), r.save(context.WithoutCancel(ctx)))
	case errors.As(err, &d):
		r.run.State, r.run.Error, r.run.ErrorArgs = RunQuarantined, d.key, d.args
	case errors.As(err, &format):
		r.run.State, r.run.Error = Failed, format.Key()
		r.run.ErrorArgs = map[string]any{"line": format.Line, "detail": format.Detail}
		if format.Code == wire.FormatHTML || format.Code == wire.FormatNot {
			r.run.State = RunQuarantined
		}
	case errors.As(err, &net):
		r.run.State, r.run.Error = Failed, net.Key()
		r.run.ErrorArgs = map[string]any{"host": net.Host, "status": net.Status}
	case errors.As(err, &u):
		r.run.State, r.run.Error = Failed, u.key
	default:
		return err // the store's or our own: the job is tried again
	}
	return r.close(context.WithoutCancel(ctx))
}

// complete marks what was not seen and closes a run that knows everything.
func (r *reading) complete(ctx context.Context) error {
	if err := r.unlist(ctx); err != nil {
		return err
	}
	n := r.run
	r.run.State = Unchanged
	if n.Added+n.Changed+n.Returned+n.Missing+n.Absent+r.found > 0 {
		r.run.State = Complete
	}
	return r.close(ctx)
}

// unlist marks datasets that this run did not see, and those whose time is over.
func (r *reading) unlist(ctx context.Context) error {
	after := ""
	for {
		var page []catalog.Listed
		var missing, absent []string
		if err := r.h.db.Read(ctx, func(tx *db.Tx) (err error) {
			if page, err = catalog.ListedAfter(tx, r.source.ID, after, listedPage); err != nil {
				return err
			}
			missing, absent, err = r.unseen(tx, page)
			return err
		}); err != nil {
			return err
		}
		for kind, ids := range map[string][]string{"missing": missing, "absent": absent} {
			if len(ids) == 0 {
				continue
			}
			mark := catalog.MarkMissing
			if kind == "absent" {
				mark = catalog.MarkAbsent
			}
			for part := range slices.Chunk(ids, batchSize) {
				done := r.run.written
				if kind == "absent" {
					done.Absent += len(part)
				} else {
					done.Missing += len(part)
				}
				if err := r.h.db.Write(ctx, func(tx *db.Tx) error {
					if err := done.keep(tx, r.run.ID); err != nil {
						return err
					}
					return mark(tx, r.run.ID, part)
				}); err != nil {
					return err
				}
				r.run.written = done
			}
		}
		if len(page) < listedPage {
			return nil
		}
		after = page[len(page)-1].SourceKey
	}
}

// unseen sorts the datasets of a page that this run did not see: missing from now
// on, or absent because enough whole runs and days have passed.
func (r *reading) unseen(tx *db.Tx, page []catalog.Listed) (missing, absent []string, err error) {
	for _, l := range page {
		if _, ok := r.seen[keyHash(l.SourceKey)]; ok || (r.same && l.MissingSince.IsZero()) {
			continue
		}
		if l.MissingSince.IsZero() {
			missing = append(missing, l.ID)
			continue
		}
		if tx.Now.Sub(l.MissingSince) < catalog.AbsentAfter {
			continue
		}
		var runs int
		if err := tx.Row(`SELECT COUNT(*) FROM runs WHERE source_id = $1 AND state IN ($2, $3) AND finished_at >= $4`,
			r.source.ID, Complete, Unchanged, l.MissingSince).Scan(&runs); err != nil {
			return nil, nil, err
		}
		if runs+1 >= catalog.AbsentAfterRuns { // and this one
			absent = append(absent, l.ID)
		}
	}
	return missing, absent, nil
}

func (r *reading) sum() string { return hex.EncodeToString(r.content.Sum(nil)) }
