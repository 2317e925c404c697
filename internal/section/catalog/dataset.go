// Package catalog is the catalogue: datasets and their resources in the terms of
// DCAT, as their sources describe them, each with a page that stays.
//
// A dataset is known by (source, the source's key) and has an id and a slug of
// Plaza's own that never change. Its state follows its source:
//
//	published ◀──▶ missing (still published) ──3 complete runs and 7 days──▶ absent
//	    ▲                                                                      │
//	    └───────────────────────────── seen again ──────────────────────────────┘
//
// An absent dataset is a tombstone: its page, its history and everything said
// about it stay, with a notice, and it comes back whole. Package dcat reads the
// remote formats, package harvest runs the sources and is the only writer.
package catalog

import (
	"slices"
	"strings"
	"time"

	"plaza/internal/plaza"
	"plaza/internal/section/catalog/dcat"
)

// Kinds of the catalogue's Refs.
const (
	KindDataset  = "dataset"
	KindResource = "resource"
)

// State is where a dataset stands towards its source.
type State string

// The states of a dataset.
const (
	Published State = "published"
	Absent    State = "absent" // gone from its source: a tombstone
)

// Dataset is a dataset with what Plaza knows beside its source's description.
type Dataset struct {
	ID            string
	Slug          string
	SourceID      string
	InstitutionID string // "" while its publisher maps to none
	State         State
	FirstSeen     time.Time
	ChangedAt     time.Time // last time that a run changed anything of it
	MissingSince  time.Time // zero while its source lists it
	AbsentAt      time.Time // zero unless absent
	dcat.Record             // its Resources are empty; see Resources
	Resources     []Resource
}

// Resource is a distribution of a dataset.
type Resource struct {
	ID        string
	DatasetID string
	RemovedAt time.Time // zero while the source lists it
	Withheld  time.Time // since when its institution withholds it, zero: it does not
	Check     Check
	dcat.Resource
}

// Check is what the last look at a resource's address found.
type Check struct {
	State  string // "" never looked, "ok", or the error code of package fetch
	Status int    // HTTP, 0 when none was got
	Size   int64  // bytes, -1 unknown
	Type   string // media type
	At     time.Time
	// ETag and LastModified are the marks of the file at that moment; they are not kept.
	ETag, LastModified string
}

// Broken reports whether the address was looked at and did not answer well.
func (c Check) Broken() bool { return c.State != "" && c.State != "ok" }

// Ref names the dataset.
func (d Dataset) Ref() plaza.Ref { return plaza.Ref{Kind: KindDataset, ID: d.ID} }

// Path is the dataset's page.
func (d Dataset) Path() string { return "/datos/" + d.Slug }

// ResourcePath is the page of one of its resources.
func (d Dataset) ResourcePath(r Resource) string { return d.Path() + "/recursos/" + r.ID }

// URL is where a resource is to be had: its download address, else its access one; ""
// while it is withheld.
func (r Resource) URL() string {
	if !r.Withheld.IsZero() {
		return ""
	}
	if r.DownloadURL != "" {
		return r.DownloadURL
	}
	return r.AccessURL
}

// Addresses are the two addresses of a resource, "" while it is withheld.
func (r Resource) Addresses() (access, download string) {
	if !r.Withheld.IsZero() {
		return "", ""
	}
	return r.AccessURL, r.DownloadURL
}

// Current are the resources that the source still lists.
func (d Dataset) Current() []Resource {
	return slices.DeleteFunc(slices.Clone(d.Resources), func(r Resource) bool { return !r.RemovedAt.IsZero() })
}

// Formats are the distinct formats of the current resources, sorted.
func (d Dataset) Formats() []string {
	var f []string
	for _, r := range d.Current() {
		if r.Format != "" {
			f = append(f, r.Format)
		}
	}
	slices.Sort(f)
	return slices.Compact(f)
}

// Change is one step of a dataset's history.
type Change struct {
	ID     string
	RunID  string
	At     time.Time
	Kind   string // changed, missing, found, absent, returned
	Fields []FieldChange
}

