package disclosure

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"plaza/internal/base/db"
	"plaza/internal/civic/access"
	"plaza/internal/civic/calendar"
	"plaza/internal/civic/privacy"
	"plaza/internal/civic/record"
	"plaza/internal/plaza"
)

const columns = `id, object_kind, object_id, institution, category, place, note, reporter_id, calendar, due_at, conclusion, answer, decided_by,
	created_at, decided_at, version`

func scan(scan func(...any) error) (r Report, err error) {
	err = scan(&r.ID, &r.Object.Kind, &r.Object.ID, &r.Institution, &r.Category, &r.Place, &r.Note, &r.Reporter, &r.Calendar, &r.Due, &r.Conclusion, &r.Answer, &r.DecidedBy,
		&r.Created, &r.Decided, &r.Version)
	return r, err
}

var errNone error = plaza.E(plaza.NotFound, "disclosure.error.not_found")

// ByID returns a report; NotFound when there is none. Who may see it is for the caller
// to ask.
func ByID(tx *db.Tx, id string) (Report, error) {
	r, err := scan(tx.Row(`SELECT `+columns+` FROM disclosures WHERE id = $1`, id).Scan)
	if err != nil && plaza.KindOf(err) == plaza.NotFound {
		return r, errNone
	}
	return r, err
}

// list are the reports about what institutions have, with none named of all: what waits
// first, the soonest due before the others, then the newest.
func list(tx *db.Tx, limit int, bodies ...string) ([]Report, error) {
	where, args := ``, []any{limit}
	if len(bodies) > 0 {
		where, args = `WHERE institution IN (`+db.Placeholders(2, len(bodies))+`)`, append(args, db.Args(bodies)...)
	}
	return db.All(tx, scan, `SELECT `+columns+`
		FROM disclosures
		`+where+`
		ORDER BY CASE WHEN decided_at IS NULL THEN 0 ELSE 1 END, CASE WHEN decided_at IS NULL THEN due_at END, created_at DESC, id
		LIMIT $1`, args...)
}

// Waiting is how many reports wait, about what institutions have, or with none named all.
func Waiting(tx *db.Tx, bodies ...string) (n int, err error) {
	where := ``
	if len(bodies) > 0 {
		where = ` AND institution IN (` + db.Placeholders(1, len(bodies)) + `)`
	}
	err = tx.Row(`SELECT COUNT(id) FROM disclosures WHERE decided_at IS NULL`+where, db.Args(bodies)...).Scan(&n)
	return n, err
}

// on is a report as an object of permissions.
func (r Report) on() access.Object { return access.Object{Kind: Kind, Institution: r.Institution} }

// facts are what the record tells of a report: that it came, by when it is due and what
// was concluded, never of what it is.
type facts struct {
	Due        time.Time `json:"due"`
	Calendar   string    `json:"calendar"`
	Conclusion string    `json:"conclusion,omitempty"`
	InTime     *bool     `json:"in_time,omitempty"`
}

// Tell stores a report and appends to the record, so it is the last thing a transaction
// does. What is wrong with a field is Invalid.
func (rs *Reports) Tell(tx *db.Tx, f Form) (Report, error) {
	r, act, err := rs.Note(tx, f)
	if err != nil {
		return r, err
	}
	return r, record.Append(tx, act)
}

// Note is Tell for who has more to append to the record: it returns the act.
func (rs *Reports) Note(tx *db.Tx, f Form) (Report, record.Act, error) {
	none := record.Act{}
	if err := f.check(); err != nil {
		return Report{}, none, err
	}
	on, err := rs.object(tx, f.Object)
	if err != nil {
		return Report{}, none, err
	}
	by, err := calendar.BusinessOf(tx, on.Institution)
	if err != nil {
		return Report{}, none, err
	}
	r := Report{ID: tx.ID(), Object: f.Object, Institution: on.Institution, Category: f.Category, Place: f.Place, Note: f.Note,
		Reporter: plaza.ActorFrom(tx.Context()).PersonID, Calendar: by.Version, Due: by.AddDays(tx.Now, Days), Created: tx.Now, Version: 1}
	if _, err := tx.Exec(`INSERT INTO disclosures (`+columns+`) VALUES (`+db.Placeholders(1, 16)+`)`,
		r.ID, r.Object.Kind, r.Object.ID, r.Institution, r.Category, r.Place, r.Note, r.Reporter, r.Calendar, r.Due, r.Conclusion, r.Answer, r.DecidedBy,
		r.Created, r.Decided, r.Version); err != nil {
		return r, none, fmt.Errorf("storing a report: %w", err)
	}
	if r.Reporter != "" {
		if err := privacy.Consent(tx, privacy.Who{Person: r.Reporter}, Point); err != nil {
			return r, none, err
		}
	}
	return r, record.Act{Verb: "disclosure.received", Object: r.Ref(), Payload: facts{Due: r.Due, Calendar: r.Calendar}, By: &record.Actor{Role: string(plaza.Visitor)}}, nil
}

