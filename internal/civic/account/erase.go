package account

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"time"

	"plaza/internal/base/db"
	"plaza/internal/civic/access"
	"plaza/internal/civic/outbox"
	"plaza/internal/civic/privacy"
	"plaza/internal/civic/record"
	"plaza/internal/plaza"
)

// Erase takes a person out of everything that the holdings keep and out of the accounts,
// within one transaction. With the salt goes the only way from the record's pseudonym
// to whom it meant. What was public stays, said by Nobody. It appends to the record, so
// it is the last statement of its transaction. The last admin is a Conflict.
func Erase(tx *db.Tx, personID string, holdings privacy.Registry) error {
	if err := access.Check(plaza.ActorFrom(tx.Context()), access.AccountErase, access.Object{Kind: "person", Owner: personID}); err != nil {
		return err
	}
	p, err := ByID(tx, personID)
	if err != nil {
		return err
	}
	if err := notLastAdmin(tx, personID); err != nil {
		return err
	}
	acts, err := holdings.Erase(tx, personID)
	if err != nil {
		return err
	}
	for _, g := range p.Grants {
		acts = append(acts, record.Act{Verb: "account.role_ended", Object: ref(p), Institution: g.Institution, Payload: roleFacts{Role: g.Role}})
	}
	// That the address takes no mail may be known of longer than any mail to it.
	if err := outbox.Revive(tx, p.Email); err != nil && plaza.KindOf(err) != plaza.NotFound {
		return err
	}
	// Asked for with the same address, perhaps by somebody else.
	if _, err := tx.Exec(`DELETE FROM signups WHERE email_key = $1`, p.emailKey); err != nil {
		return fmt.Errorf("erasing sign-ups: %w", err)
	}
	// Roles, sessions, links, tokens and what they signed in with go with the person.
	if _, err := tx.Exec(`DELETE FROM people WHERE id = $1`, personID); err != nil {
		return fmt.Errorf("erasing a person: %w", err)
	}
	acts = append(acts, record.Act{Verb: "account.erased", Object: ref(p)})
	for part := range slices.Chunk(acts, record.MaxActs) {
		if err := record.Append(tx, part...); err != nil {
			return err
		}
	}
	return nil
}

// keptChange is how long a change of address is remembered: longer than it can be
// undone.
const keptChange = 30 * 24 * time.Hour

// Holding is what the accounts keep of people.
func (a *Accounts) Holding() privacy.Holding {
	return privacy.Holding{
		Key: "account",
		Data: []privacy.Datum{
			{Key: "account_name", Point: "signup"},
			{Key: "account_email", Point: "signup"},
			{Key: "account_language", Point: "profile"},
			{Key: "account_roles", Point: "profile"},
			{Key: "account_sessions", Point: "signin", Keep: a.store.absolute},
			{Key: "account_signups", Point: "signup", Keep: signupLife},
			{Key: "account_methods", Point: "signin"},
			{Key: "account_tokens", Point: "token", Keep: keptKey},
			{Key: "account_email_changes", Point: "email", Keep: keptChange},
			{Key: "account_brakes", Point: "signin", Keep: 24 * time.Hour},
		},
		Export: a.export,
		// Erase itself takes what is left.
		Erase:  func(*db.Tx, string) ([]record.Act, error) { return nil, nil },
		Expire: expire,
	}
}

// exported is what a person gets of the account.
type exported struct {
	Name      string            `json:"name"`
	Email     string            `json:"email"`
	Language  string            `json:"language"`
	Created   time.Time         `json:"created"`
	Pseudonym string            `json:"pseudonym"`
	Roles     []exportedRole    `json:"roles"`
	Sessions  []exportedSession `json:"sessions"`
	Tokens    []exportedKey     `json:"tokens"`
	Emails    []exportedChange  `json:"email_changes"`
	Methods   []exportedMethod  `json:"sign_in_methods"`
	Suspended *exportedHold     `json:"suspended,omitempty"`
}

type (
	exportedRole struct {
		Role        plaza.Role `json:"role"`
		Institution string     `json:"institution"`
		Unit        string     `json:"unit"`
		From        time.Time  `json:"from"`
		Until       *time.Time `json:"until"`
	}
	exportedSession struct {
		Browser string    `json:"browser"`
		Device  string    `json:"device"`
		Started time.Time `json:"started"`
		Seen    time.Time `json:"seen"`
	}
	exportedKey struct {
		Name    string     `json:"name"`
		Scopes  []string   `json:"scopes"`
		Created time.Time  `json:"created"`
		Expires time.Time  `json:"expires"`
		Used    *time.Time `json:"used_on"`
		Revoked *time.Time `json:"revoked"`
	}
	exportedChange struct {
		From   string     `json:"from"`
		To     string     `json:"to"`
		Asked  time.Time  `json:"asked"`
		Done   *time.Time `json:"done"`
		Undone *time.Time `json:"undone"`
	}
	// exportedMethod is one way to sign in, without what opens.
	exportedMethod struct {
		Kind     string    `json:"kind"`
		Provider string    `json:"provider,omitempty"`
		Label    string    `json:"label,omitempty"`
		Since    time.Time `json:"since"`
	}
	exportedHold struct {
		From  time.Time  `json:"from"`
		Until *time.Time `json:"until"`
		Why   string     `json:"why"`
	}
)

