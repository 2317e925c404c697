package obs

import (
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"net/http"
	"sync"
	"sync/atomic"
	"time"
)

// checkTimeout is how long a check may take before it counts as failed.
const checkTimeout = 2 * time.Second

var (
	errTimeout = errors.New("no answer in time")
	errPanic   = errors.New("the check panicked")
)

// Health answers whether the process lives and whether it can serve. The zero
// Health is ready; add checks before it serves.
type Health struct {
	checks   []*check
	draining atomic.Bool
}

type check struct {
	name string
	run  func(context.Context) error

	mu      sync.Mutex
	pending chan struct{} // closed when the run that is under way ends; nil when none is
	err     error         // of the last run
	failing bool          // as last logged
}

// Add adds a check under the name that the answer of /readyz uses. A check that does
// not return is asked no second time, and fails meanwhile.
func (h *Health) Add(name string, run func(context.Context) error) {
	h.checks = append(h.checks, &check{name: name, run: run})
}

// Drain makes the process not ready for good: balancers send no more while it
// finishes what it has.
func (h *Health) Drain() { h.draining.Store(true) }

// Check runs all checks at once and returns the error of each that failed.
func (h *Health) Check(ctx context.Context) map[string]error {
	ctx, cancel := context.WithTimeout(ctx, checkTimeout)
	defer cancel()
	errs := make([]error, len(h.checks))
	var wg sync.WaitGroup
	for i, c := range h.checks {
		wg.Go(func() { errs[i] = c.result(ctx) })
	}
	wg.Wait()
	failed := map[string]error{}
	for i, c := range h.checks {
		c.logChange(ctx, errs[i])
		if errs[i] != nil {
			failed[c.name] = errs[i]
		}
	}
	return failed
}

// result joins the run under way or begins one, and waits for it. Requests that come
// together share a run, so that asking often costs little.
func (c *check) result(ctx context.Context) error {
	c.mu.Lock()
	if c.pending == nil {
		c.pending = make(chan struct{})
		go c.once()
	}
	pending := c.pending
	c.mu.Unlock()
	select {
	case <-pending:
		c.mu.Lock()
		defer c.mu.Unlock()
		return c.err
	case <-ctx.Done():
		return errTimeout
	}
}

func (c *check) once() {
	ctx, cancel := context.WithTimeout(context.Background(), checkTimeout)
	defer cancel()
	err := errPanic
	defer func() {
		_ = recover() // errPanic stands
		c.mu.Lock()
		defer c.mu.Unlock()
		c.err = err
		close(c.pending)
		c.pending = nil
	}()
	err = c.run(ctx)
}

func (c *check) logChange(ctx context.Context, err error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.failing == (err != nil) {
		return
	}
	c.failing = err != nil
	if c.failing {
		slog.ErrorContext(ctx, "not ready", "check", c.name, "error", err)
	} else {
		slog.InfoContext(ctx, "ready again", "check", c.name)
	}
}

// Live answers 200 as long as the process can answer at all: it knows nothing of
// what Plaza depends on, since a restart would not cure that.
func (h *Health) Live(w http.ResponseWriter, _ *http.Request) {
	answer(w, http.StatusOK, map[string]any{"status": "ok"})
}

// Ready answers 200, or 503 with the names of the checks that fail; why is in the log.
func (h *Health) Ready(w http.ResponseWriter, r *http.Request) {
	failed := h.Check(r.Context())
	checks := map[string]string{}
	for _, c := range h.checks {
		checks[c.name] = "ok"
		if failed[c.name] != nil {
			checks[c.name] = "failing"
		}
	}
	switch {
	case h.draining.Load():
		answer(w, http.StatusServiceUnavailable, map[string]any{"status": "draining", "checks": checks})
	case len(failed) > 0:
		answer(w, http.StatusServiceUnavailable, map[string]any{"status": "failing", "checks": checks})
	default:
		answer(w, http.StatusOK, map[string]any{"status": "ok", "checks": checks})
	}
}

func answer(w http.ResponseWriter, status int, body any) {
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Cache-Control", "no-store")
	if status == http.StatusServiceUnavailable {
		w.Header().Set("Retry-After", "5")
	}
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(body) // the client is gone
}
