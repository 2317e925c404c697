// Package cases is the conversation with institutions: questions, reports of errors in
// data, requests for data that are not published, and problems of reuse are all one
// thing, a case, which an institution has to answer within a time that everybody sees.
//
//	asked ─▶ open ──▶ assigned ──▶ answered ──▶ resolved
//	          │  └──────┬──┘  ▲       │  └──(once)──▶ reopened ──▶ answered …
//	          │         ▼     │       ▼
//	          │     needs_info (the clock stands still)
//	          └──▶ closed (duplicate, off topic, withdrawn)
//
// Which act leads from which state to which, and who may do it, is one table
// (transitions.go). A case belongs to things by their internal ids, so it outlives their
// names, their readings and their tombstones.
//
// Time is kept as clocks (clock.go): when one starts, the due date is computed once, by
// the calendar and rule of that moment, and written down. Nothing is ever computed again,
// and whether a case is late is read off the clock when somebody asks; jobs only send
// mail.
//
// Everything public that happens to a case is a step on its page, in one transaction
// with its entry in the record. A case held by moderation has no effect at all until it
// is let through: its clock begins then.
//
// An asker without an account has a confirmed address (Contact) and the links mailed to
// it. Towards everybody, the institution included, an asker is a name that they chose.
package cases

import (
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"plaza/internal/civic/moderation"
	"plaza/internal/plaza"
)

// RefKind is the kind of a case's Ref.
const RefKind = "case"

// Kind is what a case is.
type Kind string

// The kinds of case, with the words of PLAZA.md section 2.
const (
	Question Kind = "question" // about the meaning or use of data
	Quality  Kind = "quality"  // an error in data
	Request  Kind = "request"  // data, a format or a frequency that is not published
	Reuse    Kind = "reuse"    // an app, story or tool that misuses or misreads data
)

// Kinds are all of them, in the order of forms and filters.
var Kinds = []Kind{Question, Quality, Request, Reuse}

// State is where a case stands.
type State string

// The states of a case.
const (
	Open      State = "open"       // nobody has acknowledged it yet
	Assigned  State = "assigned"   // acknowledged: it was turned to an area, or taken up
	NeedsInfo State = "needs_info" // waits for its asker; its clock stands still
	Answered  State = "answered"   // has an official answer, which its asker may accept
	Reopened  State = "reopened"   // its asker did not accept; a new clock runs
	Resolved  State = "resolved"   // accepted, or not objected to in time
	Closed    State = "closed"     // without an official answer; Reason says why
)

// States are all of them, in the order of a case's life.
var States = []State{Open, Assigned, NeedsInfo, Answered, Reopened, Resolved, Closed}

// Owed are the states in which an institution owes an answer.
var Owed = []State{Open, Assigned, Reopened, NeedsInfo}

// Progress is what came of the thing itself, beside the state of the conversation.
type Progress string

// What progress there is: of a request the first four, of a quality report the others.
const (
	UnderReview Progress = "under_review"
	Agreed      Progress = "agreed" // a commitment was made
	InProgress  Progress = "in_progress"
	Published   Progress = "published"
	Confirmed   Progress = "confirmed"
	NotAnError  Progress = "not_an_error"
	Fixed       Progress = "fixed"
)

// ProgressOf are the values that a kind of case can have, in order; nil for none.
func ProgressOf(k Kind) []Progress {
	switch k {
	case Request:
		return []Progress{UnderReview, Agreed, InProgress, Published}
	case Quality:
		return []Progress{Confirmed, NotAnError, Fixed}
	}
	return nil
}

// Reason is why a case was closed without an answer.
type Reason string

// The reasons.
const (
	Duplicate  Reason = "duplicate"
	OffTopic   Reason = "off_topic"
	Withdrawn  Reason = "withdrawn"  // by its asker
	Unanswered Reason = "unanswered" // its asker did not say what was needed in time
	// AnsweredElsewhere is of one that was brought: the institution had answered it by
	// another channel. It has no clock and no official answer here.
	AnsweredElsewhere Reason = "elsewhere"
)

// Channel is how a case came.
type Channel string

// The channels: the first three come through Plaza, the others came to the institution,
// which brought them here.
const (
	Web       Channel = "web"
	API       Channel = "api"
	Button    Channel = "button" // the element on an institution's own site
	Email     Channel = "email"
	Telephone Channel = "telephone"
	InPerson  Channel = "in_person"
	Letter    Channel = "letter"
	Elsewhere Channel = "other"
)

// Brought are the channels of what an institution brings.
var Brought = []Channel{Email, Telephone, InPerson, Letter, Elsewhere}

