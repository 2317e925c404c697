package comment

import (
	"fmt"
	"maps"
	"slices"
	"time"

	"plaza/internal/base/db"
	"plaza/internal/civic/access"
	"plaza/internal/civic/institution"
	"plaza/internal/civic/moderation"
	"plaza/internal/civic/record"
	"plaza/internal/civic/search"
	"plaza/internal/plaza"
)

// answerThread takes what was said in a thread until now as answered, when an official
// of the institution answers in it. again is for an answer that is shown again: of what
// was merged into the thread since, it may have answered nothing.
func answerThread(tx *db.Tx, c Comment, again bool) error {
	if !c.Official() || c.Root == "" || c.Voice.Institution != c.Institution {
		return nil
	}
	which, args := ``, []any{tx.Now, c.Author, c.ID, c.Root, c.At}
	if again {
		which, args = ` AND home_id = $6`, append(args, c.Home.Root)
	}
	if _, err := tx.Exec(`UPDATE comments
		SET attention = 'answered', attended_at = $1, attended_by = $2, attended_with = $3
		WHERE (id = $4 OR root_id = $4) AND state = 'public' AND attention = 'open' AND said_at <= $5`+which, args...); err != nil {
		return fmt.Errorf("taking thread %s as answered: %w", c.Root, err)
	}
	return nil
}

// attended settles what is taken as answered in a thread when something left it that
// may have answered: another official answer of the institution that came later takes its
// place, among what was said in one thread from the beginning, and what has none is open.
func attended(tx *db.Tx, root string) error {
	const bereft = `(id = $1 OR root_id = $1) AND attention = 'answered'
		AND attended_with NOT IN (SELECT o.id FROM comments o WHERE o.root_id = $1 AND o.state = 'public')`
	officials, err := db.All(tx, scan, `SELECT `+columns+`
		FROM comments
		WHERE root_id = $1 AND state = 'public' AND voice <> '' AND `+placed+`
		ORDER BY said_at DESC, id DESC`, root)
	if err != nil {
		return err
	}
	settled := map[string]bool{}
	for _, other := range officials {
		if settled[other.Home.Root] || other.Voice.Institution != other.Institution {
			continue
		}
		settled[other.Home.Root] = true
		if _, err := tx.Exec(`UPDATE comments
			SET attended_at = $2, attended_by = $3, attended_with = $4
			WHERE `+bereft+` AND said_at <= $5 AND home_id = $6`,
			root, tx.Now, other.Author, other.ID, other.At, other.Home.Root); err != nil {
			return fmt.Errorf("what another answer in thread %s attends to: %w", root, err)
		}
	}
	if _, err := tx.Exec(`UPDATE comments
		SET attention = 'open', attended_at = NULL, attended_by = '', attended_with = ''
		WHERE `+bereft, root); err != nil {
		return fmt.Errorf("taking back what was answered in thread %s: %w", root, err)
	}
	return nil
}

// Mark says that comments in the inboxes of some institutions ("" is the coordination's)
// have been attended to, or takes that back, where the actor may; those that somebody
// else was faster with are left out. It returns how many it changed, and appends to the
// record, so it is the last thing a transaction does. At most record.MaxActs comments.
func Mark(tx *db.Tx, bodies, ids []string, attended bool) (int, error) {
	actor := plaza.ActorFrom(tx.Context())
	for _, body := range bodies {
		if err := access.Check(actor, access.CommentAttend, access.Object{Kind: Kind, Institution: body}); err != nil {
			return 0, err
		}
	}
	if len(ids) == 0 || len(bodies) == 0 {
		return 0, nil
	}
	if err := pinThreads(tx, ids); err != nil {
		return 0, err
	}
	verb, from, to, at, by := "comment.attended", Open, Marked, tx.Now, actor.PersonID
	if !attended {
		verb, from, to, at, by = "comment.reopened", Marked, Open, time.Time{}, ""
	}
	args := slices.Concat([]any{to, at, by, from}, db.Args(bodies), db.Args(ids))
	changed, err := db.All(tx, scan, `UPDATE comments
		SET attention = $1, attended_at = $2, attended_by = $3, attended_with = ''
		WHERE attention = $4 AND state = 'public' AND institution IN (`+db.Placeholders(5, len(bodies))+`)
			AND id IN (`+db.Placeholders(5+len(bodies), len(ids))+`)
		RETURNING `+columns, args...)
	if err != nil {
		return 0, fmt.Errorf("marking comments: %w", err)
	}
	acts := make([]record.Act, len(changed))
	for i, c := range changed {
		acts[i] = act(verb, c)
	}
	return len(acts), record.Append(tx, acts...)
}

