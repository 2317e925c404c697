package site

import (
	"context"
	"html/template"
	"strings"
	"time"

	"plaza/internal/base/db"
	"plaza/internal/base/secret"
	"plaza/internal/base/web"
	"plaza/internal/civic/account"
	"plaza/internal/civic/comment"
	"plaza/internal/civic/commitment"
	"plaza/internal/civic/disclosure"
	"plaza/internal/civic/follow"
	"plaza/internal/civic/gate"
	"plaza/internal/civic/institution"
	"plaza/internal/civic/membership"
	"plaza/internal/civic/moderation"
	"plaza/internal/civic/outbox"
	"plaza/internal/civic/privacy"
	"plaza/internal/civic/record"
	"plaza/internal/civic/webhook"
	"plaza/internal/plaza"
	"plaza/internal/section/cases"
	"plaza/internal/section/cases/inbox"
	"plaza/internal/section/cases/score"
	"plaza/internal/section/cases/turn"
	"plaza/internal/section/catalog"
	"plaza/internal/section/catalog/harvest"
	"plaza/internal/section/explore"
	"plaza/internal/section/forum"
	"plaza/internal/section/tool"
	"plaza/internal/site/admin"
	"plaza/internal/site/settings"
)

// people makes the parts in which people take part; host is this site's.
func (s *Site) people(host string) {
	key := s.secret.Derive(secret.Tokens, 32)
	s.Outbox = outbox.New(s.DB, s.Mail)
	s.Gate = gate.New(key)
	s.Accounts = account.NewAccounts(account.Config{
		DB: s.DB, Key: key, BaseURL: s.Config.BaseURL, Site: s.name,
		Mail: s.Outbox, Gate: s.Gate, Bundle: s.Bundle, Log: s.Log,
		Seal: s.secret.Derive(secret.Sealing, 32), Client: s.client,
		Reserved: settings.Names,
		StandIns: func(tx *db.Tx, liaison plaza.Actor) ([]string, error) { return s.Members.StandIns(tx, liaison) },
		Consent: func(tx *db.Tx, person, point string) error {
			return privacy.Consent(tx, privacy.Who{Person: person}, point)
		},
	})
	s.Members = membership.New(membership.Config{
		DB: s.DB, Key: key, BaseURL: s.Config.BaseURL, Site: s.name,
		Mail: s.Outbox, Gate: s.Gate, Blob: s.Blob, Bundle: s.Bundle, Log: s.Log,
		Suspended: account.SuspendedNow,
		Owed: func(tx *db.Tx, institution string) (int, error) {
			owing, err := cases.CountOwing(tx, []string{institution}, tx.Now)
			return owing.All, err
		},
		Unattended: func(tx *db.Tx, institution string) (int, error) { return s.Comments.Unattended(tx, institution) },
	})
	s.Moderation = moderation.New(moderation.Config{
		DB: s.DB, Gate: s.Gate, Key: key, Cards: cards,
		Hosts: []string{host, "gob.mx"}, Suspend: s.suspend, Lift: lift,
	})
	s.Comments = s.comments()
	s.Moderation.Add(s.Comments.Kind())
	s.Disclosures = s.disclosures()
	s.Forum = s.forum()
	s.Tools = s.tools()
	s.Moderation.Add(s.Tools.Moderation())
	s.Hooks = webhook.New(webhook.Config{DB: s.DB, Seal: secret.NewSealer(s.secret.Derive(secret.Sealing, 32)), Client: s.client, Log: s.Log, Describe: s.describe})
	s.Commitments = s.commitments()
	s.Cases = cases.New(cases.Config{
		DB: s.DB, Key: key, BaseURL: s.Config.BaseURL, Site: s.name, Bundle: s.Bundle, Gate: s.Gate, Blob: s.Blob,
		Mail: s.Outbox, Search: s.Search, Log: s.Log, Cards: things, Spoken: cards, Screen: s.Moderation,
		Responsible: s.Members.Responsible, StandsFor: s.Members.StandsFor, Around: s.aroundObject,
		Report: moderation.ReportPath, Decisions: moderation.Against,
		Promise: s.promise,
		Promised: func(tx *db.Tx, id string) (bool, error) {
			return commitment.IsOpen(tx, plaza.Ref{Kind: cases.RefKind, ID: id})
		},
		Route: inbox.Route(sourceOf), Concerns: s.concerns, Spot: s.spot,
	})
	s.Turns = turn.New(s.Cases)
	s.Moderation.Add(s.Cases.Kind())
	s.Moderation.Add(s.Cases.StepKind())
	s.Scores = score.New(score.Config{DB: s.DB, Log: s.Log, Cards: cards, Unreplied: unreplied})
	s.Follow = follow.New(follow.Config{
		DB: s.DB, Key: key, BaseURL: s.Config.BaseURL, Site: s.name, Bundle: s.Bundle, Gate: s.Gate, Kept: !s.Mail.Configured(),
		Search: s.Search, Cards: cards, SavedID: catalog.SavedID, Saved: catalog.Saved, Log: s.Log,
		Audiences: []record.Audiences{s.Members.Audiences, moderation.Audiences, s.Comments.Audiences, s.Disclosures.Audiences, cases.LateAudience, s.Commitments.Audiences, s.Cases.Audiences, explore.Audiences, tool.Audiences},
		Details:   []record.Details{s.Members.Details, s.Moderation.Details, s.Comments.Details, s.Disclosures.Details, s.Commitments.Details, s.Cases.Details, tool.Details},
		Weights:   weights,
	})
}

