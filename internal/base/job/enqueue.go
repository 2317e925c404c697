package job

import (
	"encoding/json"
	"fmt"
	"time"

	"plaza/internal/base/db"
	"plaza/internal/plaza"
)

// Topics of db.Wake: something became due; a job was asked to stop.
const (
	topicDue    = "jobs"
	topicCancel = "jobs.cancel"
)

// Enqueue adds a job in tx: it exists once tx has been committed. When a live job
// has the same Unique key, nothing is added, inserted is false and id is that job's.
func Enqueue(tx *db.Tx, args Args, opt Options) (id string, inserted bool, err error) {
	raw, err := json.Marshal(args)
	if err != nil {
		return "", false, fmt.Errorf("enqueueing a job %s: %w", args.Kind(), err)
	}
	if opt.Queue == "" {
		opt.Queue = DefaultQueue
	}
	if opt.MaxAttempts <= 0 {
		opt.MaxAttempts = defaultAttempts
	}
	if opt.RunAt.IsZero() {
		opt.RunAt = tx.Now
	}
	// The live job may end between the insert that it stops and the look for it.
	for range 5 {
		id, inserted, err = insert(tx, args.Kind(), string(raw), opt)
		if plaza.KindOf(err) != plaza.NotFound || err == nil {
			break
		}
	}
	if err != nil {
		return "", false, fmt.Errorf("enqueueing a job %s: %w", args.Kind(), err)
	}
	if inserted && !opt.RunAt.After(tx.Now) {
		tx.Wake(topicDue)
	}
	return id, inserted, nil
}

func insert(tx *db.Tx, kind, args string, opt Options) (id string, inserted bool, err error) {
	id = tx.ID()
	// the conflict's target is the partial index jobs_unique
	n, err := tx.Exec(`INSERT INTO jobs (id, kind, queue, args, state, unique_key, max_attempts, run_at, created_at)
		VALUES ($1, $2, $3, $4, 'available', $5, $6, $7, $8)
		ON CONFLICT (unique_key) WHERE unique_key <> '' AND state IN ('available', 'running') DO NOTHING`,
		id, kind, opt.Queue, args, opt.Unique, opt.MaxAttempts, opt.RunAt, tx.Now)
	if err != nil || n == 1 {
		return id, err == nil, err
	}
	err = tx.Row(`SELECT id
		FROM jobs
		WHERE unique_key = $1 AND state IN ('available', 'running')`, opt.Unique).Scan(&id)
	return id, false, err
}

// retryAt is when the next attempt is due after attempt failed with err: attempt to
// the fourth in seconds (1 s, 16 s, 81 s …, at most a day) and up to a tenth more, so
// that what failed together does not come back together; later when err says so.
func retryAt(now time.Time, attempt int, jitter float64, err error) time.Time {
	a := time.Duration(min(attempt, 17))
	wait := a * a * a * a * time.Second
	wait += time.Duration(jitter * float64(wait) / 10)
	if after := retryAfter(err); after > wait {
		wait = after
	}
	return now.Add(min(wait, 24*time.Hour))
}
