package comment

import (
	"fmt"
	"time"

	"plaza/internal/base/db"
	"plaza/internal/civic/moderation"
	"plaza/internal/civic/privacy"
	"plaza/internal/civic/record"
)

// Point is where personal data is collected: the notice of the form for a comment.
const Point = "comment"

// Holding is what is kept about people who comment. When one goes, what they said in
// public stays, without their name; what nobody ever saw goes.
func Holding() privacy.Holding {
	return privacy.Holding{
		Key:    "comment",
		Data:   []privacy.Datum{{Key: "comment", Point: Point}, {Key: "comment_mention", Point: Point}, {Key: "comment_attended", Point: "office"}},
		Export: export, Erase: erase,
	}
}

// given is a comment as its author gets it.
type given struct {
	ID       string         `json:"id"`
	On       string         `json:"on"`
	SaidOn   string         `json:"said_on,omitempty"` // where it stood before a moderator merged its thread into another
	State    string         `json:"state"`
	Text     string         `json:"text"`
	Pending  string         `json:"pending,omitempty"`
	Sent     time.Time      `json:"sent"`
	Edited   *time.Time     `json:"edited,omitempty"`
	Versions []givenVersion `json:"versions,omitempty"`
}

type givenVersion struct {
	Text    string    `json:"text"`
	Written time.Time `json:"written"`
}

// exportPage is how many comments are read at a time.
const exportPage = 500

// export is everything that a person wrote.
func export(tx *db.Tx, person string) (any, error) {
	var all []given
	for before := ""; ; {
		page, err := Of(tx, person, before, exportPage)
		if err != nil {
			return nil, err
		}
		ids := make([]string, len(page))
		for i, c := range page {
			ids[i] = c.ID
		}
		earlier, err := versions(tx, ids...)
		if err != nil {
			return nil, err
		}
		of := map[string][]givenVersion{}
		for _, v := range earlier {
			of[v.Comment] = append(of[v.Comment], givenVersion{v.Body, v.At})
		}
		for _, c := range page {
			g := given{ID: c.ID, On: c.On.String(), State: string(c.State), Text: c.Body, Pending: c.Pending, Sent: c.At, Versions: of[c.ID]}
			if c.Home.Root != "" {
				g.SaidOn = c.Home.On.String()
			}
			if !c.Edited.IsZero() {
				g.Edited = &c.Edited
			}
			all = append(all, g)
		}
		if len(page) < exportPage {
			break
		}
		before = page[len(page)-1].ID
	}
	if all == nil {
		return nil, nil
	}
	return all, nil
}

// erase takes a person out of what was said.
func erase(tx *db.Tx, person string) ([]record.Act, error) {
	for _, step := range []struct {
		what, query string
		args        []any
	}{
		{"what was named", `DELETE FROM comment_mentions WHERE named_id = $1 AND institution = 0`, []any{person}},
		{"what nobody saw", `DELETE FROM comments WHERE author_id = $1 AND published_at IS NULL`, []any{person}},
		{"versions of what was taken back", `DELETE FROM comment_versions
			WHERE comment_id IN (SELECT id FROM comments WHERE author_id = $1 AND state = $2)`, []any{person, moderation.Removed}},
		{"what was taken back", `UPDATE comments SET body = '' WHERE author_id = $1 AND state = $2`, []any{person, moderation.Removed}},
		// the nonce is made with the person's id; the comment's own is as unique
		{"authorship", `UPDATE comments SET author_id = '', pending = '', nonce = id WHERE author_id = $1`, []any{person}},
		{"what was attended", `UPDATE comments SET attended_by = '' WHERE attended_by = $1`, []any{person}},
	} {
		if _, err := tx.Exec(step.query, step.args...); err != nil {
			return nil, fmt.Errorf("erasing %s: %w", step.what, err)
		}
	}
	return nil, nil
}
