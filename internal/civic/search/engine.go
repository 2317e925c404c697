package search

import (
	"context"
	"fmt"
	"iter"
	"maps"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"plaza/internal/base/db"
)

// Engine is the index in memory. It is safe for concurrent use: searches never wait
// for a Sync, and see each of its changes whole.
type Engine struct {
	now  atomic.Pointer[snapshot]
	mu   sync.Mutex // one Sync at a time
	page int        // rows that one transaction of a Sync reads
}

// snapshot is the index at one version.
type snapshot struct {
	version int64
	views   []*view // from large to small
	live    int
}

// view is a segment with what has died in it since.
type view struct {
	seg  *segment
	dead []uint64 // a bit for each document; nil when all live
	live int
	// documents alive for each stem and word; the segment's own while all live
	stemDF, wordDF []uint32
}

// New returns an empty engine; Sync fills it.
func New() *Engine {
	e := &Engine{page: pageRows}
	e.now.Store(&snapshot{})
	return e
}

// Over returns an engine over fixed documents without a store, for benchmarks.
func Over(docs iter.Seq[Doc]) *Engine {
	b := newBuilder()
	version := int64(0)
	for d := range docs {
		version++
		b.add(d.asRow(version))
	}
	e := New()
	e.now.Store((&snapshot{version: version}).with(whole(b.build())))
	return e
}

// Version tells which state of the index answers now; it grows with every change.
func (e *Engine) Version() int64 { return e.now.Load().version }

// Stats are an engine's measures.
type Stats struct {
	Version  int64
	Docs     int
	Segments int
	Words    int
	Bytes    int // of memory, about
}

// Stats measures the engine.
func (e *Engine) Stats() Stats {
	s := e.now.Load()
	st := Stats{Version: s.version, Docs: s.live, Segments: len(s.views)}
	for _, v := range s.views {
		st.Words += v.seg.words.text.len()
		st.Bytes += v.seg.bytes() + 8*len(v.dead)
		if v.dead != nil {
			st.Bytes += 4 * (len(v.stemDF) + len(v.wordDF))
		}
	}
	return st
}

// Follow brings the engine up to date whenever this process changes the index, and
// every interval for what others change, until ctx ends. Errors are handed to
// failed; the next round tries again.
func (e *Engine) Follow(ctx context.Context, d *db.DB, interval time.Duration, failed func(error)) {
	heard, stop := d.Listen(Topic)
	defer stop()
	tick := time.NewTicker(interval)
	defer tick.Stop()
	for {
		if err := e.Sync(ctx, d); err != nil && ctx.Err() == nil {
			failed(err)
		}
		select {
		case <-ctx.Done():
			return
		case <-heard:
		case <-tick.C:
		}
	}
}

// Sync brings the engine up to date with what has been committed. When nothing has
// changed it costs one row. An error leaves the engine as it was.
func (e *Engine) Sync(ctx context.Context, d *db.DB) error {
	e.mu.Lock()
	defer e.mu.Unlock()
	s := e.now.Load()
	c, err := e.collect(ctx, d, s.version)
	if err != nil {
		return fmt.Errorf("reading changes of the search index after %d: %w", s.version, err)
	}
	if c.version == s.version {
		return nil
	}
	if c.anew {
		s = &snapshot{}
	}
	e.now.Store(s.applied(c))
	return nil
}

// changeset is what a Sync read.
type changeset struct {
	version int64 // up to which it read
	anew    bool  // what was there before does not count
	fresh   *builder
	changed []name        // what may be in older segments
	gone    map[name]bool // what was removed, and not put in again
}

// name is which document changed.
type name struct{ id, kind string }

// page is what one transaction of a Sync reads.
type page struct {
	rows []row
	head int64
	anew bool
}

// collect reads the changes after a version, a page in each transaction. What
// changes again meanwhile comes in a later page, so that at the end the changeset is
// what the last transaction saw, whole.
func (e *Engine) collect(ctx context.Context, d *db.DB, after int64) (*changeset, error) {
	pages := make(chan page, 1)
	failed := make(chan error, 1)
	go func() { // read the next page while the last is being taken in
		defer close(pages)
		at, first := after, true
		for {
			var p page
			err := d.Read(ctx, func(tx *db.Tx) (err error) {
				p, err = readPage(tx, &at, first, e.page)
				return err
			})
			if err != nil {
				failed <- err
				return
			}
			pages <- p
			if len(p.rows) < e.page {
				break
			}
			at, first = p.rows[len(p.rows)-1].version, false
		}
		failed <- nil
	}()
	c := &changeset{fresh: newBuilder(), gone: map[name]bool{}}
	for p := range pages {
		c.version = p.head
		c.anew = c.anew || p.anew
		for _, r := range p.rows {
			c.take(r, after > 0 && !c.anew)
		}
	}
	return c, <-failed
}

