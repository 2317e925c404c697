package account

import (
	"context"
	"fmt"

	"plaza/internal/base/db"
	"plaza/internal/civic/access"
	"plaza/internal/civic/outbox"
	"plaza/internal/plaza"
)

// The kinds of credentials; passkeys will be one more.
const (
	kindPassword = "password"
	kindOIDC     = "oidc"
	kindTOTP     = "totp"
	kindRecovery = "recovery"
)

// passwordOf returns the hash of a person's password, "" for none.
func passwordOf(tx *db.Tx, person string) (hash string, err error) {
	err = tx.Row(`SELECT secret
		FROM credentials
		WHERE person_id = $1 AND kind = $2`, person, kindPassword).Scan(&hash)
	if err != nil && plaza.KindOf(err) == plaza.NotFound {
		return "", nil
	}
	return hash, err
}

// setPassword gives a person a password, "" takes it away.
func setPassword(tx *db.Tx, person, hash string) error {
	if err := dropCredentials(tx, person, kindPassword); err != nil || hash == "" {
		return err
	}
	_, err := tx.Exec(`INSERT INTO credentials (id, person_id, kind, secret, created_at)
		VALUES ($1, $2, $3, $4, $5)`, tx.ID(), person, kindPassword, hash, tx.Now)
	if err != nil {
		return fmt.Errorf("storing a password: %w", err)
	}
	return nil
}

func dropCredentials(tx *db.Tx, person, kind string) error {
	if _, err := tx.Exec(`DELETE FROM credentials WHERE person_id = $1 AND kind = $2`, person, kind); err != nil {
		return fmt.Errorf("taking away what somebody signed in with: %w", err)
	}
	return nil
}

// endSessions ends every session of a person.
func endSessions(tx *db.Tx, person string) error {
	if _, err := tx.Exec(`DELETE FROM sessions WHERE person_id = $1`, person); err != nil {
		return fmt.Errorf("ending sessions: %w", err)
	}
	return nil
}

// Methods is in how many ways a person can sign in: by mail, which everybody can, with
// a password, and through each identity provider.
func Methods(tx *db.Tx, person string) (int, error) {
	var more int
	err := tx.Row(`SELECT COUNT(*)
		FROM credentials
		WHERE person_id = $1 AND kind IN ($2, $3)`, person, kindPassword, kindOIDC).Scan(&more)
	return 1 + more, err
}

// endOpenings ends every link and second step that waits to sign a person in.
func endOpenings(tx *db.Tx, person string) error {
	if _, err := tx.Exec(`DELETE FROM tokens
		WHERE person_id = $1 AND purpose IN ('signin', 'second')`, person); err != nil {
		return fmt.Errorf("ending what waits to sign in: %w", err)
	}
	return nil
}

// endKeys ends every access token of a person.
func endKeys(tx *db.Tx, person string) error {
	if _, err := tx.Exec(`UPDATE access_tokens
		SET revoked_at = $1
		WHERE person_id = $2 AND revoked_at IS NULL`, tx.Now, person); err != nil {
		return fmt.Errorf("ending access tokens: %w", err)
	}
	return nil
}

// mayEdit returns the person who asks, from the store, if they may change what they
// sign in with.
func mayEdit(ctx context.Context, tx *db.Tx) (Person, error) {
	actor := plaza.ActorFrom(ctx)
	if err := access.Check(actor, access.AccountEdit, access.Object{Kind: "person", Owner: actor.PersonID}); err != nil {
		return Person{}, err
	}
	return ByID(tx, actor.PersonID)
}

// tell mails a person that something about their account has changed. what is the
// sentence "account.notice." and it.
func (a *Accounts) tell(tx *db.Tx, p Person, what string, pairs ...any) error {
	l := a.bundle.Printer(p.Language)
	pairs = append(pairs, "site", a.site())
	m, err := greet(outbox.Letter{
		L: l, Subject: l.T("account.notice.subject", "site", a.site()), Lead: l.T("account.notice."+what, pairs...),
		Link: a.baseURL + resetPath, Button: l.T("account.notice.button"), Why: l.T("account.notice.recover", "site", a.site()),
	}, p, p.Email)
	if err != nil {
		return err
	}
	m.Kind = "account.notice"
	return outbox.Post(tx, m)
}
