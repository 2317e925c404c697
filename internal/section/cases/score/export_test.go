package score

import (
	"fmt"

	"plaza/internal/base/db"
)

// Dump is everything that is kept, a line for each row, for tests that compare it.
func Dump(tx *db.Tx) ([]string, error) {
	facts, err := db.All(tx, scanFact, `SELECT `+factColumns+` FROM score_cases ORDER BY case_id`)
	if err != nil {
		return nil, err
	}
	promises, err := db.All(tx, scanPromise, `SELECT `+promiseColumns+` FROM score_commitments ORDER BY commitment_id`)
	var out []string
	for _, f := range facts {
		out = append(out, fmt.Sprintf("%+v", f))
	}
	for _, c := range promises {
		out = append(out, fmt.Sprintf("%+v", c))
	}
	return out, err
}
