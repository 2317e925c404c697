package comment

import (
	"fmt"
	"slices"

	"plaza/internal/base/db"
	"plaza/internal/plaza"
)

// shownJoins is how many of the threads that were merged into one are told of by
// themselves.
const shownJoins = 5

// elsewhere are the cards of the objects other than the page's own under which threads
// stood that were merged, or stand now.
func (cs *Comments) elsewhere(tx *db.Tx, on plaza.Ref, lists ...[]Comment) (map[plaza.Ref]plaza.Card, error) {
	var refs []plaza.Ref
	for _, c := range slices.Concat(lists...) {
		for _, ref := range []plaza.Ref{c.On, c.Home.On} {
			if c.Merged != "" && ref != on && !slices.Contains(refs, ref) {
				refs = append(refs, ref)
			}
		}
	}
	if len(refs) == 0 {
		return nil, nil
	}
	return cs.Cards(tx, refs)
}

// said is a sentence about a thread that stands or stood under the object of the page, or
// under another, which has a title.
func (t *teller) said(key, title string, args ...any) string {
	if title != "" {
		key, args = key+".elsewhere", append(args, "title", title)
	}
	return t.l.T(key, args...)
}

// place says where a thread is now on the place where it stood.
func (t *teller) place(c Comment) line {
	return line{L: t.l, ID: c.ID + "-lugar", Path: c.Path(), Moved: c.Path(), Gone: t.said("comment.place.merged", t.there[c.On].Title)}
}

// joined is what was merged into a thread from one other: the root of that, and how many
// comments.
type joined struct {
	Comment
	count int
}

// joinedTo is what was merged into some threads, the first said first.
func joinedTo(tx *db.Tx, roots []string, on plaza.Ref) ([]joined, error) {
	return db.All(tx, func(scan func(...any) error) (j joined, err error) {
		j.On = on
		err = scan(&j.Merged, &j.ID, &j.Home.On.Kind, &j.Home.On.ID, &j.count)
		return j, err
	}, `SELECT root_id, home_id, home_kind, home_on, COUNT(id)
		FROM comments
		WHERE root_id IN (`+db.Placeholders(1, len(roots))+`) AND home_id <> '' AND `+placed+`
		GROUP BY root_id, home_id, home_kind, home_on
		ORDER BY MIN(said_at), home_id`, db.Args(roots)...)
}

// joins says of each thread of an object's page what was merged into it, in one statement
// besides the cards of other objects.
func (t *teller) joins(tx *db.Tx, on plaza.Ref, lines []line) error {
	at, rest := map[string]*line{}, map[string]int{}
	var ids []string
	for i, l := range lines {
		if l.Moved == "" {
			at[l.ID], ids = &lines[i], append(ids, l.ID)
		}
	}
	if len(ids) == 0 {
		return nil
	}
	all, err := joinedTo(tx, ids, on)
	if err != nil {
		return fmt.Errorf("what was merged: %w", err)
	}
	homes := make([]Comment, len(all))
	for i, j := range all {
		homes[i] = j.Comment
	}
	cards, err := t.cs.elsewhere(tx, on, homes)
	if err != nil {
		return err
	}
	for _, j := range all {
		if l := at[j.Merged]; len(l.Joins) < shownJoins {
			l.Joins = append(l.Joins, join{t.said("comment.joins", cards[j.Home.On].Title, "count", j.count), j.Path()})
		} else {
			rest[j.Merged] += j.count
		}
	}
	for id, n := range rest {
		at[id].Joins = append(at[id].Joins, join{Text: t.l.T("comment.joins.rest", "count", n)})
	}
	return nil
}