// object is what may be reported; NotFound for anything else.
func (rs *Reports) object(tx *db.Tx, ref plaza.Ref) (plaza.Card, error) {
	none := plaza.E(plaza.NotFound, "disclosure.error.object")
	if !slices.Contains(rs.Kinds, ref.Kind) || ref.ID == "" {
		return plaza.Card{}, none
	}
	cards, err := rs.Cards(tx, []plaza.Ref{ref})
	if err != nil {
		return plaza.Card{}, err
	}
	if c, ok := cards[ref]; ok && c.Visible {
		return c, nil
	}
	return plaza.Card{}, none
}

// pin returns a report that the actor may attend to, held until the transaction ends.
func pin(tx *db.Tx, id string) (Report, error) {
	r, err := scan(tx.Row(`UPDATE disclosures SET version = version + 1 WHERE id = $1 RETURNING `+columns, id).Scan)
	if err != nil && plaza.KindOf(err) == plaza.NotFound {
		err = errNone
	}
	if err != nil {
		return r, err
	}
	return r, access.Check(plaza.ActorFrom(tx.Context()), access.DisclosureSee, r.on())
}

// Withheld withholds resources of what was reported, and gives back those that are left
// out. It appends to the record. A resource that is not of it is Invalid.
func (rs *Reports) Withheld(tx *db.Tx, id string, resources []string) error {
	r, err := pin(tx, id)
	if err != nil {
		return err
	}
	targets, err := rs.Targets(tx, r.Object)
	if err != nil {
		return err
	}
	known := func(id string) bool { return slices.ContainsFunc(targets, func(t Target) bool { return t.ID == id }) }
	if slices.ContainsFunc(resources, func(id string) bool { return !known(id) }) {
		return &plaza.Error{Kind: plaza.Invalid, Key: "web.error.invalid", Fields: []plaza.FieldError{{Field: "recurso", Key: "disclosure.error.resource"}}}
	}
	var acts []record.Act
	for _, t := range targets[:min(len(targets), record.MaxActs)] {
		verb, at := "resource.released", time.Time{}
		if slices.Contains(resources, t.ID) {
			verb, at = "resource.withheld", tx.Now
		}
		if at.IsZero() == t.Withheld.IsZero() {
			continue
		}
		changed, err := rs.Withhold(tx, t.ID, at)
		if err != nil {
			return err
		}
		if changed {
			acts = append(acts, record.Act{Verb: verb, Object: plaza.Ref{Kind: "resource", ID: t.ID}, Institution: r.Institution, Payload: map[string]any{"title": t.Title}})
		}
	}
	return record.Append(tx, acts...)
}

// Conclude says what a report came to. It appends to the record. Invalid at the fields
// conclusion and respuesta; a Conflict when that was said before.
func (rs *Reports) Conclude(tx *db.Tx, id, conclusion, answer string) error {
	r, err := pin(tx, id)
	if err != nil {
		return err
	}
	if r.Conclusion != "" {
		return plaza.E(plaza.Conflict, "disclosure.error.decided")
	}
	answer = strings.TrimSpace(answer)
	var wrong []plaza.FieldError
	if !slices.Contains(Conclusions, conclusion) {
		wrong = append(wrong, plaza.FieldError{Field: "conclusion", Key: "disclosure.error.conclusion"})
	}
	if answer == "" {
		wrong = append(wrong, plaza.FieldError{Field: "respuesta", Key: "disclosure.error.answer"})
	}
	if len([]rune(answer)) > maxNote {
		wrong = append(wrong, plaza.FieldError{Field: "respuesta", Key: "disclosure.error.long", Args: map[string]any{"max": maxNote}})
	}
	if len(wrong) > 0 {
		return &plaza.Error{Kind: plaza.Invalid, Key: "web.error.invalid", Fields: wrong}
	}
	if _, err := tx.Exec(`UPDATE disclosures SET conclusion = $1, answer = $2, decided_by = $3, decided_at = $4 WHERE id = $5`,
		conclusion, answer, plaza.ActorFrom(tx.Context()).PersonID, tx.Now, r.ID); err != nil {
		return fmt.Errorf("concluding report %s: %w", r.ID, err)
	}
	inTime := tx.Now.Before(r.Due)
	return record.Append(tx, record.Act{Verb: "disclosure.concluded", Object: r.Ref(), Payload: facts{Due: r.Due, Calendar: r.Calendar, Conclusion: conclusion, InTime: &inTime}})
}
