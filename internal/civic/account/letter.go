package account

import (
	"context"
	"time"

	"plaza/internal/base/job"
	"plaza/internal/civic/outbox"
	"plaza/internal/plaza"
)

// letter is a mail with a link that is a secret. Its sentences are key and ".subject",
// ".lead" and ".button".
type letter struct {
	key      string
	name     string
	email    string
	language string
	link     string
	life     time.Duration // of the link
}

// compose makes the mail of a letter.
func (a *Accounts) compose(kind, person string, m letter) (outbox.Message, error) {
	l := a.bundle.Printer(m.language)
	lifetime := l.T("account.mail.expires", "minutes", int(m.life.Minutes()))
	if m.life >= 2*time.Hour {
		lifetime = l.T("account.mail.expires_hours", "hours", int(m.life.Hours()))
	}
	say := func(what string) string { return l.T(m.key+"."+what, "site", a.site(), "name", m.name) }
	greeting := l.T("account.mail.hello")
	if m.name != "" {
		greeting = l.T("account.mail.greeting", "name", m.name)
	}
	message, err := outbox.Letter{L: l, Subject: say("subject"), Greeting: greeting, Lead: say("lead"), Button: say("button"), Link: m.link,
		After: []string{lifetime}, Why: l.T("account.mail.ignore")}.Message()
	message.Kind, message.Person, message.To = kind, person, m.email
	return message, err
}

// send hands a letter to the mail server, within a job.
func (a *Accounts) send(ctx context.Context, kind, person string, m letter) error {
	message, err := a.compose(kind, person, m)
	if err != nil {
		return job.Discard(err)
	}
	if err := a.mail.Send(ctx, message); err != nil {
		if plaza.KindOf(err) == plaza.Invalid {
			return job.Discard(err)
		}
		return err
	}
	return nil
}
