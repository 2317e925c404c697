package catalog

import (
	"encoding/json"
	"fmt"
	"time"

	"plaza/internal/base/db"
	"plaza/internal/plaza"
)

const datasetColumns = `id, slug, source_id, institution_id, state, record,
	first_seen_at, changed_at, missing_since, absent_at`

func scanDataset(scan func(...any) error) (Dataset, error) {
	var d Dataset
	var raw string
	if err := scan(&d.ID, &d.Slug, &d.SourceID, &d.InstitutionID, &d.State, &raw,
		&d.FirstSeen, &d.ChangedAt, &d.MissingSince, &d.AbsentAt); err != nil {
		return d, err
	}
	if err := json.Unmarshal([]byte(raw), &d.Record); err != nil {
		return d, fmt.Errorf("reading dataset %s: %w", d.ID, err)
	}
	return d, nil
}

const resourceColumns = `id, dataset_id, record, removed_at, check_state, check_status, check_size, check_type, checked_at, withheld_at`

func scanResource(scan func(...any) error) (Resource, error) {
	var r Resource
	var raw string
	if err := scan(&r.ID, &r.DatasetID, &raw, &r.RemovedAt,
		&r.Check.State, &r.Check.Status, &r.Check.Size, &r.Check.Type, &r.Check.At, &r.Withheld); err != nil {
		return r, err
	}
	if err := json.Unmarshal([]byte(raw), &r.Resource); err != nil {
		return r, fmt.Errorf("reading resource %s: %w", r.ID, err)
	}
	return r, nil
}

// ByID returns a dataset with its resources; NotFound when there is none.
func ByID(tx *db.Tx, id string) (Dataset, error) {
	d, err := scanDataset(tx.Row(`SELECT `+datasetColumns+` FROM datasets WHERE id = $1`, id).Scan)
	if err != nil {
		return d, err
	}
	d.Resources, err = resourcesOf(tx, []string{d.ID})
	return d, err
}

// BySlug returns the dataset that a slug leads to, old slugs included: when the
// result's Slug is another, the reader is to be redirected.
func BySlug(tx *db.Tx, slug string) (Dataset, error) {
	d, err := scanDataset(tx.Row(`SELECT `+datasetColumns+` FROM datasets WHERE slug = $1`, slug).Scan)
	if err != nil && plaza.KindOf(err) == plaza.NotFound {
		var id string
		if err := tx.Row(`SELECT object_id FROM old_slugs WHERE kind = $1 AND slug = $2`, KindDataset, slug).Scan(&id); err != nil {
			return d, err
		}
		return ByID(tx, id)
	}
	if err != nil {
		return d, err
	}
	d.Resources, err = resourcesOf(tx, []string{d.ID})
	return d, err
}

// ByIDs returns datasets with their resources in the order of ids; unknown ids are
// left out. It runs two statements whatever their number.
func ByIDs(tx *db.Tx, ids []string) ([]Dataset, error) {
	if len(ids) == 0 {
		return nil, nil
	}
	list, err := db.All(tx, scanDataset, `SELECT `+datasetColumns+` FROM datasets
		WHERE id IN (`+db.Placeholders(1, len(ids))+`)`, db.Args(ids)...)
	if err != nil {
		return nil, err
	}
	resources, err := resourcesOf(tx, ids)
	if err != nil {
		return nil, err
	}
	byID := make(map[string]*Dataset, len(list))
	for i := range list {
		byID[list[i].ID] = &list[i]
	}
	for _, r := range resources {
		if d := byID[r.DatasetID]; d != nil {
			d.Resources = append(d.Resources, r)
		}
	}
	out := make([]Dataset, 0, len(list))
	for _, id := range ids {
		if d := byID[id]; d != nil {
			out = append(out, *d)
		}
	}
	return out, nil
}

func resourcesOf(tx *db.Tx, datasets []string) ([]Resource, error) {
	return db.All(tx, scanResource, `SELECT `+resourceColumns+` FROM resources
		WHERE dataset_id IN (`+db.Placeholders(1, len(datasets))+`) ORDER BY dataset_id, position, id`,
		db.Args(datasets)...)
}

