package inbox

import (
	"strings"

	"plaza/internal/base/db"
	"plaza/internal/base/text"
	"plaza/internal/civic/privacy"
	"plaza/internal/civic/record"
	"plaza/internal/plaza"
)

// savedFilter is a view of an inbox that a person keeps.
type savedFilter struct{ ID, Name, Query string }

// Limits of what one person keeps of one inbox.
const (
	maxSaved     = 30
	maxSavedName = 60
)

func savedFilters(tx *db.Tx, person, body string) ([]savedFilter, error) {
	return db.All(tx, func(scan func(...any) error) (f savedFilter, err error) {
		err = scan(&f.ID, &f.Name, &f.Query)
		return f, err
	}, `SELECT id, name, query
		FROM case_filters
		WHERE person_id = $1 AND institution = $2
		ORDER BY created_at, id`, person, body)
}

// saveFilter keeps a view under a name; one of the same name is replaced. Invalid at
// nombre.
func saveFilter(tx *db.Tx, person, body, name, query string) error {
	name = strings.Join(strings.Fields(name), " ")
	invalid := func(key string, args map[string]any) error {
		return &plaza.Error{Kind: plaza.Invalid, Key: "cases.error.form", Fields: []plaza.FieldError{{Field: "nombre", Key: key, Args: args}}}
	}
	if n := len([]rune(name)); text.Fold(name) == "" || n > maxSavedName {
		return invalid("inbox.error.filter_name", map[string]any{"max": maxSavedName})
	}
	all, err := savedFilters(tx, person, body)
	if err != nil {
		return err
	}
	if len(all) >= maxSaved {
		return invalid("inbox.error.many", map[string]any{"max": maxSaved})
	}
	_, err = tx.Exec(`INSERT INTO case_filters (id, person_id, institution, name, query, created_at)
		VALUES (`+db.Placeholders(1, 6)+`)
		ON CONFLICT (person_id, institution, name) DO UPDATE SET query = excluded.query`, tx.ID(), person, body, name, query, tx.Now)
	return err
}

func dropFilter(tx *db.Tx, person, body, id string) error {
	_, err := tx.Exec(`DELETE FROM case_filters WHERE person_id = $1 AND institution = $2 AND id = $3`, person, body, id)
	return err
}

// Holding is the personal data that inboxes keep: views that somebody named, and files
// that they read and have not forgotten yet.
func Holding() privacy.Holding {
	return privacy.Holding{
		Key:  "case_inbox",
		Data: []privacy.Datum{{Key: "case_filter", Point: "office"}, {Key: "case_import", Point: "office", Keep: importsKept}},
		Export: func(tx *db.Tx, person string) (any, error) {
			list, err := db.All(tx, func(scan func(...any) error) (f struct {
				Name  string `json:"name"`
				Query string `json:"query"`
			}, err error) {
				err = scan(&f.Name, &f.Query)
				return f, err
			}, `SELECT name, query FROM case_filters WHERE person_id = $1 ORDER BY created_at, id`, person)
			if len(list) == 0 {
				return nil, err
			}
			return map[string]any{"filters": list}, err
		},
		Erase: func(tx *db.Tx, person string) ([]record.Act, error) {
			if _, err := tx.Exec(`DELETE FROM case_filters WHERE person_id = $1`, person); err != nil {
				return nil, err
			}
			_, err := tx.Exec(`DELETE FROM case_imports WHERE person_id = $1`, person)
			return nil, err
		},
		Expire: func(tx *db.Tx) (int, error) {
			n, err := tx.Exec(`DELETE FROM case_imports
				WHERE created_at < $1 AND (state <> 'running' OR NOT EXISTS
					(SELECT 1 FROM jobs WHERE jobs.id = case_imports.job_id AND jobs.state IN ('available', 'running')))`, tx.Now.Add(-importsKept))
			return int(n), err
		},
	}
}
