package cases

import (
	"context"
	"fmt"
	"time"

	"plaza/internal/base/db"
	"plaza/internal/base/i18n"
	"plaza/internal/civic/access"
	"plaza/internal/civic/account"
	"plaza/internal/civic/calendar"
	"plaza/internal/civic/institution"
	"plaza/internal/civic/outbox"
	"plaza/internal/civic/record"
	"plaza/internal/plaza"
)

// LateSteps are by how many working days a clock is late when a step is taken: the first
// tells the Enlace and the substitute at once, the second the superior whom the
// institution registered (a weekly list), the third the coordination.
//
// Nothing here waits for a day to come. What is looked for is every clock that is late
// enough for a step which it lacks, so that an outage of the job, however long, is caught
// up with: each lacking step has its entry in the record and each person one mail.
var LateSteps = []int{0, 5, 10}

// lateStep is up to which step a clock is late at an instant, 0 for none.
func lateStep(k Clock, by calendar.Business, now time.Time) (step int) {
	if k.InTime(now) || !k.Stopped.IsZero() || !k.Paused.IsZero() {
		return 0
	}
	late := k.LateBy(by, now)
	for i, days := range LateSteps {
		if late >= days {
			step = i + 1
		}
	}
	return step
}

// Escalating is the job that takes the steps of being late.
type Escalating struct{}

// Kind implements job.Args.
func (Escalating) Kind() string { return "cases.late" }

// lateAtOnce is how many clocks one transaction looks at: with three entries each it
// stays below what holds the record for long.
const lateAtOnce = 60

// whose is the institution that a clock waits for: of a hand-over the one that was asked.
const whose = `CASE WHEN k.kind = 'handover' THEN k.body ELSE c.institution END`

// Escalate takes every step that is due and returns how many those were. What fails at
// one institution keeps nothing at the others.
func (cs *Cases) Escalate(ctx context.Context) (steps int, err error) {
	var bodies []string
	if err := cs.DB.Read(ctx, func(tx *db.Tx) (err error) {
		bodies, err = db.All(tx, db.Column[string], `SELECT DISTINCT `+whose+`
			FROM case_clocks k
			JOIN cases c ON c.id = k.case_id
			WHERE k.due_at <= $1 AND k.stopped_at IS NULL AND k.paused_at IS NULL AND k.escalated < $2 AND c.standing = 'public'`, tx.Now, len(LateSteps))
		return err
	}); err != nil {
		return 0, fmt.Errorf("looking for clocks that are late: %w", err)
	}
	var failed error
	for _, body := range bodies {
		n, err := cs.escalateAt(ctx, body)
		steps += n
		if err != nil && failed == nil {
			failed = fmt.Errorf("escalating what is late at %q: %w", body, err)
		}
	}
	return steps, failed
}

// escalateAt takes the steps of one institution, some clocks at a time.
func (cs *Cases) escalateAt(ctx context.Context, body string) (steps int, err error) {
	var after Key
	for more := true; more; {
		err := cs.DB.Write(plaza.WithActor(ctx, plaza.SystemActor), func(tx *db.Tx) error {
			list, err := lateClocks(tx, body, `k.escalated < 3`, after, lateAtOnce)
			if err != nil || len(list) == 0 {
				more = false
				return err
			}
			last := list[len(list)-1]
			after, more = Key{At: last.Due, ID: last.ID}, len(list) == lateAtOnce
			n, err := cs.escalate(tx, body, list)
			steps += n
			return err
		})
		if err != nil {
			return steps, err
		}
	}
	return steps, nil
}

// lateClocks are clocks of an institution that are late, by when they were due.
func lateClocks(tx *db.Tx, body, condition string, after Key, limit int) ([]Clock, error) {
	return db.All(tx, scanClock, `SELECT k.id, k.case_id, k.kind, k.round, k.body, k.responsible, k.rule, k.days, k.calendar, k.started_at, k.promised_at, k.due_at,
			k.extended, k.paused_at, k.paused_days, k.stopped_at, k.stopped_by, k.escalated
		FROM case_clocks k
		JOIN cases c ON c.id = k.case_id
		WHERE k.due_at <= $1 AND k.stopped_at IS NULL AND k.paused_at IS NULL AND c.standing = 'public'
			AND `+whose+` = $2 AND `+condition+` AND ($3 = '' OR (k.due_at, k.id) > ($4, $3))
		ORDER BY k.due_at, k.id
		LIMIT $5`, tx.Now, body, after.ID, after.At, limit)
}

