package account

import (
	"bytes"
	"context"
	"fmt"
	"html/template"
	"time"

	"plaza/internal/base/i18n"
	"plaza/internal/base/job"
	"plaza/internal/civic/outbox"
	"plaza/internal/plaza"
)

// letter is a mail with a link that is a secret. Its sentences are key and ".subject",
// ".text", ".lead" and ".button".
type letter struct {
	key      string
	name     string
	email    string
	language string
	link     string
	life     time.Duration // of the link
}

// letterPage is what the HTML of a mail is drawn from.
type letterPage struct {
	L                                         *i18n.Printer
	Link                                      string
	Subject, Greeting, Lead, Button, Lifetime string
}

var letterTemplate = template.Must(template.ParseFS(templates, "templates/mail/link.html"))

// compose makes the mail of a letter.
func (a *Accounts) compose(kind, person string, m letter) (outbox.Message, error) {
	l := a.bundle.Printer(m.language)
	lifetime := l.T("account.mail.expires", "minutes", int(m.life.Minutes()))
	if m.life >= 2*time.Hour {
		lifetime = l.T("account.mail.expires_hours", "hours", int(m.life.Hours()))
	}
	say := func(what string) string {
		return l.T(m.key+"."+what, "site", a.site(), "name", m.name, "link", m.link, "lifetime", lifetime)
	}
	page := letterPage{
		L: l, Link: m.link, Subject: say("subject"), Greeting: l.T("account.mail.greeting", "name", m.name),
		Lead: say("lead"), Button: say("button"), Lifetime: lifetime,
	}
	if m.name == "" {
		page.Greeting = l.T("account.mail.hello")
	}
	var html bytes.Buffer
	if err := letterTemplate.Execute(&html, page); err != nil {
		return outbox.Message{}, fmt.Errorf("drawing a mail: %w", err)
	}
	return outbox.Message{Kind: kind, Person: person, To: m.email, Subject: page.Subject, Text: say("text"), HTML: html.String()}, nil
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
