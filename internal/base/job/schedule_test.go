package job_test

import (
	"context"
	"testing"
	"time"

	"plaza/internal/base/db"
	"plaza/internal/base/db/dbtest"
	"plaza/internal/base/job"
)

func TestASchedulesJobIsMadeOnceForAllNodes(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		mexico, err := time.LoadLocation("America/Mexico_City")
		if err != nil {
			t.Fatal(err)
		}
		ran := map[string][]time.Time{}
		node := func() *job.Runner {
			r, _ := newRunner(d, job.Config{})
			for _, kind := range []string{"greet", "other"} {
				r.Handle(kind, func(context.Context, *job.Job) error { ran[kind] = append(ran[kind], d.Now()); return nil })
			}
			r.Every("each-hour", job.Interval(time.Hour), greet{}, job.Options{})
			r.Every("at-two", job.Daily(2, 30, mexico), other{}, job.Options{})
			return r
		}
		a, b := node(), node()
		for range 4 * 49 { // a quarter of an hour at a time, two days and a bit from 09:00 in Mexico
			drain(t, a)
			drain(t, b)
			dbtest.Advance(d, 15*time.Minute)
		}
		if n := len(ran["greet"]); n != 48 {
			t.Errorf("hourly ran %d times in 49 hours, want 48", n)
		}
		want := []time.Time{time.Date(2026, 11, 24, 8, 30, 0, 0, time.UTC), time.Date(2026, 11, 25, 8, 30, 0, 0, time.UTC)}
		if got := ran["other"]; len(got) != 2 || !got[0].Equal(want[0]) || !got[1].Equal(want[1]) {
			t.Errorf("daily ran at %v, want %v", got, want)
		}
		ran["greet"] = nil
		dbtest.Advance(d, 30*time.Hour)
		drain(t, a)
		drain(t, b)
		if n := len(ran["greet"]); n != 1 {
			t.Errorf("after thirty hours of silence hourly ran %d times, want once", n)
		}
	})
}

func TestAScheduleThatBecameShorterCountsFromNow(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		runs := 0
		node := func(every time.Duration) *job.Runner {
			r, _ := newRunner(d, job.Config{})
			r.Handle("greet", func(context.Context, *job.Job) error { runs++; return nil })
			r.Every("x", job.Interval(every), greet{}, job.Options{})
			return r
		}
		drain(t, node(30*24*time.Hour))
		drain(t, node(time.Hour))
		dbtest.Advance(d, 61*time.Minute)
		drain(t, node(time.Hour))
		if runs != 1 {
			t.Errorf("%d runs, want 1", runs)
		}
	})
}