// Attend takes a public comment as attended to because it became a case, which is answered
// within a time that everybody sees. Who acts for its institution attended to it; where
// its author did it, nobody. The act is for the caller to append to the record.
func Attend(tx *db.Tx, id string) ([]record.Act, error) {
	c, err := ByID(tx, id)
	if err != nil {
		if plaza.KindOf(err) == plaza.NotFound {
			err = nil // it is gone, and what it became is not
		}
		return nil, err
	}
	by, actor := "", plaza.ActorFrom(tx.Context())
	if actor.PersonID != c.Author && access.Can(actor, access.CommentAttend, access.Object{Kind: Kind, Institution: c.Institution}) {
		by = actor.PersonID
	}
	if err := pinThreads(tx, []string{id}); err != nil {
		return nil, err
	}
	changed, err := db.All(tx, scan, `UPDATE comments
		SET attention = 'marked', attended_at = $1, attended_by = $2, attended_with = ''
		WHERE id = $3 AND attention = 'open' AND state = 'public'
		RETURNING `+columns, tx.Now, by, id)
	if err != nil || len(changed) == 0 {
		return nil, err
	}
	return []record.Act{act("comment.attended", changed[0])}, nil
}

// Filter chooses what an inbox shows.
type Filter string

// The filters. Mine is what the reader attended to.
const (
	Waiting Filter = "sin-atender"
	Done    Filter = "atendidos"
	All     Filter = "todos"
	Mine    Filter = "mios"
)

// Inbox are the comments in the inboxes of some institutions, "" being the
// coordination's: what waits oldest first, all else newest first. person is who reads.
func Inbox(tx *db.Tx, bodies []string, f Filter, person string, after Key, limit int) ([]Comment, error) {
	order, condition := descending, ` AND attention <> 'none'`
	args := append([]any{limit}, db.Args(bodies)...)
	switch f {
	case Waiting:
		order, condition = ascending, ` AND attention = 'open'`
	case Done:
		condition = ` AND attention IN ('answered', 'marked')`
	case Mine:
		condition = ` AND attention <> 'none' AND attended_by = ` + db.Placeholders(len(args)+1, 1) + ` AND attended_by <> ''`
		args = append(args, person)
	}
	condition += beyond(after, order, len(args)+1)
	return db.All(tx, scan, `SELECT `+columns+`
		FROM comments
		WHERE institution IN (`+db.Placeholders(2, len(bodies))+`) AND state = 'public'`+condition+`
		ORDER BY said_at `+order+`, id `+order+`
		LIMIT $1`, append(args, after.args()...)...)
}

// counts are how many comments each filter shows.
func counts(tx *db.Tx, bodies []string, person string) (map[Filter]int, error) {
	var open, done, mine int
	err := tx.Row(`SELECT COUNT(CASE WHEN attention = 'open' THEN 1 END),
			COUNT(CASE WHEN attention <> 'open' THEN 1 END),
			COUNT(CASE WHEN attended_by = $1 AND attended_by <> '' THEN 1 END)
		FROM comments
		WHERE institution IN (`+db.Placeholders(2, len(bodies))+`) AND state = 'public' AND attention <> 'none'`,
		append([]any{person}, db.Args(bodies)...)...).Scan(&open, &done, &mine)
	return map[Filter]int{Waiting: open, Done: done, All: open + done, Mine: mine}, err
}

// Unattended is how many comments wait in an institution's inbox, "" for the
// coordination's, with those of institutions in whose place it answers.
func (cs *Comments) Unattended(tx *db.Tx, institution string) (int, error) {
	bodies, err := cs.inboxes(tx, institution)
	if err != nil {
		return 0, err
	}
	many, err := counts(tx, bodies, "")
	return many[Waiting], err
}

