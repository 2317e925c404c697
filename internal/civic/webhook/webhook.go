// Package webhook tells the systems of institutions, a ticket system for one, what happens
// to their cases, commitments and comments: whenever the record has an entry about the
// institution, each of its hooks gets a POST that is signed as Standard Webhooks asks
// (https://www.standardwebhooks.com, scheme v1: HMAC-SHA256 over id, timestamp and body).
//
//	record ──▶ Read ──▶ deliveries ──▶ Deliver ──▶ arrived
//	                                      │  └──▶ waiting, again and again for two days
//	                                      └─────▶ failed: to be replayed by hand
//
// What is sent is what is public when the entry is read. A message keeps its id and body
// however often it is sent, so that a receiver that gets it twice can tell. A hook at which
// nothing has arrived for five days, or that answers 410, stops by itself, and says so.
package webhook

import (
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"embed"
	"encoding/base64"
	"log/slog"
	"net/http"
	"strconv"
	"strings"
	"time"

	"plaza/internal/base/db"
	"plaza/internal/base/fetch"
	"plaza/internal/base/secret"
	"plaza/internal/base/web"
	"plaza/internal/civic/institution"
	"plaza/internal/civic/record"
)

// Locale holds the sentences of this package, in Spanish and English.
//
//go:embed locale/*.json
var Locale embed.FS

//go:embed templates/*.html
var templates embed.FS

// Kind is the kind of a hook's Ref.
const Kind = "hook"

// Families are the families of verbs that a hook may be told of, in the order of the form.
var Families = []string{"case", "commitment", "comment"}

// State is whether a hook is told.
type State string

// The states of a hook.
const (
	Active  State = "active"
	Paused  State = "paused"
	Failing State = "failing" // stopped by itself
)

// Hook is where an institution's system is told.
type Hook struct {
	ID          string
	Institution string // id
	URL         string
	Events      []string // some of Families
	State       State
	Version     int
	Created     time.Time
	FailingAt   time.Time // since when nothing arrives, zero while it does
	sealed      string
}

// Delivery is a message to a hook.
type Delivery struct {
	ID       string
	Hook     string
	Seq      int64 // of the record's entry, 0 for a test
	Verb     string
	Body     string // JSON
	State    string // waiting, arrived, failed
	Attempts int
	Next     time.Time
	Status   int    // HTTP, of the last attempt
	Error    string // code of package fetch, of the last attempt
	Created  time.Time
	Arrived  time.Time
}

// The states of a delivery.
const (
	Waiting = "waiting"
	Arrived = "arrived"
	Failed  = "failed"
)

// waits are for how long a message waits after each attempt that failed.
var waits = []time.Duration{5 * time.Second, 5 * time.Minute, 30 * time.Minute, 2 * time.Hour, 5 * time.Hour, 10 * time.Hour, 14 * time.Hour, 20 * time.Hour}

// Bounds.
const (
	maxHooks  = 10 // of an institution
	maxURL    = 1000
	maxBody   = 64 << 10
	timeout   = 15 * time.Second
	giveUp    = 5 * 24 * time.Hour // nothing arrived for so long: the hook stops
	keep      = 30 * 24 * time.Hour
	secretLen = 32
)

// Config is what Hooks are made with.
type Config struct {
	DB     *db.DB
	Seal   secret.Sealer
	Client *fetch.Client
	Log    *slog.Logger
	// Describe says in public words what an entry is about, as a JSON object; ok is false
	// when nobody but those concerned may know of it now.
	Describe func(tx *db.Tx, e record.Entry) (data map[string]any, ok bool, err error)
}

// Hooks tells institutions' systems, and has the pages on which they are set.
type Hooks struct {
	Config
	client *http.Client
	office *institution.Office
	shell  *web.Shell
}

// New makes Hooks.
func New(cfg Config) *Hooks {
	if cfg.Log == nil {
		cfg.Log = slog.Default()
	}
	return &Hooks{Config: cfg, client: cfg.Client.HTTP(maxBody, timeout)}
}

// newSecret makes a secret as Standard Webhooks writes it.
func newSecret() string {
	var b [secretLen]byte
	_, _ = rand.Read(b[:]) // never fails since Go 1.24
	return "whsec_" + base64.StdEncoding.EncodeToString(b[:])
}

// Sign is the signature of a message, to be sent as webhook-signature: "v1," and the
// keyed hash of its id, its timestamp (Unix seconds) and its body. The secret is as it was
// given to the receiver, "whsec_" and base64.
func Sign(secret, id string, at time.Time, body string) string {
	key, err := base64.StdEncoding.DecodeString(strings.TrimPrefix(secret, "whsec_"))
	if err != nil {
		key = []byte(secret)
	}
	mac := hmac.New(sha256.New, key)
	mac.Write([]byte(id + "." + strconv.FormatInt(at.Unix(), 10) + "." + body))
	return "v1," + base64.StdEncoding.EncodeToString(mac.Sum(nil))
}

// tells reports whether a hook is told of a verb.
func (h Hook) tells(verb string) bool {
	family, _, _ := strings.Cut(verb, ".")
	for _, f := range h.Events {
		if f == family {
			return true
		}
	}
	return false
}
