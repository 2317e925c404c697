package cases

import (
	"crypto/rand"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"time"

	"plaza/internal/base/db"
	"plaza/internal/base/secret"
	"plaza/internal/civic/gate"
	"plaza/internal/plaza"
)

// How long what was sent waits: a draft for who signs in, and a case for its address to
// be confirmed.
const (
	draftLife   = 24 * time.Hour
	confirmLife = 72 * time.Hour
)

// pending is a form that waits for who sent it: to sign in, or to confirm an address.
type pending struct {
	ID      string `json:"-"`
	Contact string `json:"-"` // "" for a draft
	Case    string `json:"-"` // id of what it became, or ""
	Files   []File `json:"-"`
	Form    Form   `json:"form"`
	// Signals are what the gate saw when the form was sent.
	Signals []gate.Signal `json:"signals,omitempty"`
}

// newPendingID is an id of chance alone: who has it has what was written.
func newPendingID() string {
	var b [16]byte
	_, _ = rand.Read(b[:]) // never fails since Go 1.24
	return idOf(b[:])
}

// pendingIDOf is the id under which a form of a contact waits: the same for the same form
// sent twice, and nobody's to guess.
func (cs *Cases) pendingIDOf(contact string, f Form) string {
	return idOf(secret.Sum(cs.Key, "case", "pending", nonceKey(Asker{Contact: contact}, f))[:16])
}

// idOf writes 16 bytes as ids are written.
func idOf(raw []byte) string {
	h := hex.EncodeToString(raw)
	return h[:8] + "-" + h[8:12] + "-" + h[12:16] + "-" + h[16:20] + "-" + h[20:]
}

// putPending keeps a form; one with an id is written anew, with the files that it has
// and those that come.
func putPending(tx *db.Tx, p pending) (pending, error) {
	raw, err := json.Marshal(p)
	if err != nil {
		return p, fmt.Errorf("encoding a draft of a case: %w", err)
	}
	if p.ID == "" {
		p.ID = newPendingID()
	}
	if _, err := tx.Exec(`INSERT INTO case_pending (id, contact_id, content, created_at)
		VALUES ($1, $2, $3, $4)
		ON CONFLICT (id) DO UPDATE SET contact_id = excluded.contact_id, content = excluded.content, created_at = excluded.created_at`,
		p.ID, p.Contact, string(raw), tx.Now); err != nil {
		return p, fmt.Errorf("keeping a draft of a case: %w", err)
	}
	for i, f := range p.Files {
		if f.ID != "" {
			continue
		}
		p.Files[i].ID = tx.ID()
		if _, err := tx.Exec(`INSERT INTO case_pending_files (id, pending_id, name, media, bytes, sha256) VALUES ($1, $2, $3, $4, $5, $6)`,
			p.Files[i].ID, p.ID, f.Name, f.Media, f.Size, f.Key); err != nil {
			return p, fmt.Errorf("keeping a file of a draft: %w", err)
		}
	}
	return p, nil
}

// pendingByID is what waits under an id, not past its time; NotFound else. What has
// become a case has no content any more.
func pendingByID(tx *db.Tx, id string) (p pending, err error) {
	var raw string
	var at time.Time
	err = tx.Row(`SELECT id, contact_id, content, case_id, created_at FROM case_pending WHERE id = $1`, id).Scan(&p.ID, &p.Contact, &raw, &p.Case, &at)
	if err != nil && plaza.KindOf(err) != plaza.NotFound {
		return p, fmt.Errorf("reading a draft of a case: %w", err)
	}
	life := draftLife
	if p.Contact != "" {
		life = confirmLife
	}
	if err != nil || !tx.Now.Before(at.Add(life)) {
		return pending{}, plaza.E(plaza.NotFound, "cases.error.pending")
	}
	if raw == "" {
		return p, nil
	}
	if err := json.Unmarshal([]byte(raw), &p); err != nil {
		return p, fmt.Errorf("reading a draft of a case: %w", err)
	}
	p.Files, err = db.All(tx, func(scan func(...any) error) (f File, err error) {
		err = scan(&f.ID, &f.Name, &f.Media, &f.Size, &f.Key)
		return f, err
	}, `SELECT id, name, media, bytes, sha256
		FROM case_pending_files
		WHERE pending_id = $1
		ORDER BY name, id
		LIMIT $2`, id, MaxFiles)
	return p, err
}

// becomes makes a draft, with its files, the case that it became. Its text is kept no
// longer.
func becomes(tx *db.Tx, p pending, c Case) error {
	if p.ID == "" {
		return nil
	}
	if _, err := tx.Exec(`UPDATE case_pending SET content = '', case_id = $1 WHERE id = $2`, c.ID, p.ID); err != nil {
		return fmt.Errorf("a draft that became a case: %w", err)
	}
	_, err := tx.Exec(`DELETE FROM case_pending_files WHERE pending_id = $1`, p.ID) // they are the case's now
	return err
}

// expirePending forgets what is past its time, some at a time.
func expirePending(tx *db.Tx) (int, error) {
	ids, err := db.All(tx, db.Column[string], `SELECT id
		FROM case_pending
		WHERE created_at <= $1 AND contact_id = '' OR created_at <= $2
		ORDER BY created_at
		LIMIT 500`, tx.Now.Add(-draftLife), tx.Now.Add(-confirmLife))
	if err != nil || len(ids) == 0 {
		return 0, err
	}
	return len(ids), dropPending(tx, ids)
}

// dropPending forgets what waits, with its files.
func dropPending(tx *db.Tx, ids []string) error {
	in := `IN (` + db.Placeholders(1, len(ids)) + `)`
	if err := forgetFiles(tx, "case_pending_files", `pending_id `+in, db.Args(ids)...); err != nil {
		return err
	}
	if _, err := tx.Exec(`DELETE FROM case_pending WHERE id `+in, db.Args(ids)...); err != nil {
		return fmt.Errorf("forgetting drafts of cases: %w", err)
	}
	return nil
}
