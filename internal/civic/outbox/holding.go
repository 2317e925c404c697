package outbox

import (
	"time"

	"plaza/internal/base/db"
	"plaza/internal/civic/privacy"
	"plaza/internal/civic/record"
)

// keep is for how long a mail is known of, whatever became of it: one that has waited so
// long for a server says nothing to anybody any more.
const keep = 30 * 24 * time.Hour

// expireAtOnce bounds one turn of forgetting.
const expireAtOnce = 1000

// sentLine is what a person is told of a mail that went to them.
type sentLine struct {
	At      time.Time `json:"at"`
	To      string    `json:"to"`
	Kind    string    `json:"kind"`
	Subject string    `json:"subject"`
	State   State     `json:"state"`
}

// Holding is what the outbox keeps of people: mails for thirty days, with their texts until
// a server has them, and addresses that take none.
func Holding() privacy.Holding {
	return privacy.Holding{
		Key: "mails",
		Data: []privacy.Datum{
			{Key: "mail", Point: "mail", Keep: keep},
			{Key: "mail_address", Point: "mail"},
		},
		Export: func(tx *db.Tx, person string) (any, error) {
			return db.All(tx, func(scan func(...any) error) (l sentLine, err error) {
				var state string
				err = scan(&l.At, &l.To, &l.Kind, &l.Subject, &state)
				l.State = State(state)
				return l, err
			}, `SELECT created_at, address, kind, subject, state FROM outbox WHERE person_id = $1 ORDER BY id`, person)
		},
		Erase: func(tx *db.Tx, person string) ([]record.Act, error) {
			if _, err := tx.Exec(`DELETE FROM mail_addresses
				WHERE address IN (SELECT LOWER(address) FROM outbox WHERE person_id = $1)`, person); err != nil {
				return nil, err
			}
			_, err := tx.Exec(`DELETE FROM outbox WHERE person_id = $1`, person)
			return nil, err
		},
		Expire: func(tx *db.Tx) (int, error) {
			n, err := tx.Exec(`DELETE FROM outbox
				WHERE id IN (SELECT id FROM outbox WHERE created_at < $1 ORDER BY created_at LIMIT $2)`,
				tx.Now.Add(-keep), expireAtOnce)
			return int(n), err
		},
	}
}
