package institution

import (
	"fmt"
	"slices"

	"plaza/internal/base/db"
	"plaza/internal/base/text"
	"plaza/internal/civic/record"
	"plaza/internal/plaza"
)

// KindUnit is the kind of an area's Ref.
const KindUnit = "unit"

// Ref names the area.
func (u Unit) Ref() plaza.Ref { return plaza.Ref{Kind: KindUnit, ID: u.ID} }

// maxUnits is how many areas an institution may have at a time.
const maxUnits = 300

// RetiredUnits are the areas of an institution that are no more, the last to go first.
func RetiredUnits(tx *db.Tx, institution string) ([]Unit, error) {
	return db.All(tx, scanUnit, `SELECT `+unitColumns+`
		FROM units
		WHERE institution_id = $1 AND retired_at IS NOT NULL
		ORDER BY retired_at DESC, name_key LIMIT $2`, institution, maxUnits)
}

// UnitNames are the names of areas, also of retired ones, by id.
func UnitNames(tx *db.Tx, ids []string) (map[string]string, error) {
	out := make(map[string]string, len(ids))
	if len(ids) == 0 {
		return out, nil
	}
	list, err := db.All(tx, scanUnit, `SELECT `+unitColumns+` FROM units WHERE id IN (`+db.Placeholders(1, len(ids))+`)`, db.Args(ids)...)
	for _, u := range list {
		out[u.ID] = u.Name
	}
	return out, err
}

// PutUnit adds an area or, when it has an ID, changes what one is called and what it
// is. What is wrong is Invalid, field by field: a name that another area of the
// institution has, too. Of an institution that is no more, or a retired area, it is a
// Conflict. The acts, none when nothing differs, are for the caller to append.
func PutUnit(tx *db.Tx, u Unit) (Unit, []record.Act, error) {
	if err := lock(tx, u.InstitutionID); err != nil {
		return u, nil, err
	}
	u.Name = oneLine(u.Name)
	if err := checkUnit(tx, u); err != nil {
		return u, nil, err
	}
	if u.ID == "" {
		u.ID, u.CreatedAt = tx.ID(), tx.Now
		_, err := tx.Exec(`INSERT INTO units (`+unitColumns+`, name_key) VALUES (`+db.Placeholders(1, 7)+`)`,
			u.ID, u.InstitutionID, u.Name, u.Kind, u.CreatedAt, u.RetiredAt, NameKey(u.Name))
		return u, []record.Act{unitAct("unit.added", u, nil)}, err
	}
	old, err := unitOf(tx, u.InstitutionID, u.ID)
	if err != nil {
		return u, nil, err
	}
	if !old.RetiredAt.IsZero() {
		return u, nil, plaza.E(plaza.Conflict, "institution.error.unit_retired")
	}
	if old.Name == u.Name && old.Kind == u.Kind {
		return old, nil, nil
	}
	if _, err := tx.Exec(`UPDATE units SET name = $1, name_key = $2, kind = $3 WHERE id = $4`,
		u.Name, NameKey(u.Name), u.Kind, u.ID); err != nil {
		return u, nil, err
	}
	return u, []record.Act{unitAct("unit.changed", u, map[string]any{"was": old.Name})}, nil
}

// checkUnit reports what is wrong with an area.
func checkUnit(tx *db.Tx, u Unit) error {
	var wrong []plaza.FieldError
	bad := func(field, key string) {
		wrong = append(wrong, plaza.FieldError{Field: field, Key: "institution.error." + key})
	}
	if NameKey(u.Name) == "" || len(u.Name) > maxName {
		bad("name", "unit_name")
	} else if !text.LatinOnly(u.Name) {
		bad("name", "letters")
	}
	if !slices.Contains(UnitKinds, u.Kind) {
		bad("kind", "unit_kind")
	}
	taken, err := unitNames(tx, u.InstitutionID)
	if err != nil {
		return err
	}
	if id, ok := taken[NameKey(u.Name)]; ok && id != u.ID {
		bad("name", "unit_taken")
	}
	if u.ID == "" && len(taken) >= maxUnits {
		bad("name", "unit_many")
	}
	return joinFields(wrong, nil)
}

// unitNames are the areas of an institution that go on, by folded name.
func unitNames(tx *db.Tx, institution string) (map[string]string, error) {
	list, err := Units(tx, institution)
	out := make(map[string]string, len(list))
	for _, u := range list {
		out[NameKey(u.Name)] = u.ID
	}
	return out, err
}

// unitOf is an area of an institution; NotFound when it is another's.
func unitOf(tx *db.Tx, institution, id string) (Unit, error) {
	u, err := UnitByID(tx, id)
	if err == nil && u.InstitutionID != institution {
		err = plaza.E(plaza.NotFound, "institution.error.no_unit")
	}
	return u, err
}

