package tool

import (
	"fmt"
	"time"

	"plaza/internal/base/db"
	"plaza/internal/base/text"
	"plaza/internal/civic/access"
	"plaza/internal/civic/moderation"
	"plaza/internal/civic/privacy"
	"plaza/internal/plaza"
)

// Beginning is what a tool is begun from.
type Beginning struct {
	Document Document
	// Institution makes it official from the start; "" is one's own.
	Institution string

	parent        string
	parentVersion int
}

// Create begins a tool, which only its owner sees. A person has MaxDrafts of those at most.
func (ts *Tools) Create(tx *db.Tx, n Beginning) (Draft, error) {
	actor := plaza.ActorFrom(tx.Context())
	if err := access.Check(actor, access.ToolWrite, access.Object{Kind: Kind, Owner: actor.PersonID}); err != nil {
		return Draft{}, err
	}
	if n.Institution != "" {
		if err := access.Check(actor, access.ToolOfficial, access.Object{Kind: Kind, Institution: n.Institution}); err != nil {
			return Draft{}, err
		}
	}
	n.Document = n.Document.tidy()
	raw, err := n.Document.encode()
	if err != nil {
		return Draft{}, err
	}
	if err := ts.room(tx, actor.PersonID); err != nil {
		return Draft{}, err
	}
	t := Tool{ID: tx.ID(), Kind: n.Document.Kind(), Author: actor.PersonID, Owner: actor.PersonID, Institution: n.Institution,
		Parent: n.parent, ParentVersion: n.parentVersion, Created: tx.Now, Modified: tx.Now, draft: 1, draftLast: 1}
	if t.Official() {
		t.Owner = ""
	}
	t.Slug = t.ID // nobody goes there before it is published
	t.describe(n.Document)
	if err := insert(tx, t); err != nil {
		return Draft{}, err
	}
	if err := keepRevision(tx, t.ID, 1, raw); err != nil {
		return Draft{}, err
	}
	if err := nameImage(tx, t.ID, n.Document); err != nil {
		return Draft{}, err
	}
	return Draft{Tool: t, Revision: 1, Document: n.Document, At: tx.Now}, privacy.Consent(tx, privacy.Who{Person: actor.PersonID}, Point)
}

// room counts the beginning of a tool, and refuses it to who has begun too many.
func (ts *Tools) room(tx *db.Tx, person string) error {
	if err := ts.Gate.Brake(tx, perMaker, person); err != nil {
		return err
	}
	var n int
	if err := tx.Row(`SELECT COUNT(id) FROM tools WHERE author_id = $1 AND author_id <> '' AND version = 0`, person).Scan(&n); err != nil {
		return err
	}
	if n >= MaxDrafts {
		return &plaza.Error{Kind: plaza.Conflict, Key: "tool.error.drafts", Args: map[string]any{"max": MaxDrafts}}
	}
	return nil
}

// describe takes from a document what is told of the tool.
func (t *Tool) describe(d Document) {
	t.Kind, t.Title, t.Summary, t.Language = d.Kind(), d.Title(), d.Summary(), d.Language()
	if d.External != nil {
		t.URL = d.External.URL
	}
}

// Fork begins a tool from a published native one, which it names. title is what it is called
// at first, "" as the other.
func (ts *Tools) Fork(tx *db.Tx, parent, title string) (Draft, error) {
	t, err := ByID(tx, parent)
	if err == nil && !t.Public() {
		err = errNone
	}
	if err != nil {
		return Draft{}, err
	}
	v, err := Current(tx, t)
	if err != nil {
		return Draft{}, err
	}
	if v.Document.Spec == nil {
		return Draft{}, plaza.E(plaza.Conflict, "tool.error.no_base")
	}
	if title = text.Line(title); title != "" {
		v.Document = v.Document.named(title)
	}
	return ts.Create(tx, Beginning{Document: v.Document, parent: t.ID, parentVersion: v.Number})
}

// Open is the working copy of a tool, for who may change it.
func (ts *Tools) Open(tx *db.Tx, id string) (Draft, error) {
	t, err := ByID(tx, id)
	if err != nil {
		return Draft{}, err
	}
	if err := mayWrite(tx, t); err != nil {
		return Draft{}, err
	}
	return open(tx, t)
}

// mayWrite refuses what is not the actor's. Of what they may not see either, they are told
// that it does not exist.
func mayWrite(tx *db.Tx, t Tool) error { return mayDo(tx, access.ToolWrite, t) }

