package cases

import (
	"slices"
	"time"

	"plaza/internal/base/db"
	"plaza/internal/civic/calendar"
	"plaza/internal/civic/record"
	"plaza/internal/plaza"
)

// Kept says on a case that what was promised in it was kept: what was asked for is
// published, or the error fixed, and the asker has the days again to object. It returns
// what to append to the record, nothing for a kind of case that has no progress. A case
// that was merged into another one says it there.
func (cs *Cases) Kept(tx *db.Tx, caseID, commitment string) ([]record.Act, error) {
	c, err := pin(tx, caseID)
	for range maxInto {
		if err != nil {
			return nil, err
		}
		if c.Into == "" {
			break
		}
		c, err = pin(tx, c.Into)
	}
	to := map[Kind]Progress{Request: Published, Quality: Fixed}[c.Kind]
	if c.State == Answered {
		if c.WaitsUntil, err = acceptUntil(tx, c); err != nil {
			return nil, err
		}
	}
	if to == "" || c.Progress == to || !c.Public() {
		return nil, save(tx, c)
	}
	_, acts, err := cs.advance(tx, c, to, Step{Kind: HasAdvanced, Facts: StepFacts{Commitment: commitment}})
	return acts, err
}

// maxInto is through how many merged cases one is looked for.
const maxInto = 5

// acceptUntil is until when an asker may object to what was done now.
func acceptUntil(tx *db.Tx, c Case) (time.Time, error) {
	terms, err := ReadTerms(tx)
	if err != nil {
		return time.Time{}, err
	}
	by, err := calendar.BusinessOf(tx, c.Institution)
	return by.AddDays(tx.Now, terms.Accept), err
}

// Why somebody hears of what became of what was promised in a case: message keys.
const (
	whyPromisedAsker     = "notify.why.commitment_asker"
	whyPromisedSupporter = "notify.why.commitment_supporter"
)

// maxConcerned is of how many who need the same each is told in person; whoever follows
// the case is told besides.
const maxConcerned = 2000

// Concerned are the people whom what becomes of a case concerns: its asker, and who said
// that they need the same; of one that was merged into another one, those of that too.
func Concerned(tx *db.Tx, id string) (out []record.Concerned, err error) {
	tell := func(person, why string) {
		if person != "" && !slices.ContainsFunc(out, func(c record.Concerned) bool { return c.Person == person }) {
			out = append(out, record.Concerned{Person: person, Why: why})
		}
	}
	for range maxInto {
		c, err := ByID(tx, id)
		if err != nil || !c.Public() {
			if plaza.KindOf(err) == plaza.NotFound {
				err = nil
			}
			return out, err
		}
		tell(c.Asker.Person, whyPromisedAsker)
		who, err := db.All(tx, db.Column[string], `SELECT who FROM case_supports WHERE case_id = $1 ORDER BY at, who LIMIT $2`, id, maxConcerned)
		if err != nil {
			return nil, err
		}
		for _, p := range who {
			tell(p, whyPromisedSupporter)
		}
		if id = c.Into; id == "" {
			break
		}
	}
	return out, nil
}
