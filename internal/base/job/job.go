// Package job is Plaza's queue of background work: a table of the store, the same
// on both engines, with River's words (args with a kind, queue, attempt, discarded).
//
// A job is enqueued inside the transaction that wants it, so that both happen or
// neither. A Runner claims the oldest due job with one UPDATE, under a lease that
// it renews while the handler runs; when the process dies the lease expires and
// the job is taken again. Delivery is therefore at least once: a handler may be
// run twice on the same args and must make its effects idempotent.
//
//	          ┌────────────────── retry, backoff; handed back at shutdown
//	          ▼                 │
//	available ──── claim ──▶ running ──▶ completed
//	    │                       ├──────▶ discarded   (attempts used up, or Discard)
//	    └──────── cancel ───────┴──────▶ cancelled
//
// Discarded jobs are the dead letters: they stay, are listed, and Retry makes them
// available again. Who may see and stop jobs is decided elsewhere.
package job

import (
	"context"
	"embed"
	"encoding/json"
	"errors"
	"fmt"
	"sync"
	"time"

	"plaza/internal/plaza"
)

// Locale holds the names of states and the sentences of this package's errors.
//
//go:embed locale
var Locale embed.FS

// Args are what a job is given, stored as JSON. Kind names its handler; it never
// changes its meaning, and the args of one release are read by the next.
type Args interface{ Kind() string }

// Handler does a job. Returning nil completes it, an error is a failed attempt; the
// context ends when the job is cancelled, its lease is lost or Plaza shuts down, and
// context.Cause says which. The system acts in it.
type Handler func(ctx context.Context, j *Job) error

// State is where a job stands.
type State string

// The states. Available and running jobs are live.
const (
	Available State = "available"
	Running   State = "running"
	Completed State = "completed"
	Cancelled State = "cancelled"
	Discarded State = "discarded"
)

// States are all of them, in the order of a job's life.
var States = []State{Available, Running, Completed, Cancelled, Discarded}

// Ended reports whether the job will not run again by itself.
func (s State) Ended() bool { return s != Available && s != Running }

// The causes for which a running job's context ends; at shutdown it is context.Canceled.
var (
	ErrCancelled = errors.New("the job was cancelled")
	ErrLeaseLost = errors.New("the job's lease was lost")
)

// DefaultQueue is the queue of a job whose Options name none.
const DefaultQueue = "default"

// defaultAttempts with the backoff of retry.go spans some seven hours.
const defaultAttempts = 10

// Options say how a job is queued; the zero value is a job for now.
type Options struct {
	// Unique, when set, allows one live job with that key.
	Unique string
	// RunAt is when the job becomes due; zero means now.
	RunAt time.Time
	// Queue groups jobs that share workers; "" is DefaultQueue.
	Queue string
	// MaxAttempts is how often the job is tried; zero means 10.
	MaxAttempts int
}

// Info is a job as the store knows it. Instants that did not happen yet are zero.
type Info struct {
	ID          string
	Kind        string
	Queue       string
	Args        json.RawMessage
	State       State
	Unique      string
	Attempt     int // the running one, or how many were made
	MaxAttempts int
	RunAt       time.Time
	CreatedAt   time.Time
	StartedAt   time.Time // of the last attempt
	FinishedAt  time.Time
	LeaseUntil  time.Time
	Cancelling  bool // asked to stop, not stopped yet
	Done        int  // progress: Done of Total, zero Total when unknown
	Total       int
	Note        string
	Error       string // of the last failed attempt; for admins
}

// Job is a job being worked on.
type Job struct {
	Info

	token    string // of the lease
	mu       sync.Mutex
	progress progress
}

type progress struct {
	done, total int
	note        string
	changed     bool // since it was last stored
}

// Decode reads the job's args into v.
func (j *Job) Decode(v any) error {
	if err := json.Unmarshal(j.Args, v); err != nil {
		return Discard(fmt.Errorf("reading the args of a job %s: %w", j.Kind, err))
	}
	return nil
}

// Progress says how far the work is: done of total (zero when unknown) and a note.
// It only notes; the runner stores the latest about once a second, so it may be
// called for every row and inside a transaction. After ctx has ended it does nothing.
func (j *Job) Progress(ctx context.Context, done, total int, note string) {
	if ctx.Err() != nil {
		return
	}
	j.mu.Lock()
	defer j.mu.Unlock()
	j.progress = progress{done, total, note, true}
}

// takeProgress returns the latest progress and marks it as stored.
func (j *Job) takeProgress() progress {
	j.mu.Lock()
	defer j.mu.Unlock()
	p := j.progress
	j.progress.changed = false
	return p
}

// hasProgress reports whether there is progress that is not stored.
func (j *Job) hasProgress() bool {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.progress.changed
}

// discard marks an error after which trying again is pointless.
type discard struct{ error }

func (d discard) Unwrap() error { return d.error }

// Discard wraps an error that no further attempt would cure: the job is discarded.
func Discard(err error) error { return discard{err} }

var errNotFound = plaza.E(plaza.NotFound, "job.error.not_found")
