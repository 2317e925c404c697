package turn

import (
	"cmp"
	"context"
	"encoding/hex"
	"fmt"
	"slices"
	"time"

	"plaza/internal/base/db"
	"plaza/internal/base/secret"
	"plaza/internal/civic/account"
	"plaza/internal/civic/calendar"
	"plaza/internal/civic/institution"
	"plaza/internal/civic/outbox"
	"plaza/internal/plaza"
	"plaza/internal/section/cases"
)

// Waits is the job that tells whoever has to look at a draft: the liaison one that was
// sent to them, and who signs refusals one that needs a signature.
type Waits struct{}

// Kind implements job.Args.
func (Waits) Kind() string { return "turn.waits" }

// waiter is somebody for whom drafts wait.
type waiter struct {
	who    string // a keyed hash of the address
	reach  account.Reach
	zone   *time.Location
	drafts []cases.AnswerDraft
	desk   map[string]string // slug of the institution, by draft
}

// Waits mails whoever has drafts to look at that they were not told of: one mail a person
// and day, which lists all that wait. What was changed and sent anew is told of anew. It
// returns how many mails that were.
func (s *Turns) Waits(ctx context.Context) (mails int, err error) {
	ctx = plaza.WithActor(ctx, plaza.SystemActor)
	all := map[string]*waiter{}
	if err := s.DB.Read(ctx, func(tx *db.Tx) error {
		bodies, err := cases.Awaited(tx)
		for _, body := range bodies {
			if err := s.gatherDrafts(tx, body, all); err != nil {
				return fmt.Errorf("of institution %q: %w", body, err)
			}
		}
		return err
	}); err != nil {
		return 0, fmt.Errorf("looking for drafts that wait: %w", err)
	}
	list := make([]*waiter, 0, len(all))
	for _, w := range all {
		list = append(list, w)
	}
	slices.SortFunc(list, func(a, b *waiter) int { return cmp.Compare(a.who, b.who) })
	for _, w := range list {
		if err := s.DB.Write(ctx, func(tx *db.Tx) error {
			sent, err := s.tellWaiter(tx, w)
			if sent {
				mails++
			}
			return err
		}); err != nil {
			return mails, fmt.Errorf("telling somebody of drafts: %w", err)
		}
	}
	return mails, nil
}

// gatherDrafts adds the drafts that wait at an institution to whoever has to look at them,
// once its morning has come.
func (s *Turns) gatherDrafts(tx *db.Tx, body string, all map[string]*waiter) error {
	by, err := calendar.BusinessOf(tx, body)
	if err != nil || tx.Now.In(by.Zone).Hour() < morning {
		return err
	}
	drafts, err := cases.Awaiting(tx, body)
	if err != nil || len(drafts) == 0 {
		return err
	}
	charge, err := s.InCharge(tx, body)
	if err != nil {
		return err
	}
	signers, err := s.signers(tx, body)
	if err != nil {
		return err
	}
	slug := ""
	if body != "" {
		i, err := institution.ByID(tx, body)
		if err != nil {
			return err
		}
		slug = i.Slug
	}
	for _, d := range drafts {
		people := charge
		if d.State == cases.DraftSigning {
			people = signers
		}
		for _, p := range people {
			if p.ID == d.Author || p.Email == "" {
				continue
			}
			key := hex.EncodeToString(secret.Sum(s.Key, "cases", "waits", account.EmailKey(p.Email))[:16])
			if all[key] == nil {
				all[key] = &waiter{who: key, reach: account.Reach{ID: p.ID, Email: p.Email, Language: p.Language}, zone: by.Zone, desk: map[string]string{}}
			}
			all[key].drafts = append(all[key].drafts, d)
			all[key].desk[d.ID] = slug
		}
	}
	return nil
}