// RetireUnit ends an area, which keeps its name for what was said in it, or brings one
// back. The errors are NotFound, and Conflict when it is so already, when the
// institution is no more, or when another area has its name by now.
func RetireUnit(tx *db.Tx, institution, id string, retired bool) ([]record.Act, error) {
	if err := lock(tx, institution); err != nil {
		return nil, err
	}
	u, err := unitOf(tx, institution, id)
	if err != nil {
		return nil, err
	}
	if retired != u.RetiredAt.IsZero() {
		return nil, plaza.E(plaza.Conflict, "institution.error.unit_changed")
	}
	verb := "unit.retired"
	if !retired {
		verb = "unit.returned"
		taken, err := unitNames(tx, institution)
		if err != nil {
			return nil, err
		}
		if _, ok := taken[NameKey(u.Name)]; ok || len(taken) >= maxUnits {
			return nil, plaza.E(plaza.Conflict, "institution.error.unit_taken")
		}
	}
	return []record.Act{unitAct(verb, u, nil)}, setRetired(tx, u.ID, retired)
}

func setRetired(tx *db.Tx, id string, retired bool) error {
	var at any
	if retired {
		at = tx.Now
	}
	_, err := tx.Exec(`UPDATE units SET retired_at = $1 WHERE id = $2`, at, id)
	return err
}

func unitAct(verb string, u Unit, more map[string]any) record.Act {
	payload := map[string]any{"name": u.Name, "kind": u.Kind}
	for k, v := range more {
		payload[k] = v
	}
	return record.Act{Verb: verb, Object: u.Ref(), Institution: u.InstitutionID, Payload: payload}
}

// unitMover moves an institution's areas, with the roles that are held in them. Where
// the successor is the central unit, which has none, they end.
var unitMover = Mover{
	Key: "units",
	Count: func(tx *db.Tx, from string) (n int, err error) {
		err = tx.Row(`SELECT COUNT(*) FROM units WHERE institution_id = $1 AND retired_at IS NULL`, from).Scan(&n)
		return n, err
	},
	Move: func(tx *db.Tx, from, to string) ([]record.Act, error) {
		list, err := Units(tx, from)
		if err != nil {
			return nil, err
		}
		return moveUnits(tx, list[:min(len(list), MaxPiece)], from, to)
	},
	Parts: func(tx *db.Tx, from string, limit int) ([]Part, error) {
		list, err := Units(tx, from)
		var out []Part
		for _, u := range list[:min(len(list), limit)] {
			out = append(out, Part{ID: u.ID, Title: u.Name, Kind: "institution.part.unit"})
		}
		return out, err
	},
	Share: func(tx *db.Tx, from, key, to string) ([]record.Act, error) {
		u, err := unitOf(tx, from, key)
		if err == nil && !u.RetiredAt.IsZero() {
			err = plaza.E(plaza.NotFound, "institution.error.no_unit")
		}
		if plaza.KindOf(err) == plaza.NotFound && err != nil {
			return nil, plaza.E(plaza.Invalid, "institution.error.shares")
		}
		if err != nil {
			return nil, err
		}
		return moveUnits(tx, []Unit{u}, from, to)
	},
}

func moveUnits(tx *db.Tx, list []Unit, from, to string) ([]record.Act, error) {
	bodies, err := ByIDs(tx, []string{from})
	if err != nil {
		return nil, err
	}
	taken, err := unitNames(tx, to)
	if err != nil {
		return nil, err
	}
	acts := make([]record.Act, 0, len(list))
	for _, u := range list {
		if to == "" {
			if err := setRetired(tx, u.ID, true); err != nil {
				return nil, err
			}
			acts = append(acts, unitAct("unit.retired", u, nil))
			continue
		}
		was := u.Name
		u.Name = freeName(taken, u.Name, bodies[from].Short())
		taken[NameKey(u.Name)], u.InstitutionID = u.ID, to
		if _, err := tx.Exec(`UPDATE units SET institution_id = $1, name = $2, name_key = $3 WHERE id = $4`,
			to, u.Name, NameKey(u.Name), u.ID); err != nil {
			return nil, err
		}
		acts = append(acts, unitAct("unit.moved", u, map[string]any{"was": was, "from": from, "to": to}))
	}
	return acts, nil
}

// freeName is a name that no area has yet: where one has it, it says where it is from.
func freeName(taken map[string]string, name, from string) string {
	for n := 1; ; n++ {
		try := name
		switch {
		case n == 2:
			try = fmt.Sprintf("%s (%s)", name, from)
		case n > 2:
			try = fmt.Sprintf("%s (%s, %d)", name, from, n-1)
		}
		if _, ok := taken[NameKey(try)]; !ok {
			return try
		}
	}
}
