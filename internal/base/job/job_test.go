package job_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"plaza/internal/base/db"
	"plaza/internal/base/db/dbtest"
	"plaza/internal/base/job"
	"plaza/internal/plaza"
)

type greet struct{ Name string }

func (greet) Kind() string { return "greet" }

type other struct{}

func (other) Kind() string { return "other" }

var quiet = slog.New(slog.DiscardHandler)

// newRunner makes a runner whose polling the test drives.
func newRunner(d *db.DB, cfg job.Config) (*job.Runner, *job.Ticks) {
	cfg.Log = quiet
	r, ticks := job.NewRunner(d, cfg), new(job.Ticks)
	r.UseTicks(ticks)
	return r, ticks
}

// start runs r until the returned function is called, which waits for its end.
func start(t *testing.T, r *job.Runner) (stop func()) {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan struct{})
	go func() { r.Run(ctx); close(done) }()
	stop = func() { cancel(); <-done }
	t.Cleanup(stop)
	return stop
}

func enqueue(t *testing.T, d *db.DB, args job.Args, opt job.Options) (id string, inserted bool) {
	t.Helper()
	if err := d.Write(t.Context(), func(tx *db.Tx) (err error) {
		id, inserted, err = job.Enqueue(tx, args, opt)
		return err
	}); err != nil {
		t.Fatal(err)
	}
	return id, inserted
}

func get(t *testing.T, d *db.DB, id string) (info job.Info) {
	t.Helper()
	if err := d.Read(t.Context(), func(tx *db.Tx) (err error) {
		info, err = job.Get(tx, id)
		return err
	}); err != nil {
		t.Fatal(err)
	}
	return info
}

func write(t *testing.T, d *db.DB, f func(tx *db.Tx) error) {
	t.Helper()
	if err := d.Write(t.Context(), f); err != nil {
		t.Fatal(err)
	}
}

func drain(t *testing.T, r *job.Runner) int {
	t.Helper()
	n, err := r.Drain(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return n
}

// until ticks until what it waits for is so.
func until(t *testing.T, ticks *job.Ticks, what string, so func() bool) {
	t.Helper()
	for !so() {
		if t.Context().Err() != nil {
			t.Fatalf("waited in vain: %s", what)
		}
		ticks.Tick()
		runtime.Gosched()
	}
}

// from ticks until c gives something: a runner whose store did not answer in time
// tries again when it is time to poll, and not before.
func from[T any](t *testing.T, ticks *job.Ticks, c <-chan T) (v T) {
	t.Helper()
	until(t, ticks, "the handler", func() bool {
		select {
		case v = <-c:
			return true
		default:
			return false
		}
	})
	return v
}

func TestAJobCarriesItsArgsToItsHandler(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		r, _ := newRunner(d, job.Config{})
		r.Handle("greet", func(ctx context.Context, j *job.Job) error {
			var g greet
			if err := j.Decode(&g); err != nil {
				return err
			}
			if g.Name != "Ñandú" || !plaza.ActorFrom(ctx).Has(plaza.System) {
				t.Errorf("args %+v, actor %+v", g, plaza.ActorFrom(ctx))
			}
			j.Progress(ctx, 3, 4, "casi")
			return nil
		})
		id, inserted := enqueue(t, d, greet{"Ñandú"}, job.Options{})
		if !inserted {
			t.Error("not inserted")
		}
		if n := drain(t, r); n != 1 {
			t.Errorf("Drain = %d, want 1", n)
		}
		want := job.Info{
			ID: id, Kind: "greet", Queue: "default", Args: []byte(`{"Name":"Ñandú"}`), State: job.Completed,
			Attempt: 1, MaxAttempts: 10, RunAt: dbtest.Start, CreatedAt: dbtest.Start, StartedAt: dbtest.Start,
			FinishedAt: dbtest.Start, Done: 3, Total: 4, Note: "casi",
		}
		if diff := cmp.Diff(want, get(t, d, id)); diff != "" {
			t.Error(diff)
		}
	})
}

