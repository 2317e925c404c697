package harvest

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"time"

	"plaza/internal/base/db"
	"plaza/internal/base/fetch"
	"plaza/internal/base/job"
	"plaza/internal/civic/institution"
	"plaza/internal/plaza"
	"plaza/internal/section/catalog"
)

// Queue is the jobs' queue for runs: they are long and mostly wait for others.
const Queue = "harvest"

// runAttempts is how often a run is tried when the store fails it; a source that
// does not answer is a failed run, not a failed attempt.
const runAttempts = 5

// Harvester runs sources.
type Harvester struct {
	db     *db.DB
	client *fetch.Client
	local  map[string]http.Handler
	pause  func(ctx context.Context, d time.Duration) error
	bare   bool
	// noticed is Config.Noticed
	noticed func(tx *db.Tx, l catalog.Link, c catalog.Check) error
}

// Config is what a Harvester is made with.
type Config struct {
	DB     *db.DB
	Client *fetch.Client
	// Local are the hosts of sources that are served from inside the process, by
	// source id: the demo's. What they list is read there and nowhere else.
	Local map[string]http.Handler
	// Pause waits between tries; nil waits in real time.
	Pause func(ctx context.Context, d time.Duration) error
	// Noticed is told what a look at a resource's address saw of its file, within the
	// transaction that notes the look; nil: nobody is.
	Noticed func(tx *db.Tx, l catalog.Link, c catalog.Check) error
	// Bare leaves out the index and the record, to measure what they cost.
	Bare bool
}

// New makes a Harvester.
func New(cfg Config) *Harvester {
	h := &Harvester{db: cfg.DB, client: cfg.Client, local: cfg.Local, pause: cfg.Pause, bare: cfg.Bare, noticed: cfg.Noticed}
	if h.pause == nil {
		h.pause = pause
	}
	return h
}

func pause(ctx context.Context, d time.Duration) error {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-t.C:
		return nil
	}
}

// checkURL reports what is wrong with a source's address; that of a local source, or of
// a file, is right.
func (h *Harvester) checkURL(s Source) error {
	if h.local[s.ID] != nil || s.File != "" {
		return nil
	}
	return h.client.Check(s.URL)
}

// clientFor is the client by which an address of a source is read.
func (h *Harvester) clientFor(source, address string) *fetch.Client {
	handler := h.local[source]
	u, err := url.Parse(address)
	if handler == nil || err != nil {
		return h.client
	}
	return h.client.WithHost(u.Host, handler)
}

// RunArgs are those of the job that runs a source. Its id is the run's.
type RunArgs struct {
	Source string `json:"source"`
}

// Kind names the job.
func (RunArgs) Kind() string { return "harvest.run" }

// dueArgs are those of the job that enqueues the sources whose time has come.
type dueArgs struct{}

func (dueArgs) Kind() string { return "harvest.due" }

// lateArgs are those of the daily job for datasets that fell behind their rhythm.
type lateArgs struct{}

func (lateArgs) Kind() string { return "catalog.late" }

// runKey lets a source have one run at a time.
func runKey(source string) string { return "harvest:" + source }

// Enqueue puts a run of a source in the queue, or returns the one that is there. A
// source that is paused or not read any more is a Conflict.
func Enqueue(tx *db.Tx, source string) (run string, err error) {
	s, err := SourceByID(tx, source)
	if err != nil {
		return "", err
	}
	if err := s.unread(); err != nil {
		return "", err
	}
	if s.State == Paused {
		return "", plaza.E(plaza.Conflict, "harvest.error.paused")
	}
	run, _, err = job.Enqueue(tx, RunArgs{Source: source}, job.Options{
		Unique: runKey(source), Queue: Queue, MaxAttempts: runAttempts,
	})
	return run, err
}

// Handle gives the runner the handlers of this package's jobs: what a command needs.
func (h *Harvester) Handle(r *job.Runner) {
	r.Handle(RunArgs{}.Kind(), h.run)
	r.Handle(dueArgs{}.Kind(), h.due)
	r.Handle(lateArgs{}.Kind(), h.late)
	r.Handle(checkArgs{}.Kind(), h.check)
	r.Handle(moveArgs{}.Kind(), h.move)
	r.Handle(institution.NamedArgs{}.Kind(), h.named)
}

// Schedule gives the runner what recurs: runs that are due, addresses to look at,
// datasets that fell behind.
func (h *Harvester) Schedule(r *job.Runner) {
	r.Every("harvest.due", job.Interval(5*time.Minute), dueArgs{}, job.Options{Unique: "harvest.due"})
	r.Every("catalog.late", job.Interval(time.Hour), lateArgs{}, job.Options{Unique: "catalog.late"})
	r.Every("catalog.check", job.Interval(time.Hour), checkArgs{}, job.Options{Unique: "catalog.check", Queue: Queue})
}

// due enqueues every source whose last run began longer ago than its rhythm.
func (h *Harvester) due(ctx context.Context, _ *job.Job) error {
	return h.db.Write(ctx, func(tx *db.Tx) error {
		sources, err := Sources(tx)
		if err != nil {
			return err
		}
		latest, err := Latest(tx)
		if err != nil {
			return err
		}
		for _, s := range sources {
			if s.State == Paused || s.unread() != nil {
				continue
			}
			if r, ok := latest[s.ID]; ok && r.StartedAt.Add(s.Every).After(tx.Now) {
				continue
			}
			if _, err := Enqueue(tx, s.ID); err != nil {
				return fmt.Errorf("enqueuing source %s: %w", s.ID, err)
			}
		}
		return nil
	})
}

func (h *Harvester) late(ctx context.Context, _ *job.Job) error {
	for {
		n := 0
		if err := h.db.Write(ctx, func(tx *db.Tx) error {
			m, err := newMapper(tx)
			if err != nil {
				return err
			}
			n, err = catalog.MarkLate(tx, catalog.MaxBatch, m.title)
			return err
		}); err != nil || n < catalog.MaxBatch {
			return err
		}
	}
}

// ckanAction is the address of package_search for a CKAN source, whose address may
// be the portal's, its API's or the action's own.
func ckanAction(address string) string {
	base, _, _ := strings.Cut(address, "?")
	if i := strings.Index(base, "/api/"); i >= 0 {
		base = base[:i]
	}
	return strings.TrimRight(base, "/") + "/api/3/action/package_search"
}
