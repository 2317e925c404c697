package commitment

import (
	"fmt"

	"plaza/internal/base/db"
	"plaza/internal/civic/institution"
	"plaza/internal/civic/record"
	"plaza/internal/plaza"
)

// Mover gives the open commitments of an institution that is no more to its successor:
// their dates stay. An area that does not go along lets them go.
func (cs *Commitments) Mover() institution.Mover {
	const which = `institution = $1 AND state = 'open'`
	return institution.Mover{
		Key: "commitments",
		Count: func(tx *db.Tx, from string) (n int, err error) {
			err = tx.Row(`SELECT COUNT(*) FROM commitments WHERE `+which, from).Scan(&n)
			return n, err
		},
		Move: func(tx *db.Tx, from, to string) ([]record.Act, error) {
			return move(tx, from, to, which, from)
		},
	}
}

// Rehome gives open commitments on a dataset or its resources to the institution that the
// dataset belongs to now, those of the one that had it: at most institution.MaxPiece of
// them, and returns how many they were.
func (cs *Commitments) Rehome(tx *db.Tx, dataset, from, to string) (int, []record.Act, error) {
	acts, err := move(tx, from, to, `institution = $1 AND state = 'open' AND dataset_id <> '' AND dataset_id = $2`, from, dataset)
	return len(acts), acts, err
}

// move gives some commitments of an institution to another one.
func move(tx *db.Tx, from, to, which string, args ...any) ([]record.Act, error) {
	before, _, err := zoneOf(tx, from)
	if err != nil {
		return nil, err
	}
	args = append(args, institution.MaxPiece)
	list, err := db.All(tx, scan, `SELECT `+columns+`
		FROM commitments
		WHERE `+which+fmt.Sprintf(`
		ORDER BY id
		LIMIT $%d`, len(args)), args...)
	if err != nil {
		return nil, err
	}
	units := map[string]bool{} // whether an area went along
	var acts []record.Act
	for _, c := range list {
		if c, err = pin(tx, c.ID); err != nil {
			return nil, err
		}
		if c.Institution != from || c.State != Open {
			continue // somebody was faster
		}
		if c.Unit, err = along(tx, units, c.Unit, to); err != nil {
			return nil, err
		}
		c.Institution, c.MovedFrom = to, from
		a, err := finish(tx, c, Step{Kind: WasMoved, Facts: Facts{Institution: before.Name}}, facts{Before: from})
		if err != nil {
			return nil, err
		}
		acts = append(acts, a)
	}
	return acts, nil
}

// along is an area as long as it belongs to an institution, else "".
func along(tx *db.Tx, known map[string]bool, unit, to string) (string, error) {
	if unit == "" {
		return "", nil
	}
	if _, asked := known[unit]; !asked {
		u, err := institution.UnitByID(tx, unit)
		if err != nil && plaza.KindOf(err) != plaza.NotFound {
			return "", err
		}
		known[unit] = err == nil && u.InstitutionID == to
	}
	if !known[unit] {
		return "", nil
	}
	return unit, nil
}
