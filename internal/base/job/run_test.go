package job_test

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"plaza/internal/base/db"
	"plaza/internal/base/db/dbtest"
	"plaza/internal/base/job"
	"plaza/internal/plaza"
)

// blocking registers a handler that says when it has begun and returns what it is
// told, or its context's error.
func blocking(r *job.Runner) (begun chan *job.Job, answer chan error) {
	begun, answer = make(chan *job.Job, 8), make(chan error)
	r.Handle("greet", func(ctx context.Context, j *job.Job) error {
		begun <- j
		select {
		case err := <-answer:
			return err
		case <-ctx.Done():
			return context.Cause(ctx)
		}
	})
	return begun, answer
}

// hang has a worker take the job that is due and never give a sign of life again,
// but for what the test does with its ticks.
func hang(t *testing.T, d *db.DB) (ticks *job.Ticks, ended <-chan bool) {
	t.Helper()
	r, ticks := newRunner(d, job.Config{})
	begun, _ := blocking(r)
	ctx, cancel := context.WithCancel(t.Context())
	failed, over := make(chan error, 1), make(chan bool)
	go func() {
		defer close(over)
		_, err := r.Drain(ctx)
		failed <- err
	}()
	t.Cleanup(func() { cancel(); <-over })
	select {
	case <-begun:
	case err := <-failed:
		t.Fatalf("the job was not taken: %v", err)
	}
	return ticks, over
}

func TestTheJobOfAKilledWorkerIsTakenAgainWhenItsLeaseRunsOut(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		id, _ := enqueue(t, d, greet{}, job.Options{})
		deadTicks, ended := hang(t, d)
		alive, ticks := newRunner(d, job.Config{})
		done := make(chan int, 1)
		alive.Handle("greet", func(_ context.Context, j *job.Job) error { done <- j.Attempt; return nil })
		start(t, alive)
		dbtest.Advance(d, 29*time.Second)
		if n := drain(t, alive); n != 0 {
			t.Fatal("a leased job was taken")
		}
		dbtest.Advance(d, 2*time.Second) // dead gave no sign of life: its ticks never came
		until(t, ticks, "the job's second attempt", func() bool { return len(done) == 1 })
		if got := <-done; got != 2 {
			t.Errorf("attempt %d, want 2", got)
		}
		until(t, ticks, "its end", func() bool { return get(t, d, id).State == job.Completed })
		// the worker that was thought dead wakes up, and must not touch the job
		from(t, deadTicks, ended)
		if got := get(t, d, id); got.State != job.Completed || got.Attempt != 2 {
			t.Errorf("%+v, want it completed", got)
		}
	})
}

func TestALostLeaseEndsTheWork(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		r, ticks := newRunner(d, job.Config{})
		ended := make(chan error, 1)
		begun := make(chan bool)
		r.Handle("greet", func(ctx context.Context, _ *job.Job) error {
			begun <- true
			<-ctx.Done()
			ended <- context.Cause(ctx)
			return nil
		})
		start(t, r)
		id, _ := enqueue(t, d, greet{}, job.Options{})
		from(t, ticks, begun)
		write(t, d, func(tx *db.Tx) error {
			_, err := tx.Exec(`UPDATE jobs SET lease_token = 'somebody else' WHERE id = $1`, id)
			return err
		})
		until(t, ticks, "the context's end", func() bool { return len(ended) == 1 })
		if err := <-ended; !errors.Is(err, job.ErrLeaseLost) {
			t.Errorf("cause %v, want ErrLeaseLost", err)
		}
		if got := get(t, d, id); got.State != job.Running {
			t.Errorf("%+v: the other's job was touched", got)
		}
	})
}

func TestALongJobKeepsItsLeaseAndShowsItsProgress(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		r, ticks := newRunner(d, job.Config{})
		begun, answer := blocking(r)
		start(t, r)
		id, _ := enqueue(t, d, greet{}, job.Options{})
		j := from(t, ticks, begun)
		for i := range 10 {
			dbtest.Advance(d, 20*time.Second)
			until(t, ticks, "the lease", func() bool { return get(t, d, id).LeaseUntil.After(d.Now()) })
			j.Progress(t.Context(), i+1, 10, "página")
			until(t, ticks, "progress", func() bool { got := get(t, d, id); return got.Done == i+1 && got.Total == 10 })
		}
		answer <- nil
		until(t, ticks, "its end", func() bool { return get(t, d, id).State == job.Completed })
		if got := get(t, d, id); got.Attempt != 1 || got.Note != "página" {
			t.Errorf("%+v, want one attempt", got)
		}
	})
}

