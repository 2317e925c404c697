// Package commitment is what institutions said they would do: what, by when, and what
// became of it.
//
//	promised ─▶ open ──▶ kept    (on evidence: the catalogue shows it, and its link answers)
//	             │ ▲└──▶ dropped (no procede: two persons, with the reason)
//	             └─┘ rescheduled, at most twice, before the date that it replaces has passed
//
// A commitment is overdue when its day has passed and it is open: that is read off the
// date when somebody asks, never stored. It closes only on evidence, which the catalogue
// gives (Deps.Evidence): nobody can say that it was kept. What concerns a dataset that is
// known is kept by itself once a change of that dataset passes (reader.go).
//
// It belongs to what it was promised in (a case; later round tables, challenges, surveys)
// and to what it concerns by their internal ids, so it outlives names and tombstones.
package commitment

import (
	"slices"
	"time"

	"plaza/internal/base/text"
	"plaza/internal/civic/institution"
	"plaza/internal/plaza"
)

// RefKind is the kind of a commitment's Ref.
const RefKind = "commitment"

// Path is where commitments are listed; PagePath and a code is the page of one.
const (
	Path     = "/compromisos"
	PagePath = Path + "/"
)

// Kind is what is promised.
type Kind string

// The kinds of commitment.
const (
	Publish  Kind = "publish"
	Improve  Kind = "improve"
	Document Kind = "document"
	Update   Kind = "update"
	Format   Kind = "format"
	API      Kind = "api"
	Other    Kind = "other"
)

// Kinds are all of them, in the order of lists.
var Kinds = []Kind{Publish, Improve, Document, Update, Format, API, Other}

// State is where a commitment stands.
type State string

// The states of a commitment.
const (
	Open    State = "open"
	Kept    State = "kept"
	Dropped State = "dropped" // no procede
)

// MaxMoves is how often a date may be put off.
const MaxMoves = 2

// Limits, in letters.
const (
	MaxText   = 500
	MaxReason = 2000
)

// Commitment is something that an institution said it would do.
type Commitment struct {
	ID          string
	Code        string // SALUD-C-2026-0007
	Institution string // id of who keeps it, "" for the coordination
	MovedFrom   string // id of whose it was before a succession, or ""
	Unit        string // id of the area that keeps it, or ""
	Origin      plaza.Ref
	Object      plaza.Ref // dataset or resource; zero for what is not published yet
	Dataset     string    // id of the dataset of the object, or ""
	Kind        Kind
	Text        string // one line
	Language    string
	Due         string    // 2006-01-02, the last day that is in time
	Late        time.Time // the first moment that is late
	OriginalDue string
	Moves       int // how often the date was moved
	Percent     int // of the last progress told
	State       State
	Voice       institution.Voice // who made it, as it was then
	Evidence    Evidence          // by what it was kept
	Dropping    Dropping          // that it is to be dropped, waiting for a second person
	Version     int               // grows with each act
	Made        time.Time
	Settled     time.Time // kept or dropped; zero while it is open
}

// Dropping is that somebody wants a commitment dropped.
type Dropping struct {
	By     string            `json:"by"` // the record's pseudonym of who
	Voice  institution.Voice `json:"voice"`
	Reason string            `json:"reason"`
	At     time.Time         `json:"at"`
}

// Promise is what a commitment is made from.
type Promise struct {
	Institution string
	Unit        string
	Origin      plaza.Ref
	Object      plaza.Ref
	Kind        Kind
	Text        string
	Due         string // 2006-01-02
	Language    string
	Voice       institution.Voice // who promises
}

// Ref names the commitment.
func (c Commitment) Ref() plaza.Ref { return plaza.Ref{Kind: RefKind, ID: c.ID} }

// Path is its page.
func (c Commitment) Path() string { return PagePath + c.Code }

// Overdue reports whether it is open after its day.
func (c Commitment) Overdue(now time.Time) bool { return c.State == Open && !now.Before(c.Late) }

// Drops reports whether it waits for a second person to drop it.
func (c Commitment) Drops() bool { return c.State == Open && c.Dropping != (Dropping{}) }

// Movable reports whether its date may still be put off.
func (c Commitment) Movable(now time.Time) bool {
	return c.State == Open && c.Moves < MaxMoves && now.Before(c.Late)
}

// StepKind is what happened to a commitment. Its verb in the record is "commitment." and
// the kind.
type StepKind string

// The kinds of step.
const (
	WasMade        StepKind = "made"
	HasProgressed  StepKind = "progressed"
	WasRescheduled StepKind = "rescheduled"
	DropAsked      StepKind = "drop_asked"
	DropReturned   StepKind = "drop_returned"
	WasKept        StepKind = "kept"
	WasDropped     StepKind = "dropped"
	WasMoved       StepKind = "moved" // to the successor of its institution
)

// Step is something that happened to a commitment, as its page tells it.
type Step struct {
	ID         string
	Commitment string
	Kind       StepKind
	At         time.Time
	Voice      institution.Voice // who acted, as it was then; zero for Plaza itself
	Body       string            // Markdown: what was done, a reason
	Facts      Facts
}

// Facts are what a step tells besides; each kind uses its own.
type Facts struct {
	Was         string            `json:"was,omitempty"` // the date before, 2006-01-02
	Due         string            `json:"due,omitempty"` // the date since
	Percent     int               `json:"percent,omitempty"`
	Institution string            `json:"institution,omitempty"` // name of the one before
	Signed      institution.Voice `json:"signed,omitzero"`       // who signed besides
}

// today is the day of an instant in a zone.
func today(now time.Time, zone *time.Location) string { return now.In(zone).Format(time.DateOnly) }

// lateAt is the first moment after a day in a zone.
func lateAt(day string, zone *time.Location) (time.Time, bool) {
	if !institution.IsDate(day) {
		return time.Time{}, false
	}
	t, err := time.ParseInLocation(time.DateOnly, day, zone)
	return t.AddDate(0, 0, 1).UTC(), err == nil
}

// wrong collects what is wrong with a form.
type wrong struct{ plaza.Mistakes }

func (w *wrong) hold(ok bool, field, key string, args map[string]any) {
	w.Hold(ok, field, "commitment.error."+key, args)
}

// words holds a text that somebody has to write to what can be read and to a length.
func (w *wrong) words(field, value string, most int) {
	w.Length(field, value, most, "commitment.error.long")
	w.hold(!text.Blank(value), field, "words", nil)
}

func (w wrong) err() error { return w.Err("commitment.error.form") }

// Refusals that several acts share.
var (
	errNotFound error = plaza.E(plaza.NotFound, "commitment.error.not_found")
	errState    error = plaza.E(plaza.Conflict, "commitment.error.state")
)

// check tidies what a commitment is made from and is what is wrong with it.
func (n *Promise) check(zone *time.Location, now time.Time) error {
	n.Text = text.Line(n.Text)
	var w wrong
	w.hold(slices.Contains(Kinds, n.Kind), "clase", "kind", nil)
	w.words("promesa", n.Text, MaxText)
	_, ok := lateAt(n.Due, zone)
	w.hold(ok && n.Due >= today(now, zone), "fecha", "due", nil)
	return w.err()
}
