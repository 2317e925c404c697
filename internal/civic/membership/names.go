package membership

import (
	"fmt"
	"slices"

	"plaza/internal/base/db"
	"plaza/internal/civic/access"
	"plaza/internal/civic/record"
	"plaza/internal/plaza"
)

// SetNames says how an institution calls its roles; a role left out, or with an empty
// name, goes by Plaza's. It appends to the record what it changed, so it is the last
// statement of its transaction. What is wrong is Invalid, at "name_" and the role.
func (m *Members) SetNames(tx *db.Tx, body string, names Names) error {
	if err := may(tx, access.RoleRename, "role", body, ""); err != nil {
		return err
	}
	old, err := RoleNames(tx, body)
	if err != nil {
		return err
	}
	var wrong plaza.Mistakes
	var changed []plaza.Role
	for _, role := range Roles {
		name, ok := line(names[role], maxRoleName)
		wrong.Hold(ok, "name_"+string(role), "membership.error.long", map[string]any{"max": maxRoleName})
		if name != old[role] {
			changed = append(changed, role)
		}
	}
	if err := wrong.Err("web.error.invalid"); err != nil || len(changed) == 0 {
		return err
	}
	for _, role := range changed {
		name, _ := line(names[role], maxRoleName)
		query, args := `INSERT INTO role_names (institution_id, role, name)
			VALUES ($1, $2, $3)
			ON CONFLICT (institution_id, role) DO UPDATE SET name = excluded.name`, []any{body, string(role), name}
		if name == "" {
			query, args = `DELETE FROM role_names WHERE institution_id = $1 AND role = $2`, args[:2]
		}
		if _, err := tx.Exec(query, args...); err != nil {
			return fmt.Errorf("naming roles: %w", err)
		}
	}
	slices.Sort(changed)
	return record.Append(tx, record.Act{Verb: "roles.named", Object: bodyRef(body), Institution: body, Payload: map[string]any{"roles": changed}})
}
