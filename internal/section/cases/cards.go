package cases

import (
	"slices"

	"plaza/internal/base/db"
	"plaza/internal/civic/institution"
	"plaza/internal/civic/record"
	"plaza/internal/plaza"
)

// maxExcerpt is how much of a case its card shows, in letters.
const maxExcerpt = 300

// Cards makes cards of cases, which lie within what they are about: objects tells of
// that. It runs one statement besides those of objects and of institutions. Cases that
// never were public have no card; of those that were hidden or taken back only the folio
// is shown.
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
		var under []plaza.Ref
		var bodies []string
		for _, c := range list {
			if c.On.Ref.ID != "" {
				under = append(under, c.On.Ref)
			}
			if c.Institution != "" && !slices.Contains(bodies, c.Institution) {
				bodies = append(bodies, c.Institution)
			}
		}
		owners, err := institution.ByIDs(tx, bodies)
		if err != nil {
			return nil, err
		}
		on, err := objects(tx, under)
		if err != nil {
			return nil, err
		}
		for _, c := range list {
			if !c.Published.IsZero() {
				out[c.Ref()] = card(c, on[c.On.Ref], owners[c.Institution])
			}
		}
		return out, nil
	}
}

// card is a case's, under what it is about.
func card(c Case, on plaza.Card, owner institution.Institution) plaza.Card {
	k := plaza.Card{Ref: c.Ref(), Title: c.Folio, Path: c.Path(), Institution: c.Institution, Language: c.Language, Modified: c.Asked, Visible: c.Public()}
	if k.Visible {
		k.Title, k.Excerpt = c.Title, excerpt(c.Body, maxExcerpt)
	}
	if owner.ID != "" {
		k.Owner, k.OwnerPath = owner.Name, owner.Path()
	}
	if on.Ref.ID != "" {
		k.Within = append(append(k.Within, on.Ref), on.Within...)
	}
	if body := (plaza.Ref{Kind: institution.Kind, ID: c.Institution}); c.Institution != "" && !slices.Contains(k.Within, body) {
		k.Within = append(k.Within, body)
	}
	return k
}
