package membership

import (
	"fmt"

	"plaza/internal/base/db"
	"plaza/internal/civic/account"
	"plaza/internal/civic/institution"
	"plaza/internal/civic/record"
)

// Mover ends what people have at an institution that is no more: roles, open
// invitations and requests. None passes to the successor by itself, as a role is given
// by appointment; what they were to answer does.
func (m *Members) Mover() institution.Mover {
	return institution.Mover{Key: "members", Count: countEnding, Move: endAll}
}

// open lists what an institution has of each kind, for Count and Move alike.
const (
	openRoles = `FROM role_grants
		WHERE institution = $1 AND (until_at IS NULL OR (until_at > $2 AND until_at > from_at))`
	openInvitations = `FROM invitations WHERE institution_id = $1 AND state = 'open'`
	openRequests    = `FROM join_requests WHERE institution_id = $1 AND state = 'open'`
)

func countEnding(tx *db.Tx, from string) (n int, err error) {
	err = tx.Row(`SELECT (SELECT COUNT(*) `+openRoles+`) + (SELECT COUNT(*) `+openInvitations+`) + (SELECT COUNT(*) `+openRequests+`)`,
		from, tx.Now).Scan(&n)
	return n, err
}

func endAll(tx *db.Tx, from, _ string) ([]record.Act, error) {
	seats, err := account.SeatsAt(tx, from)
	if err != nil {
		return nil, err
	}
	var acts []record.Act
	for _, s := range seats[:min(len(seats), institution.MaxPiece)] {
		act, err := account.EndSeat(tx, s)
		if err != nil {
			return nil, err
		}
		acts = append(acts, act)
	}
	if _, err := tx.Exec(`UPDATE invitations SET state = 'revoked', ended_at = $1 WHERE institution_id = $2 AND state = 'open'`, tx.Now, from); err != nil {
		return nil, fmt.Errorf("revoking invitations: %w", err)
	}
	if _, err := tx.Exec(`UPDATE join_requests SET state = 'expired', ended_at = $1 WHERE institution_id = $2 AND state = 'open'`, tx.Now, from); err != nil {
		return nil, fmt.Errorf("ending requests: %w", err)
	}
	return acts, nil
}