// inboxes are the institution's own inbox and those that it looks after now.
func (cs *Comments) inboxes(tx *db.Tx, institution string) ([]string, error) {
	bodies := []string{institution}
	if cs.StandsFor == nil {
		return bodies, nil
	}
	more, err := cs.StandsFor(tx, institution)
	return append(bodies, more...), err
}

// Rehome gives the comments under objects to the institution that answers for these now,
// "" for the coordination; each says where it came from. What moderators have of them
// goes along.
func Rehome(tx *db.Tx, on []plaza.Ref, to string) error {
	ids := map[string][]string{}
	for _, ref := range on {
		ids[ref.Kind] = append(ids[ref.Kind], ref.ID)
	}
	var docs []search.Doc
	var posts []plaza.Ref
	for _, kind := range slices.Sorted(maps.Keys(ids)) {
		for some := range slices.Chunk(ids[kind], institution.MaxPiece) {
			moved, err := db.All(tx, scan, rehomed(len(some))+` RETURNING `+columns, append([]any{to, kind}, db.Args(some)...)...)
			if err != nil {
				return fmt.Errorf("moving comments to %s: %w", to, err)
			}
			for _, c := range moved {
				posts = append(posts, c.Ref())
				if c.State == moderation.Public {
					docs = append(docs, doc(c))
				}
			}
		}
	}
	if len(posts) == 0 {
		return nil
	}
	if err := moderation.Rehome(tx, posts, to); err != nil {
		return err
	}
	return search.Put(tx, docs...)
}

// rehomed is the statement that gives what was said of so many objects of a kind to an
// institution: along comments_on, as a harvest may move ten thousand of them.
func rehomed(objects int) string {
	return `UPDATE comments SET moved_from = institution, institution = $1
		WHERE institution <> $1 AND on_kind = $2 AND on_id IN (` + db.Placeholders(3, objects) + `)`
}

// Mover moves what waits in the inbox of an institution that is no more; each comment
// says where it came from.
func Mover() institution.Mover {
	const waiting = `institution = $1 AND attention = 'open' AND state IN ('public', 'held', 'hidden')`
	return institution.Mover{
		Key: "comments",
		Count: func(tx *db.Tx, from string) (n int, err error) {
			err = tx.Row(`SELECT COUNT(*) FROM comments WHERE `+waiting, from).Scan(&n)
			return n, err
		},
		Move: func(tx *db.Tx, from, to string) ([]record.Act, error) {
			if _, err := tx.Exec(`UPDATE comments SET institution = $2, moved_from = $1
				WHERE id IN (SELECT id FROM comments WHERE `+waiting+` ORDER BY id LIMIT $3)`, from, to, institution.MaxPiece); err != nil {
				return nil, fmt.Errorf("moving what waits for %s: %w", from, err)
			}
			return nil, nil
		},
	}
}

// Unreplied are comments to which nobody official has replied, whether or not somebody
// marked them as attended to.
type Unreplied struct {
	Count  int
	Oldest time.Time // when the oldest was said
}

// UnrepliedOf are the comments without an official reply in the inboxes of some
// institutions, "" being the coordination's, by institution; nil is of all.
func UnrepliedOf(tx *db.Tx, bodies []string) (map[string]Unreplied, error) {
	which, args := ``, []any(nil)
	if bodies != nil {
		which, args = ` AND institution IN (`+db.Placeholders(1, len(bodies))+`)`, db.Args(bodies)
	}
	rows, err := tx.Query(`SELECT institution, COUNT(id), MIN(said_at)
		FROM comments
		WHERE state = 'public' AND attention IN ('open', 'marked')`+which+`
		GROUP BY institution`, args...)
	if err != nil {
		return nil, fmt.Errorf("counting comments without an official reply: %w", err)
	}
	defer rows.Close()
	out := map[string]Unreplied{}
	for rows.Next() {
		var body string
		var u Unreplied
		if err := rows.Scan(&body, &u.Count, &u.Oldest); err != nil {
			return nil, err
		}
		out[body] = u
	}
	return out, rows.Err()
}
