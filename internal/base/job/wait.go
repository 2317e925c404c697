package job

import (
	"context"
	"time"

	"plaza/internal/base/db"
)

const (
	waitPoll  = 200 * time.Millisecond
	waitPolls = 5 // how often an unleased job is looked at before it is taken: one second
)

// WaitOrWork waits until a job has ended, or an attempt at it has failed and a retry
// waits (it is Available, with Error set), and returns it then. When no worker has
// leased the job within a second it is worked here: so a command does its work beside
// a running server as well as alone.
func (r *Runner) WaitOrWork(ctx context.Context, id string) (Info, error) {
	first, err := r.get(ctx, id)
	if err != nil {
		return first, err
	}
	ticks, stop := r.tick(waitPoll)
	defer stop()
	for unleased := 1; ; unleased++ {
		info, err := r.get(ctx, id)
		switch {
		case err != nil:
			return info, err
		case info.State.Ended():
			return info, nil
		case info.State == Available && info.Attempt > first.Attempt-running(first) && info.RunAt.After(info.StartedAt):
			return info, nil // not one whose process ended: that is due, and taken here
		case info.State == Running:
			unleased = 0
		case unleased > waitPolls:
			unleased = 0
			j, err := r.claimOne(ctx, id)
			if err != nil {
				return info, err
			}
			if j != nil {
				r.work(ctx, j)
				continue
			}
		}
		if info.State == Running && info.LeaseUntil.Before(r.db.Now()) {
			if err := (&housekeeper{Runner: r}).rescue(ctx); err != nil {
				return info, err
			}
		}
		select {
		case <-ctx.Done():
			return info, ctx.Err()
		case <-ticks:
		}
	}
}

// running is 1 when the job's Attempt is not over yet.
func running(i Info) int {
	if i.State == Running {
		return 1
	}
	return 0
}

func (r *Runner) get(ctx context.Context, id string) (info Info, err error) {
	err = r.db.Read(ctx, func(tx *db.Tx) error {
		info, err = Get(tx, id)
		return err
	})
	return info, err
}
