package commitment

import (
	"slices"
	"time"

	"plaza/internal/plaza"
)

// Evidence is what the catalogue shows of a dataset or resource.
type Evidence struct {
	Ref        plaza.Ref `json:"ref"`
	Title      string    `json:"title"`
	Path       string    `json:"path"`
	Absent     bool      `json:"absent,omitempty"`     // its source does not list it any more
	Modified   time.Time `json:"modified,omitzero"`    // it was added or last changed
	Changed    bool      `json:"changed,omitempty"`    // since the instant that was asked for
	Resources  int       `json:"resources"`            // that its source lists
	Answering  int       `json:"answering"`            // whose link answered when it was last looked at
	Unchecked  int       `json:"unchecked,omitempty"`  // whose link nobody has looked at yet
	Documented bool      `json:"documented,omitempty"` // its columns are explained, or where they are is told
	Service    bool      `json:"service,omitempty"`    // a resource is an API
	Checked    time.Time `json:"checked,omitzero"`     // when a link was last looked at
}

// Lack is what evidence lacks: the end of a message key.
type Lack string

// What evidence may lack.
const (
	NoDataset    Lack = "none"          // there is no such thing in the catalogue
	IsAbsent     Lack = "absent"        // its source does not list it any more
	NoResources  Lack = "no_resources"  // there is nothing to get
	NotChecked   Lack = "unchecked"     // nobody has looked at its links yet
	NotAnswering Lack = "not_answering" // no link answers
	NotChanged   Lack = "unchanged"     // it is as it was when the commitment was made
	NoDocument   Lack = "undocumented"  // its columns are not explained
	NoService    Lack = "no_service"    // no resource is an API
)

// afterwards are the kinds that need a change since they were promised.
var afterwards = []Kind{Improve, Document, Update, Format, API}

// Lacks is the first thing that evidence lacks to keep the commitment, "" for nothing.
func (c Commitment) Lacks(e Evidence) Lack {
	switch {
	case e.Title == "" && e.Path == "":
		return NoDataset
	case e.Absent:
		return IsAbsent
	case e.Resources == 0:
		return NoResources
	case e.Answering == 0 && e.Unchecked > 0:
		return NotChecked
	case e.Answering == 0:
		return NotAnswering
	case slices.Contains(afterwards, c.Kind) && !e.Changed:
		return NotChanged
	case c.Kind == Document && !e.Documented:
		return NoDocument
	case c.Kind == API && !e.Service:
		return NoService
	}
	return ""
}

// keepsItself reports whether evidence of the object that the commitment names keeps it
// without anybody saying so: the object changed since, in a way that its kind tells.
func (c Commitment) keepsItself(e Evidence) bool {
	return c.Kind != Other && e.Changed && c.Lacks(e) == ""
}
