package cases

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"plaza/internal/base/db"
	"plaza/internal/base/i18n"
	"plaza/internal/base/job"
	"plaza/internal/base/text"
	"plaza/internal/civic/account"
	"plaza/internal/civic/calendar"
	"plaza/internal/civic/moderation"
	"plaza/internal/civic/outbox"
	"plaza/internal/civic/privacy"
	"plaza/internal/civic/record"
	"plaza/internal/plaza"
)

// Letters is the job that goes through what is new in the record and mails askers what
// concerns them: everybody the acknowledgement, and those without an account whatever
// happens to what they asked. Who has an account hears of the rest by package follow.
type Letters struct{}

// Kind implements job.Args.
func (Letters) Kind() string { return "cases.letters" }

// lettersReading is the name of this reader of the record.
const lettersReading = "case_letters"

// told are the steps of which askers without an account hear; their own doings are not
// among them. Of what moderation does, people with an account hear by moderation itself.
var told = []StepKind{InfoRequested, WasExtended, WasAnswered, WasCorrected, WasResolved, WasClosed, HasLapsed, WasConverted, WasMerged,
	HandoverTaken, FormalBegun, FormalEnded, HasAdvanced, ClockBegun, WasMoved, wasHidden, wasRestored}

// wasRefused is that moderation did not let a case through, of which its timeline, which
// nobody else sees, has no step.
const wasRefused = "refused"

// WriteLetters mails what is new. An entry is told of once: the position moves with the
// mails, and a mail's key is its entry's.
func (cs *Cases) WriteLetters(ctx context.Context) error {
	return record.ReadOnce(ctx, cs.DB, lettersReading, beforeCases, cs.write)
}

// beforeCases is the entry before that of the first case, as nothing was asked before.
func beforeCases(tx *db.Tx) (int64, error) {
	first, err := record.Since(tx, record.Filter{Verb: "case." + string(Opened)}, 1)
	if err != nil {
		return 0, err
	}
	if len(first) == 0 {
		return record.Position(tx)
	}
	return first[0].Seq - 1, nil
}

// write mails what some entries tell.
func (cs *Cases) write(tx *db.Tx, entries []record.Entry) error {
	about, refused := map[int64][]string{}, map[int64]bool{} // ids of cases by entry; which refuse one
	var ids []string
	for _, e := range entries {
		var of []string
		kind := StepKind(strings.TrimPrefix(e.Verb, "case."))
		switch {
		case strings.HasPrefix(e.Verb, "case.") && e.Object.Kind == RefKind && (kind == Opened || slices.Contains(told, kind)):
			of = []string{e.Object.ID}
		case e.Object.Kind == moderation.DecisionKind:
			post, no, err := moderation.RefusedBy(tx, e)
			if err != nil {
				return err
			}
			if no && post.Kind == RefKind {
				of, refused[e.Seq] = []string{post.ID}, true
			}
		case cs.Concerns != nil:
			var err error
			if of, err = cs.Concerns(tx, e); err != nil {
				return err
			}
		}
		about[e.Seq], ids = of, append(ids, of...)
	}
	if len(ids) == 0 {
		return nil
	}
	found, people, contacts, err := cs.addressed(tx, ids)
	if err != nil {
		return err
	}
	for _, e := range entries {
		for _, id := range about[e.Seq] {
			c := found[id]
			to, known := contacts[c.Asker.Contact]
			if !known && e.Verb == "case."+string(Opened) {
				to = people[c.Asker.Person]
			}
			if to.Email == "" || refused[e.Seq] && c.Standing != moderation.Refused { // let through since
				continue
			}
			if err := cs.postLetter(tx, e, c, to); err != nil {
				return err
			}
		}
	}
	return nil
}

