package comment

import (
	"cmp"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"

	"plaza/internal/base/db"
	"plaza/internal/civic/institution"
	"plaza/internal/civic/moderation"
	"plaza/internal/plaza"
)

const columns = `id, on_kind, on_id, root_id, merged_into, home_id, home_kind, home_on, institution, moved_from, author_id, voice, body, version, pending, state,
	locked_at, attention, attended_at, attended_by, attended_with, said_at, published_at, edited_at`

func scan(scan func(...any) error) (c Comment, err error) {
	var voice string
	err = scan(&c.ID, &c.On.Kind, &c.On.ID, &c.Root, &c.Merged, &c.Home.Root, &c.Home.On.Kind, &c.Home.On.ID, &c.Institution, &c.MovedFrom, &c.Author, &voice, &c.Body, &c.Version,
		&c.Pending, &c.State, &c.Locked, &c.Attention, &c.Attended.At, &c.Attended.By, &c.Attended.With,
		&c.At, &c.Published, &c.Edited)
	if err == nil && voice != "" {
		if err := json.Unmarshal([]byte(voice), &c.Voice); err != nil {
			return c, fmt.Errorf("the voice of comment %s: %w", c.ID, err)
		}
	}
	return c, err
}

// voiceText is a voice as it is kept.
func voiceText(v institution.Voice) (string, error) {
	if v.Own() {
		return "", nil
	}
	raw, err := json.Marshal(v)
	return string(raw), err
}

// ByID returns a comment in any state; NotFound when there is none. Who may see it is
// for the caller to ask: Seen.
func ByID(tx *db.Tx, id string) (Comment, error) {
	c, err := scan(tx.Row(`SELECT `+columns+` FROM comments WHERE id = $1`, id).Scan)
	if err != nil && plaza.KindOf(err) == plaza.NotFound {
		return c, plaza.E(plaza.NotFound, "comment.error.not_found")
	}
	return c, err
}

// byIDs returns comments in any state, by id.
func byIDs(tx *db.Tx, ids []string) ([]Comment, error) {
	if len(ids) == 0 {
		return nil, nil
	}
	return db.All(tx, scan, `SELECT `+columns+` FROM comments WHERE id IN (`+db.Placeholders(1, len(ids))+`)`, db.Args(ids)...)
}

// ByIDs returns the public ones of some comments, in no order.
func ByIDs(tx *db.Tx, ids []string) ([]Comment, error) {
	list, err := byIDs(tx, ids)
	return slices.DeleteFunc(list, func(c Comment) bool { return c.State != moderation.Public }), err
}

// Answers are how many public answers comments have, by their ids; those without any are
// left out.
func Answers(tx *db.Tx, ids []string) (map[string]int, error) {
	out := map[string]int{}
	if len(ids) == 0 {
		return out, nil
	}
	_, err := db.All(tx, func(scan func(...any) error) (struct{}, error) {
		var id string
		var n int
		err := scan(&id, &n)
		out[id] = n
		return struct{}{}, err
	}, `SELECT root_id, COUNT(id)
		FROM comments
		WHERE root_id IN (`+db.Placeholders(1, len(ids))+`) AND root_id <> '' AND state = 'public'
		GROUP BY root_id`, db.Args(ids)...)
	return out, err
}

// placed are the states in which a comment has a place in its thread: of those that
// are hidden or were taken back, the place says so.
const placed = `state <> 'held' AND state <> 'refused'`

// placed reports whether the comment has a place in its thread.
func (c Comment) placed() bool {
	return c.State == moderation.Public || c.State == moderation.Hidden || c.State == moderation.Removed
}

// waitingOf is how many comments of a person wait for review under an object.
func waitingOf(tx *db.Tx, person string, on plaza.Ref) (n int, err error) {
	if person == "" {
		return 0, nil
	}
	err = tx.Row(`SELECT COUNT(*)
		FROM comments
		WHERE author_id = $1 AND on_kind = $2 AND on_id = $3 AND state = 'held'`, person, on.Kind, on.ID).Scan(&n)
	return n, err
}

// Key is a place in a list of comments; the zero Key is its beginning.
type Key struct {
	At time.Time `json:"at"`
	ID string    `json:"id"`
}

// keyOf is a comment's place.
func keyOf(c Comment) Key { return Key{c.At, c.ID} }

// beyond is the condition on what comes after a place, given as the arguments from and
// from+1.
func beyond(k Key, order string, from int) string {
	if k.ID == "" {
		return ``
	}
	sign := `>`
	if order == descending {
		sign = `<`
	}
	return fmt.Sprintf(` AND (said_at, id) %s ($%d, $%d)`, sign, from, from+1)
}

const (
	ascending  = `ASC`
	descending = `DESC`
)

func (k Key) args() []any {
	if k.ID == "" {
		return nil
	}
	return []any{k.At, k.ID}
}

