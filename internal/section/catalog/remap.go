package catalog

import (
	"maps"
	"slices"

	"plaza/internal/base/db"
	"plaza/internal/civic/comment"
	"plaza/internal/civic/institution"
	"plaza/internal/civic/record"
	"plaza/internal/plaza"
	"plaza/internal/section/catalog/dcat"
)

// Finder finds the institution of a publisher of a source, "" for none.
type Finder func(source string, p dcat.Publisher) string

// Remap gives datasets of a source ("" for all) the institution that find says their
// publisher is, as many as their acts and the given ones fit in one transaction, and
// returns how many moved. It appends the acts: for each dataset that moved one of the
// institution that has it now, and one of the institution that had it.
func Remap(tx *db.Tx, source string, find Finder, acts ...record.Act) (int, error) {
	groups, err := displaced(tx, source, find)
	if err != nil {
		return 0, err
	}
	moved := 0
	for _, g := range groups {
		to := find(g.source, dcat.Publisher{Key: g.key, Name: g.name})
		left := record.MaxActs - len(acts)
		if g.institution != "" && to != "" {
			left /= 2 // each has its act
		}
		if left == 0 {
			break
		}
		ids, err := db.All(tx, db.Column[string], `SELECT id FROM datasets WHERE source_id = $1 AND publisher_key = $2
			AND publisher_name = $3 AND institution_id = $4 ORDER BY id LIMIT $5`, g.source, g.key, g.name, g.institution, left)
		if err != nil {
			return moved, err
		}
		more, err := move(tx, ids, g.institution, to)
		if err != nil {
			return moved, err
		}
		moved += len(ids)
		acts = append(acts, more...)
	}
	return moved, record.Append(tx, acts...)
}

// Unmoved counts the publishers of a source whose datasets Remap would move.
func Unmoved(tx *db.Tx, source string, find Finder) (int, error) {
	groups, err := displaced(tx, source, find)
	return len(groups), err
}

// CountOf counts the datasets of an institution, tombstones included.
func CountOf(tx *db.Tx, institution string) (n int, err error) {
	err = tx.Row(`SELECT COUNT(*) FROM datasets WHERE institution_id = $1`, institution).Scan(&n)
	return n, err
}

// Vacate gives at most limit datasets of an institution that is no more to those that
// find says their publishers are, else to to, and returns what to append to the record:
// at most two acts for each.
func Vacate(tx *db.Tx, from, to string, find Finder, limit int) ([]record.Act, error) {
	all, err := db.All(tx, func(scan func(...any) error) ([4]string, error) {
		var d [4]string
		err := scan(&d[0], &d[1], &d[2], &d[3])
		return d, err
	}, `SELECT id, source_id, publisher_key, publisher_name FROM datasets
		WHERE institution_id = $1 ORDER BY id LIMIT $2`, from, limit)
	if err != nil {
		return nil, err
	}
	by := map[string][]string{} // where to → which
	for _, d := range all {
		owner := find(d[1], dcat.Publisher{Key: d[2], Name: d[3]})
		if owner == from {
			owner = to
		}
		by[owner] = append(by[owner], d[0])
	}
	var acts []record.Act
	for _, owner := range slices.Sorted(maps.Keys(by)) {
		more, err := move(tx, by[owner], from, owner)
		if err != nil {
			return nil, err
		}
		acts = append(acts, more...)
	}
	return acts, nil
}

// PublisherOf is one as a source writes it, with how many datasets of an institution it
// has.
type PublisherOf struct {
	Source, Key, Name string
	Datasets          int
}

// PublishersOf lists the publishers whose datasets an institution has, those with the
// most first.
func PublishersOf(tx *db.Tx, institution string, limit int) ([]PublisherOf, error) {
	return db.All(tx, func(scan func(...any) error) (p PublisherOf, err error) {
		err = scan(&p.Source, &p.Key, &p.Name, &p.Datasets)
		return p, err
	}, `SELECT source_id, publisher_key, publisher_name, COUNT(*) FROM datasets
		WHERE institution_id = $1 GROUP BY source_id, publisher_key, publisher_name
		ORDER BY COUNT(*) DESC, source_id, publisher_key, publisher_name LIMIT $2`, institution, limit)
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

// move gives datasets of an institution to another; "" is the central unit.
func move(tx *db.Tx, ids []string, from, to string) ([]record.Act, error) {
	datasets, err := ByIDs(tx, ids)
	if err != nil {
		return nil, err
	}
	bodies, err := institution.ByIDs(tx, []string{from, to})
	if err != nil {
		return nil, err
	}
	var acts []record.Act
	var docs []entry
	var on []plaza.Ref
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
		if err := remember(tx, d.ID, "", "moved", []FieldChange{{"institution", bodies[from].Name, bodies[to].Name}}); err != nil {
			return nil, err
		}
		d.InstitutionID, d.ChangedAt = to, tx.Now
		if d.State == Published {
			_, late := lateness(d, tx.Now)
			docs = append(docs, entry{d, bodies[to].Name, late})
		}
		acts = append(acts, movedActs(d, from, to)...)
		on = append(on, said(d)...)
	}
	if err := comment.Rehome(tx, on, to); err != nil {
		return nil, err
	}
	return acts, putDocs(tx, docs...)
}

// said are the objects of a dataset under which people say something: itself and its
// resources, those that are no more included.
func said(d Dataset) []plaza.Ref {
	on := []plaza.Ref{d.Ref()}
	for _, r := range d.Resources {
		on = append(on, plaza.Ref{Kind: KindResource, ID: r.ID})
	}
	return on
}

// movedActs say that a dataset moved: to the institution that has it now and to the
// one that had it. The central unit keeps no activity of its own.
func movedActs(d Dataset, from, to string) []record.Act {
	payload := map[string]any{"title": d.Title, "slug": d.Slug, "from": from, "to": to}
	moved, left := act("dataset.moved", d, payload), act("dataset.left", d, payload)
	left.Institution = from
	switch {
	case from == "":
		return []record.Act{moved}
	case to == "":
		return []record.Act{left}
	}
	return []record.Act{left, moved}
}