// addressed are cases and how their askers are reached.
func (cs *Cases) addressed(tx *db.Tx, ids []string) (found map[string]Case, people, contacts map[string]account.Reach, err error) {
	slices.Sort(ids)
	list, err := ByIDs(tx, slices.Compact(ids)...)
	if err != nil {
		return nil, nil, nil, err
	}
	found = make(map[string]Case, len(list))
	var persons, strangers []string
	for _, c := range list {
		found[c.ID] = c
		if c.Asker.Contact != "" {
			strangers = append(strangers, c.Asker.Contact)
		} else if c.Asker.Person != "" {
			persons = append(persons, c.Asker.Person)
		}
	}
	if people, err = account.Reachable(tx, persons); err != nil {
		return nil, nil, nil, err
	}
	contacts, err = contactReach(tx, strangers...)
	return found, people, contacts, err
}

// held is what a mail tells of a case that is not public yet: the record says nothing of it.
const held = "held"

// acknowledgeHeld mails the acknowledgement of a case that moderation looks at first: its
// asker has the folio from the beginning.
func (cs *Cases) acknowledgeHeld(tx *db.Tx, c Case) error {
	if cs.Bundle == nil { // it writes to nobody
		return nil
	}
	_, people, contacts, err := cs.addressed(tx, []string{c.ID})
	if err != nil {
		return err
	}
	to, known := contacts[c.Asker.Contact]
	if !known {
		to = people[c.Asker.Person]
	}
	if to.Email == "" {
		return nil
	}
	return cs.postLetter(tx, record.Entry{Verb: "case." + held, At: tx.Now}, c, to)
}

// postLetter mails one thing that happened to a case.
func (cs *Cases) postLetter(tx *db.Tx, e record.Entry, c Case, to account.Reach) error {
	zone, err := calendar.BusinessOf(tx, c.Institution)
	if err != nil {
		return err
	}
	l := cs.Bundle.Printer(to.Language).In(zone.Zone)
	what := strings.ReplaceAll(strings.TrimPrefix(e.Verb, "case."), ".", "_")
	if e.Object.Kind == moderation.DecisionKind {
		what = wasRefused
	}
	if !l.Has("cases.mail.what." + what) {
		what = "news"
	}
	x := outbox.Letter{L: l, Link: cs.BaseURL + c.Path(), Button: l.T("cases.mail.button"),
		Subject: l.T("cases.mail.subject", "folio", c.Folio, "what", l.T("cases.mail.what."+what)),
		Lead:    l.T("cases.mail.lead", "folio", c.Folio, "title", c.Title, "what", l.T("cases.mail.what."+what)),
		Why:     l.T("cases.mail.foot", "site", cs.Site())}
	received := what == string(Opened) || what == held
	if received {
		if err := cs.acuseLines(tx, &x, c); err != nil {
			return err
		}
	} else if x.Quote, err = saidWith(tx, e, c); err != nil {
		return err
	}
	if what == string(wasHidden) || what == wasRefused {
		if err := cs.moderatedLines(tx, &x, c); err != nil {
			return err
		}
	} else if !c.Due.IsZero() && !received {
		x.List = append(x.List, l.T("cases.mail.due", "date", l.Date(c.Due.Add(-time.Millisecond))))
	}
	person := to.ID
	if c.Asker.Contact != "" {
		person, x.Link = "", cs.BaseURL+cs.OwnPath(c)
		x.After = append(x.After, l.T("cases.mail.private"))
		x.Links = []outbox.Link{{Words: l.T("cases.mail.forget"), Name: l.T("cases.mail.forget.link"), To: cs.BaseURL + forgetPath + cs.token(toForget, c.Asker.Contact)}}
	}
	out, err := x.Message()
	if err != nil {
		return err
	}
	out.Kind, out.Key, out.To, out.Person = "case.letter", fmt.Sprintf("case/letter/%d/%s", e.Seq, c.ID), to.Email, person
	return outbox.Post(tx, out)
}

// moderatedLines say why moderation hid or refused a case, and what its asker can do
// about it.
func (cs *Cases) moderatedLines(tx *db.Tx, x *outbox.Letter, c Case) error {
	why, err := moderatedFor(tx, x.L, c)
	if why != "" {
		x.List = append(x.List, x.L.T("cases.gone.reason")+" "+why)
	}
	x.Button = x.L.T("cases.mail.hidden.button")
	appeal := "cases.mail.hidden.appeal"
	if c.Standing == moderation.Refused {
		appeal = "cases.mail.refused.appeal"
	}
	x.List = append(x.List, x.L.T(appeal, "link", cs.BaseURL+privacy.Path))
	return err
}

