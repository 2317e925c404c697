package membership

import (
	"fmt"
	"slices"
	"time"

	"plaza/internal/base/db"
	"plaza/internal/base/job"
	"plaza/internal/civic/access"
	"plaza/internal/civic/account"
	"plaza/internal/civic/gate"
	"plaza/internal/civic/institution"
	"plaza/internal/civic/record"
	"plaza/internal/plaza"
)

// perInstitution keeps an institution from mailing half the country.
var perInstitution = gate.Limit{Name: "membership.invite", Max: 100, Window: time.Hour, Key: "membership.error.too_many"}

const invitationColumns = `id, institution_id, email, email_key, roles, unit_id, from_at, until_at,
	letter_id, state, invited_by, created_at, expires_at`

func scanInvitation(scan func(...any) error) (i Invitation, err error) {
	var list string
	err = scan(&i.ID, &i.Institution, &i.Email, &i.emailKey, &list, &i.Unit, &i.From, &i.Until,
		&i.Letter, &i.State, &i.InvitedBy, &i.CreatedAt, &i.ExpiresAt)
	i.Roles = roles(list)
	return i, err
}

// Invite offers roles at an institution to an address, and has the link mailed. What is
// wrong is Invalid, at its field; an address that has an open invitation a Conflict.
// Nothing of it is public.
func (m *Members) Invite(tx *db.Tx, i Invitation) (Invitation, error) {
	if err := may(tx, access.MemberInvite, KindInvitation, i.Institution, ""); err != nil {
		return i, err
	}
	if err := m.Gate.Brake(tx, perInstitution, i.Institution); err != nil {
		return i, err
	}
	var wrong plaza.Mistakes
	unknown := slices.ContainsFunc(i.Roles, func(r plaza.Role) bool { return !slices.Contains(Offered, r) })
	wrong.Hold(len(i.Roles) > 0 && !unknown, "roles", "membership.error.roles", nil)
	i.Letter = ""
	return m.offer(tx, i, wrong)
}

// offer checks and stores an invitation that the actor may make.
func (m *Members) offer(tx *db.Tx, i Invitation, wrong plaza.Mistakes) (Invitation, error) {
	if err := institution.CheckGoing(tx, i.Institution); err != nil {
		return i, err
	}
	i.emailKey = account.EmailKey(i.Email)
	wrong.Hold(i.emailKey != "", "email", "account.error.email", nil)
	checkPeriod(tx.Now, i.From, i.Until, &wrong)
	if err := checkUnit(tx, i.Institution, i.Unit, &wrong); err != nil {
		return i, err
	}
	if err := wrong.Err("web.error.invalid"); err != nil {
		return i, err
	}
	if err := checkHeld(tx, i); err != nil {
		return i, err
	}
	if _, err := tx.Exec(`UPDATE invitations
		SET state = 'expired', ended_at = $1
		WHERE institution_id = $2 AND email_key = $3 AND state = 'open' AND (expires_at <= $1 OR until_at <= $1)`,
		tx.Now, i.Institution, i.emailKey); err != nil {
		return i, err
	}
	i.ID, i.State, i.InvitedBy = tx.ID(), Open, plaza.ActorFrom(tx.Context()).PersonID
	i.CreatedAt, i.ExpiresAt = tx.Now, tx.Now.Add(invitationLife)
	// the conflict's target is the partial index invitations_open
	n, err := tx.Exec(`INSERT INTO invitations (`+invitationColumns+`)
		VALUES (`+db.Placeholders(1, 13)+`)
		ON CONFLICT (institution_id, email_key) WHERE state = 'open' DO NOTHING`,
		i.ID, i.Institution, i.Email, i.emailKey, roleList(i.Roles), i.Unit, i.From, i.Until,
		i.Letter, string(i.State), i.InvitedBy, i.CreatedAt, i.ExpiresAt)
	if err != nil {
		return i, fmt.Errorf("inviting: %w", err)
	}
	if n == 0 {
		return i, at(plaza.Conflict, "email", "membership.error.invited")
	}
	if i.Letter == "" { // with one, the form to appoint was filled in
		if err := consent(tx, invitationDatum); err != nil {
			return i, err
		}
	}
	_, _, err = job.Enqueue(tx, InvitationMail{i.ID}, job.Options{Unique: InvitationMail{}.Kind() + ":" + i.ID})
	return i, err
}

