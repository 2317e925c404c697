package moderation

import (
	"fmt"
	"time"
	"unicode/utf8"

	"plaza/internal/base/db"
	"plaza/internal/civic/access"
	"plaza/internal/civic/gate"
	"plaza/internal/civic/privacy"
	"plaza/internal/plaza"
)

// Report is what somebody says is wrong with a thing.
type Report struct {
	ID     string
	Case   string
	Reason string // its words are "moderation.reason." and it
	Text   string // "" also when its year is over
	At     time.Time
	Closed time.Time // zero while nobody has attended to it
}

// maxReport is the length of a report's text, in runes.
const maxReport = 2000

// The limits of reporting.
var (
	reportsPerson  = gate.Limit{Name: "report.person", Max: 20, Window: 24 * time.Hour}
	reportsNetwork = gate.Limit{Name: "report.network", Max: 30, Window: time.Hour}
	oddReports     = gate.Limit{Name: "report.odd", Max: 20, Window: time.Hour}
)

// reporting is a report that is about to be taken.
type reporting struct {
	ref          plaza.Ref
	reason, text string
	network      string
}

// visible finds a thing that anybody sees, and that can be reported therefore; NotFound
// when there is none.
func (d *Desk) visible(tx *db.Tx, ref plaza.Ref) (thing, error) {
	t, err := d.thing(tx, ref)
	if err == nil && (!t.found || t.State != Public) {
		err = plaza.E(plaza.NotFound, "moderation.error.no_object")
	}
	return t, err
}

// Report takes a report. The same person, or network on a day, reports a thing once
// until it is attended to; more is not counted, and not told apart.
func (d *Desk) report(tx *db.Tx, r reporting) error {
	actor := plaza.ActorFrom(tx.Context())
	t, err := d.visible(tx, r.ref)
	if err != nil {
		return err
	}
	if err := access.Check(actor, access.Report, access.Object{Kind: r.ref.Kind, Institution: t.Institution}); err != nil {
		return err
	}
	severity, err := r.check()
	if err != nil {
		return err
	}
	who := "network:" + r.network + tx.Now.Format(time.DateOnly)
	if actor.SignedIn() {
		who = "person:" + actor.PersonID
		err = d.Gate.Brake(tx, reportsPerson, actor.PersonID)
	} else {
		err = d.Gate.Brake(tx, reportsNetwork, r.network)
	}
	if err != nil {
		return err
	}
	id, err := d.open(tx, opening{ref: r.ref, institution: t.Institution, author: t.Author, severity: severity})
	if err != nil {
		return err
	}
	if _, err := tx.Exec(`INSERT INTO moderation_reports (id, case_id, reason, body, reporter_id, reporter, created_at)
		VALUES ($1, $2, $3, $4, $5, $6, $7)
		ON CONFLICT (case_id, reporter) WHERE closed_at IS NULL DO NOTHING`,
		tx.ID(), id, r.reason, r.text, actor.PersonID, d.digest("reporter", who), tx.Now); err != nil {
		return fmt.Errorf("taking a report: %w", err)
	}
	if !actor.SignedIn() {
		return nil // of whom nothing is kept
	}
	return privacy.Consent(tx, privacy.Who{Person: actor.PersonID}, pointReport)
}

// check is how grave a report is; what is wrong with it is Invalid, field by field.
func (r reporting) check() (severity int, err error) {
	wrong := &plaza.Error{Kind: plaza.Invalid, Key: "moderation.error.form"}
	severity, known := severityOf(r.reason)
	if !known {
		wrong.Fields = append(wrong.Fields, plaza.FieldError{Field: "reason", Key: "moderation.error.choose"})
	}
	switch n := utf8.RuneCountInString(r.text); {
	case n > maxReport:
		wrong.Fields = append(wrong.Fields, plaza.FieldError{Field: "text", Key: "moderation.error.length", Args: map[string]any{"max": maxReport}})
	case n == 0 && r.reason == "other":
		wrong.Fields = append(wrong.Fields, plaza.FieldError{Field: "text", Key: "moderation.error.say_why"})
	}
	if len(wrong.Fields) > 0 {
		return 0, wrong
	}
	return severity, nil
}

// reportsOf are the reports of cases, the newest first, at most a hundred for each page.
func reportsOf(tx *db.Tx, caseID string) ([]Report, error) {
	return db.All(tx, func(scan func(...any) error) (r Report, err error) {
		err = scan(&r.ID, &r.Case, &r.Reason, &r.Text, &r.At, &r.Closed)
		return r, err
	}, `SELECT id, case_id, reason, body, created_at, closed_at
		FROM moderation_reports
		WHERE case_id = $1
		ORDER BY id DESC
		LIMIT 100`, caseID)
}

// tally is how many open reports of one reason a case has.
type tally struct {
	caseID, reason string
	count          int
}

// tallies are the open reports of several cases.
func tallies(tx *db.Tx, cases []Case) (map[string][]tally, error) {
	out := map[string][]tally{}
	if len(cases) == 0 {
		return out, nil
	}
	ids := make([]string, len(cases))
	for i, c := range cases {
		ids[i] = c.ID
	}
	all, err := db.All(tx, func(scan func(...any) error) (t tally, err error) {
		err = scan(&t.caseID, &t.reason, &t.count)
		return t, err
	}, `SELECT case_id, reason, COUNT(*)
		FROM moderation_reports
		WHERE closed_at IS NULL AND case_id IN (`+db.Placeholders(1, len(ids))+`)
		GROUP BY case_id, reason
		ORDER BY case_id, COUNT(*) DESC, reason`, db.Args(ids)...)
	for _, t := range all {
		out[t.caseID] = append(out[t.caseID], t)
	}
	return out, err
}