// moderatedFor is why moderation hid or refused a case, in words; "" where it did not, or
// has let it through again.
func moderatedFor(tx *db.Tx, l *i18n.Printer, c Case) (string, error) {
	act, ok := map[moderation.State]moderation.Act{moderation.Hidden: moderation.Hide, moderation.Refused: moderation.Refuse}[c.Standing]
	if !ok {
		return "", nil
	}
	reason, err := moderation.ReasonOf(tx, c.Ref(), act)
	if err != nil || reason == "" {
		return "", err
	}
	return l.T("moderation.reason." + reason), nil
}

// acuseLines are what an acknowledgement says.
func (cs *Cases) acuseLines(tx *db.Tx, x *outbox.Letter, c Case) error {
	facts, err := cs.acuseFacts(tx, x.L, c)
	for _, f := range facts {
		x.List = append(x.List, f.Label+": "+f.Text)
	}
	x.After = append(x.After, x.L.T("cases.mail.acuse")+" "+cs.BaseURL+acusePath(c), x.L.T("cases.mail.not"))
	return err
}

// saidWith is what was written at the step of an entry, or the answer: as far as it is
// public.
func saidWith(tx *db.Tx, e record.Entry, c Case) (string, error) {
	if c.Answer != "" && (e.Verb == "case."+string(WasAnswered) || e.Verb == "case."+string(WasCorrected)) {
		var summary, body string
		err := tx.Row(`SELECT summary, body FROM case_answers WHERE id = $1 ORDER BY version DESC LIMIT 1`, c.Answer).Scan(&summary, &body)
		if err != nil || summary != "" {
			return summary, err
		}
		return text.Excerpt(text.PlainText(body), maxExcerpt), nil
	}
	var body string
	err := tx.Row(`SELECT body FROM case_steps
		WHERE case_id = $1 AND kind = $2 AND standing = 'public' AND at <= $3
		ORDER BY at DESC, id DESC
		LIMIT 1`, c.ID, strings.TrimPrefix(e.Verb, "case."), e.At).Scan(&body)
	if err != nil && plaza.KindOf(err) == plaza.NotFound {
		return "", nil
	}
	return text.Excerpt(text.PlainText(body), 2*maxExcerpt), err
}

// postConfirm mails the link that confirms an address. It says nothing but what was
// typed with the address, on one line.
func (cs *Cases) postConfirm(tx *db.Tx, email, language string, p pending) error {
	l := cs.Bundle.Printer(language)
	out, err := outbox.Letter{L: l, Subject: l.T("cases.mail.confirm.subject", "site", cs.Site()), Lead: l.T("cases.mail.confirm.text", "site", cs.Site(), "count", int(confirmLife/(24*time.Hour))),
		Button: l.T("cases.ask.confirm.go"), Link: cs.BaseURL + confirmPath + cs.token(toConfirmCase, p.ID), Why: l.T("cases.mail.confirm.ignore", "site", cs.Site())}.Message()
	if err != nil {
		return err
	}
	out.Kind, out.Key, out.To = "case.confirm", "case/confirm/"+p.ID+"/"+p.Contact, email
	return outbox.Post(tx, out)
}

// workAsk registers what asking does by itself.
func (cs *Cases) workAsk(r *job.Runner) {
	r.Handle(Letters{}.Kind(), func(ctx context.Context, _ *job.Job) error { return cs.WriteLetters(ctx) })
	r.Handle(ForgetFile{}.Kind(), func(ctx context.Context, j *job.Job) error {
		var args ForgetFile
		if err := j.Decode(&args); err != nil {
			return err
		}
		return cs.Blob.Delete(ctx, args.Key)
	})
	r.Every(Letters{}.Kind(), job.Interval(time.Minute), Letters{}, job.Options{Unique: Letters{}.Kind()})
}
