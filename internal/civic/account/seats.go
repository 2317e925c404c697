package account

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"strings"
	"time"

	"plaza/internal/base/db"
	"plaza/internal/civic/access"
	"plaza/internal/civic/record"
	"plaza/internal/plaza"
)

// Session is where somebody is signed in. No network address is kept.
type Session struct {
	ID      string // names it on its owner's pages; nobody can sign in with it
	Browser string // "Firefox", "" when it is not known
	Device  string // "computer", "phone", "tablet", "other"
	Started time.Time
	Seen    time.Time // to some minutes
	Current bool      // the one that the request came with

	hash string
}

// Sessions are those of a person that are alive, the last used first.
func (a *Accounts) Sessions(tx *db.Tx, personID string) ([]Session, error) {
	current := ""
	if v, ok := tx.Context().Value(visitKey{}).(*visit); ok {
		current = v.hash
	}
	return db.All(tx, func(scan func(...any) error) (Session, error) {
		var s Session
		var agent string
		err := scan(&s.hash, &agent, &s.Started, &s.Seen)
		family, device, _ := strings.Cut(agent, " ")
		if s.Browser, s.Device = families[family], device; device == "" {
			s.Device = "other"
		}
		sum := sha256.Sum256([]byte("session " + s.hash))
		s.ID, s.Current = hex.EncodeToString(sum[:16]), s.hash == current
		return s, err
	}, `SELECT hash, agent, started_at, seen_at
		FROM sessions
		WHERE person_id = $1 AND seen_at > $2 AND started_at > $3
		ORDER BY seen_at DESC, hash
		LIMIT 200`, personID, tx.Now.Add(-a.store.inactivity), tx.Now.Add(-a.store.absolute))
}

// EndSession ends one of the actor's own sessions; NotFound when it has ended.
func (a *Accounts) EndSession(tx *db.Tx, id string) error {
	person := plaza.ActorFrom(tx.Context()).PersonID
	if err := access.Check(plaza.ActorFrom(tx.Context()), access.AccountEdit, access.Object{Kind: "session", Owner: person}); err != nil {
		return err
	}
	all, err := a.Sessions(tx, person)
	if err != nil {
		return err
	}
	for _, s := range all {
		if s.ID == id {
			_, err := tx.Exec(`DELETE FROM sessions WHERE hash = $1`, s.hash)
			return err
		}
	}
	return plaza.E(plaza.NotFound, "account.error.no_session")
}

// EndOtherSessions ends all of the actor's own sessions but the one that acts.
func (a *Accounts) EndOtherSessions(tx *db.Tx) error {
	person := plaza.ActorFrom(tx.Context()).PersonID
	if err := access.Check(plaza.ActorFrom(tx.Context()), access.AccountEdit, access.Object{Kind: "session", Owner: person}); err != nil {
		return err
	}
	v, ok := tx.Context().Value(visitKey{}).(*visit)
	if !ok {
		return plaza.E(plaza.Unauthenticated, "access.error.sign_in")
	}
	_, err := tx.Exec(`DELETE FROM sessions WHERE person_id = $1 AND hash <> $2`, person, v.hash)
	return err
}

// EndSessions signs a person out everywhere. It appends to the record, so it is the
// last statement of its transaction.
func EndSessions(tx *db.Tx, personID string) error {
	if err := access.Check(plaza.ActorFrom(tx.Context()), access.PersonHold, access.Object{Kind: "person", Owner: personID}); err != nil {
		return err
	}
	p, err := ByID(tx, personID)
	if err != nil {
		return err
	}
	if _, err := tx.Exec(`DELETE FROM sessions WHERE person_id = $1`, personID); err != nil {
		return fmt.Errorf("ending sessions: %w", err)
	}
	return record.Append(tx, record.Act{Verb: "account.sessions_ended", Object: ref(p)})
}

// Fresh reports whether whoever acts signed in a moment ago.
func Fresh(ctx context.Context, now time.Time) bool {
	v, ok := ctx.Value(visitKey{}).(*visit)
	return ok && v.person.ID != "" && now.Sub(v.started) < freshFor
}
