package job_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"plaza/internal/base/db"
	"plaza/internal/base/db/dbtest"
	"plaza/internal/base/i18n"
	"plaza/internal/base/job"
	"plaza/internal/plaza"
)

type waited struct {
	info job.Info
	err  error
}

func wait(t *testing.T, r *job.Runner, id string) chan waited {
	c := make(chan waited, 1)
	go func() {
		info, err := r.WaitOrWork(t.Context(), id)
		c <- waited{info, err}
	}()
	return c
}

func TestACommandWorksItsJobWhenNobodyElseDoes(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		r, ticks := newRunner(d, job.Config{})
		ran := 0
		r.Handle("greet", func(context.Context, *job.Job) error { ran++; return nil })
		older, _ := enqueue(t, d, greet{"of somebody else"}, job.Options{})
		id, _ := enqueue(t, d, greet{}, job.Options{RunAt: d.Now().Add(time.Hour)}) // a retry that waits is taken too
		c := wait(t, r, id)
		until(t, ticks, "the job", func() bool { return len(c) == 1 })
		if w := <-c; w.err != nil || w.info.State != job.Completed || ran != 1 {
			t.Errorf("%+v, ran %d times", w, ran)
		}
		if got := get(t, d, older); got.State != job.Available {
			t.Errorf("a job that was not asked for was worked: %+v", got)
		}
	})
}

func TestOneJobIsWorkedAndTheOthersAreLeft(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		r, _ := newRunner(d, job.Config{})
		ran := 0
		r.Handle("greet", func(context.Context, *job.Job) error { ran++; return nil })
		other, _ := enqueue(t, d, greet{}, job.Options{})
		id, _ := enqueue(t, d, greet{}, job.Options{RunAt: d.Now().Add(time.Hour)})
		for range 2 { // the second finds nothing to do
			if err := r.Work(t.Context(), id); err != nil {
				t.Fatal(err)
			}
		}
		if got := get(t, d, id); got.State != job.Completed || ran != 1 {
			t.Errorf("%+v, ran %d times", got, ran)
		}
		if got := get(t, d, other); got.State != job.Available {
			t.Errorf("another one was worked: %+v", got)
		}
	})
}

func TestACommandWaitsForAWorkerThatIsFaster(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		server, serverTicks := newRunner(d, job.Config{})
		begun, answer := blocking(server)
		start(t, server)
		command, ticks := newRunner(d, job.Config{})
		command.Handle("greet", func(context.Context, *job.Job) error { t.Error("worked twice"); return nil })
		id, _ := enqueue(t, d, greet{}, job.Options{})
		from(t, serverTicks, begun)
		c := wait(t, command, id)
		until(t, ticks, "the command's first look", ticks.Any)
		for range 50 {
			ticks.Tick()
		}
		answer <- errors.New("wrong")
		until(t, serverTicks, "the failure", func() bool { return get(t, d, id).State == job.Available })
		until(t, ticks, "the command", func() bool { return len(c) == 1 })
		if w := <-c; w.err != nil || w.info.State != job.Available || w.info.Error != "wrong" {
			t.Errorf("%+v, want the failed attempt", w)
		}
	})
}

func TestACommandTakesOverFromAServerThatWasKilled(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		id, _ := enqueue(t, d, greet{}, job.Options{})
		hang(t, d)
		command, ticks := newRunner(d, job.Config{})
		command.Handle("greet", func(context.Context, *job.Job) error { return nil })
		c := wait(t, command, id)
		dbtest.Advance(d, time.Minute)
		until(t, ticks, "the job", func() bool { return len(c) == 1 })
		if w := <-c; w.err != nil || w.info.State != job.Completed || w.info.Attempt != 2 {
			t.Errorf("%+v, want it completed here", w)
		}
	})
}

func TestWaitingForNothingIsNotFoundAndEndsWithItsContext(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		r, _ := newRunner(d, job.Config{})
		if _, err := r.WaitOrWork(t.Context(), "nothing"); plaza.KindOf(err) != plaza.NotFound {
			t.Errorf("%v, want NotFound", err)
		}
		id, _ := enqueue(t, d, greet{}, job.Options{})
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		if _, err := r.WaitOrWork(ctx, id); !errors.Is(err, context.Canceled) {
			t.Errorf("%v, want its context's error", err)
		}
	})
}

func TestJobsAreListedNewestFirstByPage(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		var ids []string
		for i := range 5 {
			dbtest.Advance(d, time.Second)
			opt := job.Options{RunAt: d.Now().Add(time.Duration(5-i) * time.Hour)}
			id, _ := enqueue(t, d, greet{}, opt)
			ids = append(ids, id)
		}
		dbtest.Advance(d, time.Second)
		gone, _ := enqueue(t, d, other{}, job.Options{})
		write(t, d, func(tx *db.Tx) error { return job.Cancel(tx, gone) })
		for _, c := range []struct {
			name   string
			filter job.Filter
			want   []string
		}{
			{"all", job.Filter{}, []string{gone, ids[4], ids[3], ids[2], ids[1], ids[0]}},
			{"a state's page", job.Filter{State: job.Available, Limit: 2}, []string{ids[4], ids[3]}},
			{"its next page", job.Filter{State: job.Available, Before: ids[3], Limit: 9999}, []string{ids[2], ids[1], ids[0]}},
			{"a kind", job.Filter{Kind: "other"}, []string{gone}},
			{"none", job.Filter{Kind: "other", State: job.Running}, nil},
		} {
			var got []string
			if err := d.Read(t.Context(), func(tx *db.Tx) error {
				list, err := job.List(tx, c.filter)
				for _, i := range list {
					got = append(got, i.ID)
				}
				return err
			}); err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(c.want, got); diff != "" {
				t.Errorf("%s: %s", c.name, diff)
			}
		}
		if err := d.Read(t.Context(), func(tx *db.Tx) error {
			counts, err := job.Counts(tx)
			if counts[job.Available] != 5 || counts[job.Cancelled] != 1 || len(counts) != 2 {
				t.Errorf("Counts = %v", counts)
			}
			return err
		}); err != nil {
			t.Fatal(err)
		}
	})
}

func TestEveryStateHasANameInBothLanguages(t *testing.T) {
	for _, p := range i18n.CheckCatalogues(job.Locale) {
		t.Error(p)
	}
	b, err := i18n.New(job.Locale)
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range job.States {
		if !b.Has("job.state." + string(s)) {
			t.Errorf("%s has no name", s)
		}
	}
}
