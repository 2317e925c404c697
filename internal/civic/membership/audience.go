package membership

import (
	"encoding/json"

	"plaza/internal/base/db"
	"plaza/internal/civic/account"
	"plaza/internal/civic/record"
	"plaza/internal/plaza"
)

// Audiences says who is to hear of this package's entries, and of the roles at
// institutions that account's entries tell of.
func (m *Members) Audiences(tx *db.Tx, e record.Entry) (a record.Audience, err error) {
	tell := func(person, why string) {
		if person != "" {
			a.Direct = append(a.Direct, record.Concerned{Person: person, Why: why})
		}
	}
	var facts struct {
		acceptedFacts
		Role    plaza.Role `json:"role"`
		Absence string     `json:"absence"`
	}
	_ = json.Unmarshal(e.Payload, &facts) // an entry of another shape names nothing of this
	switch e.Verb {
	case "invitation.accepted":
		person, err := personOf(tx, `SELECT invited_by FROM invitations WHERE id = $1`, facts.Invitation)
		tell(person, "membership.why.inviter")
		return a, err
	case "request.accepted":
		person, err := personOf(tx, `SELECT person_id FROM join_requests WHERE id = $1`, facts.Request)
		tell(person, "membership.why.asker")
		return a, err
	case "request.refused", "request.expired":
		person, err := personOf(tx, `SELECT person_id FROM join_requests WHERE id = $1`, e.Object.ID)
		tell(person, "membership.why.asker")
		return a, err
	case "absence.recorded", "absence.ended":
		away, err := personOf(tx, `SELECT person_id FROM absences WHERE id = $1`, facts.Absence)
		if err != nil {
			return a, err
		}
		stands, err := personOf(tx, `SELECT substitute_id FROM absences WHERE id = $1`, facts.Absence)
		tell(stands, "membership.why.substitute")
		tell(away, "membership.why.absent")
		return a, err
	case "domain.verified", "domain.removed":
		a.Roles = []record.Post{{Role: plaza.Liaison, Institution: e.Institution, Why: "membership.why.liaison"}}
	case "account.role_granted", "account.role_ended":
		// Who takes an invitation to an institution or asked for the role hears of that.
		if e.Institution != "" && e.Verb == "account.role_granted" && facts.Role != plaza.Liaison {
			return a, nil
		}
		person, err := account.ByPseudonym(tx, e.Object.ID)
		if e.Institution == "" {
			tell(person, "membership.why.central")
		} else {
			tell(person, "membership.why.role")
		}
		return a, err
	case "institution.vacant":
		return m.vacantAudience(tx, e.Institution)
	}
	return a, nil
}

// vacantAudience is everybody to whom what is open may have passed: who stands in, the
// liaisons of the head of the sector, and the coordination.
func (m *Members) vacantAudience(tx *db.Tx, body string) (a record.Audience, err error) {
	s, err := m.staff(tx, body)
	if err != nil {
		return a, err
	}
	for _, o := range s.standIns(body) {
		a.Direct = append(a.Direct, record.Concerned{Person: o.Person, Why: "membership.why.substitute"})
	}
	up := s.parent[body]
	for range maxChain {
		if up == "" {
			break
		}
		if len(s.liaisons[up]) > 0 {
			a.Roles = append(a.Roles, record.Post{Role: plaza.Liaison, Institution: up, Why: "membership.why.sector"})
			break
		}
		up = s.parent[up]
	}
	a.Roles = append(a.Roles, record.Post{Role: plaza.Admin, Why: "membership.why.coordination"})
	return a, nil
}

// personOf is the id that a row names, "" when the row is gone.
func personOf(tx *db.Tx, query, id string) (person string, err error) {
	err = tx.Row(query, id).Scan(&person)
	if err != nil && plaza.KindOf(err) == plaza.NotFound {
		return "", nil
	}
	return person, err
}
