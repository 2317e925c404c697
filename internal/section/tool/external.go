package tool

import (
	"fmt"
	"hash/fnv"
	"time"

	"plaza/internal/base/db"
	"plaza/internal/civic/record"
)

const (
	// maxChecks is how many looks at an address are kept.
	maxChecks = 60
	// lookAgain is how long what was found at an address is believed at least, and spread by
	// how much longer, so that not all are asked in the same hour.
	lookAgain = 24 * time.Hour
	spread    = 4 * time.Hour
	// brokenLooks in a row have to fail, over brokenFor, before an address counts as broken.
	brokenLooks = 3
	brokenFor   = 3 * 24 * time.Hour
)

// Checked is what looking at an address found.
type Checked struct {
	At     time.Time
	Status int    // HTTP, 0 when none was got
	Fault  string // "" it answered well, else a code of package fetch
}

// DueChecks are public tools elsewhere whose address is to be looked at now: those that never
// were first, then by how long they wait.
func DueChecks(tx *db.Tx, limit int) ([]Tool, error) {
	return db.All(tx, scan, `SELECT `+columns+`
		FROM tools
		WHERE standing = 'public' AND url <> '' AND (look_at IS NULL OR look_at <= $1)
		ORDER BY look_at IS NOT NULL, look_at, id
		LIMIT $2`, tx.Now, limit)
}

// later is how much longer than lookAgain what was found at a tool's address is believed: the
// same each time, and another for each tool.
func later(id string) time.Duration {
	h := fnv.New32a()
	_, _ = h.Write([]byte(id)) // never fails
	return time.Duration(h.Sum32()) % (spread / time.Minute) * time.Minute
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
	a.note(c, tx.Now)
	a.Next = tx.Now.Add(lookAgain + later(id))
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

// note adds what was found now to what is known of an address.
func (a *Address) note(c Checked, now time.Time) {
	a.Status, a.Fault, a.Checked = c.Status, c.Fault, now
	if c.Fault == "" {
		a.Failures, a.Failing, a.Since = 0, never, never
		return
	}
	if a.Failures == 0 {
		a.Failing = now
	}
	a.Failures++
	if a.Since.IsZero() && a.Failures >= brokenLooks && now.Sub(a.Failing) >= brokenFor {
		a.Since = now
	}
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
