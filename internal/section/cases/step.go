package cases

import (
	"encoding/json"
	"fmt"
	"time"

	"plaza/internal/base/db"
	"plaza/internal/civic/institution"
	"plaza/internal/civic/moderation"
	"plaza/internal/civic/record"
	"plaza/internal/plaza"
)

// StepKind is what happened to a case. Its verb in the record is "case." and the kind.
type StepKind string

// The kinds of step.
const (
	Opened          StepKind = "opened"
	Acknowledged    StepKind = "acknowledged"
	WasAssigned     StepKind = "assigned"
	InfoRequested   StepKind = "info_requested"
	InfoGiven       StepKind = "info_given" // the asker said what was asked, or more
	WasExtended     StepKind = "extended"
	WasAnswered     StepKind = "answered"
	WasCorrected    StepKind = "corrected"
	WasAccepted     StepKind = "accepted"
	WasReopened     StepKind = "reopened"
	WasResolved     StepKind = "resolved" // by itself
	WasClosed       StepKind = "closed"   // off topic
	WasWithdrawn    StepKind = "withdrawn"
	HasLapsed       StepKind = "lapsed"
	WasConverted    StepKind = "converted"
	WasMerged       StepKind = "merged" // into another
	WasJoined       StepKind = "joined" // another was merged into it
	WasSplit        StepKind = "split"  // from the one into which it was merged
	WasParted       StepKind = "parted" // one that was merged into it was split from it
	HandoverAsked   StepKind = "handover_asked"
	HandoverTaken   StepKind = "handed_over"
	HandoverRefused StepKind = "handover_returned"
	HandoverUndone  StepKind = "handover_taken_back"
	FormalBegun     StepKind = "transferred"
	FormalEnded     StepKind = "transfer_ended"
	HasAdvanced     StepKind = "advanced"
	ClockBegun      StepKind = "clock_begun" // the institution joined: its own clock runs
	WasMoved        StepKind = "moved"       // to the successor of its institution
	// WasEscalated is in the record alone: on its page the clock says it.
	WasEscalated StepKind = "escalated"
)

// Step is something that happened to a case, as its page tells it.
type Step struct {
	ID       string
	Case     string
	Kind     StepKind
	At       time.Time
	Person   string            // id of who did it, for Plaza alone
	Voice    institution.Voice // as whom an official acted, as it was then; zero for anybody else
	Body     string            // Markdown: a question, a reason, a reply
	Standing moderation.State  // of Body: what is not public is not shown
	Facts    StepFacts
}

// StepFacts are what a step tells besides, as it was then; each kind uses its own.
type StepFacts struct {
	Unit        string    `json:"unit,omitempty"`        // name of the area
	Due         time.Time `json:"due,omitzero"`          // the due date that it led to
	Before      time.Time `json:"before,omitzero"`       // the due date until then, where it was put off
	Until       time.Time `json:"until,omitzero"`        // until when something is waited for
	Days        int       `json:"days,omitempty"`        // working days
	Outcome     Outcome   `json:"outcome,omitempty"`     // of the answer
	Answer      string    `json:"answer,omitempty"`      // id of the answer
	Version     int       `json:"version,omitempty"`     // of the answer
	Case        string    `json:"case,omitempty"`        // id of another case
	Folio       string    `json:"folio,omitempty"`       // of another case, or of a formal request
	Institution string    `json:"institution,omitempty"` // name of another institution
	Was         string    `json:"was,omitempty"`         // kind, progress or institution before
	Now         string    `json:"now,omitempty"`         // kind or progress since
	Commitment  string    `json:"commitment,omitempty"`  // id
	Planned     string    `json:"planned,omitempty"`     // 2006-01-02
	Elsewhere   string    `json:"elsewhere,omitempty"`   // 2006-01-02: when it was answered by another channel
	Resource    string    `json:"resource,omitempty"`    // id of what fixes it
	Fixed       string    `json:"fixed,omitempty"`       // its version
}

const stepColumns = `id, case_id, kind, at, person_id, voice, body, standing, facts`

func scanStep(scan func(...any) error) (s Step, err error) {
	var voice, facts string
	if err := scan(&s.ID, &s.Case, &s.Kind, &s.At, &s.Person, &voice, &s.Body, &s.Standing, &facts); err != nil {
		return s, err
	}
	if err := readJSON("the voice", voice, &s.Voice); err != nil {
		return s, err
	}
	return s, readJSON("the facts", facts, &s.Facts)
}

