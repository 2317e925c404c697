// Package disclosure takes private reports of personal data that somebody found
// published. One goes to the Enlace, the enlace de transparencia and the coordination,
// who have one working day, and is never public: it says where the data are, not what they
// are, and the record tells only that a report came and what was concluded.
//
// Meanwhile they can withhold the resources concerned: their pages say that and since
// when, and nothing of Plaza gives their address.
package disclosure

import (
	"embed"
	"slices"
	"strings"
	"time"

	"plaza/internal/base/db"
	"plaza/internal/base/text"
	"plaza/internal/base/web"
	"plaza/internal/civic/gate"
	"plaza/internal/civic/institution"
	"plaza/internal/civic/record"
	"plaza/internal/plaza"
)

// Locale holds the sentences of this package, in Spanish and English.
//
//go:embed locale/*.json
var Locale embed.FS

//go:embed templates/*.html
var templates embed.FS

// Kind is the kind of a report's Ref.
const Kind = "disclosure"

// Point is where personal data is collected: the notice of the form.
const Point = "disclosure"

// Days is within how many working days a report is attended to.
const Days = 1

// Categories are the kinds of personal data, in the order of the form.
var Categories = []string{"identity", "contact", "health", "finance", "minors", "other"}

// Conclusions are what a report can come to, in the order of the form.
var Conclusions = []string{"removed", "corrected", "lawful", "none"}

// Limits of a report, in letters.
const (
	maxPlace = 500
	maxNote  = 4000
)

// Report is what somebody said in private.
type Report struct {
	ID          string
	Object      plaza.Ref
	Institution string // id, "" for the coordination
	Category    string // one of Categories
	Place       string // where the data are
	Note        string
	Reporter    string // person id, "" for a visitor
	Calendar    string // calendar.Business.Version
	Due         time.Time
	Conclusion  string // one of Conclusions, "" while it waits
	Answer      string // for whoever reported it
	DecidedBy   string // person id
	Created     time.Time
	Decided     time.Time
	Version     int
}

// Ref names the report.
func (r Report) Ref() plaza.Ref { return plaza.Ref{Kind: Kind, ID: r.ID} }

// Overdue reports whether it waits past its term.
func (r Report) Overdue(now time.Time) bool { return r.Conclusion == "" && !now.Before(r.Due) }

// Target is a resource that can be withheld.
type Target struct {
	ID       string
	Title    string
	Path     string
	Withheld time.Time // zero: it is not
}

// Deps are what reports need.
type Deps struct {
	DB   *db.DB
	Gate *gate.Gate
	// Cards tells of what can be reported, and Kinds are the kinds of it.
	Cards record.Cards
	Kinds []string
	// Targets are the resources of what was reported.
	Targets func(tx *db.Tx, object plaza.Ref) ([]Target, error)
	// Withhold withholds a resource from an instant on or, with the zero one, gives it
	// back; it reports whether that changed anything.
	Withhold func(tx *db.Tx, resource string, at time.Time) (bool, error)
	// Responsible are the people who answer for an institution now.
	Responsible func(tx *db.Tx, institution string) ([]string, error)
}

// Reports takes private reports; it has the pages too.
type Reports struct {
	Deps
	shell  *web.Shell
	office *institution.Office
}

// New makes Reports.
func New(deps Deps) *Reports { return &Reports{Deps: deps} }

// Form is what a report is made from.
type Form struct {
	Object   plaza.Ref
	Category string
	Place    string
	Note     string
}

// check tidies a form and is what is wrong with it, at the fields clase, lugar and nota.
func (f *Form) check() error {
	f.Place, f.Note = strings.Join(strings.Fields(text.Unstack(f.Place)), " "), strings.TrimSpace(text.Unstack(f.Note))
	var wrong plaza.Mistakes
	wrong.Hold(slices.Contains(Categories, f.Category), "clase", "disclosure.error.category", nil)
	wrong.Hold(text.Fold(f.Place) != "", "lugar", "disclosure.error.place", nil)
	wrong.Length("lugar", f.Place, maxPlace, "disclosure.error.long")
	wrong.Length("nota", f.Note, maxNote, "disclosure.error.long")
	return wrong.Err("web.error.invalid")
}
