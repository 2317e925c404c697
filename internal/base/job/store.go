package job

import (
	"errors"
	"strings"
	"time"

	"plaza/internal/base/db"
	"plaza/internal/plaza"
)

const columns = `id, kind, queue, args, state, unique_key, attempt, max_attempts, run_at, created_at,
	started_at, finished_at, lease_until, cancel, done, total, note, error`

func scan(scan func(dest ...any) error) (Info, error) {
	var i Info
	var args string
	err := scan(&i.ID, &i.Kind, &i.Queue, &args, &i.State, &i.Unique, &i.Attempt, &i.MaxAttempts, &i.RunAt, &i.CreatedAt,
		&i.StartedAt, &i.FinishedAt, &i.LeaseUntil, &i.Cancelling, &i.Done, &i.Total, &i.Note, &i.Error)
	i.Args = []byte(args)
	return i, err
}

// claim leases the oldest available job that the condition allows (its placeholders
// start at $4); nil when there is none.
func claim(tx *db.Tx, lease time.Duration, condition string, args ...any) (*Job, error) {
	lock := ""
	if tx.Engine() == db.PostgreSQL {
		lock = "FOR UPDATE SKIP LOCKED" // SQLite has one writer anyway
	}
	token := tx.ID()
	info, err := scan(tx.Row(`UPDATE jobs
		SET state = 'running', attempt = attempt + 1, started_at = $1, lease_until = $2, lease_token = $3,
			done = 0, total = 0, note = ''
		WHERE id = (
			SELECT id
			FROM jobs
			WHERE state = 'available' AND `+condition+`
			ORDER BY run_at, id
			LIMIT 1 `+lock+`)
		RETURNING `+columns,
		append([]any{tx.Now, tx.Now.Add(lease), token}, args...)...).Scan)
	if plaza.KindOf(err) == plaza.NotFound {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	return &Job{Info: info, token: token}, nil
}

// renew extends the lease and stores progress; asked reports whether the job is
// asked to stop. NotFound means that the lease is lost.
func renew(tx *db.Tx, j *Job, lease time.Duration) (asked bool, err error) {
	p := j.takeProgress()
	err = tx.Row(`UPDATE jobs
		SET lease_until = $1, done = $2, total = $3, note = $4
		WHERE id = $5 AND lease_token = $6 AND state = 'running'
		RETURNING cancel`,
		tx.Now.Add(lease), p.done, p.total, p.note, j.ID, j.token).Scan(&asked)
	return asked, err
}

// peek is renew without writing.
func peek(tx *db.Tx, j *Job) (asked bool, err error) {
	err = tx.Row(`SELECT cancel
		FROM jobs
		WHERE id = $1 AND lease_token = $2 AND state = 'running'`, j.ID, j.token).Scan(&asked)
	return asked, err
}

// outcome is how an attempt ended.
type outcome struct {
	state   State
	attempt int
	runAt   time.Time
	err     string
}

// settle writes an outcome and gives the lease up. NotFound means that the lease was
// lost, and nothing is written.
func settle(tx *db.Tx, j *Job, o outcome) (Info, error) {
	var finished time.Time
	if o.state.Ended() {
		finished = tx.Now
	}
	p := j.takeProgress()
	info, err := scan(tx.Row(`UPDATE jobs
		SET state = $1, attempt = $2, run_at = $3, error = $4, finished_at = $5,
			done = $6, total = $7, note = $8, lease_until = NULL, lease_token = ''
		WHERE id = $9 AND lease_token = $10 AND state = 'running'
		RETURNING `+columns,
		o.state, o.attempt, o.runAt, o.err, finished, p.done, p.total, p.note, j.ID, j.token).Scan)
	if err != nil {
		return info, err
	}
	if !info.State.Ended() && info.Cancelling { // asked after the runner last looked
		info.State, info.FinishedAt = Cancelled, tx.Now
		return info, Cancel(tx, info.ID)
	}
	if info.State == Available {
		tx.Wake(topicDue)
	}
	return info, nil
}

// rescue takes jobs whose lease expired from the workers that died with them. The
// attempt counts: a job that kills its process must not do so for ever.
func rescue(tx *db.Tx) (int64, error) {
	return tx.Exec(`UPDATE jobs
		SET state = CASE WHEN cancel THEN 'cancelled' WHEN attempt >= max_attempts THEN 'discarded' ELSE 'available' END,
			finished_at = CASE WHEN cancel OR attempt >= max_attempts THEN $1 ELSE finished_at END,
			lease_until = NULL, lease_token = '', error = $2
		WHERE state = 'running' AND lease_until < $3`,
		tx.Now, "the process that ran it ended", tx.Now)
}

// expired reports whether rescue has anything to do.
func expired(tx *db.Tx) (bool, error) {
	var n int
	err := tx.Row(`SELECT COUNT(*) FROM jobs WHERE state = 'running' AND lease_until < $1`, tx.Now).Scan(&n)
	return n > 0, err
}

// How long ended jobs are kept, and how many are removed in one transaction.
const (
	keepEnded     = 7 * 24 * time.Hour
	keepDiscarded = 90 * 24 * time.Hour
	pruneBatch    = 500
)

// prune removes some jobs that ended long ago and returns how many.
func prune(tx *db.Tx) (int64, error) {
	return tx.Exec(`DELETE FROM jobs
		WHERE id IN (
			SELECT id
			FROM jobs
			WHERE state IN ('completed', 'cancelled') AND finished_at < $1 OR state = 'discarded' AND finished_at < $2
			LIMIT $3)`,
		tx.Now.Add(-keepEnded), tx.Now.Add(-keepDiscarded), pruneBatch)
}

// retryAfter is how long err asks to wait, zero when it does not.
func retryAfter(err error) time.Duration {
	if e, ok := errors.AsType[*plaza.Error](err); ok {
		return e.RetryAfter
	}
	return 0
}

// clip keeps an error's text to what an admin can read.
func clip(s string) string {
	const most = 4000
	if len(s) > most {
		s = strings.ToValidUTF8(s[:most], "") + "…"
	}
	return s
}
