package tool

import (
	"encoding/json"
	"fmt"

	"plaza/internal/base/db"
	"plaza/internal/plaza"
)

const columns = `id, slug, kind, standing, author_id, owner_id, institution, title, summary, language, parent_id, parent_version,
	version, pending, draft, draft_last, featured_at, featured_by, created_at, published_at, modified_at, outdated_at, outdated,
	withdrawn, url, check_status, check_fault, check_failures, checked_at, failing_at, broken_at, look_at, views`

// columnCount is how many those are.
const columnCount = 33

func scan(scan func(...any) error) (t Tool, err error) {
	var pending, losses string
	a := &t.Address
	if err = scan(&t.ID, &t.Slug, &t.Kind, &t.Standing, &t.Author, &t.Owner, &t.Institution, &t.Title, &t.Summary, &t.Language, &t.Parent, &t.ParentVersion,
		&t.Version, &pending, &t.draft, &t.draftLast, &t.Featured, &t.featuredBy, &t.Created, &t.Published, &t.Modified, &t.Outdated, &losses,
		&t.Withdrawn, &t.URL, &a.Status, &a.Fault, &a.Failures, &a.Checked, &a.Failing, &a.Since, &a.Next, &t.Views); err != nil {
		return t, err
	}
	if pending != "" {
		if err := json.Unmarshal([]byte(pending), &t.pending); err != nil {
			return t, fmt.Errorf("reading what waits of tool %s: %w", t.ID, err)
		}
	}
	if losses != "" {
		if err := json.Unmarshal([]byte(losses), &t.Losses); err != nil {
			return t, fmt.Errorf("reading what tool %s lost: %w", t.ID, err)
		}
	}
	return t, nil
}

func one(row *db.Row) (Tool, error) {
	t, err := scan(row.Scan)
	if err != nil && plaza.KindOf(err) == plaza.NotFound {
		return t, errNone
	}
	return t, err
}

// ByID finds a tool, whatever its standing; NotFound when there is none.
func ByID(tx *db.Tx, id string) (Tool, error) {
	return one(tx.Row(`SELECT `+columns+` FROM tools WHERE id = $1`, id))
}

// BySlug finds a tool by the end of its address, whatever its standing; NotFound when
// there is none.
func BySlug(tx *db.Tx, slug string) (Tool, error) {
	return one(tx.Row(`SELECT `+columns+` FROM tools WHERE slug = $1`, slug))
}

// ByIDs finds tools in any order; those that do not exist are left out.
func ByIDs(tx *db.Tx, ids []string) ([]Tool, error) {
	if len(ids) == 0 {
		return nil, nil
	}
	return db.All(tx, scan, `SELECT `+columns+` FROM tools WHERE id IN (`+db.Placeholders(1, len(ids))+`)`, db.Args(ids)...)
}

// pin finds a tool and holds it until the transaction ends.
func pin(tx *db.Tx, id string) (Tool, error) {
	return one(tx.Row(`UPDATE tools SET draft_last = draft_last WHERE id = $1 RETURNING `+columns, id))
}

// values are a tool's columns, in their order.
func (t Tool) values() ([]any, error) {
	pending, losses := "", ""
	if t.Waiting() {
		raw, err := json.Marshal(t.pending)
		if err != nil {
			return nil, fmt.Errorf("encoding what waits of tool %s: %w", t.ID, err)
		}
		pending = string(raw)
	}
	if len(t.Losses) > 0 {
		raw, err := json.Marshal(t.Losses)
		if err != nil {
			return nil, fmt.Errorf("encoding what tool %s lost: %w", t.ID, err)
		}
		losses = string(raw)
	}
	a := t.Address
	return []any{t.ID, t.Slug, t.Kind, t.Standing, t.Author, t.Owner, t.Institution, t.Title, t.Summary, t.Language, t.Parent, t.ParentVersion,
		t.Version, pending, t.draft, t.draftLast, t.Featured, t.featuredBy, t.Created, t.Published, t.Modified, t.Outdated, losses,
		t.Withdrawn, t.URL, a.Status, a.Fault, a.Failures, a.Checked, a.Failing, a.Since, a.Next, t.Views}, nil
}

func insert(tx *db.Tx, t Tool) error {
	args, err := t.values()
	if err != nil {
		return err
	}
	if _, err := tx.Exec(`INSERT INTO tools (`+columns+`) VALUES (`+db.Placeholders(1, columnCount)+`)`, args...); err != nil {
		return fmt.Errorf("storing a tool: %w", err)
	}
	return nil
}

// save writes everything of a tool that acts change. Its views count by themselves.
func save(tx *db.Tx, t Tool) error {
	args, err := t.values()
	if err != nil {
		return err
	}
	_, err = tx.Exec(`UPDATE tools SET slug = $2, kind = $3, standing = $4, author_id = $5, owner_id = $6, institution = $7, title = $8, summary = $9,
			language = $10, parent_id = $11, parent_version = $12, version = $13, pending = $14, draft = $15, draft_last = $16, featured_at = $17,
			featured_by = $18, created_at = $19, published_at = $20, modified_at = $21, outdated_at = $22, outdated = $23, withdrawn = $24, url = $25,
			check_status = $26, check_fault = $27, check_failures = $28, checked_at = $29, failing_at = $30, broken_at = $31, look_at = $32
		WHERE id = $1`, args[:columnCount-1]...)
	if err != nil {
		return fmt.Errorf("storing tool %s: %w", t.ID, err)
	}
	return nil
}

func scanVersion(scan func(...any) error) (v Version, err error) {
	var document string
	if err = scan(&v.Tool, &v.Number, &document, &v.Title, &v.Summary, &v.Note, &v.Author, &v.At); err != nil {
		return v, err
	}
	v.Document, err = decode(document)
	return v, err
}

const versionColumns = `tool_id, number, document, title, summary, note, author_id, at`

// VersionOf is a version of a tool by its number; NotFound when there is none.
func VersionOf(tx *db.Tx, id string, number int) (Version, error) {
	v, err := scanVersion(tx.Row(`SELECT `+versionColumns+` FROM tool_versions WHERE tool_id = $1 AND number = $2`, id, number).Scan)
	if err != nil && plaza.KindOf(err) == plaza.NotFound {
		return v, plaza.E(plaza.NotFound, "tool.error.no_version")
	}
	return v, err
}

// Current is the version of a tool that everybody sees; NotFound while there is none.
func Current(tx *db.Tx, t Tool) (Version, error) { return VersionOf(tx, t.ID, t.Version) }

// Versions are those of a tool, the newest first: at most limit before a number, 0 for all.
func Versions(tx *db.Tx, id string, before, limit int) ([]Version, error) {
	return db.All(tx, scanVersion, `SELECT `+versionColumns+`
		FROM tool_versions
		WHERE tool_id = $1 AND ($2 = 0 OR number < $2)
		ORDER BY number DESC
		LIMIT $3`, id, before, limit)
}

// erase removes a tool that nobody but its owner ever saw.
func erase(tx *db.Tx, id string) error {
	for _, table := range []string{"tool_drafts", "tool_uses", "tool_facets", "tool_pictures", "tool_images", "tool_checks", "tool_views", "tool_versions"} {
		if _, err := tx.Exec(`DELETE FROM `+table+` WHERE tool_id = $1`, id); err != nil {
			return fmt.Errorf("removing tool %s: %w", id, err)
		}
	}
	if _, err := tx.Exec(`DELETE FROM tools WHERE id = $1`, id); err != nil {
		return fmt.Errorf("removing tool %s: %w", id, err)
	}
	return nil
}
