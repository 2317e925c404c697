package outbox

import (
	"fmt"
	"time"

	"plaza/internal/base/db"
	"plaza/internal/civic/privacy"
	"plaza/internal/civic/record"
)

// kept is how long a mail that needs no more work is remembered.
const kept = 90 * 24 * time.Hour

type exported struct {
	Kind    string     `json:"kind"`
	To      string     `json:"to"`
	Subject string     `json:"subject"`
	State   State      `json:"state"`
	Created time.Time  `json:"created"`
	Sent    *time.Time `json:"sent"`
}

// Holding is what the outbox keeps of people.
func Holding() privacy.Holding {
	return privacy.Holding{
		Key:  "outbox",
		Data: []privacy.Datum{{Key: "outbox_mail", Point: "mail", Keep: kept}},
		Export: func(tx *db.Tx, person string) (any, error) {
			return db.All(tx, func(scan func(...any) error) (e exported, err error) {
				var sent time.Time
				err = scan(&e.Kind, &e.To, &e.Subject, &e.State, &e.Created, &sent)
				if !sent.IsZero() {
					e.Sent = &sent
				}
				return e, err
			}, `SELECT kind, address, subject, state, created_at, sent_at
				FROM outbox
				WHERE person_id = $1 AND person_id <> ''
				ORDER BY id`, person)
		},
		// What waits for the server goes too: it would tell somebody who is no more here.
		Erase: func(tx *db.Tx, person string) ([]record.Act, error) {
			_, err := tx.Exec(`DELETE FROM outbox WHERE person_id = $1 AND person_id <> ''`, person)
			return nil, err
		},
		Expire: expire,
	}
}

// expire forgets mails that need no more work.
func expire(tx *db.Tx) (int, error) {
	n, err := tx.Exec(`DELETE FROM outbox
		WHERE id IN (SELECT id FROM outbox WHERE state <> 'waiting' AND created_at < $1 ORDER BY id LIMIT 1000)`,
		tx.Now.Add(-kept))
	if err != nil {
		return 0, fmt.Errorf("forgetting mails: %w", err)
	}
	return int(n), nil
}
