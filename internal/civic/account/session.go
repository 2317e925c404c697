package account

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"time"

	"github.com/alexedwards/scs/v2"

	"plaza/internal/base/db"
	"plaza/internal/base/web"
	"plaza/internal/plaza"
)

// How long a session lasts by default: from its last use, and in all.
const (
	defaultInactivity = 3 * 24 * time.Hour
	defaultAbsolute   = 14 * 24 * time.Hour
)

// touchEvery is how stale a session's last use may be in the store: reading pages
// does not write each time.
const touchEvery = 10 * time.Minute

// touchWithin is how long a page waits for its session's use to be noted: the next one
// tries again.
const touchWithin = 200 * time.Millisecond

// personKey is the session's value that says whose it is, howKey how it was begun.
const (
	personKey = "person"
	howKey    = "how"
)

// newSessions makes the session manager. The library makes ids, carries values and
// writes cookies; when a session ends is decided by Plaza's clock, in sessionStore.
func newSessions(store *sessionStore, secure bool) *scs.SessionManager {
	m := scs.New()
	m.Store = store
	m.Codec = codec{}
	m.HashTokenInStore = true
	m.Lifetime = store.absolute
	m.Cookie.Name = "plaza"
	m.Cookie.HttpOnly = true
	m.Cookie.SameSite = http.SameSiteLaxMode
	m.Cookie.Path = "/"
	if secure {
		m.Cookie.Name, m.Cookie.Secure = "__Host-plaza", true
	}
	return m
}

// visit is what finding a session brings along: who it is, so that a request takes
// one transaction, and whether its last use is to be noted.
type visit struct {
	person  Person
	hash    string
	started time.Time
	stale   bool
}

type (
	visitKey struct{}
	txKey    struct{}
)

// Authenticate returns the request's context with its session and its person as the
// actor, or nil when the request carries no session that is alive.
func (a *Accounts) Authenticate(r *http.Request) (context.Context, error) {
	if secret, ok := bearer(r); ok {
		return a.authenticateKey(r.Context(), secret)
	}
	if writesByInterface(r) {
		return nil, nil // a browser sends cookies along wherever it is led to
	}
	c, err := r.Cookie(a.sessions.Cookie.Name)
	if err != nil || c.Value == "" {
		return nil, nil
	}
	v := &visit{}
	ctx, err := a.sessions.Load(context.WithValue(r.Context(), visitKey{}, v), c.Value)
	if err != nil {
		return nil, fmt.Errorf("looking up a session: %w", err)
	}
	if v.person.ID == "" {
		return nil, nil
	}
	if v.stale {
		// A store that cannot be written to is no reason not to be read.
		if err := a.store.touch(plaza.WithPatience(ctx, touchWithin), v.hash); err != nil {
			a.log.WarnContext(ctx, "noting a session's use", "err", err)
		}
	}
	actor, err := a.acting(ctx, v.person)
	if err != nil {
		return nil, err
	}
	return plaza.WithActor(ctx, actor), nil
}

// acting is the person as whoever acts, with the roles that come by themselves.
func (a *Accounts) acting(ctx context.Context, p Person) (plaza.Actor, error) {
	actor := p.Actor()
	if a.standIns == nil || actor.Suspended || !actor.Has(plaza.Liaison) {
		return actor, nil
	}
	var bodies []string
	if err := a.db.Read(ctx, func(tx *db.Tx) (err error) {
		bodies, err = a.standIns(tx, actor)
		return err
	}); err != nil {
		return actor, fmt.Errorf("looking up whom a liaison stands in for: %w", err)
	}
	for _, body := range bodies {
		actor.Grants = append(actor.Grants, plaza.Grant{Role: plaza.StandIn, Institution: body})
	}
	return actor, nil
}

// present is who asks, with the session, or nil where nobody signed in does.
func present(ctx context.Context) *visit {
	v, _ := ctx.Value(visitKey{}).(*visit)
	return v
}

// fresh reports whether the request's session was begun by a link a few minutes ago:
// that is as good as a password.
func (a *Accounts) fresh(ctx context.Context) bool {
	v := present(ctx)
	return v != nil && slices.Contains([]string{byLink, bySignup}, a.sessions.GetString(ctx, howKey)) && a.db.Now().Before(v.started.Add(freshFor))
}

// begin starts a session for the person in tx and ends the one that the request came
// with: its id was known before, perhaps to somebody else.
func (a *Accounts) begin(tx *db.Tx, p Person, oldCookie, how string) (func(http.ResponseWriter), error) {
	ctx, err := a.sessions.Load(context.WithValue(tx.Context(), txKey{}, tx), oldCookie)
	if err == nil {
		err = a.sessions.RenewToken(ctx)
	}
	if err == nil {
		err = a.sessions.Clear(ctx)
	}
	if err != nil {
		return nil, fmt.Errorf("ending the old session: %w", err)
	}
	a.sessions.Put(ctx, personKey, p.ID)
	a.sessions.Put(ctx, howKey, how)
	token, expiry, err := a.sessions.Commit(ctx)
	if err != nil {
		return nil, fmt.Errorf("starting a session: %w", err)
	}
	return func(w http.ResponseWriter) { a.sessions.WriteSessionCookie(ctx, w, token, expiry) }, nil
}

