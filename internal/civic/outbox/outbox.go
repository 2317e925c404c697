// Package outbox is every mail that Plaza sends. Whoever wants one sent writes it into
// the store in the transaction that has reason to (Post); one job brings what waits to
// the mail server, in order, again and again until it is taken or refused for good.
//
//	Post ──▶ waiting ──▶ sent
//	            │  ├───▶ refused   (the server will never take it)
//	            │  └───▶ stopped   (the address bounced or complained before)
//	            └──────▶ kept      (there is no server: to be read at /admin/correos)
//
// A crash between the server's yes and its note in the store sends a mail again under
// the same Message-ID, so that mailboxes show it once. The text of a mail is forgotten
// once the server has it.
//
// A mail with a secret in it (a sign-in link) is not to lie in the store: a job makes
// the secret and hands the mail over at once with Send. Only where there is no server
// is it kept, as there would be no other way to read it.
package outbox

import (
	"context"
	"embed"
	"errors"
	"fmt"
	"time"

	"plaza/internal/base/db"
	"plaza/internal/base/job"
	"plaza/internal/base/mail"
	"plaza/internal/plaza"
)

// Locale holds this package's messages.
//
//go:embed locale
var Locale embed.FS

// Message is one mail to one person.
type Message struct {
	// Key tells the same mail posted twice, e.g. "notify/digest/2026-11-27/<person>".
	// Message-ID is made from it. "" makes one up.
	Key  string
	Kind string // what it is, for lists: "account.link", "notify.digest"
	// Person is the id of whose account it is for, "" for an address without one.
	Person  string
	To      string
	Subject string
	Text    string
	HTML    string
	// Unsubscribe is an absolute address to which a mail program may POST to stop
	// mails like this (RFC 8058); "" for mails that concern the account itself.
	Unsubscribe string
}

// State is where a mail stands.
type State string

// The states of a mail; see the package comment.
const (
	Waiting State = "waiting"
	Sent    State = "sent"
	Kept    State = "kept"
	Refused State = "refused"
	Stopped State = "stopped"
)

// Deliver is the job that brings what waits to the server.
type Deliver struct{}

// Kind implements job.Args.
func (Deliver) Kind() string { return "outbox.deliver" }

// Post hands a mail over within tx. One that was posted before under the same key is
// not posted again.
func Post(tx *db.Tx, m Message) error {
	posted, err := put(tx, m, Waiting)
	if err != nil || !posted {
		return err
	}
	_, _, err = job.Enqueue(tx, Deliver{}, job.Options{Unique: Deliver{}.Kind()})
	return err
}

func put(tx *db.Tx, m Message, state State) (bool, error) {
	id := tx.ID()
	if m.Key == "" {
		m.Key = id
	}
	n, err := tx.Exec(`INSERT INTO outbox
		(id, unique_key, kind, person_id, address, subject, body_text, body_html, unsubscribe, state, next_at, created_at)
		VALUES (`+db.Placeholders(1, 12)+`)
		ON CONFLICT (unique_key) DO NOTHING`,
		id, m.Key, m.Kind, m.Person, m.To, m.Subject, m.Text, m.HTML, m.Unsubscribe, string(state), tx.Now, tx.Now)
	if err != nil {
		return false, fmt.Errorf("posting a mail: %w", err)
	}
	return n > 0, nil
}

// Outbox delivers mails.
type Outbox struct {
	db   *db.DB
	mail *mail.Sender
}

// New makes an Outbox that delivers through the sender.
func New(d *db.DB, sender *mail.Sender) *Outbox { return &Outbox{d, sender} }

// Configured reports whether there is a server to deliver to.
func (o *Outbox) Configured() bool { return o.mail.Configured() }

// Send hands a mail with a secret to the server at once, for use in a job that repeats
// it. Without a server it is kept. The error is as that of mail.Sender.Send.
func (o *Outbox) Send(ctx context.Context, m Message) error {
	if o.mail.Configured() {
		return o.mail.Send(ctx, mail.Message{ID: m.Key, To: m.To, Subject: m.Subject, Text: m.Text, HTML: m.HTML})
	}
	return o.db.Write(ctx, func(tx *db.Tx) error {
		_, err := put(tx, m, Kept)
		return err
	})
}

// Work registers the job that delivers.
func (o *Outbox) Work(r *job.Runner) {
	r.Handle(Deliver{}.Kind(), func(ctx context.Context, _ *job.Job) error { return o.deliver(ctx) })
	r.Every(Deliver{}.Kind(), job.Interval(time.Minute), Deliver{}, job.Options{Unique: Deliver{}.Kind()})
}

// batch is how many mails are looked up at once.
const batch = 100

type waiting struct {
	id       string
	attempts int
	Message
}

// deliver brings every mail that is due to the server.
func (o *Outbox) deliver(ctx context.Context) error {
	for {
		var due []waiting
		if err := o.db.Read(ctx, func(tx *db.Tx) (err error) {
			due, err = db.All(tx, func(scan func(...any) error) (w waiting, err error) {
				err = scan(&w.id, &w.Key, &w.attempts, &w.To, &w.Subject, &w.Text, &w.HTML, &w.Unsubscribe)
				return w, err
			}, `SELECT id, unique_key, attempts, address, subject, body_text, body_html, unsubscribe
				FROM outbox
				WHERE state = 'waiting' AND next_at <= $1
				ORDER BY next_at, id
				LIMIT $2`, tx.Now, batch)
			return err
		}); err != nil || len(due) == 0 {
			return err
		}
		for _, w := range due {
			if err := o.one(ctx, w); err != nil {
				return err
			}
		}
	}
}

// one delivers a mail and notes what became of it.
func (o *Outbox) one(ctx context.Context, w waiting) error {
	state, said := Sent, ""
	err := error(nil)
	if !o.mail.Configured() {
		state = Kept
	} else if err = o.mail.Send(ctx, mail.Message{ID: w.id, To: w.To, Subject: w.Subject, Text: w.Text, HTML: w.HTML}); err != nil {
		if ctx.Err() != nil {
			return errors.Join(err, ctx.Err())
		}
		said = err.Error()
		if state = Waiting; plaza.KindOf(err) == plaza.Invalid {
			state = Refused
		}
	}
	return o.db.Write(ctx, func(tx *db.Tx) error {
		switch state {
		case Waiting:
			_, err := tx.Exec(`UPDATE outbox SET attempts = attempts + 1, next_at = $1, error = $2 WHERE id = $3`,
				tx.Now.Add(pause(w.attempts)), said, w.id)
			return err
		case Kept:
			_, err := tx.Exec(`UPDATE outbox SET state = $1 WHERE id = $2`, string(state), w.id)
			return err
		default:
			_, err := tx.Exec(`UPDATE outbox
				SET state = $1, attempts = attempts + 1, sent_at = $2, error = $3, body_text = '', body_html = ''
				WHERE id = $4`, string(state), tx.Now, said, w.id)
			return err
		}
	})
}

// pause is how long a mail waits after so many failures: a minute, doubling, at most
// an hour.
func pause(attempts int) time.Duration { return min(time.Minute<<min(attempts, 6), time.Hour) }