// known is an instant that happened, nil for one that did not.
func known(t time.Time) *time.Time {
	if t.IsZero() {
		return nil
	}
	return &t
}

func (a *Accounts) export(tx *db.Tx, personID string) (any, error) {
	p, err := ByID(tx, personID)
	if err != nil {
		return nil, err
	}
	out := exported{Name: p.Name, Email: p.Email, Language: p.Language, Created: p.Created, Pseudonym: p.Pseudonym,
		Roles: []exportedRole{}, Sessions: []exportedSession{}, Tokens: []exportedKey{}, Emails: []exportedChange{}}
	if s := p.SuspendedBy; p.Suspended {
		out.Suspended = &exportedHold{s.From, known(s.Until), s.Why}
	}
	if out.Roles, err = allRoles(tx, personID); err != nil {
		return nil, err
	}
	sessions, err := a.Sessions(tx, personID)
	if err != nil {
		return nil, err
	}
	for _, s := range sessions {
		out.Sessions = append(out.Sessions, exportedSession{s.Browser, s.Device, s.Started, s.Seen})
	}
	keys, err := keysOf(tx, personID)
	if err != nil {
		return nil, err
	}
	for _, k := range keys {
		out.Tokens = append(out.Tokens, exportedKey{k.Name, k.Scopes, k.Created, k.Expires, known(k.Used), known(k.Revoked)})
	}
	if out.Methods, err = methodsOf(tx, personID); err != nil {
		return nil, err
	}
	out.Emails, err = db.All(tx, func(scan func(...any) error) (c exportedChange, err error) {
		var done, undone time.Time
		err = scan(&c.From, &c.To, &c.Asked, &done, &undone)
		c.Done, c.Undone = known(done), known(undone)
		return c, err
	}, `SELECT old_email, new_email, asked_at, done_at, undone_at
		FROM email_changes
		WHERE person_id = $1
		ORDER BY id`, personID)
	return out, err
}

func methodsOf(tx *db.Tx, personID string) ([]exportedMethod, error) {
	return db.All(tx, func(scan func(...any) error) (m exportedMethod, err error) {
		err = scan(&m.Kind, &m.Provider, &m.Label, &m.Since)
		return m, err
	}, `SELECT kind, issuer, label, created_at
		FROM credentials
		WHERE person_id = $1
		ORDER BY created_at, id`, personID)
}

// allRoles are a person's roles, ended ones too.
func allRoles(tx *db.Tx, personID string) ([]exportedRole, error) {
	return db.All(tx, func(scan func(...any) error) (r exportedRole, err error) {
		var until time.Time
		err = scan(&r.Role, &r.Institution, &r.Unit, &r.From, &until)
		r.Until = known(until)
		return r, err
	}, `SELECT role, institution, unit_id, from_at, until_at
		FROM role_grants
		WHERE person_id = $1
		ORDER BY from_at, id`, personID)
}

// expirePiece is how many rows one transaction forgets.
const expirePiece = 1000

// expire forgets changes of address that nobody can undo and tokens that ended long ago.
func expire(tx *db.Tx) (int, error) {
	changes, err := tx.Exec(`DELETE FROM email_changes
		WHERE id IN (SELECT id FROM email_changes WHERE asked_at < $1 ORDER BY asked_at LIMIT $2)`,
		tx.Now.Add(-keptChange), expirePiece)
	if err != nil {
		return 0, fmt.Errorf("forgetting changes of address: %w", err)
	}
	tokens, err := tx.Exec(`DELETE FROM access_tokens
		WHERE id IN (SELECT id FROM access_tokens WHERE expires_at < $1 ORDER BY expires_at LIMIT $2)`,
		tx.Now.Add(-keptKey), expirePiece)
	if err != nil {
		return 0, fmt.Errorf("forgetting access tokens: %w", err)
	}
	return int(changes + tokens), nil
}

// DropCookie takes the session's cookie away from whoever has just gone.
func (a *Accounts) DropCookie(ctx context.Context, w http.ResponseWriter) {
	a.sessions.WriteSessionCookie(ctx, w, "", time.Time{})
}
