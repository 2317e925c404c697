package catalog

import (
	"encoding/json"
	"fmt"
	"slices"

	"plaza/internal/base/db"
	"plaza/internal/civic/institution"
	"plaza/internal/civic/search"
	"plaza/internal/plaza"
)

// PutInside keeps what a resource's file holds, and brings the index to it: the
// resource's document and its dataset's. Like search.Put it comes after every other write
// except record.Append.
func PutInside(tx *db.Tx, resource string, in Inside) error {
	r, err := ResourceByID(tx, resource)
	if err != nil {
		return err
	}
	raw, err := json.Marshal(in)
	if err != nil {
		return fmt.Errorf("encoding what is inside a resource: %w", err)
	}
	if _, err := tx.Exec(`INSERT INTO resource_insides (resource_id, dataset_id, inside) VALUES ($1, $2, $3)
		ON CONFLICT (resource_id) DO UPDATE SET inside = EXCLUDED.inside`, resource, r.DatasetID, string(raw)); err != nil {
		return fmt.Errorf("keeping what is inside a resource: %w", err)
	}
	return reindexOne(tx, r.DatasetID)
}

// RemoveInside forgets what a resource's file holds, in the index too.
func RemoveInside(tx *db.Tx, resource string) error {
	var dataset string
	err := tx.Row(`DELETE FROM resource_insides WHERE resource_id = $1 RETURNING dataset_id`, resource).Scan(&dataset)
	if err != nil {
		if plaza.KindOf(err) == plaza.NotFound {
			return nil
		}
		return fmt.Errorf("forgetting what is inside a resource: %w", err)
	}
	if err := search.Remove(tx, plaza.Ref{Kind: KindResource, ID: resource}); err != nil {
		return err
	}
	return reindexOne(tx, dataset)
}

// reindexOne brings the index to what a dataset is stored as.
func reindexOne(tx *db.Tx, dataset string) error {
	d, err := ByID(tx, dataset)
	if err != nil || d.State != Published {
		return err
	}
	body, err := institution.ByIDs(tx, []string{d.InstitutionID})
	if err != nil {
		return err
	}
	_, late := lateness(d, tx.Now)
	return putDocs(tx, entry{d, body[d.InstitutionID].Name, late})
}

// entry is a published dataset with what its documents say besides.
type entry struct {
	Dataset
	owner string // name of its institution
	late  bool
}

// putDocs brings the index to datasets and to the tables in them.
func putDocs(tx *db.Tx, entries ...entry) error {
	ids := make([]string, len(entries))
	for i, e := range entries {
		ids[i] = e.ID
	}
	insides, err := insidesOf(tx, ids)
	if err != nil {
		return err
	}
	var docs []search.Doc
	var gone []plaza.Ref
	for _, e := range entries {
		found := insides[e.ID]
		within := map[string]Inside{}
		for _, r := range e.Current() {
			in, ok := found[r.ID]
			delete(found, r.ID)
			switch {
			case !ok:
			case !r.Withheld.IsZero():
				gone = append(gone, plaza.Ref{Kind: KindResource, ID: r.ID})
			default:
				within[r.ID] = in
				docs = append(docs, tableDoc(e, r, in))
			}
		}
		for id := range found {
			gone = append(gone, plaza.Ref{Kind: KindResource, ID: id})
		}
		docs = append(docs, doc(e, within))
	}
	slices.SortFunc(docs, func(a, b search.Doc) int {
		return slices.Compare([]string{a.Ref.Kind, a.Ref.ID}, []string{b.Ref.Kind, b.Ref.ID})
	})
	if err := search.Put(tx, docs...); err != nil || len(gone) == 0 {
		return err
	}
	return search.Remove(tx, gone...)
}

// insidesOf is what is known of the insides of datasets' resources, by dataset and
// resource, with one statement.
func insidesOf(tx *db.Tx, datasets []string) (map[string]map[string]Inside, error) {
	out := map[string]map[string]Inside{}
	if len(datasets) == 0 {
		return out, nil
	}
	return out, insides(tx, out, `dataset_id`, datasets)
}

// insidesByID is what is known of the insides of resources.
func insidesByID(tx *db.Tx, resources []string) (map[string]Inside, error) {
	by := map[string]map[string]Inside{}
	out := map[string]Inside{}
	if len(resources) == 0 {
		return out, nil
	}
	err := insides(tx, by, `resource_id`, resources)
	for _, all := range by {
		for id, in := range all {
			out[id] = in
		}
	}
	return out, err
}

// StatesOf are the codes of the states that are in resources' files, by resource.
func StatesOf(tx *db.Tx, resources []string) (map[string][]string, error) {
	all, err := insidesByID(tx, resources)
	out := make(map[string][]string, len(all))
	for id, in := range all {
		out[id] = in.states()
	}
	return out, err
}

func insides(tx *db.Tx, into map[string]map[string]Inside, column string, ids []string) error {
	_, err := db.All(tx, func(scan func(...any) error) (struct{}, error) {
		var id, dataset, raw string
		if err := scan(&id, &dataset, &raw); err != nil {
			return struct{}{}, err
		}
		var in Inside
		if err := json.Unmarshal([]byte(raw), &in); err != nil {
			return struct{}{}, fmt.Errorf("reading what is inside resource %s: %w", id, err)
		}
		if into[dataset] == nil {
			into[dataset] = map[string]Inside{}
		}
		into[dataset][id] = in
		return struct{}{}, nil
	}, `SELECT resource_id, dataset_id, inside FROM resource_insides WHERE `+column+` IN (`+db.Placeholders(1, len(ids))+`)`, db.Args(ids)...)
	if err != nil {
		return fmt.Errorf("reading what is inside resources: %w", err)
	}
	return nil
}

// insideRefs are the documents of the tables in datasets.
func insideRefs(tx *db.Tx, datasets []string) ([]plaza.Ref, error) {
	if len(datasets) == 0 {
		return nil, nil
	}
	return db.All(tx, func(scan func(...any) error) (plaza.Ref, error) {
		r := plaza.Ref{Kind: KindResource}
		err := scan(&r.ID)
		return r, err
	}, `SELECT resource_id FROM resource_insides WHERE dataset_id IN (`+db.Placeholders(1, len(datasets))+`) ORDER BY resource_id`, db.Args(datasets)...)
}
