package comment

import (
	"fmt"
	"time"

	"plaza/internal/base/db"
	"plaza/internal/base/text"
	"plaza/internal/civic/account"
	"plaza/internal/civic/moderation"
	"plaza/internal/civic/record"
	"plaza/internal/civic/search"
	"plaza/internal/plaza"
)

// Kind is what moderation has to know of comments.
func (cs *Comments) Kind() moderation.Kind {
	return moderation.Kind{
		Name: Kind, Posts: cs.posts, Set: cs.set, Lock: lock, Merge: cs.merge, Split: cs.split, Threads: cs.threads, By: cs.by,
	}
}

// by are a person's newest comments, those too that others do not see.
func (cs *Comments) by(tx *db.Tx, person string, limit int) ([]moderation.Post, error) {
	list, err := Of(tx, person, "", limit)
	if err != nil {
		return nil, err
	}
	return cs.asPosts(tx, list)
}

// posts are comments as moderators see them. One with an edit that waits for review is as
// public as it was, and shown with the text that it would have: hiding it drops the edit.
func (cs *Comments) posts(tx *db.Tx, ids []string) ([]moderation.Post, error) {
	list, err := byIDs(tx, ids)
	if err != nil {
		return nil, err
	}
	return cs.asPosts(tx, list)
}

func (cs *Comments) asPosts(tx *db.Tx, list []Comment) ([]moderation.Post, error) {
	ids := make([]string, len(list))
	refs := make([]plaza.Ref, len(list))
	for i, c := range list {
		ids[i], refs[i] = c.ID, c.On
	}
	cards, err := cs.Cards(tx, refs)
	if err != nil {
		return nil, err
	}
	earlier, err := versions(tx, ids...)
	if err != nil {
		return nil, err
	}
	byComment := map[string][]moderation.Version{}
	for _, v := range earlier {
		byComment[v.Comment] = append(byComment[v.Comment], moderation.Version{Text: text.PlainText(v.Body), At: v.At})
	}
	out := make([]moderation.Post, len(list))
	for i, c := range list {
		p := moderation.Post{Ref: c.Ref(), Author: c.Author, Institution: c.Institution, On: c.On, Title: cards[c.On].Title,
			Text: text.PlainText(c.Body), Path: c.Path(), State: c.State, Part: c.Root != "", Into: c.Merged, Locked: c.closed(), At: c.At, Versions: byComment[c.ID]}
		if c.Pending != "" && c.State == moderation.Public {
			p.Versions = append(p.Versions, moderation.Version{Text: p.Text, At: c.written()})
			p.Text, p.Edit = text.PlainText(c.Pending), true
		}
		if !c.placed() {
			p.Path = ThreadPath(c.On) // it has no page of its own that others see
		}
		out[i] = p
	}
	return out, nil
}

// set is move to, for whatever depends on a comment that begins a thread too.
func (cs *Comments) set(tx *db.Tx, id string, to moderation.State) ([]record.Act, error) {
	acts, err := moveTo(tx, id, to)
	if err != nil || cs.Moved == nil {
		return acts, err
	}
	c, err := ByID(tx, id)
	if err != nil {
		return nil, err
	}
	return acts, cs.Moved(tx, c)
}

// moveTo moves a comment to a state, with everything that follows from it. The acts are
// for the caller to append to the record.
func moveTo(tx *db.Tx, id string, to moderation.State) ([]record.Act, error) {
	c, _, err := pin(tx, id)
	if err != nil {
		return nil, err
	}
	if c.State == moderation.Public && c.Pending != "" && (to == moderation.Public || to == moderation.Refused) {
		return decideEdit(tx, c, to)
	}
	switch [2]moderation.State{c.State, to} {
	case [2]moderation.State{moderation.Held, moderation.Public},
		[2]moderation.State{moderation.Refused, moderation.Public}: // the refusal was overturned
		return release(tx, c)
	case [2]moderation.State{moderation.Held, moderation.Refused}, [2]moderation.State{moderation.Held, moderation.Removed}:
		return nil, move(tx, c, to) // it never was public: nobody hears of it
	case [2]moderation.State{moderation.Public, moderation.Hidden}:
		return withdraw(tx, c, to, "comment.hidden")
	case [2]moderation.State{moderation.Public, moderation.Removed}:
		return withdraw(tx, c, to, "comment.removed")
	case [2]moderation.State{moderation.Hidden, moderation.Public}:
		return restore(tx, c)
	}
	return nil, plaza.E(plaza.Conflict, "comment.error.state")
}