// FieldChange is what became of one field; texts are cut at 300 characters.
type FieldChange struct {
	Field  string `json:"field"`
	Before string `json:"before"`
	After  string `json:"after"`
}

// Note is a remark on quality, found by looking: no opinion, no score.
type Note struct {
	Code     string // broken_link, late, no_license, no_dictionary, no_resources
	Resource string // title of the resource it concerns, or ""
	Count    int
}

// Notes lists what is worth knowing before using a dataset.
func (d Dataset) Notes(now time.Time) []Note {
	var notes []Note
	current := d.Current()
	broken := 0
	for _, r := range current {
		if r.Check.Broken() {
			broken++
		}
	}
	if broken > 0 {
		notes = append(notes, Note{Code: "broken_link", Count: broken})
	}
	if d.Freshness(now) == Late {
		notes = append(notes, Note{Code: "late"})
	}
	if len(current) == 0 {
		notes = append(notes, Note{Code: "no_resources"})
	}
	if !d.licensed() {
		notes = append(notes, Note{Code: "no_license"})
	}
	if !d.explained() {
		notes = append(notes, Note{Code: "no_dictionary"})
	}
	return notes
}

func (d Dataset) licensed() bool {
	if d.License != (dcat.License{}) {
		return true
	}
	return slices.ContainsFunc(d.Current(), func(r Resource) bool { return r.License != (dcat.License{}) })
}

func (d Dataset) explained() bool {
	return d.DictionaryURL != "" || slices.ContainsFunc(d.Current(), func(r Resource) bool {
		return r.DictionaryURL != "" || len(r.Fields) > 0 || strings.Contains(strings.ToLower(r.Title), "diccionario")
	})
}

// Freshness says whether a dataset keeps its own rhythm.
type Freshness string

// The degrees of freshness.
const (
	Fresh   Freshness = "fresh"   // updated within its own period and the grace
	Late    Freshness = "late"    // its period and the grace have passed
	Unbound Freshness = "unbound" // it promises no rhythm: irregular or unknown
)

// grace is how much longer than its period a dataset may take: half of it again.
const grace = 1.5

// Freshness compares modified plus period plus grace with now (MEXICO.md 6.7, rule 9).
func (d Dataset) Freshness(now time.Time) Freshness {
	period, ok := Period(d.AccrualPeriodicity)
	modified, known := Instant(d.Modified)
	switch {
	case !ok || !known:
		return Unbound
	case modified.Add(time.Duration(float64(period) * grace)).Before(now):
		return Late
	default:
		return Fresh
	}
}

// day is a civil day; months and years are counted as 30 and 365 of them.
const day = 24 * time.Hour

// Period is the length of a repeating interval such as "R/P1M"; false when it has none.
func Period(periodicity string) (time.Duration, bool) {
	rest, ok := strings.CutPrefix(periodicity, "R/P")
	if !ok || len(rest) < 2 {
		return 0, false
	}
	rest, timed := strings.CutPrefix(rest, "T")
	n := time.Duration(0)
	for _, c := range rest[:len(rest)-1] {
		if c < '0' || c > '9' || n > 10_000 {
			return 0, false
		}
		n = n*10 + time.Duration(c-'0')
	}
	unit := map[byte]time.Duration{'D': day, 'W': 7 * day, 'M': 30 * day, 'Y': 365 * day}
	if timed {
		unit = map[byte]time.Duration{'S': time.Second, 'M': time.Minute, 'H': time.Hour}
	}
	u, ok := unit[rest[len(rest)-1]]
	return n * u, ok && n > 0
}

// Instant is the last moment that an ISO date of reduced precision covers, UTC.
func Instant(date string) (time.Time, bool) {
	for _, layout := range []string{time.RFC3339, "2006-01-02", "2006-01", "2006"} {
		t, err := time.Parse(layout, date)
		if err != nil {
			continue
		}
		switch layout {
		case "2006":
			t = t.AddDate(1, 0, 0)
		case "2006-01":
			t = t.AddDate(0, 1, 0)
		case "2006-01-02":
			t = t.AddDate(0, 0, 1)
		}
		return t.UTC(), true
	}
	return time.Time{}, false
}
