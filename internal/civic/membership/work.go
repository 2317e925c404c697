package membership

import (
	"context"
	"crypto/rand"
	"fmt"
	"slices"
	"strings"
	"time"

	"plaza/internal/base/db"
	"plaza/internal/base/i18n"
	"plaza/internal/base/job"
	"plaza/internal/civic/account"
	"plaza/internal/civic/institution"
	"plaza/internal/civic/outbox"
	"plaza/internal/civic/record"
	"plaza/internal/plaza"
)

// InvitationMail is the job that makes an invitation's link and mails it.
type InvitationMail struct {
	Invitation string `json:"invitation"`
}

// Kind implements job.Args.
func (InvitationMail) Kind() string { return "membership.invitation_mail" }

// NoticeStaffing is the job that tells the record which institutions have a liaison.
type NoticeStaffing struct{}

// Kind implements job.Args.
func (NoticeStaffing) Kind() string { return "membership.notice" }

// Expire is the job that ends requests and invitations whose time is over.
type Expire struct{}

// Kind implements job.Args.
func (Expire) Kind() string { return "membership.expire" }

// ForgetLetter is the job that takes a letter's file out of the file store.
type ForgetLetter struct {
	File string `json:"file"`
}

// Kind implements job.Args.
func (ForgetLetter) Kind() string { return "membership.forget_letter" }

// Work registers this package's jobs.
func (m *Members) Work(r *job.Runner) {
	r.Handle(InvitationMail{}.Kind(), func(ctx context.Context, j *job.Job) error {
		var args InvitationMail
		if err := j.Decode(&args); err != nil {
			return err
		}
		return m.mailInvitation(ctx, args.Invitation)
	})
	r.Handle(ForgetLetter{}.Kind(), func(ctx context.Context, j *job.Job) error {
		var args ForgetLetter
		if err := j.Decode(&args); err != nil {
			return err
		}
		return m.Blob.Delete(ctx, args.File)
	})
	r.Handle(NoticeStaffing{}.Kind(), func(ctx context.Context, _ *job.Job) error { return m.Notice(ctx) })
	r.Handle(Expire{}.Kind(), func(ctx context.Context, _ *job.Job) error { return m.expireAll(ctx) })
	r.Every(NoticeStaffing{}.Kind(), job.Interval(time.Minute), NoticeStaffing{}, job.Options{Unique: NoticeStaffing{}.Kind()})
	r.Every(Expire{}.Kind(), job.Interval(time.Hour), Expire{}, job.Options{})
}

// expireAll ends what is over, some at a time.
func (m *Members) expireAll(ctx context.Context) error {
	ctx = plaza.WithActor(ctx, plaza.SystemActor)
	for n := expireAtOnce; n == expireAtOnce; {
		if err := m.DB.Write(ctx, func(tx *db.Tx) error {
			acts, err := expire(tx, `id IN (SELECT id FROM join_requests WHERE state = 'open' AND expires_at <= $1 ORDER BY expires_at LIMIT $2)`, expireAtOnce)
			if err != nil {
				return err
			}
			n = len(acts)
			return record.Append(tx, acts...)
		}); err != nil {
			return err
		}
	}
	return m.DB.Write(ctx, func(tx *db.Tx) error {
		if _, err := tx.Exec(`UPDATE invitations
			SET state = 'expired', ended_at = $1
			WHERE state = 'open' AND expires_at <= $1`, tx.Now); err != nil {
			return fmt.Errorf("ending invitations: %w", err)
		}
		return dropLetters(tx)
	})
}

