package follow

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode"

	"plaza/internal/base/db"
	"plaza/internal/base/i18n"
	"plaza/internal/civic/account"
	"plaza/internal/civic/outbox"
	"plaza/internal/civic/record"
	"plaza/internal/plaza"
)

const (
	digestHour = 8
	// mailsAtOnce is for how many recipients mails are written in one transaction.
	mailsAtOnce = 25
	// linesAtMost is how many notices one mail tells; it says how many more there are.
	linesAtMost = 30
)

// pending is a notice that waits for a mail.
type pending struct {
	recipient string
	seq       int64
	why       string
	followed  plaza.Ref
	follow    string
}

// due says which notices a run of mails takes: those of the classes, and of a digest
// only what was told before its hour.
type due struct {
	kind          string // of the mail
	now           bool
	daily, weekly time.Time
}

// condition is what the due notices are, its placeholders from a number on.
func (d due) condition(from int) (string, []any) {
	if d.now {
		return `mail = 'now'`, nil
	}
	first, second := db.Placeholders(from, 1), db.Placeholders(from+1, 1)
	return `(mail = 'daily' AND created_at < ` + first + ` OR mail = 'weekly' AND created_at < ` + second + `)`,
		[]any{d.daily, d.weekly}
}

// mailNow writes the mails that are due at once.
func (s *Service) mailNow(ctx context.Context) error {
	return s.mailDue(ctx, due{kind: "notify.now", now: true})
}

// Digest writes the mails of the day, and those of the week that began on Monday. What
// an outage kept from being written in its hour is written by the next run.
func (s *Service) Digest(ctx context.Context) error {
	daily, weekly := digestHours(s.DB.Now(), s.Zone)
	if err := s.mailDue(ctx, due{kind: "notify.digest", daily: daily, weekly: weekly}); err != nil {
		return fmt.Errorf("writing digests: %w", err)
	}
	return nil
}

// digestHours are the last hour of a daily digest, and of a weekly one.
func digestHours(now time.Time, zone *time.Location) (daily, weekly time.Time) {
	y, m, d := now.In(zone).Date()
	local := time.Date(y, m, d, digestHour, 0, 0, 0, zone)
	if local.After(now) {
		local = time.Date(y, m, d-1, digestHour, 0, 0, 0, zone)
	}
	y, m, d = local.Date()
	monday := time.Date(y, m, d-(int(local.Weekday())+6)%7, digestHour, 0, 0, 0, zone)
	return local.UTC(), monday.UTC()
}

// mailDue writes one mail for each who is due one, some at a time.
func (s *Service) mailDue(ctx context.Context, d due) error {
	for after := ""; ; {
		began := s.DB.Now()
		var last string
		if err := s.DB.Write(ctx, func(tx *db.Tx) (err error) {
			last, err = s.mailSome(tx, d, after)
			return err
		}); err != nil || last == "" {
			return err
		}
		after = last
		if err := s.rest(ctx, s.DB.Now().Sub(began)); err != nil {
			return err
		}
	}
}

// mailSome writes the mails of the next recipients and returns the last of them, "" when
// nobody is left. That a notice waits no more and that its mail is in the outbox is one
// transaction.
func (s *Service) mailSome(tx *db.Tx, d due, after string) (last string, err error) {
	who, err := s.recipients(tx, d, after)
	if err != nil || len(who) == 0 {
		return "", err
	}
	condition, args := d.condition(1 + len(who))
	found, err := db.All(tx, func(scan func(...any) error) (p pending, err error) {
		err = scan(&p.recipient, &p.seq, &p.why, &p.followed.Kind, &p.followed.ID, &p.follow)
		return p, err
	}, `UPDATE notices
		SET mail = ''
		WHERE recipient IN (`+db.Placeholders(1, len(who))+`) AND `+condition+`
		RETURNING recipient, seq, why, why_kind, why_id, follow_id`, append(db.Args(who), args...)...)
	if err != nil {
		return "", fmt.Errorf("taking notices to mail: %w", err)
	}
	byRecipient := map[string][]pending{}
	for _, p := range found {
		byRecipient[p.recipient] = append(byRecipient[p.recipient], p)
	}
	return who[len(who)-1], s.post(tx, d, who, byRecipient)
}

// recipients are the next who are due a mail.
func (s *Service) recipients(tx *db.Tx, d due, after string) ([]string, error) {
	classes := []struct {
		often  Often
		before time.Time
	}{{Now, time.Time{}}}
	if !d.now {
		classes = classes[:0]
		classes = append(classes, struct {
			often  Often
			before time.Time
		}{Daily, d.daily}, struct {
			often  Often
			before time.Time
		}{Weekly, d.weekly})
	}
	var who []string
	for _, c := range classes { // each along its index
		where, args := `mail = $1 AND recipient > $2`, []any{string(c.often), after}
		if !c.before.IsZero() {
			where, args = where+` AND created_at < $3`, append(args, c.before)
		}
		found, err := db.All(tx, db.Column[string], `SELECT DISTINCT recipient
			FROM notices
			WHERE `+where+`
			ORDER BY recipient
			LIMIT `+db.Placeholders(len(args)+1, 1), append(args, mailsAtOnce)...)
		if err != nil {
			return nil, err
		}
		who = append(who, found...)
	}
	slices.Sort(who)
	who = slices.Compact(who)
	return who[:min(len(who), mailsAtOnce)], nil
}

