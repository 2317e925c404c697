// Package outbox is every mail that Plaza sends. Whoever wants one sent writes it into
// the store in the transaction that has reason to (Post); one job brings what waits to
// the mail server, in order, again and again until it is taken or refused for good.
//
//	Post ──▶ waiting ──▶ sent
//	            │  ├───▶ refused   (the server will never take it)
//	            │  └───▶ stopped   (the address bounced or complained before)
//	            └──────▶ kept      (there is no server: to be read at /admin/correos)
//
// Whoever delivers claims a few mails for some minutes, so that of two nodes one has
// them and those of a process that died are taken up again. A server that is away costs
// no mail an attempt: all wait, and are tried again within a minute. An address that the
// server says takes no mail, or whose owner complains of ours (bounce.go), gets none.
//
// A crash between the server's yes and its note in the store sends a mail again under
// the same Message-ID, so that mailboxes show it once. The text of a mail is forgotten
// once the server has it, that of one that did not leave with all the rest: after thirty
// days, whatever became of it. Until then who may see mails at /admin/correos reads it.
//
// A mail with a secret in it (a sign-in link) is not to lie in the store: a job makes
// the secret and hands the mail over at once with Send. Only where there is no server
// is it kept, as there would be no other way to read it.
package outbox

import (
	"context"
	"embed"
	"fmt"

	"plaza/internal/base/db"
	"plaza/internal/base/job"
	"plaza/internal/base/mail"
)

// Locale holds this package's messages.
//
//go:embed locale
var Locale embed.FS

//go:embed templates
var templates embed.FS

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

// States are all of them, in the order of a mail's life.
var States = []State{Waiting, Sent, Kept, Refused, Stopped}

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
	return enqueue(tx)
}

func enqueue(tx *db.Tx) error {
	_, _, err := job.Enqueue(tx, Deliver{}, job.Options{Unique: Deliver{}.Kind(), Queue: Queue})
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
		return o.mail.Send(ctx, mail.Message{ID: m.Key, To: m.To, Subject: m.Subject, Text: m.Text, HTML: m.HTML, Unsubscribe: m.Unsubscribe})
	}
	return o.db.Write(ctx, func(tx *db.Tx) error {
		_, err := put(tx, m, Kept)
		return err
	})
}
