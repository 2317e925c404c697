package cases

import (
	"fmt"
	"time"

	"plaza/internal/base/db"
	"plaza/internal/civic/access"
	"plaza/internal/civic/record"
	"plaza/internal/plaza"
)

// TermsRefKind is the kind of the Ref of the terms, of which there is one in each
// installation: its id is TermsID.
const (
	TermsRefKind = "case_terms"
	TermsID      = "terms"
)

// Bounds of each term, in working days.
const (
	MinTerm = 1
	MaxTerm = 120
)

// TermField is one of the terms, by the name of its field in forms and in the record.
type TermField struct {
	Name string
	Days *int
}

// Fields are the terms one by one, in the order of forms.
func (t *Terms) Fields() []TermField {
	return []TermField{
		{"acuse", &t.Acknowledge}, {"pregunta", &t.Question}, {"calidad", &t.Quality}, {"solicitud", &t.Request}, {"reuso", &t.Reuse},
		{"pase", &t.Handover}, {"informacion", &t.Info}, {"aceptacion", &t.Accept},
	}
}

// errTermsChanged is that somebody else changed the terms since they were looked at.
var errTermsChanged error = plaza.E(plaza.Conflict, "cases.error.terms_changed")

// PutTerms writes another version of the terms, by somebody who looked at the version
// that they carry: a Conflict when there is a later one. Clocks that run keep theirs; the
// new terms are for those that begin from now on. Invalid at the fields of Fields. Terms
// that change nothing make no version. It appends to the record, so it is the last thing
// a transaction does.
func (cs *Cases) PutTerms(tx *db.Tx, t Terms) (Terms, error) {
	if err := access.Check(plaza.ActorFrom(tx.Context()), access.CaseTerms, access.Object{Kind: TermsRefKind}); err != nil {
		return t, err
	}
	var w wrong
	for _, f := range t.Fields() {
		w.hold(*f.Days >= MinTerm && *f.Days <= MaxTerm, f.Name, "days", map[string]any{"max": MaxTerm})
	}
	if err := w.err(); err != nil {
		return t, err
	}
	was, err := ReadTerms(tx)
	if err != nil {
		return t, err
	}
	if was.Version != t.Version {
		return t, errTermsChanged
	}
	if was == t {
		return t, nil
	}
	t.Version++
	n, err := tx.Exec(`INSERT INTO case_terms (version, acknowledge, question, quality, request, reuse, handover, info, accept, since)
		VALUES (`+db.Placeholders(1, 10)+`)
		ON CONFLICT (version) DO NOTHING`, // two at once: the second is told
		t.Version, t.Acknowledge, t.Question, t.Quality, t.Request, t.Reuse, t.Handover, t.Info, t.Accept, tx.Now)
	if err != nil {
		return t, fmt.Errorf("writing the terms: %w", err)
	}
	if n == 0 {
		return t, errTermsChanged
	}
	facts := map[string]any{"version": t.Version}
	for i, f := range t.Fields() {
		if before := *was.Fields()[i].Days; before != *f.Days {
			facts[f.Name] = map[string]int{"was": before, "now": *f.Days}
		}
	}
	return t, record.Append(tx, record.Act{Verb: "terms.changed", Object: plaza.Ref{Kind: TermsRefKind, ID: TermsID}, Payload: facts})
}

// TermsOf are terms and since when they are in force, zero for those that the program
// brings.
type TermsOf struct {
	Terms
	Since time.Time
}

// maxTerms bounds the history of terms that is shown.
const maxTerms = 100

// TermsHistory are the terms that are and were in force, the newest first.
func TermsHistory(tx *db.Tx) ([]TermsOf, error) {
	list, err := db.All(tx, func(scan func(...any) error) (t TermsOf, err error) {
		err = scan(&t.Version, &t.Acknowledge, &t.Question, &t.Quality, &t.Request, &t.Reuse, &t.Handover, &t.Info, &t.Accept, &t.Since)
		return t, err
	}, `SELECT version, acknowledge, question, quality, request, reuse, handover, info, accept, since
		FROM case_terms
		ORDER BY version DESC
		LIMIT $1`, maxTerms)
	if err != nil || len(list) == maxTerms {
		return list, err
	}
	return append(list, TermsOf{Terms: DefaultTerms}), nil
}
