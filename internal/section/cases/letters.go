package cases

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"html/template"
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

// lettersReading is the name of this reader of the record, and lettersAtOnce how many
// entries of it one transaction takes.
const (
	lettersReading = "case_letters"
	lettersAtOnce  = 100
)

// told are the steps of which askers without an account hear; their own doings are not
// among them. Of what moderation does, people with an account hear by moderation itself.
var told = []StepKind{InfoRequested, WasExtended, WasAnswered, WasCorrected, WasResolved, WasClosed, HasLapsed, WasConverted, WasMerged,
	HandoverTaken, FormalBegun, FormalEnded, HasAdvanced, ClockBegun, WasMoved, wasHidden, wasRestored}

var errLettersMoved = errors.New("the letters were written by another process")

// WriteLetters mails what is new. An entry is told of once: the position moves with the
// mails, and a mail's key is its entry's.
func (cs *Cases) WriteLetters(ctx context.Context) error {
	for {
		more := false
		err := cs.DB.Write(ctx, func(tx *db.Tx) (err error) {
			more, err = cs.writeSome(tx)
			return err
		})
		if errors.Is(err, errLettersMoved) {
			return nil
		}
		if err != nil || !more {
			return err
		}
	}
}

func (cs *Cases) writeSome(tx *db.Tx) (more bool, err error) {
	var from int64
	begun := true
	if err := tx.Row(`SELECT seq FROM record_positions WHERE name = $1`, lettersReading).Scan(&from); plaza.KindOf(err) == plaza.NotFound {
		begun = false
		// nothing was asked before the first case
		if err := tx.Row(`SELECT COALESCE((SELECT MIN(seq) FROM record_entries WHERE verb = 'case.opened'), seq + 1) - 1
			FROM record_head WHERE id = 1`).Scan(&from); err != nil {
			return false, err
		}
	} else if err != nil {
		return false, err
	}
	entries, err := record.Since(tx, record.Filter{After: from}, lettersAtOnce)
	if err != nil || len(entries) == 0 {
		return false, err
	}
	if err := cs.write(tx, entries); err != nil {
		return false, err
	}
	to, n := entries[len(entries)-1].Seq, int64(0)
	if begun {
		n, err = tx.Exec(`UPDATE record_positions SET seq = $1 WHERE name = $2 AND seq = $3`, to, lettersReading, from)
	} else {
		n, err = tx.Exec(`INSERT INTO record_positions (name, seq) VALUES ($1, $2) ON CONFLICT (name) DO NOTHING`, lettersReading, to)
	}
	if err == nil && n == 0 {
		err = errLettersMoved
	}
	return len(entries) == lettersAtOnce, err
}