// peopleWork registers what those parts do by themselves.
func (s *Site) peopleWork() {
	s.Successions = institution.NewSuccessions(s.DB, func(tx *db.Tx) error {
		_, err := harvest.MoveRest(tx)
		return err
	}, append(harvest.Movers(), comment.Mover(), forum.Mover(), s.Tools.Mover(), s.Cases.Mover(), s.Commitments.Mover(), s.Members.Mover())...)
	s.Successions.Handle(s.Runner)
	s.Accounts.Work(s.Runner)
	s.Outbox.Work(s.Runner)
	s.Members.Work(s.Runner)
	s.Holdings = privacy.Registry{s.Accounts.Holding(), privacy.Consents(), outbox.Holding(), s.Members.Holding(), moderation.Holding(), comment.Holding(), disclosure.Holding(), forum.Holding(), tool.Holding(), follow.Holding(), turn.Holding(), cases.Holding(), inbox.Holding()}
	s.Holdings.Work(s.DB, s.Runner)
	s.Follow.Work(s.Runner)
	s.Cases.Work(s.Runner)
	s.Hooks.Work(s.Runner)
	s.Turns.Work(s.Runner)
	s.Commitments.Work(s.Runner)
	catalog.Rehomer{DB: s.DB, Rehomes: s.Rehomes()}.Work(s.Runner)
	s.Scores.Work(s.Runner)
	s.Tools.Work(s.Runner)
}

// comments is what people say under what can be commented on.
func (s *Site) comments() *comment.Comments {
	return comment.New(comment.Deps{
		DB: s.DB, Gate: s.Gate, Cards: objects, Kinds: []string{catalog.KindDataset, catalog.KindResource, institution.Kind, cases.RefKind, forum.Kind, tool.Kind},
		Responsible: s.responsible, StandsFor: s.Members.StandsFor, Moved: forum.Moved,
		Screen: s.Moderation, Report: moderation.ReportPath, Decisions: moderation.Against,
		Ask: cases.AskOf, Asked: cases.Asked, Question: cases.Offer,
	})
}

// disclosures are private reports of personal data in what the catalogue has.
func (s *Site) disclosures() *disclosure.Reports {
	return disclosure.New(disclosure.Deps{
		DB: s.DB, Gate: s.Gate, Cards: catalog.Cards, Kinds: []string{catalog.KindDataset, catalog.KindResource},
		Responsible: s.responsible, Withhold: func(tx *db.Tx, resource string, at time.Time) (bool, error) {
			return s.Explore.Report(tx, resource, at)
		},
		Targets: func(tx *db.Tx, object plaza.Ref) ([]disclosure.Target, error) {
			id := object.ID
			if object.Kind == catalog.KindResource {
				r, err := catalog.ResourceByID(tx, id)
				if err != nil {
					return nil, err
				}
				id = r.DatasetID
			}
			d, err := catalog.ByID(tx, id)
			var out []disclosure.Target
			for _, r := range d.Current() {
				if object.Kind != catalog.KindDataset && r.ID != object.ID {
					continue
				}
				since, err := reported(tx, r)
				if err != nil {
					return nil, err
				}
				out = append(out, disclosure.Target{ID: r.ID, Title: r.Title, Path: d.ResourcePath(r), Withheld: since})
			}
			return out, err
		},
	})
}

