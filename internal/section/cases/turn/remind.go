package turn

import (
	"cmp"
	"context"
	"encoding/hex"
	"fmt"
	"slices"
	"time"

	"plaza/internal/base/db"
	"plaza/internal/base/i18n"
	"plaza/internal/base/secret"
	"plaza/internal/civic/account"
	"plaza/internal/civic/institution"
	"plaza/internal/civic/outbox"
	"plaza/internal/plaza"
	"plaza/internal/section/cases"
)

// before is how many working days before a clock is due its reminders come.
var before = []int{5, 2, 0}

// Bounds of a run. Of what is overdue for longer than that, or for ever after an outage,
// the steps of being late tell (cases.LateSteps).
const (
	morning    = 8 // o'clock, in the institution's zone
	lookAhead  = 30 * 24 * time.Hour
	lookBack   = 60 * 24 * time.Hour
	mostClocks = 5000 // of one institution
)

// Remind is the job that reminds whoever has a case.
type Remind struct{}

// Kind implements job.Args.
func (Remind) Kind() string { return "turn.remind" }

// reminder is a clock that somebody has.
type reminder struct {
	clock cases.Clock
	line  outbox.Item
	zone  *time.Location
	path  string // of the page where they work on it
	step  int    // which of before has come; 0 for none
}

// recipient is somebody who is reminded: one address, whatever roles and turns it has.
type recipient struct {
	who      string // a keyed hash of the address
	email    string
	person   string // id, "" without an account
	language string
	has      []reminder
}

// Remind mails whoever has cases that are due in five, two or no working days: one mail
// a person and day, which lists all that they have of the institutions concerned. Nothing
// waits for a day to come: a mail is written when a step has come that the person lacks,
// so that after an outage there is one for all that was missed. It returns how many mails
// that were.
func (s *Turns) Remind(ctx context.Context) (mails int, err error) {
	ctx = plaza.WithActor(ctx, plaza.SystemActor)
	all := map[string]*recipient{}
	if err := s.DB.Read(ctx, func(tx *db.Tx) error {
		bodies, err := db.All(tx, db.Column[string], `SELECT DISTINCT `+whose+`
			FROM case_clocks k
			JOIN cases c ON c.id = k.case_id
			WHERE k.due_at > $1 AND k.due_at < $2 AND k.stopped_at IS NULL AND k.paused_at IS NULL AND c.standing = 'public'`,
			tx.Now.Add(-lookBack), tx.Now.Add(lookAhead))
		if err != nil {
			return err
		}
		for _, body := range bodies {
			if err := s.gather(tx, body, all); err != nil {
				return fmt.Errorf("of institution %q: %w", body, err)
			}
		}
		return nil
	}); err != nil {
		return 0, fmt.Errorf("looking whom to remind: %w", err)
	}
	for _, r := range sorted(all) {
		err := s.DB.Write(ctx, func(tx *db.Tx) error {
			sent, err := s.remind(tx, r)
			if sent {
				mails++
			}
			return err
		})
		if err != nil {
			return mails, fmt.Errorf("reminding somebody: %w", err)
		}
	}
	return mails, nil
}

// whose is the institution that a clock waits for: of a hand-over the one that was asked.
const whose = `CASE WHEN k.kind = 'handover' THEN k.body ELSE c.institution END`

func sorted(all map[string]*recipient) []*recipient {
	out := make([]*recipient, 0, len(all))
	for _, r := range all {
		out = append(out, r)
	}
	slices.SortFunc(out, func(a, b *recipient) int { return cmp.Compare(a.who, b.who) })
	return out
}

