package follow

import (
	"bytes"
	"context"
	"fmt"
	"html/template"
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

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

// letter is what a mail is drawn from.
type letter struct {
	L       *i18n.Printer
	Subject string
	Hello   string
	Lines   []line
	More    string
	Manage  string
	Button  string // what Manage does, in a mail that is about nothing else
	Stop    string
	Foot    string
}

var mailTemplate = template.Must(template.ParseFS(templates, "templates/mail/*.html"))

// compose writes one mail with notices, the latest first.
func (s *Service) compose(tx *db.Tx, w *words, to account.Reach, isPerson bool, list []pending) (outbox.Message, error) {
	l := s.Bundle.Printer(to.Language).In(s.Zone)
	said, err := s.in(tx, l, w)
	if err != nil {
		return outbox.Message{}, err
	}
	m := letter{L: l, Manage: s.BaseURL + "/mi/seguimientos", Foot: l.T("notify.mail.foot", "site", s.Site())}
	m.Stop = s.BaseURL + stopPath + s.stopToken(to.ID, list)
	if to.Name != "" {
		m.Hello = l.T("notify.mail.hello", "name", to.Name)
	}
	if !isPerson {
		m.Manage = s.BaseURL + "/seguir/" + s.token(toManage, to.ID)
	}
	for _, p := range list[:min(len(list), linesAtMost)] {
		if one, ok := said.line(l, w, p); ok {
			one = one.tamed()
			one.Link = s.link(one.Link)
			one.When = l.DateTime(w.at[p.seq]) // "today" is another day when it is read
			m.Lines = append(m.Lines, one)
		}
	}
	if n := len(list) - len(m.Lines); n > 0 {
		m.More = l.T("notify.mail.more", "count", n)
	}
	m.Subject = l.T("notify.mail.many", "count", len(list), "site", s.Site())
	if len(list) == 1 && len(m.Lines) == 1 {
		m.Subject = headline(m.Lines[0].Text())
	}
	out := outbox.Message{To: to.Email, Subject: headline(m.Subject), Unsubscribe: m.Stop, Text: m.text()}
	if isPerson {
		out.Person = to.ID
	}
	var html bytes.Buffer
	if err := mailTemplate.ExecuteTemplate(&html, "notices.html", m); err != nil {
		return out, fmt.Errorf("drawing a mail: %w", err)
	}
	out.HTML = html.String()
	return out, nil
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

// text is the mail without marks.
func (m letter) text() string {
	var b strings.Builder
	put := func(parts ...string) {
		for _, p := range parts {
			if p != "" {
				b.WriteString(p)
				b.WriteByte('\n')
			}
		}
	}
	if m.Hello != "" {
		put(m.Hello, "\n")
	}
	for _, one := range m.Lines {
		put("* "+one.Text(), indent(one.When))
		if q := one.Quote; q != nil {
			put(indent(quoted(m.L, q)), "  > "+q.Text)
		}
		put(indent(one.Link), indent(one.Why))
		b.WriteByte('\n')
	}
	if m.More != "" {
		put(m.More)
		b.WriteByte('\n')
	}
	put("-- ", m.Foot, m.L.T("notify.mail.manage")+" "+m.Manage, m.L.T("notify.mail.stop")+" "+m.Stop)
	return b.String()
}

func indent(s string) string {
	if s == "" {
		return ""
	}
	return "  " + s
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

// headlineAtMost bounds a subject, in bytes.
const headlineAtMost = 150

// headline makes a text fit for a subject: one line without marks of direction or
// control, cut at a letter's edge.
func headline(s string) string {
	s = strings.Join(strings.Fields(strings.Map(func(r rune) rune {
		if unicode.In(r, unicode.Cc, unicode.Cf) {
			return ' '
		}
		return r
	}, s)), " ")
	if len(s) <= headlineAtMost {
		return s
	}
	cut := headlineAtMost
	for cut > 0 && !utf8.RuneStart(s[cut]) {
		cut--
	}
	return strings.TrimSpace(s[:cut]) + "…"
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
	m := letter{L: l, Subject: headline(l.T("notify.confirm.subject", "title", title)), Foot: l.T("notify.confirm.ignore", "site", s.Site()),
		Button: l.T("notify.confirm.button"), Hello: l.T("notify.confirm.text", "title", title, "site", s.Site()), Manage: s.BaseURL + confirmPath + s.token(toConfirm, f.ID)}
	if f.Confirmed {
		m.Subject = headline(l.T("notify.confirm.again.subject", "title", title))
		m.Hello, m.Button = l.T("notify.confirm.again", "title", title, "site", s.Site()), l.T("notify.confirm.again.button")
		m.Foot = l.T("notify.confirm.again.ignore")
		m.Manage = s.BaseURL + "/seguir/" + s.token(toManage, f.Recipient)
	}
	var html bytes.Buffer
	if err := mailTemplate.ExecuteTemplate(&html, "confirm.html", m); err != nil {
		return fmt.Errorf("drawing a mail: %w", err)
	}
	return outbox.Post(tx, outbox.Message{Kind: "follow.confirm", To: email, Subject: m.Subject, HTML: html.String(),
		Text: strings.Join([]string{m.Hello, m.Manage, m.Foot}, "\n\n") + "\n"})
}
