package job

import (
	"context"
	"errors"
	"fmt"
	"runtime/debug"
	"time"

	"go.opentelemetry.io/otel"
	"go.opentelemetry.io/otel/codes"

	"plaza/internal/base/db"
	"plaza/internal/plaza"
)

// attempt is one job in the hands of this process.
type attempt struct {
	*Runner
	job    *Job
	ctx    context.Context // of the runner: its end is the shutdown
	stop   context.CancelCauseFunc
	begun  time.Time
	beaten time.Time // when the lease was last renewed
}

// work runs a claimed job to the end of its attempt and writes the outcome.
func (r *Runner) work(ctx context.Context, j *Job) {
	jobCtx, stop := context.WithCancelCause(plaza.WithActor(ctx, plaza.SystemActor))
	defer stop(nil)
	now := r.db.Now()
	a := &attempt{Runner: r, job: j, ctx: ctx, stop: stop, begun: now, beaten: now}
	done := make(chan error, 1)
	go func() { done <- a.call(jobCtx) }()
	ticks, stopTicks := r.tick(pollEvery)
	defer stopTicks()
	asked, stopListening := r.db.Listen(topicCancel)
	defer stopListening()
	shutdown, grace := ctx.Done(), (<-chan time.Time)(nil)
	for {
		select {
		case err := <-done:
			a.end(err, context.Cause(jobCtx), ticks)
			return
		case <-ticks:
			a.keep()
		case <-asked:
			a.keep()
		case <-shutdown:
			shutdown = nil
			var stopGrace func()
			grace, stopGrace = r.tick(r.cfg.Grace)
			defer stopGrace()
		case <-grace:
			// Still working: giving the job back now would have two at it. The process
			// ends, and the lease runs out by itself.
			r.cfg.Log.Warn("a job did not stop in time", "job", j.ID, "kind", j.Kind)
			return
		}
	}
}

// call runs the handler; a panic is a failed attempt.
func (a *attempt) call(ctx context.Context) (err error) {
	ctx, span := otel.Tracer("plaza/internal/base/job").Start(ctx, "job "+a.job.Kind)
	defer span.End()
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("panic: %v\n%s", p, debug.Stack())
		}
		if err != nil {
			span.SetStatus(codes.Error, "")
		}
	}()
	return a.handlers[a.job.Kind](ctx, a.job)
}

// keep renews the lease when it is time, stores progress, and ends the job's context
// when somebody asked for it or the lease is gone.
func (a *attempt) keep() {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(a.ctx), a.cfg.Lease/3)
	defer cancel()
	now := a.db.Now()
	renewing := a.job.hasProgress() || now.Sub(a.beaten).Abs() >= a.cfg.Lease/3
	var asked bool
	var err error
	if renewing {
		err = a.db.Write(ctx, func(tx *db.Tx) (err error) {
			asked, err = renew(tx, a.job, a.cfg.Lease)
			return err
		})
	} else {
		err = a.db.Read(ctx, func(tx *db.Tx) (err error) {
			asked, err = peek(tx, a.job)
			return err
		})
	}
	switch {
	case plaza.KindOf(err) == plaza.NotFound:
		a.stop(ErrLeaseLost)
	case err != nil:
		if now.Sub(a.beaten) >= a.cfg.Lease { // others may take it by now
			a.stop(ErrLeaseLost)
		}
	case asked:
		a.stop(ErrCancelled)
	}
	if err == nil && renewing {
		a.beaten = now
	}
}

// end writes the outcome of the attempt. While the store is away it is tried again
// until the lease would have run out; then the job is run once more by somebody.
func (a *attempt) end(err, cause error, ticks <-chan time.Time) {
	if errors.Is(cause, ErrLeaseLost) {
		a.cfg.Log.Warn("a job lost its lease", "job", a.job.ID, "kind", a.job.Kind)
		return
	}
	for {
		info, werr := a.settle(err, cause)
		if werr == nil {
			a.told(info, err)
			return
		}
		late := a.db.Now().Sub(a.beaten) >= a.cfg.Lease
		if late || plaza.KindOf(werr) == plaza.NotFound || a.ctx.Err() != nil {
			a.cfg.Log.Error("the end of a job was not stored", "job", a.job.ID, "kind", a.job.Kind, "error", werr)
			return
		}
		<-ticks
	}
}

func (a *attempt) settle(err, cause error) (info Info, werr error) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(a.ctx), a.cfg.Lease/3)
	defer cancel()
	werr = a.db.Write(ctx, func(tx *db.Tx) error {
		info, werr = settle(tx, a.job, a.outcome(tx.Now, err, cause))
		return werr
	})
	return info, werr
}

func (a *attempt) outcome(now time.Time, err, cause error) outcome {
	j := a.job
	o := outcome{state: Available, attempt: j.Attempt, runAt: j.RunAt}
	if err == nil {
		o.state = Completed
		return o
	}
	o.err = clip(err.Error())
	_, hopeless := errors.AsType[discard](err)
	switch {
	case errors.Is(cause, ErrCancelled):
		o.state = Cancelled
	case cause != nil: // shutdown: as if it had never begun
		o.attempt--
		o.err = j.Error
	case hopeless || j.Attempt >= j.MaxAttempts:
		o.state = Discarded
	default:
		o.runAt = retryAt(now, j.Attempt, a.jitter(), err)
	}
	return o
}

// told logs and measures an attempt that ended.
func (a *attempt) told(info Info, err error) {
	log := a.cfg.Log.With("job", info.ID, "kind", info.Kind, "state", info.State, "attempt", a.job.Attempt)
	elapsed := a.db.Now().Sub(a.begun)
	switch {
	case info.State == Discarded:
		log.Error("a job was discarded", "error", err)
	case info.State == Available && info.Attempt == a.job.Attempt:
		log.Warn("a job failed and will be tried again", "error", err, "at", info.RunAt)
	default:
		log.Debug("a job ended", "elapsed", elapsed)
	}
	if a.cfg.Observe != nil {
		a.cfg.Observe(info, elapsed)
	}
}
