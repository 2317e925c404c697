package cases

import (
	"fmt"
	"time"

	"plaza/internal/base/db"
	"plaza/internal/civic/moderation"
	"plaza/internal/civic/privacy"
	"plaza/internal/civic/record"
)

// keptContact is how long an address without an account is kept after the last of its
// cases was settled.
const keptContact = 365 * 24 * time.Hour

// Holding is what is kept about people who ask. When one goes, what they asked in public
// stays, without their name and without what they need it for; what nobody ever saw goes.
func Holding() privacy.Holding {
	return privacy.Holding{
		Key: "case",
		Data: []privacy.Datum{{Key: "case", Point: Point}, {Key: "case_need", Point: Point}, {Key: "case_file", Point: Point},
			{Key: "case_draft", Point: Point, Keep: draftLife}, {Key: "case_contact", Point: askMailPoint, Keep: keptContact},
			{Key: "case_support", Point: "case_support"}, {Key: "case_work", Point: "office"}},
		Export: exportPerson, Erase: erasePerson, Expire: expire,
	}
}

// givenCase is a case as its asker gets it.
type givenCase struct {
	Folio    string    `json:"folio"`
	Kind     Kind      `json:"kind"`
	On       string    `json:"on,omitempty"`
	Standing string    `json:"standing"`
	State    State     `json:"state"`
	Title    string    `json:"title"`
	Text     string    `json:"text"`
	Details  Details   `json:"details"`
	Need     string    `json:"need,omitempty"`
	Name     string    `json:"name,omitempty"`
	Asked    time.Time `json:"asked"`
}

type givenStep struct {
	Case string    `json:"case"` // id
	Kind StepKind  `json:"kind"`
	Text string    `json:"text"`
	At   time.Time `json:"at"`
}

type givenSupport struct {
	Case string    `json:"case"` // id
	Why  string    `json:"why,omitempty"`
	At   time.Time `json:"at"`
}

type givenFile struct {
	Name string    `json:"name"`
	Size int64     `json:"size"`
	At   time.Time `json:"at"`
}

type givenAll struct {
	Asked     []givenCase    `json:"asked,omitempty"`
	Steps     []givenStep    `json:"steps,omitempty"`
	Supported []givenSupport `json:"supported,omitempty"`
	Files     []givenFile    `json:"files,omitempty"`
	Notes     []string       `json:"notes,omitempty"`
	Drafts    []string       `json:"drafts,omitempty"`
}

// exportPerson is everything that a person gave.
func exportPerson(tx *db.Tx, person string) (any, error) {
	var all givenAll
	for before := ""; ; {
		page, err := OfPerson(tx, person, before, exportPage)
		if err != nil {
			return nil, err
		}
		for _, c := range page {
			g := givenCase{Folio: c.Folio, Kind: c.Kind, Standing: string(c.Standing), State: c.State, Title: c.Title, Text: c.Body, Details: c.Details,
				Need: c.Need, Name: c.Asker.Name, Asked: c.Asked}
			if c.On.Ref.ID != "" {
				g.On = c.On.Ref.String()
			}
			all.Asked = append(all.Asked, g)
			before = c.ID
		}
		if len(page) < exportPage {
			break
		}
	}
	if err := exportRest(tx, person, &all); err != nil {
		return nil, err
	}
	if all.Asked == nil && all.Steps == nil && all.Supported == nil && all.Files == nil && all.Notes == nil && all.Drafts == nil {
		return nil, nil
	}
	return all, nil
}

func exportRest(tx *db.Tx, person string, all *givenAll) (err error) {
	if all.Steps, err = db.All(tx, func(scan func(...any) error) (s givenStep, err error) {
		err = scan(&s.Case, &s.Kind, &s.Text, &s.At)
		return s, err
	}, `SELECT case_id, kind, body, at FROM case_steps WHERE person_id = $1 AND person_id <> '' AND body <> '' ORDER BY id`, person); err != nil {
		return err
	}
	if all.Supported, err = db.All(tx, func(scan func(...any) error) (s givenSupport, err error) {
		err = scan(&s.Case, &s.Why, &s.At)
		return s, err
	}, `SELECT case_id, why, at FROM case_supports WHERE who = $1 ORDER BY at, case_id`, person); err != nil {
		return err
	}
	if all.Files, err = db.All(tx, func(scan func(...any) error) (f givenFile, err error) {
		err = scan(&f.Name, &f.Size, &f.At)
		return f, err
	}, `SELECT name, bytes, at FROM case_files WHERE by_id = $1 AND by_id <> '' ORDER BY id`, person); err != nil {
		return err
	}
	if all.Notes, err = db.All(tx, db.Column[string], `SELECT body FROM case_notes WHERE author_id = $1 AND author_id <> '' ORDER BY id`, person); err != nil {
		return err
	}
	all.Drafts, err = db.All(tx, db.Column[string], `SELECT content FROM case_drafts WHERE author_id = $1 AND author_id <> '' ORDER BY id`, person)
	return err
}

