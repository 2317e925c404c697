package job

import (
	"context"
	"log/slog"
	"math/rand/v2"
	"slices"
	"sync"
	"time"

	"plaza/internal/base/db"
)

// Lease times: a dead worker's job is taken again within the lease and a poll.
const (
	defaultLease = 30 * time.Second
	pollEvery    = time.Second // and looks for cancellation, stores progress
	pruneEvery   = time.Hour
)

// Config is what a Runner is made with; zero fields mean the defaults.
type Config struct {
	// Queues are how many jobs of each queue run at once in this process. Queues
	// not named here share the workers of DefaultQueue (2 when it is not named).
	Queues map[string]int
	// Lease is how long a job stays with a worker that gives no sign of life; zero
	// means 30 s.
	Lease time.Duration
	// Grace is how long shutdown waits for handlers to return; zero means 10 s.
	Grace time.Duration
	// Log gets failed attempts; nil means slog.Default().
	Log *slog.Logger
	// Observe, if set, is told of every attempt that ended: the job after it, and
	// how long it took.
	Observe func(Info, time.Duration)
}

// Runner works jobs. Register with Handle and Every, then Run.
type Runner struct {
	db       *db.DB
	cfg      Config
	handlers map[string]Handler
	entries  []entry
	tick     func(time.Duration) (<-chan time.Time, func())
	jitter   func() float64 // in [0, 1)
}

// NewRunner makes a Runner on a store.
func NewRunner(d *db.DB, cfg Config) *Runner {
	queues := map[string]int{DefaultQueue: 2}
	for q, n := range cfg.Queues {
		queues[q] = max(n, 1)
	}
	cfg.Queues = queues
	if cfg.Lease <= 0 {
		cfg.Lease = defaultLease
	}
	if cfg.Grace <= 0 {
		cfg.Grace = 10 * time.Second
	}
	if cfg.Log == nil {
		cfg.Log = slog.Default()
	}
	return &Runner{db: d, cfg: cfg, handlers: map[string]Handler{}, tick: realTick, jitter: rand.Float64}
}

func realTick(d time.Duration) (<-chan time.Time, func()) {
	t := time.NewTicker(d)
	return t.C, t.Stop
}

// Handle names the handler of a kind, before Run.
func (r *Runner) Handle(kind string, h Handler) {
	if r.handlers[kind] != nil {
		panic("job: two handlers for " + kind) // a mistake in the wiring, seen at every start
	}
	r.handlers[kind] = h
}

// Run works jobs until ctx ends. It then hands back what is running: contexts end,
// and a job that does not complete becomes available again with its attempt not
// counted. A store that is away is waited for.
func (r *Runner) Run(ctx context.Context) {
	due, stop := r.db.Listen(topicDue)
	defer stop()
	ticks, stopTicks := r.tick(pollEvery)
	defer stopTicks()
	free, workers := map[string]int{}, 0
	for q, n := range r.cfg.Queues {
		free[q], workers = n, workers+n
	}
	freed := make(chan string, workers)
	var running sync.WaitGroup
	defer running.Wait()
	keeper := &housekeeper{Runner: r}
	for {
		err := keeper.do(ctx)
		for _, q := range r.queues() {
			for err == nil && free[q] > 0 {
				var j *Job
				if j, err = r.claimFrom(ctx, q); j == nil {
					break
				}
				free[q]--
				running.Go(func() {
					r.work(ctx, j)
					freed <- q
				})
			}
		}
		keeper.report(ctx, err)
		select {
		case <-ctx.Done():
			return
		case <-due:
		case <-ticks:
			keeper.due = true
		case q := <-freed:
			free[q]++
		}
	}
}

// Drain works everything that is due, one job after the other, and returns how many
// attempts it made: for tests and commands.
func (r *Runner) Drain(ctx context.Context) (int, error) {
	if err := (&housekeeper{Runner: r}).do(ctx); err != nil {
		return 0, err
	}
	for n := 0; ; n++ {
		var j *Job
		var err error
		for _, q := range r.queues() {
			if j, err = r.claimFrom(ctx, q); err != nil {
				return n, err
			}
			if j != nil {
				break
			}
		}
		if j == nil {
			return n, nil
		}
		r.work(ctx, j)
	}
}