// escalate takes the lacking steps of clocks that are late, with their entries and mails.
func (cs *Cases) escalate(tx *db.Tx, body string, list []Clock) (int, error) {
	all, err := casesOf(tx, list)
	if err != nil {
		return 0, err
	}
	counting := Counting{}
	var acts []record.Act
	var fresh []Clock
	for _, k := range list {
		by, err := counting.By(tx, k)
		if err != nil {
			return 0, err
		}
		to := lateStep(k, by, tx.Now)
		if to <= k.Escalated {
			continue
		}
		n, err := tx.Exec(`UPDATE case_clocks SET escalated = $1
			WHERE id = $2 AND escalated = $3 AND stopped_at IS NULL AND paused_at IS NULL`, to, k.ID, k.Escalated)
		if err != nil {
			return 0, err
		}
		if n == 0 { // answered meanwhile, or another process was faster
			continue
		}
		for level := k.Escalated + 1; level <= to; level++ {
			f := ofClock(k)
			f.Level = level
			acts = append(acts, act(WasEscalated, all[k.Case], f))
		}
		if k.Escalated == 0 {
			fresh = append(fresh, k)
		}
	}
	if err := cs.tellLate(tx, body, fresh, all); err != nil {
		return 0, err
	}
	if len(acts) == 0 {
		return 0, nil
	}
	return len(acts), record.Append(tx, acts...)
}

// casesOf are the cases of clocks, by their ids.
func casesOf(tx *db.Tx, clocks []Clock) (map[string]Case, error) {
	ids := make([]string, len(clocks))
	for i, k := range clocks {
		ids[i] = k.Case
	}
	list, err := ByIDs(tx, ids...)
	out := make(map[string]Case, len(list))
	for _, c := range list {
		out[c.ID] = c
	}
	return out, err
}

// Counting remembers by what clocks count: those of an institution mostly count by one
// version of one calendar.
type Counting map[string]calendar.Business

// By is by what a clock counts.
func (m Counting) By(tx *db.Tx, k Clock) (calendar.Business, error) {
	key := k.Body + "|" + k.Calendar
	if by, ok := m[key]; ok {
		return by, nil
	}
	by, err := businessOf(tx, k)
	if err == nil {
		m[key] = by
	}
	return by, err
}

// mostTold is how many people of an institution a mail goes to.
const mostTold = 10

// tellLate mails the Enlace, the substitute and whoever answers in their place, each
// once, that cases are late since today.
func (cs *Cases) tellLate(tx *db.Tx, body string, fresh []Clock, all map[string]Case) error {
	if len(fresh) == 0 {
		return nil
	}
	people, err := cs.InCharge(tx, body)
	if err != nil {
		return err
	}
	counting := Counting{}
	for _, p := range people {
		l := cs.Bundle.Printer(p.Language)
		x := outbox.Letter{L: l, Subject: l.T("cases.mail.late.subject", "count", len(fresh)), Lead: l.T("cases.mail.late.lead", "count", len(fresh)),
			Why: l.T("cases.mail.late.why", "site", cs.Site())}
		for _, k := range fresh {
			by, err := counting.By(tx, k)
			if err != nil {
				return err
			}
			x.Items = append(x.Items, cs.MailLine(l, all[k.Case], k, by, tx.Now, cs.deskPath(tx, all[k.Case])))
		}
		msg, err := x.Message()
		if err != nil {
			return err
		}
		msg.Kind, msg.Key, msg.Person, msg.To = "cases.late", "cases/late/"+fresh[0].ID+"/"+p.ID, p.ID, p.Email
		if err := outbox.Post(tx, msg); err != nil {
			return err
		}
	}
	return nil
}

