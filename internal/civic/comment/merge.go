package comment

import (
	"fmt"
	"slices"
	"strings"

	"plaza/internal/base/db"
	"plaza/internal/civic/institution"
	"plaza/internal/civic/moderation"
	"plaza/internal/civic/record"
	"plaza/internal/plaza"
)

// closed reports whether the comment begins a thread that takes no more answers.
func (c Comment) closed() bool { return c.Root == "" && !c.Locked.IsZero() }

// pinTries is how often a thread may be merged away under a transaction that wants it.
const pinTries = 8

// pin is a comment and the root of its thread, its own for a root, as they stay until the
// transaction ends: whoever merges, parts, answers or moderates in that thread meanwhile
// waits.
func pin(tx *db.Tx, id string) (c, root Comment, err error) {
	if c, err = ByID(tx, id); err != nil {
		return c, root, err
	}
	for range pinTries {
		// an update of nothing is the lock that both engines have
		if root, err = scan(tx.Row(`UPDATE comments SET root_id = root_id WHERE id = $1 RETURNING `+columns, c.Thread()).Scan); err != nil {
			return c, root, fmt.Errorf("the thread of comment %s: %w", id, err)
		}
		if c, err = ByID(tx, id); err != nil || c.Thread() == root.ID && root.Root == "" {
			return c, root, err
		}
	}
	return c, root, plaza.E(plaza.Conflict, "comment.error.state")
}

// pinBoth pins two comments, always in one order, so that nobody waits for who waits for
// them. One that does not exist is the zero Comment.
func pinBoth(tx *db.Tx, a, b string) (first, second Comment, err error) {
	list, err := byIDs(tx, []string{a, b})
	if err != nil {
		return first, second, err
	}
	slices.SortFunc(list, func(x, y Comment) int { return strings.Compare(x.Thread(), y.Thread()) })
	found := map[string]Comment{}
	for _, c := range list {
		if found[c.ID], _, err = pin(tx, c.ID); err != nil {
			return first, second, err
		}
	}
	return found[a], found[b], nil
}

// pinThreads pins the threads of comments, in pinBoth's order, where several write at
// once: whoever changes comments of many threads has them one after another too.
func pinThreads(tx *db.Tx, ids []string) error {
	if tx.Engine() != db.PostgreSQL {
		return nil // one writes at a time
	}
	list, err := byIDs(tx, ids)
	if err != nil || len(list) == 0 {
		return err
	}
	threads := make([]string, len(list))
	for i, c := range list {
		threads[i] = c.Thread()
	}
	slices.Sort(threads)
	threads = slices.Compact(threads)
	_, err = db.All(tx, db.Column[string], `SELECT id FROM comments
		WHERE id IN (`+db.Placeholders(1, len(threads))+`)
		ORDER BY id COLLATE "C"
		FOR UPDATE`, db.Args(threads)...)
	return err
}

// merge puts a thread into another of the same institution. The root that is merged has
// to be a public one; what is wrong with the other is Invalid at the moderator's field.
func (cs *Comments) merge(tx *db.Tx, from, into string) ([]record.Act, error) {
	c, to, err := pinBoth(tx, from, into)
	if err != nil {
		return nil, err
	}
	if c.Root != "" || c.State != moderation.Public {
		return nil, plaza.E(plaza.Conflict, "comment.error.state")
	}
	if why := to.refuses(c); why != "" {
		return nil, moderation.NoMerge(why)
	}
	if c.On != to.On {
		cards, err := cs.Cards(tx, []plaza.Ref{c.On, to.On})
		if err != nil {
			return nil, err
		}
		switch {
		case !cards[to.On].Visible:
			return nil, moderation.NoMerge("gone")
		case cards[c.On].Institution != cards[to.On].Institution:
			return nil, moderation.NoMerge("institution")
		}
	}
	if _, err := tx.Exec(`UPDATE comments
		SET root_id = $2, on_kind = $3, on_id = $4, merged_into = CASE WHEN id = $1 THEN $2 ELSE merged_into END,
			home_id = CASE home_id WHEN '' THEN $1 ELSE home_id END,
			home_kind = CASE home_id WHEN '' THEN on_kind ELSE home_kind END,
			home_on = CASE home_id WHEN '' THEN on_id ELSE home_on END
		WHERE id = $1 OR root_id = $1`, c.ID, to.ID, to.On.Kind, to.On.ID); err != nil {
		return nil, fmt.Errorf("merging thread %s: %w", c.ID, err)
	}
	merged := act("comment.merged", c)
	merged.Payload = facts{Comment: c.ID, On: c.On.String(), Official: c.Official(), Into: to.ID}
	return []record.Act{merged}, nil
}

