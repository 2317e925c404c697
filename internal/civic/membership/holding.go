package membership

import (
	"fmt"
	"time"

	"plaza/internal/base/db"
	"plaza/internal/base/job"
	"plaza/internal/civic/account"
	"plaza/internal/civic/privacy"
	"plaza/internal/civic/record"
	"plaza/internal/plaza"
)

// For how long what has ended is kept, so that who was told can still look it up.
const (
	keepInvitations = 90 * 24 * time.Hour
	keepRequests    = 365 * 24 * time.Hour
	keepAbsences    = 365 * 24 * time.Hour
)

// The kinds of data that this package keeps about people, and where they are collected.
var (
	invitationDatum = privacy.Datum{Key: "membership_invitation", Point: "invite", Keep: keepInvitations}
	requestDatum    = privacy.Datum{Key: "membership_request", Point: "join", Keep: keepRequests}
	letterDatum     = privacy.Datum{Key: "membership_letter", Point: "appoint"}
	absenceDatum    = privacy.Datum{Key: "membership_absence", Point: "absence", Keep: keepAbsences}
)

const holdingKey = "membership"

// Holding is what this package keeps about people.
func (m *Members) Holding() privacy.Holding {
	return privacy.Holding{
		Key:    holdingKey,
		Data:   []privacy.Datum{invitationDatum, requestDatum, letterDatum, absenceDatum},
		Export: m.export, Erase: m.erase, Expire: forget,
	}
}

// consent notes that the actor was shown the notice of the form that collected d. Who
// has no account, such as the system, is shown none.
func consent(tx *db.Tx, d privacy.Datum) error {
	if person := plaza.ActorFrom(tx.Context()).PersonID; person != "" {
		return privacy.Consent(tx, privacy.Who{Person: person}, d.Point)
	}
	return nil
}

// given is all that a person gave, as the file shows it.
type given struct {
	Invitations []givenInvitation `json:"invitations"`
	Requests    []givenRequest    `json:"requests"`
	Letters     []givenLetter     `json:"letters"`
	Absences    []givenAbsence    `json:"absences"`
}

type givenInvitation struct {
	Institution string       `json:"institution"`
	Email       string       `json:"email"`
	Roles       []plaza.Role `json:"roles"`
	State       State        `json:"state"`
	At          time.Time    `json:"at"`
}

type givenRequest struct {
	Institution string     `json:"institution"`
	Role        plaza.Role `json:"role"`
	Message     string     `json:"message"`
	State       State      `json:"state"`
	Reason      string     `json:"reason"`
	At          time.Time  `json:"at"`
}

type givenLetter struct {
	Institution string `json:"institution"`
	Number      string `json:"number"`
	Dated       string `json:"dated"`
}

type givenAbsence struct {
	Institution string    `json:"institution"`
	Substitute  bool      `json:"substitute"` // the person stood in
	From        time.Time `json:"from"`
	Until       time.Time `json:"until"`
}

func (m *Members) export(tx *db.Tx, person string) (any, error) {
	var out given
	p, err := account.ByID(tx, person)
	if err != nil {
		return nil, err
	}
	if out.Invitations, err = db.All(tx, func(scan func(...any) error) (g givenInvitation, err error) {
		i, err := scanInvitation(scan)
		return givenInvitation{i.Institution, i.Email, i.Roles, i.State, i.CreatedAt}, err
	}, `SELECT `+invitationColumns+` FROM invitations WHERE email_key = $1 ORDER BY id`, account.EmailKey(p.Email)); err != nil {
		return nil, err
	}
	if out.Requests, err = db.All(tx, func(scan func(...any) error) (g givenRequest, err error) {
		r, err := scanRequest(scan)
		return givenRequest{r.Institution, r.Role, r.Message, r.State, r.Reason, r.CreatedAt}, err
	}, `SELECT `+requestColumns+` FROM join_requests WHERE person_id = $1 ORDER BY id`, person); err != nil {
		return nil, err
	}
	if out.Letters, err = db.All(tx, func(scan func(...any) error) (g givenLetter, err error) {
		l, err := scanLetter(scan)
		return givenLetter{l.Institution, l.Number, l.Dated}, err
	}, `SELECT `+letterColumns+` FROM letters WHERE person_id = $1 ORDER BY id`, person); err != nil {
		return nil, err
	}
	out.Absences, err = db.All(tx, func(scan func(...any) error) (g givenAbsence, err error) {
		a, err := scanAbsence(scan)
		return givenAbsence{a.Institution, a.Substitute == person, a.From, a.Until}, err
	}, `SELECT `+absenceColumns+` FROM absences WHERE person_id = $1 OR substitute_id = $1 ORDER BY id`, person)
	return out, err
}

// erase takes a person out of it. Nothing of it is public, so that there is nothing for
// the record: what the person answered for has passed on already.
func (m *Members) erase(tx *db.Tx, person string) ([]record.Act, error) {
	p, err := account.ByID(tx, person)
	if err != nil {
		return nil, err
	}
	// those of invitations that they never took are theirs too
	files, err := db.All(tx, db.Column[string], `DELETE FROM letters
		WHERE person_id = $1
			OR person_id = '' AND id IN (SELECT letter_id FROM invitations WHERE letter_id <> '' AND email_key = $2)
		RETURNING file`, person, account.EmailKey(p.Email))
	if err != nil {
		return nil, fmt.Errorf("erasing letters: %w", err)
	}
	for _, file := range files {
		if _, _, err := job.Enqueue(tx, ForgetLetter{file}, job.Options{}); err != nil {
			return nil, err
		}
	}
	for _, d := range []struct{ query, arg string }{
		{`DELETE FROM invitations WHERE email_key = $1`, account.EmailKey(p.Email)},
		{`DELETE FROM invitations WHERE accepted_by = $1`, person},
		{`UPDATE invitations SET invited_by = '' WHERE invited_by = $1`, person},
		{`DELETE FROM join_requests WHERE person_id = $1`, person},
		{`UPDATE join_requests SET decided_by = '' WHERE decided_by = $1`, person},
		{`DELETE FROM absences WHERE person_id = $1 OR substitute_id = $1`, person},
	} {
		if _, err := tx.Exec(d.query, d.arg); err != nil {
			return nil, fmt.Errorf("erasing a person from the institutions: %w", err)
		}
	}
	return nil, m.noticeSoon(tx)
}

// forgetAtOnce is how many rows of each kind one transaction forgets.
const forgetAtOnce = 1000

// forget forgets what has ended long ago.
func forget(tx *db.Tx) (int, error) {
	total := 0
	for _, d := range []struct {
		query string
		keep  time.Duration
	}{
		{`DELETE FROM invitations WHERE id IN (SELECT id FROM invitations WHERE state <> 'open' AND ended_at <= $1 ORDER BY ended_at LIMIT $2)`, keepInvitations},
		{`DELETE FROM join_requests WHERE id IN (SELECT id FROM join_requests WHERE state <> 'open' AND ended_at <= $1 ORDER BY ended_at LIMIT $2)`, keepRequests},
		{`DELETE FROM absences WHERE id IN (SELECT id FROM absences WHERE until_at <= $1 ORDER BY until_at LIMIT $2)`, keepAbsences},
	} {
		n, err := tx.Exec(d.query, tx.Now.Add(-d.keep), forgetAtOnce)
		if err != nil {
			return total, fmt.Errorf("forgetting what has ended: %w", err)
		}
		total += int(n)
	}
	return total, nil
}