// mailInvitation makes the secret only now, so that it is stored nowhere in the clear. A
// second attempt mails another one, and the first is worth nothing then.
func (m *Members) mailInvitation(ctx context.Context, id string) error {
	secret := rand.Text()
	var i Invitation
	var body institution.Institution
	var names Names
	lang := i18n.Spanish
	err := m.DB.Write(ctx, func(tx *db.Tx) (err error) {
		if i, err = scanInvitation(tx.Row(`UPDATE invitations
			SET hash = $1
			WHERE id = $2 AND state = 'open' AND expires_at > $3
			RETURNING `+invitationColumns, m.hash(secret), id, tx.Now).Scan); err != nil {
			return err
		}
		if body, err = institution.ByID(tx, i.Institution); err != nil {
			return err
		}
		if names, err = RoleNames(tx, body.ID); err != nil {
			return err
		}
		p, err := account.ByEmail(tx, i.Email)
		if err == nil {
			lang = p.Language
		} else if plaza.KindOf(err) == plaza.NotFound {
			err = nil
		}
		return err
	})
	if err != nil {
		if plaza.KindOf(err) == plaza.NotFound {
			return nil // it was revoked meanwhile, or its time is over
		}
		return fmt.Errorf("making an invitation's link: %w", err)
	}
	msg, err := m.invitationMessage(m.Bundle.Printer(lang), i, body, names, m.BaseURL+linkPath+secret)
	if err != nil {
		return job.Discard(err)
	}
	if err := m.Mail.Send(ctx, msg); err != nil {
		if plaza.KindOf(err) == plaza.Invalid {
			return job.Discard(err)
		}
		return err
	}
	return nil
}

func (m *Members) invitationMessage(l *i18n.Printer, i Invitation, body institution.Institution, names Names, link string) (outbox.Message, error) {
	x := outbox.Letter{L: l, Subject: l.T("membership.mail.subject", "institution", body.Short(), "site", m.Site()),
		Lead: l.T("membership.mail.lead", "institution", body.Name, "site", m.Site()), List: []string{rolesWords(l, names, i.Roles)},
		Button: l.T("membership.mail.button"), Link: link,
		After: []string{l.T("membership.mail.expires", "days", int(invitationLife/(24*time.Hour)))}, Why: l.T("membership.mail.ignore")}
	msg, err := x.Message()
	msg.Kind, msg.To = InvitationMail{}.Kind(), i.Email
	return msg, err
}

// rolesWords are several roles in words.
func rolesWords(l *i18n.Printer, names Names, list []plaza.Role) string {
	var words []string
	for _, r := range list {
		words = append(words, names.Say(l, r))
	}
	slices.Sort(words)
	return strings.Join(words, "; ")
}

// most are told of a request by mail; who looks after an institution are few.
const most = 10

// tellDeciders mails whoever answers for the institution that somebody asks to join: it
// is no public act.
func (m *Members) tellDeciders(tx *db.Tx, r Request, asker account.Person) error {
	who, err := m.Responsible(tx, r.Institution)
	if err != nil {
		return err
	}
	body, err := institution.ByID(tx, r.Institution)
	if err != nil {
		return err
	}
	link := m.BaseURL + requestPath(body, r.ID)
	for n, o := range who.People {
		if n == most {
			break
		}
		p, err := account.ByID(tx, o.Person)
		if err != nil {
			return err
		}
		msg, err := m.requestMessage(m.Bundle.Printer(p.Language), asker, body, link)
		if err != nil {
			return err
		}
		msg.Key, msg.Person, msg.To = "membership/request/"+r.ID+"/"+p.ID, p.ID, p.Email
		if err := outbox.Post(tx, msg); err != nil {
			return err
		}
	}
	return nil
}

func (m *Members) requestMessage(l *i18n.Printer, asker account.Person, body institution.Institution, link string) (outbox.Message, error) {
	x := outbox.Letter{L: l, Subject: l.T("membership.mail.request.subject", "institution", body.Short()),
		Lead:   l.T("membership.mail.request.lead", "name", asker.Name, "institution", body.Name, "site", m.Site()),
		Button: l.T("membership.mail.request.button"), Link: link, Why: l.T("membership.mail.request.why", "site", m.Site())}
	msg, err := x.Message()
	msg.Kind = "membership.request"
	return msg, err
}
