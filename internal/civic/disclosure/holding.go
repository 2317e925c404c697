package disclosure

import (
	"fmt"
	"time"

	"plaza/internal/base/db"
	"plaza/internal/civic/privacy"
	"plaza/internal/civic/record"
)

// keep is for how long a report is kept after it was attended to.
const keep = 2 * 365 * 24 * time.Hour

// Holding is what is kept of who reports and of who attends to that.
func Holding() privacy.Holding {
	return privacy.Holding{
		Key:    Kind,
		Data:   []privacy.Datum{{Key: "disclosure", Point: Point, Keep: keep}, {Key: "disclosure_decided", Point: "office", Keep: keep}},
		Export: export, Erase: erase, Expire: expire,
	}
}

type given struct {
	Object   string    `json:"object"`
	Category string    `json:"category"`
	Place    string    `json:"place"`
	Note     string    `json:"note,omitempty"`
	Sent     time.Time `json:"sent"`
	Answer   string    `json:"answer,omitempty"`
}

func export(tx *db.Tx, person string) (any, error) {
	all, err := db.All(tx, scan, `SELECT `+columns+` FROM disclosures WHERE reporter_id = $1 ORDER BY id`, person)
	if err != nil || len(all) == 0 {
		return nil, err
	}
	out := make([]given, len(all))
	for i, r := range all {
		out[i] = given{r.Object.String(), r.Category, r.Place, r.Note, r.Created, r.Answer}
	}
	return out, nil
}

// erase takes a person out: what they reported stays to be attended to.
func erase(tx *db.Tx, person string) ([]record.Act, error) {
	for _, column := range []string{"reporter_id", "decided_by"} {
		if _, err := tx.Exec(`UPDATE disclosures SET `+column+` = '' WHERE `+column+` = $1 AND `+column+` <> ''`, person); err != nil {
			return nil, fmt.Errorf("erasing %s: %w", column, err)
		}
	}
	return nil, nil
}

// expired is how many reports are forgotten at a time.
const expired = 1000

func expire(tx *db.Tx) (int, error) {
	n, err := tx.Exec(`DELETE FROM disclosures WHERE id IN (SELECT id FROM disclosures WHERE decided_at < $1 ORDER BY decided_at LIMIT $2)`,
		tx.Now.Add(-keep), expired)
	return int(n), err
}
