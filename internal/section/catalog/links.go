package catalog

import (
	"time"

	"plaza/internal/base/db"
	"plaza/internal/civic/record"
	"plaza/internal/plaza"
)

// Link is a resource's address that is to be looked at.
type Link struct {
	ResourceID, DatasetID, SourceID, Institution string
	Title, Slug, URL, Format                     string
	State                                        string // what the last look found
}

// DueLinks lists the addresses of published datasets that were never looked at or
// not since before, the oldest look first.
func DueLinks(tx *db.Tx, before time.Time, limit int) ([]Link, error) {
	return db.All(tx, func(scan func(...any) error) (Link, error) {
		var l Link
		err := scan(&l.ResourceID, &l.DatasetID, &l.SourceID, &l.Institution, &l.Title, &l.Slug, &l.URL, &l.Format, &l.State)
		return l, err
	}, `SELECT r.id, r.dataset_id, d.source_id, d.institution_id, d.title, d.slug, r.url, r.format, r.check_state
		FROM resources r JOIN datasets d ON d.id = r.dataset_id
		WHERE r.removed_at IS NULL AND r.url <> '' AND d.state = $1 AND (r.checked_at IS NULL OR r.checked_at < $2)
		ORDER BY r.checked_at IS NOT NULL, r.checked_at, r.id LIMIT $3`, Published, before, limit)
}

// NewestOf lists the ids of the resources of published datasets that have one of some
// formats and can be fetched, those of the datasets that changed last first.
func NewestOf(tx *db.Tx, formats []string, limit int) ([]string, error) {
	return db.All(tx, db.Column[string], `SELECT r.id FROM datasets d JOIN resources r ON r.dataset_id = d.id
		WHERE d.state = $1 AND r.removed_at IS NULL AND r.withheld_at IS NULL AND r.url <> '' AND r.format IN (`+db.Placeholders(3, len(formats))+`)
		ORDER BY d.changed_at DESC, d.id DESC, r.position LIMIT $2`, append([]any{Published, limit}, db.Args(formats)...)...)
}

// Looked notes what looking at a link found. When it broke or works again that is an
// act, so Looked is the last thing a transaction does.
func Looked(tx *db.Tx, l Link, c Check) error {
	if _, err := tx.Exec(`UPDATE resources SET check_state = $1, check_status = $2, check_size = $3, check_type = $4,
		checked_at = $5 WHERE id = $6`, c.State, c.Status, c.Size, c.Type, tx.Now, l.ResourceID); err != nil {
		return err
	}
	was := Check{State: l.State}.Broken()
	if was == c.Broken() {
		return nil
	}
	verb := "resource.broken"
	if was {
		verb = "resource.recovered"
	}
	return record.Append(tx, record.Act{Verb: verb, Object: plaza.Ref{Kind: KindResource, ID: l.ResourceID},
		Institution: l.Institution, Payload: map[string]any{"dataset": l.DatasetID, "title": l.Title, "slug": l.Slug, "state": c.State}})
}