// checkPeriod refuses what ends before it begins, and dates that nobody means.
func checkPeriod(now, from, until time.Time, wrong *plaza.Mistakes) {
	wrong.Hold(from.IsZero() || from.Before(now.Add(maxAhead)) && from.After(now.Add(-36*time.Hour)), "from", "membership.error.from", nil)
	ends := until.IsZero() || until.After(now) && until.After(from) && until.Before(now.Add(maxAhead))
	wrong.Hold(ends, "until", "membership.error.until", nil)
}

// checkHeld refuses an invitation to roles that the address' person holds already.
func checkHeld(tx *db.Tx, i Invitation) error {
	seats, err := account.SeatsAt(tx, i.Institution)
	if err != nil {
		return err
	}
	open := slices.ContainsFunc(i.Roles, func(r plaza.Role) bool {
		return !slices.ContainsFunc(seats, func(s account.Seat) bool {
			return s.Role == r && account.EmailKey(s.Email) == i.emailKey
		})
	})
	if !open {
		return at(plaza.Conflict, "email", "account.error.has_role")
	}
	return nil
}

// Revoke takes an open invitation back: its link is dead from now on. One that is no
// longer open is a Conflict.
func (m *Members) Revoke(tx *db.Tx, body, id string) error {
	i, err := scanInvitation(tx.Row(`SELECT `+invitationColumns+` FROM invitations WHERE id = $1 AND institution_id = $2`, id, body).Scan)
	if err != nil {
		return err
	}
	action := access.MemberInvite
	if slices.Contains(i.Roles, plaza.Liaison) {
		action = access.LiaisonAppoint
	}
	if err := may(tx, action, KindInvitation, body, ""); err != nil {
		return err
	}
	n, err := tx.Exec(`UPDATE invitations SET state = 'revoked', ended_at = $1 WHERE id = $2 AND state = 'open'`, tx.Now, id)
	if err == nil && n == 0 {
		return plaza.E(plaza.Conflict, "membership.error.not_open")
	}
	return err
}

// revokeOrphans takes back the open invitations of those who could not invite any more:
// what a liaison offers ends with the liaison. Those that an operator made stay.
func revokeOrphans(tx *db.Tx) error {
	if _, err := tx.Exec(`UPDATE invitations
		SET state = 'revoked', ended_at = $1
		WHERE state = 'open' AND invited_by <> '' AND NOT EXISTS (SELECT 1
			FROM role_grants g
			WHERE g.person_id = invitations.invited_by AND g.from_at <= $1 AND (g.until_at IS NULL OR g.until_at > $1)
				AND (g.role = 'liaison' AND g.institution = invitations.institution_id OR g.role = 'admin' AND g.institution = ''))`,
		tx.Now); err != nil {
		return fmt.Errorf("revoking invitations: %w", err)
	}
	return nil
}

// dropLetters forgets the letters of invitations that nobody can take any more.
func dropLetters(tx *db.Tx) error {
	files, err := db.All(tx, db.Column[string], `DELETE FROM letters
		WHERE person_id = '' AND id IN (SELECT letter_id FROM invitations WHERE letter_id <> '' AND state IN ('revoked', 'expired'))
		RETURNING file`)
	if err != nil {
		return fmt.Errorf("forgetting letters: %w", err)
	}
	for _, file := range files {
		if _, _, err := job.Enqueue(tx, ForgetLetter{file}, job.Options{}); err != nil {
			return err
		}
	}
	return nil
}

// The message keys of why a link does not work, which are the Errors' keys.
const (
	deadUnknown = "membership.dead.unknown"
	deadUsed    = "membership.dead.accepted"
	deadRevoked = "membership.dead.revoked"
	deadExpired = "membership.dead.expired"
	deadOther   = "membership.dead.other"
)