// Steps are what happened to a case, in order, at most limit of them from the one at a
// place (a step's id, "" for the first) on.
func Steps(tx *db.Tx, id, after string, limit int) ([]Step, error) {
	return db.All(tx, scanStep, `SELECT `+stepColumns+`
		FROM case_steps
		WHERE case_id = $1 AND ($2 = '' OR (at, seq, id) > (SELECT at, seq, id FROM case_steps WHERE id = $2))
		ORDER BY at, seq, id
		LIMIT $3`, id, after, limit)
}

// step writes one.
func step(tx *db.Tx, s Step) error {
	voice, err := voiceText(s.Voice)
	if err != nil {
		return err
	}
	facts := ""
	if s.Facts != (StepFacts{}) {
		raw, err := json.Marshal(s.Facts)
		if err != nil {
			return fmt.Errorf("encoding a step: %w", err)
		}
		facts = string(raw)
	}
	if s.Standing == "" {
		s.Standing = moderation.Public
	}
	if s.ID == "" {
		s.ID = tx.ID()
	}
	if s.At.IsZero() {
		s.At = tx.Now
	}
	_, err = tx.Exec(`INSERT INTO case_steps (`+stepColumns+`, seq)
		VALUES (`+db.Placeholders(1, 9)+`, COALESCE((SELECT version FROM cases WHERE id = $2), 0))`,
		s.ID, s.Case, s.Kind, s.At, s.Person, voice, s.Body, s.Standing, facts)
	if err != nil {
		return fmt.Errorf("writing a step of case %s: %w", s.Case, err)
	}
	return nil
}

// facts are what the record tells of a case: never who, never what was written. From them
// the figures of institutions are made (package score), so each act says all that it
// changes in those.
type facts struct {
	Folio string `json:"folio"`
	Kind  Kind   `json:"kind"`
	On    string `json:"on,omitempty"`
	State State  `json:"state"`
	// Asked is when it was asked or received, of one that is opened.
	Asked   time.Time `json:"asked,omitzero"`
	Channel Channel   `json:"channel,omitempty"`
	// Body and Responsible are whose clock runs: the institution's own, or that of who
	// stands in for one that has no liaison.
	Body        string    `json:"body,omitempty"`
	Responsible string    `json:"responsible,omitempty"`
	Round       int       `json:"round,omitempty"`
	Rule        string    `json:"rule,omitempty"`
	Calendar    string    `json:"calendar,omitempty"`
	Due         time.Time `json:"due,omitzero"`
	// Days are the working days that it took, without those that the clock stood still, of
	// what acknowledges, answers or settles a case; InTime whether that was in time.
	Days   *int  `json:"days,omitempty"`
	InTime *bool `json:"in_time,omitempty"`
	First  bool  `json:"first,omitempty"` // the first official answer
	// AckDays and AckInTime are the same of the acknowledgement that an answer is.
	AckDays   *int  `json:"ack_days,omitempty"`
	AckInTime *bool `json:"ack_in_time,omitempty"`
	// Total are the working days since it was asked, of what settles a case.
	Total      *int    `json:"total,omitempty"`
	Outcome    Outcome `json:"outcome,omitempty"`
	Answer     string  `json:"answer,omitempty"`
	Version    int     `json:"version,omitempty"` // of the answer
	Reason     Reason  `json:"reason,omitempty"`
	Was        string  `json:"was,omitempty"`  // kind, progress or institution before
	Now        string  `json:"now,omitempty"`  // kind or progress since
	Into       string  `json:"into,omitempty"` // id of the case into which it was merged
	Unit       string  `json:"unit,omitempty"` // id of the area
	Commitment string  `json:"commitment,omitempty"`
	Supports   int     `json:"supports,omitempty"`
	Level      int     `json:"level,omitempty"` // the step of being late, see LateSteps
}

// act is an act on a case for the record.
func act(kind StepKind, c Case, f facts) record.Act {
	f.Folio, f.Kind, f.State = c.Folio, c.Kind, c.State
	if c.On.Ref != (plaza.Ref{}) {
		f.On = c.On.Ref.String()
	}
	return record.Act{Verb: "case." + string(kind), Object: c.Ref(), Institution: c.Institution, Payload: f}
}