func TestARunningJobThatIsCancelledEnds(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		for _, c := range []struct {
			name   string
			cancel func(tx *db.Tx, id string) error
		}{
			{"here", job.Cancel},
			{"by another process, which cannot wake this one", func(tx *db.Tx, id string) error {
				_, err := tx.Exec(`UPDATE jobs SET cancel = TRUE WHERE id = $1`, id)
				return err
			}},
		} {
			r, ticks := newRunner(d, job.Config{})
			begun, _ := blocking(r)
			stop := start(t, r)
			id, _ := enqueue(t, d, greet{}, job.Options{})
			from(t, ticks, begun)
			write(t, d, func(tx *db.Tx) error { return c.cancel(tx, id) })
			until(t, ticks, c.name, func() bool { return get(t, d, id).State == job.Cancelled })
			if got := get(t, d, id); got.FinishedAt.IsZero() {
				t.Errorf("%s: %+v, want it finished", c.name, got)
			}
			stop()
		}
	})
}

func TestAJobThatFailsWhileItIsCancelledIsNotTriedAgain(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		r, _ := newRunner(d, job.Config{})
		r.Handle("greet", func(_ context.Context, j *job.Job) error {
			write(t, d, func(tx *db.Tx) error {
				_, err := tx.Exec(`UPDATE jobs SET cancel = TRUE WHERE id = $1`, j.ID)
				return err
			})
			return errors.New("wrong, before the runner looked")
		})
		id, _ := enqueue(t, d, greet{}, job.Options{})
		drain(t, r)
		if got := get(t, d, id); got.State != job.Cancelled {
			t.Errorf("%+v, want it cancelled", got)
		}
	})
}

func TestAWaitingJobIsCancelledAtOnceAndAnEndedOneCannotBe(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		id, _ := enqueue(t, d, greet{}, job.Options{})
		write(t, d, func(tx *db.Tx) error { return job.Cancel(tx, id) })
		if got := get(t, d, id); got.State != job.Cancelled || got.FinishedAt.IsZero() {
			t.Errorf("%+v, want it cancelled", got)
		}
		for id, want := range map[string]plaza.Kind{id: plaza.Conflict, "nothing": plaza.NotFound} {
			if err := d.Write(t.Context(), func(tx *db.Tx) error { return job.Cancel(tx, id) }); plaza.KindOf(err) != want {
				t.Errorf("Cancel(%s) = %v, want %v", id, err, want)
			}
		}
		r, _ := newRunner(d, job.Config{})
		r.Handle("greet", func(_ context.Context, j *job.Job) error {
			if err := d.Write(t.Context(), func(tx *db.Tx) error { return job.Retry(tx, j.ID) }); plaza.KindOf(err) != plaza.Conflict {
				t.Errorf("Retry of a running job = %v, want Conflict", err)
			}
			return nil
		})
		write(t, d, func(tx *db.Tx) error { return job.Retry(tx, id) })
		if n := drain(t, r); n != 1 {
			t.Errorf("a cancelled job that is retried: %d runs", n)
		}
	})
}

func TestShutdownHandsRunningJobsBack(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		r, ticks := newRunner(d, job.Config{})
		begun, _ := blocking(r)
		stop := start(t, r)
		id, _ := enqueue(t, d, greet{}, job.Options{MaxAttempts: 1})
		from(t, ticks, begun)
		stop()
		got := get(t, d, id)
		if got.State != job.Available || got.Attempt != 0 || got.Error != "" || !got.LeaseUntil.IsZero() || got.RunAt.After(d.Now()) {
			t.Errorf("%+v, want it available, as if it had not begun", got)
		}
		next, _ := newRunner(d, job.Config{})
		next.Handle("greet", func(context.Context, *job.Job) error { return nil })
		if n := drain(t, next); n != 1 || get(t, d, id).State != job.Completed {
			t.Errorf("the next process: %d runs, %+v", n, get(t, d, id))
		}
	})
}

func TestAJobThatEndsDuringShutdownIsCompleted(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		r, ticks := newRunner(d, job.Config{})
		begun := make(chan bool)
		r.Handle("greet", func(ctx context.Context, _ *job.Job) error {
			begun <- true
			<-ctx.Done()
			return nil
		})
		stop := start(t, r)
		id, _ := enqueue(t, d, greet{}, job.Options{})
		from(t, ticks, begun)
		stop()
		if got := get(t, d, id); got.State != job.Completed {
			t.Errorf("%+v, want it completed", got)
		}
	})
}

