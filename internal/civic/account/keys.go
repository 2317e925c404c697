package account

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"

	"plaza/internal/base/db"
	"plaza/internal/base/secret"
	"plaza/internal/civic/access"
	"plaza/internal/civic/gate"
	"plaza/internal/civic/record"
	"plaza/internal/plaza"
)

// KeyPrefix begins every access token, so that one that was published by mistake can
// be found by looking for it.
const KeyPrefix = "plaza_"

// The limits of access tokens.
const (
	maxKeyName = 60                   // letters
	maxKeys    = 20                   // that work, of one person
	MaxKeyLife = 366 * 24 * time.Hour // from when it is made
	keptKey    = 90 * 24 * time.Hour  // after it has ended, in the list
)

// Key is a personal access token, without its secret.
type Key struct {
	ID      string
	Name    string
	Scopes  []string // as access.Scopes names them
	Created time.Time
	Expires time.Time
	Used    time.Time // the day of its last use; zero: never
	Revoked time.Time
}

// Works reports whether the token opens anything at an instant.
func (k Key) Works(now time.Time) bool { return k.Revoked.IsZero() && now.Before(k.Expires) }

// NewKey is what an access token is made from.
type NewKey struct {
	Name    string
	Scopes  []string
	Expires time.Time
}

func (n NewKey) clean(now time.Time) (NewKey, error) {
	refusal := &plaza.Error{Kind: plaza.Invalid, Key: "account.error.form"}
	wrong := func(field, key string, args map[string]any) {
		refusal.Fields = append(refusal.Fields, plaza.FieldError{Field: field, Key: key, Args: args})
	}
	name, ok := cleanName(n.Name)
	if !ok || len([]rune(name)) > maxKeyName {
		wrong("name", "account.error.key_name", map[string]any{"max": maxKeyName})
	}
	var scopes []string
	for _, s := range access.Scopes {
		if slices.Contains(n.Scopes, s.Name) {
			scopes = append(scopes, s.Name)
		}
	}
	for _, s := range n.Scopes {
		if !slices.Contains(scopes, s) {
			scopes = nil
			break
		}
	}
	if len(scopes) == 0 {
		wrong("scopes", "account.error.key_scopes", nil)
	}
	if !n.Expires.After(now) || n.Expires.Sub(now) > MaxKeyLife {
		wrong("until", "account.error.key_until", nil)
	}
	if len(refusal.Fields) > 0 {
		return n, refusal
	}
	return NewKey{name, scopes, n.Expires}, nil
}

// MakeKey makes an access token for a person and returns its secret, which is shown
// once and kept nowhere. Whoever makes it for themselves has to have signed in a moment
// ago. Made by somebody else it appends to the record, so it is the last statement of its
// transaction.
func (a *Accounts) MakeKey(tx *db.Tx, personID string, n NewKey) (key string, err error) {
	p, foreign, err := keeper(tx, personID)
	if err != nil {
		return "", err
	}
	if !foreign {
		if err := mustBeFresh(tx); err != nil {
			return "", err
		}
	}
	if n, err = n.clean(tx.Now); err != nil {
		return "", err
	}
	var live int
	if err := tx.Row(`SELECT COUNT(*)
		FROM access_tokens
		WHERE person_id = $1 AND revoked_at IS NULL AND expires_at > $2`, personID, tx.Now).Scan(&live); err != nil {
		return "", err
	}
	if live >= maxKeys {
		return "", &plaza.Error{Kind: plaza.Invalid, Key: "account.error.form", Fields: []plaza.FieldError{
			{Field: "name", Key: "account.error.keys", Args: map[string]any{"max": maxKeys}}}}
	}
	key = KeyPrefix + secret.Chance()
	if _, err := tx.Exec(`INSERT INTO access_tokens (id, hash, person_id, name, scopes, created_at, expires_at)
		VALUES ($1, $2, $3, $4, $5, $6, $7)`, tx.ID(), a.tokenHash("access", key), personID, n.Name,
		strings.Join(n.Scopes, " "), tx.Now, n.Expires); err != nil {
		return "", fmt.Errorf("storing an access token: %w", err)
	}
	if !foreign {
		return key, nil
	}
	return key, record.Append(tx, record.Act{Verb: "account.token_made", Object: ref(p)})
}

// keeper is the person whose tokens are managed, and whether somebody else does it.
func keeper(tx *db.Tx, personID string) (p Person, foreign bool, err error) {
	actor := plaza.ActorFrom(tx.Context())
	on := access.Object{Kind: "token", Owner: personID}
	if foreign = !access.Can(actor, access.TokenManage, on); foreign {
		if err := access.Check(actor, access.PersonToken, on); err != nil {
			return Person{}, true, err
		}
	}
	p, err = ByID(tx, personID)
	return p, foreign, err
}

