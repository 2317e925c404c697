package cases

import (
	"embed"
	"log/slog"
	"strings"
	"sync"

	"plaza/internal/base/blob"
	"plaza/internal/base/db"
	"plaza/internal/base/i18n"
	"plaza/internal/base/image"
	"plaza/internal/base/web"
	"plaza/internal/civic/gate"
	"plaza/internal/civic/membership"
	"plaza/internal/civic/moderation"
	"plaza/internal/civic/outbox"
	"plaza/internal/civic/record"
	"plaza/internal/civic/search"
	"plaza/internal/plaza"
)

// Locale holds the sentences of this package, in Spanish and English.
//
//go:embed locale/*.json
var Locale embed.FS

//go:embed templates/*.html
var templates embed.FS

// Point is where personal data is collected: the notice of the form for a case.
const Point = "case"

// StepRefKind is the kind of a step's Ref, as moderation knows it.
const StepRefKind = "case_step"

// Config is what a Cases is made with.
type Config struct {
	DB      *db.DB
	Key     []byte // secret.Root.Derive(secret.Tokens, 32)
	BaseURL string // what links in mails begin with
	Site    func() string
	Bundle  *i18n.Bundle
	Gate    *gate.Gate
	Blob    blob.Store
	Mail    *outbox.Outbox
	Search  *search.Engine
	Log     *slog.Logger
	// Cards tells of what a case can be about.
	Cards record.Cards
	// Screen judges what is about to be said; nil lets everything through.
	Screen moderation.Screener
	// Responsible is who answers for an institution now; nil: each for itself.
	Responsible func(tx *db.Tx, institution string) (membership.Responsible, error)
	// StandsFor are the institutions in whose place an institution answers now, "" the
	// coordination; nil is none.
	StandsFor func(tx *db.Tx, institution string) ([]string, error)
	// Promise makes a commitment of an answer of outcome Planned and returns its id; nil
	// where there are none.
	Promise func(tx *db.Tx, c Case, a Answer) (string, []record.Act, error)
	// Promised reports whether a commitment made for a case is open; nil is never.
	Promised func(tx *db.Tx, id string) (bool, error)
	// Concerns are the ids of cases of whose askers an entry of another part is news, e.g. a
	// commitment that was kept; nil is none.
	Concerns func(tx *db.Tx, e record.Entry) ([]string, error)
	// Route is the area to which a case goes by itself when it becomes public or is taken
	// over, ok false for none; nil is never.
	Route func(tx *db.Tx, c Case) (unit string, ok bool, err error)
	// Spot tells of the place in a resource's file to which a case points; nil: nobody knows.
	Spot func(tx *db.Tx, on On) (Spot, error)
	// Spoken tells of comments, and of what they stand under; nil: none becomes a case.
	Spoken record.Cards
	// Around is drawn around a case on its page: following, comments; nil is nothing.
	Around func(tx *db.Tx, page web.Page, object plaza.Card) (web.Around, error)
	// Report is the page on which a reader reports something; nil is none.
	Report func(plaza.Ref) string
	// Decisions are the paths of the decisions for which posts of a person were hidden or
	// refused, by the posts; nil is none.
	Decisions func(tx *db.Tx, author string, posts []plaza.Ref) (map[plaza.Ref]string, error)
}

// Cases is everything that institutions must answer: what other parts of Plaza call, and
// its pages.
type Cases struct {
	Config
	shell *web.Shell
	makes sync.Once
	maker *image.Maker
}

// New makes Cases.
func New(cfg Config) *Cases {
	if cfg.Site == nil {
		cfg.Site = func() string { return "Plaza" }
	}
	if cfg.Log == nil {
		cfg.Log = slog.Default()
	}
	cfg.BaseURL = strings.TrimRight(cfg.BaseURL, "/")
	return &Cases{Config: cfg}
}
