package job

import (
	"context"
	"fmt"
	"time"

	"plaza/internal/base/db"
)

// Schedule says when something recurs.
type Schedule struct {
	every        time.Duration
	hour, minute int
	zone         *time.Location
}

// Interval recurs every d, which must be positive, the first time after d.
func Interval(d time.Duration) Schedule { return Schedule{every: max(d, time.Second)} }

// Daily recurs every day at hour:minute of the zone.
func Daily(hour, minute int, zone *time.Location) Schedule {
	return Schedule{hour: hour, minute: minute, zone: zone}
}

// first is the first time after now.
func (s Schedule) first(now time.Time) time.Time {
	if s.zone == nil {
		return now.Add(s.every)
	}
	y, m, d := now.In(s.zone).Date()
	t := time.Date(y, m, d, s.hour, s.minute, 0, 0, s.zone)
	if !t.After(now) {
		t = time.Date(y, m, d+1, s.hour, s.minute, 0, 0, s.zone)
	}
	return t.UTC()
}

// next is the first time after now of a schedule that was due at due: times that
// were missed are made up for once.
func (s Schedule) next(due, now time.Time) time.Time {
	if s.zone != nil {
		return s.first(now)
	}
	return due.Add((now.Sub(due)/s.every + 1) * s.every)
}

type entry struct {
	name     string
	schedule Schedule
	args     Args
	opt      Options
}

// Every enqueues args by a schedule, once for all nodes. The name keeps the time in
// the store: it stays the same across releases. A job of the schedule that is still
// live is not joined by a second.
func (r *Runner) Every(name string, s Schedule, args Args, opt Options) {
	if opt.Unique == "" {
		opt.Unique = "schedule:" + name
	}
	r.entries = append(r.entries, entry{name, s, args, opt})
}

// register stores when each schedule is first due, and brings a time nearer that is
// further off than the schedule now says.
func (r *Runner) register(ctx context.Context) error {
	return r.db.Write(ctx, func(tx *db.Tx) error {
		for _, e := range r.entries {
			first := e.schedule.first(tx.Now)
			if _, err := tx.Exec(`INSERT INTO schedules (name, next_at)
				VALUES ($1, $2)
				ON CONFLICT (name) DO UPDATE SET next_at = $3 WHERE schedules.next_at > $4`,
				e.name, first, first, first); err != nil {
				return fmt.Errorf("registering the schedule %s: %w", e.name, err)
			}
		}
		return nil
	})
}

// fire enqueues what is due. The update of the row is what makes one node do it.
func (r *Runner) fire(ctx context.Context) error {
	due := map[string]time.Time{}
	err := r.db.Read(ctx, func(tx *db.Tx) error {
		rows, err := tx.Query(`SELECT name, next_at FROM schedules WHERE next_at <= $1`, tx.Now)
		if err != nil {
			return err
		}
		defer rows.Close()
		for rows.Next() {
			var name string
			var at time.Time
			if err := rows.Scan(&name, &at); err != nil {
				return err
			}
			due[name] = at
		}
		return rows.Err()
	})
	if err != nil {
		return fmt.Errorf("reading the schedules: %w", err)
	}
	for _, e := range r.entries {
		at, ok := due[e.name]
		if !ok {
			continue
		}
		if err := r.db.Write(ctx, func(tx *db.Tx) error {
			n, err := tx.Exec(`UPDATE schedules SET next_at = $1 WHERE name = $2 AND next_at = $3`,
				e.schedule.next(at, tx.Now), e.name, at)
			if err != nil || n == 0 {
				return err
			}
			_, _, err = Enqueue(tx, e.args, e.opt)
			return err
		}); err != nil {
			return fmt.Errorf("firing the schedule %s: %w", e.name, err)
		}
	}
	return nil
}
