package outbox

import (
	"context"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"plaza/internal/base/db"
	"plaza/internal/base/job"
	"plaza/internal/base/mail"
	"plaza/internal/plaza"
)

// Queue is the job queue of what delivers, so that a slow server keeps no other work
// waiting.
const Queue = "outbox"

const (
	// connections is how many there are to the server at once.
	connections = 4
	// batch is how many mails one connection claims at a time, and lease for how long:
	// more than they take when each waits for the server's timeouts.
	batch = 5
	lease = 4 * time.Minute
	// patience is after how long a mail is given up that the server always puts off.
	patience = 5 * 24 * time.Hour
	// settleIn bounds the note of what became of a mail when the process is stopping.
	settleIn = 5 * time.Second
)

// Work registers the job that delivers.
func (o *Outbox) Work(r *job.Runner) {
	r.Handle(Deliver{}.Kind(), func(ctx context.Context, _ *job.Job) error { return o.deliver(ctx) })
	r.Every(Deliver{}.Kind(), job.Interval(time.Minute), Deliver{}, job.Options{Unique: Deliver{}.Kind(), Queue: Queue})
}

// waiting is a mail that has been claimed.
type waiting struct {
	id, claim string
	attempts  int
	created   time.Time
	until     time.Time // end of the claim
	stopped   bool      // the address takes no mail
	Message
}

// deliver brings every mail that is due to the server. A server that is away is no
// failure of the job, whose pauses would grow: the next minute tries again.
func (o *Outbox) deliver(ctx context.Context) error {
	if !o.mail.Configured() {
		return o.db.Write(ctx, func(tx *db.Tx) error {
			_, err := tx.Exec(`UPDATE outbox SET state = 'kept', claim = '' WHERE state = 'waiting'`)
			return err
		})
	}
	var working sync.WaitGroup
	failed := make(chan error, connections)
	for range connections {
		working.Go(func() { failed <- o.carry(ctx) })
	}
	working.Wait()
	close(failed)
	var away error
	for err := range failed {
		switch {
		case err == nil:
		case plaza.KindOf(err) == plaza.Unavailable && ctx.Err() == nil:
			away = err
		default:
			return err
		}
	}
	if away != nil {
		slog.WarnContext(ctx, "mails wait for the server", "error", away)
	}
	return nil
}

// carry takes mails over one connection until none is due.
func (o *Outbox) carry(ctx context.Context) error {
	var session *mail.Session
	defer func() {
		if session != nil {
			session.Close()
		}
	}()
	for {
		var list []waiting
		if err := o.db.Write(ctx, func(tx *db.Tx) (err error) {
			list, err = claim(tx, batch)
			return err
		}); err != nil || len(list) == 0 {
			return err
		}
		for i, w := range list {
			if o.db.Now().After(w.until.Add(-time.Minute)) {
				break // too late to be sure that nobody else has it
			}
			err := o.one(ctx, w, &session)
			if err != nil {
				o.release(ctx, list[i:])
				return err
			}
		}
	}
}

// claim takes at most limit mails that are due, for as long as the lease.
func claim(tx *db.Tx, limit int) ([]waiting, error) {
	lock := ""
	if tx.Engine() == db.PostgreSQL {
		lock = "FOR UPDATE SKIP LOCKED" // SQLite has one writer anyway
	}
	token, until := tx.ID(), tx.Now.Add(lease)
	list, err := db.All(tx, func(scan func(...any) error) (waiting, error) {
		w := waiting{claim: token, until: until}
		err := scan(&w.id, &w.attempts, &w.created, &w.To, &w.Subject, &w.Text, &w.HTML, &w.Unsubscribe)
		return w, err
	}, `UPDATE outbox
		SET claim = $1, next_at = $2
		WHERE id IN (
			SELECT id
			FROM outbox
			WHERE state = 'waiting' AND next_at <= $3
			ORDER BY next_at, id
			LIMIT $4 `+lock+`)
		RETURNING id, attempts, created_at, address, subject, body_text, body_html, unsubscribe`, token, until, tx.Now, limit)
	if err != nil || len(list) == 0 {
		return nil, err
	}
	addresses := make([]string, len(list))
	for i, w := range list {
		addresses[i] = w.To
	}
	dead, err := stopped(tx, addresses)
	for i := range list {
		list[i].stopped = dead[addressKey(list[i].To)].State != ""
	}
	return list, err
}

