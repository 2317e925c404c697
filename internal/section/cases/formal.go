package cases

import (
	"fmt"
	"time"

	"plaza/internal/base/db"
	"plaza/internal/base/text"
	"plaza/internal/civic/institution"
	"plaza/internal/civic/record"
	"plaza/internal/plaza"
)

// FormalRequest is a case that became a formal request for information.
type FormalRequest struct {
	Case    string
	Folio   string // the formal one
	Outcome string // what came of it, "" until then
	Voice   institution.Voice
	At      time.Time
	Ended   time.Time
}

// maxFormalFolio is the length of a formal folio, in letters.
const maxFormalFolio = 60

// FormalOf is the formal request that a case became; ok is false for none.
func FormalOf(tx *db.Tx, id string) (f FormalRequest, ok bool, err error) {
	var voice string
	err = tx.Row(`SELECT case_id, folio, outcome, voice, at, ended_at FROM case_transfers WHERE case_id = $1`, id).
		Scan(&f.Case, &f.Folio, &f.Outcome, &voice, &f.At, &f.Ended)
	if plaza.KindOf(err) == plaza.NotFound {
		return f, false, nil
	}
	if err != nil {
		return f, false, err
	}
	return f, true, readJSON("the voice", voice, &f.Voice)
}

// Formal makes a case a formal request for information, under the folio that it has
// there: that is its official answer, with what note says. Invalid at folio and texto.
func (cs *Cases) Formal(tx *db.Tx, id, folio, note string) (Case, []record.Act, error) {
	c, voice, err := cs.start(tx, id, Formal, Asker{})
	if err != nil {
		return c, nil, err
	}
	folio = text.Line(folio)
	var w wrong
	w.hold(!text.Blank(folio), "folio", "formal_folio", nil)
	w.length("folio", folio, maxFormalFolio)
	note = text.Tidy(note)
	w.hold(!text.Blank(note), "texto", "answer", nil)
	w.length("texto", note, longAnswer-1)
	if err := w.err(); err != nil {
		return c, nil, err
	}
	c, acts, err := cs.publishAnswer(tx, c, voice, AnswerForm{Outcome: Transfer, Body: note}, Signature{})
	if err != nil {
		return c, nil, err
	}
	said, err := voiceText(voice)
	if err != nil {
		return c, nil, err
	}
	if _, err := tx.Exec(`INSERT INTO case_transfers (case_id, folio, voice, at) VALUES ($1, $2, $3, $4)
		ON CONFLICT (case_id) DO UPDATE SET folio = excluded.folio, outcome = '', voice = excluded.voice, at = excluded.at, ended_at = NULL`,
		c.ID, folio, said, tx.Now); err != nil { // a reopened case may go that way once more
		return c, nil, fmt.Errorf("storing a formal request: %w", err)
	}
	a, err := cs.finish(tx, c, Step{Kind: FormalBegun, Voice: voice, Facts: StepFacts{Folio: folio}}, facts{Outcome: Transfer, Answer: c.Answer})
	return c, append(acts, a), err
}

// FormalEnd says what came of a case's formal request, which everybody reads. Invalid at
// texto; a Conflict when there is none that goes on.
func (cs *Cases) FormalEnd(tx *db.Tx, id, outcome string) (Case, []record.Act, error) {
	c, voice, err := cs.start(tx, id, FormalEnd, Asker{})
	if err != nil {
		return c, nil, err
	}
	f, ok, err := FormalOf(tx, c.ID)
	if err != nil {
		return c, nil, err
	}
	if !ok || !f.Ended.IsZero() {
		return c, nil, errState
	}
	if outcome, err = reason("texto", outcome, true); err != nil {
		return c, nil, err
	}
	if _, err := tx.Exec(`UPDATE case_transfers SET outcome = $1, ended_at = $2 WHERE case_id = $3`, outcome, tx.Now, c.ID); err != nil {
		return c, nil, fmt.Errorf("ending a formal request: %w", err)
	}
	a, err := cs.finish(tx, c, Step{Kind: FormalEnded, Voice: voice, Body: outcome, Facts: StepFacts{Folio: f.Folio}}, facts{})
	return c, []record.Act{a}, err
}
