// Package follow tells people what happens to what they follow. Whoever follows names a
// thing by its Ref, an institution, a dataset, a theme, a search or whatever comes
// later: this package knows only Refs and what record.Cards says of them.
//
// What is told is read from the record and from nothing else. A Teller goes through it
// from a position of its own: for each entry that is worth telling it works out who is to
// hear of it and writes one notice for each of them, a piece at a time, with the position
// in the same transaction, so that a crash at any moment neither loses a notice nor makes
// one twice:
//
//	record ──▶ Teller ──▶ notices ──▶ /mi/avisos
//	                         └──────▶ a mail at once, or the day's, or the week's ──▶ outbox
//
// What has been read in the app before its digest is written is left out of it.
//
// Without an account one follows by a confirmed address. Asking for it gives the same
// answer for any address; the links in mails are sealed with a key, are good for one
// subscription or for all, and need no session.
package follow

import (
	"embed"
	"log/slog"
	"strings"
	"time"

	"plaza/internal/base/db"
	"plaza/internal/base/i18n"
	"plaza/internal/base/web"
	"plaza/internal/civic/gate"
	"plaza/internal/civic/record"
	"plaza/internal/civic/search"
	"plaza/internal/plaza"
)

// Locale holds this package's messages.
//
//go:embed locale
var Locale embed.FS

//go:embed templates
var templates embed.FS

// Often is how often mails come.
type Often string

// How often. Never is for mails alone: the app still tells.
const (
	Now    Often = "now"
	Daily  Often = "daily"
	Weekly Often = "weekly"
	Never  Often = "never"
)

// Choice is how somebody is told.
type Choice struct {
	Often  Often // of mails
	InApp  bool
	ByMail bool
}

// Follow is somebody's subscription to a thing.
type Follow struct {
	ID        string
	Recipient string // id of a person, or of a reader without an account
	Object    plaza.Ref
	Choice
	Created   time.Time
	Confirmed bool
}

// Limits of what may be followed.
const (
	maxFollows = 500
	maxKind    = 40   // bytes
	maxID      = 1000 // bytes: a search is a long id
)

// ParseRef reads a Ref as an address has it, "kind:id"; ok is false for what is none.
func ParseRef(s string) (ref plaza.Ref, ok bool) {
	kind, id, found := strings.Cut(s, ":")
	if !found || kind == "" || id == "" || len(kind) > maxKind || len(id) > maxID {
		return plaza.Ref{}, false
	}
	for _, r := range kind {
		if (r < 'a' || r > 'z') && r != '_' {
			return plaza.Ref{}, false
		}
	}
	return plaza.Ref{Kind: kind, ID: id}, true
}

// Weight says how an entry is told.
type Weight uint8

// The weights.
const (
	AtOnce Weight = iota // as each has chosen
	Noise                // what machines change often: by mail in digests only
	Silent               // to nobody but whom an Audience names
)

// Config is what a Service is made with. Zone, Site and Log have defaults.
type Config struct {
	DB      *db.DB
	Key     []byte // secret.Root.Derive(secret.Tokens, 32)
	BaseURL string // what links in mails begin with
	// Kept says that mails are not sent but kept, for whoever operates this place to read.
	Kept   bool
	Site   func() string // what mails call this place now; nil is Plaza
	Bundle *i18n.Bundle
	Gate   *gate.Gate
	Search *search.Engine
	// Cards resolves what is followed and what entries are about.
	Cards record.Cards
	// SavedID is the form in which a search is kept, "" for a search for everything.
	SavedID func(query string) string
	// Saved makes queries of kept searches.
	Saved func(tx *db.Tx) (func(id string) search.Query, error)
	// Audiences say who hears of entries besides followers.
	Audiences []record.Audiences
	// Details say what there is to read of entries besides their sentences.
	Details []record.Details
	// Weights adds to, and goes before, what this package knows of verbs: by verb, or by
	// a family of them that ends in a dot ("source.").
	Weights map[string]Weight
	// Zone is where it is eight o'clock when digests are written; nil is i18n.DefaultZone.
	Zone *time.Location
	Log  *slog.Logger
}

// Service follows and tells. It is safe for concurrent use.
type Service struct {
	Config
	shell *web.Shell
}

// New makes a Service.
func New(cfg Config) *Service {
	if cfg.Zone == nil {
		cfg.Zone = cfg.Bundle.Printer(i18n.Spanish).Zone()
	}
	if cfg.Site == nil {
		cfg.Site = func() string { return "Plaza" }
	}
	if cfg.Log == nil {
		cfg.Log = slog.Default()
	}
	cfg.BaseURL = strings.TrimRight(cfg.BaseURL, "/")
	return &Service{Config: cfg}
}

// weights are what is known of verbs. What is not here is told at once: new parts of
// Plaza are heard without being listed.
var weights = map[string]Weight{
	"dataset.changed":   Noise,
	"dataset.late":      Noise,
	"dataset.missing":   Silent, // it may be back tomorrow; absent tells of those that are not
	"dataset.found":     Silent,
	"dataset.left":      Silent, // dataset.moved tells both sides
	"resource.":         Noise,
	"institution.added": Silent,
	"source.":           Silent,
	"publisher_rule.":   Silent,
	"account.":          Silent,
	"person.":           Silent,
	"member.":           Silent,
	"moderation.":       Silent,
	"mail.":             Silent,
}

// weight is how entries of a verb are told.
func (s *Service) weight(verb string) Weight {
	family, _, _ := strings.Cut(verb, ".")
	for _, known := range []map[string]Weight{s.Weights, weights} {
		if w, ok := known[verb]; ok {
			return w
		}
		if w, ok := known[family+"."]; ok {
			return w
		}
	}
	return AtOnce
}