// write mails what some entries tell.
func (cs *Cases) write(tx *db.Tx, entries []record.Entry) error {
	about := map[int64][]string{} // ids of cases by entry
	var ids []string
	for _, e := range entries {
		var of []string
		kind := StepKind(strings.TrimPrefix(e.Verb, "case."))
		switch {
		case strings.HasPrefix(e.Verb, "case.") && e.Object.Kind == RefKind && (kind == Opened || slices.Contains(told, kind)):
			of = []string{e.Object.ID}
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
			if to.Email == "" {
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

// caseLetter is what a mail about a case is drawn from.
type caseLetter struct {
	L       *i18n.Printer
	Subject string
	Lead    string
	Quote   string // what was asked or answered
	Lines   []string
	Link    string
	Button  string
	Foot    []string
	Forget  string // where the address is forgotten, "" for who has an account
}

var askerLetter = template.Must(template.ParseFS(askTemplates, "templates_ask/mail/*.html"))

// postLetter mails one thing that happened to a case.
func (cs *Cases) postLetter(tx *db.Tx, e record.Entry, c Case, to account.Reach) error {
	zone, err := calendar.BusinessOf(tx, c.Institution)
	if err != nil {
		return err
	}
	l := cs.Bundle.Printer(to.Language).In(zone.Zone)
	what := strings.ReplaceAll(strings.TrimPrefix(e.Verb, "case."), ".", "_")
	if !l.Has("cases.mail.what." + what) {
		what = "news"
	}
	m := caseLetter{L: l, Link: cs.BaseURL + c.Path(), Button: l.T("cases.mail.button"),
		Subject: l.T("cases.mail.subject", "folio", c.Folio, "what", l.T("cases.mail.what."+what)),
		Lead:    l.T("cases.mail.lead", "folio", c.Folio, "title", c.Title, "what", l.T("cases.mail.what."+what)),
		Foot:    []string{l.T("cases.mail.foot", "site", cs.Site())}}
	if what == string(Opened) {
		if err := cs.acuseLines(tx, &m, c); err != nil {
			return err
		}
	} else if m.Quote, err = saidWith(tx, e, c); err != nil {
		return err
	}
	if what == string(wasHidden) {
		if err := cs.hiddenLines(tx, &m, c); err != nil {
			return err
		}
	} else if !c.Due.IsZero() && what != string(Opened) {
		m.Lines = append(m.Lines, l.T("cases.mail.due", "date", l.Date(c.Due.Add(-time.Millisecond))))
	}
	out := outbox.Message{Kind: "case.letter", Key: fmt.Sprintf("case/letter/%d/%s", e.Seq, c.ID), To: to.Email}
	if c.Asker.Contact != "" {
		m.Link, m.Forget = cs.BaseURL+cs.OwnPath(c), cs.BaseURL+forgetPath+cs.token(toForget, c.Asker.Contact)
		m.Foot = append(m.Foot, l.T("cases.mail.private"))
	} else {
		out.Person = to.ID
	}
	return postCaseLetter(tx, out, m)
}

// hiddenLines say why moderation hid a case, and what its asker can do about it.
func (cs *Cases) hiddenLines(tx *db.Tx, m *caseLetter, c Case) error {
	why, err := hiddenFor(tx, m.L, c)
	if why != "" {
		m.Lines = append(m.Lines, m.L.T("cases.gone.reason")+" "+why)
	}
	m.Button = m.L.T("cases.mail.hidden.button")
	m.Lines = append(m.Lines, m.L.T("cases.mail.hidden.appeal", "link", cs.BaseURL+privacy.Path))
	return err
}

// hiddenFor is why moderation hid a case, in words; "" where it did not, or has let it
// through again.
func hiddenFor(tx *db.Tx, l *i18n.Printer, c Case) (string, error) {
	if c.Standing != moderation.Hidden {
		return "", nil
	}
	reason, err := moderation.ReasonOf(tx, c.Ref())
	if err != nil || reason == "" {
		return "", err
	}
	return l.T("moderation.reason." + reason), nil
}

// acuseLines are what an acknowledgement says.
func (cs *Cases) acuseLines(tx *db.Tx, m *caseLetter, c Case) error {
	facts, err := cs.acuseFacts(tx, m.L, c)
	for _, f := range facts {
		m.Lines = append(m.Lines, f.Label+": "+f.Text)
	}
	m.Foot = append([]string{m.L.T("cases.mail.acuse") + " " + cs.BaseURL + acusePath(c), m.L.T("cases.mail.not")}, m.Foot...)
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
	m := caseLetter{L: l, Subject: l.T("cases.mail.confirm.subject", "site", cs.Site()), Lead: l.T("cases.mail.confirm.text", "site", cs.Site(), "count", int(confirmLife/(24*time.Hour))),
		Button: l.T("cases.ask.confirm.go"), Link: cs.BaseURL + confirmPath + cs.token(toConfirmCase, p.ID), Foot: []string{l.T("cases.mail.confirm.ignore", "site", cs.Site())}}
	return postCaseLetter(tx, outbox.Message{Kind: "case.confirm", Key: "case/confirm/" + p.ID + "/" + p.Contact, To: email}, m)
}

// postCaseLetter hands a mail over, as text and as HTML.
func postCaseLetter(tx *db.Tx, out outbox.Message, m caseLetter) error {
	var html bytes.Buffer
	if err := askerLetter.ExecuteTemplate(&html, "letter.html", m); err != nil {
		return fmt.Errorf("drawing a mail: %w", err)
	}
	parts := []string{m.Lead}
	if m.Quote != "" {
		parts = append(parts, "> "+m.Quote)
	}
	if len(m.Lines) > 0 {
		parts = append(parts, strings.Join(m.Lines, "\n"))
	}
	parts = append(append(parts, m.Button+":\n"+m.Link), m.Foot...)
	if m.Forget != "" {
		parts = append(parts, m.L.T("cases.mail.forget")+" "+m.Forget)
	}
	out.Subject, out.HTML, out.Text = text.Excerpt(m.Subject, 150), html.String(), strings.Join(parts, "\n\n")+"\n"
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
