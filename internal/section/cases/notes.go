package cases

import (
	"fmt"
	"time"

	"plaza/internal/base/db"
	"plaza/internal/civic/access"
	"plaza/internal/plaza"
)

// PrivateNote is what the people of an institution note on a case for themselves. It is
// the institution's own: when the case passes to another it stays behind.
type PrivateNote struct {
	ID          string
	Case        string
	Institution string // whose note it is, "" for the coordination's
	Author      string // person id
	Body        string
	At          time.Time
}

// maxNotes is how many notes an institution has on a case.
const maxNotes = 200

// AddNote notes something on a case for the people of an institution: its own, or the one
// that was asked to take it over. Invalid at texto.
func (cs *Cases) AddNote(tx *db.Tx, id, body, written string) (PrivateNote, error) {
	c, err := ByID(tx, id)
	if err != nil {
		return PrivateNote{}, err
	}
	if err := ownsOrAsked(tx, c, body); err != nil {
		return PrivateNote{}, err
	}
	actor, err := cs.present(tx, plaza.ActorFrom(tx.Context()))
	if err != nil {
		return PrivateNote{}, err
	}
	if err := access.Check(actor, access.CaseNote, access.Object{Kind: RefKind, Institution: body}); err != nil {
		return PrivateNote{}, err
	}
	written, err = reason("texto", written, true)
	if err != nil {
		return PrivateNote{}, err
	}
	var n int
	if err := tx.Row(`SELECT COUNT(id) FROM case_notes WHERE case_id = $1 AND institution = $2`, c.ID, body).Scan(&n); err != nil {
		return PrivateNote{}, err
	}
	if n >= maxNotes {
		return PrivateNote{}, plaza.E(plaza.Conflict, "cases.error.notes")
	}
	note := PrivateNote{ID: tx.ID(), Case: c.ID, Institution: body, Author: actor.PersonID, Body: written, At: tx.Now}
	if _, err := tx.Exec(`INSERT INTO case_notes (id, case_id, institution, author_id, body, at) VALUES (`+db.Placeholders(1, 6)+`)`,
		note.ID, note.Case, note.Institution, note.Author, note.Body, note.At); err != nil {
		return note, fmt.Errorf("storing a note: %w", err)
	}
	return note, nil
}

// Notes are the notes of an institution on a case, oldest first. Who may read them is for
// the caller to ask.
func Notes(tx *db.Tx, id, body string) ([]PrivateNote, error) {
	return db.All(tx, func(scan func(...any) error) (n PrivateNote, err error) {
		err = scan(&n.ID, &n.Case, &n.Institution, &n.Author, &n.Body, &n.At)
		return n, err
	}, `SELECT id, case_id, institution, author_id, body, at
		FROM case_notes
		WHERE case_id = $1 AND institution = $2
		ORDER BY at, id
		LIMIT $3`, id, body, maxNotes)
}

// ownsOrAsked is NotFound for an institution that neither has a case nor was asked to take
// it over.
func ownsOrAsked(tx *db.Tx, c Case, body string) error {
	if c.Institution == body {
		return nil
	}
	h, ok, err := OpenHandover(tx, c.ID)
	if err == nil && !(ok && h.To == body) {
		err = errNotFound
	}
	return err
}