// reported is since when a private report withholds a resource. What its institution
// decided by itself is no report's.
func reported(tx *db.Tx, r catalog.Resource) (time.Time, error) {
	if r.Withheld.IsZero() {
		return r.Withheld, nil
	}
	h, err := explore.HidingOf(tx, explore.Resource{ID: r.ID, Withheld: r.Withheld})
	if !h.Reported {
		return time.Time{}, err
	}
	return r.Withheld, err
}

// unreplied are the comments to which nobody official has replied, by institution.
func unreplied(tx *db.Tx, bodies []string) (map[string]score.Unreplied, error) {
	all, err := comment.UnrepliedOf(tx, bodies)
	out := make(map[string]score.Unreplied, len(all))
	for body, u := range all {
		out[body] = score.Unreplied(u)
	}
	return out, err
}

// responsible are the people who answer for an institution now.
func (s *Site) responsible(tx *db.Tx, institution string) ([]string, error) {
	who, err := s.Members.Responsible(tx, institution)
	ids := make([]string, len(who.People))
	for i, p := range who.People {
		ids[i] = p.Person
	}
	return ids, err
}

// aroundObject is what is drawn around an object on its page, in order.
func (s *Site) aroundObject(tx *db.Tx, page web.Page, object plaza.Card) (web.Around, error) {
	around, err := s.Follow.Around(tx, page, object)
	if err != nil {
		return around, err
	}
	works, err := s.Members.Around(tx, page, object)
	if err != nil {
		return around, err
	}
	ask, err := s.Cases.Invite(page, object)
	if err != nil {
		return around, err
	}
	around.Head, around.Foot = append(append(around.Head, ask.Head...), works.Head...), append(around.Foot, works.Foot...)
	answers, err := s.Scores.Around(tx, page, object)
	if err != nil {
		return around, err
	}
	around.Foot = append(around.Foot, answers.Foot...)
	known, err := s.Cases.Known(tx, page, object)
	if err != nil {
		return around, err
	}
	if known != "" {
		around.Foot = append(around.Foot, known)
	}
	promised, err := s.Commitments.Around(tx, page, object)
	if err != nil {
		return around, err
	}
	around.Foot = append(around.Foot, promised.Foot...)
	if s.toolScreens != nil && object.Ref.Kind == catalog.KindDataset {
		made, err := s.toolScreens.Made(tx, page.L, object.Ref.ID)
		if err != nil {
			return around, err
		}
		if made != "" {
			around.Foot = append(around.Foot, made)
		}
	}
	if object.Ref.Kind == catalog.KindDataset || object.Ref.Kind == catalog.KindResource {
		around.Foot = append(around.Foot, s.Disclosures.Around(page.L, object))
	}
	for _, foot := range []func(*db.Tx, web.Page, plaza.Card) (template.HTML, error){s.Cases.Foot, s.Comments.Around} {
		said, err := foot(tx, page, object)
		if err != nil {
			return around, err
		}
		if said != "" {
			around.Foot = append(around.Foot, said)
		}
	}
	return around, nil
}

// waiting counts what waits for the coordination.
func (s *Site) waiting(tx *db.Tx, who plaza.Actor) (w admin.Waiting, err error) {
	if w.Appeals, err = moderation.PendingAppeals(tx, who); err != nil {
		return w, err
	}
	if w.Posts, err = moderation.Pending(tx, who); err != nil {
		return w, err
	}
	w.Posts -= w.Appeals
	if w.Comments, err = s.Comments.Unattended(tx, ""); err != nil {
		return w, err
	}
	if w.Disclosures, err = disclosure.Waiting(tx); err != nil {
		return w, err
	}
	if w.Lookalikes, err = account.CountLookalikes(tx); err != nil {
		return w, err
	}
	if w.Late, err = cases.LateCount(tx); err != nil {
		return w, err
	}
	v, _, err := settings.Load(tx)
	if err != nil {
		return w, err
	}
	w.Unset = v.Unset()
	return w, s.lacking(tx, &w)
}