// release gives back what was claimed and not tried, due at once.
func (o *Outbox) release(ctx context.Context, list []waiting) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), settleIn)
	defer cancel()
	ids := make([]string, len(list))
	for i, w := range list {
		ids[i] = w.id
	}
	_ = o.db.Write(ctx, func(tx *db.Tx) error { // else the lease does it
		_, err := tx.Exec(`UPDATE outbox SET claim = '', next_at = $1 WHERE claim = $2 AND state = 'waiting' AND id IN (`+
			db.Placeholders(3, len(ids))+`)`, append([]any{tx.Now, list[0].claim}, db.Args(ids)...)...)
		return err
	})
}

// one delivers a mail and notes what became of it. An error means that nothing was
// found out about this mail.
func (o *Outbox) one(ctx context.Context, w waiting, session **mail.Session) (err error) {
	if ctx.Err() != nil {
		return ctx.Err()
	}
	if w.stopped {
		return o.settle(ctx, w, Stopped, nil)
	}
	if *session == nil {
		if *session, err = o.mail.Dial(ctx); err != nil {
			return err
		}
	}
	err = (*session).Send(mail.Message{ID: w.id, To: w.To, Subject: w.Subject, Text: w.Text, HTML: w.HTML, Unsubscribe: w.Unsubscribe})
	switch {
	case err == nil:
		return o.settle(ctx, w, Sent, nil)
	case plaza.KindOf(err) == plaza.Invalid:
		return o.settle(ctx, w, Refused, err)
	case mail.IsDeferred(err) && o.db.Now().Sub(w.created) > patience:
		return o.settle(ctx, w, Refused, err)
	case mail.IsDeferred(err):
		return o.settle(ctx, w, Waiting, err)
	}
	(*session).Close()
	*session = nil
	return err
}

// settle writes down what became of a mail, also when the process is stopping: what the
// server has is not to be sent again. A claim that was lost changes nothing.
func (o *Outbox) settle(ctx context.Context, w waiting, state State, why error) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), settleIn)
	defer cancel()
	said := ""
	if why != nil {
		said = why.Error()
	}
	return o.db.Write(ctx, func(tx *db.Tx) (err error) {
		switch state {
		case Waiting:
			_, err = tx.Exec(`UPDATE outbox SET attempts = attempts + 1, next_at = $1, error = $2, claim = '' WHERE id = $3 AND claim = $4`,
				tx.Now.Add(pause(w.attempts)), said, w.id, w.claim)
		case Sent:
			_, err = tx.Exec(`UPDATE outbox
				SET state = 'sent', attempts = attempts + 1, sent_at = $1, error = '', body_text = '', body_html = '', claim = ''
				WHERE id = $2 AND claim = $3`, tx.Now, w.id, w.claim)
		default:
			_, err = tx.Exec(`UPDATE outbox SET state = $1, attempts = attempts + 1, error = $2, claim = '' WHERE id = $3 AND claim = $4`,
				string(state), said, w.id, w.claim)
		}
		if err != nil {
			return fmt.Errorf("noting what became of a mail: %w", err)
		}
		if status, ok := mail.IsBounce(why); ok {
			return mark(tx, w.To, Bounced, status)
		}
		return nil
	})
}

// pause is how long a mail waits that the server put off so many times: a minute,
// doubling, at most an hour.
func pause(attempts int) time.Duration { return min(time.Minute<<min(attempts, 6), time.Hour) }
