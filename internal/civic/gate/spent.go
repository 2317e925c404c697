package gate

import (
	"encoding/hex"
	"time"

	"plaza/internal/base/db"
	"plaza/internal/plaza"
)

// Spent reports TooMany when the subject has nothing left of the limit, and counts
// nothing: for limits of failures, which are counted (Brake) when one is known.
func (g *Gate) Spent(tx *db.Tx, l Limit, subject string) error {
	return both(tx, l, subject, g.spent)
}

func (g *Gate) spent(tx *db.Tx, l Limit, subject string) error {
	start := tx.Now.Truncate(l.Window)
	var uses int
	err := tx.Row(`SELECT COALESCE(SUM(uses), 0)
		FROM brakes
		WHERE bucket = $1 AND starts_at = $2`, hex.EncodeToString(g.bucket(l, start, subject)), start).Scan(&uses)
	if err != nil || uses < l.Max {
		return err
	}
	return l.refusal(start.Add(l.Window).Sub(tx.Now))
}

// Forgive takes one use by the subject back that Brake counted in this stretch of time:
// for what could not be done, through no fault of the subject.
func (g *Gate) Forgive(tx *db.Tx, l Limit, subject string) error {
	return both(tx, l, subject, g.forgive)
}

func (g *Gate) forgive(tx *db.Tx, l Limit, subject string) error {
	start := tx.Now.Truncate(l.Window)
	_, err := tx.Exec(`UPDATE brakes
		SET uses = uses - 1
		WHERE bucket = $1 AND starts_at = $2 AND uses > 0`, hex.EncodeToString(g.bucket(l, start, subject)), start)
	return err
}

// bucket is under what a subject's uses in a stretch are counted.
func (g *Gate) bucket(l Limit, start time.Time, subject string) []byte {
	return g.mac("brake", l.Name, start.Format(time.DateOnly), subject)
}

// refusal says that it was one too many and when to come again.
func (l Limit) refusal(after time.Duration) error {
	key := l.Key
	if key == "" {
		key = "gate.error.too_many"
	}
	return &plaza.Error{Kind: plaza.TooMany, Key: key, RetryAfter: after}
}