func mayDo(tx *db.Tx, action access.Action, t Tool) error {
	actor := plaza.ActorFrom(tx.Context())
	err := access.Check(actor, action, t.Object())
	if err != nil && actor.SignedIn() && !t.Seen(actor) {
		return errNone
	}
	return err
}

// open reads the working copy of a tool.
func open(tx *db.Tx, t Tool) (Draft, error) {
	d := Draft{Tool: t, Revision: t.draft, At: t.Modified}
	if t.draft == 0 {
		v, err := Current(tx, t)
		d.Document = v.Document
		return d, err
	}
	var raw string
	var before, after int
	if err := tx.Row(`SELECT document, at,
			(SELECT COUNT(*) FROM tool_drafts b WHERE b.tool_id = d.tool_id AND b.revision < d.revision),
			(SELECT COUNT(*) FROM tool_drafts a WHERE a.tool_id = d.tool_id AND a.revision > d.revision)
		FROM tool_drafts d
		WHERE tool_id = $1 AND revision = $2`, t.ID, t.draft).Scan(&raw, &d.At, &before, &after); err != nil {
		return d, fmt.Errorf("reading the working copy of tool %s: %w", t.ID, err)
	}
	d.Undo, d.Redo = before > 0, after > 0
	var err error
	d.Document, err = decode(raw)
	return d, err
}

// hold finds the working copy that an actor wants to change, and holds it. Another revision
// than the one that they saw is a Conflict; the copy as it is now is returned with it.
func (ts *Tools) hold(tx *db.Tx, id string, revision int) (Draft, error) {
	t, err := pin(tx, id)
	if err != nil {
		return Draft{}, err
	}
	if err := mayWrite(tx, t); err != nil {
		return Draft{}, err
	}
	if t.Standing == moderation.Removed {
		return Draft{}, errState
	}
	d, err := open(tx, t)
	if err == nil && d.Revision != revision {
		err = plaza.E(plaza.Conflict, "tool.error.changed")
	}
	return d, err
}

// Save makes a document the next revision of a tool's working copy; what was undone before
// is gone then. revision is the one that the actor saw: another one is a Conflict, which
// comes with the copy as it is now. The same document again makes no revision.
func (ts *Tools) Save(tx *db.Tx, id string, revision int, document Document) (Draft, error) {
	d, err := ts.hold(tx, id, revision)
	if err != nil {
		return d, err
	}
	document = document.tidy()
	raw, err := document.encode()
	if err != nil {
		return d, err
	}
	if (document.Spec == nil) != (d.Document.Spec == nil) {
		return d, plaza.E(plaza.Invalid, "tool.error.document")
	}
	was, err := d.Document.encode()
	if err != nil || was == raw {
		return d, err
	}
	t := d.Tool
	if t.draft == 0 { // what everybody sees is what undoing goes back to
		t.draftLast++
		if err := keepRevision(tx, id, t.draftLast, was); err != nil {
			return d, err
		}
	} else if _, err := tx.Exec(`DELETE FROM tool_drafts WHERE tool_id = $1 AND revision > $2`, id, t.draft); err != nil {
		return d, fmt.Errorf("forgetting what was undone of tool %s: %w", id, err)
	}
	t.draftLast++
	t.draft = t.draftLast
	if t.Version == 0 {
		t.describe(document)
		t.Modified = tx.Now
	}
	if err := keepRevision(tx, id, t.draft, raw); err != nil {
		return d, err
	}
	if err := nameImage(tx, id, document); err != nil {
		return d, err
	}
	if err := thin(tx, id); err != nil {
		return d, err
	}
	return Draft{Tool: t, Revision: t.draft, Document: document, At: tx.Now, Undo: true}, save(tx, t)
}

func keepRevision(tx *db.Tx, id string, revision int, document string) error {
	if _, err := tx.Exec(`INSERT INTO tool_drafts (tool_id, revision, document, at) VALUES ($1, $2, $3, $4)`, id, revision, document, tx.Now); err != nil {
		return fmt.Errorf("storing a revision of tool %s: %w", id, err)
	}
	return nil
}

// thin forgets the oldest revisions beyond those that are kept.
func thin(tx *db.Tx, id string) error {
	_, err := tx.Exec(`DELETE FROM tool_drafts
		WHERE tool_id = $1 AND revision NOT IN (SELECT revision FROM tool_drafts WHERE tool_id = $1 ORDER BY revision DESC LIMIT $2)`, id, MaxRevisions)
	if err != nil {
		return fmt.Errorf("forgetting old revisions of tool %s: %w", id, err)
	}
	return nil
}