// signers are who signs the refusals of an institution: its own, and where it has none the
// coordination.
func (s *Turns) signers(tx *db.Tx, body string) (out []account.Person, err error) {
	if body != "" {
		seats, err := account.CurrentSeats(tx, plaza.Transparency, body)
		if err != nil {
			return nil, err
		}
		for _, seat := range seats {
			out = append(out, account.Person{ID: seat.Person, Email: seat.Email, Language: seat.Language})
		}
	}
	if len(out) == 0 {
		return s.InCharge(tx, "")
	}
	return out, nil
}

// tellWaiter mails somebody once a day, when there is a draft that they were not told of.
func (s *Turns) tellWaiter(tx *db.Tx, to *waiter) (bool, error) {
	day := tx.Now.In(to.zone).Format(time.DateOnly)
	var today int
	if err := tx.Row(`SELECT COUNT(*) FROM case_draft_told WHERE who = $1 AND day = $2`, to.who, day).Scan(&today); err != nil || today > 0 {
		return false, err
	}
	lacking, err := lacksDraft(tx, to)
	if err != nil || !lacking {
		return false, err
	}
	ids := make([]string, len(to.drafts))
	for i, d := range to.drafts {
		ids[i] = d.Case
	}
	slices.Sort(ids)
	list, err := cases.ByIDs(tx, slices.Compact(ids)...)
	if err != nil {
		return false, err
	}
	known := make(map[string]cases.Case, len(list))
	for _, c := range list {
		known[c.ID] = c
	}
	l := s.Bundle.Printer(to.reach.Language).In(to.zone)
	x := outbox.Letter{L: l, Subject: l.T("turn.mail.waits.subject", "count", len(to.drafts)), Lead: l.T("turn.mail.waits.lead", "count", len(to.drafts)),
		Why: l.T("turn.mail.waits.why", "site", s.Site())}
	for _, d := range to.drafts {
		c := known[d.Case]
		due, err := dueWords(tx, l, c)
		if err != nil {
			return false, err
		}
		note := l.T("turn.mail.waits."+string(d.State), "date", l.Date(d.Updated))
		if due != "" {
			note += " · " + due
		}
		x.Items = append(x.Items, outbox.Item{Title: c.Folio + " · " + c.Title, Note: note, Link: s.BaseURL + cases.DeskPath(c, to.desk[d.ID]) + "/borradores/" + d.ID})
	}
	msg, err := x.Message()
	if err != nil {
		return false, err
	}
	msg.Kind, msg.Key, msg.Person, msg.To = Waits{}.Kind(), "cases/waits/"+day+"/"+to.who, to.reach.ID, to.reach.Email
	if err := outbox.Post(tx, msg); err != nil {
		return false, err
	}
	for _, d := range to.drafts {
		if _, err := tx.Exec(`INSERT INTO case_draft_told (draft_id, who, version, day)
			VALUES ($1, $2, $3, $4)
			ON CONFLICT (draft_id, who) DO UPDATE SET version = excluded.version, day = excluded.day`, d.ID, to.who, d.Version, day); err != nil {
			return false, fmt.Errorf("noting of which drafts somebody was told: %w", err)
		}
	}
	return true, nil
}

// lacksDraft reports whether a draft waits for somebody who was not told of it as it is.
func lacksDraft(tx *db.Tx, to *waiter) (bool, error) {
	told := map[string]int{}
	for some := range slices.Chunk(to.drafts, 500) {
		ids := make([]string, len(some))
		for i, d := range some {
			ids[i] = d.ID
		}
		if _, err := db.All(tx, func(scan func(...any) error) (struct{}, error) {
			var id string
			var version int
			err := scan(&id, &version)
			told[id] = version
			return struct{}{}, err
		}, `SELECT draft_id, version FROM case_draft_told WHERE who = $1 AND draft_id IN (`+db.Placeholders(2, len(ids))+`)`,
			append([]any{to.who}, db.Args(ids)...)...); err != nil {
			return false, err
		}
	}
	return slices.ContainsFunc(to.drafts, func(d cases.AnswerDraft) bool { return told[d.ID] != d.Version }), nil
}
