// Package explore opens the files of the catalogue's resources as tables: it fetches
// them, has each converted once in a child process, keeps what came of it, and gives it to
// whoever asks.
//
//	Want ─▶ job: fetch ─▶ convert (child.Engine) ─▶ file store ─▶ one transaction
//	              │            │                                   version, record, index
//	              └─ Attempt ◀─┘ what went wrong, and where
//
// A Version is one content of a resource's file, known by its SHA-256 and numbered from 1;
// the file is kept byte for byte. What is derived from it, its profile and its tables, is
// made again when the converter improves or people of the institution correct something:
// then the number stays. The current version is the last good one, whatever was served
// since: a page of HTML in place of data is a finding, and replaces nothing.
//
// Nothing is half-written: objects are claimed, then put into the file store, then named by
// rows in one transaction. A conversion that is killed runs again; what it left in the
// store is swept.
package explore

import (
	"embed"
	"time"

	"plaza/internal/base/tabular"
)

// Locale holds the sentences of this package, in Spanish and English.
//
//go:embed locale/*.json
var Locale embed.FS

// KindResource is the kind of the Refs that versions are about: the catalogue's.
const KindResource = "resource"

// Revision numbers the converter. It grows when the same bytes would give a better
// profile or better tables: what older ones made is then made again, little by little.
const Revision = 3

// State says what became of a version's content.
type State string

// The states of a version.
const (
	Good   State = "good"
	Failed State = "failed" // it is a broken file, kept so that a better converter may open it
)

// Version is one content of a resource's file.
type Version struct {
	ID           string
	Resource     string
	Number       int    // from 1
	SHA256       string // of the file, and its key in the file store
	Bytes        int64
	Name         string // of the file, as its server called it
	MediaType    string
	URL          string // where it came from, after redirects
	ETag         string
	LastModified string
	Fetched      time.Time
	Seen         time.Time // when the same content was last served
	State        State
	Fault        *Fault // of a failed one
	Revision     int    // of the converter that made what is derived
	Rows         int64  // of all its tables
	Columns      int
	Change       *Change   // from the version that was current before; nil for the first
	Expired      time.Time // since when its files are gone; zero: they are there
	Tables       []Stored  // empty once expired

	fixes         string // digest of the corrections that it was made with
	profile       string // as JSON, "" when it is an object
	profileObject string
}

// Stored is one table of a version in the file store.
type Stored struct {
	Name   string
	SHA256 string // of its Parquet
	Bytes  int64
	Rows   int64
}

// Outcome says how the last try to open a resource ended.
type Outcome string

// The outcomes; "" while none ended.
const (
	OutcomeGood      Outcome = "good"      // a new version, or one made anew
	OutcomeSame      Outcome = "same"      // the content is known
	OutcomeFailed    Outcome = "failed"    // see the Fault
	OutcomeCancelled Outcome = "cancelled" // somebody stopped it
)

// Attempt is the last try to open a resource.
type Attempt struct {
	Resource string
	Outcome  Outcome
	Fault    *Fault    // why it failed
	Finding  string    // what that says of the resource's quality, as "h01"; "" for nothing
	Status   int       // HTTP, 0 when none was got
	At       time.Time // when it ended
	Current  string    // id of the last good version, "" while there is none

	job, url, etag, lastModified, sha256, fixes string
	revision                                    int
}

// Stage is where a resource stands on its way to a table.
type Stage string

// The stages.
const (
	StageNone    Stage = "none"    // nobody asked for it
	StageWaiting Stage = "waiting" // for its turn, or for another try
	StageRunning Stage = "running"
	StageFailed  Stage = "failed" // the last try; there may be a good version all the same
	StageDone    Stage = "done"
)

// Progress is how far a conversion is. Steps are "fetch", those of child.Step, and "store".
type Progress struct {
	Step  string `json:"step"`
	Table string `json:"table,omitempty"`
	Done  int64  `json:"done"`  // bytes
	Total int64  `json:"total"` // -1 unknown
	Rows  int64  `json:"rows"`
}

// Status is what a page says of a resource that is to be opened.
type Status struct {
	Stage    Stage
	Progress Progress // while it runs
	Attempt  Attempt
}

// Resource is what the catalogue tells of a resource.
type Resource struct {
	ID          string
	Dataset     string // id
	Source      string // id of the source that lists it
	Title       string
	Slug        string // of its dataset
	Path        string // of its page
	URL         string // where its file is to be had; "" for nowhere, or while it is withheld
	Format      string // as the catalogue calls it
	Institution string // id, "" for the coordination
	Publisher   string // name of the institution, "" when it is not known
	Collection  string // title of its dataset
	License     string // its name, for what leaves
	LicenseURL  string // "" for none
	Open        bool   // its licence lets anybody keep and pass it on
	Gone        bool   // its source lists it no more
	Withheld    time.Time
	// Describes says that it is a data dictionary of its dataset's other files.
	Describes bool
	// Dictionary are the words of its data dictionary by column, folded.
	Dictionary map[string]string
}

// Size from which a profile is an object of its own, in bytes.
const maxProfileText = 256 << 10

// counts are how many rows and columns a profile has.
func counts(p tabular.Profile) (rows int64, columns int) {
	for _, t := range p.Tables {
		rows += t.Rows
		columns += len(t.Columns)
	}
	return rows, columns
}
