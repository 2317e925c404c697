package membership

import (
	"fmt"
	"slices"
	"time"

	"plaza/internal/base/db"
	"plaza/internal/civic/access"
	"plaza/internal/civic/account"
	"plaza/internal/civic/gate"
	"plaza/internal/civic/institution"
	"plaza/internal/civic/record"
	"plaza/internal/plaza"
)

// perPerson keeps one person from asking everywhere.
var perPerson = gate.Limit{Name: "membership.ask", Max: 10, Window: 24 * time.Hour, Key: "membership.error.too_many"}

const requestColumns = `id, institution_id, person_id, role, unit_id, message, domain, state, reason, created_at, expires_at, ended_at`

func scanRequest(scan func(...any) error) (r Request, err error) {
	err = scan(&r.ID, &r.Institution, &r.Person, &r.Role, &r.Unit, &r.Message, &r.Domain, &r.State, &r.Reason,
		&r.CreatedAt, &r.ExpiresAt, &r.EndedAt)
	return r, err
}

// Ask asks for a role at an institution in the actor's name, and mails whoever decides.
// The domain of the actor's address is noted when it is known to be the institution's.
// What is wrong is Invalid, at its field; a second open request is a Conflict. It may
// append to the record, so it is the last statement of its transaction.
func (m *Members) Ask(tx *db.Tx, r Request) (Request, error) {
	if err := may(tx, access.MemberRequest, KindRequest, r.Institution, ""); err != nil {
		return r, err
	}
	if err := institution.CheckGoing(tx, r.Institution); err != nil {
		return r, err
	}
	r.Person = plaza.ActorFrom(tx.Context()).PersonID
	if err := m.Gate.Brake(tx, perPerson, r.Person); err != nil {
		return r, err
	}
	var wrong plaza.Mistakes
	var ok bool
	r.Message, ok = lines(r.Message, maxMessage)
	wrong.Hold(ok, "message", "membership.error.long", map[string]any{"max": maxMessage})
	wrong.Hold(r.Role == "" || slices.Contains(Offered, r.Role), "role", "membership.error.role", nil)
	if err := checkUnit(tx, r.Institution, r.Unit, &wrong); err != nil {
		return r, err
	}
	if err := wrong.Err("web.error.invalid"); err != nil {
		return r, err
	}
	acts, err := expire(tx, `institution_id = $2 AND person_id = $3`, r.Institution, r.Person)
	if err != nil {
		return r, err
	}
	p, err := account.ByID(tx, r.Person)
	if err != nil {
		return r, err
	}
	if r.Domain, err = domainAt(tx, r.Institution, p.Email); err != nil {
		return r, err
	}
	r.ID, r.State, r.CreatedAt, r.ExpiresAt = tx.ID(), Open, tx.Now, tx.Now.Add(requestLife)
	// the conflict's target is the partial index join_requests_open
	n, err := tx.Exec(`INSERT INTO join_requests (`+requestColumns+`)
		VALUES (`+db.Placeholders(1, 12)+`)
		ON CONFLICT (institution_id, person_id) WHERE state = 'open' DO NOTHING`,
		r.ID, r.Institution, r.Person, string(r.Role), r.Unit, r.Message, r.Domain, string(r.State), "",
		r.CreatedAt, r.ExpiresAt, time.Time{})
	if err != nil {
		return r, fmt.Errorf("asking to join: %w", err)
	}
	if n == 0 {
		return r, at(plaza.Conflict, "message", "membership.error.asked")
	}
	if err := consent(tx, requestDatum); err != nil {
		return r, err
	}
	if err := m.tellDeciders(tx, r, p); err != nil {
		return r, err
	}
	return r, record.Append(tx, acts...)
}

// Decision is an answer to a request: the role that is given, or why none is.
type Decision struct {
	Accept bool
	Role   plaza.Role
	Unit   string
	Until  time.Time // exclusive; zero: without end
	Reason string    // of a refusal
}

// Decide answers an open request and appends to the record, so it is the last statement
// of its transaction. Of two who answer at once the second gets a Conflict.
func (m *Members) Decide(tx *db.Tx, body, id string, d Decision) error {
	if err := may(tx, access.MemberDecide, KindRequest, body, ""); err != nil {
		return err
	}
	var wrong plaza.Mistakes
	var ok bool
	d.Reason, ok = lines(d.Reason, maxReason)
	state := Refused
	if d.Accept {
		state, d.Reason = Accepted, ""
		wrong.Hold(slices.Contains(Offered, d.Role), "role", "membership.error.role", nil)
		checkPeriod(tx.Now, time.Time{}, d.Until, &wrong)
		if err := checkUnit(tx, body, d.Unit, &wrong); err != nil {
			return err
		}
	} else {
		wrong.Hold(d.Reason != "", "reason", "membership.error.reason", nil)
		wrong.Hold(ok, "reason", "membership.error.long", map[string]any{"max": maxReason})
	}
	if err := wrong.Err("web.error.invalid"); err != nil {
		return err
	}
	actor := plaza.ActorFrom(tx.Context())
	r, err := scanRequest(tx.Row(`UPDATE join_requests
		SET state = $1, reason = $2, decided_by = $3, ended_at = $4
		WHERE id = $5 AND institution_id = $6 AND state = 'open' AND expires_at > $4
		RETURNING `+requestColumns, string(state), d.Reason, actor.PersonID, tx.Now, id, body).Scan)
	if err != nil {
		if plaza.KindOf(err) == plaza.NotFound {
			return m.notOpen(tx, body, id)
		}
		return fmt.Errorf("deciding a request: %w", err)
	}
	if !d.Accept {
		return record.Append(tx, ended(r, roleAt(actor, body, access.MemberDecide)))
	}
	act, err := account.GrantRoleIn(tx, r.Person, account.Grant{Role: d.Role, Institution: body, Unit: d.Unit, Until: d.Until})
	if err != nil {
		if plaza.KindOf(err) == plaza.Conflict {
			return at(plaza.Conflict, "role", "account.error.has_role")
		}
		return err
	}
	return record.Append(tx, act, record.Act{Verb: "request.accepted", Object: bodyRef(body), Institution: body,
		Payload: acceptedFacts{Request: r.ID, Roles: []plaza.Role{d.Role}}})
}