// InCharge are the liaisons of an institution, those that are away too, and whoever
// answers in their place now, each once. Of "" it is the coordination.
func (cs *Cases) InCharge(tx *db.Tx, body string) ([]account.Person, error) {
	var ids []string
	if body != "" {
		seats, err := account.CurrentSeats(tx, plaza.Liaison, body)
		if err != nil {
			return nil, err
		}
		for _, s := range seats {
			ids = append(ids, s.Person)
		}
	}
	who, err := cs.responsible(tx, body)
	if err != nil {
		return nil, err
	}
	for _, p := range who.People {
		ids = append(ids, p.Person)
	}
	var out []account.Person
	seen := map[string]bool{}
	for _, id := range ids {
		if seen[id] || len(out) == mostTold {
			continue
		}
		seen[id] = true
		p, err := account.ByID(tx, id)
		if err != nil && plaza.KindOf(err) != plaza.NotFound {
			return nil, err
		}
		if err == nil && !p.Suspended {
			out = append(out, p)
		}
	}
	return out, nil
}

// DeskPath is where an institution works on a case.
func DeskPath(c Case, slug string) string {
	if c.Institution == "" {
		return "/admin" + c.Path()
	}
	return institution.OfficePath + slug + c.Path()
}

// deskPath is DeskPath of an institution that is read from the store.
func (cs *Cases) deskPath(tx *db.Tx, c Case) string {
	if c.Institution == "" {
		return DeskPath(c, "")
	}
	i, err := institution.ByID(tx, c.Institution)
	if err != nil {
		return c.Path()
	}
	return DeskPath(c, i.Slug)
}

// MailLine is a case in a letter, with its date in words.
func (cs *Cases) MailLine(l *i18n.Printer, c Case, k Clock, by calendar.Business, now time.Time, path string) outbox.Item {
	return outbox.Item{Title: c.Folio + " · " + c.Title, When: DueWords(l, k, by, now), Link: cs.BaseURL + path}
}

// DueWords is by when a clock has to be answered, and how many working days that is from
// now.
func DueWords(l *i18n.Printer, k Clock, by calendar.Business, now time.Time) string {
	l = l.In(by.Zone)
	date, kind := l.Date(k.LastDay()), string(k.Kind)
	switch {
	case !k.Stopped.IsZero():
		return l.T("cases.due.over."+kind, "date", date)
	case !k.Paused.IsZero():
		return l.T("cases.due.paused")
	case !k.InTime(now) && k.LateBy(by, now) == 0:
		return l.T("cases.due.fresh."+kind, "date", date)
	case !k.InTime(now):
		return l.T("cases.due.late."+kind, "date", date, "count", k.LateBy(by, now))
	case k.Left(by, now) == 0:
		return l.T("cases.due.today."+kind, "date", date)
	}
	return l.T("cases.due.left."+kind, "date", date, "count", k.Left(by, now))
}

// LateCount is how many cases have reached the last step: they are late by ten working
// days, and nobody has answered.
func LateCount(tx *db.Tx) (n int, err error) {
	err = tx.Row(`SELECT COUNT(DISTINCT k.case_id)
		FROM case_clocks k
		JOIN cases c ON c.id = k.case_id
		WHERE k.due_at <= $1 AND k.stopped_at IS NULL AND k.paused_at IS NULL AND k.escalated = $2 AND c.standing = 'public'`, tx.Now, len(LateSteps)).Scan(&n)
	return n, err
}

// LateAudience says that the coordination hears of cases that have reached the last step.
// The first two steps have mails of their own, one for many cases.
func LateAudience(_ *db.Tx, e record.Entry) (a record.Audience, err error) {
	if e.Verb != "case."+string(WasEscalated) {
		return a, nil
	}
	var f facts
	if err := readJSON("the facts", string(e.Payload), &f); err != nil {
		return a, err
	}
	if f.Level < len(LateSteps) {
		return record.Audience{Nobody: true}, nil
	}
	a.Roles = []record.Post{{Role: plaza.Admin, Why: "cases.why.coordination"}}
	return a, nil
}

// checkHandle refuses who does not work on the cases of an institution.
func checkHandle(tx *db.Tx, body string) error {
	return access.Check(plaza.ActorFrom(tx.Context()), access.CaseHandle, access.Object{Kind: institution.Kind, Institution: body})
}