// roots are the comments of an object that answer none, newest first, with those whose
// thread was merged into another: their places are to say so.
func roots(tx *db.Tx, on plaza.Ref, after Key, limit int) (list []Comment, err error) {
	args := append([]any{on.Kind, on.ID, limit}, after.args()...)
	for _, where := range []string{`on_kind = $1 AND on_id = $2 AND root_id = ''`, `home_kind = $1 AND home_on = $2 AND merged_into <> ''`} {
		more, err := db.All(tx, scan, `SELECT `+columns+`
			FROM comments
			WHERE `+where+` AND `+placed+beyond(after, descending, 4)+`
			ORDER BY said_at DESC, id DESC
			LIMIT $3`, args...)
		if err != nil {
			return nil, err
		}
		list = append(list, more...)
	}
	slices.SortFunc(list, func(a, b Comment) int { return cmp.Or(b.At.Compare(a.At), strings.Compare(b.ID, a.ID)) })
	return list[:min(limit, len(list))], nil
}

// answers are those to one comment, oldest first.
func answers(tx *db.Tx, root string, after Key, limit int) ([]Comment, error) {
	args := append([]any{root, limit}, after.args()...)
	return db.All(tx, scan, `SELECT `+columns+`
		FROM comments
		WHERE root_id = $1 AND `+placed+beyond(after, ascending, 3)+`
		ORDER BY said_at, id
		LIMIT $2`, args...)
}

// firstAnswers are the first answers to each of several comments, oldest first, and
// how many each has, in one statement.
func firstAnswers(tx *db.Tx, roots []Comment, each int) (map[string][]Comment, map[string]int, error) {
	first, counts := map[string][]Comment{}, map[string]int{}
	if len(roots) == 0 {
		return first, counts, nil
	}
	args := []any{each}
	for _, r := range roots {
		args = append(args, r.ID)
	}
	_, err := db.All(tx, func(read func(...any) error) (struct{}, error) {
		var count int
		c, err := scan(func(dest ...any) error { return read(append(dest, &count)...) })
		first[c.Root] = append(first[c.Root], c)
		counts[c.Root] = count
		return struct{}{}, err
	}, `SELECT `+columns+`, count
		FROM (
			SELECT `+columns+`,
				ROW_NUMBER() OVER (PARTITION BY root_id ORDER BY said_at, id) AS place,
				COUNT(id) OVER (PARTITION BY root_id) AS count
			FROM comments
			WHERE root_id IN (`+db.Placeholders(2, len(roots))+`) AND `+placed+`
		) AS numbered
		WHERE place <= $1
		ORDER BY root_id, place`, args...)
	return first, counts, err
}

// publicEverywhere are all public comments and answers, newest first.
func publicEverywhere(tx *db.Tx, after Key, limit int) ([]Comment, error) {
	return db.All(tx, scan, `SELECT `+columns+`
		FROM comments
		WHERE state = 'public'`+beyond(after, descending, 2)+`
		ORDER BY said_at DESC, id DESC
		LIMIT $1`, append([]any{limit}, after.args()...)...)
}

// countEverywhere is how many public comments and answers there are.
func countEverywhere(tx *db.Tx) (n int, err error) {
	err = tx.Row(`SELECT COUNT(id) FROM comments WHERE state = 'public'`).Scan(&n)
	return n, err
}

// Count is how many public comments and answers an object has.
func Count(tx *db.Tx, on plaza.Ref) (n int, err error) {
	err = tx.Row(`SELECT COUNT(id) FROM comments WHERE on_kind = $1 AND on_id = $2 AND state = 'public'`,
		on.Kind, on.ID).Scan(&n)
	return n, err
}

// public are the public comments and answers of an object, newest first.
func public(tx *db.Tx, on plaza.Ref, after Key, limit int) ([]Comment, error) {
	args := append([]any{on.Kind, on.ID, limit}, after.args()...)
	return db.All(tx, scan, `SELECT `+columns+`
		FROM comments
		WHERE on_kind = $1 AND on_id = $2 AND state = 'public'`+beyond(after, descending, 4)+`
		ORDER BY said_at DESC, id DESC
		LIMIT $3`, args...)
}

// latestOf are the public comments about what an institution answers for, newest first.
func latestOf(tx *db.Tx, institution string, limit int) ([]Comment, error) {
	return db.All(tx, scan, `SELECT `+columns+`
		FROM comments
		WHERE institution = $1 AND state = 'public'
		ORDER BY said_at DESC, id DESC
		LIMIT $2`, institution, limit)
}

// Of are the comments that a person wrote, in any state, newest first; before is the
// id of the last one of the page before, or "".
func Of(tx *db.Tx, author, before string, limit int) ([]Comment, error) {
	if author == "" {
		return nil, nil
	}
	query, args := ``, []any{author, limit}
	if before != "" {
		query, args = ` AND id < $3`, append(args, before)
	}
	return db.All(tx, scan, `SELECT `+columns+`
		FROM comments
		WHERE author_id = $1`+query+`
		ORDER BY id DESC
		LIMIT $2`, args...)
}

// Version is what a comment said until it was edited.
type Version struct {
	Comment string
	Number  int
	Body    string
	At      time.Time // when it was written
}

func scanVersion(scan func(...any) error) (v Version, err error) {
	err = scan(&v.Comment, &v.Number, &v.Body, &v.At)
	return v, err
}

// versions are the earlier versions of comments, oldest first.
func versions(tx *db.Tx, ids ...string) ([]Version, error) {
	if len(ids) == 0 {
		return nil, nil
	}
	return db.All(tx, scanVersion, `SELECT comment_id, version, body, written_at
		FROM comment_versions
		WHERE comment_id IN (`+db.Placeholders(1, len(ids))+`)
		ORDER BY comment_id, version`, db.Args(ids)...)
}
