package score

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"

	"plaza/internal/civic/institution"
	"plaza/internal/civic/membership"
	"plaza/internal/civic/moderation"
	"plaza/internal/section/cases"
)

// fact is what the record tells of one case. It is changed by entries alone (apply), in
// their order, so that whoever reads them all comes to the same.
type fact struct {
	Case        string
	Last        int64 // the last entry that was applied
	Folio       string
	Kind        cases.Kind
	Channel     cases.Channel
	Institution string // in whose figures it counts
	OpenedWith  string
	Body        string
	Level       membership.Level
	OpenedLevel membership.Level
	Side        Side
	Standing    moderation.State
	State       cases.State
	Reason      cases.Reason
	Outcome     cases.Outcome
	Round       int
	Month       string
	Asked       time.Time
	Due         time.Time
	AckDays     int // none for not yet
	AckInTime   int
	Answered    time.Time
	AnswerDays  int
	InTime      int
	Settled     time.Time
	TotalDays   int
	ClosedLate  int
}

// none stands for a number that is not there yet.
const none = -1

func newFact(id string) *fact {
	return &fact{Case: id, AckDays: none, AckInTime: none, AnswerDays: none, InTime: none, TotalDays: none}
}

// entry is what is read of an entry of the record.
type entry struct {
	Seq         int64
	At          time.Time
	Verb        string
	ID          string // of its object
	Institution string
	Payload     string
}

// told is what package cases tells the record of an act (its facts).
type told struct {
	Folio       string           `json:"folio"`
	Kind        cases.Kind       `json:"kind"`
	State       cases.State      `json:"state"`
	Asked       time.Time        `json:"asked"`
	Channel     cases.Channel    `json:"channel"`
	Body        string           `json:"body"`
	Responsible membership.Level `json:"responsible"`
	Round       int              `json:"round"`
	Rule        string           `json:"rule"`
	Due         time.Time        `json:"due"`
	Days        *int             `json:"days"`
	InTime      *bool            `json:"in_time"`
	AckDays     *int             `json:"ack_days"`
	AckInTime   *bool            `json:"ack_in_time"`
	Total       *int             `json:"total"`
	Outcome     cases.Outcome    `json:"outcome"`
	Reason      cases.Reason     `json:"reason"`
}

// Prefixes of what is counted. Whatever else the record tells is passed over.
const (
	ofCases       = "case."
	ofCommitments = "commitment."
)

// apply folds the next entry into what is known of a case. One that was applied before
// changes nothing.
func (f *fact) apply(e entry) error {
	if e.Seq <= f.Last {
		return nil
	}
	f.Last = e.Seq
	verb := strings.TrimPrefix(e.Verb, ofCases)
	switch verb {
	case "hidden":
		f.Standing = moderation.Hidden
	case "removed":
		f.Standing = moderation.Removed
	case "restored", string(cases.Opened):
		f.Standing = moderation.Public
	}
	var p told
	if err := p.read(e.Payload); err != nil {
		return fmt.Errorf("reading entry %d: %w", e.Seq, err)
	}
	if p.State == "" { // it tells nothing of where the case stands
		return nil
	}
	f.Folio, f.Kind = p.Folio, p.Kind
	if verb == string(cases.Opened) {
		f.Asked, f.Channel, f.OpenedWith, f.OpenedLevel = p.Asked, p.Channel, e.Institution, p.Responsible
		f.Month = monthOf(p.Asked)
	}
	if f.Answered.IsZero() { // who answered stays who answered, whatever becomes of the case
		f.Institution = e.Institution
	}
	f.clock(p)
	f.acknowledged(verb, p)
	f.answered(verb, e, p)
	f.settled(e, p)
	f.State = p.State
	f.Side = sideOf(f.Institution, f.Level)
	return nil
}

// clock notes the clock to the answer that an entry tells of. Other clocks are not that.
func (f *fact) clock(p told) {
	if p.Rule == "" || strings.HasPrefix(p.Rule, string(cases.ToAcknowledge)+"@") || strings.HasPrefix(p.Rule, string(cases.ToDecide)+"@") {
		return
	}
	f.Round, f.Due = p.Round, p.Due
	if f.Answered.IsZero() {
		f.Body, f.Level = p.Body, p.Responsible
	}
}