func TestARolledBackTransactionEnqueuesNothing(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		r, _ := newRunner(d, job.Config{})
		r.Handle("greet", func(context.Context, *job.Job) error { t.Error("it ran"); return nil })
		wrong := errors.New("no")
		err := d.Write(t.Context(), func(tx *db.Tx) error {
			if _, _, err := job.Enqueue(tx, greet{}, job.Options{}); err != nil {
				return err
			}
			return wrong
		})
		if !errors.Is(err, wrong) {
			t.Fatal(err)
		}
		if n := drain(t, r); n != 0 {
			t.Errorf("Drain = %d, want 0", n)
		}
	})
}

func TestManyJobsThroughSeveralWorkersRunOnceEach(t *testing.T) {
	const jobs = 500
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		write(t, d, func(tx *db.Tx) error {
			for i := range jobs {
				if _, _, err := job.Enqueue(tx, greet{fmt.Sprint(i)}, job.Options{}); err != nil {
					return err
				}
			}
			return nil
		})
		var mu sync.Mutex
		seen, all := map[string]int{}, make(chan bool, 1)
		ticks := new(job.Ticks)
		for range 3 {
			r, _ := newRunner(d, job.Config{Queues: map[string]int{job.DefaultQueue: 3}})
			r.UseTicks(ticks)
			r.Handle("greet", func(_ context.Context, j *job.Job) error {
				ticks.Tick() // a runner whose store did not answer in time tries again
				mu.Lock()
				defer mu.Unlock()
				if seen[string(j.Args)]++; len(seen) == jobs && seen[string(j.Args)] == 1 {
					all <- true
				}
				return nil
			})
			start(t, r)
		}
		<-all
		for args, n := range seen {
			if n != 1 {
				t.Errorf("%s ran %d times", args, n)
			}
		}
	})
}

func TestAFailedAttemptIsTriedAgainLaterAndLaterUntilItIsDiscarded(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		r, _ := newRunner(d, job.Config{})
		r.Handle("greet", func(_ context.Context, j *job.Job) error { return fmt.Errorf("wrong %d", j.Attempt) })
		id, _ := enqueue(t, d, greet{}, job.Options{MaxAttempts: 4})
		for i, wait := range []time.Duration{time.Second, 16 * time.Second, 81 * time.Second} {
			if n := drain(t, r); n != 1 {
				t.Fatalf("attempt %d: Drain = %d, want 1", i+1, n)
			}
			got := get(t, d, id)
			if got.State != job.Available || got.Attempt != i+1 || got.Error != fmt.Sprint("wrong ", i+1) || !got.RunAt.Equal(d.Now().Add(wait)) {
				t.Errorf("after attempt %d: %+v, want it available in %v", i+1, got, wait)
			}
			dbtest.Advance(d, wait-time.Millisecond)
			if n := drain(t, r); n != 0 {
				t.Errorf("attempt %d came early", i+2)
			}
			dbtest.Advance(d, time.Millisecond)
		}
		drain(t, r)
		if got := get(t, d, id); got.State != job.Discarded || got.Attempt != 4 || got.FinishedAt.IsZero() {
			t.Errorf("after the last attempt: %+v, want it discarded", got)
		}
		dbtest.Advance(d, 24*time.Hour)
		if n := drain(t, r); n != 0 {
			t.Error("a discarded job ran")
		}
		write(t, d, func(tx *db.Tx) error { return job.Retry(tx, id) })
		if n := drain(t, r); n != 1 || get(t, d, id).Attempt != 1 {
			t.Errorf("a dead letter that is retried: %d runs, %+v", n, get(t, d, id))
		}
	})
}

