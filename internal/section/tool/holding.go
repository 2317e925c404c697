package tool

import (
	"encoding/json"
	"fmt"
	"time"

	"plaza/internal/base/db"
	"plaza/internal/civic/moderation"
	"plaza/internal/civic/privacy"
	"plaza/internal/civic/record"
)

// Holding is what is kept about people who make tools. When one goes, what they published
// stays, without their name; what nobody else ever saw goes.
func Holding() privacy.Holding {
	return privacy.Holding{Key: "tool", Data: []privacy.Datum{{Key: "tool", Point: Point}, {Key: "tool_draft", Point: Point}},
		Export: export, Erase: erasePerson}
}

// given is a tool as its owner gets it.
type given struct {
	Title     string         `json:"title"`
	Path      string         `json:"path,omitempty"`
	Standing  string         `json:"standing,omitempty"`
	Created   time.Time      `json:"created"`
	Versions  []givenVersion `json:"versions,omitempty"`
	Draft     any            `json:"draft,omitempty"`
	Withdrawn string         `json:"withdrawn,omitempty"`
}

type givenVersion struct {
	Number   int             `json:"number"`
	Note     string          `json:"note,omitempty"`
	At       time.Time       `json:"at"`
	Document json.RawMessage `json:"document"`
}

// exportPage is how many tools are read at once.
const exportPage = 100

func export(tx *db.Tx, person string) (any, error) {
	var all []given
	for before := ""; ; {
		page, err := Mine(tx, person, before, exportPage)
		if err != nil {
			return nil, err
		}
		for _, t := range page {
			g, err := giveTool(tx, t, person)
			if err != nil {
				return nil, err
			}
			all = append(all, g)
			before = t.ID
		}
		if len(page) < exportPage {
			break
		}
	}
	if len(all) == 0 {
		return nil, nil
	}
	return all, nil
}

func giveTool(tx *db.Tx, t Tool, person string) (g given, err error) {
	g = given{Title: t.Title, Standing: string(t.Standing), Created: t.Created, Withdrawn: t.Withdrawn}
	if t.Version > 0 {
		g.Path = t.Path()
	}
	if g.Versions, err = db.All(tx, func(scan func(...any) error) (v givenVersion, err error) {
		var raw string
		err = scan(&v.Number, &v.Note, &v.At, &raw)
		v.Document = json.RawMessage(raw)
		return v, err
	}, `SELECT number, note, at, document FROM tool_versions WHERE tool_id = $1 AND author_id = $2 ORDER BY number`, t.ID, person); err != nil {
		return g, err
	}
	if t.draft > 0 && (t.Owner == person || t.Author == person) {
		d, err := open(tx, t)
		if err != nil {
			return g, err
		}
		g.Draft = d.Document
	}
	return g, nil
}

// erasePerson takes a person out of what they made.
func erasePerson(tx *db.Tx, person string) ([]record.Act, error) {
	list, err := db.All(tx, scan, `SELECT `+columns+` FROM tools
		WHERE owner_id = $1 AND owner_id <> '' OR author_id = $1 AND author_id <> ''`, person)
	if err != nil {
		return nil, err
	}
	for _, t := range list {
		if t.Owner == person && t.Version == 0 {
			if err := erase(tx, t.ID); err != nil {
				return nil, err
			}
			continue
		}
		if t.Owner == person { // nobody works on it any more
			t.Owner, t.pending = "", waiting{}
			if t.Standing == moderation.Removed {
				t.Withdrawn = ""
			}
			if err := dropDraft(tx, &t); err != nil {
				return nil, err
			}
		}
		if t.pending.Author == person {
			t.pending.Author = ""
		}
		if t.Author == person {
			t.Author = ""
		}
		if err := save(tx, t); err != nil {
			return nil, err
		}
	}
	for _, s := range []string{
		`UPDATE tool_versions SET author_id = '' WHERE author_id = $1`,
		`UPDATE tools SET featured_by = '' WHERE featured_by = $1`,
	} {
		if _, err := tx.Exec(s, person); err != nil {
			return nil, fmt.Errorf("erasing who made tools: %w", err)
		}
	}
	return nil, nil
}
