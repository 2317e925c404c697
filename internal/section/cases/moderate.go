package cases

import (
	"fmt"

	"plaza/internal/base/db"
	"plaza/internal/base/text"
	"plaza/internal/civic/moderation"
	"plaza/internal/civic/record"
	"plaza/internal/civic/search"
	"plaza/internal/plaza"
)

// What moderation does to a case, as the record tells it.
const (
	wasHidden   StepKind = "hidden"
	wasRemoved  StepKind = "removed"
	wasRestored StepKind = "restored"
)

// Kind is what moderation has to know of cases.
func (cs *Cases) Kind() moderation.Kind {
	return moderation.Kind{Name: RefKind, Set: cs.set,
		Posts: func(tx *db.Tx, ids []string) ([]moderation.Post, error) {
			list, err := ByIDs(tx, ids...)
			return posts(list), err
		},
		By: func(tx *db.Tx, person string, limit int) ([]moderation.Post, error) {
			if person == "" {
				return nil, nil
			}
			list, err := db.All(tx, scan, `SELECT `+columns+` FROM cases WHERE asker_id = $1 ORDER BY id DESC LIMIT $2`, person, limit)
			return posts(list), err
		},
	}
}

// posts are cases as moderators see them: with all that their asker wrote for everybody.
func posts(list []Case) []moderation.Post {
	out := make([]moderation.Post, len(list))
	for i, c := range list {
		d, body := c.Details, text.PlainText(c.Body)
		for _, s := range []string{c.Asker.Name, c.On.Column, c.On.Row, c.On.View, d.Rows, d.Should, d.Evidence, d.Format, d.Frequency, d.Period, d.Geography, d.Disaggregation, d.Link} {
			if s != "" {
				body += "\n" + s
			}
		}
		out[i] = moderation.Post{Ref: c.Ref(), Author: c.Asker.Person, Institution: c.Institution, On: c.On.Ref, Title: c.Title, Text: body,
			Path: c.Path(), State: c.Standing, At: c.Asked}
	}
	return out
}

// set moves a case to a standing, with everything that follows from it: the clocks of one
// that is let through begin then, and those of one that is hidden stand still. The acts
// are for the caller to append to the record.
func (cs *Cases) set(tx *db.Tx, id string, to moderation.State) ([]record.Act, error) {
	c, err := pin(tx, id)
	if err != nil {
		return nil, err
	}
	switch [2]moderation.State{c.Standing, to} {
	case [2]moderation.State{moderation.Held, moderation.Public},
		[2]moderation.State{moderation.Refused, moderation.Public}: // the refusal was overturned
		_, acts, err := cs.publish(tx, c)
		return acts, err
	case [2]moderation.State{moderation.Held, moderation.Refused}, [2]moderation.State{moderation.Held, moderation.Removed}:
		c.Standing = to
		return nil, save(tx, c) // it never was public: nobody hears of it
	case [2]moderation.State{moderation.Public, moderation.Hidden}:
		return withdraw(tx, c, to, wasHidden)
	case [2]moderation.State{moderation.Public, moderation.Removed}:
		return withdraw(tx, c, to, wasRemoved)
	case [2]moderation.State{moderation.Hidden, moderation.Public}:
		return restore(tx, c)
	}
	return nil, errState
}

// withdraw takes a public case out of sight. Its clock stands still meanwhile: nobody can
// answer it.
func withdraw(tx *db.Tx, c Case, to moderation.State, kind StepKind) ([]record.Act, error) {
	c.Standing = to
	k, ok, err := clockOf(tx, c.ID, ToAnswer)
	if err != nil {
		return nil, err
	}
	f := facts{}
	if ok && k.Paused.IsZero() {
		k.Pause(tx.Now)
		if err := putClock(tx, k); err != nil {
			return nil, err
		}
	}
	if ok {
		f = ofClock(k)
	}
	if err := save(tx, c); err != nil {
		return nil, err
	}
	return []record.Act{act(kind, c, f)}, search.Remove(tx, c.Ref())
}

