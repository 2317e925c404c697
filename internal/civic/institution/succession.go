package institution

import (
	"slices"
	"strings"
	"time"

	"plaza/internal/base/db"
	"plaza/internal/base/i18n"
	"plaza/internal/base/text"
	"plaza/internal/civic/record"
	"plaza/internal/plaza"
)

// The kinds of succession.
const (
	Renamed   = "renamed"
	Merged    = "merged"    // into one that goes on
	Split     = "split"     // into several
	Abolished = "abolished" // what was open goes to one that is named, else to its head, else to the coordination
)

// Endings are the kinds by which an institution ceases to be.
var Endings = []string{Merged, Split, Abolished}

// MaxSuccessors is into how many an institution may be split at once.
const MaxSuccessors = 5

// maxShares bounds what one act gives away by choice: each has up to two entries.
const maxShares = 80

// Basis is what a succession rests on.
type Basis struct {
	Date     string // by law, 2006-01-02; it takes effect in Plaza at once
	LegalRef string // the decree or agreement
	Note     string // for readers, "" for none
}

// Ending is how an institution ceases to be.
type Ending struct {
	Kind string // one of Endings
	From string // id
	// To are the successors' ids: one for Merged, several for Split, at most one for
	// Abolished. The first gets what Shares gives to no other.
	To []string
	Basis
	// Shares gives parts (Part.ID) to one of To; only for Split.
	Shares map[string]string
}

// Renaming is another name for an institution.
type Renaming struct {
	ID      string
	Was     string // its name as whoever renames it saw it: another one is a Conflict
	Name    string
	Acronym string
	Slug    string // "" leaves it
	Basis
}

// Succession is one line of what became of an institution.
type Succession struct {
	ID       string
	From, To string // ids; To is "" for the central unit
	Kind     string
	Place    int // 0 is the one that got what was given to no other
	Basis
	CreatedAt time.Time
}

// PastName is how an institution was called before it was renamed.
type PastName struct {
	Name, Acronym, Slug string
	Until               string // 2006-01-02, the first day of the name that followed
	LegalRef            string
}

// Part is a piece of what an institution has that can go to another successor than
// the rest.
type Part struct {
	ID    string // the Mover's Key, a slash and the piece's own key
	Title string
	Kind  string // message key of what it is, e.g. "institution.part.unit"
}

// Mover moves what one part of Plaza keeps for institutions to their successor. Site
// has one of each part that keeps any.
type Mover struct {
	// Key names it: "institution.moves." and the key is its message, with a count.
	Key string
	// Count is how many things an institution has that Move would move.
	Count func(tx *db.Tx, from string) (int, error)
	// Move moves some of them, at most MaxPiece, to another institution ("" for the
	// central unit), and returns what to append to the record. It is called, each time
	// in a transaction of its own, until Count is 0; it must make progress.
	Move func(tx *db.Tx, from, to string) ([]record.Act, error)
	// Parts and Share are for what can be divided, else nil. Parts lists at most limit
	// pieces; Share gives one, by the piece's own key, to another institution; a key that
	// names nothing of the institution is Invalid.
	Parts func(tx *db.Tx, from string, limit int) ([]Part, error)
	Share func(tx *db.Tx, from, key, to string) ([]record.Act, error)
}

// MaxPiece is how many things one Move takes: each may have two acts.
const MaxPiece = record.MaxActs/2 - 5

// Amount is how much of one kind an institution has.
type Amount struct {
	Key   string // the Mover's
	Count int
}

const (
	maxLegal = 500
	maxNote  = 1000
)

// check tidies the basis and reports what is wrong with it.
func (b *Basis) check() (wrong []plaza.FieldError) {
	b.LegalRef, b.Note = oneLine(b.LegalRef), strings.TrimSpace(text.Unstack(b.Note))
	hold := func(ok bool, field, key string) {
		if !ok {
			wrong = append(wrong, plaza.FieldError{Field: field, Key: "institution.error." + key})
		}
	}
	hold(IsDate(b.Date), "date", "date")
	hold(b.LegalRef != "" && len(b.LegalRef) <= maxLegal, "legal", "legal")
	hold(len(b.Note) <= maxNote, "note", "note")
	return wrong
}

// IsDate reports whether s is a day of this or the neighbouring centuries, as
// 2006-01-02.
func IsDate(s string) bool {
	t, err := time.Parse(time.DateOnly, s)
	return err == nil && t.Year() >= 1900 && t.Year() <= 2100
}

// check reports what is wrong with an ending, apart from what only the store knows.
func (e *Ending) check() []plaza.FieldError {
	wrong := e.Basis.check()
	bad := func(field, key string) {
		wrong = append(wrong, plaza.FieldError{Field: field, Key: "institution.error." + key})
	}
	e.To = slices.DeleteFunc(e.To, func(id string) bool { return id == "" })
	n := len(e.To)
	switch e.Kind {
	case Merged:
		if n != 1 {
			bad("to", "to_one")
		}
	case Split:
		if n < 2 || n > MaxSuccessors {
			bad("to", "to_several")
		}
	case Abolished:
		if n > 1 {
			bad("to", "to_most_one")
		}
	default:
		bad("kind", "kind")
	}
	sorted := slices.Sorted(slices.Values(e.To))
	if slices.Contains(e.To, e.From) || len(slices.Compact(sorted)) != n {
		bad("to", "to_other")
	}
	for _, to := range e.Shares {
		if e.Kind != Split || !slices.Contains(e.To, to) || len(e.Shares) > maxShares {
			bad("to", "shares")
			break
		}
	}
	return wrong
}

// DayWord names a day of the week.
func DayWord(l *i18n.Printer, day time.Weekday) string {
	return l.T("institution.weekday." + string(rune('0'+day)))
}