// deadBy are the keys for invitations that are no longer open.
var deadBy = map[State]string{Accepted: deadUsed, Revoked: deadRevoked, Expired: deadExpired}

// Look returns the open invitation whose link has the secret. The error is NotFound
// with the reason when the link does not work, and Forbidden when it is for another
// address than the actor's; a visitor may look.
func (m *Members) Look(tx *db.Tx, secret string) (Invitation, error) {
	i, err := scanInvitation(tx.Row(`SELECT `+invitationColumns+` FROM invitations WHERE hash = $1`, m.hash(secret)).Scan)
	if err != nil {
		if plaza.KindOf(err) == plaza.NotFound {
			return i, plaza.E(plaza.NotFound, deadUnknown)
		}
		return i, err
	}
	if s := i.standing(tx.Now); s != Open {
		return i, plaza.E(plaza.NotFound, deadBy[s])
	}
	actor := plaza.ActorFrom(tx.Context())
	if !actor.SignedIn() {
		return i, nil
	}
	p, err := account.ByID(tx, actor.PersonID)
	if err != nil {
		return i, err
	}
	if account.EmailKey(p.Email) != i.emailKey {
		return i, plaza.E(plaza.Forbidden, deadOther)
	}
	return i, nil
}

// acceptedFacts is what the record tells of an accepted invitation or request.
type acceptedFacts struct {
	Invitation string       `json:"invitation,omitempty"`
	Request    string       `json:"request,omitempty"`
	Roles      []plaza.Role `json:"roles"`
}

// Accept gives the actor the roles that the link offers, and appends to the record. Of
// all who try at once, one gets them; for the others the link does not work, as Look
// says.
func (m *Members) Accept(tx *db.Tx, secret string) (Invitation, error) {
	i, err := m.Look(tx, secret)
	if err != nil {
		return i, err
	}
	if err := may(tx, access.MemberJoin, KindInvitation, i.Institution, ""); err != nil {
		return i, err
	}
	person := plaza.ActorFrom(tx.Context()).PersonID
	n, err := tx.Exec(`UPDATE invitations
		SET state = 'accepted', accepted_by = $1, ended_at = $2
		WHERE id = $3 AND state = 'open'`, person, tx.Now, i.ID)
	if err != nil {
		return i, fmt.Errorf("accepting an invitation: %w", err)
	}
	if n == 0 { // somebody was faster
		if _, err = m.Look(tx, secret); err == nil {
			err = plaza.E(plaza.NotFound, deadUsed)
		}
		return i, err
	}
	if i.Letter != "" {
		if _, err := tx.Exec(`UPDATE letters SET person_id = $1 WHERE id = $2`, person, i.Letter); err != nil {
			return i, err
		}
	}
	var acts []record.Act
	for _, role := range i.Roles {
		act, err := account.GrantRoleIn(tx, person, account.Grant{Role: role, Institution: i.Institution, Unit: i.Unit, From: i.From, Until: i.Until})
		switch {
		case err == nil:
			acts = append(acts, act)
		case plaza.KindOf(err) != plaza.Conflict: // what one has, one keeps
			return i, err
		}
	}
	if err := m.noticeSoon(tx); err != nil {
		return i, err
	}
	return i, record.Append(tx, append(acts, record.Act{Verb: "invitation.accepted", Object: bodyRef(i.Institution),
		Institution: i.Institution, Payload: acceptedFacts{Invitation: i.ID, Roles: i.Roles}})...)
}

// invitations are an institution's open ones, the newest first.
func invitations(tx *db.Tx, body string) ([]Invitation, error) {
	return db.All(tx, scanInvitation, `SELECT `+invitationColumns+`
		FROM invitations
		WHERE institution_id = $1 AND state = 'open' AND expires_at > $2 AND (until_at IS NULL OR until_at > $2)
		ORDER BY id DESC
		LIMIT 200`, body, tx.Now)
}
