package comment

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"

	"plaza/internal/base/db"
	"plaza/internal/base/text"
	"plaza/internal/civic/account"
	"plaza/internal/civic/institution"
	"plaza/internal/plaza"
)

// Names are not unique here, so that nobody is called by name alone: a handle is the
// name's slug, among those who took part in one conversation, in the order in which
// they came ("@ana-lopez", "@ana-lopez-2"). The institution's comes first, so that
// nobody can be called like it.

// named is somebody who can be mentioned under an object.
type named struct {
	ID          string
	Handle      string
	Institution bool
}

const (
	maxNamed  = 500 // people of one conversation who can be mentioned
	maxHandle = 60  // bytes
)

// participants are those who can be mentioned under an object, the institution first.
func participants(tx *db.Tx, on plaza.Card) ([]named, error) {
	var all []named
	if on.Institution != "" {
		i, err := institution.ByID(tx, on.Institution)
		if err != nil {
			return nil, fmt.Errorf("whom one can mention: %w", err)
		}
		all = append(all, named{ID: i.ID, Handle: text.Slug(i.Slug, maxHandle), Institution: true})
	}
	ids, err := db.All(tx, db.Column[string], `SELECT author_id
		FROM comments
		WHERE on_kind = $1 AND on_id = $2 AND state = 'public' AND author_id <> ''
		GROUP BY author_id
		ORDER BY MIN(said_at), author_id
		LIMIT $3`, on.Ref.Kind, on.Ref.ID, maxNamed)
	if err != nil {
		return nil, err
	}
	names, err := account.Names(tx, ids)
	if err != nil {
		return nil, err
	}
	taken := map[string]bool{}
	for _, n := range all {
		taken[n.Handle] = true
	}
	for _, id := range ids {
		base := text.Slug(names[id], maxHandle)
		handle := base
		for n := 2; taken[handle]; n++ {
			handle = base + "-" + strconv.Itoa(n)
		}
		if base != "" {
			taken[handle] = true
			all = append(all, named{ID: id, Handle: handle})
		}
	}
	return all, nil
}

// mentioning is an @ that is no part of an address of mail or of the web, and a handle.
var mentioning = regexp.MustCompile(`(?:^|[^\pL\pN_./@-])@([\pL\pN][\pL\pN-]*)`)

// mentioned are those whom a text names, each once.
func mentioned(tx *db.Tx, on plaza.Card, body string) ([]named, error) {
	found := mentioning.FindAllStringSubmatch(body, -1)
	if len(found) == 0 {
		return nil, nil
	}
	all, err := participants(tx, on)
	if err != nil {
		return nil, err
	}
	byHandle := map[string]named{}
	for _, n := range all {
		byHandle[n.Handle] = n
	}
	var out []named
	for _, m := range found {
		if n, ok := byHandle[text.Slug(m[1], maxHandle+4)]; ok && !slices.Contains(out, n) {
			out = append(out, n)
		}
	}
	if len(out) > MaxMentions {
		return nil, wrong("texto", "comment.error.mentions", map[string]any{"max": MaxMentions})
	}
	return out, nil
}

// keepMentions keeps whom a comment names.
func keepMentions(tx *db.Tx, id string, list []named) error {
	for _, n := range list {
		body := 0
		if n.Institution {
			body = 1
		}
		if _, err := tx.Exec(`INSERT INTO comment_mentions (comment_id, named_id, institution) VALUES ($1, $2, $3)`, id, n.ID, body); err != nil {
			return fmt.Errorf("keeping whom comment %s names: %w", id, err)
		}
	}
	return nil
}
