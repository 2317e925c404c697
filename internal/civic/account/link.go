package account

import (
	"context"
	"encoding/hex"
	"fmt"
	"net/url"
	"strings"
	"time"

	"plaza/internal/base/db"
	"plaza/internal/base/secret"
	"plaza/internal/civic/access"
	"plaza/internal/plaza"
)

// linkLife is how long a sign-in link works.
const linkLife = 30 * time.Minute

// purposeSignIn is what a sign-in link's token is for; a token for one purpose is
// nothing for another.
const purposeSignIn = "signin"

// SigninLink makes a sign-in link for the address, for an operator to hand over. It
// is NotFound when the address has no account.
func (a *Accounts) SigninLink(ctx context.Context, email string) (link string, err error) {
	if err := access.Check(plaza.ActorFrom(ctx), access.PersonLink, access.Object{Kind: "person"}); err != nil {
		return "", err
	}
	err = a.db.Write(ctx, func(tx *db.Tx) error {
		p, err := ByEmail(tx, email)
		if err != nil {
			return err
		}
		link, err = a.newLink(tx, p, "")
		return err
	})
	if err != nil {
		return "", fmt.Errorf("making a sign-in link: %w", err)
	}
	return link, nil
}

// newLink stores a token for the person and returns its address, which is shown
// nowhere else. next is a path of this site, or "".
func (a *Accounts) newLink(tx *db.Tx, p Person, next string) (string, error) {
	token := secret.Chance()
	if _, err := tx.Exec(`INSERT INTO tokens (hash, purpose, audience, person_id, next, created_at, expires_at)
		VALUES ($1, $2, $3, $4, $5, $6, $7)`,
		a.tokenHash(purposeSignIn, token), purposeSignIn, p.emailKey, p.ID, next, tx.Now, tx.Now.Add(linkLife)); err != nil {
		return "", fmt.Errorf("storing a sign-in link: %w", err)
	}
	return a.baseURL + "/entrar/" + token, nil
}

// look returns the person whom a link would sign in, without using it.
func (a *Accounts) look(tx *db.Tx, token string) (Person, error) {
	var person, audience string
	err := tx.Row(`SELECT person_id, audience
		FROM tokens
		WHERE hash = $1 AND purpose = $2 AND used_at IS NULL AND expires_at > $3`,
		a.tokenHash(purposeSignIn, token), purposeSignIn, tx.Now).Scan(&person, &audience)
	return a.bearer(tx, person, audience, err)
}

// use takes a link: of all who try at once, one gets the person.
func (a *Accounts) use(tx *db.Tx, token string) (p Person, next string, err error) {
	var person, audience string
	err = tx.Row(`UPDATE tokens
		SET used_at = $1
		WHERE hash = $2 AND purpose = $3 AND used_at IS NULL AND expires_at > $4
		RETURNING person_id, audience, next`,
		tx.Now, a.tokenHash(purposeSignIn, token), purposeSignIn, tx.Now).Scan(&person, &audience, &next)
	p, err = a.bearer(tx, person, audience, err)
	return p, next, err
}

// bearer is the person of a token that was found. A link that went to an address
// which is no longer the person's is as good as none.
func (a *Accounts) bearer(tx *db.Tx, id, audience string, err error) (Person, error) {
	if err == nil {
		var p Person
		if p, err = ByID(tx, id); err == nil && p.emailKey == audience {
			return p, nil
		}
	}
	if err == nil || plaza.KindOf(err) == plaza.NotFound {
		return Person{}, plaza.E(plaza.NotFound, "account.link.dead")
	}
	return Person{}, err
}

func (a *Accounts) tokenHash(purpose, token string) string {
	return hex.EncodeToString(a.mac("token", purpose, token))
}

// mac is the keyed hash of the parts.
func (a *Accounts) mac(parts ...string) []byte { return secret.Sum(a.key, parts...) }

// maxPath bounds where a link may lead, in bytes.
const maxPath = 2000

// safePath returns a path of this site that came with a request, or "" when it
// could lead anywhere else, or back to signing in or out.
func safePath(s string) string {
	if len(s) > maxPath || !strings.HasPrefix(s, "/") || strings.HasPrefix(s, "//") || strings.ContainsAny(s, "\\") {
		return ""
	}
	for _, r := range s {
		if r < ' ' || r == 0x7f {
			return ""
		}
	}
	u, err := url.Parse(s)
	if err != nil || u.Scheme != "" || u.Host != "" || u.User != nil || !strings.HasPrefix(u.Path, "/") || strings.HasPrefix(u.Path, "//") {
		return ""
	}
	if first, _, _ := strings.Cut(u.Path[1:], "/"); first == "entrar" || first == "salir" {
		return ""
	}
	if s = u.String(); len(s) > maxPath { // bytes that had to be escaped
		return ""
	}
	return s
}