// gather adds what runs at an institution to whoever has it, once its morning has come.
func (s *Turns) gather(tx *db.Tx, body string, all map[string]*recipient) error {
	clocks, known, err := running(tx, body)
	if err != nil || len(clocks) == 0 {
		return err
	}
	slug := ""
	zoneName := institution.DefaultZone
	if body != "" {
		i, err := institution.ByID(tx, body)
		if err != nil {
			return err
		}
		slug, zoneName = i.Slug, i.Zone
	}
	zone, err := time.LoadLocation(zoneName)
	if err != nil {
		return fmt.Errorf("its zone: %w", err)
	}
	if tx.Now.In(zone).Hour() < morning {
		return nil
	}
	charge, err := s.InCharge(tx, body)
	if err != nil {
		return err
	}
	owners, err := account.CurrentSeats(tx, plaza.DataOwner, body)
	if err != nil {
		return err
	}
	turns, err := waiting(tx, body)
	if err != nil {
		return err
	}
	counting := cases.Counting{}
	for _, k := range clocks {
		by, err := counting.By(tx, k)
		if err != nil {
			return err
		}
		c := known[k.Case]
		r := reminder{clock: k, zone: by.Zone, path: cases.DeskPath(c, slug), step: stepOf(by.DaysBetween(k.Started, k.LastDay()), k.Left(by, tx.Now))}
		r.line = outbox.Item{Title: c.Folio + " · " + c.Title}
		for _, p := range charge {
			s.give(all, p.Email, p.ID, p.Language, r)
		}
		if k.Kind != cases.ToAnswer {
			continue
		}
		for _, seat := range owners {
			if c.Unit != "" && seat.Unit == c.Unit {
				s.give(all, seat.Email, seat.Person, seat.Language, r)
			}
		}
		for _, t := range turns[c.ID] {
			mine := r
			mine.path = PagePath + s.token(t)
			s.give(all, t.Email, "", i18n.Spanish, mine)
		}
	}
	return nil
}

// stepOf is which reminder has come, 0 for none: of a clock of a number of days in all
// only those that lie within it.
func stepOf(days, left int) (step int) {
	for i, n := range before {
		if days > n && left <= n {
			step = i + 1
		}
	}
	return step
}

// running are the clocks that run at an institution, the soonest due first, with their
// cases.
func running(tx *db.Tx, body string) ([]cases.Clock, map[string]cases.Case, error) {
	ids, err := db.All(tx, db.Column[string], `SELECT DISTINCT c.id
		FROM case_clocks k
		JOIN cases c ON c.id = k.case_id
		WHERE k.due_at > $1 AND k.stopped_at IS NULL AND k.paused_at IS NULL AND c.standing = 'public' AND `+whose+` = $2
		LIMIT $3`, tx.Now.Add(-lookBack), body, mostClocks)
	if err != nil {
		return nil, nil, err
	}
	known := make(map[string]cases.Case, len(ids))
	var out []cases.Clock
	for some := range slices.Chunk(ids, 500) {
		list, err := cases.ByIDs(tx, some...)
		if err != nil {
			return nil, nil, err
		}
		for _, c := range list {
			known[c.ID] = c
		}
		clocks, err := cases.Clocks(tx, some...)
		if err != nil {
			return nil, nil, err
		}
		for _, id := range some {
			for _, k := range clocks[id] {
				at := known[id].Institution
				if k.Kind == cases.ToDecide {
					at = k.Body
				}
				if at == body && k.Stopped.IsZero() && k.Paused.IsZero() {
					out = append(out, k)
				}
			}
		}
	}
	slices.SortFunc(out, func(a, b cases.Clock) int { return cmp.Or(a.Due.Compare(b.Due), cmp.Compare(a.ID, b.ID)) })
	return out, known, nil
}

// waiting are an institution's turns that wait for their person, by case: those without a
// draft that was sent, and those whose draft came back.
func waiting(tx *db.Tx, body string) (map[string][]Turn, error) {
	list, err := db.All(tx, scan, `SELECT `+columns+`
		FROM case_turns
		WHERE institution = $1 AND email_key <> '' AND expires_at > $2
			AND (state = 'open' OR state = 'sent' AND EXISTS (
				SELECT 1 FROM case_drafts d WHERE d.turn_id = case_turns.id AND d.turn_id <> '' AND d.state = 'returned'))
		ORDER BY id
		LIMIT $3`, body, tx.Now, mostClocks)
	out := map[string][]Turn{}
	for _, t := range list {
		out[t.Case] = append(out[t.Case], t)
	}
	return out, err
}