// end ends the request's session, if it has one, and takes its cookie away.
func (a *Accounts) end(ctx context.Context, w http.ResponseWriter, cookie string) error {
	ctx, err := a.sessions.Load(ctx, cookie)
	if err == nil {
		err = a.sessions.Destroy(ctx)
	}
	if err != nil {
		return fmt.Errorf("ending a session: %w", err)
	}
	a.sessions.WriteSessionCookie(ctx, w, "", time.Time{})
	return nil
}

// sessionStore keeps sessions in the store under the hash of their id. It takes part
// in the transaction that the context carries, if any. Of the library's expiry it
// keeps nothing: the instants are the store's.
type sessionStore struct {
	db         *db.DB
	inactivity time.Duration
	absolute   time.Duration
}

// FindCtx implements scs.CtxStore. A session that has ended is not found.
func (s *sessionStore) FindCtx(ctx context.Context, hash string) (data []byte, found bool, err error) {
	read := func(tx *db.Tx) error {
		var text, person string
		var started, seen time.Time
		err := tx.Row(`SELECT data, person_id, started_at, seen_at
			FROM sessions
			WHERE hash = $1`, hash).Scan(&text, &person, &started, &seen)
		if err != nil {
			return err
		}
		if !tx.Now.Before(started.Add(s.absolute)) || !tx.Now.Before(seen.Add(s.inactivity)) {
			return nil
		}
		data, found = []byte(text), true
		if v, ok := ctx.Value(visitKey{}).(*visit); ok {
			v.hash, v.started, v.stale = hash, started, tx.Now.Sub(seen) >= touchEvery
			v.person, err = ByID(tx, person)
		}
		return err
	}
	if tx, ok := ctx.Value(txKey{}).(*db.Tx); ok {
		err = read(tx)
	} else {
		err = s.db.Read(ctx, read)
	}
	if err != nil && plaza.KindOf(err) == plaza.NotFound {
		return nil, false, nil
	}
	return data, found, err
}

// CommitCtx implements scs.CtxStore.
func (s *sessionStore) CommitCtx(ctx context.Context, hash string, data []byte, _ time.Time) error {
	_, values, err := codec{}.Decode(data)
	if err != nil {
		return err
	}
	person, _ := values[personKey].(string)
	return s.write(ctx, func(tx *db.Tx) error {
		_, err := tx.Exec(`INSERT INTO sessions (hash, person_id, data, started_at, seen_at, agent)
			VALUES ($1, $2, $3, $4, $5, $6)
			ON CONFLICT (hash) DO UPDATE SET person_id = excluded.person_id, data = excluded.data, seen_at = excluded.seen_at`,
			hash, person, string(data), tx.Now, tx.Now, agentOf(web.UserAgent(ctx)))
		return err
	})
}

// DeleteCtx implements scs.CtxStore.
func (s *sessionStore) DeleteCtx(ctx context.Context, hash string) error {
	return s.write(ctx, func(tx *db.Tx) error {
		_, err := tx.Exec(`DELETE FROM sessions WHERE hash = $1`, hash)
		return err
	})
}

func (s *sessionStore) touch(ctx context.Context, hash string) error {
	return s.write(ctx, func(tx *db.Tx) error {
		_, err := tx.Exec(`UPDATE sessions SET seen_at = $1 WHERE hash = $2`, tx.Now, hash)
		return err
	})
}

func (s *sessionStore) write(ctx context.Context, fn func(*db.Tx) error) error {
	if tx, ok := ctx.Value(txKey{}).(*db.Tx); ok {
		return fn(tx)
	}
	return s.db.Write(ctx, fn)
}

// errNoContext: the library calls these only on stores without the methods above.
var errNoContext = errors.New("the session store needs a context")

// Find implements scs.Store.
func (s *sessionStore) Find(string) ([]byte, bool, error) { return nil, false, errNoContext }

// Commit implements scs.Store.
func (s *sessionStore) Commit(string, []byte, time.Time) error { return errNoContext }

// Delete implements scs.Store.
func (s *sessionStore) Delete(string) error { return errNoContext }

// codec writes a session as JSON, so that the store can read whose it is.
type codec struct{}

type sessionData struct {
	Deadline time.Time      `json:"deadline"` // by the library's clock; only its cookie uses it
	Values   map[string]any `json:"values"`
}

// Encode implements scs.Codec.
func (codec) Encode(deadline time.Time, values map[string]any) ([]byte, error) {
	return json.Marshal(sessionData{deadline, values})
}

// Decode implements scs.Codec.
func (codec) Decode(b []byte) (time.Time, map[string]any, error) {
	var d sessionData
	if err := json.Unmarshal(b, &d); err != nil {
		return time.Time{}, nil, fmt.Errorf("reading a session: %w", err)
	}
	if d.Values == nil {
		d.Values = map[string]any{}
	}
	return d.Deadline, d.Values, nil
}
