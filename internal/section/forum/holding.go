package forum

import (
	"time"

	"plaza/internal/base/db"
	"plaza/internal/civic/privacy"
	"plaza/internal/civic/record"
)

// Holding is what the forum keeps of people besides their comments: what they called the
// threads that they began, which stays when they go, as what they said does.
func Holding() privacy.Holding {
	return privacy.Holding{Key: "forum", Data: []privacy.Datum{{Key: "forum_thread", Point: Point}}, Export: export,
		Erase: func(*db.Tx, string) ([]record.Act, error) { return nil, nil }}
}

type given struct {
	Title string    `json:"title"`
	Path  string    `json:"path"`
	Sent  time.Time `json:"sent"`
}

func export(tx *db.Tx, person string) (any, error) {
	all, err := db.All(tx, func(scan func(...any) error) (g given, err error) {
		err = scan(&g.Title, &g.Path, &g.Sent)
		g.Path = Path + "/" + g.Path
		return g, err
	}, `SELECT t.title, t.slug, t.created_at
		FROM forum_threads t
		JOIN comments c ON c.id = t.comment_id
		WHERE c.author_id = $1
		ORDER BY t.id`, person)
	if err != nil || len(all) == 0 {
		return nil, err
	}
	return all, nil
}