// give adds a clock to what somebody has, once.
func (s *Turns) give(all map[string]*recipient, email, person, language string, r reminder) {
	if email == "" {
		return
	}
	key := hex.EncodeToString(secret.Sum(s.Key, "cases", "remind", account.EmailKey(email))[:16])
	to := all[key]
	if to == nil {
		to = &recipient{who: key, email: email, language: language}
		all[key] = to
	}
	if person != "" && to.person == "" { // an account says in which language
		to.person, to.language = person, language
	}
	for i, had := range to.has {
		if had.clock.ID != r.clock.ID {
			continue
		}
		if person != "" { // the desk, for who has an account
			to.has[i].path = r.path
		}
		return
	}
	to.has = append(to.has, r)
}

// remind mails somebody once a day, when there is a reminder that they lack.
func (s *Turns) remind(tx *db.Tx, to *recipient) (bool, error) {
	slices.SortStableFunc(to.has, func(a, b reminder) int { return a.clock.Due.Compare(b.clock.Due) })
	lacking, err := lacks(tx, to)
	if err != nil || !lacking {
		return false, err
	}
	day := tx.Now.In(to.has[0].zone).Format(time.DateOnly)
	var today int
	if err := tx.Row(`SELECT COUNT(*) FROM case_reminders WHERE who = $1 AND day = $2`, to.who, day).Scan(&today); err != nil || today > 0 {
		return false, err
	}
	x, err := s.reminding(tx, to)
	if err != nil {
		return false, err
	}
	msg, err := x.Message()
	if err != nil {
		return false, err
	}
	msg.Kind, msg.Key, msg.Person, msg.To = Remind{}.Kind(), "cases/remind/"+day+"/"+to.who, to.person, to.email
	if err := outbox.Post(tx, msg); err != nil {
		return false, err
	}
	for _, r := range to.has {
		if r.step == 0 {
			continue
		}
		if _, err := tx.Exec(`INSERT INTO case_reminders (clock_id, who, step, due_at, day)
			VALUES ($1, $2, $3, $4, $5)
			ON CONFLICT (clock_id, who) DO UPDATE SET step = excluded.step, due_at = excluded.due_at, day = excluded.day`,
			r.clock.ID, to.who, r.step, r.clock.Due, day); err != nil {
			return false, fmt.Errorf("noting a reminder: %w", err)
		}
	}
	return true, nil
}

// reminding is the letter that lists what somebody has: each case once, with all of its
// dates that wait for them.
func (s *Turns) reminding(tx *db.Tx, to *recipient) (outbox.Letter, error) {
	l := s.Bundle.Printer(to.language)
	x := outbox.Letter{L: l, Why: l.T("turn.mail.remind.why", "site", s.Site())}
	counting, at := cases.Counting{}, map[string]int{}
	for _, r := range to.has {
		by, err := counting.By(tx, r.clock)
		if err != nil {
			return outbox.Letter{}, err
		}
		due := cases.DueWords(l, r.clock, by, tx.Now)
		if i, listed := at[r.path]; listed {
			x.Items[i].When += " · " + due
			continue
		}
		at[r.path] = len(x.Items)
		r.line.When, r.line.Link = due, s.BaseURL+r.path
		x.Items = append(x.Items, r.line)
	}
	x.Subject = l.T("turn.mail.remind.subject", "count", len(x.Items))
	x.Lead = l.T("turn.mail.remind.lead", "count", len(x.Items))
	return x, nil
}

// lacks reports whether a reminder has come that somebody was not sent. What was sent for
// a due date that has moved since counts for nothing.
func lacks(tx *db.Tx, to *recipient) (bool, error) {
	type mark struct {
		step int
		due  time.Time
	}
	sent := map[string]mark{}
	for some := range slices.Chunk(to.has, 500) {
		ids := make([]string, len(some))
		for i, r := range some {
			ids[i] = r.clock.ID
		}
		_, err := db.All(tx, func(scan func(...any) error) (struct{}, error) {
			var id string
			var m mark
			err := scan(&id, &m.step, &m.due)
			sent[id] = m
			return struct{}{}, err
		}, `SELECT clock_id, step, due_at FROM case_reminders WHERE who = $1 AND clock_id IN (`+db.Placeholders(2, len(ids))+`)`,
			append([]any{to.who}, db.Args(ids)...)...)
		if err != nil {
			return false, err
		}
	}
	return slices.ContainsFunc(to.has, func(r reminder) bool {
		m := sent[r.clock.ID]
		return r.step > 0 && (m.step < r.step || !m.due.Equal(r.clock.Due))
	}), nil
}
