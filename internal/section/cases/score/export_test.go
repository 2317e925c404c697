package score

import (
	"errors"
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
	tallies, err2 := db.All(tx, func(scan func(...any) error) (s string, err error) {
		var k cellKey
		err = scan(&k.Institution, &k.Month, &k.Kind, &k.Side, &s)
		return fmt.Sprintf("%+v %s", k, s), err
	}, `SELECT institution, month, kind, side, content FROM score_tallies ORDER BY institution, month, kind, side`)
	err = errors.Join(err, err2)
	for _, f := range facts {
		out = append(out, fmt.Sprintf("%+v", f))
	}
	for _, c := range promises {
		out = append(out, fmt.Sprintf("%+v", c))
	}
	return append(out, tallies...), err
}

// TallyCases are the figures counted case by case, which tallies must come to too.
var TallyCases = tallyCases