// ResourceByID returns one resource, removed ones included; NotFound when there is none.
func ResourceByID(tx *db.Tx, id string) (Resource, error) {
	return scanResource(tx.Row(`SELECT `+resourceColumns+` FROM resources WHERE id = $1`, id).Scan)
}

// Withhold withholds a resource from an instant on or, with the zero one, gives it back. It
// reports whether that changed anything. What is inside it is found no more meanwhile.
func Withhold(tx *db.Tx, id string, at time.Time) (bool, error) {
	is := `IS NULL`
	if at.IsZero() {
		is = `IS NOT NULL`
	}
	n, err := tx.Exec(`UPDATE resources SET withheld_at = $1 WHERE id = $2 AND withheld_at `+is, at, id)
	if err != nil {
		return false, fmt.Errorf("withholding a resource: %w", err)
	}
	if n == 0 {
		return false, nil
	}
	var dataset string
	if err := tx.Row(`SELECT dataset_id FROM resource_insides WHERE resource_id = $1`, id).Scan(&dataset); err != nil {
		if plaza.KindOf(err) == plaza.NotFound {
			return true, nil
		}
		return false, fmt.Errorf("withholding a resource: %w", err)
	}
	return true, reindexOne(tx, dataset)
}

// History returns a dataset's changes, newest first.
func History(tx *db.Tx, id string, limit int) ([]Change, error) {
	return db.All(tx, func(scan func(...any) error) (Change, error) {
		var c Change
		var fields string
		if err := scan(&c.ID, &c.RunID, &c.At, &c.Kind, &fields); err != nil {
			return c, err
		}
		return c, json.Unmarshal([]byte(fields), &c.Fields)
	}, `SELECT id, run_id, at, kind, fields FROM dataset_changes
		WHERE dataset_id = $1 ORDER BY at DESC, id DESC LIMIT $2`, id, limit)
}

// Publisher is a publisher that no rule maps to an institution.
type Publisher struct {
	Key, Name, SourceID string
	Datasets            int
}

// Unmapped lists publishers whose datasets belong to no institution, the ones with
// most datasets first.
func Unmapped(tx *db.Tx, limit int) ([]Publisher, error) {
	return db.All(tx, func(scan func(...any) error) (Publisher, error) {
		var p Publisher
		err := scan(&p.Key, &p.Name, &p.SourceID, &p.Datasets)
		return p, err
	}, `SELECT publisher_key, publisher_name, source_id, COUNT(*) FROM datasets
		WHERE institution_id = '' GROUP BY publisher_key, publisher_name, source_id
		ORDER BY COUNT(*) DESC, publisher_name, source_id LIMIT $1`, limit)
}

// HasSource reports whether any dataset, gone or not, was read from a source.
func HasSource(tx *db.Tx, source string) (has bool, err error) {
	err = tx.Row(`SELECT EXISTS (SELECT 1 FROM datasets WHERE source_id = $1)`, source).Scan(&has)
	return has, err
}

// Counts are how much the catalogue holds, tombstones left out.
type Counts struct {
	Datasets, Resources, Institutions, Sources int
}

// Count counts the catalogue.
func Count(tx *db.Tx) (Counts, error) {
	var c Counts
	err := tx.Row(`SELECT
		(SELECT COUNT(*) FROM datasets WHERE state <> $1),
		(SELECT COUNT(*) FROM resources WHERE removed_at IS NULL),
		(SELECT COUNT(*) FROM institutions WHERE state = 'active'),
		(SELECT COUNT(*) FROM sources)`, Absent).Scan(&c.Datasets, &c.Resources, &c.Institutions, &c.Sources)
	return c, err
}

// CountByInstitution counts datasets per institution id, tombstones left out; ""
// counts those of the central unit.
func CountByInstitution(tx *db.Tx) (map[string]int, error) {
	out := map[string]int{}
	_, err := db.All(tx, func(scan func(...any) error) (struct{}, error) {
		var id string
		var n int
		err := scan(&id, &n)
		out[id] = n
		return struct{}{}, err
	}, `SELECT institution_id, COUNT(*) FROM datasets WHERE state <> $1 GROUP BY institution_id`, Absent)
	return out, err
}
