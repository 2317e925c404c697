package institution

import (
	"time"

	"plaza/internal/base/db"
)

// UnitKinds are what an area of an institution may be (MEXICO.md 12.1).
var UnitKinds = []string{"generating", "administering", "transparency", "communications", "oversight", "technology"}

// Unit is an área of an institution. One that was retired keeps its name for what was
// said in it.
type Unit struct {
	ID            string
	InstitutionID string
	Name          string
	Kind          string // one of UnitKinds
	CreatedAt     time.Time
	RetiredAt     time.Time // zero while it exists
}

const unitColumns = `id, institution_id, name, kind, created_at, retired_at`

func scanUnit(scan func(...any) error) (u Unit, err error) {
	err = scan(&u.ID, &u.InstitutionID, &u.Name, &u.Kind, &u.CreatedAt, &u.RetiredAt)
	return u, err
}

// Units are the areas of an institution by name, without those that were retired.
func Units(tx *db.Tx, institution string) ([]Unit, error) {
	return db.All(tx, scanUnit, `SELECT `+unitColumns+`
		FROM units
		WHERE institution_id = $1 AND retired_at IS NULL
		ORDER BY name_key`, institution)
}

// UnitByID returns an area, also a retired one; NotFound when there is none.
func UnitByID(tx *db.Tx, id string) (Unit, error) {
	return scanUnit(tx.Row(`SELECT `+unitColumns+` FROM units WHERE id = $1`, id).Scan)
}