// Keys are a person's access tokens, the newest first; those that ended long ago are
// left out.
func Keys(tx *db.Tx, personID string) ([]Key, error) {
	if _, _, err := keeper(tx, personID); err != nil {
		return nil, err
	}
	return keysOf(tx, personID)
}

func keysOf(tx *db.Tx, personID string) ([]Key, error) {
	return db.All(tx, func(scan func(...any) error) (k Key, err error) {
		var scopes string
		err = scan(&k.ID, &k.Name, &scopes, &k.Created, &k.Expires, &k.Used, &k.Revoked)
		k.Scopes = strings.Fields(scopes)
		return k, err
	}, `SELECT id, name, scopes, created_at, expires_at, used_on, revoked_at
		FROM access_tokens
		WHERE person_id = $1
		ORDER BY id DESC
		LIMIT 200`, personID)
}

// RevokeKey ends one of a person's access tokens at once; NotFound when there is no
// such token that works. By somebody else it appends to the record, so it is the last
// statement of its transaction.
func RevokeKey(tx *db.Tx, personID, id string) error {
	p, foreign, err := keeper(tx, personID)
	if err != nil {
		return err
	}
	n, err := tx.Exec(`UPDATE access_tokens
		SET revoked_at = $1
		WHERE id = $2 AND person_id = $3 AND revoked_at IS NULL AND expires_at > $1`, tx.Now, id, personID)
	if err != nil {
		return fmt.Errorf("ending an access token: %w", err)
	}
	if n == 0 {
		return plaza.E(plaza.NotFound, "account.error.no_key")
	}
	if !foreign {
		return nil
	}
	return record.Append(tx, record.Act{Verb: "account.token_revoked", Object: ref(p)})
}

// interfaces is where tokens work, and where cookies open nothing that writes.
const interfaces = "/api/"

// bearer is the token that a request to an interface carries, and whether it does.
func bearer(r *http.Request) (string, bool) {
	if !strings.HasPrefix(r.URL.Path, interfaces) {
		return "", false
	}
	scheme, secret, _ := strings.Cut(r.Header.Get("Authorization"), " ")
	return strings.TrimSpace(secret), strings.EqualFold(scheme, "Bearer")
}

func writesByInterface(r *http.Request) bool {
	return strings.HasPrefix(r.URL.Path, interfaces) && r.Method != http.MethodGet && r.Method != http.MethodHead
}

// authenticateKey returns the context of whoever holds a token, within its scopes. One
// that does not work is refused as Unauthenticated, whatever it is that it lacks.
func (a *Accounts) authenticateKey(ctx context.Context, secret string) (context.Context, error) {
	refused := plaza.E(plaza.Unauthenticated, "account.error.key")
	if !strings.HasPrefix(secret, KeyPrefix) || len(secret) > 100 {
		return nil, refused
	}
	var p Person
	var k Key
	err := a.db.Read(ctx, func(tx *db.Tx) error {
		var person, scopes string
		err := tx.Row(`SELECT id, person_id, scopes, expires_at, used_on, revoked_at
			FROM access_tokens
			WHERE hash = $1`, a.tokenHash("access", secret)).Scan(&k.ID, &person, &scopes, &k.Expires, &k.Used, &k.Revoked)
		if err != nil {
			return err
		}
		if !k.Works(tx.Now) {
			return refused
		}
		k.Scopes = strings.Fields(scopes)
		p, err = ByID(tx, person)
		return err
	})
	if err != nil && plaza.KindOf(err) != plaza.NotFound {
		return nil, err
	}
	if err != nil || p.Suspended {
		return nil, refused
	}
	if day := a.db.Now().Truncate(24 * time.Hour); k.Used.Before(day) {
		if err := a.db.Write(plaza.WithPatience(ctx, touchWithin), func(tx *db.Tx) error {
			_, err := tx.Exec(`UPDATE access_tokens SET used_on = $1 WHERE id = $2`, day, k.ID)
			return err
		}); err != nil {
			a.log.WarnContext(ctx, "noting a token's use", "err", err)
		}
	}
	// without roles that wait for a second factor: a token is no way round it
	actor, err := a.acting(ctx, p)
	if err != nil {
		return nil, err
	}
	actor.Limited, actor.Scopes = true, k.Scopes
	return plaza.WithActor(ctx, actor), nil
}

// perWriter is how often one person's programs may write.
var perWriter = gate.Limit{Name: "api.write", Max: 600, Window: time.Hour}

// BrakeWrites is TooMany when a person's programs write too often.
func (a *Accounts) BrakeWrites(ctx context.Context) error {
	return a.db.Write(ctx, func(tx *db.Tx) error {
		return a.gate.Brake(tx, perWriter, plaza.ActorFrom(ctx).PersonID)
	})
}
