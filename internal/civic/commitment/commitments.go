package commitment

import (
	"embed"
	"fmt"
	"log/slog"
	"time"

	"plaza/internal/base/db"
	"plaza/internal/base/web"
	"plaza/internal/civic/institution"
	"plaza/internal/civic/record"
	"plaza/internal/plaza"
)

// Locale holds the sentences of this package, in Spanish and English.
//
//go:embed locale/*.json
var Locale embed.FS

// Deps are what commitments need.
type Deps struct {
	DB  *db.DB
	Log *slog.Logger
	// Cards tells of what commitments come from and of what they concern.
	Cards record.Cards
	// Evidence is what the catalogue shows of a dataset or resource now, and whether it
	// changed since an instant; the zero Evidence for what it does not know.
	Evidence func(tx *db.Tx, ref plaza.Ref, since time.Time) (Evidence, error)
	// Find reads an address or path of a page as the dataset or resource that it shows; the
	// zero Ref for anything else. nil finds nothing.
	Find func(tx *db.Tx, address string) (plaza.Ref, error)
	// Added are datasets that were added to the catalogue since an instant, those of an
	// institution and those whose titles are like some words, the most alike first; nil is
	// none.
	Added func(tx *db.Tx, institution, words string, since time.Time) ([]plaza.Card, error)
	// Kept is told of a commitment that was kept, in the transaction that keeps it, and
	// returns what to append to the record; nil is nobody.
	Kept func(tx *db.Tx, c Commitment) ([]record.Act, error)
	// Concerned are the people whom what became of a commitment concerns: who asked for it
	// in its origin, and who joined them. nil is nobody.
	Concerned func(tx *db.Tx, origin plaza.Ref) ([]record.Concerned, error)
	// Around is drawn around a commitment on its page: following it; nil is nothing.
	Around func(tx *db.Tx, page web.Page, object plaza.Card) (web.Around, error)
}

// Commitments is what institutions said they would do: what other parts of Plaza call, and
// its pages.
type Commitments struct {
	Deps
	shell  *web.Shell
	office *institution.Office
}

// New makes Commitments.
func New(deps Deps) *Commitments {
	if deps.Log == nil {
		deps.Log = slog.Default()
	}
	return &Commitments{Deps: deps}
}

// zoneOf is the zone of an institution, "" the coordination's, and the institution.
func zoneOf(tx *db.Tx, id string) (i institution.Institution, zone *time.Location, err error) {
	name := institution.DefaultZone
	if id != "" {
		if i, err = institution.ByID(tx, id); err != nil {
			return i, nil, err
		}
		name = i.Zone
	}
	if zone, err = time.LoadLocation(name); err != nil {
		return i, nil, fmt.Errorf("the zone of institution %s: %w", id, err)
	}
	return i, zone, nil
}

// facts are what the record tells of a commitment: never who, never what was written.
type facts struct {
	Code    string `json:"code"`
	Kind    Kind   `json:"kind"`
	Due     string `json:"due"`
	Was     string `json:"was,omitempty"` // the date before
	Origin  string `json:"origin,omitempty"`
	Object  string `json:"object,omitempty"`
	Moves   int    `json:"moves,omitempty"`
	Percent int    `json:"percent,omitempty"`
	Overdue bool   `json:"overdue,omitempty"` // it was, when this happened
	Before  string `json:"before,omitempty"`  // id of the institution before
}

// act is an act on a commitment for the record.
func act(tx *db.Tx, kind StepKind, c Commitment, f facts) record.Act {
	f.Code, f.Kind, f.Due, f.Moves = c.Code, c.Kind, c.Due, c.Moves
	f.Overdue = !tx.Now.Before(c.Late)
	if c.Origin.ID != "" {
		f.Origin = c.Origin.String()
	}
	if c.Object.ID != "" {
		f.Object = c.Object.String()
	}
	return record.Act{Verb: RefKind + "." + string(kind), Object: c.Ref(), Institution: c.Institution, Payload: f}
}

// finish ends an act: the commitment is saved as it stands now, with a step on its page.
// The act is for the caller to append to the record.
func finish(tx *db.Tx, c Commitment, s Step, f facts) (record.Act, error) {
	if err := save(tx, c); err != nil {
		return record.Act{}, err
	}
	s.Commitment = c.ID
	if err := step(tx, s); err != nil {
		return record.Act{}, err
	}
	a := act(tx, s.Kind, c, f)
	a.Role = s.Voice.Role
	return a, nil
}