func TestWhatAnErrorSaysOfRetryingIsHeard(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		for _, c := range []struct {
			name  string
			err   error
			state job.State
			wait  time.Duration
		}{
			{"hopeless", fmt.Errorf("reading: %w", job.Discard(errors.New("no such source"))), job.Discarded, 0},
			{"asked to wait", fmt.Errorf("fetching: %w", &plaza.Error{Kind: plaza.TooMany, RetryAfter: time.Hour}), job.Available, time.Hour},
			{"asked to wait for ever", &plaza.Error{Kind: plaza.TooMany, RetryAfter: 1e6 * time.Hour}, job.Available, 24 * time.Hour},
			{"asked to hurry", &plaza.Error{Kind: plaza.TooMany, RetryAfter: 1}, job.Available, time.Second},
		} {
			r, _ := newRunner(d, job.Config{})
			r.Handle("greet", func(context.Context, *job.Job) error { return c.err })
			id, _ := enqueue(t, d, greet{}, job.Options{})
			drain(t, r)
			got := get(t, d, id)
			if got.State != c.state || !got.RunAt.Equal(d.Now().Add(c.wait)) {
				t.Errorf("%s: %s at %v, want %s after %v", c.name, got.State, got.RunAt, c.state, c.wait)
			}
		}
	})
}

func TestAPanicIsAFailedAttempt(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		r, _ := newRunner(d, job.Config{})
		r.Handle("greet", func(context.Context, *job.Job) error { panic("índice fuera de rango") })
		id, _ := enqueue(t, d, greet{}, job.Options{})
		drain(t, r)
		if got := get(t, d, id); got.State != job.Available || !strings.Contains(got.Error, "índice fuera") {
			t.Errorf("%+v, want it available with the panic as its error", got)
		}
	})
}

func TestArgsThatCannotBeReadAreNotTriedAgain(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		r, _ := newRunner(d, job.Config{})
		r.Handle("greet", func(_ context.Context, j *job.Job) error {
			var into struct{ Name int }
			return j.Decode(&into)
		})
		id, _ := enqueue(t, d, greet{"a"}, job.Options{})
		drain(t, r)
		if got := get(t, d, id); got.State != job.Discarded {
			t.Errorf("%+v, want it discarded", got)
		}
	})
}

func TestOneLiveJobPerUniqueKey(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		r, _ := newRunner(d, job.Config{})
		r.Handle("greet", func(_ context.Context, j *job.Job) error {
			if id, inserted := enqueue(t, d, greet{"b"}, job.Options{Unique: "k"}); inserted || id != j.ID {
				t.Errorf("while it runs: %s, %v; want the running job", id, inserted)
			}
			return nil
		})
		first, _ := enqueue(t, d, greet{"a"}, job.Options{Unique: "k"})
		if id, inserted := enqueue(t, d, greet{"b"}, job.Options{Unique: "k"}); inserted || id != first {
			t.Errorf("while it waits: %s, %v; want the first", id, inserted)
		}
		if _, inserted := enqueue(t, d, other{}, job.Options{Unique: "l"}); !inserted {
			t.Error("another key was refused")
		}
		drain(t, r)
		second, inserted := enqueue(t, d, greet{"a"}, job.Options{Unique: "k"})
		if !inserted {
			t.Error("after its end the key is still taken")
		}
		err := d.Write(t.Context(), func(tx *db.Tx) error { return job.Retry(tx, first) })
		if plaza.KindOf(err) != plaza.Conflict {
			t.Errorf("Retry beside a live job %s of the same key: %v, want Conflict", second, err)
		}
	})
}

func TestManyAtOnceWithOneKeyMakeOneJob(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		var mu sync.Mutex
		ids, made := map[string]bool{}, 0
		var wg sync.WaitGroup
		for range 16 {
			wg.Go(func() {
				id, inserted := enqueue(t, d, greet{}, job.Options{Unique: "k"})
				mu.Lock()
				defer mu.Unlock()
				ids[id] = true
				if inserted {
					made++
				}
			})
		}
		wg.Wait()
		if len(ids) != 1 || made != 1 {
			t.Errorf("%d ids, %d made; want one", len(ids), made)
		}
	})
}