// lacking counts the institutions that lack something that the coordination gives.
func (s *Site) lacking(tx *db.Tx, w *admin.Waiting) error {
	proposed, err := membership.Proposed(tx)
	if err != nil {
		return err
	}
	without, err := s.Members.Vacant(tx)
	if err != nil {
		return err
	}
	going, err := institution.Going(tx)
	for _, i := range going {
		if without[i.ID] {
			w.Vacant++
		}
	}
	w.Domains = len(proposed)
	return err
}

// unread counts the notices that wait to be read by who is signed in. A store that is
// away counts none: the page is worth more than the figure.
func (s *Site) unread(ctx context.Context) (n int) {
	_ = s.DB.Read(ctx, func(tx *db.Tx) (err error) {
		n, err = follow.Unread(tx, plaza.ActorFrom(ctx).PersonID)
		return err
	})
	return n
}

// describe says of an entry what anybody may know now, for the systems of institutions.
func (s *Site) describe(tx *db.Tx, e record.Entry) (map[string]any, bool, error) {
	ref := plaza.Ref{Kind: e.Object.Kind, ID: e.Object.ID}
	found, err := cards(tx, []plaza.Ref{ref})
	card, ok := found[ref]
	if err != nil || !ok || !card.Visible {
		return nil, false, err
	}
	return map[string]any{"object": ref.String(), "title": card.Title, "excerpt": card.Excerpt, "url": s.Config.BaseURL + card.Path, "facts": e.Payload}, true, nil
}

// suspend keeps a person from taking part because of a moderators' decision.
func (s *Site) suspend(tx *db.Tx, person string, until time.Time, decision string) ([]record.Act, error) {
	p, err := account.ByID(tx, person)
	if err != nil {
		return nil, err
	}
	why := s.Bundle.Printer(p.Language).T("site.suspended_by", "link", s.Config.BaseURL+moderation.DecisionPath(decision))
	return []record.Act{account.Suspended(p, until)}, account.Suspend(tx, person, until, why)
}

// lift ends that, unless something else is by now why the person is suspended.
func lift(tx *db.Tx, person, decision string) ([]record.Act, error) {
	p, err := account.ByID(tx, person)
	if err != nil || !strings.Contains(p.SuspendedBy.Why, moderation.DecisionPath(decision)) {
		return nil, err
	}
	return []record.Act{account.Lifted(p)}, account.Lift(tx, person)
}

// weights say what followers hear of acts of people: what an institution or the
// moderators do among themselves is for whom it concerns, and nobody else.
var weights = map[string]follow.Weight{
	"comment.": follow.Silent, "comment.published": follow.AtOnce,
	"disclosure.": follow.Silent, "hook.": follow.Silent,
	"commitment.progressed": follow.Noise, "commitment.drop_asked": follow.Silent, "commitment.moved": follow.Silent,
	// of the other acts on a case those hear who follow the case itself (cases.Audiences)
	"case.": follow.Silent, "case.opened": follow.AtOnce, "case.answered": follow.AtOnce,
	"terms.": follow.Silent,
	// of all else that happens to a tool those hear who follow it (tool.Audiences)
	"tool.": follow.Silent, "tool.published": follow.AtOnce,
	// resource.changed tells how many rows a file gained and lost; the rest is nobody's news
	"resource.changed": follow.AtOnce, "resource.opened": follow.Silent, "resource.corrected": follow.Silent,
	"resource.column_withheld": follow.Silent, "resource.column_released": follow.Silent,
	"unit.": follow.Silent, "calendar.": follow.Silent, "settings.": follow.Silent, "invitation.": follow.Silent,
	"job.":     follow.Silent,
	"request.": follow.Silent, "absence.": follow.Silent, "domain.": follow.Silent, "roles.": follow.Silent,
	"institution.hours": follow.Silent, "institution.changed": follow.Noise,
}