// restore brings a hidden case back; a clock that does not wait for the asker goes on.
func restore(tx *db.Tx, c Case) ([]record.Act, error) {
	c.Standing = moderation.Public
	f := facts{}
	if c.Owed() {
		k, ok, err := clockOf(tx, c.ID, ToAnswer)
		if err != nil {
			return nil, err
		}
		if ok && c.State != NeedsInfo {
			by, err := businessOf(tx, k)
			if err != nil {
				return nil, err
			}
			k.Resume(by, tx.Now)
			if err := putClock(tx, k); err != nil {
				return nil, err
			}
			c.Due = k.Due
		}
		if ok {
			f = ofClock(k)
		}
	}
	if err := save(tx, c); err != nil {
		return nil, err
	}
	said := ""
	if c.Answer != "" {
		a, err := LastAnswer(tx, c.ID)
		if err != nil {
			return nil, err
		}
		said = a.Summary + "\n" + a.Body
	}
	return []record.Act{act(wasRestored, c, f)}, reindex(tx, c, said)
}

// StepKind is what moderation has to know of what askers say on their cases: the act that
// it was said with stands, whatever becomes of the words.
func (cs *Cases) StepKind() moderation.Kind {
	return moderation.Kind{Name: StepRefKind, Set: setStep, Posts: stepPosts,
		By: func(tx *db.Tx, person string, limit int) ([]moderation.Post, error) {
			if person == "" {
				return nil, nil
			}
			ids, err := db.All(tx, db.Column[string], `SELECT s.id
				FROM cases c
				JOIN case_steps s ON s.case_id = c.id
				WHERE c.asker_id = $1 AND s.person_id = $1 AND s.body <> '' AND s.voice = ''
				ORDER BY s.id DESC
				LIMIT $2`, person, limit)
			if err != nil {
				return nil, err
			}
			return stepPosts(tx, ids)
		},
	}
}

// stepPosts are what askers said, as moderators see it.
func stepPosts(tx *db.Tx, ids []string) ([]moderation.Post, error) {
	if len(ids) == 0 {
		return nil, nil
	}
	steps, err := db.All(tx, scanStep, `SELECT `+stepColumns+`
		FROM case_steps
		WHERE id IN (`+db.Placeholders(1, len(ids))+`) AND body <> '' AND voice = ''
		ORDER BY id DESC`, db.Args(ids)...)
	if err != nil {
		return nil, err
	}
	of := make([]string, len(steps))
	for i, s := range steps {
		of[i] = s.Case
	}
	list, err := ByIDs(tx, of...)
	byID := map[string]Case{}
	for _, c := range list {
		byID[c.ID] = c
	}
	out := make([]moderation.Post, len(steps))
	for i, s := range steps {
		c := byID[s.Case]
		out[i] = moderation.Post{Ref: plaza.Ref{Kind: StepRefKind, ID: s.ID}, Author: s.Person, Institution: c.Institution, On: c.Ref(), Title: c.Title,
			Text: text.PlainText(s.Body), Path: c.Path() + stepAnchor(s.ID), State: s.Standing, Part: true, At: s.At}
	}
	return out, err
}

// stepAnchor is a step's place on the page of its case.
func stepAnchor(id string) string { return "#paso-" + id }

// setStep moves what an asker said to a standing. There is nothing to tell: the record
// has the act already, and moderation's own entry says that something was decided.
func setStep(tx *db.Tx, id string, to moderation.State) ([]record.Act, error) {
	var from []any
	switch to {
	case moderation.Public:
		from = []any{moderation.Held, moderation.Refused, moderation.Hidden}
	case moderation.Hidden:
		from = []any{moderation.Public}
	case moderation.Refused:
		from = []any{moderation.Held}
	case moderation.Removed:
		from = []any{moderation.Public, moderation.Held}
	default:
		return nil, errState
	}
	n, err := tx.Exec(`UPDATE case_steps SET standing = $1 WHERE id = $2 AND standing IN (`+db.Placeholders(3, len(from))+`)`, append([]any{to, id}, from...)...)
	if err != nil {
		return nil, fmt.Errorf("moving step %s of a case to %s: %w", id, to, err)
	}
	if n == 0 {
		return nil, errState
	}
	return nil, nil
}