// Work works one available job here and now, due or not, and leaves any other as it is.
func (r *Runner) Work(ctx context.Context, id string) error {
	j, err := r.claimOne(ctx, id)
	if j != nil {
		r.work(ctx, j)
	}
	return err
}

// queues are the named queues in a fixed order.
func (r *Runner) queues() []string {
	names := make([]string, 0, len(r.cfg.Queues))
	for q := range r.cfg.Queues {
		names = append(names, q)
	}
	slices.Sort(names)
	return names
}

// claimFrom claims the oldest due job of a queue whose kind has a handler here: in a
// rolling upgrade, the old release leaves the new one's jobs alone.
func (r *Runner) claimFrom(ctx context.Context, queue string) (*Job, error) {
	condition, args := r.kinds(5)
	others := slices.DeleteFunc(r.queues(), func(q string) bool { return q == DefaultQueue })
	switch {
	case queue != DefaultQueue:
		condition += " AND queue = " + db.Placeholders(5+len(args), 1)
		args = append(args, queue)
	case len(others) > 0:
		condition += " AND queue NOT IN (" + db.Placeholders(5+len(args), len(others)) + ")"
		args = append(args, db.Args(others)...)
	}
	return r.claim(ctx, func(tx *db.Tx) (*Job, error) {
		return claim(tx, r.cfg.Lease, "run_at <= $4 AND "+condition, append([]any{tx.Now}, args...)...)
	})
}

// claimOne claims one available job, due or not.
func (r *Runner) claimOne(ctx context.Context, id string) (*Job, error) {
	condition, args := r.kinds(5)
	return r.claim(ctx, func(tx *db.Tx) (*Job, error) {
		return claim(tx, r.cfg.Lease, "id = $4 AND "+condition, append([]any{id}, args...)...)
	})
}

func (r *Runner) kinds(from int) (condition string, args []any) {
	if len(r.handlers) == 0 {
		return "kind IS NULL", nil // none
	}
	names := make([]string, 0, len(r.handlers))
	for k := range r.handlers {
		names = append(names, k)
	}
	slices.Sort(names)
	return "kind IN (" + db.Placeholders(from, len(names)) + ")", db.Args(names)
}

func (r *Runner) claim(ctx context.Context, claim func(*db.Tx) (*Job, error)) (j *Job, err error) {
	err = r.db.Write(ctx, func(tx *db.Tx) error {
		j, err = claim(tx)
		return err
	})
	if err != nil {
		return nil, err
	}
	return j, nil
}

// housekeeper does what is due beside jobs: rescuing, schedules, pruning.
type housekeeper struct {
	*Runner
	registered bool
	due        bool
	pruned     time.Time
	away       bool
}

func (h *housekeeper) do(ctx context.Context) error {
	if h.registered && !h.due {
		return nil
	}
	if !h.registered {
		if err := h.register(ctx); err != nil {
			return err
		}
		h.registered = true
	}
	h.due = false
	if err := h.rescue(ctx); err != nil {
		return err
	}
	if err := h.fire(ctx); err != nil {
		return err
	}
	if now := h.db.Now(); now.Sub(h.pruned).Abs() >= pruneEvery {
		h.pruned = now
		return h.prune(ctx)
	}
	return nil
}

func (h *housekeeper) rescue(ctx context.Context) error {
	var some bool
	err := h.db.Read(ctx, func(tx *db.Tx) (err error) {
		some, err = expired(tx)
		return err
	})
	if err != nil || !some {
		return err
	}
	return h.db.Write(ctx, func(tx *db.Tx) error {
		n, err := rescue(tx)
		if n > 0 {
			h.cfg.Log.WarnContext(ctx, "jobs whose process ended were taken back", "jobs", n)
		}
		return err
	})
}

func (h *housekeeper) prune(ctx context.Context) error {
	for {
		var n int64
		if err := h.db.Write(ctx, func(tx *db.Tx) (err error) {
			n, err = prune(tx)
			return err
		}); err != nil || n < pruneBatch {
			return err
		}
	}
}

// report logs that the store went away, and that it came back, once each.
func (h *housekeeper) report(ctx context.Context, err error) {
	if ctx.Err() != nil || (err != nil) == h.away {
		return
	}
	h.away = err != nil
	if h.away {
		h.cfg.Log.ErrorContext(ctx, "jobs cannot be read; waiting for the store", "error", err)
	} else {
		h.cfg.Log.InfoContext(ctx, "jobs are read again")
	}
}