// Undo goes back to the revision before; a Conflict when there is none, or as Save's.
func (ts *Tools) Undo(tx *db.Tx, id string, revision int) (Draft, error) {
	return ts.step(tx, id, revision, `SELECT COALESCE(MAX(revision), 0) FROM tool_drafts WHERE tool_id = $1 AND revision < $2`)
}

// Redo goes forward to the revision that was undone last; a Conflict when there is none, or
// as Save's.
func (ts *Tools) Redo(tx *db.Tx, id string, revision int) (Draft, error) {
	return ts.step(tx, id, revision, `SELECT COALESCE(MIN(revision), 0) FROM tool_drafts WHERE tool_id = $1 AND revision > $2`)
}

func (ts *Tools) step(tx *db.Tx, id string, revision int, next string) (Draft, error) {
	d, err := ts.hold(tx, id, revision)
	if err != nil {
		return d, err
	}
	t := d.Tool
	var to int
	if err := tx.Row(next, id, t.draft).Scan(&to); err != nil {
		return d, err
	}
	if to == 0 || t.draft == 0 {
		return d, plaza.E(plaza.Conflict, "tool.error.no_step")
	}
	t.draft = to
	moved, err := open(tx, t)
	if err != nil {
		return d, err
	}
	if t.Version == 0 {
		moved.Tool.describe(moved.Document)
	}
	return moved, save(tx, moved.Tool)
}

// Rename gives a working copy another title, as Save does.
func (ts *Tools) Rename(tx *db.Tx, id string, revision int, title string) (Draft, error) {
	d, err := ts.hold(tx, id, revision)
	if err != nil {
		return d, err
	}
	return ts.Save(tx, id, revision, d.Document.named(text.Line(title)))
}

// Discard removes a working copy: of a tool that was never published, the tool with it. One
// that waits for review is withdrawn instead (Withdraw); a Conflict.
func (ts *Tools) Discard(tx *db.Tx, id string) error {
	t, err := pin(tx, id)
	if err != nil {
		return err
	}
	if err := mayWrite(tx, t); err != nil {
		return err
	}
	switch {
	case t.Version == 0 && (t.Draft() || t.Standing == moderation.Refused):
		return erase(tx, id)
	case t.Version == 0:
		return errState
	}
	return dropDraft(tx, &t)
}

// dropDraft forgets a working copy.
func dropDraft(tx *db.Tx, t *Tool) error {
	if _, err := tx.Exec(`DELETE FROM tool_drafts WHERE tool_id = $1`, t.ID); err != nil {
		return fmt.Errorf("forgetting the working copy of tool %s: %w", t.ID, err)
	}
	t.draft = 0
	return save(tx, *t)
}

// Mine are tools that a person began or owns, the newest first: at most limit before an id,
// "" for all.
func Mine(tx *db.Tx, person, before string, limit int) ([]Tool, error) {
	if person == "" {
		return nil, nil
	}
	return db.All(tx, scan, `SELECT `+columns+`
		FROM tools
		WHERE (owner_id = $1 AND owner_id <> '' OR author_id = $1 AND author_id <> '') AND ($2 = '' OR id < $2)
		ORDER BY id DESC
		LIMIT $3`, person, before, limit)
}

// OfInstitution are an institution's tools, drafts too, the newest first: at most limit
// before an id, "" for all.
func OfInstitution(tx *db.Tx, institution, before string, limit int) ([]Tool, error) {
	return db.All(tx, scan, `SELECT `+columns+`
		FROM tools
		WHERE institution = $1 AND institution <> '' AND ($2 = '' OR id < $2)
		ORDER BY id DESC
		LIMIT $3`, institution, before, limit)
}

// changed reports whether a working copy differs from the current version.
func changed(d Draft, v Version) (bool, error) {
	a, err := d.Document.encode()
	if err != nil {
		return false, err
	}
	b, err := v.Document.encode()
	return a != b, err
}

// Unpublished reports whether a working copy holds what everybody does not see.
func Unpublished(tx *db.Tx, d Draft) (bool, error) {
	if d.Revision == 0 || d.Tool.Version == 0 {
		return d.Tool.Version == 0, nil
	}
	v, err := Current(tx, d.Tool)
	if err != nil {
		return false, err
	}
	return changed(d, v)
}

// never is no instant.
var never time.Time
