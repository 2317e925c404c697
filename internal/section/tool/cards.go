package tool

import (
	"slices"

	"plaza/internal/base/db"
	"plaza/internal/base/text"
	"plaza/internal/civic/institution"
	"plaza/internal/civic/moderation"
	"plaza/internal/plaza"
)

// maxExcerpt is how much of a summary a card shows, in letters.
const maxExcerpt = 300

// Cards makes cards of tools; official ones lie within their institution. It runs two
// statements. Tools that never were public have no card; of those that were hidden or
// withdrawn only that there is one is shown.
func Cards(tx *db.Tx, refs []plaza.Ref) (map[plaza.Ref]plaza.Card, error) {
	var ids []string
	for _, r := range refs {
		if r.Kind == Kind {
			ids = append(ids, r.ID)
		}
	}
	out := make(map[plaza.Ref]plaza.Card, len(ids))
	list, err := ByIDs(tx, ids)
	if err != nil || len(list) == 0 {
		return out, err
	}
	var bodies []string
	for _, t := range list {
		if t.Official() && !slices.Contains(bodies, t.Institution) {
			bodies = append(bodies, t.Institution)
		}
	}
	owners, err := institution.ByIDs(tx, bodies)
	for _, t := range list {
		if t.Version > 0 {
			out[t.Ref()] = card(t, owners[t.Institution])
		}
	}
	return out, err
}

// card is a tool's.
func card(t Tool, owner institution.Institution) plaza.Card {
	k := plaza.Card{Ref: t.Ref(), Title: t.Title, Path: t.Path(), Institution: t.Institution, Language: t.Language, Modified: t.Modified,
		Visible: t.Public(), Owner: owner.Name, Unavailable: t.Standing == moderation.Removed}
	if k.Visible {
		k.Excerpt = text.Excerpt(t.Summary, maxExcerpt)
	} else {
		k.Title = "#" + t.ID[len(t.ID)-6:] // as its address ends
	}
	if owner.ID != "" {
		k.OwnerPath = owner.Path()
		k.Within = []plaza.Ref{owner.Ref()}
	}
	return k
}