// post puts one mail for each recipient into the outbox.
func (s *Service) post(tx *db.Tx, d due, who []string, found map[string][]pending) error {
	people, err := account.Reachable(tx, who)
	if err != nil {
		return err
	}
	strangers, err := readers(tx, who)
	if err != nil {
		return err
	}
	words, err := s.wordsOf(tx, found)
	if err != nil {
		return err
	}
	for _, id := range who {
		list := found[id]
		to, isPerson := people[id]
		if !isPerson {
			to = strangers[id]
		}
		if len(list) == 0 || to.Email == "" {
			continue // gone meanwhile
		}
		slices.SortFunc(list, func(a, b pending) int { return int(b.seq - a.seq) })
		m, err := s.compose(tx, words, to, isPerson, list)
		if err != nil {
			return err
		}
		m.Kind, m.Key = d.kind, fmt.Sprintf("%s/%s/%d", d.kind, id, list[0].seq)
		if err := outbox.Post(tx, m); err != nil {
			return err
		}
	}
	return nil
}

// compose writes one mail with notices, the latest first.
func (s *Service) compose(tx *db.Tx, w *words, to account.Reach, isPerson bool, list []pending) (outbox.Message, error) {
	l := s.Bundle.Printer(to.Language).In(s.Zone)
	said, err := s.in(tx, l, w)
	if err != nil {
		return outbox.Message{}, err
	}
	x := outbox.Letter{L: l, Why: l.T("notify.mail.foot", "site", s.Site())}
	if to.Name != "" {
		x.Greeting = l.T("notify.mail.hello", "name", to.Name)
	}
	manage, stop := s.BaseURL+"/mi/seguimientos", s.BaseURL+stopPath+s.stopToken(to.ID, list)
	if !isPerson {
		manage = s.BaseURL + "/seguir/" + s.token(toManage, to.ID)
	}
	x.Links = []outbox.Link{{Words: l.T("notify.mail.manage"), Name: l.T("notify.mail.manage.link"), To: manage},
		{Words: l.T("notify.mail.stop"), Name: l.T("notify.mail.stop.link"), To: stop}}
	for _, p := range list[:min(len(list), linesAtMost)] {
		if one, ok := said.line(l, w, p); ok {
			x.Items = append(x.Items, s.item(l, one, w.at[p.seq]))
		}
	}
	x.More = len(list) - len(x.Items)
	x.Subject = l.T("notify.mail.many", "count", len(list), "site", s.Site())
	if len(list) == 1 && len(x.Items) == 1 {
		x.Subject = x.Items[0].Before + x.Items[0].Title + x.Items[0].After
	}
	out, err := x.Message()
	out.To, out.Unsubscribe = to.Email, stop
	if isPerson {
		out.Person = to.ID
	}
	return out, err
}

// item is a notice in a mail. "Today" is another day when it is read.
func (s *Service) item(l *i18n.Printer, one line, at time.Time) outbox.Item {
	one = one.tamed()
	item := outbox.Item{Before: one.Before, Title: one.Title, After: one.After, Link: s.link(one.Link), When: l.DateTime(at), Note: one.Why}
	if q := one.Quote; q != nil {
		item.Said = &outbox.Said{By: q.By, Before: quoted(l, q), Text: q.Text}
		if q.Official != "" {
			item.Said.Badge = l.T("notify.official") + ": " + q.Official
		}
	}
	return item
}

// stopToken ends what a mail is about: the one subscription that it is all about, else
// all mails.
func (s *Service) stopToken(recipient string, list []pending) string {
	one := list[0].follow
	for _, p := range list {
		if p.follow != one {
			one = ""
		}
	}
	if one != "" {
		return s.token(toStopOne, one)
	}
	return s.token(toStopAll, recipient)
}

func (s *Service) link(path string) string {
	if path == "" {
		return ""
	}
	return s.BaseURL + path
}

// tamed is a line whose title, which may come from a catalogue elsewhere, ends no line of
// the mail and turns no direction of what follows it.
func (l line) tamed() line {
	l.Title, l.Why = tame(l.Title), tame(l.Why)
	if l.Quote != nil {
		l.Quote = &record.Quote{By: tame(l.Quote.By), Official: tame(l.Quote.Official), Text: tame(l.Quote.Text)}
	}
	return l
}

// tame is a text on one line without marks that turn the direction of writing.
func tame(s string) string {
	return strings.Join(strings.Fields(strings.Map(func(r rune) rune {
		switch {
		case unicode.IsControl(r):
			return ' '
		case unicode.Is(unicode.Bidi_Control, r):
			return -1
		}
		return r
	}, s)), " ")
}

// postConfirmation mails the link that confirms a subscription. The words of a search or
// a theme are whoever's who asked: they are not sent to an address that has confirmed
// nothing.
func (s *Service) postConfirmation(tx *db.Tx, email, language string, object plaza.Card, f Follow) error {
	l := s.Bundle.Printer(language)
	title := tame(object.Title)
	if own := "notify.confirm." + object.Ref.Kind; object.Ref.Kind == kindSearch || object.Ref.Kind == kindTheme {
		title = l.T(own, "site", s.Site())
	}
	x := outbox.Letter{L: l, Subject: l.T("notify.confirm.subject", "title", title), Lead: l.T("notify.confirm.text", "title", title, "site", s.Site()),
		Button: l.T("notify.confirm.button"), Link: s.BaseURL + confirmPath + s.token(toConfirm, f.ID), Why: l.T("notify.confirm.ignore", "site", s.Site())}
	if f.Confirmed {
		x.Subject, x.Lead = l.T("notify.confirm.again.subject", "title", title), l.T("notify.confirm.again", "title", title, "site", s.Site())
		x.Button, x.Link = l.T("notify.confirm.again.button"), s.BaseURL+"/seguir/"+s.token(toManage, f.Recipient)
		x.Why = l.T("notify.confirm.again.ignore")
	}
	m, err := x.Message()
	if err != nil {
		return err
	}
	m.Kind, m.To = "follow.confirm", email
	return outbox.Post(tx, m)
}