// notOpen says why a request cannot be decided: there is none, or it has ended.
func (m *Members) notOpen(tx *db.Tx, body, id string) error {
	if _, err := requestByID(tx, body, id); err != nil {
		return err
	}
	return plaza.E(plaza.Conflict, "membership.error.decided")
}

// ended is the act of a request that came to nothing. It concerns who asked and not
// those who follow the institution, so that the record does not keep it under it.
func ended(r Request, role plaza.Role) record.Act {
	return record.Act{Verb: "request." + string(r.State), Object: plaza.Ref{Kind: KindRequest, ID: r.ID}, Role: role}
}

// Withdraw takes the actor's own open request back; without one it is a Conflict.
func (m *Members) Withdraw(tx *db.Tx, body string) error {
	person := plaza.ActorFrom(tx.Context()).PersonID
	if err := may(tx, access.MemberWithdraw, KindRequest, body, person); err != nil {
		return err
	}
	n, err := tx.Exec(`UPDATE join_requests
		SET state = 'withdrawn', ended_at = $1
		WHERE institution_id = $2 AND person_id = $3 AND state = 'open' AND expires_at > $1`, tx.Now, body, person)
	if err == nil && n == 0 {
		return plaza.E(plaza.Conflict, "membership.error.no_request")
	}
	return err
}

// expireAtOnce is how many requests one transaction ends.
const expireAtOnce = 100

// expire ends open requests whose time is over and returns the acts that say so; the
// condition's arguments begin at $2.
func expire(tx *db.Tx, condition string, args ...any) ([]record.Act, error) {
	list, err := db.All(tx, scanRequest, `UPDATE join_requests
		SET state = 'expired', ended_at = expires_at
		WHERE state = 'open' AND expires_at <= $1 AND `+condition+`
		RETURNING `+requestColumns, append([]any{tx.Now}, args...)...)
	if err != nil {
		return nil, fmt.Errorf("ending requests: %w", err)
	}
	var acts []record.Act
	for _, r := range list {
		acts = append(acts, ended(r, plaza.System))
	}
	return acts, nil
}

func requestByID(tx *db.Tx, body, id string) (Request, error) {
	return scanRequest(tx.Row(`SELECT `+requestColumns+` FROM join_requests WHERE id = $1 AND institution_id = $2`, id, body).Scan)
}

// requests are an institution's open ones, the oldest first.
func requests(tx *db.Tx, body string) ([]Request, error) {
	return db.All(tx, scanRequest, `SELECT `+requestColumns+`
		FROM join_requests
		WHERE institution_id = $1 AND state = 'open' AND expires_at > $2
		ORDER BY id
		LIMIT 200`, body, tx.Now)
}

// lastRequest is a person's last request to an institution; NotFound when there is none.
func lastRequest(tx *db.Tx, body, person string) (Request, error) {
	return scanRequest(tx.Row(`SELECT `+requestColumns+`
		FROM join_requests
		WHERE person_id = $1 AND institution_id = $2
		ORDER BY id DESC
		LIMIT 1`, person, body).Scan)
}

// Cards are what other parts of Plaza show of requests: where their askers read how
// they ended.
func Cards(tx *db.Tx, refs []plaza.Ref) (map[plaza.Ref]plaza.Card, error) {
	out := map[plaza.Ref]plaza.Card{}
	var ids []string
	for _, ref := range refs {
		if ref.Kind == KindRequest {
			ids = append(ids, ref.ID)
		}
	}
	if len(ids) == 0 {
		return out, nil
	}
	_, err := db.All(tx, func(scan func(...any) error) (struct{}, error) {
		var id, body, slug, name string
		err := scan(&id, &body, &slug, &name)
		ref := plaza.Ref{Kind: KindRequest, ID: id}
		out[ref] = plaza.Card{Ref: ref, Title: name, Path: joinPath(institution.Institution{Slug: slug}), Institution: body, Visible: true}
		return struct{}{}, err
	}, `SELECT r.id, i.id, i.slug, i.name
		FROM join_requests r
		JOIN institutions i ON i.id = r.institution_id
		WHERE r.id IN (`+db.Placeholders(1, len(ids))+`)`, db.Args(ids)...)
	return out, err
}

// joinPath is where one asks to join an institution.
func joinPath(i institution.Institution) string { return i.Path() + "/unirse" }
