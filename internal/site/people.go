package site

import (
	"time"

	"plaza/internal/base/db"
	"plaza/internal/civic/account"
	"plaza/internal/civic/record"
)

// suspend keeps a person from taking part because of a moderators' decision.
func suspend(tx *db.Tx, person string, until time.Time, decision string) ([]record.Act, error) {
	p, err := account.ByID(tx, person)
	if err != nil {
		return nil, err
	}
	return []record.Act{account.Suspended(p, until)}, account.Suspend(tx, person, until, decisionPath(decision))
}

// lift ends that.
func lift(tx *db.Tx, person, _ string) ([]record.Act, error) {
	p, err := account.ByID(tx, person)
	if err != nil {
		return nil, err
	}
	return []record.Act{account.Lifted(p)}, account.Lift(tx, person)
}

// decisionPath is where the person reads a decision.
func decisionPath(id string) string { return "/moderacion/decisiones/" + id }
