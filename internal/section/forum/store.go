package forum

import (
	"fmt"
	"time"

	"plaza/internal/base/db"
	"plaza/internal/civic/institution"
	"plaza/internal/civic/moderation"
	"plaza/internal/civic/record"
	"plaza/internal/plaza"
)

const columns = `id, slug, comment_id, title, institution, theme, standing, created_at`

func scan(scan func(...any) error) (t Thread, err error) {
	err = scan(&t.ID, &t.Slug, &t.Comment, &t.Title, &t.Institution, &t.Theme, &t.Standing, &t.Created)
	return t, err
}

func one(row *db.Row) (Thread, error) {
	t, err := scan(row.Scan)
	if err != nil && plaza.KindOf(err) == plaza.NotFound {
		return t, plaza.E(plaza.NotFound, "forum.error.not_found")
	}
	return t, err
}

func byID(tx *db.Tx, id string) (Thread, error) {
	return one(tx.Row(`SELECT `+columns+` FROM forum_threads WHERE id = $1`, id))
}

func bySlug(tx *db.Tx, slug string) (Thread, error) {
	return one(tx.Row(`SELECT `+columns+` FROM forum_threads WHERE slug = $1`, slug))
}

func byNonce(tx *db.Tx, nonce string) (Thread, error) {
	return one(tx.Row(`SELECT `+columns+` FROM forum_threads WHERE nonce = $1`, nonce))
}

func insert(tx *db.Tx, t Thread, nonce string) error {
	_, err := tx.Exec(`INSERT INTO forum_threads (`+columns+`, nonce) VALUES (`+db.Placeholders(1, 9)+`)`,
		t.ID, t.Slug, t.Comment, t.Title, t.Institution, t.Theme, t.Standing, t.Created, nonce)
	if err != nil {
		return fmt.Errorf("storing a thread: %w", err)
	}
	return nil
}

// Filter chooses public threads; zero fields choose all.
type Filter struct {
	Institution string // id
	Theme       string
}

// Key is a place in the list of threads; the zero Key is its beginning.
type Key struct {
	At time.Time `json:"at"`
	ID string    `json:"id"`
}

func (f Filter) where(from int) (string, []any) {
	where, args := ``, []any{}
	if f.Institution != "" {
		args = append(args, f.Institution)
		where += fmt.Sprintf(` AND institution = $%d`, from+len(args)-1)
	}
	if f.Theme != "" {
		args = append(args, f.Theme)
		where += fmt.Sprintf(` AND theme = $%d AND theme <> ''`, from+len(args)-1)
	}
	return where, args
}

// list are public threads, newest first, at most limit after a place.
func list(tx *db.Tx, f Filter, after Key, limit int) ([]Thread, error) {
	where, args := f.where(2)
	args = append([]any{limit}, args...)
	if after.ID != "" {
		where += fmt.Sprintf(` AND (created_at, id) < ($%d, $%d)`, len(args)+1, len(args)+2)
		args = append(args, after.At, after.ID)
	}
	return db.All(tx, scan, `SELECT `+columns+`
		FROM forum_threads
		WHERE standing = 'public'`+where+`
		ORDER BY created_at DESC, id DESC
		LIMIT $1`, args...)
}

// count is how many public threads a filter chooses.
func count(tx *db.Tx, f Filter) (n int, err error) {
	where, args := f.where(1)
	err = tx.Row(`SELECT COUNT(id) FROM forum_threads WHERE standing = 'public'`+where, args...).Scan(&n)
	return n, err
}

// Cards makes cards of threads, which lie within their institution and theme. It runs two
// statements. Of those that are not public only that there is a thread is shown.
func Cards(tx *db.Tx, refs []plaza.Ref) (map[plaza.Ref]plaza.Card, error) {
	var ids []string
	for _, r := range refs {
		if r.Kind == Kind {
			ids = append(ids, r.ID)
		}
	}
	out := map[plaza.Ref]plaza.Card{}
	if len(ids) == 0 {
		return out, nil
	}
	all, err := db.All(tx, scan, `SELECT `+columns+` FROM forum_threads WHERE id IN (`+db.Placeholders(1, len(ids))+`)`, db.Args(ids)...)
	if err != nil {
		return nil, err
	}
	var bodies []string
	for _, t := range all {
		if t.Institution != "" {
			bodies = append(bodies, t.Institution)
		}
	}
	owners, err := institution.ByIDs(tx, bodies)
	for _, t := range all {
		out[t.Ref()] = card(t, owners[t.Institution])
	}
	return out, err
}

// card is a thread's. What is said in one whose beginning is hidden or was taken back
// stays; its title goes.
func card(t Thread, owner institution.Institution) plaza.Card {
	title := t.Title
	if t.Standing == moderation.Hidden || t.Standing == moderation.Removed {
		title = "#" + t.ID[len(t.ID)-6:] // as its address ends
	}
	k := plaza.Card{Ref: t.Ref(), Title: title, Path: t.Path(), Institution: t.Institution, Modified: t.Created, Visible: true, Owner: owner.Name}
	if owner.ID != "" {
		k.OwnerPath = owner.Path()
	}
	if t.Institution != "" {
		k.Within = append(k.Within, plaza.Ref{Kind: institution.Kind, ID: t.Institution})
	}
	if t.Theme != "" {
		k.Within = append(k.Within, plaza.Ref{Kind: kindTheme, ID: t.Theme})
	}
	return k
}

// Mover moves threads to the successor of the institution to which they are addressed.
func Mover() institution.Mover {
	return institution.Mover{
		Key: "threads",
		Count: func(tx *db.Tx, from string) (n int, err error) {
			err = tx.Row(`SELECT COUNT(id) FROM forum_threads WHERE institution = $1`, from).Scan(&n)
			return n, err
		},
		Move: func(tx *db.Tx, from, to string) ([]record.Act, error) {
			_, err := tx.Exec(`UPDATE forum_threads SET institution = $1
				WHERE id IN (SELECT id FROM forum_threads WHERE institution = $2 ORDER BY id LIMIT $3)`, to, from, institution.MaxPiece)
			return nil, err
		},
	}
}
