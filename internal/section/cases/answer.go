package cases

import (
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"plaza/internal/base/db"
	"plaza/internal/base/text"
	"plaza/internal/civic/institution"
	"plaza/internal/civic/record"
	"plaza/internal/plaza"
)

// Answer is one version of an official answer.
type Answer struct {
	ID      string
	Version int // from 1
	Case    string
	Round   int // of the clock that it stopped
	AnswerForm
	Commitment string            // id of what it promises, or ""
	Voice      institution.Voice // who published it, as it was then
	Signed     institution.Voice // who signed a refusal too
	Author     string            // person id, for Plaza alone
	Why        string            // of a correction
	At         time.Time
}

// AnswerForm is what an official answer is made from.
type AnswerForm struct {
	Outcome     Outcome   `json:"outcome"`
	Summary     string    `json:"summary,omitempty"` // en pocas palabras
	Body        string    `json:"body"`              // Markdown
	Ground      string    `json:"ground,omitempty"`  // key of the ground in law, of a refusal
	Alternative string    `json:"alternative,omitempty"`
	Appeal      string    `json:"appeal,omitempty"` // where to appeal
	Object      plaza.Ref `json:"object,omitzero"`  // what is published already, or what fixes it
	FixedWith   string    `json:"fixed_with,omitempty"`
	PlannedOn   string    `json:"planned_on,omitempty"` // 2006-01-02
	Promise     string    `json:"promise,omitempty"`    // what is promised for that day
	Unit        string    `json:"unit,omitempty"`       // id of the area that keeps it
}

// Limits of an answer, in letters.
const (
	MaxSummary = 280
	MaxAnswer  = 20_000
	longAnswer = 1200 // from which on it says it in a few words too
)

// Check tidies the form of an answer to a kind of case and is what is wrong with it, nil
// for nothing: Invalid at the fields resultado, texto, resumen, fundamento, alternativa,
// recurso, objeto, fecha and promesa. today is the day in the institution's zone.
func (f *AnswerForm) Check(k Kind, today string) error {
	f.Summary, f.Body, f.Alternative, f.Appeal, f.Promise = text.Line(f.Summary), text.Tidy(f.Body), text.Tidy(f.Alternative), text.Tidy(f.Appeal), text.Line(f.Promise)
	if !f.Outcome.Refuses() {
		f.Ground, f.Alternative, f.Appeal = "", "", ""
	}
	if f.Outcome != Planned {
		f.PlannedOn, f.Promise, f.Unit = "", "", ""
	}
	var w wrong
	w.hold(slices.Contains(OutcomesFor(k), f.Outcome), "resultado", "outcome", nil)
	w.hold(!text.Blank(f.Body), "texto", "answer", nil)
	w.length("texto", f.Body, MaxAnswer)
	w.length("resumen", f.Summary, MaxSummary)
	w.hold(len([]rune(f.Body)) < longAnswer || !text.Blank(f.Summary), "resumen", "summary", map[string]any{"max": MaxSummary})
	if f.Outcome.Refuses() {
		w.hold(slices.ContainsFunc(Grounds, func(g Ground) bool { return g.Key == f.Ground && g.For(f.Outcome) }), "fundamento", "ground", nil)
		w.hold(!text.Blank(f.Alternative), "alternativa", "alternative", nil)
		w.length("alternativa", f.Alternative, MaxReason)
		w.hold(!text.Blank(f.Appeal), "recurso", "appeal", nil)
		w.length("recurso", f.Appeal, MaxReason)
	}
	if f.Outcome == AlreadyPublic {
		w.hold(f.Object.ID != "", "objeto", "object", nil)
	}
	if f.Outcome == Planned {
		w.hold(institution.IsDate(f.PlannedOn) && f.PlannedOn >= today, "fecha", "planned", nil)
		w.hold(!text.Blank(f.Promise), "promesa", "promise", nil)
		w.length("promesa", f.Promise, MaxDetail)
	}
	return w.err()
}

// Publish publishes an official answer: the clock stops, and the asker has some days to
// object. signed is who signed a refusal besides; one without is a Conflict, and so is
// one that its publisher signed alone.
func (cs *Cases) Publish(tx *db.Tx, id string, form AnswerForm, signed Signature) (Case, []record.Act, error) {
	c, voice, err := cs.start(tx, id, Publish, Asker{})
	if err != nil {
		return c, nil, err
	}
	return cs.publishAnswer(tx, c, voice, form, signed)
}

// Signature is who signed a refusal.
type Signature struct {
	Person string // id
	Voice  institution.Voice
}

// errUnsigned is that a refusal has no second signature.
var errUnsigned error = plaza.E(plaza.Conflict, "cases.error.unsigned")

