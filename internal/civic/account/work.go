package account

import (
	"context"
	"fmt"
	"time"

	"plaza/internal/base/db"
	"plaza/internal/base/job"
	"plaza/internal/plaza"
)

// LinkMail is the job that makes a sign-in link and mails it. It names neither the
// address nor the link, as jobs are shown to admins. Person is a made-up id when the
// address that was given has no account.
type LinkMail struct {
	Person string `json:"person"`
	Next   string `json:"next,omitempty"`
	Reset  bool   `json:"reset,omitempty"` // the person has forgotten the password
}

// Kind implements job.Args.
func (LinkMail) Kind() string { return "account.link_mail" }

// Sweep is the job that clears away what has ended: tokens, sessions, brakes.
type Sweep struct{}

// Kind implements job.Args.
func (Sweep) Kind() string { return "account.sweep" }

// linkMailAttempts with the queue's backoff span some six minutes: a link that comes
// much later is of no use to somebody who waits for it.
const linkMailAttempts = 5

// Work registers this package's jobs.
func (a *Accounts) Work(r *job.Runner) {
	r.Handle(LinkMail{}.Kind(), func(ctx context.Context, j *job.Job) error {
		var args LinkMail
		if err := j.Decode(&args); err != nil {
			return err
		}
		return a.mailLink(ctx, args)
	})
	a.workEmail(r)
	r.Handle(SignupMail{}.Kind(), func(ctx context.Context, j *job.Job) error {
		var args SignupMail
		if err := j.Decode(&args); err != nil {
			return err
		}
		return a.mailSignup(ctx, args)
	})
	r.Handle(Sweep{}.Kind(), func(ctx context.Context, _ *job.Job) error { return a.sweep(ctx) })
	r.Handle(Lookalikes{}.Kind(), func(ctx context.Context, _ *job.Job) error { return a.findLookalikes(ctx) })
	r.Every(Lookalikes{}.Kind(), job.Interval(5*time.Minute), Lookalikes{}, job.Options{Unique: Lookalikes{}.Kind()})
	r.Every(Sweep{}.Kind(), job.Interval(6*time.Hour), Sweep{}, job.Options{})
}

// ask enqueues the mail with a link for the address. It does the same work whether
// the address has an account or not.
func (a *Accounts) ask(ctx context.Context, email, network string, args LinkMail) error {
	_, key, ok := foldEmail(email)
	if !ok {
		return badEmail()
	}
	purpose := "mail"
	if args.Reset {
		purpose = "reset"
	}
	return a.db.Write(ctx, func(tx *db.Tx) error {
		if err := a.gate.Brake(tx, perAddress, network); err != nil {
			return err
		}
		if err := a.gate.Brake(tx, perEmail, key); err != nil {
			return err
		}
		args.Person = tx.ID()
		p, err := byKey(tx, key)
		switch {
		case err == nil:
			args.Person = p.ID
		case plaza.KindOf(err) != plaza.NotFound:
			return err
		}
		_, _, err = job.Enqueue(tx, args, job.Options{
			Unique:      LinkMail{}.Kind() + ":" + a.tokenHash(purpose, key),
			MaxAttempts: linkMailAttempts,
		})
		return err
	})
}

// mailLink makes the link only now, so that it is stored nowhere in the clear. A
// second attempt mails another one.
func (a *Accounts) mailLink(ctx context.Context, args LinkMail) error {
	var p Person
	var link string
	err := a.db.Write(ctx, func(tx *db.Tx) (err error) {
		if p, err = ByID(tx, args.Person); err != nil {
			return err
		}
		link, err = a.newLink(tx, p, args.Next)
		return err
	})
	if err != nil {
		if plaza.KindOf(err) == plaza.NotFound {
			return nil // the address has no account
		}
		return fmt.Errorf("making a sign-in link: %w", err)
	}
	letter := letter{key: "account.mail", name: p.Name, email: p.Email, language: p.Language, link: link, life: linkLife}
	if args.Reset {
		letter.key = "account.mail_reset"
	}
	return a.send(ctx, LinkMail{}.Kind(), p.ID, letter)
}

func (a *Accounts) sweep(ctx context.Context) error {
	return a.db.Write(ctx, func(tx *db.Tx) error {
		now := tx.Now
		for _, d := range []struct {
			query  string
			before time.Time
		}{
			{`DELETE FROM tokens WHERE expires_at < $1`, now},
			{`DELETE FROM signups WHERE expires_at < $1`, now},
			{`DELETE FROM sessions WHERE seen_at < $1`, now.Add(-a.store.inactivity)},
			{`DELETE FROM sessions WHERE started_at < $1`, now.Add(-a.store.absolute)},
			{`DELETE FROM brakes WHERE starts_at <= $1`, now.Add(-24 * time.Hour)},
		} {
			if _, err := tx.Exec(d.query, d.before); err != nil {
				return fmt.Errorf("clearing away what has ended: %w", err)
			}
		}
		return nil
	})
}
