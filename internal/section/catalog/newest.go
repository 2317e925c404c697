package catalog

import (
	"plaza/internal/base/db"
	"plaza/internal/civic/institution"
	"plaza/internal/plaza"
)

// Newest returns published datasets with their resources, the latest changed first:
// those of one institution, or of all for "".
func Newest(tx *db.Tx, institution string, limit int) ([]Dataset, error) {
	query, args := `SELECT id FROM datasets WHERE state = $1 ORDER BY changed_at DESC, id DESC LIMIT $2`, []any{Published, limit}
	if institution != "" {
		query = `SELECT id FROM datasets WHERE institution_id = $1 AND state = $2 ORDER BY changed_at DESC, id DESC LIMIT $3`
		args = []any{institution, Published, limit}
	}
	ids, err := db.All(tx, db.Column[string], query, args...)
	if err != nil {
		return nil, err
	}
	return ByIDs(tx, ids)
}

// Cards are what other parts of Plaza show of datasets, resources and institutions.
// It runs one statement for each kind that is asked for.
func Cards(tx *db.Tx, refs []plaza.Ref) (map[plaza.Ref]plaza.Card, error) {
	ids := map[string][]string{}
	for _, r := range refs {
		ids[r.Kind] = append(ids[r.Kind], r.ID)
	}
	out := make(map[plaza.Ref]plaza.Card, len(refs))
	put := func(cards []plaza.Card, err error) error {
		for _, c := range cards {
			out[c.Ref] = c
		}
		return err
	}
	if list := ids[KindDataset]; len(list) > 0 {
		if err := put(datasetCards(tx, list)); err != nil {
			return nil, err
		}
	}
	if list := ids[KindResource]; len(list) > 0 {
		if err := put(resourceCards(tx, list)); err != nil {
			return nil, err
		}
	}
	if list := ids[institution.Kind]; len(list) > 0 {
		found, err := institution.ByIDs(tx, list)
		if err != nil {
			return nil, err
		}
		for _, i := range found {
			out[i.Ref()] = plaza.Card{Ref: i.Ref(), Title: i.Name, Excerpt: i.Description, Path: i.Path(),
				Institution: i.ID, Language: "es", Modified: i.UpdatedAt, Visible: true}
		}
	}
	return out, put(savedCards(tx, ids[KindTheme], ids[KindSearch]))
}

func datasetCards(tx *db.Tx, ids []string) ([]plaza.Card, error) {
	return db.All(tx, func(scan func(...any) error) (plaza.Card, error) {
		c := plaza.Card{Language: "es", Visible: true}
		var d Dataset
		var raw string
		err := scan(&d.ID, &d.Slug, &c.Title, &d.State, &c.Modified, &c.Institution, &raw, &c.Owner, &c.OwnerPath)
		c.OwnerPath = ownerPath(c.OwnerPath)
		c.Ref, c.Path, c.Unavailable = d.Ref(), d.Path(), d.State == Absent
		c.Within = append(withinInstitution(c.Institution), withinThemes(raw)...)
		return c, err
	}, `SELECT d.id, d.slug, d.title, d.state, d.changed_at, d.institution_id, d.record, COALESCE(i.name, ''), COALESCE(i.slug, '')
		FROM datasets d LEFT JOIN institutions i ON i.id = d.institution_id
		WHERE d.id IN (`+db.Placeholders(1, len(ids))+`)`, db.Args(ids)...)
}

// ownerPath is the page of the institution with a slug, "" for none.
func ownerPath(slug string) string {
	if slug == "" {
		return ""
	}
	return institution.Institution{Slug: slug}.Path()
}

// withinInstitution is the institution that something lies within, none for the
// central unit's.
func withinInstitution(id string) []plaza.Ref {
	if id == "" {
		return nil
	}
	return []plaza.Ref{{Kind: institution.Kind, ID: id}}
}

// resourceCards have their datasets' titles: "Recurso 1" says nothing by itself.
func resourceCards(tx *db.Tx, ids []string) ([]plaza.Card, error) {
	return db.All(tx, func(scan func(...any) error) (plaza.Card, error) {
		c := plaza.Card{Language: "es", Visible: true}
		var d Dataset
		var r Resource
		var raw string
		err := scan(&r.ID, &r.RemovedAt, &d.ID, &d.Slug, &c.Title, &c.Institution, &raw, &c.Owner, &c.OwnerPath)
		c.OwnerPath = ownerPath(c.OwnerPath)
		c.Ref, c.Path = plaza.Ref{Kind: KindResource, ID: r.ID}, d.ResourcePath(r)
		c.Unavailable = !r.RemovedAt.IsZero()
		c.Within = append(append([]plaza.Ref{d.Ref()}, withinInstitution(c.Institution)...), withinThemes(raw)...)
		return c, err
	}, `SELECT r.id, r.removed_at, d.id, d.slug, d.title, d.institution_id, d.record, COALESCE(i.name, ''), COALESCE(i.slug, '')
		FROM resources r JOIN datasets d ON d.id = r.dataset_id LEFT JOIN institutions i ON i.id = d.institution_id
		WHERE r.id IN (`+db.Placeholders(1, len(ids))+`)`, db.Args(ids)...)
}
