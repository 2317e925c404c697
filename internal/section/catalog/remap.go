package catalog

import (
	"slices"

	"plaza/internal/base/db"
	"plaza/internal/civic/institution"
	"plaza/internal/civic/record"
	"plaza/internal/civic/search"
	"plaza/internal/section/catalog/dcat"
)

// Finder finds the institution of a publisher of a source, "" for none.
type Finder func(source string, p dcat.Publisher) string

// Remap gives datasets of a source ("" for all) the institution that find says their
// publisher is, at most MaxBatch less the given acts, and returns how many moved. It
// appends the acts and one for each dataset that moved.
func Remap(tx *db.Tx, source string, find Finder, acts ...record.Act) (int, error) {
	groups, err := displaced(tx, source, find)
	if err != nil {
		return 0, err
	}
	moved := 0
	for _, g := range groups {
		left := MaxBatch - len(acts)
		if left == 0 {
			break
		}
		ids, err := db.All(tx, db.Column[string], `SELECT id FROM datasets WHERE source_id = $1 AND publisher_key = $2
			AND publisher_name = $3 AND institution_id = $4 ORDER BY id LIMIT $5`, g.source, g.key, g.name, g.institution, left)
		if err != nil {
			return moved, err
		}
		more, err := move(tx, ids, find(g.source, dcat.Publisher{Key: g.key, Name: g.name}))
		if err != nil {
			return moved, err
		}
		moved += len(more)
		acts = append(acts, more...)
	}
	return moved, record.Append(tx, acts...)
}

// Unmoved counts the publishers of a source whose datasets Remap would move.
func Unmoved(tx *db.Tx, source string, find Finder) (int, error) {
	groups, err := displaced(tx, source, find)
	return len(groups), err
}

// group is the datasets of one publisher in one institution.
type group struct{ source, key, name, institution string }

// displaced are the groups that belong to another institution than find says.
func displaced(tx *db.Tx, source string, find Finder) ([]group, error) {
	all, err := db.All(tx, func(scan func(...any) error) (group, error) {
		var g group
		err := scan(&g.source, &g.key, &g.name, &g.institution)
		return g, err
	}, `SELECT DISTINCT source_id, publisher_key, publisher_name, institution_id FROM datasets
		WHERE $1 = '' OR source_id = $1`, source)
	return slices.DeleteFunc(all, func(g group) bool {
		return find(g.source, dcat.Publisher{Key: g.key, Name: g.name}) == g.institution
	}), err
}

func move(tx *db.Tx, ids []string, to string) ([]record.Act, error) {
	datasets, err := ByIDs(tx, ids)
	if err != nil {
		return nil, err
	}
	bodies, err := institution.ByIDs(tx, []string{to})
	if err != nil {
		return nil, err
	}
	var acts []record.Act
	var docs []search.Doc
	for _, d := range datasets {
		whole := d.Record
		for _, r := range d.Current() {
			whole.Resources = append(whole.Resources, r.Resource)
		}
		in := NewIncoming(whole, whole.Fingerprint(), to)
		if _, err := tx.Exec(`UPDATE datasets SET institution_id = $1, fingerprint = $2, changed_at = $3 WHERE id = $4`,
			to, in.Fingerprint, tx.Now, d.ID); err != nil {
			return nil, err
		}
		if err := remember(tx, d.ID, "", "moved", []FieldChange{{"institution", d.Publisher.Name, bodies[to].Name}}); err != nil {
			return nil, err
		}
		d.InstitutionID, d.ChangedAt = to, tx.Now
		if d.State == Published {
			_, late := lateness(d, tx.Now)
			docs = append(docs, doc(d, bodies[to].Name, late))
		}
		acts = append(acts, act("dataset.moved", d, map[string]any{"title": d.Title, "slug": d.Slug}))
	}
	return acts, search.Put(tx, docs...)
}