// sentence is one thing that is done to the store.
type sentence struct {
	what, query string
	args        []any
}

func eraseAll(tx *db.Tx, all []sentence) error {
	for _, s := range all {
		if _, err := tx.Exec(s.query, s.args...); err != nil {
			return fmt.Errorf("erasing %s: %w", s.what, err)
		}
	}
	return nil
}

// erasePerson takes a person out of what they asked and did.
func erasePerson(tx *db.Tx, person string) ([]record.Act, error) {
	if err := eraseAsker(tx, "asker_id", person); err != nil {
		return nil, err
	}
	return nil, eraseAll(tx, []sentence{
		{"replies that were taken back", `UPDATE case_steps SET body = '' WHERE person_id = $1 AND standing <> $2`, []any{person, moderation.Public}},
		{"who did what", `UPDATE case_steps SET person_id = '' WHERE person_id = $1`, []any{person}},
		{"authors of answers", `UPDATE case_answers SET author_id = '' WHERE author_id = $1`, []any{person}},
		{"supports", `UPDATE cases SET supports = supports - 1 WHERE supports > 0 AND id IN (SELECT case_id FROM case_supports WHERE who = $1)`, []any{person}},
		{"supports", besideThemes + `IN (SELECT case_id FROM case_supports WHERE who = $1)`, []any{person}},
		{"supports", `DELETE FROM case_supports WHERE who = $1`, []any{person}},
		{"opinions of answers", `DELETE FROM case_answer_marks WHERE who = $1`, []any{person}},
		{"authors of drafts", `UPDATE case_drafts SET author_id = '' WHERE author_id = $1`, []any{person}},
		{"who signed drafts", `UPDATE case_drafts SET signed_by = '' WHERE signed_by = $1`, []any{person}},
		{"authors of notes", `UPDATE case_notes SET author_id = '' WHERE author_id = $1`, []any{person}},
		{"senders of files", `UPDATE case_files SET by_id = '' WHERE by_id = $1`, []any{person}},
	})
}

// eraseAsker takes an asker out of their cases: column is asker_id or contact_id.
func eraseAsker(tx *db.Tx, column, id string) error {
	unseen := column + ` = $1 AND published_at IS NULL`
	if err := forgetFiles(tx, "case_files", `case_id IN (SELECT id FROM cases WHERE `+unseen+`)`, id); err != nil {
		return err
	}
	return eraseAll(tx, []sentence{
		{"what nobody saw", `DELETE FROM cases WHERE ` + unseen, []any{id}},
		// the nonce is made with the asker's id; the case's own is as unique
		{"who asked", `UPDATE cases SET ` + column + ` = '', asker_name = '', need = '', nonce = id WHERE ` + column + ` = $1`, []any{id}},
	})
}

// forgetContact takes somebody without an account out of what they asked, and forgets
// their address.
func forgetContact(tx *db.Tx, id string) error {
	waiting, err := db.All(tx, db.Column[string], `SELECT id FROM case_pending WHERE contact_id = $1 AND contact_id <> '' LIMIT 1000`, id)
	if err != nil {
		return err
	}
	if len(waiting) > 0 {
		if err := dropPending(tx, waiting); err != nil {
			return err
		}
	}
	if err := eraseAsker(tx, "contact_id", id); err != nil {
		return err
	}
	return eraseAll(tx, []sentence{{"an address", `DELETE FROM case_contacts WHERE id = $1`, []any{id}}})
}

// expire forgets what waits for nobody any more, and addresses of whom nothing is open
// since long.
func expire(tx *db.Tx) (int, error) {
	n, err := expirePending(tx)
	if err != nil || n > 0 {
		return n, err
	}
	idle, err := db.All(tx, db.Column[string], `SELECT c.id
		FROM case_contacts c
		WHERE c.created_at <= $1
			AND NOT EXISTS (SELECT 1 FROM case_pending p WHERE p.contact_id = c.id AND p.contact_id <> '')
			AND NOT EXISTS (SELECT 1 FROM cases k WHERE k.contact_id = c.id AND k.contact_id <> '' AND (k.settled_at IS NULL AND k.standing IN ('public', 'held') OR k.settled_at > $2))
		ORDER BY c.created_at
		LIMIT 200`, tx.Now.Add(-confirmLife), tx.Now.Add(-keptContact))
	if err != nil {
		return 0, err
	}
	for _, id := range idle {
		if err := forgetContact(tx, id); err != nil {
			return 0, err
		}
	}
	return len(idle), nil
}