// Case is something that an institution must answer.
type Case struct {
	ID           string
	Folio        string
	Kind         Kind
	Title        string
	Body         string // Markdown
	Details      Details
	Need         string // what it is needed for, for the institution alone; ""
	Language     string
	On           On
	Institution  string // id of who has to answer, "" for the coordination
	MovedFrom    string // id of whose it was before, or ""
	Unit         string // id of the area to which it was turned, or ""
	Asker        Asker
	Channel      Channel
	Standing     moderation.State
	State        State
	Progress     Progress
	Reason       Reason
	Into         string // id of the case into which it was merged, or ""
	After        string // id of the case after which it was asked anew, or ""
	Comment      string // id of the comment as which it was said first, or ""
	Outcome      Outcome
	Answer       string // id of the current official answer, or ""
	Supports     int    // people who need the same, without the asker
	Reopenings   int
	Version      int       // grows with each act
	Asked        time.Time // sent or, when it was brought, received
	Published    time.Time // zero when it never was public
	Acknowledged time.Time
	FirstAnswer  time.Time
	Settled      time.Time // resolved or closed
	Due          time.Time // of the clock that runs or stands still; zero for none
	WaitsUntil   time.Time // when what waits for the asker ends by itself; zero for nothing
}

// On is what a case is about. Its ids are internal: names, readings and tombstones change
// none of them.
type On struct {
	Ref     plaza.Ref // zero for nothing in particular
	Dataset string    // id of the dataset that it belongs to, or ""
	Column  string    // name of a column of the resource, or ""
	Row     string    // key or number of a row of it, or ""
	Version int       // of the resource's file that was looked at, or 0
	View    string    // of that version, as the query of its address, or ""
	Code    string    // of the problem that was found there, or ""
	Themes  []string  // of it, as they were when it was asked
}

// Asker is who asked. Only Name is ever shown.
type Asker struct {
	Person  string // id, or
	Contact string // id of somebody without an account; both "" once they are gone
	Name    string // chosen for this case, "" for the name of the account
}

// Is reports whether somebody is the asker.
func (a Asker) Is(by Asker) bool {
	return a.Person != "" && a.Person == by.Person || a.Contact != "" && a.Contact == by.Contact
}

// Details are what a kind asks for besides; each kind uses its own.
type Details struct {
	// Of quality reports.
	Rows     string `json:"rows,omitempty"`     // which rows
	Should   string `json:"should,omitempty"`   // what it should be
	Evidence string `json:"evidence,omitempty"` // address of what shows it, or of a filtered view
	// Of requests for data.
	Format         string `json:"format,omitempty"`
	Frequency      string `json:"frequency,omitempty"`
	Period         string `json:"period,omitempty"`
	Geography      string `json:"geography,omitempty"`
	Disaggregation string `json:"disaggregation,omitempty"`
	// Of reuse.
	Link string `json:"link,omitempty"` // of the app, story or tool
}

// Limits of a case, in letters.
const (
	MaxTitle   = 200
	MaxBody    = 10_000
	MaxDetail  = 500
	MaxNeed    = 2000
	MaxName    = 80
	MaxReason  = 2000
	maxNonce   = 80  // bytes
	maxOnPlace = 300 // bytes of a column's name or a row's key
	maxOnView  = 2000
	maxOnFile  = 1_000_000 // the highest number of a version
)

// Ref names the case.
func (c Case) Ref() plaza.Ref { return plaza.Ref{Kind: RefKind, ID: c.ID} }

// Path is its page.
func (c Case) Path() string { return CasePath + c.Folio }

// CasePath is what the addresses of cases begin with.
const CasePath = "/consultas/"

// Brought reports whether the institution brought it from elsewhere.
func (c Case) Brought() bool { return slices.Contains(Brought, c.Channel) }

// Owed reports whether an answer is owed.
func (c Case) Owed() bool { return slices.Contains(Owed, c.State) }

// Settled states are those in which nothing is waited for.
func settledState(s State) bool { return s == Resolved || s == Closed }

// Public reports whether everybody may see it.
func (c Case) Public() bool { return c.Standing == moderation.Public }

// detailsText is how details are kept.
func detailsText(d Details) (string, error) {
	if d == (Details{}) {
		return "", nil
	}
	raw, err := json.Marshal(d)
	return string(raw), err
}

// wrong collects what is wrong with a form.
type wrong struct{ plaza.Mistakes }

func (w *wrong) hold(ok bool, field, key string, args map[string]any) {
	w.Hold(ok, field, "cases.error."+key, args)
}

func (w *wrong) length(field, value string, most int) {
	w.Length(field, value, most, "cases.error.long")
}

func (w wrong) err() error { return w.Err("cases.error.form") }

// Refusals that several acts share.
var (
	errNotFound error = plaza.E(plaza.NotFound, "cases.error.not_found")
	errState    error = plaza.E(plaza.Conflict, "cases.error.state")
)

// readJSON reads what a column holds; "" is the zero value.
func readJSON(column, raw string, into any) error {
	if raw == "" {
		return nil
	}
	if err := json.Unmarshal([]byte(raw), into); err != nil {
		return fmt.Errorf("reading %s of a case: %w", column, err)
	}
	return nil
}