// readPage reads the rows after *at. The first page begins at zero when what was
// removed since is forgotten, or another store was put in place.
func readPage(tx *db.Tx, at *int64, first bool, limit int) (p page, err error) {
	version, floor, err := head(tx)
	if err != nil {
		return p, err
	}
	p.head = version
	if first && *at > 0 && (*at < floor || version < *at) {
		*at, p.anew = 0, true
	}
	if first && version == *at {
		return p, nil
	}
	p.rows, err = changes(tx, *at, limit)
	return p, err
}

// take takes in a row; incremental tells that there are older segments.
func (c *changeset) take(r row, incremental bool) {
	n := name{id: r.id, kind: r.kind}
	if incremental {
		c.changed = append(c.changed, n)
	}
	if r.removed {
		c.gone[n] = true
		return
	}
	delete(c.gone, n)
	c.fresh.add(r)
}

// applied is the snapshot after changes.
func (s *snapshot) applied(c *changeset) *snapshot {
	views := slices.Clone(s.views)
	for i, v := range views {
		views[i] = v.without(c.changed)
	}
	if len(c.fresh.docs) > 0 {
		// of what was read and then removed while a later page was read
		gone := slices.Collect(maps.Keys(c.gone))
		views = append(views, whole(c.fresh.build()).without(gone))
	}
	return (&snapshot{version: c.version}).with(settle(views)...)
}

func (s *snapshot) with(views ...*view) *snapshot {
	s.views = views
	for _, v := range views {
		s.live += v.live
	}
	return s
}

// ratio is how much larger than the next a segment is kept: larger means fewer
// segments to search and more to rewrite.
const ratio = 3

// settle drops what is empty, rewrites what is a third dead, and merges segments
// until each is much larger than the next, so that there are few of them and each
// document is rewritten a bounded number of times.
func settle(views []*view) []*view {
	views = slices.DeleteFunc(views, func(v *view) bool { return v.live == 0 })
	for i, v := range views {
		if n := v.seg.len(); (n-v.live)*3 > n {
			views[i] = merge(v)
		}
	}
	slices.SortStableFunc(views, func(x, y *view) int { return y.live - x.live })
	for {
		n := len(views)
		if n < 2 || views[n-2].live >= ratio*views[n-1].live {
			return views
		}
		// take in all that the merged segment would not be much smaller than
		sum, from := views[n-1].live, n-1
		for from > 0 && views[from-1].live < ratio*sum {
			from--
			sum += views[from].live
		}
		views = append(views[:from:from], merge(views[from:]...))
	}
}

func merge(views ...*view) *view {
	b := newBuilder()
	for _, v := range views {
		b.addLive(v)
	}
	return whole(b.build())
}

// whole is a view of a segment in which all live.
func whole(s *segment) *view {
	v := &view{seg: s, live: s.len(), wordDF: s.words.df, stemDF: make([]uint32, s.posts.stems.len())}
	for i := range v.stemDF {
		v.stemDF[i] = s.posts.off[i+1] - s.posts.off[i]
	}
	return v
}

func (v *view) isDead(doc uint32) bool { return v.dead != nil && v.dead[doc/64]&(1<<(doc%64)) != 0 }

// without is the view after these documents have died; the view itself when it has
// none of them.
func (v *view) without(names []name) *view {
	out := v
	var codes []uint32
	for _, n := range names {
		doc, ok := v.seg.find(n.id, n.kind)
		if !ok || out.isDead(doc) {
			continue
		}
		if out == v {
			out = &view{seg: v.seg, live: v.live, stemDF: slices.Clone(v.stemDF), wordDF: slices.Clone(v.wordDF)}
			out.dead = slices.Clone(v.dead)
			if out.dead == nil {
				out.dead = make([]uint64, (v.seg.len()+63)/64)
			}
		}
		out.dead[doc/64] |= 1 << (doc % 64)
		out.live--
		codes = v.seg.codes(doc, codes[:0])
		out.forget(codes)
	}
	return out
}

// forget takes a document's words off the counts.
func (v *view) forget(codes []uint32) {
	slices.Sort(codes)
	codes = slices.Compact(codes)
	stems := codes[:0]
	for _, c := range codes {
		if c >= codeWord {
			v.wordDF[c-codeWord]--
			stems = append(stems, v.seg.words.stem[c-codeWord])
		}
	}
	slices.Sort(stems)
	for _, st := range slices.Compact(stems) {
		v.stemDF[st]--
	}
}
