package account

import (
	"embed"
	"log/slog"
	"strings"
	"time"

	"github.com/alexedwards/scs/v2"

	"plaza/internal/base/db"
	"plaza/internal/base/fetch"
	"plaza/internal/base/i18n"
	"plaza/internal/base/secret"
	"plaza/internal/civic/gate"
	"plaza/internal/civic/outbox"
	"plaza/internal/plaza"
)

// Locale holds this package's messages.
//
//go:embed locale
var Locale embed.FS

//go:embed templates
var templates embed.FS

// Config is what Accounts are made with; the durations and Log have defaults.
type Config struct {
	DB      *db.DB
	Key     []byte        // secret.Root.Derive(secret.Tokens, 32)
	BaseURL string        // what links begin with; https makes cookies Secure
	Site    func() string // what this place is called now; nil is Plaza
	Mail    *outbox.Outbox
	Gate    *gate.Gate
	Bundle  *i18n.Bundle // of the mails' words

	// Seal is secret.Root.Derive(secret.Sealing, 32), for what has to be read again; nil
	// makes one from Key.
	Seal []byte
	// Client asks identity providers; nil allows none but those of the open internet.
	Client *fetch.Client
	// Consent notes that a person agrees to the notice shown at a point ("signup"), in
	// the transaction that makes the account; nil notes nothing.
	Consent func(tx *db.Tx, person, point string) error
	// Reserved are the names of the installation and its coordination, which nobody else may
	// seem to have; nil is none.
	Reserved func(tx *db.Tx) ([]string, error)
	// StandIns are the institutions at which a liaison stands in for one that is missing;
	// asked for with each request of a liaison. nil is none.
	StandIns func(tx *db.Tx, liaison plaza.Actor) ([]string, error)

	Inactivity time.Duration // a session ends when it is unused for so long; 0 is three days
	Absolute   time.Duration // and so long after it began; 0 is two weeks

	Log *slog.Logger // nil is slog.Default()
}

// Accounts sign people in and know who they are. They are safe for concurrent use.
type Accounts struct {
	db       *db.DB
	key      []byte
	baseURL  string
	site     func() string
	mail     *outbox.Outbox
	gate     *gate.Gate
	bundle   *i18n.Bundle
	log      *slog.Logger
	store    *sessionStore
	sessions *scs.SessionManager

	secure    bool // the site is served under TLS
	seals     secret.Sealer
	hasher    *hasher // of passwords that are tried
	maker     *hasher // of new ones
	providers *providers
	consent   func(tx *db.Tx, person, point string) error
	standIns  func(tx *db.Tx, liaison plaza.Actor) ([]string, error)
	reserved  func(tx *db.Tx) ([]string, error)
}

// NewAccounts makes Accounts on a store.
func NewAccounts(cfg Config) *Accounts {
	if cfg.Inactivity <= 0 {
		cfg.Inactivity = defaultInactivity
	}
	if cfg.Absolute <= 0 {
		cfg.Absolute = defaultAbsolute
	}
	if cfg.Log == nil {
		cfg.Log = slog.Default()
	}
	if cfg.Site == nil {
		cfg.Site = func() string { return "Plaza" }
	}
	if cfg.Consent == nil {
		cfg.Consent = func(*db.Tx, string, string) error { return nil }
	}
	if cfg.Reserved == nil {
		cfg.Reserved = func(*db.Tx) ([]string, error) { return nil, nil }
	}
	store := &sessionStore{db: cfg.DB, inactivity: cfg.Inactivity, absolute: cfg.Absolute}
	secure := strings.HasPrefix(cfg.BaseURL, "https://")
	a := &Accounts{
		db: cfg.DB, key: cfg.Key, baseURL: strings.TrimRight(cfg.BaseURL, "/"), site: cfg.Site,
		mail: cfg.Mail, gate: cfg.Gate, bundle: cfg.Bundle, log: cfg.Log,
		store: store, sessions: newSessions(store, secure),
		secure: secure, hasher: newHasher(), maker: newMaker(), providers: newProviders(cfg.DB, cfg.Client), consent: cfg.Consent, standIns: cfg.StandIns, reserved: cfg.Reserved,
	}
	if cfg.Seal == nil {
		cfg.Seal = a.mac("seal")
	}
	a.seals = secret.NewSealer(cfg.Seal)
	return a
}

// SessionCookie is the name of the cookie that carries a session's id.
func (a *Accounts) SessionCookie() string { return a.sessions.Cookie.Name }
