package tool

import (
	"fmt"
	"time"

	"plaza/internal/base/db"
	"plaza/internal/civic/record"
)

// maxChecks is how many looks at an address are kept.
const maxChecks = 60

// Checked is what looking at an address found.
type Checked struct {
	At     time.Time
	Status int    // HTTP, 0 when none was got
	Fault  string // "" it answered well, else a code of package fetch
}

// DueChecks are public tools elsewhere whose address was never looked at, or not since
// before, the oldest look first.
func DueChecks(tx *db.Tx, before time.Time, limit int) ([]Tool, error) {
	return db.All(tx, scan, `SELECT `+columns+`
		FROM tools
		WHERE standing = 'public' AND url <> '' AND (checked_at IS NULL OR checked_at < $1)
		ORDER BY checked_at IS NOT NULL, checked_at, id
		LIMIT $2`, before, limit)
}

// Look notes what looking at a tool's address found, which was url then. When it broke, or
// works again, that is an act, so Look is the last thing a transaction does.
func (ts *Tools) Look(tx *db.Tx, id, url string, c Checked) error {
	t, err := pin(tx, id)
	if err != nil || t.URL != url {
		return err // it is elsewhere by now
	}
	was := t.Address.Broken()
	a := &t.Address
	a.Status, a.Fault, a.Checked = c.Status, c.Fault, tx.Now
	switch {
	case c.Fault == "":
		a.Failures, a.Failing = 0, never
	default:
		if a.Failures == 0 {
			a.Failing = tx.Now
		}
		a.Failures++
	}
	if err := save(tx, t); err != nil {
		return err
	}
	if err := keepCheck(tx, id, c); err != nil {
		return err
	}
	switch {
	case !t.Public() || was == a.Broken():
		return nil
	case was:
		return record.Append(tx, act("tool.recovered", t))
	}
	return record.Append(tx, act("tool.broken", t))
}

func keepCheck(tx *db.Tx, id string, c Checked) error {
	if _, err := tx.Exec(`INSERT INTO tool_checks (tool_id, at, status, fault) VALUES ($1, $2, $3, $4)
		ON CONFLICT (tool_id, at) DO UPDATE SET status = excluded.status, fault = excluded.fault`, id, tx.Now, c.Status, c.Fault); err != nil {
		return fmt.Errorf("storing a look at tool %s: %w", id, err)
	}
	if _, err := tx.Exec(`DELETE FROM tool_checks
		WHERE tool_id = $1 AND at NOT IN (SELECT at FROM tool_checks WHERE tool_id = $1 ORDER BY at DESC LIMIT $2)`, id, maxChecks); err != nil {
		return fmt.Errorf("forgetting looks at tool %s: %w", id, err)
	}
	return nil
}

// Checks are the looks at a tool's address, the newest first.
func Checks(tx *db.Tx, id string, limit int) ([]Checked, error) {
	return db.All(tx, func(scan func(...any) error) (c Checked, err error) {
		err = scan(&c.At, &c.Status, &c.Fault)
		return c, err
	}, `SELECT at, status, fault FROM tool_checks WHERE tool_id = $1 ORDER BY at DESC LIMIT $2`, id, limit)
}
