// Package harvest reads the remote catalogues ("catálogos de origen") on their
// schedules and brings the catalogue to what they say. It is the catalogue's only
// writer.
//
// A source is read by a run, which is a job: fetched page by page, mapped by
// package dcat, compared with what is stored and written in batches; each run has
// a public report. What protects the catalogue:
//
//   - one bad record is a problem in the report, never the end of a run;
//   - an answer that fails, breaks off or is empty changes nothing that is there;
//   - an answer that is not the format it claims, or has a third fewer datasets than
//     the last complete run, puts the source in quarantine and is not applied;
//   - a dataset is absent only after three complete runs and seven days without it;
//   - a run that was killed or handed back leaves whole batches, and the next one
//     completes it: what is stored already is recognised by its fingerprint.
//
// An unchanged catalogue costs one query for each batch and writes its run's row.
package harvest

import (
	"cmp"
	"embed"
	"net/url"
	"strings"
	"time"

	"plaza/internal/plaza"
	"plaza/internal/section/catalog/dcat"
)

// Locale holds the sentences of this package, in Spanish and English.
//
//go:embed locale/*.json
var Locale embed.FS

// KindSource is the kind of a source's Ref.
const KindSource = "source"

// State is whether a source is read.
type State string

// The states of a source.
const (
	Active      State = "active"
	Paused      State = "paused"
	Quarantined State = "quarantined" // its last answer was not believed; it is still read
	Retired     State = "retired"     // no longer read, for good or until it is brought back
)

// Source is a remote catalogue.
type Source struct {
	ID            string
	Kind          dcat.Kind
	URL           string
	Title         string
	InstitutionID string // "" for the central unit's
	Every         time.Duration
	State         State
	File          string // name of the file that it was imported from, "" for a catalogue at its URL
	CreatedAt     time.Time
	acceptedSeen  int
}

// Ref names the source.
func (s Source) Ref() plaza.Ref { return plaza.Ref{Kind: KindSource, ID: s.ID} }

// Path is the list of its runs.
func (s Source) Path() string { return "/lecturas/" + s.ID }

// StateKey is the message key of what the source is: active, retired, a file …
func (s Source) StateKey() string {
	if s.File != "" && s.State == Paused {
		return "harvest.state.imported"
	}
	return "harvest.state." + string(s.State)
}

// Address is where the catalogue is, "" for a file: its URL leads nowhere.
func (s Source) Address() string {
	if s.File != "" {
		return ""
	}
	return s.URL
}

// unread is why a source is not read, whatever its rhythm; nil when it is. That one is
// paused is not among the reasons.
func (s Source) unread() error {
	if s.File != "" {
		return plaza.E(plaza.Conflict, "harvest.error.imported")
	}
	if s.State == Retired {
		return plaza.E(plaza.Conflict, "harvest.error.retired")
	}
	return nil
}

// tidyAddress writes an address in the one way that leads to the same place: scheme
// and host in lower case, without the scheme's own port or a fragment.
func tidyAddress(u *url.URL) string {
	tidy := *u
	tidy.Scheme, tidy.Host, tidy.Fragment, tidy.RawFragment = strings.ToLower(u.Scheme), strings.ToLower(u.Host), "", ""
	if port := map[string]string{"http": ":80", "https": ":443"}[tidy.Scheme]; port != "" {
		tidy.Host = strings.TrimSuffix(tidy.Host, port)
	}
	return tidy.String()
}

// addressKey is an address for comparison: a slash at its end does not count either.
func addressKey(address string) string {
	u, err := url.Parse(address)
	if err != nil {
		return address
	}
	u.Path, u.RawPath = strings.TrimRight(u.Path, "/"), strings.TrimRight(u.RawPath, "/")
	return tidyAddress(u)
}

// DefaultEvery is how often a source is read that says nothing else.
const DefaultEvery = 24 * time.Hour

const (
	minEvery = time.Hour
	maxEvery = 90 * 24 * time.Hour
)

// check reports what is wrong with a source, field by field, and fills defaults.
func (s *Source) check(checkURL func(Source) error) error {
	var fields []plaza.FieldError
	bad := func(field, key string) { fields = append(fields, plaza.FieldError{Field: field, Key: key}) }
	s.URL, s.Title = strings.TrimSpace(s.URL), strings.TrimSpace(s.Title)
	switch s.Kind {
	case dcat.CKAN, dcat.DCAT, dcat.DataJSON:
	default:
		bad("kind", "harvest.error.kind")
	}
	u, err := url.Parse(s.URL)
	switch {
	case err != nil || u.Host == "" || len(s.URL) > 2000:
		bad("url", "harvest.error.url")
	case checkURL(*s) != nil:
		bad("url", "harvest.error.url_refused")
	default:
		s.URL = tidyAddress(u)
		if s.Title == "" {
			s.Title = cmp.Or(s.File, strings.ToLower(u.Host))
		}
	}
	if len(s.Title) > 300 {
		bad("title", "harvest.error.title")
	}
	if s.Every == 0 {
		s.Every = DefaultEvery
	}
	if s.Every < minEvery || s.Every > maxEvery {
		bad("every", "harvest.error.every")
	}
	if s.State == "" {
		s.State = Active
	}
	if len(fields) > 0 {
		return &plaza.Error{Kind: plaza.Invalid, Key: "web.error.invalid", Fields: fields}
	}
	return nil
}

// RunState is where a run stands.
type RunState string

// The states of a run.
const (
	Running        RunState = "running"
	Complete       RunState = "complete"  // everything was read, something was written
	Unchanged      RunState = "unchanged" // everything was read or known to be the same, nothing was written
	Failed         RunState = "failed"    // the source did not answer well; nothing is missing for that
	Cancelled      RunState = "cancelled"
	RunQuarantined RunState = "quarantined" // the answer was not believed
)

// Whole reports whether the run knows everything that the source lists.
func (s RunState) Whole() bool { return s == Complete || s == Unchanged }

// written is what a run has changed: datasets by what became of them. While the run is
// read, its writer alone touches it.
type written struct {
	Added    int
	Changed  int
	Missing  int // not seen for the first time
	Absent   int // declared absent by this run
	Returned int // absent ones that are back
}

// Run is one reading of a source.
type Run struct {
	ID         string
	SourceID   string
	State      RunState
	StartedAt  time.Time
	FinishedAt time.Time
	Seen       int // datasets read, unusable ones included
	Requests   int
	Bytes      int64 // read, decompressed
	SHA256     string
	Error      string         // message key of why it did not complete, or ""
	ErrorArgs  map[string]any // for its sentence
	Problems   int            // all that were found; the first maxKept are listed
	ETag       string
	Modified   string

	written
	reader     string // dcat.Version that it was read with
	digest     string
	problemsOf string
	cursor     string
}

// Path is the run's report.
func (r Run) Path() string { return "/lecturas/" + r.SourceID + "/" + r.ID }

// ProblemRun is the run under which the problems are listed: an earlier one when
// this run found the very same.
func (r Run) ProblemRun() string {
	if r.problemsOf != "" {
		return r.problemsOf
	}
	return r.ID
}

// Rule says which institution a publisher is.
type Rule struct {
	ID            string
	SourceID      string // "" for every source
	Match         string // the publisher's key, or its name, folded
	Spelling      string // the same as the catalogue writes it, "" when nobody kept it
	InstitutionID string
	CreatedAt     time.Time
}

// Publisher is what the rule calls the publisher.
func (r Rule) Publisher() string {
	if r.Spelling != "" {
		return r.Spelling
	}
	return r.Match
}
