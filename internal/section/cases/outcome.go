package cases

import "slices"

// Outcome is what an official answer comes to.
type Outcome string

// The outcomes, on the four subjects that the guide names: reason, time, possibility, and
// quality or meaning.
const (
	Reserved     Outcome = "reserved"
	Confidential Outcome = "confidential"
	PersonalData Outcome = "personal_data"
	Nonexistent  Outcome = "nonexistent"
	NotCompetent Outcome = "not_competent"
	Costly       Outcome = "cost"

	Planned Outcome = "planned" // a date, which becomes a commitment

	Possible      Outcome = "possible"   // it can be done, without a date yet
	Impossible    Outcome = "impossible" // it cannot be done
	AlreadyPublic Outcome = "published"  // which dataset
	Transfer      Outcome = "transferred"

	Explained   Outcome = "explained"
	Corrected   Outcome = "corrected"
	Uncorrected Outcome = "uncorrected" // it will not be corrected: why
)

// Subject is what an outcome is about.
type Subject string

// The subjects.
const (
	OfReason      Subject = "reason"
	OfTime        Subject = "time"
	OfPossibility Subject = "possibility"
	OfMeaning     Subject = "meaning"
)

// outcomes are all of them by subject, in the order of forms.
var outcomes = []struct {
	Subject  Subject
	Outcomes []Outcome
}{
	{OfMeaning, []Outcome{Explained, Corrected, Uncorrected}},
	{OfTime, []Outcome{Planned}},
	{OfPossibility, []Outcome{Possible, AlreadyPublic, Transfer, Impossible}},
	{OfReason, []Outcome{Reserved, Confidential, PersonalData, Nonexistent, NotCompetent, Costly}},
}

// Outcomes are all outcomes, in the order of forms.
func Outcomes() (all []Outcome) {
	for _, s := range outcomes {
		all = append(all, s.Outcomes...)
	}
	return all
}

// Subject is what the outcome is about.
func (o Outcome) Subject() Subject {
	for _, s := range outcomes {
		if slices.Contains(s.Outcomes, o) {
			return s.Subject
		}
	}
	return ""
}

// Refuses reports whether the outcome denies what was asked: it needs its ground in law,
// its reasons, the signature of the enlace de transparencia, the alternative that is
// offered and where to appeal.
func (o Outcome) Refuses() bool { return o.Subject() == OfReason || o == Impossible }

// OutcomesFor are those that an answer to a kind of case can have.
func OutcomesFor(k Kind) []Outcome {
	refusals := []Outcome{Impossible, Reserved, Confidential, PersonalData, Nonexistent, NotCompetent, Costly}
	switch k {
	case Quality:
		return append([]Outcome{Corrected, Explained, Uncorrected, Planned, Transfer}, refusals...)
	case Request:
		return append([]Outcome{Planned, AlreadyPublic, Possible, Explained, Transfer}, refusals...)
	case Reuse:
		return append([]Outcome{Explained, Corrected, Uncorrected, Planned, Transfer}, refusals...)
	}
	return append([]Outcome{Explained, AlreadyPublic, Corrected, Planned, Transfer}, refusals...)
}
