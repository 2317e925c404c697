// Package privacy knows which personal data Plaza keeps, why and for how long
// (LGPDPPSO). Every part of Plaza that keeps some describes it as a Holding; from the
// holdings come the notice that each form shows, the table of purposes, the file with
// all that a person gave, what goes when the person goes, and the job that forgets
// what is past its time.
package privacy

import (
	"time"

	"plaza/internal/base/db"
	"plaza/internal/civic/record"
)

// Holding is what one part of Plaza keeps about people. Its words are
// "privacy.holding." and the key.
type Holding struct {
	Key  string
	Data []Datum
	// Export is all of it that one person gave, as a value for JSON; nil for nothing.
	Export func(tx *db.Tx, person string) (any, error)
	// Erase takes the person out of it: what is private goes, what is public stays
	// without a name. The acts are for the caller to append to the record.
	Erase func(tx *db.Tx, person string) ([]record.Act, error)
	// Expire forgets what is past its time and returns how many rows that were; nil
	// where nothing expires by itself. It is run daily, at most some thousand rows at
	// a time, and again while it returns more than none.
	Expire func(tx *db.Tx) (int, error)
}

// Datum is one kind of data: what it is, what for and for how long are the messages
// "privacy.datum." and the key, with ".purpose" and ".keep".
type Datum struct {
	Key string
	// Point is where it is collected: the key of the notice shown there.
	Point string
	// Keep is for how long after its last use; zero: as long as the account.
	Keep time.Duration
}