func TestAHandlerThatDoesNotStopIsLeftToItsLease(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		r, ticks := newRunner(d, job.Config{})
		begun, release := make(chan bool), make(chan bool)
		defer close(release)
		r.Handle("greet", func(context.Context, *job.Job) error { begun <- true; <-release; return nil })
		stop := start(t, r)
		id, _ := enqueue(t, d, greet{}, job.Options{})
		from(t, ticks, begun)
		stopped := make(chan bool, 1)
		go func() { stop(); stopped <- true }()
		until(t, ticks, "the end of the grace", func() bool { return len(stopped) == 1 })
		if got := get(t, d, id); got.State != job.Running {
			t.Errorf("%+v: given away while it is being worked on", got)
		}
	})
}

func TestQueuesHaveWorkersOfTheirOwnAndNoneIsForgotten(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		r, ticks := newRunner(d, job.Config{Queues: map[string]int{"harvest": 1, job.DefaultQueue: 1}})
		begun, answer := blocking(r)
		quick := make(chan string, 3)
		r.Handle("other", func(_ context.Context, j *job.Job) error { quick <- j.Queue; return nil })
		start(t, r)
		enqueue(t, d, greet{"a"}, job.Options{Queue: "harvest"})
		enqueue(t, d, greet{"b"}, job.Options{Queue: "harvest"})
		from(t, ticks, begun)
		enqueue(t, d, other{}, job.Options{})
		enqueue(t, d, other{}, job.Options{Queue: "nobody named it"})
		until(t, ticks, "the other queues", func() bool { return len(quick) == 2 })
		if len(begun) != 0 {
			t.Error("two jobs of a queue of one ran at once")
		}
		answer <- nil
		from(t, ticks, begun)
		answer <- nil
	})
}

func TestKindsWithoutAHandlerAreLeftToOthers(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		r, _ := newRunner(d, job.Config{})
		id, _ := enqueue(t, d, greet{}, job.Options{})
		drain(t, r)
		r.Handle("other", func(context.Context, *job.Job) error { return nil })
		drain(t, r)
		if got := get(t, d, id); got.State != job.Available || got.Attempt != 0 {
			t.Errorf("%+v, want it untouched", got)
		}
	})
}

func TestTheRunnerOutlivesAStoreThatIsAway(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		var seen []string
		r, ticks := newRunner(d, job.Config{Observe: func(i job.Info, _ time.Duration) { seen = append(seen, i.ID) }})
		begun, answer := blocking(r)
		stop := start(t, r)
		first, _ := enqueue(t, d, greet{}, job.Options{})
		from(t, ticks, begun)
		write(t, d, func(tx *db.Tx) error { _, err := tx.Exec(`ALTER TABLE jobs RENAME TO away`); return err })
		answer <- nil // its end cannot be stored
		for range 20 {
			ticks.Tick()
		}
		write(t, d, func(tx *db.Tx) error { _, err := tx.Exec(`ALTER TABLE away RENAME TO jobs`); return err })
		until(t, ticks, "the first job's end", func() bool { return get(t, d, first).State == job.Completed })
		second, _ := enqueue(t, d, greet{}, job.Options{})
		from(t, ticks, begun)
		answer <- nil
		until(t, ticks, "the second job", func() bool { return get(t, d, second).State == job.Completed })
		stop()
		if !slices.Equal(seen, []string{first, second}) {
			t.Errorf("observed %v, want %s and %s", seen, first, second)
		}
	})
}

func TestOldJobsAreRemovedAndDeadLettersKeptLonger(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		r, _ := newRunner(d, job.Config{})
		r.Handle("greet", func(_ context.Context, j *job.Job) error {
			if strings.Contains(string(j.Args), "bad") {
				return job.Discard(errors.New("no"))
			}
			return nil
		})
		good, _ := enqueue(t, d, greet{"good"}, job.Options{})
		bad, _ := enqueue(t, d, greet{"bad"}, job.Options{})
		later, _ := enqueue(t, d, greet{"later"}, job.Options{RunAt: d.Now().Add(365 * 24 * time.Hour)})
		drain(t, r)
		left := func() (ids []string) {
			drain(t, r)
			if err := d.Read(t.Context(), func(tx *db.Tx) error {
				all, err := job.List(tx, job.Filter{})
				for _, i := range all {
					ids = append(ids, i.ID)
				}
				return err
			}); err != nil {
				t.Fatal(err)
			}
			slices.Sort(ids)
			return ids
		}
		for _, c := range []struct {
			after time.Duration
			want  []string
		}{
			{6 * 24 * time.Hour, []string{good, bad, later}},
			{2 * 24 * time.Hour, []string{bad, later}},
			{90 * 24 * time.Hour, []string{later}},
		} {
			dbtest.Advance(d, c.after)
			slices.Sort(c.want)
			if got := left(); !slices.Equal(got, c.want) {
				t.Errorf("after %v more: %v, want %v", c.after, got, c.want)
			}
		}
	})
}