func (cs *Cases) publishAnswer(tx *db.Tx, c Case, voice institution.Voice, form AnswerForm, signed Signature) (Case, []record.Act, error) {
	today, err := todayAt(tx, c.Institution)
	if err != nil {
		return c, nil, err
	}
	if err := form.Check(c.Kind, today); err != nil {
		return c, nil, err
	}
	if err := cs.checkThings(tx, c, form); err != nil {
		return c, nil, err
	}
	actor := plaza.ActorFrom(tx.Context())
	if !form.Outcome.Refuses() {
		signed = Signature{}
	} else if signed.Voice.Own() || signed.Person == actor.PersonID {
		return c, nil, errUnsigned
	}
	terms, err := ReadTerms(tx)
	if err != nil {
		return c, nil, err
	}
	f := facts{Outcome: form.Outcome, Version: 1, First: c.FirstAnswer.IsZero()}
	k, ok, err := clockOf(tx, c.ID, ToAnswer)
	if err != nil {
		return c, nil, err
	}
	if ok {
		by, err := businessOf(tx, k)
		if err != nil {
			return c, nil, err
		}
		c.WaitsUntil = by.AddDays(tx.Now, terms.Accept)
	}
	if c.Acknowledged.IsZero() { // an answer is one too
		c.Acknowledged = tx.Now
		var ack facts
		if err := stop(tx, &c, ToAcknowledge, ByAcknowledging, &ack); err != nil {
			return c, nil, err
		}
		f.AckDays, f.AckInTime = ack.Days, ack.InTime
	}
	if err := stop(tx, &c, ToAnswer, ByAnswering, &f); err != nil {
		return c, nil, err
	}
	a := Answer{ID: tx.ID(), Version: 1, Case: c.ID, Round: k.Round, AnswerForm: form, Voice: voice, Signed: signed.Voice, Author: actor.PersonID, At: tx.Now}
	c.Outcome, c.Answer = form.Outcome, a.ID
	if c.FirstAnswer.IsZero() {
		c.FirstAnswer = tx.Now
	}
	acts, err := cs.promise(tx, &c, &a)
	if err != nil {
		return c, nil, err
	}
	if err := insertAnswer(tx, a); err != nil {
		return c, nil, err
	}
	if err := reindex(tx, c, a.Summary+"\n"+a.Body); err != nil {
		return c, nil, err
	}
	f.Answer, f.Commitment = a.ID, a.Commitment
	done, err := cs.finish(tx, c, Step{Kind: WasAnswered, Voice: voice, Facts: StepFacts{Answer: a.ID, Version: 1, Outcome: a.Outcome,
		Commitment: a.Commitment, Planned: a.PlannedOn, Until: c.WaitsUntil}}, f)
	return c, append([]record.Act{done}, acts...), err
}

// checkThings is what is wrong with what an answer names: Invalid at objeto when there is
// no such thing to see, at area when the area is not the institution's.
func (cs *Cases) checkThings(tx *db.Tx, c Case, f AnswerForm) error {
	var w wrong
	if f.Object.ID != "" && cs.Cards != nil {
		cards, err := cs.Cards(tx, []plaza.Ref{f.Object})
		if err != nil {
			return err
		}
		w.hold(cards[f.Object].Visible, "objeto", "object", nil)
	}
	if f.Unit != "" {
		u, err := institution.UnitByID(tx, f.Unit)
		if err != nil && plaza.KindOf(err) != plaza.NotFound {
			return err
		}
		w.hold(err == nil && u.InstitutionID == c.Institution && u.RetiredAt.IsZero(), "area", "unit", nil)
	}
	return w.err()
}

// promise makes a commitment of a planned date, and says what became of a request or
// report by its answer.
func (cs *Cases) promise(tx *db.Tx, c *Case, a *Answer) ([]record.Act, error) {
	switch {
	case a.Outcome == Planned && c.Kind == Request:
		c.Progress = Agreed
	case a.Outcome == Corrected && c.Kind == Quality:
		c.Progress = Fixed
	case a.Outcome == Explained && c.Kind == Quality:
		c.Progress = NotAnError
	case a.Outcome == AlreadyPublic && c.Kind == Request:
		c.Progress = Published
	}
	if a.Outcome != Planned || cs.Promise == nil {
		return nil, nil
	}
	var err error
	var acts []record.Act
	a.Commitment, acts, err = cs.Promise(tx, *c, *a)
	return acts, err
}

