package tool

import (
	"plaza/internal/base/db"
	"plaza/internal/civic/account"
	"plaza/internal/civic/moderation"
	"plaza/internal/civic/record"
	"plaza/internal/civic/search"
	"plaza/internal/plaza"
)

// Moderation is what moderation has to know of tools.
func (ts *Tools) Moderation() moderation.Kind {
	return moderation.Kind{Name: Kind,
		Posts: func(tx *db.Tx, ids []string) ([]moderation.Post, error) {
			list, err := ByIDs(tx, ids)
			if err != nil {
				return nil, err
			}
			return posts(tx, list)
		},
		By: func(tx *db.Tx, person string, limit int) ([]moderation.Post, error) {
			list, err := db.All(tx, scan, `SELECT `+columns+`
				FROM tools
				WHERE author_id = $1 AND author_id <> '' AND standing <> ''
				ORDER BY id DESC
				LIMIT $2`, person, limit)
			if err != nil {
				return nil, err
			}
			return posts(tx, list)
		},
		Set: func(tx *db.Tx, id string, to moderation.State) ([]record.Act, error) {
			t, err := pin(tx, id)
			if err != nil {
				return nil, err
			}
			return ts.move(tx, &t, to)
		},
	}
}

// maxEarlier is how many earlier versions moderators are shown.
const maxEarlier = 10

// posts are tools as moderators see them: with all that people wrote in them. One of which a
// version waits is as public as it was, and shown as it would be.
func posts(tx *db.Tx, list []Tool) ([]moderation.Post, error) {
	out := make([]moderation.Post, 0, len(list))
	for _, t := range list {
		if t.Draft() {
			continue // it was never sent to anybody
		}
		p := moderation.Post{Ref: t.Ref(), Author: t.Author, Institution: t.Institution, Title: t.Title, Path: t.Path(), State: t.Standing, At: t.Modified}
		versions, err := Versions(tx, t.ID, 0, maxEarlier)
		if err != nil {
			return nil, err
		}
		for i := len(versions) - 1; i >= 0; i-- {
			v := versions[i]
			said := v.Document.Text() + "\n" + v.Note
			if i == 0 && !t.Waiting() {
				p.Text = said
				continue
			}
			p.Versions = append(p.Versions, moderation.Version{Text: said, At: v.At})
		}
		if t.Waiting() {
			p.Text, p.Edit = t.pending.Document.Text()+"\n"+t.pending.Note, t.Version > 0
			p.Title = t.pending.Document.Title()
		}
		out = append(out, p)
	}
	return out, nil
}

// move moves a tool that is held to a standing, with everything that follows from it. The
// acts are for the caller to append to the record.
func (ts *Tools) move(tx *db.Tx, t *Tool, to moderation.State) ([]record.Act, error) {
	if t.Public() && t.Waiting() && (to == moderation.Public || to == moderation.Refused) {
		return ts.decide(tx, t, to == moderation.Public)
	}
	from := t.Standing
	switch [2]moderation.State{from, to} {
	case [2]moderation.State{moderation.Held, moderation.Public},
		[2]moderation.State{moderation.Refused, moderation.Public}: // the refusal was overturned
		return ts.decide(tx, t, true)
	case [2]moderation.State{moderation.Held, moderation.Refused}:
		t.Standing = to // what was sent is kept, as the refusal may be overturned
		return nil, save(tx, *t)
	case [2]moderation.State{moderation.Held, moderation.Removed}, [2]moderation.State{moderation.Refused, moderation.Removed}:
		t.Standing, t.pending = to, waiting{} // it never was public: nobody hears of it
		return nil, save(tx, *t)
	case [2]moderation.State{moderation.Public, moderation.Hidden},
		[2]moderation.State{moderation.Public, moderation.Removed}, [2]moderation.State{moderation.Hidden, moderation.Removed}:
		return ts.withdraw(tx, t, to)
	case [2]moderation.State{moderation.Hidden, moderation.Public}:
		t.Standing = to
		if err := save(tx, *t); err != nil {
			return nil, err
		}
		return []record.Act{act("tool.restored", *t)}, ts.index(tx, *t)
	}
	return nil, errState
}

// withdraw takes a tool out of sight, with what waits of it.
func (ts *Tools) withdraw(tx *db.Tx, t *Tool, to moderation.State) ([]record.Act, error) {
	hidden := t.Standing == moderation.Hidden
	t.Standing, t.pending, t.Featured, t.featuredBy = to, waiting{}, never, ""
	if err := save(tx, *t); err != nil {
		return nil, err
	}
	verb := "tool.withdrawn"
	if to == moderation.Hidden {
		verb = "tool.hidden"
	}
	if hidden {
		return nil, nil // nobody sees it anyway
	}
	return []record.Act{act(verb, *t)}, search.Remove(tx, t.Ref())
}

// decide lets through what waits of a tool, or drops it.
func (ts *Tools) decide(tx *db.Tx, t *Tool, through bool) ([]record.Act, error) {
	if !t.Waiting() {
		return nil, errState
	}
	w := t.pending
	if !through {
		t.pending = waiting{}
		return nil, save(tx, *t)
	}
	origins, err := ts.Lineage(tx, w.Document.refs())
	if err != nil {
		return nil, err
	}
	acts, err := ts.release(tx, t, w, origins)
	if err != nil {
		return nil, err
	}
	by, err := author(tx, w.Author)
	for i := range acts {
		acts[i].By = by
	}
	return acts, err
}

// author is how the record names who published something, whoever lets it through.
func author(tx *db.Tx, person string) (*record.Actor, error) {
	by := &record.Actor{Role: string(plaza.Member)}
	if person == "" {
		return by, nil
	}
	p, err := account.ByID(tx, person)
	if err != nil && plaza.KindOf(err) == plaza.NotFound {
		return by, nil
	}
	by.Ref = p.Pseudonym
	return by, err
}