// refuses is why no thread can be merged into a comment's, "" when one can.
func (c Comment) refuses(other Comment) string {
	switch {
	case c.ID == other.ID:
		return "itself"
	case !c.placed():
		return "gone" // whether it waits for review is nobody's to know from here
	case c.Merged != "":
		return "merged"
	case c.Root != "":
		return "reply"
	case c.State != moderation.Public:
		return string(c.State)
	case c.closed():
		return "locked"
	}
	return ""
}

// split parts a thread from the one into which it was merged: what was said in it, and in
// those that had been merged into it, goes back to where it stood. What was answered
// meanwhile stays with what it answered.
func (cs *Comments) split(tx *db.Tx, id string) ([]record.Act, error) {
	c, root, err := pin(tx, id)
	if err != nil {
		return nil, err
	}
	if c.Merged == "" {
		return nil, plaza.E(plaza.Conflict, "comment.error.state")
	}
	if _, err := tx.Exec(`WITH RECURSIVE parted (id) AS (
			SELECT id FROM comments WHERE id = $1
			UNION
			SELECT c.id FROM comments c JOIN parted p ON c.merged_into = p.id WHERE c.merged_into <> ''
		)
		UPDATE comments
		SET root_id = CASE WHEN id = $1 THEN '' ELSE $1 END, on_kind = $2, on_id = $3,
			merged_into = CASE WHEN id = $1 THEN '' ELSE merged_into END,
			home_id = CASE home_id WHEN $1 THEN '' ELSE home_id END,
			home_kind = CASE home_id WHEN $1 THEN '' ELSE home_kind END,
			home_on = CASE home_id WHEN $1 THEN '' ELSE home_on END
		WHERE home_id <> '' AND home_id IN (SELECT id FROM parted)`, c.ID, c.Home.On.Kind, c.Home.On.ID); err != nil {
		return nil, fmt.Errorf("parting thread %s: %w", c.ID, err)
	}
	for _, thread := range []string{c.ID, root.ID} {
		if err := attended(tx, thread); err != nil {
			return nil, err
		}
	}
	c.On = c.Home.On
	if c.Institution, err = cs.rehome(tx, c); err != nil {
		return nil, err
	}
	return []record.Act{act("comment.split", c)}, nil
}

// rehome gives what was parted to the institution that answers now for the object under
// which it stands again, and returns that: one of both objects may have gone to another
// while their threads were one. Under an institution's own page it is where that left it.
func (cs *Comments) rehome(tx *db.Tx, c Comment) (string, error) {
	if c.On.Kind == institution.Kind {
		return c.Institution, nil
	}
	cards, err := cs.Cards(tx, []plaza.Ref{c.On})
	if err != nil {
		return "", err
	}
	card, ok := cards[c.On]
	if !ok {
		return c.Institution, nil
	}
	return card.Institution, Rehome(tx, []plaza.Ref{c.On}, card.Institution)
}

// threads are the newest other threads of a comment's object into which its own can be
// merged.
func (cs *Comments) threads(tx *db.Tx, id string, limit int) ([]moderation.Post, error) {
	c, err := ByID(tx, id)
	if err != nil {
		return nil, err
	}
	list, err := roots(tx, c.On, Key{}, limit)
	if err != nil {
		return nil, err
	}
	return cs.asPosts(tx, slices.DeleteFunc(list, func(to Comment) bool { return to.refuses(c) != "" }))
}
