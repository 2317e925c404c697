package membership

import (
	"encoding/json"

	"plaza/internal/base/db"
	"plaza/internal/base/i18n"
	"plaza/internal/civic/institution"
	"plaza/internal/civic/record"
	"plaza/internal/plaza"
)

// Details says of roles that somebody was given or has no more which one it is, as the
// institution calls it ({role}), and at which institution. It runs two statements.
func (m *Members) Details(tx *db.Tx, l *i18n.Printer, entries []record.Entry) (map[int64]record.Detail, error) {
	roles := map[int64]plaza.Role{}
	var bodies []string
	for _, e := range entries {
		if e.Verb != "account.role_granted" && e.Verb != "account.role_ended" {
			continue
		}
		var facts struct {
			Role plaza.Role `json:"role"`
		}
		if json.Unmarshal(e.Payload, &facts) == nil && facts.Role != "" {
			roles[e.Seq] = facts.Role
			bodies = append(bodies, e.Institution)
		}
	}
	if len(roles) == 0 {
		return nil, nil
	}
	known, err := institution.ByIDs(tx, bodies)
	if err != nil {
		return nil, err
	}
	names, err := NamesOf(tx, bodies...)
	if err != nil {
		return nil, err
	}
	out := make(map[int64]record.Detail, len(roles))
	for _, e := range entries {
		role, ok := roles[e.Seq]
		if !ok {
			continue
		}
		d := record.Detail{Args: []any{"role", names[e.Institution].Say(l, role)}}
		if i, ok := known[e.Institution]; ok {
			d.Title, d.Path = i.Name, i.Path()
		}
		out[e.Seq] = d
	}
	return out, nil
}