// move writes a state in place of the one that was read; when another was faster, that
// is a Conflict.
func move(tx *db.Tx, c Comment, to moderation.State) error {
	n, err := tx.Exec(`UPDATE comments SET state = $1, pending = '' WHERE id = $2 AND state = $3`, to, c.ID, c.State)
	if err != nil {
		return fmt.Errorf("moving comment %s to %s: %w", c.ID, to, err)
	}
	if n == 0 {
		return plaza.E(plaza.Conflict, "comment.error.state")
	}
	return nil
}

// release makes a held comment public as if it had just been sent.
func release(tx *db.Tx, c Comment) ([]record.Act, error) {
	if err := move(tx, c, moderation.Public); err != nil {
		return nil, err
	}
	c.State, c.At, c.Published = moderation.Public, tx.Now, tx.Now
	if _, err := tx.Exec(`UPDATE comments SET said_at = $1, published_at = $1 WHERE id = $2`, tx.Now, c.ID); err != nil {
		return nil, fmt.Errorf("releasing comment %s: %w", c.ID, err)
	}
	a, err := effects(tx, c)
	if err != nil {
		return nil, err
	}
	a.By, err = author(tx, c)
	return []record.Act{a}, err
}

// author is how the record names who said a comment, whoever lets it through.
func author(tx *db.Tx, c Comment) (*record.Actor, error) {
	by := &record.Actor{Role: string(roleOf(c.Voice))}
	if c.Author == "" {
		return by, nil
	}
	p, err := account.ByID(tx, c.Author)
	by.Ref = p.Pseudonym
	return by, err
}

// withdraw takes a public comment out of sight.
func withdraw(tx *db.Tx, c Comment, to moderation.State, verb string) ([]record.Act, error) {
	if err := move(tx, c, to); err != nil {
		return nil, err
	}
	if c.Official() && c.Root != "" {
		if err := attended(tx, c.Root); err != nil {
			return nil, err
		}
	}
	return []record.Act{act(verb, c)}, search.Remove(tx, c.Ref())
}

// restore brings a hidden comment back.
func restore(tx *db.Tx, c Comment) ([]record.Act, error) {
	if err := move(tx, c, moderation.Public); err != nil {
		return nil, err
	}
	c.State = moderation.Public
	if err := answerThread(tx, c, true); err != nil {
		return nil, err
	}
	return []record.Act{act("comment.restored", c)}, search.Put(tx, doc(c))
}

// decideEdit lets an edit through that waited for review, or drops it.
func decideEdit(tx *db.Tx, c Comment, to moderation.State) ([]record.Act, error) {
	if to == moderation.Public {
		a, err := change(tx, &c, c.Pending)
		if err != nil {
			return nil, err
		}
		a.By, err = author(tx, c)
		return []record.Act{a}, err
	}
	_, err := tx.Exec(`UPDATE comments SET pending = '' WHERE id = $1`, c.ID)
	return nil, err
}

// lock closes the thread of a comment to new answers, or opens it.
func lock(tx *db.Tx, id string, locked bool) ([]record.Act, error) {
	_, c, err := pin(tx, id)
	if err != nil {
		return nil, err
	}
	if !c.Locked.IsZero() == locked {
		return nil, plaza.E(plaza.Conflict, "comment.error.state")
	}
	verb, at := "comment.unlocked", time.Time{}
	if locked {
		verb, at = "comment.locked", tx.Now
	}
	_, err = tx.Exec(`UPDATE comments SET locked_at = $1 WHERE id = $2`, at, c.ID)
	return []record.Act{act(verb, c)}, err
}
