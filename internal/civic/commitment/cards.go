package commitment

import (
	"slices"

	"plaza/internal/base/db"
	"plaza/internal/civic/institution"
	"plaza/internal/civic/record"
	"plaza/internal/plaza"
)

// Cards makes cards of commitments, which lie within what they were promised in and what
// they concern: objects tells of those, so that whoever follows the case or the dataset
// hears. It runs one statement besides those of objects and of institutions.
func Cards(objects record.Cards) record.Cards {
	return func(tx *db.Tx, refs []plaza.Ref) (map[plaza.Ref]plaza.Card, error) {
		var ids []string
		for _, r := range refs {
			if r.Kind == RefKind {
				ids = append(ids, r.ID)
			}
		}
		out := make(map[plaza.Ref]plaza.Card, len(ids))
		list, err := ByIDs(tx, ids...)
		if err != nil || len(list) == 0 {
			return out, err
		}
		about, owners, err := around(tx, objects, list)
		if err != nil {
			return nil, err
		}
		for _, c := range list {
			out[c.Ref()] = card(c, about, owners[c.Institution])
		}
		return out, nil
	}
}

// around are the cards of what commitments come from and concern, and who keeps them.
func around(tx *db.Tx, objects record.Cards, list []Commitment) (map[plaza.Ref]plaza.Card, map[string]institution.Institution, error) {
	var refs []plaza.Ref
	var bodies []string
	for _, c := range list {
		for _, ref := range []plaza.Ref{c.Origin, c.Object, c.Evidence.Ref} {
			if ref.ID != "" && !slices.Contains(refs, ref) {
				refs = append(refs, ref)
			}
		}
		if c.Institution != "" && !slices.Contains(bodies, c.Institution) {
			bodies = append(bodies, c.Institution)
		}
	}
	owners, err := institution.ByIDs(tx, bodies)
	if err != nil || len(refs) == 0 || objects == nil {
		return nil, owners, err
	}
	about, err := objects(tx, refs)
	return about, owners, err
}

func card(c Commitment, about map[plaza.Ref]plaza.Card, owner institution.Institution) plaza.Card {
	k := plaza.Card{Ref: c.Ref(), Title: c.Text, Path: c.Path(), Institution: c.Institution, Language: c.Language, Modified: c.Made, Visible: true}
	if owner.ID != "" {
		k.Owner, k.OwnerPath = owner.Name, owner.Path()
	}
	within := func(refs ...plaza.Ref) {
		for _, r := range refs {
			if r.ID != "" && !slices.Contains(k.Within, r) {
				k.Within = append(k.Within, r)
			}
		}
	}
	for _, ref := range []plaza.Ref{c.Origin, c.Object} {
		if on := about[ref]; on.Ref.ID != "" {
			within(append([]plaza.Ref{ref}, on.Within...)...)
		}
	}
	if c.Institution != "" {
		within(plaza.Ref{Kind: institution.Kind, ID: c.Institution})
	}
	return k
}
