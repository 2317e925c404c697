package turn

import (
	"encoding/json"
	"fmt"

	"plaza/internal/base/db"
	"plaza/internal/civic/account"
	"plaza/internal/civic/institution"
	"plaza/internal/plaza"
)

const columns = `id, case_id, institution, unit_id, name, email, note, version, state, reason, turned_by, created_at, expires_at, revoked_at, last_seen_at, ended_at`

func scan(scan func(...any) error) (t Turn, err error) {
	err = scan(&t.ID, &t.Case, &t.Institution, &t.Unit, &t.Name, &t.Email, &t.Note, &t.Version, &t.State, &t.Reason, &t.By,
		&t.Created, &t.Expires, &t.Revoked, &t.LastSeen, &t.Ended)
	return t, err
}

// maxTurns bounds the turns of one case.
const maxTurns = 50

// Of are the turns of a case that an institution made, the newest first.
func Of(tx *db.Tx, caseID, body string) ([]Turn, error) {
	return db.All(tx, scan, `SELECT `+columns+`
		FROM case_turns
		WHERE case_id = $1 AND institution = $2
		ORDER BY created_at DESC, id DESC
		LIMIT $3`, caseID, body, maxTurns)
}

// byID returns a turn, and with hold keeps others from changing it until the transaction
// ends; NotFound when there is none.
func byID(tx *db.Tx, id string, hold bool) (t Turn, err error) {
	if hold {
		t, err = scan(tx.Row(`UPDATE case_turns SET state = state WHERE id = $1 RETURNING `+columns, id).Scan)
	} else {
		t, err = scan(tx.Row(`SELECT `+columns+` FROM case_turns WHERE id = $1`, id).Scan)
	}
	if err != nil && plaza.KindOf(err) == plaza.NotFound {
		return t, errUnknown
	}
	return t, err
}

func insert(tx *db.Tx, t Turn) error {
	_, err := tx.Exec(`INSERT INTO case_turns (`+columns+`, email_key) VALUES (`+db.Placeholders(1, 17)+`)`,
		t.ID, t.Case, t.Institution, t.Unit, t.Name, t.Email, t.Note, t.Version, t.State, t.Reason, t.By,
		t.Created, t.Expires, t.Revoked, t.LastSeen, t.Ended, account.EmailKey(t.Email))
	if err != nil {
		return fmt.Errorf("storing a turn: %w", err)
	}
	return nil
}

// save writes what changes of a turn.
func save(tx *db.Tx, t Turn) error {
	_, err := tx.Exec(`UPDATE case_turns
		SET version = $1, state = $2, reason = $3, expires_at = $4, revoked_at = $5, last_seen_at = $6, ended_at = $7
		WHERE id = $8`, t.Version, t.State, t.Reason, t.Expires, t.Revoked, t.LastSeen, t.Ended, t.ID)
	if err != nil {
		return fmt.Errorf("saving a turn: %w", err)
	}
	return nil
}

// draftOf is the draft of a turn; the zero Draft while there is none.
func draftOf(tx *db.Tx, turn string) (d Draft, err error) {
	var content string
	err = tx.Row(`SELECT id, case_id, turn_id, state, content, note, version, updated_at
		FROM case_drafts
		WHERE turn_id = $1 AND turn_id <> ''
		ORDER BY created_at DESC, id DESC
		LIMIT 1`, turn).Scan(&d.ID, &d.Case, &d.Turn, &d.State, &content, &d.Note, &d.Version, &d.Updated)
	if err != nil && plaza.KindOf(err) == plaza.NotFound {
		return Draft{}, nil
	}
	if err != nil {
		return d, err
	}
	if err := json.Unmarshal([]byte(content), &d.Form); err != nil {
		return d, fmt.Errorf("reading a draft: %w", err)
	}
	return d, nil
}

// putDraft writes a draft as it stands now. A change drops the signature it may have had.
func putDraft(tx *db.Tx, d Draft, v institution.Voice) error {
	content, err := json.Marshal(d.Form)
	if err != nil {
		return fmt.Errorf("encoding a draft: %w", err)
	}
	voice, err := json.Marshal(v)
	if err != nil {
		return fmt.Errorf("encoding a voice: %w", err)
	}
	_, err = tx.Exec(`INSERT INTO case_drafts (id, case_id, turn_id, voice, state, content, note, version, created_at, updated_at)
		VALUES (`+db.Placeholders(1, 10)+`)
		ON CONFLICT (id) DO UPDATE SET voice = excluded.voice, state = excluded.state, content = excluded.content, note = excluded.note,
			version = excluded.version, updated_at = excluded.updated_at, signed = '', signed_by = ''`,
		d.ID, d.Case, d.Turn, string(voice), d.State, string(content), d.Note, d.Version, tx.Now, tx.Now)
	if err != nil {
		return fmt.Errorf("writing a draft: %w", err)
	}
	return nil
}

// File is something attached to a draft.
type File struct {
	ID, Name string
	Bytes    int64
}

// maxFiles bounds the files of a draft that are listed.
const maxFiles = 50

func filesOf(tx *db.Tx, caseID, draft string) ([]File, error) {
	if draft == "" {
		return nil, nil
	}
	return db.All(tx, func(scan func(...any) error) (f File, err error) {
		err = scan(&f.ID, &f.Name, &f.Bytes)
		return f, err
	}, `SELECT id, name, bytes
		FROM case_files
		WHERE case_id = $1 AND place = 'draft' AND place_id = $2
		ORDER BY id
		LIMIT $3`, caseID, draft, maxFiles)
}
