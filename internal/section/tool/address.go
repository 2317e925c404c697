package tool

import (
	"context"
	"errors"
	"net/http"
	"slices"
	"time"

	"golang.org/x/sync/errgroup"

	"plaza/internal/base/db"
	"plaza/internal/base/fetch"
	"plaza/internal/base/job"
	"plaza/internal/plaza"
)

// LookAll is the job that looks whether tools elsewhere still open.
type LookAll struct{}

// Kind implements job.Args.
func (LookAll) Kind() string { return "tools.look" }

const (
	// lookEvery is how often those are sought that are due.
	lookEvery = time.Hour
	// looksAtOnce and looksBeside bound one job; the client is polite to each host.
	looksAtOnce = 200
	looksBeside = 4
)

// Work registers what tools do by themselves.
func (ts *Tools) Work(r *job.Runner) {
	r.Handle(Watch{}.Kind(), func(ctx context.Context, _ *job.Job) error { return ts.Watch(ctx) })
	r.Every(Watch{}.Kind(), job.Interval(time.Minute), Watch{}, job.Options{Unique: Watch{}.Kind()})
	r.Handle(LookAll{}.Kind(), func(ctx context.Context, _ *job.Job) error { return ts.LookAll(ctx) })
	r.Every(LookAll{}.Kind(), job.Interval(lookEvery), LookAll{}, job.Options{Unique: LookAll{}.Kind()})
}

// LookAll looks at the addresses of tools elsewhere that are due, some hundreds at a time, and
// notes what is there, each as soon as it is known.
func (ts *Tools) LookAll(ctx context.Context) error {
	if ts.Client == nil {
		return nil
	}
	var due []Tool
	if err := ts.DB.Read(ctx, func(tx *db.Tx) (err error) {
		due, err = DueChecks(tx, looksAtOnce)
		return err
	}); err != nil {
		return err
	}
	g, gctx := errgroup.WithContext(plaza.WithActor(ctx, plaza.SystemActor))
	g.SetLimit(looksBeside)
	for _, t := range due {
		g.Go(func() error {
			found := ts.look(gctx, t.URL)
			if gctx.Err() != nil { // it was not the address that failed
				return gctx.Err()
			}
			err := ts.DB.Write(gctx, func(tx *db.Tx) error { return ts.Look(tx, t.ID, t.URL, found) })
			if err != nil && plaza.KindOf(err) == plaza.NotFound { // it is gone by now
				return nil
			}
			return err
		})
	}
	return g.Wait()
}

// look asks for the head of what is at an address, and for the answer where a server knows no
// HEAD.
func (ts *Tools) look(ctx context.Context, address string) Checked {
	res, err := ts.Client.Get(ctx, fetch.Request{URL: address, Head: true})
	if e, ok := errors.AsType[*fetch.Error](err); ok && e.Code == fetch.Status &&
		slices.Contains([]int{http.StatusMethodNotAllowed, http.StatusNotImplemented, http.StatusForbidden, http.StatusNotFound}, e.Status) {
		res, err = ts.Client.Get(ctx, fetch.Request{URL: address})
	}
	if e, ok := errors.AsType[*fetch.Error](err); ok {
		return Checked{Status: e.Status, Fault: string(e.Code)}
	}
	if err != nil {
		return Checked{Fault: string(fetch.Connect)}
	}
	_ = res.Body.Close() // nothing of it is read
	return Checked{Status: res.Status}
}
