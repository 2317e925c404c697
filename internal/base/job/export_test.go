package job

import (
	"sync"
	"time"
)

// Ticks stand in for the tickers of Runners: a test says when time to poll has come.
type Ticks struct {
	mu    sync.Mutex
	chans map[chan time.Time]bool
}

// UseTicks makes r poll when t ticks, and takes the chance out of its backoff.
func (r *Runner) UseTicks(t *Ticks) {
	r.jitter = func() float64 { return 0 }
	r.tick = func(time.Duration) (<-chan time.Time, func()) {
		c := make(chan time.Time, 1)
		t.mu.Lock()
		defer t.mu.Unlock()
		if t.chans == nil {
			t.chans = map[chan time.Time]bool{}
		}
		t.chans[c] = true
		return c, func() {
			t.mu.Lock()
			defer t.mu.Unlock()
			delete(t.chans, c)
		}
	}
}

// Tick lets every ticker fire once; one that has not been looked at since the last
// time keeps that one, as a real ticker does.
func (t *Ticks) Tick() {
	t.mu.Lock()
	defer t.mu.Unlock()
	for c := range t.chans {
		select {
		case c <- time.Time{}:
		default:
		}
	}
}

// Any reports whether somebody waits for a tick.
func (t *Ticks) Any() bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	return len(t.chans) > 0
}