func (f *fact) acknowledged(verb string, p told) {
	switch {
	case f.AckDays != none:
	case p.AckDays != nil:
		f.AckDays, f.AckInTime = *p.AckDays, flag(p.AckInTime)
	case p.Days != nil && strings.HasPrefix(p.Rule, string(cases.ToAcknowledge)+"@"):
		f.AckDays, f.AckInTime = *p.Days, flag(p.InTime)
	}
}

// answered notes an official answer. Being closed is none.
func (f *fact) answered(verb string, e entry, p told) {
	switch cases.StepKind(verb) {
	case cases.WasAnswered, cases.FormalBegun:
		if p.State != cases.Answered {
			return
		}
		if f.Answered.IsZero() {
			f.Answered, f.AnswerDays, f.InTime = e.At, number(p.Days), flag(p.InTime)
		}
		f.Outcome = p.Outcome
	case cases.WasCorrected:
		f.Outcome = p.Outcome
	}
}

// settled notes that nothing is waited for any more, or takes that back.
func (f *fact) settled(e entry, p told) {
	switch p.State {
	case cases.Closed, cases.Resolved:
		if f.Settled.IsZero() {
			f.Settled, f.TotalDays = e.At, number(p.Total)
		}
	default:
		f.Settled, f.TotalDays = time.Time{}, none
	}
	switch {
	case p.State != cases.Closed:
		f.Reason, f.ClosedLate = "", 0
	case f.State != cases.Closed:
		f.Reason = p.Reason
		if f.Answered.IsZero() && !f.Due.IsZero() && !e.At.Before(f.Due) {
			f.ClosedLate = 1
		}
	}
	if !owed(p.State) {
		f.Due = time.Time{}
	}
}

func owed(s cases.State) bool { return slices.Contains(cases.Owed, s) }

func number(n *int) int {
	if n == nil {
		return none
	}
	return *n
}

func flag(b *bool) int {
	switch {
	case b == nil:
		return none
	case *b:
		return 1
	}
	return 0
}

// zone is by whose clock months are counted, for everybody the same.
var zone = func() *time.Location {
	loc, err := time.LoadLocation(institution.DefaultZone)
	if err != nil {
		panic(err) // the zones come with the program
	}
	return loc
}()

func monthOf(t time.Time) string { return t.In(zone).Format("2006-01") }

// promise is what the record tells of one commitment.
type promise struct {
	ID          string
	Last        int64
	Institution string
	Month       string
	Promised    string // 2006-01-02
	Due         string
	Moves       int
	Kept        string
	Dropped     int
}

// apply folds the next entry into what is known of a commitment. Who made it and what day
// was promised first stay: a promise that is moved was not kept on its day.
func (c *promise) apply(e entry) error {
	if e.Seq <= c.Last {
		return nil
	}
	c.Last = e.Seq
	var p struct {
		Due string `json:"due"`
	}
	if err := json.Unmarshal([]byte(e.Payload), &p); err != nil {
		return fmt.Errorf("reading entry %d: %w", e.Seq, err)
	}
	due := dayOf(p.Due)
	switch strings.TrimPrefix(e.Verb, ofCommitments) {
	case "made":
		c.Institution, c.Month, c.Promised, c.Due = e.Institution, monthOf(e.At), due, due
	case "rescheduled":
		if due != "" {
			c.Due, c.Moves = due, c.Moves+1
		}
	case "kept":
		c.Kept = e.At.In(zone).Format(time.DateOnly)
	case "dropped", "cancelled", "broken":
		c.Dropped = 1
	}
	return nil
}

// dayOf is a day as the record tells it: a date, or the first instant that is late.
func dayOf(s string) string {
	if t, err := time.Parse(time.RFC3339, s); err == nil {
		return t.Add(-time.Millisecond).In(zone).Format(time.DateOnly)
	}
	if _, err := time.Parse(time.DateOnly, s); err == nil {
		return s
	}
	return ""
}