// Correct publishes a new version of a case's official answer, with the reason why; the
// one before stays readable, and the date on which the case was answered stays. Invalid at
// motivo besides what AnswerForm.Check finds.
func (cs *Cases) Correct(tx *db.Tx, id string, form AnswerForm, why string, signed Signature) (Case, []record.Act, error) {
	c, voice, err := cs.start(tx, id, Correct, Asker{})
	if err != nil {
		return c, nil, err
	}
	today, err := todayAt(tx, c.Institution)
	if err != nil {
		return c, nil, err
	}
	last, err := LastAnswer(tx, c.ID)
	if err != nil {
		return c, nil, err
	}
	if form.Outcome == Planned && last.Outcome == Planned && form.PlannedOn == last.PlannedOn {
		today = form.PlannedOn // a date that has passed meanwhile stands
	} else if form.Outcome == Planned && last.Commitment != "" { // it is put off as a commitment, so many times
		return c, nil, &plaza.Error{Kind: plaza.Invalid, Key: "cases.error.form", Fields: []plaza.FieldError{{Field: "fecha", Key: "cases.error.promised"}}}
	}
	if why, err = reason("motivo", why, true); err != nil {
		return c, nil, err
	}
	if err := form.Check(c.Kind, today); err != nil {
		return c, nil, err
	}
	if form.Object != last.Object || form.Unit != last.Unit { // what stood before stands, though it is gone by now
		if err := cs.checkThings(tx, c, form); err != nil {
			return c, nil, err
		}
	}
	actor := plaza.ActorFrom(tx.Context())
	if form.Outcome.Refuses() && (signed.Voice.Own() || signed.Person == actor.PersonID) {
		return c, nil, errUnsigned
	}
	a := Answer{ID: last.ID, Version: last.Version + 1, Case: c.ID, Round: last.Round, AnswerForm: form, Voice: voice, Signed: signed.Voice,
		Author: actor.PersonID, Why: why, At: tx.Now, Commitment: last.Commitment}
	var acts []record.Act
	if form.Outcome == Planned && last.Commitment == "" {
		if acts, err = cs.promise(tx, &c, &a); err != nil {
			return c, nil, err
		}
	}
	c.Outcome = form.Outcome
	if err := insertAnswer(tx, a); err != nil {
		return c, nil, err
	}
	if err := reindex(tx, c, a.Summary+"\n"+a.Body); err != nil {
		return c, nil, err
	}
	done, err := cs.finish(tx, c, Step{Kind: WasCorrected, Voice: voice, Body: why, Facts: StepFacts{Answer: a.ID, Version: a.Version, Outcome: a.Outcome}},
		facts{Outcome: a.Outcome, Answer: a.ID, Version: a.Version, Commitment: a.Commitment})
	return c, append([]record.Act{done}, acts...), err
}

// todayAt is the day in an institution's zone.
func todayAt(tx *db.Tx, body string) (string, error) {
	zone, err := institution.ZoneOf(tx, body)
	if err != nil {
		return "", err
	}
	return tx.Now.In(zone).Format(time.DateOnly), nil
}

const answerColumns = `id, version, case_id, round, outcome, summary, body, ground, alternative, appeal, object_kind, object_id, fixed_with,
	planned_on, promise, unit_id, commitment, voice, signed, author_id, why, at`

func scanAnswer(scan func(...any) error) (a Answer, err error) {
	var voice, signed string
	if err := scan(&a.ID, &a.Version, &a.Case, &a.Round, &a.Outcome, &a.Summary, &a.Body, &a.Ground, &a.Alternative, &a.Appeal, &a.Object.Kind, &a.Object.ID, &a.FixedWith,
		&a.PlannedOn, &a.Promise, &a.Unit, &a.Commitment, &voice, &signed, &a.Author, &a.Why, &a.At); err != nil {
		return a, err
	}
	if err := readJSON("the voice", voice, &a.Voice); err != nil {
		return a, err
	}
	return a, readJSON("the signature", signed, &a.Signed)
}

func insertAnswer(tx *db.Tx, a Answer) error {
	voice, err := json.Marshal(a.Voice)
	if err != nil {
		return fmt.Errorf("encoding a voice: %w", err)
	}
	signed, err := voiceText(a.Signed)
	if err != nil {
		return err
	}
	_, err = tx.Exec(`INSERT INTO case_answers (`+answerColumns+`) VALUES (`+db.Placeholders(1, 22)+`)`,
		a.ID, a.Version, a.Case, a.Round, a.Outcome, a.Summary, a.Body, a.Ground, a.Alternative, a.Appeal, a.Object.Kind, a.Object.ID, a.FixedWith,
		a.PlannedOn, a.Promise, a.Unit, a.Commitment, string(voice), signed, a.Author, a.Why, a.At)
	if err != nil {
		return fmt.Errorf("storing an answer: %w", err)
	}
	return nil
}

// errNoVersion is that an answer has no such version.
var errNoVersion error = plaza.E(plaza.NotFound, "cases.error.no_version")

// Answers are all versions of all official answers to a case, oldest first.
func Answers(tx *db.Tx, id string) ([]Answer, error) {
	return db.All(tx, scanAnswer, `SELECT `+answerColumns+`
		FROM case_answers
		WHERE case_id = $1
		ORDER BY at, version`, id)
}

// LastAnswer is the newest version of the current official answer to a case; NotFound
// when there is none.
func LastAnswer(tx *db.Tx, id string) (Answer, error) {
	a, err := scanAnswer(tx.Row(`SELECT `+answerColumns+`
		FROM case_answers
		WHERE case_id = $1
		ORDER BY at DESC, version DESC
		LIMIT 1`, id).Scan)
	if err != nil && plaza.KindOf(err) == plaza.NotFound {
		return a, plaza.E(plaza.NotFound, "cases.error.no_answer")
	}
	return a, err
}
